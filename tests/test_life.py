"""The commands of docs/life.md run, one behind the other, as a reader types them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from commands import run_here
from conftest import REFERRAL, ROOT


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "life.md").read_text(encoding="utf-8")
    lines = [line for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", page) for line in block.splitlines()]
    assert len(lines) >= 3
    (tmp_path / "my-deal.yaml").write_bytes(REFERRAL.read_bytes())
    for line in lines:
        done = run_here(*shlex.split(line)[1:], folder=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stderr}"

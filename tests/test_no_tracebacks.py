"""What a machine may do to a run: a clock that was never set, no room for temporary files, files that may not grow."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import run_here

SAMPLES = Path(__file__).parents[1] / "samples"
DEAL = SAMPLES / "referral.yaml"
PROGRAM = f'{sys.executable} -c "from agreementgen.cli.main import main; main()"'


def run_shell(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell; Python keeps no modules, which a limit on the size of files would cut in the middle."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.fixture
def first_january(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the clock show January 1970."""
    real = time.localtime
    monkeypatch.setattr(time, "localtime", lambda moment=0.0: real(min(moment or 0.0, 86_400.0)))


@pytest.mark.usefixtures("first_january")
@pytest.mark.parametrize(
    "words", [["raci", "-f", "xlsx,docx"], ["calendar", "-f", "ics,xlsx,csv"], ["build", "-f", "docx,txt"]]
)
def test_a_clock_that_was_never_set(words: list[str], tmp_path: Path) -> None:
    ended = run_here(*words, DEAL, "-o", tmp_path / "now")
    assert ended.returncode == 0, ended.stderr
    assert all(path.stat().st_size for path in (tmp_path / "now").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize(
    "line", ["ulimit -f 0; {} build {} -o out -f txt", "ulimit -f 1; {} build {} -o out -f docx,pdf"]
)
def test_no_room_for_files(line: str, tmp_path: Path) -> None:
    ended = run_shell(line.format(PROGRAM, DEAL), tmp_path)
    assert ended.returncode == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert re.search("File too large|No usable temporary", ended.stderr)
    assert "hint:" in ended.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and not path.name.startswith(".")]

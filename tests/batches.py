"""Batches for tests: small deals, runs in this process and as commands, and what stands in a folder afterwards."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conftest import ROOT

from agreementgen.batch import workers
from agreementgen.batch.report import Reporter
from agreementgen.batch.run import BatchOutcome, RunOptions
from agreementgen.batch.run import run_batch as run_batch
from agreementgen.batch.workers import BuildOptions, WorkerPool

MINIMAL = (ROOT / "samples" / "minimal.yaml").read_text(encoding="utf-8")
TEXT = BuildOptions(formats=("txt",))


def deals(folder: Path, count: int, *changes: tuple[str, str]) -> Path:
    """Write `count` small deals with partners of their own into `folder`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, count + 1):
        text = MINIMAL.replace("Maple Street", f"Maple {number:03}")
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        (folder / f"deal-{number:03}.yaml").write_text(text, encoding="utf-8")
    return folder


@dataclass
class Heard(Reporter):
    """Keeps what is said instead of printing it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)


def here(_: int) -> WorkerPool:
    return workers.make_local_pool(0)


def batch(
    source: Path | Sequence[Path],
    folder: Path,
    wanted: BuildOptions = TEXT,
    crew: Callable[[int], WorkerPool] = here,
    **how: bool,
) -> BatchOutcome:
    """Run a batch in this process, with worker processes only where `crew` has some."""
    outcome = BatchOutcome()
    sources = [str(path) for path in ([source] if isinstance(source, Path) else source)]
    run_batch(sources, folder, wanted, RunOptions(here, crew, **how), Heard(), outcome)  # type: ignore[arg-type]
    return outcome


def command(*words: str | Path, **more: object) -> subprocess.CompletedProcess[str]:
    """Run "agreementgen batch" as a user does."""
    return subprocess.run(
        [sys.executable, "-c", "from agreementgen.cli.main import main; main()", "batch", *(str(word) for word in words)],
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=300, **more,  # type: ignore[call-overload]
    )  # fmt: skip


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below `folder`, but for the journal, which has times in it."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".agreementgen" not in path.parts
    }


def entries(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]


def table(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "manifest.csv").read_bytes().decode("utf-8-sig"))))


def whole(folder: Path) -> dict[str, str]:
    """Return the hashes of a finished batch, after looking whether its list is true and nothing else is there."""
    found = hashes(folder)
    told = {f["name"]: f["sha256"] for line in entries(folder) for f in line["files"]}  # type: ignore[attr-defined]
    assert {name: found[name] for name in found if not name.startswith("manifest.")} == told
    rows = {row["deal"]: row for row in table(folder)}
    for line in entries(folder):
        row = rows.pop(str(line["deal"]))
        assert row["files"].split() == [f["name"] for f in line["files"]]  # type: ignore[attr-defined]
        assert (row["status"], row["inputs"]) == (line["status"], line["inputs"])
    assert not rows
    assert {path.name for path in (folder / ".agreementgen").iterdir()} <= {"journal.jsonl", "lock"}
    return found


def strays(folder: Path) -> list[str]:
    """Return temporary files left in a folder of temporary files."""
    return [entry.name for entry in os.scandir(folder) if re.match("agreementgen-|weasyprint-|pymp-", entry.name)]

"""What was built, remembered beside the documents: a line of JSON for each step, written before anything depends on it.

The file is only ever added to, so that a run that is killed at any moment leaves at worst half a last line. Three
kinds of lines: `writing` names files that are about to appear, `done` says all about a finished deal, `removed`
names files that are gone. Files of ours that belong to no finished deal are left-overs of a run that was stopped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from agreementgen.errors import Place, Problem

FOLDER = ".agreementgen"
FILE = "journal.jsonl"
# So many contents of a file are remembered as ours.
_KNOWN = 8


@dataclass(frozen=True)
class Filed:
    """A document on disk: its path below the batch's folder, SHA-256 (hex), size, and when it was changed (ns)."""

    path: str
    sha256: str
    size: int
    changed: int


@dataclass(frozen=True)
class Record:
    """A finished deal. `key` stands for all that decides its documents (see `planning`), `inputs` for what was typed.

    `tables` are those beside the deal with their SHA-256, `packs` are "id version". The figures are those of
    `orders.Result`; `where` is the place of the deal, by which findings name theirs.
    """

    deal: str
    key: str
    inputs: str
    where: str
    tables: tuple[tuple[str, str], ...]
    library: str
    packs: tuple[str, ...]
    stem: str
    chart: bool
    files: tuple[Filed, ...]
    pages: int
    chart_pages: int
    points: float
    free: float
    layout: str
    proven: bool
    findings: tuple[Problem, ...]
    seconds: float


class Journal:
    """The journal of one folder. `records` are the finished deals by name, `owners` the deals of files.

    `ours` has the SHA-256s of what we wrote to a path, the last ones.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FOLDER / FILE
        self.records: dict[str, Record] = {}
        self.ours: dict[str, list[str]] = {}
        self.owners: dict[str, str] = {}
        self._stream: IO[bytes] | None = None
        lines = 0
        for line in self._lines():
            lines += 1
            self._take(line)
        self.garbage = lines - len(self.records)

    def writing(self, files: Mapping[str, str]) -> None:
        """Remember, down to the disk, that `files` (path to SHA-256) are about to appear."""
        self._add({"writing": dict(files)}, sync=True)

    def done(self, record: Record) -> None:
        # Reaches the disk with the next line that must; if it never does, the deal is built again.
        self._add({"done": asdict(record)})

    def removed(self, paths: Iterable[str]) -> None:
        self._add({"removed": list(paths)})

    def shorten(self) -> None:
        """Write the journal anew without what no longer matters, if that is much."""
        if self.garbage <= 2 * len(self.records) + 20:
            return
        self.close()
        lines = [{"writing": {path: digest}} for path, known in self.ours.items() for digest in known]
        lines += [{"done": asdict(record)} for record in self.records.values() if record.files]
        temporary = self.path.with_suffix(".new")
        with temporary.open("wb") as stream:
            stream.write(b"".join(_bytes(line) for line in lines))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, self.path)
        self.garbage = len(lines) - len(self.records)

    def close(self) -> None:
        if self._stream:
            stream, self._stream = self._stream, None
            try:
                stream.flush()
                os.fsync(stream.fileno())
            finally:
                stream.close()

    def orphans(self) -> list[str]:
        """Return the files we wrote that belong to no finished deal."""
        return [path for path in self.ours if path not in self.owners]

    def _lines(self) -> Iterator[Any]:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        for line in data.split(b"\n"):
            try:
                yield json.loads(line)
            except ValueError:
                continue  # half a line: the run ended there

    def _add(self, line: dict[str, Any], sync: bool = False) -> None:
        if self._stream is None:
            self._stream = self.path.open("ab", buffering=0)
            # Ends half a line that a run left behind.
            if self._stream.tell():
                self._write(b"\n")
        self._write(_bytes(line))
        if sync:
            os.fsync(self._stream.fileno())
        self._take(line)

    def _write(self, data: bytes) -> None:
        assert self._stream
        while data:
            data = data[self._stream.write(data) :]

    def _take(self, line: Any) -> None:
        match line:
            case {"writing": dict() as files}:
                for path, digest in files.items():
                    if not _inside(path):
                        continue
                    known = [other for other in self.ours.get(path, []) if other != digest]
                    self.ours[path] = [*known, digest][-_KNOWN:]
            case {"done": dict() as entries}:
                record = _record(entries)
                if record and all(_inside(filed.path) for filed in record.files):
                    self._own(record)
            case {"removed": list() as paths}:
                for path in paths:
                    self.ours.pop(path, None)

    def _own(self, record: Record) -> None:
        """Take a finished deal in; another deal's file that it replaced is the other's no more."""
        paths = {filed.path for filed in record.files}
        for other in {self.owners[path] for path in paths if path in self.owners} - {record.deal}:
            there = self.records[other]
            self.records[other] = replace(there, files=tuple(f for f in there.files if f.path not in paths))
        before = self.records.get(record.deal)
        for filed in before.files if before else ():
            self.owners.pop(filed.path, None)
        self.owners |= dict.fromkeys(paths, record.deal)
        self.records[record.deal] = record


def _inside(path: str) -> bool:
    """Return whether a path stays in the folder of the batch: a journal may come from anybody, with its folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and not set(path) & set("\\:\0")


def _bytes(line: Mapping[str, Any]) -> bytes:
    return (json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _record(entries: Mapping[str, Any]) -> Record | None:
    """Return a record, None where another version wrote other fields: the deal is then built again."""
    try:
        found = Record(**entries)
        return replace(
            found,
            tables=tuple((name, digest) for name, digest in found.tables),
            packs=tuple(found.packs),
            files=tuple(Filed(**filed) for filed in found.files),  # type: ignore[arg-type]
            findings=tuple(_problem(entry) for entry in found.findings),  # type: ignore[arg-type]
        )
    except (TypeError, ValueError):
        return None


def _problem(entry: dict[str, Any]) -> Problem:
    return Problem(entry["message"], entry["hint"], entry["field"], Place(**entry["place"]))

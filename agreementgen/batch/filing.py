"""The folder of a batch: documents appear in it whole or not at all, and nothing that is not ours is touched.

For some deals at a time: their files are written aside, down to the disk; the journal names them; they take their
places; the journal has the deals as done. Whatever moment a run is stopped at, the next one knows which files are ours.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path, PurePosixPath

from agreementgen.batch.disk import Unwritable, writable
from agreementgen.batch.journal import FOLDER, Filed, Journal, Record
from agreementgen.batch.naming import folded
from agreementgen.errors import InputError, Place, Problem
from agreementgen.write import save

_PARTS = "parts"
# So many files are stored for good at once: a disk does that in one go.
_AT_ONCE = 16


class Store:
    """The documents in `folder` and the journal beside them. Only who holds the lock may make one."""

    def __init__(self, folder: Path, force: bool = False) -> None:
        self.folder, self.force = folder, force
        self.parts = folder / FOLDER / _PARTS
        with writable(folder):
            shutil.rmtree(self.parts, ignore_errors=True)
            (folder / FOLDER / "journal.new").unlink(missing_ok=True)
            self.journal = Journal(folder)
        self._threads = ThreadPoolExecutor(_AT_ONCE)
        # What `build` wrote into the same folder, and nobody has changed since, is ours too.
        self.built = save.known(folder)

    def intact(self, files: Iterable[Filed]) -> tuple[Filed, ...] | None:
        """Return `files` as they are on disk, None where one is missing or was changed.

        A file of the same size and time is taken for the same; where only the time differs, its content decides.
        """
        found = []
        for filed in files:
            path = self.folder / filed.path
            try:
                there = path.stat()
                if there.st_size != filed.size:
                    return None
                if there.st_mtime_ns != filed.changed and _digest(path.read_bytes()) != filed.sha256:
                    return None
            except OSError:
                return None
            found.append(Filed(filed.path, filed.sha256, filed.size, there.st_mtime_ns))
        return tuple(found)

    def remaining(self, record: Record, but: Collection[str]) -> Record:
        """Return the record of an earlier run with those of its documents, but for some, that it still has."""
        return replace(record, files=tuple(f for f in record.files if f.path not in but and self.intact((f,))))

    def foreign(self, path: str) -> Problem | None:
        """Return a problem where a file at `path` is there that we did not write as it is now."""
        target = self.folder / path
        if target.is_dir():
            return Problem("a folder of this name is there", "choose another folder with -o", "", Place(str(target)))
        try:
            # An empty file is nobody's work: a disk that was full or lost its power leaves such.
            if self.force or not target.stat().st_size or self._is_ours(path):
                return None
        except FileNotFoundError:
            return None
        except OSError as error:
            return Problem(f"the file cannot be read: {error.strerror}", "move it away", "", Place(str(target)))
        known = path in self.journal.ours
        message = (
            "somebody has changed this file since it was written" if known else "a file of this name is there already"
        )
        hint = "move or rename it to keep it, or overwrite it with --force"
        return Problem(message, hint, "", Place(str(target)))

    def file(self, deals: Sequence[Mapping[str, bytes]]) -> list[tuple[Filed, ...] | InputError]:
        """Write the documents of some deals (path to content); return them as they are on disk.

        A deal whose documents would replace a file that is not ours gets an InputError instead. Several at a time,
        because a disk takes hardly longer to store many files for good than one. Raise Unwritable.
        """
        refused = [[problem for path in files if (problem := self.foreign(path))] for files in deals]
        coming = {
            path: data for files, bad in zip(deals, refused, strict=True) if not bad for path, data in files.items()
        }
        with writable(self.folder):
            digests, held = self._replace(coming)
            found: list[tuple[Filed, ...] | InputError] = []
            for files, bad in zip(deals, refused, strict=True):
                bad += [held[path] for path in files if path in held]
                if bad:
                    found.append(InputError(bad))
                    continue
                stats = {path: (self.folder / path).stat() for path in files}
                found.append(
                    tuple(Filed(p, digests[p], there.st_size, there.st_mtime_ns) for p, there in stats.items())
                )
        return found

    def _replace(self, files: Mapping[str, bytes]) -> tuple[dict[str, str], dict[str, Problem]]:
        """Write all `files` aside, name them in the journal, and let them take their places.

        Return their SHA-256s, and problems of those whose place another program holds (Windows: an open document).
        """
        parts = {path: self.parts / f"{number}.part" for number, path in enumerate(files)}
        digests = {path: _digest(data) for path, data in files.items()}
        held: dict[str, Problem] = {}
        if not files:
            return digests, held
        try:
            self.parts.mkdir(exist_ok=True)
            for path, part in parts.items():
                part.write_bytes(files[path])
            list(self._threads.map(_store, parts.values()))
            self.journal.writing(digests)
            for path, part in parts.items():
                target = self.folder / path
                target.parent.mkdir(exist_ok=True)
                try:
                    os.replace(part, target)
                except PermissionError as error:
                    hint = "close it where it is open, and run the same command again"
                    message = f"the file cannot be replaced: {error.strerror}"
                    held[path] = Problem(message, hint, "", Place(str(target)))
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
        return digests, held

    def write(self, name: str, data: bytes) -> None:
        """Write a file of the batch itself, if it would change; raise Unwritable."""
        path = self.folder / name
        with writable(self.folder):
            if path.is_file() and path.read_bytes() == data:
                return
            _, held = self._replace({name: data})
            if held:
                raise Unwritable(held.values())

    def clear(self, keep: Iterable[str]) -> tuple[list[str], list[str]]:
        """Remove the files we wrote that belong to no deal, but for those of `keep`.

        Return the paths of those removed, and of those left because somebody has changed them.
        """
        kept = {folded(path): path for path in (*self.journal.owners, *keep)}
        removed, left = [], []
        with writable(self.folder):
            for path in self.journal.orphans():
                target = self.folder / path
                same = kept.get(folded(path))
                if same and (same == path or _same_file(target, self.folder / same)):
                    continue
                if target.is_file() and not self._is_ours(path):
                    left.append(path)
                    continue
                if target.is_file():
                    target.unlink()
                    removed.append(path)
                self._without_empty(PurePosixPath(path).parent)
                self.journal.removed([path])
        return removed, left

    def close(self) -> None:
        self._threads.shutdown()
        try:
            shutil.rmtree(self.parts, ignore_errors=True)
        finally:
            with writable(self.folder):
                self.journal.close()

    def _is_ours(self, path: str) -> bool:
        known = [*self.journal.ours.get(path, ()), *self.built.get(path, ())]
        return bool(known) and _digest((self.folder / path).read_bytes()) in known

    def _without_empty(self, folder: PurePosixPath) -> None:
        if folder.parts:
            try:
                (self.folder / folder).rmdir()
            except OSError:
                return  # something else is in it


def _store(path: Path) -> None:
    """Have the system store a file for good."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False

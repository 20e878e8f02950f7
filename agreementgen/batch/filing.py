"""The folder of a batch: documents appear in it whole or not at all, and nothing that is not ours is touched.

For each deal: its files are written aside, down to the disk; the journal names them; they take their places; the
journal has the deal as done. Whatever moment a run is stopped at, the next one knows which files are ours.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from agreementgen.batch.journal import FOLDER, Filed, Journal
from agreementgen.batch.naming import folded
from agreementgen.errors import InputError, Place, Problem
from agreementgen.write import save

_PARTS = "parts"


class Unwritable(InputError):
    """The folder cannot be written: no further deal can be, either."""


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Turn what the system says about files into a problem of `folder`."""
    try:
        yield
    except OSError as error:
        hint = "choose another folder with -o, or make room on the disk; then run the same command again"
        place = Place(str(error.filename or folder))
        raise Unwritable(Problem(f"cannot write here: {error.strerror or error}", hint, "", place)) from None


class Store:
    """The documents in `folder` and the journal beside them. Only who holds the lock may make one."""

    def __init__(self, folder: Path, force: bool = False) -> None:
        self.folder, self.force = folder, force
        self.parts = folder / FOLDER / _PARTS
        with writable(folder):
            shutil.rmtree(self.parts, ignore_errors=True)
            (folder / FOLDER / "journal.new").unlink(missing_ok=True)
            self.journal = Journal(folder)
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

    def file(self, files: Mapping[str, bytes]) -> tuple[Filed, ...]:
        """Write the documents of a deal (path to content); return them as they are on disk.

        Raise InputError where one would replace a file that is not ours, Unwritable where nothing can be written.
        """
        problems = [problem for path in files if (problem := self.foreign(path))]
        if problems:
            raise InputError(problems)
        with writable(self.folder):
            waiting: dict[str, Path] = {}
            try:
                self.parts.mkdir(exist_ok=True)
                for number, (path, data) in enumerate(files.items()):
                    waiting[path] = self.parts / f"{number}.part"
                    _write(waiting[path], data)
                self.journal.writing({path: _digest(data) for path, data in files.items()})
                for path, part in waiting.items():
                    (self.folder / path).parent.mkdir(exist_ok=True)
                    os.replace(part, self.folder / path)
            except BaseException:
                for part in waiting.values():
                    part.unlink(missing_ok=True)
                raise
            return tuple(
                Filed(path, _digest(data), len(data), (self.folder / path).stat().st_mtime_ns)
                for path, data in files.items()
            )

    def write(self, name: str, data: bytes) -> None:
        """Write a file of the batch itself, if it would change."""
        path = self.folder / name
        with writable(self.folder):
            if path.is_file() and path.read_bytes() == data:
                return
            self.parts.mkdir(exist_ok=True)
            part = self.parts / name
            try:
                _write(part, data)
                self.journal.writing({name: _digest(data)})
                os.replace(part, path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise

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
        with writable(self.folder):
            shutil.rmtree(self.parts, ignore_errors=True)
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


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False

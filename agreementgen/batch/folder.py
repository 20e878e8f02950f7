"""The folder of a batch: its documents, and what one run must know of another.

Documents appear whole or not at all, and nothing that is not ours is touched. Those of some deals at a time are written
aside, down to the disk; the journal names them; they take their places; the journal has the deals as finished. So
whatever moment a run is stopped at, the next one knows which files are ours.

The state folder holds the journal, the lock that lets one run at a time in, and the name of the run's temporary folder.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO, Any

from agreementgen.batch.items import fold_name
from agreementgen.core import saving
from agreementgen.core.opening import FileRefused, is_same_file, read_regular_file
from agreementgen.core.problems import SEVERITY_WORDS, InputError, Place, Problem, count_noun
from agreementgen.core.saving import (
    STATE_FOLDER,
    FolderUnwritable,
    acquire_lock,
    ignore_remark,
    is_process_running,
    refuse_link,
    replace_together,
    report_unwritable,
    sha256_of,
    sync_folder,
)

_JOURNAL_FILE, _PARTS_FOLDER, _LOCK_FILE, _HOLDER_FILE = "journal.jsonl", "parts", "lock", "process"
# So many contents of a file are remembered as ours.
_DIGESTS_KEPT = 8
# A line for a deal has some 2,000 bytes; the limits of a batch's tables leave room for ten times as many.
_MAX_JOURNAL_BYTES = 400_000_000
# So many files are stored for good at once: a disk does that in one go.
_SYNC_THREADS = 16
# A run that has just taken the lock has not yet written down who it is.
_HOLDER_WAIT_SECONDS = 1.0
# The file that names the run's temporary folder, and how that is called.
_TEMPORARY_FILE = "temporary"
_TEMPORARY_NAME = re.compile(r"agreementgen-[0-9a-f]{12}")
# In bytes: with our folder and a socket in it, it stays below the 104 that the strictest system takes.
_LONGEST_TEMPORARY = 58


@dataclass(frozen=True)
class StoredFile:
    """A document on disk: its path below the batch's folder, SHA-256 (hex), size, and when it was changed (ns)."""

    path: str
    sha256: str
    size: int
    changed: int


@dataclass(frozen=True)
class FinishedDeal:
    """A finished deal, as the journal keeps it: its fields are names in that file.

    `key` stands for all that decides its documents, `inputs` for what was typed, both SHA-256s. `tables` are those
    beside the deal with their SHA-256, `packs` are "id version". The figures are those of `worker.BuildResult`; `where`
    is the place of the deal, by which findings name theirs; `deal_check` sums up what the deal check found.
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
    files: tuple[StoredFile, ...]
    pages: int
    chart_pages: int
    points: float
    free: float
    layout: str
    proven: bool
    pages_by: str
    findings: tuple[Problem, ...]
    seconds: float
    deal_check: str


class Journal:
    """What was built in a folder: a line of JSON for each step, written before anything depends on it.

    The file is only ever added to, so a run that is killed at any moment leaves at worst half a last line. Three kinds
    of lines: `writing` names files that are about to appear, `done` says all about a finished deal, `removed` names
    files that are gone. Files of ours that belong to no finished deal are left over from a run that was stopped.

    `finished` are the deals by name, `owners` the deals of files, `known_digests` the last SHA-256s of what we wrote to
    a path.
    """

    def __init__(self, folder: Path, tell: Callable[[str], None] = ignore_remark) -> None:
        self.path = folder / STATE_FOLDER / _JOURNAL_FILE
        self.unreadable_lines = 0
        self.finished: dict[str, FinishedDeal] = {}
        self.known_digests: dict[str, list[str]] = {}
        self.owners: dict[str, str] = {}
        self._stream: IO[bytes] | None = None
        lines = 0
        for line in self._read_lines():
            lines += 1
            self._apply(line)
        self.stale_lines = lines - len(self.finished)
        if self.unreadable_lines:
            count = count_noun(self.unreadable_lines, "line")
            tell(f"{self.path}: {count} of another version, or damaged: what is not known any more is built again")

    def note_writing(self, files: Mapping[str, str]) -> None:
        """Remember, down to the disk, that `files` (path to SHA-256) are about to appear."""
        self._append({"writing": dict(files)}, sync=True)

    def note_finished(self, deal: FinishedDeal) -> None:
        # Reaches the disk with the next line that must; if it never does, the deal is built again.
        self._append({"done": asdict(deal)})

    def note_removed(self, paths: Iterable[str]) -> None:
        self._append({"removed": list(paths)})

    def shorten(self) -> None:
        """Write the journal anew without what no longer matters, if that is much."""
        if self.stale_lines <= 2 * len(self.finished) + 20:
            return
        self.close()
        lines = [{"writing": {path: digest}} for path, known in self.known_digests.items() for digest in known]
        lines += [{"done": asdict(deal)} for deal in self.finished.values() if deal.files]
        temporary = self.path.with_suffix(".new")
        with temporary.open("wb") as stream:
            stream.write(b"".join(_encode_line(line) for line in lines))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, self.path)
        self.stale_lines = len(lines) - len(self.finished)

    def close(self) -> None:
        if self._stream:
            stream, self._stream = self._stream, None
            try:
                stream.flush()
                os.fsync(stream.fileno())
            finally:
                stream.close()

    def list_orphans(self) -> list[str]:
        """Return the files we wrote that belong to no finished deal."""
        return [path for path in self.known_digests if path not in self.owners]

    def _read_lines(self) -> Iterator[object]:
        try:
            data = read_regular_file(self.path, _MAX_JOURNAL_BYTES, follow=False)
        except FileNotFoundError:
            return
        if len(data) > _MAX_JOURNAL_BYTES:
            raise FileRefused(f"the journal is larger than {_MAX_JOURNAL_BYTES:,} bytes: delete it", self.path)
        lines = data.split(b"\n")
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except (ValueError, RecursionError):
                # Half a last line is where a run ended, and the next one ended it with a line break.
                self.unreadable_lines += bool(line.strip()) and not line.startswith(b'{"') and number < len(lines)

    def _append(self, line: Mapping[str, object], sync: bool = False) -> None:
        if self._stream is None:
            self._stream = self.path.open("ab", buffering=0)
            # Ends half a line that a run left behind.
            if self._stream.tell():
                self._write(b"\n")
        self._write(_encode_line(line))
        if sync:
            os.fsync(self._stream.fileno())
        self._apply(line)

    def _write(self, data: bytes) -> None:
        assert self._stream
        while data:
            data = data[self._stream.write(data) :]

    def _apply(self, line: object) -> None:
        match line:
            case {"writing": dict() as files} if _are_texts(files.values()):
                for path, digest in files.items():
                    if not stays_inside(path):
                        continue
                    known = [other for other in self.known_digests.get(path, []) if other != digest]
                    self.known_digests[path] = [*known, digest][-_DIGESTS_KEPT:]
            case {"done": dict() as fields} if deal := _read_finished(fields):
                self._add_finished(deal)
            case {"removed": list() as paths} if _are_texts(paths):
                for path in paths:
                    self.known_digests.pop(path, None)
            case _:
                self.unreadable_lines += 1

    def _add_finished(self, deal: FinishedDeal) -> None:
        """Take a finished deal in; another deal's file that it replaced is the other's no more."""
        paths = {file.path for file in deal.files}
        for name in {self.owners[path] for path in paths if path in self.owners} - {deal.deal}:
            other = self.finished[name]
            self.finished[name] = replace(other, files=tuple(file for file in other.files if file.path not in paths))
        before = self.finished.get(deal.deal)
        for file in before.files if before else ():
            self.owners.pop(file.path, None)
        self.owners |= dict.fromkeys(paths, deal.deal)
        self.finished[deal.deal] = deal


def stays_inside(path: str) -> bool:
    """Return whether a path stays in the folder of the batch: a journal may come from anybody, with its folder."""
    parts = PurePosixPath(path).parts
    return bool(parts) and not path.startswith("/") and ".." not in parts and not set(path) & set("\\:\0")


def _encode_line(line: Mapping[str, object]) -> bytes:
    return (json.dumps(line, separators=(",", ":")) + "\n").encode()


def _are_texts(found: Iterable[object]) -> bool:
    return all(isinstance(one, str) for one in found)


# What the fields of a finished deal are; of another version's, or of nonsense, none is believed.
_TEXT_FIELDS = ("deal", "key", "inputs", "where", "library", "stem", "layout", "pages_by", "deal_check")
_NUMBER_FIELDS = ("pages", "chart_pages", "points", "free", "seconds")


def _read_finished(fields: Mapping[str, Any]) -> FinishedDeal | None:
    """Return a finished deal, None where another version wrote other fields: the deal is then built again."""
    try:
        found = replace(
            FinishedDeal(**fields),
            tables=tuple((name, digest) for name, digest in fields["tables"]),
            packs=tuple(fields["packs"]),
            files=tuple(StoredFile(**file) for file in fields["files"]),
            findings=tuple(Problem(**{**entry, "place": Place(**entry["place"])}) for entry in fields["findings"]),
        )
        texts = [fields[name] for name in _TEXT_FIELDS]
        texts += [text for pair in found.tables for text in pair]
        texts += found.packs
        texts += [text for file in found.files for text in (file.path, file.sha256)]
        texts += [text for one in found.findings for text in (one.code, one.place.file, one.place.cell)]
        numbers = [fields[name] for name in _NUMBER_FIELDS]
        numbers += [number for file in found.files for number in (file.size, file.changed)]
        numbers += [number for one in found.findings for number in (one.place.line, one.place.column)]
        sound = _are_texts(texts) and all(isinstance(number, int | float) for number in numbers)
        sound = sound and all(
            isinstance(fields[name], list | tuple) for name in ("tables", "packs", "files", "findings")
        )
        sound = sound and all(isinstance(fields[name], bool) for name in ("chart", "proven"))
        sound = sound and all(one.severity in SEVERITY_WORDS for one in found.findings)
        return found if sound and all(stays_inside(file.path) for file in found.files) else None
    except (TypeError, ValueError, LookupError, AttributeError):
        return None


class DocumentStore:
    """The documents in `folder` and the journal beside them. Only who holds the lock may make one.

    With `reread`, the bytes of documents are looked at that have the size and the time they had.
    """

    def __init__(
        self,
        folder: Path,
        force: bool = False,
        tell: Callable[[str], None] = ignore_remark,
        reread: bool = False,
    ) -> None:
        self.folder, self.force, self.reread = folder, force, reread
        self.parts = folder / STATE_FOLDER / _PARTS_FOLDER
        with report_unwritable(folder):
            shutil.rmtree(self.parts, ignore_errors=True)
            (folder / STATE_FOLDER / "journal.new").unlink(missing_ok=True)
            self.journal = Journal(folder, tell)
        self._threads = ThreadPoolExecutor(_SYNC_THREADS)
        # What `build` wrote into the same folder, and nobody has changed since, is ours too.
        self.known_from_build = saving.read_digests(folder, tell)

    def find_intact(self, files: Iterable[StoredFile]) -> tuple[StoredFile, ...] | None:
        """Return `files` as they are on disk, None where one is missing or was changed.

        A file of the same size and time is taken for the same, unless `reread` is set; where only the time differs, its
        content decides.
        """
        found = []
        for file in files:
            path = self.folder / file.path
            try:
                stat = path.stat()
                if stat.st_size != file.size:
                    return None
                is_doubtful = self.reread or stat.st_mtime_ns != file.changed
                if is_doubtful and sha256_of(path.read_bytes()) != file.sha256:
                    return None
            except OSError:
                return None
            found.append(replace(file, changed=stat.st_mtime_ns))
        return tuple(found)

    def keep_intact(self, deal: FinishedDeal, coming: Collection[str]) -> FinishedDeal:
        """Return a deal of an earlier run with those documents that it still has and that are not `coming` anew."""
        return replace(deal, files=tuple(f for f in deal.files if f.path not in coming and self.find_intact((f,))))

    def find_foreign_file(self, path: str) -> Problem | None:
        """Return a problem where a file at `path` is there that we did not write as it is now."""
        target = self.folder / path
        place = Place(str(target))
        if target.is_dir():
            hint = "choose another folder with -o"
            return Problem("a folder of this name is there", hint, place=place, code="not-ours")
        if target.parent != self.folder and target.parent.is_symlink():
            message, hint = "its folder is a link, which may lead anywhere", "delete the link"
            return Problem(message, hint, place=Place(str(target.parent)), code="not-ours")
        if os.path.lexists(target) and not self.force and not stat.S_ISREG(target.lstat().st_mode):
            message, hint = "a link, pipe or device of this name is there", "move it away, or overwrite it with --force"
            return Problem(message, hint, place=place, code="not-ours")
        try:
            # An empty file is nobody's work: a disk that was full or lost its power leaves such.
            if self.force or not target.stat().st_size or self._is_ours(path):
                return None
        except FileNotFoundError:
            return None
        except OSError as error:
            message = f"the file cannot be read: {error.strerror}"
            return Problem(message, "move it away", place=place, code="file-unreadable")
        message = "a file of this name is there already"
        if path in self.journal.known_digests:
            message = "somebody has changed this file since it was written"
        hint = "move or rename it to keep it, or overwrite it with --force"
        return Problem(message, hint, place=place, code="not-ours")

    def store_documents(self, deals: Sequence[Mapping[str, bytes]]) -> list[tuple[StoredFile, ...] | InputError]:
        """Write the documents of some deals (path to content); return them as they are on disk.

        A deal whose documents would replace a file that is not ours gets an InputError instead. Several at a time,
        because a disk takes hardly longer to store many files for good than one. Raise FolderUnwritable.
        """
        problems = [[problem for path in files if (problem := self.find_foreign_file(path))] for files in deals]
        coming = [{} if refused else files for files, refused in zip(deals, problems, strict=True)]
        with report_unwritable(self.folder):
            digests, held = self._replace_files(coming)
            stored: list[tuple[StoredFile, ...] | InputError] = []
            for files, refused, error in zip(deals, problems, held, strict=True):
                if refused or error:
                    stored.append(error or InputError(refused))
                    continue
                stats = {path: (self.folder / path).stat() for path in files}
                stored.append(tuple(StoredFile(p, digests[p], s.st_size, s.st_mtime_ns) for p, s in stats.items()))
        return stored

    def _replace_files(self, deals: Sequence[Mapping[str, bytes]]) -> tuple[dict[str, str], list[InputError | None]]:
        """Write the files of all `deals` aside, name them in the journal, and let them take their places.

        Return their SHA-256s, and for each deal whether another program holds one of them (Windows: an open document):
        all files of that deal are then as they were.
        """
        files = {path: data for deal in deals for path, data in deal.items()}
        parts = {path: self.parts / f"{number}.part" for number, path in enumerate(files)}
        digests = {path: sha256_of(data) for path, data in files.items()}
        held: list[InputError | None] = [None] * len(deals)
        if not files:
            return digests, held
        try:
            self.parts.mkdir(exist_ok=True)
            for path, part in parts.items():
                part.write_bytes(files[path])
            list(self._threads.map(_sync_file, parts.values()))
            self.journal.note_writing(digests)
            folders = {(self.folder / path).parent for path in files}
            for folder in folders:
                folder.mkdir(exist_ok=True)
            for number, deal in enumerate(deals):
                try:
                    replace_together({self.folder / path: parts[path] for path in deal})
                except InputError as error:
                    held[number] = error
            for folder in folders:
                sync_folder(folder)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
        return digests, held

    def write_own_file(self, name: str, data: bytes) -> None:
        """Write a file of the batch itself, if it would change; raise FolderUnwritable."""
        path = self.folder / name
        with report_unwritable(self.folder):
            if path.is_file() and path.read_bytes() == data:
                return
            _, (held,) = self._replace_files([{name: data}])
            if held:
                raise FolderUnwritable(held.problems)

    def remove_orphans(self, keep: Iterable[str]) -> tuple[list[str], list[str]]:
        """Remove the files we wrote that belong to no deal, but for those of `keep`.

        Return the paths of those removed, and of those left because somebody has changed them.
        """
        kept = {fold_name(path): path for path in (*self.journal.owners, *keep)}
        removed, left = [], []
        with report_unwritable(self.folder):
            for path in self.journal.list_orphans():
                target = self.folder / path
                same = kept.get(fold_name(path))
                if same and (same == path or is_same_file(target, self.folder / same)):
                    continue
                if target.is_file() and not self._is_ours(path):
                    left.append(path)
                    continue
                if target.is_file():
                    target.unlink()
                    removed.append(path)
                self._remove_if_empty(PurePosixPath(path).parent)
                self.journal.note_removed([path])
        return removed, left

    def close(self) -> None:
        self._threads.shutdown()
        try:
            shutil.rmtree(self.parts, ignore_errors=True)
        finally:
            with report_unwritable(self.folder):
                self.journal.close()

    def _is_ours(self, path: str) -> bool:
        known = [*self.journal.known_digests.get(path, ()), *self.known_from_build.get(path, ())]
        return bool(known) and sha256_of((self.folder / path).read_bytes()) in known

    def _remove_if_empty(self, folder: PurePosixPath) -> None:
        if folder.parts:
            with suppress(OSError):  # something else is in it
                (self.folder / folder).rmdir()


def _sync_file(path: Path) -> None:
    """Have the system store a file for good."""
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())


# -- one run at a time


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Make `folder` where it is missing, and keep other batches out of it meanwhile.

    Raise InputError that names the process writing into it. Its number stands in a file of its own: a locked file
    cannot be read on Windows.
    """
    holder = folder / STATE_FOLDER / _HOLDER_FILE

    def explain_busy() -> Problem:
        hint = "wait until it has ended, or choose another folder with -o"
        message = f"another batch is writing into this folder: process {_find_holder(holder)}"
        return Problem(message, hint, place=Place(str(folder)), code="busy")

    with _make_folder(folder):
        with report_unwritable(folder):
            _refuse_strange_state(folder / STATE_FOLDER)
            lock = acquire_lock(folder / STATE_FOLDER / _LOCK_FILE, explain_busy)
        try:
            with report_unwritable(folder):
                holder.write_text(str(os.getpid()), encoding="ascii")
            try:
                yield
            finally:
                with report_unwritable(folder):
                    holder.unlink(missing_ok=True)
        finally:
            lock.release()


def _refuse_strange_state(state: Path) -> None:
    """Raise OSError where the state folder, or what is in it, leads elsewhere: it may have come with the folder."""
    if state.is_symlink() or (state / _PARTS_FOLDER).is_symlink():
        raise FileRefused("this folder of agreementgen's own is a link: delete it", state)
    for name in (_JOURNAL_FILE, _LOCK_FILE, _HOLDER_FILE, _TEMPORARY_FILE, "journal.new"):
        refuse_link(state / name)


@contextmanager
def _make_folder(folder: Path) -> Iterator[None]:
    """Make the folder with the state folder in it; remove them at the end if nothing was written."""
    state = folder / STATE_FOLDER
    made = [path for path in (state, folder, *folder.parents) if not path.exists()]
    with report_unwritable(folder):
        state.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not (state / _JOURNAL_FILE).exists():
            (state / _LOCK_FILE).unlink(missing_ok=True)
            with suppress(OSError):  # something is in it
                for path in made:
                    path.rmdir()


def _find_holder(holder: Path) -> str:
    """Return the number of the process that a lock's holder wrote down, "unknown" where there is none."""
    end = time.monotonic() + _HOLDER_WAIT_SECONDS
    while not (number := _read_holder(holder)):
        if time.monotonic() > end:
            return "unknown"
        time.sleep(0.02)
    return number


def find_running_batch(folder: Path) -> str:
    """Return the number of the process that is writing into `folder`, "" where none is."""
    return _read_holder(folder / STATE_FOLDER / _HOLDER_FILE)


def _read_holder(holder: Path) -> str:
    try:
        number = read_regular_file(holder, 30, follow=False).decode("ascii").strip()
    except (OSError, ValueError):
        return ""
    return number if number.isdecimal() and is_process_running(int(number)) else ""


# -- temporary files


@contextmanager
def use_temporary_folder(folder: Path) -> Iterator[None]:
    """Let this process and those it starts use one temporary folder, whose name stands in the batch's `folder`.

    WeasyPrint lays fonts into folders of its own below it; what a killed run leaves there, the next one clears away.
    """
    name_file = folder / STATE_FOLDER / _TEMPORARY_FILE
    _remove_temporary_folder(folder)
    path = Path(_find_short_root()) / f"agreementgen-{secrets.token_hex(6)}"
    # Written down first: a run may be killed as soon as the folder is there.
    with report_unwritable(folder):
        name_file.write_text(str(path), encoding="utf-8")
        path.mkdir(mode=0o700)
    usual, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(path)
    # multiprocessing has a folder of its own for sockets, which it would look for at its very end.
    settings: dict[str, str] = vars(multiprocessing.current_process())["_config"]
    settings["tempdir"] = str(path)
    try:
        yield
    finally:
        settings.pop("tempdir", None)
        tempfile.tempdir = usual
        if variable is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = variable
        _remove_temporary_folder(folder)


def _find_short_root() -> str:
    """Return the system's folder for temporary files, or another where its name is too long for sockets in it."""
    usual = tempfile.gettempdir()
    for folder in (usual, "/tmp", "/var/tmp"):
        if len(os.fsencode(folder)) <= _LONGEST_TEMPORARY and os.access(folder, os.W_OK):
            return folder
    return usual


def _remove_temporary_folder(folder: Path) -> None:
    """Remove the temporary folder of this run, or of one that was killed."""
    name_file = folder / STATE_FOLDER / _TEMPORARY_FILE
    try:
        path = Path(read_regular_file(name_file, 4_000, follow=False).decode())
    except (OSError, ValueError):
        return
    # Nothing else is ever removed, whatever stands in that file.
    if _TEMPORARY_NAME.fullmatch(path.name) and path.is_absolute() and path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    with report_unwritable(folder):
        name_file.unlink(missing_ok=True)

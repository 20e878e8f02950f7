"""Writes files: all or none, never half a file, never over something that is not ours.

The one writer of documents: each is written aside, down to the disk; then all take their places, or the old ones stay.
What we wrote is remembered in `.agreementgen.json` beside the documents (name and SHA-256): a document that somebody
has changed since is theirs, and is not overwritten without --force. A disk that is full, gone or not ours is a problem
of the folder.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from agreementgen.core.escaping import to_json_file
from agreementgen.core.opening import FileRefused, read_regular_file
from agreementgen.core.problems import InputError, Place, Problem

if TYPE_CHECKING:
    from filelock import BaseFileLock as BaseFileLock

DIGESTS_FILE, LOCK_FILE = ".agreementgen.json", ".agreementgen.lock"
# Where a batch keeps what it knows of its folder.
STATE_FOLDER = ".agreementgen"
_MAX_DIGESTS_BYTES = 20_000_000
_DIGESTS_KEPT = 8
_DIGEST_LENGTH = 64
# Files take their places in much less.
_LOCK_WAIT_SECONDS = 5.0


def ignore_remark(remark: str) -> None:
    """Take a remark that nobody is there to read."""


def save_files(
    folder: Path, files: Mapping[str, bytes], force: bool = False, tell: Callable[[str], None] = ignore_remark
) -> tuple[Path, ...]:
    """Write `files` (name to content) into `folder`, which is made if missing; return their paths.

    Raise InputError, with nothing written, where the folder cannot be used, another run writes into it, or a file is
    not ours. `tell` hears what the user should know besides.
    """
    _prepare_folder(folder)
    with _hold_folder(folder):
        record = read_digests(folder, tell)
        problems = [
            problem for name, data in files.items() if (problem := _find_foreign(folder / name, data, record, force))
        ]
        if problems:
            raise InputError(problems)
        # Remembered before they appear: if we are stopped in between, our own files are still known as ours.
        for name, data in files.items():
            digest = sha256_of(data)
            earlier = [known for known in record.get(name, []) if known != digest]
            record[name] = [*earlier, digest][-_DIGESTS_KEPT:]
        waiting: dict[Path, Path] = {}
        try:
            with report_unwritable(folder):
                for name, data in files.items():
                    waiting[folder / name] = _write_temporary(folder / name, data)
                _replace_file(folder / DIGESTS_FILE, to_json_file(dict(sorted(record.items()))))
                sync_folder(folder)
                replace_together(waiting)
            confirm_stored(folder)
        finally:
            for temporary in waiting.values():
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
    return tuple(folder / name for name in files)


class TargetHeld(InputError):
    """A file cannot be replaced, as when another program has it open; all others are as they were."""


class PartlyWritten(InputError):
    """Some files are new and some are not; the problem says which."""


def confirm_stored(folder: Path) -> None:
    """Let new files outlive a power cut; where the disk does not promise that, say so: they are there all the same."""
    try:
        sync_folder(folder)
    except OSError as error:
        message = f"all files were written, but the disk may lose them in a power cut: {error.strerror}"
        hint = "look after the disk, and run the same command again"
        raise PartlyWritten(Problem(message, hint, place=Place(str(folder)), code="folder-unwritable")) from None


def _holds(path: Path, data: bytes) -> bool:
    """Return whether the file `path` holds `data`."""
    try:
        return read_regular_file(path, len(data), follow=False) == data
    except OSError:
        return False


# What systems say of a file that another program has open, or that nobody may replace.
_HELD = (errno.EACCES, errno.EPERM, errno.EBUSY, errno.ETXTBSY)


def replace_together(parts: Mapping[Path, Path]) -> None:
    """Let each file of `parts` (target to what was written aside) take its place: all of them, or none.

    Raise TargetHeld or OSError where one cannot, and all are as they were; PartlyWritten where even that failed.
    """
    kept: dict[Path, Path | None] = {}
    replaced: list[Path] = []
    target = next(iter(parts), Path())
    try:
        try:
            for target, part in parts.items():
                kept[target] = _keep_old(target, part)
                os.replace(part, target)
                replaced.append(target)
        except BaseException as error:
            _put_back(replaced, kept, error)
            _explain_held(target, error)
            raise
    finally:
        for old in kept.values():
            if old:
                with suppress(OSError):
                    old.unlink(missing_ok=True)


def _explain_held(target: Path, error: BaseException) -> None:
    """Raise TargetHeld where `error` says that something was ready for `target`, and could not take its place."""
    if isinstance(error, OSError) and error.errno in _HELD:
        hint = "close it in the other program, and run the same command again"
        message = f"the file cannot be replaced: {error.strerror}"
        raise TargetHeld(Problem(message, hint, place=Place(str(target)), code="busy")) from None


def _keep_old(target: Path, part: Path) -> Path | None:
    """Let what stands at `target` keep a second name until all is done; return it, None where nothing is there."""
    if not os.path.lexists(target):
        return None
    old = part.with_name(f"{part.name}-old")
    old.unlink(missing_ok=True)
    try:
        os.link(target, old, follow_symlinks=False)
    except (OSError, NotImplementedError):  # a disk without second names
        shutil.copyfile(target, old)
    return old


def _put_back(replaced: Sequence[Path], kept: dict[Path, Path | None], error: BaseException) -> None:
    """Put the old files back in their places; raise PartlyWritten where that fails."""
    stuck: list[Problem] = []
    for target in reversed(replaced):
        old = kept[target]
        try:
            if old is None:
                target.unlink()
            else:
                os.replace(old, target)
        except OSError as again:
            message = f"this file is new, though others are not: {again.strerror}"
            hint = "the old one is gone" if old is None else f'the old one is kept as "{old.name}" beside it'
            kept[target] = None
            stuck.append(Problem(message, hint, place=Place(str(target)), code="folder-unwritable"))
    if stuck:
        reason = getattr(error, "strerror", None) or type(error).__name__
        first = Problem(f"not all files could be written: {reason}", code="folder-unwritable")
        raise PartlyWritten([first, *stuck]) from None


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` as the file `path`, whole or not at all, down to the disk; raise InputError where it cannot be."""
    with report_unwritable(path.parent):
        _replace_file(path, data)
    confirm_stored(path.parent)


def replace_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write `files` (name to content) into `folder`, all or none of them; raise InputError where they cannot be."""
    waiting: dict[Path, Path] = {}
    try:
        with report_unwritable(folder):
            _remove_left_over(folder)
            for name, data in files.items():
                waiting[folder / name] = _write_temporary(folder / name, data)
            sync_folder(folder)
            replace_together(waiting)
    finally:
        for temporary in waiting.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    confirm_stored(folder)


def _replace_file(path: Path, data: bytes) -> None:
    """Write `data` as the file `path`, whole or not at all; raise OSError, TargetHeld."""
    _remove_left_over(path.parent)
    temporary = _write_temporary(path, data)
    try:
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        _explain_held(path, error)
        raise


def add_files(files: Mapping[Path, bytes], changed: Mapping[Path, bytes]) -> None:
    """Write new `files` together with those that are `changed` by them, all or none; raise InputError.

    A file that is there already is not overwritten by a new one, unless it is the same.
    """
    all_files = {**changed, **files}
    waiting: dict[Path, Path] = {}
    folder = next(iter(all_files)).parent
    try:
        with report_unwritable(folder):
            for path, data in all_files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                _remove_left_over(path.parent)
                if path in files and os.path.lexists(path) and not _holds(path, data):
                    message = "the file is there already; it is not overwritten"
                    raise InputError(Problem(message, place=Place(str(path)), code="not-ours"))
                waiting[path] = _write_temporary(path, data)
            replace_together(waiting)
        for parent in {path.parent for path in all_files}:
            confirm_stored(parent)
    finally:
        for temporary in waiting.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Let new names in a folder outlive a power cut."""
    if os.name != "nt":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno != errno.EINVAL:  # a disk of the network that knows no such thing
                raise
        finally:
            os.close(handle)


def read_digests(folder: Path, tell: Callable[[str], None] = ignore_remark) -> dict[str, list[str]]:
    """Return the SHA-256s (hex) of what was written into `folder`, by the name of the file, the last one last."""
    path = folder / DIGESTS_FILE
    try:
        found = json.loads(read_regular_file(path, _MAX_DIGESTS_BYTES, follow=False))
        if not isinstance(found, dict):
            raise ValueError
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        tell(f"{path}: this list of what agreementgen wrote cannot be read; it is made anew")
        return {}
    sound = {name: known for name, known in found.items() if _are_digests(known)}
    if len(sound) < len(found):
        tell(
            f"{path}: parts of this list of what agreementgen wrote are of another version or damaged; it is made anew"
        )
    return sound


def _are_digests(known: object) -> bool:
    return isinstance(known, list) and all(isinstance(one, str) and len(one) == _DIGEST_LENGTH for one in known)


@contextmanager
def _hold_folder(folder: Path) -> Iterator[None]:
    """Keep other runs out of `folder` while files take their places in it."""

    def explain_busy() -> Problem:
        hint = "wait until it has ended, or choose another folder with -o"
        return Problem("another run is writing into this folder", hint, place=Place(str(folder)), code="busy")

    own = folder / LOCK_FILE
    locks = [own, *(path for path in [folder / STATE_FOLDER / "lock"] if path.parent.is_dir())]
    held: list[BaseFileLock] = []
    try:
        for path in locks:
            with report_unwritable(folder):
                refuse_link(path)
                held.append(acquire_lock(path, explain_busy, _LOCK_WAIT_SECONDS if path == own else 0))
        yield
    finally:
        for lock in reversed(held):
            if lock.lock_file == str(own):
                with suppress(OSError):
                    own.unlink(missing_ok=True)
            lock.release()


def refuse_link(path: Path) -> None:
    """Raise OSError where `path` is there and is no regular file: something written there would stand elsewhere."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        raise FileRefused("this is a link, a folder or a device where a file of agreementgen belongs", path)


def _prepare_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable_error(folder, error) from None
    _remove_left_over(folder, os.getpid())


def _remove_left_over(folder: Path, own: int = 0) -> None:
    """Remove what a run that was killed had half written in `folder`, or kept of what it would have replaced.

    Its process is gone, or had the number `own`, which is this one's now.
    """
    for left in folder.glob(".*.part-*"):
        pid = left.name.removesuffix("-old").rsplit("-", 1)[-1]
        if pid.isascii() and pid.isdecimal() and (int(pid) == own or not is_process_running(int(pid))):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def is_process_running(pid: int) -> bool:
    """Return whether a process of this number is running (on Windows always True)."""
    if os.name == "nt":
        return True  # signal 0 is another thing there; what is left over stays
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _write_temporary(target: Path, data: bytes) -> Path:
    """Write `data` to a temporary file in the target's folder, down to the disk; return its path."""
    temporary = target.with_name(f".{target.name}.part-{os.getpid()}")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _find_foreign(path: Path, data: bytes, record: Mapping[str, list[str]], force: bool) -> Problem | None:
    """Return a problem where something at `path` is there that we did not write as it is now."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    place = Place(str(path))
    if stat.S_ISDIR(mode):
        hint = "choose another folder with -o"
        return Problem("a folder of this name is there", hint, "", place, code="not-ours")
    if force:
        return None
    hint = "move it away, choose another folder with -o, or overwrite it with --force"
    if not stat.S_ISREG(mode):
        return Problem("a link, pipe or device of this name is there", hint, "", place, code="not-ours")
    try:
        there = sha256_of(path.read_bytes())
    except OSError as error:
        message, hint = f"the file cannot be read: {error.strerror}", "move it away, or overwrite it with --force"
        return Problem(message, hint, "", place, code="file-unreadable")
    if there == sha256_of(data) or there in record.get(path.name, []):
        return None
    message = "the file is there already, and agreementgen did not write it as it is now"
    return Problem(message, hint, "", place, code="not-ours")


def sha256_of(data: bytes) -> str:
    """Return a SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def acquire_lock(path: Path, explain_busy: Callable[[], Problem], wait: float = 0) -> BaseFileLock:
    """Return the lock file `path`, held until it is released or this process ends, however it ends.

    Raise InputError with what `explain_busy` returns where another process holds it, OSError where it cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=wait)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(explain_busy()) from None
    return lock


class FolderUnwritable(InputError):
    """The folder cannot be written: no further deal can be, either."""


def _unwritable_error(folder: Path, error: OSError, then: str = "") -> FolderUnwritable:
    reason, hint = str(error.strerror or error), f"make room on the disk, or choose another place{then}"
    place = Place(str(error.filename or folder))
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        in_the_way = next((path for path in (folder, *folder.parents) if path.is_file()), None)
        if in_the_way is not None:
            reason, hint = "this is a file, not a folder", "name a folder; it is made if it is not there"
            place = Place(str(in_the_way))
    return FolderUnwritable(Problem(f"cannot write here: {reason}", hint, "", place, code="folder-unwritable"))


@contextmanager
def report_unwritable(folder: Path) -> Iterator[None]:
    """Turn what the system says about files into a problem of `folder`."""
    try:
        yield
    except OSError as error:
        raise _unwritable_error(folder, error, "; then run the same command again") from None

"""Writes files: all or none, never half a file, never over something that is not ours.

What we wrote is remembered in `.agreementgen.json` beside the documents (name and SHA-256): a document that somebody
has changed since is theirs, and is not overwritten without --force. A disk that is full, gone or not ours is a problem
of the folder.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agreementgen.core.escaping import to_json_file
from agreementgen.core.problems import InputError, Place, Problem

if TYPE_CHECKING:
    from filelock import BaseFileLock as BaseFileLock

DIGESTS_FILE = ".agreementgen.json"


def save_files(folder: Path, files: Mapping[str, bytes], force: bool = False) -> tuple[Path, ...]:
    """Write `files` (name to content) into `folder`, which is made if missing; return their paths.

    Raise InputError, with nothing written, where the folder cannot be used or a file is not ours.
    """
    _prepare_folder(folder)
    record = read_digests(folder)
    problems = [
        Problem(
            "the file is there already, and agreementgen did not write it as it is now",
            "move it away, choose another folder with -o, or overwrite it with --force",
            "",
            Place(str(folder / name)),
            code="not-ours",
        )
        for name, data in files.items()
        if not force and _is_foreign(folder / name, data, record)
    ]
    hint = "choose another folder with -o"
    problems += [
        Problem("a folder of this name is there", hint, "", Place(str(folder / name)), code="not-ours")
        for name in files
        if (folder / name).is_dir()
    ]
    if problems:
        raise InputError(problems)
    waiting: dict[Path, Path] = {}
    try:
        for name, data in files.items():
            waiting[folder / name] = _write_temporary(folder / name, data)
        # Remembered before they appear: if we are stopped in between, our own files are still known as ours.
        for name, data in files.items():
            known = [*record.get(name, []), sha256_of(data)]
            record[name] = list(dict.fromkeys(known))[-8:]
        waiting = {folder / DIGESTS_FILE: _write_temporary(folder / DIGESTS_FILE, _digests_to_json(record)), **waiting}
        for target, temporary in waiting.items():
            os.replace(temporary, target)
    except BaseException as error:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable_error(folder, error) from None
        raise
    return tuple(folder / name for name in files)


def replace_file(path: Path, data: bytes) -> None:
    """Write `data` as the file `path`, whole or not at all, down to the disk; raise InputError where it cannot be."""
    try:
        os.replace(_write_temporary(path, data), path)
        if os.name != "nt":
            # The new name must outlive a power cut, too.
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise _unwritable_error(path.parent, error) from None


def read_digests(folder: Path) -> dict[str, list[str]]:
    """Return the SHA-256s (hex) of what was written into `folder`, by the name of the file."""
    try:
        found = json.loads((folder / DIGESTS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: digests for name, digests in found.items() if isinstance(digests, list)}


def _prepare_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable_error(folder, error) from None
    for left in folder.glob(".*.part-*"):
        # A file half written by a run that was killed; its process is gone.
        pid = left.name.rsplit("-", 1)[-1]
        if pid.isdigit() and not is_process_running(int(pid)):
            left.unlink(missing_ok=True)


def is_process_running(pid: int) -> bool:
    """Return whether a process of this number is running (on Windows always True)."""
    if os.name == "nt":
        return True  # signal 0 is another thing there; what is left over stays
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
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


def _is_foreign(path: Path, data: bytes, record: Mapping[str, list[str]]) -> bool:
    if not path.is_file():
        return False
    there = sha256_of(path.read_bytes())
    return there != sha256_of(data) and there not in record.get(path.name, [])


def _digests_to_json(record: Mapping[str, list[str]]) -> bytes:
    return to_json_file(dict(sorted(record.items())))


def sha256_of(data: bytes) -> str:
    """Return a SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def acquire_lock(path: Path, explain_busy: Callable[[], Problem]) -> BaseFileLock:
    """Return the lock file `path`, held until it is released or this process ends, however it ends.

    Raise InputError with what `explain_busy` returns where another process holds it, OSError where it cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(explain_busy()) from None
    return lock


class FolderUnwritable(InputError):
    """The folder cannot be written: no further deal can be, either."""


def _unwritable_error(folder: Path, error: OSError, then: str = "") -> FolderUnwritable:
    hint = f"choose another folder with -o, or make room on the disk{then}"
    place = Place(str(error.filename or folder))
    return FolderUnwritable(
        Problem(f"cannot write here: {error.strerror or error}", hint, "", place, code="folder-unwritable")
    )


@contextmanager
def report_unwritable(folder: Path) -> Iterator[None]:
    """Turn what the system says about files into a problem of `folder`."""
    try:
        yield
    except OSError as error:
        raise _unwritable_error(folder, error, "; then run the same command again") from None

"""What was made of the files that come with the program and its libraries, kept beside Python's compiled modules.

Reading and validating the built-in library takes a second and a half, and its files change only when somebody edits
them. Python keeps what it compiles of the program in `__pycache__` and trusts it as much as the program; what is kept
here is pickled into the same folder and trusted in the same way. Nothing that a user or a pack names is kept: of packs
only digests of what passed their check.

It is used only where the files (by digest), the modules of the program and of Jinja (by size and time, as Python does)
and Python are those it was made with. Where the folder cannot be written, nothing is kept, and all is read each time.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import pickle
import sys
import zlib
from collections.abc import Callable
from functools import cache
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

T = TypeVar("T")


def keep(name: str, digest: str, make: Callable[[], T]) -> T:
    """Return what `make` returns for files of `digest`, made only if it is not kept under `name`.

    Raise what `make` raises; then nothing is kept.
    """
    path, key = _find_file(name, digest)
    found, kept = _read(path, key)
    if found:
        return cast(T, kept)
    made = make()
    remember(name, digest, made)
    return made


def recall(name: str, digest: str) -> Any:
    """Return what is kept under `name` for files of `digest`, None where nothing is."""
    return _read(*_find_file(name, digest))[1]


def remember(name: str, digest: str, made: object) -> None:
    """Keep `made` under `name` for files of `digest`, in the place of what was kept there.

    Who tells Python to keep nothing gets no folder for it; in one that is there (pip and `script/setup` compile into
    it all the same) a file more does not matter.
    """
    if not sys.dont_write_bytecode or _folder().is_dir():
        _write(*_find_file(name, digest), made)


def stamp_of_package(package: str, files: str) -> str:
    """Return what tells `files` (a pattern) of an installed package from those of another version, without loading it.

    To load it is what takes long.
    """
    spec = find_spec(package)
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    found = sorted(folder.glob(files))
    return " ".join(f"{file.name}:{file.stat().st_size}:{file.stat().st_mtime_ns}" for file in found)


def _find_file(name: str, digest: str) -> tuple[Path, bytes]:
    """Return the file that something is kept in, and how it begins while it holds."""
    path = _folder() / f"{name}.{sys.implementation.cache_tag}.pickle"
    return path, f"{digest} {_stamp_of_program()}\n".encode()


def _folder() -> Path:
    """Return the folder where Python keeps what it compiled of this module."""
    return Path(cache_from_source(__file__)).parent


@cache
def _stamp_of_program() -> str:
    """Return a digest of what could make something else of the same files: modules, Python, and Jinja, whose trees
    and code are in what is kept.
    """
    lines = [sys.version, stamp_of_package("jinja2", "*.py")]
    package = Path(__file__).resolve().parent.parent
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in sorted(files):
            if name.endswith(".py"):
                about = os.stat(os.path.join(folder, name))
                lines.append(f"{os.path.join(folder, name)} {about.st_size} {about.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _read(path: Path, key: bytes) -> tuple[bool, object]:
    """Return whether something whole is kept for `key`, and it."""
    try:
        data = path.read_bytes()
    except OSError:
        return False, None
    if not data.startswith(key):
        return False, None
    start = len(key) + 4
    payload = memoryview(data)[start:]
    if int.from_bytes(data[len(key) : start], "big") != zlib.crc32(payload):
        return False, None
    # Thousands of new objects and none to collect: the collector would look at them again and again.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return True, pickle.loads(payload)
    except Exception:  # a class may have moved; whatever it is, the files are there to be read
        return False, None
    finally:
        if was_collecting:
            gc.enable()


def _write(path: Path, key: bytes, made: object) -> None:
    """Keep `made`, whole or not at all; where it cannot be written, it is not kept."""
    payload = pickle.dumps(made, pickle.HIGHEST_PROTOCOL)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        temporary.write_bytes(key + zlib.crc32(payload).to_bytes(4, "big") + payload)
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()

r"""The one opener of files: whatever is named by a stranger, on a command line or beside something of ours.

Only regular files are opened: a pipe would wait for somebody to write into it, a device may do anything. The size is
looked at first, and never more is read than the caller takes. Names that a deal file gives mean the same on every
system: none leads to another user's home ("~user"), to another machine ("\\host\share"), or to a device of Windows.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

# What Windows takes for a device, whatever the ending: opening "aux.csv" there waits for a serial line.
_DEVICE_NAME = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)
_OTHER_MACHINE = re.compile(r"[\\/]{2}")
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_PIECE = 1 << 20


class FileRefused(OSError):
    """What is there is not opened; its text says why, in the words of the other errors of files."""

    def __init__(self, reason: str, path: Path) -> None:
        super().__init__(None, reason, str(path))


def read_regular_file(path: Path, most: int, within: Path | None = None, follow: bool = True) -> bytes:
    """Return what the file `path` holds, and one byte more than `most` where it holds more; never wait.

    Where `within` is a folder, no link leads out of it; without `follow` a link is not opened at all. Raise OSError.
    """
    flags = _FLAGS if follow else _FLAGS | getattr(os, "O_NOFOLLOW", 0)
    try:
        before = os.stat(path) if follow else os.lstat(path)
        _require_regular(before, path)
        if within is not None and leads_out(path, within):
            raise FileRefused("it is a link that leads to another folder", path)
        handle = os.open(path, flags)
    except ValueError:  # a NUL in the name
        raise FileRefused("no file can have such a name", path) from None
    try:
        # It may have been replaced meanwhile.
        _require_regular(os.fstat(handle), path)
        pieces, left = [], most + 1
        while left and (piece := os.read(handle, min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)
    finally:
        os.close(handle)


def _require_regular(found: os.stat_result, path: Path) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise FileRefused("it is a folder", path)
    if stat.S_ISLNK(found.st_mode):
        raise FileRefused("it is a link", path)
    if not stat.S_ISREG(found.st_mode):
        raise FileRefused("it is a pipe, socket or device, not a file", path)


def leads_out(path: Path, folder: Path) -> bool:
    """Return whether `path`, with all links followed, is outside `folder`."""
    try:
        return not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links in a circle
        return True


def is_folder(path: Path) -> bool:
    """Return whether there is a folder; a name that no disk takes is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def is_same_file(one: Path, other: Path) -> bool:
    """Return whether two paths are names of one file; one that is not there is none."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def explain_refused_name(name: str) -> str:
    """Return why a path that a deal file or a setting names is not looked for; "" where it may be."""
    if name.startswith("~") and name.replace("\\", "/").split("/")[0] != "~":
        return "it names the home folder of another user"
    if _OTHER_MACHINE.match(name):
        return "it names another machine"
    if any(_DEVICE_NAME.fullmatch(part.strip(" .")) for part in re.split(r"[\\/:]", name)):
        return "Windows takes such a name for a device"
    return ""


def expand_home(name: str) -> Path:
    """Return the path that `name` means: "~/x" is below the user's home, where there is one."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        return Path(name)

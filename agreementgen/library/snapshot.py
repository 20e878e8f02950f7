"""A folder read once: the regular files of a library or pack, within limits, and nothing outside it.

No link is followed, whoever puts it there and when: each folder is opened from within the one above it, each file is
looked at again after it is opened. Pipes, sockets and devices are never opened, so none can make us wait.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agreementgen.core.characters import find_forbidden_character
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.core.saving import sha256_of
from agreementgen.yamlfile.nodes import decode_utf8

ALLOWED_ENDINGS = (".yaml", ".md", ".html", ".css", ".docx", ".ttf", ".otf", ".txt", ".png", ".svg", ".jpg")
MAX_FILE_BYTES = 5_000_000
MAX_FOLDER_BYTES = 40_000_000
# Texts are read word by word. All those of the library have 350,000 bytes, the longest 11,000.
TEXT_ENDINGS = (".yaml", ".md")
MAX_TEXT_BYTES = 200_000
MAX_TEXTS_BYTES = 3_000_000
MAX_FILES = 2_000
MAX_DEPTH = 8
# What is left aside in a folder (a .git, say) counts here, so that no folder takes long to look through.
_MAX_NAMES = 20_000
_MAX_PROBLEMS = 100
# What systems and Word leave lying about in folders, besides names that begin with a dot.
_IGNORED_NAMES = ("__pycache__", "thumbs.db", "desktop.ini")
_UNUSABLE_SIGNS = frozenset('\\:*?"<>|')

_HERE = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
# Without waiting: a pipe that took the place of a file would never answer.
_FILE_FLAGS = _READ_FLAGS | getattr(os, "O_NONBLOCK", 0)
_FOLDER_FLAGS = _READ_FLAGS | getattr(os, "O_DIRECTORY", 0)


@dataclass(frozen=True)
class SourceFile:
    """One file: `name` as it is told to people, `data` as it was read."""

    name: str
    data: bytes

    @property
    def text(self) -> str:
        return decode_utf8(self.data, self.name)

    @property
    def digest(self) -> str:
        """The SHA-256 of what it holds, in hex."""
        return sha256_of(self.data)


def digest_of(files: Mapping[str, SourceFile]) -> str:
    """Return a SHA-256 (hex) over the names and contents of `files`, whatever their order and their folder."""
    lines = sorted(f"{name}\0{file.digest}\n" for name, file in files.items())
    return sha256_of("".join(lines).encode())


def home_folder() -> Path:
    """Return the folder that holds `clauses/` and `templates/`: the package's (wheel) or the clone's."""
    package = Path(__file__).resolve().parent.parent
    return package if (package / "clauses").is_dir() else package.parent


def read_folder(folder: Path) -> Mapping[str, SourceFile]:
    """Return the files below `folder` by their path with forward slashes, in Unicode's composed form (NFC).

    Raise PackError, with every problem, for links, what is no regular file, names and endings that are not allowed,
    and more bytes, files or levels than the limits above.
    """
    reading = _FolderReader(folder)
    reading.read()
    if reading.problems:
        raise PackError(reading.problems)
    return reading.files


class _TooMuch(Exception):
    """There is more in the folder than will be looked at; the problem is noted."""


@dataclass
class _FolderReader:
    folder: Path
    files: dict[str, SourceFile] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    total_bytes: int = 0
    text_bytes: int = 0
    name_count: int = 0
    file_count: int = 0
    names_by_folded: dict[str, str] = field(default_factory=dict)

    def read(self) -> None:
        # The folder itself is what the user named: it may be a link.
        self.title = Path(os.path.abspath(self.folder)).name
        try:
            handle: int | str = str(self.folder)
            if _HERE:
                handle = os.open(self.folder, _FOLDER_FLAGS & ~getattr(os, "O_NOFOLLOW", 0))
            elif not self.folder.is_dir():
                raise NotADirectoryError
        except (FileNotFoundError, NotADirectoryError):
            self.add_problem("", "the folder is not there", code="file-missing")
            return
        except OSError as error:
            self.refuse_unreadable("", f"the folder cannot be read: {error.strerror}")
            return
        try:
            self.read_entries(handle, "", 1)
        except _TooMuch:
            pass
        finally:
            if isinstance(handle, int):
                os.close(handle)
        self.files = {name: self.files[name] for name in sorted(self.files)}

    def add_problem(self, name: str, message: str, hint: str = "", *, code: str) -> None:
        """Note a problem of the file or folder `name` ("" for the whole folder); raise _TooMuch after many."""
        path = os.path.join(self.folder, name) if name else str(self.folder)
        self.problems.append(Problem(message, hint, place=Place(_printable_path(path)), code=code))
        if len(self.problems) >= _MAX_PROBLEMS:
            raise _TooMuch

    def give_up(self, message: str) -> None:
        self.add_problem("", message, "is this the right folder?", code="file-too-large")
        raise _TooMuch

    def refuse_unreadable(self, name: str, message: str) -> None:
        self.add_problem(name, message, "look whether you may read it", code="file-unreadable")

    def refuse_device(self, name: str) -> None:
        message = "this is no file, but a pipe, socket or device"
        self.add_problem(name, message, "delete it", code="file-not-allowed")

    def refuse_link(self, name: str) -> None:
        hint = "put the file or folder itself here"
        self.add_problem(name, "links are not followed", hint, code="file-not-allowed")

    def read_entries(self, folder: int | str, above: str, depth: int) -> None:
        """Read what is in `folder`, which is open as a number (or, on Windows, named by its path)."""
        for entry in self.list_entries(folder, above):
            name = above + unicodedata.normalize("NFC", entry.name)
            if not self.is_usable(name, entry.name):
                continue
            try:
                mode = entry.stat(follow_symlinks=False).st_mode
                if stat.S_ISDIR(mode) and not _is_junction(entry):
                    if depth >= MAX_DEPTH:
                        message = f"folders stand more than {MAX_DEPTH} deep in each other"
                        self.add_problem(name, message, "keep them flat", code="file-too-large")
                        continue
                    with _open_inside(folder, entry.name, _FOLDER_FLAGS) as inner:
                        self.read_entries(inner, name + "/", depth + 1)
                elif stat.S_ISREG(mode):
                    self.read_file(folder, entry.name, name)
                elif stat.S_ISLNK(mode) or stat.S_ISDIR(mode):
                    self.refuse_link(name)
                else:
                    self.refuse_device(name)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENOTDIR):
                    self.refuse_link(name)
                else:
                    self.refuse_unreadable(name, f"it cannot be read: {error.strerror or error}")

    def list_entries(self, folder: int | str, above: str) -> list[os.DirEntry[str]]:
        found = []
        try:
            with os.scandir(folder) as listing:
                for entry in listing:
                    self.name_count += 1
                    if self.name_count > _MAX_NAMES:
                        self.give_up(f"the folder holds more than {_MAX_NAMES:,} names")
                    if not entry.name.startswith((".", "~$")) and entry.name.lower() not in _IGNORED_NAMES:
                        found.append(entry)
        except OSError as error:
            self.refuse_unreadable(above, f"the folder cannot be read: {error.strerror}")
        return sorted(found, key=lambda entry: entry.name)

    def is_usable(self, name: str, own: str) -> bool:
        """Return whether a name means the same on every system; note why not."""
        bad = find_forbidden_character(own)
        if bad or any(char in _UNUSABLE_SIGNS or char in "\n\t" for char in own) or own.endswith((" ", ".")):
            sign = next((char for char in own if char in _UNUSABLE_SIGNS), "")
            what = bad[1] if bad else f'"{sign}"' if sign else "a space or full stop last"
            if any(char in "\n\t" for char in own):
                what = "a line break or tab"
            message = f"this name cannot be used on every system: it has {what}"
            self.add_problem(name, message, "rename it", code="file-not-allowed")
            return False
        folded = unicodedata.normalize("NFC", name.casefold())
        if folded in self.names_by_folded:
            message = f'on many systems this is the same name as "{self.names_by_folded[folded]}"'
            self.add_problem(name, message, "rename one of them", code="duplicate")
            return False
        self.names_by_folded[folded] = name
        return True

    def read_file(self, folder: int | str, own: str, name: str) -> None:
        self.file_count += 1
        if self.file_count > MAX_FILES:
            self.give_up(f"the folder holds more than {MAX_FILES:,} files")
        if not own.lower().endswith(ALLOWED_ENDINGS):
            hint = f"kinds that are: {', '.join(ALLOWED_ENDINGS)}"
            self.add_problem(name, "this kind of file is not read", hint, code="file-not-allowed")
            return
        is_text = own.lower().endswith(TEXT_ENDINGS)
        most = MAX_TEXT_BYTES if is_text else MAX_FILE_BYTES
        with _open_inside(folder, own, _FILE_FLAGS) as handle:
            data = b""
            if not isinstance(handle, int):
                raise AssertionError("a file is open as a number")
            now = os.fstat(handle)
            if not stat.S_ISREG(now.st_mode):
                self.refuse_device(name)
                return
            if now.st_size <= most:
                data = _read_up_to(handle, most)
        if now.st_size > most or len(data) > most:
            self.add_problem(name, f"the file is larger than {most:,} bytes", code="file-too-large")
            return
        self.total_bytes += len(data)
        self.text_bytes += len(data) if is_text else 0
        if self.text_bytes > MAX_TEXTS_BYTES:
            self.give_up(f"the texts ({' and '.join(TEXT_ENDINGS)}) hold more than {MAX_TEXTS_BYTES:,} bytes together")
        if self.total_bytes > MAX_FOLDER_BYTES:
            self.give_up(f"the files hold more than {MAX_FOLDER_BYTES:,} bytes together")
        self.files[name] = SourceFile(f"{self.title}/{name}", data)


def _read_up_to(handle: int, most: int) -> bytes:
    """Return what a file holds, and a byte more than is allowed where it holds more."""
    pieces = []
    left = most + 1
    while left and (piece := os.read(handle, min(left, 1 << 20))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


@contextmanager
def _open_inside(folder: int | str, name: str, flags: int) -> Iterator[int | str]:
    """Open what `folder` holds under `name`, and not what a link of this name leads to; raise OSError."""
    if isinstance(folder, int):
        handle = os.open(name, flags, dir_fd=folder)
    else:
        path = os.path.join(folder, name)
        before = os.lstat(path)
        if stat.S_ISDIR(before.st_mode):
            yield path
            return
        handle = os.open(path, flags)
        after = os.fstat(handle)
        if (before.st_dev, before.st_ino) != (after.st_dev, after.st_ino):
            os.close(handle)
            raise OSError(errno.ELOOP, "it was replaced by a link meanwhile")
    try:
        yield handle
    finally:
        os.close(handle)


def _is_junction(entry: os.DirEntry[str]) -> bool:
    """Return whether a folder of Windows is a link of another kind."""
    return bool(getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0))


def _printable_path(path: str) -> str:
    """Return `path` in one line, whatever is in its names."""
    bad = find_forbidden_character(path)
    if bad is None and "\n" not in path and "\t" not in path:
        return path
    return "".join(
        char if char.isprintable() and not find_forbidden_character(char) else _escape(char) for char in path
    )


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode()

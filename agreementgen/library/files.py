"""The files of a library or pack: a folder read once, within limits, and the YAML declarations in it.

No link is followed, whoever puts it there and when: each folder is opened from within the one above it, each file is
looked at again after it is opened. Pipes, sockets and devices are never opened, so none can make us wait.

Declarations are read field by field: typed, unknown keys refused, every problem with its place.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from agreementgen.core.problems import InputError, PackError, Place, Problem, find_forbidden_character, suggest_nearest
from agreementgen.core.saving import sha256_of
from agreementgen.deal.questions import Limits
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, decode_utf8, read_yaml

ALLOWED_ENDINGS = (".yaml", ".md", ".html", ".css", ".docx", ".ttf", ".otf", ".txt", ".png", ".svg", ".jpg", ".po")
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


# -- declarations

T = TypeVar("T")
_GROUP = 'a group of "name: value" lines'


@dataclass(frozen=True)
class PlacedText:
    """A text of a declaration (wording in the clause language, a condition, a name), and where it stands."""

    text: str
    place: Place

    def locate(self, file_text: str, line: int, column: int) -> Place:
        """Return where a line and column of the text stand in its file, which holds `file_text`.

        The letters of a YAML value stand in its file in the same order, with only spaces, line breaks, quotes and
        backslashes between them. Where that does not hold (an escape such as \\u00e9), the text's place is returned.
        """
        if not self.place.line:
            return self.place  # the text of a Word file
        lines = self.text.split("\n")
        before = "".join([*lines[: line - 1], lines[line - 1][: column - 1]]) if line <= len(lines) else self.text
        letters = "".join(self.text.split())[: len("".join(before.split())) + 1]
        raw = file_text.replace("\r\n", "\n")
        index = sum(len(one) + 1 for one in raw.split("\n")[: self.place.line - 1]) + self.place.column - 1
        for letter in letters:
            while index < len(raw) and raw[index] != letter:
                index += 1
            index += 1
        if not letters or index > len(raw):
            return self.place
        index -= 1
        return Place(self.place.file, raw.count("\n", 0, index) + 1, index - raw.rfind("\n", 0, index))


def read_declarations(
    source: SourceFile, read: Callable[[Fields], T], problems: list[Problem], field: str = ""
) -> T | None:
    """Return what `read` makes of the fields of a YAML file.

    What is wrong is added to `problems`; None where the file cannot be read at all.
    """
    try:
        root = read_yaml(source.text, source.name).root
    except InputError as error:
        problems += error.problems
        return None
    return Fields(root, problems, field).read_by(read)


class Fields:
    """The fields of one group; `problems` grows, and `field` is what they name besides the place."""

    def __init__(self, node: MappingNode, problems: list[Problem], field: str = "") -> None:
        self.node = node
        self.problems = problems
        self.field = field
        self._known_keys: set[str] = set()

    def read_by(self, read: Callable[[Fields], T]) -> T:
        """Return what `read` makes of these fields; refuse every key that it did not ask for."""
        result = read(self)
        for name, _ in self.node:
            if name.text not in self._known_keys:
                hint = suggest_nearest(name.text, self._known_keys)
                self.add_problem(f'"{name.text}" is not a field here', hint, name.place, code="unknown-name")
        return result

    def add_problem(self, message: str, hint: str = "", place: Place | None = None, *, code: str) -> None:
        self.problems.append(Problem(message, hint, self.field, place or self.node.place, code=code))

    def inside(self, node: MappingNode, field: str | None = None) -> Fields:
        """Return the fields of a group in this one."""
        return Fields(node, self.problems, self.field if field is None else field)

    def find_node(self, key: str) -> Node | None:
        self._known_keys.add(key)
        return self.node.get(key)

    def place_of(self, key: str) -> Place:
        """Return where the value of `key` stands; where it is missing, the place of the whole group."""
        node = self.find_node(key)
        return node.place if node else self.node.place

    # -- one value

    def read_text(self, key: str, default: str | None = None) -> str:
        """Return the text of `key`; without a `default` it must be there."""
        node = self.find_node(key)
        if node is None:
            if default is None:
                self.add_problem(f'"{key}" is missing', code="missing")
            return default or ""
        if not isinstance(node, ScalarNode):
            self.add_problem(f'"{key}" must be a text', place=node.place, code="wrong-shape")
            return ""
        return node.text.strip()

    def read_placed_text(self, key: str, default: str | None = None) -> PlacedText:
        return PlacedText(self.read_text(key, default), self.place_of(key))

    def read_choice(self, key: str, choices: Collection[str], default: str, kind: str) -> str:
        """Return the text of `key`, whether or not it is one of `choices`, each of which is `kind` ("a type")."""
        text = self.read_text(key, default)
        if text not in choices:
            hint = suggest_nearest(text, choices)
            self.add_problem(f'"{text}" is not {kind}', hint, self.place_of(key), code="not-a-choice")
        return text

    def read_integer(self, key: str, default: int = 0) -> int:
        text = self.read_text(key, str(default))
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            self.add_problem(f'"{key}" must be a whole number', place=self.place_of(key), code="unreadable")
            return default
        return int(text)

    def read_flag(self, key: str, default: bool) -> bool:
        text = self.read_text(key, "yes" if default else "no")
        if text not in ("yes", "no"):
            self.add_problem(f'"{key}" must be yes or no', place=self.place_of(key), code="unreadable")
        return text == "yes"

    def read_limits(self) -> Limits:
        """Return the limits of an answer, from the fields beside each other that declare them."""
        return Limits(
            self.read_integer("characters"),
            self.read_integer("words"),
            self.read_text("least", ""),
            self.read_text("most", ""),
        )

    # -- several values

    def read_placed_texts(self, key: str) -> tuple[PlacedText, ...]:
        node = self.find_node(key)
        items = node.items if isinstance(node, SequenceNode) else ()
        texts = tuple(PlacedText(item.text, item.place) for item in items if isinstance(item, ScalarNode))
        if node is not None and (not isinstance(node, SequenceNode) or len(texts) != len(items)):
            self.add_problem(f'"{key}" must be a list of texts', place=node.place, code="wrong-shape")
            return ()
        return texts

    def read_texts(self, key: str) -> tuple[str, ...]:
        return tuple(item.text for item in self.read_placed_texts(key))

    def read_text_groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return a list of lists of texts; a plain list of texts is one group."""
        node = self.find_node(key)
        if not isinstance(node, SequenceNode) or not any(isinstance(item, SequenceNode) for item in node.items):
            return (self.read_texts(key),)
        groups: list[tuple[str, ...]] = []
        for item in node.items:
            texts = item.items if isinstance(item, SequenceNode) else ()
            if not texts or not all(isinstance(text, ScalarNode) for text in texts):
                message = f'"{key}" must be a list of texts, or of lists of texts'
                self.add_problem(message, place=item.place, code="wrong-shape")
            groups.append(tuple(text.text for text in texts if isinstance(text, ScalarNode)))
        return tuple(groups)

    def read_words(self, key: str) -> dict[str, str] | None:
        """Return a map of words to what is printed; a list stands for words printed as they are."""
        node = self.find_node(key)
        match node:
            case None:
                return None
            case SequenceNode():
                return {item.text: item.text for item in node.items if isinstance(item, ScalarNode)}
            case MappingNode():
                return {name.text: value.text for name, value in node if isinstance(value, ScalarNode)}
        self.add_problem(f'"{key}" must list words', place=node.place, code="wrong-shape")
        return None

    def places_in(self, key: str) -> dict[str, Place]:
        """Return where the items of a list, those of lists in it, or the names of a group, stand."""
        match self.find_node(key):
            case SequenceNode(items=items):
                inner = (item.items if isinstance(item, SequenceNode) else (item,) for item in items)
                return {text.text: text.place for texts in inner for text in texts if isinstance(text, ScalarNode)}
            case MappingNode() as group:
                return {name.text: name.place for name, _ in group}
        return {}

    # -- groups

    def find_group(self, key: str) -> MappingNode | None:
        node = self.find_node(key)
        if node is None or isinstance(node, MappingNode):
            return node
        self.add_problem(f'"{key}" must be {_GROUP}', place=node.place, code="wrong-shape")
        return None

    def read_nodes(self, key: str) -> dict[str, Node]:
        """Return the values of a group as they were written, by name."""
        return {name.text: value for name, value in self.find_group(key) or ()}

    def read_group(self, key: str, read: Callable[[Fields], T], field: str | None = None) -> T | None:
        """Return what `read` makes of the group `key`, None where there is none."""
        node = self.find_group(key)
        return None if node is None else self.inside(node, field).read_by(read)

    def read_groups(self, key: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        """Return what `read` makes of each group of the list `key`."""
        node = self.find_node(key)
        items = node.items if isinstance(node, SequenceNode) else ()
        groups = [item for item in items if isinstance(item, MappingNode)]
        if node is not None and (not isinstance(node, SequenceNode) or len(groups) != len(items)):
            self.add_problem(f'"{key}" must be a list of groups', place=node.place, code="wrong-shape")
            return ()
        return tuple(self.inside(group).read_by(read) for group in groups)

    def each_named_group(self, key: str, kind: str = _GROUP) -> Iterator[tuple[ScalarNode, MappingNode]]:
        """Yield name and group of each entry of the group `key`; anything else there "must be" `kind`."""
        for name, node in self.find_group(key) or ():
            if isinstance(node, MappingNode):
                yield name, node
            else:
                self.add_problem(f'"{name.text}" must be {kind}', place=name.place, code="wrong-shape")

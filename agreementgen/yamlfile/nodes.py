"""YAML as people type it: every scalar stays text, with its line and column.

Why not `yaml.safe_load`: it makes NO a False, 02110 a 1096 and 12:30 a 750, keeps the last of two equal
keys without a word, and forgets where anything stood. Its composer also crashes on deep nesting, its
event stream does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from agreementgen.core.characters import find_forbidden_character, quote_text
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.yamlfile.mistakes import (
    QUOTE_IT,
    Mark,
    Mistake,
    ScalarEvent,
    explain_syntax_error,
    find_accidental_comment,
    find_cut_amount,
)

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
_RETYPE = "delete it and type the word again"


@dataclass(frozen=True)
class ScalarNode:
    """A text. `bad` where it has a problem of its own, which is reported: what it says does not count."""

    text: str
    place: Place
    plain: bool = True
    bad: bool = False

    @property
    def is_empty(self) -> bool:
        """True where nothing was written behind the colon (a quoted empty text counts as empty too)."""
        return not self.bad and (not self.text.strip() or (self.plain and self.text in NULL_WORDS))


NULL_WORDS = ("~", "null", "Null", "NULL")


@dataclass(frozen=True)
class SequenceNode:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class MappingNode:
    """Keys are unique; `place` is where the mapping begins."""

    entries: tuple[tuple[ScalarNode, Node], ...]
    place: Place

    def __iter__(self) -> Iterator[tuple[ScalarNode, Node]]:
        return iter(self.entries)

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)

    def text_of(self, key: str) -> str:
        """Return the text of the scalar at `key` without spaces around it, "" where there is none."""
        value = self.get(key)
        return value.text.strip() if isinstance(value, ScalarNode) and not value.is_empty else ""

    def find_key(self, key: str) -> ScalarNode | None:
        return next((name for name, _ in self.entries if name.text == key), None)


Node = ScalarNode | SequenceNode | MappingNode


@dataclass(frozen=True)
class YamlText:
    """What a file says, what looks odd in it, and the problems one could read past (see `read`)."""

    root: MappingNode
    warnings: tuple[Problem, ...]
    problems: tuple[Problem, ...] = ()


_OTHER_FILES = (
    (b"PK\x03\x04", "a Word, Excel or ZIP file"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Excel file"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_AS_UTF8 = "open it in an editor and save it with the encoding UTF-8 (in Notepad: Save as, Encoding)"
_AS_TEXT = 'a deal file is plain text; "agreementgen show starter referral" prints one to fill in'


def decode_utf8(data: bytes, file: str) -> str:
    """Return the text of a UTF-8 file (with or without a BOM); raise InputError that names the bad byte."""
    other = next((name for start, name in _OTHER_FILES if data.startswith(start)), "")
    if other:
        raise _file_error(file, f"this is {other}, not a deal file", _AS_TEXT, code="not-text")
    if len(data) > MAX_BYTES:
        message = f"the file is too large: more than {MAX_BYTES:,} bytes are not read"
        raise _file_error(
            file, message, "a deal file has a few thousand: is this the right file?", code="file-too-large"
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or _is_unmarked_utf16(data):
        raise _file_error(file, "the file is stored as UTF-16, not as UTF-8", _AS_UTF8, code="not-utf8")
    if sum(byte < 9 or 13 < byte < 32 for byte in data[:1000]) > 8:
        raise _file_error(file, "this is not a text file", _AS_TEXT, code="not-text")
    # Not "utf-8-sig": its errors count bytes from behind the mark.
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        good = _normalize_line_ends(data[: error.start].decode("utf-8", "ignore"))
        line, column = good.count("\n") + 1, len(good) - (good.rfind("\n") + 1) + 1
        message = (
            f"the file is not stored as UTF-8: the byte 0x{data[error.start]:02X} stands here "
            "(perhaps it was saved as Latin-1 or Windows-1252)"
        )
        raise InputError(Problem(message, _AS_UTF8, "", Place(file, line, column), code="not-utf8")) from None


def _file_error(file: str, message: str, hint: str, *, code: str) -> InputError:
    return InputError(Problem(message, hint, "", Place(file), code=code))


def _is_unmarked_utf16(data: bytes) -> bool:
    """Return whether every second byte is nothing: UTF-16 without its mark."""
    start = data[:200]
    return len(start) > 7 and max(start[::2].count(0), start[1::2].count(0)) > len(start) // 3


def _normalize_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_yaml(text: str, file: str, first_line: int = 1, go_on: bool = False) -> YamlText:
    """Return the one mapping that `text` holds; raise InputError with every problem found.

    `first_line` is the number of the text's first line in `file` (front matter begins lower). With `go_on`,
    problems that leave the rest readable (a name that stands twice) are returned in `problems` instead of
    raised, so that the reader of the facts can report its own beside them.
    """
    text = _normalize_line_ends(text)
    problems = list(_forbidden_characters(text, file, first_line))
    if problems:
        raise InputError(problems)
    builder = _NodeBuilder(file, first_line, text.split("\n"))
    root = builder.build(text)
    if builder.problems and (builder.stopped or not go_on or not isinstance(root, MappingNode)):
        raise InputError(add_causes(builder.problems, builder.warnings))
    if root is None or (isinstance(root, ScalarNode) and root.is_empty):
        hint = 'a deal file begins with a line such as "agreement: referral"; '
        hint += '"agreementgen show starter referral" prints one to fill in'
        raise _file_error(file, "the file is empty", hint, code="empty")
    if not isinstance(root, MappingNode):
        message = 'the file must hold facts as "name: value" lines'
        hint = 'is this the right file? A deal file begins with a line such as "agreement: referral"'
        raise InputError(Problem(message, hint, "", root.place, code="wrong-shape"))
    return YamlText(root, tuple(builder.warnings), tuple(builder.problems))


def add_causes(problems: list[Problem], warnings: Iterable[Problem]) -> list[Problem]:
    """Add the warnings of lines with problems: what was read as a comment may be the cause."""
    lines = {problem.place.line for problem in problems}
    return [*problems, *(warning for warning in warnings if warning.place.line in lines)]


def _forbidden_characters(text: str, file: str, first_line: int) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), first_line):
        bad = find_forbidden_character(line)
        if bad:
            place = Place(file, number, bad[0] + 1)
            yield Problem(f"the line holds {bad[1]}", _RETYPE, "", place, code="forbidden-character")


def _text_before_too_deep(error: Exception, text: str) -> str:
    """Return what stands before the bracket at which YAML's reader gave up because of depth, "" for other errors.

    From version 6.0.4 PyYAML has a limit of its own, above ours. It looks ahead, and fails before it has told of the
    brackets it has passed; without the rest of the text it tells of them, and our limit strikes in its place.
    """
    mark = getattr(error, "problem_mark", None)
    if mark is None or "nesting depth" not in (getattr(error, "problem", None) or ""):
        return ""
    return text[: mark.index] if mark.index < len(text) else ""


class _NodeBuilder:
    """Builds nodes from PyYAML's event stream, with a stack and a depth limit of its own.

    `stopped` is True where the text could not be read to its end.
    """

    def __init__(self, file: str, first_line: int, lines: list[str]) -> None:
        self.file = file
        self.shift = first_line
        self.lines = lines
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.stopped = False

    def place_of(self, mark: Mark) -> Place:
        return Place(self.file, mark.line + self.shift, mark.column + 1)

    def build(self, text: str) -> Node | None:
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        # Each level: its own place, and the nodes in it so far (keys and values in turn for a mapping).
        stack: list[tuple[Place, list[Node]]] = [(Place(), [])]
        documents = 0
        event: Any = None
        try:
            for event in yaml.parse(text, Loader=loader):
                place = self.place_of(event.start_mark)
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._add_problem(place, "a second deal begins here (behind ---)", "keep one deal in one file")
                        break
                    if event.tags or event.version:
                        self._add_problem(place, 'a line that begins with "%" is not read', "delete the line")
                elif isinstance(event, yaml.AliasEvent):
                    self._refuse_sign(event, place, "*")
                    stack[-1][1].append(ScalarNode("", place, bad=True))
                elif isinstance(event, yaml.ScalarEvent):
                    stack[-1][1].append(self._build_scalar(event, place))
                elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                    self._refuse_properties(event, place)
                    if len(stack) > MAX_DEPTH:
                        message = f"brackets or lines are nested more than {MAX_DEPTH} levels deep here"
                        hint = "a deal needs five levels at most: look for a bracket that is opened too often"
                        self._add_problem(place, message, hint)
                        self.stopped = True
                        return None
                    stack.append((place, []))
                elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                    start, nodes = stack.pop()
                    stack[-1][1].append(self._close_collection(start, nodes, isinstance(event, yaml.MappingEndEvent)))
        except yaml.YAMLError as error:
            if before := _text_before_too_deep(error, text):
                self.problems, self.warnings = [], []
                return self.build(before)
            self._add_syntax_error(error, event)
            return None
        return stack[0][1][0] if stack[0][1] else None

    def _add_problem(self, place: Place, message: str, hint: str, *, code: str = "yaml-not-allowed") -> None:
        self.problems.append(Problem(message, hint, "", place, code=code))

    def _add_mistake(self, mistake: Mistake) -> None:
        if mistake.message:
            place = Place(self.file, mistake.line + self.shift, mistake.column + 1)
            self._add_problem(place, mistake.message, mistake.hint, code=mistake.code)

    def _refuse_properties(self, event: Any, place: Place) -> bool:
        """Refuse an anchor or a tag; return whether there is one."""
        if event.anchor:
            self._refuse_sign(event, place, "&")
        if event.tag:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._add_problem(
                place,
                f'a value that begins with "!" has a special meaning in YAML ("{quote_text(tag)}"), which is not read',
                'put the whole value in double quotes, or delete the word that begins with "!"',
            )
        return bool(event.anchor or event.tag)

    def _refuse_sign(self, event: Any, place: Place, sign: str) -> None:
        name = f"{sign}{quote_text(event.anchor)}"
        line = self.lines[event.start_mark.line][event.start_mark.column :].rstrip()
        whole = line.startswith(name) and '"' not in line and len(line) < 80
        self._add_problem(
            place,
            f'a value that begins with "{sign}" has a special meaning in YAML ("{name}"), which is not read',
            "write the value out; or, if the sign belongs to the text, put the whole value in double quotes"
            + (f', as in "{line}"' if whole else ""),
        )

    def _build_scalar(self, event: Any, place: Place) -> ScalarNode:
        special = self._refuse_properties(event, place)
        # libyaml says "" for a plain scalar, PyYAML's own parser None.
        plain = not event.style
        if plain:
            if comment := find_accidental_comment(event, self.lines):
                where = Place(self.file, comment.line + self.shift, comment.column + 1)
                self.warnings.append(Problem(comment.message, comment.hint, "", where, code=comment.code, severity="W"))
            if cut := find_cut_amount(event, self.lines):
                self._add_mistake(cut)
                special = True
        forbidden = find_forbidden_character(event.value)
        if forbidden:
            self._add_problem(place, f"the text holds {forbidden[1]}", _RETYPE, code="forbidden-character")
        return ScalarNode(event.value, place, plain, special or bool(forbidden))

    def _close_collection(self, place: Place, nodes: list[Node], mapping: bool) -> Node:
        if not mapping:
            return SequenceNode(tuple(nodes), place)
        entries: list[tuple[ScalarNode, Node]] = []
        seen: dict[str, Place] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                hint = f'write "name: value"; if the brackets belong to a text, {QUOTE_IT}'
                self._add_problem(key.place, "brackets stand where a name should be", hint, code="wrong-shape")
                continue
            name = key.text.strip()
            if key.plain and name == "<<":
                message = '"<<" has a special meaning in YAML, which is not read'
                self._add_problem(key.place, message, "write the facts out")
                continue
            if name in seen:
                message = f'"{quote_text(name)}" stands twice here (first in line {seen[name].line})'
                self._add_problem(key.place, message, "keep one of them", code="duplicate")
                continue
            if not key.bad:
                seen[name] = key.place
            entries.append((ScalarNode(name, key.place, key.plain, key.bad), value))
        if nodes and not entries:
            return ScalarNode("", place, bad=True)
        return MappingNode(tuple(entries), place)

    def _add_syntax_error(self, error: Exception, last: ScalarEvent | None) -> None:
        self.stopped = True
        said = explain_syntax_error(error, last, self.lines)
        # "*Co Partners" is an alias, and then text behind an alias: one cause, one problem.
        if not any(problem.place.line == said.line + self.shift for problem in self.problems):
            self._add_mistake(said)

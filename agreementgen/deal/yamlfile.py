"""YAML as people type it: every scalar stays text, with its line and column.

Why not `yaml.safe_load`: it makes NO a False, 02110 a 1096 and 12:30 a 750, keeps the last of two equal
keys without a word, and forgets where anything stood. Its composer also crashes on deep nesting, its
event stream does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agreementgen.deal.characters import first_forbidden
from agreementgen.errors import InputError, Place, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 32


@dataclass(frozen=True)
class Scalar:
    text: str
    place: Place
    plain: bool = True

    @property
    def empty(self) -> bool:
        """True where nothing was written behind the colon (a quoted empty text counts as empty too)."""
        return not self.text.strip() or (self.plain and self.text == "~")


@dataclass(frozen=True)
class Sequence:
    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Mapping:
    """Keys are unique; `place` is where the mapping begins."""

    entries: tuple[tuple[Scalar, Node], ...]
    place: Place

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.entries)

    def get(self, key: str) -> Node | None:
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        return next((name for name, _ in self.entries if name.text == key), None)


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True)
class YamlText:
    """What a file says, and what looks odd in it."""

    root: Mapping
    warnings: tuple[Problem, ...]


def decode(data: bytes, file: str) -> str:
    """Return the text of a UTF-8 file (with or without a BOM); raise InputError that names the bad byte."""
    if len(data) > MAX_BYTES:
        raise InputError(
            Problem(f"the file has {len(data):,} bytes; at most {MAX_BYTES:,} are read", place=Place(file))
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            Problem("the file is stored as UTF-16", "save it as UTF-8 (in Notepad: Save as, Encoding)", "", Place(file))
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig", "ignore")
        line, column = good.count("\n") + 1, len(good) - (good.rfind("\n") + 1) + 1
        bad = data[error.start]
        raise InputError(
            Problem(
                f"byte 0x{bad:02X} is not UTF-8 (perhaps the file was saved as Latin-1 or Windows-1252)",
                "save the file again with the encoding UTF-8",
                place=Place(file, line, column),
            )
        ) from None


def read(text: str, file: str, first_line: int = 1) -> YamlText:
    """Return the one mapping that `text` holds; raise InputError with every problem found.

    `first_line` is the number of the text's first line in `file` (front matter begins lower).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    problems = list(_forbidden(text, file, first_line))
    if problems:
        raise InputError(problems)
    builder = _Builder(file, first_line, text.split("\n"))
    root = builder.build(text)
    if builder.problems:
        raise InputError(builder.problems)
    if root is None or (isinstance(root, Scalar) and root.empty):
        raise InputError(
            Problem(
                "the file is empty",
                'a deal file begins with a line such as "agreement: referral"; '
                '"agreementgen show starter referral" prints one to fill in',
                place=Place(file),
            )
        )
    if not isinstance(root, Mapping):
        raise InputError(
            Problem(
                'the file must hold facts as "name: value" lines',
                'is this the right file? A deal file begins with a line such as "agreement: referral"',
                place=root.place,
            )
        )
    return YamlText(root, tuple(builder.warnings))


def _forbidden(text: str, file: str, first_line: int) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), first_line):
        bad = first_forbidden(line)
        if bad:
            yield Problem(
                f"the line holds {bad[1]}", "delete it and type the word again", "", Place(file, number, bad[0] + 1)
            )


class _Builder:
    """Builds nodes from PyYAML's event stream, with a stack and a depth limit of its own."""

    def __init__(self, file: str, first_line: int, lines: list[str]) -> None:
        self.file = file
        self.shift = first_line
        self.lines = lines
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []

    def place(self, mark: Any) -> Place:
        return Place(self.file, mark.line + self.shift, mark.column + 1)

    def build(self, text: str) -> Node | None:
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        # Each level: its own place, and the nodes in it so far (keys and values in turn for a mapping).
        stack: list[tuple[Any, list[Node]]] = [(None, [])]
        documents = 0
        try:
            for event in yaml.parse(text, Loader=loader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._problem(event, "a second document begins here", "keep one deal in one file")
                        return None
                    if event.tags or event.version:
                        self._problem(event, "YAML directives (% lines) are not read", "delete the line")
                if getattr(event, "anchor", None):
                    self._anchor(event)
                    if isinstance(event, yaml.AliasEvent):
                        stack[-1][1].append(Scalar("", self.place(event.start_mark)))
                tag = getattr(event, "tag", None)
                if tag and tag != "!":
                    self._problem(event, f'"{tag}" is a YAML tag, which is not read', "put the value in double quotes")
                if isinstance(event, yaml.ScalarEvent):
                    stack[-1][1].append(self._scalar(event))
                elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                    if len(stack) > MAX_DEPTH:
                        self._problem(event, f"nested more than {MAX_DEPTH} levels deep", "a deal needs five at most")
                        return None
                    stack.append((event, []))
                elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                    start, nodes = stack.pop()
                    stack[-1][1].append(self._close(start, nodes, isinstance(event, yaml.MappingEndEvent)))
        except yaml.YAMLError as error:
            self._syntax(error)
            return None
        return stack[0][1][0] if stack[0][1] else None

    def _problem(self, event: Any, message: str, hint: str) -> None:
        self.problems.append(Problem(message, hint, "", self.place(event.start_mark)))

    def _anchor(self, event: Any) -> None:
        sign = "*" if type(event).__name__ == "AliasEvent" else "&"
        self._problem(
            event,
            f'"{sign}{event.anchor}" means something else in YAML (an {"alias" if sign == "*" else "anchor"}), '
            "which is not read here",
            f'put the whole value in double quotes: "{sign}{event.anchor} ..."',
        )

    def _scalar(self, event: Any) -> Scalar:
        place = self.place(event.start_mark)
        plain = event.style is None
        if plain and event.value:
            self._warn_comment(event)
        bad = first_forbidden(event.value)
        if bad:
            self.problems.append(Problem(f"the text holds {bad[1]}", "delete it and type the word again", "", place))
        return Scalar(event.value, place, plain)

    def _warn_comment(self, event: Any) -> None:
        """Warn of `Unit #4, X #5`, where YAML ends the value at the second number sign's space."""
        end = event.end_mark
        if end.line >= len(self.lines):
            return
        rest = self.lines[end.line][end.column :]
        if rest.startswith((" #", "\t#")) and len(rest) > 2 and not rest[2].isspace() and rest[2] != "#":
            self.warnings.append(
                Problem(
                    f'"{rest.strip()}" was read as a comment, not as part of the value',
                    "put the whole value in double quotes, or a space behind # where a comment is meant",
                    "",
                    Place(self.file, end.line + self.shift, end.column + 2),
                )
            )

    def _close(self, start: Any, nodes: list[Node], mapping: bool) -> Node:
        place = self.place(start.start_mark)
        if not mapping:
            return Sequence(tuple(nodes), place)
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Place] = {}
        for key, value in zip(nodes[::2], nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                self.problems.append(
                    Problem("a name must be plain text here, not a list", 'write "name: value"', "", key.place)
                )
                continue
            name = key.text.strip()
            if name in seen:
                self.problems.append(
                    Problem(
                        f'"{name}" stands twice here (first in line {seen[name].line})',
                        "keep one of them",
                        "",
                        key.place,
                    )
                )
                continue
            seen[name] = key.place
            entries.append((Scalar(name, key.place, key.plain), value))
        return Mapping(tuple(entries), place)

    def _syntax(self, error: Any) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = self.place(mark) if mark else Place(self.file)
        said = getattr(error, "problem", None) or str(error)
        line = self.lines[mark.line] if mark and mark.line < len(self.lines) else ""
        message, hint = _plain_words(said, line)
        self.problems.append(Problem(message, hint, "", place))


def _plain_words(said: str, line: str) -> tuple[str, str]:
    """Translate the YAML reader's words into an owner's."""
    if "\t" in line[: len(line) - len(line.lstrip())] or "'\\t'" in said:
        return "the line is indented with a tab", "use spaces: two for each level"
    if "mapping values are not allowed" in said:
        return "a second colon in one line", 'put the text behind the first colon in double quotes: "..."'
    if "expected <block end>" in said or "did not find expected key" in said:
        return (
            "this line is not indented like the lines above it, or a value begins with a quote and goes on behind it",
            "give the lines of one group the same number of spaces; put a whole value in double quotes",
        )
    if "cannot start any token" in said:
        first = line.split(":", 1)[-1].strip()[:1] or line.strip()[:1]
        return f'a value cannot begin with "{first}" in YAML', "put the whole value in double quotes"
    if "could not find expected ':'" in said:
        return "a name without a colon", 'write "name: value"; indent a text that goes on in the next line'
    if "found unexpected end of stream" in said or "unexpected end" in said:
        return "a quote or bracket is opened and never closed", "close it"
    if "escape" in said:
        return f"the text in double quotes is not readable: {said}", "write \\\\ for a backslash, or use single quotes"
    if "alias" in said or "anchor" in said:
        return 'a value cannot begin with "&" or "*" in YAML', "put the whole value in double quotes"
    return f"the YAML is not readable: {said}", "look at the quotes, brackets and spaces of this line"

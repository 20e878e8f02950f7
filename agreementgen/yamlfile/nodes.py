"""YAML as people type it: every scalar stays text, with its line and column, and mistakes in an owner's words.

Why not `yaml.safe_load`: it makes NO a False, 02110 a 1096 and 12:30 a 750, keeps the last of two equal
keys without a word, and forgets where anything stood. Its composer also crashes on deep nesting, its
event stream does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from agreementgen.core.problems import InputError, Place, Problem, find_forbidden_character, quote_text

QUOTE_IT = "put the whole value in double quotes"
_OPENERS = {"]": "[", "}": "{"}


# -- mistakes in words


class Mistake(NamedTuple):
    """What is wrong at a line and column, both from 0, and what to do about it."""

    line: int
    column: int
    message: str
    hint: str
    code: str = "yaml-syntax"


class YamlMark(Protocol):
    """A place in the text, as PyYAML marks it: line and column from 0."""

    line: int
    column: int


class ScalarEvent(Protocol):
    """A text that PyYAML read; `style` is its quotation mark, or nothing."""

    value: str
    style: str | None
    start_mark: YamlMark
    end_mark: YamlMark


def _mistake_at(mark: YamlMark, message: str, hint: str) -> Mistake:
    return Mistake(mark.line, mark.column, message, hint)


def explain_syntax_error(error: Exception, last: ScalarEvent | None, lines: list[str]) -> Mistake:
    """Return what stopped the YAML reader.

    `error` is the YAML reader's, `last` the event before it (of any kind). The reader names the place where it gave
    up, which is often behind the place of the mistake; what it was doing (`context`) tells where that began.
    """
    mark: YamlMark | None = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem, context = getattr(error, "problem", None) or "", getattr(error, "context", None) or ""
    if mark is None:
        return Mistake(0, 0, f"the file is not readable: {problem or error}", "look at its quotes, brackets and spaces")
    began: YamlMark = getattr(error, "context_mark", None) or mark
    tab = _find_tab(lines, min(began.line, mark.line), mark.line) if "block mapping" not in context else None
    tab = tab or _find_tab(lines, mark.line, mark.line)
    if tab:
        return Mistake(*tab, "the line is indented with a tab", "use spaces: two for each level")
    if "mapping values are not allowed" in problem:
        return _explain_colon(mark.line, mark.column, lines)
    if "could not find expected ':'" in problem:
        return _mistake_at(began, *_explain_missing_colon(_line_at(lines, began.line)))
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return _mistake_at(began, *_NEVER_CLOSED)
    if "escape" in problem or "hexdecimal" in problem:
        return _mistake_at(mark, *_explain_escape(problem))
    if "flow" in context and re.search(r"expected ',' or '[]}]'", problem):
        return _explain_open_bracket(mark, began, problem)
    if re.search(r"scanning (an anchor|an alias|a tag|a block scalar)", context):
        return _explain_first_character(began, lines)
    if any(part in problem for part in _BAD_FIRST_CHARACTER):
        return _explain_first_character(mark, lines)
    if "directive" in context or "directive" in problem:
        return _mistake_at(began, 'a line that begins with "%" is not read', "delete the line")
    return _explain_misplaced(mark, last, lines, problem)


_BAD_FIRST_CHARACTER = (
    "cannot start any token",
    "expected node content",
    "expected the node content",
    "mapping keys are not allowed",
    "sequence entries are not allowed",
)
_NEVER_CLOSED = (
    "a quote is opened here and never closed",
    "put the same quote at the end of the value; where it begins with an apostrophe, put double quotes around it",
)


def _line_at(lines: list[str], number: int) -> str:
    return lines[number] if number < len(lines) else ""


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _find_tab(lines: list[str], first: int, last: int) -> tuple[int, int] | None:
    """Return the place of a tab that indents one of the lines."""
    for number in range(first, last + 1):
        line = _line_at(lines, number)
        space = line[: len(line) - len(line.lstrip())]
        if "\t" in space:
            return number, space.index("\t")
    return None


def _explain_colon(number: int, column: int, lines: list[str]) -> Mistake:
    """A colon where none may be: the second one of its line, or the line is taken for more text of the one above."""
    line = _line_at(lines, number)
    found = re.match(r"\s*(?:- +)*([^:#\[{\"']+): +(.+)", line)
    if found and found.start(2) <= column and not re.search(r"[\[{]", line):
        value = found[2].rstrip()
        fixed = f'{found[1].strip()}: "{value}"'
        hint = f"write {fixed}" if len(fixed) <= 80 and '"' not in value and "\\" not in value else QUOTE_IT
        return Mistake(number, column, "there is a second colon in this line", hint)
    if ":" in line[:column]:
        return Mistake(
            number, column, "there is a second colon here", f"{QUOTE_IT}; separate facts in braces with commas"
        )
    above = next((n for n in range(number - 1, -1, -1) if _line_at(lines, n).strip()), number)
    if _indent_of(line) > _indent_of(_line_at(lines, above)):
        return Mistake(
            number,
            _indent_of(line),
            "this line is indented further than the line above it, which has a value of its own",
            "give the lines of one group the same number of spaces in front",
        )
    return Mistake(above, _indent_of(_line_at(lines, above)), *_explain_missing_colon(_line_at(lines, above)))


def _explain_missing_colon(line: str) -> tuple[str, str]:
    tight = re.match(r"\s*(?:- +)*([^:#\s][^:#]*):(\S.*)", line)
    if tight:
        return "there is no space behind the colon", f'write "{tight[1]}: {tight[2].strip()[:60]}"'
    return (
        "there is no colon in this line",
        'write "name: value"; where the line only continues the text above it, put that whole text in double quotes',
    )


def _explain_escape(problem: str) -> tuple[str, str]:
    if "Unicode" in problem:
        return "this code stands for half a character only", "type the character itself instead of the \\u code"
    return (
        "the backslash in this text cannot be understood",
        "write two of them (\\\\) for one, or put the text in single quotes",
    )


def _explain_open_bracket(mark: YamlMark, began: YamlMark, problem: str) -> Mistake:
    closer = "]" if "']'" in problem else "}"
    if mark.line > began.line:
        return _mistake_at(
            began,
            f'"{_OPENERS[closer]}" is opened here and never closed',
            f'put "{closer}" at the end; or, if the bracket belongs to the text, {QUOTE_IT}',
        )
    return _mistake_at(
        mark,
        f'a comma or the closing "{closer}" is missing here',
        "put a comma between two entries, and an entry with quotes or brackets of its own in double quotes",
    )


def _explain_first_character(mark: YamlMark, lines: list[str]) -> Mistake:
    line = _line_at(lines, mark.line)
    sign = line[mark.column : mark.column + 1]
    if not sign:
        number = next((n for n in range(min(mark.line, len(lines) - 1), -1, -1) if lines[n].strip()), 0)
        column = len(_line_at(lines, number).rstrip()) - 1
        return Mistake(number, max(column, 0), "a bracket is opened and never closed", 'put "]" or "}" at the end')
    if sign in "]}":
        return _mistake_at(mark, f'"{sign}" closes nothing here', f"delete it, or {QUOTE_IT}")
    if sign == "-":
        hint = 'put each entry of a list in a line of its own; or, if "-" belongs to the text, ' + QUOTE_IT
        return _mistake_at(mark, 'a list cannot begin behind a name, in the same line (a value began with "- ")', hint)
    return _mistake_at(mark, f'a value cannot begin with "{sign}"', QUOTE_IT)


def _explain_misplaced(mark: YamlMark, last: ScalarEvent | None, lines: list[str], problem: str) -> Mistake:
    """Something stands where the reader expected the next name or the end."""
    line = _line_at(lines, mark.line)
    quoted = last if getattr(last, "style", None) in ("'", '"') else None
    if quoted and mark.line == quoted.end_mark.line:
        if quoted.start_mark.line < quoted.end_mark.line:
            hint = f"it seems to end in line {quoted.end_mark.line + 1}; " + _NEVER_CLOSED[1]
            return _mistake_at(quoted.start_mark, "a quote is opened here and not closed in its line", hint)
        return _mistake_at(
            mark,
            "the text goes on behind the closing quote",
            'put the whole value between the quotes; write a quote inside double quotes as \\"',
        )
    if mark.column == _indent_of(line):
        return _mistake_at(
            mark,
            "this line is not indented like the lines it belongs to",
            "give the lines of one group, and the entries of one list, the same number of spaces in front",
        )
    if problem.startswith(("did not find expected", "expected")):
        return _mistake_at(mark, "something stands here that does not belong to the value before it", QUOTE_IT)
    return _mistake_at(mark, f"this is not readable: {problem}", "look at the quotes, brackets and spaces of the line")


# "$2,000" and "1,000,000"; with a unit, "7,5 %" and "12.500,50 EUR", too
_UNIT = r" ?(?:%|€|[A-Z]{3}\b)"
_AMOUNT = re.compile(rf"[^\s\[\]{{}},:\"']*[0-9](?:(?:,[0-9]{{3}})+(?![0-9])|,[0-9]{{1,2}}{_UNIT})")
_REST_OF_AMOUNT = re.compile(f"[0-9]{{3}}(?![0-9])|[0-9]{{1,2}}{_UNIT}")


def find_cut_amount(event: ScalarEvent, lines: list[str]) -> Mistake | None:
    """Return a problem where a scalar is the rest of an amount: `{budget: $2,000}` ends the value at the comma.

    For the second rest of one amount ("$1,000,000") it says nothing, in an empty message.
    """
    if not _REST_OF_AMOUNT.match(event.value):
        return None
    line, column = _line_at(lines, event.start_mark.line), event.start_mark.column
    if not re.search("[0-9],$", line[:column]):
        return None
    amount = next((match for match in _AMOUNT.finditer(line) if match.start() < column < match.end()), None)
    if amount is None:
        return None
    first = line.index(",", amount.start()) == column - 1
    message = f'"{quote_text(amount[0])}" is cut in two, because a comma ends a value inside brackets' if first else ""
    hint = f'{QUOTE_IT}, as in "{quote_text(amount[0])}"'
    return Mistake(event.start_mark.line, amount.start(), message, hint, code="yaml-cut-amount")


def find_accidental_comment(event: ScalarEvent, lines: list[str]) -> Mistake | None:
    """Return a warning of `Unit #4, X #5`, where YAML ends the value at the first space before a number sign."""
    end = event.end_mark
    line = _line_at(lines, end.line)
    if "#" not in line:
        return None
    rest = line[end.column :]
    if not event.value:
        rest = rest.removeprefix(":")
    comment = rest.lstrip()
    if rest == comment or not re.match(r"#(?:[^\s#]|\s?[0-9])", comment):
        return None
    return Mistake(
        end.line,
        line.index(comment, end.column),
        f'"{quote_text(comment)}" was read as a comment, not as part of the value',
        f"{QUOTE_IT}; a comment belongs on a line of its own",
        code="yaml-comment",
    )


# -- nodes

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
# The largest deals, with a chart of 100 tasks, hold some 5,000.
MAX_TEXTS = 20_000
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


# YAML has "Null" and "NULL", too; but they are names of people and firms, and no fact may be gone unseen.
NULL_WORDS = ("~", "null")


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
        for name, value in self.entries:
            if name.text == key:
                return value
        return None

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
# What no text holds: control characters without tabs and line ends.
_CONTROLS = bytes(byte for byte in range(32) if byte not in range(9, 14))
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
    start = data[:1000]
    if len(start) - len(start.translate(None, _CONTROLS)) > 8:
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

    def place_of(self, mark: YamlMark) -> Place:
        return Place(self.file, mark.line + self.shift, mark.column + 1)

    def build(self, text: str) -> Node | None:
        import yaml

        loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
        # Each level: its own place, and the nodes in it so far (keys and values in turn for a mapping).
        stack: list[tuple[Place, list[Node]]] = [(Place(), [])]
        documents = texts = 0
        event: Any = None
        try:
            for event in yaml.parse(text, Loader=loader):
                place = self.place_of(event.start_mark)
                if isinstance(event, yaml.ScalarEvent):
                    texts += 1
                    if texts > MAX_TEXTS:
                        message = f"the file holds more than {MAX_TEXTS:,} names and values"
                        self._stop(place, message, "is this the right file?")
                        return None
                    stack[-1][1].append(self._build_scalar(event, place))
                elif isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        self._add_problem(place, "a second deal begins here (behind ---)", "keep one deal in one file")
                        break
                    if event.tags or event.version:
                        self._add_problem(place, 'a line that begins with "%" is not read', "delete the line")
                elif isinstance(event, yaml.AliasEvent):
                    self._refuse_sign(event, place, "*")
                    stack[-1][1].append(ScalarNode("", place, bad=True))
                elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                    self._refuse_properties(event, place)
                    if len(stack) > MAX_DEPTH:
                        message = f"brackets or lines are nested more than {MAX_DEPTH} levels deep here"
                        hint = "a deal needs five levels at most: look for a bracket that is opened too often"
                        self._stop(place, message, hint)
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

    def _stop(self, place: Place, message: str, hint: str) -> None:
        """Report why the rest of the text is not read, alone: whatever else is wrong has the same cause."""
        self.problems, self.warnings, self.stopped = [], [], True
        self._add_problem(place, message, hint)

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
        whole = line.startswith(name) and '"' not in line and line[-1] not in "]}," and len(line) < 80
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
            entries.append((key if name == key.text else ScalarNode(name, key.place, key.plain, key.bad), value))
        if nodes and not entries:
            return ScalarNode("", place, bad=True)
        return MappingNode(tuple(entries), place)

    def _add_syntax_error(self, error: Exception, last: ScalarEvent | None) -> None:
        self.stopped = True
        said = explain_syntax_error(error, last, self.lines)
        # "*Co Partners" is an alias, and then text behind an alias: one cause, one problem.
        if not any(problem.place.line == said.line + self.shift for problem in self.problems):
            self._add_mistake(said)

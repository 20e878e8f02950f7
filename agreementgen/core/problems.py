"""Everything that can go wrong for a reason the user can mend, and the words for it.

An exception that is not an AgreementError is a bug of ours and shows its traceback. Here, too, because every message
needs them: which characters may stand in a deal, and how messages quote and count.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from difflib import get_close_matches
from typing import Literal

Severity = Literal["E", "W", "N"]
SEVERITY_WORDS: Mapping[Severity, str] = {"E": "error", "W": "warning", "N": "note"}


@dataclass(frozen=True)
class Place:
    """A position in a file: line and column count from 1 (in characters); 0 means "the file as a whole".

    In a table, line and column are those of the `cell` ("C5"), which is then named instead.
    """

    file: str = ""
    line: int = 0
    column: int = 0
    cell: str = ""

    def __str__(self) -> str:
        file = escape_characters(self.file)
        if self.cell:
            return f"{file}:{escape_characters(self.cell)}"
        if not self.line:
            return file
        return f"{file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, where, and what to do about it.

    `field` is the path of the fact in the user's own words ("financial.cap per client"). `code` names the kind of
    problem for programs, the same in every version; docs/problems.md lists them. `severity`: "E" stops the work, "W"
    should be looked at, "N" is a note.
    """

    message: str
    hint: str = ""
    field: str = ""
    place: Place = Place()
    _: KW_ONLY
    code: str
    severity: Severity = "E"

    def __post_init__(self) -> None:
        # A message quotes names and cells that anybody may have written: it stays one line, and shows all it holds.
        for name in ("message", "hint", "field"):
            object.__setattr__(self, name, escape_characters(getattr(self, name)))

    def __str__(self) -> str:
        head = ": ".join(part for part in (str(self.place), self.field, self.message) if part)
        return f"{head}\n  hint: {self.hint}" if self.hint else head

    def describe_with_code(self) -> str:
        """Return what a check prints: the problem with severity and code before it ("warning M12: ...")."""
        return f"{SEVERITY_WORDS[self.severity]} {self.code}: {self}"


def problem_to_json(problem: Problem) -> dict[str, object]:
    """Return a problem as plain data."""
    place = problem.place
    return {
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "field": problem.field,
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "cell": place.cell,
    }


class AgreementError(Exception):
    """The work cannot go on; `problems` says why, in the order of the file."""

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        found = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems = tuple(sorted(found, key=lambda p: (p.place.file, p.place.line, p.place.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(AgreementError):
    """The deal file, the command line or the target folder is not right."""


class PackError(AgreementError):
    """A topic, clause, outline or layout is not right: the library's author must mend it."""


class LayoutError(AgreementError):
    """The agreement cannot be laid out: it does not fit, or a character has no glyph."""


def find_nearest(word: str, known: Iterable[str]) -> str:
    """Return the nearest of `known`, "" where none is near."""
    options = sorted(set(known))
    close = get_close_matches(word.lower(), [option.lower() for option in options], n=1, cutoff=0.6)
    return next((option for option in options if option.lower() == close[0]), "") if close else ""


def suggest_nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest of `known`, or lists them all where they are few."""
    options = sorted(set(known))
    if match := find_nearest(word, options):
        return f'did you mean "{match}"?'
    if 0 < len(options) <= 14:
        return "known here: " + ", ".join(options)
    return ""


# -- characters, and text in messages

_DIRECTION_MARKS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F}
# Letters of other categories that print as nothing: fillers of Hangul and Braille, the grapheme joiner.
_INVISIBLE = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0x180B, 0x180F)}
# Format characters that words in some scripts (and joined emoji) need, and Arabic signs that are visible.
_NEEDED_FORMATS = {0x200C, 0x200D, *range(0x0600, 0x0606), 0x06DD, 0x070F, 0x0890, 0x0891, 0x08E2, 0x110BD, 0x110CD}


def find_forbidden_character(text: str) -> tuple[int, str] | None:
    """Return index and description of the first character that no document may carry, or None.

    Why: control characters break DOCX, lone surrogates break UTF-8, hidden changes of direction and invisible
    characters make a page say something else than the file seems to, and private-use characters
    (which the clause language keeps for itself) look different on every machine.
    """
    if text.isascii() and text.isprintable():
        return None
    for index, char in enumerate(text):
        code = ord(char)
        if char in "\n\t" or (32 <= code < 127):
            continue
        name = _describe_forbidden(char, code)
        if name:
            return index, f"U+{code:04X} ({name})"
    return None


def _describe_forbidden(char: str, code: int) -> str:
    if code in _DIRECTION_MARKS:
        return "a hidden change of writing direction"
    if code in _INVISIBLE or 0xE0000 <= code <= 0xE0FFF:
        return "an invisible character"
    if code == 0xFFFD:
        return "a replacement mark: the original character was lost"
    if char in "\u2028\u2029\x85":
        return "a special line break"
    match unicodedata.category(char):
        case "Cc":
            return "a control character"
        case "Cf" if code not in _NEEDED_FORMATS:
            return "an invisible character"
        case "Cs":
            return "half a character"
        case "Co":
            return "a private-use character"
        case "Cn":
            return "a character that Unicode does not define"
    return ""


def escape_characters(text: str, kept: str = "", in_json: bool = False) -> str:
    r"""Return `text` with each character that no document may carry, and line breaks, shown by its number: "\x1b".

    `kept` are characters that may stay. In JSON the number is written so that a reader gets the character back.
    """
    if text.isprintable() and text.isascii():
        return text
    if not any(_must_be_shown(char, kept) for char in set(text)):
        return text
    return "".join(_number_of(char, in_json) if _must_be_shown(char, kept) else char for char in text)


def _must_be_shown(char: str, kept: str) -> bool:
    # A replacement mark stands for a letter that was lost before: it does nothing to anybody.
    return char not in kept and (char in "\n\t" or (char != "\ufffd" and bool(_describe_forbidden(char, ord(char)))))


def _number_of(char: str, in_json: bool) -> str:
    code = ord(char)
    if in_json and code > 0xFFFF:
        high, low = divmod(code - 0x10000, 0x400)
        return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
    if char in "\n\r\t" and not in_json:
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    if code < 0x100 and not in_json:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def collapse_spaces(text: str) -> str:
    """Return `text` with tabs, line breaks and runs of spaces made one space (other spaces are kept)."""
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    return " ".join(part for part in text.replace("\t", " ").replace("\r", " ").replace("\n", " ").split(" ") if part)


def quote_text(text: str, most: int = 40) -> str:
    """Return `text` as a message quotes it: in one line, and not longer than `most`."""
    line = collapse_spaces(text)
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


def count_noun(count: int, noun: str) -> str:
    """Return "1 page", "2 pages", "1,200 pages"."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"

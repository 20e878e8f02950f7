"""Mistakes in YAML in an owner's words and at the place to mend: what stops its reader, and what it reads amiss."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from agreementgen.core.characters import quote_text

QUOTE_IT = "put the whole value in double quotes"
_OPENERS = {"]": "[", "}": "{"}


class Mistake(NamedTuple):
    """What is wrong at a line and column, both from 0, and what to do about it."""

    line: int
    column: int
    message: str
    hint: str
    code: str = "yaml-syntax"


class Mark(Protocol):
    """A place in the text, as PyYAML marks it: line and column from 0."""

    line: int
    column: int


class ScalarEvent(Protocol):
    """A text that PyYAML read; `style` is its quotation mark, or nothing."""

    value: str
    style: str | None
    start_mark: Mark
    end_mark: Mark


def _mistake_at(mark: Mark, message: str, hint: str) -> Mistake:
    return Mistake(mark.line, mark.column, message, hint)


def explain_syntax_error(error: Exception, last: ScalarEvent | None, lines: list[str]) -> Mistake:
    """Return what stopped the YAML reader.

    `error` is the YAML reader's, `last` the event before it (of any kind). The reader names the place where it gave
    up, which is often behind the place of the mistake; what it was doing (`context`) tells where that began.
    """
    mark: Mark | None = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem, context = getattr(error, "problem", None) or "", getattr(error, "context", None) or ""
    if mark is None:
        return Mistake(0, 0, f"the file is not readable: {problem or error}", "look at its quotes, brackets and spaces")
    began: Mark = getattr(error, "context_mark", None) or mark
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


def _explain_open_bracket(mark: Mark, began: Mark, problem: str) -> Mistake:
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


def _explain_first_character(mark: Mark, lines: list[str]) -> Mistake:
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


def _explain_misplaced(mark: Mark, last: ScalarEvent | None, lines: list[str], problem: str) -> Mistake:
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


# "$2,000" and "1,000,000"
_AMOUNT = re.compile(r"[^\s\[\]{},:\"']*[0-9](?:,[0-9]{3})+(?![0-9])")


def find_cut_amount(event: ScalarEvent, lines: list[str]) -> Mistake | None:
    """Return a problem where a scalar is the rest of an amount: `{budget: $2,000}` ends the value at the comma.

    For the second rest of one amount ("$1,000,000") it says nothing, in an empty message.
    """
    line, column = _line_at(lines, event.start_mark.line), event.start_mark.column
    if not re.match(r"[0-9]{3}(?![0-9])", event.value) or not re.search("[0-9],$", line[:column]):
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
    rest = line[end.column :]
    if not event.value:
        rest = rest.removeprefix(":")
    comment = rest.lstrip()
    if rest == comment or not re.match(r"#[^\s#]", comment):
        return None
    return Mistake(
        end.line,
        line.index(comment, end.column),
        f'"{quote_text(comment)}" was read as a comment, not as part of the value',
        f"{QUOTE_IT}, or a space behind # where a comment is meant",
        code="yaml-comment",
    )

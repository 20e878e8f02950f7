"""Where a word of a YAML text stands in its file: folded lines, quotes and indents lie between the two."""

from __future__ import annotations

from agreementgen.errors import Place


def located(file: str, start: Place, text: str, line: int, column: int) -> Place:
    """Return the place, in the text of a whole `file`, of a line and column of `text`, which is written at `start`.

    The letters of a YAML value stand in its file in the same order, with only spaces, line breaks, quotes and
    backslashes between them. Where that does not hold (an escape such as \\u00e9), the value's start is returned.
    """
    lines = text.split("\n")
    before = "".join([*lines[: line - 1], lines[line - 1][: column - 1]]) if line <= len(lines) else text
    count = len("".join(before.split()))
    letters = "".join(text.split())[: count + 1]
    raw = file.replace("\r\n", "\n")
    index = _offset(raw, start.line, start.column)
    for letter in letters:
        while index < len(raw) and raw[index] != letter:
            index += 1
        index += 1
    if not letters or index > len(raw):
        return start
    index -= 1
    return Place(start.file, raw.count("\n", 0, index) + 1, index - raw.rfind("\n", 0, index))


def _offset(raw: str, line: int, column: int) -> int:
    index = 0
    for _ in range(line - 1):
        index = raw.find("\n", index) + 1
    return index + column - 1

r"""Text from outside, made fit to be printed: on a terminal, in a log, a list or a file of data.

Names, cells, files and messages of others may hold escape sequences that clear a screen and write another result on it,
or changes of direction that show a line in another order. Such a character is shown by its number: "\x1b", "\u202e".
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout

from agreementgen.core.problems import escape_characters

# What may stand in a text of several lines.
_LAYOUT = "\n\t"


def escape_line(text: str) -> str:
    """Return `text` as one line that shows what it holds; a line break in it is shown by its number, too."""
    return escape_characters(text)


def escape_text(text: str) -> str:
    """Return a text of several lines that shows what it holds."""
    return escape_characters(text, _LAYOUT)


def to_json_text(data: object, indent: int | None = None, default: Callable[..., object] | None = None) -> str:
    """Return plain data as JSON in which no letter does anything to a terminal; a reader gets the same data back."""
    text = json.dumps(data, ensure_ascii=False, indent=indent, default=default)
    return escape_characters(text, _LAYOUT, in_json=True)


def to_json_file(data: Mapping[str, object] | Sequence[object]) -> bytes:
    """Return plain data as the bytes of a file that people may read, too."""
    return (to_json_text(data, 1) + "\n").encode()


@contextmanager
def silence_library() -> Iterator[None]:
    """Let what a library prints on standard output go nowhere: results stand there."""
    with redirect_stdout(io.StringIO()):
        yield

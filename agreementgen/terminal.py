"""The one printer: all that goes to standard output or standard error goes through here, escaped.

Results go to standard output and nothing else does; what is said about them goes to standard error. A reader that went
away, a full disk behind standard output and a closed one are no bugs: `OutputLost` says so, and `cli.main` ends in
order. What cannot be said on standard error is not said: it would have nowhere to go.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from agreementgen.core.escaping import escape_line, escape_text


class OutputLost(Exception):
    """Standard output takes no more; `reader_left` where the program that read it has ended (as "| head" does)."""

    def __init__(self, reason: str, reader_left: bool = False) -> None:
        super().__init__(reason)
        self.reader_left = reader_left


def print_result(line: str) -> None:
    """Print one line of the result."""
    _print_to_output(escape_line(line) + "\n")


def print_text(text: str) -> None:
    """Print a result of several lines; the last one ends with a line break of its own or gets none."""
    _print_to_output(escape_text(text))


def print_note(line: str) -> None:
    """Say one line about the results."""
    _print_to_errors(escape_line(line) + "\n")


def print_lines(lines: Iterable[str]) -> None:
    """Print a result of several lines."""
    for line in lines:
        print_result(line)


def print_note_lines(text: str) -> None:
    """Say a problem, with its hint on a line of its own, or anything else of several lines."""
    _print_to_errors(escape_text(text) + "\n")


def print_marked(pieces: Iterable[tuple[str, str, str]]) -> None:
    """Print texts, each between two marks of ours, which may be codes of a terminal."""
    _print_to_output("".join(f"{before}{escape_text(text)}{after}" for before, text, after in pieces))


def show_status(line: str) -> None:
    """Replace the last line of the terminal by `line`; only for terminals."""
    _print_to_errors(f"\r\x1b[K{escape_line(line)}")


class _ClosedStream(io.TextIOBase):
    """Stands for a standard stream that was closed before the program began."""

    def write(self, text: str) -> int:
        raise OSError(errno.EBADF, "it is closed")


def replace_missing_streams() -> None:
    """Put something in the place of standard streams that were closed before the program began.

    The next file we open would get their numbers, and what a library prints would stand in a contract.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one.
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115
    sys.stdout = sys.stdout or _ClosedStream()
    sys.stderr = sys.stderr or _ClosedStream()


def give_up_output() -> None:
    """Let what is still waiting to be printed go nowhere: Python would try again at its very end, and fail."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
            continue
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def flush_output() -> None:
    """Print what is still waiting; raise OutputLost."""
    with _losing():
        sys.stdout.flush()


def _print_to_output(text: str) -> None:
    with _losing():
        sys.stdout.write(text)
        sys.stdout.flush()


def _print_to_errors(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def _losing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise OutputLost("its reader has gone", reader_left=True) from None
    except (OSError, ValueError) as error:
        raise OutputLost(getattr(error, "strerror", None) or str(error)) from None

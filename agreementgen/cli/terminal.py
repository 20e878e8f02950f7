"""What the commands share of the terminal: notes beside the results, and an orderly end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

# More problems than anybody reads at once.
MAX_PROBLEMS = 50


def print_note(text: str) -> None:
    """Print something about the results to standard error; the results alone go to standard output."""
    click.echo(text, err=True)


@contextmanager
def ending_like_ctrl_c() -> Iterator[None]:
    """Let a closed terminal or a polite kill end a command like Ctrl-C does: in order, and with nothing lost."""
    before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
    for number in (getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)):
        # Who starts it with nohup wants it to go on.
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

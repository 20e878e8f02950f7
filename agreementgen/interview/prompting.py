"""What the conversation needs of a terminal, whichever way it is drawn."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

# Signs that are no answer to any question: people type them instead of one.
WISHES = {"?": "help", "<": "back", ">": "forward", "/": "menu"}
KEYS = "? help   < back   > later   / menu"
# Longer lines tire the eye, however wide the window is.
WIDEST = 78


def columns() -> int:
    """Return the width of the window as it is now: an environment variable keeps the width it began with."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns


def room() -> int:
    """Return the columns to write in."""
    return max(20, min(WIDEST, columns() - 1))


class Wish(Exception):
    """Somebody wants something else than to answer."""

    def __init__(self, kind: Literal["help", "back", "forward", "menu"] | str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Option:
    """One line to choose: `value` is returned, `label` shown; `ticked` where several may be chosen."""

    value: str
    label: str
    ticked: bool = False


class Prompts(Protocol):
    """A terminal. Every prompt raises Wish, KeyboardInterrupt (Ctrl-C) or EOFError (the terminal is gone)."""

    @property
    def width(self) -> int:
        """The columns to write in."""

    def line(self, text: str) -> None:
        """Show one line as it is."""

    def text(self, default: str, words: Sequence[str]) -> str:
        """Return a line of text; `words` may be completed."""

    def choose(self, options: Sequence[Option], default: str) -> str:
        """Return the value of one option."""

    def tick(self, options: Sequence[Option]) -> list[str]:
        """Return the values of any number of options."""


def say(prompts: Prompts, text: str, indent: str = "", first: str | None = None) -> None:
    """Show `text` wrapped to the terminal; an empty text is an empty line."""
    if not text:
        prompts.line("")
    for part in text.split("\n") if text else ():
        for line in textwrap.wrap(
            part, prompts.width, initial_indent=indent if first is None else first, subsequent_indent=indent
        ):
            prompts.line(line)


def rule(prompts: Prompts, text: str) -> None:
    """Show the head of a screen."""
    prompts.line("")
    prompts.line((cut(f"--- {text}", prompts.width - 4) + " ").ljust(prompts.width, "-"))


def cut(text: str, most: int) -> str:
    """Return `text` in at most `most` columns of one line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 3].rstrip() + "..."

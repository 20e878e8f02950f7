"""What the conversation needs of a terminal, whichever way it is drawn.

Prompts without drawing: lines, numbered choices, nothing is redrawn. For screen readers and old terminals.

Prompts drawn by questionary: arrow keys, completion, answers that can be corrected where they stand.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

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


_TYPEWRITER = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "·": "-"})


class PlainPrompts:
    """Reads lines from standard input."""

    @property
    def width(self) -> int:
        return room()

    def line(self, text: str) -> None:
        try:
            text.encode(sys.stdout.encoding or "ascii")
        except UnicodeEncodeError:
            text = text.translate(_TYPEWRITER)
        print(text, flush=True)

    def text(self, default: str, words: Sequence[str]) -> str:
        if default:
            self.line(f"(Enter keeps: {default})")
        return self.read("> ") or default

    def choose(self, options: Sequence[Option], default: str) -> str:
        for number, option in enumerate(options, 1):
            self.line(f"{number:>3}. {option.label}")
        usual = next((str(number) for number, option in enumerate(options, 1) if option.value == default), "")
        while True:
            said = self.read(f"Number{f' (Enter: {usual})' if usual else ''}> ") or usual
            chosen = _chosen(said, options)
            if chosen:
                return chosen
            self.line(f'"{cut(said, 30)}" is not one of the numbers. Type a number from 1 to {len(options)}.')

    def tick(self, options: Sequence[Option]) -> list[str]:
        for number, option in enumerate(options, 1):
            self.line(f"{number:>3}. [{'x' if option.ticked else ' '}] {option.label}")
        while True:
            said = self.read("Numbers with commas (0: none; Enter: as ticked)> ")
            if not said:
                return [option.value for option in options if option.ticked]
            if said == "0":
                return []
            parts = said.split(",") if "," in said else said.split() if said[0].isdigit() else [said]
            chosen = [_chosen(part.strip(), options) for part in parts if part.strip()]
            if chosen and all(chosen):
                return [option.value for option in options if option.value in chosen]
            self.line(f'"{cut(said, 30)}" is not a list of numbers. Type numbers such as 1, 3.')

    def read(self, prompt: str) -> str:
        said = input(prompt)
        if said.strip() in WISHES:
            raise Wish(WISHES[said.strip()])
        return said.strip(" ")


def _chosen(text: str, options: Sequence[Option]) -> str:
    """Return the value of the option that `text` names by its number or word; "" for none."""
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= len(options):
        return options[int(text) - 1].value
    return next((option.value for option in options if text and text.lower() == option.value.lower()), "")


class DrawnPrompts:
    """Needs a terminal that can move its cursor."""

    @property
    def width(self) -> int:
        return room()

    def line(self, text: str) -> None:
        print(text, flush=True)

    def text(self, default: str, words: Sequence[str]) -> str:
        import questionary

        question = questionary.text(
            "", qmark=">", default=default, style=_style(), completer=_completer(words), **_depth()
        )
        said = str(question.unsafe_ask()).strip(" ")
        # The sign of a wish may stand behind an answer that was there already.
        sign = said[len(default) :].strip() if default and said.startswith(default) else said
        if sign in WISHES:
            raise Wish(WISHES[sign])
        return said

    def choose(self, options: Sequence[Option], default: str) -> str:
        import questionary

        known = [option.value for option in options]
        question = questionary.select(
            "",
            choices=self.choices(options),
            default=default if default in known else None,
            qmark=">",
            pointer=">",
            instruction="(arrow keys, Enter)",
            use_jk_keys=False,
            style=_style(),
            **_depth(),
        )
        return str(_asked(question))

    def tick(self, options: Sequence[Option]) -> list[str]:
        import questionary

        question = questionary.checkbox(
            "",
            choices=self.choices(options),
            qmark=">",
            pointer=">",
            instruction="(space ticks, Enter goes on)",
            use_jk_keys=False,
            style=_style(),
            **_depth(),
        )
        found = _asked(question)
        return [option.value for option in options if option.value in found]

    def choices(self, options: Sequence[Option]) -> list[Any]:
        import questionary

        most = columns() - 6
        return [questionary.Choice(cut(o.label, most), value=o.value, checked=o.ticked) for o in options]


def _asked(question: Any) -> Any:
    """Ask a question made of lines; the signs of wishes are keys there."""
    for sign, kind in WISHES.items():

        def leave(event: Any, kind: str = kind) -> None:
            event.app.exit(exception=Wish(kind))

        question.application.key_bindings.add(sign, eager=True)(leave)
    return question.unsafe_ask()


def _completer(words: Sequence[str]) -> Any:
    from prompt_toolkit.completion import WordCompleter

    return WordCompleter(list(words), ignore_case=True, sentence=True) if words else None


def _style() -> Any:
    import questionary

    return questionary.Style(
        [("qmark", "bold"), ("answer", "bold"), ("highlighted", "bold"), ("selected", "noreverse")]
    )


def _depth() -> dict[str, Any]:
    from prompt_toolkit.output import ColorDepth

    return {"color_depth": ColorDepth.DEPTH_1_BIT} if os.environ.get("NO_COLOR") else {}

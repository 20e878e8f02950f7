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
REQUEST_SIGNS = {"?": "help", "<": "back", ">": "forward", "/": "menu"}
SIGNS_LEGEND = "? help   < back   > later   / menu"
# Longer lines tire the eye, however wide the window is.
MAX_WIDTH = 78


def window_width() -> int:
    """Return the width of the window as it is now: an environment variable keeps the width it began with."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns


def text_width() -> int:
    """Return the columns to write in."""
    return max(20, min(MAX_WIDTH, window_width() - 1))


class UserRequest(Exception):
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

    def print_line(self, text: str) -> None:
        """Show one line as it is."""

    def ask_text(self, default: str, words: Sequence[str]) -> str:
        """Return a line of text; `words` may be completed."""

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        """Return the value of one option."""

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        """Return the values of any number of options."""


def print_wrapped(prompts: Prompts, text: str, indent: str = "", first: str | None = None) -> None:
    """Show `text` wrapped to the terminal; an empty text is an empty line."""
    if not text:
        prompts.print_line("")
    for part in text.split("\n") if text else ():
        for line in textwrap.wrap(
            part, prompts.width, initial_indent=indent if first is None else first, subsequent_indent=indent
        ):
            prompts.print_line(line)


def print_heading(prompts: Prompts, text: str) -> None:
    """Show the head of a screen."""
    prompts.print_line("")
    prompts.print_line((shorten(f"--- {text}", prompts.width - 4) + " ").ljust(prompts.width, "-"))


def shorten(text: str, most: int) -> str:
    """Return `text` in at most `most` columns of one line."""
    plain = " ".join(text.split())
    return plain if len(plain) <= most else plain[: most - 3].rstrip() + "..."


_ASCII_SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "·": "-"})


class PlainPrompts:
    """Reads lines from standard input."""

    @property
    def width(self) -> int:
        return text_width()

    def print_line(self, text: str) -> None:
        try:
            text.encode(sys.stdout.encoding or "ascii")
        except UnicodeEncodeError:
            text = text.translate(_ASCII_SIGNS)
        print(text, flush=True)

    def ask_text(self, default: str, words: Sequence[str]) -> str:
        if default:
            self.print_line(f"(Enter keeps: {default})")
        return self.read_line("> ") or default

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        for number, option in enumerate(options, 1):
            self.print_line(f"{number:>3}. {option.label}")
        usual = next((str(number) for number, option in enumerate(options, 1) if option.value == default), "")
        while True:
            said = self.read_line(f"Number{f' (Enter: {usual})' if usual else ''}> ") or usual
            chosen = _find_choice(said, options)
            if chosen:
                return chosen
            self.print_line(f'"{shorten(said, 30)}" is not one of the numbers. Type a number from 1 to {len(options)}.')

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        for number, option in enumerate(options, 1):
            self.print_line(f"{number:>3}. [{'x' if option.ticked else ' '}] {option.label}")
        while True:
            said = self.read_line("Numbers with commas (0: none; Enter: as ticked)> ")
            if not said:
                return [option.value for option in options if option.ticked]
            if said == "0":
                return []
            parts = said.split(",") if "," in said else said.split() if said[0].isdigit() else [said]
            chosen = [_find_choice(part.strip(), options) for part in parts if part.strip()]
            if chosen and all(chosen):
                return [option.value for option in options if option.value in chosen]
            self.print_line(f'"{shorten(said, 30)}" is not a list of numbers. Type numbers such as 1, 3.')

    def read_line(self, prompt: str) -> str:
        said = input(prompt)
        if said.strip() in REQUEST_SIGNS:
            raise UserRequest(REQUEST_SIGNS[said.strip()])
        return said.strip(" ")


def _find_choice(text: str, options: Sequence[Option]) -> str:
    """Return the value of the option that `text` names by its number or word; "" for none."""
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= len(options):
        return options[int(text) - 1].value
    return next((option.value for option in options if text and text.lower() == option.value.lower()), "")


class DrawnPrompts:
    """Needs a terminal that can move its cursor."""

    @property
    def width(self) -> int:
        return text_width()

    def print_line(self, text: str) -> None:
        print(text, flush=True)

    def ask_text(self, default: str, words: Sequence[str]) -> str:
        import questionary

        question = questionary.text(
            "", qmark=">", default=default, style=_style(), completer=_completer(words), **_color_depth()
        )
        said = str(question.unsafe_ask()).strip(" ")
        # The sign of a wish may stand behind an answer that was there already.
        sign = said[len(default) :].strip() if default and said.startswith(default) else said
        if sign in REQUEST_SIGNS:
            raise UserRequest(REQUEST_SIGNS[sign])
        return said

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        import questionary

        known = [option.value for option in options]
        question = questionary.select(
            "",
            choices=self.list_choices(options),
            default=default if default in known else None,
            qmark=">",
            pointer=">",
            instruction="(arrow keys, Enter)",
            use_jk_keys=False,
            style=_style(),
            **_color_depth(),
        )
        return str(_ask_with_signs(question))

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        import questionary

        question = questionary.checkbox(
            "",
            choices=self.list_choices(options),
            qmark=">",
            pointer=">",
            instruction="(space ticks, Enter goes on)",
            use_jk_keys=False,
            style=_style(),
            **_color_depth(),
        )
        found = _ask_with_signs(question)
        return [option.value for option in options if option.value in found]

    def list_choices(self, options: Sequence[Option]) -> list[Any]:
        import questionary

        most = window_width() - 6
        return [questionary.Choice(shorten(o.label, most), value=o.value, checked=o.ticked) for o in options]


def _ask_with_signs(question: Any) -> Any:
    """Ask a question made of lines; the signs of wishes are keys there."""
    for sign, kind in REQUEST_SIGNS.items():

        def leave(event: Any, kind: str = kind) -> None:
            event.app.exit(exception=UserRequest(kind))

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


def _color_depth() -> dict[str, Any]:
    from prompt_toolkit.output import ColorDepth

    return {"color_depth": ColorDepth.DEPTH_1_BIT} if os.environ.get("NO_COLOR") else {}

"""Prompts: what the questionnaire needs of a terminal, drawn with arrow keys or as plain lines.

Plain prompts number their choices and never redraw anything: for screen readers and old terminals. Drawn ones come from
questionary and have completion and answers that can be corrected where they stand.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

if TYPE_CHECKING:
    import questionary
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import ColorDepth
    from questionary import Choice, Style

RequestKind = Literal["help", "back", "forward", "menu"]

# Typed instead of an answer: no answer consists of one of these signs alone.
REQUEST_SIGNS: dict[str, RequestKind] = {"?": "help", "<": "back", ">": "forward", "/": "menu"}
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
    """Return how many columns a text may take, at least 20."""
    return max(20, min(MAX_WIDTH, window_width() - 1))


class UserRequest(Exception):
    """Raised by a prompt where the user asks for help or wants to go elsewhere instead of answering."""

    def __init__(self, kind: RequestKind) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Option:
    """One line to choose: `value` is returned, `label` shown; `ticked` where several may be chosen."""

    value: str
    label: str
    ticked: bool = False


class Prompts(Protocol):
    """A terminal. Every prompt may raise UserRequest, KeyboardInterrupt (Ctrl-C) or EOFError (the terminal is gone)."""

    def print_line(self, text: str) -> None:
        """Show one line as it is."""

    def ask_text(self, default: str, completions: Sequence[str]) -> str:
        """Return a line of text without spaces at its ends; `completions` are offered while it is typed."""

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        """Return the value of one option; `default` is the value that is marked at first."""

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        """Return the values of any number of options, in their order."""


def print_wrapped(prompts: Prompts, text: str, indent: str = "", first: str | None = None) -> None:
    """Show `text` wrapped to the terminal, its first line indented by `first`; an empty text is an empty line."""
    if not text:
        prompts.print_line("")
        return
    start = indent if first is None else first
    for part in text.split("\n"):
        for line in textwrap.wrap(part, text_width(), initial_indent=start, subsequent_indent=indent):
            prompts.print_line(line)


def print_heading(prompts: Prompts, text: str) -> None:
    """Show the line with which a screen begins."""
    width = text_width()
    prompts.print_line("")
    prompts.print_line((shorten(f"--- {text}", width - 4) + " ").ljust(width, "-"))


def shorten(text: str, most: int) -> str:
    """Return `text` in one line of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


_ASCII_SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "·": "-"})


class PlainPrompts:
    """Reads lines from standard input."""

    def print_line(self, text: str) -> None:
        try:
            text.encode(sys.stdout.encoding or "ascii")
        except UnicodeEncodeError:
            text = text.translate(_ASCII_SIGNS)
        print(text, flush=True)

    def ask_text(self, default: str, completions: Sequence[str]) -> str:
        if default:
            self.print_line(f"(Enter keeps: {default})")
        return self.read_line("> ") or default

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        for number, option in enumerate(options, 1):
            self.print_line(f"{number:>3}. {option.label}")
        usual = next((str(number) for number, option in enumerate(options, 1) if option.value == default), "")
        while True:
            typed = self.read_line(f"Number{f' (Enter: {usual})' if usual else ''}> ") or usual
            chosen = _find_choice(typed, options)
            if chosen:
                return chosen
            self.print_line(
                f'"{shorten(typed, 30)}" is not one of the numbers. Type a number from 1 to {len(options)}.'
            )

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        for number, option in enumerate(options, 1):
            self.print_line(f"{number:>3}. [{'x' if option.ticked else ' '}] {option.label}")
        while True:
            typed = self.read_line("Numbers with commas (0: none; Enter: as ticked)> ")
            if not typed:
                return [option.value for option in options if option.ticked]
            if typed == "0":
                return []
            chosen = [_find_choice(part, options) for part in _split_numbers(typed)]
            if chosen and all(chosen):
                return [option.value for option in options if option.value in chosen]
            self.print_line(f'"{shorten(typed, 30)}" is not a list of numbers. Type numbers such as 1, 3.')

    def read_line(self, prompt: str) -> str:
        typed = input(prompt)
        _raise_request(typed.strip())
        return typed.strip(" ")


def _find_choice(text: str, options: Sequence[Option]) -> str:
    """Return the value of the option that `text` names by its number or word; "" for none."""
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= len(options):
        return options[int(text) - 1].value
    return next((option.value for option in options if text and text.lower() == option.value.lower()), "")


def _split_numbers(typed: str) -> list[str]:
    """Return the parts of "1, 3" or "1 3"; words alone are one part, for the words of an option may have spaces."""
    parts = typed.split() if "," not in typed and typed[0].isdigit() else typed.split(",")
    return [part.strip() for part in parts if part.strip()]


def _raise_request(typed: str) -> None:
    if typed in REQUEST_SIGNS:
        raise UserRequest(REQUEST_SIGNS[typed])


class DrawnPrompts:
    """Needs a terminal that can move its cursor."""

    def print_line(self, text: str) -> None:
        print(text, flush=True)

    def ask_text(self, default: str, completions: Sequence[str]) -> str:
        import questionary

        question = questionary.text("", default=default, completer=_make_completer(completions), **_look())
        typed = str(question.unsafe_ask()).strip(" ")
        # The sign of a request may stand behind an answer that was there already.
        _raise_request(typed[len(default) :].strip() if default and typed.startswith(default) else typed)
        return typed

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        import questionary

        known = [option.value for option in options]
        question = questionary.select(
            "",
            choices=_list_choices(options),
            default=default if default in known else None,
            pointer=">",
            instruction="(arrow keys, Enter)",
            use_jk_keys=False,
            **_look(),
        )
        return str(_ask_with_request_keys(question))

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        import questionary

        question = questionary.checkbox(
            "",
            choices=_list_choices(options),
            pointer=">",
            instruction="(space ticks, Enter goes on)",
            use_jk_keys=False,
            **_look(),
        )
        chosen = _ask_with_request_keys(question)
        return [option.value for option in options if option.value in chosen]


def _list_choices(options: Sequence[Option]) -> list[Choice]:
    import questionary

    most = window_width() - 6
    return [questionary.Choice(shorten(o.label, most), value=o.value, checked=o.ticked) for o in options]


def _ask_with_request_keys(question: questionary.Question) -> Any:
    """Ask a question whose answer is not typed; there the signs of requests are keys."""
    for sign, kind in REQUEST_SIGNS.items():

        def leave(event: KeyPressEvent, kind: RequestKind = kind) -> None:
            event.app.exit(exception=UserRequest(kind))

        question.application.key_bindings.add(sign, eager=True)(leave)  # type: ignore[union-attr]
    return question.unsafe_ask()


def _make_completer(words: Sequence[str]) -> Completer | None:
    from prompt_toolkit.completion import WordCompleter

    return WordCompleter(list(words), ignore_case=True, sentence=True) if words else None


class _Look(TypedDict, total=False):
    qmark: str
    style: Style
    color_depth: ColorDepth


def _look() -> _Look:
    """Return what all drawn prompts have in common, as arguments of questionary."""
    import questionary
    from prompt_toolkit.output import ColorDepth

    bold = ("qmark", "answer", "highlighted")
    style = questionary.Style([*((part, "bold") for part in bold), ("selected", "noreverse")])
    look: _Look = {"qmark": ">", "style": style}
    return look | {"color_depth": ColorDepth.DEPTH_1_BIT} if os.environ.get("NO_COLOR") else look

"""The prompts: all that the questionnaire needs of a terminal.

What is said is held back until somebody is asked something, and then shown a screen at a time: no line is pushed out of
the window before it was read. Plain prompts number their choices and never redraw anything: for screen readers and old
terminals. Drawn ones come from questionary and have completion and answers that can be corrected where they stand.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict

from agreementgen.core.escaping import escape_line
from agreementgen.interview.keys import (
    has_letters,
    let_typing_replace,
    limit_height,
    refuse_letters,
    refuse_lines_without_letters,
)
from agreementgen.library.messages import NO_MESSAGES, Messages
from agreementgen.terminal import print_text

if TYPE_CHECKING:
    import questionary
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.key_binding import KeyPressEvent
    from prompt_toolkit.output import ColorDepth
    from questionary import Choice, Style

RequestKind = Literal["help", "back", "forward", "menu"]

# Typed instead of an answer: no answer consists of one of these signs alone.
REQUEST_SIGNS: dict[str, RequestKind] = {"?": "help", "<": "back", ">": "forward", "/": "menu"}
SIGNS_LEGEND = "(? help   < back   > later   / menu   Ctrl-C stop)"
# Longer lines tire the eye, however wide the window is.
MAX_WIDTH = 78
# What a list of choices may always take, however much stands above it.
_LEAST_CHOICES = 5
# Rows beside a list that fills the window: a heading, a line on what to do, the signs, and those of the drawn list.
ROWS_BESIDE_CHOICES = 6
# Rows beside the choices of a drawn list: the prompt, and a word on the letters that narrow it down.
_ROWS_AROUND_CHOICES = 2
# Rows that prompt_toolkit keeps free for completions.
_COMPLETION_ROWS = 9


def window_width() -> int:
    """Return the width of the window as it is now: an environment variable keeps the width it began with."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns


def window_height() -> int:
    """Return the rows of the window as it is now, at least 10."""
    try:
        rows = os.get_terminal_size(sys.stdout.fileno()).lines or 24
    except (OSError, ValueError):
        rows = shutil.get_terminal_size().lines
    return max(10, rows)


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
    """One line to choose: `value` is returned, `label` shown; `ticked` where several may be chosen.

    `is_minor`: it is seldom wanted, and plain prompts show it on request only. `takes_text`: what is typed instead of a
    number is returned as it is, for it is the answer that this line would ask for again.
    """

    value: str
    label: str
    ticked: bool = False
    is_minor: bool = False
    takes_text: bool = False


class Prompts(Protocol):
    """A terminal. Every prompt may raise UserRequest, KeyboardInterrupt (Ctrl-C) or EOFError (the terminal is gone).

    `messages` are what is said in the user's language; everything shown is looked up there in one piece.
    """

    messages: Messages

    def print_line(self, text: str) -> None:
        """Show one line as it is, with the next prompt."""

    def begin_screen(self) -> None:
        """Say that what follows belongs together, and to the next prompt."""

    def show_lines(self) -> None:
        """Show now what was said, a screen at a time; nobody is asked anything yet."""

    def ask_text(self, default: str, completions: Sequence[str]) -> str:
        """Return a line of text without spaces at its ends; `completions` are offered while it is typed."""

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        """Return the value of one option, or a text that was typed where an option takes it.

        `default` is the value that is marked at first.
        """

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        """Return the values of any number of options, in their order."""


def print_wrapped(prompts: Prompts, text: str, indent: str = "", first: str | None = None) -> None:
    """Show `text` wrapped to the terminal, its first line indented by `first`; an empty text is an empty line."""
    if not text:
        prompts.print_line("")
        return
    start = indent if first is None else first
    for part in prompts.messages.translate(text).split("\n"):
        for line in textwrap.wrap(part, text_width(), initial_indent=start, subsequent_indent=indent):
            prompts.print_line(line)


def print_heading(prompts: Prompts, text: str) -> None:
    """Show the line with which a screen begins."""
    width, text = text_width(), prompts.messages.translate(text)
    prompts.begin_screen()
    prompts.print_line("")
    prompts.print_line((shorten(f"--- {text}", width - 4) + " ").ljust(width, "-"))


def shorten(text: str, most: int) -> str:
    """Return `text` in one line of at most `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 3].rstrip() + "..."


# -- a screen at a time


def count_rows(lines: Sequence[str]) -> int:
    """Return how many rows of the window lines take."""
    width = window_width()
    return sum(max(1, -(-_count_cells(line) // width)) for line in lines)


def _count_cells(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


class Pager:
    """Lines that wait for the next prompt; they are shown so that each was on the screen for as long as it takes.

    `write` shows one line at once; `pause` waits until the user goes on.
    """

    def __init__(self, write: Callable[[str], None], pause: Callable[[], None]) -> None:
        self._write = write
        self._pause = pause
        self._lines: list[str] = []
        self._screen_begin = 0

    def add(self, line: str) -> None:
        self._lines.append(line)

    def begin_screen(self) -> None:
        self._screen_begin = len(self._lines)

    def show(self, needed: int = 0, least: int | None = None) -> int:
        """Show what waits; the last screen stands together with a prompt of `needed` rows. Return its rows.

        A prompt that scrolls can do with `least` rows where the last screen leaves it no more.
        """
        lines, begin = self._lines, self._screen_begin
        self._lines, self._screen_begin = [], 0
        while count_rows(lines) + needed > window_height():
            if not begin and least is not None and count_rows(lines) + least <= window_height():
                break
            page = _first_page(lines[:begin] or lines, window_height() - 1)
            for line in page:
                self._write(line)
            self._pause()
            lines, begin = lines[len(page) :], max(0, begin - len(page))
            while lines and not lines[0]:
                lines, begin = lines[1:], max(0, begin - 1)
        for line in lines:
            self._write(line)
        return count_rows(lines)


def _first_page(lines: Sequence[str], rows: int) -> Sequence[str]:
    """Return as many lines as fit; they end with a paragraph where one ends in the lower half."""
    count = 1
    while count < len(lines) and count_rows(lines[: count + 1]) <= rows:
        count += 1
    if count == len(lines):
        return lines
    ends = [at for at in range(count // 2, count + 1) if not lines[at]]
    return lines[: ends[-1] if ends else count]


# -- plain prompts

_ASCII_SIGNS = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "·": "-"})


class PlainPrompts:
    """Reads lines from standard input."""

    def __init__(self) -> None:
        self.messages = NO_MESSAGES
        self._pages = Pager(self._write, self._pause)

    def _write(self, text: str) -> None:
        try:
            text.encode(sys.stdout.encoding or "ascii")
        except UnicodeEncodeError:
            text = text.translate(_ASCII_SIGNS)
        print_text(f"{text}\n")

    def _pause(self) -> None:
        self.read_line("(Enter goes on)> ")

    def print_line(self, text: str) -> None:
        self._pages.add(self.messages.translate(text))

    def begin_screen(self) -> None:
        self._pages.begin_screen()

    def show_lines(self) -> None:
        self._pages.show()

    def ask_text(self, default: str, completions: Sequence[str]) -> str:
        self.print_line(SIGNS_LEGEND)
        if default:
            print_wrapped(self, f"(Enter keeps: {default})")
        self._pages.show(1)
        return self.read_line("> ") or default

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        options = translate_options(self.messages, options)
        options = sorted(options, key=lambda option: option.is_minor)
        minor = sum(option.is_minor for option in options)
        usual = next((str(number) for number, option in enumerate(options, 1) if option.value == default), "")
        lines = [_number_line(number, option.label) for number, option in enumerate(options, 1)]
        marked = next((option.label for option in options if option.value == default), "")
        more = self.messages.translate(f"{minor} more, as usual or empty: type 0 to list them, or a word of one")
        typed, is_long = self._show_options([*lines[: len(lines) - minor], *([_number_line(0, more)] if minor else [])])
        # What Enter chooses may have been pushed out of the window by the lines below it.
        told = f"{usual}, {shorten(marked, 50)}" if is_long else usual
        while True:
            typed = typed or self.read_line(f"Number (Enter: {told})> " if usual else "Number> ") or usual
            if typed == "0" and minor:
                typed, _ = self._show_options(lines[len(lines) - minor :])
                continue
            chosen = _find_choice(typed, options, self.messages)
            if chosen:
                return chosen
            if any(option.takes_text for option in options) and _is_new_text(typed, options):
                return typed
            if only := self._explain_choice(typed, options, lines):
                usual = told = only
            typed = ""

    def _explain_choice(self, typed: str, options: Sequence[Option], lines: Sequence[Sequence[str]]) -> str:
        """Show the lines that have the word that was typed; return the number of the only one, else ""."""
        near = [number for number, o in enumerate(options, 1) if typed and typed.lower() in o.label.lower()]
        if not typed:
            self._tell(f"Nothing is usual here: type a number from 1 to {len(options)}.")
            return ""
        if typed.startswith("\x1b"):
            self._tell(f"Arrow keys do nothing here. Type a number from 1 to {len(options)}.")
            return ""
        if not near:
            self._tell(f'"{shorten(typed, 30)}" is not one of the numbers. Type a number from 1 to {len(options)}.')
            return ""
        self._tell(f'"{shorten(typed, 30)}" is in:')
        for number in near:
            for line in lines[number - 1]:
                self._write(line)
        return str(near[0]) if len(near) == 1 else ""

    def _show_options(self, lines: Sequence[Sequence[str]]) -> tuple[str, bool]:
        """Show numbered lines, a screen at a time; return a number that was typed before all were shown, or "".

        Return also whether the first of them were pushed out of the window.
        """
        self.print_line(SIGNS_LEGEND)
        needed = sum(count_rows(line) for line in lines) + 1
        room = window_height() - self._pages.show(min(needed, window_height() // 2), min(needed, _LEAST_CHOICES))
        is_long = False
        for line in lines:
            if count_rows(line) >= room:
                is_long = True
                if typed := self.read_line("(Enter shows more; or a number)> "):
                    return typed, is_long
                room = window_height()
            room -= count_rows(line)
            for part in line:
                self._write(part)
        return "", is_long

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        options = translate_options(self.messages, options)
        lines = [
            _number_line(number, f"[{'x' if option.ticked else ' '}] {option.label}")
            for number, option in enumerate(options, 1)
        ]
        typed, _ = self._show_options(lines)
        while True:
            typed = typed or self.read_line("Numbers with commas (0: none; Enter: as ticked)> ")
            if not typed:
                return [option.value for option in options if option.ticked]
            if typed == "0":
                return []
            chosen = [_find_choice(part, options, self.messages) for part in _split_numbers(typed)]
            if chosen and all(chosen):
                return [option.value for option in options if option.value in chosen]
            self._tell(f'"{shorten(typed, 30)}" is no list of numbers from 1 to {len(options)}. Type some, as 1, 2.')
            typed = ""

    def _tell(self, text: str) -> None:
        self._write(self.messages.translate(text))

    def read_line(self, prompt: str) -> str:
        typed = input(self.messages.translate(prompt))
        _raise_request(typed.strip())
        return typed.strip(" ")


def _number_line(number: int, label: str) -> list[str]:
    """Return the rows of a numbered line, whose label may have several."""
    rows = []
    for at, line in enumerate(label.split("\n")):
        first = "     " if at else f"{number:>3}. "
        rows += textwrap.wrap(line, text_width(), initial_indent=first, subsequent_indent="     ")
    return rows


def translate_options(messages: Messages, options: Sequence[Option]) -> Sequence[Option]:
    """Return options whose labels are in the user's language."""
    return [replace(option, label=messages.translate(option.label)) for option in options]


def _find_choice(text: str, options: Sequence[Option], messages: Messages = NO_MESSAGES) -> str:
    """Return the value of the option that `text` names by its number or word; "" for none."""
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= len(options):
        return options[int(text) - 1].value
    local = {messages.translate(word).lower(): word for word in ("yes", "no")}
    word = {"y": "yes", "n": "no", **local}.get(text.lower(), text.lower())
    if found := next((option.value for option in options if text and word == option.value.lower()), ""):
        return found
    # "Yes: Vermont", "No: type it again".
    begins = rf"{re.escape(messages.translate(word))}(?!\w)"
    begun = [o.value for o in options if word in ("yes", "no") and re.match(begins, o.label, re.IGNORECASE)]
    return begun[0] if len(begun) == 1 else ""


def _is_new_text(typed: str, options: Sequence[Option]) -> bool:
    """Return whether a text is neither a number that no line has, nor a key, nor a yes or a no, nor words of a line."""
    is_of_line = any(typed.lower() in option.label.lower() for option in options)
    is_reply = typed.isdigit() or typed.startswith("\x1b") or typed.lower() in ("y", "yes", "n", "no", "ok")
    return bool(typed) and not is_reply and not is_of_line


def _split_numbers(typed: str) -> list[str]:
    """Return the parts of "1, 3" or "1 3"; words alone are one part, for the words of an option may have spaces."""
    parts = typed.split() if "," not in typed and typed[0].isdigit() else typed.split(",")
    return [part.strip() for part in parts if part.strip()]


def _raise_request(typed: str) -> None:
    if typed in REQUEST_SIGNS:
        raise UserRequest(REQUEST_SIGNS[typed])


# -- drawn prompts


class DrawnPrompts:
    """Needs a terminal that can move its cursor."""

    def __init__(self) -> None:
        self.messages = NO_MESSAGES
        self._pages = Pager(lambda text: print_text(f"{text}\n"), self._pause)

    def _pause(self) -> None:
        import questionary

        question = questionary.text(self.messages.translate("(Enter goes on)"), **_look())
        question.application.erase_when_done = True
        _raise_request(str(question.unsafe_ask()).strip())

    def print_line(self, text: str) -> None:
        self._pages.add(self.messages.translate(text))

    def begin_screen(self) -> None:
        self._pages.begin_screen()

    def show_lines(self) -> None:
        self._pages.show()

    def ask_text(self, default: str, completions: Sequence[str]) -> str:
        import questionary

        self.print_line(SIGNS_LEGEND)
        if default:
            print_wrapped(self, "(Enter keeps what stands there; typing replaces it; arrow keys change it)")
        self._pages.show(_COMPLETION_ROWS if completions else 1 + count_rows([f"> {default}"]))
        question = questionary.text("", default=default, completer=_make_completer(completions), **_look())
        if default:
            let_typing_replace(question)
        typed = str(question.unsafe_ask()).strip(" ")
        # The sign of a request may stand behind an answer that was there already.
        _raise_request(typed[len(default) :].strip() if default and typed.startswith(default) else typed)
        return typed

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        import questionary

        options = translate_options(self.messages, options)
        room = self._make_room(options)
        known = [option.value for option in options]
        question = questionary.select(
            "",
            choices=_list_choices(options),
            default=default if default in known else None,
            pointer=">",
            instruction=self.messages.translate("(arrow keys, type, Enter)"),
            use_jk_keys=False,
            use_search_filter=True,
            **_look(),
        )
        refuse_lines_without_letters(question, any(option.takes_text for option in options), self.messages.translate)
        limit_height(question, room)
        return str(ask_with_request_keys(question))

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        import questionary

        options = translate_options(self.messages, options)
        room = self._make_room(options)
        question = questionary.checkbox(
            "",
            choices=_list_choices(options),
            pointer=">",
            instruction=self.messages.translate("(space ticks, Enter goes on)"),
            use_jk_keys=False,
            **_look(),
        )
        refuse_letters(question, self.messages.translate)
        limit_height(question, room)
        chosen = ask_with_request_keys(question)
        return [option.value for option in options if option.value in chosen]

    def _make_room(self, options: Sequence[Option]) -> Callable[[], int]:
        """Show what was said; return how many rows the choices may take, so that it stays in the window."""
        self.print_line(SIGNS_LEGEND)
        rows = sum(count_choice_rows(option.label) for option in options)
        # What can stand in the window whole does; a longer list scrolls, and half of the window is enough for it.
        is_short = rows <= window_height() - ROWS_BESIDE_CHOICES
        most = rows if is_short else window_height() // 2
        least = min(rows, _LEAST_CHOICES)
        shown = self._pages.show(most + _ROWS_AROUND_CHOICES, least + _ROWS_AROUND_CHOICES)
        return lambda: max(_LEAST_CHOICES, window_height() - shown - _ROWS_AROUND_CHOICES)


def _list_choices(options: Sequence[Option]) -> list[Choice]:
    import questionary

    return [
        questionary.Choice("\n".join(_wrap_choice(option.label)), value=option.value, checked=option.ticked)
        for option in options
    ]


def _wrap_choice(label: str) -> list[str]:
    """Return the rows of a line to choose, whose label may have several; a pointer and a box stand before it."""
    width, rows = max(20, min(MAX_WIDTH, window_width() - 1) - 5), []
    for at, line in enumerate(label.split("\n")):
        first = "     " if at else ""
        rows += textwrap.wrap(escape_line(line), width, initial_indent=first, subsequent_indent="     ")
    return rows


def count_choice_rows(label: str) -> int:
    """Return how many rows a line to choose takes."""
    return len(_wrap_choice(label))


def ask_with_request_keys(question: questionary.Question) -> Any:
    """Ask a question whose answer is not typed; there the signs of requests are keys, but not behind letters."""
    from prompt_toolkit.filters import Condition

    is_first = Condition(lambda: not has_letters(question))
    for sign, kind in REQUEST_SIGNS.items():

        def leave(event: KeyPressEvent, kind: RequestKind = kind) -> None:
            event.app.exit(exception=UserRequest(kind))

        question.application.key_bindings.add(sign, eager=True, filter=is_first)(leave)  # type: ignore[union-attr]
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

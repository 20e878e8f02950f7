"""Prompts without drawing: lines, numbered choices, nothing is redrawn. For screen readers and old terminals."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from agreementgen.interview.prompting import WISHES, Option, Wish, cut, room

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

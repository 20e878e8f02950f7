"""Prompts drawn by questionary: arrow keys, completion, answers that can be corrected where they stand."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from agreementgen.interview.prompting import WISHES, Option, Wish, columns, cut, room


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

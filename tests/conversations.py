"""Holds a whole conversation with the questionnaire on a small screen, as a person does who reads before typing.

A person has a table of answers: words of a question, and what to answer when a prompt with these words is visible. It
does not matter which prompts come, or in which order; a prompt for which the table has no answer fails, and shows the
screen. At each prompt the screen is judged: `judge_screen`.

    AGREEMENTGEN_SCREENS=folder

keeps the screens of each conversation there, to be read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from terminal import DOWN, ENTER, UP, Terminal

# What is answered each time, the last for good: a text, the words of a line to choose, or the lines to tick.
Answer = str | list[str]
Answers = Mapping[str, Answer | tuple[Answer, ...]]
Screen = Sequence[str]

SIGNS = "(? help < back > later / menu Ctrl-C stop)"
GOES_ON = "(Enter goes on)"
SHOWS_MORE = "(Enter shows more; or a number)"
# Lines of the review tell the first words of longer answers.
_MAY_BE_SHORTENED = "--- Review"
_MOST_PROMPTS = 150
_CHOICE, _CHECKLIST = "(arrow keys, type, Enter)", "(space ticks, Enter goes on)"
# What a drawn list sets before its lines, and its bar behind them.
_BAR = re.compile(r" [\^v]$")
_MARKS = re.compile(r"^ ?> |^ +[○●] | [\^v] *$|^ *\d+\. (?:\[[ x]\] )?")


@dataclass
class Held:
    """A conversation that was held: the screens at which something was typed, and what was typed."""

    folder: Path
    screens: list[Screen] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)

    def words_seen(self) -> str:
        """Return all that was visible in one line, what stayed on the screen once, without what is drawn around it."""
        rows: list[str] = []
        for screen in self.screens:
            at, stayed = _find_rows_that_stayed(rows, screen)
            rows[at:] = screen[stayed:]
        return words_on(rows)


def _find_rows_that_stayed(rows: Sequence[str], screen: Screen) -> tuple[int, int]:
    """Return where the first rows of a screen end in `rows`, and how many they are; behind them was only a prompt."""
    for at in range(max(0, len(rows) - len(screen)), len(rows)):
        stayed = 0
        while stayed < len(screen) and at + stayed < len(rows) and screen[stayed] == rows[at + stayed]:
            stayed += 1
        if stayed and not any(row and not row.startswith(">") for row in rows[at + stayed :]):
            return at + stayed, stayed
    return len(rows), 0


def words_on(screen: Screen) -> str:
    """Return the words of a screen in one line, without pointers, boxes and numbers before the lines of lists."""
    return " ".join(" ".join(_MARKS.sub(" ", row) for row in screen).split())


def question_on(screen: Screen) -> str:
    """Return what the last heading of a screen stands above, in one line."""
    begins = [at for at, row in enumerate(screen) if row.startswith("--- ")]
    return " ".join(" ".join(screen[begins[-1] if begins else 0 :]).split())


def is_pause(screen: Screen) -> bool:
    """Return whether a screen waits only until it is read, or says itself what Enter does behind a long list."""
    last = next((row for row in reversed(screen) if row), "")
    return GOES_ON in last or SHOWS_MORE in last or bool(re.search(r"^Number \(Enter: \d+, .+\)>$", last))


def judge_screen(screen: Screen, columns: int) -> None:
    """Fail where a question, or the way out of it, cannot be read."""
    told = "\n".join(screen)
    assert all(len(_BAR.sub("", row)) < columns for row in screen), f"a line is as wide as the window:\n{told}"
    if is_pause(screen):
        return
    asked = question_on(screen)
    assert asked.startswith("--- "), f"no heading is visible:\n{told}"
    assert SIGNS in asked, f"no way out is visible:\n{told}"
    assert re.search(r"> *(\(|$|.)", asked.partition(SIGNS)[2]), f"no prompt is visible:\n{told}"
    if not asked.startswith(_MAY_BE_SHORTENED):
        assert "..." not in asked, f"words are cut off:\n{told}"


def converse(
    folder: Path,
    arguments: Sequence[str],
    answers: Answers,
    *,
    columns: int = 80,
    rows: int = 24,
    program: str = "",
) -> Held:
    """Hold a conversation to its end, and return it. `program` is run where it is not to be forked from the test."""
    left = {words: list(answer) if isinstance(answer, tuple) else [answer] for words, answer in answers.items()}
    held = Held(folder)
    with Terminal(folder, "new", "deal.yaml", *arguments, columns=columns, rows=rows, program=program) as terminal:
        while screen := terminal.look():
            held.screens.append(screen)
            assert len(held.screens) < _MOST_PROMPTS, "\n".join(screen)
            assert screen not in held.screens[-3:-1], "the same is asked again and again:\n" + "\n".join(screen)
            judge_screen(screen, columns)
            answer = "" if is_pause(screen) else _find_answer(screen, left)
            keys = _keys_for(screen, answer)
            _note(held, screen, answer)
            terminal.child.send(keys)
        held.screens.append(terminal.visible_rows())
        _keep_screens(held)
        assert terminal.end() == 0, terminal.seen[-2000:]
    return held


def _find_answer(screen: Screen, left: dict[str, list[Answer]]) -> Answer:
    asked = question_on(screen).rpartition(SIGNS)[0]
    found = [words for words in left if words in asked]
    assert found, "the table has no answer to this:\n" + "\n".join(screen)
    answers = left[max(found, key=lambda words: (asked.rindex(words), len(words)))]
    return answers.pop(0) if len(answers) > 1 else answers[0]


def _note(held: Held, screen: Screen, answer: Answer) -> None:
    text = "\n".join(screen)
    if isinstance(answer, list) or _CHOICE in text or _plain_lines(screen):
        held.chosen += answer if isinstance(answer, list) else [answer]
    elif answer not in ("", "<", ">", "?", "/"):
        held.typed.append(answer)


# -- keys


def _keys_for(screen: Screen, answer: Answer) -> str:
    text = "\n".join(screen)
    if isinstance(answer, list):
        ticks = [answer] if isinstance(answer, str) else answer
        if _CHECKLIST in text:
            return _keys_for_ticks(screen, ticks)
        return (
            ",".join(str(_plain_lines(screen).index(_line_with(_plain_lines(screen), tick)) + 1) for tick in ticks)
            + ENTER
        )
    if not answer or answer in ("<", ">", "?", "/"):
        return answer + ("" if answer and _CHOICE in text.rpartition("---")[2] else ENTER)
    if _CHOICE in text.rpartition("\n--- ")[2]:
        lines, at = _drawn_lines(screen)
        to = lines.index(_line_with(lines, answer))
        return (DOWN if to > at else UP) * abs(to - at) + ENTER
    if numbered := _plain_lines(screen):
        return f"{numbered.index(_line_with(numbered, answer)) + 1}{ENTER}"
    return answer + ENTER


def _keys_for_ticks(screen: Screen, ticks: Sequence[str]) -> str:
    lines, at = _drawn_lines(screen)
    places = sorted(lines.index(_line_with(lines, tick)) for tick in ticks)
    keys = ""
    for place in places:
        keys += (DOWN if place > at else UP) * abs(place - at) + " "
        at = place
    return keys + ENTER


def _line_with(lines: Sequence[str], words: str) -> str:
    found = [line for line in lines if line.startswith(words)] or [line for line in lines if words in line]
    assert found, f"no line says {words!r}: {lines}"
    return found[0]


def _drawn_lines(screen: Screen) -> tuple[list[str], int]:
    """Return the lines of the list on a screen, and which of them the pointer is at."""
    begins = max(at for at, row in enumerate(screen) if _CHOICE in row or _CHECKLIST in row)
    lines: list[str] = []
    pointed = 0
    for row in screen[begins + 1 :]:
        if not row.strip():
            continue
        if row.startswith(" > "):
            pointed = len(lines)
        if row[3:4] != " ":
            lines.append(re.sub(r"^[○●] | +[\^v]$", "", row[3:]))
        else:
            lines[-1] += " " + row.strip()
    return lines, pointed


def _plain_lines(screen: Screen) -> list[str]:
    """Return the numbered lines of a plain prompt."""
    begins = max((at for at, row in enumerate(screen) if row.startswith("(? help")), default=len(screen))
    lines: list[str] = []
    for row in screen[begins + 1 :]:
        if found := re.match(r" *\d+\. (?:\[[ x]\] )?(.*)", row):
            lines.append(found[1])
        elif lines and row.startswith("     "):
            lines[-1] += " " + row.strip()
    return lines


def _keep_screens(held: Held) -> None:
    if folder := os.environ.get("AGREEMENTGEN_SCREENS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        edge = "-" * 80
        text = "".join(f"{edge}\n" + "\n".join(screen) + "\n" for screen in held.screens)
        (Path(folder) / f"{held.folder.name}.txt").write_text(text, encoding="utf-8")

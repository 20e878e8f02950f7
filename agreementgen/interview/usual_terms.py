"""The usual terms that nobody was asked about, in the agreement's own words, a screen at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agreementgen.deal.reader import DealStatus
from agreementgen.interview.conversation import Conversation
from agreementgen.interview.notebook import Section, list_visible_facts
from agreementgen.interview.preview import preview_agreement
from agreementgen.interview.prompts import (
    ROWS_BESIDE_CHOICES,
    Option,
    UserRequest,
    count_choice_rows,
    print_heading,
    text_width,
    window_height,
)
from agreementgen.interview.review import Review
from agreementgen.interview.words_shown import WordsShown

_ACCEPT, _LEFT_OUT = "accept", "left out"
_INTRODUCTION = "Nobody was asked about these. Choose one to see why, and to change it."


@dataclass(frozen=True)
class UsualTerm:
    """What the agreement says on a topic that nobody was asked about."""

    topic: str
    lines: tuple[str, ...]

    @property
    def label(self) -> str:
        return "\n".join(self.lines)


def list_usual_terms(conversation: Conversation, words: WordsShown) -> list[UsualTerm]:
    """Return the topics on which nobody was asked anything, each with what the agreement says on it.

    What it says on the others was shown when they were done; where answers are still missing, only examples stand.
    """
    notebook = conversation.notebook
    preview = preview_agreement(notebook)
    still_open = notebook.list_open_topics()
    found, left_out = [], []
    for section in notebook.sections:
        if section.id in still_open or _is_answered(section, notebook.status):
            continue
        if lines := words.words_on_topic(section, preview):
            found.append(UsualTerm(section.id, lines))
        else:
            left_out.append(section.title.lower())
    return [*found, UsualTerm(_LEFT_OUT, (f"Nothing is said on: {', '.join(left_out)}",))] if left_out else found


def _is_answered(section: Section, status: DealStatus) -> bool:
    return any(fact.state == "answered" for fact in list_visible_facts(section, status))


def show_usual_terms(conversation: Conversation, review: Review) -> None:
    """Show the usual terms until all of them are accepted; raise UserRequest where the user goes elsewhere."""
    at = 0
    while True:
        screens = _divide_into_screens(list_usual_terms(conversation, review.words))
        if at >= len(screens):
            return
        at = _show_screen(conversation, review, screens, at)


def _show_screen(conversation: Conversation, review: Review, screens: Sequence[Sequence[UsualTerm]], at: int) -> int:
    """Show one screen; return the number of the one to show next."""
    print_heading(conversation.prompts, f"Usual terms, screen {at + 1} of {len(screens)}")
    conversation.say(_INTRODUCTION)
    options = [Option(_ACCEPT, "These are right: go on")]
    for term in screens[at]:
        label = term.label
        if count_choice_rows(label) > _room_for_terms():
            # The rest of a line that is higher than the window could not be read.
            for line in term.lines:
                conversation.say(line, "    ", "  ")
            label = f"{term.lines[0].partition(':')[0]}: as it stands above"
        options.append(Option(term.topic, label))
    try:
        chosen = conversation.prompts.ask_choice(options, _ACCEPT)
    except UserRequest as request:
        if request.kind == "back" and at:
            return at - 1
        if request.kind == "forward":
            return at + 1
        if request.kind != "help":
            raise
        conversation.say("They hold unless you change them. The line on top accepts this screen.")
        return at
    if chosen == _ACCEPT:
        for term in screens[at]:
            review.words.note(term.topic, term.lines)
        return at + 1
    if chosen == _LEFT_OUT:
        conversation.say('To say something on one of them, type "/" and go to the topic.')
        return at
    section = next(section for section in conversation.notebook.sections if section.id == chosen)
    conversation.show_reason(section)
    try:
        review.edit_topic(section)
    except UserRequest as request:
        if request.kind == "menu":
            raise
    return at


def _room_for_terms() -> int:
    """Return how many rows terms may take; the first line of the list accepts them, and on a small screen more stands
    above it in two rows.
    """
    return window_height() - ROWS_BESIDE_CHOICES - (1 if text_width() >= len(_INTRODUCTION) else 2)


def _divide_into_screens(terms: Sequence[UsualTerm]) -> list[list[UsualTerm]]:
    """Return the terms by screen: as many as the window shows at once."""
    room = _room_for_terms()
    screens: list[list[UsualTerm]] = []
    used = room
    for term in terms:
        rows = count_choice_rows(term.label)
        if used + rows > room:
            screens.append([])
            used = 0
        screens[-1].append(term)
        used += rows
    return screens

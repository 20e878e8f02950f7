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
    window_height,
)
from agreementgen.interview.review import Review
from agreementgen.interview.words_shown import WordsShown

_ACCEPT, _LEFT_OUT = "accept", "left out"


@dataclass(frozen=True)
class UsualTerm:
    """What the agreement says on a topic that nobody was asked about."""

    topic: str
    lines: tuple[str, ...]

    @property
    def words(self) -> str:
        return " ".join(self.lines)


def list_usual_terms(conversation: Conversation, words: WordsShown) -> list[UsualTerm]:
    """Return the topics on which nobody was asked anything, each with what the agreement says on it.

    What it says on the others was shown when they were done.
    """
    notebook = conversation.notebook
    preview = preview_agreement(notebook)
    found, left_out = [], []
    for section in notebook.sections:
        if _is_answered(section, notebook.status):
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
    conversation.say("Nobody was asked about these. Choose one to see why, and to change it.")
    options = [Option(_ACCEPT, "These are right: go on")]
    options += [Option(term.topic, term.words) for term in screens[at]]
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


def _divide_into_screens(terms: Sequence[UsualTerm]) -> list[list[UsualTerm]]:
    """Return the terms by screen: as many as the window shows at once."""
    # The first line of the list accepts the others.
    room = window_height() - ROWS_BESIDE_CHOICES - 1
    screens: list[list[UsualTerm]] = []
    used = room
    for term in terms:
        rows = count_choice_rows(term.words)
        if used + rows > room:
            screens.append([])
            used = 0
        screens[-1].append(term)
        used += rows
    return screens

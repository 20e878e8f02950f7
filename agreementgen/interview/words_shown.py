"""What the agreement says so far, and which of its words were on the screen: none gets onto the paper unseen.

An answer can change what was said on a topic before it ("at its own cost" goes where costs are shared), and a full page
takes shorter wording. Such lines are shown again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from agreementgen.deal.answers import SWITCHED_OFF
from agreementgen.interview.conversation import Conversation
from agreementgen.interview.notebook import Section, list_usual_and_left_out
from agreementgen.interview.preview import Preview, page_share_in_words, preview_agreement
from agreementgen.interview.prompts import print_heading

# Clauses change their numbers with each one that comes before them.
_NUMBERS = re.compile(r"\b(sections?) \d[\d–, ]*(?:(?:and|or) \d[\d–]*)?")


class WordsShown:
    """The lines of the agreement that the user has seen, and the topics they belong to."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self._topics: set[str] = set()
        self._lines: set[str] = set()

    def words_on_topic(self, section: Section, preview: Preview | None) -> tuple[str, ...]:
        """Return what the agreement says on a topic, or else what is usual there."""
        notebook = self.conversation.notebook
        said = preview.words_of_topic(notebook, section.id) if preview else ()
        if said:
            return said
        usual, _ = list_usual_and_left_out(section, notebook.status)
        facts = [fact for fact in usual if fact.question.printed and not _says_no(fact.value)]
        label, in_words = self.conversation.label, self.conversation.in_words
        words = "; ".join(f"{label(fact)}: {in_words(fact.value)}" for fact in facts)
        return (f"{section.title}: {words}",) if words else ()

    def note(self, topic: str, lines: Iterable[str]) -> None:
        """Remember that lines on a topic were shown."""
        self._topics.add(topic)
        self._lines.update(map(_without_numbers, lines))

    def note_answered_topics(self) -> None:
        """Take what was said in an earlier session for shown: on each topic that has an answer."""
        preview = preview_agreement(self.conversation.notebook)
        answered = {fact.path[0] for fact in self.conversation.status.facts if fact.state == "answered"}
        for section in self.conversation.notebook.sections:
            if preview and answered & set(section.keys):
                self.note(section.id, self.words_on_topic(section, preview))

    def show_topic(self, topic: str) -> None:
        """Say what the agreement says on a topic that is settled, and how full the page is."""
        preview = preview_agreement(self.conversation.notebook)
        if preview is None:
            return
        section = next(section for section in self.conversation.notebook.sections if section.id == topic)
        words = self.words_on_topic(section, preview)
        self.note(topic, words)
        self.conversation.say("")
        if words:
            self.conversation.say(f"{section.title}: it says now")
        self._say_lines(words)
        if section.keys == ("parties",) and (said := self.conversation.roles_in_words()):
            self.conversation.say(said)
        self._say_changes(preview)
        self.conversation.say(
            f"With usual terms for the rest, the agreement takes {page_share_in_words(preview.share)}."
        )

    def show_changes(self) -> None:
        """Say what reads otherwise than it was shown, where anything does."""
        preview = preview_agreement(self.conversation.notebook)
        if preview and self._list_changes(preview):
            print_heading(self.conversation.prompts, "What has changed")
            self._say_changes(preview)

    def _say_changes(self, preview: Preview) -> None:
        changes = self._list_changes(preview)
        if changes:
            self.conversation.say("Your other answers, and the room on the page, have changed these words:")
        for topic, lines in changes:
            self.note(topic, lines)
            self._say_lines(lines)

    def _list_changes(self, preview: Preview) -> list[tuple[str, list[str]]]:
        """Return the lines that were not shown yet, of each topic that was."""
        found = []
        for section in self.conversation.notebook.sections:
            if section.id in self._topics:
                words = self.words_on_topic(section, preview)
                lines = [line for line in words if _without_numbers(line) not in self._lines]
                found += [(section.id, lines)] if lines else []
        return found

    def _say_lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.conversation.say(line, "    ", "  ")


def _without_numbers(line: str) -> str:
    return _NUMBERS.sub(r"\1", line)


def _says_no(value: object) -> bool:
    return value is SWITCHED_OFF or value is False or value in ("none", "no")

"""Defaults, what is missing, and what was answered although other answers make it idle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agreementgen.deal import hints
from agreementgen.deal.characters import shown
from agreementgen.deal.deal import Answer
from agreementgen.deal.entries import OFF, Entry
from agreementgen.deal.questions import name_of
from agreementgen.deal.yamlfile import ScalarNode
from agreementgen.language.conditions import Names, in_words, references
from agreementgen.language.rendering import holds

if TYPE_CHECKING:
    from agreementgen.deal.reading import Reader


MISSING = "this is missing"
IDLE = "was given, but it does not apply here"


class Completion:
    """Settles each entry after those its conditions look at, wherever they stand in the file.

    Why: a default may decide whether another question is asked. And one wrong answer must be reported once:
    what depends on it is neither missing nor idle, as far as anybody can know.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.by_name: dict[str, Entry] = {}
        self.indexed = 0

    def run(self) -> None:
        # The list grows: settling a group that nobody gave makes entries of its questions.
        for entry in self.reader.entries:
            self.settle(entry)

    def entry(self, name: str) -> Entry | None:
        for entry in self.reader.entries[self.indexed :]:
            self.by_name[entry.name] = entry
        self.indexed = len(self.reader.entries)
        return self.by_name.get(name)

    def settle(self, entry: Entry) -> None:
        if entry.settled:
            return
        entry.settled = True
        question, parent = entry.question, entry.parent
        if parent:
            self.settle(parent)
            if parent.off or parent.unsure:
                entry.off, entry.unsure = parent.off, parent.unsure
                return
        if self.doubtful(question.when, entry):
            entry.unsure = True
        elif not self.holds(question.when, entry):
            entry.off, entry.unsure = True, False
            if entry.given is not None:
                self.idle(entry)
            entry.into[question.name] = question.nothing
        elif entry.given is None and entry.value == question.nothing:
            self.fill(entry)

    def fill(self, entry: Entry) -> None:
        """Answer `entry` by its default, or report that it is missing."""
        reader, question = self.reader, entry.question
        default = reader.form.defaults.get(entry.path, question.default)
        if entry.path in reader.meant:
            entry.unsure = True
            return
        needed = question.needed
        if default is not None:
            reader.typing = False
            value = reader.inner(entry, default)
            reader.typing = True
            if value is not None:
                entry.into[question.name] = None if value is OFF else value
                reader.answers.append(Answer(entry.path, question, value, question.place, False))
        elif needed and not self.doubtful(needed, entry) and (needed == "yes" or self.holds(needed, entry)):
            entry.unsure = True
            hint = hints.missing(question, tuple(reader.known.parties))
            reader.problem(MISSING, hint, entry.path, entry.place)
        elif question.type == "group" and not question.words:
            reader.inside.append(entry)
            entry.into[question.name] = reader.group(question.of, None, entry.path, {}, entry.place)
            reader.inside.pop()

    def idle(self, entry: Entry) -> None:
        """Report an answer that nothing will print."""
        text = f'"{shown(entry.given.text)}"' if isinstance(entry.given, ScalarNode) else "this"
        self.reader.problem(
            f"{text} {IDLE}",
            f"delete it, or change what it depends on: it applies only where {self.words(entry)}",
            entry.path,
            entry.place,
        )

    def words(self, entry: Entry) -> str:
        def look_up(names: Names) -> tuple[str, str]:
            found = self.entry(self.absolute(names, entry)[-1])
            if found is None:
                return ".".join(names).replace("_", " "), ""
            kind = "switch" if found.question.type == "group" and found.question.words else found.question.type
            return found.path, kind

        return in_words(entry.question.when, look_up)

    def doubtful(self, condition: str, entry: Entry) -> bool:
        """Settle what `condition` looks at; return whether any of it is unsure."""
        unsure = False
        for names in references(condition):
            for name in self.absolute(names, entry):
                found = self.entry(name)
                if found:
                    self.settle(found)
                    unsure = unsure or found.unsure
        return unsure

    def absolute(self, names: Names, entry: Entry) -> list[str]:
        """Return the names of a fact and of the groups around it, outermost first."""
        start = name_of(entry.group) if names[0] == "this" else ""
        found: list[str] = []
        for name in names[1:] if names[0] == "this" else names:
            start = f"{start}.{name}" if start else name
            found.append(start)
        return found or [""]

    def holds(self, condition: str, entry: Entry) -> bool:
        return holds(condition, {**self.reader.facts, "this": entry.into})

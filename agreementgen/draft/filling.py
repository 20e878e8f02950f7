"""Putting facts into the library's texts, and turning references into the words they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from agreementgen.document import Runs, text_of
from agreementgen.errors import PackError, Place, Problem
from agreementgen.language.environment import InSchedule, Insert, Reference, Slots
from agreementgen.language.markdown import fill
from agreementgen.language.rendering import Setting, render_runs
from agreementgen.library.clauses import Text


class Resolver:
    """Turns references into words: a topic into "section 6", a row into its label, a table into "Schedule A"."""

    def __init__(self, numbers: Mapping[str, int], labels: Mapping[str, str], letters: Mapping[str, str]) -> None:
        self.numbers = numbers
        self.labels = labels
        self.letters = letters

    def runs(self, runs: Runs, slots: Slots, place: Place) -> Runs:
        def words(char: str) -> str | None:
            insert = slots.at(char)
            return None if insert is None else self.word(insert, place)

        return fill(runs, words)

    def word(self, insert: Insert, place: Place) -> str:
        if isinstance(insert, str):
            return insert
        if isinstance(insert, Reference):
            if insert.topic in self.numbers:
                return f"section {self.numbers[insert.topic]}"
            raise _dangling(f'ref("{insert.topic}")', "clause", place)
        if isinstance(insert, InSchedule):
            if insert.schedule in self.letters:
                return f"Schedule {self.letters[insert.schedule]}"
            raise _dangling(f'schedule("{insert.schedule}")', "schedule", place)
        if insert.row in self.labels:
            return self.labels[insert.row]
        raise _dangling(f'term("{insert.row}")', "row", place)


def _dangling(what: str, kind: str, place: Place) -> PackError:
    return PackError(
        Problem(f"{what} points to a {kind} that this agreement does not have", "guard it with {% if %}", "", place)
    )


_NOTHING = Resolver({}, {}, {})


def filled_in(text: Text, setting: Setting) -> Runs:
    """Return a text of facts alone (a row, a label, a cell): it refers to nothing."""
    runs, slots = render_runs(text.source, setting, text.place)
    return _NOTHING.runs(runs, slots, text.place)


def line_of(text: Text, setting: Setting) -> str:
    return text_of(filled_in(text, setting))


def entries(setting: Setting, path: str) -> Iterable[Setting]:
    """Yield a setting for each entry of the list at `path`, in which the entry is called `each`."""
    found = setting.facts
    for part in path.split("."):
        found = found[part] if found else ()  # type: ignore[assignment]
    for entry in found or ():
        yield replace(setting, facts={**setting.facts, "each": entry})

"""The words that the program itself prints around clauses and facts: English here, others in a pack.

They stand in the pack's `words.yaml`, under the names of the fields below with spaces for underscores. Countries, days,
months, lengths of time, amounts and lists are written by Babel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

Forms = Mapping[str, Mapping[str, tuple[str, str]]]
"""Lengths of time in a case of the language: by its name and the unit, the word for one and for more."""


@dataclass(frozen=True)
class PrintedWords:
    """What is printed; in braces stands what is filled in."""

    section: str = "section {number}"
    sections: str = "sections {numbers}"
    schedule: str = "Schedule {letter}"
    see: str = "See {schedule}"
    date: str = "Date"
    name: str = "Name"
    by: str = "By"
    page: str = "Page {page} of {pages}"
    quotes: str = "“”‘’"
    chart: str = "Who does what"
    chart_number: str = "No."
    chart_task: str = "Task"
    chart_due: str = "Due"
    chart_duties: str = "Responsibilities in the agreement, and the tasks that carry them out"
    chart_footer: str = "RACI chart, version {version}"
    chart_workload: str = "Workload: how many tasks"
    chart_role: str = "Role"
    chart_party: str = "Party"
    chart_all_roles: str = "All roles"
    chart_r: str = "does the work"
    chart_a: str = "approves the outcome"
    chart_ar: str = "does both"
    chart_c: str = "is consulted before"
    chart_i: str = "is informed after"
    forms: Forms = field(default_factory=dict)

    @property
    def legend(self) -> tuple[tuple[str, str], ...]:
        """The letters of a chart with what they mean."""
        return (
            ("R", self.chart_r),
            ("A", self.chart_a),
            ("A/R", self.chart_ar),
            ("C", self.chart_c),
            ("I", self.chart_i),
        )

    def page_pieces(self) -> tuple[str, str, str]:
        """Return what stands before, between and behind the numbers at the foot of a page."""
        before, _, rest = self.page.partition("{page}")
        between, _, after = rest.partition("{pages}")
        return before, between, after

    def translated(self, words: Mapping[str, str], forms: Forms) -> PrintedWords:
        """Return these words with some in another language."""
        return replace(self, **words, forms={**self.forms, **forms})


ENGLISH = PrintedWords()
WORD_KEYS = {field.name.replace("_", " "): field.name for field in fields(PrintedWords) if field.name != "forms"}
"""The keys of `words.yaml`, each with the name of its field."""


def holes_of(text: str) -> tuple[str, ...]:
    """Return what a word has filled in, in its order: ("page", "pages")."""
    return tuple(part.partition("}")[0] for part in text.split("{")[1:])

"""What amendments and letters have in common: their words are filled in with the facts of the deal and their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from agreementgen.core import values
from agreementgen.core.document import Document, Paragraph, Runs
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.deal.deal import Deal
from agreementgen.draft.drafting import Resolver, context_of_document, fill_facts_as_text
from agreementgen.draft.selection import Selection
from agreementgen.language.conditions import read_condition
from agreementgen.language.filling import FillContext, fill_blocks
from agreementgen.library.instrument_texts import FACTS, InstrumentSection, InstrumentText, facts_of_instrument
from agreementgen.library.library import Library


@dataclass(frozen=True)
class DraftedSection:
    heading: str
    paragraphs: tuple[Paragraph, ...]


class InstrumentDraft:
    """Fills in the sections of one instrument to an agreement; `facts` are those that all its texts have."""

    def __init__(
        self, text: InstrumentText, deal: Deal, selection: Selection, document: Document, facts: Mapping[str, object]
    ) -> None:
        self._text = text
        self.effective = _describe_effective(deal)
        self._facts = {"agreement": document.title, "agreement_dated": self.effective, **facts}
        self._context, self._resolver = context_of_document(deal, selection, document)

    def title(self) -> str:
        return fill_facts_as_text(self._text.title, self._with({}))

    def has(self, id: str) -> bool:
        """Return whether the file has the section `id`."""
        return self._text.find_section(id) is not None

    def draft(self, id: str, **facts: object) -> DraftedSection | None:
        """Return the section `id`, with more facts; None where it says nothing of this deal."""
        section = self._text.find_section(id)
        if section is None:
            message, hint = f'the section "{id}" is missing', "take it from the file that comes with the program"
            raise InputError(Problem(message, hint, "sections", self._text.place, code="missing"))
        return _draft_section(section, self._with(facts), self._resolver)

    def _with(self, facts: Mapping[str, object]) -> FillContext:
        own = facts_of_instrument({**self._facts, **facts})
        return replace(self._context, facts={**self._context.facts, FACTS: own})


def _draft_section(section: InstrumentSection, context: FillContext, resolver: Resolver) -> DraftedSection | None:
    if not read_condition(section.when.text).holds(context.facts):
        return None
    blocks, slots = fill_blocks(section.says.text, context, section.says.place)
    paragraphs = tuple(
        Paragraph(drop_references(resolver.resolve_runs(block.runs, slots, section.says.place)))
        for block in blocks
        if isinstance(block, Paragraph)
    )
    return DraftedSection(fill_facts_as_text(section.heading, context), paragraphs) if paragraphs else None


def drop_references(runs: Runs) -> Runs:
    """Return runs whose numbers of sections are plain text: they are those of the agreement, which is another file."""
    return tuple(replace(run, references=()) for run in runs)


def find_instrument(id: str, library: Library) -> InstrumentText:
    """Return the words of an instrument; raise InputError where a pack in another language has none of its own."""
    text = library.instruments[id]
    language = next((pack.language for pack in reversed(library.packs) if pack.language), "")
    ours = not any(f"templates/instruments/{id}.yaml" in pack.files for pack in library.packs)
    if language and not language.startswith("en") and ours:
        message = f'the pack has no words for "{id}" in its language, and the agreement is not in English'
        hint = f"agreementgen pack copy templates/instruments/{id}.yaml, and translate it"
        raise InputError(Problem(message, hint, place=Place(library.packs[-1].id), code="untranslated"))
    return text


def _describe_effective(deal: Deal) -> str:
    effective = deal.facts.get("effective")
    if isinstance(effective, date):
        return f"effective {values.format_day(effective, deal.language)}"
    return "effective on the day of its last signature"

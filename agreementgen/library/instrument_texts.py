"""The words of what follows an agreement, amendments and letters: `templates/instruments/<id>.yaml`.

The program counts the days and decides whether the agreement allows an instrument; what it says stands in these files,
in the clause language, so that a firm's pack can say it otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from agreementgen.core.problems import Place, Problem
from agreementgen.language.shapes import Shape, group_shape, list_shape
from agreementgen.library.files import Fields, PlacedText, SourceFile, read_declarations

INSTRUMENTS_FOLDER = "instruments/"
# The name under which texts of instruments find what the deal does not say.
FACTS = "instrument"


@dataclass(frozen=True)
class InstrumentSection:
    """A part of an instrument. `id` is the name by which the program finds it."""

    id: str
    heading: PlacedText
    when: PlacedText
    says: PlacedText


@dataclass(frozen=True)
class InstrumentText:
    """An instrument's words: `id` is what is typed for it, `about` tells it in one line, `order` is that of lists."""

    id: str
    title: PlacedText
    about: str
    order: int
    sections: tuple[InstrumentSection, ...]
    place: Place

    def find_section(self, id: str) -> InstrumentSection | None:
        return next((section for section in self.sections if section.id == id), None)


def read_instrument(id: str, source: SourceFile, problems: list[Problem]) -> InstrumentText | None:
    """Return the instrument of a file; None where it cannot be read, which is added to `problems`."""
    return read_declarations(source, partial(_read_instrument, id), problems, id)


def _read_instrument(id: str, fields: Fields) -> InstrumentText:
    return InstrumentText(
        id=id,
        title=fields.read_placed_text("title"),
        about=fields.read_text("about"),
        order=fields.read_integer("order", 100),
        sections=fields.read_groups("sections", _read_section),
        place=fields.place_of("title"),
    )


def _read_section(fields: Fields) -> InstrumentSection:
    return InstrumentSection(
        fields.read_text("id"),
        fields.read_placed_text("heading"),
        fields.read_placed_text("when", ""),
        fields.read_placed_text("says"),
    )


def shape_of_instrument_facts(party: Shape) -> Shape:
    """Return the form of what texts of instruments know besides the deal; docs/life.md tells the facts."""
    text, day, length = Shape("text"), Shape("date"), Shape("duration")
    return group_shape(
        {
            "number": Shape("integer"),
            "agreement": text,
            "agreement_dated": text,
            "earlier": text,
            "dated": day,
            "day": day,
            "ends": day,
            "length": length,
            "about": text,
            "sender": party,
            "recipients": list_shape(party),
            "broken_by": party,
            "heading": text,
            "section": Shape("integer"),
            "labels": list_shape(text),
            "one": Shape("yes/no"),
        }
    )


def facts_of_instrument(given: Mapping[str, object]) -> dict[str, object]:
    """Return all facts of an instrument, those that it does not have as not given."""
    names = shape_of_instrument_facts(group_shape({})).fields
    return {**{name: () if shape.is_list else None for name, shape in names.items()}, **given}

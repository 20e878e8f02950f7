"""The marks of signing services, of which `templates/signing/services.yaml` is the table; a pack may have its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from agreementgen.core.problems import InputError, PackError, Place, Problem, suggest_nearest
from agreementgen.library.files import Fields, read_declarations
from agreementgen.library.library import Library
from agreementgen.yamlfile.nodes import MappingNode

SERVICES_FILE = "signing/services.yaml"
_NUMBER = "{number}"
# Longer marks would be too small to be found on a line for a date.
_MOST_CHARACTERS = 60


@dataclass(frozen=True)
class SigningService:
    """A service: its marks by what they are for ("signature", "date", "title"), with {number} for the signer's."""

    id: str
    name: str
    documentation: str
    marks: dict[str, str]

    def mark_for(self, kind: str, number: int) -> str:
        """Return the mark at which the signer of this number (from 1) signs, dates, or writes a title."""
        return self.marks[kind].replace(_NUMBER, str(number))


def find_signing_service(library: Library, id: str) -> SigningService:
    """Return a service of the table; raise InputError where there is none of that name, PackError for a bad table."""
    services = read_signing_services(library)
    if id not in services:
        hint = suggest_nearest(id, ["pdf", *services])
        raise InputError(Problem(f'"{id}" is no signing service', hint, "sign", code="not-a-choice"))
    return services[id]


def each_known_mark(library: Library, signers: int) -> Iterator[str]:
    """Yield the marks of all services for so many who sign."""
    for service in read_signing_services(library).values():
        for kind in service.marks:
            yield from (service.mark_for(kind, number) for number in range(1, signers + 1))


def read_signing_services(library: Library) -> dict[str, SigningService]:
    """Return the services by id; raise PackError with every problem of their table."""
    problems: list[Problem] = []
    source = library.files[f"templates/{SERVICES_FILE}"]
    found = read_declarations(source, _read_services, problems) or {}
    if problems:
        raise PackError(problems)
    return found


def _read_services(fields: Fields) -> dict[str, SigningService]:
    services = {}
    for key, node in fields.node:
        fields.find_node(key.text)
        if isinstance(node, MappingNode):
            services[key.text] = fields.inside(node, key.text).read_by(partial(_read, key.text))
        else:
            fields.add_problem(f'"{key.text}" must be a group', place=node.place, code="wrong-shape")
    return services


def _read(id: str, fields: Fields) -> SigningService:
    marks = {kind: fields.read_text(kind) for kind in ("signature", "date", "title")}
    for kind, mark in marks.items():
        place = fields.place_of(kind)
        if mark and _NUMBER not in mark:
            _report(fields, f"the mark has no {_NUMBER}, so all who sign would have the same", place)
        elif not mark.isascii() or not mark.isprintable() or len(mark) > _MOST_CHARACTERS:
            _report(fields, f"a mark is at most {_MOST_CHARACTERS} letters, digits and signs of ASCII", place)
    if len(set(marks.values())) < len(marks):
        _report(fields, "two marks are the same", fields.place_of("signature"))
    return SigningService(id, fields.read_text("name"), fields.read_text("documentation"), marks)


def _report(fields: Fields, message: str, place: Place) -> None:
    fields.add_problem(message, "take the marks from the documentation of the service", place, code="signing-mark")

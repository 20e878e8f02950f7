"""A firm's Word file, looked through before it is used: what may not be in it, and what is missing from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from agreementgen.errors import Place, Problem
from agreementgen.word.contents import Said, dangers
from agreementgen.word.fitness import reference_of, remarks, shortcomings
from agreementgen.word.package import Refused, opened


@dataclass(frozen=True)
class Linted:
    """What there is to say about a Word file: `problems` forbid its use, `warnings` do not."""

    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()


def lint(data: bytes, name: str) -> Linted:
    """Return what is wrong with a reference.docx, one line each, without Word or LibreOffice.

    Nothing outside `data` is read, and nothing in it is trusted. A file with dangers in it is not looked at further.
    """
    try:
        package = opened(data)
        found = said(dangers(package), name)
        if found:
            return Linted(found)
        reference = reference_of(package)
        return Linted(said(shortcomings(reference), name), said(remarks(reference), name))
    except Refused as error:
        return Linted((Problem(error.message, error.hint, "", Place(name)),))


def said(found: Iterable[Said], name: str) -> tuple[Problem, ...]:
    """Return problems, each told once: one macro has a part, a type and a relation."""
    return tuple(Problem(message, hint, "", Place(name)) for message, hint in dict.fromkeys(found))

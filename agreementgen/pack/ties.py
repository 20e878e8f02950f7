"""Clauses that fit one deal equally well: found by solving their conditions together, and proven by a deal."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations

from agreementgen.errors import AgreementError
from agreementgen.findings import Finding
from agreementgen.language.deciding import wish
from agreementgen.library.clauses import ClauseText
from agreementgen.library.library import Library
from agreementgen.pack.aiming import aimed
from agreementgen.pack.branches import Branches, positioned
from agreementgen.pack.rules import finding


def ties(library: Library, topics: Collection[str]) -> Iterator[Finding]:
    """Yield pairs of clauses of `topics` that a deal can be made for in which both fit."""
    branches = Branches(library)
    for topic in sorted(topics):
        for one, other in combinations(library.clauses.get(topic, ()), 2):
            if (one.position, one.rank) == (other.position, other.rank) and _same_laws(one, other):
                yield from _tie(library, branches, one, other)


def _same_laws(one: ClauseText, other: ClauseText) -> bool:
    return not (one.jurisdictions and other.jurisdictions) or bool(set(one.jurisdictions) & set(other.jurisdictions))


def _tie(library: Library, branches: Branches, one: ClauseText, other: ClauseText) -> Iterator[Finding]:
    facts = library.shape()
    wishes = (*wish(one.when.source, facts), *wish(other.when.source, facts))
    for kind in branches.kinds:
        if one.topic not in library.outline(kind).topics:
            continue
        for parties, answers in aimed(branches, kind, wishes):
            try:
                branches.written(kind, parties, {**positioned(one), **answers}, one.position == "short")
            except AgreementError as error:
                if not any(
                    one.id in problem.message and "equally well" in problem.message for problem in error.problems
                ):
                    continue
                message = f'"{one.id}" and "{other.id}" fit equally well: {kind}, {parties} parties, {answers}'
                hint = "give one a lower rank or a narrower when"
                yield finding("P05", message, hint, other.when.place if other.when.source else other.place)
                return

"""Which clauses an agreement has, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from agreementgen.deal.deal import Deal
from agreementgen.errors import PackError, Problem
from agreementgen.language.rendering import holds
from agreementgen.library.clauses import ClauseText
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline


@dataclass(frozen=True)
class Verdict:
    """One clause of the library, in or out of this agreement, and why."""

    clause: ClauseText
    chosen: bool
    reason: str


@dataclass(frozen=True)
class Selection:
    verdicts: tuple[Verdict, ...]

    @property
    def clauses(self) -> tuple[ClauseText, ...]:
        """The chosen clauses in the order of the agreement."""
        return tuple(verdict.clause for verdict in self.verdicts if verdict.chosen)

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(clause.topic for clause in self.clauses)

    @property
    def shortened(self) -> tuple[ClauseText, ...]:
        return tuple(clause for clause in self.clauses if clause.position == "short")


def select(deal: Deal, library: Library, outline: Outline, short: bool = False) -> Selection:
    """Return the clauses of `outline` for `deal`; with `short`, short variants where there are any.

    Raise PackError where two clauses tie, or a required topic has none.
    """
    verdicts: list[Verdict] = []
    for topic in outline.topics:
        verdicts += _topic(deal, library.clauses.get(topic, ()), short)
    selection = Selection(tuple(verdicts))
    missing = [topic for topic in outline.required if topic not in selection.topics]
    if missing:
        raise PackError(
            Problem(f'no clause of the topic "{topic}" fits this deal, but the outline requires one')
            for topic in missing
        )
    return selection


def _topic(deal: Deal, clauses: tuple[ClauseText, ...], short: bool) -> list[Verdict]:
    fitting = [clause for clause in clauses if holds(clause.when.source, deal.facts, place=clause.when.place)]
    wanted = [clause for clause in fitting if (clause.position == "short") == short]
    pool = wanted or [clause for clause in fitting if clause.position == "balanced"]
    best = min((clause.rank for clause in pool), default=0)
    chosen = [clause for clause in pool if clause.rank == best]
    if len(chosen) > 1:
        names = " and ".join(clause.id for clause in chosen)
        raise PackError(
            Problem(f"{names} fit equally well", "give one a lower rank or a narrower when", "", chosen[0].body.place)
        )
    verdicts = []
    for clause in clauses:
        if clause in chosen:
            reason = clause.when.source or "always"
        elif clause not in fitting:
            reason = f"not so here: {clause.when.source}"
        elif clause.position != (chosen[0].position if chosen else ""):
            reason = f"a {clause.position} variant, not needed here"
        else:
            reason = f"rank {clause.rank} comes after {best}"
        verdicts.append(Verdict(clause, clause in chosen, reason))
    return verdicts

"""Which clauses an agreement has, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agreementgen.core.problems import PackError, Problem
from agreementgen.deal.deal import Deal
from agreementgen.deal.questions import POSITION_BY_TOPIC, name_in_clauses
from agreementgen.language.conditions import read_condition
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.library.topics import ClauseText

# Why a clause is left out for the sake of others, by its id.
_Excluded = dict[str, str]


CLAUSE_TIE = "clause-tie"


class ClauseTie(PackError):
    """Two or more `clauses` of a topic fit a deal equally well."""

    def __init__(self, clauses: Sequence[ClauseText]) -> None:
        self.clauses = tuple(clauses)
        names = " and ".join(clause.id for clause in clauses)
        hint = "give one a lower rank or a narrower when"
        super().__init__(Problem(f"{names} fit equally well", hint, "", clauses[0].body.place, code=CLAUSE_TIE))


@dataclass(frozen=True)
class Verdict:
    """One clause of the library, in or out of this agreement, and why."""

    clause: ClauseText
    chosen: bool
    reason: str


@dataclass(frozen=True)
class Selection:
    """`warnings` are positions that were asked for and that no clause has."""

    verdicts: tuple[Verdict, ...]
    warnings: tuple[Problem, ...] = ()

    @property
    def clauses(self) -> tuple[ClauseText, ...]:
        """The chosen clauses in the order of the agreement."""
        return tuple(verdict.clause for verdict in self.verdicts if verdict.chosen)

    @property
    def topics(self) -> frozenset[str]:
        return frozenset(clause.topic for clause in self.clauses)

    @property
    def positions(self) -> dict[str, str]:
        """The positions of the chosen clauses, by topic."""
        return {clause.topic: clause.position for clause in self.clauses}

    @property
    def short_clauses(self) -> tuple[ClauseText, ...]:
        return tuple(clause for clause in self.clauses if clause.position == "short")


def select_clauses(deal: Deal, library: Library, outline: Outline, short: bool = False) -> Selection:
    """Return the clauses of `outline` for `deal`; with `short`, short variants of balanced ones where there are any.

    Raise PackError where two clauses tie, or a required topic has none.
    """
    excluded: _Excluded = {}
    while True:
        selection = _select_once(deal, library, outline, short, excluded)
        # Each round leaves out one clause more, so there is a last one.
        if not _exclude_one(selection, excluded):
            break
    missing = [topic for topic in outline.required if topic not in selection.topics]
    if missing:
        message = 'no clause of the topic "{}" fits this deal, but the outline requires one'
        raise PackError(Problem(message.format(topic), code="library-incomplete") for topic in missing)
    return selection


def _select_once(deal: Deal, library: Library, outline: Outline, short: bool, excluded: _Excluded) -> Selection:
    verdicts: list[Verdict] = []
    warnings: list[Problem] = []
    usual = str(deal.facts.get("position") or "balanced")
    by_topic: Mapping[str, str | None] = deal.facts.get(name_in_clauses(POSITION_BY_TOPIC)) or {}
    for topic in outline.topics:
        own = by_topic.get(name_in_clauses(topic))
        found = _judge_clauses(deal, library.clauses.get(topic, ()), str(own or usual), short, excluded)
        verdicts += found
        if own and found and not any(verdict.chosen and verdict.clause.position == own for verdict in found):
            message = f'no "{own}" wording of this topic fits the deal; the usual one is printed'
            warnings += _warn_of_position(deal, f"{POSITION_BY_TOPIC}.{topic}", str(own), message)
    if not any(verdict.chosen and verdict.clause.position == usual for verdict in verdicts):
        message = f'no "{usual}" wording of any topic fits the deal; "position" changes nothing'
        warnings += _warn_of_position(deal, "position", usual, message)
    return Selection(tuple(verdicts), tuple(warnings))


def _warn_of_position(deal: Deal, path: str, position: str, message: str) -> list[Problem]:
    place = next((answer.place for answer in deal.answers if answer.path == path), None)
    if position == "balanced" or place is None:
        return []
    hint = "agreementgen show clauses --deal says why"
    return [Problem(message, hint, path, place, code="position-without-effect", severity="W")]


def _exclude_one(selection: Selection, excluded: _Excluded) -> bool:
    """Note the first chosen clause that cannot stand beside the others; return whether there was one."""
    ids = {clause.id for clause in selection.clauses}
    for clause in selection.clauses:
        lacking = next((topic for topic in clause.requires if topic not in selection.topics), None)
        against = next((other for other in clause.conflicts if other in ids), None)
        if lacking or against:
            reason = f"it needs a clause about {lacking}" if lacking else f"it cannot stand beside {against}"
            excluded[clause.id] = reason
            return True
    return False


def _judge_clauses(
    deal: Deal, clauses: tuple[ClauseText, ...], position: str, short: bool, excluded: _Excluded
) -> list[Verdict]:
    """Return the verdicts on the clauses of one topic, of which at most one is chosen; raise PackError for a tie."""
    out = {
        clause.id: reason for clause in clauses if (reason := excluded.get(clause.id) or _explain_unfit(deal, clause))
    }
    fitting = [clause for clause in clauses if clause.id not in out]
    # A short wording is that of the balanced clause: it never takes the place of another position.
    usual = ("short", "balanced") if short else ("balanced",)
    order = usual if position == "balanced" else (position, *usual)
    pool = next((found for name in order if (found := [c for c in fitting if c.position == name])), [])
    best = min((clause.rank for clause in pool), default=0)
    chosen = [clause for clause in pool if clause.rank == best]
    if len(chosen) > 1:
        raise ClauseTie(chosen)
    verdicts = []
    for clause in clauses:
        if clause in chosen:
            named = f"{clause.position}; " if clause.position != "balanced" else ""
            reason = named + (clause.when.text or "always")
        elif clause.id in out:
            reason = out[clause.id]
        elif clause.position != (chosen[0].position if chosen else ""):
            reason = f"a {clause.position} variant, not needed here"
        else:
            reason = f"rank {clause.rank} comes after {best}"
        verdicts.append(Verdict(clause, clause in chosen, reason))
    return verdicts


def _explain_unfit(deal: Deal, clause: ClauseText) -> str:
    """Return why a clause does not fit the deal's facts ("" where it does)."""
    if not read_condition(clause.when.text).holds(deal.facts, clause.when.place):
        return f"not so here: {clause.when.text}"
    law = str(getattr(deal.facts.get("law"), "code", ""))
    if clause.jurisdictions and law not in clause.jurisdictions and law.split("-")[0] not in clause.jurisdictions:
        return f"only under the law of {', '.join(clause.jurisdictions)}"
    return ""

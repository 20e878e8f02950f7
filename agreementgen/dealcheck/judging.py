"""The deal check itself: which rules a deal breaks, which were overridden, and which cannot be judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from agreementgen.core.document import text_of_runs
from agreementgen.core.problems import Place, Problem
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.dealcheck.known_facts import gather_facts
from agreementgen.dealcheck.needs import suppose_answered
from agreementgen.dealcheck.rules import Rule, read_rule_book
from agreementgen.language.conditions import read_condition
from agreementgen.language.environment import MISSING
from agreementgen.language.filling import FillContext, fill_line, replace_slots
from agreementgen.library.files import PlacedText
from agreementgen.library.library import Library

ASK_A_LAWYER = "ask a lawyer"
_ORDER = {"E": 0, "W": 1, "N": 2}


@dataclass(frozen=True)
class Finding:
    """A rule that fired: the problem as every check reports it, and the rule it comes of."""

    problem: Problem
    rule: Rule


@dataclass(frozen=True)
class DealReport:
    """What the deal check found, worst first; `unjudged` are rules that hang on facts which nobody gave."""

    findings: tuple[Finding, ...]
    unjudged: tuple[Rule, ...]
    checked: int

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(finding.problem for finding in self.findings)

    def count(self, severity: str) -> int:
        """Return how many findings are of a severity, "E", "W" or "N"."""
        return sum(finding.problem.severity == severity for finding in self.findings)


def check_deal(deal: Deal, library: Library, today: date | None = None) -> DealReport:
    """Return what the rules of `library` find in a deal.

    `today` is an input; without it rules about age cannot be judged. Raise PackError where rules cannot be read.
    """
    book = read_rule_book(library)
    facts = gather_facts(deal, book.data, today)
    typed = {answer.path: answer.place for answer in deal.answers if answer.typed}
    findings: list[Finding] = []
    unjudged: list[Rule] = []
    checked = 0
    for rule in book.rules:
        if not _counts(rule, deal, today):
            continue
        checked += 1
        missing = tuple(name for name in rule.needs if find_fact(name, deal.facts) is None)
        if rule.uses_today and today is None:
            unjudged.append(rule)
        elif not missing:
            findings += _apply_rule(rule, facts, deal, typed)
        elif _may_hold(rule, facts) or _may_hold(rule, suppose_answered(facts, missing)):
            unjudged.append(rule)
    findings.sort(key=lambda one: (_ORDER[one.problem.severity], one.problem.place.line, one.rule.id))
    return DealReport(tuple(findings), tuple(unjudged), checked)


def _counts(rule: Rule, deal: Deal, today: date | None) -> bool:
    if rule.kinds and deal.kind not in rule.kinds:
        return False
    if today is None:
        return True
    return not (rule.begins and today < rule.begins) and not (rule.ends and today > rule.ends)


def _apply_rule(rule: Rule, facts: Mapping[str, Any], deal: Deal, typed: Mapping[str, Place]) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in _entries_that_meet(rule, facts):
        known = {**facts, "each": entry}
        path = rule.at
        if isinstance(entry, Mapping):
            path = path.replace("{number}", str(entry.get("number", ""))).replace("{path}", str(entry.get("path", "")))
        message = _fill(rule.says, known, deal)
        if message in seen:
            continue
        seen.add(message)
        hint = _fill(rule.suggestion, known, deal)
        if rule.basis == "law" and ASK_A_LAWYER not in hint:
            hint = f"{hint}; {ASK_A_LAWYER}" if hint else ASK_A_LAWYER
        place = _place_of(path, typed, deal)
        yield Finding(Problem(message, hint, path, place, code=rule.id, severity=rule.severity), rule)


def _may_hold(rule: Rule, facts: Mapping[str, Any]) -> bool:
    return next(_entries_that_meet(rule, facts), None) is not None


def _entries_that_meet(rule: Rule, facts: Mapping[str, Any]) -> Iterator[Any]:
    """Yield the entries for which a rule's condition holds; for a rule without a list, MISSING where it does.

    It is given the few facts that it names, which is most of what asking it costs, and asked once for all entries that
    answer yes or no alike: a deal has a hundred texts, and hardly one of them is odd.
    """
    condition = read_condition(rule.when.text)
    entries: tuple[Any, ...] = (find_fact(rule.each, facts) or ()) if rule.each else (MISSING,)
    asked = {name: facts[name] for name, *_ in condition.facts if name in facts}
    names = [names[1] for names in condition.facts if names[0] == "each" and len(names) > 1]
    outcomes: dict[tuple[Any, ...], bool] = {}
    for entry in entries:
        key = tuple(entry.get(name) for name in names) if isinstance(entry, Mapping) else (None,)
        if not all(isinstance(answer, bool) for answer in key):
            holds = condition.holds({**asked, "each": entry}, rule.when.place)
        elif key in outcomes:
            holds = outcomes[key]
        else:
            holds = outcomes[key] = condition.holds({**asked, "each": entry}, rule.when.place)
        if holds:
            yield entry


def _place_of(path: str, typed: Mapping[str, Place], deal: Deal) -> Place:
    """Return where a fact was typed, or the nearest group above it."""
    while path:
        if path in typed:
            return typed[path]
        inside = next((place for name, place in typed.items() if name.startswith(f"{path}.")), None)
        if inside:
            return inside
        path = path.rpartition(".")[0]
    return Place(deal.source)


def _fill(text: PlacedText, facts: Mapping[str, Any], deal: Deal) -> str:
    if "{{" not in text.text and "{%" not in text.text:
        return text.text
    runs, slots = fill_line(text.text, FillContext(facts, deal.language, frozenset()), text.place)

    def find_insert(char: str) -> str | None:
        insert = slots.insert_at(char)
        return insert if isinstance(insert, str) else None

    return text_of_runs(replace_slots(runs, find_insert))

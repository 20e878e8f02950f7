"""The deal check itself: which rules a deal breaks, which were overridden, and which cannot be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agreementgen.core.document import Run, text_of_runs
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.dealcheck.known_facts import gather_facts
from agreementgen.dealcheck.needs import suppose_answered
from agreementgen.dealcheck.rules import Rule, RuleBook, read_rule_book
from agreementgen.language.conditions import read_condition
from agreementgen.language.environment import MISSING
from agreementgen.language.filling import FillContext, fill_text, replace_slots
from agreementgen.library.files import PlacedText
from agreementgen.library.library import Library

ASK_A_LAWYER = "ask a lawyer"
OVERRIDES = "overrides"
_ORDER = {"E": 0, "W": 1, "N": 2}


@dataclass(frozen=True)
class Override:
    """A named person's decision that the deal stands although a rule stops it; it holds for one version of the rule."""

    rule: str
    version: int
    reviewer: str
    reason: str
    day: date


@dataclass(frozen=True)
class Finding:
    """A rule that fired: the problem as every check reports it, its rule, why it matters, and who overrode it."""

    problem: Problem
    rule: Rule
    why: str = ""
    override: Override | None = None

    @property
    def stops(self) -> bool:
        """Whether no documents are made until the deal is changed, or somebody answers for it."""
        return self.problem.severity == "E" and self.override is None


@dataclass(frozen=True)
class Unjudged:
    """A rule that cannot judge this deal, and what it would have to know: paths of facts, or "today"."""

    rule: Rule
    needs: tuple[str, ...]


@dataclass(frozen=True)
class DealReport:
    """What the deal check found, worst first, and what it could not judge; `checked` rules were for such a deal.

    `remarks` are problems with the overrides themselves.
    """

    findings: tuple[Finding, ...]
    unjudged: tuple[Unjudged, ...]
    remarks: tuple[Problem, ...]
    checked: int

    @property
    def stops(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.stops)

    def count(self, severity: str) -> int:
        """Return how many findings that nobody overrode are of a severity, "E", "W" or "N"."""
        return sum(finding.problem.severity == severity and not finding.override for finding in self.findings)


def check_deal(deal: Deal, library: Library, today: date | None = None) -> DealReport:
    """Return what the rules of `library` find in a deal.

    `today` is an input; without it rules about age cannot be judged. Raise PackError where rules cannot be read.
    """
    book = read_rule_book(library)
    facts = gather_facts(deal, book.data, today, book.oldest)
    typed = {answer.path: answer.place for answer in deal.answers if answer.typed}
    overrides = {(override.rule, override.version): override for override in reversed([*_read_overrides(deal)])}
    findings: list[Finding] = []
    unjudged: list[Unjudged] = []
    checked = 0
    for rule in book.rules:
        if not _counts(rule, deal, today):
            continue
        checked += 1
        missing = tuple(name for name in rule.needs if _is_missing(name, facts))
        if rule.uses_today and today is None:
            unjudged.append(Unjudged(rule, ("today",)))
            continue
        if missing:
            if _may_hold(rule, facts) or _may_hold(rule, suppose_answered(facts, missing)):
                unjudged.append(Unjudged(rule, missing))
            continue
        override = overrides.get((rule.id, rule.version))
        findings += (Finding(problem, rule, why, override) for problem, why in _apply_rule(rule, facts, deal, typed))
    findings.sort(key=lambda one: (not one.stops, _ORDER[one.problem.severity], one.problem.place.line, one.rule.id))
    # A rule that could not be judged may fire on the day, or with the answer, that it needs.
    alive = {finding.rule.id for finding in findings} | {one.rule.id for one in unjudged}
    remarks = tuple(_review_overrides(deal, book, alive, typed))
    return DealReport(tuple(findings), tuple(unjudged), remarks, checked)


def refuse_stopped_deals(reports: Iterable[DealReport]) -> None:
    """Raise InputError with all findings that stop one of the deals, if there are any."""
    if stops := [problem for report in reports for problem in explain_stops(report)]:
        raise InputError(stops)


def explain_stops(report: DealReport) -> tuple[Problem, ...]:
    """Return the findings that stop a deal, each with the way out of it."""
    return tuple(_with_way_out(finding) for finding in report.stops)


def _with_way_out(finding: Finding) -> Problem:
    problem, rule = finding.problem, finding.rule
    way_out = f'or answer for it under "overrides" in the deal file ("agreementgen check --explain {rule.id}" says how)'
    return replace(problem, hint=f"{problem.hint}; {way_out}" if problem.hint else f"change it, {way_out}")


def _read_overrides(deal: Deal) -> Iterator[Override]:
    for entry in deal.facts.get(OVERRIDES) or ():
        yield Override(
            str(entry["rule"]).upper(), int(entry["version"]), entry["reviewer"], entry["reason"], entry["date"]
        )


def _review_overrides(
    deal: Deal, book: RuleBook, alive: Collection[str], typed: Mapping[str, Place]
) -> Iterator[Problem]:
    """Yield what is wrong with overrides: one that answers for nothing must not look as if it did."""
    seen: set[str] = set()
    for number, override in enumerate(_read_overrides(deal), 1):
        path = f"{OVERRIDES}.{number}.rule"
        rule = book.find(override.rule)
        if rule is None:
            message, hint = f'there is no rule "{override.rule}"', '"agreementgen show rules" lists them'
        elif override.version != rule.version:
            message = f"it is for version {override.version} of {rule.id}, which is version {rule.version} now"
            hint = f"read the rule again; if the deal still stands, write version: {rule.version}"
        elif rule.id not in alive:
            message, hint = f"{rule.id} finds nothing in this deal any more", "take the override out"
        elif rule.id in seen:
            message, hint = f"another override answers for {rule.id} already; the first counts", "take one of them out"
        else:
            seen.add(rule.id)
            continue
        yield Problem(message, hint, path, _place_of(path, typed, deal), code="override-idle", severity="W")


def _counts(rule: Rule, deal: Deal, today: date | None) -> bool:
    if rule.kinds and deal.kind not in rule.kinds:
        return False
    if today is None:
        return True
    return not (rule.begins and today < rule.begins) and not (rule.ends and today > rule.ends)


def _apply_rule(
    rule: Rule, facts: Mapping[str, Any], deal: Deal, typed: Mapping[str, Place]
) -> Iterator[tuple[Problem, str]]:
    """Yield the problems that a rule finds, each with the reason why it matters."""
    seen: set[str] = set()
    for entry in _entries_that_meet(rule, facts):
        known = {**facts, "each": entry}
        paths = [_path_of_entry(path, entry) for path in rule.at]
        path = next((path for path in paths if path in typed), paths[0] if paths else "")
        message = _fill(rule.says, known, deal)
        if message in seen:
            continue
        seen.add(message)
        hint = _fill(rule.suggestion, known, deal)
        if rule.basis == "law" and ASK_A_LAWYER not in hint:
            hint = f"{hint}; {ASK_A_LAWYER}" if hint else ASK_A_LAWYER
        place = _place_of(path, typed, deal)
        yield Problem(message, hint, path, place, code=rule.id, severity=rule.severity), _fill(rule.why, known, deal)


def _is_missing(name: str, facts: Mapping[str, Any]) -> bool:
    value = find_fact(name, facts)
    return value is None or value is MISSING or value == ()


def _path_of_entry(path: str, entry: object) -> str:
    known = entry if isinstance(entry, Mapping) else {}
    return path.replace("{number}", str(known.get("number", ""))).replace("{path}", str(known.get("path", "")))


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
            holds = condition.is_met({**asked, "each": entry}, rule.when.place)
        elif key in outcomes:
            holds = outcomes[key]
        else:
            holds = outcomes[key] = condition.is_met({**asked, "each": entry}, rule.when.place)
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
        return " ".join(text.text.split())
    filled, slots = fill_text(text.text, FillContext(facts, deal.language, frozenset()), text.place)

    def find_insert(char: str) -> str | None:
        insert = slots.insert_at(char)
        return insert if isinstance(insert, str) else None

    return text_of_runs(replace_slots((Run(" ".join(filled.split())),), find_insert))

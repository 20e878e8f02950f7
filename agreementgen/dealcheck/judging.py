"""The deal check itself: which rules a deal breaks, which were overridden, and which cannot be judged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from agreementgen.core.document import Run, text_of_runs
from agreementgen.core.problems import InputError, Place, Problem, collapse_spaces
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.deal.questions import FactsView
from agreementgen.dealcheck.known_facts import gather_facts
from agreementgen.dealcheck.needs import suppose_answered
from agreementgen.dealcheck.rules import Rule, RuleBook, read_rule_book
from agreementgen.language.conditions import Condition
from agreementgen.language.environment import MISSING
from agreementgen.language.filling import FillContext, fill_text, replace_slots
from agreementgen.library.files import PlacedText
from agreementgen.library.library import Library
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

ASK_A_LAWYER = "ask a lawyer"
OVERRIDES = "overrides"
# Typographic quotation marks, and the plain ones they stand for.
_PLAIN_QUOTES = str.maketrans("‘’“”", "''\"\"")
# More warnings of one rule are told as one: six firms with one address have one mistake. What stops is told each time.
_MOST_OF_A_RULE = 3
_ORDER = {"E": 0, "W": 1, "N": 2}


@dataclass(frozen=True)
class Override:
    """A named person's decision that the deal stands although a rule stops it; it holds for one version of the rule.

    `covers` is the field or words of the one finding that it is about; where empty, the rule may find one thing only.
    """

    rule: str
    version: int
    covers: str
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
    overrides = tuple(_read_overrides(deal))
    findings: list[Finding] = []
    unjudged: list[Unjudged] = []
    checked = 0
    for rule in book.rules:
        if not _counts(rule, deal, today):
            continue
        checked += 1
        condition = book.condition_of(rule)
        missing = tuple(name for name in rule.needs if _is_missing(name, facts)) if rule.needs else ()
        if rule.uses_today and today is None:
            unjudged.append(Unjudged(rule, ("today",)))
            continue
        if missing:
            if any(_may_hold(rule, condition, one) for one in (facts, suppose_answered(facts, missing))):
                unjudged.append(Unjudged(rule, missing))
            continue
        entries = tuple(_entries_that_meet(rule, condition, facts))
        if not entries:
            continue
        found = [Finding(problem, rule, why) for problem, why in _apply_rule(rule, entries, facts, deal, typed)]
        found = _override(found, overrides) if overrides else found
        findings += found if rule.severity == "E" else _shorten(found)
    findings.sort(key=lambda one: (not one.stops, _ORDER[one.problem.severity], one.problem.place.line, one.rule.id))
    # A rule that could not be judged may fire on the day, or with the answer, that it needs.
    alive = {finding.rule.id for finding in findings} | {one.rule.id for one in unjudged}
    remarks = tuple(_review_overrides(deal, book, overrides, findings, alive))
    return DealReport(tuple(findings), tuple(unjudged), remarks, checked)


def refuse_stopped_deals(reports: Iterable[DealReport]) -> None:
    """Raise InputError with all findings that stop one of the deals, if there are any."""
    if stops := [problem for report in reports for problem in explain_stops(report)]:
        raise InputError(stops)


def explain_stops(report: DealReport) -> tuple[Problem, ...]:
    """Return the findings that stop a deal, each with the way out of it."""
    return tuple(_with_way_out(finding, report) for finding in report.stops)


def _with_way_out(finding: Finding, report: DealReport) -> Problem:
    problem, rule = finding.problem, finding.rule
    others = [one.problem for one in report.findings if one.rule.id == rule.id and one is not finding]
    covering = f", covering {_name_what_to_cover(problem, others)}" if others else ""
    way_out = (
        f'or answer for it under "overrides" in the deal file{covering} ("agreementgen check --explain {rule.id}" says '
        "how)"
    )
    return replace(problem, hint=f"{problem.hint}; {way_out}" if problem.hint else f"change it, {way_out}")


def _name_what_to_cover(problem: Problem, others: Iterable[Problem]) -> str:
    """Return what tells a finding from the others of its rule: its field, or else its words."""
    is_alone = problem.field and all(other.field != problem.field for other in others)
    return f'"{problem.field if is_alone else problem.message}"'


# -- overrides


def _read_overrides(deal: Deal) -> Iterator[Override]:
    for entry in deal.facts.get(OVERRIDES) or ():
        yield Override(
            str(entry["rule"]).upper(),
            int(entry["version"]),
            str(entry.get("covers") or ""),
            entry["reviewer"],
            entry["reason"],
            entry["date"],
        )


def _override(found: Sequence[Finding], overrides: Iterable[Override]) -> list[Finding]:
    """Return the findings of one rule, each with the first override that covers it and nothing else."""
    answered = list(found)
    for override in overrides:
        covered = [number for number, one in enumerate(found) if _is_for(override, one)]
        if len(covered) == 1 and not answered[covered[0]].override:
            answered[covered[0]] = replace(answered[covered[0]], override=override)
    return answered


def _shorten(found: Sequence[Finding]) -> Sequence[Finding]:
    """Return the findings of one rule, of many the first with the number of the others and where they are."""
    first, *others = found
    if len(found) <= _MOST_OF_A_RULE or any(one.override for one in found):
        return found
    fields = dict.fromkeys(one.problem.field for one in others)
    fields.pop(first.problem.field, None)
    where = f", at {', '.join(fields)}" if fields else ""
    message = f"{first.problem.message} There are {len(others)} more like this{where}."
    return [replace(first, problem=replace(first.problem, message=message))]


def _is_for(override: Override, finding: Finding) -> bool:
    rule, problem = finding.rule, finding.problem
    if (override.rule, override.version) != (rule.id, rule.version):
        return False
    wanted = _plain(override.covers)
    return not wanted or wanted == _plain(problem.field) or wanted in _plain(problem.message)


def _plain(text: str) -> str:
    """Return a text as it is compared: an editor may have made its quotation marks typographic."""
    return " ".join(text.translate(_PLAIN_QUOTES).casefold().split()).rstrip(".")


def _review_overrides(
    deal: Deal,
    book: RuleBook,
    overrides: Sequence[Override],
    findings: Sequence[Finding],
    alive: Collection[str],
) -> Iterator[Problem]:
    """Yield what is wrong with overrides: one that answers for nothing must not look as if it did."""
    answering = {id(finding.override) for finding in findings if finding.override}
    typed = {answer.path: answer.place for answer in deal.answers if answer.typed}
    for number, override in enumerate(overrides, 1):
        rule = book.find(override.rule)
        path = f"{OVERRIDES}.{number}.rule"
        if rule is None:
            message, hint = f'there is no rule "{override.rule}"', '"agreementgen show rules" lists them'
        elif override.version != rule.version:
            message = f"it is for version {override.version} of {rule.id}, which is version {rule.version} now"
            hint = f"read the rule again; if the deal still stands, write version: {rule.version}"
        elif rule.id not in alive:
            message, hint = f"{rule.id} finds nothing in this deal any more", "take the override out"
        elif id(override) in answering or not (found := [one for one in findings if one.rule.id == rule.id]):
            continue
        else:
            message, hint = _explain_idle(override, found)
        yield Problem(message, hint, path, _place_of(path, typed, deal), code="override-idle", severity="W")


def _explain_idle(override: Override, found: Sequence[Finding]) -> tuple[str, str]:
    """Return why an override answers for none of the findings of its rule, and what to do."""
    covered = [one for one in found if _is_for(override, one)]
    if len(covered) == 1:
        return f"another override answers for {override.rule} already; the first counts", "take one of them out"
    problems = [one.problem for one in found]
    names = [_name_what_to_cover(one, [other for other in problems if other is not one]) for one in problems]
    hint = f"write one override for each, with covers: {' or '.join(names)}"
    if covered:
        return f"{override.rule} finds {len(covered)} things, and it does not say which of them it is about", hint
    return f'{override.rule} does not find what it covers, "{override.covers}"', hint


def _counts(rule: Rule, deal: Deal, today: date | None) -> bool:
    if rule.kinds and deal.kind not in rule.kinds:
        return False
    if today is None:
        return True
    return not (rule.begins and today < rule.begins) and not (rule.ends and today > rule.ends)


def _apply_rule(
    rule: Rule, entries: Iterable[Any], facts: FactsView, deal: Deal, typed: Mapping[str, Place]
) -> Iterator[tuple[Problem, str]]:
    """Yield the problems that a rule finds in the entries that meet it, each with the reason why it matters."""
    seen: set[str] = set()
    for entry in entries:
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
        place = _place_in_list(path, entry, deal) or _place_of(path, typed, deal)
        yield Problem(message, hint, path, place, code=rule.id, severity=rule.severity), _fill(rule.why, known, deal)


def _is_missing(name: str, facts: FactsView) -> bool:
    value = find_fact(name, facts)
    return value is None or value is MISSING or value == ()


def _path_of_entry(path: str, entry: object) -> str:
    known = entry if isinstance(entry, Mapping) else {}
    return path.replace("{number}", str(known.get("number", ""))).replace("{path}", str(known.get("path", "")))


def _may_hold(rule: Rule, condition: Condition, facts: FactsView) -> bool:
    return next(_entries_that_meet(rule, condition, facts), None) is not None


def _entries_that_meet(rule: Rule, condition: Condition, facts: FactsView) -> Iterator[Any]:
    """Yield the entries for which a rule's condition holds; for a rule without a list, MISSING where it does.

    It is asked once for all entries that answer yes or no alike: a deal has a hundred texts, and hardly one of them is
    odd.
    """
    if not rule.each:
        if condition.holds(facts, rule.when.place):
            yield MISSING
        return
    names = [names[1] for names in condition.facts if names[0] == "each" and len(names) > 1]
    outcomes: dict[tuple[Any, ...], bool] = {}
    known = dict(facts)
    for entry in find_fact(rule.each, facts) or ():
        # Nearly all are dicts; to ask whether one is any other mapping takes ten times as long.
        key = tuple([entry.get(name) for name in names]) if isinstance(entry, (dict, Mapping)) else (None,)
        is_plain = all(type(answer) is bool for answer in key)
        holds = outcomes.get(key) if is_plain else None
        if holds is None:
            known["each"] = entry
            holds = condition.holds(known, rule.when.place)
            if is_plain:
                outcomes[key] = holds
        if holds:
            yield entry


def _place_in_list(path: str, entry: object, deal: Deal) -> Place | None:
    """Return where a text of a list was typed, which has a path and a place as a whole only; None for any other."""
    text = entry.get("text") if isinstance(entry, Mapping) else None
    node: Node | None = deal.typed
    for part in path.split("."):
        node = node.get(part) if isinstance(node, MappingNode) else None
    if not text or node is None or isinstance(node, ScalarNode):
        return None
    return next((one.place for one in _each_scalar(node) if collapse_spaces(one.text) == text), None)


def _each_scalar(node: Node) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
        return
    for inner in node.items if isinstance(node, SequenceNode) else [value for _, value in node]:
        yield from _each_scalar(inner)


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


def _fill(text: PlacedText, facts: FactsView, deal: Deal) -> str:
    if "{{" not in text.text and "{%" not in text.text:
        return " ".join(text.text.split())
    filled, slots = fill_text(text.text, FillContext(facts, deal.language, frozenset()), text.place)

    def find_insert(char: str) -> str | None:
        insert = slots.insert_at(char)
        return insert if isinstance(insert, str) else None

    return text_of_runs(replace_slots((Run(" ".join(filled.split())),), find_insert))

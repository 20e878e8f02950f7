"""Rules of the deal check as they are written: in `clauses/rules.yaml`, in `clauses/<topic>/rules.yaml`, in a pack.

A rule is data: when it fires, on which fact it rests, what it tells the owner and why, where that was looked up and
when. The sets of states and the thresholds it may name are dated data of their own (`clauses/law-data.yaml`).
A pack's `rules.yaml` adds rules, replaces those of the same id, and switches others off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from weakref import WeakKeyDictionary

from agreementgen.core.problems import PackError, Place, Problem, Severity
from agreementgen.language.conditions import find_unreadable_condition
from agreementgen.library.files import Fields, PlacedText, SourceFile, read_declarations
from agreementgen.library.library import Library
from agreementgen.yamlfile.nodes import Node

RULES_FILE = "rules.yaml"
DATA_FILE = "clauses/law-data.yaml"
SEVERITIES: tuple[Severity, ...] = ("E", "W", "N")
# What a rule rests on; "law" ends with advice to ask a lawyer, and needs a source and the day it was looked up.
BASES = ("arithmetic", "law", "practice", "plain sense")


@dataclass(frozen=True)
class RuleTest:
    """Answers, by path in a deal file, laid over a sample (`deal`): the rule fires, or stays silent (`fires`).

    Entries of lists are counted from 1 ("goals.1.period"); "-" takes an answer out.
    """

    deal: str
    facts: Mapping[str, Node]
    fires: bool
    place: Place


@dataclass(frozen=True)
class Rule:
    """One rule. `when` is a condition of the clause language; with `each`, it is asked of every entry of that list.

    `at` are paths of the facts it rests on ("goals.{number}.period"), of which the first that was typed is named;
    `needs` are facts without which it cannot judge.
    `kinds` are the kinds of agreement it is for, none for all. It counts from `begins` to `ends`, where given.
    `version` is raised when the rule changes: who overrode the old one looks again.
    """

    id: str
    version: int
    severity: Severity
    when: PlacedText
    each: str
    at: tuple[str, ...]
    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    says: PlacedText
    why: str
    suggestion: PlacedText
    basis: str
    source: str
    looked_up: date | None
    begins: date | None
    ends: date | None
    uses_today: bool
    tests: tuple[RuleTest, ...]
    place: Place


@dataclass(frozen=True)
class LawData:
    """Sets of states by name, as ISO 3166 codes ("US-CA", "DE"), and thresholds by name."""

    regions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    amounts: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleBook:
    """The rules of a library in the order of their ids, and their data."""

    rules: tuple[Rule, ...]
    data: LawData

    @property
    def as_of(self) -> date | None:
        """The last day on which a source of its rules was looked up."""
        return max((rule.looked_up for rule in self.rules if rule.looked_up), default=None)

    def find(self, rule_id: str) -> Rule | None:
        """Return the rule of an id, None where there is none."""
        return next((rule for rule in self.rules if rule.id == rule_id.upper()), None)


_books: WeakKeyDictionary[Library, RuleBook] = WeakKeyDictionary()


def read_rule_book(library: Library) -> RuleBook:
    """Return the rules of a library with those of its packs; raise PackError with every problem."""
    if library in _books:
        return _books[library]
    problems: list[Problem] = []
    rules: dict[str, Rule] = {}
    for name, source in sorted(library.files.items()):
        if name.startswith("clauses/") and name.endswith(f"/{RULES_FILE}"):
            for rule in _read_file(source, problems)[0]:
                if rule.id in rules:
                    message = f'there is a rule "{rule.id}" already'
                    problems.append(Problem(message, "give it another id", place=rule.place, code="duplicate"))
                rules[rule.id] = rule
    for pack in library.packs:
        if RULES_FILE in pack.files:
            own, switched_off = _read_file(pack.files[RULES_FILE], problems)
            rules |= {rule.id: rule for rule in own}
            for rule_id in switched_off:
                rules.pop(rule_id, None)
    data = _read_data(library.files.get(DATA_FILE), problems)
    if problems:
        raise PackError(problems)
    book = RuleBook(tuple(rule for _, rule in sorted(rules.items())), data)
    _books[library] = book
    return book


def _read_file(source: SourceFile, problems: list[Problem]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    read = read_declarations(source, _read_rules, problems, "")
    return read or ((), ())


def _read_rules(fields: Fields) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    return fields.read_groups("rules", _read_rule), fields.read_texts("switched off")


def _read_rule(fields: Fields) -> Rule:
    rule = Rule(
        id=fields.read_text("id"),
        version=fields.read_integer("version", 1),
        severity=_read_severity(fields),
        when=fields.read_placed_text("when"),
        each=fields.read_text("each", ""),
        at=tuple(path.strip() for path in fields.read_text("at", "").split(",") if path),
        kinds=fields.read_texts("kinds"),
        needs=fields.read_texts("needs"),
        says=fields.read_placed_text("says"),
        why=" ".join(fields.read_text("why", "").split()),
        suggestion=fields.read_placed_text("suggestion", ""),
        basis=fields.read_choice("basis", BASES, "plain sense", "what a rule can rest on"),
        source=fields.read_text("source", ""),
        looked_up=_read_day(fields, "looked up"),
        begins=_read_day(fields, "from"),
        ends=_read_day(fields, "until"),
        uses_today=fields.read_flag("uses today", False),
        tests=(
            *fields.read_groups("fires", partial(_read_test, fires=True)),
            *fields.read_groups("silent", partial(_read_test, fires=False)),
        ),
        place=fields.place_of("id"),
    )
    if rule.basis == "law" and not (rule.source and rule.looked_up):
        message = 'a rule of law names its "source" and the day it was "looked up"'
        fields.add_problem(message, place=rule.place, code="missing")
    if reason := find_unreadable_condition(rule.when.text):
        fields.add_problem(f"the condition cannot be read: {reason}", place=rule.when.place, code="unreadable")
    return rule


def _read_severity(fields: Fields) -> Severity:
    word = fields.read_choice("severity", SEVERITIES, "W", "a severity")
    return next(severity for severity in SEVERITIES if severity == word)


def _read_day(fields: Fields, key: str) -> date | None:
    text = fields.read_text(key, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        hint = "write it like 2026-11-28"
        fields.add_problem(f'"{text}" is not a day', hint, fields.place_of(key), code="unreadable")
        return None


def _read_test(fields: Fields, fires: bool) -> RuleTest:
    return RuleTest(fields.read_text("deal", "referral"), fields.read_nodes("facts"), fires, fields.node.place)


def _read_data(source: SourceFile | None, problems: list[Problem]) -> LawData:
    return (read_declarations(source, _read_law_data, problems, "") if source else None) or LawData()


def _read_law_data(fields: Fields) -> LawData:
    regions = {name.text: fields.inside(group).read_by(_read_set) for name, group in fields.each_named_group("sets")}
    amounts = {
        name.text: fields.inside(group).read_by(_read_threshold)
        for name, group in fields.each_named_group("thresholds")
    }
    return LawData(regions, amounts)


def _read_set(fields: Fields) -> frozenset[str]:
    _read_origin(fields)
    return frozenset(fields.read_texts("regions"))


def _read_threshold(fields: Fields) -> Decimal:
    _read_origin(fields)
    _read_day(fields, "from")
    try:
        return Decimal(fields.read_text("value"))
    except InvalidOperation:
        fields.add_problem("a threshold is a number", place=fields.place_of("value"), code="unreadable")
        return Decimal(0)


def _read_origin(fields: Fields) -> None:
    """Insist on a source and the day it was looked up: data of law without them is hearsay."""
    fields.read_text("source")
    if not fields.read_text("looked up", ""):
        fields.add_problem('data of law says when it was "looked up"', code="missing")
    _read_day(fields, "looked up")

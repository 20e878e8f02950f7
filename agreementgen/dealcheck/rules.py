"""Rules of the deal check as they are written: in `clauses/rules.yaml`, in `clauses/<topic>/rules.yaml`, in a pack.

A rule is data: when it fires, on which fact it rests, what it tells the owner and why, where that was looked up and
when. The sets of states and the thresholds it may name are dated data of their own (`clauses/law-data.yaml`).
A pack's `rules.yaml` adds rules, replaces those of the same id, and switches others off.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property, partial
from weakref import WeakKeyDictionary

from agreementgen.core.kept import keep
from agreementgen.core.problems import PackError, Place, Problem, Severity, suggest_nearest
from agreementgen.language.analysis import analyze_condition, analyze_text
from agreementgen.language.conditions import Condition, find_condition, read_condition
from agreementgen.language.shapes import OPEN_SHAPE, Shape
from agreementgen.library.files import Fields, PlacedText, SourceFile, read_declarations
from agreementgen.library.library import Library, Pack
from agreementgen.library.loading import built_in_digest, built_in_parts
from agreementgen.yamlfile.nodes import Node

RULES_FILE = "rules.yaml"
DATA_FILE = "clauses/law-data.yaml"
SEVERITIES: tuple[Severity, ...] = ("E", "W", "N")
# What a rule rests on; "law" ends with advice to ask a lawyer, and needs a source and the day it was looked up.
BASES = ("arithmetic", "law", "practice", "plain sense")
# What rules may ask besides the facts of deals: `known_facts` has their names and what they are.
DERIVED_FACTS = (
    "days", "amount", "link", "named", "law_in", "here", "threshold", "age", "ahead", "check", "position_by_topic",
)  # fmt: skip
_ASK_HINT = "docs/check.md says what rules may ask"
# As many letters as an override has room for.
_ID = re.compile(r"[A-Z][A-Z0-9-]{0,11}")


@dataclass(frozen=True)
class RuleTest:
    """Answers, by path in a deal file, laid over a sample (`deal`): the rule fires, or stays silent (`fires`).

    Entries of lists are counted from 1 ("goals.1.period"); "-" takes an answer out. `today` is the day of the check.
    """

    deal: str
    facts: Mapping[str, Node]
    fires: bool
    today: date | None
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
    why: PlacedText
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
    """The rules of a library in the order of their ids, their data, and conditions that were read before.

    `packed_tests` are the tests of rules that were kept, by the rules' places: they are half of it, and checks of deals
    do not ask for them.
    """

    rules: tuple[Rule, ...]
    data: LawData
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    packed_tests: bytes = field(default=b"", repr=False)

    @property
    def as_of(self) -> date | None:
        """The last day on which a source of its rules was looked up."""
        return max((rule.looked_up for rule in self.rules if rule.looked_up), default=None)

    @property
    def oldest(self) -> date | None:
        """The first day on which a source of one of its rules of law was looked up: what may have moved longest."""
        return min((rule.looked_up for rule in self.rules if rule.looked_up), default=None)

    def condition_of(self, rule: Rule) -> Condition:
        return self.conditions.get(rule.when.text) or read_condition(rule.when.text)

    @cached_property
    def _kept_tests(self) -> Mapping[Place, tuple[RuleTest, ...]]:
        found: Mapping[Place, tuple[RuleTest, ...]] = pickle.loads(self.packed_tests) if self.packed_tests else {}
        return found

    def tests_of(self, rule: Rule) -> tuple[RuleTest, ...]:
        """Return the tests that a rule carries in its file."""
        return rule.tests or self._kept_tests.get(rule.place, ())

    def find(self, rule_id: str) -> Rule | None:
        """Return the rule of an id, None where there is none."""
        return next((rule for rule in self.rules if rule.id == rule_id.upper()), None)


_books: WeakKeyDictionary[Library, RuleBook] = WeakKeyDictionary()


def read_rule_book(library: Library) -> RuleBook:
    """Return the rules of a library with those of its packs; raise PackError with every problem."""
    if library in _books:
        return _books[library]
    problems: list[Problem] = []
    own_book = _read_own_rules(library)
    rules = {rule.id: rule for rule in own_book.rules}
    known = {*rules}
    for pack in library.packs:
        problems += _find_misplaced(pack)
        if RULES_FILE in pack.files:
            own, switched_off = _read_file(pack.files[RULES_FILE], problems)
            problems += _find_unfit(own, switched_off, known, pack.files[RULES_FILE])
            problems += find_rule_faults(own, library)
            rules |= {rule.id: rule for rule in own}
            known |= {*rules}
            for rule_id in switched_off:
                rules.pop(rule_id.upper(), None)
    if problems:
        raise PackError(problems)
    book = replace(own_book, rules=tuple(rule for _, rule in sorted(rules.items())))
    _books[library] = book
    return book


def _read_own_rules(library: Library) -> RuleBook:
    """Return the rules and data of a library without those of its packs; raise PackError with every problem."""
    sources = _select_rule_files(library.files)
    if sources == _select_rule_files(built_in_parts().files):
        return keep("built-in-rules", built_in_digest(), lambda: _ready_to_check(_read_rule_files(sources)))
    return _read_rule_files(sources)


def _ready_to_check(book: RuleBook) -> RuleBook:
    """Return the book with its conditions read and its tests packed up, as it is kept.

    To read the conditions takes longer than to check a deal.
    """
    conditions: dict[str, Condition] = {}
    for rule in book.rules:
        # What is wrong with one is said where it is asked.
        if condition := find_condition(rule.when.text):
            conditions[rule.when.text] = condition
    tests = pickle.dumps({rule.place: rule.tests for rule in book.rules})
    return replace(
        book, rules=tuple(replace(rule, tests=()) for rule in book.rules), conditions=conditions, packed_tests=tests
    )


def _select_rule_files(files: Mapping[str, SourceFile]) -> dict[str, SourceFile]:
    """Return the rules and data among the files of a library."""
    return {
        name: source
        for name, source in sorted(files.items())
        if name == DATA_FILE or (name.startswith("clauses/") and name.endswith(f"/{RULES_FILE}"))
    }


def _read_rule_files(sources: Mapping[str, SourceFile]) -> RuleBook:
    problems: list[Problem] = []
    rules: dict[str, Rule] = {}
    for name, source in sources.items():
        if name == DATA_FILE:
            continue
        for rule in _read_file(source, problems)[0]:
            if rule.id in rules:
                message = f'there is a rule "{rule.id}" already'
                problems.append(Problem(message, "give it another id", place=rule.place, code="duplicate"))
            rules[rule.id] = rule
    data = _read_data(sources.get(DATA_FILE), problems)
    if problems:
        raise PackError(problems)
    return RuleBook(tuple(rules.values()), data)


def _find_misplaced(pack: Pack) -> Iterator[Problem]:
    """Yield the files that would take the place of the library's own rules or data, all of them."""
    for name, source in pack.files.items():
        if name.startswith("clauses/") and (name.endswith(f"/{RULES_FILE}") or name == DATA_FILE):
            message, hint = "a pack's rules do not stand among its clauses", f"put them into {RULES_FILE} at its top"
            yield Problem(message, hint, place=Place(source.name), code="library-stray-file")


def _find_unfit(
    own: tuple[Rule, ...], switched_off: tuple[str, ...], known: Collection[str], source: SourceFile
) -> Iterator[Problem]:
    """Yield rules of a pack that stand there twice, and ids switched off that no rule has."""
    seen: set[str] = set()
    for rule in own:
        if rule.id in seen:
            message = f'there is a rule "{rule.id}" already'
            yield Problem(message, "give it another id", place=rule.place, code="duplicate")
        seen.add(rule.id)
    for rule_id in switched_off:
        if rule_id.upper() not in known:
            hint = suggest_nearest(rule_id.upper(), known) or '"agreementgen show rules" lists them'
            message = f'there is no rule "{rule_id}" to switch off'
            yield Problem(message, hint, place=Place(source.name), code="unknown-name")


def find_rule_faults(rules: Iterable[Rule], library: Library) -> Iterator[Problem]:
    """Yield what can be known to be wrong with rules before there is a deal: names, tags, sizes, kinds."""
    facts = library.shape_of_facts().with_fields(dict.fromkeys(DERIVED_FACTS, OPEN_SHAPE))
    with_entry = facts.with_fields({"each": OPEN_SHAPE})
    # A rule may ask whether the answer was no; clauses only ask whether it was yes.
    asked, asked_with_entry = _without_switches(facts), _without_switches(with_entry)
    for rule in rules:
        yield from _find_faults_in_wording(rule, *((with_entry, asked_with_entry) if rule.each else (facts, asked)))
        if rule.each:
            yield from _find_unknown(rule, rule.each, facts, "a list of facts", is_list=True)
        for need in rule.needs:
            yield from _find_unknown(rule, need, facts, "a fact")
        for kind in rule.kinds:
            if kind not in library.outlines:
                hint = suggest_nearest(kind, library.outlines) or '"agreementgen show types" lists them'
                yield Problem(f'"{kind}" is no kind of agreement', hint, place=rule.place, code="unknown-name")


def _find_faults_in_wording(rule: Rule, facts: Shape, asked: Shape) -> Iterator[Problem]:
    """Yield what is wrong with a rule's texts, which may print `facts`, and its condition, which may ask `asked`."""
    try:
        analyze_condition(rule.when.text, rule.when.place, asked)
    except PackError as error:
        yield from (replace(problem, hint=problem.hint or _ASK_HINT) for problem in error.problems)
    for text in (rule.says, rule.why, rule.suggestion):
        try:
            used = analyze_text(text.text, text.place, facts)
        except PackError as error:
            yield from (replace(problem, hint=problem.hint or _ASK_HINT) for problem in error.problems)
            continue
        if used.references or used.topics or used.rows or used.schedules:
            message = "rules cannot refer to clauses, rows or schedules"
            yield Problem(message, "write the words themselves", place=text.place, code="not-applicable")


def _find_unknown(rule: Rule, name: str, facts: Shape, what: str, is_list: bool = False) -> Iterator[Problem]:
    shape: Shape | None = facts
    for part in name.split("."):
        if shape is not OPEN_SHAPE:
            shape = shape.fields.get(part) if shape else None
    if shape is None or (is_list and shape is not OPEN_SHAPE and not shape.is_list):
        yield Problem(f'"{name}" is not {what}', _ASK_HINT, place=rule.place, code="unknown-name")


def _without_switches(shape: Shape) -> Shape:
    """Return a form in which all that is yes or no is open."""
    if shape.type == "yes/no":
        return OPEN_SHAPE
    if shape.fields:
        return replace(shape, fields={name: _without_switches(inner) for name, inner in shape.fields.items()})
    return shape


def _read_file(source: SourceFile, problems: list[Problem]) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    read = read_declarations(source, _read_rules, problems, "")
    return read or ((), ())


def _read_rules(fields: Fields) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    return fields.read_groups("rules", _read_rule), fields.read_texts("switched off")


def _read_rule(fields: Fields) -> Rule:
    rule = Rule(
        id=_read_id(fields),
        version=_read_version(fields),
        severity=_read_severity(fields),
        when=_read_wording(fields, "when"),
        each=fields.read_text("each", ""),
        at=tuple(path.strip() for path in fields.read_text("at", "").split(",") if path),
        kinds=fields.read_texts("kinds"),
        needs=fields.read_texts("needs"),
        says=_read_wording(fields, "says"),
        why=fields.read_placed_text("why", ""),
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
    return rule


def _read_id(fields: Fields) -> str:
    """Return the id of a rule, in capitals however it was typed."""
    text = fields.read_text("id")
    if text and not _ID.fullmatch(text.upper()):
        hint = "write up to 12 letters, digits and hyphens, a letter first, such as FIRM1"
        fields.add_problem(f'"{text}" is no id of a rule', hint, fields.place_of("id"), code="unreadable")
    return text.upper()


def _read_version(fields: Fields) -> int:
    version = fields.read_integer("version", 1)
    if version < 1:
        fields.add_problem("versions count from 1", place=fields.place_of("version"), code="unreadable")
    return version


def _read_wording(fields: Fields, key: str) -> PlacedText:
    text = fields.read_placed_text(key)
    if not text.text and fields.find_node(key):
        fields.add_problem(f'"{key}" is empty', "write it, or take the rule out", text.place, code="missing")
    return text


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
    deal, facts = fields.read_text("deal", "referral"), fields.read_nodes("facts")
    return RuleTest(deal, facts, fires, _read_day(fields, "today"), fields.node.place)


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

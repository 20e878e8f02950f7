"""One question in its place in a deal: what Reader meets and Completion settles.

Defaults, what is missing, and what was answered although other answers make it idle.

Short names: what the parties are called in a deal file and in the agreement.

Roles: what the parties are to each other (vendor and partner); each is held by one party.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agreementgen.core.characters import quote_text
from agreementgen.core.problems import Place
from agreementgen.core.values import Choice
from agreementgen.deal.deal import Answer
from agreementgen.deal.questions import Question, name_in_clauses, walk_questions
from agreementgen.language.conditions import FactNames, read_condition
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from agreementgen.deal.reader import DealReader

Facts = dict[str, Any]
# The answer "no" to a group: it is an answer, and the group is not there.
SWITCHED_OFF = Choice("no")


@dataclass(eq=False)
class PlacedQuestion:
    """A question, the group of facts its value belongs into, and what is known about its answer.

    `parent` is the entry of the group it stands in. `given` is what was typed. `unsure`: nobody can say what
    the answer is, because it is unreadable or missing, which is reported. `off`: other answers make it idle.
    """

    question: Question
    group_facts: Facts
    path: str
    place: Place
    parent: PlacedQuestion | None
    answer_node: Node | None = None
    is_unsure: bool = False
    is_idle: bool = False
    is_settled: bool = False

    @property
    def value(self) -> Any:
        return self.group_facts[self.question.name]

    @property
    def group_path(self) -> str:
        """The path of the group it stands in ("" at the top)."""
        return self.path[: -len(self.question.key)].rstrip(".")

    @property
    def name_in_conditions(self) -> str:
        """The path in conditions."""
        return name_in_clauses(self.path)


MISSING = "this is missing"
IDLE = "was given, but it does not apply here"


class Completion:
    """Settles each entry after those its conditions look at, wherever they stand in the file.

    Why: a default may decide whether another question is asked. And one wrong answer must be reported once:
    what depends on it is neither missing nor idle, as far as anybody can know.
    """

    def __init__(self, reader: DealReader) -> None:
        self.reader = reader
        self.questions_by_name: dict[str, PlacedQuestion] = {}
        self.indexed_count = 0

    def settle_all(self) -> None:
        # The list grows: settling a group that nobody gave makes entries of its questions.
        for entry in self.reader.placed_questions:
            self.settle(entry)

    def find_question(self, name: str) -> PlacedQuestion | None:
        for entry in self.reader.placed_questions[self.indexed_count :]:
            self.questions_by_name[entry.name_in_conditions] = entry
        self.indexed_count = len(self.reader.placed_questions)
        return self.questions_by_name.get(name)

    def settle(self, entry: PlacedQuestion) -> None:
        if entry.is_settled:
            return
        entry.is_settled = True
        question, parent = entry.question, entry.parent
        if parent:
            self.settle(parent)
            if parent.is_idle or parent.is_unsure:
                entry.is_idle, entry.is_unsure = parent.is_idle, parent.is_unsure
                return
        if self.depends_on_unsure(question.when, entry):
            entry.is_unsure = True
        elif not self.holds(question.when, entry):
            entry.is_idle, entry.is_unsure = True, False
            if entry.answer_node is not None:
                self.report_idle(entry)
            entry.group_facts[question.name] = question.empty_value
        elif entry.answer_node is None and entry.value == question.empty_value:
            self.apply_default(entry)

    def apply_default(self, entry: PlacedQuestion) -> None:
        """Answer `entry` by its default, or report that it is missing."""
        reader, question = self.reader, entry.question
        default = reader.form.defaults.get(entry.path, question.default)
        if entry.path in reader.probable_paths:
            entry.is_unsure = True
            return
        needed = question.needed
        if default is not None:
            reader.is_typed = False
            value = reader.read_placed(entry, default)
            reader.is_typed = True
            if value is not None:
                entry.group_facts[question.name] = None if value is SWITCHED_OFF else value
                reader.answers.append(Answer(entry.path, question, value, question.place, False))
        elif needed and not self.depends_on_unsure(needed, entry) and (needed == "yes" or self.holds(needed, entry)):
            entry.is_unsure = True
            hint = question.type.explain_missing(question, tuple(reader.context.parties))
            reader.report(MISSING, hint, entry.path, entry.place)
        elif question.is_group and not question.words:
            reader.open_questions.append(entry)
            entry.group_facts[question.name] = reader.read_group(question.parts, None, entry.path, {}, entry.place)
            reader.open_questions.pop()

    def report_idle(self, entry: PlacedQuestion) -> None:
        """Report an answer that nothing will print."""
        text = f'"{quote_text(entry.answer_node.text)}"' if isinstance(entry.answer_node, ScalarNode) else "this"
        self.reader.report(
            f"{text} {IDLE}",
            f"delete it, or change what it depends on: it applies only where {self.describe_condition(entry)}",
            entry.path,
            entry.place,
        )

    def describe_condition(self, entry: PlacedQuestion) -> str:
        def look_up(names: FactNames) -> tuple[str, str]:
            found = self.find_question(self.absolute_names(names, entry)[-1])
            if found is None:
                return ".".join(names).replace("_", " "), ""
            kind = "switch" if found.question.is_group and found.question.words else found.question.type.fact_kind
            return found.path, kind

        return read_condition(entry.question.when).in_words(look_up)

    def depends_on_unsure(self, condition: str, entry: PlacedQuestion) -> bool:
        """Settle what `condition` looks at; return whether any of it is unsure."""
        unsure = False
        for names in read_condition(condition).facts:
            for name in self.absolute_names(names, entry):
                found = self.find_question(name)
                if found:
                    self.settle(found)
                    unsure = unsure or found.is_unsure
        return unsure

    def absolute_names(self, names: FactNames, entry: PlacedQuestion) -> list[str]:
        """Return the names of a fact and of the groups around it, outermost first."""
        start = name_in_clauses(entry.group_path) if names[0] == "this" else ""
        found: list[str] = []
        for name in names[1:] if names[0] == "this" else names:
            start = f"{start}.{name}" if start else name
            found.append(start)
        return found or [""]

    def holds(self, condition: str, entry: PlacedQuestion) -> bool:
        return read_condition(condition).holds({**self.reader.facts, "this": entry.group_facts})


_SUFFIX = re.compile(
    r"[,\s]+(?:LLC|L\.L\.C\.|Inc\.?|Incorporated|Corp\.?|Corporation|Ltd\.?|Limited|LLP|LP|PLLC|PC|P\.C\.|Co\.|"
    r"GmbH|mbH|AG|S\.?A\.?|B\.?V\.?)$",
    re.IGNORECASE,
)


def drop_legal_form(name: str) -> str:
    """Return `name` without its legal form: "Rosa's Bakery LLC" is "Rosa's Bakery"."""
    return _SUFFIX.sub("", name).strip() or name


class ShortNames:
    """Gives every party its short name. `complete` is False where one has none that can be read."""

    def __init__(self, reader: DealReader, question: Question, node: Node | None) -> None:
        self.reader = reader
        self.question = question
        self.short_question = question.find_part("short")
        self.nodes = node.items if isinstance(node, SequenceNode) else ()
        self.is_complete = len(self.nodes) >= reader.form.party_limits[0]

    def assign(self) -> dict[str, Mapping[str, Any]]:
        """Return the parties by short name; report names that are missing, taken, or mean something else."""
        known: dict[str, Mapping[str, Any]] = {}
        reported = {problem.field for problem in self.reader.problems}
        taken: dict[str, int] = {}
        found = list(self.each_party())
        self.is_complete = self.is_complete and len(found) == len(self.nodes)
        for number, party, place in found:
            path = f"parties.{number}.short"
            double = bool({path, f"parties.{number}.name"} & reported)
            if party["short"] is None and not double and party["name"]:
                self.derive_short_name(party, path, place)
            short = party["short"]
            if not short:
                self.is_complete = False
                continue
            first = taken.setdefault(short.casefold(), number)
            if first != number:
                self.is_complete = False
                if not double:
                    self.reader.report(
                        f'"{short}" would be the short name of two parties',
                        'give each its own, as in "short: ..."',
                        path,
                        place,
                    )
                continue
            if short.lower() in self.reserved_words():
                self.reader.report(
                    f'"{short}" has a meaning of its own in a deal file, so no party can be called that',
                    'choose another short name, as in "short: ..."',
                    path,
                    place,
                )
            known[short] = party
        return known

    def each_party(self) -> Iterator[tuple[int, Facts, Place]]:
        """Yield number, facts and place of each party that is a group."""
        facts = iter(self.reader.facts["parties"])
        for number, node in enumerate(self.nodes[: self.reader.form.party_limits[1]], 1):
            if isinstance(node, MappingNode) and (party := next(facts, None)) is not None:
                at = node.get("short")
                yield number, party, at.place if at else node.place

    def derive_short_name(self, party: Facts, path: str, place: Place) -> None:
        """Take the legal name without its legal form."""
        short = drop_legal_form(party["name"])
        most = self.short_question.limits.characters if self.short_question else 0
        if most and len(short) > most:
            self.reader.report(
                f'"{quote_text(short)}" is too long to serve as the short name in the text',
                f'add "short: ..." with up to {most} characters',
                path,
                place,
            )
            return
        party["short"] = short
        if self.short_question:
            self.reader.answers.append(Answer(path, self.short_question, short, place, False))

    def reserved_words(self) -> frozenset[str]:
        """Words that stand for something else where a party may be named."""
        questions = [
            question for _, question in walk_questions(self.reader.form.questions) if question.type.names_party
        ]
        return frozenset(word for question in questions for word in question.words or ())


class PartyRoles:
    """Gives every party its role: the one it says, and to the others, in order, those that are left."""

    def __init__(self, reader: DealReader, node: Node | None) -> None:
        self.reader = reader
        self.nodes = node.items if isinstance(node, SequenceNode) else ()

    def assign(self) -> Facts:
        """Return how many parties there are, the first two, and who holds each role; report a role held twice."""
        parties = tuple(self.reader.facts["parties"])
        held: dict[str, Any] = {}
        for number, party in enumerate(parties, 1):
            role = party.setdefault("role", None)
            if role is None:
                continue
            if role in held:
                hint = "give each party its own: " + ", ".join(self.reader.form.roles)
                path = f"parties.{number}.role"
                self.reader.report(
                    f'"{role}" is the role of an earlier party already', hint, path, self.place_of_role(number)
                )
            held.setdefault(role, party)
        left = iter([role for role in self.reader.form.roles if role not in held])
        for party in parties:
            if party["role"] is None and (role := next(left, None)) is not None:
                party["role"] = Choice(role)
                held[role] = party
        first, second, *_ = (*parties, None, None)
        return {"two": len(parties) == 2, "first": first, "second": second, **held}

    def place_of_role(self, number: int) -> Any:
        node = self.nodes[number - 1]
        role = node.get("role") if isinstance(node, MappingNode) else None
        return role.place if role else node.place

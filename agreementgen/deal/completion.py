"""What a deal says without being typed: defaults, and the short names and roles of its parties.

And what only the whole shows: answers that are missing, and answers that do not apply because of others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agreementgen.core.characters import quote_text
from agreementgen.core.problems import Place
from agreementgen.core.values import Choice
from agreementgen.deal.answers import AnswerReader, PlacedQuestion
from agreementgen.deal.deal import Answer
from agreementgen.deal.questions import INDIVIDUALS, Facts, Question, name_in_clauses, walk_questions
from agreementgen.language.conditions import FactNames, read_condition
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode


class Completion:
    """Settles each question after those that its conditions look at, wherever they stand in the file.

    Why: a default may decide whether another question is asked. And one wrong answer must be reported once:
    what depends on it is neither missing nor idle, as far as anybody can know.
    """

    def __init__(self, reader: AnswerReader) -> None:
        self.reader = reader
        self.questions_by_name: dict[str, PlacedQuestion] = {}
        self.indexed_count = 0

    def settle_all(self) -> None:
        # The list grows: settling a group that nobody gave adds its questions.
        for placed in self.reader.placed_questions:
            self.settle(placed)

    def find_question(self, name: str) -> PlacedQuestion | None:
        for placed in self.reader.placed_questions[self.indexed_count :]:
            self.questions_by_name[placed.name_in_conditions] = placed
        self.indexed_count = len(self.reader.placed_questions)
        return self.questions_by_name.get(name)

    def settle(self, placed: PlacedQuestion) -> None:
        if placed.is_settled:
            return
        placed.is_settled = True
        question, parent = placed.question, placed.parent
        if parent:
            self.settle(parent)
            if parent.is_idle or parent.is_unsure:
                placed.is_idle, placed.is_unsure = parent.is_idle, parent.is_unsure
                return
        if self.depends_on_unsure(question.when, placed):
            placed.is_unsure = True
        elif not self.holds(question.when, placed):
            placed.is_idle, placed.is_unsure = True, False
            if placed.answer_node is not None:
                self.report_idle(placed)
            placed.value = question.empty_value
        elif placed.answer_node is None and placed.value == question.empty_value:
            self.apply_default(placed)

    def apply_default(self, placed: PlacedQuestion) -> None:
        """Answer the question by its default, or report that the answer is missing."""
        reader, question = self.reader, placed.question
        default = reader.form.defaults.get(placed.path, question.default)
        needed = question.needed
        if placed.path in reader.probable_paths:
            placed.is_unsure = True
        elif default is not None:
            reader.is_typed = False
            value = reader.read_placed(placed, default)
            reader.is_typed = True
            if value is not None:
                placed.value = value
                reader.answers.append(Answer(placed.path, question, value, question.place, False))
        elif needed and not self.depends_on_unsure(needed, placed) and (needed == "yes" or self.holds(needed, placed)):
            placed.is_unsure = True
            hint = question.type.explain_missing(question, reader.short_names)
            reader.report("missing", "this is missing", hint, placed.path, placed.place)
        elif question.is_group and not question.words:
            reader.open_questions.append(placed)
            placed.value = reader.read_group(question.parts, None, placed.path, placed.place)
            reader.open_questions.pop()

    def report_idle(self, placed: PlacedQuestion) -> None:
        """Report an answer that nothing will print."""
        node = placed.answer_node
        what = f'"{quote_text(node.text)}"' if isinstance(node, ScalarNode) else "this"
        condition = self.describe_condition(placed)
        hint = f"delete it, or change what it depends on: it applies only where {condition}"
        message = f"{what} was given, but it does not apply here"
        self.reader.report("not-applicable", message, hint, placed.path, placed.place)

    def describe_condition(self, placed: PlacedQuestion) -> str:
        def look_up(names: FactNames) -> tuple[str, str]:
            found = self.find_question(self.absolute_names(names, placed)[-1])
            if found is None:
                return ".".join(names).replace("_", " "), ""
            is_switch = found.question.is_group and found.question.words
            return found.path, "switch" if is_switch else found.question.type.fact_kind

        return read_condition(placed.question.when).in_words(look_up)

    def depends_on_unsure(self, condition: str, placed: PlacedQuestion) -> bool:
        """Settle what `condition` looks at; return whether any of it is unsure."""
        unsure = False
        for names in read_condition(condition).facts:
            for name in self.absolute_names(names, placed):
                found = self.find_question(name)
                if found:
                    self.settle(found)
                    unsure = unsure or found.is_unsure
        return unsure

    def absolute_names(self, names: FactNames, placed: PlacedQuestion) -> list[str]:
        """Return the names of a fact and of the groups around it, outermost first."""
        start = name_in_clauses(placed.group_path) if names[0] == "this" else ""
        found: list[str] = []
        for name in names[1:] if names[0] == "this" else names:
            start = f"{start}.{name}" if start else name
            found.append(start)
        return found or [""]

    def holds(self, condition: str, placed: PlacedQuestion) -> bool:
        return read_condition(condition).holds({**self.reader.facts, "this": placed.group_facts})


_SUFFIX = re.compile(
    r"[,\s]+(?:LLC|L\.L\.C\.|Inc\.?|Incorporated|Corp\.?|Corporation|Ltd\.?|Limited|LLP|LP|PLLC|PC|P\.C\.|Co\.|"
    r"GmbH|mbH|AG|S\.?A\.?|B\.?V\.?)$",
    re.IGNORECASE,
)


def drop_legal_form(name: str) -> str:
    """Return `name` without its legal form: "Rosa's Bakery LLC" is "Rosa's Bakery"."""
    return _SUFFIX.sub("", name).strip() or name


def short_name_of(party: Node | None) -> str:
    """Return what a party of a deal file is called, "" where it has no name."""
    if not isinstance(party, MappingNode):
        return ""
    return party.text_of("short") or drop_legal_form(party.text_of("name"))


class ShortNames:
    """Gives every party its short name. `is_complete` is False where one has none that can be read."""

    def __init__(self, reader: AnswerReader, question: Question, node: Node | None) -> None:
        self.reader = reader
        self.question = question
        self.short_question = question.find_part("short")
        self.nodes = node.items if isinstance(node, SequenceNode) else ()
        self.is_complete = len(self.nodes) >= reader.form.party_limits[0]

    def assign(self) -> dict[str, Facts]:
        """Return the parties by short name; report names that are missing, taken, or mean something else."""
        by_name: dict[str, Facts] = {}
        fields_with_problems = {problem.field for problem in self.reader.problems}
        numbers: dict[str, int] = {}
        parties = list(self.each_party())
        self.is_complete = self.is_complete and len(parties) == len(self.nodes)
        for number, party, place in parties:
            path = f"parties.{number}.short"
            is_reported = bool({path, f"parties.{number}.name"} & fields_with_problems)
            if party["short"] is None and not is_reported and party["name"]:
                self.derive_short_name(party, path, place)
            short = party["short"]
            if not short:
                self.is_complete = False
                continue
            if numbers.setdefault(short.casefold(), number) != number:
                self.is_complete = False
                if not is_reported:
                    message = f'"{short}" would be the short name of two parties'
                    self.reader.report("duplicate", message, 'give each its own, as in "short: ..."', path, place)
                continue
            if short.lower() in self.reserved_words():
                message = f'"{short}" has a meaning of its own in a deal file, so no party can be called that'
                hint = 'choose another short name, as in "short: ..."'
                self.reader.report("reserved-name", message, hint, path, place)
            by_name[short] = party
        return by_name

    def each_party(self) -> Iterator[tuple[int, Facts, Place]]:
        """Yield number, facts and place of each party that is a group."""
        facts = iter(self.reader.facts["parties"])
        for number, node in enumerate(self.nodes[: self.reader.form.party_limits[1]], 1):
            if isinstance(node, MappingNode) and (party := next(facts, None)) is not None:
                yield number, party, (node.get("short") or node).place

    def derive_short_name(self, party: Facts, path: str, place: Place) -> None:
        """Take the legal name without its legal form."""
        short = drop_legal_form(party["name"])
        most = self.short_question.limits.characters if self.short_question else 0
        if most and len(short) > most:
            message = f'"{quote_text(short)}" is too long to serve as the short name in the text'
            self.reader.report("out-of-limits", message, f'add "short: ..." with up to {most} characters', path, place)
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


# Kinds of business that are one person, who is bound with all they own.
_PEOPLE = ("individual", "sole proprietor")


class PartyRoles:
    """Gives every party its role: the one it says, and to the others, in order, those that are left."""

    def __init__(self, reader: AnswerReader, node: Node | None) -> None:
        self.reader = reader
        self.nodes = node.items if isinstance(node, SequenceNode) else ()

    def assign(self) -> Facts:
        """Return how many parties there are, which of them are people, the first two, and who holds each role.

        Report a role held twice.
        """
        parties = tuple(self.reader.facts["parties"])
        held: Facts = {}
        for number, party in enumerate(parties, 1):
            role = party.setdefault("role", None)
            if role is None:
                continue
            if role in held:
                message = f'"{role}" is the role of an earlier party already'
                hint = "give each party its own: " + ", ".join(self.reader.form.roles)
                place = self.place_of_role(number)
                self.reader.report("duplicate", message, hint, f"parties.{number}.role", place)
            held.setdefault(role, party)
        left = iter([role for role in self.reader.form.roles if role not in held])
        for party in parties:
            if party["role"] is None and (role := next(left, None)) is not None:
                party["role"] = Choice(role)
                held[role] = party
        first, second, *_ = (*parties, None, None)
        individuals = tuple(party for party in parties if party.get("entity") in _PEOPLE)
        return {"two": len(parties) == 2, INDIVIDUALS: individuals, "first": first, "second": second, **held}

    def place_of_role(self, number: int) -> Place:
        node = self.nodes[number - 1]
        role = node.get("role") if isinstance(node, MappingNode) else None
        return (role or node).place

"""From a deal file's nodes to a Deal: typed, complete, within limits; all problems at once.

What nobody typed is settled here: defaults, and the short names and roles of parties. So is what only the whole shows:
answers that are missing, and answers that do not apply because of others. And how far a deal is that is not complete
yet: a questionnaire has to know what to ask next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from agreementgen.core.problems import InputError, Place, Problem, quote_text
from agreementgen.core.values import Choice, Region, yes_or_no_word
from agreementgen.deal.agents import check_notice_to_agent
from agreementgen.deal.answers import SWITCHED_OFF, AnswerReader, PlacedQuestion
from agreementgen.deal.deal import (
    FIGURES,
    Answer,
    Deal,
    Form,
    calculate_figures,
    find_contradictions,
    find_fact,
    find_goals_out_of_time,
)
from agreementgen.deal.matrix_builder import TableLoader, refuse_tables
from agreementgen.deal.party_names import drop_legal_form
from agreementgen.deal.question_types import TextType
from agreementgen.deal.questions import (
    INDIVIDUALS,
    LAW_COUNTRY,
    LAW_REGION,
    AnswerContext,
    Facts,
    Question,
    Structure,
    name_in_clauses,
    suggest_choice,
)
from agreementgen.deal.signatories import PERSONS, check_signatures
from agreementgen.deal.standing import check_order_of_steps
from agreementgen.language.conditions import FactNames, read_condition
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlText, add_causes

# -- what nobody typed


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
            if not placed.is_settled:
                self.settle(placed)

    def find_question(self, name: str) -> PlacedQuestion | None:
        if self.indexed_count < len(self.reader.placed_questions):
            for placed in self.reader.placed_questions[self.indexed_count :]:
                self.questions_by_name[name_in_clauses(placed.path)] = placed
            self.indexed_count = len(self.reader.placed_questions)
        return self.questions_by_name.get(name)

    def settle(self, placed: PlacedQuestion) -> None:
        if placed.is_settled:
            return
        placed.is_settled = True
        question, parent = placed.question, placed.parent
        if parent:
            if not parent.is_settled:
                self.settle(parent)
            if parent.is_idle or parent.is_unsure:
                placed.is_idle, placed.is_unsure = parent.is_idle, parent.is_unsure
                return
        if question.when and self.depends_on_unsure(question.when, placed):
            placed.is_unsure = True
        elif question.when and not self.holds(question.when, placed):
            placed.is_idle, placed.is_unsure = True, False
            if placed.answer_node is not None:
                self.report_idle(placed)
            placed.value = question.empty_value
        elif placed.answer_node is None and placed.value == question.empty_value:
            self.apply_default(placed)

    def apply_default(self, placed: PlacedQuestion) -> None:
        """Answer the question by its default, or report that the answer is missing."""
        reader, question = self.reader, placed.question
        unsure = [self.depends_on_unsure(other.when, placed) for other in question.other_defaults]
        if any(unsure):
            placed.is_unsure = True
            return
        default = reader.form.usual_answer(placed.path, question, reader.facts)
        if question.default_when and (
            self.depends_on_unsure(question.default_when, placed) or not self.holds(question.default_when, placed)
        ):
            default = None
        needed, other = question.needed, self.find_other_party(placed)
        if placed.path in reader.probable_paths:
            placed.is_unsure = True
        elif default is not None:
            reader.is_typed = False
            value = reader.read_placed(placed, default)
            reader.is_typed = True
            if value is not None:
                placed.value = value
                reader.answers.append(Answer(placed.path, question, value, question.place, False))
        elif other is not None:
            placed.value = other
            reader.answers.append(Answer(placed.path, question, other, question.place, False))
        elif needed and not self.depends_on_unsure(needed, placed) and (needed == "yes" or self.holds(needed, placed)):
            placed.is_unsure = True
            hint = question.type.explain_missing(question, reader.short_names)
            reader.report("missing", "this is missing", hint, placed.path, placed.place)
        elif question.is_group and not question.words:
            reader.open_questions.append(placed)
            placed.value = reader.read_group(question.parts, None, placed.path, placed.place)
            reader.open_questions.pop()

    def find_other_party(self, placed: PlacedQuestion) -> Facts | None:
        """Return the party that is not the one named at the question's `other_than`; None where that is not one of two.

        In a list all entries must name the same one.
        """
        group_path, _, key = placed.question.other_than.rpartition(".")
        parties = tuple(self.reader.context.parties.values())
        if not key or len(parties) != 2 or self.depends_on_unsure(name_in_clauses(group_path), placed):
            return None
        if placed.question.default_when and not self.holds(placed.question.default_when, placed):
            return None
        group = find_fact(name_in_clauses(group_path), self.reader.facts) or ()
        named = [entry.get(name_in_clauses(key)) for entry in (group if isinstance(group, tuple) else (group,))]
        others = [party for party in parties if named and all(one is not party and one in parties for one in named)]
        return others[0] if len(others) == 1 else None

    def report_idle(self, placed: PlacedQuestion) -> None:
        """Report an answer that nothing will print."""
        node = placed.answer_node
        what = f'"{quote_text(node.text)}"' if isinstance(node, ScalarNode) else "this"
        # What it says counts for nothing, so neither does whether it can be read.
        self.reader.problems = [problem for problem in self.reader.problems if problem.field != placed.path]
        remedies = (one.says for one in placed.question.remedies if one.when and self.holds(one.when, placed))
        condition = f"delete it, or change what it depends on: it applies only where {self.describe_condition(placed)}"
        hint = next(remedies, condition)
        message = f"{what} was given, but it does not apply here"
        self.reader.report("not-applicable", message, hint, placed.path, placed.place)

    def describe_condition(self, placed: PlacedQuestion) -> str:
        def look_up(names: FactNames) -> tuple[str, str]:
            found = self.find_question(_absolute_names(names, placed.group_path)[-1])
            if found is None:
                return ".".join(names).replace("_", " "), ""
            is_switch = found.question.is_group and found.question.words
            return found.path, "switch" if is_switch else found.question.type.fact_kind

        return read_condition(placed.question.when).in_words(look_up)

    def depends_on_unsure(self, condition: str, placed: PlacedQuestion) -> bool:
        """Settle what `condition` looks at; return whether any of it is unsure."""
        if not condition:
            return False
        unsure = False
        for name in _names_asked(condition, placed.group_path):
            found = self.find_question(name)
            if found:
                if not found.is_settled:
                    self.settle(found)
                unsure = unsure or found.is_unsure
        return unsure

    def holds(self, condition: str, placed: PlacedQuestion) -> bool:
        if not condition:
            return True
        asked, facts = read_condition(condition), self.reader.facts
        return asked.holds({**facts, "this": placed.group_facts} if asked.names_own_group else facts)


def _absolute_names(names: FactNames, group_path: str) -> list[str]:
    """Return the names of a fact and of the groups around it, outermost first; "this" is the group at `group_path`."""
    start = name_in_clauses(group_path) if names[0] == "this" else ""
    found: list[str] = []
    for name in names[1:] if names[0] == "this" else names:
        start = f"{start}.{name}" if start else name
        found.append(start)
    return found or [""]


# The conditions of a library's questions, and those of some entries of lists.
@lru_cache(maxsize=10_000)
def _names_asked(condition: str, group_path: str) -> tuple[str, ...]:
    """Return the names of all facts that a condition looks at, each behind the groups around it."""
    facts = read_condition(condition).facts
    return tuple(dict.fromkeys(name for names in facts for name in _absolute_names(names, group_path)))


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
            if short.lower() in self.reader.form.reserved_words:
                message = f'"{short}" has a meaning of its own in a deal file, so no party can be called that'
                hint = 'choose another short name, as in "short: ..."'
                self.reader.report("reserved-name", message, hint, path, place)
            if short.startswith("the "):
                message = f'"{short}" is printed with a small letter where a sentence begins'
                hint = f'leave the article out, as in "short: {short.removeprefix("the ")}"'
                self.reader.warnings.append(Problem(message, hint, path, place, code="doubtful", severity="W"))
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
        individuals = tuple(party for party in parties if party.get("entity") in PERSONS)
        return {"two": len(parties) == 2, INDIVIDUALS: individuals, "first": first, "second": second, **held}

    def place_of_role(self, number: int) -> Place:
        node = self.nodes[number - 1]
        role = node.get("role") if isinstance(node, MappingNode) else None
        return (role or node).place


# -- what stands in a topic, and belongs at the left margin


@dataclass
class _Lift:
    """What may be lifted from below, by its key, and what was."""

    liftable: frozenset[str]
    entries: list[tuple[ScalarNode, Node]] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def lift_from(self, group: MappingNode, questions: tuple[Question, ...], path: str) -> MappingNode | None:
        """Return `group` without what was lifted out of it, None where nothing is left."""
        known = {question.key: question for question in questions}
        kept: list[tuple[ScalarNode, Node]] = []
        for name, value in group:
            question = known.get(name.text)
            is_lifted = any(name.text == one.text for one, _ in self.entries)
            if question is None and name.text in self.liftable and not is_lifted:
                self.entries.append((name, value))
                message = f'"{name.text}" stands under "{path}", and is read as if it stood at the left margin'
                hint = "move it there, so that it is found"
                field_name = f"{path}.{name.text}"
                self.warnings.append(Problem(message, hint, field_name, name.place, code="misplaced", severity="W"))
                continue
            if question is not None and question.is_group and isinstance(value, MappingNode):
                inner = self.lift_from(value, question.parts, f"{path}.{name.text}" if path else name.text)
                if inner is None:
                    continue
                value = inner
            kept.append((name, value))
        return MappingNode(tuple(kept), group.place) if kept or not group.entries else None


def lift_misplaced(root: MappingNode, questions: tuple[Question, ...]) -> tuple[MappingNode, list[Problem]]:
    """Return a deal's answers with misplaced facts at the top, and a warning for each.

    "milestones" under "alliance", or "change of control" under "succession", can mean one thing only; everything else
    that stands in a wrong place is refused. A group of its own is not lifted: where one stands in another, lines are
    indented by mistake.
    """
    typed = {name.text for name, _ in root}
    lift = _Lift(frozenset(question.key for question in questions if not question.is_group) - typed)
    rest = lift.lift_from(root, questions, "")
    entries = (*(rest or MappingNode((), root.place)), *lift.entries)
    return MappingNode(entries, root.place), lift.warnings


# -- from nodes to a deal

FactPath = tuple[str, ...]


def read_deal(yaml: YamlText, source: str, form: Form, load_table: TableLoader = refuse_tables) -> Deal:
    """Return the deal; raise InputError with every problem of the file. `source` is its name for messages."""
    reader = _read_answers(yaml, form, load_table)
    lost = [warning for warning in yaml.warnings if _cuts_a_text(warning, reader)]
    if reader.problems or lost:
        problems = [*reader.problems, *(replace(warning, severity="E") for warning in lost)]
        raise InputError(add_causes(problems, [warning for warning in yaml.warnings if warning not in lost]))
    warnings = (*yaml.warnings, *reader.warnings)
    return Deal(form.kind, source, reader.facts, tuple(reader.answers), warnings, reader.matrix, yaml.root)


def _cuts_a_text(warning: Problem, reader: AnswerReader) -> bool:
    """Return whether words were lost behind " #" of a text that is printed: half an address is no address.

    A value of another kind is whole, as the 10% of "10% #agreed in May".
    """
    if warning.code != "yaml-comment":
        return False
    there = [answer for answer in reader.answers if answer.typed and answer.place.line == warning.place.line]
    before = [answer for answer in there if answer.place.column < warning.place.column]
    return not before or isinstance(max(before, key=lambda answer: answer.place.column).question.item.type, TextType)


def _read_answers(yaml: YamlText, form: Form, load_table: TableLoader) -> AnswerReader:
    """Read all there is; what is missing or wrong is noted in the reader's `problems`."""
    reader = AnswerReader(form, load_table)
    reader.problems += yaml.problems
    root, misplaced = lift_misplaced(yaml.root, form.questions)
    reader.warnings += misplaced
    reader.note_currency(root)
    place = root.place
    # The parties come first: everything else may name them.
    parties = tuple(question for question in form.questions if question.key == "parties")
    rest = tuple(question for question in form.questions if question.key != "parties")
    reader.read_answers(parties, root, "", reader.facts, place)
    short_names = ShortNames(reader, parties[0], root.get("parties"))
    reader.context = replace(reader.context, parties=short_names.assign())
    reader.parties_are_known = short_names.is_complete
    reader.facts |= PartyRoles(reader, root.get("parties")).assign()
    reader.report_unknown_names(form.questions, root, "")
    reader.read_answers(rest, root, "", reader.facts, place)
    _note_law(reader.facts)
    Completion(reader).settle_all()
    _note_law(reader.facts)
    _match_listed_answers(reader)
    check_signatures(reader)
    check_order_of_steps(reader)
    check_notice_to_agent(reader, place)
    if not reader.problems:
        reader.facts[FIGURES] = {**reader.facts.get(FIGURES, {}), **calculate_figures(form.figures, reader.facts)}
        found = find_contradictions(form.contradictions, reader.facts, reader.answers, place)
        found += find_goals_out_of_time(reader.facts, reader.answers, place)
        reader.problems += [problem for problem in found if problem.severity == "E"]
        reader.warnings += [problem for problem in found if problem.severity != "E"]
    return reader


def _note_law(facts: Facts) -> None:
    """Add the country and region whose law governs, None where no law is given: a pack may settle that late."""
    law = facts.get("law")
    facts[LAW_REGION] = law.code if isinstance(law, Region) else None
    facts[LAW_COUNTRY] = law.code.partition("-")[0] if isinstance(law, Region) else None


def _match_listed_answers(reader: AnswerReader) -> None:
    """Hold answers that must be among those of a list against it; capitals do not matter, the list's are taken."""
    for placed in reader.placed_questions:
        if not placed.question.among_path:
            continue
        list_path, _, part = placed.question.among_path.rpartition(".")
        if not isinstance(placed.value, str) or placed.is_idle:
            continue
        entries = find_fact(name_in_clauses(list_path), reader.facts) or ()
        known = [str(entry[name_in_clauses(part)]) for entry in entries if entry.get(name_in_clauses(part))]
        same = next((text for text in known if text.casefold() == placed.value.casefold()), None)
        if same is not None:
            placed.value = same
        elif known and not any(problem.field.startswith(list_path) for problem in reader.problems):
            message = f'"{quote_text(placed.value)}" is not one of those under "{list_path}"'
            place = placed.answer_node.place if placed.answer_node else placed.place
            reader.report("not-a-choice", message, suggest_choice(placed.value, known), placed.path, place)


# answered: typed and readable; usual: its default holds; open: may be answered, and has no default; missing: must be
# answered; wrong: typed, and there is a problem; waiting: another answer decides whether it applies; idle: typed, and
# other answers make it meaningless.
AnswerState = Literal["answered", "usual", "open", "missing", "wrong", "waiting", "idle"]


@dataclass(frozen=True)
class FactStatus:
    """One question in its place in a deal. `value` is the answer, typed or usual; `node` what was typed.

    `path` counts the entries of lists from 1 and names parties by their short names.
    """

    path: FactPath
    question: Question
    state: AnswerState
    value: Any = None
    node: Node | None = None
    problem: Problem | None = None

    @property
    def field(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True)
class DealStatus:
    """All questions that apply, in the order of the form, and every problem of the file."""

    facts: tuple[FactStatus, ...]
    problems: tuple[Problem, ...]
    context: AnswerContext
    parties: tuple[str, ...]
    fact_values: Facts = field(default_factory=dict)

    def find_fact(self, path: FactPath) -> FactStatus | None:
        return next((fact for fact in self.facts if fact.path == path), None)

    def facts_below(self, path: FactPath) -> tuple[FactStatus, ...]:
        """Return the facts directly inside the group, list entry or party at `path`."""
        return tuple(fact for fact in self.facts if fact.path[:-1] == path)

    def find_problem(self, path: FactPath) -> Problem | None:
        """Return the first problem of what was typed at `path` or inside it."""
        name = ".".join(path)
        inside = (p for p in self.problems if p.field == name or p.field.startswith(name + "."))
        return next((problem for problem in inside if problem.code != "missing"), None)


def read_status(yaml: YamlText, form: Form, load_table: TableLoader = refuse_tables) -> DealStatus:
    """Return how far the deal of a readable YAML text is; `load_table` reads the tables it names. Raises nothing."""
    reader = _read_answers(yaml, form, load_table)
    parties = tuple(str(party.get("short") or "") for party in reader.facts["parties"])
    facts = tuple(_StatusReader(reader).each_fact(form.questions, ()))
    return DealStatus(facts, tuple(reader.problems), reader.context, parties, reader.facts)


class _StatusReader:
    def __init__(self, reader: AnswerReader) -> None:
        self.short_names = reader.short_names
        self.placed_questions = {placed.path: placed for placed in reader.placed_questions}
        self.usual_values = {answer.path: answer.value for answer in reader.answers if not answer.typed}
        # The first of each field.
        self.problems: dict[str, Problem] = {}
        for problem in reader.problems:
            self.problems.setdefault(problem.field, problem)

    def each_fact(self, questions: tuple[Question, ...], path: FactPath) -> Iterator[FactStatus]:
        """Yield the questions below `path` that apply, each before what stands inside it."""
        for question in questions:
            here = (*path, question.key)
            placed = self.placed_questions.get(".".join(here))
            if placed is None or not (question.asked or (question.fixed and placed.answer_node is not None)):
                continue
            fact = self.status_of(here, placed)
            if fact is not None:
                yield fact
                for inner_path in self.paths_inside(here, placed):
                    yield from self.each_fact(question.inner_questions, inner_path)

    def paths_inside(self, path: FactPath, placed: PlacedQuestion) -> Iterator[FactPath]:
        """Yield the paths under which the inner questions of `placed` stand: for each entry, for each party."""
        match placed.question.structure:
            case Structure.GROUP:
                yield path
            case Structure.GROUPS if isinstance(placed.answer_node, SequenceNode):
                yield from ((*path, str(number)) for number in range(1, len(placed.answer_node.items) + 1))
            case Structure.PER_PARTY:
                yield from ((*path, short) for short in self.short_names)

    def status_of(self, path: FactPath, placed: PlacedQuestion) -> FactStatus | None:
        """Return how far an answer is, None where other answers make it meaningless and nobody has given it."""
        question, node, problem = placed.question, placed.answer_node, self.problems.get(placed.path)
        if placed.is_idle:
            return FactStatus(path, question, "idle", None, node, problem) if node is not None else None
        if problem and problem.code == "missing":
            return FactStatus(path, question, "missing", problem=problem)
        if node is not None:
            if problem is None and question.structure not in (Structure.GROUP, Structure.GROUPS):
                start = f"{placed.path}."
                problem = next((found for field, found in self.problems.items() if field.startswith(start)), None)
            if problem is not None and problem.code != "not-applicable":
                return FactStatus(path, question, "wrong", placed.value, node, problem)
            is_off = isinstance(node, ScalarNode) and yes_or_no_word(node.text, question.words or ()) == "no"
            return FactStatus(path, question, "answered", SWITCHED_OFF if is_off else placed.value, node)
        if placed.path in self.usual_values:
            return FactStatus(path, question, "usual", self.usual_values[placed.path])
        return FactStatus(path, question, "waiting" if placed.is_unsure else "open", placed.value)


def data_as_node(data: object, place: Place) -> Node:
    """Return texts, lists and dictionaries as the node that a file would have at `place`; None as an empty value."""
    if isinstance(data, dict):
        named = [
            (ScalarNode(str(name), place, plain=False), data_as_node(inner, place)) for name, inner in data.items()
        ]
        return MappingNode(tuple(named), place)
    if isinstance(data, list):
        return SequenceNode(tuple(data_as_node(item, place) for item in data), place)
    return ScalarNode("" if data is None else str(data), place, plain=False)


def node_as_data(node: Node | None) -> Any:
    """Return a node as texts, lists and dictionaries, as they were typed; an empty value is None."""
    if isinstance(node, MappingNode):
        return {name.text: node_as_data(value) for name, value in node}
    if isinstance(node, SequenceNode):
        return [node_as_data(item) for item in node.items]
    return None if not isinstance(node, ScalarNode) or node.is_empty else node.text

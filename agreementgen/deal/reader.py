"""From a deal file's nodes to a Deal: typed, complete, within limits; all problems at once.

And how far a deal is that is not complete yet: a questionnaire has to know what to ask next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agreementgen.core.characters import quote_text
from agreementgen.core.problems import InputError, Problem
from agreementgen.core.values import Region, yes_or_no_word
from agreementgen.deal.answers import SWITCHED_OFF, AnswerReader, PlacedQuestion
from agreementgen.deal.completion import Completion, PartyRoles, ShortNames
from agreementgen.deal.deal import FIGURES, Deal, Form, calculate_figures, find_contradictions
from agreementgen.deal.matrix_reader import TableLoader, refuse_tables
from agreementgen.deal.questions import (
    LAW_COUNTRY,
    AnswerContext,
    Facts,
    Question,
    Structure,
    name_in_clauses,
    suggest_choice,
)
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlText, add_causes

FactPath = tuple[str, ...]


def read_deal(yaml: YamlText, source: str, form: Form, load_table: TableLoader = refuse_tables) -> Deal:
    """Return the deal; raise InputError with every problem of the file. `source` is its name for messages."""
    reader = _read_answers(yaml, form, load_table)
    if reader.problems:
        raise InputError(add_causes(reader.problems, yaml.warnings))
    return Deal(form.kind, source, reader.facts, tuple(reader.answers), yaml.warnings, reader.matrix)


def _read_answers(yaml: YamlText, form: Form, load_table: TableLoader) -> AnswerReader:
    """Read all there is; what is missing or wrong is noted in the reader's `problems`."""
    reader = AnswerReader(form, load_table)
    reader.problems += yaml.problems
    reader.note_currency(yaml.root)
    place = yaml.root.place
    # The parties come first: everything else may name them.
    parties = tuple(question for question in form.questions if question.key == "parties")
    rest = tuple(question for question in form.questions if question.key != "parties")
    reader.read_answers(parties, yaml.root, "", reader.facts, place)
    short_names = ShortNames(reader, parties[0], yaml.root.get("parties"))
    reader.context = replace(reader.context, parties=short_names.assign())
    reader.parties_are_known = short_names.is_complete
    reader.facts |= PartyRoles(reader, yaml.root.get("parties")).assign()
    reader.report_unknown_names(form.questions, yaml.root, "")
    reader.read_answers(rest, yaml.root, "", reader.facts, place)
    _note_law_country(reader.facts)
    Completion(reader).settle_all()
    _note_law_country(reader.facts)
    _match_listed_answers(reader)
    if not reader.problems:
        reader.facts[FIGURES] = {**reader.facts.get(FIGURES, {}), **calculate_figures(form.figures, reader.facts)}
        reader.problems += find_contradictions(form.contradictions, reader.facts, reader.answers, place)
    return reader


def _note_law_country(facts: Facts) -> None:
    """Add the country whose law governs, None where no law is given: a pack may settle that late."""
    law = facts.get("law")
    facts[LAW_COUNTRY] = law.code.partition("-")[0] if isinstance(law, Region) else None


def _match_listed_answers(reader: AnswerReader) -> None:
    """Hold answers that must be among those of a list against it; capitals do not matter, the list's are taken."""
    for placed in reader.placed_questions:
        list_path, _, part = placed.question.among_path.rpartition(".")
        if not list_path or not isinstance(placed.value, str) or placed.is_idle:
            continue
        entries = _find_fact(reader.facts, list_path) or ()
        known = [str(entry[name_in_clauses(part)]) for entry in entries if entry.get(name_in_clauses(part))]
        same = next((text for text in known if text.casefold() == placed.value.casefold()), None)
        if same is not None:
            placed.value = same
        elif known and not any(problem.field.startswith(list_path) for problem in reader.problems):
            message = f'"{quote_text(placed.value)}" is not one of those under "{list_path}"'
            place = placed.answer_node.place if placed.answer_node else placed.place
            reader.report("not-a-choice", message, suggest_choice(placed.value, known), placed.path, place)


def _find_fact(facts: Facts, path: str) -> Any:
    """Return the value at a path of the deal file, None where nothing is there."""
    value: Any = facts
    for part in path.split("."):
        value = value.get(name_in_clauses(part)) if isinstance(value, dict) else None
    return value


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


def node_as_data(node: Node | None) -> Any:
    """Return a node as texts, lists and dictionaries, as they were typed; an empty value is None."""
    if isinstance(node, MappingNode):
        return {name.text: node_as_data(value) for name, value in node}
    if isinstance(node, SequenceNode):
        return [node_as_data(item) for item in node.items]
    return None if not isinstance(node, ScalarNode) or node.is_empty else node.text

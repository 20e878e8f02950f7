"""A deal: all facts of one agreement, typed, with where each came from; and the form that asks for them.

One of its facts may be a RACI matrix: who does, approves, is consulted and is informed; what no deal may say in one
is checked here. A topic also declares what follows from facts: figures, because clauses cannot calculate (5 leads a
month x 40 % x 10,000 a deal are 20,000 a month, the fact `figures.expected_a_month`), and contradictions, answers that
cannot stand together (an agent who is paid a discount, a gap between tiers), or that seldom should (doubts, which only
warn).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from agreementgen.core.currencies import minor_digits
from agreementgen.core.document import text_of_runs
from agreementgen.core.problems import Place, Problem, Severity, quote_text
from agreementgen.core.values import Duration, Money, Percent, format_duration
from agreementgen.deal.questions import Facts, FactsView, Question, name_in_clauses, walk_questions
from agreementgen.language.conditions import read_condition
from agreementgen.language.environment import Slots
from agreementgen.language.filling import FillContext, fill_line, replace_slots
from agreementgen.yamlfile.nodes import MappingNode, Node

# What may stand in a cell; "A/R" is one role that does the work and answers for it.
LETTERS = ("R", "A", "A/R", "C", "I")
# What stands in a cell while it is open who does a task: a proposed chart has it where the agreement names nobody.
OPEN = "?"
# The party of a role that nobody of the parties fills (an accountant, a printer).
OUTSIDE = "outside"
MAX_ROLES, MAX_TASKS = 20, 100
MAX_ROLE_CHARACTERS, MAX_PERSON_CHARACTERS, MAX_TASK_CHARACTERS, MAX_PHASE_CHARACTERS = 60, 80, 300, 60


@dataclass(frozen=True)
class RaciRole:
    """A column: `party` is a short name, or OUTSIDE; `person` may be empty."""

    name: str
    party: str
    person: str
    place: Place

    @property
    def printed_party(self) -> str:
        """The party as it is printed."""
        return self.party.capitalize() if self.party == OUTSIDE else self.party


@dataclass(frozen=True)
class Responsibility:
    """A responsibility of the agreement: the party's short name and the text as it stands in the deal."""

    party: str
    text: str


@dataclass(frozen=True)
class Task:
    """A row: letters by role name (only where there are any), each with its place.

    `responsibilities` are those of the agreement that the task carries out. `is_unsure` where a cell could not be
    read: what it was meant to say is not known, so nothing may be said to be missing.
    """

    name: str
    letters: Mapping[str, str]
    letter_places: Mapping[str, Place]
    due: date | None
    phase: str
    responsibilities: tuple[Responsibility, ...]
    place: Place
    is_unsure: bool = False

    def roles_with(self, letter: str) -> tuple[str, ...]:
        """Return the names of the roles that hold `letter`, one of R, A, C, I ("A/R" counts for both)."""
        return tuple(role for role, letters in self.letters.items() if letter in letters.split("/"))


@dataclass(frozen=True)
class Matrix:
    """The roles in the order of the columns and the tasks in that of the rows. `place` is where it begins.

    `attach`: whether it becomes a schedule of the agreement. `review` is how often the chart is looked at.
    """

    roles: tuple[RaciRole, ...]
    tasks: tuple[Task, ...]
    place: Place
    attach: bool = False
    version: str = "1"
    chart_date: date | None = None
    review: str = "quarterly"

    def role_named(self, name: str) -> RaciRole:
        return next(role for role in self.roles if role.name == name)


def sort_for_printing(matrix: Matrix) -> Matrix:
    """Return `matrix` as every chart prints it: the roles of a party beside each other, the tasks of a phase too.

    Parties and phases keep the order in which they first appear; tasks without a phase come first, roles outside the
    parties last.
    """
    parties = [*dict.fromkeys(role.party for role in matrix.roles if role.party != OUTSIDE), OUTSIDE]
    phases = ["", *dict.fromkeys(task.phase for task in matrix.tasks)]
    return replace(
        matrix,
        roles=tuple(sorted(matrix.roles, key=lambda role: parties.index(role.party))),
        tasks=tuple(sorted(matrix.tasks, key=lambda task: phases.index(task.phase))),
    )


def list_responsibilities(facts: Facts) -> tuple[Responsibility, ...]:
    """Return the responsibilities of a deal in the order of the parties."""
    return tuple(
        Responsibility(str(entry["party"]["short"]), str(text))
        for entry in facts.get("responsibilities") or ()
        for text in entry["said"]
    )


def name_responsibilities(chosen: Collection[Responsibility], every: Collection[Responsibility]) -> tuple[str, ...]:
    """Return how a table or deal file names those `chosen`: by text alone where that means the same among `every`."""
    names: list[str] = []
    for one in chosen:
        parties_with_it = {other.party for other in every if other.text == one.text}
        is_shared_by_all = parties_with_it <= {other.party for other in chosen if other.text == one.text}
        names.append(one.text if is_shared_by_all else f"{one.party}: {one.text}")
    return tuple(dict.fromkeys(names))


def check_matrix(matrix: Matrix) -> tuple[Problem, ...]:
    """Return the problems of severity E: each task has exactly one A, of a party, and an R, and nothing is open."""
    return tuple(problem for task in matrix.tasks for problem in _check_task(matrix, task))


def _check_task(matrix: Matrix, task: Task) -> Iterator[Problem]:
    path, name = f"raci.tasks.{quote_text(task.name)}", quote_text(task.name)
    if task.is_unsure:
        return
    open_roles = [role for role, letters in task.letters.items() if letters == OPEN]
    if open_roles:
        message = f'it is open who does and who approves "{name}"'
        hint = f'write R, A, A/R, C or I in place of each "{OPEN}", or take it out: the agreement names nobody for it'
        yield Problem(message, hint, path, task.letter_places.get(open_roles[0], task.place), code="M05")
        return
    approve, do = task.roles_with("A"), task.roles_with("R")
    if not approve:
        does = f'for example "{do[0]}: A/R"' if len(do) == 1 else "the role that answers for the result"
        yield Problem(f'nobody approves "{name}" (no A)', f"give one role the A: {does}", path, task.place, code="M01")
    for role in approve[1:]:
        yield Problem(
            f'"{quote_text(role)}" has an A for "{name}", and "{quote_text(approve[0])}" has it already',
            "leave the A with the one that has the last word, and make the other C or R",
            path,
            task.letter_places.get(role, task.place),
            code="M02",
        )
    if not do:
        hint = (
            f'give a role the R, or make the A of "{quote_text(approve[0])}" an A/R' if approve else "give a role the R"
        )
        yield Problem(f'nobody does "{name}" (no R)', hint, path, task.place, code="M03")
    for role in approve:
        if matrix.role_named(role).party == OUTSIDE:
            yield Problem(
                f'"{quote_text(role)}" approves "{name}" and belongs to none of the parties',
                "give the A to a role of a party: only parties answer for what the agreement says",
                path,
                task.letter_places.get(role, task.place),
                code="M04",
            )


@dataclass(frozen=True)
class MatrixRow:
    """One row of a matrix as a table: `phase`, `task`, the cells of the roles, and what stands after them.

    `number` is that of the printed chart, 0 for heads.
    """

    number: int
    phase: str
    task: str
    cells: tuple[str, ...]
    due: date | str | None
    responsibilities: str


def matrix_as_rows(matrix: Matrix, every: Collection[Responsibility]) -> tuple[MatrixRow, ...]:
    """Return head, parties, people and tasks as rows, from which deal/matrix_reader reads the same matrix.

    `every` are the responsibilities of the agreement.
    """
    head = MatrixRow(0, "Phase", "Task", tuple(role.name for role in matrix.roles), "Due", "Responsibility")
    parties = MatrixRow(0, "", "Party", tuple(role.printed_party for role in matrix.roles), None, "")
    people = MatrixRow(0, "", "Person", tuple(role.person for role in matrix.roles), None, "")
    tasks = (
        MatrixRow(
            number,
            task.phase,
            task.name,
            tuple(task.letters.get(role.name, "") for role in matrix.roles),
            task.due,
            "\n".join(name_responsibilities(task.responsibilities, every)),
        )
        for number, task in enumerate(matrix.tasks, 1)
    )
    return (head, parties, people, *tasks)


# -- the deal, and what follows from its facts


@dataclass(frozen=True)
class Answer:
    """One fact: `path` in the user's words ("parties.1.name"), its value, where it was typed.

    `typed` is False for a default nobody typed; `place` is then the question's own.
    """

    path: str
    question: Question
    value: Any
    place: Place
    typed: bool


@dataclass(frozen=True)
class Party:
    """A party by the name the agreement uses and by its legal name; `facts` is all that clauses can say of it."""

    short: str
    name: str
    facts: Facts


@dataclass(frozen=True)
class Deal:
    """`facts` holds plain dictionaries, tuples and values, keyed by the names clauses use; `matrix` who does what.

    `typed` is the deal as it was typed; None where nobody typed it. `mark` stands in the footer of its documents
    ("Draft 2, January 4, 2027").
    """

    kind: str
    source: str
    facts: Facts
    answers: tuple[Answer, ...]
    warnings: tuple[Problem, ...]
    matrix: Matrix | None = None
    typed: MappingNode | None = None
    mark: str = ""

    @property
    def language(self) -> str:
        return str(self.facts["language"])

    @property
    def parties(self) -> tuple[Party, ...]:
        return tuple(Party(str(facts["short"]), str(facts["name"]), facts) for facts in self.facts["parties"])


FIGURES = "figures"
# Kinds of facts that can be multiplied.
NUMBERS = ("integer", "number", "percent", "money", "percent or money")


@dataclass(frozen=True)
class Figure:
    """A product of facts. `factors` are names of facts ("leads.a_month", "each.price", "figures.x") or numbers.

    With `list_name` the products of the entries of that list are added up. `upper_limit` names an amount that the
    figure cannot exceed, where that amount is given. `label` says what the figure is.
    """

    key: str
    label: str
    factors: tuple[str, ...]
    list_name: str
    upper_limit: str
    when: str
    place: Place

    @property
    def name(self) -> str:
        return name_in_clauses(self.key)


def calculate_figures(figures: Iterable[Figure], facts: Facts) -> Facts:
    """Return the figures by name: Money or Decimal, or None where a factor is not given."""
    found: Facts = {}
    for figure in figures:
        known = {**facts, FIGURES: found}
        value = _calculate_figure(figure, known) if read_condition(figure.when).holds(known) else None
        most = find_fact(figure.upper_limit, known) if figure.upper_limit else None
        if isinstance(value, Money) and isinstance(most, Money) and value.currency == most.currency:
            value = min(value, most, key=lambda amount: amount.amount)
        found[figure.name] = value
    return found


def _calculate_figure(figure: Figure, facts: Facts) -> Money | Decimal | None:
    if not figure.list_name:
        return _multiply(figure.factors, facts)
    products = [
        _multiply(figure.factors, {**facts, "each": entry}) for entry in find_fact(figure.list_name, facts) or ()
    ]
    if not products or any(product is None for product in products):
        return None
    currencies = {product.currency for product in products if isinstance(product, Money)}
    if len(currencies) == 1 and all(isinstance(product, Money) for product in products):
        return Money(sum((p.amount for p in products if isinstance(p, Money)), Decimal(0)), currencies.pop())
    if currencies:
        return None  # amounts of two currencies have no sum
    return sum((product for product in products if isinstance(product, Decimal)), Decimal(0))


def _multiply(factors: tuple[str, ...], facts: Facts) -> Money | Decimal | None:
    number, currency = Decimal(1), ""
    for factor in factors:
        match find_fact(factor, facts):
            case Money(amount, code) if not currency:
                number, currency = number * amount, code
            case Percent(share):
                number *= share / 100
            case bool() | None:
                return None
            case int() | Decimal() as value:
                number *= value
            case _:
                return None
    if not currency:
        return number
    cent = Decimal(1).scaleb(-minor_digits(currency))
    return Money(number.quantize(cent, ROUND_HALF_UP), currency)


def find_fact(name: str, facts: FactsView) -> Any:
    """Return the fact of a name as clauses have it, None where nothing is there; a number is itself."""
    if name[:1].isdigit() and name.replace(".", "", 1).isdigit():
        return Decimal(name)
    value: Any = facts
    for part in name.split("."):
        # Nearly all are dicts, and to ask whether one is any other mapping takes ten times as long.
        value = value.get(part) if isinstance(value, (dict, Mapping)) else None
        if value is None:
            return None
    return value


@dataclass(frozen=True)
class Contradiction:
    """Where `when` holds, the fact at `fact_path` is wrong: `message` says why, `hint` what to do.

    Both may print facts. One of severity "W" is a doubt. With `typed`, it holds only where the fact was typed.
    """

    when: str
    fact_path: str
    message: str
    hint: str
    place: Place
    severity: Severity = "E"
    typed: bool = False


def find_contradictions(
    rules: Iterable[Contradiction], facts: Facts, answers: Iterable[Answer], start: Place
) -> list[Problem]:
    """Return a problem or warning for each rule that `facts` break, at the place where its fact was typed."""
    typed = {answer.path: answer.place for answer in answers if answer.typed}
    return [
        Problem(
            _print_facts(rule.message, facts, rule.place),
            _print_facts(rule.hint, facts, rule.place),
            rule.fact_path,
            typed.get(rule.fact_path, start),
            code="contradiction" if rule.severity == "E" else "doubtful",
            severity=rule.severity,
        )
        for rule in rules
        if (rule.fact_path in typed or not rule.typed) and read_condition(rule.when).holds(facts, rule.place)
    ]


def _print_facts(text: str, facts: Facts, place: Place) -> str:
    """Return a message with the facts it names ("{{ exit.tail }}") in it."""
    if "{{" not in text:
        return text
    runs, slots = fill_line(text, FillContext(facts, str(facts["language"]), frozenset()), place)
    return text_of_runs(replace_slots(runs, lambda char: _fact_in(slots, char)))


def _fact_in(slots: Slots, char: str) -> str | None:
    insert = slots.insert_at(char)
    return insert if isinstance(insert, str) else None


_PERIODS = {
    "week": Duration(1, "week"),
    "month": Duration(1, "month"),
    "quarter": Duration(3, "month"),
    "year": Duration(1, "year"),
}


def find_goals_out_of_time(facts: Facts, answers: Iterable[Answer], start: Place) -> list[Problem]:
    """Return a problem for each goal whose period the agreement does not have, or that cannot decide its pilot.

    A goal whose period is longer than the whole agreement is a warning. What nobody typed is wrong at `start`. Goals
    and periods that a pack words in its own way are passed over.
    """
    pilot = _length_at("duration.pilot.length", facts)
    term = _length_at("duration.term", facts)
    worded = find_fact("duration.term", facts) if term is None else None
    whole = None if worded else term or pilot
    is_decided_by_goals = str(find_fact("duration.pilot.decision", facts)) == "automatic"
    lengths = {**_PERIODS, "pilot": pilot, "term": term}
    language = str(facts.get("language") or "en-US")
    places = {answer.path: answer.place for answer in answers if answer.typed}
    problems = []

    def report(number: int, message: str, hint: str, severity: Severity = "E") -> None:
        path = f"goals.{number}.period"
        place = places.get(path) or places.get(f"goals.{number}.name") or start
        code = "contradiction" if severity == "E" else "doubtful"
        problems.append(Problem(message, hint, path, place, code=code, severity=severity))

    for number, goal in enumerate(facts.get("goals") or (), 1):
        name, period = goal.get("name"), str(goal.get("period"))
        if period not in lengths:
            continue
        length = lengths[period]
        if length is None and period == "term" and str(worded) == "until a day":
            continue
        if length is None and period == "term" and worded:
            message = f'"{name}" is to be reached in the term, and the agreement has no fixed end'
            report(number, message, 'write "period: year" or another one')
        elif length is None:
            report(number, f'"{name}" is to be reached in the {period}, and there is none', 'write "period: month"')
        elif pilot and is_decided_by_goals and length > pilot:
            message = (
                f'"{name}" is a goal for a {period}; it cannot decide a pilot of {format_duration(pilot, language)}'
            )
            report(number, message, 'write "period: pilot" and a figure for the pilot, or decide "in writing"')
        elif whole and length > whole:
            message = (
                f'"{name}" is a goal for a {period}, and the agreement ends after {format_duration(whole, language)}'
            )
            report(number, message, 'write "period: term" and a figure for that time', "W")
    return problems


def _length_at(path: str, facts: Facts) -> Duration | None:
    length = find_fact(path, facts)
    return length if isinstance(length, Duration) else None


@dataclass(frozen=True)
class Form:
    """The questions of one kind of agreement, in order.

    `defaults` replaces those of the questions by path. `party_limits` are the least and largest number of parties,
    `roles` what the parties are to each other. `absent_facts` are facts of other kinds of agreement, with their value
    for "not given". `left_out_topics` are the keys of topics that the deal leaves out.
    `topics_elsewhere` are the keys of topics that only other kinds have, each with those kinds;
    `remedies_elsewhere` say of some of them what is nearest.
    """

    kind: str
    questions: tuple[Question, ...]
    defaults: Mapping[str, Node]
    party_limits: tuple[int, int]
    roles: tuple[str, ...] = ()
    absent_facts: FactsView = field(default_factory=dict)
    left_out_topics: tuple[str, ...] = ()
    topics_elsewhere: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    remedies_elsewhere: Mapping[str, str] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    def usual_answer(self, path: str, question: Question, facts: FactsView) -> Node | None:
        """Return the usual answer to the question at `path` where `facts` are known, None where there is none.

        `path` has no numbers of entries. Whether the question has one at all (`default_when`) is not looked at.
        """
        for other in question.other_defaults:
            if read_condition(other.when).holds(facts):
                return other.node
        return self.defaults.get(path, question.default)

    @cached_property
    def reserved_words(self) -> frozenset[str]:
        """Words that stand for something else where a party may be named."""
        questions = [question for _, question in walk_questions(self.questions) if question.type.names_party]
        return frozenset(word for question in questions for word in question.words or ())

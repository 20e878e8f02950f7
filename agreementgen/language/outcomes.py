"""What conditions can come to, which of them stand in a text, when each is asked, and which outcomes it had.

What conditions can come to, whatever a deal says, is decided by trying every kind of answer that they can tell apart:
a choice has its words, a number the constants it is compared with and their neighbors, an amount may be given, zero or
missing. What a condition cannot tell apart is tried once. Answers are taken as independent of each other, so a
condition that "can hold" here may still be ruled out by which questions are asked.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache

from jinja2 import nodes, pass_context
from jinja2.environment import Template
from jinja2.runtime import Context

from agreementgen.core.problems import Place
from agreementgen.language.conditions import each_operand, names_of, read_condition
from agreementgen.language.environment import ClauseEnvironment, clause_environment
from agreementgen.language.parsing import (
    Token,
    each_constant,
    function_name_of,
    parse_text,
    path_of,
    place_in_text,
)
from agreementgen.language.shapes import LOOP_SHAPE, Shape, group_shape

# -- what conditions can come to

# More combinations of answers than this are not tried.
MAX_COMBINATIONS = 30_000
ANY_TEXT = "any"


@dataclass(frozen=True)
class TrialAmount:
    """A percentage, amount of money or length of time that is zero, or more. `kind` is the type of its question."""

    kind: str
    positive: bool


# A kind of answer: yes or no, a number, a text (ANY_TEXT for one that no condition names), a list, or none.
TrialValue = bool | int | float | str | TrialAmount | tuple[str | TrialAmount, ...] | None
# Answers by the path of their fact; "has confidentiality" stands for what has() says, and so for scheduled();
# "has disputes pro-first" for has() with a position.
TrialAnswers = Mapping[str, TrialValue]


@dataclass(frozen=True, eq=False)
class Requirement:
    """The tree of a condition, the outcome wanted of it, and the form of the facts it may name."""

    tree: nodes.Node
    outcome: bool
    facts: Shape


def require(source: str, facts: Shape, outcome: bool = True) -> tuple[Requirement, ...]:
    """Return the requirement that a condition comes to `outcome`; none for an empty one, which always holds."""
    return (Requirement(read_condition(source).tree, outcome, facts),) if source else ()


def facts_required(requirements: Sequence[Requirement]) -> set[str]:
    """Return the paths of the facts that requirements name, and "has confidentiality" for has()."""
    return {_key_of(node) for one in requirements for node in each_operand(one.tree)}


def can_all_hold(requirements: Sequence[Requirement]) -> bool:
    """Return whether all requirements can be met together; True where that cannot be decided."""
    try:
        return next(iter(each_solution(requirements)), None) is not None
    except OverflowError:
        return True


def each_solution(requirements: Sequence[Requirement]) -> Iterator[TrialAnswers]:
    """Yield answers that meet all requirements; raise OverflowError where there are too many to try."""
    compared: dict[str, list[TrialValue]] = {}
    shapes: dict[str, Shape | None] = {}
    for one in requirements:
        for path, constants in _each_fact_compared(one.tree):
            compared.setdefault(path, []).extend(constants)
            shapes[path] = one.facts.find(path.split("."))
    choices = {path: _list_answers_to_try(shapes[path], constants) for path, constants in compared.items()}
    if math.prod(len(options) for options in choices.values()) > MAX_COMBINATIONS:
        raise OverflowError
    for values in itertools.product(*choices.values()):
        answers = dict(zip(choices, values, strict=True))
        if _are_consistent(answers) and all(bool(_evaluate(one.tree, answers)) == one.outcome for one in requirements):
            yield answers


def _are_consistent(answers: TrialAnswers) -> bool:
    """Return whether no fact is given of a group that is not."""
    return all(
        value is None or answers.get(".".join(path.split(".")[:index]), ANY_TEXT) is not None
        for path, value in answers.items()
        for index in range(1, path.count(".") + 1)
    )


def _each_fact_compared(node: nodes.Node) -> Iterator[tuple[str, list[TrialValue]]]:
    """Yield the facts of a condition, each with the constants it is compared with."""
    if isinstance(node, nodes.Compare):
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        constants = [constant.value for side in sides for constant in each_constant(side)]
        yield from ((_key_of(fact), constants) for side in sides for fact in each_operand(side))
    elif isinstance(node, (nodes.Name, nodes.Getattr, nodes.Call)):
        yield from ((_key_of(fact), []) for fact in each_operand(node))
    else:
        for child in node.iter_child_nodes():
            yield from _each_fact_compared(child)


def _key_of(node: nodes.Node) -> str:
    if isinstance(node, nodes.Call):
        names = (str(constant.value) for argument in node.args for constant in each_constant(argument))
        return " ".join((function_name_of(node), *names))
    return ".".join(names_of(node))


def _list_answers_to_try(shape: Shape | None, constants: list[TrialValue]) -> list[TrialValue]:
    """Return the kinds of answer to tell apart, the most usual first."""
    if shape is None or shape.type == "yes/no":
        return [True, False]
    texts = [constant for constant in constants if isinstance(constant, str)]
    if shape.is_list:
        lists: list[TrialValue] = [
            (ANY_TEXT,),
            (),
            *((text,) for text in texts),
            *([tuple(texts)] if len(texts) > 1 else []),
        ]
        fields = shape.item.fields.values() if shape.item else ()
        if any(field.type == "percent or money" for field in fields):
            # `is percentage` and `is money` look into the groups of a list.
            lists += [(TrialAmount(kind, True),) for kind in ("percent", "money")]
        return list(dict.fromkeys(lists))
    words = sorted(shape.choices)  # a length of time may be "until ended", too
    match shape.type:
        case "integer" | "number" | "number or money":
            money = [TrialAmount("money", some) for some in (True, False) if shape.type == "number or money"]
            numbers = [constant for constant in constants if isinstance(constant, (int, float))]
            return [*sorted({1, *(number + step for number in numbers for step in (-1, 0, 1))}), *money, *words, None]
        case "percent" | "money" | "duration":
            return [TrialAmount(shape.type, True), TrialAmount(shape.type, False), *words, None]
        case "percent or money":
            return [*(TrialAmount(kind, some) for some in (True, False) for kind in ("percent", "money")), *words, None]
    free = [] if shape.choices and shape.type == "choice" else [ANY_TEXT]
    return list(dict.fromkeys([*free, *sorted(shape.choices), *texts, None]))


def _evaluate(node: nodes.Node, answers: TrialAnswers) -> TrialValue:
    match node:
        case nodes.And():
            return _evaluate(node.left, answers) and _evaluate(node.right, answers)
        case nodes.Or():
            return _evaluate(node.left, answers) or _evaluate(node.right, answers)
        case nodes.Not():
            return not _evaluate(node.node, answers)
        case nodes.Const():
            constant: TrialValue = node.value
            return constant
        case nodes.Test():
            value = _evaluate(node.node, answers)
            if kind := {"percentage": "percent", "money": "money"}.get(node.name):
                amounts = value if isinstance(value, tuple) else (value,)
                return any(isinstance(amount, TrialAmount) and amount.kind == kind for amount in amounts)
            return value.positive if isinstance(value, TrialAmount) else isinstance(value, int) and value > 0
        case nodes.Compare():
            return _evaluate_comparison(node, answers)
        case nodes.Tuple() | nodes.List():
            return tuple(constant.value for constant in each_constant(node))
    return answers.get(_key_of(node))


def _evaluate_comparison(node: nodes.Compare, answers: TrialAnswers) -> bool:
    left = _evaluate(node.expr, answers)
    for operand in node.ops:
        right = _evaluate(operand.expr, answers)
        if not _compare(left, operand.op, right):
            return False
        left = right
    return True


def _compare(left: TrialValue, sign: str, right: TrialValue) -> bool:
    match sign:
        case "eq":
            return left == right
        case "ne":
            return left != right
        case "in" | "notin":
            if isinstance(left, str) and isinstance(right, str):
                return (left in right) == (sign == "in")
            return (left in (right if isinstance(right, tuple) else ())) == (sign == "in")
    if isinstance(left, TrialAmount) and isinstance(right, TrialAmount):
        left, right = left.positive, right.positive
    if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
        return False
    match sign:
        case "gt":
            return left > right
        case "gteq":
            return left >= right
        case "lt":
            return left < right
    return left <= right


# -- conditions inside texts

_NO_FACTS = group_shape({})


@dataclass(frozen=True, eq=False)
class Decision:
    """One condition of a text, {% if %}, {% elif %} or an inline if; `place` is that of its first word.

    `before` is what must hold for it to be asked at all; `facts` are those it may name, variables of loops included.
    """

    condition: str
    place: Place
    tree: nodes.Node
    before: tuple[Requirement, ...]
    facts: Shape

    def requirements_for(self, outcome: bool) -> tuple[Requirement, ...]:
        """Return what must hold for it to be asked and to come to `outcome`."""
        return (*self.before, Requirement(self.tree, outcome, self.facts))


def list_decisions(source: str, place: Place, facts: Shape) -> tuple[Decision, ...]:
    """Return the conditions of a checked text that begins at `place`, in the order in which they are written."""
    parsed = parse_text(source, place)
    written = _each_written(source, place, parsed.tokens.in_order)
    asked = _each_asked(parsed.tree, (), facts)
    return tuple(
        Decision(condition, start, node.test, before, known)
        for (condition, start), (node, before, known) in zip(written, asked, strict=True)
    )


def _each_written(source: str, place: Place, tokens: Sequence[Token]) -> Iterator[tuple[str, Place]]:
    """Yield the words of each condition, in one line, and where it begins."""
    for index, token in enumerate(tokens):
        if token.kind == "name" and token.text in ("if", "elif"):
            inline = index > 0 and tokens[index - 1].kind != "block_begin"
            start, end = tokens[index + 1], _end_of_condition(tokens[index + 1 :], inline)
            words = source[_offset_of(source, start) : _offset_of(source, end)].split()
            yield " ".join(words), place_in_text(place, start.line, start.column)


def _end_of_condition(tokens: Sequence[Token], inline: bool) -> Token:
    """Return the first token behind the condition that `tokens` begin with."""
    depth = 0
    for token in tokens:
        if token.kind == "operator":
            depth += (token.text in "([{") - (token.text in ")]}")
        ends_inline = inline and not depth and token.text in ("else", "|", ",")
        if token.kind in ("block_end", "variable_end") or depth < 0 or ends_inline:
            return token
    return tokens[-1]


def _offset_of(source: str, token: Token) -> int:
    index = 0
    for _ in range(token.line - 1):
        index = source.find("\n", index) + 1
    return index + token.column - 1


_Asked = tuple[nodes.If | nodes.CondExpr, tuple[Requirement, ...], Shape]


def _each_asked(node: nodes.Node, before: tuple[Requirement, ...], facts: Shape) -> Iterator[_Asked]:
    """Yield the conditions of a tree as they are written, each with what must hold before it, and its facts."""
    match node:
        case nodes.CondExpr():
            yield from _each_asked(node.expr1, (*before, Requirement(node.test, True, facts)), facts)
            yield node, before, facts
            if node.expr2 is not None:
                yield from _each_asked(node.expr2, (*before, Requirement(node.test, False, facts)), facts)
        case nodes.If():
            for part in (node, *node.elif_):
                yield part, before, facts
                yield from _each_asked_in(part.body, (*before, Requirement(part.test, True, facts)), facts)
                before = (*before, Requirement(part.test, False, facts))
            yield from _each_asked_in(node.else_, before, facts)
        case nodes.For():
            entry = facts.find(path_of(node.iter) or [])
            names = {"loop": LOOP_SHAPE}
            if isinstance(node.target, nodes.Name) and entry and entry.item:
                names[node.target.name] = entry.item
            yield from _each_asked_in(node.body, before, facts.with_fields(names))
            yield from _each_asked_in(node.else_, before, facts)
        case _:
            yield from _each_asked_in(node.iter_child_nodes(), before, facts)


def _each_asked_in(children: Iterable[nodes.Node], before: tuple[Requirement, ...], facts: Shape) -> Iterator[_Asked]:
    for child in children:
        yield from _each_asked(child, before, facts)


# -- outcomes of texts that are filled in

# Names that no clause can write, as SLOTS_KEY.
_OUTCOME_FILTER, OUTCOMES_KEY = "the outcome", "the outcomes"


@dataclass(frozen=True)
class Outcomes:
    """What the conditions of texts came to, by text: the number of the condition, and yes or no."""

    taken: dict[str, set[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(set))


_recording: ContextVar[Outcomes | None] = ContextVar("recording", default=None)


@contextmanager
def record_outcomes() -> Iterator[Outcomes]:
    """Note the outcomes of all texts that are filled in inside the block."""
    outcomes = Outcomes()
    token = _recording.set(outcomes)
    try:
        yield outcomes
    finally:
        _recording.reset(token)


def recorded_outcomes_of(source: str) -> set[tuple[int, bool]] | None:
    """Return where the outcomes of a text are to be noted, None where nothing is recorded."""
    outcomes = _recording.get()
    return None if outcomes is None else outcomes.taken[source]


@pass_context
def _record_outcome(context: Context, value: object, number: int) -> bool:
    held = bool(value)
    context[OUTCOMES_KEY].add((number, held))
    return held


@cache
def _recording_environment() -> ClauseEnvironment:
    environment = clause_environment().overlay()
    environment.filters = {**environment.filters, _OUTCOME_FILTER: _record_outcome}
    return environment


@cache
def compile_recording(source: str) -> Template:
    """Return the template of a text in which each condition notes its outcome under the name OUTCOMES_KEY."""
    environment = _recording_environment()
    tree = environment.parse(source)
    for number, (node, _, _) in enumerate(list(_each_asked(tree, (), _NO_FACTS))):
        node.test = nodes.Filter(node.test, _OUTCOME_FILTER, [nodes.Const(number)], [], None, None, lineno=node.lineno)
        node.test.set_environment(environment)
    return environment.from_string(tree)

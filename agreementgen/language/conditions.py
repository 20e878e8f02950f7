"""Conditions: which facts one asks about, whether it holds, how to say it to an owner, and what it can come to.

Of texts: which conditions stand in one, when each is asked, and which outcomes it had where texts were filled in.

What conditions can come to, whatever a deal says, is decided by trying every kind of answer that they can tell apart:
a choice has its words, a number the constants it is compared with and their neighbors, an amount may be given, zero or
missing. What a condition cannot tell apart is tried once. Answers are taken as independent of each other, so a
condition that "can hold" here may still be ruled out by which questions are asked.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from jinja2 import TemplateError, Undefined, UndefinedError, nodes, pass_context
from jinja2.environment import Template
from jinja2.runtime import Context

from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.language.analysis import LOOP_SHAPE, Shape, group_shape
from agreementgen.language.environment import (
    FUNCTIONS,
    ClauseEnvironment,
    FillingError,
    clause_environment,
    context_of,
)
from agreementgen.language.parsing import (
    Token,
    each_constant,
    function_name_of,
    parse_expression,
    parse_text,
    path_of,
    place_in_text,
)

NOWHERE = Place()
FactNames = tuple[str, ...]
# Given the names of a fact ("financial", "fee"): its path in a deal file and its type ("" where unknown).
FactLookup = Callable[[FactNames], tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Condition:
    """A condition of the clause language, such as `financial.model == 'none' and not two`.

    `source` is how it is written; an empty one always holds. `tree` is for this folder only.
    """

    source: str
    tree: nodes.Node = field(repr=False)

    def __getstate__(self) -> dict[str, object]:
        """Return what of it is kept: what was made of it since cannot be."""
        return {"source": self.source, "tree": self.tree}

    @cached_property
    def facts(self) -> tuple[FactNames, ...]:
        """The facts it asks about, as they are written: `this.which == 'named'` asks about ("this", "which")."""
        names = (_names_of(node) for node in _each_operand(self.tree))
        return tuple(dict.fromkeys(found for found in names if found))

    @cached_property
    def _compiled(self) -> Template:
        # As jinja2.Environment.compile_expression does it; what that returns copies all facts each time.
        environment = clause_environment()
        result = nodes.Assign(nodes.Name("result", "store"), parse_expression(self.source), lineno=1)
        tree = nodes.Template([result], lineno=1)
        tree.set_environment(environment)
        return environment.from_string(tree)

    @cached_property
    def _decider(self) -> _Decider:
        return _make_decider(self.tree)

    @cached_property
    def names_own_group(self) -> bool:
        """Whether it asks about `this`, the group that its question stands in."""
        return any(names[0] == "this" for names in self.facts)

    def holds(self, facts: Mapping[str, object], place: Place = NOWHERE) -> bool:
        """Return whether `facts` meet it; raise PackError at `place` where one is missing or cannot be compared."""
        if not self.source:
            return True
        try:
            return bool(self._decider(facts))
        except (_NotPlain, TemplateError, FillingError, TypeError):
            return self.holds_compiled(facts, place)

    def holds_compiled(self, facts: Mapping[str, object], place: Place = NOWHERE) -> bool:
        """Return what `holds` returns, as Jinja decides it: with filters, and with words for what is wrong."""
        try:
            context = context_of(self._compiled, facts)
            for _ in self._compiled.root_render_func(context):
                pass
            return bool(context.vars["result"])
        except (TemplateError, FillingError, TypeError) as error:
            message = f'the condition "{self.source}" cannot be decided: {error}'
            raise PackError(Problem(message, place=place, code="clause-undecidable")) from error

    def in_words(self, look_up: FactLookup) -> str:
        """Return `financial.model == 'referral fee'` as: "financial.model" is "referral fee"."""
        return _node_in_words(_with_not_at_facts(self.tree), look_up)

    def find_decisive_facts(self, facts: Mapping[str, object]) -> tuple[FactNames, ...]:
        """Return the facts that decide whether it holds: of `a or b`, only `a` where `a` is so.

        All its facts, where a part of it cannot be decided by itself.
        """
        try:
            names = (_names_of(node) for node in _each_decisive(self.tree, facts))
            return tuple(dict.fromkeys(found for found in names if found))
        except (_NotPlain, TemplateError, FillingError, TypeError):
            return self.facts


@cache
def read_condition(source: str) -> Condition:
    """Return the condition that `source` writes; raise jinja2.TemplateSyntaxError for one that was not checked."""
    return Condition(source, parse_expression(source) if source else nodes.Const(True))


def find_condition(source: str) -> Condition | None:
    """Return the condition that `source` writes, None where it writes none."""
    try:
        return read_condition(source)
    except TemplateError:
        return None


class _NotPlain(Exception):
    """An expression has a part, such as a filter, that only a compiled one knows."""


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
    "in": lambda left, right: left in right,
    "notin": lambda left, right: left not in right,
}


_Decider = Callable[[Mapping[str, object]], Any]


def _raise_not_plain(facts: Mapping[str, object]) -> Any:
    raise _NotPlain


def _make_decider(node: nodes.Node) -> _Decider:
    """Return a function that gives the value of an expression as Jinja would give it.

    A tree of functions is made once and asked often: a batch asks each condition of hundreds of deals.
    """
    match node:
        case nodes.And() | nodes.Or():
            return _join_deciders(_make_decider(node.left), _make_decider(node.right), isinstance(node, nodes.And))
        case nodes.Not():
            negated = _make_decider(node.node)
            return lambda facts: not negated(facts)
        case nodes.Const():
            value = node.value
            return lambda facts: value
        case nodes.Tuple() | nodes.List():
            items = [_make_decider(item) for item in node.items]
            return lambda facts: [item(facts) for item in items]
        case nodes.Name():
            return _make_name_finder(node.name)
        case nodes.Getattr():
            return _make_attribute_finder(_make_decider(node.node), node.attr)
        case nodes.Compare():
            sides = [(_COMPARISONS[operand.op], _make_decider(operand.expr)) for operand in node.ops]
            return _make_comparison(_make_decider(node.expr), sides)
        case nodes.Test() if not node.args and not node.kwargs:
            test: Any = clause_environment().tests.get(node.name)
            tested = _make_decider(node.node)
            return _raise_not_plain if test is None else lambda facts: test(tested(facts))
    return _raise_not_plain


def _join_deciders(left: _Decider, right: _Decider, both: bool) -> _Decider:
    return (lambda facts: left(facts) and right(facts)) if both else (lambda facts: left(facts) or right(facts))


def _make_name_finder(name: str) -> _Decider:
    def find(facts: Mapping[str, object]) -> object:
        if name not in facts:
            raise UndefinedError(f"'{name}' is undefined")
        return facts[name]

    return find


def _make_attribute_finder(group: _Decider, name: str) -> _Decider:
    environment = clause_environment()

    def find(facts: Mapping[str, object]) -> object:
        inside = group(facts)
        if type(inside) is dict and name in inside:
            return inside[name]
        value = environment.getattr(inside, name)
        # Whatever is undefined raises an error when it is used; so does this.
        return bool(value) and value if isinstance(value, Undefined) else value

    return find


def _make_comparison(first: _Decider, sides: Sequence[tuple[Callable[[Any, Any], bool], _Decider]]) -> _Decider:
    def compare(facts: Mapping[str, object]) -> bool:
        left = first(facts)
        for compares, side in sides:
            right = side(facts)
            if not compares(left, right):
                return False
            left = right
        return True

    return compare


def _each_operand(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the facts and the functions of a condition."""
    match node:
        case nodes.Call() if function_name_of(node) in FUNCTIONS:
            yield node
        case nodes.Name() | nodes.Getattr():
            yield node
        case _:
            for child in node.iter_child_nodes():
                yield from _each_operand(child)


def _each_decisive(node: nodes.Node, facts: Mapping[str, object]) -> Iterator[nodes.Node]:
    """Yield the facts of the least part of a condition that decides it."""
    match node:
        case nodes.Not():
            yield from _each_decisive(node.node, facts)
        case nodes.And() | nodes.Or():
            # One side that is so decides an "or"; one that is not, an "and".
            settles = isinstance(node, nodes.Or)
            sides = (node.left, node.right)
            alone = next((side for side in sides if bool(_make_decider(side)(facts)) == settles), None)
            for side in sides if alone is None else (alone,):
                yield from _each_decisive(side, facts)
        case _:
            yield from _each_operand(node)


# -- in words

_OPPOSITES = {
    "eq": "ne", "ne": "eq", "gt": "lteq", "lteq": "gt", "lt": "gteq", "gteq": "lt", "in": "notin", "notin": "in",
}  # fmt: skip
# What a comparison becomes when its sides change places.
_TURNED = {"eq": "eq", "ne": "ne", "gt": "lt", "lt": "gt", "gteq": "lteq", "lteq": "gteq"}
_TESTS_IN_WORDS = {"percentage": "a percentage", "money": "an amount of money"}
_ORDER_WORDS = {"gt": "more than", "gteq": "at least", "lt": "less than", "lteq": "at most"}


def _with_not_at_facts(node: nodes.Node, holds: bool = True) -> nodes.Node:
    """Return what `node` asks, or its opposite, with "not" at single facts only: brackets are not read aloud."""
    match node:
        case nodes.Not():
            return _with_not_at_facts(node.node, not holds)
        case nodes.And() | nodes.Or():
            joined = nodes.And if isinstance(node, nodes.And) == holds else nodes.Or
            return joined(_with_not_at_facts(node.left, holds), _with_not_at_facts(node.right, holds))
        case nodes.Compare(expr=first, ops=[operand]):
            return node if holds else nodes.Compare(first, [nodes.Operand(_OPPOSITES[operand.op], operand.expr)])
        case nodes.Compare(expr=first, ops=[operand, *more]):
            both = nodes.And(nodes.Compare(first, [operand]), nodes.Compare(operand.expr, more))
            return _with_not_at_facts(both, holds)
    return node if holds else nodes.Not(node)


def _node_in_words(node: nodes.Node, look_up: FactLookup, holds: bool = True) -> str:
    match node:
        case nodes.And():
            return " and ".join(_side_of_and(side, look_up) for side in (node.left, node.right))
        case nodes.Or():
            return " or ".join(_node_in_words(side, look_up) for side in (node.left, node.right))
        case nodes.Not():
            return _node_in_words(node.node, look_up, holds=False)
        case nodes.Compare(expr=left, ops=[operand]):
            return _comparison_in_words(left, operand, look_up)
        case nodes.Test():
            path, _ = look_up(_names_of(node.node))
            return f'"{path}" is {"" if holds else "not "}{_TESTS_IN_WORDS.get(node.name, node.name)}'
        case nodes.Const():
            return "always" if bool(node.value) == holds else "never"
    path, kind = look_up(_names_of(node))
    yes, no = ("yes", "no") if kind in ("yes/no", "switch") else ("given", "not given")
    return f'"{path}" is {yes if holds else no}'


def _side_of_and(node: nodes.Node, look_up: FactLookup) -> str:
    words = _node_in_words(node, look_up)
    return f"({words})" if isinstance(node, nodes.Or) else words


def _comparison_in_words(left: nodes.Node, operand: nodes.Operand, look_up: FactLookup) -> str:
    right, sign = operand.expr, operand.op
    if sign in _TURNED and not _names_of(left):
        left, right, sign = right, left, _TURNED[sign]
    subject = _side_in_words(left, look_up)
    names = _names_of(right)
    if sign in ("in", "notin") and names:
        return f"{_side_in_words(right, look_up)} {'includes' if sign == 'in' else 'does not include'} {subject}"
    if sign in _ORDER_WORDS:
        return f"{subject} is {_ORDER_WORDS[sign]} {_side_in_words(right, look_up)}"
    words = f"the same as {_side_in_words(right, look_up)}" if names else _side_in_words(right, look_up)
    return f"{subject} is {'not ' if sign in ('ne', 'notin') else ''}{words}"


def _side_in_words(node: nodes.Node, look_up: FactLookup) -> str:
    names = _names_of(node)
    return f'"{look_up(names)[0]}"' if names else " or ".join(_constant_in_words(c.value) for c in each_constant(node))


def _constant_in_words(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
    return f'"{value}"'


def _names_of(node: nodes.Node) -> FactNames:
    return tuple(path_of(node) or ())


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
    return {_key_of(node) for one in requirements for node in _each_operand(one.tree)}


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
        yield from ((_key_of(fact), constants) for side in sides for fact in _each_operand(side))
    elif isinstance(node, (nodes.Name, nodes.Getattr, nodes.Call)):
        yield from ((_key_of(fact), []) for fact in _each_operand(node))
    else:
        for child in node.iter_child_nodes():
            yield from _each_fact_compared(child)


def _key_of(node: nodes.Node) -> str:
    if isinstance(node, nodes.Call):
        names = (str(constant.value) for argument in node.args for constant in each_constant(argument))
        return " ".join((function_name_of(node), *names))
    return ".".join(_names_of(node))


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

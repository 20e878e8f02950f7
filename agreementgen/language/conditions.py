"""Conditions between answers: which facts one asks about, and how to say it to an owner.

What conditions can come to, whatever a deal says: decided by trying every kind of answer that they can tell apart.

A choice has its words, a number the constants it is compared with and their neighbors, an amount may be given, zero or
missing. What a condition cannot tell apart is tried once. Answers are taken as independent of each other, so a
condition that "can hold" here may still be ruled out by which questions are asked.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import TemplateError, nodes

from agreementgen.language.analysis import Shape
from agreementgen.language.environment import FUNCTIONS, clause_environment
from agreementgen.language.filling import NOWHERE
from agreementgen.language.parsing import each_constant, function_name_of, parse_condition, parse_text, path_of

FactNames = tuple[str, ...]
# Given the names of a fact ("financial", "fee"), its path in a deal file and its type ("" where unknown).
FactLookup = Callable[[FactNames], tuple[str, str]]


@cache
def facts_in_condition(source: str) -> frozenset[FactNames]:
    """Return the facts a condition looks at: `this.which == 'named'` gives {("this", "which")}."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", source)
    return frozenset(tuple(word.split(".")) for word in re.findall(r"[A-Za-z_]\w*(?:\.\w+)*", bare))


def condition_in_words(source: str, look_up: FactLookup) -> str:
    """Return `financial.model == 'referral fee'` as: "financial.model" is "referral fee"."""
    try:
        (block,) = clause_environment().parse("{% if " + source + " %}{% endif %}").body
    except (TemplateError, ValueError):
        return source
    return _node_in_words(block.test, look_up) if isinstance(block, nodes.If) else source


def _node_in_words(node: nodes.Node, look_up: FactLookup) -> str:
    match node:
        case nodes.And():
            return " and ".join(_operand_in_words(side, look_up) for side in (node.left, node.right))
        case nodes.Or():
            return " or ".join(_node_in_words(side, look_up) for side in (node.left, node.right))
        case nodes.Not():
            return _fact_in_words(node.node, look_up, given=False)
        case nodes.Compare():
            return _comparison_in_words(node, look_up)
        case nodes.Test():
            path, _ = look_up(_names_of(node.node))
            return f'"{path}" is {"a percentage" if node.name == "percentage" else node.name}'
    return _fact_in_words(node, look_up, given=True)


def _operand_in_words(node: nodes.Node, look_up: FactLookup) -> str:
    said = _node_in_words(node, look_up)
    return f"({said})" if isinstance(node, nodes.Or) else said


def _fact_in_words(node: nodes.Node, look_up: FactLookup, given: bool) -> str:
    path, kind = look_up(_names_of(node))
    words = ("yes", "no") if kind in ("yes/no", "switch") else ("given", "not given")
    return f'"{path}" is {words[0] if given else words[1]}'


def _comparison_in_words(node: nodes.Compare, look_up: FactLookup) -> str:
    path, _ = look_up(_names_of(node.expr))
    (operand,) = node.ops
    other = _names_of(operand.expr)
    if other:
        words = f'the same as "{look_up(other)[0]}"'
    else:
        value = operand.expr.as_const()
        words = " or ".join(f'"{word}"' for word in (value if isinstance(value, tuple) else (value,)))
    return f'"{path}" is {"not " if operand.op in ("ne", "notin") else ""}{words}'


def _names_of(node: nodes.Node) -> FactNames:
    if isinstance(node, nodes.Getattr):
        return (*_names_of(node.node), node.attr)
    return (node.name,) if isinstance(node, nodes.Name) else ()


# More combinations of answers than this are not tried.
MAX_COMBINATIONS = 30_000
_ANY = "any"
# Facts by path, and "has confidentiality" for what has() and scheduled() say.
FactValues = Mapping[str, Any]
FactScope = Mapping[str, Shape]


@dataclass(frozen=True)
class TrialAmount:
    """Some percentage, amount of money or length of time, more than zero or zero."""

    kind: str
    positive: bool


@dataclass(frozen=True, eq=False)
class Requirement:
    """A condition, the outcome wanted of it, and the facts it may name."""

    condition: nodes.Node
    outcome: bool
    scope: FactScope


@dataclass(frozen=True, eq=False)
class ReachedCondition:
    """One condition of a text, with what must hold for it to be asked at all."""

    condition: nodes.Node
    before: tuple[Requirement, ...]
    scope: FactScope

    def requirements_for(self, outcome: bool) -> tuple[Requirement, ...]:
        return (*self.before, Requirement(self.condition, outcome, self.scope))


def require(source: str, facts: Shape, outcome: bool = True) -> tuple[Requirement, ...]:
    """Return the wish that a condition comes to `outcome`; none for an empty one, which always holds."""
    return (Requirement(parse_condition(source, NOWHERE).tree, outcome, facts.fields),) if source else ()


def list_reached(source: str, facts: Shape) -> tuple[ReachedCondition, ...]:
    """Return the conditions of a checked text in the order in which they are written."""
    return tuple(_each_reached(parse_text(source, NOWHERE).tree, (), facts.fields))


def _each_reached(node: nodes.Node, before: tuple[Requirement, ...], scope: FactScope) -> Iterator[ReachedCondition]:
    match node:
        case nodes.CondExpr():
            yield from _each_reached(node.expr1, (*before, Requirement(node.test, True, scope)), scope)
            yield ReachedCondition(node.test, before, scope)
            if node.expr2 is not None:
                yield from _each_reached(node.expr2, (*before, Requirement(node.test, False, scope)), scope)
        case nodes.If():
            yield ReachedCondition(node.test, before, scope)
            for child in node.body:
                yield from _each_reached(child, (*before, Requirement(node.test, True, scope)), scope)
            failed = (*before, Requirement(node.test, False, scope))
            for other in node.elif_:
                yield ReachedCondition(other.test, failed, scope)
                for child in other.body:
                    yield from _each_reached(child, (*failed, Requirement(other.test, True, scope)), scope)
                failed = (*failed, Requirement(other.test, False, scope))
            for child in node.else_:
                yield from _each_reached(child, failed, scope)
        case nodes.For():
            path = path_of(node.iter) or []
            item = _shape_of(path, scope)
            inner = dict(scope)
            if isinstance(node.target, nodes.Name) and item and item.item:
                inner[node.target.name] = item.item
            flags = {"first": Shape("yes/no"), "last": Shape("yes/no"), "index": Shape("integer")}
            inner["loop"] = Shape("group", fields=flags)
            for child in node.body:
                yield from _each_reached(child, before, inner)
        case _:
            for child in node.iter_child_nodes():
                yield from _each_reached(child, before, scope)


def each_solution(wishes: Sequence[Requirement]) -> Iterator[FactValues]:
    """Yield answers with which all wishes come true; raise OverflowError where there are too many to try."""
    domains: dict[str, list[Any]] = {}
    for one in wishes:
        for path, value in _each_fact_compared(one.condition):
            domains.setdefault(path, []).extend(value)
    scope = {name: shape for one in wishes for name, shape in one.scope.items()}
    choices = {path: _answers_to_try(_shape_of(path.split("."), scope), said) for path, said in domains.items()}
    if math.prod(len(options) for options in choices.values()) > MAX_COMBINATIONS:
        raise OverflowError
    for answers in itertools.product(*choices.values()):
        values = dict(zip(choices, answers, strict=True))
        if _are_consistent(values) and all(bool(_evaluate(one.condition, values)) == one.outcome for one in wishes):
            yield values


def facts_required(wishes: Sequence[Requirement]) -> set[str]:
    """Return the facts that wishes name."""
    return {path for one in wishes for path, _ in _each_fact_compared(one.condition)}


def can_all_hold(wishes: Sequence[Requirement]) -> bool:
    """Return whether all wishes can come true together; True where that cannot be decided."""
    try:
        return next(iter(each_solution(wishes)), None) is not None
    except OverflowError:
        return True


def _are_consistent(values: FactValues) -> bool:
    """A fact of a group that is not there is not there either."""
    return all(
        value is None or values.get(".".join(path.split(".")[:index]), _ANY) is not None
        for path, value in values.items()
        for index in range(1, path.count(".") + 1)
    )


def _shape_of(path: Sequence[str], scope: FactScope) -> Shape | None:
    shape = scope.get(path[0]) if path else None
    for part in path[1:]:
        shape = shape.fields.get(part) if shape else None
    return shape


def _each_fact_compared(node: nodes.Node) -> Iterator[tuple[str, list[Any]]]:
    """Yield the facts of a condition, each with the constants it is compared with."""
    match node:
        case nodes.Compare():
            sides = [node.expr, *(operand.expr for operand in node.ops)]
            said = [item.value for side in sides for item in each_constant(side)]
            for side in sides:
                for name, _ in _each_fact_compared(side):
                    yield name, said
        case nodes.Call() if function_name_of(node) in FUNCTIONS:
            yield _presence_key(node), []
        case nodes.Name() | nodes.Getattr():
            path = path_of(node)
            if path:
                yield ".".join(path), []
        case _:
            for child in node.iter_child_nodes():
                yield from _each_fact_compared(child)


def _presence_key(node: nodes.Call) -> str:
    return f"{function_name_of(node)} {next(each_constant(node.args[0])).value}"


def _answers_to_try(shape: Shape | None, said: list[Any]) -> list[Any]:
    """Return the answers to tell apart, the most usual first."""
    if shape is None or shape.type == "yes/no":
        return [True, False]
    if shape.item is not None:
        lists: list[Any] = [(_ANY,), (), *((word,) for word in said), *([tuple(said)] if len(said) > 1 else [])]
        return list(dict.fromkeys(lists))
    match shape.type:
        case "integer" | "number":
            around = {number + step for number in said if isinstance(number, (int, float)) for step in (-1, 0, 1)}
            return [*sorted({1, *around}), None]
        case "percent" | "money" | "duration":
            return [TrialAmount(shape.type, True), TrialAmount(shape.type, False), None]
        case "percent or money":
            return [TrialAmount(kind, some) for some in (True, False) for kind in ("percent", "money")] + [None]
    words = [*sorted(shape.choices), *(word for word in said if isinstance(word, str))]
    free = [] if shape.choices and shape.type == "choice" else [_ANY]
    return list(dict.fromkeys([*free, *words, None]))


def _evaluate(node: nodes.Node, values: FactValues) -> Any:
    match node:
        case nodes.And():
            return _evaluate(node.left, values) and _evaluate(node.right, values)
        case nodes.Or():
            return _evaluate(node.left, values) or _evaluate(node.right, values)
        case nodes.Not():
            return not _evaluate(node.node, values)
        case nodes.Const():
            return node.value
        case nodes.Tuple() | nodes.List():
            return tuple(_evaluate(item, values) for item in node.items)
        case nodes.Test():
            value = _evaluate(node.node, values)
            if node.name == "percentage":
                return isinstance(value, TrialAmount) and value.kind == "percent"
            return value.positive if isinstance(value, TrialAmount) else isinstance(value, int) and value > 0
        case nodes.Compare():
            return _evaluate_comparison(node, values)
        case nodes.Call():
            return values.get(_presence_key(node))
        case nodes.Name() | nodes.Getattr():
            return values.get(".".join(path_of(node) or []))
    raise AssertionError(f"a condition holds {type(node).__name__}")


def _evaluate_comparison(node: nodes.Compare, values: FactValues) -> bool:
    left = _evaluate(node.expr, values)
    for operand in node.ops:
        right = _evaluate(operand.expr, values)
        match operand.op:
            case "eq" | "ne":
                held = (left == right) == (operand.op == "eq")
            case "in" | "notin":
                held = (left in (right or ())) == (operand.op == "in")
            case _ if left is None or right is None:
                return False
            case "gt" | "lteq":
                held = (left > right) == (operand.op == "gt")
            case _:
                held = (left < right) == (operand.op == "lt")
        if not held:
            return False
        left = right
    return True

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
from agreementgen.language.environment import FUNCTIONS, environment
from agreementgen.language.filling import NOWHERE
from agreementgen.language.parsing import called, constants, parse, parse_expression, path_of

Names = tuple[str, ...]
# Given the names of a fact ("financial", "fee"), its path in a deal file and its type ("" where unknown).
Lookup = Callable[[Names], tuple[str, str]]


@cache
def references(source: str) -> frozenset[Names]:
    """Return the facts a condition looks at: `this.which == 'named'` gives {("this", "which")}."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", source)
    return frozenset(tuple(word.split(".")) for word in re.findall(r"[A-Za-z_]\w*(?:\.\w+)*", bare))


def in_words(source: str, look_up: Lookup) -> str:
    """Return `financial.model == 'referral fee'` as: "financial.model" is "referral fee"."""
    try:
        (block,) = environment().parse("{% if " + source + " %}{% endif %}").body
    except (TemplateError, ValueError):
        return source
    return _said(block.test, look_up) if isinstance(block, nodes.If) else source


def _said(node: nodes.Node, look_up: Lookup) -> str:
    match node:
        case nodes.And():
            return " and ".join(_part(side, look_up) for side in (node.left, node.right))
        case nodes.Or():
            return " or ".join(_said(side, look_up) for side in (node.left, node.right))
        case nodes.Not():
            return _fact(node.node, look_up, given=False)
        case nodes.Compare():
            return _comparison_in_words(node, look_up)
        case nodes.Test():
            path, _ = look_up(_names(node.node))
            return f'"{path}" is {"a percentage" if node.name == "percentage" else node.name}'
    return _fact(node, look_up, given=True)


def _part(node: nodes.Node, look_up: Lookup) -> str:
    said = _said(node, look_up)
    return f"({said})" if isinstance(node, nodes.Or) else said


def _fact(node: nodes.Node, look_up: Lookup, given: bool) -> str:
    path, kind = look_up(_names(node))
    words = ("yes", "no") if kind in ("yes/no", "switch") else ("given", "not given")
    return f'"{path}" is {words[0] if given else words[1]}'


def _comparison_in_words(node: nodes.Compare, look_up: Lookup) -> str:
    path, _ = look_up(_names(node.expr))
    (operand,) = node.ops
    other = _names(operand.expr)
    if other:
        words = f'the same as "{look_up(other)[0]}"'
    else:
        value = operand.expr.as_const()
        words = " or ".join(f'"{word}"' for word in (value if isinstance(value, tuple) else (value,)))
    return f'"{path}" is {"not " if operand.op in ("ne", "notin") else ""}{words}'


def _names(node: nodes.Node) -> Names:
    if isinstance(node, nodes.Getattr):
        return (*_names(node.node), node.attr)
    return (node.name,) if isinstance(node, nodes.Name) else ()


# More combinations of answers than this are not tried.
_MOST = 30_000
_ANY = "any"
# Facts by path, and "has confidentiality" for what has() and scheduled() say.
Values = Mapping[str, Any]
Scope = Mapping[str, Shape]


@dataclass(frozen=True)
class Amount:
    """Some percentage, amount of money or length of time, more than zero or zero."""

    kind: str
    positive: bool


@dataclass(frozen=True, eq=False)
class Wish:
    """A condition, the outcome wanted of it, and the facts it may name."""

    condition: nodes.Node
    outcome: bool
    scope: Scope


@dataclass(frozen=True, eq=False)
class Reached:
    """One condition of a text, with what must hold for it to be asked at all."""

    condition: nodes.Node
    before: tuple[Wish, ...]
    scope: Scope

    def wishes(self, outcome: bool) -> tuple[Wish, ...]:
        return (*self.before, Wish(self.condition, outcome, self.scope))


def wish(source: str, facts: Shape, outcome: bool = True) -> tuple[Wish, ...]:
    """Return the wish that a condition comes to `outcome`; none for an empty one, which always holds."""
    return (Wish(parse_expression(source, NOWHERE).tree, outcome, facts.fields),) if source else ()


def reached(source: str, facts: Shape) -> tuple[Reached, ...]:
    """Return the conditions of a checked text in the order in which they are written."""
    return tuple(_reached(parse(source, NOWHERE).tree, (), facts.fields))


def _reached(node: nodes.Node, before: tuple[Wish, ...], scope: Scope) -> Iterator[Reached]:
    match node:
        case nodes.CondExpr():
            yield from _reached(node.expr1, (*before, Wish(node.test, True, scope)), scope)
            yield Reached(node.test, before, scope)
            if node.expr2 is not None:
                yield from _reached(node.expr2, (*before, Wish(node.test, False, scope)), scope)
        case nodes.If():
            yield Reached(node.test, before, scope)
            for child in node.body:
                yield from _reached(child, (*before, Wish(node.test, True, scope)), scope)
            failed = (*before, Wish(node.test, False, scope))
            for other in node.elif_:
                yield Reached(other.test, failed, scope)
                for child in other.body:
                    yield from _reached(child, (*failed, Wish(other.test, True, scope)), scope)
                failed = (*failed, Wish(other.test, False, scope))
            for child in node.else_:
                yield from _reached(child, failed, scope)
        case nodes.For():
            path = path_of(node.iter) or []
            item = _shape(path, scope)
            inner = dict(scope)
            if isinstance(node.target, nodes.Name) and item and item.of:
                inner[node.target.name] = item.of
            flags = {"first": Shape("yes/no"), "last": Shape("yes/no"), "index": Shape("integer")}
            inner["loop"] = Shape("group", fields=flags)
            for child in node.body:
                yield from _reached(child, before, inner)
        case _:
            for child in node.iter_child_nodes():
                yield from _reached(child, before, scope)


def solutions(wishes: Sequence[Wish]) -> Iterator[Values]:
    """Yield answers with which all wishes come true; raise OverflowError where there are too many to try."""
    domains: dict[str, list[Any]] = {}
    for one in wishes:
        for path, value in _constants(one.condition):
            domains.setdefault(path, []).extend(value)
    scope = {name: shape for one in wishes for name, shape in one.scope.items()}
    choices = {path: _domain(_shape(path.split("."), scope), said) for path, said in domains.items()}
    if math.prod(len(options) for options in choices.values()) > _MOST:
        raise OverflowError
    for answers in itertools.product(*choices.values()):
        values = dict(zip(choices, answers, strict=True))
        if _consistent(values) and all(bool(_value(one.condition, values)) == one.outcome for one in wishes):
            yield values


def facts_of(wishes: Sequence[Wish]) -> set[str]:
    """Return the facts that wishes name."""
    return {path for one in wishes for path, _ in _constants(one.condition)}


def can(wishes: Sequence[Wish]) -> bool:
    """Return whether all wishes can come true together; True where that cannot be decided."""
    try:
        return next(iter(solutions(wishes)), None) is not None
    except OverflowError:
        return True


def _consistent(values: Values) -> bool:
    """A fact of a group that is not there is not there either."""
    return all(
        value is None or values.get(".".join(path.split(".")[:index]), _ANY) is not None
        for path, value in values.items()
        for index in range(1, path.count(".") + 1)
    )


def _shape(path: Sequence[str], scope: Scope) -> Shape | None:
    shape = scope.get(path[0]) if path else None
    for part in path[1:]:
        shape = shape.fields.get(part) if shape else None
    return shape


def _constants(node: nodes.Node) -> Iterator[tuple[str, list[Any]]]:
    """Yield the facts of a condition, each with the constants it is compared with."""
    match node:
        case nodes.Compare():
            sides = [node.expr, *(operand.expr for operand in node.ops)]
            said = [item.value for side in sides for item in constants(side)]
            for side in sides:
                for name, _ in _constants(side):
                    yield name, said
        case nodes.Call() if called(node) in FUNCTIONS:
            yield _named(node), []
        case nodes.Name() | nodes.Getattr():
            path = path_of(node)
            if path:
                yield ".".join(path), []
        case _:
            for child in node.iter_child_nodes():
                yield from _constants(child)


def _named(node: nodes.Call) -> str:
    return f"{called(node)} {next(constants(node.args[0])).value}"


def _domain(shape: Shape | None, said: list[Any]) -> list[Any]:
    """Return the answers to tell apart, the most usual first."""
    if shape is None or shape.type == "yes/no":
        return [True, False]
    if shape.of is not None:
        lists: list[Any] = [(_ANY,), (), *((word,) for word in said), *([tuple(said)] if len(said) > 1 else [])]
        return list(dict.fromkeys(lists))
    match shape.type:
        case "integer" | "number":
            around = {number + step for number in said if isinstance(number, (int, float)) for step in (-1, 0, 1)}
            return [*sorted({1, *around}), None]
        case "percent" | "money" | "duration":
            return [Amount(shape.type, True), Amount(shape.type, False), None]
        case "percent or money":
            return [Amount(kind, some) for some in (True, False) for kind in ("percent", "money")] + [None]
    words = [*sorted(shape.choices), *(word for word in said if isinstance(word, str))]
    free = [] if shape.choices and shape.type == "choice" else [_ANY]
    return list(dict.fromkeys([*free, *words, None]))


def _value(node: nodes.Node, values: Values) -> Any:
    match node:
        case nodes.And():
            return _value(node.left, values) and _value(node.right, values)
        case nodes.Or():
            return _value(node.left, values) or _value(node.right, values)
        case nodes.Not():
            return not _value(node.node, values)
        case nodes.Const():
            return node.value
        case nodes.Tuple() | nodes.List():
            return tuple(_value(item, values) for item in node.items)
        case nodes.Test():
            value = _value(node.node, values)
            if node.name == "percentage":
                return isinstance(value, Amount) and value.kind == "percent"
            return value.positive if isinstance(value, Amount) else isinstance(value, int) and value > 0
        case nodes.Compare():
            return _decide_comparison(node, values)
        case nodes.Call():
            return values.get(_named(node))
        case nodes.Name() | nodes.Getattr():
            return values.get(".".join(path_of(node) or []))
    raise AssertionError(f"a condition holds {type(node).__name__}")


def _decide_comparison(node: nodes.Compare, values: Values) -> bool:
    left = _value(node.expr, values)
    for operand in node.ops:
        right = _value(operand.expr, values)
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

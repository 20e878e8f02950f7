"""Conditions: which facts one asks about, whether it holds, and how to say it to an owner."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from jinja2 import TemplateError, Undefined, UndefinedError, nodes
from jinja2.environment import Template

from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.language.environment import FUNCTIONS, clause_environment, context_of
from agreementgen.language.filters import FillingError
from agreementgen.language.parsing import (
    each_constant,
    function_name_of,
    parse_expression,
    path_of,
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
        names = (names_of(node) for node in each_operand(self.tree))
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
            names = (names_of(node) for node in _each_decisive(self.tree, facts))
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


def each_operand(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the facts and the functions of a condition."""
    match node:
        case nodes.Call() if function_name_of(node) in FUNCTIONS:
            yield node
        case nodes.Name() | nodes.Getattr():
            yield node
        case _:
            for child in node.iter_child_nodes():
                yield from each_operand(child)


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
            yield from each_operand(node)


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
            path, _ = look_up(names_of(node.node))
            return f'"{path}" is {"" if holds else "not "}{_TESTS_IN_WORDS.get(node.name, node.name)}'
        case nodes.Const():
            return "always" if bool(node.value) == holds else "never"
    path, kind = look_up(names_of(node))
    yes, no = ("yes", "no") if kind in ("yes/no", "switch") else ("given", "not given")
    return f'"{path}" is {yes if holds else no}'


def _side_of_and(node: nodes.Node, look_up: FactLookup) -> str:
    words = _node_in_words(node, look_up)
    return f"({words})" if isinstance(node, nodes.Or) else words


def _comparison_in_words(left: nodes.Node, operand: nodes.Operand, look_up: FactLookup) -> str:
    right, sign = operand.expr, operand.op
    if sign in _TURNED and not names_of(left):
        left, right, sign = right, left, _TURNED[sign]
    subject = _side_in_words(left, look_up)
    names = names_of(right)
    if sign in ("in", "notin") and names:
        return f"{_side_in_words(right, look_up)} {'includes' if sign == 'in' else 'does not include'} {subject}"
    if sign in _ORDER_WORDS:
        return f"{subject} is {_ORDER_WORDS[sign]} {_side_in_words(right, look_up)}"
    words = f"the same as {_side_in_words(right, look_up)}" if names else _side_in_words(right, look_up)
    return f"{subject} is {'not ' if sign in ('ne', 'notin') else ''}{words}"


def _side_in_words(node: nodes.Node, look_up: FactLookup) -> str:
    names = names_of(node)
    return f'"{look_up(names)[0]}"' if names else " or ".join(_constant_in_words(c.value) for c in each_constant(node))


def _constant_in_words(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
    return f'"{value}"'


def names_of(node: nodes.Node) -> FactNames:
    return tuple(path_of(node) or ())

"""Conditions inside texts: where each stands, when it is asked, and which outcomes it had in texts that were filled in.

A condition of a text is known by its number: the first that is written is 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache

from jinja2 import nodes, pass_context
from jinja2.environment import Template
from jinja2.runtime import Context

from agreementgen.core.problems import Place
from agreementgen.language.conditions import Requirement
from agreementgen.language.environment import ClauseEnvironment, clause_environment
from agreementgen.language.parsing import Token, parse_text, path_of, place_in_text
from agreementgen.language.shapes import LOOP_SHAPE, Shape, group_shape

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


def _each_asked_in(
    children: Iterator[nodes.Node] | Sequence[nodes.Node], before: tuple[Requirement, ...], facts: Shape
) -> Iterator[_Asked]:
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

"""Which branches a text has, and which of them renderings took: the measure of a proof."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import nodes, pass_context
from jinja2.environment import Template
from jinja2.runtime import Context

from agreementgen.errors import Place
from agreementgen.language.environment import ClauseEnvironment, environment
from agreementgen.language.parsing import at, parse
from agreementgen.language.tokens import Token

# As in SLOTS of environment.py: names no clause can write.
_OUTCOME, TAKEN = "the outcome", "the outcomes"


@dataclass(frozen=True)
class Decision:
    """One condition of a text, {% if %}, {% elif %} or an inline if; `place` is that of its first word."""

    condition: str
    place: Place


@dataclass
class Outcomes:
    """What the conditions of texts came to, by text: the number of the condition, and yes or no."""

    taken: dict[str, set[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(set))


_recording: ContextVar[Outcomes | None] = ContextVar("recording", default=None)


@contextmanager
def recorded() -> Iterator[Outcomes]:
    """Note the outcomes of all texts that are rendered inside the block."""
    outcomes = Outcomes()
    token = _recording.set(outcomes)
    try:
        yield outcomes
    finally:
        _recording.reset(token)


def branches_taken(source: str) -> set[tuple[int, bool]] | None:
    """Return where the outcomes of a text are to be noted, None where nothing is recorded."""
    outcomes = _recording.get()
    return None if outcomes is None else outcomes.taken[source]


def decisions(source: str, place: Place) -> tuple[Decision, ...]:
    """Return the conditions of a text that begins at `place`, in the order in which they are written."""
    tokens = parse(source, place).tokens.all
    found = []
    for index, token in enumerate(tokens):
        if token.kind == "name" and token.text in ("if", "elif"):
            inline = index > 0 and tokens[index - 1].kind != "block_begin"
            start = tokens[index + 1]
            end = _end(tokens, index + 1, inline)
            said = source[_offset(source, start) : _offset(source, end)].rstrip()
            found.append(Decision(" ".join(said.split()), at(place, start.line, start.column)))
    return tuple(found)


def in_order(node: nodes.Node) -> Iterator[nodes.If | nodes.CondExpr]:
    """Yield the conditions of a tree in the order in which they are written."""
    if isinstance(node, nodes.CondExpr):
        yield from in_order(node.expr1)
        yield node
        if node.expr2 is not None:
            yield from in_order(node.expr2)
        return
    if isinstance(node, nodes.If):
        yield node
        for child in (*node.body, *node.elif_, *node.else_):
            yield from in_order(child)
        return
    for child in node.iter_child_nodes():
        yield from in_order(child)


@pass_context
def _note(context: Context, value: Any, number: int) -> bool:
    held = bool(value)
    context[TAKEN].add((number, held))
    return held


@cache
def _environment() -> ClauseEnvironment:
    env = environment().overlay()
    env.filters = {**env.filters, _OUTCOME: _note}
    return env


@cache
def noting(prepared: str) -> Template:
    """Return the template of a text in which each condition notes its outcome under the name TAKEN."""
    env = _environment()
    tree = env.parse(prepared)
    for number, node in enumerate(list(in_order(tree))):
        node.test = nodes.Filter(node.test, _OUTCOME, [nodes.Const(number)], [], None, None, lineno=node.lineno)
        node.test.set_environment(env)
    return env.from_string(tree)


def _end(tokens: tuple[Token, ...], start: int, inline: bool) -> Token:
    depth = 0
    for token in tokens[start:]:
        if token.text in "([{" and token.kind == "operator":
            depth += 1
        elif token.text in ")]}" and token.kind == "operator":
            depth -= 1
        if (
            token.kind in ("block_end", "variable_end")
            or depth < 0
            or (inline and not depth and token.text in ("else", "|", ","))
        ):
            return token
    return tokens[-1]


def _offset(source: str, token: Token) -> int:
    index = 0
    for _ in range(token.line - 1):
        index = source.find("\n", index) + 1
    return index + token.column - 1

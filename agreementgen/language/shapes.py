"""The forms of facts: what is known about a fact before there is a deal, and what clauses may do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agreementgen.core.problems import suggest_nearest


@dataclass(frozen=True)
class Shape:
    """A fact's form: a single value of some type, a group of named facts, or a list.

    `choices` are the words a single value may hold (empty where it is free); `item` is what a list holds.
    """

    type: str
    choices: frozenset[str] = frozenset()
    fields: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None

    @property
    def is_list(self) -> bool:
        return self.item is not None

    def find(self, path: Iterable[str]) -> Shape | None:
        """Return the form of the fact that is reached by the names of `path`; None where there is none."""
        shape: Shape | None = self
        for name in path:
            shape = shape.fields.get(name) if shape else None
        return shape

    def with_fields(self, more: Mapping[str, Shape]) -> Shape:
        """Return this group with further facts in it."""
        return group_shape({**self.fields, **more})


def group_shape(fields: Mapping[str, Shape]) -> Shape:
    return Shape("group", fields=fields)


def list_shape(item: Shape) -> Shape:
    return Shape("list", item=item)


# What `loop` is inside a {% for %}.
LOOP_SHAPE = group_shape({"first": Shape("yes/no"), "last": Shape("yes/no"), "index": Shape("integer")})

_ORDER_SIGNS = ("gt", "gteq", "lt", "lteq")
_NUMBER_TYPES = ("integer", "number")
_TEXT_TYPES = ("text", "currency", "email")


def explain_not_printable(shape: Shape, takes: str) -> tuple[str, str] | None:
    """Return message and hint where a fact of `shape` has no words, or a filter does not take it; None where it may.

    `takes` is what the filter takes: "one" (any one fact), "list" or "duration".
    """
    if takes == "list":
        if shape.item is None:
            return "this is not a list", "the filter prints lists only"
        return explain_not_printable(shape.item, "one")
    if shape.is_list:
        return "a list is printed with a filter", "write {{ list|listed }} or {{ list|phrases }}"
    if shape.type == "yes/no":
        return "yes/no cannot be printed", "write {% if ... %} around the words"
    if shape.type == "group" and "short" not in shape.fields:
        return "a group cannot be printed", "print one of its facts: " + ", ".join(sorted(shape.fields))
    if takes == "duration" and shape.type != "duration":
        return "this is not a length of time", "the filter takes nothing else"
    return None


def explain_not_comparable(shape: Shape, sign: str, value: object) -> tuple[str, str] | None:
    """Return message and hint where a fact of `shape` can never be compared with the constant `value` by `sign`.

    `sign` is Jinja's name of an operator ("eq", "gteq", "notin").
    """
    if shape.is_list and sign in ("in", "notin"):
        return None
    if sign in _ORDER_SIGNS and shape.type not in _NUMBER_TYPES:
        return "only numbers can be compared by size", ""
    if shape.is_list or (shape.type == "group" and not shape.choices):
        kind = "list" if shape.is_list else "group"
        return f"a {kind} cannot be compared", "write {% if x %} to ask whether there is any"
    if value is None or isinstance(value, bool) or shape.type == "yes/no":
        return "yes/no and nothing are not compared", "write {% if x %} or {% if not x %}"
    if isinstance(value, str) and shape.choices:
        known = value in shape.choices
        return None if known else (f'"{value}" is not one of the choices', suggest_nearest(value, shape.choices))
    if shape.type in (_TEXT_TYPES if isinstance(value, str) else _NUMBER_TYPES):
        return None
    article = "an" if shape.type[0] in "aeiou" else "a"
    return f"{article} {shape.type} is never equal to a {'text' if isinstance(value, str) else 'number'}", ""

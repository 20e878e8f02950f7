"""What facts there are, for analysing clauses before any deal exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agreementgen.errors import nearest


@dataclass(frozen=True)
class Shape:
    """A fact's form: a leaf of some type, a group of named facts, or a list.

    `choices` are the words a leaf may hold (empty where it is free); `of` is what a list holds.
    """

    type: str
    choices: frozenset[str] = frozenset()
    fields: Mapping[str, Shape] = field(default_factory=dict)
    of: Shape | None = None

    @property
    def is_list(self) -> bool:
        return self.of is not None


def group(fields: Mapping[str, Shape]) -> Shape:
    return Shape("group", fields=fields)


def list_of(shape: Shape) -> Shape:
    return Shape("list", of=shape)


_ORDER = ("gt", "gteq", "lt", "lteq")
_NUMBERS = ("integer", "number")
_TEXTS = ("text", "currency", "email")


def why_not_printed(shape: Shape, takes: str) -> tuple[str, str] | None:
    """Return message and hint where a fact of `shape` has no words, or a filter that `takes` lists or lengths takes it.

    `takes` is "one" (any one fact), "list" or "duration".
    """
    if takes == "list":
        if shape.of is None:
            return "this is not a list", "the filter prints lists only"
        return why_not_printed(shape.of, "one")
    if shape.is_list:
        return "a list is printed with a filter", "write {{ list|listed }} or {{ list|phrases }}"
    if shape.type == "yes/no":
        return "yes/no cannot be printed", "write {% if ... %} around the words"
    if shape.type == "group" and "short" not in shape.fields:
        return "a group cannot be printed", "print one of its facts: " + ", ".join(sorted(shape.fields))
    if takes == "duration" and shape.type != "duration":
        return "this is not a length of time", "the filter takes nothing else"
    return None


def why_not_compared(shape: Shape, sign: str, value: Any) -> tuple[str, str] | None:
    """Return message and hint where a fact of `shape` can never be compared with the constant `value` by `sign`."""
    if shape.is_list and sign in ("in", "notin"):
        return None
    if sign in _ORDER and shape.type not in _NUMBERS:
        return "only numbers can be compared by size", ""
    if shape.is_list or (shape.type == "group" and not shape.choices):
        kind = "list" if shape.is_list else "group"
        return f"a {kind} cannot be compared", "write {% if x %} to ask whether there is any"
    if value is None or isinstance(value, bool) or shape.type == "yes/no":
        return "yes/no and nothing are not compared", "write {% if x %} or {% if not x %}"
    if isinstance(value, str) and shape.choices:
        known = value in shape.choices
        return None if known else (f'"{value}" is not one of the choices', nearest(value, shape.choices))
    if shape.type in (_TEXTS if isinstance(value, str) else _NUMBERS):
        return None
    article = "an" if shape.type[0] in "aeiou" else "a"
    return f"{article} {shape.type} is never equal to a {'text' if isinstance(value, str) else 'number'}", ""

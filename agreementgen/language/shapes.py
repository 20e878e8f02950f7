"""The forms of facts, and what may be done with a fact of each: printed, filtered, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

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

    @cached_property
    def digest(self) -> bytes:
        """What is the same for equal shapes alone: comparing those of two libraries part by part takes long."""
        fields = b"".join(name.encode() + shape.digest for name, shape in sorted(self.fields.items()))
        own = f"{self.type} {sorted(self.choices)} {sorted(self.fields)} ".encode()
        return sha256(own + fields + (self.item.digest if self.item else b"")).digest()

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


# The form of what is known only when a text runs, as the derived facts of the deal check: it may have any parts.
OPEN_SHAPE = Shape("open")
# What `loop` is inside a {% for %}.
LOOP_SHAPE = group_shape({"first": Shape("yes/no"), "last": Shape("yes/no"), "index": Shape("integer")})
ORDER_SIGNS = ("gt", "gteq", "lt", "lteq")
_NUMBER_TYPES = ("integer", "number")
_TEXT_TYPES = ("text", "currency", "email")


# The code, message and hint of a problem.
Fault = tuple[str, str, str]


def explain_not_printable(shape: Shape, takes: str) -> Fault | None:
    """Return why a fact of `shape` has no words, or a filter that `takes` "one", "list", "date" refuses it."""
    if takes == "list":
        if shape.item is None:
            return "wrong-shape", "this is not a list", "the filter prints lists only"
        return explain_not_printable(shape.item, "one")
    if shape.is_list:
        return "wrong-shape", "a list is printed with a filter", "write {{ list|listed }} or {{ list|phrases }}"
    if shape.type == "yes/no":
        return "wrong-shape", "yes/no cannot be printed", "write {% if ... %} around the words"
    if shape.type == "group" and "short" not in shape.fields:
        return "wrong-shape", "a group cannot be printed", "print one of its facts: " + ", ".join(sorted(shape.fields))
    if takes == "duration" and shape.type != "duration":
        return "wrong-shape", "this is not a length of time", "the filter takes nothing else"
    if takes == "date" and shape.type != "date":
        return "wrong-shape", "this is not a date", "the filter takes nothing else"
    return None


def explain_not_comparable(shape: Shape, sign: str, value: object) -> Fault | None:
    """Return why a fact of `shape` is never compared with the constant `value` by `sign` ("eq", "gteq", "notin")."""
    if shape.is_list and sign in ("in", "notin"):
        return None
    if sign in ORDER_SIGNS and shape.type not in _NUMBER_TYPES:
        return "wrong-shape", "only numbers can be compared by size", ""
    if shape.is_list or (shape.type == "group" and not shape.choices):
        kind = "list" if shape.is_list else "group"
        return "wrong-shape", f"a {kind} cannot be compared", "write {% if x %} to ask whether there is any"
    if value is None or isinstance(value, bool) or shape.type == "yes/no":
        return "wrong-shape", "yes/no and nothing are not compared", "write {% if x %} or {% if not x %}"
    if isinstance(value, str) and shape.choices:
        if value in shape.choices:
            return None
        return "not-a-choice", f'"{value}" is not one of the choices', suggest_nearest(value, shape.choices)
    if shape.type in (_TEXT_TYPES if isinstance(value, str) else _NUMBER_TYPES):
        return None
    article = "an" if shape.type[0] in "aeiou" else "a"
    kind = "text" if isinstance(value, str) else "number"
    return "wrong-shape", f"{article} {shape.type} is never equal to a {kind}", ""


def have_one_measure(first: Shape, second: Shape) -> bool:
    types = {first.type, second.type}
    return not (first.is_list or second.is_list) and (types <= set(_NUMBER_TYPES) or types == {"duration"})

"""What facts there are, for analysing clauses before any deal exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


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

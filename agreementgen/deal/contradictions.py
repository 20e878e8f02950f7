"""Answers that cannot stand together, declared in topics: an agent who is paid a discount, a gap between tiers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agreementgen.deal.deal import Answer
from agreementgen.errors import Place, Problem
from agreementgen.language.rendering import holds


@dataclass(frozen=True)
class Contradiction:
    """Where `when` holds, the fact at path `fact` is wrong: `says` why, `hint` what to do."""

    when: str
    fact: str
    says: str
    hint: str
    place: Place


def contradictions(
    rules: Iterable[Contradiction], facts: Mapping[str, Any], answers: Iterable[Answer], start: Place
) -> list[Problem]:
    """Return a problem for each rule that `facts` break, at the place where its fact was typed."""
    typed = {answer.path: answer.place for answer in answers if answer.typed}
    return [
        Problem(rule.says, rule.hint, rule.fact, typed.get(rule.fact, start))
        for rule in rules
        if holds(rule.when, facts, place=rule.place)
    ]

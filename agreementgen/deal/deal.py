"""A deal: all facts of one agreement, typed, with where each came from; and the form that asks for them.

A topic also declares what follows from facts: figures, because clauses cannot calculate (5 leads a month x 40 % x
10,000 a deal are 20,000 a month, the fact `figures.expected_a_month`), and contradictions, answers that cannot stand
together (an agent who is paid a discount, a gap between tiers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from agreementgen.core.problems import Place, Problem
from agreementgen.core.values import Money, Percent, minor_digits
from agreementgen.deal.matrix import Matrix
from agreementgen.deal.questions import Facts, Question, name_in_clauses
from agreementgen.language.conditions import read_condition
from agreementgen.yamlfile.nodes import Node


@dataclass(frozen=True)
class Answer:
    """One fact: `path` in the user's words ("parties.1.name"), its value, where it was typed.

    `typed` is False for a default nobody typed; `place` is then the question's own.
    """

    path: str
    question: Question
    value: Any
    place: Place
    typed: bool


@dataclass(frozen=True)
class Party:
    """A party by the name the agreement uses and by its legal name; `facts` is all that clauses can say of it."""

    short: str
    name: str
    facts: Facts


@dataclass(frozen=True)
class Deal:
    """`facts` holds plain dictionaries, tuples and values, keyed by the names clauses use; `matrix` who does what."""

    kind: str
    source: str
    facts: Facts
    answers: tuple[Answer, ...]
    warnings: tuple[Problem, ...]
    matrix: Matrix | None = None

    @property
    def language(self) -> str:
        return str(self.facts["language"])

    @property
    def parties(self) -> tuple[Party, ...]:
        return tuple(Party(str(facts["short"]), str(facts["name"]), facts) for facts in self.facts["parties"])


FIGURES = "figures"
# Kinds of facts that can be multiplied.
NUMBERS = ("integer", "number", "percent", "money", "percent or money")


@dataclass(frozen=True)
class Figure:
    """A product of facts. `factors` are names of facts ("leads.a_month", "each.price", "figures.x") or numbers.

    With `list_name` the products of the entries of that list are added up. `upper_limit` names an amount that the
    figure cannot exceed, where that amount is given. `label` says what the figure is.
    """

    key: str
    label: str
    factors: tuple[str, ...]
    list_name: str
    upper_limit: str
    when: str
    place: Place

    @property
    def name(self) -> str:
        return name_in_clauses(self.key)


def calculate_figures(figures: Iterable[Figure], facts: Facts) -> dict[str, Any]:
    """Return the figures by name: Money or Decimal, or None where a factor is not given."""
    found: dict[str, Any] = {}
    for figure in figures:
        known = {**facts, FIGURES: found}
        value = _calculate_figure(figure, known) if read_condition(figure.when).holds(known) else None
        most = _find_fact(figure.upper_limit, known) if figure.upper_limit else None
        if isinstance(value, Money) and isinstance(most, Money) and value.currency == most.currency:
            value = min(value, most, key=lambda amount: amount.amount)
        found[figure.name] = value
    return found


def _calculate_figure(figure: Figure, facts: Facts) -> Money | Decimal | None:
    if not figure.list_name:
        return _multiply(figure.factors, facts)
    products = [
        _multiply(figure.factors, {**facts, "each": entry}) for entry in _find_fact(figure.list_name, facts) or ()
    ]
    if not products or any(product is None for product in products):
        return None
    currencies = {product.currency for product in products if isinstance(product, Money)}
    if len(currencies) == 1 and all(isinstance(product, Money) for product in products):
        return Money(sum((p.amount for p in products if isinstance(p, Money)), Decimal(0)), currencies.pop())
    if currencies:
        return None  # amounts of two currencies have no sum
    return sum((product for product in products if isinstance(product, Decimal)), Decimal(0))


def _multiply(factors: tuple[str, ...], facts: Facts) -> Money | Decimal | None:
    number, currency = Decimal(1), ""
    for factor in factors:
        match _find_fact(factor, facts):
            case Money(amount, code) if not currency:
                number, currency = number * amount, code
            case Percent(share):
                number *= share / 100
            case bool() | None:
                return None
            case int() | Decimal() as value:
                number *= value
            case _:
                return None
    if not currency:
        return number
    cent = Decimal(1).scaleb(-minor_digits(currency))
    return Money(number.quantize(cent, ROUND_HALF_UP), currency)


def _find_fact(name: str, facts: Facts) -> Any:
    if name.replace(".", "", 1).isdigit():
        return Decimal(name)
    value: Any = facts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


@dataclass(frozen=True)
class Contradiction:
    """Where `when` holds, the fact at `fact_path` is wrong: `message` says why, `hint` what to do."""

    when: str
    fact_path: str
    message: str
    hint: str
    place: Place


def find_contradictions(
    rules: Iterable[Contradiction], facts: Facts, answers: Iterable[Answer], start: Place
) -> list[Problem]:
    """Return a problem for each rule that `facts` break, at the place where its fact was typed."""
    typed = {answer.path: answer.place for answer in answers if answer.typed}
    return [
        Problem(rule.message, rule.hint, rule.fact_path, typed.get(rule.fact_path, start), code="contradiction")
        for rule in rules
        if read_condition(rule.when).holds(facts, rule.place)
    ]


@dataclass(frozen=True)
class Form:
    """The questions of one kind of agreement, in order.

    `defaults` replaces those of the questions by path. `party_limits` are the least and largest number of parties,
    `roles` what the parties are to each other. `absent_facts` are facts of other kinds of agreement, with their value
    for "not given". `left_out_topics` are the keys of topics that the deal leaves out.
    """

    kind: str
    questions: tuple[Question, ...]
    defaults: Mapping[str, Node]
    party_limits: tuple[int, int]
    roles: tuple[str, ...] = ()
    absent_facts: Mapping[str, Any] = field(default_factory=dict)
    left_out_topics: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

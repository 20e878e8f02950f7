"""The deal's own arithmetic: products of facts, declared in topics, because clauses cannot calculate.

5 leads a month x 40 % x 10,000 a deal are 20,000 a month. A figure is a fact: `figures.expected_a_month`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from agreementgen.deal.questions import name_of
from agreementgen.deal.values import Money, Percent, minor_digits
from agreementgen.errors import Place
from agreementgen.language.rendering import holds

GROUP = "figures"
# Types of facts that can be multiplied.
NUMBERS = ("integer", "number", "percent", "money", "percent or money")


@dataclass(frozen=True)
class Figure:
    """`multiply` are factors: names of facts ("leads.a_month", "each.price", "figures.x") or numbers.

    With `each`, the name of a list, the products of its entries are added up. `most` names an amount the figure
    cannot pass, where that is given. `label` says what it is.
    """

    key: str
    label: str
    multiply: tuple[str, ...]
    each: str
    most: str
    when: str
    place: Place

    @property
    def name(self) -> str:
        return name_of(self.key)


def calculate(figures: Iterable[Figure], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures by name: Money or Decimal, or None where a factor is not given."""
    found: dict[str, Any] = {}
    for figure in figures:
        known = {**facts, GROUP: found}
        value = _figure(figure, known) if holds(figure.when, known) else None
        most = _fact(figure.most, known) if figure.most else None
        if isinstance(value, Money) and isinstance(most, Money) and value.currency == most.currency:
            value = min(value, most, key=lambda amount: amount.amount)
        found[figure.name] = value
    return found


def _figure(figure: Figure, facts: Mapping[str, Any]) -> Money | Decimal | None:
    if not figure.each:
        return _product(figure.multiply, facts)
    products = [_product(figure.multiply, {**facts, "each": entry}) for entry in _fact(figure.each, facts) or ()]
    if not products or any(product is None for product in products):
        return None
    currencies = {product.currency for product in products if isinstance(product, Money)}
    if len(currencies) == 1 and all(isinstance(product, Money) for product in products):
        return Money(sum((p.amount for p in products if isinstance(p, Money)), Decimal(0)), currencies.pop())
    if currencies:
        return None  # amounts of two currencies have no sum
    return sum((product for product in products if isinstance(product, Decimal)), Decimal(0))


def _product(factors: tuple[str, ...], facts: Mapping[str, Any]) -> Money | Decimal | None:
    number, currency = Decimal(1), ""
    for factor in factors:
        match _fact(factor, facts):
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


def _fact(name: str, facts: Mapping[str, Any]) -> Any:
    if name.replace(".", "", 1).isdigit():
        return Decimal(name)
    value: Any = facts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value

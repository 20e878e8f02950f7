"""The currencies there are: their codes, symbols and decimals, and which a country has. Babel knows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from agreementgen.core.kept import keep, stamp_of_package

# Those whose amounts may be written with "$" alone.
DOLLAR_CURRENCIES = ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "BRL")


@dataclass(frozen=True)
class Currencies:
    """All codes, and codes by the symbols we print: "CA$" is CAD, "US$" is USD. "$" depends on the deal."""

    codes: frozenset[str]
    codes_by_symbol: dict[str, str]


@cache
def known_currencies() -> Currencies:
    """Return those that Babel has."""
    return keep("currencies", stamp_of_package("babel", "locale-data/en*.dat"), _gather_currencies)


def _gather_currencies() -> Currencies:
    from babel import Locale

    found = {"zł": "PLN"}
    for language in ("en_US", "en_GB"):
        for code, symbol in Locale.parse(language).currency_symbols.items():
            if symbol != "$" and not re.search(r"[\d,]", symbol):
                found.setdefault(symbol, code)
    return Currencies(frozenset(Locale("en").currencies), found)


@cache
def currencies_of_country(country: str) -> frozenset[str]:
    """Return the codes of the currencies that a country (ISO 3166, "US") has today; none for one that is not known."""
    from babel.numbers import get_territory_currencies

    return frozenset(get_territory_currencies(country))


@cache
def minor_digits(currency: str) -> int:
    """Return how many decimals `currency` has (ISO 4217: USD 2, JPY 0)."""
    from babel.numbers import get_currency_precision

    return int(get_currency_precision(currency))

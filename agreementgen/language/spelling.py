"""How the library's own words are spelled where the governing law is not American: "licence", "wilful", "towards".

The library is written in American English. What a user typed is never touched: in a text of the library facts stand as
slots, and of facts only words of ours are spelled (choices, and usual answers that nobody typed). The words are listed,
because no rule tells "licence" (the thing) from "license" (the deed); clauses use "license" for the thing alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

# American, and as in Canada, and in the United Kingdom, Ireland, Australia and New Zealand.
_BOTH = {
    "license": "licence",
    "licenses": "licences",
    "defense": "defence",
    "defenses": "defences",
    "offense": "offence",
    "offenses": "offences",
    "willful": "wilful",
    "willfully": "wilfully",
    "skillful": "skilful",
    "favor": "favour",
    "favors": "favours",
    "favored": "favoured",
    "favorable": "favourable",
    "labor": "labour",
    "honor": "honour",
    "honors": "honours",
    "honored": "honoured",
    "behavior": "behaviour",
    "color": "colour",
    "colors": "colours",
    "neighbor": "neighbour",
    "center": "centre",
    "centers": "centres",
    "canceled": "cancelled",
    "canceling": "cancelling",
    "labeled": "labelled",
    "catalog": "catalogue",
    "catalogs": "catalogues",
    "installment": "instalment",
    "installments": "instalments",
}
_BRITISH_ONLY = {
    "program": "programme",
    "programs": "programmes",
    "toward": "towards",
    "fulfill": "fulfil",
    "fulfills": "fulfils",
    "organization": "organisation",
    "organizations": "organisations",
    "authorize": "authorise",
    "authorizes": "authorises",
    "authorized": "authorised",
    "recognize": "recognise",
    "recognizes": "recognises",
    "recognized": "recognised",
    "minimize": "minimise",
    "itemized": "itemised",
    "customized": "customised",
    "analyze": "analyse",
}
_BRITISH = {**_BOTH, **_BRITISH_ONLY}
_BY_COUNTRY: Mapping[str, Mapping[str, str]] = {
    "GB": _BRITISH,
    "IE": _BRITISH,
    "AU": _BRITISH,
    "NZ": _BRITISH,
    "CA": _BOTH,
}


def is_respelled(country: str) -> bool:
    """Return whether the law of a country (its ISO 3166 code) asks for another spelling than the library's."""
    return country in _BY_COUNTRY


def spell(text: str, country: str) -> str:
    """Return a text of the library as it is spelled where the law of `country` (its ISO 3166 code) governs."""
    words = _BY_COUNTRY.get(country)
    if not words:
        return text

    def replace(match: re.Match[str]) -> str:
        word = match[0]
        found = words[word.lower()]
        return found if word.islower() else found.upper() if word.isupper() else found.capitalize()

    return _pattern_of(country).sub(replace, text)


@cache
def _pattern_of(country: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_BY_COUNTRY[country])})\b", re.IGNORECASE)

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
_BY_LAW: Mapping[str, Mapping[str, str]] = {
    "GB": _BRITISH,
    "IE": _BRITISH,
    "AU": _BRITISH,
    "NZ": _BRITISH,
    "CA": _BOTH,
    # Words of the Civil Code of Quebec (articles 1474 and 1613) for those of the common law.
    "CA-QC": {**_BOTH, "gross negligence": "gross fault", "willful harm": "intentional fault"},
}


def is_respelled(law: str) -> bool:
    """Return whether a law (its region's ISO 3166 code) asks for other words than the library's."""
    return bool(_words_of(law))


def spell(text: str, law: str) -> str:
    """Return a text of the library in the words that belong where `law` (its region's ISO 3166 code) governs."""
    words = _words_of(law)
    if not words:
        return text

    def replace(match: re.Match[str]) -> str:
        word = match[0]
        found = words[word.lower()]
        return found if word.islower() else found.upper() if word.isupper() else found.capitalize()

    return _pattern_of(law).sub(replace, text)


def _words_of(law: str) -> Mapping[str, str]:
    """Return the words of a region, or else those of its country."""
    return _BY_LAW.get(law) or _BY_LAW.get(law.partition("-")[0], {})


@cache
def _pattern_of(law: str) -> re.Pattern[str]:
    # The longest first: "willful harm" before "willful".
    words = sorted(_words_of(law), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)

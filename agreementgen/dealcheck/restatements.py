"""Special terms that say a figure again which stands elsewhere, and say it differently: which of the two is meant?

Only flat statements count ("The referral fee is 12%."). A sentence that names a case ("for clients won before May",
"instead of", "during the first year") changes the rule for it on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agreementgen.core.values import Duration, Money, Percent
from agreementgen.deal.deal import find_fact
from agreementgen.dealcheck.measures import DAYS_IN, days_of, is_same_length
from agreementgen.dealcheck.patterns import WordPattern

_A_CASE = WordPattern(
    r"\b(?:for (?!each|every|all|a |\d)|except|unless|instead|rather|in place of|until|first|second|third|renewals?|"
    r"only|where|if|when|after|before|since|from \d|once|while|above|below|up to|extra|more|less|another)\b",
    re.IGNORECASE,
)
# "Gives members a 10% discount": what a party gives to its own customers is not the price between the parties.
_TO_BUYERS = WordPattern(r"\b(?:customers|clients|guests|members|subscribers|students|visitors)\b", re.IGNORECASE)
_LINK = (
    r"(?:,? (?:is|are|will be|shall be|amounts? to|lasts?|runs?|of|:|for|within|in)){1,3} (?:at most |no more than )?"
)
_PERCENT_SIZE = r"(?P<percent>\d{1,3}(?:\.\d+)?) ?(?:%|percent\b)"
_LENGTH_SIZE = r"(?P<count>\d{1,3})[ -](?P<unit>day|week|month|year)s?\b"
_MONEY_SIZE = r"(?:US)?[$€£] ?(?P<money>\d[\d,]*(?:\.\d+)?)"

# "May end this agreement on 60 days' notice".
_ENDING = r"\b(?:end|terminate|leave)\b.{0,60}?"
_NOTICE = r"(?:prior |written )*notice"

# The words for a fact, the fact, and how its size is written.
_NOUNS = (
    (r"(?:^|the |a |each |referral )fees?", "financial.fee", _PERCENT_SIZE),
    (r"(?:^|the |a |each |referral )fees?", "financial.fee", _MONEY_SIZE),
    (r"discount", "prices.discount", _PERCENT_SIZE),
    (r"commission", "prices.commission", _PERCENT_SIZE),
    (r"late (?:charge|fee)", "financial.late_charge", _PERCENT_SIZE),
    (r"(?:cap|maximum) per client", "financial.cap_per_client", _MONEY_SIZE),
    (r"annual cap|yearly cap", "financial.annual_cap", _MONEY_SIZE),
    (r"(?:liability cap|cap on liability|limit of liability|liability limit)", "liability.amount", _MONEY_SIZE),
    (r"(?:notice of termination|termination notice|notice to end(?: it| this agreement)?)", "termination.notice",
     _LENGTH_SIZE),
    (r"(?:term|agreement)", "duration.term", _LENGTH_SIZE),
    (r"pilot", "duration.pilot.length", _LENGTH_SIZE),
    (r"tail", "exit.tail", _LENGTH_SIZE),
    (r"cure period", "termination.cure", _LENGTH_SIZE),
    (r"(?:payment|(?:fee|invoice|statement)s?) (?:is|are) (?:due|paid|payable)", "financial.due", _LENGTH_SIZE),
)  # fmt: skip


def _read_patterns() -> tuple[tuple[WordPattern, str], ...]:
    """Return the patterns of "the fee is 12%" and "a 12% fee", each with its fact."""
    found = []
    for noun, fact, size in _NOUNS:
        found.append((WordPattern(rf"\b(?:{noun}){_LINK}{size}", re.IGNORECASE), fact))
        if "due" not in noun:
            found.append((WordPattern(rf"{size} (?:{noun.replace('^|the |a |each |', '|')})\b", re.IGNORECASE), fact))
    found.append(
        (
            WordPattern(rf"^(?!.*pilot).*{_ENDING}{_LENGTH_SIZE}['\u2019]? {_NOTICE}", re.IGNORECASE),
            "termination.notice",
        )
    )
    return tuple(found)


_PATTERNS = _read_patterns()


def find_restatement(sentences: tuple[str, ...], facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the fact that a special term says otherwise, and how: `path`, `value` and `said`; None for none."""
    for sentence in sentences:
        if _A_CASE.search(sentence):
            continue
        for pattern, fact in _PATTERNS:
            if fact == "prices.discount" and _TO_BUYERS.search(sentence):
                continue
            value = find_fact(fact, facts)
            match = pattern.search(sentence) if value is not None else None
            if match and _differs(match.groupdict(), value):
                return {"path": fact.replace("_", " "), "value": value, "said": match.group().strip()}
    return None


def _differs(said: Mapping[str, str | None], value: object) -> bool:
    if said.get("percent"):
        return not isinstance(value, Percent) or Decimal(str(said["percent"])) != value.number
    if said.get("money"):
        return not isinstance(value, Money) or Decimal(str(said["money"]).replace(",", "")) != value.amount
    days = days_of(value) if isinstance(value, Duration) else None
    if days is None:
        return False
    length = Decimal(str(said["count"])) * DAYS_IN[str(said["unit"]).casefold()]
    return not is_same_length(length, days)

"""What rules know of every text that was typed: open places, marks of signing services, other rates and times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from agreementgen.core.values import Percent
from agreementgen.deal.deal import Deal, find_fact
from agreementgen.dealcheck.measures import DAYS_IN, days_of

_BRACKETS = re.compile(r"\[[^\]]{2,}\]|<[^>]{2,}>|_{3,}|\?{3,}|lorem ipsum", re.IGNORECASE)
_OPEN_WORDS = re.compile(r"\b(?:TODO|TBD|TBC|XXX+)\b")
_OPEN_ANSWERS = {"todo", "tbd", "tbc", "xxx", "n/a", "na", "none", "-", "same", "insert", "company name", "your name"}
_SIGNING_MARKS = re.compile(r"\{\{|\}\}|\[\[|\{%|\\s\d+\\|/sn\d+/|Sig_es_|\[signature:", re.IGNORECASE)
_NUMBER_ONLY = re.compile(r"[\W\d_]*\d[\W\d_]*|(?:[A-Z]{3}|[$€£])\s?[\d.,]+|\d{4}-\d\d-\d\d")
_PROFIT = re.compile(r"\b(?:profits?|net income|earnings)\b", re.IGNORECASE)
_EXCLUSIVE = re.compile(
    r"\b(?:exclusive|exclusively|sole|solely|non-?compete)\b|\bonly (?:to|with|from)\b", re.IGNORECASE
)
_LENGTH = re.compile(r"\b(\d{1,3})[ -](days?|weeks?|months?|years?)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\b(\d{1,3}(?:\.\d+)?) ?%")
_PAY_WORDS = re.compile(r"\b(?:pays?|paid|payment|fees?|invoices?|statements?|commission|share)\b", re.IGNORECASE)
_RATE_WORDS = re.compile(r"\b(?:fees?|share|commission|discount)\b", re.IGNORECASE)
_NAMES = ("name", "short", "address", "venue", "email", "contact", "signatory.name", "trade name")
_NO_DIGITS = ("name", "short", "contact", "signatory.name", "venue")
_TIMES = ("financial.due", "financial.statement", "financial.window", "financial.clawback")


def each_text(deal: Deal) -> Iterator[dict[str, Any]]:
    lengths = {days_of(find_fact(name, deal.facts)) for name in _TIMES}
    rates = set(_each_rate(deal.facts))
    for answer in deal.answers:
        if not answer.typed or answer.question.type.names_party:
            continue
        for path, text in _texts_of(answer.path, answer.value):
            key = re.sub(r"^parties\.\d+\.", "", path)
            plain = text.strip().casefold()
            is_duty = path.startswith(("responsibilities", "resources", "special terms"))
            pay = is_duty and bool(_PAY_WORDS.search(text))
            named = [Decimal(n) * DAYS_IN[u.lower().rstrip("s")] for n, u in _LENGTH.findall(text)]
            shares = [Decimal(number) for number in _PERCENT.findall(text)]
            yield {
                "path": path,
                "text": text,
                "is_name": key in _NAMES,
                "has_placeholder": bool(_BRACKETS.search(text)),
                "is_open": plain in _OPEN_ANSWERS or bool(_OPEN_WORDS.search(text)),
                "must_be_closed": key in _NAMES or path == "exclusivity.scope" or path.endswith(".target"),
                "is_number": key in _NO_DIGITS and bool(_NUMBER_ONLY.fullmatch(text.strip())),
                "has_signing_mark": bool(_SIGNING_MARKS.search(text)),
                "is_duty": is_duty,
                "says_profit": (is_duty or path == "financial.shared revenue") and bool(_PROFIT.search(text)),
                "says_exclusive": is_duty and bool(_EXCLUSIVE.search(text)),
                "says_other_time": pay and bool(named) and not any(length in lengths for length in named),
                "says_other_rate": is_duty
                and bool(_RATE_WORDS.search(text))
                and bool(shares)
                and bool(rates)
                and not any(share in rates for share in shares),
            }


def _texts_of(path: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, tuple):
        for item in value:
            if isinstance(item, str):
                yield path, item
            elif isinstance(item, Mapping) and isinstance(item.get("said"), tuple):
                yield from ((path, text) for text in item["said"] if isinstance(text, str))


def _each_rate(facts: Mapping[str, Any]) -> Iterator[Decimal]:
    fee = find_fact("financial.fee", facts)
    if isinstance(fee, Percent):
        yield fee.number
    groups = [*(find_fact("financial.tiers", facts) or ()), *(find_fact("financial.revenue_shares", facts) or ())]
    prices = facts.get("prices")
    for group in (*groups, *((prices,) if isinstance(prices, Mapping) else ())):
        for value in group.values() if isinstance(group, Mapping) else ():
            if isinstance(value, Percent):
                yield value.number

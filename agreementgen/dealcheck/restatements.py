"""Special terms that say again what stands elsewhere, and say it differently: which of the two is meant?

Figures, the governing law, the courts, whether it renews, whether there is a notice. Only flat statements count
("The referral fee is 12%."). A sentence that names a case ("for clients won before May", "instead of", "during the
first year") changes the rule for it on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from agreementgen.core.places import code_of_place
from agreementgen.core.values import Duration, Money, Percent
from agreementgen.deal.deal import find_fact
from agreementgen.deal.questions import Facts, FactsView
from agreementgen.dealcheck.measured_facts import DAYS_IN, days_of, is_same_length
from agreementgen.dealcheck.patterns import WordPattern

_A_CASE = WordPattern(
    r"\b(?:for (?!each|every|all|a |\d)|except|unless|instead|rather|in place of|until|first|second|third|renewals?|"
    r"only|where|if|when|after|before|since|from \d|once|while|above|below|up to|extra|more|less|another)\b",
    re.IGNORECASE,
)
# No case, but when a time begins to run.
_AFTER_THE_END = WordPattern(
    r"\bafter (?:the|its|this) (?:end(?: of (?:the|this) agreement)?|agreement(?: ends)?|termination)\b", re.IGNORECASE
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

# Sentences in which a fact stands far from its size, as in "neither party hires the other's staff for 5 years".
_SENTENCES = (
    (rf"^(?!.*pilot).*{_ENDING}{_LENGTH_SIZE}['\u2019]? {_NOTICE}", "termination.notice"),
    (rf"\b(?:confidential(?:ity)?|secret)\b.{{0,40}}?\b(?:for|lasts|ends) {_LENGTH_SIZE}", "confidentiality.length"),
    (
        r"\b(?:hires?|recruits?|solicits?|employs?)\b.{0,40}?\b(?:staff|employees|people|team)\b.{0,40}? for "
        rf"{_LENGTH_SIZE}",
        "restrictions.staff.length",
    ),
    (
        r"\bliab(?:le|ility)\b.{0,40}?\b(?:limited to|capped at|at most|no more than|not (?:exceed|more than)) "
        rf"{_MONEY_SIZE}",
        "liability.amount",
    ),
    (
        r"\bliab(?:le|ility)\b.{0,40}?\b(?:limited to|capped at|at most|no more than|not (?:exceed|more than)) "
        rf"{_MONEY_SIZE}",
        "liability.floor",
    ),
)

# -- what is no figure

_PLACE = r"(?:the )?(?:(?:state|commonwealth|province) of )?(?P<place>[A-Z][\w.]*(?:,? (?:of )?[A-Z][\w.]*){0,4})"
_LAWS = (
    WordPattern(rf"\b(?:[Gg]overned|[Cc]onstrued|[Jj]udged) (?:by|under) (?:the )?laws? of {_PLACE}"),
    WordPattern(rf"\b[Ll]aws? of {_PLACE} (?:governs?|appl(?:y|ies))\b"),
)
_COURTS = WordPattern(rf"\b[Cc]ourts? (?:of|in|at) {_PLACE}")
_RENEWS = WordPattern(
    r"\b(?:renews?|renewed|extends?|continues?) (?:itself )?(?:automatically|by itself)\b|"
    r"\bautomatic(?:ally)? renew",
    re.IGNORECASE,
)
_ENDS_AT_ONCE = WordPattern(rf"{_ENDING}\bwithout (?:any |prior |written )*notice\b", re.IGNORECASE)

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
    found += [(WordPattern(sentence, re.IGNORECASE), fact) for sentence, fact in _SENTENCES]
    return tuple(found)


_PATTERNS = _read_patterns()


def find_restatement(sentences: tuple[str, ...], facts: FactsView) -> Facts | None:
    """Return the fact that a special term says otherwise, and how: `path`, `value` and `said`; None for none."""
    for sentence in sentences:
        if elsewhere := _find_other_place(sentence, facts):
            return elsewhere
        if _A_CASE.search(_AFTER_THE_END.sub("", sentence)):
            continue
        if choice := _find_other_choice(sentence, facts):
            return choice
        for pattern, fact in _PATTERNS:
            if fact == "prices.discount" and _TO_BUYERS.search(sentence):
                continue
            value = find_fact(fact, facts)
            match = pattern.search(sentence) if value is not None else None
            if match and _differs(match.groupdict(), value):
                return {"path": fact.replace("_", " "), "value": value, "said": match.group().strip()}
    return None


def _find_other_place(sentence: str, facts: FactsView) -> Facts | None:
    """Return the law or the courts of a sentence where the deal has those of another place."""
    law, venue = facts.get("law"), str(facts.get("venue") or "")
    for pattern in _LAWS:
        match = pattern.search(sentence)
        if match and law is not None and code_of_place(match["place"]) not in ("", law.code):
            return {"path": "law", "value": law, "said": match.group()}
    match = _COURTS.search(sentence)
    if match and venue:
        said, agreed = code_of_place(match["place"]), code_of_place(venue)
        if said and agreed and said != agreed:
            return {"path": "venue", "value": venue, "said": match.group()}
    return None


def _find_other_choice(sentence: str, facts: FactsView) -> Facts | None:
    """Return what a sentence says of renewing and of notice where the deal has it otherwise."""
    renewal, notice = find_fact("duration.renewal", facts), find_fact("termination.notice", facts)
    if renewal not in (None, "automatic") and (match := _RENEWS.search(sentence)):
        return {"path": "duration.renewal", "value": renewal, "said": match.group()}
    if notice is not None and (match := _ENDS_AT_ONCE.search(sentence)):
        return {"path": "termination.notice", "value": notice, "said": match.group()}
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

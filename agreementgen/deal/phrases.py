"""What people write in place of a choice, where it says more than one answer: "within 7 days of the client's payment".

A topic says such words beside its question; docs/clauses.md explains how. They are matched word by word, with no more
than a step for each pair of words, because the words of packs and of deal files are written by strangers.

So is a sum in parts: "half on signing, the rest on delivery" (`read_parts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from agreementgen.core.readings import number_in_words

# The longest length of time that stands in the place of a <name>, and the longest text that is looked at, in words.
_MOST_WORDS_OF_SLOT = 3
_MOST_WORDS = 24


@dataclass(frozen=True)
class Phrase:
    """Words that mean an answer. `beside` are answers to questions of the same group that they give, too.

    In `like`, "a|b" is one of two words, "[a|b]" may be left out, and "<due>" stands for a number and what it counts
    ("7 days"), which `beside` takes up.
    """

    like: str
    means: str
    beside: Mapping[str, str] = field(default_factory=dict)

    def match(self, text: str) -> Mapping[str, str] | None:
        """Return the answers beside, None where `text` is something else."""
        typed = tuple(text.split())
        if not 0 < len(typed) <= _MOST_WORDS:
            return None
        slots = _match(_parts_of(self.like), tuple(_plain(word) for word in typed), typed)
        if slots is None:
            return None
        return {key: slots.get(answer.strip("<>"), answer) for key, answer in self.beside.items()}


def _plain(word: str) -> str:
    """Return a word without capitals, punctuation and the sign of the possessive."""
    return word.casefold().replace("’", "'").strip(".,;:()").removesuffix("'s").removesuffix("'")


@cache
def _parts_of(like: str) -> tuple[tuple[frozenset[str], bool, str], ...]:
    """Return for each part of a pattern its words, whether it may be left out, and the name of its slot."""
    parts = []
    for part in like.split():
        slot = part.strip("<>") if part.startswith("<") else ""
        words = frozenset() if slot else frozenset(part.strip("[]").casefold().split("|"))
        parts.append((words, part.startswith("["), slot.replace("_", " ")))
    return tuple(parts)


def _begins_with_number(words: tuple[str, ...]) -> bool:
    return bool(words) and (words[0].isdecimal() or number_in_words(words[0]) is not None)


def _match(
    parts: tuple[tuple[frozenset[str], bool, str], ...], plain: tuple[str, ...], typed: tuple[str, ...]
) -> dict[str, str] | None:
    """Return the words of each slot where the whole text matches, else None."""
    # From the number of words read to the slots read on the way. Of two ways the one with the shorter slot is kept.
    ways: dict[int, dict[str, str]] = {0: {}}
    for words, is_optional, slot in parts:
        following: dict[int, dict[str, str]] = {}
        for at, slots in sorted(ways.items(), reverse=True):
            if is_optional:
                following.setdefault(at, slots)
            if slot:
                if not _begins_with_number(plain[at:]):
                    continue
                for end in range(at + 1, min(at + _MOST_WORDS_OF_SLOT, len(typed)) + 1):
                    following.setdefault(end, {**slots, slot: " ".join(typed[at:end])})
            elif at < len(plain) and plain[at] in words:
                following.setdefault(at + 1, slots)
        ways = following
    return ways.get(len(typed))


# -- a sum in parts: "half on signing, the rest on delivery"

_HALF = r"(?:(?:one|a|another|the (?:first|second|other|remaining)) )?half"
_REST = r"(?:the )?(?:rest|remainder|balance)"
_PERCENT = r"[0-9]{1,2}(?:\.[0-9]{1,2})? ?(?:%|percent)"
_MONEY = r"[$€£] ?[0-9][0-9,.]{0,12}|[0-9][0-9,.]{0,12} ?(?-i:[A-Z]{3})"
_AMOUNT = rf"(?:{_HALF}|{_REST}|{_PERCENT}|{_MONEY})"
_FILLING = "(?: (?:is|due|paid|payable|down|of it))*"
_EVENT = r"(?:(?:on|upon|at|when|once|after|before|by|with|within|as soon as) |up ?front\b|in advance\b)"
_PART = re.compile(rf"({_AMOUNT}){_FILLING} ({_EVENT}.*)", re.IGNORECASE)
_BETWEEN_PARTS = re.compile(rf"(?:[,;]| and| then)(?: and| then)* (?={_AMOUNT}{_FILLING} {_EVENT})", re.IGNORECASE)


def read_parts(text: str) -> tuple[tuple[str, str], ...]:
    """Return how much is due, and at which event, for each part that `text` names; () where it names fewer than two.

    "Half at signing and the rest at delivery" is 50% "at signing" and 50% "at delivery". A rest can be told only of
    percentages.
    """
    if not 0 < len(text.split()) <= _MOST_WORDS * 2:
        return ()
    found = [_PART.fullmatch(part) for part in _BETWEEN_PARTS.split(" ".join(text.split()).strip(" ."))]
    parts = [(_plain_amount(match[1]), match[2]) for match in found if match]
    shares = [Decimal(amount.rstrip("%")) for amount, _ in parts if amount.endswith("%")]
    rests = [amount for amount, _ in parts if not amount]
    left = 100 - sum(shares)
    if len(parts) < max(2, len(found)):
        return ()
    if rests and (len(rests) > 1 or len(shares) < len(parts) - 1 or not 0 < left < 100):
        return ()
    return tuple((amount or f"{left}%", event) for amount, event in parts)


def _plain_amount(words: str) -> str:
    """Return "50%" for a half, "" for the rest, and else what is typed."""
    folded = words.casefold()
    if folded.endswith("half"):
        return "50%"
    if re.fullmatch(_REST, folded):
        return ""
    return re.sub(r" ?(?:%|percent)$", "%", folded) if re.fullmatch(_PERCENT, folded) else words

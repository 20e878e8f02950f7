"""The short wording of a topic says the same as its full one: what differs is words, not rights.

Both wordings are filled in for the same deals. Rows, facts and numbers of the full wording, and each of its words that
carries a meaning (verbs of duty among them), must stand in the short one; or `SAID_OTHERWISE` names the words of the short
one that say the same. So a right added to a full wording is missed in the short one, whoever adds it.

`python tests/test_short_wordings.py` prints both wordings of each topic side by side, with what was compared.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest
from drafts import LIBRARY, list_drafts, rows_named, text_of

# For each short wording: words of the full one, and what the short one says in their place.
SAID_OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "after-the-end-short": {"Handover": "what is listed", "row handover": "what is listed"},
    "agent-prices-short": {"applies made offers after": "use a new list once"},
    "alliance-short": {
        "state no arises claim": "not owed",
        "will meet agree": "will talk about",
        "take part": "the hours under|whole agreement binds",
        "named people": "the sponsors|the hours under",
        "alliance announced approved only words": "announcements need|needs each party’s consent",
    },
    "appointment-short": {
        "not let without only its it": "nobody else may sell|needs good reason|promise no more|on .* written terms only",
        "about": "promise no more than",
    },
    "campaigns-short": {
        "approves before": "without the consent",
        "answers not silence": "without the consent of each party named in it, given or refused",
    },
    "captured-leads-short": {"collected passed": "are handled", "drops tells": "are dropped", "fill": "contact people"},
    "commitment-short": {
        "likely lot": "large change",
        "no claim shortfall only": "and no more",
        "end": "cut short",
    },
    "cost-sharing-short": {"before money spent": "prior written consent"},
    "crisis-short": {
        "happens listed": "learns of an event under",
        "neither without speak about event": "public statements need",
    },
    "data-short": {"tell": "report"},
    "disputes-short": {"awards": "may enforce"},
    "exclusivity-short": {"earlier latest": "ends with this agreement"},
    "general-short": {"writing": "need (both|all) signatures"},
    "invoices-short": {
        "prices sales similar owes top": "plus taxes due",
        "Northshore": "will pay invoices, sent",
        "Bay Rank": "will pay invoices, sent",
    },
    "liability-short": {"will": "each carries", "applies counts": "has that limit"},
    "minimum-short": {
        "Northshore fails": "or refused without good reason or not filled",
        "end": "year cut short",
        "given": "give",
        "new": "customer’s first order",
        "says": "what follows",
    },
    "mutual-short": {"people share": "tell only those who"},
    "no-fee-short": {"owes part": "no payment is owed"},
    "non-compete-short": {
        "activity carry": "do, outside this agreement, what is stated there",
        "area": "what is stated there",
        "applies court finds wide": "as far as the law allows",
    },
    "one-way-short": {"people share": "tell only those who"},
    "orders-short": {"beyond": "more needs its consent", "printed": "on forms"},
    "quality-short": {"not": "reject others", "show could": "hidden defects", "bear": "at its cost"},
    "resale-prices-short": {"placed": "orders after", "force": "of the day it orders"},
    "responsibilities-short": {"not promises": "values are estimates"},
    "scope-short": {"purpose territory customers serving will work together": "the Key terms", "included not": "beyond them"},
    "service-short": {
        "expects soon": "warn early",
        "brings less ordered states": "below the quantity stated",
        "gets": "give .* fair share",
        "time": "under",
    },
    "special-short": {"written": "the parties’ own terms"},
    "stock-short": {"will": "for .* after the end, .* serves", "go": "serves", "still only choose": "apply|within 10 days", "time": "meanwhile"},
    "succession-short": {"leaves": "loss of a key person", "put": "use any", "tell": "report"},
    "supply-prices-short": {
        "applies": "this applies|rises apply",
        "percentage": "prices follow",
        "placed sent": "orders from",
        "will": "sends proof",
    },
    "support-short": {
        "gives": "helps customers",
        "first first-level level support answer": "helps customers|answering within",
    },
    "termination-short": {
        "remaining": "the rest",
    },
    "tiers-short": {"effect takes notice": "30 days later it moves", "gives": "a percentage in it", "usual not": "replaces that under .*, except on renewals"},
}  # fmt: skip

# What a short wording still leaves out, with the right that is lost: to be mended in the wording, and then deleted here.
LOST: Mapping[str, Mapping[str, str]] = {
    "appointment-short": {"find customers": "an agent may look for customers, not only pass orders on"},
    "invoices-short": {"exemption shows unless": "no tax is owed against proof of an exemption"},
    "recall-short": {
        "can delivery source traced": "what the records must show",
    },
    "resale-prices-short": {"Northshore": "to whom resale certificates go"},
    "scope-short": {
        "row included": "named as a part of the Key terms only",
        "row purpose": "named as a part of the Key terms only",
        "row territory": "named as a part of the Key terms only",
        "row customers": "named as a part of the Key terms only",
        "row excluded": "not named",
    },
}

# Words that carry no right of their own: grammar, and how wordings point to something.
_EMPTY = """
    a an the this that these those it its they their them he she of to for from by in on at with within into under
    over up as and or nor but if then so than when where while which who whom whose what whatever how each every any all
    some such same own one ones two both either other others another is are was were be been being has have had do does
    did done there here also too very more most much many party parties agreement stated
"""
_EMPTY_WORDS = frozenset(_EMPTY.split())
_ENDINGS = (
    *("ations", "ation", "ments", "ment", "ingly", "ings", "ing", "ions", "ion", "ies", "ied", "ers", "er", "ed", "es"),
    *("ly", "als", "al", "s", "e", "y"),
)
_DUTY = re.compile(r"[^.;]*\b(?:will not|will|may not|may|must|need not|needs?|cannot|owes?|bears?)\b[^.;]*[.;]")


@dataclass(frozen=True)
class Pair:
    """Both wordings of one topic in one deal, and the rows that each names."""

    told: str
    full: str
    short: str
    full_rows: frozenset[str]
    short_rows: frozenset[str]


@cache
def list_pairs() -> Mapping[str, tuple[Pair, ...]]:
    """Return, by the id of a short wording, it beside the full one in each deal in which they read differently."""
    found: dict[str, dict[tuple[str, str], Pair]] = defaultdict(dict)
    for draft in list_drafts():
        short = {clause.topic: clause for clause in draft.short.clauses}
        for clause in draft.full.clauses:
            other = short.get(clause.topic)
            if other and other.id != clause.id:
                full_rows, short_rows = rows_named(draft.full, clause), rows_named(draft.short, other)
                pair = Pair(str(draft.told), text_of(clause), text_of(other), full_rows, short_rows)
                found[other.id].setdefault((pair.full, pair.short), pair)
    return {short_id: tuple(pairs.values()) for short_id, pairs in found.items()}


def stem(word: str) -> str:
    word = word.casefold().replace("’s", "").replace("’", "")
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) >= 3), "")
    return word.removesuffix(ending)


def each_meaning(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words of a text that carry a meaning, numbers among them, each with its stem."""
    for word in re.findall(r"[A-Za-z0-9$%&.,’-]*[A-Za-z0-9%]", text):
        if word.casefold().replace("’s", "") not in _EMPTY_WORDS:
            yield stem(word), word


def words_lacking(pair: Pair) -> dict[str, str]:
    """Return the words of the full wording that the short one does not have, by stem."""
    there = {found for found, _ in each_meaning(pair.short)}
    return {found: word for found, word in each_meaning(pair.full) if found not in there}


def is_excused(short_id: str, found: str, pair: Pair) -> bool:
    """Return whether SAID_OTHERWISE or LOST has a line for a stem that a short wording lacks."""
    otherwise = (
        found in map(stem, words.split()) and re.search(instead, pair.short, re.IGNORECASE)
        for words, instead in SAID_OTHERWISE.get(short_id, {}).items()
    )
    return any(otherwise) or any(found in map(stem, words.split()) for words in LOST.get(short_id, {}))


SHORT = sorted(clause.id for clause in LIBRARY.each_clause() if clause.position == "short")


@pytest.mark.parametrize("short_id", SHORT)
def test_a_short_wording_says_what_the_full_one_says(short_id: str) -> None:
    pairs = list_pairs().get(short_id, ())
    assert pairs, "no deal that was tried has this wording beside the full one"
    missed: dict[str, Pair] = {}
    for pair in pairs:
        for found, word in words_lacking(pair).items():
            if not is_excused(short_id, found, pair):
                missed.setdefault(word, pair)
    said = "".join(f"\n  {word}: {pair.told}\n    {pair.full}\n    {pair.short}" for word, pair in missed.items())
    assert not missed, f"words of the full wording that the short one neither has nor says otherwise:{said}"


@pytest.mark.parametrize("short_id", SHORT)
def test_a_short_wording_names_the_rows_that_the_full_one_names(short_id: str) -> None:
    missed = {row: pair for pair in list_pairs().get(short_id, ()) for row in pair.full_rows - pair.short_rows}
    known = {*SAID_OTHERWISE.get(short_id, ()), *LOST.get(short_id, ())}
    assert not [row for row in missed if f"row {row}" not in known], missed


@pytest.mark.parametrize("excuses", [SAID_OTHERWISE, LOST], ids=["said otherwise", "lost"])
def test_no_excuse_is_out_of_date(excuses: Mapping[str, Mapping[str, str]]) -> None:
    needed: dict[str, set[str]] = defaultdict(set)
    for short_id, pairs in list_pairs().items():
        for pair in pairs:
            needed[short_id] |= {f"row {row}" for row in pair.full_rows - pair.short_rows} | set(words_lacking(pair))
    assert not [
        (short_id, words)
        for short_id, given in excuses.items()
        for words in given
        if not {words, *map(stem, words.split())} & needed[short_id]
    ], "mended, or said in other words: delete these lines"


def print_side_by_side() -> None:
    """Print, topic by topic, the deal in which both wordings say most."""
    for short_id in SHORT:
        pairs = list_pairs().get(short_id, ())
        pair = max(pairs, key=lambda pair: len(pair.full))
        print(f"## {short_id}: {pair.told}\n")
        for name, text, rows in (("full", pair.full, pair.full_rows), ("short", pair.short, pair.short_rows)):
            numbers = re.findall(r"\$?\d[\d,.]*%?", text)
            print(
                f"{name}: {text}\n  rows: {', '.join(sorted(rows)) or 'none'}; numbers: {', '.join(numbers) or 'none'}"
            )
            print(*(f"  - {duty.strip()}" for duty in _DUTY.findall(text)), sep="\n")
        for words, instead in SAID_OTHERWISE.get(short_id, {}).items():
            print(f"  {words} = {instead}")
        for words, right in LOST.get(short_id, {}).items():
            print(f"  LOST: {words} ({right})")
        print()


if __name__ == "__main__":
    print_side_by_side()

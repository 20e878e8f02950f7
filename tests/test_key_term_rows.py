"""Every row of the key terms has an effect: a clause of the agreement names it, or its own text is a whole rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest
from drafts import LIBRARY, list_drafts, rows_named, text_of

from agreementgen.core.document import Document, TermRow, text_of_runs
from agreementgen.pipeline import BuiltAgreement

ROWS = {row.id: row for topic in LIBRARY.topics.values() for row in topic.terms}

# Rows that clauses name in other words than their labels, which are names of parties or stand for a whole table.
NAMED_IN_WORDS: Mapping[str, str] = {
    "crisis_people": "the person named to act",
    "duties": "what the Key terms list for it|its listed duties",
    "exchange": "Values are estimates",
    "handover": "hand over what is listed",
    "key_people": "key person",
    "manager": "The parties run daily business together",
    "resources": "resources listed|listed resources",
    "sponsors": "[Ss]ponsors",
    "tiers": "under Schedule [A-Z]",
}

# Rows that have no effect yet in the full or the short wording of some agreements, and why: to be mended, and then
# deleted here.
WITHOUT_EFFECT: Mapping[str, Mapping[str, str]] = {
    "full": {
        "commitment": "the clause says what is bought, but not that this row says it",
        "reviews": "without goals and the topic that speaks of them, no clause has the parties hold them",
    },
    "short": {
        "commitment": "as in the full wording",
        "customers": "named as a part of the Key terms only",
        "excluded": "meant by what is beyond the Key terms",
        "included": "named as a part of the Key terms only",
        "purpose": "named as a part of the Key terms only",
        "reviews": "as in the full wording",
        "territory": "named as a part of the Key terms only",
    },
}
# A rule says what somebody will do or may do, or how something is.
_RULE = re.compile(r"\b(will|may|must|need|is|are|not|none)\b", re.IGNORECASE)


def rows_with_effect(document: Document) -> set[str]:
    """Return the rows that clauses name, those that such rows name in turn, and those that say a rule, or "None"."""
    found = {row for clause in document.clauses for row in rows_named(document, clause)}
    text = " ".join(map(text_of, document.clauses))
    found |= {row for row, words in NAMED_IN_WORDS.items() if re.search(words, text)}
    found |= {row.id for row in document.rows if ROWS[row.id].own_rule or text_of_runs(row.runs).startswith("None")}
    rows = [row for row in document.rows if row.id not in found]
    while named := {row.id for row in rows if any(_names(other, row) for other in document.rows if other.id in found)}:
        found |= named
        rows = [row for row in rows if row.id not in named]
    return found


def _names(row: TermRow, other: TermRow) -> bool:
    return re.search(rf"\b{re.escape(other.label)}\b", text_of_runs(row.runs)) is not None


@cache
def rows_without_effect(wording: str) -> Mapping[str, str]:
    """Return the rows of agreements in the "full" or "short" wording that nothing names, each with such an agreement."""
    found: dict[str, str] = {}
    for draft in list_drafts():
        document = draft.full if wording == "full" else draft.short
        with_effect = rows_with_effect(document)
        found |= {row.id: str(draft.told) for row in document.rows if row.id not in with_effect}
    return found


@pytest.mark.parametrize("wording", ["full", "short"])
def test_each_row_is_named_by_a_clause_or_is_a_rule(wording: str) -> None:
    unnamed = rows_without_effect(wording)
    known = WITHOUT_EFFECT[wording]
    assert not {row: told for row, told in unnamed.items() if row not in known}, "name it by term(), or say its rule"
    assert not set(known) - set(unnamed), "these rows have their effect now: delete their lines"


def test_each_row_is_printed_by_some_agreement() -> None:
    printed = {row.id for draft in list_drafts() for row in draft.full.rows}
    assert not set(ROWS) - printed


def test_a_row_that_is_its_own_rule_says_one() -> None:
    for row in filter(lambda row: row.own_rule, ROWS.values()):
        texts = {text_of_runs(r.runs) for draft in list_drafts() for r in draft.full.rows if r.id == row.id}
        assert texts, row.id
        assert all(_RULE.search(text) for text in texts), (row.id, texts)


@pytest.mark.parametrize(
    ("direction", "most"),
    [
        ("direction: two-way", "at most $50,000 a calendar year from each party"),
        ("direction: one-way\n  referrer: Northshore", "at most $50,000 a calendar year Payment"),
    ],
)
def test_the_most_a_year_speaks_of_each_party_only_where_both_may_pay(
    build: Callable[..., BuiltAgreement], direction: str, most: str
) -> None:
    deal = Path("samples/referral.yaml").read_text(encoding="utf-8")
    deal = re.sub(r"(?m)^  direction: .*$", "  " + direction, deal)
    deal = re.sub(r"(?m)^financial:\n", "financial:\n  annual cap: $50,000\n", deal)
    text = " ".join(build(deal, ("txt",)).files["txt"].decode().split())
    assert most in text

"""Curled quotes, numbers that no line breaks, rows of key terms side by side, and amounts at the right."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from deals import REFERENCE, reference

from agreementgen.core.document import Run, Table, TermRow
from agreementgen.core.typography import curl_quotes, keep_together
from agreementgen.draft.term_pairs import pair_rows
from agreementgen.language.layouts import plain_data
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render.line_breaks import find_breaks

Build = Callable[..., BuiltAgreement]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Wren's Bakery", "Wren’s Bakery"),
        ('the "Harbor" sign', "the “Harbor” sign"),
        ("pipe of 6\" and 4'", "pipe of 6\" and 4'"),
        ('a 6" pipe, called "long"', 'a 6" pipe, called “long”'),
        ('marked "Phase 2"', 'marked "Phase 2"'),
        ("the partners' fair of '26", "the partners’ fair of ’26"),
        ("o'dell@wren.example", "o'dell@wren.example"),
        ("no quotes", "no quotes"),
    ],
)
def test_quotes_are_curled_but_not_behind_a_digit(typed: str, printed: str) -> None:
    assert curl_quotes(typed) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Ada Wren, 413 555 0188", "Ada Wren, 413~555~0188"),
        ("call +44 20 7946 0018 ext. 4", "call +44~20~7946~0018~ext.~4"),
        ("(413) 555-0188 in the office", "(413)~555-0188 in the office"),
        ("EUR 5,000 a month", "EUR~5,000 a month"),
        ("up to $2 million", "up to $2~million"),
        ("$1.2 million, or 5 % of it", "$1.2~million, or 5~% of it"),
        ("1 Quay, 02110 · a@wren.example", "1 Quay, 02110 ·~a@wren.example"),
        ("12 months, 30 days", "12 months, 30 days"),
    ],
)
def test_numbers_stay_on_one_line(text: str, printed: str) -> None:
    assert keep_together(text) == printed.replace("~", "\u00a0")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("sections 12–15 last", ["sections ", "12–15 ", "last"]),
        ("from 5%–10% or $5–$10", ["from ", "5%–10% ", "or ", "$5–$10"]),
        ("the Ohio–Erie canal", ["the ", "Ohio–", "Erie ", "canal"]),
    ],
)
def test_a_range_of_numbers_stays_on_one_line(text: str, parts: list[str]) -> None:
    ends = (0, *find_breaks(text), len(text))
    assert [text[start:end] for start, end in pairwise(ends)] == parts
    # What Pango lays out has a sign behind the dash that lets no line end there.
    assert str(plain_data(text)).count("\u2060") == sum(part.count("–") for part in parts if part[-1] != "–")


def test_facts_are_curled_in_the_agreement_and_known_as_printed(build: Build) -> None:
    built = build(reference(("contact: Dana Reyes", 'contact: Dana "Dee" O\'Neil')), ("txt",))
    assert "Dana “Dee” O’Neil" in built.files["txt"].decode()
    assert not [warning for warning in built.warnings if warning.code == "not-printed"]


def row(name: str, group: int = 0, beside: bool = False) -> TermRow:
    return TermRow(name.split("/")[0], name, (Run(name),), group, beside)


def names(rows: list[TermRow], lines: dict[str, tuple[int, int]] | None = None) -> list[str]:
    def count_lines(one: TermRow, across: bool) -> int:
        return (lines or {}).get(one.label, (1, 1))[across]

    pairs = pair_rows(rows, count_lines if lines is not None else None)
    return [
        ("--" if pair.begins_group else "") + pair.left.label + ("|" + pair.right.label if pair.right else "")
        for pair in pairs
    ]


def test_groups_begin_at_the_left() -> None:
    assert names([row("a"), row("b"), row("c"), row("d", 1), row("e", 1)]) == ["a|b", "c", "--d|e"]


def test_rows_of_the_parties_are_not_torn_apart() -> None:
    rows = [row("a"), row("duty/1", 0, True), row("duty/2", 0, True), row("b")]
    assert names(rows) == ["a", "duty/1|duty/2", "b"]
    assert names(rows, {"duty/1": (6, 3), "duty/2": (6, 3)}) == ["a", "duty/1|duty/2", "b"]


def test_a_long_row_takes_the_width_where_that_saves_two_lines() -> None:
    rows = [row("a"), row("b"), row("c")]
    assert names(rows, {}) == ["a|b", "c"]
    assert names(rows, {"a": (4, 2)}) == ["a", "b|c"]
    assert names(rows, {"a": (3, 2)}) == ["a|b", "c"]
    assert names(rows, {"a": (2, 1)}) == ["a|b", "c"]


def test_amounts_stand_at_the_right_of_their_column() -> None:
    def cells(*texts: str) -> tuple[tuple[Run, ...], ...]:
        return tuple((Run(text),) if text else () for text in texts)

    table = Table(cells("Party", "Value", "Share"), (cells("A", "$4,000", "50%"), cells("B", "", "50%")))
    assert table.amounts == (False, True, False)
    table = Table(cells("Value"), (cells("$4,000 a year"),))
    assert table.amounts == (False,)


def test_one_figure_of_a_row_is_bold(build: Build) -> None:
    rows = {one.id: one.runs for one in build(REFERENCE, ()).fitted.document.rows}
    bold = {name: [run.text for run in runs if run.bold] for name, runs in rows.items() if any(r.bold for r in runs)}
    assert bold == {
        "fee": ["10% of net collected revenue"],
        "payment": ["30 days later"],
        "pilot": ["90 days"],
        "term": ["12 months"],
        "ending": ["30 days’ notice"],
        "cap": ["$10,000"],
    }

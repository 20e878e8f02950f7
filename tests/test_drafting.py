"""What drafting makes of the facts: tables that move behind the agreement, their columns, and facts nobody prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_kinds import DEAL, MORE, Studio

from agreementgen import pipeline
from agreementgen.authoring.lints import text_of_clause
from agreementgen.core.document import Document, Table, text_of_runs
from agreementgen.draft.drafting import Excerpt, draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.draft.traceability import find_unprinted_facts

TOPIC = "clauses/kiln/topic.yaml"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def table_of(document: Document) -> Table:
    (schedule,) = document.schedules
    (table,) = schedule.blocks
    assert isinstance(table, Table)
    return table


@pytest.mark.parametrize(
    ("width", "shares"),
    [(60, (60, 20, 20)), (0, (33, 33, 34)), (10, (10, 45, 45)), (90, (85, 8, 7)), (100, (86, 7, 7))],
)
def test_columns_without_a_width_share_what_is_left(studio: Studio, width: int, shares: tuple[int, ...]) -> None:
    """But each has 8 percent at least, of which all are then taken down to 100 together."""
    studio.change(TOPIC, ", width: 50", f", width: {width}" if width else "")
    assert table_of(studio.document(DEAL + MORE)).widths == shares


def test_two_columns(studio: Studio) -> None:
    studio.change(TOPIC, ", width: 50", ", width: 60")
    studio.change(TOPIC, '      - {head: Price, says: "{{ each.price }}"}\n', "")
    studio.change(TOPIC, 'total: [Total, "", "{% if figures.firing_price %}{{ figures.firing_price }}{% endif %}"]', "")
    table = table_of(studio.document(DEAL + MORE))
    assert table.widths == (60, 40)
    assert len(table.rows) == 3


def test_a_total_of_one_column_stands_alone_and_an_empty_one_not_at_all(studio: Studio) -> None:
    studio.change(TOPIC, '      - {head: Loads, says: "{{ each.loads }}"}\n', "")
    studio.change(TOPIC, '      - {head: Price, says: "{{ each.price }}"}\n', "")
    total = 'total: [Total, "", "{% if figures.firing_price %}{{ figures.firing_price }}{% endif %}"]'
    studio.change(TOPIC, total, "total: [All three]")
    table = table_of(studio.document(DEAL + MORE))
    assert table.widths == (100,)
    assert [text_of_runs(row[0]) for row in table.rows] == ["Bisque", "Glaze", "Raku", "All three"]
    studio.change(TOPIC, "total: [All three]", 'total: ["{% if two %}{% endif %}"]')
    assert [text_of_runs(row[0]) for row in table_of(studio.document(DEAL + MORE)).rows] == ["Bisque", "Glaze", "Raku"]


@pytest.mark.parametrize(("words", "moves"), [(30, False), (31, True)])
def test_a_table_of_more_than_30_words_moves_where_the_page_is_crowded(studio: Studio, words: int, moves: bool) -> None:
    """Seven words are the heads, the number of loads, the price and the total."""
    deal = DEAL.replace("bisque", " ".join(f"w{number}" for number in range(words - 7)))
    assert bool(studio.document(deal, schedules=True).schedules) is moves
    assert not studio.document(deal).schedules


def test_from_three_entries_on_it_moves_anyway(studio: Studio) -> None:
    first, second = MORE.splitlines(keepends=True)
    assert not studio.document(DEAL + first).schedules
    assert studio.document(DEAL + first + second).schedules
    studio.change(TOPIC, "    from: 3\n", "")
    assert not studio.document(DEAL + first + second).schedules


@pytest.mark.parametrize(
    ("question", "answer", "warned"),
    [
        ("", "  limit: 77\n", ["kiln.limit"]),
        ("", "  limit: 3\n", []),  # the three loads of the first firing
        (", printed: no", "  limit: 77\n", []),
        (", default: 77", "", []),
        (", default: 77", "  limit: 77\n", ["kiln.limit"]),
    ],
)
def test_what_was_typed_and_is_printed_nowhere_is_a_warning(
    studio: Studio, question: str, answer: str, warned: list[str]
) -> None:
    studio.change(TOPIC, 'example: "2"}', f'example: "2"{question}}}')
    library = studio.load()
    read = pipeline.read((DEAL + answer).encode(), "deal.yaml", library)
    outline = library.outline_of_kind("studio")
    document = draft_agreement(read, library, outline, select_clauses(read, library, outline))
    found = find_unprinted_facts(read, document)
    assert [problem.field for problem in found] == ["kiln.firings.1.price", *warned]
    assert {(problem.code, problem.severity) for problem in found} <= {("not-printed", "W")}


@pytest.mark.parametrize(
    ("more", "label", "says"),
    [
        ("", "3 x bisque", "for the Firings. Balanced."),
        (MORE, "See Schedule A", "for the Firings, as Schedule A says. Balanced."),
    ],
)
def test_a_part_reads_as_it_does_in_the_whole(studio: Studio, more: str, label: str, says: str) -> None:
    library = studio.load()
    read = pipeline.read((DEAL + more).encode(), "deal.yaml", library)
    outline = library.outline_of_kind("studio")
    selection = select_clauses(read, library, outline)

    def draft(part: Excerpt | None = None) -> Document:
        return draft_agreement(read, library, outline, selection, excerpt=part)

    (clause,) = draft(Excerpt("kiln")).clauses
    assert (clause.number, text_of_clause(clause)) == (3, f"Ash lends the kiln to Birch {says}")
    assert clause in draft().clauses
    assert not draft(Excerpt(rows=frozenset({"kiln"}))).clauses
    rows = {row.id: row for row in draft(Excerpt(rows=frozenset({"kiln"}))).rows}
    assert "purpose" not in rows
    row = rows["kiln"]
    assert (row.label, text_of_runs(row.runs)) == ("Firings", label)

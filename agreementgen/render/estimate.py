"""How high a document will be, from the widths of its letters: the fit's first guess, and all there is without Pango.

It breaks lines as the PDF does (render/measure) and adds up the same lengths as the style sheet. All lengths in points.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from agreementgen.core.document import (
    Chart,
    Clause,
    Document,
    ItemList,
    PartyBox,
    Runs,
    Table,
    runs_of_block,
    text_of_document,
)
from agreementgen.library.snapshot import SourceFile
from agreementgen.render.measure import (
    COLUMN_GAP,
    MARGIN_SIDE,
    PAPER_SIZES,
    SIGNATURES_GAP,
    FontWidths,
    Geometry,
    Sizes,
    StyledText,
)

# What the style sheet and reference.docx spend besides lines of text.
_TITLE_HEIGHT = 21 + 2 + 1.5 + 3
_PARTIES_GAP, _TERMS_GAP = 3.0, 4.0
_HEAD_ROW_EXTRA, _ROW_EXTRA = 1.25, 1.5
_AGREED_GAP = 8.0
_SECOND_PAGE_HEADING = 18 + 8
_SIGNATURES_EXTRA, _SIGNATURE_EXTRA, _NEXT_SIGNATURES_GAP = 1.5, 3 + 0.5, 7.0
_CELL_PADDING = 5.0
_ITEM_INDENT = 14.0
# The files of the layout whose lengths and letters are added up here.
_MEASURED_FILES = ("agreement.css", "agreement.html", "fonts/Carlito-Regular.ttf", "fonts/Carlito-Bold.ttf")
# A paragraph is broken over columns with so many lines at least on either side.
_LEAST_LINES = 2


@dataclass(frozen=True)
class PageMeasures:
    """A page other than the PDF's: its margins and column gap, how wide its font is in widths of `letters`, and the
    share of the text that a column of labels takes.
    """

    geometry: Geometry
    width_factor: float
    label_share: float


def estimate_height(document: Document, sizes: Sizes, letters: FontWidths, page: PageMeasures | None = None) -> float:
    """Return the estimated height of the agreement (without schedules) in points: of its fuller page, if it has two."""
    text = _text_width(document, page)
    line = sizes.line_height
    em = sizes.body * (page.width_factor if page else 1)

    def lines(pieces: StyledText, width: float) -> int:
        return letters.count_lines(pieces, width / em)

    total = _TITLE_HEIGHT + _PARTIES_GAP
    total += _PARTIES_GAP * ((len(document.parties) - 1) // 2)
    for start in range(0, len(document.parties), 2):
        boxes = document.parties[start : start + 2]
        total += line * max(sum(lines(pieces, text / 2 - 8) for pieces in _each_party_line(box)) for box in boxes)
    total += line + _HEAD_ROW_EXTRA
    label, half = text * (page.label_share if page else sizes.label_share), text / 2
    for pair in document.terms:
        says = half - label if pair.right is not None else text - label
        rows = [row for row in (pair.left, pair.right) if row is not None]
        total += _ROW_EXTRA + line * max(
            max(lines(_styled_text(row.runs), says - _CELL_PADDING), lines(((row.label, True),), label - _CELL_PADDING))
            for row in rows
        )
    half = (text - _column_gap(page)) / 2
    signatures = SIGNATURES_GAP + _SIGNATURES_EXTRA
    for start in range(0, len(document.signatures), 2):
        signatures += _SIGNATURE_EXTRA + sizes.signing_room + (_NEXT_SIGNATURES_GAP if start else 0)
        signatures += line * max(
            lines(((each.party, True),), half) + lines(((f"{each.signatory}{each.date_label}", False),), half)
            for each in document.signatures[start : start + 2]
        )
    clauses = _TERMS_GAP + estimate_column_height(document, sizes, letters, page)
    if document.apart:
        agreed = _AGREED_GAP + line * lines(((document.agreed, False),), text)
        return max(total + agreed + signatures, _SECOND_PAGE_HEADING + clauses + sizes.clause_gap)
    return total + clauses + signatures


def sizes_at(document: Document, body: float, letters: FontWidths) -> Sizes:
    """Return the plain sizes of a document whose type has `body` points."""
    words = (word for row in document.rows for word in row.label.split())
    widest = max((letters.text_width(word, True) for word in words), default=0.0)
    share = (widest * body + _CELL_PADDING) / _text_width(document, None)
    return Sizes(body, widest_label=ceil(share * 100) / 100)


def is_exact(document: Document, layout: Mapping[str, SourceFile], letters: FontWidths) -> bool:
    """Return whether lines are counted rather than guessed: all is upright text that the fonts have, in our layout."""
    if any(_is_replaced(name, layout) for name in _MEASURED_FILES):
        return False
    blocks = [block for clause in document.clauses for block in clause.blocks]
    runs = [run for block in blocks for runs in runs_of_block(block) for run in runs]
    runs += [run for row in document.rows for run in row.runs]
    if any(isinstance(block, Table | Chart) for block in blocks) or any(run.italic for run in runs):
        return False
    return letters.covers(text_of_document(document))


def _is_replaced(name: str, layout: Mapping[str, SourceFile]) -> bool:
    """Return whether a pack has put a file of its own in the place of ours, which then has a second name."""
    ours = layout.get(f"built-in/{name}")
    return ours is not None and ours.data != layout[name].data


def estimate_column_height(
    document: Document, sizes: Sizes, letters: FontWidths, page: PageMeasures | None = None
) -> float:
    """Return the least height in points at which the clauses stand in two columns; 0 where there are none."""
    width = (_text_width(document, page) - _column_gap(page)) / 2
    em = sizes.body * (page.width_factor if page else 1)
    paragraphs = [found for clause in document.clauses for found in _each_paragraph(clause, width, sizes, em, letters)]
    if not paragraphs:
        return 0.0
    whole = sum(lines * sizes.line_height + gap for lines, gap, _ in paragraphs)
    best, above = whole - paragraphs[-1][1], 0.0
    for index, (lines, gap, may_follow) in enumerate(paragraphs):
        # Before this paragraph, or inside it.
        cuts = [0] if index and may_follow else []
        cuts += range(_LEAST_LINES, lines - _LEAST_LINES + 1)
        for cut in cuts:
            left = above + cut * sizes.line_height - (0 if cut else paragraphs[index - 1][1])
            right = whole - above - cut * sizes.line_height - paragraphs[-1][1]
            best = min(best, max(left, right))
        above += lines * sizes.line_height + gap
    return best


def _each_paragraph(
    clause: Clause, width: float, sizes: Sizes, em: float, letters: FontWidths
) -> Iterator[tuple[int, float, bool]]:
    """Yield for each paragraph of a clause its lines, the space below it, and whether a column may end before it."""
    head: StyledText = ((f"{clause.number}. {clause.heading}. ", True),)
    found: list[tuple[int, bool]] = []
    for block in clause.blocks:
        indent = _ITEM_INDENT if isinstance(block, ItemList) else 0.0
        if head and indent:
            # A heading above a list has a line of its own.
            found.append((letters.count_lines(head, width / em), True))
            head = ()
        for index, runs in enumerate(runs_of_block(block)):
            lines = letters.count_lines(head + _styled_text(runs), (width - indent) / em)
            found.append((lines, index > 0 or not indent))
            head = ()
    for index, (lines, may_follow) in enumerate(found, 1):
        yield lines, sizes.clause_gap if index == len(found) else 0.0, may_follow


def _text_width(document: Document, page: PageMeasures | None) -> float:
    return PAPER_SIZES[document.paper][0] - (page.geometry.side_margins if page else 2 * MARGIN_SIDE)


def _column_gap(page: PageMeasures | None) -> float:
    return page.geometry.column_gap if page else COLUMN_GAP


def _each_party_line(box: PartyBox) -> Iterator[StyledText]:
    introduced = ((" (", False), (box.short, True), (")", False)) if box.introduces else ()
    yield ((box.name, True), *introduced)
    for line in box.lines:
        yield ((line, False),)


def _styled_text(runs: Runs) -> StyledText:
    return tuple((run.text, run.bold) for run in runs)

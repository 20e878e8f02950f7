"""How high a document will be, from the widths of its letters: the fit's first guess, and all there is without Pango.

It breaks lines as the PDF does (render/fonts) and adds up the same lengths as the style sheet. All lengths in points.
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
from agreementgen.render.fonts import FontWidths, StyledText
from agreementgen.render.sizes import COLUMN_GAP, MARGIN_SIDE, PAPER_SIZES, SIGNATURES_GAP, Sizes

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
class TextArea:
    """The text of a page: its width, the gap between its columns, and how wide its font is in widths of the one given.

    `label_share` is the share of the width (0 to 1) that a column of labels takes.
    """

    width: float
    column_gap: float
    width_factor: float
    label_share: float


def estimate_height(document: Document, sizes: Sizes, font: FontWidths, area: TextArea | None = None) -> float:
    """Return the estimated height of the agreement without its schedules: of its fuller page, if it has two.

    `area` is that of a page other than the PDF's.
    """
    estimate = _Estimate(document, sizes, font, area)
    terms = estimate.heading_height() + estimate.parties_height() + estimate.terms_height()
    clauses = _TERMS_GAP + estimate.column_height()
    if document.apart:
        agreed = _AGREED_GAP + sizes.line_height * estimate.count_lines(
            ((document.agreed, False),), estimate.area.width
        )
        first = terms + agreed + estimate.signatures_height()
        return max(first, _SECOND_PAGE_HEADING + clauses + sizes.clause_gap)
    return terms + clauses + estimate.signatures_height()


def estimate_column_height(document: Document, sizes: Sizes, font: FontWidths) -> float:
    """Return the least height at which the clauses stand in the two columns of the PDF; 0 where there are none."""
    return _Estimate(document, sizes, font, None).column_height()


def sizes_at(document: Document, body: float, font: FontWidths) -> Sizes:
    """Return the sizes of a document whose type has `body` points, with no more room than they need."""
    words = (word for row in document.rows for word in row.label.split())
    widest = max((font.text_width(word, True) for word in words), default=0.0)
    share = (widest * body + _CELL_PADDING) / _pdf_text_width(document)
    return Sizes(body, widest_label=ceil(share * 100) / 100)


def is_exact(document: Document, layout: Mapping[str, SourceFile], font: FontWidths) -> bool:
    """Return whether lines are counted rather than guessed: all is upright text that the fonts have, in our layout."""
    if any(_is_replaced(name, layout) for name in _MEASURED_FILES):
        return False
    blocks = [block for clause in document.clauses for block in clause.blocks]
    runs = [run for block in blocks for runs in runs_of_block(block) for run in runs]
    runs += [run for row in document.rows for run in row.runs]
    if any(isinstance(block, Table | Chart) for block in blocks) or any(run.italic for run in runs):
        return False
    return font.covers(text_of_document(document))


def _is_replaced(name: str, layout: Mapping[str, SourceFile]) -> bool:
    """Return whether a pack has put a file of its own in the place of ours, which then has a second name."""
    ours = layout.get(f"built-in/{name}")
    return ours is not None and ours.data != layout[name].data


def _pdf_text_width(document: Document) -> float:
    return PAPER_SIZES[document.paper][0] - 2 * MARGIN_SIDE


class _Estimate:
    """Adds up the heights of the parts of a document."""

    def __init__(self, document: Document, sizes: Sizes, font: FontWidths, area: TextArea | None) -> None:
        self.document = document
        self.sizes = sizes
        self.line = sizes.line_height
        self.font = font
        self.area = area or TextArea(_pdf_text_width(document), COLUMN_GAP, 1, sizes.label_share)
        self.em = sizes.body * self.area.width_factor

    def count_lines(self, text: StyledText, width: float) -> int:
        return self.font.count_lines(text, width / self.em)

    def heading_height(self) -> float:
        return _TITLE_HEIGHT + _PARTIES_GAP + _PARTIES_GAP * ((len(self.document.parties) - 1) // 2)

    def parties_height(self) -> float:
        width = self.area.width / 2 - 8
        heights = [
            sum(self.count_lines(line, width) for line in _each_party_line(box)) for box in self.document.parties
        ]
        return self.line * sum(max(heights[start : start + 2]) for start in range(0, len(heights), 2))

    def terms_height(self) -> float:
        total = self.line + _HEAD_ROW_EXTRA
        label_width = self.area.width * self.area.label_share
        for pair in self.document.terms:
            text_width = (self.area.width / 2 if pair.right is not None else self.area.width) - label_width
            rows = [row for row in (pair.left, pair.right) if row is not None]
            total += _ROW_EXTRA + self.line * max(
                max(
                    self.count_lines(_styled_text(row.runs), text_width - _CELL_PADDING),
                    self.count_lines(((row.label, True),), label_width - _CELL_PADDING),
                )
                for row in rows
            )
        return total

    def signatures_height(self) -> float:
        total = SIGNATURES_GAP + _SIGNATURES_EXTRA
        width = (self.area.width - self.area.column_gap) / 2
        for start in range(0, len(self.document.signatures), 2):
            total += _SIGNATURE_EXTRA + self.sizes.signing_room + (_NEXT_SIGNATURES_GAP if start else 0)
            total += self.line * max(
                self.count_lines(((signature.party, True),), width)
                + self.count_lines(((f"{signature.signatory}{signature.date_label}", False),), width)
                for signature in self.document.signatures[start : start + 2]
            )
        return total

    def column_height(self) -> float:
        """Return the least height at which the clauses stand in two columns; 0 where there are none."""
        paragraphs = [paragraph for clause in self.document.clauses for paragraph in self._each_paragraph(clause)]
        if not paragraphs:
            return 0.0
        whole = sum(lines * self.line + gap for lines, gap, _ in paragraphs)
        last_gap = paragraphs[-1][1]
        best, above = whole - last_gap, 0.0
        for index, (lines, gap, may_follow) in enumerate(paragraphs):
            # The second column begins before this paragraph, or inside it.
            cuts = [0] if index and may_follow else []
            cuts += range(_LEAST_LINES, lines - _LEAST_LINES + 1)
            for cut in cuts:
                left = above + cut * self.line - (0 if cut else paragraphs[index - 1][1])
                right = whole - above - cut * self.line - last_gap
                best = min(best, max(left, right))
            above += lines * self.line + gap
        return best

    def _each_paragraph(self, clause: Clause) -> Iterator[tuple[int, float, bool]]:
        """Yield for each paragraph its lines, the space below it, and whether a column may end before it."""
        width = (self.area.width - self.area.column_gap) / 2
        head: StyledText = ((f"{clause.number}. {clause.heading}. ", True),)
        found: list[tuple[int, bool]] = []
        for block in clause.blocks:
            indent = _ITEM_INDENT if isinstance(block, ItemList) else 0.0
            if head and indent:
                # A heading above a list has a line of its own.
                found.append((self.count_lines(head, width), True))
                head = ()
            for index, runs in enumerate(runs_of_block(block)):
                found.append((self.count_lines(head + _styled_text(runs), width - indent), index > 0 or not indent))
                head = ()
        for index, (lines, may_follow) in enumerate(found, 1):
            yield lines, self.sizes.clause_gap if index == len(found) else 0.0, may_follow


def _each_party_line(box: PartyBox) -> Iterator[StyledText]:
    introduced = ((" (", False), (box.short, True), (")", False)) if box.introduces else ()
    yield ((box.name, True), *introduced)
    for line in box.lines:
        yield ((line, False),)


def _styled_text(runs: Runs) -> StyledText:
    return tuple((run.text, run.bold) for run in runs)

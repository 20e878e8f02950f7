"""What every page of ours is filled with: titles, headings, footers, paragraphs, lists and tables, from the top down.

The lengths are those of templates/layout/agreement.css. All lengths in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agreementgen.core.document import Block, ItemList, Paragraph, Table
from agreementgen.core.words import PrintedWords
from agreementgen.render.house_style import ACCENT, FOOT_ABOVE, LOGO_TOP, SIDES, SMALL_LINE, SMALL_SIZE
from agreementgen.render.lettering import BLACK, BOLD, REGULAR, SERIF, Letters, Line, Piece
from agreementgen.render.measures import PAPER_SIZES, Margins, Sizes
from agreementgen.render.page_canvas import About, Canvas, Element, Owner, Strip
from agreementgen.render.page_text import (
    CELL_GAP,
    CELL_PADDING,
    EFFECTIVE_GAP,
    HEAD_RULE,
    HEADING_LINE,
    HEADING_SIZE,
    INNER_INDENT,
    ITEM_INDENT,
    LEAST_LINES,
    ROUNDING,
    THIN,
    TITLE_BELOW,
    TITLE_RULE,
    TITLE_RULE_GAP,
    cell_widths,
    pieces_of,
)
from agreementgen.render.signing import SigningPlace
from agreementgen.render.tagged_pdf import write_tagged_pdf

GREY, RULE = "#595959", "#8c8c8c"
_EFFECTIVE_LINE = 14.0
_FOOTER_SHARE = 0.8


@dataclass(frozen=True)
class OwnPages:
    """The pages of a document in our own layout; see pdf.LaidOutPages."""

    canvas: Canvas
    agreement_pages: int
    free_height: float
    page_starts: tuple[bool, ...] = ()
    text_height: float = 0.0

    engine = "agreementgen"
    layout_count = 1

    @property
    def pages(self) -> int:
        return len(self.canvas.pages)

    @property
    def signing_places(self) -> tuple[SigningPlace, ...]:
        return tuple(self.canvas.signing_places)

    def read_text(self) -> str:
        """Return what is written on the pages, without what stands in their margins."""
        return "".join(text for drawn in self.canvas.pages for text in drawn.text)

    def write_pdf(self, carried: str = "") -> bytes:
        """Return the file, with the deal `carried` in it."""
        return write_tagged_pdf(self.canvas, carried)


class PageBuilder:
    """Fills pages from the top down: what agreements, charts and documents that flow have in common."""

    footer_share = _FOOTER_SHARE

    def __init__(
        self, letters: Letters, paper: str, sizes: Sizes, about: About, margins: Margins | None = None
    ) -> None:
        self.canvas = Canvas(letters, about)
        self.sizes = sizes
        self.paper = paper
        self.margins = margins or letters.style.margins
        self.left, self.top = self.margins.left, self.margins.top
        self.y = self.top
        self.footers: list[str] = []
        self.landscape, self.footer = False, ""

    def begin_page(self) -> None:
        width, height = PAPER_SIZES[self.paper]
        if self.landscape:
            width, height = height, width
        self.width, self.bottom = width - self.left - self.margins.right, height - self.margins.bottom
        self.canvas.begin_sheet(width, height)
        self.footers.append(self.footer)
        self.y = self.top

    def lines(self, width: float, *pieces: Piece) -> tuple[Line, ...]:
        return self.canvas.break_lines(pieces, width, self.sizes.body)

    def write(self, owner: Owner, lines: Sequence[Line], left: float, top: float, shift: float = 0.0) -> float:
        """Write lines of the text's size and return where they end."""
        return self.canvas.write(owner, lines, left, top, self.sizes.body, self.sizes.line_height, shift=shift)

    def write_title(self, title: str, beside: str, color: str = BLACK, most: float = float("inf")) -> None:
        """Write the title, and at its right end what stands `beside` it, at `most` so wide."""
        canvas, size = self.canvas, self.sizes.body
        said = self.lines(most, Piece(beside, REGULAR, color))
        width = self.width - max(line.width for line in said) * size - EFFECTIVE_GAP
        title_size, title_line = canvas.letters.style.title_size, canvas.letters.style.title_line
        lines = canvas.break_lines((Piece(title, SERIF, ACCENT),), width, title_size)
        canvas.add_bookmark(1, title, self.y)
        above = max(0.0, _EFFECTIVE_LINE * len(said) - title_line * len(lines))
        end = canvas.write(canvas.root.add("H1"), lines, self.left, self.y + above, title_size, title_line, SERIF)
        if beside:
            owner, right = canvas.root.add("P"), self.left + self.width
            canvas.write(owner, said, right, end - _EFFECTIVE_LINE * len(said), size, _EFFECTIVE_LINE, shift=1)
        self.rule(end + TITLE_RULE_GAP, TITLE_RULE, ACCENT)
        self.y = end + TITLE_RULE_GAP + TITLE_RULE + TITLE_BELOW

    def heading_lines(self, text: str) -> tuple[Line, ...]:
        return self.canvas.break_lines((Piece(text, SERIF, ACCENT),), self.width, HEADING_SIZE)

    def write_heading(self, text: str, below: float) -> None:
        canvas = self.canvas
        canvas.add_bookmark(1, text, self.y)
        element = canvas.root.add("H2")
        lines = self.heading_lines(text)
        self.y = canvas.write(element, lines, self.left, self.y, HEADING_SIZE, HEADING_LINE, SERIF) + below

    def rule(self, top: float, height: float, color: str) -> None:
        """Paint a rule across the text."""
        self.canvas.fill(self.left, top, self.width, height, color)

    def write_margins(self, words: PrintedWords) -> None:
        """Write what stands above and below the text of each page; the text has all its pages now."""
        count = len(self.footers)
        for page, text in enumerate(self.footers):
            drawn = self.canvas.pages[page]
            top = drawn.height - self.margins.bottom + FOOT_ABOVE
            numbers = words.page.format(page=page + 1, pages=count)
            below = self._write_small(page, text, top, "left", self.footer_share)
            self._write_small(page, numbers, top, "right", 1 - self.footer_share)
            for line in self.canvas.letters.style.foot:
                below = self._write_small(page, line, below, "left")
            self._write_head(page)

    def _write_small(self, page: int, text: str, top: float, side: str, share: float = 1.0) -> float:
        """Write small grey text of a margin, in a share of the width, and return where it ends."""
        lines = self.canvas.break_lines((Piece(text, REGULAR, GREY),), self._width_of(page) * share, SMALL_SIZE)
        left, shift = self._start_of(page, side)
        return self.canvas.write(None, lines, left, top, SMALL_SIZE, SMALL_LINE, shift=shift, page=page)

    def _width_of(self, page: int) -> float:
        return self.canvas.pages[page].width - self.margins.left - self.margins.right

    def _start_of(self, page: int, side: str) -> tuple[float, float]:
        """Return where something at a side of the text stands, and what share of it stands before that."""
        share = SIDES.index(side) / 2
        return self.left + self._width_of(page) * share, share

    def _write_head(self, page: int) -> None:
        canvas, style = self.canvas, self.canvas.letters.style
        left, shift = self._start_of(page, style.head_at)
        for at, (text, size, height, top) in enumerate(style.head_lines()):
            piece = Piece(text, REGULAR, GREY) if at else Piece(text, BOLD, ACCENT)
            lines = canvas.break_lines((piece,), float("inf"), size)
            canvas.write(None, lines, left, top, size, height, shift=shift, page=page)
        if style.logo:
            left, shift = self._start_of(page, style.logo_at)
            width, height = style.logo.width, style.logo.height
            canvas.show_logo(page, left - width * shift, LOGO_TOP, width, height)

    def mark(self, strip: Strip, title: str) -> None:
        """Let a bookmark lead to a strip."""
        draw = strip.draw

        def draw_marked(left: float, top: float) -> None:
            self.canvas.add_bookmark(2, title, top)
            draw(left, top)

        strip.draw = draw_marked

    # -- flows

    def flow(self, strips: Sequence[Strip]) -> None:
        """Draw strips down the page and on to further pages; what stays together is parted where it fills a page."""
        below = 0.0
        for at, strip in enumerate(strips):
            gap = max(strip.above - below, 0.0) if self.y > self.top else 0.0
            needed = strip.height if strip.stays else _height_together(strips, at)
            if self.y + gap + needed > self.bottom + ROUNDING and self.y > self.top:
                self.begin_page()
                gap = 0.0
                if strip.head:
                    strip.head.draw(self.left, self.y)
                    self.y += strip.head.height
            strip.draw(self.left, self.y + gap)
            self.y += gap + strip.height + strip.below
            below = strip.below

    def paragraph(
        self, owner: Element | Sequence[Element], pieces: tuple[Piece, ...], width: float, indent: float = 0.0
    ) -> list[Strip]:
        """Return the lines of a paragraph."""
        lines = self.lines(width - indent, *pieces)
        strips = []
        for at, line in enumerate(lines):

            def draw(left: float, top: float, line: Line = line) -> None:
                self.write(owner, (line,), left + indent, top)

            stays = 0 < at < LEAST_LINES or at > len(lines) - LEAST_LINES > 0
            strips.append(Strip(self.sizes.line_height, draw, stays))
        return strips

    def list_items(self, block: ItemList, under: Element, width: float) -> list[Strip]:
        found = under.add("L", f"/O/List/ListNumbering/{'LowerAlpha' if block.numbered else 'Disc'}")
        strips: list[Strip] = []
        for index, (runs, label, depth) in enumerate(zip(block.items, block.marks, block.depths, strict=True), 1):
            item = found.add("LI")
            owner, body = item.add("Lbl"), item.add("LBody").add("P")
            strips_of_item = self.paragraph(body, pieces_of(runs), width, ITEM_INDENT + INNER_INDENT * depth)
            first, indent = strips_of_item[0], ITEM_INDENT * depth

            def draw(
                left: float, top: float, first: Strip = first, label: str = label, owner: Element = owner,
                indent: float = indent,
            ) -> None:  # fmt: skip
                self.write(owner, self.lines(float("inf"), Piece(label)), left + indent, top)
                first.draw(left, top)

            strips_of_item[0] = Strip(first.height, draw, stays=index == 1)
            strips += strips_of_item
        return strips

    def table_rows(self, block: Table, under: Element, width: float) -> list[Strip]:
        """Return the rows of a table, its head first."""
        widths = cell_widths(block, width)
        table = under.add("Table")
        head, body = table.add("THead"), table.add("TBody")
        strips = []
        for index, cells in enumerate((block.head, *block.rows)):
            row = (body if index else head).add("TR")
            owners = [row.add("TD") if index else row.add("TH", "/O/Table/Scope/Column") for _ in cells]
            texts = [
                self.lines(each - CELL_GAP, *pieces_of(runs, is_bold=index == 0))
                for runs, each in zip(cells, widths, strict=True)
            ]
            strips.append(self._table_row(block, owners, texts, widths, is_head=index == 0))
            strips[-1].head = strips[0] if index else None
        return strips

    def _table_row(
        self, block: Table, owners: list[Element], texts: list[tuple[Line, ...]], widths: list[float], is_head: bool
    ) -> Strip:
        height = 2 * CELL_PADDING + self.sizes.line_height * max(map(len, texts))
        rule, color = (HEAD_RULE, ACCENT) if is_head else (THIN, RULE)

        def draw(left: float, top: float) -> None:
            self.canvas.fill(left, top + height, sum(widths), rule, color)
            for owner, lines, width, amount in zip(owners, texts, widths, block.amounts, strict=True):
                said = None if owner.is_written else owner  # a head that stands on a further page again
                if amount:
                    self.write(said, lines, left + width - CELL_GAP, top + CELL_PADDING, shift=1)
                else:
                    self.write(said, lines, left, top + CELL_PADDING)
                left += width

        return Strip(height + rule, draw)

    def block(self, block: Block, under: Element, width: float) -> list[Strip]:
        match block:
            case Paragraph(runs):
                return self.paragraph(under.add("P"), pieces_of(runs), width)
            case ItemList():
                return self.list_items(block, under, width)
            case Table():
                return self.table_rows(block, under, width)
        raise AssertionError("a chart has pages of its own")


def _height_together(strips: Sequence[Strip], first: int) -> float:
    """Return the height of a strip with those that stay with it."""
    height = strips[first].height
    for before, strip in pairwise(strips[first:]):
        if not strip.stays:
            break
        height += max(before.below, strip.above) + strip.height
    return height

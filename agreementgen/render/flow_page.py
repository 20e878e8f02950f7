"""Documents that flow down their pages: memos, letters, statements, redlines. Headings, paragraphs and tables.

A document says its own lengths, so that our own layout and WeasyPrint, which lays out other scripts, set it alike.
All lengths in points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from typing import Literal, NamedTuple

from agreementgen.core.words import ENGLISH
from agreementgen.render.lettering import BLACK, REGULAR, SERIF, Letters, Line, Piece
from agreementgen.render.measures import OUR_MARGINS, Margins, Sizes
from agreementgen.render.page_builder import GREY, OwnPages, PageBuilder
from agreementgen.render.page_canvas import About, Element, Owner, Strip
from agreementgen.render.page_text import EFFECTIVE_GAP, FACES, LEAST_LINES

# Of a line below inserted and through deleted words: how thick it is, and how high it stands, in ems.
_MARK_RULE, _MARK_HEIGHTS = 0.06, {"inserted": -0.14, "deleted": 0.22}
_MARK_TAGS = {"inserted": "Underline", "deleted": "LineThrough"}
_CELL_GAP = 6.0
# What cells stand in, by the kind of a table.
_HOLDERS = {"grid": ("Table", ""), "checks": ("L", "/O/List/ListNumbering/None"), "lines": ("Div", "")}
# What stands beside the title takes so much of the width where the title leaves less.
_LEAST_BESIDE_TITLE = 0.5


@dataclass(frozen=True)
class FlowRun:
    """Text in one style. `mark` says what became of the words: a line stands below or through them."""

    text: str
    bold: bool = False
    italic: bool = False
    color: str = BLACK
    mark: Literal["", "inserted", "deleted"] = ""


FlowRuns = tuple[FlowRun, ...]


@dataclass(frozen=True)
class FlowText:
    """A heading or paragraph. Of the space below one and `above` the next, the larger counts.

    `lead` is a heading that stands before a paragraph on its line, where both have room.
    """

    runs: FlowRuns
    size: float
    line: float
    above: float = 0.0
    below: float = 0.0
    indent: float = 0.0
    is_heading: bool = False
    lead: FlowText | None = None

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class FlowTable:
    """Rows of as many cells; `widths` in percent, alike where there are none. A row has at least the height `least`.

    A rule stands below each row, unless it is 0. Cells of a "grid" are what they are in a table: without a head, the
    first of each row is one. Cells of "checks" are items of a list, with `label` before each and their text `hanging`
    behind it; those of "lines" are paragraphs at the foot of their cells.
    """

    rows: tuple[tuple[FlowRuns, ...], ...]
    size: float
    line: float
    head: tuple[FlowRuns, ...] = ()
    widths: tuple[int, ...] = ()
    padding: float = 0.5
    rule: float = 0.5
    rule_color: str = BLACK
    head_rule: float = 0.75
    head_color: str = BLACK
    least: float = 0.0
    below: float = 0.0
    holds: Literal["grid", "checks", "lines"] = "grid"
    label: str = ""
    hanging: float = 0.0

    @property
    def shares(self) -> tuple[float, ...]:
        """The widths of the columns, as shares of the whole."""
        widths = self.widths or (1,) * len(self.head or self.rows[0])
        return tuple(width / sum(widths) for width in widths)


@dataclass(frozen=True)
class FlowSection:
    """Blocks that belong together: on one page where it `is_whole`, with what follows where it `joins_next`."""

    blocks: tuple[FlowText | FlowTable, ...]
    is_whole: bool = False
    joins_next: bool = False


@dataclass(frozen=True)
class FlowDocument:
    """A whole document. `beside` stands at the right end of the title, in grey; `name` is the title of the file."""

    name: str
    title: str
    beside: str
    sections: tuple[FlowSection, ...]
    footer: str
    language: str
    paper: str
    size: float
    author: str = ""
    margins: Margins = OUR_MARGINS

    def each_text(self) -> Iterator[str]:
        """Yield all text."""
        yield from (self.title, self.beside, self.footer)
        for section in self.sections:
            for block in section.blocks:
                if isinstance(block, FlowText):
                    texts: tuple[FlowRuns, ...] = (block.runs, block.lead.runs if block.lead else ())
                else:
                    yield block.label
                    texts = (*block.head, *(cell for row in block.rows for cell in row))
                yield from (run.text for runs in texts for run in runs)


def lay_out_flow(document: FlowDocument, letters: Letters) -> OwnPages:
    """Lay out a document whose text has a glyph in `letters`."""
    return _FlowBuilder(document, letters).lay_out()


class _FlowBuilder(PageBuilder):
    footer_share = 0.88

    def __init__(self, document: FlowDocument, letters: Letters) -> None:
        about = About(document.name, document.language, document.author)
        super().__init__(letters, document.paper, Sizes(document.size), about, document.margins)
        self.document, self.footer = document, document.footer

    def lay_out(self) -> OwnPages:
        document, letters = self.document, self.canvas.letters
        self.begin_page()
        room = self.width - EFFECTIVE_GAP
        title = letters.text_width(Piece(document.title, SERIF)) * letters.style.title_size
        self.write_title(document.title, document.beside, GREY, max(room - title, room * _LEAST_BESIDE_TITLE))
        strips: list[Strip] = []
        joined = False
        for section in document.sections:
            under = self.canvas.root.add("Sect")
            found = list(self._each_strip(section, under))
            found[0].stays = joined
            strips += found
            joined = section.joins_next
        self.flow(strips)
        self.write_margins(ENGLISH)
        return OwnPages(self.canvas, len(self.footers), self.bottom - self.y, (), self.bottom - self.top)

    def _each_strip(self, section: FlowSection, under: Element) -> Iterator[Strip]:
        stays = False
        for block in section.blocks:
            strips = self._table(block, under) if isinstance(block, FlowTable) else self._text(block, under)
            strips[0].stays = stays
            for strip in strips:
                strip.stays = strip.stays or section.is_whole
                yield strip
            stays = isinstance(block, FlowText) and block.is_heading

    # -- paragraphs

    def _text(self, text: FlowText, under: Element) -> list[Strip]:
        if text.lead:
            return self._text_behind(text.lead, text, under)
        strips = self._lines(text, under.add("H2" if text.is_heading else "P"))
        if text.is_heading:
            self.mark(strips[0], text.text)
        return strips

    def _lines(self, text: FlowText, element: Element) -> list[Strip]:
        owners = _owners_of(text.runs, element)
        lines = self.canvas.break_lines(_pieces_of(text.runs), self.width - text.indent, text.size)
        strips = []
        for at, line in enumerate(lines):

            def draw(left: float, top: float, line: Line = line) -> None:
                self._write(owners, text.runs, (line,), left + text.indent, top, text.size, text.line)

            stays = 0 < at < LEAST_LINES or at > len(lines) - LEAST_LINES > 0
            strips.append(Strip(text.line, draw, stays))
        strips[0].above, strips[-1].below = text.above, text.below
        return strips

    def _text_behind(self, lead: FlowText, text: FlowText, under: Element) -> list[Strip]:
        """Return a text behind its heading on one line, or below it where it has no room there."""
        canvas = self.canvas
        (head,) = canvas.break_lines(_pieces_of(lead.runs), float("inf"), lead.size)
        (said,) = canvas.break_lines(_pieces_of(text.runs), float("inf"), text.size)
        start = (head.width + canvas.letters.space) * lead.size
        if start + said.width * text.size > self.width:
            strips = self._text(lead, under)
            following = self._lines(text, under.add("P"))
            following[0].stays = True
            return strips + following
        heading, paragraph = under.add("H2"), under.add("P")

        def draw(left: float, top: float) -> None:
            canvas.write(heading, (head,), left, top, lead.size, lead.line)
            lower = canvas.baseline(lead.size, lead.line, REGULAR) - canvas.baseline(text.size, text.line, REGULAR)
            self._write(paragraph, text.runs, (said,), left + start, top + lower, text.size, text.line)

        strip = Strip(lead.line, draw, below=text.below, above=lead.above)
        self.mark(strip, lead.text.rstrip(":"))
        return [strip]

    def _write(
        self, owner: Owner, runs: FlowRuns, lines: Sequence[Line], left: float, top: float, size: float, height: float
    ) -> None:
        """Write lines, with the rules that mark what was inserted and deleted."""
        self.canvas.write(owner, lines, left, top, size, height)
        for at, line in enumerate(lines):
            base, start = top + at * height + self.canvas.baseline(size, height, REGULAR), left
            for part, group in groupby(line.words, key=lambda pair: pair[0].part):
                width = sum(word.width for _, word in group) * size
                run = runs[part]
                if run.mark:
                    rule, above = _MARK_RULE * size, _MARK_HEIGHTS[run.mark] * size
                    self.canvas.fill(start, base - above - rule / 2, width, rule, run.color)
                start += width

    # -- tables

    def _table(self, table: FlowTable, under: Element) -> list[Strip]:
        edges = list(accumulate((share * self.width for share in table.shares), initial=0.0))
        kind, attributes = _HOLDERS[table.holds]
        holder = under.add(kind, attributes)
        strips: list[Strip] = []
        head = None
        if table.head:
            row = holder.add("THead").add("TR")
            owners = [row.add("TH", "/O/Table/Scope/Column") for _ in table.head]
            head = self._head(table, owners, edges)
            strips.append(head)
        body = holder.add("TBody") if table.holds == "grid" else holder
        for cells in table.rows:
            row = body.add("TR") if table.holds == "grid" else body
            found = self._row(table, cells, row, edges)
            for strip in found:
                strip.head = head
            found[0].stays = len(strips) == 1 and head is not None
            strips += found
        strips[-1].below = table.below
        return strips

    def _inside(self, edges: Sequence[float], column: int) -> float:
        """Return the width of the text of a column: the last has no gap behind it."""
        gap = _CELL_GAP if column + 2 < len(edges) else 0.0
        return edges[column + 1] - edges[column] - gap

    def _head(self, table: FlowTable, owners: Sequence[Element], edges: Sequence[float]) -> Strip:
        texts = [
            self.canvas.break_lines(_pieces_of(cell), self._inside(edges, column), table.size)
            for column, cell in enumerate(table.head)
        ]
        height = 2 * table.padding + table.line * max(map(len, texts)) + table.head_rule

        def draw(left: float, top: float) -> None:
            for owner, lines, edge in zip(owners, texts, edges, strict=False):
                said = None if owner.is_written else owner  # where it stands on a further page again
                self.canvas.write(said, lines, left + edge, top + table.padding, table.size, table.line)
            self.canvas.fill(left, top + height - table.head_rule, self.width, table.head_rule, table.head_color)

        return Strip(height, draw)

    def _row(self, table: FlowTable, cells: Sequence[FlowRuns], row: Element, edges: Sequence[float]) -> list[Strip]:
        """Return the lines of a row, which is parted where it would take most of a page."""
        shown = [
            self._cell(table, runs, row, self._inside(edges, column), is_head=not column and not table.head)
            for column, runs in enumerate(cells)
        ]
        count = max(1, *(len(cell.lines) for cell in shown))
        height = max(table.least, 2 * table.padding + count * table.line)
        spare = height - 2 * table.padding - count * table.line
        # A row is written cell by cell, as it is read; one that is parted has a strip for each of its lines.
        step = 1 if height > (self.bottom - self.top) / 2 else count
        strips = []
        for at in range(0, count, step):
            above = table.padding + spare if at == 0 else 0.0
            below = table.padding + table.rule if at + step >= count else 0.0

            def draw(left: float, top: float, at: int = at, above: float = above, below: float = below) -> None:
                top += above
                for cell, edge in zip(shown, edges, strict=False):
                    start = left + edge
                    if cell.label and not at:
                        label = self.canvas.break_lines((Piece(table.label),), float("inf"), table.size)
                        self.canvas.write(cell.label, label, start, top, table.size, table.line)
                    lines = cell.lines[at : at + step]
                    self._write(cell.owner, cell.runs, lines, start + table.hanging, top, table.size, table.line)
                if below and table.rule:
                    end = top + step * table.line + table.padding
                    self.canvas.fill(left, end, self.width, table.rule, table.rule_color)

            strips.append(Strip(above + step * table.line + below, draw))
        return strips

    def _cell(self, table: FlowTable, runs: FlowRuns, row: Element, width: float, is_head: bool) -> _FlowCell:
        lines = self.canvas.break_lines(_pieces_of(runs), width - table.hanging, table.size) if runs else ()
        label = None
        if table.holds == "grid":
            element = row.add("TH", "/O/Table/Scope/Row") if is_head else row.add("TD")
        elif table.holds == "lines" or not runs:
            element = row.add("P")
        else:
            item = row.add("LI")
            label, element = item.add("Lbl"), item.add("LBody")
        return _FlowCell(_owners_of(runs, element), runs, lines, label)


class _FlowCell(NamedTuple):
    """A cell: who says its text, its runs and lines, and who says what stands before it."""

    owner: Owner
    runs: FlowRuns
    lines: tuple[Line, ...]
    label: Element | None


def _owners_of(runs: FlowRuns, element: Element) -> Owner:
    """Return who says runs: marked ones are elements of their own, and so are then all others, to keep their order."""
    return [element.add("Span", _tag_of(run)) for run in runs] if any(run.mark for run in runs) else element


def _pieces_of(runs: FlowRuns) -> tuple[Piece, ...]:
    return tuple(Piece(run.text, FACES[run.bold, run.italic], run.color, part) for part, run in enumerate(runs))


def _tag_of(run: FlowRun) -> str:
    return f"/O/Layout/TextDecorationType/{_MARK_TAGS[run.mark]}" if run.mark else ""

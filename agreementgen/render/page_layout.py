"""Our own page: every line of an agreement gets its place, from the Document and the sizes that the fit has chosen.

The lengths are those of templates/layout/agreement.css, so that the page is the one that WeasyPrint makes of it; a test
compares the two. All lengths in points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agreementgen.core.document import (
    Block,
    ChartDocument,
    Clause,
    Document,
    Paragraph,
    PartyBox,
    Schedule,
    Signature,
    Table,
    TermPair,
    name_parties,
)
from agreementgen.render.chart_page import is_landscape, write_chart
from agreementgen.render.house_style import ACCENT
from agreementgen.render.lettering import BLACK, SERIF, Letters, Line, Piece
from agreementgen.render.measures import (
    COLUMN_GAP,
    DATED_SHARE,
    SCHEDULE_BELOW_GAP,
    SCHEDULE_BELOW_HEADING_GAP,
    SCHEDULE_TEXT_GAP,
    SIGNED_SHARE,
    SIGNING_LABEL_WIDTH,
    TYPE_SIZES,
    Sizes,
    text_width,
)
from agreementgen.render.page_builder import RULE, OwnPages, PageBuilder
from agreementgen.render.page_canvas import About, Element, Strip
from agreementgen.render.page_text import (
    AGREED_ABOVE,
    CLAUSES_ABOVE,
    EFFECTIVE_GAP,
    GROUP_RULE,
    HEADING_BELOW,
    HEADING_LINE,
    NAME_ABOVE,
    NEXT_SIGNATURES_ABOVE,
    PARTIES_GAP,
    ROUNDING,
    SIGNATURE_ABOVE,
    SIGNATURES_RULE,
    TERM_PADDING,
    TERMS_LINE,
    TERMS_SIZE,
    THIN,
    column_height,
    field_height,
    opening_pieces,
    text_at,
)
from agreementgen.render.signing import BLANK

_BLOCK_RULE_SHARE = 0.86
_CHART_HEADING_BELOW, _SCHEDULES_GAP = 4.0, 18.0

# The share of the width that what stands beside the title may take.
_MOST_BESIDE_TITLE = 0.8


class AgreementBuilder(PageBuilder):
    """Lays out one agreement."""

    def __init__(self, document: Document, letters: Letters, sizes: Sizes) -> None:
        about = About(f"{document.title}: {name_parties(document)}", document.language, document.author)
        super().__init__(letters, document.paper, sizes, about)
        self.document, self.footer = document, document.footer
        self.text = text_at(document, letters, sizes)

    @property
    def half_width(self) -> float:
        """The width on either side of the gutter."""
        return self.text.half_width

    @property
    def right(self) -> float:
        """Where what stands right of the gutter begins."""
        return self.left + self.half_width + COLUMN_GAP

    def lay_out(self) -> OwnPages:
        document = self.document
        self.begin_page()
        text_height = self.bottom - self.top
        self.write_title(document.title, document.effective)
        self.write_parties()
        self.write_terms()
        frees = []
        if document.apart:
            lines = self.lines(self.width, Piece(document.agreed))
            self.y = self.write(self.canvas.root.add("P"), lines, self.left, self.y + AGREED_ABOVE)
            self.write_signatures()
            self.write_schedules_below("signatures")
            frees.append(self.bottom - self.y)
            self.begin_page()
            self.write_heading(document.apart, HEADING_BELOW)
            self.write_clauses()
            self.y += self.sizes.clause_gap + ROUNDING
            self.write_schedules_below("clauses")
        else:
            self.write_clauses()
            self.write_signatures()
            self.write_schedules_below("signatures")
        frees.append(self.bottom - self.y)
        pages = len(self.footers)
        starts = self.write_schedules()
        self.write_margins(self.document.words)
        return OwnPages(self.canvas, pages, min(frees), starts, text_height)

    # -- what stands side by side

    def write_parties(self) -> None:
        boxes = self.document.parties
        for start in range(0, len(boxes), 2):
            top = self.y + (PARTIES_GAP if start else 0)
            ends = [
                self._write_party(box, left, top)
                for box, left in zip(boxes[start : start + 2], (self.left, self.right), strict=False)
            ]
            self.y = max(ends)
        self.y += PARTIES_GAP

    def _write_party(self, box: PartyBox, left: float, top: float) -> float:
        for lines in self.text.party_lines(box):
            top = self.write(self.canvas.root.add("P"), lines, left, top)
        return top

    def write_terms(self) -> None:
        document, canvas = self.document, self.canvas
        table = canvas.root.add("Table")
        head = table.add("THead").add("TR").add("TH", "/O/Table/Scope/Column/ColSpan 4")
        title = self.text.terms_heading_lines(document)
        self.y = canvas.write(head, title, self.left, self.y, TERMS_SIZE, TERMS_LINE, SERIF) + TERM_PADDING
        body = table.add("TBody")
        self.rule(self.y, GROUP_RULE, ACCENT)
        self.y += GROUP_RULE
        for index, pair in enumerate(document.terms):
            if index:
                self._write_terms_rule(document.terms[index - 1], pair)
            self._write_pair(pair, body.add("TR"))
        if document.terms:
            self._write_terms_rule(document.terms[-1], None)

    def _write_terms_rule(self, above: TermPair, below: TermPair | None) -> None:
        """Paint the rule between two rows: it stops at the gutter where there is one above and below."""
        begins = below is not None and below.begins_group
        height, color = (GROUP_RULE, ACCENT) if begins else (THIN, RULE)
        is_across = above.right is None or (below is not None and below.right is None)
        if is_across and (not begins or (below is not None and below.right is None)):
            self.rule(self.y, height, color)
        else:
            if is_across:
                self.rule(self.y + (height - THIN) / 2, THIN, RULE)
            for left in (self.left, self.right):
                self.canvas.fill(left, self.y, self.half_width, height, color)
        self.y += height

    def _write_pair(self, pair: TermPair, row: Element) -> None:
        label_width, top, ends = self.text.label_width, self.y + TERM_PADDING, []
        for left, term in ((self.left, pair.left), (self.right, pair.right)):
            if term is None:
                continue
            label, text = self.text.row_lines(term, pair.right is None)
            ends.append(self.write(row.add("TH", "/O/Table/Scope/Row"), label, left, top))
            cell = row.add("TD", "" if pair.right else "/O/Table/ColSpan 3")
            ends.append(self.write(cell, text, left + label_width, top))
        self.y = max(ends) + TERM_PADDING

    # -- signatures

    def write_signatures(self) -> None:
        document, canvas = self.document, self.canvas
        self.y += self.sizes.signatures_gap
        self.rule(self.y, SIGNATURES_RULE, ACCENT)
        self.y += SIGNATURES_RULE
        if document.closing:
            lines = self.text.closing_lines(document)
            self.y = self.write(canvas.root.add("P"), lines, self.left, self.y + SIGNATURE_ABOVE)
        for start in range(0, len(document.signatures), 2):
            pair = document.signatures[start : start + 2]
            above = NEXT_SIGNATURES_ABOVE if start else SIGNATURE_ABOVE
            heights = [self._signature_height(signature) for signature in pair]
            end = self.y + above + max(heights)
            for index, (signature, height, left) in enumerate(
                zip(pair, heights, (self.left, self.right), strict=False), start
            ):
                write = self._write_block if document.signs_in_blocks else self._write_signature
                write(signature, index, canvas.root.add("Sect"), left, end - height)
            self.y = end

    def _signature_height(self, signature: Signature) -> float:
        in_blocks = self.document.signs_in_blocks
        fields = field_height(self.sizes, in_blocks) * (2 if in_blocks else 1)
        lines = self.text.count_signature(signature, in_blocks)
        return self.sizes.line_height * lines + fields + (NAME_ABOVE if in_blocks else 0.0)

    def _write_signature(self, signature: Signature, index: int, under: Element, left: float, top: float) -> None:
        room, half, canvas = self.sizes.signing_room, self.half_width, self.canvas
        top = self.write(under.add("P"), self.text.signing_party_lines(signature), left, top) + room
        dated = left + half * (1 - DATED_SHARE)
        owner = under.add("P")
        signed_lines, dated_lines = self.text.signed_lines(signature)
        for lines, start, share in ((signed_lines, left, SIGNED_SHARE), (dated_lines, dated, DATED_SHARE)):
            canvas.fill(start, top, half * share, THIN, BLACK)
            self.write(owner, lines, start, top + THIN)
        canvas.add_signing_place("signature", index, owner, left, top - room, half * SIGNED_SHARE, room)
        canvas.add_signing_place("date", index, owner, dated, top - room, half * DATED_SHARE, room)
        self._note_open_title(signed_lines, index, owner, left, top + THIN)

    def _write_block(self, signature: Signature, index: int, under: Element, left: float, top: float) -> None:
        """Write a block to sign in: a line each for signature, name and date."""
        height, canvas = field_height(self.sizes, in_blocks=True) - THIN, self.canvas
        inside, width = left + SIGNING_LABEL_WIDTH, self.half_width * _BLOCK_RULE_SHARE
        party = under.add("P")
        top = self.write(party, self.text.signing_party_lines(signature), left, top)
        owner = under.add("P") if signature.by else party
        end = self._write_field(owner, signature.by, left, top)
        canvas.add_signing_place("signature", index, owner, inside, top, width, height)
        top = end + NAME_ABOVE
        owner = under.add("P")
        self.write(owner, self.lines(SIGNING_LABEL_WIDTH, Piece(signature.name_label)), left, top)
        names = self.text.name_lines(signature)
        self._note_open_title(names, index, owner, inside, top)
        top = self.write(owner, names, inside, top)
        top += signature.spare_lines * self.sizes.line_height
        owner = under.add("P")
        self._write_field(owner, signature.date_label, left, top)
        canvas.add_signing_place("date", index, owner, inside, top, width, height)

    def _note_open_title(self, lines: Sequence[Line], index: int, owner: Element, left: float, top: float) -> None:
        """Note where a title is written by hand."""
        size, height = self.sizes.body, self.sizes.line_height
        for at, line in enumerate(lines):
            before, blank, _ = line.text.partition(BLANK)
            if blank:
                start = left + self.canvas.letters.text_width(Piece(before.rstrip() + " ")) * size
                width = self.canvas.letters.text_width(Piece("_" * line.text.count("_"))) * size
                self.canvas.add_signing_place("title", index, owner, start, top + at * height, width, height)

    def _write_field(self, owner: Element, label: str, left: float, top: float) -> float:
        end = top + field_height(self.sizes, in_blocks=True)
        if label:
            self.write(owner, self.lines(SIGNING_LABEL_WIDTH, Piece(label)), left, end - self.sizes.line_height)
        width = self.half_width * _BLOCK_RULE_SHARE
        self.canvas.fill(left + SIGNING_LABEL_WIDTH, end - THIN, width, THIN, BLACK)
        return end

    # -- clauses

    def write_clauses(self) -> None:
        """Write the clauses in two columns, as even as their paragraphs can be cut."""
        strips = [strip for clause in self.document.clauses for strip in self._clause(clause)]
        top = self.y + CLAUSES_ABOVE
        height = column_height(self.text.columns, self.sizes)
        y, left = top, self.left
        cut = _find_cut(strips, height + self.sizes.clause_gap + ROUNDING)
        for index, strip in enumerate(strips):
            if index == cut:
                y, left = top, self.right
            strip.draw(left, y)
            y += strip.height + strip.below
        self.y = top + height

    def _clause(self, clause: Clause) -> list[Strip]:
        section = self.canvas.root.add("Sect")
        title = f"{clause.number}. {clause.heading}."
        heading = section.add("H2")
        opening = opening_pieces(clause)
        first, *rest = clause.blocks
        if isinstance(first, Paragraph):
            strips = self.paragraph((heading, section.add("P")), opening, self.half_width)
        else:
            # A heading above a list has a line of its own.
            strips = self.paragraph(heading, opening, self.half_width) + self.block(first, section, self.half_width)
        for block in rest:
            strips += self.block(block, section, self.half_width)
        self.mark(strips[0], title)
        strips[-1].below = self.sizes.clause_gap
        return strips

    # -- schedules

    def write_schedules_below(self, place: str) -> None:
        """Write the schedules that stand below signatures or clauses."""
        for schedule in self.document.schedules:
            if schedule.below == place:
                self.y += SCHEDULE_BELOW_GAP
                self.write_heading(schedule.heading, SCHEDULE_BELOW_HEADING_GAP)
                self._flow_blocks(schedule)

    def write_schedules(self) -> tuple[bool, ...]:
        """Write the pages of schedules, and return for each schedule whether a page begins with it."""
        shares_page = False
        starts = []
        for schedule in self.document.schedules:
            if schedule.below:
                starts.append(False)
                continue
            above = self.y + _SCHEDULES_GAP
            fits = shares_page and not schedule.chart
            fits = fits and above + self._schedule_height(schedule) <= self.bottom + ROUNDING
            starts.append(not fits)
            shares_page = True
            if fits:
                self.y = above
            else:
                self._begin_schedule_page(schedule)
            if schedule.chart:
                self.write_heading(schedule.heading, _CHART_HEADING_BELOW)
                write_chart(self, schedule.chart, "H3")
            else:
                self.write_heading(schedule.heading, HEADING_BELOW)
                self._flow_blocks(schedule)
        return tuple(starts)

    def _begin_schedule_page(self, schedule: Schedule) -> None:
        """Begin a page, with the footer of a chart from there on."""
        self.landscape = schedule.chart is not None and is_landscape(schedule.chart)
        if schedule.chart:
            self.footer = schedule.chart.footer
        self.begin_page()

    def _schedule_height(self, schedule: Schedule) -> float:
        probe = Element("Div")
        strips = [strip for block in schedule.blocks for strip in self._schedule_block(block, probe)]
        lines = len(self.heading_lines(schedule.heading))
        return HEADING_LINE * lines + HEADING_BELOW + sum(strip.height + strip.below for strip in strips)

    def _flow_blocks(self, schedule: Schedule) -> None:
        for block in schedule.blocks:
            self.flow(self._schedule_block(block, self.canvas.root))

    def _schedule_block(self, block: Block, under: Element) -> list[Strip]:
        strips = self.block(block, under, self.width)
        if not isinstance(block, Table):
            strips[-1].below += SCHEDULE_TEXT_GAP
        return strips


def _each_cut(strips: Sequence[Strip]) -> Iterator[tuple[int, float]]:
    """Yield each place where the second column may begin, with the height of what stands before it."""
    above = 0.0
    for index, strip in enumerate(strips):
        if index and not strip.stays:
            yield index, above
        above += strip.height + strip.below


def _find_cut(strips: Sequence[Strip], room: float) -> int:
    """Return where the second column begins, if the first holds as much as it has room for."""
    if sum(strip.height + strip.below for strip in strips) <= room:
        return len(strips)
    return max((cut for cut, above in _each_cut(strips) if above <= room), default=len(strips))


def has_room_for_title(document: Document | ChartDocument, letters: Letters) -> bool:
    """Return whether the line beside the title, which is never broken, leaves room for it in any size."""
    beside = document.of if isinstance(document, ChartDocument) else document.effective
    width = text_width(document.paper, letters.style.margins) - EFFECTIVE_GAP
    return letters.text_width(Piece(beside)) * TYPE_SIZES[0] <= width * _MOST_BESIDE_TITLE


def lay_out(document: Document, letters: Letters, sizes: Sizes) -> OwnPages:
    """Lay out an agreement whose text `letters` covers."""
    return AgreementBuilder(document, letters, sizes).lay_out()

"""The text of an agreement broken into lines at one type size, and the height of the pages that they fill.

All who judge a page ask this: the fit, which looks for the largest size; our own layout, which draws these lines; and
whoever wants to know how full a page of Word's is, in another font and between other margins. Where lines end depends
on the type size alone. So a document is counted once at a size, and its height is known for any height of lines.

The lengths are those of templates/layout/agreement.css. All lengths in points.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat
from math import ceil

from agreementgen.core.document import (
    Block,
    Clause,
    Document,
    ItemList,
    Paragraph,
    PartyBox,
    Runs,
    Schedule,
    Signature,
    Table,
    TermRow,
    runs_of_block,
)
from agreementgen.draft.term_pairs import pair_rows
from agreementgen.render.house_style import ACCENT
from agreementgen.render.lettering import BLACK, BOLD, BOLD_ITALIC, ITALIC, REGULAR, SERIF, Letters, Line, Piece
from agreementgen.render.measures import (
    CLOSING_LEADING,
    COLUMN_GAP,
    DATED_SHARE,
    LEADING,
    SCHEDULE_BELOW_GAP,
    SCHEDULE_BELOW_HEADING_GAP,
    SCHEDULE_TEXT_GAP,
    SIGNED_SHARE,
    SIGNING_LABEL_WIDTH,
    Sizes,
    text_width,
)

THIN = 0.5
EFFECTIVE_GAP = 12.0
TITLE_RULE, TITLE_RULE_GAP, TITLE_BELOW = 1.5, 2.0, 3.0
HEADING_SIZE, HEADING_LINE, HEADING_BELOW = 14.0, 18.0, 8.0
PARTIES_GAP = 3.0
TERMS_SIZE, TERMS_LINE = 11.5, 13.0
LABEL_PADDING, TERM_PADDING, GROUP_RULE = 5.0, 0.5, 1.0
CLAUSES_ABOVE, AGREED_ABOVE = 4.0, 8.0
SIGNATURES_RULE, SIGNATURE_ABOVE, NEXT_SIGNATURES_ABOVE = 1.5, 1.0, 8.0
# In a block to sign in: the space above the name.
NAME_ABOVE = 2.0
ITEM_INDENT, INNER_INDENT = 14.0, 20.0
CELL_PADDING, CELL_GAP, HEAD_RULE = 2.0, 6.0, 0.75
# A paragraph is cut with so many lines at least on either side.
LEAST_LINES = 2
# How far columns and pages may be overfilled by rounding.
ROUNDING = 0.01
# What the longest label of the key terms gets beyond its width, because programs round widths in their own ways.
_LABEL_ROOM = LABEL_PADDING + 0.5
# Up to this share of the text a label of several words stands on one line, too.
_MOST_WHOLE_LABEL = 0.15
# What stands between two things that a line says of a party.
_DOT = " · "
FACES = {(False, False): REGULAR, (True, False): BOLD, (False, True): ITALIC, (True, True): BOLD_ITALIC}


def pieces_of(runs: Runs, part: int = 0, is_bold: bool = False) -> tuple[Piece, ...]:
    """Return runs as pieces of a paragraph: all of them bold in the head of a table."""
    return tuple(Piece(run.text, FACES[run.bold or is_bold, run.italic], BLACK, part) for run in runs)


@dataclass(frozen=True)
class TextArea:
    """The text of a page: its width, the gap between its columns, and how wide its font is in widths of the one given.

    `label_share` is the share of the width (0 to 1) that a column of labels takes.
    """

    width: float
    column_gap: float
    width_factor: float
    label_share: float


@dataclass(frozen=True)
class PageNeed:
    """What a page holds: lines of the text's size, other heights, and lines to sign on, or in blocks.

    `columns` are the paragraphs in its two columns; `ends_clauses` is whether a gap like that between clauses follows.
    """

    lines: int
    heights: float
    signing_fields: int = 0
    in_blocks: bool = False
    columns: tuple[_BrokenParagraph, ...] | None = None
    ends_clauses: bool = False

    def height(self, sizes: Sizes) -> float:
        total = self.heights + self.lines * sizes.line_height
        if self.signing_fields:
            total += sizes.signatures_gap + self.signing_fields * field_height(sizes, self.in_blocks)
        if self.columns is not None:
            total += CLAUSES_ABOVE + column_height(self.columns, sizes)
        return total + (sizes.clause_gap if self.ends_clauses else 0.0)


@dataclass(frozen=True)
class _BrokenParagraph:
    """A paragraph in columns: its lines, whether a column may end before it, whether a clause ends with it."""

    lines: int
    may_begin_column: bool
    ends_clause: bool


def field_height(sizes: Sizes, in_blocks: bool) -> float:
    """Return the height of a line to sign on, with the room above it."""
    least = sizes.line_height if in_blocks else 0.0
    return max(sizes.signing_room + THIN, least)


def column_height(paragraphs: Sequence[_BrokenParagraph], sizes: Sizes) -> float:
    """Return the least height at which paragraphs stand in two columns; 0 where there are none."""
    if not paragraphs:
        return 0.0
    line, gaps = sizes.line_height, [sizes.clause_gap if one.ends_clause else 0.0 for one in paragraphs]
    whole = sum(one.lines * line for one in paragraphs) + sum(gaps)
    best, above = whole - gaps[-1], 0.0
    for index, (one, gap) in enumerate(zip(paragraphs, gaps, strict=True)):
        # The second column begins before this paragraph, or inside it.
        cuts = [0] if index and one.may_begin_column else []
        cuts += range(LEAST_LINES, one.lines - LEAST_LINES + 1)
        for cut in cuts:
            left = above + cut * line - (0 if cut else gaps[index - 1])
            best = min(best, max(left, whole - above - cut * line - gaps[-1]))
        above += one.lines * line + gap
    return best


class PageText:
    """The text of a document at one type size, broken into lines as they are needed.

    What changes neither words nor their places across the page may differ between the document and those it is asked
    about: pairs of key terms, where schedules stand, how it is signed.
    """

    def __init__(self, document: Document, letters: Letters, body: float, area: TextArea) -> None:
        self.document, self.letters, self.body, self.area = document, letters, body, area
        self.size = body * area.width_factor
        self.width = area.width
        self.half_width = (area.width - area.column_gap) / 2
        self.label_width = round(area.label_share, 3) * area.width
        self._counted_rows: dict[tuple[int, bool], int] = {}

    def lines(self, width: float, *pieces: Piece) -> tuple[Line, ...]:
        return self.letters.break_lines(pieces, width, self.size)

    # -- the lines of each part

    def title_lines(self, title: str, beside: Sequence[Line]) -> tuple[Line, ...]:
        width = self.width - beside[0].width * self.size - EFFECTIVE_GAP
        return self.letters.break_lines((Piece(title, SERIF, ACCENT),), width, self.letters.style.title_size)

    def heading_lines(self, text: str) -> tuple[Line, ...]:
        return self.letters.break_lines((Piece(text, SERIF, ACCENT),), self.width, HEADING_SIZE)

    def terms_heading_lines(self, document: Document) -> tuple[Line, ...]:
        return self.letters.break_lines((Piece(document.terms_title, SERIF, ACCENT),), self.width, TERMS_SIZE)

    def party_lines(self, box: PartyBox) -> Iterator[tuple[Line, ...]]:
        """Yield the lines of the name of a party, then of each thing that is said of it."""
        introduced = (Piece(" ("), Piece(box.short, BOLD), Piece(")")) if box.introduces else ()
        yield self.lines(self.half_width, Piece(box.name, BOLD), *introduced)
        for line in box.lines:
            yield self.lines(self.half_width, Piece(line))

    def row_lines(self, row: TermRow, across: bool) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """Return the lines of the label and of the text of a row that stands beside another, or across the page."""
        width = (self.width if across else self.half_width) - self.label_width
        label = self.lines(self.label_width - LABEL_PADDING, Piece(row.label, BOLD))
        return label, self.lines(width, *pieces_of(row.runs))

    def closing_lines(self, document: Document) -> tuple[Line, ...]:
        return self.lines(self.width, Piece(document.closing))

    def signing_party_lines(self, signature: Signature) -> list[Line]:
        texts = signature.party.split("\n")
        return [line for text in texts for line in self.lines(self.half_width, Piece(text, BOLD))]

    def signed_lines(self, signature: Signature) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
        """Return what stands below the lines to sign and to date."""
        return (
            self.lines(self.half_width * SIGNED_SHARE, Piece(signature.signatory)),
            self.lines(self.half_width * DATED_SHARE, Piece(signature.date_label)),
        )

    def name_lines(self, signature: Signature) -> tuple[Line, ...]:
        """Return the name of who signs, in a block."""
        return self.lines(self.half_width - SIGNING_LABEL_WIDTH, Piece(signature.name))

    def cell_lines(self, table: Table, row: Sequence[Runs], is_head: bool) -> list[tuple[Line, ...]]:
        widths = cell_widths(table, self.width)
        return [
            self.lines(width - CELL_GAP, *pieces_of(runs, is_bold=is_head))
            for runs, width in zip(row, widths, strict=True)
        ]

    # -- heights

    def count_row(self, row: TermRow, across: bool) -> int:
        # By the row itself, which the document keeps: its text would take longer to compare than to count.
        key = (id(row), across)
        if key not in self._counted_rows:
            self._counted_rows[key] = max(map(len, self.row_lines(row, across)))
        return self._counted_rows[key]

    def count_signature(self, signature: Signature, in_blocks: bool) -> int:
        """Return the lines of text where a party signs."""
        below = self._count_below(signature, in_blocks) + signature.spare_lines
        return len(self.signing_party_lines(signature)) + below

    def _count_below(self, signature: Signature, in_blocks: bool) -> int:
        return max(map(len, (self.name_lines(signature),) if in_blocks else self.signed_lines(signature)))

    def count_terms(self, document: Document) -> PageNeed:
        heights = TERMS_LINE * len(self.terms_heading_lines(document)) + TERM_PADDING + GROUP_RULE + THIN
        lines = 0
        for index, pair in enumerate(document.terms):
            heights += 2 * TERM_PADDING
            if index:
                heights += GROUP_RULE if pair.begins_group else THIN
            rows = [row for row in (pair.left, pair.right) if row is not None]
            lines += max(self.count_row(row, pair.right is None) for row in rows)
        return PageNeed(lines, heights - (0 if document.terms else THIN))

    def count_schedule(self, schedule: Schedule) -> PageNeed:
        """Return what a schedule needs that stands below something else."""
        heights = SCHEDULE_BELOW_GAP + HEADING_LINE * len(self.heading_lines(schedule.heading))
        heights += SCHEDULE_BELOW_HEADING_GAP
        lines = 0
        for block in schedule.blocks:
            if isinstance(block, Table):
                rows = (block.head, *block.rows)
                heights += HEAD_RULE - THIN + len(rows) * (2 * CELL_PADDING + THIN)
                lines += sum(max(map(len, self.cell_lines(block, row, row is block.head))) for row in rows)
            else:
                texts = zip(runs_of_block(block), _indents_of(block), strict=False)
                lines += sum(len(self.lines(self.width - indent, *pieces_of(runs))) for runs, indent in texts)
                heights += SCHEDULE_TEXT_GAP
        return PageNeed(lines, heights)

    @cached_property
    def columns(self) -> tuple[_BrokenParagraph, ...]:
        """The paragraphs of the clauses."""
        return tuple(paragraph for clause in self.document.clauses for paragraph in self._each_paragraph(clause))

    def _each_paragraph(self, clause: Clause) -> Iterator[_BrokenParagraph]:
        found: list[tuple[int, bool]] = []
        for index, block in enumerate(clause.blocks):
            if index == 0:
                found.append((len(self.lines(self.half_width, *opening_pieces(clause))), True))
            if index or not isinstance(block, Paragraph):
                for at, (runs, indent) in enumerate(zip(runs_of_block(block), _indents_of(block), strict=False)):
                    count = len(self.lines(self.half_width - indent, *pieces_of(runs)))
                    found.append((count, at > 0 or not indent))
        for at, (count, may_begin) in enumerate(found, 1):
            yield _BrokenParagraph(count, may_begin, at == len(found))

    def count_pages(self, document: Document) -> tuple[PageNeed, ...]:
        """Return what the agreement needs without its pages of schedules: one page, or two."""
        parts = [self._count_head(document), self.count_terms(document)]
        if document.apart is not None:
            agreed = len(self.lines(self.width, Piece(document.agreed)))
            parts.append(PageNeed(agreed, AGREED_ABOVE))
        parts += self._count_schedules(document, "signatures")
        signing = self._count_signatures(document)
        first = replace(
            signing,
            lines=signing.lines + sum(part.lines for part in parts),
            heights=signing.heights + sum(part.heights for part in parts),
        )
        if document.apart is None:
            return (replace(first, columns=self.columns),)
        behind = self._count_schedules(document, "clauses")
        heights = HEADING_LINE * len(self.heading_lines(document.apart)) + HEADING_BELOW + ROUNDING
        heights += sum(part.heights for part in behind)
        return first, PageNeed(sum(part.lines for part in behind), heights, columns=self.columns, ends_clauses=True)

    def _count_head(self, document: Document) -> PageNeed:
        """Return what title and parties need."""
        beside = self.lines(float("inf"), Piece(document.effective))
        heights = self.letters.style.title_line * len(self.title_lines(document.title, beside))
        heights += TITLE_RULE_GAP + TITLE_RULE + TITLE_BELOW
        counts = [sum(map(len, self.party_lines(box))) for box in document.parties]
        rows = [max(counts[start : start + 2]) for start in range(0, len(counts), 2)]
        return PageNeed(sum(rows), heights + PARTIES_GAP * max(len(rows), 1))

    def _count_signatures(self, document: Document) -> PageNeed:
        in_blocks = document.signs_in_blocks
        counts = [self.count_signature(signature, in_blocks) for signature in document.signatures]
        rows = [max(counts[start : start + 2]) for start in range(0, len(counts), 2)]
        heights = SIGNATURES_RULE + (NAME_ABOVE * len(rows) if in_blocks else 0.0)
        if rows:
            heights += SIGNATURE_ABOVE + NEXT_SIGNATURES_ABOVE * (len(rows) - 1)
        closing = len(self.closing_lines(document)) if document.closing else 0
        heights += SIGNATURE_ABOVE if closing else 0.0
        return PageNeed(closing + sum(rows), heights, len(rows) * (2 if in_blocks else 1), in_blocks)

    def _count_schedules(self, document: Document, below: str) -> list[PageNeed]:
        return [self.count_schedule(one) for one in document.schedules if one.below == below]

    # -- what is arranged by the lines it takes

    def arrange(self, document: Document) -> Document:
        """Return `document` with long key terms across the page, and long lines of parties broken at their dots.

        Both only where that saves lines, or costs none. Lines to sign on stand level.
        """
        boxes = (
            replace(box, lines=tuple(part for line in box.lines for part in self._break_at_dots(line)))
            for box in document.parties
        )
        arranged = replace(document, terms=pair_rows(document.rows, self.count_row), parties=tuple(boxes))
        return self.level_signatures(arranged)

    def level_signatures(self, document: Document) -> Document:
        """Return `document` with as many lines below each line to sign on as below the one beside it."""
        leveled: list[Signature] = []
        for start in range(0, len(document.signatures), 2):
            pair = document.signatures[start : start + 2]
            counts = [self._count_below(one, document.signs_in_blocks) for one in pair]
            leveled += (replace(one, spare_lines=max(counts) - n) for one, n in zip(pair, counts, strict=True))
        return replace(document, signatures=tuple(leveled))

    def _break_at_dots(self, line: str) -> tuple[str, ...]:
        """Return the line of a party in lines that its dots part, or as it is where those would be more.

        No line begins or ends with a dot.
        """

        def count(text: str) -> int:
            return len(self.lines(self.half_width, Piece(text)))

        found: list[str] = []
        for part in line.split(_DOT):
            joined = f"{found[-1]}{_DOT}{part}" if found else ""
            if joined and count(joined) == 1:
                found[-1] = joined
            else:
                found.append(part)
        return tuple(found) if sum(map(count, found)) <= count(line) else (line,)


def _indents_of(block: Block) -> Iterator[float]:
    """Yield how far each paragraph or item of a block stands in."""
    if isinstance(block, ItemList):
        yield from (ITEM_INDENT + INNER_INDENT * depth for depth in block.depths)
    else:
        yield from repeat(0.0)


def opening_pieces(clause: Clause) -> tuple[Piece, ...]:
    """Return what a clause begins with: its heading, and its first paragraph behind it."""
    head = Piece(f"{clause.number}. {clause.heading}.", BOLD)
    first = clause.blocks[0]
    return (head, Piece(" ", part=1), *pieces_of(first.runs, part=1)) if isinstance(first, Paragraph) else (head,)


def cell_widths(table: Table, width: float) -> list[float]:
    """Return the widths of the columns of a table."""
    shares = table.widths or (100 / len(table.head),) * len(table.head)
    return [share * width / 100 for share in shares]


def text_at(document: Document, letters: Letters, sizes: Sizes) -> PageText:
    """Return the text of a document on our own page."""
    width = text_width(document.paper, letters.style.margins)
    return PageText(document, letters, sizes.body, TextArea(width, COLUMN_GAP, 1.0, sizes.label_share))


def measure_pages(text: PageText, document: Document, sizes: Sizes) -> tuple[float, ...]:
    """Return the height of each page of the agreement without its pages of schedules: one page, or two."""
    return tuple(page.height(sizes) for page in text.count_pages(document))


def text_at_size(document: Document, body: float, letters: Letters) -> tuple[Sizes, PageText]:
    """Return the sizes of a document whose type has `body` points, with no more room than they need, and its text."""
    labels = {row.label for row in document.rows}
    words = {word for label in labels for word in label.split()}
    width = text_width(document.paper, letters.style.margins)
    needed, wanted = (
        [(letters.text_width(Piece(text, BOLD)) * body + _LABEL_ROOM) / width for text in texts]
        for texts in (words, labels)
    )
    widest = max((*needed, *(share for share in wanted if share <= _MOST_WHOLE_LABEL)), default=0.0)
    plain = Sizes(body, leading=CLOSING_LEADING if document.closing else LEADING)
    whole, narrow = (
        replace(plain, widest_label=ceil(share * 1000) / 1000) for share in (widest, max(needed, default=0.0))
    )
    text = text_at(document, letters, whole)
    if whole == narrow:
        return whole, text
    # Labels on one line are easier to find, but must not make the table any higher.
    narrow_text = text_at(document, letters, narrow)
    is_higher = text.count_terms(document).height(whole) > narrow_text.count_terms(document).height(narrow)
    return (narrow, narrow_text) if is_higher else (whole, text)

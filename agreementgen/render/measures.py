"""How much room text takes: the sizes from which the fit chooses, the widths of fonts, the height of a document.

The sizes that PDF and Word file share stand in templates/layout/agreement.css and in script/make-reference, too;
whoever changes one changes all three. All lengths in points.

Widths are in ems, shaped by HarfBuzz with kerning and ligatures, as in the PDF. Lines break where Unicode's rules let
common texts break; for rare signs and scripts this is a guess. The height of a document adds up such lines and the
lengths of the style sheet: the fit's first guess, and all there is without Pango.

The only home of uharfbuzz, imported on first use.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from math import ceil
from typing import Any

from agreementgen.core.document import (
    Chart,
    Clause,
    Document,
    ItemList,
    PartyBox,
    Runs,
    Schedule,
    Signature,
    Table,
    TermRow,
    runs_of_block,
    text_of_document,
)
from agreementgen.core.typography import keep_together
from agreementgen.draft.term_pairs import pair_rows
from agreementgen.library.files import SourceFile

PAPER_SIZES = {"letter": (612.0, 792.0), "a4": (595.3, 841.9)}
"""Width and height of the paper, upright."""
MARGIN_TOP, MARGIN_SIDE, MARGIN_BOTTOM = 36.0, 43.2, 43.2
# Space between the two columns of clauses, and the least above the signatures.
COLUMN_GAP, SIGNATURES_GAP = 14.0, 1.5
# Space above a schedule of the Word file that stands below another. With the gap of 3 pt that ends each table, it is
# 3 pt less than in the PDF, which decides what a page holds.
SCHEDULE_GAP = 12.0
# Space above and below the heading of one that stands below signatures or clauses, where no gap ends what is above.
SCHEDULE_BELOW_GAP, SCHEDULE_BELOW_HEADING_GAP = 12.0, 6.0
# Type sizes the fit may choose, largest first. 8.5 pt is the floor for body and table: New York's CPLR 4544
# bars consumer print under 8 pt from evidence, and courts have refused tiny print between businesses too.
TYPE_SIZES = (12.0, 11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)
# Above this a page gets larger type only where that costs no page.
LARGE_TYPE = 10.5
LEAST_CLAUSE_GAP = 1.5
# What stands between two things that a line says of a party.
_DOT = " · "
# Between the name of a party and its line to sign on. A signature by hand needs 20 pt; a little more, because programs
# differ in where they draw the line.
LEAST_SIGNING_ROOM = 20.5
# In a block to sign in: the least height above a line, and the width of the labels beside it.
LEAST_BLOCK_ROOM, SIGNING_LABEL_WIDTH = 24.0, 34.0
# The shares of the width on which a party signs and dates; between them is a gap.
SIGNED_SHARE, DATED_SHARE = 0.74, 0.22
# Line height over type size: the least, and the most on a page with room.
_LEADING, MOST_LEADING = 1.15, 1.3
# The least width of a label column, as a share of the text, so that pages with short labels look like the others.
_LEAST_LABEL_SHARE = 0.11
# Up to this share of the text a label of several words stands on one line, too.
_MOST_WHOLE_LABEL = 0.15


@dataclass(frozen=True)
class Sizes:
    """What the fit chooses, in points: type size of body and table, space after a clause, room to sign in.

    `widest_label` is the share of the text width (0 to 1) that the labels of key terms need; `spread_line` the
    height of a line on a page with room, 0 for the least.
    """

    body: float
    clause_gap: float = LEAST_CLAUSE_GAP
    signing_room: float = LEAST_SIGNING_ROOM
    widest_label: float = 0.0
    spread_line: float = 0.0

    @property
    def label_share(self) -> float:
        """The share of the text width of a label column: its words stand on one line, up to a fifth of the width."""
        return max(_LEAST_LABEL_SHARE, min(self.widest_label, 0.2))

    @property
    def signatures_gap(self) -> float:
        """The space above the signatures, which grows with that between clauses."""
        return SIGNATURES_GAP + self.clause_gap - LEAST_CLAUSE_GAP

    @property
    def line_height(self) -> float:
        """The exact line height."""
        return self.spread_line or line_height_of(self.body)


def line_height_of(type_size: float) -> float:
    """Return the exact height of a line, in whole twips (1/20 pt), as Word stores it."""
    return round(type_size * _LEADING * 20) / 20


def text_height(paper: str) -> float:
    """Return the height of the text area of a page."""
    return PAPER_SIZES[paper][1] - MARGIN_TOP - MARGIN_BOTTOM


# -- widths of text

StyledText = tuple[tuple[str, bool], ...]
"""Text that belongs together, in pieces: (text, bold)."""

# Where the fonts have no glyph: letters of East Asian scripts are square, others about as wide as this.
_SQUARE_FROM, _UNKNOWN_LETTER_WIDTH = 0x2E7F, 0.55
# A no-break space is no space; a line may end behind a hyphen, a dash, a slash, and around East Asian letters.
_SPACES = re.compile(r"([ \t\n]+)")
_LINE_BREAKS = re.compile(
    r"(?<=[^\W\d]-)(?=[^\W_])|(?<=\d-)(?=[^\W\d_])|(?<=\w[\u2010\u2013])(?=\w)|(?=\u2014)|(?<=\u2014)|(?<=\w/)(?=[^\W\d_])"
    r"|(?=[\u2e80-\u9fff\uac00-\ud7af])|(?<=[\u2e80-\u9fff\uac00-\ud7af])(?=\w)"
)


class FontWidths:
    """The widths of texts in the regular and bold face of a page.

    What was measured is kept: texts are tried at several sizes, and most clauses come again in the next document.
    """

    def __init__(self, regular: bytes, bold: bytes) -> None:
        self.faces = (_load_face(regular), _load_face(bold))
        self.word_width = lru_cache(maxsize=20_000)(self._measure_word)
        self.unbreakable_parts = lru_cache(maxsize=4_000)(self._split_parts)

    def covers(self, text: str) -> bool:
        """Return whether the regular face has a glyph for every character of `text`: its width is no guess then."""
        known = self.faces[False].face.unicodes
        return all(ord(char) in known for char in set(text) if not char.isspace())

    def text_width(self, text: str, bold: bool) -> float:
        """Return the width of `text` on one line."""
        space = self.word_width(" ", bold)
        return sum(
            space * len(part) if part.isspace() else self.word_width(part, bold) for part in _SPACES.split(text) if part
        )

    def count_lines(self, pieces: StyledText, width: float) -> int:
        """Return how many lines of `width` ems the words of `pieces` take: at least one."""
        lines, used, gap = 1, 0.0, 0.0
        for size, space in self.unbreakable_parts(pieces):
            if used and used + gap + size > width:
                lines, used, gap = lines + 1, 0.0, 0.0
            if size > width:
                lines += int(size / width)
                size %= width
            used, gap = used + gap + size, space
        return lines

    def _split_parts(self, pieces: StyledText) -> tuple[tuple[float, float], ...]:
        """Return the width of each part that no line breaks, and of the space behind it."""
        found: list[tuple[float, float]] = []
        size, begun = 0.0, False
        for text, bold in pieces:
            for index, word in enumerate(_SPACES.split(keep_together(text))):
                if index % 2:
                    if begun:
                        found.append((size, self.word_width(" ", bold)))
                        size, begun = 0.0, False
                    continue
                for place, part in enumerate(_LINE_BREAKS.split(word)):
                    if place and begun:
                        found.append((size, 0.0))
                        size, begun = 0.0, False
                    if part:
                        size, begun = size + self.word_width(part, bold), True
        if begun:
            found.append((size, 0.0))
        return tuple(found)

    def _measure_word(self, text: str, bold: bool) -> float:
        import uharfbuzz

        face = self.faces[bold]
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(face, buffer)
        em = float(face.face.upem)
        return sum(
            place.x_advance / em if glyph.codepoint else _width_without_glyph(text, glyph.cluster)
            for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        )


def _width_without_glyph(text: str, at: int) -> float:
    return 1.0 if ord(text[at]) > _SQUARE_FROM else _UNKNOWN_LETTER_WIDTH


def _load_face(data: bytes) -> Any:
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(data)))


@lru_cache(maxsize=64)
def font_names_of(data: bytes) -> tuple[str, str]:
    """Return the family and the style that a font file says it has ("Carlito", "Bold"); "" for what is no font."""
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob(data))
    names = uharfbuzz.OTNameIdPredefined
    return face.get_name(names.FONT_FAMILY) or "", face.get_name(names.FONT_SUBFAMILY) or ""


@cache
def widths_of_faces(regular: bytes, bold: bytes) -> FontWidths:
    """Return the widths of two faces, given as font files."""
    return FontWidths(regular, bold)


def widths_of_layout(layout: Mapping[str, SourceFile]) -> FontWidths:
    """Return the widths of the library's own text faces, or of those a pack names as its faces."""
    regular = layout.get("face/regular") or layout["fonts/Carlito-Regular.ttf"]
    bold = layout.get("face/bold") or layout["fonts/Carlito-Bold.ttf"]
    return widths_of_faces(regular.data, bold.data)


# How wide plain text is in fonts that come with Word, in Calibri's widths. These are estimates, (*) from
# metric-compatible or near relatives; render/word_page leaves room for what they miss.
_WIDTH_FACTORS = {
    "calibri": 1.0, "carlito": 1.0, "cambria": 1.0, "caladea": 1.0, "times new roman": 0.98, "times": 0.98,
    "arial": 1.08, "helvetica": 1.08, "georgia": 1.08, "verdana": 1.25, "book antiqua": 1.09, "palatino linotype": 1.09,
    "century schoolbook": 1.14, "bookman old style": 1.21, "courier new": 1.49, "consolas": 1.36, "garamond": 0.94,
    "tahoma": 1.09, "trebuchet ms": 1.09, "segoe ui": 1.10, "century gothic": 1.18, "aptos": 1.08, "candara": 1.02,
    "constantia": 1.05, "corbel": 1.01, "franklin gothic book": 1.03, "gill sans mt": 1.0, "lucida sans unicode": 1.2,
    "century": 1.14, "perpetua": 0.9, "rockwell": 1.1, "sylfaen": 1.02, "arial narrow": 0.89, "calibri light": 1.0,
    "dejavu sans": 1.25, "dejavu serif": 1.26, "liberation sans": 1.08, "liberation serif": 0.98,
}  # fmt: skip
# One that nobody knows is taken to be wide: a page that ends early is better than one that runs over.
_UNKNOWN_WIDTH_FACTOR = 1.15


def width_factor_of(family: str) -> float:
    """Return how wide text in a font is, in the widths of Calibri."""
    return _WIDTH_FACTORS.get(family.casefold(), _UNKNOWN_WIDTH_FACTOR) if family else 1.0


def find_faces(family: str, files: Mapping[str, bytes]) -> tuple[bytes, bytes] | None:
    """Return the regular and bold face of a font among font files (by name); None where one of them is missing."""
    ours = {"calibri": "carlito", "cambria": "caladea"}
    wanted = ours.get(family.casefold(), family.casefold())
    found: dict[str, bytes] = {}
    for name, data in files.items():
        if name.lower().endswith((".ttf", ".otf")):
            there, style = font_names_of(data)
            if there.casefold() == wanted:
                found.setdefault(style.casefold(), data)
    return (found["regular"], found["bold"]) if {"regular", "bold"} <= set(found) else None


def unavailable_fonts(found: frozenset[str], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the fonts that neither come with Word, nor lie among `files`, nor are on this computer."""
    there = {
        font_names_of(data)[0].casefold() for name, data in files.items() if name.lower().endswith((".ttf", ".otf"))
    }
    left = [family for family in sorted(found) if family.casefold() not in there | set(_WIDTH_FACTORS)]
    return tuple(family for family in left if family.casefold() not in _installed_fonts())


@cache
def _installed_fonts() -> frozenset[str]:
    """Return the fonts of this computer, where its list of fonts can be asked for."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    try:
        done = subprocess.run([program, ":", "family"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip().casefold() for line in lines for name in line.split(","))


# -- the height of a document

# What the style sheet and reference.docx spend besides lines of text.
_TITLE_HEIGHT = 21 + 2 + 1.5 + 3
_PARTIES_GAP, _TERMS_GAP = 3.0, 4.0
_HEAD_ROW_HEIGHT, _ROW_EXTRA, _GROUP_EXTRA = 13 + 0.5 + 1, 1.5, 0.5
# A schedule below signatures or clauses: its heading, in a face about so much wider, and its table.
_HEADING_SIZE, _HEADING_LINE, _HEADING_WIDTH = 14.0, 18.0, 1.15
_CELLS_PADDING, _CELL_GAP, _CELL_RULE, _HEAD_RULE = 4.0, 6.0, 0.5, 0.75
_AGREED_GAP = 8.0
_SECOND_PAGE_HEADING = 18 + 8
_SIGNATURES_EXTRA, _SIGNATURE_EXTRA, _NEXT_SIGNATURES_GAP = 1.5, 1 + 0.5, 7.0
_NEXT_BLOCKS_GAP = 7.0
# In a block to sign in: the rules below both lines, and the space above the name.
_BLOCK_EXTRA = 2 * 0.5 + 2
# Behind a label; and what the longest gets, because programs round widths in their own ways.
_LABEL_PADDING, _LABEL_ROOM = 5.0, 5.5
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
    """Return the estimated height of the agreement without its pages of schedules: of its fuller page, if it has two.

    `area` is that of a page other than the PDF's.
    """
    return max(estimate_pages(document, sizes, font, area))


def estimate_pages(
    document: Document, sizes: Sizes, font: FontWidths, area: TextArea | None = None
) -> tuple[float, ...]:
    """Return the estimated height of each page of the agreement without its pages of schedules: one page, or two."""
    estimate = _Estimate(document, sizes, font, area)
    terms = estimate.heading_height() + estimate.parties_height() + estimate.terms_height()
    clauses = _TERMS_GAP + estimate.column_height()
    if document.apart:
        agreed = _AGREED_GAP + sizes.line_height * estimate.count_lines(
            ((document.agreed, False),), estimate.area.width
        )
        first = terms + agreed + estimate.signatures_height() + estimate.schedules_height("signatures")
        second = _SECOND_PAGE_HEADING + clauses + sizes.clause_gap + estimate.schedules_height("clauses")
        return first, second
    return (terms + clauses + estimate.signatures_height() + estimate.schedules_height("signatures"),)


def estimate_schedule(document: Document, schedule: Schedule, sizes: Sizes, font: FontWidths) -> float:
    """Return the estimated height of a schedule that stands below something else."""
    return _Estimate(document, sizes, font, None).schedule_height(schedule)


def arrange_terms(document: Document, sizes: Sizes, font: FontWidths) -> Document:
    """Return `document` with long rows of the key terms across the page, where that saves lines."""
    estimate = _Estimate(document, sizes, font, None)
    return replace(document, terms=pair_rows(document.rows, estimate.count_row_lines))


def arrange_parties(document: Document, sizes: Sizes, font: FontWidths) -> Document:
    """Return `document` with the long lines of its parties broken between what they name, where that costs no line.

    No line begins or ends with the dot that stands between two things.
    """
    estimate = _Estimate(document, sizes, font, None)
    boxes = (
        replace(box, lines=tuple(part for line in box.lines for part in estimate.break_at_dots(line)))
        for box in document.parties
    )
    return replace(document, parties=tuple(boxes))


def level_signatures(document: Document, sizes: Sizes, font: FontWidths) -> Document:
    """Return `document` with as many lines below each line to sign on as below the one beside it."""
    estimate = _Estimate(document, sizes, font, None)
    leveled: list[Signature] = []
    for start in range(0, len(document.signatures), 2):
        pair = document.signatures[start : start + 2]
        counts = [estimate.count_signed_lines(signature) for signature in pair]
        leveled += (
            replace(signature, spare_lines=max(counts) - count) for signature, count in zip(pair, counts, strict=True)
        )
    return replace(document, signatures=tuple(leveled))


def estimate_column_height(document: Document, sizes: Sizes, font: FontWidths) -> float:
    """Return the least height at which the clauses stand in the two columns of the PDF; 0 where there are none."""
    return _Estimate(document, sizes, font, None).column_height()


def sizes_at(document: Document, body: float, font: FontWidths) -> Sizes:
    """Return the sizes of a document whose type has `body` points, with no more room than they need."""
    labels = {row.label for row in document.rows}
    words = {word for label in labels for word in label.split()}
    needed, wanted = (
        [(font.text_width(text, True) * body + _LABEL_ROOM) / _pdf_text_width(document) for text in texts]
        for texts in (words, labels)
    )
    widest = max((*needed, *(share for share in wanted if share <= _MOST_WHOLE_LABEL)), default=0.0)
    whole, narrow = (
        Sizes(body, widest_label=ceil(share * 1000) / 1000) for share in (widest, max(needed, default=0.0))
    )
    if whole == narrow:
        return whole
    # Labels on one line are easier to find, but must not make the table any higher.
    heights = [_Estimate(document, sizes, font, None).terms_height() for sizes in (whole, narrow)]
    return whole if heights[0] <= heights[1] else narrow


def is_exact(document: Document, layout: Mapping[str, SourceFile], font: FontWidths) -> bool:
    """Return whether lines are counted rather than guessed: all is upright text that the fonts have, in our layout."""
    if not has_our_page(layout):
        return False
    blocks = [block for clause in document.clauses for block in clause.blocks]
    runs = [run for block in blocks for runs in runs_of_block(block) for run in runs]
    runs += [run for row in document.rows for run in row.runs]
    if any(isinstance(block, Table | Chart) for block in blocks) or any(run.italic for run in runs):
        return False
    return font.covers(text_of_document(document))


def has_our_page(layout: Mapping[str, SourceFile]) -> bool:
    """Return whether no pack has taken the place of a file whose lengths are known here."""
    return not any(is_replaced(name, layout) for name in _MEASURED_FILES)


def is_replaced(name: str, layout: Mapping[str, SourceFile]) -> bool:
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

    @property
    def half_width(self) -> float:
        """The width of the text on either side of the gutter."""
        return (self.area.width - self.area.column_gap) / 2

    def count_lines(self, text: StyledText, width: float) -> int:
        return self.font.count_lines(text, width / self.em)

    def heading_height(self) -> float:
        return _TITLE_HEIGHT + _PARTIES_GAP + _PARTIES_GAP * ((len(self.document.parties) - 1) // 2)

    def parties_height(self) -> float:
        width = self.half_width
        heights = [
            sum(self.count_lines(line, width) for line in _each_party_line(box)) for box in self.document.parties
        ]
        return self.line * sum(max(heights[start : start + 2]) for start in range(0, len(heights), 2))

    def break_at_dots(self, line: str) -> tuple[str, ...]:
        """Return the line of a party in lines that its dots part, or as it is where those would be more."""

        def count(text: str) -> int:
            return self.count_lines(((text, False),), self.half_width)

        found: list[str] = []
        for part in line.split(_DOT):
            joined = f"{found[-1]}{_DOT}{part}" if found else ""
            if joined and count(joined) == 1:
                found[-1] = joined
            else:
                found.append(part)
        return tuple(found) if sum(map(count, found)) <= count(line) else (line,)

    def terms_height(self) -> float:
        total = _HEAD_ROW_HEIGHT
        for pair in self.document.terms:
            rows = [row for row in (pair.left, pair.right) if row is not None]
            lines = max(self.count_row_lines(row, pair.right is None) for row in rows)
            total += _ROW_EXTRA + self.line * lines + (_GROUP_EXTRA if pair.begins_group else 0)
        return total

    def count_row_lines(self, row: TermRow, across: bool) -> int:
        """Return the lines of a row of the key terms that stands beside another, or across the page."""
        label_width = self.area.width * self.area.label_share
        text_width = (self.area.width if across else self.half_width) - label_width
        return max(
            self.count_lines(_styled_text(row.runs), text_width),
            self.count_lines(((row.label, True),), label_width - _LABEL_PADDING),
        )

    def schedules_height(self, below: str) -> float:
        return sum(self.schedule_height(schedule) for schedule in self.document.schedules if schedule.below == below)

    def schedule_height(self, schedule: Schedule) -> float:
        """Return the height of a schedule of tables that stands below something else."""
        serif = _HEADING_SIZE * _HEADING_WIDTH
        lines = self.font.count_lines(((schedule.heading, True),), self.area.width / serif)
        total = SCHEDULE_BELOW_GAP + _HEADING_LINE * lines + SCHEDULE_BELOW_HEADING_GAP
        for table in schedule.blocks:
            if isinstance(table, Table):
                shares = table.widths or (100 / len(table.head),) * len(table.head)
                total += _HEAD_RULE - _CELL_RULE
                for row in (table.head, *table.rows):
                    cells = zip(row, shares, strict=True)
                    total += (
                        _CELL_RULE
                        + _CELLS_PADDING
                        + self.line
                        * max(
                            self.count_lines(_styled_text(runs), self.area.width * share / 100 - _CELL_GAP)
                            for runs, share in cells
                        )
                    )
        return total

    def signatures_height(self) -> float:
        total = self.sizes.signatures_gap + _SIGNATURES_EXTRA
        width = self.half_width
        for start in range(0, len(self.document.signatures), 2):
            if self.document.signs_in_blocks:
                total += 1 + self.block_height(self.document.signatures[start : start + 2], width)
                total += _NEXT_BLOCKS_GAP if start else 0
                continue
            total += _SIGNATURE_EXTRA + self.sizes.signing_room + (_NEXT_SIGNATURES_GAP if start else 0)
            total += self.line * max(
                sum(self.count_lines(((line, True),), width) for line in signature.party.split("\n"))
                + self.count_signed_lines(signature)
                + signature.spare_lines
                for signature in self.document.signatures[start : start + 2]
            )
        return total

    def count_signed_lines(self, signature: Signature) -> int:
        """Return on how many lines it stands who signs."""
        if self.document.signs_in_blocks:
            return self.count_lines(((signature.name, False),), self.half_width - SIGNING_LABEL_WIDTH)
        return self.count_lines(((signature.signatory, False),), self.half_width * SIGNED_SHARE)

    def block_height(self, signatures: Sequence[Signature], width: float) -> float:
        """Return the height of blocks to sign in beside each other."""
        parties = (
            sum(self.count_lines(((line, True),), width) for line in signature.party.split("\n"))
            for signature in signatures
        )
        names = map(self.count_signed_lines, signatures)
        return self.line * (max(parties) + max(names)) + 2 * self.sizes.signing_room + _BLOCK_EXTRA

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
        width = self.half_width
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

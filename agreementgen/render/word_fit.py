"""The size at which a Word file fits its own page, where a firm's margins, header or font differ from those of the PDF.

Word's line breaks cannot be tried here: they are counted with the widths of the letters, on the page that the firm's
reference.docx has. All lengths in points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from agreementgen.core.document import Document
from agreementgen.core.problems import PackError, Place, Problem
from agreementgen.library.snapshot import SourceFile
from agreementgen.ooxml.package import PackageRefused
from agreementgen.render.estimate import TextArea, estimate_height
from agreementgen.render.fonts import FontWidths, find_faces, width_factor_of, widths_of_faces, widths_of_layout
from agreementgen.render.sizes import COLUMN_GAP, MARGIN_BOTTOM, MARGIN_SIDE, MARGIN_TOP, PAPER_SIZES, TYPE_SIZES, Sizes
from agreementgen.render.word_page import Geometry, read_geometry

# Lines left free on a page that was never laid out, and how far it may be from what was counted, as a share: in a font
# whose letters were measured, and in one whose width is a factor. With less, LibreOffice made one page more than
# foreseen in 1 of 80 files (five samples, both papers, eight letterheads); with these, none for the four worst of them.
WORD_HEADROOM_LINES = 2.0
_COUNTED_ERROR, _GUESSED_ERROR = 0.02, 0.045
# The label column grows with the font, up to this share of the text.
_MOST_LABEL_SHARE = 0.22


@dataclass(frozen=True)
class WordPage:
    """The page on which a Word file is set. Its letters are those of `font`, `width_factor` times as wide."""

    geometry: Geometry
    font: FontWidths
    width_factor: float
    is_pdf_page: bool

    def label_share(self, sizes: Sizes, paper: str) -> float:
        """Return the share of the text width that a column of labels takes."""
        if self.is_pdf_page:
            return sizes.label_share
        ours = PAPER_SIZES[paper][0] - 2 * MARGIN_SIDE
        text = PAPER_SIZES[paper][0] - self.geometry.side_margins
        return label_share_in_font(sizes, self.width_factor, ours / text)


@dataclass(frozen=True)
class WordFit:
    """The sizes of the Word file, the share of its label columns, and whether it is expected to fit."""

    sizes: Sizes
    label_share: float
    fits: bool = True


def label_share_in_font(sizes: Sizes, factor: float, narrower: float) -> float:
    """Return the share of the text width for labels (0 to 1).

    The font is `factor` times as wide as that of the PDF, its text has 1 / `narrower` of the width.
    """
    return min(_MOST_LABEL_SHARE, round(sizes.label_share * factor * narrower, 3))


def fit_like_pdf(sizes: Sizes) -> WordFit:
    """Return the fit of a Word file that has the sizes of the PDF."""
    return WordFit(sizes, sizes.label_share)


def word_page_of(layout: Mapping[str, SourceFile]) -> WordPage:
    """Return the page of the reference.docx of a layout; raise PackError where it cannot be opened."""
    reference = layout["reference.docx"]
    try:
        geometry = read_geometry(reference.data)
    except PackageRefused as error:
        raise PackError(Problem(error.message, error.hint, "", Place(reference.name))) from None
    font, factor = _widths_of_font(geometry.font, layout)
    ours = (MARGIN_TOP, MARGIN_SIDE, MARGIN_BOTTOM, MARGIN_SIDE, COLUMN_GAP)
    theirs = (geometry.top, geometry.right, geometry.bottom, geometry.left, geometry.column_gap)
    same_font = factor == 1 and font is widths_of_layout(layout)
    same_margins = all(abs(a - b) < 1 for a, b in zip(ours, theirs, strict=True))
    return WordPage(geometry, font, factor, same_font and same_margins)


def fit_word_file(document: Document, layout: Mapping[str, SourceFile], sizes: Sizes, used_height: float) -> WordFit:
    """Return the largest sizes at which the Word file fits, from those of the PDF down.

    `used_height` is the height that the PDF takes at `sizes`: what was counted is corrected by it.
    """
    page = word_page_of(layout)
    if page.is_pdf_page:
        return fit_like_pdf(sizes)
    counted = estimate_height(document, sizes, widths_of_layout(layout))
    correction = min(max(used_height / counted, 0.97), 1.06) + (
        _COUNTED_ERROR if page.width_factor == 1 else _GUESSED_ERROR
    )
    text_width = PAPER_SIZES[document.paper][0] - page.geometry.side_margins
    room = PAPER_SIZES[document.paper][1] - page.geometry.end_margins - page.geometry.title_excess
    smaller = (Sizes(body, widest_label=sizes.widest_label) for body in TYPE_SIZES if body <= sizes.body)
    for trial in (sizes, *smaller):
        label = page.label_share(trial, document.paper)
        area = TextArea(text_width, page.geometry.column_gap, page.width_factor, label)
        height = estimate_height(document, trial, page.font, area)
        if height * correction + WORD_HEADROOM_LINES * trial.line_height <= room:
            return WordFit(trial, label)
    floor = Sizes(min(sizes.body, TYPE_SIZES[-1]), widest_label=sizes.widest_label)
    return WordFit(floor, page.label_share(floor, document.paper), False)


@lru_cache(maxsize=8)
def _find_faces_once(family: str, files: tuple[tuple[str, bytes], ...]) -> tuple[bytes, bytes] | None:
    return find_faces(family, dict(files))


def _widths_of_font(family: str, layout: Mapping[str, SourceFile]) -> tuple[FontWidths, float]:
    """Return the widths of a font, or those of another with a factor."""
    fonts = tuple((name, source.data) for name, source in layout.items() if name.lower().endswith((".ttf", ".otf")))
    faces = _find_faces_once(family, fonts)
    if faces:
        return widths_of_faces(*faces), 1.0
    regular, bold = layout["fonts/Carlito-Regular.ttf"], layout["fonts/Carlito-Bold.ttf"]
    return widths_of_faces(regular.data, bold.data), width_factor_of(family)


def find_word_misfit(fitted: WordFit, document: Document, reference: SourceFile) -> tuple[Problem, ...]:
    """Return what to know of a Word file that is not expected to fit on the page of a firm's `reference`."""
    if fitted.fits:
        return ()
    wanted = "two pages" if document.apart else "one page"
    message = f"the Word file is not expected to fit on {wanted} with the margins, header and font of this file"
    hint = "make its margins or header smaller, take a narrower font, or send the PDF"
    return (Problem(message, hint, "", Place(reference.name)),)

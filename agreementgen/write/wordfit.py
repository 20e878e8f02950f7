"""The size at which a Word file fits its own page, where a firm's margins, header or font differ from those of the PDF.

Word's line breaks cannot be tried here: they are counted with the widths of the letters, on the page that the firm's
reference.docx has. All lengths in points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from agreementgen.document import Document
from agreementgen.errors import PackError, Place, Problem
from agreementgen.library.snapshot import SourceFile
from agreementgen.word.fonts import faces_of, width_of
from agreementgen.word.geometry import Geometry, geometry_of
from agreementgen.word.package import Refused
from agreementgen.write import estimate
from agreementgen.write.letters import Widths, widths, widths_of
from agreementgen.write.sizes import COLUMN_GAP, MARGIN_BOTTOM, MARGIN_SIDE, MARGIN_TOP, PAPERS, SIZES, Sizes

# Lines left free on a page that was never laid out, and how far it may be from what was counted, as a share: in a font
# whose letters were measured, and in one whose width is a factor. With less, LibreOffice made one page more than
# foreseen in 1 of 80 files (five samples, both papers, eight letterheads); with these, none for the four worst of them.
WORD_HEADROOM_LINES = 2.0
_COUNTED, _GUESSED = 0.02, 0.045
# The label column grows with the font, up to this share of the text.
_WIDEST_LABEL = 0.22


@dataclass(frozen=True)
class WordPage:
    """What a Word file is set on; `plain` where it is the page of the PDF."""

    geometry: Geometry
    letters: Widths
    factor: float
    plain: bool

    def label(self, sizes: Sizes, paper: str) -> float:
        """Return the share of the text width that a column of labels takes."""
        if self.plain:
            return sizes.label
        ours = PAPERS[paper][0] - 2 * MARGIN_SIDE
        text = PAPERS[paper][0] - self.geometry.sides
        return label_share(sizes, self.factor, ours / text)


@dataclass(frozen=True)
class WordFit:
    """The sizes of the Word file, the share of its label columns, and whether it is expected to fit."""

    sizes: Sizes
    label: float
    fits: bool = True


def label_share(sizes: Sizes, factor: float, narrower: float) -> float:
    """Return the share of the text for labels in a font `factor` times as wide, on a text so many times narrower."""
    return min(_WIDEST_LABEL, round(sizes.label * factor * narrower, 3))


def as_the_pdf(sizes: Sizes) -> WordFit:
    return WordFit(sizes, sizes.label)


def page_of(layout: Mapping[str, SourceFile]) -> WordPage:
    """Return the page of the reference.docx of a layout; raise PackError where it cannot be opened."""
    reference = layout["reference.docx"]
    try:
        geometry = geometry_of(reference.data)
    except Refused as error:
        raise PackError(Problem(error.message, error.hint, "", Place(reference.name))) from None
    letters, factor = _letters(geometry.font, layout)
    ours = (MARGIN_TOP, MARGIN_SIDE, MARGIN_BOTTOM, MARGIN_SIDE, COLUMN_GAP)
    theirs = (geometry.top, geometry.right, geometry.bottom, geometry.left, geometry.gap)
    plain = factor == 1 and letters is widths(layout) and all(abs(a - b) < 1 for a, b in zip(ours, theirs, strict=True))
    return WordPage(geometry, letters, factor, plain)


def fitted(document: Document, layout: Mapping[str, SourceFile], sizes: Sizes, used: float) -> WordFit:
    """Return the largest sizes at which the Word file fits, from those of the PDF down.

    `used` is the height that the PDF takes at `sizes`: what was counted is corrected by it.
    """
    page = page_of(layout)
    if page.plain:
        return as_the_pdf(sizes)
    counted = estimate.height(document, sizes, widths(layout))
    correction = min(max(used / counted, 0.97), 1.06) + (_COUNTED if page.factor == 1 else _GUESSED)
    room = PAPERS[document.paper][1] - page.geometry.ends - page.geometry.title
    smaller = (Sizes(body, widest=sizes.widest) for body in SIZES if body <= sizes.body)
    for trial in (sizes, *smaller):
        label = page.label(trial, document.paper)
        high = estimate.height(document, trial, page.letters, estimate.Page(page.geometry, page.factor, label))
        if high * correction + WORD_HEADROOM_LINES * trial.line <= room:
            return WordFit(trial, label)
    floor = Sizes(min(sizes.body, SIZES[-1]), widest=sizes.widest)
    return WordFit(floor, page.label(floor, document.paper), False)


@lru_cache(maxsize=8)
def _font(family: str, files: tuple[tuple[str, bytes], ...]) -> tuple[bytes, bytes] | None:
    return faces_of(family, dict(files))


def _letters(family: str, layout: Mapping[str, SourceFile]) -> tuple[Widths, float]:
    """Return the widths of a font, or those of another with a factor."""
    fonts = tuple((name, source.data) for name, source in layout.items() if name.lower().endswith((".ttf", ".otf")))
    found = _font(family, fonts)
    if found:
        return widths_of(*found), 1.0
    return widths_of(layout["fonts/Carlito-Regular.ttf"].data, layout["fonts/Carlito-Bold.ttf"].data), width_of(family)

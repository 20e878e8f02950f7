"""The size at which a Word file fits its own page, where a firm's margins, header or font differ from those of the PDF.

Word's line breaks cannot be tried here: they are counted with the widths of the letters, on the page that the firm's
reference.docx has. All lengths in points.

One page, proven: the largest type, then short variants, schedules, one plus one; or an error that says what is long.

The ladder (docs/architecture.md): type sizes down to the floor; approved short variants of clauses; long lists
moved to a schedule; key terms and signatures on one page and the clauses on a second. Each try is a whole layout,
so the first guess comes from the widths of the letters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from agreementgen.core.document import Document, block_runs, text_of
from agreementgen.core.problems import LayoutError, PackError, Place, Problem
from agreementgen.library.snapshot import SourceFile
from agreementgen.ooxml.package import Refused
from agreementgen.render import estimate, pdf
from agreementgen.render.measure import (
    COLUMN_GAP,
    MARGIN_BOTTOM,
    MARGIN_SIDE,
    MARGIN_TOP,
    PAPERS,
    SIZES,
    Geometry,
    Sizes,
    Widths,
    faces_of,
    geometry_of,
    text_height,
    width_of,
    widths,
    widths_of,
)

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


# Free lines left for Word, whose line breaks could not be tried here; measured against LibreOffice it needs none.
HEADROOM_LINES = 1.5
# How far the estimate may be from the layout, as a share of the page: where the fonts have every letter (none of the
# samples and of 300 varied deals was off by a tenth of a point), and where some widths are guessed.
ESTIMATE_ERROR, GUESS_ERROR = 0.0002, 0.035
# Without Pango the height is an estimate: keep more room.
UNPROVEN_LINES = 3.0


@dataclass(frozen=True)
class Rung:
    """One step of the ladder."""

    short: bool
    schedules: bool
    apart: bool
    sizes: tuple[float, ...]


LADDER = (
    Rung(short=False, schedules=False, apart=False, sizes=SIZES),
    Rung(short=True, schedules=False, apart=False, sizes=(9.0, 8.5)),
    Rung(short=True, schedules=True, apart=False, sizes=(9.5, 9.0, 8.5)),
    Rung(short=False, schedules=False, apart=True, sizes=SIZES),
    Rung(short=False, schedules=True, apart=True, sizes=SIZES),
    Rung(short=True, schedules=True, apart=True, sizes=(9.0, 8.5)),
)
LAYOUTS = {
    "auto": LADDER,
    "one-page": tuple(rung for rung in LADDER if not rung.apart),
    "one-plus-one": tuple(rung for rung in LADDER if rung.apart),
}
# A page of standard terms holds more, but not for a reader.
MOST_WORDS = 1000


@dataclass(frozen=True)
class Fitted:
    """What was chosen. `free` is the share of the page's text height left, 0 to 1; `pages` counts schedules too.

    `laid` is None where Pango is missing: the fit then rests on an estimate. `word` is how the Word file is set, on its
    own page.
    """

    document: Document
    rung: Rung
    sizes: Sizes
    pages: int
    free: float
    layouts: int
    laid: pdf.Laid | None
    word: WordFit


def fit(
    drafted: Callable[[Rung], Document],
    layout: Mapping[str, SourceFile],
    ladder: Sequence[Rung] = LADDER,
    laid_out: bool = False,
) -> Fitted:
    """Return the first rung of `ladder` that fits; `drafted` makes the document of a rung.

    The Word file must fit its own page, too: where it does on no rung, the first that fits the PDF is returned. Not
    where a firm has `laid_out` its own template, whose pages nobody can foresee.
    Raise LayoutError, naming words per clause and the longest rows, where none does.
    """
    fallback: Fitted | None = None
    proven = pdf.available()
    letters = widths(layout)
    layouts = 0
    last: Document | None = None
    for rung in ladder:
        document = drafted(rung)
        if document == last:
            continue
        last = document
        page = text_height(document.paper)
        if not proven:
            found = _estimated(document, rung, letters, page, layout)
            if found and found.word.fits:
                return found
            fallback = fallback or found
            continue
        tried: list[pdf.Laid] = []
        fits = _trial(document, layout, letters, page, tried)
        chosen = next((body for body in _promising(document, layout, rung.sizes, letters, page) if fits(body)), None)
        layouts += sum(laid.renders for laid in tried)
        if chosen:
            laid = tried[-1]
            word = as_the_pdf(laid.sizes) if laid_out else fitted(document, layout, laid.sizes, page - laid.free)
            found = Fitted(document, rung, laid.sizes, laid.pages, laid.free / page, layouts, laid, word)
            if word.fits:
                return found
            fallback = fallback or found
    if fallback:
        return replace(fallback, layouts=layouts)
    if last is None:
        raise AssertionError("the ladder has no rung")
    raise too_long(last)


def _trial(
    document: Document,
    layout: Mapping[str, SourceFile],
    letters: Widths,
    page: float,
    tried: list[pdf.Laid],
) -> Callable[[float], bool]:
    """Return a function that lays `document` out at a size, keeps the layout in `tried`, and says whether it fits."""

    wanted = 2 if document.apart else 1

    def fits(body: float) -> bool:
        for sizes in dict.fromkeys((_roomy(document, body, letters, page), estimate.sizes_at(document, body, letters))):
            laid = pdf.lay_out(document, layout, sizes)
            tried.append(laid)
            if laid.agreement_pages == wanted and laid.free >= HEADROOM_LINES * sizes.line:
                return True
        return False

    return fits


def _roomy(document: Document, body: float, letters: Widths, page: float) -> Sizes:
    """Return `body` with part of the page's expected free space between the clauses and above the signatures."""
    plain = estimate.sizes_at(document, body, letters)
    extra = page - estimate.height(document, plain, letters) - (HEADROOM_LINES + 0.5) * plain.line
    if extra <= 0:
        return plain
    gap = min(2.5, 0.35 * extra / (len(document.clauses) / 2))
    signing = min(14.0, 0.3 * extra / ((len(document.signatures) + 1) // 2))
    # Quarter points: Word stores twips, and equal sizes make equal files.
    return replace(plain, gap=plain.gap + int(gap * 4) / 4, signing=plain.signing + int(signing * 4) / 4)


def _promising(
    document: Document,
    layout: Mapping[str, SourceFile],
    sizes: tuple[float, ...],
    letters: Widths,
    page: float,
) -> tuple[float, ...]:
    """Return the sizes worth a layout, the largest first: those the estimate puts past the page are left out."""
    counted = estimate.exact(document, layout, letters)
    limit = page * (1 + (ESTIMATE_ERROR if counted else GUESS_ERROR))
    plain = (estimate.sizes_at(document, body, letters) for body in sizes)
    found = tuple(at.body for at in plain if estimate.height(document, at, letters) + HEADROOM_LINES * at.line <= limit)
    return found if counted or found else sizes[-1:]


def _estimated(
    document: Document, rung: Rung, letters: Widths, page: float, layout: Mapping[str, SourceFile]
) -> Fitted | None:
    for body in rung.sizes:
        sizes = estimate.sizes_at(document, body, letters)
        free = page - estimate.height(document, sizes, letters)
        if free >= UNPROVEN_LINES * sizes.line:
            charts = [schedule.chart.arrangement for schedule in document.schedules if schedule.chart]
            pages = (2 if document.apart else 1) + len(document.schedules)
            pages += sum(chart.pages - 1 for chart in charts if chart)
            word = fitted(document, layout, sizes, page - free)
            return Fitted(document, rung, sizes, pages, free / page, 0, None, word)
    return None


def too_long(document: Document) -> LayoutError:
    """Return the error for a deal that fits no rung."""
    clauses = sorted(
        (
            (sum(len(text_of(runs).split()) for block in clause.blocks for runs in block_runs(block)), clause)
            for clause in document.clauses
        ),
        key=lambda item: -item[0],
    )
    rows = sorted(
        (
            (len(text_of(row.runs).split()), row.label)
            for pair in document.terms
            for row in (pair.left, pair.right)
            if row
        ),
        key=lambda item: -item[0],
    )
    words = ", ".join(f"{clause.number}. {clause.heading} {count}" for count, clause in clauses)
    long = ", ".join(f"{label} {count}" for count, label in rows[:6])
    where = "a page of key terms and a page of clauses" if document.apart else "one page, even with short wording"
    total = sum(count for count, _ in clauses) + sum(count for count, _ in rows)
    return LayoutError(
        Problem(
            f"the agreement does not fit on {where}, even at {SIZES[-1]} pt: {total} words.\n"
            f"  words by clause: {words}\n"
            f"  longest key terms: {long}",
            "shorten the longest key terms, or leave out facts that need not be in writing",
        )
    )

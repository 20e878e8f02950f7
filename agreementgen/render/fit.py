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

from agreementgen.core.document import Document, runs_of_block, text_of_runs
from agreementgen.core.problems import LayoutError, PackError, Place, Problem
from agreementgen.library.snapshot import SourceFile
from agreementgen.ooxml.package import PackageRefused
from agreementgen.render import estimate, pdf
from agreementgen.render.measure import (
    COLUMN_GAP,
    MARGIN_BOTTOM,
    MARGIN_SIDE,
    MARGIN_TOP,
    PAPER_SIZES,
    TYPE_SIZES,
    FontWidths,
    Geometry,
    Sizes,
    find_faces,
    read_geometry,
    text_height,
    width_factor_of,
    widths_of_faces,
    widths_of_layout,
)

# Lines left free on a page that was never laid out, and how far it may be from what was counted, as a share: in a font
# whose letters were measured, and in one whose width is a factor. With less, LibreOffice made one page more than
# foreseen in 1 of 80 files (five samples, both papers, eight letterheads); with these, none for the four worst of them.
WORD_HEADROOM_LINES = 2.0
_COUNTED_ERROR, _GUESSED_ERROR = 0.02, 0.045
# The label column grows with the font, up to this share of the text.
_MOST_LABEL_SHARE = 0.22


@dataclass(frozen=True)
class WordPage:
    """What a Word file is set on; `plain` where it is the page of the PDF."""

    geometry: Geometry
    widths: FontWidths
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
    """Return the share of the text for labels in a font `factor` times as wide, on a text so many times narrower."""
    return min(_MOST_LABEL_SHARE, round(sizes.label_share * factor * narrower, 3))


def fit_like_pdf(sizes: Sizes) -> WordFit:
    return WordFit(sizes, sizes.label_share)


def word_page_of(layout: Mapping[str, SourceFile]) -> WordPage:
    """Return the page of the reference.docx of a layout; raise PackError where it cannot be opened."""
    reference = layout["reference.docx"]
    try:
        geometry = read_geometry(reference.data)
    except PackageRefused as error:
        raise PackError(Problem(error.message, error.hint, "", Place(reference.name))) from None
    letters, factor = _widths_of_font(geometry.font, layout)
    ours = (MARGIN_TOP, MARGIN_SIDE, MARGIN_BOTTOM, MARGIN_SIDE, COLUMN_GAP)
    theirs = (geometry.top, geometry.right, geometry.bottom, geometry.left, geometry.column_gap)
    plain = (
        factor == 1
        and letters is widths_of_layout(layout)
        and all(abs(a - b) < 1 for a, b in zip(ours, theirs, strict=True))
    )
    return WordPage(geometry, letters, factor, plain)


def fit_word_file(document: Document, layout: Mapping[str, SourceFile], sizes: Sizes, used: float) -> WordFit:
    """Return the largest sizes at which the Word file fits, from those of the PDF down.

    `used` is the height that the PDF takes at `sizes`: what was counted is corrected by it.
    """
    page = word_page_of(layout)
    if page.is_pdf_page:
        return fit_like_pdf(sizes)
    counted = estimate.estimate_height(document, sizes, widths_of_layout(layout))
    correction = min(max(used / counted, 0.97), 1.06) + (_COUNTED_ERROR if page.width_factor == 1 else _GUESSED_ERROR)
    room = PAPER_SIZES[document.paper][1] - page.geometry.end_margins - page.geometry.title_excess
    smaller = (Sizes(body, widest_label=sizes.widest_label) for body in TYPE_SIZES if body <= sizes.body)
    for trial in (sizes, *smaller):
        label = page.label_share(trial, document.paper)
        high = estimate.estimate_height(
            document, trial, page.widths, estimate.PageMeasures(page.geometry, page.width_factor, label)
        )
        if high * correction + WORD_HEADROOM_LINES * trial.line_height <= room:
            return WordFit(trial, label)
    floor = Sizes(min(sizes.body, TYPE_SIZES[-1]), widest_label=sizes.widest_label)
    return WordFit(floor, page.label_share(floor, document.paper), False)


@lru_cache(maxsize=8)
def _find_font_files(family: str, files: tuple[tuple[str, bytes], ...]) -> tuple[bytes, bytes] | None:
    return find_faces(family, dict(files))


def _widths_of_font(family: str, layout: Mapping[str, SourceFile]) -> tuple[FontWidths, float]:
    """Return the widths of a font, or those of another with a factor."""
    fonts = tuple((name, source.data) for name, source in layout.items() if name.lower().endswith((".ttf", ".otf")))
    found = _find_font_files(family, fonts)
    if found:
        return widths_of_faces(*found), 1.0
    return widths_of_faces(
        layout["fonts/Carlito-Regular.ttf"].data, layout["fonts/Carlito-Bold.ttf"].data
    ), width_factor_of(family)


# Free lines left for Word, whose line breaks could not be tried here; measured against LibreOffice it needs none.
HEADROOM_LINES = 1.5
# How far the estimate may be from the layout, as a share of the page: where the fonts have every letter (none of the
# samples and of 300 varied deals was off by a tenth of a point), and where some widths are guessed.
ESTIMATE_ERROR, GUESS_ERROR = 0.0002, 0.035
# Without Pango the height is an estimate: keep more room.
UNPROVEN_LINES = 3.0


@dataclass(frozen=True)
class FitStep:
    """One step of the ladder."""

    short_wording: bool
    lists_in_schedule: bool
    clauses_apart: bool
    type_sizes: tuple[float, ...]


FIT_STEPS = (
    FitStep(short_wording=False, lists_in_schedule=False, clauses_apart=False, type_sizes=TYPE_SIZES),
    FitStep(short_wording=True, lists_in_schedule=False, clauses_apart=False, type_sizes=(9.0, 8.5)),
    FitStep(short_wording=True, lists_in_schedule=True, clauses_apart=False, type_sizes=(9.5, 9.0, 8.5)),
    FitStep(short_wording=False, lists_in_schedule=False, clauses_apart=True, type_sizes=TYPE_SIZES),
    FitStep(short_wording=False, lists_in_schedule=True, clauses_apart=True, type_sizes=TYPE_SIZES),
    FitStep(short_wording=True, lists_in_schedule=True, clauses_apart=True, type_sizes=(9.0, 8.5)),
)
LAYOUTS = {
    "auto": FIT_STEPS,
    "one-page": tuple(rung for rung in FIT_STEPS if not rung.clauses_apart),
    "one-plus-one": tuple(rung for rung in FIT_STEPS if rung.clauses_apart),
}
# A page of standard terms holds more, but not for a reader.
MOST_WORDS = 1000


@dataclass(frozen=True)
class FittedDocument:
    """What was chosen. `free` is the share of the page's text height left, 0 to 1; `pages` counts schedules too.

    `laid` is None where Pango is missing: the fit then rests on an estimate. `word` is how the Word file is set, on its
    own page.
    """

    document: Document
    step: FitStep
    sizes: Sizes
    pages: int
    free_share: float
    layout_count: int
    laid_out: pdf.LaidOutPages | None
    word_fit: WordFit


def fit(
    drafted: Callable[[FitStep], Document],
    layout: Mapping[str, SourceFile],
    ladder: Sequence[FitStep] = FIT_STEPS,
    laid_out: bool = False,
) -> FittedDocument:
    """Return the first rung of `ladder` that fits; `drafted` makes the document of a rung.

    The Word file must fit its own page, too: where it does on no rung, the first that fits the PDF is returned. Not
    where a firm has `laid_out` its own template, whose pages nobody can foresee.
    Raise LayoutError, naming words per clause and the longest rows, where none does.
    """
    fallback: FittedDocument | None = None
    proven = pdf.is_available()
    letters = widths_of_layout(layout)
    layouts = 0
    last: Document | None = None
    for rung in ladder:
        document = drafted(rung)
        if document == last:
            continue
        last = document
        page = text_height(document.paper)
        if not proven:
            found = _fit_by_estimate(document, rung, letters, page, layout)
            if found and found.word_fit.fits:
                return found
            fallback = fallback or found
            continue
        tried: list[pdf.LaidOutPages] = []
        fits = _make_trial(document, layout, letters, page, tried)
        chosen = next(
            (body for body in _sizes_worth_trying(document, layout, rung.type_sizes, letters, page) if fits(body)), None
        )
        layouts += sum(laid.layout_count for laid in tried)
        if chosen:
            laid = tried[-1]
            word = (
                fit_like_pdf(laid.sizes)
                if laid_out
                else fit_word_file(document, layout, laid.sizes, page - laid.free_height)
            )
            found = FittedDocument(document, rung, laid.sizes, laid.pages, laid.free_height / page, layouts, laid, word)
            if word.fits:
                return found
            fallback = fallback or found
    if fallback:
        return replace(fallback, layout_count=layouts)
    if last is None:
        raise AssertionError("the ladder has no rung")
    raise too_long_error(last)


def find_word_misfit(fitted: FittedDocument, reference: SourceFile) -> tuple[Problem, ...]:
    """Return what to know of a Word file that is not expected to fit on the page of a firm's `reference`."""
    if fitted.word_fit.fits:
        return ()
    wanted = "two pages" if fitted.document.apart else "one page"
    message = f"the Word file is not expected to fit on {wanted} with the margins, header and font of this file"
    hint = "make its margins or header smaller, take a narrower font, or send the PDF"
    return (Problem(message, hint, "", Place(reference.name)),)


def _make_trial(
    document: Document,
    layout: Mapping[str, SourceFile],
    letters: FontWidths,
    page: float,
    tried: list[pdf.LaidOutPages],
) -> Callable[[float], bool]:
    """Return a function that lays `document` out at a size, keeps the layout in `tried`, and says whether it fits."""

    wanted = 2 if document.apart else 1

    def fits(body: float) -> bool:
        for sizes in dict.fromkeys(
            (_sizes_with_room(document, body, letters, page), estimate.sizes_at(document, body, letters))
        ):
            laid = pdf.lay_out(document, layout, sizes)
            tried.append(laid)
            if laid.agreement_pages == wanted and laid.free_height >= HEADROOM_LINES * sizes.line_height:
                return True
        return False

    return fits


def _sizes_with_room(document: Document, body: float, letters: FontWidths, page: float) -> Sizes:
    """Return `body` with part of the page's expected free space between the clauses and above the signatures."""
    plain = estimate.sizes_at(document, body, letters)
    extra = page - estimate.estimate_height(document, plain, letters) - (HEADROOM_LINES + 0.5) * plain.line_height
    if extra <= 0:
        return plain
    gap = min(2.5, 0.35 * extra / (len(document.clauses) / 2))
    signing = min(14.0, 0.3 * extra / ((len(document.signatures) + 1) // 2))
    # Quarter points: Word stores twips, and equal sizes make equal files.
    return replace(
        plain,
        clause_gap=plain.clause_gap + int(gap * 4) / 4,
        signing_room=plain.signing_room + int(signing * 4) / 4,
    )


def _sizes_worth_trying(
    document: Document,
    layout: Mapping[str, SourceFile],
    sizes: tuple[float, ...],
    letters: FontWidths,
    page: float,
) -> tuple[float, ...]:
    """Return the sizes worth a layout, the largest first: those the estimate puts past the page are left out."""
    counted = estimate.is_exact(document, layout, letters)
    limit = page * (1 + (ESTIMATE_ERROR if counted else GUESS_ERROR))
    plain = (estimate.sizes_at(document, body, letters) for body in sizes)
    found = tuple(
        at.body
        for at in plain
        if estimate.estimate_height(document, at, letters) + HEADROOM_LINES * at.line_height <= limit
    )
    return found if counted or found else sizes[-1:]


def _fit_by_estimate(
    document: Document, rung: FitStep, letters: FontWidths, page: float, layout: Mapping[str, SourceFile]
) -> FittedDocument | None:
    for body in rung.type_sizes:
        sizes = estimate.sizes_at(document, body, letters)
        free = page - estimate.estimate_height(document, sizes, letters)
        if free >= UNPROVEN_LINES * sizes.line_height:
            charts = [schedule.chart.arrangement for schedule in document.schedules if schedule.chart]
            pages = (2 if document.apart else 1) + len(document.schedules)
            pages += sum(chart.pages - 1 for chart in charts if chart)
            word = fit_word_file(document, layout, sizes, page - free)
            return FittedDocument(document, rung, sizes, pages, free / page, 0, None, word)
    return None


def too_long_error(document: Document) -> LayoutError:
    """Return the error for a deal that fits no rung."""
    clauses = sorted(
        (
            (sum(len(text_of_runs(runs).split()) for block in clause.blocks for runs in runs_of_block(block)), clause)
            for clause in document.clauses
        ),
        key=lambda item: -item[0],
    )
    rows = sorted(
        ((len(text_of_runs(row.runs).split()), row.label) for row in document.rows),
        key=lambda item: -item[0],
    )
    words = ", ".join(f"{clause.number}. {clause.heading} {count}" for count, clause in clauses)
    long = ", ".join(f"{label} {count}" for count, label in rows[:6])
    where = "a page of key terms and a page of clauses" if document.apart else "one page, even with short wording"
    total = sum(count for count, _ in clauses) + sum(count for count, _ in rows)
    return LayoutError(
        Problem(
            f"the agreement does not fit on {where}, even at {TYPE_SIZES[-1]} pt: {total} words.\n"
            f"  words by clause: {words}\n"
            f"  longest key terms: {long}",
            "shorten the longest key terms, or leave out facts that need not be in writing",
        )
    )

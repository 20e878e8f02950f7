"""The fit: the largest type that takes one page; then short variants, schedules, one plus one; or an error.

The steps stand in FIT_STEPS (docs/architecture.md tells why). Each try is a whole layout, so the first guess comes
from the widths of the letters. Where the Word file has a page of its own, word_page finds its size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agreementgen.core.document import Document, text_of_runs
from agreementgen.core.problems import LayoutError, Problem
from agreementgen.library.files import SourceFile
from agreementgen.render import measures, pdf
from agreementgen.render.measures import TYPE_SIZES, Sizes, text_height, widths_of_layout
from agreementgen.render.word_page import WordFit, fit_like_pdf, fit_word_file

# Free lines left for Word, whose line breaks could not be tried here; measured against LibreOffice it needs none.
HEADROOM_LINES = 1.5
# How far the estimate may be from the layout, as a share of the page: where the fonts have every letter (none of the
# samples and of 300 varied deals was off by a tenth of a point), and where some widths are guessed.
ESTIMATE_ERROR, GUESS_ERROR = 0.0002, 0.035
# Without Pango the height is an estimate: keep more room.
UNPROVEN_LINES = 3.0


@dataclass(frozen=True)
class FitStep:
    """One step of the fit: how the agreement is drafted, and the type sizes tried for it, the largest first."""

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
    "one-page": tuple(step for step in FIT_STEPS if not step.clauses_apart),
    "one-plus-one": tuple(step for step in FIT_STEPS if step.clauses_apart),
}
# A page of standard terms holds more, but not for a reader.
MOST_WORDS = 1000


@dataclass(frozen=True)
class FittedDocument:
    """A document, its sizes, and how it fits.

    `free_share` is the share of the page's text height that is left (0 to 1), `pages` counts schedules too, and
    `layout_count` how often WeasyPrint laid pages out. `laid_out` is None where Pango is missing: the fit then rests on
    an estimate. `word_fit` is how the Word file is set, on its own page.
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
    draft: Callable[[FitStep], Document],
    layout: Mapping[str, SourceFile],
    steps: Sequence[FitStep] = FIT_STEPS,
    own_template: bool = False,
) -> FittedDocument:
    """Return the document of the first of `steps` that fits; `draft` makes the document of a step.

    The Word file must fit its own page, too: where it does at no step, the first that fits the PDF is returned. Not
    where a firm has its `own_template` of Word's, whose pages nobody can foresee.
    Raise LayoutError, naming words per clause and the longest rows, where none does.
    """
    fallback: FittedDocument | None = None
    layout_count = 0
    last: Document | None = None
    for step in steps:
        document = draft(step)
        if document == last:
            continue
        last = document
        trial = _Trial(document, step, layout, own_template)
        found = trial.fit_by_layout() if pdf.is_available() else trial.fit_by_estimate()
        layout_count += trial.layout_count
        if found and found.word_fit.fits:
            return replace(found, layout_count=layout_count)
        fallback = fallback or found
    if fallback:
        return replace(fallback, layout_count=layout_count)
    if last is None:
        raise AssertionError("the fit has no step")
    raise too_long_error(last)


class _Trial:
    """The document of one step on its page, in the font of its layout."""

    def __init__(self, document: Document, step: FitStep, layout: Mapping[str, SourceFile], own_template: bool) -> None:
        self.document = document
        self.step = step
        self.layout = layout
        self.own_template = own_template
        self.font = widths_of_layout(layout)
        self.page_height = text_height(document.paper)
        self.layout_count = 0

    def fit_by_layout(self) -> FittedDocument | None:
        """Return the document at the largest size at which its layout leaves the room that is wanted."""
        wanted_pages = 2 if self.document.apart else 1
        for type_size in self._sizes_worth_a_layout():
            for sizes in dict.fromkeys((self._sizes_with_room(type_size), self._plain_sizes(type_size))):
                pages = pdf.lay_out(self.document, self.layout, sizes)
                self.layout_count += pages.layout_count
                if pages.agreement_pages == wanted_pages and pages.free_height >= HEADROOM_LINES * sizes.line_height:
                    return self._fitted(sizes, pages.free_height, pages.pages, pages)
        return None

    def fit_by_estimate(self) -> FittedDocument | None:
        """Return the document at the largest size at which the estimate leaves the room that is wanted."""
        for type_size in self.step.type_sizes:
            sizes = self._plain_sizes(type_size)
            free_height = self.page_height - self._estimate(sizes)
            if free_height >= UNPROVEN_LINES * sizes.line_height:
                charts = [schedule.chart.arrangement for schedule in self.document.schedules if schedule.chart]
                pages = (2 if self.document.apart else 1) + len(self.document.schedules)
                pages += sum(chart.pages - 1 for chart in charts if chart)
                return self._fitted(sizes, free_height, pages, None)
        return None

    def _fitted(
        self, sizes: Sizes, free_height: float, pages: int, laid_out: pdf.LaidOutPages | None
    ) -> FittedDocument:
        used_height = self.page_height - free_height
        document = self.document
        if laid_out:
            pairs = zip(document.schedules, laid_out.page_starts, strict=True)
            document = replace(document, schedules=tuple(replace(one, starts_page=starts) for one, starts in pairs))
        word_fit = (
            fit_like_pdf(sizes) if self.own_template else fit_word_file(document, self.layout, sizes, used_height)
        )
        free_share = free_height / self.page_height
        return FittedDocument(document, self.step, sizes, pages, free_share, 0, laid_out, word_fit)

    def _plain_sizes(self, type_size: float) -> Sizes:
        return measures.sizes_at(self.document, type_size, self.font)

    def _estimate(self, sizes: Sizes) -> float:
        return measures.estimate_height(self.document, sizes, self.font)

    def _sizes_with_room(self, type_size: float) -> Sizes:
        """Return the sizes with part of the page's expected free space between the clauses and above the signatures."""
        plain = self._plain_sizes(type_size)
        extra = self.page_height - self._estimate(plain) - (HEADROOM_LINES + 0.5) * plain.line_height
        if extra <= 0:
            return plain
        gap = min(2.5, 0.35 * extra / (len(self.document.clauses) / 2))
        signing = min(14.0, 0.3 * extra / ((len(self.document.signatures) + 1) // 2))
        # Quarter points: Word stores twips, and equal sizes make equal files.
        return replace(
            plain,
            clause_gap=plain.clause_gap + int(gap * 4) / 4,
            signing_room=plain.signing_room + int(signing * 4) / 4,
        )

    def _sizes_worth_a_layout(self) -> tuple[float, ...]:
        """Return the type sizes of the step without those that the estimate puts past the page."""
        exact = measures.is_exact(self.document, self.layout, self.font)
        limit = self.page_height * (1 + (ESTIMATE_ERROR if exact else GUESS_ERROR))
        found = []
        for type_size in self.step.type_sizes:
            sizes = self._plain_sizes(type_size)
            if self._estimate(sizes) + HEADROOM_LINES * sizes.line_height <= limit:
                found.append(type_size)
        return tuple(found) if exact or found else self.step.type_sizes[-1:]


def too_long_error(document: Document) -> LayoutError:
    """Return the error for an agreement that fits at no step."""
    clauses = sorted(document.clauses, key=lambda clause: -clause.words)
    words_of_rows = sorted(
        ((len(text_of_runs(row.runs).split()), row.label) for row in document.rows), key=lambda item: -item[0]
    )
    where = "a page of key terms and a page of clauses" if document.apart else "one page, even with short wording"
    total = sum(clause.words for clause in clauses) + sum(count for count, _ in words_of_rows)
    by_clause = ", ".join(f"{clause.number}. {clause.heading} {clause.words}" for clause in clauses)
    longest = ", ".join(f"{label} {count}" for count, label in words_of_rows[:6])
    message = (
        f"the agreement does not fit on {where}, even at {TYPE_SIZES[-1]} pt: {total} words.\n"
        f"  words by clause: {by_clause}\n"
        f"  longest key terms: {longest}"
    )
    hint = "shorten the longest key terms, or leave out facts that need not be in writing"
    return LayoutError(Problem(message, hint, code="fit-too-long"))

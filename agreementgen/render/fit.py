"""The fit: the largest type that takes one page; then short variants, schedules, one plus one; or an error.

The steps stand in FIT_STEPS (docs/architecture.md tells why). page_text says how high the pages are at a size: on our
own page these are the very lines that are drawn; on a firm's page that is a guess, and its layout is asked. Where the
Word file has a page of its own, word_page finds its size.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agreementgen.core.document import Document, text_of_runs
from agreementgen.core.problems import LayoutError, Problem
from agreementgen.library.files import SourceFile
from agreementgen.render import measures, page_engine, page_text
from agreementgen.render.lettering import letters_of_layout, letters_to_measure
from agreementgen.render.measures import LARGE_TYPE, MOST_LEADING, TYPE_SIZES, Sizes, text_height
from agreementgen.render.page_text import PageNeed, PageText
from agreementgen.render.word_page import WordFit, fit_like_pdf, fit_word_file, word_page_of

# Free lines left for Word, whose line breaks could not be tried here; measured against LibreOffice it needs none.
HEADROOM_LINES = 1.5
# How far what is counted may be from the layout of another's page, or of letters that our fonts lack, as a share of it.
GUESS_ERROR = 0.035
# Without Pango the height is an estimate: keep more room.
UNPROVEN_LINES = 3.0


@dataclass(frozen=True)
class FitStep:
    """One step of the fit: how the agreement is drafted, and the type sizes tried for it, the largest first."""

    short_wording: bool
    lists_in_schedule: bool
    clauses_apart: bool
    type_sizes: tuple[float, ...]

    @property
    def usual_type(self) -> float:
        """The size at which most agreements fill the pages of the step: it is tried before all others."""
        return 10.0 if self.clauses_apart and 10.0 in self.type_sizes else 9.0


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

    `drafted` is the document before the fit arranged it. `free_share` is the share of the page's text height that is
    left (0 to 1), `pages` counts schedules too, and `layout_count` how often pages were laid out. `laid_out` is None
    where that needs Pango, which is missing: the fit then rests on an estimate. `word_fit` is how the Word file is set,
    on its own page.
    """

    document: Document
    drafted: Document
    step: FitStep
    sizes: Sizes
    pages: int
    free_share: float
    layout_count: int
    laid_out: page_engine.Pages | None
    word_fit: WordFit

    @property
    def pages_by(self) -> str:
        """Who laid the pages out."""
        return self.laid_out.engine if self.laid_out else page_engine.ESTIMATE


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
        found = trial.fit_by_layout() if trial.can_be_laid_out else trial.fit_by_estimate()
        layout_count += trial.layout_count
        if found and found.word_fit.fits:
            return replace(found, layout_count=layout_count)
        fallback = fallback or found
    if fallback:
        return replace(fallback, layout_count=layout_count)
    if last is None:
        raise AssertionError("the fit has no step")
    raise too_long_error(last, letters_to_measure(layout).style.smallest)


class _Trial:
    """The document of one step on its page, in the font of its layout."""

    def __init__(self, document: Document, step: FitStep, layout: Mapping[str, SourceFile], own_template: bool) -> None:
        self.document = document
        self.step = step
        self.layout = layout
        self.own_template = own_template
        self.is_exact = page_engine.is_ours(document, layout)
        self.can_be_laid_out = self.is_exact or page_engine.can_lay_out(document, layout)
        self.letters = letters_of_layout(layout) if self.is_exact else letters_to_measure(layout)
        self.page_height = text_height(document.paper, self.letters.style.margins)
        style = self.letters.style
        self.type_sizes = tuple(size for size in step.type_sizes if style.smallest <= size <= style.largest)
        # Only on our own page is it known what stands where.
        self.is_ours = not own_template and measures.has_our_page(layout) and word_page_of(layout).is_pdf_page
        self.layout_count = 0
        self._arranged: dict[float, tuple[Document, Sizes, PageText]] = {}

    def fit_by_layout(self) -> FittedDocument | None:
        """Return the document at the largest size at which its layout leaves the room that is wanted."""
        wanted_pages = 2 if self.document.apart else 1
        for type_size in self._sizes_worth_a_layout():
            for document, sizes in self._each_arrangement(type_size):
                pages = page_engine.lay_out(document, self.layout, sizes, self.is_exact)
                self.layout_count += pages.layout_count
                wanted_height = HEADROOM_LINES * sizes.line_height - page_text.ROUNDING
                if pages.agreement_pages == wanted_pages and pages.free_height >= wanted_height:
                    return self._fitted(document, sizes, pages.free_height, pages.pages, pages)
        return None

    def fit_by_estimate(self) -> FittedDocument | None:
        """Return the document at the largest size at which the estimate leaves the room that is wanted."""
        for type_size in self._sizes_that_cost_no_page(self.type_sizes, UNPROVEN_LINES):
            document, sizes, _ = self._at_size(type_size)
            free_height = self.page_height - self._measure(document, sizes)
            if free_height >= UNPROVEN_LINES * sizes.line_height:
                document = self._place_schedules(document, sizes, UNPROVEN_LINES)
                free_height = self.page_height - self._measure(document, sizes)
                charts = [schedule.chart.arrangement for schedule in document.schedules if schedule.chart]
                pages = (2 if document.apart else 1) + sum(not schedule.below for schedule in document.schedules)
                pages += sum(chart.pages - 1 for chart in charts if chart)
                return self._fitted(document, sizes, free_height, pages, None)
        return None

    def _fitted(
        self, document: Document, sizes: Sizes, free_height: float, pages: int, laid_out: page_engine.Pages | None
    ) -> FittedDocument:
        # A firm's page may have other margins.
        page_height = laid_out.text_height if laid_out else self.page_height
        used_height = page_height - free_height
        if laid_out:
            pairs = zip(document.schedules, laid_out.page_starts, strict=True)
            schedules = tuple(replace(one, starts_page=starts and not one.below) for one, starts in pairs)
            document = replace(document, schedules=schedules)
        word_fit = (
            fit_like_pdf(sizes) if self.own_template else fit_word_file(document, self.layout, sizes, used_height)
        )
        # What is free is told as it was before it was used for lines and gaps.
        plain = self._at_size(sizes.body)[1]
        used_height += self._measure(replace(document, signs_in_blocks=False), plain) - self._measure(document, sizes)
        free_share = 1 - used_height / page_height
        return FittedDocument(document, self.document, self.step, sizes, pages, free_share, 0, laid_out, word_fit)

    def _measure(self, document: Document, sizes: Sizes) -> float:
        """Return the height of the agreement without its pages of schedules: of its fuller page, if it has two."""
        _, _, text = self._at_size(sizes.body)
        return max(page_text.measure_pages(text, document, sizes))

    def _at_size(self, type_size: float) -> tuple[Document, Sizes, PageText]:
        """Return the document arranged for a type size, the sizes with the least room, and its text at that size."""
        if type_size not in self._arranged:
            sizes, text = page_text.text_at_size(self.document, type_size, self.letters)
            self._arranged[type_size] = (text.arrange(self.document), sizes, text)
        return self._arranged[type_size]

    def _each_arrangement(self, type_size: float) -> Iterator[tuple[Document, Sizes]]:
        """Yield what to try at a type size: first with the page's room used, then without."""
        document, sizes, _ = self._at_size(type_size)
        used = self._place_schedules(document, sizes, HEADROOM_LINES)
        if self.is_ours and used.apart:
            used = self._sign_in_blocks(used, sizes)
        roomy = used, self._spread(used, sizes)
        yield roomy
        if (document, sizes) != roomy:
            yield document, sizes

    def _place_schedules(self, document: Document, sizes: Sizes, headroom_lines: float) -> Document:
        """Return the document with its first schedules below signatures and clauses, as far as there is room."""
        if not (self.is_ours and any(not schedule.chart for schedule in document.schedules)):
            return document
        _, _, text = self._at_size(sizes.body)
        heights = page_text.measure_pages(text, document, sizes)
        left = [schedule for schedule in document.schedules if not schedule.chart]
        placed: dict[str, str] = {}
        for below, height in zip(("signatures", "clauses"), heights, strict=False):
            room = self.page_height - height - headroom_lines * sizes.line_height
            while left:
                needed = text.count_schedule(left[0]).height(sizes)
                if needed > room:
                    break
                room -= needed
                placed[left.pop(0).letter] = below
        schedules = tuple(replace(one, below=placed.get(one.letter, "")) for one in document.schedules)
        return replace(document, schedules=schedules)

    def _sign_in_blocks(self, document: Document, sizes: Sizes) -> Document:
        """Return the document with blocks to sign in, if the page of the key terms has room for them."""
        text = self._at_size(sizes.body)[2]
        blocks = text.level_signatures(replace(document, signs_in_blocks=True))
        roomy = replace(sizes, signing_room=measures.LEAST_BLOCK_ROOM)
        pages = text.count_pages(blocks)
        return blocks if self._has_room(pages, roomy) else document

    def _has_room(self, pages: Sequence[PageNeed], sizes: Sizes) -> bool:
        height = max(page.height(sizes) for page in pages)
        return height + HEADROOM_LINES * sizes.line_height <= self.page_height

    def _spread(self, document: Document, plain: Sizes) -> Sizes:
        """Return the sizes with the page's room used: for higher lines, then between clauses and above signatures.

        Whole twips and quarter points: Word stores twips, and equal sizes make equal files.
        """
        if document.signs_in_blocks:
            plain = replace(plain, signing_room=measures.LEAST_BLOCK_ROOM)
        pages = self._at_size(plain.body)[2].count_pages(document)
        least, most = round(plain.line_height * 20), int(plain.body * MOST_LEADING * 20)
        while least < most:
            middle = (least + most + 1) // 2
            if self._has_room(pages, replace(plain, spread_line=middle / 20)):
                least = middle
            else:
                most = middle - 1
        sizes = replace(plain, spread_line=least / 20) if least > round(plain.line_height * 20) else plain
        room = [self.page_height - page.height(sizes) - HEADROOM_LINES * sizes.line_height for page in pages]
        gap = min(2.5, 0.35 * max(room[-1], 0) / (len(document.clauses) / 2))
        # A copy for reading has nothing to sign.
        rooms = max(1, (len(document.signatures) + 1) // 2 * (2 if document.signs_in_blocks else 1))
        signing = min(14.0, 0.3 * max(room[0], 0) / rooms)
        roomy = replace(
            sizes,
            clause_gap=sizes.clause_gap + int(gap * 4) / 4,
            signing_room=sizes.signing_room + int(signing * 4) / 4,
        )
        return roomy if self._has_room(pages, roomy) else sizes

    def _sizes_worth_a_layout(self) -> tuple[float, ...]:
        """Return the type sizes of the step without those at which the page cannot hold the agreement."""
        limit = self.page_height * (1 if self.is_exact else 1 + GUESS_ERROR)

        def holds(type_size: float) -> bool:
            document, sizes, _ = self._at_size(type_size)
            return self._measure(document, sizes) + HEADROOM_LINES * sizes.line_height <= limit

        type_sizes = self.type_sizes
        # What one size holds, the smaller ones hold, too.
        usual = next((at for at, size in enumerate(type_sizes) if size <= self.step.usual_type), len(type_sizes))
        low = high = usual
        if usual < len(type_sizes) and not holds(type_sizes[usual]):
            low, high = usual + 1, len(type_sizes)
        elif usual and holds(type_sizes[usual - 1]):
            low, high = 0, usual - 1
        found = type_sizes[bisect_left(type_sizes, True, low, high, key=holds) :]
        if not found and not self.is_exact:
            return type_sizes[-1:]
        return self._sizes_that_cost_no_page(found, HEADROOM_LINES)

    def _sizes_that_cost_no_page(self, type_sizes: Sequence[float], headroom_lines: float) -> tuple[float, ...]:
        """Return `type_sizes` without large ones at which schedules take a page that they need not take."""

        def count_pages_of_schedules(type_size: float) -> int:
            document, sizes, _ = self._at_size(type_size)
            document = self._place_schedules(document, sizes, headroom_lines)
            return sum(not schedule.below for schedule in document.schedules)

        large = [size for size in type_sizes if size > LARGE_TYPE]
        if not large or not self.document.schedules:
            return tuple(type_sizes)
        # A firm may have large type alone.
        least = count_pages_of_schedules(max(LARGE_TYPE, type_sizes[-1]))
        # Where one size costs no page, the smaller ones cost none either.
        return tuple(type_sizes[bisect_left(large, True, key=lambda size: count_pages_of_schedules(size) <= least) :])


def too_long_error(document: Document, smallest: float = TYPE_SIZES[-1]) -> LayoutError:
    """Return the error for an agreement that fits at no step, even in the `smallest` type."""
    clauses = sorted(document.clauses, key=lambda clause: -clause.words)
    words_of_rows = sorted(
        ((len(text_of_runs(row.runs).split()), row.label) for row in document.rows), key=lambda item: -item[0]
    )
    where = "a page of key terms and a page of clauses" if document.apart else "one page, even with short wording"
    total = sum(clause.words for clause in clauses) + sum(count for count, _ in words_of_rows)
    by_clause = ", ".join(f"{clause.number}. {clause.heading} {clause.words}" for clause in clauses)
    longest = ", ".join(f"{label} {count}" for count, label in words_of_rows[:6])
    message = (
        f"the agreement does not fit on {where}, even at {smallest:g} pt: {total} words.\n"
        f"  words by clause: {by_clause}\n"
        f"  longest key terms: {longest}"
    )
    hint = "shorten the longest key terms, or leave out facts that need not be in writing"
    return LayoutError(Problem(message, hint, code="fit-too-long"))

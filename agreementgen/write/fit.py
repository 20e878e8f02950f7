"""One page, proven: the largest type, then short variants, then schedules; or an error that says what is long.

The ladder (docs/architecture.md): type sizes down to the floor; approved short variants of clauses; long lists
moved to a schedule. Each try is a whole layout, so the first guess comes from the widths of the letters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agreementgen.document import Document, block_runs, text_of
from agreementgen.errors import LayoutError, Problem
from agreementgen.library.snapshot import SourceFile
from agreementgen.write import estimate, pdf
from agreementgen.write.sizes import SIZES, Sizes, text_height

# Free lines left for Word, whose line breaks could not be tried here; measured against LibreOffice it needs none.
HEADROOM_LINES = 1.5
# Without Pango the height is an estimate (within 2 % of the layout on our samples): keep more room.
UNPROVEN_LINES = 3.0


@dataclass(frozen=True)
class Rung:
    """One step of the ladder."""

    short: bool
    schedules: bool
    sizes: tuple[float, ...]


LADDER = (
    Rung(short=False, schedules=False, sizes=SIZES),
    Rung(short=True, schedules=False, sizes=(9.0, 8.5)),
    Rung(short=True, schedules=True, sizes=(9.5, 9.0, 8.5)),
)


@dataclass(frozen=True)
class Fitted:
    """What was chosen. `free` is the share of the page's text height left, 0 to 1; `pages` counts schedules too.

    `laid` is None where Pango is missing: the fit then rests on an estimate.
    """

    document: Document
    rung: Rung
    sizes: Sizes
    pages: int
    free: float
    layouts: int
    laid: pdf.Laid | None


def fit(drafted: Callable[[bool, bool], Document], layout: Mapping[str, SourceFile]) -> Fitted:
    """Return the first rung that fits one page; `drafted(short, schedules)` makes the document of a rung.

    Raise LayoutError, naming words per clause and the longest rows, where none does.
    """
    proven = pdf.available()
    letters = estimate.widths(layout)
    layouts = 0
    last: Document | None = None
    for rung in LADDER:
        document = drafted(rung.short, rung.schedules)
        if document == last:
            continue
        last = document
        page = text_height(document.paper)
        if not proven:
            found = _estimated(document, rung, letters, page)
            if found:
                return found
            continue
        tried: dict[float, pdf.Laid] = {}

        def fits(
            body: float, document: Document = document, page: float = page, tried: dict[float, pdf.Laid] = tried
        ) -> bool:
            sizes = Sizes(body)
            tried[body] = pdf.lay_out(document, layout, sizes)
            return tried[body].agreement_pages == 1 and tried[body].free >= HEADROOM_LINES * sizes.line

        chosen = _largest(rung.sizes, _guess(document, rung.sizes, letters, page), fits)
        layouts += len(tried)
        if chosen:
            laid = tried[chosen]
            return Fitted(document, rung, laid.sizes, laid.pages, laid.free / page, layouts, laid)
    if last is None:
        raise AssertionError("the ladder has no rung")
    raise too_long(last)


def _guess(document: Document, sizes: tuple[float, ...], letters: estimate.Widths, page: float) -> int:
    """Return the index of the largest size that should fit (the smallest where none should)."""
    for index, body in enumerate(sizes):
        room = page - HEADROOM_LINES * Sizes(body).line
        if estimate.height(document, Sizes(body), letters) <= room:
            return index
    return len(sizes) - 1


def _largest(sizes: tuple[float, ...], guess: int, fits: Callable[[float], bool]) -> float | None:
    """Return the largest of `sizes` (falling) that fits, tried from the guess."""
    if fits(sizes[guess]):
        while guess > 0 and fits(sizes[guess - 1]):
            guess -= 1
        return sizes[guess]
    return next((body for body in sizes[guess + 1 :] if fits(body)), None)


def _estimated(document: Document, rung: Rung, letters: estimate.Widths, page: float) -> Fitted | None:
    for body in rung.sizes:
        sizes = Sizes(body)
        free = page - estimate.height(document, sizes, letters)
        if free >= UNPROVEN_LINES * sizes.line:
            return Fitted(document, rung, sizes, 1 + len(document.schedules), free / page, 0, None)
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
    total = sum(count for count, _ in clauses) + sum(count for count, _ in rows)
    return LayoutError(
        Problem(
            f"the agreement does not fit on one page, even at {SIZES[-1]} pt with short wording: {total} words.\n"
            f"  words by clause: {words}\n"
            f"  longest key terms: {long}",
            "shorten the longest key terms, or leave out facts that need not be in writing",
        )
    )

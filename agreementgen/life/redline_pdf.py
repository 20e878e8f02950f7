"""A redline as PDF, for the eye: inserted words underlined, deleted ones struck through, beside their colors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from agreementgen.core.document import Document, Runs
from agreementgen.language.layouts import fill_layout
from agreementgen.library.files import SourceFile
from agreementgen.library.loading import built_in_parts
from agreementgen.life.parts import PartChange, StyledLine, WordState, align_lines, compare_runs
from agreementgen.render import pdf
from agreementgen.render.word_structure import StructureNames

_PAGE, _STYLE_SHEET = "redline.html", "redline.css"
_HEADINGS = ("Key Terms Heading", "Schedule Heading")


@dataclass(frozen=True)
class RedlinePiece:
    """Words in one style; `state` is what became of them."""

    state: WordState
    text: str
    bold: bool


@dataclass(frozen=True)
class RedlineLine:
    """A paragraph's `words`, or a row's `cells`. `number` is that of a clause it begins, 0 where it begins none."""

    style: str
    heading: bool
    number: int
    words: tuple[RedlinePiece, ...]
    cells: tuple[tuple[RedlinePiece, ...], ...]


@dataclass(frozen=True)
class RedlinePart:
    """`name` is the kind of part it is ("row"); layouts use "kind" for something else."""

    name: str
    lines: tuple[RedlineLine, ...]


@dataclass(frozen=True)
class RedlinePage:
    title: str
    legend: str
    footer: str
    language: str
    parts: tuple[RedlinePart, ...]


def lay_out_redline(changes: Sequence[PartChange], old: Document, new: Document, legend: str) -> pdf.LaidOutPages:
    """Lay a redline out on the paper of the new agreement; `legend` says of what it is one, in a sentence."""
    page = RedlinePage(new.title, legend, f"{new.footer} · changes", new.language, make_parts(changes, old, new))
    layout = _redline_layout()
    html = fill_layout(pdf.html_files(layout), _PAGE, page=page)
    return pdf.lay_out_page(html, pdf.page_rule("@page", new.paper), layout)


def make_parts(changes: Sequence[PartChange], old: Document, new: Document) -> tuple[RedlinePart, ...]:
    """Return the parts of a redline; clauses have the numbers of the new agreement, deleted ones those of the old."""
    numbers: dict[str, int] = {}
    for document in (old, new):
        topics = StructureNames(document).clauses
        numbers |= {topics[clause.topic]: clause.number for clause in document.clauses}
    return tuple(
        RedlinePart(change.part.kind, tuple(_each_line(change, numbers.get(change.part.key, 0)))) for change in changes
    )


def _each_line(change: PartChange, number: int) -> Iterator[RedlineLine]:
    if change.old and change.new:
        pairs = list(align_lines(change.old.lines, change.new.lines))
    else:
        pairs = [(line if change.old else None, line if change.new else None) for line in change.part.lines]
    for old, new in pairs:
        if old and new and (old.style, len(old.cells)) != (new.style, len(new.cells)):
            yield _make_line(old, None, number)
            yield _make_line(None, new, number)
        else:
            yield _make_line(old, new, number)


def _make_line(old: StyledLine | None, new: StyledLine | None, number: int) -> RedlineLine:
    line = new or old
    if line is None:
        raise AssertionError("a line of nothing")
    empty: tuple[Runs, ...] = ((),) * len(line.cells)
    cells = zip(old.cells if old else empty, new.cells if new else empty, strict=True)
    pieces = tuple(tuple(_each_piece(before, after)) for before, after in cells)
    # The name of a style as CSS writes it: "party-name".
    style = line.style.lower().replace(" ", "-")
    begins = number if line.style == "Clause" else 0
    return RedlineLine(
        style, line.style in _HEADINGS, begins, () if line.is_row else pieces[0], pieces if line.is_row else ()
    )


def _each_piece(old: Runs, new: Runs) -> Iterator[RedlinePiece]:
    for state, run in compare_runs(old, new):
        yield RedlinePiece(state, run.text.replace("\t", "  "), run.bold)


@cache
def _redline_layout() -> dict[str, SourceFile]:
    folder = Path(__file__).parent
    own = {
        name: SourceFile(f"agreementgen/life/{name}", (folder / name).read_bytes()) for name in (_PAGE, _STYLE_SHEET)
    }
    fonts = {name: file for name, file in built_in_parts().layout.items() if name.startswith("fonts/")}
    return own | fonts

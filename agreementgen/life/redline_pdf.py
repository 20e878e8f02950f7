"""A redline as PDF, for the eye: inserted words underlined, deleted ones struck through, beside their colors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from agreementgen.core.document import Document, Runs
from agreementgen.life.parts import PartChange, StyledLine, WordState, align_lines, compare_runs
from agreementgen.render.flow_page import FlowDocument, FlowRun, FlowRuns, FlowSection, FlowTable, FlowText
from agreementgen.render.house_style import OUR_COLOR
from agreementgen.render.measures import Margins
from agreementgen.render.page_builder import GREY, RULE
from agreementgen.render.word_structure import StructureNames

_SIZE, _LINE = 10.0, 13.0
_HEADING_SIZE, _HEADING_LINE, _HEADING_ABOVE = 12.0, 15.0, 8.0
_SECTION_BELOW, _LEGEND_BELOW, _PARTY_ABOVE, _ITEM_INDENT = 4.0, 6.0, 4.0, 14.0
_MARGINS = Margins(54.0, 54.0, 54.0, 54.0)
_HEADINGS = ("Key Terms Heading", "Schedule Heading")
_ITEMS = ("Clause Item", "Clause Bullet")
# The columns of key terms; those of other tables are alike.
_TERM_WIDTHS = (20, 80)
_MARKS: dict[WordState, FlowRun] = {
    "kept": FlowRun(""),
    "inserted": FlowRun("", color="#1d5c2a", mark="inserted"),
    "deleted": FlowRun("", color="#a01c1c", mark="deleted"),
}


def flow_of_redline(changes: Sequence[PartChange], old: Document, new: Document, legend: str) -> FlowDocument:
    """Return a redline on the paper of the new agreement; `legend` says of what it is one, in a sentence.

    Clauses have the numbers of the new agreement, deleted ones those of the old.
    """
    numbers: dict[str, int] = {}
    for document in (old, new):
        topics = StructureNames(document).clauses
        numbers |= {topics[clause.topic]: clause.number for clause in document.clauses}
    marks = (replace(_MARKS["inserted"], text="Inserted"), FlowRun(" "), replace(_MARKS["deleted"], text="deleted"))
    says = (FlowRun(f"{legend} ", color=GREY), *marks)
    sections = [FlowSection((FlowText(says, _SIZE, _LINE, below=_LEGEND_BELOW),))]
    for is_row, group in groupby(changes, key=lambda change: change.part.kind == "row"):
        if is_row:
            rows = [_cells(*pair) for change in group for pair in _each_pair(change)]
            labelled = tuple((_bold(label), *texts) for label, *texts in rows)
            sections.append(FlowSection((_table(labelled, below=_SECTION_BELOW),)))
        else:
            sections += [FlowSection(tuple(_each_block(one, numbers.get(one.part.key, 0)))) for one in group]
    return FlowDocument(
        name=f"{new.title} (changes)",
        title=f"{new.title}: what changed",
        beside="",
        sections=tuple(sections),
        footer=f"{new.footer} · changes",
        language=new.language,
        paper=new.paper,
        size=_SIZE,
        margins=_MARGINS,
    )


def _each_pair(change: PartChange) -> Iterator[tuple[StyledLine | None, StyledLine | None]]:
    """Yield the lines of a part beside each other, with None for one that only the other agreement has."""
    if change.old and change.new:
        pairs = list(align_lines(change.old.lines, change.new.lines))
    else:
        pairs = [(line if change.old else None, line if change.new else None) for line in change.part.lines]
    for old, new in pairs:
        if old and new and (old.style, len(old.cells)) != (new.style, len(new.cells)):
            yield old, None
            yield None, new
        else:
            yield old, new


def _each_block(change: PartChange, number: int) -> Iterator[FlowText | FlowTable]:
    """Yield what a part is printed as: rows beside each other make up a table, which begins with its head."""
    blocks: list[FlowText | FlowTable] = []
    head: tuple[FlowRuns, ...] = ()
    rows: list[tuple[FlowRuns, ...]] = []

    def end_table() -> None:
        nonlocal head
        if head or rows:
            blocks.append(_table(tuple(rows), head))
        head = ()
        rows.clear()

    for old, new in _each_pair(change):
        line, cells = new or old, _cells(old, new)
        if line is None:
            raise AssertionError("a line of nothing")
        if not line.is_row or line.style == "head" or len(cells) != len(rows[-1] if rows else head or cells):
            end_table()
        if line.style == "head":
            head = tuple(_bold(runs) for runs in cells)
        elif line.is_row:
            rows.append(cells)
        else:
            blocks.append(_text(line.style, cells[0], number))
    end_table()
    yield from blocks[:-1]
    yield replace(blocks[-1], below=_SECTION_BELOW)


def _text(style: str, runs: FlowRuns, number: int) -> FlowText:
    if style in _HEADINGS:
        colored = tuple(run if run.mark else replace(run, color=OUR_COLOR) for run in _bold(runs))
        return FlowText(colored, _HEADING_SIZE, _HEADING_LINE, _HEADING_ABOVE, is_heading=True)
    if style == "Party Name":
        return FlowText(_bold(runs), _SIZE, _LINE, above=_PARTY_ABOVE)
    if style == "Clause" and number:
        runs = (FlowRun(f"{number}. ", bold=True), *runs)
    return FlowText(runs, _SIZE, _LINE, indent=_ITEM_INDENT if style in _ITEMS else 0.0)


def _table(rows: tuple[tuple[FlowRuns, ...], ...], head: tuple[FlowRuns, ...] = (), below: float = 0.0) -> FlowTable:
    widths = () if head else _TERM_WIDTHS
    return FlowTable(
        rows, _SIZE, _LINE, head, widths, padding=1.0, rule_color=RULE, head_color=RULE, head_rule=0.5, below=below
    )


def _bold(runs: FlowRuns) -> FlowRuns:
    return tuple(replace(run, bold=True) for run in runs)


def _cells(old: StyledLine | None, new: StyledLine | None) -> tuple[FlowRuns, ...]:
    """Return the words of two lines that stand beside each other, those of each cell."""
    count = len((new or old or StyledLine("", ())).cells)
    empty: tuple[Runs, ...] = ((),) * count
    cells = zip(old.cells if old else empty, new.cells if new else empty, strict=True)
    return tuple(tuple(_each_run(before, after)) for before, after in cells)


def _each_run(old: Runs, new: Runs) -> Iterator[FlowRun]:
    for state, run in compare_runs(old, new):
        yield replace(_MARKS[state], text=run.text.replace("\t", "  "), bold=run.bold, italic=run.italic)

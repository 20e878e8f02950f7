"""A memo as a document that flows, in the lengths of memo_docx, so that both formats break their pages alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agreementgen.core.document import Paragraph, Runs, Table
from agreementgen.memo.sections import BOX, CheckList, Memo, MemoBlock, MemoSection
from agreementgen.render.flow_page import FlowDocument, FlowRun, FlowRuns, FlowSection, FlowTable, FlowText
from agreementgen.render.house_style import OUR_COLOR
from agreementgen.render.lettering import BLACK
from agreementgen.render.measures import OUR_MARGINS
from agreementgen.render.page_builder import GREY

_BODY, _LINE, _BELOW = 9.0, 10.1, 1.5
_HEADING_SIZE, _HEADING_LINE, _HEADING_ABOVE, _HEADING_BELOW = 10.0, 12.0, 4.5, 1.0
_RULE_COLOR = "#d9d9d9"
_BOX_WIDTH = 9.5
# A label, and 24 points for a hand where somebody signs.
_LINES_HEIGHT, _SIGNING_HEIGHT = 20.0, 36.0
_BOTTOM = 36.0


def flow_of_memo(memo: Memo) -> FlowDocument:
    """Return what our page and WeasyPrint lay out."""
    sections = tuple(
        # Whoever signs sees what it is about: the page with the lines has the section before them, too.
        FlowSection(tuple(_each_block(section)), section.id in ("raci", "sign-off"), section.id == "raci")
        for section in memo.sections
    )
    name = f"{memo.title}: {memo.of}"
    margins = OUR_MARGINS._replace(bottom=_BOTTOM)
    return FlowDocument(
        name, memo.title, memo.of, sections, memo.footer, memo.language, memo.paper, _BODY, memo.author, margins
    )


def _each_block(section: MemoSection) -> Iterator[FlowText | FlowTable]:
    title = FlowRun(section.title, bold=True, color=OUR_COLOR)
    heading = FlowText((title,), _HEADING_SIZE, _HEADING_LINE, _HEADING_ABOVE, _HEADING_BELOW, is_heading=True)
    (first, *_) = section.blocks
    if section.runs_on and isinstance(first, Paragraph):
        lead = replace(heading, runs=(replace(title, text=f"{section.title}:"),))
        yield FlowText(_runs(first.runs), _BODY, _LINE, below=_BELOW, lead=lead)
        return
    yield heading
    for block in section.blocks:
        yield _block(block)


def _block(block: MemoBlock) -> FlowText | FlowTable:
    match block:
        case Paragraph(runs):
            return FlowText(_runs(runs), _BODY, _LINE, below=_BELOW)
        case Table(head, rows, widths):
            first = BLACK if head else OUR_COLOR
            return FlowTable(
                tuple(tuple(_runs(cell, BLACK if at else first) for at, cell in enumerate(row)) for row in rows),
                _BODY,
                _LINE,
                tuple(_runs(cell, OUR_COLOR) for cell in head),
                widths,
                rule_color=_RULE_COLOR,
                head_color=OUR_COLOR,
                below=_BELOW,
            )
        case CheckList():
            items = tuple(
                tuple((FlowRun(cell.removeprefix(f"{BOX} ")),) if cell else () for cell in row) for row in block.rows
            )
            return FlowTable(items, _BODY, _LINE, rule=0.0, below=_BELOW, holds="checks", label=BOX, hanging=_BOX_WIDTH)
        case _:
            labels = tuple((FlowRun(label, color=GREY),) for label in block.labels)
            height = _SIGNING_HEIGHT if block.room else _LINES_HEIGHT
            return FlowTable((labels,), _BODY, _LINE, least=height, below=_BELOW, holds="lines")


def _runs(runs: Runs, color: str = BLACK) -> FlowRuns:
    return tuple(FlowRun(run.text, run.bold, run.italic, color) for run in runs)

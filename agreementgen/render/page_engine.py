"""Who lays a document out: our own layout wherever it knows everything on the page, else WeasyPrint.

Ours knows our page alone, and the letters of our fonts. A firm's own HTML or CSS, a script that the fonts lack, a sign
whose line breaks nobody told it: all that goes to WeasyPrint, which is loaded only then and needs Pango.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from agreementgen.core.document import (
    Chart,
    ChartDocument,
    Document,
    Table,
    each_chart_text,
    runs_of_block,
    text_of_document,
)
from agreementgen.library.files import SourceFile
from agreementgen.library.loading import built_in_parts
from agreementgen.render import pdf
from agreementgen.render.chart_page import lay_out_chart as lay_out_own_chart
from agreementgen.render.flow_page import FlowDocument
from agreementgen.render.flow_page import lay_out_flow as lay_out_own_flow
from agreementgen.render.lettering import FACE_FILES, letters_of_layout
from agreementgen.render.measures import Sizes, is_replaced
from agreementgen.render.page_layout import has_room_for_title
from agreementgen.render.page_layout import lay_out as lay_out_own
from agreementgen.render.signing import SigningPlace

# Who pages are by, besides the engines: where Pango is needed and missing, nobody lays them out.
ESTIMATE = "estimate"
# The files whose lengths and letters our own layout has.
_OUR_FILES = ("agreement.css", "agreement.html", "chart.css", "chart.html", "raci.html", *FACE_FILES.values())


class Pages(Protocol):
    """The pages of a document at one size, whoever laid them out; see pdf.LaidOutPages."""

    @property
    def engine(self) -> str: ...
    @property
    def agreement_pages(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def free_height(self) -> float: ...
    @property
    def layout_count(self) -> int: ...
    @property
    def page_starts(self) -> tuple[bool, ...]: ...
    @property
    def text_height(self) -> float: ...
    @property
    def signing_places(self) -> tuple[SigningPlace, ...]: ...

    def read_text(self) -> str:
        """Return what is written on the pages, without what stands in their margins."""

    def write_pdf(self, carried: str = "") -> bytes:
        """Return the file, with the deal `carried` in it; raise LayoutError that names characters without a glyph."""


def can_lay_out(document: Document | ChartDocument, layout: Mapping[str, SourceFile]) -> bool:
    """Return whether a document can be laid out on this machine."""
    return is_ours(document, layout) or pdf.is_available()


def is_ours(document: Document | ChartDocument, layout: Mapping[str, SourceFile]) -> bool:
    """Return whether our own layout knows everything in a document and on its page."""
    if any(is_replaced(name, layout) for name in _OUR_FILES):
        return False
    letters = letters_of_layout(layout)
    if isinstance(document, ChartDocument):
        text = "\n".join((document.title, document.of, document.footer, *each_chart_text(document.chart)))
    else:
        blocks = [block for clause in document.clauses for block in clause.blocks]
        is_known = all(clause.blocks for clause in document.clauses) and not any(
            isinstance(block, Table | Chart) for block in blocks
        )
        if not is_known or not all(text for block in blocks for runs in runs_of_block(block) for text in runs):
            return False
        charts = (schedule.chart for schedule in document.schedules if schedule.chart)
        text = "\n".join((text_of_document(document), *(chart.footer for chart in charts)))
    text += "".join((*letters.style.head, *letters.style.foot))
    return letters.cover(text.replace("\n", " ")) and has_room_for_title(document, letters)


def lay_out(document: Document, layout: Mapping[str, SourceFile], sizes: Sizes, ours: bool | None = None) -> Pages:
    """Lay an agreement out; raise PackError for what a firm's layout must not do.

    `ours` is what is_ours says, where it was asked before.
    """
    if is_ours(document, layout) if ours is None else ours:
        return lay_out_own(document, letters_of_layout(layout), sizes)
    return pdf.lay_out(document, layout, sizes)


def lay_out_chart(document: ChartDocument, layout: Mapping[str, SourceFile]) -> Pages:
    """Lay a chart out that stands alone; raise PackError like lay_out."""
    if is_ours(document, layout):
        return lay_out_own_chart(document, letters_of_layout(layout))
    return pdf.lay_out_chart(document, layout)


def lay_out_flow(document: FlowDocument) -> Pages | None:
    """Lay out a memo, a letter or a redline; None where that needs Pango, which is missing."""
    letters = letters_of_layout(built_in_parts().layout)
    if letters.can_print("".join(document.each_text())):
        return lay_out_own_flow(document, letters)
    return pdf.lay_out_flow(document) if pdf.is_available() else None

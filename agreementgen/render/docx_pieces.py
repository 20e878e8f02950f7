"""The names of the styles that the Word writer uses, and what kind of style each must be.

A law firm changes what they look like, not what they are called.

Headers and footers of a firm's Word file: what they say, and how they follow the paper.

Lengths in twips (1/20 pt).

The small pieces of a Word file: runs, paragraphs, tables and rows, each in a style that the file has by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agreementgen.core.document import Runs
from agreementgen.ooxml import contents
from agreementgen.ooxml.package import W

StyleKind = Literal["paragraph", "character", "table"]

_AGREEMENT_STYLES: dict[StyleKind, tuple[str, ...]] = {
    "paragraph": (
        "Agreement Body", "Title", "Party Name", "Party Line", "Key Terms Heading", "Term Label", "Term Text", "Clause",
        "Clause Text", "Clause Item", "Clause Bullet", "Section Gap", "Section End", "Document End", "Signature Party",
        "Signature Line", "Schedule Heading", "Schedule Table Head", "Agreed",
    ),
    "character": ("Effective Date", "Party Full Name", "Short Name", "Clause Heading", "Strong", "Emphasis"),
    "table": ("Parties Table", "Key Terms Table", "Signature Table", "Schedule Table"),
}  # fmt: skip
# A chart has colors for so many parties.
MOST_PARTIES = 6
_CHART_STYLES: dict[StyleKind, tuple[str, ...]] = {
    "paragraph": (
        "Chart Body", "Chart Legend", "Chart Head", "Chart Role", "Chart Person", "Chart Role Turned",
        "Chart Person Turned", "Chart Phase", "Chart Number", "Chart Number Head", "Chart Task", "Chart Due",
        "Chart Subheading", "Chart Duty", "Chart A", "Chart AR", "Chart R", "Chart C", "Chart I",
        *(f"Chart Party {number}" for number in range(1, MOST_PARTIES + 1)), "Chart Party Outside", "Chart Footer",
    ),
    "character": ("Chart Key A", "Chart Key AR", "Chart Key R", "Chart Key C", "Chart Key I"),
    "table": ("Chart Table",),
}  # fmt: skip

AGREEMENT_STYLES = tuple(name for names in _AGREEMENT_STYLES.values() for name in names)
CHART_STYLES = tuple(name for names in _CHART_STYLES.values() for name in names)
# Word spells its own style "footer".
FOOTER_STYLE = "footer"
STYLE_KINDS: dict[str, StyleKind] = {
    **{name: kind for styles in (_AGREEMENT_STYLES, _CHART_STYLES) for kind, names in styles.items() for name in names},
    FOOTER_STYLE: "paragraph",
}
# The styles of numbered paragraphs, and those whose right tab stands at the right edge of the text.
CLAUSE_STYLE, ITEM_STYLE, BULLET_STYLE = "Clause", "Clause Item", "Clause Bullet"


_FOOTER_TAG = re.compile(r"\{\{\s*footer\s*\}\}")
# How far a tab or a table may be from the edge of the text and still be meant to stand there.
_NEAR_TWIPS = 60


def fill_footer_tag(container: Any, footer: str) -> None:
    """Put the agreement's footer where {{ footer }} stands."""
    for paragraph in contents.each_paragraph(container):
        contents.replace_matches(paragraph, _FOOTER_TAG, lambda _: footer)


def stretch_to_text(container: Any, drawn: int, width: int) -> None:
    """Move what stands at the right edge or in the middle of a text `drawn` wide to those of one `width` wide."""
    if drawn == width:
        return
    for tab in container.iter(f"{W}tab"):
        position = tab.get(f"{W}pos")
        if position and position.isdigit():
            if abs(int(position) - drawn) < _NEAR_TWIPS:
                tab.set(f"{W}pos", str(width))
            elif abs(int(position) - drawn / 2) < _NEAR_TWIPS:
                tab.set(f"{W}pos", str(width // 2))
    for table in container.iter(f"{W}tbl"):
        columns = list(table.iter(f"{W}gridCol"))
        if abs(sum(_width_of(column) for column in columns) - drawn) < _NEAR_TWIPS * 4:
            told = [node for node in table.iter(f"{W}tcW", f"{W}tblW") if node.get(f"{W}type") == "dxa"]
            for node in (*columns, *told):
                node.set(f"{W}w", str(round(_width_of(node) * width / drawn)))


def _width_of(node: Any) -> int:
    text = node.get(f"{W}w", "")
    return int(text) if text.isdigit() else 0


@dataclass(frozen=True)
class Tags:
    """Names in the WordprocessingML namespace."""

    prefix: str = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

    def __call__(self, name: str) -> str:
        return self.prefix + name


w = Tags()


class ElementMaker:
    """Makes elements with `new` (lxml's own function); `styles` are the ids of the file's styles by name."""

    makeelement: Callable[..., Any]
    nsmap: Mapping[str, str]
    styles: Mapping[str, str]

    def make_element(self, name: str, **attributes: object) -> Any:
        """Return a new element; `val="x"` becomes w:val="x"."""
        element = self.makeelement(w(name), nsmap=self.nsmap)
        for key, value in attributes.items():
            element.set(w(key), str(value))
        return element

    def make_run(self, text: str, style: str = "", tab: bool = False) -> Any:
        run = self.make_element("r")
        if style:
            properties = self.make_element("rPr")
            properties.append(self.make_element("rStyle", val=self.styles[style]))
            run.append(properties)
        if tab:
            run.append(self.make_element("tab"))
        if text:
            content = self.make_element("t")
            content.text = text
            content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            run.append(content)
        return run

    def make_paragraph(self, style: str, runs: Iterable[Any] = ()) -> Any:
        paragraph = self.make_element("p")
        properties = self.make_element("pPr")
        properties.append(self.make_element("pStyle", val=self.styles[style]))
        paragraph.append(properties)
        for run in runs:
            paragraph.append(run)
        return paragraph

    def make_runs(self, runs: Runs) -> list[Any]:
        found = []
        for run in runs:
            element = self.make_run(run.text, "Strong" if run.bold else "Emphasis" if run.italic else "")
            if run.bold and run.italic:
                properties = element.find(w("rPr"))
                properties.append(self.make_element("i"))
            found.append(element)
        return found

    def make_table(self, style: str, widths: Sequence[int], head: bool = False) -> Any:
        table = self.make_element("tbl")
        properties = self.make_element("tblPr")
        properties.append(self.make_element("tblStyle", val=self.styles[style]))
        properties.append(self.make_element("tblW", w=sum(widths), type="dxa"))
        properties.append(self.make_element("tblLayout", type="fixed"))
        look = {"firstRow": int(head), "lastRow": 0, "firstColumn": 0, "lastColumn": 0, "noHBand": 1, "noVBand": 1}
        properties.append(self.make_element("tblLook", val="0620" if head else "0600", **look))
        table.append(properties)
        grid = self.make_element("tblGrid")
        for width in widths:
            grid.append(self.make_element("gridCol", w=width))
        table.append(grid)
        return table

    def make_row(self, cells: Sequence[tuple[int, int, list[Any]]], head: bool = False, bottom: bool = False) -> Any:
        """Return a row of cells (width in twips, columns spanned, paragraphs) that does not break over pages.

        With `bottom`, what stands in the cells ends on one line, however many lines each has.
        """
        row = self.make_element("tr")
        properties = self.make_element("trPr")
        properties.append(self.make_element("cantSplit"))
        if head:
            properties.append(self.make_element("tblHeader"))
        row.append(properties)
        for width, span, paragraphs in cells:
            cell = self.make_element("tc")
            cell_properties = self.make_element("tcPr")
            cell_properties.append(self.make_element("tcW", w=width, type="dxa"))
            if span > 1:
                cell_properties.append(self.make_element("gridSpan", val=span))
            if bottom:
                cell_properties.append(self.make_element("vAlign", val="bottom"))
            cell.append(cell_properties)
            for paragraph in paragraphs:
                cell.append(paragraph)
            row.append(cell)
        return row

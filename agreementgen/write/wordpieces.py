"""The small pieces of a Word file: runs, paragraphs, tables and rows, each in a style that the file has by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agreementgen.document import Runs


@dataclass(frozen=True)
class Tags:
    """Names in the WordprocessingML namespace."""

    prefix: str = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

    def __call__(self, name: str) -> str:
        return self.prefix + name


w = Tags()


class Pieces:
    """Makes elements with `new` (lxml's own function); `styles` are the ids of the file's styles by name."""

    new: Callable[..., Any]
    nsmap: Mapping[str, str]
    styles: Mapping[str, str]

    def element(self, name: str, **attributes: object) -> Any:
        """Return a new element; `val="x"` becomes w:val="x"."""
        element = self.new(w(name), nsmap=self.nsmap)
        for key, value in attributes.items():
            element.set(w(key), str(value))
        return element

    def run(self, text: str, style: str = "", tab: bool = False) -> Any:
        run = self.element("r")
        if style:
            properties = self.element("rPr")
            properties.append(self.element("rStyle", val=self.styles[style]))
            run.append(properties)
        if tab:
            run.append(self.element("tab"))
        if text:
            content = self.element("t")
            content.text = text
            content.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            run.append(content)
        return run

    def paragraph(self, style: str, runs: Iterable[Any] = ()) -> Any:
        paragraph = self.element("p")
        properties = self.element("pPr")
        properties.append(self.element("pStyle", val=self.styles[style]))
        paragraph.append(properties)
        for run in runs:
            paragraph.append(run)
        return paragraph

    def runs(self, runs: Runs) -> list[Any]:
        found = []
        for run in runs:
            element = self.run(run.text, "Strong" if run.bold else "Emphasis" if run.italic else "")
            if run.bold and run.italic:
                properties = element.find(w("rPr"))
                properties.append(self.element("i"))
            found.append(element)
        return found

    def table(self, style: str, widths: Sequence[int], head: bool = False) -> Any:
        table = self.element("tbl")
        properties = self.element("tblPr")
        properties.append(self.element("tblStyle", val=self.styles[style]))
        properties.append(self.element("tblW", w=sum(widths), type="dxa"))
        properties.append(self.element("tblLayout", type="fixed"))
        look = {"firstRow": int(head), "lastRow": 0, "firstColumn": 0, "lastColumn": 0, "noHBand": 1, "noVBand": 1}
        properties.append(self.element("tblLook", val="0620" if head else "0600", **look))
        table.append(properties)
        grid = self.element("tblGrid")
        for width in widths:
            grid.append(self.element("gridCol", w=width))
        table.append(grid)
        return table

    def row(self, cells: Sequence[tuple[int, int, list[Any]]], head: bool = False, bottom: bool = False) -> Any:
        """Return a row of cells (width in twips, columns spanned, paragraphs) that does not break over pages.

        With `bottom`, what stands in the cells ends on one line, however many lines each has.
        """
        row = self.element("tr")
        properties = self.element("trPr")
        properties.append(self.element("cantSplit"))
        if head:
            properties.append(self.element("tblHeader"))
        row.append(properties)
        for width, span, paragraphs in cells:
            cell = self.element("tc")
            cell_properties = self.element("tcPr")
            cell_properties.append(self.element("tcW", w=width, type="dxa"))
            if span > 1:
                cell_properties.append(self.element("gridSpan", val=span))
            if bottom:
                cell_properties.append(self.element("vAlign", val="bottom"))
            cell.append(cell_properties)
            for paragraph in paragraphs:
                cell.append(paragraph)
            row.append(cell)
        return row

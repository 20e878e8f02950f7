"""A memo as a Word file: named styles of its own, on the page, title and footer of the agreement's reference.docx.

The styles are made here: a law firm's reference.docx has none for memos, and needs none. Lengths in twips (1/20 pt).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agreementgen.core.document import Paragraph, Run, Runs, Table
from agreementgen.library.loading import built_in_parts
from agreementgen.memo.sections import CheckList, Memo, MemoBlock, MemoSection, SignatureLines
from agreementgen.ooxml import W
from agreementgen.render.docx_writer import (
    DocxWriter,
    XmlElement,
    find_style_ids,
    open_word_file,
    to_twips,
)
from agreementgen.render.measures import Sizes

_BODY, _LINE = 9.0, 10.1
_NAVY, _GREY, _RULE = "1F3864", "595959", "D9D9D9"
_USED_STYLES = ("Agreement Body", "Title", "Effective Date", "Strong", "Emphasis", "Document End")
_INDENT = 220
# Above and below: less than an agreement has, which need not tell so much on two pages.
_MARGIN = to_twips(36)
_LINES_HEIGHT = to_twips(20)
# A label and 24 points for a hand.
_SIGNING_HEIGHT = to_twips(36)


def write_memo_docx(memo: Memo, pages: int) -> bytes:
    """Return the DOCX of a memo; `pages` is what its page field shows until Word counts anew."""
    reference = built_in_parts().layout["reference.docx"]
    word = open_word_file(reference)
    writer = _MemoWriter(word, find_style_ids(word, reference.name, _USED_STYLES), memo)
    writer.set_sizes(Sizes(_BODY))
    writer.set_type("Agreement Body", _BODY, _LINE)
    writer.add_styles()
    writer.write_body(memo)
    return writer.finish(f"{memo.title}: {memo.of}", pages)


class _MemoWriter(DocxWriter):
    def add_styles(self) -> None:
        """Add the styles of memos to the file."""
        spacing = self._make_spacing(0, 30)
        self._add_style("Memo Text", "paragraph", [spacing])
        heading = [
            self.make_element("keepNext"),
            self.make_element("spacing", before=90, after=20, line=240, lineRule="exact"),
            self.make_element("outlineLvl", val=0),
        ]
        self._add_style("Memo Heading", "paragraph", heading, self._make_look(_NAVY, bold=True, half_points=20))
        self._add_style("Memo Title on a Line", "character", [], self._make_look(_NAVY, bold=True, half_points=20))
        # Other than a heading: what stands behind the title is no part of it.
        short = [self.make_element("spacing", before=90, after=0, line=240, lineRule="exact")]
        self._add_style("Memo Short", "paragraph", short)
        self._add_style("Memo Cell", "paragraph", [])
        keep = self.make_element("keepNext")
        self._add_style("Memo Head", "paragraph", [keep], self._make_look(_NAVY, bold=True))
        label = self._make_look(_NAVY, bold=True)
        self._add_style("Memo Label", "paragraph", [], label)
        indent = self.make_element("ind", left=_INDENT, hanging=_INDENT)
        self._add_style("Memo Check", "paragraph", [indent])
        self._add_style("Memo Line", "paragraph", [], self._make_look(_GREY))
        self._add_table_style("Memo Table", _RULE)
        self._add_table_style("Memo Lines", "000000")
        self._add_table_style("Memo Checks", "")

    def write_body(self, memo: Memo) -> None:
        self.clear()
        margins = self.section.find(f"{W}pgMar")
        for side in ("top", "bottom"):
            margins.set(f"{W}{side}", str(_MARGIN))
        of = self.make_run(memo.of, "Effective Date", tab=True)
        self.add(self.make_paragraph("Title", memo.title, of))
        for section in memo.sections:
            start = len(self.root)
            self._add_section(section)
            if section.id in ("raci", "sign-off"):
                self._keep_together(list(self.root)[start - 1 : -1])
        self.add(self.make_paragraph("Document End"))

    def _add_section(self, section: MemoSection) -> None:
        if section.runs_on:
            title = self.make_run(f"{section.title}:", "Memo Title on a Line")
            self.add(self.make_paragraph("Memo Short", title, " ", *self._texts_of(section.blocks[0])))
            return
        self.add(self.make_paragraph("Memo Heading", section.title))
        for block in section.blocks:
            self.add(*self._each_element(block))

    def _keep_together(self, elements: Sequence[XmlElement]) -> None:
        """Keep all paragraphs of some elements on one page."""
        for element in elements:
            for properties in element.iter(f"{W}pPr"):
                if properties.find(f"{W}keepNext") is None:
                    properties.insert(1, self.make_element("keepNext"))

    # -- blocks

    def _texts_of(self, block: MemoBlock) -> Iterable[XmlElement]:
        return self.make_runs(block.runs) if isinstance(block, Paragraph) else ()

    def _each_element(self, block: MemoBlock) -> Iterator[XmlElement]:
        match block:
            case Paragraph(runs):
                yield self.make_paragraph("Memo Text", *self.make_runs(runs))
            case Table():
                yield self._make_grid(block)
                yield self._make_gap()
            case CheckList(columns=columns):
                yield self._make_checks(block, self._share([1] * columns))
                yield self._make_gap()
            case SignatureLines(labels, room):
                yield self._make_lines(labels, _SIGNING_HEIGHT if room else _LINES_HEIGHT)
                yield self._make_gap()

    def _share(self, shares: Sequence[int]) -> list[int]:
        """Return the widths of columns that take the whole width of the text."""
        widths = [self.text_width * share // sum(shares) for share in shares]
        return [*widths[:-1], self.text_width - sum(widths[:-1])]

    def _make_gap(self) -> XmlElement:
        """Return the empty paragraph that keeps two tables from becoming one."""
        return self.make_paragraph("Document End")

    def _make_grid(self, block: Table) -> XmlElement:
        widths = self._share(block.widths)
        table = self.make_table("Memo Table", widths, head=bool(block.head))
        if block.head:
            table.append(self._make_text_row(widths, block.head, ["Memo Head"] * len(widths), head=True))
        first = "Memo Cell" if block.head else "Memo Label"
        for row in block.rows:
            table.append(self._make_text_row(widths, row, [first, *["Memo Cell"] * (len(widths) - 1)]))
        return table

    def _make_text_row(
        self, widths: Sequence[int], row: Sequence[Runs], styles: Sequence[str], head: bool = False
    ) -> XmlElement:
        cells = (
            # What is bold in a head or label is so by its style.
            self.make_cell(width, self.make_paragraph(style, *(self.make_run(run.text) for run in runs)))
            for width, runs, style in zip(widths, row, styles, strict=True)
        )
        return self.make_row(*cells, head=head)

    def _make_checks(self, block: CheckList, widths: Sequence[int]) -> XmlElement:
        table = self.make_table("Memo Checks", widths)
        for row in block.rows:
            table.append(self._make_text_row(widths, [(Run(text),) for text in row], ["Memo Check"] * len(widths)))
        return table

    def _make_lines(self, labels: Sequence[str], height: int) -> XmlElement:
        widths = self._share([1] * len(labels))
        table = self.make_table("Memo Lines", widths)
        cells = (
            self.make_cell(width, self.make_paragraph("Memo Line", label), align="bottom")
            for width, label in zip(widths, labels, strict=True)
        )
        table.append(self.make_row(*cells, height=height))
        return table

    # -- styles

    def _add_style(
        self, name: str, kind: str, paragraph: Sequence[XmlElement], look: Sequence[XmlElement] = ()
    ) -> XmlElement:
        id = name.replace(" ", "")
        style = self.make_element("style", self.make_element("name", val=name), type=kind, customStyle=1, styleId=id)
        if kind == "paragraph":
            style.append(self.make_element("basedOn", val=self.style_ids["Agreement Body"]))
        style.append(self.make_element("qFormat"))
        if paragraph:
            style.append(self.make_element("pPr", *paragraph))
        if look:
            style.append(self.make_element("rPr", *look))
        self.word.styles.element.append(style)
        self.style_ids[name] = id
        return style

    def _add_table_style(self, name: str, rule: str) -> None:
        """Add a table style with thin lines below its rows, none where `rule` is no color."""
        style = self._add_style(name, "table", ())
        properties = self.make_element("tblPr")
        if rule:
            line = {"val": "single", "sz": 4, "space": 0, "color": rule}
            borders = (self.make_element("bottom", **line), self.make_element("insideH", **line))
            properties.append(self.make_element("tblBorders", *borders))
        margins = (("top", 10), ("left", 0), ("bottom", 10), ("right", 120))
        cells = (self.make_element(side, w=width, type="dxa") for side, width in margins)
        properties.append(self.make_element("tblCellMar", *cells))
        style.append(properties)
        if rule == _RULE:
            line = {"val": "single", "sz": 6, "space": 0, "color": _NAVY}
            borders = self.make_element("tcBorders", self.make_element("bottom", **line))
            head = self.make_element("tblStylePr", self.make_element("tcPr", borders), type="firstRow")
            style.append(head)

    def _make_spacing(self, before: int, after: int) -> XmlElement:
        return self.make_element("spacing", before=before, after=after)

    def _make_look(self, color: str, bold: bool = False, half_points: int = 0) -> list[XmlElement]:
        weight = [self.make_element("b"), self.make_element("bCs")] if bold else []
        size = [self.make_element(tag, val=half_points) for tag in ("sz", "szCs")] if half_points else []
        return [*weight, self.make_element("color", val=color), *size]

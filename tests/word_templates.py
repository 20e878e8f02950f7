"""Word templates for tests: our reference.docx with a body written in a short form."""

from __future__ import annotations

from xml.sax.saxutils import escape

from hostile_word import BODY, DOCUMENT, in_body, packed, replaced


def run(text: str, bold: bool = False) -> str:
    properties = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(*texts: str, style: str = "AgreementBody") -> str:
    """Return a paragraph with each text in a run of its own."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(run(text) for text in texts)}</w:p>'


def row(*cells: str) -> str:
    inside = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="3000" w:type="dxa"/></w:tcPr>{cell if cell.startswith("<") else paragraph(cell)}</w:tc>'
        for cell in cells
    )
    return f"<w:tr>{inside}</w:tr>"


def table(*rows: str) -> str:
    grid = '<w:tblGrid><w:gridCol w:w="3000"/><w:gridCol w:w="3000"/></w:tblGrid>'
    return f'<w:tbl><w:tblPr><w:tblW w:w="6000" w:type="dxa"/></w:tblPr>{grid}{"".join(rows)}</w:tbl>'


def template(*blocks: str) -> bytes:
    """Return a template whose body is `blocks`: texts are paragraphs, what begins with "<" is XML."""
    return in_body("".join(block if block.startswith("<") else paragraph(block) for block in blocks).encode())


def columns(block: str) -> str:
    """Return a block in two columns, between two section breaks that do not begin a page."""
    page = (
        '<w:pgSz w:w="12240" w:h="15840"/><w:pgMar w:top="864" w:right="864" w:bottom="864" w:left="864" '
        'w:header="432" w:footer="500" w:gutter="0"/>'
    )

    def section(number: int) -> str:
        kind = '<w:type w:val="continuous"/>'
        return f'<w:sectPr>{kind}{page}<w:cols w:num="{number}" w:space="280"/></w:sectPr>'

    ends = f'<w:p><w:pPr><w:pStyle w:val="SectionEnd"/>{section(1)}</w:pPr></w:p>'
    inside = f'<w:p><w:pPr><w:pStyle w:val="AgreementBody"/>{section(2)}</w:pPr>{run(block)}</w:p>'
    return ends + inside


WHOLE = (
    paragraph("{{ title", " }}", style="Title"),
    "Between {{ parties.first.name }} and {{ parties.second.name }}.",
    "{{p parties }}",
    "{{p key_terms }}",
    columns("{{p clauses }}"),
    "{{p signatures }}",
)
__all__ = ["BODY", "DOCUMENT", "WHOLE", "columns", "packed", "paragraph", "replaced", "row", "run", "table", "template"]

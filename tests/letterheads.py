"""Letterheads of fictional firms, made from our reference.docx with python-docx as a firm would make them in Word."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from hostile_word import REFERENCE


def logo(width: int = 240, height: int = 80) -> bytes:
    """Return a PNG: a dark red block with a white bar."""
    rows = b""
    for y in range(height):
        row = b"".join(
            b"\xff\xff\xff" if 20 < y < 34 and 20 < x < width - 20 else b"\x7a\x00\x19" for x in range(width)
        )
        rows += b"\0" + row

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def opened() -> Any:
    return docx.Document(io.BytesIO(REFERENCE))


def saved(word: Any) -> bytes:
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def acme(font: str = "DejaVu Serif", side: float = 2.6, top: float = 2.0) -> bytes:
    """Return the letterhead of Acme Law: wide margins (in cm), a logo above, another font, an address below."""
    word = opened()
    (section,) = word.sections
    section.left_margin = section.right_margin = Cm(side)
    section.top_margin, section.bottom_margin = Cm(top), Cm(1.8)
    section.header_distance = section.footer_distance = Cm(0.9)
    header = section.header
    header.is_linked_to_previous = False
    paragraph = header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    paragraph.add_run().add_picture(io.BytesIO(logo()), height=Cm(1.2))
    address = header.add_paragraph("Acme Law LLP, 1 Court Square, Boston")
    address.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for name in ("Agreement Body", "Title"):
        word.styles[name].font.name = font
    split_footer(section.footer.paragraphs[0])
    return saved(word)


def split_footer(paragraph: Any) -> None:
    """Cut "{{ footer }}" into four runs, one of them bold, as Word does when somebody has edited it."""
    (run,) = [run for run in paragraph.runs if "{{ footer }}" in run.text]
    run.text = "{{ foo"
    following = run._r
    for text in ("ter", " ", "}}"):
        element = OxmlElement("w:r")
        if text == "ter":
            properties = OxmlElement("w:rPr")
            properties.append(OxmlElement("w:b"))
            element.append(properties)
        content = OxmlElement("w:t")
        content.text = text
        content.set(qn("xml:space"), "preserve")
        element.append(content)
        following.addnext(element)
        following = element


def boxed() -> bytes:
    """Return a letterhead whose header is a table over the whole width, and whose first page has one of its own."""
    word = opened()
    (section,) = word.sections
    section.different_first_page_header_footer = True
    width = section.page_width - section.left_margin - section.right_margin
    table = section.first_page_header.add_table(1, 2, width)
    table.rows[0].cells[0].text = "Firm on the left"
    table.rows[0].cells[1].text = "right@firm.example"
    section.header.add_paragraph("Firm, continued")
    footer = section.first_page_footer.paragraphs[0]
    footer.style = word.styles["footer"]
    footer.text = "{{ footer }}"
    for run in section.first_page_header.paragraphs[0].runs:
        run.font.size = Pt(8)
    return saved(word)

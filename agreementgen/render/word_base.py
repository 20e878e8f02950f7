"""The parts of Word files that are the same for many agreements: made once, and kept as they stand in the file.

Of an agreement only the text is new, and a few words and lengths in other parts: its title and footer, the number of
its pages, what the fit has chosen, the deal that it carries. There the kept parts have marks: characters that no
document has, because nobody has given them a meaning.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape
from typing import NamedTuple
from xml.etree.ElementTree import Element

from agreementgen.ooxml import W
from agreementgen.render.carrying import CarriedInWord, carry_in_word_file
from agreementgen.render.docx_writer import (
    DocxWriter,
    PrintedDocument,
    lengths_in_word,
    title_property,
    word_file_bytes,
)
from agreementgen.render.measures import Sizes

# The first of the last plane of private characters.
_FIRST_MARK = 0x100000
# No agreement is dated on this day.
_MARKED_DAY = date(1601, 1, 2)
_DAY_MARK = _MARKED_DAY.isoformat()


class _Filled(NamedTuple):
    """What stands where the marks are, in their order."""

    title: str
    author: str
    footer: str
    pages: str
    deal: str = ""
    item_id: str = ""
    deal_digest: str = ""
    words_digest: str = ""
    type_size: str = ""
    line_height: str = ""
    clause_gap: str = ""
    signing_gap: str = ""
    chart_footer: str = ""


_MARKS = _Filled(*(chr(_FIRST_MARK + at) for at in range(len(_Filled._fields))))
CHART_FOOTER_MARK = _MARKS.chart_footer
"""Stands for the footer of a chart at the end of an agreement."""


@dataclass(frozen=True)
class BlankDocument:
    """What a file must know of any document of a paper and a language, with marks for the rest."""

    paper: str
    language: str
    dated: date | None
    footer: str = _MARKS.footer
    author: str = _MARKS.author


def blank_like(document: PrintedDocument) -> BlankDocument:
    """Return the blank that stands for `document`, and for all others of its paper and language."""
    return BlankDocument(document.paper, document.language, _MARKED_DAY if document.dated else None)


class _Packed(NamedTuple):
    """A part as it stands in the file: deflated, with its check sum and its size before that."""

    data: bytes
    check: int
    size: int


class WordBase:
    """The parts of a Word file but its text.

    `writer` has opened it with a blank document, cleared it, and is shared by all that write over it.
    """

    def __init__(self, writer: DocxWriter, carries_deal: bool = False) -> None:
        self.writer = writer
        writer.fill_in(_MARKS.title, _MARKS.pages)
        if carries_deal:
            carry_in_word_file(writer.word, CarriedInWord(*_MARKS[4:8]))
        with zipfile.ZipFile(io.BytesIO(word_file_bytes(writer.word))) as made:
            parts = {name: made.read(name) for name in made.namelist()}
        self.text_part = str(writer.word.part.partname).lstrip("/")
        text = parts[self.text_part].decode()
        # Nothing is left in the text but its last section, which each document writes anew.
        self.before_text, self.behind_text = (
            text[: text.index("<w:body>") + len("<w:body>")],
            text[text.index("</w:body>") :],
        )
        self.names = _ShortNamespaces({space: prefix for prefix, space in writer.section.nsmap.items() if prefix})
        # The marks in each part that has some.
        self.marked = {name: marks for name, data in parts.items() if (marks := _marks_in(data))}
        self.parts = parts
        self.packed = {name: _pack(data) for name, data in parts.items()}

    def write(
        self, writer: DocxWriter, sizes: Sizes, title: str, pages: int, carried: str = "", chart_footer: str = ""
    ) -> bytes:
        """Return the file of what `writer` has written into a text of its own."""
        document = writer.document
        told = CarriedInWord.of(carried, writer.root) if carried else ("", "", "", "")
        filled = _Filled(
            title_property(title),
            title_property(document.author),
            document.footer,
            str(pages),
            *told,
            *lengths_in_word(sizes),
            chart_footer,
        )
        values = dict(zip(_MARKS, filled, strict=True))
        if document.dated:
            values[_DAY_MARK] = document.dated.isoformat()
        parts = dict(self.packed)
        for name, marks in self.marked.items():
            data = self.parts[name]
            for mark in marks:
                data = data.replace(mark.encode(), escape(values[mark], quote=False).encode())
            parts[name] = _pack(data)
        pieces = [self.before_text]
        for node in writer.root:
            _write_element(node, self.names, pieces)
        parts[self.text_part] = _pack("".join([*pieces, self.behind_text]).encode())
        return _write_package(tuple(parts.items()))


def mark_sizes(writer: DocxWriter) -> None:
    """Put marks where the styles have what the fit chooses."""
    writer.set_sizes(Sizes(10.0))
    names = ("val", "line", "after", "after", "val")
    marks = (*_MARKS[8:12], _MARKS.type_size)
    for node, name, mark in zip(writer.nodes_of_sizes(), names, marks, strict=True):
        node.set(f"{W}{name}", mark)


class _ShortNamespaces(dict[str, str]):
    """Names of elements and attributes as they are written ("w:p"), by what they mean."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self.prefixes = {**prefixes, "http://www.w3.org/XML/1998/namespace": "xml"}
        # Of a thousand elements all but some dozens begin like others.
        self.start = lru_cache(maxsize=2_000)(self._start)

    def __missing__(self, name: str) -> str:
        space, _, word = name.removeprefix("{").rpartition("}")
        self[name] = f"{self.prefixes[space]}:{word}" if space else word
        return self[name]

    def _start(self, tag: str, attributes: tuple[tuple[str, str], ...]) -> str:
        """Return how an element begins ('<w:p w:val="1"'), but for the end of its first tag."""
        return f"<{self[tag]}" + "".join(f' {self[key]}="{escape(value)}"' for key, value in attributes)


def _write_element(node: Element, names: _ShortNamespaces, into: list[str]) -> None:
    """Put an element as text into a list, as python-docx writes it."""
    name, start = names[node.tag], names.start(node.tag, tuple(node.items()))
    if node.text:
        into.append(f"{start}>{escape(node.text, quote=False)}</{name}>")
    elif len(node):
        into.append(start + ">")
        for child in node:
            _write_element(child, names, into)
        into.append(f"</{name}>")
    else:
        into.append(start + "/>")


def _marks_in(data: bytes) -> list[str]:
    return [mark for mark in (*_MARKS, _DAY_MARK) if mark.encode() in data]


def _pack(data: bytes) -> _Packed:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return _Packed(packer.compress(data) + packer.flush(), zlib.crc32(data), len(data))


def _write_package(parts: Sequence[tuple[str, _Packed]]) -> bytes:
    """Return a ZIP file of parts in their order, without times; Python's own module cannot take what is packed."""
    files, directory = bytearray(), bytearray()
    for name, part in parts:
        # Version 2.0, deflated, 1980-01-01; read and written by the owner, on Unix.
        about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, part.check, len(part.data), part.size, len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20 | 3 << 8) + about
        directory += struct.pack("<HHHII", 0, 0, 0, 0o600 << 16, len(files)) + name.encode()
        files += b"PK\x03\x04" + about + name.encode() + part.data
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(directory), len(files), 0)
    return bytes(files + directory) + b"PK\x05\x06" + end

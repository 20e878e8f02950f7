"""Reading finished agreements back, by readers that know nothing of the program: words, numbers of lists, pages."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections import defaultdict
from io import BytesIO
from typing import Any

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class _Numbering:
    """Counts the automatic numbers of a Word file: what stands before a paragraph of each style or list."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        root = etree.fromstring(package.read("word/numbering.xml"))
        abstract = {node.get(f"{_W}abstractNumId"): node for node in root.iter(f"{_W}abstractNum")}
        self.levels: dict[tuple[str, int], Any] = {}
        for number in root.iter(f"{_W}num"):
            for level in abstract[number.find(f"{_W}abstractNumId").get(f"{_W}val")].iter(f"{_W}lvl"):
                self.levels[number.get(f"{_W}numId"), int(level.get(f"{_W}ilvl"))] = level
        self.styles: dict[str, tuple[str, int]] = {}
        for style in etree.fromstring(package.read("word/styles.xml")).iter(f"{_W}style"):
            found = self.of(style.find(f"{_W}pPr"))
            if found:
                self.styles[style.get(f"{_W}styleId")] = found
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)

    def of(self, properties: Any) -> tuple[str, int] | None:
        """Return the list and level that paragraph properties name."""
        number = None if properties is None else properties.find(f"{_W}numPr/{_W}numId")
        if number is None:
            return None
        level = properties.find(f"{_W}numPr/{_W}ilvl")
        return number.get(f"{_W}val"), 0 if level is None else int(level.get(f"{_W}val"))

    def before(self, paragraph: Any) -> str:
        """Return the number or sign that Word puts before a paragraph."""
        properties = paragraph.find(f"{_W}pPr")
        style = None if properties is None else properties.find(f"{_W}pStyle")
        found = self.of(properties) or self.styles.get("" if style is None else style.get(f"{_W}val"))
        if not found or found[0] == "0":
            return ""
        number, at = found
        counts = self.counts[number]
        start = int(self.levels[found].find(f"{_W}start").get(f"{_W}val"))
        counts[at] = counts.get(at, start - 1) + 1
        for deeper in [level for level in counts if level > at]:
            del counts[deeper]
        text = str(self.levels[found].find(f"{_W}lvlText").get(f"{_W}val"))
        for level in range(at + 1):
            form = self.levels[number, level].find(f"{_W}numFmt").get(f"{_W}val")
            text = text.replace(f"%{level + 1}", self.figure(counts.get(level, 1), form))
        return text

    def figure(self, count: int, form: str) -> str:
        match form:
            case "decimal":
                return str(count)
            case "lowerLetter":
                return chr(96 + count)
            case "bullet":
                return ""
        raise AssertionError(f"numbers in the form {form}")


def word_words(docx: bytes) -> str:
    """Return the letters of a Word file's body with the numbers of its lists, in the order of its XML."""
    package = zipfile.ZipFile(BytesIO(docx))
    numbering = _Numbering(package)
    found = []
    for paragraph in etree.fromstring(package.read("word/document.xml")).iter(f"{_W}p"):
        found.append(numbering.before(paragraph))
        found += [node.text or "" for node in paragraph.iter(f"{_W}t")]
    return squeezed("".join(found))


def word_footers(docx: bytes) -> list[str]:
    """Return the letters of each footer."""
    package = zipfile.ZipFile(BytesIO(docx))
    parts = [name for name in package.namelist() if re.match(r"word/footer\d*\.xml", name)]
    return [squeezed("".join(etree.fromstring(package.read(name)).itertext())) for name in parts]


def pdf_words(text: str, footers: tuple[str, ...], heads: tuple[str, ...] = ()) -> str:
    """Return the letters of a PDF's text without footers, page numbers, and heads of tables that begin a page again."""
    found = []
    for page in text.split("\f"):
        plain = squeezed(page)
        for footer in footers:
            plain = re.sub(re.escape(squeezed(footer)) + r"Page\d+of\d+", "", plain)
        # A table begins under the heading of its schedule, so a page that begins with its head goes on with it.
        again = next((head for head in map(squeezed, heads) if plain.startswith(head)), "")
        found.append(plain.removeprefix(again))
    return "".join(found)


def text_words(text: str, footer: str) -> str:
    """Return the letters of a text file without the rules under its headings, the lines to sign on and its footer."""
    found = squeezed(re.sub(r"^(={3,}|-{3,}|_{3,}[ _]*)$", "", text, flags=re.MULTILINE))
    end = squeezed(footer)
    assert found.endswith(end)
    return found[: -len(end)]


def squeezed(text: str) -> str:
    """Return `text` without white space, accents joined to their letters, and without the bars between cells."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFC", text)).replace("|", "")

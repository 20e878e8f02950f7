"""Sizes of the page that PDF and DOCX share. All lengths in points.

The page of a firm's Word file: its margins, what its header and footer take, and the font of its text.

All lengths in points. Word moves the text down where a header is higher than the top margin; so does this.

How wide text is and where its lines break, shaped by HarfBuzz: kerning and ligatures as in the PDF.

Widths are in ems. Lines break where Unicode's rules let common texts break; for rare signs and scripts this is a guess.

Fonts that Word files name: how wide they are, where we have them, and which of them a reader may not have.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import ceil
from typing import Any
from xml.etree.ElementTree import Element

from agreementgen.library.snapshot import SourceFile
from agreementgen.ooxml.contents import name_of_main_part
from agreementgen.ooxml.package import Package, R, W, open_package

# Type sizes the fit may choose, largest first. 8.5 pt is the floor for body and table: New York's CPLR 4544
# bars consumer print under 8 pt from evidence, and courts have refused tiny print between businesses too.
TYPE_SIZES = (10.5, 10.0, 9.5, 9.0, 8.5)
# Line height over type size; rounded to twips (1/20 pt), as Word stores it.
LEADING = 1.15

PAPER_SIZES = {"letter": (612.0, 792.0), "a4": (595.3, 841.9)}
MARGIN_TOP, MARGIN_SIDE, MARGIN_BOTTOM = 43.2, 43.2, 43.2


@dataclass(frozen=True)
class Sizes:
    """What the fit chooses, in points: type size of body and table, space after a clause, room to sign in.

    `widest` is the share of the text width that the longest word of the labels of key terms needs.
    """

    body: float
    clause_gap: float = 1.5
    signing_room: float = 16.0
    widest_label: float = 0.0

    @property
    def label_share(self) -> float:
        """The share of the text width of a label column: its words stand on one line, up to a fifth of the width."""
        return max(0.13 if self.body < 10 else 0.15, min(self.widest_label, 0.2))

    @property
    def line_height(self) -> float:
        """The exact line height."""
        return round(self.body * LEADING * 20) / 20


def text_height(paper: str) -> float:
    """Return the height of the text area of a page, in points."""
    return PAPER_SIZES[paper][1] - MARGIN_TOP - MARGIN_BOTTOM


# Space between the two columns of clauses, and above the signatures.
COLUMN_GAP, SIGNATURES_GAP = 14.0, 4.0


def even_widths(columns: int) -> tuple[float, ...]:
    """Return the widths in percent of a table's columns that have none of their own."""
    return (100 / columns,) * columns


_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DRAWINGML = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EMU_PER_POINT = 12_700  # English metric units in a point
# The height of a line over its type size where a file says nothing else (Calibri's own), and the width of a letter.
_WORD_LEADING, _LETTER_WIDTH = 1.22, 0.5
_DEFAULT_FONT_SIZE = 10.0
# A line of 21 pt and 3 pt below it, in the reference.docx of the library.
_OUR_TITLE_HEIGHT = 24.0


@dataclass(frozen=True)
class Geometry:
    """Margins around the text, the gap between its columns, and the font of the text.

    `header` and `footer` are heights of what stands in the margins; top and bottom have grown with them already.
    `title` is how much higher the title is than ours (lower, where negative).
    """

    top: float
    right: float
    bottom: float
    left: float
    column_gap: float
    font: str
    header: float = 0.0
    footer: float = 0.0
    title_excess: float = 0.0

    @property
    def side_margins(self) -> float:
        return self.left + self.right

    @property
    def end_margins(self) -> float:
        return self.top + self.bottom


@lru_cache(maxsize=16)
def read_geometry(data: bytes) -> Geometry:
    """Return the page of a Word file that was looked through before; raise Refused where it cannot be opened."""
    return measure_page(open_package(data))


@lru_cache(maxsize=16)
def read_body_font(data: bytes) -> str:
    """Return the font of the text of a Word file; "" where it names none."""
    package = open_package(data)
    return _WordStyles(package, name_of_main_part(package)).font_of("Agreement Body")


def measure_page(package: Package) -> Geometry:
    """Return the page of a package, of the last section of its text."""
    main = name_of_main_part(package)
    section = package.read_part(main).find(f"{W}body/{W}sectPr")
    margins = section.find(f"{W}pgMar") if section is not None else None
    if section is None or margins is None:
        raise AssertionError("the file was not looked through: it says nothing of its page")
    styles = _WordStyles(package, main)
    columns = section.find(f"{W}cols")
    left, right = (read_length(margins, side) for side in ("left", "right"))
    size = section.find(f"{W}pgSz")
    width = (read_length(size, "w") if size is not None else 612.0) - left - right
    high = {kind: _margin_part_height(package, main, section, kind, styles, width) for kind in ("header", "footer")}
    top, bottom = read_length(margins, "top"), read_length(margins, "bottom")
    return Geometry(
        # A negative margin says that the text begins there whatever the header takes.
        top=-top if top < 0 else max(top, read_length(margins, "header") + high["header"] if high["header"] else 0),
        right=right,
        bottom=-bottom if bottom < 0 else max(bottom, read_length(margins, "footer") + high["footer"]),
        left=left + read_length(margins, "gutter"),
        column_gap=read_length(columns, "space") if columns is not None and columns.get(f"{W}space") else 36.0,
        font=styles.font_of("Agreement Body"),
        title_excess=styles.line_height_of("Title") - _OUR_TITLE_HEIGHT,
        **high,
    )


def read_length(node: Element, name: str) -> float:
    """Return a length of an attribute, given in twips (1/20 pt), in points; 0 where it is no number."""
    text = node.get(f"{W}{name}", "")
    try:
        return round(float(text)) / 20 if len(text) < 12 else 50_000.0
    except ValueError:
        return 0.0


def _margin_part_height(
    package: Package, main: str, section: Element, kind: str, styles: _WordStyles, width: float
) -> float:
    """Return the height of the highest header or footer of a section."""
    parts = {relation.id: relation.target for relation in package.relations_of(main)}
    used = [parts.get(node.get(f"{R}id", ""), "") for node in section.findall(f"{W}{kind}Reference")]
    return max(
        (_stacked_height(package.read_part(part), styles, width) for part in used if part in package.parts), default=0.0
    )


def _stacked_height(container: Element, styles: _WordStyles, width: float) -> float:
    """Return the height of paragraphs and tables below each other."""
    total = 0.0
    for child in _each_block(container):
        if child.tag == f"{W}p":
            total += _paragraph_height(child, styles, width)
        else:
            for row in child.iter(f"{W}tr"):
                cells = row.findall(f"{W}tc")
                share = width / max(1, len(cells))
                told = row.find(f"{W}trPr/{W}trHeight")
                least = read_length(told, "val") if told is not None else 0.0
                total += max([least, *(_stacked_height(cell, styles, share) for cell in cells)])
    return total


def _each_block(container: Element) -> Iterator[Element]:
    for child in container:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag == f"{W}sdt":
            inner = child.find(f"{W}sdtContent")
            yield from _each_block(inner) if inner is not None else ()


def _paragraph_height(paragraph: Element, styles: _WordStyles, width: float) -> float:
    own = paragraph.find(f"{W}pPr")
    named = own.find(f"{W}pStyle") if own is not None else None
    name = named.get(f"{W}val", "") if named is not None else ""
    size = max([styles.font_size_of(name), *(read_length(node, "val") * 10 for node in paragraph.iter(f"{W}sz"))])
    pictures = [
        _picture_height(extent)
        for inline in paragraph.iter(f"{_DRAWING}inline")
        if (extent := inline.find(f"{_DRAWING}extent")) is not None
    ]
    floating = [
        _picture_height(extent)
        for anchor in paragraph.iter(f"{_DRAWING}anchor")
        if anchor.find(f"{_DRAWING}wrapTopAndBottom") is not None
        and (extent := anchor.find(f"{_DRAWING}extent")) is not None
    ]
    letters = sum(len(node.text or "") for node in paragraph.iter(f"{W}t"))
    lines = max(1, ceil(letters * size * _LETTER_WIDTH / max(width, 1.0)))
    before, after, line, rule = styles.spacing_of(name, own)
    # An automatic line height counts 240ths of a line, which `length` has made twelfths.
    high = line if line and rule in ("exact", "atLeast") else size * _WORD_LEADING * (line / 12 if line else 1)
    if rule != "exact":
        high = max([high, *pictures])
    return before + after + high * lines + sum(floating)


def _picture_height(extent: Element) -> float:
    text = extent.get("cy", "")
    return int(text) / _EMU_PER_POINT if text.isascii() and text.isdigit() and len(text) < 12 else 0.0


class _WordStyles:
    """The styles of a package by id, each with what it inherits."""

    def __init__(self, package: Package, main: str) -> None:
        found = [relation.target for relation in package.relations_of(main) if relation.kind.endswith("/styles")]
        root = package.read_part(found[0])
        self.by_id = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
        self.defaults = root.find(f"{W}docDefaults")
        self.normal = next((key for key, style in self.by_id.items() if _is_default_paragraph(style)), "")
        themes = [relation.target for relation in package.relations_of(main) if relation.kind.endswith("/theme")]
        self.theme = package.read_part(themes[0]) if themes and themes[0] in package.parts else None

    def each_ancestor(self, name: str) -> Iterator[Element]:
        """Yield a style and those it is based on, then the defaults."""
        seen: set[str] = set()
        name = name or self.normal
        while name in self.by_id and name not in seen:
            seen.add(name)
            yield self.by_id[name]
            based = self.by_id[name].find(f"{W}basedOn")
            name = based.get(f"{W}val", "") if based is not None else ""
        if self.defaults is not None:
            for part in ("rPrDefault", "pPrDefault"):
                found = self.defaults.find(f"{W}{part}")
                if found is not None:
                    yield found

    def font_size_of(self, name: str) -> float:
        for style in self.each_ancestor(name):
            node = style.find(f"{W}rPr/{W}sz")
            if node is not None:
                return read_length(node, "val") * 10  # half-points
        return _DEFAULT_FONT_SIZE

    def spacing_of(self, name: str, own: Element | None) -> tuple[float, float, float, str]:
        """Return the space before and after a paragraph, its line height and the rule for it ("" for automatic)."""
        nodes = [own.find(f"{W}spacing")] if own is not None else []
        nodes += [style.find(f"{W}pPr/{W}spacing") for style in self.each_ancestor(name)]
        there = [node for node in nodes if node is not None]

        def first(key: str) -> Element | None:
            return next((node for node in there if node.get(f"{W}{key}") is not None), None)

        def told(key: str) -> float:
            node = first(key)
            return read_length(node, key) if node is not None else 0.0

        ruled = first("line")
        rule = ruled.get(f"{W}lineRule", "") if ruled is not None else ""
        return told("before"), told("after"), told("line"), rule

    def line_height_of(self, title: str) -> float:
        """Return the height of a paragraph of one line in a style, by its name, with the space around it."""
        name = next((key for key, style in self.by_id.items() if _style_name(style) == title), "")
        before, after, line, rule = self.spacing_of(name, None)
        high = (
            line
            if line and rule in ("exact", "atLeast")
            else self.font_size_of(name) * _WORD_LEADING * (line / 12 if line else 1)
        )
        return before + after + high

    def font_of(self, title: str) -> str:
        """Return the font of a style by its name; "" where nobody says it."""
        named = (key for key, style in self.by_id.items() if _style_name(style) == title)
        for style in self.each_ancestor(next(named, "")):
            fonts = style.find(f"{W}rPr/{W}rFonts")
            if fonts is None:
                continue
            if fonts.get(f"{W}asciiTheme"):
                return self._theme_font(fonts.get(f"{W}asciiTheme", ""))
            if fonts.get(f"{W}ascii"):
                return fonts.get(f"{W}ascii", "")
        return ""

    def _theme_font(self, word: str) -> str:
        part = "majorFont" if word.startswith("major") else "minorFont"
        node = self.theme.find(f".//{_DRAWINGML}{part}/{_DRAWINGML}latin") if self.theme is not None else None
        return node.get("typeface", "") if node is not None else ""


def _is_default_paragraph(style: Element) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true")


def _style_name(style: Element) -> str:
    node = style.find(f"{W}name")
    return node.get(f"{W}val", "") if node is not None else ""


StyledText = tuple[tuple[str, bool], ...]
"""Text that belongs together, in pieces: (text, bold)."""

# Where the fonts have no glyph: letters of East Asian scripts are square, others about as wide as this.
_SQUARE_FROM, _UNKNOWN_LETTER_WIDTH = 0x2E7F, 0.55
# A no-break space is no space; a line may end behind a hyphen, a dash, a slash, and around East Asian letters.
_SPACES = re.compile(r"([ \t\n]+)")
_LINE_BREAKS = re.compile(
    r"(?<=[^\W\d]-)(?=[^\W_])|(?<=\d-)(?=[^\W\d_])|(?<=\w[\u2010\u2013])(?=\w)|(?=\u2014)|(?<=\u2014)|(?<=\w/)(?=[^\W\d_])"
    r"|(?=[\u2e80-\u9fff\uac00-\ud7af])|(?<=[\u2e80-\u9fff\uac00-\ud7af])(?=\w)"
)


class FontWidths:
    """The widths of texts in the regular and bold face of a page.

    What was measured is kept: texts are tried at several sizes, and most clauses come again in the next document.
    """

    def __init__(self, regular: bytes, bold: bytes) -> None:
        self.faces = (_load_face(regular), _load_face(bold))
        self.word_width = lru_cache(maxsize=20_000)(self._measure_word)
        self.unbreakable_parts = lru_cache(maxsize=4_000)(self._split_parts)

    def covers(self, text: str) -> bool:
        """Return whether the regular face has a glyph for every character of `text`: its width is no guess then."""
        known = self.faces[False].face.unicodes
        return all(ord(char) in known for char in set(text) if not char.isspace())

    def text_width(self, text: str, bold: bool) -> float:
        """Return the width of `text` on one line."""
        space = self.word_width(" ", bold)
        return sum(
            space * len(part) if part.isspace() else self.word_width(part, bold) for part in _SPACES.split(text) if part
        )

    def count_lines(self, pieces: StyledText, width: float) -> int:
        """Return how many lines of `width` ems the words of `pieces` take: at least one."""
        lines, used, gap = 1, 0.0, 0.0
        for size, space in self.unbreakable_parts(pieces):
            if used and used + gap + size > width:
                lines, used, gap = lines + 1, 0.0, 0.0
            if size > width:
                lines += int(size / width)
                size %= width
            used, gap = used + gap + size, space
        return lines

    def _split_parts(self, pieces: StyledText) -> tuple[tuple[float, float], ...]:
        """Return the width of each part that no line breaks, and of the space behind it."""
        found: list[tuple[float, float]] = []
        size, begun = 0.0, False
        for text, bold in pieces:
            for index, word in enumerate(_SPACES.split(text)):
                if index % 2:
                    if begun:
                        found.append((size, self.word_width(" ", bold)))
                        size, begun = 0.0, False
                    continue
                for place, part in enumerate(_LINE_BREAKS.split(word)):
                    if place and begun:
                        found.append((size, 0.0))
                        size, begun = 0.0, False
                    if part:
                        size, begun = size + self.word_width(part, bold), True
        if begun:
            found.append((size, 0.0))
        return tuple(found)

    def _measure_word(self, text: str, bold: bool) -> float:
        import uharfbuzz

        face = self.faces[bold]
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(face, buffer)
        em = float(face.face.upem)
        return sum(
            place.x_advance / em if glyph.codepoint else _width_without_glyph(text, glyph.cluster)
            for glyph, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
        )


def _width_without_glyph(text: str, at: int) -> float:
    return 1.0 if ord(text[at]) > _SQUARE_FROM else _UNKNOWN_LETTER_WIDTH


def _load_face(data: bytes) -> Any:
    import uharfbuzz

    return uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob(data)))


@lru_cache(maxsize=64)
def font_names_of(data: bytes) -> tuple[str, str]:
    """Return the family and the style that a font file says it has ("Carlito", "Bold"); "" for what is no font."""
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob(data))
    names = uharfbuzz.OTNameIdPredefined
    return face.get_name(names.FONT_FAMILY) or "", face.get_name(names.FONT_SUBFAMILY) or ""


@cache
def widths_of_faces(regular: bytes, bold: bytes) -> FontWidths:
    """Return the widths of two faces, given as font files."""
    return FontWidths(regular, bold)


def widths_of_layout(layout: Mapping[str, SourceFile]) -> FontWidths:
    """Return the widths of the library's own text faces, or of those a pack names as its faces."""
    regular = layout.get("face/regular") or layout["fonts/Carlito-Regular.ttf"]
    bold = layout.get("face/bold") or layout["fonts/Carlito-Bold.ttf"]
    return widths_of_faces(regular.data, bold.data)


# How wide plain text is in fonts that come with Word, in Calibri's widths. These are estimates, (*) from
# metric-compatible or near relatives; render/fit leaves room for what they miss.
_WIDTH_FACTORS = {
    "calibri": 1.0, "carlito": 1.0, "cambria": 1.0, "caladea": 1.0, "times new roman": 0.98, "times": 0.98,
    "arial": 1.08, "helvetica": 1.08, "georgia": 1.08, "verdana": 1.25, "book antiqua": 1.09, "palatino linotype": 1.09,
    "century schoolbook": 1.14, "bookman old style": 1.21, "courier new": 1.49, "consolas": 1.36, "garamond": 0.94,
    "tahoma": 1.09, "trebuchet ms": 1.09, "segoe ui": 1.10, "century gothic": 1.18, "aptos": 1.08, "candara": 1.02,
    "constantia": 1.05, "corbel": 1.01, "franklin gothic book": 1.03, "gill sans mt": 1.0, "lucida sans unicode": 1.2,
    "century": 1.14, "perpetua": 0.9, "rockwell": 1.1, "sylfaen": 1.02, "arial narrow": 0.89, "calibri light": 1.0,
    "dejavu sans": 1.25, "dejavu serif": 1.26, "liberation sans": 1.08, "liberation serif": 0.98,
}  # fmt: skip
# One that nobody knows is taken to be wide: a page that ends early is better than one that runs over.
_UNKNOWN_WIDTH_FACTOR = 1.15


def width_factor_of(family: str) -> float:
    """Return how wide text in a font is, in the widths of Calibri."""
    return _WIDTH_FACTORS.get(family.casefold(), _UNKNOWN_WIDTH_FACTOR) if family else 1.0


def find_faces(family: str, files: Mapping[str, bytes]) -> tuple[bytes, bytes] | None:
    """Return the regular and bold face of a font among font files (by name); None where one of them is missing."""
    ours = {"calibri": "carlito", "cambria": "caladea"}
    wanted = ours.get(family.casefold(), family.casefold())
    found: dict[str, bytes] = {}
    for name, data in files.items():
        if name.lower().endswith((".ttf", ".otf")):
            there, style = font_names_of(data)
            if there.casefold() == wanted:
                found.setdefault(style.casefold(), data)
    return (found["regular"], found["bold"]) if {"regular", "bold"} <= set(found) else None


def font_families_in(data: bytes) -> frozenset[str]:
    """Return the fonts that the styles and the theme of a Word file name; raise Refused where it cannot be opened."""
    package = open_package(data)
    targets = {
        r.kind.rsplit("/", 1)[-1]: r.target for r in package.relations_of(name_of_main_part(package)) if not r.external
    }
    found: set[str] = set()
    if targets.get("styles") in package.parts:
        fonts = package.read_part(targets["styles"]).iter(f"{W}rFonts")
        found |= {node.get(f"{W}{key}", "") for node in fonts for key in ("ascii", "hAnsi")}
    if targets.get("theme") in package.parts:
        found |= set(_each_theme_font(package.read_part(targets["theme"])))
    return frozenset(family for family in found if family)


def _each_theme_font(theme: Element) -> Iterator[str]:
    for kind in ("majorFont", "minorFont"):
        for node in theme.iter():
            if node.tag.rsplit("}", 1)[-1] == kind:
                latin = next((child for child in node if child.tag.rsplit("}", 1)[-1] == "latin"), None)
                yield latin.get("typeface", "") if latin is not None else ""


def unavailable_fonts(found: frozenset[str], files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the fonts that neither come with Word, nor lie among `files`, nor are on this computer."""
    there = {
        font_names_of(data)[0].casefold() for name, data in files.items() if name.lower().endswith((".ttf", ".otf"))
    }
    left = [family for family in sorted(found) if family.casefold() not in there | set(_WIDTH_FACTORS)]
    return tuple(family for family in left if family.casefold() not in _installed_fonts())


@cache
def _installed_fonts() -> frozenset[str]:
    """Return the fonts of this computer, where its list of fonts can be asked for."""
    program = shutil.which("fc-list")
    if program is None:
        return frozenset()
    try:
        done = subprocess.run([program, ":", "family"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(name.strip().casefold() for line in lines for name in line.split(","))

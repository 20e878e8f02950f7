"""The page of a Word file: margins, header, footer and fonts, and the size at which an agreement fits it.

Word's line breaks cannot be tried here: they are counted with the widths of the letters, on the page that the firm's
reference.docx has. Word moves the text down where a header is higher than the top margin; so does this. All lengths in
points. Where LibreOffice is installed, its count of pages is a second opinion.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil
from pathlib import Path
from xml.etree.ElementTree import Element

from agreementgen.core.document import Document
from agreementgen.core.problems import InputError, LayoutError, PackError, Place, Problem
from agreementgen.library.files import SourceFile, home_folder
from agreementgen.ooxml import Package, PackageRefused, R, W, name_of_main_part, open_package
from agreementgen.render.docx_writer import STYLE_KINDS
from agreementgen.render.house_style import house_style_of
from agreementgen.render.lettering import Letters, letters_of_faces, letters_of_layout, letters_to_measure
from agreementgen.render.measures import (
    COLUMN_GAP,
    PAPER_SIZES,
    TYPE_SIZES,
    Margins,
    Sizes,
    find_faces,
    text_width,
    width_factor_of,
)
from agreementgen.render.page_text import PageText, TextArea, measure_pages, text_at

# Lines left free on a page that was never laid out, and how far it may be from what was counted, as a share: in a font
# whose letters were measured, and in one whose width is a factor. With less, LibreOffice made one page more than
# foreseen in 1 of 80 files (five samples, both papers, eight letterheads); with these, none for the four worst of them.
WORD_HEADROOM_LINES = 2.0
_COUNTED_ERROR, _GUESSED_ERROR = 0.02, 0.045
# The label column grows with the font, up to this share of the text.
_MOST_LABEL_SHARE = 0.22

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_DRAWINGML = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EMU_PER_POINT = 12_700  # English metric units in a point
# The height of a line over its type size where a file says nothing else (Calibri's own), and the width of a letter.
_WORD_LEADING, _LETTER_WIDTH = 1.22, 0.5
_DEFAULT_FONT_SIZE = 10.0
# A line of 21 pt and 3 pt below it, in the reference.docx of the library.
_OUR_TITLE_HEIGHT = 24.0


# -- the fit


@dataclass(frozen=True)
class WordPage:
    """The page on which a Word file is set. Its `letters` are `width_factor` times as wide; the PDF has `margins`."""

    geometry: Geometry
    letters: Letters
    width_factor: float
    margins: Margins
    is_pdf_page: bool

    def label_share(self, sizes: Sizes, paper: str) -> float:
        """Return the share of the text width that a column of labels takes."""
        if self.is_pdf_page:
            return sizes.label_share
        ours = text_width(paper, self.margins)
        text = PAPER_SIZES[paper][0] - self.geometry.side_margins
        return label_share_in_font(sizes, self.width_factor, ours / text)


@dataclass(frozen=True)
class WordFit:
    """The sizes of the Word file, the share of its label columns, and whether it is expected to fit."""

    sizes: Sizes
    label_share: float
    fits: bool = True


def label_share_in_font(sizes: Sizes, factor: float, narrower: float) -> float:
    """Return the share of the text width for labels (0 to 1).

    The font is `factor` times as wide as that of the PDF, its text has 1 / `narrower` of the width.
    """
    return min(_MOST_LABEL_SHARE, round(sizes.label_share * factor * narrower, 3))


def fit_like_pdf(sizes: Sizes) -> WordFit:
    """Return the fit of a Word file that has the sizes of the PDF."""
    return WordFit(sizes, sizes.label_share)


def word_page_of(layout: Mapping[str, SourceFile]) -> WordPage:
    """Return the page of the reference.docx of a layout; raise PackError where it cannot be opened."""
    reference = layout["reference.docx"]
    try:
        geometry = read_geometry(reference.data)
    except PackageRefused as error:
        raise PackError(Problem(error.message, error.hint, "", Place(reference.name), code="word-unreadable")) from None
    letters, factor = _letters_of_font(geometry.font, layout)
    of_pdf = letters_to_measure(layout)
    margins = of_pdf.style.margins
    ours = (*margins, COLUMN_GAP)
    theirs = (geometry.top, geometry.right, geometry.bottom, geometry.left, geometry.column_gap)
    same_font = factor == 1 and letters is of_pdf
    same_margins = all(abs(a - b) < 1 for a, b in zip(ours, theirs, strict=True))
    return WordPage(geometry, letters, factor, margins, same_font and same_margins)


def fit_word_file(document: Document, layout: Mapping[str, SourceFile], sizes: Sizes, used_height: float) -> WordFit:
    """Return the largest sizes at which the Word file fits, from those of the PDF down.

    `used_height` is the height that the PDF takes at `sizes`: what was counted is corrected by it.
    """
    page = word_page_of(layout)
    if page.is_pdf_page:
        return fit_like_pdf(sizes)
    ours = text_at(document, letters_to_measure(layout), sizes)
    counted = max(measure_pages(ours, document, sizes))
    correction = min(max(used_height / counted, 0.97), 1.06) + (
        _COUNTED_ERROR if page.width_factor == 1 else _GUESSED_ERROR
    )
    width = PAPER_SIZES[document.paper][0] - page.geometry.side_margins
    room = PAPER_SIZES[document.paper][1] - page.geometry.end_margins - page.geometry.title_excess
    plain = Sizes(sizes.body, widest_label=sizes.widest_label, leading=sizes.leading)
    smallest = min(sizes.body, house_style_of(layout).smallest)
    smaller = (replace(plain, body=body) for body in TYPE_SIZES if smallest <= body <= sizes.body)
    for trial in (sizes, *smaller):
        label = page.label_share(trial, document.paper)
        area = TextArea(width, page.geometry.column_gap, page.width_factor, label)
        height = max(measure_pages(PageText(document, page.letters, trial.body, area), document, trial))
        if height * correction + WORD_HEADROOM_LINES * trial.line_height <= room:
            return WordFit(trial, label)
    floor = replace(plain, body=smallest)
    return WordFit(floor, page.label_share(floor, document.paper), False)


@lru_cache(maxsize=8)
def _find_faces_once(family: str, files: tuple[tuple[str, bytes], ...]) -> tuple[bytes, bytes] | None:
    return find_faces(family, dict(files))


def _letters_of_font(family: str, layout: Mapping[str, SourceFile]) -> tuple[Letters, float]:
    """Return the letters of a font, or those of ours and how much wider its own are."""
    ours = letters_to_measure(layout)
    if family.casefold() == ours.style.font.casefold():
        return ours, 1.0
    fonts = tuple((name, source.data) for name, source in layout.items() if name.lower().endswith((".ttf", ".otf")))
    faces = _find_faces_once(family, fonts)
    if faces:
        return letters_of_faces(*faces, layout), 1.0
    return letters_of_layout(layout), width_factor_of(family)


def find_word_misfit(fitted: WordFit, document: Document, reference: SourceFile) -> tuple[Problem, ...]:
    """Return what to know of a Word file that is not expected to fit on the page of a firm's `reference`."""
    if fitted.fits:
        return ()
    wanted = "two pages" if document.apart else "one page"
    message = f"the Word file is not expected to fit on {wanted} with the margins, header and font of this file"
    hint = "make its margins or header smaller, take a narrower font, or send the PDF"
    return (Problem(message, hint, "", Place(reference.name), code="fit-word-page", severity="W"),)


# -- the page as the file has it


@dataclass(frozen=True)
class Geometry:
    """Margins around the text, the gap between its columns, and the font of the text.

    Top and bottom have grown with the header and footer in them. `title_excess` is how much higher the title is
    than ours (lower, where negative).
    """

    top: float
    right: float
    bottom: float
    left: float
    column_gap: float
    font: str
    title_excess: float = 0.0

    @property
    def side_margins(self) -> float:
        return self.left + self.right

    @property
    def end_margins(self) -> float:
        return self.top + self.bottom


@lru_cache(maxsize=16)
def read_geometry(data: bytes) -> Geometry:
    """Return the page of the last section of a Word file, which was looked through before.

    Raise PackageRefused where the file cannot be opened.
    """
    package = open_package(data)
    main = name_of_main_part(package)
    section = package.read_part(main).find(f"{W}body/{W}sectPr")
    margins = section.find(f"{W}pgMar") if section is not None else None
    if section is None or margins is None:
        raise AssertionError("the file was not looked through: it says nothing of its page")
    styles = _WordStyles(package, main)
    columns = section.find(f"{W}cols")
    left, right, top, bottom = (_read_length(margins, side) for side in ("left", "right", "top", "bottom"))
    size = section.find(f"{W}pgSz")
    width = (_read_length(size, "w") if size is not None else 612.0) - left - right
    header, footer = (_height_in_margin(package, main, section, kind, styles, width) for kind in ("header", "footer"))
    return Geometry(
        # A negative margin says that the text begins there whatever the header takes.
        top=-top if top < 0 else max(top, _read_length(margins, "header") + header if header else 0),
        right=right,
        bottom=-bottom if bottom < 0 else max(bottom, _read_length(margins, "footer") + footer),
        left=left + _read_length(margins, "gutter"),
        column_gap=_read_length(columns, "space") if columns is not None and columns.get(f"{W}space") else 36.0,
        font=styles.font_of("Agreement Body"),
        title_excess=styles.line_height_of("Title") - _OUR_TITLE_HEIGHT,
    )


@lru_cache(maxsize=16)
def read_body_font(data: bytes) -> str:
    """Return the font of the text of a Word file; "" where it names none."""
    package = open_package(data)
    return _WordStyles(package, name_of_main_part(package)).font_of("Agreement Body")


def _read_length(node: Element | None, name: str) -> float:
    """Return a length of an attribute, given in twips (1/20 pt), in points; 0 where it is missing or no number."""
    text = node.get(f"{W}{name}", "") if node is not None else ""
    try:
        return round(float(text)) / 20 if len(text) < 12 else 50_000.0
    except ValueError:
        return 0.0


def _height_in_margin(
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
                least = _read_length(row.find(f"{W}trPr/{W}trHeight"), "val")
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
    named = paragraph.find(f"{W}pPr/{W}pStyle")
    name = named.get(f"{W}val", "") if named is not None else ""
    size = max([styles.font_size_of(name), *(_read_length(node, "val") * 10 for node in paragraph.iter(f"{W}sz"))])
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
    line_height = _line_height(line, rule, size)
    if rule != "exact":
        line_height = max([line_height, *pictures])
    return before + after + line_height * lines + sum(floating)


def _picture_height(extent: Element) -> float:
    text = extent.get("cy", "")
    return int(text) / _EMU_PER_POINT if text.isascii() and text.isdigit() and len(text) < 12 else 0.0


def _line_height(line: float, rule: str, type_size: float) -> float:
    if line and rule in ("exact", "atLeast"):
        return line
    # An automatic line height counts 240ths of a line, which `_read_length` has made twelfths.
    return type_size * _WORD_LEADING * (line / 12 if line else 1)


class _WordStyles:
    """The styles of a package by id, each with what it inherits."""

    def __init__(self, package: Package, main: str) -> None:
        targets = _targets_by_kind(package, main)
        root = package.read_part(targets["styles"])
        self.by_id = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
        self.defaults = root.find(f"{W}docDefaults")
        self.normal = next((key for key, style in self.by_id.items() if _is_default_paragraph(style)), "")
        self.theme = package.read_part(targets["theme"]) if targets.get("theme") in package.parts else None

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

    def _id_of(self, title: str) -> str:
        return next((key for key, style in self.by_id.items() if _style_name(style) == title), "")

    def font_size_of(self, name: str) -> float:
        for style in self.each_ancestor(name):
            node = style.find(f"{W}rPr/{W}sz")
            if node is not None:
                return _read_length(node, "val") * 10  # half-points
        return _DEFAULT_FONT_SIZE

    def spacing_of(self, name: str, own: Element | None) -> tuple[float, float, float, str]:
        """Return the space before and after a paragraph, its line height and the rule for it ("" for automatic)."""
        nodes = [own.find(f"{W}spacing")] if own is not None else []
        nodes += [style.find(f"{W}pPr/{W}spacing") for style in self.each_ancestor(name)]

        def find_first(key: str) -> Element | None:
            return next((node for node in nodes if node is not None and node.get(f"{W}{key}") is not None), None)

        before, after, line = (_read_length(find_first(key), key) for key in ("before", "after", "line"))
        with_line = find_first("line")
        return before, after, line, with_line.get(f"{W}lineRule", "") if with_line is not None else ""

    def line_height_of(self, title: str) -> float:
        """Return the height of a paragraph of one line in a style, by its name, with the space around it."""
        name = self._id_of(title)
        before, after, line, rule = self.spacing_of(name, None)
        return before + after + _line_height(line, rule, self.font_size_of(name))

    def font_of(self, title: str) -> str:
        """Return the font of a style by its name; "" where nobody says it."""
        for style in self.each_ancestor(self._id_of(title)):
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


def font_families_in(data: bytes) -> frozenset[str]:
    """Return the fonts that a Word file's theme and the styles of our page name.

    Other styles of a firm's file print nothing. Raise PackageRefused where it cannot be opened.
    """
    package = open_package(data)
    targets = _targets_by_kind(package, name_of_main_part(package))
    found: set[str] = set()
    if targets.get("styles") in package.parts:
        for root in _each_printing_style(package.read_part(targets["styles"])):
            found |= {node.get(f"{W}{key}", "") for node in root.iter(f"{W}rFonts") for key in ("ascii", "hAnsi")}
    if targets.get("theme") in package.parts:
        found |= set(_each_theme_font(package.read_part(targets["theme"])))
    return frozenset(found - {""})


def _each_printing_style(styles: Element) -> Iterator[Element]:
    """Yield the defaults, the styles that our page uses, those of headers and footers, and what they are based on."""
    yield from styles.findall(f"{W}docDefaults")
    by_id = {style.get(f"{W}styleId", ""): style for style in styles.findall(f"{W}style")}
    names = {*STYLE_KINDS, "Normal", "header", "Header", "Footer"}
    waiting = [style for style in by_id.values() if _style_name(style) in names]
    seen: set[str] = set()
    while waiting:
        style = waiting.pop()
        if style.get(f"{W}styleId", "") not in seen:
            seen.add(style.get(f"{W}styleId", ""))
            yield style
            based = style.find(f"{W}basedOn")
            above = by_id.get(based.get(f"{W}val", "")) if based is not None else None
            waiting += [above] if above is not None else []


def _targets_by_kind(package: Package, part: str) -> dict[str, str]:
    """Return the parts that `part` points to by the last word of their kind ("styles", "theme")."""
    found: dict[str, str] = {}
    for relation in package.relations_of(part):
        if not relation.external:
            found.setdefault(relation.kind.rsplit("/", 1)[-1], relation.target)
    return found


def _each_theme_font(theme: Element) -> Iterator[str]:
    for kind in ("majorFont", "minorFont"):
        for node in theme.iter():
            if node.tag.rsplit("}", 1)[-1] == kind:
                latin = next((child for child in node if child.tag.rsplit("}", 1)[-1] == "latin"), None)
                yield latin.get("typeface", "") if latin is not None else ""


# -- pages counted by LibreOffice

_TIMEOUT_SECONDS = 120
_FONTS_CONF = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
<dir>{ours}</dir><dir>{theirs}</dir><cachedir>{cache}</cachedir>
<alias binding="same"><family>Calibri</family><prefer><family>Carlito</family></prefer></alias>
<alias binding="same"><family>Cambria</family><prefer><family>Caladea</family></prefer></alias></fontconfig>"""


def find_libreoffice() -> str | None:
    """Return the path of LibreOffice, or None."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def write_fonts_conf(folder: Path, layout: Mapping[str, SourceFile] | None = None) -> None:
    """Write `fonts.conf` into `folder`: a program that gets it as FONTCONFIG_FILE prints with our fonts.

    The fonts of a pack's `layout` are laid beside it.
    """
    ours, theirs = home_folder() / "templates" / "layout" / "fonts", folder / "fonts"
    theirs.mkdir(exist_ok=True)
    for name, source in (layout or {}).items():
        if name.lower().endswith((".ttf", ".otf")):
            (theirs / name.replace("/", "-")).write_bytes(source.data)
    fonts = _FONTS_CONF.format(ours=ours, theirs=theirs, cache=folder / "cache")
    (folder / "fonts.conf").write_text(fonts, encoding="utf-8")


def convert_to_pdf(
    files: Mapping[str, bytes], folder: Path, layout: Mapping[str, SourceFile] | None = None
) -> dict[str, Path]:
    """Convert Word files (name to content) to PDFs in `folder`, an absolute path.

    They have the fonts of this computer, those that travel with the program, and those of a pack's `layout`.
    """
    office = find_libreoffice()
    if office is None:
        hint = "install it, or leave --verify out"
        raise InputError(
            Problem("LibreOffice is not installed", hint, "", Place("--verify"), code="libreoffice-missing")
        )
    write_fonts_conf(folder, layout)
    for name, data in files.items():
        (folder / f"{name}.docx").write_bytes(data)
    command = [
        office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
        "--outdir", str(folder), *(str(folder / f"{name}.docx") for name in files),
    ]  # fmt: skip
    environment = {**os.environ, "FONTCONFIG_FILE": str(folder / "fonts.conf")}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, timeout=_TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise LayoutError(
            Problem(
                f"LibreOffice did not answer within {_TIMEOUT_SECONDS} seconds", "try again", code="libreoffice-failed"
            )
        ) from None
    made = {name: folder / f"{name}.pdf" for name in files}
    missing = [name for name, path in made.items() if not path.is_file()]
    if missing:
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise LayoutError(
            Problem(f"LibreOffice could not open {', '.join(missing)}: {said}", code="libreoffice-failed")
        )
    return made


def verify_page_counts(files: Mapping[str, bytes], pages: Mapping[str, int], layout: Mapping[str, SourceFile]) -> None:
    """Raise LayoutError where LibreOffice lays a Word file out on another number of pages than the PDF has.

    The fonts of `layout` are at hand.
    """
    with tempfile.TemporaryDirectory() as name:
        problems = []
        for stem, path in convert_to_pdf(files, Path(name), layout).items():
            count = len(re.findall(rb"/Type\s*/Page[^s]", path.read_bytes()))
            if count != pages[stem]:
                message = f"the Word file has {count} pages in LibreOffice, the PDF {pages[stem]}"
                hint = "shorten the deal a little, or send the PDF"
                problems.append(Problem(message, hint, "", Place(f"{stem}.docx"), code="fit-pages-differ"))
    if problems:
        raise LayoutError(problems)

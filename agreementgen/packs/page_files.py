"""The files of a pack's layout, checked before a page is made of them.

Layouts and style sheets are looked through in packs/markup; here are the other files: drawings, pictures and fonts,
which must be whole, of the kind their name says, and not larger than a page needs.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from xml.parsers import expat

from agreementgen.core.problems import InputError, Place, Problem, quote_text
from agreementgen.language import layouts
from agreementgen.library.files import SourceFile
from agreementgen.ooxml import make_xml_parser
from agreementgen.packs.markup import FONT_ENDINGS, StyleSheet, check_markup, check_style_sheets


def check_page(own: Mapping[str, SourceFile], layout: Mapping[str, SourceFile]) -> Iterator[Problem]:
    """Yield what is wrong with the files `own` of a pack's layout; `layout` are all files they may name."""
    pages: dict[str, tuple[str, str]] = {}
    sheets: dict[str, tuple[str, str]] = {}
    for name, source in layout.items():
        try:
            if name.endswith(".html"):
                pages[name] = (source.name, source.text)
            elif name.endswith(".css"):
                sheets[name] = (source.name, source.text)
        except InputError as error:
            # The other hints are about deal files.
            yield from (replace(p, hint=p.hint if p.code == "not-utf8" else "") for p in error.problems)
    problems = list(layouts.each_layout_problem(pages, [name for name in pages if name in own]))
    yield from problems
    yield from check_style_sheets(sheets, list(layout), [name for name in sheets if name in own])
    broken = {problem.place.file for problem in problems}
    for name, (file, text) in pages.items():
        if name in own and file not in broken:
            yield from check_markup(layouts.blank_tags(text), file, list(layout))
    yield from _check_pictures_and_fonts(own)


def _check_pictures_and_fonts(own: Mapping[str, SourceFile]) -> Iterator[Problem]:
    pixels = 0
    for source in own.values():
        ending = source.name[-4:].lower()
        if ending == ".svg":
            yield from check_drawing(source.data, source.name)
        elif ending in _PICTURE_FORMATS:
            problems, size = check_picture(source.data, source.name)
            yield from problems
            pixels += size
            if pixels > MAX_PICTURE_PIXELS:
                message = f"the pictures have more than {MAX_PICTURE_PIXELS:,} pixels together"
                yield Problem(message, "save them smaller", place=Place(source.name), code="layout-too-large")
                return
        elif ending in FONT_ENDINGS:
            yield from check_font(source.data, source.name)


# -- drawings (SVG): shapes and text only, complete in themselves, and not larger than they look

MAX_DRAWING_BYTES = 500_000
_MAX_ELEMENTS = 10_000
_MAX_DRAWING_DEPTH = 40
# What is drawn when every <use>, pattern and marker is put in where it is named.
_MAX_DRAWN_ELEMENTS = 50_000
_REFUSED_ELEMENTS = (
    "script", "foreignobject", "iframe", "image", "feimage", "a", "audio", "video", "handler", "listener", "set",
    "animate", "animatemotion", "animatetransform", "animatecolor", "mpath", "filter", "mask",
)  # fmt: skip
_NAMED_ID = re.compile(r"url\(\s*[\"']?\s*#([^\s\"')]*)")


def check_drawing(data: bytes, file: str) -> list[Problem]:
    """Return what is wrong with a drawing: at most one problem, with its line where there is one."""
    if len(data) > MAX_DRAWING_BYTES:
        message = f"the drawing has more than {MAX_DRAWING_BYTES:,} bytes"
        return [Problem(message, "simplify it", place=Place(file), code="layout-too-large")]
    drawing = _DrawingReader()
    try:
        drawing.parser.Parse(data, True)
        if drawing.count_drawn() > _MAX_DRAWN_ELEMENTS:
            raise _Unusable(f"more than {_MAX_DRAWN_ELEMENTS:,} elements are drawn")
    except _Unusable as error:
        hint = "save it as plain SVG, with all text and pictures turned into shapes"
        message = f"the drawing cannot be used: {error}"
        return [Problem(message, hint, place=Place(file, *drawing.last_place), code="layout-not-allowed")]
    except (expat.ExpatError, RecursionError, ValueError) as error:
        place = Place(file, drawing.parser.CurrentLineNumber, drawing.parser.CurrentColumnNumber + 1)
        reason = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else "it is nested too deeply"
        return [Problem(f"the drawing is not readable: {reason}", place=place, code="layout-unreadable")]
    return []


class _Unusable(Exception):
    pass


class _DrawingReader:
    """Goes through the elements of one drawing; raises _Unusable at the first that is not allowed.

    `last_place` is line and column of the last of them. `sizes` and `named_ids` say of each id how many elements are
    below it, and which ids are named there; "" is the whole drawing.
    """

    def __init__(self) -> None:
        self.parser = make_xml_parser(self.refuse_doctype)
        self.parser.buffer_text = True
        self.parser.ProcessingInstructionHandler = self.refuse_instruction
        self.parser.StartElementHandler = self.start_element
        self.parser.EndElementHandler = self.end_element
        self.parser.CharacterDataHandler = self.add_text
        self.elements = 0
        self.last_place = 1, 1
        self.open_elements: list[str] = []
        self.open_ids: list[str] = []
        self.style_texts: list[str] = []
        self.sizes: dict[str, int] = defaultdict(int)
        self.named_ids: dict[str, list[str]] = defaultdict(list)

    def note_place(self) -> None:
        self.last_place = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def refuse_doctype(self) -> None:
        self.note_place()
        raise _Unusable("a DOCTYPE is not allowed")

    def refuse_instruction(self, *_: object) -> None:
        self.note_place()
        raise _Unusable("an instruction (<?...?>) is not allowed")

    def start_element(self, tag: str, attributes: dict[str, str]) -> None:
        self.note_place()
        name = tag.rpartition(" ")[2].lower()
        self.elements += 1
        if self.elements > _MAX_ELEMENTS:
            raise _Unusable(f"it has more than {_MAX_ELEMENTS:,} elements")
        if len(self.open_elements) >= _MAX_DRAWING_DEPTH:
            raise _Unusable(f"its elements are nested more than {_MAX_DRAWING_DEPTH} levels deep")
        if name in _REFUSED_ELEMENTS:
            raise _Unusable(f"<{quote_text(name)}> is not allowed")
        if not self.open_elements and name != "svg":
            raise _Unusable("it is no drawing: <svg> does not stand first")
        self.open_elements.append(name)
        own_id = attributes.get("id", "")
        self.open_ids.append(own_id)
        ids = {*self.open_ids, ""}
        for identity in ids:
            self.sizes[identity] += 1
        for key, value in attributes.items():
            for target in self.ids_in_attribute(key.rpartition(" ")[2].lower(), value):
                for identity in ids - ({own_id} if target == own_id else set()):
                    self.named_ids[identity].append(target)

    def ids_in_attribute(self, name: str, value: str) -> list[str]:
        """Return the ids that an attribute names."""
        if name.startswith("on"):
            raise _Unusable(f"{quote_text(name)} is not allowed")
        if name == "base":
            raise _Unusable("xml:base is not allowed")
        if name in ("href", "src"):
            if not value.strip().startswith("#"):
                raise _Unusable(f'the address "{quote_text(value)}" leads elsewhere')
            return [value.strip()[1:]]
        if name == "style" or "url" in value.lower() or "\\" in value:
            self.check_style(value if name == "style" else f"x: {value}", is_sheet=False)
        return _NAMED_ID.findall(value)

    def end_element(self, tag: str) -> None:
        name = self.open_elements.pop()
        self.open_ids.pop()
        if name == "style":
            self.check_style("".join(self.style_texts), is_sheet=True)
            self.style_texts.clear()

    def add_text(self, text: str) -> None:
        if self.open_elements and self.open_elements[-1] == "style":
            self.style_texts.append(text)

    def check_style(self, text: str, is_sheet: bool) -> None:
        # Names within the drawing are all that may be named.
        sheet = StyleSheet(_NAMED_ID.sub("none(", text), Place("", 1, 1), "", ())
        problems = (sheet.check_sheet() if is_sheet else sheet.check_declarations()).problems
        if problems:
            raise _Unusable(problems[0].message)
        if is_sheet and _NAMED_ID.search(text):
            raise _Unusable("its style sheet names parts of the drawing: name them in attributes")

    def count_drawn(self) -> int:
        """Return how many elements are drawn; raise for parts that contain themselves."""
        known: dict[str, int] = {}

        def count(identity: str, above: tuple[str, ...]) -> int:
            if identity in above:
                raise _Unusable(f'"#{quote_text(identity)}" is drawn inside itself')
            if len(above) > _MAX_DRAWING_DEPTH:
                raise _Unusable(f"its parts name each other more than {_MAX_DRAWING_DEPTH} times")
            if identity not in known:
                inner = sum(count(name, (*above, identity)) for name in self.named_ids.get(identity, ()))
                known[identity] = min(self.sizes.get(identity, 0) + inner, _MAX_DRAWN_ELEMENTS + 1)
            return known[identity]

        return count("", ())


# -- pictures (PNG, JPEG) and fonts (the only home of Pillow; fontTools is asked here whether a font is one)

MAX_PICTURE_SIDE = 4_000
MAX_PICTURE_PIXELS = 40_000_000
_PICTURE_FORMATS = {".png": "PNG", ".jpg": "JPEG"}
_NEEDED_TABLES = ("cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2")
# Glyphs that are pictures themselves.
_PICTURE_TABLES = ("SVG ", "CBDT", "CBLC", "sbix", "EBDT", "COLR")


def check_picture(data: bytes, file: str) -> tuple[list[Problem], int]:
    """Return what is wrong with a picture (at most one problem), and how many pixels it has."""
    from PIL import Image, ImageFile, UnidentifiedImageError

    kind = _PICTURE_FORMATS[file[-4:].lower()]
    too_large = f"the picture is larger than {MAX_PICTURE_SIDE:,} by {MAX_PICTURE_SIDE:,} pixels"
    # WeasyPrint has Pillow fill up what is missing of a picture; here it must say so.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=[kind]) as image:
                width, height = image.size
                if max(width, height) > MAX_PICTURE_SIDE:
                    message = f"{too_large}: {width:,} by {height:,}"
                    return [Problem(message, "save it smaller", place=Place(file), code="layout-too-large")], 0
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return [Problem(too_large, "save it smaller", place=Place(file), code="layout-too-large")], 0
    except Exception as error:  # whatever Pillow stumbles over, the picture is not one to print
        reason = str(error).split("\n")[0][:100] or type(error).__name__
        if isinstance(error, UnidentifiedImageError):
            reason = "it is none, or another kind than its name says"
        message = f"the picture is not readable as {kind}: {reason}"
        return [Problem(message, "save it anew", place=Place(file), code="layout-unreadable")], 0
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    return [], width * height


def check_font(data: bytes, file: str) -> list[Problem]:
    """Return what is wrong with a font: at most one problem."""
    try:
        reason = _explain_unfit_font(data)
    except Exception as error:  # whatever fontTools stumbles over, the font is not one to print with
        reason = str(error).split("\n")[0][:100] or type(error).__name__
    if not reason:
        return []
    message, hint = f"this is no font to print with: {reason}", "use a TrueType or OpenType font"
    return [Problem(message, hint, place=Place(file), code="layout-unreadable")]


def _explain_unfit_font(data: bytes) -> str:
    """Return why pages cannot be printed with a font, "" where they can; raise what fontTools raises."""
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    font = TTFont(io.BytesIO(data), lazy=True)
    if font.flavor:
        return f"it is packed ({font.flavor})"
    missing = [table for table in _NEEDED_TABLES if table not in font]
    if missing or not ("glyf" in font or "CFF " in font or "CFF2" in font):
        return f"a part of it is missing ({missing[0] if missing else 'glyf'})"
    pictures = [table for table in _PICTURE_TABLES if table in font]
    if pictures:
        return f"its letters are pictures ({pictures[0].strip()})"
    if not font.getBestCmap() or not 16 <= font["head"].unitsPerEm <= 16_384 or not font["hmtx"].metrics:
        return "it has no letters"
    return ""

"""Addresses in a layout: each names a file of the layout's own folder, and is written out.

Style sheets: what they ask for is in the layout's folder, and nothing in them grows without end.

The only home of tinycss2, the parser that WeasyPrint uses too.

Drawings (SVG): shapes and text only, complete in themselves, and not larger than they look.

The HTML of a layout: which tags there are, and where their addresses lead.

Pictures (PNG, JPEG) and fonts: whole, of the kind their name says, and not larger than a page needs.

The only home of Pillow; fontTools is asked here whether a font is one.

The check of a pack's page: every layout, style sheet, drawing, picture and font of its folder.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin
from xml.parsers import expat

from agreementgen.core.characters import quote_text
from agreementgen.core.problems import InputError, Place, Problem, suggest_nearest
from agreementgen.language import layouts
from agreementgen.language.layouts import blank_tags
from agreementgen.library.snapshot import SourceFile

# Relative addresses are resolved against this one, which nobody has.
BASE = "http://layout.invalid/"
# Stands where a layout fills something in.
HOLE = "\ue000"


def file_at_address(address: str, beside: str = "") -> str | None:
    """Return the file that `address` names in a file `beside` it, None for an address of elsewhere."""
    try:
        whole = urljoin(BASE + beside, address.strip())
    except ValueError:
        return None
    if not whole.startswith(BASE) or ":" in address or address.strip().startswith(("/", "\\")):
        return None
    return unquote(whole.removeprefix(BASE))


def explain_unusable_address(
    address: str, beside: str, files: Collection[str], endings: tuple[str, ...]
) -> tuple[str, str] | None:
    """Return message and hint where `address`, in the file `beside`, is not one of `files` with one of `endings`."""
    said = quote_text(address.replace(HOLE, "..."))
    if HOLE in address:
        return f'the address "{said}" is not written out', "an address cannot be filled in"
    name = file_at_address(address, beside)
    if name is None:
        what = "holds its data itself" if address.strip().lower().startswith("data:") else "leads elsewhere"
        return f'the address "{said}" {what}', "put the file into the layout's folder, and name it"
    if name not in files:
        return f'"{said}" is not in the layout\'s folder', suggest_nearest(name, files) or "put the file there"
    if not name.lower().endswith(endings):
        return f'"{said}" cannot be used here', f"its name should end with {' or '.join(endings)}"
    return None


MAX_STYLE_LETTERS = 200_000
PICTURE_ENDINGS = (".png", ".jpg", ".svg")
FONT_ENDINGS = (".ttf", ".otf")
_AT_RULES = ("page", "font-face", "media", "import", "supports")
_MARGIN_BOXES = ("top", "bottom", "left", "right")
# These take little room in a file and much on a page, or ask for files in a way of their own.
_REFUSED_FUNCTIONS = (
    "repeating-linear-gradient", "repeating-radial-gradient", "repeating-conic-gradient", "image", "image-set",
    "-webkit-image-set", "cross-fade", "src", "symbols", "expression", "paint", "env",
)  # fmt: skip
# Wide tabs take Pango for ever; the others lead out of the page.
_REFUSED_PROPERTIES = ("tab-size", "-weasy-link", "link", "-weasy-anchor", "image-resolution")
_MAX_NUMBER = 20_000
_MAX_BRACKETS = 20


class StyleSheet:
    """One style sheet, or a part of one in a page. `imports` are the sheets it imports, by name, each time it does."""

    def __init__(self, text: str, start: Place, beside: str, files: Collection[str]) -> None:
        self.start = start
        self.beside = beside
        self.files = files
        self.imports: list[str] = []
        self.problems: list[Problem] = []
        if len(text) > MAX_STYLE_LETTERS:
            self.add_problem(None, f"the style sheet has more than {MAX_STYLE_LETTERS:,} letters")
            return
        self.text = text

    def check_sheet(self) -> StyleSheet:
        """Check a whole style sheet."""
        import tinycss2

        for rule in tinycss2.parse_stylesheet(self.text, skip_comments=True, skip_whitespace=True):
            self.check_rule(rule)
        return self

    def check_declarations(self) -> StyleSheet:
        """Check what stands in a style attribute."""
        import tinycss2

        self.check_block(tinycss2.parse_component_value_list(self.text))
        return self

    def add_problem(self, node: Any, message: str, hint: str = "") -> None:
        line, column = (node.source_line, node.source_column) if node is not None else (1, 1)
        place = Place(self.start.file, line, column)
        if self.start.line:
            column += self.start.column - 1 if line == 1 else 0
            place = Place(self.start.file, self.start.line + line - 1, column)
        self.problems.append(Problem(message, hint, "", place))

    def check_rule(self, rule: Any) -> None:
        if rule.type == "error":
            self.add_problem(rule, f"the style sheet is not readable: {rule.message}")
        elif rule.type == "qualified-rule":
            self.check_tokens(rule.prelude, 0)
            self.check_block(rule.content)
        elif rule.type == "at-rule":
            self.check_at_rule(rule)

    def check_at_rule(self, rule: Any) -> None:
        word = rule.lower_at_keyword
        if word not in _AT_RULES and not word.startswith(_MARGIN_BOXES):
            self.add_problem(rule, f'"@{quote_text(word)}" is not known in layouts')
            return
        if word == "import":
            self.check_import(rule)
            return
        self.check_tokens(rule.prelude, 0)
        if rule.content is not None and word in ("media", "supports"):
            import tinycss2

            for inner in tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True):
                self.check_rule(inner)
        elif rule.content is not None:
            self.check_block(rule.content, font=word == "font-face")

    def check_import(self, rule: Any) -> None:
        first = next((token for token in rule.prelude if token.type not in ("whitespace", "comment")), None)
        address = _address_in(first) if first is not None else None
        if first is not None and first.type == "string":
            address = first.value
        if address is None:
            self.add_problem(rule, "@import names a style sheet in quotes")
            return
        self.check_address(first, address, (".css",))
        name = file_at_address(address, self.beside)
        if name in self.files:
            self.imports.append(str(name))

    def check_block(self, content: Any, font: bool = False) -> None:
        import tinycss2

        for part in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
            if part.type == "declaration":
                if part.name.startswith("--") and _count_uses(part.value, "var") > 1:
                    hint = "names that use two others double at each step"
                    self.add_problem(part, f'"{quote_text(part.name)}" uses more than one other name', hint)
                    continue
                if part.lower_name in _REFUSED_PROPERTIES:
                    self.add_problem(part, f'"{part.lower_name}" is not allowed in layouts')
                    continue
                self.check_tokens(part.value, 0, FONT_ENDINGS if font else PICTURE_ENDINGS)
            elif part.type == "error":
                self.add_problem(part, f"the style sheet is not readable: {part.message}")
            else:
                self.check_rule(part)

    def check_tokens(self, tokens: Any, depth: int, endings: tuple[str, ...] = PICTURE_ENDINGS) -> None:
        if depth > _MAX_BRACKETS:
            self.add_problem(
                tokens[0] if tokens else None, f"brackets are nested more than {_MAX_BRACKETS} levels deep"
            )
            return
        for token in tokens or ():
            address = _address_in(token)
            if address is not None:
                self.check_address(token, address, endings)
            elif token.type == "error":
                self.add_problem(token, f"the style sheet is not readable: {token.message}")
            elif token.type == "function":
                if token.lower_name in _REFUSED_FUNCTIONS:
                    self.add_problem(token, f"{token.lower_name}() is not allowed in layouts")
                elif token.lower_name == "local":
                    hint = "a font of the machine is another one on the next: put the file into the layout's folder"
                    self.add_problem(token, "local() is not allowed in layouts", hint)
                else:
                    self.check_tokens(token.arguments, depth + 1, endings)
            elif token.type == "ident" and token.lower_value == "footnote":
                self.add_problem(
                    token, "footnotes are not allowed in layouts", "their place is looked for again and again"
                )
            elif token.type in ("number", "dimension", "percentage") and abs(token.value) > _MAX_NUMBER:
                self.add_problem(token, f"a number is larger than {_MAX_NUMBER:,}")
            elif token.type in ("() block", "[] block", "{} block"):
                self.check_tokens(token.content, depth + 1, endings)

    def check_address(self, token: Any, address: str, endings: tuple[str, ...]) -> None:
        reason = explain_unusable_address(address, self.beside, self.files, endings)
        if reason:
            self.add_problem(token, *reason)


def _address_in(token: Any) -> str | None:
    """Return the address of `url(x)` or `url("x")`."""
    if token.type == "url":
        return str(token.value)
    if token.type == "function" and token.lower_name == "url":
        first = next((part for part in token.arguments if part.type == "string"), None)
        return str(first.value) if first is not None else ""
    return None


def _count_uses(tokens: Any, name: str) -> int:
    """Return how often a function is used, at whatever depth (up to the most that is allowed)."""
    found, waiting = 0, list(tokens or ())
    while waiting:
        token = waiting.pop()
        inner = token.arguments if token.type == "function" else getattr(token, "content", None)
        found += token.type == "function" and token.lower_name == name
        waiting += inner if isinstance(inner, list) else []
    return found


def check_style_sheets(
    texts: dict[str, tuple[str, str]], files: Collection[str], mine: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with the sheets in `mine`; `texts` has all sheets by name, each with its file and text."""
    sheets = {}
    for name, (file, text) in texts.items():
        try:
            sheets[name] = StyleSheet(text, Place(file), name, files)
            if not sheets[name].problems:
                sheets[name].check_sheet()
        except RecursionError:
            sheets[name].add_problem(None, "brackets are nested too deeply")
        if name in mine:
            yield from sheets[name].problems
    for name in mine:
        if _count_imports(sheets, name) > _MAX_IMPORTS:
            message = f"style sheets are imported more than {_MAX_IMPORTS} times, or by themselves"
            yield Problem(message, "", "", Place(texts[name][0], 1, 1))


_MAX_IMPORTS = 20


def _count_imports(sheets: dict[str, StyleSheet], name: str) -> int:
    """Return how many sheets are read for one, counted up to one more than is allowed."""
    count, waiting = 0, [name]
    while waiting and count <= _MAX_IMPORTS + 1:
        count += 1
        waiting += sheets[waiting.pop()].imports
    return count - 1


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


class _Unusable(Exception):
    pass


class _DrawingReader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartDoctypeDeclHandler = self.refuse_doctype
        self.parser.ProcessingInstructionHandler = self.refuse_instruction
        self.parser.StartElementHandler = self.start_element
        self.parser.EndElementHandler = self.end_element
        self.parser.CharacterDataHandler = self.add_text
        self.elements = 0
        self.last_place = 1, 1
        self.open_elements: list[str] = []
        self.open_ids: list[str] = []
        self.style_texts: list[str] = []
        # For each id: how many elements are below it, and which ids are named there.
        self.sizes: dict[str, int] = defaultdict(int)
        self.named_ids: dict[str, list[str]] = defaultdict(list)

    def note_place(self) -> None:
        self.last_place = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1

    def refuse_doctype(self, *_: object) -> None:
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
        own = attributes.get("id", "")
        self.open_ids.append(own)
        around = {identity for identity in self.open_ids if identity} | {""}
        for identity in around:
            self.sizes[identity] += 1
        for key, value in attributes.items():
            for target in self.ids_in_attribute(key.rpartition(" ")[2].lower(), value):
                for identity in around - ({own} if target == own else set()):
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
            self.check_style(value if name == "style" else f"x: {value}", declarations=True)
        return _NAMED_ID.findall(value)

    def end_element(self, tag: str) -> None:
        name = self.open_elements.pop()
        self.open_ids.pop()
        if name == "style":
            self.check_style("".join(self.style_texts), declarations=False)
            self.style_texts.clear()

    def add_text(self, text: str) -> None:
        if self.open_elements and self.open_elements[-1] == "style":
            self.style_texts.append(text)

    def check_style(self, text: str, declarations: bool) -> None:
        # Names within the drawing are all that may be named.
        inner = _NAMED_ID.sub("none(", text)
        sheet = StyleSheet(inner, Place("", 1, 1), "", ())
        for problem in (
            (sheet.check_declarations() if declarations else sheet.check_sheet()).problems if not sheet.problems else ()
        ):
            raise _Unusable(problem.message)
        if not declarations and _NAMED_ID.search(text):
            raise _Unusable("its style sheet names parts of the drawing: name them in attributes")

    def count_drawn(self) -> int:
        """Return how many elements are drawn; raise for parts that contain themselves."""
        known: dict[str, int] = {}

        def size(identity: str, above: tuple[str, ...]) -> int:
            if identity in above:
                raise _Unusable(f'"#{quote_text(identity)}" is drawn inside itself')
            if len(above) > _MAX_DRAWING_DEPTH:
                raise _Unusable(f"its parts name each other more than {_MAX_DRAWING_DEPTH} times")
            if identity not in known:
                inner = (size(name, (*above, identity)) for name in self.named_ids.get(identity, ()))
                known[identity] = min(self.sizes.get(identity, 0) + sum(inner), _MAX_DRAWN_ELEMENTS + 1)
            return known[identity]

        return size("", ())


def check_drawing(data: bytes, file: str) -> list[Problem]:
    """Return what is wrong with a drawing: at most one problem, with its line where there is one."""
    if len(data) > MAX_DRAWING_BYTES:
        return [Problem(f"the drawing has more than {MAX_DRAWING_BYTES:,} bytes", "simplify it", "", Place(file))]
    drawing = _DrawingReader()
    try:
        drawing.parser.Parse(data, True)
        if drawing.count_drawn() > _MAX_DRAWN_ELEMENTS:
            raise _Unusable(f"more than {_MAX_DRAWN_ELEMENTS:,} elements are drawn")
    except _Unusable as error:
        place = Place(file, *drawing.last_place)
        hint = "save it as plain SVG, with all text and pictures turned into shapes"
        return [Problem(f"the drawing cannot be used: {error}", hint, "", place)]
    except (expat.ExpatError, RecursionError, ValueError) as error:
        place = Place(file, drawing.parser.CurrentLineNumber, drawing.parser.CurrentColumnNumber + 1)
        said = expat.ErrorString(error.code) if isinstance(error, expat.ExpatError) else "it is nested too deeply"
        return [Problem(f"the drawing is not readable: {said}", "", "", place)]
    return []


_REFUSED_TAGS = {
    "script": "a layout runs nothing",
    "object": "use <img>",
    "embed": "use <img>",
    "iframe": "a page holds no other page",
    "frame": "a page holds no other page",
    "applet": "a layout runs nothing",
    "base": "addresses are meant from the layout's folder",
    "svg": "save the drawing as an .svg file beside the layout, and use <img>",
    "math": "formulas are not printed",
    "video": "a page does not move",
    "audio": "a page makes no sound",
    "source": "name one picture",
    "picture": "name one picture",
    "form": "a page has nothing to fill in",
    "input": "a page has nothing to fill in",
}
# Attributes that hold addresses of files; none but src of <img> and href of <link> is needed.
_ADDRESS_ATTRIBUTES = (
    "src",
    "href",
    "data",
    "srcset",
    "poster",
    "background",
    "action",
    "formaction",
    "longdesc",
    "xlink:href",
)
_NUMBER_ATTRIBUTES = ("colspan", "rowspan", "span", "start", "value", "size", "cols", "rows", "width", "height")
_LINK = re.compile(r"(?:https?://|mailto:|#)[^\s\"<>]*$", re.IGNORECASE)
_MAX_ATTRIBUTE_NUMBER = 1_000
_MAX_MARKUP_DEPTH = 60


class MarkupReader(HTMLParser):
    """One HTML file; `text` has spaces where Jinja's tags stand, and HOLE where something is filled in."""

    def __init__(self, text: str, file: str, files: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.file = file
        self.files = files
        self.problems: list[Problem] = []
        self.open_tags: list[str] = []
        self.style_place: Place | None = None
        for hole in re.finditer(rf"</?\s*{HOLE}", text):
            line = text.count("\n", 0, hole.start()) + 1
            place = Place(file, line, hole.start() - text.rfind("\n", 0, hole.start()))
            self.problems.append(Problem("the name of a tag cannot be filled in", "", "", place))
        self.feed(text)
        self.close()

    def add_problem(self, message: str, hint: str = "") -> None:
        line, column = self.getpos()
        self.problems.append(Problem(message, hint, "", Place(self.file, line, column + 1)))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _REFUSED_TAGS:
            self.add_problem(f"<{tag}> is not allowed in layouts", _REFUSED_TAGS[tag])
            return
        said = {name: value or "" for name, value in attrs}
        for name, value in said.items():
            self.check_attribute(tag, name, value, said)
        if tag == "img" and not said.get("alt", "").strip():
            self.add_problem("<img> has no alt", 'readers who see no pictures need it: alt="Our logo"')
        if tag == "style":
            line, column = self.getpos()
            start = len(self.get_starttag_text() or "")
            self.style_place = Place(self.file, line, column + 1 + start)
        if tag not in _VOID_TAGS:
            self.open_tags.append(tag)
            if len(self.open_tags) == _MAX_MARKUP_DEPTH + 1:
                self.add_problem(f"tags are nested more than {_MAX_MARKUP_DEPTH} levels deep")

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.style_place = None
        if tag in self.open_tags:
            del self.open_tags[len(self.open_tags) - 1 - self.open_tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if self.style_place is not None:
            self.problems += StyleSheet(data, self.style_place, "", self.files).check_sheet().problems

    def check_attribute(self, tag: str, name: str, value: str, said: dict[str, str]) -> None:
        if name == "style":
            # Where a value stands within its tag is not told: the tag's own place is.
            for problem in StyleSheet(value, Place(self.file), "", self.files).check_declarations().problems:
                self.add_problem(problem.message, problem.hint)
        elif name == "http-equiv":
            self.add_problem("http-equiv is not allowed in layouts", "a page goes nowhere by itself")
        elif name == "rel" and tag != "link" and "attachment" in value.lower():
            self.add_problem("a layout attaches no files")
        elif name.startswith("on"):
            self.add_problem(f"{name} is not allowed in layouts", "a layout runs nothing")
        elif (
            name in _NUMBER_ATTRIBUTES and value.strip().isdecimal() and int(value.strip()[:9]) > _MAX_ATTRIBUTE_NUMBER
        ):
            self.add_problem(f"{name} is larger than {_MAX_ATTRIBUTE_NUMBER:,}")
        elif name in _ADDRESS_ATTRIBUTES:
            self.check_address(tag, name, value, said)

    def check_address(self, tag: str, name: str, value: str, said: dict[str, str]) -> None:
        if tag == "a" and name == "href":
            if not _LINK.match(value.strip()) or HOLE in value:
                hint = "write a link out: https://, mailto: or #"
                self.add_problem(f'a link leads to "{quote_text(value.replace(HOLE, "..."))}"', hint)
        elif tag == "link" and name == "href":
            if said.get("rel", "").strip().lower() != "stylesheet":
                self.add_problem("<link> is for style sheets only in layouts")
            elif reason := explain_unusable_address(value, "", self.files, (".css",)):
                self.add_problem(*reason)
        elif tag == "img" and name == "src":
            if reason := explain_unusable_address(value, "", self.files, PICTURE_ENDINGS):
                self.add_problem(*reason)
        else:
            self.add_problem(f"{name} is not allowed in <{tag}>", "use <img> for a picture, <link> for a style sheet")


_VOID_TAGS = ("area", "br", "col", "hr", "img", "link", "meta", "wbr")


MAX_PICTURE_SIDE = 4_000
MAX_PICTURE_PIXELS = 40_000_000
_PICTURE_FORMATS = {".png": "PNG", ".jpg": "JPEG"}
_NEEDED_TABLES = ("cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2")
# Glyphs that are pictures themselves.
_PICTURE_TABLES = ("SVG ", "CBDT", "CBLC", "sbix", "EBDT", "COLR")


def check_picture(data: bytes, file: str) -> tuple[list[Problem], int]:
    """Return what is wrong with a picture (at most one problem), and how many pixels it has."""
    from PIL import Image, ImageFile

    kind = _PICTURE_FORMATS[file[-4:].lower()]
    # WeasyPrint has Pillow fill up what is missing of a picture; here it must say so.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(data), formats=[kind]) as image:
                width, height = image.size
                if max(width, height) > MAX_PICTURE_SIDE:
                    most = f"{MAX_PICTURE_SIDE:,} by {MAX_PICTURE_SIDE:,}"
                    message = f"the picture is larger than {most} pixels: {width:,} by {height:,}"
                    return [Problem(message, "save it smaller", "", Place(file))], 0
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = f"the picture is larger than {MAX_PICTURE_SIDE:,} by {MAX_PICTURE_SIDE:,} pixels"
        return [Problem(message, "save it smaller", "", Place(file))], 0
    except Exception as error:  # whatever Pillow stumbles over, the picture is not one to print
        said = str(error).split("\n")[0][:100] or type(error).__name__
        said = "it is none, or another kind than its name says" if "cannot identify" in said else said
        return [Problem(f"the picture is not readable as {kind}: {said}", "save it anew", "", Place(file))], 0
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
    return [], width * height


def check_font(data: bytes, file: str) -> list[Problem]:
    """Return what is wrong with a font: at most one problem."""
    from fontTools.ttLib import TTFont

    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    try:
        face = TTFont(io.BytesIO(data), lazy=True)
        if face.flavor:
            return [_font_problem(f"it is packed ({face.flavor})", file)]
        missing = [table for table in _NEEDED_TABLES if table not in face]
        if missing or not ("glyf" in face or "CFF " in face or "CFF2" in face):
            return [_font_problem(f"a part of it is missing ({missing[0] if missing else 'glyf'})", file)]
        pictured = [table for table in _PICTURE_TABLES if table in face]
        if pictured:
            return [_font_problem(f"its letters are pictures ({pictured[0].strip()})", file)]
        if not face.getBestCmap() or not 16 <= face["head"].unitsPerEm <= 16_384 or not face["hmtx"].metrics:
            return [_font_problem("it has no letters", file)]
    except Exception as error:  # whatever fontTools stumbles over, the font is not one to print with
        return [_font_problem(str(error).split("\n")[0][:100] or type(error).__name__, file)]
    return []


def _font_problem(why: str, file: str) -> Problem:
    return Problem(f"this is no font to print with: {why}", "use a TrueType or OpenType font", "", Place(file))


def check_page(own: Mapping[str, SourceFile], layout: Mapping[str, SourceFile]) -> Iterator[Problem]:
    """Yield what is wrong with the files `own` of a pack's layout; `layout` are all files they may name."""
    texts: dict[str, tuple[str, str]] = {}
    mine = []
    for name, source in layout.items():
        if name.endswith((".html", ".css")):
            try:
                texts[name] = (source.name, source.text)
            except InputError as error:
                yield from (replace(p, hint=p.hint if "UTF-8" in p.message else "") for p in error.problems)
                continue
            if name in own:
                mine.append(name)
    pages = {name: text for name, text in texts.items() if name.endswith(".html")}
    found = list(layouts.each_layout_problem(pages, [name for name in mine if name in pages]))
    yield from found
    broken = {problem.place.file for problem in found}
    sheets = {name: text for name, text in texts.items() if name.endswith(".css")}
    yield from check_style_sheets(sheets, list(layout), [name for name in mine if name in sheets])
    for name in mine:
        if name in pages and pages[name][0] not in broken:
            yield from MarkupReader(blank_tags(pages[name][1]), pages[name][0], list(layout)).problems
    yield from _check_pictures_and_fonts(own)


def _check_pictures_and_fonts(own: Mapping[str, SourceFile]) -> Iterator[Problem]:
    pixels = 0
    for source in own.values():
        ending = source.name[-4:].lower()
        if ending == ".svg":
            yield from check_drawing(source.data, source.name)
        elif ending in (".png", ".jpg"):
            found, size = check_picture(source.data, source.name)
            yield from found
            pixels += size
            if pixels > MAX_PICTURE_PIXELS:
                message = f"the pictures have more than {MAX_PICTURE_PIXELS:,} pixels together"
                yield Problem(message, "save them smaller", "", Place(source.name))
                return
        elif ending in (".ttf", ".otf"):
            yield from check_font(source.data, source.name)

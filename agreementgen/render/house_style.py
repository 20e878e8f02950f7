"""A firm's look for Word and PDF alike, from one short file of its pack: `style.yaml` in the folder of the layout.

It says faces, color, margins, sizes, and what stands in the upper and lower margin. Both formats are set and measured
by it, so their lines break alike in a firm's look as in ours. Lengths in points.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from html import escape
from typing import Any, NamedTuple

from agreementgen.core.problems import Place, Problem, suggest_nearest
from agreementgen.library.files import Fields, SourceFile, read_declarations
from agreementgen.render.measures import OUR_MARGINS, PAPER_SIZES, TYPE_SIZES, Margins, font_names_of
from agreementgen.yamlfile.nodes import MappingNode, ScalarNode

STYLE_FILE = "style.yaml"
OUR_COLOR = "#1f3864"
# Stands for the firm's color where something is drawn. Charts keep ours: theirs are chosen for grey print.
ACCENT = "accent"
HEAD_SIZE, HEAD_LINE, HEAD_TOP = 9.0, 12.0, 19.0
"""Type size and line height of the first line in the upper margin, and where it begins, from the top of the paper."""
SMALL_SIZE, SMALL_LINE = 8.0, 10.0
"""Type size and line height of all other lines in the margins."""
LOGO_TOP, LOGO_HEIGHT, LOGO_WIDTH = 12.0, 20.0, 200.0
"""Where a logo begins, how high it is where nothing else is said, and how wide it may become."""
FOOT_ABOVE = 8.0
"""The space between the text and the line below it."""
TITLE_SIZE = 18.0
MOST_HEAD_CHARACTERS, MOST_HEAD_LINES = 90, 3
SIDES = ("left", "middle", "right")
# The least between the line and the logo, and between what stands in a margin and the text or the edge of the paper.
_LOGO_GAP, _TEXT_GAP, _EDGE_GAP = 12.0, 4.0, 17.0
# WCAG 2.2, 1.4.3: text of this size needs 4.5:1 on white.
LEAST_CONTRAST = 4.5
_GREY = "#595959"
_EMU_PER_TWIP = 635  # English metric units in 1/20 pt
_LOGO_ENDINGS = (".png", ".jpg")
_FONT_ENDINGS = (".ttf", ".otf")
_LETTERHEAD_STYLE, _SMALL_LETTERHEAD_STYLE = "Letterhead", "Letterhead Small"
# What else says how a page looks; of two that say it one would be forgotten.
OTHER_LOOKS = ("agreement.css", "agreement.html")
_UNITS = {"cm": 72 / 2.54, "mm": 7.2 / 2.54, "in": 72.0, "pt": 1.0}
_LEAST_MARGIN, _MOST_MARGIN = 28.3, 170.1  # 1 and 6 cm
LEAST_LOGO, MOST_LOGO = 10.0, 60.0
_LEAST_TITLE, _MOST_TITLE = 14.0, 24.0


class Logo(NamedTuple):
    """A picture: its file, and its width and height on the page in points."""

    file: SourceFile
    width: float
    height: float = LOGO_HEIGHT


@dataclass(frozen=True)
class HouseStyle:
    """How a firm's pages look. `head` are the lines of the upper margin, `foot` those below our own in the lower one.

    `color` is that of titles, headings and rules ("#1f3864"). `faces` are names of font files, by the words of
    FACE_FILE_OF_WORD, none for ours; `font` and `title_font` are what Word calls them. The fit takes type of `smallest`
    to `largest`.
    """

    color: str = OUR_COLOR
    head: tuple[str, ...] = ()
    head_at: str = "left"
    logo: Logo | None = None
    logo_at: str = "right"
    foot: tuple[str, ...] = ()
    margins: Margins = OUR_MARGINS
    faces: tuple[tuple[str, str], ...] = ()
    font: str = ""
    title_font: str = ""
    is_title_bold: bool = True
    title_size: float = TITLE_SIZE
    smallest: float = TYPE_SIZES[-1]
    largest: float = TYPE_SIZES[0]

    @property
    def title_line(self) -> float:
        """The height of a line of the title, in whole twips."""
        return round(self.title_size * 7 / 6 * 20) / 20

    @property
    def head_top(self) -> float:
        """Where the lines of the upper margin begin."""
        return _begin_head(self.logo, self.head_at == self.logo_at)

    def head_lines(self) -> Iterator[tuple[str, float, float, float]]:
        """Yield each line of the upper margin with its type size, its height, and where it begins."""
        top = self.head_top
        for at, text in enumerate(self.head):
            size, height = (SMALL_SIZE, SMALL_LINE) if at else (HEAD_SIZE, HEAD_LINE)
            yield text, size, height, top
            top += height


def house_style_of(layout: Mapping[str, SourceFile]) -> HouseStyle:
    """Return the look of a layout whose files were checked; ours where it says none."""
    source = layout.get(STYLE_FILE)
    if source is None:
        return HouseStyle()
    named = tuple((name, file) for name, file in layout.items() if name.endswith((*_LOGO_ENDINGS, *_FONT_ENDINGS)))
    return _read_once(source, named)


@lru_cache(maxsize=16)
def _read_once(source: SourceFile, files: tuple[tuple[str, SourceFile], ...]) -> HouseStyle:
    return read_declarations(source, partial(_read_style, dict(files)), []) or HouseStyle()


def check_house_style(own: Mapping[str, SourceFile], layout: Mapping[str, SourceFile]) -> list[Problem]:
    """Return what is wrong with the `style.yaml` among the files `own` of a pack; it may name those of `layout`."""
    source, problems = own.get(STYLE_FILE), list[Problem]()
    if source is None:
        return problems
    read_declarations(source, partial(_read_style, layout), problems)
    for name in (name for name in OTHER_LOOKS if name in own):
        message = f'"{name}" of this pack says how the page looks, too'
        hint = f"keep one of the two: {STYLE_FILE} for Word and PDF alike, or pages and style sheets of your own"
        problems.append(Problem(message, hint, place=Place(source.name), code="not-applicable"))
    return problems


def _read_style(files: Mapping[str, SourceFile], fields: Fields) -> HouseStyle:
    color = _read_color(fields)
    faces = _read_faces(files, fields)
    head, foot = _read_lines(fields, "head"), _read_lines(fields, "foot")
    head_at = fields.read_choice("head at", SIDES, "left", "a place") if head else "left"
    logo = _read_logo(files, fields)
    logo_at = fields.read_choice("logo at", SIDES, "right", "a place") if logo else "right"
    margins = _read_margins(fields, head, _begin_head(logo, head_at == logo_at), logo, foot)
    regular, bold = (_find_face(files, word, faces.get(word, FACE_FILE_OF_WORD[word])) for word in ("regular", "bold"))
    across = PAPER_SIZES["a4"][0] - margins.left - margins.right
    room = _room_for_head(across, logo, head_at, logo_at)
    for at, line in enumerate(head):
        wide = _width_of_line(line, regular if at else bold, SMALL_SIZE if at else HEAD_SIZE)
        _check_width(fields, "head", wide, room, " beside the logo" if logo else "")
    for line in foot:
        _check_width(fields, "foot", _width_of_line(line, regular, SMALL_SIZE), across, "")
    title_size, smallest, largest = _read_sizes(fields)
    font = font_names_of(_find_face(files, "regular", faces["regular"]).data)[0] if faces else ""
    title_font, weight = font_names_of(_find_face(files, "title", faces["title"]).data) if faces else ("", "Bold")
    return HouseStyle(
        color=color,
        head=head,
        head_at=head_at,
        logo=logo,
        logo_at=logo_at,
        foot=foot,
        margins=margins,
        faces=tuple(faces.items()),
        font=font,
        title_font=title_font,
        is_title_bold="bold" in weight.casefold(),
        title_size=title_size,
        smallest=smallest,
        largest=largest,
    )


def _read_color(fields: Fields) -> str:
    color = fields.read_text("color", OUR_COLOR)
    if not re.fullmatch("#[0-9A-Fa-f]{6}", color):
        hint = 'write six hexadecimal digits in quotes, as in "#7a1f3d"'
        fields.add_problem(f'"{color}" is not a color', hint, fields.place_of("color"), code="unreadable")
        return OUR_COLOR
    if contrast_on_white(color[1:]) < LEAST_CONTRAST:
        message = f"{color} is too pale to be read on white paper"
        hint = f"choose a darker one: its contrast is {contrast_on_white(color[1:]):.1f} to 1, and 4.5 are needed"
        fields.add_problem(message, hint, fields.place_of("color"), code="out-of-limits")
    return color.lower()


def _read_lines(fields: Fields, key: str) -> tuple[str, ...]:
    """Return the lines of a margin: one text, or a list of them."""
    node = fields.find_node(key)
    lines = (fields.read_text(key, ""),) if node is None or isinstance(node, ScalarNode) else fields.read_texts(key)
    lines = tuple(line.strip() for line in lines if line.strip())
    if len(lines) > MOST_HEAD_LINES:
        message = f'"{key}" has {len(lines)} lines, and there is room for {MOST_HEAD_LINES}'
        fields.add_problem(message, "leave some out", fields.place_of(key), code="out-of-limits")
    for line in lines:
        if len(line) > MOST_HEAD_CHARACTERS or "\n" in line:
            message = f'"{key}" is one line of at most {MOST_HEAD_CHARACTERS} characters'
            hint = f"shorten it, or write up to {MOST_HEAD_LINES} lines as a list"
            fields.add_problem(message, hint, fields.place_of(key), code="out-of-limits")
    return lines[:MOST_HEAD_LINES]


def _check_width(fields: Fields, key: str, wide: float, room: float, beside: str) -> None:
    if wide > room:
        message = f'"{key}" is {wide:.0f} pt wide, and{beside} there are {room:.0f} pt'
        fields.add_problem(message, "shorten it", fields.place_of(key), code="out-of-limits")


def _room_for_head(across: float, logo: Logo | None, head_at: str, logo_at: str) -> float:
    """Return how wide a line of the upper margin may be beside the logo."""
    if logo is None or head_at == logo_at:
        return across
    if head_at == "middle":
        return across - 2 * (logo.width + _LOGO_GAP)
    return (across - logo.width) / 2 - _LOGO_GAP if logo_at == "middle" else across - logo.width - _LOGO_GAP


def _width_of_line(text: str, font: SourceFile, size: float) -> float:
    """Return how wide a line is; 0 where its font is none, of which others tell."""
    from agreementgen.render.lettering import Face

    try:
        return Face(font.data).shape(text).width * size
    except ZeroDivisionError:
        return 0.0


def _read_length(fields: Fields, key: str, default: float, least: float, most: float) -> float:
    """Return a length in points, "2 cm" or "54 pt", of at least `least` and at most `most`."""
    text = fields.read_text(key, "")
    if not text:
        return default
    found = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?) ?(cm|mm|in|pt)", text)
    if found is None:
        hint = 'write a number and its unit, as in "2 cm", "0.8 in" or "54 pt"'
        fields.add_problem(f'"{text}" is not a length', hint, fields.place_of(key), code="unreadable")
        return default
    # Whole twips, as Word stores them.
    length = round(float(found[1]) * _UNITS[found[2]] * 20) / 20
    if not least <= length <= most:
        message = f'"{key}" is {length:.0f} pt, and may be {least:.0f} to {most:.0f} pt'
        hint = "what stands in it needs so much" if length < least and least > _LEAST_MARGIN else ""
        fields.add_problem(message, hint, fields.place_of(key), code="out-of-limits")
        return default
    return length


def _read_group(fields: Fields, key: str) -> Fields:
    """Return the fields of a group; an empty one where it is missing."""
    node = fields.find_node(key)
    if isinstance(node, MappingNode):
        return fields.inside(node)
    if node is not None:
        fields.add_problem(f'"{key}" must be a group of fields', place=node.place, code="wrong-shape")
    return fields.inside(MappingNode((), fields.node.place))


def _begin_head(logo: Logo | None, is_below: bool) -> float:
    """Return where the lines of the upper margin begin: below the logo, where they stand on its side."""
    return LOGO_TOP + logo.height + _TEXT_GAP / 2 if logo and is_below else HEAD_TOP


def _read_margins(
    fields: Fields, head: tuple[str, ...], head_top: float, logo: Logo | None, foot: tuple[str, ...]
) -> Margins:
    """Return the margins: where nothing is said ours, and as much more as head and foot need."""
    lines = head_top + HEAD_LINE + SMALL_LINE * (len(head) - 1) + _TEXT_GAP if head else 0.0
    picture = LOGO_TOP + logo.height + _TEXT_GAP if logo else 0.0
    least = max(lines, picture, _LEAST_MARGIN), FOOT_ABOVE + SMALL_LINE * (1 + len(foot)) + _EDGE_GAP

    def read(group: Fields) -> Margins:
        return Margins(
            _read_length(group, "top", max(OUR_MARGINS.top, least[0]), least[0], _MOST_MARGIN),
            _read_length(group, "right", OUR_MARGINS.right, _LEAST_MARGIN, _MOST_MARGIN),
            _read_length(group, "bottom", OUR_MARGINS.bottom + SMALL_LINE * len(foot), least[1], _MOST_MARGIN),
            _read_length(group, "left", OUR_MARGINS.left, _LEAST_MARGIN, _MOST_MARGIN),
        )

    return _read_group(fields, "margins").read_by(read)


def _read_sizes(fields: Fields) -> tuple[float, float, float]:
    """Return the size of the title, and the smallest and the largest type of the text."""

    def read(group: Fields) -> tuple[float, float, float]:
        title = _read_length(group, "title", TITLE_SIZE, _LEAST_TITLE, _MOST_TITLE)
        smallest = _read_length(group, "smallest", TYPE_SIZES[-1], TYPE_SIZES[-1], TYPE_SIZES[0])
        largest = _read_length(group, "largest", TYPE_SIZES[0], TYPE_SIZES[-1], TYPE_SIZES[0])
        for key, size in (("smallest", smallest), ("largest", largest)):
            if size not in TYPE_SIZES:
                hint = f"choose one of: {', '.join(f'{each:g} pt' for each in reversed(TYPE_SIZES))}"
                group.add_problem(f'"{key}" is {size:g} pt', hint, group.place_of(key), code="not-a-choice")
        if smallest > largest:
            message = f"the smallest type, {smallest:g} pt, is larger than the largest, {largest:g} pt"
            group.add_problem(message, "swap them", group.place_of("smallest"), code="out-of-limits")
        return title, smallest, largest

    return _read_group(fields, "sizes").read_by(read)


# -- font files

FACE_FILE_OF_WORD = {
    "regular": "fonts/Carlito-Regular.ttf",
    "bold": "fonts/Carlito-Bold.ttf",
    "italic": "fonts/Carlito-Italic.ttf",
    "bold italic": "fonts/Carlito-BoldItalic.ttf",
    "title": "fonts/Caladea-Bold.ttf",
}
"""The files of our own faces."""


def face_key(word: str) -> str:
    """Return the name under which a layout has the file of a face that its style names."""
    return f"style-face/{word}.ttf"


def _find_face(files: Mapping[str, SourceFile], word: str, name: str) -> SourceFile:
    """Return the file of a face: where it was taken already, its name may be that of another one now."""
    return files.get(face_key(word)) or files[name]


def _read_faces(files: Mapping[str, SourceFile], fields: Fields) -> dict[str, str]:
    """Return the name of a font file for each face; none where the faces are ours, or one of them cannot be used."""
    if fields.find_node("faces") is None:
        return {}
    count = len(fields.problems)

    def read(group: Fields) -> dict[str, str]:
        found = {word: group.read_text(word, None if word in ("regular", "bold") else "") for word in FACE_FILE_OF_WORD}
        for word, name in found.items():
            if name:
                _check_face(files, name, group, word)
        for word, usual in (("italic", "regular"), ("bold italic", "bold"), ("title", "bold")):
            found[word] = found[word] or found[usual]
        return found

    found = _read_group(fields, "faces").read_by(read)
    return found if len(fields.problems) == count else {}


def _check_face(files: Mapping[str, SourceFile], name: str, group: Fields, word: str) -> None:
    """Note why a font file cannot be the face called `word`."""
    from agreementgen.render.lettering import explain_unfit_face

    place = group.place_of(word)
    if name not in files:
        hint = suggest_nearest(name, [known for known in files if known.endswith(_FONT_ENDINGS)])
        message = f'the font "{name}" is not in the layout'
        group.add_problem(message, hint or "put it into templates/layout", place, code="unknown-name")
    elif reason := explain_unfit_face(_find_face(files, word, name).data):
        hint = "take another font, or another file of it: a plain .ttf or .otf with a license for documents"
        group.add_problem(f'the font "{name}" cannot be used: {reason}', hint, place, code="font-unfit")


# -- logo


def _read_logo(files: Mapping[str, SourceFile], fields: Fields) -> Logo | None:
    name, place = fields.read_text("logo", ""), fields.place_of("logo")
    height = _read_length(fields, "logo height", LOGO_HEIGHT, LEAST_LOGO, MOST_LOGO)
    if not name:
        return None
    if not name.endswith(_LOGO_ENDINGS):
        hint = "save it as PNG or JPEG: Word shows no other pictures everywhere"
        fields.add_problem(f'"{name}" is no .png and no .jpg', hint, place, code="not-a-choice")
    elif name not in files:
        hint = suggest_nearest(name, [known for known in files if known.endswith(_LOGO_ENDINGS)])
        message = f'the picture "{name}" is not in the layout'
        fields.add_problem(message, hint or "put it into templates/layout", place, code="unknown-name")
    elif (width := height * shape_of_picture(files[name].data)) > LOGO_WIDTH:
        message = f"the logo is too wide: {width:.0f} pt where it is {height:g} pt high"
        hint = f"take one that is at most {LOGO_WIDTH / height:.3g} times as wide as high"
        fields.add_problem(message, hint, place, code="out-of-limits")
    elif width:
        return Logo(files[name], width, height)
    return None


def shape_of_picture(data: bytes) -> float:
    """Return how many times as wide as high a picture is; 0 for one that is none, of which others tell."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as image:
            return float(image.width / image.height)
    except Exception:  # whatever Pillow stumbles over
        return 0.0


def contrast_on_white(color: str) -> float:
    """Return the contrast of a color (six hex digits) on white, 1 to 21, as WCAG 2.2 defines it."""
    shares = (int(color[at : at + 2], 16) / 255 for at in (0, 2, 4))
    linear = (share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    weights = zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    return 1.05 / (sum(weight * share for weight, share in weights) + 0.05)


# -- for WeasyPrint, which lays out what our own layout does not know


def house_style_sheet(layout: Mapping[str, SourceFile]) -> str:
    """Return the rules that give a page of WeasyPrint's the look of `layout`."""
    if STYLE_FILE not in layout:
        return ""
    style = house_style_of(layout)
    colored = "h1, .terms thead th, .schedule h2, .apart"
    ruled = "header, .terms thead th, .terms .group > *:not(.gutter), .signatures, .grid th"
    rules = f"{colored} {{ color: {style.color} }}\n{ruled} {{ border-color: {style.color} }}\n"
    rules += f"h1 {{ font-size: {style.title_size}pt; line-height: {style.title_line}pt }}\n"
    rules += f"@page {{ margin: {' '.join(f'{length}pt' for length in style.margins)} }}\n"
    boxes: dict[str, str] = {}
    if style.head:
        boxes[style.head_at] = (
            f'content: {_as_css(style.head)}; font: bold {HEAD_SIZE}pt/{HEAD_LINE}pt "Agreement Sans"; '
            f"color: {style.color}; vertical-align: top; padding-top: {style.head_top}pt; white-space: pre; "
        )
    if style.logo:
        name = next(name for name, file in layout.items() if file == style.logo.file)
        side = {"middle": "center"}.get(style.logo_at, style.logo_at)
        boxes[style.logo_at] = (
            boxes.get(style.logo_at, f'content: ""; width: {LOGO_WIDTH}pt; ')
            + f'background: url("{escape(name)}") no-repeat {side} {LOGO_TOP}pt / auto {style.logo.height}pt'
        )
    for box, look in boxes.items():
        rules += f"@page {{ @top-{'center' if box == 'middle' else box} {{ {look} }} }}\n"
    if style.foot:
        look = f"display: block; white-space: pre; color: {_GREY}"
        rules += f".footer::after {{ content: {_as_css(style.foot)}; {look} }}\n"
    return rules


def _as_css(lines: tuple[str, ...]) -> str:
    """Return lines as one text of a style sheet."""
    return '"' + "\\A ".join(line.replace("\\", "\\\\").replace('"', '\\"') for line in lines) + '"'


# -- for Word


@cache
def dress_word_file(reference: SourceFile, style: HouseStyle) -> SourceFile:
    """Return our reference.docx in a firm's look. The bytes depend on nothing but the arguments."""
    import docx

    from agreementgen.render.docx_writer import word_file_bytes

    word = docx.Document(io.BytesIO(reference.data))
    _dress_styles(word, style)
    _set_margins(word, style.margins)
    if style.head or style.logo:
        header = word.sections[0].header
        header.is_linked_to_previous = False
        _write_lines(word, header, style.head or ("",), style.head_at, style.color, header.paragraphs[0])
        header.paragraphs[0].paragraph_format.space_before = _pt(style.head_top - HEAD_TOP)
        if style.logo:
            run = header.paragraphs[0].add_run()
            picture = run.add_picture(io.BytesIO(style.logo.file.data), height=_pt(style.logo.height))
            picture._inline.getparent().replace(picture._inline, _hang(picture._inline, style.logo_at))
    if style.foot:
        _write_lines(word, word.sections[0].footer, style.foot, "left", _GREY)
    return SourceFile(reference.name, word_file_bytes(word))


def _pt(length: float) -> Any:
    from docx.shared import Pt

    return Pt(length)


def _dress_styles(word: Any, style: HouseStyle) -> None:
    """Give the styles the firm's color, faces, and size of title."""
    from agreementgen.ooxml import W

    faces = {"Calibri": style.font or "Calibri", "Cambria": style.title_font or "Cambria"}
    for other in word.styles:
        if not other.name.startswith("Chart"):
            for element in other.element.iter():
                for key, value in element.attrib.items():
                    if f"#{value}".lower() == OUR_COLOR:
                        element.set(key, style.color[1:].upper())
    for fonts in word.styles.element.iter(f"{W}rFonts"):
        is_title = fonts.get(f"{W}ascii") == "Cambria"
        for key, value in fonts.attrib.items():
            fonts.set(key, faces.get(value, value))
        if is_title and not style.is_title_bold:
            for tag in ("b", "bCs"):
                for bold in fonts.getparent().findall(f"{W}{tag}"):
                    bold.set(f"{W}val", "0")
    title = word.styles["Title"]
    title.font.size = _pt(style.title_size)
    for size in title.element.iter(f"{W}szCs"):
        size.set(f"{W}val", str(round(style.title_size * 2)))
    title.paragraph_format.line_spacing = _pt(style.title_line)


def _set_margins(word: Any, margins: Margins) -> None:
    """Set the margins, and what hangs on them: tabs at the right end of the text, and of its columns."""
    from agreementgen.ooxml import W

    section = word.sections[0]
    whole = section.page_width - section.left_margin - section.right_margin
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = map(_pt, margins)
    section.header_distance = _pt(HEAD_TOP)
    width = (section.page_width - section.left_margin - section.right_margin) // _EMU_PER_TWIP
    gap = int(section._sectPr.find(f"{W}cols").get(f"{W}space"))
    for tab in word.styles.element.iter(f"{W}tab"):
        if tab.get(f"{W}val") == "right":
            is_whole = int(tab.get(f"{W}pos")) > whole // _EMU_PER_TWIP * 0.75
            tab.set(f"{W}pos", str(width if is_whole else (width - gap) // 2))


def _write_lines(word: Any, part: Any, lines: tuple[str, ...], side: str, color: str, first: Any = None) -> None:
    """Write the lines of a margin: the first of the upper one in bold and in the firm's color, all others small."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for at, text in enumerate(lines):
        is_first = first is not None and at == 0
        line = first if is_first else part.add_paragraph()
        line.style = _style_of_line(word, is_first, color)
        places = (None, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT)
        line.alignment = places[SIDES.index(side)]
        if text:
            line.add_run(text)


def _style_of_line(word: Any, is_first: bool, color: str) -> Any:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import RGBColor

    name = _LETTERHEAD_STYLE if is_first else _SMALL_LETTERHEAD_STYLE
    if name in [style.name for style in word.styles]:
        return word.styles[name]
    look = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    look.base_style = word.styles["Normal"]
    look.font.bold, look.font.size = is_first, _pt(HEAD_SIZE if is_first else SMALL_SIZE)
    look.font.color.rgb = RGBColor.from_string((color if is_first else _GREY)[1:].upper())
    look.paragraph_format.line_spacing = _pt(HEAD_LINE if is_first else SMALL_LINE)
    return look


def _hang(inline: Any, side: str) -> Any:
    """Return a picture of a line of text as one that hangs in the margin, on any paper, and moves no text."""
    from docx.oxml import parse_xml

    extent = inline.extent
    align = {"middle": "center"}.get(side, side)
    anchor = parse_xml(
        '<wp:anchor xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" distT="0" '
        'distB="0" distL="0" distR="0" simplePos="0" relativeHeight="2" behindDoc="1" locked="0" layoutInCell="1" '
        'allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        f'<wp:positionH relativeFrom="margin"><wp:align>{align}</wp:align></wp:positionH>'
        f'<wp:positionV relativeFrom="page"><wp:posOffset>{round(LOGO_TOP * 12700)}</wp:posOffset></wp:positionV>'
        f'<wp:extent cx="{extent.cx}" cy="{extent.cy}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>'
        "</wp:anchor>"
    )
    for child in list(inline):
        if child.tag.rpartition("}")[2] in ("docPr", "cNvGraphicFramePr", "graphic"):
            anchor.append(child)
    # It says nothing that is not in the text: screen readers pass it over.
    anchor.find(f"{{{anchor.nsmap['wp']}}}docPr").set("descr", "")
    return anchor


def pixels_of(logo: Logo) -> tuple[int, int, bytes, bytes]:
    """Return width, height, red, green and blue of each pixel of a logo, and how much of it is seen (b"" for all)."""
    from PIL import Image

    with Image.open(io.BytesIO(logo.file.data)) as image:
        whole = image.convert("RGBA")
    seen = whole.getchannel("A").tobytes()
    return whole.width, whole.height, whole.convert("RGB").tobytes(), b"" if set(seen) == {255} else seen

"""A firm's look for Word and PDF alike, from one short file of its pack: `style.yaml` in the folder of the layout.

It changes a color and what stands in the upper margin, never where a line of the text stands: an agreement is as long
in a firm's look as in ours.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from html import escape
from typing import Any, NamedTuple

from agreementgen.core.problems import Place, Problem, suggest_nearest
from agreementgen.library.files import Fields, SourceFile, read_declarations
from agreementgen.render.measures import MARGIN_SIDE, PAPER_SIZES

STYLE_FILE = "style.yaml"
OUR_COLOR = "#1f3864"
# Stands for the firm's color where something is drawn. Charts keep ours: theirs are chosen for grey print.
ACCENT = "accent"
HEAD_SIZE, HEAD_LINE, HEAD_TOP = 9.0, 12.0, 19.0
"""Type size, line height and place of the line in the upper margin, in points from the top of the paper."""
LOGO_TOP, LOGO_HEIGHT, LOGO_WIDTH = 12.0, 20.0, 200.0
"""Where a logo begins, how high it is, and how wide it may become, in points."""
MOST_HEAD_CHARACTERS = 90
# The least between the line and the logo.
_LOGO_GAP = 12.0
# WCAG 2.2, 1.4.3: text of this size needs 4.5:1 on white.
LEAST_CONTRAST = 4.5
_LOGO_ENDINGS = (".png", ".jpg")
_LETTERHEAD_STYLE = "Letterhead"
# What else says how a page looks; of two that say it one would be forgotten.
_OTHER_LOOKS = ("agreement.css", "agreement.html")


class Logo(NamedTuple):
    """A picture: its file, and its width on the page in points."""

    file: SourceFile
    width: float


@dataclass(frozen=True)
class HouseStyle:
    """`color` of titles, headings and rules ("#1f3864"), `head` and `logo` of each page's upper margin."""

    color: str = OUR_COLOR
    head: str = ""
    logo: Logo | None = None


def house_style_of(layout: Mapping[str, SourceFile]) -> HouseStyle:
    """Return the look of a layout whose files were checked; ours where it says none."""
    source = layout.get(STYLE_FILE)
    if source is None:
        return HouseStyle()
    pictures = tuple((name, file) for name, file in layout.items() if name.endswith(_LOGO_ENDINGS))
    return _read_once(source, pictures)


@lru_cache(maxsize=16)
def _read_once(source: SourceFile, pictures: tuple[tuple[str, SourceFile], ...]) -> HouseStyle:
    return read_declarations(source, partial(_read_style, dict(pictures)), []) or HouseStyle()


def check_house_style(own: Mapping[str, SourceFile], layout: Mapping[str, SourceFile]) -> list[Problem]:
    """Return what is wrong with the `style.yaml` among the files `own` of a pack; it may name those of `layout`."""
    source, problems = own.get(STYLE_FILE), list[Problem]()
    if source is None:
        return problems
    read_declarations(source, partial(_read_style, layout), problems)
    for name in (name for name in _OTHER_LOOKS if name in own):
        message = f'"{name}" of this pack says how the page looks, too'
        hint = f"keep one of the two: {STYLE_FILE} for Word and PDF alike, or pages and style sheets of your own"
        problems.append(Problem(message, hint, place=Place(source.name), code="not-applicable"))
    return problems


def _read_style(files: Mapping[str, SourceFile], fields: Fields) -> HouseStyle:
    color = fields.read_text("color", OUR_COLOR)
    if not re.fullmatch("#[0-9A-Fa-f]{6}", color):
        hint = 'write six hexadecimal digits in quotes, as in "#7a1f3d"'
        fields.add_problem(f'"{color}" is not a color', hint, fields.place_of("color"), code="unreadable")
        color = OUR_COLOR
    elif contrast_on_white(color[1:]) < LEAST_CONTRAST:
        message = f"{color} is too pale to be read on white paper"
        hint = f"choose a darker one: its contrast is {contrast_on_white(color[1:]):.1f} to 1, and 4.5 are needed"
        fields.add_problem(message, hint, fields.place_of("color"), code="out-of-limits")
    head = fields.read_text("head", "")
    if len(head) > MOST_HEAD_CHARACTERS or "\n" in head:
        message = f'"head" is one line of at most {MOST_HEAD_CHARACTERS} characters'
        fields.add_problem(message, "shorten it", fields.place_of("head"), code="out-of-limits")
    logo = _read_logo(files, fields)
    room = PAPER_SIZES["a4"][0] - 2 * MARGIN_SIDE - (logo.width + _LOGO_GAP if logo else 0)
    if (wide := _width_of_head(head, files)) > room:
        beside = " beside the logo" if logo else ""
        message = f'"head" is {wide:.0f} pt wide, and{beside} there are {room:.0f} pt'
        fields.add_problem(message, "shorten it", fields.place_of("head"), code="out-of-limits")
    return HouseStyle(color.lower(), head, logo)


def _width_of_head(head: str, files: Mapping[str, SourceFile]) -> float:
    """Return how wide a line in the upper margin is; 0 where the fonts are not among `files`."""
    from agreementgen.render.lettering import BOLD, FACE_FILES, Face

    font = files.get(FACE_FILES[BOLD])
    return Face(font.data).shape(head).width * HEAD_SIZE if font and head else 0.0


def _read_logo(files: Mapping[str, SourceFile], fields: Fields) -> Logo | None:
    name, place = fields.read_text("logo", ""), fields.place_of("logo")
    if not name:
        return None
    if not name.endswith(_LOGO_ENDINGS):
        hint = "save it as PNG or JPEG: Word shows no other pictures everywhere"
        fields.add_problem(f'"{name}" is no .png and no .jpg', hint, place, code="not-a-choice")
    elif name not in files:
        hint = suggest_nearest(name, [known for known in files if known.endswith(_LOGO_ENDINGS)])
        message = f'the picture "{name}" is not in the layout'
        fields.add_problem(message, hint or "put it into templates/layout", place, code="unknown-name")
    elif (width := _width_of(files[name])) > LOGO_WIDTH:
        message = f"the logo is too wide: {width:.0f} pt where it is {LOGO_HEIGHT:g} pt high"
        hint = f"take one that is at most {LOGO_WIDTH / LOGO_HEIGHT:g} times as wide as high"
        fields.add_problem(message, hint, place, code="out-of-limits")
    elif width:
        return Logo(files[name], width)
    return None


def _width_of(file: SourceFile) -> float:
    """Return how wide a picture is at the height of a logo; 0 for one that is none, of which others tell."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(file.data)) as image:
            return LOGO_HEIGHT * image.width / image.height
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
    if style.head:
        text = style.head.replace("\\", "\\\\").replace('"', '\\"')
        rules += (
            f'@page {{ @top-left {{ content: "{text}"; font: bold {HEAD_SIZE}pt/{HEAD_LINE}pt "Agreement Sans"; '
            f"color: {style.color}; vertical-align: top; padding-top: {HEAD_TOP}pt; white-space: nowrap }} }}\n"
        )
    if style.logo:
        name = next(name for name, file in layout.items() if file is style.logo.file)
        rules += (
            f'@page {{ @top-right {{ content: ""; width: {LOGO_WIDTH}pt; '
            f'background: url("{escape(name)}") no-repeat right {LOGO_TOP}pt / auto {LOGO_HEIGHT}pt }} }}\n'
        )
    return rules


# -- for Word


@cache
def dress_word_file(reference: SourceFile, style: HouseStyle) -> SourceFile:
    """Return our reference.docx in a firm's look. The bytes depend on nothing but the arguments."""
    import docx
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt, RGBColor

    from agreementgen.render.docx_writer import word_file_bytes

    word = docx.Document(io.BytesIO(reference.data))
    for other in word.styles:
        if not other.name.startswith("Chart"):
            for element in other.element.iter():
                for key, value in element.attrib.items():
                    if f"#{value}".lower() == OUR_COLOR:
                        element.set(key, style.color[1:].upper())
    if not style.head and not style.logo:
        return SourceFile(reference.name, word_file_bytes(word))
    look = word.styles.add_style(_LETTERHEAD_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    look.base_style = word.styles["Normal"]
    look.font.bold, look.font.size = True, Pt(HEAD_SIZE)
    look.font.color.rgb = RGBColor.from_string(style.color[1:].upper())
    header = word.sections[0].header
    header.is_linked_to_previous = False
    line = header.paragraphs[0]
    line.style = look
    run = line.add_run(style.head)
    if style.logo:
        picture = run.add_picture(io.BytesIO(style.logo.file.data), height=Pt(LOGO_HEIGHT))
        picture._inline.getparent().replace(picture._inline, _hang_at_the_right(picture._inline))
    return SourceFile(reference.name, word_file_bytes(word))


def _hang_at_the_right(inline: Any) -> Any:
    """Return a picture of a line of text as one that hangs at the right margin, on any paper, and moves no text."""
    from docx.oxml import parse_xml

    extent = inline.extent
    anchor = parse_xml(
        '<wp:anchor xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" distT="0" '
        'distB="0" distL="0" distR="0" simplePos="0" relativeHeight="2" behindDoc="1" locked="0" layoutInCell="1" '
        'allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="margin"><wp:align>right</wp:align></wp:positionH>'
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

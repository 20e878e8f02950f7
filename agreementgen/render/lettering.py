"""Letters on our own page: words shaped by HarfBuzz, paragraphs broken into lines, and the part of a font that is used.

Lengths are in ems, so that a word or a paragraph that was shaped once serves every type size. A line is kept as what
a PDF shows: glyphs by number, and what kerning moves them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import groupby
from typing import Any, NamedTuple
from unicodedata import normalize

from agreementgen.core.typography import keep_together
from agreementgen.library.files import SourceFile
from agreementgen.render.house_style import ACCENT, FACE_FILE_OF_WORD, HouseStyle, house_style_of
from agreementgen.render.line_breaks import find_breaks, is_square, knows

BLACK = "#000000"
# The faces by the names they have in PDFs.
REGULAR, BOLD, ITALIC, BOLD_ITALIC, SERIF = "F1", "F2", "F3", "F4", "F5"
FACE_FILES = dict(zip((REGULAR, BOLD, ITALIC, BOLD_ITALIC, SERIF), FACE_FILE_OF_WORD.values(), strict=True))
# What every face must have: what is typed on any keyboard, and the signs that the program itself prints.
_NEEDED_LETTERS = "".join(map(chr, range(0x20, 0x7F))) + "“”‘’–—…·•§é"
# Of the OS/2 table: where it says what a font may be used for, and its bits against that (OpenType, fsType).
_LICENSE_OFFSET, _NO_EMBEDDING, _NO_SUBSETTING, _BITMAPS_ONLY = 8, 0x0002, 0x0100, 0x0200
# What a font needs to be laid out, and a PDF does not: places of glyphs are settled here.
_DROPPED_TABLES = (
    "GSUB", "GPOS", "GDEF", "cmap", "name", "post", "OS/2", "kern", "DSIG", "gasp", "hdmx", "VDMX", "LTSH", "fpgm",
    "prep", "cvt ", "meta", "STAT",
)  # fmt: skip
# Pango measures in units of 1/1024 of a CSS pixel, and so many ems of a line it may round away.
_UNITS_PER_POINT = 1024 / 0.75
_DOUBT = 0.004
# Letters that the font lacks are about as wide as this, in ems; those of East Asian scripts are square.
_UNKNOWN_LETTER_WIDTH = 0.55
_WORDS = re.compile(" +|[^ ]+")
# Ligatures are read as their letters.
_LIGATURES = range(0xFB00, 0xFB07)


class Piece(NamedTuple):
    """Text in one face and color; `part` counts the elements of a paragraph that has several."""

    text: str
    face: str = REGULAR
    color: str = BLACK
    part: int = 0

    def with_text(self, text: str) -> Piece:
        """Return another text in the same style."""
        return Piece(text, self.face, self.color, self.part)


class Word(NamedTuple):
    """A shaped word: its width, what it is in the array of glyphs of a PDF, and its glyphs."""

    width: float
    shown: str
    glyphs: frozenset[int]


@dataclass(eq=False)
class Line:
    """A line. Many are only counted; what they look like is found where they are drawn."""

    parts: Sequence[_TextPart]
    letters: Letters

    @cached_property
    def words(self) -> list[tuple[Piece, Word]]:
        """The words, each with the piece it is from."""
        faces = self.letters.faces
        return [(piece, faces[piece.face].shape(piece.text)) for piece in _joined(_each_piece(self.parts, True))]

    @cached_property
    def width(self) -> float:
        """The width without the space at the end."""
        space = self.parts[-1].space if self.parts else None
        end = self.letters.faces[space.face].shape(space.text).width if space else 0.0
        return sum(word.width for _, word in self.words) - end

    @cached_property
    def text(self) -> str:
        return "".join([piece.text for piece, _ in self.words])

    @cached_property
    def shown(self) -> list[tuple[int, str]]:
        """What a PDF shows, by the part of the paragraph: faces are set at the size of an em."""
        found = []
        for part, words in groupby(self.words, key=lambda pair: pair[0].part):
            shown = ""
            for (face, color), group in groupby(words, key=lambda pair: pair[0][1:3]):
                glyphs = "".join(word.shown for _, word in group).replace("><", "")
                shown += f"/{face} 1 Tf {self.letters.ink(color)} rg[{glyphs}]TJ"
            found.append((part, shown))
        return found

    @cached_property
    def glyphs(self) -> dict[str, set[int]]:
        """The glyphs of each face."""
        found: dict[str, set[int]] = {}
        for piece, word in self.words:
            found.setdefault(piece.face, set()).update(word.glyphs)
        return found


@cache
def ink(color: str) -> str:
    """Return a color ("#1f3864") as a PDF writes it."""
    return " ".join(f"{int(color[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5))


class _TextPart(NamedTuple):
    """What no line breaks: its pieces, its width, and the space behind it, if any."""

    pieces: tuple[Piece, ...]
    width: float
    space: Piece | None


class Face:
    """A font file."""

    def __init__(self, data: bytes) -> None:
        import uharfbuzz

        self.face = uharfbuzz.Face(uharfbuzz.Blob(data))
        self.font = uharfbuzz.Font(self.face)
        self.em = float(self.face.upem)
        extents = self.font.get_font_extents("ltr")
        self.ascent: float = extents.ascender / self.em
        self.descent: float = extents.descender / self.em
        self.characters = frozenset(self.face.unicodes)
        self.name = self.face.get_name(uharfbuzz.OTNameIdPredefined.POSTSCRIPT_NAME) or "Face"
        self.is_postscript = "CFF " in {str(tag) for tag in self.face.table_tags}
        self.text_of_glyph = self._read_characters()
        self.shape = lru_cache(maxsize=4_000)(self._shape)
        self.advance = lru_cache(maxsize=4_000)(self.font.get_glyph_h_advance)
        self.subset = lru_cache(maxsize=64)(self._subset)

    def _read_characters(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for code in sorted(self.characters, reverse=True):
            glyph = self.font.get_nominal_glyph(code)
            if glyph is not None:
                found[glyph] = normalize("NFKC", chr(code)) if code in _LIGATURES else chr(code)
        return found

    def _shape(self, text: str) -> Word:
        buffer = _shape_text(self.font, text)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        ends = [info.cluster for info in infos[1:]] + [len(text)]
        width, shown = 0.0, ""
        for info, place, end in zip(infos, places, ends, strict=True):
            self.text_of_glyph.setdefault(info.codepoint, text[info.cluster : end])
            width += place.x_advance if info.codepoint else self._guess_width(text[info.cluster])
            moved = self.advance(info.codepoint) - place.x_advance
            shown += f"{info.codepoint:04x}"
            if moved:
                shown += f">{round(moved * 1000 / self.em, 2):g}<"
        return Word(width / self.em, f"<{shown}>", frozenset(info.codepoint for info in infos))

    def _guess_width(self, char: str) -> float:
        """Return how wide a letter is that the font lacks: another font will have it."""
        return self.em * (1.0 if is_square(char) else _UNKNOWN_LETTER_WIDTH)

    def scaled_width(self, text: str, scale: int) -> int:
        """Return the width of a text whose em has `scale` units, each glyph rounded to whole units."""
        import uharfbuzz

        font = uharfbuzz.Font(self.face)
        font.scale = (scale, scale)
        return sum(place.x_advance for place in _shape_text(font, text).glyph_positions)

    def _subset(self, glyphs: frozenset[int]) -> bytes:
        """Return the font with these glyphs alone, which keep their numbers; of a PostScript font its outlines."""
        import uharfbuzz

        wanted = uharfbuzz.SubsetInput()
        wanted.glyph_set.update(glyphs | {0})
        flags = uharfbuzz.SubsetFlags
        wanted.flags = flags.RETAIN_GIDS | flags.NO_HINTING | flags.NO_LAYOUT_CLOSURE
        dropped = {int.from_bytes(name.encode(), "big") for name in _DROPPED_TABLES}
        wanted.sets(uharfbuzz.SubsetInputSets.DROP_TABLE_TAG).update(dropped)
        found = uharfbuzz.subset(self.face, wanted)
        return bytes((found.reference_table("CFF ") if self.is_postscript else found.blob).data)

    def subset_of_text(self, characters: str) -> bytes:
        """Return the font with these characters alone, which a reader finds by their codes."""
        import uharfbuzz

        wanted = uharfbuzz.SubsetInput()
        wanted.unicode_set.update(map(ord, characters))
        wanted.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
        dropped = {int.from_bytes(name.encode(), "big") for name in _DROPPED_TABLES if name not in ("cmap", "OS/2")}
        wanted.sets(uharfbuzz.SubsetInputSets.DROP_TABLE_TAG).update(dropped)
        return bytes(uharfbuzz.subset(self.face, wanted).blob.data)

    def width_of_character(self, char: str) -> float:
        """Return how wide a character is by itself, in ems; that of a missing one where the font lacks it."""
        return float(self.advance(self.font.get_nominal_glyph(ord(char)) or 0)) / self.em

    def read_shorts(self, table: str, *offsets: int) -> tuple[int, ...]:
        """Return signed 16-bit numbers of a table of the font."""
        data = bytes(self.face.reference_table(table).data)
        return tuple(struct.unpack_from(">h", data, offset)[0] for offset in offsets)


def explain_unfit_face(data: bytes) -> str:
    """Return why a font file cannot be a face of our pages; "" where it can, or is none, of which others tell."""
    import uharfbuzz

    face = uharfbuzz.Face(uharfbuzz.Blob(data))
    tables = {str(tag) for tag in face.table_tags}
    if not face.unicodes or not face.upem:
        return ""
    if "fvar" in tables:
        return "it is a variable font; one file for each weight is needed"
    if not tables & {"glyf", "CFF "}:
        return "it has no outlines"
    license = int.from_bytes(bytes(face.reference_table("OS/2").data)[_LICENSE_OFFSET : _LICENSE_OFFSET + 2], "big")
    if license & _NO_EMBEDDING:
        return "its maker forbids to embed it in documents"
    if license & _NO_SUBSETTING:
        return "its maker forbids to embed a part of it"
    if license & _BITMAPS_ONLY:
        return "its maker lets only its bitmaps be embedded"
    missing = [char for char in _NEEDED_LETTERS if ord(char) not in face.unicodes]
    if missing:
        return f"it lacks {' '.join(missing[:8])}" + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")
    return ""


def _shape_text(font: Any, text: str) -> Any:
    import uharfbuzz

    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    # Else that of whoever runs the program.
    buffer.language = "en"
    uharfbuzz.shape(font, buffer)
    return buffer


class Letters:
    """The faces of a layout, paragraphs broken into lines, and the look of the firm whose page it is."""

    def __init__(self, files: Mapping[str, bytes], style: HouseStyle = HouseStyle()) -> None:  # noqa: B008
        self.style = style
        self.faces = {name: Face(data) for name, data in files.items()}
        # The texts of the longest documents at two sizes; a batch would fill any room with texts that never come again.
        self.break_lines = lru_cache(maxsize=2_000)(self._break_lines)
        self._parts = lru_cache(maxsize=1_000)(self._split_parts)

    def cover(self, text: str) -> bool:
        """Return whether every character of `text` has a glyph, and its line breaks are known."""
        return self.can_print(text) and knows(text)

    def can_print(self, text: str) -> bool:
        """Return whether every character of `text` has a glyph in each face; what the serif lacks is printed bold."""
        return all(ord(char) in self._characters or char in " \u00a0" for char in set(text))

    @cached_property
    def _characters(self) -> frozenset[int]:
        """The characters that all faces of the text have."""
        faces = (face.characters for name, face in self.faces.items() if name != SERIF)
        return frozenset.intersection(*faces)

    def ink(self, color: str) -> str:
        """Return a color as a PDF writes it, the firm's for ACCENT."""
        return ink(self.style.color if color == ACCENT else color)

    @property
    def space(self) -> float:
        """The width of a space."""
        return self.text_width(Piece("x x")) - self.text_width(Piece("xx"))

    def text_width(self, *pieces: Piece) -> float:
        """Return the width of `pieces` on one line."""
        return self.break_lines(pieces, float("inf"), 1.0)[0].width

    def _break_lines(self, pieces: tuple[Piece, ...], width: float, size: float) -> tuple[Line, ...]:
        """Return lines of at most `width` points, as many words of a `size` on each as it holds."""
        room = width / size
        lines: list[list[_TextPart]] = [[]]
        used = gap = 0.0
        for whole in self._parts(pieces):
            # A word wider than a line begins one of its own, and is cut wherever a line ends.
            for part in [whole] if whole.width <= room else self._cut(whole, room):
                line = lines[-1]
                if line and not line[-1].space:
                    gap = self._kerning(line[-1], part)
                excess = used + gap + part.width - room
                if line and excess > -_DOUBT and (excess > _DOUBT or self._is_wider([*line, part], width, size)):
                    lines.append([])
                    used = gap = 0.0
                lines[-1].append(part)
                used += gap + part.width
                gap = self._width_of((part.space,)) if part.space else 0.0
        return tuple(Line(parts, self) for parts in lines)

    def _is_wider(self, parts: Sequence[_TextPart], width: float, size: float) -> bool:
        """Return whether a line is wider than `width` points when its glyphs have whole units, as Pango has them."""
        scale = int(size * _UNITS_PER_POINT)
        taken = 0
        for piece in _joined_runs(_each_piece(parts)):
            taken += self.faces[piece.face].scaled_width(piece.text, scale)
        return taken > int(width * _UNITS_PER_POINT)

    def _kerning(self, before: _TextPart, after: _TextPart) -> float:
        """Return how much wider two parts are beside each other than each by itself."""
        pair = (before.pieces[-1], after.pieces[0])
        return self._width_of(_joined(pair)) - self._width_of(pair)

    def _width_of(self, pieces: Iterable[Piece]) -> float:
        return sum(self.faces[piece.face].shape(piece.text).width for piece in pieces)

    def _split_parts(self, pieces: tuple[Piece, ...]) -> tuple[_TextPart, ...]:
        """Return what no line breaks, one by one."""
        kept = [piece.with_text(keep_together(piece.text)) for piece in pieces]
        text = "".join(piece.text for piece in kept)
        if text.startswith(" "):
            kept = list(_cut_out(kept, len(text) - len(text.lstrip(" ")), len(text)))
            text = text.lstrip(" ")
        breaks = find_breaks(text)
        found = []
        for start, end in zip((0, *breaks), (*breaks, len(text)), strict=True):
            inside = list(_cut_out(kept, start, end))
            if not inside:
                continue
            spaced = text[start:end].endswith(" ")
            space = inside[-1].with_text(" ") if spaced else None
            words = _without_end_spaces(inside) if spaced else inside
            shaped = [self._with_face(word) for piece in words for word in _each_word(piece)]
            found.append(_TextPart(tuple(shaped), self._width_of(shaped), space))
        return tuple(found)

    def _with_face(self, piece: Piece) -> Piece:
        """Return `piece` in the bold face where the serif lacks a letter of it."""
        if piece.face == SERIF and not all(ord(char) in self.faces[SERIF].characters for char in piece.text):
            return piece._replace(face=BOLD)
        return piece

    def _cut(self, whole: _TextPart, width: float) -> Iterator[_TextPart]:
        """Cut a part that is wider than a line, wherever a line is full."""
        letters = [piece.with_text(char) for piece in whole.pieces for char in piece.text]
        while letters:
            count = 1
            while count < len(letters) and self._width_of(_joined_runs(letters[: count + 1])) <= width:
                count += 1
            cut = list(_joined_runs(letters[:count]))
            letters = letters[count:]
            yield _TextPart(tuple(cut), self._width_of(cut), None if letters else whole.space)


def _each_piece(parts: Sequence[_TextPart], is_whole: bool = False) -> Iterator[Piece]:
    """Yield the pieces of a line; `is_whole` with the space at its end, which takes no room but is read."""
    for at, part in enumerate(parts, 1):
        yield from part.pieces
        if part.space and (is_whole or at < len(parts)):
            yield part.space


def _joined_runs(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield `pieces` with all of one style in one."""
    for style, group in groupby(pieces, key=lambda piece: piece[1:]):
        yield Piece("".join(piece.text for piece in group), *style)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield `pieces` with those of a word, which a line could have divided, in one."""
    for (style, is_space), group in groupby(pieces, key=lambda piece: (piece[1:], piece.text == " ")):
        if is_space:
            yield from group
        else:
            yield Piece("".join(piece.text for piece in group), *style)


def _cut_out(pieces: Iterable[Piece], start: int, end: int) -> Iterator[Piece]:
    """Yield the pieces of a stretch of text."""
    at = 0
    for piece in pieces:
        text = piece.text[max(start - at, 0) : max(end - at, 0)]
        if text:
            yield piece.with_text(text)
        at += len(piece.text)


def _without_end_spaces(pieces: list[Piece]) -> list[Piece]:
    found = list(pieces)
    while found and not (text := found[-1].text.rstrip(" ")):
        found.pop()
    return [*found[:-1], found[-1].with_text(text)] if found else []


def _each_word(piece: Piece) -> Iterator[Piece]:
    """Yield the words of a piece that stays on one line, and the spaces between them."""
    for text in _WORDS.findall(piece.text):
        yield piece.with_text(" " if text.startswith(" ") else text)


@lru_cache(maxsize=8)
def _letters_of_files(files: tuple[tuple[str, bytes], ...], style: HouseStyle) -> Letters:
    return Letters(dict(files), style)


def letters_of_layout(layout: Mapping[str, SourceFile]) -> Letters:
    """Return the letters of a layout, whose faces are read once."""
    files = tuple((name, layout[file].data) for name, file in FACE_FILES.items())
    return _letters_of_files(files, house_style_of(layout))


def letters_of_faces(regular: bytes, bold: bytes, layout: Mapping[str, SourceFile]) -> Letters:
    """Return letters whose text is in two faces; where those are not the layout's own, they serve to measure only."""
    if (regular, bold) == tuple(layout[FACE_FILES[name]].data for name in (REGULAR, BOLD)):
        return letters_of_layout(layout)
    faces = {REGULAR: regular, BOLD: bold, ITALIC: regular, BOLD_ITALIC: bold, SERIF: layout[FACE_FILES[SERIF]].data}
    return _letters_of_files(tuple(faces.items()), HouseStyle())


def letters_to_measure(layout: Mapping[str, SourceFile]) -> Letters:
    """Return the letters of a layout, or those of the faces that a pack names as its own."""
    regular = layout.get("face/regular") or layout[FACE_FILES[REGULAR]]
    bold = layout.get("face/bold") or layout[FACE_FILES[BOLD]]
    return letters_of_faces(regular.data, bold.data, layout)

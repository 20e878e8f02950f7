"""The file of our own pages: a tagged PDF (PDF/UA-1), the same bytes for the same pages.

What PDF/UA asks for: everything written belongs to an element of the structure or is an artifact, fonts are embedded
and their glyphs have text, title and language are said.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from functools import lru_cache
from html import escape

from agreementgen.render.carrying import FILE_NAME, FILE_TYPE, describe_pages
from agreementgen.render.house_style import Logo, pixels_of
from agreementgen.render.lettering import Face
from agreementgen.render.page_canvas import Bookmark, Canvas, DrawnPage, Element

_PRODUCER = "agreementgen"
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>{author}
<pdf:Producer>{producer}</pdf:Producer><xmp:CreatorTool>{producer}</xmp:CreatorTool>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_CMAP = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
{rows}
endcmap
CMapName currentdict /CMap defineresource pop
end
end"""
# How many rows of a character map may stand together.
_MOST_ROWS = 100
# Font files do not tell how thick their stems are; readers use it only to imitate a missing font.
_STEM_WIDTH = 80
_ITALIC, _SYMBOLIC = 64, 4
# Of pages: half the time of the usual level, and files larger by a twentieth. (Fonts are compressed once, and better.)
_COMPRESSION = 4


class _File:
    """The objects of a PDF: streams stand alone, all others together in one compressed stream."""

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self.streams: dict[int, tuple[str, bytes]] = {}
        self.count = 0

    def reserve(self) -> int:
        self.count += 1
        return self.count

    def add(self, text: str) -> int:
        number = self.reserve()
        self.texts[number] = text
        return number

    def add_stream(self, entries: str, data: bytes) -> int:
        number = self.reserve()
        self.streams[number] = (entries, data)
        return number

    def as_bytes(self, root: int, info: int) -> bytes:
        """Return the file, with its table of objects at the end."""
        bodies = {number: text.encode("latin-1") + b"\n" for number, text in self.texts.items()}
        starts, at = [], 0
        for number, body in bodies.items():
            starts.append(f"{number} {at}")
            at += len(body)
        first = " ".join(starts).encode() + b"\n"
        entries = f"/Type/ObjStm/N {len(bodies)}/First {len(first)}"
        holder = self.add_stream(entries, first + b"".join(bodies.values()))
        rows = {0: (0, 0, 65535)} | {number: (2, holder, index) for index, number in enumerate(bodies)}
        out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        for number, (entries, data) in self.streams.items():
            rows[number] = (1, len(out), 0)
            out += _stream(number, entries, data)
        table, start = self.reserve(), len(out)
        rows[table] = (1, start, 0)
        name = hashlib.sha256(out).hexdigest()[:32]
        entries = f"/Type/XRef/W[1 4 2]/Size {table + 1}/Root {root} 0 R/Info {info} 0 R/ID[<{name}><{name}>]"
        packed = b"".join(
            kind.to_bytes(1, "big") + where.to_bytes(4, "big") + more.to_bytes(2, "big")
            for _, (kind, where, more) in sorted(rows.items())
        )
        return bytes(out) + _stream(table, entries, packed) + f"startxref\n{start}\n%%EOF\n".encode()


def _stream(number: int, entries: str, data: bytes) -> bytes:
    # Metadata stay readable for programs that know no PDF.
    if "/Filter" not in entries and "/Metadata" not in entries:
        entries, data = entries + "/Filter/FlateDecode", zlib.compress(data, _COMPRESSION)
    return f"{number} 0 obj\n<<{entries}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream\nendobj\n"


def _string(text: str) -> str:
    return "<feff" + text.encode("utf-16-be").hex() + ">"


def write_tagged_pdf(canvas: Canvas, carried: str = "") -> bytes:
    """Return the file of pages that are laid out, with the deal `carried` in it."""
    file = _File()
    catalog, page_tree, structure = file.reserve(), file.reserve(), file.reserve()
    names = "".join(
        f"/{name} {_add_font(file, canvas.letters.faces[name], frozenset(glyphs))} 0 R"
        for name, glyphs in sorted(canvas.glyphs.items())
    )
    resources = f"/Font<<{names}>>{_add_logo(file, canvas.letters.style.logo)}"
    contents = [_draw(drawn) for drawn in canvas.pages]
    pairs = zip(canvas.pages, contents, strict=True)
    pages = [_add_page(file, drawn, drawing, page_tree, resources, at) for at, (drawn, drawing) in enumerate(pairs)]
    file.texts[page_tree] = f"<</Type/Pages/Count {len(pages)}/Kids[{_references(pages)}]>>"
    _add_structure(file, canvas, structure, pages)
    title, author = canvas.about.title, canvas.about.author
    by = f"<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>" if author else ""
    xmp = _XMP.format(title=escape(title), author=by, producer=_PRODUCER)
    metadata = file.add_stream("/Type/Metadata/Subtype/XML", xmp.encode())
    outline = _add_outline(file, canvas, pages)
    file.texts[catalog] = (
        f"<</Type/Catalog/Pages {page_tree} 0 R/Lang({canvas.about.language})/MarkInfo<</Marked true>>"
        f"/StructTreeRoot {structure} 0 R/Metadata {metadata} 0 R/Outlines {outline} 0 R"
        f"/ViewerPreferences<</DisplayDocTitle true>>{_add_carried(file, carried, contents)}>>"
    )
    by = f"/Author{_string(author)}" if author else ""
    info = file.add(f"<</Title{_string(title)}{by}/Creator({_PRODUCER})/Producer({_PRODUCER})>>")
    return file.as_bytes(catalog, info)


def _add_carried(file: _File, carried: str, contents: Sequence[bytes]) -> str:
    """Add the deal as an associated file, and return what the catalog says of it."""
    if not carried:
        return ""
    data = carried.encode()
    subtype = FILE_TYPE.replace("/", "#2f")
    stream = file.add_stream(f"/Type/EmbeddedFile/Subtype/{subtype}/Params<</Size {len(data)}>>", data)
    spec = file.add(
        f"<</Type/Filespec/F({FILE_NAME})/UF({FILE_NAME})/Desc({describe_pages(contents)})/AFRelationship/Source"
        f"/EF<</F {stream} 0 R/UF {stream} 0 R>>>>"
    )
    return f"/AF[{spec} 0 R]/Names<</EmbeddedFiles<</Names[({FILE_NAME}){spec} 0 R]>>>>"


def _references(numbers: Sequence[int]) -> str:
    return " ".join(f"{number} 0 R" for number in numbers)


def _draw(drawn: DrawnPage) -> bytes:
    """Return what draws a page."""
    painted, written = "\n".join(drawn.grounds + drawn.rules), "\n".join(drawn.written)
    return f"/Artifact<</Type/Layout>>BDC\n{painted}\nEMC\nBT\n{written}\nEMC\nET".encode("latin-1")


def _add_page(file: _File, drawn: DrawnPage, drawing: bytes, page_tree: int, resources: str, at: int) -> int:
    body = file.add_stream("", drawing)
    return file.add(
        f"<</Type/Page/Parent {page_tree} 0 R/MediaBox[0 0 {drawn.width:g} {drawn.height:g}]/Contents {body} 0 R"
        f"/Resources<<{resources}>>/StructParents {at}/Tabs/S>>"
    )


def _add_structure(file: _File, canvas: Canvas, structure: int, pages: Sequence[int]) -> None:
    numbers: dict[Element, int] = {}
    root = _add_element(file, canvas.root, structure, pages, numbers)
    owners = " ".join(
        f"{at}[{_references([numbers[owner] for owner in drawn.owners])}]" for at, drawn in enumerate(canvas.pages)
    )
    parents = file.add(f"<</Nums[{owners}]>>")
    file.texts[structure] = (
        f"<</Type/StructTreeRoot/K {root} 0 R/ParentTree {parents} 0 R/ParentTreeNextKey {len(pages)}>>"
    )


def _add_element(file: _File, element: Element, parent: int, pages: Sequence[int], numbers: dict[Element, int]) -> int:
    number = numbers[element] = file.reserve()
    page = next((part[0] for part in element.parts if isinstance(part, tuple)), None)
    kids = []
    for part in element.parts:
        if isinstance(part, Element):
            # Cells may be empty, all else that says nothing is left out.
            if part.kind in ("TD", "TH") or part.is_written:
                kids.append(f"{_add_element(file, part, number, pages, numbers)} 0 R")
        elif part[0] == page:
            kids.append(str(part[1]))
        else:
            kids.append(f"<</Type/MCR/Pg {pages[part[0]]} 0 R/MCID {part[1]}>>")
    at = f"/Pg {pages[page]} 0 R" if page is not None else ""
    attributes = f"/A<<{element.attributes}>>" if element.attributes else ""
    file.texts[number] = f"<</S/{element.kind}/P {parent} 0 R{at}{attributes}/K[{' '.join(kids)}]>>"
    return number


def _add_outline(file: _File, canvas: Canvas, pages: Sequence[int]) -> int:
    """Add the bookmarks: those of level 2 stand in the last of level 1 before them."""
    root = file.reserve()
    tops: list[tuple[Bookmark, list[Bookmark]]] = []
    for bookmark in canvas.bookmarks:
        if bookmark.level == 1 or not tops:
            tops.append((bookmark, []))
        else:
            tops[-1][1].append(bookmark)
    numbers = {bookmark: file.reserve() for bookmark in canvas.bookmarks}

    def add(bookmark: Bookmark, beside: Sequence[Bookmark], parent: int, inside: Sequence[Bookmark] = ()) -> None:
        at = beside.index(bookmark)
        drawn = canvas.pages[bookmark.page]
        text = f"<</Title{_string(bookmark.title)}/Parent {parent} 0 R"
        text += f"/Dest[{pages[bookmark.page]} 0 R/XYZ null {drawn.height - bookmark.top:.2f} 0]"
        text += f"/Prev {numbers[beside[at - 1]]} 0 R" if at else ""
        text += f"/Next {numbers[beside[at + 1]]} 0 R" if at + 1 < len(beside) else ""
        if inside:
            text += f"/First {numbers[inside[0]]} 0 R/Last {numbers[inside[-1]]} 0 R/Count {len(inside)}"
        file.texts[numbers[bookmark]] = text + ">>"

    marks = [top for top, _ in tops]
    for top, inside in tops:
        add(top, marks, root, inside)
        for bookmark in inside:
            add(bookmark, inside, numbers[top])
    ends = f"/First {numbers[marks[0]]} 0 R/Last {numbers[marks[-1]]} 0 R" if marks else ""
    file.texts[root] = f"<</Type/Outlines{ends}/Count {len(canvas.bookmarks)}>>"
    return root


# -- pictures


def _add_logo(file: _File, logo: Logo | None) -> str:
    """Add the logo, and return what the resources of a page say of it."""
    if logo is None:
        return ""
    width, height, colors, seen = pixels_of(logo)
    picture = f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/BitsPerComponent 8/ColorSpace"
    mask = f"/SMask {file.add_stream(f'{picture}/DeviceGray', seen)} 0 R" if seen else ""
    number = file.add_stream(f"{picture}/DeviceRGB{mask}", colors)
    return f"/XObject<</Logo {number} 0 R>>"


# -- fonts


def _add_font(file: _File, face: Face, glyphs: frozenset[int]) -> int:
    packed, length, name = _embedded(face, glyphs)
    kind = "/Subtype/CIDFontType0C" if face.is_postscript else f"/Length1 {length}"
    data = file.add_stream(f"{kind}/Filter/FlateDecode", packed)
    scale = 1000 / face.em
    box = " ".join(f"{value * scale:.0f}" for value in face.read_shorts("head", 36, 38, 40, 42))
    (capitals,) = face.read_shorts("OS/2", 88)
    (slant,) = face.read_shorts("post", 4)
    descriptor = file.add(
        f"<</Type/FontDescriptor/FontName/{name}/Flags {_SYMBOLIC | (_ITALIC if slant else 0)}/FontBBox[{box}]"
        f"/ItalicAngle {slant}/Ascent {face.ascent * 1000:.0f}/Descent {face.descent * 1000:.0f}"
        f"/CapHeight {capitals * scale:.0f}/StemV {_STEM_WIDTH}/FontFile{3 if face.is_postscript else 2} {data} 0 R>>"
    )
    widths = " ".join(f"{glyph}[{face.advance(glyph) * scale:.6g}]" for glyph in sorted(glyphs))
    inner = file.add(
        f"<</Type/Font/Subtype/CIDFontType{0 if face.is_postscript else 2}/BaseFont/{name}"
        "/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        f"/FontDescriptor {descriptor} 0 R{'' if face.is_postscript else '/CIDToGIDMap/Identity'}/W[{widths}]>>"
    )
    texts = file.add_stream("", _character_map(face, glyphs).encode())
    return file.add(
        f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H/DescendantFonts[{inner} 0 R]"
        f"/ToUnicode {texts} 0 R>>"
    )


@lru_cache(maxsize=64)
def _embedded(face: Face, glyphs: frozenset[int]) -> tuple[bytes, int, str]:
    """Return the part of a font that is used, compressed, its length before that, and its name."""
    program = face.subset(glyphs)
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(program).digest()[:6])
    return zlib.compress(program), len(program), f"{tag}+{face.name}"


def _character_map(face: Face, glyphs: frozenset[int]) -> str:
    rows = [f"<{glyph:04x}> <{face.text_of_glyph[glyph].encode('utf-16-be').hex()}>" for glyph in sorted(glyphs)]
    blocks = [rows[at : at + _MOST_ROWS] for at in range(0, len(rows), _MOST_ROWS)]
    texts = (f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return _CMAP.format(rows="\n".join(texts))

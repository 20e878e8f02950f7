"""What may not be in a Word file of a pack: what runs, reaches outside, or is put in from elsewhere.

Fields are split into runs like any text, so their codes are put together first."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree.ElementTree import Element

from agreementgen.ooxml import (
    MAX_ELEMENTS,
    SAVE_AGAIN,
    STRICT_FORMAT,
    TOO_MANY_ELEMENTS,
    Package,
    PackageRefused,
    R,
    W,
    check_xml,
    name_of_main_part,
)

# Fields that print something of the document itself. All others are refused: they reach for files, programs or data,
# build such fields out of pieces, or print another day tomorrow (DATE).
ALLOWED_FIELDS = frozenset(
    (
        "PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "TITLE", "SUBJECT", "AUTHOR", "KEYWORDS", "DOCPROPERTY",
        "STYLEREF", "SEQ", "REF", "PAGEREF", "SYMBOL", "HYPERLINK", "FILENAME",
    )
)  # fmt: skip
_WEB_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)


@dataclass
class _OpenField:
    """A field between its beginning and its end; `broken` where another one begins inside its code."""

    code: str = ""
    ready: bool = False
    broken: bool = False


def each_field_code(root: Element) -> Iterator[str]:
    """Yield the codes of all fields of a part; a code that is built of another field begins with "{"."""
    waiting: list[_OpenField] = []
    for node in root.iter():
        if node.tag == f"{W}fldSimple":
            yield node.get(f"{W}instr", "")
        elif node.tag in (f"{W}instrText", f"{W}delInstrText"):
            if waiting and not waiting[-1].ready:
                waiting[-1].code += node.text or ""
            else:
                yield node.text or ""  # a code outside any field: Word may still take it for one
        elif node.tag == f"{W}fldChar":
            match node.get(f"{W}fldCharType"):
                case "begin":
                    if waiting and not waiting[-1].ready:
                        waiting[-1].broken = True
                    waiting.append(_OpenField())
                case "separate" if waiting:
                    waiting[-1].ready = True
                case "end" if waiting:
                    yield _code_of_field(waiting.pop())
    for left in waiting:
        yield _code_of_field(left)


def _code_of_field(found: _OpenField) -> str:
    return "{" + found.code if found.broken else found.code


def name_of_field(code: str) -> str:
    """Return the name of a field's code in capitals: "PAGE" for " PAGE \\* MERGEFORMAT "."""
    found = re.match(r"[\s{]*([^\s\\\"]*)", code)
    return found[1].upper() if found else ""


def explain_refused_field(code: str) -> str:
    """Return why a field may not stand in a firm's Word file; "" where it may."""
    if not code.strip():
        return ""
    word = name_of_field(code)
    if code.startswith("{"):
        return "the file has a field that is built out of another field"
    if word not in ALLOWED_FIELDS:
        return f"the file has a field {word[:20] or 'without a name'}, which is not allowed"
    if word == "HYPERLINK":
        address = re.search(r'HYPERLINK\s+(?![\s\\])"?([^"\s]*)', code, re.IGNORECASE)
        if address and not _WEB_LINK.match(address[1]):
            return "the file has a link that leads to something else than a web page or an e-mail address"
    return ""


class Danger(NamedTuple):
    """What may not be in a file, in one line, and what to do; `is_program`: it may run on a reader's computer."""

    message: str
    hint: str
    is_program: bool = False


_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


_DELETE = "delete it in Word and save again"
_MACROS = Danger("the file holds macros", "save it in Word as .docx, which has none", is_program=True)
_EMBEDDED = Danger("the file holds an embedded object (OLE)", "put a picture of it in its place")
_ACTIVE = Danger("the file holds an ActiveX control", _DELETE, is_program=True)
_CHUNK = Danger("the file takes in another document (altChunk)", "open it in Word and save it again")
_PARTS = Danger("the file is a master document with subdocuments", "expand and unlink them in Word: View > Outline")
_MERGE = Danger("the file is tied to a data source for mail merge", "in Word: Mailings > Start Mail Merge > Normal")
_ATTACHED = Danger("the file is attached to a template", "in Word: Developer > Document Template, take Normal.dotm")
_FRAMES = Danger("the file holds frames of a web page", _DELETE)
_BOUND = Danger(
    "the file holds a content control that is filled from data hidden in it",
    "remove the control in Word",
)
_TRACKED = Danger("the file holds tracked changes", "accept or reject all of them in Word, and switch tracking off")
_COMMENTS = Danger("the file holds comments, which every document would carry", "delete them in Word")
_OUTSIDE = Danger("the file takes something in from outside it", "insert it into the file (not: link to file)")
_REMOTE = Danger("a picture of the file lies outside it", "insert it into the file (not: link to file)")
_LINK = Danger("the file has a link that leads to something else than a web page or an e-mail address", _DELETE)
# Relations by the last word of their type.
_DANGEROUS_RELATIONS = {
    "attachedtemplate": _ATTACHED, "oleobject": _EMBEDDED, "package": _EMBEDDED, "control": _ACTIVE,
    "activexcontrolbinary": _ACTIVE, "afchunk": _CHUNK, "subdocument": _PARTS, "mailmergesource": _MERGE,
    "mailmergeheadersource": _MERGE, "recipientdata": _MERGE, "vbaproject": _MACROS, "wordvbadata": _MACROS,
    "keymapcustomizations": _MACROS, "attachedtoolbars": _MACROS, "frame": _FRAMES, "comments": _COMMENTS,
}  # fmt: skip
_DANGEROUS_ELEMENTS = {
    "object": _EMBEDDED, "OLEObject": _EMBEDDED, "control": _ACTIVE, "ocx": _ACTIVE, "altChunk": _CHUNK,
    "subDoc": _PARTS, "mailMerge": _MERGE, "attachedTemplate": _ATTACHED, "frameset": _FRAMES, "entryMacro": _MACROS,
    "exitMacro": _MACROS, "movie": _OUTSIDE, "contentPart": _EMBEDDED, "script": _OUTSIDE, "foreignObject": _OUTSIDE,
    "ins": _TRACKED, "del": _TRACKED, "moveFrom": _TRACKED, "moveTo": _TRACKED, "rPrChange": _TRACKED,
    "pPrChange": _TRACKED, "sectPrChange": _TRACKED, "tblPrChange": _TRACKED, "cellIns": _TRACKED, "cellDel": _TRACKED,
    "trackRevisions": _TRACKED,
}  # fmt: skip
# Kinds of parts that are not XML and may be there: pictures, embedded fonts, settings of a printer.
_BINARY = re.compile(
    r"image/(png|jpeg|gif|x-emf|x-wmf|bmp|tiff)|application/(vnd\.openxmlformats-officedocument\.(obfuscatedfont|"
    r"wordprocessingml\.printersettings)|x-fontdata)"
)
_FORBIDDEN_TYPES = {
    "vbaproject": _MACROS, "macroenabled": _MACROS, "activex": _ACTIVE, "oleobject": _EMBEDDED,
}  # fmt: skip


_OLD = "http://schemas.microsoft.com/office/word/2003/wordml"
_WEB = re.compile(r"(https?://|mailto:)[^\s]+$", re.IGNORECASE)
# Data that Word keeps in the properties of a document, which we write; all other bindings show hidden data.
_PROPERTIES = re.compile(r"core-?properties|extended-properties", re.IGNORECASE)
# Word unpacks a picture to four bytes for each dot.
MAX_PIXELS = 40_000_000


def find_dangers(package: Package) -> Iterator[Danger]:
    """Yield what may not be in the file; raise PackageRefused where it cannot be looked through."""
    told = [*_find_in_types(package), *_find_in_relations(package)]
    yield from told or _find_stray_parts(package)
    elements = 0
    for part in package.xml_parts:
        elements += check_xml(package.parts[part])
        if elements > MAX_ELEMENTS:
            raise PackageRefused(TOO_MANY_ELEMENTS, "start from a new file")
        yield from _find_in_elements(part, package.read_part(part))
    for part, data in package.parts.items():
        if _pixels_of_png(data) > MAX_PIXELS:
            yield Danger(f"the picture {part} has more than {MAX_PIXELS // 1_000_000} million dots", "make it smaller")


def _find_in_types(package: Package) -> Iterator[Danger]:
    main = name_of_main_part(package)
    kind = package.types.get(main, "")
    for said, answer in _FORBIDDEN_TYPES.items():
        if any(said in word for word in package.types.values()):
            yield answer
    if any("vbaproject" in name.lower() or "vbadata" in name.lower() for name in package.parts):
        yield _MACROS
    if any(name.lower().startswith(("word/embeddings/", "embeddings/")) for name in package.parts):
        yield _EMBEDDED
    if "template.main" in kind and "macroenabled" not in kind:
        yield Danger("this is a Word template (.dotx)", SAVE_AGAIN)
    elif kind != _MAIN and "macroenabled" not in kind:
        yield Danger("the file is not a Word document", SAVE_AGAIN)


def _find_stray_parts(package: Package) -> Iterator[Danger]:
    xml = set(package.xml_parts)
    for name, kind in package.types.items():
        if name not in xml and not _BINARY.fullmatch(kind):
            yield Danger(f"the file holds a part that no letterhead needs ({name[:60]})", _DELETE)


def _find_in_relations(package: Package) -> Iterator[Danger]:
    for _, relation in package.each_relation():
        word = relation.kind.rsplit("/", 1)[-1].casefold()
        if relation.kind.startswith(STRICT_FORMAT):
            raise PackageRefused("the file is saved as Strict Open XML", SAVE_AGAIN)
        if word in _DANGEROUS_RELATIONS:
            yield _DANGEROUS_RELATIONS[word]
        elif relation.external and word == "hyperlink":
            if not _WEB.match(relation.target):
                yield _LINK
        elif relation.external:
            yield _REMOTE if word == "image" else _OUTSIDE
        elif relation.target not in package.parts and word != "hyperlink":
            hint = "save it again in Word"
            yield Danger(f"the file is damaged: it names a part that is not there ({relation.target[:60]})", hint)


def _find_in_elements(part: str, root: Element) -> Iterator[Danger]:
    if root.tag.startswith("{" + STRICT_FORMAT):
        raise PackageRefused("the file is saved as Strict Open XML", SAVE_AGAIN)
    if root.tag.startswith("{" + _OLD):
        raise PackageRefused("this is a Word file of 2003, as one XML text", SAVE_AGAIN)
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        word = node.tag.rsplit("}", 1)[-1]
        # A curve that is drawn has a "moveTo", too, which moves a pen and no text.
        is_curve = word == "moveTo" and not node.tag.startswith(W)
        if word in _DANGEROUS_ELEMENTS and not is_curve and not part.startswith("customXml/"):
            yield _DANGEROUS_ELEMENTS[word]
        elif word == "dataBinding" and not _PROPERTIES.search(node.get(f"{W}prefixMappings", "")):
            yield _BOUND
        for name, value in node.items():
            if name == f"{R}link" or (name.rsplit("}", 1)[-1] in ("src", "href") and _leads_outside(word, value)):
                yield _REMOTE
        if word == "style" and re.search(r"url\((?!\s*['\"]?#)|@import", node.text or ""):
            yield _REMOTE
    for code in each_field_code(root):
        why = explain_refused_field(code)
        if why:
            yield Danger(why, _DELETE, is_program=name_of_field(code).startswith("DDE"))


def _leads_outside(word: str, value: str) -> bool:
    """Return whether the address in an attribute leads out of the file; links that a reader clicks may."""
    if word == "a" or value.startswith(("#", "data:image/png", "data:image/jpeg")):
        return False
    return bool(re.match(r"[a-z][a-z0-9+.-]*:|//|\\\\", value, re.IGNORECASE))


def _pixels_of_png(data: bytes) -> int:
    """Return how many dots a PNG says it has; 0 for anything else."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or len(data) < 24:
        return 0
    width, height = struct.unpack(">II", data[16:24])
    return int(width * height)

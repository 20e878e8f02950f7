"""Packages of Office files: opened within limits that are checked before anything is unpacked, and what is in them.

The parser of XML that takes in nothing from outside, and what writes a package with the same bytes each time, serve
workbooks and drawings, too.

Of Word files: the text of paragraphs. Word cuts it into runs wherever it likes: "{{ foo" + "ter }}" is one tag.
"""

from __future__ import annotations

import io
import posixpath
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

# A letterhead of Word's has 15 to 40 parts; one with many pictures, 100.
MAX_PARTS = 300
# The file itself, and all its parts unpacked: a letterhead with a logo has less than 1 MB. Reading XML takes some
# ten times its size in memory, so these also keep the program below 1 GB.
MAX_BYTES, MAX_UNPACKED, MAX_XML = 5_000_000, 20_000_000, 8_000_000
# XML shrinks by 10 to 30 to 1, rarely 60; a bomb by 1,000 to 1.
MAX_RATIO, RATIO_FROM = 150, 1_000_000
# The styles of Word's largest template have 15,000 elements; depth in nested tables and drawings is below 60, and
# the reader that the writer uses stops at 256.
MAX_ELEMENTS, MAX_DEPTH, MAX_ATTRIBUTES = 250_000, 150, 200
# An attribute of Word's is a name or a number; a picture's description may be a paragraph.
MAX_TEXT = 1_000_000
TOO_MANY_ELEMENTS = f"the file has more than {MAX_ELEMENTS:,} elements"

CONTENT_TYPES = "[Content_Types].xml"
STRICT_FORMAT = "http://purl.oclc.org/ooxml/"
SAVE_AGAIN = "save it in Word as: Word Document (.docx)"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class PackageRefused(Exception):
    """The file is not opened: a message of one line, and what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Relation:
    """One part's pointer to another, or to something outside; `target` is a part's name, or an address."""

    id: str
    kind: str
    target: str
    external: bool


@dataclass(frozen=True)
class Package:
    """The parts of a Word file by name ("word/document.xml"), with the type that the file gives each."""

    parts: Mapping[str, bytes]
    types: Mapping[str, str]

    @property
    def xml_parts(self) -> Iterator[str]:
        """Yield the names of parts that are XML, by their type, their name or their first letter."""
        for name, data in self.parts.items():
            kind = self.types.get(name, "")
            ending = name.rsplit(".", 1)[-1].lower()
            if kind.endswith(("+xml", "/xml")) or ending in ("xml", "rels", "vml", "svg") or data[:5] == b"<?xml":
                yield name

    def relations_of(self, part: str) -> tuple[Relation, ...]:
        """Return where `part` ("" for the package) points to; raise PackageRefused for what cannot be read."""
        folder, _, name = part.rpartition("/")
        rels = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if rels not in self.parts:
            return ()
        found = []
        for node in self.read_part(rels).iter(f"{_RELATIONS}Relationship"):
            external = node.get("TargetMode", "").casefold() == "external"
            target = node.get("Target", "")
            if not external:
                target = _resolve_target(folder, target)
            found.append(Relation(node.get("Id", ""), node.get("Type", ""), target, external))
        return tuple(found)

    def each_relation(self) -> Iterator[tuple[str, Relation]]:
        """Yield each relation with the part it belongs to ("" for the package's own)."""
        for rels in self.parts:
            if rels.endswith(".rels"):
                folder, _, name = rels.removesuffix(".rels").rpartition("/")
                owner = posixpath.join(folder.removesuffix("_rels").rstrip("/"), name).lstrip("/")
                for relation in self.relations_of(owner):
                    yield owner, relation

    def read_part(self, part: str) -> ElementTree.Element:
        return read_xml(self.parts[part])


def _resolve_target(folder: str, target: str) -> str:
    """Return the name of a part that a relation of a part in `folder` points to; one outside gives no part's name."""
    target = target.partition("#")[0].replace("%20", " ")
    path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
    return posixpath.normpath(path)


def open_package(data: bytes) -> Package:
    """Return the parts of a Word file; raise PackageRefused where it is none, is damaged, or goes beyond the limits."""
    if len(data) > MAX_BYTES:
        raise PackageRefused(f"the file is larger than {MAX_BYTES:,} bytes", "make its pictures smaller")
    _refuse_other_formats(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = _check_entries(archive, len(data))
        parts = {name: archive.read(info) for name, info in names.items()}
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, IndexError,
    ):  # fmt: skip
        raise PackageRefused("the file is damaged or cut short", "save it again in Word") from None
    if CONTENT_TYPES not in parts:
        raise PackageRefused("this is a ZIP file, but no Word file", "save it in Word as .docx")
    for name, content in parts.items():
        if name.lower().endswith((".xml", ".rels")) and len(content) > MAX_XML:
            raise PackageRefused(
                f"a part of the file ({name}) is larger than {MAX_XML:,} bytes", "start from a new file"
            )
    package = Package(parts, {})
    check_xml(parts[CONTENT_TYPES])
    return Package(parts, dict(_types_of_parts(package)))


def _refuse_other_formats(data: bytes) -> None:
    """Refuse by its first bytes what is no ZIP file, and say what it is."""
    as_docx = "save it in Word as: Word Document (.docx)"
    if not data:
        raise PackageRefused("the file is empty", "save it again in Word")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise PackageRefused("the file is protected with a password", "remove the password in Word: File > Info")
        raise PackageRefused("this is a file of Word 97-2003 (.doc)", as_docx)
    if data.startswith(b"{\\rtf"):
        raise PackageRefused("this is an RTF file", as_docx)
    if data.startswith(b"%PDF"):
        raise PackageRefused("this is a PDF", as_docx)
    if data.startswith(b"PK\x03\x04"):
        return
    start = data[:4096]
    if b"wordml" in start or b"xmlPackage" in start:
        raise PackageRefused("this is a Word file as one XML text", as_docx)
    raise PackageRefused("this is not a Word file", as_docx)


def _check_entries(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """Return the entries of the archive by name; raise PackageRefused before anything is unpacked."""
    entries = archive.infolist()
    if len(entries) > MAX_PARTS:
        raise PackageRefused(f"the file has more than {MAX_PARTS} parts", "start from a new file")
    found: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    damaged = "save it again in Word"
    for info in entries:
        name = info.filename
        if name.endswith("/") and not info.file_size:
            continue  # a folder, as other programs write them
        pieces = name.replace("\\", "/").split("/")
        if name.startswith("/") or "\\" in info.orig_filename or ":" in name or ".." in pieces or "" in pieces:
            raise PackageRefused("a part of the file has a name that leads out of it", damaged)
        if "\0" in info.orig_filename or not name.isprintable():
            raise PackageRefused("a part of the file has a name that cannot be read", damaged)
        if name.casefold() in seen:
            raise PackageRefused(f"two parts of the file have the same name ({name})", damaged)
        if info.flag_bits & 1:
            raise PackageRefused("a part of the file is encrypted", "remove the password in Word: File > Info")
        if (info.external_attr >> 28) == 0o12:
            raise PackageRefused("a part of the file is a link to another file", damaged)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PackageRefused("the file is compressed in a way that Word does not use", damaged)
        if info.file_size > RATIO_FROM and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise PackageRefused(
                f"a part of the file ({name}) unpacks to {info.file_size:,} bytes", "start from a new file"
            )
        seen.add(name.casefold())
        found[name] = info
    if sum(info.file_size for info in entries) > MAX_UNPACKED:
        raise PackageRefused(f"the file unpacks to more than {MAX_UNPACKED:,} bytes", "make its pictures smaller")
    if sum(info.compress_size for info in entries) > size:
        raise PackageRefused("parts of the file lie over each other", damaged)
    return found


def _types_of_parts(package: Package) -> Iterator[tuple[str, str]]:
    endings: dict[str, str] = {}
    named: dict[str, str] = {}
    for node in package.read_part(CONTENT_TYPES):
        if node.tag == f"{_TYPES}Default":
            endings[node.get("Extension", "").lower()] = node.get("ContentType", "")
        elif node.tag == f"{_TYPES}Override":
            named[node.get("PartName", "").lstrip("/").casefold()] = node.get("ContentType", "")
    for name in package.parts:
        kind = named.get(name.casefold()) or endings.get(name.rsplit(".", 1)[-1].lower(), "")
        yield name, kind.partition(";")[0].strip().lower()


def read_xml(data: bytes) -> ElementTree.Element:
    """Return the tree of XML that was checked; raise PackageRefused where it is not readable."""
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError):
        raise PackageRefused("the file is damaged: a part of it is not XML", "save it again in Word") from None


def make_xml_parser(refuse_doctype: Callable[[], object]) -> expat.XMLParserType:
    """Return a parser that takes in nothing from outside; names are "namespace name".

    `refuse_doctype` must raise: what a DOCTYPE defines can grow without end.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = lambda *_: refuse_doctype()
    return parser


def check_xml(data: bytes) -> int:
    """Return how many elements XML has; raise PackageRefused where it is not as Word writes it. Nothing is built.

    Looked at: encoding, DOCTYPE, depth, number and size of elements.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:8]:
        raise PackageRefused("the XML of the file is not in UTF-8", "save it again in Word")
    depth = elements = 0

    def declared(version: str, encoding: str | None, standalone: int) -> None:
        if encoding and encoding.lower() not in ("utf-8", "us-ascii"):
            raise PackageRefused("the XML of the file is not in UTF-8", "save it again in Word")

    def refuse_doctype() -> None:
        raise PackageRefused("the XML of the file has a DOCTYPE, which Word never writes", "save it again in Word")

    def start(name: str, attributes: list[str]) -> None:
        nonlocal depth, elements
        depth, elements = depth + 1, elements + 1
        if depth > MAX_DEPTH:
            raise PackageRefused(f"the file is nested more than {MAX_DEPTH} levels deep", "start from a new file")
        if elements > MAX_ELEMENTS:
            raise PackageRefused(TOO_MANY_ELEMENTS, "start from a new file")
        if len(attributes) > 2 * MAX_ATTRIBUTES or sum(map(len, attributes)) > MAX_TEXT:
            raise PackageRefused("an element of the file is larger than Word makes any", "start from a new file")

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = make_xml_parser(refuse_doctype)
    parser.ordered_attributes = True
    parser.XmlDeclHandler = declared
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
        return elements
    except (expat.ExpatError, ValueError):
        raise PackageRefused("the file is damaged: a part of it is not XML", "save it again in Word") from None


def name_of_main_part(package: Package) -> str:
    """Return the name of the part with the text; raise PackageRefused where there is none."""
    for relation in package.relations_of(""):
        if relation.kind.startswith(STRICT_FORMAT):
            raise PackageRefused("the file is saved as Strict Open XML", SAVE_AGAIN)
        if relation.kind.endswith("/officeDocument") and relation.target in package.parts and not relation.external:
            return relation.target
    raise PackageRefused("the file is damaged: its text is missing", "save it again in Word")


class _FirstMoment:
    """Stands for the module `time` where the clock shows a day before ZIP files know any."""

    @staticmethod
    def time() -> float:
        return 0.0

    @staticmethod
    def localtime(_: float = 0.0) -> tuple[int, ...]:
        return 1980, 1, 1, 0, 0, 0, 1, 1, 0


@contextmanager
def packing() -> Iterator[None]:
    """Let a library write a package whatever the clock shows: `repack` takes the moment out again."""
    if time.localtime().tm_year >= 1980:
        yield
        return
    setattr(zipfile, "time", _FirstMoment)  # noqa: B010 (to mypy the module has no such name)
    try:
        yield
    finally:
        setattr(zipfile, "time", time)  # noqa: B010


def repack(data: bytes, change: Callable[[str, bytes], bytes] = lambda name, part: part) -> bytes:
    """Return a package with its parts sorted and without times of day; `change` takes a part's name and bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != CONTENT_TYPES, name)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o600 << 16
            info.create_system = 3
            new.writestr(info, change(name, old.read(name)), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# -- the text of paragraphs

XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def text_nodes(paragraph: Element) -> list[Element]:
    """Return the elements of text of a paragraph, without those of paragraphs inside it (in text boxes)."""
    return [node for node, _ in text_nodes_with_holders(paragraph)]


def text_nodes_with_holders(paragraph: Element) -> list[tuple[Element, Element]]:
    """Return the text nodes, each with what holds its run: the paragraph, or a link or content control in it."""
    found: list[tuple[Element, Element]] = []
    waiting = [(child, paragraph, paragraph) for child in reversed(list(paragraph))]
    while waiting:
        node, parent, holder = waiting.pop()
        if node.tag == f"{W}t":
            found.append((node, holder))
        elif node.tag != f"{W}p":
            waiting.extend((child, node, parent) for child in reversed(list(node)))
    return found


def text_of_paragraph(paragraph: Element) -> str:
    return "".join(node.text or "" for node in text_nodes(paragraph))


def replace_matches(paragraph: Element, pattern: re.Pattern[str], words: Callable[[re.Match[str]], str]) -> None:
    """Put `words` in the place of what matches `pattern`, in the run where it begins."""
    for match in reversed(list(pattern.finditer(text_of_paragraph(paragraph)))):
        replace_letters(paragraph, match.start(), match.end(), words(match))


def replace_letters(paragraph: Element, start: int, end: int, text: str) -> None:
    """Replace the letters from `start` to `end` of a paragraph's text by `text`."""
    position = 0
    placed = False
    for node in text_nodes(paragraph):
        there = node.text or ""
        first, last = max(start - position, 0), min(end - position, len(there))
        if first < last:
            node.text = there[:first] + ("" if placed else text) + there[last:]
            node.set(XML_SPACE, "preserve")
            placed = True
        position += len(there)


def each_paragraph(container: Element) -> Iterator[Element]:
    """Yield all paragraphs of a part in their order, those in tables and text boxes too."""
    yield from container.iter(f"{W}p")

"""Puts the deal into documents, and takes it out again. The only home of pikepdf, imported on first use.

A Word file has it as a custom XML part, and its digest among the properties, which more programs keep; a PDF as an
associated file of the whole document. Whoever writes a document puts it in: our own PDF as it is written, Word files
before they are saved, WeasyPrint's PDFs afterwards. What comes from a stranger's document is taken only within the
limits of a deal file.
"""

from __future__ import annotations

import hashlib
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from agreementgen import ooxml
from agreementgen.ooxml import W
from agreementgen.render.proofreading import normalize_text
from agreementgen.yamlfile.nodes import MAX_BYTES

if TYPE_CHECKING:
    import pikepdf
    from docx.document import Document as WordDocument

NAMESPACE = "urn:agreementgen:deal:1"
FILE_NAME, FILE_TYPE = "deal.yaml", "application/yaml"
# Names of the properties of a Word file.
DEAL_DIGEST, WORDS_DIGEST = "agreementgen deal", "agreementgen words"
MAX_PDF_BYTES = 30_000_000
_DESCRIPTION = "The deal as it was sent, to build this document again. Pages: "
_PROPERTY_SET = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VALUES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_DATA_STORE = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_DELETED = (f"{W}del", f"{W}moveFrom")


@dataclass(frozen=True)
class FoundDeal:
    """What a document carries: `text` is "" where the deal got lost, `digest` what it was; `is_unchanged` says whether
    words or pages are as they were sent, None where nothing tells.
    """

    text: str
    digest: str
    is_unchanged: bool | None


class NothingCarried(Exception):
    """The document carries no deal, or none that can be read; its text says why."""


def find_deal(data: bytes) -> FoundDeal:
    """Return the deal of a document's bytes; raise NothingCarried."""
    if data.startswith(b"%PDF"):
        return _find_in_pdf(data)
    try:
        return _find_in_word_file(ooxml.open_package(data))
    except ooxml.PackageRefused as error:
        raise NothingCarried(error.message) from None


# -- Word files


class CarriedInWord(NamedTuple):
    """What a Word file holds of a deal: its text, the number of the part that it is in, and what tells of changes."""

    text: str
    item_id: str
    deal_digest: str
    words_digest: str

    @classmethod
    def of(cls, text: str, body: ElementTree.Element) -> CarriedInWord:
        """Return what a Word file holds of the deal `text`; `body` is what it says."""
        # Word wants to know each such part by a number of its own.
        item_id = str(uuid5(NAMESPACE_URL, text)).upper()
        return cls(text, item_id, hashlib.sha256(text.encode()).hexdigest(), _digest_text(body))


def carry_in_word_file(word: WordDocument, carried: CarriedInWord) -> None:
    """Put a deal into a Word file as python-docx has it."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    package, main = word.part.package, word.part
    names = {str(part.partname) for part in package.iter_parts()}
    number = next(n for n in range(1, 1000) if f"/customXml/item{n}.xml" not in names)
    root = ElementTree.Element(f"{{{NAMESPACE}}}deal")
    root.text = carried.text
    item = Part(PackURI(f"/customXml/item{number}.xml"), "application/xml", _xml_of(root), package)
    main.relate_to(item, RELATIONSHIP_TYPE.CUSTOM_XML)
    about = ElementTree.Element(f"{{{_DATA_STORE}}}datastoreItem")
    about.set(f"{{{_DATA_STORE}}}itemID", f"{{{carried.item_id}}}")
    ElementTree.SubElement(about, f"{{{_DATA_STORE}}}schemaRefs")
    kind = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
    properties = Part(PackURI(f"/customXml/itemProps{number}.xml"), kind, _xml_of(about), package)
    item.relate_to(properties, RELATIONSHIP_TYPE.CUSTOM_XML_PROPS)
    told = {DEAL_DIGEST: carried.deal_digest, WORDS_DIGEST: carried.words_digest}
    old = next((rel.target_part for rel in package.rels.values() if rel.reltype.endswith("/custom-properties")), None)
    if old is not None:
        old._blob = _with_properties(ElementTree.fromstring(old.blob), told)
    else:
        kind = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
        blob = _with_properties(ElementTree.Element(f"{{{_PROPERTIES}}}Properties"), told)
        part = Part(PackURI("/docProps/custom.xml"), kind, blob, package)
        package.relate_to(part, f"{_OFFICE}/relationships/custom-properties")


def _with_properties(root: ElementTree.Element, told: dict[str, str]) -> bytes:
    """Return the properties of a file with ours among them."""
    for node in [node for node in root if node.get("name") in told]:
        root.remove(node)
    number = max([1, *(int(node.get("pid", "1")) for node in root)])
    for name, value in told.items():
        number += 1
        node = ElementTree.SubElement(
            root, f"{{{_PROPERTIES}}}property", {"fmtid": _PROPERTY_SET, "pid": str(number), "name": name}
        )
        ElementTree.SubElement(node, f"{{{_VALUES}}}lpwstr").text = value
    return _xml_of(root)


def _xml_of(root: ElementTree.Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _find_in_word_file(package: ooxml.Package) -> FoundDeal:
    properties = dict(_each_property(package))
    digest = properties.get(DEAL_DIGEST, "")
    text = next((found for found in _each_carried_text(package)), "")
    if not text and not digest:
        raise NothingCarried("it was made without, or another program dropped it")
    words = properties.get(WORDS_DIGEST, "")
    return FoundDeal(text, digest, digest_words(package) == words if words else None)


def _each_carried_text(package: ooxml.Package) -> Iterator[str]:
    """Yield what stands in parts of our namespace, whatever a program has named them."""
    for name in package.parts:
        if name.startswith("customXml/") and name.endswith(".xml") and len(package.parts[name]) <= 2 * MAX_BYTES:
            ooxml.check_xml(package.parts[name])
            root = package.read_part(name)
            if root.tag == f"{{{NAMESPACE}}}deal":
                yield root.text or ""


def _each_property(package: ooxml.Package) -> Iterator[tuple[str, str]]:
    if "docProps/custom.xml" in package.parts:
        ooxml.check_xml(package.parts["docProps/custom.xml"])
        for node in package.read_part("docProps/custom.xml"):
            yield node.get("name", ""), "".join(node.itertext()).strip()


def digest_words(package: ooxml.Package) -> str:
    """Return the digest of what a Word file says, as if all proposed changes were accepted."""
    main = ooxml.name_of_main_part(package)
    ooxml.check_xml(package.parts[main])
    return _digest_text(package.read_part(main))


def _digest_text(root: ElementTree.Element) -> str:
    texts = f"{W}t"
    taken_out = {text for kind in _DELETED for node in root.iter(kind) for text in node.iter(texts)}
    words = "".join(node.text or "" for node in root.iter(texts) if node not in taken_out)
    return hashlib.sha256(normalize_text(words).encode()).hexdigest()


# -- PDF


def carry_in_pdf(data: bytes, text: str) -> bytes:
    """Return a PDF with the deal `text` in it."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        spec = pikepdf.AttachedFileSpec(
            pdf,
            text.encode(),
            filename=FILE_NAME,
            description=describe_pages(_each_drawing(pdf)),
            mime_type=FILE_TYPE,
            relationship=pikepdf.Name.Source,
        )
        pdf.attachments[FILE_NAME] = spec
        pdf.Root.AF = pikepdf.Array([pdf.attachments[FILE_NAME].obj])
        buffer = io.BytesIO()
        pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    return buffer.getvalue()


def describe_pages(drawings: Iterable[bytes]) -> str:
    """Return what is said of the deal in a PDF, of which `drawings` are the pages: with their digest."""
    return _DESCRIPTION + hashlib.sha256(b"".join(drawings)).hexdigest()


def _each_drawing(pdf: pikepdf.Pdf) -> Iterator[bytes]:
    """Yield what draws the pages: programs that pack a file anew leave that as it is."""
    import pikepdf

    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
            yield _inflate(stream, MAX_PDF_BYTES) if isinstance(stream, pikepdf.Stream) else b""


def _inflate(stream: pikepdf.Object, most: int) -> bytes:
    """Return at most so many bytes of a stream; raise NothingCarried for more, and for another packing than ours."""
    raw = bytes(stream.read_raw_bytes())
    kind = stream.get("/Filter")
    if kind is None:
        found = raw[: most + 1]
    elif str(kind) in ("/FlateDecode", "[/FlateDecode]") or [str(one) for one in kind] == ["/FlateDecode"]:
        try:
            found = zlib.decompressobj().decompress(raw, most + 1)
        except zlib.error:
            raise NothingCarried("the PDF is damaged") from None
    else:
        raise NothingCarried("what it carries is packed in a way that this program never writes")
    if len(found) > most:
        raise NothingCarried("what it carries is larger than a deal file may be")
    return found


def _find_in_pdf(data: bytes) -> FoundDeal:
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            spec = next(
                (found for found in _each_file(pdf) if str(found.get("/UF", found.get("/F"))) == FILE_NAME), None
            )
            if spec is None:
                raise NothingCarried("it was made without, or another program dropped it")
            text = _inflate(spec.EF.F, MAX_BYTES).decode("utf-8", errors="replace")
            told = re.search(rf"{_DESCRIPTION}[0-9a-f]{{64}}", str(spec.get("/Desc", "")))
            unchanged = describe_pages(_each_drawing(pdf)) == told[0] if told else None
    except (pikepdf.PdfError, pikepdf.PasswordError, AttributeError, KeyError, TypeError, ValueError):
        raise NothingCarried("the PDF cannot be read: it is damaged, or protected with a password") from None
    return FoundDeal(text, hashlib.sha256(text.encode()).hexdigest(), unchanged)


def _each_file(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield the associated files, then the attachments: some programs keep only one of the two lists."""
    listed = pdf.Root.get("/AF")
    yield from listed if listed is not None else ()
    yield from (pdf.attachments[name].obj for name in pdf.attachments)

"""Where an agreement is signed: form fields at the lines to sign of a PDF, or the text marks of a signing service.

Both are put into the finished file at places that the layout tells, so that no line moves. Marks are white, and the
only text of a document that nobody sees; they come before the deal is put in, fields after it: nothing may be changed
behind a signature. Fields belong to the structure of the PDF (PDF/UA-1). Lengths in points.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TYPE_CHECKING, Literal

from agreementgen.core.document import Document
from agreementgen.core.escaping import to_json_file
from agreementgen.core.problems import LayoutError, Place, Problem
from agreementgen.deal.deal import Deal

if TYPE_CHECKING:
    import pikepdf

    from agreementgen.render.lettering import Face

Kind = Literal["signature", "date", "title"]
# What is asked for where form fields of the PDF are wanted.
PDF_FIELDS = "pdf"
# What the file of who signs is called, behind the name of the documents.
RECIPIENTS_ENDING = "-recipients.json"
# What the page prints where a title is written by hand.
BLANK = "____"
MARK_COLOR = "FFFFFF"
# Some services make a field as high and as wide as its mark.
LARGEST_MARK = 10.0
# Who may sign for a party, by the name of the fact, in the order of the page.
_SIGNERS = {"signatory": "signer", "second_signatory": "second signer", "guarantor": "guarantor"}
# The attribute of a signature that holds the digest of what is signed, in DER, and the length of the digest; and
# the algorithms by that length.
_MESSAGE_DIGEST = re.compile(rb"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04\x31.\x04(.)", re.DOTALL)
_DIGESTS = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}
_MOST_LEVELS, _MOST_FIELDS = 8, 1_000
# Readers choose the size of what is typed by the height of its field, and make it smaller where it is too wide.
_TYPED_HEIGHT = 14.0
# The share of a line's width that a mark may fill: programs differ a little in how wide letters are.
_MOST_OF_LINE = 0.95
# The usual encoding of letters in forms, and the printable part of it.
_ENCODING, _FIRST_CODE, _LAST_CODE = "cp1252", 32, 255
# Bits of the PDF format: a signature field is there; a widget that prints; a font with usual letters.
_SIGNATURES_EXIST, _PRINTS, _NONSYMBOLIC = 1, 4, 32


@dataclass(frozen=True)
class SigningPlace:
    """Where somebody signs, dates or writes a title: a rectangle from the top left of a page (counted from 0).

    `signature` is the index of the signature in the document; `mcid` is the number of the stretch of text beside it,
    None where the layout does not tell.
    """

    kind: Kind
    signature: int
    page: int
    left: float
    top: float
    width: float
    height: float
    mcid: int | None = None


@dataclass(frozen=True)
class Signing:
    """How documents are made ready to sign: with form fields, or with `marks`, one for each kind and signature.

    `service` is what was asked for: "pdf", or the id of a signing service.
    """

    service: str
    name: str = ""
    marks: tuple[Mapping[Kind, str], ...] = ()

    def each_mark(self) -> Iterator[str]:
        for marks in self.marks:
            yield from marks.values()


def has_open_title(signatory: str) -> bool:
    """Return whether the signer writes the title by hand."""
    return BLANK in signatory


def kinds_of(document: Document) -> list[tuple[int, Kind]]:
    """Return what is filled in by hand at each signature, by its index, in the order of the page."""
    found: list[tuple[int, Kind]] = []
    for index, signature in enumerate(document.signatures):
        found += [(index, "signature"), (index, "date")]
        if has_open_title(signature.signatory):
            found.append((index, "title"))
    return found


def list_recipients(deal: Deal, document: Document, signing: Signing) -> list[dict[str, object]]:
    """Return who signs, in the order of the page, with the marks at which they do.

    The e-mail address is that of the party for notices, and the first signer's only: nobody has told another.
    """
    found: list[dict[str, object]] = []
    parties = [list(group) for _, group in groupby(enumerate(document.signatures), key=lambda item: item[1].party)]
    for party, signatures in zip(deal.facts["parties"], parties, strict=True):
        people = [(role, person) for role in _SIGNERS if (person := party.get(role)) and person.get("name")]
        for at, (index, signature) in enumerate(signatures):
            role, person = people[at] if at < len(people) else ("signatory", {"name": signature.name})
            title = str(person.get("title") or "")
            told: dict[str, object] = {
                "order": index + 1,
                "role": _SIGNERS[role],
                "party": str(party["name"]),
                "name": str(person["name"]),
                "title": "" if BLANK in title else title,
                "email": str(party.get("email") or "") if at == 0 else "",
            }
            found.append(told | {f"{kind} mark": mark for kind, mark in signing.marks[index].items()})
    return found


def name_recipients(
    deal: Deal, document: Document, signing: Signing | None, stem: str, formats: Iterable[str]
) -> dict[str, bytes]:
    """Return the file of who signs where, by its name; nothing where no signing service is to be told."""
    if signing is None or not signing.marks:
        return {}
    told = {
        "agreement": document.title,
        "service": signing.service,
        "documents": [f"{stem}.{name}" for name in formats if name in ("docx", "pdf")],
        "recipients": list_recipients(deal, document, signing),
    }
    return {f"{stem}{RECIPIENTS_ENDING}": to_json_file(told)}


def require_places(document: Document, places: Sequence[SigningPlace], source: str) -> None:
    """Raise LayoutError where a firm's page does not show where each signature, date and title goes."""
    missing = set(kinds_of(document)) - {(place.signature, place.kind) for place in places}
    if missing:
        index, kind = min(missing)
        name = " ".join(document.signatures[index].party.split())
        message = f"the page does not show where the {kind} of {name} belongs"
        hint = 'keep the classes "line", "who", "when", "field" and "rule" of our page around the lines to sign'
        raise LayoutError(Problem(message, hint, "", Place(source), code="signing-place"))


def mark_size(mark: str, width: float, face: Face | None = None) -> float:
    """Return the type size at which a mark fits a line, in half points; without a `face`, by rather wide letters."""
    ems = face.shape(mark).width if face else 0.62 * len(mark)
    return max(min(LARGEST_MARK, int(2 * _MOST_OF_LINE * width / ems) / 2), 1.0)


def write_marks(data: bytes, places: Sequence[SigningPlace], signing: Signing, face: Face) -> bytes:
    """Return a PDF with a service's marks at `places`, in white."""
    import pikepdf

    with pikepdf.open(io.BytesIO(data)) as pdf:
        font = _add_font(pdf, face)
        for number, page in enumerate(pdf.pages):
            drawn = [_draw_mark(place, signing, face, page) for place in places if place.page == number]
            if drawn:
                name = page.add_resource(font, pikepdf.Name.Font)
                text = "\n".join(drawn).replace("/Mark", str(name))
                page.contents_add(b"q\n", prepend=True)
                page.contents_add(f"Q\n/Artifact BMC\nBT\n1 1 1 rg\n{text}\nET\nEMC\n".encode())
        return _save(pdf)


def _draw_mark(place: SigningPlace, signing: Signing, face: Face, page: pikepdf.Page) -> str:
    mark = signing.marks[place.signature][place.kind]
    size = mark_size(mark, place.width, face)
    bottom = float(page.mediabox[3]) - place.top - place.height
    text = mark.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"/Mark {size:g} Tf 1 0 0 1 {place.left:.2f} {bottom + 1 - face.descent * size:.2f} Tm ({text}) Tj"


def add_fields(data: bytes, places: Sequence[SigningPlace], document: Document, face: Face) -> bytes:
    """Return a tagged PDF with a form field at each of `places`: one to sign, and text for dates and titles."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    with pikepdf.open(io.BytesIO(data)) as pdf:
        font = _add_font(pdf, face)
        tree = pdf.Root.StructTreeRoot
        numbers = tree.ParentTree.Nums
        next_key = max((int(numbers[at]) for at in range(0, len(numbers), 2)), default=-1) + 1
        fields = Array()
        for place in map(_as_field, places):
            page = pdf.pages[place.page]
            height = float(page.mediabox[3])
            rectangle = (place.left, height - place.top - place.height, place.left + place.width, height - place.top)
            field = Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig if place.kind == "signature" else Name.Tx,
                T=String(f"signer{place.signature + 1}_{place.kind}"),
                TU=String(_describe(document, place)),
                Rect=Array([round(edge, 2) for edge in rectangle]),
                F=_PRINTS,
                P=page.obj,
                StructParent=next_key,
                AP=Dictionary(N=_empty_look(pdf, place)),
            )
            if place.kind != "signature":
                field.DA = String("/Form 0 Tf 0 g")
            field = pdf.make_indirect(field)
            fields.append(field)
            if "/Annots" not in page.obj:
                page.obj.Annots = Array()
            page.obj.Annots.append(field)
            page.obj.Tabs = Name.S
            holder = _find_holder(tree, numbers, page, place)
            kid = Dictionary(Type=Name.OBJR, Obj=field, Pg=page.obj)
            element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Form, P=holder, Pg=page.obj, K=kid))
            _add_kid(holder, element)
            numbers.append(next_key)
            numbers.append(element)
            next_key += 1
        tree.ParentTreeNextKey = next_key
        resources = Dictionary(Font=Dictionary(Form=font))
        pdf.Root.AcroForm = pdf.make_indirect(
            Dictionary(Fields=fields, SigFlags=_SIGNATURES_EXIST, DR=resources, DA=String("/Form 0 Tf 0 g"))
        )
        return _save(pdf)


def _as_field(place: SigningPlace) -> SigningPlace:
    """Return the rectangle of a field: what is typed is as high as the text of the page, on the line."""
    if place.kind == "signature" or place.height <= _TYPED_HEIGHT:
        return place
    return replace(place, top=place.top + place.height - _TYPED_HEIGHT, height=_TYPED_HEIGHT)


@dataclass(frozen=True)
class FoundSignatures:
    """The digital signatures of a PDF: how many, how many form fields still wait for one, whether the last covers the
    whole file, and whether what they cover is as it was signed.

    `covers_all` is None where the signature that does may stand in a field that cannot be read or was not looked at.
    `is_intact` is False where one of them covers bytes that were changed, or where there is none; else None where one
    cannot be judged: a field that cannot be read, or more fields than are looked at (1,000).

    Whose they are, and whether to trust them, is for a PDF reader to tell.
    """

    count: int
    waiting: int
    covers_all: bool | None
    is_intact: bool | None


def find_signatures(data: bytes) -> FoundSignatures:
    """Return what there is of signatures in a PDF; nothing for what cannot be read."""
    import pikepdf

    unreadable = (pikepdf.PdfError, pikepdf.PasswordError, AttributeError, KeyError, TypeError, ValueError)
    ranges: list[tuple[int, ...]] = []
    intact: list[bool | None] = []
    waiting = 0
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            form = pdf.Root.get("/AcroForm")
            roots = form.get("/Fields") if form is not None else None
            fields = [*islice(_each_field(roots, set()), _MOST_FIELDS + 1)] if roots is not None else []
            for field in fields[:_MOST_FIELDS]:
                try:
                    if field.get("/FT") != "/Sig":
                        continue
                    if "/V" not in field:
                        waiting += 1
                        continue
                    start, length, behind, rest = (int(number) for number in field.V.ByteRange)
                    signed = data[start : start + length] + data[behind : behind + rest]
                    judged = _is_as_signed(signed, bytes(field.V.Contents))
                except unreadable:
                    # What is wrong with one field says nothing of the others.
                    intact.append(None)
                else:
                    ranges.append((start, length, behind, rest))
                    intact.append(judged)
    except unreadable:
        return FoundSignatures(0, 0, False, None)
    covers_all: bool | None = any(
        start == 0 and behind + rest == len(data) and _is_one_string(data[length:behind])
        for start, length, behind, rest in ranges
    )
    there_may_be_more = len(fields) > _MOST_FIELDS
    if not covers_all and (there_may_be_more or len(ranges) < len(intact)):
        covers_all = None
    is_intact = False if False in intact else None if None in intact or there_may_be_more else bool(intact)
    return FoundSignatures(len(intact), waiting, covers_all, is_intact)


def _is_one_string(left_out: bytes) -> bool:
    """Return whether what a signature leaves out is nothing but the signature itself, in hexadecimal."""
    return re.fullmatch(rb"<[0-9A-Fa-f\s]*>", left_out) is not None


def _each_field(fields: pikepdf.Object, seen: set[tuple[int, int]], depth: int = 0) -> Iterator[pikepdf.Object]:
    """Yield fields and the fields in them, each once; one may be among its own kids."""
    import pikepdf

    for field in fields:
        if not isinstance(field, pikepdf.Dictionary) or (field.is_indirect and field.objgen in seen):
            continue
        seen.add(field.objgen)
        yield field
        kids = field.get("/Kids")
        if isinstance(kids, pikepdf.Array) and depth < _MOST_LEVELS:
            yield from _each_field(kids, seen, depth + 1)


def _is_as_signed(signed: bytes, contents: bytes) -> bool | None:
    """Return whether bytes have the digest that their signature holds (RFC 5652, messageDigest); None without one."""
    found = _MESSAGE_DIGEST.search(contents)
    algorithm = _DIGESTS.get(found[1][0]) if found else None
    if found is None or algorithm is None:
        return None
    return contents[found.end() : found.end() + found[1][0]] == hashlib.new(algorithm, signed).digest()


def _describe(document: Document, place: SigningPlace) -> str:
    """Return what a screen reader says of a field, in the words of the page."""
    signature = document.signatures[place.signature]
    party = " ".join(signature.party.split())
    signs = signature.signatory.replace("_", "").strip(" ,:")
    what = {"signature": signs, "date": f"{signs}: {signature.date_label}", "title": signs}[place.kind]
    return f"{party}: {what}"


def _empty_look(pdf: pikepdf.Pdf, place: SigningPlace) -> pikepdf.Object:
    from pikepdf import Array, Name

    box = Array([0, 0, round(place.width, 2), round(place.height, 2)])
    return pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=box)


def _find_holder(
    tree: pikepdf.Object, numbers: pikepdf.Object, page: pikepdf.Page, place: SigningPlace
) -> pikepdf.Object:
    """Return the element of the text beside a place; the whole document where the layout does not tell."""
    from pikepdf import Array

    if place.mcid is not None:
        key = int(page.obj.StructParents)
        at = next(at for at in range(0, len(numbers), 2) if int(numbers[at]) == key)
        return numbers[at + 1][place.mcid]
    return tree.K[0] if isinstance(tree.K, Array) else tree.K


def _add_kid(holder: pikepdf.Object, element: pikepdf.Object) -> None:
    from pikepdf import Array

    if not isinstance(holder.K, Array):
        holder.K = Array([holder.K])
    holder.K.append(element)


def _add_font(pdf: pikepdf.Pdf, face: Face) -> pikepdf.Object:
    """Add a font for what people type into forms, and return it: embedded, as PDF/UA asks for."""
    from pikepdf import Array, Dictionary, Name, Stream

    characters = [bytes([code]).decode(_ENCODING, "replace") for code in range(_FIRST_CODE, _LAST_CODE + 1)]
    program = face.subset_of_text("".join(char for char in characters if char != "\ufffd"))
    scale = 1000 / face.em
    widths = [round(face.width_of_character(char) * 1000, 1) for char in characters]
    box = [round(value * scale) for value in face.read_shorts("head", 36, 38, 40, 42)]
    name = Name(f"/FORMAA+{face.name}")
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=_NONSYMBOLIC,
        FontBBox=Array(box),
        ItalicAngle=0,
        Ascent=round(face.ascent * 1000),
        Descent=round(face.descent * 1000),
        CapHeight=round(face.read_shorts("OS/2", 88)[0] * scale),
        StemV=80,
        FontFile2=pdf.make_indirect(Stream(pdf, program, Length1=len(program))),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.TrueType,
            BaseFont=name,
            FirstChar=_FIRST_CODE,
            LastChar=_LAST_CODE,
            Widths=Array(widths),
            Encoding=Name.WinAnsiEncoding,
            FontDescriptor=pdf.make_indirect(descriptor),
        )
    )


def _save(pdf: pikepdf.Pdf) -> bytes:
    import pikepdf

    buffer = io.BytesIO()
    pdf.save(buffer, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.preserve)
    return buffer.getvalue()

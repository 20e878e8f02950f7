"""Documents made ready to sign: form fields of a PDF that can be signed, and marks of signing services that nobody sees."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from commands import run_here
from conftest import ROOT, need, run, word_pdfs
from deals import REFERENCE, reference
from pdfminer.high_level import extract_pages
from pdfminer.layout import LTChar, LTContainer
from test_own_layout import read_words

from agreementgen import pipeline
from agreementgen.core.problems import InputError, LayoutError
from agreementgen.dealcheck.judging import check_deal
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.signing_services import each_known_mark, read_signing_services
from agreementgen.life.recovery import describe_signatures
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import signing
from agreementgen.render.carrying import find_deal
from agreementgen.render.proofreading import take_out_marks
from agreementgen.render.signing import find_signatures

Build = Callable[..., BuiltAgreement]
VENTURE = (ROOT / "samples" / "three-party-venture.yaml").read_text(encoding="utf-8")
SUPPLY = (ROOT / "samples" / "syrup-supply.yaml").read_text(encoding="utf-8")
# Lines to sign on the one page, blocks on the first of two, and lines of three parties there.
DEALS = {"lines": REFERENCE, "blocks": SUPPLY, "three": VENTURE}
SERVICES = ("adobe", "boldsign", "documenso", "docuseal", "docusign", "dropbox-sign", "signwell")


@pytest.fixture(scope="module")
def plain(build: Build) -> dict[str, BuiltAgreement]:
    return {name: build(deal, ("docx", "pdf")) for name, deal in DEALS.items()}


def sign(built: BuiltAgreement, library: Library, way: str, formats: tuple[str, ...] = ("pdf",)) -> BuiltAgreement:
    return pipeline.build(built.deal, library, formats, sign=way)


@pytest.fixture(scope="module")
def ready(plain: dict[str, BuiltAgreement], library: Library) -> dict[str, BuiltAgreement]:
    return {name: sign(built, library, "pdf") for name, built in plain.items()}


# -- form fields


@pytest.mark.parametrize("name", DEALS)
def test_each_line_to_sign_has_its_field(
    ready: dict[str, BuiltAgreement], plain: dict[str, BuiltAgreement], name: str, tmp_path: Path
) -> None:
    built, count = ready[name], 3 if name == "three" else 2
    assert built.fitted.document.signs_in_blocks == (name == "blocks")
    (tmp_path / "ready.pdf").write_bytes(built.files["pdf"])
    assert "No syntax or stream encoding errors found" in run(need("qpdf"), "--check", tmp_path / "ready.pdf")
    words, text = read_words(built.files["pdf"], tmp_path, "ready")
    assert (words, text) == read_words(plain[name].files["pdf"], tmp_path, "plain")
    with pikepdf.open(io.BytesIO(built.files["pdf"])) as pdf:
        fields = list(pdf.Root.AcroForm.Fields)
        assert [str(field.T) for field in fields] == [
            f"signer{number}_{kind}" for number in range(1, count + 1) for kind in ("signature", "date")
        ]
        assert [str(field.FT) for field in fields] == ["/Sig", "/Tx"] * count
        assert pdf.Root.AcroForm.SigFlags == 1
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        page = pdf.pages[0]
        assert list(page.Annots) == fields
        for field, signature in zip(fields[::2], built.fitted.document.signatures, strict=True):
            assert signature.name in str(field.TU)
            assert signature.party in str(field.TU)
        boxes = [[float(edge) for edge in field.Rect] for field in fields]
        height = float(page.mediabox[3])
    for at, (left, bottom, right, top) in enumerate(boxes):
        # Signatures have all the room there is; dates are typed in the size of the page.
        assert top - bottom == pytest.approx(14, abs=0.02) if at % 2 else top - bottom >= 20
        assert right - left >= 50
        inside = [
            word for (number, word), places in words.items() if number == 0 for box in places
            if left < (box[0] + box[2]) / 2 < right and height - top < (box[1] + box[3]) / 2 < height - bottom
        ]  # fmt: skip
        assert inside == [], "a field stands on words"
    # Below the first line to sign stands who signs (in a block, on the next line).
    first = boxes[0]
    name_box = words[0, built.fitted.document.signatures[0].name.split()[0]][-1]
    assert 0 <= name_box[1] - (height - first[1]) < 8


def test_fields_belong_to_the_structure(ready: dict[str, BuiltAgreement]) -> None:
    with pikepdf.open(io.BytesIO(ready["lines"].files["pdf"])) as pdf:
        numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
        owners = {int(numbers[at]): numbers[at + 1] for at in range(0, len(numbers), 2)}
        for field in pdf.Root.AcroForm.Fields:
            element = owners[int(field.StructParent)]
            assert element.S == "/Form"
            assert element.K.Type == "/OBJR"
            assert element.K.Obj.objgen == field.objgen
            paragraph = element.P
            assert paragraph.S == "/P"
            assert any(isinstance(kid, pikepdf.Dictionary) and kid.objgen == element.objgen for kid in paragraph.K)
            section = paragraph.P
            assert section.S == "/Sect"
            assert field.F == 4
        assert pdf.pages[0].Tabs == "/S"
        assert len(set(owners)) == len(numbers) // 2
        font = pdf.Root.AcroForm.DR.Font.Form
        assert "/FontFile2" in font.FontDescriptor
        assert len(font.Widths) == 224
        assert font.Widths[ord("0") - 32] == font.Widths[ord("9") - 32] > 400


def test_a_title_left_open_has_a_field(build: Build, library: Library) -> None:
    deal = reference(
        (
            "signatory: {name: Lee Okafor, title: President}",
            'signatory: {name: Lee Okafor, title: "title: ____________"}',
        )
    )
    built = sign(build(deal, ("txt",)), library, "pdf")
    with pikepdf.open(io.BytesIO(built.files["pdf"])) as pdf:
        fields = {str(field.T): [float(edge) for edge in field.Rect] for field in pdf.Root.AcroForm.Fields}
    assert list(fields)[-1] == "signer2_title"
    signature, title = fields["signer2_signature"], fields["signer2_title"]
    assert title[3] < signature[1]
    assert signature[0] < title[0] < title[2] < signature[2]


# -- signed


def make_signer() -> Any:
    """Return a signer with a certificate that it has made itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from pyhanko.sign import signers

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Dana Reyes")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(datetime(2026, 1, 1)).not_valid_after(datetime(2126, 1, 1)).add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    packed = serialization.pkcs12.serialize_key_and_certificates(b"x", key, made, None, serialization.NoEncryption())
    return signers.SimpleSigner.load_pkcs12_data(packed, [], None)


def add_signature(data: bytes, field: str, signer: Any) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    meta = signers.PdfSignatureMetadata(field_name=field)
    return bytes(signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(data)), meta, signer=signer).getvalue())


def test_both_parties_sign_and_the_deal_comes_back(ready: dict[str, BuiltAgreement], tmp_path: Path) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    signer = make_signer()
    once = add_signature(ready["lines"].files["pdf"], "signer1_signature", signer)
    signed = add_signature(once, "signer2_signature", signer)
    trust = ValidationContext(trust_roots=[signer.signing_cert])
    judged = [
        validate_pdf_signature(one, trust) for one in PdfFileReader(io.BytesIO(signed)).embedded_signatures
    ]  # fmt: skip
    # The second signer has filled in a form field; that is all that happened to what the first one signed.
    assert [(one.intact, one.valid, one.modification_level.name) for one in judged] == [
        (True, True, "FORM_FILLING"),
        (True, True, "NONE"),
    ]
    (tmp_path / "deal.yaml").write_text(reference(("fee: 10%", "fee: 12%")))

    def recover(data: bytes) -> str:
        (tmp_path / "signed.pdf").write_bytes(data)
        done = run_here("recover", "signed.pdf", "-o", "back.yaml", "--force", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        first, *others = done.stderr.splitlines()
        assert first == "signed.pdf: the document says what it said when it was sent"
        return "\n".join(others)

    whose = "your PDF reader tells whose they are"
    assert recover(ready["lines"].files["pdf"]) == "signed.pdf: not signed yet; 2 fields to sign still empty"
    assert (
        recover(once)
        == f"signed.pdf: 1 digital signature, covering the whole file; 1 field to sign still empty; {whose}"
    )
    assert recover(signed + b"\n% more\n") == (
        f"signed.pdf: 2 digital signatures, and something was added behind the last one; {whose}"
    )
    forged = signed.replace(b"/Creator(agreementgen)", b"/Creator(Agreementgen)")
    at = signed.index(b"<dc:title>")
    forged = signed[:at] + signed[at:].replace(b"Northshore", b"Southshore", 1)
    assert recover(forged) == (
        "signed.pdf: 2 digital signatures, and the signed bytes were CHANGED since: do not rely on it"
    )
    assert recover(signed) == f"signed.pdf: 2 digital signatures, covering the whole file; {whose}"
    done = run_here("compare", "deal.yaml", "signed.pdf", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert '  financial.fee: "12%" -> "10%"  (deal.yaml:46:8, signed.pdf (the deal in it):' in done.stdout
    assert "Key terms\n  changed Referral fee  (because of financial.fee)" in done.stdout
    # What documents do not show is no difference.
    assert done.stdout.count(" -> ") == 4
    assert "2 digital signatures, covering the whole file" in done.stderr


def pdf_with_fields(*fields: dict[str, object]) -> bytes:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        made = [pdf.make_indirect(pikepdf.Dictionary(field)) for field in fields]
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(made))
        buffer = io.BytesIO()
        pdf.save(buffer)
        return buffer.getvalue()


# What holds the digest of other bytes than those of the file.
OF_OTHER_BYTES = bytes.fromhex("06092a864886f70d010904312204 20".replace(" ", "")) + b"x" * 32
CHANGED = {
    "/FT": pikepdf.Name.Sig,
    "/V": pikepdf.Dictionary(ByteRange=[0, 9, 20, 9], Contents=pikepdf.String(OF_OTHER_BYTES)),
}
BROKEN = {"/FT": pikepdf.Name.Sig, "/V": pikepdf.Dictionary()}


def test_a_broken_field_hides_no_changed_bytes() -> None:
    assert find_signatures(pdf_with_fields(CHANGED)).is_intact is False
    for fields in ((CHANGED, BROKEN), (BROKEN, CHANGED)):
        found = find_signatures(pdf_with_fields(*fields, {"/FT": pikepdf.Name.Sig}))
        assert (found.count, found.waiting, found.is_intact) == (2, 1, False)
        assert "2 digital signatures, and the signed bytes were CHANGED" in describe_signatures(found)
    alone = find_signatures(pdf_with_fields(BROKEN))
    assert (alone.count, alone.covers_all, alone.is_intact) == (1, None, None)
    assert describe_signatures(alone) == (
        "1 digital signature, and it cannot be told whether the whole file is covered; whether the signed bytes were"
        " changed cannot be told here; your PDF reader tells whose they are"
    )


def test_a_field_among_its_own_kids_is_one_field() -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        field = pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig))
        field.Kids = pikepdf.Array([field] * 30)
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
        buffer = io.BytesIO()
        pdf.save(buffer)
    found = find_signatures(buffer.getvalue())
    assert (found.count, found.waiting) == (0, 1)


def test_more_fields_than_are_looked_at_are_no_proof() -> None:
    text = pikepdf.Dictionary(FT=pikepdf.Name.Tx)
    assert find_signatures(pdf_with_fields({"/Kids": pikepdf.Array([text] * 999)})).count == 0
    # Behind so many fields a signature may stand that was not looked at.
    found = find_signatures(pdf_with_fields({"/Kids": pikepdf.Array([text] * 1_000)}, CHANGED))
    assert (found.count, found.is_intact) == (0, None)
    assert describe_signatures(found) == (
        "it has more form fields than are looked at: whether it is signed cannot be told here"
    )


# -- marks


def places_of(words: dict[Any, Any], known: dict[Any, Any]) -> dict[Any, Any]:
    """Return where the known words stand, in the order of the page: that of the file may be another."""
    return {key: sorted(boxes) for key, boxes in words.items() if key in known}


def marked_characters(data: bytes, marks: tuple[str, ...]) -> dict[str, set[object]]:
    """Return the colors in which each mark stands on the pages."""
    chars: list[LTChar] = []

    def walk(item: object) -> None:
        if isinstance(item, LTChar):
            chars.append(item)
        elif isinstance(item, LTContainer):
            for one in item:
                walk(one)

    from pdfminer.layout import LAParams

    for page in extract_pages(io.BytesIO(data), laparams=LAParams(all_texts=True)):
        walk(page)
    # A ligature is one sign and several letters.
    colored = [(letter, char.graphicstate.ncolor) for char in chars for letter in char.get_text()]
    text = "".join(letter for letter, _ in colored)
    found: dict[str, set[object]] = {}
    for mark in marks:
        assert text.count(mark) == 1, mark
        at = text.index(mark)
        found[mark] = {color for _, color in colored[at : at + len(mark)]}
    return found


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("name", DEALS)
def test_marks_move_no_line_of_the_pdf(
    plain: dict[str, BuiltAgreement], library: Library, name: str, service: str, tmp_path: Path
) -> None:
    built = sign(plain[name], library, service)
    assert built.signing
    marks = tuple(built.signing.each_mark())
    assert len(marks) == 2 * len(built.fitted.document.signatures)
    assert set(map(str, marked_characters(built.files["pdf"], marks).values())) <= {"{(1.0, 1.0, 1.0)}", "{(1, 1, 1)}"}
    words, _ = read_words(built.files["pdf"], tmp_path, "marked")
    before, _ = read_words(plain[name].files["pdf"], tmp_path, "plain")
    assert places_of(words, before) == places_of(before, before)
    assert {word for key, _ in words.items() if key not in before for word in [key[1]]} <= set(" ".join(marks).split())
    found = find_deal(built.files["pdf"])
    assert found.is_unchanged
    assert found.text == find_deal(plain[name].files["pdf"]).text


@pytest.mark.office
def test_marks_move_no_line_of_the_word_file(
    plain: dict[str, BuiltAgreement], library: Library, tmp_path: Path
) -> None:
    services = {"lines": ("docusign", "docuseal", "adobe"), "blocks": ("docuseal", "dropbox-sign"), "three": ("adobe",)}
    made = {
        f"{name}-{service}": sign(plain[name], library, service, ("docx",))
        for name, wanted in services.items() for service in wanted
    }  # fmt: skip
    files = {name: built.files["docx"] for name, built in made.items()}
    pdfs = word_pdfs(files | {name: built.files["docx"] for name, built in plain.items()}, tmp_path)
    for name, built in made.items():
        assert built.signing
        marks = tuple(built.signing.each_mark())
        before, _ = read_words(pdfs[name.split("-")[0]], tmp_path, "plain")
        words, _ = read_words(pdfs[name], tmp_path, "marked")
        assert places_of(words, before) == places_of(before, before), name
        colors = marked_characters(pdfs[name], marks)
        assert {str(color) for color in colors.values()} <= {
            "{1}",
            "{(1,)}",
            "{1.0}",
            "{(1.0, 1.0, 1.0)}",
            "{(1, 1, 1)}",
        }, name
        heights = {word: box for (_, word), boxes in words.items() if word in marks for box in boxes}
        for mark, box in heights.items():
            assert box[3] - box[1] > 2, mark


def test_build_names_the_marks_and_writes_who_signs(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(REFERENCE)
    done = run_here("build", "deal.yaml", "--sign", "docusign", "-o", "out", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)
    assert told["sign"] == "docusign"
    assert told["invisible"] == ["/sn1/", "/ds1/", "/sn2/", "/ds2/"]
    assert "invisible text for Docusign, in white at the lines to sign: /sn1/ /ds1/ /sn2/ /ds2/" in done.stderr
    sheet = json.loads((tmp_path / "out" / "deal-recipients.json").read_text())
    assert sheet["documents"] == ["deal.docx", "deal.pdf"]
    assert sheet["recipients"] == [
        {
            "order": 1, "role": "signer", "party": "Northshore Web Studio LLC", "name": "Dana Reyes",
            "title": "Managing Member", "email": "dana@northshore.example",
            "signature mark": "/sn1/", "date mark": "/ds1/",
        },
        {
            "order": 2, "role": "signer", "party": "Bay Rank Digital, Inc.", "name": "Lee Okafor",
            "title": "President", "email": "lee@bayrank.example",
            "signature mark": "/sn2/", "date mark": "/ds2/",
        },
    ]  # fmt: skip
    # The Word file comes back as it was sent, and its marks are no words of it.
    done = run_here("compare", "deal.yaml", "out/deal.docx", folder=tmp_path)
    assert done.stdout == "Nothing was changed: each row and clause says what was sent.\n", done.stderr
    done = run_here("build", "deal.yaml", "--sign", "hellosign", "-o", "out", folder=tmp_path)
    assert done.returncode == 2
    assert '"hellosign" is no signing service' in done.stderr
    done = run_here("build", "deal.yaml", "--sign", "pdf", "-f", "docx", "-o", "out", folder=tmp_path)
    assert "--sign pdf puts form fields into the PDF" in done.stderr
    done = run_here("build", "deal.yaml", "--sign", "docusign", "-f", "txt", "-o", "text", folder=tmp_path)
    assert done.returncode == 2
    assert "--sign docusign puts marks into the Word file and the PDF: add docx or pdf to -f" in done.stderr
    assert not (tmp_path / "text").exists()


def test_a_second_signer_and_a_guarantor_are_recipients(build: Build, library: Library) -> None:
    deal = reference(
        ("signatory: {name: Lee Okafor, title: President}",
         "signatory: {name: Lee Okafor, title: President}\n    second signatory: {name: Jo Hale, title: Treasurer}\n"
         "    guarantor: {name: Ana Okafor}"),
    )  # fmt: skip
    built = sign(build(deal, ("txt",)), library, "documenso", ("txt",))
    assert built.signing
    told = signing.list_recipients(built.deal, built.fitted.document, built.signing)
    assert [(one["name"], one["role"], one["email"], one["signature mark"]) for one in told] == [
        ("Dana Reyes", "signer", "dana@northshore.example", "{{signature, r1}}"),
        ("Lee Okafor", "signer", "lee@bayrank.example", "{{signature, r2}}"),
        ("Jo Hale", "second signer", "", "{{signature, r3}}"),
        ("Ana Okafor", "guarantor", "", "{{signature, r4}}"),
    ]


def test_a_fact_with_a_mark_is_a_finding(library: Library) -> None:
    assert tuple(sorted(read_signing_services(library))) == SERVICES
    for mark in each_known_mark(library, 1):
        deal = pipeline.read(
            REFERENCE.replace("joint proposals", f'"joint {mark} proposals"').encode(), "deal.yaml", library
        )
        found = [one.problem.message for one in check_deal(deal, library).findings if one.rule.id == RULE]
        assert len(found) == 1, mark


RULE = "T08"


def test_the_help_names_each_service() -> None:
    done = run_here("build", "--help")
    named = " ".join(done.stdout.split())
    assert f"the marks of a signing service: {', '.join(SERVICES)}." in named


def with_table(library: Library, text: str) -> Library:
    from dataclasses import replace

    name = "templates/signing/services.yaml"
    return replace(library, files={**library.files, name: SourceFile(name, text.encode())})


def test_a_bad_table_of_marks_is_told_with_its_places(build: Build, library: Library) -> None:
    text = "acme:\n  name: Acme\n  documentation: x\n  signature: /s/\n  date: /s{number}/\n  title: /ü{number}/\n  more: 1\n"
    with pytest.raises(Exception, match="all who sign would have the same") as caught:
        read_signing_services(with_table(library, text))
    assert [(p.place.line, p.code) for p in caught.value.problems] == [
        (4, "signing-mark"),
        (6, "signing-mark"),
        (7, "unknown-name"),
    ]  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="no signing service"):
        pipeline.build(build(REFERENCE, ("txt",)).deal, library, ("txt",), sign="acme")


# -- pages of others


def test_pages_of_weasyprint_have_their_fields_and_marks(build: Build, library: Library, tmp_path: Path) -> None:
    """A name in a script that our fonts lack goes to WeasyPrint."""
    need("fc-list")
    for name, deal in {"lines": REFERENCE, "blocks": SUPPLY}.items():
        ours = sign(build(deal, ("txt",)), library, "pdf")
        party = ours.deal.parties[0].name
        other = build(deal.replace(party, f"{party} 桜"), ("pdf",))
        assert other.fitted.pages_by == "weasyprint", name
        theirs = sign(other, library, "pdf")
        places = {place.kind + str(place.signature): place for place in theirs.fitted.laid_out.signing_places}  # type: ignore[union-attr]
        for place in ours.fitted.laid_out.signing_places:  # type: ignore[union-attr]
            near = places[place.kind + str(place.signature)]
            for one, two in zip(
                (place.left, place.top, place.width, place.height),
                (near.left, near.top, near.width, near.height),
                strict=True,
            ):
                assert abs(one - two) < 14, (name, place, near)
        with pikepdf.open(io.BytesIO(theirs.files["pdf"])) as pdf:
            assert len(pdf.Root.AcroForm.Fields) == 4
            document = pdf.Root.StructTreeRoot.K[0]
            assert [str(kid.S) for kid in document.K][-4:] == ["/Form"] * 4
        marked = sign(other, library, "adobe")
        assert marked.signing
        marked_characters(marked.files["pdf"], tuple(marked.signing.each_mark()))
        assert find_deal(marked.files["pdf"]).is_unchanged


def test_a_page_that_hides_its_lines_is_refused(ready: dict[str, BuiltAgreement]) -> None:
    document, places = ready["lines"].fitted.document, ready["lines"].fitted.laid_out.signing_places  # type: ignore[union-attr]
    with pytest.raises(
        LayoutError, match=re.escape("the page does not show where the date of Northshore Web Studio LLC belongs")
    ):
        signing.require_places(document, [place for place in places if place.kind != "date"], "deal.yaml")


def test_a_word_file_that_lacks_a_mark_is_refused() -> None:
    """A firm's template may have lines to sign of its own, where nobody can put a mark."""
    assert take_out_marks("a /sn1/ b /ds1/", ("/sn1/", "/ds1/"), "deal.yaml") == "a  b "
    for text in ("no mark", "/sn1/ and /sn1/"):
        with pytest.raises(LayoutError) as caught:
            take_out_marks(text, ("/sn1/",), "deal.yaml")
        assert caught.value.problems[0].code == "signing-place"


def test_a_pdf_without_a_deal_is_not_compared(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(REFERENCE)
    assert run_here("build", "deal.yaml", "--no-data", "-f", "pdf", folder=tmp_path).returncode == 0
    done = run_here("compare", "deal.yaml", "deal.pdf", folder=tmp_path)
    assert done.returncode == 2
    assert "there is no deal in this document" in done.stderr
    assert "compare it with the Word file" in done.stderr

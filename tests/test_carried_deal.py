"""Documents give their deal back: what they print, and nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pikepdf
import pytest
import yaml
from commands import run_here
from conftest import need, pdf_text, run, word_text
from deals import reference
from test_word_structure import change_body

from agreementgen import pipeline
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import carrying

Build = Callable[..., BuiltAgreement]

# What the other side must not read: comments, what the check knows, a position, an override, an unprinted fact.
SECRETIVE = reference(
    ("agreement: referral", "agreement: referral # our best offer so far\nposition by topic: {liability: pro-first}"),
    (
        "    contact: Dana Reyes\n",
        "    contact: Dana Reyes\n    operates in: [Vermont]\n    regulated fields: [insurance]\n",
    ),
    more="""
overrides:
  - {rule: B04, version: 1, reviewer: Ana Ruiz, reason: they will say yes, date: 2026-11-28}
""",
)


@pytest.fixture(scope="module")
def built(build: Build) -> BuiltAgreement:
    return build(SECRETIVE, ("docx", "pdf"))


def carried_text(data: bytes, folder: Path) -> str:
    """Return what a program that knows nothing of ours finds in a document."""
    if data.startswith(b"%PDF"):
        (folder / "sent.pdf").write_bytes(data)
        run(need("pdfdetach"), "-save", "1", "-o", folder / "deal.txt", folder / "sent.pdf")
        return (folder / "deal.txt").read_text()
    return docx_item(data)


def docx_item(data: bytes) -> str:
    package = docx.Document(io.BytesIO(data)).part.package
    (item,) = (part for part in package.iter_parts() if str(part.partname).startswith("/customXml/item1"))
    from lxml import etree

    return str(etree.fromstring(item.blob).text)


@pytest.mark.parametrize("name", ["docx", "pdf"])
def test_what_is_carried_is_what_is_printed(built: BuiltAgreement, name: str, tmp_path: Path) -> None:
    text = carried_text(built.files[name], tmp_path)
    told = yaml.safe_load(text)
    assert list(told) == ["carried", "program", "clauses", "deal"]
    assert "liability-pro-first" in told["clauses"]
    for secret in ("best offer", "position", "Ana Ruiz", "overrides", "Vermont", "insurance", "#"):
        assert secret not in text, secret
    assert told["deal"]["parties"][0]["contact"] == "Dana Reyes"
    assert told["deal"]["financial"]["fee"] == "10%"
    # The chart is another document.
    assert "raci" not in told["deal"]


def test_the_documents_look_as_without(built: BuiltAgreement, build: Build, library: object, tmp_path: Path) -> None:
    plain = pipeline.build(built.deal, library, ("docx", "pdf"), carry_data=False)  # type: ignore[arg-type]
    assert plain.carried is None
    assert word_text(plain.files["docx"]) == word_text(built.files["docx"])
    assert pdf_text(plain.files["pdf"], tmp_path) == pdf_text(built.files["pdf"], tmp_path)
    with pytest.raises(carrying.NothingCarried):
        carrying.find_deal(plain.files["docx"])
    # Tags, title and language stay: a screen reader reads the PDF as before.
    with pikepdf.open(io.BytesIO(built.files["pdf"])) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-US"
        assert str(pdf.Root.AF[0].AFRelationship) == "/Source"


def test_a_recovered_deal_builds_the_same_agreement(built: BuiltAgreement, build: Build, tmp_path: Path) -> None:
    for name in ("docx", "pdf"):
        (tmp_path / f"sent.{name}").write_bytes(built.files[name])
        done = run_here("recover", f"sent.{name}", "-o", f"{name}.yaml", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{name}.yaml\n"
        assert done.stderr == f"sent.{name}: the document says what it said when it was sent\n"
    text = (tmp_path / "pdf.yaml").read_text()
    assert text == (tmp_path / "docx.yaml").read_text()
    assert yaml.safe_load(text)["position by topic"] == {"liability": "pro-first"}
    again = build(text, ("docx",))
    assert again.fitted.document == built.fitted.document


def test_a_changed_document_is_told(built: BuiltAgreement, tmp_path: Path) -> None:
    changed = change_body(built.files["docx"], lambda xml: xml.replace("net collected revenue", "gross revenue"))
    (tmp_path / "back.docx").write_bytes(changed)
    done = run_here("recover", "back.docx", "-o", "deal.yaml", folder=tmp_path)
    assert "the document was changed since" in done.stderr
    assert yaml.safe_load((tmp_path / "deal.yaml").read_text())["financial"]["base"] == "net collected revenue"
    # Struck and not accepted counts as changed, too.
    struck = change_body(
        built.files["docx"],
        lambda xml: xml.replace("<w:p>", '<w:p><w:ins w:id="900" w:author="X"><w:r><w:t>New </w:t></w:r></w:ins>', 1),
    )
    assert carrying.find_deal(struck).is_unchanged is False
    with pikepdf.open(io.BytesIO(built.files["pdf"])) as pdf:
        pdf.pages[0].contents_add(pdf.make_stream(b"q Q"))
        buffer = io.BytesIO()
        pdf.save(buffer)
    assert carrying.find_deal(buffer.getvalue()).is_unchanged is False


def test_what_others_do_to_files_is_survived(built: BuiltAgreement) -> None:
    buffer = io.BytesIO()
    docx.Document(io.BytesIO(built.files["docx"])).save(buffer)
    assert carrying.find_deal(buffer.getvalue()).is_unchanged is True
    with pikepdf.open(io.BytesIO(built.files["pdf"])) as pdf:
        buffer = io.BytesIO()
        pdf.save(buffer, recompress_flate=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True)
    assert carrying.find_deal(buffer.getvalue()).is_unchanged is True


def test_a_lost_deal_and_a_strangers_file_are_told(built: BuiltAgreement, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(built.files["docx"])) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/_rels/document.xml.rels":
                part = part.replace(b"../customXml/item1.xml", b"styles.xml")
            if not name.startswith("customXml/"):
                new.writestr(name, part)
    bomb = pikepdf.new()
    bomb.attachments["deal.yaml"] = pikepdf.AttachedFileSpec(bomb, b"a: b\n" * 10_000_000, filename="deal.yaml")
    big = io.BytesIO()
    bomb.save(big)
    bad = pikepdf.new()
    bad.attachments["deal.yaml"] = pikepdf.AttachedFileSpec(
        bad, b"carried: 1\ndeal: {agreement: &a referral}", filename="deal.yaml"
    )
    odd = io.BytesIO()
    bad.save(odd)
    other = pikepdf.new()
    other.attachments["deal.yaml"] = pikepdf.AttachedFileSpec(other, b"carried: 9\ndeal: {}", filename="deal.yaml")
    newer = io.BytesIO()
    other.save(newer)
    said = {
        "lost.docx": (buffer.getvalue(), "the deal got lost when another program saved this file"),
        "bomb.pdf": (big.getvalue(), "larger than a deal file may be"),
        "odd.pdf": (odd.getvalue(), "odd.pdf (the deal in it):2:19: "),
        "newer.pdf": (newer.getvalue(), "has a form that this program does not know"),
        "text.pdf": (b"%PDF-1.7 nothing", "the PDF cannot be read"),
        "text.docx": (b"PK\x03\x04nothing", "the file is damaged or cut short"),
        "deal.txt": (b"", "this is no Word file and no PDF"),
    }
    for name, (data, message) in said.items():
        (tmp_path / name).write_bytes(data)
        done = run_here("recover", name, "-o", "deal.yaml", folder=tmp_path)
        assert done.returncode == 2, name
        assert message in done.stderr, done.stderr
        assert not (tmp_path / "deal.yaml").exists()
    done = run_here("recover", "none.docx", "-o", "deal.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("none.docx: there is no such file")


def test_build_says_what_is_in_it_and_leaves_it_out(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(SECRETIVE)
    done = run_here("build", "deal.yaml", "-f", "docx", "-o", "out", folder=tmp_path)
    assert "the deal is in the DOCX: " in done.stderr
    assert run_here("build", "deal.yaml", "-f", "docx", "--no-data", "-o", "bare", folder=tmp_path).returncode == 0
    names = zipfile.ZipFile(tmp_path / "bare" / "deal.docx").namelist()
    assert not [name for name in names if "custom" in name]


def test_build_says_where_a_deal_cannot_be_carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "carry_deal", lambda *_: None)
    (tmp_path / "deal.yaml").write_text(SECRETIVE)
    said = "the deal is not in the DOCX: the answers that may be sent would not make this agreement again"
    for more, expected in (((), said), (("--no-data",), "")):
        done = run_here("build", "deal.yaml", "-f", "docx", "--json", "--force", *more, folder=tmp_path)
        (report,) = json.loads(done.stdout)
        assert (report["carried"], report["not_carried"]) == (None, expected)
        assert done.stderr.count("the deal is not in") == bool(expected)


def test_a_deal_that_comes_back_as_it_was_is_drafted_once(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    drafted = []
    draft = pipeline.draft_agreement
    monkeypatch.setattr(pipeline, "draft_agreement", lambda *rest: drafted.append(1) or draft(*rest))
    text = reference()
    text = text[: text.index("\nraci:")]
    assert build(text, ("docx",)).carried
    assert len(drafted) == 1
    # What the agreement does not print is taken out, and that it makes the same agreement is tried.
    drafted.clear()
    assert build(text.replace("    contact: Dana", "    operates in: [Vermont]\n    contact: Dana"), ("docx",)).carried
    assert len(drafted) == 2

"""An edited Word file comes back: each edit is reported, and what can be read as an answer is proposed."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from commands import run_here
from conftest import ROOT, need
from deals import REFERENCE
from lxml import etree
from test_word_structure import change_body

from agreementgen.life import proposals
from agreementgen.life.proposals import _each_reading
from agreementgen.pipeline import BuiltAgreement

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Build = Callable[..., BuiltAgreement]


@pytest.fixture(scope="module")
def word(build: Build) -> bytes:
    return build(REFERENCE, ("docx",)).files["docx"]


def compare(data: bytes, folder: Path, *more: str) -> str:
    """Return what the program says of a file that came back."""
    (folder / "deal.yaml").write_text(REFERENCE)
    (folder / "back.docx").write_bytes(data)
    done = run_here("compare", "deal.yaml", "back.docx", *more, folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def paragraph_of(root: etree._Element, name: str) -> etree._Element:
    (start,) = (node for node in root.iter(f"{W}bookmarkStart") if node.get(f"{W}name") == name)
    return next(node for node in start.iterancestors() if node.tag == f"{W}p")


def edit(data: bytes, change: Callable[[etree._Element], None]) -> bytes:
    def changed(xml: str) -> str:
        root = etree.fromstring(xml.encode())
        change(root)
        return etree.tostring(root, encoding="unicode")

    return change_body(data, changed)


def make(xml: str) -> etree._Element:
    return etree.fromstring(xml.replace(">", f' xmlns:w="{W[1:-1]}">', 1))


def track(paragraph: etree._Element, kind: str) -> None:
    """Mark all runs of a paragraph as deleted or inserted, and its mark, too."""
    for number, run in enumerate(paragraph.findall(f"{W}r")):
        change = make(f'<w:{kind} w:id="{900 + number}" w:author="Lee"></w:{kind}>')
        run.addprevious(change)
        change.append(run)
        for text in run.findall(f"{W}t") if kind == "del" else ():
            text.tag = f"{W}delText"
    mark = make(f'<w:rPr><w:{kind} w:id="990" w:author="Lee"/></w:rPr>')
    paragraph.find(f"{W}pPr").append(mark)


def test_an_untouched_file_says_so(word: bytes, tmp_path: Path) -> None:
    assert compare(word, tmp_path) == "Nothing was changed: each row and clause says what was sent.\n"


def test_figures_are_proposed_and_written_where_they_stand(word: bytes, tmp_path: Path) -> None:
    def change(xml: str) -> str:
        xml = xml.replace(">10% of net collected revenue<", ">12% of net collected revenue<")
        xml = xml.replace("for 12 months; at most $5,000", "for 18 months; at most $6,500")
        xml = xml.replace("Joint proposals; resale", "Joint proposals; hosting")
        return xml.replace(">12 months<", ">24 months<").replace("will do its listed duties", "shall do its duties")

    said = compare(change_body(word, change), tmp_path, "--apply", "financial.fee", "--apply", "duration.term")
    proposed = re.findall(r'^  ([\w .]+): "(.*)" -> "(.*)"  \(deal\.yaml:\d+:\d+\)$', said, re.MULTILINE)
    assert proposed == [
        ("scope.excluded.2", "resale", "hosting"),
        ("financial.fee", "10%", "12%"),
        ("financial.window", "12 months", "18 months"),
        ("financial.cap per client", "$5,000", "$6,500"),
        ("duration.term", "12 months", "24 months"),
    ]
    assert "Left to a person, as new wording or special terms\n  Responsibilities\n" in said
    meant = REFERENCE.replace("  fee: 10%", "  fee: 12%").replace("  term: 12 months", "  term: 24 months")
    # Comments, order and quotes of all other answers stay.
    assert (tmp_path / "deal.yaml").read_text() == meant
    done = run_here("compare", "deal.yaml", "back.docx", "--apply", "venue", folder=tmp_path)
    assert done.returncode == 2
    assert 'nothing is proposed for "venue"' in done.stderr


def test_answers_in_a_text_of_commas_are_found_without_trying_all_ways() -> None:
    """Between five answers with commas between them, 700 commas can be divided in a thousand million ways."""
    forms = [(form, (form,)) for form in ("10 days", "20 days", "30 days", "40 days", "50 days")]
    old = "Pay in 10 days, 20 days, 30 days, 40 days, 50 days. End"
    assert list(_each_reading(old, f"Pay in {'1,' * 700}. End", forms)) == []
    assert list(_each_reading(old, f"Pay in {', ' * 200}, 50 days; End", forms)) == []
    assert list(_each_reading(old, f"{old[:-4]}{', ' * 200}Over", forms)) == []
    changed = old.replace("10", "11").replace("30 days", "3 months, at most")
    # The fewest new answers come first.
    best = next(_each_reading(old, changed, forms))
    assert best == {("10 days",): "11 days", ("30 days",): "3 months, at most"}
    all_new = "Pay in 1 day, 2 days, 3 days, 4 days, 5 days. End"
    assert [reading[("50 days",)] for reading in _each_reading(old, all_new, forms)] == ["5 days"]


@pytest.mark.parametrize("looks", [0, 200_000])
def test_words_that_take_too_many_looks_are_no_answers(monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    monkeypatch.setattr(proposals, "_MOST_LOOKS", looks)
    forms = [(form, (form,)) for form in ("10 days", "20 days")]
    found = list(_each_reading("In 10 days, 20 days.", "In 1, 2, 3, 4 days, 5 days.", forms))
    assert bool(found) == (looks > 0)


def test_clauses_and_rows_that_come_and_go_are_told(word: bytes, tmp_path: Path) -> None:
    def change(root: etree._Element) -> None:
        gone = paragraph_of(root, "ag_clause_brand")
        track(gone, "del")
        row = next(n for n in paragraph_of(root, "ag_row_cap").iterancestors() if n.tag == f"{W}tr")
        cells = row.findall(f"{W}tc")
        label = next(
            i for i, cell in enumerate(cells) if cell.find(f".//{W}bookmarkStart[@{W}name='ag_row_cap']") is not None
        )
        for cell in cells[label : label + 2]:
            for run in list(cell.iter(f"{W}r")):
                run.getparent().remove(run)
        made = make(
            '<w:p><w:pPr><w:pStyle w:val="Clause"/></w:pPr><w:r><w:t>Audits. Each party may ask for the books.</w:t></w:r></w:p>'
        )
        paragraph_of(root, "ag_clause_exit").addnext(made)
        renamed = paragraph_of(root, "ag_clause_confidentiality")
        next(renamed.iter(f"{W}t")).text = "Secrets."

    said = compare(edit(word, change), tmp_path)
    lines = said.split("\n")
    assert (
        len([line for line in lines if re.fullmatch(r"dropped clause .*brand.*  \(tracked\)", line, re.IGNORECASE)])
        == 1
    )
    assert "dropped key term Liability limit" in lines
    assert "added clause Audits" in lines
    assert "  Audits. Each party may ask for the books." in lines
    assert "changed clause Confidentiality" in lines
    assert any(line.startswith("  [-Confidentiality-]{+Secrets+}.") for line in lines)
    # Nothing else is told.
    assert len([line for line in lines if re.match(r"(changed|added|dropped|unchanged) ", line)]) == 4
    assert "Elsewhere" not in said


def test_comments_stand_at_their_clause(word: bytes, tmp_path: Path) -> None:
    file = docx.Document(io.BytesIO(word))
    clause = next(paragraph for paragraph in file.paragraphs if paragraph.text.startswith("Confidentiality."))
    file.add_comment(clause.runs[-1], text="Three years are too long", author="Lee", initials="L")
    buffer = io.BytesIO()
    file.save(buffer)
    said = compare(buffer.getvalue(), tmp_path)
    assert said == "unchanged clause Confidentiality\n  comment of Lee: Three years are too long\n"


def test_merged_and_split_clauses_are_doubtful(word: bytes, tmp_path: Path) -> None:
    def change(root: etree._Element) -> None:
        first, second = paragraph_of(root, "ag_clause_scope"), paragraph_of(root, "ag_clause_responsibilities")
        for node in list(second)[1:]:
            first.append(node)
        second.getparent().remove(second)

    said = compare(edit(word, change), tmp_path)
    assert said.count("two marks stand on one paragraph: they were merged") == 2
    assert "changed clause Scope  (two marks" in said


def test_a_party_and_lines_to_sign_are_looked_at(word: bytes, tmp_path: Path) -> None:
    def change(xml: str) -> str:
        xml = xml.replace("220 Weybosset Street", "1 Main Street", 1)
        return xml.replace("Lee Okafor, President", "Kim Park, President")

    said = compare(change_body(word, change), tmp_path)
    assert "changed party Bay Rank" in said
    assert 'address: "220 Weybosset Street, Providence, RI 02903" -> "1 Main Street, Providence, RI 02903"' in said
    assert "new: By Kim Park, President" in said
    assert "gone: By Lee Okafor, President" in said


def test_a_file_without_marks_is_known_by_its_words(word: bytes, tmp_path: Path) -> None:
    def change(xml: str) -> str:
        return re.sub(r"<w:bookmark(Start|End)[^>]*/>", "", xml).replace("12 months; at", "15 months; at")

    said = compare(change_body(word, change), tmp_path)
    assert 'financial.window: "12 months" -> "15 months"' in said
    assert said.endswith(
        "The file has lost its marks: rows and clauses were known by their labels and headings alone.\n"
    )


def test_a_strangers_file_is_no_answer(build: Build, tmp_path: Path) -> None:
    other = re.sub(r"(?m)^agreement: .*$", "agreement: referral", REFERENCE)
    blank = change_body(
        build(other, ("docx",)).files["docx"],
        lambda xml: re.sub(r"<w:(tbl|p)>.*</w:(tbl|p)>", "", xml, flags=re.DOTALL),
    )
    (tmp_path / "deal.yaml").write_text(REFERENCE)
    (tmp_path / "back.docx").write_bytes(blank)
    done = run_here("compare", "deal.yaml", "back.docx", folder=tmp_path)
    assert done.returncode == 2
    assert "back.docx: this file is not the Word file of this deal: 0 of 40" in done.stderr
    (tmp_path / "back.docx").write_bytes(b"PK nothing")
    assert run_here("compare", "deal.yaml", "back.docx", folder=tmp_path).returncode == 2


def test_a_clause_in_a_content_control_is_where_it_was(word: bytes, tmp_path: Path) -> None:
    def wrap(node: etree._Element, kind: str) -> etree._Element:
        holder = make("<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>" if kind == "sdt" else f"<w:{kind}></w:{kind}>")
        node.addprevious(holder)
        (holder if kind != "sdt" else holder[1]).append(node)
        return holder

    def change(root: etree._Element) -> None:
        wrap(wrap(paragraph_of(root, "ag_clause_scope"), "sdt"), "customXml")
        wrap(paragraph_of(root, "ag_clause_responsibilities"), "smartTag")
        cell = next(n for n in paragraph_of(root, "ag_row_fee").iterancestors() if n.tag == f"{W}tc")
        wrap(cell, "sdt")
        wrap(next(n for n in cell.iterancestors() if n.tag == f"{W}tr"), "sdt")

    assert compare(edit(word, change), tmp_path) == "Nothing was changed: each row and clause says what was sent.\n"

    def add(root: etree._Element) -> None:
        text = "<w:r><w:t>Audits. Each party may ask for the books.</w:t></w:r>"
        made = make(f'<w:p><w:pPr><w:pStyle w:val="Clause"/></w:pPr>{text}</w:p>')
        paragraph_of(root, "ag_clause_exit").addnext(made)
        wrap(made, "sdt")

    said = compare(edit(word, add), tmp_path).split("\n")
    assert [line for line in said if re.match("(changed|added|dropped|moved) ", line)] == ["added clause Audits"]


def test_formulas_and_signs_in_a_clause_are_words_of_it(word: bytes, tmp_path: Path) -> None:
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"

    def change(root: etree._Element) -> None:
        for xml in (
            f'<m:oMath xmlns:m="{math}"><m:r><m:t> less 50%</m:t></m:r></m:oMath>',
            '<w:r><w:sym w:font="Symbol" w:char="F0B9"/></w:r>',
            '<w:r><w:sym w:font="Arial" w:char="00BD"/></w:r>',
        ):
            paragraph_of(root, "ag_clause_scope").append(make(xml))

    said = compare(edit(word, change), tmp_path)
    assert said.startswith("changed clause Scope\n")
    assert "less 50%[sign F0B9 of Symbol]½" in said


def test_words_between_paragraphs_are_told(word: bytes, tmp_path: Path) -> None:
    math = "http://schemas.openxmlformats.org/officeDocument/2006/math"
    choices = "http://schemas.openxmlformats.org/markup-compatibility/2006"

    def add(xml: str) -> str:
        made = make(xml)
        return compare(edit(word, lambda root: paragraph_of(root, "ag_clause_exit").addnext(made)), tmp_path)

    formula = f'<m:oMathPara xmlns:m="{math}"><m:oMath><m:r><m:t>x = 9</m:t></m:r></m:oMath></m:oMathPara>'
    assert add(formula) == "Elsewhere in the file\n  new: x = 9\n"
    words = "<w:p><w:r><w:t>Nobody pays.</w:t></w:r></w:p>"
    assert "{+Nobody pays.+}" in add(f'<w:ins w:id="900" w:author="Lee">{words}</w:ins>')
    choice = f'<mc:Choice Requires="wps">{words}</mc:Choice>'
    assert "{+Nobody pays.+}" in add(f'<mc:AlternateContent xmlns:mc="{choices}">{choice}</mc:AlternateContent>')


def test_a_file_put_into_the_text_is_told(word: bytes, tmp_path: Path) -> None:
    def change(root: etree._Element) -> None:
        paragraph_of(root, "ag_clause_scope").addnext(make('<w:altChunk w:id="5"/>'.replace("/>", "></w:altChunk>")))

    assert compare(edit(word, change), tmp_path) == (
        "Elsewhere in the file\n"
        "  new: another file was put into the text (altChunk); it cannot be read here, look at it in Word\n"
    )


def test_words_of_headers_footers_and_footnotes_are_told(word: bytes, tmp_path: Path) -> None:
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            if name == "word/footer1.xml":
                part = part.replace("version 1", "subject to our terms of trade")
            if name == "word/_rels/document.xml.rels":
                for kind in ("header", "footnotes"):
                    more = f'<Relationship Id="new{kind}" Type="{kinds}/{kind}" Target="{kind}9.xml"/>'
                    part = part.replace("</Relationships>", f"{more}</Relationships>")
            new.writestr(name, part)
        for kind, root, text in (
            ("header", "hdr", "Draft of Bay Rank"),
            ("footnotes", "footnotes", "Net of our own costs."),
        ):
            paragraph = f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
            held = paragraph if kind == "header" else f'<w:footnote w:id="2">{paragraph}</w:footnote>'
            new.writestr(f"word/{kind}9.xml", f'<w:{root} xmlns:w="{W[1:-1]}">{held}</w:{root}>')
    said = compare(buffer.getvalue(), tmp_path).splitlines()
    assert said[0] == "Elsewhere in the file"
    assert sorted(said[1:]) == [
        "  gone from a footer: Referral Agreement · Northshore and Bay Rank · version 1 Page of",
        "  new in a footer: Referral Agreement · Northshore and Bay Rank · subject to our terms of trade Page of",
        "  new in a footnote: Net of our own costs.",
        "  new in a header: Draft of Bay Rank",
    ]


@pytest.mark.office
def test_what_libreoffice_saved_is_read(word: bytes, tmp_path: Path) -> None:
    (tmp_path / "sent.docx").write_bytes(change_body(word, lambda xml: xml.replace("12 months; at", "15 months; at")))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        need("soffice"),
        profile,
        "--headless",
        "--convert-to",
        "docx",
        "--outdir",
        tmp_path / "out",
        "sent.docx",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    said = compare((tmp_path / "out" / "sent.docx").read_bytes(), tmp_path)
    changed = [line for line in said.split("\n") if re.match(r"(changed|added|dropped|unchanged) ", line)]
    assert changed == ["changed key term Referral fee"]
    assert 'financial.window: "12 months" -> "15 months"' in said
    assert "Elsewhere" not in said
    assert "lost its marks" not in said


OTHER_PARTIES = (
    ("Northshore Web Studio LLC", "Harbor Street Foods Inc."),
    ("Bay Rank Digital, Inc.", "Elm Court Partners LLC"),
)


@pytest.mark.parametrize("is_carried", [True, False])
def test_the_file_of_another_deal_of_ours_is_refused(
    word: bytes, build: Build, tmp_path: Path, is_carried: bool
) -> None:
    kept = (lambda data: data) if is_carried else without_the_deal
    other = REFERENCE
    for old, new in OTHER_PARTIES:
        assert old in other
        other = other.replace(old, new)
    (tmp_path / "deal.yaml").write_text(other)
    (tmp_path / "channel.yaml").write_text((ROOT / "samples" / "channel.yaml").read_text())
    (tmp_path / "back.docx").write_bytes(kept(change_body(word, lambda xml: xml.replace(">10% of net", ">12% of net"))))
    done = run_here("compare", "deal.yaml", "back.docx", "--apply", "all", folder=tmp_path)
    assert done.returncode == 2, done.stdout
    said = "back.docx: this file is that of another deal: it is not between Harbor Street Foods Inc. or Elm Court"
    assert said in " ".join(done.stderr.split())
    assert (tmp_path / "deal.yaml").read_text() == other
    done = run_here("compare", "channel.yaml", "back.docx", "--apply", "all", folder=tmp_path)
    assert done.returncode == 2, done.stdout
    assert (
        "back.docx: this file is that of another deal: the kind of its agreement is referral, not channel"
        in done.stderr
    )
    # One party of another name, in the file or in the deal, leaves it the same deal.
    for renamed in (REFERENCE, REFERENCE.replace("Bay Rank Digital, Inc.", "Bay Ranking, Inc.")):
        (tmp_path / "deal.yaml").write_text(renamed)
        changed = change_body(word, lambda xml: xml.replace("Northshore Web Studio LLC", "Northshore Media LLC"))
        (tmp_path / "back.docx").write_bytes(kept(changed) if renamed == REFERENCE else word)
        assert run_here("compare", "deal.yaml", "back.docx", folder=tmp_path).returncode == 0


def test_the_pdf_of_another_deal_is_refused(build: Build, tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text((ROOT / "samples" / "channel.yaml").read_text())
    (tmp_path / "back.pdf").write_bytes(build(REFERENCE, ("pdf",)).files["pdf"])
    done = run_here("compare", "deal.yaml", "back.pdf", folder=tmp_path)
    assert done.returncode == 2
    assert (
        "back.pdf: this file is that of another deal: the kind of its agreement is referral, not channel" in done.stderr
    )


def without_the_deal(data: bytes) -> bytes:
    """Return a Word file as another program saves it, which keeps neither the deal nor its digest."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for item in old.infolist():
            text = old.read(item)
            if item.filename.startswith("customXml/item") and "Props" not in item.filename:
                text = b"<nothing/>"
            if item.filename == "docProps/custom.xml":
                text = text.replace(b"agreementgen deal", b"nothing")
            new.writestr(item.filename, text)
    return made.getvalue()

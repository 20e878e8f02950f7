"""Word files that a firm lays out itself: any decent one becomes a template, and what it does not print is named."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import docx
import packs
import pytest
from conftest import ROOT, word_text
from deals import REFERENCE
from docx.shared import Inches, Pt, RGBColor

from agreementgen import pipeline
from agreementgen.core.problems import PackError
from agreementgen.ooxml import open_package
from agreementgen.packs.layering import open_library
from agreementgen.pipeline import BuiltAgreement

WHOLE = (
    "{{ title }} {{ subtitle }}",
    "{{p parties }}",
    "{{p key_terms }}",
    "{{p clauses }}",
    "{{p signatures }}",
)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def written(*lines: str) -> docx.document.Document:
    """Return a file of python-docx, which has none of our styles, with a paragraph for each line."""
    word = docx.Document()
    for line in lines:
        word.add_paragraph(line)
    return word


def saved(word: docx.document.Document) -> bytes:
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def with_parts(data: bytes, changes: dict[str, tuple[str, str]], added: dict[str, str] | None = None) -> bytes:
    """Return a file with text replaced in some of its parts, and parts added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            if name in changes:
                before, after = (text.encode() for text in changes[name])
                assert before in part
                part = part.replace(before, after, 1)
            new.writestr(name, part)
        for name, text in (added or {}).items():
            new.writestr(name, text)
    return buffer.getvalue()


def build(tmp_path: Path, data: bytes, deal: str = REFERENCE) -> BuiltAgreement:
    pack = packs.write(tmp_path / "acme-law", {"templates/layout/agreement.docx": data})
    library = open_library((pack,))
    return pipeline.build(pipeline.read(deal.encode(), "deal.yaml", library), library, ("docx",))


def test_a_file_without_our_styles_is_a_template(tmp_path: Path) -> None:
    word = written(*WHOLE)
    word.styles["Normal"].font.name = "Georgia"
    built = build(tmp_path, saved(word))
    text = word_text(built.files["docx"])
    assert "Referral Agreement Effective date: December 1, 2026" in text
    assert "Northshore" in text
    assert not [problem for problem in built.warnings if problem.code == "word-not-printed"]
    remarks = open_library((tmp_path / "acme-law",)).remarks
    assert [remark.message for remark in remarks] == [
        "this Word file is used as a template (added: 59 styles and the list that numbers the clauses)"
    ]
    made = docx.Document(io.BytesIO(built.files["docx"]))
    assert made.styles["Agreement Body"].font.name == "Georgia"


def test_a_style_of_the_firm_with_one_of_our_names_keeps_its_look(tmp_path: Path) -> None:
    word = written(*WHOLE)
    style = word.styles.add_style("Clause", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    style.font.size, style.font.color.rgb = Pt(17), RGBColor(0xAA, 0, 0)
    word.add_paragraph("In our own hand", style="Clause")
    made = docx.Document(io.BytesIO(build(tmp_path, saved(word)).files["docx"]))
    (own,) = (paragraph for paragraph in made.paragraphs if paragraph.text == "In our own hand")
    assert (own.style.name, own.style.font.size) == ("Clause of the firm", Pt(17))
    assert any(paragraph.style.name == "Clause" for paragraph in made.paragraphs)


def _with_notes(*notes: str) -> bytes:
    """Return a template with a note at the foot for each text; the first alone is referred to."""
    head = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    inside = '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    for number, note in enumerate(notes, 1):
        inside += f'<w:footnote w:id="{number}"><w:p><w:r><w:t>{note}</w:t></w:r></w:p></w:footnote>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    return with_parts(
        saved(written("HERE", *WHOLE)),
        {
            "[Content_Types].xml": (
                "</Types>",
                f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>',
            ),
            "word/_rels/document.xml.rels": (
                "</Relationships>",
                f'<Relationship Id="rId77" Type="{relation}" Target="footnotes.xml"/></Relationships>',
            ),
            "word/document.xml": ("<w:t>HERE</w:t>", '<w:t>Notes</w:t></w:r><w:r><w:footnoteReference w:id="1"/>'),
        },
        {"word/footnotes.xml": f'<?xml version="1.0" encoding="UTF-8"?><w:footnotes {head}>{inside}</w:footnotes>'},
    )


def test_notes_are_filled_in_and_those_without_a_reference_go(tmp_path: Path) -> None:
    built = build(tmp_path, _with_notes("As of {{ effective }}.", "Nobody refers to {{ title }}."))
    notes = zipfile.ZipFile(io.BytesIO(built.files["docx"])).read("word/footnotes.xml").decode()
    assert "".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", notes)) == "As of December 1, 2026."
    assert "w:separator" in notes


def test_days_are_counted_from_a_date(tmp_path: Path) -> None:
    """Word makes quotes round; December 1, 2026, and a month of 31 days."""
    built = build(
        tmp_path,
        saved(
            written("Due {{ effective|plus(‘30 days’) }}, last {{ effective|plus('1 month')|minus(“1 day”) }}", *WHOLE)
        ),
    )
    assert "Due December 31, 2026, last December 31, 2026" in word_text(built.files["docx"])


def test_a_mistake_in_a_note_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        build(tmp_path, _with_notes("As of {{ efective }}."))
    (problem,) = refused.value.problems
    assert problem.field == 'footnote, paragraph 2 ("As of {{ efective }}.")'
    assert (problem.message, problem.hint) == ('"efective" is not a fact', 'did you mean "effective"?')


def test_what_the_pdf_prints_and_the_template_does_not_is_named(tmp_path: Path) -> None:
    names = "{{ parties.first.name }} and {{ parties.second.name }}"
    built = build(
        tmp_path, saved(written("{{ title }}", names, "{{p key_terms }}", "{{p clauses }}", "{{p signatures }}"))
    )
    told = " ".join(problem.message for problem in built.warnings if problem.code == "word-not-printed")
    for fact in ("effective (December 1, 2026)", "parties.1.email", "parties.1.address", "parties.1.entity"):
        assert fact in told


def test_the_number_of_the_page_stays_on_the_page_at_other_margins(tmp_path: Path) -> None:
    word = written(*WHOLE)
    section = word.sections[0]
    section.left_margin = section.right_margin = Inches(1)
    foot = section.footer.paragraphs[0]
    foot.text = "\t\tpage"
    foot.paragraph_format.tab_stops.add_tab_stop(Inches(7.3), docx.enum.text.WD_TAB_ALIGNMENT.RIGHT)
    made = docx.Document(io.BytesIO(build(tmp_path, saved(word)).files["docx"]))
    tabs = made.sections[0].footer.paragraphs[0].paragraph_format.tab_stops
    assert [tab.position for tab in tabs] == [Inches(6.5)]


def test_comments_do_not_go_out_to_clients(tmp_path: Path) -> None:
    word = written(*WHOLE)
    remarked = word.add_paragraph("Remarked")
    word.add_comment(remarked.runs, text="Do not tell them", author="A. Partner", initials="AP")
    built = build(tmp_path, saved(word))
    assert b"Do not tell them" not in b"".join(open_package(built.files["docx"]).parts.values())
    assert "Remarked" in word_text(built.files["docx"])
    (remark,) = open_library((tmp_path / "acme-law",)).remarks
    assert remark.message.endswith("; left out: its comments)")


def test_tracked_changes_are_refused_for_nobody_knows_which_text_holds(tmp_path: Path) -> None:
    data = with_parts(
        saved(written("HERE", *WHOLE)),
        {
            "word/document.xml": (
                "<w:r><w:t>HERE</w:t></w:r>",
                '<w:ins w:id="1" w:author="A"><w:r><w:t>x</w:t></w:r></w:ins>',
            )
        },
    )
    with pytest.raises(PackError, match="tracked changes"):
        build(tmp_path, data)


def test_a_word_file_that_is_not_compressed_is_one(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(written(*WHOLE)))) as old, zipfile.ZipFile(buffer, "w") as new:
        new.writestr("word/document.xml", old.read("word/document.xml"))
        for name in old.namelist():
            if name != "word/document.xml":
                new.writestr(name, old.read(name))
    assert b"wordml" in buffer.getvalue()[:4096]
    assert "Referral Agreement" in word_text(build(tmp_path, buffer.getvalue()).files["docx"])


def test_numbers_of_clauses_take_the_color_of_their_headings(tmp_path: Path) -> None:
    reference = docx.Document(str(ROOT / "templates" / "layout" / "reference.docx"))
    reference.styles["Clause Heading"].font.color.rgb = RGBColor(0x7A, 0x1F, 0x3D)
    pack = packs.write(tmp_path / "acme-law", {"templates/layout/reference.docx": saved(reference)})
    library = open_library((pack,))
    built = pipeline.build(pipeline.read(REFERENCE.encode(), "deal.yaml", library), library, ("docx",))
    numbering = docx.Document(io.BytesIO(built.files["docx"])).part.numbering_part.element
    (level,) = (node for node in numbering.iter(f"{W}lvl") if node.find(f"{W}pStyle").get(f"{W}val") == "Clause")
    assert [(node.tag.removeprefix(W), node.get(f"{W}val")) for node in level.find(f"{W}rPr")] == [
        ("b", None),
        ("bCs", None),
        ("color", "7A1F3D"),
    ]

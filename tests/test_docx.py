"""The Word file is made the way Word people make it."""

from __future__ import annotations

import io
import re
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest
from conftest import ROOT, need, pdf_text, word_pdfs
from deals import REFERENCE, reference
from docx.shared import Pt

from agreementgen.core.problems import PackError
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import docx as writer
from agreementgen.render.measures import Sizes

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Build = Callable[..., BuiltAgreement]


@pytest.fixture(scope="module")
def word(build: Build) -> bytes:
    return build(REFERENCE, ("docx",)).files["docx"]


@pytest.fixture(scope="module")
def opened(word: bytes) -> Any:
    return docx.Document(io.BytesIO(word))


def test_every_paragraph_has_a_named_style_and_no_formatting_of_its_own(opened: Any) -> None:
    body = opened.element.body
    for properties in body.iter(f"{W}pPr"):
        # What stays together is no look, and a firm's own styles know nothing of it.
        kept = (f"{W}sectPr", f"{W}keepNext", f"{W}widowControl")
        ours = [child.tag for child in properties if child.tag not in kept]
        assert ours == [f"{W}pStyle"]
    for properties in body.iter(f"{W}rPr"):
        assert [child.tag for child in properties] == [f"{W}rStyle"]
    used = {node.get(f"{W}val") for tag in ("pStyle", "rStyle", "tblStyle") for node in body.iter(f"{W}{tag}")}
    assert used <= {style.style_id for style in opened.styles}


def test_the_space_between_clauses_stands_behind_them_and_not_inside(build: Build) -> None:
    """Special terms have a list: the space of 1.75 pt that the fit has chosen stands behind its last item."""
    made = docx.Document(io.BytesIO(build(ROOT / "samples/long-names.yaml", ("docx",)).files["docx"]))
    spaces = {
        paragraph.text.split()[0]: paragraph._p.find(f"{W}pPr/{W}spacing").get(f"{W}after")
        for paragraph in made.paragraphs
        if paragraph.style.name.startswith("Clause") and paragraph._p.find(f"{W}pPr/{W}spacing") is not None
    }
    assert spaces == {"Special": "0", "Photographs": "35"}


def test_nothing_stands_between_a_table_that_may_fill_the_first_page_and_the_second_page(build: Build) -> None:
    """A gap there went to the next page, and the clauses to one more."""
    made = docx.Document(io.BytesIO(build(ROOT / "samples/channel.yaml", ("docx",)).files["docx"]))
    terms = next(paragraph for paragraph in made.paragraphs if paragraph.text == "Standard terms")
    assert terms._p.getprevious().tag == f"{W}tbl"
    assert "Silver" in "".join(terms._p.getprevious().itertext())


def test_clauses_are_numbered_by_a_multilevel_list(opened: Any) -> None:
    clauses = [paragraph for paragraph in opened.paragraphs if paragraph.style.name == "Clause"]
    assert len(clauses) == 16
    assert not re.match(r"\d", clauses[0].text)
    style = opened.styles["Clause"].element
    number = style.find(f".//{W}numId").get(f"{W}val")
    numbering = opened.part.numbering_part.element
    concrete = next(n for n in numbering.iter(f"{W}num") if n.get(f"{W}numId") == number)
    abstract_id = concrete.find(f"{W}abstractNumId").get(f"{W}val")
    abstract = next(n for n in numbering.iter(f"{W}abstractNum") if n.get(f"{W}abstractNumId") == abstract_id)
    assert abstract.find(f"{W}multiLevelType").get(f"{W}val") == "multilevel"
    assert [level.find(f"{W}pStyle").get(f"{W}val") for level in abstract.iter(f"{W}lvl")] == ["Clause", "ClauseItem"]


def test_sections_tables_fields(opened: Any, word: bytes) -> None:
    one, two, three = opened.sections
    assert [section.start_type for section in (two, three)] == [0, 0]  # continuous
    columns = [section._sectPr.find(f"{W}cols").get(f"{W}num") for section in (one, two, three)]
    assert columns == [None, "2", None]
    parties, terms, signatures = opened.tables
    assert terms.rows[0]._tr.find(f".//{W}tblHeader") is not None
    assert all(row._tr.find(f".//{W}cantSplit") is not None for table in opened.tables for row in table.rows)
    signed = [cell.tables[0].rows[0].cells for cell in (signatures.rows[1].cells[0], signatures.rows[1].cells[2])]
    assert [[cell.text for cell in cells] for cells in signed] == [
        ["By Dana Reyes, Managing Member", "", "Date"],
        ["By Lee Okafor, President", "", "Date"],
    ]
    name = signatures.rows[1].cells[0].paragraphs[0]
    assert name.style.paragraph_format.keep_with_next
    footer = zipfile.ZipFile(io.BytesIO(word)).read("word/footer1.xml").decode()
    assert 'w:instr=" PAGE "' in footer
    assert 'w:instr=" NUMPAGES "' in footer
    assert "Referral Agreement · Northshore and Bay Rank · version 1" in footer
    assert parties.rows[0].cells[2].text.startswith("Bay Rank Digital, Inc. (Bay Rank)")


def test_properties(opened: Any, build: Build) -> None:
    core = opened.core_properties
    assert core.title == "Referral Agreement: Northshore and Bay Rank"
    assert core.author == ""
    assert core.language == "en-US"
    assert str(core.created) == "2026-12-01 00:00:00+00:00"
    british = reference(("agreement: referral", "agreement: referral\ndrafted by: Bay Rank\nlanguage: en-GB"))
    other = docx.Document(io.BytesIO(build(british, ("docx",)).files["docx"])).core_properties
    assert (other.author, other.language) == ("Bay Rank Digital, Inc.", "en-GB")


def test_the_package_is_valid_open_xml(word: bytes, tmp_path: Path) -> None:
    path = tmp_path / "word.docx"
    path.write_bytes(word)
    audit = Path(sys.executable).with_name("openxml-audit")
    done = subprocess.run([audit, "--policy", "strict", path], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_reference_file_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(ROOT / "script" / "make-reference"))["made"]()
    kept = (ROOT / "templates" / "layout" / "reference.docx").read_bytes()
    # Compressed bytes differ between zlib versions; what is inside must not.
    ours, theirs = (zipfile.ZipFile(io.BytesIO(data)) for data in (made, kept))
    assert ours.namelist() == theirs.namelist()
    assert all(ours.read(name) == theirs.read(name) for name in ours.namelist())


@pytest.mark.office
def test_a_changed_style_changes_the_page(build: Build, library: Any, tmp_path: Path) -> None:
    """A firm that changes a style in reference.docx sees it: nothing is formatted by hand."""
    need("pdffonts")
    firm = docx.Document(io.BytesIO(library.layout["reference.docx"].data))
    firm.styles["Agreement Body"].font.name = "DejaVu Serif"
    buffer = io.BytesIO()
    firm.save(buffer)
    document = build(REFERENCE, ()).fitted.document
    data = writer.write_docx(document, SourceFile("firm.docx", buffer.getvalue()), Sizes(8.5))
    (tmp_path / "firm.pdf").write_bytes(word_pdfs({"firm": data}, tmp_path)["firm"])
    fonts = subprocess.run(["pdffonts", tmp_path / "firm.pdf"], capture_output=True, check=True).stdout.decode()
    assert "DejaVuSerif" in fonts
    assert "Northshore" in pdf_text((tmp_path / "firm.pdf").read_bytes(), tmp_path)


def test_a_missing_style_is_named(build: Build, library: Any) -> None:
    firm = docx.Document(io.BytesIO(library.layout["reference.docx"].data))
    firm.styles["Term Label"].delete()
    buffer = io.BytesIO()
    firm.save(buffer)
    document = build(REFERENCE, ()).fitted.document
    with pytest.raises(PackError, match=r'firm.docx: the style "Term Label" is missing'):
        writer.write_docx(document, SourceFile("firm.docx", buffer.getvalue()), Sizes(9))


def test_boxes_of_four_parties_do_not_touch(build: Build, library: Library) -> None:
    document = build(REFERENCE, ("txt",)).fitted.document
    boxes = tuple(replace(box, name=f"{box.name} {number}") for number in (1, 2) for box in document.parties)
    data = writer.write_docx(replace(document, parties=boxes), library.layout["reference.docx"], Sizes(9))
    word = docx.Document(io.BytesIO(data))
    first, second = word.tables[0].rows
    assert [cells[0].paragraphs[0].style.name for cells in (first.cells, second.cells)] == ["Party Name", "Section Gap"]
    assert second.cells[2].paragraphs[0].style.name == "Section Gap"
    gap = word.styles["Section Gap"].paragraph_format
    assert (gap.line_spacing, gap.space_before, gap.space_after) == (Pt(3), Pt(0), Pt(0))


def test_a4_moves_the_right_edge(build: Build) -> None:
    word = docx.Document(io.BytesIO(build(REFERENCE, ("docx",), "a4").files["docx"]))
    assert [round(section.page_width.mm) for section in word.sections] == [210, 210, 210]
    tab = word.styles["Title"].element.find(f".//{W}tab")
    assert int(tab.get(f"{W}pos")) == round((595.3 - 86.4) * 20)


PARTS_KEPT = ("word/styles.xml", "word/footer1.xml", "docProps/core.xml", "customXml/item1.xml", "docProps/custom.xml")


@pytest.mark.parametrize(
    "changes", [(), (("Northshore Web Studio LLC", "Salt & <Sand> “Co” LLC"), ("effective: 2026-12-01\n", ""))]
)
def test_a_file_over_kept_parts_is_the_one_that_is_made_whole(
    build: Build, library: Any, changes: tuple[tuple[str, str], ...]
) -> None:
    """All parts but the text are made once; whoever writes the whole file with python-docx gets the same."""
    fitted = build(reference(*changes), ()).fitted
    document, sizes, carried = fitted.document, fitted.sizes, "deal: {name: 'A & B <C>'}\n"
    kept = writer.write_docx(document, library.layout["reference.docx"], sizes, 3, carried=carried)
    whole = writer.open_agreement_writer(document, library.layout["reference.docx"], sizes.label_share)
    whole.set_sizes(sizes)
    whole.write_body()
    made = whole.finish(writer.title_of_file(document), 3, carried)
    ours, theirs = (zipfile.ZipFile(io.BytesIO(data)) for data in (kept, made))
    assert ours.testzip() is None
    assert ours.namelist() == theirs.namelist()
    assert {name for name in ours.namelist() if ours.read(name) != theirs.read(name)} == set()
    assert set(PARTS_KEPT) <= set(ours.namelist())
    assert [info.date_time for info in ours.infolist()] == [(1980, 1, 1, 0, 0, 0)] * len(ours.namelist())

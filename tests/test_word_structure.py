"""The Word file knows its rows and clauses again after editing, and looks as it would without that."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from conftest import pdf_text, word_pdfs
from deals import REFERENCE
from lxml import etree

from agreementgen.core.document import Document, Run, TermPair, TermRow
from agreementgen.pipeline import BuiltAgreement
from agreementgen.render import docx as writer
from agreementgen.render.word_structure import StructureNames

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
Build = Callable[..., BuiltAgreement]
_FIELD = r"<w:r><w:fldChar[^>]*/></w:r>|<w:r><w:instrText[^<]*</w:instrText></w:r>"


@pytest.fixture(scope="module")
def word(build: Build) -> bytes:
    return build(REFERENCE, ("docx",)).files["docx"]


def change_body(data: bytes, change: Callable[[str], str]) -> bytes:
    """Return a Word file with the XML of its text changed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, change(part.decode()).encode() if name == "word/document.xml" else part)
    return buffer.getvalue()


def marked_paragraphs(data: bytes) -> dict[str, str]:
    """Return the text of the paragraph that holds the start of each bookmark, by its name."""
    body = docx.Document(io.BytesIO(data)).element.body
    found = {}
    for start in body.iter(f"{W}bookmarkStart"):
        holder = next(node for node in start.iterancestors() if node.tag == f"{W}p")
        found[start.get(f"{W}name")] = "".join(node.text or "" for node in holder.iter(f"{W}t"))
    return found


def test_rows_clauses_and_parties_are_marked(word: bytes) -> None:
    marked = marked_paragraphs(word)
    assert marked["ag_party"] == "Northshore Web Studio LLC (Northshore)"
    assert marked["ag_party_2"] == "Bay Rank Digital, Inc. (Bay Rank)"
    assert marked["ag_row_fee"] == "Referral fee"
    assert marked["ag_row_duties"] == "Northshore"
    assert marked["ag_row_duties_2"] == "Bay Rank"
    assert marked["ag_clause_confidentiality"].startswith("Confidentiality. ")
    assert sum(name.startswith("ag_clause_") for name in marked) == 16
    body = docx.Document(io.BytesIO(word)).element.body
    ids = [node.get(f"{W}id") for node in body.iter(f"{W}bookmarkStart")]
    assert len(ids) == len(set(ids)) == len(marked)
    assert ids == [node.get(f"{W}id") for node in body.iter(f"{W}bookmarkEnd")]


def test_names_are_short_and_all_different(build: Build) -> None:
    document = build(REFERENCE, ()).fitted.document
    long = "what-the-parties-have-agreed-on-regional-"
    ids = (f"{long}prices", f"{long}returns", "goods.list", "goods-list", f"{long}prices")
    rows = tuple(TermPair(TermRow(one, "Label", (Run("Text"),)), None) for one in ids)
    names = StructureNames(Document(**{**vars(document), "terms": rows})).rows
    assert names[2:4] == ("ag_row_goods_list", "ag_row_goods_list_2")
    assert names[4] == f"{names[0]}_2"
    assert len(set(names)) == 5
    assert max(map(len, names)) <= 40


def test_references_are_fields_with_the_number_as_result(word: bytes) -> None:
    document = docx.Document(io.BytesIO(word))
    (paragraph,) = (p for p in document.paragraphs if "outlast" in p.text)
    # Read by a program that knows no fields, the sentence is whole.
    assert "sections 4, 7–10, and 13–15 will outlast it." in paragraph.text
    assert [node.text for node in paragraph._p.iter(f"{W}instrText")] == [
        f" REF ag_clause_{topic} \\r \\h " for topic in ("financial", "exit", "brand", "disputes", "indemnity")
    ]
    names = {node.get(f"{W}name") for node in document.element.body.iter(f"{W}bookmarkStart")}
    targets = [node.text.split()[1] for node in document.element.body.iter(f"{W}instrText")]
    assert set(targets) <= names


def test_a_clause_placed_twice_or_nowhere_leaves_a_file_that_word_opens(build: Build, library: Any) -> None:
    document = build(REFERENCE, ()).fitted.document
    reference = library.layout["reference.docx"]
    agreement = writer.open_agreement_writer(document, reference, 0.12)
    agreement.clear()
    general = next(clause for clause in document.clauses if clause.topic == "general")
    for clause in (general, general):
        agreement.add(*agreement.make_clause(clause))
    data = agreement.finish("Twice", 1)
    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml").decode()
    assert re.findall(r'w:name="(ag_\w+)"', xml) == ["ag_clause_general"]
    assert xml.count("<w:bookmarkEnd") == 1
    # The other clauses are not there: their numbers are text.
    assert "fldChar" not in xml
    assert "instrText" not in xml
    assert len(re.findall("outlast", xml)) == 2


@pytest.mark.office
def test_the_page_looks_as_it_would_without(word: bytes, tmp_path: Any) -> None:
    def strip(xml: str) -> str:
        return re.sub(rf"{_FIELD}|<w:bookmark(Start|End)[^>]*/>|<w:keepNext/>", "", xml)

    printed = word_pdfs({"marked": word, "plain": change_body(word, strip)}, tmp_path)
    marked, plain = (pdf_text(printed[name], tmp_path) for name in ("marked", "plain"))
    assert marked == plain
    assert marked.count("\f") == 1


def _clauses_of(body: Any) -> list[Any]:
    styles = [(p, p.find(f"{W}pPr/{W}pStyle")) for p in body.iter(f"{W}p")]
    return [p for p, style in styles if style is not None and style.get(f"{W}val") == "Clause"]


@pytest.mark.office
def test_lines_to_sign_stay_together_and_numbers_follow_clauses(word: bytes, tmp_path: Any) -> None:
    """Two clauses more, of lengths at which the lines to sign run over; and one clause less."""

    def add_clauses(words: int) -> Callable[[str], str]:
        def change(xml: str) -> str:
            root = etree.fromstring(xml.encode())
            for number in range(2):
                text = f"Added {number}. {'words that were added ' * words}"
                made = f'<w:p xmlns:w="{W[1:-1]}"><w:pPr><w:pStyle w:val="Clause"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
                _clauses_of(root)[2].addnext(etree.fromstring(made))
            return etree.tostring(root, encoding="unicode")

        return change

    def drop_second(xml: str) -> str:
        root = etree.fromstring(xml.encode())
        second = _clauses_of(root)[1]
        second.getparent().remove(second)
        return etree.tostring(root, encoding="unicode")

    files = {f"added-{words}": change_body(word, add_clauses(words)) for words in (10, 18)}
    printed = word_pdfs({**files, "dropped": change_body(word, drop_second)}, tmp_path)
    for name in files:
        signing = "Northshore Web Studio LLC", "Dana Reyes, Managing Member", "Lee Okafor"
        last = pdf_text(printed[name], tmp_path).split("\f")[-2]
        assert [words for words in signing if words not in last] == []
    assert "sections 3, 6–9, and 12–14 will outlast it" in " ".join(pdf_text(printed["dropped"], tmp_path).split())

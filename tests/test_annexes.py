"""A schedule that is a text: an annex behind the agreement, with its letter and heading, alike in PDF, Word and text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx
import letterheads
import office_edits
import packs
import pytest
from conftest import MINIMAL, letters, pages, pdf_text, word_pdfs
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from agreementgen import pipeline
from agreementgen.authoring.pack_check import Narrowing, check_pack
from agreementgen.core.document import runs_of_block
from agreementgen.core.problems import PackError, Problem
from agreementgen.packs.layering import open_library

TOPIC = """title: House
about: Rules for the place where work is done
questions:
  place:
    type: text
    prompt: Where is the work done?
    words: 12
    example: the mill
schedules:
  - id: house_rules
    title: House rules
    when: house.place
    text: |
      Whoever works at {{ house.place|phrase }} keeps these rules until {{ effective|plus('12 months') }}, see {{ ref('general') }}.

      1. Doors are locked:
         1. in the evening,
         2. at noon.
      2. Nobody *smokes*.

      The rules end with the agreement.
"""
CLAUSE = """---
id: house
title: House
version: 1
words: 40
when: house.place
---
The parties keep {{ schedule('house_rules') }}.
"""
SAID = (
    "Schedule A. House rules Whoever works at the old mill keeps these rules until December 1, 2027, see section {general}. "
    "(a) Doors are locked: (i) in the evening, (ii) at noon. (b) Nobody smokes. The rules end with the agreement."
)
DEAL = MINIMAL.read_bytes() + b"\nhouse: {place: the old mill}\n"


def make(folder: Path, topic: str = TOPIC, more: dict[str, str] | None = None) -> Path:
    files = {"clauses/house/topic.yaml": topic, "clauses/house/house.md": CLAUSE, **packs.outline_with("house")}
    return packs.write(folder / "acme-law", {**files, **(more or {})})


@pytest.mark.parametrize(
    "more",
    [{}, {"templates/layout/agreement.css": '@import "built-in/agreement.css";\nh1 { color: #7a1f3d }\n'}],
    ids=["our page", "a firm's page"],
)
def test_an_annex_stands_behind_the_agreement(tmp_path: Path, more: dict[str, str]) -> None:
    library = open_library((make(tmp_path, more=more),))
    made = pipeline.build(pipeline.read(DEAL, "minimal.yaml", library), library, ("pdf", "docx", "txt"))
    general = next(clause.number for clause in made.fitted.document.clauses if clause.topic == "general")
    said = letters(SAID.replace("{general}", str(general)))
    printed = word_pdfs({"annex": made.files["docx"]}, tmp_path)["annex"]
    for pdf in (made.files["pdf"], printed):
        assert said in letters(pdf_text(pdf, tmp_path))
        assert letters("The parties keep Schedule A.") in letters(pdf_text(pdf, tmp_path))
        assert pages(pdf, tmp_path) == made.fitted.pages
    text = letters(made.files["txt"].decode()).replace("-", "")
    assert said in text


def test_without_its_condition_there_is_none(tmp_path: Path) -> None:
    library = open_library((make(tmp_path),))
    made = pipeline.build(pipeline.read(MINIMAL.read_bytes(), "minimal.yaml", library), library, ("txt",))
    assert made.fitted.document.schedules == ()


def test_a_long_annex_takes_pages_of_its_own(tmp_path: Path) -> None:
    long = TOPIC + "".join(
        f"\n      Rule {number}: {'keep the place tidy and quiet, ' * 9}always.\n" for number in range(60)
    )
    library = open_library((make(tmp_path, long),))
    made = pipeline.build(pipeline.read(DEAL, "minimal.yaml", library), library, ("pdf", "docx"))
    printed = word_pdfs({"annex": made.files["docx"]}, tmp_path)["annex"]
    assert pages(made.files["pdf"], tmp_path) == pages(printed, tmp_path) == made.fitted.pages > 3


def test_an_annex_is_no_table_and_its_facts_exist(tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        open_library((make(tmp_path, TOPIC.replace("    when: house.place\n", "    each: goals\n")),))
    assert (
        refused.value.problems[0].message
        == 'a schedule has a "text" or a "file", or a table ("each", "from", "columns", "total")'
    )
    with pytest.raises(PackError) as refused:
        open_library((make(tmp_path / "b", TOPIC.replace("house.place|phrase", "house.plase|phrase")),))
    (problem,) = refused.value.problems
    assert (problem.message, problem.place.line) == ('"house.plase" is not a fact', 14)


# -- the text of a Word file

OF_FILE = re.sub(r"(?s)    text: .*", "    file: rules.docx\n", TOPIC)


def rules() -> Any:
    """Return house rules as a firm writes them in Word: a title, tags cut by the spelling check, lists, a table."""
    word = docx.Document()
    word.add_heading("House rules", 0)
    text = word.add_paragraph("Whoever works at ")
    text.add_run("{{ hou").bold = True
    text.add_run("se.place|phrase }}")
    text.add_run(" keeps these rules until {{ effective|plus(\u2018").italic = False
    text.add_run("12 months\u2019) }}, in 2*3_4 ways, see {{ ref('general') }}.")
    for style, said in (
        ("Heading 1", "Doors"),
        ("List Number", "Doors are locked."),
        ("List Number", "Nobody smokes."),
        ("Normal", "These hold, too:"),
        ("List Bullet", "bring clean shoes"),
        ("List Bullet 2", "of rubber"),
        ("List Bullet", "no dogs"),
        ("List Number", "The rules end with the agreement."),
        ("Normal", "1. This number was typed."),
    ):
        word.add_paragraph(said, style=style)
    table = word.add_table(2, 2)
    for row, texts in enumerate((("Hour", "Who|what"), ("8 a.m.", "{{ parties|listed }}"))):
        for column, said in enumerate(texts):
            table.cell(row, column).text = said
    return word


def make_of_file(folder: Path, word: Any, topic: str = OF_FILE) -> Path:
    pack = make(folder, topic)
    (pack / "clauses" / "house" / "rules.docx").write_bytes(letterheads.saved(word))
    return pack


@pytest.mark.parametrize("saved_by", ["Word", "LibreOffice"])
def test_a_word_file_is_an_annex_in_every_format(tmp_path: Path, saved_by: str) -> None:
    pack = make_of_file(tmp_path, rules())
    if saved_by == "LibreOffice":
        there = pack / "clauses" / "house" / "rules.docx"
        back = office_edits.edit_with_libreoffice({"rules": office_edits.Job(there.read_bytes(), ())}, tmp_path)
        there.write_bytes(back["rules"])
    library = open_library((pack,))
    made = pipeline.build(pipeline.read(DEAL, "minimal.yaml", library), library, ("pdf", "docx", "txt"))
    general = next(clause.number for clause in made.fitted.document.clauses if clause.topic == "general")
    said = letters(
        "Schedule A. House rules Whoever works at the old mill keeps these rules until December 1, 2027, in 2*3_4 ways, see "
        f"section {general}. Doors 1. Doors are locked. 2. Nobody smokes. These hold, too: "
        "\u2022 bring clean shoes \u2013 of rubber \u2022 no dogs 3. The rules end with the agreement. 1. This number was typed. "
        "Hour Who|what 8 a.m. Lind Bakery and Maple Street"
    )
    printed = word_pdfs({"annex": made.files["docx"]}, tmp_path)["annex"]
    for pdf in (made.files["pdf"], printed):
        assert said in letters(pdf_text(pdf, tmp_path))
        assert pages(pdf, tmp_path) == made.fitted.pages
    text = letters(made.files["txt"].decode())
    assert letters("1. Doors are locked. 2. Nobody smokes. These hold, too:") in text
    assert letters("bring clean shoes") in text
    (annex,) = made.fitted.document.schedules
    bold = [run.text for block in annex.blocks for runs in runs_of_block(block) for run in runs if run.bold]
    assert bold[:2] == ["the old mill", "Doors"]


def _with_note(word: Any) -> None:
    run = word.paragraphs[1].add_run()
    run._r.append(OxmlElement("w:footnoteReference"))


def _with_picture(word: Any) -> None:
    word.paragraphs[1].add_run().add_picture(io.BytesIO(letterheads.logo()))


def _with_merged_cells(word: Any) -> None:
    word.tables[0].cell(0, 0).merge(word.tables[0].cell(0, 1))


def _with_date(word: Any) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), " DATE ")
    word.paragraphs[1]._p.append(field)


def _with_tracked_words(word: Any) -> None:
    word.paragraphs[1]._p.append(OxmlElement("w:ins"))


def _with_hidden_words(word: Any) -> None:
    word.paragraphs[1].add_run(" except on Sundays").font.hidden = True


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_with_note, "an annex cannot show a note"),
        (_with_picture, "an annex cannot show a picture or drawing"),
        (_with_merged_cells, "merged cells"),
        (_with_date, "a field of Word's (DATE)"),
        (_with_tracked_words, "an annex cannot show tracked changes"),
        (_with_hidden_words, "hidden or struck-out text"),
    ],
)
def test_what_an_annex_cannot_show_is_refused_with_its_paragraph(
    tmp_path: Path, spoil: Callable[[Any], None], says: str
) -> None:
    word = rules()
    spoil(word)
    with pytest.raises(PackError) as refused:
        open_library((make_of_file(tmp_path, word),))
    problem = refused.value.problems[0]
    assert re.fullmatch(r'paragraph \d+ \(".*"\): ' + re.escape(says), problem.message)
    assert problem.place.file == "acme-law/clauses/house/rules.docx"
    assert problem.code == "annex-not-shown"
    assert problem.hint


def test_a_file_that_is_not_there_and_one_that_nobody_names_are_told(tmp_path: Path) -> None:
    with pytest.raises(PackError) as refused:
        open_library((make_of_file(tmp_path, rules(), OF_FILE.replace("rules.docx", "rule.docx")),))
    unused, missing = refused.value.problems
    assert missing.message == '"rule.docx" is no Word file (.docx) beside this one'
    assert (missing.hint, missing.place.line) == ('did you mean "rules.docx"?', 13)
    assert (unused.message, unused.place.file) == ("no schedule has this file", "acme-law/clauses/house/rules.docx")


def test_facts_in_the_file_must_exist(tmp_path: Path) -> None:
    word = rules()
    word.add_paragraph("At {{ house.plase }}.")
    with pytest.raises(PackError) as refused:
        open_library((make_of_file(tmp_path, word),))
    (problem,) = refused.value.problems
    assert (problem.message, problem.place.file) == ('"house.plase" is not a fact', "acme-law/clauses/house/rules.docx")


def test_the_check_of_a_pack_reads_annexes(tmp_path: Path) -> None:
    """As it reads clauses: conditions, signs, old words, and places that were left open."""
    (unfilled,) = [one for one in _check(make_of_file(tmp_path / "day", rules())) if "rules.docx" in one.place.file]
    assert unfilled.code == "P06"
    assert "there is no day to count from" in unfilled.message
    word = rules()
    word.paragraphs[1].clear()
    clean = make_of_file(tmp_path / "clean", word)
    word.add_paragraph("{% if house.place %}Inside the house. {% endif %}The host shall be called [name].")
    word.add_paragraph("Keys are with the porter ,always.")
    assert not [one for one in _check(clean) if "rules.docx" in one.place.file]
    found = [one for one in _check(make_of_file(tmp_path / "spoilt", word)) if "rules.docx" in one.place.file]
    assert sorted((one.code, one.message.split(":")[0].split(" (")[0]) for one in found) == [
        ("P04", '"house.place" always holds here'),
        ("P13", "a place left open"),
        ("P13", "a space before a sign"),
        ("P13", 'archaic "shall"'),
    ]


def _check(pack: Path) -> tuple[Problem, ...]:
    return check_pack(pack, (), date(2026, 12, 1), narrowing=Narrowing(topics=("house",), kinds=("referral",))).problems


def test_a_firm_with_large_type_alone_may_have_an_annex_on_a_page_of_its_own(tmp_path: Path) -> None:
    """At 10.5 pt the annex would stand below the signatures; a firm that takes no such type is not held to that."""
    long = TOPIC.replace(
        "      The rules end", "      Whoever comes late tells the others by noon.\n\n" * 10 + "      The rules end"
    )
    pack = make(tmp_path, long, {"templates/layout/style.yaml": "sizes: {smallest: 11.5 pt}\n"})
    library = open_library((pack,))
    made = pipeline.build(pipeline.read(DEAL + b"layout: one-page\n", "minimal.yaml", library), library, ("txt",))
    assert (made.fitted.sizes.body, made.fitted.pages) == (12.0, 2)


def test_word_counts_letters_and_roman_numbers_of_any_size(tmp_path: Path) -> None:
    word = rules()
    for list_of_numbers in word.part.numbering_part.element.iter(qn("w:abstractNum")):
        level = list_of_numbers.find(qn("w:lvl"))
        if level.find(qn("w:numFmt")).get(qn("w:val")) == "decimal":
            level.find(qn("w:numFmt")).set(qn("w:val"), "upperRoman")
            level.find(qn("w:start")).set(qn("w:val"), "89")
    library = open_library((make_of_file(tmp_path, word),))
    made = pipeline.build(pipeline.read(DEAL, "minimal.yaml", library), library, ("txt",))
    text = letters(made.files["txt"].decode())
    assert letters("LXXXIX. Doors are locked. XC. Nobody smokes. These hold, too:") in text
    assert letters("XCI. The rules end with the agreement.") in text

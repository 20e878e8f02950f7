"""Packs in other languages: everything printed comes from the pack, and what people type is read in its language."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import packs
import pytest
from conftest import ROOT, pages, pdf_text, word_text

from agreementgen import pipeline
from agreementgen.authoring.pack_check import check_pack
from agreementgen.core.local_reading import LocalReader
from agreementgen.core.problems import PackError
from agreementgen.library.library import read_pack
from agreementgen.packs.layering import open_library
from agreementgen.pipeline import BuiltAgreement

SAMPLES = ROOT / "samples" / "packs"
# Each pack with its sample deal, and the words that Babel writes in its language.
PACKS = {
    "vereda-es": ("referidos.yaml", "de marzo meses días y"),
    "lindenhof-de": ("empfehlung.yaml", "märz monate tage und"),
}
# Words that an English agreement cannot do without, and no name, place or address of the samples has.
ENGLISH = [
    "the",
    "and",
    "of",
    "to",
    "by",
    "with",
    "from",
    "for",
    "each",
    "party",
    "parties",
    "agreement",
    "section",
    "sections",
    "schedule",
    "page",
    "date",
    "name",
    "effective",
    "key",
    "terms",
    "term",
    "law",
    "courts",
    "court",
    "days",
    "months",
    "year",
    "years",
    "percent",
    "notice",
    "written",
    "signed",
    "see",
    "who",
    "what",
    "does",
    "under",
    "this",
    "that",
    "not",
    "is",
    "are",
    "between",
    "if",
    "or",
    "on",
    "as",
    "only",
    "may",
    "must",
    "will",
    "pays",
    "paid",
    "fee",
    "client",
    "clients",
    "formed",
    "company",
    "limited",
    "corporation",
    "liability",
]


@pytest.fixture(scope="module", params=PACKS)
def built(request: pytest.FixtureRequest) -> tuple[Path, bytes, BuiltAgreement]:
    folder = SAMPLES / request.param
    library = open_library((folder,))
    path = folder / "samples" / PACKS[request.param][0]
    deal = pipeline.read(path.read_bytes(), str(path), library)
    return folder, path.read_bytes(), pipeline.build(deal, library, ("docx", "pdf", "txt"))


def _words(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"[^\W\d_]+", text.replace("\u00ad", ""))}


def test_no_english_word_stands_outside_the_facts(built: tuple[Path, bytes, BuiltAgreement], tmp_path: Path) -> None:
    folder, deal, made = built
    own = "\n".join(source.text for name, source in read_pack(folder).files.items() if name.endswith((".yaml", ".md")))
    known = _words(own) | _words(deal.decode()) | set(PACKS[folder.name][1].split())
    texts = {
        "docx": word_text(made.files["docx"]),
        "pdf": pdf_text(made.files["pdf"], tmp_path),
        "txt": made.files["txt"].decode(),
    }
    for form, text in texts.items():
        printed = _words(text)
        assert len(printed) > 150, form
        assert printed - known == set(), form
        assert printed & set(ENGLISH) - _words(deal.decode()) == set(), form


def test_the_sample_fits_one_page_and_has_nothing_to_remark(
    built: tuple[Path, bytes, BuiltAgreement], tmp_path: Path
) -> None:
    folder, _, made = built
    assert made.warnings == ()
    assert pages(made.files["pdf"], tmp_path) == 1
    assert "lawyer" in (folder / "README.md").read_text(encoding="utf-8")


def test_spanish_is_printed_as_it_is_written() -> None:
    folder = SAMPLES / "vereda-es"
    library = open_library((folder,))
    source = (folder / "samples" / "referidos.yaml").read_bytes()
    text = pipeline.build(pipeline.read(source, "deal.yaml", library), library, ("txt",)).files["txt"].decode()
    flat = " ".join(text.split())
    for words in (
        "Fecha de inicio: 1 de marzo de 2027",
        "«posicionamiento»",
        "cláusulas 4–6",
        "la cláusula 4",
        "18 meses",
        "Por Ana Reyes, socia gerente",
        "Jacaranda y Bahía",
    ):
        assert words in flat


def test_german_is_printed_as_it_is_written() -> None:
    folder = SAMPLES / "lindenhof-de"
    library = open_library((folder,))
    source = (folder / "samples" / "empfehlung.yaml").read_bytes()
    text = pipeline.build(pipeline.read(source, "deal.yaml", library), library, ("txt",)).files["txt"].decode()
    flat = " ".join(text.replace("\u00a0", " ").split())
    for words in (
        "Beginn: 1. März 2027",
        "7,5 % der Zahlungen des Kunden, 18 Monate lang; zahlbar binnen 14 Tagen",
        "12.500 € je Partei",
        "„gute Plätze“",
        "Ziffern 4–6",
        "Recht: Deutschland; Gerichtsstand: Hamburg",
        "Nordlicht und Elbsuche",
    ):
        assert words in flat


@pytest.mark.parametrize("pack", PACKS)
def test_only_the_review_by_a_lawyer_is_missing(pack: str) -> None:
    """The check of a pack in another language asks for no English words."""
    report = check_pack(SAMPLES / pack, (), date(2026, 11, 29))
    # P26: what the questionnaire still says in English, which is little: what was added since the last translation.
    assert {problem.code for problem in report.problems} - {"P26"} == {"P23"}
    reviews = {problem.message for problem in report.problems if problem.code == "P23"}
    assert reviews == {"no lawyer has reviewed this clause yet"}
    told = [problem.message for problem in report.problems if problem.code == "P26"]
    assert all(re.fullmatch(r"[34]\d\d of [34]\d\d messages are translated \(9\d %\)", text) for text in told), told


GERMAN, SPANISH = LocalReader("de-DE", "ja", "nein"), LocalReader("es-US", "sí", "no")


@pytest.mark.parametrize(
    ("reader", "kind", "typed", "read"),
    [
        (GERMAN, "date", "1. März 2027", "2027-03-01"),
        (GERMAN, "date", "01.03.2027", "2027-03-01"),
        (GERMAN, "date", "30. Februar 2027", "30. Februar 2027"),
        (SPANISH, "date", "1 de marzo de 2027", "2027-03-01"),
        (SPANISH, "date", "1/3/2027", "1/3/2027"),
        (GERMAN, "duration", "12 Monate", "12 months"),
        (GERMAN, "duration", "90 Tagen", "90 days"),
        (SPANISH, "duration", "un año", "1 years"),
        (GERMAN, "duration", "zwei Jahre", "2 years"),
        (SPANISH, "duration", "seis meses", "6 months"),
        (SPANISH, "duration", "12 months", "12 months"),
        (GERMAN, "yes/no", "nein", "no"),
        (GERMAN, "percent", "7,5 %", "7.5%"),
        (GERMAN, "percent", "7.5%", "7.5%"),
        (GERMAN, "money", "12.500 EUR", "12500 EUR"),
        (GERMAN, "money", "12.500,50 €", "12500.50 €"),
        (SPANISH, "money", "$12,500", "$12,500"),
        (GERMAN, "law", "Deutschland", "Germany"),
        (SPANISH, "region", "México", "Mexico"),
        (GERMAN, "text", "12.500 Besucher", "12.500 Besucher"),
    ],
)
def test_answers_are_read_in_the_language_of_the_pack(reader: LocalReader, kind: str, typed: str, read: str) -> None:
    assert reader.rewrite(typed, kind) == read


def test_choices_are_read_by_the_words_that_are_printed_for_them() -> None:
    assert SPANISH.rewrite("Un porcentaje", "choice", {"percent": "un porcentaje"}) == "percent"
    assert SPANISH.rewrite("percent", "choice", {"percent": "un porcentaje"}) == "percent"


def test_mistakes_in_the_words_of_a_pack_are_told(tmp_path: Path) -> None:
    words = "section: Ziffer\nquotes: „“\npage: Seite {pages} von {page}\nforms: {dative: {day: [Tag]}}\n"
    with pytest.raises(PackError) as refused:
        open_library((packs.write(tmp_path / "acme-law", {"words.yaml": words}),))
    assert [(problem.message, problem.place.line) for problem in refused.value.problems] == [
        ('"section" must have {number}, as in "section {number}"', 1),
        ('"quotes" are four signs: the outer pair and the inner pair', 2),
        ('"page" must have {page} and {pages}, as in "Page {page} of {pages}"', 3),
        ("a form is two words: for one, and for more", 4),
    ]

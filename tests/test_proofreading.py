"""Finished documents are read once more before they are written; each fault planted here is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import MINIMAL, REFERRAL, ROOT, SAMPLES

from agreementgen import pipeline
from agreementgen.core.document import Document, Paragraph, Run
from agreementgen.core.problems import LayoutError
from agreementgen.deal.deal import Deal
from agreementgen.draft.traceability import find_facts_missing_in_word_file, find_untraceable_numbers
from agreementgen.library.library import Library
from agreementgen.render import formats, plain_text, proofreading

CHANNEL = ROOT / "samples" / "channel.yaml"
Build = Callable[..., pipeline.BuiltAgreement]


@pytest.fixture(scope="module")
def drafted(build: Build) -> tuple[Deal, Document]:
    built = build(MINIMAL, ("txt",))
    return built.deal, built.fitted.document


def _faults(deal: Deal, document: Document) -> list[str]:
    try:
        proofreading.proofread_document(deal, document)
    except LayoutError as error:
        assert {problem.code for problem in error.problems} == {"document-faulty"}
        assert all("fault of the program, not of the deal" in problem.hint for problem in error.problems)
        return [problem.message for problem in error.problems]
    return []


def _change_row(document: Document, runs: tuple[Run, ...]) -> Document:
    first = document.terms[0]
    return replace(document, terms=(replace(first, left=replace(first.left, runs=runs)), *document.terms[1:]))


def test_drafted_agreement_has_no_faults(drafted: tuple[Deal, Document]) -> None:
    assert _faults(*drafted) == []


def test_parties_in_each_other_s_place_are_found(drafted: tuple[Deal, Document]) -> None:
    deal, document = drafted
    first, second = (party.name for party in deal.parties)
    assert _faults(deal, replace(document, signatures=document.signatures[::-1])) == [
        f'"{second}" stands where {first} signs',
        f'"{first}" stands where {second} signs',
    ]
    assert _faults(deal, replace(document, parties=document.parties[::-1]))[0].endswith(f"stands where {first} belongs")
    lost = replace(document, signatures=document.signatures[:1])
    assert _faults(deal, lost) == ["2 parties, and lines to sign for 1, where the deal has 2"]


def test_numbers_empty_parts_and_tags_are_found(drafted: tuple[Deal, Document]) -> None:
    deal, document = drafted
    clause = document.clauses[0]
    assert _faults(deal, replace(document, clauses=document.clauses[1:])) == ["clauses are not numbered one by one"]
    empty = replace(clause, blocks=())
    assert _faults(deal, replace(document, clauses=(empty, *document.clauses[1:]))) == [
        "nothing stands in a part of the agreement (clause 1)"
    ]
    # Problems show as a code what nobody could see.
    for tag, shown in (("{{", "{{"), ("%}", "%}"), ("\ue001", "\\ue001")):
        assert _faults(deal, _change_row(document, (Run(f"a {tag} b"),))) == [f'a tag was not filled in: "{shown}"']


@pytest.mark.parametrize("lost", ["party", "row", "clause", "signature", "schedule"])
@pytest.mark.parametrize("name", ["docx", "pdf", "txt"])
def test_file_that_lost_words_is_not_written(
    library: Library, monkeypatch: pytest.MonkeyPatch, name: str, lost: str
) -> None:
    """The writer gets an agreement that lacks a part of what was drafted."""
    path = CHANNEL if lost == "schedule" else REFERRAL
    deal = pipeline.read(path.read_bytes(), path.name, library)
    real = formats.FORMATS

    def without(document: Document) -> Document:
        box, clause = document.parties[0], document.clauses[2]
        return {
            "party": replace(document, parties=(replace(box, lines=box.lines[:-1]), *document.parties[1:])),
            "row": replace(document, terms=document.terms[1:]),
            "clause": replace(
                document,
                clauses=tuple(
                    replace(one, blocks=(Paragraph((Run("Nothing."),)),)) if one is clause else one
                    for one in document.clauses
                ),
            ),
            "signature": replace(
                document, signatures=(replace(document.signatures[0], signatory="J. D."), *document.signatures[1:])
            ),
            "schedule": replace(document, schedules=document.schedules[1:]),
        }[lost]

    def damage(known: formats.Format) -> formats.Format:
        def write(agreement: formats.AgreementToWrite) -> formats.WrittenDocument:
            fitted = agreement.fitted
            return known.write_agreement(replace(agreement, fitted=replace(fitted, document=without(fitted.document))))

        return replace(known, write_agreement=write) if known.write_agreement else known

    if name == "pdf":
        # Pages are drawn of what was laid out.
        document = pipeline.build(deal, library, ("txt",)).fitted.document
        from agreementgen.render import pdf
        from agreementgen.render.fit import Sizes

        laid_out = pdf.lay_out(without(document), library.layout, Sizes(9.0))
        with pytest.raises(LayoutError) as caught:
            proofreading.proofread_files(deal, document, {"pdf": laid_out.read_text})
    else:
        monkeypatch.setattr(pipeline, "FORMATS", tuple(damage(known) for known in real))
        with pytest.raises(LayoutError) as caught:
            pipeline.build(deal, library, (name,))
    messages = [problem.message for problem in caught.value.problems]
    where = {
        "party": "party Northshore",
        "row": "key term ",
        "clause": "clause 3",
        "signature": "signatures",
        "schedule": "schedule A",
    }[lost]
    assert messages[0].startswith(f"the {name.upper()} lacks words of the agreement ({where}")


def test_page_of_a_pack_that_leaves_words_out_is_told_and_written(drafted: tuple[Deal, Document]) -> None:
    deal, document = drafted
    text = plain_text.write_text(replace(document, terms=document.terms[1:]))
    found = proofreading.proofread_files(deal, document, {"pdf": lambda: text}, of_pack=("pdf",))
    assert {(problem.severity, problem.code) for problem in found} == {("W", "document-faulty")}
    assert "pack" in found[0].hint


def test_text_cut_by_a_page_end_is_whole() -> None:
    """A paragraph that goes on behind the foot of a page is all there; one that lacks a word is not."""
    page = proofreading.normalize_text("The parties share costs Page 1 of 2 as Schedule A says.")
    assert proofreading._holds(page, proofreading.normalize_text("The parties share costs as Schedule A says."))
    assert not proofreading._holds(page, proofreading.normalize_text("The parties never share costs as it says."))


def test_number_that_nobody_gave_is_told(library: Library, drafted: tuple[Deal, Document]) -> None:
    deal, document = drafted
    assert find_untraceable_numbers(deal, library, document) == ()
    (found,) = find_untraceable_numbers(deal, library, _change_row(document, (Run("12.5% of $48,213"),)))[1:]
    assert found.message == '"48,213" stands in no answer and in no clause: 12.5% of $48,213'
    assert (found.code, found.severity) == ("not-traceable", "W")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_print_no_number_of_unknown_origin(library: Library, build: Build, path: Path) -> None:
    built = build(path, ("txt",))
    assert [problem.message for problem in built.warnings if problem.code == "not-traceable"] == []


def test_facts_that_a_word_template_leaves_out_are_named(drafted: tuple[Deal, Document]) -> None:
    deal, document = drafted
    text = plain_text.write_text(document)
    assert find_facts_missing_in_word_file(deal, document, text, "agreement.docx") == ()
    box = document.parties[0]
    without = plain_text.write_text(
        replace(document, effective="", parties=(replace(box, lines=()), *document.parties[1:]))
    )
    (found,) = find_facts_missing_in_word_file(deal, document, without, "agreement.docx")
    assert found.severity == "W"
    assert found.message.startswith("the Word file leaves out facts that the PDF prints: ")
    assert "effective (December 1, 2026)" in found.message

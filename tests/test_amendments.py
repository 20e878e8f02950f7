"""Amendments: what changes is restated whole, under the numbers that were signed, and nothing else is in them."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from commands import run_here
from conftest import letters, pages, pdf_text, word_text
from deals import reference

from agreementgen import pipeline
from agreementgen.core.document import Clause, Document, runs_of_block, text_of_document, text_of_runs
from agreementgen.core.problems import InputError, LayoutError
from agreementgen.library.loading import built_in_library
from agreementgen.life.amendment import Amendment, describe_amendment, write_amendment, write_consolidated
from agreementgen.render.fit import FIT_STEPS
from agreementgen.sources import SourcedDeal

JUNE, SEPTEMBER = date(2027, 6, 1), date(2027, 9, 1)
FEE = (("fee: 10%", "fee: 12%"), ("cap per client: $5,000", "cap per client: $7,500"))
GOALS = (
    'goals:\n  - {name: Revenue from referrals, target: "$20,000", period: month}\n'
    "  - {name: Client satisfaction, target: 9 of 10, period: quarter}\n"
)
EXCLUSIVE = (
    "exclusivity: {kind: one-way, bound party: Northshore, scope: search marketing, territory: Essex County, "
    "length: 18 months}"
)


@cache
def source(text: str) -> SourcedDeal:
    library = built_in_library()
    return SourcedDeal("deal.yaml", pipeline.read(text.encode(), "deal.yaml", library), library)


def amend(*texts: str, days: tuple[date, ...] = (JUNE,)) -> Amendment:
    return write_amendment([source(text) for text in texts], days, FIT_STEPS[0])


def words_of(clause: Clause) -> str:
    return " ".join(text_of_runs(runs) for block in clause.blocks for runs in runs_of_block(block))


def sections_of(document: Document) -> dict[str, str]:
    return {clause.heading: words_of(clause) for clause in document.clauses}


def rows_of(document: Document) -> dict[str, str]:
    return {row.label: text_of_runs(row.runs) for row in document.rows}


def test_changed_rows_stand_in_it_and_no_others() -> None:
    document = amend(reference(), reference(*FEE)).fitted.document
    assert rows_of(document) == {
        "Referral fee": "12% of net collected revenue per client, for 12 months; at most $7,500 per client"
    }
    assert (document.title, document.effective) == ("Amendment No. 1 to the Referral Agreement", "June 1, 2027")
    sections = sections_of(document)
    assert list(sections) == ["The agreement", "Key terms", "All else stays", "Signing"]
    assert "effective December 1, 2026. It applies from June 1, 2027;" in sections["The agreement"]
    assert "stays in force" in sections["All else stays"]
    assert [signature.signatory for signature in document.signatures] == [
        "By Dana Reyes, Managing Member",
        "By Lee Okafor, President",
    ]


def test_without_a_day_it_applies_from_the_last_signature() -> None:
    document = amend(reference(), reference(*FEE), days=()).fitted.document
    assert document.effective == ""
    assert "It applies from the day of its last signature;" in sections_of(document)["The agreement"]


def test_a_dropped_row_is_named_and_the_clauses_that_change_with_it_are_restated() -> None:
    document = amend(reference(), reference((GOALS, ""))).fitted.document
    sections = sections_of(document)
    assert sections["Deleted rows"] == "This row of the key terms is deleted: “Goals”."
    assert sections["Section 12, Results"] == (
        "This section now reads: The parties will hold the Reviews. The Referral goal is an aim: a miss is no breach."
    )
    assert "Goals" not in rows_of(document)


def test_sections_keep_the_numbers_they_were_signed_with() -> None:
    """One that is added comes last, one that is deleted leaves its number empty, and no reference moves."""
    added = amend(reference(), reference(more=EXCLUSIVE))
    sections = sections_of(added.fitted.document)
    assert [heading for heading in sections if "ection" in heading] == ["New section 17, Exclusivity"]
    assert sections["New section 17, Exclusivity"].startswith("This section is added: For the work, area and time")
    dropped = amend(reference(), reference(more="leave out: [brand]"))
    sections = sections_of(dropped.fitted.document)
    assert "the others keep their numbers" in sections["Section 10, Brand and intellectual property"]
    # The sections that outlast the agreement are told without the one that went, under the same numbers.
    assert "sections 4, 7–9, and 13–15 will outlast it" in sections["Section 16, General"]


def test_details_of_a_party_are_restated() -> None:
    document = amend(reference(), reference(("dana@northshore", "office@northshore"))).fitted.document
    assert sections_of(document)["Parties"] == (
        "The details of Northshore above take the place of those in the agreement."
    )
    assert "office@northshore.example" in " ".join(document.parties[0].lines)


def test_where_no_row_changes_the_table_says_what_is_amended() -> None:
    document = amend(reference(), reference(more="leave out: [disputes]")).fitted.document
    assert rows_of(document) == {"Agreement": "Referral Agreement, effective December 1, 2026"}
    assert "Key terms" not in sections_of(document)


def test_amendments_follow_each_other() -> None:
    second = amend(reference(), reference(*FEE), reference(*FEE, more=EXCLUSIVE), days=(JUNE, SEPTEMBER))
    document = second.fitted.document
    assert document.title == "Amendment No. 2 to the Referral Agreement"
    assert (
        "as changed by Amendment No. 1 of June 1, 2027. It applies from September 1, 2027;"
        in (sections_of(document)["The agreement"])
    )
    assert list(rows_of(document)) == ["Exclusivity"]
    third = amend(
        reference(), reference(more="leave out: [brand]"), reference(more="leave out: [brand]\n" + EXCLUSIVE),
        reference(more=EXCLUSIVE), days=(JUNE, SEPTEMBER, date(2027, 12, 1)),
    )  # fmt: skip
    # A number that was empty is that of its old section again; 17 was given to the one that came since.
    assert "New section 10, Brand and intellectual property" in sections_of(third.fitted.document)


@pytest.mark.parametrize(
    "changes",
    [
        (FEE, ""),
        (((GOALS, ""), ("territory: Massachusetts and Rhode Island", "territory: New England")), ""),
        ((("window: 12 months", "window: 24 months"),), EXCLUSIVE),
        ((("law: Massachusetts", "law: Rhode Island"), ("Essex County, Mass", "Providence County, Rhode Isl"))[:1], ""),
        ((), "leave out: [brand, disputes]"),
        ((), "special terms: [Neither party works on a Sunday, Each party keeps a log]"),
    ],
)
def test_the_old_agreement_with_the_amendment_is_the_new_one(changes: tuple[tuple[tuple[str, str], ...], str]) -> None:
    """Nothing that changes is left out: what a reader puts together of both papers says what the new file says."""
    edits, more = changes
    amendment = amend(reference(), reference(*edits, more=more))
    old, new = (version.document for version in amendment.versions)
    paper = amendment.fitted.document
    sections = sections_of(paper)
    rows = rows_of(old)
    for label in re.findall("“(.*?)”", sections.get("Deleted rows", "")):
        del rows[label]
    restated = rows_of(paper) if "Key terms" in sections else {}
    assert {**rows, **restated} == rows_of(new)
    texts = {clause.number: words_of(clause) for clause in old.clauses}
    for heading, text in sections.items():
        if number := re.match(r"(?:New s|S)ection (\d+), ", heading):
            del_or_new = re.sub(r"^This section (?:now reads|is added): ", "", text)
            texts[int(number[1])] = del_or_new
            if del_or_new.startswith("This section is deleted"):
                del texts[int(number[1])]
    assert texts == {clause.number: words_of(clause) for clause in new.clauses}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (reference(), "nothing that the agreement prints changes"),
        (reference(("Bay Rank Digital, Inc.", "Harbor SEO, Inc.")), "the parties, or their names, are others"),
        (reference(("effective: 2026-12-01", "effective: 2027-01-01")), "the agreement takes effect changes"),
    ],
)
def test_what_no_amendment_can_change_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError) as refused:
        amend(reference(), text)
    assert [problem.code for problem in refused.value.problems] == ["not-amendable"]
    assert message in refused.value.problems[0].message
    assert refused.value.problems[0].hint


def test_what_takes_more_than_a_page_is_refused() -> None:
    duties = "".join(f"    - Does {'one more thing that takes many words to tell ' * 3}number {n}\n" for n in range(12))
    new = reference(("  Bay Rank:\n", f"  Bay Rank:\n{duties}"))
    with pytest.raises((LayoutError, InputError)) as refused:
        amend(reference(), new)
    assert refused.value.problems[0].hint


def test_a_period_that_counts_from_the_first_day_is_pointed_out() -> None:
    """Eighteen months from the Effective date are twelve when the amendment comes six months later."""
    assert any("counts from the Effective date, December 1, 2026" in line
               for line in describe_amendment(amend(reference(), reference(more=EXCLUSIVE))))  # fmt: skip
    said = text_of_document(amend(reference(), reference(more=EXCLUSIVE)).fitted.document)
    assert (
        "The Effective date in “Exclusivity” is that of the agreement, December 1, 2026, and not the day of this amendment."
        in said
    )
    assert not any("Effective date" in line for line in describe_amendment(amend(reference(), reference(*FEE))))


def test_a_copy_for_reading_has_nothing_to_sign() -> None:
    copy = write_consolidated(amend(reference(), reference(*FEE, more="leave out: [brand]"))).document
    assert copy.signatures == ()
    assert copy.footer.endswith("Reading copy with Amendment No. 1 of June 1, 2027; what was signed counts")
    assert [clause.number for clause in copy.clauses] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16]
    assert rows_of(copy)["Referral fee"].startswith("12% of")


def test_the_files_say_the_same_and_the_command_tells_what_changes(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(reference(), encoding="utf-8")
    (tmp_path / "new.yaml").write_text(reference(*FEE), encoding="utf-8")
    done = run_here("amend", "old.yaml", "new.yaml", "--dated", "2027-06-01", "-o", "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["out/old-amendment-1.docx", "out/old-amendment-1.pdf"]
    assert "key terms: Referral fee (changed)\n" in done.stderr
    assert "1 page at" in done.stderr
    pdf = (tmp_path / "out" / "old-amendment-1.pdf").read_bytes()
    assert pages(pdf, tmp_path) == 1
    read = pdf_text(pdf, tmp_path)
    assert "Amendment No. 1 to the Referral Agreement" in read
    written = letters(word_text((tmp_path / "out" / "old-amendment-1.docx").read_bytes()))
    for said in ("at most $7,500 per client", "All else in the agreement stays in force", "By Dana Reyes"):
        assert letters(said) in written
        assert letters(said) in letters(read)


def test_days_are_asked_for_as_many_amendments_as_there_are(tmp_path: Path) -> None:
    for name, text in (("a", reference()), ("b", reference(*FEE)), ("c", reference(*FEE, more=EXCLUSIVE))):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    done = run_here("amend", "a.yaml", "b.yaml", "c.yaml", "-o", "out", folder=tmp_path)
    assert done.returncode == 2
    assert "give --dated once for each amendment" in done.stderr
    assert run_here("amend", "a.yaml", "-o", "out", folder=tmp_path).returncode == 2
    assert not (tmp_path / "out").exists()


def test_it_applies_while_the_agreement_runs() -> None:
    steps = "status:\n  - {step: signed, date: 2026-11-20}\n  - {step: ended, date: 2027-07-15}\n"
    early = "the amendment cannot apply from 2026-11-30: the agreement takes effect only on 2026-12-01"
    late = "the amendment cannot apply from 2027-07-16: the agreement ended on 2027-07-15, as its status says"
    for day, more, says in ((date(2026, 11, 30), "", early), (date(2027, 7, 16), steps, late)):
        with pytest.raises(InputError) as refused:
            amend(reference(more=more), reference(*FEE, more=more), days=(day,))
        (problem,) = refused.value.problems
        assert (problem.code, problem.message) == ("not-amendable", says)
    for day in (date(2026, 12, 1), date(2027, 7, 15)):
        assert amend(reference(more=steps), reference(*FEE, more=steps), days=(day,)).number == 1

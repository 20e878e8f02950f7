"""The review memo: what stands in it, read back from both formats, and what never does."""

from __future__ import annotations

import json
import re
import sys
from io import BytesIO
from pathlib import Path

import docx
import pytest
from conftest import REFERRAL, ROOT, need, run, word_pdfs

from agreementgen import pipeline
from agreementgen.cli import main
from agreementgen.library.loading import built_in_library
from agreementgen.memo.contents import INTERNAL_SECTIONS
from agreementgen.memo.wording import PathNames
from agreementgen.render import pdf

SAMPLES = ROOT / "samples"
TITLES = (
    "What this is, and what is asked of you",
    "The deal in five lines",
    "Parties",
    "Who is favored, topic by topic, and the next fall-back",
    "Terms that are not the usual ones",
    "Answers that nobody typed (usual terms taken)",
    "Findings of the deal check, worst first",
    "What could not be judged",
    "Special terms, word for word",
    "Clauses used and left out",
    "What only a person can confirm",
    "Dates",
    "RACI chart",
    "Sign-off",
)
SAID = (
    "Not legal advice.",
    "Northshore Web Studio LLC (Northshore); Bay Rank Digital, Inc. (Bay Rank)",
    "Refer each other clients who need web design or search marketing",
    "Referral fee: 10% of net collected revenue per client, for 12 months; at most $5,000 per client",
    "12 months, Pilot included; renewable in writing",
    "Law of Massachusetts; courts of Essex County, Massachusetts",
    "corporation, Rhode Island Lee Okafor, President nobody said none named not given",
    "every clause is worded balanced",
    "Restrictions: The fallback wording, which bars active approaches only.",
    "Financial terms: deductions sales tax, refunds, shipping, pass-through costs taxes, refunds, shipping, costs passed on at cost",
    "look-back 180 days; accepted within 5 days",
    "these do not replace a lawyer. They do not cover taxes, employment,",
    "Note X11 (practice). The parties are of different states (Parties: Bay Rank, formed in). Suggestion:",
    "referral-fee v8 (Financial terms: model a referral fee)",
    "exclusivity (Exclusivity: kind none); commission, cost-sharing, fixed-fee,",
    "one-way (Confidentiality: kind each party protects what it learns of another)",
    "non-compete, licenses, assignment, milestones, crisis, succession, special (not in the deal)",
    "promises (Financial terms: model a referral fee, 12 other answers not given)",
    "□ Authority: Dana Reyes may sign for Northshore",
    "□ The law of Massachusetts is the parties’ own choice",
    "Mar 1, 2027 Pilot ends: last day for each party to confirm the term in writing.",
    "Jan 10, 2027: Report outcomes,",
    "8 tasks carry out no responsibility of the agreement",
    "□ approve it □ approve it with the changes below □ advise not to sign it",
)
OVERRIDE = """
overrides:
  - {rule: X99, version: 1, reviewer: "Ana Ruiz, attorney", reason: Both lease by the month, date: 2026-11-28}
"""


def start(*words: object) -> int:
    """Run the program in this process, and return its exit status."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["agreementgen", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main.run()
    assert isinstance(end.value.code, int)
    return end.value.code


def review(*words: object) -> None:
    assert start("review", *words) == 0


def words_of_docx(path: Path) -> str:
    """Return the words of a Word file in the order in which they are read, tables in their place."""
    file = docx.Document(BytesIO(path.read_bytes()))
    found: list[str] = []
    for block in file.iter_inner_content():
        if isinstance(block, docx.table.Table):
            found += [cell.text for row in block.rows for cell in row.cells]
        else:
            found.append(block.text)
    return " ".join(" ".join(found).split())


def words_of_pdf(path: Path) -> str:
    """Return the words of a PDF in its own order, without the footer that each page has."""
    text = run(need("pdftotext"), "-raw", path, "-")
    pages = text.split("\f")
    kept = [line for page in pages for line in page.splitlines() if "SHA-256 DOCX" not in line]
    # A word may break behind its hyphen.
    return re.sub(r"(?<=[a-z])- (?=[a-z])", "-", " ".join(" ".join(kept).split()))


@pytest.fixture(scope="module")
def memo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not pdf.is_available():
        pytest.skip("Pango is not installed, and the memo is read as PDF, too")
    folder = tmp_path_factory.mktemp("memo")
    review(REFERRAL, "-o", folder, "-f", "docx,pdf,json", "--today", "2026-11-29")
    return folder


@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_it_says_these_things_in_this_order(memo: Path, form: str) -> None:
    text = (words_of_docx if form == "docx" else words_of_pdf)(memo / f"referral-review.{form}")
    at = -1
    for title in TITLES:
        found = text.find(title, at + 1)
        assert found > at, title
        at = found
    at = -1
    for said in SAID:
        found = text.find(said, at + 1)
        assert found > at, said
        at = found


def test_both_formats_have_the_same_words(memo: Path) -> None:
    assert words_of_docx(memo / "referral-review.docx").split() == words_of_pdf(memo / "referral-review.pdf").split()


def test_it_takes_two_pages(memo: Path) -> None:
    assert re.search(r"Pages:\s+2\b", run(need("pdfinfo"), memo / "referral-review.pdf"))


def test_two_pages_suffice_where_more_could_not_be_judged(tmp_path: Path) -> None:
    review(REFERRAL, "-o", tmp_path, "-f", "pdf")
    assert "today\u2019s date" in run(need("pdftotext"), tmp_path / "referral-review.pdf", "-").lower().replace(
        "'", "\u2019"
    )
    assert re.search(r"Pages:\s+2\b", run(need("pdfinfo"), tmp_path / "referral-review.pdf"))


def test_the_lines_to_sign_never_stand_alone(tmp_path: Path) -> None:
    review(SAMPLES / "joint-venture.yaml", "-o", tmp_path, "-f", "pdf")
    pages = run(need("pdftotext"), "-layout", tmp_path / "joint-venture-review.pdf", "-").split("\f")
    assert len(pages) == 4
    assert pages[2].split("\n")[0].strip() == "RACI chart"
    assert "Sign-off" in pages[2]


@pytest.mark.office
def test_word_takes_two_pages_too(memo: Path, tmp_path: Path) -> None:
    name = "referral-review"
    made = word_pdfs({name: (memo / f"{name}.docx").read_bytes()}, tmp_path)[name]
    (tmp_path / "word.pdf").write_bytes(made)
    assert re.search(r"Pages:\s+2\b", run(need("pdfinfo"), tmp_path / "word.pdf"))


def test_heads_of_tables_repeat_and_rows_stay_whole(memo: Path) -> None:
    file = docx.Document(str(memo / "referral-review.docx"))
    rows = [row._tr.trPr for table in file.tables for row in table.rows]
    assert all(row is not None and "cantSplit" in row.xml for row in rows)
    assert sum("tblHeader" in row.xml for row in rows) == 3
    headings = [p for p in file.paragraphs if p.style is not None and p.style.name == "Memo Heading"]
    assert headings
    assert "w:keepNext" in headings[0].style.element.xml


def test_it_names_the_agreement_it_is_about(memo: Path, tmp_path: Path) -> None:
    told = json.loads((memo / "referral-review.json").read_text())
    assert start("build", REFERRAL, "-o", tmp_path) == 0
    known = json.loads((tmp_path / ".agreementgen.json").read_text())
    assert known["referral.pdf"] == [told["agreement"]["sha256"]["pdf"]]
    assert known["referral.docx"] == [told["agreement"]["sha256"]["docx"]]
    foot = f"SHA-256 DOCX {told['agreement']['sha256']['docx'][:12]}, PDF {told['agreement']['sha256']['pdf'][:12]}"
    assert foot in told["footer"]
    assert "version 1" in told["footer"]
    assert f"rules as of {told['rules']['as of']}" in told["footer"]
    file = docx.Document(str(memo / "referral-review.docx"))
    assert foot in file.sections[0].footer.paragraphs[0].text
    assert run(need("pdftotext"), memo / "referral-review.pdf", "-").count(foot) == 2


def test_the_same_deal_gives_the_same_bytes(memo: Path, tmp_path: Path) -> None:
    review(REFERRAL, "-o", tmp_path, "-f", "docx,pdf,json", "--today", "2026-11-29")
    for form in ("docx", "pdf", "json"):
        assert (tmp_path / f"referral-review.{form}").read_bytes() == (memo / f"referral-review.{form}").read_bytes()


def test_a_client_sees_no_internal_parts(memo: Path, tmp_path: Path) -> None:
    review(REFERRAL, "-o", tmp_path, "-f", "docx,json", "--for", "client")
    told = json.loads((tmp_path / "referral-review.json").read_text())
    shown = [section["id"] for section in told["sections"]]
    every = [section["id"] for section in json.loads((memo / "referral-review.json").read_text())["sections"]]
    assert shown == [name for name in every if name not in INTERNAL_SECTIONS]
    assert set(INTERNAL_SECTIONS) == {"positions", "clauses", "sign-off"}
    text = words_of_docx(tmp_path / "referral-review.docx")
    for word in ("fall back", "fallback", "advise not to sign", "referral-fee v3", "balanced;", "Sign-off"):
        assert word not in text
    assert "Authority: Dana Reyes may sign for Northshore" in text
    assert "these do not replace a lawyer" in text


@pytest.mark.parametrize("name", ["joint-venture", "channel", "three-party-venture", "coffee-supply", "minimal"])
def test_other_kinds_have_a_memo(name: str, tmp_path: Path) -> None:
    review(SAMPLES / f"{name}.yaml", "-o", tmp_path, "-f", "docx,json")
    text = words_of_docx(tmp_path / f"{name}-review.docx")
    at = [text.index(title) for title in TITLES]
    assert at == sorted(at)
    assert "enforceable" not in text.lower()


@pytest.mark.parametrize(
    ("name", "has", "lacks"),
    [
        (
            "partner-program",
            [
                "Partner fees: Program fee: $300 a year in advance",
                "Tiers: Bronze 20%: a signed agreement and one trained person; Silver 25%: 15 active customers; Gold 30%",
                "A plan first, and what is agreed only at the second miss.",
                "None named for: Appointment, Duration and renewal, After the end, Goals.",
                "counts new customers, number 8, ramp 6 months, remedy the vendor may end the agreement",
            ],
            ["exclusivity at the second miss", "condition of exclusivity", "A tail for", "Minimums: minimum, counts"],
        ),
        (
            "joint-venture",
            [
                "Contributions: Ridgeway: paid into the Venture’s account, $150,000; Calder Lane: paid",
                "Calder Lane: design and permit drawings, $40,000; Ownership",
                "Manager: Ridgeway; the Venture pays $6,000 a month",
            ],
            [
                "See Schedule A",
                "A shorter term that renews",
                "Consent that is not refused",
                "the sold share as security",
            ],
        ),
        ("referral", ["After the end: A tail for customers signed before the end"], ["Manager:"]),
    ],
)
def test_money_and_fall_backs_are_those_of_the_deal(
    name: str, has: list[str], lacks: list[str], tmp_path: Path
) -> None:
    review(SAMPLES / f"{name}.yaml", "-o", tmp_path, "-f", "docx,json")
    text = words_of_docx(tmp_path / f"{name}-review.docx")
    assert [words for words in has if words not in text] == []
    assert [words for words in lacks if words in text] == []


def test_money_that_only_a_clause_names_is_told(tmp_path: Path) -> None:
    deal = tmp_path / "deal.yaml"
    besides = (
        "promises:\n  other payments:\n"
        '    - {from: Bay Rank, to: Northshore, amount: $500, counted: month, for: a retainer, most: "$6,000"}\n'
        "    - {from: Northshore, to: Bay Rank, amount: 3%, counted: year, for: its sales}\n"
    )
    deal.write_text((SAMPLES / "referral.yaml").read_text("utf-8") + besides, "utf-8")
    review(deal, "-o", tmp_path, "-f", "docx")
    text = words_of_docx(tmp_path / "deal-review.docx")
    assert (
        "Besides: Bay Rank pays Northshore $500 for each calendar month for a retainer, at most $6,000 in all" in text
    )
    assert "Besides: Northshore pays Bay Rank 3% of its sales for each calendar year" in text


def test_enforceable_is_never_said(memo: Path) -> None:
    for form in ("docx", "pdf"):
        text = (words_of_docx if form == "docx" else words_of_pdf)(memo / f"referral-review.{form}")
        assert "enforceable" not in text.lower()
    for path in (ROOT / "agreementgen" / "memo").iterdir():
        assert path.is_dir() or "enforceable" not in path.read_text(encoding="utf-8").lower()


RULES = """
rules:
  - id: X99
    version: 1
    severity: E
    when: check.per_referral
    says: Something stops this deal
    why: The reason of the rule
    suggestion: change the fee
    basis: law
    source: Some Act, section 1
    looked up: "2026-11-01"
    at: financial.fee
  - {id: X98, severity: N, when: "true", says: Silent, needs: [liability.insurance]}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "firm"
    folder.mkdir()
    (folder / "pack.yaml").write_text('id: firm\nname: Firm\nversion: "1"\nmade for: "0.1.0"\n')
    (folder / "rules.yaml").write_text(RULES)
    return folder


def test_findings_come_with_all_a_reader_needs(pack: Path, tmp_path: Path) -> None:
    """A deal that the check stops gets a memo: somebody has to read it."""
    review(REFERRAL, "-o", tmp_path, "-f", "docx", "--pack", pack)
    text = words_of_docx(tmp_path / "referral-review.docx")
    assert (
        "Stops the deal X99 (law). Something stops this deal (Financial terms: fee). Why: The reason of the rule. Suggestion: "
        "change the fee; ask a lawyer. Source: Some Act, section 1, looked up November 1, 2026." in text
    )
    assert text.index("Stops the deal X99 (law).") < text.index("Note X11 (")
    assert "Liability: insurance (for X98)" in text
    assert "□ Not given: liability: insurance" in text


def test_an_override_is_printed(pack: Path, tmp_path: Path) -> None:
    deal = tmp_path / "deal.yaml"
    deal.write_text(REFERRAL.read_text() + OVERRIDE)
    review(deal, "-o", tmp_path, "-f", "docx", "--pack", pack)
    text = words_of_docx(tmp_path / "deal-review.docx")
    assert "Overridden X99 (law). Something stops this deal" in text
    assert (
        "Overridden for version 1 of the rule by Ana Ruiz, attorney on November 28, 2026: Both lease by the month."
        in text
    )
    assert "□ The override of X99 by Ana Ruiz, attorney still stands" in text


def test_a_rule_about_a_party_that_is_not_there_is_told(pack: Path, tmp_path: Path) -> None:
    more = "  - {id: X97, when: law, at: parties.9.name, says: Nine is too many.}\n"
    (pack / "rules.yaml").write_text(RULES + more, encoding="utf-8")
    review(REFERRAL, "-o", tmp_path, "-f", "json", "--pack", pack)
    assert "Nine is too many" in (tmp_path / "referral-review.json").read_text(encoding="utf-8")


def test_positions_and_special_terms_are_told(tmp_path: Path) -> None:
    deal = tmp_path / "deal.yaml"
    more = "position: pro-first\nspecial terms: [Each party keeps the client list of the spring fair to itself]\n"
    deal.write_text(REFERRAL.read_text() + more)
    review(deal, "-o", tmp_path, "-f", "docx")
    text = words_of_docx(tmp_path / "deal-review.docx")
    assert "Financial terms favors Northshore" in text
    assert "1. Each party keeps the client list of the spring fair to itself" in text
    assert "□ Special terms: mean what the parties want" in text


def test_the_day_of_signature_moves_dates(tmp_path: Path) -> None:
    deal = tmp_path / "deal.yaml"
    deal.write_text(REFERRAL.read_text().replace("effective: 2026-12-01\n", ""))
    review(deal, "-o", tmp_path, "-f", "docx")
    assert "hangs on the last signature" in words_of_docx(tmp_path / "deal-review.docx")
    review(deal, "-o", tmp_path, "-f", "docx", "--signed", "2026-12-10")
    text = words_of_docx(tmp_path / "deal-review.docx")
    assert "Dec 10, 2026 Agreement takes effect" in text
    assert "hangs on the last signature" not in text


def test_the_paper_is_that_of_the_deal(tmp_path: Path) -> None:
    deal = tmp_path / "deal.yaml"
    deal.write_text("paper: a4\n" + REFERRAL.read_text())
    review(deal, "-o", tmp_path, "-f", "docx,pdf")
    assert "A4" in run(need("pdfinfo"), tmp_path / "deal-review.pdf")
    page_width = docx.Document(str(tmp_path / "deal-review.docx")).sections[0].page_width
    assert page_width is not None
    assert round(page_width.mm) == 210


@pytest.mark.parametrize("words", [["-f", "xlsx"], ["-f", ""], ["--for", "nobody"], ["--today", "soon"]])
def test_what_is_wrong_is_refused(words: list[str], tmp_path: Path) -> None:
    assert start("review", REFERRAL, "-o", tmp_path, *words) == 2
    assert not list(tmp_path.iterdir())


def test_files_of_others_are_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = tmp_path / "referral-review.json"
    theirs.write_text("mine")
    assert start("review", REFERRAL, "-o", tmp_path, "-f", "docx,json") == 2
    assert "did not write it" in capsys.readouterr().err
    assert theirs.read_text() == "mine"
    assert not (tmp_path / "referral-review.docx").exists()
    review(REFERRAL, "-o", tmp_path, "-f", "json", "--force")
    assert theirs.read_text() != "mine"


def test_a_letter_that_no_font_has_is_named(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of what the memo prints and the agreement does not."""
    if not pdf.is_available():
        pytest.skip("Pango is not installed")
    deal = tmp_path / "deal.yaml"
    deal.write_text(REFERRAL.read_text() + OVERRIDE.replace("Both lease", "Both \U00010a60 lease"))
    assert start("review", deal, "-o", tmp_path, "-f", "pdf", "--pack", pack) == 2
    said = capsys.readouterr().err
    assert "no font on this machine can print" in said
    assert "U+10A60" in said
    assert not (tmp_path / "deal-review.pdf").exists()


def test_a_need_is_named_by_the_answer_that_fills_it() -> None:
    library = built_in_library()
    deal = pipeline.read((ROOT / "samples" / "referral.yaml").read_bytes(), "referral.yaml", library)
    names = PathNames(deal, library)
    assert [names.name_of_need(need) for need in ("today", "check.fee_times_margin", "check.lapsing_licenses")] == [
        "Today's date",
        "Financial terms: margin",
        "Parties: license until",
    ]

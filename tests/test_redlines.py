"""Redlines: accepting all gives the new agreement, rejecting all the old one, read by a reader that is not ours."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from commands import run_here
from conftest import SAMPLES, letters, pdf_text, word_pdfs, word_text
from deals import REFERENCE, reference
from lxml import etree

from agreementgen import pipeline
from agreementgen.core.document import Document, Run
from agreementgen.draft.drafting import draft_agreement
from agreementgen.draft.selection import select_clauses
from agreementgen.library.library import Library
from agreementgen.life.parts import align_parts, list_parts, show_changes
from agreementgen.life.redline import Reviser, write_redline
from agreementgen.life.redline_pdf import flow_of_redline
from agreementgen.render import docx
from agreementgen.render.flow_page import FlowTable, FlowText
from agreementgen.render.measures import Sizes

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NEW = reference(
    ("fee: 10%", "fee: 12%"),
    ("  territory: Massachusetts and Rhode Island\n", ""),
    ("resale, white-label work]", "resale, hosting]"),
    ("close rate: 40%", "close rate: 50%"),
    more="special terms: [Neither party works on a Sunday]",
)


def settle(data: bytes, accept: bool) -> str:
    """Return the words of a Word file with all tracked changes accepted or rejected, as the standard describes it."""
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    gone, stays = ("del", "ins") if accept else ("ins", "del")
    for row in list(root.iter(f"{W}tr")):
        if row.find(f"{W}trPr/{W}{gone}") is not None:
            row.getparent().remove(row)
    words = []
    for paragraph in root.iter(f"{W}p"):
        for node in paragraph.iter(f"{W}t", f"{W}delText"):
            around = {above.tag for above in node.iterancestors()}
            if f"{W}{gone}" not in around:
                assert (node.tag == f"{W}delText") == (f"{W}del" in around)
                words.append(node.text or "")
        mark = paragraph.find(f"{W}pPr/{W}rPr/{W}{gone}")
        if mark is not None:
            # A paragraph whose mark goes must leave nothing behind for the next one.
            left = [
                n
                for n in paragraph.iter(f"{W}t", f"{W}delText")
                if f"{W}{gone}" not in {a.tag for a in n.iterancestors()}
            ]
            assert not left
            assert paragraph.find(f"{W}pPr/{W}rPr/{W}{stays}") is None
    return letters("".join(words))


def as_word_file(document: Document, library: Library) -> str:
    """Return the words of the agreement's own Word file."""
    return letters(word_text(docx.write_docx(document, library.layout["reference.docx"], Sizes(9.0))))


def _each_draft(library: Library) -> Iterator[tuple[Document, Document, Document]]:
    """Yield samples in full and in short wording, and with their clauses apart."""
    for path in SAMPLES:
        text = re.sub(r"(?m)^pack: .*$", "", path.read_text(encoding="utf-8"))
        deal = pipeline.read(text.encode(), path.name, library)
        deal = replace(deal, matrix=None)
        outline = library.outline_of_deal(deal)
        full, short = (select_clauses(deal, library, outline, wanted) for wanted in (False, True))
        yield (
            draft_agreement(deal, library, outline, full),
            draft_agreement(deal, library, outline, short),
            draft_agreement(deal, library, outline, full, True, True),
        )


def _pairs(library: Library) -> list[tuple[Document, Document]]:
    if count := int(os.environ.get("AGREEMENTGEN_REDLINES", "0")):
        from drafts import list_drafts

        drafts = [draft for draft in list_drafts() if not any(one.chart for one in draft.full.schedules)]
        # As many as asked for, from all kinds: half of them two wordings of a deal, half two deals.
        drafts = drafts[:: max(1, 2 * len(drafts) // count)]
        wordings = [(draft.full, draft.short) for draft in drafts]
        return [*wordings, *((one.full, other.full) for one, other in pairwise(drafts))]
    samples = list(_each_draft(library))
    # Wordings, layouts, and agreements of two kinds.
    return [(full, short if number % 2 else apart) for number, (full, short, apart) in enumerate(samples)] + [
        (samples[0][0], samples[-1][0]),
        (samples[3][2], samples[0][0]),
    ]


def test_accepting_gives_the_new_and_rejecting_the_old(library: Library) -> None:
    """A few pairs in every run; as many as AGREEMENTGEN_REDLINES says."""
    pairs = _pairs(library)
    words: dict[int, str] = {}

    def words_of(document: Document) -> str:
        if id(document) not in words:
            words[id(document)] = as_word_file(document, library)
        return words[id(document)]

    assert len(pairs) >= 12
    reference_file = library.layout["reference.docx"]
    for old, new in pairs:
        changes = align_parts(list_parts(old), list_parts(new))
        data = write_redline(changes, new, reference_file, Reviser("Ana Ruiz"))
        assert settle(data, accept=True) == words_of(new)
        assert settle(data, accept=False) == words_of(old)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("redline")
    (made / "old.yaml").write_text(REFERENCE)
    (made / "new.yaml").write_text(NEW)
    words = ("-f", "docx,txt,json", "-o", "out", "--author", "Ruiz", "--dated", "2026-11-30")
    done = run_here("compare", "old.yaml", "new.yaml", *words, folder=made)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "changed: 5 facts, 7 parts of the agreement\n"
    return made / "out"


def test_a_comparison_says_what_changed_and_why(folder: Path) -> None:
    text = (folder / "new-changes.txt").read_text()
    for line in (
        '  financial.fee: "10%" -> "12%"  (old.yaml:46:8, new.yaml:45:8)',
        "  Expected fees a year: $24,000 -> $36,000",
        "  changed Referral fee  (because of financial.fee)",
        "  dropped Territory  (because of scope.territory)",
        "    Not included | Joint proposals; resale; [-white-label work-]{+hosting+}",
        "  added Special terms  (because of special terms)",
    ):
        assert line in text.split("\n"), text
    told = json.loads((folder / "new-changes.json").read_text())
    states = {part["title"]: (part["state"], part["because_of"]) for part in told["parts"]}
    assert states == {
        "Not included": ("changed", ["scope.excluded"]),
        "Territory": ("dropped", ["scope.territory"]),
        "Referral fee": ("changed", ["financial.fee"]),
        "Referral goal": ("changed", ["leads.close rate"]),
        "Scope": ("changed", ["scope.territory"]),
        "Special terms": ("added", ["special terms"]),
        "General": ("changed", ["special terms"]),
    }


def test_an_amount_is_replaced_whole() -> None:
    old, new = (Run("at most $5,000 for 10% of it.", True),), (Run("at most $7,500 for 12.5% of it.", True),)
    assert show_changes(old, new) == "at most [-$5,000-]{+$7,500+} for [-10%-]{+12.5%+} of it."


def test_a_redline_is_words_own(folder: Path, tmp_path: Path) -> None:
    data = (folder / "new-changes.docx").read_bytes()
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    changes: list[Any] = [*root.iter(f"{W}ins", f"{W}del")]
    assert {(node.get(f"{W}author"), node.get(f"{W}date")) for node in changes} == {("Ruiz", "2026-11-30T00:00:00Z")}
    ids = [node.get(f"{W}id") for node in changes]
    assert len(ids) == len(set(ids))
    audit = Path(sys.executable).with_name("openxml-audit")
    done = subprocess.run([audit, "--policy", "strict", folder / "new-changes.docx"], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode()
    assert run_here("compare", "a.yaml", "b.yaml", "-f", "docx").returncode == 2


def test_nothing_changed_is_said(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(REFERENCE)
    (tmp_path / "new.yaml").write_text("# A comment is no fact.\n" + REFERENCE)
    done = run_here("compare", "old.yaml", "new.yaml", folder=tmp_path)
    assert done.stdout == "Nothing has changed: the same facts, the same words.\n"


def test_that_the_agreement_says_the_same_comes_first(tmp_path: Path) -> None:
    without_chart = REFERENCE[: REFERENCE.index("\nraci:")]
    (tmp_path / "old.yaml").write_text(REFERENCE + "\nreference: the big one\n")
    (tmp_path / "new.yaml").write_text(without_chart + "\nreference: the small one\n")
    said = {}
    for one, other in (("old.yaml", "new.yaml"), ("new.yaml", "old.yaml")):
        said[one] = run_here("compare", one, other, folder=tmp_path).stdout.splitlines()
        assert said[one][:5] == [
            "The agreement says the same.", "", "Only in old.yaml: raci (62 answers)", "", "Facts",
        ]  # fmt: skip
    assert [line.split("  (")[0] for line in said["old.yaml"][5:]] == ['  reference: "the big one" -> "the small one"']


@pytest.mark.office
def test_a_redline_opens_in_libreoffice_with_numbers(folder: Path, tmp_path: Path) -> None:
    data = (folder / "new-changes.docx").read_bytes()
    text = pdf_text(word_pdfs({"redline": data}, tmp_path)["redline"], tmp_path)
    assert "white-label workhosting" in text
    # LibreOffice shows both numbers of a clause, where they differ.
    assert re.search(r"\b\d+\.\]? General\.", " ".join(text.split()))


def test_the_redline_for_the_eye_has_the_words_of_both(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(REFERENCE, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(NEW, encoding="utf-8")
    done = run_here("compare", "old.yaml", "new.yaml", "-f", "pdf", "-o", "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "out/new-changes.pdf\n"
    read = letters(pdf_text((tmp_path / "out" / "new-changes.pdf").read_bytes(), tmp_path))
    for said in ("From old.yaml to new.yaml.", "10%12% of net collected revenue", "hosting", "white-label work",
                 "Neither party works on a Sunday", "Massachusetts and Rhode Island"):  # fmt: skip
        assert letters(said) in read, said
    assert run_here("compare", "old.yaml", "new.yaml", "-f", "pdf", folder=tmp_path).returncode == 2


def test_words_of_the_redline_for_the_eye_know_what_became_of_them(library: Library) -> None:
    deals = [pipeline.read(text.encode(), "deal.yaml", library) for text in (REFERENCE, NEW)]
    outline = library.outline_of_deal(deals[0])
    old, new = (draft_agreement(deal, library, outline, select_clauses(deal, library, outline)) for deal in deals)
    flow = flow_of_redline(align_parts(list_parts(old), list_parts(new)), old, new, "From one to the other.")
    blocks = [block for section in flow.sections[1:] for block in section.blocks]
    texts = [block.runs for block in blocks if isinstance(block, FlowText)]
    texts += [cell for block in blocks if isinstance(block, FlowTable) for row in block.rows for cell in row]
    told = [(run.mark, run.text.strip()) for runs in texts for run in runs if run.mark]
    assert ("deleted", "10%") in told
    assert ("inserted", "12%") in told
    assert ("inserted", "hosting") in told
    assert ("deleted", "white-label work") in told

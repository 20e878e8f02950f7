"""Word files that LibreOffice itself has edited: each kind of edit is reported, tracked or not, and nothing else.

What changed rows can be read as is tried in every answer of the samples with AGREEMENTGEN_EVERY_BRANCH.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from commands import run_here
from conftest import ROOT, SAMPLES
from deals import REFERENCE
from office_edits import Job, Step, edit_with_libreoffice

from agreementgen import pipeline
from agreementgen.core.problems import AgreementError
from agreementgen.deal.reader import node_as_data
from agreementgen.library.library import Library
from agreementgen.life.comparison import draft_plainly, each_leaf, replace_value
from agreementgen.life.parts import Part, align_parts, list_parts
from agreementgen.life.proposals import propose_answers
from agreementgen.life.returned import ReturnedPart
from agreementgen.pipeline import BuiltAgreement
from agreementgen.sources import SourcedDeal
from agreementgen.yamlfile.editing import write_answers
from agreementgen.yamlfile.nodes import ScalarNode, SequenceNode

Build = Callable[..., BuiltAgreement]


class Edit(NamedTuple):
    """Steps in LibreOffice, the lines that tell of them, and the answers that are proposed."""

    steps: list[Step]
    told: list[str]
    proposed: tuple[str, ...] = ()


SCOPE, DUTIES = "The parties will work together for the Purpose", "Each party will do its listed duties"
EDITS = {
    "value": Edit(
        [("replace", "10% of net", "12.5% of net")],
        ["changed key term Referral fee"],
        ('financial.fee: "10%" -> "12.5%"',),
    ),
    "two-values": Edit(
        [("replace", "for 12 months; at most $5,000", "for 18 months; at most $6,500")],
        ["changed key term Referral fee"],
        ('financial.window: "12 months" -> "18 months"', 'financial.cap per client: "$5,000" -> "$6,500"'),
    ),
    "cell": Edit(
        [("retype", "Mutual; until 24 months", "Mutual; until 36 months after the end; trade secrets as long as they qualify")],
        ["changed key term Confidentiality"],
        ('confidentiality.length: "24 months" -> "36 months"',),
    ),
    "cell-in-own-words": Edit(
        [("retype", "Mutual; until 24 months", "Nobody tells anybody anything")],
        ["changed key term Confidentiality"],
    ),
    "duty": Edit(
        [("replace", "Briefs Bay Rank on the client’s site", "Briefs Bay Rank within 3 days")],
        ["changed key term Northshore"],
        # A task of the chart carries this duty out: it would point to nothing.
    ),
    "row": Edit(
        [("delete_row", "Statement within 10 days")], ["dropped key term Payment", "dropped key term Referral fee"]
    ),
    "clause": Edit([("delete_paragraph", DUTIES)], ["dropped clause Responsibilities"]),
    "new-clause": Edit(
        [("add_paragraph", SCOPE, "Audit. Northshore may look into the books once a year.")], ["added clause Audit"]
    ),
    "retyped": Edit([("retype_body", SCOPE, " The parties help each other.")], ["changed clause Scope"]),
    "split": Edit(
        [("split", "It may do so at once")],
        ["added clause It may do so at once for the other’s insolvency, loss of a r", "changed clause Termination"],
    ),
    "merged": Edit([("merge", SCOPE)], ["changed clause Scope", "dropped clause Responsibilities"]),
    "moved": Edit([("move", SCOPE, "While Confidentiality lasts")], ["moved clause Scope"]),
    "party": Edit(
        [("replace", "14 Harbor Street, Salem", "99 Harbor Street, Salem")],
        ["changed party Northshore"],
        ('parties.1.address: "14 Harbor Street, Salem, MA 01970" -> "99 Harbor Street, Salem, MA 01970"',),
    ),
    "signatory": Edit([("replace", "By Lee Okafor, President", "By Kim Okafor, Vice President")], []),
    "many": Edit(
        [
            ("replace", "10% of net", "11% of net"),
            ("delete_paragraph", DUTIES),
            ("add_paragraph", SCOPE, "Audit. Northshore may look into the books once a year."),
            ("retype_body", "Promptly given control", " Nobody owes anybody anything."),
        ],
        ["added clause Audit", "changed clause Indemnity", "changed key term Referral fee", "dropped clause Responsibilities"],
        ('financial.fee: "10%" -> "11%"',),
    ),
}  # fmt: skip
MODES = ("", "track", "accept")


@pytest.fixture(scope="module")
def returned(build: Build, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All edits in all modes, in one run of LibreOffice; rejected where that is worth a try."""
    word = build(REFERENCE, ("docx",)).files["docx"]
    jobs = {f"{name}-{mode}": Job(word, edit.steps, mode) for name, edit in EDITS.items() for mode in MODES}
    jobs["many-reject"] = Job(word, EDITS["many"].steps, "reject")
    return edit_with_libreoffice(jobs, tmp_path_factory.mktemp("office"))


def tell(data: bytes, folder: Path) -> str:
    (folder / "deal.yaml").write_text(REFERENCE)
    (folder / "back.docx").write_bytes(data)
    done = run_here("compare", "deal.yaml", "back.docx", folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def heads_of(said: str) -> list[tuple[str, str]]:
    """Return what became of each part, and the remarks behind it."""
    found = re.findall(r"(?m)^((?:changed|added|dropped|moved|unchanged) .*?)(?:  \((.*)\))?$", said)
    return sorted(found)


@pytest.mark.office
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", EDITS)
def test_each_edit_is_reported_and_nothing_else(
    returned: dict[str, bytes], name: str, mode: str, tmp_path: Path
) -> None:
    edit, said = EDITS[name], tell(returned[f"{name}-{mode}"], tmp_path)
    assert [head for head, _ in heads_of(said)] == edit.told, said
    answers = re.findall(r'(?m)^  (\S.*: ".*" -> ".*")  \(deal\.yaml:.*\)$', said)
    assert answers == list(edit.proposed), said
    tracked = [remark for _, remark in heads_of(said) if "tracked" in remark]
    assert bool(tracked) == (mode == "track" and bool(edit.told)), said
    if name == "signatory":
        assert "gone: By Lee Okafor, President" in said
        assert "new: By Kim Okafor, Vice President" in said
    else:
        assert "Elsewhere" not in said
    if name == "merged":
        assert "two marks stand on one paragraph: they were merged" in said
    if name == "moved":
        assert "it was moved behind Confidentiality" in said


@pytest.mark.office
def test_rejected_changes_leave_nothing(returned: dict[str, bytes], tmp_path: Path) -> None:
    assert tell(returned["many-reject"], tmp_path) == "Nothing was changed: each row and clause says what was sent.\n"


# -- what changed rows can be read as


def each_new_answer(text: str) -> Iterator[str]:
    """Yield what a partner may write in the place of an answer: another figure, or other words."""
    if re.fullmatch(r"\d+(\.\d+)?%( a month)?", text):
        yield re.sub(r"^\d+(\.\d+)?", lambda found: str(int(float(found[0])) + 2), text)
    elif length := re.fullmatch(r"(\d+) (business day|day|week|month|year|hour)s?", text):
        yield f"{int(length[1]) + 5} {length[2]}s"
    elif re.search(r"\$[\d,]+", text) and len(text) < 14:
        yield re.sub(r"\$[\d,]+", lambda found: f"${int(found[0][1:].replace(',', '')) + 500:,}", text)
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        yield text[:-2] + ("15" if text[-2:] != "15" else "16")
    elif re.fullmatch(r"\d+", text):
        yield str(int(text) + 1)
    elif re.fullmatch(r"[A-Za-z ,'-]{12,}", text):
        yield text.rsplit(" ", 1)[0] + " elsewhere"


def each_changed_row(sourced: SourcedDeal) -> Iterator[tuple[tuple[str, ...], str, ReturnedPart]]:
    """Yield the rows that print an answer and change with it, with the answer."""
    base, data = list_parts(draft_plainly(sourced, sourced.deal)), node_as_data(sourced.deal.typed)
    for path, node in each_leaf(sourced.deal.typed):
        if path[0] in ("raci", "agreement", "layout", "effective", "paper"):
            continue
        typed = [(path, node)] if isinstance(node, ScalarNode) else []
        if isinstance(node, SequenceNode):
            typed = [
                ((*path, str(at)), item) for at, item in enumerate(node.items[:2], 1) if isinstance(item, ScalarNode)
            ]
        for where, answer in typed:
            for new in each_new_answer(answer.text.strip()):
                try:
                    deal = pipeline.read(
                        write_answers(replace_value(data, where, new)).encode(), "deal.yaml", sourced.library
                    )
                    after = list_parts(draft_plainly(sourced, deal))
                except AgreementError:
                    continue
                for change in align_parts(base, after):
                    if change.state == "changed" and change.part.kind == "row" and prints(change.old, answer.text):
                        yield where, new, ReturnedPart(change, False, "", ())


def prints(part: Part | None, answer: str) -> bool:
    """Return whether a row says an answer, and not only something worked out from it."""
    said = part.text.casefold() if part else ""
    figures = re.findall(r"\d[\d.,]*\d|\d", answer)
    return all(re.search(rf"(?<![\d.,]){re.escape(one)}(?![\d]|[.,]\d)", said) for one in figures) if figures else True


def count_proposals(paths: list[Path], library: Library) -> tuple[int, list[str]]:
    """Return how many rows changed, and those of which no answer is proposed; fail where a wrong one is."""
    rows, missed = 0, []
    for path in paths:
        text = re.sub(r"(?m)^pack: .*$", "", path.read_text(encoding="utf-8"))
        sourced = SourcedDeal("deal.yaml", pipeline.read(text.encode(), "deal.yaml", library), library)
        for where, new, row in each_changed_row(sourced):
            rows += 1
            found = {one.path: one.new.strip() for one in propose_answers(sourced, [row])}
            if found:
                # Print has capitals and units that the file may lack.
                assert list(found) == [where], (path.name, where, new, found)
            else:
                missed.append(f"{'.'.join(where)}: {row.change.part.title}")
    return rows, missed


def test_changed_rows_are_read_as_answers(library: Library) -> None:
    """The goal is 95 of 100 rows. What is missed are rows that are then built otherwise, or work out another figure."""
    if os.environ.get("AGREEMENTGEN_EVERY_BRANCH"):
        rows, missed = count_proposals(list(SAMPLES), library)
        assert rows > 200
        assert len(missed) <= rows * 0.05, missed
        return
    rows, missed = count_proposals([ROOT / "samples" / "referral.yaml"], library)
    assert rows == 20
    assert missed == ["restrictions.staff.length: Non-solicitation", "restrictions.customers.length: Non-solicitation"]

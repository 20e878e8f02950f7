"""Codes, not sentences, steer: with other words in every message and hint, the program does the same.

A Problem's message and hint are for people, and may be reworded or translated at any time. `other_words` replaces all of
them by nonsense, a different one for each text, and each test here compares what happens with and without it.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import packs
import pytest
from batches import batch, deals, entries, hashes
from conftest import MINIMAL, REFERRAL, ROOT

from agreementgen.authoring.pack_check import check_pack
from agreementgen.cli import main
from agreementgen.core.problems import AgreementError, Problem
from agreementgen.deal.questions import walk_questions
from agreementgen.interview import session
from agreementgen.library.loading import built_in_library

BAD = ROOT / "tests" / "bad"
Told = list[tuple[str, str, str, str]]


def garble(text: str) -> str:
    return f"zqx {sha256(text.encode()).hexdigest()[:12]} zqx" if text else ""


@contextmanager
def other_words() -> Iterator[None]:
    """Let every Problem that is made meanwhile have nonsense for its message and hint."""
    make = Problem.__init__

    def make_garbled(self: Problem, message: str, hint: str = "", *args: Any, **more: Any) -> None:
        make(self, garble(message), garble(hint), *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Problem, "__init__", make_garbled)
        yield


def twice(run: Callable[[], Any]) -> tuple[Any, Any]:
    """Return what `run` returns with our words, and with others."""
    ours = run()
    with other_words():
        return ours, run()


def without_words(problems: Any) -> Told:
    """Return the places, facts, codes and severities of problems."""
    return [(str(problem.place), problem.field, problem.code, problem.severity) for problem in problems]


def test_the_words_are_replaced() -> None:
    with other_words():
        problem = Problem("this is missing", "add it", code="missing")
    assert re.fullmatch(r"zqx \w{12} zqx", problem.message)
    assert problem.hint != problem.message
    assert problem.code == "missing"
    assert Problem("this is missing", code="missing").message == "this is missing"


# -- the commands for deal files


BAD_DEALS = (
    "choice-unknown", "date-ambiguous", "empty-groups", "empty-values", "everything", "idle-and-wrong", "idle-answers",
    "idle-fee-and-tiers", "kind-missing", "list-duplicates", "missing-by-condition", "group-for-list", "file-text",
    "char-private",
)  # fmt: skip


@pytest.mark.parametrize("name", BAD_DEALS)
@pytest.mark.parametrize("words", [("check",), ("build", "-f", "txt")], ids=["check", "build"])
def test_bad_deals_have_the_same_problems_and_status(
    name: str, words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = [words[0], str(BAD / f"{name}.yaml"), *words[1:]]
    monkeypatch.setattr(sys, "argv", ["agreementgen", *command])

    def run() -> tuple[object, Told]:
        with pytest.raises(SystemExit) as stopped:
            main.run()
        with pytest.raises(AgreementError) as caught:
            main.commands.main(command, standalone_mode=False)
        return stopped.value.code, without_words(caught.value.problems)

    ours, theirs = twice(run)
    assert ours == theirs
    assert ours[0] == 2
    assert ours[1]
    assert not list(tmp_path.iterdir())


# -- the questionnaire


_LIBRARY = built_in_library()
PROMPTS = sorted(
    {
        " ".join(question.prompt.split())
        for _, question in walk_questions(_LIBRARY.list_top_questions())
        if question.prompt
    }
)
# What is typed from the first prompt to the documents, with wrong answers before right ones. At the end the answer to
# one question is changed, which leaves others without a meaning.
TYPED = (
    "referral", "1", "Atlantis", "Massachusetts", "Essex County, Massachusetts",
    "Northshore Web Studio LLC", "LLC", "Atlantis", "Massachusetts", "14 Harbor Street, Salem, MA", "no address",
    "dana@northshore.example", "Dana Reyes, Managing Member",
    "Bay Rank Digital, Inc.", "corporation", "Rhode Island", "220 Weybosset Street, Providence", "lee@bayrank.example",
    ">", "Refer each other clients", "1,2", "1,3,4", "referral fee", "plenty", "110 %", "10 %", "shared CRM", "payer",
    "<", "payer", "/",
)  # fmt: skip


class TypedLines:
    """Stands in for input(): gives the next line of a script, then Ctrl-C; keeps the questions that were shown."""

    def __init__(self, lines: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
        self.lines = list(lines)
        self.capsys = capsys
        self.asked: list[tuple[str, list[str]]] = []

    def __call__(self, prompt: str = "") -> str:
        shown = " ".join(self.capsys.readouterr().out.split())
        line = self.lines.pop(0) if self.lines else ""
        self.asked.append((line, [one for one in PROMPTS if one in shown]))
        if not line and not self.lines:
            raise KeyboardInterrupt
        return line


def hold_conversation(
    file: Path, lines: tuple[str, ...], capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
) -> tuple[int, list[tuple[str, list[str]]], str]:
    """Return the exit status of the questionnaire, what it asked before each line, and the deal file it leaves."""
    typed = TypedLines((*lines, ""), capsys)
    patch.setattr(builtins, "input", typed)
    patch.setattr(session, "refuse_without_terminal", lambda name: None)
    status = session.run_questionnaire(str(file), None, True, None)
    return status, typed.asked, file.read_text(encoding="utf-8")


def test_the_questionnaire_asks_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = iter((tmp_path / "ours", tmp_path / "theirs"))
    ours, theirs = twice(lambda: hold_conversation(next(folders) / "deal.yaml", TYPED, capsys, monkeypatch))
    assert ours == theirs
    assert "  fee: 10 %\n" in ours[2]
    assert len(ours[1]) == len(TYPED) + 1


def test_the_questionnaire_mends_a_deal_in_the_same_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer is missing, one is empty, one does not apply and cannot be read, one cannot be read."""
    text = (BAD / "idle-and-wrong.yaml").read_text(encoding="utf-8")
    text = text.replace("law: Vermont\n", "").replace("scope:\n", "scope:\n  territory: ''\n")
    text += "duration: {pilot: {length: long}}\n"
    folders = iter((tmp_path / "ours", tmp_path / "theirs"))

    def run() -> object:
        file = next(folders) / "deal.yaml"
        file.parent.mkdir()
        file.write_text(text, encoding="utf-8")
        # The empty ones turn pages and accept the usual terms.
        lines = ("on", "Vermont", "60 days", *[""] * 5, "stop")
        return hold_conversation(file, lines, capsys, monkeypatch)

    ours, theirs = twice(run)
    assert ours == theirs
    assert ours[0] == 0
    assert "law: Vermont\n" in ours[2]
    assert '#~ financial / cap per client = "much"' in ours[2]


# -- batches


def test_a_batch_builds_the_same_deals(tmp_path: Path) -> None:
    wrong = {2: ("Vermont\n", "Atlantis\n"), 3: ("model: none", "modle: none"), 5: ("law: Vermont\n", "")}
    source = deals(tmp_path / "deals", 6)
    for number, (old, new) in wrong.items():
        path = source / f"deal-{number:03}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    folders = iter((tmp_path / "ours", tmp_path / "theirs"))

    def run() -> object:
        folder = next(folders)
        outcome = batch(source, folder, keep_going=True)
        built = {name: digest for name, digest in hashes(folder).items() if not name.startswith("manifest")}
        listed = [
            (line["deal"], line["status"], [(p["line"], p["column"], p["field"]) for p in line["problems"]])  # type: ignore[attr-defined]
            for line in entries(folder)
        ]
        return outcome.status, built, listed

    ours, theirs = twice(run)
    assert ours == theirs
    status, built, listed = ours
    assert status == 1
    assert len(built) == 3
    assert [state for _, state, _ in listed] == ["built", "wrong", "wrong", "built", "wrong", "built"]


# -- packs


def test_the_check_of_a_pack_says_the_same(tmp_path: Path) -> None:
    """Two clauses tie, a text points to a clause that some agreements lack, a test and a sample fail."""
    files: dict[str, str | bytes] = {
        "clauses/brand/one.md": packs.clause(
            "one", "Under {{ ref('data') }} it is so.", more='when: "brand.licence"\n'
        ),
        "clauses/brand/two.md": packs.clause("two", "Names are names hereby.", more='when: "brand.uses"\n'),
        "tests/ours.yaml": "tests:\n  - {clause: one, facts: {law: Atlantis}, contains: [so]}\n",
        "samples/good.yaml": MINIMAL.read_text(encoding="utf-8"),
        "samples/bad.yaml": REFERRAL.read_text(encoding="utf-8").replace("law: Massachusetts", "law: Atlantis"),
    }
    folder = packs.write(tmp_path / "acme-law", files, "kinds: [referral]\nswitched off: [brand]\n")

    def run() -> object:
        report = check_pack(folder, (), date(2026, 11, 28))
        return without_words(report.problems), report.coverage, report.tests, report.pages

    ours, theirs = twice(run)
    assert ours == theirs
    assert {"P05", "P06", "P17", "P18", "P21", "P23"} <= {code for _, _, code, _ in ours[0]}

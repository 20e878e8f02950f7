"""The questionnaire, driven through a pseudo-terminal: the real program, real keys, real files."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, pdf_text, word_text
from terminal import CTRL_C, DOWN, ENTER, UP, Terminal, plain

from agreementgen import pipeline
from agreementgen.library.library import Library
from agreementgen.render import pdf
from agreementgen.yamlfile import editing

# What an owner answers, in the order of the questions: a part of the question, the answer, the facts it makes.
Answer = tuple[str, str, tuple[str, ...], Any]
MASS = "Massachusetts"
REFERRAL: tuple[Answer, ...] = (
    ("law governs it", MASS, ("law",), MASS),
    ("courts decide?", "Essex County, Massachusetts", ("venue",), "Essex County, Massachusetts"),
    ("legal name", "Northshore Web Studio LLC", ("parties", "1", "name"), "Northshore Web Studio LLC"),
    ("formed?", MASS, ("parties", "1", "formed in"), MASS),
    ("Its address", "14 Harbor Street, Salem, MA 01970", ("parties", "1", "address"), "14 Harbor Street, Salem, MA 01970"),
    ("e-mail address", "dana@northshore.example", ("parties", "1", "email"), "dana@northshore.example"),
    ("person who signs", "Dana Reyes, Manager", ("parties", "1", "signatory", "name"), "Dana Reyes, Manager"),
    ("legal name", "Bay Rank Digital, Inc.", ("parties", "2", "name"), "Bay Rank Digital, Inc."),
    ("formed?", "Rhode Island", ("parties", "2", "formed in"), "Rhode Island"),
    ("Its address", "220 Weybosset Street, Providence", ("parties", "2", "address"), "220 Weybosset Street, Providence"),
    ("e-mail address", "lee@bayrank.example", ("parties", "2", "email"), "lee@bayrank.example"),
    ("person who signs", "Lee Okafor, President", ("parties", "2", "signatory", "name"), "Lee Okafor, President"),
    ("in one sentence?", "Refer each other clients", ("scope", "purpose"), "Refer each other clients"),
    ("each party do?", "1,2", ("responsibilities", "Northshore Web Studio"), 2),
    ("each party do?", "1,3,4", ("responsibilities", "Bay Rank Digital"), 3),
    ("money flow", "referral fee", ("financial", "model"), "referral fee"),
    ("fee for a referred client?", "10 %", ("financial", "fee"), "10 %"),
    ("system or document", "shared CRM", ("financial", "tracking", "system"), "shared CRM"),
    ("Who keeps it", "payer", ("financial", "tracking", "kept by"), "payer"),
    ("late amounts?", "", ("financial", "late charge"), "1%"),
    ("begin with a pilot", "", ("duration", "pilot"), "yes"),
    ("How long is the term", "18 months", ("duration", "term"), "18 months"),
    ("With how much notice", "", ("termination", "notice"), "30 days"),
    ("How long is the tail", "", ("exit", "tail"), "90 days"),
    ("For how long after the end", "", ("confidentiality", "length"), "24 months"),
    ("least that the limit", "", ("liability", "floor"), "$10,000"),
)  # fmt: skip


def facts(file: Path) -> dict[str, Any]:
    return editing.answers_in_text(file.read_text(encoding="utf-8"))


def said(file: Path, path: tuple[str, ...]) -> Any:
    found: Any = facts(file)
    for part in path:
        found = found[int(part) - 1] if isinstance(found, list) else (found or {}).get(part)
    return len(found) if isinstance(found, list) else found


def begin(terminal: Terminal) -> None:
    """Answer how to begin, which is asked where the kind was named on the command line."""
    terminal.expect("How do you want to begin?")
    terminal.prompt()
    terminal.type("1")


def accept_usual_terms(terminal: Terminal) -> None:
    """Accept one screen of usual terms after the other, and write the documents."""
    while "Review:" not in terminal.prompt():
        terminal.type("")


def answer(terminal: Terminal, answers: tuple[Answer, ...]) -> None:
    for part, text, _, _ in answers:
        shown = terminal.prompt()
        if "Is there another party?" in shown:
            terminal.type("1")
            shown = terminal.prompt()
        assert part in " ".join(shown.split()), (part, shown)
        terminal.type(text)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder of a referral deal made from nothing to its documents, and all that was shown."""
    folder = tmp_path_factory.mktemp("finished")
    with Terminal(folder, "new", "deal.yaml", "--plain") as terminal:
        terminal.expect("no legal advice")
        terminal.expect("Referral Agreement")
        terminal.prompt()
        terminal.type("referral")
        answer(terminal, REFERRAL)
        accept_usual_terms(terminal)
        terminal.type("1")
        assert "Read it now?" in terminal.prompt()
        terminal.type("2")
        # The agreement, a screen at a time.
        while "Read it now?" not in terminal.prompt():
            terminal.type("")
        terminal.type("")
        assert terminal.end() == 0
        return folder, plain(terminal.seen)


def test_the_documents_are_there_and_what_to_do_next(finished: tuple[Path, str]) -> None:
    folder, seen = finished
    wanted = {"docx", "pdf"} if pdf.is_available() else {"docx"}
    assert {path.suffix[1:] for path in folder.glob("deal.*")} == {*wanted, "yaml"}
    assert "Have a lawyer review it" in seen
    assert "Sign it" in seen
    assert "Each party will do its listed duties" in seen.rpartition("What to do next:")[2]


def test_the_file_says_what_was_answered(finished: tuple[Path, str]) -> None:
    for _, _, path, value in REFERRAL:
        assert said(finished[0] / "deal.yaml", path) == value


def test_documents_are_those_of_the_same_deal_written_by_hand(
    finished: tuple[Path, str], library: Library, tmp_path: Path
) -> None:
    """The same words; the deals inside differ, because a questionnaire writes down usual answers, too."""
    folder, _ = finished
    by_hand = """
agreement: referral
law: Massachusetts
venue: Essex County, Massachusetts
parties:
- {name: Northshore Web Studio LLC, entity: LLC, formed in: Massachusetts, email: dana@northshore.example,
   address: "14 Harbor Street, Salem, MA 01970", signatory: {name: "Dana Reyes, Manager"}}
- {name: "Bay Rank Digital, Inc.", entity: corporation, formed in: Rhode Island, email: lee@bayrank.example,
   address: "220 Weybosset Street, Providence", signatory: {name: "Lee Okafor, President"}}
scope: {purpose: Refer each other clients}
responsibilities:
  Northshore Web Studio:
  - Introduces a suitable client in writing within 2 days
  - Answers a referred client within 1 business day
  Bay Rank Digital:
  - Introduces a suitable client in writing within 2 days
  - Reports each month what came of the leads
  - Tells the other party at once when it cannot take new clients
financial: {model: referral fee, fee: 10%, tracking: {system: shared CRM, kept by: payer}}
duration: {term: 18 months}
"""
    kinds = [path.suffix[1:] for path in folder.glob("deal.*") if path.suffix != ".yaml"]
    built = pipeline.build(pipeline.read(by_hand.encode(), "deal.yaml", library), library, kinds)
    for kind, data in built.files.items():
        made = (folder / f"deal.{kind}").read_bytes()
        assert (
            word_text(made) == word_text(data)
            if kind == "docx"
            else pdf_text(made, tmp_path) == pdf_text(data, tmp_path)
        )


# -- stopping


def stop(terminal: Terminal, how: str) -> int:
    if how == "Ctrl-C":
        terminal.child.send(CTRL_C)
    else:
        os.kill(terminal.child.pid, getattr(signal, how))
    return terminal.end()


def stopped_and_resumed(folder: Path, count: int, how: str, *options: str) -> None:
    """Answer `count` questions, stop in the middle of the next one, and go on to the end of the questions."""
    file = folder / "deal.yaml"
    with Terminal(folder, "new", "deal.yaml", "--type", "referral", "--plain") as terminal:
        begin(terminal)
        answer(terminal, REFERRAL[:count])
        terminal.prompt()
        terminal.type("half an ans", enter="")
        status = stop(terminal, how)
        if how == "Ctrl-C":
            assert status == 130
            assert "Your answers are saved in deal.yaml" in plain(terminal.seen)
            assert "agreementgen new deal.yaml" in plain(terminal.seen)
    for _, _, path, value in REFERRAL[:count]:
        assert said(file, path) == value, (count, how, path)
    assert "half an ans" not in file.read_text(encoding="utf-8")
    with Terminal(folder, "new", "deal.yaml", "--plain") as terminal:
        terminal.expect("Going on with deal.yaml")
        if count < len(REFERRAL):
            terminal.expect("Go on: ")
            terminal.prompt()
            terminal.type("1")
            answer(terminal, REFERRAL[count : count + 1])
            terminal.prompt()
            _, _, path, value = REFERRAL[count]
            assert said(file, path) == value
    assert not [path for path in folder.iterdir() if ".part-" in path.name and how != "SIGKILL"]


WAYS = ("Ctrl-C", "SIGKILL", "SIGHUP", "SIGTERM")


@pytest.mark.parametrize(
    ("count", "how"), [(0, "SIGKILL"), (5, "Ctrl-C"), (9, "SIGHUP"), (16, "SIGKILL"), (24, "SIGTERM")]
)
def test_nothing_is_lost_when_it_is_stopped(count: int, how: str, tmp_path: Path) -> None:
    stopped_and_resumed(tmp_path, count, how)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("AGREEMENTGEN_ALL_STOPS"), reason="minutes; set AGREEMENTGEN_ALL_STOPS=1")
@pytest.mark.parametrize(
    ("count", "how"), [(n % len(REFERRAL), WAYS[n % 3]) for n in range(30)], ids=lambda value: str(value)
)
def test_nothing_is_lost_at_30_prompts(count: int, how: str, tmp_path: Path) -> None:
    stopped_and_resumed(tmp_path, count, how)


def test_a_file_in_use_is_locked(tmp_path: Path) -> None:
    with Terminal(tmp_path, "new", "deal.yaml", "--type", "referral", "--plain") as terminal:
        begin(terminal)
        terminal.prompt()
        with Terminal(tmp_path, "new", "deal.yaml", "--plain") as second:
            assert second.end() == 2
            assert "another run of agreementgen is editing this file" in plain(second.seen)
        os.kill(terminal.child.pid, signal.SIGKILL)
        terminal.end()
    # A killed run leaves no lock behind.
    with Terminal(tmp_path, "new", "deal.yaml", "--plain") as terminal:
        terminal.expect("Going on with deal.yaml")


# -- refusals


def test_without_a_terminal_it_names_the_file_way(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from agreementgen.cli.main import main; main()", "new", "deal.yaml"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, input="1\n", capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "agreementgen show starter" in done.stderr
    assert "agreementgen build deal.yaml" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_no_deal_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text("agreement: referral\nlaw: [\n", encoding="utf-8")
    with Terminal(tmp_path, "new", "deal.yaml") as terminal:
        assert terminal.end() == 2
        assert "deal.yaml:" in plain(terminal.seen)
    assert (tmp_path / "deal.yaml").read_text(encoding="utf-8") == "agreement: referral\nlaw: [\n"


def test_control_characters_are_refused(tmp_path: Path) -> None:
    with Terminal(tmp_path, "new", "deal.yaml", "--type", "referral") as terminal:
        terminal.expect("How do you want to begin?")
        terminal.expect("arrow keys")
        terminal.child.send(ENTER)
        terminal.expect("law governs it")
        terminal.drawn()
        # A paste comes in brackets, so that its characters are no keys.
        terminal.child.send("\x1b[200~Massachu\x07setts\x1b[201~" + ENTER)
        terminal.expect("a control character")
    assert "law" not in facts(tmp_path / "deal.yaml")


# -- drawn prompts


def test_arrow_keys_completion_back_and_a_narrow_window(tmp_path: Path) -> None:
    with Terminal(tmp_path, "new", "deal.yaml", columns=80) as terminal:
        for screen, keys in (
            ("What kind of agreement is it?", UP + ENTER),  # before the first one: the last, other ways to begin
            ("What kind of agreement is it?", ENTER),
            ("How do you want to begin?", "<"),
            ("What kind of agreement is it?", ENTER),
            ("How do you want to begin?", ENTER),
        ):
            terminal.expect(screen)
            terminal.expect("arrow keys")
            terminal.child.send(keys)
        terminal.expect("law governs it")
        terminal.drawn()
        terminal.child.setwinsize(40, 60)
        terminal.type("Oregon")
        terminal.expect("courts decide?")
        terminal.drawn()
        terminal.type("<")
        shown = terminal.expect("law governs it")
        too_long = [line for line in shown.split("\n")[1:] if len(line) > 60]
        assert not too_long
        terminal.drawn()
        terminal.child.send("\x15" + "Ohio" + ENTER)
        terminal.expect("courts decide?")
        assert said(tmp_path / "deal.yaml", ("law",)) == "Ohio"
        assert said(tmp_path / "deal.yaml", ("agreement",)) == "referral"


def test_the_reference_deal_with_arrow_keys_in_a_window_that_shrinks(tmp_path: Path) -> None:
    """From nothing to the documents: lists by keys, a checklist, completion, 80 and then 60 columns."""
    keys = {"LLC": ENTER, "corporation": DOWN + ENTER, "referral fee": DOWN * 2 + ENTER, "payer": DOWN * 2 + ENTER}
    with Terminal(tmp_path, "new", "deal.yaml") as terminal:
        terminal.expect("What kind of agreement is it?")
        terminal.drawn()
        terminal.child.send(ENTER)
        for number, (part, text, _, value) in enumerate(REFERRAL):
            if number == len(REFERRAL) // 2:
                terminal.child.setwinsize(40, 60)
            if part.startswith("in one sentence"):
                terminal.expect("Is there another party?")
                terminal.drawn()
                terminal.child.send(ENTER)
            terminal.expect(part.split()[0])
            terminal.drawn()
            if isinstance(value, int):
                # A text of its own stands below the suggestions; here the first ones are ticked.
                terminal.child.send((" " + DOWN) * value + ENTER)
            elif text in keys:
                terminal.child.send(keys[text])
            else:
                terminal.type(text)
        while "Review:" not in "".join(terminal.look()):
            terminal.child.send(ENTER)
        terminal.child.send(ENTER)
        terminal.expect("Read it now?")
        terminal.drawn()
        terminal.child.send(ENTER)
        assert terminal.end() == 0
    for _, _, path, value in REFERRAL:
        assert said(tmp_path / "deal.yaml", path) == value
    assert (tmp_path / "deal.docx").is_file()


# -- any terminal


@pytest.mark.parametrize(
    "more", [{"TERM": "dumb"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}], ids=["dumb", "ascii"]
)
def test_a_simple_terminal_gets_plain_prompts(more: dict[str, str], tmp_path: Path) -> None:
    with Terminal(tmp_path, "new", "deal.yaml", "--type", "referral", **more) as terminal:
        begin(terminal)
        answer(terminal, REFERRAL[:1])
        terminal.prompt()
        assert "\x1b" not in terminal.seen
        if "PYTHONIOENCODING" in more:
            assert "county's or city's courts" in terminal.seen


def test_no_colour_where_nobody_wants_any(tmp_path: Path) -> None:
    with Terminal(tmp_path, "new", "deal.yaml", "--type", "referral", NO_COLOR="1") as terminal:
        terminal.expect("How do you want to begin?")
        terminal.drawn()
        terminal.child.send(ENTER)
        terminal.expect("law governs it")
        terminal.drawn()
        assert not re.search(r"\x1b\[(?:[0-9]+;)*(?:3[0-7]|38;[0-9;]*|4[0-7]|48;[0-9;]*)m", terminal.seen)


@pytest.mark.parametrize(
    "words", [["--help"], ["check", "samples/minimal.yaml"], ["show", "types"]], ids=lambda w: w[0]
)
def test_other_commands_do_not_wait_for_the_questionnaire(words: list[str]) -> None:
    slow = ("questionary", "prompt_toolkit", "weasyprint", "docx", "filelock")
    code = f"import sys\nfrom agreementgen.cli.main import main\ntry: main()\nfinally: print([n for n in {slow} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip().endswith("[]")

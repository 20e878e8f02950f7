"""Slips and changed minds in the questionnaire: what is removed comes back, what applies again is asked or returns."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_conversation import PARTIES, Script, talk

from agreementgen import pipeline
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.interview.conversation import Conversation
from agreementgen.interview.notebook import Notebook
from agreementgen.interview.prompts import Option, UserRequest
from agreementgen.interview.review import Review
from agreementgen.interview.screens import ListScreen
from agreementgen.library.library import Library

DUTIES = "responsibilities: {Elm Bakery: [Hands out flyers, Bakes a cake each week], Oak Cafe: [Hands out coupons]}\n"
REFERRAL = (
    "law: Ohio\nvenue: Dayton, Ohio\nscope: {purpose: Send clients}\n"
    f"{DUTIES}financial: {{model: referral fee, fee: 10%, tracking: {{system: a list, kept by: payer}}}}\n{PARTIES}"
)


def script_of(conversation: Conversation) -> Script:
    assert isinstance(conversation.prompts, Script)
    return conversation.prompts


def test_removing_a_duty_asks_and_can_be_undone(tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", REFERRAL, "#1", "remove", "No, keep it", "done")
    path = ("responsibilities", "Elm Bakery")
    question = conversation.notebook.find_question(("responsibilities",))
    assert question is not None
    both = ["Hands out flyers", "Bakes a cake each week"]
    ListScreen(conversation, path, question.parts[0]).open()
    assert conversation.notebook.answer_at(path) == both
    script_of(conversation).typed += ["#1", "remove", "Yes, remove it", "done"]
    ListScreen(conversation, path, question.parts[0]).open()
    assert "Remove this? Hands out flyers" in script_of(conversation).shown
    assert conversation.notebook.answer_at(path) == both[1:]
    # Also in another run.
    conversation = Conversation(
        Script("Bring back: Hands out flyers", "done"), Notebook.open(tmp_path / "deal.yaml", library)
    )
    ListScreen(conversation, path, question.parts[0]).open()
    assert conversation.notebook.answer_at(path) == both[::-1]
    assert conversation.notebook.last_removed(path) is None


def test_a_chart_is_offered_at_the_end_and_open_owners_are_asked_one_by_one(tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", REFERRAL)
    script = script_of(conversation)
    asked: list[str] = []
    ask_choices, ask_choice = script.ask_choices, script.ask_choice

    def tick(options: list[Option]) -> list[str]:
        asked.append(script.shown[-1])
        if len(asked) == 1:
            # Help is no way out.
            raise UserRequest("help")
        return ask_choices(options)

    script.ask_choices = tick  # type: ignore[method-assign, assignment]
    script.typed += ["Propose a chart first"]
    # Who does the work, who approves, who is told; then the second task.
    script.typed += ["Elm Bakery lead", "Elm Bakery lead", "", "Oak Cafe lead"]
    script.typed += ["Oak Cafe lead", "Oak Cafe lead", "Elm Bakery lead", "Done"]
    script.ask_choice = lambda options, default: ask_choice(options, default)  # type: ignore[method-assign]
    script.typed += ["Stop here"]
    Review(conversation, tmp_path).open()
    assert script.typed == []
    titles = [line for line in script.shown if "without an owner" in line]
    assert titles[0].startswith("--- Who does what: task 1 of 2 without an owner")
    assert titles[-1].startswith("--- Who does what: task 2 of 2 without an owner")
    tasks = conversation.notebook.answer_at(("raci", "tasks"))
    assert tasks["Talk about open leads weekly"] == {
        "Elm Bakery lead": "A/R", "Oak Cafe lead": "I", "phase": "Every week",
    }  # fmt: skip
    reviews = next(line for name, line in tasks.items() if name.startswith("Hold the review meeting"))
    assert (reviews["Oak Cafe lead"], reviews["Elm Bakery lead"]) == ("A/R", "C")
    # All tasks have one who answers for them, and the offer is gone.
    assert not conversation.notebook.status.problems
    script.shown.clear()
    script.typed += ["Stop here"]
    Review(conversation, tmp_path).open()
    assert "Write the documents" in script.shown
    assert "Propose a chart first" not in script.shown


def test_a_failed_write_stays_and_leads_to_its_answer(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    build, failures = pipeline.build_what_can_be_made, []

    def fail_once(*given: object) -> object:
        if not failures:
            failures.append(1)
            problem = Problem(
                "this does not fit", "write it shorter", "scope.purpose", Place("deal.yaml", 4, 3), code="x"
            )
            raise InputError(problem)
        return build(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "build_what_can_be_made", fail_once)
    typed = ("write", "scope.purpose: this does not fit", "Send guests", "write", "Finish")
    conversation = talk(tmp_path, library, "referral", REFERRAL, *typed)
    assert Review(conversation, tmp_path).open() == "done"
    script = script_of(conversation)
    assert any(line.startswith("--- The documents were not written") for line in script.shown)
    assert "! this does not fit" in script.shown
    assert conversation.notebook.answer_at(("scope", "purpose")) == "Send guests"
    assert script.typed == []
    assert (tmp_path / "deal.docx").is_file()


def test_answers_return_where_they_apply_again_and_usual_ones_are_asked(tmp_path: Path, library: Library) -> None:
    """No fee after all, and then a fee again: what was answered is back; what nobody was asked yet is asked."""
    conversation = talk(tmp_path, library, "referral", REFERRAL)
    notebook = conversation.notebook
    notebook.asks_usual = True
    notebook.save_answer(("financial", "late charge"), "2%")

    def list_open() -> list[str]:
        return [".".join(question.path) for question in notebook.list_open_questions()]

    assert "exit.tail" in list_open()
    assert "financial.late charge" not in list_open()
    notebook.save_answer(("financial", "model"), "none")
    assert notebook.answer_at(("financial",)) == {"model": "none"}
    assert not {"exit.tail", "financial.late charge", "financial.fee"} & set(list_open())
    notebook.notes.clear()
    notebook.save_answer(("financial", "model"), "referral fee")
    assert notebook.answer_at(("financial",)) == {
        "model": "referral fee", "fee": "10%", "late charge": "2%", "tracking": {"system": "a list", "kept by": "payer"},
    }  # fmt: skip
    assert "It applies again, and is back as you had answered it: financial.late charge." in notebook.notes
    assert "exit.tail" in list_open()
    # Another kind of money has other usual answers.
    notebook.save_answer(("financial", "model"), "fixed fee")
    assert {"financial.payer", "financial.amount"} <= set(list_open())
    assert notebook.answer_at(("financial", "late charge")) == "2%"


CHANNEL = (
    "law: Ohio\nvenue: Dayton, Ohio\nscope: {purpose: Sell payroll software}\n"
    f"{DUTIES}channel: {{products: the payroll software}}\n{PARTIES}"
)


@pytest.mark.parametrize(
    ("model", "money", "stock", "asked"),
    [
        ("agent", "commission", None, ["financial.tracking.system"]),
        ("distributor", "resale discount", True, []),
        ("white label", "resale discount", False, ["channel.own brand"]),
    ],
)
def test_usual_answers_follow_the_kind_of_partner(
    tmp_path: Path, library: Library, model: str, money: str, stock: bool | None, asked: list[str]
) -> None:
    """A reseller that becomes another partner late: nothing is left that must be mended, and back again."""
    notebook = talk(tmp_path, library, "channel", CHANNEL).notebook
    usual = {("financial", "model"): "resale discount", ("stock", "held"): False}

    def values() -> dict[tuple[str, ...], object]:
        facts = {path: notebook.status.find_fact(path) for path in usual}
        return {path: fact.value if fact else None for path, fact in facts.items()}

    before = [".".join(question.path) for question in notebook.list_open_questions()]
    assert values() == usual
    notebook.save_answer(("channel", "model"), model)
    assert values() == {("financial", "model"): money, ("stock", "held"): stock}
    now = [".".join(question.path) for question in notebook.list_open_questions()]
    assert [path for path in now if path not in before] == asked
    assert {problem.code for problem in notebook.status.problems} <= {"missing"}
    # It is marked as usual also where it is answered.
    for path, value in {("financial", "model"): money, ("stock", "held"): stock}.items():
        if (fact := notebook.status.find_fact(path)) is not None:
            notebook.save_answer(path, "yes" if value is True else "no" if value is False else value)
            fact = notebook.status.find_fact(path)
            said = {True: "yes", False: "no"}.get(value, value)  # type: ignore[call-overload]
            assert Conversation(Script(), notebook)._usual_word(fact.question, fact) == said  # type: ignore[union-attr]
            notebook.drop_answer(path)
    notebook.save_answer(("channel", "model"), "reseller")
    assert values() == usual


def test_what_was_typed_against_the_kind_of_partner_is_asked_again(tmp_path: Path, library: Library) -> None:
    notebook = talk(tmp_path, library, "channel", CHANNEL).notebook
    notebook.save_answer(("financial", "model"), "resale discount")
    notebook.save_answer(("channel", "model"), "agent")
    assert [question.path for question in notebook.list_open_questions()] == [("financial", "model")]
    notebook.save_answer(("financial", "model"), "commission")
    open_now = [".".join(question.path) for question in notebook.list_open_questions()]
    assert open_now == ["financial.tracking.system"]


def test_a_third_party_is_asked_for_its_shares_and_duties(tmp_path: Path, library: Library) -> None:
    shares = "{Elm Bakery: 60%, Oak Cafe: 40%}"
    text = f"{PARTIES}{DUTIES}ownership: {{shares: {shares}, profit: {shares}, loss: {shares}}}\n"
    notebook = talk(tmp_path, library, "joint-venture", text).notebook
    notebook.asks_usual = True
    assert not [one for one in notebook.list_open_questions() if one.path[0] in ("ownership", "responsibilities")]
    notebook.save_answer(("parties", "3", "name"), "Fir Farm LLC")
    asked = [one.path for one in notebook.list_open_questions() if one.path[0] in ("ownership", "responsibilities")]
    assert asked == [
        ("ownership", "shares"), ("ownership", "profit"), ("ownership", "loss"), ("responsibilities", "Fir Farm"),
    ]  # fmt: skip
    # What the others had said is still there, and whole again without the third.
    assert notebook.answer_at(("ownership", "profit")) == {"Elm Bakery": "60%", "Oak Cafe": "40%"}
    notebook.remove_entry(("parties", "3"))
    assert not [one for one in notebook.list_open_questions() if one.path[0] in ("ownership", "responsibilities")]

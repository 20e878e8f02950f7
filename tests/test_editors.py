"""The editors of the questionnaire: lists, groups, parties, shares; what an edit changes elsewhere in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from terminal import Terminal, plain

from agreementgen.yamlfile import editing

DEAL = """\
# What Rosa and Theo agreed on Tuesday.
agreement: referral
law: Vermont   # both live here
venue: Chittenden County, Vermont

parties:
  # the bakery
  - {name: Lind Bakery LLC, entity: LLC, formed in: Vermont, address: 1 Mill Lane, email: rosa@lind.example,
     signatory: {name: Rosa Lind, title: Member}}
  # the coffee people
  - {name: Maple Coffee LLC, entity: LLC, formed in: Vermont, address: 2 Mill Lane, email: theo@maple.example,
     signatory: {name: Theo Marsh, title: Member}}

financial:   # money comes before duties here
  model: referral fee
  fee: 10%          # asked for 12%
  tracking: {system: notebook, kept by: Lind Bakery}

scope: {purpose: Send each other customers}
responsibilities:
  Lind Bakery:
    - Puts a coffee coupon into every box   # until spring
    - Asks every new customer
  Maple Coffee: [Puts a bread coupon beside every till]
"""


class Editor:
    """One run on the deal above; `say` answers prompts one after the other."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.file = folder / "deal.yaml"
        if not self.file.exists():
            self.file.write_text(DEAL, encoding="utf-8")
        self.terminal = Terminal(folder, "new", "deal.yaml", "--plain", *options)
        self.terminal.expect("Review")

    def say(self, *replies: str) -> str:
        """Answer the next prompts; return what was shown before the last."""
        shown = ""
        for reply in replies:
            shown = self.terminal.prompt()
            self.terminal.type(reply)
        return shown

    def shown(self) -> str:
        """Return what is shown before the next prompt, without answering it."""
        return self.terminal.prompt()

    @property
    def data(self) -> dict[str, Any]:
        return editing.answers_in_text(self.text)

    @property
    def text(self) -> str:
        return self.file.read_text(encoding="utf-8")

    def stop(self) -> None:
        self.terminal.child.sendeof()
        self.terminal.end()


@pytest.fixture
def editor(tmp_path: Path) -> Any:
    found = Editor(tmp_path)
    yield found
    found.terminal.child.close(force=True)


def test_duties_of_a_party(editor: Editor) -> None:
    editor.say("responsibilities", "Lind Bakery", "add", "Tells staff", "Tells staff", "", "#1", "down")
    shown = editor.shown()
    assert "the same entry stands twice" in plain(editor.terminal.seen)
    assert ". Puts a coffee coupon" in shown
    duties = editor.data["responsibilities"]["Lind Bakery"]
    assert duties == ["Asks every new customer", "Puts a coffee coupon into every box", "Tells staff"]
    assert "Puts a coffee coupon into every box   # until spring" in editor.text
    editor.terminal.type("#2")
    editor.say("change", "Puts a coupon into boxes", "#3", "remove", "remove", "done")
    editor.shown()
    assert editor.data["responsibilities"]["Lind Bakery"] == ["Asks every new customer", "Puts a coupon into boxes"]


def test_goals_from_suggestions_in_own_words_and_changed(editor: Editor) -> None:
    editor.say(
        "goals", "1,3", "add", "Repeat customers", "40", "done", "#3", "up", "#1", "change", "goals.1.target", "7"
    )
    editor.say("done", "#3", "remove", "remove", "done")
    editor.shown()
    goals = editor.data["goals"]
    assert [goal["name"] for goal in goals] == ["Qualified leads", "Repeat customers"]
    assert goals[0]["target"] == "7"
    assert goals[0]["owner"] == "each"


def test_a_third_party_and_its_duties(editor: Editor) -> None:
    editor.say(
        "parties", "add", "Jo Park", "sole proprietor", "3 Mill Lane, Barre", "jo@elm.example", "Jo Park", "done",
        "#3", "up", "done",
    )  # fmt: skip
    shown = editor.shown()
    assert [party["name"] for party in editor.data["parties"]] == [
        "Lind Bakery LLC", "Jo Park", "Maple Coffee LLC",
    ]  # fmt: skip
    # The new party has no duties yet.
    assert "Still open: Responsibilities" in shown
    assert "# the coffee people\n  - {name: Maple Coffee LLC" in editor.text
    editor.terminal.type("1")
    assert "What does each party do? Jo Park:" in editor.shown()
    editor.terminal.type("2")
    editor.shown()
    assert len(editor.data["responsibilities"]["Jo Park"]) == 1


def test_a_new_short_name_is_used_everywhere(editor: Editor) -> None:
    editor.say("parties", "#1", "change", "parties.1.short", "Rosa's", "done", "done")
    editor.shown()
    assert list(editor.data["responsibilities"]) == ["Rosa's", "Maple Coffee"]
    assert editor.data["financial"]["tracking"]["kept by"] == "Rosa's"
    assert "# until spring" in editor.text


def test_shares_are_offered_the_rest(editor: Editor) -> None:
    editor.say("financial", "financial.model", "revenue share", "done", "1", "ticket sales", "60%")
    assert "Yes: Lind Bakery 60%, Maple Coffee 40%" in editor.say("")
    editor.say("1")
    shares = editor.data["financial"]["revenue shares"]
    assert shares == {"Lind Bakery": "60%", "Maple Coffee": "40%"}


def test_answers_that_do_not_apply_are_kept_and_come_back(editor: Editor) -> None:
    editor.say("financial", "financial.model", "none")
    shown = editor.shown()
    assert "Kept aside" in shown
    assert editor.data["financial"] == {"model": "none"}
    assert '#~ financial / fee = "10%"' in editor.text
    editor.terminal.type("financial.model")
    editor.say("referral fee")
    assert "back as you had answered it" in editor.shown()
    assert editor.data["financial"]["fee"] == "10%"
    assert editor.data["financial"]["tracking"] == {"system": "notebook", "kept by": "Lind Bakery"}
    assert "#~" not in editor.text


def test_a_group_that_is_switched_off_keeps_what_it_held(editor: Editor) -> None:
    editor.say("duration", "duration.pilot", "other", "duration.pilot.length", "60 days", "done")
    editor.say("duration.pilot", "no")
    editor.shown()
    assert editor.data["duration"]["pilot"] == "no"
    editor.terminal.type("duration.pilot")
    editor.say("yes", "done")
    editor.shown()
    assert editor.data["duration"]["pilot"] == {"length": "60 days"}


def test_comments_and_order_survive(editor: Editor) -> None:
    before = editor.text
    editor.say("agreement", "law", "Maine", "effective", "2027-01-15", "done", "scope", "scope.territory", "Vermont")
    editor.say("done")
    editor.shown()
    after = editor.text
    assert after == before.replace("law: Vermont ", "effective: 2027-01-15\nlaw: Maine ").replace(
        "purpose: Send each other customers}", "purpose: Send each other customers, territory: Vermont}"
    )


def test_a_wrong_answer_is_refused_at_the_prompt(editor: Editor) -> None:
    editor.say("financial", "financial.window", "12")
    # 12 days are less than the least, and are not offered.
    shown = plain(editor.say("2"))
    assert '"12": do you mean this?\n' in shown
    assert "\n  1. Yes: 12 months\n  2. No: type it again\n" in shown
    editor.say("three months")
    shown = editor.shown()
    assert "= 3 months" in plain(editor.terminal.seen)
    assert "window: 3 months" in shown
    editor.terminal.type("financial.cap per client")
    editor.say("$5k", "financial.fee")
    assert "= $5,000" in plain(editor.terminal.seen)
    editor.say("200%")
    assert "more than 100%" in editor.shown()
    assert editor.data["financial"]["fee"] == "10%"


def test_a_problem_leads_to_its_answer(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(DEAL.replace("fee: 10%", "fee: lots"), encoding="utf-8")
    editor = Editor(tmp_path)
    editor.say("problems")
    shown = editor.say("#1")
    assert "financial.fee: " in shown
    editor.say("15%")
    assert "All questions are answered" in editor.shown()
    assert editor.data["financial"]["fee"] == "15%"
    editor.stop()


def turn_pages(editor: Editor) -> str:
    """Return what is shown a screen at a time, up to the next menu."""
    shown = ""
    while "\n  1. " not in (screen := editor.shown()):
        shown += screen
        editor.terminal.type("")
    return shown


def test_the_text_and_all_answers_can_be_read(editor: Editor) -> None:
    editor.say("read")
    shown = turn_pages(editor)
    assert "Lind Bakery LLC" in shown
    assert "____" in shown
    editor.terminal.type("summary")
    shown = turn_pages(editor)
    assert "purpose: Send each other customers" in shown
    assert "As usual:" in shown


def test_what_an_editor_changed_meanwhile_is_kept(editor: Editor) -> None:
    editor.say("agreement", "law")
    editor.shown()
    editor.file.write_text(editor.text.replace("1 Mill Lane", "9 Mill Lane"), encoding="utf-8")
    editor.terminal.type("Maine")
    assert "changed by another program" in editor.shown()
    assert editor.data["law"] == "Maine"
    assert editor.data["parties"][0]["address"] == "9 Mill Lane"


def test_help_back_later_and_the_menu(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text("agreement: referral\n", encoding="utf-8")
    editor = Editor(tmp_path)
    editor.say("1", "?")
    assert "There is no default" in editor.say("Vermont")
    editor.say("<", "Maine", "Knox County", ">", "/")
    assert "Left open for now" in plain(editor.terminal.seen)
    editor.say("topics", "scope", "scope.purpose", "Sell bread", "done", "review")
    assert "Still open: Parties" in editor.shown()
    assert editor.data["law"] == "Maine"
    assert editor.data["scope"]["purpose"] == "Sell bread"
    editor.stop()


@pytest.mark.parametrize("kind", ["small", "referral"])
def test_other_beginnings(kind: str, tmp_path: Path) -> None:
    with Terminal(tmp_path, "new", "deal.yaml", "--type", "referral", "--plain") as terminal:
        terminal.expect("How do you want to begin?")
        terminal.prompt()
        terminal.type(kind)
        # A sample gives its terms; its people and places are asked anew.
        terminal.expect("law governs it")
    text = (tmp_path / "deal.yaml").read_text(encoding="utf-8")
    if kind == "small":
        assert editing.answers_in_text(text)["duration"] == {"pilot": {"length": "90 days", "decision": "expires"}}
    else:
        assert "fee: 10%" in text
        assert all(name not in text for name in ("Northshore", "Bay Rank", "Dana", "Okafor", "Salem", "@"))


def test_a_topic_that_is_left_out_keeps_its_answers(editor: Editor) -> None:
    editor.say("exit", "exit.tail", "60 days", "done", "agreement", "leave out", "exit")
    shown = editor.shown()
    assert "Kept aside, because it does not apply now: exit." in shown
    assert "exit" not in editor.data
    editor.terminal.type("leave out")
    editor.say("?", "", "leave out", "0")
    editor.shown()
    assert editor.data["exit"] == {"tail": "60 days"}
    assert "leave out" not in editor.data
    editor.terminal.type("leave out")
    editor.say("exit")
    editor.shown()
    assert editor.data["leave out"] == ["exit"]
    editor.terminal.type("leave out")
    editor.say("brand")
    editor.shown()
    assert editor.data["leave out"] == ["brand"]
    assert editor.data["exit"] == {"tail": "60 days"}


def test_roles_and_tasks_of_a_chart(editor: Editor) -> None:
    editor.say("raci", "add role", "Account lead", "Lind Bakery", "add role", "Barista", "Maple Coffee")
    editor.say("add task", "Count coupons", "Barista", "Account lead")
    editor.say("add task", "Send the statement", "Account lead", "Account lead", "Barista", "done")
    editor.say("parties", "#1", "change", "parties.1.short", "Rosa's", "done", "done")
    editor.shown()
    assert editor.data["raci"] == {
        "roles": {"Account lead": "Rosa's", "Barista": "Maple Coffee"},
        "tasks": {
            "Count coupons": {"Account lead": "A", "Barista": "R"},
            "Send the statement": {"Account lead": "A/R", "Barista": "C"},
        },
    }
    editor.terminal.type("raci")
    editor.say("role Barista", "name", "Coffee lead", "task Count coupons", "remove", "remove", "done")
    editor.shown()
    assert editor.data["raci"]["tasks"] == {"Send the statement": {"Account lead": "A/R", "Coffee lead": "C"}}


def test_a_chart_is_proposed_and_its_tasks_change_places(editor: Editor) -> None:
    editor.say("raci", "propose")
    editor.shown()
    tasks = list(editor.data["raci"]["tasks"])
    assert len(tasks) > 3
    assert set(editor.data["raci"]["roles"].values()) == {"Lind Bakery", "Maple Coffee"}
    editor.terminal.type(f"task {tasks[0]}")
    editor.say("down", f"task {tasks[2]}", "up", "done")
    editor.shown()
    assert list(editor.data["raci"]["tasks"])[:3] == [tasks[1], tasks[2], tasks[0]]


def test_a_file_broken_meanwhile_can_be_mended(editor: Editor) -> None:
    editor.say("agreement", "law")
    editor.shown()
    good = editor.text
    editor.file.write_text(good.replace("scope: {", "scope: {{"), encoding="utf-8")
    editor.terminal.type("Maine")
    assert "! " in editor.shown()
    editor.file.write_text(good, encoding="utf-8")
    editor.terminal.type("Maine")
    editor.shown()
    assert editor.data["law"] == "Maine"
    # Without its answer there is nothing to leave out.
    editor.terminal.type("effective")
    editor.say("2027-01-15", "effective", "-", "law", "-", "Ohio")
    editor.shown()
    assert "effective" not in editor.data
    assert editor.data["law"] == "Ohio"


def test_a_proposed_chart_asks_for_what_the_agreement_leaves_open(editor: Editor) -> None:
    editor.say("raci", "propose")
    shown = editor.shown()
    assert "nobody approves" in plain(shown), plain(shown)
    assert editor.data["raci"]["tasks"]["Talk about open leads weekly"] == {
        "Lind Bakery lead": "R",
        "Maple Coffee lead": "R",
        "phase": "Every week",
    }

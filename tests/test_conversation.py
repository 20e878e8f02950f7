"""What a prompt does with what is typed, without a terminal: readings, doubts, roles, lists, samples, removals."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import SAMPLES

from agreementgen.interview import prompts, usual_terms
from agreementgen.interview.conversation import Conversation
from agreementgen.interview.doubts import find_doubt
from agreementgen.interview.notebook import Notebook, PendingQuestion
from agreementgen.interview.prompts import Option, UserRequest
from agreementgen.interview.review import Review
from agreementgen.interview.sample_start import PLACEHOLDERS, begin_from_sample
from agreementgen.interview.screens import ListScreen, ask
from agreementgen.interview.session import Interview
from agreementgen.interview.words_shown import WordsShown
from agreementgen.library.library import Library
from agreementgen.library.messages import NO_MESSAGES
from agreementgen.yamlfile import editing


class Script:
    """Prompts that type what a test says; a choice is made by the value or a part of the label of its line."""

    messages = NO_MESSAGES

    def __init__(self, *typed: str) -> None:
        self.typed = list(typed)
        self.shown: list[str] = []

    def print_line(self, text: str) -> None:
        self.shown.append(text)

    def begin_screen(self) -> None:
        self.shown.append("")

    def show_lines(self) -> None:
        self.shown.append("")

    def ask_text(self, default: str, completions: Sequence[str]) -> str:
        return self.typed.pop(0)

    def ask_choice(self, options: Sequence[Option], default: str) -> str:
        wanted = self.typed.pop(0)
        self.shown += [option.label for option in options]
        if wanted == "":
            return default
        found = [o.value for o in options if wanted in (o.value, o.label) or wanted in o.label]
        found += [wanted for option in options if option.takes_text]
        return found[0]

    def ask_choices(self, options: Sequence[Option]) -> list[str]:
        wanted = self.typed.pop(0)
        return [option.value for option in options if wanted and wanted in option.label]


def talk(folder: Path, library: Library, kind: str, text: str, *typed: str) -> Conversation:
    notebook = Notebook.create(folder / "deal.yaml", library, kind, f"agreement: {kind}\n{text}")
    return Conversation(Script(*typed), notebook)


PARTIES = """\
parties:
  - {name: Elm Bakery LLC, entity: LLC, formed in: Ohio, address: "1 Elm Street, Dayton, OH 45402", email: a@elm.example, signatory: {name: Ana Elm, title: Owner}}
  - {name: Oak Cafe LLC, entity: LLC, formed in: Ohio, address: "2 Oak Street, Dayton, OH 45402", email: b@oak.example, signatory: {name: Bo Oak, title: Owner}}
"""


def test_a_place_of_courts_without_its_state_is_asked_again_where_the_law_is_of_a_state(
    tmp_path: Path, library: Library
) -> None:
    conversation = talk(
        tmp_path, library, "referral", f"law: Ohio\n{PARTIES}", "Dan", "Type it again", "Akron", "Write it so"
    )
    fact = conversation.status.find_fact(("venue",))
    assert fact is not None
    assert conversation.ask_answer(("venue",), fact.question)
    assert '! "Dan" names no county, no court and no state.' in conversation.prompts.shown  # type: ignore[attr-defined]
    assert conversation.notebook.answer_at(("venue",)) == "Akron, Ohio"
    # In small letters one question is enough; a town where a party has its address is known.
    for typed, saved in (("toledo", "Toledo, Ohio"), ("Dayton", "Dayton"), ("dayton", "Dayton")):
        conversation.prompts.typed += [typed, *([f"Yes: {saved}"] if typed.islower() else [])]  # type: ignore[attr-defined]
        assert conversation.ask_answer(("venue",), fact.question)
        assert conversation.notebook.answer_at(("venue",)) == saved
        assert conversation.prompts.typed == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "typed", "saved"),
    [
        ("law", ("UK", "Scotland"), "Scotland"),
        ("law", ("NL", "Newfoundland"), "Newfoundland and Labrador"),
        ("law", ("Vermnt", "No: type it again", "Maine"), "Maine"),
        ("venue", ("n/a", "dayton", "Yes: Dayton"), "Dayton"),
        ("financial.fee", ("1.500 EUR", "€1,500"), "1,500 EUR"),
        ("financial.fee", ("0.1", "None of these", "12 %"), "12 %"),
        ("financial.fee", ("five hundred dollars", "Yes: $500"), "$500"),
        ("financial.tracking.system", ("n/a", "Type it again", "a shared notebook"), "a shared notebook"),
        ("financial.tracking.system", ("n/a", "Keep it: n/a"), "n/a"),
        ("scope.purpose", ("our", "Type it again", "Send customers \U0001f950", "Write it so"), "Send customers"),
        ("parties.1.name", ("blue door cafe llc", "Write it so"), "Blue Door Cafe LLC"),
        ("parties.1.name", ("blue door cafe", "Keep it"), "blue door cafe"),
        ("parties.1.signatory.name", ("Hilltop Farms", "Type it again", "Ana Elm"), "Ana Elm"),
        ("parties.1.signatory.name", ("Ana Farmer",), "Ana Farmer"),
        ("parties.1.signatory.name", ("ana elm, owner", "Write it so"), "Ana Elm, Owner"),
        ("parties.1.signatory.name", ("Owner", "Type it again", "Ana Elm (Owner)", "Write it so"), "Ana Elm, Owner"),
        ("parties.1.signatory.name", ("President: Ana Elm", "Write it so"), "Ana Elm, President"),
        ("parties.1.signatory.name", ("Ana Ownerby - Smith", ), "Ana Ownerby - Smith"),
        ("parties.1.name", ("Elm Bakery llc", "Write it so"), "Elm Bakery LLC"),
        ("parties.1.email", ("Ana <ana@elm.example>", "Yes: ana@elm.example"), "ana@elm.example"),
        ("parties.1.email", ("me", "mailto:ana@elm.example", "Yes: ana@elm.example"), "ana@elm.example"),
        ("law", ("Delaware law",), "Delaware law"),
        ("law", ("USA - Ohio",), "USA - Ohio"),
        ("law", ("Columbus OH",), "Columbus OH"),
        ("termination.notice", ("30 days written notice", "Yes: 30 days"), "30 days"),
        ("termination.notice", ("none", "sixty days notice", "Yes: 60 days"), "60 days"),
        ("financial.late charge", ("1% a month", "Yes: 1%"), "1%"),
        ("financial.late charge", ("18% a year", "Yes: 1.5% a month"), "1.5%"),
        ("financial.late charge", ("9 percent per annum", "Yes: 0.75% a month"), "0.75%"),
        # A twelfth of 10% is no percentage that can be written; a twelfth of 48% is more than the most.
        ("financial.late charge", ("10% a year", "48% p.a.", "1%"), "1%"),
        ("parties.1.signatory.title", ("boss", "Type it again", "Manager"), "Manager"),
        ("parties.1.signatory.title", ("owner", "Write it so: Owner"), "Owner"),
        ("parties.1.signatory.name", ("Ana Elm, intern", "Keep it: Ana Elm, intern"), "Ana Elm, intern"),
        ("venue", ("Franklin county", "Yes: Franklin County"), "Franklin County"),
        ("effective", ("the end of February 2028", "Yes: February 29, 2028"), "2028-02-29"),
        ("effective", ("asap", "end of December 2026", "Yes: December 31, 2026"), "2026-12-31"),
        ("scope.purpose", ("Sunny \u2600\ufe0f days", "Write it so: Sunny days"), "Sunny days"),
        ("parties.1.name", ("Elm Bakery, inc.", "Write it so: Elm Bakery, Inc."), "Elm Bakery, Inc."),
        ("parties.1.address", ("home", "Type it again", "same town", "Type it again", "5 Elm Street, Dayton"), "5 Elm Street, Dayton"),
        ("parties.1.address", ("5 Elm Street\nDayton, OH 45402\n",), "5 Elm Street, Dayton, OH 45402"),
        ("parties.1.name", ("Elm Inn LLC\n5 Elm Street\nana@elm.example", "Elm Inn LLC"), "Elm Inn LLC"),
        ("parties.1.name", ("Elm Inn LLC, ana@elm.example", "Type it again", "Elm Inn LLC"), "Elm Inn LLC"),
        ("parties.1.address", ("Elm Street", "Keep it: Elm Street"), "Elm Street"),
        ("parties.1.address", ("5 elm street, dayton, oh 45402", "Write it so"), "5 Elm Street, Dayton, OH 45402"),
        ("parties.1.signatory.name", ("Ana", "Type it again", "Ana Elm"), "Ana Elm"),
        ("scope.purpose", ("asdf", "Type it again", "Referrals", "Type it again", "Refer customers"), "Refer customers"),
        ("scope.purpose", ("around 10%", "Type it again", "Refer customers, I think", "Write it so: Refer customers"), "Refer customers"),
        ("scope.purpose", ("help", "Type it again", "Refer customers"), "Refer customers"),
        ("venue", ("Ohio", "Type it again", "somewhere in Dayton", "Dayton, I think", "Yes: Dayton"), "Dayton"),
        ("venue", ("Ohio", "Keep it: Ohio"), "Ohio"),
        ("venue", ("Ohio", "Hamilton County, Ohio"), "Hamilton County, Ohio"),
        ("scope.purpose", ("asdf", "our", "Refer customers"), "Refer customers"),
        ("law", ("Ohio or Maine", "Maine"), "Maine"),
        ("financial.fee", ("around 10%", "Yes: 10%"), "10%"),
        ("financial.fee", ("5 to 10%", "5%"), "5%"),
        ("duration.term", ("we'll see", "6 to 12 months", "12 months"), "12 months"),
        ("effective", ("Jan 15 or 16", "January 16"), "2027-01-16"),
        ("duration.term", ("1.5 years", "Yes: 18 months"), "18 months"),
        ("venue", ("Blah", "Type it again", "Dayton, Ohio"), "Dayton, Ohio"),
        ("parties.1.address", ("12 Main Street", "Type it again", "PO Box 3", "12 Main Street, Dayton"), "12 Main Street, Dayton"),
        ("parties.1.name", ("llc", "Type it again", "dans bikes llc", "Write it so"), "Dans Bikes LLC"),
        ("parties.1.short", ("llc", "Write it so"), "LLC"),
        ("parties.1.formed in", ("dans bikes llc, ohio",), "Ohio"),
        ("parties.1.formed in", ("NL", "Newfoundland", ), "Newfoundland and Labrador"),
    ],
)  # fmt: skip
def test_readings_and_doubts_are_asked(
    path: str, typed: tuple[str, ...], saved: str, tmp_path: Path, library: Library
) -> None:
    text = f"{PARTIES}financial: {{model: referral fee, base: gross invoiced, tracking: {{kept by: payer}}}}\n"
    conversation = talk(tmp_path, library, "referral", text, *typed)
    place = tuple(path.split("."))
    fact = conversation.status.find_fact(place)
    assert fact is not None
    assert conversation.ask_answer(place, fact.question)
    assert conversation.notebook.answer_at(place) == saved
    assert conversation.prompts.typed == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(("path", "doubtful"), [("venue", "Blah"), ("venue", "dayton"), ("law", "UK")])
def test_back_leads_from_a_doubt_to_the_same_prompt(path: str, doubtful: str, tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", PARTIES, doubtful, "Ohio", *["Keep it"] * (path == "venue"))
    script = conversation.prompts
    assert isinstance(script, Script)
    choose, refused = script.ask_choice, []

    def go_back_once(options: Sequence[Option], default: str) -> str:
        if not refused:
            refused.append(default)
            raise UserRequest("back")
        return choose(options, default)

    script.ask_choice = go_back_once  # type: ignore[method-assign]
    question = conversation.notebook.find_question((path,))
    assert question is not None
    assert conversation.ask_answer((path,), question)
    assert conversation.notebook.answer_at((path,)) == "Ohio"
    assert script.typed == []


def test_which_way_round_a_day_is_written_is_asked_once(tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", "", "1/5/27", "May 1, 2027", "2/6/27", "Yes: June 2, 2027")
    fact = conversation.status.find_fact(("effective",))
    assert fact is not None
    conversation.ask_answer(("effective",), fact.question)
    assert conversation.notebook.answer_at(("effective",)) == "2027-05-01"
    conversation.ask_answer(("effective",), fact.question)
    assert conversation.notebook.answer_at(("effective",)) == "2027-06-02"


@pytest.mark.parametrize(
    ("typed", "elm", "oak"),
    [
        (("60/40",), "60%", "40%"),
        (("equal",), "50%", "50%"),
        (("60/50", "70/30"), "70%", "30%"),
        (("60", "Yes: Elm Bakery 60%, Oak Cafe 40%"), "60%", "40%"),
        (("60", "No: type it again", "", "half", "55/45"), "55%", "45%"),
        (("same", "50/50"), "50%", "50%"),
    ],
)
def test_shares_of_all_are_typed_in_one_line(
    typed: tuple[str, ...], elm: str, oak: str, tmp_path: Path, library: Library
) -> None:
    conversation = talk(tmp_path, library, "joint-venture", PARTIES, *typed)
    fact = conversation.status.find_fact(("ownership", "shares"))
    assert fact is not None
    ask(conversation, fact.path, fact.question)
    assert conversation.notebook.answer_at(fact.path) == {"Elm Bakery": elm, "Oak Cafe": oak}
    shown = " ".join(conversation.prompts.shown)  # type: ignore[attr-defined]
    assert f"= Elm Bakery {elm}, Oak Cafe {oak}; 100% in all" in shown
    assert ("60% + 50% = 110%: 10% too much" in shown) == (typed[0] == "60/50")
    assert conversation.prompts.typed == []  # type: ignore[attr-defined]


def test_equal_shares_of_three_are_shown_before_they_are_taken(tmp_path: Path, library: Library) -> None:
    third = '  - {name: Fir Farm LLC, entity: LLC, formed in: Ohio, address: "3 Fir Street, Dayton, OH 45402"}\n'
    yes = "Yes: Elm Bakery 33.34%, Oak Cafe 33.33%, Fir Farm 33.33%"
    conversation = talk(tmp_path, library, "joint-venture", PARTIES + third, "equal", yes)
    fact = conversation.status.find_fact(("ownership", "shares"))
    assert fact is not None
    ask(conversation, fact.path, fact.question)
    assert conversation.notebook.answer_at(fact.path) == {
        "Elm Bakery": "33.34%",
        "Oak Cafe": "33.33%",
        "Fir Farm": "33.33%",
    }


@pytest.mark.parametrize(
    ("path", "typed", "saved"),
    [
        ("law", "Ohio; Dayton", ("Ohio", "Dayton, Ohio")),
        ("law", "Montgomery County, Ohio", ("Ohio", "Montgomery County, Ohio")),
        ("law", "Washington, D.C.", ("D.C.", "Washington, D.C.")),
        ("law", "Ohio", ("Ohio", None)),
        ("parties.1.name", "Elm & Sons, Inc., New York", ("Elm & Sons, Inc.", "New York")),
        ("parties.1.name", "Bank of Ohio, Inc.", ("Bank of Ohio, Inc.", None)),
        ("financial.tracking.system", "a shared list, kept by the paying party", ("a shared list", "payer")),
        ("financial.tracking.system", "notebook and Elm Bakery", ("notebook", "Elm Bakery")),
        ("financial.tracking.system", "notebook, kept by elm", ("notebook", "Elm Bakery")),
        ("financial.tracking.system", "notebook, kept by ELM BAKERY LLC", ("notebook", "Elm Bakery")),
        ("financial.tracking.system", "notebook, kept by Oak", ("notebook, kept by Oak", None)),
        ("financial.tracking.system", "notebook, kept by Elmira", ("notebook, kept by Elmira", None)),
        ("financial.tracking.system", "a list that Elm Bakery keeps", ("a list that Elm Bakery keeps", None)),
        ("parties.1.name", "Elm Bakery Inc., a Delaware corporation", ("Elm Bakery Inc.", "Delaware")),
        ("parties.1.name", "Elm Bakery LLC (Ohio)", ("Elm Bakery LLC", "Ohio")),
        ("parties.1.address", "1 Elm St, Dayton, OH 45402 / a@elm.example", ("1 Elm St, Dayton, OH 45402", "a@elm.example")),
        ("parties.1.name", "Ana Elm", ("Ana Elm", None)),
        ("parties.1.address", "1 Elm St, Dayton, OH 45402, a@elm.example", ("1 Elm St, Dayton, OH 45402", "a@elm.example")),
        ("parties.1.address", "1 Elm St, Dayton, OH 45402", ("1 Elm St, Dayton, OH 45402", None)),
        ("contributions.promised.1.value", "$5,000, Jan 31, 2027", ("$5,000", "Jan 31, 2027")),
        ("contributions.promised.1.value", "$5,000 as needed", ("$5,000", "as needed")),
        ("contributions.promised.1.value", "$1,250,000", ("$1,250,000", None)),
    ],
)  # fmt: skip
def test_two_answers_in_one_line(
    path: str, typed: str, saved: tuple[str, str | None], tmp_path: Path, library: Library
) -> None:
    text = "contributions:\n  promised:\n    - {party: Elm Bakery, kind: cash, what: for the oven}\n"
    parties = "parties:\n  - {short: Elm Bakery}\n"
    kind = "joint-venture"
    if path.startswith("financial"):
        kind, text = "referral", "financial: {model: referral fee}\n"
    # Enter takes what a doubt proposes.
    conversation = talk(tmp_path, library, kind, parties + text, typed, "")
    place = tuple(path.split("."))
    question = conversation.notebook.find_question(place)
    assert question is not None
    assert question.companion is not None
    assert conversation.ask_answer(place, question, True)
    beside = (*place[:-1], question.companion.key)
    assert (conversation.notebook.answer_at(place), conversation.notebook.answer_at(beside)) == saved


def test_a_mail_address_without_a_street_is_asked_again(tmp_path: Path, library: Library) -> None:
    typed = ("a@elm.example", "1 Elm Street, Dayton, a@elm", "1 Elm Street, Dayton, a@elm.example")
    conversation = talk(tmp_path, library, "referral", "parties:\n  - {short: Elm Bakery}\n", *typed)
    question = conversation.notebook.find_question(("parties", "1", "address"))
    assert question is not None
    conversation.ask_answer(("parties", "1", "address"), question, True)
    assert conversation.notebook.answer_at(("parties", "1", "address")) == "1 Elm Street, Dayton"
    shown = " ".join(conversation.prompts.shown)  # type: ignore[attr-defined]
    assert "! the address itself is missing" in shown
    assert '! "a@elm" is not' in shown


@pytest.mark.parametrize(
    ("name", "entity", "proposed"),
    [
        ("Ana Elm", "sole proprietor", "Ana Elm"),
        ("Ana Elm", "individual", "Ana Elm"),
        ("Ana Elm", "LLC", ""),
        # A business signs nothing; Enter would make it do so.
        ("Blue Door Cafe", "sole proprietor", ""),
        ("Elm & Sons", "sole proprietor", ""),
    ],
)
def test_a_person_signs_for_themselves(name: str, entity: str, proposed: str, tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", f"parties:\n  - {{name: {name}, entity: {entity}}}\n")
    seen: list[str] = []
    conversation.prompts.ask_text = lambda default, completions: seen.append(default) or default or "Bo Oak"  # type: ignore[method-assign]
    path = ("parties", "1", "signatory", "name")
    question = conversation.notebook.find_question(path)
    assert question is not None
    conversation.ask_answer(path, question)
    assert seen == [proposed]


def test_a_title_that_the_page_needs_is_asked_until_it_is_there(tmp_path: Path, library: Library) -> None:
    parties = PARTIES.replace("name: Ana Elm, title: Owner", "name: Ana Elm")
    conversation = talk(tmp_path, library, "referral", parties, "", "-", "Manager")
    pending = next(conversation.notebook.each_pending_question())
    assert pending.path == ("law",)
    titles = [q.path for q in conversation.notebook.each_pending_question() if q.path[0] == "parties"]
    assert titles == [("parties", "1", "signatory", "title")]
    question = conversation.notebook.find_question(titles[0])
    assert question is not None
    assert conversation.ask_answer(titles[0], question)
    assert conversation.notebook.answer_at(titles[0]) == "Manager"


def test_roles_are_asked_by_what_they_do_and_read_back(tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "supply", "", "Elm Bakery LLC", "Oak Mill LLC")
    for number, who in (("1", "Who buys the goods?"), ("2", "Who sells the goods?")):
        path = ("parties", number, "name")
        question = conversation.notebook.form.questions[0]
        question = next(q for q in conversation.notebook.form.questions if q.key == "parties").find_part("name")
        conversation.ask_answer(path, question)
        assert any(who in line for line in conversation.prompts.shown), conversation.prompts.shown  # type: ignore[attr-defined]
    conversation.prompts.typed.append("stop")  # type: ignore[attr-defined]
    Review(conversation, tmp_path).open()
    said = " ".join(conversation.prompts.shown)  # type: ignore[attr-defined]
    assert "Elm Bakery buys the goods; Oak Mill sells the goods." in said


def test_a_third_party_is_asked_for(tmp_path: Path, library: Library) -> None:
    email = "\n".join(PARTIES.split("\n")).replace(", email: b@oak.example", "")
    conversation = talk(tmp_path, library, "joint-venture", f"law: Ohio\nvenue: Dayton, Ohio\n{email}")
    conversation.prompts.typed += ["b@oak.example", "Yes, add one", "Fir Farm LLC"]  # type: ignore[attr-defined]
    interview = Interview(conversation, Review(conversation, tmp_path), False)
    with pytest.raises(IndexError):
        interview.ask_all()  # until nothing is typed any more
    assert [party["name"] for party in conversation.notebook.answer_at(("parties",))] == [
        "Elm Bakery LLC", "Oak Cafe LLC", "Fir Farm LLC",
    ]  # fmt: skip
    assert "Is there another party? So far: Elm Bakery, Oak Cafe." in conversation.prompts.shown  # type: ignore[attr-defined]


def test_who_goes_back_from_another_entry_is_asked_again_and_then_what_was_asked_before(
    tmp_path: Path, library: Library
) -> None:
    """Also help is about the list, and no answer."""
    email = PARTIES.replace(", email: b@oak.example", "")
    conversation = talk(tmp_path, library, "referral", f"law: Ohio\nvenue: Dayton, Ohio\n{email}")
    go = {"help": "?", "back": "<", "later": ">"}
    script = conversation.prompts
    assert isinstance(script, Script)
    script.typed += ["b@oak.example", "?", "Yes, add one", "<", "<", "c@oak.example", ">", "?", "Send clients"]
    typed_text, typed_choice = script.ask_text, script.ask_choice

    def request(text: str) -> str:
        if text in go.values():
            raise UserRequest({"?": "help", "<": "back", ">": "forward"}[text])  # type: ignore[arg-type]
        return text

    script.ask_text = lambda default, completions: request(typed_text(default, completions))  # type: ignore[method-assign]
    script.ask_choice = lambda options, default: (  # type: ignore[method-assign]
        request(script.typed.pop(0)) if script.typed[0] in go.values() else typed_choice(options, default)
    )
    with pytest.raises(IndexError):
        Interview(conversation, Review(conversation, tmp_path), False).ask_all()  # until nothing is typed any more
    assert script.typed == []
    assert [party["email"] for party in conversation.notebook.answer_at(("parties",))] == [
        "a@elm.example",
        "c@oak.example",
    ]
    assert conversation.notebook.answer_at(("scope", "purpose")) == "Send clients"
    asked = [line for line in script.shown if line.startswith("Is there another party?")]
    assert len(asked) == 4


def test_what_each_party_gives_is_asked_after_a_kill_and_again_when_somebody_goes_back(
    tmp_path: Path, library: Library
) -> None:
    cash = "{party: Elm Bakery, kind: cash, what: For the oven, value: $500, by: as needed}"
    conversation = talk(
        tmp_path, library, "joint-venture", f"{PARTIES}contributions:\n  promised:\n    - {cash}\n", "Nothing"
    )
    notebook = conversation.notebook
    notebook.asks_usual = True

    def list_open() -> list[PendingQuestion]:
        return [one for one in notebook.list_open_questions() if one.path[0] == "contributions"]

    # The run ended before the other party was asked for.
    silent = list_open()[0]
    assert silent.path == ("contributions", "promised", "2", "party")
    assert ask(conversation, silent.path, silent.question, with_companion=True)
    assert "What does each party put in? Oak Cafe:" in conversation.prompts.shown  # type: ignore[attr-defined]
    assert list_open() == []
    # Also in another run, and when it was a slip.
    notebook = Notebook.open(tmp_path / "deal.yaml", library)
    notebook.asks_usual = True
    assert list_open() == []
    conversation = Conversation(Script("use"), notebook)
    ask(conversation, silent.path, silent.question, with_companion=True)
    assert notebook.answer_at(silent.path[:-1]) == {"party": "Oak Cafe", "kind": "use"}
    # Who goes back from the next prompt changes this entry, and begins none for another party.
    conversation.prompts.typed += ["labor"]  # type: ignore[attr-defined]
    ask(conversation, silent.path, silent.question, with_companion=True)
    assert notebook.answer_at(("contributions", "promised", "2")) == {"party": "Oak Cafe", "kind": "labor"}
    first = ("contributions", "promised", "1", "party")
    conversation.prompts.typed += ["Nothing"]  # type: ignore[attr-defined]
    ask(conversation, first, silent.question, with_companion=True)
    assert notebook.answer_at(("contributions", "promised")) == [{"party": "Oak Cafe", "kind": "labor"}]
    removed = notebook.last_removed(("contributions", "promised"))
    assert removed is not None
    assert removed.entry["what"] == "For the oven"


def test_topics_that_are_left_never_become_more_while_parties_are_named(tmp_path: Path, library: Library) -> None:
    for kind in library.offered_outlines:
        folder = tmp_path / kind
        folder.mkdir()
        notebook = talk(folder, library, kind, "law: Ohio\nvenue: Dayton, Ohio\n").notebook
        before = notebook.list_open_topics()
        assert "responsibilities" in before
        for number, name in enumerate(("Elm Bakery LLC", "Oak Cafe LLC"), 1):
            notebook.save_answer(("parties", str(number), "name"), name)
            assert notebook.list_open_topics() == before, kind


def test_removing_a_party_asks_says_what_goes_with_it_and_can_be_undone(tmp_path: Path, library: Library) -> None:
    text = f"{PARTIES}responsibilities:\n  Elm Bakery: [Hands out flyers]\n  Oak Cafe: [Hands out coupons]\n"
    conversation = talk(tmp_path, library, "referral", text)
    fact = conversation.status.find_fact(("parties",))
    assert fact is not None
    screen = ListScreen(conversation, fact.path, fact.question)
    conversation.prompts.typed += ["#2", "remove", "No, keep it", "done"]  # type: ignore[attr-defined]
    screen.open()
    assert len(conversation.notebook.answer_at(("parties",))) == 2
    conversation.prompts.typed += ["#2", "remove", "Yes, remove it", "done"]  # type: ignore[attr-defined]
    screen.open()
    assert "What it says goes with it: responsibilities." in conversation.prompts.shown  # type: ignore[attr-defined]
    assert [party["name"] for party in conversation.notebook.answer_at(("parties",))] == ["Elm Bakery LLC"]
    assert conversation.notebook.answer_at(("responsibilities",)) == {"Elm Bakery": ["Hands out flyers"]}
    # Also after leaving and going on.
    again = Notebook.open(tmp_path / "deal.yaml", library)
    conversation = Conversation(Script(), again)
    screen = ListScreen(conversation, fact.path, fact.question)
    conversation.prompts.typed += ["Bring back: Oak Cafe LLC", "done"]  # type: ignore[attr-defined]
    screen.open()
    assert [party["name"] for party in conversation.notebook.answer_at(("parties",))] == [
        "Elm Bakery LLC",
        "Oak Cafe LLC",
    ]
    assert conversation.notebook.answer_at(("responsibilities", "Oak Cafe")) == ["Hands out coupons"]
    assert conversation.notebook.last_removed(("parties",)) is None
    assert "#~" not in conversation.notebook.text


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_carries_nobody_in(path: Path, library: Library, tmp_path: Path) -> None:
    """No name, address or e-mail of its people is left; its terms are, and the parties get their own names."""
    answers = editing.answers_in_text(path.read_text(encoding="utf-8"))
    text = f"agreement: {answers['agreement']}\n"
    for key, value in begin_from_sample(answers).items():
        text = editing.set_answer(text, (key,), value)
    for party in answers["parties"]:
        signers = [party[key]["name"] for key in ("signatory", "second signatory") if key in party]
        for name in (party["name"], party.get("short", party["name"]), party["email"], party["address"], *signers):
            assert name not in text
    assert {"scope", "responsibilities"} <= set(editing.answers_in_text(text))
    notebook = Notebook.create(tmp_path / "deal.yaml", library, answers["agreement"], text)
    pending = [question.path for question in notebook.each_pending_question()]
    assert {("law",), ("venue",), ("parties", "1", "name"), ("parties", "2", "email")} <= set(pending)
    names = ("Elm & Sons: Bakers LLC", "Oak Cafe LLC", "Fir Farm LLC", "Ash Ltd", "Yew LLC", "Bay LLC")
    for number, _ in enumerate(answers["parties"]):
        assert notebook.save_answer(("parties", str(number + 1), "name"), names[number]) is None
    assert not any(placeholder in notebook.text for placeholder in PLACEHOLDERS)
    assert notebook.status.parties[0] == "Elm & Sons: Bakers"


def test_removing_a_role_asks_and_can_be_undone(tmp_path: Path, library: Library) -> None:
    chart = "raci:\n  roles: {Baker: Elm Bakery, Waiter: Oak Cafe}\n  tasks:\n    Bake bread: {Baker: A/R, Waiter: I}\n"
    conversation = talk(tmp_path, library, "referral", PARTIES + chart)
    fact = conversation.status.find_fact(("raci",))
    assert fact is not None
    before = conversation.notebook.answer_at(("raci",))
    script = conversation.prompts.typed  # type: ignore[attr-defined]
    script += ["role Waiter", "remove", "No, keep it", "done"]
    ask(conversation, fact.path, fact.question)
    assert conversation.notebook.answer_at(("raci",)) == before
    script += ["role Waiter", "remove", "Yes, remove it", "done"]
    ask(conversation, fact.path, fact.question)
    assert "Its letters go with it, in: Bake bread." in conversation.prompts.shown  # type: ignore[attr-defined]
    assert conversation.notebook.answer_at(("raci", "roles")) == {"Baker": "Elm Bakery"}
    conversation = Conversation(Script("bring back", "done"), Notebook.open(tmp_path / "deal.yaml", library))
    ask(conversation, fact.path, fact.question)
    assert conversation.notebook.answer_at(("raci",)) == before
    assert conversation.notebook.last_removed(("raci",)) is None


@pytest.mark.parametrize(
    ("when", "who", "said"),
    [
        ("2027-03-01", "Rosa Lind", "Hands out flyers through Rosa Lind by March 1, 2027"),
        ("every Friday", "", "Hands out flyers every Friday"),
        ("", "the shop manager", "Hands out flyers through the shop manager"),
        ("", "", "Hands out flyers"),
    ],
)
def test_a_day_and_who_does_it_are_asked_on_request(
    when: str, who: str, said: str, tmp_path: Path, library: Library
) -> None:
    text = f"{PARTIES}responsibilities:\n  Elm Bakery: [Hands out flyers]\n"
    conversation = talk(tmp_path, library, "referral", text, "#1", "detail", when, who, "done")
    path = ("responsibilities", "Elm Bakery")
    question = conversation.notebook.find_question(("responsibilities",))
    assert question is not None
    ListScreen(conversation, path, question.parts[0]).open()
    assert conversation.notebook.answer_at(path) == [said]


def test_words_that_another_answer_changes_are_shown_again(tmp_path: Path, library: Library) -> None:
    purpose = "law: Ohio\nvenue: Dayton, Ohio\nscope: {purpose: Hold two courses}\n"
    duties = "responsibilities: {Elm Bakery: [Bakes], Oak Cafe: [Invites]}\n"
    conversation = talk(tmp_path, library, "co-marketing", PARTIES + purpose + duties)
    shown: list[str] = conversation.prompts.shown  # type: ignore[attr-defined]
    words = WordsShown(conversation)
    words.show_topic("responsibilities")
    assert "its own cost" in " ".join(shown)
    shown.clear()
    words.show_changes()
    assert shown == []
    conversation.notebook.save_answer(("financial", "model"), "cost sharing")
    words.show_changes()
    again = " ".join(" ".join(shown).split())
    assert "Responsibilities: Each party will do its listed duties with reasonable skill and care." in again
    assert "Hold two courses" not in again
    shown.clear()
    words.show_changes()
    assert shown == []


def test_a_list_that_is_needed_says_that_nothing_is_ticked(tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", PARTIES, "", "Reports")
    path = ("responsibilities", "Elm Bakery")
    pending = next(one for one in conversation.notebook.each_pending_question() if one.path == path)
    assert ask(conversation, path, pending.question)
    assert conversation.notebook.answer_at(path) == ["Reports each month what came of the leads"]
    assert "! Nothing is ticked yet, and this needs an answer." in conversation.prompts.shown  # type: ignore[attr-defined]


def test_a_pilot_is_asked_in_the_same_words_again(tmp_path: Path, library: Library) -> None:
    conversation = talk(tmp_path, library, "referral", f"{PARTIES}duration: {{pilot: no}}\n", "Yes: length: 90 days")
    path = ("duration", "pilot")
    question = conversation.notebook.find_question(path)
    assert question is not None
    ask(conversation, path, question)
    assert conversation.notebook.answer_at(path) == "yes"
    assert "No" in conversation.prompts.shown  # type: ignore[attr-defined]


def test_a_business_without_a_company_is_named_by_its_owner(tmp_path: Path, library: Library) -> None:
    person = '{name: Old Mill, entity: sole proprietor, address: "1 Elm Street, Dayton, OH 45402", email: a@elm.example, signatory: {name: Otto Krause}}'
    oak = PARTIES.splitlines()[2]
    conversation = talk(
        tmp_path,
        library,
        "referral",
        f"law: Ohio\nvenue: Dayton\nparties:\n  - {person}\n{oak}\n",
        "Yes: the party is Otto Krause",
    )
    pending = next(conversation.notebook.each_pending_question())
    assert pending.path == ("parties", "1", "name")
    assert ask(conversation, pending.path, pending.question)
    party = conversation.notebook.answer_at(("parties", "1"))
    assert isinstance(party, dict)
    assert (party["name"], party["trade name"]) == ("Otto Krause", "Old Mill")
    assert pending.path not in [one.path for one in conversation.notebook.each_pending_question()]


def test_roles_that_were_mixed_up_can_be_swapped(tmp_path: Path, library: Library) -> None:
    conversation = talk(
        tmp_path, library, "supply", PARTIES, "Swap: Elm Bakery sells the goods; Oak Cafe buys the goods.", "Done"
    )
    fact = conversation.status.find_fact(("parties",))
    assert fact is not None
    assert conversation.roles_in_words() == "Elm Bakery buys the goods; Oak Cafe sells the goods."
    ListScreen(conversation, ("parties",), fact.question).open()
    assert conversation.roles_in_words() == "Oak Cafe buys the goods; Elm Bakery sells the goods."


def test_what_is_bought_is_asked_before_the_goods_and_the_period_stands_in_their_questions(
    tmp_path: Path, library: Library
) -> None:
    text = f"law: Ohio\nvenue: Dayton\n{PARTIES}scope: {{purpose: Sell flour to a cafe}}\n"
    text += "responsibilities: {Elm Bakery: [Tells it by phone], Oak Cafe: [Tells it by phone]}\n"
    conversation = talk(
        tmp_path, library, "supply", text, "nothing beforehand", "week", "Flour", "per bag", "", "42 bucks"
    )
    # As in a file that the questionnaire has begun.
    conversation.notebook.asks_usual = True
    asked = []
    for _ in range(5):
        task = conversation.notebook.list_open_questions()[0]
        asked.append(".".join(task.path))
        assert ask(conversation, task.path, task.question, with_companion=True)
    assert asked == [
        "goods.commitment",
        "goods.period",
        "goods.items.1.item",
        "goods.items.1.unit",
        "goods.items.1.price",
    ]
    assert conversation.notebook.answer_at(("goods", "items")) == [
        {"item": "Flour", "unit": "bag", "price": "42 bucks"}
    ]
    # What nobody promised is not asked for.
    assert conversation.notebook.list_open_questions()[0].path[0] == "financial"
    conversation.notebook.save_answer(("goods", "commitment"), "fixed minimum")
    task = conversation.notebook.list_open_questions()[0]
    assert task.path == ("goods", "items", "1", "minimum")
    conversation.show_question(task.path, task.question, None)
    assert "The period: week." in conversation.prompts.shown  # type: ignore[attr-defined]


def test_work_is_no_goods_and_is_asked_about_again(tmp_path: Path, library: Library) -> None:
    text = f"law: Ohio\nvenue: Dayton\n{PARTIES}goods: {{commitment: each order, items: [{{item: Flour}}]}}\n"
    conversation = talk(tmp_path, library, "supply", text)
    path = ("goods", "items", "1", "item")
    question = conversation.notebook.find_question(path)
    assert question is not None

    def doubt_of(text: str) -> str:
        doubt = find_doubt(path, question, text, library.layout)
        return doubt.message if doubt else ""

    assert doubt_of("Haulage of grain").startswith('"Haulage of grain" is work. A supply agreement is about goods')
    assert doubt_of("Weekly cleaning").startswith('"Weekly cleaning" is work.')
    assert doubt_of("Cleaning agent") == ""


def test_a_heading_is_not_cut_in_a_narrow_window(
    tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agreementgen.interview.prompts.window_width", lambda: 60)
    conversation = talk(tmp_path, library, "referral", PARTIES.replace("Oak Cafe", "Portland Riverside High School"))
    conversation.show_heading(("parties", "2", "email"))
    shown = conversation.prompts.shown[-1]  # type: ignore[attr-defined]
    assert shown.startswith("--- Parties, party 2 (Portland Riverside High School) -")
    conversation.show_heading(("scope", "purpose"))
    assert conversation.prompts.shown[-1].startswith("--- Scope (4 topics left) -")  # type: ignore[attr-defined]


@pytest.mark.parametrize(("columns", "rows"), [(60, 20), (80, 24)])
def test_every_usual_term_can_be_read_whole_at_any_size(
    columns: int, rows: int, tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (prompts, usual_terms):
        monkeypatch.setattr(module, "window_height", lambda: rows)
    monkeypatch.setattr(prompts, "window_width", lambda: columns)
    for kind in library.offered_outlines:
        folder = tmp_path / kind
        folder.mkdir()
        conversation = talk(folder, library, kind, f"law: Ohio\nvenue: Dayton, Ohio\n{PARTIES}")
        script = conversation.prompts
        assert isinstance(script, Script)
        seen: list[str] = []

        def accept(options: Sequence[Option], default: str, script: Script = script, seen: list[str] = seen) -> str:
            taken = sum(prompts.count_choice_rows(option.label) for option in options)
            assert taken + prompts.ROWS_BESIDE_CHOICES <= rows, options
            seen += [option.label for option in options]
            return "accept"

        script.ask_choice = accept  # type: ignore[method-assign]
        terms = usual_terms.list_usual_terms(conversation, WordsShown(conversation))
        usual_terms.show_usual_terms(conversation, Review(conversation, folder))
        shown = " ".join(" ".join([*seen, *script.shown]).split())
        for term in terms:
            for line in term.lines:
                assert " ".join(line.split()) in shown, (kind, line)
        # What is still open is no usual term: an example would be taken for one.
        assert not {term.topic for term in terms} & set(conversation.notebook.list_open_topics())


def test_who_pays_a_sponsorship_is_asked_with_the_usual_answer(tmp_path: Path, library: Library) -> None:
    fair = "campaigns: {planned: [{name: Fair, kind: fair, run by: Oak Cafe}]}\n"
    money = "financial: {model: sponsorship, amount: $500}\n"
    conversation = talk(tmp_path, library, "co-marketing", fair + money + PARTIES, "", "its name on each poster")
    notebook = conversation.notebook
    asked = [one for one in notebook.each_usual_question() if one.path[0] == "financial"]
    assert [one.path[1] for one in asked] == ["payer", "for", "late charge"]
    for one in asked[:2]:
        assert conversation.ask_answer(one.path, one.question)
    assert "Elm Bakery (usual)" in conversation.prompts.shown  # type: ignore[attr-defined]
    assert notebook.answer_at(("financial", "payer")) == "Elm Bakery"
    assert notebook.answer_at(("financial", "for")) == "its name on each poster"

"""What letters do in drawn choices and check lists: they narrow a choice down, and tick nothing."""

from __future__ import annotations

import pytest
import questionary
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from agreementgen.interview.keys import refuse_letters, refuse_lines_without_letters
from agreementgen.interview.prompts import Option, PlainPrompts, ask_with_request_keys

DUTIES = ["Hands out flyers", "Answers leads", "Invoices clients"]
ENTER, DOWN = "\r", "\x1b[B"


@pytest.mark.parametrize(
    ("typed", "ticked"),
    [
        # The first Enter ends the sentence, the second the question.
        ("Hands out flyers" + ENTER + ENTER, []),
        ("a" + ENTER + ENTER, []),
        ("i" + ENTER + ENTER, []),
        ("a i a" + ENTER + DOWN + " " + ENTER, ["Answers leads"]),
        (" " + ENTER, ["Hands out flyers"]),
        (DOWN + DOWN + " " + ENTER, ["Invoices clients"]),
    ],
)
def test_only_the_space_bar_ticks(typed: str, ticked: list[str]) -> None:
    with create_pipe_input() as keys:
        question = questionary.checkbox("Which?", choices=DUTIES, input=keys, output=DummyOutput())
        refuse_letters(question)
        keys.send_text(typed)
        assert question.unsafe_ask() == ticked


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("inv" + ENTER, "Invoices clients"),
        # No line has an x: Enter takes none until it is gone.
        ("x\x7f" + DOWN + ENTER, "Answers leads"),
        # Enter behind a sentence takes the sentence away, and no line.
        ("we pay" + ENTER + DOWN + ENTER, "Answers leads"),
        # Three lines have an "l": none is chosen before an arrow key, or one more letter, has.
        ("l" + ENTER + "e" + ENTER, "Answers leads"),
        ("l" + DOWN + ENTER, "Answers leads"),
        # Two lines have an "a", one begins with it.
        ("a" + ENTER, "Answers leads"),
    ],
)
def test_letters_narrow_a_choice_down(typed: str, chosen: str) -> None:
    with create_pipe_input() as keys:
        question = questionary.select(
            "Which?", choices=DUTIES, use_search_filter=True, use_jk_keys=False, input=keys, output=DummyOutput()
        )
        refuse_lines_without_letters(question)
        keys.send_text(typed)
        assert question.unsafe_ask() == chosen


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("Hamilton County, Ohio" + ENTER, "Hamilton County, Ohio"),
        ("Zürich" + ENTER, "Zürich"),
        # A sign of a request is one only where no letters stand before it.
        ("1/15/27" + ENTER, "1/15/27"),
        ("\x1b[200~5 Main St, Salem\x1b[201~" + ENTER, "5 Main St, Salem"),
        ("ke" + ENTER, "Keep it: Ohio"),
        (ENTER, "Type it again"),
        # Enter behind blanks answers nothing.
        ("   " + ENTER + ENTER, "Type it again"),
    ],
)
def test_letters_are_the_answer_where_it_would_be_asked_again(typed: str, chosen: str) -> None:
    with create_pipe_input() as keys:
        question = questionary.select(
            "Which?", choices=["Type it again", "Keep it: Ohio"], use_search_filter=True, use_jk_keys=False, input=keys,
            output=DummyOutput(),
        )  # fmt: skip
        refuse_lines_without_letters(question, takes_text=True)
        keys.send_text(typed)
        assert ask_with_request_keys(question) == chosen


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        (["y"], "Vermont"), (["Yes"], "Vermont"), (["n"], "again"), (["2"], "again"), (["again"], "again"), ([""], "Vermont"),
        (["maybe", "", ], "Vermont"),
    ],
)  # fmt: skip
def test_yes_and_no_choose_the_lines_that_begin_so(
    typed: list[str], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: typed.pop(0))
    options = [
        Option("Vermont", "Yes: Vermont"),
        Option("again", "No: type it again"),
        Option("x", "Nothing: leave it out"),
    ]
    assert PlainPrompts().ask_choice(options, "Vermont") == chosen


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        (["Hamilton County, Ohio"], "Hamilton County, Ohio"), (["7", "yes", "\x1b[B", "1"], "again"),
        (["keep it", ""], "Ohio"), (["12.5 %"], "12.5 %"),
    ],
)  # fmt: skip
def test_a_new_answer_may_be_typed_instead_of_a_number_where_it_would_be_asked_again(
    typed: list[str], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: typed.pop(0))
    options = [Option("again", "Type it again", takes_text=True), Option("Ohio", "Keep it: Ohio")]
    assert PlainPrompts().ask_choice(options, "again") == chosen
    assert typed == []


def test_a_number_that_no_line_has_is_told_with_those_there_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["1, 9", "2"]
    monkeypatch.setattr("builtins.input", lambda prompt: typed.pop(0))
    options = [Option("flyers", "Hands out flyers"), Option("cake", "Bakes a cake")]
    assert PlainPrompts().ask_choices(options) == ["cake"]
    assert '"1, 9" is no list of numbers from 1 to 2. Type some, as 1, 2.' in capsys.readouterr().out


def test_plain_lists_show_minor_lines_on_request_and_say_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["", "\x1b[B", "0", "crisis", ""]
    monkeypatch.setattr("builtins.input", lambda prompt: typed.pop(0))
    options = [
        Option("on", "Go on"),
        Option("crisis", "Crisis: usual terms", is_minor=True),
        Option("goals", "Goals: nothing", is_minor=True),
        Option("stop", "Stop here"),
    ]
    assert PlainPrompts().ask_choice(options, "") == "crisis"
    shown = capsys.readouterr().out
    first, _, rest = shown.partition("Nothing is usual here: type a number from 1 to 4.")
    assert [line.strip() for line in first.splitlines()[1:]] == [
        "1. Go on", "2. Stop here", "0. 2 more, as usual or empty: type 0 to list them, or a word of one",
    ]  # fmt: skip
    assert "Arrow keys do nothing here. Type a number from 1 to 4." in rest
    assert "  3. Crisis: usual terms\n  4. Goals: nothing\n" in rest

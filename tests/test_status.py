"""How far an unfinished deal is: what a questionnaire is told of each question, and what stands in the file as data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from test_reading import HOME, MODEL, SWITCH, SWITCHED, TWO, answer, ask, hints, problems, read

from agreementgen.deal.deal import Form
from agreementgen.deal.questions import Question
from agreementgen.deal.reader import DealStatus, node_as_data, read_status
from agreementgen.yamlfile import nodes as yamlfile


def status_of(text: str, *questions: Question, parties: str = TWO) -> DealStatus:
    """Return the status of a deal of `parties` and `text`; nobody is asked for the parties here."""
    party_question = ask(
        "parties", "list of groups", needed="yes", asked=False, parts=(ask("name", needed="yes"), ask("short"))
    )
    form = Form("test", (party_question, *questions), {}, (2, 3))
    return read_status(yamlfile.read_yaml(parties + text, "f", go_on=True), form)


def states(text: str, *questions: Question, **more: str) -> list[tuple[str, str, Any]]:
    return [(fact.field, fact.state, fact.value) for fact in status_of(text, *questions, **more).facts]


DAYS = ask("days", "integer")


def test_each_question_that_applies_has_its_state_and_value() -> None:
    usual, late = ask("usual", default="a"), ask("late", when="model == 'two'", needed="yes")
    assert states("", MODEL, usual, late, DAYS) == [
        ("model", "missing", None), ("usual", "usual", "a"), ("late", "waiting", None), ("days", "open", None),
    ]  # fmt: skip
    assert states("model: two\nusual: b\ndays: 3\n", MODEL, usual, late, DAYS) == [
        ("model", "answered", "two"), ("usual", "answered", "b"), ("late", "missing", None), ("days", "answered", 3),
    ]  # fmt: skip
    assert states("model: one\ndays: x\n", MODEL, usual, late, DAYS) == [
        ("model", "answered", "one"), ("usual", "usual", "a"), ("days", "wrong", None),
    ]  # fmt: skip
    assert states("model: one\nlate: x\n", MODEL, late) == [("model", "answered", "one"), ("late", "idle", None)]


def test_what_is_not_asked_has_no_state_unless_it_is_settled_and_was_typed() -> None:
    hidden, settled = ask("hidden", asked=False), ask("settled", asked=False, fixed=True, default="a")
    assert states("hidden: x\n", hidden, settled) == []
    assert states("settled: a\n", hidden, settled) == [("settled", "answered", "a")]
    assert states("settled: b\n", hidden, settled) == [("settled", "wrong", "b")]


def test_the_parts_of_groups_entries_and_parties_stand_below_them() -> None:
    group = ask("plan", "group", parts=(DAYS,))
    entries = ask("steps", "list of groups", parts=(ask("what", needed="yes"), DAYS))
    duties = ask("duties", "per party", parts=(ask("", "group", parts=(DAYS,)),))
    found = status_of(
        "plan: {days: 2}\nsteps:\n  - {what: dig}\n  - {days: 4}\nduties: {Ann: {days: 6}}\n", group, entries, duties
    )
    assert [(fact.field, fact.state, fact.value) for fact in found.facts if not fact.question.parts] == [
        ("plan.days", "answered", 2),
        ("steps.1.what", "answered", "dig"), ("steps.1.days", "open", None),
        ("steps.2.what", "missing", None), ("steps.2.days", "answered", 4),
        ("duties.Ann.days", "answered", 6),
    ]  # fmt: skip
    assert [fact.field for fact in found.facts_below(())] == ["plan", "steps", "duties"]
    assert [fact.field for fact in found.facts_below(("steps", "2"))] == ["steps.2.what", "steps.2.days"]
    assert [fact.field for fact in found.facts_below(("steps",))] == []
    fact = found.find_fact(("steps", "2", "days"))
    assert fact is not None
    assert (fact.field, fact.value) == ("steps.2.days", 4)
    assert found.find_fact(("steps", "3", "days")) is None


def test_a_party_that_is_known_and_a_share_that_can_be_read_are_kept_beside_what_is_wrong() -> None:
    (who,) = status_of("who: Ann\n", ask("who", "party"), parties="parties: [{name: Ann LLC}, {}]\n").facts
    assert (who.state, who.value["short"]) == ("answered", "Ann")
    (split,) = status_of("split: {Ann: 60%, Bob: x}\n", ask("split", "shares")).facts
    assert [(entry["party"]["short"], entry["share"].number) for entry in split.value] == [("Ann", 60)]
    assert split.state == "wrong"


def test_no_is_an_answer_to_a_group() -> None:
    def state(text: str) -> tuple[str, str]:
        (fact,) = (fact for fact in status_of(text, SWITCHED).facts if fact.field == "plan")
        return fact.state, str(fact.value)

    assert state("plan: no\n") == ("answered", "no")
    assert state("plan: off\n") == ("answered", "no")
    assert state("plan: {days: 9 days, who: Ann}\n") == (
        "answered",
        "{'days': Duration(count=9, unit='day'), 'who': 'Ann'}",
    )
    assert state("") == ("usual", "no")
    # A question that "no" means nothing to has it as its text.
    assert states("note: no\n", ask("note")) == [("note", "answered", "no")]


def test_a_mistake_in_an_entry_makes_its_list_wrong_and_not_its_group() -> None:
    names = ask("names", "list", parts=(ask(""),))
    group = ask("plan", "group", parts=(DAYS,))
    entries = ask("steps", "list of groups", parts=(DAYS,))
    found = status_of("names: [a, [b]]\nplan: {days: x}\nsteps: [{days: y}]\n", names, group, entries)
    assert [(fact.field, fact.state) for fact in found.facts] == [
        ("names", "wrong"), ("plan", "answered"), ("plan.days", "wrong"),
        ("steps", "answered"), ("steps.1.days", "wrong"),
    ]  # fmt: skip
    problem = found.facts[0].problem
    assert problem is not None
    assert problem.field == "names.2"


def test_an_answer_that_does_not_apply_is_idle_and_what_stands_in_it_is_not_asked() -> None:
    group = ask("plan", "group", when="model == 'two'", parts=(DAYS,))
    found = status_of("model: one\nplan: {days: 2}\n", MODEL, group)
    assert [(fact.field, fact.state) for fact in found.facts][:2] == [("model", "answered"), ("plan", "idle")]
    assert not [fact for fact in found.facts if fact.state == "answered" and fact.field.startswith("plan")]
    plan = found.find_fact(("plan",))
    assert plan is not None
    assert plan.problem is not None
    assert plan.problem.code == "not-applicable"
    assert node_as_data(plan.node) == {"days": "2"}


def test_an_idle_answer_does_not_make_wrong_what_it_stands_in() -> None:
    days = replace(DAYS, when="model == 'two'")
    duties = ask("duties", "per party", parts=(ask("", "group", parts=(days,)),))
    found = status_of("model: one\nduties: {Ann: {days: 6}}\n", MODEL, duties)
    assert [(fact.field, fact.state) for fact in found.facts] == [
        ("model", "answered"), ("duties", "answered"), ("duties.Ann.days", "idle"),
    ]  # fmt: skip


def test_the_first_problem_of_what_was_typed_below_a_path() -> None:
    group = ask("plan", "group", parts=(ask("who", needed="yes"), DAYS, ask("note")))
    found = status_of("plan: {days: x, note: [y]}\nplanet: z\n", group)
    assert [problem.field for problem in found.problems] == ["planet", "plan.days", "plan.note", "plan.who"]
    problem = found.find_problem(("plan",))
    assert problem is not None
    assert problem.field == "plan.days"
    inner = found.find_problem(("plan", "note"))
    assert inner is not None
    assert inner.field == "plan.note"
    assert found.find_problem(("plan", "who")) is None, "it is missing, which is not a mistake in what was typed"
    assert found.find_problem(("plane",)) is None


def test_parties_without_a_name_are_called_nothing() -> None:
    assert status_of("").parties == ("Ann", "Bob")
    assert status_of("", parties="parties: [{name: Ann LLC}, {}]\n").parties == ("Ann", "")
    assert status_of("", parties="x: y\n").parties == ()


# -- answers that must be among those of a list

LEVELS = ask("levels", "list of groups", parts=(ask("name", needed="yes"), ask("other name")))
LEVEL = ask("level", among_path="levels.name")


@pytest.mark.parametrize("order", [(LEVELS, LEVEL), (LEVEL, LEVELS)])
def test_an_answer_among_those_of_a_list_takes_the_lists_capitals(order: tuple[Question, ...]) -> None:
    assert read("level: GOLD\nlevels: [{name: Silver}, {name: Gold}]\n", *order).facts["level"] == "Gold"
    assert hints("level: golden\nlevels: [{name: Silver}, {name: Gold}]\n", *order) == [
        ("not-a-choice", 'did you mean "Gold"?')
    ]
    assert problems("level: golden\nlevels: [{name: Silver}, {name: Gold}]\n", *order) == [
        '2:8 level: "golden" is not one of those under "levels"'
    ]


def test_a_list_that_is_missing_or_wrong_is_not_held_against_an_answer() -> None:
    assert read("level: gold\n", LEVEL, LEVELS).facts["level"] == "gold"
    assert read("levels: []\nlevel: gold\n", LEVEL, LEVELS).facts["level"] == "gold"
    plan = ask("plan", "group", parts=(LEVELS,))
    inside = replace(LEVEL, among_path="plan.levels.name")
    assert read("level: gold\n", inside, replace(plan, when="level == 'tin'")).facts["level"] == "gold"
    assert problems("levels: [{name: Silver}, {other name: x}]\nlevel: gold\n", LEVEL, LEVELS) == [
        "2:26 levels.2.name: this is missing"
    ]
    other = replace(LEVEL, among_path="levels.other name")
    assert read("levels: [{name: Silver, other name: Bright}, {name: Tin}]\nlevel: bright\n", other, LEVELS).facts[
        "level"
    ] == "Bright"  # fmt: skip


def test_a_default_among_those_of_a_list_is_held_against_it_at_its_own_line() -> None:
    usual = replace(LEVEL, default=yamlfile.ScalarNode("gold", HOME))
    deal = read("levels: [{name: Gold}]\n", usual, LEVELS)
    assert deal.facts["level"] == "Gold"
    assert answer(deal, "level")[1] is False
    assert problems("levels: [{name: Tin}]\n", usual, LEVELS) == [
        '1:1 level: "gold" is not one of those under "levels"'
    ]


def test_an_answer_that_does_not_apply_is_not_held_against_a_list() -> None:
    idle = replace(LEVEL, when="model == 'two'")
    assert problems("model: one\nlevel: x\nlevels: [{name: Gold}]\n", MODEL, idle, LEVELS) == [
        '3:1 level: "x" was given, but it does not apply here'
    ]


def test_what_was_typed_as_data() -> None:
    text = "a: x\nb: [y, ~, [z]]\nc: {d: 1, e: }\nf: no\n"
    assert node_as_data(yamlfile.read_yaml(text, "f").root) == {
        "a": "x", "b": ["y", None, ["z"]], "c": {"d": "1", "e": None}, "f": "no",
    }  # fmt: skip
    assert node_as_data(None) is None


def test_switches_know_their_words() -> None:
    """SWITCH is what makes "no" an answer to a group: without it, it is a mistake."""
    bare = ask("plan", "group", parts=(DAYS,))
    assert states("plan: no\n", bare)[0][1] == "wrong"
    assert states("plan: no\n", replace(bare, words=SWITCH)) == [("plan", "answered", "no")]

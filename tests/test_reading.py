"""From nodes to a deal: defaults, conditions, groups, lists, maps from parties; each cause reported once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from deals import reference

from agreementgen import pipeline
from agreementgen.core.problems import InputError, Place
from agreementgen.core.values import Choice, Duration, Money, Percent, Unreadable
from agreementgen.deal.answers import MAX_ITEMS
from agreementgen.deal.deal import Deal, Form
from agreementgen.deal.party_names import drop_legal_form
from agreementgen.deal.phrases import Phrase
from agreementgen.deal.question_types import TYPES, read_answer
from agreementgen.deal.questions import AnswerContext, Limits, Question, Remedy, walk_questions
from agreementgen.deal.reader import read_deal
from agreementgen.language.conditions import read_condition
from agreementgen.library.library import Library
from agreementgen.yamlfile import nodes as yamlfile

HOME = Place("questions", 1, 1)
SWITCH = {"yes": "yes", "no": "no"}


def ask(key: str, kind: str = "text", default: str | None = None, **more: Any) -> Question:
    node = yamlfile.ScalarNode(default, HOME) if default is not None else None
    if kind == "choice":
        more = {"choices": {"one": "one", "two": "two"}, **more}
    return Question(key, TYPES[kind], f"{key}?", HOME, default=node, **more)


PARTIES = ask(
    "parties",
    "list of groups",
    needed="yes",
    parts=(ask("name", needed="yes", unique=True), ask("short", unique=True, limits=Limits(characters=12))),
)
TWO = "parties: [{name: Ann LLC}, {name: Bob Inc.}]\n"


def read(text: str, *questions: Question, defaults: dict[str, str] | None = None) -> Deal:
    """Read TWO and `text` with `questions`."""
    nodes = {path: yamlfile.ScalarNode(value, HOME) for path, value in (defaults or {}).items()}
    form = Form("test", (PARTIES, *questions), nodes, (2, 3))
    text = text if "parties" in text else TWO + text
    return read_deal(yamlfile.read_yaml(text, "f", go_on=True), "f", form)


def problems(text: str, *questions: Question, **more: Any) -> list[str]:
    """Return the problems as "line:column field: message"."""
    with pytest.raises(InputError) as caught:
        read(text, *questions, **more)
    assert all(problem.hint for problem in caught.value.problems), caught.value
    return [f"{p.place.line}:{p.place.column} {p.field}: {p.message}" for p in caught.value.problems]


def hints(text: str, *questions: Question) -> list[tuple[str, str]]:
    """Return the code and the hint of each problem."""
    with pytest.raises(InputError) as caught:
        read(text, *questions)
    return [(problem.code, problem.hint) for problem in caught.value.problems]


def answer(deal: Deal, path: str) -> tuple[Any, bool]:
    (found,) = (answer for answer in deal.answers if answer.path == path)
    return found.value, found.typed


# -- defaults and conditions

MODEL = ask("model", "choice", needed="yes")
FEE = ask("fee", "percent", when="model == 'two'", needed="yes")
BASE = ask("base", when="model == 'two' and fee", default="all of it")
WINDOW = ask("window", "duration", when="base == 'all of it'", default="12 months")


def test_defaults_are_answers_nobody_typed() -> None:
    deal = read("model: two\nfee: 5%\n", WINDOW, BASE, FEE, MODEL)
    assert deal.facts["window"] == Duration(12, "month")
    assert answer(deal, "base") == ("all of it", False)
    assert answer(deal, "fee") == (Percent(Decimal(5)), True)
    places = {answer.path: answer.place for answer in deal.answers}
    assert places["base"] == HOME
    assert places["fee"] == Place("f", 3, 6)


@pytest.mark.parametrize("order", [(MODEL, FEE, BASE, WINDOW), (WINDOW, BASE, FEE, MODEL)])
def test_conditions_may_look_at_later_questions(order: tuple[Question, ...]) -> None:
    assert read("model: two\nfee: 5%\n", *order).facts["window"] == Duration(12, "month")
    deal = read("model: one\n", *order)
    assert (deal.facts["fee"], deal.facts["base"], deal.facts["window"]) == (None, None, None)
    assert {answer.path for answer in deal.answers if not answer.typed} == {"parties.1.short", "parties.2.short"}


def test_idle_answers_are_found_through_the_whole_chain() -> None:
    found = problems("model: one\nwindow: 1 month\nbase: all of it\nfee: 5%\n", WINDOW, BASE, FEE, MODEL)
    assert found == [
        '3:1 window: "1 month" was given, but it does not apply here',
        '4:1 base: "all of it" was given, but it does not apply here',
        '5:1 fee: "5%" was given, but it does not apply here',
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("model: three\n", '2:8 model: "three" is not one of the choices'), ("", "1:1 model: this is missing")],
)
def test_what_depends_on_a_wrong_or_missing_answer_is_not_reported(text: str, line: str) -> None:
    assert problems(text, WINDOW, BASE, FEE, MODEL) == [line]
    assert problems(text + "window: 1 month\nfee: 5%\n", WINDOW, BASE, FEE, MODEL) == [line]


def test_an_idle_answer_is_nothing_even_where_it_is_wrong() -> None:
    assert problems("model: one\nfee: 500%\nbase: x\n", MODEL, FEE, BASE) == [
        '3:1 fee: "500%" was given, but it does not apply here',
        '4:1 base: "x" was given, but it does not apply here',
    ]


def test_a_circle_of_conditions_ends() -> None:
    one, two = ask("one", when="two == 'x'", default="x"), ask("two", when="one == 'x'", default="x")
    assert set(read("", one, two).facts) >= {"one", "two"}


def test_needed_by_a_condition() -> None:
    note = ask("note", needed="model == 'two'")
    assert read("model: one\n", MODEL, note)
    assert problems("model: two\n", MODEL, note) == ["1:1 note: this is missing"]
    unless = ask("note", needed="model != 'one'")
    assert problems("model: three\n", MODEL, unless) == ['2:8 model: "three" is not one of the choices']


def test_the_kind_of_agreement_replaces_defaults() -> None:
    group = ask("g", "group", parts=(ask("note", default="a"),))
    assert read("", group).facts["g"] == {"note": "a"}
    assert read("", group, defaults={"g.note": "b"}).facts["g"] == {"note": "b"}


def test_a_wrong_default_is_reported_at_its_place_in_the_library() -> None:
    assert problems("g: {}\n", ask("g", "group", parts=(ask("n", "integer", "x"),))) == [
        '1:1 g.n: "x" is not a whole number'
    ]


def test_this_is_the_group_a_question_stands_in() -> None:
    group = ask(
        "g", "list of groups", parts=(ask("kind", "choice"), ask("more", when="this.kind == 'two'", needed="yes"))
    )
    text = "g:\n  - {kind: one}\n  - {kind: two, more: x}\n"
    assert [facts["more"] for facts in read(text, group).facts["g"]] == [None, "x"]
    assert problems(
        "g:\n  - {kind: one, more: x}\n  - {kind: two}\n  - {kind: 3}\n  - {kind: 3, more: x}\n", group
    ) == [
        '3:17 g.1.more: "x" was given, but it does not apply here',
        "4:5 g.2.more: this is missing",
        '5:12 g.3.kind: "3" is not one of the choices',
        '6:12 g.4.kind: "3" is not one of the choices',
    ]


# -- groups

SWITCHED = ask("plan", "group", "no", words=SWITCH, parts=(ask("days", "duration", "5 days"), ask("who", needed="yes")))


@pytest.mark.parametrize("no", ["no", "No", "off", "false", '"no"'])
def test_no_switches_a_group_off(no: str) -> None:
    deal = read(f"plan: {no}\n", SWITCHED)
    assert deal.facts["plan"] is None
    assert answer(deal, "plan") == (Choice("no"), True)


@pytest.mark.parametrize("yes", ["yes", "TRUE", "{}", "{who: ~}"])
def test_yes_takes_the_defaults_of_a_group(yes: str) -> None:
    assert problems(f"plan: {yes}\n", SWITCHED)[0].endswith("plan.who: this is missing")
    assert read("plan: {who: Ann}\n", SWITCHED).facts["plan"] == {"days": Duration(5, "day"), "who": "Ann"}


def test_a_group_switched_off_by_default_has_no_parts() -> None:
    for text in ("", "plan:\n", "plan: ~\n", "plan: null\n"):
        assert read(text, SWITCHED).facts["plan"] is None


def test_a_switch_that_is_on_by_default() -> None:
    on = ask("plan", "group", "yes", words=SWITCH, parts=(ask("days", "duration", "5 days"),))
    for text in ("", "plan: {}\n", "plan: yes\n"):
        deal = read(text, on)
        assert deal.facts["plan"] == {"days": Duration(5, "day")}
        assert answer(deal, "plan.days") == (Duration(5, "day"), False)


def test_a_default_may_be_a_group() -> None:
    default = yamlfile.read_yaml("days: 9 days", "library").root
    on = replace(SWITCHED, default=default, parts=SWITCHED.parts[:1])
    deal = read("", on)
    assert deal.facts["plan"] == {"days": Duration(9, "day")}
    assert answer(deal, "plan.days") == (Duration(9, "day"), False)


def test_a_group_that_is_needed_is_missing_as_a_whole() -> None:
    group = ask(
        "g", "group", needed="yes", parts=(ask("a", needed="yes", example="x"), ask("b", needed="yes", example="y"))
    )
    assert problems("", group) == ["1:1 g: this is missing"]
    assert problems("g: {}\n", group) == ["2:1 g.a: this is missing", "2:1 g.b: this is missing"]
    with pytest.raises(InputError, match=r'add it, as in "g: \{a: x, b: y\}"'):
        read("", group)


def test_the_parts_of_a_group_that_does_not_apply_are_not_missed() -> None:
    group = ask("g", "group", when="model == 'two'", parts=(ask("a", needed="yes"), ask("b")))
    assert read("model: one\n", MODEL, group).facts["g"] is None
    assert problems("model: one\ng: {b: x}\n", MODEL, group) == ["3:1 g: this was given, but it does not apply here"]
    assert problems("model: 1\ng: {b: x}\n", MODEL, group) == ['2:8 model: "1" is not one of the choices']


@pytest.mark.parametrize("value", ["no", "x", "[a]", "[{a: b}]"])
def test_a_group_without_words_takes_no_word(value: str) -> None:
    (found,) = problems(f"g: {value}\n", ask("g", "group", parts=(ask("a", needed="yes"),)))
    assert "instead of a group" in found


def test_misspelt_names_are_reported_once() -> None:
    group = ask("plain", "group", parts=(ask("purpose", needed="yes"), ask("days")))
    assert problems("plain: {purpos: x}\n", group) == ['2:9 plain.purpos: "purpos" is not a fact we know here']
    assert problems("plian: {purpose: x}\n", group) == ['2:1 plian: "plian" is not a fact we know here']
    assert problems("purpose: x\n", group) == ['2:1 purpose: "purpose" is not a fact we know here']
    with pytest.raises(InputError, match='it belongs under "plain"'):
        read("purpose: x\n", group)
    # What is merely alike is missing all the same.
    assert len(problems("plain: {porpoises and others: x}\n", group)) == 2


# -- lists

NAMES = ask("names", "list", parts=(ask("", "text", limits=Limits(characters=5)),))


def test_a_list_may_be_one_value() -> None:
    assert read("names: Ann\n", NAMES).facts["names"] == ("Ann",)
    assert read("names: [Ann, Bob]\n", NAMES).facts["names"] == ("Ann", "Bob")
    for nothing in ("", "names:\n", "names: []\n", "names: ~\n"):
        assert read(nothing, NAMES).facts["names"] == ()


def test_lists_report_each_entry() -> None:
    assert problems('names: [Ann, "", [x], {y: z}, Bob, Ann, Christopher]\n', NAMES) == [
        "2:14 names.2: this entry of the list is empty",
        "2:18 names.3: one value belongs here, not a list",
        "2:23 names.4: one value belongs here, not a group",
        "2:36 names.6: the same entry stands twice in this list",
        '2:41 names.7: "Christopher" has 11 characters; at most 5 fit',
    ]
    assert problems("names: {a: b}\n", NAMES) == ["2:8 names: a group stands here instead of a list"]


def test_lists_have_ends() -> None:
    few = ask("names", "list", limits=Limits(least="2", most="3"), parts=NAMES.parts)
    assert problems("names: a\n", few) == ["2:8 names: there is 1, and at least 2 must be given"]
    assert problems("names: [a, b, c, d, e]\n", few) == ["2:18 names: there are 5, and at most 3 may be given"]
    flood = "names: [" + ", ".join(f'"{number}" ' for number in range(3000)) + "]\n"
    (found,) = problems(flood, NAMES)
    assert f"there are 3000, and at most {MAX_ITEMS} may be given" in found


# -- parties


def test_short_names_are_derived() -> None:
    deal = read("")
    assert [party.short for party in deal.parties] == ["Ann", "Bob"]
    assert answer(deal, "parties.1.short") == ("Ann", False)
    for name, short in (
        ("Rosa's Bakery LLC", "Rosa's Bakery"), ("Bay Rank Digital, Inc.", "Bay Rank Digital"), ("LLC", "LLC"),
        ("Müller GmbH", "Müller"), ("Incline", "Incline"), ("Acme Co", "Acme Co"),
    ):  # fmt: skip
        assert drop_legal_form(name) == short


@pytest.mark.parametrize(
    ("parties", "expected"),
    [
        ("[{name: A LLC}, {name: a llc}]", '1:33 parties.2.name: "a llc" is given as "name" in number 1 already'),
        ("[{name: A LLC}, {name: A Ltd}]", '1:26 parties.2.short: "A" would be the short name of two parties'),
        ("[{name: A, short: X}, {name: B, short: x}]",
         '1:49 parties.2.short: "x" is given as "short" in number 1 already'),
        ("[{name: A, short: B}, {name: B}]", '1:32 parties.2.short: "B" would be the short name of two parties'),
        ("[{name: A}, {name: B, short: abcdefghijklm}]",
         '1:39 parties.2.short: "abcdefghijklm" has 13 characters; at most 12 fit'),
        ("[{name: A}, {name: abcdefghijklm}]",
         '1:22 parties.2.short: "abcdefghijklm" is too long to serve as the short name in the text'),
        ("[{name: A}, {}]", "1:22 parties.2.name: this is missing"),
        ("[{name: A}, B]", '1:22 parties.2: "B" stands here instead of a group of "name: value" lines'),
        ("[{name: A}]", "1:10 parties: there is 1, and at least 2 must be given"),
        ("[{name: A}, {name: B}, {name: C}, {name: D}]", "1:44 parties: there are 4, and at most 3 may be given"),
        ("", "1:9 parties: this is missing"),
        ("none", '1:10 parties: "none" stands here instead of a list'),
    ],
)  # fmt: skip
def test_parties_with_problems_hide_what_names_them(parties: str, expected: str) -> None:
    """Whoever is named elsewhere may be the party that has no readable name: that is not a second problem."""
    text = f"parties: {parties}\nwho: Somebody\nduties: {{Somebody: x}}\n"
    assert problems(text, ask("who", "party"), ask("duties", "per party", parts=(ask(""),))) == [expected]


def test_a_short_name_with_a_meaning_of_its_own() -> None:
    who = ask("who", "party", words={"each": "each party"})
    assert problems("parties: [{name: A}, {name: Each Ltd}]\n", who) == [
        '1:22 parties.2.short: "Each" has a meaning of its own in a deal file, so no party can be called that'
    ]
    assert read("who: each\n", who).facts["who"] == "each"
    assert read("who: Bob\n", who).facts["who"]["name"] == "Bob Inc."


DUTIES = ask("duties", "per party", needed="yes", parts=(ask("", "list", parts=(ask(""),)),))


def test_per_party() -> None:
    found = read("duties: {Bob: [x, y], Ann: z}\n", DUTIES).facts["duties"]
    assert [(entry["party"]["short"], entry["said"]) for entry in found] == [("Ann", ("z",)), ("Bob", ("x", "y"))]
    assert problems("", DUTIES) == ["1:1 duties: this is missing"]
    assert problems("duties: {}\n", DUTIES) == [
        '2:9 duties.Ann: nothing is said for "Ann"', '2:9 duties.Bob: nothing is said for "Bob"',
    ]  # fmt: skip
    assert problems("duties: {Ann: x, Bob: }\n", DUTIES) == ['2:23 duties.Bob: nothing is said for "Bob"']
    assert problems("duties: {Ann: x, Rob: y}\n", DUTIES) == ['2:18 duties.Rob: "Rob" is not the short name of a party']
    assert problems("duties: [x]\n", DUTIES) == ["2:9 duties: a list stands here instead of a line for each party"]
    assert read("parties: [{name: A B}, {name: C}]\nduties: {A  B: x, C: y}\n", DUTIES).facts["duties"]
    assert problems("parties: [{name: A B}, {name: C}]\nduties: {A  B: x, A B: z, C: y}\n", DUTIES) == [
        '2:19 duties.A B: "A B" stands twice here'
    ]
    optional = ask("gifts", "per party", parts=(ask(""),))
    assert len(read("gifts: {Ann: x}\n", optional).facts["gifts"]) == 1


SPLIT = ask("split", "shares")


def test_shares() -> None:
    found = read("split: {Ann: 60%, Bob: 40 percent}\n", SPLIT).facts["split"]
    assert [entry["share"].number for entry in found] == [60, 40]
    thirds = "parties: [{name: A}, {name: B}, {name: C}]\nsplit: {A: 33.33%, B: 33.33%, C: 33.33%}\n"
    assert len(read(thirds, SPLIT).facts["split"]) == 3
    assert read("split: {Ann: 100%}\n", SPLIT)
    assert problems("split: {Ann: 60%, Bob: 39.98%}\n", SPLIT) == ["2:8 split: the shares add up to 99.98%"]
    assert problems("split: {Ann: 60%, Bob: 40}\n", SPLIT) == ['2:24 split.Bob: "40" is not a percentage']
    assert problems("split: {Ann: 60%, Rob: 30%}\n", SPLIT) == [
        '2:19 split.Rob: "Rob" is not the short name of a party'
    ]
    assert problems("split: {Ann: 120%, Bob: -20%}\n", SPLIT)[0] == '2:14 split.Ann: "120%" is more than 100%'


def test_shares_that_cannot_be_added_up() -> None:
    assert problems("split: {}\n", SPLIT) == ["2:8 split: this is missing"]
    assert hints("split: {}\n", SPLIT) == [
        ("missing", 'add "split:" and below it a line for each party, as in "Ann: 50%"')
    ]
    assert hints("split: {Ann: x}\n", SPLIT) == [("unreadable", 'write it like "10%"')]
    assert hints("split: {Ann: 40%}\n", SPLIT) == [("shares-total", "they must add up to 100%")]
    unknown = "parties: [{name: Ann LLC}, {}]\nsplit: {Ann: 40%, B: 30%}\n"
    assert problems(unknown, SPLIT) == ["1:28 parties.2.name: this is missing"]


# -- roles

ROLE = ask("role", "choice", choices={"giver": "giver", "taker": "taker"})
WITH_ROLES = replace(PARTIES, parts=(*PARTIES.parts, ROLE, ask("entity")))


def read_roles(parties: str) -> Deal:
    form = Form("test", (WITH_ROLES,), {}, (2, 3), ("giver", "taker"))
    return read_deal(yamlfile.read_yaml(f"parties: {parties}\n", "f", go_on=True), "f", form)


def names_of(*parties: Any) -> list[str | None]:
    return [party and party["name"] for party in parties]


def test_roles_go_in_order_to_the_parties_that_say_none() -> None:
    facts = read_roles("[{name: Ann}, {name: Bob}]").facts
    assert names_of(facts["giver"], facts["taker"], facts["first"], facts["second"]) == ["Ann", "Bob", "Ann", "Bob"]
    assert [party["role"] for party in facts["parties"]] == ["giver", "taker"]
    assert facts["two"] is True
    facts = read_roles("[{name: Ann}, {name: Bob, role: giver}]").facts
    assert names_of(facts["giver"], facts["taker"], facts["first"]) == ["Bob", "Ann", "Ann"]
    facts = read_roles("[{name: Ann}, {name: Bob}, {name: Cy, role: giver}]").facts
    assert [party["role"] for party in facts["parties"]] == ["taker", None, "giver"]
    assert facts["two"] is False
    assert names_of(facts["second"]) == ["Bob"]


def test_which_parties_are_people() -> None:
    facts = read_roles("[{name: Ann, entity: individual}, {name: Bob, entity: LLC}, {name: Cy}]").facts
    assert names_of(*facts["individuals"]) == ["Ann"]


def test_a_role_is_held_once() -> None:
    with pytest.raises(InputError) as caught:
        read_roles("[{name: Ann, role: taker}, {name: Bob, role: taker}]")
    (problem,) = caught.value.problems
    assert (problem.code, problem.field, problem.place) == ("duplicate", "parties.2.role", Place("f", 1, 55))
    assert problem.message == '"taker" is the role of an earlier party already'
    assert problem.hint == "give each party its own: giver, taker"


# -- limits, and what is said of an answer that cannot be read


@pytest.mark.parametrize(
    ("question", "right", "wrong", "message", "hint"),
    [
        (ask("x", "integer", limits=Limits(least="2", most="4")), "2", "1", '"1" is less than 2', "it must be from 2 to 4"),
        (ask("x", "integer", limits=Limits(least="2", most="4")), "4", "5", '"5" is more than 4', "it must be from 2 to 4"),
        (ask("x", "integer", limits=Limits(least="2")), "2", "1", '"1" is less than 2', "choose another value"),
        (ask("x", "integer", limits=Limits(most="4")), "4", "5", '"5" is more than 4', "choose another value"),
        (ask("x", limits=Limits(words=2)), "a b", "a b c", '"a b c" has 3 words; at most 2 fit', "shorten it"),
        (ask("x", limits=Limits(characters=3)), "abc", "abcd", '"abcd" has 4 characters; at most 3 fit', "shorten it"),
        (ask("x", "percent"), "100%", "100.5%", '"100.5%" is more than 100%', "write a percentage from 0% to 100%"),
        (ask("x", "percent", limits=Limits(most="10%")), "10%", "11%", '"11%" is more than 10%', "choose another value"),
    ],
)  # fmt: skip
def test_an_answer_is_within_its_limits(question: Question, right: str, wrong: str, message: str, hint: str) -> None:
    assert read(f"x: {right}\n", question).facts["x"] is not None
    assert problems(f"x: {wrong}\n", question) == [f"2:4 x: {message}"]
    assert hints(f"x: {wrong}\n", question) == [("out-of-limits", hint)]


def test_remedies_are_told_where_an_answer_says_something_else() -> None:
    remedies = (Remedy("say it elsewhere"), Remedy("or under what else", "model == 'two'"))
    number = ask("n", "integer", remedies=remedies, limits=Limits(least="2"))
    assert hints("n: x\n", number) == [("unreadable", 'write it like "5"; say it elsewhere')]
    assert hints("n: 1\n", number) == [("out-of-limits", "choose another value")]
    assert hints("n: 1/2/2027\n", ask("n", "date", remedies=remedies)) == [
        ("unreadable", 'write "2027-01-02" or "2027-02-01"')
    ]


def test_words_beside_a_type_are_offered_once() -> None:
    words = {"none": "no limit", "all": "everything"}
    assert read("n: NONE\n", ask("n", "money", words=words)).facts["n"] == Choice("none", "no limit")
    assert hints("n: x\n", ask("n", "money", words=words)) == [
        ("unreadable", 'write it like "$5,000" or "5000 USD"; also allowed: "none", "all"')
    ]
    assert hints("n: x\n", ask("n", "choice", words=words)) == [("not-a-choice", "choose one of: one, two")]
    assert hints("n: x\n", ask("n", "party", words=words)) == [("unknown-party", "choose one of: Ann, Bob, none, all")]


def test_a_character_that_no_document_may_carry_is_refused_wherever_an_answer_comes_from() -> None:
    """YAML's reader refuses it, too; a table of partners and a prompt come here."""
    with pytest.raises(Unreadable) as caught:
        read_answer(ask("n"), "Acme\u202ecod.exe", AnswerContext("USD", {}))
    assert (caught.value.code, caught.value.hint) == ("forbidden-character", "delete it and type the word again")
    assert caught.value.message == "the text holds U+202E (a hidden change of writing direction)"


def test_a_phrase_means_a_choice() -> None:
    phrases = (Phrase("the second", "two"), Phrase("the first by <due>", "one", {"due": "<due>"}))
    assert read("model: the second\n", replace(MODEL, phrases=phrases)).facts["model"] == "two"


def test_what_names_no_party_is_read_where_a_party_is_unknown() -> None:
    assert problems("parties: [{name: Ann LLC}, {}]\nn: x\n", ask("n", "integer")) == [
        "1:28 parties.2.name: this is missing", '2:4 n: "x" is not a whole number',
    ]  # fmt: skip


def test_what_a_pack_has_settled_is_said_as_it_is_or_not_at_all() -> None:
    settled = ask("s", fixed=True, default="Net 30")
    assert read("s: net  30\n", settled).facts["s"] == "net 30"
    assert problems("s: 45\n", settled) == ['2:1 s: the pack in use has settled this as "Net 30"']
    delete = ("settled-by-pack", "delete the line, or ask the law firm whose pack it is")
    assert hints("s: 45\n", settled) == [delete]
    assert problems("s: [a]\n", settled)[0] == "2:1 s: the pack in use has settled this and does not ask it"
    group = ask("g", "group", fixed=True, words=SWITCH, parts=(ask("a"),))
    assert problems("g: yes\n", group) == ["2:1 g: the pack in use has settled this and does not ask it"]
    assert hints("g: yes\n", group) == [delete]
    assert problems("s: 45\n", replace(settled, default=None), defaults={"s": "60"}) == [
        '2:1 s: the pack in use has settled this as "60"'
    ]


# -- two answers where one belongs

PLAN = ask(
    "plan",
    "group",
    parts=(
        ask("signer", "group", parts=(ask("name"),)), ask("second signer", "group", parts=(ask("name"),)),
        ask("note"), ask("second note"), ask("other", "group", parts=(ask("name"),)),
    ),
)  # fmt: skip


def test_a_list_of_two_stands_for_the_first_and_the_second() -> None:
    plan = read("plan: {other: {name: X}, signer: [{name: A}, {name: B}]}\n", PLAN).facts["plan"]
    assert names_of(plan["signer"], plan["second_signer"], plan["other"]) == ["A", "B", "X"]
    pair = replace(PLAN, parts=PLAN.parts[:2])
    assert read("plan: {signer: [{name: A}, {name: B}]}\n", pair).facts["plan"]["second_signer"] == {"name": "B"}
    plan = read("plan: {signer: [{name: A}]}\n", PLAN).facts["plan"]
    assert names_of(plan["signer"], plan["second_signer"]) == ["A", None]
    plan = read("plan: {signer: {name: A}, second signer: {name: B}}\n", PLAN).facts["plan"]
    assert names_of(plan["signer"], plan["second_signer"]) == ["A", "B"]


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        ("{signer: []}", "2:16 plan.signer"),
        ("{signer: [{name: A}, {name: B}, {name: C}]}", "2:16 plan.signer"),
        ("{signer: [{name: A}, {name: B}], second signer: {name: C}}", "2:16 plan.signer"),
        ("{other: [{name: A}, {name: B}]}", "2:15 plan.other"),
        ("{note: [x, y]}", "2:14 plan.note"),
    ],
)
def test_other_lists_are_not_spread(plan: str, field: str) -> None:
    (found,) = problems(f"plan: {plan}\n", PLAN)
    assert found.startswith(f"{field}: ")


FEES = ask("fees", "list of groups", parts=(ask("paid by", "party"), ask("fee", "percent")))
ONE_FEE = ask("fee", "percent", by_party="fees.paid by")


def test_a_value_for_each_party_becomes_a_list() -> None:
    facts = read("fee: {Ann: 10%, Bob: 5%}\nplan: {note: x}\n", ONE_FEE, FEES, PLAN).facts
    assert [(entry["paid_by"]["short"], entry["fee"].number) for entry in facts["fees"]] == [("Ann", 10), ("Bob", 5)]
    assert facts["fee"] is None
    assert facts["plan"]["note"] == "x"
    assert read("fee: 10%\n", ONE_FEE, FEES).facts["fee"].number == 10
    assert problems("fee: {Rob: 10%}\n", ONE_FEE, FEES) == [
        '2:7 fees.1.paid by: "Rob" is not the short name of a party'
    ]
    assert problems("fee: {Ann: 10%}\nfees: [{paid by: Bob, fee: 5%}]\n", ONE_FEE, FEES) == [
        "2:6 fee: one value belongs here, not a group"
    ]


def test_problems_of_the_yaml_and_of_the_facts_come_together() -> None:
    text = "note: &x y\nnote: z\nmodel: three\nwhat: *x\nday: #1\npart: &y 200%\n"
    assert problems(
        text,
        ask("note", needed="yes"),
        MODEL,
        ask("what", needed="yes"),
        ask("day", needed="yes"),
        ask("part", "percent"),
    ) == [
        '2:7 : a value that begins with "&" has a special meaning in YAML ("&x"), which is not read',
        '3:1 : "note" stands twice here (first in line 2)',
        '4:8 model: "three" is not one of the choices',
        '5:7 : a value that begins with "*" has a special meaning in YAML ("*x"), which is not read',
        "6:5 day: this is missing",
        '6:6 : "#1" was read as a comment, not as part of the value',
        '7:7 : a value that begins with "&" has a special meaning in YAML ("&y"), which is not read',
    ]


# -- conditions in words


def test_conditions_in_words(library: Library) -> None:
    """Every condition of the library can be said, and nothing of its language is left in what is said."""
    assert read_condition("a.b == 'c.d' and not this.e").facts == (("a", "b"), ("this", "e"))
    kinds = {"a": "yes/no", "b": "text"}

    def look_up(names: tuple[str, ...]) -> tuple[str, str]:
        return ".".join(names), kinds.get(names[-1], "")

    for source, words in (
        ("a", '"a" is yes'),
        ("not a", '"a" is no'),
        ("x.b", '"x.b" is given'),
        ("not x.b", '"x.b" is not given'),
        ("b == 'c'", '"b" is "c"'),
        ("b != 'c'", '"b" is not "c"'),
        ("b in ('c', 'd')", '"b" is "c" or "d"'),
        ("b not in ('c', 'd')", '"b" is not "c" or "d"'),
        ("b is percentage", '"b" is a percentage'),
        ("a and (b == 'c' or x.b)", '"a" is yes and ("b" is "c" or "x.b" is given)'),
        ("b > 3", '"b" is more than 3'),
        ("b >= 3", '"b" is at least 3'),
        ("b < 2.5", '"b" is less than 2.5'),
        ("b <= x.b", '"b" is at most "x.b"'),
        ("b == 3", '"b" is 3'),
        ("a == false", '"a" is no'),
        ("b != x.b", '"b" is not the same as "x.b"'),
        ("'c' in b", '"b" includes "c"'),
        ("'c' not in b", '"b" does not include "c"'),
        ("3 < b", '"b" is more than 3'),
        ("3 >= b", '"b" is at most 3'),
        ("'c' != b", '"b" is not "c"'),
        ("2 < b <= 9", '"b" is more than 2 and "b" is at most 9'),
        ("true", "always"),
        ("not true", "never"),
        ("not (a or x.b)", '"a" is no and "x.b" is not given'),
        ("not (a and x.b)", '"a" is no or "x.b" is not given'),
        ("x.b and not (a and b > 3)", '"x.b" is given and ("a" is no or "b" is at most 3)'),
        ("not (a or b == 'c' and x.b)", '"a" is no and ("b" is not "c" or "x.b" is not given)'),
        ("not not a", '"a" is yes'),
        ("not b >= 3", '"b" is less than 3'),
        ("not b < 3", '"b" is at least 3'),
        ("not b <= 3", '"b" is more than 3'),
        ("not b != 'c'", '"b" is "c"'),
        ("not b in ('c', 'd')", '"b" is not "c" or "d"'),
        ("not 'c' not in b", '"b" includes "c"'),
        ("not b is percentage", '"b" is not a percentage'),
        ("b is positive", '"b" is positive'),
    ):
        assert read_condition(source).in_words(look_up) == words
    for outline in library.outlines.values():
        for path, question in walk_questions(library.questions_of(outline)):
            said = read_condition(question.when).in_words(look_up) if question.when else "x"
            assert not set(said) & set("='!"), path


# -- the library's own deals


def test_the_reference_deal(library: Library) -> None:
    deal = pipeline.read(reference().encode(), "deal.yaml", library)
    assert deal.facts["financial"]["cap_per_client"] == Money(Decimal(5000), "USD")
    assert deal.facts["financial"]["tracking"]["kept_by"] == "payer"
    assert deal.facts["restrictions"]["non_compete"] is None
    assert answer(deal, "duration.pilot.length") == (Duration(90, "day"), True)
    assert answer(deal, "exit.leads in flight") == (True, False)
    assert not deal.warnings
    paths = [answer.path for answer in deal.answers]
    assert len(paths) == len(set(paths))


@pytest.mark.parametrize("old", ["law: Massachusetts\n", "    entity: LLC\n", "  purpose: ", "  model: referral fee\n"])
def test_each_needed_fact_is_missed(library: Library, old: str) -> None:
    text = reference((old, "  territorys: " if old.startswith("  purpose") else ""))
    with pytest.raises(InputError):
        pipeline.read(text.encode(), "deal.yaml", library)

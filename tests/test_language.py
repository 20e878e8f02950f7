"""The clause language: what a clause prints, what it is refused, and that facts are only ever printed.

The cases stand in fixtures/language/*.txt, for lawyers to read: "===" and a title, the clause, then what it
"says", or the problems for which it is "refused" (line:column in the clause). facts.yaml holds the facts.
"""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from language_cases import SHAPE, START, TOPICS, Case, cases, rendered, setting, shown

from agreementgen.core.document import text_of_runs
from agreementgen.core.problems import PackError, Place
from agreementgen.draft.drafting import Resolver
from agreementgen.language import analysis, filling
from agreementgen.language.conditions import read_condition
from agreementgen.language.environment import SLOTS_KEY, clause_environment, refer_to_clauses
from agreementgen.language.filters import LANGUAGE_KEY, capitalize, drop_final_stop


@pytest.mark.parametrize("case", cases("says"))
def test_a_clause_says(case: Case) -> None:
    analysis.analyze_text(case.source, START, SHAPE)
    assert shown(rendered(case.source, setting(case.facts))) == case.expected


def report(error: PackError, expected: str) -> str:
    """Return the problems as the fixtures write them: hints only where one is expected."""
    lines = []
    for problem in error.problems:
        assert problem.place.file == START.file
        line = problem.place.line - START.line + 1
        lines.append(f"{line}:{problem.place.column}: {problem.message}")
        if problem.hint and f"{lines[-1]}\n  hint: {problem.hint}" in expected:
            lines[-1] += f"\n  hint: {problem.hint}"
    return "\n".join(lines)


@pytest.mark.parametrize("case", cases("refused"))
def test_a_clause_is_refused(case: Case) -> None:
    with pytest.raises(PackError) as refused:
        analysis.analyze_text(case.source, START, SHAPE)
    assert report(refused.value, case.expected) == case.expected


@pytest.mark.parametrize("case", cases("when filled in"))
def test_a_clause_cannot_be_filled_in(case: Case) -> None:
    analysis.analyze_text(case.source, START, SHAPE)
    with pytest.raises(PackError) as refused:
        rendered(case.source, setting(case.facts))
    assert report(refused.value, case.expected) == case.expected


# -- limits


@pytest.mark.parametrize(
    ("source", "message", "line", "column"),
    [
        ("a" * 20_001, "the text has more than 20,000 characters", 1, 1),
        ("x\n{{ " + "(" * 10_000, "the text is nested too deeply", 2, 1),
        ("x\n" + "{{" * 9_000, "the text is nested too deeply", 2, 1),
        ("{{ " + "not " * 4_000 + "name }}", "the text is nested too deeply", 1, 1),
        ("{{ 1" + "0" * 5_000 + " }}", "the text holds a number with too many digits", 1, 4),
        ("{% if agreed %}\n" * 30 + "{% endif %}\n" * 30, "nested more than 24 levels deep", 24, 1),
        ("{% if agreed %}\n" * 1_000, "this if is never closed", 1, 4),
        ("{#" * 9_000, "this comment is never closed", 1, 17_999),
        ("One.\nTwo\ue000.", "the text holds U+E000 (a private-use character)", 2, 4),
        ("One.\n\x07", "the text holds U+0007 (a control character)", 2, 1),
        ("a\u202eb", "the text holds U+202E (a hidden change of writing direction)", 1, 2),
    ],
    ids=lambda part: str(part)[:20].replace("\n", " "),
)
def test_limits_end_in_plain_words_and_soon(source: str, message: str, line: int, column: int) -> None:
    begun = time.process_time()
    with pytest.raises(PackError) as refused:
        analysis.analyze_text(source, START, SHAPE)
    assert time.process_time() - begun < 2
    problem = refused.value.problems[0]
    assert (problem.message, problem.place.line - START.line + 1, problem.place.column) == (message, line, column)


@pytest.mark.parametrize("sign", ["*", "**a", "_", "|", "[", "- ", "1. a\n", "a|b\n-|-\n|\n"])
def test_markdown_of_any_size_is_read_soon(sign: str) -> None:
    begun = time.process_time()
    with suppress(PackError):
        rendered(sign * (19_000 // len(sign)), setting())
    assert time.process_time() - begun < 5


def test_places_in_the_first_line_count_from_where_the_text_begins() -> None:
    with pytest.raises(PackError) as refused:
        analysis.analyze_text("{{ nope }}\n{{ nope }}", Place("a.yaml", 7, 12), SHAPE)
    assert [str(problem.place) for problem in refused.value.problems] == ["a.yaml:7:15", "a.yaml:8:4"]


def test_what_a_text_uses() -> None:
    found = analysis.analyze_text(
        "{% for cost in costs %}{% for part in cost.split %}{{ part.share }}{% endfor %}{{ cost.item }}{% endfor %}"
        "{{ ref('liability') }}{{ term('cap') }}{% if has('brand') and pilot.length %}{{ fee }}{% endif %}",
        START,
        SHAPE,
    )
    assert found.facts == {"costs", "costs.split", "costs.split.share", "costs.item", "pilot.length", "fee"}
    assert (found.topics, found.rows) == ({"liability", "brand"}, {"cap"})
    several = analysis.analyze_text(
        "{{ refs('liability', 'exit') }}{% if has('brand', 'fallback') %}x{% endif %}", START, SHAPE
    )
    assert (several.topics, several.references) == ({"liability", "exit", "brand"}, {"liability", "exit"})


@pytest.mark.parametrize(
    ("numbers", "language", "says"),
    [
        ({"exit": 7}, "en-US", "section 7"),
        ({"exit": 7, "liability": 8}, "en-US", "sections 7 and 8"),
        ({"exit": 7, "brand": 9, "liability": 8, "general": 12, "data": 4}, "en-US", "sections 4, 7–9, and 12"),
        ({"exit": 7, "brand": 9, "liability": 8, "general": 12, "data": 4}, "en-GB", "sections 4, 7–9 and 12"),
    ],
)
def test_several_sections_are_named_by_the_numbers_of_those_that_there_are(
    numbers: dict[str, int], language: str, says: str
) -> None:
    wanted = refer_to_clauses("exit", "liability", "brand", "general", "data", "orders")
    assert Resolver(numbers, {}, {}, language).resolve(wanted, START) == says


def test_sections_of_which_there_is_none_are_a_mistake() -> None:
    with pytest.raises(PackError, match="points to a clause that this agreement does not have"):
        Resolver({}, {}, {}).resolve(refer_to_clauses("exit", "brand"), START)


# -- conditions (`when:`)


@pytest.mark.parametrize(
    ("source", "problems"),
    [
        ("kind == 'mutal'", ['1:9: "mutal" is not one of the choices']),
        ("agreed and nope", ['1:12: "nope" is not a fact']),
        ("agreed %}{{ name }}{% if agreed", ['1:9: "}" is not expected here']),
        ("agreed }} x {{ name", ['1:8: "}}" is not expected here']),
        ("has('liability')", ["1:1: has() is known inside clauses only"]),
        ("ref('liability')", ["1:1: a call is not allowed in clauses"]),
        ("count * 2 > 3", ["1:7: calculating with * is not allowed in clauses"]),
        ("agreed name", ['1:8: "name" is not expected here']),
        ("name.upper()", ["1:1: a call is not allowed in clauses"]),
        ("words[0] == 'a'", ["1:6: indexing with [] is not allowed in clauses"]),
        ("(agreed", ["1:1: the text ends inside a tag"]),
        ("not " * 4_000 + "agreed", ["1:1: the text is nested too deeply"]),
    ],
    ids=lambda part: str(part)[:30],
)
def test_a_condition_is_refused(source: str, problems: list[str]) -> None:
    with pytest.raises(PackError) as refused:
        analysis.analyze_condition(source, START, SHAPE)
    assert report(refused.value, "").split("\n") == problems


@pytest.mark.parametrize(
    ("source", "met"),
    [
        ("", True),
        ("agreed", True),
        ("missing", False),
        ("group_missing.part", True),
        ("kind == 'mutual' and not refused", True),
        ("kind in ('one-way', 'none')", False),
        ("fee is percentage", True),
        ("count > 5", False),
        ("empty", True),
    ],
)
def test_a_condition_is_met_or_not(source: str, met: bool) -> None:
    if source:
        analysis.analyze_condition(source, START, SHAPE)
    assert read_condition(source).holds(setting().facts) is met


@pytest.mark.parametrize(
    ("source", "decisive"),
    [
        ("fee", [("fee",)]),
        ("no or yes", [("yes",)]),
        ("yes and no", [("no",)]),
        ("no or absent", [("no",), ("absent",)]),
        ("yes and also", [("yes",), ("also",)]),
        ("not (no or group.kind == 'a')", [("group", "kind")]),
        ("yes and (no or group.kind in ('b', 'c'))", [("no",), ("group", "kind")]),
    ],
)
def test_the_facts_that_decide_a_condition(source: str, decisive: list[tuple[str, ...]]) -> None:
    facts = {"fee": 3, "yes": True, "also": True, "no": False, "absent": None, "group": {"kind": "a"}}
    assert list(read_condition(source).find_decisive_facts(facts)) == decisive


def test_a_condition_that_cannot_be_decided_is_reported() -> None:
    with pytest.raises(PackError, match=r'clause.md:10:1: the condition "count > 5" cannot be decided'):
        read_condition("count > 5").holds({"count": None}, START)


# -- the second wall: what the check would have let through by mistake


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.__class__ }}",
        "{{ name.__class__.__base__.__subclasses__() }}",
        "{{ name.upper() }}",
        "{{ name.upper }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ goals.append(1) }}",
        "{{ us.items() }}",
        "{{ us.keys }}",
        "{{ fee.number }}",
        "{{ length.count }}",
        "{{ day.year }}",
        "{{ ref.__init__.__globals__ }}",
        "{{ ref }}",
        "{{ has.topics }}",
        "{{ has('liability').real }}",
        "{{ has }}",
        "{{ self }}",
        "{{ self.__init__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ self['x'] }}",
        "{{ cycler }}",
        "{{ lipsum() }}",
        "{{ range(3) }}",
        "{{ dict(a=1) }}",
        "{{ namespace(a=1) }}",
        "{{ joiner }}",
        "{{ context }}",
        "{{ environment }}",
        "{{ _slots }}",
        "{{ _language }}",
        "{{ 9**9**9 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ count + 1 }}",
        "{{ -count }}",
        "{{ words[0] }}",
        "{{ us['short'] }}",
        "{{ name[0:2] }}",
        "{{ name|attr('upper') }}",
        "{{ words|map('upper') }}",
        "{{ name|format(1) }}",
        "{{ name is callable }}",
        "{% for goal in goals %}{{ loop.cycle('a') }}{% endfor %}",
        "{% for goal in goals %}{{ loop }}{% endfor %}",
        "{% for goal in goals %}{{ loop._iterable }}{% endfor %}",
        "{% for goal in goals recursive %}{{ loop(goals) }}{% endfor %}",
        "{% macro m() %}x{% endmacro %}{{ m() }}",
        "{% macro m() %}x{% endmacro %}{{ m }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}x{% endcall %}",
        "{% include 'x' %}",
        "{% import 'os' as os %}",
        "{% from 'os' import system %}",
        "{% extends 'x' %}",
        "{{ nope }}",
        "{{ nope.nope }}",
        "{{ nope|phrase }}",
        "{{ missing }}",
        "{{ missing|capital }}",
        "{{ agreed }}",
        "{{ not agreed }}",
        "{{ pilot }}",
        "{{ pilot|phrase }}",
        "{{ words }}",
        "{{ goals|listed }}",
        "{{ words|phrase }}",
        "{{ name|listed }}",
        "{{ fee|adjective }}",
        "{{ 4.5 }}",
        "{{ name if refused }}",
        "{{ count|counted }}",
    ],
)
def test_nothing_but_facts_is_reached_when_a_clause_is_filled_in(source: str) -> None:
    begun = time.process_time()
    with pytest.raises(PackError):
        rendered(source, setting())
    assert time.process_time() - begun < 1


def test_the_program_s_own_names_cannot_be_written_in_a_clause() -> None:
    assert clause_environment().globals == {}
    for name in (SLOTS_KEY, LANGUAGE_KEY):
        assert not name.isidentifier()
        assert name not in setting().facts
        with pytest.raises(PackError):
            rendered("{{ " + name + " }}", setting())
        with pytest.raises(PackError):
            rendered("{% for " + name + " in words %}{{ name }}{% endfor %}", setting())
    taken = "{% for _slots in words %}{{ name }}{% endfor %}{% set _language = 5 %}{{ words|listed }}"
    assert shown(rendered(taken, setting())).endswith("LLCsales tax, refunds, and shipping")


def test_no_more_facts_than_there_are_marks_for() -> None:
    deal = filling.FillContext({"words": ("x",) * 7_000}, "en-US", TOPICS)
    with pytest.raises(PackError, match="more than 6,000 facts"):
        rendered("{% for word in words %}{{ word }}{% endfor %}", deal)


# -- filters do as little to a fact as they can


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("refers clients", "Refers clients"),
        ("e-mail marketing", "E-mail marketing"),
        ("client’s work", "Client’s work"),
        ("élan", "Élan"),
        ("e\u0301lan", "E\u0301lan"),
        ("sales, and refunds", "Sales, and refunds"),
        ("дело", "Дело"),
        *((name, name) for name in ("iPad repairs", "eBay", "iOS", "pH tests", "macOS", "b2b leads", "3d printing")),
        *((name, name) for name in ("northshore.example/brand", "dana@northshore.example", "http://a", "e.g. resale")),
        *((name, name) for name in ("ßeta", "ﬁne", "“quoted”", "Refers", "日本", "👍 yes", "and/or", "", "-x", "*a*")),
    ],
)
def test_capital(text: str, shown_as: str) -> None:
    assert capitalize(text) == shown_as


@pytest.mark.parametrize(
    ("text", "shown_as"),
    [
        ("refers clients.", "refers clients"),
        ("refers clients", "refers clients"),
        ("pays within 5 days (net).", "pays within 5 days (net)"),
        ("pays 5%.", "pays 5%"),
        ("in 2026.", "in 2026"),
        *(
            (name, name)
            for name in ("Acme, Inc.", "Acme,Inc.", "Smith&Co.", "Müller & Cie. KG.", "ACME CORP.", "B. V.")
        ),
        *((name, name) for name in ("the U.S.", "at 5 p.m.", "sales, leads, etc.", "14 Harbor St.", "Malcolm X.")),
        *((name, name) for name in (".", "..", "...", "so...", "Foo .", "why?.", "👍.", "*.", "in Dec.", "e.g.")),
    ],
)
def test_without_stop(text: str, shown_as: str) -> None:
    assert drop_final_stop(text) == shown_as


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Each party's own costs", "Each party’s own costs"),
        ("spaced   out\tand on", "spaced out and on"),
        ("", ""),
        (" ", ""),
        ("**bold** and *slanted*", "bold and slanted"),
        (r"2 \* 3", "2 * 3"),
        ("a_b and snake_case_", "a_b and snake_case_"),
        ("<b> & [x](y) `z`", "<b> & [x](y) `z`"),
    ],
)
def test_line_says_the_same_with_and_without_markdown(text: str, says: str) -> None:
    assert text_of_runs(filling.read_line(text)) == says


def test_text_without_tags_loses_its_last_line_break_as_one_with_tags_does() -> None:
    context = filling.FillContext({"x": "1"}, "en-US", frozenset())
    filled = [
        filling.fill_text(text, context, Place())[0]
        for text in ("one line\n", "one line{# #}\n", "two\n\n", "two{# #}\n\n")
    ]
    assert filled == ["one line", "one line", "two\n", "two\n"]

"""Which clause of a topic is chosen, and the reason that is given for each: clauses made for the purpose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from deals import REFERENCE

from agreementgen import pipeline
from agreementgen.core.problems import PackError, Place
from agreementgen.draft.selection import CLAUSE_TIE, ClauseTie, Selection, select_clauses
from agreementgen.library.files import PlacedText
from agreementgen.library.library import Library
from agreementgen.library.topics import ClauseText

HERE = Place("f", 1, 1)


@pytest.fixture
def model(library: Library) -> ClauseText:
    """A clause that each of these is a copy of."""
    return replace(
        library.clauses["general"][0], topic="scope", position="balanced", rank=100, when=PlacedText("", HERE),
        requires=(), conflicts=(), jurisdictions=(),
    )  # fmt: skip


def select(
    library: Library, *clauses: ClauseText, short: bool = False, required: tuple[str, ...] = (), **facts: Any
) -> Selection:
    """Select among `clauses` for the reference deal, changed by `facts`; its agreement has two topics."""
    deal = pipeline.read(REFERENCE.encode(), "deal.yaml", library)
    by_topic = {topic: tuple(c for c in clauses if c.topic == topic) for topic in ("scope", "brand")}
    outline = replace(library.outline_of_kind("referral"), topics=("scope", "brand"), required=required)
    return select_clauses(
        replace(deal, facts={**deal.facts, **facts}),
        replace(library, clauses=by_topic),
        outline,
        *([True] if short else []),
    )


def verdicts(selection: Selection) -> dict[str, tuple[bool, str]]:
    return {verdict.clause.id: (verdict.chosen, verdict.reason) for verdict in selection.verdicts}


def test_the_reasons(library: Library, model: ClauseText) -> None:
    two = PlacedText("two", HERE)
    assert verdicts(
        select(
            library,
            replace(model, id="a", when=two),
            replace(model, id="b", rank=101),
            replace(model, id="c", position="pro-first"),
            replace(model, id="d", when=PlacedText("not two", HERE)),
            replace(model, id="e", jurisdictions=("US-OH", "CA")),
            replace(model, id="f", position="short"),
        )
    ) == {
        "a": (True, "two"),
        "b": (False, "rank 101 comes after 100"),
        "c": (False, "a pro-first variant, not needed here"),
        "d": (False, "not so here: not two"),
        "e": (False, "only under the law of US-OH, CA"),
        "f": (False, "a short variant, not needed here"),
    }


def test_the_reasons_of_another_position(library: Library, model: ClauseText) -> None:
    clauses = (
        replace(model, id="a"), replace(model, id="b", position="pro-first"),
        replace(model, id="c", position="fallback", when=PlacedText("two", HERE)),
    )  # fmt: skip
    assert verdicts(select(library, *clauses, position="pro-first")) == {
        "a": (False, "a balanced variant, not needed here"),
        "b": (True, "pro-first; always"),
        "c": (False, "a fallback variant, not needed here"),
    }
    assert verdicts(select(library, *clauses, position="fallback"))["c"] == (True, "fallback; two")
    assert verdicts(select(library, *clauses, position="pro-second"))["a"] == (True, "always")


def test_where_no_clause_fits_the_topic_has_none(library: Library, model: ClauseText) -> None:
    never = replace(model, id="a", when=PlacedText("not two", HERE))
    other = replace(model, id="b", position="pro-first")
    found = select(library, never, other)
    assert verdicts(found) == {
        "a": (False, "not so here: not two"), "b": (False, "a pro-first variant, not needed here"),
    }  # fmt: skip
    assert found.clauses == ()
    with pytest.raises(PackError) as refused:
        select(library, never, other, required=("brand", "scope"))
    assert [(problem.code, problem.message) for problem in refused.value.problems] == [
        ("library-incomplete", f'no clause of the topic "{topic}" fits this deal, but the outline requires one')
        for topic in ("brand", "scope")
    ]


def test_a_short_wording_stands_for_the_balanced_one_only(library: Library, model: ClauseText) -> None:
    clauses = (
        replace(model, id="a"), replace(model, id="b", position="short"), replace(model, id="c", position="pro-first"),
    )  # fmt: skip
    found = select(library, *clauses, short=True)
    assert [clause.id for clause in found.clauses] == [clause.id for clause in found.short_clauses] == ["b"]
    found = select(library, *clauses, short=True, position="pro-first")
    assert [clause.id for clause in found.clauses] == ["c"]
    assert found.short_clauses == ()
    assert [clause.id for clause in select(library, *clauses).clauses] == ["a"]
    # Where the position has no clause, the short one takes the place of the balanced one again.
    assert [c.id for c in select(library, *clauses, short=True, position="fallback").clauses] == ["b"]
    assert [c.id for c in select(library, *clauses[::2], short=True).clauses] == ["a"]


def test_the_lowest_rank_wins_and_equal_ones_tie(library: Library, model: ClauseText) -> None:
    ranks = {"a": 70, "b": 50, "c": 60}
    clauses = [replace(model, id=name, rank=rank) for name, rank in ranks.items()]
    assert [clause.id for clause in select(library, *clauses).clauses] == ["b"]
    with pytest.raises(ClauseTie) as tied:
        select(library, *clauses, replace(model, id="d", rank=50))
    assert [clause.id for clause in tied.value.clauses] == ["b", "d"]
    (problem,) = tied.value.problems
    assert (problem.code, problem.message) == (CLAUSE_TIE, "b and d fit equally well")


@pytest.mark.parametrize(
    ("laws", "chosen"),
    [(("US-MA",), True), (("US",), True), (("GB", "US"), True), (("GB", "US-MA"), True), (("US-OH",), False),
     (("GB", "MA"), False), ((), True)],
)  # fmt: skip
def test_a_clause_for_some_laws(library: Library, model: ClauseText, laws: tuple[str, ...], chosen: bool) -> None:
    """The reference deal is under the law of Massachusetts, US-MA."""
    clauses = select(library, replace(model, id="a", jurisdictions=laws)).clauses
    assert bool(clauses) is chosen


def test_a_clause_that_cannot_stand_beside_others_makes_room(library: Library, model: ClauseText) -> None:
    """The first that cannot stand goes first, then the rest is looked at again."""
    spare = replace(model, id="spare", rank=200)
    lacking = replace(model, id="lacking", requires=("brand",))
    assert verdicts(select(library, lacking, spare)) == {
        "lacking": (False, "it needs a clause about brand"), "spare": (True, "always"),
    }  # fmt: skip
    brand = replace(model, id="brand", topic="brand")
    assert verdicts(select(library, lacking, spare, brand))["lacking"] == (True, "always")
    against = replace(lacking, id="against", requires=("brand",), conflicts=("nobody", "brand"))
    found = verdicts(select(library, against, spare, brand))
    assert found["against"] == (False, "it cannot stand beside brand")
    assert (found["spare"][0], found["brand"][0]) == (True, True)
    # Without its clause about the brand, the clause that needs one goes as well.
    shy = replace(brand, conflicts=("lacking",))
    assert verdicts(select(library, lacking, spare, shy)) == {
        "lacking": (False, "it needs a clause about brand"),
        "spare": (True, "always"),
        "brand": (False, "it cannot stand beside lacking"),
    }


def test_a_position_that_no_clause_has_is_a_warning_only_where_it_was_asked_for_by_topic(
    library: Library, model: ClauseText
) -> None:
    def warned(text: str, *clauses: ClauseText) -> list[tuple[str, str, str, int]]:
        deal = pipeline.read((REFERENCE + text).encode(), "deal.yaml", library)
        outline = replace(library.outline_of_kind("referral"), topics=("scope", "brand"), required=())
        found = select_clauses(deal, replace(library, clauses={"brand": clauses}), outline)
        return [(w.field, w.code, w.severity, w.place.column) for w in found.warnings]

    usual, first = replace(model, id="a"), replace(model, id="b", position="pro-first")
    warning = ("position by topic.brand", "position-without-effect", "W", 28)
    assert warned("\nposition by topic: {brand: pro-first}\n", usual) == [warning]
    assert warned("\nposition by topic: {brand: pro-first}\n", usual, first) == []
    assert warned("\nposition by topic: {brand: fallback}\n", usual, first) == [warning]
    assert warned("\nposition by topic: {brand: pro-first}\n") == [], "the topic has no clauses at all"
    assert warned("\nposition by topic: {brand: balanced}\n", first) == []
    assert warned("\nposition: pro-first\n", usual) == [("position", "position-without-effect", "W", 11)]
    found = warned("\nposition: pro-first\nposition by topic: {brand: balanced}\n", usual, first)
    assert found == [("position", "position-without-effect", "W", 11)]

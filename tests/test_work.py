"""Work is counted: a text that would run long, or print much, is stopped after the same number of steps everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import packs
import pytest
from conftest import MINIMAL, ROOT

from agreementgen import pipeline
from agreementgen.core.problems import PackError, Place
from agreementgen.language import filling
from agreementgen.language.analysis import MAX_PROBLEMS, analyze_condition, analyze_text
from agreementgen.language.environment import BudgetExceeded, limit_steps, spend_steps
from agreementgen.language.filling import FillContext, fill_blocks, fill_line
from agreementgen.language.shapes import Shape, group_shape, list_shape
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.packs.layering import open_library

START = Place("acme-law/clauses/brand/brand.md", 10, 1)
FACTS = group_shape({"xs": list_shape(Shape("text")), "law": Shape("text"), "count": Shape("integer")})


def setting(**facts: Any) -> FillContext:
    return FillContext(facts, "en-US", frozenset())


def stopped(source: str, **facts: Any) -> str:
    """Return how a text is stopped that the check of a clause lets through; and that it is so in a line, too."""
    analyze_text(source, START, FACTS)
    said = set()
    for render in (fill_blocks, fill_line, fill_blocks):
        with pytest.raises(PackError) as caught:
            render(source, setting(**facts), START)
        (problem,) = caught.value.problems
        said.add(str(problem))
    (one,) = said
    assert "it takes more than 20,000 steps" in one
    return one


LOOPS = "Text.\n\n{% for a in xs %}\n{% for b in xs %}\n{% for c in xs %}{% endfor %}\n{% endfor %}\n{% endfor %}"


def test_lists_inside_lists_are_stopped_with_the_clause_and_its_line() -> None:
    assert stopped(LOOPS, xs=("a",) * 30).startswith("acme-law/clauses/brand/brand.md:14:1: ")
    fill_blocks(LOOPS, setting(xs=("a",) * 25), START)


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        ("{% for a in xs %}{% endfor %}", {"xs": ("a",) * 20_001}),
        ("{% for a in xs %}" + "long words " * 1_000 + "{% endfor %}", {"xs": ("a",) * 200}),
        ("{{ law }}", {"law": "long words " * 200_000}),
        ("{{ law }}" * 500, {"law": "long words " * 400}),
        ("{{ xs|listed }}", {"xs": ("long words" * 100,) * 2_400}),
        ("{% for a in xs %}{% if law %}{{ a }}{% else %}{{ a|capital }}{% endif %}{% endfor %}", {"law": "", "xs": ("a" * 200,) * 5_001}),
        ("{% for a in xs %}{% for b in xs %}{{ loop.last }}{% endfor %}{% endfor %}".replace("{{ loop.last }}", "{% if loop.last %}x{% endif %}"), {"xs": ("a",) * 150}),
    ],
)  # fmt: skip
def test_what_runs_long_or_prints_much_is_stopped(source: str, facts: dict[str, Any]) -> None:
    stopped(source, **facts)


def test_loops_know_where_they_are_all_the_same() -> None:
    """Counting leaves first, last and index of a loop as they were."""
    source = "{% for a in xs %}{{ loop.index }}{% if loop.first %}F{% endif %}{% if loop.last %}L{% else %}, {% endif %}{% else %}none{% endfor %}"
    analyze_text(source, START, FACTS)
    for facts, says in ((("a", "b", "c"), "1F, 2, 3L"), (("a",), "1FL"), ((), "none")):
        runs, slots = fill_line(source, setting(xs=facts), START)
        text = "".join(run.text for run in runs)
        assert "".join(str(slots.insert_at(char) or char) for char in text) == says


def test_limits_hold_inside_each_other() -> None:
    with (
        pytest.raises(BudgetExceeded, match="more than 10 steps"),
        limit_steps(10),
        limit_steps(100),
    ):
        spend_steps(11)
    with limit_steps(100):
        spend_steps(50)
        with pytest.raises(BudgetExceeded, match="more than 100 steps"), limit_steps(1000):
            spend_steps(51)
    spend_steps(10**9)  # outside of all limits nothing is counted


def test_a_whole_agreement_has_a_limit_too(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    deal = pipeline.read(MINIMAL.read_bytes(), MINIMAL.name, library)
    monkeypatch.setattr(pipeline, "STEPS_FOR_DOCUMENT", 60)
    with pytest.raises(PackError, match="it takes more than 60 steps") as caught:
        pipeline.build(deal, library, ("txt",))
    assert caught.value.problems[0].place.file.startswith("clauses/")


def test_the_library_is_far_from_its_limits(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "STEPS_FOR_TEXT", filling.STEPS_FOR_TEXT // 20)
    monkeypatch.setattr(pipeline, "STEPS_FOR_DOCUMENT", pipeline.STEPS_FOR_DOCUMENT // 20)
    for sample in sorted((ROOT / "samples").glob("*.yaml"))[:4]:
        pipeline.build(pipeline.read(sample.read_bytes(), sample.name, library), library, ())


def test_reading_a_pack_is_counted(tmp_path: Path) -> None:
    """Each text is short and right; there are only far too many."""
    long = "{% if law %}{{ law }}{% endif %}\n\n" * 500
    files: dict[str, str | bytes] = {
        f"clauses/brand/x{n}.md": packs.clause(f"x{n}", long, more=f"rank: {n + 1000}\n") for n in range(30)
    }
    with pytest.raises(PackError) as caught:
        open_library((packs.write(tmp_path / "acme-law", files),))
    (problem,) = caught.value.problems
    assert "hold more than 120,000 words inside tags" in problem.message
    assert built_in_library()


def test_mistakes_without_number_end_somewhere(tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        analyze_text("{{ nope }}\n" * 1_500, START, FACTS)
    assert len(caught.value.problems) == MAX_PROBLEMS
    files: dict[str, str | bytes] = {
        f"clauses/brand/x{n}.md": packs.clause(f"x{n}", f"{{{{ nope{n} }}}}\n" * 60) for n in range(60)
    }
    with pytest.raises(PackError) as caught:
        open_library((packs.write(tmp_path / "acme-law", files),))
    assert 500 < len(caught.value.problems) < 2_000


@pytest.mark.parametrize(
    "source",
    [
        "(" * 9_000 + "law" + ")" * 9_000,
        "[" * 9_000 + "law" + "]" * 9_000,
        "not " * 4_900 + "law",
        "-" * 19_000 + "1",
        "law" + " and law" * 2_400,
        "law" + " or law" * 2_400,
        "law" + "|capital" * 2_400,
        "law if law else " * 1_200 + "law",
        "law" + ".a" * 9_000,
        "law" + "[0]" * 6_000,
        "count" + " == 1" * 3_900,
        "law in [" + "'a'," * 4_900 + "]",
        "9" * 19_000,
        "1" + "+1" * 9_000,
        "9" + "**9" * 6_000,
        "'a'" + "~'a'" * 4_900,
        "ref(" * 3_000 + "'a'" + ")" * 3_000,
        "{" * 9_000 + "}" * 9_000,
        "law is " + "not " * 4_800 + "positive",
    ],
)
def test_what_is_nested_or_long_beyond_reason_is_refused_at_once(source: str) -> None:
    """Never a RecursionError, in a text and in a condition."""
    for look, text in ((analyze_text, "{{ " + source + " }}"), (analyze_text, "{% if " + source + " %}x{% endif %}")):
        with pytest.raises(PackError):
            look(text, START, FACTS)
    with pytest.raises(PackError):
        analyze_condition(source, START, FACTS)


@pytest.mark.parametrize("text", ["|a" * 2_500 + "\n" + "|-" * 2_500 + "\n" + "|\n" * 2_000, "a | b" + "|" * 30])
def test_tables_that_no_page_holds(text: str) -> None:
    with pytest.raises(PackError, match="a table has at most 20 columns"):
        fill_blocks(text, setting(), START)


def test_a_text_that_was_read_before_takes_its_steps_again() -> None:
    source = "{{ law }} and so on, " * 20
    for _ in range(2):
        with limit_steps(60):
            analyze_text(source, START, FACTS)
        with pytest.raises(BudgetExceeded), limit_steps(59):
            analyze_text(source, START, FACTS)


def test_a_text_is_right_for_the_facts_it_was_read_with_alone() -> None:
    source = "{% if count > 2 %}{{ law }}{% endif %}"
    analyze_text(source, START, FACTS)
    for other in ({"law": Shape("text")}, {"law": Shape("yes/no"), "count": Shape("integer")}):
        with pytest.raises(PackError):
            analyze_text(source, START, group_shape(other))
    with pytest.raises(PackError):
        analyze_condition(source, START, FACTS)
    assert analyze_text(source, Place("another/file.md"), FACTS).facts == {"law", "count"}

"""Any text at all comes out of the clause language as it went in."""

from __future__ import annotations

import random
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
from language_cases import START, TOPICS, rendered, words

from agreementgen.core.document import Block, Run, runs_of_block, text_of_runs
from agreementgen.core.problems import collapse_spaces, find_forbidden_character
from agreementgen.language import filling

SIGNS = [
    *"&<>*_#|[](){}`'\"\\~$%=-+.,;:!?/@^",
    *(
        "**",
        "__",
        "1.",
        "- ",
        "# ",
        "> ",
        "---",
        "|---|",
        "[a]: http://b",
        "![x](y)",
        "<b>",
        "</w:t>",
        "&amp;",
        "&#65;",
    ),
    *(
        "{{ 7*7 }}",
        "{{ name }}",
        "{% raw %}",
        "{% endraw %}",
        "{#",
        "#}",
        "{%",
        "%}",
        "{{ footer }}",
        "${x}",
        "{0}",
        "%s",
    ),
    *("Inc.", "U.S.", "e.g.", "…", "。", "’", "“", "”", " ", "  ", "\n", "\t", "\u00a0", "\u3000", "\u2003"),
    *(
        "é",
        "e\u0301",
        "Ω",
        "ß",
        "İ",
        "日本",
        "שלום",
        "مرحبا",
        "👩\u200d👩\u200d👧",
        "👍🏽",
        "🇺🇸",
        "\u0e01\u0e33",
        "ﬁ",
        "𝒜",
    ),
]
# Letters of all scripts, the same in every run; a byte for each piece is the fastest way to make texts.
SCRIPTS = [chr(code) for code in random.Random(1).sample(range(0xA1, 0x1FFFF), 2_000)]
PIECES = (SIGNS + [char for char in SCRIPTS if find_forbidden_character(char) is None])[:256]
HOSTILE = (
    st.binary(min_size=1, max_size=12)
    .map(lambda data: collapse_spaces("".join(PIECES[byte] for byte in data)))
    .filter(lambda text: bool(text) and find_forbidden_character(text) is None)
)
MANY = settings(max_examples=1_500, deadline=None, derandomize=True, database=None)

CONTEXTS = [
    "{{ a }}",
    "{{ a }}{{ b }}",
    "**{{ a }}** (*{{ b }}*) ***{{ a }}***",
    "_{{ a }}_ \\*{{ b }}\\*",
    "- {{ a }}\n- b {{ b }}",
    "1. {{ a }}\n2. {{ b }}",
    "| {{ a }} | x |\n| --- | --- |\n| {{ b }} | {{ a }} |",
    "{% if a %}\n{{ a }}\n{% endif %}\nx\n{{ b }}\n\n{{ a }}",
    "{% for x in all %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "#{{ a }} [{{ b }}]({{ a }}) `{{ b }}` <{{ a }}> &{{ b }};",
    "{{ a|possessive }} {{ group.part }} {{ a or b }} {{ a if b else '' }}",
]


def filled_in(source: str, a: str, b: str) -> list[Block]:
    facts = {"a": a, "b": b, "all": (a, b), "group": {"part": b}}
    return rendered(source, filling.FillContext(facts, "en-US", TOPICS))


def replaced(block: Block, a: str, b: str) -> list[tuple[tuple[str, bool, bool], ...]]:
    """Return the runs of a block that was filled in with plain words, with the real texts in their place."""

    def real(run: Run) -> tuple[str, bool, bool]:
        text = re.sub("Aa|Bb", lambda match: {"Aa": a, "Bb": b}[match[0]], run.text)
        return text, run.bold, run.italic

    return [tuple(map(real, runs)) for runs in runs_of_block(block)]


@MANY
@given(st.sampled_from(CONTEXTS), HOSTILE, HOSTILE)
@example(CONTEXTS[6], "a | b", "|---|")
@example(CONTEXTS[0], "2010. Ventures", "x")
def test_a_fact_comes_out_as_it_went_in(source: str, a: str, b: str) -> None:
    plain, real = filled_in(source, "Aa", "Bb"), filled_in(source, a, b)
    # "Aa’s" and "Bbs’": which of the two depends on the last letter, which is the fact's.
    if "possessive" in source and a.endswith("s"):
        source, plain = source, filled_in(source.replace("{{ a|possessive }}", "{{ a }}’"), "Aa", "Bb")
    assert [type(block) for block in plain] == [type(block) for block in real]
    for one, other in zip(plain, real, strict=True):
        expected = [tuple((text, bold, italic) for text, bold, italic in runs) for runs in replaced(one, a, b)]
        assert [tuple((run.text, run.bold, run.italic) for run in runs) for runs in runs_of_block(other)] == expected


@MANY
@given(HOSTILE)
def test_a_line_of_the_key_terms_shows_a_fact_as_it_is(text: str) -> None:
    runs, slots = filling.fill_line(
        "Label: {{ a }} **{{ a }}**", filling.FillContext({"a": text}, "en-US", TOPICS), START
    )
    filled = filling.replace_slots(runs, words(slots))
    assert [(run.text, run.bold) for run in filled] == [(f"Label: {text} ", False), (text, True)]


@MANY
@given(HOSTILE, HOSTILE)
def test_filters_change_first_letters_and_last_stops_only(a: str, b: str) -> None:
    def may(text: str, first: bool, stop: bool) -> set[str]:
        forms = {text, text[:-1]} if stop and text.endswith(".") else {text}
        return forms | ({form[:1].title() + form[1:] for form in forms} if first else set())

    def says(source: str) -> str:
        return "".join(text_of_runs(runs) for block in filled_in(source, a, b) for runs in runs_of_block(block))

    assert says("{{ a|capital }}") in may(a, True, False)
    assert says("{{ a|phrase }}") in may(a, False, True)
    assert says("{{ a|phrase|capital }}") in may(a, True, True)
    assert says("{{ all|phrases }}") in {f"{x}; {y}" for x in may(a, False, True) for y in may(b, False, True)}
    ends = [{form + stop for form in may(text, True, False) for stop in ("", ".")} for text in (a, b)]
    assert says("{{ all|sentences }}") in {f"{x} {y}" for x in ends[0] for y in ends[1]}
    for word, source in (("and", "{{ all|listed }}"), ("or", "{{ all|either }}")):
        assert says(source) in {f"{x} {word} {y}" for x in may(a, False, True) for y in may(b, False, True)}
    assert says("{{ a|the }}") in (a, f"the {a}")
    assert says("{{ a|an }}") in (f"a {a}", f"an {a}")


@MANY
@given(HOSTILE)
def test_a_stop_of_the_clause_is_left_out_at_most(text: str) -> None:
    said = text_of_runs(next(runs_of_block(filled_in("By {{ a }}. Then.", text, "x")[0])))
    assert said in (f"By {text}. Then.", f"By {text} Then.")
    assert not re.search(r"[^.]\.\. Then", said) or text.endswith("..")

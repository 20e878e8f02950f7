"""YAML as people type it: texts stay texts, places are exact, and no bytes whatever surprise the reader."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from deals import REFERENCE
from hypothesis import given, settings
from hypothesis import strategies as st

from agreementgen import pipeline
from agreementgen.core.problems import InputError, Place, find_forbidden_character
from agreementgen.library.library import Library
from agreementgen.sources import list_packs_for
from agreementgen.yamlfile import nodes
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

quick = settings(max_examples=100, deadline=None)


def root(text: str) -> MappingNode:
    return nodes.read_yaml(text, "f").root


def plain(node: Node | None) -> object:
    """Return texts, lists and dictionaries."""
    match node:
        case ScalarNode():
            return node.text
        case SequenceNode():
            return [plain(item) for item in node.items]
        case MappingNode():
            return {key.text: plain(value) for key, value in node}
    return None


def said(text: str, go_on: bool = False) -> list[str]:
    with pytest.raises(InputError) as caught:
        nodes.read_yaml(text, "f", go_on=go_on)
    assert all(problem.hint for problem in caught.value.problems)
    return [str(problem).split("\n")[0] for problem in caught.value.problems]


def test_texts_stay_texts() -> None:
    text = "a: NO\nb: 02110\nc: 12:30\nd: 1_000\ne: 2025-02-30\nf: 0x1F\ng: null\nh: .inf\ni: 1e5\nj: yes\n"
    assert plain(root(text)) == {
        "a": "NO", "b": "02110", "c": "12:30", "d": "1_000", "e": "2025-02-30", "f": "0x1F", "g": "null", "h": ".inf",
        "i": "1e5", "j": "yes",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: x", 1, 4),
        ("a:   x", 1, 6),
        ("a: 'x'", 1, 4),
        ('a: "x\n  y"', 1, 4),
        ("a: x\n  y\n", 1, 4),
        ("a: |\n  x\n", 1, 4),
        ("a:\n  x", 2, 3),
        ("# c\n\na: x", 3, 4),
        ("# c\r\n\r\na: x\r\n", 3, 4),
        ("# c\r\ra: x\r", 3, 4),
        ("ä: x", 1, 4),
        ("🍁🍁: x", 1, 5),
        ('"a b": x', 1, 8),
        ("{b: 1, a: x}", 1, 11),
        ("a: [x]", 1, 4),
        ("a:\n- x", 2, 1),
        ("a:\n  - x", 2, 3),
        ("a: {b: c}", 1, 4),
        ("a:\n  b: c", 2, 3),
        ("? a\n: x", 2, 3),
    ],
)
def test_places_are_those_of_an_editor(text: str, line: int, column: int) -> None:
    node = root(text).entries[-1][1]
    assert node.place == Place("f", line, column)


@pytest.mark.parametrize(
    ("text", "line", "column"), [("b: 1\na: x", 2, 1), ("b: 1\n'a': x", 2, 1), ("{b: 1, a: x}", 1, 8)]
)
def test_places_of_names(text: str, line: int, column: int) -> None:
    assert root(text).entries[-1][0].place == Place("f", line, column)


def test_a_byte_order_mark_moves_nothing() -> None:
    text = nodes.decode_utf8(b"\xef\xbb\xbfa: x", "f")
    assert root(text).entries[0][1].place == Place("f", 1, 4)


def test_lines_are_counted_from_the_first_line_given() -> None:
    found = nodes.read_yaml("a: x\nb: y", "f", first_line=10)
    assert [value.place.line for _, value in found.root] == [10, 11]
    with pytest.raises(InputError) as caught:
        nodes.read_yaml("a: x\nb y\nc: z", "f", first_line=10)
    assert caught.value.problems[0].place == Place("f", 11, 1)


def test_both_parsers_read_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may come without libyaml: then its own parser does the work, in words and marks of its own."""
    good = "a: 'x'\nb: [1, {c: ~}, \"y # z\"]\nc: Unit #4, x\n"
    bad = (
        "a: &x y", "a: *x y", "a: !!str x", "a: A: B", "a: b\nlaw x\nc: d", "a: 'x", "a: [x\nb: c", "a:\n\tb: c",
        "a: @x", "a:\n  b: c\n   d: e", "a:\n  b: c\n d: e", 'a: "x" y', "a: ]", "a: - b", "a: b\n---\nc: d",
        "a: ~\na: b", "<<: {a: b}", "a: {b: $1,000}",
    )  # fmt: skip
    fast = nodes.read_yaml(good, "f"), [said(text) for text in bad]
    monkeypatch.delattr(yaml, "CBaseLoader", raising=False)
    assert nodes.read_yaml(good, "f") == fast[0]
    for text, expected in zip(bad, fast[1], strict=True):
        assert said(text) == expected, text


def test_empty_values() -> None:
    values = root("a:\nb: ~\nc: null\nd: ''\ne: '  '\nf: '~'\ng: 'null'\nh: x")
    assert [key.text for key, value in values if isinstance(value, ScalarNode) and value.is_empty] == list("abcde")


@pytest.mark.parametrize("text", ["", "\n\n", "# only\n# comments", "---", "---\n...\n", "~", "''"])
def test_an_empty_file(text: str) -> None:
    assert said(text) == ["f: the file is empty"]


def test_problems_one_can_read_past_are_kept_with_the_rest() -> None:
    text = 'a: &x y\nb: !!str z\nc: "\\x0b"\na: again\n<<: {d: e}\n[k]: v\n'
    with pytest.raises(InputError) as caught:
        nodes.read_yaml(text, "f")
    found = nodes.read_yaml(text, "f", go_on=True)
    assert found.problems == caught.value.problems
    assert [problem.place.line for problem in found.problems] == [1, 2, 3, 4, 5, 6]
    assert [(key.text, value.bad) for key, value in found.root if isinstance(value, ScalarNode)] == [
        ("a", True), ("b", True), ("c", True),
    ]  # fmt: skip
    assert said("a: b\nc: [", go_on=True)[0].endswith("never closed")
    assert said("- &x y", go_on=True) == said("- &x y")


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("a: Unit #4, X #5", "#4, X #5"),
        ("a: [x #4, y]\n", ""),
        ("a: #1 Plumbing", "#1 Plumbing"),
        ("a: x # a comment", ""),
        ("a: x ## a comment", ""),
        ("a: x #", ""),
        ("#1 Plumbing\na: x", ""),
        ("a: 'x' #1", ""),
        ("a: x#1", ""),
        ("a: x   #1 ", "#1"),
    ],
)
def test_a_comment_that_looks_like_a_value(text: str, warning: str) -> None:
    if text.startswith("a: ["):
        assert "was read as a comment" in said(text)[1]
        return
    found = nodes.read_yaml(text, "f").warnings
    assert [problem.message.split('"')[1] for problem in found] == ([warning] if warning else [])
    for problem in found:
        assert text[problem.place.column - 1 :].startswith(warning)


@pytest.mark.parametrize(
    "text", ["a: [1, 2]", "a: [12,34]", "a: {b: 10%,c: 2}", "a: $2,000", 'a: ["$2,000"]', "a: [x,200]", "a: [1,2000]"]
)
def test_commas_that_cut_no_amount(text: str) -> None:
    assert not nodes.read_yaml(text, "f").problems


def test_depth() -> None:
    deep = "{a: " * nodes.MAX_DEPTH + "x" + "}" * nodes.MAX_DEPTH
    assert isinstance(root(deep), MappingNode)
    assert "nested" in said("{a: " + deep + "}")[0]


def test_size() -> None:
    assert nodes.decode_utf8(b"#" * nodes.MAX_BYTES, "f")
    with pytest.raises(InputError):
        nodes.decode_utf8(b"#" * (nodes.MAX_BYTES + 1), "f")


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"\xff", 1, 1),
        (b"a\n\xff", 2, 1),
        (b"a\r\nb\xff", 2, 2),
        ("äö".encode() + b"\xe4", 1, 3),
        (b"\xef\xbb\xbfa\xff", 1, 2),
    ],
)
def test_the_place_of_a_bad_byte(data: bytes, line: int, column: int) -> None:
    with pytest.raises(InputError) as caught:
        nodes.decode_utf8(data, "f")
    assert caught.value.problems[0].place == Place("f", line, column)


SIGNS = st.text("ab:-[]{}#&*!|>'\"%@`,? \n\t\\x0\ufeff\u2028", max_size=60)


@quick
@given(SIGNS | st.text())
def test_no_text_surprises_the_reader(text: str) -> None:
    try:
        found = nodes.read_yaml(text, "f", go_on=True)
    except InputError as error:
        found = None
        problems = error.problems
    else:
        problems = (*found.problems, *found.warnings)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in problems:
        assert problem.message
        assert problem.hint
        if problem.place.line:
            assert 1 <= problem.place.column <= len(lines[problem.place.line - 1]) + 1


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])).filter(
    lambda text: find_forbidden_character(text) is None
)


@quick
@given(st.recursive(WORDS, st.lists, max_leaves=5), st.sampled_from(['"', "'", None]))
def test_what_pyyaml_writes_is_read(value: object, style: str | None) -> None:
    """An independent writer: quotes, escapes and line breaks of its choice."""
    text = yaml.safe_dump({"a": value, "b": [deepcopy(value)]}, allow_unicode=True, default_style=style)
    assert plain(root(text)) == {"a": value, "b": [value]}


@quick
@given(st.binary(max_size=300) | SIGNS.map(lambda text: b"agreement: referral\n" + text.encode("utf-8", "replace")))
def test_no_bytes_surprise_the_program(library: Library, data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        pipeline.read(data, "deal.yaml", library)
    assert caught.value.problems


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_change_of_a_deal_surprises_the_program(library: Library, data: st.DataObject) -> None:
    """The reference deal with a piece cut out and other signs put in: read, or refused with InputError."""
    start = data.draw(st.integers(0, len(REFERENCE)))
    end = min(len(REFERENCE), start + data.draw(st.integers(0, 40)))
    changed = REFERENCE[:start] + data.draw(SIGNS) + REFERENCE[end:]
    with suppress(InputError):
        pipeline.read(changed.encode(), "deal.yaml", library)


# -- files that ask for much work


@pytest.mark.parametrize(
    "text",
    ["k: 1\n" * 10_001, "a: [" + "x," * 20_001 + "]\n", "a: &b x\n" * 10_001],
    ids=["lines", "list", "anchors"],
)
def test_a_file_of_too_many_values_is_refused_for_that_alone(text: str) -> None:
    with pytest.raises(InputError) as refused:
        nodes.read_yaml(text, "deal.yaml", go_on=True)
    (problem,) = refused.value.problems
    assert problem.message == "the file holds more than 20,000 names and values"
    assert problem.hint == "is this the right file?"
    assert problem.place.file == "deal.yaml"


def test_after_a_thousand_problems_no_more_are_looked_for(library: Library) -> None:
    text = "agreement: referral\n" + "".join(f"kk{n}: 1\n" for n in range(9_000))
    with pytest.raises(InputError) as refused:
        pipeline.read(text.encode(), "deal.yaml", library)
    assert refused.value.problems[0].code == "too-many-problems"
    assert len(refused.value.problems) == 1001
    assert str(refused.value.problems[1]).startswith('deal.yaml:2:1: kk0: "kk0" is not a fact we know here')


def test_a_deal_names_few_packs(library: Library, tmp_path: Path) -> None:
    yaml = nodes.read_yaml("pack: [" + "x, " * 5000 + "x]\n", "deal.yaml")
    with pytest.raises(InputError) as refused:
        list_packs_for(yaml, tmp_path)
    assert str(refused.value) == (
        "deal.yaml:1:8: pack: there are 5,001 packs, and at most 10 lie over each other\n  hint: keep those that count"
    )

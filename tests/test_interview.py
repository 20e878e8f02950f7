"""The conversation without a terminal: what is asked next, how files are edited, what lists may be suggested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st

from agreementgen import pipeline
from agreementgen.deal.reader import read_status
from agreementgen.examples import EXAMPLE_PARTIES, example_data
from agreementgen.interview.answer_words import value_in_words
from agreementgen.interview.notebook import (
    Notebook,
    PendingQuestion,
    each_pending_question,
    list_sections,
    list_usual_and_left_out,
    list_visible_facts,
)
from agreementgen.interview.preview import page_share_in_words, preview_agreement
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.yamlfile import editing
from agreementgen.yamlfile import editing as aside
from agreementgen.yamlfile import nodes as yamlfile
from agreementgen.yamlfile.editing import quote_scalar

KINDS = tuple(built_in_library().outlines)
# Far more than any kind asks.
MOST = 100


def reply(notebook: Notebook, task: PendingQuestion) -> None:
    """Answer a task as trial deals do."""
    if task.path[0] == "parties" and task.path[2:] == ("name",):
        said: Any = EXAMPLE_PARTIES[int(task.path[1]) - 1]["name"]
    else:
        names = [name for name in notebook.status.parties if name]
        said = example_data(task.question, names)
    problem = notebook.change(lambda text: editing.set_answer(text, task.path, said))
    assert problem is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_questions_lead_to_a_complete_deal(kind: str, library: Library, tmp_path: Path) -> None:
    notebook = Notebook.create(tmp_path / "deal.yaml", library, kind)
    asked = []
    while task := next(each_pending_question(notebook.status, notebook.sections), None):
        assert task.path not in asked
        asked.append(task.path)
        assert len(asked) < MOST
        reply(notebook, task)
    deal = pipeline.read((tmp_path / "deal.yaml").read_bytes(), "deal.yaml", library)
    assert deal.kind == kind
    # Each party is completed before the next.
    parties = [path[1] for path in asked if path[0] == "parties"]
    assert parties == sorted(parties)
    order = [next(n for n, s in enumerate(notebook.sections) if path[0] in s.keys) for path in asked]
    assert order == sorted(order)


@pytest.mark.parametrize("kind", KINDS)
def test_how_full_the_page_is_can_be_said_from_the_start(kind: str, library: Library, tmp_path: Path) -> None:
    notebook = Notebook.create(tmp_path / "deal.yaml", library, kind)
    found = preview_agreement(notebook)
    assert found is not None
    assert 0.4 < found.share < 1.4
    assert "page" in page_share_in_words(found.share)


def test_three_parties_can_read_their_agreement_before_they_have_shares(library: Library, tmp_path: Path) -> None:
    """An example of one party's share does not add up with those of the others."""
    parties = [{"name": f"{name} Farm LLC", "entity": "LLC"} for name in ("Elm", "Oak", "Fir")]
    text = editing.write_answers({"agreement": "joint-venture", "parties": parties})
    found = preview_agreement(Notebook.create(tmp_path / "deal.yaml", library, "joint-venture", text))
    assert found is not None
    assert "Ownership: Elm Farm 34%, Oak Farm 33%, Fir Farm 33%" in found.words_of_topic(
        Notebook.open(tmp_path / "deal.yaml", library), "ownership"
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_complete_deal_has_nothing_to_ask(path: Path, library: Library) -> None:
    text = path.read_text(encoding="utf-8")
    deal = pipeline.read(text.encode(), path.name, library)
    outline = library.outline_of_kind(deal.kind)
    standing = read_status(yamlfile.read_yaml(text, path.name), library.form_of(outline))
    assert not standing.problems
    known = list_sections(library, outline)
    assert not list(each_pending_question(standing, known))
    assert {fact.state for fact in standing.facts} <= {"answered", "usual", "open"}
    # What nobody typed is either shown as usual or as left out, and nothing twice.
    seen = [fact.path for section in known for fact in list_visible_facts(section, standing)]
    assert len(seen) == len(set(seen))
    for section in known:
        for fact in list_usual_and_left_out(section, standing)[0]:
            assert value_in_words(fact.value, deal.language), fact.path


@pytest.mark.parametrize("kind", KINDS)
def test_suggestions_and_small_starts_are_answers(kind: str, library: Library, tmp_path: Path) -> None:
    notebook = Notebook.create(tmp_path / "deal.yaml", library, kind)
    while task := next(each_pending_question(notebook.status, notebook.sections), None):
        reply(notebook, task)
    from agreementgen.deal.reader import node_as_data

    outline = library.outline_of_kind(kind)
    for name, nodes in outline.suggestions.items():
        path = tuple(name.split("."))
        question = notebook.status.find_fact(path)
        assert question is not None, name
        entries = [node_as_data(node) for node in nodes]
        if question.question.type.name == "per party":
            path = (*path, notebook.status.parties[0])
        assert notebook.save_answer(path, entries) is None, name
    text = f"agreement: {kind}\n"
    for name, node in outline.small_answers.items():
        text = editing.set_answer(text, tuple(name.split(".")), node_as_data(node))
    problems = notebook.status_of(text).problems
    assert all(problem.message == "this is missing" for problem in problems), problems


# -- editing


TEXT = """\
# head
agreement: referral  # kind
law: Vermont

parties:   # two
  # first
  - name: A LLC
    short: A
  # second
  - {name: B LLC, short: B}

scope:
  purpose: "Sell: bread"   # quoted
  excluded: [one, "two, three"]
goals:
- name: Leads
  target: 5
# tail
"""


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.split("\n"), after.split("\n")
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("path", "value", "gone", "come"),
    [
        (("law",), "Maine", ["law: Vermont"], ["law: Maine"]),
        (("venue",), "Here", [], ["venue: Here"]),
        (("scope", "purpose"), "x # y", ['  purpose: "Sell: bread"   # quoted'], ['  purpose: "x # y"   # quoted']),
        (("scope", "territory"), "NO", [], ["  territory: NO"]),
        (("scope", "excluded", "2"), "4", ['  excluded: [one, "two, three"]'], ["  excluded: [one, 4]"]),
        (("scope", "excluded", "3"), "a, b", ['  excluded: [one, "two, three"]'], ['  excluded: [one, "two, three", "a, b"]']),
        (("parties", "2", "name"), "C, D", ["  - {name: B LLC, short: B}"], ['  - {name: "C, D", short: B}']),
        (("parties", "1", "email"), "a@b.example", [], ["    email: a@b.example"]),
        (("goals", "2", "name"), "Calls", [], ["- name: Calls"]),
        (("exit", "tail"), "90 days", [], ["exit:", "  tail: 90 days"]),
    ],
)  # fmt: skip
def test_an_edit_changes_its_own_lines(path: tuple[str, ...], value: str, gone: list[str], come: list[str]) -> None:
    after = editing.set_answer(TEXT, path, value)
    assert lines_changed(TEXT, after) == (gone, come)


def test_windows_line_ends_and_marks_survive(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "deal.yaml"
    before = b"\xef\xbb\xbfagreement: referral\r\n# why\r\nlaw: Vermont\r\n"
    file.write_bytes(before)
    notebook = Notebook.open(file, library)
    notebook.save_answer(("law",), "Maine")
    assert file.read_bytes() == before.replace(b"Vermont", b"Maine")


def test_entries_move_with_their_comments() -> None:
    after = editing.move_entry(TEXT, ("parties",), 1, 2)
    assert "  # second\n  - {name: B LLC, short: B}\n  # first\n  - name: A LLC\n    short: A\n" in after


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=30
)
PATHS = st.sampled_from(
    [("law",), ("venue",), ("scope", "purpose"), ("scope", "excluded", "1"), ("scope", "excluded", "3"),
     ("parties", "1", "name"), ("parties", "2", "short"), ("parties", "3", "name"), ("goals", "1", "target"),
     ("exit", "tail"), ("responsibilities", "A", "1"), ("crisis", "plan", "notice")],
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(PATHS, WORDS), min_size=1, max_size=4))
def test_whatever_is_put_is_read_back(edits: list[tuple[tuple[str, ...], str]]) -> None:
    text = TEXT
    for path, value in edits:
        text = editing.set_answer(text, path, value)
        found: Any = editing.answers_in_text(text)
        for part in path:
            found = found[int(part) - 1] if isinstance(found, list) else found[part]
        assert found == (value if value.strip() else None)
    for comment in ("# head", "# kind", "# two", "# first", "# second", "# tail"):
        assert comment in text
    for path, _ in edits:
        if path[:2] != ("parties", "1"):
            text = editing.drop_answer(text, path) if _there(text, path) else text
    assert "# tail" in text


def _there(text: str, path: tuple[str, ...]) -> bool:
    found: Any = editing.answers_in_text(text)
    for part in path:
        if isinstance(found, list):
            found = found[int(part) - 1] if int(part) <= len(found) else None
        else:
            found = (found or {}).get(part)
    return found is not None


@given(WORDS)
def test_texts_are_quoted_where_they_must(text: str) -> None:
    assert editing.answers_in_text(f"a: {quote_scalar(text)}\n")["a"] == (text if text.strip() else None)
    assert editing.answers_in_text(f"a: [{quote_scalar(text, True)}]\n")["a"] == [text if text.strip() else None]


def test_what_is_kept_aside_is_a_comment() -> None:
    kept = {("financial", "tracking"): {"system": "a = b / c", "kept by": "payer"}}
    text = aside.write_kept_answers(TEXT, kept)
    assert editing.answers_in_text(text) == editing.answers_in_text(TEXT)
    assert aside.read_kept_answers(text) == kept
    assert aside.write_kept_answers(text, {}) == TEXT

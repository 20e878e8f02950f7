"""The library: the built-in one is sound, and every mistake of an author's is told with its place, in plain words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from conftest import ROOT
from deals import reference

from agreementgen import pipeline
from agreementgen.core.problems import PackError, Problem
from agreementgen.library import loading
from agreementgen.library.files import SourceFile
from agreementgen.library.library import Library
from agreementgen.library.loading import load_library

SCOPE = "clauses/scope/scope.md"


# The one clause that is broken below, so that better wording of the real ones breaks no test.
CLAUSE = """\
---
id: scope
title: Scope
version: 1
words: 35
guidance: {why: Why it is so.}
---
The parties work together{% if scope.territory %} in the {{ term('territory') }}{% endif %}.

A change {{ scope.changes }}{% if has('liability') %}; see {{ ref('liability') }}{% endif %}.
"""


def read_once(read: Callable[[str, SourceFile, list[Problem]], Any]) -> Callable[..., Any]:
    """Return `read`, which reads a file without a mistake once for all libraries that hold it unchanged."""
    known: dict[tuple[str, str, bytes], Any] = {}

    def read_or_find(id: str, source: SourceFile, problems: list[Problem]) -> Any:
        key = (id, source.name, source.data)
        if key in known:
            return known[key]
        own: list[Problem] = []
        made = read(id, source, own)
        problems += own
        if not own:
            known[key] = made
        return made

    return read_or_find


READERS = {name: read_once(getattr(loading, name)) for name in ("read_topic", "read_clause", "read_outline")}


class Copy:
    """A library of its own for one test, with one thing broken."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("clauses", "templates"):
            shutil.copytree(ROOT / name, folder / name)
        for path in (folder / "clauses/scope").glob("*.md"):
            path.unlink()
        (folder / SCOPE).write_text(CLAUSE, encoding="utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    def load(self) -> Library:
        with mock.patch.multiple(loading, **READERS):
            return load_library(self.folder / "clauses", self.folder / "templates")

    def problems(self) -> list[str]:
        with pytest.raises(PackError) as refused:
            self.load()
        return [f"{problem.place}: {problem.message}" for problem in refused.value.problems]

    def place(self, name: str, word: str) -> str:
        """Return file:line:column of the first `word` in a file."""
        before, found, _ = (self.folder / name).read_text(encoding="utf-8").partition(word)
        assert found, f"{name} does not hold {word!r}"
        return f"{name}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    return Copy(tmp_path)


def test_the_built_in_library_is_sound(library: Library) -> None:
    assert {"referral"} <= set(library.outlines)
    assert all(library.clauses[topic] for topic in library.outlines["referral"].required)


def test_a_copy_loads_too_and_changes_nothing(copy: Copy, library: Library) -> None:
    assert copy.load().topics.keys() == library.topics.keys()


LEADS, PARTIES, OUTLINE, REVIEWS = (
    "clauses/leads/topic.yaml",
    "clauses/parties/topic.yaml",
    "templates/referral.yaml",
    "clauses/reviews/topic.yaml",
)
# What is changed (file, old, new), where the problem stands (file, word), and what is said.
MISTAKES = [
    # -- front matter
    (SCOPE, "version: 1", "versoin: 1", SCOPE, "versoin", '"versoin" is not a field here'),
    (SCOPE, "id: scope\n", "", SCOPE, "title:", '"id" is missing'),
    (SCOPE, "words: 35", "words: 35\nposition: medium", SCOPE, "medium", '"medium" is not a position'),
    (SCOPE, "words: 35", "words: many", SCOPE, "many", '"words" must be a whole number'),
    (SCOPE, "words: 35", "words: 3²", SCOPE, "3²", '"words" must be a whole number'),
    (SCOPE, "words: 35", "words: [35]", SCOPE, "[35]", '"words" must be a text'),
    (SCOPE, "version: 1", "version: 1\nversion: 2", SCOPE, "version: 2", '"version" stands twice here'),
    (SCOPE, "---\n", "", SCOPE, "id:", 'a clause begins with "---", its front matter, and "---"'),
    (SCOPE, "id: scope", "id: scope\n\tx: y", SCOPE, "\tx: y", "the line is indented with a tab"),
    (SCOPE, "words: 35", "words: 35\nwhen: nope", SCOPE, "nope", '"nope" is not a fact'),
    (
        SCOPE,
        "words: 35",
        'words: 35\nwhen: "scope.teritory"',
        SCOPE,
        "scope.teritory",
        '"scope.teritory" is not a fact',
    ),
    (SCOPE, "words: 35", "words: 35\nwhen: >-\n  scope.territory\n  and nope", SCOPE, "nope", '"nope" is not a fact'),
    (SCOPE, "words: 35", "words: 35\nwhen: has('brand')", SCOPE, "has(", "has() is known inside clauses only"),
    (
        SCOPE,
        "words: 35",
        "words: 35\nwhen: scope.changes == 'in witing'",
        SCOPE,
        "'in witing'",
        "not one of the choices",
    ),
    # -- bodies
    (SCOPE, "The parties", "{{ scope.purpse }} The", SCOPE, "scope.purpse", '"scope.purpse" is not a fact'),
    (SCOPE, "A change", "{{ scope.changes|uper }} A", SCOPE, "uper", '"uper" is not a filter of ours'),
    (SCOPE, "{% endif %}.\n\n", ".\n\n", SCOPE, "if scope.territory", "this if is never closed"),
    (SCOPE, "A change", "{% include 'x' %}A change", SCOPE, "include", '"include" is not allowed in clauses'),
    (SCOPE, "A change", "A\ue000 change", SCOPE, "\ue000", "the text holds U+E000 (a private-use character)"),
    (SCOPE, "A change", "A {{ term('x') }}", SCOPE, "'x'", '"x" is not a key-term row'),
    (SCOPE, "term('territory')", "term('teritory')", SCOPE, "'teritory'", '"teritory" is not a key-term row'),
    (SCOPE, "ref('liability')", "ref('lability')", SCOPE, "'lability'", '"lability" is not a topic with clauses'),
    (SCOPE, "has('liability')", "has('lability')", SCOPE, "'lability'", '"lability" is not a topic with clauses'),
    # -- ids, ties
    (
        "clauses/brand/brand.md",
        "id: brand",
        "id: scope",
        SCOPE,
        "scope\n",
        'clause "scope" stands in clauses/brand/brand.md:2',
    ),
    (LEADS, "id: lead\n", "id: lead_goal\n", LEADS, "lead_goal\n    label: Q", 'row "lead_goal" stands in'),
    # -- rows and boxes
    (
        LEADS,
        "leads.average_deal }}",
        "leads.averge_deal }}",
        LEADS,
        "leads.averge_deal",
        '"leads.averge_deal" is not a fact',
    ),
    (LEADS, "label: ", 'label: "{{ leads.x }}" # ', LEADS, "leads.x", '"leads.x" is not a fact'),
    (LEADS, "when: leads.a_month\n", "when: leads.a_mont\n", LEADS, "leads.a_mont\n", '"leads.a_mont" is not a fact'),
    (LEADS, "label: ", "labell: ", LEADS, "labell", '"labell" is not a field here'),
    (LEADS, "id: lead_goal\n    label", "label", LEADS, "label", '"id" is missing'),
    (
        LEADS,
        "  - id: lead\n",
        "  - id: lead\n    each: leads\n",
        LEADS,
        "lead\n    each",
        '"leads" is not a list of the deal',
    ),
    (LEADS, "id: lead_goal", "id: lead_goal\n    beside: perhaps", LEADS, "perhaps", '"beside" must be yes or no'),
    (LEADS, "label: ", "label: \"{{ term('lead') }}\" # ", LEADS, "'lead'", "only clauses refer to other places"),
    (OUTLINE, "{{ effective }}", "{{ ref('scope') }}", OUTLINE, "'scope'", "only clauses refer to other places"),
    (PARTIES, "{{ each.address }}", "{{ each.adress }}", PARTIES, "each.adress", '"each.adress" is not a fact'),
    (
        PARTIES,
        "each.legal_form }}",
        "each.legal_from }}",
        PARTIES,
        "each.legal_from }}",
        '"each.legal_from" is not a fact',
    ),
    (PARTIES, "{{ each.signatory.name }}", "{{ each.signer }}", PARTIES, "each.signer", '"each.signer" is not a fact'),
    # -- questions
    (LEADS, "when: leads.direction == 'one-way'", "when: leads.way", LEADS, "leads.way", '"leads.way" is not a fact'),
    (LEADS, 'needed: "yes"', "needed: leads.way", LEADS, "leads.way", '"leads.way" is not a fact'),
    (
        PARTIES,
        "when: this.entity == 'foreign entity'",
        "when: this.kind",
        PARTIES,
        "this.kind",
        '"this.kind" is not a fact',
    ),
    (
        PARTIES,
        "when: this.entity ==",
        "when: this.entity + 1 ==",
        PARTIES,
        "+ 1",
        "calculating with + is not allowed in clauses",
    ),
    (LEADS, "type: choice", "type: chioce", LEADS, "chioce", '"chioce" is not a type'),
    (LEADS, "    prompt: ", "    promt: ", LEADS, "promt", '"promt" is not a field here'),
    (LEADS, "default: two-way", "default: tow-way", LEADS, "tow-way", "the default does not fit its question"),
    (REVIEWS, "default: 6 months", "default: 60 months", REVIEWS, "60 months", "the default does not fit its question"),
    (
        LEADS,
        "  look-back:",
        "  close-rate:",
        LEADS,
        "close-rate",
        '"close-rate" is "close_rate" in clauses, like another fact',
    ),
    (LEADS, "  look-back:", "  look/back:", LEADS, "look/back", '"look/back" cannot be written in clauses'),
    (
        REVIEWS,
        "questions:",
        "key: leads\nquestions:",
        REVIEWS,
        "title",
        '"leads" is a fact of clauses/leads/topic.yaml:1 already',
    ),
    (REVIEWS, "questions:", "key: loop\nquestions:", REVIEWS, "title", '"loop" means something else in clauses'),
    (REVIEWS, "title: Reviews", "title: Reviews\ntitel: x", REVIEWS, "titel", '"titel" is not a field here'),
    (REVIEWS, "about: ", "about: a: b", REVIEWS, ": b", "second colon in"),
    # -- outlines
    (OUTLINE, "  - resources\n", "  - resourcs\n", OUTLINE, "resourcs", '"resourcs" is not a topic'),
    (OUTLINE, "  - scope\n", "  - scope\n  - scope\n", OUTLINE, "scope\n  - resp", '"scope" stands twice'),
    (OUTLINE, "[scope, resp", "[scoop, resp", OUTLINE, "scoop", '"scoop" is not a topic of this outline'),
    (
        OUTLINE,
        "[scope, resp",
        "[reviews, resp",
        OUTLINE,
        "reviews, resp",
        'the topic "reviews" is required but has no clause',
    ),
    (OUTLINE, "  - noncompete", "  - nocompete", OUTLINE, "nocompete", '"nocompete" is not a key-term row'),
    (OUTLINE, "required:", "needed: [scope.aim]\nrequired:", OUTLINE, "scope.aim", '"scope.aim" is not a question'),
    (OUTLINE, "required:", "defaults: {scope: {aim: x}}\nrequired:", OUTLINE, "x}}", '"scope.aim" is not a question'),
    (
        OUTLINE,
        "required:",
        "defaults: {leads: {direction: up}}\nrequired:",
        OUTLINE,
        "up}",
        "does not fit its question",
    ),
    (OUTLINE, "{{ effective }}", "{{ efective }}", OUTLINE, "efective", '"efective" is not a fact'),
    (OUTLINE, "version {{ version }}", "version {{ verson }}", OUTLINE, "verson", '"verson" is not a fact'),
    (OUTLINE, "subtitle: ", "subtitel: ", OUTLINE, "subtitel", '"subtitel" is not a field here'),
    (OUTLINE, "{least: 2,", "{least: two,", OUTLINE, "two", '"least" must be a whole number'),
]


@pytest.mark.parametrize(("name", "old", "new", "where", "word", "message"), MISTAKES, ids=lambda part: str(part)[:30])
def test_a_mistake_is_told_with_its_place(
    copy: Copy, name: str, old: str, new: str, where: str, word: str, message: str
) -> None:
    copy.change(name, old, new)
    problems = copy.problems()
    assert any(p.startswith(f"{copy.place(where, word)}: ") and message in p for p in problems), problems


def test_all_mistakes_are_told_at_once(copy: Copy) -> None:
    copy.change(SCOPE, "The parties", "{{ nope }} The parties")
    copy.change(REVIEWS, "reviews.work }}", "reviews.wrok }}")
    copy.change(OUTLINE, "  - noncompete", "  - nocompete")
    assert len(copy.problems()) == 3


def test_a_clause_without_text(copy: Copy) -> None:
    copy.change(SCOPE, CLAUSE[CLAUSE.index("The") :], "\n")
    assert copy.problems() == [f"{SCOPE}:9:1: the clause has no text"]


def test_two_clauses_that_always_tie(copy: Copy) -> None:
    text = (copy.folder / SCOPE).read_text(encoding="utf-8")
    (copy.folder / "clauses/scope/second.md").write_text(text.replace("id: scope", "id: second"), encoding="utf-8")
    assert copy.problems() == [
        f'{copy.place("clauses/scope/second.md", "second")}: "scope" and "second" fit equally well'
    ]


def test_two_clauses_that_tie_in_one_deal(copy: Copy) -> None:
    text = (copy.folder / SCOPE).read_text(encoding="utf-8")
    other = text.replace("id: scope", "id: second\nwhen: scope.territory")
    (copy.folder / "clauses/scope/second.md").write_text(other, encoding="utf-8")
    library = copy.load()
    deal = pipeline.read(reference().encode(), "deal.yaml", library)
    with pytest.raises(PackError, match=r"clauses/scope/sco?.*md:\d+:1: scope and second fit equally well"):
        pipeline.build(deal, library, ("txt",))


def test_a_required_topic_without_a_clause(copy: Copy) -> None:
    (copy.folder / SCOPE).unlink()
    told = f'{copy.place(OUTLINE, "scope, resp")}: the topic "scope" is required but has no clause'
    assert told in copy.problems()


def test_a_required_topic_whose_clauses_do_not_fit_the_deal(copy: Copy) -> None:
    copy.change(SCOPE, "words: 35", "words: 35\nwhen: not scope.territory")
    library = copy.load()
    deal = pipeline.read(reference().encode(), "deal.yaml", library)
    with pytest.raises(PackError, match='no clause of the topic "scope" fits this deal'):
        pipeline.build(deal, library, ("txt",))


def test_a_library_without_parties(copy: Copy) -> None:
    shutil.rmtree(copy.folder / "clauses/parties")
    assert copy.problems() == ['clauses: the library has no topic "parties"']


# -- files


def write(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("---\nid: a\ntitle: A\n---\nText.\n", encoding="utf-8")


def link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def link_inside(path: Path) -> None:
    path.symlink_to("scope.md")


def link_folder(path: Path) -> None:
    path.symlink_to("scope", target_is_directory=True)


def big(path: Path) -> None:
    path.write_bytes(b"x" * 5_000_001)


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("clauses/scope/other.md", link, "links are not followed"),
        ("clauses/scope/other.md", link_inside, "links are not followed"),
        ("clauses/other", link_folder, "links are not followed"),
        ("templates/layout/fonts/x.ttf", link, "links are not followed"),
        ("clauses/scope/scope.py", write, "this kind of file is not read"),
        ("clauses/scope/topic.yml", write, "this kind of file is not read"),
        ("templates/layout/macro.docm", write, "this kind of file is not read"),
        ("clauses/scope/big.txt", big, "the file is larger than 5,000,000 bytes"),
        ("clauses/stray.md", write, "this file belongs to no topic"),
        ("clauses/scope/other.yaml", write, "this file belongs to no topic"),
        ("clauses/lost/a.md", write, 'the folder "lost" has no topic.yaml'),
    ],
    ids=lambda part: getattr(part, "__name__", str(part)),
)
def test_files_that_do_not_belong(copy: Copy, name: str, make: Callable[[Path], None], message: str) -> None:
    make(copy.folder / name)
    (problem,) = copy.problems()
    assert message in problem
    assert name in problem


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="the folder is not there"):
        load_library(tmp_path / "clauses", tmp_path / "templates")


@pytest.mark.parametrize("name", ["agreement.html", "reference.docx"])
def test_a_layout_file_that_is_missing(copy: Copy, name: str) -> None:
    (copy.folder / "templates/layout" / name).unlink()
    assert copy.problems() == [f'templates/layout: the file "{name}" is missing']

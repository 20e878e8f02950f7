"""The library: topics, clauses and outlines, read once and checked as far as can be without a deal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from agreementgen.deal.questions import Question
from agreementgen.deal.reading import Form
from agreementgen.errors import InputError, PackError, Place, Problem, nearest
from agreementgen.language.shape import Shape, group
from agreementgen.library.checking import Check
from agreementgen.library.clauses import ClauseText, read_clause
from agreementgen.library.outlines import Outline, read_outline
from agreementgen.library.snapshot import SourceFile, home, read_folder
from agreementgen.library.topics import Topic, read_topic


@dataclass(frozen=True)
class Library:
    """Everything lawyers wrote. `layout` holds the files of `templates/layout` by name."""

    topics: Mapping[str, Topic]
    clauses: Mapping[str, tuple[ClauseText, ...]]
    outlines: Mapping[str, Outline]
    layout: Mapping[str, SourceFile]

    def outline(self, kind: str) -> Outline:
        if kind not in self.outlines:
            raise InputError(Problem(f'"{kind}" is not a kind of agreement', nearest(kind, self.outlines), "agreement"))
        return self.outlines[kind]

    def questions(self, outline: Outline) -> tuple[Question, ...]:
        """Return the questions of one kind of agreement as they stand in a deal file."""
        found: list[Question] = []
        for topic_id in outline.topics:
            topic = self.topics[topic_id]
            if topic.at_top:
                found += topic.question.of
            elif topic.question.type != "group" or topic.question.of:
                found.append(topic.question)
        return tuple(found)

    def form(self, outline: Outline) -> Form:
        questions = tuple(
            replace(question, choices={kind: o.title for kind, o in self.outlines.items()})
            if question.key == "agreement"
            else question
            for question in self.questions(outline)
        )
        return Form(outline.kind, questions, outline.defaults, frozenset(outline.needed), outline.parties)

    def shape(self) -> Shape:
        """Return the form of all facts of all topics, for analysing clauses."""
        return facts_shape(self.topics.values())


def facts_shape(topics: Iterable[Topic]) -> Shape:
    topics = tuple(topics)
    questions: list[Question] = []
    for topic in topics:
        questions += topic.question.of if topic.at_top else (topic.question,)
    parties = next((question for question in questions if question.key == "parties"), None)
    party = group({part.name: part.shape(group({})) for part in parties.of}) if parties else group({})
    return group({question.name: question.shape(party) for question in questions})


@cache
def built_in() -> Library:
    """Return the library that comes with the program."""
    return load(home() / "clauses", home() / "templates")


_WHERE = "a topic is a folder with a topic.yaml and clauses (.md)"


def _is_text(source: SourceFile) -> bool:
    return source.name.endswith((".yaml", ".md"))


def load(clauses: Path, templates: Path) -> Library:
    """Read and check a library; raise PackError with every problem."""
    problems: list[Problem] = []
    files, outline_files = read_folder(clauses), read_folder(templates)
    topics: dict[str, Topic] = {}
    texts: dict[str, list[ClauseText]] = {}
    for name, source in files.items():
        topic_id, _, file = name.rpartition("/")
        if file == "topic.yaml":
            topic = read_topic(topic_id, source, problems)
            if topic:
                topics[topic_id] = topic
        elif file.endswith(".md") and topic_id:
            clause = read_clause(topic_id, source, problems)
            if clause:
                texts.setdefault(topic_id, []).append(clause)
        elif file != "README.md":
            problems.append(Problem("this file belongs to no topic", _WHERE, "", Place(source.name)))
    outlines: dict[str, Outline] = {}
    for name, source in outline_files.items():
        if "/" not in name and name.endswith(".yaml"):
            outline = read_outline(name.removesuffix(".yaml"), source, problems)
            if outline:
                outlines[outline.kind] = outline
    layout = {name.removeprefix("layout/"): s for name, s in outline_files.items() if name.startswith("layout/")}
    library = Library(topics, {topic: tuple(found) for topic, found in texts.items()}, outlines, layout)
    if not problems:
        raw = {source.name: source.text for source in (*files.values(), *outline_files.values()) if _is_text(source)}
        problems += Check(library, raw).problems
    if problems:
        raise PackError(problems)
    return library

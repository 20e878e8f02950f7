"""The library: topics, clauses and outlines, read once and checked as far as can be without a deal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from agreementgen.deal.questions import Question, walk
from agreementgen.deal.reading import Form
from agreementgen.errors import InputError, PackError, Place, Problem, nearest
from agreementgen.language import syntax
from agreementgen.language.shape import Shape, group
from agreementgen.library.clauses import ClauseText, Row, Text, read_clause
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
    outlines: dict[str, Outline] = {}
    for name, source in outline_files.items():
        if "/" not in name and name.endswith(".yaml"):
            outline = read_outline(name.removesuffix(".yaml"), source, problems)
            if outline:
                outlines[outline.kind] = outline
    layout = {name.removeprefix("layout/"): s for name, s in outline_files.items() if name.startswith("layout/")}
    library = Library(topics, {topic: tuple(found) for topic, found in texts.items()}, outlines, layout)
    if not problems:
        problems += _Check(library).problems
    if problems:
        raise PackError(problems)
    return library


class _Check:
    """What can be known about a library without a deal."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.problems: list[Problem] = []
        self.facts = library.shape()
        for topic in library.topics.values():
            self.conditions(topic)
            for row in topic.rows:
                self.row(row)
            for text in (*topic.box, *([topic.signature] if topic.signature else [])):
                self.analyse(text, self.each("parties"))
        for clauses in library.clauses.values():
            for clause in clauses:
                self.analyse(clause.body)
                self.condition(clause.when)
        self.unique()
        for outline in library.outlines.values():
            self.outline(outline)

    def analyse(self, text: Text, facts: Shape | None = None) -> None:
        try:
            found = syntax.analyse(text.source, text.place, facts or self.facts)
        except PackError as error:
            self.problems += error.problems
            return
        for topic in found.topics - set(self.library.clauses):
            self.problems.append(
                Problem(f'"{topic}" is not a topic with clauses', nearest(topic, self.library.clauses), "", text.place)
            )
        rows = {row.id for topic in self.library.topics.values() for row in topic.rows}
        for row in found.rows - rows:
            self.problems.append(Problem(f'"{row}" is not a key-term row', nearest(row, rows), "", text.place))

    def condition(self, text: Text, facts: Shape | None = None) -> None:
        if text.source:
            try:
                syntax.analyse_expression(text.source, text.place, facts or self.facts)
            except PackError as error:
                self.problems += error.problems

    def conditions(self, topic: Topic) -> None:
        """Check `when` and `needed` of every question; `this` is the group the question stands in."""
        party = self.facts.fields["parties"].of or group({})
        for path, question in walk((topic.question,)):
            inner = group({**self.facts.fields, "this": group({part.name: part.shape(party) for part in question.of})})
            for part in question.of if question.of else ():
                for source in (part.when, part.needed if part.needed != "yes" else ""):
                    self.condition(Text(source, part.place), inner)
            if question.type == "group" and path and question.default and question.words is None:
                self.problems.append(
                    Problem("a group with a default must be switchable", 'add "also: [yes, no]"', path, question.place)
                )

    def each(self, path: str) -> Shape | None:
        """Return the facts with `each` standing for an entry of the list at `path` (all facts for no path)."""
        if not path:
            return self.facts
        shape = self.facts
        for part in path.split("."):
            shape = shape.fields.get(part, Shape("missing"))
        return group({**self.facts.fields, "each": shape.of}) if shape.of else None

    def row(self, row: Row) -> None:
        facts = self.each(row.each)
        if facts is None:
            self.problems.append(Problem(f'"{row.each}" is not a list of the deal', "", "", row.says.place))
            return
        self.analyse(row.label, facts)
        self.analyse(row.says, facts)
        self.condition(row.when, facts)

    def unique(self) -> None:
        seen: dict[str, Place] = {}
        marks = [(f"clause {c.id}", c.body.place) for found in self.library.clauses.values() for c in found]
        marks += [(f"row {row.id}", row.says.place) for t in self.library.topics.values() for row in t.rows]
        for name, place in marks:
            if name in seen:
                self.problems.append(Problem(f"{name} stands in {seen[name].file} already", "", "", place))
            seen[name] = place

    def outline(self, outline: Outline) -> None:
        place = Place(f"templates/{outline.kind}.yaml")
        self.analyse(outline.subtitle)
        self.analyse(outline.footer)
        rows = {row.id for topic in self.library.topics.values() for row in topic.rows}
        paths = {path for path, _ in walk(self.library.questions(outline))} if not self.problems else None
        for names, known, what in (
            (outline.topics, set(self.library.topics), "topic"),
            (outline.required, set(outline.topics), "topic of this outline"),
            (outline.rows, rows, "key-term row"),
            ((*outline.needed, *outline.defaults), paths, "question"),
        ):
            for name in names:
                if known is not None and name not in known:
                    self.problems.append(Problem(f'"{name}" is not a {what}', nearest(name, known), "", place))

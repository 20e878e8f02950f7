"""The library: topics, clauses and outlines, read once and checked as far as can be without a deal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agreementgen.deal.figures import GROUP
from agreementgen.deal.questions import BY_TOPIC, SCHEDULES, Question
from agreementgen.deal.reading import Form
from agreementgen.errors import InputError, PackError, Place, Problem, nearest
from agreementgen.language.shape import Shape, group
from agreementgen.library.checking import Check
from agreementgen.library.clauses import ClauseText, read_clause
from agreementgen.library.outlines import Outline, read_outline
from agreementgen.library.snapshot import SourceFile, digest_of, home, read_folder
from agreementgen.library.topics import Topic, read_topic

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal


@dataclass(frozen=True, eq=False)
class Library:
    """Everything lawyers wrote. `layout` holds the files of `templates/layout` by name.

    `digest` is a SHA-256 over all its files: libraries that make the same documents have the same one.
    Libraries are compared by identity: what is worked out of one can be kept.
    """

    topics: Mapping[str, Topic]
    clauses: Mapping[str, tuple[ClauseText, ...]]
    outlines: Mapping[str, Outline]
    layout: Mapping[str, SourceFile]
    digest: str = ""
    _forms: dict[tuple[str, ...], Form] = field(default_factory=dict, repr=False, compare=False)

    def outline(self, kind: str, left_out: Collection[str] = ()) -> Outline:
        """Return the outline of `kind` without the topics a deal leaves out (by their keys in deal files)."""
        if kind not in self.outlines:
            raise InputError(Problem(f'"{kind}" is not a kind of agreement', nearest(kind, self.outlines), "agreement"))
        whole = self.outlines[kind]
        gone = {topic for topic, key in self.optional(whole).items() if key in left_out}
        if not gone:
            return whole
        return replace(whole, topics=tuple(topic for topic in whole.topics if topic not in gone))

    def outline_of(self, deal: Deal) -> Outline:
        return self.outline(deal.kind, deal.facts["leave_out"])

    def optional(self, outline: Outline) -> dict[str, str]:
        """Return the topics a deal may leave out, with their keys in deal files."""
        topics = [self.topics[topic_id] for topic_id in self.outlines[outline.kind].topics]
        return {t.id: t.question.key for t in topics if not t.at_top and t.id not in ("parties", *outline.required)}

    def questions(self, outline: Outline) -> tuple[Question, ...]:
        """Return the questions of one kind of agreement as they stand in a deal file."""
        found: list[Question] = []
        for topic, question in self.sections(outline):
            if topic.at_top:
                found += question.of
            elif question.type != "group" or question.of:
                found.append(question)
        return tuple(found)

    def sections(self, outline: Outline) -> Iterator[tuple[Topic, Question]]:
        """Yield the topics of `outline`, each with its question as this kind of agreement asks it."""
        for topic_id in outline.topics:
            topic = self.topics[topic_id]
            yield topic, adapted(topic.question, "", outline, self)

    def form(self, outline: Outline) -> Form:
        if outline.topics in self._forms:
            return self._forms[outline.topics]
        topics = [self.topics[topic_id] for topic_id in outline.topics]
        form = self._forms[outline.topics] = Form(
            kind=outline.kind,
            questions=self.questions(outline),
            defaults=outline.defaults,
            parties=outline.parties,
            roles=tuple(outline.roles),
            absent=self.absent(outline),
            left_out=tuple(key for topic, key in self.optional(outline).items() if topic not in outline.topics),
            figures=tuple(figure for topic in topics for figure in topic.figures),
            contradictions=tuple(rule for topic in topics for rule in topic.contradictions),
        )
        return form

    def absent(self, outline: Outline) -> Mapping[str, Any]:
        """Return, as not given, the facts that other kinds of agreement have and this one does not ask for."""
        asked = {question.name for question in self.questions(outline)}
        facts: dict[str, Any] = {question.name: question.nothing for question in self.top_questions()}
        facts |= dict.fromkeys(self.roles())
        figures = {figure.name: None for topic in self.topics.values() for figure in topic.figures}
        return {name: nothing for name, nothing in facts.items() if name not in asked} | {
            GROUP: figures,
            SCHEDULES: False,
        }

    def roles(self) -> tuple[str, ...]:
        """Return the roles of parties in all kinds of agreement."""
        return tuple(dict.fromkeys(role for outline in self.outlines.values() for role in outline.roles))

    def top_questions(self) -> tuple[Question, ...]:
        """Return the questions of all topics as they stand at the top of deal files."""
        found: list[Question] = []
        for topic in self.topics.values():
            found += topic.question.of if topic.at_top else (topic.question,)
        return tuple(found)

    def shape(self) -> Shape:
        """Return the form of all facts of all topics, for analysing clauses."""
        questions = self.top_questions()
        parties = next((question for question in questions if question.key == "parties"), None)
        fields = {part.name: part.shape(group({})) for part in parties.of} if parties else {}
        party = group(fields | {"role": Shape("choice", frozenset(self.roles()))})
        facts = {question.name: question.shape(party) for question in questions}
        if "agreement" in facts:
            facts["agreement"] = Shape("choice", frozenset(self.outlines))
        figures = {figure.name: Shape("money") for topic in self.topics.values() for figure in topic.figures}
        facts |= {
            GROUP: group(figures),
            SCHEDULES: Shape("yes/no"),
            "two": Shape("yes/no"),
            "first": party,
            "second": party,
        }
        return group(facts | dict.fromkeys(self.roles(), party))


def adapted(question: Question, path: str, outline: Outline, library: Library) -> Question:
    """Return `question` as `outline` asks it: the kinds there are, its roles, its choices, its clauses' positions."""
    parts: list[Question] = []
    path = path or question.key
    for part in question.of:
        here = ".".join(name for name in (path, part.key) if name)
        if here == "parties.role" and not outline.roles:
            continue
        parts.append(adapted(part, here, outline, library))
        if here == "position":
            parts += positions(outline, library, part)
    found = replace(question, of=tuple(parts))
    if path in outline.needed:
        found = replace(found, needed="yes", default=None)
    if path == "agreement":
        return replace(found, choices={kind: other.title for kind, other in library.outlines.items()})
    if path == "leave out" and not question.key:
        return replace(
            found, choices={key: library.topics[topic].title for topic, key in library.optional(outline).items()}
        )
    if path == "parties.role":
        return replace(found, choices={role: role for role in outline.roles})
    if path in outline.choices and question.choices:
        narrowed = {word: says for word, says in question.choices.items() if word in outline.choices[path]}
        return replace(found, choices=narrowed)
    return found


def positions(outline: Outline, library: Library, usual: Question) -> list[Question]:
    """Return the question that chooses a position topic by topic, where there is anything to choose."""
    found = []
    for topic_id in outline.topics:
        there = {clause.position for clause in library.clauses.get(topic_id, ())}
        choices = {word: says for word, says in (usual.choices or {}).items() if word in there}
        if len(choices) > 1:
            prompt = f"Whose wording for: {library.topics[topic_id].title.lower()}?"
            found.append(replace(usual, key=topic_id, prompt=prompt, help="", default=None, choices=choices))
    if not found:
        return []
    prompt = "Is any topic worded from another position than the rest?"
    by_topic = replace(usual, key=BY_TOPIC, type="group", prompt=prompt, help="", default=None, choices=None)
    return [replace(by_topic, of=tuple(found))]


@cache
def built_in() -> Library:
    """Return the library that comes with the program."""
    return load(home() / "clauses", home() / "templates")


def opened(packs: tuple[Path, ...] = ()) -> Library:
    """Return the library with `packs` laid over it, the last on top."""
    if packs:
        raise NotImplementedError("packs come with the law-firm packs")
    return built_in()


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
    outlines = dict(sorted(outlines.items(), key=lambda item: (item[1].order, item[0])))
    layout = {name.removeprefix("layout/"): s for name, s in outline_files.items() if name.startswith("layout/")}
    digest = digest_of((*files.values(), *outline_files.values()))
    library = Library(topics, {topic: tuple(found) for topic, found in texts.items()}, outlines, layout, digest)
    if not problems:
        raw = {source.name: source.text for source in (*files.values(), *outline_files.values()) if _is_text(source)}
        problems += Check(library, raw).problems
    if problems:
        raise PackError(problems)
    return library

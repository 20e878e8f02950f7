"""The library: all topics, clauses and outlines, and what a kind of agreement asks of a deal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agreementgen.core.problems import InputError, Problem, suggest_nearest
from agreementgen.deal.deal import FIGURES, Deal, Form
from agreementgen.deal.question_types import GROUP
from agreementgen.deal.questions import POSITION_BY_TOPIC, SCHEDULES, Question
from agreementgen.language.shapes import Shape, group_shape
from agreementgen.library.clauses import ClauseText
from agreementgen.library.pack import Pack
from agreementgen.library.snapshot import SourceFile
from agreementgen.library.topics import Outline, Topic


@dataclass(frozen=True, eq=False)
class Library:
    """Everything lawyers wrote. `layout` holds the files of `templates/layout` by name.

    `digest` is a SHA-256 over all its files: libraries that make the same documents have the same one.
    `packs` are those laid over what comes with the program, the last on top; `files` all files by path in the library.
    Libraries are compared by identity: what is worked out of one can be kept.
    """

    topics: Mapping[str, Topic]
    clauses: Mapping[str, tuple[ClauseText, ...]]
    outlines: Mapping[str, Outline]
    layout: Mapping[str, SourceFile]
    digest: str = ""
    packs: tuple[Pack, ...] = ()
    files: Mapping[str, SourceFile] = field(default_factory=dict, repr=False)
    _forms: dict[tuple[str, ...], Form] = field(default_factory=dict, repr=False, compare=False)

    @property
    def footer(self) -> str:
        """The lines that packs add to the foot of each page, "" for none."""
        return " · ".join(pack.footer for pack in self.packs if pack.footer)

    @property
    def offered_outlines(self) -> dict[str, Outline]:
        """The kinds of agreement one may choose: all, but for those that a pack does not offer."""
        return {kind: outline for kind, outline in self.outlines.items() if outline.offered}

    def outline_of_kind(self, kind: str, left_out: Collection[str] = ()) -> Outline:
        """Return the outline of `kind` without the topics a deal leaves out (by their keys in deal files)."""
        if kind not in self.offered_outlines:
            what = "is not offered by the pack in use" if kind in self.outlines else "is not a kind of agreement"
            raise InputError(Problem(f'"{kind}" {what}', suggest_nearest(kind, self.offered_outlines), "agreement"))
        whole = self.outlines[kind]
        gone = {topic for topic, key in self.optional_topics(whole).items() if key in left_out}
        if not gone:
            return whole
        return replace(whole, topics=tuple(topic for topic in whole.topics if topic not in gone))

    def outline_of_deal(self, deal: Deal) -> Outline:
        return self.outline_of_kind(deal.kind, deal.facts["leave_out"])

    def optional_topics(self, outline: Outline) -> dict[str, str]:
        """Return the topics a deal may leave out, with their keys in deal files."""
        topics = [self.topics[topic_id] for topic_id in self.outlines[outline.kind].topics]
        return {t.id: t.question.key for t in topics if not t.at_top and t.id not in ("parties", *outline.required)}

    def questions_of(self, outline: Outline) -> tuple[Question, ...]:
        """Return the questions of one kind of agreement as they stand in a deal file."""
        found: list[Question] = []
        for topic, question in self.each_section(outline):
            if topic.at_top:
                found += question.parts
            elif not question.is_group or question.parts:
                found.append(question)
        return tuple(found)

    def each_section(self, outline: Outline) -> Iterator[tuple[Topic, Question]]:
        """Yield the topics of `outline`, each with its question as this kind of agreement asks it."""
        for topic_id in outline.topics:
            topic = self.topics[topic_id]
            yield topic, adapt_question(topic.question, "", outline, self)

    def form_of(self, outline: Outline) -> Form:
        if outline.topics in self._forms:
            return self._forms[outline.topics]
        topics = [self.topics[topic_id] for topic_id in outline.topics]
        form = self._forms[outline.topics] = Form(
            kind=outline.kind,
            questions=self.questions_of(outline),
            defaults=outline.defaults,
            party_limits=outline.party_limits,
            roles=tuple(outline.roles),
            absent_facts=self.absent_facts(outline),
            left_out_topics=tuple(
                key for topic, key in self.optional_topics(outline).items() if topic not in outline.topics
            ),
            figures=tuple(figure for topic in topics for figure in topic.figures),
            contradictions=tuple(rule for topic in topics for rule in topic.contradictions),
        )
        return form

    def absent_facts(self, outline: Outline) -> Mapping[str, Any]:
        """Return, as not given, the facts that other kinds of agreement have and this one does not ask for."""
        asked = {question.name for question in self.questions_of(outline)}
        facts: dict[str, Any] = {question.name: question.empty_value for question in self.list_top_questions()}
        facts |= dict.fromkeys(self.list_roles())
        figures = {figure.name: None for topic in self.topics.values() for figure in topic.figures}
        return {name: nothing for name, nothing in facts.items() if name not in asked} | {
            FIGURES: figures,
            SCHEDULES: False,
        }

    def list_roles(self) -> tuple[str, ...]:
        """Return the roles of parties in all kinds of agreement."""
        return tuple(dict.fromkeys(role for outline in self.outlines.values() for role in outline.roles))

    def list_top_questions(self) -> tuple[Question, ...]:
        """Return the questions of all topics as they stand at the top of deal files."""
        found: list[Question] = []
        for topic in self.topics.values():
            found += topic.question.parts if topic.at_top else (topic.question,)
        return tuple(found)

    def shape_of_facts(self) -> Shape:
        """Return the form of all facts of all topics, for analysing clauses."""
        questions = self.list_top_questions()
        parties = next((question for question in questions if question.key == "parties"), None)
        fields = {part.name: part.fact_shape(group_shape({})) for part in parties.parts} if parties else {}
        party = group_shape(fields | {"role": Shape("choice", frozenset(self.list_roles()))})
        facts = {question.name: question.fact_shape(party) for question in questions}
        if "agreement" in facts:
            facts["agreement"] = Shape("choice", frozenset(self.outlines))
        figures = {figure.name: Shape("money") for topic in self.topics.values() for figure in topic.figures}
        facts |= {
            FIGURES: group_shape(figures),
            SCHEDULES: Shape("yes/no"),
            "two": Shape("yes/no"),
            "first": party,
            "second": party,
        }
        return group_shape(facts | dict.fromkeys(self.list_roles(), party))


def adapt_question(question: Question, path: str, outline: Outline, library: Library) -> Question:
    """Return `question` as `outline` asks it: the kinds there are, its roles, its choices, its clauses' positions."""
    parts: list[Question] = []
    path = path or question.key
    for part in question.parts:
        here = ".".join(name for name in (path, part.key) if name)
        if here == "parties.role" and not outline.roles:
            continue
        parts.append(adapt_question(part, here, outline, library))
        if here == "position":
            parts += questions_of_position(outline, library, part)
    found = replace(question, parts=tuple(parts))
    if path in outline.needed:
        found = replace(found, needed="yes", default=None)
    if path == "agreement":
        return replace(found, choices={kind: other.title for kind, other in library.offered_outlines.items()})
    if path == "leave out" and not question.key:
        return replace(
            found, choices={key: library.topics[topic].title for topic, key in library.optional_topics(outline).items()}
        )
    if path == "parties.role":
        return replace(found, choices={role: role for role in outline.roles})
    if path in outline.choices and question.choices:
        narrowed = {word: says for word, says in question.choices.items() if word in outline.choices[path]}
        return replace(found, choices=narrowed)
    return found


def questions_of_position(outline: Outline, library: Library, usual: Question) -> list[Question]:
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
    by_topic = replace(usual, key=POSITION_BY_TOPIC, type=GROUP, prompt=prompt, help="", default=None, choices=None)
    return [replace(by_topic, parts=tuple(found))]

"""The library: all topics, clauses and outlines, the packs over it, and what a kind of agreement asks of a deal.

A pack is what a law firm lays over the library; its `pack.yaml` says who it is from and what it changes of questions.
"""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from agreementgen import __version__
from agreementgen.core.problems import InputError, PackError, Place, Problem, quote_text, suggest_nearest
from agreementgen.core.words import ENGLISH, WORD_KEYS, Forms, PrintedWords, holes_of
from agreementgen.deal.deal import FIGURES, Deal, Form
from agreementgen.deal.question_types import GROUP
from agreementgen.deal.questions import (
    APART,
    INDIVIDUALS,
    LAW_COUNTRY,
    LAW_REGION,
    POSITION_BY_TOPIC,
    SCHEDULES,
    Limits,
    Question,
    Structure,
)
from agreementgen.language.shapes import Shape, group_shape, list_shape
from agreementgen.library.files import Fields, PlacedText, SourceFile, digest_of, read_declarations, read_folder
from agreementgen.library.instrument_texts import InstrumentText
from agreementgen.library.messages import MESSAGES_FILE
from agreementgen.library.outlines import Outline
from agreementgen.library.topics import ClauseText, Topic
from agreementgen.yamlfile.nodes import Node, ScalarNode, SequenceNode

PACK_FILE, TRANSLATIONS_FILE, WORDS_FILE = "pack.yaml", "translations.yaml", "words.yaml"
# Files that stand in the folder of a pack itself.
FILES_BESIDE = (
    PACK_FILE,
    TRANSLATIONS_FILE,
    WORDS_FILE,
    MESSAGES_FILE,
    "rules.yaml",
    "based-on.yaml",
    "README.md",
    "CHANGELOG.md",
    "LICENSE.txt",
)
# What no document depends on.
_IN_NO_DOCUMENT = ("samples", "tests", MESSAGES_FILE)
NO_LIMITS = Limits()
PACK_FOLDERS = ("clauses", "templates", "samples", "tests")


@dataclass(frozen=True)
class QuestionChange:
    """What a pack changes of one question; what is empty or None stays. `path` is that in a deal file.

    `choices` are the ones left, with other words for those that have any. `limits` may only be narrower.
    """

    path: str
    place: Place
    prompt: str = ""
    help: str = ""
    example: str = ""
    default: Node | None = None
    limits: Limits = NO_LIMITS
    choices: Mapping[str, str] | None = None
    required: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Translation:
    """The prompts of a pack in its language: of `questions` by path, and titles of `topics` by id."""

    changes: tuple[QuestionChange, ...] = ()
    titles: tuple[tuple[PlacedText, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Pack:
    """One pack as it was read. `files` are its files by path inside `folder`.

    Packs are equal where they lie in one folder and make the same documents: `digest`, a SHA-256, leaves out the files
    in samples/ and tests/, and what only the questionnaire says.

    `made_for` is the version of the program it was made for. `switched_off` are ids of clauses that are not used;
    `kinds` the kinds of agreement it offers (none: all). `faces` name the font files of its text ("regular", "bold")
    in `templates/layout`, by which the fit measures. `language` is that of its prompts, "" for ours.
    `words` are those of the program that it prints in its language, and the forms of lengths of time.
    """

    id: str
    name: str
    version: str
    made_for: str
    contact: str
    footer: str
    language: str
    folder: Path
    files: Mapping[str, SourceFile]
    digest: str
    switched_off: tuple[PlacedText, ...] = ()
    kinds: tuple[PlacedText, ...] = ()
    changes: tuple[QuestionChange, ...] = ()
    translation: Translation = Translation()
    faces: Mapping[str, PlacedText] | None = None
    words: tuple[Mapping[str, str], Forms] = ({}, {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pack) and (str(self.folder), self.digest) == (str(other.folder), other.digest)

    def __hash__(self) -> int:
        return hash((str(self.folder), self.digest))

    @property
    def declaration(self) -> SourceFile:
        return self.files[PACK_FILE]

    def files_below(self, folder: str) -> dict[str, SourceFile]:
        """Return the files below one of its folders, by their path there."""
        head = folder + "/"
        return {name.removeprefix(head): file for name, file in self.files.items() if name.startswith(head)}


def read_pack(folder: Path) -> Pack:
    """Return the pack in `folder`; raise PackError with every problem of its own two files and its tree."""
    where = Place(str(folder))
    if not folder.is_dir():
        hint = "name the folder that holds the pack's pack.yaml"
        raise PackError(Problem("there is no such folder", hint, place=where, code="file-missing"))
    # Some other folder: its files, which may be anything, are nobody's mistakes.
    files = read_folder(folder) if os.path.lexists(folder / PACK_FILE) else {}
    if PACK_FILE not in files:
        hint = 'a pack is a folder with a pack.yaml; "agreementgen pack new" makes one'
        message = "there is no pack.yaml in this folder"
        raise PackError(Problem(message, hint, place=where, code="pack-no-declaration"))
    problems = list(_find_strays(files))
    pack = read_declarations(files[PACK_FILE], partial(_read_pack, folder, files), problems)
    if pack is None or problems:
        raise PackError(problems)
    return pack


def _find_strays(files: Mapping[str, SourceFile]) -> Iterator[Problem]:
    for name, source in files.items():
        top, inside, _ = name.partition("/")
        if not (inside and top in PACK_FOLDERS) and name not in FILES_BESIDE:
            hint = suggest_nearest(top, (*PACK_FOLDERS, *FILES_BESIDE))
            hint = hint or f"a pack has the folders {', '.join(PACK_FOLDERS)}"
            yield Problem("this file has no place in a pack", hint, place=Place(source.name), code="pack-stray-file")


def _read_pack(folder: Path, files: Mapping[str, SourceFile], fields: Fields) -> Pack:
    pack = Pack(
        id=fields.read_text("id"),
        name=fields.read_text("name"),
        version=fields.read_text("version"),
        made_for=fields.read_text("made for"),
        contact=fields.read_text("contact", ""),
        footer=fields.read_text("footer", ""),
        language=fields.read_text("language", ""),
        folder=folder,
        files=files,
        digest=digest_of({n: file for n, file in files.items() if n.partition("/")[0] not in _IN_NO_DOCUMENT}),
        switched_off=fields.read_placed_texts("switched off"),
        kinds=fields.read_placed_texts("kinds"),
        changes=_read_changes(fields),
        translation=_read_translations(files, fields.problems),
        faces=fields.read_group("faces", _read_faces, "faces"),
        words=_read_printed_words(files, fields.problems),
    )
    _check_values(pack, fields)
    return pack


def _check_values(pack: Pack, fields: Fields) -> None:
    def refuse(key: str, message: str, hint: str, code: str = "unreadable") -> None:
        fields.add_problem(message, hint, fields.place_of(key), code=code)

    if pack.id and not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", pack.id):
        hint = "use small letters, figures and hyphens, as in acme-law"
        refuse("id", f'"{quote_text(pack.id)}" cannot be the id of a pack', hint)
    for key, text in (("version", pack.version), ("made for", pack.made_for)):
        if text and _version_numbers(text) is None:
            refuse(key, f'"{quote_text(text)}" is not a version', "write it like 1.2")
    made_for, ours = _version_numbers(pack.made_for), _version_numbers(__version__)
    if made_for and ours and made_for > ours:
        message = f"the pack was made for version {pack.made_for} of agreementgen, and this is {__version__}"
        refuse("made for", message, "update agreementgen", "pack-too-new")
    if pack.language and not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2})?", pack.language):
        refuse("language", f'"{quote_text(pack.language)}" is not a language', "write it like de or en-GB")


def _version_numbers(version: str) -> tuple[int, ...] | None:
    """Return the four numbers of "1.2.3" (1, 2, 3, 0); None where it is no version."""
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}", version):
        return None
    numbers = [int(number) for number in version.split(".")]
    return tuple(numbers + [0] * (4 - len(numbers)))


def _read_faces(fields: Fields) -> Mapping[str, PlacedText]:
    return {word: fields.read_placed_text(word) for word in ("regular", "bold")}


def _read_changes(fields: Fields) -> tuple[QuestionChange, ...]:
    groups = fields.each_named_group("questions", "a group of what changes, as in {default: 30 days}")
    return tuple(fields.inside(node, name.text).read_by(partial(_read_change, name)) for name, node in groups)


def _read_change(name: ScalarNode, fields: Fields) -> QuestionChange:
    return QuestionChange(
        path=name.text,
        place=name.place,
        prompt=fields.read_text("prompt", ""),
        help=fields.read_text("help", ""),
        example=fields.read_text("example", ""),
        default=fields.find_node("default"),
        limits=fields.read_limits(),
        choices=_read_choices(fields),
        required=fields.read_flag("required", False),
        hidden=fields.read_flag("hidden", False),
    )


def _read_choices(fields: Fields) -> Mapping[str, str] | None:
    """Return the choices that are left; "" where their words stay."""
    if isinstance(fields.find_node("choices"), SequenceNode):
        return dict.fromkeys(fields.read_texts("choices"), "")
    return fields.read_words("choices")


def _read_translations(files: Mapping[str, SourceFile], problems: list[Problem]) -> Translation:
    source = files.get(TRANSLATIONS_FILE)
    translation = read_declarations(source, _read_translation, problems) if source else None
    return translation or Translation()


def _read_translation(fields: Fields) -> Translation:
    changes = _read_changes(fields)
    for change in changes:
        if change.default or change.limits != NO_LIMITS or change.required or change.hidden:
            message = "a translation changes words only: prompt, help, example and choices"
            hint = "say the rest in pack.yaml"
            fields.problems.append(Problem(message, hint, change.path, change.place, code="not-applicable"))
    places = fields.places_in("topics")
    titles = fields.read_words("topics") or {}
    return Translation(changes, tuple((PlacedText(name, places[name]), title) for name, title in titles.items()))


def _read_printed_words(files: Mapping[str, SourceFile], problems: list[Problem]) -> tuple[Mapping[str, str], Forms]:
    source = files.get(WORDS_FILE)
    return (read_declarations(source, _read_words, problems) if source else None) or ({}, {})


def _read_words(fields: Fields) -> tuple[Mapping[str, str], Forms]:
    words: dict[str, str] = {}
    for key, name in WORD_KEYS.items():
        text = fields.read_text(key, "")
        if not text:
            continue
        ours = getattr(ENGLISH, name)
        if holes_of(text) != holes_of(ours):
            holes = " and ".join(f"{{{hole}}}" for hole in holes_of(ours)) or "nothing in braces"
            fields.add_problem(
                f'"{key}" must have {holes}, as in "{ours}"', "", fields.place_of(key), code="unreadable"
            )
        elif name == "quotes" and len(text) != 4:
            message = '"quotes" are four signs: the outer pair and the inner pair'
            fields.add_problem(message, f"as in {ours}", fields.place_of(key), code="unreadable")
        else:
            words[name] = text
    return words, _read_forms(fields)


def _read_forms(fields: Fields) -> Forms:
    forms: dict[str, dict[str, tuple[str, str]]] = {}
    for name, node in fields.each_named_group("forms", "a group of units, as in {day: [Tag, Tagen]}"):
        inside = fields.inside(node, f"forms.{name.text}")
        units = {}
        for unit in ("hour", "day", "week", "month", "year"):
            texts = inside.read_texts(unit) if inside.find_node(unit) else ()
            if len(texts) == 2:
                units[unit] = (texts[0], texts[1])
            elif texts:
                message = "a form is two words: for one, and for more"
                inside.add_problem(message, "as in [Tag, Tagen]", inside.place_of(unit), code="unreadable")
        forms[name.text] = units
    return forms


# -- the library


@dataclass(frozen=True, eq=False)
class Library:
    """Everything lawyers wrote. `layout` holds the files of `templates/layout` by name.

    `digest` is a SHA-256 over all its files: libraries that make the same documents have the same one.
    `packs` are those laid over what comes with the program, the last on top; `files` all files by path in the library.
    `instruments` are the words of amendments and letters, by id.
    `remarks` are what a user of its packs should know with each document.
    Libraries are compared by identity: what is worked out of one can be kept.
    """

    topics: Mapping[str, Topic]
    clauses: Mapping[str, tuple[ClauseText, ...]]
    outlines: Mapping[str, Outline]
    layout: Mapping[str, SourceFile]
    digest: str = ""
    packs: tuple[Pack, ...] = ()
    files: Mapping[str, SourceFile] = field(default_factory=dict, repr=False)
    instruments: Mapping[str, InstrumentText] = field(default_factory=dict)
    remarks: tuple[Problem, ...] = ()
    _forms: dict[tuple[str, ...], Form] = field(default_factory=dict, repr=False, compare=False)

    @property
    def footer(self) -> str:
        """The lines that packs add to the foot of each page, "" for none."""
        return " · ".join(pack.footer for pack in self.packs if pack.footer)

    @cached_property
    def words(self) -> PrintedWords:
        """The words that the program prints itself, in the language of the packs."""
        found = ENGLISH
        for pack in self.packs:
            found = found.translated(*pack.words)
        return found

    @cached_property
    def term_ids(self) -> frozenset[str]:
        """The ids of all rows of the key terms."""
        return frozenset(term.id for topic in self.topics.values() for term in topic.terms)

    @cached_property
    def schedule_ids(self) -> frozenset[str]:
        """The ids of all schedules: tables of topics, and matrices, which the program turns into schedules itself."""
        topics = self.topics.values()
        tables = {schedule.id for topic in topics for schedule in topic.schedules}
        matrices = {topic.question.key for topic in topics if topic.question.structure is Structure.MATRIX}
        return frozenset(tables | matrices)

    def each_clause(self) -> Iterator[ClauseText]:
        """Yield all clauses, topic by topic."""
        for clauses in self.clauses.values():
            yield from clauses

    # -- kinds of agreement

    @property
    def offered_outlines(self) -> dict[str, Outline]:
        """The kinds of agreement one may choose: all, but for those that a pack does not offer."""
        return {kind: outline for kind, outline in self.outlines.items() if outline.offered}

    def outline_of_kind(self, kind: str, left_out: Collection[str] = ()) -> Outline:
        """Return the outline of `kind` without the topics a deal leaves out (by their keys in deal files).

        Raise InputError for a kind that there is not, or that is not offered.
        """
        offered = self.offered_outlines
        if kind not in offered:
            what = "is not offered by the pack in use" if kind in self.outlines else "is not a kind of agreement"
            hint = suggest_nearest(kind, offered)
            raise InputError(Problem(f'"{kind}" {what}', hint, "agreement", code="not-a-choice"))
        outline = self.outlines[kind]
        gone = {topic for topic, key in self.optional_topics(outline).items() if key in left_out}
        return (
            replace(outline, topics=tuple(topic for topic in outline.topics if topic not in gone)) if gone else outline
        )

    def outline_of_deal(self, deal: Deal) -> Outline:
        return self.outline_of_kind(deal.kind, deal.facts["leave_out"])

    def optional_topics(self, outline: Outline) -> dict[str, str]:
        """Return the topics a deal may leave out, with their keys in deal files."""
        needed = ("parties", *outline.required)
        topics = [self.topics[topic_id] for topic_id in self.outlines[outline.kind].topics]
        return {topic.id: topic.question.key for topic in topics if not topic.at_top and topic.id not in needed}

    def form_of(self, outline: Outline) -> Form:
        """Return what the reader of deal files must know of a kind of agreement."""
        if outline.topics in self._forms:
            return self._forms[outline.topics]
        topics = [self.topics[topic_id] for topic_id in outline.topics]
        optional, questions = self.optional_topics(outline), self.questions_of(outline)
        form = self._forms[outline.topics] = Form(
            kind=outline.kind,
            questions=questions,
            defaults=outline.defaults,
            party_limits=outline.party_limits,
            roles=tuple(outline.roles),
            absent_facts=self._absent_facts(questions),
            left_out_topics=tuple(key for topic, key in optional.items() if topic not in outline.topics),
            topics_elsewhere=self._list_topics_elsewhere(outline),
            remedies_elsewhere={
                topic.question.key: remedy.says
                for topic in self.topics.values()
                for remedy in topic.question.remedies[:1]
                if topic.id not in outline.topics
            },
            figures=tuple(figure for topic in topics for figure in topic.figures),
            contradictions=tuple(rule for topic in topics for rule in topic.contradictions),
        )
        return form

    def _list_topics_elsewhere(self, outline: Outline) -> dict[str, tuple[str, ...]]:
        """Return the keys of topics that a kind never has, each with the kinds that have it."""
        own = self.outlines[outline.kind].topics if outline.kind in self.outlines else outline.topics
        found: dict[str, list[str]] = {}
        for other in self.outlines.values():
            for topic in other.topics:
                if topic not in own:
                    found.setdefault(self.topics[topic].question.key, []).append(other.kind)
        return {key: tuple(kinds) for key, kinds in found.items()}

    # -- questions and facts

    def list_top_questions(self) -> tuple[Question, ...]:
        """Return the questions of all topics as they stand at the left margin of deal files."""
        return tuple(question for topic in self.topics.values() for question in topic.questions)

    def questions_of(self, outline: Outline) -> tuple[Question, ...]:
        """Return the questions of one kind of agreement as they stand at the left margin of its deal files."""
        questions: list[Question] = []
        for topic, question in self.each_section(outline):
            if topic.at_top:
                questions += question.parts
            elif not question.is_group or question.parts:
                questions.append(question)
        return tuple(questions)

    def each_section(self, outline: Outline) -> Iterator[tuple[Topic, Question]]:
        """Yield the topics of `outline`, each with its question as this kind of agreement asks it."""
        for topic_id in outline.topics:
            topic = self.topics[topic_id]
            yield topic, self._adapt_question(topic.question, topic.question.key, outline)

    def _adapt_question(self, question: Question, path: str, outline: Outline) -> Question:
        """Return `question` as `outline` asks it: with its kinds, its roles, its choices, its clauses' positions."""
        parts: list[Question] = []
        for part in question.parts:
            part_path = ".".join(filter(None, (path, part.key)))
            if part_path == "parties.role" and not outline.roles:
                continue
            parts.append(self._adapt_question(part, part_path or part.key, outline))
            if part_path == "position":
                parts += self._position_questions(part, outline)
        changes: dict[str, Any] = {}
        if len(parts) != len(question.parts) or any(map(operator.is_not, parts, question.parts)):
            changes["parts"] = tuple(parts)
        if path in outline.needed:
            changes |= {"needed": "yes", "default": None}
        if path in outline.examples:
            changes["example"] = outline.examples[path]
        choices = question.choices
        if path == "agreement":
            choices = {kind: other.title for kind, other in self.offered_outlines.items()}
        elif path == "leave out" and not question.key:
            choices = {key: self.topics[topic].title for topic, key in self.optional_topics(outline).items()}
        elif path == "parties.role":
            choices = {role: role for role in outline.roles}
        elif path in outline.choices and choices:
            choices = {word: says for word, says in choices.items() if word in outline.choices[path]}
        if choices is not question.choices:
            changes["choices"] = choices
            # A condition on what only other kinds ask never holds here.
            changes["other_defaults"] = tuple(
                other
                for other in question.other_defaults
                if not isinstance(other.node, ScalarNode) or other.node.text in (choices or {})
            )
        # Most questions are asked alike everywhere, and a deal file has hundreds of them.
        return replace(question, **changes) if changes else question

    def _position_questions(self, usual: Question, outline: Outline) -> list[Question]:
        """Return the question that chooses a position topic by topic, where there is anything to choose."""
        parts = []
        for topic_id in outline.topics:
            positions = {clause.position for clause in self.clauses.get(topic_id, ())}
            choices = {word: says for word, says in (usual.choices or {}).items() if word in positions}
            if len(choices) > 1:
                prompt = f"Whose wording for: {self.topics[topic_id].title.lower()}?"
                parts.append(replace(usual, key=topic_id, prompt=prompt, help="", default=None, choices=choices))
        if not parts:
            return []
        prompt = "Is any topic worded from another position than the rest?"
        by_topic = replace(usual, key=POSITION_BY_TOPIC, type=GROUP, prompt=prompt, help="", default=None, choices=None)
        return [replace(by_topic, parts=tuple(parts))]

    def list_roles(self) -> tuple[str, ...]:
        """Return the roles of parties in all kinds of agreement."""
        return tuple(dict.fromkeys(role for outline in self.outlines.values() for role in outline.roles))

    def _absent_facts(self, own_questions: tuple[Question, ...]) -> Mapping[str, Any]:
        """Return, as not given, the facts that other kinds of agreement have and this one does not ask for."""
        facts: dict[str, Any] = {question.name: question.empty_value for question in self.list_top_questions()}
        facts |= dict.fromkeys(self.list_roles())
        for question in own_questions:
            facts.pop(question.name, None)
        figures = {figure.name: None for topic in self.topics.values() for figure in topic.figures}
        return facts | {FIGURES: figures, SCHEDULES: False, APART: False}

    def shape_of_facts(self) -> Shape:
        """Return the form of all facts of all topics, for analysing clauses."""
        questions = self.list_top_questions()
        roles = self.list_roles()
        parties = next((question for question in questions if question.key == "parties"), None)
        fields = {part.name: part.fact_shape(group_shape({})) for part in parties.parts} if parties else {}
        party = group_shape(fields | {"role": Shape("choice", frozenset(roles))})
        facts = {question.name: question.fact_shape(party) for question in questions}
        if "agreement" in facts:
            facts["agreement"] = Shape("choice", frozenset(self.outlines))
        figures = {figure.name: Shape("money") for topic in self.topics.values() for figure in topic.figures}
        facts |= {FIGURES: group_shape(figures), INDIVIDUALS: list_shape(party)}
        facts |= dict.fromkeys((LAW_COUNTRY, LAW_REGION), Shape("text"))
        facts |= dict.fromkeys((SCHEDULES, APART, "two"), Shape("yes/no"))
        return group_shape(facts | dict.fromkeys(("first", "second", *roles), party))

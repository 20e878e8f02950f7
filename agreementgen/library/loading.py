"""Loading a library: its folders are read, put together and validated as a whole, before there is a deal."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from agreementgen.core.kept import keep
from agreementgen.core.places import region_codes
from agreementgen.core.problems import PackError, Place, Problem, suggest_nearest
from agreementgen.core.values import Unreadable
from agreementgen.deal.deal import FIGURES, NUMBERS, Contradiction, Figure
from agreementgen.deal.question_types import PartyType, TextType, read_answer
from agreementgen.deal.questions import (
    APART,
    INDIVIDUALS,
    LAW_COUNTRY,
    LAW_REGION,
    SCHEDULES,
    AnswerContext,
    Question,
    Structure,
    walk_questions,
)
from agreementgen.language import analysis
from agreementgen.language.compiling import keep_code_of
from agreementgen.language.environment import FUNCTIONS, BudgetExceeded, limit_steps, spend_steps
from agreementgen.language.shapes import Shape, group_shape
from agreementgen.library.annexes import read_annex
from agreementgen.library.files import TEXT_ENDINGS, PlacedText, SourceFile, digest_of, home_folder, read_folder
from agreementgen.library.instrument_texts import (
    FACTS,
    INSTRUMENTS_FOLDER,
    InstrumentText,
    read_instrument,
    shape_of_instrument_facts,
)
from agreementgen.library.library import PACK_FILE, TRANSLATIONS_FILE, Library, Pack
from agreementgen.library.outlines import Outline, read_outline
from agreementgen.library.signing_services import SERVICES_FILE
from agreementgen.library.topics import ClauseText, ScheduleText, TermText, Topic, read_clause, read_topic
from agreementgen.library.typical_tasks import EACH, NOBODY, TOGETHER, TypicalTask
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode

LAYOUT_FOLDER = "layout/"


@dataclass(frozen=True)
class LibraryParts:
    """What the files of a library hold, before they are held against each other.

    `clauses` and `layout` are by path in their folders. `files` are all of them, by path in the library.
    """

    topics: Mapping[str, Topic]
    clauses: Mapping[str, ClauseText]
    outlines: Mapping[str, Outline]
    layout: Mapping[str, SourceFile]
    files: Mapping[str, SourceFile]
    instruments: Mapping[str, InstrumentText]


@cache
def built_in_library() -> Library:
    """Return the library that comes with the program; raise PackError with every problem."""
    return _built_in()[1]


@cache
def built_in_parts() -> LibraryParts:
    """Return the parts of the library that comes with the program; raise PackError with every problem."""
    return _built_in()[0]


@cache
def built_in_digest() -> str:
    """Return the digest of the library that comes with the program, without reading its texts: that takes long."""
    folders = _built_in_files()
    return digest_of({f"{name}/{path}": file for name, files in folders.items() for path, file in files.items()})


@cache
def _built_in_files() -> Mapping[str, Mapping[str, SourceFile]]:
    """Return the files that come with the program, by their path in each of the two folders."""
    return {name: read_folder(home_folder() / name) for name in ("clauses", "templates")}


@cache
def _built_in() -> tuple[LibraryParts, Library]:
    """Return the built-in library and its parts, read and validated only where their files have changed."""
    parts, library, texts = keep("built-in-library", built_in_digest(), _read_built_in)
    keep_code_of(texts, built_in_digest())
    # The files themselves have been read just now, and are the most of it.
    folders = _built_in_files()
    parts = replace(parts, files=_files_of_library(folders["clauses"], folders["templates"]))
    parts = replace(parts, layout=_files_of_layout(folders["templates"]))
    return parts, replace(library, files=parts.files, layout=parts.layout)


def _read_built_in() -> tuple[LibraryParts, Library, frozenset[str]]:
    """Return the parts and the library without their files, and the texts that stand in them."""
    folders = _built_in_files()
    parts = _read_files(folders["clauses"], folders["templates"])
    library = ensure_valid(assemble_library(parts))
    texts = analysis.texts_without_fault()
    return replace(parts, files={}, layout={}), replace(library, files={}, layout={}), texts


def _files_of_library(clauses: Mapping[str, SourceFile], templates: Mapping[str, SourceFile]) -> dict[str, SourceFile]:
    """Return the files of two folders by their paths in the library."""
    files = {f"clauses/{name}": source for name, source in clauses.items()}
    return files | {f"templates/{name}": source for name, source in templates.items()}


def _files_of_layout(templates: Mapping[str, SourceFile]) -> dict[str, SourceFile]:
    """Return the files of the page by their paths in its folder."""
    return {
        name.removeprefix(LAYOUT_FOLDER): source for name, source in templates.items() if name.startswith(LAYOUT_FOLDER)
    }


def load_library(clauses: Path, templates: Path) -> Library:
    """Return the valid library of two folders; raise PackError with every problem."""
    parts = _read_files(read_folder(clauses), read_folder(templates))
    return ensure_valid(assemble_library(parts))


def _read_files(clauses: Mapping[str, SourceFile], templates: Mapping[str, SourceFile]) -> LibraryParts:
    problems: list[Problem] = []
    parts = read_parts(clauses, templates, problems)
    if problems:
        raise PackError(problems)
    return parts


def read_parts(
    clauses: Mapping[str, SourceFile], templates: Mapping[str, SourceFile], problems: list[Problem]
) -> LibraryParts:
    """Return what files hold, by path below `clauses/` and `templates/`; what cannot be read is added to `problems`."""
    topics: dict[str, Topic] = {}
    texts: dict[str, ClauseText] = {}
    annexes: list[SourceFile] = []
    for name, source in clauses.items():
        topic_id, _, file = name.rpartition("/")
        if file == "topic.yaml":
            topic = read_topic(topic_id, source, problems)
            if topic:
                topics[topic_id] = _with_annexes(topic, topic_id, clauses, problems)
        elif file.endswith(".md") and topic_id:
            clause = read_clause(topic_id, source, problems)
            if clause:
                texts[name] = clause
        elif file.endswith(".docx") and topic_id:
            annexes.append(source)
        elif file not in ("README.md", "rules.yaml") and name != "law-data.yaml":
            hint = "a topic is a folder with a topic.yaml and clauses (.md)"
            message = "this file belongs to no topic"
            problems.append(Problem(message, hint, place=Place(source.name), code="library-stray-file"))
    used = {one.text.place.file for topic in topics.values() for one in topic.schedules if one.file.text}
    for source in annexes:
        if source.name not in used:
            message, hint = (
                "no schedule has this file",
                'name it in a schedule of the topic.yaml beside it: "file: NAME.docx"',
            )
            problems.append(Problem(message, hint, place=Place(source.name), code="library-stray-file"))
    outlines: dict[str, Outline] = {}
    instruments: dict[str, InstrumentText] = {}
    for name, source in templates.items():
        if name.startswith(LAYOUT_FOLDER):
            continue
        if name.startswith(INSTRUMENTS_FOLDER) and name.endswith(".yaml"):
            id = name.removeprefix(INSTRUMENTS_FOLDER).removesuffix(".yaml")
            if instrument := read_instrument(id, source, problems):
                instruments[id] = instrument
        elif name == SERVICES_FILE:
            continue  # read where somebody wants to sign
        elif "/" not in name and name.endswith(".yaml"):
            outline = read_outline(name.removesuffix(".yaml"), source, problems)
            if outline:
                outlines[outline.kind] = outline
        elif name != "README.md":
            hint = (
                "outlines stand here; the page is in the folder layout, amendments and letters in instruments, the "
                "marks of signing services in signing"
            )
            message = "this file is no outline"
            problems.append(Problem(message, hint, place=Place(source.name), code="library-stray-file"))
    files = _files_of_library(clauses, templates)
    return LibraryParts(topics, texts, outlines, _files_of_layout(templates), files, instruments)


def _with_annexes(topic: Topic, topic_id: str, files: Mapping[str, SourceFile], problems: list[Problem]) -> Topic:
    """Return a topic with the texts of the Word files that its schedules name."""
    schedules = []
    for schedule in topic.schedules:
        if schedule.file.text:
            source = files.get(f"{topic_id}/{schedule.file.text}")
            if source is None or not source.name.endswith(".docx"):
                beside = [name.rpartition("/")[2] for name in files if re.fullmatch(rf"{topic_id}/[^/]+\.docx", name)]
                message = f'"{schedule.file.text}" is no Word file (.docx) beside this one'
                hint = suggest_nearest(schedule.file.text, beside) or "put it into this folder"
                problems.append(Problem(message, hint, place=schedule.file.place, code="file-missing"))
                continue
            text = ""
            try:
                text = read_annex(source, schedule.title)
            except PackError as error:
                problems += error.problems
            schedule = replace(schedule, text=PlacedText(text, Place(source.name)))
        schedules.append(schedule)
    return replace(topic, schedules=tuple(schedules))


def assemble_library(parts: LibraryParts, packs: tuple[Pack, ...] = ()) -> Library:
    """Return the library of `parts`, in its fixed order, not validated."""
    clauses: dict[str, tuple[ClauseText, ...]] = {}
    for _, clause in sorted(parts.clauses.items()):
        clauses[clause.topic] = (*clauses.get(clause.topic, ()), clause)
    outlines = dict(sorted(parts.outlines.items(), key=lambda item: (item[1].order, item[0])))
    topics = dict(sorted(parts.topics.items()))
    declarations = {
        f"{pack.id}/{name}": pack.files[name]
        for pack in packs
        for name in (PACK_FILE, TRANSLATIONS_FILE)
        if name in pack.files
    }
    digest = digest_of({**parts.files, **declarations})
    instruments = dict(sorted(parts.instruments.items(), key=lambda item: (item[1].order, item[0])))
    return Library(topics, clauses, outlines, parts.layout, digest, packs, parts.files, instruments)


def ensure_valid(library: Library) -> Library:
    """Return `library` if nothing is wrong with it; raise PackError with every problem."""
    problems = validate_library(library)
    if problems:
        raise PackError(problems)
    return library


# -- validation

# What a layout cannot do without: the page, and the Word file with its styles.
# Steps for reading all texts of a library; the built-in one takes 18,000.
STEPS_FOR_READING = 120_000
NEEDED_LAYOUT_FILES = ("agreement.html", "raci.html", "reference.docx")
# Names that mean something else where a clause is read.
_RESERVED_NAMES = frozenset(
    (
        *FUNCTIONS, "loop", "each", "this", "self", "and", "or", "not", "in", "is", "if", "else", "elif", "for",
        "true", "false", "none", "two", "first", "second", "doer", "other", FIGURES, SCHEDULES, APART,
        INDIVIDUALS, LAW_COUNTRY, LAW_REGION, FACTS,
    )
)  # fmt: skip


def validate_library(library: Library) -> list[Problem]:
    """Return every mistake that can be found without a deal, and would otherwise wait for the first agreement."""
    validator = _Validator(library)
    try:
        with limit_steps(STEPS_FOR_READING):
            validator.validate_all()
    except BudgetExceeded:
        if not validator.problems:
            most = f"{STEPS_FOR_READING:,}"
            message = f"the texts of the library and its packs hold more than {most} words inside tags"
            hint = "all texts that come with the program have 18,000"
            place = Place(library.packs[-1].declaration.name if library.packs else "clauses")
            validator.add_problem(message, hint, place, code="library-too-large")
    return validator.problems


class _Validator:
    """Goes through a library once; `shape` is that of all its facts."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.file_texts = {file.name: file.text for file in library.files.values() if file.name.endswith(TEXT_ENDINGS)}
        self.problems: list[Problem] = []
        self.shape = library.shape_of_facts()
        self.questions = dict(walk_questions(library.list_top_questions()))
        self.clause_ids = {clause.id for clause in library.each_clause()}

    def add_problem(self, message: str, hint: str, place: Place, path: str = "", *, code: str) -> None:
        self.problems.append(Problem(message, hint, path, place, code=code))

    def require_known(self, name: str, known: Collection[str], kind: str, place: Place, path: str = "") -> bool:
        """Return whether `name` is one of `known`, each of which is `kind` ("a question"); note it where it is not."""
        if name in known:
            return True
        self.add_problem(f'"{name}" is not {kind}', suggest_nearest(name, known), place, path, code="unknown-name")
        return False

    def validate_all(self) -> None:
        if "parties" not in self.shape.fields:
            message, place = 'the library has no topic "parties"', Place("clauses")
            self.add_problem(message, "every agreement has parties", place, code="library-incomplete")
            return
        self.validate_names()
        for topic in self.library.topics.values():
            self.validate_topic(topic)
        for topic_id, clauses in self.library.clauses.items():
            self.validate_clauses(topic_id, clauses)
        self.validate_unique_ids()
        for outline in self.library.outlines.values():
            self.validate_outline(outline)
        for instrument in self.library.instruments.values():
            self.validate_instrument(instrument)
        for name in NEEDED_LAYOUT_FILES:
            if name not in self.library.layout:
                message, place = f'the file "{name}" is missing', Place("templates/layout")
                self.add_problem(message, "put it there", place, code="library-incomplete")

    # -- texts and conditions

    def validate_text(self, text: PlacedText, facts: Shape | None = None, clause: bool = False) -> None:
        found = self.analyze(analysis.analyze_text, text, facts or self.shape) or analysis.Analysis()
        for names, known, kind in (
            (found.topics, self.library.clauses, "a topic with clauses"),
            (found.rows, self.library.term_ids, "a key-term row"),
            (found.schedules, self.library.schedule_ids, "a schedule"),
        ):
            for name in sorted(names - set(known)):
                self.require_known(name, known, kind, self.place_of_quoted(text, name))
        for name in () if clause else sorted(found.references):
            message = f'only clauses refer to other places, but this text refers to "{name}"'
            place = self.place_of_quoted(text, name)
            self.add_problem(message, "write the words themselves", place, code="not-applicable")

    def validate_condition(self, text: PlacedText, facts: Shape | None = None) -> None:
        if text.text:
            self.analyze(analysis.analyze_condition, text, facts or self.shape)

    def analyze(
        self, analyze: Callable[[str, Place, Shape], analysis.Analysis], text: PlacedText, facts: Shape
    ) -> analysis.Analysis | None:
        """Return what `analyze` finds in `text`, or note its problems where they stand in the file."""
        try:
            return analyze(text.text, Place(text.place.file, 1, 1), facts)
        except PackError as error:
            for problem in error.problems:
                # Looking for the nearest name and the place takes longer than reading does.
                spend_steps(100)
                place = self.locate(text, problem.place.line, problem.place.column)
                self.problems.append(replace(problem, place=place))
            return None

    def locate(self, text: PlacedText, line: int, column: int) -> Place:
        return text.locate(self.file_texts.get(text.place.file, ""), line, column)

    def place_of_quoted(self, text: PlacedText, name: str) -> Place:
        """Return where `name` stands in quotes in a text."""
        index = max(text.text.find(f"'{name}'"), text.text.find(f'"{name}"'), 0)
        return self.locate(text, text.text.count("\n", 0, index) + 1, index - text.text.rfind("\n", 0, index))

    def shape_with_each(self, path: str, place: Place) -> Shape | None:
        """Return the facts with `each` standing for an entry of the list at `path` (all facts for no path).

        None where there is no such list, which is noted.
        """
        if not path:
            return self.shape
        entries = self.shape.find(path.split("."))
        if entries is None or entries.item is None:
            self.add_problem(f'"{path}" is not a list of the deal', "", place, code="unknown-name")
            return None
        return self.shape.with_fields({"each": entries.item})

    # -- topics and their questions

    def validate_names(self) -> None:
        """Every fact has a name that clauses can write, and that means nothing else."""
        seen: dict[str, Place] = {}
        reserved = _RESERVED_NAMES.union(self.library.list_roles())
        for topic in self.library.topics.values():
            for question in topic.questions:
                if question.name in reserved:
                    message = f'"{question.key}" means something else in clauses'
                    self.add_problem(message, "choose another", question.place, code="reserved-name")
                if question.name in seen:
                    where = f"{seen[question.name].file}:{seen[question.name].line}"
                    message = f'"{question.key}" is a fact of {where} already'
                    self.add_problem(message, "choose another", question.place, code="duplicate")
                seen[question.name] = question.place
            for path, question in walk_questions((topic.question,)):
                names: set[str] = set()
                for part in question.parts:
                    if part.name in names:
                        message = f'"{part.key}" is "{part.name}" in clauses, like another fact'
                        self.add_problem(message, "choose another", part.place, path, code="duplicate")
                    names.add(part.name)
                    if part.name and not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", part.name):
                        message = f'"{part.key}" cannot be written in clauses'
                        hint = "use letters, figures, spaces and hyphens"
                        self.add_problem(message, hint, part.place, path, code="unreadable")

    def validate_topic(self, topic: Topic) -> None:
        party = self.shape.fields["parties"].item or group_shape({})
        for condition in topic.conditions:
            this = group_shape({part.name: part.fact_shape(party) for part in condition.siblings})
            self.validate_condition(condition.text, self.shape.with_fields({"this": this}))
        for path, question in walk_questions((topic.question,)):
            self.validate_question(path, question)
        for term in topic.terms:
            self.validate_term(term)
        for schedule in topic.schedules:
            self.validate_schedule(schedule)
        for task in topic.typical_tasks:
            self.validate_typical_task(task)
        for figure in topic.figures:
            self.validate_figure(figure)
        for rule in topic.contradictions:
            self.validate_contradiction(topic, rule)
        party_shape = self.shape.with_fields({"each": party})
        for text in topic.party_texts:
            self.validate_text(text, party_shape)

    def validate_question(self, path: str, question: Question) -> None:
        if question.is_group and path and question.default and question.words is None:
            message, hint = "a group with a default must be switchable", 'add "also: [yes, no]"'
            self.add_problem(message, hint, question.place, path, code="contradiction")
        if question.default:
            self.validate_default(path, question, question.default)
        for other in question.other_defaults:
            self.validate_default(path, question, other.node)
        if question.reminder and question.reminder not in self.questions:
            message, hint = f'"{question.reminder}" is no question', 'name one, as in "goods.period"'
            self.add_problem(message, hint, question.place, code="unknown-name")
        named = self.questions.get(question.other_than)
        if question.other_than and not (isinstance(question.type, PartyType) and named and named.type.names_party):
            message, hint = f'"{question.other_than}" names no other party', 'name one, as in "leads.referrer"'
            self.add_problem(message, hint, question.place, code="unknown-name")
        if question.among_path:
            list_path, _, part = question.among_path.rpartition(".")
            groups = self.questions.get(list_path)
            is_list = groups is not None and groups.structure is Structure.GROUPS and groups.find_part(part)
            if not isinstance(question.type, TextType) or not is_list:
                message = f'"{question.among_path}" is not what a text can be among'
                hint = 'name a fact of a list of groups, as in "tiers.levels.name"'
                self.add_problem(message, hint, question.place, code="unknown-name")

    def validate_default(self, path: str, question: Question, node: Node) -> None:
        if not question.is_plain_scalar or not isinstance(node, ScalarNode) or node.is_empty:
            return
        try:
            read_answer(question, node.text, AnswerContext("USD", {}))
        except Unreadable as error:
            message = f"the default does not fit its question: {error.message}"
            self.add_problem(message, error.hint, node.place, path, code="unreadable")

    def validate_term(self, term: TermText) -> None:
        facts = self.shape_with_each(term.each, term.place)
        if facts is None:
            return
        self.validate_text(term.label, facts)
        self.validate_text(term.says, facts)
        self.validate_condition(term.when, facts)
        if term.schedule:
            self.require_known(term.schedule, self.library.schedule_ids, "a schedule", term.place)

    def validate_schedule(self, schedule: ScheduleText) -> None:
        facts = self.shape_with_each(schedule.each, schedule.place)
        if facts is None:
            return
        self.validate_condition(schedule.when)
        for column in schedule.columns:
            self.validate_text(column.head)
            self.validate_text(column.says, facts)
        for text in schedule.totals:
            self.validate_text(text)
        self.validate_text(schedule.text, clause=True)

    def validate_typical_task(self, task: TypicalTask) -> None:
        facts = self.shape_with_each(task.each, task.place)
        if facts is None:
            return
        self.validate_condition(task.when, facts)
        for path in task.facts:
            if path not in self.library.list_roles() and facts.find(path.split(".")) is None:
                message = f'"{path}" is not a fact, a role of the parties, {EACH}, {TOGETHER} or {NOBODY}'
                self.add_problem(message, "", task.place, code="unknown-name")
        self.validate_text(task.by, facts)
        if not set(task.owners) & {TOGETHER, NOBODY} or len(task.owners) > 1:
            party = self.shape.fields["parties"].item or group_shape({})
            facts = facts.with_fields({"doer": party, "other": party})
        self.validate_text(task.name, facts)
        self.validate_text(task.phase, facts)

    def validate_figure(self, figure: Figure) -> None:
        facts = self.shape_with_each(figure.list_name, figure.place)
        if facts is None:
            return
        for factor in filter(None, (*figure.factors, figure.upper_limit)):
            if factor.replace(".", "", 1).isdigit():
                continue
            shape = facts.find(factor.split("."))
            if shape is None:
                self.add_problem(f'"{factor}" is not a fact', "", figure.place, code="unknown-name")
            elif shape.type not in NUMBERS:
                message = f'"{factor}" is a {shape.type}, which cannot be multiplied'
                self.add_problem(message, "", figure.place, code="not-applicable")

    def validate_contradiction(self, topic: Topic, rule: Contradiction) -> None:
        if rule.fact_path not in self.questions:
            known = [path for path, _ in walk_questions(topic.questions)]
            self.require_known(rule.fact_path, known, "a question", rule.place)
        for text in (rule.message, rule.hint):
            self.validate_text(PlacedText(text, rule.place))

    # -- clauses and outlines

    def validate_clauses(self, topic_id: str, clauses: tuple[ClauseText, ...]) -> None:
        if topic_id not in self.library.topics:
            message = f'the folder "{topic_id}" has no topic.yaml'
            self.add_problem(message, "add one", clauses[0].place, code="library-incomplete")
        seen: dict[tuple[str, int, str, tuple[str, ...]], str] = {}
        for clause in clauses:
            self.validate_text(clause.body, clause=True)
            self.validate_condition(clause.when)
            self.validate_condition(clause.guidance.falls_back_when)
            for name in clause.requires:
                self.require_known(name, self.library.clauses, "a topic with clauses", clause.place)
            for name in clause.conflicts:
                self.require_known(name, self.clause_ids, "a clause", clause.place)
            for code in clause.jurisdictions:
                if code not in region_codes():
                    message, hint = f'"{code}" is not a state or country', "write its ISO 3166 code, as in US-CA or DE"
                    self.add_problem(message, hint, clause.place, code="unknown-name")
            rival = (clause.position, clause.rank, " ".join(clause.when.text.split()), clause.jurisdictions)
            if rival in seen:
                message = f'"{seen[rival]}" and "{clause.id}" fit equally well'
                hint = "give one a lower rank or a narrower when"
                self.add_problem(message, hint, clause.place, code="clause-tie")
            seen.setdefault(rival, clause.id)

    def validate_unique_ids(self) -> None:
        seen: dict[str, Place] = {}
        ids = [(f'clause "{clause.id}"', clause.place) for clause in self.library.each_clause()]
        for topic in self.library.topics.values():
            ids += [(f'row "{term.id}"', term.place) for term in topic.terms]
            ids += [(f'schedule "{schedule.id}"', schedule.place) for schedule in topic.schedules]
            ids += [(f'figure "{figure.key}"', figure.place) for figure in topic.figures]
        for name, place in ids:
            if name in seen:
                message = f"{name} stands in {seen[name].file}:{seen[name].line} already"
                self.add_problem(message, "", place, code="duplicate")
            seen.setdefault(name, place)

    def validate_outline(self, outline: Outline) -> None:
        for text in outline.texts:
            self.validate_text(text)
        self.validate_list(outline, "topics", outline.topics, self.library.topics, "a topic")
        self.validate_list(outline, "required", outline.required, outline.topics, "a topic of this outline")
        self.validate_list(outline, "key terms", outline.term_order, self.library.term_ids, "a key-term row")
        for topic in outline.required:
            clauses = self.library.clauses.get(topic, ())
            if topic in self.library.topics and all(clause.position != "balanced" for clause in clauses):
                message = f'the topic "{topic}" is required but has no clause'
                place = outline.place_of("required", topic)
                self.add_problem(message, "it needs a balanced one", place, code="library-incomplete")
        # The questions of an outline are known only when its topics are.
        if not set(outline.topics) <= set(self.library.topics):
            return
        questions = dict(walk_questions(self.library.questions_of(outline)))
        for key, paths in (
            ("needed", outline.needed),
            ("defaults", outline.defaults),
            ("choices", outline.choices),
            ("suggestions", outline.suggestions),
            ("small answers", outline.small_answers),
        ):
            self.validate_list(outline, key, tuple(paths), questions, "a question")
        for path, node in outline.defaults.items():
            if path in questions:
                self.validate_default(path, questions[path], node)
        for path, suggested in outline.suggestions.items():
            if path in questions:
                self.validate_suggestions(path, questions[path], suggested)
        for path, words in outline.choices.items():
            choices = tuple(self.questions[path].choices or ()) if path in self.questions else words
            for word in words:
                self.require_known(word, choices, f"one of the choices of {path}", outline.place_of("choices", path))

    def validate_instrument(self, instrument: InstrumentText) -> None:
        party = self.shape.fields["parties"].item or group_shape({})
        shape = self.shape.with_fields({FACTS: shape_of_instrument_facts(party)})
        self.validate_text(instrument.title, shape)
        for section in instrument.sections:
            self.validate_text(section.heading, shape)
            self.validate_condition(section.when, shape)
            self.validate_text(section.says, shape, clause=True)

    def validate_list(
        self, outline: Outline, key: str, names: tuple[str, ...], known: Collection[str], kind: str
    ) -> None:
        """Each name in a list of an outline is known, and stands there once."""
        for index, name in enumerate(names):
            place = outline.place_of(key, name)
            if self.require_known(name, known, kind, place) and name in names[:index]:
                self.add_problem(f'"{name}" stands twice', "keep one", place, code="duplicate")

    def validate_suggestions(self, path: str, question: Question, nodes: Iterable[Node]) -> None:
        """What is suggested for the entries of a list must be answers to it."""
        if question.structure is Structure.PER_PARTY and question.parts[0].structure is Structure.LIST:
            question = question.parts[0]
        if question.structure not in (Structure.LIST, Structure.GROUPS):
            message = f'"{path}" is not a list: nothing can be suggested for it'
            self.add_problem(message, "", question.place, code="not-applicable")
            return
        for node in nodes:
            if question.structure is Structure.LIST:
                self.validate_default(path, question.parts[0], node)
                continue
            for name, answer in node if isinstance(node, MappingNode) else ():
                part = question.find_part(name.text)
                keys = [known.key for known in question.parts]
                if self.require_known(name.text, keys, f"a question of {path}", name.place, path) and part:
                    self.validate_default(path, part, answer)

"""The library: topics, clauses and outlines, read once and checked as far as can be without a deal.

The reference of deal files, generated from the questions (docs/deal-files/).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agreementgen.core.problems import InputError, PackError, Place, Problem, suggest_nearest
from agreementgen.deal.deal import FIGURES
from agreementgen.deal.forms import write_node_inline
from agreementgen.deal.questions import POSITION_BY_TOPIC, SCHEDULES, Question
from agreementgen.deal.reader import Form
from agreementgen.language.analysis import Shape, group_shape
from agreementgen.library.clauses import ClauseText, read_clause
from agreementgen.library.pack import PACK_FILE, TRANSLATIONS_FILE, Pack
from agreementgen.library.snapshot import SourceFile, digest_of, home_folder, read_folder
from agreementgen.library.topics import Outline, Topic, read_outline, read_topic
from agreementgen.library.validation import LibraryValidator

if TYPE_CHECKING:
    from agreementgen.deal.deal import Deal


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
            elif question.type != "group" or question.parts:
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
    by_topic = replace(usual, key=POSITION_BY_TOPIC, type="group", prompt=prompt, help="", default=None, choices=None)
    return [replace(by_topic, parts=tuple(found))]


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


@cache
def built_in_library() -> Library:
    """Return the library that comes with the program."""
    return ensure_valid(assemble_library(built_in_parts()), built_in_parts())


@cache
def built_in_digest() -> str:
    """Return the digest of the library that comes with the program, without a look into its files: that takes long."""
    folders = {name: read_folder(home_folder() / name) for name in ("clauses", "templates")}
    return digest_of({f"{name}/{path}": file for name, files in folders.items() for path, file in files.items()})


@cache
def built_in_parts() -> LibraryParts:
    """Return the parts of the library that comes with the program; raise PackError with every problem."""
    problems: list[Problem] = []
    parts = read_parts(read_folder(home_folder() / "clauses"), read_folder(home_folder() / "templates"), problems)
    if problems:
        raise PackError(problems)
    return parts


def load_library(clauses: Path, templates: Path) -> Library:
    """Read and check a library of two folders; raise PackError with every problem."""
    problems: list[Problem] = []
    parts = read_parts(read_folder(clauses), read_folder(templates), problems)
    if problems:
        raise PackError(problems)
    return ensure_valid(assemble_library(parts), parts)


_TOPIC_FOLDER_HINT = "a topic is a folder with a topic.yaml and clauses (.md)"


def read_parts(
    clauses: Mapping[str, SourceFile], templates: Mapping[str, SourceFile], problems: list[Problem]
) -> LibraryParts:
    """Return what files hold, by path below `clauses/` and `templates/`; what cannot be read is added to `problems`."""
    topics: dict[str, Topic] = {}
    texts: dict[str, ClauseText] = {}
    for name, source in clauses.items():
        topic_id, _, file = name.rpartition("/")
        if file == "topic.yaml":
            topic = read_topic(topic_id, source, problems)
            if topic:
                topics[topic_id] = topic
        elif file.endswith(".md") and topic_id:
            clause = read_clause(topic_id, source, problems)
            if clause:
                texts[name] = clause
        elif file != "README.md":
            problems.append(Problem("this file belongs to no topic", _TOPIC_FOLDER_HINT, "", Place(source.name)))
    outlines: dict[str, Outline] = {}
    layout: dict[str, SourceFile] = {}
    for name, source in templates.items():
        if name.startswith("layout/"):
            layout[name.removeprefix("layout/")] = source
        elif "/" not in name and name.endswith(".yaml"):
            outline = read_outline(name.removesuffix(".yaml"), source, problems)
            if outline:
                outlines[outline.kind] = outline
        elif name != "README.md":
            hint = "an outline is a .yaml file here; what makes up the page is in the folder layout"
            problems.append(Problem("this file is no outline", hint, "", Place(source.name)))
    files = {f"clauses/{name}": source for name, source in clauses.items()}
    files |= {f"templates/{name}": source for name, source in templates.items()}
    return LibraryParts(topics, texts, outlines, layout, files)


def assemble_library(parts: LibraryParts, packs: tuple[Pack, ...] = ()) -> Library:
    """Return the library of `parts`, in its fixed order, unchecked."""
    texts: dict[str, list[ClauseText]] = {}
    for name in sorted(parts.clauses):
        texts.setdefault(parts.clauses[name].topic, []).append(parts.clauses[name])
    outlines = dict(sorted(parts.outlines.items(), key=lambda item: (item[1].order, item[0])))
    heads = {
        f"{p.id}/{name}": p.files[name] for p in packs for name in (PACK_FILE, TRANSLATIONS_FILE) if name in p.files
    }
    digest = digest_of({**parts.files, **heads})
    clauses = {topic: tuple(found) for topic, found in texts.items()}
    topics = {topic: parts.topics[topic] for topic in sorted(parts.topics)}
    return Library(topics, clauses, outlines, parts.layout, digest, packs, parts.files)


def ensure_valid(library: Library, parts: LibraryParts) -> Library:
    """Return `library` if nothing is wrong with it; raise PackError with every problem."""
    raw = {source.name: source.text for source in parts.files.values() if _is_text(source)}
    problems = LibraryValidator(library, raw).problems
    if problems:
        raise PackError(problems)
    return library


def _is_text(source: SourceFile) -> bool:
    return source.name.endswith((".yaml", ".md"))


_INTRODUCTION = """\
# Deal files: {title}

Generated from the questions in `clauses/`. A deal file is YAML; names stand before the colon, and what has a
default may be left out. Lengths of time always have a unit (`90 days`), percentages a sign (`10%`), amounts
may have a currency (`$5,000`, `5000 USD`; without one the deal's `currency` counts). Parties are called by
their short names. Where a value begins with a sign or holds ` #` or `: `, put it in double quotes.
"""

# What a question of type raci reads besides the parts that its topic declares.
_MATRIX_ROWS = [
    "| `roles` | for each role: a party or `outside` |  | Who works on it? With a person: "
    "`SEO lead: {party: Bay Rank, person: Lee Okafor}`. |",
    "| `tasks` | for each task: a letter (`R`, `A`, `A/R`, `C`, `I`) for each role |  | What is to be done? "
    "With more to say: `Send the report: {letters: {SEO lead: A/R}, due: 2027-01-10, phase: Every month, "
    "carries out: Reports monthly}`. |",
    "| `table` | text |  | A .csv or .xlsx file beside the deal file, instead of roles and tasks. "
    "Example: `tasks.csv`. |",
]


def describe_deal_file(library: Library, outline: Outline) -> str:
    """Return every fact of one kind of agreement as Markdown tables, topic by topic."""
    lines = [_INTRODUCTION.format(title=outline.title)]
    for topic, question in library.each_section(outline):
        if question.type == "group" and not question.parts:
            continue
        where = "at the top of the file" if topic.at_top else f"`{question.key}:`"
        lines += [f"## {topic.title} ({where})", "", f"{topic.about}.", ""]
        if question.help:
            lines += [question.help, ""]
        lines += ["| name | type | default | what it says |", "| --- | --- | --- | --- |"]
        if question.type == "group":
            lines += _describe_questions(question.parts, "", outline, "" if topic.at_top else question.key)
        else:
            lines += [_describe_question(question, question.key, outline, question.key)]
            lines += _MATRIX_ROWS if question.type == "raci" else []
            lines += _describe_questions(_parts_in_table(question), "", outline, question.key)
        lines.append("")
    return "\n".join(lines)


def _parts_in_table(question: Question) -> tuple[Question, ...]:
    if question.type == "per party":
        return question.parts[0].parts if question.parts[0].type == "group" else ()
    return question.parts if question.type in ("group", "list of groups", "raci") else ()


def _describe_questions(questions: tuple[Question, ...], prefix: str, outline: Outline, path: str) -> list[str]:
    lines = []
    for question in questions:
        if question.fixed:
            continue
        here = f"{path}.{question.key}" if path else question.key
        lines.append(_describe_question(question, prefix + question.key, outline, here))
        lines += _describe_questions(_parts_in_table(question), f"{prefix}{question.key}.", outline, here)
    return lines


def _describe_question(question: Question, name: str, outline: Outline, path: str) -> str:
    default = write_node_inline(outline.defaults.get(path, question.default))
    must = "needed" if question.needed == "yes" and not default else ""
    prompt = question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}."
    says = [prompt, question.help, f"Example: `{question.example}`." if question.example else ""]
    if question.when:
        says.append(f"Asked when `{question.when}`.")
    if not question.printed and "not printed" not in question.help.lower():
        says.append("It is not printed.")
    usual = must or (f"`{default}`" if default else "")
    return f"| `{name}` | {_describe_type(question)} | {usual} | {' '.join(filter(None, says))} |"


def _describe_type(question: Question) -> str:
    kind = question.type
    if question.choices:
        kind = " / ".join(f"`{word}`" for word in question.choices)
    elif kind in ("list", "per party"):
        kind = {"list": "list of ", "per party": "for each party: "}[kind] + _describe_type(question.parts[0])
    if question.words:
        kind += " or " + " / ".join(f"`{word}`" for word in question.words)
    limits = question.limits
    if limits.least and limits.most:
        kind += f", {limits.least} to {limits.most}"
    elif limits.most:
        kind += f", at most {limits.most}"
    if limits.words:
        kind += f", at most {limits.words} words"
    if limits.characters:
        kind += f", at most {limits.characters} characters"
    return kind

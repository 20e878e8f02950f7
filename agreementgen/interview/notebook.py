"""The notebook: a deal file while it is being written, and what its answers leave to be asked.

Every answer is on the disk before the next question is asked. What is pending, what is usual and how far a topic is are
worked out from the deal alone, without a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any

from agreementgen import pipeline
from agreementgen.core import saving
from agreementgen.core.opening import read_regular_file
from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.deal.deal import Deal
from agreementgen.deal.question_types import GROUP, ChoiceType, PartyType
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import DealStatus, FactPath, FactStatus, node_as_data, read_status
from agreementgen.interview.removals import Removed, find_last_removed, forget_last_removed, keep_removed
from agreementgen.interview.sample_start import PLACEHOLDERS, replace_names
from agreementgen.library.library import Library
from agreementgen.library.outlines import Outline
from agreementgen.sources import read_deal_bytes, table_loader
from agreementgen.yamlfile import editing, nodes

if TYPE_CHECKING:
    from agreementgen.core.saving import BaseFileLock


@dataclass(frozen=True)
class PendingQuestion:
    """One prompt: the question asked for the answer at `path`."""

    path: FactPath
    question: Question
    topic: str


@dataclass(frozen=True)
class Section:
    """One topic as it stands in a deal: its title and the names under which its answers begin."""

    id: str
    title: str
    description: str
    keys: tuple[str, ...]


def list_sections(library: Library, outline: Outline) -> tuple[Section, ...]:
    """Return the topics of a kind of agreement that have questions, in order."""
    found = []
    for topic, question in library.each_section(outline):
        keys = tuple(part.key for part in question.parts) if topic.at_top else (question.key,)
        if keys and (topic.at_top or not question.is_group or question.parts):
            found.append(Section(topic.id, topic.title, topic.about, keys))
    return tuple(found)


def section_of(known: tuple[Section, ...], path: FactPath) -> Section:
    return next(section for section in known if path[0] in section.keys)


def each_pending_question(status: DealStatus, known: tuple[Section, ...]) -> Iterator[PendingQuestion]:
    """Yield what still must be answered, in order; a group or list that is missing begins with its first part."""
    held: list[FactStatus] = []
    for fact in status.facts:
        # A list that is too short gets its next entry when those it has are complete.
        while held and fact.path[: len(held[-1].path)] != held[-1].path:
            yield from _each_pending_part(held.pop(), status, known)
        if fact.state == "wrong" and fact.question.structure is Structure.GROUPS:
            held.append(fact)
        elif fact.state in ("missing", "wrong") and not (fact.state == "wrong" and fact.question.is_group):
            yield from _each_pending_part(fact, status, known)
    while held:
        yield from _each_pending_part(held.pop(), status, known)


def _each_pending_part(fact: FactStatus, status: DealStatus, known: tuple[Section, ...]) -> Iterator[PendingQuestion]:
    topic = section_of(known, fact.path).id
    for path, question in _each_first_prompt(fact.path, fact.question, fact, status):
        yield PendingQuestion(path, question, topic)


def _each_first_prompt(
    path: FactPath, question: Question, fact: FactStatus | None, status: DealStatus
) -> Iterator[tuple[FactPath, Question]]:
    """Yield the prompts with which the answer to `question` begins."""
    match question.structure:
        case Structure.GROUP:
            parts = [part for part in question.parts if part.needed == "yes" and not part.when]
            if parts:
                yield from _each_first_prompt((*path, parts[0].key), parts[0], None, status)
            else:
                yield path, question
        case Structure.GROUPS:
            count = len(fact.value) if fact and fact.node and isinstance(fact.value, tuple) else 0
            if fact is None or fact.problem is None or fact.state == "missing" or _lacks_entries(fact):
                entry = replace(question, type=GROUP, words=None)
                yield from _each_first_prompt((*path, str(count + 1)), entry, None, status)
            else:
                yield path, question
        case Structure.PER_PARTY:
            said = _answers_by_party(fact)
            for short in status.context.parties:
                if short not in said or _is_wrong_for_party(fact, short):
                    yield from _each_first_prompt((*path, short), question.parts[0], None, status)
        case _:
            yield path, question


def is_unfinished(fact: FactStatus) -> bool:
    """Return whether an answer is missing, or is a list that needs more: no mistake, only not done yet."""
    return fact.state == "missing" or (fact.state == "wrong" and _lacks_entries(fact))


def _lacks_entries(fact: FactStatus) -> bool:
    """Return whether what is wrong with a list, or with what each party says, is that some of it is missing."""
    return fact.problem is not None and fact.problem.code in ("missing", "party-missing", "too-few", "raci-no-tasks")


def _answers_by_party(fact: FactStatus | None) -> Mapping[str, object]:
    said = node_as_data(fact.node) if fact and fact.node else None
    return {name: value for name, value in said.items() if value is not None} if isinstance(said, dict) else {}


def _is_wrong_for_party(fact: FactStatus | None, short: str) -> bool:
    return bool(fact and fact.problem and fact.problem.field.startswith(f"{fact.field}.{short}"))


def list_visible_facts(section: Section, status: DealStatus) -> tuple[FactStatus, ...]:
    """Return the answers of a topic that people see: no groups without an answer of their own, nothing that waits.

    A list of groups is one answer; what is inside it stands alone only where it is missing or wrong.
    """
    lists = {fact.path for fact in status.facts if fact.question.structure in (Structure.GROUPS, Structure.PER_PARTY)}
    return tuple(
        fact
        for fact in status.facts
        if fact.path[0] in section.keys
        and fact.state not in ("waiting", "idle")
        and fact.question.key != "agreement"
        and not (fact.question.is_group and fact.question.words is None)
        and (
            fact.state in ("missing", "wrong")
            or not any(fact.path[:depth] in lists for depth in range(1, len(fact.path)))
        )
    )


def list_usual_and_left_out(
    section: Section, status: DealStatus
) -> tuple[tuple[FactStatus, ...], tuple[FactStatus, ...]]:
    """Return the usual answers of a topic that nobody has typed, and those that are left out."""
    facts = list_visible_facts(section, status)
    left_out = tuple(fact for fact in facts if fact.state == "open" and fact.question.printed)
    return tuple(fact for fact in facts if fact.state == "usual"), left_out


# Bringing one answer back can set aside another; each moves once at most, so this is plenty.
_MAX_ROUNDS = 8
# Where it is kept aside that a party has no entry in a list.
_GIVES_NOTHING = "gives nothing"
_FILE_HEADER = """\
# A deal file, written by "agreementgen new". Every answer may be changed here with an editor, too; answers that
# are not here are the usual ones. agreementgen is no substitute for an attorney: have a lawyer read what you sign.
"""


def lock_deal_file(path: FilePath) -> BaseFileLock:
    """Return a lock that keeps other runs away from one deal file until it is released; raise InputError.

    It is a file of its own because the deal file itself is replaced with every answer.
    """
    place = Place(str(path))
    hint = "finish there (its answers are saved), or close its window, and run this again"
    busy = Problem("another run of agreementgen is editing this file", hint, "", place, code="busy")
    try:
        return saving.acquire_lock(path.with_name(f".{path.name}.lock"), lambda: busy)
    except OSError as error:
        hint = "choose a folder in which you may write"
        message = f"cannot write here: {error.strerror}"
        raise InputError(Problem(message, hint, "", place, code="folder-unwritable")) from None


def gives_for_parties(question: Question) -> bool:
    """Return whether each entry of a list is what one party gives, of a kind that can be chosen."""
    first, second = (*question.parts, None, None)[:2]
    return (
        question.structure is Structure.GROUPS
        and first is not None
        and isinstance(first.type, PartyType)
        and second is not None
        and isinstance(second.type, ChoiceType)
        and first.needed == second.needed == "yes"
    )


def _list_asked_first(question: Question) -> list[list[str]]:
    """Return what of a topic is asked although it has a usual answer, and stands before all that must be answered."""
    first = next((at for at, part in enumerate(question.parts) if part.needed == "yes"), 0)
    return [[part.key] for part in question.parts[:first] if part.asks_usual]


class Notebook:
    """One deal file. `notes` says what else an answer changed; whoever shows them empties the list."""

    def __init__(self, path: FilePath, library: Library, outline: Outline, text: str) -> None:
        self.path = path
        self.library = library
        self.kind = outline.kind
        self.notes: list[str] = []
        self.data = b""
        # Whoever began with the questions is asked for the usual answers that cost most, too.
        self.asks_usual = text.startswith(_FILE_HEADER)
        self.use_text(text)

    def use_text(self, text: str) -> None:
        """Work with `text`; which topics there are depends on what it leaves out."""
        self.text = text
        self.status = self.status_of(text)
        self.outline = self.outline_of(text)
        self.form = self.library.form_of(self.outline)
        self.sections: tuple[Section, ...] = list_sections(self.library, self.outline)

    def outline_of(self, text: str) -> Outline:
        said = editing.answers_in_text(text).get("leave out")
        names = said if isinstance(said, list) else [said]
        return self.library.outline_of_kind(self.kind, [name for name in names if isinstance(name, str)])

    def status_of(self, text: str) -> DealStatus:
        """Return how far the deal is that `text` says; raise InputError where it is not readable YAML."""
        form = self.library.form_of(self.outline_of(text))
        return read_status(nodes.read_yaml(text, str(self.path), go_on=True), form, self.read_table)

    def read_table(self, name: str) -> bytes:
        """Return a table that stands beside the deal file."""
        return table_loader(str(self.path))(name)

    @classmethod
    def open(cls, path: FilePath, library: Library) -> Notebook:
        """Return the notebook of a deal file that is there; raise InputError where it cannot be read as a deal."""
        data = read_deal_bytes(str(path))
        text = nodes.decode_utf8(data, str(path))
        root = nodes.read_yaml(text, str(path), go_on=True).root
        node = root.get("agreement")
        kind = node.text.strip() if isinstance(node, nodes.ScalarNode) else ""
        found = cls(path, library, library.outline_of_kind(kind), text.replace("\r\n", "\n"))
        found.data = data
        return found

    @classmethod
    def create(cls, path: FilePath, library: Library, kind: str, text: str = "") -> Notebook:
        """Return the notebook of a new deal file, which is on the disk already."""
        text = text or f"{_FILE_HEADER}agreement: {kind}\n"
        found = cls(path, library, library.outline_of_kind(kind), text)
        found.save(text)
        return found

    # -- reading

    def answer_at(self, path: FactPath) -> Any:
        """Return what was typed at `path`, as text, list or dictionary; None where nothing was."""
        return editing.value_at(editing.answers_in_text(self.text), path)

    def find_question(self, path: FactPath) -> Question | None:
        """Return the question asked for the answer at `path`, also where there is no such entry yet."""
        found: Question | None = None
        questions: tuple[Question, ...] = self.form.questions
        for part in path:
            if part.isdigit() or (found is not None and found.structure is Structure.PER_PARTY):
                continue
            found = next((question for question in questions if question.key == part), None)
            if found is None:
                return None
            questions = found.inner_questions
        return found

    def each_pending_question(self) -> Iterator[PendingQuestion]:
        return each_pending_question(self.status, self.sections)

    def each_usual_question(self) -> Iterator[PendingQuestion]:
        """Yield what has a usual answer, and is asked all the same, because it costs much where it is wrong."""
        for fact in self.status.facts:
            if fact.state == "usual" and fact.question.asks_usual:
                yield PendingQuestion(fact.path, fact.question, section_of(self.sections, fact.path).id)

    def each_party_without_entry(self) -> Iterator[PendingQuestion]:
        """Yield what is asked for a party that came later: the shares of all, and what it puts in where others do."""
        for fact in self.status.facts:
            if fact.state != "answered":
                continue
            if fact.question.structure is Structure.SHARES:
                said = node_as_data(fact.node)
                if isinstance(said, dict) and not set(self.status.context.parties) <= set(said):
                    yield PendingQuestion(fact.path, fact.question, section_of(self.sections, fact.path).id)
            if not gives_for_parties(fact.question):
                continue
            if self.find_party_without_entry(fact.path, fact.question):
                first = fact.question.parts[0]
                here = (*fact.path, str(len(fact.value) + 1), first.key)
                yield PendingQuestion(here, first, section_of(self.sections, fact.path).id)

    def find_party_without_entry(self, path: FactPath, question: Question) -> str:
        """Return the first party of which a list says nothing yet, and nobody said that it gives nothing; else ""."""
        entries = self.answer_at(path) or []
        said = {entry.get(question.parts[0].key) for entry in entries if isinstance(entry, dict)}
        kept = editing.read_kept_answers(self.text)
        parties = self.status.context.parties
        return next(
            (short for short in parties if short not in said and (_GIVES_NOTHING, *path, short) not in kept), ""
        )

    def find_last_with_nothing(self, path: FactPath) -> str:
        """Return the party that was last noted to have no entry in a list, "" for none."""
        kept = [at[-1] for at in editing.read_kept_answers(self.text) if at[:-1] == (_GIVES_NOTHING, *path)]
        return next((short for short in reversed(kept) if short in self.status.context.parties), "")

    def note_nothing(self, path: FactPath, short: str) -> None:
        """Keep in the file that a party has no entry in a list: it is not asked again."""
        self.change(
            lambda text: editing.write_kept_answers(
                text, {**editing.read_kept_answers(text), (_GIVES_NOTHING, *path, short): True}
            )
        )

    def list_open_questions(self) -> list[PendingQuestion]:
        """Return all that the questionnaire still asks, by topic."""
        order = {section.id: number for number, section in enumerate(self.sections)}
        firsts = {question.key: _list_asked_first(question) for question in self.form.questions}
        more = [*self.each_usual_question(), *self.each_party_without_entry()] if self.asks_usual else []

        def place_of(question: PendingQuestion) -> tuple[int, bool]:
            key, *rest = question.path
            return order[question.topic], rest[:1] not in firsts.get(key, [])

        return sorted([*self.each_pending_question(), *more], key=place_of)

    def list_open_topics(self) -> list[str]:
        """Return the topics of what is still asked, in order; also of what parties are asked once they have names."""
        missing = {section_of(self.sections, fact.path).id for fact in self.status.facts if fact.state == "missing"}
        open_topics = missing | {question.topic for question in self.list_open_questions()}
        return [section.id for section in self.sections if section.id in open_topics]

    def read_deal(self, data: bytes) -> Deal:
        """Return the deal that `data` says in place of this file; raise InputError where it is not complete."""
        return pipeline.read(data, str(self.path), self.library, "", self.read_table)

    # -- writing

    def save_answer(self, path: FactPath, value: Any) -> Problem | None:
        """Save `value` as the answer at `path`, or return what is wrong with it there and save nothing."""
        placeholder = self.answer_at((*path[:-1], "short")) if path[0] == "parties" and path[-1] == "name" else None

        def edit(text: str) -> str:
            text = editing.set_answer(text, path, value, self.order_beside(text, path))
            # A party that came with a sample is called by its own name from now on.
            return editing.drop_answer(text, (*path[:-1], "short")) if placeholder in PLACEHOLDERS else text

        return self.change(edit, path)

    def drop_answer(self, path: FactPath) -> None:
        """Take the answer at `path` away: the usual one holds again, if there is one."""
        if self.answer_at(path) is None:
            return
        self.change(lambda text: editing.drop_answer(text, path))

    def drop_entry(self, path: FactPath) -> None:
        """Take an entry out of a list. Answers kept aside for its list go with it: they count entries."""
        self.change(lambda text: _forget_kept_entries(editing.drop_answer(text, path), path[:-1]))

    def list_answers_of_party(self, path: FactPath) -> tuple[FactPath, ...]:
        """Return the answers that only the party at `path` gives: its duties, shares, contributions."""
        number = int(path[1])
        short = self.status.parties[number - 1] if number <= len(self.status.parties) else ""
        return tuple(
            (*fact.path, short)
            for fact in self.status.facts
            if fact.question.structure in (Structure.PER_PARTY, Structure.SHARES)
            and short in (node_as_data(fact.node) if isinstance(node_as_data(fact.node), dict) else ())
        )

    def remove_entry(self, path: FactPath) -> None:
        """Take an entry out of a list, of a party with what only it says; `bring_back` undoes it."""
        others = self.list_answers_of_party(path) if path[0] == "parties" and len(path) == 2 else ()
        entry, with_it = self.answer_at(path), {other: self.answer_at(other) for other in others}
        for other in others:
            self.change(lambda text, gone=other: editing.drop_answer(text, gone))  # type: ignore[misc]
        self.drop_entry(path)
        self.keep_removed(path[:-1], entry, with_it)

    def keep_removed(self, path: FactPath, entry: Any, with_it: Mapping[FactPath, Any]) -> None:
        """Keep aside what was taken out of the answer at `path`."""
        self.change(lambda text: keep_removed(text, path, entry, with_it))

    def last_removed(self, path: FactPath) -> Removed | None:
        """Return what was last taken out of the list at `path` and is not back yet."""
        return find_last_removed(self.text, path)

    def bring_back(self, removed: Removed) -> Problem | None:
        """Put an entry back at the end of its list, with the answers that went with it."""
        count = len(self.answer_at(removed.path) or ())
        problem = self.save_answer((*removed.path, str(count + 1)), removed.entry)
        if problem is None:
            for path, value in removed.with_it.items():
                self.change(lambda text, at=path, said=value: editing.set_answer(text, at, said))  # type: ignore[misc]
            self.change(lambda text: forget_last_removed(text, removed.path))
        return problem

    def bring_chart_back(self, removed: Removed) -> None:
        """Put a RACI chart back as it was before something was taken out of it."""
        chart = editing.set_answer(self.text, removed.path, removed.entry)
        self.change(lambda _: forget_last_removed(chart, removed.path))

    def switch_group(self, path: FactPath, word: str) -> None:
        """Answer a group with "yes" or "no"; what it held is kept aside for as long as the answer is no."""
        given = self.answer_at(path)

        def edit(text: str) -> str:
            kept = editing.read_kept_answers(text)
            said: Any = kept.pop(path, word) if word == "yes" else word
            if word == "no" and isinstance(given, dict):
                kept[path] = given
                self.notes.append(f"Kept aside, because it does not apply now: {'.'.join(path)}.")
            return editing.write_kept_answers(editing.set_answer(text, path, said, self.order_beside(text, path)), kept)

        self.change(edit)

    def move_entry(self, path: FactPath, number: int, to: int) -> None:
        self.change(lambda text: _forget_kept_entries(editing.move_entry(text, path, number, to), path))

    def change(self, edit: Callable[[str], str], path: FactPath | None = None) -> Problem | None:
        """Change the file; with `path`, return a problem that the change makes there, and save nothing."""
        text = self.read_current_text()
        before = self.status_of(text)
        found = edit(text)
        status = self.status_of(found)
        if path is not None:
            problem = status.find_problem(path)
            if problem and problem.code != "not-applicable":
                return problem
        if len(before.parties) == len(status.parties) and set(before.parties) != set(status.parties):
            found = self.rename_parties(found, before, status)
        self.save(self.settle_idle_answers(found))
        return None

    def read_current_text(self) -> str:
        """Return the text as it is on the disk: somebody may have changed it with an editor meanwhile."""
        try:
            data = read_regular_file(self.path, nodes.MAX_BYTES)
        except FileNotFoundError:
            return self.text
        if data != self.data:
            text = nodes.decode_utf8(data, str(self.path)).replace("\r\n", "\n")
            nodes.read_yaml(text, str(self.path), go_on=True)
            self.notes.append("The file was changed by another program meanwhile; its changes are kept.")
            return text
        return self.text

    def save(self, text: str) -> None:
        ends = "\r\n" if b"\r\n" in self.data else "\n"
        mark = b"\xef\xbb\xbf" if self.data.startswith(b"\xef\xbb\xbf") else b""
        data = mark + text.replace("\n", ends).encode()
        # Where the name is a link, the file that it leads to.
        saving.replace_file(self.path.resolve(), data)
        self.data = data
        self.use_text(text)

    def order_beside(self, text: str, path: FactPath) -> Sequence[str]:
        """Return the names beside the first part of `path` that is new, in the order of the form."""
        known: Any = editing.answers_in_text(text)
        questions: tuple[Question, ...] = self.form.questions
        for part in path:
            if not (isinstance(known, dict) and isinstance(known.get(part), (dict, list))):
                if not (isinstance(known, list) and part.isdigit() and int(part) <= len(known)):
                    break
                known = known[int(part) - 1]
                continue
            question = next((question for question in questions if question.key == part), None)
            if question is not None:
                questions = question.parts
            elif part in self.status.context.parties and questions:
                questions = questions[0].parts
            known = known[part]
        keys = tuple(question.key for question in questions)
        return keys if any(keys) else tuple(self.status.context.parties)

    # -- what one answer means for others

    def rename_parties(self, text: str, before: DealStatus, after: DealStatus) -> str:
        """Return `text` with the parties' new short names wherever the old ones stand."""
        names = {
            old: new
            for old, new in zip(before.parties, after.parties, strict=True)
            if old and new and old != new and old not in after.parties
        }
        for fact in before.facts:
            for old, new in names.items():
                if fact.question.structure in (Structure.PER_PARTY, Structure.SHARES) and old in (
                    node_as_data(fact.node) or {}
                ):
                    text = editing.rename_entry(text, (*fact.path, old), new)
                elif isinstance(fact.question.type, PartyType) and node_as_data(fact.node) == old:
                    text = editing.set_answer(text, fact.path, new)
                elif fact.question.structure is Structure.MATRIX and isinstance(said := node_as_data(fact.node), dict):
                    for role, held in (said.get("roles") or {}).items():
                        here = (*fact.path, "roles", role)
                        if held == old:
                            text = editing.set_answer(text, here, new)
                        elif isinstance(held, dict) and held.get("party") == old:
                            text = editing.set_answer(text, (*here, "party"), new)
        if names:
            if any(old in PLACEHOLDERS for old in names):
                text = _replace_placeholders(text, names)
            kept = {
                _replace_names(path, names): _replace_names(said, names)
                for path, said in editing.read_kept_answers(text).items()
            }
            text = editing.write_kept_answers(text, kept)
            told = [(old, new) for old, new in names.items() if old not in PLACEHOLDERS]
            self.notes += [f'"{old}" is called "{new}" everywhere now.' for old, new in told]
        return text

    def find_idle_answer(self, text: str, status: DealStatus) -> FactPath:
        """Return an answer that means nothing now: its condition does not hold, or its topic is left out."""
        data, left_out = editing.answers_in_text(text), self.library.form_of(self.outline_of(text)).left_out_topics
        gone = next(((name,) for name in left_out if name in data), ())
        return gone or next((fact.path for fact in status.facts if fact.state == "idle"), ())

    def settle_idle_answers(self, text: str) -> str:
        """Return `text` with idle answers kept aside, and with those that apply again in their places."""
        kept = editing.read_kept_answers(text)
        may_return = set(kept)
        for _ in range(_MAX_ROUNDS):
            status = self.status_of(text)
            idle = self.find_idle_answer(text, status)
            if idle:
                kept[idle] = editing.value_at(editing.answers_in_text(text), idle)
                text = editing.drop_answer(text, idle)
                self.notes.append(f"Kept aside, because it does not apply now: {'.'.join(idle)}.")
                continue
            back = next((path for path in kept if path in may_return and _may_return(status, path)), None)
            if back is None:
                break
            may_return.discard(back)
            text = editing.set_answer(text, back, kept.pop(back), self.order_beside(text, back))
            self.notes.append(f"It applies again, and is back as you had answered it: {'.'.join(back)}.")
        return editing.write_kept_answers(text, kept)


def _replace_placeholders(text: str, names: Mapping[str, str]) -> str:
    """Return `text` with the parties' own names where a sample's sentences speak of them."""
    for key, value in editing.answers_in_text(text).items():
        said = replace_names(value, names)
        if said != value and key != "parties":
            text = editing.set_answer(text, (key,), said)
    return text


def _may_return(status: DealStatus, path: FactPath) -> bool:
    fact = status.find_fact(path)
    return fact is not None and fact.state in ("missing", "open", "usual")


def _forget_kept_entries(text: str, path: FactPath) -> str:
    """Return `text` without what is kept aside for entries of the list at `path`."""
    kept = editing.read_kept_answers(text)
    return editing.write_kept_answers(text, {at: said for at, said in kept.items() if at[: len(path)] != path})


def _replace_names(said: Any, names: dict[str, str]) -> Any:
    if isinstance(said, dict):
        return {names.get(key, key): _replace_names(value, names) for key, value in said.items()}
    if isinstance(said, (list, tuple)):
        return type(said)(_replace_names(value, names) for value in said)
    return names.get(said, said) if isinstance(said, str) else said

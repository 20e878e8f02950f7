"""What "agreementgen pack check" finds wrong with words: its rules, and all that needs no agreement to be drafted.

Printed wordings are looked at for slips (signs, spaces, capitals, archaic words, words for two parties only), length
and reading grade; texts as they are written for unused answers, conditions, reviews, translations and defined terms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property

from agreementgen.authoring.message_list import list_messages, translations_of
from agreementgen.core.document import Clause, ItemList, Runs, runs_of_block, text_of_runs
from agreementgen.core.places import region_names
from agreementgen.core.problems import PackError, Place, Problem, Severity
from agreementgen.deal.questions import Structure, name_in_clauses, walk_questions
from agreementgen.language.analysis import analyze_text
from agreementgen.language.conditions import read_condition
from agreementgen.language.outcomes import can_all_hold, list_decisions, require
from agreementgen.language.shapes import Shape, group_shape
from agreementgen.library.files import PlacedText
from agreementgen.library.library import PACK_FILE, TRANSLATIONS_FILE, Library, Pack
from agreementgen.library.messages import MESSAGES_FILE, read_messages
from agreementgen.library.topics import ClauseText, TermText, Topic
from agreementgen.packs.layering import list_untranslated

RULES: Mapping[str, tuple[Severity, str]] = {
    "P01": ("E", "A file cannot be read: a fact that does not exist, a tag that is not allowed, a wrong field."),
    "P02": ("W", "A question is asked, and no text, condition or figure uses the answer."),
    "P03": ("E", "A condition can never hold, so what stands behind it is never printed."),
    "P04": ("W", "A condition always holds, so its other branch is never printed."),
    "P05": ("E", "Two clauses of one topic fit the same deal equally well."),
    "P06": ("E", "A text cannot be filled in, or points to a clause, row or schedule that is not there."),
    "P07": ("W", "A word is written like a defined term, and nothing defines it."),
    "P08": ("W", "A term is defined in a clause, and no other text uses it; or it is defined twice."),
    "P09": ("E", "A clause prints more words than its budget."),
    "P10": ("W", "A clause has no budget of words."),
    "P11": ("W", "A clause is hard to read: its Flesch-Kincaid grade is over 13."),
    "P12": ("E", "A text speaks of two parties where there may be more."),
    "P13": ("W", "A printed text has a slip: two spaces, a straight quote, an archaic word, no stop at the end."),
    "P14": ("W", "A question has no prompt in the pack's language."),
    "P15": ("W", "A lawyer reviewed a clause more than a year ago, or on a day that is yet to come."),
    "P16": ("E", "A Word file lacks a style that documents use, or holds what is not allowed."),
    "P17": ("E", "One of the pack's own tests fails."),
    "P18": ("E", "A sample deal cannot be read or built."),
    "P19": ("W", "A sample deal builds with a warning."),
    "P20": ("W", "A condition came to only one of its two outcomes in all agreements that were tried."),
    "P21": ("E", "No agreement that was tried has this clause or row."),
    "P22": ("W", "The library's file under one of the pack's has changed since the pack was last compared with it."),
    "P23": ("N", "A clause has not been reviewed by a lawyer, or has no test."),
    "P24": ("W", "A Word file leaves something out, or names a font that a reader may not have."),
    "P25": ("E", "A rule of the deal check has no test, or does not do what its test says."),
    "P26": ("N", "The questionnaire says something in English, in a pack of another language."),
}


def make_problem(rule: str, message: str, hint: str, place: Place, field: str = "") -> Problem:
    """Return a problem whose code is `rule`, with the severity of that rule."""
    return Problem(message, hint, field, place, code=rule, severity=RULES[rule][0])


def apply_rule(rule: str, problem: Problem) -> Problem:
    """Return a problem that another check found as one of `rule`."""
    return replace(problem, code=rule, severity=RULES[rule][0])


# -- printed wordings


_ARCHAIC = re.compile(
    r"\b(here(by|in|of|to|under|after|with|unto|inafter|tofore)|there(of|in|to|under|after|for|with|upon|from)|"
    r"where(as|of|in|by|upon|fore)|witnesseth|aforesaid|aforementioned|said|same is|such party|pursuant|forthwith|"
    r"notwithstanding|hence|thence|shall|inter alia|mutatis|prior to|in the event (that|of)|null and void)\b",
    re.IGNORECASE,
)
_QUOTES = ("a straight quote", r"['\"]")
_SIGNS = (
    ("two spaces", r"  "),
    ("a space at an end", r"^ | $"),
    ("a space before a sign", r" [,.;:)!?]"),
    ("a space behind a bracket", r"\( "),
    ("two signs", r"[,;:.][,;:]|(?<!\.)\.\.(?!\.)|,\.|;\."),
    ("no space behind a sign", r"[a-z][,;][A-Za-z]|[a-z]{2}\.[A-Z]"),
    _QUOTES,
    ("an empty bracket", r"\(\)"),
    ("a leftover of the language", r"[{}%]\}|\{[{%]"),
    ("an orphan and", r"\b(and|or)[,.;:]|[,;:(] (and|or) (and|or)\b|^(and|or)\b"),
)
# What can be said of two parties only.
_TWO_PARTY_WORDS = re.compile(
    r"\b([Tt]he other (party|side)|[Tt]he other’s|[Ee]ither party|[Nn]either|[Bb]oth parties|[Bb]oth (may|will)|"
    r"[Tt]he other (may|will|of)|for both|to the other[,.; ])"
)


@dataclass(frozen=True)
class Slip:
    """A slip in a printed text: what it is, the words that have it, and those around them.

    `rule` is the rule it breaks, P13 or P12. `english_only`: it is a slip in English, and may be none elsewhere.
    """

    what: str
    words: str
    context: str
    rule: str = "P13"
    english_only: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.context}" if self.context else self.what


def list_slips(text: str, parties: int, patterns: tuple[tuple[str, str], ...] = _SIGNS) -> Iterator[Slip]:
    """Yield what is wrong with one printed text of an agreement of so many parties."""
    for what, pattern in patterns:
        if match := re.search(pattern, text):
            yield Slip(what, match[0], _context_of(match))
    if parties > 2 and (match := _TWO_PARTY_WORDS.search(text)):
        what = f'"{match[0]}" is said of two parties only, and there may be {parties}'
        yield Slip(what, match[0], _context_of(match), "P12", english_only=True)
    yield from list_archaic_words(text)


def list_archaic_words(text: str) -> Iterator[Slip]:
    """Yield the words of legalese in an English text."""
    for match in _ARCHAIC.finditer(text):
        yield Slip(f'archaic "{match[0]}"', match[0], _context_of(match), english_only=True)


def _context_of(match: re.Match[str]) -> str:
    """Return a match with 40 characters before and after it."""
    start, end = max(0, match.start() - 40), match.end() + 40
    return ("…" if start else "") + match.string[start:end] + ("…" if end < len(match.string) else "")


def list_row_slips(label: str, runs: Runs, parties: int) -> Iterator[Slip]:
    """Yield what is wrong with a key-term row. What a user typed stands there, with quotes of any kind."""
    text = text_of_runs(runs)
    patterns = tuple(pattern for pattern in _SIGNS if pattern is not _QUOTES)
    yield from list_slips(text, parties, patterns)
    yield from list_slips(label, parties, patterns)
    if text[:1].islower():
        yield Slip("a small first letter", "", text)


def list_clause_slips(clause: Clause, parties: int) -> Iterator[Slip]:
    """Yield what is wrong with one wording of a clause."""
    for block in clause.blocks:
        for runs in runs_of_block(block):
            text = text_of_runs(runs)
            if not text.strip():
                yield Slip("an empty paragraph", "", "")
            yield from list_slips(text, parties)
            if not isinstance(block, ItemList) and not re.search(r"[.!?:]$", text):
                yield Slip("no stop at the end", "", text)
            for sentence in re.split(r"(?<=[.!?]) ", text):
                if sentence[:1].islower():
                    yield Slip("a small first letter", "", sentence)


def text_of_clause(clause: Clause) -> str:
    """Return the printed text of a clause in one line, without its title."""
    return " ".join(text_of_runs(runs) for block in clause.blocks for runs in runs_of_block(block))


def describe_overrun(clause: Clause, source: ClauseText) -> str:
    """Return by how much a wording is longer than its clause's budget, "" where it is not."""
    count = len(text_of_clause(clause).split())
    return f"{count} words, {source.word_budget} allowed" if source.word_budget and count > source.word_budget else ""


# Contracts that people read are written for grade 9 to 11.
MAX_READING_GRADE = 13.0


def reading_grade(text: str) -> float:
    """Return the school grade of an English text (5 is easy, 18 a statute); 0 for one without words.

    This is the Flesch-Kincaid grade level: 0.39 x words in a sentence + 11.8 x syllables in a word - 15.59 (J. P.
    Kincaid and others, "Derivation of New Readability Formulas", Naval Technical Training Command, 1975). Syllables
    are counted where Pyphen would hyphenate. Headings of one or two words are no sentences.
    """
    sentences = [words for part in re.split(r"(?<=[.!?])\s+", text) if len(words := _split_words(part)) > 2]
    words = _split_words(text)
    if not words:
        return 0.0
    syllables = sum(_count_syllables(word) for word in words)
    return 0.39 * len(words) / (len(sentences) or 1) + 11.8 * syllables / len(words) - 15.59


def _split_words(text: str) -> list[str]:
    return [word for part in text.split() if (word := re.sub(r"[^\w\s]", "", part).lower())]


@cache
def _count_syllables(word: str) -> int:
    from pyphen import Pyphen

    # Pyphen keeps its dictionaries.
    return len(Pyphen(lang="en_US").positions(word)) + 1


# -- texts as they are written


@dataclass(frozen=True, eq=False)
class CheckScope:
    """What of a library a check is about: all of it, or what one pack brought.

    `file_texts` are the files it is about, by the name that places give them.
    """

    library: Library
    pack: Pack | None
    file_texts: Mapping[str, str]

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        return tuple(t for t in self.library.topics.values() if t.question.place.file in self.file_texts)

    @cached_property
    def clauses(self) -> tuple[ClauseText, ...]:
        return tuple(clause for clause in self.library.each_clause() if clause.place.file in self.file_texts)

    @cached_property
    def rows(self) -> tuple[TermText, ...]:
        return tuple(row for topic in self.topics for row in topic.terms if row.place.file in self.file_texts)

    def place_in_file(self, text: PlacedText, inside: Place) -> Place:
        """Return where a line and column of a text stand in its file."""
        return text.locate(self.file_texts.get(text.place.file, ""), inside.line, inside.column)


def check_texts(scope: CheckScope, today: date) -> Iterator[Problem]:
    """Yield everything that can be found without drafting an agreement, but for defined terms (`check_terms`)."""
    yield from _check_unused_answers(scope)
    yield from _check_conditions(scope)
    for clause in scope.clauses:
        if not clause.word_budget:
            yield make_problem("P10", "the clause has no budget of words", 'add "words: 60" or so', clause.place)
    for clause in scope.clauses:
        yield from _check_review(clause, today)
    yield from _check_translations(scope)
    yield from _check_messages(scope)


def _check_unused_answers(scope: CheckScope) -> Iterator[Problem]:
    used, siblings = _find_used_facts(scope.library)
    for topic in scope.topics:
        field = "" if topic.at_top else topic.question.key
        for path, question in walk_questions(topic.questions):
            if question.structure in (Structure.GROUP, Structure.GROUPS, Structure.MATRIX):
                continue
            fact = name_in_clauses(path)
            is_used = question.name in siblings or any(name == fact or name.startswith(f"{fact}.") for name in used)
            if question.printed and question.asked and not is_used:
                message = f'"{path}" is asked, and nothing uses the answer'
                hint = "print it in a row or a clause, or take the question away"
                yield make_problem("P02", message, hint, question.place, field and path)


def _find_used_facts(library: Library) -> tuple[set[str], set[str]]:
    """Return the paths of facts that texts, conditions and figures use, and the names used as `this.name`."""
    facts = library.shape_of_facts()
    # The program itself prints the names of parties.
    used: set[str] = {"parties.name", "parties.short"}
    siblings: set[str] = set()

    def note_text(text: PlacedText, each: str = "") -> None:
        known = facts.with_fields({"each": _entry_shape(facts, each)}) if each else facts
        for name in analyze_text(text.text, Place(), known).facts:
            used.add(f"{each}{name.removeprefix('each')}" if each and name.split(".")[0] == "each" else name)

    def note_condition(when: PlacedText, each: str = "") -> None:
        for names in read_condition(when.text).facts:
            if names[0] == "this":
                siblings.add(names[1])
            used.add(".".join((each, *names[1:]) if names[0] == "each" and each else names))

    for clause in library.each_clause():
        note_text(clause.body)
        note_condition(clause.when)
    for outline in library.outlines.values():
        for line in outline.texts:
            note_text(line)
    for topic in library.topics.values():
        for condition in topic.conditions:
            note_condition(condition.text)
        for row in topic.terms:
            note_text(row.label, row.each)
            note_text(row.says, row.each)
            note_condition(row.when, row.each)
        for schedule in topic.schedules:
            note_condition(schedule.when)
            for column in schedule.columns:
                note_text(column.says, schedule.each)
            for total in (*schedule.totals, schedule.text):
                note_text(total)
        for figure in topic.figures:
            for factor in (*figure.factors, figure.upper_limit):
                used.add(f"{figure.list_name}{factor.removeprefix('each')}" if factor.startswith("each.") else factor)
        for line in topic.party_texts:
            note_text(line, "parties")
        used |= {name_in_clauses(q.among_path) for _, q in walk_questions((topic.question,)) if q.among_path}
    # An entry "for each party" is a party and what is said of it.
    return used | {name.replace(".said", "") for name in used}, siblings


def _entry_shape(facts: Shape, path: str) -> Shape:
    shape = facts.find(path.split("."))
    return shape.item if shape and shape.item else group_shape({})


def _check_conditions(scope: CheckScope) -> Iterator[Problem]:
    """Yield the conditions that always or never hold."""
    facts = scope.library.shape_of_facts()
    for clause in scope.clauses:
        yield from _check_condition(scope, clause.when, facts)
        yield from _check_branches(scope, clause.body, clause.when, facts)
    for row in scope.rows:
        if not row.each:
            yield from _check_condition(scope, row.when, facts)
            yield from _check_branches(scope, row.says, row.when, facts)
    for topic in scope.topics:
        for condition in topic.conditions:
            party = facts.fields["parties"].item or group_shape({})
            this = group_shape({part.name: part.fact_shape(party) for part in condition.siblings})
            yield from _check_condition(scope, condition.text, facts.with_fields({"this": this}))
        for task in topic.typical_tasks:
            if not task.each:
                yield from _check_condition(scope, task.when, facts)


def _check_condition(scope: CheckScope, when: PlacedText, facts: Shape) -> Iterator[Problem]:
    if not when.text:
        return
    place = scope.place_in_file(when, Place("", 1, 1))
    if not can_all_hold(require(when.text, facts)):
        yield make_problem("P03", f'"{when.text}" can never hold', "look at its words", place)
    elif not can_all_hold(require(when.text, facts, outcome=False)):
        yield make_problem("P04", f'"{when.text}" always holds', "leave it out", place)


def _check_branches(scope: CheckScope, text: PlacedText, when: PlacedText, facts: Shape) -> Iterator[Problem]:
    """Yield the conditions inside a text that is printed where `when` holds."""
    base = require(when.text, facts)
    if base and not can_all_hold(base):
        return  # said of the whole text already
    for decision in list_decisions(text.text, Place("", 1, 1), facts):
        if not can_all_hold((*base, *decision.before)):
            continue  # said of the condition around it
        place = scope.place_in_file(text, decision.place)
        if not can_all_hold((*base, *decision.requirements_for(True))):
            message = f'"{decision.condition}" can never hold here'
            yield make_problem("P03", message, "look at its words, and at the conditions around it", place)
        elif not can_all_hold((*base, *decision.requirements_for(False))):
            message = f'"{decision.condition}" always holds here'
            yield make_problem("P04", message, "leave it out, or look at the conditions around it", place)


# A review older than this is to be done again.
REVIEW_VALIDITY = timedelta(days=366)


def _check_review(clause: ClauseText, today: date) -> Iterator[Problem]:
    reviewer, reviewed_on = clause.reviewed
    if not reviewed_on:
        hint = "when one has: reviewed: {by: name, on: 2026-11-28}"
        yield make_problem("P23", "no lawyer has reviewed this clause yet", hint, clause.place)
        return
    try:
        day = date.fromisoformat(reviewed_on)
    except ValueError:
        yield make_problem("P15", f'it was reviewed on "{reviewed_on}", which is no day', "", clause.place)
        return
    if day > today:
        message = f"it was reviewed on {reviewed_on}, which is yet to come"
        yield make_problem("P15", message, "correct the date", clause.place)
    elif today - day > REVIEW_VALIDITY:
        message = f"{reviewer} reviewed it on {reviewed_on}, more than a year ago"
        yield make_problem("P15", message, "have it read again, and change the date", clause.place)


def _is_in_another_language(pack: Pack | None) -> bool:
    return pack is not None and pack.language.split("-")[0] not in ("", "en")


def _check_messages(scope: CheckScope) -> Iterator[Problem]:
    """Find what the questionnaire says in English in a pack of another language."""
    pack = scope.pack
    if pack is None or not _is_in_another_language(pack):
        return
    source = pack.files.get(MESSAGES_FILE)
    hint = f'"agreementgen pack copy {pack.folder} messages" writes all of them into {MESSAGES_FILE}, to be translated'
    if source is None:
        yield make_problem("P26", f"there is no {MESSAGES_FILE}", hint, Place(pack.declaration.name))
        return
    try:
        read_messages(source)
        said = translations_of(pack)
    except PackError as error:
        yield from (apply_rule("P01", problem) for problem in error.problems)
        return
    wanted = [found.text for found in list_messages()]
    done = sum(message in said for message in wanted)
    if done < len(wanted):
        message = f"{done} of {len(wanted)} messages are translated ({done * 100 // len(wanted)} %)"
        yield make_problem("P26", message, hint, Place(source.name))


def _check_translations(scope: CheckScope) -> Iterator[Problem]:
    pack = scope.pack
    if pack is None or not _is_in_another_language(pack):
        return
    missing: dict[str, list[str]] = {}
    offered = {topic for outline in scope.library.offered_outlines.values() for topic in outline.topics}
    topics = {name: topic for name, topic in scope.library.topics.items() if name in offered}
    for path in list_untranslated(pack, topics):
        missing.setdefault(path.split(".")[0], []).append(path)
    place = Place(pack.files.get(TRANSLATIONS_FILE, pack.files[PACK_FILE]).name)
    for key, paths in missing.items():
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        message = f'no prompt in "{pack.language}": {", ".join(paths[:3])}{more}'
        yield make_problem("P14", message, "write them in translations.yaml", place, key)


# -- defined terms

_CAPITALIZED_WORD = r"[A-Z][a-z]+(?:-[A-Za-z]+)?"
_CAPITALIZED = re.compile(rf"(?<=[a-z,;’”] )(?:{_CAPITALIZED_WORD})(?: (?:{_CAPITALIZED_WORD}))*")
_DEFINITION = re.compile(r"\((?:the |each,? an? |an? |together,? )?[“\"]([^”\"]+)[”\"]\)|[“\"]([^”\"]+)[”\"] means\b")
_TAG = r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}"
# The titles of laws, from their first capital to their year.
_LAW_TITLE = r"[A-Z][^.;{}]*?\b(?:Act|Code|Convention|Directive|Law|Order|Regulations?|Rules)\b(?: \d{4})?"
_USUAL_CAPITALS = (
    "Key Terms Standard Schedule Schedules Effective Internet Monday Tuesday Wednesday Thursday Friday Saturday Sunday "
    "January February March April May June July August September October November December English French"
)


def check_terms(scope: CheckScope) -> Iterator[Problem]:
    """Yield words that look defined and are not, and definitions that nothing uses or that stand twice."""
    if _is_in_another_language(scope.pack):
        return  # German writes every noun with a capital, and quotes are others elsewhere
    all_words = [strip_tags(clause.body.text) for clause in scope.library.each_clause()]
    defined: dict[str, str] = {}
    for clause in scope.clauses:
        for match in _DEFINITION.finditer(clause.body.text):
            term = match[1] or match[2]
            place = place_at_index(clause.body, match.start())
            if term in defined:
                message = f'"{term}" is defined in {defined[term]} already'
                yield make_problem("P08", message, "define it once", place)
            elif sum(text.count(term) for text in all_words) < 2:
                hint = "use it, or take the definition away"
                yield make_problem("P08", f'"{term}" is defined, and no text uses it', hint, place)
            defined.setdefault(term, clause.id)
    known = _list_known_words(scope.library) | {word for term in defined for word in term.split()}
    for clause in scope.clauses:
        for match in _CAPITALIZED.finditer(_blank_out_tags(clause.body.text)):
            if not all(word in known for word in match[0].split()):
                message = f'"{match[0]}" is written like a defined term, and nothing defines it'
                hint = f"write it small, or define it: (the “{match[0]}”); a label is {{{{ term('row') }}}}"
                yield make_problem("P07", message, hint, place_at_index(clause.body, match.start()))


def strip_tags(source: str) -> str:
    """Return a text without its tags."""
    return re.sub(_TAG, " ", source, flags=re.DOTALL)


def _blank_out_tags(source: str) -> str:
    """Return a text in which tags and titles of laws are full stops, and everything else is where it was."""
    blanked = re.compile(rf"{_TAG}|(?<=[a-z,] ){_LAW_TITLE}", re.DOTALL)
    return blanked.sub(lambda match: re.sub(r"[^\n]", ".", match[0]), source)


def place_at_index(text: PlacedText, index: int) -> Place:
    """Return the place of a character of a clause's body in its file."""
    line, column = text.text.count("\n", 0, index), index - text.text.rfind("\n", 0, index)
    return Place(text.place.file, text.place.line + line, column)


def _list_known_words(library: Library) -> set[str]:
    """Return the words that are written with a capital without being defined in a clause."""
    texts = [_USUAL_CAPITALS, *region_names()]
    for topic in library.topics.values():
        texts += [topic.title, *(strip_tags(row.label.text) for row in topic.terms)]
    texts += [clause.title for clause in library.each_clause()]
    for outline in library.outlines.values():
        texts += [outline.title, outline.terms_title, strip_tags(outline.standard_terms_title.text)]
        texts += map(str, outline.roles)
    return {word for text in texts for word in re.findall(r"[\w-]+", text)}

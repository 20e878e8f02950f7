"""What "agreementgen pack check" looks for: each rule with its number, how grave it is, and what it means.

How wording must look whatever is chosen: signs, spaces, capitals, plain words, and the number of parties.

How many years of school a text takes to read.

The Flesch-Kincaid grade level: 0.39 x words in a sentence + 11.8 x syllables in a word - 15.59 (J. P. Kincaid and
others, "Derivation of New Readability Formulas", Naval Technical Training Command, 1975). Syllables are counted where
Pyphen would hyphenate. Headings of one or two words are no sentences.

What can be said of a pack's wording without any deal: answers nobody uses, conditions, terms, budgets, reviews.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from agreementgen.core.document import Clause, ItemList, Runs, runs_of_block, text_of_runs
from agreementgen.core.problems import Place, Problem, Severity
from agreementgen.deal.questions import Structure, name_in_clauses, walk_questions
from agreementgen.language import analysis
from agreementgen.language.conditions import can_all_hold, read_condition, require
from agreementgen.language.decisions import list_decisions
from agreementgen.language.shapes import Shape, group_shape
from agreementgen.library.clauses import ClauseText, TermText
from agreementgen.library.declarations import PlacedText
from agreementgen.library.library import Library
from agreementgen.library.pack import Pack
from agreementgen.library.topics import Topic
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
}


def make_problem(rule: str, message: str, hint: str, place: Place, field: str = "") -> Problem:
    """Return a problem with the severity of its rule."""
    return Problem(message, hint, field, place, code=rule, severity=RULES[rule][0])


_ARCHAIC = re.compile(
    r"\b(here(by|in|of|to|under|after|with|unto|inafter|tofore)|there(of|in|to|under|after|for|with|upon|from)|"
    r"where(as|of|in|by|upon|fore)|witnesseth|aforesaid|aforementioned|said|same is|such party|pursuant|forthwith|"
    r"notwithstanding|hence|thence|shall|inter alia|mutatis|prior to|in the event (that|of)|null and void)\b",
    re.IGNORECASE,
)
_STRAIGHT_QUOTE = "a straight quote"
_SLIPS = {
    "two spaces": r"  ",
    "a space at an end": r"^ | $",
    "a space before a sign": r" [,.;:)!?]",
    "a space behind a bracket": r"\( ",
    "two signs": r"[,;:.][,;:]|(?<!\.)\.\.(?!\.)|,\.|;\.",
    "no space behind a sign": r"[a-z][,;][A-Za-z]|[a-z]{2}\.[A-Z]",
    _STRAIGHT_QUOTE: r"['\"]",
    "an empty bracket": r"\(\)",
    "a leftover of the language": r"[{}%]\}|\{[{%]",
    "an orphan and": r"\b(and|or)[,.;:]|[,;:(] (and|or) (and|or)\b|^(and|or)\b",
}
# What can be said of two parties only.
_TWO_PARTY_WORDS = re.compile(
    r"\b([Tt]he other (party|side)|[Tt]he other’s|[Ee]ither party|[Nn]either|[Bb]oth parties|[Bb]oth (may|will)|"
    r"[Tt]he other (may|will|of)|for both|to the other[,.; ])"
)


@dataclass(frozen=True)
class Slip:
    """A slip in a printed text: what it is, the words found, and those around them.

    `english`: whether it is one in English only.
    """

    kind: str
    words: str
    context: str
    english_only: bool = False

    def __str__(self) -> str:
        return f"{self.kind}: {self.context}" if self.context else self.kind


TWO_ONLY = "said of two parties only"


def list_slips(text: str, parties: int) -> Iterator[Slip]:
    """Yield what is wrong with one printed text of an agreement of so many parties."""
    for name, pattern in _SLIPS.items():
        if match := re.search(pattern, text):
            yield Slip(name, match[0], _context_of(text, match))
    if parties > 2 and (match := _TWO_PARTY_WORDS.search(text)):
        what = f'"{match[0]}" is {TWO_ONLY}, and there may be {parties}'
        yield Slip(what, match[0], _context_of(text, match), english_only=True)
    yield from list_archaic_words(text)


def list_archaic_words(text: str) -> Iterator[Slip]:
    for match in _ARCHAIC.finditer(text):
        yield Slip(f'archaic "{match[0]}"', match[0], _context_of(text, match), english_only=True)


def list_row_slips(label: str, runs: Runs, parties: int) -> Iterator[Slip]:
    """Yield what is wrong with a row of the key terms. What a user typed stands there, with its own quotes."""
    text = text_of_runs(runs)
    yield from (
        fault for fault in (*list_slips(text, parties), *list_slips(label, parties)) if fault.kind != _STRAIGHT_QUOTE
    )
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


def strip_tags(source: str) -> str:
    """Return a text without its tags."""
    return re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", source, flags=re.DOTALL)


def _context_of(text: str, match: re.Match[str]) -> str:
    """Return the words around what was found."""
    start, end = max(0, match.start() - 40), match.end() + 40
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")


# Contracts that people read are written for grade 9 to 11.
MAX_READING_GRADE = 13.0


def reading_grade(text: str, language: str = "en_US") -> float:
    """Return the school grade of an English text (5 is easy, 18 a statute); 0 for one without words."""
    sentences = [found for found in map(_split_words, re.split(r"(?<=[.!?])\s+", text)) if len(found) > 2]
    words = _split_words(text)
    if not words:
        return 0.0
    syllables = sum(_count_syllables(word, language) for word in words)
    return 0.39 * len(words) / (len(sentences) or 1) + 11.8 * syllables / len(words) - 15.59


def _split_words(text: str) -> list[str]:
    return [word for word in (re.sub(r"[^\w\s]", "", part).lower() for part in text.split()) if word]


@cache
def _count_syllables(word: str, language: str) -> int:
    from pyphen import Pyphen

    # Pyphen keeps its dictionaries.
    return len(Pyphen(lang=language).positions(word)) + 1


# A review older than this is to be done again.
REVIEW_VALIDITY = timedelta(days=366)


@dataclass(frozen=True, eq=False)
class CheckScope:
    """What of a library a check is about: all of it, or what one pack brought. `raw` are the texts of its files."""

    library: Library
    clauses: tuple[ClauseText, ...]
    topics: tuple[Topic, ...]
    rows: tuple[TermText, ...]
    file_texts: Mapping[str, str]
    pack: Pack | None = None

    @staticmethod
    def of_files(library: Library, pack: Pack | None, raw: Mapping[str, str]) -> CheckScope:
        def ours(place: Place) -> bool:
            return place.file in raw

        topics = tuple(t for t in library.topics.values() if ours(t.question.place))
        clauses = tuple(c for found in library.clauses.values() for c in found if ours(c.place))
        return CheckScope(library, clauses, topics, tuple(row for topic in topics for row in topic.terms), raw, pack)

    def place_in_file(self, text: PlacedText, inside: Place) -> Place:
        """Return where a line and column of a text stand in its file."""
        return text.locate(self.file_texts.get(text.place.file, ""), inside.line, inside.column)


def check_texts(own: CheckScope, today: date) -> Iterator[Problem]:
    """Yield everything that can be found without making an agreement."""
    yield from check_unused_answers(own)
    yield from check_decided_conditions(own)
    yield from check_budgets(own)
    yield from check_reviews(own, today)
    yield from check_translations(own)


# -- answers nobody uses


def check_unused_answers(own: CheckScope) -> Iterator[Problem]:
    used, named = _find_used_facts(own.library)
    for topic in own.topics:
        start = "" if topic.at_top else topic.question.key
        for path, question in walk_questions(topic.question.parts if topic.at_top else (topic.question,)):
            if question.structure in (Structure.GROUP, Structure.GROUPS, Structure.MATRIX) or not (
                question.printed and question.asked
            ):
                continue
            fact = name_in_clauses(path)
            if question.name in named or any(name == fact or name.startswith(f"{fact}.") for name in used):
                continue
            message = f'"{path}" is asked, and nothing uses the answer'
            hint = "print it in a row or a clause, or take the question away"
            yield make_problem("P02", message, hint, question.place, start and path)


def _find_used_facts(library: Library) -> tuple[set[str], set[str]]:
    """Return the paths of facts that texts, conditions and figures use, and the names used as `this.name`."""
    facts = library.shape_of_facts()
    # The program itself prints the names of parties.
    used: set[str] = {"parties.name", "parties.short"}
    named: set[str] = set()

    def text(source: str, each: str = "") -> None:
        shape = facts.with_fields({"each": _entry_shape(facts, each)}) if each else facts
        for name in analysis.analyze_text(source, Place(), shape).facts:
            used.add(f"{each}{name.removeprefix('each')}" if each and name.split(".")[0] == "each" else name)

    def condition(source: str, each: str = "") -> None:
        for names in read_condition(source).facts:
            if names[0] == "this":
                named.add(names[1])
            used.add(".".join((each, *names[1:]) if names[0] == "each" and each else names))

    for clause in (clause for found in library.clauses.values() for clause in found):
        text(clause.body.text)
        condition(clause.when.text)
    for outline in library.outlines.values():
        for line in (outline.heading, outline.subtitle, outline.footer, outline.standard_terms_title, outline.agreed):
            text(line.text)
    for topic in library.topics.values():
        for one in topic.conditions:
            condition(one.text.text)
        for row in topic.terms:
            text(row.label.text, row.each)
            text(row.says.text, row.each)
            condition(row.when.text, row.each)
        for schedule in topic.schedules:
            condition(schedule.when.text)
            for column in schedule.columns:
                text(column.says.text, schedule.each)
            for total in schedule.totals:
                text(total.text)
        for figure in topic.figures:
            for factor in (*figure.factors, figure.upper_limit):
                used.add(f"{figure.list_name}{factor.removeprefix('each')}" if factor.startswith("each.") else factor)
        for line in (*topic.box_lines, *([topic.signature_line] if topic.signature_line else [])):
            text(line.text, "parties")
        used |= {
            name_in_clauses(question.among_path)
            for _, question in walk_questions((topic.question,))
            if question.among_path
        }
    # An entry "for each party" is a party and what is said of it.
    return used | {name.replace(".said", "") for name in used}, named


def _entry_shape(facts: Shape, path: str) -> Shape:
    shape = facts.find(path.split("."))
    return shape.item if shape and shape.item else group_shape({})


# -- conditions that are always or never so


def check_decided_conditions(own: CheckScope) -> Iterator[Problem]:
    facts = own.library.shape_of_facts()
    for clause in own.clauses:
        yield from _check_condition(own, clause.when, facts)
        yield from _check_branches(own, clause.body, clause.when, facts)
    for row in own.rows:
        if not row.each:
            yield from _check_condition(own, row.when, facts)
            yield from _check_branches(own, row.says, row.when, facts)
    for topic in own.topics:
        for condition in topic.conditions:
            party = facts.fields["parties"].item or group_shape({})
            this = group_shape({part.name: part.fact_shape(party) for part in condition.siblings})
            yield from _check_condition(own, condition.text, facts.with_fields({"this": this}))


def _check_condition(own: CheckScope, text: PlacedText, facts: Shape) -> Iterator[Problem]:
    if not text.text:
        return
    place = own.place_in_file(text, Place("", 1, 1))
    if not can_all_hold(require(text.text, facts)):
        yield make_problem("P03", f'"{text.text}" can never hold', "look at its words", place)
    elif not can_all_hold(require(text.text, facts, outcome=False)):
        yield make_problem("P04", f'"{text.text}" always holds', "leave it out", place)


def _check_branches(own: CheckScope, text: PlacedText, when: PlacedText, facts: Shape) -> Iterator[Problem]:
    base = require(when.text, facts)
    if base and not can_all_hold(base):
        return  # said of the whole text already
    for decision in list_decisions(text.text, Place("", 1, 1), facts):
        if not can_all_hold((*base, *decision.before)):
            continue  # said of the condition around it
        where = own.place_in_file(text, decision.place)
        if not can_all_hold((*base, *decision.requirements_for(True))):
            message = f'"{decision.condition}" can never hold here'
            yield make_problem("P03", message, "look at its words, and at the conditions around it", where)
        elif not can_all_hold((*base, *decision.requirements_for(False))):
            message = f'"{decision.condition}" always holds here'
            yield make_problem("P04", message, "leave it out, or look at the conditions around it", where)


# -- what front matter says


def check_budgets(own: CheckScope) -> Iterator[Problem]:
    for clause in own.clauses:
        if not clause.word_budget:
            yield make_problem("P10", "the clause has no budget of words", 'add "words: 60" or so', clause.place)


def check_reviews(own: CheckScope, today: date) -> Iterator[Problem]:
    for clause in own.clauses:
        by, on = clause.reviewed
        if not on:
            hint = "when one has: reviewed: {by: name, on: 2026-11-28}"
            yield make_problem("P23", "no lawyer has reviewed this clause yet", hint, clause.place)
            continue
        try:
            day = date.fromisoformat(on)
        except ValueError:
            yield make_problem("P15", f'it was reviewed on "{on}", which is no day', "", clause.place)
            continue
        if day > today:
            yield make_problem(
                "P15", f"it was reviewed on {on}, which is yet to come", "correct the date", clause.place
            )
        elif today - day > REVIEW_VALIDITY:
            hint = "have it read again, and change the date"
            yield make_problem("P15", f"{by} reviewed it on {on}, more than a year ago", hint, clause.place)


def check_translations(own: CheckScope) -> Iterator[Problem]:
    pack = own.pack
    if pack is None or not pack.language or pack.language.split("-")[0] == "en":
        return
    missing: dict[str, list[str]] = {}
    for path in list_untranslated(pack, own.library.topics):
        missing.setdefault(path.split(".")[0], []).append(path)
    for key, paths in missing.items():
        more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
        message = f'no prompt in "{pack.language}": {", ".join(paths[:3])}{more}'
        where = Place(pack.files["translations.yaml" if "translations.yaml" in pack.files else "pack.yaml"].name)
        yield make_problem("P14", message, "write them in translations.yaml", where, key)


# -- defined terms

_CAPITALIZED_WORD = r"[A-Z][a-z]+(?:-[A-Za-z]+)?"
_CAPITALIZED = re.compile(rf"(?<=[a-z,;’”] )(?:{_CAPITALIZED_WORD})(?: (?:{_CAPITALIZED_WORD}))*")
_DEFINITION = re.compile(r"\((?:the |each,? an? |an? |together,? )?[“\"]([^”\"]+)[”\"]\)|[“\"]([^”\"]+)[”\"] means\b")


def check_terms(own: CheckScope) -> Iterator[Problem]:
    """Yield words that look defined and are not, and definitions that nothing uses or that stand twice."""
    everything = {clause.id: strip_tags(clause.body.text) for f in own.library.clauses.values() for clause in f}
    defined: dict[str, str] = {}
    for clause in own.clauses:
        for match in _DEFINITION.finditer(clause.body.text):
            term = match[1] or match[2]
            where = place_at_index(clause.body, match.start())
            if term in defined:
                message = f'"{term}" is defined in {defined[term]} already'
                yield make_problem("P08", message, "define it once", where)
            elif sum(text.count(term) for text in everything.values()) < 2:
                hint = "use it, or take the definition away"
                yield make_problem("P08", f'"{term}" is defined, and no text uses it', hint, where)
            defined.setdefault(term, clause.id)
    known = _list_known_words(own.library) | {word for term in defined for word in term.split()}
    for clause in own.clauses:
        for match in _CAPITALIZED.finditer(_blank_out_tags(clause.body.text)):
            words = match[0].split()
            if not all(word in known for word in words):
                message = f'"{match[0]}" is written like a defined term, and nothing defines it'
                hint = f"write it small, or define it: (the “{match[0]}”); a label is {{{{ term('row') }}}}"
                yield make_problem("P07", message, hint, place_at_index(clause.body, match.start()))


# The titles of laws, from their first capital to their year.
_LAW_TITLE = r"[A-Z][^.;{}]*?\b(?:Act|Code|Convention|Directive|Law|Order|Regulations?|Rules)\b(?: \d{4})?"


def _blank_out_tags(source: str) -> str:
    """Return a text in which tags and titles of laws are full stops, and everything else is where it was."""
    parts = re.compile(rf"\{{\{{.*?\}}\}}|\{{%.*?%\}}|\{{#.*?#\}}|(?<=[a-z,] ){_LAW_TITLE}", re.DOTALL)
    return parts.sub(lambda match: re.sub(r"[^\n]", ".", match[0]), source)


def place_at_index(text: PlacedText, index: int) -> Place:
    """Return the place of a character of a clause's body in its file."""
    line, column = text.text.count("\n", 0, index), index - text.text.rfind("\n", 0, index)
    return Place(text.place.file, text.place.line + line, column)


def _list_known_words(library: Library) -> set[str]:
    from agreementgen.core.values import region_names

    found = ["Key Terms Standard Schedule Schedules Effective Internet Monday Tuesday Wednesday Thursday Friday"]
    found += ["Saturday Sunday January February March April May June July August September October November December"]
    found += [strip_tags(row.label.text) for topic in library.topics.values() for row in topic.terms]
    found += [clause.title for clauses in library.clauses.values() for clause in clauses]
    found += [topic.title for topic in library.topics.values()]
    for outline in library.outlines.values():
        found += [
            outline.title,
            outline.terms_title,
            strip_tags(outline.standard_terms_title.text),
            *map(str, outline.roles),
        ]
    found += region_names()
    return {word for text in found for word in re.findall(r"[\w-]+", text)}

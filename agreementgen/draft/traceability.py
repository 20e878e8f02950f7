"""Facts and print, both ways: what was typed and stands nowhere, and what stands there and nobody typed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from weakref import WeakKeyDictionary

from agreementgen.core import values
from agreementgen.core.document import Document, text_of_document
from agreementgen.core.problems import Place, Problem
from agreementgen.core.typography import straighten
from agreementgen.core.values import Choice, Duration, Money, Percent, Region
from agreementgen.deal.deal import Answer, Deal
from agreementgen.deal.questions import Structure
from agreementgen.language.filters import drop_final_stop
from agreementgen.library.files import TEXT_ENDINGS
from agreementgen.library.library import Library

_NUMBER = re.compile(r"\d(?:[\d,.:/]*\d)?")
_DIGIT = re.compile(r"\d")
_NO_CENTS = re.compile(r"[.,]00(00)?$")


def find_unprinted_facts(deal: Deal, document: Document) -> tuple[Problem, ...]:
    """Return a warning for every typed fact whose words stand nowhere in `document`.

    Facts whose answer is a choice or yes/no select wording instead of being printed, and are left out here.
    """
    hint = "it may depend on another answer; look whether the agreement says what you mean"
    return tuple(
        Problem(
            f'"{words}" was given, but the agreement does not print it',
            hint,
            answer.path,
            answer.place,
            code="not-printed",
            severity="W",
        )
        for answer, words in _each_fact_missing_in(text_of_document(document), deal)
    )


def find_facts_missing_in_word_file(deal: Deal, document: Document, text: str, name: str) -> tuple[Problem, ...]:
    """Return one warning that names all facts in the heading, parties and signatures of `document` but not in `text`.

    `text` is that of a Word file made by the template `name`; its key terms and clauses are looked after elsewhere.
    """
    heads = [document.title, document.effective]
    heads += [line for box in document.parties for line in (box.name, *box.lines)]
    heads += [text for signature in document.signatures for text in (signature.party, signature.signatory)]
    printed, filled = _fold("\n".join(heads)), _join_words(text)
    missing = [
        f"{answer.path} ({words})"
        for answer, words in (
            *_each_fact_missing_in(filled, deal, _join_words),
            *_each_choice_missing_in(filled, deal),
        )
        if _fold(words) in printed
    ]
    if not missing:
        return ()
    listed = ", ".join(missing[:8]) + (f" and {len(missing) - 8} more" if len(missing) > 8 else "")
    message = f"the Word file leaves out facts that the PDF prints: {listed}"
    return (Problem(message, "place them in the template", "", Place(name), code="word-not-printed", severity="W"),)


def find_untraceable_numbers(deal: Deal, library: Library, document: Document) -> tuple[Problem, ...]:
    """Return a warning for numbers that `document` prints and that stand neither in the deal nor in the library."""
    text = text_of_document(document)
    # One word on a line: in a single text all numbers are found at once.
    facts = "\n".join(_words_with_numbers(deal.facts, deal.language))
    # What the program counts itself.
    counted = {str(clause.number) for clause in document.clauses}
    unknown = {*_each_number(text)} - {*_each_number(facts)} - _numbers_of_library(library) - counted
    if not unknown:
        return ()
    found = [(number, line) for line in text.split("\n") for number in _each_number(line) if number in unknown]
    hint = "this is a fault of the program or of a clause: read that line twice, and please report it"
    return tuple(
        Problem(
            f'"{number}" stands in no answer and in no clause: {line[:80]}',
            hint,
            "",
            Place(deal.source),
            code="not-traceable",
            severity="W",
        )
        for number, line in found[:3]
    )


def _each_number(text: str) -> Iterator[str]:
    """Yield the numbers in a text, without cents where there are none: columns of prices print 12 as 12.00."""
    return (_NO_CENTS.sub("", number) for number in _NUMBER.findall(text))


_numbers: WeakKeyDictionary[Library, frozenset[str]] = WeakKeyDictionary()


def _numbers_of_library(library: Library) -> frozenset[str]:
    """Return the numbers in the texts of a library and its packs; they are looked for once."""
    if library not in _numbers:
        sources = [*library.files.values(), *(source for pack in library.packs for source in pack.files.values())]
        texts = (source.text for source in sources if source.name.endswith(TEXT_ENDINGS))
        _numbers[library] = frozenset(number for text in texts for number in _each_number(text))
    return _numbers[library]


def _words_with_numbers(value: object, language: str) -> list[str]:
    """Return all forms in which facts may be printed, and what they are as text, of those with a number in them."""
    match value:
        case None | bool():
            return []
        case dict():
            return [word for item in value.values() for word in _words_with_numbers(item, language)]
        case tuple() | list():
            return [word for item in value for word in _words_with_numbers(item, language)]
        case str() if not _DIGIT.search(value):
            return []
    return [str(value), *(form for forms in forms_of_value(value, language) for form in forms)]


def _join_words(text: str) -> str:
    return "".join(straighten(text).split()).casefold()


def _fold(text: str) -> str:
    return straighten(text).casefold()


def _each_fact_missing_in(
    text: str, deal: Deal, normalize: Callable[[str], str] = _fold
) -> Iterator[tuple[Answer, str]]:
    """Yield each typed fact of which no form stands in `text`, with its usual form."""
    text = normalize(text)
    for answer in deal.answers:
        for forms in printed_forms(answer, deal.language) if answer.typed and answer.question.printed else ():
            if not any(normalize(form) in text for form in forms):
                yield answer, forms[0]


def _each_choice_missing_in(text: str, deal: Deal) -> Iterator[tuple[Answer, str]]:
    """Yield each choice that was made whose own words do not stand in `text`, such as the legal form of a party."""
    for answer in deal.answers:
        if answer.typed and isinstance(answer.value, Choice):
            words = values.format_value(answer.value, deal.language)
            if words and _join_words(words) not in text:
                yield answer, words


def printed_forms(answer: Answer, language: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each leaf of a fact, the forms in which it may be printed."""
    match answer.question.structure:
        case Structure.GROUP | Structure.GROUPS:
            return  # their parts are answers of their own
        case Structure.PER_PARTY | Structure.SHARES:
            for entry in answer.value:
                yield from forms_of_value(entry.get("said", entry.get("share")), language)
        case _:
            yield from forms_of_value(answer.value, language)


def forms_of_value(value: object, language: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each leaf of a value, the forms in which it may be printed."""
    match value:
        case Choice() | bool() | None | dict():
            return
        case tuple():
            for item in value:
                yield from forms_of_value(item, language)
        case Duration() if value.count:
            words = values.format_duration(value, language)
            yield words, values.format_adjective(value, language), values.possessive_of(words)
        case Percent() if value.number:
            yield (values.format_value(value, language),)
        case str() | Money() | Region() | date() | int() | Decimal():
            words = values.format_value(value, language)
            yield words, drop_final_stop(words), values.group_digits(words, language)

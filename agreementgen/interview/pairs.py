"""Two answers in one line: "14 Harbor Street, Salem, MA 01970, dana@northshore.example".

Questions whose answers people write down together are asked together (`asked with` in a topic). A line is divided only
where both parts can be read; otherwise it answers the first question, and the other is asked by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agreementgen.core.values import Unreadable
from agreementgen.deal.party_names import fold_name
from agreementgen.deal.question_types import read_answer
from agreementgen.deal.questions import AnswerContext, Question
from agreementgen.interview.doubts import find_kind_in_name

_BETWEEN = re.compile(r"\s*[,;]\s*|\s+")
# Words that lead over to the second answer.
_LEADING = re.compile(r"^(?:(?:and|kept by|by|on|in|due|worth|formed in|an?)\s+)+", re.IGNORECASE)
# "Elm Bakery Inc., a Delaware corporation".
_FORMED = re.compile(
    r"(?P<name>.+?),? an? (?P<place>[\w. ]+?) (?:nonprofit |professional )?(?:corporation|limited liability company|"
    r"LLC|limited partnership|company|corp\.?)$",
    re.IGNORECASE,
)
# The same words before a comma or a name.
_TRAILING = re.compile(r"(?:[\s,;]+(?:and|kept by|by))+$", re.IGNORECASE)
# Longer lines are no two answers.
_MOST_CHARACTERS = 400


def split_answers(first: Question, second: Question, text: str, context: AnswerContext) -> tuple[str, str]:
    """Return the two answers in a line; the second is "" where it holds only one."""
    if len(text) > _MOST_CHARACTERS:
        return text, ""
    before, sign, after = (part.strip() for part in text.partition(";"))
    if sign and before and after and ";" not in after and _may_be(second, after, context):
        return before, after
    if second.type.fact_kind == "text" and _is_readable(first, text, context):
        return _split_places(first, second, text, context)
    if first.key == "name" and (match := _FORMED.match(text)) and _is_readable(second, match["place"], context):
        return match["name"], match["place"]
    parts = [(before, after) for before, after in _each_division(text) if _is_whole(first, text, before, context)]
    exact = ((before, after) for before, after in parts if _is_readable(second, after, context))
    likely = ((before, after) for before, after in parts if _may_be(second, after, context))
    return next(exact, None) or next(likely, (text, ""))


def _split_places(first: Question, second: Question, text: str, context: AnswerContext) -> tuple[str, str]:
    """Divide places: "Ohio, Dayton, Ohio" is law and courts; "Dayton, Ohio" is a town, which says both."""
    for before, after in _each_division(text):
        if "," not in before and "," in after and _is_readable(first, before, context):
            return before, after
    state = text.rpartition(",")[2].strip()
    has_town = state != text and _is_readable(first, state, context) and _is_readable(second, text, context)
    return (state, text) if has_town else (text, "")


def word_for(question: Question, text: str, context: AnswerContext) -> str:
    """Return the word that an answer has in a deal file, where it was typed as the prompt shows it.

    A party may be called by its legal name, in small letters, or by its first words, where no other begins so.
    """
    says = {label.lower(): word for word, label in (question.words or {}).items()}
    if question.type.names_party and text not in context.parties and (typed := fold_name(text)):
        parties = context.parties.items()
        names = {short: {fold_name(short), fold_name(str(party["name"] or ""))} for short, party in parties}
        whole = [short for short, folded in names.items() if typed in folded]
        begun = [short for short, folded in names.items() if any(name.startswith(f"{typed} ") for name in folded)]
        if len(found := whole or begun) == 1:
            return found[0]
    return says.get(text.lower(), text)


def join_answers(second: Question, one: str, other: str) -> str:
    """Return two answers as one line that `split_answers` divides again."""
    return f"{one}{'; ' if second.type.fact_kind == 'text' else ', '}{other}"


def _each_division(text: str) -> Iterator[tuple[str, str]]:
    """Yield each two parts of a line, the shortest second part first."""
    for between in reversed(list(_BETWEEN.finditer(text))):
        before = _TRAILING.sub("", text[: between.start()].rstrip(" /|:-–"))
        after = _LEADING.sub("", text[between.end() :], count=1)
        after = re.sub(r"^\((.*)\)$", r"\1", after)
        if before and after:
            yield before, after


def _is_whole(question: Question, text: str, before: str, context: AnswerContext) -> bool:
    """Return whether the beginning of a text can be an answer: of a name where a legal form or a comma ends it."""
    if question.key == "name":
        return bool(find_kind_in_name(before)) or text[len(before) :].lstrip().startswith(",")
    return _is_readable(question, before, context)


def _is_readable(question: Question, text: str, context: AnswerContext) -> bool:
    try:
        read_answer(question, word_for(question, text, context), context)
    except Unreadable:
        return False
    return True


def _may_be(question: Question, text: str, context: AnswerContext) -> bool:
    """Return whether a text is an answer, or has a reading that is one."""
    try:
        read_answer(question, text, context)
    except Unreadable as error:
        return bool(error.readings)
    return True

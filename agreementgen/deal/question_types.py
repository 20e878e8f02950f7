"""The types of questions: how each is read from text, described as JSON Schema, shown by an example, and asked for.

To add a type, write a class here and name it in `TYPES`; docs/recipes.md has an example. Values are those of
core/values, and print themselves. How an answer stands in a deal file is its `Structure`: a new one also needs a reader
(deal/answers), lines in the forms (deal/forms) and a screen (interview).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from agreementgen.core import places, readings, values
from agreementgen.core.problems import collapse_spaces, find_forbidden_character, quote_text
from agreementgen.core.values import Choice, Duration, Money, Percent, Region, Unreadable
from agreementgen.deal.questions import AnswerContext, Question, QuestionType, Schema, Structure, suggest_choice
from agreementgen.language.shapes import Shape, group_shape, list_shape
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode

# Longer than any sentence of a one-page agreement: where a question sets no limit, this one holds.
MAX_CHARACTERS = 1000


# -- one value


class TextType(QuestionType):
    name = "text"
    schema_types = ("string", "number")

    def read(self, text: str, question: Question, context: AnswerContext) -> str:
        return values.read_text(text)

    def json_schema(self, question: Question) -> Schema:
        limit = question.limits.characters
        return super().json_schema(question) | ({"maxLength": limit} if limit else {})


class ChoiceType(QuestionType):
    name = fact_kind = "choice"
    is_chosen = True

    def read(self, text: str, question: Question, context: AnswerContext) -> Choice:
        choices = question.choices or {}
        for word, says in choices.items():
            if text.lower() == word.lower():
                return Choice(word, says)
        for word, says in choices.items():
            if text.lower() == says.lower():
                return Choice(word, says)
        message = f'"{quote_text(text)}" is not one of the choices'
        raise Unreadable(message, suggest_choice(text, choices), code="not-a-choice")

    def json_schema(self, question: Question) -> Schema:
        return {"enum": words_for_schema(list(question.choices or {}))}


class YesNoType(QuestionType):
    name = fact_kind = "yes/no"
    is_chosen = True

    def read(self, text: str, question: Question, context: AnswerContext) -> bool:
        return values.read_yes_no(text)

    def json_schema(self, question: Question) -> Schema:
        return {"enum": words_for_schema(["yes", "no"])}

    def list_options(self, question: Question, context: AnswerContext) -> tuple[tuple[str, str], ...]:
        return ("yes", "yes"), ("no", "no")


class _NumericType(QuestionType):
    is_measured = True
    sheet_format = ""


class IntegerType(_NumericType):
    name = fact_kind = "integer"
    schema_types = ("integer", "string")

    def read(self, text: str, question: Question, context: AnswerContext) -> int:
        return values.read_integer(text)

    def size_of(self, value: int) -> int:
        return value


class NumberType(_NumericType):
    name = fact_kind = "number"
    schema_types = ("string", "number")

    def read(self, text: str, question: Question, context: AnswerContext) -> Decimal:
        return values.read_number(text)

    def size_of(self, value: Decimal) -> Decimal:
        return value


class PercentType(_NumericType):
    name = fact_kind = "percent"
    zero, amount = "0%", "10%"
    pattern = r"^[0-9.,]+ ?(%|[Pp]er ?[Cc]ent|pct\.?)$"

    def read(self, text: str, question: Question, context: AnswerContext) -> Percent:
        if question.counts_by and (yearly := readings.percent_of_year(text)) is not None:
            message = f'"{quote_text(text)}" counts by the year, and this by the {question.counts_by}'
            monthly = readings.percent_of_month(yearly)
            hint = 'none is exactly a twelfth of it; write one such as "1%", which is 12% a year'
            raise Unreadable(message, "" if monthly else hint, readings=[monthly] if monthly else [])
        return values.read_percent(text)

    def size_of(self, value: Percent) -> Decimal:
        return value.number


class MoneyType(_NumericType):
    name = fact_kind = "money"
    zero, amount = "$0", "$500"
    schema_types = ("string", "number")

    def read(self, text: str, question: Question, context: AnswerContext) -> Money:
        return values.read_money(text, context.currency)

    def size_of(self, value: Money) -> Decimal:
        return value.amount


class UnitPriceType(MoneyType):
    name = "unit price"

    def read(self, text: str, question: Question, context: AnswerContext) -> Money:
        return values.read_unit_price(text, context.currency)


class PercentOrMoneyType(_NumericType):
    """Limits are for percentages: an amount of money has none."""

    name = fact_kind = "percent or money"
    zero = "0%"
    schema_types = ("string", "number")

    def read(self, text: str, question: Question, context: AnswerContext) -> Percent | Money:
        if re.search(r"%|per ?cent|pct", text, re.IGNORECASE):
            return values.read_percent(text)
        if re.fullmatch(r"[0-9.,]{1,20}", text):
            percentages = readings.list_percentages(text)
            amounts = [f"{amount} {context.currency}" for amount in readings.list_numbers(text, 2) or [text]]
            meant = [reading for reading in (*percentages, *amounts) if self._is_readable(reading, question, context)]
            hint = "" if meant else f'write it like "10%" or "500 {context.currency}"'
            raise Unreadable(f'"{text}" can be a percentage or an amount', hint, readings=meant)
        if re.fullmatch(r"[\d.,\s]+", text):
            message = f'"{quote_text(text)}" is not written in ordinary digits'
            raise Unreadable(message, f'write it like "10%" or "500 {context.currency}"')
        if not re.search(r"\d", text):
            meant = [
                *(readings.list_percentages(text) if readings.number_in_words(text) is None else ()),
                *readings.list_amounts(text, context.currency, 2),
            ]
            message = f'"{quote_text(text)}" is neither a percentage nor an amount of money'
            hint = "" if meant else f'write it like "10%" or "500 {context.currency}"'
            raise Unreadable(message, hint, readings=meant)
        return values.read_money(text, context.currency)

    def _is_readable(self, text: str, question: Question, context: AnswerContext) -> bool:
        try:
            return self.read(text, question, context) is not None
        except Unreadable:
            return False

    def size_of(self, value: Percent | Money) -> Decimal | None:
        return value.number if isinstance(value, Percent) else None


class NumberOrMoneyType(_NumericType):
    """A count or an amount. Limits are for counts: an amount of money has none."""

    name = fact_kind = "number or money"
    zero, amount = "1", "$500"
    schema_types = ("integer", "string")

    def read(self, text: str, question: Question, context: AnswerContext) -> int | Money:
        if re.fullmatch(r"[0-9.,]{1,20}", text):
            return values.read_integer(text)
        if not re.search(r"\d", text):
            message = f'"{quote_text(text)}" is neither a number nor an amount of money'
            raise Unreadable(message, f'write it like "5" or "500 {context.currency}"')
        return values.read_money(text, context.currency)

    def size_of(self, value: int | Money) -> int | None:
        return None if isinstance(value, Money) else value


class DurationType(QuestionType):
    name = fact_kind = "duration"
    is_measured = True
    zero, amount = "0 days", "30 days"
    pattern = r"^([0-9,]+|[A-Za-z][A-Za-z -]*)( \([A-Za-z0-9 -]+\))?[ -]?[A-Za-z]+\.?$"

    def read(self, text: str, question: Question, context: AnswerContext) -> Duration:
        return values.read_duration(text)

    def size_of(self, value: Duration) -> int:
        return value.hours


class DateType(QuestionType):
    name = fact_kind = "date"
    sheet_format = "yyyy-mm-dd"

    def read(self, text: str, question: Question, context: AnswerContext) -> date:
        return values.read_date(text, context.today)


class RegionType(QuestionType):
    name = fact_kind = "region"

    def read(self, text: str, question: Question, context: AnswerContext) -> Region:
        return places.read_region(text, context.address)

    def completions(self, question: Question) -> Sequence[str]:
        return places.region_names()


class LawType(RegionType):
    """A place with one law of contract. No address settles what "NL" means: the law is a choice of its own."""

    name = "law"

    def read(self, text: str, question: Question, context: AnswerContext) -> Region:
        return places.read_law(text)


class CompanyHomeType(RegionType):
    name = "home of company"

    def read(self, text: str, question: Question, context: AnswerContext) -> Region:
        return places.read_home_of_company(text, context.address)


class VenueType(TextType):
    """The place of courts, or a court by its name."""

    name = "venue"

    def read(self, text: str, question: Question, context: AnswerContext) -> str:
        return places.read_venue(text)


class CurrencyType(QuestionType):
    name = fact_kind = "currency"

    def read(self, text: str, question: Question, context: AnswerContext) -> str:
        return values.read_currency(text)

    def completions(self, question: Question) -> Sequence[str]:
        return ("USD", "EUR", "GBP", "CAD", "AUD", "NZD", "CHF", "JPY", "MXN", "SEK", "DKK", "NOK", "SGD", "HKD")


class EmailType(QuestionType):
    name = fact_kind = "email"
    pattern = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"

    def read(self, text: str, question: Question, context: AnswerContext) -> str:
        return values.read_email(text)


class PartyType(QuestionType):
    """A party of the deal by its short name; its value are the facts of the party."""

    name = fact_kind = "party"
    is_chosen = True
    names_party = True

    def read(self, text: str, question: Question, context: AnswerContext) -> Any:
        if text in context.parties:
            return context.parties[text]
        hint = suggest_choice(text, [*context.parties, *(question.words or {})])
        raise Unreadable(f'"{quote_text(text)}" is not the short name of a party', hint, code="unknown-party")

    def explain_missing(self, question: Question, parties: Sequence[str]) -> str:
        words = [f'"{question.key}: {name}"' for name in (*parties, *(question.words or {}))]
        return f"write {' or '.join(words)}" if parties else super().explain_missing(question, parties)

    def list_options(self, question: Question, context: AnswerContext) -> tuple[tuple[str, str], ...]:
        return (*((short, short) for short in context.parties), *(question.words or {}).items())

    def fact_shape(self, question: Question, party: Shape) -> Shape:
        return Shape("party", question.known_words, fields=party.fields)


# -- several values


class GroupType(QuestionType):
    name = "group"
    structure = Structure.GROUP

    def inner_questions(self, question: Question) -> tuple[Question, ...]:
        return question.parts

    def fact_shape(self, question: Question, party: Shape) -> Shape:
        return group_shape({part.name: part.fact_shape(party) for part in question.parts})

    def example(self, question: Question) -> str:
        if question.words and isinstance(question.default, ScalarNode):
            return question.default.text
        parts = [part for part in question.parts if part.needed == "yes" and not part.when] or question.parts[:1]
        return "{" + ", ".join(f"{part.key}: {part.type.example(part)}" for part in parts) + "}"

    def explain_wrong_node(self, node: Node, question: Question, parties: Sequence[str]) -> tuple[str, str]:
        words = " or ".join(f'"{word}"' for word in question.words or ())
        return (
            f'{_describe_node(node)} stands here instead of a group of "name: value" lines',
            f'write them in the lines below, indented, as in "{_first_line(question)}"'
            + (f"; or write {words}" if words else ""),
        )


class GroupsType(QuestionType):
    name = "list of groups"
    structure = Structure.GROUPS
    empty_value = ()

    def inner_questions(self, question: Question) -> tuple[Question, ...]:
        return question.parts

    def fact_shape(self, question: Question, party: Shape) -> Shape:
        return list_shape(group_shape({part.name: part.fact_shape(party) for part in question.parts}))

    def explain_missing(self, question: Question, parties: Sequence[str]) -> str:
        first = question.parts[0]
        return (
            f'add "{question.key}:" and below it an entry for each one, '
            f'which begins with "- {first.key}: {first.type.example(first)}"'
        )

    def explain_wrong_node(self, node: Node, question: Question, parties: Sequence[str]) -> tuple[str, str]:
        hint = f'begin each entry in a line of its own with "- ", as in "- {_first_line(question)}"'
        return f"{_describe_node(node)} stands here instead of a list", hint


class ListType(QuestionType):
    name = "list"
    structure = Structure.LIST
    empty_value = ()
    item_label = "list of "

    def fact_shape(self, question: Question, party: Shape) -> Shape:
        return list_shape(question.item.fact_shape(party))

    def example(self, question: Question) -> str:
        return f"[{question.item.type.example(question.item)}]"

    def explain_wrong_node(self, node: Node, question: Question, parties: Sequence[str]) -> tuple[str, str]:
        example = question.item.type.example(question.item)
        hint = f'begin each entry in a line of its own with "- ", as in "- {example}"'
        return f"{_describe_node(node)} stands here instead of a list", hint


class PerPartyType(QuestionType):
    name = "per party"
    structure = Structure.PER_PARTY
    empty_value = ()
    item_label = "for each party: "

    def inner_questions(self, question: Question) -> tuple[Question, ...]:
        return question.parts[0].parts if question.parts[0].is_group else ()

    def fact_shape(self, question: Question, party: Shape) -> Shape:
        return list_shape(group_shape({"party": party, "said": question.parts[0].fact_shape(party)}))

    def explain_missing(self, question: Question, parties: Sequence[str]) -> str:
        line = _party_line(question, parties)
        return f'add "{question.key}:" and below it a line for each party, as in "{line}"'

    def explain_wrong_node(self, node: Node, question: Question, parties: Sequence[str]) -> tuple[str, str]:
        return (
            f"{_describe_node(node)} stands here instead of a line for each party",
            f'begin each line with a party\'s short name, as in "{_party_line(question, parties)}"',
        )


class SharesType(PerPartyType):
    name = "shares"
    structure = Structure.SHARES
    item_label = ""

    def explain_wrong_node(self, node: Node, question: Question, parties: Sequence[str]) -> tuple[str, str]:
        message, hint = super().explain_wrong_node(node, question, parties)
        shares = readings.list_shares(node.text, len(parties)) if isinstance(node, ScalarNode) else []
        if shares:
            said = ", ".join(f"{short}: {share}" for short, share in zip(parties, shares, strict=True))
            hint = f"write {{{said}}}"
        return message, hint

    def inner_questions(self, question: Question) -> tuple[Question, ...]:
        return ()

    def fact_shape(self, question: Question, party: Shape) -> Shape:
        return list_shape(group_shape({"party": party, "share": Shape("percent")}))


class RaciType(GroupType):
    """The parts of the question are those besides the roles and tasks of the matrix."""

    name = "raci"
    structure = Structure.MATRIX
    example = QuestionType.example


TEXT, PERCENT, GROUP = TextType(), PercentType(), GroupType()
TYPES: dict[str, QuestionType] = {
    kind.name: kind
    for kind in (
        TEXT, ChoiceType(), YesNoType(), IntegerType(), NumberType(), PERCENT, MoneyType(), UnitPriceType(),
        PercentOrMoneyType(), NumberOrMoneyType(), DurationType(), DateType(), RegionType(), LawType(),
        CompanyHomeType(), VenueType(), CurrencyType(),
        EmailType(), PartyType(),
        ListType(), GROUP, GroupsType(), PerPartyType(), SharesType(), RaciType(),
    )
}  # fmt: skip


def _describe_node(node: Node) -> str:
    match node:
        case ScalarNode():
            return f'"{quote_text(node.text)}"'
        case SequenceNode():
            return "a list"
        case MappingNode():
            return "a group"


def _first_line(question: Question) -> str:
    """Return an answer to the first part of a group that must be answered, with its name."""
    first = next((part for part in question.parts if part.needed and not part.when), None)
    first = first or (question.parts[0] if question.parts else question)
    return f"{first.key}: {first.type.example(first)}"


def _party_line(question: Question, parties: Sequence[str]) -> str:
    """Return what one party may say, with its short name."""
    example = question.parts[0].type.example(question.parts[0]) if question.parts else "50%"
    return f"{parties[0] if parties else 'Short Name'}: {example}"


def words_for_schema(words: list[str]) -> list[str | bool]:
    """Return `words` as an editor's YAML reader sees them: an unquoted yes may be a boolean to it."""
    return [*words, *(True for word in words if word == "yes"), *(False for word in words if word == "no")]


def read_answer(question: Question, text: str, context: AnswerContext) -> Any:
    """Return the value of `text` for a scalar `question`; raise Unreadable."""
    forbidden = find_forbidden_character(text)
    if forbidden:
        hint = "delete it and type the word again"
        raise Unreadable(f"the text holds {forbidden[1]}", hint, code="forbidden-character")
    text = collapse_spaces(text)
    if question.reader:
        text = question.reader.rewrite_word(text, question.words or {})
        text = question.reader.rewrite(text, question.type.name, question.choices)
    text = next((one.means for one in question.phrases if not one.beside and one.match(text) is not None), text)
    if question.words and text.lower() in question.words:
        return Choice(text.lower(), question.words[text.lower()])
    try:
        value = question.type.read(text, question, context)
    except Unreadable as caught:
        error = _leave_out_excess(question, caught, context)
        if not error.readings:
            error = _offer_clearer(question, text, error, context)
        if question.words and not isinstance(question.type, ChoiceType | PartyType):
            also = ", ".join(f'"{word}"' for word in question.words)
            hint = f"{error.hint}; also allowed: {also}"
            raise Unreadable(error.message, hint, readings=error.readings, code=error.code) from None
        raise error from None
    if fault := _find_excess(question, value, text, context):
        raise Unreadable(*fault, code="out-of-limits")
    return value


def _leave_out_excess(question: Question, error: Unreadable, context: AnswerContext) -> Unreadable:
    """Return `error` without spellings in its hint that are outside the question's limits."""
    offered = re.findall(r'"([^"]+)"', error.hint) if question.type.is_measured else []
    sizes = {text: _read_or_none(question, text, context) for text in offered}
    if None in sizes.values():
        return error
    fitting = [text for text, value in sizes.items() if _find_excess(question, value, text, context) is None]
    if len(fitting) == len(sizes):
        return error
    hint = "write " + " or ".join(f'"{text}"' for text in fitting)
    if not fitting:
        hint = f"write a value from {question.limits.least} to {question.limits.most}"
    readings = [reading for reading in error.readings if reading in fitting]
    return Unreadable(error.message, hint, readings=readings, code=error.code)


# Types beside measured ones whose answers are no sentences.
_SHORT_ANSWERS = (DurationType, DateType, RegionType, VenueType)


def _offer_clearer(question: Question, text: str, error: Unreadable, context: AnswerContext) -> Unreadable:
    """Return `error` with what a text says that hedges ("around 10%"), or with both ends of a range."""
    is_short = question.type.is_measured or isinstance(question.type, _SHORT_ANSWERS)
    if not is_short or len(text) > 60:
        return error
    meant: list[str] = []
    for clearer in readings.list_clearer(text):
        found = _list_fitting(question, clearer, context)
        if not found:
            return error
        meant += found
    return Unreadable(error.message, readings=meant, code=error.code) if meant else error


def _list_fitting(question: Question, text: str, context: AnswerContext) -> list[str]:
    """Return `text` where it is an answer, or else the readings of it that are."""
    try:
        value = question.type.read(text, question, context)
    except Unreadable as error:
        fitting = ((reading, _read_or_none(question, reading, context)) for reading in error.readings)
        return [
            reading
            for reading, value in fitting
            if value is not None and not _find_excess(question, value, reading, context)
        ]
    return [] if _find_excess(question, value, text, context) else [text]


def _read_or_none(question: Question, text: str, context: AnswerContext) -> Any:
    try:
        return question.type.read(text, question, context)
    except Unreadable:
        return None


def read_own_text(question: Question, text: str, context: AnswerContext) -> Any:
    """Return what `read_answer` does, of a text that the library gives: a default. It is read once for all deals."""
    if question.type.names_party or context.address:
        return read_answer(question, text, context)
    key = (text, context.currency)
    if key not in question.own_values:
        question.own_values[key] = read_answer(question, text, context)
    return question.own_values[key]


def _find_excess(question: Question, value: Any, text: str, context: AnswerContext) -> tuple[str, str] | None:
    """Return message and hint where `value`, read from `text`, is outside the question's limits."""
    limits = question.limits
    most = limits.characters or MAX_CHARACTERS
    if len(text) > most:
        return f'"{quote_text(text)}" has {len(text):,} characters; at most {most} fit', "shorten it"
    if limits.words and (count := len(text.split())) > limits.words:
        return f'"{quote_text(text)}" has {count} words; at most {limits.words} fit', "shorten it"
    if isinstance(value, Percent) and value.number > 100:
        return f'"{text}" is more than 100%', "write a percentage from 0% to 100%"
    size = question.type.size_of(value)
    if size is None:
        return None

    def size_of_limit(limit: str) -> Any:
        return question.type.size_of(question.type.read(limit, question, context))

    has_both = limits.least and limits.most
    hint = f"it must be from {limits.least} to {limits.most}" if has_both else "choose another value"
    if limits.least and size < size_of_limit(limits.least):
        return f'"{text}" is less than {limits.least}', hint
    if limits.most and size > size_of_limit(limits.most):
        return f'"{text}" is more than {limits.most}', hint
    return None

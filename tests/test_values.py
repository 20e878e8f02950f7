"""The readers of values: what each takes and refuses, and that what is printed can be read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agreementgen.core import values
from agreementgen.core import values as formats
from agreementgen.core.currencies import minor_digits
from agreementgen.core.places import read_region, regions_by_name
from agreementgen.core.problems import Place, collapse_spaces, find_forbidden_character, quote_text
from agreementgen.core.values import Choice, Duration, Money, Percent, Region, UnitPrice, Unreadable
from agreementgen.deal.question_types import TYPES, read_answer, read_own_text
from agreementgen.deal.questions import AnswerContext, Limits, Question, Structure

quick = settings(max_examples=60, deadline=None)
KNOWN = AnswerContext("USD", {"Northshore": {"short": "Northshore"}})


def dollars(text: str) -> Money:
    return values.read_money(text, "USD")


def question(kind: str, **more: Any) -> Question:
    return Question("x", TYPES[kind], "", Place(), **more)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.read_integer, "5", 5),
        (values.read_integer, "12,000", 12000),
        (values.read_integer, "5.0", 5),
        (values.read_integer, "007", 7),
        (values.read_number, "4.50", Decimal("4.50")),
        (values.read_percent, "10%", Percent(Decimal(10))),
        (values.read_percent, "12.5 %", Percent(Decimal("12.5"))),
        (values.read_percent, "3 percent", Percent(Decimal(3))),
        (values.read_percent, "3 Per Cent", Percent(Decimal(3))),
        (values.read_percent, "33.33%", Percent(Decimal("33.33"))),
        (dollars, "5000", Money(Decimal(5000), "USD")),
        (dollars, "$5,000", Money(Decimal(5000), "USD")),
        (dollars, "$ 5,000.50", Money(Decimal("5000.50"), "USD")),
        (dollars, "5000 usd", Money(Decimal(5000), "USD")),
        (dollars, "$5,000 USD", Money(Decimal(5000), "USD")),
        (dollars, "$5,000 CAD", Money(Decimal(5000), "CAD")),
        (dollars, "CA$5", Money(Decimal(5), "CAD")),
        (dollars, "US$5", Money(Decimal(5), "USD")),
        (dollars, "EUR 40", Money(Decimal(40), "EUR")),
        (dollars, "40€", Money(Decimal(40), "EUR")),
        (dollars, "$5k", Money(Decimal(5000), "USD")),
        (dollars, "1.5K EUR", Money(Decimal(1500), "EUR")),
        (dollars, "¥100", Money(Decimal(100), "JPY")),
        (lambda text: values.read_money(text, "CNY"), "¥100", Money(Decimal(100), "CNY")),
        (lambda text: values.read_money(text, "CAD"), "$100", Money(Decimal(100), "CAD")),
        (values.read_duration, "90 days", Duration(90, "day")),
        (values.read_duration, "90-day", Duration(90, "day")),
        (values.read_duration, "1 Month", Duration(1, "month")),
        (values.read_duration, "twelve months", Duration(12, "month")),
        (values.read_duration, "24h", Duration(24, "hour")),
        (values.read_duration, "1,000 days", Duration(1000, "day")),
        (values.read_duration, "0 days", Duration(0, "day")),
        (values.read_date, "2026-12-01", date(2026, 12, 1)),
        (values.read_date, "2028-2-29", date(2028, 2, 29)),
        (values.read_date, "December 1, 2026", date(2026, 12, 1)),
        (values.read_date, "1 dec. 2026", date(2026, 12, 1)),
        (values.read_yes_no, "Yes", True),
        (values.read_yes_no, "off", False),
        (values.read_email, " dana@northshore.example ", "dana@northshore.example"),
        (values.read_email, "a+b@c.d.museum", "a+b@c.d.museum"),
        (values.read_currency, "eur", "EUR"),
        (values.read_text, "as it is", "as it is"),
        (read_region, "Massachusetts", Region("US-MA", "Massachusetts")),
        (read_region, "England and Wales", Region("GB-EAW", "England and Wales")),
        (read_region, "gb-eaw", Region("GB-EAW", "England and Wales")),
        (read_region, "US-MA", Region("US-MA", "Massachusetts")),
        (read_region, "vt", Region("US-VT", "Vermont")),
        (read_region, "massachusetts", Region("US-MA", "Massachusetts")),
        (read_region, "Georgia", Region("US-GA", "Georgia")),
        (read_region, "Georgia (country)", Region("GE", "Georgia")),
        (read_region, "DEU", Region("DE", "Germany")),
        (read_region, "Québec", Region("CA-QC", "Québec")),
        (read_region, "Quebec", Region("CA-QC", "Quebec")),
    ],
)
def test_read(read: Callable[[str], Any], text: str, value: Any) -> None:
    found = read(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("read", "text", "message", "hint"),
    [
        (values.read_integer, "2.5", "is not a whole number", "5"),
        (values.read_integer, "five", "is not a whole number", "5"),
        (values.read_integer, "", "is not a whole number", "5"),
        (values.read_integer, "5 leads", "is not a whole number", "5"),
        (values.read_integer, "1_000", "is not a whole number", "5"),
        (values.read_integer, "1e3", "is not a whole number", "5"),
        (values.read_integer, "１０", "is not written in ordinary digits", 'again: "10"'),
        (values.read_integer, "٣", "is not a whole number", "5"),
        (values.read_integer, "-5", "has a minus sign", "5"),
        (values.read_integer, "9" * 16, "has more than 15 digits", "5"),
        (values.read_integer, "9" * 5000, "is too long", "5"),
        (values.read_number, "NaN", "is not a number", "4.5"),
        (values.read_number, "Infinity", "is not a number", "4.5"),
        (values.read_number, "1.234,5", "commas or points", 'write "1,234.5"'),
        (values.read_number, "1,23", "commas or points", 'write "1.23"'),
        (values.read_number, "12,34,567", "is not a number", "4.5"),
        (values.read_percent, "10", "is not a percentage", 'write "10%"'),
        (values.read_percent, "ten percent", "is not a percentage", '"10%"'),
        (values.read_percent, "%", "is not a percentage", '"10%"'),
        (values.read_percent, "-1%", '"-1%" has a minus sign', '"10%"'),
        (dollars, "", "is not an amount of money", "$5,000"),
        (dollars, "$", "is not an amount of money", "$5,000"),
        (dollars, "5.000,00 EUR", "commas or points", 'write "5,000.00 EUR"'),
        (dollars, "-$5", "is not an amount of money", "without a minus sign"),
        (dollars, "$10.0051", "USD has 2 decimals at most", "round it"),
        (dollars, "JPY 10.5", "JPY has no decimals", "round it"),
        (dollars, "5 quid", '"quid" in "5 quid" is not a currency', "5000 USD"),
        (dollars, "5m", '"m" in "5m" is not a currency', 'write "5,000,000 USD"'),
        (dollars, "€5 USD", "names two currencies", "5000 USD"),
        (dollars, "10%", "is a percentage", "$5,000"),
        (lambda text: values.read_money(text, "EUR"), "$5", "the currency of the deal is EUR", "5000 USD"),
        (values.read_duration, "90", "has no unit", '"90 days" or "90 months"'),
        (values.read_duration, "90 dayz", "is not a length of time", "90 days"),
        (values.read_duration, "-1 day", "is not a length of time", "90 days"),
        (values.read_duration, "1.5 years", "is not a length of time", 'write "18 months"'),
        (values.read_duration, "123456 days", "is not a length of time", "90 days"),
        (values.read_date, "2025-02-30", "is not a day of the calendar", "month"),
        (values.read_date, "0000-01-01", "is not a day of the calendar", "month"),
        (values.read_date, "Foo 1, 2026", "is not a day of the calendar", "month"),
        (values.read_date, "12/01/2026", "can mean two days", '"2026-12-01" or "2026-01-12"'),
        (values.read_date, "05.05.2026", "is not written in a way", 'write "2026-05-05"'),
        (values.read_date, "31/12/2026", "is not written in a way", 'write "2026-12-31"'),
        (values.read_date, "12/01/26", "can mean two days", "2026-12-01"),
        (values.read_date, "tomorrow", "is not written in a way", "2026-12-01"),
        (values.read_date, "1026-12-01", "is in the year 1026", "1950 to 2150"),
        (values.read_yes_no, "maybe", "is neither yes nor no", "yes or no"),
        (values.read_email, "dana", "is not an e-mail address", "dana@"),
        (values.read_email, "a@b", "is not an e-mail address", "dana@"),
        (values.read_email, "a@b..c", "is not an e-mail address", "dana@"),
        (values.read_email, "a b@c.de", "is not an e-mail address", "dana@"),
        (values.read_email, "a@b@c.de", "is not an e-mail address", "dana@"),
        (values.read_email, "<a@b.de>", "is not an e-mail address", "a@b.de"),
        (values.read_email, f"{'a' * 65}@b.de", "is not an e-mail address", "dana@"),
        (values.read_currency, "Dollars", "is not the code of a currency", "USD"),
        (values.read_currency, "ZZZ", "is not the code of a currency", "USD"),
        (read_region, "DE", "can mean Delaware or Germany", "whole name"),
        (read_region, "CA", "can mean California or Canada", "whole name"),
        (read_region, "Vermnt", "is not a state, province or country", '"Vermont"'),
        (read_region, "", "is not a state, province or country", "US-MA"),
    ],
)
def test_refuse(read: Callable[[str], Any], text: str, message: str, hint: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert quote_text(text, 20).removesuffix("...") in caught.value.message, "the value is named"
    assert len(caught.value.message) < 160


READERS: list[Callable[[str], Any]] = [
    values.read_text, values.read_yes_no, values.read_integer, values.read_number, values.read_percent, dollars,
    values.read_duration, values.read_date, values.read_currency, values.read_email, read_region,
]  # fmt: skip
ALMOST = st.text("0123456789.,-−+ %$€kKdaysmonthUSDEJP/eE_NaN١１²½ſK\u00a0\u3000\n@") | st.text()


def refusal(read: Callable[[str], Any], text: str) -> Unreadable | None:
    try:
        read(text)
    except Unreadable as error:
        return error
    return None


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@quick
@given(text=ALMOST)
def test_no_text_surprises_a_reader(read: Callable[[str], Any], text: str) -> None:
    error = refusal(read, text)
    assert error is None or error.message


@pytest.mark.parametrize("kind", [kind for kind in TYPES if TYPES[kind].structure is Structure.SCALAR])
@quick
@given(text=ALMOST)
def test_no_text_surprises_a_question(kind: str, text: str) -> None:
    choices = {"in writing": "in writing"} if kind == "choice" else None
    limits = {"integer": Limits(least="1", most="9"), "duration": Limits(least="1 day", most="1 year")}
    asked = question(kind, choices=choices, limits=limits.get(kind, Limits()))
    error = refusal(lambda said: read_answer(asked, said, KNOWN), text)
    assert error is None or (error.message and error.hint)


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__name__)
@pytest.mark.parametrize("piece", ["9", " ", "\u3000", "a\u0301\u0327", "\u0301\u0327", "1 ", "%", "$", ".", "@."])
def test_long_texts_are_read_at_once(read: Callable[[str], Any], piece: str) -> None:
    """200,000 characters: anything that is not linear would run for minutes."""
    for text in (piece * 200_000, "1" + piece * 200_000 + "x"):
        error = refusal(read, text)
        assert error is None or len(error.message) < 200


languages = st.sampled_from(["en-US", "en-GB"])
whole = st.integers(0, 10**12)


@quick
@given(whole, st.sampled_from(["USD", "EUR", "GBP", "JPY", "CAD", "AUD", "CHF", "CNY", "SEK", "PLN"]), languages)
def test_money_printed_is_read_again(cents: int, currency: str, language: str) -> None:
    value = Money(Decimal(cents).scaleb(-minor_digits(currency)), currency)
    assert values.read_money(formats.format_money(value, language), currency) == value


def test_money_of_every_currency_printed_is_read_again() -> None:
    """In a deal of another currency, too: the sign or code says which one it is."""
    from babel import Locale

    for currency in Locale("en").currencies:
        for language in ("en-US", "en-GB"):
            printed = formats.format_money(Money(Decimal(1234), currency), language)
            if printed.startswith(("$", "¥")):
                continue  # these depend on the deal's currency
            assert values.read_money(printed, "USD") == Money(Decimal(1234), currency), printed


@quick
@given(st.decimals(0, 100, places=6), languages)
def test_percentages_printed_are_read_again(number: Decimal, language: str) -> None:
    assert values.read_percent(formats.format_value(Percent(number), language)) == Percent(number)


@quick
@given(st.integers(0, 99_999), st.sampled_from(["hour", "day", "week", "month", "year"]), languages)
def test_durations_printed_are_read_again(count: int, unit: str, language: str) -> None:
    value = Duration(count, unit)
    assert values.read_duration(formats.format_duration(value, language)) == value
    assert values.read_duration(formats.format_adjective(value, language)) == value


@quick
@given(st.dates(date(1950, 1, 1), date(2150, 12, 31)), languages)
def test_dates_printed_are_read_again(day: date, language: str) -> None:
    assert values.read_date(formats.format_day(day, language)) == day
    assert values.read_date(day.isoformat()) == day


@quick
@given(whole, languages)
def test_numbers_printed_are_read_again(number: int, language: str) -> None:
    assert values.read_integer(formats.format_number(Decimal(number), language)) == number


def test_every_region_is_found_by_its_code_and_name() -> None:
    """Names that several places share mean one of those places."""
    for word, known in regions_by_name().items():
        for region in known:
            if len(known) == 1:
                assert read_region(word) == region
            assert region in regions_by_name()[region.code.casefold()]
            assert region.code


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a\x00", "control"), ("a\x1b", "control"), ("a\x7f", "control"), ("a\x85", "line break"), ("a\x9f", "control"),
        ("a\u00ad", "invisible"), ("a\u200b", "invisible"), ("a\ufeff", "invisible"), ("a\u2060", "invisible"),
        ("a\u3164", "invisible"), ("a\u2800", "invisible"), ("a\u180e", "invisible"), ("a\ufff9", "invisible"),
        ("a\U000e0041", "invisible"), ("a\u034f", "invisible"), ("a\u202e", "direction"), ("a\u2066", "direction"),
        ("a\u200e", "direction"), ("a\u061c", "direction"), ("a\u2028", "line break"), ("a\u2029", "line break"),
        ("a\ud800", "half a character"), ("a\ue000", "private"), ("a\U0010fffd", "private"), ("a\ufffd", "lost"),
        ("a\uffff", "does not define"), ("a\u0378", "does not define"), ("a\r", "control"),
    ],
)  # fmt: skip
def test_forbidden_characters(text: str, why: str) -> None:
    found = find_forbidden_character(text)
    assert found
    assert found[0] == 1
    assert why in found[1]
    assert f"U+{ord(text[1]):04X}" in found[1]
    with pytest.raises(Unreadable):
        read_answer(question("text"), f"x{text[1]}x", KNOWN) if text[1] != "\r" else read_answer(
            question("text"), text, KNOWN
        )


@pytest.mark.parametrize(
    "text",
    ["", "plain", "Zürich", "Ελλάδα", "東京", "👩\u200d💻", "می\u200cخواهم", "a\tb\nc", "5\u00a0000", "naïve – “x”"],
)
def test_allowed_characters(text: str) -> None:
    assert find_forbidden_character(text) is None


def test_collapse_and_shown() -> None:
    assert collapse_spaces(" a\t\n b \r\n c\u00a0d ") == "a b c\u00a0d"
    assert quote_text("x" * 50) == "x" * 37 + "..."
    assert quote_text("a\nb") == "a b"


def test_choices_words_and_limits() -> None:
    deal = AnswerContext("EUR", KNOWN.parties)
    kind = question("choice", choices={"in writing": "says so", "automatic": ""})
    found = read_answer(kind, "In  Writing", deal)
    assert isinstance(found, Choice)
    assert (found, found.printed) == ("in writing", "says so")
    party = question("party", words={"each": "each party"})
    assert read_answer(party, "Each", deal).printed == "each party"
    assert read_answer(party, "Northshore", deal) is KNOWN.parties["Northshore"]
    for asked, text, message, hint in (
        (kind, "writing", '"writing" is not one of the choices', '"in writing"'),
        (party, "Bob", '"Bob" is not the short name of a party', "choose one of: Northshore, each"),
        (question("date", words={"last signature": ""}), "soon", "not written", 'also allowed: "last signature"'),
        (question("percent or money"), "10", "can be a percentage or an amount", 'write "10%" or "10 EUR"'),
        (question("percent or money"), "some", "is neither a percentage nor an amount", 'like "10%" or "500 EUR"'),
        (question("percent"), "101%", "is more than 100%", "0% to 100%"),
        (question("text", limits=Limits(characters=3)), "abcd", '"abcd" has 4 characters; at most 3 fit', "shorten"),
        (question("text", limits=Limits(words=2)), "a b c", '"a b c" has 3 words; at most 2 fit', "shorten"),
        (question("text"), "x" * 1001, "has 1,001 characters; at most 1000 fit", "shorten"),
        (question("duration", limits=Limits(least="30 days")), "4 weeks", "is less than 30 days", "another"),
        (
            question("duration", limits=Limits("", "", "1 day", "1 year")),
            "13 months",
            "is more than 1 year",
            "from 1 day",
        ),
    ):
        with pytest.raises(Unreadable) as caught:
            read_answer(asked, text, deal)
        assert message in caught.value.message
        assert hint in caught.value.hint
    assert read_answer(question("percent or money"), "€10", deal) == Money(Decimal(10), "EUR")
    for spelled in ("10%", "10 percent", "10 per cent", "10PERCENT"):
        assert read_answer(question("percent or money"), spelled, deal) == Percent(Decimal(10))
    assert read_answer(question("percent or money", limits=Limits(least="0%", most="5%")), "€10", deal)


def test_a_month_is_thirty_days_for_limits_only() -> None:
    assert Duration(1, "month").hours == Duration(30, "day").hours
    assert Duration(1, "month") != Duration(30, "day")


@pytest.mark.parametrize("word", ["yes", "y", "on", "true", "no", "n", "off", "false", "YES", " Off "])
def test_every_spelling_of_yes_and_no(word: str) -> None:
    wanted = word.strip().lower() in ("yes", "y", "on", "true")
    assert values.read_yes_no(word) is wanted
    assert values.yes_or_no_word(word, ("yes", "no", "maybe")) == ("yes" if wanted else "no")
    assert values.yes_or_no_word(word, ("yes", "maybe")) == ""


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("a@b.example", True),
        ("@b.example", False),
        ("a" * 64 + "@b.example", True),
        ("a" * 65 + "@b.example", False),
        ("a@" + "b" * 244 + ".example", True),  # 254 characters
        ("a@" + "b" * 245 + ".example", False),
        ("a@b.us", True),
        ("a@b.u", False),
        ("a@b..example", False),
        ("a@example", False),
    ],
)
def test_limits_of_email_addresses(address: str, fits: bool) -> None:
    """64 characters before the sign and 254 in all: RFC 5321."""
    if fits:
        assert values.read_email(address) == address
    else:
        with pytest.raises(Unreadable):
            values.read_email(address)


def test_an_amount_has_at_most_sixty_characters() -> None:
    assert values.read_money("5000" + " " * 53 + "USD", "EUR") == Money(Decimal(5000), "USD")
    with pytest.raises(Unreadable, match="is not an amount of money"):
        values.read_money("5000" + " " * 54 + "USD", "EUR")


@pytest.mark.parametrize("text", ["-5 USD", "$-5", "£-5", "-" + "5" * 70])
def test_an_amount_below_zero_is_told_so(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        values.read_money(text, "USD")
    assert caught.value.hint == "write the amount without a minus sign"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("31/12/2026", 'write "2026-12-31"'),
        ("12/31/2026", 'write "2026-12-31"'),
        ("1/12/2026", 'write "2026-01-12" or "2026-12-01"'),
        ("12/12/2026", 'write "2026-12-12"'),
        ("0/12/2026", 'write year-month-day, as in "2026-12-01"'),
        ("32/12/2026", 'write year-month-day, as in "2026-12-01"'),
        ("13/13/2026", 'write year-month-day, as in "2026-12-01"'),
        ("1/1/0000", 'write year-month-day, as in "2026-12-01"'),
    ],
)
def test_what_a_date_in_another_order_may_mean(text: str, hint: str) -> None:
    with pytest.raises(Unreadable) as caught:
        values.read_date(text)
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("amount", "printed"), [("0.0375", "$0.0375"), ("2.5", "$2.50"), ("1200", "$1,200"), ("0.125", "$0.125")]
)
def test_a_price_of_a_unit_keeps_its_decimals(amount: str, printed: str) -> None:
    assert formats.format_money(UnitPrice(Decimal(amount), "USD"), "en-US") == printed


@pytest.mark.parametrize(("text", "printed"), [("30 days", "30 days’"), ("1 month", "1 month’s")])
def test_what_belongs_to_a_length_of_time(text: str, printed: str) -> None:
    assert formats.possessive_of(text) == printed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2000 visitors", "2,000 visitors"),
        ("since 2000 visitors", "since 2000 visitors"),
        ("the fair 2026", "the fair 2026"),
        ("12000 a month", "12,000 a month"),
    ],
)
def test_a_number_that_is_a_year_is_not_grouped(text: str, printed: str) -> None:
    assert formats.group_digits(text, "en-US") == printed


def test_a_default_is_read_for_each_deal_that_it_depends_on() -> None:
    """What is remembered of one deal must not stand in the next one."""
    party, region = question("party"), question("region")
    for name in ("Ann Ash", "Ann Oak"):
        assert read_own_text(party, "Ann", AnswerContext("USD", {"Ann": {"name": name}})) == {"name": name}
    for address, code in (
        ("1 Pine Street, Seattle, WA 98101, USA", "US-WA"),
        ("2 Hay Street, Perth, Australia", "AU-WA"),
    ):
        assert read_own_text(region, "WA", AnswerContext("USD", {}, address)).code == code

"""Unclear texts: what they may mean is offered, and each spelling that is offered is read."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from agreementgen.core import readings, values
from agreementgen.core.problems import Place
from agreementgen.core.values import Duration, Money, Unreadable
from agreementgen.deal.question_types import TYPES, read_answer
from agreementgen.deal.questions import AnswerContext, Question

SUNDAY = date(2026, 11, 29)
DEAL = AnswerContext("USD", {}, today=SUNDAY)


def asked(kind: str) -> Question:
    return Question("x", TYPES[kind], "", Place())


def offers(kind: str, text: str, context: AnswerContext = DEAL) -> str:
    """Return the readings that a refusal offers, with bars between them; each of them must be read."""
    with pytest.raises(Unreadable) as caught:
        read_answer(asked(kind), text, context)
    for reading in caught.value.readings:
        assert read_answer(asked(kind), reading, context) is not None
        assert f'"{reading}"' in caught.value.hint
    return "|".join(caught.value.readings)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("1.500 EUR", "1,500 EUR|1.50 EUR"), ("EUR 1.500", "EUR 1,500|EUR 1.50"), ("€5.000", "€5,000|€5"),
        ("$1.500", "$1,500|$1.50"), ("12.500", "12,500|12.50"), ("12.505 EUR", "12,505 EUR"),
        ("1,500.000", "1,500"), ("KWD 1.234", "KWD 1,234|KWD 1.2340"), ("JPY 1.500", "JPY 1,500"),
        ("$250.000", "$250,000|$250"), ("1.500.000 EUR", "1,500,000 EUR"), ("1.500,00 EUR", "1,500.00 EUR"),
        ("1'500 CHF", "1,500 CHF"), ("1 500 EUR", "1,500 EUR"), ("1 500,50 EUR", "1,500.50 EUR"), ("1,50", "1.50"),
        ("€1,5", "€1.5"), ("$1.2m", "$1,200,000"), ("1.2M", "1,200,000 USD"), ("2bn", "2,000,000,000 USD"),
        ("5 grand", "5,000 USD"), ("five thousand dollars", "$5,000"), ("two million euros", "2,000,000 EUR"),
        ("twelve hundred and fifty dollars", "$1,250"), ("one hundred", "100 USD"), ("50 cents", "0.50 USD"),
        ("some money", ""), ("free", ""), ("$5-$10", "$5|$10"), ("about 200 dollars", "200 dollars"), ("1,000-2,000 dollars", "1,000 dollars|2,000 dollars"), ("5 quid", ""), ("a lot", ""),
    ],
)  # fmt: skip
def test_money_that_is_not_clear(text: str, offered: str) -> None:
    assert offers("money", text) == offered


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("5000 dollars", "5000", "USD"), ("$1.2 million", "1200000", "USD"), ("5 thousand", "5000", "USD"),
        ("25 euros", "25", "EUR"), ("500 Canadian dollars", "500", "CAD"), ("1.50", "1.5", "USD"), ("$1.5", "1.5", "USD"),
        ("1,500", "1500", "USD"), ("1,500.25 EUR", "1500.25", "EUR"), ("$1.5000", "1.5", "USD"), ("$5k", "5000", "USD"),
    ],
)  # fmt: skip
def test_money_that_is_clear(text: str, amount: str, currency: str) -> None:
    assert values.read_money(text, "USD") == Money(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("10,5%", "10.5%"), ("10", "10%"), ("10.5", "10.5%"), ("0.1", "10%|0.1%"), ("half", "50%"), ("1/3", "33.33%"),
        ("ten percent", "10%"), ("%10", "10%"), ("twenty-five percent", "25%"), ("a quarter", "25%"), ("50/50", ""),
        ("5-10%", "5%|10%"), ("around 10%, I think", "10%"), ("between 5 and 10 percent", "5 percent|10 percent"), ("up to 10%", ""), ("110", ""), ("some", ""),
    ],
)  # fmt: skip
def test_percentages_that_are_not_clear(text: str, offered: str) -> None:
    assert offers("percent", text) == offered


@pytest.mark.parametrize("text", ["10.5 %", "10.5%", "10.5 percent", "10.5 pct", "10.500%", "10.5 Per Cent"])
def test_percentages_that_are_clear(text: str) -> None:
    assert values.read_percent(text) == values.Percent(Decimal("10.5"))


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("10", "10%|10 USD"), ("0.1", "10%|0.1%|0.1 USD"), ("1.500", "1.500%|1,500 USD|1.50 USD"), ("10,5%", "10.5%"),
        ("500", "500 USD"), ("five hundred dollars", "$500"), ("ten percent", "10%"), ("half", "50%"), ("1/3", "33.33%"), ("a fee", ""),
    ],
)  # fmt: skip
def test_percentages_or_money_that_are_not_clear(text: str, offered: str) -> None:
    assert offers("percent or money", text) == offered


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("30", "30 days|30 months"), ("1.5 years", "18 months"), ("1,5 years", "18 months"), ("1 1/2 years", "18 months"), ("half a year", "6 months"),
        ("a year and a half", "18 months"), ("2 years 6 months", "30 months"), ("2 years and 6 months", "30 months"),
        ("3 m", "3 months"), ("a quarter", "3 months"), ("two quarters", "6 months"), ("a fortnight", "2 weeks"),
        ("2½ years", "30 months"), ("2 business days", ""), ("3-6 months", "3 months|6 months"), ("one or two weeks", "one week|two weeks"), ("about a year or so", "a year"), ("forever", ""), ("a while", ""),
        ("thirty (60) days", ""),
    ],
)  # fmt: skip
def test_lengths_of_time_that_are_not_clear(text: str, offered: str) -> None:
    assert offers("duration", text) == offered


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("three months", 3, "month"), ("3 mo", 3, "month"), ("3 mos.", 3, "month"), ("3 mths", 3, "month"),
        ("a year", 1, "year"), ("one year", 1, "year"), ("1 yr", 1, "year"), ("2 yrs", 2, "year"), ("an hour", 1, "hour"),
        ("thirty days", 30, "day"), ("forty-five days", 45, "day"), ("thirty (30) days", 30, "day"), ("90d", 90, "day"),
        ("30 (thirty) days", 30, "day"), ("6 wks", 6, "week"), ("a week", 1, "week"), ("twenty-four months", 24, "month"),
        ("one hundred eighty days", 180, "day"), ("90-day", 90, "day"), ("Twelve Months", 12, "month"), ("48 hrs", 48, "hour"),
    ],
)  # fmt: skip
def test_lengths_of_time_that_are_clear(text: str, count: int, unit: str) -> None:
    assert values.read_duration(text) == Duration(count, unit)


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("Jan 15", "2027-01-15"), ("15 January", "2027-01-15"), ("December 1", "2026-12-01"), ("1/15/27", "2027-01-15"),
        ("1/5/27", "2027-01-05|2027-05-01"), ("1/5/2027", "2027-01-05|2027-05-01"), ("15.1.27", "2027-01-15"),
        ("1/15", "2027-01-15"), ("next Monday", "2026-11-30"), ("Monday", "2026-11-30"), ("tomorrow", "2026-11-30"),
        ("today", "2026-11-29"), ("in two weeks", "2026-12-13"), ("next month", "2026-12-01"), ("January", "2027-01-01"),
        ("January 2027", "2027-01-01|2027-01-31"), ("Jan 15 '27", "2027-01-15"), ("15 Jan 27", "2027-01-15"),
        ("20270115", "2027-01-15"), ("Januray 15, 2027", "2027-01-15"), ("asap", ""), ("soon", ""), ("13/13/2027", ""),
        ("when signed", ""), ("Jan 15 or 16", "2027-01-15|2027-01-16"), ("sometime in March", "2027-03-01"), ("mid January", "2027-01-15"),
        ("first of March", "2027-03-01"), ("the first day of March", "2027-03-01"), ("end of the month", "2026-11-30"),
        ("end of next month", "2026-12-31"), ("two weeks from now", "2026-12-13"), ("end of the year", "2026-12-31"),
        ("between Jan 15 and Feb 1", "2027-01-15|2027-02-01"), ("15-16-2027", ""),
    ],
)  # fmt: skip
def test_days_that_are_not_clear(text: str, offered: str) -> None:
    assert offers("date", text) == offered


def test_next_friday_said_in_the_week_is_one_of_two() -> None:
    monday = AnswerContext("USD", {}, today=date(2026, 11, 30))
    assert offers("date", "next Friday", monday) == "2026-12-04|2026-12-11"
    assert offers("date", "Friday", monday) == "2026-12-04"


def test_a_file_knows_no_today() -> None:
    file = AnswerContext("USD", {})
    assert offers("date", "Jan 15", file) == ""
    with pytest.raises(Unreadable) as caught:
        values.read_date("Jan 15")
    assert caught.value.hint == 'add its year, as in "January 15, 2027"'
    assert offers("date", "1/15/27", file) == "2027-01-15"


@pytest.mark.parametrize(
    "text",
    [
        "2027-01-15", "2027/01/15", "January 15, 2027", "January 15th, 2027", "Jan 15 2027", "Jan. 15, 2027", "15 Jan 2027",
        "15th of January 2027", "the 15th of January, 2027", "Friday, January 15, 2027", "Fri, 15 Jan 2027", "15-Jan-2027",
        "JANUARY 15, 2027",
    ],
)  # fmt: skip
def test_days_that_are_clear(text: str) -> None:
    assert values.read_date(text) == date(2027, 1, 15)


def test_a_wrong_day_of_the_week_is_refused() -> None:
    with pytest.raises(Unreadable, match="is no such day of the week"):
        values.read_date("Monday, January 15, 2027")


@pytest.mark.parametrize(
    ("text", "offered"),
    [("1.000", "1,000|1"), ("1.500", "1,500"), ("12 000", "12,000"), ("five", "5"), ("twenty-one", "21"), ("few", "")],
)
def test_whole_numbers_that_are_not_clear(text: str, offered: str) -> None:
    assert offers("integer", text) == offered


@pytest.mark.parametrize(
    ("text", "count", "shares"),
    [
        ("50/50", 2, "50% 50%"), ("60-40", 2, "60% 40%"), ("70:30", 2, "70% 30%"), ("50 / 30 / 20", 3, "50% 30% 20%"),
        ("equal", 4, "25% 25% 25% 25%"), ("fifty-fifty", 2, "50% 50%"), ("55% and 45%", 2, "55% 45%"), ("equal", 3, "33.34% 33.33% 33.33%"),
        ("50/50", 3, ""), ("60/50", 2, ""), ("50%", 2, ""), ("n/a", 2, ""),
    ],
)  # fmt: skip
def test_shares_of_all_parties(text: str, count: int, shares: str) -> None:
    assert " ".join(readings.list_shares(text, count)) == shares


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("Oak 40, Elm 60", "60% 40%"), ("Elm Bakery: 62.5% and Oak Cafe: 37.5%", "62.5% 37.5%"), ("oak 30/elm 70", "70% 30%"),
        ("Elm 60", ""), ("Elm 60, Elm 40", ""), ("Elm 60, Ash 40", ""), ("Elm 60 or 50, Oak 40", ""),
    ],
)  # fmt: skip
def test_shares_beside_the_names_of_parties(text: str, shares: str) -> None:
    assert " ".join(readings.list_named_shares(text, ["Elm Bakery", "Oak Cafe"])) == shares


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("five", 5), ("twenty five", 25), ("twenty-five", 25), ("a hundred", 100), ("one hundred and one", 101),
        ("twelve hundred", 1200), ("two thousand five hundred", 2500), ("one million two hundred thousand", 1_200_000),
        ("five twenty", None), ("a", None), ("thousand", None), ("one two", None), ("", None), ("dollars", None),
    ],
)  # fmt: skip
def test_numbers_in_words(words: str, number: int | None) -> None:
    assert readings.number_in_words(words) == number


# Texts that people type where a value belongs; a hint on each that offers a spelling must offer one that is read.
SLIPS = (
    "", "n/a", "our", "10", "0.1", "10%", "10,5%", "1.500", "1.500 EUR", "€5.000", "5 quid", "$10.0051", "JPY 10.5", "-5",
    "１０", "five", "ten percent", "50/50", "Jan 15", "1/5/27", "12/12/2026", "32/12/2026", "soon", "1/15/2027", "30",
    "3 m", "1.5 years", "2 business days", "NL", "DE", "UK", "US", "Canada", "Vermnt", "Uşak", "the moon", "dayton",
    "Salem, MA", "maybe", "dana", "a@b", "Dollars", "usd", "zzz", "$5 EUR", "10% USD", "thirty (60) days", "1'500",
    "next Monday", "2027-02-30", "around 10%", "5 to 10 percent", "2-3 months", "Ohio or Maine", "maybe $50", "1026-01-01", "9" * 20, "x" * 200,
)  # fmt: skip
SCALARS = ("percent", "money", "percent or money", "duration", "date", "region", "law", "home of company", "venue",
           "integer", "number", "yes/no", "email", "currency")  # fmt: skip


@pytest.mark.parametrize("kind", SCALARS)
@pytest.mark.parametrize(
    "context", [DEAL, AnswerContext("EUR", {}), AnswerContext("JPY", {})], ids=lambda c: c.currency
)
def test_every_spelling_in_a_hint_is_read(kind: str, context: AnswerContext) -> None:
    for text in SLIPS:
        try:
            read_answer(asked(kind), text, context)
        except Unreadable as error:
            assert error.hint, text
            for spelled in re.findall(r'"([^"]+)"', error.hint):
                try:
                    read_answer(asked(kind), spelled, context)
                except Unreadable as second:
                    pytest.fail(f"{kind} {text!r}: the hint {error.hint!r} cannot be followed: {second.message}")
            for reading in error.readings:
                assert read_answer(asked(kind), reading, context) is not None


@pytest.mark.parametrize(
    ("text", "a_month"),
    [
        ("18% a year", "1.5%"), ("12 percent per annum", "1%"), ("9%/yr", "0.75%"), ("6% p.a.", "0.5%"),
        ("twelve percent a year", "1%"), ("18% annually", "1.5%"), ("10% yearly", ""), ("7% a year", ""),
    ],
)  # fmt: skip
def test_a_charge_by_the_year_is_one_by_the_month_only_where_it_is_exactly_that(text: str, a_month: str) -> None:
    late = Question("late charge", TYPES["percent"], "", Place(), counts_by="month")
    with pytest.raises(values.Unreadable) as caught:
        read_answer(late, text, AnswerContext("USD", {}))
    assert caught.value.readings == ((a_month,) if a_month else ())
    assert "counts by the year, and this by the month" in caught.value.message
    # Other percentages are for no time.
    with pytest.raises(values.Unreadable) as caught:
        read_answer(Question("share", TYPES["percent"], "", Place()), text, AnswerContext("USD", {}))
    assert "by the month" not in caught.value.message

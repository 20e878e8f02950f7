"""What another country's law changes: how our words are spelled, interest by the year, an agent's notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from conftest import REFERRAL, ROOT

from agreementgen import pipeline
from agreementgen.core.problems import InputError, Problem
from agreementgen.language.spelling import spell
from agreementgen.library.library import Library

Build = Callable[..., pipeline.BuiltAgreement]
REFERRAL_TEXT = REFERRAL.read_text(encoding="utf-8")
CHANNEL_TEXT = (ROOT / "samples" / "channel.yaml").read_text(encoding="utf-8")


def referral(law: str, more: str = "") -> str:
    assert "law: Massachusetts\n" in REFERRAL_TEXT
    return REFERRAL_TEXT.replace("law: Massachusetts\n", f"law: {law}\n") + more


def words(build: Build, deal: str) -> str:
    return " ".join(build(deal, ("txt",)).files["txt"].decode().split())


@pytest.mark.parametrize(
    ("law", "ours", "not_ours"),
    [
        ("Massachusetts", ["loss of a required license", "willful"], ["licence", "wilful"]),
        ("England and Wales", ["loss of a required licence", "wilful"], ["license", "willful"]),
        ("Ireland", ["loss of a required licence", "wilful"], ["license", "willful"]),
        ("New South Wales", ["loss of a required licence", "wilful"], ["license", "willful"]),
        ("Ontario", ["loss of a required licence", "wilful"], ["license", "willful"]),
        ("Germany", ["loss of a required license", "willful"], ["licence", "wilful"]),
    ],
)
def test_our_words_are_spelled_as_where_the_law_is(
    law: str, ours: list[str], not_ours: list[str], build: Build
) -> None:
    text = words(build, referral(law))
    for word in ours:
        assert word in text
    for word in not_ours:
        assert word not in text


def test_what_was_typed_stays_as_it_was_typed(build: Build) -> None:
    deal = referral("England and Wales").replace(
        "excluded: [", "excluded: [work at the License Center, the labor program, "
    )
    typed = deal + 'termination: {at once: ["loss of a license"]}\n'
    text = words(build, typed)
    assert "Work at the License Center; the labor program" in text
    assert "loss of a license" in text
    assert "licence" not in text


@pytest.mark.parametrize(
    ("text", "country", "spelled"),
    [
        ("A License; licensed LABOR toward a program.", "GB", "A Licence; licensed LABOUR towards a programme."),
        ("Gross negligence and willful harm", "CA-ON", "Gross negligence and wilful harm"),
        ("A License; licensed labor toward a program.", "CA", "A Licence; licensed labour toward a program."),
        (
            "Gross negligence and willful harm, a willful act.",
            "CA-QC",
            "Gross fault and intentional fault, a wilful act.",
        ),
        ("A license is recognized.", "US", "A license is recognized."),
        ("A license is recognized.", "", "A license is recognized."),
        ("Recognized organizations analyze it.", "IE", "Recognised organisations analyse it."),
    ],
)
def test_the_words(text: str, country: str, spelled: str) -> None:
    assert spell(text, country) == spelled


def test_titles_and_labels_need_no_other_spelling(library: Library) -> None:
    """They are printed as they stand."""
    titles = [clause.title for clause in library.each_clause()]
    titles += [schedule.title for topic in library.topics.values() for schedule in topic.schedules]
    titles += [outline.terms_title for outline in library.outlines.values()]
    assert [title for title in titles if spell(title, "GB") != title] == []


@pytest.mark.parametrize(
    ("law", "late", "said"),
    [
        ("Massachusetts", "1%", "1% a month if late"),
        ("Ontario", "1%", "1% a month (12% a year) if late"),
        ("Manitoba", "1.25%", "1.25% a month (15% a year) if late"),
        ("Quebec", "0.7%", "0.7% a month (8.4% a year) if late"),
        ("England and Wales", "1%", "1% a month if late"),
    ],
)
def test_canadian_interest_is_said_by_the_year_too(law: str, late: str, said: str, build: Build) -> None:
    assert "\nfinancial:\n" in REFERRAL_TEXT
    deal = referral(law).replace("\nfinancial:\n", f"\nfinancial:\n  late charge: {late}\n")
    assert said in words(build, deal)


def agent(law: str, term: str, notice: str, exit_notice: str, renewal: str = "by agreement") -> str:
    """Return the sample of a channel deal, made one with a sales agent."""
    lines, skipped = [], False
    for line in CHANNEL_TEXT.split("\n"):
        if line and not line.startswith((" ", "#")):
            skipped = line.split(":")[0] in (
                "channel",
                "prices",
                "financial",
                "duration",
                "termination",
                "tiers",
                "support",
                "law",
            )
        if not skipped:
            lines.append(line)
    return "\n".join(lines) + (
        f"\nlaw: {law}\n"
        "channel: {model: agent, products: the payroll software Paylark}\n"
        "prices: {list: the price list, commission: 15%}\n"
        "financial: {model: commission, tracking: {system: partner portal, kept by: Paylark}}\n"
        f"duration: {{term: {term}, renewal: {renewal}, pilot: {{exit notice: {exit_notice}}}}}\n"
        f"termination: {{notice: {notice}}}\n"
    )


def problems(deal: str, library: Library) -> tuple[Problem, ...]:
    try:
        pipeline.read(deal.encode(), "deal.yaml", library)
    except InputError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(
    ("law", "term", "notice", "exit_notice", "fields"),
    [
        ("England and Wales", "12 months", "1 month", "1 month", []),
        ("England and Wales", "12 months", "30 days", "31 days", ["termination.notice"]),
        ("Germany", "24 months", "1 month", "1 month", ["termination.notice"]),
        ("Germany", "24 months", "2 months", "7 days", ["duration.pilot.exit notice"]),
        ("France", "36 months", "62 days", "1 month", ["termination.notice"]),
        ("France", "36 months", "92 days", "5 weeks", []),
        ("Ireland", "60 months", "3 months", "1 month", []),
        ("Wisconsin", "60 months", "10 days", "1 day", []),
        ("Ontario", "60 months", "10 days", "1 day", []),
    ],
)
def test_an_agents_notice_by_european_law(
    law: str, term: str, notice: str, exit_notice: str, fields: list[str], library: Library
) -> None:
    found = problems(agent(law, term, notice, exit_notice), library)
    assert [(one.code, one.field) for one in found] == [("notice-too-short", field) for field in fields]


def test_renewals_make_an_agents_notice_longer(library: Library) -> None:
    (found,) = problems(agent("Ireland", "12 months", "1 month", "1 month", "automatic"), library)
    assert found.message.startswith(
        "1 month is too short: by this law the notice to an agent who sells goods is at least 3 months"
    )
    assert found.hint.startswith('write "notice: 3 months"; the law gives 1 month in the first year, 2 in the second')


def test_a_reseller_has_the_notice_that_was_agreed(library: Library) -> None:
    """Only agents are protected."""
    assert "\nlaw: Wisconsin\n" in CHANNEL_TEXT
    assert problems(CHANNEL_TEXT.replace("\nlaw: Wisconsin\n", "\nlaw: Germany\n"), library) == ()


def test_a_person_sends_joint_email(build: Build) -> None:
    """ "Which" is for companies alone."""
    text = words(build, referral("Massachusetts", "data: {email sender: Northshore}\n"))
    assert "Joint email Northshore will send it and handle opt-outs" in text

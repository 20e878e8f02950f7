"""The dates of deals: counted as the clauses say, and read back from calendars by a library that is not ours."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
import vobject
from commands import run_here
from conftest import ROOT
from dateutil.rrule import rrulestr
from deals import reference

from agreementgen import pipeline
from agreementgen.core.counting import add, list_calendar_periods, repeat, send_day_before
from agreementgen.core.values import Duration
from agreementgen.dates import calendar_file, tables
from agreementgen.dates.key_dates import KeyDate, list_key_dates
from agreementgen.deal.deal import Deal
from agreementgen.library.library import Library


def read(text: str, library: Library) -> Deal:
    return pipeline.read(text.encode(), "deal.yaml", library)


def sample(name: str, library: Library) -> Deal:
    return read((ROOT / "samples" / f"{name}.yaml").read_text(encoding="utf-8"), library)


def by_id(deal: Deal, signed: date | None = None) -> dict[str, KeyDate]:
    return {one.id: one for one in list_key_dates(deal, signed)}


def days_in(calendar: bytes, start: date, end: date) -> list[tuple[str, str]]:
    """Return day and summary of all that a calendar program shows in a span of time."""
    shown = []
    for event in vobject.readOne(calendar.decode()).vevent_list:
        first = event.dtstart.value
        assert isinstance(first, date)
        assert not isinstance(first, datetime)
        assert event.dtend.value == first + timedelta(days=1)
        days = [first]
        if hasattr(event, "rrule"):
            rule = rrulestr(event.rrule.value, dtstart=datetime(first.year, first.month, first.day))
            days = [moment.date() for moment in rule]
        shown += [(str(day), event.summary.value) for day in days if start <= day < end]
    return sorted(shown)


def calendar_of(deal: Deal) -> bytes:
    return calendar_file.write_calendar(list_key_dates(deal), "Northshore / Bay Rank", date(2026, 12, 1), 1)


def days_of(shown: list[tuple[str, str]], words: str) -> list[str]:
    return [day for day, what in shown if words in what]


# -- whole deals, read back and expanded over two years


def test_the_reference_deal_over_two_years(library: Library) -> None:
    shown = days_in(calendar_of(sample("referral", library)), date(2026, 12, 1), date(2028, 12, 1))
    assert all(what.endswith(": Northshore / Bay Rank") for _, what in shown)
    talks = days_of(shown, "Talk about leads")
    assert (len(talks), talks[0], talks[-1]) == (52, "2026-12-08", "2027-11-30")
    assert days_of(shown, "Monthly review") == [
        "2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01", "2027-05-01", "2027-06-01",
    ]  # fmt: skip
    assert days_of(shown, "Quarterly review") == ["2027-09-01", "2027-12-01"]
    assert days_of(shown, "Statement for the month") == [
        "2027-01-10", "2027-02-10", "2027-03-10", "2027-04-10", "2027-05-10", "2027-06-10",
        "2027-07-10", "2027-08-10", "2027-09-10", "2027-10-10", "2027-11-10", "2027-12-10",
    ]  # fmt: skip
    assert days_of(shown, "Payment for the month") == [
        "2027-02-09", "2027-03-12", "2027-04-09", "2027-05-10", "2027-06-09", "2027-07-10",
        "2027-08-09", "2027-09-09", "2027-10-10", "2027-11-09", "2027-12-10", "2028-01-09",
    ]  # fmt: skip
    rest = [pair for pair in shown if not any(word in pair[1] for word in ("Talk", "review of", "for the month is"))]
    assert [(day, what.removesuffix(": Northshore / Bay Rank")) for day, what in rest] == [
        ("2026-12-01", "Agreement takes effect"),
        ("2027-01-10", "Task due: Report outcomes"),
        ("2027-01-10", "Task due: Send Bay Rank the statement and pay its fee"),
        ("2027-01-10", "Task due: Send Northshore the statement and pay its fee"),
        ("2027-01-20", "Task due: Hold the review meeting"),
        ("2027-02-22", "Last day to give 7 days’ notice that ends it within the pilot"),
        ("2027-03-01", "Pilot ends: last day for each party to confirm the term in writing"),
        ("2027-12-01", "Term ends, unless you renew it in writing"),
        ("2027-12-11", "Use of the other names and logos must have stopped"),
        ("2027-12-31", "Data must be returned or deleted"),
        ("2028-02-29", "Leads accepted before the end must have bought by this day to count"),
    ]


def test_a_joint_venture_runs_until_its_end_event(library: Library) -> None:
    deal = sample("joint-venture", library)
    shown = days_in(calendar_of(deal), date(2027, 1, 1), date(2029, 1, 1))
    assert days_of(shown, "Contribution of Ridgeway") == ["2027-02-15"]
    assert days_of(shown, "Contribution of Calder Lane") == ["2027-02-15", "2027-06-30"]
    assert days_of(shown, "must be formed") == ["2027-03-16"]
    assert days_of(shown, "Statement of the venture") == [
        "2027-04-20", "2027-07-20", "2027-10-20", "2028-01-20", "2028-04-20", "2028-07-20", "2028-10-20",
    ]  # fmt: skip
    assert days_of(shown, "Distribution") == [
        "2027-04-30", "2027-07-30", "2027-10-30", "2028-01-30", "2028-04-30", "2028-07-30", "2028-10-30",
    ]  # fmt: skip
    found = by_id(deal)
    assert found["term-end"].day == date(2029, 1, 15)
    assert found["confidentiality-end"].day is None
    assert found["confidentiality-end"].reason == "hangs on the end event: Closing of the sale of the last townhouse"
    assert found["confidentiality-end"].how == "end event + 24 months"


def test_a_channel_deal(library: Library) -> None:
    found = by_id(sample("channel", library))
    days = {id: str(one.day) for id, one in found.items() if not one.id.startswith(("task-", "campaign-"))}
    assert days["pilot-end"] == "2027-03-01"
    assert days["term-end"] == "2029-12-01"
    assert days["minimum-start"] == "2027-06-01"
    assert days["minimum-1"] == "2028-06-01"
    assert days["minimum-2"] == "2029-06-01"
    assert "minimum-3" not in days  # the end cuts the third year short
    assert days["run-off-end"] == "2030-12-01"
    assert found["payment"].reason == "30 days after each invoice"
    assert [str(day) for day in found["tier-review"].days][:2] == ["2026-12-31", "2027-03-31"]
    assert str(found["tier-review"].days[-1]) == "2029-09-30"


AUTOMATIC = "  renewal: automatic\n  renewal length: 12 months\n  non-renewal notice: 30 days\n  most renewals: 2"


def test_notice_against_renewal_and_its_arithmetic(library: Library) -> None:
    found = by_id(read(reference(("  renewal: by agreement", AUTOMATIC)), library))
    first = found["renewal-notice"]
    assert first.day == date(2027, 11, 1)
    assert first.how == "effective 2026-12-01 + 12 months - 30 days"
    assert first.alarms == (30, 14, 7, 1)
    assert "send it by 2027-10-31" in first.note
    assert "renews for 12 months on 2027-12-01" in first.note
    assert found["renewal-notice-1"].day == date(2028, 11, 1)
    assert "renewal-notice-2" not in found
    assert [str(found[id].day) for id in ("term-end", "term-end-1", "term-end-2")] == [
        "2027-12-01", "2028-12-01", "2029-12-01",
    ]  # fmt: skip
    assert found["confidentiality-end"].what.endswith("(if not renewed)")


def test_alarms_ring_in_the_morning(library: Library) -> None:
    calendar = calendar_of(read(reference(("  renewal: by agreement", AUTOMATIC)), library))
    (event,) = (
        event
        for event in vobject.readOne(calendar.decode()).vevent_list
        if event.summary.value == "Last day to give notice against renewal 1: Northshore / Bay Rank"
    )
    before = [alarm.trigger.value for alarm in event.valarm_list]
    assert before == [timedelta(hours=9) - timedelta(days=days) for days in (30, 14, 7, 1)]


# -- days


@pytest.mark.parametrize(
    ("day", "length", "times", "expected"),
    [
        ("2027-01-31", Duration(1, "month"), 1, "2027-02-28"),
        ("2028-01-31", Duration(1, "month"), 1, "2028-02-29"),
        ("2027-01-31", Duration(1, "month"), 2, "2027-03-31"),
        ("2028-02-29", Duration(12, "month"), 1, "2029-02-28"),
        ("2028-02-29", Duration(4, "year"), 1, "2032-02-29"),
        ("2027-03-31", Duration(1, "month"), -1, "2027-02-28"),
        ("2026-12-01", Duration(26, "week"), 1, "2027-06-01"),
        ("2026-12-01", Duration(36, "hour"), 1, "2026-12-03"),
        ("2026-12-01", Duration(90, "day"), 1, "2027-03-01"),
    ],
)
def test_lengths_are_added(day: str, length: Duration, times: int, expected: str) -> None:
    assert str(add(date.fromisoformat(day), length, times)) == expected


@pytest.mark.parametrize("start", [date(2027, 1, day) for day in (1, 28, 29, 30, 31)] + [date(2028, 2, 29)])
@pytest.mark.parametrize("every", ["weekly", "every two weeks", "monthly", "quarterly"])
def test_a_rule_gives_the_days_it_stands_for(start: date, every: str) -> None:
    found = repeat(start, every, date(2029, 12, 31))
    assert found
    first = found.days[0]
    rule = rrulestr(found.rule, dtstart=datetime(first.year, first.month, first.day))
    assert tuple(moment.date() for moment in rule) == found.days


def test_reviews_that_start_on_the_31st(library: Library) -> None:
    found = by_id(read(reference(("effective: 2026-12-01", "effective: 2027-01-31")), library))
    assert [str(day) for day in found["review-goals"].days] == [
        "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31", "2027-06-30", "2027-07-31",
    ]  # fmt: skip
    assert [str(day) for day in found["review-goals-later"].days] == ["2027-10-31", "2028-01-31"]


def test_calendar_periods() -> None:
    found = list_calendar_periods(date(2026, 12, 1), date(2027, 5, 1), "quarterly")
    assert [str(day) for day in found] == ["2026-12-31", "2027-03-31", "2027-06-30"]


@pytest.mark.parametrize(
    ("by", "sent"),
    [
        ("2027-11-01", "2027-10-31"),  # a Monday: what is sent on Sunday counts then
        ("2027-11-03", "2027-11-02"),
        ("2027-11-06", "2027-11-04"),  # a Saturday: it has to count on Friday
        ("2027-11-07", "2027-11-04"),
    ],
)
def test_an_email_counts_on_the_next_business_day(by: str, sent: str) -> None:
    assert str(send_day_before(date.fromisoformat(by))) == sent


# -- the last signature


UNSIGNED = reference(("effective: 2026-12-01", "effective: last signature"))


def test_days_that_hang_on_the_last_signature(library: Library) -> None:
    deal = read(UNSIGNED, library)
    found = by_id(deal)
    assert found["term-end"].day is None
    assert found["term-end"].reason == "hangs on the last signature: give --signed"
    assert found["term-end"].how == "last signature + 12 months"
    known = {one.what for one in found.values() if one.day}
    assert known == {
        "Task due: Report outcomes",
        "Task due: Send Northshore the statement and pay its fee",
        "Task due: Send Bay Rank the statement and pay its fee",
        "Task due: Hold the review meeting",
    }
    signed = by_id(deal, date(2027, 1, 20))
    assert signed["term-end"].day == date(2028, 1, 20)
    assert all(one.day for one in signed.values())


def test_uids_stay_when_days_change(library: Library) -> None:
    def uids(deal: Deal, signed: date | None = None) -> dict[str, str]:
        return {one.id: one.uid for one in list_key_dates(deal, signed)}

    first = uids(sample("referral", library))
    assert len(set(first.values())) == len(first)
    assert first == uids(read(reference(("effective: 2026-12-01", "effective: 2027-03-15")), library))
    assert first == uids(read(UNSIGNED, library)) == uids(read(UNSIGNED, library), date(2027, 1, 20))


def test_two_deals_of_the_same_parties_have_other_uids(library: Library) -> None:
    purpose = "purpose: Refer each other clients who need web design or search marketing"
    other_purpose = (purpose, "purpose: Run two workshops together")

    def uids(*changes: tuple[str, str]) -> set[str]:
        return {one.uid for one in list_key_dates(read(reference(*changes), library))}

    first = uids()
    assert first & uids(other_purpose) == set()
    assert uids((purpose, purpose.replace("Refer each other", "refer  EACH other"))) == first
    numbered = ("law: Massachusetts", "law: Massachusetts\nreference: 2027-04")
    assert uids(numbered) & first == set()
    assert uids(numbered) == uids(numbered, other_purpose)


def test_the_same_deal_gives_the_same_bytes(library: Library) -> None:
    one, two = (calendar_of(sample("referral", library)) for _ in range(2))
    assert one == two
    assert b"\r\n" in one
    assert b"\n" not in one.replace(b"\r\n", b"")
    assert max(len(line) for line in one.split(b"\r\n")) <= 75
    assert b"DTSTAMP:20261201T000000Z" in one
    assert one.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//agreementgen//key dates//EN\r\n")


# -- every sample, every table


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_sample_has_dates(path: Path, library: Library) -> None:
    if path.stem == "partner-program":
        pytest.skip("stands over a pack of its own") if "pack:" in path.read_text(encoding="utf-8") else None
    deal = read(path.read_text(encoding="utf-8"), library)
    dates = list_key_dates(deal)
    assert {"effective"} < {one.id for one in dates}
    assert len({one.uid for one in dates}) == len(dates)
    for one in dates:
        assert bool(one.day) != bool(one.reason), one.id
        assert one.how
        assert list(one.days) == sorted(one.days)
    rows = tables.list_date_rows(dates)
    read_back = csv.reader(io.StringIO(tables.write_csv_table(rows).decode("utf-8-sig"), newline=""))
    assert len(list(read_back)) == len(rows)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_here("calendar", *words, folder=folder)


def test_a_portfolio_is_sorted_by_the_next_day(tmp_path: Path) -> None:
    deals = tmp_path / "deals"
    deals.mkdir()
    (deals / "early.yaml").write_text(reference(("  renewal: by agreement", AUTOMATIC)), encoding="utf-8")
    late = reference(("effective: 2026-12-01", "effective: 2027-06-15"), ("Northshore", "Eastshore"))
    (deals / "late.yaml").write_text(late[: late.index("raci:")], encoding="utf-8")
    done = run(tmp_path, "deals", "-o", "out", "-f", "csv,xlsx,ics", "--today", "2028-06-20")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".")) == [
        "early-dates.csv", "early-dates.ics", "early-dates.xlsx",
        "late-dates.csv", "late-dates.ics", "late-dates.xlsx",
        "portfolio.csv", "portfolio.xlsx",
    ]  # fmt: skip
    text = (tmp_path / "out" / "portfolio.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["Deal"] for row in rows] == ["deals/late.yaml", "deals/early.yaml"]
    late_row, early = rows
    assert (late_row["Next day"], late_row["What is next"]) == (
        "2028-06-25",
        "Use of the other names and logos must have stopped",
    )
    assert (early["Next day"], early["Notice day"], early["End"]) == ("2028-11-01", "2028-11-01", "2027-12-01")
    assert early["Parties"] == "Northshore / Bay Rank"
    assert early["Law"] == "Massachusetts"
    assert early["Fee"] == "10% of net collected revenue"
    assert "2027-11-01 Last day to give notice against renewal 1" in early["All dates"]
    sheet = openpyxl.load_workbook(tmp_path / "out" / "portfolio.xlsx").active
    assert [cell.value for cell in sheet["C"]] == ["Deal", "deals/late.yaml", "deals/early.yaml"]
    assert sheet["A3"].value == datetime(2028, 11, 1)


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    text = reference(("Report outcomes:", '"=HYPERLINK(1)":'))
    (tmp_path / "deal.yaml").write_text(text, encoding="utf-8")
    assert run(tmp_path, "deal.yaml", "-f", "csv,xlsx").returncode == 0
    sheet = openpyxl.load_workbook(tmp_path / "deal-dates.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "d", "n"}
    assert ",Task due: =HYPERLINK(1)," in (tmp_path / "deal-dates.csv").read_text(encoding="utf-8")


def test_the_command_says_what_hangs_on_the_signature(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(UNSIGNED, encoding="utf-8")
    done = run(tmp_path, "deal.yaml")
    assert done.returncode == 0
    assert "hang on the last signature; give --signed DATE: " in done.stderr
    assert "Pilot ends" in done.stderr
    assert b"SUMMARY:Task due: Hold the review meeting" in (tmp_path / "deal-dates.ics").read_bytes()
    done = run(tmp_path, "deal.yaml", "--signed", "2027-01-20", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = json.loads(done.stdout)
    days = {one["id"]: one["day"] for one in found["dates"]}
    assert days["pilot-end"] == "2027-04-20"


def test_deals_that_a_calendar_cannot_tell_apart_are_named(tmp_path: Path) -> None:
    for name in ("first.yaml", "second.yaml"):
        (tmp_path / name).write_text(reference(), encoding="utf-8")
    done = run(tmp_path, "first.yaml", "second.yaml")
    assert done.returncode == 0
    assert "warning: second.yaml has the same parties, kind and purpose as first.yaml" in done.stderr
    other = reference(("Northshore", "Eastshore"))
    (tmp_path / "second.yaml").write_text(other, encoding="utf-8")
    assert "warning" not in run(tmp_path, "first.yaml", "second.yaml").stderr


def test_a_portfolio_has_no_formula(tmp_path: Path) -> None:
    for name in ("=first.yaml", "second.yaml"):
        (tmp_path / name).write_text(reference(), encoding="utf-8")
    assert run(tmp_path, "=first.yaml", "second.yaml", "-f", "csv,xlsx").returncode == 0
    assert ",'=first.yaml," in (tmp_path / "portfolio.csv").read_text(encoding="utf-8-sig")
    sheet = openpyxl.load_workbook(tmp_path / "portfolio.xlsx").active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "d", "n"}
    assert "=first.yaml" in [cell.value for cell in sheet["C"]]


def test_files_of_others_are_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_text(reference(), encoding="utf-8")
    (tmp_path / "deal-dates.ics").write_text("mine", encoding="utf-8")
    done = run(tmp_path, "deal.yaml")
    assert done.returncode == 2
    assert not (tmp_path / "deal-dates.csv").exists()
    assert run(tmp_path, "deal.yaml", "--force").returncode == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["deal.yaml", "-f", "pdf"], '"pdf" is not a format; choose from ics, csv, xlsx'),
        (["deal.yaml", "--signed", "1/2/2027"], "can mean two days"),
        (["empty"], "there is no deal file in this folder"),
        (["nothing.yaml"], "there is no such file"),
        (["deal.yaml", "more/deal.yaml"], "would have the same names"),
    ],
)
def test_mistakes_are_told(words: list[str], says: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "more").mkdir()
    for name in ("deal.yaml", "more/deal.yaml"):
        (tmp_path / name).write_text(reference(), encoding="utf-8")
    done = run(tmp_path, *words)
    assert done.returncode == 2
    assert says in done.stderr

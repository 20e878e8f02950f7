"""The status of a deal, as its owner keeps it in the deal file: what hangs on it, and where it shows."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from functools import cache
from pathlib import Path

from commands import run_here
from conftest import pdf_text
from deals import reference

from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.dates.key_dates import list_key_dates
from agreementgen.deal.deal import Deal
from agreementgen.deal.standing import Step, describe_step, list_steps
from agreementgen.library.loading import built_in_library

STEPS = """status:
  - {step: draft, date: 2026-11-02}
  - {step: sent, date: 2026-11-03}
  - {step: draft, date: 2026-11-09}
  - {step: signed, date: 2026-11-20}
  - {step: amended, date: 2027-06-01, number: 3}
"""
UNDATED = ("effective: 2026-12-01", "effective: last signature")


@cache
def read(text: str) -> Deal:
    return pipeline.read(text.encode(), "deal.yaml", built_in_library())


def test_drafts_and_amendments_are_numbered() -> None:
    steps = list_steps(read(reference(more=STEPS)).facts)
    assert steps[2] == Step("draft", date(2026, 11, 9), 2)
    assert [describe_step(step) for step in steps] == [
        "draft 1, 2026-11-02", "sent 2026-11-03", "draft 2, 2026-11-09", "signed 2026-11-20", "amended 3, 2027-06-01",
    ]  # fmt: skip


def test_days_that_hang_on_the_last_signature_are_counted_from_it() -> None:
    def pilot_end(deal: Deal, **given: date) -> date | None:
        return next(one.day for one in list_key_dates(deal, **given) if one.id == "pilot-end")

    signed = read(reference(UNDATED, more=STEPS))
    assert pilot_end(read(reference(UNDATED))) is None
    assert pilot_end(signed) == date(2027, 2, 18)
    # What is said on the command line counts first.
    assert pilot_end(signed, signed=date(2026, 11, 30)) == date(2027, 2, 28)


def test_after_the_real_end_only_what_follows_it_is_left() -> None:
    ended = read(reference(more=STEPS + "  - {step: ended, date: 2027-07-15}\n"))
    days = {one.id: one for one in list_key_dates(ended)}
    assert (days["term-end"].what, days["term-end"].day) == ("Agreement ended", date(2027, 7, 15))
    assert days["data-returned"].day == date(2027, 8, 14)
    assert max(days["review-work"].days) <= date(2027, 7, 15)


def test_the_table_of_all_deals_shows_the_last_step(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(reference(more=STEPS), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(reference(), encoding="utf-8")
    done = run_here("calendar", "a.yaml", "b.yaml", "-f", "csv", "-o", "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    text = next(path for path in (tmp_path / "out").glob("*.csv") if "portfolio" in path.name).read_text(
        encoding="utf-8-sig"
    )
    told = {row["Deal"]: row["Status"] for row in csv.DictReader(io.StringIO(text))}
    assert told == {"a.yaml": "amended 3, 2027-06-01", "b.yaml": ""}


def test_what_cannot_be_is_refused_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(reference(more="status:\n  - {step: asigned, date: soon}\n"), encoding="utf-8")
    done = run_here("check", "a.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert "status.1.step" in done.stderr
    assert "status.1.date" in done.stderr


def test_a_draft_says_so_in_its_footer_and_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(reference(more=STEPS + "reference: our big chance\n"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(reference(), encoding="utf-8")
    done = run_here("build", "a.yaml", "--draft", "-f", "docx,pdf", "-o", "out", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:2] == ["out/a-draft-2.docx", "out/a-draft-2.pdf"]
    assert "Draft 2, November 9, 2026" in pdf_text((tmp_path / "out" / "a-draft-2.pdf").read_bytes(), tmp_path)
    footers = zipfile.ZipFile(tmp_path / "out" / "a-draft-2.docx")
    assert any("Draft 2, November 9, 2026" in footers.read(name).decode()
               for name in footers.namelist() if "footer" in name)  # fmt: skip
    # The draft carries its deal like any document, and without the history.
    assert run_here("recover", "out/a-draft-2.docx", "-o", "sent.yaml", folder=tmp_path).returncode == 0
    sent = (tmp_path / "sent.yaml").read_text(encoding="utf-8")
    assert "fee: 10%" in sent
    assert "status" not in sent
    assert "our big chance" not in sent
    without = run_here("build", "b.yaml", "--draft", "-o", "out2", folder=tmp_path)
    assert without.returncode == 2
    assert "b.yaml: status: the status of the deal has no draft" in without.stderr
    assert not (tmp_path / "out2").exists()


def test_steps_stand_in_the_order_of_their_days(tmp_path: Path) -> None:
    steps = "status:\n  - {step: sent, date: 2026-11-20}\n  - {step: signed, date: 2026-11-02}\n"
    (tmp_path / "a.yaml").write_text(reference(more=steps), encoding="utf-8")
    done = run_here("build", "a.yaml", folder=tmp_path)
    assert done.returncode == 2
    line = next(line for line in done.stderr.splitlines() if "status.2.date" in line)
    assert line.endswith('status.2.date: "signed" on 2026-11-02 stands behind "sent" on 2026-11-20')


def find_problems(*steps: str) -> list[tuple[str, str]]:
    listed = "status:\n" + "".join(f"  - {{step: {step}}}\n" for step in steps)
    try:
        read(reference(more=listed))
    except InputError as refused:
        return [(problem.field, problem.message) for problem in refused.problems]
    return []


def test_an_agreement_does_not_end_before_it_takes_effect(tmp_path: Path) -> None:
    steps = "status:\n  - {step: signed, date: 2026-10-20}\n  - {step: ended, date: 2026-11-01}\n"
    (tmp_path / "e.yaml").write_text(reference(more=steps), encoding="utf-8")
    for command in ("calendar", "check"):
        done = run_here(command, "e.yaml", folder=tmp_path)
        assert done.returncode == 2
        assert "status.2.date: the agreement ended on 2026-11-01, and takes effect only on 2026-12-01" in done.stderr
    # Its first day belongs to the agreement.
    assert find_problems("signed, date: 2026-10-20", "ended, date: 2026-12-01") == []


def test_the_beginning_stays_among_the_dates_of_what_has_ended() -> None:
    days = list_key_dates(read(reference()), ended=date(2026, 11, 1))
    assert [one.day for one in days if one.id == "effective"] == [date(2026, 12, 1)]


def test_steps_come_in_an_order_that_can_be() -> None:
    signed, ended = "signed, date: 2026-11-20", "ended, date: 2027-07-15"
    assert find_problems("sent, date: 2026-11-03", signed, "amended, date: 2027-06-01", ended) == []
    assert find_problems(signed, "draft, date: 2026-11-21", "sent, date: 2026-11-22") == [
        ("status.2.step", '"draft" stands behind "signed"; a change of what was signed is "amended"'),
        ("status.3.step", '"sent" stands behind "signed"; a change of what was signed is "amended"'),
    ]
    assert find_problems("sent, date: 2026-11-03", ended) == [
        ("status.2.step", '"ended" without "signed" before it: only what was signed can be ended')
    ]
    assert find_problems(signed, ended, "amended, date: 2027-08-01") == [
        ("status.3.step", '"amended" stands behind "ended": nothing comes after the end')
    ]


def test_after_a_step_that_cannot_be_read_the_others_are_judged_without_it() -> None:
    found = find_problems("asigned, date: 2026-12-20", "ended, date: 2026-12-10")
    assert [field for field, _ in found] == ["status.1.step"]

"""Batches: sources in, documents and their list out; what did not change is left alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import packs
import pytest
from batches import TEXT, Heard, batch, command, deals, entries, hashes, table, whole
from conftest import ROOT

from agreementgen import __version__, pipeline
from agreementgen.batch import workers
from agreementgen.batch.report import describe_duration, describe_speed
from agreementgen.batch.workers import BuildOptions
from agreementgen.core.problems import InputError
from agreementgen.library.library import Library
from agreementgen.render import pdf

TIMES = ("changed", "seconds")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    return deals(tmp_path / "deals", 3)


# -- documents and their list


def test_a_batch_builds_what_build_does(few: Path, tmp_path: Path, library: Library) -> None:
    formats = ("docx", "pdf", "txt") if pdf.is_available() else ("docx", "txt")
    outcome = batch(few, tmp_path / "out", BuildOptions(formats=formats))
    assert outcome.status == 0
    made = whole(tmp_path / "out")
    for number in (1, 2, 3):
        data = (few / f"deal-{number:03}.yaml").read_bytes()
        built = pipeline.build(pipeline.read(data, "deal.yaml", library), library, formats)
        for kind in formats:
            name = f"referral-maple-{number:03}-2026-12-01.{kind}"
            assert (tmp_path / "out" / name).read_bytes() == built.files[kind]
    assert len(made) == 3 * len(formats) + 2


def test_the_list_tells_all(few: Path, tmp_path: Path, library: Library) -> None:
    batch(few, tmp_path / "out")
    line = entries(tmp_path / "out")[1]
    assert line["deal"] == (few / "deal-002.yaml").as_posix()
    assert (line["status"], line["pages"], line["program"]) == ("built", 1, __version__)
    assert line["library"] == library.digest
    assert line["points"] == 12
    assert 0 < float(str(line["free_percent"])) < 100
    row = table(tmp_path / "out")[1]
    assert (row["status"], row["pages"], row["type size"], row["reason"]) == ("built", "1", "12", "")


def test_charts_come_beside_agreements(tmp_path: Path) -> None:
    source = ROOT / "samples" / "referral.yaml"
    batch(source, tmp_path / "out", BuildOptions(formats=("docx", "txt", "xlsx", "csv")))
    stem = "referral-bay-rank-2026-12-01"
    chart = {f"{stem}-raci.{kind}" for kind in ("docx", "xlsx", "csv")}
    expected = {f"{stem}.docx", f"{stem}.txt", "manifest.csv", "manifest.jsonl"}
    has_chart = "\nraci:" in source.read_text(encoding="utf-8")
    assert set(whole(tmp_path / "out")) == expected | (chart if has_chart else set())


def test_a_folder_for_each_deal(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out", replace(TEXT, folders=True, names="{parties.2.short}"))
    assert set(whole(tmp_path / "out")) == {
        "maple-001/maple-001.txt", "maple-002/maple-002.txt", "maple-003/maple-003.txt",
        "manifest.csv", "manifest.jsonl",
    }  # fmt: skip


def test_workers_write_the_same_bytes(few: Path, tmp_path: Path) -> None:
    """Documents and lists are the same from one process and from two, whatever their hash seeds."""
    formats = "docx,pdf,txt" if pdf.is_available() else "docx,txt"
    for jobs, seed in (("1", "1"), ("2", "2")):
        done = command(
            few,
            "-o",
            tmp_path / jobs,
            "-j",
            jobs,
            "-f",
            formats,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"},
        )
        assert done.returncode == 0, done.stderr
    assert whole(tmp_path / "1") == whole(tmp_path / "2")


# -- again


def test_what_did_not_change_is_left_alone(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}
    outcome = batch(few, tmp_path / "out")
    assert (len(outcome.built), outcome.unchanged, outcome.status) == (0, 3, 0)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {p: t for p, t in after.items() if p.name != "lock"} == {p: t for p, t in before.items() if p.name != "lock"}


def test_only_the_changed_deal_is_built_again(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    before = hashes(tmp_path / "out")
    path = few / "deal-002.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("60 days", "45 days"), encoding="utf-8")
    outcome = batch(few, tmp_path / "out")
    assert [record.stem for record in outcome.built] == ["referral-maple-002-2026-12-01"]
    after = whole(tmp_path / "out")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"referral-maple-002-2026-12-01.txt", "manifest.csv", "manifest.jsonl"}
    assert "45 days" in (tmp_path / "out" / "referral-maple-002-2026-12-01.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "wanted",
    [
        replace(TEXT, layout="one-plus-one"),
        replace(TEXT, paper="a4"),
        replace(TEXT, formats=("docx", "txt")),
        replace(TEXT, names="{deal}"),
        replace(TEXT, folders=True),
        replace(TEXT, formats=("docx",), folders=True, sign="docusign"),
    ],
    ids=["layout", "paper", "formats", "names", "folders", "sign"],
)
def test_other_options_build_again_and_leave_nothing_behind(wanted: BuildOptions, few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    outcome = batch(few, tmp_path / "out", wanted)
    assert len(outcome.built) == 3
    batch(few, tmp_path / "new", wanted)
    assert whole(tmp_path / "out") == whole(tmp_path / "new")
    stem = "referral-maple-001-2026-12-01"
    sheets = [name for name in whole(tmp_path / "out") if name.endswith("-recipients.json")]
    assert sheets == ([f"{stem[:15]}00{n}{stem[18:]}/{stem[:15]}00{n}{stem[18:]}-recipients.json" for n in (1, 2, 3)]
                      if wanted.sign else [])  # fmt: skip


def test_fresh_builds_all(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    assert len(batch(few, tmp_path / "out", fresh=True).built) == 3


def test_a_missing_or_empty_document_is_built_again(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    before = whole(tmp_path / "out")
    (tmp_path / "out" / "referral-maple-001-2026-12-01.txt").unlink()
    (tmp_path / "out" / "referral-maple-002-2026-12-01.txt").write_bytes(b"")
    outcome = batch(few, tmp_path / "out")
    assert len(outcome.built) == 2
    assert whole(tmp_path / "out") == before


def test_a_touched_document_is_not_built_again(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    os.utime(tmp_path / "out" / "referral-maple-001-2026-12-01.txt", (1, 1))
    assert batch(few, tmp_path / "out").unchanged == 3


def test_a_document_somebody_changed_is_theirs(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    before = whole(tmp_path / "out")
    edited = tmp_path / "out" / "referral-maple-001-2026-12-01.txt"
    edited.write_text("negotiated", encoding="utf-8")
    outcome = batch(few, tmp_path / "out")
    assert outcome.status == 2
    assert "somebody has changed this file" in str(outcome.wrong[(few / "deal-001.yaml").as_posix()][0])
    assert edited.read_text(encoding="utf-8") == "negotiated"
    outcome = batch(few, tmp_path / "out", keep_going=True)
    assert (outcome.status, outcome.unchanged) == (1, 2)
    assert entries(tmp_path / "out")[0]["status"] == "wrong"
    assert edited.read_text(encoding="utf-8") == "negotiated"
    assert batch(few, tmp_path / "out", force=True).status == 0
    assert whole(tmp_path / "out") == before


def test_a_file_of_somebody_else_is_not_overwritten(few: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    theirs = tmp_path / "out" / "referral-maple-003-2026-12-01.txt"
    theirs.write_text("theirs", encoding="utf-8")
    outcome = batch(few, tmp_path / "out")
    assert outcome.status == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == [theirs.name]
    (tmp_path / "out2").mkdir()
    (tmp_path / "out2" / "manifest.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="a file of this name is there already"):
        batch(few, tmp_path / "out2")


def test_what_build_wrote_may_be_replaced(few: Path, tmp_path: Path) -> None:
    source = few / "deal-001.yaml"
    subprocess.run(
        [sys.executable, "-c", "from agreementgen.cli.main import main; main()", "build", source, "-f", "txt", "-o", tmp_path / "out"],
        check=True, capture_output=True,
    )  # fmt: skip
    changed = source.read_text(encoding="utf-8").replace("60 days", "45 days")
    source.write_text(changed, encoding="utf-8")
    assert batch(source, tmp_path / "out", replace(TEXT, names="{deal}")).status == 0
    assert "45 days" in (tmp_path / "out" / "deal-001.txt").read_text(encoding="utf-8")


def test_documents_of_deals_that_are_gone_are_left_and_listed(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    (few / "deal-002.yaml").unlink()
    outcome = batch(few, tmp_path / "out")
    gone = (few / "deal-002.yaml").as_posix()
    assert outcome.left_over == [gone]
    whole(tmp_path / "out")
    assert {line["deal"]: line["status"] for line in entries(tmp_path / "out")}[gone] == "left over"
    assert (tmp_path / "out" / "referral-maple-002-2026-12-01.txt").exists()


def test_a_renamed_deal_takes_its_documents_over(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    before = whole(tmp_path / "out")
    (few / "deal-002.yaml").rename(few / "other.yaml")
    outcome = batch(few, tmp_path / "out")
    assert (len(outcome.built), outcome.left_over, outcome.status) == (1, [], 0)
    after = whole(tmp_path / "out")
    assert {n: h for n, h in after.items() if "manifest" not in n} == {
        n: h for n, h in before.items() if "manifest" not in n
    }


def test_a_changed_name_moves_the_documents(few: Path, tmp_path: Path) -> None:
    batch(few, tmp_path / "out")
    path = few / "deal-002.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Maple 002", "Oak"), encoding="utf-8")
    outcome = batch(few, tmp_path / "out")
    assert outcome.removed == ["referral-maple-002-2026-12-01.txt"]
    assert "referral-oak-2026-12-01.txt" in whole(tmp_path / "out")


# -- what is wrong


def test_problems_are_listed_by_deal_and_nothing_is_written(few: Path, tmp_path: Path) -> None:
    for name, old, new in (("deal-001", "Vermont\n", "DE\n"), ("deal-003", "model: none", "modle: none")):
        path = few / f"{name}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    done = command(few, "-o", tmp_path / "out", "-f", "txt")
    assert done.returncode == 2
    assert not (tmp_path / "out").exists()
    heads = [line for line in done.stderr.splitlines() if not line.startswith(" ")]
    assert heads == [
        str(few / "deal-001.yaml"), str(few / "deal-003.yaml"), "2 deals of 3 cannot be built; nothing was written",
    ]  # fmt: skip
    assert "deal-001.yaml:4:6: law:" in done.stderr
    assert 'did you mean "model"?' in done.stderr
    assert "Traceback" not in done.stderr
    done = command(few, "-o", tmp_path / "out", "-f", "txt", "--keep-going")
    assert done.returncode == 1
    assert [line["status"] for line in entries(tmp_path / "out")] == ["wrong", "built", "wrong"]
    assert "law:" in table(tmp_path / "out")[0]["reason"]
    whole(tmp_path / "out")


def test_a_deal_that_does_not_fit_fails_alone(few: Path, tmp_path: Path) -> None:
    path = few / "deal-002.yaml"
    items = ", ".join(
        f"work of kind number {n} of the many kinds that neither party does for the other" for n in range(90)
    )
    purpose = "purpose: Send each other customers with coupons"
    text = path.read_text(encoding="utf-8").replace(purpose, f"{purpose}\n  excluded: [{items}]")
    path.write_text(text, encoding="utf-8")
    outcome = batch(few, tmp_path / "out", replace(TEXT, layout="one-page"))
    assert (outcome.status, len(outcome.built), list(outcome.failed)) == (1, 2, [path.as_posix()])
    line = entries(tmp_path / "out")[1]
    assert line["status"] == "failed"
    assert "does not fit" in str(line["reason"])
    whole(tmp_path / "out")


def test_a_problem_of_all_deals_is_said_once(few: Path, tmp_path: Path) -> None:
    done = command(few, "-o", tmp_path / "out", "--names", "{kind}-{colour}")
    assert done.returncode == 2
    assert done.stderr.count('the pattern names "colour"') == 1
    assert "and 2 others" in done.stderr


def test_the_same_name_twice_is_found_before_anything_is_written(few: Path, tmp_path: Path) -> None:
    done = command(few, "-o", tmp_path / "out", "--names", "{kind}-{effective}")
    assert done.returncode == 2
    assert "the same names as those of" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words", [("-f", "doc"), ("-f", "xlsx"), ("-j", "0"), ("--names", "same"), ("--names", "a/{deal}")]
)
def test_wrong_usage_is_explained(words: tuple[str, str], few: Path, tmp_path: Path) -> None:
    done = command(few, "-o", tmp_path / "out", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


# -- workers and what is said


def test_worker_processes_are_used_again_and_again(tmp_path: Path) -> None:
    source = deals(tmp_path / "deals", 12)
    outcome = batch(source, tmp_path / "out", crew=lambda _: workers.make_local_pool(2))
    assert len(outcome.built) == 12
    batch(source, tmp_path / "one")
    assert whole(tmp_path / "out") == whole(tmp_path / "one")


def test_garbage_of_the_last_deals_is_collected_often_and_all_of_it_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    generations: list[int] = []
    monkeypatch.setattr(workers.gc, "isenabled", lambda: False)
    monkeypatch.setattr(workers.gc, "collect", generations.append)
    monkeypatch.setattr(workers, "_deals_built", 0)
    for _ in range(2_000):
        workers.collect_garbage()
    assert (generations.count(1), generations.count(2), len(generations)) == (198, 2, 200)


def test_workers_import_nothing_from_the_folder_where_a_batch_is_started(tmp_path: Path) -> None:
    """Started as a script, as an installed program is: of that, Python looks beside the script and not here."""
    source = deals(tmp_path / "deals", 4)
    script = tmp_path / "bin" / "run"
    script.parent.mkdir()
    script.write_text(
        "from agreementgen.cli.main import main\nif __name__ == '__main__':\n    main()\n", encoding="utf-8"
    )
    for module in ("agreementgen/__init__.py", "multiprocessing/__init__.py", "threading.py"):
        here = tmp_path / "project" / module
        here.parent.mkdir(parents=True, exist_ok=True)
        here.write_text("open('imported.txt', 'w')\nraise SystemExit(3)\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, script, "batch", source, "-o", tmp_path / "out", "-f", "txt", "-j", "2"],
        cwd=tmp_path / "project", capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(whole(tmp_path / "out")) == 6
    assert not (tmp_path / "project" / "imported.txt").exists()


def test_nothing_slow_is_loaded_where_nothing_changed(few: Path, tmp_path: Path) -> None:
    done = command(few, "-o", tmp_path / "out", "-f", "txt", "-j", "1")
    assert done.returncode == 0
    program = (
        "import sys\nfrom agreementgen.cli.main import commands\n"
        "status = commands.main(sys.argv[1:], standalone_mode=False)\n"
        "print([name for name in ('weasyprint', 'docx', 'openpyxl', 'rich', 'dask') if name in sys.modules])"
    )
    again = subprocess.run(
        [sys.executable, "-c", program, "batch", few, "-o", tmp_path / "out", "-f", "txt"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stdout.splitlines()[-1] == "[]"
    assert "0 built, 3 unchanged" in again.stderr


def test_plain_lines_come_where_there_is_no_terminal(few: Path, tmp_path: Path) -> None:
    done = command(few, "-o", tmp_path / "out", "-f", "txt", "-j", "1")
    assert done.stdout == f"{tmp_path / 'out' / 'manifest.csv'}\n"
    lines = done.stderr.splitlines()
    assert lines[0] == "3 deals: 3 built"
    assert [line for line in lines[1:] if not line.startswith("  ")] == ["slowest pages:", "tightest pages:"]
    assert "\x1b" not in done.stderr


def test_events_tell_a_program_everything(few: Path, tmp_path: Path) -> None:
    done = command(few, "-o", tmp_path / "out", "-f", "txt", "-j", "1", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["phase", "phase", "deal", "deal", "deal", "end"]
    for event, line in zip(events[2:5], entries(tmp_path / "out"), strict=True):
        assert {key: event[key] for key in line} == line
        assert event["seconds"] > 0
    assert {key: events[-1][key] for key in ("deals", "built", "unchanged", "status")} == {
        "deals": 3, "built": 3, "unchanged": 0, "status": 0,
    }  # fmt: skip
    (few / "deal-002.yaml").write_text("agreement: referral\n", encoding="utf-8")
    done = command(few, "-o", tmp_path / "out", "-f", "txt", "--json")
    wrong = [event for event in map(json.loads, done.stdout.splitlines()) if event["event"] == "wrong"]
    assert [event["deal"] for event in wrong] == [(few / "deal-002.yaml").as_posix()]
    assert {problem["field"] for problem in wrong[0]["problems"]} >= {"parties", "law"}


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_a_terminal_shows_a_bar(few: Path, tmp_path: Path) -> None:
    import pexpect

    words = [
        "-c",
        "from agreementgen.cli.main import main; main()",
        "batch",
        str(few),
        "-o",
        str(tmp_path / "out"),
        "-f",
        "txt",
    ]
    environment = {**os.environ, "TERM": "xterm", "NO_COLOR": "1"}
    program = pexpect.spawn(
        sys.executable, [*words, "-j", "1"], env=environment, dimensions=(24, 80), encoding="utf-8", timeout=120
    )
    program.expect("building")
    program.expect("[0-3] of 3")
    program.expect("3 deals: 3 built")
    program.expect(pexpect.EOF)
    program.close()
    assert program.exitstatus == 0


def test_lines_tell_how_long_it_takes() -> None:
    heard = Heard()
    heard.seconds_between = 0
    with heard.phase("building", 4):
        heard.count_deal()
        time.sleep(0.25)
        heard.count_deal(failed=True)
        heard.count_deal()
        heard.count_deal()
    assert heard.said[0] == "building: 1 of 4"
    assert re.fullmatch(r"building: 2 of 4, \d\.\d a second, 0:0\d left, 1 failed", heard.said[1])
    assert len(heard.said) == 3


def test_times_and_speeds_are_readable() -> None:
    assert [describe_duration(n) for n in (0.4, 61, 3600, 36_061.5)] == ["0:00", "1:01", "1:00:00", "10:01:02"]
    assert [describe_speed(n) for n in (12.34, 1, 0.5)] == ["12.3 a second", "1.0 a second", "30 a minute"]


# -- packs, tables, and what stands beside deals


def test_a_changed_pack_builds_the_deals_that_use_it(few: Path, tmp_path: Path) -> None:
    firm = packs.write(tmp_path / "acme", packs.MEDIATION | packs.outline_with("mediation"))
    two = few / "deal-002.yaml"
    two.write_text(f"pack: ../acme\n{two.read_text(encoding='utf-8')}", encoding="utf-8")
    batch(few, tmp_path / "out")
    lines = entries(tmp_path / "out")
    assert [line["packs"] for line in lines] == [[], ["acme 1.2"], []]
    document = tmp_path / "out" / "referral-maple-002-2026-12-01.txt"
    assert "the parties try mediation" in document.read_text(encoding="utf-8")
    clause = firm / "clauses" / "mediation" / "acme-mediation.md"
    clause.write_text(
        clause.read_text(encoding="utf-8").replace("try mediation", "attempt mediation"), encoding="utf-8"
    )
    outcome = batch(few, tmp_path / "out")
    assert [record.stem for record in outcome.built] == ["referral-maple-002-2026-12-01"]
    assert "the parties attempt mediation" in document.read_text(encoding="utf-8")
    assert len(batch(few, tmp_path / "out", replace(TEXT, packs=(firm,))).built) == 2
    whole(tmp_path / "out")


CHART = "Task,Till (Maple 001),Oven (Lind Bakery)\nBake the bread,I,A/R\nHand out coupons,A/R,C\n"


def test_a_changed_table_beside_a_deal_builds_it_again(few: Path, tmp_path: Path) -> None:
    one = few / "deal-001.yaml"
    one.write_text(f"{one.read_text(encoding='utf-8')}raci: chart.csv\n", encoding="utf-8")
    (few / "chart.csv").write_text(CHART, encoding="utf-8")
    wanted = replace(TEXT, formats=("txt", "csv"))
    batch(few, tmp_path / "out", wanted)
    chart = tmp_path / "out" / "referral-maple-001-2026-12-01-raci.csv"
    assert "Bake the bread" in chart.read_text(encoding="utf-8-sig")
    (few / "chart.csv").write_text(CHART.replace("Bake the", "Slice the"), encoding="utf-8")
    outcome = batch(few, tmp_path / "out", wanted)
    assert [record.stem for record in outcome.built] == ["referral-maple-001-2026-12-01"]
    assert "Slice the bread" in chart.read_text(encoding="utf-8-sig")
    (few / "chart.csv").unlink()
    outcome = batch(few, tmp_path / "out", wanted)
    assert list(outcome.wrong) == [one.as_posix()]
    assert 'there is no table "chart.csv"' in str(outcome.wrong[one.as_posix()][0])


def test_a_row_more_builds_one_document_more(tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copytree(ROOT / "samples" / "partner-program", program)
    table = program / "partners.csv"
    lines = table.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    few = [*lines[:4]]
    table.write_text("".join(few), encoding="utf-8-sig")
    sources = [program / "base.yaml", table]
    first = batch(sources, tmp_path / "out")
    assert (len(first.built), first.status) == (3, 0)
    # In front of the others: their rows move down, and they stay the same deals.
    table.write_text("".join([few[0], lines[4], *few[1:]]), encoding="utf-8-sig")
    second = batch(sources, tmp_path / "out")
    assert (len(second.built), second.unchanged, second.left_over) == (1, 3, [])
    assert len(entries(tmp_path / "out")) == 4
    whole(tmp_path / "out")

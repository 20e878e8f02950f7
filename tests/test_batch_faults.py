"""Batches that are interrupted: at every change on disk, and at random moments; the next run completes them."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from batches import TEXT, batch, command, deals, entries, hashes, strays, whole
from commands import run_here
from faults import Remembering, dies, forked, hook, interrupts, is_full, is_held, is_read_only

from agreementgen.batch import workers
from agreementgen.batch.folder import Journal, lock_folder
from agreementgen.batch.workers import BuildOrder, BuildResult, run_orders
from agreementgen.core.problems import InputError

ALL = bool(os.environ.get("AGREEMENTGEN_ALL_FAULTS"))
WANTED = replace(TEXT, formats=("docx", "txt"), folders=True)


# -- at every change on disk


@dataclass
class Story:
    """A batch in a folder where an earlier one left its documents: of four deals one is gone, one changed, one was
    renamed, one is new."""

    source: Path
    before: Path
    crew: Remembering

    def begin(self, out: Path) -> None:
        """Let `out` be what the earlier batch left."""
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(self.before, out)

    def go_on(self, out: Path) -> int:
        return batch(self.source, out, WANTED, self.crew.crew).status

    def changes(self, out: Path) -> int:
        """Return how many changes on disk the batch makes."""
        self.begin(out)
        with hook.failing(out, 1, lambda event, paths: None):
            assert self.go_on(out) == 0
        return hook.count

    def completed(self, out: Path) -> dict[str, str]:
        """Return what the next run leaves."""
        assert self.go_on(out) == 0
        return whole(out)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("story")
    source = deals(folder / "deals", 4)
    told = Story(source, folder / "before", Remembering())
    fourth = source / "deal-004.yaml"
    fourth.rename(folder / "later.yaml")
    assert batch(source, told.before, WANTED, told.crew.crew).status == 0
    (source / "deal-001.yaml").unlink()
    for number, old, new in ((2, "60 days", "45 days"), (3, "Maple 003", "Oak")):
        path = source / f"deal-{number:03}.yaml"
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    (folder / "later.yaml").rename(fourth)
    return told


@pytest.fixture(scope="module")
def undisturbed(story: Story, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    story.begin(out)
    found = story.completed(out)
    stems = {"maple-001", "maple-002", "oak", "maple-004"}
    assert {name.split("/")[0] for name in found if "/" in name} == {f"referral-{s}-2026-12-01" for s in stems}
    return found


def test_killed_at_every_change(story: Story, undisturbed: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    total = story.changes(out)
    assert total > 25
    for at in range(1, total + 1):
        story.begin(out)
        with hook.failing(out, at, dies):
            ended = forked(lambda: story.go_on(out))
        assert ended == -signal.SIGKILL, at
        assert story.completed(out) == undisturbed, at


def test_interrupted_at_every_change(story: Story, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """The list is true at once, not only after the next run."""
    out = tmp_path / "out"
    for at in range(1, story.changes(out) + 1):
        story.begin(out)
        with hook.failing(out, at, interrupts), pytest.raises(KeyboardInterrupt):
            story.go_on(out)
        listed = {f["name"]: f["sha256"] for line in entries(out) for f in line["files"]}
        there = hashes(out)
        done = {line["deal"] for line in entries(out) if line["status"] == "built"}
        assert all(there[name] == digest for name, digest in listed.items() if name in there), at
        assert {f["name"] for line in entries(out) if line["deal"] in done for f in line["files"]} <= set(there), at
        assert story.completed(out) == undisturbed, at


def test_a_disk_that_fills_up_at_every_change(story: Story, undisturbed: dict[str, str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    for at in range(1, story.changes(out) + 1):
        story.begin(out)
        with hook.failing(out, at, is_full):
            try:
                story.go_on(out)
            except InputError as error:
                assert "No space left on device" in str(error), at
                assert not list(out.rglob("*.part")), at
        assert story.completed(out) == undisturbed, at


def test_a_disk_that_takes_part_of_a_file(story: Story, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """Also in the middle of a line of the journal, and of the list."""
    out = tmp_path / "out"
    largest = max(path.stat().st_size for path in story.before.rglob("*"))
    refused = 0
    for limit in range(0, 2 * largest, 97 if ALL else 997):
        story.begin(out)
        refused += forked(lambda: story.go_on(out), limit) == 1
        assert story.completed(out) == undisturbed, limit
    assert refused > 3


def test_a_journal_cut_anywhere_costs_its_last_deal_at_most(
    story: Story, undisturbed: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    story.begin(out)
    story.completed(out)
    path = out / ".agreementgen" / "journal.jsonl"
    whole_journal = path.read_bytes()
    end = len(whole_journal)
    last = whole_journal.rindex(b"\n", 0, end - 1)
    for cut in range(last - 500, end, 7 if ALL else 61):
        story.begin(out)
        story.completed(out)
        path.write_bytes(whole_journal[:cut])
        assert story.completed(out) == undisturbed, cut
        assert len(Journal(out).finished) == 4


def test_a_folder_that_cannot_be_written(story: Story, tmp_path: Path) -> None:
    out = tmp_path / "out"
    story.begin(out)
    before = hashes(out)
    with (
        hook.failing(out, 1, is_read_only),
        pytest.raises(InputError, match="cannot write here: Read-only file system"),
    ):
        story.go_on(out)
    assert hashes(out) == before
    new = tmp_path / "new"
    with hook.failing(new, 1, is_read_only), pytest.raises(InputError, match="cannot write here"):
        story.go_on(new)
    assert not new.exists()


def test_a_document_that_another_program_holds(story: Story, undisturbed: dict[str, str], tmp_path: Path) -> None:
    """Windows does not let an open document be replaced: its deal fails, the others are built."""
    out = tmp_path / "out"
    story.begin(out)
    with hook.failing(out, 1, is_held("referral-maple-002-2026-12-01.docx")):
        assert story.go_on(out) == 1
    (failed,) = (line for line in entries(out) if line["status"] == "failed")
    assert "the file cannot be replaced: Permission denied" in str(failed["reason"])
    assert story.completed(out) == undisturbed


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(story: Story, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    done = command(story.source, "-o", tmp_path / "out", "-f", "txt")
    assert done.returncode == 2
    assert "cannot write here: Permission denied" in done.stderr


def test_two_runs_at_once(story: Story, tmp_path: Path) -> None:
    out = tmp_path / "out"
    story.begin(out)
    before = hashes(out)
    with lock_folder(out):
        done = command(story.source, "-o", out, "-f", "txt")
    assert done.returncode == 2
    assert f"another batch is writing into this folder: process {os.getpid()}" in done.stderr
    assert hashes(out) == before


# -- workers that die


def _deadly(orders: Sequence[int]) -> list[int]:
    if 7 in orders:
        os.kill(os.getpid(), signal.SIGKILL)
    return [10 * order for order in orders]


def _lost(order: int, error: BaseException) -> int:
    return -order


def test_a_worker_that_dies_costs_its_order_only() -> None:
    found = list(run_orders(_deadly, _lost, range(20), workers.make_local_pool(2)))
    assert sorted(found) == sorted([-7, *(10 * n for n in range(20) if n != 7)])


def _always(orders: Sequence[int]) -> list[int]:
    os._exit(3)


def test_workers_that_all_die_end_the_batch() -> None:
    with pytest.raises(InputError, match="no worker answers"):
        list(run_orders(_always, _lost, range(100), workers.make_local_pool(2)))


def _killed_by_one(orders: Sequence[BuildOrder]) -> list[BuildResult]:
    if any(order.stem == "referral-maple-003-2026-12-01" for order in orders):
        os.kill(os.getpid(), signal.SIGKILL)
    return workers.build(orders)


def test_a_deal_that_kills_its_worker_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = deals(tmp_path / "deals", 5)
    monkeypatch.setattr("agreementgen.batch.run.workers.build", _killed_by_one)
    outcome = batch(source, tmp_path / "out", crew=lambda _: workers.make_local_pool(2))
    monkeypatch.undo()
    assert list(outcome.failed) == [(source / "deal-003.yaml").as_posix()]
    assert outcome.status == 1
    assert "the worker process that built it died" in str(entries(tmp_path / "out")[2]["reason"])
    whole(tmp_path / "out")
    assert batch(source, tmp_path / "out").status == 0
    assert len(whole(tmp_path / "out")) == 5 + 2


# -- at random moments


def program(*words: object, temporary: Path) -> subprocess.Popen[bytes]:
    """Start "agreementgen batch" in a group of its own, with a folder for temporary files."""
    line = [sys.executable, "-c", "from agreementgen.cli.main import main; main()", "batch", *map(str, words)]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    return subprocess.Popen(
        line, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def processes_of(group: int) -> dict[int, str]:
    """Return the processes of a group that have not ended, by number, with their command lines."""
    done = subprocess.run(["ps", "-ww", "-eo", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in done.stdout.splitlines()]
    return {int(row[0]): row[3] for row in rows if int(row[1]) == group and not row[2].startswith("Z")}


def gone(group: int) -> bool:
    """Wait until no process of a group is left."""
    end = time.monotonic() + 20
    while processes_of(group):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str], float]:
    """Return a batch, what an undisturbed run of it leaves, and how long that takes."""
    source = deals(tmp_path_factory.mktemp("many") / "deals", 300 if ALL else 8)
    out = tmp_path_factory.mktemp("many") / "out"
    started = time.monotonic()
    done = command(source, "-o", out, "-f", "docx", "-j", "2")
    assert done.returncode == 0, done.stderr
    return source, whole(out), time.monotonic() - started


def stopped(
    many: tuple[Path, dict[str, str], float],
    tmp_path: Path,
    short: Path,
    moment: float,
    number: int,
    group: bool = False,
) -> int:
    """Stop a batch with a signal after a share of its time, complete it, and return how the first run ended."""
    source, undisturbed, seconds = many
    out, temporary = tmp_path / "out", short
    shutil.rmtree(out, ignore_errors=True)
    running = program(source, "-o", out, "-f", "docx", "-j", "2", temporary=temporary)
    time.sleep(moment * seconds)
    (os.killpg if group else os.kill)(running.pid, number)
    status = running.wait(60)
    assert gone(running.pid), processes_of(running.pid)
    # Python itself takes a while to begin and to end; then a signal finds nobody who would answer it.
    began = out.exists()
    ended = began and hashes(out) == undisturbed
    if number != signal.SIGKILL and status == -number and (ended or not began):
        status = 0
    again = run_here("batch", source, "-o", out, "-f", "docx", "-j", "1")
    assert again.returncode == 0, again.stderr
    assert whole(out) == undisturbed, moment
    assert not strays(temporary), moment
    return status


@pytest.fixture
def short() -> Iterator[Path]:
    """Return a folder for temporary files with a short name, as systems have."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def moments(count: int) -> list[float]:
    """Return shares of the time of a batch, spread evenly, each a little by chance."""
    return [(n + random.random()) / count for n in range(count)]


def test_killed_at_random_moments(many: tuple[Path, dict[str, str], float], tmp_path: Path, short: Path) -> None:
    for moment in moments(50 if ALL else 3):
        assert stopped(many, tmp_path, short, moment, signal.SIGKILL) in (-signal.SIGKILL, 0)


def test_workers_killed_at_random_moments(
    many: tuple[Path, dict[str, str], float], tmp_path: Path, short: Path
) -> None:
    """Which deals a dead worker had is nobody's fault: all are built."""
    source, undisturbed, seconds = many
    killed = 0
    running = program(source, "-o", tmp_path / "out", "-f", "docx", "-j", "2", temporary=short)
    while running.poll() is None:
        time.sleep(0.02)
        # The fork server and its children have the same line; the first of them is the server.
        processes = sorted(number for number, line in processes_of(running.pid).items() if "forkserver" in line)[1:]
        if processes and killed < (5 if ALL else 2):
            os.kill(random.choice(processes), signal.SIGKILL)
            killed += 1
            time.sleep(random.random() * (seconds / 5 if ALL else 0.5))
    assert (running.returncode, killed > 0) == (0, True)
    assert whole(tmp_path / "out") == undisturbed
    assert gone(running.pid)
    assert not strays(short)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_stopped_at_random_moments(
    many: tuple[Path, dict[str, str], float], name: str, tmp_path: Path, short: Path
) -> None:
    """Ctrl-C reaches all processes of the group, a closed terminal too."""
    number = getattr(signal, name)
    for moment in moments(20 if ALL else 1):
        status = stopped(many, tmp_path, short, 0.3 + 0.7 * moment, number, group=name != "SIGTERM")
        assert status in (130, 0)


def test_a_folder_for_temporary_files_with_a_long_name(tmp_path: Path) -> None:
    """Sockets need short ones."""
    temporary = tmp_path / ("long" * 20)
    temporary.mkdir()
    source = deals(tmp_path / "deals", 4)
    done = command(source, "-o", tmp_path / "out", "-f", "txt", "-j", "2", env={**os.environ, "TMPDIR": str(temporary)})
    assert done.returncode == 0, done.stderr
    assert len(whole(tmp_path / "out")) == 4 + 2

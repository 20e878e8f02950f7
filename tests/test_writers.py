"""Every command that writes, with every change on disk that it makes failing, or being its last.

`tests/test_saving.py` does the same with the writer itself, `tests/test_batch_faults.py` with batches. A short form runs
each time; AGREEMENTGEN_ALL_FAULTS=1 lets each change of each command fail in each way.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import filelock
import pytest
from commands import run_here
from conftest import ROOT
from faults import dies, fails, forked, hook, is_full, is_held

from agreementgen.core import saving
from agreementgen.ledger import workbook

ALL = bool(os.environ.get("AGREEMENTGEN_ALL_FAULTS"))
State = dict[str, bytes]
# What is there for us when nothing runs.
OURS = (".agreementgen.json", ".deal.yaml.lock")


def read_state(folder: Path) -> State:
    """Return what stands in a folder for people."""
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    return {
        path.as_posix(): (folder / path).read_bytes()
        for path in files
        if not any(part.startswith(".") for part in path.parts)
    }


@dataclass
class Writer:
    """A command; "FOLDER" and "NEW" in its words are the folder it writes into and that of the changed deals.

    `before` are the commands whose files are there when it begins, `typed` is what it reads, `step` says how many of its
    changes a short run passes over. `states` are all that the folder went through in an undisturbed run.
    """

    words: str
    before: tuple[str, ...] = ()
    typed: bytes = b""
    step: int = 3
    states: list[State] = field(default_factory=list)
    changes: int = 0
    template: Path = Path()
    deals: Path = Path()

    def run(self, folder: Path, words: str = "") -> subprocess.CompletedProcess[str]:
        line = (words or self.words).replace("FOLDER", str(folder))
        line = line.replace("NEW", str(self.deals / "new")).replace("OLD", str(self.deals / "old"))
        return run_here(*line.split(), stdin=self.typed)

    def prepare(self, template: Path, deals: Path) -> None:
        """Make what is there before the command, and see what an undisturbed run does."""
        self.template, self.deals = template, deals
        template.mkdir()
        for words in self.before:
            ended = self.run(template, words)
            assert ended.returncode == 0, ended.stderr
        folder = self.begin(template.with_name("undisturbed"))
        self.states = [read_state(folder)]

        def look(event: str, paths: list[str]) -> None:
            act, hook.act = hook.act, None
            if (state := read_state(folder)) != self.states[-1]:
                self.states.append(state)
            hook.act = act

        with hook.failing(folder, 1, look):
            ended = self.run(folder)
            self.changes = hook.count
        assert "Traceback" not in ended.stderr, ended.stderr
        self.states.append(read_state(folder))

    def begin(self, folder: Path) -> Path:
        """Let `folder` be what is there before the command."""
        shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(self.template, folder)

    def chosen(self, shift: int) -> Iterator[int]:
        """Yield the changes that are to fail; of a short run, others for each way of failing."""
        step = 1 if ALL else self.step
        return iter(range(1 + shift % step, self.changes + 1, step))


TYPED = b"1\n1\nLakeside Print LLC\nLakeside\n"
WRITERS = {
    "build": Writer("build NEW/deal.yaml -o FOLDER -f txt,docx", ("build OLD/deal.yaml -o FOLDER -f txt,docx",), step=14),
    "raci": Writer("raci NEW/chart.yaml -o FOLDER -f csv,xlsx", ("raci OLD/chart.yaml -o FOLDER -f csv,xlsx",), step=14),
    "review": Writer("review NEW/deal.yaml -o FOLDER -f json", ("review OLD/deal.yaml -o FOLDER -f json",), step=14),
    "calendar": Writer("calendar NEW/deal.yaml -o FOLDER -f ics,csv", ("calendar OLD/deal.yaml -o FOLDER -f ics,csv",), step=4),
    "table": Writer("batch --table-template NEW/other.yaml -o FOLDER/t.csv", ("batch --table-template OLD/deal.yaml -o FOLDER/t.csv",), step=12),
    "pack new": Writer("pack new FOLDER/acme", step=7),
    "pack letterhead": Writer("pack letterhead NEW/paper.docx --pack FOLDER/acme --force", ("pack new FOLDER/acme",), step=1),
    "pack copy": Writer("pack copy FOLDER/acme disputes referral", ("pack new FOLDER/acme",)),
    "new": Writer("new FOLDER/deal.yaml --plain --type referral", typed=TYPED, step=4),
}  # fmt: skip


@pytest.fixture(scope="module")
def deals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return two folders with deals, those of "new" changed in terms, dates and tasks; and a firm's Word file."""
    folder = tmp_path_factory.mktemp("deals")
    for name in ("old", "new"):
        (folder / name).mkdir()
    for target, source, old, new in (
        ("deal.yaml", "minimal", "2026-12-01", "2027-02-01"),
        ("chart.yaml", "referral", "Introduce", "Bring in"),
        ("other.yaml", "supply", "", ""),
    ):
        text = (ROOT / "samples" / f"{source}.yaml").read_text(encoding="utf-8")
        assert old in text
        (folder / "old" / target).write_text(text, encoding="utf-8")
        (folder / "new" / target).write_text(text.replace(old, new) if old else text, encoding="utf-8")
    shutil.copy(ROOT / "templates" / "layout" / "reference.docx", folder / "new" / "paper.docx")
    return folder


@pytest.fixture(autouse=True)
def without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agreementgen.interview.session.refuse_without_terminal", lambda name: None)


@pytest.fixture(params=WRITERS)
def writer(request: pytest.FixtureRequest, deals: Path, tmp_path_factory: pytest.TempPathFactory) -> Writer:
    writer = WRITERS[request.param]
    if not writer.changes:
        writer.prepare(tmp_path_factory.mktemp("writer") / "before", deals)
        assert writer.changes > 2
        assert writer.states[0] != writer.states[-1]
    return writer


def leftovers(folder: Path) -> list[str]:
    """Return what is hidden in a folder and should not be there when nothing runs."""
    return [path.name for path in folder.rglob(".*") if path.name not in OURS]


def judge(writer: Writer, folder: Path, ended: subprocess.CompletedProcess[str], at: object) -> None:
    """Look whether a run that was disturbed left one of the states that an undisturbed one has, and says so."""
    assert "Traceback" not in ended.stderr, (at, ended.stderr)
    state = read_state(folder)
    if "not all files could be written" in ended.stderr:
        assert "some files were written" in ended.stderr
        check_what_is_said(folder, writer.states[0], state, ended.stderr)
        return
    assert state in (writer.states if writer.typed else (writer.states[0], writer.states[-1])), (at, ended.stderr)
    if ended.returncode in (0, 130):  # a conversation ends with what is typed
        assert state == writer.states[-1], at
        return
    assert ended.returncode == 2, (at, ended.stderr)
    assert str(folder) in ended.stderr, (at, ended.stderr)
    assert "hint: " in ended.stderr, (at, ended.stderr)


def check_what_is_said(folder: Path, before: State, state: State, said: str) -> None:
    """Look whether each file that is new, and could not be put back, is named, and its old version is where it says."""
    told = re.findall(r"(?m)^(.+): this file is new, .+\n  hint: the old one is kept as \"(.+)\" beside it$", said)
    assert {Path(name).relative_to(folder).as_posix() for name, _ in told} == {
        name for name in before if state[name] != before[name]
    }
    for name, old in told:
        assert Path(name).with_name(old).read_bytes() == before[Path(name).relative_to(folder).as_posix()]


def complete(writer: Writer, folder: Path, at: object) -> None:
    """Let the command run again where its work is not done, or something is left to be tidied up."""
    if writer.typed:
        return
    is_once = writer.words.startswith("pack new")
    if read_state(folder) != writer.states[-1] or (leftovers(folder) and not is_once):
        ended = writer.run(folder)
        assert read_state(folder) == writer.states[-1], (at, ended.stderr)
        assert not leftovers(folder), at


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS] if ALL else [errno.EIO])
def test_a_change_that_fails_once(writer: Writer, number: int, tmp_path: Path) -> None:
    for at in writer.chosen(0):
        folder = writer.begin(tmp_path / "out")
        with hook.failing(folder, at, fails(number)):
            ended = writer.run(folder)
        judge(writer, folder, ended, at)
        complete(writer, folder, at)


def test_a_disk_that_is_full_from_then_on(writer: Writer, tmp_path: Path) -> None:
    for at in writer.chosen(1):
        folder = writer.begin(tmp_path / "out")
        with hook.failing(folder, at, is_full):
            ended = writer.run(folder)
        judge(writer, folder, ended, at)
        assert ended.returncode == 0 or "No space left on device" in ended.stderr
        complete(writer, folder, at)


def test_killed_at_a_change(writer: Writer, tmp_path: Path) -> None:
    for at in writer.chosen(2):
        folder = writer.begin(tmp_path / "out")
        with hook.failing(folder, at, dies):
            assert forked(lambda folder=folder: writer.run(folder)) == -signal.SIGKILL, at  # type: ignore[misc]
        for name, data in read_state(folder).items():
            assert data in [state.get(name) for state in writer.states], (at, name)
        complete(writer, folder, at)


def each_target(writer: Writer) -> list[str]:
    """Return the files that the command replaces."""
    before, after = writer.states[0], writer.states[-1]
    return [name for name in before if before[name] != after.get(name)]


def test_a_target_that_another_program_has_open(writer: Writer, tmp_path: Path) -> None:
    for name in each_target(writer):
        folder = writer.begin(tmp_path / "out")
        with hook.failing(folder, 1, is_held(name)):
            ended = writer.run(folder)
        assert ended.returncode == 2
        held = f"{folder / name}: the file cannot be replaced: Permission denied\n  hint: close it in the other program"
        assert held in ended.stderr
        assert "nothing was written" in ended.stderr
        assert read_state(folder) == writer.states[0]
        complete(writer, folder, name)


def test_a_disk_that_cannot_store_for_good(writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each fsync in turn: of a file, nothing takes its place; of a folder, all is there, and that is said."""
    count = 0
    fail_at = 0
    sync = os.fsync

    def broken(handle: int) -> None:
        nonlocal count
        count += 1
        if count == fail_at:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        sync(handle)

    monkeypatch.setattr(os, "fsync", broken)
    for fail_at in (1, 2, 3, 4, 5, 6) if ALL else (5,):
        count, folder = 0, writer.begin(tmp_path / "out")
        ended = writer.run(folder)
        assert "Traceback" not in ended.stderr
        assert read_state(folder) in writer.states, fail_at
        if count >= fail_at and not writer.typed:
            assert ended.returncode == 2
            is_done = read_state(folder) == writer.states[-1]
            assert ("may lose them in a power cut" in ended.stderr) == is_done, (fail_at, ended.stderr)


def test_a_record_that_cannot_be_written_says_so(deals: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    record = folder / "deal.record.json"
    line = ("build", deals / "new" / "deal.yaml", "-o", folder, "-f", "txt", "--record", record)
    with hook.failing(folder, 1, is_held(record.name)):
        ended = run_here(*line)
    assert ended.returncode == 2
    assert f"{record}: the documents were written, their record was not" in ended.stderr
    assert f"{record}: the file cannot be replaced" in ended.stderr
    assert "some files were written" in ended.stderr
    assert [*read_state(folder)] == ["deal.txt"]
    assert run_here(*line).returncode == 0
    assert [*read_state(folder)] == ["deal.record.json", "deal.txt"]


# -- one run at a time for each folder

HOLDERS = {
    "build": "build DEAL -f txt",
    "raci": "raci DEAL -f csv",
    "review": "review DEAL -f json",
    "calendar": "calendar DEAL -f ics",
    "workbook": "workbook DEAL",
    "statement": "statement DEAL BOOK --period 2027-03 -f pdf",
    "compare": "compare OLD DEAL -f json",
    "batch": "batch DEAL -f txt -j 1",
}


@pytest.mark.parametrize("name", HOLDERS)
def test_a_folder_into_which_another_run_writes(
    name: str, deals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving, "_LOCK_WAIT_SECONDS", 0)
    # The sheets themselves take seconds.
    monkeypatch.setattr(workbook, "write_book", lambda *_: b"a book")
    folder = tmp_path / "out"
    folder.mkdir()
    state = folder / saving.STATE_FOLDER
    state.mkdir()
    samples = ROOT / "samples"
    line = (
        HOLDERS[name].replace("DEAL", str(samples / "referral.yaml")).replace("OLD", str(deals / "new" / "chart.yaml"))
    )
    line = line.replace("BOOK", str(samples / "ledger" / "referral-2027.xlsx"))
    for lock in (state / "lock",) if name == "batch" else (folder / saving.LOCK_FILE, state / "lock"):
        with filelock.FileLock(lock):
            ended = run_here(*line.split(), "-o", folder)
        assert ended.returncode == 2, ended.stderr
        assert f"{folder}: another " in ended.stderr
        assert "is writing into this folder" in ended.stderr
        assert "\n  hint: wait until it has ended, or choose another folder with -o" in ended.stderr
        assert ended.stdout == ""
        assert read_state(folder) == {}


# -- whose fault it is


def raising(error: OSError) -> Callable[..., None]:
    def act(*_: object, **__: object) -> None:
        raise error

    return act


def test_a_fault_of_ours_is_not_taken_for_the_system_s(
    monkeypatch: pytest.MonkeyPatch, deals: Path, tmp_path: Path
) -> None:
    line = ("calendar", deals / "new" / "deal.yaml", "-o", tmp_path)
    ours = FileNotFoundError(errno.ENOENT, "No such file or directory", "/nowhere/ours.css")
    monkeypatch.setattr(saving, "save_files", raising(ours))
    with pytest.raises(FileNotFoundError):
        run_here(*line)
    theirs = OSError(errno.EMFILE, "Too many open files", "/somewhere/a.pdf")
    monkeypatch.setattr(saving, "save_files", raising(theirs))
    ended = run_here(*line)
    assert ended.returncode == 2
    assert "the system refused: Too many open files (/somewhere/a.pdf)\n  hint: " in ended.stderr
    monkeypatch.setattr(saving, "save_files", raising(FileNotFoundError(errno.ENOENT, "No usable temporary directory")))
    assert run_here(*line).returncode == 2

"""The one writer: all documents are new or all are as they were, whatever fails and whenever; else it is said."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from commands import run_here
from faults import Hook

from agreementgen.batch.folder import DocumentStore, Journal, lock_folder
from agreementgen.core import saving
from agreementgen.core.problems import InputError
from agreementgen.core.saving import PartlyWritten, TargetHeld, save_files

OLD = {"a.docx": b"old a", "a.pdf": b"old b"}
NEW = {"a.docx": b"new a", "a.pdf": b"new b", "a.txt": b"new c"}
HOOK = Hook()


def documents(folder: Path) -> dict[str, bytes]:
    """Return what stands in a folder for people."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def fail(number: int) -> Callable[[str, list[str]], None]:
    def act(event: str, paths: list[str]) -> None:
        if HOOK.count == HOOK.at:
            raise OSError(number, os.strerror(number), paths[0])

    return act


def count_changes(folder: Path) -> int:
    save_files(folder, OLD)
    with HOOK.failing(folder, 10_000, lambda *_: None):
        save_files(folder, NEW)
    return HOOK.count


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EFBIG, errno.EROFS])
def test_whatever_fails_all_are_new_or_all_are_as_they_were(tmp_path: Path, number: int) -> None:
    seen = set()
    changes = count_changes(tmp_path / "count")
    assert changes > 10
    for at in range(1, changes + 1):
        folder = tmp_path / str(at)
        save_files(folder, OLD)
        try:
            with HOOK.failing(folder, at, fail(number)):
                save_files(folder, NEW)
        except InputError as error:
            assert not isinstance(error, PartlyWritten)
            assert documents(folder) == OLD
            assert error.problems[0].hint
            seen.add("old")
        else:
            assert documents(folder) == NEW  # only tidying up failed
            seen.add("new")
        assert save_files(folder, NEW) == tuple(folder / name for name in NEW)
        assert documents(folder) == NEW
        assert [path.name for path in folder.glob(".*")] == [".agreementgen.json"]
    assert "old" in seen


def _save_and_die(folder: Path, at: int) -> None:
    with HOOK.failing(folder, at, lambda *_: os._exit(9)):
        save_files(folder, NEW)
    os._exit(0)


@pytest.mark.skipif(sys.platform != "linux", reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_killed_at_any_moment_the_next_run_takes_all_for_ours(tmp_path: Path) -> None:
    changes = count_changes(tmp_path / "count")
    for at in range(1, changes + 1):
        folder = tmp_path / str(at)
        save_files(folder, OLD)
        process = multiprocessing.get_context("fork").Process(target=_save_and_die, args=(folder, at))
        process.start()
        process.join(20)
        assert process.exitcode == 9
        for name, data in OLD.items():
            assert (folder / name).read_bytes() in (data, NEW[name])  # never missing, never half a file
        save_files(folder, NEW)
        assert documents(folder) == NEW
        assert [path.name for path in folder.glob(".*")] == [".agreementgen.json"]


def test_a_target_that_another_program_holds_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_files(tmp_path, OLD)
    replace = os.replace

    def held(source: Path, target: Path) -> None:
        if target.name == "a.pdf":
            raise PermissionError(errno.EACCES, "Permission denied", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", held)
    with pytest.raises(TargetHeld) as refused:
        save_files(tmp_path, NEW)
    assert str(refused.value) == (
        f"{tmp_path / 'a.pdf'}: the file cannot be replaced: Permission denied\n"
        "  hint: close it in the other program, and run the same command again"
    )
    assert documents(tmp_path) == OLD


def test_what_cannot_be_put_back_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_files(tmp_path, OLD)
    replace = os.replace
    calls = []

    def broken(source: Path, target: Path) -> None:
        if target.name in OLD:
            calls.append(target)
            if len(calls) > 1:
                raise OSError(errno.EIO, "Input/output error", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(PartlyWritten) as refused:
        save_files(tmp_path, NEW)
    told = [problem for problem in refused.value.problems if problem.place.file]
    assert [Path(problem.place.file).name for problem in told] == ["a.docx"]
    assert told[0].message == "this file is new, though others are not: Input/output error"
    (old,) = tmp_path.glob(".a.docx.*-old")
    assert told[0].hint == f'the old one is kept as "{old.name}" beside it'
    assert old.read_bytes() == b"old a"


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of Unix")
def test_what_stands_in_the_way_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"mine")
    (tmp_path / "link.docx").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "nowhere.docx").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "pipe.docx")
    (tmp_path / "folder.docx").mkdir()
    for name in ("link", "nowhere", "pipe", "folder"):
        with pytest.raises(InputError, match="of this name is there"):
            save_files(tmp_path, {f"{name}.docx": b"new"})
    save_files(tmp_path, {"link.docx": b"new"}, force=True)
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"


def test_two_runs_do_not_write_into_one_folder_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "_LOCK_WAIT_SECONDS", 0)
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    process = context.Process(target=_hold, args=(tmp_path, ready, done))
    process.start()
    try:
        assert ready.wait(30)
        with pytest.raises(InputError, match="another run is writing into this folder"):
            save_files(tmp_path, NEW)
    finally:
        done.set()
        process.join(20)
    assert documents(tmp_path) == {}
    save_files(tmp_path, NEW)
    assert documents(tmp_path) == NEW


def _hold(folder: Path, ready: Event, done: Event) -> None:
    from filelock import FileLock

    with FileLock(folder / ".agreementgen.lock"):
        ready.set()
        done.wait(30)


# -- what we remember, changed by others

NONSENSE = [
    b'{"a.docx": [{}]}', b'{"a.docx": [[]]}', b'{"a.docx": 1}', b"[1]", b"nonsense", b"", b"[" * 100_000, b"\xff\xfe", b"1e999",
    b'{"a.docx": ["short"], "": null}', b"null",
]  # fmt: skip


@pytest.mark.parametrize("data", NONSENSE, ids=range(len(NONSENSE)))
def test_a_list_of_what_we_wrote_that_says_nonsense_is_told_and_made_anew(data: bytes, tmp_path: Path) -> None:
    (tmp_path / ".agreementgen.json").write_bytes(data)
    said: list[str] = []
    save_files(tmp_path, NEW, tell=said.append)
    assert len(said) == 1
    assert "made anew" in said[0]
    assert json.loads((tmp_path / ".agreementgen.json").read_bytes()).keys() >= NEW.keys()
    save_files(tmp_path, OLD, tell=said.append)
    assert len(said) == 1
    (tmp_path / ".agreementgen.json").write_bytes(data)
    (tmp_path / ".agreementgen").mkdir()
    DocumentStore(tmp_path, tell=said.append).close()
    assert len(said) == 2


LINES = [
    b"[" * 100_000, b"1", b"null", b"[]", b"{}", b'{"writing": {"a": {}}}', b'{"writing": []}', b'{"removed": [[]]}',
    b'{"removed": [{}]}', b'{"done": {"deal": 1}}', b"\xff\xfe\0", b'{"done": []}', b'{"never": 1}', b"no json",
]  # fmt: skip


def test_a_journal_of_another_version_is_told_and_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".agreementgen").mkdir()
    path = tmp_path / ".agreementgen" / "journal.jsonl"
    digest = "0" * 64
    path.write_bytes(b"\n".join([*LINES, b'{"writing": {"a.docx": "' + digest.encode() + b'"}}', b'{"writi']))
    said: list[str] = []
    journal = Journal(tmp_path, said.append)
    assert journal.known_digests == {"a.docx": [digest]}
    assert said == [f"{path}: 14 lines of another version, or damaged: what is not known any more is built again"]


DONE = {
    "deal": "a.yaml", "key": "k", "inputs": "i", "where": "a.yaml", "tables": [], "library": "l", "packs": [], "stem": "a",
    "chart": False, "files": [{"path": "a.docx", "sha256": "0", "size": 1, "changed": 1}], "pages": 1, "chart_pages": 0,
    "points": 9.0, "free": 0.1, "layout": "one-page", "proven": True, "pages_by": "agreementgen", "findings": [],
    "seconds": 1.0, "deal_check": "",
}  # fmt: skip


def test_a_finished_deal_is_believed_only_whole(tmp_path: Path) -> None:
    (tmp_path / ".agreementgen").mkdir()
    path = tmp_path / ".agreementgen" / "journal.jsonl"

    def read(**changed: object) -> Journal:
        path.write_text(json.dumps({"done": {**DONE, **changed}}) + "\n", encoding="utf-8")
        return Journal(tmp_path)

    assert list(read().finished) == ["a.yaml"]
    for name in DONE:
        for other in (None, [[]], {"x": 1}, "text", [{"message": "x"}], float("inf")):
            if isinstance(other, str) and isinstance(DONE[name], str):
                continue
            journal = read(**{name: other})
            assert other == float("inf") or not journal.finished, (name, other)
            journal.shorten()
            journal.list_orphans()
    assert not read(files=[{"path": "../x", "sha256": "0", "size": 1, "changed": 1}]).finished


@pytest.mark.skipif(sys.platform == "win32", reason="links of Unix")
@pytest.mark.parametrize("name", ["journal.jsonl", "lock", "process", "temporary", "parts", ""])
def test_links_in_the_state_folder_are_refused(name: str, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    folder = tmp_path / "out"
    if name in ("parts", ""):
        victim.mkdir()
        (victim / "mine").write_bytes(b"mine")
    else:
        victim.write_bytes(b"mine")
    folder.mkdir()
    state = folder / ".agreementgen"
    if name:
        state.mkdir()
    (state / name if name else state).symlink_to(victim)
    with pytest.raises(InputError, match=r"cannot write here: this ") as refused, lock_folder(folder):
        raise AssertionError("it was locked")
    assert refused.value.problems[0].hint
    assert (victim if victim.is_file() else victim / "mine").read_bytes() == b"mine"


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    sample = Path(__file__).parents[1] / "samples" / "referral.yaml"
    (tmp_path / ".agreementgen.json").write_bytes(b'{"d.docx":[{}]}')
    ended = run_here("calendar", sample, "-o", tmp_path, "-f", "csv")
    assert ended.returncode == 0
    assert "parts of this list of what agreementgen wrote are of another version or damaged" in ended.stderr

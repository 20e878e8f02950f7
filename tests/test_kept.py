"""What is kept of the program's own files: used while nothing changed, made again when something did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agreementgen.core import kept
from agreementgen.core.problems import Place
from agreementgen.language import compiling
from agreementgen.language.environment import Sandbox
from agreementgen.language.filling import FillContext, fill_text
from agreementgen.library.files import home_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(kept, "_folder", lambda: tmp_path)
    return tmp_path


class _Maker:
    def __init__(self, *made: object) -> None:
        self.made = list(made)

    def __call__(self) -> object:
        return self.made.pop(0)


def _only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_is_made_once(folder: Path) -> None:
    make = _Maker("first", "second")
    assert [kept.keep("it", "digest", make) for _ in range(3)] == ["first", "first", "first"]


def test_is_made_again_when_the_files_change_and_the_old_one_goes(folder: Path) -> None:
    make = _Maker("first", "second")
    assert kept.keep("it", "one digest", make) == "first"
    assert kept.keep("it", "other digest", make) == "second"
    assert len(list(folder.iterdir())) == 1


def test_is_made_again_when_a_module_changes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = _Maker("first", "second")
    assert kept.keep("it", "digest", make) == "first"
    monkeypatch.setattr(kept, "_stamp_of_program", lambda: "another")
    assert kept.keep("it", "digest", make) == "second"


def test_stamp_sees_the_time_and_size_of_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    module = os.path.abspath(kept.__file__)
    before = kept._stamp_of_program.__wrapped__()
    real = os.stat

    def later(path: object, *args: object, **named: object) -> object:
        about = real(path, *args, **named)  # type: ignore[call-overload]
        if path != module:
            return about
        return os.stat_result((*about[:7], 0, 0, 0), {"st_mtime_ns": about.st_mtime_ns + 1, "st_size": about.st_size})

    monkeypatch.setattr(os, "stat", later)
    assert kept._stamp_of_program.__wrapped__() != before


def test_stamp_sees_another_version_of_jinja(monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = kept._stamp_of_program.__wrapped__
    before = stamp()
    monkeypatch.setattr(kept, "stamp_of_package", lambda package, files: f"another {package}/{files}")
    assert stamp() != before


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other"])
def test_damaged_file_is_as_none(folder: Path, damage: str) -> None:
    kept.keep("it", "digest", _Maker("first"))
    path = _only_file(folder)
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[-4] ^= 1
    path.write_bytes({"cut": data[:-3], "flipped": data, "empty": b"", "other": b"\x80\x05]."}[damage])
    assert kept.keep("it", "digest", _Maker("second")) == "second"
    assert kept.keep("it", "digest", _Maker()) == "second"


def test_folder_that_cannot_be_written_keeps_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(kept, "_folder", lambda: blocked)
    make = _Maker("first", "second")
    assert [kept.keep("it", "digest", make) for _ in range(2)] == ["first", "second"]
    assert list(tmp_path.iterdir()) == [blocked]


def test_no_folder_is_made_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is there, because somebody compiled into it, is used."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(kept, "_folder", lambda: folder / "none")
    kept.keep("it", "digest", _Maker("first"))
    assert list(folder.iterdir()) == []
    (folder / "none").mkdir()
    make = _Maker("second")
    assert [kept.keep("it", "digest", make) for _ in range(2)] == ["second", "second"]


def test_what_fails_is_not_kept(folder: Path) -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.keep("it", "digest", fail)
    assert list(folder.iterdir()) == []


def test_check_says_the_same_with_the_library_read_and_with_it_kept(tmp_path: Path) -> None:
    """Also where Python keeps its compiled modules elsewhere; the second run reads no YAML of the library."""
    deal = home_folder() / "samples" / "referral.yaml"
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", "from agreementgen.cli.main import main; main()", "check", str(deal)]
    first, second = (subprocess.run(command, env=environment, capture_output=True, check=False) for _ in range(2))
    assert [path.name.split(".")[0] for path in sorted(tmp_path.rglob("*.pickle"))] == [
        "built-in-library",
        "built-in-rules",
        "built-in-texts",
        "currencies",
        "places",
    ]
    assert b"1 warning" in first.stdout + first.stderr
    assert (second.returncode, second.stdout, second.stderr) == (first.returncode, first.stdout, first.stderr)


def test_texts_are_compiled_once_and_only_those_of_the_library_are_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = compiling._KeptCode()
    compiling.compile_text.cache_clear()
    monkeypatch.setattr(compiling, "_kept", store)
    monkeypatch.setattr(compiling.atexit, "register", lambda _: None)
    ours, of_a_firm = "Paid within {{ days }} days.", "As {{ firm }} has it."
    compiling.keep_code_of(frozenset((ours,)), "digest")
    for text in (ours, of_a_firm):
        fill_text(text, FillContext({"days": 30, "firm": "Thornbury"}, "en-US", frozenset()), Place("it"))
    store.save()
    assert kept.recall("built-in-texts", "digest").keys() == {ours}
    # Another process takes the code, and compiles nothing.
    compiling.keep_code_of(frozenset((ours,)), "digest")
    monkeypatch.setattr(Sandbox, "compile", None)
    compiling.compile_text.cache_clear()
    text, slots = fill_text(ours, FillContext({"days": 45}, "en-US", frozenset()), Place("it"))
    assert text.startswith("Paid within ")
    assert slots.insert_at(text[len("Paid within ")]) == "45"

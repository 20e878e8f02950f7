"""A folder is read as it stands and no further: links, pipes, devices, sizes, depths, names."""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agreementgen.core.problems import PackError
from agreementgen.library import files
from agreementgen.library.files import digest_of, read_folder

posix = pytest.mark.skipif(os.name == "nt", reason="pipes, sockets and odd names are POSIX's")


def problems(folder: Path) -> list[str]:
    with pytest.raises(PackError) as refused:
        read_folder(folder)
    return [str(problem) for problem in refused.value.problems]


def put(path: Path, data: bytes = b"a: b\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path.name)
    os.chdir(here)


def make_link(path: Path) -> None:
    path.symlink_to(put(path.parent.parent / "secret.yaml"))


def make_loop(path: Path) -> None:
    path.symlink_to(path.parent)


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def make_big(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(1 << 40)  # a hole: a terabyte that takes no room


@posix
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (make_pipe, "a pipe, socket or device"),
        (make_socket, "a pipe, socket or device"),
        (make_link, "links are not followed"),
        (make_loop, "links are not followed"),
        (make_dangling, "links are not followed"),
        (make_big, "larger than 200,000 bytes"),
    ],
)
def test_what_is_no_file_of_its_own_is_refused_and_never_opened(
    tmp_path: Path, make: Callable[[Path], None], says: str
) -> None:
    put(tmp_path / "pack" / "good.yaml")
    make(tmp_path / "pack" / "x.yaml")
    (problem,) = problems(tmp_path / "pack")
    assert problem.startswith(f"{tmp_path}/pack/x.yaml: ")
    assert says in problem


@posix
@pytest.mark.parametrize("swap", [make_link, make_pipe, make_loop])
def test_what_takes_a_files_place_after_it_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: Callable[[Path], None]
) -> None:
    """Between the look and the opening: what is opened is neither the link's target nor waited for."""
    victim = put(tmp_path / "pack" / "x.yaml")
    real, opened = os.open, []

    def racing(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if path == "x.yaml":
            victim.unlink()
            swap(victim)
        opened.append(str(path))
        return real(path, flags, *more, **named)

    monkeypatch.setattr(files.os, "open", racing)
    (problem,) = problems(tmp_path / "pack")
    assert "links are not followed" in problem or "a pipe" in problem
    assert opened[-1] == "x.yaml"


@posix
def test_a_folder_that_a_link_replaces_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "elsewhere" / "secret.yaml")
    put(tmp_path / "pack" / "clauses" / "x.yaml")
    real = os.open

    def racing(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if path == "clauses":
            (tmp_path / "pack" / "clauses").rename(tmp_path / "gone")
            (tmp_path / "pack" / "clauses").symlink_to(tmp_path / "elsewhere")
        return real(path, flags, *more, **named)

    monkeypatch.setattr(files.os, "open", racing)
    (problem,) = problems(tmp_path / "pack")
    assert "clauses: links are not followed" in problem


@posix
def test_a_file_that_grows_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "pack" / "x.yaml", b"x")
    monkeypatch.setattr(files.os, "read", lambda handle, count: b"x" * count)
    (problem,) = problems(tmp_path / "pack")
    assert "larger than" in problem


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["Brand.md", "brand.md"], 'the same name as "Brand.md"'),
        (["stra\u00dfe.md", "STRASSE.md"], "the same name as"),
        (["caf\u00e9.md", "cafe\u0301.md"], 'the same name as "caf\u00e9.md"'),
        (["a/x.md", "A/y.md"], "the same name as"),
        (["a\x07b.md"], "a control character"),
        (["a\nb.md"], "a line break"),
        (["a\u202eb.md"], "a hidden change of writing direction"),
        (["a\u200bb.md"], "an invisible character"),
        (["a\\b.md"], '"\\"'),
        (["c:x.md"], '":"'),
        (["a.md "], "a space or full stop last"),
    ],
)
@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="these systems do not make such names")
def test_names_that_are_not_the_same_everywhere(tmp_path: Path, names: list[str], says: str) -> None:
    for name in names:
        put(tmp_path / name)
    found = problems(tmp_path)
    assert len(found) == 1
    assert says in found[0]
    assert "\n" not in found[0].split("\n  hint:")[0]


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="this system refuses such names itself")
def test_a_name_that_is_not_utf8(tmp_path: Path) -> None:
    put(Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.md")))
    (problem,) = problems(tmp_path)
    assert problem.isascii()
    assert "half a character" in problem


def test_names_are_composed_so_that_every_system_has_the_same(tmp_path: Path) -> None:
    put(tmp_path / "cafe\u0301.md")
    assert list(read_folder(tmp_path)) == ["caf\u00e9.md"]


@posix
@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else False, reason="root may read everything")
def test_files_one_may_not_read(tmp_path: Path) -> None:
    put(tmp_path / "x.yaml").chmod(0)
    put(tmp_path / "inner" / "y.yaml")
    (tmp_path / "inner").chmod(0)
    found = problems(tmp_path)
    (tmp_path / "inner").chmod(0o700)
    assert all("cannot be read: Permission denied" in problem for problem in found)
    assert len(found) == 2


def test_a_file_that_cannot_be_read_is_told_like_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "x.yaml")
    put(tmp_path / "y.exe")
    real = os.open

    def failing(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if str(path).endswith("x.yaml"):
            raise OSError(errno.EIO, "Input/output error")
        return real(path, flags, *more, **named)

    monkeypatch.setattr(files.os, "open", failing)
    first, second = problems(tmp_path)
    assert "x.yaml: it cannot be read: Input/output error" in first
    assert "y.exe: this kind of file is not read" in second


def test_what_systems_and_word_leave_lying_about_is_left_aside(tmp_path: Path) -> None:
    for name in (".git/config", ".DS_Store", "~$reference.docx", "Thumbs.db", "desktop.ini", "__pycache__/x.pyc"):
        put(tmp_path / name)
    put(tmp_path / "x.yaml")
    assert list(read_folder(tmp_path)) == ["x.yaml"]


def test_limits_of_number_depth_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "deep" / "/".join("abcdefghi") / "x.md")
    (problem,) = problems(tmp_path / "deep")
    assert "folders stand more than 8 deep" in problem
    for number in range(2001):
        put(tmp_path / "many" / f"{number}.md", b"")
    (problem,) = problems(tmp_path / "many")
    assert "more than 2,000 files" in problem
    for number in range(9):
        put(tmp_path / "heavy" / f"{number}.txt", bytes(4_500_000))
    (problem,) = problems(tmp_path / "heavy")
    assert "more than 40,000,000 bytes" in problem
    monkeypatch.setattr(files, "_MAX_NAMES", 50)
    (problem,) = problems(tmp_path / "many")
    assert "more than 50 names" in problem


def test_problems_end_somewhere(tmp_path: Path) -> None:
    for number in range(300):
        put(tmp_path / f"{number}.exe")
    assert len(problems(tmp_path)) == 100


def test_the_folder_itself_may_be_a_link_and_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "acme" / "x.yaml")
    if os.name != "nt":
        (tmp_path / "by-link").symlink_to("acme")
        assert list(read_folder(tmp_path / "by-link")) == ["x.yaml"]
    monkeypatch.chdir(tmp_path / "acme")
    assert read_folder(Path("."))["x.yaml"].name == "acme/x.yaml"
    assert "the folder is not there" in problems(tmp_path / "acme" / "x.yaml")[0]


def test_where_folders_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows: by paths, with a look before and after."""
    monkeypatch.setattr(files, "_HERE", False)
    put(tmp_path / "pack" / "inner" / "x.yaml")
    assert list(read_folder(tmp_path / "pack")) == ["inner/x.yaml"]
    assert digest_of(read_folder(tmp_path / "pack")) == digest_of(read_folder(tmp_path / "pack"))
    if os.name != "nt":
        make_link(tmp_path / "pack" / "y.yaml")
        make_pipe(tmp_path / "pack" / "z.yaml")
        first, second = problems(tmp_path / "pack")
        assert "y.yaml: links are not followed" in first
        assert "z.yaml: this is no file" in second
    assert "the folder is not there" in problems(tmp_path / "nowhere")[0]


def test_the_digest_knows_no_folder(tmp_path: Path) -> None:
    for name in ("one", "two"):
        put(tmp_path / name / "x.yaml")
    first, second = (digest_of(read_folder(tmp_path / name)) for name in ("one", "two"))
    put(tmp_path / "two" / "x.yaml", b"a: c\n")
    assert first == second != digest_of(read_folder(tmp_path / "two"))

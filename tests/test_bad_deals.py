"""Bad deals: every problem at once, at its place, in plain words; nothing written; never a traceback.

Beside each `bad/NAME.yaml` stands `bad/NAME.expected`: all that the command says about it. After a change of
words, AGREEMENTGEN_UPDATE=1 writes the files anew; read the difference line by line before you keep it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agreementgen import pipeline
from agreementgen.cli import main
from agreementgen.core.problems import InputError
from agreementgen.library.loading import built_in_library

Said = Callable[..., str]
BAD = Path(__file__).resolve().parent / "bad"
DEALS = sorted(BAD.glob("*.yaml"))
GOOD = (BAD.parent / "good.yaml").read_bytes()


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Return a function that runs the command in this process, in a folder, and returns what it says on stderr.

    It asserts what holds for every bad deal: status 2, nothing on standard output, nothing written.
    """

    def run(name: str, folder: Path = BAD) -> str:
        out = tmp_path / "out"
        monkeypatch.chdir(folder)
        monkeypatch.setattr(sys, "argv", ["agreementgen", "build", name, "-o", str(out)])
        with pytest.raises(SystemExit) as stopped:
            main.run()
        printed = capsys.readouterr()
        assert stopped.value.code == 2, printed.err
        assert printed.out == ""
        assert not out.exists()
        assert "Traceback" not in printed.err
        return printed.err

    return run


def run_for_real(*words: object, folder: Path, stdin: bytes = b"") -> tuple[int, str, str]:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("agreementgen")), *(str(word) for word in words)],
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def problems(text: str) -> list[re.Match[str]]:
    """Return the problems in what the command said; every line belongs to one, or is the count at the end."""
    *lines, count = text.rstrip("\n").split("\n")
    found: list[re.Match[str]] = []
    for line in lines:
        if line.startswith("  hint: "):
            assert found, text
            continue
        match = re.fullmatch(r"(?P<file>[^:]+)(?::(?P<line>\d+):(?P<column>\d+))?: (?P<rest>.+)", line)
        assert match, line
        found.append(match)
    hints = sum(line.startswith("  hint: ") for line in lines)
    assert hints == len(found), "every problem has a hint"
    noun = "problem" if len(found) == 1 else "problems"
    assert count == f"{len(found)} {noun}; nothing was written"
    return found


@pytest.mark.parametrize("deal", DEALS, ids=lambda path: path.stem)
def test_what_is_said(deal: Path, said: Said) -> None:
    text = said(deal.name)
    expected = deal.with_suffix(".expected")
    if os.environ.get("AGREEMENTGEN_UPDATE"):
        expected.write_text(text, encoding="utf-8", newline="\n")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("deal", DEALS, ids=lambda path: path.stem)
def test_the_places_are_in_the_file_and_in_order(deal: Path, said: Said) -> None:
    lines = deal.read_bytes().decode().split("\n")
    places = []
    for problem in problems(said(deal.name)):
        assert problem["file"] == deal.name
        if problem["line"]:
            places.append((int(problem["line"]), int(problem["column"])))
    assert places == sorted(places)
    for line, column in places:
        assert line <= len(lines)
        assert column <= len(lines[line - 1]) + 1


def test_there_are_enough_and_each_expectation_has_a_deal() -> None:
    assert len(DEALS) >= 55
    assert {path.stem for path in BAD.glob("*.expected")} == {path.stem for path in DEALS}
    assert {path.suffix for path in BAD.iterdir()} == {".yaml", ".expected"}


def test_no_word_of_programmers(said: Said) -> None:
    """Messages an owner reads: no Python, no Jinja, no names of our types."""
    for deal in DEALS:
        text = said(deal.name)
        for word in ("None", "Error", "==", "scalar", "mapping", "sequence", "token", "node", "parse", "this."):
            assert word not in text, f"{deal.name}: {word}"


# -- where bytes matter


def changed(old: bytes, new: bytes) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new)


WRONG = changed(b"law: Vermont", b"law: Vermnt")
NOT_UTF8 = "deal.yaml:6:14: the file is not stored as UTF-8: the byte 0xE9"
BYTES = {
    "mark-of-utf-8": (b"\xef\xbb\xbf" + WRONG, "deal.yaml:3:6: law: ", 1),
    "windows-line-ends": (WRONG.replace(b"\n", b"\r\n"), "deal.yaml:3:6: law: ", 1),
    "old-mac-line-ends": (WRONG.replace(b"\n", b"\r"), "deal.yaml:3:6: law: ", 1),
    "latin-1": (changed(b"Rosa Lind,", b"Ros\xe9 Lind,"), NOT_UTF8, 1),
    "latin-1-windows-line-ends": (
        changed(b"Rosa Lind,", b"Ros\xe9 Lind,").replace(b"\n", b"\r\n"),
        NOT_UTF8,
        1,
    ),
    "utf-16": (GOOD.decode().encode("utf-16"), "deal.yaml: the file is stored as UTF-16", 1),
    "utf-16-without-mark": (GOOD.decode().encode("utf-16-be"), "deal.yaml: the file is stored as UTF-16", 1),
    "utf-32": (GOOD.decode().encode("utf-32"), "deal.yaml: the file is stored as UTF-16", 1),
    "nul": (changed(b"18 Maple", b"18\0Maple"), "deal.yaml:15:16: the line holds U+0000 (a control character)", 1),
    "control-characters": (changed(b"Mill Lane", b"Mill\x1b[31m\x7fLane"), "deal.yaml:9:20: the line holds U+001B", 1),
    "surrogate-as-utf-8": (changed(b"Mill", b"Mi\xed\xa0\xbdll"), "deal.yaml:9:18: the file is not stored as UTF-8", 1),
    "word-file": (b"PK\x03\x04" + bytes(200), "deal.yaml: this is a Word, Excel or ZIP file", 1),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\n" + bytes(200), "deal.yaml: this is a PDF, not a deal file", 1),
    "junk": (bytes(range(256)) * 40, "deal.yaml: this is not a text file", 1),
    "two-megabytes": (b"# x\n" * 500_000, "deal.yaml: the file is too large: more than 1,000,000 bytes", 1),
    "only-a-mark": (b"\xef\xbb\xbf", "deal.yaml: the file is empty", 1),
    "only-spaces": (b"  \n\n   \n", "deal.yaml: the file is empty", 1),
    "brackets": (b"law: " + b"[" * 30_000, "deal.yaml:1:37: brackets or lines are nested", 1),
    "braces": (b"{law: " * 30_000, "deal.yaml:1:193: brackets or lines are nested", 1),
    "dashes": (b"- " * 30_000, "deal.yaml:1:65: brackets or lines are nested", 1),
    "digits": (GOOD + b"leads: {a month: " + b"9" * 5000 + b"}\n", 'leads.a month: "9999999999', 1),
    "digits-of-money": (GOOD + b"leads: {average deal: $" + b"9" * 5000 + b"}\n", 'leads.average deal: "$999999', 1),
    "digits-of-percent": (GOOD + b"leads: {close rate: " + b"9" * 5000 + b"%}\n", 'leads.close rate: "99999', 1),
    "digits-of-time": (GOOD + b"duration: {term: " + b"9" * 5000 + b" days}\n", 'duration.term: "99999', 1),
    "long-word": (changed(b"Send each", b"S" * 500_000), "deal.yaml:19:12: scope.purpose: ", 1),
    "long-name": (GOOD + b"l" * 900 + b": x\n", "deal.yaml:25:1: lllll", 1),
    "long-region": (changed(b"law: Vermont", b"law: " + "a\u0301\u0327".encode() * 100_000), "deal.yaml:3:6: law: ", 1),
    "long-spaces": (changed(b"law: Vermont", b"effective: 1" + "\u3000".encode() * 100_000 + b"2"), ":3:1", 2),
    "many-empty-lines": (b"\n" * 900_000 + b"law: [", "deal.yaml:900001:6: ", 1),
    "many-anchors": (b"law: [" + b"&a x, " * 15_000 + b"]", "deal.yaml:1:7: ", 0),
}  # fmt: skip


@pytest.mark.parametrize("name", BYTES)
def test_bytes(name: str, said: Said, tmp_path: Path) -> None:
    data, begins, count = BYTES[name]
    (tmp_path / "deal.yaml").write_bytes(data)
    text = said("deal.yaml", tmp_path)
    assert begins in text
    if count:
        assert len(problems(text)) == count
        assert max(len(line) for line in text.split("\n")) < 400


# -- through the installed program, too: what a process does (status, streams, a crash of the interpreter)


@pytest.mark.parametrize("name", ["everything", "yaml-deep", "char-direction", "file-empty", "missing-parties"])
def test_as_a_process(name: str, tmp_path: Path) -> None:
    status, printed, text = run_for_real("build", BAD / f"{name}.yaml", "-o", tmp_path / "out", folder=BAD)
    assert (status, printed) == (2, "")
    assert text.replace(f"{BAD}{os.sep}", "") == (BAD / f"{name}.expected").read_text(encoding="utf-8")
    assert not list(tmp_path.iterdir())


def test_brackets_do_not_crash_the_process(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_bytes(b"[" * 30_000)
    status, _, text = run_for_real("check", "deal.yaml", folder=tmp_path)
    assert status == 2
    assert "nested" in text


def test_standard_input_is_named(tmp_path: Path) -> None:
    status, printed, text = run_for_real("build", "-", "-o", "out", folder=tmp_path, stdin=WRONG)
    assert (status, printed) == (2, "")
    assert text.startswith('standard input:3:6: law: "Vermnt" is not a state')
    assert not list(tmp_path.iterdir())


def test_two_bad_deals_are_reported_together_and_a_good_one_is_not_written(tmp_path: Path) -> None:
    for name, data in (("a", WRONG), ("b", GOOD), ("c", b"")):
        (tmp_path / f"{name}.yaml").write_bytes(data)
    status, printed, text = run_for_real("build", "a.yaml", "b.yaml", "c.yaml", "-o", "out", folder=tmp_path)
    assert (status, printed) == (2, "")
    assert [problem["file"] for problem in problems(text)] == ["a.yaml", "c.yaml"]
    assert not (tmp_path / "out").exists()


def read_problems(data: bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        pipeline.read(data, "deal.yaml", built_in_library())
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("rest", ["Unit #4, Floor #5,", "Unit # 4,"])
def test_words_lost_behind_a_number_sign_stop(rest: str) -> None:
    (found,) = read_problems(changed(b"18 Maple Street,", f"18 Maple Street, {rest}".encode()))
    assert f'"{rest[5:]} ' in found
    assert "was read as a comment, not as part of the value\n  hint: put the whole value in double quotes" in found


def test_a_name_that_yaml_takes_for_nothing_is_a_name() -> None:
    (found,) = read_problems(changed(b"law: Vermont", b"law: Null"))
    assert found.startswith('deal.yaml:3:6: law: "Null" is not a state')


def test_warnings_do_not_stop(tmp_path: Path) -> None:
    (tmp_path / "deal.yaml").write_bytes(changed(b"law: Vermont\n", b"law: Vermont #agreed\n"))
    status, _, text = run_for_real("build", "deal.yaml", "-o", "out", "-f", "txt", folder=tmp_path)
    assert status == 0, text
    assert (
        'warning: deal.yaml:3:14: "#agreed" was read as a comment, not as part of the value\n'
        "  hint: put the whole value in double quotes; a comment belongs on a line of its own\n"
    ) in text
    assert (tmp_path / "out" / "deal.txt").is_file()

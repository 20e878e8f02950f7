"""Hostile and broken packs: each refused in one line that names its file, within 10 seconds and a gigabyte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import hostile_packs
import packs
import pytest
from conftest import MINIMAL, ROOT

from agreementgen import pipeline
from agreementgen.packs.layering import open_library
from agreementgen.packs.page_files import check_page
from agreementgen.render import pdf

NAMES = list(hostile_packs.CASES)
SIZE = 44
pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits of memory and time are POSIX's")


def command(folder: Path, names: list[str]) -> list[str]:
    return [sys.executable, str(ROOT / "tests" / "hostile_packs.py"), str(folder), *names]


def tried(folder: Path, names: list[str]) -> dict[str, tuple[list[str], list[str]]]:
    """Return what happened to each case; a process that dies goes on behind the case it died of."""
    found = {}
    while names:
        within = folder / str(len(names))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[:1]])}
        done = subprocess.run(command(within, names), capture_output=True, timeout=600, check=False, env=environment)
        for line in done.stdout.decode().splitlines():
            name, lines, touched = json.loads(line)
            found[name] = (lines, touched)
        left = [name for name in names if name not in found]
        if left:
            said = done.stderr.decode(errors="replace")[-500:]
            found[left[0]] = ([f"!! the process ended with {done.returncode}: {said}"], [])
        shutil.rmtree(within, ignore_errors=True)
        names = left[1:]
    return found


def groups() -> dict[str, list[str]]:
    """Return the cases in portions: a process for each takes a second before it tries anything."""
    portions = [NAMES[start : start + SIZE] for start in range(0, len(NAMES), SIZE)]
    return {f"{names[0]} ... {names[-1]}": names for names in portions}


def wrong(name: str, lines: list[str], touched: list[str]) -> str:
    """Return what is wrong with the way in which a case was refused, "" where it is as it should be."""
    case = hostile_packs.CASES[name]
    matching = [line for line in lines if case.says in line]
    if not lines:
        return "the pack was taken as it is"
    if not matching or any(line.startswith("!!") for line in lines):
        return f"other lines: {lines[:3]}"
    for line in lines:
        first, *rest = line.split("\n")
        if len(first) > 400 or len(rest) > 1 or (rest and not rest[0].startswith("  hint: ")):
            return f"not one line and a hint: {line[:800]}"
    if "acme-law" not in matching[0] and not (case.built and "clauses" in name):
        return f"the pack's file is not named: {matching[0]}"
    return f"outside of the pack: {touched}" if touched else ""


@pytest.mark.slow
@pytest.mark.parametrize("group", groups())
def test_hostile_packs_are_refused(tmp_path: Path, group: str) -> None:
    """One line each, that names the file; nothing outside of the pack is opened, nothing connected to."""
    names = [n for n in groups()[group] if pdf.is_available() or not hostile_packs.CASES[n].built]
    found = tried(tmp_path, names)
    assert found.keys() == set(names)
    faults = {name: fault for name, what in found.items() if (fault := wrong(name, *what))}
    assert faults == {}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("check",), "tree: a link to a file outside"),
        (("check",), "yaml: brackets without end"),
        (("check",), "clause: brackets"),
        (("check",), "svg: entities that double"),
        (("build", "-o", "out"), "html: a macro that doubles"),
    ],
)
def test_the_command_says_so_and_writes_nothing(tmp_path: Path, words: tuple[str, ...], name: str) -> None:
    case = hostile_packs.CASES[name]
    if case.built and not pdf.is_available():
        pytest.skip("laying out needs Pango")
    (tmp_path / "secret.md").write_text("Secret.")
    case.make(tmp_path / "acme-law")
    program = [sys.executable, "-c", "from agreementgen.cli.main import main; main()"]
    run = [*program, *words, "--pack", "acme-law", str(MINIMAL)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, timeout=300, check=False, env=environment)
    said = done.stderr.decode()
    assert done.returncode == 2, said
    assert case.says in said
    assert said.endswith("1 problem; nothing was written\n")
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 100
    assert sorted(name for names in groups().values() for name in names) == sorted(NAMES)


def test_what_is_right_would_be_told() -> None:
    """The judge of these tests is not blind itself."""
    name = "yaml: empty"
    assert wrong(name, [], []) == "the pack was taken as it is"
    assert "other lines" in wrong(name, ["acme-law: something else"], [])
    assert "other lines" in wrong(name, ["acme-law: the file is empty", "!! KeyError"], [])
    assert "not one line" in wrong(name, ["acme-law: the file is empty\nTraceback"], [])
    assert "not named" in wrong(name, ["the file is empty"], [])
    assert "outside" in wrong(name, ["acme-law: the file is empty"], ["open secret.md"])
    assert wrong(name, ["acme-law: the file is empty\n  hint: fill it"], []) == ""


def test_the_pack_they_are_made_of_is_good(tmp_path: Path) -> None:
    """With everything a page may have: a picture, a drawing, a font, links, styles, macros, blocks."""
    extra = """
    {% macro mark(n) %}<b class="m{{ n }}">{{ names|upper|replace("LLC", "L.L.C.") }}</b>{% endmacro %}
    {% set count = namespace(n=1) %}{% for a in range(3) %}{% set count.n = count.n + 1 %}{% endfor %}
    <p style="background: url(logo.png) no-repeat"><img src="logo.png" alt="Logo"><img src="my%20drawing.svg" alt="{{ names }}">
    {{ mark(count.n) }} <a href="https://acme.example/">site</a> <a href="mailto:a@acme.example">mail</a></p>"""
    css = """@import "built-in/agreement.css"; @import url("more.css");
    @font-face { font-family: "Firm"; src: url(fonts/Firm.ttf) }
    :root { --a: 2pt; --b: calc(var(--a) * 2) } h1 { font-family: Firm; background: linear-gradient(red, #fff 10%) }
    @media print { h1 { padding: var(--a) } } @page { @top-left { content: counter(page) " " url(logo.png) } }"""
    svg = (
        hostile_packs.SVG
        + '<defs><linearGradient id="g"><stop offset="0"/></linearGradient><g id="a"><path d="M0 0h9"/></g></defs><style>path { fill: red }</style><use href="#a"/><use xlink:href="#a"/><rect fill="url(#g)" style="stroke: url(#g)"/></svg>'
    )
    png = hostile_packs.png(9, 9, bytes(28 * 9))
    layout: dict[str, str | bytes] = {
        "logo.png": png,
        "my drawing.svg": svg,
        "fonts/Firm.ttf": hostile_packs.FONT,
        "agreement.css": css,
        "more.css": "p { color: #111 }",
    }
    pack = tmp_path / "acme-law"
    packs.write(pack, {f"templates/layout/{name}": data for name, data in layout.items()})
    hostile_packs.page(extra)(pack)
    library = open_library((pack,))
    if pdf.is_available():
        deal = pipeline.read(MINIMAL.read_bytes(), MINIMAL.name, library)
        assert pipeline.build(deal, library, ("pdf",)).files["pdf"].startswith(b"%PDF")


def test_our_own_page_passes_the_check_of_packs() -> None:
    layout = open_library().layout
    assert list(check_page(layout, layout)) == []


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
def test_the_system_sees_no_other_file_and_no_connection(tmp_path: Path) -> None:
    """The libraries in C are watched, too: fontconfig, Pango, expat."""
    names = [name for name in NAMES if name.startswith(("html", "css", "svg", "font", "tree: a link"))][::6]
    trace = tmp_path / "trace"
    watching = ["strace", "-f", "-qq", "-e", "trace=open,openat,socket,connect,execve", "-o", str(trace)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[:1]])}
    run = [*watching, *command(tmp_path / "packs", names)]
    done = subprocess.run(run, capture_output=True, timeout=600, check=False, env=environment)
    assert len(done.stdout.splitlines()) == len(names), done.stderr.decode(errors="replace")[-500:]
    seen = trace.read_text(errors="replace").splitlines()
    assert [line for line in seen if "connect(" in line or "AF_INET" in line] == []
    assert [line for line in seen if "passwd" in line or ("secret" in line and "O_RDONLY" in line)] == []
    assert sum("execve(" in line for line in seen) == 1

"""Hostile and broken packs: each refused in one line that names its file, within 10 seconds and a gigabyte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import hostile_packs
import packs
import pytest
from conftest import MINIMAL, ROOT

from agreementgen import pipeline
from agreementgen.library.layering import opened
from agreementgen.page.checking import check
from agreementgen.write import pdf

NAMES = list(hostile_packs.CASES)
SIZE = 40
pytestmark = pytest.mark.skipif(os.name == "nt", reason="limits of memory and time are POSIX's")


def command(folder: Path, names: list[str]) -> list[str]:
    return [sys.executable, str(ROOT / "tests" / "hostile_packs.py"), str(folder), *names]


@cache
def tried(folder: Path, start: int) -> dict[str, tuple[list[str], list[str]]]:
    """Return what happened to the cases from `start` on; a process that dies goes on behind the case it died of."""
    names, found = NAMES[start : start + SIZE], {}
    while names:
        within = folder / f"{start}-{len(names)}"
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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packs")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_pack_is_refused(folder: Path, name: str) -> None:
    case = hostile_packs.CASES[name]
    if case.built and not pdf.available():
        pytest.skip("laying out needs Pango")
    lines, touched = tried(folder, NAMES.index(name) // SIZE * SIZE)[name]
    assert lines, "the pack was taken as it is"
    assert not any(line.startswith("!!") for line in lines), lines
    matching = [line for line in lines if case.says in line]
    assert matching, lines[:3]
    for line in lines:
        first, *rest = line.split("\n")
        assert len(rest) <= 1
        assert not rest or rest[0].startswith("  hint: ")
        assert len(first) < 400
    assert "acme-law" in matching[0] or (case.built and "clauses" in name)
    assert touched == []


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
    if case.built and not pdf.available():
        pytest.skip("laying out needs Pango")
    (tmp_path / "secret.md").write_text("Secret.")
    case.make(tmp_path / "acme-law")
    program = [sys.executable, "-c", "from agreementgen.cli import main; main()"]
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
    library = opened((pack,))
    if pdf.available():
        deal = pipeline.read(MINIMAL.read_bytes(), MINIMAL.name, library)
        assert pipeline.build(deal, library, ("pdf",)).files["pdf"].startswith(b"%PDF")


def test_our_own_page_passes_the_check_of_packs() -> None:
    layout = opened().layout
    assert list(check(layout, layout)) == []


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

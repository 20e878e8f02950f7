"""Word files of law firms are looked through before they are used: nothing hostile passes, and what is missing is named."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import hostile_word
import packs
import pytest
from commands import run_here
from conftest import REFERRAL, ROOT

from agreementgen.authoring.pack_check import check_pack
from agreementgen.core.problems import PackError
from agreementgen.packs.layering import open_library
from agreementgen.packs.word_file import check_reference

# All files in one process that has 1 GB in all (code and libraries too) and writes down what is opened on the way.
_RUN = """
import json, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (10**9, 10**9))
from agreementgen.packs.word_file import check_reference
import encodings.cp437, encodings.utf_16_le
opened = []
sys.addaudithook(lambda event, args: opened.append(f"{event} {args[0]}") if event in WATCHED and ON else None)
WATCHED = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "import")
ON = []
for name in sys.argv[1:]:
    data = open(name, "rb").read()
    ON.append(1)
    start = time.monotonic()
    report = check_reference(data, "letter.docx")
    took = time.monotonic() - start
    ON.clear()
    print(json.dumps([name, [str(p).split("\\n")[0] for p in report.problems], took, opened]))
    opened.clear()
print(json.dumps(["modules", [m for m in ("docx", "lxml", "weasyprint") if m in sys.modules], 0, []]))
"""


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[list[str], float, list[str]]]:
    """Return for each hostile file the lines that refuse it, how long it took, and what was opened meanwhile."""
    folder = tmp_path_factory.mktemp("hostile")
    names = {}
    for number, (case, (made, _)) in enumerate(hostile_word.CASES.items()):
        names[str(folder / f"{number}.docx")] = case
        (folder / f"{number}.docx").write_bytes(made())
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *names], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for line in done.stdout.splitlines():
        name, lines, took, opened = json.loads(line)
        found[names.get(name, name)] = (lines, took, opened)
    return found


@pytest.mark.parametrize("case", hostile_word.CASES)
def test_hostile_and_broken_files_are_refused_in_one_line(
    refusals: dict[str, tuple[list[str], float, list[str]]], case: str
) -> None:
    """Within 10 seconds and 1 GB, and nothing is opened on the way."""
    lines, took, opened = refusals[case]
    assert len(lines) == 1, lines
    assert lines[0].startswith("letter.docx: ")
    assert hostile_word.CASES[case][1] in lines[0]
    assert len(lines[0]) < 160
    assert took < 10
    assert opened == []


def test_it_needs_neither_word_nor_its_library(refusals: dict[str, tuple[list[str], float, list[str]]]) -> None:
    assert len(refusals) > 100
    assert refusals["modules"][0] == []


def test_our_own_file_passes() -> None:
    linted = check_reference(hostile_word.REFERENCE, "reference.docx")
    assert (linted.problems, linted.warnings) == ((), ())


@pytest.mark.parametrize(
    "xml",
    [
        hostile_word.simple("PAGE \\* MERGEFORMAT"),
        hostile_word.field(" NUM", "PAGES "),
        hostile_word.simple("HYPERLINK &quot;https://acme.example&quot;"),
        hostile_word.simple("HYPERLINK \\l &quot;bookmark&quot;"),
        hostile_word.simple("STYLEREF Title"),
        b"<w:p/>" * 20_000,
    ],
    ids=["page", "split", "web link", "link inside", "title again", "long"],
)
def test_what_letterheads_have_passes(xml: bytes) -> None:
    assert check_reference(hostile_word.in_body(xml), "letter.docx").problems == ()


def test_links_and_properties_pass() -> None:
    parts = hostile_word.related("hyperlink", "https://acme.example/", True)
    assert check_reference(hostile_word.packed(parts), "letter.docx").problems == ()
    bound = hostile_word._BOUND.replace(
        b"urn:hidden", b"http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    )
    bound = bound.replace(b"core-properties", b"coreProperties")
    assert check_reference(hostile_word.in_body(bound), "letter.docx").problems == ()


def test_a_renamed_style_is_found_again() -> None:
    data = hostile_word.CASES["style renamed"][0]()
    (problem,) = check_reference(data, "letter.docx").problems
    assert problem.hint == 'rename "Clause Txt" to "Clause Text"'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b" PAGE ", b" SECTION ", "the field PAGE"),
        (b" NUMPAGES ", b" SECTIONPAGES ", "the field NUMPAGES"),
        (b"{{ footer }}", b"Acme Law", "{{ footer }}"),
    ],
)
def test_what_is_not_printed_is_a_warning(old: bytes, new: bytes, says: str) -> None:
    linted = check_reference(hostile_word.packed(hostile_word.replaced(hostile_word.FOOTER, old, new)), "letter.docx")
    assert linted.problems == ()
    (warning,) = linted.warnings
    assert says in warning.message
    assert warning.hint


def test_a_pack_with_such_a_file_is_not_loaded(tmp_path: Path) -> None:
    data = hostile_word.CASES["dde split"][0]()
    pack = packs.write(tmp_path / "acme-law", {"templates/layout/reference.docx": data})
    with pytest.raises(PackError) as refused:
        open_library((pack,))
    (problem,) = refused.value.problems
    assert str(problem.place).endswith("templates/layout/reference.docx")
    assert "a field DDEAUTO" in problem.message


# -- as a firm meets it


def test_build_refuses_it_without_a_traceback_and_writes_nothing(tmp_path: Path) -> None:
    data = hostile_word.CASES["activex"][0]()
    pack = packs.write(tmp_path / "acme-law", {"templates/layout/reference.docx": data})
    done = run_here("build", REFERRAL, "--pack", pack, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert "reference.docx: the file holds an ActiveX control\n  hint: delete it in Word and save again" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_pack_check_tells_dangers_as_errors_and_gaps_as_warnings(tmp_path: Path) -> None:
    dangerous = {"templates/layout/reference.docx": hostile_word.CASES["vba"][0]()}
    report = check_pack(packs.write(tmp_path / "acme-law", dangerous), (), date(2026, 11, 28))
    assert [(found.code, found.message) for found in report.problems] == [("P16", "the file holds macros")]
    parts = hostile_word.replaced(hostile_word.FOOTER, b" PAGE ", b" SECTION ")
    parts = hostile_word.replaced(hostile_word.STYLES, b'w:ascii="Calibri"', b'w:ascii="Acme Grotesk"', parts)
    gaps = packs.write(tmp_path / "beta-law", {"templates/layout/reference.docx": hostile_word.packed(parts)})
    told = [f for f in check_pack(gaps, (), date(2026, 11, 28)).problems if f.code == "P24"]
    assert [found.severity for found in told] == ["W", "W"]
    assert "the field PAGE" in told[0].message
    assert '"Acme Grotesk" does not come with Word' in told[1].message

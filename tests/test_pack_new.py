"""A new pack, made by "agreementgen pack new": it works, and shows everything a pack can change."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import docx
import pytest
from commands import run_here
from conftest import letters, pdf_text, word_text

from agreementgen import pipeline
from agreementgen.authoring.pack_check import check_pack
from agreementgen.authoring.pack_folder import create_pack, list_base_changes
from agreementgen.core.problems import InputError
from agreementgen.packs.layering import open_library
from agreementgen.sources import read_deals

NAME = 'Harbor & "Sons" Law: LLP'


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("firm") / "harbor-law"
    create_pack(folder, NAME)
    return folder


def test_it_holds_what_a_firm_may_change(pack: Path) -> None:
    names = {path.relative_to(pack).as_posix() for path in pack.rglob("*") if path.is_file()}
    assert names == {
        "README.md",
        "based-on.yaml",
        "clauses/confidentiality/mutual.md",
        "clauses/records/records.md",
        "clauses/records/topic.yaml",
        "pack.yaml",
        "samples/sample.yaml",
        "templates/introduction.yaml",
        "templates/layout/reference.docx",
        "templates/layout/style.yaml",
        "tests/tests.yaml",
    }
    library = open_library((pack,))
    assert (library.packs[0].id, library.packs[0].name) == ("harbor-law", NAME)
    assert list_base_changes(library.packs[0]) == {}
    for path in pack.rglob("*"):
        if path.suffix in (".yaml", ".md", ".css"):
            assert "Acme" not in path.read_text(encoding="utf-8")


def test_the_sample_shows_all_of_it_in_both_formats(pack: Path, tmp_path: Path) -> None:
    (sourced,) = read_deals([str(pack / "samples" / "sample.yaml")])
    built = pipeline.build(sourced.deal, sourced.library, ("docx", "pdf", "txt"))
    assert not built.warnings
    word = docx.Document(_write(tmp_path / "x.docx", built.files["docx"]))
    header = word.sections[0].header.paragraphs[0]
    assert (header.text, header.style.name) == (NAME, "Letterhead")
    assert str(word.styles["Title"].font.color.rgb) == "7A1F3D"
    printed = letters(pdf_text(built.files["pdf"], tmp_path))
    for text in (printed, letters(word_text(built.files["docx"]))):
        for words in ("Introduction Agreement", "keep a list of those people", "Kept for 60 months", "60 days’ notice"):
            assert letters(words) in text
    assert letters(NAME) in printed
    assert letters(f"Prepared by {NAME}") in printed


def _write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def test_its_check_finds_nothing_but_that_no_lawyer_read_it(pack: Path) -> None:
    report = check_pack(pack, (), date(2026, 11, 28))
    assert {found.code for found in report.problems} == {"P23"}
    assert all("no lawyer has reviewed" in found.message for found in report.problems)
    assert report.tests == 5
    assert report.pages == {"sample.yaml": 1}
    assert report.coverage.taken == report.coverage.outcomes > 0


def test_nothing_that_is_there_is_changed(tmp_path: Path) -> None:
    (tmp_path / "acme-law").mkdir()
    for folder in (tmp_path / "acme-law", tmp_path / "link"):
        if folder.name == "link":
            folder.symlink_to(tmp_path / "nowhere")
        with pytest.raises(InputError, match="this is there already"):
            create_pack(folder)
    assert not list((tmp_path / "acme-law").iterdir())


@pytest.mark.parametrize(
    ("folder", "name", "says"),
    [
        ("Acme Law", "", "cannot be the id of a pack"),
        ("acme-law", "A" * 81, "more than 80 letters"),
        ("acme-law", "Acme\nLaw", "the name holds a line break"),
    ],
)
def test_names_that_cannot_be(tmp_path: Path, folder: str, name: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        create_pack(tmp_path / folder, name)
    assert not list(tmp_path.iterdir())


def test_the_command_names_the_files_and_what_comes_next(tmp_path: Path) -> None:
    done = run_here("pack", "new", "our/acme-law", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "our/acme-law/pack.yaml\n" in done.stdout
    assert done.stderr == "Next: agreementgen pack check our/acme-law\n"
    assert 'name: "Acme Law"' in (tmp_path / "our" / "acme-law" / "pack.yaml").read_text()
    again = run_here("pack", "new", "our/acme-law", folder=tmp_path)
    assert again.returncode == 2
    assert "this is there already" in again.stderr

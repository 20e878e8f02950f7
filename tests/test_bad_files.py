"""Files and folders that cannot be used: refused in plain words, and nothing on the disk is changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import run_here
from test_bad_deals import GOOD, changed, problems


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deal.yaml").write_bytes(GOOD)
    return tmp_path


def refused(folder: Path, *words: object) -> str:
    """Run `build` where it must refuse; return what it says, and assert that it leaves all as it was."""
    before = snapshot(folder)
    done = run_here("build", *words, folder=folder)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(folder) == before
    return done.stderr


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["dael.yaml"], 'dael.yaml: there is no such file\n  hint: did you mean "deal.yaml"?\n'),
        (["nowhere/x.yaml"], "nowhere/x.yaml: there is no such file\n  hint: "),
        (["folder.yaml"], "folder.yaml: this is a folder, not a deal file\n  hint: name the .yaml file in it\n"),
        (
            ["partners.csv"],
            "partners.csv: a deal file's name ends with .yaml\n"
            '  hint: a table of partners belongs behind its base deal: "agreementgen batch DEAL.yaml partners.csv"\n',
        ),
        (
            ["letter.docx"],
            "letter.docx: a deal file's name ends with .yaml\n"
            "  hint: an agreement made here holds its deal: agreementgen recover letter.docx -o deal.yaml\n",
        ),
        (["loop.yaml"], "loop.yaml: the file cannot be read: "),
        (
            ["deal.yaml", "-o", "letter.docx"],
            "letter.docx: cannot write here: this is a file, not a folder\n  hint: name a folder; it is made if it is not there\n",
        ),
        (["deal.yaml", "-o", "letter.docx/below/it"], "letter.docx: cannot write here: this is a file, not a folder\n"),
        (
            ["deal.yaml", "sub/deal.yml"],
            "sub/deal.yml: its documents would have the same names as those of deal.yaml\n",
        ),
        (["deal.yaml", "-f", "odt"], 'Error: "odt" is not a format; choose from docx, pdf, txt, xlsx, csv\n'),
        (["deal.yaml", "-f", ","], 'Error: "," is not a format; choose from docx, pdf, txt, xlsx, csv\n'),
        (["deal.yaml", "--paper", "a5"], "Error: Invalid value for '--paper'"),
        ([], "Error: Missing argument 'DEAL.yaml...'"),
        (["-"], "standard input: the file is empty\n"),
    ],
    ids=lambda value: "_".join(value).replace("/", "_") or "nothing" if isinstance(value, list) else "",
)
def test_files(folder: Path, words: list[str], says: str) -> None:
    (folder / "folder.yaml").mkdir()
    (folder / "sub").mkdir()
    (folder / "sub" / "deal.yml").write_bytes(GOOD)
    (folder / "letter.docx").write_bytes(b"")
    # Nobody, not even root, can read a link to itself.
    (folder / "loop.yaml").symlink_to("loop.yaml")
    assert says in refused(folder, *words)


def test_all_missing_files_are_named(folder: Path) -> None:
    text = refused(folder, "a.yaml", "deal.yaml", "b.yaml")
    assert [problem["file"] for problem in problems(text)] == ["a.yaml", "b.yaml"]


def test_a_name_no_disk_can_hold(folder: Path) -> None:
    assert "the file cannot be read" in refused(folder, "x" * 300 + ".yaml")


def test_a_kind_of_agreement_in_brackets(folder: Path) -> None:
    (folder / "list.yaml").write_bytes(changed(b"agreement: referral", b"agreement: [referral]"))
    assert "agreement: one word belongs here" in refused(folder, "list.yaml")


def test_problems_of_the_yaml_and_of_the_facts_come_together(folder: Path) -> None:
    (folder / "two.yaml").write_bytes(changed(b"law: Vermont", b"law: Vermnt\nlaw: Maine"))
    assert len(problems(refused(folder, "two.yaml"))) == 2


def test_a_flood_is_cut(folder: Path) -> None:
    (folder / "many.yaml").write_bytes(GOOD + b"".join(b"fact %d: x\n" % n for n in range(5000)))
    text = refused(folder, "many.yaml")
    assert text.startswith("many.yaml:1:1: more than 1,000 problems: the rest was not looked at\n")
    assert text.endswith("... and 951 more\n1,001 problems; nothing was written\n")
    assert text.count("\n") == 102


@pytest.mark.slow
def test_a_file_of_somebody_else_is_kept_until_forced(folder: Path) -> None:
    theirs = folder / "out" / "deal.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine\n")
    text = refused(folder, "deal.yaml", "-o", "out", "-f", "txt,docx")
    assert "out/deal.txt: the file is there already" in text.replace(os.sep, "/")
    assert "--force" in text
    done = run_here("build", "deal.yaml", "-o", "out", "-f", "txt", "--force", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Lind Bakery" in theirs.read_text(encoding="utf-8")


@pytest.mark.slow
def test_our_own_file_is_replaced_but_not_once_somebody_changed_it(folder: Path) -> None:
    ours = folder / "out" / "deal.txt"
    command = ("build", "deal.yaml", "-o", "out", "-f", "txt")
    for _ in range(2):
        done = run_here(*command, folder=folder)
        assert done.returncode == 0, done.stderr
    first = ours.read_bytes()
    (folder / "deal.yaml").write_bytes(changed(b"18 Maple Street", b"19 Maple Street"))
    done = run_here(*command, folder=folder)
    assert done.returncode == 0, done.stderr
    assert ours.read_bytes() != first
    ours.write_bytes(ours.read_bytes() + b"and a word by hand\n")
    (folder / "deal.yaml").write_bytes(changed(b"18 Maple Street", b"20 Maple Street"))
    assert "agreementgen did not write it as it is now" in refused(folder, *command[1:])


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
@pytest.mark.slow
@pytest.mark.parametrize("most", [0, 3000])
def test_a_full_disk_leaves_the_good_file_and_no_half_one(folder: Path, most: int) -> None:
    """A limit on the size of files fails in the same place as a full disk: in the middle of writing."""
    done = run_here("build", "deal.yaml", "-o", "out", "-f", "docx", folder=folder)
    assert done.returncode == 0, done.stderr
    (folder / "deal.yaml").write_bytes(changed(b"18 Maple Street", b"19 Maple Street"))
    before = snapshot(folder)
    code = f"""
import resource, sys
from agreementgen.cli import main as cli
from agreementgen.core import saving
real = saving.save_files
def full(*words):
    # Not before: the fonts of the layout are written to a temporary folder.
    sys.dont_write_bytecode = True
    resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))
    return real(*words)
saving.save_files = full
cli.main()
"""
    full = subprocess.run(
        [sys.executable, "-c", code, "build", "deal.yaml", "-o", "out", "-f", "docx,txt"],
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert full.returncode == 2, full.stderr.decode()
    assert b"cannot write here: File too large" in full.stderr
    assert snapshot(folder) == before


def test_a_folder_where_the_record_should_be(folder: Path) -> None:
    (folder / "out" / ".agreementgen.json").mkdir(parents=True)
    assert "cannot write here" in refused(folder, "deal.yaml", "-o", "out", "-f", "txt")

"""Records of builds: what decided the words, and a later build that is refused where anything of it differs."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import packs
import pytest
from click.testing import CliRunner, Result
from conftest import MINIMAL, ROOT

from agreementgen import __version__
from agreementgen.cli.main import commands
from agreementgen.core.problems import AgreementError

GENERAL = packs.clause("general-short", "Acme's general terms apply.", "General", "position: short\n")


def run(*words: object) -> Result:
    done = CliRunner().invoke(commands, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def refused(*words: object) -> list[str]:
    with pytest.raises(AgreementError) as caught:
        run(*words)
    return [str(problem) for problem in caught.value.problems]


class Desk:
    """A deal, a pack and the record of a first build, in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.deal = folder / "deal.yaml"
        self.pack = packs.write(
            folder / "acme-law", {"clauses/general/general-short.md": GENERAL}, "footer: Acme Law\n"
        )
        self.record = folder / "record.json"

    def build(self, *more: object) -> Result:
        return run("build", self.deal, "--pack", self.pack, "-f", "txt", "-o", self.folder / "out", *more)

    def locked(self, *more: object) -> list[str]:
        """Build again into another folder, and return why not."""
        said = refused("build", self.deal, "-f", "txt", "-o", self.folder / "again", "--locked", self.record, *more)
        assert not (self.folder / "again").exists()
        return said

    @property
    def said(self) -> Any:
        return json.loads(self.record.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(MINIMAL, folder / "deal.yaml")
    desk = Desk(folder)
    desk.build("--record", desk.record)
    return folder


@pytest.fixture
def desk(recorded: Path, tmp_path: Path) -> Desk:
    """A copy in another folder, as on another machine years later."""
    shutil.copytree(recorded, tmp_path / "elsewhere")
    found = Desk(tmp_path / "elsewhere")
    return found


def test_a_record_says_what_decided_the_words(desk: Desk) -> None:
    said = desk.said
    assert said["program"] == __version__
    assert said["options"] == {"layout": "auto", "paper": ""}
    (found,) = said["agreements"]
    assert found["deal"] == "deal.yaml"
    assert found["sha256"] == hashlib.sha256(desk.deal.read_bytes()).hexdigest()
    assert [(pack["id"], pack["version"]) for pack in found["packs"]] == [("acme-law", "1.2")]
    assert found["clauses"]["general-short"]["file"] == "acme-law: clauses/general/general-short.md"
    assert found["clauses"]["general-short"]["version"] == 7
    assert found["clauses"]["scope-short"]["file"] == "clauses/scope/scope-short.md"
    outline = (ROOT / "templates" / "referral.yaml").read_bytes()
    assert found["files"]["templates/referral.yaml"] == hashlib.sha256(outline).hexdigest()
    assert {"templates/layout/agreement.html", "templates/layout/reference.docx"} <= found["files"].keys()
    assert found["usual"]["paper"] == "US Letter"
    assert "law" not in found["usual"]
    text = (desk.folder / "out" / "deal.txt").read_bytes()
    assert found["documents"] == {"deal.txt": hashlib.sha256(text).hexdigest()}
    assert str(desk.folder) not in desk.record.read_text(encoding="utf-8")
    assert str(desk.folder.parent) not in desk.record.read_text(encoding="utf-8")


def test_the_same_build_elsewhere_is_the_same(desk: Desk) -> None:
    """In another folder, with a pack under another name; what says nothing to a reader of the agreement may change."""
    desk.pack = desk.pack.rename(desk.folder / "copy-of-acme")
    (desk.pack / "README.md").write_text("New.", encoding="utf-8")
    general = desk.pack / "clauses" / "general" / "general-short.md"
    general.write_text(general.read_text().replace("words: 60", "words: 50\nguidance: {why: It is short.}"))
    done = desk.build("--locked", desk.record, "--record", desk.folder / "new.json", "--force")
    assert f"the words are those of {desk.record}" in done.stderr
    old, new = desk.said["agreements"][0], json.loads((desk.folder / "new.json").read_text())["agreements"][0]
    for name in ("sha256", "clauses", "files", "usual", "words", "documents"):
        assert old[name] == new[name]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def change_clause(desk: Desk) -> None:
    edit(desk.pack / "clauses/general/general-short.md", "Acme's general", "Acme's own general")


def change_version(desk: Desk) -> None:
    change_clause(desk)
    edit(desk.pack / "clauses/general/general-short.md", "version: 7", "version: 8")


def change_pack(desk: Desk) -> None:
    edit(desk.pack / "pack.yaml", '"1.2"', '"1.3"')


def change_footer(desk: Desk) -> None:
    edit(desk.pack / "pack.yaml", "footer: Acme Law", "footer: Acme Law, Boston")


def change_default(desk: Desk) -> None:
    with (desk.pack / "pack.yaml").open("a") as stream:
        stream.write("questions: {paper: {default: a4}}\n")


def add_outline(desk: Desk) -> None:
    packs.write(desk.pack, {"templates/referral.yaml": (ROOT / "templates/referral.yaml").read_text() + "# ours\n"}, "")


def add_style(desk: Desk) -> None:
    css = '@import "built-in/agreement.css"; h1::after { content: " (draft)" }'
    packs.write(desk.pack, {"templates/layout/agreement.css": css})


def change_rows(desk: Desk) -> None:
    text = (ROOT / "clauses/agreement/topic.yaml").read_text(encoding="utf-8")
    assert "label: Law and courts" in text
    text = text.replace("label: Law and courts", "label: Courts and law")
    packs.write(desk.pack, {"clauses/agreement/topic.yaml": text}, "footer: Acme Law\n")


def change_deal(desk: Desk) -> None:
    with desk.deal.open("a", encoding="utf-8") as stream:
        stream.write("# a remark\n")


def drop_clause(desk: Desk) -> None:
    (desk.pack / "clauses/general/general-short.md").unlink()
    edit(desk.pack / "pack.yaml", "footer:", "switched off: [termination-short]\nfooter:")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (change_clause, ['clause "general-short" (acme-law: clauses/general/general-short.md) has changed: both are called version 7']),
        (change_version, ['clause "general-short" (acme-law: clauses/general/general-short.md) has changed: version 8, in the record 7']),
        (change_pack, ['the pack "acme-law" has version 1.3, in the record 1.2']),
        (change_footer, ['the file "acme-law: pack.yaml" has changed']),
        (change_default, ["paper: the usual answer is A4, in the record US Letter"]),
        (add_outline, ['the file "templates/referral.yaml" has changed']),
        (add_style, ['the file "templates/layout/agreement.css" has changed']),
        (change_rows, ['topic.yaml" has changed']),
        (change_deal, ["deal.yaml: the deal file has changed"]),
        (drop_clause, ['the clause "general-short" (clauses/general/general-short.md) has changed', "of the record is not in this agreement"]),
    ],
)  # fmt: skip
def test_what_differs_is_named_and_nothing_is_written(
    desk: Desk, change: Callable[[Desk], None], says: list[str]
) -> None:
    change(desk)
    found = desk.locked("--pack", desk.pack)
    for line in says:
        line = line.replace("in the record 7", "in the record version 7") if "clause" in line else line
        assert any(line.replace("in the record version", "in the record") in problem for problem in found), found


def test_packs_and_options_that_differ(desk: Desk) -> None:
    assert any('the pack "acme-law" 1.2 is missing' in problem for problem in desk.locked())
    other = packs.write(desk.folder / "other", {})
    assert any('the pack "other" is not in the record' in p for p in desk.locked("--pack", desk.pack, "--pack", other))
    found_all = desk.locked("--pack", desk.pack, "--layout", "one-plus-one", "--paper", "a4")
    assert any('--layout is "one-plus-one", in the record "auto"' in p for p in found_all)
    assert any('--paper is "a4", in the record ""' in p for p in found_all)
    edit(desk.record, f'"program": "{__version__}"', '"program": "0.0.9"')
    (problem,) = desk.locked("--pack", desk.pack)
    assert f"this is agreementgen {__version__}, the record was made by 0.0.9" in problem
    assert "pip install agreementgen==0.0.9" in problem
    desk.deal = desk.deal.rename(desk.folder / "another.yaml")
    assert any("the record has no such deal" in problem for problem in desk.locked("--pack", desk.pack))


def test_other_words_without_a_reason(desk: Desk) -> None:
    """What we stand on words things otherwise: refused, and what is new of it named."""
    edit(desk.record, f'"words": "{desk.said["agreements"][0]["words"]}"', '"words": "0"')
    edit(desk.record, f'"babel": "{desk.said["libraries"]["babel"]}"', '"babel": "2.0"')
    (problem,) = desk.locked("--pack", desk.pack)
    assert "the words differ from the record's" in problem
    assert "instead of 2.0" in problem


def test_other_bytes_with_the_same_words(desk: Desk) -> None:
    edit(desk.record, '"deal.txt": "', '"deal.txt": "0')
    done = desk.build("--locked", desk.record)
    assert "warning: deal.txt has the words of the record, but not its bytes" in done.stderr


def test_a_table_beside_the_deal_is_part_of_it(tmp_path: Path) -> None:
    source = ROOT / "samples" / "referral.yaml"
    (tmp_path / "chart.csv").write_text("Task,Lead,SEO\n,Northshore,Bay Rank\nLog leads,A/R,I\nReport,I,A/R\n")
    text = source.read_text(encoding="utf-8")
    deal = tmp_path / "deal.yaml"
    deal.write_text(text[: text.index("\nraci:")] + "\nraci: {table: chart.csv}\n", encoding="utf-8")
    run("build", deal, "-f", "txt", "-o", tmp_path, "--record", tmp_path / "r.json")
    (found,) = json.loads((tmp_path / "r.json").read_text())["agreements"]
    assert found["tables"] == {"chart.csv": hashlib.sha256((tmp_path / "chart.csv").read_bytes()).hexdigest()}
    edit(tmp_path / "chart.csv", "Report", "Reports")
    found_all = refused("build", deal, "-f", "txt", "-o", tmp_path, "--locked", tmp_path / "r.json")
    assert any('the table "chart.csv" has changed' in problem for problem in found_all)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"agreementgen record": 2}',
        b'{"agreementgen record": 1, "agreements": [{}]}',
        b'{"agreementgen record": 1, "agreements": {"a": 1}}',
        b"[" * 200_000,
    ],
)
def test_what_is_no_record(desk: Desk, data: bytes) -> None:
    desk.record.write_bytes(data)
    (problem,) = desk.locked("--pack", desk.pack)
    assert problem.startswith(f"{desk.record}: this is no record of a build")
    command = ("build", desk.deal, "-f", "txt", "-o", desk.folder / "again", "--record", desk.record)
    assert "it is no record" in refused(*command)[0]
    assert desk.record.read_bytes() == data


def test_records_that_cannot_be_read_or_written(desk: Desk) -> None:
    desk.record.unlink()
    assert "the record cannot be read: No such file" in desk.locked()[0]
    command = ("build", desk.deal, "-f", "txt", "-o", desk.folder / "again", "--record", desk.folder / "no" / "r.json")
    assert "there is no such folder" in refused(*command)[0]
    assert not (desk.folder / "again").exists()

"""Where the deals of a batch come from: files, folders, files of several deals, and tables over a base deal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from conftest import MINIMAL, ROOT

from agreementgen import pipeline
from agreementgen.batch.items import BatchItem, gather_items, slugify
from agreementgen.core.problems import InputError
from agreementgen.library.loading import built_in_library
from agreementgen.sheets.table_reader import write_csv

LIBRARY = built_in_library()
DEAL = MINIMAL.read_text(encoding="utf-8")
BASE = ROOT / "samples" / "partner-program" / "base.yaml"


def put(folder: Path, **files: str) -> Path:
    """Write files; in names, __ stands for a slash and the ending is .yaml."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def called(name: str, deal: str = DEAL) -> str:
    """Return the deal with another first party."""
    short = next(line for line in deal.splitlines() if line.strip().startswith("short: "))
    return deal.replace("Rosa Lind", f"Rosa {name}").replace(short.split(": ")[1], name)


def names(found: tuple[BatchItem, ...], folder: Path) -> list[str]:
    return [item.name.replace(f"{folder.as_posix()}/", "") for item in found]


def read(item: BatchItem) -> object:
    return pipeline.read_answers(item.read_answers(), item.source, LIBRARY)


def problems(*sources: str | Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        gather_items([str(source) for source in sources])
    assert all(problem.hint for problem in caught.value.problems)
    return [str(problem).split("\n")[0] for problem in caught.value.problems]


# -- folders


def test_a_folder_is_read_with_all_folders_in_it_in_a_fixed_order(tmp_path: Path) -> None:
    put(tmp_path, b=DEAL, A=DEAL, north__c=DEAL, north__deep__d=DEAL)
    (tmp_path / "e.yml").write_text(DEAL, encoding="utf-8")
    (tmp_path / "readme.txt").write_text("no deal", encoding="utf-8")
    put(tmp_path, **{".hidden": "no: deal", "~$lock": "no: deal", ".git__x": "no: deal"})
    found = gather_items([str(tmp_path)])
    assert names(found, tmp_path) == ["A.yaml", "b.yaml", "e.yml", "north/c.yaml", "north/deep/d.yaml"]
    assert [item.stem for item in found] == ["A", "b", "e", "c", "d"]
    assert all(read(item) for item in found)


def test_a_link_to_a_folder_leads_nowhere(tmp_path: Path) -> None:
    put(tmp_path, a=DEAL)
    os.symlink(tmp_path, tmp_path / "round", target_is_directory=True)
    assert names(gather_items([str(tmp_path)]), tmp_path) == ["a.yaml"]


def test_what_is_named_twice_is_one_deal(tmp_path: Path) -> None:
    put(tmp_path, a=DEAL, b=DEAL)
    sources = [tmp_path / "b.yaml", tmp_path, tmp_path / "." / "b.yaml", tmp_path / "a.yaml"]
    assert names(gather_items([str(source) for source in sources]), tmp_path) == ["b.yaml", "a.yaml"]


def test_folders_without_deals_and_files_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    put(tmp_path, deals__a=DEAL, deals__list="groceries: [milk]\n", deals__broken="agreement: [\n")
    found = problems(tmp_path / "empty", tmp_path / "deals", tmp_path / "gone.yaml", tmp_path / "old.xls")
    assert found == sorted(found)
    said = " ".join(found)
    for part in (
        "no deal files in this folder",
        "list.yaml:1:0: this file in the folder is no deal file",
        "there is no such file",
        "kind .xls are not read",
    ):
        assert part in said, found


# -- several deals in a file


def test_a_file_of_several_deals(tmp_path: Path) -> None:
    text = f"# our deals\n---\n{called('Alder')}...\n---\n# nothing here\n---\n{called('Birch')}"
    put(tmp_path, many=text)
    found = gather_items([str(tmp_path / "many.yaml")])
    assert [name.split(": ")[1].split(",")[0] for name in names(found, tmp_path)] == ["Alder", "Birch"]
    assert [item.stem.split("-")[0] for item in found] == ["alder", "birch"]
    assert all(read(item) for item in found)
    assert len({item.digest for item in found}) == 2


def test_places_are_those_of_the_whole_file(tmp_path: Path) -> None:
    second = called("Birch").replace("law: ", "law: Atlantis # ")
    put(tmp_path, many=f"{called('Alder')}---\n{second}")
    item = gather_items([str(tmp_path / "many.yaml")])[1]
    with pytest.raises(InputError) as caught:
        read(item)
    lines = (tmp_path / "many.yaml").read_text(encoding="utf-8").splitlines()
    place = caught.value.problems[0].place
    assert "Atlantis" in lines[place.line - 1]
    assert place.file == str(tmp_path / "many.yaml")


@pytest.mark.parametrize("ends", ["\n---\n", "\n...\n", "\n---\n# the end\n", "\n---\n...\n"])
def test_a_line_of_dashes_at_the_end_begins_no_deal(ends: str, tmp_path: Path) -> None:
    put(tmp_path, one=f"---\n{DEAL.rstrip()}{ends}")
    (item,) = gather_items([str(tmp_path / "one.yaml")])
    assert read(item)


def test_deals_of_one_name_are_told_apart(tmp_path: Path) -> None:
    put(tmp_path, many=f"{DEAL}---\n{DEAL.replace('law: ', 'law: # ')}")
    found = gather_items([str(tmp_path / "many.yaml")])
    assert len({item.name for item in found}) == 2
    assert found[1].name.endswith("(2)")


# -- tables


def test_a_base_deal_is_no_deal_of_its_own(tmp_path: Path) -> None:
    put(tmp_path, base=BASE.read_text(encoding="utf-8"), other=DEAL)
    table = tmp_path / "partners.csv"
    table.write_bytes((BASE.parent / "partners.csv").read_bytes())
    found = gather_items([str(tmp_path), str(tmp_path / "base.yaml"), str(table)])
    assert len(found) == 41
    assert names(found, tmp_path)[:2] == ["other.yaml", "partners.csv: Prairie Tech Advisors LLC"]
    assert (found[1].source, found[1].stem) == (f"{table}, row 2", "prairie-tech")


def test_a_row_keeps_its_name_wherever_it_stands(tmp_path: Path) -> None:
    import csv

    rows = list(csv.reader((BASE.parent / "partners.csv").read_text(encoding="utf-8-sig").splitlines()))
    table = tmp_path / "partners.csv"

    def named(order: list[list[str]]) -> dict[str, str]:
        table.write_bytes(write_csv(order))
        return {item.name: item.digest for item in gather_items([str(BASE), str(table)])}

    straight = named(rows[:6])
    # Another order of rows and columns, and a note, change nothing.
    turned = [[*reversed(row), "note"] for row in (rows[0], *reversed(rows[1:6]))]
    turned[0][-1] = "(note)"
    again = named(turned)
    assert set(again) == set(straight)
    assert all(len(digest) == 64 for digest in again.values())


def test_tables_without_a_base_and_bases_of_several_deals_are_told(tmp_path: Path) -> None:
    put(tmp_path, many=f"{DEAL}---\n{DEAL}")
    table = tmp_path / "partners.csv"
    table.write_bytes(write_csv([["Partner name"], ["A LLC"]]))
    assert "a table belongs to the deal file before it, and there is none" in problems(table)[0]
    assert "a base deal is one deal, and this file holds several" in problems(tmp_path / "many.yaml", table)[0]
    (found,) = problems(BASE, tmp_path / "partner.csv")
    assert found.endswith("there is no such table")
    assert "tables of the kind .ods are not read" in problems(BASE, tmp_path / "partners.ods")[0]


def test_names_of_files_are_plain() -> None:
    assert slugify("O'Malley & Söhne, GmbH") == "omalley-sohne-gmbh"
    assert slugify("Łódź") == "łodz"
    assert slugify("株式会社さくら") == "株式会社さくら"
    assert slugify("***") == ""

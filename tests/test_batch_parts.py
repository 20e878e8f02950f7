"""The parts of a batch, each alone: the journal, names of files, the order of workers."""

from __future__ import annotations

import hashlib
import pickle
import re
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from batches import TEXT, batch, deals, entries
from conftest import ROOT
from faults import Remembering

from agreementgen.batch import workers
from agreementgen.batch.folder import STATE_FOLDER, Journal, StoredFile
from agreementgen.batch.items import document_paths, fold_name, gather_items, make_safe_name, read_name_pattern
from agreementgen.batch.report import ManifestStatus
from agreementgen.batch.workers import BuildOptions, BuildOrder, CheckOrder, WorkerPool, run_orders
from agreementgen.cli.batch import batch as command
from agreementgen.core.problems import InputError, Problem, problem_to_json
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_digest

# -- journal


def test_a_journal_is_read_and_added_to_wherever_it_was_cut(tmp_path: Path) -> None:
    source = deals(tmp_path / "deals", 2)
    batch(source, tmp_path / "out")
    path = tmp_path / "out" / STATE_FOLDER / "journal.jsonl"
    data = path.read_bytes()
    first = data.index(b"\n") + 1
    for cut in range(first, len(data), 13):
        path.write_bytes(data[:cut])
        journal = Journal(tmp_path / "out")
        known = set(journal.known_digests) | {"new.txt"}
        journal.note_writing({"new.txt": "0" * 64})
        journal.close()
        assert set(Journal(tmp_path / "out").known_digests) == known, cut


def test_a_journal_is_shortened_without_loss(tmp_path: Path) -> None:
    source, crew = deals(tmp_path / "deals", 2), Remembering()
    for _ in range(12):
        batch(source, tmp_path / "out", crew=crew.crew, fresh=True)
    journal = Journal(tmp_path / "out")
    assert journal.stale_lines < 40
    again = Journal(tmp_path / "out")
    again.stale_lines = 1000
    again.shorten()
    found = Journal(tmp_path / "out")
    assert (found.finished, found.known_digests, found.owners) == (
        journal.finished,
        journal.known_digests,
        journal.owners,
    )


def test_a_journal_remembers_the_last_eight_contents_of_a_file(tmp_path: Path) -> None:
    """A run that was killed may have left any of them; a file with another content is somebody else's."""
    digests = [f"{number:064x}" for number in range(1, 11)]
    (tmp_path / STATE_FOLDER).mkdir()
    journal = Journal(tmp_path)
    for digest in digests:
        journal.note_writing({"a.txt": digest})
    journal.note_writing({"a.txt": digests[5]})  # written again: known once, and last
    journal.close()
    wanted = [*digests[2:5], *digests[6:], digests[5]]
    assert list(journal.known_digests["a.txt"]) == wanted
    assert list(Journal(tmp_path).known_digests["a.txt"]) == wanted


def test_what_another_version_wrote_is_built_again(tmp_path: Path) -> None:
    source = deals(tmp_path / "deals", 2)
    batch(source, tmp_path / "out")
    path = tmp_path / "out" / STATE_FOLDER / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"stem":', b'"shape":') + b"[1]\nnull\n{}\n\xff\xfe\n")
    assert len(batch(source, tmp_path / "out").built) == 2


@pytest.mark.parametrize("path", ["../deal-001.yaml", "/deal.txt", "a/../../x", "c:x", "a\\b", ""])
def test_a_journal_speaks_of_its_own_folder_only(path: str, tmp_path: Path) -> None:
    """It may come from anybody, with the folder it is in; what it names as ours may be removed."""
    source = deals(tmp_path / "deals", 1)
    batch(source, tmp_path / "deals")
    journal = Journal(source)
    journal.note_writing({path: hashlib.sha256((source / "deal-001.yaml").read_bytes()).hexdigest()})
    journal.close()
    found = Journal(source)
    assert path not in found.known_digests
    assert found.finished
    journal.note_finished(
        replace(found.finished[next(iter(found.finished))], deal="x", files=(StoredFile(path, "0", 1, 1),))
    )
    journal.close()
    assert "x" not in Journal(source).finished


def test_a_document_is_replaced_and_never_written_over(tmp_path: Path) -> None:
    """Who has the old one open, a copy or a mail, still reads it to its end."""
    source = deals(tmp_path / "deals", 1)
    batch(source, tmp_path / "out")
    document = tmp_path / "out" / "referral-maple-001-2026-12-01.txt"
    before = document.read_bytes()
    path = source / "deal-001.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("60 days", "45 days"), encoding="utf-8")
    with document.open("rb") as old, (tmp_path / "out" / "manifest.csv").open("rb") as table:
        listed = table.read()
        batch(source, tmp_path / "out")
        table.seek(0)
        assert (old.read(), table.read()) == (before, listed)
    assert document.read_bytes() != before


# -- names

FACTS = {
    "effective": None, "law": "Vermont", "fee": 5, "sure": True,
    "parties": ({"short": "Ähre & Söhne"}, {"short": "北京 Tea"}), "terms": {"due_in": "30 days"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("{kind}-{parties[1].short}", "referral-北京-tea"),
        ("{parties.1.short} and {parties.2.short}", "ahre-sohne and 北京-tea"),
        ("{kind}-{effective}-{law}", "referral-vermont"),
        ("{effective}", "deal-7"),
        ("{terms.due in}_{fee}_{sure}", "30-days_5_yes"),
        ("{parties[4].short}-{kind}", "referral"),
        ("{deal}", "deal-7"),
        ("NDA {deal}.final.", "NDA deal-7.final"),
    ],
)
def test_names_are_made_of_facts(text: str, name: str) -> None:
    assert read_name_pattern(text).name_deal("referral", "deal 7", FACTS) == name


@pytest.mark.parametrize(
    "text",
    [
        "same",
        "{",
        "{deal}}",
        "{}",
        "{a..b}",
        "a/{deal}",
        "a\\{deal}",
        "{deal}:x",
        "{deal[x]}",
        "{parties.0.short}",
        "{deal}\x00",
    ],
)
def test_patterns_that_make_no_names_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_name_pattern(text)


@pytest.mark.parametrize(
    "text",
    [
        "{colour}",
        "{parties}",
        "{terms}",
        "{parties[0].short.upper}",
        "{law.__class__}",
        "{kind.x}",
        "{parties.name}",
    ],
)
def test_patterns_look_up_facts_and_nothing_else(text: str) -> None:
    with pytest.raises(InputError, match="the pattern names"):
        read_name_pattern(text).name_deal("referral", "deal", FACTS)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("CON", "CON-agreement"), ("nul.v1", "nul.v1-agreement"), ("com1", "com1-agreement"), ("LPT²", "LPT²-agreement"),
        ("console", "console"), ("a. . ", "a"), (".hidden", "hidden"), ("a\u202eb", "ab"), ("x:y", "x-y"), ("...", ""),
        ("e\u0301", "é"),
    ],
)  # fmt: skip
def test_names_are_good_on_every_system(name: str, kept: str) -> None:
    assert make_safe_name(name) == kept


def test_long_names_are_cut_and_stay_different() -> None:
    one, other = make_safe_name("京" * 200 + "1"), make_safe_name("京" * 200 + "2")
    assert one != other
    for name in (one, other):
        assert len(f"{name}-raci.xlsx".encode()) <= 143


def test_names_that_some_systems_take_for_one() -> None:
    assert fold_name("Straße-É") == fold_name("STRASSE-e\u0301")


def test_the_files_of_a_deal() -> None:
    assert document_paths("a", ("docx", "txt", "xlsx"), True, False) == (
        "a.docx",
        "a.txt",
        "a-raci.docx",
        "a-raci.xlsx",
    )
    assert document_paths("a", ("pdf", "csv"), False, True) == ("a/a.pdf",)


# -- any executor


def test_any_executor_will_do_and_little_is_outstanding() -> None:
    out: set[int] = set()
    most = 0

    def orders() -> Iterator[int]:
        nonlocal most
        for n in range(200):
            out.add(n)
            most = max(most, len(out))
            yield n

    def square_each(some: Sequence[int]) -> list[int]:
        return [n * n for n in some]

    pool = WorkerPool(lambda: ThreadPoolExecutor(3), window=6, chunk=5)
    found = []
    for square in run_orders(square_each, lambda n, error: -1, orders(), pool):
        out.discard(round(square**0.5))
        found.append(square)
    assert sorted(found) == [n * n for n in range(200)]
    assert most <= 6 * 5 + 5


# -- what decides


def test_the_library_is_known_without_a_look_into_it(library: Library) -> None:
    assert built_in_digest() == library.digest


def test_a_worker_with_other_versions_refuses(tmp_path: Path) -> None:
    """As on a cluster where somebody forgot a machine."""
    (item,) = gather_items([str(deals(tmp_path, 1) / "deal-001.yaml")])
    (reading,) = workers.check([CheckOrder(item, TEXT)])
    order = BuildOrder(item, TEXT, reading.stem, (), reading.library, workers.list_engines())
    assert workers.build([order])[0].files
    (other,) = workers.build([replace(order, engines=("agreementgen 0.0.1", *order.engines[1:]))])
    assert "this worker has agreementgen " in str(other.problems[0])
    assert "and the batch agreementgen 0.0.1" in str(other.problems[0])
    (other,) = workers.build([replace(order, library="0" * 64)])
    assert "not the one the deal was checked with" in str(other.problems[0])
    assert not other.files


def test_an_order_needs_no_disk(tmp_path: Path) -> None:
    """A worker elsewhere gets all the deal says, with the table beside it."""
    source = deals(tmp_path / "here", 1)
    path = source / "deal-001.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}raci: chart.csv\n", encoding="utf-8")
    chart = "Task,Till (Maple 001),Oven (Lind Bakery)\nBake the bread,I,A/R\n"
    (source / "chart.csv").write_text(chart, encoding="utf-8")
    (item,) = gather_items([str(path)])
    wanted = replace(TEXT, formats=("txt", "csv"))
    (reading,) = workers.check([CheckOrder(item, wanted)])
    order = BuildOrder(item, wanted, reading.stem, reading.tables, reading.library, workers.list_engines())
    shutil.rmtree(source)
    (result,) = workers.build([pickle.loads(pickle.dumps(order))])
    assert [name for name, _ in result.files] == [f"{reading.stem}.txt", f"{reading.stem}-raci.csv"]
    assert "Bake the bread" in dict(result.files)[f"{reading.stem}-raci.csv"].decode()


# -- docs/batch.md


def told(head: str, column: int = 0) -> set[str]:
    """Return the words in backticks in a column of the table of the document that is headed so."""
    text = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    rows = text.split(f"\n| {head} |", 1)[1].split("\n\n", 1)[0].split("\n")[2:]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row.split(" | ")[column])}


def test_the_fields_of_the_list_are_explained(tmp_path: Path) -> None:
    batch(deals(tmp_path / "deals", 1), tmp_path / "out")
    assert told("field") == set(entries(tmp_path / "out")[0])
    assert told("field", 1) >= {*get_args(ManifestStatus), *problem_to_json(Problem("x", code="missing"))}


def test_the_pattern_told_is_the_usual_one() -> None:
    text = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    assert f"The usual pattern is `{BuildOptions().names}`" in text
    usual = next(option for option in command.params if option.name == "names").default
    assert usual == BuildOptions().names
    options = {name for option in command.params for name in option.opts}
    assert set(re.findall(r"(?<=[`\s])--?[a-z][a-z-]*", text)) - {"--nworkers", "--nthreads"} <= options

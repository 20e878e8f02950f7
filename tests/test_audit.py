"""agreementgen audit: what has become of documents since they were written, and what is among them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from batches import TEXT, batch, deals
from commands import run_here

from agreementgen.batch.audit import audit_folder
from agreementgen.core.problems import InputError
from agreementgen.core.saving import save_files

MAPLE = "referral-maple-{:03}-2026-12-01.txt"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a batch of three deals."""
    folder = tmp_path_factory.mktemp("finished")
    assert batch(deals(folder / "deals", 3), folder / "out", TEXT).status == 0
    return folder / "out"


@pytest.fixture
def out(finished: Path, tmp_path: Path) -> Path:
    return shutil.copytree(finished, tmp_path / "out")


def found(folder: Path, *records: Path) -> dict[str, tuple[str, str]]:
    """Return what an audit finds: code and message by the name of the file."""
    audit = audit_folder(folder, records)
    return {Path(f.place.file).relative_to(folder).as_posix(): (f.code, f.message) for f in audit.findings}


def test_a_batch_as_it_was_written(out: Path) -> None:
    ended = run_here("audit", out)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert ended.stderr == "5 documents held against manifest.jsonl: all as written\n"


def test_each_difference_is_told_once(out: Path) -> None:
    one, two, three = (out / MAPLE.format(number) for number in (1, 2, 3))
    one.write_bytes(one.read_bytes().replace(b"60 days", b"90 days"))
    two.rename(out / "for-signature.txt")
    three.unlink()
    (out / "side-letter.txt").write_bytes(b"mine")
    (out / "notes").mkdir()
    (out / "notes" / "a.md").write_bytes(b"mine")
    (out / "Thumbs.db").write_bytes(b"")
    ended = run_here("audit", out)
    assert ended.returncode == 1
    lines = [line for line in ended.stdout.splitlines() if not line.startswith("  hint: ")]
    assert lines == [
        f"{one}: this document has changed since it was written",
        f"{three}: this document is missing",
        f'{out / "for-signature.txt"}: this is "{two.name}" under another name',
        f"{out / 'notes' / 'a.md'}: this file is not one that was written here",
        f"{out / 'side-letter.txt'}: this file is not one that was written here",
    ]
    assert ended.stdout.count("  hint: ") == 5
    assert ended.stderr == "5 documents held against manifest.jsonl: 5 differences\n"


def test_the_same_for_programs(out: Path) -> None:
    (out / MAPLE.format(2)).unlink()
    ended = run_here("audit", out, "--json")
    told = json.loads(ended.stdout)
    assert ended.returncode == told["status"] == 1
    assert (told["folder"], told["against"], told["documents"]) == (str(out), ["manifest.jsonl"], 5)
    assert [(f["code"], f["file"]) for f in told["findings"]] == [("document-missing", str(out / MAPLE.format(2)))]


def test_documents_that_changed_places(out: Path) -> None:
    one, two = out / MAPLE.format(1), out / MAPLE.format(2)
    (kept := one.read_bytes(), one.write_bytes(two.read_bytes()), two.write_bytes(kept))
    assert found(out) == {
        one.name: ("document-changed", f'this holds what belongs into "{two.name}"'),
        two.name: ("document-changed", f'this holds what belongs into "{one.name}"'),
    }


def test_a_list_that_was_changed_is_not_believed(out: Path) -> None:
    """Whoever changes a document may change the list as well; the journal still knows both."""
    one = out / MAPLE.format(1)
    one.write_bytes(b"other words")
    entries = [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    for entry in entries:
        for file in entry["files"]:
            if file["name"] == one.name:
                file["sha256"] = "34" * 32
    (out / "manifest.jsonl").write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")
    assert set(found(out)) == {one.name, "manifest.jsonl"}
    assert audit_folder(out).against == (".agreementgen/journal.jsonl",)
    (out / "manifest.jsonl").unlink()
    assert found(out)["manifest.jsonl"][0] == "document-missing"


def test_a_list_without_its_journal(out: Path) -> None:
    """As when somebody sends the folder, without what is hidden in it."""
    shutil.rmtree(out / ".agreementgen")
    assert found(out) == {}
    (out / MAPLE.format(3)).write_bytes(b"")
    assert set(found(out)) == {MAPLE.format(3)}


def test_an_earlier_version_is_called_so(tmp_path: Path) -> None:
    source, out = deals(tmp_path / "deals", 1), tmp_path / "out"
    batch(source, out, TEXT)
    path = out / MAPLE.format(1)
    earlier = path.read_bytes()
    deal = source / "deal-001.yaml"
    deal.write_text(deal.read_text(encoding="utf-8").replace("60 days", "45 days"), encoding="utf-8")
    batch(source, out, TEXT)
    assert found(out) == {}
    path.write_bytes(earlier)
    message = "this is an earlier version of the document, not the last one that was written"
    assert found(out) == {path.name: ("document-changed", message)}


@pytest.mark.parametrize(
    "line",
    ["nonsense", '{"files": 1}', '{"files": [{"name": "../../x", "sha256": "0"}]}', '{"files": [{}]}', "[" * 9999],
)
def test_a_list_that_says_nonsense(line: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.jsonl").write_text("\n" + line, encoding="utf-8")
    ended = run_here("audit", tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"{tmp_path / 'manifest.jsonl'}:2:1: this line is none of a batch's list\n  hint: " in ended.stderr


def test_a_folder_of_which_nothing_is_known(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"mine")
    with pytest.raises(InputError, match="nothing here says which documents belong into this folder"):
        audit_folder(tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        audit_folder(tmp_path / "nowhere")


# -- builds


def test_a_build_by_its_own_list(tmp_path: Path) -> None:
    """Deal files and the like stand in the folder of a build; only what looks like an agreement is foreign there."""
    save_files(tmp_path, {"a.docx": b"one", "a.txt": b"two"})
    save_files(tmp_path, {"a.docx": b"three"})
    save_files(tmp_path, {"a.docx": b"one"})
    (tmp_path / "a.yaml").write_bytes(b"mine")
    assert found(tmp_path) == {}
    (tmp_path / "a.txt").unlink()
    (tmp_path / "b.pdf").write_bytes(b"mine")
    assert {name: code for name, (code, _) in found(tmp_path).items()} == {
        "a.txt": "document-missing",
        "b.pdf": "document-foreign",
    }


def test_a_build_by_its_record(tmp_path: Path) -> None:
    sample = Path(__file__).parents[1] / "samples" / "minimal.yaml"
    out, record = tmp_path / "out", tmp_path / "kept.json"
    assert run_here("build", sample, "-o", out, "-f", "txt", "--record", record).returncode == 0
    assert found(out, record) == {}
    (document,) = out.glob("*.txt")
    document.write_bytes(b"other words")
    # The list that lies beside it was changed with it; the record was kept elsewhere.
    save_files(out, {document.name: b"other words"})
    assert found(out) == {}
    assert found(out, record)[document.name][0] == "document-changed"
    assert audit_folder(out, [record]).against == (str(record), ".agreementgen.json")
    ended = run_here("audit", out, "--record", sample)
    assert ended.returncode == 2
    assert f"{sample}: this is no record of a build" in ended.stderr


# -- what may lie there


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of Unix")
@pytest.mark.parametrize(
    "make", [lambda p: p.symlink_to("/etc/hosts"), os.mkfifo, os.mkdir], ids=["link", "pipe", "folder"]
)
def test_what_is_no_file_is_not_opened(out: Path, make: Callable[[Path], None]) -> None:
    (out / MAPLE.format(1)).unlink()
    make(out / MAPLE.format(1))
    (code, message) = found(out)[MAPLE.format(1)]
    assert (code, message) in [
        ("document-changed", "this document cannot be read: it is a link"),
        ("document-changed", "this document cannot be read: it is a pipe, socket or device, not a file"),
        ("document-missing", "this document is missing"),
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links of Unix")
def test_a_folder_that_is_a_link(tmp_path: Path, out: Path) -> None:
    (out / "more").symlink_to(tmp_path)
    assert found(out) == {"more": ("document-foreign", "this file is not one that was written here")}


def test_a_batch_that_is_writing(out: Path) -> None:
    (out / ".agreementgen" / "process").write_text(str(os.getpid()), encoding="ascii")
    with pytest.raises(InputError, match=f"a batch is writing into this folder: process {os.getpid()}"):
        audit_folder(out)


# -- a batch that reads what seems unchanged


def test_bit_rot_is_found_on_request(tmp_path: Path) -> None:
    source, out = deals(tmp_path / "deals", 2), tmp_path / "out"
    batch(source, out, TEXT)
    path = out / MAPLE.format(1)
    times, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert batch(source, out, TEXT).unchanged == 2
    outcome = batch(source, out, TEXT, reread=True)
    assert outcome.status == 2
    ((problem,),) = outcome.wrong.values()
    assert (problem.place.file, problem.message) == (str(path), "somebody has changed this file since it was written")
    ended = run_here("batch", source, "-o", out, "-f", "txt", "-j", "1", "--reread", "--force")
    assert "2 deals: 1 built, 1 unchanged" in ended.stderr
    assert path.read_bytes() == data

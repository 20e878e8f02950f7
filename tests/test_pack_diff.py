"""What "agreementgen pack diff" says of a pack, and of an update of the library under it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import packs
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from agreementgen.authoring.pack_comparison import compare_pack, compare_words
from agreementgen.authoring.pack_folder import create_pack, list_base_changes, save_based_on
from agreementgen.cli.main import commands
from agreementgen.core.problems import PackError
from agreementgen.packs.layering import open_library


def run(*words: object) -> Result:
    return CliRunner().invoke(commands, ["pack", "diff", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    create_pack(tmp_path / "acme-law", "Acme Law LLP")
    return tmp_path / "acme-law"


def test_everything_a_pack_changes_is_told(pack: Path) -> None:
    said = run(pack).stdout
    for line in (
        "pack.yaml: settings",
        "  switched off: mutual-short",
        "  question confidentiality.returned: usually: 30 days -> 10 days; most: 90 days -> 30 days",
        "clauses/confidentiality/mutual.md: clause mutual",
        "  words: 105 -> 110",
        "clauses/records/topic.yaml: new topic records",
        "  + question kept (duration; usually 36 months): How long does each party keep its records of this deal?",
        "  + row records: Records: Kept for {{ records.kept }}; shown within {{ records.shown }}",
        "templates/introduction.yaml: new kind of agreement introduction",
        "templates/layout/reference.docx: layout",
    ):
        assert f"{line}\n" in said
    assert "under the same duty{+, and keep a list of those people+}. This excludes" in said
    assert "\x1b" not in said
    assert "!" not in said


def test_outlines_and_topics_are_compared(tmp_path: Path) -> None:
    outline = packs.outline_with("mediation")["templates/referral.yaml"]
    outline = outline.replace("  - exclusivity\n  - financial\n", "  - financial\n  - exclusivity\n", 1)
    outline = outline.replace("reciprocal referrals, ", "").replace("required: [scope,", "required: [mediation,")
    topic = (ROOT / "clauses" / "crisis" / "topic.yaml").read_text(encoding="utf-8")
    files: dict[str, str | bytes] = {
        **packs.MEDIATION,
        "templates/referral.yaml": outline,
        "clauses/crisis/topic.yaml": topic.replace("title: Crisis", "title: Trouble") + "# ours\n",
    }
    folder = packs.write(tmp_path / "acme-law", files)
    said = run(folder).stdout
    for line in (
        "templates/referral.yaml: kind of agreement referral",
        "  topics: + mediation",
        "  required: - scope",
        "  required: + mediation",
        "  choices of financial.model: none, reciprocal referrals, referral fee, revenue share, fixed fee, sponsorship"
        " -> none, referral fee, revenue share, fixed fee, sponsorship",
        "clauses/crisis/topic.yaml: topic crisis",
        "  title: Crisis -> Trouble",
        "clauses/mediation/acme-mediation.md: new clause acme-mediation",
    ):
        assert f"{line}\n" in said, said
    assert "  topics: in another order: agreement, parties" in said


def test_an_update_of_the_library_is_seen_until_it_is_accepted(pack: Path) -> None:
    record = pack / "based-on.yaml"
    ours = record.read_text(encoding="utf-8")
    changed = [
        line[:-64] + "0" * 64 if line.endswith(tuple("0123456789abcdef")) and "mutual.md" in line else line
        for line in ours.splitlines()
    ]
    gone = f"  clauses/gone/gone.md: {'1' * 64}"
    record.write_text("\n".join([*changed, gone]) + "\n", encoding="utf-8")
    states = list_base_changes(open_library((pack,)).packs[0])
    assert states == {"clauses/confidentiality/mutual.md": "changed", "clauses/gone/gone.md": "gone"}
    said = run(pack).stdout
    assert "! the library's file has changed since you saw it" in said
    assert "! the library has no such file any more" in said
    assert run(pack, "--accept").exit_code == 0
    assert record.read_text(encoding="utf-8") == ours
    assert "!" not in run(pack).stdout
    record.unlink()
    assert set(list_base_changes(open_library((pack,)).packs[0]).values()) == {"unknown"}
    assert save_based_on(open_library((pack,)).packs[0]).read_text(encoding="utf-8") == ours


def test_what_the_library_changed_is_shown_word_by_word(pack: Path) -> None:
    record = pack / "based-on.yaml"
    ours = record.read_text(encoding="utf-8")
    old = re.sub(r"(mutual\.md: )[0-9a-f]{64}", r"\g<1>" + "0" * 64, ours)
    # The clause said "confidential" before the update, and another clause had an earlier version.
    old = old.replace("non-public information", "confidential information")
    old, versions = re.subn(r"^  disputes: \d+$", "  disputes: 0", old, flags=re.MULTILINE)
    assert (old.count("confidential information"), versions) == (1, 1)
    record.write_text(old.replace("  liability: ", "  bonus: 3\n  liability: "), encoding="utf-8")
    said = run(pack).stdout
    changed = said.partition("the library's words, since you saw them:")[2].partition("the library's words, and those")[
        0
    ]
    assert "[-confidential-]{+non-public+} information" in changed
    assert re.search(
        "clauses/disputes/disputes.md: clause disputes of the library, which the pack does not replace\n"
        "  ! the library's file has changed since you saw it: compare, then pack diff --accept\n"
        r"  version: 0 -> [1-9]\d*\n",
        said,
    )
    assert "clauses/bonus: clause bonus of the library, which the pack does not replace\n  not used any more\n" in said
    assert run(pack, "--accept").exit_code == 0
    assert record.read_text(encoding="utf-8") == ours
    assert "since you saw" not in run(pack).stdout


def test_a_record_of_before_says_nothing_of_clauses_until_it_is_accepted(pack: Path) -> None:
    record = pack / "based-on.yaml"
    ours = record.read_text(encoding="utf-8")
    record.write_text(ours[: ours.index("clauses:\n")] + ours[ours.index("files:\n") :], encoding="utf-8")
    assert "does not replace" not in run(pack).stdout
    run(pack, "--accept")
    assert record.read_text(encoding="utf-8") == ours


def test_a_record_that_cannot_be_read(pack: Path) -> None:
    (pack / "based-on.yaml").write_text("library: 1\nfiles: {a: [b]}\nmore: x\n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        list_base_changes(open_library((pack,)).packs[0])
    assert [problem.place.line for problem in caught.value.problems] == [2, 3]


def test_as_json(pack: Path) -> None:
    found = json.loads(run(pack, "-f", "json").stdout)
    clause = next(one for one in found if one["what"] == "clause mutual")
    assert {"sign": "+", "text": ", and keep a list of those people"} in clause["words"]
    assert clause["underneath"] == ""
    assert [one.path for one in compare_pack(open_library((pack,)).packs[0], open_library((pack,)))] == [
        one["file"] for one in found
    ]


WORDS = st.lists(st.sampled_from(["the", " ", "party", "{{ a.b }}", ".", "\n", "’s", "{% if x %}"]), max_size=25).map(
    "".join
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(WORDS, WORDS)
def test_a_word_diff_holds_both_texts(old: str, new: str) -> None:
    pieces = compare_words(old, new)
    assert "".join(piece.text for piece in pieces if piece.sign != "+") == old
    assert "".join(piece.text for piece in pieces if piece.sign != "-") == new


def test_files_of_the_library_are_copied_by_their_names(pack: Path) -> None:
    runner = CliRunner()
    words = ["pack", "copy", str(pack), "disputes", "topic scope", "referral", "agreement.html"]
    refused = str(runner.invoke(commands, words).exception)
    assert '"agreement.html" cannot stand beside the style.yaml of this pack' in refused
    assert not (pack / "clauses" / "disputes").exists()
    (pack / "templates" / "layout" / "style.yaml").unlink()
    assert runner.invoke(commands, words, catch_exceptions=False).exit_code == 0
    for name in ("clauses/disputes/disputes.md", "clauses/scope/topic.yaml", "templates/referral.yaml"):
        assert (pack / name).read_bytes() == (ROOT / name).read_bytes()
    assert list_base_changes(open_library((pack,)).packs[0]) == {}
    said = run(pack).stdout
    assert "clauses/disputes/disputes.md: clause disputes\n  the same words\n" in said
    assert "templates/layout/agreement.html: layout\n  the same as the library's\n" in said


def test_nothing_is_copied_where_a_name_is_wrong_or_a_file_is_there(pack: Path) -> None:
    before = (pack / "clauses" / "confidentiality" / "mutual.md").read_bytes()
    done = CliRunner().invoke(commands, ["pack", "copy", str(pack), "disputes", "dispts", "mutual"])
    assert 'the library has no "dispts"' in str(done.exception)
    assert "is not overwritten" in str(done.exception)
    assert not (pack / "clauses" / "disputes").exists()
    assert (pack / "clauses" / "confidentiality" / "mutual.md").read_bytes() == before


def test_copying_accepts_only_what_is_copied(pack: Path) -> None:
    record = pack / "based-on.yaml"
    text = record.read_text(encoding="utf-8")
    old = next(line for line in text.splitlines() if re.search("mutual.md: [0-9a-f]{64}$", line))
    record.write_text(text.replace(old, old[:-64] + "0" * 64), encoding="utf-8")
    assert CliRunner().invoke(commands, ["pack", "copy", str(pack), "disputes"]).exit_code == 0
    assert list_base_changes(open_library((pack,)).packs[0]) == {"clauses/confidentiality/mutual.md": "changed"}

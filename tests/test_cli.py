"""The command as a person runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from commands import run_here
from conftest import MINIMAL, REFERRAL, SAMPLES

PROGRAM = Path(sys.executable).with_name("agreementgen")


def call(*words: object, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PROGRAM), *(str(word) for word in words)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


def test_build_says_what_it_made(tmp_path: Path) -> None:
    done = call("build", REFERRAL, "-o", tmp_path / "out", "-f", "docx,pdf,txt")
    assert done.returncode == 0, done.stderr
    names = {f"referral.{kind}" for kind in ("docx", "pdf", "txt")} | {"referral-raci.docx", "referral-raci.pdf"}
    assert set(done.stdout.split()) == {str(tmp_path / "out" / name) for name in names}
    fit, carried, *figures, deal_check = done.stderr.splitlines()
    assert re.fullmatch(r"  the deal is in the DOCX and PDF: \d+ answers .*", carried)
    assert re.fullmatch(r"referral\.yaml: 1 page at 9 pt; \d+ % free", fit)
    assert all(line.startswith("  Expected ") for line in figures)
    assert re.fullmatch(r"deal check: .*; worst [A-Z]+\d+N?: .* \(all of them: agreementgen check .*\)", deal_check)
    assert "  Expected revenue a year: $240,000\n" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".agreementgen.json", *sorted(names),
    ]  # fmt: skip


def test_schedules_on_the_page_of_key_terms_are_no_pages_of_their_own(tmp_path: Path) -> None:
    done = call("build", REFERRAL.with_name("channel.yaml"), "-o", tmp_path, "-f", "txt")
    fit = "channel.yaml: 1 page of key terms and 1 page of clauses (schedules included) at 10 pt; 4 % free; moved to a"
    assert fit in done.stderr


def test_standard_input_and_json(tmp_path: Path) -> None:
    done = call("build", "-", "-o", tmp_path, "--json", stdin=MINIMAL.read_text(encoding="utf-8"))
    assert done.returncode == 0, done.stderr
    (report,) = json.loads(done.stdout)
    assert report["pages"] == 1
    assert report["proven"] is True
    assert report["pages_by"] == "agreementgen"
    assert [Path(name).name for name in report["files"]] == ["referral-agreement.docx", "referral-agreement.pdf"]


def test_check_writes_nothing(tmp_path: Path) -> None:
    done = run_here("check", *SAMPLES, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"; \d+ facts$", done.stdout, re.MULTILINE)) == len(SAMPLES)
    assert "error" not in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", [("--help",), ("check", MINIMAL), ("schema",), ("show", "starter"), ("show", "topics")]
)
def test_slow_libraries_stay_out(words: tuple[object, ...]) -> None:
    code = (
        "import sys\nfrom agreementgen.cli.main import commands\n"
        f"try:\n commands.main({[str(word) for word in words]!r}, standalone_mode=False)\nfinally:\n"
        " print('LOADED', [name for name in ('weasyprint', 'docx', 'questionary', 'fontTools', 'lxml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "LOADED []" in done.stdout, done.stdout[-300:] + done.stderr


def test_help_loads_only_what_it_needs() -> None:
    code = "import sys\nimport agreementgen.cli.main\nprint([n for n in ('jinja2', 'babel', 'yaml', 'pycountry') if n in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_fit_the_schema(path: Path) -> None:
    deal = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    schema = json.loads(run_here("schema", deal["agreement"]).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(deal, schema)
    deal["parties"][0]["nmae"] = deal["parties"][0].pop("name")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(deal, schema)


def test_schema_has_titles_and_descriptions() -> None:
    schema = json.loads(run_here("schema", "referral").stdout)
    assert schema["properties"]["law"]["title"].endswith("?")
    assert "description" in schema["properties"]["law"]
    assert schema["properties"]["financial"]["properties"]["due"]["default"] == "30 days"


def test_starter_tells_what_is_usual_under_a_condition() -> None:
    starter = " ".join(run_here("show", "starter", "channel").stdout.replace("# ", "").split())
    assert 'Where "channel.model" is "agent", commission is usual. #model: resale discount' in starter
    assert "commission is usual" not in run_here("show", "starter", "referral").stdout


def test_starter_can_be_filled_in(tmp_path: Path) -> None:
    starter = run_here("show", "starter", "referral").stdout
    answers = [
        ("law:", "law: Vermont"), ("venue:", "venue: Chittenden County, Vermont"),
        ("    name:", "    name: Lind Bakery LLC"), ("    entity:", "    entity: LLC"),
        ("    #formed in: Massachusetts", "    formed in: Vermont"), ("    address:", "    address: 3 Mill Lane"),
        ("    email:", "    email: a@b.example"), ("      name:", "      name: Rosa Lind"),
        ("      #title: Managing Member", "      title: Member"),
        ("  purpose:", "  purpose: Send each other customers"), ("  model:", "  model: none"),
        ("  First Party:", "  Lind Bakery:"), ("  Second Party:", "  Maple Coffee:"),
    ]  # fmt: skip
    text = starter
    for old, new in answers:
        text, count = re.subn(rf"(?m)^{re.escape(old)}(?= ?$| \[)", new, text)
        assert count, old
    text = text.replace("name: Lind Bakery LLC", "name: Maple Coffee LLC", 2).replace(
        "Maple Coffee LLC", "Lind Bakery LLC", 1
    )
    # Nobody signs for both sides.
    first, second = text.split("name: Maple Coffee LLC")
    text = (
        f"{first}name: Maple Coffee LLC{second.replace('Rosa Lind', 'Sam Ortiz').replace('a@b.example', 'c@d.example')}"
    )
    path = tmp_path / "deal.yaml"
    path.write_text(text, encoding="utf-8")
    done = run_here("check", path)
    assert done.returncode == 0, done.stderr


def test_every_default_the_starter_shows_is_readable(tmp_path: Path) -> None:
    """Each commented line, taken out of its comment, is YAML; its value is one the question takes."""
    starter = run_here("show", "starter", "referral").stdout
    opened = re.sub(r"(?m)^( *)#(?! )(.*)$", r"\1\2", starter)
    assert yaml.load(opened, Loader=yaml.BaseLoader)["financial"]["due"] == "30 days"


def build_documents(deal: Path, out: Path, **environment: str) -> dict[str, bytes]:
    """Return what the program writes of a deal, by format."""
    done = call("build", deal, "-o", out, "-f", "docx,pdf,txt", **environment)
    assert done.returncode == 0, done.stderr
    return {kind: (out / f"referral.{kind}").read_bytes() for kind in ("docx", "pdf", "txt")}


@pytest.fixture(scope="module")
def usual_bytes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("usual")
    deal = folder / "here" / "referral.yaml"
    deal.parent.mkdir()
    deal.write_bytes(REFERRAL.read_bytes())
    return build_documents(deal, folder / "one", LC_ALL="C.UTF-8", TZ="UTC", PYTHONHASHSEED="1")


@pytest.mark.parametrize(
    ("folder", "environment"),
    [
        ("here", {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}),
        ("here", {"TZ": "Pacific/Kiritimati"}),
        ("a place with spaces & ünïcode", {}),
        ("here", {"PYTHONHASHSEED": "4242"}),
    ],
    ids=["locale", "zone", "folder", "seed"],
)
def test_same_bytes_wherever_it_runs(
    usual_bytes: dict[str, bytes], tmp_path: Path, folder: str, environment: dict[str, str]
) -> None:
    deal = tmp_path / folder / "referral.yaml"
    deal.parent.mkdir()
    deal.write_bytes(REFERRAL.read_bytes())
    found = build_documents(deal, tmp_path / "two", **environment)
    for kind in ("docx", "pdf", "txt"):
        assert found[kind] == usual_bytes[kind], kind


def test_without_pango_our_own_pages_are_pdfs_and_others_are_word_files_said_to_be_unproven(tmp_path: Path) -> None:
    """A weasyprint that cannot load its libraries, as on a machine without Pango."""
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango-1.0-0')", encoding="utf-8")
    blind = {"PYTHONPATH": str(tmp_path)}
    done = call("build", REFERRAL, "-o", tmp_path / "own", **blind)
    assert (done.returncode, "warning: the page" in done.stderr) == (0, False), done.stderr
    assert (tmp_path / "own" / "referral.pdf").read_bytes().startswith(b"%PDF-1.7")
    assert (tmp_path / "own" / "referral-raci.pdf").read_bytes().startswith(b"%PDF-1.7")
    for words in (
        ("review", MINIMAL),
        ("compare", MINIMAL, REFERRAL),
        ("letter", REFERRAL, "ending", "--dated", "2027-04-30", "--from", "Bay Rank"),
    ):
        done = call(*words, "-f", "pdf", "-o", tmp_path / words[0], **blind)
        assert done.returncode == 0, done.stderr
        assert any((tmp_path / words[0]).glob("*.pdf"))
    deal = tmp_path / "kana.yaml"
    deal.write_text(MINIMAL.read_text(encoding="utf-8").replace("Rosa Lind", "ハーバー"), encoding="utf-8")
    assert "ハーバー" in deal.read_text(encoding="utf-8")
    done = call("build", deal, "-o", tmp_path / "out", "-f", "docx", **blind)
    assert done.returncode == 0, done.stderr
    assert "warning: the page was not proven" in done.stderr
    assert "estimated" in done.stderr
    assert (tmp_path / "out" / "kana.docx").is_file()
    refused = call("build", deal, "-o", tmp_path / "none", **blind)
    assert refused.returncode == 2
    assert "Pango is not installed" in refused.stderr
    assert not (tmp_path / "none").exists()
    for words in (("check", MINIMAL), ("schema",), ("show", "starter")):
        assert call(*words, **blind).returncode == 0


def test_a_reader_that_goes_away_is_no_error() -> None:
    done = subprocess.run(
        f"'{PROGRAM}' show starter | head -1", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_an_ascii_console_is_no_error() -> None:
    done = call("show", "questions", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert done.returncode == 0, done.stderr


def test_clauses_of_a_deal_with_reasons() -> None:
    done = run_here("show", "clauses", "--deal", MINIMAL)
    assert re.search(r"^in +no-fee", done.stdout, re.MULTILINE)
    assert re.search(r"^out non-compete +not so here", done.stdout, re.MULTILINE)
    assert "termination.notice: 30 days" in done.stdout

"""What the documents say is true: commands run, examples build, tables agree with the code."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from commands import run_here
from conftest import ROOT, need

from agreementgen import pipeline
from agreementgen.core.document import text_of_runs
from agreementgen.core.problems import PackError, Place
from agreementgen.deal.deal import Deal
from agreementgen.deal.question_types import TYPES
from agreementgen.dealcheck.rules import read_rule_book
from agreementgen.draft.selection import select_clauses
from agreementgen.language import filters
from agreementgen.language.environment import FUNCTIONS
from agreementgen.language.filling import FillContext, fill_line, replace_slots
from agreementgen.library.library import Library
from agreementgen.library.loading import load_library
from agreementgen.render import pdf

PROGRAM = Path(sys.executable).with_name("agreementgen")
PACKAGE = ROOT / "agreementgen"
DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
README, LIBRARIES, CLAUSES, DECISIONS, CHANGES = (
    (ROOT / name).read_text(encoding="utf-8")
    for name in ("README.md", "docs/libraries.md", "docs/clauses.md", "docs/decisions.md", "CHANGELOG.md")
)


def fences(text: str, language: str) -> list[tuple[str, str]]:
    """Return info line and content of the fenced blocks in `language`."""
    found = re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [(info.strip(), content) for name, info, content in found if name == language]


def table(text: str, head: str) -> list[list[str]]:
    """Return the cells of the rows of the table whose head begins with `head`; `\\|` is a bar inside a cell."""
    _, found, rest = text.partition(f"\n| {head} |")
    assert found, f'no table is headed "{head}"'
    rows = []
    for line in rest.split("\n")[2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    assert rows
    return rows


def code(cell: str) -> str:
    """Return what stands between the first backticks of a cell."""
    found = re.match(r"`([^`]+)`", cell)
    assert found, cell
    return found[1]


# -- README


def shell_lines() -> list[str]:
    return [line for _, block in fences(README, "sh") for line in block.strip().split("\n")]


def programs() -> list[str]:
    return [line for line in shell_lines() if re.match(r"(\.venv/bin/)?agreementgen ", line)]


@pytest.fixture(scope="module")
def example() -> str:
    """Return the deal file of the README."""
    (deal,) = (block for _, block in fences(README, "yaml") if block.startswith("agreement:"))
    return deal


def test_every_line_of_shell_is_known() -> None:
    """What is not run by the test below needs the internet; nothing else may stand in a shell block."""
    others = [line for line in shell_lines() if line not in programs()]
    assert sorted(others) == ["pip install .", "script/demo", "script/test"]
    for line in others:
        if line.startswith("script/"):
            assert os.access(ROOT / line, os.X_OK), line


@pytest.mark.parametrize("line", programs())
def test_commands_run(line: str, example: str, tmp_path: Path) -> None:
    words = shlex.split(line)
    formats = words[words.index("-f") + 1] if "-f" in words else "docx,pdf"
    if "build" in words and "pdf" in formats and not pdf.is_available():
        if os.environ.get("AGREEMENTGEN_REQUIRE_TOOLS"):
            pytest.fail("Pango is missing, and AGREEMENTGEN_REQUIRE_TOOLS is set")
        pytest.skip("Pango is not installed, and this command makes a PDF")
    if "--verify" in words:
        need("soffice")
    (tmp_path / "my-deal.yaml").write_text(example, encoding="utf-8")
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    command, _, target = line.removeprefix(".venv/bin/").partition(" > ")
    words_behind = shlex.split(command)[1:]
    if line.startswith(".venv/bin/"):
        # The first one a reader tries, as a process of its own.
        done = subprocess.run(
            [PROGRAM, *words_behind], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False
        )
    else:
        done = run_here(*words_behind, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert not re.search("^warning", done.stderr, re.MULTILINE)
    if target:
        assert done.stdout.endswith("\n")
    if "build" in words:
        made = {path.suffix for path in (tmp_path / words[words.index("-o") + 1]).glob("my-deal.*")}
        assert made == {f".{name}" for name in formats.split(",")}


def test_the_example_builds_as_shown(example: str, library: Library) -> None:
    deal = pipeline.read(example.encode(), "my-deal.yaml", library)
    built = pipeline.build(deal, library, ("docx", "txt"))
    assert not built.warnings or not pdf.is_available()
    text = " ".join(built.files["txt"].decode().split())
    for fact in ("Larkfield Photography LLC", "Elm Street Events, Inc.", "January 15, 2027", "10% of net collected"):
        assert fact in text


def test_the_problem_is_shown_as_the_program_says_it(example: str, tmp_path: Path) -> None:
    (shown,) = (block for _, block in fences(README, "text") if "can mean Delaware" in block)
    (tmp_path / "my-deal.yaml").write_text(example.replace("law: Oregon", "law: DE"), encoding="utf-8")
    done = run_here("check", "my-deal.yaml", folder=tmp_path)
    assert done.returncode == 2
    assert shown.strip() in done.stderr


def test_a_finding_is_shown_as_the_deal_check_says_it() -> None:
    (shown,) = (block for _, block in fences(README, "text") if "warning J02" in block)
    assert shown in run_here("check", "samples/three-party-venture.yaml", folder=ROOT).stdout


def test_the_fit_line_is_shown_as_the_program_says_it(example: str, tmp_path: Path) -> None:
    (shown,) = (block for _, block in fences(README, "text") if "free" in block)
    (tmp_path / "my-deal.yaml").write_text(example, encoding="utf-8")
    done = run_here("build", "my-deal.yaml", "-o", "out", folder=tmp_path)
    assert done.stdout + done.stderr == shown


def test_a_date_is_explained_as_shown(example: str, tmp_path: Path) -> None:
    (shown,) = (block for _, block in fences(README, "text") if "+ 90 days" in block)
    (tmp_path / "my-deal.yaml").write_text(example, encoding="utf-8")
    done = run_here("calendar", "my-deal.yaml", "--explain", folder=tmp_path)
    assert done.returncode == 0
    assert shown in done.stdout


def test_readme_names_the_options_there_are() -> None:
    told = set(re.findall(r"(?<![\w-])--[a-z]+", README))
    known = {
        option
        for words in (
            ["build"],
            ["new"],
            ["raci"],
            ["batch"],
            ["calendar"],
            ["workbook"],
            ["statement"],
            ["letter"],
            ["review"],
            ["check"],
            ["show", "clauses"],
        )
        for option in re.findall(r"--[a-z]+", run_here(*words, "--help").stdout)
    }
    assert told <= known


def test_readme_says_that_it_is_no_substitute_for_an_attorney() -> None:
    """Conspicuous: near the top, and in bold."""
    assert "**No legal advice, and no substitute for an attorney.**" in README[:1200]


def test_the_picture_is_small_and_described() -> None:
    alt = re.search(r"!\[([^\]]+)\]\(docs/page\.png\)", README)
    assert alt
    assert len(alt[1]) > 60
    assert (ROOT / "docs" / "page.png").stat().st_size < 300_000


# -- all documents


@pytest.mark.parametrize("kind", sorted(path.stem for path in (ROOT / "templates").glob("*.yaml")))
def test_the_reference_of_deal_files_is_fresh(kind: str) -> None:
    made = run_here("show", "questions", kind).stdout.encode()
    path = ROOT / "docs" / "deal-files" / f"{kind}.md"
    if os.environ.get("AGREEMENTGEN_UPDATE"):
        path.write_bytes(made)
    assert path.read_bytes() == made, f"agreementgen show questions {kind} > docs/deal-files/{kind}.md"


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not re.match(r"https?://", target):
            assert (path.parent / target).exists(), target


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_files_named_in_documents_exist(path: Path) -> None:
    """`script/demo`, `docs/clauses.md`, `yamlfile/nodes`: every path in backticks is one of ours."""
    folders = {entry.name for entry in ROOT.iterdir() if entry.is_dir() and not entry.name.startswith(".")}
    packages = {entry.name for entry in PACKAGE.iterdir() if entry.is_dir()}
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for name in re.findall(r"`([a-z]+/[\w./-]*)`", text):
        first, _, rest = name.partition("/")
        if first in folders and first != "out":
            assert (ROOT / name).exists(), name
        elif first in packages and rest:
            # "library/files.home" is a function of a module.
            module, _, inside = rest.removesuffix(".py").partition(".")
            source = PACKAGE / first / f"{module}.py"
            assert source.is_file(), name
            assert not inside or re.search(rf"(?m)^(def|class) {inside}\b", source.read_text(encoding="utf-8")), name


def shipped() -> Iterator[Path]:
    folders = ("agreementgen", "clauses", "templates", "samples", "script", "docs", "tests", ".ci")
    kinds = ("", ".py", ".md", ".yaml", ".css", ".html", ".toml")
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in kinds and "__pycache__" not in path.parts:
                yield path
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "pyproject.toml"))


def test_no_file_names_a_machine() -> None:
    """No home folder, and not the folder of this clone: such a path is nowhere else."""
    private = re.compile(r"(?<![\w.:/)>$}-])/(?:home|Users|root|work|mnt|srv)/\w|[A-Z]:\\Users", re.ASCII)
    here = str(ROOT)
    # A clone right under the root ("/agreements") has a path that may be a word of a text.
    own = re.compile(re.escape(here) + r"(?![\w-])") if here.count(os.sep) > 1 else None
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in shipped()
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if private.search(line) or (own and own.search(line))
    ]
    assert not found


# -- the deal check

CHECK = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", [line for _, block in fences(CHECK, "sh") for line in block.strip().split("\n")])
def test_commands_about_the_deal_check_run(line: str) -> None:
    done = run_here(*shlex.split(line)[1:], folder=ROOT)
    assert done.returncode == 0, done.stderr


def test_the_fields_of_rules_are_those_the_reader_reads() -> None:
    named = {name for row in table(CHECK, "field | meaning") for name in re.findall(r"`([^`]+)`", row[0])}
    source = (ROOT / "agreementgen" / "dealcheck" / "rules.py").read_text(encoding="utf-8")
    body = source[source.index("def _read_rule(") : source.index("def _read_data(")]
    assert named == set(re.findall(r'(?:fields\.read_\w+\(|_read_day\(fields, |_read_wording\(fields, |read_groups\()"([a-z ]+)"', body)) - {
        "deal", "facts", "today",
    }  # fmt: skip


def test_the_families_of_rules_are_those_there_are(library: Library) -> None:
    named = {name for row in table(CHECK, "family") for name in re.findall(r"`([A-Z]+)`", row[0])}
    assert {re.match("[A-Z]+", rule.id)[0] for rule in read_rule_book(library).rules} == named  # type: ignore[index]


def test_the_examples_of_the_deal_check_work(tmp_path: Path) -> None:
    override, rules = (block for _, block in fences(CHECK, "yaml"))
    pack = tmp_path / "firm"
    pack.mkdir()
    (pack / "pack.yaml").write_text('id: firm\nname: A firm\nmade for: "0.1.0"\nversion: "1"\n', encoding="utf-8")
    (pack / "rules.yaml").write_text(rules, encoding="utf-8")
    tested = run_here("pack", "check", str(pack), folder=tmp_path)
    assert (tested.returncode, tested.stdout) == (0, "firm: 0 errors, 0 warnings, 0 notes\n"), tested.stdout
    (pack / "rules.yaml").write_text(rules.replace("financial.fee: 12%", "financial.fee: 40%"), encoding="utf-8")
    assert "rule FIRM1: it fires on referral" in run_here("pack", "check", str(pack), folder=tmp_path).stdout
    deal = (ROOT / "samples" / "channel.yaml").read_text(encoding="utf-8").replace("  only by: Halvorsen\n", "")
    (tmp_path / "deal.yaml").write_text(deal + override, encoding="utf-8")
    checked = run_here("check", "deal.yaml", folder=tmp_path)
    assert checked.returncode == 0
    assert "overridden by Ana Ruiz, attorney on 2026-11-28" in checked.stdout


# -- docs/clauses.md


@pytest.fixture(scope="module")
def deal(library: Library) -> Deal:
    return pipeline.read((ROOT / "samples" / "referral.yaml").read_bytes(), "referral.yaml", library)


def printed(source: str, deal: Deal) -> str:
    runs, slots = fill_line(source, FillContext(deal.facts, deal.language, frozenset()), Place("docs/clauses.md"))

    def words(char: str) -> str | None:
        found = slots.insert_at(char)
        return found if isinstance(found, str) else None

    return text_of_runs(replace_slots(runs, words))


def test_filters_print_what_the_table_says(deal: Deal) -> None:
    rows = table(CLAUSES, "filter")
    assert {code(row[0]) for row in rows} == set(filters.FILTERS)
    for name, _, written, says in rows:
        assert f"|{code(name)}" in written
        assert printed(code(written) + written.split("`", 2)[2], deal) == says, name


def test_every_test_function_type_and_field_is_explained() -> None:
    told = " ".join(code(row[0]) for row in table(CLAUSES, "written"))
    for name in filters.TESTS:
        assert f" is {name}" in told
    for name in FUNCTIONS:
        assert f"`{{{{ {name}('" in CLAUSES or f"{name}('" in told, name
    types = [word for row in table(CLAUSES, "type") for word in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(types) == sorted(TYPES)


def fields_read(module: str, *functions: str) -> set[str]:
    """Return the keys that these functions of a module in library/ read of a file (`fields.read_text("title")`)."""
    sources = [(PACKAGE / "library" / name).read_text(encoding="utf-8") for name in (module, "files.py")]
    defined = {
        node.name: node
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }
    return {
        node.args[-1 if isinstance(node.func, ast.Name) else 0].value
        for function in functions
        for node in ast.walk(defined[function])
        if isinstance(node, ast.Call)
        and node.args
        and re.match(r"(?:fields\.|self\.|_)(?:read|find|each)_", ast.unparse(node.func))
        and isinstance(node.args[-1 if isinstance(node.func, ast.Name) else 0], ast.Constant)
    }


def fields_told(text: str, heading: str) -> set[str]:
    section = re.split(r"(?m)^## ", text.split(f"\n## {heading}", 1)[1])[0]
    return {word for row in table(section, "field") for word in re.findall(r"`([^`]+)`", row[0])}


@pytest.mark.parametrize(
    ("module", "functions", "heading"),
    [
        ("topics.py", ("_read_clause",), "Change the wording of a clause"),
        ("topics.py", ("read_schedule",), "Add a schedule"),
        ("topics.py", ("_read_figure",), "Calculate"),
        ("topics.py", ("_read_contradiction",), "Refuse answers that cannot stand together"),
        ("topics.py", ("read_term",), "Change or add a key-term row"),
        ("topics.py", ("_read_question", "_read_parts", "_read_item", "read_limits"), "Add a question"),
        ("outlines.py", ("_read_outline", "_read_choices", "_each_suggestion"), "An outline"),
    ],
)
def test_fields_are_those_the_reader_reads(module: str, functions: tuple[str, ...], heading: str) -> None:
    """Each field that the reader asks for has its line in the table under `heading`, and no other has."""
    # A topic's title stands in for the prompt of its question; the limits of parties stand in a group of their own.
    beside = {"_read_question": {"title"}, "_read_outline": {"least", "most"}}.get(functions[0], set())
    assert fields_told(CLAUSES, heading) == fields_read(module, *functions) - beside


@pytest.mark.parametrize(
    ("functions", "heading"),
    [
        (("_read_pack", "_read_changes"), "Fields of pack.yaml"),
        (("_read_change", "_read_choices", "read_limits"), "What may change of a question"),
        (("_read_translation", "_read_changes"), "Fields of translations.yaml"),
    ],
)
def test_the_fields_of_packs_are_named(functions: tuple[str, ...], heading: str) -> None:
    text = (ROOT / "docs" / "packs.md").read_text(encoding="utf-8")
    section = re.split(r"(?m)^## ", text.split(f"\n## {heading}\n", 1)[1])[0]
    assert {code(row[0]) for row in table(section, "field")} == fields_read("library.py", *functions)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    for name in ("clauses", "templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("row", table(CLAUSES, "refused"), ids=lambda row: code(row[0]))
def test_what_is_refused_is_refused(row: list[str], copied: Path) -> None:
    path = copied / "clauses" / "general" / "general.md"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + code(row[0]) + "\n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        load_library(copied / "clauses", copied / "templates")
    assert [problem.place.file for problem in caught.value.problems] == ["clauses/general/general.md"]


def place_example(folder: Path, info: str, text: str) -> None:
    """Put an example of docs/clauses.md where its info line says: a file, or behind a line of one."""
    found = re.fullmatch(r'file=(\S+)(?: after="([^"]+)")?', info)
    assert found, info
    path = folder / found[1]
    if not found[2]:
        assert not path.exists(), f"{found[1]} is there already; the example needs another name"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    old = path.read_text(encoding="utf-8")
    assert old.count(f"\n{found[2]}\n") == 1
    path.write_text(old.replace(f"\n{found[2]}\n", f"\n{found[2]}\n{text}"), encoding="utf-8")


def test_the_examples_work(copied: Path) -> None:
    """All examples at once, with the deal answering the new questions."""
    for path in (copied / "clauses" / "crisis").glob("*.md"):
        if "position: short" in path.read_text(encoding="utf-8"):
            path.unlink()  # the example takes its place
    examples = [(info, text) for kind in ("markdown", "yaml") for info, text in fences(CLAUSES, kind) if info]
    assert len(examples) == 5
    for info, text in examples:
        place_example(copied, info, text)
    outline = copied / "templates" / "referral.yaml"
    outline.write_text(
        outline.read_text(encoding="utf-8")
        .replace("\n  - resources\n", "\n  - resources\n  - training\n")
        .replace("\n    - resources\n", "\n    - resources\n    - training\n")
        .replace("\n    - ending\n", "\n    - ending\n    - final_report\n"),
        encoding="utf-8",
    )
    library = load_library(copied / "clauses", copied / "templates")
    text = (ROOT / "samples" / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("termination: {", "termination: {final report: 15 days, ")
    text += "\ntraining: {days: 2}\ncrisis: {plan: yes}\n"
    deal = pipeline.read(text.encode(), "deal.yaml", library)
    built = pipeline.build(deal, library, ("txt",))
    said = " ".join(built.files["txt"].decode().split())
    assert "Final report Within 15 days after the end" in said
    assert "Training 2 days a year, given by each party" in said
    assert "Each party gives the Training free of charge" in said
    short = select_clauses(deal, library, library.outline_of_kind("referral"), short=True)
    chosen = {clause.topic: clause.id for clause in short.clauses}
    assert chosen["crisis"] == "crisis-tight"


def test_the_annex_stands_with_and_without_a_day(copied: Path) -> None:
    (example,) = [text for _, text in fences(CLAUSES, "yaml") if "house_rules" in text]
    topic = copied / "clauses" / "scope" / "topic.yaml"
    topic.write_text(topic.read_text(encoding="utf-8") + example, encoding="utf-8")
    library = load_library(copied / "clauses", copied / "templates")
    text = (ROOT / "samples" / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("scope:\n", "scope:\n  included: [web sites]\n")
    for day, said in (("2026-12-01", "rules until December 1, 2027: (a)"), ("last signature", "rules: (a)")):
        changed = text.replace("effective: 2026-12-01", f"effective: {day}")
        built = pipeline.build(pipeline.read(changed.encode(), "deal.yaml", library), library, ("txt",))
        assert said in " ".join(built.files["txt"].decode().split())
    without = example.replace("{%- if effective != 'last signature' %}", "").replace("{% endif %}", "")
    topic.write_text(topic.read_text(encoding="utf-8").replace(example, without), encoding="utf-8")
    library = load_library(copied / "clauses", copied / "templates")
    with pytest.raises(PackError) as caught:
        pipeline.build(pipeline.read(changed.encode(), "deal.yaml", library), library, ("txt",))
    (problem,) = caught.value.problems
    assert problem.message.endswith('there is no day to count from where "last signature" is the answer')
    assert problem.hint == "put {% if ... != 'last signature' %} with the name of the day around the text"


def test_every_clause_and_its_version_stand_in_the_changelog(library: Library) -> None:
    for clauses in library.clauses.values():
        for clause in clauses:
            assert f"`{clause.id}` {clause.version}" in " ".join(CHANGES.split())


# -- docs/decisions.md


def test_decisions_are_numbered_and_dated() -> None:
    parts = re.split(r"(?m)^### ", DECISIONS)[1:]
    assert [int(part.split(".")[0]) for part in parts] == list(range(1, len(parts) + 1))
    for part in parts:
        assert re.search(r"(?m)^\d{4}-\d{2}-\d{2}\. ", part), part.split("\n")[0]
        assert "**Why:**" in part or "dependencies" in part.split("\n")[0], part.split("\n")[0]


def test_dependencies_have_a_reason_and_their_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    told = [f"{code(row[0])}>={row[1]}" for row in table(DECISIONS, "dependency")]
    assert told == sorted(project["dependencies"])
    for name in (re.split(r"[>=]", line)[0] for line in project["optional-dependencies"]["test"]):
        assert name in DECISIONS, name


# -- docs/libraries.md: the homes of libraries


@cache
def imports() -> dict[str, tuple[frozenset[str], frozenset[str], frozenset[str]]]:
    """Return for each module what it imports: modules of ours, those for types only, and third-party packages."""
    modules = {_module(path): path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__init__.py"}
    found = {}
    for module, path in modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        hints = {
            id(child)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            for child in ast.walk(node)
        }
        ours: set[str] = set()
        types: set[str] = set()
        others: set[str] = set()
        for node in ast.walk(tree):
            for name in _imported(node):
                top, _, rest = name.partition(".")
                if top == "agreementgen":
                    parts = rest.split(".") if rest else []
                    target = next((".".join(parts[:n]) for n in (2, 1) if ".".join(parts[:n]) in modules), "")
                    (types if id(node) in hints else ours).add(target)
                elif top not in sys.stdlib_module_names:
                    others.add(top)
        # "" is the package itself: its version.
        found[module] = (frozenset(ours - {""}), frozenset(types), frozenset(others))
    return found


def _module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_each_library_has_its_home() -> None:
    """The home is a module, or a package with all its modules."""
    homes = {code(row[0]): re.findall(r"`([^`]+)`", row[1]) for row in table(LIBRARIES, "library | imported by")}
    used: dict[str, set[str]] = {}
    for module, (_, _, others) in imports().items():
        for name in others:
            used.setdefault(name, set()).add(module)
    assert set(used) == set(homes)
    for name, modules in used.items():
        strangers = {m for m in modules if m not in homes[name] and m.split(".")[0] not in homes[name]}
        assert not strangers, f"{name} is imported by {strangers}; its home is {homes[name]}"


def test_slow_libraries_are_imported_on_first_use() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for name in _imported(node):
                top = name.split(".")[0]
                assert top in (*sys.stdlib_module_names, "agreementgen", "click", "jinja2"), f"{path.name}: {top}"


def test_each_promise_and_threat_names_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
    tables = [page[page.index(head) :].split("\n\n")[0] for head in ("| where |", "| promise |")]
    rows = [row for table in tables for row in table.split("\n")[2:]]
    promises = re.findall(
        r"(?ms)^- \*\*(?!words|hard|finished).+?(?=^- |^$|\Z)", page[page.index("**cannot**") :].split("\n## ")[0]
    )
    assert (len(rows), len(promises)) == (21, 6)
    missing = [text for text in (*rows, *promises) if not re.search("`test_[a-z_]+", text)]
    for name, test in re.findall(r"`(test_[a-z_]+)(?:::(test_[a-z_]+))?`", page):
        path = ROOT / "tests" / f"{name}.py"
        if not path.is_file() or (test and f"\ndef {test}(" not in path.read_text(encoding="utf-8")):
            missing.append(f"{name}::{test}")
    assert missing == []

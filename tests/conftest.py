"""What every test shares: building deals, and reading finished documents with tools that are not ours."""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import hypothesis
import pytest

from agreementgen import pipeline
from agreementgen.library.library import Library
from agreementgen.library.loading import built_in_library
from agreementgen.render import word_page

# How long drawing examples takes depends on what else runs on the machine, and says nothing of the program.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("unhurried")

# Most of what tests make refers to nothing that refers to it: looking for cycles takes a tenth of a run.
gc.set_threshold(50_000, 20, 20)

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.yaml"))
REFERRAL, MINIMAL = ROOT / "samples" / "referral.yaml", ROOT / "samples" / "minimal.yaml"


def pytest_configure(config: pytest.Config) -> None:
    """Make a folder that all workers of a run share, and no other run."""
    if not hasattr(config, "workerinput"):
        os.environ["AGREEMENTGEN_TEST_RUN"] = tempfile.mkdtemp(prefix="agreementgen-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ.pop("AGREEMENTGEN_TEST_RUN"), ignore_errors=True)


def need(tool: str) -> str:
    """Return the path of `tool`; skip where it is missing, but fail where every tool must be there (CI)."""
    found = shutil.which(tool)
    if found is None:
        if os.environ.get("AGREEMENTGEN_REQUIRE_TOOLS"):
            pytest.fail(f"{tool} is missing, and AGREEMENTGEN_REQUIRE_TOOLS is set")
        pytest.skip(f"{tool} is not installed")
    return found


@pytest.fixture(scope="session", autouse=True)
def _no_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the settings of whoever runs the tests out of them, in this process and those it starts."""
    path = tmp_path_factory.mktemp("settings") / "config.yaml"
    path.write_text("# nothing\n")
    os.environ["AGREEMENTGEN_CONFIG"] = str(path)


@pytest.fixture(scope="session", autouse=True)
def _let_children_keep_what_they_compile() -> None:
    """Programs that tests start take a second each where nothing is kept in `__pycache__`."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def library() -> Library:
    return built_in_library()


@pytest.fixture(scope="session")
def build(library: Library) -> Callable[..., pipeline.BuiltAgreement]:
    """Return a function that builds a deal given as YAML text or a file."""

    def make(
        deal: str | Path, formats: tuple[str, ...] = ("docx", "pdf", "txt"), paper: str = ""
    ) -> pipeline.BuiltAgreement:
        data, name = (deal.read_bytes(), deal.name) if isinstance(deal, Path) else (deal.encode(), "deal.yaml")
        return pipeline.build(pipeline.read(data, name, library, paper), library, formats)

    return make


def run(*command: str | Path, **more: object) -> str:
    """Run a program and return what it printed; fail where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=180, check=False, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return str(done.stdout.decode())


def pdf_text(pdf: bytes, folder: Path) -> str:
    """Return the text of a PDF in reading order, by poppler."""
    need("pdftotext")
    path = folder / "read.pdf"
    path.write_bytes(pdf)
    return run("pdftotext", "-raw", "-enc", "UTF-8", path, "-")


def word_pdfs(files: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    """Return Word files as LibreOffice prints them."""
    need("soffice")
    return {name: path.read_bytes() for name, path in word_page.convert_to_pdf(files, folder).items()}


def word_text(docx: bytes) -> str:
    """Return the text of a Word file's body as its XML has it, one paragraph a line (numbers are Word's, not text)."""
    xml = zipfile.ZipFile(BytesIO(docx)).read("word/document.xml").decode()
    from lxml import etree

    space = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    lines = []
    for paragraph in etree.fromstring(xml.encode()).iter(f"{space}p"):
        parts = [
            (node.text or "") if node.tag == f"{space}t" else "\t"
            for node in paragraph.iter(f"{space}t", f"{space}tab")
            if node.tag == f"{space}t" or node.getparent().tag == f"{space}r"
        ]
        lines.append("".join(parts))
    return "\n".join(lines)


def letters(text: str) -> str:
    """Return `text` without white space: line breaks differ between formats, words must not."""
    return re.sub(r"\s+", "", text)


def pages(pdf: bytes, folder: Path) -> int:
    need("pdfinfo")
    path = folder / "count.pdf"
    path.write_bytes(pdf)
    found = re.search(r"^Pages:\s+(\d+)", run("pdfinfo", path), re.MULTILINE)
    assert found
    return int(found[1])

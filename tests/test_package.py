"""The wheel carries everything, and works from any folder."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT, run


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # Without isolation: hatchling is here already, and the tests need no network.
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", folder, ROOT)
    (found,) = folder.glob("agreementgen-*.whl")
    return found


def test_it_holds_the_library_and_its_licences(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for name in (
        "agreementgen/clauses/scope/topic.yaml",
        "agreementgen/templates/referral.yaml",
        "agreementgen/templates/layout/agreement.html",
        "agreementgen/templates/layout/reference.docx",
        "agreementgen/templates/layout/fonts/Carlito-Regular.ttf",
        "agreementgen/templates/layout/fonts/Carlito-OFL.txt",
        "agreementgen/templates/layout/fonts/Caladea-OFL.txt",
        "agreementgen/memo/memo.html",
        "agreementgen/memo/memo.css",
        "agreementgen/authoring/start/pack.yaml",
        "agreementgen/authoring/start/clauses/records/topic.yaml",
        "agreementgen/authoring/start/templates/layout/agreement.css",
    ):
        assert name in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "samples/", "out/")) for name in names)
    assert "agreementgen/samples/referral.yaml" in names


def test_it_builds_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", tmp_path / "site", wheel)
    sample = tmp_path / "referral.yaml"
    sample.write_bytes((ROOT / "samples" / "referral.yaml").read_bytes())
    code = "import agreementgen.cli.main as cli; print(cli.__file__); cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "build", str(sample), "-o", "out", "-f", "docx,pdf,txt"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path / "site"))
    assert (tmp_path / "out" / "referral.pdf").is_file()
    assert "1 page at 9 pt" in done.stderr

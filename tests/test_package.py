"""The wheel carries everything, and works from any folder."""

from __future__ import annotations

import os
import shutil
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
        "agreementgen/render/flow.html",
        "agreementgen/render/flow.css",
        "agreementgen/authoring/start/pack.yaml",
        "agreementgen/authoring/start/clauses/records/topic.yaml",
        "agreementgen/authoring/start/templates/layout/style.yaml",
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


@pytest.mark.parametrize(("message", "status"), [("Pango is not installed", 0), ("the disk is full", 2)])
def test_the_demo_passes_over_what_needs_pango(tmp_path: Path, message: str, status: int) -> None:
    """With a program that says of one sample that its PDF cannot be made, the others are made, and the end is good."""
    script, samples, programs = tmp_path / "script", tmp_path / "samples", tmp_path / "bin"
    for folder in (script, samples, programs, tmp_path / "out"):
        folder.mkdir()
    shutil.copy(ROOT / "script" / "demo", script / "demo")
    (script / "setup").write_text(f'root={tmp_path}; venv={tmp_path}; cd "$root"\nsay() {{ printf "%s\\n" "$@"; }}\n')
    for name in ("kana", "usual"):
        (samples / f"{name}.yaml").touch()
    program = programs / "agreementgen"
    program.write_text(
        '#!/bin/sh\ncase "$*" in\n'
        f'  *kana*docx) touch out/kana.docx ;;\n  *kana*) echo "error: {message}" >&2; exit 2 ;;\n'
        "  *) touch out/usual.docx out/usual.pdf ;;\nesac\n"
    )
    program.chmod(0o755)
    done = subprocess.run([script / "demo"], capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "usual.pdf" in done.stdout
    if status:
        assert (message in done.stderr, "kana.docx" in done.stdout) == (True, False)
    else:
        said = "samples/kana.yaml: only its Word file is made; its PDF needs Pango, which is not installed."
        assert said in done.stdout.splitlines()
        assert done.stderr == ""
        assert "kana.docx" in done.stdout


@pytest.mark.parametrize(("purpose", "status"), [("demo", 0), ("test", 1)])
def test_only_tests_have_to_have_pango(tmp_path: Path, purpose: str, status: int) -> None:
    """On a computer without Pango and without a way to install it, what the demo needs is set up all the same."""
    script, programs = tmp_path / "script", tmp_path / ".venv" / "bin"
    script.mkdir()
    programs.mkdir(parents=True)
    shutil.copy(ROOT / "script" / "setup", script / "setup")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / ".venv" / "agreementgen-setup").write_text(f"folder {tmp_path}\npython 3.11.0\n")
    python = programs / "python"
    # One that finds no library, makes the program when pip is called, and cannot import WeasyPrint.
    python.write_text(
        '#!/bin/sh\ncase "$*" in\n  *ctypes*) echo missing 3.11.0 ;;\n'
        f'  *pip*) printf "#!/bin/sh\\n" >{programs}/agreementgen; chmod +x {programs}/agreementgen ;;\n'
        "  *weasyprint*) echo no Pango; exit 1 ;;\nesac\n"
    )
    python.chmod(0o755)
    # A computer without any program that installs others.
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in [
        "sh",
        "uname",
        "dirname",
        "readlink",
        "sed",
        "grep",
        "cat",
        "cut",
        "cksum",
        "id",
        "tail",
        "rm",
        "mkdir",
        "chmod",
    ]:
        (tools / name).symlink_to(shutil.which(name) or "")
    environment = {"PATH": str(tools), "HOME": str(tmp_path)}
    done = subprocess.run(
        ["/bin/sh", script / "setup", purpose], env=environment, capture_output=True, text=True, check=False
    )
    assert "Pango, HarfBuzz and Fontconfig" in done.stderr
    assert done.returncode == status, done.stderr
    assert ("Everything is ready." in done.stdout) == (status == 0)

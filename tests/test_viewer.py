"""`--open`: the finished PDF goes to the system's viewer, and a sentence says where there is none."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from commands import run_here
from conftest import ROOT

from agreementgen.cli import viewer


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what would have been opened; nothing is."""
    found: list[str] = []

    def launch(path: str) -> int:
        found.append(path)
        return 0 if "broken" not in path else 1

    monkeypatch.setattr(click, "launch", launch)
    monkeypatch.setattr(viewer.sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(viewer.shutil, "which", lambda name: f"/usr/bin/{name}")
    return found


def test_without_a_screen_nothing_opens(launched: list[str], tmp_path: Path) -> None:
    said = viewer.open_pdf(tmp_path / "deal.pdf")
    assert said == f"There is no screen here to open deal.pdf on: it is in {tmp_path}."
    assert launched == []


def test_with_a_screen_the_viewer_gets_the_whole_path(
    launched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.chdir(tmp_path)
    assert viewer.open_pdf(Path("deal.pdf")) == ""
    assert viewer.open_pdf(Path("broken.pdf")) == f"No viewer could open broken.pdf: it is in {tmp_path}."
    assert launched == [str(tmp_path / "deal.pdf"), str(tmp_path / "broken.pdf")]


@pytest.mark.parametrize(
    ("platform", "variables", "has_screen"),
    [
        ("linux", {}, False), ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True), ("darwin", {}, True),
        ("darwin", {"SSH_CONNECTION": "10.0.0.1 22"}, False), ("win32", {}, True),
    ],
)  # fmt: skip
def test_where_there_is_a_screen(
    platform: str, variables: dict[str, str], has_screen: bool, launched: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(viewer.sys, "platform", platform)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert viewer.has_screen() is has_screen


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("a.yaml", "-f", "docx"), "--open shows the PDF: add pdf to -f"),
        (("a.yaml", "b.yaml"), "--open shows one agreement: name one deal file"),
    ],
)
def test_open_needs_one_pdf(words: tuple[str, ...], says: str) -> None:
    ended = run_here("build", "--open", *words)
    assert ended.returncode == 2
    assert says in ended.stderr


def test_build_opens_what_it_wrote(launched: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    deal = ROOT / "samples" / "minimal.yaml"
    ended = run_here("build", deal, "-f", "pdf", "-o", tmp_path, "--open")
    assert ended.returncode == 0, ended.stderr
    assert launched == [str(tmp_path / "minimal.pdf")]

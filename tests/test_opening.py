"""What is opened and what is not, whoever names it; nothing here may wait: a test that hangs has found a hole."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from commands import run_here

from agreementgen.core.opening import FileRefused, explain_refused_name, read_regular_file
from agreementgen.core.problems import InputError
from agreementgen.sources import list_deal_files, read_deal_bytes, table_loader

SAMPLES = Path(__file__).parents[1] / "samples"
DEAL = (SAMPLES / "referral.yaml").read_text(encoding="utf-8")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes and links of Unix")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with one of each thing that is no file of its own."""
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("Task,Anna\nBuild,A\n", encoding="utf-8")
    (tmp_path / "secret.yaml").write_text(DEAL, encoding="utf-8")
    for ending in ("yaml", "csv", "json"):
        os.mkfifo(inside / f"pipe.{ending}")
        (inside / f"out.{ending}").symlink_to(tmp_path / f"secret.{ending}")
        (inside / f"circle.{ending}").symlink_to(inside / f"circle.{ending}")
        (inside / f"device.{ending}").symlink_to("/dev/zero")
        (inside / f"folder.{ending}").mkdir()
    (inside / "deal.yaml").write_text(DEAL, encoding="utf-8")
    return inside


def test_only_regular_files_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_regular_file(folder / "deal.yaml", 20) == DEAL.encode()[:21]
    assert read_regular_file(folder / "out.csv", 100) == b"Task,Anna\nBuild,A\n"
    for name, says in {
        "pipe.csv": "a pipe, socket or device",
        "device.csv": "a pipe, socket or device",
        "folder.csv": "it is a folder",
    }.items():
        with pytest.raises(FileRefused, match=says):
            read_regular_file(folder / name, 10)
    with pytest.raises(FileRefused, match="leads to another folder"):
        read_regular_file(folder / "out.csv", 10, within=folder)
    with pytest.raises(FileRefused, match="it is a link"):
        read_regular_file(folder / "out.csv", 10, follow=False)
    with pytest.raises(FileRefused, match="no file can have such a name"):
        read_regular_file(folder / "a\0b", 10)
    with socket.socket(socket.AF_UNIX) as served:
        monkeypatch.chdir(folder)
        served.bind("s")
        with pytest.raises(FileRefused, match="a pipe, socket or device"):
            read_regular_file(folder / "s", 10)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("~nosuchuser/x", "another user"),
        ("~root", "another user"),
        ("\\\\host\\share\\x", "another machine"),
        ("//host/share", "another machine"),
        ("\\\\?\\C:\\x", "another machine"),
        ("con", "a device"),
        ("packs/NUL.d", "a device"),
        ("Com1.csv", "a device"),
        ("x\\lpt9 .csv", "a device"),
        ("aux.", "a device"),
        ("C:con", "a device"),
        ("~/packs", ""),
        ("../acme-law", ""),
        ("packs/acme", ""),
        ("conference.csv", ""),
        ("com.csv", ""),
        ("a~b", ""),
    ],
)
def test_names_that_are_not_looked_for(name: str, says: str) -> None:
    why = explain_refused_name(name)
    assert says in why
    assert bool(why) is bool(says)


@pytest.mark.parametrize("name", ["pipe", "device", "circle", "folder"])
@pytest.mark.parametrize("command", [["check"], ["build"], ["raci"], ["calendar"], ["batch"], ["show", "figures"]])
def test_commands_do_not_wait_for_a_deal(folder: Path, name: str, command: list[str]) -> None:
    if name == "folder" and command[0] in ("batch", "calendar"):
        return  # a folder of deals is what these take
    ended = run_here(*command, f"{name}.yaml", folder=folder)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{name}.yaml: ")


@pytest.mark.parametrize("name", ["pipe.csv", "device.csv", "circle.csv", "folder.csv", "out.csv", "nul.csv"])
def test_tables_that_deals_name(folder: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        table_loader(str(folder / "deal.yaml"))(name)
    (problem,) = refused.value.problems
    assert problem.message.startswith(f'the table "{name}" ')


@pytest.mark.parametrize("name", ["pipe.csv", "device.csv", "circle.csv"])
def test_tables_of_a_batch(folder: Path, name: str) -> None:
    ended = run_here("batch", "deal.yaml", name, "-j", "1", folder=folder)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{name}: the table cannot be read: ")


def test_packs_that_deals_name(tmp_path: Path) -> None:
    for name in ("~nosuchuser/x", "//host/share/x", "nul"):
        (tmp_path / "deal.yaml").write_text(f"pack: {name}\n{DEAL}", encoding="utf-8")
        ended = run_here("check", "deal.yaml", folder=tmp_path)
        assert ended.returncode == 2
        assert f'pack: the pack "{name}" is not looked for: ' in ended.stderr


def test_the_settings_are_no_trap_either(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGREEMENTGEN_CONFIG", str(folder / "pipe.yaml"))
    ended = run_here("show", "types", folder=folder)
    assert (ended.returncode, ended.stderr.split(": ")[1]) == (2, "the settings cannot be read")
    (folder / "settings.yaml").write_text("packs: [~nosuchuser/x]\n", encoding="utf-8")
    monkeypatch.setenv("AGREEMENTGEN_CONFIG", str(folder / "settings.yaml"))
    ended = run_here("show", "types", folder=folder)
    assert (ended.returncode, ended.stderr.split(": ")[2].split("\n")[0]) == (2, 'there is no pack "~nosuchuser/x"')


def test_a_folder_of_deals(folder: Path) -> None:
    ended = run_here("batch", str(folder), "-o", "out", folder=folder.parent)
    assert ended.returncode == 2
    assert "leads out of the folder" in ended.stderr
    for name in ("out.yaml", "device.yaml", "circle.yaml"):
        (folder / name).unlink()
    (folder / "same.yaml").symlink_to("deal.yaml")
    assert [Path(name).name for name in list_deal_files(str(folder))] == ["deal.yaml", "pipe.yaml", "same.yaml"]
    ended = run_here("batch", str(folder), "-o", "out", folder=folder.parent)
    assert ended.returncode == 2
    assert "pipe.yaml: the file cannot be read: it is a pipe, socket or device, not a file" in ended.stderr


def test_records(folder: Path) -> None:
    for option in ("--record", "--locked"):
        ended = run_here("build", "deal.yaml", option, "pipe.json", folder=folder)
        assert ended.returncode == 2
        assert "pipe.json" in ended.stderr


def test_what_comes_in_on_standard_input_is_no_file(folder: Path) -> None:
    with pytest.raises(InputError):
        read_deal_bytes(str(folder / "nothing.yaml"))

"""Opens a finished PDF with the system's viewer, where there is a screen to show it on."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

open_option = click.option("--open", "opens", is_flag=True, help="Open the finished PDF with the system's viewer.")


def has_screen() -> bool:
    """Return whether a window can be opened here: not over SSH, not in a container."""
    if sys.platform in ("win32", "cygwin"):
        return True
    if sys.platform == "darwin":
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and bool(shutil.which("xdg-open"))


def open_pdf(path: Path) -> str:
    """Open a PDF; return what to say where that cannot be done, "" where it was."""
    if not has_screen():
        return f"There is no screen here to open {path.name} on: it is in {path.resolve().parent}."
    if click.launch(str(path.resolve())) != 0:
        return f"No viewer could open {path.name}: it is in {path.resolve().parent}."
    return ""

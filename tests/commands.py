"""The program run in the process of a test.

A process of its own takes two seconds to read the library. Tests of what only a process has, such as its environment,
its limits or how it ends, start one.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from multiprocessing import forkserver
from pathlib import Path
from unittest import mock

import pytest

from agreementgen.cli.main import run


def run_here(*words: object, folder: Path | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
    """Run the program with `words` behind its name; return its status and what it printed."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    line = ["agreementgen", *map(str, words)]
    typed = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    with (
        contextlib.chdir(folder or Path.cwd()),
        mock.patch.multiple(sys, argv=line, stdin=typed, stdout=out, stderr=err),
        pytest.raises(SystemExit) as ended,
    ):
        run()
    # The server of a batch's workers has its socket in the batch's own folder, which is gone now.
    with contextlib.suppress(FileNotFoundError):
        forkserver._forkserver._stop()
    for stream in (out, err):
        stream.seek(0)
    return subprocess.CompletedProcess(line, int(ended.value.code or 0), out.read(), err.read())

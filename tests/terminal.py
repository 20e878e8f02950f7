"""Drives the real program through a pseudo-terminal, as a person does: reads what is asked, types, presses keys."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import pexpect
import pyte
from conftest import ROOT

from agreementgen.cli.main import main
from agreementgen.library.loading import built_in_library

DOWN, UP, ENTER, CTRL_C = "\x1b[B", "\x1b[A", "\r", "\x03"
_COMMAND = "from agreementgen.cli.main import main; main()"
_ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\].*?(?:\x07|\x1b\\)|[=>()][A-Z0-9]?)")


def plain(text: str) -> str:
    """Return what a terminal shows of `text`, without its control sequences."""
    return re.sub(r"\r*\n|\r+", "\n", _ESCAPES.sub("", text))


def run_forked(arguments: tuple[str, ...], environment: Mapping[str, str]) -> None:
    """Run the program in a process that was forked from the test's, with the terminal as 0, 1 and 2; never return."""
    # What else is open is pexpect's, which waits for its end.
    os.closerange(3, 4096)
    status = 1
    try:
        for name, handler in (
            ("SIGINT", signal.default_int_handler), ("SIGTERM", signal.SIG_DFL), ("SIGHUP", signal.SIG_DFL),
        ):  # fmt: skip
            signal.signal(getattr(signal, name), handler)
        os.environ.clear()
        os.environ.update(environment)
        # pytest loads readline, which asks in another way than the program does.
        ctypes.c_void_p.in_dll(ctypes.pythonapi, "PyOS_ReadlineFunctionPointer").value = None
        sys.argv = ["agreementgen", *arguments]
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            stream = open(number, "w" if number else "r", encoding="utf-8", errors="surrogateescape")  # noqa: SIM115
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        main()
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


class Terminal:
    """One run of `agreementgen new`.

    It begins as a fork of the test's process, which has read the library; with variables of the environment in `more`,
    which Python itself may look at, or with the path of a `program`, as a program of its own.
    """

    def __init__(
        self, folder: Path, *arguments: str, columns: int = 80, rows: int = 40, program: str = "", **more: str
    ) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **more}
        # Without an answer to "where is the cursor?" the program would wait for one.
        environment["PROMPT_TOOLKIT_NO_CPR"] = "1"
        if "NO_COLOR" not in more:
            environment.pop("NO_COLOR", None)
        built_in_library()
        with warnings.catch_warnings():
            # Later versions of Python remark on threads of the test runner; the child uses none of them.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.child = pexpect.spawn(
                program or sys.executable, [*([] if program else ["-c", _COMMAND]), *arguments],
                cwd=str(folder), env=environment,
                dimensions=(rows, columns), encoding="utf-8", timeout=30,
                preexec_fn=None if more or program else lambda: run_forked(arguments, environment),
            )  # fmt: skip
        self.child.delaybeforesend = 0.02
        self.seen = ""
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    def expect(self, text: str) -> str:
        """Wait until `text` is shown; return all that was shown before."""
        self.child.expect_exact(text)
        self.seen += self.child.before + self.child.after
        return plain(self.child.before)

    def prompt(self) -> str:
        """Wait for the next prompt; return what was shown before it."""
        self.child.expect(r"\n(?:Number[^\n]*|\(Enter[^\n]*|)> ")
        self.seen += self.child.before + self.child.after
        return plain(self.child.before)

    def drawn(self) -> str:
        """Wait until a drawn prompt is complete (lines may wrap again); return what was shown before it."""
        self.child.expect_exact("\x1b[?7h")
        self.seen += self.child.before + self.child.after
        return plain(self.child.before)

    def look(self) -> list[str]:
        """Wait until the program waits; return the rows that are visible then, none where it has ended."""
        before, has_said = "", 0.0
        while True:
            try:
                text = self.child.read_nonblocking(65536, timeout=0.05)
            except pexpect.TIMEOUT:
                now = self._time_used()
                # A key that does nothing is followed by silence.
                if now and now == before and has_said > 2:
                    return self.visible_rows()
                before, has_said = now, has_said + 0.05
                continue
            except pexpect.EOF:
                return []
            before, has_said = "", 3
            self.seen += text
            self._stream.feed(text)

    def visible_rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    def _time_used(self) -> str:
        """Return how long the program has worked so far, "" where it works just now."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return "" if fields[0] != "S" else f"{fields[11]} {fields[12]}"

    def type(self, text: str, enter: str = ENTER) -> None:
        self.child.send(text + enter)

    def end(self) -> int:
        """Wait for the end; return the exit status."""
        self.child.expect(pexpect.EOF)
        self.seen += self.child.before
        self.child.close()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -(self.child.signalstatus or 0))

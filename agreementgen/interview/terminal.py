"""From a terminal to a conversation: which prompts it can show, and what happens when it goes away."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Any

from agreementgen.errors import InputError, Place, Problem
from agreementgen.inputs import NO_PACK, chosen, library_for, library_of, name_for, packs_for, yaml_of
from agreementgen.interview.drawn import DrawnPrompts
from agreementgen.interview.plain import PlainPrompts
from agreementgen.interview.prompting import Prompts, say
from agreementgen.interview.session import Session
from agreementgen.library.library import Library


def run(
    name: str | None, kind: str | None, plain_mode: bool, folder: FilePath | None, packs: tuple[FilePath, ...] = ()
) -> int:
    """Hold the conversation about the deal file `name`; return the exit status, 130 where it was stopped."""
    refuse_without_terminal(name)
    path = FilePath(name) if name else None
    if path is not None and path.suffix.lower() not in (".yaml", ".yml"):
        hint = f"for example {path.name}.yaml"
        raise InputError(Problem("a deal file's name ends with .yaml", hint, "", Place(str(path))))
    library, named = _library(path, packs)
    if kind is not None:
        library.outline(kind)
    prompts: Prompts = PlainPrompts() if plain_mode or not _drawable() else DrawnPrompts()
    session: Session | None = None
    with stopping():
        try:
            session = Session(prompts, library, path, folder, named)
            return session.hold(kind)
        except (KeyboardInterrupt, EOFError):
            _farewell(prompts, session)
            return 130
        finally:
            if session is not None:
                session.close()


def _library(path: FilePath | None, packs: tuple[FilePath, ...]) -> tuple[Library, tuple[str, ...]]:
    """Return the library for a deal file, and the packs of the command line as the file should name them."""
    folder = path.parent if path else FilePath(".")
    if path is not None and path.is_file() and path.read_bytes().strip():
        yaml = yaml_of(str(path))
        there = {pack.resolve() for pack in packs_for(yaml, folder)}
        library = library_for(yaml, folder, packs)
    else:
        there = set()
        library = library_of(packs)
    if NO_PACK in map(str, packs):
        return library, ()
    return library, tuple(name_for(pack, folder) for pack in chosen(packs, False) if pack.resolve() not in there)


def refuse_without_terminal(name: str | None) -> None:
    """Raise InputError where nobody can be asked."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        return
    file = name or "deal.yaml"
    raise InputError(
        Problem(
            "agreementgen new asks questions, and there is no terminal to ask them in",
            f'write the deal as a file instead: "agreementgen show starter referral > {file}", fill it in, and run '
            f'"agreementgen build {file}"',
        )
    )


def _drawable() -> bool:
    """Return whether the terminal can move its cursor and show letters beyond ASCII."""
    return os.environ.get("TERM", "dumb") != "dumb" and (sys.stdout.encoding or "").lower().startswith("utf")


@contextmanager
def stopping() -> Iterator[None]:
    """Have a closed window or a request to end stop the program like Ctrl-C."""

    def stop(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    names = [getattr(signal, name) for name in ("SIGINT", "SIGHUP", "SIGTERM") if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in names}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _farewell(prompts: Prompts, session: Session | None) -> None:
    try:
        prompts.line("")
        if session is not None and session.notebook is not None:
            say(prompts, f"Stopped. Your answers are saved in {session.notebook.path}.")
            prompts.line(f"To go on: agreementgen new {session.notebook.path}")
        else:
            prompts.line("Stopped. Nothing was written.")
    except (OSError, ValueError):
        return  # the terminal is gone; the answers are not

"""What the system says of a disk that is full, gone, or not ours, as a problem of the folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agreementgen.errors import InputError, Place, Problem


class Unwritable(InputError):
    """The folder cannot be written: no further deal can be, either."""


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Turn what the system says about files into a problem of `folder`."""
    try:
        yield
    except OSError as error:
        hint = "choose another folder with -o, or make room on the disk; then run the same command again"
        place = Place(str(error.filename or folder))
        raise Unwritable(Problem(f"cannot write here: {error.strerror or error}", hint, "", place)) from None

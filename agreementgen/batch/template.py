"""An empty table for a deal: a column for each fact that differs from partner to partner, with help and examples."""

from __future__ import annotations

from agreementgen.library.library import Library


def table_template(data: bytes, source: str, library: Library, kind: str = "xlsx") -> bytes:
    """Return a table to fill in for the base deal of a file's bytes, as "xlsx" or "csv"; raise InputError."""
    raise NotImplementedError

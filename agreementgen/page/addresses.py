"""Addresses in a layout: each names a file of the layout's own folder, and is written out."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import unquote, urljoin

from agreementgen.deal.characters import shown
from agreementgen.errors import nearest

# Relative addresses are resolved against this one, which nobody has.
BASE = "http://layout.invalid/"
# Stands where a layout fills something in.
HOLE = "\ue000"


def named(address: str, beside: str = "") -> str | None:
    """Return the file that `address` names in a file `beside` it, None for an address of elsewhere."""
    try:
        whole = urljoin(BASE + beside, address.strip())
    except ValueError:
        return None
    if not whole.startswith(BASE) or ":" in address or address.strip().startswith(("/", "\\")):
        return None
    return unquote(whole.removeprefix(BASE))


def why_not(address: str, beside: str, files: Collection[str], endings: tuple[str, ...]) -> tuple[str, str] | None:
    """Return message and hint where `address`, in the file `beside`, is not one of `files` with one of `endings`."""
    said = shown(address.replace(HOLE, "..."))
    if HOLE in address:
        return f'the address "{said}" is not written out', "an address cannot be filled in"
    name = named(address, beside)
    if name is None:
        what = "holds its data itself" if address.strip().lower().startswith("data:") else "leads elsewhere"
        return f'the address "{said}" {what}', "put the file into the layout's folder, and name it"
    if name not in files:
        return f'"{said}" is not in the layout\'s folder', nearest(name, files) or "put the file there"
    if not name.lower().endswith(endings):
        return f'"{said}" cannot be used here', f"its name should end with {' or '.join(endings)}"
    return None

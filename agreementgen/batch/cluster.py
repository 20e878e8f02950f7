"""Workers of a Dask cluster. Deals go there as texts and come back as documents: no disk need be shared."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from agreementgen.batch.running import Crew
from agreementgen.errors import InputError, Place, Problem

# A task costs the scheduler a few milliseconds: deals go in chunks, but every worker gets some.
_CHUNK = 20
_SECONDS = 8
_INSTALL = 'install it with: pip install "agreementgen[dask]"'
_ADDRESS = re.compile(r"[a-z]+://[^\s/]+:\d{1,5}")
_LIKE = "it looks like tcp://host:8786"
_SAME = "the workers need the same version of agreementgen, with its packs in the same places"


@contextmanager
def joined(address: str) -> Iterator[Callable[[int], Crew]]:
    """Return what makes a crew, for so many deals, of the workers of the scheduler at `address`.

    Raise InputError where Dask is not installed, nobody answers, or there are no workers.
    """
    place = Place("--scheduler")
    try:
        import distributed
    except ImportError:
        raise InputError(Problem("Dask is not installed here", _INSTALL, "", place)) from None
    # What it logs is said by us, once, and with what to do.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    if not _ADDRESS.fullmatch(address):
        raise InputError(Problem(f'"{address}" is not the address of a scheduler', _LIKE, "", place))
    try:
        client: Any = distributed.Client(address, timeout=_SECONDS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError):
        message = f"no scheduler answers at {address}"
        raise InputError(Problem(message, f"is it running, and is the address right? {_LIKE}", "", place)) from None
    with client:
        workers = len(client.scheduler_info(n_workers=-1)["workers"])
        if not workers:
            hint = "start some: dask worker ADDRESS --nworkers 4 --nthreads 1"
            raise InputError(Problem(f"the scheduler at {address} has no workers", hint, "", place))

        def crew(deals: int) -> Crew:
            chunk = max(1, min(_CHUNK, -(-deals // (2 * workers))))
            return Crew(lambda: _executor(client, address), 2 * workers, chunk, _SAME)

        yield crew


def _executor(client: Any, address: str) -> Executor:
    if client.status != "running":
        hint = "run the same command again when it is back: what was built stays"
        raise InputError(Problem(f"the scheduler at {address} is gone", hint, "", Place("--scheduler")))
    executor: Executor = client.get_executor(pure=False)
    return executor

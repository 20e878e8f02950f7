"""Whether an answer that nobody gave could decide a rule: only then is the rule one that cannot be judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agreementgen.deal.questions import Facts, FactsView

# What the reader is told to answer where a rule needs a fact that is derived.
ANSWERED_BY = {"check.lapsing_licenses": "parties.license until", "check.fee_times_margin": "financial.margin"}
# A length or an amount is asked for under these names too.
_MEASURES = ("days", "amount")


class Anything:
    """An answer that meets whatever a condition asks of it."""

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return True

    def __lt__(self, other: object) -> bool:
        return True

    __le__ = __gt__ = __ge__ = __lt__
    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[object]:
        return iter(())

    def __contains__(self, item: object) -> bool:
        return True


ANYTHING = Anything()


class _Supposed(FactsView):
    """A group of facts in which some are supposed; the others are looked up when they are asked for."""

    def __init__(self, group: FactsView) -> None:
        self._group, self.supposed = group, Facts()

    def __getitem__(self, key: str) -> Any:
        return self.supposed[key] if key in self.supposed else self._group[key]

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self._group), **self.supposed})

    def __len__(self) -> int:
        return len({*self._group, *self.supposed})

    def __contains__(self, key: object) -> bool:
        return key in self.supposed or key in self._group


def suppose_answered(facts: FactsView, names: tuple[str, ...]) -> FactsView:
    """Return facts in which those of `names` are answered somehow; what belongs to a group that is not there is not."""
    supposed = _Supposed(facts)
    for name in names:
        path = name.split(".")
        _suppose(supposed, path)
        for measure in _MEASURES:
            _suppose(supposed, [measure, *path])
    return supposed


def _suppose(facts: _Supposed, path: list[str]) -> None:
    *groups, last = path
    for name in groups:
        inner = facts.get(name)
        if not isinstance(inner, Mapping):
            return
        if not isinstance(inner, _Supposed):
            inner = facts.supposed[name] = _Supposed(inner)
        facts = inner
    facts.supposed[last] = ANYTHING

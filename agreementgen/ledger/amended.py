"""Terms that amendments change: which of them hold when, and formulas that know it.

Each row counts by the terms of its day. So the formulas of all versions are written, with names of their own for the
cells of terms that changed, and where they differ the number of the row's terms chooses one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Generic, TypeVar

from agreementgen.core.problems import InputError, Place, Problem
from agreementgen.core.values import format_short_day
from agreementgen.deal.deal import Deal
from agreementgen.ledger.accounts import Account, Counted, CountedEntry, Entry, Fault, Flow, Overview
from agreementgen.ledger.sheet_parts import COUNT_FORMAT, Column, Grid, Value, day_format
from agreementgen.ledger.terms import DealTerms, LeadTerms, ReferralTerms
from agreementgen.ledger.terms_sheet import TermLine

T = TypeVar("T", bound=DealTerms)

# The column with the number of the terms that a row counts by.
TERMS_KEY = "terms"
_BY_HAND = "keep a workbook for the time before the amendment and one for the time from it"
_CARRY_OVER = f"{_BY_HAND}, and carry the balances of the accounts over by hand"


@dataclass(frozen=True)
class LaterDeal:
    """A deal as an amendment made it: from which day, and where the amended agreement says things."""

    day: date
    deal: Deal
    places: Mapping[str, str]
    terms: DealTerms


# -- what an amendment may change


def join_terms(first: DealTerms, deal: Deal, later: Sequence[LaterDeal]) -> DealTerms:
    """Return the terms of a deal with those of its amendments; raise InputError where they cannot be told in one book.

    `deal` is the deal as it was signed first.
    """
    problems: list[Problem] = []
    before, since = deal, first.effective
    for one in later:
        problems += _each_problem(before, one, since)
        if type(one.terms) is not type(first):
            problems = problems or [_refuse(one, "how money is counted", "financial.model")]
        before, since = one.deal, one.day
    if not problems:
        versions = [first, *(one.terms for one in later)]
        problems = [
            _refuse(one, what, field)
            for (old, new), one in zip(pairwise(versions), later, strict=True)
            for what, field in _list_changed_frames(old, new)
        ]
    if problems:
        raise InputError(problems)
    return replace(first, later=tuple((one.day, one.terms) for one in later))


def _each_problem(before: Deal, after: LaterDeal, since: date) -> Iterator[Problem]:
    if after.day <= since:
        message = f"the amendment holds from {after.day}, which is not after {since}, when the terms before it began"
        yield Problem(message, "name the deal files in the order of their days", "--dated", Place(after.deal.source),
                      code="out-of-limits")  # fmt: skip
    if before.kind != after.deal.kind:
        yield _refuse(after, "the kind of agreement", "agreement")
    if [party.short for party in before.parties] != [party.short for party in after.deal.parties]:
        yield _refuse(after, "the parties or their short names", "parties")
    if before.facts.get("effective") != after.deal.facts.get("effective"):
        yield _refuse(after, "the first day of the agreement", "effective")
    if str((after.deal.facts.get("financial") or {}).get("model")) == "profit and loss":
        what = "a joint venture, whose accounts run from its first day to its last"
        yield _refuse(after, what, "financial.model", _CARRY_OVER)
    if before.facts["currency"] != after.deal.facts["currency"]:
        yield _refuse(after, "the currency", "currency")
    old, new = before.facts.get("financial") or {}, after.deal.facts.get("financial") or {}
    if (old.get("model") or "none") != (new.get("model") or "none"):
        yield _refuse(after, "how money is counted", "financial.model")
    elif str(old.get("paid")) != str(new.get("paid")):
        yield _refuse(after, "how often is paid", "financial.paid")
    elif (old.get("base"), old.get("trigger")) != (new.get("base"), new.get("trigger")):
        yield _refuse(after, "what is counted, payments or invoices and what is taken off", "financial.base")


def _refuse(after: LaterDeal, what: str, field: str, hint: str = _BY_HAND) -> Problem:
    place = next((answer.place for answer in after.deal.answers if answer.path == field and answer.typed), None)
    message = f"the amendment of {after.day} changes {what}: one workbook cannot count before it and after it"
    return Problem(message, hint, field, place or Place(after.deal.source), code="ledger-not-amendable")


def _list_changed_frames(old: DealTerms, new: DealTerms) -> Iterator[tuple[str, str]]:
    """Yield what of two versions would need other sheets."""
    agreed = [one.guarantee for one in (old, new) if one.guarantee]
    if len({(one.payer, one.payee, one.every) for one in agreed}) > 1:
        yield "who guarantees what for which periods", "financial.guarantee"
    if isinstance(old, LeadTerms) and isinstance(new, LeadTerms) and old.referrers != new.referrers:
        yield "who sends leads", "leads.direction"
    if isinstance(old, ReferralTerms) and isinstance(new, ReferralTerms):
        if old.sorts != new.sorts:
            yield "the sorts of work that have a fee each", "financial.fees"
        if (old.window is None) != (new.window is None):
            yield "a fee that is earned once into one that runs, or the other way", "financial.window"


# -- terms by their versions


@dataclass(frozen=True)
class Versions(Generic[T]):
    """The versions of terms, each with the names that its changed terms have in formulas."""

    each: tuple[tuple[T, Mapping[str, str]], ...]

    @property
    def are_many(self) -> bool:
        return len(self.each) > 1

    def choose(self, write: Callable[[T], str], which: str = "{terms}") -> str:
        """Return the formula that `write` makes of a version; where they differ, `which` is the number that chooses."""
        return choose_formula([rename_terms(write(terms), names) for terms, names in self.each], which)

    def column(self, which: str) -> tuple[Column, ...]:
        """Return the column that says by which terms a row counts; `which` is the day that decides."""
        if not self.are_many:
            return ()
        return (make_terms_column(which),)


def make_terms_column(which: str) -> Column:
    formula = f'IF({{day}}="","",IFERROR(MATCH({which},Since),1))'
    return Column(TERMS_KEY, "Terms", 6.5, "result", COUNT_FORMAT, formula)


_NAME = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)")


def rename_terms(formula: str, names: Mapping[str, str]) -> str:
    """Return a formula with other names for cells; texts in it and keys of columns stay."""
    if not names:
        return formula
    parts = re.split(r'("[^"]*"|\{[^{}]*\})', formula)
    return "".join(
        part if at % 2 else _NAME.sub(lambda match: names.get(match[0], match[0]), part)
        for at, part in enumerate(parts)
    )


def choose_formula(texts: Sequence[str], which: str) -> str:
    """Return one formula for all: the number `which` chooses among cells, or among whole formulas."""
    if len(set(texts)) == 1:
        return texts[0]
    split = [_NAME.split(text) for text in texts]
    # SUMPRODUCT would take the choice for a list of choices.
    if len({len(parts) for parts in split}) == 1 and "SUMPRODUCT" not in texts[0]:
        merged = [_choose_part(parts, which) for parts in zip(*split, strict=True)]
        if None not in merged:
            return "".join(part or "" for part in merged)
    return f'IF({which}="","",CHOOSE({which},{",".join(texts)}))'


def _choose_part(parts: tuple[str, ...], which: str) -> str | None:
    if len(set(parts)) == 1:
        return parts[0]
    stems = {re.sub(r"_[0-9]+$", "", part) for part in parts}
    if len(stems) > 1 or not _NAME.fullmatch(parts[0]):
        return None
    return f"CHOOSE({which},{','.join(parts)})"


def find_new_names(lines: Sequence[Sequence[TermLine]]) -> tuple[Mapping[str, str], ...]:
    """Return for each version how the cells are called whose terms are not those of the first version."""
    found: list[dict[str, str]] = [{}]
    for number, (old, new) in enumerate(pairwise(lines), 2):
        before, after = _group_lines(old), _group_lines(new)
        changed = {key for key, group in after.items() if _values_of(before.get(key, ())) != _values_of(group)}
        names = {name: f"{name}_{number}" for key in changed for line in after[key] for name in line.names}
        found.append({**found[-1], **names})
    return tuple(found)


def _group_lines(lines: Sequence[TermLine]) -> dict[object, tuple[TermLine, ...]]:
    groups: dict[object, tuple[TermLine, ...]] = {}
    for line in lines:
        key = line.names or line.label
        groups[key] = (*groups.get(key, ()), line)
    return groups


def _values_of(group: Sequence[TermLine]) -> list[tuple[object, ...]]:
    return [(line.label, line.value, line.unit) for line in group]


def join_lines(terms: DealTerms, lines: Sequence[Sequence[TermLine]]) -> tuple[TermLine, ...]:
    """Return the terms of all versions: those of the first, then what each amendment changes, and when each holds."""
    if len(lines) == 1:
        return tuple(lines[0])
    day, names = day_format(terms.language), find_new_names(lines)
    said = [format_short_day(since, terms.language) for since in terms.starts]
    ends = [format_short_day(since - timedelta(days=1), terms.language) for since in terms.starts[1:]]
    joined: list[TermLine] = []
    for number, own in enumerate(lines):
        groups = _group_lines(own)
        before = _group_lines(lines[number - 1]) if number else {}
        for key, group in groups.items():
            if number and _values_of(before.get(key, ())) == _values_of(group):
                continue
            until = _find_end(key, group, lines[number + 1 :], ends[number:])
            start = f"from {said[number]}" if number else ""
            holds = " ".join(part for part in (start, f"until {until}" if until else "") if part) or "throughout"
            joined += [
                replace(line, names=tuple(names[number].get(name, name) for name in line.names), holds=holds)
                for line in group
            ]
        gone = [group for key, group in before.items() if key not in groups]
        joined += [
            TermLine(f"No longer: {group[0].label}", "none", "", (), f"Amendment {number}", "", f"from {said[number]}")
            for group in gone
        ]
    for number, since in enumerate(terms.starts, 1):
        label = f"Terms {number} hold from"
        stands = f"Amendment {number - 1}" if number > 1 else "Effective date"
        joined.append(TermLine(label, since, "", ("Since",), stands, day, "throughout"))
    return tuple(joined)


def _find_end(key: object, group: Sequence[TermLine], later: Sequence[Sequence[TermLine]], ends: Sequence[str]) -> str:
    """Return the last day on which a group of lines holds, "" where no amendment changes it."""
    for lines, end in zip(later, ends, strict=True):
        if _values_of(_group_lines(lines).get(key, ())) != _values_of(group):
            return end
    return ""


# -- sheets of rows


def merge_row_formulas(
    columns: Sequence[Sequence[Column]], labels: Sequence[Mapping[str, Value]], versions: Sequence[int]
) -> tuple[tuple[Column, ...], tuple[dict[str, Value], ...]]:
    """Return columns and labels of fixed rows, each of which counts by the version in `versions`.

    `columns` has those of each version, with the same keys. Where formulas differ, each row has its own.
    """
    made: list[Column] = []
    rows = [dict(label) for label in labels]
    for same in zip(*columns, strict=True):
        if len({column.formula for column in same}) == 1:
            made.append(same[0])
            continue
        key = f"formula_{same[0].key}"
        made.append(replace(same[0], formula=f"{{={key}}}"))
        for row, version in zip(rows, versions, strict=True):
            row[key] = same[version].formula
    return tuple(made), tuple(rows)


def merge_all_accounts(
    made: Sequence[Sequence[Account]],
    terms: DealTerms,
    names: Sequence[Mapping[str, str]],
    later: Sequence[LaterDeal],
) -> tuple[Account, ...]:
    """Return the accounts of all versions, each of them merged; `made` has those of each version in the same order."""
    for accounts, one in zip(made[1:], later, strict=True):
        if len(accounts) != len(made[0]):
            raise InputError(_refuse(one, "whether costs are shared, or what else is paid", "financial"))
    return tuple(merge_accounts(same, terms, names, later) for same in zip(*made, strict=True))


def merge_accounts(
    accounts: Sequence[Account], terms: DealTerms, names: Sequence[Mapping[str, str]], later: Sequence[LaterDeal]
) -> Account:
    """Return one account for all versions of the terms; raise InputError where their sheets do not fit together."""
    first = accounts[0]
    if len(accounts) == 1:
        return first
    for account, one in zip(accounts[1:], later, strict=True):
        if what := _find_what_does_not_fit(first, account):
            raise InputError(_refuse(one, what, "financial"))
    own = [_rename_columns(account.grid, used) for account, used in zip(accounts, names, strict=True)]
    return _MergedAccount(tuple(accounts), terms, tuple(own), names).make()


def _find_what_does_not_fit(first: Account, other: Account) -> str:
    if first.grid.name != other.grid.name or first.by_period != other.by_period:
        return "how money is counted"
    frames = [[(label.get("first"), label.get("last"), label.get("part")) for label in one.grid.labels]
              for one in (first, other)]  # fmt: skip
    if frames[0] != frames[1]:
        return "the parts in which a fee is paid, or its periods"
    if [one.grid.name for one in first.overviews] != [one.grid.name for one in other.overviews]:
        return "whether there is a minimum or a service level"
    for mine, theirs in zip(first.overviews, other.overviews, strict=True):
        frames = [[(label["first"], label["last"], label.get("item")) for label in one.grid.labels]
                  for one in (mine, theirs)]  # fmt: skip
        if frames[0] != frames[1] or [c.key for c in mine.grid.columns] != [c.key for c in theirs.grid.columns]:
            return "the periods or goods of a minimum or service level"
    items = [line.value for line in first.lines if line.names == ("CostItem",)]
    if [line.value for line in other.lines if line.names == ("CostItem",)][: len(items)] != items:
        return "which costs are shared (name those of before first, in their order)"
    return ""


def _rename_columns(grid: Grid, names: Mapping[str, str]) -> tuple[Column, ...]:
    return tuple(replace(column, formula=rename_terms(column.formula, names)) for column in grid.columns)


class _MergedAccount:
    """An account of several versions: each row is counted by that of its day, a refund by that of its payment."""

    def __init__(
        self,
        accounts: tuple[Account, ...],
        terms: DealTerms,
        columns: tuple[tuple[Column, ...], ...],
        names: Sequence[Mapping[str, str]],
    ) -> None:
        self._accounts, self._terms, self._columns, self._names = accounts, terms, columns, names
        self._first = accounts[0]
        # Rows with a label for their last day count by that day; of all others the typed day decides.
        self._is_fixed = any("last" in label for label in self._first.grid.labels)

    def make(self) -> Account:
        first = self._first
        names = {name: key for account in self._accounts for name, key in account.names.items()}
        flows: dict[Flow, None] = dict.fromkeys(flow for account in self._accounts for flow in account.flows)
        return replace(
            first,
            grid=self._merge_grid(),
            lines=(),
            names=names,
            flows=tuple(flows),
            count=self._count,
            check=self._check,
            shown=tuple(dict.fromkeys(one for account in self._accounts for one in account.shown)),
            asks_end=any(account.asks_end for account in self._accounts),
            overviews=tuple(self._merge_overview(at) for at in range(len(first.overviews))),
        )

    def _merge_grid(self) -> Grid:
        grid = self._first.grid
        if self._is_fixed:
            labels = [self._accounts[number].grid.labels[at] for at, number in enumerate(self._versions_of_rows(grid))]
            columns, rows = merge_row_formulas(self._columns, labels, self._versions_of_rows(grid))
            return replace(grid, columns=columns, labels=rows)
        order: list[str] = []
        for own in self._columns:
            at = 0
            for column in own:
                if column.key in order:
                    at = order.index(column.key) + 1
                else:
                    order.insert(at, column.key)
                    at += 1
        merged = [self._merge_column(key) for key in order]
        at = next(number for number, column in enumerate(merged) if column.kind == "result")
        keys = {column.key for column in merged}
        day = 'IF({what}="refunded",INDEX({day^},{of}+1),{day})' if {"of", "what"} <= keys else "{day}"
        return replace(grid, columns=(*merged[:at], make_terms_column(day), *merged[at:]))

    def _merge_column(self, key: str) -> Column:
        own = [next((column for column in columns if column.key == key), None) for columns in self._columns]
        known = [column for column in own if column]
        last = known[-1]
        if last.kind == "result":
            return replace(last, formula=choose_formula([one.formula if one else '""' for one in own], "{terms}"))
        if last.check and last.check.source in self._names[-1]:
            choices = tuple(dict.fromkeys(choice for one in known for choice in one.choices))
            return replace(last, choices=choices, check=replace(last.check, source="", choices=choices))
        return last

    def _versions_of_rows(self, grid: Grid) -> list[int]:
        days = [label["last"] for label in grid.labels]
        return [self._terms.number_on(day) for day in days if isinstance(day, date)]

    def _version_of(self, entry: Entry, rows: Mapping[int, Entry]) -> int:
        if entry["what"] == "refunded":
            entry = rows.get(entry["of"] or 0, entry)
        day = entry["last"] if self._is_fixed else entry["day"]
        return self._terms.number_on(day) if day else 0

    def _split(self, entries: Sequence[Entry]) -> list[list[Entry]]:
        rows = {entry.number: entry for entry in entries}
        parts: list[list[Entry]] = [[] for _ in self._accounts]
        for entry in entries:
            parts[self._version_of(entry, rows)].append(entry)
        return parts

    def _count(self, entries: Sequence[Entry], ended: date | None, before: Counted) -> tuple[CountedEntry, ...]:
        counted: list[CountedEntry] = []
        for number, (account, mine) in enumerate(zip(self._accounts, self._split(entries), strict=True)):
            # What rows under earlier terms used up, of a budget, is known to those that follow.
            made = account.count(mine, ended, {**before, account.grid.name: tuple(counted)})
            shown = {} if self._is_fixed else {TERMS_KEY: number + 1}
            counted += [replace(one, results={**one.results, **(shown if one.entry["day"] else {})}) for one in made]
        return tuple(sorted(counted, key=lambda one: one.entry.number))

    def _check(self, entries: Sequence[Entry]) -> Iterator[tuple[int, Fault]]:
        for account, mine in zip(self._accounts, self._split(entries), strict=True):
            unknown = set()
            for entry in mine:
                for column in account.grid.columns:
                    value = entry[column.key]
                    if column.choices and value and value not in column.choices:
                        unknown.add(entry.number)
                        hint = "the terms of that day have: " + ", ".join(column.choices)
                        yield entry.number, Fault(column.key, f'there was no "{value}" on {entry["day"]}', hint)
            yield from account.check([entry for entry in mine if entry.number not in unknown])

    def _merge_overview(self, at: int) -> Overview:
        own = [account.overviews[at] for account in self._accounts]
        versions = self._versions_of_rows(own[0].grid)
        labels = [own[number].grid.labels[row] for row, number in enumerate(versions)]
        columns = [_rename_columns(one.grid, names) for one, names in zip(own, self._names, strict=True)]
        merged, rows = merge_row_formulas(columns, labels, versions)

        def count(counted: Counted) -> tuple[Mapping[str, Any], ...]:
            results = [one.count(counted) for one in own]
            return tuple(results[number][row] for row, number in enumerate(versions))

        return replace(own[0], grid=replace(own[0].grid, columns=merged, labels=rows), count=count)

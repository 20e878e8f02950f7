"""A comparison of two deals in words and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from agreementgen.core.problems import Place, count_noun
from agreementgen.life.comparison import Comparison, FactChange
from agreementgen.life.parts import Kind, PartChange, align_lines, show_changes

_HEADS: dict[tuple[Kind, ...], str] = {
    ("title", "party", "sentence", "signature"): "Title, parties and signatures",
    ("row",): "Key terms",
    ("clause",): "Clauses",
    ("schedule",): "Schedules",
}


def describe_comparison(found: Comparison) -> str:
    """Return what has changed, for people; one line a change, and the words below it."""
    if not found.changed_parts:
        return _describe_same_agreement(found)
    lines = [*_each_fact_line(found.facts), *_each_figure_line(found)]
    for kinds, head in _HEADS.items():
        changes = [change for change in found.changed_parts if change.part.kind in kinds]
        if changes:
            lines += ["", head]
            for change in changes:
                lines += describe_part(change, found.causes.get(change.part.key, ()))
    lines += _each_finding_line(found)
    return "\n".join(lines).strip("\n") + "\n"


def _describe_same_agreement(found: Comparison) -> str:
    """Return what else differs where the agreement does not; groups of answers that one file lacks in one line."""
    told = [*found.facts]
    apart = []
    for has, lacks in ((found.old, found.new), (found.new, found.old)):
        other = {name.text.strip() for name, _ in lacks.deal.typed or ()}
        groups = Counter(fact.path[0] for fact in told if fact.path[0] not in other and len(fact.path) > 1)
        if groups:
            listed = ", ".join(f"{group} ({count_noun(count, 'answer')})" for group, count in groups.items())
            apart.append(f"Only in {has.name}: {listed}")
            told = [fact for fact in told if fact.path[0] not in groups]
    lines = [*apart, "", *_each_fact_line(told), *_each_figure_line(found), *_each_finding_line(found)]
    rest = "\n".join(lines).strip("\n")
    if not rest:
        return "Nothing has changed: the same facts, the same words.\n"
    return f"The agreement says the same.\n\n{rest}\n"


def _each_finding_line(found: Comparison) -> Iterator[str]:
    for head, texts in (("Findings that are new", found.appeared), ("Findings that are gone", found.gone)):
        if texts:
            yield from ("", head, *(f"  {text}" for text in texts))


def _each_fact_line(facts: Sequence[FactChange]) -> Iterator[str]:
    if facts:
        yield "Facts"
    for fact in facts:
        old, new = (f'"{text}"' if text else "nothing" for text in (fact.old, fact.new))
        places = ", ".join(_say_place(place) for place in (fact.old_place, fact.new_place) if place)
        yield f"  {fact.name}: {old} -> {new}  ({places})"


def _say_place(place: Place) -> str:
    return f"{place.file}:{place.line}:{place.column}"


def _each_figure_line(found: Comparison) -> Iterator[str]:
    if found.figures:
        yield from ("", "Figures")
    for figure in found.figures:
        yield f"  {figure.label}: {figure.old or 'none'} -> {figure.new or 'none'}"


def describe_part(change: PartChange, causes: Sequence[str]) -> list[str]:
    """Return the lines on one part: what became of it, why, and its words."""
    because = f"  (because of {', '.join(causes)})" if causes else ""
    lines = [f"  {change.state} {change.part.title}{because}"]
    if change.old and change.new:
        for old, new in align_lines(change.old.lines, change.new.lines):
            if old != new:
                pairs = zip(
                    old.cells if old else ((),) * len(new.cells if new else ()),
                    new.cells if new else ((),) * len(old.cells if old else ()),
                    strict=False,
                )
                lines.append("    " + " | ".join(show_changes(one, other) for one, other in pairs))
    else:
        lines += [f"    {line}" for line in change.part.text.split("\n")]
    return lines


def comparison_as_data(found: Comparison) -> dict[str, object]:
    """Return the same for a program."""
    return {
        "old": found.old.name,
        "new": found.new.name,
        "facts": [
            {
                "path": fact.name,
                "old": fact.old or None,
                "new": fact.new or None,
                "old_place": _say_place(fact.old_place) if fact.old_place else None,
                "new_place": _say_place(fact.new_place) if fact.new_place else None,
            }
            for fact in found.facts
        ],
        "figures": [{"label": one.label, "old": one.old or None, "new": one.new or None} for one in found.figures],
        "parts": [
            {
                "kind": change.part.kind,
                "key": change.part.key,
                "title": change.part.title,
                "state": change.state,
                "old": change.old.text if change.old else None,
                "new": change.new.text if change.new else None,
                "because_of": list(found.causes.get(change.part.key, ())),
            }
            for change in found.changed_parts
        ],
        "findings": {"new": list(found.appeared), "gone": list(found.gone)},
    }

"""What came back in an edited Word file, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agreementgen.core.document import Run
from agreementgen.life.comparison_report import describe_part
from agreementgen.life.parts import Part, PartChange, StyledLine
from agreementgen.life.proposals import Proposal
from agreementgen.life.returned import ReturnedFile, ReturnedPart, squash


def describe_returned(found: ReturnedFile, proposals: Sequence[Proposal]) -> str:
    """Return each part that changed, with comments; the answers proposed; and what is left to a person."""
    lines = list(_each_part_line(found.changed))
    if found.elsewhere:
        lines += ["", "Elsewhere in the file", *(f"  {text}" for text in found.elsewhere)]
    if not lines:
        return "Nothing was changed: each row and clause says what was sent.\n"
    if proposals:
        lines += ["", "Can be read as answers (write them with --apply FACT, or --apply all)"]
        lines += [f'  {one.name}: "{one.old}" -> "{one.new}"  ({_say_place(one)})' for one in proposals]
    read = {one.part for one in proposals}
    left = [one.change.part.title for one in found.changed if one.change.part.key not in read and one.is_changed]
    if left:
        lines += ["", "Left to a person, as new wording or special terms", *(f"  {title}" for title in left)]
    if not found.is_marked:
        lines += ["", "The file has lost its marks: rows and clauses were known by their labels and headings alone."]
    return "\n".join(lines).strip("\n") + "\n"


def _say_place(proposal: Proposal) -> str:
    place = proposal.place
    return f"{place.file}:{place.line}:{place.column}" if place.line else f"{place.file}: a new line, it was as usual"


def _each_part_line(parts: Sequence[ReturnedPart]) -> Iterator[str]:
    for one in parts:
        change = PartChange(one.change.state, _in_plain_words(one.change.old), _in_plain_words(one.change.new))
        words = describe_part(change, ())[1:]
        moved = f"it was moved behind {one.moved_behind}" if one.moved_behind else ""
        notes = [note for note in ("tracked" if one.tracked else "", one.remark, moved) if note]
        state = "moved" if change.state == "unchanged" and moved else change.state
        kind = {"row": "key term", "clause": "clause", "party": "party"}.get(change.part.kind, change.part.kind)
        yield f"{state} {kind} {change.part.title}" + (f"  ({'; '.join(notes)})" if notes else "")
        if change.state != "unchanged":
            yield from (line[2:] for line in words)
        yield from (f"  comment of {text}" for text in one.comments)


def _in_plain_words(part: Part | None) -> Part | None:
    """Return a part without bold and italics, which an edited file may have lost, and with single spaces."""
    if part is None:
        return None
    lines = tuple(
        StyledLine(
            "Clause" if not line.is_row else line.style,
            tuple((Run(squash("".join(r.text for r in c))),) for c in line.cells),
        )
        for line in part.lines
    )
    return Part(part.kind, part.key, part.title, lines)

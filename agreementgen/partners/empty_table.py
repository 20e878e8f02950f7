"""Which columns a table over a base deal should have: the facts that differ from partner to partner.

These are what the partner itself says (the party that the base deal does not name, or else its last one), facts that
must be answered and are not, facts whose name stands in the base deal with nothing behind it, the tier, days that the
base leaves open, and open facts of those topics which the base speaks of. Any other fact can be added by hand.

An empty table for a deal: a column for each fact that differs from partner to partner, with help and examples.

Its second and third row, help and example, have # in their first column: the reader leaves such rows out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest

from agreementgen.core.characters import shown
from agreementgen.core.problems import InputError
from agreementgen.core.values import Unreadable, read_date
from agreementgen.deal.forms import node_text
from agreementgen.deal.questions import MAX_CHARACTERS, SCALARS, Question
from agreementgen.deal.reader import Form, Standing, look
from agreementgen.language.conditions import Names, in_words
from agreementgen.library.library import Library
from agreementgen.partners.rows import Address, Path, filled
from agreementgen.partners.table import SKIP, Heads, plain, rows_of
from agreementgen.pipeline import form_of
from agreementgen.sheets.cells import BATCH, Cell, Table, column, place
from agreementgen.sheets.table_reader import to_csv
from agreementgen.sheets.workbook_writer import Allowed, Book, Filled, Look, Sheet, in_one_line, to_xlsx
from agreementgen.sources import answers
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlText

# The name of a party must differ from those of all others, and examples come from one pair of parties.
_OTHER = {"name": "Bay Rank Digital, Inc.", "short": "Bay Rank", "email": "lee@bayrank.example"}


@dataclass(frozen=True)
class Column:
    """A column to fill in. `usual` is what the base deal says where a cell stays empty; `must`: none may stay empty.

    `choices` are the only texts allowed (none: anything its question takes).
    """

    head: str
    address: Address
    question: Question
    must: bool = False
    usual: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()

    @property
    def item(self) -> Question:
        """The question of one entry, for a column of lists."""
        return self.question.of[0] if self.address.several else self.question

    @property
    def help(self) -> str:
        """What belongs into the column, in a few sentences."""
        question = self.question
        said = [question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}.", question.help]
        if question.when:
            said.append(f"Only where {in_words(question.when, _plain_names)}.")
        if self.choices:
            said.append(f"One of: {', '.join(self.choices)}.")
        limits = self.item.limits
        if limits.least and limits.most and self.item.type in _SIZES:
            said.append(f"From {limits.least} to {limits.most}.")
        if self.address.several:
            said.append("Put a semicolon between several.")
        if self.must:
            said.append("Must be filled in.")
        elif self.usual:
            said.append(f'Empty means "{self.usual}", as in the base deal.')
        return " ".join(part for part in said if part)


_SIZES = ("integer", "number", "percent", "money", "duration")


def _plain_names(names: Names) -> tuple[str, str]:
    return " ".join(names[1:] if names[0] == "this" else names).replace("_", " "), ""


def columns(base: YamlText, source: str, form: Form, library: Library) -> tuple[Column, ...]:
    """Return the columns of a table over the deal `base`, those of the partner first."""
    heads = Heads(library, form, base.root)
    return tuple(_Columns(base.root, look(base, source, form), form, heads).every())


class _Columns:
    def __init__(self, root: MappingNode, standing: Standing, form: Form, heads: Heads) -> None:
        self.root, self.standing, self.form, self.heads = root, standing, form, heads

    def every(self) -> Iterator[Column]:
        parties = next((question for question in self.form.questions if question.key == "parties"), None)
        for number in self.partners():
            for question in parties.of if parties else ():
                yield from self.of_partner(question, ("parties", number, question.key))
        facts = sorted(self.of_deal(), key=lambda column: not column.question.among)
        yield from facts

    # -- the partner

    def items(self) -> tuple[Node, ...]:
        node = self.root.get("parties")
        return node.items if isinstance(node, SequenceNode) else ()

    def partners(self) -> list[str]:
        """Return the numbers of the parties that the base deal does not name, or of the last one."""
        items = self.items()
        count = max(len(items), self.form.parties[0])
        unnamed = [n for n in range(1, count + 1) if n > len(items) or not _text(items[n - 1], ("name",))]
        return [str(number) for number in unnamed or [count]]

    def of_partner(self, question: Question, path: Path) -> Iterator[Column]:
        if question.type == "group":
            for part in question.of:
                yield from self.of_partner(part, (*path, part.key))
            return
        needed = question.needed == "yes" and question.default is None
        if path[2] == "role" or not question.asked or not (question.printed or needed) or not _fits(question):
            return
        said = self.said(path)
        named = bool(self.said((*path[:2], "name")))
        if said and not named:
            return  # the base deal says it for every partner, as that all are limited liability companies
        example = said or question.example or next(iter(question.choices or ()), "")
        if not said and any(_text(item, path[2:]) == example for item in self.items()):
            example = _OTHER.get(path[2], example)
        choices = tuple(question.choices or ()) if question.type == "choice" else ()
        yield self.column(
            path, question, Column("", Address(()), question, needed and not question.when, "", example, choices)
        )

    def said(self, path: Path) -> str:
        items = self.items()
        return _text(items[int(path[1]) - 1], path[2:]) if int(path[1]) <= len(items) else ""

    # -- facts of the deal

    def of_deal(self) -> Iterator[Column]:
        states = {fact.path: fact.state for fact in self.standing.facts}
        for fact in self.standing.facts:
            path, question = fact.path, fact.question
            if path[0] in ("parties", "agreement") or not question.asked or question.fixed or not _fits(question):
                continue
            if path not in self.heads.facts:
                continue
            typed_empty = _empty(_at(self.root, path))
            day = question.type == "date" and fact.state in ("usual", "open")
            beside = fact.state == "open" and question.type in SCALARS and states.get(path[:-1]) == "answered"
            if typed_empty or question.among or fact.state == "missing" or (question.printed and (day or beside)):
                must = fact.state == "missing"
                said = _text(self.root, path)
                default = self.form.defaults.get(".".join(path), question.default)
                usual = said or (node_text(default) if fact.state == "usual" else "")
                choices = self.choices(question)
                example = said or (choices[0] if question.among and choices else question.example or usual)
                made = Column("", Address(()), question, must, usual, example or next(iter(choices), ""), choices)
                # Whether it applies is known: the base deal has what that depends on.
                yield self.column(path, question, replace(made, question=replace(question, when="")))

    def choices(self, question: Question) -> tuple[str, ...]:
        item = question.of[0] if question.type == "list" else question
        if question.type == "choice":
            return tuple(item.choices or ())
        if item.type == "yes/no":
            return ("yes", "no")
        list_path, _, part = question.among.rpartition(".")
        there = _at(self.root, tuple(list_path.split("."))) if list_path else None
        return tuple(_text(entry, (part,)) for entry in there.items) if isinstance(there, SequenceNode) else ()

    # -- heads

    def column(self, path: Path, question: Question, made: Column) -> Column:
        several = question.type == "list"
        for head in self.spellings(path, question):
            found = self.heads.address(head)
            if isinstance(found, Address) and found.path == path and found.several == several:
                return replace(made, head=head, address=found)
        raise AssertionError(f"no head leads to {path}")

    def spellings(self, path: Path, question: Question) -> Iterator[str]:
        """Yield heads for a fact, the plainest first; the last is its path, which always leads to it."""
        if path[0] == "parties":
            role = self.heads.roles.get(path[1], "")
            who = role or f"party {path[1]}"
            yield " ".join((who, question.heads[0] if question.heads else " ".join(path[2:]))).capitalize()
            yield " ".join((who, *path[2:])).capitalize()
        else:
            yield from (head.capitalize() for head in question.heads)
            if plain(path[-1]) in self.heads.rounds[1]:  # the label of its row in the agreement
                yield path[-1].capitalize()
            yield " ".join(path).capitalize()
        yield ".".join(path)


def _fits(question: Question) -> bool:
    """Return whether one cell can hold the answer, and the same answer is right whatever the partner is called."""
    item = question.of[0] if question.type == "list" else question
    return item.type in SCALARS and item.type != "party"


def _at(node: Node | None, path: Path) -> Node | None:
    for part in path:
        node = node.get(part) if isinstance(node, MappingNode) else None
    return node


def _empty(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.empty


def _text(node: Node | None, path: Path) -> str:
    """Return the text at `path`, the entries of a list with semicolons between them; "" for nothing."""
    found = _at(node, path)
    if isinstance(found, SequenceNode):
        return "; ".join(item.text.strip() for item in found.items if isinstance(item, ScalarNode))
    return found.text.strip() if isinstance(found, ScalarNode) and not found.empty else ""


KINDS = ("xlsx", "csv")
_HEADS = 3  # heads, help, example
_DARK, _LIGHT, _GREY = "1F3864", "DFE7F5", "595959"
_MUST = Look(bold=True, color="FFFFFF", fill=_DARK)
_MAY = Look(bold=True, color=_DARK, fill=_LIGHT)
_SMALL = Look(italic=True, color=_GREY, size=8, top=True)
_EXAMPLE = Look(italic=True, color=_GREY)
# Calibri 8: how many letters stand in a unit of a column's width, and how many points a line takes.
_LETTERS, _LINE = 1.35, 11.0
_LISTS = "(Lists)"
_HELP = (
    "How to fill in this table",
    "Each row below the example is a partner, and becomes an agreement.",
    "Dark heads must be filled in. Light ones may stay empty: then the base deal decides. A cell that holds only - "
    "takes out what the base deal says.",
    "Rows with # in the first column are not read: the two grey ones, and any partner you want to leave out for now.",
    "Columns can be moved, deleted and added. The head of a column is the name of a fact, as in scope.territory; "
    '"agreementgen show questions" lists them. A head in brackets, as in (internal note), is not read.',
    "Text columns keep zip codes and numbers as they are typed. Use Paste Special, Values, so that they stay text.",
    "Save the table as .xlsx or as CSV UTF-8, and build all agreements: "
    "agreementgen batch BASE.yaml TABLE.xlsx -o FOLDER",
)


def table_template(data: bytes, source: str, library: Library, kind: str = "xlsx") -> bytes:
    """Return a table to fill in for the base deal of a file's bytes, as "xlsx" or "csv"; raise InputError."""
    base = answers(data, source)
    if base.problems:
        raise InputError(base.problems)
    form = form_of(base, library)
    found = _possible(columns(base, source, form, library), base, source, form, library)
    if kind == "csv":
        rows = [[made.head for made in found], [made.help for made in found], [made.example for made in found]]
        return to_csv([[SKIP, *row] for row in rows])
    lists = _lists(found)
    sheets = [_table(found, lists), _help()]
    return to_xlsx(Book("Partners", (*sheets, *_listed(lists))))


def _possible(
    found: tuple[Column, ...], base: YamlText, source: str, form: Form, library: Library
) -> tuple[Column, ...]:
    """Return the columns without examples that contradict each other, as that of a legal form beside an LLC.

    The row of examples is read as any row is: what would be wrong with every table is reported here.
    """
    cells = [
        tuple(Cell(text, place(source, row, n)) for n, text in enumerate(texts, 1))
        for row, texts in enumerate(([made.head for made in found], [made.example for made in found]), 1)
    ]
    (row,) = rows_of(Table(tuple(cells)), source, base, form, library)
    idle = {fact.field for fact in look(filled(base, row), source, form).facts if fact.state == "idle"}
    shorts = row.shorts()
    return tuple(replace(made, example="") if ".".join(made.address.at(shorts)) in idle else made for made in found)


def _table(found: tuple[Column, ...], lists: dict[tuple[str, ...], str]) -> Sheet:
    widths = (4.0, *(_width(made) for made in found))
    rows = (
        (Filled(SKIP, _MAY), *(Filled(made.head, _MUST if made.must else _MAY) for made in found)),
        (Filled(SKIP, _SMALL), *(Filled(made.help, _SMALL) for made in found)),
        (Filled(SKIP, _EXAMPLE), *(_example(made) for made in found)),
    )
    lines = [-(-len(made.help) // int(width * _LETTERS)) for made, width in zip(found, widths[1:], strict=True)]
    areas = [f"{column(n)}{_HEADS + 1}:{column(n)}{BATCH.rows}" for n in range(2, len(found) + 2)]
    return Sheet(
        name="Partners",
        rows=rows,
        widths=widths,
        heights=(20.0, (max(lines) + 1) * _LINE, 18.0),
        formats=("@", *(_format(made) for made in found)),
        frozen="C2",
        allowed=tuple(_allowed(made, area, lists) for made, area in zip(found, areas, strict=True)),
        repeated=1,
        landscape=True,
    )


def _width(made: Column) -> float:
    """Return the width of a column in characters: for addresses and sentences, names, and the rest."""
    limits = made.item.limits
    if limits.characters >= 160 or limits.words >= 10 or made.address.several:
        return 42.0
    if limits.characters >= 60 or made.item.type == "email" or len(made.choices) > 6:
        return 32.0
    return float(min(max(len(made.head) + 4, len(made.example) + 2, 18), 28))


def _format(made: Column) -> str:
    """Return the number format of a column: days as 2026-12-01, texts as text; amounts as Excel takes them."""
    if made.address.several:
        return "@"
    match made.question.type:
        case "date":
            return "yyyy-mm-dd"
        case "percent" | "percent or money" | "money" | "integer" | "number":
            return ""
    return "@"


def _example(made: Column) -> Filled:
    if made.question.type == "date":
        try:
            return Filled(read_date(made.example), _EXAMPLE, "yyyy-mm-dd")
        except Unreadable:
            pass  # a word that the question takes besides, or nothing
    return Filled(made.example, _EXAMPLE, "@")


def _allowed(made: Column, area: str, lists: dict[tuple[str, ...], str]) -> Allowed:
    """Return what Excel lets one type: choices of a list, days and figures within limits, texts not too long."""
    title, said = made.head, shown(made.help, 255)
    given = Allowed(area, "any", title=title, help=said)
    item, limits = made.item, made.item.limits
    if made.choices and not made.address.several:
        given = replace(given, kind="list", choices=made.choices, source=lists.get(made.choices, ""))
        return replace(given, error=shown("Choose one of the list: " + ", ".join(made.choices), 255))
    if made.address.several:
        return given
    match item.type:
        case "date":
            error = "Type a day, as in 2026-12-01." + "".join(f" Or: {word}." for word in item.words or ())
            # A word may stand here too: Excel then asks, and keeps it.
            return replace(
                given, kind="date", least="DATE(1950,1,1)", most="DATE(2150,12,31)", error=error, strict=not item.words
            )
        case "percent" if not item.words:
            least, most = (_share(text, usual) for text, usual in ((limits.least, "0"), (limits.most, "1")))
            error = f"Type a percentage with its sign, as in {made.example or '10%'}."
            return replace(given, kind="decimal", least=least, most=most, error=error)
        case "integer" if limits.least and limits.most and not item.words:
            error = f"Type a whole number from {limits.least} to {limits.most}."
            return replace(given, kind="whole", least=limits.least, most=limits.most, error=error)
        case "text" | "email":
            most = str(limits.characters or MAX_CHARACTERS)
            error = f"At most {most} characters fit."
            return replace(given, kind="textLength", least="0", most=most, error=error)
    return given


def _share(text: str, usual: str) -> str:
    """Return a limit such as 90% as the number that a spreadsheet holds."""
    return f"{Decimal(text.rstrip('% ')) / 100:f}" if text else usual


def _lists(found: tuple[Column, ...]) -> dict[tuple[str, ...], str]:
    """Return the lists that are too long for Excel to hold in one line, with the cells they stand in."""
    long = dict.fromkeys(made.choices for made in found if made.choices and not in_one_line(made.choices))
    return {choices: f"'{_LISTS}'!${column(n)}$1:${column(n)}${len(choices)}" for n, choices in enumerate(long, 1)}


def _listed(lists: dict[tuple[str, ...], str]) -> tuple[Sheet, ...]:
    if not lists:
        return ()
    plain = Look(ruled=False)
    rows = tuple(
        tuple(Filled(text, plain, "@") if text else None for text in row) for row in zip_longest(*lists, fillvalue="")
    )
    return (Sheet(_LISTS, rows, tuple(24.0 for _ in lists)),)


def _help() -> Sheet:
    plain, strong = Look(ruled=False, top=True), Look(bold=True, color=_DARK, size=14, ruled=False)
    rows = tuple((Filled(text, plain if n else strong),) for n, text in enumerate(_HELP))
    heights = tuple(24.0 if not n else 14.0 * -(-len(text) // 80) + 4 for n, text in enumerate(_HELP))
    return Sheet("(Help)", rows, (84.0,), heights)

"""An empty table for a deal: a column for each fact that differs from partner to partner, with help and examples.

Its second and third row, help and example, have # in their first column: the reader leaves such rows out.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import zip_longest

from agreementgen.batch.columns import Column, columns
from agreementgen.batch.documents import answers
from agreementgen.batch.rows import filled
from agreementgen.batch.table import SKIP, rows_of
from agreementgen.deal.answers import MAX_CHARACTERS
from agreementgen.deal.characters import shown
from agreementgen.deal.reading import Form
from agreementgen.deal.standing import look
from agreementgen.deal.values import Unreadable, read_date
from agreementgen.deal.yamlfile import YamlText
from agreementgen.errors import InputError
from agreementgen.library.library import Library
from agreementgen.pipeline import form_of
from agreementgen.sheets.cells import BATCH, Cell, Table, column, place
from agreementgen.sheets.csvfile import to_csv
from agreementgen.sheets.writing import Allowed, Book, Filled, Look, Sheet, in_one_line, to_xlsx

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

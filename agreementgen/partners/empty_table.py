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

from agreementgen.core.characters import quote_text
from agreementgen.core.problems import InputError
from agreementgen.core.values import Unreadable, read_date
from agreementgen.deal.deal import Form
from agreementgen.deal.forms import write_node_inline
from agreementgen.deal.question_types import (
    MAX_CHARACTERS,
    ChoiceType,
    DateType,
    EmailType,
    IntegerType,
    PercentOrMoneyType,
    PercentType,
    TextType,
    YesNoType,
)
from agreementgen.deal.questions import Question, Structure
from agreementgen.deal.reader import DealStatus, read_status
from agreementgen.language.conditions import FactNames, read_condition
from agreementgen.library.library import Library
from agreementgen.partners.rows import FactAddress, FactPath, apply_row
from agreementgen.partners.table import SKIP_MARK, HeadIndex, normalize_head, read_rows
from agreementgen.pipeline import form_of
from agreementgen.sheets.cells import BATCH_LIMITS, Cell, CellTable, column_letters, place_of_cell
from agreementgen.sheets.table_reader import write_csv
from agreementgen.sheets.workbook_writer import (
    CellStyle,
    EntryRule,
    NewCell,
    Sheet,
    Workbook,
    fits_one_line,
    write_xlsx,
)
from agreementgen.sources import read_deal_text
from agreementgen.yamlfile.nodes import MappingNode, Node, ScalarNode, SequenceNode, YamlText

# The name of a party must differ from those of all others, and examples come from one pair of parties.
_PARTNER_EXAMPLES = {"name": "Bay Rank Digital, Inc.", "short": "Bay Rank", "email": "lee@bayrank.example"}


@dataclass(frozen=True)
class TemplateColumn:
    """A column to fill in. `usual` is what the base deal says where a cell stays empty; `must`: none may stay empty.

    `choices` are the only texts allowed (none: anything its question takes).
    """

    head: str
    address: FactAddress
    question: Question
    required: bool = False
    usual: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()

    @property
    def entry_question(self) -> Question:
        """The question of one entry, for a column of lists."""
        return self.question.parts[0] if self.address.several else self.question

    @property
    def help(self) -> str:
        """What belongs into the column, in a few sentences."""
        question = self.question
        said = [question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}.", question.help]
        if question.when:
            said.append(f"Only where {read_condition(question.when).in_words(_name_in_words)}.")
        if self.choices:
            said.append(f"One of: {', '.join(self.choices)}.")
        limits = self.entry_question.limits
        kind = self.entry_question.type
        # The limits of "percent or money" are for percentages only.
        if limits.least and limits.most and kind.is_measured and not isinstance(kind, PercentOrMoneyType):
            said.append(f"From {limits.least} to {limits.most}.")
        if self.address.several:
            said.append("Put a semicolon between several.")
        if self.required:
            said.append("Must be filled in.")
        elif self.usual:
            said.append(f'Empty means "{self.usual}", as in the base deal.')
        return " ".join(part for part in said if part)


def _name_in_words(names: FactNames) -> tuple[str, str]:
    return " ".join(names[1:] if names[0] == "this" else names).replace("_", " "), ""


def choose_columns(base: YamlText, form: Form, library: Library) -> tuple[TemplateColumn, ...]:
    """Return the columns of a table over the deal `base`, those of the partner first."""
    heads = HeadIndex(library, form, base.root)
    return tuple(_ColumnChooser(base.root, read_status(base, form), form, heads).choose())


class _ColumnChooser:
    def __init__(self, root: MappingNode, standing: DealStatus, form: Form, heads: HeadIndex) -> None:
        self.root, self.standing, self.form, self.heads = root, standing, form, heads

    def choose(self) -> Iterator[TemplateColumn]:
        parties = next((question for question in self.form.questions if question.key == "parties"), None)
        for number in self.partner_numbers():
            for question in parties.parts if parties else ():
                yield from self.columns_of_partner(question, ("parties", number, question.key))
        facts = sorted(self.columns_of_deal(), key=lambda column: not column.question.among_path)
        yield from facts

    # -- the partner

    def base_parties(self) -> tuple[Node, ...]:
        node = self.root.get("parties")
        return node.items if isinstance(node, SequenceNode) else ()

    def partner_numbers(self) -> list[str]:
        """Return the numbers of the parties that the base deal does not name, or of the last one."""
        items = self.base_parties()
        count = max(len(items), self.form.party_limits[0])
        unnamed = [n for n in range(1, count + 1) if n > len(items) or not _text_at(items[n - 1], ("name",))]
        return [str(number) for number in unnamed or [count]]

    def columns_of_partner(self, question: Question, path: FactPath) -> Iterator[TemplateColumn]:
        if question.is_group:
            for part in question.parts:
                yield from self.columns_of_partner(part, (*path, part.key))
            return
        needed = question.needed == "yes" and question.default is None
        if path[2] == "role" or not question.asked or not (question.printed or needed) or not _fits_one_cell(question):
            return
        said = self.base_text(path)
        named = bool(self.base_text((*path[:2], "name")))
        if said and not named:
            return  # the base deal says it for every partner, as that all are limited liability companies
        example = said or question.example or next(iter(question.choices or ()), "")
        if not said and any(_text_at(item, path[2:]) == example for item in self.base_parties()):
            example = _PARTNER_EXAMPLES.get(path[2], example)
        choices = tuple(question.choices or ()) if isinstance(question.type, ChoiceType) else ()
        yield self.add_head(
            path,
            question,
            TemplateColumn("", FactAddress(()), question, needed and not question.when, "", example, choices),
        )

    def base_text(self, path: FactPath) -> str:
        items = self.base_parties()
        return _text_at(items[int(path[1]) - 1], path[2:]) if int(path[1]) <= len(items) else ""

    # -- facts of the deal

    def columns_of_deal(self) -> Iterator[TemplateColumn]:
        states = {fact.path: fact.state for fact in self.standing.facts}
        for fact in self.standing.facts:
            path, question = fact.path, fact.question
            if (
                path[0] in ("parties", "agreement")
                or not question.asked
                or question.fixed
                or not _fits_one_cell(question)
            ):
                continue
            if path not in self.heads.facts:
                continue
            typed_empty = _is_empty(_node_at(self.root, path))
            day = isinstance(question.type, DateType) and fact.state in ("usual", "open")
            beside = fact.state == "open" and question.is_scalar and states.get(path[:-1]) == "answered"
            if typed_empty or question.among_path or fact.state == "missing" or (question.printed and (day or beside)):
                must = fact.state == "missing"
                said = _text_at(self.root, path)
                default = self.form.defaults.get(".".join(path), question.default)
                usual = said or (write_node_inline(default) if fact.state == "usual" else "")
                choices = self.list_choices(question)
                example = said or (choices[0] if question.among_path and choices else question.example or usual)
                made = TemplateColumn(
                    "", FactAddress(()), question, must, usual, example or next(iter(choices), ""), choices
                )
                # Whether it applies is known: the base deal has what that depends on.
                yield self.add_head(path, question, replace(made, question=replace(question, when="")))

    def list_choices(self, question: Question) -> tuple[str, ...]:
        item = question.item
        if isinstance(question.type, ChoiceType):
            return tuple(item.choices or ())
        if isinstance(item.type, YesNoType):
            return ("yes", "no")
        list_path, _, part = question.among_path.rpartition(".")
        there = _node_at(self.root, tuple(list_path.split("."))) if list_path else None
        return tuple(_text_at(entry, (part,)) for entry in there.items) if isinstance(there, SequenceNode) else ()

    # -- heads

    def add_head(self, path: FactPath, question: Question, made: TemplateColumn) -> TemplateColumn:
        several = question.structure is Structure.LIST
        for head in self.list_heads(path, question):
            found = self.heads.find_address(head)
            if isinstance(found, FactAddress) and found.path == path and found.several == several:
                return replace(made, head=head, address=found)
        raise AssertionError(f"no head leads to {path}")

    def list_heads(self, path: FactPath, question: Question) -> Iterator[str]:
        """Yield heads for a fact, the plainest first; the last is its path, which always leads to it."""
        if path[0] == "parties":
            role = self.heads.roles.get(path[1], "")
            who = role or f"party {path[1]}"
            yield " ".join((who, question.other_heads[0] if question.other_heads else " ".join(path[2:]))).capitalize()
            yield " ".join((who, *path[2:])).capitalize()
        else:
            yield from (head.capitalize() for head in question.other_heads)
            if normalize_head(path[-1]) in self.heads.rounds[1]:  # the label of its row in the agreement
                yield path[-1].capitalize()
            yield " ".join(path).capitalize()
        yield ".".join(path)


def _fits_one_cell(question: Question) -> bool:
    """Return whether one cell can hold the answer, and the same answer is right whatever the partner is called."""
    item = question.item
    return item.is_plain_scalar


def _node_at(node: Node | None, path: FactPath) -> Node | None:
    for part in path:
        node = node.get(part) if isinstance(node, MappingNode) else None
    return node


def _is_empty(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.is_empty


def _text_at(node: Node | None, path: FactPath) -> str:
    """Return the text at `path`, the entries of a list with semicolons between them; "" for nothing."""
    found = _node_at(node, path)
    if isinstance(found, SequenceNode):
        return "; ".join(item.text.strip() for item in found.items if isinstance(item, ScalarNode))
    return found.text.strip() if isinstance(found, ScalarNode) and not found.is_empty else ""


TABLE_FORMATS = ("xlsx", "csv")
_ROWS_ABOVE = 3  # heads, help, example
_DARK, _LIGHT, _GREY = "1F3864", "DFE7F5", "595959"
_REQUIRED_HEAD = CellStyle(bold=True, color="FFFFFF", fill=_DARK)
_OPTIONAL_HEAD = CellStyle(bold=True, color=_DARK, fill=_LIGHT)
_HELP_LOOK = CellStyle(italic=True, color=_GREY, size=8, at_top=True)
_EXAMPLE_LOOK = CellStyle(italic=True, color=_GREY)
# Calibri 8: how many letters stand in a unit of a column's width, and how many points a line takes.
_LETTERS_PER_WIDTH, _LINE_POINTS = 1.35, 11.0
_LISTS_SHEET = "(Lists)"
_HELP_LINES = (
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


def write_empty_table(data: bytes, source: str, library: Library, kind: str = "xlsx") -> bytes:
    """Return a table to fill in for the base deal of a file's bytes, as "xlsx" or "csv"; raise InputError."""
    base = read_deal_text(data, source)
    if base.problems:
        raise InputError(base.problems)
    form = form_of(base, library)
    found = _drop_impossible_examples(choose_columns(base, form, library), base, source, form, library)
    if kind == "csv":
        rows = [[made.head for made in found], [made.help for made in found], [made.example for made in found]]
        return write_csv([[SKIP_MARK, *row] for row in rows])
    lists = _long_lists(found)
    sheets = [_table_sheet(found, lists), _help_sheet()]
    return write_xlsx(Workbook("Partners", (*sheets, *_list_sheets(lists))))


def _drop_impossible_examples(
    found: tuple[TemplateColumn, ...], base: YamlText, source: str, form: Form, library: Library
) -> tuple[TemplateColumn, ...]:
    """Return the columns without examples that contradict each other, as that of a legal form beside an LLC.

    The row of examples is read as any row is: what would be wrong with every table is reported here.
    """
    cells = [
        tuple(Cell(text, place_of_cell(source, row, n)) for n, text in enumerate(texts, 1))
        for row, texts in enumerate(([made.head for made in found], [made.example for made in found]), 1)
    ]
    (row,) = read_rows(CellTable(tuple(cells)), source, base, form, library)
    idle = {fact.field for fact in read_status(apply_row(base, row), form).facts if fact.state == "idle"}
    shorts = row.short_names()
    return tuple(
        replace(made, example="") if ".".join(made.address.path_in_deal(shorts)) in idle else made for made in found
    )


def _table_sheet(found: tuple[TemplateColumn, ...], lists: dict[tuple[str, ...], str]) -> Sheet:
    widths = (4.0, *(_column_width(made) for made in found))
    rows = (
        (
            NewCell(SKIP_MARK, _OPTIONAL_HEAD),
            *(NewCell(made.head, _REQUIRED_HEAD if made.required else _OPTIONAL_HEAD) for made in found),
        ),
        (NewCell(SKIP_MARK, _HELP_LOOK), *(NewCell(made.help, _HELP_LOOK) for made in found)),
        (NewCell(SKIP_MARK, _EXAMPLE_LOOK), *(_example_cell(made) for made in found)),
    )
    lines = [
        -(-len(made.help) // int(width * _LETTERS_PER_WIDTH)) for made, width in zip(found, widths[1:], strict=True)
    ]
    areas = [
        f"{column_letters(n)}{_ROWS_ABOVE + 1}:{column_letters(n)}{BATCH_LIMITS.rows}" for n in range(2, len(found) + 2)
    ]
    return Sheet(
        name="Partners",
        rows=rows,
        widths=widths,
        heights=(20.0, (max(lines) + 1) * _LINE_POINTS, 18.0),
        column_formats=("@", *(_number_format(made) for made in found)),
        first_scrolled="C2",
        entry_rules=tuple(_allowed_input(made, area, lists) for made, area in zip(found, areas, strict=True)),
        repeated_rows=1,
        landscape=True,
    )


def _column_width(made: TemplateColumn) -> float:
    """Return the width of a column in characters: for addresses and sentences, names, and the rest."""
    limits = made.entry_question.limits
    if limits.characters >= 160 or limits.words >= 10 or made.address.several:
        return 42.0
    if limits.characters >= 60 or isinstance(made.entry_question.type, EmailType) or len(made.choices) > 6:
        return 32.0
    return float(min(max(len(made.head) + 4, len(made.example) + 2, 18), 28))


def _number_format(made: TemplateColumn) -> str:
    """Return the number format of a column: days as 2026-12-01, texts as text; amounts as Excel takes them."""
    return "@" if made.address.several else made.question.type.sheet_format


def _example_cell(made: TemplateColumn) -> NewCell:
    if isinstance(made.question.type, DateType):
        try:
            return NewCell(read_date(made.example), _EXAMPLE_LOOK, "yyyy-mm-dd")
        except Unreadable:
            pass  # a word that the question takes besides, or nothing
    return NewCell(made.example, _EXAMPLE_LOOK, "@")


def _allowed_input(made: TemplateColumn, area: str, lists: dict[tuple[str, ...], str]) -> EntryRule:
    """Return what Excel lets one type: choices of a list, days and figures within limits, texts not too long."""
    title, said = made.head, quote_text(made.help, 255)
    given = EntryRule(area, "any", title=title, help=said)
    item, limits = made.entry_question, made.entry_question.limits
    if made.choices and not made.address.several:
        given = replace(given, kind="list", choices=made.choices, source=lists.get(made.choices, ""))
        return replace(given, error=quote_text("Choose one of the list: " + ", ".join(made.choices), 255))
    if made.address.several:
        return given
    match item.type:
        case DateType():
            error = "Type a day, as in 2026-12-01." + "".join(f" Or: {word}." for word in item.words or ())
            # A word may stand here too: Excel then asks, and keeps it.
            strict = not item.words
            return replace(
                given, kind="date", minimum="DATE(1950,1,1)", maximum="DATE(2150,12,31)", error=error, strict=strict
            )
        case PercentType() if not item.words:
            least, most = (_percent_to_share(text, usual) for text, usual in ((limits.least, "0"), (limits.most, "1")))
            error = f"Type a percentage with its sign, as in {made.example or '10%'}."
            return replace(given, kind="decimal", minimum=least, maximum=most, error=error)
        case IntegerType() if limits.least and limits.most and not item.words:
            error = f"Type a whole number from {limits.least} to {limits.most}."
            return replace(given, kind="whole", minimum=limits.least, maximum=limits.most, error=error)
        case TextType() | EmailType():
            most = str(limits.characters or MAX_CHARACTERS)
            error = f"At most {most} characters fit."
            return replace(given, kind="textLength", minimum="0", maximum=most, error=error)
    return given


def _percent_to_share(text: str, usual: str) -> str:
    """Return a limit such as 90% as the number that a spreadsheet holds."""
    return f"{Decimal(text.rstrip('% ')) / 100:f}" if text else usual


def _long_lists(found: tuple[TemplateColumn, ...]) -> dict[tuple[str, ...], str]:
    """Return the lists that are too long for Excel to hold in one line, with the cells they stand in."""
    long = dict.fromkeys(made.choices for made in found if made.choices and not fits_one_line(made.choices))
    return {
        choices: f"'{_LISTS_SHEET}'!${column_letters(n)}$1:${column_letters(n)}${len(choices)}"
        for n, choices in enumerate(long, 1)
    }


def _list_sheets(lists: dict[tuple[str, ...], str]) -> tuple[Sheet, ...]:
    if not lists:
        return ()
    plain = CellStyle(bordered=False)
    rows = tuple(
        tuple(NewCell(text, plain, "@") if text else None for text in row) for row in zip_longest(*lists, fillvalue="")
    )
    return (Sheet(_LISTS_SHEET, rows, tuple(24.0 for _ in lists)),)


def _help_sheet() -> Sheet:
    plain, strong = CellStyle(bordered=False, at_top=True), CellStyle(bold=True, color=_DARK, size=14, bordered=False)
    rows = tuple((NewCell(text, plain if n else strong),) for n, text in enumerate(_HELP_LINES))
    heights = tuple(24.0 if not n else 14.0 * -(-len(text) // 80) + 4 for n, text in enumerate(_HELP_LINES))
    return Sheet("(Help)", rows, (84.0,), heights)

"""An empty table to fill in for a base deal: a column for each fact that differs from partner to partner.

These are what the partner itself says (the party that the base deal does not name, or else its last one), facts that
must be answered and are not, facts whose name stands in the base deal with nothing behind it, the tier, days that the
base leaves open, and open facts of those topics which the base speaks of. Any other fact can be added by hand.

The second and third row, help and example, have # in their first column: the reader leaves such rows out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import zip_longest

from agreementgen.core.problems import InputError, quote_text
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
from agreementgen.deal.reader import DealStatus, FactPath, read_status
from agreementgen.language.conditions import FactNames, read_condition
from agreementgen.library.deal_reading import form_of
from agreementgen.library.library import Library
from agreementgen.partners.heads import HeadIndex, normalize_head
from agreementgen.partners.rows import FactAddress, apply_row, parties_of
from agreementgen.partners.table import SKIP_MARK, read_rows
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
# The name of a party must differ from those of all others, and examples come from one pair of parties.
_PARTNER_EXAMPLES = {"name": "Bay Rank Digital, Inc.", "short": "Bay Rank", "email": "lee@bayrank.example"}


@dataclass(frozen=True)
class TemplateColumn:
    """A column to fill in. `usual` is what the base deal says where a cell stays empty.

    `required`: no cell may stay empty. `choices` are the only texts allowed (none: anything its question takes).
    """

    head: str
    address: FactAddress
    question: Question
    required: bool = False
    usual: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()

    @property
    def help(self) -> str:
        """What belongs into the column, in a few sentences."""
        question = self.question
        sentences = [question.prompt if question.prompt.endswith(("?", ".")) else f"{question.prompt}.", question.help]
        if question.when:
            sentences.append(f"Only where {read_condition(question.when).in_words(_name_in_words)}.")
        if self.choices:
            sentences.append(f"One of: {', '.join(self.choices)}.")
        item = self.question.item
        # The limits of "percent or money" are for percentages only.
        if item.type.is_measured and not isinstance(item.type, PercentOrMoneyType) and (said := item.describe_range()):
            sentences.append(said)
        if self.address.several:
            sentences.append("Put a semicolon between several.")
        if self.required:
            sentences.append("Must be filled in.")
        elif self.usual:
            sentences.append(f'Empty means "{self.usual}", as in the base deal.')
        return " ".join(filter(None, sentences))


def _name_in_words(names: FactNames) -> tuple[str, str]:
    return " ".join(names[1:] if names[0] == "this" else names).replace("_", " "), ""


def choose_columns(base: YamlText, form: Form, library: Library) -> tuple[TemplateColumn, ...]:
    """Return the columns of a table over the deal `base`, those of the partner first."""
    heads = HeadIndex(library, form, base.root)
    return tuple(_ColumnChooser(base.root, read_status(base, form), form, heads).choose())


class _ColumnChooser:
    def __init__(self, root: MappingNode, status: DealStatus, form: Form, heads: HeadIndex) -> None:
        self.root, self.status, self.form, self.heads = root, status, form, heads
        self.parties = parties_of(root)

    def choose(self) -> Iterator[TemplateColumn]:
        parties = next((question for question in self.form.questions if question.key == "parties"), None)
        for number in self.partner_numbers():
            for question in parties.parts if parties else ():
                yield from self.columns_of_partner(question, ("parties", number, question.key))
        yield from sorted(self.columns_of_deal(), key=lambda column: not column.question.among_path)

    # -- the partner

    def partner_numbers(self) -> list[str]:
        """Return the numbers of the parties that the base deal does not name, or of the last one."""
        count = max(len(self.parties), self.form.party_limits[0])
        unnamed = [n for n in range(1, count + 1) if not self.text_of_party(("parties", str(n), "name"))]
        return [str(number) for number in unnamed or [count]]

    def columns_of_partner(self, question: Question, path: FactPath) -> Iterator[TemplateColumn]:
        if question.is_group:
            # A group that may be answered "no" is for few partners: whoever needs it writes its heads.
            for part in question.parts if question.words is None else ():
                yield from self.columns_of_partner(part, (*path, part.key))
            return
        needed = question.needed == "yes" and question.default is None
        fits_one_cell = question.item.is_plain_scalar
        if path[2] == "role" or not question.asked or not (question.printed or needed) or not fits_one_cell:
            return
        text = self.text_of_party(path)
        if text and not self.text_of_party((*path[:2], "name")):
            return  # the base deal says it for every partner, as that all are limited liability companies
        example = text or question.example or next(iter(question.choices or ()), "")
        if not text and any(_text_at(party, path[2:]) == example for party in self.parties):
            example = _PARTNER_EXAMPLES.get(path[2], example)
        if path[2:] == ("signatory", "name"):
            example = example.partition(",")[0]  # the title has a column of its own
        choices = tuple(question.choices or ()) if isinstance(question.type, ChoiceType) else ()
        head, address = self.find_head(path, question)
        yield TemplateColumn(head, address, question, needed and not question.when, "", example, choices)

    def text_of_party(self, path: FactPath) -> str:
        """Return what the base deal says at the path of a fact of a party."""
        index = int(path[1]) - 1
        return _text_at(self.parties[index], path[2:]) if index < len(self.parties) else ""

    # -- facts of the deal

    def columns_of_deal(self) -> Iterator[TemplateColumn]:
        states = {fact.path: fact.state for fact in self.status.facts}
        for fact in self.status.facts:
            path, question, state = fact.path, fact.question, fact.state
            if path[0] in ("parties", "agreement") or path not in self.heads.facts:
                continue
            # The same answer must be right whatever the partner is called: no party can be one.
            if not question.asked or question.fixed or not question.item.is_plain_scalar:
                continue
            node = _node_at(self.root, path)
            is_typed_empty = isinstance(node, ScalarNode) and node.is_empty
            is_open_day = isinstance(question.type, DateType) and state in ("usual", "open")
            is_beside = state == "open" and question.is_scalar and states.get(path[:-1]) == "answered"
            is_wanted = question.printed and (is_open_day or is_beside)
            if not (is_typed_empty or question.among_path or state == "missing" or is_wanted):
                continue
            text = _text_at(self.root, path)
            default = self.form.usual_answer(".".join(path), question, self.status.fact_values)
            usual = text or (write_node_inline(default) if state == "usual" else "")
            choices = self.list_choices(question)
            example = text or (choices[0] if question.among_path and choices else question.example or usual)
            example = example or next(iter(choices), "")
            head, address = self.find_head(path, question)
            # Whether it applies is known: the base deal has what that depends on.
            question = replace(question, when="")
            yield TemplateColumn(head, address, question, state == "missing", usual, example, choices)

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

    def find_head(self, path: FactPath, question: Question) -> tuple[str, FactAddress]:
        """Return the plainest head that leads to a fact, and its address."""
        several = question.structure is Structure.LIST
        for head in self.list_heads(path, question):
            address = self.heads.find_address(head)
            if isinstance(address, FactAddress) and address.path == path and address.several == several:
                return head, address
        raise AssertionError(f"no head leads to {path}")

    def list_heads(self, path: FactPath, question: Question) -> Iterator[str]:
        """Yield heads for a fact, the plainest first; the last is its path, which always leads to it."""
        if path[0] == "parties":
            party = self.heads.roles.get(path[1], "") or f"party {path[1]}"
            yield f"{party} {question.other_heads[0] if question.other_heads else ' '.join(path[2:])}".capitalize()
            yield " ".join((party, *path[2:])).capitalize()
        else:
            yield from (head.capitalize() for head in question.other_heads)
            if normalize_head(path[-1]) in self.heads.rounds[1]:  # the label of its row in the agreement
                yield path[-1].capitalize()
            yield " ".join(path).capitalize()
        yield ".".join(path)


def _node_at(node: Node | None, path: FactPath) -> Node | None:
    for part in path:
        node = node.get(part) if isinstance(node, MappingNode) else None
    return node


def _text_at(node: Node | None, path: FactPath) -> str:
    """Return the text at `path`, the entries of a list with semicolons between them; "" for nothing."""
    found = _node_at(node, path)
    if isinstance(found, SequenceNode):
        return "; ".join(item.text.strip() for item in found.items if isinstance(item, ScalarNode))
    return found.text.strip() if isinstance(found, ScalarNode) and not found.is_empty else ""


# -- writing


def write_empty_table(data: bytes, source: str, library: Library, kind: str = "xlsx") -> bytes:
    """Return a table to fill in for the base deal of a file's bytes, as "xlsx" or "csv"; raise InputError."""
    base = read_deal_text(data, source)
    if base.problems:
        raise InputError(base.problems)
    form = form_of(base, library)
    columns = _drop_impossible_examples(choose_columns(base, form, library), base, source, form, library)
    if kind == "csv":
        heads, helps = [column.head for column in columns], [column.help for column in columns]
        return write_csv([SKIP_MARK, *row] for row in (heads, helps, [column.example for column in columns]))
    lists = _long_lists(columns)
    return write_xlsx(Workbook("Partners", (_table_sheet(columns, lists), _help_sheet(), *_list_sheets(lists))))


def _drop_impossible_examples(
    columns: tuple[TemplateColumn, ...], base: YamlText, source: str, form: Form, library: Library
) -> tuple[TemplateColumn, ...]:
    """Return the columns without examples that contradict each other, as that of a legal form beside an LLC.

    The row of examples is read as any row is: what would be wrong with every table is reported here.
    """
    texts = ([column.head for column in columns], [column.example for column in columns])
    cells = [
        tuple(Cell(text, place_of_cell(source, row, n)) for n, text in enumerate(line, 1))
        for row, line in enumerate(texts, 1)
    ]
    (row,) = read_rows(CellTable(tuple(cells)), source, base, form, library)
    idle = {fact.field for fact in read_status(apply_row(base, row), form).facts if fact.state == "idle"}
    paths = [".".join(column.address.path_in_deal(row.short_names())) for column in columns]
    return tuple(
        replace(column, example="") if path in idle else column for column, path in zip(columns, paths, strict=True)
    )


def _table_sheet(columns: tuple[TemplateColumn, ...], lists: dict[tuple[str, ...], str]) -> Sheet:
    widths = tuple(_column_width(column) for column in columns)
    heads = [NewCell(column.head, _REQUIRED_HEAD if column.required else _OPTIONAL_HEAD) for column in columns]
    rows = (
        (NewCell(SKIP_MARK, _OPTIONAL_HEAD), *heads),
        (NewCell(SKIP_MARK, _HELP_LOOK), *(NewCell(column.help, _HELP_LOOK) for column in columns)),
        (NewCell(SKIP_MARK, _EXAMPLE_LOOK), *(_example_cell(column) for column in columns)),
    )
    help_lines = max(
        -(-len(column.help) // int(width * _LETTERS_PER_WIDTH)) for column, width in zip(columns, widths, strict=True)
    )
    letters = [column_letters(n) for n in range(2, len(columns) + 2)]
    areas = [f"{letter}{_ROWS_ABOVE + 1}:{letter}{BATCH_LIMITS.rows}" for letter in letters]
    return Sheet(
        name="Partners",
        rows=rows,
        widths=(4.0, *widths),
        heights=(20.0, (help_lines + 1) * _LINE_POINTS, 18.0),
        column_formats=("@", *(_number_format(column) for column in columns)),
        first_scrolled="C2",
        entry_rules=tuple(_allowed_input(column, area, lists) for column, area in zip(columns, areas, strict=True)),
        repeated_rows=1,
        landscape=True,
    )


def _column_width(column: TemplateColumn) -> float:
    """Return the width of a column in characters: for addresses and sentences, names, and the rest."""
    limits = column.question.item.limits
    if limits.characters >= 160 or limits.words >= 10 or column.address.several:
        return 42.0
    if limits.characters >= 60 or isinstance(column.question.item.type, EmailType) or len(column.choices) > 6:
        return 32.0
    return float(min(max(len(column.head) + 4, len(column.example) + 2, 18), 28))


def _number_format(column: TemplateColumn) -> str:
    """Return the number format of a column: days as 2026-12-01, texts as text; amounts as Excel takes them."""
    return "@" if column.address.several else column.question.type.sheet_format


def _example_cell(column: TemplateColumn) -> NewCell:
    if isinstance(column.question.type, DateType):
        try:
            return NewCell(read_date(column.example), _EXAMPLE_LOOK, "yyyy-mm-dd")
        except Unreadable:
            pass  # a word that the question takes besides, or nothing
    return NewCell(column.example, _EXAMPLE_LOOK, "@")


def _allowed_input(column: TemplateColumn, area: str, lists: dict[tuple[str, ...], str]) -> EntryRule:
    """Return what Excel lets one type: choices of a list, days and figures within limits, texts not too long."""
    rule = EntryRule(area, "any", title=column.head, help=quote_text(column.help, 255))
    item, limits = column.question.item, column.question.item.limits
    if column.choices and not column.address.several:
        rule = replace(rule, kind="list", choices=column.choices, source=lists.get(column.choices, ""))
        return replace(rule, error=quote_text("Choose one of the list: " + ", ".join(column.choices), 255))
    if column.address.several:
        return rule
    match item.type:
        case DateType():
            error = "Type a day, as in 2026-12-01." + "".join(f" Or: {word}." for word in item.words or ())
            # A word may stand here too: Excel then asks, and keeps it.
            strict = not item.words
            return replace(
                rule, kind="date", minimum="DATE(1950,1,1)", maximum="DATE(2150,12,31)", error=error, strict=strict
            )
        case PercentType() if not item.words:
            least, most = (_percent_to_share(text, usual) for text, usual in ((limits.least, "0"), (limits.most, "1")))
            error = f"Type a percentage with its sign, as in {column.example or '10%'}."
            return replace(rule, kind="decimal", minimum=least, maximum=most, error=error)
        case IntegerType() if limits.least and limits.most and not item.words:
            error = f"Type a whole number from {limits.least} to {limits.most}."
            return replace(rule, kind="whole", minimum=limits.least, maximum=limits.most, error=error)
        case TextType() | EmailType():
            most = str(limits.characters or MAX_CHARACTERS)
            error = f"At most {most} characters fit."
            return replace(rule, kind="textLength", minimum="0", maximum=most, error=error)
    return rule


def _percent_to_share(text: str, usual: str) -> str:
    """Return a limit such as 90% as the number that a spreadsheet holds."""
    return f"{Decimal(text.rstrip('% ')) / 100:f}" if text else usual


def _long_lists(columns: tuple[TemplateColumn, ...]) -> dict[tuple[str, ...], str]:
    """Return the lists that are too long for Excel to hold in one line, with the cells they stand in."""
    long = dict.fromkeys(column.choices for column in columns if column.choices and not fits_one_line(column.choices))
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

"""Filled workbooks of orders in which something is wrong: told at the sheet and cell, once for each cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any

import openpyxl
import pytest
from accounts import sample
from openpyxl.comments import Comment
from workbooks import read_deal, type_row

from agreementgen.core.problems import InputError
from agreementgen.ledger.entry_sheets import BookSize
from agreementgen.ledger.filled_book import FilledBook, read_filled_book
from agreementgen.ledger.statement import StatementFacts, write_statement
from agreementgen.ledger.workbook import BookPlan, draft_document, plan_book, read_book_terms, write_book
from agreementgen.library.loading import built_in_library
from agreementgen.memo.sections import each_memo_text

_MAY, _JUNE = date(2027, 5, 3), date(2027, 6, 1)
ROWS: dict[str, list[dict[str, Any]]] = {
    "supply": [
        {"day": _MAY, "item": "Salad greens", "quantity": 100, "wanted": date(2027, 5, 6), "delivered": date(2027, 5, 6), "got": 100},
        {"day": date(2027, 5, 10), "item": "Salad greens", "quantity": 120, "wanted": date(2027, 5, 13), "delivered": date(2027, 5, 13),
         "got": 110, "rejected": 10},
    ],
    "channel": [
        {"day": _MAY, "order": "A-1", "amount": 1000, "invoiced": date(2027, 5, 6)},
        {"day": date(2027, 5, 10), "order": "A-2", "amount": 500, "invoiced": date(2027, 5, 12), "settled": _JUNE},
    ],
}  # fmt: skip
Change = Callable[[Any, Any], None]


@cache
def _written(name: str) -> tuple[BookPlan, bytes]:
    deal, dates = read_deal(sample(name))
    plan = plan_book(read_book_terms(deal), deal, {}, BookSize(3, 12, date(2027, 12, 31)))
    return plan, write_book(plan, deal, dates)


def read_changed(name: str, change: Change) -> FilledBook:
    plan, data = _written(name)
    book = openpyxl.load_workbook(io.BytesIO(data))
    for number, row in enumerate(ROWS[name], 1):
        type_row(book["Orders"], plan.accounts[0].grid, number, row)
    change(book, book["Orders"])
    buffer = io.BytesIO()
    book.save(buffer)
    return read_filled_book(buffer.getvalue(), "b.xlsx", lambda size: plan)


def _type(**cells: object) -> Change:
    """Return the change that types into cells of the sheet of orders."""

    def change(book: Any, sheet: Any) -> None:
        for name, value in cells.items():
            sheet[name] = value

    return change


def _hide_sheet(book: Any, sheet: Any) -> None:
    sheet.sheet_state = "hidden"


def _rename_sheet(book: Any, sheet: Any) -> None:
    sheet.title = "Orders 2027"


def _move(book: Any, sheet: Any) -> None:
    sheet.move_range("D4:D16", cols=20)


SUPPLY: dict[str, tuple[Change, list[str]]] = {
    "a quantity below 0": (_type(D5=-5), ['Orders!D5: "-5.0" is not a quantity']),
    "nothing ordered": (_type(D5=0), ["Orders!D5: nothing is ordered"]),
    "less than nothing came": (_type(G5=-5), ['Orders!G5: "-5.0" is not a quantity']),
    "more rejected than came": (_type(H5=500), ["Orders!H5: more is rejected than the 100 that came"]),
    "rejected before it came": (_type(F5=None, G5=None, H5=4), ["Orders!H5: it was rejected, but has not come"]),
    "an unknown item": (_type(C5="Carrots"), ['Orders!C5: "Carrots" is not one of the list']),
    "no item": (_type(C5=None), ["Orders!C5: the item is missing"]),
    "no quantity": (_type(D5=None), ["Orders!D5: the quantity is missing"]),
    "a day without what came": (_type(G5=None), ["Orders!G5: how much came is missing"]),
    "what came without a day": (_type(F5=None), ["Orders!F5: the day on which it came is missing"]),
    "came before it was ordered": (_type(F5=date(2027, 5, 1)), ["Orders!F5: it came on 2027-05-01, before it was ordered"]),
    "to come before it was ordered": (_type(E5=date(2027, 5, 1)), ["Orders!E5: it is to come on 2027-05-01, before"]),
    "paid before it was ordered": (_type(M5=date(2027, 4, 10)), ["Orders!M5: it was paid on 2027-04-10, before it was ordered"]),
    "paid, but not come": (_type(F5=None, G5=None, M5=_JUNE), ["Orders!M5: it was paid, but has not come"]),
    "a quantity in words": (_type(D5="many"), ['Orders!D5: "many" is not a quantity']),
    "a quantity with its unit": (_type(D5="100 lb"), ['Orders!D5: "100 lb" is not a quantity']),
    "a number as text": (_type(D5="100"), ['Orders!D5: "100" stands there as a text: the formulas of the workbook do not count it']),
    "a number as text with a comma": (_type(G5="1,200"), ['Orders!G5: "1,200" stands there as a text']),
    "a day as text": (_type(B5="2027-05-03"), ['Orders!B5: "2027-05-03" stands there as a text']),
    "a day that can be two": (_type(B5="5/3/2027"), ['Orders!B5: "5/3/2027" can mean two days']),
    "no day": (_type(B5="soon"), ['Orders!B5: "soon" is not written in a way we read as a date']),
    "a number for a day": (_type(E5="46145"), ['Orders!E5: "46145" is not written in a way we read as a date']),
    "yes for a number": (_type(D5=True), ['Orders!D5: "TRUE" is not a quantity']),
    "an error": (_type(D5="#REF!"), ['Orders!D5: the cell shows the error "#REF!"']),
    "a formula that was not calculated": (_type(D5="=50+50"), ["Orders!D5: the formula of this cell has not been calculated"]),
    "more decimals than are seen": (_type(G5=100.12345), ['Orders!G5: the cell shows "100.123", but holds 100.12345']),
    "before the agreement": (_type(B5=date(2026, 5, 1)), ["Orders!B5: 2026-05-01 is before 2027-04-05"]),
    "not in order": (_type(B6=date(2027, 5, 1)), ["Orders!B6: 2027-05-01 stands below 2027-05-03"]),
    "behind the last period": (_type(F5=date(2127, 5, 1)), ["Orders!F5: 2127-05-01 is behind 2027-12-31"]),
    "neither yes nor empty": (_type(I5="maybe"), ['Orders!I5: "maybe" is not one of the list']),
    "below the table": (_type(B40=_JUNE, C40="Salad greens"), ["Orders!B40: it stands below row 16, the last one that counts"]),
    "a head renamed": (_type(C4="Goods"), ['Orders!C4: the head of this column is "Goods", not "Item"']),
    "a column moved": (_move, ['Orders!D4: the head of this column is "", not "Ordered"']),
    "a column put in": (lambda book, sheet: sheet.insert_cols(4), ['Orders!D4: the head of this column is "", not "Ordered"']),
    "a row put in": (lambda book, sheet: sheet.insert_rows(6), ['Orders!A6: the number of this row is "", not 2']),
    "a row deleted": (lambda book, sheet: sheet.delete_rows(6), ['Orders!A6: the number of this row is "3", not 2']),
    "a row numbered anew": (_type(A5=7), ['Orders!A5: the number of this row is "7", not 1']),
    "cells merged": (lambda book, sheet: sheet.merge_cells("D5:D6"), ["Orders!D5: the cells D5:D6 were merged into one"]),
    "a total typed over its formula": (_type(K5=285), ["Orders!K5: the formula of Owed (USD) is gone: the cell holds a typed value"]),
    "a column of totals typed over": (_type(K5=285, K6=285, K9=0), ["Orders!K5: the formula of Owed (USD) is gone: the cell holds a typed "
                                                                    "value (and in 2 more rows)"]),
    "a formula changed": (_type(K6="=G6*3"), ["Orders!K6: the formula of Owed (USD) was changed"]),
    "a sheet renamed": (_rename_sheet, [" the sheet Orders is missing"]),
    "a sheet hidden": (_hide_sheet, [" the sheet Orders is missing"]),
    "a price changed": (lambda book, sheet: book["Terms"].__setitem__("B9", 99),
                        ['Terms!B9: Price: Salad greens: the workbook has "99.00", the deal "2.85"']),
    "a period changed": (lambda book, sheet: book["Balance"].__setitem__("A5", datetime(2027, 4, 1)),
                         ['Balance!A5: From was changed to "2027-04-01"']),
}  # fmt: skip
CHANNEL: dict[str, tuple[Change, list[str]]] = {
    "a price below 0": (_type(E5=-5), ['Orders!E5: "-5.00" is not an amount']),
    "no price": (_type(E5=None), ["Orders!E5: the list price is missing"]),
    "parts of a cent": (_type(E5=10.005), ['Orders!E5: the cell shows "10.01", but holds 10.005']),
    "credited too much": (_type(H5=5000), ["Orders!H5: more is credited than the price of 750.00"]),
    "credited, not invoiced": (_type(H5=5, I5=None), ["Orders!I5: it was credited, but not invoiced"]),
    "paid, not invoiced": (_type(I6=None), ["Orders!I6: it was paid, but not invoiced"]),
    "invoiced before it was ordered": (_type(I5=date(2027, 4, 10)), ["Orders!I5: it was invoiced on 2027-04-10, before it was ordered"]),
    "paid before it was ordered": (_type(L6=date(2027, 4, 10)), ["Orders!L6: it was paid on 2027-04-10, before it was ordered"]),
    "all at once": (_type(B5="soon", E5="x", E6="y"), ["Orders!B5: ", "Orders!E5: ", "Orders!E6: "]),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "what"), [("supply", what) for what in SUPPLY] + [("channel", what) for what in CHANNEL]
)
def test_a_bad_book_of_orders_is_told_once_for_each_cell(name: str, what: str) -> None:
    change, expected = {"supply": SUPPLY, "channel": CHANNEL}[name][what]
    with pytest.raises(InputError) as error:
        read_changed(name, change)
    found = [str(problem) for problem in error.value.problems]
    assert len(found) == len(expected), found
    for text, said in zip(found, expected, strict=True):
        assert text.startswith(f"b.xlsx:{said}"), found
        assert "\n  hint: " in text


def test_good_books_of_orders_are_read_without_a_remark() -> None:
    for name, owed in (("supply", ["285.00", "285.00"]), ("channel", ["750.00", "375.00"])):
        book = read_changed(name, _type())
        assert [str(one.results["owed"]) for one in book.accounts["Orders"]] == owed
        assert book.remarks == ()


def _twice(book: Any, sheet: Any) -> None:
    type_row(sheet, _written("supply")[0].accounts[0].grid, 6, ROWS["supply"][1])


def _hide(book: Any, sheet: Any) -> None:
    sheet.row_dimensions[6].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.row_dimensions[9].hidden = True


def _add_sheet(book: Any, sheet: Any) -> None:
    book.create_sheet("Notes")["A1"] = "Call Kim"
    sheet["B5"].comment = Comment("by phone", "Kim")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_twice, ["Orders!A10: row 6 says the same as row 2, and counts, too"]),
        (_hide, ["Orders!A6: this row is hidden, and counts", "Orders!D4: the column Ordered is hidden, and counts"]),
        (_add_sheet, ['Notes!A1: the sheet "Notes" is not of this workbook and is not read']),
        (_type(Z6="Call Kim"), ["Orders!Z6: it stands beside the table and is not read"]),
        (_type(G5=1000000), ["Orders!G5: 1,000,000 came of 100 ordered, and all of it is owed"]),
    ],
    ids=["twice", "hidden", "another sheet", "beside", "a sign too many"],
)
def test_what_counts_but_should_be_looked_at_is_a_remark(change: Change, said: list[str]) -> None:
    book = read_changed("supply", change)
    assert [str(one).split("\n")[0] for one in book.remarks] == [f"b.xlsx:{text}" for text in said]
    assert {one.severity for one in book.remarks} == {"W"}


def _forecast(*cells: object) -> Change:
    def change(book: Any, sheet: Any) -> None:
        for row, value in enumerate(cells, 5):
            book["Forecast"][f"E{row}"] = value

    return change


def test_a_statement_of_goods_says_what_was_forecast_ordered_delivered_and_rejected() -> None:
    """The weeks from April 5 on: of that to May 9 120 were forecast, of that to May 16 nothing. 210 of 220 came, 95%."""
    book = read_changed("supply", _forecast(1000, None, None, None, 120))
    deal, _ = read_deal(sample("supply"))
    facts = StatementFacts(book, draft_document(deal, built_in_library()), date(2027, 5, 31))
    text = "\n".join(each_memo_text(write_statement(facts)))
    assert (
        "Forecast, orders and deliveries\n"
        "From\nTo\nItem\nForecast\nOrdered\nCame\nCame of the order\nRejected\n"
        "May 3, 2027\nMay 9, 2027\nSalad greens\n120\n100\n100\n100%\n0\n"
        "May 10, 2027\nMay 16, 2027\nSalad greens\n\n120\n110\n91.67%\n10\n"
    ) in text, text
    assert "May 31, 2027\nSalad greens\n220\n210\n2\n2\nmet" in text
    assert "May 16, 2027\nSalad greens\n1,200\n120\n1,080" in text
    fifth = book.overviews["Forecast"][4]
    assert (fifth["binds"], fifth["short"], str(fifth["share"])) == (date(2027, 4, 5), 20, "0.8333")


@pytest.mark.parametrize(
    ("typed", "said"),
    [(-4, '"-4.0" is not a quantity'), ("120", '"120" stands there as a text'), ("a lot", '"a lot" is not')],
)
def test_a_bad_forecast_is_told_at_its_cell(typed: object, said: str) -> None:
    with pytest.raises(InputError) as error:
        read_changed("supply", _forecast(typed))
    (problem,) = error.value.problems
    assert str(problem).startswith(f"b.xlsx:Forecast!E5: {said}")

"""What the commands share: options, notes beside the results, and an orderly end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from agreementgen.render.formats import AGREEMENT_FORMATS, ALL_FORMATS, CHART_FORMATS

if TYPE_CHECKING:
    from agreementgen.core.values import Duration

packs_option = click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A law firm's pack to lay over the library; may be given several times, the last on top.",
)
paper_option = click.option("--paper", type=click.Choice(["letter", "a4"]), help="Paper; replaces the deal file's.")
layout_option = click.option(
    "--layout",
    type=click.Choice(["auto", "one-page", "one-plus-one"]),
    default="auto",
    help="One page; or key terms and signatures on one and the clauses on a second; auto takes one if it can.",
)
output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("."), help="Folder for the documents."
)
force_option = click.option("--force", is_flag=True, help="Overwrite files that agreementgen did not write.")


def _list_with_or(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


_CHART_ONLY = [name for name in CHART_FORMATS if name not in AGREEMENT_FORMATS]
formats_option = click.option(
    "-f",
    "--formats",
    default="docx,pdf",
    show_default=True,
    help=f"Any of {', '.join(AGREEMENT_FORMATS)}; with {_list_with_or(_CHART_ONLY)}, RACI charts beside agreements are "
    "written so, too.",
)
chart_formats_option = click.option(
    "-f", "--formats", default="docx,pdf", show_default=True, help=f"Any of {', '.join(CHART_FORMATS)}."
)


DATE_FORMATS = ("ics", "csv", "xlsx")
MEMO_FORMATS = ("docx", "pdf", "json")
STATEMENT_FORMATS = ("docx", "pdf")


def parse_formats(text: str) -> tuple[str, ...]:
    """Return the formats of agreements and of the charts beside them; raise UsageError for what is none."""
    wanted = _parse_names(text, ALL_FORMATS)
    if not set(wanted) & set(AGREEMENT_FORMATS):
        needed = _list_with_or(AGREEMENT_FORMATS)
        raise click.UsageError(f"{' and '.join(_CHART_ONLY)} are for RACI charts; add {needed} for the agreement")
    return wanted


def parse_agreement_formats(text: str) -> tuple[str, ...]:
    """Return formats of agreements alone; raise UsageError for what is none."""
    return _parse_names(text, AGREEMENT_FORMATS)


def parse_chart_formats(text: str) -> tuple[str, ...]:
    """Return the formats of charts that stand alone; raise UsageError for what is none."""
    return _parse_names(text, CHART_FORMATS)


def parse_date_formats(text: str) -> tuple[str, ...]:
    """Return the formats of dates; raise UsageError for what is none."""
    return _parse_names(text, DATE_FORMATS)


def parse_memo_formats(text: str) -> tuple[str, ...]:
    """Return the formats of a review memo; raise UsageError for what is none."""
    return _parse_names(text, MEMO_FORMATS)


def parse_statement_formats(text: str) -> tuple[str, ...]:
    """Return the formats of a statement; raise UsageError for what is none."""
    return _parse_names(text, STATEMENT_FORMATS)


def _parse_names(text: str, known: Sequence[str]) -> tuple[str, ...]:
    wanted = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise click.UsageError(f'"{", ".join(unknown) or text}" is not a format; choose from {", ".join(known)}')
    return tuple(name for name in known if name in wanted)


class DayType(click.ParamType[date]):
    """A day on the command line, written like any date in a deal file."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        from agreementgen.core.values import Unreadable, read_date

        if isinstance(value, date):
            return value
        try:
            return read_date(str(value))
        except Unreadable as error:
            self.fail(f"{error}; write it like 2026-11-28", param, ctx)


class LengthType(click.ParamType["Duration"]):
    """A length of time on the command line, written like any in a deal file."""

    name = "length"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Duration:
        from agreementgen.core.values import Duration, Unreadable, read_duration

        if isinstance(value, Duration):
            return value
        try:
            return read_duration(str(value))
        except Unreadable as error:
            self.fail(f'{error}; write it like "12 months"', param, ctx)


sign_option = click.option(
    "--sign", default="", metavar="WAY", help="Make it ready to sign: pdf (form fields), or the marks of a signing "
    "service: adobe, boldsign, documenso, docuseal, docusign, dropbox-sign, signwell.",
)  # fmt: skip


def require_format_of_fields(sign: str, formats: Sequence[str]) -> None:
    """Raise UsageError where form fields or marks to sign are asked for, and no file that could have them."""
    if sign == "pdf" and "pdf" not in formats:
        raise click.UsageError("--sign pdf puts form fields into the PDF: add pdf to -f")
    if sign and not {"docx", "pdf"} & {*formats}:
        raise click.UsageError(f"--sign {sign} puts marks into the Word file and the PDF: add docx or pdf to -f")


signed_option = click.option(
    "--signed", type=DayType(), metavar="DATE", help="Day of the last signature, where a deal applies from it."
)
judging_day_option = click.option(
    "--today", type=DayType(), metavar="DATE", help="The day by which ages of dates and rules are judged."
)


# More problems than anybody reads at once.
MAX_PROBLEMS = 50


@contextmanager
def ending_like_ctrl_c(*, in_conversation: bool = False) -> Iterator[None]:
    """Let a closed terminal or a polite kill end a command like Ctrl-C does: in order, and with nothing lost.

    A conversation ends so even where the signals, Ctrl-C among them, were ignored when it began.
    """
    names = ("SIGTERM", "SIGHUP", "SIGINT") if in_conversation else ("SIGTERM", "SIGHUP")
    before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
    for number in (getattr(signal, name) for name in names if hasattr(signal, name)):
        # Who starts a batch with nohup wants it to go on.
        if in_conversation or signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

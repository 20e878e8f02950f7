"""The program: the only place that exits, and where problems are printed that stop a command.

Results go to standard output or files, everything said about them to standard error. Exit status: 0 done, 1 a pack has
errors, a deal is stopped by its check or a part of a batch failed, 2 wrong input or usage, 130 interrupted.
"""

from __future__ import annotations

import os
import sys

import click

from agreementgen import __version__
from agreementgen.cli.batch import batch
from agreementgen.cli.checks import check
from agreementgen.cli.dates import calendar
from agreementgen.cli.deals import build, new, raci, schema, show
from agreementgen.cli.options import MAX_PROBLEMS, print_note
from agreementgen.cli.pack import pack
from agreementgen.cli.review import review
from agreementgen.core.problems import AgreementError, count_noun

_LEGAL_NOTICE = (
    "agreementgen writes down what you have agreed. It is no substitute for an attorney: it gives no legal advice. "
    "Have a lawyer read an agreement before you sign it."
)


@click.group(epilog=_LEGAL_NOTICE, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="agreementgen")
def commands() -> None:
    """Write a one-page partnership agreement from a deal file, as Word and PDF.

    Begin with "agreementgen new", which asks for all it needs. Or print a file to fill in with
    "agreementgen show starter referral > deal.yaml", and run "agreementgen build deal.yaml -o out".
    """


for command in (build, check, review, new, schema, batch, show, raci, calendar, pack):
    commands.add_command(command)


def main() -> None:
    """Run the program; never a traceback for a mistake of the user's."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A console that knows ASCII or cp1252 only shows ? instead of ending with a traceback.
            stream.reconfigure(errors="replace")
    try:
        status = commands.main(prog_name="agreementgen", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        print_note("stopped")
        status = 130
    except click.ClickException as error:
        error.show()
        status = 2
    except AgreementError as error:
        _print_problems(error)
        status = 2
    except BrokenPipeError:
        # The reader of our output went away (| head): that is its right.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status or 0)


def _print_problems(error: AgreementError) -> None:
    for problem in error.problems[:MAX_PROBLEMS]:
        print_note(str(problem))
    if len(error.problems) > MAX_PROBLEMS:
        print_note(f"... and {len(error.problems) - MAX_PROBLEMS:,} more")
    print_note(count_noun(len(error.problems), "problem") + "; nothing was written")

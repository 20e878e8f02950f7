"""The program: the only place that exits, and where problems are printed that stop a command.

Results go to standard output or files, everything said about them to standard error. Exit status: 0 done, 1 a pack has
errors, a deal is stopped by its check, a part of a batch failed or a document is not as it
was written, 2 wrong input or usage, 130 interrupted.
"""

from __future__ import annotations

import errno
import gc
import io
import sys
from typing import NoReturn

import click

from agreementgen import __version__
from agreementgen.cli.audit import audit
from agreementgen.cli.batch import batch
from agreementgen.cli.checks import check
from agreementgen.cli.dates import calendar
from agreementgen.cli.deals import build, new, raci, schema, show
from agreementgen.cli.ledger import statement, workbook
from agreementgen.cli.life import amend, compare, letter, recover
from agreementgen.cli.memo import review
from agreementgen.cli.options import MAX_PROBLEMS
from agreementgen.cli.pack import pack
from agreementgen.core.problems import AgreementError, count_noun
from agreementgen.core.saving import PartlyWritten
from agreementgen.terminal import (
    OutputLost,
    flush_output,
    give_up_output,
    print_note,
    print_note_lines,
    replace_missing_streams,
)

# Full or failing disks, what may not be read or written, too many open files, too little memory.
_SYSTEM_ERRORS = {
    getattr(errno, name, 0)
    for name in (
        "ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM", "EIO", "EMFILE", "ENFILE", "ENOMEM", "EBUSY",
        "ETXTBSY", "ESTALE", "ENXIO", "ENODEV", "EAGAIN",
    )
}  # fmt: skip
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


for command in (
    build, check, review, new, schema, batch, audit, show, raci, calendar, workbook, statement,
    compare, amend, letter, recover, pack,
):  # fmt: skip
    commands.add_command(command)


# Loading libraries makes 300,000 objects, none of which is garbage.
_OBJECTS_BEFORE_COLLECTING = 500_000


def main() -> None:
    """Be the program: a process that runs one command and ends.

    Python would look through everything that was loaded for garbage: again and again, and once more at its end.
    """
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTING)
    try:
        run()
    finally:
        gc.freeze()


def run() -> NoReturn:
    """Run the command that `sys.argv` names and exit; never a traceback for a mistake of the user's."""
    replace_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A console that knows ASCII or cp1252 only shows ? instead of ending with a traceback.
            stream.reconfigure(errors="replace")
    try:
        status = _run_command()
        flush_output()
    except (click.exceptions.Abort, KeyboardInterrupt):
        print_note("stopped")
        status = 130
    except click.ClickException as error:
        said = io.StringIO()
        error.show(said)
        print_note_lines(said.getvalue().rstrip("\n"))
        status = 2
    except AgreementError as error:
        _print_problems(error)
        status = 2
    except OutputLost as error:
        # A reader that has seen enough (| head) has the right to go.
        status = 0 if error.reader_left else 1
        if not error.reader_left:
            print_note(f"the results cannot be printed: {error}")
            print_note("  hint: documents that were written are where they belong; make room, and run it again")
    except OSError as error:
        if not _is_of_system(error):
            print_note("this is a fault of agreementgen, not of your files: please report it with these lines")
            raise
        # A disk, a folder for temporary files, a limit of the system: whoever runs the program can mend it.
        where = f" ({error.filename})" if error.filename else ""
        print_note(f"the system refused: {error.strerror or error}{where}")
        print_note("  hint: make room on the disk and in the folder for temporary files (TMPDIR), and run it again")
        status = 2
    give_up_output()
    sys.exit(status or 0)


def _is_of_system(error: OSError) -> bool:
    """Return whether an error that nobody dealt with is the machine's; a file that we expect and is not there is ours.

    Without the name of a file it is about a folder: that of the user, which is gone, or those for temporary files.
    """
    return error.errno in _SYSTEM_ERRORS or (error.errno == errno.ENOENT and error.filename is None)


def _run_command() -> int | str | None:
    """Run the command; Click prints help itself, and ends the program where nobody reads that."""
    try:
        status: int | str | None = commands.main(prog_name="agreementgen", standalone_mode=False)
        return status
    except SystemExit as error:
        if error.code == 1:
            raise OutputLost("its reader has gone", reader_left=True) from None
        raise


def _print_problems(error: AgreementError) -> None:
    for problem in error.problems[:MAX_PROBLEMS]:
        print_note_lines(str(problem))
    if len(error.problems) > MAX_PROBLEMS:
        print_note(f"... and {len(error.problems) - MAX_PROBLEMS:,} more")
    written = "some files were written" if isinstance(error, PartlyWritten) else "nothing was written"
    print_note(f"{count_noun(len(error.problems), 'problem')}; {written}")

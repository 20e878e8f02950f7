"""No table takes more than a moment, whatever it says of itself; memory is measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hostile_tables import HOSTILE_CSV, harmless, hostile, workbook

from agreementgen.core.problems import InputError
from agreementgen.sheets.cells import BATCH_LIMITS
from agreementgen.sheets.table_reader import read_cells

_BYTES = 400_000_000

_ALL = r"""
import resource, sys
sys.path.insert(0, sys.argv[1])
from hostile_tables import HOSTILE_CSV, charts, harmless, hostile
from test_raci_tables import DEAL, LIBRARY
from agreementgen import pipeline
from agreementgen.core.problems import InputError
from agreementgen.sheets.cells import BATCH_LIMITS, CHART_LIMITS
from agreementgen.sheets.table_reader import read_cells
tables = {f"{name}.xlsx": data for name, (data, _) in hostile().items()}
tables |= {f"{name}.xlsx": data for name, data in harmless().items()}
tables |= {f"{name}.csv": data for name, (data, _) in HOSTILE_CSV.items()}
read_cells(harmless()["plain"], "warm.xlsx")
for name, data in tables.items():
    for limits in (CHART_LIMITS, BATCH_LIMITS):
        begun = resource.getrusage(resource.RUSAGE_SELF)
        try:
            read_cells(data, name, limits)
        except InputError:
            pass
        ended = resource.getrusage(resource.RUSAGE_SELF)
        spent = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
        if spent > 5 or "-v" in sys.argv:
            print(name, limits.rows, round(spent, 2), ended.ru_maxrss // 1024)
for name, data in charts().items():
    begun = resource.getrusage(resource.RUSAGE_SELF)
    try:
        pipeline.read((DEAL + "raci: chart.csv\n").encode(), "deal.yaml", LIBRARY, "", lambda _: data)
        print(name, "was read")
    except InputError:
        pass
    ended = resource.getrusage(resource.RUSAGE_SELF)
    spent = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
    if spent > 5 or "-v" in sys.argv:
        print(name, round(spent, 2), ended.ru_maxrss // 1024)
# What the process before this program took does not count here, other than in the usage of resources.
status = open("/proc/self/status").read()
print(int(status.split("VmHWM:")[1].split()[0]) * 1024)
"""


@pytest.fixture(scope="module")
def files() -> dict[str, tuple[bytes, str]]:
    return hostile()


@pytest.mark.parametrize("name", hostile())
def test_files_that_ask_for_too_much_are_refused(name: str, files: dict[str, tuple[bytes, str]]) -> None:
    data, says = files[name]
    with pytest.raises(InputError) as refused:
        read_cells(data, "chart.xlsx")
    (problem,) = refused.value.problems
    assert says in problem.message + problem.hint
    assert problem.hint
    assert problem.place.file == "chart.xlsx"


@pytest.mark.parametrize("name", harmless())
def test_files_that_only_look_so_are_read(name: str) -> None:
    table = read_cells(harmless()[name], "chart.xlsx")
    assert [[cell.text for cell in row] for row in table.rows] == [["Task", "Anna"], ["Task", "A"]]


@pytest.mark.parametrize("name", HOSTILE_CSV)
def test_csv_files_that_ask_for_too_much_are_refused(name: str) -> None:
    data, says = HOSTILE_CSV[name]
    if not says:
        assert len(read_cells(data, "chart.csv").rows) == 2
        return
    with pytest.raises(InputError) as refused:
        read_cells(data, "chart.csv")
    assert says in refused.value.problems[0].message


def test_a_place_is_named_where_a_cell_shows_no_text() -> None:
    data = workbook('<row r="7"><c r="C7" t="s"><v>-1</v></c></row>')
    with pytest.raises(InputError) as refused:
        read_cells(data, "chart.xlsx", BATCH_LIMITS)
    assert str(refused.value).startswith("chart.xlsx:C7: the cell shows text number -1, and the file holds 3 texts\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in other units elsewhere")
def test_no_table_takes_long_or_much() -> None:
    words = [sys.executable, "-c", _ALL, str(Path(__file__).parent)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=300, check=True)
    *slow, most = ended.stdout.split("\n")[:-1]
    assert slow == []
    assert int(most) < _BYTES

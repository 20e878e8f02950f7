"""Measure, and print a table. Figures of one run can be compared with each other; those of two runs can not."""

from __future__ import annotations

import argparse
import platform
import sys

from rows import Row, rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="few deals (this is usual)")
    size.add_argument("--full", action="store_true", help="1,000 and 5,000 deals; takes about five minutes")
    wanted = parser.parse_args()
    print(f"Python {platform.python_version()}, {platform.machine()}; medians, all ways in turns\n", flush=True)
    print(line("what", "figure", "ratio", "goal", ""), line("---", "---", "---", "---", "---"), sep="\n", flush=True)
    for row in rows(quick=not wanted.full):
        print(told(row), flush=True)


def told(row: Row) -> str:
    goal = f"at most {row.goal:g}" if row.goal else ""
    ratio = f"{row.ratio:.2f} {row.unit}" if row.ratio is not None else ""
    return line(row.what, row.figure, ratio, goal, row.verdict)


def line(*cells: str) -> str:
    widths = (42, 30, 42, 13, 7)
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


if __name__ == "__main__":
    sys.exit(main())

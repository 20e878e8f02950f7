"""Measuring on a machine that does other things, too: in turns, medians, ratios of neighbours, CPU beside the clock."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Timed:
    """Seconds of each turn, by what was measured."""

    turns: Mapping[str, Sequence[float]]

    def seconds(self, name: str) -> float:
        return median(self.turns[name])

    def ratio(self, name: str, other: str) -> float:
        """Return the median of the ratios of turns next to each other."""
        return median(one / two for one, two in zip(self.turns[name], self.turns[other], strict=True))


def in_turns(
    work: Mapping[str, Callable[[int], object]],
    turns: int,
    warm: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Timed:
    """Do each piece of work once a turn, with the number of the turn; `warm` turns more before are not counted.

    With time.process_time as `clock`, what else the machine does counts less.
    """
    found: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(turns + warm):
        for name, piece in work.items():
            # No piece pays for what the one before it left behind.
            gc.collect()
            start = clock()
            piece(turn)
            took = clock() - start
            if turn >= warm:
                found[name].append(took)
    return Timed(found)


@dataclass(frozen=True)
class Spent:
    """What whole programs took, with all that they started: seconds on the clock and of the processors."""

    clock: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s, {self.cpu:.2f} s of CPU"


def spend(work: Callable[[], object]) -> Spent:
    """Do work in other processes, which must have ended when it returns, and return what it took."""

    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    cpu, start = used(), time.perf_counter()
    work()
    return Spent(time.perf_counter() - start, used() - cpu)


def run(command: Sequence[str | Path]) -> None:
    """Run a program; raise RuntimeError with its words where it fails."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


class Watched:
    """Runs a program with workers, and looks meanwhile at what they use (Linux only).

    `clock` and `cpu` are seconds, of the program with all that it has started: the server from which workers are forked
    outlives the program, and so nobody is told what it used. `memory` is the largest memory of one of them, in MB, over
    time.
    """

    def __init__(self, command: Sequence[str | Path]) -> None:
        self.memory: list[float] = []
        self._cpu_of: dict[int, float] = {}
        self.spent = spend(lambda: self._run(command))
        self.clock, self.cpu = self.spent.clock, self.spent.cpu + sum(self._cpu_of.values())

    def _run(self, command: Sequence[str | Path]) -> None:
        program = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        watch = threading.Thread(target=self._watch, args=(program,))
        watch.start()
        _, said = program.communicate()
        watch.join()
        if program.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{said.decode(errors='replace')[-2000:]}")

    def _watch(self, program: subprocess.Popen[bytes]) -> None:
        while program.poll() is None:
            found = {process: _usage(process) for process in _descendants(program.pid)}
            self._cpu_of |= {process: cpu for process, (cpu, _) in found.items() if cpu}
            if found:
                self.memory.append(max(memory for _, memory in found.values()))
            time.sleep(0.1)

    def memory_in_third(self, number: int) -> float:
        """Return the largest memory of the first, second or last third (0 to 2) of the run."""
        size = max(1, len(self.memory) // 3)
        return max(self.memory[number * size : (number + 1) * size] or [0.0])


def _descendants(process: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text(encoding="ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _usage(process: int) -> tuple[float, float]:
    """Return the CPU time in seconds and the memory in MB of a process; zeros where it has ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
        # Behind the name, which may hold anything: user and system time are the 14th and 15th field of all.
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (OSError, IndexError):
        return 0.0, 0.0
    cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return cpu, pages * os.sysconf("SC_PAGE_SIZE") / 1e6

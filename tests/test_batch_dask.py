"""Batches on a Dask cluster of two worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import command, deals, entries, whole

from agreementgen.render import pdf

pytest.importorskip("distributed")

CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a cluster, which ends with the tests."""
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "cluster.py").write_text(CLUSTER, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "cluster.py"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    ) as cluster:  # fmt: skip
        assert cluster.stdout
        yield cluster.stdout.readline().strip()
        assert cluster.stdin
        cluster.stdin.close()


def test_a_cluster_writes_the_same_bytes(address: str, tmp_path: Path) -> None:
    source = deals(tmp_path / "deals", 9)
    # A deal that does not fit fails alone there, too.
    long = ", ".join(
        f"work of kind number {n} of the many kinds that neither party does for the other" for n in range(90)
    )
    third = source / "deal-003.yaml"
    text = third.read_text(encoding="utf-8")
    purpose = "purpose: Send each other customers with coupons"
    third.write_text(text.replace(purpose, f"{purpose}\n  excluded: [{long}]"), encoding="utf-8")
    formats = "docx,pdf,txt" if pdf.is_available() else "docx,txt"
    words = (source, "-f", formats, "--layout", "one-page")
    there = command(*words, "-o", tmp_path / "there", "--scheduler", address)
    here = command(*words, "-o", tmp_path / "here", "-j", "1")
    assert (there.returncode, here.returncode) == (1, 1), there.stderr
    assert whole(tmp_path / "there") == whole(tmp_path / "here")
    assert [line["status"] for line in entries(tmp_path / "there")].count("failed") == 1
    again = command(source, "-f", formats, "--layout", "one-page", "-o", tmp_path / "there", "-j", "1")
    assert "8 unchanged" in again.stderr


@pytest.mark.parametrize("where", ["nonsense", "tcp://127.0.0.1:1"])
def test_a_scheduler_that_is_none_is_explained(where: str, tmp_path: Path) -> None:
    source = deals(tmp_path / "deals", 1)
    done = command(source, "-o", tmp_path / "out", "--scheduler", where)
    assert done.returncode == 2
    assert done.stderr.startswith("--scheduler: ")
    assert "tcp://host:8786" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()

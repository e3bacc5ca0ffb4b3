"""Batches are answered by several processes: in order, few at a time, and none stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vocation.errors import DataError, VocationError
from vocation.serving import workers
from vocation.serving.workers import in_order

RUN = """
import os
from test_workers import report
from vocation.serving.workers import in_order

if __name__ == "__main__":
    for found in in_order(report, ({"n": n} for n in range(10**6)), 2):
        print(found["pid"], flush=True)
"""


def report(batch: Any) -> dict[str, Any]:
    time.sleep(0.02 if batch["n"] % 2 else 0.001)  # some take longer than those behind them
    return {"n": batch["n"], "pid": os.getpid(), "threads": os.environ.get("OMP_NUM_THREADS")}


def fail_at_20(batch: Any) -> dict[str, Any]:
    if batch["n"] == 20:
        raise DataError("no good")
    return report(batch)


def end_at_20(batch: Any) -> dict[str, Any]:
    if batch["n"] == 20:
        os._exit(9)
    return report(batch)


def batches(count: int, read: list[int] | None = None) -> Iterator[dict[str, Any]]:
    for n in range(count):
        if read is not None:
            read.append(n)
        yield {"n": n}


def test_in_order_by_other_processes_of_one_thread_each() -> None:
    read: list[int] = []
    before = dict(os.environ)
    answers = in_order(report, batches(60, read), 2)
    first = next(answers)
    assert len(read) <= workers.FEW + 1, "a whole table would be held in memory"
    found = [first, *answers]
    assert [one["n"] for one in found] == list(range(60))
    assert os.getpid() not in {one["pid"] for one in found}
    assert {one["threads"] for one in found} == {"1"}
    assert dict(os.environ) == before
    assert not any(map(is_alive, {one["pid"] for one in found}))


def test_few_batches_need_no_other_process() -> None:
    found = list(in_order(report, batches(workers.FEW), 2))
    assert {one["pid"] for one in found} == {os.getpid()}
    assert {one["pid"] for one in in_order(report, batches(60), 1)} == {os.getpid()}


def test_what_fails_there_is_said_here() -> None:
    with pytest.raises(DataError, match="no good"):
        list(in_order(fail_at_20, batches(60), 2))
    with pytest.raises(VocationError, match="ended from outside"):
        list(in_order(end_at_20, batches(60), 2))


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
@pytest.mark.parametrize("whole", [False, True])
def test_no_process_outlives_the_one_that_waits(tmp_path: Path, whole: bool) -> None:
    """Killed by itself; stopped with Ctrl-C, which a terminal sends to all of them."""
    script = tmp_path / "run.py"
    script.write_text(RUN, encoding="utf-8")
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    with subprocess.Popen(
        [sys.executable, script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        seen = {int(run.stdout.readline()) for _ in range(20)}
        if whole:
            os.killpg(run.pid, signal.SIGINT)
        else:
            run.kill()
        run.stdout.close()
        said = run.stderr.read()
        run.wait(timeout=60)
    assert said.count("Traceback") == (1 if whole else 0), said  # of the script, not of workers
    until = time.monotonic() + 60
    while alive := [pid for pid in seen if is_alive(pid)]:
        assert time.monotonic() < until, f"{alive} are left"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    # An orphan that has ended stays a zombie where nobody waits for it.
    return not stat.exists() or stat.read_text("utf-8").rpartition(")")[2].split()[0] != "Z"

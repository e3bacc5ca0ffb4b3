"""Answer a large file with Ray: on all cores of this machine, or on the machines of a cluster.

The output is that of `score_folder`, to the byte: Ray answers the parts of the input that are
answered together without it, and the same code writes the files. This file alone knows Ray.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from vocation.errors import DataError, MissingExtra, VocationError, explained
from vocation.machine import cores
from vocation.progress import NullProgress
from vocation.serving.answers import Answered, Rows, with_answers
from vocation.serving.inputs import InputRow, InputTable
from vocation.serving.scorer import Scorer
from vocation.serving.shards import ROWS, FolderReport, duration, score_folder

WORK = ".ray"
"""The folder in the output that holds texts and answers until all files are written."""
_ID, _TEXTS, _ANSWERS = "line", "texts", "answers"  # columns; the last two are folders as well
_STAGED = 256  # parts of a file of texts: up to 33,000 rows
_TOGETHER = 4  # parts, up to 512 rows: what has to be done again where a worker is killed
_IDLE_CPUS = 2
"""What answering leaves to Ray: one CPU to read and write, and one that keeps the list of what was
answered before a kill. Where it takes all, Ray waits for ever without a word.
"""
_SAY_EVERY = 60  # seconds between two lines about the progress


def score_with_ray(
    source: str | Path,
    output: str | Path,
    scorer: Scorer,
    form: str | None = None,
    rows_per_file: int = ROWS,
    excel: bool = False,
    progress: NullProgress | None = None,
    encoding: str | None = None,
    address: str | None = None,
    workers: int | None = None,
) -> FolderReport:
    """Do what `score_folder` does, and have Ray compute the answers.

    `address` is that of a cluster, "auto" that of the one that this machine is part of; without it
    Ray runs on this machine and ends with the call. All machines of a cluster must find `output`
    and the bundle under the same path. `workers` processes answer, each on one core; None takes
    every core of this machine, and of a cluster all but two. `scorer` should have one thread. Only
    one run at a time may write into a folder.

    Raises DataError as `score_folder` does, and where Ray fails; what was answered is kept.
    """
    if find_spec("ray") is None or find_spec("pyarrow") is None:
        raise MissingExtra("the engine ray", "ray")
    # Absolute, as Ray's checkpoints need it; other machines have another working directory.
    work = Path(output).resolve() / WORK
    engine = _Ray(work, address, workers, progress or NullProgress())
    # No progress of the files: they are written in seconds once Ray is done, which tells its own.
    report = score_folder(
        source, output, scorer, form, (1, 1), rows_per_file, excel, None, encoding, engine
    )
    shutil.rmtree(work, ignore_errors=True)
    return report


class _Ray:
    """An engine for `score_folder` that has all answers before it yields the first.

    What is a row to Ray is a part of the input: up to 128 rows of one output file, named by the
    line of the first. So the same texts are computed together, whatever was killed and done again;
    in other company the last digit of a confidence could differ.
    """

    def __init__(
        self, work: Path, address: str | None, workers: int | None, progress: NullProgress
    ) -> None:
        self._work, self._address, self._workers = work, address, workers
        self._texts, self._answers = work / _TEXTS, work / _ANSWERS
        self._checkpoint = work / "checkpoint"
        self._progress = progress

    def __call__(self, table: InputTable, rows: Rows, scorer: Scorer) -> Iterator[list[Answered]]:
        self._work.mkdir(mode=0o700, exist_ok=True)  # people's texts
        if not self._texts.exists():
            self._stage(table, rows())
        done = self._work / "done"
        if not done.exists():
            with _running(self._address, self._workers, self._work / "spilled") as workers:
                self._answer(scorer, workers)
            done.touch()
        places = self._places()
        for part in rows():
            yield with_answers(part, iter(self._found(places, part)), scorer)

    def _stage(self, table: InputTable, rows: Iterator[list[InputRow]]) -> None:
        """Write the texts of each part; the folder gets its name when it is complete."""
        import pyarrow
        from pyarrow import parquet

        begun = self._work / f"{_TEXTS}.part"
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir()
        schema = pyarrow.schema({_ID: pyarrow.int64(), _TEXTS: pyarrow.string()})
        number = 0
        while group := list(islice(rows, _STAGED)):
            texts = [
                # JSON, because half a surrogate pair cannot be in a string of Parquet.
                json.dumps([table.values(row)[0] for row in part if row.issue is None])
                for part in group
            ]
            content = pyarrow.table([[part[0].line for part in group], texts], schema=schema)
            parquet.write_table(content, begun / f"{number:05}.parquet", row_group_size=_TOGETHER)
            number += 1
        begun.rename(self._texts)

    def _answer(self, scorer: Scorer, workers: int) -> None:
        """Answer the parts that have no answer yet."""
        import ray
        from ray.data.checkpoint import CheckpointConfig

        if not any(self._texts.iterdir()):
            return
        checkpoint = CheckpointConfig(
            _ID, str(self._checkpoint), delete_checkpoint_on_success=False
        )
        # One for a short list of numbers; ten processes of 1 GiB are the default.
        checkpoint.checkpoint_actor_pool_max_size = 1
        checkpoint.checkpoint_actor_memory_bytes = 64 * 2**20
        context = ray.data.DataContext.get_current().copy()
        context.checkpoint_config = checkpoint
        context.enable_progress_bars = context.print_on_execution_start = False
        with warnings.catch_warnings(), ray.data.DataContext.current(context), self._said():
            try:
                warnings.filterwarnings("ignore", module="ray")  # of workers without work, say
                texts = ray.data.read_parquet(str(self._texts))
                # Without it small files become one block, whose answers a kill would cost.
                parts = texts.repartition(target_num_rows_per_block=_TOGETHER)
                parts.map_batches(
                    _Answers,
                    fn_constructor_args=(scorer,),
                    batch_size=1,
                    compute=ray.data.ActorPoolStrategy(size=workers),
                    num_cpus=1,
                ).write_parquet(str(self._answers))
            except Exception as error:
                raise _sentence(error) from None

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Say now and then how far it is."""
        stop = threading.Event()
        teller = threading.Thread(target=self._say, args=(stop,), daemon=True)
        teller.start()
        try:
            yield
        finally:
            stop.set()
            teller.join()

    def _say(self, stop: threading.Event) -> None:
        total, before, begun = _rows_in(self._texts), _rows_in(self._checkpoint), time.monotonic()
        while not stop.wait(_SAY_EVERY):
            if (done := _rows_in(self._checkpoint)) > before:
                left = (total - done) * (time.monotonic() - begun) / (done - before)
                self._progress.line(f"scored {100 * done // total} %; {duration(left)} left")

    def _places(self) -> dict[int, tuple[Path, int]]:
        """Return where the answers of each part are: the file, and the row in it."""
        from pyarrow import parquet

        return {
            line: (path, at)
            for path in self._answers.glob("*.parquet")
            for at, line in enumerate(parquet.read_table(path, columns=[_ID])[_ID].to_pylist())
        }

    def _found(self, places: dict[int, tuple[Path, int]], part: list[InputRow]) -> list[list[Any]]:
        """Return the cells of the answers to a part."""
        try:
            path, at = places[part[0].line]
            found: list[list[Any]] = json.loads(_answers_in(path)[at])
        except (KeyError, OSError):
            raise DataError(
                f"{self._work} lacks answers: remove it, and run the same command again"
            ) from None
        return found


class _Answers:
    """What each worker of Ray runs: texts in, the cells of their answers out, both as JSON."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        cells = [self._scorer.cells(json.loads(texts)) for texts in batch[_TEXTS]]
        return {_ID: batch[_ID], _ANSWERS: [json.dumps(rows) for rows in cells]}


def _rows_in(folder: Path) -> int:
    """Return how many rows the complete files of a folder have."""
    from pyarrow import parquet

    complete = (path for path in folder.glob("*.parquet") if ".pending." not in path.name)
    return sum(parquet.read_metadata(path).num_rows for path in complete)


@lru_cache(maxsize=64)
def _answers_in(path: Path) -> list[str]:
    from pyarrow import parquet

    found: list[str] = parquet.read_table(path, columns=[_ANSWERS])[_ANSWERS].to_pylist()
    return found


@contextmanager
def _running(address: str | None, workers: int | None, spilled: Path) -> Iterator[int]:
    """Connect to Ray, or start it; give the number of workers."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Else each start prints that workers may not start again where the machine of this process is
    # lost; then all is.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import ray

    own = not ray.is_initialized()  # a program may have started it with settings of its own
    try:
        if own:
            workers = _start(address, workers, spilled)
        yield _workers(workers, int(ray.cluster_resources().get("CPU", 0)))
    finally:
        if own:
            ray.shutdown()


def _start(address: str | None, workers: int | None, spilled: Path) -> int | None:
    import ray
    import ray.data

    for handler in logging.getLogger("ray.data").handlers:
        if isinstance(handler, logging.StreamHandler):  # the terminal, not the log of the session
            handler.setLevel(logging.CRITICAL)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is not None:
        try:
            ray.init(address, **quiet)
        except (OSError, ValueError, RuntimeError) as error:
            raise DataError(
                f"there is no Ray cluster at {address!r} ({type(error).__name__}): start it, or"
                " leave out --address to start Ray on this machine"
            ) from None
        return workers
    workers = workers or cores()
    with _loopback():
        ray.init(
            "local",
            # To Ray they are but numbers: more than there are cost nothing.
            num_cpus=workers + _IDLE_CPUS,
            include_dashboard=False,
            _node_ip_address="127.0.0.1",
            object_spilling_directory=str(spilled),  # not beside the logs, which stay
            **quiet,
        )
    return workers


@contextmanager
def _loopback() -> Iterator[None]:
    """Keep a Ray that is started within away from the network.

    On Linux Ray takes 127.0.0.1 for the address of the network card, and listens on all of them,
    guarded by its token. Windows and macOS have this switch set.
    """
    from ray._private import ray_constants

    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


def _workers(asked: int | None, cpus: int) -> int:
    """Return how many workers answer. Raises DataError where they leave Ray too few CPUs."""
    most = cpus - _IDLE_CPUS
    workers = most if asked is None else asked
    if not 0 < workers <= most:
        raise DataError(
            f"Ray needs {_IDLE_CPUS} CPUs beside those of the workers, and has {cpus}: "
            + (f"give at most --workers {most}" if most > 0 else "take a cluster of three or more")
        )
    return workers


def _sentence(error: BaseException) -> VocationError:
    """Return what to say of what Ray raises. The words of errors that are not ours stay out: they
    may hold a text.
    """
    # An error of a worker comes as text, behind the calls that led to it.
    if ours := re.findall(r"^vocation\.errors\.\w+: (.+)", str(error), re.M):
        found = ours[-1]
    elif type(error).__module__.startswith("ray."):
        found = f"Ray stopped ({type(error).__name__})"
    else:
        found = explained(error) or f"Ray stopped ({type(error).__name__})"
    return DataError(f"{found}; what is answered is kept: run the same command again")

"""Fine-tuning on a tiny network: what a kill, a bad sector, a full disk, short memory or a broken
number leave behind.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
import torch
from helpers import Lines
from tiny_training import STEPS, equal, train

from vocation.config import TrainConfig
from vocation.errors import VocationError
from vocation.training import callbacks, device, loop
from vocation.training.batches import Examples
from vocation.training.checkpoints import newest
from vocation.training.encoder.network import HeadOnly


def killed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, target: Any, name: str, when: Any
) -> None:
    """Train in a process of its own that kills itself (-9) when `when(arguments)` holds in a call
    of `target.name`.
    """
    own = getattr(target, name)

    def deadly(*args: Any, **kwargs: Any) -> Any:
        if when(args):
            os.kill(os.getpid(), signal.SIGKILL)
        return own(*args, **kwargs)

    child = os.fork()
    if child == 0:
        try:
            monkeypatch.setattr(target, name, deadly)
            train(folder, resume=True)
        except BaseException:  # or this process would go on with the tests
            traceback.print_exc()
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_kill_in_a_step_and_in_a_save_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)  # a process with more threads must not fork
    whole, history = train(tmp_path / "whole")
    folder = tmp_path / "cut"
    killed(
        folder,
        monkeypatch,
        callbacks.HistoryCallback,
        "on_step_end",
        lambda args: args[2].global_step == 6,
    )
    assert (newest(folder) or folder).name == "checkpoint-4"
    killed(folder, monkeypatch, callbacks, "seal", lambda args: args[0].name == "checkpoint-12")
    assert (newest(folder) or folder).name == "checkpoint-8"  # 12 was written, but not to its end
    weights, again = train(folder, resume=True)
    assert equal(weights, whole)
    assert again == history


def test_a_flipped_bit_in_the_newest_state_falls_back_to_the_one_before(tmp_path: Path) -> None:
    whole, _ = train(tmp_path / "whole")
    folder = tmp_path / "cut"
    train(folder)
    for path in folder.glob("final/*"):
        path.unlink()  # as if it had been killed before it was done
    damaged = folder / f"checkpoint-{STEPS}" / "model.safetensors"
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    weights, _ = train(folder, resume=True)
    assert equal(weights, whole)


def test_a_full_disk_leaves_the_last_good_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, _ = train(tmp_path / "whole")
    save = loop._Loop._save_optimizer_and_scheduler

    def full(self: Any, folder: str) -> None:
        if self.state.global_step == 12:
            raise OSError(errno.ENOSPC, "No space left on device")
        save(self, folder)

    with monkeypatch.context() as patched:
        patched.setattr(loop._Loop, "_save_optimizer_and_scheduler", full)
        with pytest.raises(
            VocationError,
            match=(
                r"the disk is full: a state of this training needs about .* MB in .*, .* MB are"
                r" free; .* --resume"
            ),
        ):
            train(tmp_path / "cut")
    assert not (tmp_path / "cut" / "checkpoint-12").exists()
    weights, _ = train(tmp_path / "cut", resume=True)
    assert equal(weights, whole)


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), True),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), True),
        (RuntimeError(f"Error while serializing: {os.strerror(errno.ENOSPC)} (os error 28)"), True),
        (RuntimeError("PytorchStreamWriter failed writing file data.pkl"), True),
        (PermissionError(errno.EACCES, os.strerror(errno.EACCES)), False),
        (ValueError("a bug"), False),
    ],
)
def test_only_a_full_disk_is_called_one(
    error: Exception, full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where hardly anything is free, as on every laptop at times."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 99, 1))
    found = loop._disk_full(error, torch.nn.Linear(2, 2), tmp_path)
    assert (found is not None) is full


@pytest.mark.parametrize(("fits", "known"), [(1, True), (0, False)])
def test_timing_a_step_survives_a_full_graphics_card(
    fits: int, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`auto` times a quarter of a batch, then a single row; where not even that fits: no estimate."""
    asked: list[int] = []

    def step(network: Any, part: Any, size: int) -> float:
        asked.append(size)
        if size > fits:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return 1.0

    monkeypatch.setattr(device, "_step_seconds", step)
    part = Examples(64, lambda rows: {})
    seconds = device.full_seconds(torch.nn.Linear(2, 2), part, TrainConfig(batch_size=32))
    assert (seconds is not None) is known
    assert asked == [8, 1]


def test_short_memory_reads_the_same_batch_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four rows fit, 16 are asked for: two halvings later the steps are the same, and so is what is
    learnt.
    """
    roomy, _ = train(None, dropout=0.0)
    forward = HeadOnly.forward

    def small(self: Any, vectors: torch.Tensor, labels: torch.Tensor) -> Any:
        if len(vectors) > 4:
            raise torch.OutOfMemoryError("out of memory")
        return forward(self, vectors, labels)

    monkeypatch.setattr(HeadOnly, "forward", small)
    lines = Lines()
    tight, history = train(None, dropout=0.0, progress=lines)
    assert [line for line in lines.lines if line.startswith("Memory")] == [
        "Memory does not suffice: continuing with each batch of 16 in 2 pieces (accumulation 2).",
        "Memory does not suffice: continuing with each batch of 16 in 4 pieces (accumulation 4).",
    ]
    assert history[-1]["step"] == STEPS
    assert all(torch.allclose(tight[name], roomy[name], atol=1e-5) for name in roomy)


def test_one_row_that_does_not_fit_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(HeadOnly, "forward", never)
    with pytest.raises(
        VocationError,
        match="out of memory even with one row at a time at max_length 128: lower max_length",
    ):
        train(None)


def test_a_gradient_that_is_no_number_stops_in_that_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The loss is still a number there; a step later all weights would be none."""
    begin = callbacks.HistoryCallback.on_pre_optimizer_step

    def poison(
        self: Any, args: Any, state: Any, control: Any, model: Any = None, **kwargs: Any
    ) -> None:
        if state.global_step == 9:
            next(model.parameters()).grad[0, 0] = float("inf")
        begin(self, args, state, control, model=model, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(callbacks.HistoryCallback, "on_pre_optimizer_step", poison)
        with pytest.raises(
            VocationError,
            match=(
                r"training stopped in step 10: a gradient is not a finite number, .* lower"
                r" learning_rate"
            ),
        ):
            train(tmp_path)
    assert (newest(tmp_path) or tmp_path).name == "checkpoint-8"


TOGETHER = """
import sys
sys.path.insert(0, {tests!r})
import torch
from tiny_training import train
from vocation.training import device
device.wait_for_everyone()
weights, history = train(None, dropout=0.0)
assert len(history) == 6
if device.is_main_process():
    torch.save(weights, {out!r})
"""


def test_two_processes_learn_what_one_learns(tmp_path: Path) -> None:
    """At the same effective batch: each of the two reads half of every batch."""
    alone, _ = train(None, dropout=0.0)
    script, out = tmp_path / "together.py", tmp_path / "weights.pt"
    script.write_text(
        TOGETHER.format(tests=str(Path(__file__).parent), out=str(out)), encoding="utf-8"
    )
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--standalone",
        str(script),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr[-2000:]
    together = torch.load(out)
    assert all(torch.allclose(alone[name], together[name], atol=1e-5) for name in alone)

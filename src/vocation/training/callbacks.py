"""What the training loop does at each step, epoch and save."""

from __future__ import annotations

import json
import math
import threading
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from vocation.errors import VocationError
from vocation.progress import NullProgress
from vocation.training import device
from vocation.training.checkpoints import seal
from vocation.training.schedule import BEST, History

HISTORY_FILE = "history.json"


class Interrupted(VocationError):  # noqa: N818 (the user asked for it)
    """Ctrl-C: the state was saved."""


class Diverged(VocationError):  # noqa: N818 (a state of the training)
    """A loss or a gradient that is not a number."""


class HistoryCallback(TrainerCallback):
    """Keeps the history as plain data, moves the bar, reports each epoch, seals checkpoints.

    It also stops at a number that is not finite, and after the step in which `stop` was set.
    """

    def __init__(
        self,
        history: History,
        progress: NullProgress,
        bar: Any,
        stop: threading.Event,
        epoch: int,
        kept: bool,
    ) -> None:
        self.history = history
        self.progress = progress
        self.bar = bar
        self.stop = stop
        self.epoch = epoch
        self.kept = kept
        self.loop: Any  # the Trainer, which is made with this callback

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        # Every step has random numbers of its own, so that a resumed run is the same run.
        # Not torch.manual_seed: it notes the call stack for a GPU each time, a tenth of a training.
        seed = args.seed + state.global_step
        torch.default_generator.manual_seed(seed)
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(seed)
        if torch.backends.mps.is_available():
            torch.mps.manual_seed(seed)

    def on_pre_optimizer_step(
        self, args: Any, state: Any, control: Any, model: Any = None, **_: Any
    ) -> None:
        """Stop at a gradient that is not finite, before it reaches the weights."""
        if not args.fp16:  # there a step that overflows is left out by the Trainer itself
            # A sum is not finite if any of its numbers is not: one check for all parameters.
            found = [
                parameter.grad.sum()
                for parameter in model.parameters()
                if parameter.grad is not None
            ]
            if found and not bool(torch.stack(found).isfinite().all()):
                raise not_a_number(state, "a gradient is not a finite number")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Count the step, report a finished epoch, and stop where the user asked for it."""
        self.bar.update(1)
        if self.stop.is_set():
            # The Trainer reads these flags after the step, saves and leaves its loop.
            control.should_save = True
            control.should_training_stop = True
        if state.global_step % self.epoch == 0 or state.global_step == state.max_steps:
            self._note(state)

    def _note(self, state: Any) -> None:
        # `seen` is 0 where no batch was counted.
        seen = max(1.0, self.loop.seen)
        entry = {
            "epoch": float(math.ceil(state.global_step / self.epoch)),
            "step": float(state.global_step),
        }
        entry |= {"train_loss": self.loop.loss_sum / seen, "train_accuracy": self.loop.hits / seen}
        self.loop.loss_sum = self.loop.hits = self.loop.seen = 0.0
        self.history.append(entry)
        # Only for reporters: the Trainer itself logs nothing (logging_strategy "no").
        self.loop.log({"loss": entry["train_loss"], "accuracy": entry["train_accuracy"]})
        epochs = math.ceil(state.max_steps / self.epoch)
        self.progress.line(f"\nEpoch {entry['epoch']:.0f}/{epochs}")
        self.progress.line(
            f"Training:   100% | Loss: {entry['train_loss']:.3f} | Acc:"
            f" {entry['train_accuracy']:.1%}"
        )

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Save the history with the checkpoint, and seal it."""
        device.wait_for_everyone()  # every process has written its part
        if self.kept and device.is_main_process():
            folder = Path(args.output_dir, f"{PREFIX_CHECKPOINT_DIR}-{state.global_step}")
            # The history before the seal, which holds the hash of every file.
            (folder / HISTORY_FILE).write_text(json.dumps(self.history), encoding="utf-8")
            seal(folder)
        device.wait_for_everyone()

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: dict[str, float] | None = None, **_: Any
    ) -> None:
        """Record and report the validation metrics."""
        # The Trainer evaluates after on_step_end, so the last entry is that of this epoch.
        if metrics and self.history:
            self.history[-1] |= {
                "validation_loss": metrics["eval_loss"],
                "validation_accuracy": metrics["eval_accuracy"],
            }
            self.history[-1]["calibrated_loss"] = metrics[BEST[0]]
            self.progress.epoch(self.history[-1])
            self.progress.line(
                f"Validation: 100% | Loss: {metrics['eval_loss']:.3f} | Acc:"
                f" {metrics['eval_accuracy']:.1%}"
            )


def not_a_number(state: Any, found: str) -> Diverged:
    """The sentence for a loss or a gradient that is not finite, with settings that may help."""
    return Diverged(
        f"training stopped in step {state.global_step + 1}: {found}, so nothing of this step was"
        " saved; lower learning_rate (2e-5 to 1e-5) or head_learning_rate, or set another seed"
    )

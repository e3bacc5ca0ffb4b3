"""The training loop, on the transformers Trainer: two learning rates, early stopping, best weights, checkpoints, and a way out with Ctrl-C."""

from __future__ import annotations

import json
import logging
import math
import shutil
import signal
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_pt_utils import get_length_grouped_indices
from transformers.trainer_utils import get_last_checkpoint

from vocation.config import TrainConfig
from vocation.errors import VocationError
from vocation.progress import Silent
from vocation.training.network import layer_numbers

BEST = ("eval_calibrated_loss", "min")
"""The metric that stopping and the choice of weights read, and its better direction: loss on the validation part, role names masked, at the
temperature that suits it best. It is steadier than accuracy where few rows are held out; and the plain loss rises with overconfidence, which
calibration mends, long before answers stop getting better."""

WARMUP_SHARE = 0.1
"""Warm-up is capped at this share of all steps: 100 warm-up steps in a run of 70 would never reach the learning rate."""

TOP_RATE = 5.0
"""How much faster the top layer learns than the lowest would."""

History = list[dict[str, float]]
Batch = dict[str, Tensor]


class Interrupted(VocationError):  # noqa: N818 (not an error, a wish)
    """Ctrl-C: the state was saved."""


@dataclass(frozen=True)
class Part:
    """Examples of one part of the data. `batch` makes the model's arguments from a list of example numbers; `size` counts them.

    `lengths` (size) are what they cost to read, where that differs: batches are then made of examples of about the same length.
    """

    size: int
    batch: Callable[[list[int]], Batch]
    lengths: list[int] | None = None


class _Numbers(torch.utils.data.Dataset[int]):
    """The Trainer's view of a Part: its items are numbers, the collator turns numbers into a batch."""

    def __init__(self, part: Part) -> None:
        self.size = part.size

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, i: int) -> int:
        return i


class _ByLength(torch.utils.data.Sampler[int]):
    """Example numbers in another order each epoch, those of a batch about equally long, the batches shuffled: no time is lost on padding."""

    def __init__(self, lengths: list[int], batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed, self.epoch = lengths, batch_size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """The Trainer says which pass over the examples comes, also when it resumes."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        order = get_length_grouped_indices(self.lengths, self.batch_size, generator=generator)
        full = len(order) // self.batch_size
        for number in [*torch.randperm(full, generator=generator).tolist(), full]:  # the last one may be short and stays last
            yield from order[number * self.batch_size : (number + 1) * self.batch_size]


def planned_steps(rows: int, config: TrainConfig) -> int:
    """Steps of a whole run on `rows` rows: those of the configured epochs, and at least about `min_steps`."""
    return config.num_epochs * epoch_steps(rows, config)


def epoch_steps(rows: int, config: TrainConfig) -> int:
    """Steps of an epoch: a pass over the rows, or longer where `num_epochs` passes would stay under `min_steps` steps."""
    return max(math.ceil(rows / config.batch_size), math.ceil(config.min_steps / config.num_epochs))


class _Loop(Trainer):
    """Counts what the network gets right while it trains, and stops at once when a loss is not a number."""

    hits = seen = 0.0
    loss_sum = 0.0
    training_part: Part
    validation_part: Part | None
    data_collator: Any

    def compute_loss(self, model: nn.Module, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        outputs = model(**inputs)
        loss = outputs["loss"]
        if model.training:
            value = float(loss.detach())
            if not math.isfinite(value):
                raise VocationError(
                    f"training stopped in step {self.state.global_step + 1}: the loss is {value}, so nothing of this step was saved; "
                    "lower learning_rate (2e-5 to 1e-5) or head_learning_rate, or set another seed"
                )
            n = len(inputs["labels"])
            self.loss_sum += value * n
            self.hits += float((outputs["logits"].detach().argmax(-1) == inputs["labels"]).sum())
            self.seen += n
        return (loss, outputs) if return_outputs else loss

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        lengths = self.training_part.lengths
        return _ByLength(lengths, self.args.train_batch_size, self.args.seed) if lengths else super()._get_train_sampler(train_dataset)

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        part = self.validation_part
        if part is None:
            raise RuntimeError("there is no validation part")
        kept = self.data_collator
        self.data_collator = part.batch
        try:
            return super().get_eval_dataloader(_Numbers(part))
        finally:
            self.data_collator = kept


class _Diary(TrainerCallback):
    """Keeps the history as plain data, moves the bar, says each epoch in the guide's shape, and heeds Ctrl-C."""

    def __init__(self, history: History, say: Callable[[str], None], bar: Any, stop: threading.Event, epoch: int) -> None:
        self.history, self.say, self.bar, self.stop, self.epoch = history, say, bar, stop, epoch
        self.loop: _Loop

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        torch.manual_seed(args.seed + state.global_step)  # every step has random numbers of its own, so that a resumed run is the same run

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.bar.update(1)
        if self.stop.is_set():
            control.should_save = True
            control.should_training_stop = True
        if state.global_step % self.epoch == 0 or state.global_step == state.max_steps:
            self._note(state)

    def _note(self, state: Any) -> None:
        seen = max(1.0, self.loop.seen)
        entry = {"epoch": float(math.ceil(state.global_step / self.epoch)), "step": float(state.global_step)}
        entry |= {"train_loss": self.loop.loss_sum / seen, "train_accuracy": self.loop.hits / seen}
        self.loop.loss_sum = self.loop.hits = self.loop.seen = 0.0
        self.history.append(entry)
        self.say(f"Epoch {entry['epoch']:.0f}/{math.ceil(state.max_steps / self.epoch)}")
        self.say(f"Training:   100% | Loss: {entry['train_loss']:.3f} | Acc: {entry['train_accuracy']:.1%}")

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        Path(args.output_dir, "history.json").write_text(json.dumps(self.history), encoding="utf-8")

    def on_evaluate(self, args: Any, state: Any, control: Any, metrics: dict[str, float] | None = None, **_: Any) -> None:
        if metrics and self.history:
            self.history[-1] |= {"validation_loss": metrics["eval_loss"], "validation_accuracy": metrics["eval_accuracy"]}
            self.history[-1]["calibrated_loss"] = metrics[BEST[0]]
            self.say(f"Validation: 100% | Loss: {metrics['eval_loss']:.3f} | Acc: {metrics['eval_accuracy']:.1%}\n")


def fit(
    model: nn.Module,
    training: Part,
    validation: Part | None,
    config: TrainConfig,
    *,
    steps: int | None = None,
    checkpoints: Path | None = None,
    resume: bool = False,
    progress: Silent | None = None,
) -> History:
    """Train `model` in place and return one entry per epoch; with `validation` the weights of the best epoch are restored.

    `steps` fixes the length of the run; without it, `planned_steps`. `checkpoints` is a folder to save to after every epoch (none: a temporary
    one); `resume` goes on from the newest checkpoint there.
    Raises Interrupted on Ctrl-C, after saving, and VocationError when the loss is no longer a number.
    """
    progress = progress or Silent()
    history: History = []
    if resume and checkpoints is not None and (finished := _finished(model, checkpoints)) is not None:
        return finished
    with _folder(checkpoints) as folder, _quiet(), _ctrl_c() as stop:
        total, epoch = steps or planned_steps(training.size, config), epoch_steps(training.size, config)
        with progress.bar("training", total) as bar:
            diary = _Diary(history, progress.line, bar, stop, epoch)
            loop = _Loop(
                model=model,
                args=_arguments(folder, config, total, epoch, validation is not None, checkpoints is not None),
                train_dataset=_Numbers(training),
                eval_dataset=None if validation is None else _Numbers(validation),
                data_collator=training.batch,  # type: ignore[arg-type]
                compute_metrics=_judge,
                optimizers=(_optimizer(model, config), None),  # type: ignore[arg-type]
                callbacks=[diary, *([EarlyStoppingCallback(config.patience)] if validation else [])],
            )
            loop.remove_callback(transformers.PrinterCallback)
            loop.training_part, loop.validation_part, diary.loop = training, validation, loop
            last = get_last_checkpoint(str(folder)) if resume and folder.is_dir() else None
            if last is not None:
                history += _diary_until(folder, last)
                bar.update(int(history[-1]["step"]) if history else 0)
            try:
                loop.train(resume_from_checkpoint=last)
            except (torch.OutOfMemoryError, MemoryError):
                raise VocationError(
                    f"out of memory with batch_size {config.batch_size} and max_length {config.max_length}: "
                    "halve one of them, or take a smaller base_model"
                ) from None
        if stop.is_set():
            raise Interrupted("stopped; the state was saved, go on with  --resume" if checkpoints else "stopped before anything was written")
        model.cpu().eval()
        if checkpoints is not None:
            save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, folder / "weights.safetensors")
            (folder / "finished").touch()
    return history


def _finished(model: nn.Module, folder: Path) -> History | None:
    """Weights and history of a stage that had already come to its end when the run was interrupted."""
    if not (folder / "finished").is_file():
        return None
    model.load_state_dict(load_file(folder / "weights.safetensors"))
    model.cpu().eval()
    return _diary_until(folder, None)


def _diary_until(folder: Path, checkpoint: str | None) -> History:
    """The epochs noted so far, up to the step of `checkpoint`."""
    try:
        history: History = json.loads((folder / "history.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    step = math.inf if checkpoint is None else int(checkpoint.rsplit("-", 1)[-1])
    return [entry for entry in history if entry["step"] <= step]


def best_steps(history: History) -> int:
    """Steps until the weights that were kept: to the first epoch with the lowest calibrated loss, or to the end without a validation part."""
    judged = [entry for entry in history if "calibrated_loss" in entry] or history[-1:]
    return int(min(judged, key=lambda entry: entry.get("calibrated_loss", 0.0))["step"])


def best_loss(history: History) -> float:
    """The lowest calibrated loss on the validation part; infinite without one."""
    return min((entry["calibrated_loss"] for entry in history if "calibrated_loss" in entry), default=math.inf)


def _arguments(folder: Path, config: TrainConfig, steps: int, epoch: int, validated: bool, kept: bool) -> TrainingArguments:
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=config.batch_size,
        warmup_steps=min(config.warmup_steps, int(WARMUP_SHARE * steps)),
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        seed=config.seed,
        data_seed=config.seed,
        eval_strategy="steps" if validated else "no",
        eval_steps=epoch,
        save_strategy="steps" if validated or kept else "no",
        save_steps=epoch,
        save_total_limit=2,
        load_best_model_at_end=validated,
        metric_for_best_model=BEST[0] if validated else None,
        greater_is_better=BEST[1] == "max" if validated else None,
        logging_strategy="no",
        logging_nan_inf_filter=False,
        report_to="none",
        disable_tqdm=True,
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_pin_memory=False,
    )


def _optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW with rates that rise with the encoder's layers: `learning_rate` for the lowest, TOP_RATE times that for the top one, if it is trained.

    All that is not the encoder learns at the head's own rate.
    """
    depth = layer_numbers(model)
    top = max(1, *depth.values()) if depth else 1
    rates: dict[float, list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            own = config.learning_rate * TOP_RATE ** (depth.get(name, 0) / top)
            rates.setdefault(own if name.startswith("base_model.") else config.head_learning_rate, []).append(parameter)
    return torch.optim.AdamW([{"params": group, "lr": rate} for rate, group in rates.items()], weight_decay=0.01)


def _judge(prediction: Any) -> dict[str, float]:
    scores = prediction.predictions[0] if isinstance(prediction.predictions, tuple) else prediction.predictions
    table, labels = torch.from_numpy(scores).double(), torch.from_numpy(prediction.label_ids)
    losses = (float(cross_entropy(table * sharpness, labels)) for sharpness in np.geomspace(0.1, 3.0, 40))
    return {"accuracy": float((table.argmax(-1) == labels).double().mean()), "calibrated_loss": min(losses)}


@contextmanager
def _folder(checkpoints: Path | None) -> Iterator[Path]:
    if checkpoints is not None:
        checkpoints.mkdir(parents=True, exist_ok=True)
        yield checkpoints
        return
    folder = Path(tempfile.mkdtemp(prefix="vocation-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _quiet() -> Iterator[None]:
    """The Trainer's own chatter is for people who know the Trainer."""
    level = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    accelerate = logging.getLogger("accelerate")
    before, accelerate.level = accelerate.level, logging.ERROR
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        transformers.logging.set_verbosity(level)
        accelerate.level = before


@contextmanager
def _ctrl_c() -> Iterator[threading.Event]:
    """The first Ctrl-C asks the loop to save and leave after the current step; a second one interrupts at once."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def ask(*_: Any) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)

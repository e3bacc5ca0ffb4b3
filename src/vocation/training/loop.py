"""The training loop, on the transformers Trainer: two learning rates, early stopping, best weights,
checkpoints that can be trusted.

Where memory is short it continues with the same batch in smaller pieces. It stops with a clear
message at numbers that are not finite, a full disk and Ctrl-C.
"""

from __future__ import annotations

import errno
import gc
import json
import math
import os
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import EarlyStoppingCallback, Trainer, TrainingArguments

from vocation.config import TrainConfig
from vocation.errors import VocationError
from vocation.progress import NullProgress
from vocation.training import device, tracking
from vocation.training.batches import Examples, IndexDataset, LengthGroupedSampler
from vocation.training.callbacks import HISTORY_FILE, HistoryCallback, Interrupted, not_a_number
from vocation.training.checkpoints import is_whole, newest, seal
from vocation.training.context import ctrl_c, quiet, working_folder
from vocation.training.encoder.network import layer_numbers
from vocation.training.schedule import BEST, History, epoch_steps, planned_steps

WARMUP_SHARE = 0.1
"""The largest share of all steps for warm-up: 100 in a run of 70 would never reach the rate."""

TOP_RATE = 5.0
"""How much faster the top layer learns than the lowest would."""

_STATE_BYTES = 500_000  # what a state holds beside weights and optimizer, rounded up
_FINAL = "final"


class _Loop(Trainer):
    """A Trainer that counts hits while it trains, and stops at a loss that is not finite."""

    hits = seen = 0.0
    loss_sum = 0.0
    training_part: Examples
    validation_part: Examples | None
    batch_size: int
    data_collator: Any

    def compute_loss(
        self, model: nn.Module, inputs: Any, return_outputs: bool = False, **_: Any
    ) -> Any:
        """The loss of a batch, with loss and hits summed up for the line of the epoch."""
        # `**_` takes what newer Trainers pass in addition, such as num_items_in_batch.
        outputs = model(**inputs)
        loss = outputs["loss"]
        if model.training:
            value = float(loss.detach())
            if not math.isfinite(value):
                raise not_a_number(self.state, f"the loss is {value}")
            n = len(inputs["labels"])
            self.loss_sum += value * n
            self.hits += float((outputs["logits"].detach().argmax(-1) == inputs["labels"]).sum())
            self.seen += n
        return (loss, outputs) if return_outputs else loss

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        # The Trainer's own grouping reads lengths from the items, which are mere numbers here.
        lengths = self.training_part.lengths
        return (
            LengthGroupedSampler(lengths, self.batch_size, self.args.seed)
            if lengths
            else super()._get_train_sampler(train_dataset)
        )

    def get_eval_dataloader(self, eval_dataset: Any = None) -> Any:
        """The validation rows, in their order."""
        part = self.validation_part
        if part is None:
            raise RuntimeError("there is no validation part")
        # The Trainer has one collator for both parts, so it is exchanged for this call.
        kept = self.data_collator
        self.data_collator = part.batch
        try:
            return super().get_eval_dataloader(IndexDataset(part))
        finally:
            self.data_collator = kept


def fit(
    model: nn.Module,
    training: Examples,
    validation: Examples | None,
    config: TrainConfig,
    *,
    steps: int | None = None,
    checkpoints: Path | None = None,
    resume: bool = False,
    progress: NullProgress | None = None,
) -> History:
    """Train `model` in place and return one entry per epoch.

    With `validation` the weights of the best epoch are restored. `steps` fixes the length of the
    run; without it, `planned_steps`. `checkpoints` is a folder to save to after every epoch (None:
    a temporary one); `resume` continues from the newest complete checkpoint there. Where memory
    does not suffice, a batch is computed in smaller pieces. Raises Interrupted on Ctrl-C, after
    saving, and VocationError when a number is not finite, or memory or disk are full.
    """
    progress = progress or NullProgress()
    final = checkpoints / _FINAL if checkpoints else None
    # This stage was finished before the interruption: read its weights, train nothing.
    if resume and final is not None and is_whole(final):
        model.load_state_dict(load_file(final / "weights.safetensors"))
        model.cpu().eval()
        return _history(final)
    with working_folder(checkpoints) as folder, quiet(), ctrl_c() as stop:
        job = _Job(
            model,
            training,
            validation,
            config,
            steps or planned_steps(training.size, config),
            folder,
            checkpoints is not None,
            stop,
            progress,
        )
        history = job.run(resume)
        if stop.is_set():
            raise Interrupted(
                "stopped; the state was saved, go on with  --resume"
                if checkpoints
                else "stopped before anything was written"
            )
        model.cpu().eval()
        if final is not None and device.is_main_process():
            final.mkdir(exist_ok=True)
            # safetensors refuses tensors that are not contiguous.
            weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
            save_file(weights, final / "weights.safetensors")
            (final / HISTORY_FILE).write_text(json.dumps(history), encoding="utf-8")
            seal(final)
    return history


@dataclass(frozen=True)
class _Job:
    """What `fit` was asked for. Checkpoints in `folder` stay there if `kept`."""

    model: nn.Module
    training: Examples
    validation: Examples | None
    config: TrainConfig
    steps: int
    folder: Path
    kept: bool
    stop: threading.Event
    progress: NullProgress

    def run(self, resume: bool) -> History:
        """Attempt the run until it fits in memory, each batch in ever smaller pieces."""
        model, pieces = self.model, self.config.accumulation
        # clone: on the CPU `.cpu()` alone would share memory with the weights that learn.
        fresh = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
        while True:
            again = resume or pieces > self.config.accumulation
            try:
                return self.attempt(pieces, newest(self.folder) if self.kept and again else None)
            # The first is a GPU's, the second the machine's memory.
            except (torch.OutOfMemoryError, MemoryError):
                pieces = _smaller(pieces, self.config, self.progress)
            except Exception as error:
                full = _disk_full(error, model, self.folder)
                newest(self.folder)  # removes what was not written to its end
                raise full or error from None
            # The failed attempt may have moved the weights, and still holds memory.
            model.zero_grad(set_to_none=True)
            model.load_state_dict(fresh)
            # Unused objects first: empty_cache returns only blocks that no tensor holds.
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def attempt(self, pieces: int, last: Path | None) -> History:
        """Run from the checkpoint `last` or the start, each batch in `pieces`; return history."""
        history = _history(last) if last else []
        epoch = epoch_steps(self.training.size, self.config)
        stopping = [EarlyStoppingCallback(self.config.patience)] if self.validation else []
        encoder = getattr(self.model, "base_model", None)
        reporting = (
            tracking.reporters(self.config, "full" if encoder is not None else "head")
            if self.validation
            else []
        )
        if encoder is not None and self.config.gradient_checkpointing:
            # The reentrant kind needs inputs with gradients, which token ids do not have.
            encoder.gradient_checkpointing_enable(
                gradient_checkpointing_kwargs={"use_reentrant": False}
            )
        with self.progress.bar("training", self.steps) as bar:
            diary = HistoryCallback(history, self.progress, bar, self.stop, epoch, self.kept)
            loop = _Loop(
                model=self.model,
                args=_arguments(
                    self.folder,
                    self.config,
                    self.steps,
                    epoch,
                    self.validation is not None,
                    self.kept,
                    pieces,
                    encoder is not None,
                ),
                train_dataset=IndexDataset(self.training),
                eval_dataset=None if self.validation is None else IndexDataset(self.validation),
                data_collator=self.training.batch,  # type: ignore[arg-type]
                compute_metrics=_compute_metrics,
                optimizers=(_optimizer(self.model, self.config), None),  # type: ignore[arg-type]
                callbacks=[diary, *stopping, *reporting],
            )
            # disable_tqdm makes the Trainer add a callback that prints every log entry.
            loop.remove_callback(transformers.PrinterCallback)
            loop.training_part = self.training
            loop.validation_part = self.validation
            loop.batch_size = self.config.batch_size
            # The Trainer divides the loss by the pieces; in transformers 5.3 accelerate did, too.
            loop.accelerator.gradient_accumulation_steps = 1
            # The two need each other, so one of them is set afterwards.
            diary.loop = loop
            bar.update(int(history[-1]["step"]) if history else 0)
            loop.train(resume_from_checkpoint=str(last) if last else None)
        # The weights in `model` are from this checkpoint, so its files must be unchanged.
        best = loop.state.best_model_checkpoint
        if self.kept and best and not is_whole(Path(best)):
            raise VocationError(
                f"the best state {best} was damaged on the disk after it was saved: run again"
                " without --resume"
            )
        if encoder is not None and self.config.gradient_checkpointing:
            encoder.gradient_checkpointing_disable()
        return history


def _history(folder: Path) -> History:
    found: History = json.loads((folder / HISTORY_FILE).read_text(encoding="utf-8"))
    return found


def _smaller(pieces: int, config: TrainConfig, progress: NullProgress) -> int:
    """Twice as many pieces of a batch; VocationError when a piece is a single row already."""
    if pieces >= config.batch_size:
        raise VocationError(
            f"out of memory even with one row at a time at max_length {config.max_length}: "
            "lower max_length (128 to 64), set gradient_checkpointing, or take a smaller base_model"
        ) from None
    pieces = min(2 * pieces, config.batch_size)
    progress.line(
        f"Memory does not suffice: continuing with each batch of {config.batch_size} in {pieces}"
        f" pieces (accumulation {pieces})."
    )
    return pieces


def _disk_full(error: Exception, model: nn.Module, folder: Path) -> VocationError | None:
    """The sentence for an error that came from a full disk; None for any other error."""
    # Weights, and two moments of the optimizer for each weight that learns.
    state = sum(
        (1 + 2 * tensor.requires_grad) * tensor.numel() * tensor.element_size()
        for tensor in model.parameters()
    )
    need, free = 1.1 * state + _STATE_BYTES, shutil.disk_usage(folder).free
    # torch's writer does not pass on why it failed: then, and only then, the free space decides.
    unexplained = "PytorchStreamWriter" in str(error) or "unexpected pos" in str(error)
    if not (_no_space(error) or (unexplained and free < need)):
        return None
    return VocationError(
        f"the disk is full: a state of this training needs about {need / 1e6:.1f} MB in {folder},"
        f" {free / 1e6:.1f} MB are free; the last good state is kept: free some space and run"
        " again, with --resume to go on from there"
    )


def _no_space(error: BaseException | None) -> bool:
    """Whether `error`, or what caused it, is the system's word that a disk or a quota is full.

    safetensors only quotes it.
    """
    while error is not None:
        if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
            return True
        if os.strerror(errno.ENOSPC) in str(error) or os.strerror(errno.EDQUOT) in str(error):
            return True
        # Libraries wrap the system's error: look at what caused it as well.
        error = error.__cause__ or error.__context__
    return False


def _arguments(
    folder: Path,
    config: TrainConfig,
    steps: int,
    epoch: int,
    validated: bool,
    kept: bool,
    pieces: int = 1,
    encoder: bool = False,
) -> TrainingArguments:
    # Pieces and processes share one batch: the optimizer always steps on batch_size rows.
    size = max(1, math.ceil(config.batch_size / (pieces * device.processes())))
    precision = device.precision(config.precision) if encoder else "float32"
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=steps,
        per_device_train_batch_size=size,
        per_device_eval_batch_size=size,
        gradient_accumulation_steps=pieces,
        use_cpu=device.together_on_cpu(),
        bf16=precision == "bfloat16",
        fp16=precision == "float16",
        warmup_steps=min(config.warmup_steps, int(WARMUP_SHARE * steps)),
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        seed=config.seed,
        data_seed=config.seed,
        eval_strategy="steps" if validated else "no",
        eval_steps=epoch,
        save_strategy="steps" if validated or kept else "no",
        save_steps=epoch,  # load_best_model_at_end needs a multiple of eval_steps
        save_total_limit=3,  # the best, the newest, and one to fall back on
        load_best_model_at_end=validated,
        metric_for_best_model=BEST[0] if validated else None,
        greater_is_better=BEST[1] == "max" if validated else None,
        logging_strategy="no",  # `HistoryCallback` logs
        run_name="vocation",
        logging_nan_inf_filter=False,  # `compute_loss` stops at such numbers
        report_to="none",  # what is asked for comes as callbacks
        disable_tqdm=True,
        remove_unused_columns=False,  # the items are numbers and have no columns
        label_names=["labels"],
        dataloader_pin_memory=False,
    )


def _optimizer(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW with layer-wise rates: `learning_rate` for the lowest layer, TOP_RATE times it on top.

    The classifier learns at `head_learning_rate`.
    """
    depth = layer_numbers(model)
    top = max(1, *depth.values()) if depth else 1
    rates: dict[float, list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            # The factor grows in equal ratios from 1 at depth 0 to TOP_RATE at the top layer.
            own = config.learning_rate * TOP_RATE ** (depth.get(name, 0) / top)
            # One parameter group for each rate, not for each parameter.
            rates.setdefault(
                own if name.startswith("base_model.") else config.head_learning_rate, []
            ).append(parameter)
    return torch.optim.AdamW(
        [{"params": group, "lr": rate} for rate, group in rates.items()], weight_decay=0.01
    )


def _compute_metrics(prediction: Any) -> dict[str, float]:
    """Accuracy, and the log loss at the temperature (of 40 on a grid) that suits it best."""
    # The Trainer gives a tuple where the model returns more than the logits.
    scores = (
        prediction.predictions[0]
        if isinstance(prediction.predictions, tuple)
        else prediction.predictions
    )
    table, labels = torch.from_numpy(scores).double(), torch.from_numpy(prediction.label_ids)
    # Sharpness is 1 / temperature; equal ratios, since scores are multiplied by it.
    losses = (
        float(cross_entropy(table * sharpness, labels)) for sharpness in np.geomspace(0.1, 3.0, 40)
    )
    return {
        "accuracy": float((table.argmax(-1) == labels).double().mean()),
        "calibrated_loss": min(losses),
    }

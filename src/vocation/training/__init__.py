"""Training: the only folder that imports torch.

The public functions check the arguments and read the user's files before they import torch.
"""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from vocation.bundle.pytorch_files import check_start, read_pytorch
from vocation.bundle.writer import candidate_of, check_writable
from vocation.config import PRESETS, TrainConfig
from vocation.data.dataset import Dataset, Reading, load
from vocation.errors import ConfigError, MissingExtra
from vocation.progress import NullProgress
from vocation.reports import learnt
from vocation.reports import runs as history
from vocation.reports.label_issues import LabelReport
from vocation.training.retrain import check_careers

if TYPE_CHECKING:
    from vocation.data.frames import Frames
    from vocation.training.warm_start import WarmStart

NEEDED = (
    "torch",
    "transformers",
    "accelerate",
    "sklearn",
    "imblearn",
    "scipy",
    "onnx",
    "onnxscript",
    "safetensors",
)
"""What training imports; the train extra installs it."""


@dataclass(frozen=True)
class TrainResult:
    """The result of a training run.

    `folder` is the bundle's, `metadata` its metadata (metrics with intervals, history, samples),
    `record` the file with the record of the run, None where it could not be written. With
    `held_back` the bundle answers worse than the one before, or was asked for as a candidate: the
    one before stayed where it was, and `folder` is that of the candidate.
    """

    folder: Path
    metadata: dict[str, Any]
    data: Dataset
    seconds: float
    record: Path | None = None

    @property
    def held_back(self) -> bool:
        """Whether the bundle before stayed in its place."""
        return bool(self.metadata.get("held_back"))

    @property
    def history(self) -> list[dict[str, float]]:
        """One entry for each epoch of the measured run: step, losses and accuracies."""
        return list(self.metadata["history"])


def train(
    data: Dataset | str | Path | Frames | None = None,
    output: str | Path = "models",
    *,
    preset: str = "auto",
    config: TrainConfig | Mapping[str, Any] | None = None,
    resume: bool = False,
    start_from: str | Path | None = None,
    runs: str | Path | None = None,
    replace: bool = False,
    candidate: bool = False,
    progress: NullProgress | None = None,
    **reading: Unpack[Reading],
) -> TrainResult:
    """Train on `data` and write a bundle to `output`; the bundle before is kept beside it.

    data: a folder, files, a Dataset that was loaded before, or None for the default data; or a
    pandas DataFrame, a mapping such as {"profiles": df, "skills": df_2}, or a list with DataFrames.
    Rows that `augment_data` made are learnt with the row that they rephrase alone.
    preset: "head" (frozen encoder, a minute or two), "full" (fine-tunes it) or "auto" (full where
    it takes at most two minutes here).
    config: a TrainConfig or a mapping with any of its keys.
    resume: continue an interrupted full run.
    start_from: a bundle's folder or a .pth file to start from, with the same or other careers;
    settings at their default are then that model's.
    runs: the folder for the record of the run (default: `runs` beside the bundle's folder).
    replace: replace the bundle in `output` also where its careers are missing in `data`, or where
    it answers better.
    candidate: leave the bundle in `output` as it is, and the new one beside it for `promote`.
    reading: how files are read, as in `data.dataset.load`: `columns` (contract column -> the user's
    column), `with_defaults`, `add_to_defaults`, `limit`, `multi_label`,
    `merge_titles`.
    Raises VocationError for anything that the caller can fix.
    """
    start = time.monotonic()
    settings = _settings(preset, config)
    # `accelerate launch` and `torchrun` start several processes: only the main one reports.
    main = os.environ.get("RANK", "0") == "0"
    progress = progress if progress and main else NullProgress()
    earlier = None
    if start_from is not None:  # before anything that takes time
        check_start(start_from)  # before PyTorch is imported, which takes seconds
        from vocation.training.warm_start import WarmStart

        earlier = WarmStart.open(start_from)
    read = _read(data, reading, progress)
    # A candidate takes nobody's careers away: whoever promotes it has read which ones.
    _check_output(output, read, replace or candidate)

    from vocation.training import tracking
    from vocation.training.run import run  # torch and all that: seconds

    settings = earlier.settings(settings) if earlier else settings
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{Path(output).name}"
    with tracking.into(history.folder_for(output, runs) / name):
        metadata = run(
            read,
            Path(output),
            settings,
            preset,
            start=start,
            resume=resume,
            progress=progress,
            records=history.folder_for(output, runs),
            replace=replace,
            candidate=candidate,
            earlier=earlier,
        )
    folder = _place(output, metadata)
    record = _record(metadata, read, folder, runs, earlier, progress) if main else None
    return TrainResult(folder, metadata, read, time.monotonic() - start, record)


def _check_output(output: str | Path, data: Dataset, replace: bool) -> None:
    """Raise BundleError before the training, so that no hours are lost, nor the bundle there."""
    check_writable(output)
    if not replace:
        check_careers(output, data.known)


def _place(output: str | Path, metadata: Mapping[str, Any]) -> Path:
    """Where the bundle with `metadata` was written."""
    return candidate_of(output) if metadata.get("held_back") else Path(output)


def _record(
    metadata: Mapping[str, Any],
    data: Dataset,
    output: str | Path,
    runs: str | Path | None,
    earlier: WarmStart | None,
    progress: NullProgress,
) -> Path | None:
    """Write the record of the run, and beside it which texts were learnt.

    Warns where that fails, since the bundle is written.
    """
    try:
        path = history.append(metadata, output, runs)
        texts = learnt.of(data)
        learnt.write(learnt.after(texts, earlier.learnt()) if earlier else texts, path, metadata)
        return path
    except (OSError, ValueError) as error:
        place = history.folder_for(output, runs)
        progress.line(f"WARNING: the record of this run could not be written to {place} ({error})")
        return None


@dataclass(frozen=True)
class TuneResult:
    """The result of tuning; `report` is the content of tuning.json, in `report_folder`."""

    folder: Path
    metadata: dict[str, Any]
    report: dict[str, Any]
    report_folder: Path
    seconds: float


def tune(
    data: Dataset | str | Path | Frames | None = None,
    output: str | Path = "models",
    *,
    trials: int = 30,
    timeout: float | None = None,
    study: str | Path | None = None,
    preset: str = "auto",
    config: TrainConfig | Mapping[str, Any] | None = None,
    replace: bool = False,
    progress: NullProgress | None = None,
    **reading: Unpack[Reading],
) -> TuneResult:
    """Search for better settings than those of `config`, train with the best, write that bundle.

    trials: the number of settings to try, those of `config` first; trials in `study` count.
    timeout: seconds after which no new trial begins.
    study: the file that keeps the trials (default: `study.db` in the folder OUTPUT-tuning, where
    the report is written too); the same call continues after an interruption.
    The other arguments are those of `train`. Settings of `config` stay unless others are measurably
    better. Raises VocationError for anything that the caller can fix, and where data or settings
    are not those that the study began with.
    """
    start = time.monotonic()
    if trials < 1:
        raise ConfigError(f"trials must be 1 or more, found {trials}")
    # `not >` instead of `<=` also refuses NaN.
    if timeout is not None and not timeout > 0:
        raise ConfigError(f"timeout must be a number of seconds above 0, found {timeout}")
    if os.environ.get("WORLD_SIZE", "1") != "1":
        raise ConfigError(
            "tuning runs in one process: start it without accelerate launch or torchrun"
        )
    settings, progress = _settings(preset, config), progress or NullProgress()
    # find_spec looks for the package without importing it.
    if importlib.util.find_spec("optuna") is None:
        raise MissingExtra("tuning", "tune")
    read = _read(data, reading, progress)
    _check_output(output, read, replace)

    from vocation.training.tuning.search import Tuning

    tuning = Tuning(read, Path(output), settings, Path(study) if study else None, progress, replace)
    report, metadata = tuning.run(preset, trials, timeout, start)
    folder = _place(output, metadata)
    _record(metadata, read, folder, None, None, progress)
    return TuneResult(folder, metadata, report, tuning.folder, time.monotonic() - start)


def _settings(preset: str, config: TrainConfig | Mapping[str, Any] | None) -> TrainConfig:
    """The configuration of a call; checks everything that can be checked without its data."""
    if preset not in PRESETS:
        raise ConfigError(f"preset must be one of {', '.join(PRESETS)}, found {preset!r}")
    settings = config if isinstance(config, TrainConfig) else TrainConfig.from_dict(config or {})
    _require_extra("training")
    from vocation.training import tracking

    tracking.require(settings.report_to)
    return settings


def _require_extra(purpose: str) -> None:
    """Raise MissingExtra where a library of the train extra is missing."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise MissingExtra(purpose, "train")


def _read(data: Any, reading: Reading, progress: NullProgress) -> Dataset:
    if isinstance(data, Dataset):
        if reading.get("add_to_defaults"):
            raise ConfigError(
                "add_to_defaults needs the files, found a Dataset: load it with"
                " load(folder, add_to_defaults=True)"
            )
        for warning in data.report.warnings:
            progress.line(f"WARNING: {warning}")
        return data
    read = load(data, **reading)
    progress.line(f"{read.report}\n")
    return read


def find_label_issues(
    data: Dataset | str | Path | Frames | None = None,
    *,
    config: TrainConfig | Mapping[str, Any] | None = None,
    progress: NullProgress | None = None,
    **reading: Unpack[Reading],
) -> tuple[Dataset, LabelReport]:
    """Return the Dataset of `data` (as for `train`) and a report of possibly wrong labels.

    Changes nothing. Needs the train extra. Raises VocationError for anything that the caller can
    fix.
    """
    _require_extra("looking for wrong labels (--label-issues)")
    settings = config if isinstance(config, TrainConfig) else TrainConfig.from_dict(config or {})
    read = _read(data, reading, NullProgress())

    from vocation.training.label_issues import find_issues

    return read, find_issues(read, settings, progress or NullProgress())


def rebuild_bundle(folder: str | Path, base_model: str | Path | None = None) -> Path:
    """Make the serving files of a bundle from the PyTorch files in `folder`; returns the folder.

    Needs the train extra. The base model that the files name must be installed or in the model
    hub's cache, for they may be a stranger's; `base_model` names another one, or its folder.
    Raises VocationError for anything that the caller can fix.
    """
    _require_extra("completing a bundle from its PyTorch weights")
    read_pytorch(folder)  # before PyTorch is imported, which takes seconds
    from vocation.training import rebuild

    return rebuild.rebuild_bundle(folder, base_model)


def build_ensemble(
    members: Sequence[str | Path],
    output: str | Path,
    *,
    evaluate: str | Path | None = None,
    text_column: str | None = None,
    label_column: str | None = None,
    progress: NullProgress | None = None,
) -> dict[str, Any]:
    """Write a bundle that answers with the mean probability of `members`; return its metadata.

    evaluate: a file with labelled rows on which each member and the ensemble are measured;
    text_column and label_column name its columns. Needs the train extra. Raises VocationError for
    anything that the caller can fix.
    """
    given = evaluate is not None, text_column is not None, label_column is not None
    if any(given) and not all(given):
        raise ConfigError(
            "--evaluate FILE, --text-column NAME and --label-column NAME belong together: give all"
            " three, or none"
        )
    _require_extra("making an ensemble")
    from vocation.training import ensemble

    rows = None
    if evaluate is not None and text_column is not None and label_column is not None:
        rows = evaluate, text_column, label_column
    return ensemble.build_ensemble(members, output, rows, progress)


__all__ = [
    "TrainResult",
    "TuneResult",
    "build_ensemble",
    "find_label_issues",
    "rebuild_bundle",
    "train",
    "tune",
]

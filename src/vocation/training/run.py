"""One training run, from the data to a verified bundle.

prepare -> fit (the encoder too in the full preset) -> calibrate -> measure on the test part,
        or on few rows by folds -> compare with the bundle that is there
        -> fit again on all rows -> write -> read as a user would and compare
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vocation.bundle.writer import candidate_of
from vocation.config import TrainConfig
from vocation.data.dataset import Dataset
from vocation.data.split import FEW_ROWS
from vocation.metrics import ranks
from vocation.progress import NullProgress
from vocation.reports import diagnostics
from vocation.reports import learnt as learnt_texts
from vocation.text.person import MASKING
from vocation.training import device, retrain, warm_start, write
from vocation.training.calibrate import calibrate
from vocation.training.checkpoints import Checkpoints
from vocation.training.fit import Fitter, choose_preset
from vocation.training.held_out import Judged, judge
from vocation.training.in_turn import in_turn
from vocation.training.measure import evaluate_tasks, measure
from vocation.training.prepare import Prepared, prepare
from vocation.training.schedule import best_steps


def run(
    data: Dataset,
    output: Path,
    config: TrainConfig,
    preset: str,
    *,
    start: float,
    resume: bool,
    progress: NullProgress,
    records: Path,
    replace: bool = False,
    candidate: bool = False,
    earlier: warm_start.WarmStart | None = None,
) -> dict[str, Any]:
    """Train, measure, write the bundle to `output`, and return its metadata.

    `start` is when the user's call began (time.monotonic), `records` the folder with the records
    of runs, `earlier` a model to go on from. A `candidate`, and without `replace` a bundle worse
    than the one there, is written beside that one: `held_back`. Raises VocationError for anything
    that the user can fix.
    """
    device.wait_for_everyone()
    # A run that cannot be resumed is refused before anything takes time.
    checkpoints = Checkpoints(output, _identity(data, config, earlier), resume)
    prepared = prepare(data, config, earlier)
    introduce(prepared, progress)
    network = prepared.network()
    write.check_space(output, network, len(data.roles))
    preset = choose_preset(prepared, preset, network, progress)
    _warn(prepared, preset, network.longest, progress)
    fitter = Fitter(prepared, checkpoints, resume, progress)
    model, frozen = fitter.measured(preset, network)
    # `auto` is decided by now, and fine-tuning may have been discarded.
    preset = "head" if model is frozen else "full"
    turns = in_turn(prepared, model, frozen, progress)
    calibration = calibrate(prepared, model, frozen, turns, progress)
    judged = judge(prepared, model, calibration, turns)
    metrics = measure(prepared, model, calibration, judged, preset, progress)
    tasks = evaluate_tasks(prepared, model, calibration, progress)
    compared = _compare(prepared, judged, output, records, progress)
    progress.line("\nThe model that ships learns from all rows:")
    # No test part is left for it, so the length comes from the measured one.
    final = fitter.final(preset, best_steps(model.history))
    seconds = time.monotonic() - start
    described = write.metadata(prepared, preset, calibration, metrics, model.history, seconds)
    described["tasks"] = tasks
    if earlier is not None:
        described["started_from"] = earlier.provenance(data.roles, config)
        described["known_limits"].append(warm_start.LIMIT)
    if compared is not None:
        described["compared"] = compared
    if device.is_main_process():
        if candidate or (not replace and _is_worse(compared, output, data)):
            described["held_back"] = True
            output = candidate_of(output)
        keep = "held_back" not in described  # what an older candidate was is of no use
        write.write(output, prepared, final, calibration, described, progress, keep=keep)
        # Only now: until the bundle is written a crash can be resumed.
        checkpoints.forget()
    device.wait_for_everyone()
    for note in diagnostics.slow(seconds, preset, described["device"], described["config"]):
        progress.line(f"  {note}")
    return described


def _compare(
    prepared: Prepared,
    judged: Judged,
    output: Path,
    records: Path,
    progress: NullProgress,
) -> dict[str, Any] | None:
    """Compare the measured model with the bundle in `output`, where there is one; report it."""
    if not device.is_main_process():
        return None
    learnt = {"it": learnt_texts.find(records, retrain.known(output))}
    if prepared.warm_start is not None:
        learnt["the earlier model"] = prepared.warm_start.learnt()
    right = ranks(judged.masked, prepared.data.labels[judged.rows]) == 1
    found = retrain.compare(prepared.data, judged.rows, right, output, learnt)
    if found is not None:
        progress.line(retrain.sentence(found, output))
    return found


def _is_worse(compared: Mapping[str, Any] | None, output: Path, data: Dataset) -> bool:
    """Whether the new bundle must not take the place of the one in `output` unasked."""
    # Careers again: another training may have put a bundle there meanwhile.
    return bool((compared or {}).get("worse") or retrain.lost_careers(output, data.known))


def _identity(
    data: Dataset, config: TrainConfig, earlier: warm_start.WarmStart | None
) -> dict[str, Any]:
    """What an interrupted run must share with the one that goes on from it."""
    settings = config.to_dict()
    del settings["report_to"]  # who watches does not change the weights
    began = {"earlier model": earlier.fingerprint} if earlier else {}
    masking = MASKING if config.mask_person else 0
    return {"data": data.fingerprint, "masking": masking, **began, **settings}


def introduce(prepared: Prepared, progress: NullProgress) -> None:
    """Report how the data is split, whether the base model knows its languages, and which model
    this run goes on from.
    """
    parts, data = prepared.split, prepared.data
    for note in parts.notes:
        if note not in data.report.warnings:  # with another seed other careers may be untested
            progress.line(note)
    if strange := prepared.unknown_languages():
        progress.line(f"WARNING: {strange}")
    if prepared.few:
        progress.line(
            f"Fewer than {FEW_ROWS} rows: accuracy is measured on all that can be tested, each held"
            " out in turn."
        )
    if prepared.warm_start is not None:
        for line in prepared.warm_start.lines(data.roles, prepared.config, data.fingerprint):
            progress.line(line)
    progress.line(
        f"Split: {len(parts.train):,} rows to train, {len(parts.validation):,} to validate,"
        f" {len(parts.test):,} to test; near-duplicates stay on one side."
    )


def _warn(prepared: Prepared, preset: str, longest: int, progress: NullProgress) -> None:
    """Report settings that do not act in this run; `longest` is what the base model reads."""
    config, augmentation = prepared.config, prepared.augmentation
    if longest < config.max_length:
        progress.line(
            f"WARNING: max_length {config.max_length} is more than this base model reads at a"
            f" time: {longest} is used."
        )
    if config.augment == "none" and config.augment_factor != TrainConfig().augment_factor:
        progress.line("WARNING: augment_factor does not act while augment is none: it is ignored.")
    if augmentation.asked:
        progress.line(
            f"Augmentation: {augmentation.made:,} of {augmentation.asked:,} new texts could be"
            " made; those of held-out rows are not learned."
        )
    for key in config.idle_keys(preset):
        progress.line(f"WARNING: {key} does not act in the preset {preset!r} and is ignored.")

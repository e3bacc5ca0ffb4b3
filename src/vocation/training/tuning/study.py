"""The study's file: an SQLite database of Optuna's that a kill at any moment leaves whole, and that
knows which data and settings it belongs to.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from filelock import FileLock, Timeout
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from vocation.config import TrainConfig
from vocation.errors import VocationError

_NAME = "vocation"
# The first bytes of every SQLite file: another file is refused and never written to.
_HEADER = b"SQLite format 3\0"

CHOICES = {"hidden_dim": (128, 256, 512), "batch_size": (16, 32, 64)}
RANGES: dict[str, tuple[float, float, bool]] = {  # lowest, highest, on a logarithmic scale
    "dropout": (0.0, 0.6, False),
    "head_learning_rate": (2e-4, 5e-3, True),
    "num_epochs": (5, 20, True),
    "min_steps": (200, 800, True),
    "warmup_steps": (0, 200, False),
    "learning_rate": (5e-6, 1e-4, True),
}
"""What is searched. `patience` is not: it would change what the number of epochs means."""


def space(config: TrainConfig, preset: str) -> dict[str, Any]:
    """What is tried for each setting that acts in `preset`: the guide's values, others around
    them, and always the one in `config`.
    """
    idle = [] if preset == "full" else ["learning_rate"]
    found: dict[str, Any] = {
        name: optuna.distributions.CategoricalDistribution(_with(config, name, own))
        for name, own in CHOICES.items()
    }
    for name, (low, high, log) in RANGES.items():
        value = getattr(config, name)
        # The range grows to the user's own value, which is the first trial.
        low, high = min(low, value), max(high, value)
        whole = isinstance(
            getattr(TrainConfig(), name), int
        )  # a dropout of 0 is a whole number, but what is tried for it is not
        kind = (
            optuna.distributions.IntDistribution
            if whole
            else optuna.distributions.FloatDistribution
        )
        # A logarithmic scale cannot start at 0.
        found[name] = kind(low, high, log=log and low > 0)
    return {name: each for name, each in found.items() if name not in idle}


def _with(config: TrainConfig, name: str, choices: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted({*choices, getattr(config, name)}))


def tidy(name: str, value: Any) -> Any:
    """A value as people would write it: two significant digits, where it comes from a range."""
    return type(value)(float(f"{value:.2g}")) if name in RANGES else value


class Study:
    """The trials in `file`, one process at a time. What was running when a process died counts as
    failed, and is done again.
    """

    def __init__(self, file: Path) -> None:
        """Open or (at `begin`) make `file`; VocationError where it cannot be, is no study of ours,
        or another process has it.
        """
        self.file = file
        self._new = file.with_name(f".{file.name}-new")
        with _sentences(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            # Locked before the file is read: only then is a running trial an interrupted one.
            self._lock = _locked(file.with_name(f".{file.name}-lock"))
            self._study: Any = self._open() if file.exists() else None

    def _open(self) -> Any:
        with open(self.file, "rb") as opened:
            if opened.read(len(_HEADER)) != _HEADER:
                raise VocationError(
                    f"{self.file} is not the file of a study: take another name for --study, or"
                    " move it away"
                )
        study = self._load(self.file)
        for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            # Nobody works on it any more: one process at a time has the lock.
            study.tell(trial.number, state=TrialState.FAIL)
        return study

    def _load(self, file: Path) -> Any:
        self._storage = optuna.storages.RDBStorage(f"sqlite:///{file.resolve()}")
        # Five complete trials and two folds come first: a median of fewer says little.
        pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=2)
        return optuna.load_study(study_name=_NAME, storage=self._storage, pruner=pruner)

    @property
    def state(self) -> dict[str, Any] | None:
        """The data and settings that the study was begun with; None for a new one."""
        return None if self._study is None else dict(self._study.user_attrs["state"])

    def begin(self, state: Mapping[str, Any]) -> None:
        """Make the file, all or nothing; or refuse one that was begun with another `state`."""
        before = self.state
        if before is None:
            with _sentences(self.file):
                self._make(dict(state))
        elif before != state:
            changed = [
                f"{key}: {before.get(key)} -> {state.get(key)}"
                for key in {**before, **state}
                if before.get(key) != state.get(key)
            ]
            raise VocationError(
                f"cannot go on with the study {self.file}: data or settings have changed since it"
                f" began ({'; '.join(changed)}); put them back, or begin another one with --study"
                " OTHER.db"
            )

    def _make(self, state: dict[str, Any]) -> None:
        self._new.unlink(missing_ok=True)
        storage = optuna.storages.RDBStorage(f"sqlite:///{self._new.resolve()}")
        optuna.create_study(study_name=_NAME, storage=storage, direction="minimize").set_user_attr(
            "state", state
        )
        # Open connections would keep the file from being renamed on Windows.
        storage.engine.dispose()
        os.replace(self._new, self.file)
        self._study = self._open()

    def finished(self) -> list[FrozenTrial]:
        """The trials that came to an end, pruned ones too, in the order in which they did. The
        first is that of the starting settings.
        """
        with _sentences(self.file):
            return list(
                self._study.get_trials(
                    deepcopy=False, states=(TrialState.COMPLETE, TrialState.PRUNED)
                )
            )

    def best(self) -> tuple[int, FrozenTrial]:
        """The complete trial with the lowest loss, and its place in `finished`, from 1: numbers of
        Optuna's count interrupted trials, too.
        """
        complete = [
            (place, trial)
            for place, trial in enumerate(self.finished(), 1)
            if trial.state == TrialState.COMPLETE
        ]
        # Of equal losses the earlier trial wins; the starting settings are the first one.
        return min(complete, key=lambda each: float(each[1].value))

    def ask(self, config: TrainConfig, preset: str) -> tuple[Trial, TrainConfig]:
        """The next trial and its settings: first `config` itself. The same study and seed give the
        same trials, however often it was interrupted.
        """
        tried, done = space(config, preset), len(self.finished())
        first = {name: getattr(config, name) for name in tried}
        with _sentences(self.file):
            # An interrupted first trial may be waiting there already.
            if not done and not self._study.get_trials(
                deepcopy=False, states=(TrialState.WAITING,)
            ):
                self._study.enqueue_trial(first)
            # Own random numbers for each trial: a sampler that went on with its own would begin
            # anew after every interruption.
            seed = int(np.random.SeedSequence((config.seed, done)).generate_state(1)[0])
            self._study.sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True)
            trial = self._study.ask(tried)
        return trial, (
            config
            if not done
            else TrainConfig(
                **{**config.to_dict(), **{name: tidy(name, trial.params[name]) for name in tried}}
            )
        )

    def should_prune(self, trial: Trial, loss: float, step: int) -> bool:
        """Report the loss after the fold number `step`; whether it is so far above that of others
        there that `trial` should be left.
        """
        with _sentences(self.file):
            trial.report(loss, step)
            return bool(trial.should_prune())

    def tell(self, trial: Trial, loss: float | None, notes: Mapping[str, Any]) -> None:
        """Finish `trial` with its loss, None where it was left early; `notes` are kept with it."""
        with _sentences(self.file):
            # Notes come before the end of the trial: a kill in between leaves it to be done again.
            for key, value in notes.items():
                trial.set_user_attr(key, value)
            self._study.tell(
                trial, loss, state=TrialState.PRUNED if loss is None else TrialState.COMPLETE
            )

    def note(self, key: str, value: Any = None) -> Any:
        """What was noted under `key`, None for nothing; with a `value`, note that."""
        if value is not None:
            with _sentences(self.file):
                self._study.set_user_attr(key, value)
        return self._study.user_attrs.get(key)

    def importance(self, seed: int) -> dict[str, float]:
        """The share (sum 1) of each setting in how much complete trials differ, largest first:
        fANOVA, Hutter and others, ICML 2014.
        """
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
        return dict(optuna.importance.get_param_importances(self._study, evaluator=evaluator))

    def close(self) -> None:
        """Let other processes have the file."""
        if self._study is not None:
            self._storage.engine.dispose()
        self._lock.release()


def _locked(file: Path) -> FileLock:
    """A lock that the system takes back when the process dies."""
    lock = FileLock(file)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise VocationError(
            "another process is tuning with this study: wait for it, or take another name for"
            " --study"
        ) from None
    return lock


@contextmanager
def _sentences(file: Path) -> Iterator[None]:
    """What a disk or a damaged file does, in a sentence."""
    try:
        yield
    except (
        OSError,
        sqlite3.Error,
        SQLAlchemyError,
        optuna.exceptions.StorageInternalError,
    ) as error:
        cause = (
            error.__cause__
            if isinstance(error, optuna.exceptions.StorageInternalError) and error.__cause__
            else error
        )
        reason = str(
            getattr(cause, "orig", None) or getattr(cause, "strerror", None) or cause
        ).splitlines()[0]
        raise VocationError(
            f"the study {file} cannot be read or written ({reason}): make room there, or take"
            " another name for --study"
        ) from None
    # Optuna's error for a database that has no study of this name.
    except KeyError:
        raise VocationError(
            f"{file} is a database, but not of a study of ours: take another name for --study, or"
            " move it away"
        ) from None
    except RuntimeError as error:  # tables of another Optuna
        raise VocationError(
            f"the study {file} was made by another version of Optuna ({str(error).splitlines()[0]})"
        ) from None

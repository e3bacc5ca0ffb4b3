"""Good and warning signs of a training run, in words, each warning with the cure that fits this
run. Pure functions of the written history.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from vocation.config import TrainConfig

CLOSE, APART = 0.10, 0.15
"""Training accuracy less than 10 points above validation is good, more than 15 points is
overfitting (the usual rule of thumb).
"""

LOW = 0.80
"""Validation accuracy below this is called low."""

HIGH = 0.90
"""A run that begins with this validation accuracy and does not rise is done, not stuck."""

ENOUGH_ROWS, MANY_ROWS = 500, 1000
SLOW_SECONDS = 900
"""A run of more than a quarter of an hour is called slow: that is what fine-tuning takes on a small
GPU.
"""

_JUMP = 1.2  # a training loss that rises by a fifth from one epoch to the next jumps
_CHANCE = 2.0  # training accuracy below twice what guessing reaches has learnt nothing

Entry = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to see in a run. `kind` is "good", "note" or "warning"; a warning's `cures` come in
    the order in which to try them.
    """

    kind: str
    found: str
    cures: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.found}" + (f": {'; '.join(self.cures)}" if self.cures else "")


def read(
    history: Sequence[Entry],
    rows: int,
    config: Mapping[str, Any] | None = None,
    preset: str = "head",
    careers: int = 0,
) -> list[Diagnostic]:
    """The signs in `history`, one entry an epoch as in the metadata. Empty for a run without
    validation.

    `rows` is the size of the data set, `config` the run's settings (the defaults where it is left
    out), `careers` how many there are (0: unknown).
    """
    seen = [entry for entry in history if "validation_accuracy" in entry]
    if not seen:
        return []
    cure = _Cures({**TrainConfig().to_dict(), **(config or {})}, rows, preset)
    best = min(
        seen, key=lambda entry: entry.get("calibrated_loss", entry["validation_loss"])
    )  # the epoch whose weights were kept
    gap = best["train_accuracy"] - best["validation_accuracy"]
    learnt = [*_loss(seen, cure), *_chance(seen, careers, cure)]
    signs = [*_validation(seen, best, gap, cure), *learnt, *_gap(gap, cure)]
    if best["validation_accuracy"] < LOW:
        signs.append(
            Diagnostic(
                "warning",
                f"validation accuracy is low ({best['validation_accuracy']:.1%}, wanted {LOW:.0%})",
                cure.low(gap),
            )
        )
    return signs


def slow(seconds: float, preset: str, device: str, config: Mapping[str, Any]) -> list[Diagnostic]:
    """The sign of a run that took longer than it should; `device` is its name in the metadata."""
    if seconds <= SLOW_SECONDS:
        return []
    found = f"very slow, {seconds / 60:.0f} minutes on {device}"
    if not device.startswith("CPU"):
        return [
            Diagnostic(
                "warning",
                found,
                (
                    (
                        f"batch_size {config['batch_size']} -> {2 * config['batch_size']} where"
                        " memory allows"
                    ),
                    "--preset head",
                ),
            )
        ]
    cures = (
        ["--preset head", "a machine with a GPU"]
        if preset == "full"
        else ["a machine with a GPU or more cores", "a first look with --limit 300"]
    )
    return [Diagnostic("warning", found, (*cures, "vocation doctor says what this machine has"))]


def lines(signs: Sequence[Diagnostic]) -> list[str]:
    """The signs as terminal, notebook and card show them; nothing for none."""
    return ["", "Signs:", *(f"  {sign}" for sign in signs)] if signs else []


# --------------------------------------------------------------------------------------------------


def _validation(seen: Sequence[Entry], best: Entry, gap: float, cure: _Cures) -> list[Diagnostic]:
    first, kept = seen[0], best["validation_accuracy"]
    signs = []
    if len(seen) > 1 and kept > first["validation_accuracy"]:
        signs.append(
            Diagnostic(
                "good",
                f"validation accuracy rose from {first['validation_accuracy']:.1%} to {kept:.1%}",
            )
        )
    if best is first and first["validation_accuracy"] >= HIGH:
        signs.append(
            Diagnostic("good", f"the first epoch was enough: validation accuracy {kept:.1%}")
        )
    elif best is first and len(seen) > 2:
        signs.append(
            Diagnostic("warning", "validation is stuck since the first epoch", cure.stuck())
        )
    elif best is seen[-1] and len(seen) > 1 and gap <= APART and _falling(seen[-2], seen[-1]):
        signs.append(
            Diagnostic("note", "validation loss was still falling at the end", cure.longer())
        )
    elif best is not seen[-1]:
        signs.append(
            Diagnostic(
                "good",
                f"stopped in time: the weights of epoch {best['epoch']:.0f} of"
                f" {seen[-1]['epoch']:.0f} were kept",
            )
        )
    return signs


def _falling(before: Entry, last: Entry) -> bool:
    """Whether the last epoch still made the validation loss smaller by what can be seen: a
    hundredth of it.
    """
    one, two = (entry.get("calibrated_loss", entry["validation_loss"]) for entry in (before, last))
    return one - two > max(0.01 * one, 0.001)


def _loss(seen: Sequence[Entry], cure: _Cures) -> list[Diagnostic]:
    losses = [entry["train_loss"] for entry in seen]
    if not all(map(math.isfinite, losses)):
        return [Diagnostic("warning", "the training loss is not a number", cure.unstable())]
    if len(losses) > 1 and losses[-1] >= losses[0]:
        return [
            Diagnostic(
                "warning",
                f"the training loss does not fall ({losses[0]:.2f} at first, {losses[-1]:.2f} at"
                " last)",
                cure.unstable(),
            )
        ]
    jumps = sum(after > _JUMP * before for before, after in pairwise(losses) if after > 0.05)
    if jumps > 1:
        return [
            Diagnostic(
                "warning",
                f"the training loss jumps ({jumps} times it rose by a fifth or more)",
                cure.unstable(),
            )
        ]
    steadily = "steadily " if all(after < before for before, after in pairwise(losses)) else ""
    return (
        [
            Diagnostic(
                "good", f"training loss fell {steadily}from {losses[0]:.2f} to {losses[-1]:.2f}"
            )
        ]
        if len(losses) > 1
        else []
    )


def _chance(seen: Sequence[Entry], careers: int, cure: _Cures) -> list[Diagnostic]:
    reached = max(entry["train_accuracy"] for entry in seen)
    if careers and reached < min(LOW, _CHANCE / careers):
        return [
            Diagnostic(
                "warning",
                f"accuracy is stuck at random: {reached:.1%} even in training, for {careers}"
                " careers",
                cure.random(),
            )
        ]
    return []


def _gap(gap: float, cure: _Cures) -> list[Diagnostic]:
    if gap < 0:  # with dropout while training that is usual
        return [
            Diagnostic(
                "good", f"validation accuracy is not below training accuracy ({-gap:.1%} above)"
            )
        ]
    if gap < CLOSE:
        return [Diagnostic("good", f"training and validation accuracy are {gap:.1%} apart")]
    if gap > APART:
        return [
            Diagnostic(
                "warning",
                f"overfitting, training accuracy is {gap:.1%} above validation",
                cure.overfitting(),
            )
        ]
    return [Diagnostic("note", f"training accuracy is {gap:.1%} above validation")]


# --------------------------------------------------------------------------------------------------


class _Cures:
    """What to change, from what to what: the settings of this run and the rows that it had."""

    def __init__(self, config: Mapping[str, Any], rows: int, preset: str) -> None:
        self._config, self._rows, self._preset = config, rows, preset

    def _rows_wanted(self) -> list[str]:
        wanted = next((level for level in (ENOUGH_ROWS, MANY_ROWS) if self._rows < level), None)
        return (
            [f"more rows ({self._rows:,} now, {wanted:,} wanted)"]
            if wanted
            else ["more rows for the careers that are mixed up"]
        )

    def _lower(self, name: str, factor: float) -> str:
        return f"{name} {self._config[name]:g} -> {float(f'{self._config[name] * factor:.0e}'):g}"

    def _rates(self) -> list[str]:
        return [
            self._lower("head_learning_rate", 0.3),
            *([self._lower("learning_rate", 0.5)] if self._preset == "full" else []),
        ]

    def _seed(self) -> str:
        return f"another seed (seed {self._config['seed']} -> {self._config['seed'] + 1})"

    def longer(self) -> tuple[str, ...]:
        return (
            f"num_epochs {self._config['num_epochs']} -> {2 * self._config['num_epochs']} may help",
        )

    def stuck(self) -> tuple[str, ...]:
        return (
            *self._rows_wanted(),
            "look at what  vocation validate  says about them",
            *self._rates(),
        )

    def unstable(self) -> tuple[str, ...]:
        bigger = (
            [f"batch_size {self._config['batch_size']} -> 16"]
            if self._config["batch_size"] < 16
            else []
        )
        return (
            *self._rates(),
            *bigger,
            "check that the labels are in the right column",
            self._seed(),
        )

    def random(self) -> tuple[str, ...]:
        return ("check that the labels are in the right column", *self._rates(), self._seed())

    def overfitting(self) -> tuple[str, ...]:
        """Against learning the rows by heart."""
        cures = self._rows_wanted()
        dropout = self._config["dropout"]
        width = self._config["hidden_dim"]
        cures += (
            [f"dropout {dropout:g} -> {0.5 if dropout < 0.5 else 0.7:g}"] if dropout < 0.7 else []
        )
        cures += [f"hidden_dim {width} -> {width // 2}"] if width > 64 else []
        return (*cures, *(["--preset head"] if self._preset == "full" else []))

    def low(self, gap: float) -> tuple[str, ...]:
        """Against a low accuracy; `gap` is how far training lies above validation."""
        cures = [*self._rows_wanted(), "clean what  vocation validate  names"]
        if gap <= APART:  # it has not learnt its own rows too well: it may learn longer
            cures += [
                f"num_epochs {self._config['num_epochs']} -> {2 * self._config['num_epochs']}"
            ]
            cures += (
                [f"dropout {self._config['dropout']:g} -> 0.1"]
                if self._config["dropout"] > 0.1
                else []
            )
        return (*cures, *(["--preset full on a GPU"] if self._preset == "head" else []))

"""Diagnostics of a training run: what its history shows, and suggestions that fit its settings.

Pure functions of the written history.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from vocation.config import TrainConfig

CLOSE, APART = 0.10, 0.15
"""Training less than 10 points above validation is good (a rule of thumb). More than 15 is usual
with few rows a career, and overfitting only where validation has also fallen.
"""

LOW = 0.80
"""Validation accuracy below this is called low."""

HIGH = 0.90
"""A run that starts at this validation accuracy and does not rise is finished, not stuck."""

ENOUGH_ROWS, MANY_ROWS = 500, 1000
"""Rows of the levels "recommended" and "best": the suggestions name the next one."""

SLOW_SECONDS = 900
"""A longer run is called slow: fine-tuning on a small GPU takes a quarter of an hour."""

_JUMP = 1.2  # a training loss that rises by a fifth from one epoch to the next jumps
_CHANCE = 2.0  # training accuracy below twice the chance level: nothing was learnt

Entry = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a run: `kind` is "good", "note" or "warning"; `fixes` are what to try."""

    kind: str
    found: str
    fixes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind}: {self.found}" + (f": {'; '.join(self.fixes)}" if self.fixes else "")


def read(
    history: Sequence[Entry],
    rows: int,
    config: Mapping[str, Any] | None = None,
    preset: str = "head",
    careers: int = 0,
    strange: str | None = None,
) -> list[Diagnostic]:
    """The diagnostics of `history` (one entry an epoch); none for a run without validation.

    rows: size of the data set. config: the run's settings, by default the default ones. careers:
    how many there are (0: unknown). strange: the sentence about languages that the base model does
    not know; then no other advice is given, for it would not help.
    """
    # Only epochs with a validation can be compared.
    seen = [entry for entry in history if "validation_accuracy" in entry]
    if not seen:
        return []
    fixes = _Suggestions({**TrainConfig().to_dict(), **(config or {})}, rows, preset)
    best = min(seen, key=_loss_of)  # the epoch whose weights were kept
    gap = best["train_accuracy"] - best["validation_accuracy"]
    overfitted = gap > APART and _fell_twice(seen[seen.index(best) :])
    found = [
        *_validation(seen, best, gap, fixes),
        *_loss(seen, fixes),
        *_chance(seen, careers, fixes),
        *_gap(gap, overfitted, fixes),
    ]
    if best["validation_accuracy"] < LOW:
        found.append(
            Diagnostic(
                "warning",
                f"validation accuracy is low ({best['validation_accuracy']:.1%}, wanted {LOW:.0%})",
                fixes.low(best["train_accuracy"]),
            )
        )
    if strange is not None:
        return [Diagnostic("warning", strange), *(replace(one, fixes=()) for one in found)]
    return found


def slow(seconds: float, preset: str, device: str, config: Mapping[str, Any]) -> list[Diagnostic]:
    """A warning for a run of more than SLOW_SECONDS; `device` is its name in the metadata."""
    if seconds <= SLOW_SECONDS:
        return []
    found = f"very slow, {seconds / 60:.0f} minutes on {device}"
    # A GPU is there already: it can only be used better.
    if not device.startswith("CPU"):
        size = config["batch_size"]
        larger = f"batch_size {size} -> {2 * size} where memory allows"
        return [Diagnostic("warning", found, (larger, "--preset head"))]
    if preset == "full":
        fixes = ("--preset head", "a machine with a GPU")
    else:
        fixes = ("a machine with a GPU or more cores", "a first look with --limit 300")
    return [Diagnostic("warning", found, (*fixes, "vocation doctor shows what this machine has"))]


def lines(diagnostics: Sequence[Diagnostic]) -> list[str]:
    """The diagnostics as terminal, notebook and card show them; no line where there are none."""
    return ["", "Diagnostics:", *(f"  {one}" for one in diagnostics)] if diagnostics else []


# --------------------------------------------------------------------------------------------------


def _validation(
    seen: Sequence[Entry], best: Entry, gap: float, fixes: _Suggestions
) -> list[Diagnostic]:
    first, kept = seen[0], best["validation_accuracy"]
    found = []
    if len(seen) > 1 and kept > first["validation_accuracy"]:
        found.append(
            Diagnostic(
                "good",
                f"validation accuracy rose from {first['validation_accuracy']:.1%} to {kept:.1%}",
            )
        )
    # Order matters: each case below excludes those above it.
    if best is first and first["validation_accuracy"] >= HIGH:
        found.append(
            Diagnostic("good", f"the first epoch was enough: validation accuracy {kept:.1%}")
        )
    elif best is first and len(seen) > 2:
        found.append(
            Diagnostic("warning", "validation is stuck since the first epoch", fixes.stuck())
        )
    elif best is seen[-1] and len(seen) > 1 and gap <= APART and _falling(seen[-2], seen[-1]):
        found.append(
            Diagnostic("note", "validation loss was still falling at the end", fixes.longer())
        )
    elif best is not seen[-1]:
        found.append(
            Diagnostic(
                "good",
                f"stopped in time: the weights of epoch {best['epoch']:.0f} of"
                f" {seen[-1]['epoch']:.0f} were kept",
            )
        )
    return found


def _fell_twice(after: Sequence[Entry]) -> bool:
    """Whether validation accuracy fell in two epochs running, from the kept epoch on."""
    accuracy = [entry["validation_accuracy"] for entry in after]
    falls = [later < before for before, later in pairwise(accuracy)]
    return any(one and other for one, other in pairwise(falls))


def _loss_of(entry: Entry) -> float:
    # Runs stop by the calibrated loss: the plain one rises with overconfidence alone.
    return entry.get("calibrated_loss", entry["validation_loss"])


def _falling(before: Entry, last: Entry) -> bool:
    """Whether the last epoch still lowered the validation loss by more than a hundredth."""
    one, two = _loss_of(before), _loss_of(last)
    # The absolute part: near 0 a hundredth of the loss is noise.
    return one - two > max(0.01 * one, 0.001)


def _loss(seen: Sequence[Entry], fixes: _Suggestions) -> list[Diagnostic]:
    losses = [entry["train_loss"] for entry in seen]
    if not all(map(math.isfinite, losses)):
        return [Diagnostic("warning", "the training loss is not a number", fixes.unstable())]
    if len(losses) > 1 and losses[-1] >= losses[0]:
        return [
            Diagnostic(
                "warning",
                f"the training loss does not fall ({losses[0]:.2f} at first, {losses[-1]:.2f} at"
                " last)",
                fixes.unstable(),
            )
        ]
    # Small losses are left out: near 0 a rise by a fifth means nothing.
    jumps = sum(after > _JUMP * before for before, after in pairwise(losses) if after > 0.05)
    if jumps > 1:
        return [
            Diagnostic(
                "warning",
                f"the training loss jumps ({jumps} times it rose by a fifth or more)",
                fixes.unstable(),
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


def _chance(seen: Sequence[Entry], careers: int, fixes: _Suggestions) -> list[Diagnostic]:
    reached = max(entry["train_accuracy"] for entry in seen)
    # With two careers twice the chance level would be all of them, hence LOW.
    if careers and reached < min(LOW, _CHANCE / careers):
        return [
            Diagnostic(
                "warning",
                f"accuracy is stuck at random: {reached:.1%} even in training, for {careers}"
                " careers",
                fixes.random(),
            )
        ]
    return []


def _gap(gap: float, overfitted: bool, fixes: _Suggestions) -> list[Diagnostic]:
    if gap < 0:  # usual: dropout lowers the accuracy in training only
        return [
            Diagnostic(
                "good", f"validation accuracy is not below training accuracy ({-gap:.1%} above)"
            )
        ]
    if gap < CLOSE:
        return [Diagnostic("good", f"training and validation accuracy are {gap:.1%} apart")]
    apart = f"training accuracy is {gap:.1%} above validation"
    if overfitted:
        found = f"overfitting, {apart}, which fell for two epochs"
        return [Diagnostic("warning", found, fixes.overfitting())]
    usual = " (usual with few rows; validation did not fall for two epochs)" if gap > APART else ""
    return [Diagnostic("note", f"{apart}{usual}")]


# --------------------------------------------------------------------------------------------------


class _Suggestions:
    """What to change, with the values of this run: its settings and its number of rows."""

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
        # Rounded to one digit: 0.0003, not 0.00030000000000000003.
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
            "see what  vocation validate  reports about them",
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
        """Against memorising the rows.

        More dropout, a smaller hidden_dim, augmentation and balancing are not among them: none
        helped where it was measured (benchmarks/results.md).
        """
        return (*self._rows_wanted(), *(["--preset head"] if self._preset == "full" else []))

    def low(self, learnt: float) -> tuple[str, ...]:
        """Against a low accuracy; `learnt` is the one in training."""
        fixes = [*self._rows_wanted(), "fix what  vocation validate  reports"]
        # Underfitted: it has not even learnt its own rows. Small data are learnt by heart anyway.
        if learnt < LOW and self._rows >= ENOUGH_ROWS:
            epochs, dropout = self._config["num_epochs"], self._config["dropout"]
            fixes += [f"num_epochs {epochs} -> {2 * epochs}"]
            fixes += [f"dropout {dropout:g} -> 0.1"] if dropout > 0.1 else []
        return (*fixes, *(["--preset full on a GPU"] if self._preset == "head" else []))

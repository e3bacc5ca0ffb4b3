"""Tuning: trials of settings on folds of the training part, an honest comparison with the starting
settings, one training with the winner.
"""

from __future__ import annotations

import math
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from vocation import __version__, metrics
from vocation.config import TrainConfig
from vocation.data.dataset import Dataset
from vocation.progress import NullProgress
from vocation.reports.runs import folder_for
from vocation.training import run
from vocation.training.callbacks import Diverged, Interrupted
from vocation.training.checkpoints import CannotResume
from vocation.training.context import quiet
from vocation.training.prepare import prepare
from vocation.training.tuning import report as tune_report
from vocation.training.tuning.folds import FOLDS, CrossValidator, FoldResult
from vocation.training.tuning.study import Study
from vocation.training.write import check_space

CONFIRM_REPEATS = {"head": 3, "full": 1}
"""How often the best settings and the starting ones are compared on other folds with other random
numbers: the best of many trials was lucky on its own folds, and luck does not come twice.
"""


class Tuning:
    """The state of one tuning; `run` does all of it."""

    def __init__(
        self,
        data: Dataset,
        output: Path,
        config: TrainConfig,
        study: Path | None,
        progress: NullProgress,
        replace: bool = False,
    ) -> None:
        self.replace = replace
        self.data, self.output, self.config, self.progress = data, output, config, progress
        self.folder = (
            # "." has no name and no sibling: its real path has.
            output if output.name else output.resolve()
        ).parent / f"{output.resolve().name}-tuning"
        self.file = study or self.folder / "study.db"
        self.say = progress.line
        self.done = 0
        self.start = "the defaults" if config == TrainConfig() else "the settings you gave"

    def run(
        self, preset: str, trials: int, timeout: float | None, start: float
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Search, compare, train with what won; returns the report and the bundle's metadata.
        `start` is when the user's call began.
        """
        with quiet():
            # Before the long preparation: a locked or foreign file is refused at once.
            self.study = Study(self.file)
            try:
                return self._carry_out(preset, trials, timeout, start)
            except (KeyboardInterrupt, Interrupted):
                raise Interrupted(
                    f"stopped; {self.done} of {trials} trials are kept in {self.file}: run the same"
                    " command again to go on"
                ) from None
            finally:
                self.study.close()

    def _carry_out(
        self, preset: str, trials: int, timeout: float | None, start: float
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        self._prepare(preset)
        self._search(trials, math.inf if timeout is None else start + timeout)
        report = self._compare()
        for line in tune_report.sentences(report):
            self.say(line)
        chosen = TrainConfig(**report["settings"])
        self.say(
            "\nOne training with "
            + ("the best settings:" if report["better"] else f"{self.start}:")
        )
        metadata = self._train(chosen, start)
        report |= {
            "test": (metadata["metrics"] or {}).get("test"),
            "in_turn": "folds" in (metadata["metrics"] or {}),
            "seconds": round(time.monotonic() - start, 1),
        }
        tune_report.write(self.folder, report)
        return report, metadata

    def _prepare(self, preset: str) -> None:
        before = self.study.state
        if before and preset == "auto":
            preset = before["preset"]  # the time that `auto` measures differs from run to run
        prepared = prepare(self.data, self.config)
        # The trials take hours, and the last step must not fail then.
        check_space(self.output, prepared.network(), len(self.data.roles))
        self.judge = CrossValidator(prepared, preset, self.progress)
        self.preset = self.judge.preset
        data = {
            "rows": len(self.data.labels),
            "careers": len(self.data.roles),
            "data": self.data.fingerprint,
        }
        self.study.begin(
            {**data, "preset": self.preset, "vocation": __version__, **self.config.to_dict()}
        )

    # ----------------------------------------------------------------------------------------------

    def _search(self, trials: int, end: float) -> None:
        self.done = len(self.study.finished())
        if self.done:
            self.say(f"Going on with {self.file}: {self.done} of {trials} trials are done.")
        self.say(
            f"\nTuning: {trials} trials, the first with {self.start}. Loss: mean log loss,"
            " calibrated; lower is better."
        )
        while self.done < trials:
            # The first trial always runs: without it there is nothing to compare with.
            if self.done and time.monotonic() > end:
                self.say(
                    f"The time is up after {self.done} of {trials} trials; the same command goes on"
                    " with the others."
                )
                return
            began = time.monotonic()
            self.say(self._trial(self.done + 1, trials))
            self.done += 1
            if self.done == 1 < trials:
                self.say(
                    f"At this pace {trials - 1} more take about"
                    f" {(time.monotonic() - began) * (trials - 1) / 60:.0f} min."
                )

    def _trial(self, number: int, trials: int) -> str:
        """Carry out one trial, and say what came of it."""
        trial, config = self.study.ask(self.config, self.preset)
        began, judged, step, reason, early = time.monotonic(), None, 0, "", False
        try:
            for step, judged in enumerate(self.judge.after_each_fold(config), 1):
                if (
                    # After the last fold nothing can be saved, so the trial counts as complete.
                    early := self.study.should_prune(trial, judged.loss, step)
                    and step < FOLDS[self.preset]
                ):
                    break
        except Diverged as error:  # settings that do not work are an answer, too
            # The first settings are the user's own: without their result nothing can be compared.
            if number == 1:
                raise
            reason, early = str(error), True
        seconds = time.monotonic() - began
        notes = {
            "settings": config.to_dict(),
            "seconds": round(seconds, 1),
            "reason": reason,
            "accuracy": judged and judged.accuracy,
        }
        self.study.tell(trial, None if early or judged is None else judged.loss, notes)
        shown = ", ".join(f"{name} {getattr(config, name):g}" for name in trial.params)
        found = "" if judged is None else f"loss {judged.loss:.4f}, {judged.accuracy:.1%} right"
        found = (
            f"does not work ({reason.split(';')[0]})"
            if reason
            else f"left after {step} folds, {found}"
            if early
            else found
        )
        place, best = self.study.best()
        return (
            f"Trial {number}/{trials}: {found}, {seconds:.0f} s; best {best.value:.4f} (trial"
            f" {place}) | {shown}"
        )

    # ----------------------------------------------------------------------------------------------

    def _compare(self) -> dict[str, Any]:
        """The report so far: does the best trial beat the starting settings on other folds, too?"""
        finished, (place, best) = self.study.finished(), self.study.best()
        complete = sum(trial.state.name == "COMPLETE" for trial in finished)
        report: dict[str, Any] = {
            "preset": self.preset,
            "start": self.start,
            "starting_settings": self.config.to_dict(),
            "rows": len(self.judge.judged),
            "folds": FOLDS[self.preset],
            "best": {
                "trial": place,
                "loss": best.value,
                "accuracy": best.user_attrs["accuracy"],
                "settings": best.user_attrs["settings"],
            },
            "gain": None,
            "better": False,
            "settings": self.config.to_dict(),
            "importance": (
                self.study.importance(self.config.seed) if complete >= tune_report.ENOUGH else {}
            ),
            "trials": [
                tune_report.trial(number, trial) for number, trial in enumerate(finished, 1)
            ],
            "study": str(self.file),
            "data": self.data.fingerprint,
        }
        # Place 1 is the starting settings: they cannot gain over themselves.
        if place > 1:
            report |= self._against(place, TrainConfig(**best.user_attrs["settings"]))
        return report

    def _against(self, place: int, other: TrainConfig) -> dict[str, Any]:
        """Whether `other`, the settings of the trial in that `place`, are better than the starting
        ones on other folds, with an interval.
        """
        self.say(
            f"\nComparing trial {place} with {self.start} on other folds, with other random"
            " numbers ..."
        )
        pairs = []
        for shift in range(1, CONFIRM_REPEATS[self.preset] + 1):
            ours, theirs = self._again(1, self.config, shift), self._again(place, other, shift)
            pairs.append((ours, theirs))
            self.say(
                f"Comparison {shift}/{CONFIRM_REPEATS[self.preset]}: loss {ours.loss:.4f} with"
                f" {self.start}, {theirs.loss:.4f} with those of trial {place}"
            )
        # (rows,): paired by row, so that what makes a row hard cancels out.
        losses = np.mean([ours.losses - theirs.losses for ours, theirs in pairs], axis=0)
        right = np.mean([theirs.right.astype(float) - ours.right for ours, theirs in pairs], axis=0)
        groups = self.data.groups[pairs[0][0].rows]
        gain = {
            "loss": _per_group(losses, groups, self.config.seed),
            "accuracy": _per_group(right, groups, self.config.seed),
        }
        # The whole interval must be above 0: the best of many equal settings looks better by luck.
        better = gain["loss"]["low"] > 0
        return {
            "gain": gain,
            "better": better,
            "settings": (other if better else self.config).to_dict(),
        }

    def _again(self, number: int, config: TrainConfig, shift: int) -> FoldResult:
        """The verdict on `config` with the folds and random numbers of `shift`; noted, so that an
        interruption loses none.
        """
        key = f"again-{number}-{shift}"
        noted = self.study.note(key)
        if noted is None:
            # The last result holds the rows of all folds.
            *_, judged = self.judge.after_each_fold(config, shift)
            noted = {
                "rows": judged.rows.tolist(),
                "losses": judged.losses.round(6).tolist(),
                "right": judged.right.tolist(),
            }
            self.study.note(key, noted)
        return FoldResult(
            np.array(noted["rows"]), np.array(noted["losses"]), np.array(noted["right"], bool)
        )

    def _train(self, config: TrainConfig, start: float) -> dict[str, Any]:
        """One ordinary training, which measures the test part; it goes on where it was, if it had
        been interrupted.
        """
        train = partial(
            run.run,
            self.data,
            self.output,
            config,
            self.preset,
            start=start,
            progress=self.progress,
            records=folder_for(self.output),
            replace=self.replace,
        )
        try:
            return train(resume=True)
        except CannotResume:  # what waits there belongs to another training
            return train(resume=False)


def _per_group(values: Any, groups: Any, seed: int) -> dict[str, float]:
    """The mean with its interval; near-duplicates together count as one row, since they are not
    independent.
    """
    _, place = np.unique(groups, return_inverse=True)
    # The mean of each group first, then the mean over groups.
    return metrics.mean(np.bincount(place, weights=values) / np.bincount(place), seed)

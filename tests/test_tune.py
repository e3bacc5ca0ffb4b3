"""Tuning, on tiny data: what it may look at, what it keeps through a kill, when it believes that
something is better.
"""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers import Lines

pytest.importorskip("optuna", reason="the tune extra is not installed")

from vocation import Recommender, TrainConfig
from vocation.bundle import layout
from vocation.data import dataset
from vocation.errors import ConfigError, VocationError
from vocation.progress import NullProgress
from vocation.training import tune
from vocation.training.callbacks import Diverged
from vocation.training.prepare import prepare
from vocation.training.tuning import study as tune_study
from vocation.training.tuning.folds import CrossValidator, FoldResult
from vocation.training.tuning.search import Tuning

NARROW = {"num_epochs": (1, 2, False), "min_steps": (10, 20, False), "warmup_steps": (0, 2, False)}
CONFIG = TrainConfig(num_epochs=1, min_steps=12, warmup_steps=1)
TRIALS = 3
CHILD = f"""
import sys
from vocation.progress import ConsoleProgress
from vocation.training import tune
from vocation.training.tuning import study as tune_study
tune_study.RANGES.update({NARROW!r})
tune(sys.argv[1], sys.argv[2], trials={TRIALS}, preset="head", config={CONFIG.to_dict()!r}, progress=ConsoleProgress())
"""


@pytest.fixture(scope="module", autouse=True)
def _narrow() -> Iterator[None]:
    """A trial takes a second."""
    before = dict(tune_study.RANGES)
    tune_study.RANGES.update(NARROW)
    yield
    tune_study.RANGES.update(before)


@pytest.fixture(scope="module")
def tuned(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str]:
    said = Lines()
    output = tmp_path_factory.mktemp("tuned") / "models"
    return tune(
        tiny_data, output, trials=TRIALS, preset="head", config=CONFIG, progress=said
    ), "\n".join(said.lines)


def test_it_begins_with_the_settings_given_and_ends_with_a_bundle(tuned: Any) -> None:
    result, said = tuned
    trials = result.report["trials"]
    assert [each["trial"] for each in trials] == [1, 2, 3]
    assert trials[0]["settings"] == {name: getattr(CONFIG, name) for name in trials[0]["settings"]}
    assert "learning_rate" not in trials[0]["settings"]  # does not act in the preset head
    assert result.metadata["config"] == result.report["settings"]
    assert (
        Recommender.load(result.folder)
        .recommend("I make fresh bread before dawn")
        .careers[0]
        .career
        == "Baker"
    )
    assert [said.count(f"Trial {number}/{TRIALS}: loss") for number in (1, 2, 3)] == [1, 1, 1]
    assert "Too few complete trials (3)" in said
    assert "first answer right" in said  # the one look at the test part


def test_the_report_is_three_files_that_can_be_read(tuned: Any) -> None:
    result, _ = tuned
    folder = result.folder.with_name("models-tuning")
    assert result.report_folder == folder
    report = json.loads((folder / "tuning.json").read_text("utf-8"))
    assert report == json.loads(json.dumps(result.report))
    assert TrainConfig.from_file(folder / "settings.json").to_dict() == report["settings"]
    page = (folder / "tuning.md").read_text("utf-8")
    assert f"| hidden_dim | {CONFIG.hidden_dim} |" in page
    assert f"{result.metadata['metrics']['test']['accuracy']['value']:.1%}" in page


def test_the_test_part_is_not_looked_at(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row that a classifier learns from, stops by or is judged on lies in the training or the
    validation part.
    """
    from vocation.training import heads

    prepared = prepare(dataset.load(tiny_data), CONFIG)
    judge = CrossValidator(prepared, "head", NullProgress())
    used: list[Any] = []
    original = heads.train_classifier
    monkeypatch.setattr(
        heads,
        "train_classifier",
        lambda rows, chosen, held, *rest: (
            used.extend([chosen, held]) or original(rows, chosen, held, *rest)
        ),
    )
    *_, verdict = judge.after_each_fold(CONFIG)
    assert not np.isin(prepared.split.test, np.concatenate([*used, verdict.rows])).any()
    assert np.isin(verdict.rows, prepared.split.train).all()
    groups = prepared.data.groups
    for chosen, held in [(each, np.setdiff1d(prepared.split.train, each)) for each in used[::2]]:
        assert not np.isin(groups[held], groups[chosen]).any()


def test_a_killed_tuning_goes_on_as_if_nothing_had_happened(
    tuned: Any, tiny_data: Path, tmp_path: Path
) -> None:
    """Killed in its second trial: the first is kept, the second done again, with the same settings
    as undisturbed.
    """
    output = tmp_path / "models"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tiny_data), str(output)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("Trial 1/"):
            child.send_signal(signal.SIGKILL)
            break
    child.wait()
    assert not output.exists()
    said = Lines()
    again = tune(
        tiny_data, output, trials=TRIALS, preset="head", config=CONFIG, progress=said
    ).report
    assert any("1 of 3 trials are done" in line for line in said.lines)
    undisturbed = tuned[0].report

    def facts(report: dict[str, Any]) -> list[Any]:
        return [
            {key: value for key, value in each.items() if key != "seconds"}
            for each in report["trials"]
        ]

    assert facts(again) == facts(undisturbed)
    assert again["gain"] == undisturbed["gain"]
    assert again["test"] == undisturbed["test"]


def test_changed_data_or_settings_are_refused(tuned: Any, tiny_data: Path, tmp_path: Path) -> None:
    study = tmp_path / "study.db"
    shutil.copy(tuned[0].report["study"], study)
    more = tmp_path / "more"
    shutil.copytree(tiny_data, more)
    with open(more / "profiles.csv", "a", encoding="utf-8") as file:
        file.write("Baker,Pretzels and plaited loaves are what I am known for\n")
    with pytest.raises(
        VocationError,
        match=(
            r"cannot go on with the study .*study.db: data or settings have changed .*rows: 28"
            r" -> 29"
        ),
    ):
        tune(more, tmp_path / "models", trials=TRIALS, preset="head", config=CONFIG, study=study)
    other = {**CONFIG.to_dict(), "max_length": 64}
    with pytest.raises(VocationError, match=r"changed since it began \(max_length: 128 -> 64\)"):
        tune(
            tiny_data, tmp_path / "models", trials=TRIALS, preset="head", config=other, study=study
        )


def test_files_that_are_no_study(tmp_path: Path) -> None:
    text, other, empty = tmp_path / "notes.txt", tmp_path / "other.db", tmp_path / "empty.db"
    text.write_text("not a database", "utf-8")
    empty.touch()
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    for file in (text, empty):
        with pytest.raises(VocationError, match="is not the file of a study"):
            tune_study.Study(file)
    with pytest.raises(VocationError, match="is a database, but not of a study of ours"):
        tune_study.Study(other)
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    with pytest.raises(VocationError, match="cannot be read or written"):
        tune_study.Study(damaged)
    with pytest.raises(VocationError, match="cannot be read or written"):
        tune_study.Study(text / "study.db")


def test_one_process_at_a_time(tmp_path: Path) -> None:
    first = tune_study.Study(tmp_path / "study.db")
    with pytest.raises(VocationError, match="another process is tuning with this study"):
        tune_study.Study(tmp_path / "study.db")
    first.close()
    tune_study.Study(tmp_path / "study.db").close()


# --------------------------------------------------------------------------------------------------


class Pretended(Tuning):
    """The real search and comparison over losses that are made up: `loss(config, shift)`, a little
    more or less from row to row.
    """

    def loss(self, config: TrainConfig, shift: int) -> float:
        raise NotImplementedError

    def _prepare(self, preset: str) -> None:
        self.preset, self.judge = "head", self  # type: ignore[assignment]
        self.judged = np.arange(len(self.data.labels))
        self.study.begin({})

    def after_each_fold(self, config: TrainConfig, shift: int = 0) -> Iterator[FoldResult]:
        rows = np.arange(len(self.data.labels))
        noise = np.where(
            (rows + config.hidden_dim // 128 + shift) % 2, 0.1, -0.1
        )  # of mean 0, and every width has its own
        for _ in range(5):
            yield FoldResult(rows, self.loss(config, shift) + noise, noise > 0)

    def _train(self, config: TrainConfig, start: float) -> dict[str, Any]:
        return {"metrics": None}


def pretend(
    tiny_data: Path, folder: Path, loss: Any, trials: int = 15
) -> tuple[dict[str, Any], str]:
    said = Lines()
    tuning = Pretended(dataset.load(tiny_data), folder / "models", CONFIG, None, said)
    tuning.loss = loss  # type: ignore[method-assign]
    report, _ = tuning.run("head", trials, None, 0.0)
    return report, "\n".join(said.lines)


def test_what_is_better_on_other_folds_too_is_taken(tiny_data: Path, tmp_path: Path) -> None:
    """A width of 512 lowers every row's loss by .5, noise is .1: it is found within 15 trials, and
    believed.
    """
    report, said = pretend(
        tiny_data, tmp_path, lambda config, shift: 1.0 - 0.5 * (config.hidden_dim == 512)
    )
    assert report["better"]
    assert report["settings"]["hidden_dim"] == 512
    assert report["gain"]["loss"]["low"] > 0.4
    assert "Better than the settings you gave" in said
    assert "hidden_dim 256 -> 512" in said
    assert next(iter(report["importance"])) == "hidden_dim"


def test_what_was_only_lucky_is_not_taken(tiny_data: Path, tmp_path: Path) -> None:
    """The same width, but only on the folds of the search: on other folds nothing is left, and the
    settings stay.
    """
    report, said = pretend(
        tiny_data,
        tmp_path,
        lambda config, shift: 1.0 - 0.5 * (config.hidden_dim == 512 and not shift),
    )
    assert report["best"]["settings"]["hidden_dim"] == 512
    assert not report["better"]
    assert report["settings"] == CONFIG.to_dict()
    assert "No measurable gain over the settings you gave" in said


def test_settings_that_diverge_are_an_answer(tiny_data: Path, tmp_path: Path) -> None:
    """A loss that is not a number with large batches: the trial counts, is not tried again, and the
    others go on.
    """

    def loss(config: TrainConfig, shift: int) -> float:
        if config.batch_size == 64:
            raise Diverged("training stopped in step 7: the loss is nan; lower learning_rate")
        return 1.0

    report, said = pretend(tiny_data, tmp_path, loss)
    diverged = [each for each in report["trials"] if each["settings"]["batch_size"] == 64]
    assert diverged
    assert all(not each["complete"] and "the loss is nan" in each["reason"] for each in diverged)
    assert len(report["trials"]) == 15
    assert "does not work (training stopped in step 7: the loss is nan)" in said


def test_every_setting_that_can_be_given_is_among_those_tried() -> None:
    """Also at the ends of what is possible, and a share given as a whole number."""
    for config in (
        TrainConfig(dropout=0),
        TrainConfig(hidden_dim=300, min_steps=0, num_epochs=1000),
        TrainConfig(head_learning_rate=1e-6, batch_size=1),
    ):
        for name, tried in tune_study.space(config, "full").items():
            assert tried._contains(tried.to_internal_repr(getattr(config, name))), name
    assert tune_study.space(TrainConfig(dropout=0), "head")["dropout"].high == 0.6


def test_bad_losses_are_left_early(tiny_data: Path, tmp_path: Path) -> None:
    """Random settings differ by the dropout: those above the median of five complete ones are left
    after two of five folds.
    """
    report, _ = pretend(tiny_data, tmp_path, lambda config, shift: 1.0 + config.dropout * 10)
    early = [each for each in report["trials"] if not each["complete"]]
    assert early
    assert {each["folds"] for each in early} == {2}
    assert all(each["complete"] for each in report["trials"][:5])


def test_more_trials_go_on_where_fewer_ended(tiny_data: Path, tmp_path: Path) -> None:
    first, _ = pretend(tiny_data, tmp_path, lambda config, shift: 1.0 + config.dropout, trials=3)
    more, said = pretend(tiny_data, tmp_path, lambda config, shift: 1.0 + config.dropout, trials=6)
    assert more["trials"][:3] == first["trials"]
    assert len(more["trials"]) == 6
    assert "3 of 6 trials are done" in said


def test_impossible_wishes(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="trials must be 1 or more, found 0"):
        tune(None, tmp_path / "models", trials=0)
    with pytest.raises(ConfigError, match="timeout must be a number of seconds above 0, found -1"):
        tune(None, tmp_path / "models", timeout=-1)


def test_the_full_preset_tries_the_encoders_learning_rate(
    tiny_base: Path, tiny_data: Path, tmp_path: Path
) -> None:
    config = TrainConfig(base_model=str(tiny_base), num_epochs=1, min_steps=2, max_length=16)
    result = tune(tiny_data, tmp_path / "models", trials=2, preset="full", config=config)
    assert "learning_rate" in result.report["trials"][0]["settings"]
    assert result.report["folds"] == 3
    assert (result.folder / layout.MANIFEST).is_file()

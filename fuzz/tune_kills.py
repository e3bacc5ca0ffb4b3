"""kill -9 at random moments of a tuning: is anything lost or done twice?

    python fuzz/tune_kills.py [--kills 40] [--trials 6] [--seed 0]

A small data set is tuned once undisturbed. Then the same tuning is started again and again and
killed after a random time; when a study comes to its end between two kills, the next begins. Every
ended study must hold exactly the undisturbed one's finished trials (settings, losses, pruned or
not), the first with the defaults, none running; its report must name the same settings and gain,
and its bundle must load. Ranges of steps and epochs are narrowed, so that a trial takes a second or
two.
"""

from __future__ import annotations

import argparse
import collections
import csv
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import optuna

from vocation import Recommender, TrainConfig
from vocation.training.tuning.study import space

NARROW = {"num_epochs": (2, 4, True), "min_steps": (20, 60, True), "warmup_steps": (0, 5, False)}
CONFIG = TrainConfig(num_epochs=3, min_steps=40, warmup_steps=2)
CHILD = f"""
import sys
from vocation.progress import ConsoleProgress
from vocation.training import tune
from vocation.training.tuning import study as tune_study
tune_study.RANGES.update({NARROW!r})
tune(sys.argv[1], sys.argv[2], trials=int(sys.argv[3]), preset="head", config={CONFIG.to_dict()!r}, progress=ConsoleProgress())
"""
WORDS = {
    "Baker": "bread dough oven flour rolls yeast",
    "Nurse": "patients ward bandage drip medicine night",
    "Programmer": "code bugs tests software git website",
    "Gardener": "soil roses hedge compost seeds pruning",
}


def write_data(folder: Path, rng: random.Random) -> None:
    """Sixty rows of six careers' words, one in four of another career, so that settings do make a
    difference.
    """
    folder.mkdir()
    names = list(WORDS)
    with open(folder / "profiles.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["role", "profile"])
        for i in range(60):
            own = WORDS[names[i % len(names)]].split()
            strange = WORDS[rng.choice(names)].split()
            text = " and ".join([*rng.sample(own, 3), *rng.sample(strange, 1)])
            writer.writerow(
                [names[i % len(names)], f"I like {text}, number {rng.randint(100, 999)} on my list"]
            )


class Child:
    """The tuning in a process of its own; `searching` is set when its trials begin."""

    def __init__(self, data: Path, output: Path, trials: int) -> None:
        command = [sys.executable, "-c", CHILD, str(data), str(output), str(trials)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.searching = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stdout or ():
            if line.startswith("Tuning:"):
                self.searching.set()
        self.searching.set()

    def end(self, seconds: float | None = None) -> bool:
        """Wait for the end, at most so long; whether it came. An end in anything but success is one
        of the benchmark, too.
        """
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        if code:
            raise SystemExit(self.process.stderr.read() if self.process.stderr else "")
        return True

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def trials_of(output: Path) -> list[Any]:
    file = output.with_name(output.name + "-tuning") / "study.db"
    if not file.exists():
        return []
    return list(optuna.load_study(study_name="vocation", storage=f"sqlite:///{file}").trials)


def record(output: Path) -> tuple[list[Any], dict[str, Any]]:
    """What must be equal: the finished trials in order, and the report without its clocks and
    paths.
    """
    done = [trial for trial in trials_of(output) if trial.state.name in ("COMPLETE", "PRUNED")]
    if [trial for trial in trials_of(output) if trial.state.name in ("RUNNING", "WAITING")]:
        raise SystemExit("a trial was left running")
    report = json.loads(
        (output.with_name(output.name + "-tuning") / "tuning.json").read_text("utf-8")
    )
    plain = {key: report[key] for key in ("settings", "better", "gain", "importance", "test")}
    return [
        (
            trial.state.name,
            trial.params,
            trial.value,
            trial.intermediate_values,
            trial.user_attrs["settings"],
        )
        for trial in done
    ], plain


def check(output: Path, expected: tuple[list[Any], dict[str, Any]], trials: int) -> None:
    found = record(output)
    if len(found[0]) != trials:
        raise SystemExit(f"{len(found[0])} finished trials instead of {trials}")
    if found != expected:
        raise SystemExit(f"other trials or another result than undisturbed:\n{found}\n{expected}")
    first = found[0][0][1]
    if first != {name: getattr(CONFIG, name) for name in space(CONFIG, "head")}:
        raise SystemExit("the first trial is not that of the defaults")
    Recommender.load(output)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    rng = random.Random(args.seed)
    where: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as name:
        data, undisturbed = Path(name, "data"), Path(name, "undisturbed")
        write_data(data, rng)
        began = time.monotonic()
        child = Child(data, undisturbed, args.trials)
        child.searching.wait()
        begins = time.monotonic() - began
        child.end()
        whole = time.monotonic() - began
        expected = record(undisturbed)
        check(undisturbed, expected, args.trials)
        killed = studies = 0
        while killed < args.kills or Path(name, f"study-{studies}-tuning").exists():
            output = Path(name, f"study-{studies}")
            child = Child(data, output, args.trials)
            if (
                killed % 4 and killed < args.kills
                # one kill in four may hit the seconds in which libraries are loaded, the others
                # come later
            ):
                child.searching.wait()
            if child.end(
                rng.uniform(0, whole - begins if killed % 4 else whole)
                if killed < args.kills
                else None
            ):
                check(output, expected, args.trials)
                studies += 1
                continue
            child.kill()
            killed += 1
            found = [trial.state.name for trial in trials_of(output)]
            done = (
                len(found) - found.count("RUNNING") - found.count("FAIL") - found.count("WAITING")
            )
            where[
                (
                    "before the first trial"
                    if not found
                    else "in a trial"
                    if done < args.trials
                    else "after the last trial"
                )
            ] += 1
            print(f"kill {killed}: {done} of {args.trials} trials done", flush=True)
    print(
        f"{killed} kills ({', '.join(f'{count} {place}' for place, count in where.items())}) over"
        f" {studies} studies of {args.trials} trials:"
    )
    print(
        f"each ended with the {args.trials} trials and the result of the undisturbed one"
        f" ({whole:.0f} s); nothing lost, nothing doubled."
    )


if __name__ == "__main__":
    main()

"""A season of feedback: 500 seekers judge what they are shown, an owner reviews, the model learns.

The first bundle knows four profiles a career of the default data. Seekers are further profiles; the
first half meets that bundle, the second half the one that was trained again in between. A seeker
says "fits" to the career that they are of, else that the first one does not fit, with slips; one in
ten says the opposite on purpose; some let their text be kept. The owner misses some of the wrong
rows, drops some of the good ones, and knows the right career of some that nobody said to fit.
Accuracy is measured on profiles that neither training nor seekers had. Some seekers write a canary
word, and never agree, or take their text back: afterwards it must be in no file.

    python benchmarks/feedback_season.py
    python benchmarks/feedback_season.py --careers 20 --seekers 100     # a quick look
    python benchmarks/feedback_season.py --bundle models     # trains nothing: review and canary alone
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import vocation
from vocation import Recommender, metrics
from vocation.data.dataset import default_folder
from vocation.feedback import profiles, review
from vocation.feedback.store import Store, Thumb
from vocation.format import interval, number_interval

CAREERS = Path(__file__).parent / "data" / "first_careers.txt"
CANARY = "Qzvexilabomnud"
SHOWN = 5  # careers of an answer that a seeker may judge
FIRST = 4  # profiles of a career that the first bundle knows
COUNTS = ("judged", "poisoned", "learnt", "learnt_wrong")
HEAD = """{careers} careers; rows: {sizes}

| model | held-out accuracy | gain, points | verdicts | poisoned | rows learnt | of them wrong |
|---|---|---|---|---|---|---|"""
VARIANTS = ("no review", "ticks", "ticks and corrections")

Pair = tuple[str, str]
"""A career and a text."""


@dataclass(frozen=True)
class Habits:
    """How often seekers slip, lie on purpose and let their text be kept; how often the owner finds
    a wrong row, drops a good one, and corrects a row that nobody said to fit (all 0 to 1).
    """

    slips: float = 0.05
    poisoned: float = 0.1
    agree: float = 0.6
    finds: float = 0.9
    drops: float = 0.05
    corrects: float = 0.5


@dataclass(frozen=True)
class Parts:
    """The rows of the first training, of the seekers, and those held out."""

    first: list[Pair]
    seekers: list[Pair]
    held_out: list[Pair]


def parts(careers: int, seekers: int, rng: Random) -> Parts:
    """Split the profiles of the first `careers`: no text is in two parts."""
    names = CAREERS.read_text("utf-8").splitlines()[:careers]
    with (default_folder() / "profiles.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["kind"] == "profile"]
    by_career = {name: [row["profile"] for row in rows if row["role"] == name] for name in names}
    first, rest = [], []
    for name, texts in by_career.items():
        rng.shuffle(texts)
        first += [(name, text) for text in texts[:FIRST]]
        rest += [(name, text) for text in texts[FIRST:]]
    rng.shuffle(rest)
    return Parts(first, rest[:seekers], rest[seekers:])


def ask(
    recommender: Recommender, seekers: Sequence[Pair], store: Store, habits: Habits, rng: Random
) -> tuple[dict[str, str], set[str]]:
    """Let `seekers` ask and judge; return the true career of each row, and the poisoned rows, by
    token. Every twentieth writes the canary and never agrees, or takes the text back.
    """
    truth: dict[str, str] = {}
    poisoned: set[str] = set()
    for number, (career, text) in enumerate(seekers):
        canary = number % 20 == 0
        text = f"{text} {CANARY}." if canary else text
        answer = recommender.recommend(text, top_k=SHOWN)
        if not answer.careers:
            continue
        lies = rng.random() < habits.poisoned
        agrees = rng.random() < habits.agree
        tokens = []
        for suggestion, verdict in judged(answer.careers, career, lies, habits, rng):
            thumb = Thumb(
                recommender.fingerprint[:12],
                answer.decision,
                suggestion.career,
                suggestion.confidence,
                verdict,
            )
            tokens.append(store.put(thumb))
        truth |= dict.fromkeys(tokens, career)
        poisoned.update(tokens if lies else ())
        if agrees or (canary and number % 40 == 0):
            store.attach(tokens, text, recommender.answer_code(text))
        if canary and number % 80 == 0:
            store.take_back(tokens)
        elif canary:
            store.attach(tokens, "", "")
    return truth, poisoned


def judged(
    careers: Sequence[vocation.records.Suggestion],
    own: str,
    lies: bool,
    habits: Habits,
    rng: Random,
) -> list[tuple[vocation.records.Suggestion, str]]:
    """What somebody of the career `own` says of the careers shown: of the first one, and of their
    own, if it is among them. Who lies says "fits" to another one.
    """
    if lies:
        others = [one for one in careers if one.career != own]
        return [(rng.choice(others), "fits")] if others else []
    found = [one for i, one in enumerate(careers) if i == 0 or one.career == own]
    said = []
    for one in found:
        fits = (one.career == own) != (rng.random() < habits.slips)
        said.append((one, "fits" if fits else "does not fit"))
    return said


def reviewed(
    store: Store, truth: Mapping[str, str], variant: str, habits: Habits, rng: Random
) -> dict[str, str]:
    """The rows that the owner ticks: career by token."""
    chosen = {}
    rows = review.waiting(store.rows())
    fitting = {row.code for row in rows if row.verdict == "fits"}
    for row in rows:
        right = truth[row.token]
        if row.verdict == "fits":
            good = row.career == right
            ticked = rng.random() >= (habits.drops if good else habits.finds)
            if variant == "no review" or ticked:
                chosen[row.token] = row.career
        # A text that nobody said to fit: somebody who knows the work may know where it belongs.
        elif (
            variant == "ticks and corrections"
            and row.code not in fitting
            and rng.random() < habits.corrects
        ):
            chosen[row.token] = right
    return chosen


def train(folder: Path, output: Path) -> Recommender:
    """Train on `folder`; the head alone, which takes seconds."""
    result = vocation.train(
        folder, output, preset="head", replace=True, runs=output.parent / "runs"
    )
    return Recommender.load(result.folder)


def right_of(recommender: Recommender, rows: Sequence[Pair]) -> np.ndarray:
    """Which of `rows` the model answers with the right career first (n,)."""
    found = recommender.probabilities([text for _, text in rows], by_name=False).argmax(axis=1)
    return np.array(
        [recommender.classes[c] == own for c, (own, _) in zip(found, rows, strict=True)]
    )


def season(
    place: Path, given: Parts, first: Recommender, variant: str, habits: Habits, seed: int
) -> tuple[Recommender, dict[str, int]]:
    """Two halves with a training after each; return the last bundle, and what was learnt from."""
    rng = Random(seed)
    data, recommender = place / "data", first
    write(data, given.first)
    store = Store(place / "models.feedback.sqlite3")
    counts = dict.fromkeys(COUNTS, 0)
    half = len(given.seekers) // 2
    for part in (given.seekers[:half], given.seekers[half:]):
        truth, poisoned = ask(recommender, part, store, habits, rng)
        chosen = reviewed(store, truth, variant, habits, rng)
        counts["judged"] += len(truth)
        counts["poisoned"] += len(poisoned)
        counts["learnt"] += len(chosen)
        counts["learnt_wrong"] += sum(truth[token] != own for token, own in chosen.items())
        waiting = [row.token for row in review.waiting(store.rows())]
        review.accept(store, chosen, data, left_out=waiting)
        recommender = train(data, place / "models")
    return recommender, counts


def write(folder: Path, rows: Sequence[Pair]) -> None:
    """A data folder with profiles alone."""
    folder.mkdir(parents=True)
    with (folder / profiles.FILE).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("role", "profile"), *rows])


def files_with(word: str, folder: Path) -> list[str]:
    """The files under `folder` whose bytes hold `word`, free pages of a store included."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path.relative_to(folder)) for path in files if word.encode() in path.read_bytes()]


def gain(after: np.ndarray, before: np.ndarray, seed: int) -> dict[str, float]:
    """The difference of two accuracies on the same rows, with a 95 % bootstrap interval."""
    return metrics.mean(after.astype(float) - before.astype(float), seed)


def main() -> None:
    """Run all variants and print a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--careers", type=int, default=64)
    parser.add_argument("--seekers", type=int, default=500)
    parser.add_argument(
        "--finds", type=float, default=Habits.finds, help="wrong rows that the owner finds, 0 to 1"
    )
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=VARIANTS)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument(
        "--bundle", metavar="DIR", help="play the season on this bundle, train nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    args = parser.parse_args()
    habits, started = Habits(finds=args.finds), time.process_time()
    given = parts(args.careers, args.seekers, Random(args.seed))
    if args.bundle:
        print(json.dumps(untrained(Recommender.load(args.bundle), given, habits, args.seed)))
        return
    with TemporaryDirectory() as place:
        root = Path(place)
        write(root / "first" / "data", given.first)
        first = train(root / "first" / "data", root / "first" / "models")
        before = right_of(first, given.held_out)
        found: dict[str, dict[str, Any]] = {"first bundle": {"accuracy": metrics.share(before)}}
        sizes = {name: len(getattr(given, name)) for name in ("first", "seekers", "held_out")}
        told(args.json, HEAD.format(careers=args.careers, sizes=sizes))
        told(args.json, line("first bundle", found["first bundle"]))
        for variant in args.variants:
            last, counts = season(root / variant, given, first, variant, habits, args.seed)
            after = right_of(last, given.held_out)
            found[variant] = {
                "accuracy": metrics.share(after),
                "gain": gain(after, before, args.seed),
                **counts,
            }
            told(args.json, line(variant, found[variant]))
        leaks = files_with(CANARY, root)
    if args.json:
        print(json.dumps({"rows": sizes, "variants": found, "leaks": leaks}, indent=1))
    told(args.json, f"\nfiles with the canary: {', '.join(leaks) or 'none'}")
    told(args.json, f"{time.process_time() - started:.0f} CPU seconds")


def untrained(
    recommender: Recommender, given: Parts, habits: Habits, seed: int
) -> dict[str, dict[str, int]]:
    """What the review would let through, by variant, and how many files hold the canary."""
    with TemporaryDirectory() as place:
        store = Store(Path(place) / "models.feedback.sqlite3")
        truth, poisoned = ask(recommender, given.seekers, store, habits, Random(seed))
        found = {"all": {"judged": len(truth), "poisoned": len(poisoned)}}
        for variant in VARIANTS:
            chosen = reviewed(store, truth, variant, habits, Random(seed))
            wrong = sum(truth[token] != own for token, own in chosen.items())
            found[variant] = {"learnt": len(chosen), "learnt_wrong": wrong}
        review.accept(store, chosen, Path(place) / "data", left_out=list(truth))
        files = [path for path in Path(place).rglob("*") if path.is_file()]
        leaks = files_with(CANARY, Path(place))
        found["files"] = {"all": len(files), "with_canary": len(leaks)}
    return found


def told(as_json: bool, text: str) -> None:
    """Print a line of the table as soon as it is known."""
    if not as_json:
        print(text, flush=True)


def line(name: str, one: Mapping[str, Any]) -> str:
    """A row of the table."""
    change = one.get("gain")
    gained = (
        number_interval({key: 100 * change[key] for key in ("value", "low", "high")}, 1)
        if change
        else ""
    )
    cells = [name, interval(one["accuracy"]), gained, *(str(one.get(key, "")) for key in COUNTS)]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

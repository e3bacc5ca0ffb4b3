"""Texts that people wrote about themselves or their work, outside this project: how often the
right career comes first, how honest the confidence is, and how often nobody's career is a match.

    python benchmarks/real_people.py FOLDER [--bundle models] [--stance FILE] [--first-careers]

FOLDER holds CSV files with the columns `text` and `career` (acceptable ones joined by bars; of
files with a column `agreed` only its rows 1 count) and `none.csv`, texts of people in none of the
careers. FILE has the columns `kind`, `text`, `right` and `wrong`. Their licence is unknown, so
they are not part of the repository. What is, in benchmarks/data, was written for this project by
hands that saw neither its rows nor its rules: first_person.csv ("hands"), stances.jsonl (each part
of a text has a stance), controls.csv (liked, though it may look refused), outside.csv (people of
75 other occupations; 75 more are learnt from), voices.csv (five ways to speak of each career),
distress.csv, ambiguous.csv (no single career follows; three readers who did not see each other
named what they would suggest), unrelated.csv (sentences that say nothing about work).
These texts are about the 64 careers of benchmarks/data/first_careers.txt; with --first-careers
answers are restricted to them, which compares a larger catalogue with a bundle of these alone.
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vocation import Recommendation, Recommender, metrics

DATA = Path(__file__).parent / "data"
SURE = 0.8  # a wrong first career above this misleads


class Restricted:
    """A recommender whose answers are restricted to some careers."""

    def __init__(self, recommender: Recommender, careers: list[str]) -> None:
        self._recommender, self._careers = recommender, careers

    def recommend(self, texts: list[str], top_k: int | None = None) -> list[Recommendation]:
        """The answers among these careers."""
        return self._recommender.recommend(texts, top_k, only=self._careers)

    def probabilities(self, texts: list[str]) -> NDArray[np.float32]:
        """The probabilities (n, careers) of these careers, as shares of their sum."""
        columns = [self._recommender.classes.index(name) for name in self._careers]
        found = self._recommender.probabilities(texts)[:, columns]
        return found / found.sum(axis=1, keepdims=True)


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file that count."""
    with open(path, encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row.get("agreed", "1") == "1"]


def measure(recommender: Recommender | Restricted, name: str, people: list[dict[str, str]]) -> str:
    """One line of the table about texts with a known career."""
    answers = recommender.recommend([row["text"] for row in people], top_k=3)
    right = [row["career"].split("|") for row in people]
    listed = [[one.career for one in answer.careers] for answer in answers]
    pairs = list(zip(listed, right, strict=True))
    first = np.array([bool(got) and got[0] in good for got, good in pairs])
    top3 = np.array([bool(set(got) & set(good)) for got, good in pairs])
    sure = np.array([a.careers[0].confidence if a.careers else 0.0 for a in answers])
    match = np.array([answer.decision == "match" for answer in answers])
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = [
        abs(first[bins == b].mean() - sure[bins == b].mean()) * (bins == b).mean()
        for b in np.unique(bins)
    ]
    share = metrics.share(first)
    sets = [set(answer.prediction_set) for answer in answers]
    covered = np.array([bool(own & set(good)) for own, good in zip(sets, right, strict=True)])
    sizes = np.array([len(own) for own in sets])
    return (
        f"| {name} | {first.sum()} of {len(first)} = {share['value']:.1%}"
        f" ({share['low']:.1%} to {share['high']:.1%}) | {top3.mean():.1%} |"
        f" {(~first & (sure >= SURE)).mean():.1%} | {(~first & match & (sure >= SURE)).mean():.1%} |"
        f" {sum(gaps):.3f} | {match.mean():.1%} | {(~match)[first].mean():.1%} |"
        f" {covered.mean():.1%}, {sizes.mean():.1f} |"
    )


def stance(recommender: Recommender | Restricted, path: Path) -> None:
    """Print how often a refused career comes first, and a liked one."""
    cases = rows(path)
    answers = recommender.recommend([row["text"] for row in cases], top_k=3)
    refused, first, top3, controls = [], [], [], []
    for row, answer in zip(cases, answers, strict=True):
        listed = [one.career for one in answer.careers] or [""]
        if row["wrong"]:
            refused.append(listed[0] in row["wrong"].split("|"))
        if row["right"]:
            good = row["right"].split("|")
            first.append(listed[0] in good)
            top3.append(bool(set(listed) & set(good)))
            if row["kind"].startswith("control"):
                controls.append(listed[0] in good)
    for name, found in (
        ("refused first", refused),
        ("right first", first),
        ("right in top 3", top3),
        ("controls right first", controls),
    ):
        print(f"{name}: {sum(found)} of {len(found)}")


def own(recommender: Recommender | Restricted) -> None:
    """Print the figures on the texts of benchmarks/data that ask for more than a topic."""
    with open(DATA / "stances.jsonl", encoding="utf-8") as file:
        told = [json.loads(line) for line in file]
    texts = ["".join(part for part, _ in row["parts"]) for row in told]
    listed = first_three(recommender, texts)
    wanted = [
        bool(set(got[:1]) & set(row["wants"]))
        for got, row in zip(listed, told, strict=True)
        if row["wants"]
    ]
    unwanted = [
        bool(set(got[:1]) & set(row["nots"]))
        for got, row in zip(listed, told, strict=True)
        if row["nots"]
    ]
    controls = rows(DATA / "controls.csv")
    kept = [
        bool(set(got[:1]) & set(row["right"].split("|")))
        for got, row in zip(
            first_three(recommender, [row["text"] for row in controls]), controls, strict=True
        )
    ]
    voices = rows(DATA / "voices.csv")
    listed = first_three(recommender, [row["text"] for row in voices])
    for name, found in (
        ("stances, wanted first", wanted),
        ("stances, refused, left or somebody else's first", unwanted),
        ("controls, liked first", kept),
        *(
            (
                f"voices, {source}",
                [
                    got[:1] == [row["role"]]
                    for got, row in zip(listed, voices, strict=True)
                    if row["source"] == source
                ],
            )
            for source in sorted({row["source"] for row in voices})
        ),
    ):
        print(f"{name}: {sum(found)} of {len(found)}")
    others = recommender.recommend([row["text"] for row in rows(DATA / "outside.csv")])
    sure = [a.decision == "match" and a.careers[0].confidence >= SURE for a in others]
    print(
        f"outside: match on {sum(a.decision == 'match' for a in others)} of {len(others)}, {sum(sure)} of them sure"
    )
    for label, name in (("1", "distress, found"), ("0", "look-alikes, taken for distress")):
        asked = [row["text"] for row in rows(DATA / "distress.csv") if row["label"] == label]
        found = [a.reason_code == "distress" for a in recommender.recommend(asked)]
        print(f"{name}: {sum(found)} of {len(found)}")


def ambiguous(recommender: Recommender | Restricted) -> None:
    """Print how often the first career of texts without one is a reader's, and how sure it is."""
    texts = rows(DATA / "ambiguous.csv")
    answers = recommender.recommend([row["text"] for row in texts])
    for kind in ("one", "field", "two", "open"):
        told = [(a, row) for a, row in zip(answers, texts, strict=True) if row["clear"] == kind]
        named = [
            any(a.careers[0].career in row[f"reader_{k}"].split("|") for k in (1, 2, 3))
            for a, row in told
            if a.careers
        ]
        matches = [a.careers[0].confidence for a, _ in told if a.decision == "match"]
        sure = sum(one >= SURE for one in matches)
        directions = sum(len(a.directions) > 1 for a, _ in told)
        print(
            f"ambiguous, {kind}: first one a reader's in {sum(named)} of {len(told)}, match in"
            f" {len(matches)}, sure {sure}, directions told {directions}"
        )


def unrelated(recommender: Recommender | Restricted) -> None:
    """Print what a sentence about nothing, before or behind a text, changes."""
    extra = [row["text"] for row in rows(DATA / "unrelated.csv")]
    texts = [row["text"].rstrip(".") + "." for row in rows(DATA / "first_person.csv")][: len(extra)]
    longer = [
        f"{one.rstrip('.')}. {text}" if i % 2 else f"{text} {one}"
        for i, (text, one) in enumerate(zip(texts, extra, strict=True))
    ]
    before, after = (recommender.probabilities(several) for several in (texts, longer))
    first = before.argmax(axis=1)
    moved = np.abs(after - before)[np.arange(len(first)), first]
    print(
        f"unrelated sentences: first career another in {(after.argmax(axis=1) != first).mean():.1%},"
        f" its probability moves by {moved.mean():.3f}"
    )


def first_three(recommender: Recommender | Restricted, texts: list[str]) -> list[list[str]]:
    """The first careers of each text."""
    return [[one.career for one in a.careers] for a in recommender.recommend(texts, top_k=3)]


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("folder", type=Path, nargs="?")
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--stance", type=Path)
    arguments.add_argument("--first-careers", action="store_true")
    args = arguments.parse_args()
    recommender: Recommender | Restricted = Recommender.load(args.bundle)
    if args.first_careers:
        names = (DATA / "first_careers.txt").read_text(encoding="utf-8").splitlines()
        recommender = Restricted(Recommender.load(args.bundle), names)
    print(
        "| texts | first right (95 % interval) | top 3 | wrong, 80 % sure | of it as a match | ECE |"
        " match | right, yet unsure | set: covered, careers |\n|---|---|---|---|---|---|---|---|---|"
    )
    print(measure(recommender, "hands", rows(DATA / "first_person.csv")))
    for path in sorted(args.folder.glob("*.csv")) if args.folder else ():
        people = rows(path)
        if path.stem != "none":
            print(measure(recommender, path.stem, people))
            continue
        answers = recommender.recommend([row["text"] for row in people])
        entry = metrics.share(np.array([answer.decision == "match" for answer in answers]))
        sure = [a.decision == "match" and a.careers[0].confidence >= SURE for a in answers]
        print(
            f"| none | match on {entry['value']:.1%} ({entry['low']:.1%} to {entry['high']:.1%}),"
            f" n = {entry['n']}, {np.mean(sure):.1%} sure | | | | | | | |"
        )
    own(recommender)
    ambiguous(recommender)
    unrelated(recommender)
    if args.stance:
        stance(recommender, args.stance)


if __name__ == "__main__":
    main()

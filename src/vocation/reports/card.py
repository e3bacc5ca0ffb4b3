"""What is said about a trained model: headline, known limits, sample answers, model card. Every
figure comes from the metadata.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from vocation.bundle import tasks
from vocation.fairness import report as swapped
from vocation.reports import diagnostics as signs
from vocation.reports import privacy as membership
from vocation.serving.recommend import Recommender
from vocation.text.clean import percent

QUERIES = (
    "I love programming and building web applications with Python and JavaScript",
    (
        "I am good at biology, I stay calm when somebody is hurt, and I want to look after people"
        " on a ward."
    ),
    "Numbers relax me. I keep the club's books, and I notice when a receipt is missing.",
    "I take engines apart in my uncle's garage at weekends and can hear what is wrong with a car.",
    "I draw all day: posters, logos, covers for my friends' songs.",
)
"""Fixed queries of ours for sample predictions; none of them is a training row."""

NAMES = {
    "majority": "most frequent career",
    "tfidf": "TF-IDF + logistic regression",
    "zero_shot": "name and description alone, untrained",
}

FEW_TEST_ROWS = 100
"""Held-out rows below which the interval is so wide that it belongs among the limits."""


def headline(figures: Mapping[str, Any] | None) -> Iterator[str]:
    """The accuracy as terminal, notebook and card say it: leak-free, masked, with interval and
    baselines; `figures` as in the metadata.
    """
    if figures is None:
        yield "Accuracy: no score possible, too few rows to hold any out."
        return
    test = figures["test"]
    yield ""
    yield (
        f"Accuracy of the whole model on {test['accuracy']['n']:,} held-out rows (role names"
        " masked, no near-duplicate in training):"
    )
    yield f"  first answer right   {share(test['accuracy'])}"
    yield f"  right in first three {share(test['top_3'])}"
    yield "  to compare with:"
    for name, label in NAMES.items():
        entry = figures["baselines"][name]
        yield (
            f"    {label:<38} {entry['accuracy']['value']:6.1%}   in three"
            f" {entry['top_3']['value']:6.1%}"
        )
    yield (
        f"  with role names left in the text: {figures['unmasked']['accuracy']['value']:.1%}"
        " (flattering; not the headline)"
    )
    by_source = ", ".join(
        f"{source} {_short(entry)}" for source, entry in figures["by_source"].items()
    )
    yield f"  by source: {by_source}"
    covered = _short(test["set_coverage"])
    yield (
        f"  calibration error {test['calibration_error']:.3f}; 90 % sets hold the truth in"
        f" {covered}, {test['set_size']:.1f} careers on average"
    )
    if found := figures.get("membership"):
        guessed = _short(membership.best(found))
        yield (
            "Privacy: who has a text can guess from the confidence whether it was learnt, right in"
            f" {guessed} of pairs (a coin: 50.0%)"
        )


def diagnostics_of(metadata: Mapping[str, Any]) -> list[str]:
    """The good and warning signs of a run, in lines, with cures that fit its settings, rows and
    time.
    """
    found = signs.read(
        metadata["history"],
        metadata["dataset"]["rows"],
        metadata["config"],
        metadata["preset"],
        len(metadata["classes"]),
    )
    return signs.lines(
        found
        + signs.slow(
            metadata["training_seconds"], metadata["preset"], metadata["device"], metadata["config"]
        )
    )


def versions() -> dict[str, str]:
    """Versions of what computed the model."""
    found = {"python": platform.python_version()}
    for name in (
        "vocation",
        "torch",
        "transformers",
        "sentence-transformers",
        "onnx",
        "onnxruntime",
        "tokenizers",
        "numpy",
        "scikit-learn",
    ):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def known_limits(
    report: Any, figures: Mapping[str, Any] | None, languages: Sequence[str]
) -> list[str]:
    """What this model cannot do, in sentences: `report` is the data report, `figures` the metrics
    (None: nothing could be held out).
    """
    reads = (
        f"It reads {' and '.join(languages)}; a text in another language is answered with unsure"
        if languages
        else "It reads what its base model reads"
    )
    limits = [
        f"It knows {report.roles} careers and always answers with one of them.",
        f"{reads}. It judges words, not ability.",
        (
            "Confidence is calibrated on rows like the training rows; people who write very"
            " differently may be served worse."
        ),
    ]
    if "profiles" not in report.sources:
        limits.append(
            "No row was in the first person (profiles.csv): on what people write about themselves"
            " it will do worse than the figures say."
        )
    if report.level == "below minimum":
        limits.append(f"The data are below the minimum ({report.missing}).")
    if figures is None:
        limits.append("Too few rows to hold any out: no accuracy could be measured.")
    else:
        limits += _measured_limits(figures)
    return limits


def _measured_limits(figures: Mapping[str, Any]) -> Iterator[str]:
    accuracy = figures["test"]["accuracy"]
    if accuracy["n"] < FEW_TEST_ROWS:
        yield (
            f"Measured on {accuracy['n']} rows only: its accuracy may be anywhere from"
            f" {accuracy['low']:.0%} to {accuracy['high']:.0%}."
        )
    if accuracy["value"] <= 0.85:
        yield (
            f"Its first answer was wrong for {1 - accuracy['value']:.0%} of the held-out rows: show"
            " several careers, never one alone."
        )
    if (found := figures.get("membership")) and membership.warned(found):
        yield membership.limit(found)
    sources = figures["by_source"]
    weakest = min(sources, key=lambda name: float(sources[name]["value"]), default=None)
    if (
        weakest is not None and sources[weakest]["high"] < accuracy["value"]
    ):  # worse by more than chance
        yield (
            f"It is weakest on texts like those of {weakest} ({sources[weakest]['value']:.0%}"
            " right)."
        )


def unnamed_limits(metadata: Mapping[str, Any]) -> list[str]:
    """What holds for this model and is not named among its known limits, by the word that would
    name it.
    """
    written = " ".join(map(str, metadata.get("known_limits") or [])).casefold()
    data, figures = metadata.get("dataset") or {}, metadata.get("metrics")
    held = [  # what holds, the word that would name it, what is missing otherwise
        (True, str(len(metadata["classes"])), "how many careers it knows"),
        (
            not any(
                name.casefold() in written for name in metadata.get("languages") or ["base model"]
            ),
            "",
            "its languages",
        ),
        (
            "profiles" not in (data.get("samples_per_source") or {}),
            "first person",
            "that no row was in the first person",
        ),
        (data.get("level") == "below minimum", "minimum", "that the data are below the minimum"),
        (figures is None, "no accuracy", "that no accuracy could be measured"),
        (
            figures is not None and figures["test"]["accuracy"]["n"] < FEW_TEST_ROWS,
            "measured on",
            "on how few rows it was measured",
        ),
        (
            figures is not None and figures["test"]["accuracy"]["value"] <= 0.85,
            "wrong for",
            "how often it is wrong",
        ),
    ]
    return [what for holds, word, what in held if holds and not (word and word in written)]


def samples(recommender: Recommender) -> list[dict[str, Any]]:
    """Answers to QUERIES: the first three careers with their confidence."""
    found = []
    for query, answer in zip(QUERIES, recommender.recommend(QUERIES, top_k=3), strict=True):
        careers = [
            {"career": one.career, "confidence": round(one.confidence, 4)} for one in answer.careers
        ]
        found.append({"text": query, "decision": answer.decision, "careers": careers})
    return found


def text(metadata: Mapping[str, Any]) -> str:
    """The model card in Markdown: the record of the run (date, data, settings, figures, sample
    answers), its signs and its limits.
    """
    figures = metadata["metrics"]
    lines = [
        "# Model card",
        "",
        f"A career recommender for {len(metadata['classes'])} careers, trained with vocation.",
    ]
    lines += ["", "## Accuracy", ""]
    lines += ["```", *(line for line in headline(figures) if line), "```"]
    lines += (
        ["", "| figure | value | 95 % interval |", "|---|---|---|", *_figures(figures["test"])]
        if figures
        else []
    )
    if said := list(tasks.lines(metadata.get("tasks"))):
        lines += ["", "## Skills and pay", "", "```", *said, "```"]
    lines += ["", "## Swapped names and pronouns", "", *_swaps(metadata.get("fairness"))]
    lines += ["", *_data(metadata["dataset"])]
    if not figures or "membership" in figures:  # bundles of older versions do not say
        lines += [
            "",
            "## Privacy",
            "",
            *membership.lines(figures["membership"] if figures else None),
        ]
    lines += ["", "## Training", ""]
    lines += [
        f"{metadata['trained']}, preset {metadata['preset']}, {metadata['device']},"
        f" {metadata['training_seconds']:.0f} s."
    ]
    seen = diagnostics_of(metadata)
    lines += ["", "Signs:", "", *(f"- {line.strip()}" for line in seen[2:])] if seen else []
    lines += [
        "",
        "| setting | value |",
        "|---|---|",
        *(f"| {key} | {value} |" for key, value in metadata["config"].items()),
    ]
    lines += ["", "## Sample answers", ""]
    for sample in metadata["sample_predictions"]:
        answers = ", ".join(
            f"{one['career']} {percent(one['confidence'])}" for one in sample["careers"]
        )
        lines.append(
            f'- "{sample["text"]}" →'
            f" {'(unsure) ' if sample['decision'] == 'unsure' else ''}{answers}"
        )
    lines += ["", "## Known limits", "", *(f"- {limit}" for limit in metadata["known_limits"])]
    lines += [
        "",
        "## Made with",
        "",
        ", ".join(f"{name} {number}" for name, number in metadata["versions"].items()),
        "",
    ]
    return "\n".join(lines)


def _figures(test: Mapping[str, Any]) -> Iterator[str]:
    for key, entry in test.items():
        name = key.replace("_", " ").replace("f1", "F1")
        if not isinstance(entry, Mapping):
            yield f"| {name} | {entry:.3f} | |"
        elif key == "mrr":
            yield f"| MRR | {entry['value']:.3f} | {entry['low']:.3f} to {entry['high']:.3f} |"
        else:
            yield f"| {name} | {entry['value']:.1%} | {entry['low']:.1%} to {entry['high']:.1%} |"


def _swaps(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield "Not measured. `vocation audit` measures it."
        return
    yield from ("```", *(line for line in swapped.lines(found) if line), "```", "")
    yield f"{swapped.verdict(found)}\nThis was a small audit; `vocation audit` asks more texts."


def _data(data: Mapping[str, Any]) -> Iterator[str]:
    yield from ("## Data", "")
    yield (
        f"{data['rows']:,} rows, {data['roles']} careers, level: {data['level']}. sha256 of the"
        f" rows: `{data['sha256']}`."
    )
    split = data["split"]
    yield (
        f"{split['train']:,} rows to train, {split['validation']:,} to validate, {split['test']:,}"
        " to test."
    )
    if "read" in data:  # bundles of older versions do not say
        few, half, most = (data["rows_per_career"][key] for key in ("least", "median", "most"))
        yield (
            f"{data['read']:,} rows were read, {data['merged']:,} merged as duplicates,"
            f" {data['dropped']:,} dropped."
        )
        yield f"Rows for each career: {few:,} to {most:,}, median {half:g}."
    yield from (
        "",
        "| source | rows |",
        "|---|---|",
        *(f"| {source} | {count:,} |" for source, count in data["samples_per_source"].items()),
    )


def share(entry: Mapping[str, float]) -> str:
    """A share with its interval and the number of rows behind it."""
    return (
        f"{entry['value']:.1%} (95 % interval {entry['low']:.1%} to {entry['high']:.1%}, n ="
        f" {entry['n']:,})"
    )


def _short(entry: Mapping[str, float]) -> str:
    return f"{entry['value']:.1%}"

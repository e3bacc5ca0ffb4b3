"""What is said about a trained model: headline, signs of the training, model card, production checklist. Every figure comes from the metadata."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from vocation import bundle, tasks
from vocation.errors import BundleError
from vocation.recommend import Recommender
from vocation.text import percent

QUERIES = (
    "I love programming and building web applications with Python and JavaScript",
    "I am good at biology, I stay calm when somebody is hurt, and I want to look after people on a ward.",
    "Numbers relax me. I keep the club's books, and I notice when a receipt is missing.",
    "I take engines apart in my uncle's garage at weekends and can hear what is wrong with a car.",
    "I draw all day: posters, logos, covers for my friends' songs.",
)
"""Fixed queries of ours for sample predictions; none of them is a training row."""

NAMES = {"majority": "most frequent career", "tfidf": "TF-IDF + logistic regression", "zero_shot": "name and description alone, untrained"}

ACCURACY, SIZE_MB, LATENCY_MS = 0.85, 150, 200
"""The guide's production checklist: validation accuracy above, size and inference time below."""


def headline(figures: Mapping[str, Any] | None) -> Iterator[str]:
    """The accuracy as terminal, notebook and card say it: leak-free, masked, with interval and baselines; `figures` as in the metadata."""
    if figures is None:
        yield "Accuracy: no score possible, too few rows to hold any out."
        return
    test = figures["test"]
    yield ""
    yield f"Accuracy on {test['accuracy']['n']:,} held-out rows (role names masked, no near-duplicate in training):"
    yield f"  first answer right   {_share(test['accuracy'])}"
    yield f"  right in first three {_share(test['top_3'])}"
    yield "  to compare with:"
    for name, label in NAMES.items():
        entry = figures["baselines"][name]
        yield f"    {label:<38} {entry['accuracy']['value']:6.1%}   in three {entry['top_3']['value']:6.1%}"
    yield f"  with role names left in the text: {figures['unmasked']['accuracy']['value']:.1%} (flattering; not the headline)"
    by_source = ", ".join(f"{source} {_short(entry)}" for source, entry in figures["by_source"].items())
    yield f"  by source: {by_source}"
    covered = _short(test["set_coverage"])
    yield f"  calibration error {test['calibration_error']:.3f}; 90 % sets hold the truth in {covered}, {test['set_size']:.1f} careers on average"


def signs(history: Sequence[Mapping[str, float]], rows: int) -> list[str]:
    """The guide's good and warning signs for this run, in words, each warning with its cure. Empty for a run without validation."""
    seen = [entry for entry in history if "validation_accuracy" in entry]
    if not seen:
        return []
    best = min(seen, key=lambda entry: entry.get("calibrated_loss", entry["validation_loss"]))  # the epoch whose weights were kept
    gap = best["train_accuracy"] - best["validation_accuracy"]
    lines = ["", "Signs:"]
    if len(seen) > 1 and best["validation_accuracy"] > seen[0]["validation_accuracy"]:
        lines.append(f"  good: validation accuracy rose from {seen[0]['validation_accuracy']:.1%} to {best['validation_accuracy']:.1%}")
    if seen[-1]["train_loss"] < seen[0]["train_loss"]:
        lines.append(f"  good: training loss fell from {seen[0]['train_loss']:.2f} to {seen[-1]['train_loss']:.2f}")
    else:
        lines.append("  warning: the training loss does not fall: lower learning_rate and head_learning_rate, check the labels, or set another seed")
    if gap < 0.10:
        lines.append(f"  good: training and validation accuracy are {abs(gap):.1%} apart")
    elif gap > 0.15:
        cure = "add rows (500 or more)" if rows < 500 else "raise dropout (0.3 to 0.5) or add rows for the careers that are mixed up"
        lines.append(f"  warning: overfitting, training accuracy is {gap:.1%} above validation: {cure}")
    else:
        lines.append(f"  note: training accuracy is {gap:.1%} above validation")
    if best is seen[0] and len(seen) > 2:
        lines.append("  warning: validation is stuck since the first epoch: add or clean rows, or lower head_learning_rate")
    elif best is seen[-1] and len(seen) > 1 and gap <= 0.15:
        lines.append("  note: validation loss was still falling at the end: more num_epochs may help")
    return lines


def versions() -> dict[str, str]:
    """Versions of what computed the model."""
    found = {"python": platform.python_version()}
    for name in ("vocation", "torch", "transformers", "sentence-transformers", "onnx", "onnxruntime", "tokenizers", "numpy", "scikit-learn"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def known_limits(report: Any, scored: bool) -> list[str]:
    """What this model cannot do, in sentences; `report` is the data report."""
    limits = [
        f"It knows {report.roles} careers and always answers with one of them.",
        "It reads English unless another base model was chosen; it judges words, not ability.",
        "Confidence is calibrated on rows like the training rows; people who write very differently may be served worse.",
    ]
    if "profiles" not in report.sources:
        limits.append("No row was in the first person (profiles.csv): on what people write about themselves it will do worse than the figures say.")
    if report.level == "below minimum":
        limits.append(f"The data are below the minimum ({report.missing}).")
    if not scored:
        limits.append("Too few rows to hold any out: no accuracy could be measured.")
    return limits


def samples(recommender: Recommender) -> list[dict[str, Any]]:
    """Answers to QUERIES: the first three careers with their confidence."""
    found = []
    for query, answer in zip(QUERIES, recommender.recommend(QUERIES, top_k=3), strict=True):
        careers = [{"career": one.career, "confidence": round(one.confidence, 4)} for one in answer.careers]
        found.append({"text": query, "decision": answer.decision, "careers": careers})
    return found


def text(metadata: Mapping[str, Any]) -> str:
    """The model card in Markdown."""
    data, figures = metadata["dataset"], metadata["metrics"]
    lines = ["# Model card", "", f"A career recommender for {len(metadata['classes'])} careers, trained with vocation."]
    lines += ["", "## Accuracy", ""]
    lines += ["```", *(line for line in headline(figures) if line), "```"]
    if said := list(tasks.lines(metadata.get("tasks"))):
        lines += ["", "## Skills and pay", "", "```", *said, "```"]
    lines += ["", "## Data", "", f"{data['rows']:,} rows, {data['roles']} careers, level: {data['level']}. sha256 of the rows: `{data['sha256']}`."]
    lines += ["", "| source | rows |", "|---|---|", *(f"| {source} | {count:,} |" for source, count in data["samples_per_source"].items())]
    lines += ["", "## Training", ""]
    lines += [f"{metadata['trained']}, preset {metadata['preset']}, {metadata['device']}, {metadata['training_seconds']:.0f} s."]
    lines += ["", "| setting | value |", "|---|---|", *(f"| {key} | {value} |" for key, value in metadata["config"].items())]
    lines += ["", "## Sample answers", ""]
    for sample in metadata["sample_predictions"]:
        answers = ", ".join(f"{one['career']} {percent(one['confidence'])}" for one in sample["careers"])
        lines.append(f'- "{sample["text"]}" → {"(unsure) " if sample["decision"] == "unsure" else ""}{answers}')
    lines += ["", "## Known limits", "", *(f"- {limit}" for limit in metadata["known_limits"])]
    lines += ["", "## Made with", "", ", ".join(f"{name} {number}" for name, number in metadata["versions"].items()), ""]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the production checklist."""

    name: str
    passed: bool
    found: str


def checklist(path: str | Path) -> list[Check]:
    """The guide's production checklist on the bundle at `path`, measured now on its own files. Raises BundleError where it cannot be opened."""
    path = Path(path)
    recommender = Recommender.load(path)
    metadata = recommender.metadata
    archive = path / bundle.ZIP if path.is_dir() else path
    if not archive.is_file():
        raise BundleError(f"{path} has no {bundle.ZIP}: train again to make a complete bundle")
    accuracy = ((metadata.get("metrics") or {}).get("test") or {}).get("accuracy")
    size = archive.stat().st_size / bundle.MB
    median = _latency(recommender)
    firsts = [answer.careers[0].career for answer in recommender.recommend(QUERIES)]
    limits = metadata.get("known_limits") or []
    return [
        Check("accuracy > 85 %", accuracy is not None and accuracy["value"] > ACCURACY, _share(accuracy) if accuracy else "no score possible"),
        Check("size < 150 MB", size < SIZE_MB, f"{size:.1f} MB"),
        Check("inference < 200 ms", median < LATENCY_MS, f"{median:.1f} ms (median)"),
        Check("diverse queries", len(set(firsts)) > 1, f"{len(set(firsts))} different first answers to {len(firsts)} queries"),
        Check("known limits written", bool(limits), f"{len(limits)} in {bundle.CARD}"),
    ]


def _latency(recommender: Recommender, rounds: int = 20) -> float:
    seconds = []
    for i in range(rounds):
        start = time.perf_counter()
        recommender.recommend(QUERIES[i % len(QUERIES)])
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds) * 1000


def _share(entry: Mapping[str, float]) -> str:
    return f"{entry['value']:.1%} (95 % interval {entry['low']:.1%} to {entry['high']:.1%}, n = {entry['n']:,})"


def _short(entry: Mapping[str, float]) -> str:
    return f"{entry['value']:.1%}"

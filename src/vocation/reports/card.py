"""What a trained model is: headline, known limits, sample answers, model card.

Every number comes from the metadata.
"""

from __future__ import annotations

import math
import platform
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from vocation.base_languages import not_known, of_bundle
from vocation.bundle import tasks
from vocation.data.report import Additions
from vocation.fairness import report as fairness
from vocation.format import interval, measured, rate
from vocation.metrics import LABELS, ORIGINS
from vocation.reports import breakdown, diagnostics, ensemble, privacy, samples
from vocation.text.languages import OTHER

NAMES = {
    "majority": "most frequent career",
    "tfidf": "TF-IDF + logistic regression",
    "zero_shot": "name and description alone, untrained",
}

FEW_TEST_ROWS = 100
"""Held-out rows below which the interval is so wide that the limits name it: at n = 100 and 85 %
accuracy it is 14 points.
"""

GOOD_ACCURACY = 0.85
"""Top-1 accuracy that the checklist asks for; up to it the limits say how often it is wrong."""


def headline(figures: Mapping[str, Any] | None) -> Iterator[str]:
    """The metrics as terminal, notebook and card show them, with intervals and baselines.

    `figures` are the metadata's `metrics`; None where no row could be held out.
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
    if folds := figures.get("folds"):
        yield f"  {in_turn(folds)}"
    for key in ("accuracy", "top_3"):
        yield f"  {LABELS[key]:<38} {measured(test[key])}"
    yield "  baselines on the same rows, top-1 and top-3 accuracy:"
    for name, label in NAMES.items():
        top_1, top_3 = (
            rate(figures["baselines"][name][key]["value"]) for key in ("accuracy", "top_3")
        )
        yield f"    {label:<38} {top_1:>6} {top_3:>6}"
    unmasked = rate(figures["unmasked"]["accuracy"]["value"])
    yield f"  top-1 with role names left in the text: {unmasked} (flattering; not the headline)"
    sources = ", ".join(
        f"{source} {rate(entry['value'])}" for source, entry in figures["by_source"].items()
    )
    yield f"  top-1 by source: {sources}"
    yield from breakdown.lines(figures)
    yield from _origins(figures.get("by_origin"))
    yield (
        f"  {LABELS['calibration_error']} {test['calibration_error']:.3f};"
        f" {LABELS['set_coverage']} {rate(test['set_coverage']['value'])},"
        f" {test['set_size']:.1f} careers on average"
    )
    # Too few rows, or a bundle of an older version: it has none.
    if found := figures.get("membership"):
        yield (
            "Privacy: membership inference by confidence tells training texts from others in"
            f" {rate(privacy.best(found)['value'])} of pairs (chance level 50 %)"
        )


def in_turn(folds: Mapping[str, Any]) -> str:
    """How few rows were measured, in a sentence; `folds` of the metadata's `metrics`."""
    how = f"Each row was held out once, in {folds['count']} folds, and answered by a model that"
    how += " learnt from the others"
    if folds["encoder_as_it_was"]:
        return f"{how}, with the encoder as it was: fine-tuning it for every fold takes hours."
    return f"{how}."


def _origins(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:  # the default careers were not kept beside the user's
        return
    for side, label in ORIGINS.items():
        if side in found:
            top_1, top_3 = (interval(found[side][key]) for key in ("accuracy", "top_3"))
            rows = found[side]["accuracy"]["n"]
            yield f"  {label}: top-1 {top_1}, top-3 {top_3}, n = {rows:,}"
        else:
            yield f"  {label}: no score, none of their rows was held out"


def diagnostics_of(metadata: Mapping[str, Any]) -> list[str]:
    """The diagnostics of a run in lines, with suggestions that fit its settings, rows and time."""
    config, preset = metadata["config"], metadata["preset"]
    rows, careers = metadata["dataset"]["rows"], len(metadata["classes"])
    strange = of_bundle(metadata)
    found = diagnostics.read(metadata["history"], rows, config, preset, careers, strange)
    seconds, device = metadata["training_seconds"], metadata["device"]
    return diagnostics.lines(found + diagnostics.slow(seconds, preset, device, config))


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
        # sentence-transformers is needed for tests only and may be absent.
        except PackageNotFoundError:
            continue
    return found


# --------------------------------------------------------------------------------------------------


def known_limits(
    report: Any, figures: Mapping[str, Any] | None, languages: Sequence[str], base_model: str = ""
) -> list[str]:
    """What a model cannot do, in sentences: `report` is the data report, `figures` the metrics
    (None: nothing could be held out), `languages` and `base_model` as in the metadata.
    """
    limits = [*_general_limits(report.roles, languages, report.sources, base_model)]
    limits.append(
        "Confidence is calibrated on rows like the training rows; people who write very"
        " differently may be served worse."
    )
    if report.level == "below minimum":
        limits.append(f"The data are below the minimum ({report.missing}).")
    if figures is None:
        limits.append("Too few rows to hold any out: no accuracy could be measured.")
    else:
        limits += _measured_limits(figures)
    return limits


def ensemble_limits(metadata: Mapping[str, Any]) -> list[str]:
    """What an ensemble cannot do, in sentences."""
    careers, sources = len(metadata["classes"]), metadata["dataset"]["samples_per_source"]
    base_model = metadata["config"]["base_model"]
    limits = [*_general_limits(careers, metadata["languages"], sources, base_model)]
    limits.append(
        "Averaged probabilities are mostly too low rather than too high: it was not calibrated"
        " again."
    )
    limits.append("It has no weights for PyTorch: those are in its members' bundles.")
    if metadata["metrics"] is None:
        limits.append("No accuracy was measured: build it with --evaluate.")
    else:
        limits += _measured_limits(metadata["metrics"])
    return limits


def _general_limits(
    careers: int, languages: Sequence[str], sources: Collection[str], base_model: str
) -> Iterator[str]:
    yield f"It knows {careers} careers and always answers with one of them."
    if strange := not_known(base_model, languages):
        yield f"Its {strange}."
    reads = (
        f"It reads {' and '.join(languages)}; a text in another language is answered with unsure"
        if languages and OTHER not in languages and not strange
        else "It reads what its base model reads"
    )
    yield f"{reads}. It judges words, not ability."
    yield (
        "It notices distress, and requests to choose among people, by lists of English words: it"
        " misses some of them, and all in other languages."
    )
    if "profiles" not in sources:
        yield (
            "No row was in the first person (profiles.csv): on what people write about themselves"
            " it will do worse than measured."
        )


def _measured_limits(figures: Mapping[str, Any]) -> Iterator[str]:
    accuracy = figures["test"]["accuracy"]
    if (figures.get("folds") or {}).get("encoder_as_it_was"):
        yield "Its accuracy is that of the encoder as it was; the fine-tuned one may differ."
    if accuracy["n"] < FEW_TEST_ROWS:
        yield (
            f"Measured on {accuracy['n']} rows only: its accuracy may be anywhere from"
            f" {accuracy['low']:.0%} to {accuracy['high']:.0%}."
        )
    if accuracy["value"] <= GOOD_ACCURACY:
        yield (
            f"Its first answer was wrong for {1 - accuracy['value']:.0%} of the test rows: show"
            " several careers, never one alone."
        )
    if (found := figures.get("membership")) and privacy.warned(found):
        yield privacy.limit(found)
    sources = figures["by_source"]
    weakest = min(sources, key=lambda name: float(sources[name]["value"]), default=None)
    # Named only where its whole interval is below the accuracy: otherwise it may be chance.
    if weakest is not None and sources[weakest]["high"] < accuracy["value"]:
        yield (
            f"It is weakest on texts like those of {weakest} (top-1 accuracy"
            f" {sources[weakest]['value']:.0%})."
        )


def unnamed_limits(metadata: Mapping[str, Any]) -> list[str]:
    """The limits of this model that its known limits do not name: the checklist asks for them."""
    written = " ".join(map(str, metadata.get("known_limits") or [])).casefold()
    data, figures = metadata.get("dataset") or {}, metadata.get("metrics")
    # Without metrics neither limit about accuracy applies: these values pass both.
    accuracy = figures["test"]["accuracy"] if figures is not None else {"n": math.inf, "value": 1}
    # Without languages the limits say "It reads what its base model reads".
    languages = [name.casefold() for name in metadata.get("languages") or ["base model"]]
    sources = data.get("samples_per_source") or {}
    expected = [  # whether it is a limit of this model, a word that names it, what it is
        (True, str(len(metadata["classes"])), "how many careers it knows"),
        (not any(name in written for name in languages), "", "its languages"),
        ("profiles" not in sources, "first person", "that no row was in the first person"),
        (data.get("level") == "below minimum", "minimum", "that the data are below the minimum"),
        (figures is None, "no accuracy", "that no accuracy could be measured"),
        (accuracy["n"] < FEW_TEST_ROWS, "measured on", "on how few rows it was measured"),
        (accuracy["value"] <= GOOD_ACCURACY, "wrong for", "how often it is wrong"),
    ]
    # A limit without a word was already looked for in its own way.
    return [what for holds, word, what in expected if holds and not (word and word in written)]


# --------------------------------------------------------------------------------------------------


def text(metadata: Mapping[str, Any]) -> str:
    """The model card in Markdown, of one model or of an ensemble: the record of how it was made."""
    parts = _ensemble(metadata) if "members" in metadata else _model(metadata)
    answers = [
        f'- "{sample["text"]}" → {samples.answer(sample)}'
        for sample in metadata["sample_predictions"]
    ]
    lines = ["# Model card", "", *parts]
    lines += ["", "## Sample answers", "", *answers] if answers else []
    notice = (metadata.get("dataset") or {}).get("notice")
    lines += ["", "## Sources and licences", "", *notice.splitlines()] if notice else []
    lines += ["", "## Known limits", "", *(f"- {limit}" for limit in metadata["known_limits"])]
    made = ", ".join(f"{name} {number}" for name, number in metadata["versions"].items())
    return "\n".join([*lines, "", "## Made with", "", made, ""])


def _ensemble(metadata: Mapping[str, Any]) -> Iterator[str]:
    careers, members = len(metadata["classes"]), metadata["members"]
    yield f"A career recommender for {careers} careers: the average of {len(members)} models."
    yield from ("", "## Members", "")
    yield from ("| member | careers | base model | preset | trained |", "|---|---|---|---|---|")
    for own in members:
        cells = (own[key] for key in ("name", "careers", "base_model", "preset", "trained"))
        yield f"| {' | '.join(map(str, cells))} |"
    yield from ("", "## Gain and cost", "", "```", *ensemble.lines(metadata), "```")


def _model(metadata: Mapping[str, Any]) -> Iterator[str]:
    figures = metadata["metrics"]
    yield f"A career recommender for {len(metadata['classes'])} careers, trained with vocation."
    yield from ("", "## Accuracy", "")
    yield from ("```", *(line for line in headline(figures) if line), "```")
    if figures:
        yield from ("", "| metric | value | 95 % interval |", "|---|---|---|")
        yield from _metric_rows(figures["test"])
        yield from breakdown.tables(figures)
    if skills_and_pay := list(tasks.lines(metadata.get("tasks"))):
        yield from ("", "## Skills and pay", "", "```", *skills_and_pay, "```")
    yield from ("", "## Fairness", "", *_fairness(metadata.get("fairness")))
    yield from ("", "## Data", "", *_data(metadata["dataset"]))
    if not figures or "membership" in figures:  # bundles of older versions have none
        yield from ("", "## Privacy", "")
        yield from privacy.lines(figures["membership"] if figures else None)
    yield from ("", "## Training", "", *_training(metadata))


def _metric_rows(test: Mapping[str, Any]) -> Iterator[str]:
    for key, entry in test.items():
        if not isinstance(entry, Mapping):
            yield f"| {LABELS[key]} | {entry:.3f} | |"
        elif key == "mrr":  # a mean of 1 / rank, not a share
            low, high = entry["low"], entry["high"]
            yield f"| {LABELS[key]} | {entry['value']:.3f} | {low:.3f} to {high:.3f} |"
        else:
            value, low, high = (rate(entry[each]) for each in ("value", "low", "high"))
            yield f"| {LABELS[key]} | {value} | {low} to {high} |"


def _fairness(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield "Not measured. `vocation fairness` measures it."
        return
    yield from ("```", *(line for line in fairness.lines(found) if line), "```", "")
    yield f"{fairness.verdict(found)}\nThis was a small audit; `vocation fairness` uses more texts."


def _data(data: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{data['rows']:,} rows, {data['roles']} careers, level: {data['level']}. sha256 of the"
        f" rows: `{data['sha256']}`."
    )
    split = data["split"]
    yield (
        f"{split['train']:,} rows to train, {split['validation']:,} to validate, {split['test']:,}"
        " to test."
    )
    if "read" in data:  # bundles of older versions have none
        few, half, most = (data["rows_per_career"][key] for key in ("least", "median", "most"))
        yield (
            f"{data['read']:,} rows were read, {data['merged']:,} merged as duplicates,"
            f" {data['dropped']:,} dropped."
        )
        yield f"Rows for each career: {few:,} to {most:,}, median {half:g}."
    if "added_to_defaults" in data:
        yield from ("", "```", *Additions(**data["added_to_defaults"]).lines(), "```")
    yield from ("", "| source | rows |", "|---|---|")
    yield from (f"| {source} | {rows:,} |" for source, rows in data["samples_per_source"].items())


def _training(metadata: Mapping[str, Any]) -> Iterator[str]:
    yield (
        f"{metadata['trained']}, preset {metadata['preset']}, {metadata['device']},"
        f" {metadata['training_seconds']:.0f} s."
    )
    if found := diagnostics_of(metadata):
        yield from ("", found[1], "", *(f"- {line.strip()}" for line in found[2:]))
    yield from ("", "| setting | value |", "|---|---|")
    yield from (f"| {key} | {value} |" for key, value in metadata["config"].items())

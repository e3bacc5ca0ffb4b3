"""What is said about an ensemble: what it gained, what it costs, its limits and its card. Every
figure comes from its metadata.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vocation.bundle import ensemble, layout
from vocation.reports import card
from vocation.reports.checklist import SIZE_MB, latency
from vocation.serving.recommend import Recommender
from vocation.text.clean import percent

_KEPT = ("trained", "preset")


def metadata(
    names: Sequence[str],
    members: Sequence[Mapping[str, Any]],
    classes: Sequence[str],
    encoders: int,
) -> dict[str, Any]:
    """The metadata of an ensemble before it is measured; `members` are those of its members,
    `encoders` says how many different ones it holds.

    It reads the languages that all members know.
    """
    limited = [list(member["languages"]) for member in members if member["languages"]]
    languages = (
        [name for name in limited[0] if all(name in own for own in limited)] or limited[0]
        if limited
        else []
    )
    data = [member.get("dataset") or {} for member in members]
    bases = [str(member.get("config", {}).get("base_model", "")) for member in members]
    sources: Counter[str] = Counter()
    for own in data:
        sources |= Counter(own.get("samples_per_source") or {})
    shas = sorted({str(own.get("sha256")) for own in data})
    return {
        "format": layout.FORMAT,
        "classes": list(classes),
        "trained": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "preset": "ensemble",
        "config": {"base_model": ", ".join(dict.fromkeys(bases))},
        "members": [
            {
                "name": name,
                "careers": len(own["classes"]),
                "base_model": base,
                **{key: own.get(key) for key in _KEPT},
            }
            for name, own, base in zip(names, members, bases, strict=True)
        ],
        "encoders": encoders,
        "dataset": {
            "sha256": (
                shas[0] if len(shas) == 1 else hashlib.sha256(" ".join(shas).encode()).hexdigest()
            ),
            "rows": max(int(own.get("rows", 0)) for own in data),
            "roles": len(classes),
            "samples_per_source": dict(sources),
        },
        "metrics": None,
        "calibration": ensemble.conservative_thresholds(
            [member["calibration"] for member in members]
        ),
        "languages": languages,
        "versions": card.versions(),
    }


def cost(
    members: Sequence[Recommender], sizes: Sequence[int], whole: Recommender, size: int
) -> list[dict[str, float]]:
    """Size in bytes and milliseconds for an answer (median, one text at a time) of each member, and
    of the ensemble last.
    """
    pairs = zip((*members, whole), (*sizes, size), strict=True)
    return [
        {"size_bytes": own, "milliseconds": round(latency(recommender)[0], 2)}
        for recommender, own in pairs
    ]


def add_figures(found: dict[str, Any], figures: Sequence[Mapping[str, Any]], source: str) -> None:
    """Take over what `batch.evaluate` says of each member and, last, of the ensemble on the rows of
    the file `source`.
    """
    whole = figures[-1]
    found["metrics"] = {
        "test": whole["masked"],
        "unmasked": whole["unmasked"],
        "baselines": {},
        "by_source": {},
        "file": source,
    }
    found["gain"] = [
        {key: own["masked"][key] for key in ("accuracy", "top_3", "calibration_error")}
        for own in figures
    ]


def lines(found: Mapping[str, Any]) -> Iterator[str]:
    """Gain and cost as terminal and card say it."""
    names = [*(member["name"] for member in found["members"]), "the ensemble"]
    width = max(map(len, names))
    if "gain" in found:
        yield (
            f"On the rows of {found['metrics']['file']} (role names masked; no fair test where"
            " members have learnt from them):"
        )
        for name, own in zip(names, found["gain"], strict=True):
            yield (
                f"  {name:<{width}}  first answer right {card.share(own['accuracy'])}; calibration"
                f" error {own['calibration_error']:.3f}"
            )
        yield f"  {_gained(found)}"
    yield "To answer:"
    for name, own in zip(names, found["cost"], strict=True):
        yield (
            f"  {name:<{width}}  {own['milliseconds']:.1f} ms a text,"
            f" {own['size_bytes'] / layout.MB:.1f} MB"
        )
    yield f"  {_stored(found)}"


def _gained(found: Mapping[str, Any]) -> str:
    *members, whole = (own["accuracy"] for own in found["gain"])
    best = max(members, key=lambda own: float(own["value"]))
    if any(own["n"] != whole["n"] for own in members):
        return (
            "Members that do not know all careers were judged on fewer rows: their figures cannot"
            " be compared."
        )
    gain = 100 * (whole["value"] - best["value"])
    inside = best["low"] <= whole["value"] <= best["high"]
    return (
        f"Against the best member {gain:+.1f}"
        f" points{', which lies within its interval: it may be chance' if inside else ''}."
    )


def _stored(found: Mapping[str, Any]) -> str:
    count = found["encoders"]
    if count == 1:
        return "All members share one encoder, which is stored and run once."
    return (
        f"The members have {count} different encoders, all stored and run: the limit of {SIZE_MB}"
        " MB is waived."
    )


def limits(found: Mapping[str, Any]) -> list[str]:
    """What the ensemble cannot do, in sentences."""
    figures, languages = found["metrics"], found["languages"]
    reads = (
        f"It reads {' and '.join(languages)}; texts in other languages are unsure"
        if languages
        else "It reads what its base model reads"
    )
    said = [
        f"It knows {len(found['classes'])} careers and always answers with one of them.",
        f"{reads}. It judges words, not ability.",
        (
            "Averaged probabilities are mostly too low rather than too high: it was not calibrated"
            " anew."
        ),
        "It has no weights for PyTorch: those are in its members' bundles.",
    ]
    if "profiles" not in found["dataset"]["samples_per_source"]:
        said.append(
            "No row was in the first person (profiles.csv): on what people write about themselves"
            " it may do worse."
        )
    if any(member["careers"] < len(found["classes"]) for member in found["members"]):
        said.append(
            "Not every member knows every career: how likely careers are that only some know is"
            " less certain."
        )
    if figures is None:
        return [*said, "No accuracy was measured: make it with --evaluate."]
    accuracy = figures["test"]["accuracy"]
    if accuracy["n"] < card.FEW_TEST_ROWS:
        said.append(
            f"Measured on {accuracy['n']} rows only: its accuracy may be anywhere from"
            f" {accuracy['low']:.0%} to {accuracy['high']:.0%}."
        )
    if accuracy["value"] <= 0.85:
        said.append(
            f"Its first answer was wrong for {1 - accuracy['value']:.0%} of these rows: show"
            " several careers, never one alone."
        )
    return said


def card_text(found: Mapping[str, Any]) -> str:
    """The model card of an ensemble in Markdown."""
    text = [
        "# Model card",
        "",
        (
            f"A career recommender for {len(found['classes'])} careers: the average of"
            f" {len(found['members'])} models."
        ),
    ]
    text += [
        "",
        "## Members",
        "",
        "| member | careers | base model | preset | trained |",
        "|---|---|---|---|---|",
    ]
    text += [
        f"| {own['name']} | {own['careers']} | {own['base_model']} | {own['preset']} |"
        f" {own['trained']} |"
        for own in found["members"]
    ]
    text += ["", "## Gain and cost", "", "```", *lines(found), "```", "", "## Sample answers", ""]
    for sample in found["sample_predictions"]:
        answers = ", ".join(
            f"{one['career']} {percent(one['confidence'])}" for one in sample["careers"]
        )
        text.append(
            f'- "{sample["text"]}" →'
            f" {'(unsure) ' if sample['decision'] == 'unsure' else ''}{answers}"
        )
    text += ["", "## Known limits", "", *(f"- {limit}" for limit in found["known_limits"])]
    text += [
        "",
        "## Made with",
        "",
        ", ".join(f"{name} {number}" for name, number in found["versions"].items()),
        "",
    ]
    return "\n".join(text)

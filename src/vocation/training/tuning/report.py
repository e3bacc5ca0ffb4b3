"""What a tuning found: tuning.json, tuning.md and settings.json in one folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vocation.config import TrainConfig
from vocation.errors import VocationError

ENOUGH = 10
"""Complete trials without which nothing is said about the importance of settings."""

_SHOWN = 10  # trials in the table


def trial(number: int, found: Any) -> dict[str, Any]:
    """A finished trial as plain values; where it was left early, `loss` is of its first folds."""
    notes = found.user_attrs
    return {
        "trial": number,
        "complete": found.state.name == "COMPLETE",
        "loss": found.value,
        "accuracy": notes["accuracy"],
        "folds": len(found.intermediate_values),
        "seconds": notes["seconds"],
        "reason": notes["reason"],
        "settings": {name: notes["settings"][name] for name in found.params},
    }


def sentences(report: Mapping[str, Any]) -> Iterator[str]:
    """The result for people."""
    best, start, gain = report["best"], report["start"], report["gain"]
    count = len(report["trials"])
    yield ""
    if count == 1:
        yield f"Nothing was tried but {start}: --trials 30 tries 29 other settings."
    elif gain is None:
        yield (
            f"None of {count - 1} other settings was better than {start} (loss {best['loss']:.4f}),"
            " which are kept."
        )
    else:
        loss, right = gain["loss"], gain["accuracy"]
        found = (
            # The gain is a positive number; shown is what happens to the loss, so the ends swap.
            f"loss {-loss['value']:+.4f} (95 % interval {-loss['high']:+.4f} to"
            f" {-loss['low']:+.4f})"
        )
        points = {key: 100 * right[key] for key in ("value", "low", "high")}
        answers = (
            f"first right {points['value']:+.1f} points ({points['low']:+.1f} to"
            f" {points['high']:+.1f})"
        )
        if report["better"]:
            yield (
                f"Better than {start}: {found}, {answers}. Trial {best['trial']}'s settings are"
                " taken."
            )
        else:
            yield (
                f"No measurable gain over {start} on other folds: {found}, {answers}."
                f" {start[0].upper()}{start[1:]} are kept."
            )
    if report["better"]:
        yield "  " + ", ".join(f"{name} {was:g} -> {now:g}" for name, was, now in _changed(report))
    if report["importance"]:
        shares = ", ".join(f"{name} {share:.0%}" for name, share in report["importance"].items())
        yield f"What made the difference between trials: {shares}"
    else:
        complete = sum(each["complete"] for each in report["trials"])
        yield (
            f"Too few complete trials ({complete}) to say which setting matters; {ENOUGH} are"
            " needed."
        )


def _changed(report: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    before, after = report["starting_settings"], report["settings"]
    return ((name, before[name], after[name]) for name in before if before[name] != after[name])


def write(folder: Path, report: Mapping[str, Any]) -> None:
    """All files of the report; `settings.json` is for `vocation train --config`."""
    default = TrainConfig().to_dict()
    # Only what differs from the defaults: later defaults then apply to the rest.
    settings = {name: value for name, value in report["settings"].items() if value != default[name]}
    files = {
        "tuning.json": json.dumps(report, indent=1),
        "tuning.md": "\n".join(_page(report)) + "\n",
        "settings.json": json.dumps(settings, indent=1),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise VocationError(
            f"the bundle is written, but the report on tuning could not be written to {folder}"
            f" ({error.strerror})"
        ) from None


def _page(report: Mapping[str, Any]) -> Iterator[str]:
    trials, best, used = report["trials"], report["best"]["settings"], report["settings"]
    early = sum(not each["complete"] for each in trials)
    yield "# Tuning\n"
    yield (
        f"{len(trials)} trials ({early} left early), preset {report['preset']}, judged on"
        f" {report['rows']:,} rows of the training part in"
    )
    yield (
        f"{report['folds']} folds, role names masked. Loss: mean log loss of the calibrated answer;"
        " lower is better.\n"
    )
    yield from (f"{line.strip()}\n" for line in sentences(report) if line)
    if report["test"]:
        right = report["test"]["accuracy"]
        interval = f"{right['low']:.1%} to {right['high']:.1%}"
        where = "once, on the test part, which tuning has not seen"
        if report["in_turn"]:
            where = (
                "by folds of all rows, of which tuning has seen most: it may be a little lower on"
                " others"
            )
        yield (
            f"Measured {where}: first answer right {right['value']:.1%} (95 % interval"
            f" {interval}).\n"
        )
    yield "| setting | started with | best trial | used | importance |\n|---|---|---|---|---|"
    for name in trials[0]["settings"]:
        share = f"{report['importance'][name]:.0%}" if report["importance"] else "–"
        yield (
            f"| {name} | {report['starting_settings'][name]:g} | {best[name]:g} | {used[name]:g} |"
            f" {share} |"
        )
    yield (
        "\nImportance is the share of a setting in how much the complete trials differ (fANOVA)."
        " Where all differences are luck, it is luck, too.\n"
    )
    yield f"The best {_SHOWN}:\n\n| trial | loss | first right | settings |\n|---|---|---|---|"
    for each in sorted(
        # The loss of a trial that was left early is of other rows and cannot be ranked.
        (each for each in trials if each["complete"]),
        key=lambda each: each["loss"],
    )[:_SHOWN]:
        own = ", ".join(f"{name} {value:g}" for name, value in each["settings"].items())
        yield f"| {each['trial']} | {each['loss']:.4f} | {each['accuracy']:.1%} | {own} |"

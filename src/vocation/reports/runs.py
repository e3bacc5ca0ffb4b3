"""The history of training runs: one small JSON file each, without any text of the data."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.bundle import layout, reader
from vocation.config import TrainConfig
from vocation.errors import VocationError
from vocation.files import atomic_write
from vocation.format import interval, rate, table
from vocation.metrics import LABELS, ORIGINS
from vocation.text.clean import clean

FOLDER = "runs"
_LIMIT = 1 * layout.MB  # a record has a few kilobytes

# What a record copies from a bundle's metadata: nothing that quotes a text.
_KEPT = (
    "trained",
    "training_seconds",
    "preset",
    "device",
    "config",
    "dataset",
    "metrics",
    "versions",
    "languages",
    "size_bytes",
    "compared",
)

_IRRELEVANT = "report_to"  # a tracker does not change a run

# The metrics to compare, keys of `metrics.test`: with an interval, and without.
_WITH_INTERVAL = ("accuracy", "top_3", "set_coverage", "mrr")
_PLAIN = ("macro_f1", "calibration_error", "set_size")


@dataclass(frozen=True, slots=True)
class Record:
    """One run: `name` is its file's name without the suffix, `values` what the file holds."""

    name: str
    values: Mapping[str, Any]

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that differed from their defaults."""
        return dict(self.values["changed"])

    @property
    def test(self) -> Mapping[str, Any] | None:
        """The metrics on the test part; None where nothing could be held out."""
        return (self.values["metrics"] or {}).get("test")

    def to_dict(self) -> dict[str, Any]:
        return {"name": self.name, **self.values}


def folder_for(output: str | Path, runs: str | Path | None = None) -> Path:
    """The folder for the record of a run: `runs`, or the folder "runs" next to its bundle."""
    if runs is not None:
        return Path(runs)
    output = Path(output)
    if output.name in (
        "",
        "..",
    ):  # "." and ".." have no name of their own: their parent is no sibling
        output = Path(os.path.abspath(output))
    return output.parent / FOLDER


def folder_of(bundle: str | Path, runs: str | Path | None = None) -> Path:
    """The folder with the record of the `bundle` (a folder or a zip): `runs`, or the one beside."""
    bundle = Path(bundle)
    # The zip that a training writes is in the bundle's folder.
    return folder_for(bundle.parent if bundle.name == layout.ZIP else bundle, runs)


def record(metadata: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The record of the run that wrote `metadata`; `name` is the bundle's."""
    default = TrainConfig().to_dict()
    changed = {
        key: value
        for key, value in metadata["config"].items()
        if key != _IRRELEVANT and default.get(key) != value
    }
    return {
        "bundle": name,
        **{key: metadata.get(key) for key in _KEPT},
        "careers": len(metadata["classes"]),
        "changed": changed,
    }


def append(metadata: Mapping[str, Any], output: str | Path, runs: str | Path | None = None) -> Path:
    """Write the record of one run as <time>-<name of the bundle>.json, whole or not at all.

    Raises OSError where it cannot be written.
    """
    folder, name = folder_for(output, runs), Path(os.path.abspath(output)).name
    content = json.dumps(
        record(metadata, name), ensure_ascii=False, allow_nan=False, indent=1
    ).encode()
    time = re.sub(r"[^0-9]", "", metadata["trained"])  # 2026-11-23T05:24:16Z -> 20261123052416
    # The time comes first, so that a listing by name is one by time.
    stem = f"{time[:8]}-{time[8:14]}-{re.sub(r'[^A-Za-z0-9._-]', '_', name)}"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(1, 1000):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.json"
        # Two runs can end in the same second: the later one is numbered.
        with contextlib.suppress(FileExistsError):
            return atomic_write(path, content, overwrite=False)
    raise FileExistsError(0, "too many runs of this name in one second")


# --------------------------------------------------------------------------------------------------


def load(folder: str | Path) -> tuple[list[Record], list[str]]:
    """The records in `folder`, newest first, and the names of its JSON files that are no record.

    Raises VocationError where there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise VocationError(
            f"there is no folder {folder} with records of runs: each  vocation train  writes one"
            " next to its bundle, or to  --runs DIR"
        )
    found, others = [], []
    # Not glob: it finds nothing in a folder that may not be read, and says nothing.
    for path in sorted(path for path in folder.iterdir() if path.suffix == ".json"):
        values = _read(path)
        if values is None:
            others.append(path.name)
        else:
            found.append(Record(path.stem, values))
    found.sort(key=lambda one: (one.values["trained"], one.name), reverse=True)
    return found, others


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as file:
            # One byte more than allowed shows that a file is too large, without reading all of it.
            content = file.read(_LIMIT + 1)
        values: dict[str, Any] = (
            json.loads(content.decode("utf-8")) if len(content) <= _LIMIT else {}
        )
        listed(Record(path.stem, values))  # fails unless every value that the list shows is usable
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return values


def pick(records: Sequence[Record], which: str) -> Record:
    """The run that `which` names: its number in the list (1 is the newest), a part of its name that
    no other has, or a bundle's folder or zip.
    """
    if which.isdecimal() and 1 <= int(which) <= len(records):
        return records[int(which) - 1]
    # A whole name wins, even where it is a part of others.
    found = [one for one in records if which == one.name] or [
        one for one in records if which in one.name
    ]
    if len(found) == 1:
        return found[0]
    path = Path(which)
    # A record's name wins over a file of this name.
    if not found and path.exists():
        return Record(which, record(reader.read(path).metadata, path.name))
    what = "no run is called" if not found else f"{len(found)} runs are called"
    raise VocationError(
        f"{what} {which!r}: give a number from 1 to {len(records)}, or a part of one name in the"
        " list of  vocation runs"
    )


# --------------------------------------------------------------------------------------------------


def listed(one: Record) -> list[str]:
    """The cells of one line of the list, under HEADER."""
    values, test = one.values, one.test
    data = values["dataset"]
    return [
        # Names may come from other machines: control characters must not reach the terminal.
        clean(one.name)[:60],
        str(values["trained"])[:16].replace("T", " "),
        str(data["sha256"])[:8],
        f"{data['rows']:,}",
        clean(str(values["preset"])),
        interval(test["accuracy"]) if test else "no score",
        rate(test["top_3"]["value"]) if test else "",
        f"{test['calibration_error']:.3f}" if test else "",
        f"{values['training_seconds']:,.0f} s",
        clean(", ".join(f"{key}={value}" for key, value in one.changed.items()))[:200] or "-",
    ]


HEADER = [
    "run",
    "trained",
    "data",
    "rows",
    "preset",
    "top-1 accuracy",
    "top-3",
    "ECE",
    "time",
    "changed",
]


def compare(a: Record, b: Record) -> dict[str, Any]:
    """What differs between two runs: settings, data, and every metric with whether the intervals
    overlap (None: it has none).
    """
    data = {
        key: [a.values["dataset"].get(key), b.values["dataset"].get(key)]
        for key in ("sha256", "rows", "roles", "level", "samples_per_source")
    }
    # The defaults fill the settings that an older record does not have yet.
    default = TrainConfig().to_dict()
    # A tracker is set to None on both sides, so it never counts as a difference.
    one, two = ({**default, **run.values["config"], _IRRELEVANT: None} for run in (a, b))
    other = {
        key: [a.values.get(key), b.values.get(key)]
        for key in ("preset", "device", "training_seconds", "languages", "versions")
    }
    return {
        "a": a.name,
        "b": b.name,
        "config": _different({key: [one.get(key), two.get(key)] for key in one | two}),
        "data": _different(data),
        "run": _different(other),
        "metrics": _compare_metrics(a, b) if a.test and b.test else [],
    }


def _compare_metrics(a: Record, b: Record) -> list[dict[str, Any]]:
    pairs = [
        (LABELS[key], (a.test or {}).get(key), (b.test or {}).get(key))
        for key in _WITH_INTERVAL + _PLAIN
    ]
    one, two = (run.values["metrics"].get("by_source") or {} for run in (a, b))
    pairs += [(f"top-1 accuracy on {key}", one[key], two[key]) for key in one if key in two]
    one, two = (run.values["metrics"].get("by_origin") or {} for run in (a, b))
    pairs += [
        (f"top-1 accuracy on {label}", one[key]["accuracy"], two[key]["accuracy"])
        for key, label in ORIGINS.items()
        if key in one and key in two
    ]
    return [
        {
            "metric": name,
            "a": one,
            "b": two,
            "overlap": _overlap(one, two) if isinstance(one, Mapping) else None,
        }
        for name, one, two in pairs
        if one is not None and two is not None
    ]


def described(found: Mapping[str, Any]) -> Iterator[str]:
    """The result of `compare` in lines."""
    yield f"A  {clean(found['a'])}"
    yield f"B  {clean(found['b'])}"
    for title, key in (("Settings", "config"), ("Data", "data"), ("Run", "run")):
        yield f"\n{title}:" if found[key] else f"\n{title}: the same"
        for name, (one, two) in found[key].items():
            yield from _changes(name, one, two)
    if not found["metrics"]:
        yield "\nMetrics: at least one of the two runs has none, too few rows could be held out"
        return
    yield "\nMetrics on the rows that each held out:"
    yield from (
        f"  {line}"
        for line in table([["", "A", "B", "intervals"], *map(_metric, found["metrics"])])
    )
    # False and None (no interval) say nothing about chance.
    if any(entry["overlap"] for entry in found["metrics"]):
        yield "\nWhere intervals overlap, the difference may be chance."
    if "sha256" in found["data"]:
        yield (
            "The data differ, so the held-out rows do too: measure both with  vocation evaluate  on"
            " one file of yours."
        )


def _changes(name: str, one: Any, two: Any) -> Iterator[str]:
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        for key in sorted({*one, *two}):
            if one.get(key) != two.get(key):
                yield f"  {clean(f'{name} {key}: {one.get(key)} -> {two.get(key)}')}"
    else:
        yield f"  {clean(f'{name}: {one} -> {two}')}"


def _metric(entry: Mapping[str, Any]) -> list[str]:
    shown = interval if entry["overlap"] is not None else "{:.3f}".format
    cells = [shown(entry[side]) for side in ("a", "b")]
    return [
        str(entry["metric"]),
        *cells,
        {True: "overlap", False: "apart", None: ""}[entry["overlap"]],
    ]


def _different(pairs: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _overlap(one: Mapping[str, float], two: Mapping[str, float]) -> bool:
    # Intervals that touch count as overlapping: the careful answer.
    return one["low"] <= two["high"] and two["low"] <= one["high"]

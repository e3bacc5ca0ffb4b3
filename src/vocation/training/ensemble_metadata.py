"""The metadata of an ensemble: members, data, cost, and what it gains over its members."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from vocation.bundle import ensemble, layout
from vocation.reports import card
from vocation.reports.checklist import latency
from vocation.serving.recommend import Recommender

_KEPT = ("trained", "preset")


def metadata(
    names: Sequence[str],
    members: Sequence[Mapping[str, Any]],
    classes: Sequence[str],
    encoders: int,
) -> dict[str, Any]:
    """The metadata of an ensemble before it is measured; its languages are those of all members.

    members: their metadata, in the order of `names`. encoders: how many different ones it has.
    """
    # An empty list means that a member reads every language, so it limits nothing.
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
        # `|=` keeps the larger count: members often share rows, and a sum would count them twice.
        sources |= Counter(own.get("samples_per_source") or {})
    # Sorted: the order of the members does not change the hash below.
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
            # At least that many; how many rows the members share is not known.
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
    """Bytes and median milliseconds for a text, of each member and last of the ensemble."""
    pairs = zip((*members, whole), (*sizes, size), strict=True)
    return [
        {"size_bytes": own, "milliseconds": round(latency(recommender)[0], 2)}
        for recommender, own in pairs
    ]


def add_metrics(found: dict[str, Any], figures: Sequence[Mapping[str, Any]], source: str) -> None:
    """Add the results of `batch.evaluate` on the file `source`; the ensemble's are the last."""
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

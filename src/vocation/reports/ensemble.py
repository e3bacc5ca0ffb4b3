"""What an ensemble gained and what it costs, in lines; every number comes from its metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vocation.bundle import layout
from vocation.format import measured


def lines(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Gain and cost as terminal and card show them."""
    names = [*(member["name"] for member in metadata["members"]), "the ensemble"]
    width = max(map(len, names))
    if "gain" in metadata:
        yield (
            f"On the rows of {metadata['metrics']['file']} (role names masked; no fair test where"
            " a member was trained on them), top-1 accuracy (first answer right):"
        )
        for name, own in zip(names, metadata["gain"], strict=True):
            error = f"{own['calibration_error']:.3f}"
            yield (
                f"  {name:<{width}}  {measured(own['accuracy'])}; calibration error (ECE) {error}"
            )
        yield f"  {_gain(metadata)}"
    yield "Cost of an answer:"
    for name, own in zip(names, metadata["cost"], strict=True):
        size = own["size_bytes"] / layout.MB
        yield f"  {name:<{width}}  {own['milliseconds']:.1f} ms a text, {size:.1f} MB"
    yield f"  {_encoders(metadata['encoders'])}"


def _gain(metadata: Mapping[str, Any]) -> str:
    # The last entry is the ensemble itself.
    *members, whole = (own["accuracy"] for own in metadata["gain"])
    best = max(members, key=lambda own: float(own["value"]))
    points = f"Against the best member {100 * (whole['value'] - best['value']):+.1f} points"
    if best["low"] <= whole["value"] <= best["high"]:
        return f"{points}, within its interval: it may be chance."
    return f"{points}."


def _encoders(count: int) -> str:
    if count == 1:
        return "All members share one encoder, which is stored and run once."
    return (
        f"The members have {count} different encoders, all stored and run: it may be larger than"
        " `vocation check` allows."
    )

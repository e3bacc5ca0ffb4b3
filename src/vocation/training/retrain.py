"""Training over a bundle that may be in use: what would be lost, and is the new one worse?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import pytorch_files, reader, writer
from vocation.data.dataset import Dataset
from vocation.errors import BundleError
from vocation.format import rate
from vocation.reports.learnt import Learnt
from vocation.text.clean import label_key, mask_role

FEWEST_ROWS = 50
"""New test rows from which on two models are compared: with fewer, chance decides."""

MOST_ROWS = 2000
"""New test rows that the earlier bundle answers at most: more take minutes and show no more."""

CHANCE = 0.05
"""Below this p-value of McNemar's exact test a difference is not called chance."""

_NAMED = 8  # careers that a message names at most


def known(output: str | Path) -> dict[str, Any]:
    """The metadata of the bundle at `output`; empty where there is none that can be read.

    Damaged bundles, and those of another format, count as far as their careers can be read.
    """
    folder = Path(output)
    if not writer.has_bundle(folder):
        return {}
    try:
        return pytorch_files.metadata(folder) or dict(reader.read(folder).metadata)
    except BundleError:
        return {}


def lost_careers(output: str | Path, roles: Sequence[str]) -> list[str]:
    """The careers of the bundle at `output` that are not among `roles`, by `label_key`."""
    there = {label_key(role) for role in roles}
    return [name for name in known(output).get("classes", []) if label_key(name) not in there]


def check_careers(output: str | Path, roles: Sequence[str]) -> None:
    """Raise BundleError where a bundle for `roles` would take careers from the one at `output`.

    A bundle that cannot be read answers nobody: it is replaced (and kept as the previous one).
    """
    lost = lost_careers(output, roles)
    if lost:
        before = known(output)
        more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
        raise BundleError(
            f"nothing was trained: {len(lost)} of the {len(before['classes'])} careers of the"
            f" bundle in {output} are not in these data: {', '.join(lost[:_NAMED])}{more}. Name"
            " another folder with --output, or add --replace (in Python replace=True) to train all"
            f" the same: the bundle of today is kept in {writer.previous_of(output).name} then"
        )


def compare(
    data: Dataset,
    test: NDArray[np.int64],
    right: NDArray[np.bool_],
    output: Path,
    learnt: Mapping[str, Learnt | None],
) -> dict[str, Any] | None:
    """Compare the new model with the bundle at `output`, on test rows that are new to both.

    `right` (n) says for each row of `test` (n) whether the new model's first answer is right,
    career names masked. `learnt` maps each earlier training that counts, by name, to what it has
    learnt. Returns "with" (the date of the bundle), "rows", and "why" nothing was compared or
    "accuracy", "before", "won" and "lost" rows, "p" and "worse"; None where no bundle is there.
    """
    from vocation.serving.recommend import Recommender

    before = known(output)
    if not writer.has_bundle(output):
        return None
    found: dict[str, Any] = {"with": str(before.get("trained", "unknown date"))[:10], "rows": 0}
    unclear = [name for name, texts in learnt.items() if texts is None or not texts.complete]
    if unclear:
        return found | {"why": f"no record says which rows {unclear[0]} has learnt"}
    try:
        recommender = Recommender.load(output)
    except BundleError as error:
        return found | {"why": f"it cannot answer ({error})"}
    place = {label_key(name): i for i, name in enumerate(recommender.classes)}
    column = np.array([place.get(label_key(role), -1) for role in data.roles])
    new = _new_rows(data, test, [one for one in learnt.values() if one is not None])
    # Of careers that the earlier bundle has; the others it could never name.
    new &= column[data.labels[test]] >= 0
    found["rows"] = int(new.sum())
    if found["rows"] < FEWEST_ROWS:
        few = (
            f"{found['rows']} of the {len(test)} test rows are new to it, {FEWEST_ROWS} are needed"
        )
        return found | {"why": few}
    positions = np.flatnonzero(new)
    positions = positions[:: -(-len(positions) // MOST_ROWS)]
    labels = column[data.labels[test[positions]]]
    texts = [
        mask_role(data.texts[row], recommender.classes[label])
        for row, label in zip(test[positions].tolist(), labels.tolist(), strict=True)
    ]
    earlier = metrics.ranks(recommender.probabilities(texts), labels) == 1
    return found | judged(right[positions], earlier)


def _new_rows(
    data: Dataset, test: NDArray[np.int64], learnt: Sequence[Learnt]
) -> NDArray[np.bool_]:
    """Which rows of `test` no earlier training has learnt, nor a near-duplicate of them."""
    old = np.array([any(text in one for one in learnt) for text in data.texts], bool)
    # Whole groups of near-duplicates, as in the split.
    return ~np.isin(data.groups[test], data.groups[old])


def judged(now: NDArray[np.bool_], before: NDArray[np.bool_]) -> dict[str, Any]:
    """McNemar's exact test on the rows that one of the two answers right and the other wrong.

    `now` and `before` (n) say which rows the new and the earlier bundle answer right. Returns what
    `compare` does of judged rows.
    """
    won, lost = int((now & ~before).sum()), int((before & ~now).sum())
    n = won + lost
    # Two-sided, of a fair coin: the smaller side and all that is rarer, twice.
    p = min(1.0, 2 * sum(math.comb(n, k) for k in range(min(won, lost) + 1)) / 2**n)
    return {
        "rows": len(now),
        "accuracy": metrics.share(now),
        "before": metrics.share(before),
        "won": won,
        "lost": lost,
        "p": p,
        "worse": lost > won and p < CHANCE,
    }


def sentence(found: Mapping[str, Any], output: str | Path) -> str:
    """The result of `compare` in words."""
    bundle = f"the bundle in {output} (trained {found['with']})"
    if "why" in found:
        return f"Not compared with {bundle}: {found['why']}."
    verdict = "the difference may be chance"
    if found["p"] < CHANCE:
        verdict = "clearly worse" if found["worse"] else "clearly better"
    now, before = (rate(found[key]["value"]) for key in ("accuracy", "before"))
    return (
        f"New {now}, before {before}: top-1 accuracy on {found['rows']:,} test rows that {bundle}"
        f" has not learnt; {verdict} ({found['won']} rows won, {found['lost']} lost)."
    )


def held_back_sentence(output: str | Path) -> str:
    """What to do with a bundle that was not put at `output`."""
    return (
        f"{output} stays as it was; the new bundle is in {writer.candidate_of(output)}. To use it"
        f" all the same:  vocation promote --bundle {output}"
    )

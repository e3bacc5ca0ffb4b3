"""What stands beside an answer: what a career pays, how the clauses were read, whether somebody
else would get the same, the code by which it can be asked for again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vocation.metrics import wilson
from vocation.records import Clause, Pay
from vocation.serving.asked import listed
from vocation.serving.stances import Heard, listen
from vocation.serving.twin import PARTS, Twin, twin
from vocation.text.clean import MAX_TEXT, plain_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vocation.serving.model import Model
    from vocation.serving.pooled import PooledModels

BEFORE_ANSWER = 20_000
"""Characters of a text with an answer; more might push the answer out of sight."""


_LEAST_ROWS = 50
"""Held-out rows of a confidence below which their share of right answers is too wide to show."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What answers of a confidence were worth on rows that the model had not seen.

    Of `n` texts answered with a confidence from `least` to `most`, `right` were answered with the
    right career first. `low` and `high` are the 95 % interval of their share.
    """

    right: int
    n: int
    low: float
    high: float
    least: float
    most: float


class Beside:
    """What a recommender tells beside its answers."""

    classes: tuple[str, ...]
    metadata: Mapping[str, Any]
    _pooled: PooledModels
    _models: list[Model]
    _pay: list[Pay | None]
    _fingerprint: str

    def official_pay(self, name: str) -> Pay | None:
        """Return what a career pays, with source and date, as an answer shows it; None if not
        known. KeyError for an unknown career.
        """
        return dict(zip(self.classes, self._pay, strict=True))[name]

    def pay(self, text: str | None, career: str) -> Pay | None:
        """Return what a job of `career` (one of `classes`) that `text` describes would pay.

        None unless that was measured to beat the median, and at least `pay.LEAST_ROWS` rows of the
        career name pay: of other careers the model knows only the mean of all. It is meant for job
        descriptions: the pay of a suggestion is the career's own and does not depend on how
        somebody writes. Raises KeyError for an unknown career.
        """
        if career not in self.classes:
            raise KeyError(career)
        text = plain_text(listed([text])[0][:MAX_TEXT])
        for model in self._models:
            if model.estimator is not None and career in model.paid and text:
                features = model.network.run([model.masked(text)]).features[0]
                return model.estimator.pay(features, model.classes.index(career))
        return None

    def clauses(self, text: str, answer: str = "") -> tuple[Clause, ...]:
        """Return the clauses of `text` with the stances read, those of an `answer` behind them.

        Their order gives the numbers that `stances` of `recommend` goes by.
        """
        return _heard(text, None, answer).clauses

    def twin(
        self, text: str, *, stances: Mapping[int, str] | None = None, answer: str = ""
    ) -> Twin:
        """Return whether the answer to `text` stays the same when it is read with names and all,
        and when what it says of age, origin, health and family is left out.

        `stances` and `answer` are as for `recommend`.
        """
        found = _heard(text, stances, answer)

        def ask(texts: list[str], mask: bool) -> NDArray[np.float64]:
            heard = [Heard.whole(one) for one in texts]
            return self._pooled.score(heard, mask=mask).probabilities

        return twin(found.kept, found.phrases(PARTS), self.classes, ask)

    def receipt(self, confidence: float) -> Receipt | None:
        """Return how often answers of this `confidence` (0 to 1) were right on held-out rows.

        None with fewer than 50 such rows, and for a bundle that does not know.
        """
        bins = (self.metadata.get("metrics") or {}).get("by_confidence", [])
        # The last bin that begins at or below it: a bin holds its lower edge.
        found = [one for one in bins if one["from"] <= confidence <= one["to"]][-1:]
        for one in found:
            right, n = int(one["right"]), int(one["n"])
            if n >= _LEAST_ROWS and right <= n:
                return Receipt(right, n, *wilson(right, n), one["from"], one["to"])
        return None

    @property
    def fingerprint(self) -> str:
        """The sha256 of the bundle's manifest, which has the hash of each file: 64 characters that
        tell this bundle from any other.
        """
        return self._fingerprint

    def answer_code(self, asked: str) -> str:
        """Return a code of ten characters for an answer of this bundle to what was `asked`.

        The same bundle and the same question, with all choices, give the same code: a counsellor
        can ask again and compare. Nothing of the question can be read from it.
        """
        digest = hashlib.blake2b(
            asked.encode("utf-8", "replace"), key=bytes.fromhex(self._fingerprint)
        )
        return digest.hexdigest()[:10]


def _heard(text: str, stances: Mapping[int, str] | None, answer: str) -> Heard:
    longest = BEFORE_ANSWER if answer else MAX_TEXT
    return listen(plain_text(text[:longest]), stances, answer=plain_text(answer[:MAX_TEXT]))

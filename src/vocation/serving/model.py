"""One trained model of a bundle: its scores, calibrated probabilities, and reasons to abstain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import layout, reader
from vocation.errors import BundleError
from vocation.serving import background
from vocation.serving.explain import PublicTexts
from vocation.serving.network import Network, Read, embeddings
from vocation.text.clean import names_goal, words
from vocation.text.languages import foreign, language, reach
from vocation.text.ngrams import NgramScorer
from vocation.text.person import MASKING, mask_person

_MIN_WORDS = 3
_CLAIMED = 0.95  # evidence from which on a text says itself which career it is about
_NEAR = 0.5  # share of the first career's probability from which on the second is near it

NAMED = 4.8
"""What a career gains before softmax if a text claims it (nats, shared by all careers named).

Half of it if the text only names it. Measured on people's own texts (benchmarks/real_people.py):
with half of it for a claimed career 69 instead of 83 % of self-introductions were answered
right; a third more gained nothing on any other kind of text.
"""


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Return probabilities along the last axis, in double precision."""
    # Minus the largest: exp overflows for large scores, and the quotient stays the same.
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


COMPONENTS = ("classifier", "similarity", "ngrams")
"""The component scores of a probability: the classifier, the similarity to the career embeddings,
and the n-gram model.
"""


def add(
    components: Mapping[str, NDArray[Any]], weights: Mapping[str, float]
) -> NDArray[np.float64]:
    """Return the weighted sum (n, classes) of component scores, each (n, classes).

    Its `softmax` is a calibrated probability.
    """
    total = np.zeros(next(iter(components.values())).shape, np.float64)
    for name, scores in components.items():
        total += weights[name] * scores
    return total


def fuse(
    components: Mapping[str, NDArray[Any]], weights: Mapping[str, float], doubt: float = 0.0
) -> NDArray[np.float64]:
    """Return calibrated probabilities (n, classes) from component scores, each (n, classes).

    `doubt` as for `with_doubt`.
    """
    return softmax(with_doubt(add(components, weights), doubt))


def with_doubt(scores: NDArray[np.float64], doubt: float) -> NDArray[np.float64]:
    """Return `scores` (n, classes) after whose softmax the share `doubt` (0 to below 1) of the
    probability is spread evenly over all careers: what no text can tell a model of few rows.
    """
    if not doubt:
        return scores
    # Added in logarithms, and of the whole before softmax: so the level of the scores stays.
    largest = scores.max(axis=1, keepdims=True)
    total = largest + np.log(np.exp(scores - largest).sum(axis=1, keepdims=True))
    result: NDArray[np.float64] = np.logaddexp(
        scores + np.log1p(-doubt), total + np.log(doubt / scores.shape[1])
    )
    return result


def fit_equally(probabilities: NDArray[np.float64], threshold: float) -> bool:
    """Whether several careers fit about equally well, by the `probabilities` (classes,) of a text.

    The first one is below `threshold`, and the second is near it.
    """
    ordered = np.sort(probabilities)
    return bool(ordered[-1] < threshold and len(ordered) > 1 and ordered[-2] >= _NEAR * ordered[-1])


@dataclass(frozen=True)
class MaskedText:
    """A cleaned text as a model reads it; what is asked of it twice is computed once."""

    text: str

    @cached_property
    def words(self) -> list[str]:
        """The words that have a letter."""
        return words(self.text)

    @cached_property
    def language(self) -> str | None:
        """The language, None if it is not clear."""
        return language(self.text)


class Model:
    """One trained model: calibrated probabilities of its own careers, and reasons to abstain.

    A bundle has one, an ensemble several.
    """

    def __init__(
        self, opened: reader.LoadedBundle, network: Network, first: int, place: int
    ) -> None:
        """`first` is its first column in the logits of `network`, `place` its column in the domain
        scores: both are 0 unless models share the network.
        """
        self.classes = tuple(career.name for career in opened.careers)
        self.network = network
        self.embeddings = opened.embeddings
        self.public_texts = PublicTexts(opened.careers, opened.public_texts)
        self.estimator = opened.tasks.estimator
        self.paid = frozenset(opened.tasks.pay)  # careers whose pay it has seen often enough
        self._logits, self._place = slice(first, first + len(self.classes)), place
        titles = np.zeros((0, 1), np.int8) if opened.titles is None else opened.titles
        self._titles = background.unit(titles.astype(np.float32))
        self._ngrams = NgramScorer(opened.ngrams, opened.ngram_factors)
        # absent in bundles from before there was any masking
        self.masking = opened.metadata.get("masking", 0)
        # True equals 1, so bool is refused by its type.
        if self.masking not in (0, MASKING) or isinstance(self.masking, bool):
            raise BundleError(
                f"{opened.where} masks persons by rules of version {self.masking!r}, this version"
                f" knows {MASKING}: train again or install the matching version"
            )
        try:
            calibration = opened.metadata["calibration"]
            self._weights = {name: float(calibration["weights"][name]) for name in COMPONENTS}
            self._domain_threshold = float(calibration["domain_threshold"])
            self._domain_confidence = float(calibration["domain_confidence"])
            self._confidence_threshold = float(calibration["confidence_threshold"])
            # absent in older bundles, and where too few rows could teach it
            threshold = calibration.get("logit_threshold")
            # absent in older bundles, and where there were rows enough
            self._doubt = float(calibration.get("doubt", 0.0))
            self._logit_threshold = -np.inf if threshold is None else float(threshold)
            rule = calibration.get("known")
            self._known = {name: float(rule[name]) for name in background.WEIGHTS} if rule else None
            # With languages near to its own: a text may be taken for one of them.
            self._understood = reach(map(str, opened.metadata["languages"]))
        except (KeyError, TypeError, ValueError):
            raise BundleError(
                f"{opened.where}: {layout.METADATA} has no usable calibration"
            ) from None

    def masked(self, text: str) -> str:
        """Return the cleaned `text` as this model reads it, like its training rows."""
        return mask_person(text) if self.masking else text

    def embedding(self, read: Read, row: int) -> NDArray[np.float32]:
        """Return the sentence embedding (d,) of text number `row` of `read`."""
        vector: NDArray[np.float32] = embeddings(
            read.features[row : row + 1], self.embeddings.shape[1]
        )[0]
        return vector

    def scores(self, texts: Sequence[str], read: Read) -> NDArray[np.float64]:
        """Return scores (n, own careers) of masked `texts`, of which the network made `read`.

        Their softmax is a calibrated probability.
        """
        # Both sides have unit length, so the products are cosines (n, own careers).
        similarity = embeddings(read.features, self.embeddings.shape[1]) @ self.embeddings.T
        total = add(
            {
                "classifier": read.logits[:, self._logits],
                "similarity": similarity,
                "ngrams": self._ngrams.scores(texts),
            },
            self._weights,
        )
        # Each of these is finite, but a hostile bundle may have a product that is not.
        if not np.isfinite(total).all():
            raise BundleError("the scores of the bundle for a text are infinite or none")
        return total

    def with_doubt(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `scores` (n, own careers) no surer than so few rows allow, whatever texts name."""
        return with_doubt(scores, self._doubt)

    def abstention_reason(
        self,
        masked: MaskedText,
        scores: NDArray[Any],
        read: Read,
        row: int,
        named: NDArray[Any],
    ) -> str | None:
        """Return why an answer by `scores` (own careers,) is not to be trusted, or None.

        A reason is a key of `unsure.UNSURE`. The text is number `row` of `read`; `named` (own
        careers,) is above 0 for careers that it names. Only the masked text counts: who
        somebody is must not decide whether there is an answer.
        """
        # A language that is not clear passes: a text in a known one must not be called foreign.
        if foreign(masked.language, self._understood):
            return "language"
        # A text that names the first career is about it, however short or strange it is.
        is_named = named[int(scores.argmax())] > 0
        if len(masked.words) < _MIN_WORDS and not is_named:
            return "short"
        # A probability of 1 has infinite log odds.
        probabilities = softmax(scores)
        best = float(np.clip(probabilities.max(), 1e-6, 1 - 1e-6))
        confidence = self._domain_confidence * np.log(best / (1 - best))
        # The domain score and the best probability decide together (docs/decisions.md, Abstention).
        far = float(read.domain[row, self._place]) + confidence < self._domain_threshold
        # Before softmax: with few careers, softmax is sure of one even if none fits.
        low = float(scores.max()) < self._logit_threshold
        # Resumes name fields in passing, so here only a career that is claimed counts.
        strange = named.sum() < _CLAIMED and not self._knows(self.embedding(read, row), best)
        if ((far or low) and not is_named) or strange:
            # "I want to be a manager" names several careers.
            if names_goal(masked.text, self.classes[int(scores.argmax())].split()[-1]):
                return "near"
            if not far:
                return "elsewhere"
            return "far" if self.network.readable(masked.words) else "unreadable"
        return "near" if fit_equally(probabilities, self._confidence_threshold) else None

    def _knows(self, vector: NDArray[np.float32], best: float) -> bool:
        """Whether a text fits one of the careers better than occupations that are none of them.

        `vector` (d,) is its embedding, `best` the probability of its first career.
        """
        if self._known is None or not len(self._titles):
            return True
        cosines = (self._titles @ vector)[None]
        near, far = np.split(cosines, [len(self.classes)], axis=1)
        table = background.features(near, far, np.array([best]))
        return bool(background.score(table, self._known)[0] >= 0)


def load_models(parts: Sequence[reader.LoadedBundle], threads: int) -> list[Model]:
    """Load the models of a bundle; those with the same network share it.

    Raises BundleError if the network and the other files do not belong together.
    """
    found: list[Model] = []
    networks: dict[tuple[int, int], Network] = {}
    for part in parts:
        # the reader reads every file once: a shared file is the same object
        key = id(part.model), id(part.tokenizer)
        if key not in networks:
            networks[key] = Network(part.model, part.tokenizer, part.embeddings.shape[1], threads)
        before = [one for one in found if one.network is networks[key]]
        found.append(
            Model(part, networks[key], sum(len(one.classes) for one in before), len(before))
        )
    reads = {network: network.smoke_test() for network in networks.values()}
    for part, model in zip(parts, found, strict=True):
        read, sharing = reads[model.network], [one for one in found if one.network is model.network]
        width = sum(len(one.classes) for one in sharing)
        fits = (
            # Features end with the embedding and have other layers before it.
            read.features.shape[1] > model.embeddings.shape[1]
            and read.logits.shape[1] == width
            and read.domain.shape[1] == len(sharing)
        )
        if not fits:
            raise BundleError(
                f"{part.where}: the network and {layout.EMBEDDINGS} do not belong together"
            )
        if model.estimator and model.estimator.weights.shape[1] != read.features.shape[1]:
            raise BundleError(
                f"{part.where}: the network and {layout.TASKS} do not belong together"
            )
    return found

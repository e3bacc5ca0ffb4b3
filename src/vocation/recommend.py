"""From a text to careers: the bundle's network in ONNX Runtime, the fused score, the decision to answer or to ask.

Needs numpy, onnxruntime and tokenizers; never torch. Training uses this same code to measure what it ships.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from vocation import bundle
from vocation.errors import BundleError
from vocation.records import Career, Recommendation, Suggestion
from vocation.text import clean, mentioned, phrases
from vocation.words import Words

Floats = NDArray[np.float32]

MAX_WINDOWS = 64
"""Windows of the encoder's length that are read of one text (about 6,000 words); what follows is not read, and the answer says so."""

_BATCH = 32  # windows that go through the network together; larger batches are slower on a CPU
_SHOWN_SKILLS = 12
_MIN_WORDS = 3
_LEAST_EXPLAINED = 0.02

# A calibrated probability in plain words.
_WORDS = ((0.6, "strong match"), (0.3, "good match"), (0.1, "possible match"), (0.0, "weak match"))

# Why an answer is unsure, and what to ask next.
_UNSURE = {
    "empty": ("there is no readable text", "Tell us in two or three sentences what you like to do and what you are good at."),
    "short": ("the text is too short to tell", "What do you enjoy, what are you good at, and where would you like to work?"),
    "far": (
        "nothing in the text could be linked to a kind of work",
        "Which activities, school subjects, tools or hobbies do you enjoy, and what would you like to do with them?",
    ),
    "near": (
        "several careers fit about equally well",
        "What matters most to you in a working day: people, things, numbers, ideas, nature or making something?",
    ),
}


class Network:
    """The graph of a bundle: token ids in, one vector and the classifier's scores out. Immutable; one instance may serve many threads."""

    def __init__(self, model: bytes, tokenizer: bytes, threads: int = 0) -> None:
        """`model` and `tokenizer` are the contents of model.onnx and tokenizer.json; `threads` 0 leaves the number to ONNX Runtime."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        # A graph may name files for its weights, and the library would open them, also with "../" in their names: point it to where nothing is.
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
        options.enable_cpu_mem_arena = False  # one text at a time needs little: the arena would keep the largest batch's memory forever
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_buffer(tokenizer)
        except Exception as error:  # both libraries raise bare exceptions of their own kinds
            raise BundleError(f"the network or tokenizer of the bundle cannot be loaded ({str(error).splitlines()[0][:160]})") from None
        names = [value.name for value in self._session.get_inputs()], [value.name for value in self._session.get_outputs()]
        if names != (["input_ids", "attention_mask", "window_weights"], ["embedding", "logits"]) or self._tokenizer.truncation is None:
            raise BundleError("the network of the bundle does not have the inputs and outputs of this format")
        self._pad = (self._tokenizer.padding or {}).get("pad_id", 0)
        self._tokenizer.no_padding()

    def run(self, texts: Sequence[str]) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Vectors (n, d) of unit length, classifier scores (n, classes), and whether each text was too long to be read whole."""
        read = [token_windows(self._tokenizer, text, MAX_WINDOWS) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: (len(read[i][0]), len(read[i][0][0])))
        vectors: list[Any] = [None] * len(texts)
        logits: list[Any] = [None] * len(texts)
        for batch in _batches(order, [len(windows) for windows, _ in read]):
            v, s = self._session.run(None, windows_feed([read[i][0] for i in batch], self._pad))
            for i, vector, scores in zip(batch, v, s, strict=True):
                vectors[i], logits[i] = vector, scores
        return np.array(vectors, np.float32), np.array(logits, np.float32), np.array([cut for _, cut in read], bool)


def token_windows(tokenizer: Tokenizer, text: str, limit: int) -> tuple[list[list[int]], bool]:
    """The token ids of `text` in consecutive windows of the tokenizer's length, at most `limit`; and whether that left something out."""
    first = tokenizer.encode(text)
    windows = [first.ids, *(part.ids for part in first.overflowing)]
    return windows[:limit], len(windows) > limit


def windows_feed(texts: list[list[list[int]]], pad: int) -> dict[str, NDArray[Any]]:
    """The network's three inputs for texts that are given as windows of token ids."""
    windows = [ids for text in texts for ids in text]
    input_ids = np.full((len(windows), max(map(len, windows))), pad, np.int64)
    attention_mask = np.zeros_like(input_ids)
    for row, ids in enumerate(windows):
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
    # A text's vector is the mean of its windows' vectors, each counting as many times as it has tokens.
    weights = np.zeros((len(texts), len(windows)), np.float32)
    start = 0
    for row, text in enumerate(texts):
        lengths = np.array([len(ids) for ids in text], np.float32)
        weights[row, start : start + len(text)] = lengths / lengths.sum()
        start += len(text)
    return {"input_ids": input_ids, "attention_mask": attention_mask, "window_weights": weights}


def _batches(order: Iterable[int], sizes: Sequence[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    total = 0
    for i in order:
        if batch and total + sizes[i] > _BATCH:
            yield batch
            batch, total = [], 0
        batch.append(i)
        total += sizes[i]
    if batch:
        yield batch


def softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities along the last axis, in double precision."""
    shifted = np.exp(scores.astype(np.float64) - scores.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


MEMBERS = ("classifier", "similarity", "words")
"""The three opinions that a probability is made of: what was learnt, what the career is, and what the words themselves say."""


def fuse(members: Mapping[str, NDArray[Any]], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Calibrated probabilities (n, classes) from the members' scores, each (n, classes), and one learnt weight for each."""
    total = np.zeros(next(iter(members.values())).shape, np.float64)
    for name, scores in members.items():
        total += weights[name] * scores
    return softmax(total)


class Recommender:
    """A trained bundle, ready to answer. Immutable after `load`; safe to share between threads.

    >>> recommender = Recommender.load("models")                                    # doctest: +SKIP
    >>> recommender.recommend("I like fixing cars with my uncle").careers[0].career   # doctest: +SKIP
    """

    def __init__(self, opened: bundle.Opened, threads: int = 0) -> None:
        self.careers: tuple[Career, ...] = opened.careers
        self.classes: tuple[str, ...] = tuple(career.name for career in opened.careers)
        self.metadata = opened.metadata
        self._network = Network(opened.model, opened.tokenizer, threads)
        self._embeddings = opened.embeddings
        self._words = Words(opened.words)
        try:
            calibration = opened.metadata["calibration"]
            self._weights = {name: float(calibration["weights"][name]) for name in MEMBERS}
            self._mass = float(calibration["set_mass"])
            self._least_similarity = float(calibration["least_similarity"])
            self._least_confidence = float(calibration["least_confidence"])
        except (KeyError, TypeError, ValueError):
            raise BundleError(f"{opened.where}: {bundle.METADATA} has no usable calibration") from None
        vectors, logits, _ = self._network.run(["work"])
        if vectors.shape[1] != self._embeddings.shape[1] or logits.shape[1] != len(self.classes):
            raise BundleError(f"{opened.where}: the network and {bundle.EMBEDDINGS} do not belong together")

    @classmethod
    def load(cls, path: str | Path = "models", threads: int = 0) -> Recommender:
        """Load a bundle folder or its zip. BundleError says in one sentence what is missing, damaged or not allowed."""
        return cls(bundle.read(path), threads)

    def career(self, name: str) -> Career:
        """The public profile of one of `classes`; KeyError for any other name."""
        return dict(zip(self.classes, self.careers, strict=True))[name]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities (n texts, n classes); each row sums to 1. The same text gets the same row alone and in any batch."""
        return self._score(texts)[0]

    def _score(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], Floats, NDArray[np.bool_]]:
        if not texts:
            return np.zeros((0, len(self.classes))), np.zeros((0, len(self.classes)), np.float32), np.zeros(0, bool)
        cleaned = [clean(text) for text in texts]
        vectors, logits, truncated = self._network.run(cleaned)
        members = {"classifier": logits, "similarity": vectors @ self._embeddings.T, "words": self._words.scores(cleaned)}
        return fuse(members, self._weights), members["similarity"], truncated

    @overload
    def recommend(self, text: str, top_k: int = 5, explain: bool = False) -> Recommendation: ...
    @overload
    def recommend(self, text: list[str] | tuple[str, ...], top_k: int = 5, explain: bool = False) -> list[Recommendation]: ...

    def recommend(self, text: str | list[str] | tuple[str, ...], top_k: int = 5, explain: bool = False) -> Recommendation | list[Recommendation]:
        """Careers for one text, or a list of answers for several texts.

        `top_k` careers are named (1 or more; at most all). With `explain` each says which of the person's own phrases spoke for it and against it;
        that costs one more reading of the text for every phrase in it.
        """
        if top_k < 1:
            raise ValueError(f"top_k must be 1 or more, found {top_k}")
        if isinstance(text, str):
            return self.recommend([text], top_k, explain)[0]
        texts = [clean(one) for one in text]
        scored = zip(texts, *self._score(texts), strict=True)
        return [self._answer(one, p, s, bool(cut), top_k, explain) for one, p, s, cut in scored]

    def _answer(self, text: str, probabilities: NDArray[Any], similarity: Floats, truncated: bool, top_k: int, explain: bool) -> Recommendation:
        trouble = self._doubt(text, probabilities, similarity)
        reason, question = _UNSURE[trouble] if trouble else (None, None)
        if trouble == "empty":
            return Recommendation("unsure", reason, (), question=question)
        order = np.argsort(-probabilities, kind="stable")
        best = order[:top_k]
        notes = self._explain(text, probabilities, best) if explain else [(None, None)] * len(best)
        careers = tuple(self._suggest(text, int(c), float(probabilities[c]), note) for c, note in zip(best, notes, strict=True))
        before = np.cumsum(probabilities[order]) - probabilities[order]
        chosen = tuple(self.classes[c] for c in order[: max(1, int((before < self._mass).sum()))])
        return Recommendation("unsure" if trouble else "match", reason, careers, chosen, truncated, question)

    def _doubt(self, text: str, probabilities: NDArray[Any], similarity: Floats) -> str | None:
        words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
        if not words:
            return "empty"
        if similarity.max() < self._least_similarity:
            return "far"
        if len(words) < _MIN_WORDS:
            return "short"
        if probabilities.max() < self._least_confidence:
            return "near"
        return None

    def _suggest(self, text: str, c: int, confidence: float, note: tuple[Any, Any]) -> Suggestion:
        skills = self.careers[c].skills
        held = mentioned(skills, text)
        missing = tuple(skill for skill in skills if skill not in held)[:_SHOWN_SKILLS]
        words = next(words for least, words in _WORDS if confidence >= least)
        return Suggestion(self.classes[c], confidence, words, held, missing, *note)

    def _explain(self, text: str, probabilities: NDArray[Any], best: NDArray[Any]) -> list[tuple[Any, Any]]:
        """For each career of `best` the phrases without which its score would fall most, and those without which it would rise.

        Where a career has next to no probability, what moves it is noise: nothing is said.
        """
        spans = phrases(text)
        if len(spans) < 2:
            return [((), ())] * len(best)
        without = self.probabilities([(text[:a] + text[b:]).strip() for a, b in spans])
        log = np.log(np.maximum(probabilities, 1e-12))
        moved = log[None, best] - np.log(np.maximum(without[:, best], 1e-12))
        notes: list[tuple[Any, Any]] = []
        for c, column in zip(best, moved.T, strict=True):
            if probabilities[c] < _LEAST_EXPLAINED:
                notes.append(((), ()))
                continue
            ranked = np.argsort(-column)
            for_it = tuple(text[slice(*spans[i])] for i in ranked[:3] if column[i] > 0.1)
            against = tuple(text[slice(*spans[i])] for i in ranked[::-1][:2] if column[i] < -0.1)
            notes.append((for_it, against))
        return notes


def load_model(path: str | Path = "models") -> Recommender:
    """The guide's name for `Recommender.load`."""
    return Recommender.load(path)

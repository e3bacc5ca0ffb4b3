"""From a text to careers: the bundle's network in ONNX Runtime, the fused score, the decision to answer or to ask.

Needs numpy, onnxruntime and tokenizers; never torch. Training uses this same code to measure what it ships.
"""

from __future__ import annotations

import os
import string
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from vocation import bundle, ensemble, graph, tokens
from vocation.errors import BundleError
from vocation.languages import language
from vocation.pay import official
from vocation.person import MASKING, mask_person
from vocation.records import Career, Pay, Recommendation, SkillFound, Suggestion
from vocation.skills import Skills
from vocation.tasks import suggest
from vocation.text import clean, mask_role, phrases
from vocation.words import Words

Floats = NDArray[np.float32]
Note = tuple[tuple[str, ...] | None, tuple[str, ...] | None, str | None]  # because, against, nearest

MAX_WINDOWS = 64
"""Windows of the encoder's length that are read of one text (about 6,000 words); what follows is not read, and the answer says so."""

_LOADING, _PROVING = (5.0, 10e6), (0.5, 100e6)  # seconds for loading and for one word, and bytes of the network for which one more is granted
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
    "language": (
        "the text seems to be in {language}, which this model has not learnt",
        "Could you write two or three sentences in {known}?",
    ),
    "unreadable": (
        "most of the words could not be read",
        "Could you say it in two or three plain sentences: what you like to do, and what you are good at?",
    ),
    "far": (
        "nothing in the text could be linked to a kind of work",
        "Which activities, school subjects, tools or hobbies do you enjoy, and what would you like to do with them?",
    ),
    "elsewhere": (
        "none of the careers known here fits well",
        "Is there something you enjoy or do well that you have not mentioned? Otherwise a career that is not in this list may suit you better.",
    ),
    "near": (
        "several careers fit about equally well",
        "What matters most to you in a working day: people, things, numbers, ideas, nature or making something?",
    ),
}

_UNREADABLE = 2.5
"""Pieces of words per word from which a text out of scope is called unreadable: English has about 1.2, letters at random 3 and more."""

LAYERS = 3
"""Vectors that the features of a text are made of; see `CareerNetwork.features`."""

OUTPUTS = ("features", "logits", "scope")
"""What the graph of a bundle puts out."""


class Read(NamedTuple):
    """Texts as the network read them: `features` (n, features), classifier scores `logits` (n, classes), `scope` (n, 1): above 0 about a
    person and work; `truncated` (n,): too long to be read whole. Of models that share the network, logits and scope stand side by side."""

    features: Floats
    logits: Floats
    scope: Floats
    truncated: NDArray[np.bool_]


def embeddings(features: Floats, size: int) -> Floats:
    """The sentence embeddings (n, size) of unit length that `features` end with."""
    result: Floats = features[:, -size:] * np.float32(np.sqrt(LAYERS))
    return result


class Reader:
    """A tokenizer that cuts texts into windows of equal length, none longer than the encoder reads at a time."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.pad: int = (tokenizer.padding or {}).get("pad_id", 0)
        longest = int((tokenizer.truncation or {})["max_length"])
        tokenizer.no_padding()
        tokenizer.no_truncation()
        whole = tokenizer.encode("a")
        inner = [i for i, special in enumerate(whole.special_tokens_mask) if not special]
        first, last = (inner[0], inner[-1]) if inner else (len(whole.ids), len(whole.ids))
        self._before, self._after = whole.ids[:first], whole.ids[last + 1 :]
        self._room = longest - len(self._before) - len(self._after)
        if self._room < 1:
            raise ValueError("the special tokens leave no room for a text")
        self._tokenizer = tokenizer

    def pieces(self, text: str) -> int:
        """How many tokens `text` itself makes."""
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def windows(self, text: str, limit: int) -> tuple[list[list[int]], bool]:
        """The token ids of `text` in at most `limit` windows of about equal length; and whether that left something out."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        if not (ids or self._before or self._after):
            ids = [self.pad]  # a window of nothing has no mean
        cut = len(ids) > limit * self._room
        ids = ids[: limit * self._room]
        count = max(1, -(-len(ids) // self._room))
        size = -(-len(ids) // count)
        return [[*self._before, *ids[i * size : (i + 1) * size], *self._after] for i in range(count)], cut


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
        self._patience = _PROVING[0] + len(model) / _PROVING[1]
        try:
            rows = graph.check(model)
            unfolded = ["ConstantFolding"]  # it would run parts of the graph, however long that takes
            with _patient(_LOADING[0] + len(model) / _LOADING[1], options.set_load_cancellation_flag):
                self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"], disabled_optimizers=unfolded)
            self._reader = Reader(tokens.load(tokenizer, rows))
        except Exception as error:  # both libraries raise bare exceptions of their own kinds
            raise BundleError(f"the network or tokenizer of the bundle cannot be loaded ({_first_line(error)})") from None
        names = [value.name for value in self._session.get_inputs()], [value.name for value in self._session.get_outputs()]
        if names != (["input_ids", "attention_mask", "window_weights"], list(OUTPUTS)):
            raise BundleError("the network of the bundle does not have the inputs and outputs of this format")

    def prove(self) -> Read:
        """What the network makes of one word. BundleError where that takes too much time or memory, or gives no numbers."""
        options = onnxruntime.RunOptions()
        with graph.bounded(), _patient(self._patience, lambda late: setattr(options, "terminate", late)):
            read = self.run(["work"], options)
        if not all(np.isfinite(values).all() for values in read[:3]):
            raise BundleError("the network of the bundle gives no numbers")
        return read

    def run(self, texts: Sequence[str], options: Any = None) -> Read:
        """What the network makes of `texts`; each is read alone or beside others with the same result. BundleError where it can make nothing."""
        try:
            return self._run(texts, options)
        except Exception as error:  # the library's own kinds; our inputs fit an honest network
            raise BundleError(f"the network of the bundle cannot read a text ({_first_line(error)})") from None

    def _run(self, texts: Sequence[str], options: Any) -> Read:
        read = [self._reader.windows(text, MAX_WINDOWS) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: (len(read[i][0]), len(read[i][0][0])))
        found: list[Any] = [None] * len(texts)
        for batch in _batches(order, [len(windows) for windows, _ in read]):
            outputs = self._session.run(None, windows_feed([read[i][0] for i in batch], self._reader.pad), options)
            for i, *values in zip(batch, *outputs, strict=True):
                found[i] = values
        features, logits, scope = (np.array(column, np.float32) for column in zip(*found, strict=True))
        return Read(features, logits, scope, np.array([cut for _, cut in read], bool))

    def readable(self, words: Sequence[str]) -> bool:
        """Whether `words` are mostly known to the tokenizer: known ones are one or two pieces long, letters at random fall into many."""
        return self._reader.pieces(" ".join(word.strip(string.punctuation) for word in words)) <= _UNREADABLE * len(words)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:160]


@contextmanager
def _patient(seconds: float, stop: Callable[[bool], None]) -> Iterator[None]:
    """Call `stop(True)` where what happens within takes longer than `seconds`, by the clock and of computing: a machine that sleeps is no reason."""
    done, computed = threading.Event(), time.process_time()

    def watch() -> None:
        left = seconds
        while left > 0 and not done.wait(left):
            left = max(0.0, seconds - (time.process_time() - computed))
        if not done.is_set():
            stop(True)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()


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


def add(members: Mapping[str, NDArray[Any]], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """The members' scores, each (n, classes), times one learnt weight for each: their sum, from which `softmax` makes probabilities."""
    total = np.zeros(next(iter(members.values())).shape, np.float64)
    for name, scores in members.items():
        total += weights[name] * scores
    return total


def fuse(members: Mapping[str, NDArray[Any]], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """Calibrated probabilities (n, classes) from the members' scores, each (n, classes), and one learnt weight for each."""
    return softmax(add(members, weights))


class _Model:
    """One trained model: calibrated probabilities of its own careers, and its doubts. A bundle has one, an ensemble several."""

    def __init__(self, opened: bundle.Opened, network: Network, first: int, place: int) -> None:
        """`first` is the first of its columns in the logits of `network`, `place` its column in the scope: both 0 unless models share it."""
        self.classes = tuple(career.name for career in opened.careers)
        self.network, self.embeddings, self.estimator = network, opened.embeddings, opened.tasks.estimator
        self._logits, self._place = slice(first, first + len(self.classes)), place
        self._words = Words(opened.words, opened.factors)
        self.masking = opened.metadata.get("masking", 0)  # none in bundles that were trained before there was any
        if self.masking not in (0, MASKING) or isinstance(self.masking, bool):
            raise BundleError(
                f"{opened.where} masks persons by rules of version {self.masking!r}, this version knows {MASKING}: "
                "train again or install the matching version"
            )
        try:
            calibration = opened.metadata["calibration"]
            self._weights = {name: float(calibration["weights"][name]) for name in MEMBERS}
            self._least_scope = float(calibration["least_scope"])
            self._scope_confidence = float(calibration["scope_confidence"])
            self._least_confidence = float(calibration["least_confidence"])
            least_score = calibration.get("least_score")  # absent: older bundles, and too few rows to learn it
            self._least_score = -np.inf if least_score is None else float(least_score)
            self._languages = tuple(map(str, opened.metadata["languages"]))
        except (KeyError, TypeError, ValueError):
            raise BundleError(f"{opened.where}: {bundle.METADATA} has no usable calibration") from None

    def seen(self, text: str) -> str:
        """The cleaned `text` as this model reads it, which is what its training rows looked like."""
        return mask_person(text) if self.masking else text

    def scores(self, texts: Sequence[str], read: Read) -> NDArray[np.float64]:
        """Scores (n, own careers) of `texts` as they are `seen`, of which the network made `read`; their softmax are calibrated probabilities."""
        similarity = embeddings(read.features, self.embeddings.shape[1]) @ self.embeddings.T
        return add({"classifier": read.logits[:, self._logits], "similarity": similarity, "words": self._words.scores(texts)}, self._weights)

    def doubt(self, text: str, scores: NDArray[Any], scope: NDArray[Any]) -> str | None:
        """Why the answer by `scores` (own careers,) should not be trusted, as a key of _UNSURE; None where it may be. `scope` is of one text."""
        if not any(letter.isalpha() for letter in text):
            return "empty"
        text = self.seen(text)  # who somebody is must not decide either whether there is an answer
        words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
        if self._languages and (language(text) or self._languages[0]) not in self._languages:
            return "language"
        if len(words) < _MIN_WORDS:
            return "short"
        best = float(np.clip(softmax(scores[None]).max(), 1e-6, 1 - 1e-6))
        far = float(scope[self._place]) + self._scope_confidence * np.log(best / (1 - best)) < self._least_scope
        elsewhere = float(scores.max()) < self._least_score
        if (far or elsewhere) and mask_role(text, self.classes[int(scores.argmax())]) == text:
            return ("far" if self.network.readable(words) else "unreadable") if far else "elsewhere"
        return "near" if best < self._least_confidence else None


class _Scored(NamedTuple):
    """Texts as the models judge them: `probabilities` (n, classes) of all together, each model's `own` scores, and what its network read."""

    probabilities: NDArray[np.float64]
    own: list[NDArray[np.float64]]
    reads: list[Read]


def _models(parts: Sequence[bundle.Opened], threads: int) -> list[_Model]:
    """The models of a bundle; those that were read with the same network share it. BundleError where network and files do not fit."""
    models: list[_Model] = []
    networks: dict[tuple[int, int], Network] = {}
    for part in parts:
        key = id(part.model), id(part.tokenizer)  # the reader reads every file once, so the same file is the same object
        if key not in networks:
            networks[key] = Network(part.model, part.tokenizer, threads)
        before = [one for one in models if one.network is networks[key]]
        models.append(_Model(part, networks[key], sum(len(one.classes) for one in before), len(before)))
    reads = {network: network.prove() for network in networks.values()}
    for part, model in zip(parts, models, strict=True):
        read, sharing = reads[model.network], [one for one in models if one.network is model.network]
        width = sum(len(one.classes) for one in sharing)
        fits = read.features.shape[1] > model.embeddings.shape[1] and read.logits.shape[1] == width and read.scope.shape[1] == len(sharing)
        if not fits:
            raise BundleError(f"{part.where}: the network and {bundle.EMBEDDINGS} do not belong together")
        if model.estimator and model.estimator.weights.shape[1] != read.features.shape[1]:
            raise BundleError(f"{part.where}: the network and {bundle.TASKS} do not belong together")
    return models


class Recommender:
    """A trained bundle, ready to answer. Immutable after `load`; safe to share between threads.

    >>> recommender = Recommender.load("models")                                    # doctest: +SKIP
    >>> recommender.recommend("I like fixing cars with my uncle").careers[0].career   # doctest: +SKIP
    """

    def __init__(self, opened: bundle.Opened, threads: int = 0) -> None:
        self.careers: tuple[Career, ...] = opened.careers
        self.classes: tuple[str, ...] = tuple(career.name for career in opened.careers)
        self.metadata = opened.metadata
        self._tasks = opened.tasks
        self._skills = Skills(skill for career in opened.careers for skill in career.skills)
        trained = str(opened.metadata.get("trained", ""))[:10]
        self._pay = [opened.tasks.pay.get(career.name) or official(career, trained) for career in opened.careers]
        try:
            calibration = opened.metadata["calibration"]
            self._mass = float(calibration["set_mass"])
            self._least_confidence = float(calibration["least_confidence"])
            self._languages = tuple(map(str, opened.metadata["languages"]))
        except (KeyError, TypeError, ValueError):
            raise BundleError(f"{opened.where}: {bundle.METADATA} has no usable calibration") from None
        self._models = _models(opened.members or (opened,), threads)
        place = {name: i for i, name in enumerate(self.classes)}
        self._columns = [np.array([place[name] for name in model.classes]) for model in self._models]
        self._network, self._embeddings = self._models[0].network, self._models[0].embeddings

    @property
    def masks_person(self) -> bool:
        """Whether names, titles and gendered words are made neutral before every model of the bundle reads a text."""
        return all(model.masking for model in self._models)

    @classmethod
    def load(cls, path: str | Path = "models", threads: int = 0) -> Recommender:
        """Load a bundle folder or its zip. BundleError says in one sentence what is missing, damaged or not allowed."""
        return cls(bundle.read(path), threads)

    def career(self, name: str) -> Career:
        """The public profile of one of `classes`; KeyError for any other name."""
        return dict(zip(self.classes, self.careers, strict=True))[name]

    def skills(self, text: str) -> tuple[SkillFound, ...]:
        """The skills of any career that `text` names, in its order, each quoted once; then those that it may be worth to ask for.

        What the text denies ("no experience with ...") is neither. Suggestions are there only where they were measured to be of use.
        """
        text = clean(text)
        marks = self._skills.mentions(text)
        first = {mark.skill: mark for mark in reversed(marks) if not mark.denied}
        ordered = sorted(first.values(), key=lambda mark: (mark.start, -mark.end, mark.skill))
        named = tuple(SkillFound(mark.skill, "named", text[mark.start : mark.end]) for mark in ordered)
        if not self._tasks.usual or not text:
            return named
        scored = self._score([text])
        if self._doubt(text, 0, scored) not in (None, "near"):
            return named
        more = suggest(scored.probabilities[0], self.classes, self._tasks.usual, {mark.skill for mark in marks})
        return (*named, *(SkillFound(skill, "suggested", confidence=share) for skill, share in more))

    def pay(self, text: str, career: str) -> Pay | None:
        """What a job of `career` (one of `classes`) that is described by `text` would pay; None where that was not measured to beat the median.

        For job descriptions: the figure that a suggestion carries is the career's own and does not depend on how somebody writes.
        """
        if career not in self.classes:
            raise KeyError(career)
        for model in self._models:
            if model.estimator is not None and career in model.classes and clean(text):
                return model.estimator.pay(model.network.run([model.seen(clean(text))]).features[0], model.classes.index(career))
        return None

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Calibrated probabilities (n texts, n classes); each row sums to 1. The same text gets the same row alone and in any batch."""
        return self._score([clean(text) for text in texts]).probabilities if texts else np.zeros((0, len(self.classes)))

    def _score(self, texts: Sequence[str]) -> _Scored:
        """Texts that a model reads the same way are read once."""
        seen = {model.masking: [model.seen(text) for text in texts] for model in {one.masking: one for one in self._models}.values()}
        different = {masking: list(dict.fromkeys(read)) for masking, read in seen.items()}
        reads = {
            (network, masking): network.run(different[masking]) for network, masking in {(one.network, one.masking): None for one in self._models}
        }
        own, read = [], []
        for model in self._models:
            found, place = reads[model.network, model.masking], {text: i for i, text in enumerate(different[model.masking])}
            rows = [place[text] for text in seen[model.masking]]
            own.append(model.scores(different[model.masking], found)[rows])
            read.append(Read(found.features[rows], found.logits[rows], found.scope[rows], found.truncated[rows]))
        return _Scored(ensemble.pool([softmax(table) for table in own], self._columns, len(self.classes)), own, read)

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
        if not text:
            return []
        texts = [clean(one) for one in text]
        scored = self._score(texts)
        cut = np.any([read.truncated for read in scored.reads], axis=0)
        return [self._answer(one, scored.probabilities[i], self._doubt(one, i, scored), bool(cut[i]), top_k, explain) for i, one in enumerate(texts)]

    def _doubt(self, text: str, i: int, scored: _Scored) -> str | None:
        """Why the answer to `text`, row `i` of `scored`, should not be trusted, as a key of _UNSURE: what half of the models or more say."""
        rows = zip(self._models, scored.own, scored.reads, strict=True)
        doubt = ensemble.verdict([model.doubt(text, own[i], read.scope[i]) for model, own, read in rows], _UNSURE)
        if doubt is None and scored.probabilities[i].max() < self._least_confidence:
            return "near"  # each may be sure, of another career
        return doubt

    def _answer(self, text: str, probabilities: NDArray[Any], trouble: str | None, truncated: bool, top_k: int, explain: bool) -> Recommendation:
        names = {"language": language(self._models[0].seen(text)), "known": " or ".join(self._languages)} if trouble == "language" else {}
        reason, question = (sentence.format(**names) for sentence in _UNSURE[trouble]) if trouble else (None, None)
        if trouble == "empty":
            return Recommendation("unsure", reason, (), question=question)
        order = np.argsort(-probabilities, kind="stable")
        best = order[:top_k]
        notes: Sequence[Note] = self._explain(text, probabilities, best) if explain else [(None, None, None)] * len(best)
        held = frozenset(self._skills.held(text))
        careers = tuple(self._suggest(held, int(c), float(probabilities[c]), note) for c, note in zip(best, notes, strict=True))
        before = np.cumsum(probabilities[order]) - probabilities[order]
        chosen = tuple(self.classes[c] for c in order[: max(1, int((before < self._mass).sum()))])
        return Recommendation("unsure" if trouble else "match", reason, careers, chosen, truncated, question)

    def _suggest(self, named: frozenset[str], c: int, confidence: float, note: Note) -> Suggestion:
        skills = self.careers[c].skills
        held = tuple(skill for skill in skills if skill in named)
        missing = tuple(skill for skill in skills if skill not in named)[:_SHOWN_SKILLS]
        words = next(words for least, words in _WORDS if confidence >= least)
        return Suggestion(self.classes[c], confidence, words, held, missing, *note, pay=self._pay[c])

    def _explain(self, text: str, probabilities: NDArray[Any], best: NDArray[Any]) -> list[Note]:
        """For each career of `best` the phrases without which its score would fall most, those without which it would rise, and what is publicly
        said about it that lies nearest to the text.

        Where a career has next to no probability, what moves it is noise: nothing is said.
        """
        nearest = self._nearest(text, best)
        spans = phrases(text)
        if len(spans) < 2:
            return [((), (), said) for said in nearest]
        without = self.probabilities([f"{text[:a].rstrip(' ,;')} {text[b:]}".strip(" ,;") for a, b in spans])  # no comma left alone
        moved = _log_odds(probabilities[best]) - _log_odds(without[:, best])
        notes: list[Note] = []
        for c, column, said in zip(best, moved.T, nearest, strict=True):
            if probabilities[c] < _LEAST_EXPLAINED:
                notes.append(((), (), said))
                continue
            ranked = np.argsort(-column)
            for_it = tuple(text[slice(*spans[i])] for i in ranked[:3] if column[i] > 0.1)
            against = tuple(text[slice(*spans[i])] for i in ranked[::-1][:2] if column[i] < -0.1)
            notes.append((for_it, against, said))
        return notes

    def _nearest(self, text: str, best: NDArray[Any]) -> list[str | None]:
        """For each career of `best` the question about it, its skills or its description, whichever is nearest to the text."""
        known = [_said(self.careers[c]) for c in best]
        size = self._embeddings.shape[1]
        texts = [self._models[0].seen(one) for one in (text, *(whole for said in known for _, whole in said))]
        table = embeddings(self._network.run(texts).features, size)
        own, rest = table[0], iter(table[1:])
        near = [[float(own @ next(rest)) for _ in said] for said in known]
        return [said[int(np.argmax(cosines))][0] if said else None for said, cosines in zip(known, near, strict=True)]


def _log_odds(probabilities: NDArray[Any]) -> NDArray[np.float64]:
    """Near 1 a logarithm hardly moves: a sure answer would have no reasons."""
    p = np.clip(probabilities, 1e-12, 1 - 1e-12)
    result: NDArray[np.float64] = np.log(p) - np.log1p(-p)
    return result


def _said(career: Career) -> list[tuple[str, str]]:
    """What is publicly said about a career: each entry as it is shown, and as it is compared."""
    entries = [(question.question, f"{question.question} {question.answer}") for question in career.questions]
    entries += [(", ".join(career.skills[:_SHOWN_SKILLS]),) * 2] if career.skills else []
    return [*entries, (career.description, career.description)] if career.description else entries


def load_model(path: str | Path = "models") -> Recommender:
    """The guide's name for `Recommender.load`."""
    return Recommender.load(path)

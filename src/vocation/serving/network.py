"""The network of a bundle in ONNX Runtime: texts in, features and scores out.

Needs numpy, onnxruntime and tokenizers; never torch. Training uses this same code to measure what
it ships.
"""

from __future__ import annotations

import os
import string
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from vocation.bundle import check_onnx, check_shapes, check_tokenizer
from vocation.errors import BundleError

Floats = NDArray[np.float32]

MAX_WINDOWS = 64
"""Windows of the encoder's length that are read of one text (about 6,000 words); what follows is
not read, and the answer says so.
"""

# Seconds for loading and for one word, and bytes of the network for which one more is granted.
_LOADING, _TESTING = (5.0, 10e6), (0.5, 100e6)
_WORD = "work"
_MOST_MEMORY = 512_000_000
"""Bytes that all results of the network together may have for one word: an encoder of 24 layers and
1,024 numbers a token needs 60 million for 20 tokens.
"""
_BATCH = 32  # windows that go through the network together; larger batches are slower on a CPU

_UNREADABLE = 2.5
"""Pieces of words per word from which a text out of scope is called unreadable: English has about
1.2, letters at random 3 and more.
"""

LAYERS = 3
"""Vectors that the features of a text are made of; see `CareerNetwork.features`."""

OUTPUTS = ("features", "logits", "scope")
"""What the graph of a bundle puts out."""


class Read(NamedTuple):
    """Texts as the network read them: `features` (n, features), classifier scores `logits` (n,
    classes), `scope` (n, 1): above 0 about a person and work; `truncated` (n,): too long to be read
    whole. Of models that share the network, logits and scope stand side by side.
    """

    features: Floats
    logits: Floats
    scope: Floats
    truncated: NDArray[np.bool_]


def embeddings(features: Floats, size: int) -> Floats:
    """The sentence embeddings (n, size) of unit length that `features` end with."""
    result: Floats = features[:, -size:] * np.float32(np.sqrt(LAYERS))
    return result


class Reader:
    """A tokenizer that cuts texts into windows of equal length, none longer than the encoder reads
    at a time.
    """

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
        """The token ids of `text` in at most `limit` windows of about equal length; and whether
        that left something out.
        """
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        if not (ids or self._before or self._after):
            ids = [self.pad]  # a window of nothing has no mean
        cut = len(ids) > limit * self._room
        ids = ids[: limit * self._room]
        count = max(1, -(-len(ids) // self._room))
        size = -(-len(ids) // count)
        return [
            [*self._before, *ids[i * size : (i + 1) * size], *self._after] for i in range(count)
        ], cut


class Network:
    """The graph of a bundle: token ids in, one vector and the classifier's scores out. Immutable;
    one instance may serve many threads.
    """

    def __init__(self, model: bytes, tokenizer: bytes, threads: int = 0) -> None:
        """`model` and `tokenizer` are the contents of model.onnx and tokenizer.json; `threads` 0
        leaves the number to ONNX Runtime.
        """
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        # A graph may name files for its weights, and the library would open them, also with "../"
        # in their names: point it to where nothing is.
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", os.devnull
        )
        # one text at a time needs little: the arena would keep the largest batch's memory forever
        options.enable_cpu_mem_arena = False
        self._patience = _TESTING[0] + len(model) / _TESTING[1]
        try:
            graph = check_onnx.parse(model)
            self._reader = Reader(check_tokenizer.load(tokenizer, graph.tokens))
            word = windows_feed([self._reader.windows(_WORD, MAX_WINDOWS)[0]], self._reader.pad)
            sizes = {name: values.shape for name, values in word.items()}
            check_shapes.check(graph.nodes, graph.tables, sizes, _MOST_MEMORY)
            with _patient(
                _LOADING[0] + len(model) / _LOADING[1], options.set_load_cancellation_flag
            ):
                self._session = onnxruntime.InferenceSession(
                    model,
                    options,
                    providers=["CPUExecutionProvider"],
                    # It would run parts of the graph, however long that takes.
                    disabled_optimizers=["ConstantFolding"],
                )
        except Exception as error:  # both libraries raise bare exceptions of their own kinds
            raise BundleError(
                f"the network or tokenizer of the bundle cannot be loaded ({_first_line(error)})"
            ) from None
        names = (
            [value.name for value in self._session.get_inputs()],
            [value.name for value in self._session.get_outputs()],
        )
        if names != (["input_ids", "attention_mask", "window_weights"], list(OUTPUTS)):
            raise BundleError(
                "the network of the bundle does not have the inputs and outputs of this format"
            )

    def smoke_test(self) -> Read:
        """Return what the network reads in one word.

        Raises BundleError if that takes too much time, or gives no numbers.
        """
        options = onnxruntime.RunOptions()
        with _patient(self._patience, lambda late: setattr(options, "terminate", late)):
            read = self.run([_WORD], options)
        if not all(np.isfinite(values).all() for values in read[:3]):
            raise BundleError("the network of the bundle gives no numbers")
        return read

    def run(self, texts: Sequence[str], options: Any = None) -> Read:
        """What the network makes of `texts`; each is read alone or beside others with the same
        result. BundleError where it can make nothing.
        """
        try:
            return self._run(texts, options)
        except Exception as error:  # the library's own kinds; our inputs fit an honest network
            raise BundleError(
                f"the network of the bundle cannot read a text ({_first_line(error)})"
            ) from None

    def _run(self, texts: Sequence[str], options: Any) -> Read:
        read = [self._reader.windows(text, MAX_WINDOWS) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: (len(read[i][0]), len(read[i][0][0])))
        found: list[Any] = [None] * len(texts)
        for batch in _batches(order, [len(windows) for windows, _ in read]):
            outputs = self._session.run(
                None, windows_feed([read[i][0] for i in batch], self._reader.pad), options
            )
            for i, *values in zip(batch, *outputs, strict=True):
                found[i] = values
        features, logits, scope = (
            np.array(column, np.float32) for column in zip(*found, strict=True)
        )
        return Read(features, logits, scope, np.array([cut for _, cut in read], bool))

    def readable(self, words: Sequence[str]) -> bool:
        """Whether `words` are mostly known to the tokenizer: known ones are one or two pieces long,
        letters at random fall into many.
        """
        return self._reader.pieces(
            " ".join(word.strip(string.punctuation) for word in words)
        ) <= _UNREADABLE * len(words)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:160]


@contextmanager
def _patient(seconds: float, stop: Callable[[bool], None]) -> Iterator[None]:
    """Call `stop(True)` where what happens within takes longer than `seconds`, by the clock and of
    computing: a machine that sleeps is no reason.
    """
    done, computed = threading.Event(), time.process_time()

    def watch() -> None:
        """Wait until the work is done, or too much of the computing time is gone."""
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
    # A text's vector is the mean of its windows' vectors, each counting as many times as it has
    # tokens.
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

"""Run the network of a bundle in ONNX Runtime: texts in, features and scores out.

Needs numpy, onnxruntime and tokenizers, never torch. Training measures what it ships with this
same code.
"""

from __future__ import annotations

import os
import string
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from vocation.bundle import check_onnx, check_shapes, check_tokenizer
from vocation.bundle.heads import FEATURES, heads
from vocation.errors import BundleError

Floats = NDArray[np.float32]

MAX_WINDOWS = 64
"""Windows of the encoder's length that are read of one text, about 6,000 words. What follows is not
read, and the answer says so.
"""

# Seconds for loading and for one word, and the bytes of the network that grant one second more.
_LOADING, _SMOKE_TEST = (5.0, 10e6), (0.5, 100e6)

_WORD = "work"
_MOST_MEMORY = 512_000_000
"""Bytes that all results of the network together may have for one word. An encoder of 24 layers and
1,024 numbers a token needs 60 million for 20 tokens.
"""

_BATCH_TOKENS = 384
"""Tokens, padding included, that go through the network together. From there on a batch no longer
fits a CPU's caches: 32 windows of mixed texts took a third longer for a text than one at a time. It
also bounds the memory: the 64 windows of a very long text took 300 to 490 MB together.
"""

_UNREADABLE = 2.5
"""Tokens per word from which an out-of-domain text is called unreadable: English has about 1.2,
random letters 3 and more.
"""

LAYERS = 3
"""Vectors that the features of a text are made of; see `CareerNetwork.features`."""

OUTPUTS = (FEATURES, "logits", "scope")
"""The outputs of a bundle's graph; "scope" is `Read.domain`."""


class Read(NamedTuple):
    """What the network makes of n texts.

    `features` (n, features); the classifier's scores `logits` (n, classes); `domain` (n, 1), above
    0 for texts about a person and work; `truncated` (n,), true for texts too long to be read whole.
    Models that share the network have their columns of logits and domain side by side.
    """

    features: Floats
    logits: Floats
    domain: Floats
    truncated: NDArray[np.bool_]

    def rows(self, numbers: Sequence[int]) -> Read:
        """Return the texts with these `numbers`, in their order."""
        chosen = np.array(numbers, np.int64)
        return Read(
            self.features[chosen], self.logits[chosen], self.domain[chosen], self.truncated[chosen]
        )


def embeddings(features: Floats, size: int) -> Floats:
    """Return the sentence embeddings (n, size), of unit length, that `features` end with."""
    result: Floats = features[:, -size:] * np.float32(np.sqrt(LAYERS))
    return result


class Reader:
    """A tokenizer that cuts texts into windows of equal length that fit the encoder."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.pad: int = (tokenizer.padding or {}).get("pad_id", 0)
        # Read before truncation is switched off: windows are cut here, so that nothing is lost.
        longest = int((tokenizer.truncation or {})["max_length"])
        tokenizer.no_padding()
        tokenizer.no_truncation()
        # What stands around a letter are the special tokens of a window, a prompt among them.
        with check_tokenizer.no_panic():
            whole = tokenizer.encode("a")
        inner = [i for i, special in enumerate(whole.special_tokens_mask) if not special]
        # Without a token for the letter, all tokens stand before the text.
        first, last = (inner[0], inner[-1]) if inner else (len(whole.ids), len(whole.ids))
        self._before, self._after = whole.ids[:first], whole.ids[last + 1 :]
        self._room = longest - len(self._before) - len(self._after)
        if self._room < 1:
            raise ValueError("the special tokens leave no room for a text")
        self._tokenizer = tokenizer

    def pieces(self, text: str) -> int:
        """Count the tokens of `text` itself."""
        return len(self._ids(text))

    def _ids(self, text: str) -> list[int]:
        with check_tokenizer.no_panic():
            ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def windows(self, text: str, limit: int) -> tuple[list[list[int]], bool]:
        """Return the token ids of `text` in at most `limit` windows, and whether some are left out.

        The windows have about equal lengths.
        """
        ids = self._ids(text)
        if not (ids or self._before or self._after):
            ids = [self.pad]  # a window of nothing has no mean
        cut = len(ids) > limit * self._room
        ids = ids[: limit * self._room]
        # Rounded up, twice: equal windows, not full ones and a rest of a few tokens.
        count = max(1, -(-len(ids) // self._room))
        size = -(-len(ids) // count)
        return [
            [*self._before, *ids[i * size : (i + 1) * size], *self._after] for i in range(count)
        ], cut


class Network:
    """The graph and the tokenizer of a bundle. Immutable; safe to share between threads."""

    def __init__(self, model: bytes, tokenizer: bytes, dim: int, threads: int = 0) -> None:
        """`model` and `tokenizer` are the contents of model.onnx and tokenizer.json; `dim` numbers
        are a sentence embedding; `threads` 0 leaves their number to ONNX Runtime.
        """
        self._dim = dim
        # More runs at a time than there are cores end no earlier and take more memory. All share
        # the arena of ONNX Runtime: without it each thread of Python keeps what its runs took.
        self._turns = threading.Semaphore(os.cpu_count() or 1)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = threads
        # A graph may name files for its weights, and the library would open them, also with "../"
        # in their names: point it to where nothing is.
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", os.devnull
        )
        self._seconds = _SMOKE_TEST[0] + len(model) / _SMOKE_TEST[1]
        try:
            # Our checks come first: the libraries get only what passed them.
            graph = check_onnx.parse(model)
            self._reader = Reader(check_tokenizer.load(tokenizer, graph.tokens))
            word = windows_feed([self._reader.windows(_WORD, MAX_WINDOWS)[0]], self._reader.pad)
            sizes = {name: values.shape for name, values in word.items()}
            check_shapes.check(graph.nodes, graph.tables, sizes, _MOST_MEMORY)
            limit = _LOADING[0] + len(model) / _LOADING[1]
            with _time_limit(limit, options.set_load_cancellation_flag):
                self._session, self._heads = (
                    onnxruntime.InferenceSession(
                        part,
                        options,
                        providers=["CPUExecutionProvider"],
                        # it would run parts of the graph, however long that takes
                        disabled_optimizers=["ConstantFolding"],
                    )
                    for part in (model, heads(model, graph))
                )
        except Exception as error:  # both libraries raise bare exceptions of their own kinds
            raise BundleError(
                f"the network or tokenizer of the bundle cannot be loaded ({_first_line(error)})"
            ) from None
        names = [
            [value.name for value in values]
            for session in (self._session, self._heads)
            for values in (session.get_inputs(), session.get_outputs())
        ]
        inputs = ["input_ids", "attention_mask", "window_weights"]
        if names != [inputs, [*OUTPUTS], [FEATURES], [*OUTPUTS[1:]]]:
            raise BundleError(
                "the network of the bundle does not have the inputs and outputs of this format"
            )

    def smoke_test(self) -> Read:
        """Run the network on one word.

        Raises BundleError if that takes too much time, or as `run` does.
        """
        options = onnxruntime.RunOptions()
        with _time_limit(self._seconds, lambda late: setattr(options, "terminate", late)):
            return self.run([_WORD], options)

    def run(self, texts: Sequence[str], options: Any = None) -> Read:
        """Run the network on `texts`. A text has the same result alone and in any batch.

        Raises BundleError if the network cannot read them, or gives no finite numbers.
        """
        try:
            return self._run(texts, options)
        except Exception as error:  # the library's own kinds; our inputs fit an honest network
            raise _unreadable(error) from None

    def _run(self, texts: Sequence[str], options: Any) -> Read:
        read = [self._reader.windows(text, MAX_WINDOWS) for text in texts]
        parts = [_parts(windows) for windows, _ in read]
        flat = [part for own in parts for part in own]
        outputs: list[Any] = [None] * len(flat)
        for batch in _batches(flat):
            feed = windows_feed([flat[i] for i in batch], self._reader.pad)
            with self._turns:
                values = self._session.run(None, feed, options)
            # Each output has a row for each part of the batch.
            for i, *own in zip(batch, *values, strict=True):
                outputs[i] = own
        in_order = iter(outputs)
        whole = (self._whole(own, list(islice(in_order, len(own))), options) for own in parts)
        features, logits, domain = (
            np.array(column, np.float32) for column in zip(*whole, strict=True)
        )
        # NaN compares as false everywhere: it would pass for an answer.
        if not all(np.isfinite(values).all() for values in (features, logits, domain)):
            raise ValueError("it gives numbers that are infinite or none")
        return Read(features, logits, domain, np.array([cut for _, cut in read], bool))

    def _whole(self, parts: list[list[list[int]]], outputs: list[Any], options: Any) -> Any:
        """Return features, logits and scope of a text from the `outputs` of its `parts`.

        For several it does what the graph does with the windows of a text that it reads whole.
        """
        if len(parts) == 1:
            return outputs[0]
        tokens = np.array([len(window) for [window] in parts], np.float32)
        total = tokens @ np.array([features for features, *_ in outputs], np.float32)
        # All vectors but the last, the embedding, have the width of the encoder.
        width = (len(total) - self._dim) // (LAYERS - 1)
        vectors = np.split(total, [width, 2 * width])
        # As in the graph, a vector of zeros stays one.
        units = [one / max(float(np.linalg.norm(one)), 1e-12) for one in vectors]
        features = np.concatenate(units) / np.float32(np.sqrt(LAYERS))
        feed = {FEATURES: features[None]}
        return [features, *(table[0] for table in self._heads.run(OUTPUTS[1:], feed, options))]

    def readable(self, words: Sequence[str]) -> bool:
        """Tell whether the tokenizer knows most of `words`.

        A known word is one or two tokens long, random letters fall into many.
        """
        # Punctuation makes tokens of its own, in readable texts too.
        text = " ".join(word.strip(string.punctuation) for word in words)
        try:
            return self._reader.pieces(text) <= _UNREADABLE * len(words)
        except Exception as error:
            raise _unreadable(error) from None


def _unreadable(error: Exception) -> BundleError:
    return BundleError(f"the network of the bundle cannot read a text ({_first_line(error)})")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:160]


@contextmanager
def _time_limit(seconds: float, stop: Callable[[bool], None]) -> Iterator[None]:
    """Call `stop(True)` if the block takes longer than `seconds`.

    Both the clock and the computing time must exceed it: a machine may sleep.
    """
    # process_time counts all threads of the process.
    done, computed = threading.Event(), time.process_time()

    def watch() -> None:
        """Wait until the block is done or its computing time is used up."""
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
    """Return the network's three inputs for texts given as windows of token ids."""
    windows = [ids for text in texts for ids in text]
    # (windows, tokens of the longest); the mask is 0 where a shorter one is padded.
    input_ids = np.full((len(windows), max(map(len, windows))), pad, np.int64)
    attention_mask = np.zeros_like(input_ids)
    for row, ids in enumerate(windows):
        input_ids[row, : len(ids)] = ids
        attention_mask[row, : len(ids)] = 1
    # A text's vector is the mean of its windows' vectors, each counting as many times as it has
    # tokens.
    # A row for each text, 0 at the windows of the others.
    weights = np.zeros((len(texts), len(windows)), np.float32)
    start = 0
    for row, text in enumerate(texts):
        lengths = np.array([len(ids) for ids in text], np.float32)
        weights[row, start : start + len(text)] = lengths / lengths.sum()
        start += len(text)
    return {"input_ids": input_ids, "attention_mask": attention_mask, "window_weights": weights}


def _parts(windows: list[list[int]]) -> list[list[list[int]]]:
    """Return what goes through the network together: a text that fits a batch, or each window."""
    fits = sum(map(len, windows)) <= _BATCH_TOKENS
    return [windows] if fits else [[window] for window in windows]


def _batches(texts: Sequence[list[list[int]]]) -> Iterator[list[int]]:
    """Yield the numbers of `texts`, given as windows, in batches of at most _BATCH_TOKENS.

    Texts of about the same length share a batch, so that little of it is padding. A window that
    alone is longer is a batch of its own.
    """
    longest = [max(map(len, windows)) for windows in texts]
    batch: list[int] = []
    count = 0
    # ascending lengths: the newest text is the one that all others are padded to
    for i in sorted(range(len(texts)), key=longest.__getitem__):
        # Windows times the length of the longest: the tokens with padding.
        if batch and (count + len(texts[i])) * longest[i] > _BATCH_TOKENS:
            yield batch
            batch, count = [], 0
        batch.append(i)
        count += len(texts[i])
    if batch:
        yield batch

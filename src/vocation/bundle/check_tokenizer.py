"""Check an untrusted tokenizer: it must read any text in time, into tokens the network knows."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterator
from typing import Any

from tokenizers import Tokenizer

LONGEST = 512
"""Tokens in a window at most; attention grows with the square."""

_NORMALIZERS = frozenset(
    re.findall(
        r"\w+",
        "BertNormalizer ByteLevel Lowercase NFC NFD NFKC NFKD Nmt Precompiled Prepend Replace"
        " Sequence Strip StripAccents",
    )
)
_PRE_TOKENIZERS = frozenset(
    re.findall(
        r"\w+",
        "BertPreTokenizer ByteLevel CharDelimiterSplit Digits Metaspace Punctuation Sequence Split"
        " UnicodeScripts Whitespace WhitespaceSplit",
    )
)
_MOST_PARTS = 16
_GROWTH = 64  # times that a text may grow while it is normalised
_WORD = 1000  # letters of the longest word that is read: the time grows with their square
_PATTERN = 1000
_VALUES, _BYTES = 5, 200  # commas and bytes of tokenizer.json for each token
_FREE = 4_000_000
# Repeated groups, names, references and recursion: with them a pattern can take exponential time.
# Matches "(a*)\1b", "(?P<n>a)" and "(?x)"; not "\s+(?!\S)".
_COSTLY = re.compile(r"\\[1-9kgKG]|\(\?(?:[P<R&0-9(|~*+-]|[a-z]*x)")
# Matches "(a+)+" and "a+*"; not "c{1,3}" or "a+?".
_NESTED = re.compile(r"\)\s*\??[*+{]|[*+?}]\s*[*{]|\}\s*\+")
# Matches "*" and "{2,}"; not "?", which repeats nothing.
_REPEATED = re.compile(r"[*+]|\{\d*,?\d*\}")


def load(content: bytes, rows: int) -> Tokenizer:
    """Return the tokenizer in `content`, a tokenizer.json, for a network that knows `rows` tokens.

    Raises ValueError for one that may not be used.
    """
    # Counted in the bytes, before the library parses them.
    if content.count(b",") > _VALUES * rows + 20_000 or len(content) > _BYTES * rows + _FREE:
        raise ValueError(f"the tokenizer is too large for a network of {rows:,} tokens")
    tokenizer = Tokenizer.from_buffer(content)
    for part, known in (
        (tokenizer.normalizer, _NORMALIZERS),
        (tokenizer.pre_tokenizer, _PRE_TOKENIZERS),
    ):
        if part is not None:
            # __getstate__, meant for pickle, gives a part as JSON.
            _check_parts(json.loads(part.__getstate__()), known)
    model, truncation = tokenizer.model, tokenizer.truncation or {}
    # With dropout equal texts would become different tokens.
    if getattr(model, "dropout", None) or getattr(model, "max_input_chars_per_word", 0) > _WORD:
        raise ValueError("the tokenizer reads at random, or words without end")
    if not 0 < truncation.get("max_length", 0) <= LONGEST:
        raise ValueError(f"the tokenizer's window must be 1 to {LONGEST} tokens")
    known_tokens = tokenizer.get_vocab()
    # A larger number would be looked up outside of the network's table.
    highest = max(known_tokens.values(), default=0)
    if (
        not rows // 2 <= len(known_tokens)
        or max(highest, (tokenizer.padding or {}).get("pad_id", 0)) >= rows
    ):
        raise ValueError(
            f"the tokenizer knows {len(known_tokens):,} tokens up to number {highest:,}, the"
            f" network {rows:,}"
        )
    return tokenizer


def _check_parts(state: Any, known: frozenset[str]) -> None:
    parts = list(_flat(state))
    if len(parts) > _MOST_PARTS or (
        odd := next((one["type"] for one in parts if one.get("type") not in known), None)
    ):
        raise ValueError(
            "the tokenizer has too many parts"
            if len(parts) > _MOST_PARTS
            else f"the tokenizer has a part of the kind {odd!r}"
        )
    for one in parts:
        pattern = (
            (one.get("pattern") or {}).get("Regex", "")
            if isinstance(one.get("pattern"), dict)
            else ""
        )
        if pattern and not quick(pattern):
            raise ValueError(
                f"the tokenizer has a pattern that can take too long ({pattern[:60]!r})"
            )
    # Parts run one after the other, so their factors multiply.
    if math.prod(map(_grown, parts)) > _GROWTH:
        raise ValueError("the tokenizer makes texts too long")


def _flat(state: Any) -> Iterator[dict[str, Any]]:
    waiting = [state]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += [*one.get("normalizers", ()), *one.get("pretokenizers", ())]


def _grown(part: dict[str, Any]) -> int:
    """Return how many times longer `part` can make a text, roughly."""
    if part.get("type") == "Replace":
        return max(1, len(part["content"]))
    if part.get("type") == "Prepend":
        # It adds to a text and multiplies nothing.
        return 1 if len(part["prepend"]) <= _GROWTH else _GROWTH + 1
    if part.get("type") == "Precompiled":
        # The length of a search tree, the tree, then the replacements, each with a NUL at its end.
        table = base64.b64decode(part["precompiled_charsmap"])
        texts = table[4 + int.from_bytes(table[:4], "little") :]
        return max(len(text) for text in texts.split(b"\0"))
    return 1


def quick(pattern: str) -> bool:
    """Tell whether `pattern` matches any text in time.

    It may have no repeated groups and no references, and two repetitions in each branch.
    """
    if len(pattern) > _PATTERN or _COSTLY.search(pattern):
        return False
    # Classes and escapes become one letter: "[+*]" repeats nothing. "\p{L}" goes first, or
    # its braces would be left.
    plain = re.sub(r"\[(?:\\.|[^\]\\])*\]", "c", re.sub(r"\\[pP]\{[^}]*\}", "c", pattern))
    plain = re.sub(r"\\.", "c", plain)
    return not _NESTED.search(plain) and all(
        len(_REPEATED.findall(branch)) <= 2 for branch in plain.split("|")
    )

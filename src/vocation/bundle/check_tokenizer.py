"""Check an untrusted tokenizer before its library reads it: only what tokenizers of encoders have.

The library, written in Rust, panics or computes for hours on settings that no encoder has. Lists of
bad settings always had holes, so tokenizer.json may have the parts, patterns and ranges below and
nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from vocation.bundle import check_json

LONGEST = 512
"""Tokens in a window at most; attention grows with the square."""

_WORD = 1000  # letters of the longest word that is read: the time grows with their square
_TOKEN = 256  # characters of a token; the longest of the known vocabularies have 128
_MOST_PARTS, _MOST_ADDED = 16, 10_000
_GROWTH = 64  # bytes that a table of letters may make of one; honest tables have 33
_SCORE = 1e4  # of a token, a logarithm of its frequency
_VALUES, _BYTES = 5, 200  # commas and bytes of tokenizer.json for each token
_FREE = 4_000_000

_PATTERNS = {
    # GPT-2 and RoBERTa
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    # GPT-4 and Llama 3, and Qwen, which differs in one number
    *(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
        + digits
        + r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        for digits in ("", "{1,3}")
    ),
    " {2,}",
    r"\s+",
}
"""The regular expressions that known tokenizers have; each takes linear time."""

Rule = Callable[[Any], bool]


def _one_of(*values: Any) -> Rule:
    # By type as well: for Python, True is 1.
    return lambda value: any(type(value) is type(one) and value == one for one in values)


def _whole(low: int, high: int) -> Rule:
    return lambda value: type(value) is int and low <= value <= high


def _text(most: int, least: int = 0) -> Rule:
    return lambda value: isinstance(value, str) and least <= len(value) <= most


def _pattern(value: Any) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    # A plain text cannot be slow; an empty one is found everywhere, also between two bytes.
    return _one_of(*_PATTERNS)(value.get("Regex")) or _text(16, least=1)(value.get("String"))


def _charsmap(value: Any) -> bool:
    """Tell whether `value` is a SentencePiece table of letters in which every step leads inside.

    It has the size of a search tree, the tree, and the texts that letters are replaced by, each
    with a NUL at its end. The library follows it without a look at its bounds.
    """
    if not isinstance(value, str):
        return False
    data = base64.b64decode(value, validate=True)
    size = int.from_bytes(data[:4], "little")
    texts = np.frombuffer(data[4 + size :], np.uint8)
    bytes(texts).decode("utf-8")
    # A double array in blocks of 256 units of 32 bits. A step replaces the last eight bits of a
    # place, so it stays within its block.
    if not 0 < size <= len(data) - 4 or size % 1024:
        return False
    units = np.frombuffer(data, "<u4", size // 4, offset=4).astype(np.int64)
    # As in Darts-clone: bit 31 marks a value, bit 8 a unit that a value belongs to, bit 9 an
    # offset that counts blocks.
    steps = np.union1d(0, np.flatnonzero(units < 2**31))  # the first is followed in any case
    goes = steps ^ (units[steps] >> 10 << ((units[steps] & 2**9) >> 6))
    if (goes >= len(units)).any():
        return False
    values = units[goes[(units[steps] >> 8 & 1) == 1]] & (2**31 - 1)
    if (values >= len(texts)).any() or (texts[values] & 0xC0 == 0x80).any():
        return False  # 10xxxxxx is the middle of a letter
    return max(map(len, bytes(texts).split(b"\0"))) <= _GROWTH


_FLAG, _CHOICE = _one_of(True, False), _one_of(True, False, None)
_BEHAVIOR = _one_of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")
_SIDE = _one_of("Left", "Right")
_BYTE_LEVEL = dict.fromkeys(("add_prefix_space", "trim_offsets", "use_regex"), _FLAG)
_METASPACE = {
    **dict.fromkeys(("replacement", "str_rep"), _one_of("\u2581")),
    **dict.fromkeys(("add_prefix_space", "split"), _FLAG),
    "prepend_scheme": _one_of("always", "never", "first"),
}
_REPLACE = {"pattern": _pattern, "content": _text(1)}  # a text gets no longer

Parts = Mapping[str, Mapping[str, Rule]]
_NORMALIZERS: Parts = {
    **{kind: {} for kind in ("Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents")},
    "BertNormalizer": {
        **dict.fromkeys(("clean_text", "handle_chinese_chars", "lowercase"), _FLAG),
        "strip_accents": _CHOICE,
    },
    "Precompiled": {"precompiled_charsmap": _charsmap},
    "Prepend": {"prepend": _one_of(" ", "\u2581")},
    "Replace": _REPLACE,
    "Strip": dict.fromkeys(("strip_left", "strip_right"), _FLAG),
}
_PRE_TOKENIZERS: Parts = {
    **{kind: {} for kind in ("BertPreTokenizer", "Whitespace", "WhitespaceSplit")},
    "ByteLevel": _BYTE_LEVEL,
    "Digits": {"individual_digits": _FLAG},
    "Metaspace": _METASPACE,
    "Punctuation": {"behavior": _BEHAVIOR},
    "Split": {"pattern": _pattern, "behavior": _BEHAVIOR, "invert": _FLAG},
}
# They make text of tokens, which serving never does; the library reads them all the same.
_DECODERS: Parts = {
    **{kind: {} for kind in ("ByteFallback", "Fuse")},
    "ByteLevel": _BYTE_LEVEL,
    "Metaspace": _METASPACE,
    "Replace": _REPLACE,
    "Strip": {"content": _text(1), **dict.fromkeys(("start", "stop"), _whole(0, 8))},
    "WordPiece": {"prefix": _text(8), "cleanup": _FLAG},
}


def load(content: bytes, rows: int) -> Tokenizer:
    """Return the tokenizer in `content`, a tokenizer.json, for a network that knows `rows` tokens.

    Raises ValueError for one that may not be used.
    """
    # Counted in the bytes, before they are parsed.
    if content.count(b",") > _VALUES * rows + 20_000 or len(content) > _BYTES * rows + _FREE:
        raise ValueError(f"the tokenizer is too large for a network of {rows:,} tokens")
    try:
        value = check_json.parse(content, shown=False)
    except RecursionError:
        raise ValueError("the tokenizer has too many parts within parts") from None
    known = _check(value, rows)
    with no_panic():
        tokenizer = Tokenizer.from_buffer(content)
        # The library gives added tokens numbers of its own. A number beyond the network's table
        # would be looked up outside of it.
        highest = max(tokenizer.get_added_tokens_decoder(), default=0)
    if known < rows // 2 or highest >= rows:
        raise ValueError(
            f"the tokenizer knows {known:,} tokens up to number {highest:,}, the network {rows:,}"
        )
    return tokenizer


@contextmanager
def no_panic() -> Iterator[None]:
    """Turn a panic of the tokenizer's library into a ValueError.

    It is a BaseException, which `except Exception` does not catch, and cannot be imported.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"the tokenizer cannot be used: {str(error)[:100]}") from None


def _check(value: Any, rows: int) -> int:
    """Return how many tokens `value`, the content of tokenizer.json, knows.

    Raises ValueError for anything that no known encoder has.
    """
    number = _whole(0, rows - 1)
    truncation = {
        "direction": _SIDE,
        "max_length": _whole(1, LONGEST),
        "strategy": _one_of("LongestFirst", "OnlyFirst", "OnlySecond"),
        "stride": _one_of(0),
    }
    padding = {
        "strategy": _one_of("BatchLongest"),
        "direction": _SIDE,
        "pad_to_multiple_of": _one_of(None),
        "pad_id": number,
        "pad_type_id": _whole(0, 1),
        "pad_token": _text(_TOKEN),
    }
    if not isinstance(value, dict) or not isinstance(value.get("model"), dict):
        raise ValueError("the tokenizer has no model")
    _check_keys(value.get("truncation"), truncation, f"window (1 to {LONGEST} tokens)")
    if value.get("padding") is not None:
        _check_keys(value["padding"], padding, "padding")
    vocabulary = _check_model(value["model"], number)
    _check_added(value.get("added_tokens"), vocabulary, number)
    _check_parts(value.get("normalizer"), "normalizers", _NORMALIZERS)
    _check_parts(value.get("pre_tokenizer"), "pretokenizers", _PRE_TOKENIZERS)
    _check_parts(value.get("decoder"), "decoders", _DECODERS)
    processors: Parts = {
        "BertProcessing": {name: _pair(number) for name in ("sep", "cls")},
        "RobertaProcessing": {
            **{name: _pair(number) for name in ("sep", "cls")},
            **dict.fromkeys(("trim_offsets", "add_prefix_space"), _FLAG),
        },
        "ByteLevel": _BYTE_LEVEL,
        "TemplateProcessing": dict.fromkeys(("single", "pair", "special_tokens"), _anything),
    }
    for part in _check_parts(value.get("post_processor"), "processors", processors):
        if part["type"] == "TemplateProcessing":
            _check_template(part, number)
    return len(set(vocabulary))


def _anything(value: Any) -> bool:
    return True  # checked elsewhere


def _pair(number: Rule) -> Rule:
    return lambda value: (
        isinstance(value, list) and len(value) == 2 and _text(_TOKEN)(value[0]) and number(value[1])
    )


def _check_keys(value: Any, rules: Mapping[str, Rule], what: str) -> None:
    """Raise ValueError unless `value` is an object of known keys, each with a value that fits.

    A key may be missing: older versions of the library write fewer of them.
    """
    if not isinstance(value, dict):
        raise ValueError(f"the tokenizer's {what} is missing, or is no object")
    for key, own in value.items():
        if key not in rules:
            raise ValueError(f"the tokenizer's {what} has the unknown setting {key[:60]!r}")
        if not rules[key](own):
            raise ValueError(f"the tokenizer's {what} has the {key} {str(own)[:60]!r}")


def _check_parts(value: Any, nested: str, known: Parts) -> list[dict[str, Any]]:
    """Return the parts that `value` consists of, in order; `nested` is the key of a sequence."""
    parts: list[dict[str, Any]] = []
    waiting = [] if value is None else [value]
    for _ in range(2 * _MOST_PARTS):
        if not waiting:
            break
        part = waiting.pop()
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "Sequence" and isinstance(part.get(nested), list):
            waiting += part[nested][::-1]  # the last is taken first
            continue
        if not isinstance(kind, str) or kind not in known:
            raise ValueError(f"the tokenizer has a part of the kind {str(kind)[:60]!r}")
        _check_keys({k: v for k, v in part.items() if k != "type"}, known[kind], kind)
        parts.append(part)
    if waiting or len(parts) > _MOST_PARTS:
        raise ValueError("the tokenizer has too many parts")
    # Each of them can make a text many times longer, so they must not feed each other.
    longer = [p["type"] for p in parts if p["type"] in ("Precompiled", "NFKC", "NFKD")]
    if "Precompiled" in longer[:-1]:
        raise ValueError("the tokenizer makes texts too long")
    return parts


def _check_model(model: dict[str, Any], number: Rule) -> Collection[str]:
    """Raise ValueError unless `model` is a usual one; return its tokens, with their numbers."""
    none, kind = _one_of(None), model.get("type")
    kinds: Parts = {
        "WordPiece": {
            "continuing_subword_prefix": _text(8),
            "max_input_chars_per_word": _whole(1, _WORD),
        },
        # With dropout equal texts would become different tokens.
        "BPE": {
            "dropout": none,
            **dict.fromkeys(("continuing_subword_prefix", "end_of_word_suffix"), _one_of(None, "")),
            **dict.fromkeys(("fuse_unk", "byte_fallback", "ignore_merges"), _FLAG),
            "merges": _merges,
        },
        "Unigram": {"byte_fallback": _FLAG},
    }
    if not isinstance(kind, str) or kind not in kinds:
        raise ValueError(f"the tokenizer has a model of the kind {str(kind)[:60]!r}")
    vocabulary = model.get("vocab")
    if kind == "Unigram":
        pairs = vocabulary if isinstance(vocabulary, list) else ()
        known = all(
            isinstance(pair, list)
            and len(pair) == 2
            and isinstance(pair[0], str)
            and isinstance(pair[1], float | int)
            and abs(pair[1]) <= _SCORE
            for pair in pairs
        )
        tokens: Collection[str] = [pair[0] for pair in pairs] if known else ()
        unknown, rule = "unk_id", _whole(0, len(tokens) - 1)
    else:
        tokens = vocabulary if isinstance(vocabulary, dict) else {}
        known = all(map(number, tokens.values())) if isinstance(tokens, dict) else False
        # A letter that no token has needs one; byte-level vocabularies have all letters.
        unknown, rule = (
            "unk_token",
            lambda value: (
                value in tokens if isinstance(value, str) else kind == "BPE" and value is None
            ),
        )
    if not known or not tokens or max(map(len, tokens)) > _TOKEN:
        raise ValueError("the tokenizer's tokens are none, too long, or not in the network")
    rest = {key: own for key, own in model.items() if key not in ("type", "vocab")}
    _check_keys({unknown: None, **rest}, {**kinds[kind], unknown: rule}, kind)
    return tokens


def _merges(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, str)
        or (isinstance(one, list) and len(one) == 2 and all(isinstance(two, str) for two in one))
        for one in value
    )


def _check_added(value: Any, vocabulary: Collection[str], number: Rule) -> None:
    rules = {
        "id": number,
        "content": _text(_TOKEN, least=1),
        **dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), _FLAG),
    }
    if not isinstance(value, list) or len(value) > _MOST_ADDED:
        raise ValueError(f"the tokenizer's added tokens are no list of at most {_MOST_ADDED:,}")
    for one in value:
        _check_keys(one, rules, "added token")
        if isinstance(vocabulary, dict):
            token = one.get("content")
            if vocabulary.get(token, one.get("id")) != one.get("id"):
                raise ValueError(f"the tokenizer gives two numbers to the token {token[:60]!r}")


def _check_template(part: dict[str, Any], number: Rule) -> None:
    """Raise ValueError unless a text gets known special tokens, and occurs once."""
    special = part.get("special_tokens")
    lengths = {}
    for name, one in special.items() if isinstance(special, dict) else ():
        _check_keys(one, dict.fromkeys(("id", "ids", "tokens"), _anything), "special token")
        ids, tokens = one.get("ids"), one.get("tokens")
        if (
            one.get("id") != name
            or not isinstance(ids, list)
            or not isinstance(tokens, list)
            or len(ids) != len(tokens)
            or not all(map(number, ids))
            or not all(map(_text(_TOKEN), tokens))
        ):
            raise ValueError(f"the tokenizer's special token {name[:60]!r} is not a known one")
        lengths[name] = len(ids)
    for way, texts in (("single", ["A"]), ("pair", ["A", "B"])):
        found, added = [], 0
        for step in part[way] if isinstance(part.get(way), list) else ():
            (kind, own), *more = step.items() if isinstance(step, dict) and step else ((None, {}),)
            name = own.get("id") if isinstance(own, dict) else None
            if kind == "Sequence":
                found.append(name)
            elif kind == "SpecialToken" and isinstance(name, str) and name in lengths and not more:
                # Tokens and templates count: a token may stand for none.
                added += 1 + lengths[name]
            else:
                raise ValueError("the tokenizer puts unknown tokens around a text")
            _check_keys(own, {"id": _text(_TOKEN), "type_id": _whole(0, 1)}, "template")
        if sorted(map(str, found)) != texts or added > 2 * LONGEST:
            raise ValueError("the tokenizer does not read a text once, or puts too much around it")

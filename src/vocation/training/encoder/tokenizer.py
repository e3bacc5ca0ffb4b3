"""The tokenizer that a bundle carries: the base model's own, with its prompt and limit built in, so
that everybody reads as in training.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer, normalizers, processors

from vocation.errors import ConfigError, VocationError
from vocation.training.encoder.model_folder import BaseModel

# A small letter, a capital, a non-ASCII letter with a digit: each may be split in its own way.
_PROBES = ("work", "I like maths", "Über 3 Hunde")
_LEAST_ROOM = 4  # tokens of the text that must fit into a window beside the prompt


def vocabulary_size(path: Path) -> int:
    """How many pieces of words the tokenizer.json at `path` knows."""
    return int(_load(path).get_vocab_size())


def pad_id(base: BaseModel) -> int:
    """The padding's number: by its name in tokenizer_config.json, else as config.json says."""
    number = _load(base.tokenizer).token_to_id(base.pad) if base.pad else None
    stated = base.settings.get("pad_token_id")
    return int(
        # Some models state -1 or null for no padding.
        number if number is not None else stated if isinstance(stated, int) and stated >= 0 else 0
    )


def before(base: BaseModel) -> list[int]:
    """The tokens that stand before every window: the tokenizer's special ones, and the prompt."""
    tokenizer = _load(base.tokenizer)
    first, _ = _special(tokenizer)
    return [*first, *_prompt(tokenizer, base.prompt)[0]]


def serving(base: BaseModel, max_length: int) -> bytes:
    """tokenizer.json for the bundle: what does not fit into one window comes as further windows,
    each with the prompt and the special tokens.
    """
    tokenizer = _load(base.tokenizer)
    highest = max(tokenizer.get_vocab().values(), default=0)
    rows = base.settings.get("vocab_size", highest + 1)
    if highest >= rows:
        raise VocationError(
            f"{base.tokenizer} has the token number {highest}, but the base model knows only"
            f" {rows}: they do not belong together"
        )
    # The model's own tokenizer may keep capitals; its settings ask for small letters all the same.
    if base.lower:
        _normalise_first(tokenizer, normalizers.Lowercase())
    longest = min(max_length, base.longest)
    if base.prompt:
        _build_in(tokenizer, base.prompt)
    first, last = _special(tokenizer)
    # Measured after the prompt was built in, so `first` contains it.
    if longest - len(first) - len(last) < _LEAST_ROOM:
        taken = len(first) + len(last)
        raise ConfigError(
            f"max_length {longest} leaves no room for the text: the base model's prompt takes"
            f" {taken} tokens, so raise it"
        )
    tokenizer.enable_truncation(longest)
    number = pad_id(base)
    tokenizer.enable_padding(pad_id=number, pad_token=tokenizer.id_to_token(number) or "[PAD]")
    return bytes(tokenizer.to_str().encode("utf-8"))


def _load(path: Path) -> Tokenizer:
    try:
        tokenizer = Tokenizer.from_str(_content(path, path.stat().st_mtime_ns))
    except Exception as error:  # the library raises bare exceptions
        raise VocationError(
            f"{path} cannot be read as a fast tokenizer ({str(error)[:120]}): choose a base model"
            " that has a tokenizer.json"
        ) from None
    # Settings in the file would cut and fill what is measured here.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


# `changed` is only a part of the cache's key: a file that was replaced is read again.
@lru_cache(maxsize=2)
def _content(path: Path, changed: int) -> str:
    return path.read_text(encoding="utf-8")


def _special(tokenizer: Tokenizer) -> tuple[list[int], list[int]]:
    """The tokens that the tokenizer puts before and behind every text."""
    whole = tokenizer.encode("a")
    # Everything before the first and after the last token of the text itself.
    inner = [i for i, special in enumerate(whole.special_tokens_mask) if not special]
    if not inner:
        raise VocationError(
            "the base model's tokenizer makes nothing of the letter a: choose another base model"
        )
    return whole.ids[: inner[0]], whole.ids[inner[-1] + 1 :]


def _prompt(tokenizer: Tokenizer, prompt: str) -> tuple[list[int], bool]:
    """The tokens of `prompt`, and whether a text must begin with a blank to be read behind it as it
    would be in one piece with it.

    Byte-level tokenizers take the blank before a word as a part of the word; others drop it.
    """

    def ids(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    whole = [ids(prompt + probe) for probe in _PROBES]
    # Some tokenizers count the prompt's last blank with the prompt, others with the next word.
    for own in (prompt, prompt.rstrip()):
        for blank in (False, True):
            if all(
                together == [*ids(own), *ids(" " * blank + probe)]
                for together, probe in zip(whole, _PROBES, strict=True)
            ):
                return ids(own), blank
    # No way gives exactly the same tokens: the prompt by itself comes closest.
    return ids(prompt), False


def _build_in(tokenizer: Tokenizer, prompt: str) -> None:
    """Let the prompt stand before every text like a special token."""
    first, last = _special(tokenizer)
    own, blank = _prompt(tokenizer, prompt)
    if blank:
        _normalise_first(tokenizer, normalizers.Prepend(" "))
    kinds = {name: ids for name, ids in (("before", [*first, *own]), ("behind", last)) if ids}
    tokenizer.post_processor = processors.TemplateProcessing(
        single=" ".join(
            [
                *(["before"] if "before" in kinds else []),
                "$A",
                *(["behind"] if "behind" in kinds else []),
            ]
        ),
        special_tokens=[
            {"id": name, "ids": ids, "tokens": [tokenizer.id_to_token(i) for i in ids]}
            for name, ids in kinds.items()
        ],
    )


def _normalise_first(tokenizer: Tokenizer, first: normalizers.Normalizer) -> None:
    own = tokenizer.normalizer
    # In front of the model's own steps, which then read the text as if it had been written so.
    tokenizer.normalizer = first if own is None else normalizers.Sequence([first, own])

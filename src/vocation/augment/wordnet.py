"""Further synonyms from WordNet, for those who have installed nltk and its data; nothing is
fetched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vocation.errors import VocationError

_HELP = "run  pip install nltk  and  python -m nltk.downloader wordnet , or leave use_wordnet out"


def lookup() -> Mapping[str, Sequence[str]]:
    """Word -> what may stand instead. Raises VocationError where nltk or its data are not
    installed.
    """
    try:
        from nltk.corpus import wordnet

        wordnet.synsets("work")
    except ImportError:
        raise VocationError(
            f"use_wordnet needs the package nltk, which is not installed: {_HELP}"
        ) from None
    except LookupError:
        raise VocationError(
            f"use_wordnet needs WordNet's data, which nltk does not find on this machine: {_HELP}"
        ) from None
    return _Lookup(wordnet)


class _Lookup(Mapping[str, Sequence[str]]):
    """Reads WordNet when asked. Only adjectives and adverbs that are nothing else and have one
    meaning: these have no forms to go wrong.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self._known: dict[str, tuple[str, ...]] = {}

    def __getitem__(self, word: str) -> tuple[str, ...]:
        if word not in self._known:
            meanings = self._source.synsets(word)
            names: list[str] = []
            if len(meanings) == 1 and meanings[0].pos() in ("a", "s", "r"):
                names = [name.replace("_", " ") for name in meanings[0].lemma_names()]
            self._known[word] = tuple(
                name for name in names if name.casefold() != word and name.islower()
            )
        return self._known[word]

    def get(self, word: str, default: Any = None) -> Any:
        return self[word] or default

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

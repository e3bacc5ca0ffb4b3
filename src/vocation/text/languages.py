"""Name the language of a text by its script, its letters and its most frequent words."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from vocation.text.language_tables import FUNCTION_WORDS, LETTERS, NEAR, SCRIPTS

OTHER = "another language"
"""The name of a language that is certainly not English, but none that is known here."""

_JUDGED = 500  # rows that tell the languages of a file
_SHARE = 0.05  # a language of fewer rows than that is an accident: a name, a quotation
_SIGNS = string.punctuation + "।،؟؛؛«»“”„…–—‘’"
_ELSEWHERE = frozenset(name for names in SCRIPTS.values() for name in names)
_ENGLISH = frozenset(FUNCTION_WORDS["English"])


def parts(name: str) -> frozenset[str]:
    """The languages that a name holds: "Danish or Norwegian" holds two."""
    return frozenset(re.split(", | or ", name))


def reach(names: Iterable[str]) -> frozenset[str]:
    """Return the languages `names` and all that are near to one of them."""
    own = frozenset().union(*map(parts, names))
    return own.union(*(family for family in NEAR if family & own))


_MOST_NAMED = 4  # languages in one sentence
_LATIN = [name for name in FUNCTION_WORDS if name != "English" and name not in _ELSEWHERE]
_NEAR_TO = {
    name: [other for other in _LATIN if other != name and parts(other) & reach([name])]
    for name in _LATIN
}
# The languages in Latin letters that have a word; words that English has as well tell nothing.
_TELLING: defaultdict[str, list[str]] = defaultdict(list)
for _name in _LATIN:
    for _word in set(FUNCTION_WORDS[_name]) - _ENGLISH:
        _TELLING[_word].append(_name)


def foreign(found: str | None, understood: frozenset[str]) -> bool:
    """Tell whether a text in the language `found` must be refused by whoever knows `understood`.

    A language that is not clear is none. One without a name may be near to any but English.
    """
    if found is None or not understood or OTHER in understood:
        return False
    return understood == {"English"} if found == OTHER else not parts(found) & understood


def spoken(texts: Iterable[str]) -> Counter[str]:
    """Count the languages of `texts` that are clear.

    A short text may be taken for a language near to its own: those near to each other all count as
    the most frequent of them, and OTHER as the most frequent one but English.
    """
    return _merged(map(language, texts))


def _merged(names: Iterable[str | None]) -> Counter[str]:
    found = Counter(name for name in names if name)
    merged: Counter[str] = Counter()
    # A single language before a joint name ("Danish or Norwegian" becomes Danish), OTHER last.
    for name in sorted(found, key=lambda name: (name == OTHER, len(parts(name)), -found[name])):
        near = [
            other
            for other in merged
            if parts(name) & reach([other]) or (name == OTHER and other != "English")
        ]
        merged[max(near, key=merged.__getitem__, default=name)] += found[name]
    return merged


def of_rows(texts: Sequence[str]) -> list[str]:
    """The languages of `texts`, the most frequent first, judged by 500 of them.

    None where most are in no language that is clear.
    """
    # Evenly spread, since the rows come file by file.
    sample = texts[:: max(1, len(texts) // _JUDGED)]
    names = [language(text) for text in sample]
    unclear = [text for text, name in zip(sample, names, strict=True) if name is None]
    if 2 * len(unclear) > len(sample):
        # Short rows of long words tell their language together, lists of skills do not.
        together = language(" ".join(unclear))
        if together is None and set(names) - {None, "English"}:
            return []  # the few that seem clear are taken for something that they are not
        names = [name or together for name in names]
    found = _merged(names)
    return [name for name, times in found.most_common() if times >= _SHARE * found.total()]


def language(text: str, spelt: bool = True) -> str | None:
    """Name the language of ``text``, "English" included, or return None if that is not clear.

    Of languages that the text leaves open all are named ("Danish or Norwegian"); OTHER is one that
    is known to be none of these. Calling English foreign is the worse error: English with names,
    quotes and single words of other languages, or full of typing errors, is "English" or None.
    Without `spelt` the letters beyond a to z are not to be trusted, only the words.
    """
    # NFKC, since Unicode names half-width kana and full-width letters by width, not by script. The
    # dot that lower() leaves of the Turkish capital I, and the joiner in Persian words, are no
    # letters and would cut a word in two.
    text = unicodedata.normalize("NFKC", text).lower().replace("\u0307", "").replace("\u200c", "")
    counts = Counter(re.findall(r"[^\W\d_]+", text))
    english = sum(counts[word] for word in counts.keys() & _ENGLISH)
    scripts = Counter() if text.isascii() else _scripts(text)
    latin = scripts.pop("LATIN", 0)
    script, letters = max(scripts.items(), key=lambda item: item[1], default=("", 0))
    if letters > max(1, latin, 20 * english):
        return _by_script(text, script, bool(scripts["HIRAGANA"] + scripts["KATAKANA"]))
    return _by_words(counts, english, script in SCRIPTS, spelt)


def _scripts(text: str) -> Counter[str]:
    return Counter(
        # Names begin with the script: "CYRILLIC SMALL LETTER A", "KATAKANA-HIRAGANA PROLONGED ...".
        re.split("[ -]", unicodedata.name(letter, "-"))[0]
        for letter in text
        if letter.isalpha()
    )


def _strange(counts: Counter[str], names: Iterable[str]) -> Counter[str]:
    """For each of `names`, how many words have letters that the language does not have."""
    letters: Counter[frozenset[str]] = Counter()
    for word, times in counts.items():
        letters[frozenset(letter for letter in word if letter > "\x7f" and letter.isalpha())] += (
            times
        )
    return Counter(
        {
            name: sum(times for own, times in letters.items() if not own <= LETTERS[name])
            for name in names
        }
    )


def _by_script(text: str, script: str, kana: bool) -> str:
    # Japanese mixes kana with Chinese signs; Chinese has no kana.
    names = SCRIPTS["HIRAGANA" if script == "CJK" and kana else script] if script in SCRIPTS else ()
    if not names or names[0] not in FUNCTION_WORDS:
        return names[0] if names else OTHER
    # Cut at blanks: marks on letters are no letters, and would cut the words of India.
    counts = Counter(word.strip(_SIGNS) for word in text.split())
    known = {name: sum(counts[word] for word in FUNCTION_WORDS[name]) for name in names}
    strange = _strange(counts, [name for name in names if LETTERS[name]])
    scores = {name: known[name] - strange[name] for name in names}
    best = [name for name in names if scores[name] == max(scores.values())]
    sure = known[best[0]] and 4 * strange[best[0]] < counts.total()
    return _joined(best) if sure else OTHER


def _by_words(counts: Counter[str], english: int, mixed: bool, spelt: bool) -> str | None:
    """Name a language in Latin letters; `mixed` with letters of another script nothing is sure."""

    def total(words: Iterable[str]) -> int:
        return sum(counts[word] for word in words)

    known: defaultdict[str, set[str]] = defaultdict(set)
    for word in counts:
        for name in _TELLING.get(word, ()):
            known[name].add(word)
    beyond = {word for word in counts if not word.isascii()}
    strange = _strange(Counter({word: counts[word] for word in beyond if spelt}), known)
    scores = {name: total(found) - strange[name] for name, found in known.items()}
    best = max(scores, key=scores.__getitem__, default="")
    telling = known[best]
    # Words with accents count too, listed or not.
    evidence = telling | beyond
    # One telling word is enough only beside three words with a letter beyond Latin-1 ("ł", "ș").
    certain = not mixed and (
        len(telling) > 1 or (len(telling) == 1 and sum(max(word) > "\xff" for word in beyond) > 2)
    )
    own = frozenset(FUNCTION_WORDS.get(best, ()))
    against = total((counts.keys() & _ENGLISH) - own)
    if (
        certain
        and len("".join(evidence)) > 5
        and total(evidence) > max(3 * against, counts.total() / 8)
    ):
        if 4 * strange[best] > total(evidence):
            return OTHER
        # Twice as much must speak for the best as for one near to it.
        near = [
            name
            for name in scores.keys() & _NEAR_TO[best]
            if total(telling - known[name]) + strange[name]
            < max(1, 2 * (total(known[name] - telling) + strange[best]))
        ]
        equal = [name for name, score in scores.items() if score == scores[best]]
        return _joined({best, *near, *equal})
    return "English" if english > max(total(evidence), counts.total() / 5) else None


def _joined(names: Iterable[str]) -> str:
    """One name for several languages: "Danish or Norwegian".

    OTHER where they are many, or have nothing to do with each other.
    """
    held: frozenset[str] = frozenset().union(*map(parts, names))
    if len(held) > _MOST_NAMED or not any(held <= reach([name]) for name in held):
        return OTHER
    *first, last = sorted(held)
    return f"{', '.join(first)} or {last}" if first else last

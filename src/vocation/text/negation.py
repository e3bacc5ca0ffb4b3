"""Find what a text denies: "no experience with ...", "I never used ...", "... is not my thing".

It leans to the safe side: it may overlook a skill, but should not credit somebody with a skill that
they say they lack. English only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from vocation.text.clean import word_set

_CUES = word_set(
    "no not never without lack lacks lacking lacked cannot neither nor hardly barely zero"
    " unfamiliar dont"
)
_UNABLE = word_set("bad terrible hopeless useless poor")  # before "at"
_STARTS = _CUES | _UNABLE | {"learn", "knew", "nothing"}
# After "no", "not" or "never" these deny no skill: "no fear of heights", "never failed at".
_NO_DENIAL = word_set(
    "only just merely simply mind stop stopped tired bored bad afraid fear stranger problem"
    " problems trouble difficulty doubt wonder matter least one nobody secret surprise coincidence"
    " question fail failed fails failing tire refuse refused regretted"
)
_KNOWING = word_set(
    "experience experiences knowledge skill skills idea clue training background practice"
    " understanding exposure talent familiarity formal prior real previous professional"
    " relevant use"
)  # after "no" these say that what follows is lacked, however long the list
_BUT = word_set("but however though although yet except besides instead")
_SUBJECTS = word_set("i i'm i've i'd we my our he she they")
# A full stop within a word ends no sentence: "Node.js".
_SENTENCE = re.compile(r"[.!?;:](?:\s|$)|[()\n]")

# "Python: none", "Excel, no idea", "SQL is not"; not "SQL, no experience with Java".
_AFTER = re.compile(
    r"\s*(?:[:?(–—-]+\s*(?:no(?!t)|none|nope|never|zero|not\s+(?:yet|really|at\s+all))\b"
    r"|,\s*(?:no\s+(?:experience|knowledge|idea|clue)\b(?!\s+(?:with|in|of))|never\s+\w+\s+(?:it|that|them)\b)"
    r"|(?:\s*,?\s*(?:which|that))?(?:\s*\bi)?\s*\b(?:(?:is|are|was|were|do|did|does|have|has|had|can|could|am)\s+(?:not|never)\b"
    r"|(?:is|are|was|were|do|did|does|have|has|had|could|ca)n['’]t\b|never\b|cannot\b))",
    re.IGNORECASE,
)
_LISTING = re.compile(r"\s*(?:,|/|&|,?\s*\b(?:and|or)\b)\s*", re.IGNORECASE)


def denied(
    text: str,
    words: Sequence[str],
    spans: Sequence[tuple[int, int]],
    places: Sequence[tuple[int, int]],
) -> list[bool]:
    """For each of `places`, (first word, word after the last), whether `text` denies it. `spans`
    say where the `words` lie in the text.
    """
    if not places:
        return []
    off = _scopes(text, words, spans, {start for start, _ in places})
    found = [off[start] or bool(_AFTER.match(text, spans[end - 1][1])) for start, end in places]
    beginning: dict[int, list[int]] = defaultdict(list)  # word -> places that begin there
    for k, (start, _) in enumerate(places):
        beginning[start].append(k)
    # From the last place to the first: a denial behind a list goes back from skill to skill.
    for k in sorted(range(len(places)), key=lambda k: -places[k][0]):
        if not found[k]:  # "Python and SQL are not my thing" denies both
            after = places[k][1]
            end = spans[after - 1][1]
            # Between two skills of a list there is one word at most, an "and".
            found[k] = any(
                found[m]
                and not off[places[m][0]]
                and spans[places[m][0]][0] > end
                and _LISTING.fullmatch(text, end, spans[places[m][0]][0])
                for m in (*beginning.get(after, ()), *beginning.get(after + 1, ()))
            )
    return found


def _scopes(
    text: str, words: Sequence[str], spans: Sequence[tuple[int, int]], skills: set[int]
) -> list[bool]:
    """Whether each word stands behind a word of denial, in the same sentence, before a "but" or a
    new subject. `skills`: where skills begin.
    """
    lows = [word.casefold().replace("’", "'") for word in words]
    if not any(low in _STARTS or low.endswith("n't") for low in lows):
        return [False] * len(words)
    off, brief = False, False  # brief: until the next comma
    result = []
    for i, low in enumerate(lows):
        gap = text[spans[i - 1][1] if i else 0 : spans[i][0]]
        before, earlier = lows[i - 1] if i else "", lows[i - 2] if i > 1 else ""
        # "not yet" goes on denying; "yet" elsewhere turns the sentence.
        turns = low in _BUT and not (low == "yet" and (before == "not" or before.endswith("n't")))
        if off and (
            _SENTENCE.search(gap)
            or " - " in gap
            or turns
            or (low in _SUBJECTS and ("," in gap or before == "and"))
            or (brief and "," in gap)
        ):
            off = False
        following = lows[i + 1] if i + 1 < len(lows) else ""
        if (low in _CUES or low.endswith("n't")) and following not in _NO_DENIAL:
            double = off and low == "without"  # "I cannot live without ..."
            off = not double
            # Before a skill or a word of knowing a denial covers the whole list, else it ends at a
            # comma.
            brief = low in ("no", "without") and following not in _KNOWING and i + 1 not in skills
        # "want to learn Go" and "wish I knew Go" deny it; "had to learn Go" does not.
        elif (low == "learn" and before == "to" and earlier != "had") or (
            low == "knew" and before == "i" and earlier in ("wish", "wished")
        ):
            off, brief = True, i + 1 not in skills
        elif (low == "nothing" and following in ("about", "of")) or (
            # "bad at" denies, "not bad at" does not.
            low in _UNABLE and following == "at" and before not in _CUES
        ):
            off, brief = True, False
        result.append(off)
    return result

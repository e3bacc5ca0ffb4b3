"""Know skills by other words: "showed the new starters the ropes" for Onboarding.

The ways to say a skill are those of skill_words.csv, and for a name of two words the activity that
it is the noun of: "manage the budget" for any "Budget management". No model, no guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from vocation.text.clean import word_set
from vocation.text.inflection import base, stem

_NUMBERS = word_set(
    "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty"
    " fifty hundred hundreds dozens"
)
_SKIPPED = _NUMBERS | word_set(
    "a an the my our your his her their its own all any some these those this new other various"
    " many several different of"
)
"""Words that may stand anywhere between the words of a way to say a skill."""

# One other word may stand before an object ("led the sales team"), but none that turns the sense.
_NO_FILLING = word_set(
    "no not never without few little wrong bad and or but nor with from for to at in on by as into"
    " i me you he she it we us they them who that which what when if because so than then is are"
    " was were be been am do does did have has had can could will would should may might like out"
    " off up down away back about over"
)
# Before these nothing may stand: "keep the horse calm" is no "keep calm".
_UNFILLED = word_set("calm cool fit patient well clearly simply plainly carefully closely")
_POSSESSIVE = word_set("my your his her their our")
_MOST_SKIPPED = 4

# Forms in the past that no ending shows.
_IRREGULAR = (
    "lead led, teach taught, write wrote written, run ran, keep kept, make made, drive drove"
    " driven, deal dealt, sell sold, build built, give gave given, hold held, draw drew drawn,"
    " take took taken, feed fed, speak spoke spoken, tell told, show showed shown, find found,"
    " buy bought, catch caught, see saw, fly flew flown, grow grew grown, choose chose, bring"
    " brought, feel felt, get got, break broke broken, shoot shot, light lit, ring rang rung, do"
    " did done, put put, send sent, hand handed, win won, spend spent, lay laid, pay paid, cut cut"
)
_PAST = {
    stem(base(first)): [stem(base(form)) for form in forms]
    for first, *forms in (verb.split() for verb in _IRREGULAR.split(","))
}
PAST_FORMS = frozenset(form for verb in _IRREGULAR.split(",") for form in verb.split()[1:])
"""Irregular past forms and participles of verbs."""

# Nouns of an activity, as stems, and the verb; other verbs than that end in -ment or -ction.
_ACTIVITIES = {
    stem(base(noun)): stem(base(verb))
    for noun, verb in {
        "analysis": "analyse",
        "assurance": "assure",
        "calculation": "calculate",
        "control": "control",
        "delivery": "deliver",
        "design": "design",
        "diagnosis": "diagnose",
        "maintenance": "maintain",
        "production": "produce",
        "reduction": "reduce",
        "repair": "repair",
        "resolution": "resolve",
        "review": "review",
        "revision": "revise",
        "supervision": "supervise",
    }.items()
}
# No verbs, or with an object something else: "learn machines", "visit home".
_NO_ACTIVITY = word_set("learn listen cal read speak visit equip docu depart judg")


class Way(NamedTuple):
    """A way to say a skill: `rest` are the stems after the second; `verb` if it is an activity."""

    skill: str
    rest: tuple[str, ...]
    verb: bool


@cache
def _table() -> dict[str, list[str]]:
    """The ways of the shipped table by the skill's name in small letters."""
    text = (files("vocation.text") / "skill_words.csv").read_text(encoding="utf-8")
    table: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines()[1:]:
        skills, _, ways = line.partition(",")
        for skill in skills.split("; "):
            table[skill.casefold()] += ways.split("; ")
    return table


class OtherWords:
    """The ways to say the skills of a catalogue, indexed by their first word. Immutable."""

    def __init__(self, names: Iterable[str]) -> None:
        # first stem -> second stem ("" if there is none) -> ways; a dict, as a set in order
        ways: dict[str, dict[str, dict[Way, None]]] = defaultdict(lambda: defaultdict(dict))
        for name in names:
            said = [
                (_stems(words.removeprefix("to ")), words.startswith("to "))
                for words in _table().get(name.casefold(), ())
            ]
            for (first, *rest), verb in [*said, *((own, True) for own in _activity(name))]:
                for form in (first, *(_PAST.get(first, ()) if verb else ())):
                    second, *others = rest or [""]
                    ways[form][second][Way(name, tuple(others), verb)] = None
        self._ways = {
            first: {second: tuple(own) for second, own in seconds.items()}
            for first, seconds in ways.items()
        }

    def found(
        self, lows: Sequence[str], stems: Sequence[str], gaps: Sequence[str]
    ) -> list[tuple[str, int, int, bool]]:
        """Return (skill, first word, word after the last, whether it is an activity) in order.

        The text is cut into words: `lows` in small letters, their `stems`, and the characters
        before each, `gaps`.
        """
        read = _Words(lows, stems, gaps)
        found = []
        for i, first in enumerate(stems):
            seconds = self._ways.get(first)
            if seconds is None:
                continue
            found += [(way.skill, i, i + 1, way.verb) for way in seconds.get("", ())]
            for j, filled in read.following(i):
                for way in seconds.get(stems[j], ()):
                    if (way.verb or not filled) and (end := read.end(way, j)):
                        found.append((way.skill, i, end, way.verb))
        return found


class _Words(NamedTuple):
    """A text cut into words, as for `OtherWords.found`."""

    lows: Sequence[str]
    stems: Sequence[str]
    gaps: Sequence[str]

    def following(self, i: int) -> Iterator[tuple[int, bool]]:
        """Yield the words that may follow word `i`, and whether another one is between."""
        filled = False
        for j in range(i + 1, min(len(self.lows), i + 1 + _MOST_SKIPPED)):
            if self.gaps[j] not in (" ", "-"):
                return
            if j == i + 1 or self.stems[j] not in _UNFILLED:
                yield j, filled
            low = self.lows[j]
            if (
                low in _SKIPPED
                or low.isdigit()
                or (low in ("about", "over") and self._counts(j + 1))
            ):
                continue
            # "give my dog medicine": what belongs to somebody is no mere filling.
            if filled or low in _NO_FILLING or self.lows[j - 1] in _POSSESSIVE:
                return
            filled = True

    def _counts(self, i: int) -> bool:
        return i < len(self.lows) and (self.lows[i] in _NUMBERS or self.lows[i].isdigit())

    def end(self, way: Way, at: int) -> int:
        """Return the place behind the last word of `way`, whose second one is at `at`; 0 if not."""
        for wanted in way.rest:
            for j, filled in self.following(at):
                if self.stems[j] == wanted and (way.verb or not filled):
                    at = j
                    break
            else:
                return 0
        return at + 1


def _stems(words: str) -> list[str]:
    """The stems of `words` without those that may stand anywhere."""
    return [stem(base(word)) for word in words.replace("-", " ").split() if word not in _SKIPPED]


def _activity(name: str) -> list[list[str]]:
    """The activity that a `name` of two words is the noun of, as stems (verb, object), or none."""
    words = name.split()
    if len(words) != 2 or not all(word.isalpha() for word in words):
        return []
    noun = base(words[1])
    own = stem(noun)
    if own in _ACTIVITIES:
        verb = _ACTIVITIES[own]
    elif noun.endswith("ment"):
        verb = stem(noun.removesuffix("ment"))
    elif noun.endswith("ction"):
        verb = noun.removesuffix("ion")
    elif noun.endswith(("ing", "ation")) and own != noun:
        verb = own
    else:
        return []
    return [] if verb in _NO_ACTIVITY else [[verb, stem(base(words[0]))]]

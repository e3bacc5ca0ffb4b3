"""Know skills by other words: "showed the new starters the ropes" for Onboarding.

The ways to say a skill are those of skill_words.csv, and for a name of two words the activity that
it is the noun of: "manage the budget" for any "Budget management". No model, no guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from vocation.text.clean import word_set
from vocation.text.inflection import base, stem

_SKIPPED = word_set(
    "a an the my our your his her their its own all any some these those this new other various"
    " many several different one two three four five six seven eight nine ten eleven twelve fifteen"
    " twenty thirty forty fifty hundred hundreds dozens of about over"
)
"""Words that may stand anywhere between the words of a way to say a skill."""

# One other word may stand before an object ("led the sales team"), but none that turns the sense.
_NO_FILLING = word_set(
    "no not never without few little wrong bad and or but nor with from for to at in on by as into"
    " i me you he she it we us they them who that which what when if because so than then is are"
    " was were be been am do does did have has had can could will would should may might like out"
    " off up down away back"
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
    " brought, feel felt, get got, break broke broken, shoot shot, light lit, ring rang rung, do did"
    " done, put put, send sent, hand handed, win won, spend spent, lay laid, pay paid, cut cut"
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
    for noun, verb in (
        pair.split()
        for pair in (
            "analysis analyse,resolution resolve,maintenance maintain,production produce,reduction"
            " reduce,supervision supervise,delivery deliver,diagnosis diagnose,calculation"
            " calculate,revision revise,improvement improve,assurance assure,repair repair,design"
            " design,review review,control control"
        ).split(",")
    )
}
_NO_ACTIVITY = word_set("learn lear listen cal call read speak visit record equip docu depart judg")


class Way(NamedTuple):
    """A way to say a skill: the stems after its first one; `verb` if it is an activity."""

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
        ways: dict[str, dict[Way, None]] = defaultdict(dict)  # dicts, as sets that keep the order
        for name in names:
            for words in _table().get(name.casefold(), ()):
                stems = _stems(words.removeprefix("to "))
                _add(ways, name, stems, words.startswith("to "))
            activity = _activity(name)
            if activity:
                _add(ways, name, activity, True)
        self._ways = {first: tuple(own) for first, own in ways.items()}

    def found(
        self, lows: Sequence[str], stems: Sequence[str], gaps: Sequence[str]
    ) -> list[tuple[str, int, int, bool]]:
        """Return (skill, first word, word after the last, whether it is an activity) in order.

        The text is cut into words: `lows` in small letters, their `stems`, and the characters
        before each, `gaps`.
        """
        found = []
        for i, first in enumerate(stems):
            for way in self._ways.get(first, ()):
                end = i + 1
                for wanted in way.rest:
                    end = _next(wanted, end, way.verb, lows, stems, gaps)
                    if not end:
                        break
                else:
                    found.append((way.skill, i, end, way.verb))
        return found


def _next(
    wanted: str,
    at: int,
    verb: bool,
    lows: Sequence[str],
    stems: Sequence[str],
    gaps: Sequence[str],
) -> int:
    """Return the place behind the word `wanted`, which is at `at` or a little later; 0 if not."""
    if wanted in _UNFILLED:
        return at + 1 if at < len(lows) and gaps[at] == " " and stems[at] == wanted else 0
    filled = not verb
    for j in range(at, min(len(lows), at + _MOST_SKIPPED)):
        if gaps[j] not in (" ", "-"):
            return 0
        if stems[j] == wanted:
            return j + 1
        if lows[j] in _SKIPPED or lows[j].isdigit():
            continue
        # "give my dog medicine": what belongs to somebody is no mere filling.
        if filled or lows[j] in _NO_FILLING or lows[j - 1] in _POSSESSIVE:
            return 0
        filled = True
    return 0


def _add(ways: dict[str, dict[Way, None]], name: str, stems: list[str], verb: bool) -> None:
    first, rest = stems[0], tuple(stems[1:])
    for form in (first, *(_PAST.get(first, ()) if verb else ())):
        ways[form][Way(name, rest, verb)] = None


def _stems(words: str) -> list[str]:
    """The stems of `words` without those that may stand anywhere."""
    return [
        stem(base(word)) for word in words.replace("-", " ").split() if word not in _SKIPPED
    ]


def _activity(name: str) -> list[str]:
    """The activity that a `name` of two words is the noun of, as stems: verb, object; or none."""
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
    return [] if verb in _NO_ACTIVITY else [verb, stem(base(words[0]))]

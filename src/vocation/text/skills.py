"""Find which of the known skills a text names: whole words in any inflection, nothing it denies.

Reading is one pass over the words with look-ups in tables, so that a thousand skills cost no more
than ten. Nothing is guessed here: a text names a skill, or it does not. Of personal texts, other
words for a skill are known as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vocation.text.clean import clean, word_set
from vocation.text.inflection import base as base_of
from vocation.text.inflection import stem as stem_of
from vocation.text.negation import denied
from vocation.text.other_words import OtherWords
from vocation.text.own_skills import Place, own

# "R&D", "C++", "I've" and ".NET" are one word each; "Node.js" is two.
_WORD = re.compile(
    r"\b\w&\w\b|\w+(?:\+\+|#|['’](?:s|t|ve|re|ll|d|m)\b)?|(?<![\w.])\.[Nn][Ee][Tt]\b|&"
)
_JOINTS = frozenset((" ", "-", "‑", "/", ".", ""))  # what may stand between the words of one skill

# Names that are also words, initials or marks, in their usual spelling: in another one they count
# only beside other skills.
_AMBIGUOUS = word_set(
    "Access Ada Angular Ant Assembly Basic Blender Bootstrap C Cam Chai Chef Consul Crystal"
    " Cucumber D Dart Delphi Elm Ember Excel Express Flash Flask Foundation Fusion Go Grunt Gulp"
    " Hibernate Hive Illustrator Inventor IT Jasmine Jest Julia Karma Lean Make Maya Meteor Mocha"
    " Notion Oracle Outlook Pascal Pig Premiere Project Publisher Puppet R React REST Rhino Ruby"
    " Rust Sage Salt SAP SAS Scratch Shell Sketch Slack Snowflake Spark Spring Storm Swift Teams"
    " Unity VAT Vault Word Zoom"
)
_ALIASES = {
    "golang": "Go",
    "cpp": "C++",
    "csharp": "C#",
    "dotnet": ".NET",
    "k8s": "Kubernetes",
    "postgres": "PostgreSQL",
    "js": "JavaScript",
}
# Of these, names that people also type in small letters after "use", "in", "with" ...
_OWN_CASE = word_set("excel r sap")
_USING = word_set("in with using use used know knows advanced basic of learnt learned microsoft ms")
_LISTING = word_set("and or & plus")
_GOES_ON = word_set(
    "and or & programming developer language script code skill experience knowledge"
)
# Behind these a single letter is no name: "vitamin C", "class D".
_LETTERED = word_set(
    "vitamin hepatitis grade class category group plan section type block key appendix level"
    " licence license"
)
# Before an activity ("I weld"), before "to" and an activity ("love to weld"), and between a verb
# and its object ("solving all the problems").
_DOING = word_set("i we can could have had i've also often always usually")
_FOND = word_set("like love how able used enjoy learned learnt know")
_BETWEEN = word_set("the my our a an their with of new all")

# Letters of a phrase that are indexed: all beginnings of a long phrase would take memory by the
# square of its length.
_BEGINNING = 40

# Before a single word only: "Microsoft Excel", not "Microsoft Power BI".
_VENDOR = re.compile(r"^(?:Microsoft|MS|Apache|Adobe|Autodesk) (?=[A-Z]\S*$)")
_LEADING = re.compile(
    r"^(?:(?:basic|good|solid|strong) )?"
    r"(?:(?:knowledge|understanding) of |experience (?:with|in|of) |proficiency in )?",
    re.IGNORECASE,
)
# A slash counts between longer words only: "design/drawing", not "CI/CD".
_EITHER = re.compile(r"\s+or\s+|(?<=\w{4})/(?=\w{4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A skill that the cleaned text names from `start` to `end`.

    `denied` if the text says that the person lacks it ("no experience with ..."), or, of a personal
    text, that it is a wish, refused or somebody else's.
    """

    skill: str
    start: int
    end: int
    denied: bool


_USUAL = {base_of(name): name for name in _AMBIGUOUS}


class Skills:
    """The skills of a bundle or a data set, indexed for look-ups. Immutable.

    >>> skills = Skills(["Python", "Go", "Problem solving"])
    >>> skills.held("I go out, use Python and love solving problems; no Go yet")
    ('Python', 'Problem solving')
    """

    def __init__(self, names: Iterable[str], personal: bool = False) -> None:
        """`personal`: texts are of people about themselves. Other words for a skill count as well,
        and only what is the person's own.
        """
        self.names = tuple(dict.fromkeys(names))
        self._place = {name: i for i, name in enumerate(self.names)}
        # base -> skills of one word, each with the spellings that count (none: any)
        self._single: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
        # stem of an activity -> skills
        self._doing: dict[str, list[str]] = defaultdict(list)
        # stems joined to one string -> skills of several words
        self._phrases: dict[str, list[str]] = defaultdict(list)
        # "problem solving" as (solv, problem) -> skills
        self._turned: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._firsts: set[str] = set()
        self._longest = 2
        for name in self.names:
            for variant, spelled in _variants(name):
                self._add(name, variant, spelled)
        self._beginnings = {
            key[:size]
            for key in (*self._phrases, *self._single)
            for size in range(1, min(len(key), _BEGINNING) + 1)
        }
        self._turning = {first for first, _ in self._turned}
        self._other = OtherWords(self.names) if personal else None

    def _add(self, name: str, variant: str, spelled: bool) -> None:
        """Index the skill `name` by one of its variants; `spelled`: only in this spelling."""
        words = _WORD.findall(variant)
        bases = [base_of("and" if word == "&" else word) for word in words]
        if len(words) == 1:
            (word,), (base,) = words, bases
            strict = spelled or base in _USUAL or len(base) == 1
            usual = {word, _USUAL.get(base, word)} if strict else set()
            self._single[base].append((name, frozenset(usual)))
            aliases = [alias for alias, meant in _ALIASES.items() if _same(word, meant)]
            # "React" is also written "ReactJS".
            for other in (f"{base}js", *aliases):
                self._single[base_of(other)].append((name, frozenset()))
            if base.endswith(("ing", "ation")) and not usual:
                self._doing[stem_of(base)].append(name)
        elif words:
            stems = [stem_of(base) for base in bases]
            joined = "".join(bases)  # "frontend" for "front-end"
            for one in {joined, base_of(joined)}:
                self._single[one].append((name, frozenset()))
            self._phrases["".join(stems)].append(name)
            self._firsts.add(stems[0])
            self._longest = max(self._longest, len(words) + 1)
            if len(words) == 2:
                self._turned[stems[1], stems[0]].append(name)

    def held(self, text: str) -> tuple[str, ...]:
        """Return the skills that `text` names and does not deny, in the order of `names`."""
        found = {mention.skill for mention in self.mentions(text) if not mention.denied}
        return tuple(sorted(found, key=self._place.__getitem__))

    def mentions(self, text: str) -> list[Mention]:
        """Return every place of the cleaned `text` that names a skill, in order."""
        read = _Read.of(clean(text))
        ways: dict[tuple[str, int, int], str] = dict.fromkeys(self._by_name(read), "name")
        if self._other is not None:
            lows = [word.casefold() for word in read.words]
            for name, start, end, verb in self._other.found(lows, read.stems, read.gaps):
                ways.setdefault((name, start, end), "activity" if verb else "thing")
        no = denied(read.text, read.words, read.spans, [(start, end) for _, start, end in ways])
        places = [
            Place(read.spans[start][0], read.spans[end - 1][1], way)
            for (_, start, end), way in ways.items()
        ]
        mine = own(read.text, places) if self._other is not None else [True] * len(places)
        mentions = [
            Mention(name, place.start, place.end, off or not kept)
            for (name, _, _), place, off, kept in zip(ways, places, no, mine, strict=True)
        ]
        return sorted(mentions, key=lambda one: one.start)

    def _by_name(self, read: _Read) -> list[tuple[str, int, int]]:
        """Find the skills that are said by their names: (skill, first word, after the last)."""
        found: list[tuple[str, int, int]] = []
        doubtful: list[tuple[str, int]] = []
        for i, (base, stem) in enumerate(zip(read.bases, read.stems, strict=True)):
            for name, spellings in self._single.get(base, ()):
                if spellings and not read.is_name(i, spellings):
                    doubtful.append((name, i))
                elif base != "js" or read.gaps[i] != ".":  # "Node.js" is another name
                    found.append((name, i, i + 1))
            if stem in self._doing and read.does(i):
                found += [(name, i, i + 1) for name in self._doing[stem]]
            if stem[:_BEGINNING] in self._beginnings and (
                len(stem) > 2 or stem in self._firsts or read.after(i) == "-"
            ):
                self._phrases_at(read, i, found)
            if stem in self._turning:
                found += self._turned_at(read, i)
        certain = {place for _, start, end in found for place in range(start, end)}
        return found + _confirmed(read, doubtful, certain)

    def _phrases_at(self, read: _Read, i: int, found: list[tuple[str, int, int]]) -> None:
        """Find skills of several words, or of one that the text writes apart, from word `i` on."""
        key = read.stems[i]
        for j in range(i + 1, min(len(read.words), i + self._longest)):
            if read.gaps[j] not in _JOINTS:
                return
            if (
                j == i + 1
                and len(read.bases[i]) > 1 < len(read.bases[j])
                # "java script" for "JavaScript".
                and (single := self._single.get(read.bases[i] + read.bases[j]))
            ):
                found += [(name, i, j + 1) for name, spellings in single if not spellings]
            key += read.stems[j]
            if names := self._phrases.get(key):
                found += [(name, i, j + 1) for name in names]
            # No skill begins like this, so further words cannot complete one.
            if key[:_BEGINNING] not in self._beginnings:
                return

    def _turned_at(self, read: _Read, i: int) -> list[tuple[str, int, int]]:
        """Find skills whose words are in another order.

        "solving problems" for "Problem solving", "I review the code" for "Code review".
        """
        words, j = read.words, i + 1
        while (
            j < len(words) and j < i + 3 and words[j].casefold() in _BETWEEN and read.gaps[j] == " "
        ):
            j += 1
        if j == len(words) or read.gaps[j] != " ":
            return []
        names = self._turned.get((read.stems[i], read.stems[j]), ())
        does = (
            words[i].casefold().endswith(("ing", "ed"))
            or read.does(i)
            or (j > i + 1 and words[i + 1].casefold() == "of")
        )
        return [(name, i, j + 1) for name in names] if does else []


@dataclass(frozen=True, slots=True)
class _Read:
    """A text cut into words.

    `spans` are their places, `gaps` the characters before each, `bases` and `stems` the forms for
    look-ups.
    """

    text: str
    words: list[str]
    spans: list[tuple[int, int]]
    gaps: list[str]
    bases: list[str]
    stems: list[str]

    @classmethod
    def of(cls, text: str) -> _Read:
        """Cut `text` into words."""
        spans = [match.span() for match in _WORD.finditer(text)]
        words = [text[start:end] for start, end in spans]
        ends = [0, *(end for _, end in spans)]
        gaps = [text[end:start] for end, (start, _) in zip(ends, spans, strict=False)]
        bases = [base_of("and" if word == "&" else word) for word in words]
        return cls(text, words, spans, gaps, bases, [stem_of(base) for base in bases])

    def before(self, i: int) -> str:
        """Return the word before word `i`, in small letters; "" if more than a blank is between."""
        return self.words[i - 1].casefold().replace("’", "'") if i and self.gaps[i] == " " else ""

    def does(self, i: int) -> bool:
        """Tell whether word `i` is what somebody does or likes to do: "I weld", "love to weld"."""
        before = self.before(i)
        return before in _DOING or (before == "to" and self.before(i - 1) in _FOND)

    def after(self, i: int) -> str:
        """Return the characters between word `i` and the next; "." at the end of the text."""
        return self.gaps[i + 1] if i + 1 < len(self.words) else "."

    def is_name(self, i: int, spellings: frozenset[str]) -> bool:
        """Tell whether word `i` is a name: "R" in "I use R", but not "Go" in "Go home"."""
        word, before, after = self.words[i], self.before(i), self.after(i)
        if "-" in (self.gaps[i], after):  # C-suite, go-to
            return False
        follower = self.bases[i + 1] if i + 1 < len(self.words) and after == " " else ""
        if word not in spellings:
            return self.bases[i] in _OWN_CASE and before in _USING and follower not in ("at", "in")
        if len(word) == 1 and (
            before in _LETTERED
            or (
                # "John R. Smith", "J. R. Smith": an initial.
                after.startswith(".")
                and i
                and self.gaps[i] in (" ", ". ")
                and _initial(self.words[i - 1])
            )
        ):
            return False
        # At the start of a sentence a capital proves nothing.
        first = not i or any(mark in self.gaps[i] for mark in '.!?:“"')
        return not first or follower in _GOES_ON or (not follower and "!" not in after)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _initial(word: str) -> bool:
    return word != "I" and word[:1].isupper()


def _confirmed(
    read: _Read, doubtful: Sequence[tuple[str, int]], places: set[int]
) -> list[tuple[str, int, int]]:
    """Return those of the `doubtful` words that are in a list with a certain skill.

    "python, r and go": `places` are the words that certainly name a skill.
    """

    def side(i: int, step: int) -> tuple[bool, bool]:
        """Tell whether a list may begin, end or go on beside word `i`, and whether with a skill."""
        at, other = (i, i - 1) if step < 0 else (i + 1, i + 1)
        if not 0 <= other < len(read.words):
            return True, False
        gap = read.gaps[at].strip()
        if gap:
            return True, gap in (",", "/", ";") and other in places
        word = read.words[other].casefold()
        beyond = other + step
        return (
            word in _LISTING or (step < 0 and word in _USING),
            word in _LISTING and beyond in places,
        )

    found = []
    for name, i in doubtful:
        if "-" in (read.gaps[i], read.after(i)):
            continue
        (opens, left), (closes, right) = side(i, -1), side(i, 1)
        if (
            opens
            and closes
            and (left or right or (read.bases[i] in _OWN_CASE and read.words[i].islower()))
        ):
            found.append((name, i, i + 1))
            # It confirms the next one in turn: "python, r and go".
            places.add(i)
    return found


def _variants(skill: str) -> list[tuple[str, bool]]:
    """Return the forms that name `skill`: "Excel" for "Microsoft Excel", "Go" for "Python or Go".

    Each comes with whether only its own spelling counts.
    """
    skill = clean(skill)
    plain = clean(re.sub(r"\([^)]*\)", " ", skill)) or skill
    forms = [skill, plain]
    # "knowledge of SQL" may be named by "SQL", but "knowledge of design" not by any "design".
    if (framed := _LEADING.sub("", plain)) and (" " in framed or not framed.islower()):
        forms.append(framed)
    if plain.casefold().endswith((" basics", " skill", " skills")) and " " in (
        core := plain.rpartition(" ")[0]
    ):
        forms.append(core)
    parts = [part for part in _EITHER.split(plain) if part]
    if len(parts) > 1:
        # "Python or Java scripting": Python alone is not enough
        tail = re.search(r"(?<=\S) [a-z]+$", parts[-1])
        forms += (
            [part + tail.group() for part in parts[:-1]]
            if tail
            else [*parts, re.split(r" (?:in|with|using) ", parts[0])[-1]]
        )
        forms.append(parts[-1])
    # Only the exact spelling counts without the vendor: "Word" is also a word.
    vendorless = [(_VENDOR.sub("", plain), True)] if _VENDOR.search(plain) else []
    return [*((form, False) for form in dict.fromkeys(forms)), *vendorless]

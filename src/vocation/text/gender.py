"""Replace gendered words: she, he -> they; mother, father -> parent; girl, man -> person.

English only; `person` masks names with it.
"""

from __future__ import annotations

import re

from vocation.text.clean import word_set

# "(she/her)", "my pronouns are they/them.", "he / him / his pronouns"; not "she or he".
_PRONOUNS = re.compile(
    r"(?:\bI use\s+)?(?:\bmy\s+)?(?:\bpronouns(?:\s+are\b|\s*:)?\s*)?[(\[]?"
    r"\b(?:she\s*/\s*her|he\s*/\s*him|they\s*/\s*them)"
    r"(?:\s*/\s*(?:hers|his|theirs))?\b[)\]]?(?:\s+pronouns\b)?\.?",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\b(?:he\s*/\s*she|she\s*/\s*he|s/he|he or she|she or he)\b", re.IGNORECASE)

_GENDERED: dict[str, str] = {
    word: neutral
    for neutral, words in {
        "they": "she he",
        "them": "him",
        "theirs": "hers",
        "themselves": "himself herself themself",
        "parent": (
            "mother father mum mom mam mummy mommy dad daddy mama papa stepmother stepfather"
            " stepmum stepdad"
        ),
        "parents": "mothers fathers mums moms dads",
        "grandparent": "grandmother grandfather grandma grandpa granny grandad granddad gran",
        "grandchild": "granddaughter grandson",
        "sibling": "sister brother",
        "siblings": "sisters brothers",
        "child": "daughter son",
        "children": "daughters sons",
        "partner": "wife husband girlfriend boyfriend",
        "partners": "wives husbands",
        "relative": "aunt uncle auntie aunty niece nephew",
        "relatives": "aunts uncles nieces nephews",
        "person": "woman man girl boy lady gentleman guy gal lad lass bloke dude chap",
        "people": "women men girls boys ladies gentlemen guys lads blokes chaps",
        "schoolchild": "schoolgirl schoolboy",
        "parenthood": "motherhood fatherhood",
        "homemaker": "housewife househusband",
    }.items()
    for word in words.split()
}
_OWN = frozenset(
    ("woman", "man", "women", "men", "girls", "boys", "ladies", "gentlemen")
)  # "women's health" is a field, not a person
_SEX = frozenset(("male", "female", "nonbinary", "non"))
# A text without any of these skips the regular expressions.
_TRIGGERS = frozenset(_GENDERED) | _SEX | {"her", "his"}
# "man", but not "man-made" or "man2".
_WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?![\w-])")
# The article goes with the adjective, since it depends on the next letter: "a female engineer".
_ADJECTIVE = re.compile(
    r"\b(an?\s+)?(?:male|female|non-?binary)\b(?:\s+(?=([a-z])))?", re.IGNORECASE
)

# The verb is part of the match, with one adverb before it at most: "she often bakes".
_SUBJECT = re.compile(
    r"\b(she|he)\b(?:(['’])(s|d|ll)\b)?"
    r"(?:(\s+(?:(?:also|always|often|never|really|just|still|only|even|usually|sometimes|already"
    r"|now)\s+)?)([a-z]+))?",
    re.IGNORECASE,
)
# A second verb of the same subject: "she is on time and brings her own". A noun has no such word
# behind it: "she likes cats and dogs".
_CLAUSE = re.compile(r"\b(?:she|he)\b[^.!?;:]{0,200}", re.IGNORECASE)
_SECOND = re.compile(
    r"(\b(?:and|but|or)\s+(?:(?:also|always|often|never|really|just|still|only|even|usually|then)\s+)?)"
    r"(is|was|has|does|isn|wasn|hasn|doesn|knows|says|wants|loves|works|makes|gives|gets|goes"
    r"|[a-z]+s(?=\s+(?:their|his|her|the|an?|my|me|us|it|them|him|you|everybody|everyone|people"
    r"|how|what|who|why|that|this|every|all|no|to)\b))(?![\w-])",
    re.IGNORECASE,
)
_PLURAL = {
    "is": "are",
    "was": "were",
    "has": "have",
    "does": "do",
    # _SUBJECT ends a verb at its apostrophe: "isn" is the start of "isn't".
    "isn": "aren",
    "wasn": "weren",
    "hasn": "haven",
    "doesn": "don",
    "goes": "go",
}
# Behind "'s" these mean "has", other words "is": "he's been", "he's working".
_PERFECT = frozenset(
    ("been", "got", "had", "made", "taken", "seen", "done", "become", "taught", "known", "worked")
)
# The next word is looked at, not replaced: it tells "their" from "them".
_POSSESSIVE = re.compile(r"\b(her|his)\b(?!\s*/)(?:(?=\s+([a-z]+))|)", re.IGNORECASE)

NO_NOUN = word_set(
    "a an the and or but if so to in on at with for from about of by as that this than then when"
    " while because since until before after into out up down off over is are was were will would"
    " can could do does did has have had not very too again how what why who where i you we they it"
    " my your our i'm through around today tomorrow yesterday every all me not no nobody"
)
"""Words that are neither noun nor name: what follows "her" in "I told her that"."""


def neutral(text: str, found: set[str]) -> str:
    """Return `text` with neutral words for gendered ones; `found` are its words without case.

    Nouns before "'s" that name a field stay: "women's health".
    """
    if ("/" in text and not found.isdisjoint(("she", "he", "they"))) or " or " in text:
        text = _EITHER.sub("they", _PRONOUNS.sub("", text))
    if found.isdisjoint(_TRIGGERS):
        return text
    # _they must see "she" before _neutral does, or the verb would keep its -s.
    if not found.isdisjoint(("she", "he")):
        text = _CLAUSE.sub(_seconds, text)
    return _WORD.sub(
        _neutral, _POSSESSIVE.sub(_their, _SUBJECT.sub(_they, _ADJECTIVE.sub(_plain, text)))
    )


def _neutral(match: re.Match[str]) -> str:
    word = match.group()
    low = word.casefold()
    neutral = _GENDERED.get(low)
    if neutral is None or (
        low in _OWN and match.string.startswith(("'s", "’s", "'", "’"), match.end())
    ):
        return word
    return neutral.capitalize() if word[0].isupper() else neutral


def _they(match: re.Match[str]) -> str:
    """ "she bakes" -> "they bake", "he's got" -> "they've got"."""
    subject, mark, short, gap, verb = match.groups()
    they = "They" if subject[0].isupper() else "they"
    if short == "s":
        they += mark + ("ve" if verb and verb.casefold() in _PERFECT else "re")
    elif short:
        they += mark + short
    if not verb:
        return they + (gap or "")
    return f"{they}{gap}{verb if short else _without_s(verb)}"


def _seconds(match: re.Match[str]) -> str:
    """ "she is kind and brings the tea" -> "she is kind and bring the tea"."""
    return _SECOND.sub(lambda verb: verb[1] + _without_s(verb[2]), match.group())


def _without_s(verb: str) -> str:
    low = verb.casefold()
    if low in _PLURAL:
        return _PLURAL[low]
    # The -s of "miss", "focus" or "always" is part of the word.
    if len(low) < 4 or not low.endswith("s") or low.endswith(("ss", "us", "is", "ways")):
        return verb
    if low.endswith("ies"):
        return verb[:-3] + "y"
    # "watches" -> "watch", but "bakes" -> "bake".
    return verb[:-2] if low.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")) else verb[:-1]


def _their(match: re.Match[str]) -> str:
    """ "her" and "his": before a noun "their", elsewhere "them" and "theirs"."""
    word, following = match.groups()
    noun = following is not None and following.casefold() not in NO_NOUN
    neutral = "their" if noun else "them" if word.casefold() == "her" else "theirs"
    return neutral.capitalize() if word[0].isupper() else neutral


def _plain(match: re.Match[str]) -> str:
    """ "a female engineer" -> "an engineer"."""
    article, letter = match.groups()
    if not article or not letter:
        return article or ""
    an = "an " if letter in "aeiou" else "a "
    return an.capitalize() if article[0].isupper() else an

"""Rules that rephrase one statement: clauses change places, lists their order, short forms become
long ones. Every rule keeps the meaning.

A rule takes a sentence without its end mark and returns another, or None where it does not apply.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from vocation.augment.guard import FUNCTION
from vocation.text.clean import word_set

Rule = Callable[[str, random.Random], str | None]

_SUBJECT = r"(?:I|we|my|the|you|they|it|he|she|our|people|a|an|there|your|his|her|their)"
_WHEN = "because|whenever|when|while|if|although|though|even though|once|as soon as"
# Words whose clause could take the moved part to itself, which would change the meaning.
_TAKING = r"\b(?:that|who|whose|which|what|how|where|why|whether|if|when|because|than|so|such|it)\b"
_ADJUNCT = (
    r"(?:every|each)"
    r" (?:day|week|weekend|morning|evening|night|year|summer|winter|spring|autumn|month|saturday"
    r"|sunday|afternoon)"
    r"|in my (?:free|spare|leisure) time|at (?:the )?weekends?|on weekends|on"
    r" (?:satur|sun|mon|tues|wednes|thurs|fri)days?|after (?:school|work)"
    r"|in the (?:evenings?|mornings?|afternoons?|summer|winter)|at night|as a child|for (?:the last"
    r" |the past )?\w+ (?:years|months|summers)"
)
_NOT_ING = word_set(
    "thing something anything everything king spring ring string morning evening sing bring wing"
    " during nothing swing"
)


def upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower(text: str) -> str | None:
    """`text` as it goes on inside a sentence; None where it may begin with a name."""
    # "I'm" has the head "I".
    head = re.split(r"[\s,']", text, maxsplit=1)[0]
    if head == "I" or text[:1].islower():
        return text
    known = head == "A" or (head[1:].islower() and head.lower() in FUNCTION | {"people", "today"})
    return text[0].lower() + text[1:] if known else None


def few(text: str, most: int) -> bool:
    return 0 < len(text.split()) <= most


# --------------------------------------------------------------------------------------------------


def clause_to_front(sentence: str, _: random.Random) -> str | None:
    """ "I smile when the bread rises" -> "When the bread rises, I smile"."""
    match = re.fullmatch(
        # No commas or colons inside: more clauses than two are left alone.
        rf"(?P<main>{_SUBJECT}\b[^,;:()]*?) (?P<join>{_WHEN}) (?P<sub>{_SUBJECT}\b[^,;:()]*)",
        sentence,
        re.IGNORECASE,
    )
    if not match or not few(match["main"], 12) or re.search(_TAKING, match["main"], re.IGNORECASE):
        return None
    if re.search(
        # "I smile only | when ...": the word before belongs to the clause and would stay behind.
        r"(?:only|even|just|especially|mainly|except|so|or|and|but|not)$",
        match["main"],
    ) or re.search(r"\b(?:and|but|or)\b", match["sub"]):
        return None
    main = lower(match["main"])
    return f"{upper(match['join'])} {match['sub']}, {main}" if main else None


def clause_to_back(sentence: str, _: random.Random) -> str | None:
    """ "When the bread rises, I smile" -> "I smile when the bread rises"."""
    match = re.fullmatch(
        rf"(?P<join>{_WHEN}) (?P<sub>{_SUBJECT}\b[^,;:()]*), (?P<main>{_SUBJECT}\b[^,;:()]*)",
        sentence,
        re.IGNORECASE,
    )
    if not match or not few(match["main"], 14) or re.search(_TAKING, match["main"], re.IGNORECASE):
        return None
    return f"{upper(match['main'])} {match['join'].lower()} {match['sub']}"


def time_to_front(sentence: str, _: random.Random) -> str | None:
    """ "I bake every morning" -> "Every morning I bake"."""
    match = re.fullmatch(
        rf"(?P<main>(?:I|we)\b[^,;:()]*?) (?P<time>{_ADJUNCT})", sentence, re.IGNORECASE
    )
    if (
        not match
        or not few(match["main"], 14)
        or re.search(rf"{_TAKING}|\b(?:to|and|but|or)\b", match["main"])
    ):
        return None
    main = lower(match["main"])
    return f"{upper(match['time'])} {main}" if main else None


def time_to_back(sentence: str, _: random.Random) -> str | None:
    """ "Every morning I bake" -> "I bake every morning"."""
    match = re.fullmatch(
        rf"(?P<time>{_ADJUNCT}),? (?P<main>(?:I|we)\b[^,;:()]*)", sentence, re.IGNORECASE
    )
    if (
        not match
        or not few(match["main"], 14)
        or re.search(rf"{_TAKING}|\b(?:to|and|but|or)\b", match["main"])
    ):
        return None
    return f"{upper(match['main'])} {match['time'][0].lower()}{match['time'][1:]}"


def what_i_like(sentence: str, rng: random.Random) -> str | None:
    """Turn the object to the front.

    "I like baking" -> "What I like is baking", "Baking is what I like"; "I like X and Y" ->
    "Y and X are what I like".
    """
    match = re.fullmatch(
        r"(I(?: really| also)? (?:love|like|enjoy|adore)) ([^,;:()]+)", sentence, re.IGNORECASE
    )
    if (
        not match
        or not few(match[2], 10)
        or re.match(r"(?:it|that|how|when|what|you|them|him|her|this)\b", match[2])
        or _joined(match[2])
    ):
        return None
    said, liked = match[1], match[2]
    pair = re.fullmatch(r"([\w'+#.-]+(?: [\w'+#.-]+)?) and ([\w'+#.-]+(?: [\w'+#.-]+)?)", liked)
    if (
        pair
        and not any(word.lower() in FUNCTION for word in liked.replace(" and ", " ").split())
        # "baking and bread" is no pair: of one it is unclear what goes with what.
        and _gerund(pair[1]) == _gerund(pair[2])
    ):
        return f"{upper(pair[2])} and {pair[1]} are what {said}"
    if _gerund(liked) and rng.random() < 0.5:
        return f"{upper(liked)} is what {said}"
    return f"What {said} is {liked}"


def _gerund(text: str) -> bool:
    head = text.split()[0].lower()
    return head.endswith("ing") and head not in _NOT_ING


def _joined(text: str) -> bool:
    return bool(
        re.search(
            r"\b(?:but|because|so|when|while|if|though|although|too|most|best|more|and"
            r" (?:I|my|then|so|it))\b",
            text,
        )
    )


def what_i_want(sentence: str, rng: random.Random) -> str | None:
    """Turn the wish around: "I want to bake bread" becomes "What I want is to bake bread".

    "My dream is X" becomes "X is my dream".
    """
    match = re.fullmatch(
        r"(I want|I would like|I'd like|I hope|I wish) (to [^,;:()]+)", sentence, re.IGNORECASE
    )
    if match and few(match[2], 16) and not _joined(match[2]):
        # "What I hope is to bake" lacks the "for".
        said = {"i'd like": "I would like", "i hope": "I hope for"}.get(match[1].lower(), match[1])
        return f"What {said} is {match[2]}" if rng.random() < 0.6 else f"My wish is {match[2]}"
    match = re.fullmatch(
        r"[Mm]y (dream|goal|passion|aim|ambition|wish|favou?rite (?:subject|thing|part|hobby)) is"
        r" ([^,;:()]+)",
        sentence,
    )
    if (
        match
        and few(match[2], 10)
        and not re.match(r"(?:that|when|how)\b", match[2])
        and not _joined(match[2])
    ):
        return f"{upper(match[2])} is my {match[1]}"
    match = re.fullmatch(
        r"I(?:'m| am) (?:very |really )?interested in ([^,;:()]+)", sentence, re.IGNORECASE
    )
    if match and few(match[1], 8) and not _joined(match[1]):
        return f"What interests me is {match[1]}"
    return None


def shorten_or_spell_out(sentence: str, rng: random.Random) -> str | None:
    """ "I am" <-> "I'm", "it is" <-> "it's"; the end of a sentence keeps its long form."""
    pairs = [
        ("I am", "I'm"),
        ("I will", "I'll"),
        ("I would", "I'd"),
        ("it is", "it's"),
        ("that is", "that's"),
        ("you are", "you're"),
    ]
    pairs += [
        ("they are", "they're"),
        ("we are", "we're"),
        ("there is", "there's"),
        ("you will", "you'll"),
        ("we will", "we'll"),
    ]
    changed = sentence
    for long, short in pairs:
        if re.search(rf"\b{short}\b", changed):
            # "it's been" means "it has been", so it is not spelt out as "it is".
            if not re.search(rf"\b{short} (?:been|got|had|better|\w+ed|\w+en)\b", changed):
                changed = re.sub(rf"\b{short}(?= \w)", long, changed)
                changed = re.sub(rf"\b{upper(short)}(?= \w)", upper(long), changed)
        elif rng.random() < 0.7:
            clause = (
                ""
                if long[0] == "I"
                else r"^|[,;:] |\b(?:and|but|because|think|know|when|if|says?) "
            )
            changed = re.sub(
                rf"({clause})(?<!what )(?<!who )(?<!where )(?<!how )\b{long}(?= \w)",
                rf"\1{short}",
                changed,
            )
            changed = re.sub(rf"^{upper(long)}(?= \w)", upper(short), changed)
    done = (
        "been|worked|built|learned|learnt|taught|written|studied|led|spent|made|run|managed|always"
        "|designed|developed|helped|done|seen"
    )
    long, short = ("I've", "I have") if "I've" in changed else ("I have", "I've")
    # Before a participle only: "I have a dog" is left alone.
    changed = re.sub(rf"\b{long}(?= (?:{done})\b)", short, changed)
    return changed if changed != sentence else None


def list_in_other_order(sentence: str, rng: random.Random) -> str | None:
    """ "soil, seeds and roses" -> "roses, soil and seeds": short items that stand side by side."""
    match = re.fullmatch(
        r"(?P<head>.*?\b(?:such as|including|includes?|like|love|enjoy|are|with|about|using)"
        r" )?(?P<list>[^;:()]+)",
        sentence,
    )
    if not match or "," not in match["list"]:
        return None
    items = [
        item.strip() for item in re.split(r",\s*(?:(?:and|or)\s+)?|\s(?:and|or)\s", match["list"])
    ]
    joint = re.search(r",?\s(?:and|or)\s(?!.*,)", match["list"])
    # Without a head the first item may contain the subject and verb: "I grow soil, seeds".
    inside = items if match["head"] else items[1:]
    if (
        len(items) < 3
        or any(not few(item, 4) for item in items)
        or re.search(r"\b(?:and|or)\b.*\b(?:and|or)\b", match["list"])
    ):
        return None
    if any(
        word.lower() in FUNCTION - {"of", "with", "in", "my", "the", "a", "for"}
        for item in inside
        for word in item.split()
    ):
        return None
    first = [] if match["head"] or items[0][:1].islower() else items[:1]
    if first and any(word.lower() in FUNCTION for word in first[0].split()):
        return None
    moved = items[len(first) :]
    # Drawn until it differs from the old order; equal items never do.
    while (order := rng.sample(moved, len(moved))) == moved and len(set(moved)) > 1:
        pass
    items = first + order
    listed = ", ".join(items[:-1]) + f"{joint.group() if joint else ', '}{items[-1]}"
    return f"{match['head'] or ''}{listed}" if order != moved else None


_BEFORE_PAIR = "of|with|for|in|between|on|about|by|from|to|into|like|love|enjoy"


def _plural(word: str) -> bool:
    # "buses" is a plural; "business", "status" and "analysis" are none.
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))


def pair_in_other_order(sentence: str, rng: random.Random) -> str | None:
    """Swap two plurals, or two -ing forms: "schools and hospitals", "hospitals and schools"."""
    found = list(
        # "in schools and hospitals." matches; "in schools and hospitals nearby" does not.
        re.finditer(rf"\b({_BEFORE_PAIR}) ([a-z]{{4,}}) and ([a-z]{{4,}})(?=[,.;:!?]|$)", sentence)
    )
    found = [
        match
        for match in found
        if all(map(_plural, match.group(2, 3))) or all(map(_gerund, match.group(2, 3)))
    ]
    if not found:
        return None
    match = rng.choice(found)
    return (
        f"{sentence[: match.start()]}{match[1]} {match[3]} and {match[2]}{sentence[match.end() :]}"
    )


def opener(sentence: str, rng: random.Random) -> str | None:
    """ "I love bread" -> "Honestly, I love bread", and back."""
    match = re.fullmatch(r"(?:Honestly|To be honest|Personally|For my part), (I\b.*)", sentence)
    if match:
        return match[1]
    if re.match(r"I (?:love|like|enjoy|prefer|want|would|am|adore)\b", sentence):
        return (
            f"{rng.choice(('Honestly', 'To be honest', 'Personally', 'For my part'))}, {sentence}"
        )
    return None


def easy_to(sentence: str, _: random.Random) -> str | None:
    """ "It is useful to know SQL" -> "To know SQL is useful"."""
    match = re.fullmatch(
        r"(?:It is|It's)"
        r" (important|essential|useful|helpful|hard|difficult|easy|fun|necessary|vital) to"
        r" ([^,;:()]+)",
        sentence,
    )
    return (
        f"To {match[2]} is {match[1]}"
        if match and few(match[2], 14) and not _joined(match[2])
        else None
    )


STATEMENTS: tuple[Rule, ...] = (
    clause_to_front,
    clause_to_back,
    time_to_front,
    time_to_back,
    what_i_like,
    what_i_want,
    shorten_or_spell_out,
    list_in_other_order,
    pair_in_other_order,
    opener,
    easy_to,
)

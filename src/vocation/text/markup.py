"""Remove HTML from texts: postings scraped from pages, text pasted from an editor.

Only what is surely HTML goes: tags with known names and well-formed attributes, comments, and
entities that end in a semicolon. "C++ <3", "a < b > c", "List<String>", "AT&T" and "<name>" stay.

No pattern scans a text twice from the same place: none looks beyond the next "<" (or, for comments
and scripts, beyond the next one of its kind), so the time grows with the length, whatever the text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from html.entities import html5, name2codepoint

_PASSES = 6  # levels of escaping, "&lt;br&gt;" being one, before we call it nonsense

# Names of https://html.spec.whatwg.org, with those of older pages and of mail. The first ones stand
# within a word or a sentence, all others begin a new line.
_INLINE = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q s samp"
    " small span strike strong sub sup time tt u var wbr"
)
_BLOCK = (
    "address area article aside audio base basefont blockquote body br button canvas caption center"
    " col colgroup datalist dd details dialog dir div dl dt embed fieldset figcaption figure footer"
    " form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe img input legend li"
    " link main map menu meta meter nav noframes noscript object ol optgroup option output p param"
    " path picture pre progress rp rt ruby script section select slot source style summary svg"
    " table tbody td template textarea tfoot th thead title tr track ul video"
)
# Names that programs have, too: right behind a letter they are no tag, as in "List<object>".
_TYPES = "button code data form input label link map object option output param time var"
# Attributes that stand without a value; any other word would make a tag of "x <b and y> z".
_BARE = (
    "allowfullscreen async autofocus autoplay checked compact controls defer disabled download"
    " hidden inert ismap itemscope loop multiple muted nomodule noshade novalidate nowrap open"
    " readonly required reversed selected"
)

_OFFICE = "(?:o|w|v|m|st1):[a-zA-Z]+"  # tags of word processors


def _either(names: str) -> str:
    """Return a pattern for any of `names`, in small letters or in capitals: "Button" is code."""
    found = names.split()
    # One capital is a type in programs, "List<T>"; `_names` has those of tags.
    return "|".join((*found, *(name.upper() for name in found if len(name) > 1)))


def _names() -> str:
    types = _TYPES.split()
    sure = " ".join(name for name in f"{_INLINE} {_BLOCK}".split() if name not in types)
    return rf"(?<!\w<)(?:{_either(_TYPES)}|[ABIQSU])|{_either(sure)}|P|{_OFFICE}"


# "+" behind a quantifier: what was matched is not given back, which a hostile text would need.
_VALUE = r"""(?:"[^"<]*+"|'[^'<]*+'|[^\s"'<>]++)"""
_PAIR = rf"""[^\s=<>"'/]++\s*+=\s*+{_VALUE}"""
_ATTRIBUTE = rf"""(?:(?:\s++|(?<=["']))(?:{_PAIR}|(?:{_either(_BARE)})(?=[\s/>])))"""
_OPENING = rf"(?<!<)<(?:{_names()})(?=[\s/>]){_ATTRIBUTE}*+\s*+/?>"
_CLOSING = rf"</(?:{_either(f'{_INLINE} {_BLOCK}')}|[ABIPQSU]|{_OFFICE})\s*+>"
_DECLARATION = r"<!(?i:doctype)\s[^<>]*+>|<\?(?i:xml)\s[^<>]*+\?>"
_TAGS = re.compile(rf"(?:{_OPENING}|{_CLOSING}|{_DECLARATION})++")
_TAG = re.compile(r"</?([^\s/>]+)")
_FLOWING = frozenset(_INLINE.split())
_ADJACENT = re.compile(r"</[^<>]*><[^/]")

# What is never shown: the style sheets and programs of a page, and notes in it.
_UNSEEN = re.compile(
    rf"<(?i:script|style)(?=[\s/>]){_ATTRIBUTE}*+\s*+>"
    r"(?s:(?!</?(?i:script|style)[\s/>]).)*+</(?i:script|style)\s*+>"
    r"|<!--(?s:(?!<!--|-->).)*+-->"
)
_CDATA = re.compile(r"<!\[CDATA\[((?:(?!\]\]>|<!\[CDATA\[).)*+)\]\]>", re.S)

# Signs of HTML 4, without those whose names are names in programs ("&sum;"), and the others that a
# keyboard has.
_IN_CODE = "and ang cap cup empty exist int image lang not or part prod rang real sub sup sum"
_KEYS = (
    "apos Tab NewLine excl dollar percnt lpar rpar ast plus comma period sol colon semi equals"
    " quest commat lsqb rsqb lbrack rbrack lowbar grave lcub rcub verbar vert"
)
_ENTITIES = {name: chr(code) for name, code in name2codepoint.items()}
_ENTITIES |= {name: html5[f"{name};"] for name in _KEYS.split()}
_ENTITIES |= {name: f"&{name};" for name in _IN_CODE.split()}
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,9});")


def without_markup(text: str) -> str:
    """Return `text` without HTML tags, and with the characters that its entities stand for.

    Tags that begin a paragraph, a line or an item of a list become a line break, others nothing.
    Escaped tags are tags. What comes out may hold control characters: clean it afterwards.
    """
    if "<" not in text and "&" not in text:
        return text
    for _ in range(_PASSES):
        before = text
        if "<" in text:
            text = _TAGS.sub(_break, _UNSEEN.sub("\n", _CDATA.sub(r" \1 ", text)))
        if "&" in text:
            text = _ENTITY.sub(_character, text)
        if text == before:
            return text
    # Nobody writes this but to get something past us: what is left shall be neither of them.
    return text.replace("<", "< ").replace("&", "& ")


def _break(match: re.Match[str]) -> str:
    tags = match.group()
    if all(name.lower() in _FLOWING for name in _TAG.findall(tags)):
        # "</a><a>": two things side by side, with a gap that a style sheet made.
        return " " if _ADJACENT.search(tags) else ""
    return "\n"


def _character(match: re.Match[str]) -> str:
    entity = match.group()
    if entity[1] == "#":
        char = html.unescape(entity)
    else:
        name = entity[1:-1]
        loud = name.lower() if name.isupper() else name  # "&NBSP;"
        char = _ENTITIES.get(name) or _ENTITIES.get(loud, entity)
    # Invisible ones would hide what they stand in; NFC makes a plain ";" of the Greek one.
    seen = (char.isprintable() or char.isspace()) and char != "\u034f"
    return unicodedata.normalize("NFC", char) if seen else ""

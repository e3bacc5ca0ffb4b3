"""Tell in which of the encodings before Unicode a text is written.

The code pages of the Latin letters differ in a few letters only, so that the language of the text
tells more than its bytes; for all other scripts charset-normalizer knows.
"""

from __future__ import annotations

import re
from collections import Counter
from unicodedata import normalize

from vocation.text.language_tables import FUNCTION_WORDS
from vocation.text.languages import language

_WESTERN = ("cp1252", "mac-roman", "iso8859-15")
_ALPHABETS = {
    (*_WESTERN, "cp850"): {
        "English": "éèêçñöüäáíóïà",
        "French": "àâæçéèêëîïôœùûüÿ",
        "German": "äöüßé",
        "Spanish": "áéíñóúü",
        "Portuguese": "áâãàçéêíóôõúü",
        "Italian": "àèéìíîòóùú",
        "Dutch": "éëïöüèêáóí",
        "Swedish": "åäöé",
        "Danish": "æøåé",
        "Norwegian": "æøåéòôó",
        "Finnish": "äöå",
        "Catalan": "àçèéíïòóúü",
        "Albanian": "ëç",
        "Afrikaans": "êëéèîïôû",
        "Estonian": "äöüõšž",
        "Icelandic": "áðéíóúýþæö",
    },
    ("cp1250", "iso8859-2", "cp852"): {
        "Polish": "ąćęłńóśźż",
        "Czech": "áčďéěíňóřšťúůýž",
        "Slovak": "áäčďéíĺľňóôŕšťúýž",
        "Hungarian": "áéíóöőúüű",
        "Croatian": "čćđšž",
        "Slovenian": "čšž",
        "Romanian": "ăâîşţ",
    },
    ("cp1254", "cp857"): {"Turkish": "çğıöşüâîû"},
    ("cp1257",): {
        "Lithuanian": "ąčęėįšųūž",
        "Latvian": "āčēģīķļņšūž",
        "Estonian": "äöüõšž",
    },
}
"""The code pages, the likeliest first, of languages and the letters beyond ASCII of these."""
_OLD = ("mac-roman", "cp850", "cp852", "cp857")
_RARE = (
    "Icelandic",
    "Albanian",
    "Afrikaans",
    "Estonian",
)  # no reason by itself to take a text for Western

WIDE = frozenset(("cp932", "euc_jp", "gb18030", "big5", "cp949"))
"""Codecs whose letters have two bytes or more."""

_OTHERS = (
    *(
        "cp1251",
        "koi8_r",
        "koi8_u",
        "cp866",
        "iso8859_5",
        "mac_cyrillic",
        "cp1253",
        "cp1255",
        "cp1256",
    ),
    *sorted(WIDE),
)
_NAMES = {
    "mac-roman": "Mac Roman",
    "koi8_r": "KOI8-R",
    "koi8_u": "KOI8-U",
    "mac_cyrillic": "Mac Cyrillic",
    "iso8859_5": "ISO-8859-5",
    "cp932": "Shift-JIS",
    "euc_jp": "EUC-JP",
    "gb18030": "GB18030",
    "big5": "Big5",
    "cp949": "EUC-KR",
}
_WORDS = frozenset(word for words in FUNCTION_WORDS.values() for word in words if len(word) > 1)
_NOT_WESTERN = 0.3
"""Share of strange signs among those beyond ASCII from which on a text is in no Western encoding.
Western texts read rightly have 0 to 0.1, Cyrillic and Greek ones read as Western ones nearly 1."""

_OF_ONE_LANGUAGE = 0.9  # share of letters that a language has, from which on it may be that one
_TELLING = 0.1  # share of its most frequent words among all, from which on more tell no more
_LIKELY = {"cp1252": 0.1, "iso8859-15": 0.1, "cp850": -0.1, "cp852": -0.1, "cp857": -0.1}
_CLEAR = 0.08  # by how much a code page must win

_SOME = 4  # words, of which one is among the most frequent of its language
_USUAL = frozenset("’‘“”„‚–—…•·«»‹›€£©®™°§¿¡\xa0ªº")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_TORN = re.compile("[\u0430-\u045f][\u0400-\u042f]")

# What no word has that is read in the right encoding: an accented capital behind a small letter
# ("itÕs") or before one ("ZŸrich"), a sign or a small figure within ("Stra§e", "c½ur", "mówi¹"),
# three accented letters in a row, a control character, a currency sign that nobody uses.
_STRANGE = re.compile(
    "(?<=[a-z])[À-ÖØ-ÞŠŽŸ]|(?<=[A-Z])[À-ÖØ-ÞŠŽŸ](?=[a-z])"
    "|(?<=[A-Za-z])[^\x00-\x7f\\w\\s’‘–—…·“”](?=[a-z])|(?<=[A-Za-z])[¹²³¼½¾](?=[a-z])"
    "|(?<=[a-z])[†‡‚„‰ˆ˜÷¨¯¸¬¦]|(?<=[a-z])[“”„](?=[a-z])|(?<=[a-z])[±¶]|[±¶](?=[a-z])|[^\x00-\x7f]{3,}|[\x80-\x9f¤\ufffd]"
)


def name_of(codec: str) -> str:
    """Return the name that people know a codec by."""
    return _NAMES.get(codec) or codec.replace("cp", "Windows-").replace("iso", "ISO-")


def guess(sample: bytes) -> str | None:
    """Return the codec of a text that is not UTF-8, or None where none makes sense of it.

    `sample` should be no more than some 100,000 bytes; the same bytes give the same answer.
    """
    # Words without accents read alike in every Latin code page, enough to name the language.
    if language(sample.decode("cp1252", "replace"), spelt=False) == "Vietnamese":
        return "cp1258"
    found = _by_letters(sample)
    if found or found is None:
        return found
    # Several languages in one text, or English: names and quotes of any of them.
    codec = _least_strange(sample, _WESTERN)
    if _strangeness(sample, codec) <= _NOT_WESTERN:
        text = sample.decode(codec, "replace").lower()
        icelandic = sum(map(text.count, "ðþý"))
        return codec if icelandic <= _NOT_WESTERN * _beyond(text) else None
    return _by_script(sample)


def _by_letters(sample: bytes) -> str | None:
    """Return the code page in which the letters are those of one language.

    "" where there is none, None where there are several and the words do not tell which it is.
    """
    scores: list[tuple[float, str, str]] = []
    texts: dict[str, str] = {}
    for codecs, alphabets in _ALPHABETS.items():
        for codec in codecs:
            text = texts[codec] = normalize("NFC", sample.decode(codec, "replace")).lower()
            words = Counter(re.findall(r"[^\W\d_]+", text))
            signs = _beyond(text)
            for name, letters in alphabets.items():
                share = sum(map(text.count, letters)) / signs if signs else 1.0
                known = sum(words[word] for word in FUNCTION_WORDS.get(name, ()) if len(word) > 1)
                # Pages of MS-DOS and old Macs: only where the words tell the language as well.
                if share < _OF_ONE_LANGUAGE or (codec in _OLD and not known):
                    continue
                told = min(1, known / (_TELLING * max(words.total(), 1)))
                likely = 0 if name in _RARE else _LIKELY.get(codec, 0)
                scores.append((share + told + likely - _strangeness(sample, codec), codec, name))
    if not scores:
        return ""
    # max finds the first of equals: the likeliest code page of a language.
    best, codec, name = max(scores, key=lambda one: one[0])
    others = [score for score, other, its in scores if its != name and texts[other] != texts[codec]]
    return codec if best - max(others, default=0) >= _CLEAR else None


def _by_script(sample: bytes) -> str | None:
    """Return the codec of a text in other letters than Latin ones."""
    # Imported here: only files in an old encoding need it.
    from charset_normalizer import from_bytes

    # Thai comes last: short Hebrew, Chinese and Japanese texts would pass for it.
    matches = list(from_bytes(sample, cp_isolation=list(_OTHERS)))
    matches = matches or list(from_bytes(sample, cp_isolation=["cp874"]))
    # Half-width katakana are what bytes of other pages look like in Shift-JIS.
    matches = [one for one in matches if 3 * len(_HALF_WIDTH.findall(str(one))) < len(str(one))]
    if not matches:
        return None
    # The matches come by plausibility; a short text needs its words to tell KOI8-R from 1251.
    words = [re.findall(r"[^\W\d_]+", str(match).casefold()) for match in matches]
    # ASCII words read alike in all matches and tell nothing.
    known = [sum(word in _WORDS and not word.isascii() for word in found) for found in words]
    # Read in a wrong code page, small letters become capitals: "длЯ".
    torn = [len(_TORN.findall(str(match))) for match in matches]
    # max finds the first: on ties the most plausible match.
    best = max(range(len(matches)), key=lambda at: known[at] - torn[at])
    # Arabic in another page passes for Cyrillic or Greek, but never has their words.
    others = len(re.findall("[\u0370-\u04ff]{2,}", str(matches[best])))
    return matches[best].encoding if known[best] > torn[best] or others < _SOME else None


def _beyond(text: str) -> int:
    """Count the characters beyond ASCII that are no usual sign, or one where no word has it."""
    other = sum(char > "\x7f" and char not in _USUAL for char in text)
    return other + sum(found in _USUAL for found in _STRANGE.findall(text))


def _least_strange(sample: bytes, codecs: tuple[str, ...]) -> str:
    """Return the codec that leaves the fewest strange signs, the first one on ties."""
    return min(codecs, key=lambda codec: _strangeness(sample, codec))


def _strangeness(sample: bytes, codec: str) -> float:
    """Return the share of characters beyond ASCII that stand where no word has them."""
    text = sample.decode(codec, "replace")
    beyond = sum(char > "\x7f" for char in text)
    return sum(map(len, _STRANGE.findall(text))) / max(beyond, 1)

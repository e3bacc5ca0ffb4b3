"""Where somebody is spoken of by name within a sentence: "my friend Xolani", "I showed Xolani how".

A capital word that no list has is taken for a name only in these places: elsewhere it may be a
tool. English only; `person` masks names with them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vocation.text.clean import word_set

# One or two words with a capital letter; no digit, no capital within: "Unity3D", "AutoCAD".
_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿ])(?:[^\W\d_]|['’-](?!s\b)(?=[^\W\d_])){1,24}(?![\w-])"
NAME = rf"(?!(?:I|I['’]\w+)\b){_CAPITAL}(?:\s{_CAPITAL})?"
_ONE = rf"(?!(?:I|I['’]\w+)\b){_CAPITAL}"
_WITHIN = (
    r"((?<=[\w,;)'’]\s)(?<!\bin\s)(?<!\bfrom\s)(?<!\bat\s)(?<!\bof\s)(?<!\bnear\s)(?<!\bthe\s)(?<!\ba\s)"
    r"(?<!\ban\s)(?<!\bto\s)(?<!\bfor\s))"
)  # not at the beginning of a sentence, where any word has a capital

_KIN = word_set(
    "friend mate buddy pal neighbour neighbor colleague coworker co-worker workmate flatmate"
    " roommate housemate classmate teammate boss manager supervisor mentor tutor coach teacher"
    " trainer cousin brother sister mother father mum mom dad son daughter child kid baby twin"
    " uncle aunt auntie aunty nephew niece husband wife partner boyfriend girlfriend fiance fiancee"
    " grandmother grandfather grandma grandpa gran granny grandad granddad nan grandson"
    " granddaughter stepdad stepmum stepson sister-in-law brother-in-law mother-in-law"
    " father-in-law sibling parent relative girl boy guy woman man lady person somebody someone lad"
    " landlord landlady"
)
_KINDS = "|".join(sorted(_KIN, key=len, reverse=True))
# What only a person is done to; "show" and "give" need what is shown or given, for "I taught Rust".
_TO_A_PERSON = (
    "told|tell|telling|ask(?:ed|ing|s)?(?: for)?|thank(?:ed|ing)?|convinc(?:ed|ing)"
    "|persuad(?:ed|ing)"
    "|promis(?:ed|ing)|phon(?:ed|ing)|hugg(?:ed|ing)|invit(?:ed|ing)|remind(?:ed|ing)?"
    "|warn(?:ed|ing)?|begg(?:ed|ing)|introduc(?:ed|ing)|comfort(?:ed|ing)?"
    "|looked after|look after|looking after|car(?:e|ed|ing) for"
    "|babys(?:it|at|itting)|teas(?:ed|ing)|interview(?:ed|ing)|coach(?:ed|ing)"
    "|cheer(?:ed|ing)? up|calm(?:ed|ing)? down|listen(?:ed|ing)? to|spoke to|speak to"
    "|talk(?:ed|ing)? to"
    "|wrote to|writing to|wait(?:ed|ing)? for|pray(?:ed)? for|argu(?:ed|ing) with"
)
_SOMETHING = (
    "show(?:ed|ing|s)?|teach(?:ing|es)?|taught|help(?:ed|ing|s)?|g(?:ave|ive|iving|ives)|let(?:ting|s)?"
    "|lent|sent|owe|owed|bought|brought|made|saw|heard|watch(?:ed|ing)|[Tt]rust(?:ed|s)?"
)
_ITS_OBJECT = (
    r"(?=\s+(?:how|what|why|where|when|which|the|an?|my|his|her|their|our|some|everything"
    r"|with (?:his|her|their|my|the|a|homework)|through|around|into|out|about|cook|bake|fix|build"
    r"|learn|write|sell|do|make|find|get|go|read|win|die|cry|laugh)\b)"
)
_TOGETHER = (
    "talk|talks|talked|talking|chat|chatting|chatted|live|lived|living|share|shared|sang|sing"
    "|singing|dance|danced|dancing|friends|walk|walked|walking|travel|travelled|traveled|travelling"
    "|grew up|date|dating|lunch|coffee|dinner|tea|beer|laugh|laughed|laughing|together|stay"
    "|stayed|staying|sat|sit|sitting|cook|cooked|cooking|went|go|going|flat|room|house|call|evening"
    "|evenings|afternoons|weekends?|summers?|conversations?|chats?|ran|run|running"
)
_SPEAKS = (
    "says|said|thinks|thought (?:I|it|that|we|my|about)"
    "|told|tells|asked|asks|laughed|laughs|smiled|smiles"
    "|taught me"
    "|showed me|shows me|teaches me|calls me|called me|wants me|wanted me|knows me|knew|hates|cried"
    "|cries|lets me|let me|helped me|helps me|replied|joked|jokes|trusts|trusted|believes|believed"
    "|remembers|reckons|insists|insisted|swears|explained|gave me|gives me|lent me|never gives"
    "|never gave|always says|always said|still says|once told|once said|keeps saying|keeps telling"
    "|complains|complained|nodded|shouted|shouts|whispered|died"
    "|will go far|grinned|grins|worries|worried|encouraged me|encourages me|persuaded me"
    "|convinced me|invited me|introduced me|hired me|offered me|depends on me|relies on me|needs me"
    "|loves|loved|hated|lives|lived|cooks|bakes|sings|sleeps|eats|hugged|hugs|taught|learnt|learned"
    "|moved|grew up|was born|passed away|fell|came home|comes home|came over|comes over|came back"
    "|broke (?:his|her|their)|lost (?:his|her|their)|(?:is|was|got|fell) (?:ill|sick|hurt|married"
    "|born|little|small|young|away|sad|angry|tired|hungry|lonely|old|pregnant|in hospital|dying)"
    "|is like (?:me|my)|(?:is|was) just like|and (?:his|her)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place where a text speaks of somebody by name. One of the words `cues` must be there.

    `pattern` has three groups: what is before, the name, what is behind. `left` is put in place of
    the name.
    """

    cues: frozenset[str]
    pattern: re.Pattern[str]
    left: str = "somebody"


def _place(cues: str, pattern: str, left: str = "somebody") -> Place:
    # In small letters: "Nursing Assistant" and "Manager Customer Service" are titles.
    return Place(word_set(cues), re.compile(pattern), left)


BEHIND_OBJECT = (
    r"(?=\s*(?:[.,;:!?\"”)–—-]|$)|\s+(?:when|who|and|because|if|to|by|at|in|on|how|what|about|that"
    r"|whether|why|for|from|with|I|he|she|they|we|my|his|her|their|everything|something|first|it|in"
    r"|while|until|as|or|but|the|a|so|than|every|last|again|after|before|during|yesterday)\b)"
)
"""What stands behind somebody who is asked or told; "asked for Access control" names nobody."""

_OWN = r"(['’]s\b|)"
PLACES = (
    # "my friend Xolani"; small letters, for "Manager Customer Service" is a title
    _place(
        " ".join(_KIN) + " law",
        rf"(\b(?:[Mm]y|[Oo]ur|his|her|their|your|an?|old|best|new|late|the) (?:{_KINDS}))"
        rf"(?: of mine,?)?(?:,(?=\s\w+,))?\s+({NAME}){_OWN}",
        "",
    ),
    _place(
        "called named",
        rf"(\b(?:{_KINDS}|student|pupil|apprentice|intern|trainee|patient|client|customer))"
        rf",? (?:(?:who )?(?:is|was) )?(?:called|named)\s+({NAME}){_OWN}",
        "",
    ),
    _place(
        "told tell telling ask asks asked asking thank thanked after for convinced"
        " persuaded promised phoned hugged invited reminded warned introduced comforted"
        " babysit babysat teased interviewed coached up down to with begged convincing",
        rf"(\b(?:{_TO_A_PERSON})\s+)({NAME}){_OWN}{BEHIND_OBJECT}",
    ),
    _place(
        "met married",
        rf"(\b(?:met|married)\s+)({NAME}){_OWN}"
        r"(?=\s*(?:[,.;!?)]|$)|\s+(?:at|in|on|and|when|who|through|while|because|last|during)\b)",
    ),
    _place(
        "show showed showing shows teach teaching teaches taught help helped helping helps gave"
        " give giving gives let letting lets lent sent owe owed bought brought made saw heard"
        " watched watching trust trusted trusts",
        rf"(\b(?:{_SOMETHING})\s+)({NAME})(){_ITS_OBJECT}",
    ),
    _place(
        "help helps helped helping trust trusts trusted",
        rf"(\b(?:help(?:ed|ing|s)?|[Tt]rust(?:ed|s)?)\s+)({NAME})()(?=\s+(?:to|with)\b)",
    ),
    _place(
        "with",
        rf"(\b(?:{_TOGETHER})(?: \w{{1,12}})?\s+with\s+)({NAME})()"
        r"(?=\s*(?:[,.;!?)]|$)|\s+(?:and|about|in|at|on|every|because|until|when)\b"
        r"|\s+from (?:school|work|next|across|the|my)\b)",
    ),
    _place(
        "next beside like after thanks birthday wedding funeral death memory house voice help son"
        " daughter friend mother father sister brother for care",
        r"((?:\b(?:next to|beside|sit behind|sat behind|someone like|somebody like|named after"
        r"|[Tt]hanks to"
        r"|(?:birthday|wedding|funeral|death|memory|house|voice|help|sons?|daughters?|friends?|mother"
        r"|father|sister|brother|parents|kids|children|wife|husband) of"
        r"|(?:cook|bak|sew|knit|car|read|sing|babysit|translat|interpret|cak|present|gift|dress|dinner"
        r"|lunch|party|surprise|card|letter|song|jumper|sweater|room|bed)(?:e|ed|es|s|ted|ting|ing)?"
        r"(?: \w+)? for|fond of|proud of)"
        rf")\s+)({NAME}){_OWN}(?![\w-])",
    ),
    _place(
        "for any every because",
        rf"(\bfor\s+)({NAME})()(?=\s+(?:any (?:day|time)|every (?:day|week|sunday|morning)"
        r"|because (?:he|she|they)|and (?:his|her)|when (?:he|she|they)|who)\b)",
    ),
    _place(
        "from",
        r"(\b(?:learn(?:t|ed)|borrowed|inherited|got|heard) (?:it|this|that|them|everything|how"
        rf"|most of it|all this|a lot)\s+from\s+)({NAME})()(?=\s*(?:[,.;!?)]|$)"
        r"|\s+(?:who|and|when)\b)",
    ),
    _place(
        "people",
        rf"(\b[Pp]eople like\s+)({NAME})()(?=\s+(?:inspire|make me|who|give me)\b)",
    ),
    _place(
        "with",
        r"(\b(?:learn(?:t|ed)?|practi[sc]ed?)(?: (?:it|this|that|them|everything|a lot"
        r"|most of it|all of it|together))?\s+with\s+)"
        rf"({NAME})()(?=\s*(?:[,.;!?)]|$)|\s+(?:and|at the|in the|on the|who)\b)",
    ),
    _place(
        "me one badge door card tag",
        r"(\b(?:[Mm]e and|only one|(?:badge|door|card|tag)(?: it)? (?:says|said|reads))\s+)"
        rf"({_ONE}){_OWN}",
    ),
    # "Xolani says", "Xolani and I", "Xolani, who"
    _place(
        " ".join(_SPEAKS.replace("|", " ").split()), rf"{_WITHIN}({NAME})()(?=,?\s+(?:{_SPEAKS})\b)"
    ),
    # A subject: "from Deloitte and I" is none.
    _place(
        "i me",
        r"((?<=\s)(?=[^\W\d_a-zß-öø-ÿ])(?:(?<=,\s)|(?<=\bwhen\s)|(?<=\bthen\s)|(?<=\bthat\s)|(?<=\bwhile\s)|(?<=\bwhere\s)|(?<=\buntil\s)"
        r"|(?<=\bbecause\s)|(?<=\bif\s)|(?<=\bas\s)|(?<=\band\s)|(?<=\byesterday\s)|(?<=\bYesterday\s)))"
        rf"({NAME})()(?=\s+and\s+(?:I|me)\b(?![-'’]))",
    ),
    _place(
        "and",
        rf"((?:^|(?<=[.!?]\s)))(?!\w*(?:er|or|ist|ian|ant|ent|urse|hef|ook)\s)({NAME})()"
        r"(?=\s+and\s+(?:me|I (?:started|ran|run|live|lived|met|shared?"
        r"|built|build|used to|grew|went|made|make|bought|opened|moved|work|worked|married|decided"
        r"|travel|travelled|played|cook|cooked|bake|baked|fix|fixed|sing|study|studied|learnt|learned"
        r"|spent|organi[sz]ed|founded|renovated|sold|sell))\b)",
    ),
    _place(
        "was is were",
        rf"(\b[Ii]t (?:is|was)\s+)({NAME})()(?=\s+who\b)",
    ),
    _place(
        "s",
        rf"((?:^|(?<=[.!?]\s)))(?!\w+(?:er|or|ist|ian|min|man|one|body)['’])({_ONE})(['’]s)(?=\s+(?:{_KINDS}|birthday|wedding|funeral)\b)",
    ),
    _place(
        "who whom my our whose",
        rf"{_WITHIN}({NAME})()(?=,\s+(?:who|whose|(?:my|our) (?:\w+ )?(?:{_KINDS}))\b"
        rf"|\s+(?:is|was) (?:my|our) (?:\w+ )?(?:{_KINDS})\b)",
    ),
    # "Xolani's kitchen": what belongs to a person alone
    _place(
        "s",
        rf"{_WITHIN}({_ONE})(['’]s)(?=\s+(?:{_KINDS}|house|kitchen|place|wedding|birthday"
        r"|garden|dog|cat|bike|family|room|hair|hands?|face|eyes|funeral|homework|parents|kids"
        r"|children|flat|hospital bed|death|smile|voice|idea|advice|turn|bakery|workshop)\b)",
    ),
    # "Every evening Xolani calls", "how Xolani looked at me"
    _place(
        "after on every last at sometimes",
        r"(\b(?:[Aa]fter|[Oo]n|[Ee]very|[Ll]ast|[Aa]t) \w+,?\s+|\b[Ss]ometimes,?\s+)"
        rf"({NAME})()(?=\s+(?:and I|always|never|often|still|calls|called|comes|came|goes|went|sat"
        r"|sits|plays|visits|visited|brings|brought|needs|wants|lets)\b)",
    ),
    _place(
        "me us",
        rf"{_WITHIN}({NAME})()(?=\s+(?:always |never |often |once |still )?"
        r"(?!(?:and|or|is|was|has|to|in"
        r"|for|on|with|at|that|which|contact|email)\b)\w+(?:\s+(?:at|to|with|for|after))?\s+(?:me|us)\b)",
    ),
    _place(
        "would says said thinks asked told",
        r"((?:^|(?<=[.!?]\s)))(?!(?:Every|No|Some|Any)(?:body|one)\b|One\b|People\b|Others\b|She\b|He\b"
        r"|They\b|It\b|This\b|That\b|Who\b|We\b|You\b|\w*(?:er|or|ist|ian|ant|ent|tion|ment|nce|ness|ity|ing|ism|s)\b)"
        rf"({NAME})()(?=\s+(?:says|said|thinks|asked me|told me"
        r"|would (?:laugh|say|cry|love|tell))\b)",
    ),
    _place(
        "like without from",
        r"(\b(?:be like|just like|[Ww]ithout(?=\s\w+,? (?:I|we)\b)|(?:came|comes) from)\s+)"
        rf"({NAME}){_OWN}"
        r"(?=\s*[,.;!?)]|$|\s+(?:I|we|and|who|when)\b)",
    ),
    _place(" ".join(_KIN), rf"(\b(?:[Mm]y|[Oo]ur|his|her|their) (?:{_KINDS}),? and\s+)({NAME})()"),
    _place(
        "carried carry see kissed fed dressed drove lifted",
        rf"(\b(?:carried|carry|see|kissed|fed|dressed|drove|lifted)\s+)({NAME})()"
        r"(?=\s+(?:with (?:a|his|her|my)|down|up|home)\b)",
    ),
    # '"Xolani never gives up"'
    _place(
        "never always is was has will can works knows could would",
        rf"([\"“‘]\s?)({_ONE})()(?=\s+(?:never|always|is|was|has|will|can|works|knows|could"
        r"|would)\b)",
    ),
)

_ORGANISATION = word_set(
    "cross crescent university school college hospital bank ltd inc gmbh street road church club"
    " center centre team council department office suite studio cloud pro academy institute"
    " rangers scouts army force guard group company university cup league festival award lab labs"
    " agency ministry museum theatre theater cafe hotel restaurant borders aid nations fund store"
)
_CALENDAR = word_set(
    "monday tuesday wednesday thursday friday saturday sunday january february march"
    " april may june july august september october november december"
    " christmas easter ramadan god internet santa earth english"
)
_PLURAL = re.compile(r"[bcdfgklmnprt]s$")  # "Macs", "Phones"; names such as Hans are listed
_JOINED = re.compile(r"^(?:Mc|Mac|De|La|Le|O['’]|D['’]|Di|Du|Da|Ke|Ja|Sha|Ra|Ta|Al|El|Jo|Van)[A-Z]")


CAPITAL_WITHIN = re.compile(
    r"(?<=[^\s.!?\"“‘] )(?!I\b)[^\W\d_a-z][^\W\d_]+|(?<=[\"“‘])[^\W\d_a-z][^\W\d_]+"
    r"|(?:^|(?<=[.!?] ))[^\W\d_a-z][^\W\d_]+(?=['’]s\b| and (?:I|me)\b"
    r"| (?:says|said|thinks|asked|told|would)\b)"
)
"""What every place needs: a capital word within a sentence."""


# A sentence may begin with these before a name.
_OPENING = word_set("My Our Me Trust Ask When And But Then Because If While Yesterday")


def in_title(text: str, start: int) -> bool:
    """Whether a capital word stands before `start`: "Help Desk Support", "Ambitious Director"."""
    word = (text[max(0, start - 30) : start].split() or [""])[-1]
    return len(word) > 1 and word[0].isupper() and word[-1].isalnum() and word not in _OPENING


def is_thing(words: list[str]) -> bool:
    """Whether capital `words`, of which no list of names has the first, are surely no person."""
    first, last = words[0], words[-1].casefold()
    low = first.casefold()
    within = first.replace("-", "")[1:]
    return bool(
        low in _CALENDAR
        or low in _KIN
        or low.removesuffix("s") in _CALENDAR
        or (len(words) > 1 and last in _ORGANISATION)
        or _PLURAL.search(last)
        or ("-" not in first and not within.islower() and not _JOINED.match(first))
    )

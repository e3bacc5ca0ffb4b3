"""Tell whether somebody holds or held the job that a text names: "I worked as a nurse".

A wish ("I want to be a nurse"), a denial, a condition, and somebody else's job are none. It leans
to the safe side, since who had a job is said to have its skills. English only.
"""

from __future__ import annotations

import re

from vocation.text.clauses import clauses
from vocation.text.standing import KIN

_REACH = 200  # characters before and after a title that are looked at

# Who "is" a good cook need not be one by trade.
_ADJECTIVE = (
    r"(?!(?:good|great|decent|terrible|bad|keen|passionate|amateur|hobby|home|natural|born|excellent"
    r"|fine|lousy|aspiring|future|budding|wannabe|trainee|student|failed|mock|pretend|weekend|own"
    r"|would-be|the|in|at|on|by|from|of|to|for|with|like|than|and|or|not|no|almost|nearly|big|huge|real|assistant"
    r"|friend|fan|son|daughter|patient|client|wife|husband|better|kind|sort|bit)\b)[\w'’-]+"
)
_KIND = rf"(?:an?\s+)?(?:{_ADJECTIVE}\s+){{0,2}}$"
_NOW = r"(?:(?:currently|now|still|also|already|actually|just|only|mainly|mostly)\s+)*"
_NUMBER = (
    r"(?:\d+\+?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|thirty|forty|many|several|some|few|all\s+(?:my|those))"
)
_WORKED = (
    r"(?:work(?:ed|ing)?|employed|serv(?:e|ed|ing)|freelanc(?:e|ed|ing)|practi[sc](?:e|ed|ing)"
    r"|start(?:ed)?(?:\s+out)?|trained|qualified|retired|resigned|hired|teach|taught|job|career|post"
    r"|position|role|living|experience|background|time|shifts?|life|day\s+job|stint)"
)
_I = r"\b(?:i|i['’](?:m|ve|d)|im|ive)\b"
# What is said right before the title, in one clause.
_HELD = re.compile(
    rf"""(?:
        \b(?:i\s+am|i['’]m|im)\s+{_NOW}(?:(?:by\s+)?(?:trade|profession)\s+)?
      | \bi\s+(?:was|have\s+been|had\s+been)\s+{_NOW}(?:for\s+years\s+)?
      | \b(?:i['’]ve|ive)\s+been\s+{_NOW}
      | \bi\s+used\s+to\s+be\s+
      | {_I}[^.!?;]{{0,60}}?\b{_WORKED}\s+[^.!?;,]{{0,30}}?\bas\s+
      | ^\W*(?:(?:and|then|also|now|previously|currently|have|been)\s+)*
          (?:work(?:ed|ing)|employed|trained|qualified|served|retired)\s+as\s+
      | \b(?:after|spent|with|for|did|my|have|had)?\s*{_NUMBER}\s+(?:\w+\s+)?
          (?:years?|months?|decades?)\s+(?:of\s+(?:work|working)\s+|working\s+|on\s+and\s+off\s+)?as\s+
      | \bmy\s+(?:current|last|old|former|present|previous|day|first|main)?\s*
          (?:job|profession|occupation|trade|title|work)\s+(?:is|was|has\s+been)\s+(?:as\s+)?
      | {_I}\s+(?:\w+\s+){{0,2}}(?:left|quit|stopped|done|tired\s+of|sick\s+of
          |bored\s+(?:of|with)|hate|like|love|enjoy|liked|loved|enjoyed)\s+being\s+
    ){_KIND}""",
    re.I | re.X,
)
# "Former electrician looking for ...", at the start of a clause or behind "I'm a".
_FORMER = re.compile(
    r"(?:^\W*(?:an?\s+)?|\bi\s+am\s+an?\s+|\bi['’]?m\s+an?\s+|\bas\s+an?\s+)"
    r"(?:former|ex|retired|qualified|certified|licensed)[\s-]+(?:[\w-]+\s+)?$",
    re.I,
)
# "Nurse with twelve years on the wards", "Chef, 34": the first word of a text.
_HEADLINE = re.compile(
    rf"\s+with\s+(?:over\s+|more\s+than\s+|about\s+)?{_NUMBER}\s+(?:\w+\s+)?years?|,\s*(?:1[89]|[2-9]\d)\b"
    r"|\s+by\s+(?:trade|profession)\b",
    re.I,
)
_UNREAL = re.compile(
    r"\b(?:want(?:s|ed|ing)?|wanna|wish\w*|hop(?:e[sd]?|ing)|dream\w*|would|wouldn['’]t|could|should"
    r"|might|may|if|had\s+i|imagin\w*|plan(?:s|ned|ning)?|going\s+to|gonna|like\s+to|love\s+to"
    r"|think(?:ing)?\s+(?:of|about|that)|consider\w*|appl(?:y|ied|ying)|one\s+day|almost|nearly|when\s+i"
    r"|once\s+i|until\s+i|before\s+i|as\s+if|as\s+though|pretend\w*|play(?:ed|ing|s)?|whether|believe"
    r"|interview\w*|rejected|studying|look(?:ing)?\s+for|instead\s+of|rather|never|not|neither|nor"
    r"|hardly|cannot|without|becom\w+|offered|dressed|see\s+myself|seeing\s+myself"
    r"|everyone|everybody|decided|says?|said|told|call(?:s|ed)?)\b|n['’]t\b|['’]d\s+(?:be|like|love|rather)",
    re.I,
)
_OTHERS = re.compile(rf"\b(?:he|she|they|his|her|their|{KIN})\b(?!\s*(?:,|and)\s+i\b)", re.I)
# What may follow the title; "a nurse assistant", "a lawyer's son" are others.
_FOLLOWS = re.compile(
    r"\s*(?:$|[.,;:!()–—\n]|-\s|\b(?:at|in(?!\s+(?:training|my\s+dreams|the\s+making|a\s+(?:play|film|game)))"
    r"|for(?!\s+(?:a|one)\s+(?:day|night))|with|by|and|but|since|from|on|until|till|who|now|looking|wanting"
    r"|so|because|before|after|during|today|currently|working|again|too|of(?!\s+sorts)|under|when|while|where"
    r"|tired|all|these|this|last|then|though|anymore|any\s+more|here|i|i['’]m|seeking|turned"
    r"|\d+)\b(?!\s+(?:heart|training)\b))",
    re.I,
)
_OVER = re.compile(r"\b(?:no\s+longer|not\s+any\s*more)\b", re.I)


def is_held(text: str, start: int, end: int) -> bool:
    """Whether the person holds or held the job `text[start:end]`."""
    rest = text[end : end + _REACH]
    if rest.startswith(("'s", "’s")) or not _FOLLOWS.match(rest):
        return False
    base = max(0, start - _REACH)
    piece = text[base : end + 1]
    # The clause before the title, and only what is said of the person.
    begin = max(a for a, _ in clauses(piece, most=len(piece) + 1) if a <= start - base)
    lead = _OVER.sub(" ", re.split(r"[.!?;]\s", text[base + begin : start])[-1])
    if not text[:start].strip(" \t\"'-*•Aan") and _HEADLINE.match(rest):
        return True
    if re.match(r"[^.!;\n]*\?", rest) or _UNREAL.search(lead) or _OTHERS.search(lead):
        return False
    return bool(_HELD.search(lead) or _FORMER.search(lead))

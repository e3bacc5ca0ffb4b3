"""Notice texts that need a person rather than a career: distress, and choosing among people.

English only. The rules are lists of word families in small windows, in the first person and the
present: "I want to work with victims of violence", "this job is killing me" and "when I was
fourteen I wanted to die, now I want to be a therapist" are ordinary texts. They miss what they
have no words for, and are no substitute for a person who reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from vocation.text.clean import word_set

# --- building blocks: all lower case, without apostrophes, one blank between words ---------------

_ADV = (
    r"(?:(?:really|just|honestly|actually|simply|truly|kinda|kind of|only|even|still|also|often"
    r"|always|sometimes|so|seriously|literally|mostly|genuinely|secretly|all|now|lately|currently"
    r"|constantly|fucking|completely|totally|very|such|feeling|deeply|almost|nearly|too|again"
    r"|quite|ever|about|probably|maybe|some days|most days) ){0,3}"
)
_I = rf"\bi(?:m| am|ve| have| feel| felt| get| keep)? {_ADV}"
_WANT = (
    rf"\bi(?:d|m|ve)? {_ADV}(?:want(?:ed)? to|wanna|wish to|would like to|like to|long to|hope to"
    r"|need to|plan to|planning to|(?:am )?going to|gonna|(?:am )?about to|will|would rather|rather"
    r"|might|could|should|may|(?:am )?ready to|(?:am )?thinking of|want)"
    rf" {_ADV}"
)
_DO_NOT = r"\b(?:dont|do not|didnt|no longer|never|not|cant|cannot)"
# What may follow a phrase that ends its thought: "I don't want to live", not "... live in a city".
_END = (
    r"(?=\s*(?:$|[,:()\-–—/<]|(?:any ?more|any longer|no more|at all|and|but|so|because|cause|cuz"
    r"|bc|tbh|lol|right now|honestly|now|today|tonight|tomorrow|either|again|like this|this way"
    r"|these days|sometimes|ever|forever|for good|i|im|my|when|since|anyway|as|or|too|if|please"
    r"|really|most days|every day|all the time|already|soon)\b))"
)
_PARTNER = (
    r"(?:husband|hubby|wife|boyfriend|girlfriend|bf|gf|partner|fiancee?|ex(?: \w+)?|spouse"
    r"|other half|old man|man i live with)"
)
_FAMILY = (
    r"(?:dad|daddy|father|papa|mum|mom|mam|mama|mummy|mommy|mother|parents?|brothers?|sisters?"
    r"|uncles?|aunts?|cousins?|grand(?:father|mother|pa|ma|dad|parents)|family|guardian|son|in laws"
    r"|(?:step|foster) ?(?:dad|father|mum|mom|mother|brother|parents|family|son)"
    r"|(?:mums|moms|mothers|sisters) (?:boyfriend|partner|husband)|(?:father|mother|brother) in law)"
)
_LOVER = rf"(?:\bmy (?:\w+ )?{_PARTNER}|\bhe|\bshe|\bhes|\bshes)"
_KIN = rf"(?:\b(?:my|our) (?:\w+ )?(?:{_PARTNER}|{_FAMILY})|\bhe|\bshe|\bthey|\bhes|\bshes|\btheyre)"
# Between the one who does and what is done: "my dad, who drinks, always hits us".
_DOES = rf"[ ,](?:(?!\bi\b)[\w ]{{0,30}} )??{_ADV}"
_US = (
    r"(?:me|us|my (?:\w+ )?(?:mum|mom|mam|mother|sisters?|brothers?|siblings|kids?|children|son"
    r"|daughter|baby|mummy|mommy|wife|nan|gran)|our (?:\w+ )?(?:kids|children|mum|mom|mother))"
)
_GONE = (
    r"(?:gone|dead|died|die|disappear(?:ed)?|vanish(?:ed)?|(?:wasnt|werent|isnt|am not|was not"
    r"|were not|not) (?:here|around|alive|there|born)|didnt exist|did not exist|stopped existing"
    r"|never (?:been )?(?:born|existed|woke up|came back)|had never been born|hadnt been born"
    r"|ended it|left (?:this|the) world|killed myself|jumped)"
)
_KILL = r"(?:k[i1!*]ll|hang|drown|shoot|unalive|off|end|gas|poison|stab|delete|suffocate)"
_MEDICINE = r"(?:pills|tablets|paracetamol|meds|medication|painkillers|sleeping pills|aspirin)"


@dataclass(frozen=True, slots=True)
class _Family:
    """Patterns of one kind. None is tried on a sentence without one of the words `cues`, nor on one
    that `unless` finds something in.
    """

    cues: frozenset[str]
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None


def _family(cues: str, patterns: Iterable[str], unless: str | None = None) -> _Family:
    return _Family(
        word_set(cues), re.compile("|".join(patterns)), re.compile(unless) if unless else None
    )


# "I can't take this any more" beside one of these is about work.
_WORK = (
    r"\b(?:jobs?|work\w*|office|desk|boss|compan(?:y|ies)|careers?|employers?|shifts?|retail|sales"
    r"|colleagues?|customers?|clients?|commut\w+|meetings?|spreadsheets?|industry|profession|team"
    r"|football|match|manager|banking|accounting|factory|kitchen|project|film|movie|book|novel)\b"
)
# What was, and is told as what was, speaks for the wish that follows.
_PAST = (
    r"\b(?:years ago|when i was|as an? (?:child|kid|teen\w*|young)|growing up|in the past|survived"
    r"|survivors?|used to|back then|long ago|childhood|recovered|that is why|thats why)\b"
)
_SPORT = (
    r"\b(?:spar\w*|box(?:ing|er)|karate|judo|martial|taekwondo|fenc\w+|wrestl\w+|tennis|badminton"
    r"|rugby|chess|cards|games?|rac(?:e|es|ing)|football|ping pong|hockey|gym|monopoly|mario"
    r"|paintball|debates?|quiz\w*|swim\w*|run(?:ning)?|arguments?|scrabble|poker|drum\w*)\b"
)

_DISTRESS = (
    _family(  # not to live
        "die dying dead death live living lived alive exist existing existence here wake waking"
        " sleep disappear vanish born life point around end gone kms ctb",
        (
            rf"{_WANT}(?:die|be dead)(?! (?:of|laughing|for|on stage|happy|rich|knowing|doing|a|in"
            r" (?:my|peace)|with my boots|old|trying|learning|poor|before|young))",
            rf"{_WANT}(?:stop (?:existing|living|being alive)|not (?:exist|be here|be alive|live"
            rf"|wake up)){_END}",
            rf"{_WANT}(?:be gone|(?:disappear|vanish)(?: (?:completely|forever|for good|from (?:this"
            rf" |the )?(?:world|earth|face)|off the face))?|cease to exist){_END}",
            rf"{_DO_NOT} {_ADV}(?:want|wanna|wish|feel like|care|deserve|like|need|see why)"
            rf"(?: to| i should)? {_ADV}(?:live|living|be alive|being alive|exist|existing|be here"
            rf"|be around|being here|wake up|waking up|be in this world|be on this (?:earth|planet)"
            rf"|live (?:this|my) life|live life|continue living|go on living){_END}",
            rf"\bi (?:wish|hope|pray) {_ADV}(?:that )?i (?:was|were|am|would|could|wouldnt|wont|dont"
            rf"|didnt|had|hadnt|never|just)(?: (?:just|simply|never|all|not))* (?:{_GONE}|be dead"
            r"|be gone|sleep for ?ever|wake up|been born|exist|fall asleep|die|born|in the ground)"
            r"(?! (?:early|earlier|at|with|with more|into|in a|to))",
            r"\bi wish (?:i )?(?:had )?never (?:been |was )?born",
            rf"\brather (?:be dead|not (?:exist|be alive|be here)|die){_END}",
            r"\b(?:sleep|asleep)\b.{0,15}\b(?:never|not|dont|without ever) (?:wake|waking)",
            r"\bsleep for ?ever",
            r"\b(?:not|never) wak(?:e|ing) up (?:again|any ?more|one day|tomorrow|at all)",
            r"\bhop(?:e|ing) (?:that )?i (?:dont|wont|never) wake up",
            r"\b(?:tired|sick|done|finished|exhausted|weary|fed up|had enough|enough) (?:of|with)"
            rf" (?:being alive|living|life|existing|existence|being here|this life|my life){_END}",
            r"\b(?:no|any|a|another|one) reason (?:for me )?(?:to|why i should|for) (?:live|living"
            r"|go on|be here|be alive|exist|existing|keep going|stay alive|carry on|wake up)\b",
            r"\b(?:nothing|no one|nobody|not much|anything|something) (?:left |else )?to live for",
            r"\bpoint (?:of|in|to) (?:me )?(?:living|life|my life|being here|being alive|it all"
            r"|existing|going on|carrying on|waking up|staying alive|all this|me)\b",
            r"\b(?:no point (?:any ?more|to (?:anything|life|me|my life|it all))|no point (?:in"
            rf" |to )?(?:anything|everything|it all|going on|trying){_END})",
            r"\bwhats the point any ?more",
            r"\blife (?:is|isnt|is not|aint|just isnt|feels|does not feel|doesnt feel|no longer"
            rf" feels) {_ADV}(?:not )?(?:worth|pointless|meaningless|worthless|over|unbearable"
            rf"|hopeless|not worth it)(?: living)?{_END}",
            r"\bnot worth (?:living|being here|carrying on)",
            r"\blife (?:has|holds|have) (?:no|lost (?:all|its|any)) (?:meaning|point|sense|purpose)",
            rf"\b(?:given up|giving up|give up|gave up) on (?:life|living|myself|everything){_END}",
            r"\b(?:stop|stopped|quit) (?:living|existing|being alive)\b",
            r"\b(?:leave|leaving|depart|exit) this (?:world|life|earth)\b",
            rf"\b(?:i|ill|i will) (?:wont|will not|might not|may not|not|probably wont) be (?:alive"
            rf"|here|around) (?:much longer|for (?:much )?long(?:er)?|to see|any ?more|[\w ]{{0,20}}"
            rf"anyway|{_END})",
            r"\bif i(?:m| am) (?:still )?(?:even )?(?:alive|here) (?:by then|next|tomorrow|at all)",
            r"\b(?:kms|ctb)\b",
        ),
    ),
    _family(  # to kill oneself
        "suicide suicidal su1cide kill killing hang drown unalive shoot end ending ended take"
        " taking took overdose overdosed overdosing pills tablets paracetamol meds rope razor noose"
        " jump jumping step stepping throw throwing goodbye letters note k1ll k*ll off offing train"
        " bridge medication painkillers commit sewerslide stab poison gas suffocate delete hanging"
        " drowning unaliving dying death dead die crash crashing drive driving traffic",
        (
            rf"\b{_KILL}(?:ing)? my ?self\b(?! (?:laughing|with|working|studying|to (?:get|meet"
            r"|finish|make|be|pass)|over|at|for|in (?:the gym|a game)|off))",
            r"\b(?:killin|unaliving|offing|unalive) (?:my ?self|me)\b",
            rf"{_WANT}unalive",
            rf"{_I}(?:be |being |become |becoming |having |thinking |had )*suicidal",
            r"\b(?:have|having|had|get|getting|my|with|fight|fighting|are|these|about) (?:these |the"
            r" |some |a lot of |constant |strong |daily |many )?suicid(?:al|e) (?:thoughts|feelings"
            r"|ideation|ideas|urges)(?<!people with suicidal thoughts)",
            rf"{_I}(?:been )?(?:think|thinking|thought|consider|considering|dream|dreaming"
            rf"|fantasi[sz](?:e|ing)|contemplat(?:e|ing)|plan|planning|plann?ed) {_ADV}(?:of|about|on"
            r"|my|to|how i (?:would|could|will)|how to|a|for)? ?(?:just )?(?:suicide|killing myself"
            r"|ending (?:it|things|my life|everything)|end (?:my life|it all|it)|dying|kill myself"
            r"|own death|not (?:being here|existing|waking up|being alive)|being dead|die"
            r"|own funeral|taking my (?:own )?life|taking all)\b",
            r"\b(?:thoughts? (?:of|about)|only think about|keep thinking (?:of|about)|cant stop"
            r" thinking (?:of|about)|think (?:a lot )?about|dream of|urges? to|ways? to|looking up)"
            r" (?:dying|killing myself|ending (?:it|my life|things)|suicide methods|how to die|die"
            r"|death (?:all|every|a lot|constantly|day)|not existing|kill myself|hurt myself)\b",
            rf"{_WANT}(?:commit(?:ting)? suicide|hang|overdose|be hit by)",
            r"\b(?:attempted|tried) (?:suicide|to (?:kill myself|end my life|take my (?:own )?life"
            r"|overdose|hang myself))(?! (?:years ago|when i was|as a|at (?:the age|\d)))",
            r"\b(?:end(?:ing)?|ended) (?:it all|my life|my own life|my suffering|my existence)\b"
            r"(?! (?:in|at|as|with) (?:a |an |the )?(?:city|office|army|monk))",
            rf"\b(?:should|could|might|want to|wanna|going to|gonna|better|just|ready to|about to|to)"
            rf" {_ADV}end (?:it|things|everything|this){_END}",
            rf"\b(?:take|taking|took) my (?:own life|life{_END})",
            r"\b(?:took|swallowed|taken|take|taking|swallow) (?:too many|all (?:of )?(?:my|the)|every"
            rf"|a (?:whole )?(?:bottle|pack|box|handful|load) of|\d+)(?: \w+)? ?{_MEDICINE}",
            rf"\b(?:sav(?:e|ed|ing)|stockpil(?:e|ed|ing)|collect(?:ed|ing)?|hoard(?:ed|ing)?|hid(?:ing"
            rf"|den)?|bought|counted|counting|have|got) (?:up )?(?:(?:my|the|enough|some|a lot of) )"
            rf"?(?:{_MEDICINE}|rope|razor|noose)(?: (?:ready|saved|hidden|in my|next to|under|to"
            rf" do it|for tonight|up|beside)|{_END})(?<!to stock)",
            rf"{_I}(?:want to |will |might |could |going to )?overdos(?:e|ed|ing)(?: (?:on (?:my|pills"
            rf"|purpose|tablets)|in \w+|last|yesterday|twice)|{_END})",
            r"\b(?:jump(?:ing)?|step(?:ping)?|throw(?:ing)? my ?self|walk(?:ing)?|run(?:ning)?|lie"
            r"|lying) (?:in front of|under|into|onto|on) (?:a|the|an oncoming|my|some|oncoming|passing)"
            r" ?(?:\w+ )?(?:trains?|tracks?|traffic|truck|lorry|bus|cars?|rails)\b(?! (?:with|of the"
            r" company|station|driver|again))",
            r"\b(?:think\w*|thoughts?|want to|wanna|going to|gonna|urge to|feel like|could|might|plan"
            r"\w*|imagin\w+|should|wonder\w*) (?:[\w ]{0,20})?\b(?:jump(?:ing)?|throw(?:ing)? my ?self"
            r"|let(?:ting)? go|step(?:ping)?) (?:off|from|out of|over) (?:a|the|my|that|this|our)"
            r" (?:\w+ )?(?:bridge|roof|building|balcony|window|cliff|ledge|platform|tower|flat)\b",
            r"\b(?:crash|driv\w+|steer\w*) (?:\w+ ){0,4}(?:into|off) (?:a|the) (?:tree|wall|bridge"
            r"|cliff|truck)\b",
            r"\b(?:suicide|goodbye|farewell|good bye) (?:letters?|notes?)\b.{0,12}$",
            r"\b(?:written|wrote|writing|write) (?:my|a|the|some) (?:suicide|goodbye|farewell|good"
            r" bye|last) (?:letters?|notes?|messages?)",
            r"^(?:so )?(?:this|it) is (?:my )?(?:good ?bye|farewell|the end for me)|^(?:good ?bye"
            r" (?:everyone|everybody|world|all|to everyone)|bye world|farewell world)",
            r"\bsewer ?slide|\bunalive",
        ),
        # What is done about other people's pain, or for fun.
        r"\b(?:bungee|parachut\w+|stunts?|skydiv\w+|prevention|hotline|novel|documentary|thesis"
        r"|my character|in films|patients?|clients|game)\b",
    ),
    _family(  # to hurt oneself
        "cut cutting cuts slit slash burn burning hurt hurting harm harming scratch hit bruise"
        " punish starve starving purge purging vomit sick throw throwing voices blade razor scars"
        " cutter bleed",
        (
            r"(?<!never )(?<!once )(?<!not )(?<!dont )(?<!to )(?<!without )(?<!accidentally )(?<!often"
            r" )\b(?:cut|burn|hurt|harm|hit|scratch|punish|bruise|injure)(?:ting|ing)? my ?self"
            rf"(?: (?:on purpose|deliberately|badly|to (?:feel|cope|calm|stop|make|get through|punish)"
            rf"|every|where no|in secret|at night|with (?:a )?(?:razor|blade|lighter|scissors))"
            rf"|{_END})(?! (?:and|when|so|as|because|while|but) (?:i |my )?(?:fell|was (?:cook|work|"
            r"climb|play)\w*|slipped|cook|chop|bake|work|had to see))",
            r"\b(?:urge|want|wanna|need|going|gonna|start|started|keep|tell me|tells me|like|trying"
            r"|tempted|wish|thoughts of|stop|think about|thinking (?:of|about)|feel like)(?: i could|"
            r" to)? (?:cut|burn|hurt|harm|punish|scratch)(?:ting|ing)? my ?self"
            r"(?! (?:a|an|some|off|free|loose|out|short|playing|at|in (?:the|a)))",
            rf"{_I}(?:been |started |started to |begun |begun to |trying not to |cant stop |relapsed"
            r" and )*self ?harm(?:ing|ed)?\b(?! (?:years ago|when i was|as a|prevention|awareness))",
            r"\b(?:my|stop|my recent|fresh|hide my|hiding my|urges? to|back to|relapsed (?:into|with)"
            r"|struggle with|struggling with) self ?harm(?:ing)?\b(?! (?:prevention|charity))",
            rf"\b(?:started|start|back to|been|im|i am|keep|stop) {_ADV}(?:to )?cut(?:ting)? (?:again"
            r"|my ?self)",
            r"\b(?:cut|cutting|slit|slitting|slash|slashing|slice|slicing|scratch|scratching) (?:open"
            r" )?my (?:own )?(?:\w+ )?(?:wrists?|arms?|legs?|thighs?|skin|veins|stomach|body)\b",
            r"\b(?:burn|burning|burned|burnt) my (?:own )?(?:arms?|skin|legs?|hands?|wrists?)\b.{0,20}"
            r"(?:lighter|cigarette|purpose|deliberately|when it|when i (?:feel|am)|to feel|to cope)",
            r"\b(?:hide|hiding|hidden|cover|covering) (?:\w+ ){0,2}(?:cuts|scars|wounds|bruises)\b",
            r"\b(?:starv(?:e|ing)|bruis(?:e|ing)) my ?self\b(?! (?:of|for a))",
            r"\bmake my ?self (?:sick|vomit|throw up|puke)\b",
            r"\b(?:throw(?:ing)?|bring(?:ing)?) up (?:everything|all|after (?:every|each|meals)|what i"
            r" eat|my (?:food|meals))",
            r"\bvoices (?:\w+ ){0,4}(?:tell|telling|say|want|order)\w* (?:me )?",
        ),
        rf"{_PAST}|\b(?:recordings?|choir|singing|actors?)\b",
    ),
    _family(  # not to be missed
        "notice noticed care cares miss missed better happier easier relieved relief cry burden"
        " without matter same sad wish",
        (
            r"\b(?:notice|notices|noticed|care|cares|cared|miss me|better|better off|happier|easier"
            r"|relieved|a relief|cry|sad|same|matter|peace)\b[\w ,]{0,25}?\b(?:if|when|once|that|with"
            rf"|after)\b[\w ]{{0,20}}?\b(?:i|id|im|ive|i had|me)\b[\w ]{{0,20}}?\b{_GONE}\b"
            r"(?! (?:on holiday|for a week|from work|for lunch|home|early))",
            r"\bif i (?:just |simply |suddenly )?(?:was gone|were gone|died|disappeared|vanished|wasnt"
            r" here|werent here|didnt exist|killed myself|stopped existing|was dead|were dead|never"
            r" woke up|wasnt around|was no longer here)\b[\w ,]{0,25}?\b(?:no ?one|nobody|would anyone"
            r"|anyone|would they|they would|everyone|they might|the world|my (?:mum|mom|family|dad)"
            r"|everything|it would|people|notice|care|better)\b",
            r"\b(?:no ?one|nobody|not a soul|anyone|anybody|who) (?:would|will|d) (?:even |really"
            rf" |ever )?(?:miss|mourn|cry (?:for|over)|come to my funeral)(?: me)?{_END}",
            rf"\bi (?:dont|do not|no longer|never) (?:really |even )?matter{_END}",
            r"\b(?:im|i am|feel like|feel|being|become|am just|just) (?:like )?(?:only |just |such |"
            r"nothing but )?a (?:burden|waste of (?:space|air|oxygen)|mistake)\b(?! on my back)",
        ),
    ),
    _family(
        "without me off",
        (
            r"\b(?:better|happier|easier|better off|fine|best) (?:off )?without me\b",
            r"\bworld (?:\w+ ){0,4}without me\b",
        ),
        _WORK,
    ),
    _family(  # despair
        "cant cannot can couldnt hope hopeless worthless empty numb broken desperate future way hate"
        " nothing nobody done stop end ends over given give pain matters trapped unbearable dark"
        " drowning survive surviving anymore bear handle falling breaking cry crying tomorrow"
        " struggling lost despair breakdown useless alone point",
        (
            rf"\b(?:cant|cannot|can not|couldnt|dont know how to|dont know if i can|not sure i can|dont"
            rf" think i can) {_ADV}(?:go on|cope|keep going|carry on|bear (?:it|this|life|living)|live"
            rf" like this|live with (?:myself|this|the pain)|live|continue|survive|keep (?:living|doing"
            rf" this|this up|fighting|pretending)|handle (?:life|living|it|this|the pain)|face (?:life"
            rf"|another day|tomorrow|the day|anything)|stand (?:living|being alive|my life|the pain"
            rf"|being me)|take (?:the pain|life|living)|fight|hold on){_END}",
            r"\b(?:cant|cannot) (?:go on|carry on|live|keep going) (?:living|like this|this way|without"
            r" (?:him|her)|much longer|another)\b",
            rf"\b(?:dont|do not|cant|cannot) (?:really )?see (?:a|any|any kind of|my) (?:future|way out"
            rf"|way forward|hope|reason|tomorrow)(?: for (?:me|myself))?(?: ahead)?{_END}",
            rf"\b(?:have|see|has|there is|theres|got|is) no (?:future|hope|way out|light|tomorrow)"
            rf"(?: left)?(?: for (?:me|myself|us))?{_END}",
            rf"\b(?:lost|losing) (?:all )?(?:hope|the will to (?:live|go on)){_END}",
            r"\bwill to live\b",
            rf"{_I}(?:been |left |become )*(?:hopeless|worthless|empty inside|dead inside|broken"
            rf"|desperate|empty|beyond help|in despair|trapped|unbearably sad)(?: inside)?{_END}",
            r"\b(?:hopeless|worthless|numb|useless) and (?:empty|alone|worthless|hopeless|numb|broken"
            r"|tired|lost|unloved|unwanted)\b",
            rf"\bi (?:{_ADV})(?:hate|despise|loathe|cant stand) (?:myself|my life|being alive|living"
            rf"|existing|being me|who i am|waking up every){_END}",
            rf"\bnothing (?:\w+ )?matters(?: to me)?{_END}",
            rf"\b(?:done|finished) with (?:everything|it all|this world|this life|the world){_END}",
            r"\b(?:in|at) (?:a|such a|a very|a really) (?:dark|bad|very dark) place\b.{0,40}\b(?:way"
            r" out|help|alone|cant|hope|end|scared|no )",
            rf"\b(?:end|stop) (?:the|this|my|all (?:the|this)) (?:pain|suffering|misery|hurt){_END}",
            rf"\b(?:pain|suffering|hurt|everything) (?:to|would|will|just) (?:just )?(?:stop|end|be"
            rf" over|go away){_END}",
            r"\b(?:my|our) life is (?:over|hell|a living hell|ruined|destroyed|finished)\b",
            r"^(?:i|so i)?(?: just)? ?give up$",
            r"\b(?:cant|cannot) stop crying\b|\bcry (?:\w+ )?(?:every night|myself to sleep|all (?:day"
            r"|night|the time))",
            r"\b(?:i am|im) (?:falling apart|breaking down|at (?:my )?breaking point|at the end of my"
            r" (?:rope|tether)|drowning (?:inside|and nobody|and no one)|not ok(?:ay)?|losing the will)",
        ),
        r"\b(?:laughing|at maths|musical|onions?|chorus)\b",
    ),
    _family(  # the same, where it might be about work
        "take do end stop over out dead more bear anymore pointless longer",
        (
            r"\b(?:cant|cannot) (?:take|do|stand|bear|deal with|handle) (?:it|this|any of (?:it|this)"
            rf"|life|everything|all this|any ?more)(?: all)?(?: any ?more| any longer| no more"
            rf"|(?=$)|(?=,))",
            rf"\bi (?:{_ADV})(?:want|need|wish|pray for|would like|wanted) (?:for )?(?:it|it all|this"
            rf"|everything|all of (?:it|this)|all this|the world) (?:to|would) {_ADV}(?:end|stop|be"
            rf" over|go away){_END}",
            r"\bwant (?:it|it all|everything) (?:over|to be over|gone)\b",
            rf"\b(?:no|any) way out(?: for me)?{_END}",
            r"\brather be dead\b",
            rf"\beverything (?:is|feels|seems) (?:so |just )?(?:pointless|hopeless|meaningless){_END}",
        ),
        _WORK,
    ),
    _family(  # violence and control at home
        "hit hits hitting beat beats beating beaten punch punched punches slap slaps slapped kick"
        " kicks kicked choke choked chokes strangle strangled strangles hurt hurts abuse abuses abused"
        " abusing abusive rape raped rapes assault assaulted molested molests touch touches touched"
        " force forces forced threaten threatens threatened threatening lock locks locked let lets"
        " allow allows allowed checks reads tracks controls control takes took monitors goes searches"
        " spies scared afraid frightened terrified fear safe unsafe stalk stalking stalks stalked"
        " stalker throws threw breaks smashes smashed smashing broke kill marry violent violence"
        " domestic bruises screams calls follows burns burned drags dragged grabs grabbed pushes"
        " pushed shoves shoved spits hides beg bit bites pulls whips whipped belt follow controlling"
        " escape flee fleeing lays laid controlled hitting pins pinned keeps tells told",
        (
            rf"{_KIN}{_DOES}(?:hits?|hitting|beats?(?: up)?|beating|punch(?:es|ed)?|slap(?:s|ped)?|kick"
            rf"(?:s|ed)?|chok(?:es?|ed)|strangl(?:es?|ed)|hurts?|abus(?:es?|ed|ing)|rap(?:es?|ed)"
            rf"|assault(?:s|ed)?|molest(?:s|ed)?|burn(?:s|ed)|whip(?:s|ped)?|drag(?:s|ged)|grab(?:s|bed)"
            rf"|spits? (?:on|at)|shov(?:es|ed)|bit(?:es)?|attack(?:s|ed)|pins?|pinned) {_US}\b(?! (?:at"
            r"|in (?:every|all|each|a|the (?:final|race))|to|by|up (?:for|on|about)|out of|on the (?:back"
            r"|shoulder)|with (?:ideas|questions|work|a pun)|feelings|proud|as))",
            rf"{_KIN}{_DOES}(?:push(?:es|ed)|throw(?:s|n)?|threw|knock(?:s|ed)) {_US} (?:around|down|into"
            r"|against|over|across|onto|to the)\b",
            rf"{_KIN}{_DOES}(?:throws?|threw|throwing) (?:things|plates|stuff|objects|furniture|bottles"
            r"|glasses|dishes|chairs)\b",
            rf"{_KIN}{_DOES}(?:breaks?|smash(?:es|ed)|broke|destroys?) (?:my|our|all my|up the|everything)"
            rf" ?(?:things|stuff|phone|arm|nose|bones|ribs|belongings|house|place|laptop|{_END})",
            rf"{_KIN}{_DOES}(?:touch(?:es|ed|ing)?) me(?: (?:when|at night|where|there|down|inappropriately"
            rf"|and|without|under|in (?:ways|places|bed|my)|while|sexually)|{_END})",
            rf"{_KIN}{_DOES}(?:force[sd]?|forcing|makes?|made|making|wants?|pressure[sd]?) (?:me|us) (?:to"
            r" |into )?(?:do (?:things|stuff|it|sexual|sex)|hav(?:e|ing) sex|sleep with|touch|watch (?:him"
            r"|porn)|marry|marriage|undress|sex|a marriage|beg|sleep (?:outside|on the floor)|hand over"
            r"|give (?:him|her|them) (?:all )?my|feel (?:scared|unsafe))\b",
            r"\b(?:forc(?:ed?|ing)|made|make|being forced) (?:me )?(?:into|to) (?:marry|a marriage"
            r"|marriage|be married)\b|\bmarry me off\b",
            rf"{_KIN}{_DOES}(?:lock(?:s|ed|ing)?|shuts?|traps?|keeps?) (?:me|us) (?:in(?:side|doors)?|up"
            r"|out(?:side)?|away|prisoner|locked|trapped|hostage)\b",
            rf"{_LOVER}{_DOES}(?:check(?:s|ed|ing)?|reads?|reading|go(?:es)? through|going through|search"
            rf"(?:es)?|monitors?|track(?:s|ed|ing)?|spies on|looks through|controls?|controlling|took"
            rf"|takes?|taken|taking|hides?|keeps?|wants) (?:all )?(?:of )?my (?:\w+ )?(?:phone|messages|texts"
            r"|location|money|wages|salary|bank|cards?|passport|papers|keys|emails?|contacts|documents|id"
            r"|calls|account|every move|movements|whereabouts|car keys|life|passwords?|pay)\b",
            rf"{_KIN}{_DOES}(?:controls?|controlling|tracks?|monitors?|tracking|monitoring) (?:me|everything"
            r" i do|where i|what i|who i|my every|every(?:thing| move))\b",
            rf"{_LOVER}{_DOES}(?:wont|doesnt|does not|will not|never|refuses to|isnt|not) (?:ever |even )?"
            rf"(?:lets?|letting|allows?|allowing)(?: me| us)(?: to)? (?:out\b|leave|go out|go anywhere|go to"
            r" (?:school|work|college|the doctor)|see (?:my|any|other|friends)|have (?:a (?:job|bank|phone)"
            rf"|friends|money|my own|any)|work{_END}|get a job|talk to|speak to|eat|sleep|study|meet|call"
            r"|wear|visit|near|earn|contact|use (?:the|my) (?:phone|car))",
            rf"{_KIN}{_DOES}(?:wont|dont|doesnt|does not|do not|will not|never) (?:ever |even )?(?:lets?"
            rf"|allow)(?: me| us)(?: to)? (?:out of|outside|leave the|leave (?:home|my room){_END}|go"
            rf" anywhere|eat|sleep{_END}|see (?:my|any|friends)|have (?:any )?friends)\b",
            r"\b(?:im|i am|am) (?:not|never) (?:even )?allowed to (?:leave (?:the|my)|go out(?:side)?|see"
            r" (?:my|any)|have (?:a phone|friends|any|money|my own)|eat|talk to|speak to)\b",
            rf"{_KIN}{_DOES}threaten(?:s|ed|ing)?\b(?! to (?:close|quit|retire|sell|resign|sing))",
            r"\b(?:says?|said|tells me|told me|swears|swore|keeps saying|promised) (?:that )?(?:hell|he"
            r" will|shell|she will|theyll|they will|he would|hed|shed|he is going to|hes going to)"
            r" (?:kill|hurt|beat|find|harm|burn|shoot|hunt|take (?:the|my|our) (?:kids|children|baby)"
            r"|ruin|destroy|stab|end)\b",
            rf"{_KIN}{_DOES}(?:kill|hurt|harm) (?:himself|herself|themselves) (?:if|when|unless) i\b",
            r"\bkill (?:me|us) (?:if|when) (?:i|we) (?:ever )?(?:leave|tell|try|run|call|talk|report)\b",
            rf"{_KIN}{_DOES}tried to kill {_US}",
            rf"\b(?:scared|afraid|frightened|terrified|fear) (?:of|to be (?:alone )?with|when|around)"
            rf" (?:my (?:\w+ )?{_PARTNER}|him|her|them|my (?:\w+ )?{_FAMILY}{_END}|going"
            rf" home)\b(?! (?:reaction|opinion|finding|being disappointed))",
            r"\b(?:scared|afraid|frightened|terrified|fear|dread) (?:to (?:go|come|be|sleep|stay|return|go"
            r" back)|of (?:going|being|coming)|going|coming|being) (?:back )?(?:at )?home\b(?! (?:office"
            r"|to|from a|crowd))",
            r"\b(?:dont|do not|never|not|isnt|no longer) (?:feel |be |really |feeling )*safe (?:at home|in"
            r" my|with (?:him|her|my)|here|around (?:him|her|my)|where i live)|\bunsafe (?:at home|in my"
            r"|with (?:him|her|my))",
            rf"\b(?:i am|im) (?:not safe|unsafe|in danger){_END}",
            r"\b(?:ex|he|she|man|someone|guy|boy|somebody|they)\b[\w ]{0,14}(?:stalk(?:s|ing)|stalked|"
            r"follow(?:s|ing)) me\b(?! (?:on|into|online for))",
            r"\bbeing stalked\b|\bhave a stalker\b",
            r"\b(?:i|im|ive|i am|am|i have)(?: been| being| getting| get| got| was| keep| still| often"
            r"| always| am)* (?:being )?(?:beaten|hit|punched|slapped|kicked|abused|raped|assaulted"
            r"|molested|strangled|locked (?:in|up|away)|sexually \w+|trafficked|battered|hurt)(?: up)?(?:"
            r" by (?:my|him|her|someone|a (?:man|relative|family|friend|boy|guy))| at home| every (?:day"
            r"|night|time)| again| last (?:night|week|month)| yesterday| on \w+day|(?= (?:when|if)"
            rf" (?:he|she|my|dad|mum|i (?:come|get|speak|say)))|{_END})(?! (?:and bruised for|when i"
            r" (?:fell|play)))",
            rf"\b(?:i|im|i am|am|still|to|from|my)(?: \w+){{0,5}} (?:my|an|our|his) (?:\w+ )?(?:abusive"
            rf"|violent|controlling) (?:{_PARTNER}|{_FAMILY}|relationship|home|marriage|household|house)\b",
            rf"\bmy (?:{_PARTNER}|{_FAMILY}) (?:is|gets|can be|was|becomes|are|turns)(?: \w+)? (?:abusive"
            r"|violent|controlling|aggressive)\b",
            r"\b(?:im|i am|i) (?:still )?(?:a |the )?(?:victim of|suffer(?:ing)?(?: from)?|experienc(?:e"
            r"|ing)|going through|live with|living with|live in|living in|flee(?:ing)?|trapped in|facing"
            r"|in)(?: an?)? (?:\w+ )?(?:domestic|abuse\b|violence)(?! (?:shelter|charity))",
            r"\b(?:violence|abuse) (?:at home|in my (?:home|house|family|marriage|relationship))\b",
            rf"{_KIN}{_DOES}(?:calls?|called|calling) me (?:a )?(?:worthless|useless|stupid|whore|slut|names"
            r"|pathetic|mistake|nothing|disgusting)\b",
            rf"\b(?:escape|get away|run away|flee|hide|get out|break free|leave) (?:from )?(?:him|her|my"
            rf" (?:{_PARTNER}|{_FAMILY})){_END}.{{0,40}}(?:safe|hurt|hit|find|kill|afraid|scared|kids)",
            r"\bmy bruises\b|\bhide the bruises\b|\bblack eye\b.{0,20}\b(?:he|husband|boyfriend|dad)\b",
            rf"{_KIN}{_DOES}(?:lays?|laid|raises?|puts?) (?:a |his |her )?(?:hands?|fists?) (?:on|against"
            rf"|to) {_US}",
        ),
        rf"{_PAST}|{_SPORT}|\b(?:novel|films?|movie|play a|character|script)\b",
    ),
)

# --- choosing among people -----------------------------------------------------------------------

_PERSONS = (
    r"(?:candidates?|applicants?|employees?|students?|pupils?|workers?|staff|interns?|trainees?"
    r"|apprentices?|colleagues?|team ?members?|people|persons?|resumes?|cvs?|applications?|hires?"
    r"|volunteers|graduates|job ?seekers|contractors|freelancers|job applicants?|guys|kids|children"
    r"|men|women|new hires|class|team|names|players|learners|profiles|workforce|personnel)"
)
_JUDGE = (
    r"(?:rank|sort|rate|score|compare|evaluate|assess|screen|shortlist|grade|order|filter|judge"
    r"|select|choose|pick|identify|classify|review|prioriti[sz]e|put|find|name|sort out|weed out"
    r"|list|give me|predict|recommend)"
)
_HIRE = (
    r"(?:hire|fire|promote|pick|employ|recruit|interview|invite|let go|lay off|select|shortlist"
    r"|reject|appoint|dismiss|sack|take on|make redundant|demote|accept|keep on|choose from)"
)
_FIT = (
    r"(?:fit|fits|suited|suitable|suits|best|better|worst|worse|stronger|strongest|weakest|qualified"
    r"|right|good|deserves?|should|would|will|most|least|fail|promising|talented|capable|could|can"
    r"|to hire|to promote|i hire)"
)
_OURS = r"(?:my|our|these|those|the following|the|this|following|two|three|four|five|both|all)"
_PEOPLE = _family(
    "which who whom rank sort rate score compare evaluate assess screen shortlist grade order filter"
    " judge select choose pick identify classify review prioritise prioritize hire employ fire"
    " promote recruit interview suitable qualified fit best candidate applicant candidates"
    " applicants better",
    (
        rf"\bwhich (?:ones? )?(?:of )?(?:{_OURS} )?(?:\w+ ){{0,2}}?{_PERSONS}\b.{{0,30}}\b{_FIT}\b",
        rf"\bwhich (?:one )?of (?:my|our|these|those) (?:\w+ )?\w+s\b.{{0,15}}\b(?:should (?:i|we)"
        rf" {_HIRE}|(?:is|are) (?:best|most|better|fit|suited|suitable|the best) )",
        rf"\bwho(?:m)? (?:of|among|amongst|in|from|out of|on) (?:my|our|these|those|the) (?:\w+ ){{0,2}}?"
        rf"{_PERSONS}\b",
        rf"\bwhom? (?:should|shall|do|can|would|must|could) (?:i|we)(?: \w+)? {_HIRE}\b",
        rf"(?:^|\bplease |\byou |\bhelp me (?:to )?|\bme to |\bthen ){_JUDGE} (?:me )?(?:between |from"
        rf" |among |out |which |who )?(?:\w+ )?{_OURS} (?:\w+ ){{0,3}}?{_PERSONS}\b",
        rf"(?:^|\bplease |\byou |\bhelp me (?:to )?){_JUDGE} (?:the )?(?:best|better|strongest|most"
        rf" \w+|top|right|top \w+|ideal) (?:\w+ )?{_PERSONS}\b",
        rf"(?:^|\bplease |\byou )(?:hire|shortlist|rank|screen) (?:\w+ ){{0,2}}?{_PERSONS}\b",
        r"(?:^|\btell me (?:if|whether) |, )(?:should|shall|can|do) (?:i|we) (?:hire|employ|fire"
        r"|promote|recruit|interview|dismiss|appoint|sack|reject|shortlist)\b",
        rf"\bi (?:need|have|must|am trying|want|would like|ve)(?: to)? (?:rank|choose|pick|select|decide"
        rf"|shortlist|hire|find)\b.{{0,40}}{_PERSONS}\b.{{0,20}}\b(?:who|which|whom)\b",
        rf"^(?:is|are|was|would) (?:this|that|the|my|our|these) (?:\w+ )?{_PERSONS}\b.{{0,20}}\b(?:suitable|fit"
        r"|qualified|good|right|suited|competent|better|worth|capable|be)\b",
        r"^(?:is|would) (?:he|she|they) (?:be )?(?:a |the )?(?:suitable|fit|qualified|good enough|right"
        r"|best|better|suited|good (?:hire|candidate|fit))\b",
        r"\b(?:tell|show|advise|say|decide|know|determine|predict) (?:me |us )?(?:which|who|whom)\b(?: of"
        rf"| in| among)?.{{0,30}}\b(?:{_PERSONS}|better|best|weakest|strongest|fail|suited) ?(?:is|are|will"
        r"|would|should|for|to|in|$)",
        r"\bwho (?:is|are|s|would be) (?:the )?(?:better|best|strongest|weakest|most \w+|least \w+|worst"
        r"|fittest|fit|more \w+) (?:candidate|applicant|employee|student|fit|for|suited|suitable|of|one"
        r"|worker|qualified|choice|hire|pupil|intern)",
        rf"\b(?:best|better|right|ideal|stronger) (?:candidate|applicant|hire|employee) (?:for|among|from"
        r"|here|of|out of|between)\b.{0,60}$",
    ),
    # Who speaks of their own work or choice is no one who chooses now.
    r"\b(?:i (?:am|m) (?:one|a candidate)|i (?:love|like|enjoy|interview|recruit|help|want to (?:be|work"
    r"|become|hire)|would like to (?:be|work|become)|rank|screen|shortlist|work)|hire me|for a living"
    r"|elections?|vote|my boss)\b",
)

_QUOTED = re.compile(r"[\"“][^\"“”]{0,200}[\"”]")
_SENTENCE = re.compile(r"[.!?;\n]+")
_APOSTROPHE = re.compile(r"['’`´]")
_DASH = re.compile(r"[-‐‑_*]+(?=\w)|\s+")
# Words of others: "callers who say I want to die".
_REPORTED = re.compile(
    r"\b(?:who|people|patients|callers|clients|kids|someone|somebody|them|teens|person)"
    r" (?:say|says|said|tell|tells|told|think|thinks|feel|write)(?: me| that| things like| like)*"
    r"[ ,:]*$"
)


def concern(text: str) -> str | None:
    """Return "distress" or "people" if `text` (cleaned) needs another answer than careers, or None.

    "distress": it speaks of not wanting to live, self-harm, violence or control at home, or
    despair. "people": it asks to rank people or to choose among them.
    """
    plain = _DASH.sub(" ", _APOSTROPHE.sub("", _own_words(text).casefold()))
    sentences = [sentence.strip() for sentence in _SENTENCE.split(plain)]
    words = [frozenset(re.findall(r"[\w*]+", sentence)) for sentence in sentences]
    pairs = list(zip(sentences, words, strict=True))
    if any(_speaks(family, *pair) for family in _DISTRESS for pair in pairs):
        return "distress"
    return "people" if any(_speaks(_PEOPLE, *pair) for pair in pairs) else None


def _speaks(family: _Family, sentence: str, words: frozenset[str]) -> bool:
    if family.cues.isdisjoint(words):
        return False
    if family.unless is not None and family.unless.search(sentence):
        return False
    return any(
        not _REPORTED.search(sentence[: match.start()])
        for match in family.pattern.finditer(sentence)
    )


def _own_words(text: str) -> str:
    """`text` without what it quotes, unless there is little else."""
    rest = _QUOTED.sub(" ", text)
    return rest if len(rest.split()) > 3 else text

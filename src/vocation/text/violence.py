"""Words of somebody who is hurt, threatened or controlled at home. English only."""

from __future__ import annotations

from vocation.text.families import ADV, END, PAST, SUBJECT, family

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
_KIN = (
    rf"(?:\b(?:my|our) (?:\w+ )?(?:{_PARTNER}|{_FAMILY})|\bhe|\bshe|\bthey|\bhes|\bshes|\btheyre)"
)
_DOES = rf"[ ,](?:(?!\bi\b)[\w ]{{0,30}} )??{ADV}"
_US = (
    r"(?:me|us|my (?:\w+ )?(?:mum|mom|mam|mother|sisters?|brothers?|siblings|kids?|children|son"
    r"|daughter|baby|mummy|mommy|wife|nan|gran)|our (?:\w+ )?(?:kids|children|mum|mom|mother))"
)
_SPORT = (
    r"\b(?:spar\w*|box(?:ing|er)|karate|judo|martial|taekwondo|fenc\w+|wrestl\w+|tennis|badminton"
    r"|rugby|chess|cards|games?|rac(?:e|es|ing)|football|ping pong|hockey|gym|monopoly|mario"
    r"|paintball|debates?|quiz\w*|swim\w*|run(?:ning)?|arguments?|scrabble|poker|drum\w*)\b"
)

FAMILIES = (
    family(  # violence and control at home
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
            rf" ?(?:things|stuff|phone|arm|nose|bones|ribs|belongings|house|place|laptop|{END})",
            rf"{_KIN}{_DOES}(?:touch(?:es|ed|ing)?) me(?: (?:when|at night|where|there|down|inappropriately"
            rf"|and|without|under|in (?:ways|places|bed|my)|while|sexually)|{END})",
            rf"{_KIN}{_DOES}(?:force[sd]?|forcing|makes?|made|making|wants?|pressure[sd]?) (?:me|us) (?:to"
            r" |into )?(?:do (?:things|stuff|it|sexual|sex)|hav(?:e|ing) sex|sleep with|touch|watch (?:him"
            r"|porn)|marry(?! my\b)|marriage|undress|sex|a marriage|beg|sleep (?:outside|on the floor)|hand over"
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
            rf"|friends|money|my own|any)|work{END}|get a job|talk to|speak to|eat|sleep|study|meet|call"
            r"|wear|visit|near|earn|contact|use (?:the|my) (?:phone|car))",
            rf"{_KIN}{_DOES}(?:wont|dont|doesnt|does not|do not|will not|never) (?:ever |even )?(?:lets?"
            rf"|allow)(?: me| us)(?: to)? (?:out of|outside|leave the|leave (?:home|my room){END}|go"
            rf" anywhere|eat|sleep{END}|see (?:my|any|friends)|have (?:any )?friends)\b",
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
            rf" (?:my (?:\w+ )?{_PARTNER}|him|her|them|my (?:\w+ )?{_FAMILY}{END}|going"
            rf" home)\b(?! (?:reaction|opinion|finding|being disappointed))",
            r"\b(?:scared|afraid|frightened|terrified|fear|dread) (?:to (?:go|come|be|sleep|stay|return|go"
            r" back)|of (?:going|being|coming)|going|coming|being) (?:back )?(?:at )?home\b(?! (?:office"
            r"|to|from a|crowd))",
            r"\b(?:dont|do not|never|not|isnt|no longer) (?:feel |be |really |feeling )*safe (?:at home|in"
            r" my|with (?:him|her|my)|here|around (?:him|her|my)|where i live)|\bunsafe (?:at home|in my"
            r"|with (?:him|her|my))",
            rf"\b(?:i am|im) (?:not safe|unsafe|in danger){END}",
            r"\b(?:ex|he|she|man|someone|guy|boy|somebody|they)\b[\w ]{0,14}(?:stalk(?:s|ing)|stalked|"
            r"follow(?:s|ing)) me\b(?! (?:on|into|online for))",
            r"\bbeing stalked\b|\bhave a stalker\b",
            r"\b(?:i|im|ive|i am|am|i have)(?: been| being| getting| get| got| was| keep| still| often"
            r"| always| am)* (?:being )?(?:beaten|hit|punched|slapped|kicked|abused|raped|assaulted"
            r"|molested|strangled|locked (?:in|up|away)|sexually \w+|trafficked|battered|hurt)(?: up)?(?:"
            r" by (?:my|him|her|someone|a (?:man|relative|family|friend|boy|guy))| at home| every (?:day"
            r"|night|time)| again| last (?:night|week|month)| yesterday| on \w+day|(?= (?:when|if)"
            rf" (?:he|she|my|dad|mum|i (?:come|get|speak|say)))|{END})(?! (?:and bruised for|when i"
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
            rf" (?:{_PARTNER}|{_FAMILY})){END}.{{0,40}}(?:safe|hurt|hit|find|kill|afraid|scared|kids)",
            r"\bmy bruises\b|\bhide the bruises\b|\bblack eye\b.{0,20}\b(?:he|husband|boyfriend|dad)\b",
            rf"{_KIN}{_DOES}(?:lays?|laid|raises?|puts?) (?:a |his |her )?(?:hands?|fists?) (?:on|against"
            rf"|to) {_US}",
        ),
        rf"{PAST}|{_SPORT}|\b(?:novel|films?|movie|play a|character|script)\b",
    ),
    family(  # the same, in other words
        "throat hair neck wrist arm nose rib ribs jaw finger teeth tooth broke broken belt stick cable fist"
        " fists room bed touching touched sex naked nude nudes pictures photos cent penny receipts allowance"
        " marry married wedding kill killed honour honor dishonour chair door hiding shelter refuge looking"
        " dare home alive leave go hurt bruises beats beat hits hit danger zone hell war dangerous does did"
        " choked drunk drinks drink screams yells shouts lover scared afraid finds find money permission"
        " account pimp debt passport visa deported police groped forced groped grope raping sleep lock locked"
        " sister brother mum mom mother baby pregnant blackmails blackmail blackmailing threatens",
        (
            r"\b(?:he|she|they|husband|boyfriend|dad|father|mum|mom|mother|brother|uncle|ex|wife|girlfriend|partner"
            r"|stepdad|stepfather)\b[\w ,]{0,25}\b(?:me|us|my|her|him) (?:\w+ )?(?:by (?:the|my|her|his) (?:throat|hair"
            r"|neck|arm|wrists?|collar|ear)|with (?:a|the|his|her) (?:belt|stick|cable|fists?|hanger|cane|shoe|slipper"
            r"|bottle|knife|bat|hose|stick|whip|pan)s?)\b",
            r"\b(?:he|she|they|husband|boyfriend|dad|father|mum|mom|mother|brother|uncle|ex|wife|girlfriend|partner"
            r"|stepdad|stepfather)\b[\w ,]{0,25}\b(?:broke|broken|breaks|fractured|dislocated|twisted|twists|cracked)"
            r" (?:my|her) (?:wrist|arm|nose|ribs?|jaw|fingers?|tooth|teeth|leg|hand|cheekbone)\b",
            r"\b(?:takes?|took|gets?|got|uses?|used|reaches for) (?:his|her|the|a) (?:belt|stick|cane|fists|whip|slipper)"
            r" (?:to|on|at|for|out|off)\b",
            r"\b(?:comes?|came|climbs?|creeps?|sneaks?|gets?) (?:in ?to|in) (?:my|our) (?:room|bed|bedroom|shower)\b",
            r"\b(?:has been|keeps|kept|wont stop|started|always|is|hes been|shes been|keep) (?:touch|grop|rap|feel|grab)ing"
            r" me\b",
            r"\b(?:made|makes|make|making|forced|forces|force|wants?|wanted|tricked|blackmail\w*|pressure[sd]?)\b(?: me)?"
            r"(?: to| into)? (?:me )?(?:to )?(?:have |having )?sex\b|\bhave sex with (?:him|her|men|his|them)\b",
            r"\b(?:sends?|sent|asks?|wants?|asked|posts?|posted|shares?|leak\w*|has|demands?) (?:me )?(?:for )?(?:my |me )?"
            r"(?:\w+ )?(?:naked|nude|nudes|intimate|private|sexual) ?(?:pictures|photos|pics|images|videos?|stuff|)\b",
            r"\bask (?:him|her|my \w+|permission)(?: permission)?(?: for| before| to)(?: \w+)? (?:every|each|any) (?:cent|penny"
            r"|euro|dollar|pound|time|single|thing|purchase)|\b(?:ask|beg) (?:him|her) for (?:money|every|permission)",
            r"\bevery (?:cent|penny)\b[\w ,]{0,30}\b(?:he|she|him|her|husband|wife|partner|receipts?)\b",
            r"\b(?:family|parents|father|mother|dad|mum|mom|they|uncle|brothers|relatives)\b[\w ,]{0,30}\b(?:send|sent|take"
            r"|fly|taking|sending|sell|sold|promised) (?:me)\b[\w ]{0,25}\b(?:marry|married|wed|wedding|cut|an old man|a man)",
            r"\b(?:wedding|marriage) (?:i|that i) (?:dont|do not|never) (?:want|agreed)|\b(?:have|has|being made|made) to marry"
            r" (?:a|my|him|someone|an)\b|\bmarried (?:off|against my will)",
            r"\b(?:they|brothers?|family|uncles?|father|dad|parents|he|ex|husband|boyfriend|she)(?: (?:will|would|said"
            r" (?:theyd|hed|they would|he would|shed)|theyd|hed|says (?:he|they) will|wants? to|is going to|are going to|want"
            r" to|might|could))+ (?:kill|murder|stab|shoot|burn|beat|strangle|bury) (?:me|us)\b(?! (?:if i (?:drop|fail|quit"
            r"|study|come home late|dont pass)|with (?:laughter|kindness)))",
            r"\b(?:theyd|hed|theyll|hell|he will|they will|he would|they would) (?:kill|murder|stab|shoot|burn|bury) (?:me|us)\b",
            r"\bdishonou?r\w*|\bhonou?r of (?:the|my|our) family\b",
            r"\bsleep with (?:a|the|my) (?:chair|knife|door (?:locked|blocked)|bat|dresser|wardrobe)|\b(?:chair|wardrobe"
            r"|dresser|furniture) (?:against|in front of) (?:my|the) door\b",
            r"\b(?:hiding|hide|on the run|fled|escaped|ran away|run away|moved out in secret) (?:\w+ )?(?:from|in|at|with my"
            r" (?:kids|children))\b[\w ,]{0,30}\b(?:him|her|them|husband|ex|shelter|refuge|family|dad|father|parents|boyfriend)\b",
            r"\b(?:he|ex|husband|dad|father|family|they|boyfriend)\b[\w ]{0,15}\b(?:looking for|searching for|hunting|going to"
            r" find|will find) (?:me|us)\b",
            r"\b(?:dont dare|not dare|dread|scared|afraid|frightened|terrified|hate|cant|avoid|dare not|too scared|fear)"
            r" (?:to )?(?:go|going|come|coming|return|returning|be|being)(?: back)? home\b[\w ,]{0,30}\b(?:he|because of (?:him|my"
            r"|what)|dad|father|stepdad|mum|mom|drunk|drinking|hits|when)\b|\b(?:dont|do not) dare (?:to )?go (?:back )?home\b",
            r"\bwhat (?:he|she|they|my (?:dad|father|stepdad|uncle|brother|husband)) (?:does|did|do|will do|might do|would do) to"
            r" (?:me|us|my)\b",
            r"\b(?:never|not|wont|refuses to|doesnt) (?:\w+ )?let (?:me|us) (?:go alive|leave alive|leave him|leave her|go)$"
            r"|\blet me go alive\b",
            r"\b(?:afraid|scared|worried|fear|terrified|frightened|think)(?: that)? (?:he|she|my \w+|they)(?: \w+)? (?:will|might"
            r"|would|is going to|could|may|wants to) (?:\w+ )?(?:hurt|hit|kill|beat|harm|touch|find|take)\b",
            r"\b(?:home|house|family|marriage|relationship) is (?:\w+ )?(?:a )?(?:hell|war zone|prison|living hell|not safe|unsafe"
            r"|dangerous|a nightmare|a cage)\b",
            r"\b(?:dad|father|stepdad|stepfather|he|husband|boyfriend|mum|mom|mother|brother|uncle|granddad)(?: \w+){0,2} (?:beats"
            r"|hits|hit|beat|punches|slaps|kicks|chokes|hurts|strangles|attacks) (?:up )?(?:mum|mom|mother|mam|her|him|us|me|them all|"
            r"everyone|the (?:kids|children|baby)|my)\b(?! (?:at|in|to|by|record|own|time))",
            r"\b(?:full of|covered in|all these|have|with|got) (?:\w+ )?bruises\b[\w ,]{0,20}(?:$|\b(?:he|him|husband|dad"
            r"|because|from|all over|again|under|that)\b)",
            r"\b(?:kill|hurt|harm|do something to) (?:herself|himself|themselves|themself|me|us|the (?:kids|dog|children|cat|baby))"
            r" if i (?:leave|go|break up|move|left|end it|ever|tell|dont)\b",
            r"\bblackmail(?:s|ed|ing)? me\b",
            r"\b(?:drinks?|drunk|high|angry|mad|loses (?:it|his temper|her temper))\b[\w ,]{0,25}\b(?:hits|beats|lashes out|gets"
            r" violent|throws|smashes|scares (?:me|us)|hurts|screams at (?:me|us)|goes for)\b",
        ),
        rf"{PAST}|{_SPORT}|{SUBJECT}",
    ),
)

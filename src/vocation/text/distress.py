"""Words of somebody who does not want to live, harms themselves or despairs. English only."""

from __future__ import annotations

from vocation.text.families import ADV, END, PAST, SUBJECT, WORK, family

_I = rf"\bi(?:m| am|ve| have| feel| felt| get| keep)? {ADV}"
_WANT = (
    rf"\bi(?:d|m|ve)? {ADV}(?:want to|wanna|wish to|would like to|like to|long to|hope to"
    r"|need to|plan to|planning to|(?:am )?going to|gonna|(?:am )?about to|will|would rather|rather"
    r"|might|could|should|may|(?:am )?ready to|(?:am )?thinking of|want)"
    rf" {ADV}"
)
_DO_NOT = r"\b(?:dont|do not|didnt|no longer|never|not|cant|cannot)"
_GONE = (
    r"(?:gone|dead|died|die|disappear(?:ed)?|vanish(?:ed)?|(?:wasnt|werent|isnt|am not|was not"
    r"|were not|not) (?:here|around|alive|there|born)|didnt exist|did not exist|stopped existing"
    r"|never (?:been )?(?:born|existed|woke up|came back)|had never been born|hadnt been born"
    r"|ended it|left (?:this|the) world|killed myself|jumped)"
)
_KILL = r"(?:k[i1!*]ll|hang|drown|shoot|unalive|off|end|gas|poison|stab|delete|suffocate)"
_MEDICINE = r"(?:pills|tablets|paracetamol|meds|medication|painkillers|sleeping pills|aspirin)"

FAMILIES = (
    family(  # not to live
        "die dying dead death live living lived alive exist existing existence here wake waking"
        " reason tired sick done finished enough rather hope hoping wish point nothing leave leaving if"
        " sleep disappear vanish born life point around end gone kms ctb",
        (
            rf"{_WANT}(?:die|be dead)(?! (?:of|than|without|laughing|for|on stage|happy|rich|knowing|doing|a|in"
            r" (?:my|peace)|with my boots|old|trying|learning|poor|before|young))",
            rf"{_WANT}(?:stop (?:existing|living|being alive)|not (?:exist|be here|be alive|live"
            rf"|wake up)){END}",
            rf"{_WANT}(?:be gone|(?:disappear|vanish)(?: (?:completely|forever|for good|from (?:this"
            rf" |the )?(?:world|earth|face)|off the face))?|cease to exist){END}",
            rf"{_DO_NOT} {ADV}(?:want|wanna|wish|feel like|care|deserve|like|need|see why)"
            rf"(?: to| i should)? {ADV}(?:live|living|be alive|being alive|exist|existing|be here"
            rf"|be around|being here|wake up|waking up|be in this world|be on this (?:earth|planet)"
            rf"|live (?:this|my) life|live life|continue living|go on living){END}",
            rf"\bi (?:wish|hope|pray) {ADV}(?:that )?i (?:was|were|am|would|could|wouldnt|wont|dont"
            rf"|didnt|had|hadnt|never|just)(?: (?:just|simply|never|all|not))* (?:{_GONE}|be dead"
            r"|be gone|sleep for ?ever|wake up|been born|exist|fall asleep|die|born|in the ground)"
            r"(?! (?:early|earlier|at|with|with more|into|in a|to\b))",
            r"\bi wish (?:i )?(?:had )?never (?:been |was )?born",
            rf"\brather (?:be dead|not (?:exist|be alive|be here)|die){END}",
            r"\b(?:sleep|asleep)\b.{0,15}\b(?:never|not|dont|without ever|not have to) (?:wake|waking)(?! up (?:early|in time|on|late|before))",
            r"\bsleep for ?ever",
            r"\b(?:not|never) wak(?:e|ing) up (?:again|any ?more|one day|tomorrow|at all)",
            r"\bhop(?:e|ing) (?:that )?i (?:dont|wont|never) wake up",
            r"\b(?:tired|sick|done|finished|exhausted|weary|fed up|had enough|enough) (?:of|with)"
            rf" (?:being alive|living|life|existing|existence|being here|this life|my life){END}",
            r"\b(?:no|any|a|another|one) reason (?:for me )?(?:to|why i should|for) (?:live|living"
            r"|go on|be here|be alive|exist|existing|keep going|stay alive|carry on|wake up)\b",
            r"\b(?:nothing|no one|nobody|not much|anything|something) (?:left |else )?to live for",
            r"\bpoint (?:of|in|to) (?:me )?(?:living|life|my life|being here|being alive|it all"
            r"|existing|going on|carrying on|waking up|staying alive|all this|me)\b",
            r"\b(?:no point (?:any ?more|to (?:anything|life|me|my life|it all))|no point (?:in"
            rf" |to )?(?:anything|everything|it all|going on|trying){END})",
            r"\bwhats the point any ?more",
            r"\blife (?:is|isnt|is not|aint|just isnt|feels|does not feel|doesnt feel|no longer"
            rf" feels) {ADV}(?:not )?(?:worth|pointless|meaningless|worthless|over|unbearable"
            rf"|hopeless|not worth it)(?: living)?{END}",
            r"\bnot worth (?:living|being here|carrying on)",
            r"\blife (?:has|holds|have) (?:no|lost (?:all|its|any)) (?:meaning|point|sense|purpose)",
            rf"\b(?:given up|giving up|give up|gave up) on (?:life|living|myself|everything){END}",
            r"\b(?:stop|stopped|quit) (?:living|existing|being alive)\b",
            r"\b(?:leave|leaving|depart|exit) this (?:world|life|earth)\b",
            rf"\b(?:i|ill|i will) (?:wont|will not|might not|may not|not|probably wont) be (?:alive"
            rf"|here|around) (?:much longer|for (?:much )?long(?:er)?|to see|any ?more|[\w ]{{0,20}}"
            rf"anyway|{END})",
            r"\bif i(?:m| am) (?:still )?(?:even )?(?:alive|here) (?:by then|next|tomorrow|at all)",
            r"\b(?:kms|ctb)\b",
        ),
        r"\blife without (?!him|her|them)",
    ),
    family(  # to kill oneself
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
            rf"|fantasi[sz](?:e|ing)|contemplat(?:e|ing)|plan|planning|plann?ed) {ADV}(?:of|about|on"
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
            rf" {ADV}end (?:it|things|everything|this){END}",
            rf"\b(?:take|taking|took) my (?:own life|life{END})",
            r"\b(?:took|swallowed|taken|take|taking|swallow) (?:too many|all (?:of )?(?:my|the)|every"
            rf"|a (?:whole )?(?:bottle|pack|box|handful|load) of|\d+)(?: \w+)? ?{_MEDICINE}(?! and (?:laptops|phones|computers))",
            rf"\b(?:sav(?:e|ed|ing)|stockpil(?:e|ed|ing)|collect(?:ed|ing)?|hoard(?:ed|ing)?|hid(?:ing"
            rf"|den)?|bought|counted|counting|have|got) (?:up )?(?:(?:my|the|enough|some|a lot of) )"
            rf"?(?:{_MEDICINE}|rope|razor|noose)(?: (?:ready|saved|hidden|in my|next to|under|to"
            rf" do it|for tonight|up|beside)|{END})(?<!to stock)",
            rf"{_I}(?:want to |will |might |could |going to )?overdos(?:e|ed|ing)(?: (?:on (?:my|pills"
            rf"|purpose|tablets)|in \w+|last|yesterday|twice)|{END})",
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
    family(  # to hurt oneself
        "cut cutting cuts slit slash burn burning hurt hurting harm harming scratch hit bruise"
        " punish starve starving purge purging vomit sick throw throwing voices blade razor scars"
        " cutter bleed",
        (
            r"(?<!never )(?<!once )(?<!not )(?<!dont )(?<!to )(?<!without )(?<!accidentally )(?<!often"
            r" )\b(?:cut|burn|hurt|harm|hit|scratch|punish|bruise|injure)(?:ting|ing)? my ?self"
            rf"(?: (?:on purpose|deliberately|badly|to (?:feel|cope|calm|stop|make|get through|punish)"
            rf"|every|where no|in secret|at night|with (?:a )?(?:razor|blade|lighter|scissors))"
            rf"|{END})(?! (?:and|when|so|as|because|while|but) (?:i |my )?(?:fell|was (?:cook|work|"
            r"climb|play)\w*|slipped|cook|chop|bake|work|had to see))",
            r"\b(?:urge|want|wanna|need|going|gonna|start|started|keep|tell me|tells me|like|trying"
            r"|tempted|wish|thoughts of|stop|think about|thinking (?:of|about)|feel like)(?: i could|"
            r" to)? (?:cut|burn|hurt|harm|punish|scratch)(?:ting|ing)? my ?self"
            r"(?! (?:a|an|some|off|free|loose|out|short|playing|at|in (?:the|a)))",
            rf"{_I}(?:been |started |started to |begun |begun to |trying not to |cant stop |relapsed"
            r" and )*self ?harm(?:ing|ed)?\b(?! (?:years ago|when i was|as a|prevention|awareness))",
            r"\b(?:my|stop|my recent|fresh|hide my|hiding my|urges? to|back to|relapsed (?:into|with)"
            r"|struggle with|struggling with) self ?harm(?:ing)?\b(?! (?:prevention|charity))",
            rf"\b(?:started|start|back to|been|im|i am|keep|stop) {ADV}(?:to )?cut(?:ting)? (?:again"
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
        rf"{PAST}|\b(?:recordings?|choir|singing|actors?)\b",
    ),
    family(  # not to be missed
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
            rf" |ever )?(?:miss|mourn|cry (?:for|over)|come to my funeral)(?: me)?{END}",
            rf"\bi (?:dont|do not|no longer|never) (?:really |even )?matter{END}",
            r"\b(?:im|i am|feel like|feel|being|become|am just|just) (?:like )?(?:only |just |such |"
            r"nothing but )?a (?:burden|waste of (?:space|air|oxygen)|mistake)\b(?! on my back)",
        ),
    ),
    family(
        "without me off",
        (
            r"\b(?:better|happier|easier|better off|fine|best) (?:off )?without me\b",
            r"\bworld (?:\w+ ){0,4}without me\b",
        ),
        WORK,
    ),
    family(  # despair
        "cant cannot can couldnt hope hopeless worthless empty numb broken desperate future way hate"
        " nothing nobody done stop end ends over given give pain matters trapped unbearable dark"
        " drowning survive surviving anymore bear handle falling breaking cry crying tomorrow"
        " struggling lost despair breakdown useless alone point",
        (
            rf"\b(?:cant|cannot|can not|couldnt|dont know how to|dont know if i can|not sure i can|dont"
            rf" think i can) {ADV}(?:go on|cope|keep going|carry on|bear (?:it|this|life|living)|live"
            rf" like this|live with (?:myself|this|the pain)|live|continue|survive|keep (?:living|doing"
            rf" this|this up|fighting|pretending)|handle (?:life|living|it|this|the pain)|face (?:life"
            rf"|another day|tomorrow|the day|anything)|stand (?:living|being alive|my life|the pain"
            rf"|being me)|take (?:the pain|life|living)|fight|hold on){END}",
            r"\b(?:cant|cannot) (?:go on|carry on|live|keep going) (?:living|like this|this way|without"
            r" (?:him|her)|much longer|another)\b",
            rf"\b(?:dont|do not|cant|cannot) (?:really )?see (?:a|any|any kind of|my) (?:future|way out"
            rf"|way forward|hope|reason|tomorrow)(?: for (?:me|myself))?(?: ahead)?{END}",
            rf"\b(?:have|see|has|there is|theres|got|is) no (?:future|hope|way out|light|tomorrow)"
            rf"(?: left)?(?: for (?:me|myself|us))?{END}",
            rf"\b(?:lost|losing) (?:all )?(?:hope|the will to (?:live|go on)){END}",
            r"\bwill to live\b",
            rf"{_I}(?:been |left |become )*(?:hopeless|worthless|empty inside|dead inside|broken"
            rf"|desperate|empty|beyond help|in despair|trapped|unbearably sad)(?: inside)?{END}",
            r"\b(?:hopeless|worthless|numb|useless) and (?:empty|alone|worthless|hopeless|numb|broken"
            r"|tired|lost|unloved|unwanted)\b",
            rf"\bi (?:{ADV})(?:hate|despise|loathe|cant stand) (?:myself|my life|being alive|living"
            rf"|existing|being me|who i am|waking up every){END}",
            rf"\bnothing (?:\w+ )?matters(?: to me)?{END}",
            rf"\b(?:done|finished) with (?:everything|it all|this world|this life|the world){END}",
            r"\b(?:in|at) (?:a|such a|a very|a really) (?:dark|bad|very dark) place\b.{0,40}\b(?:way"
            r" out|help|alone|cant|hope|end|scared|no )",
            rf"\b(?:end|stop) (?:the|this|my|all (?:the|this)) (?:pain|suffering|misery|hurt){END}",
            rf"\b(?:pain|suffering|hurt|everything) (?:to|would|will|just) (?:just )?(?:stop|end|be"
            rf" over|go away){END}",
            r"\b(?:my|our) life is (?:over|hell|a living hell|ruined|destroyed|finished)\b",
            r"^(?:i|so i)?(?: just)? ?give up$",
            r"\b(?:cant|cannot) stop crying\b|\bcry (?:\w+ )?(?:every night|myself to sleep|all (?:day"
            r"|night|the time))",
            r"\b(?:i am|im) (?:falling apart|breaking down|at (?:my )?breaking point|at the end of my"
            r" (?:rope|tether)|drowning (?:inside|and nobody|and no one)|not ok(?:ay)?|losing the will)",
        ),
        r"\b(?:laughing|at maths|musical|onions?|chorus)\b",
    ),
    family(  # the end wished for, in other words
        "die dying died dead death alive wake woke waking world earth planet life live living survive"
        " continue existence space problem burden peace god lord car truck bus strength strong tired"
        " day make here around see over being gone wasnt werent not end",
        (
            rf"{_DO_NOT} {ADV}(?:plan|expect|think|see|imagine|believe|going|intend|sure|know if|want"
            rf"|picture|wish|planning|expecting)\b[\w ]{{0,25}}\b(?:(?:be|being|still be) (?:around|here|alive)"
            rf"(?! (?:at|in (?:this|the)|with|for the (?:party|show)))|make it to (?:my|\d|next|christmas|the end of|twenty|thirty|eighteen|adult\w*|old)"
            rf"|(?:live|survive|last) (?:to|until|till|past|long|much longer|that long|through)|grow(?:ing)? old"
            rf"|get(?:ting)? old|(?:have|see) (?:a|any) (?:future|tomorrow)|survive)(?! (?:as|in the (?:industry|business)))",
            r"\b(?:should|shouldve|could|wish i|wish i had|if i|i had|supposed to|meant to|ought to)"
            r" (?:have |had |just |be |have just )*(?:died|been me who|dead|never been born)\b",
            r"\b(?:death|dying|being dead|being gone|not (?:being here|existing)|eternal sleep|the end)"
            r" (?:would|will|is|sounds|seems|feels|looks|might)(?: be)? (?:like )?(?:a |an |the |my |so |more )?"
            r"(?:relief|easier|better|peace\w*|nice|good|only|best|answer|solution|escape|way|comfort\w*"
            r"|welcome|beautiful|rest)",
            r"\b(?:look(?:ing)? forward to|long(?:ing)? for|pray(?:ing)? for|wait(?:ing)? (?:for|to)|dream"
            r"(?:ing)? of|wish(?:ing)? for|want(?:ing)?|hope for|ready (?:for|to)|welcome|crave) (?:my )?"
            rf"(?:is )?(?:death|being dead|be dead|dying|die|dead|my own death)(?! (?:of|laughing|for|row|on)){END}",
            r"\b(?:disappointed|sad|angry|hate|annoyed|upset|sorry|disgusted|surprised|wish)\b[\w ]{0,15}"
            r"\b(?:i (?:woke|wake|am awake)|waking up|(?:im|i am|being) (?:still )?(?:alive|here)|still alive)",
            r"\b(?:wish|hope|pray|want|hoping|if only|praying|beg)\b(?! to)[\w ]{0,12}\b(?:god|lord|something"
            r"|someone|somebody|a (?:car|truck|bus|train)|lightning|cancer|death|the (?:world|earth)|illness)"
            rf" (?:would|could|will|just|to)? ?{ADV}(?:takes?|kills?|hits?|ends?|runs?|strikes?|swallows?)"
            r" (?:me|it|my life|us)\b",
            r"\b(?:part of|in|on|made for|belong in|belong on|leave|fit in|stay (?:in|on)) this (?:world|earth"
            rf"|planet|life){END}(?<!best in this world)(?<!in the world)",
            r"\b(?:not strong enough|too tired|too weak|no (?:strength|energy|will|power)|exhausted|dont have"
            r" the (?:strength|energy|will|courage)|lost the (?:will|strength)|running out of (?:strength|reasons)"
            r"|no longer (?:able|strong enough)|cant find (?:a|any) reason)(?: left)?(?: to| for) (?:live|living|keep"
            r" living|go on|keep going|carry on|continue|fight(?:ing)?|life|another day|be alive|exist|stay alive)",
            r"\b(?:bear|face|survive|stand|get through|make it through|live|endure|take|handle)(?: to live| one"
            rf" more| even)? (?:another|one more|any more|a single|the next|one more) (?:\w+ )?(?:day|night|week|hour){END}",
            rf"\b(?:i )?want out{END}(?=$| of (?:life|this life|here))|\bout of (?:this )?life\b",
            r"\b(?:whats|what is|no|is there|see|where is|wheres|find|lost|has|have|know)(?: the| any| a| no)?"
            r" (?:use|sense|point|purpose|meaning|reason|value)(?: left)? (?:of|in|to|for|why)(?: even| me| my| me to"
            r"| i should)? (?:living|life|live|exist\w*|being (?:here|alive|around)|be (?:here|alive|around)|carry"
            r"(?:ing)? on|go(?:ing)? on|getting (?:up|out)|get (?:up|out of bed)|continu\w+|anything|any of (?:it|this)"
            r"|everything|keep(?:ing)? (?:going|living)|planning|plan|stay(?:ing)? alive|try anymore)\b",
            rf"{_DO_NOT} {ADV}(?:want|wanna|wish|see myself|know how) to (?:continue|carry on|go on|keep going"
            rf"|fight|survive(?: this)?|be (?:a part|part) of this){END}",
            r"\bhow to survive (?:this|another|it|the (?:night|week|day))\b",
            r"\b(?:tak(?:e|ing)|wast(?:e|ing)) up (?:everyones )?space|waste of (?:space|oxygen|air)|\bdead weight"
            r"|\bone (?:less )?(?:problem|mouth|burden|worry|person)(?: to (?:feed|worry about))? less\b|\bone less"
            r" (?:problem|mouth|burden|worry|person)|\bin everyones way\b",
            r"\bif i (?:wasnt|werent|was not|were not|am not|were no longer|was no longer) (?:here|around|alive"
            r"|there|born|in (?:it|this world))(?! (?:on|at|for|to))",
            r"\b(?:just |only )want (?:some )?(?:peace|silence|rest|to rest|the end|it over)\b(?:.{0,12}(?:forever"
            r"|for good|eternal|at last|finally))",
            r"\b(?:dont|do not|never) deserve (?:to (?:live|eat|be (?:here|happy|loved|alive)|exist)|life|food|love"
            r"|anything good|happiness|kindness)\b",
            r"\b(?:not|never) (?:meant|supposed|made) (?:to (?:be (?:here|born|alive)|live|exist)|for (?:this"
            r" (?:world|life)|life))",
            r"\bstill (?:alive|here)\b[\w ]{0,12}\b(?:why|wish|sadly|unfortunately|regret)|\bwhy am i (?:still )?"
            r"(?:alive|here|even here)\b",
            r"\b(?:better|best|easier|good|relief|fine) (?:for (?:everyone|everybody|all|them|my \w+) )?if i (?:had"
            r" |would |just |was |were )*(?:died?|dead|gone|never born|not here|disappear\w*|didnt|wasnt|left for"
            r" good|never (?:been|existed))",
            r"\b(?:my|the) last (?:birthday|christmas|summer|day|days|night|message|spring|winter|week)(?: here| on"
            r" earth| alive)$|\blast (?:day|days|night|week) (?:on earth|alive)",
            r"\b(?:i )?want (?:die|dead)\b|\bwant to kill me\b|\bno want (?:live|life)\b|\bi not want (?:to )?live\b",
            r"\b(?:pick|picked|set|chosen|chose|decided|have|got) (?:a |the |on a |my )?(?:plan and a? ?(?:date|day"
            r"|method|place)|date to (?:die|end|do it)|day to (?:die|end it|do it)|method)\b",
            r"\b(?:give|giving|gave|given) away (?:all )?(?:of )?my (?:things|stuff|belongings|possessions|pets?)\b",
        ),
        SUBJECT,
    ),
    family(  # alone, without hope
        "needs loves wants cry cries hates alone lonely nothing nobody one hope cant depressed"
        " depression anymore less care understands life empty anyone lost help deserve point broke"
        " everyone everybody friend friends stupid terrible something myself down low stopped",
        (
            rf"\b(?:nobody|no ?one|not one person|not a single person) (?:needs|wants|loves|likes|cares (?:about"
            rf"|for|if)|would (?:cry|come|find|care|notice|mind|miss)|will (?:cry|come|find|care|notice|miss|remember)"
            rf"|even (?:likes|knows|cares|sees)|sees|hears) ?(?:me|i|my body|{END})(?: exist| am here)?{END}",
            rf"\beveryone (?:hates|despises|wants to be rid of|is tired of|would be glad)\b[\w ]{{0,10}}\b(?:me|i)\b",
            rf"\bi hate me\b",
            rf"\bi (?:have|got) (?:absolutely )?(?:no ?one|nobody)(?: left| in the world| to (?:talk|turn) to)?{END}",
            rf"\bi (?:have|got) nothing(?: left)?$",
            rf"{_I}(?:so |very |utterly |completely |totally |terribly |unbearably )+(?:alone|lonely|depressed"
            rf"|low|lost and alone|down|broken|hopeless|worthless)\b(?! (?:on|in (?:my|the) (?:lab|field)))",
            rf"\b(?:deep|severe|bad|my|in a|awful|black) (?:hole|depression)\b[\w ,]{{0,30}}\b(?:cant|out|worse|no|again"
            rf"|every|nothing|hope|scared)",
            r"\b(?:just |really )?cant any ?more\b|\bcant$",
            r"\b(?:do|doing|did|done) (?:something|anything) (?:stupid|terrible|bad|awful|drastic|to myself|to hurt"
            r" (?:me|myself)|final|irreversible)\b",
            r"\bdo it (?:tonight|tomorrow|this week|soon)$",
            r"\b(?:no|without|lost all|lost|any) (?:more )?hope(?: left| any ?more)?$",
            r"\bi (?:have )?stopped caring (?:if|whether) i (?:live|die|wake|exist)",
            r"\b(?:dont|do not) care (?:if|whether|what happens|about what happens) (?:i (?:live|die|wake|exist"
            r"|am alive)|to me)\b",
            r"\bnot (?:ok|okay) (?:and|i|at all)\b[\w ]{0,30}\b(?:alone|help|scared|die|night)",
            r"\b(?:nothing|no ?one|nobody) can (?:help|save) me\b|\bbeyond (?:help|saving)\b",
            rf"\bcrying (?:myself to sleep|every (?:day|night)|all (?:day|night|the time)){END}",
        ),
        SUBJECT,
    ),
    family(  # means and marks
        "razor blade blades knife cuts cut scars bleed blood pills tablets meds rope noose platform"
        " bridge roof balcony edge ledge jumped jump tracks jumping gun eaten eating eat scratch punch"
        " medication painkillers tree ended ending putting scissors wrists paracetamol hit skin",
        (
            r"\b(?:razor|blades?|knife|knives|scissors|needle|glass|lighter|sharpener)\b[\w ,]{0,30}\b(?:my|own)"
            r" (?:\w+ )?(?:arms?|wrists?|skin|legs?|thighs?|throat|neck|veins)\b",
            r"\bmy (?:\w+ )?(?:arms?|wrists?|legs?|thighs?|skin|stomach)\b[\w ,]{0,20}\b(?:cuts|scars|cut up"
            r"|slashed|bleed\w*|burn marks)\b",
            r"\b(?:relapsed|cut|cutting|cuts)\b(?: and| i| to)*(?: cut| cutting)? again$",
            r"\b(?:until|till|so that|to) (?:i |it |make myself |see myself |watch myself )?bleeds?\b"
            r"|\b(?:see|feel|draw|watch) (?:my |the |own )?(?:own )?blood(?: run| flow)?$",
            r"\b(?:scratch|bite|pick|tear|rub)(?:ing)? (?:at )?my (?:skin|arms?|wrists?|legs?|hands) (?:open|raw|bloody"
            r"|until|till|apart)\b",
            r"\b(?:hit|punch|slap|bang|hitting|punching)(?:ing)? (?:walls? and )?(?:my ?self|my (?:own )?(?:head|face|legs?"
            r"|thighs?))\b",
            rf"\b(?:my|the|these|some|enough|those|all the) (?:sleeping |moms |mums |grandmas )?(?:pills|tablets|meds|medication"
            rf"|painkillers|paracetamol)\b[\w ,]{{0,25}}\b(?:count\w*|enough|drawer|ready|all of them|all at once|saved|lined"
            rf"|under my|tonight|finish it|whole)\b",
            r"\b(?:look|stare|count|hold|looking|staring|counting|holding|hide|hiding|save|saving|keep|keeping|lin(?:e|ed|ing) up)"
            r" (?:at |up )?(?:my|the|all my|all the) (?:sleeping )?(?:pills|tablets|meds|medication|painkillers)\b",
            r"\b(?:bought|have|got|found|tied|tie|hid|hidden) (?:a |the |some |my )?(?:rope|noose)\b",
            r"\b(?:stand|stood|standing|sit|sat|sitting|look|looking|looked|walk|walked|walking|go|went|cross|crossing)\b"
            r"[\w ]{0,25}\b(?:platform|bridge|roof|edge|balcony|ledge|tracks|window|railway|cliff|parapet)\b[\w ,]{0,25}"
            r"\b(?:easy|jump\w*|one step|end|fall\w*|stop|let go|wonder\w*|imagin\w*|think\w*|over)\b",
            r"\b(?:nearly|almost) (?:jumped|did it|ended it|went through with it|took them all)$",
            r"\b(?:havent|have not|not|stopped|refuse to|cant|dont|do not)(?: \w+)? (?:eaten|eating|eat)\b[\w ]{0,25}"
            r"\b(?:days|week|deserve|fat|disgusting|punish\w*|anything|at all|nothing)\b(?! (?:meat|gluten))",
            r"\bput(?:ting)? an end to (?:myself|my life|it all|it|everything|my suffering|me)\b",
            r"\b(?:loaded )?gun (?:to|in|at|against) my\b|\bmy (?:dads |fathers |own )?gun\b[\w ]{0,20}\b(?:head|mouth|end|myself)",
        ),
        SUBJECT,
    ),
    family(  # the same, where it might be about work
        "take do end stop over out dead more bear anymore pointless longer",
        (
            r"\b(?:cant|cannot) (?:take|do|stand|bear|deal with|handle) (?:it|this|any of (?:it|this)"
            rf"|life|everything|all this|any ?more)(?: all)?(?: any ?more| any longer| no more"
            rf"|(?=$)|(?=,))",
            rf"\bi (?:{ADV})(?:want|need|wish|pray for|would like|wanted) (?:for )?(?:it|it all|this"
            rf"|everything|all of (?:it|this)|all this|the world) (?:to|would) {ADV}(?:end|stop|be"
            rf" over|go away){END}",
            rf"\bwant (?:it|it all|everything) (?:over|to be over|gone){END}",
            rf"\b(?:no|any) way out(?: for me)?{END}",
            r"\brather be dead\b",
            rf"\beverything (?:is|feels|seems) (?:so |just )?(?:pointless|hopeless|meaningless){END}",
        ),
        WORK,
    ),
)

"""Name the language of a short text by its script and its most frequent words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

# Words that English meets in names and phrases (de, la, los, van, das) or has itself (die, man,
# come) are mostly left out.
_WORDS = """
English: the and of to in is it that for with you my have not but be are this was on at as by or
    from they what how about would me do so like can more a i no am
German: und ich nicht der dem ein eine einen mit auf für ist sind zu zum auch mir mich meine aber
    wie wir es bei oder gern habe seit wenn sehr über weil warum nach nur in am kann doch uns
French: je et des une dans est pour que qui mon ma mes avec sur ne suis mais ce cette nous vous il
    elle aux ai j un même très quand comme être sont aussi ou fait a me chaque ont
Spanish: que y en mi mis con por para una un es soy estoy se lo pero como más muy su sus también
    cuando tengo esta este hay todo gusta porque desde así nunca nos donde sin a no me ser
Portuguese: que e em um uma eu não meu minha meus com por para mais muito são sou estou se é ao à na
    mas como quando tenho gosto também pela nunca você onde porque os a do no as me
Italian: che e di il un una mi sono non mio mia gli nel ho anche piace più ogni dei al questo cosa
    quando perché lo io se vorrei senza nella alla a in i no so tutti tutto chi
Dutch: ik en het een dat niet met op voor zijn er mijn maar om ook te aan bij naar heb hebben nog
    wil kan graag deze als je veel mij omdat waar in is of was me onze hele
Swedish: jag och att det en ett är på med som inte mig av för min mitt mina har vi från eller mycket
    när vill också hur så efter gillar där sedan varje få i ska
Danish: jeg og er det at en et ikke med på til af som mig min mit mine har der hvor også fra eller
    meget når vil gerne hvordan efter noget alle hele siden i for så have mange fordi vores
Norwegian: jeg og er det å en et ikke med på til av som meg min mitt mine har der hvor også fra
    eller mye når vil gjerne hvordan etter noe liker nå i for så veldig fordi bare være mange
Finnish: ja ei se että minä minun minua minulla olen mutta kun kuin myös jos sekä joka jota ovat oma
    oman niin mitä siitä ole haluan haluaisin paljon kanssa pidän usein nyt vaikka miten miksi koska
    meillä kaksi siksi on joita
Polish: w na z się nie że jest mi mnie jak ale dla po od jestem o za czy tak być lubię moja mój
    przez oraz ze już bardzo co jako który są kiedy też żeby i do to a by
Czech: se na v je že si jsem s z ale mě mi který které jako jak za po bych když tak nebo rád také už
    protože můj moje mám od jsou není ve jsme proč a do to i by
Slovak: sa na v je že si som s z ale ma mi ktorý ktoré ako pre keď za po aj tak alebo rád veľmi už
    pretože môj moja mám od sú nie čo lebo vo a do to i by
Hungarian: az és hogy nem egy meg ez szeretek nagyon csak én már még vagy volt amikor ezt azt nekem
    engem mert szeretnék szeretem ha ami amit minden vagyok érdekel ki után mi olyan sok pedig a is
Romanian: și să în nu cu pe un o este îmi mă că mai sunt din pentru dar ce foarte sau ca al mea meu
    când mult fără după ale iar vreau îi si a am
Croatian: u na je se da sam s za od što koji koje kao ali ne su mi moj moja moje bih iz po volim jer
    ili kada kako nije sve vrlo želim zašto sada više i a do to me
Slovenian: je se na v za da sem z pri po ki ne so kot ali mi moj moja pa s bi kako ker zelo rad rada
    kaj ko če iz od kjer še ni lahko želim in a do
Turkish: ve bir bu için çok ile da benim ama gibi olarak daha ne kadar sonra değil veya istiyorum
    seviyorum bana olan şey yok hakkında özellikle mi çünkü nasıl en o zaman iki şimdi bazen neden
    beri artık hangi
Indonesian: saya yang dan di untuk dengan ini itu tidak dari ke akan bisa juga dalam pada suka ingin
    lebih karena atau sudah sangat aku kami mereka sebagai adalah tentang seperti banyak sekali
    ketika bagaimana kenapa sering jadi setiap
Vietnamese: tôi và của là có không được cho một những các trong để với này rất thích muốn người đã
    về cũng khi nhưng ở như từ vì đang làm mình học đến tại cái nên hoặc bạn
Swahili: na ya wa kwa ni katika kuwa cha za hii lakini pia sana yangu kama au wangu si mimi kila
    zangu vya ili ninapenda napenda nataka ninataka ningependa kutoka nina sababu wakati sasa mara
    hivyo gani unaweza ambayo sisi
Tagalog: ang ng mga sa na ko ako ay si para din rin pero kung mahilig gusto hindi kasi nga aking
    akong kami ito yung naman siya kapag ni kong mo bilang tuwing dahil noong kaya tapos at
Catalan: que els amb per un una és em molt meva meu són estic també però quan més ho aquest aquesta
    als perquè agrada sóc tinc fer dels ens meus com i a no me tots fa sobre molts què seva
Russian: и в не на я что с как это мне по но из у за так для от мой моя или очень меня когда есть
    все они бы он же к о то ещё если чтобы люблю которых себя только
Ukrainian: і в не на я що з як це мені та у за але для від мій моя або дуже мене коли є й до по чи
    він бо ще якщо щоб люблю також про її вже теж бути який
Bulgarian: и в не на аз че с как това ми да се за но от са по ме или много съм когато е като обичам
    искам със ще му към което без най още си ли които вече мен
Greek: και το να η ο του της την τα με για από στο στη που δεν είναι θα μου μια τον τις οι σε αλλά
    ένα πολύ όταν τι αυτό ως πως αν έχω
Albanian: dhe në të për një që është nuk më unë e shumë nga si por jam kam dua ose kur duke pëlqen
    ka mund edhe tim se së kjo jetoj i a me do çdo shpesh
Lithuanian: ir aš kad yra į iš mano labai apie kaip ar tai kai ne nuo dėl po prie jau taip patinka
    noriu esu savo kur dar tik buvo nes už mėgstu su kuris visi mane
Latvian: un es ir ar uz ka kā bet ļoti arī lai pie patīk tas kas vai esmu mans mana savu gribu tā
    jau vēl tikai kad pēc kur jo tik no to ko kuru nav manu
Estonian: ja ma et ei kui aga ka mis oma olen mu minu väga või ning seda siis veel kuidas tahan ta
    kes sest meeldib mulle nii palju eriti koos kas on ole mida kõik midagi ise kuid
Somali: waxaan iyo ku ka u oo ah waa aan ay ayaa inaan badan kale soo wax kuwa marka laakiin waxay
    sida loo ugu lagu aad si jeclahay ii rabaa in
Hausa: ina da na ta ya ne ce wannan kuma amma sosai yin cikin shi su ba zan ni wajen suna ko domin
    yadda ga saboda wasu yana tare daga ka sa wani mini
Afrikaans: ek en het nie vir met om te aan ook baie graag kan wil maar dit op sal hulle ons oor na
    uit dat jy hoekom een saam sy ry in is my as by was hierdie soos
Haitian Creole: mwen nan ak pou li ki se pa sou te ap nou ou yon anpil renmen tout lè fè ka kòm avèk
    vle chak epi sa tankou konsa poukisa
"""

FUNCTION_WORDS: dict[str, tuple[str, ...]] = {
    name: tuple(words.split())
    # A new entry begins where a line is not indented.
    for name, words in (entry.split(":") for entry in re.split(r"\n(?=\w)", _WORDS.strip()))
}
"""Frequent short words of each language, from our own knowledge of them."""

# The first word of the Unicode names of a script's letters: its languages, the likeliest first.
SCRIPTS: dict[str, tuple[str, ...]] = {
    "CJK": ("Chinese",),
    "KATAKANA": ("Japanese",),
    "HIRAGANA": ("Japanese",),
    "HANGUL": ("Korean",),
    "ARABIC": ("Arabic",),
    "HEBREW": ("Hebrew",),
    "THAI": ("Thai",),
    "DEVANAGARI": ("Hindi",),
    "BENGALI": ("Bengali",),
    "TAMIL": ("Tamil",),
    "TELUGU": ("Telugu",),
    "GEORGIAN": ("Georgian",),
    "ARMENIAN": ("Armenian",),
    "ETHIOPIC": ("Amharic",),
    "CYRILLIC": ("Russian", "Ukrainian", "Bulgarian"),
    "GREEK": ("Greek",),
}
LATIN = [
    name
    for name in FUNCTION_WORDS
    if name != "English" and not any(name in names for names in SCRIPTS.values())
]


def language(text: str) -> str | None:
    """Name the language of ``text``, "English" included, or return None if that is not clear.

    Calling English foreign is the worse error: English with names, quotes and single words of other
    languages, or full of typing errors, is "English" or None.
    """
    # NFKC, since Unicode names half-width kana and full-width letters by width, not by script.
    text = unicodedata.normalize("NFKC", text).lower()
    counts = Counter(re.findall(r"[^\W\d_]+", text))
    known = {name: counts.keys() & words for name, words in FUNCTION_WORDS.items()}
    english = known["English"]

    def total(words: Iterable[str]) -> int:
        return sum(counts[word] for word in words)

    scripts = Counter(
        # Names begin with the script: "CYRILLIC SMALL LETTER A", "KATAKANA-HIRAGANA PROLONGED ...".
        re.split("[ -]", unicodedata.name(letter, "-"))[0]
        for letter in text
        if letter.isalpha()
    )
    script = max(SCRIPTS, key=lambda name: scripts[name])
    if scripts[script] > max(1, scripts["LATIN"], 20 * total(english)):
        # Japanese mixes kana with Chinese signs; Chinese has no kana.
        kana = script == "CJK" and scripts["HIRAGANA"] + scripts["KATAKANA"]
        return max(
            SCRIPTS["HIRAGANA" if kana else script], key=lambda name: total(known.get(name, ()))
        )
    # Words that English has as well tell nothing.
    best = max(LATIN, key=lambda name: total(known[name] - english))
    telling = known[best] - english
    # Words with accents count too, listed or not.
    evidence = telling | {word for word in counts if not word.isascii()}
    # One telling word is enough only beside three words with a letter beyond Latin-1 ("ł", "ș").
    certain = not scripts[script] and (
        len(telling) > 1 or (len(telling) == 1 and sum(max(word) > "\xff" for word in counts) > 2)
    )
    if (
        certain
        and len("".join(evidence)) > 5
        and total(evidence) > max(3 * total(english - known[best]), total(counts) / 8)
    ):
        return best
    return "English" if total(english) > max(total(evidence), total(counts) / 5) else None

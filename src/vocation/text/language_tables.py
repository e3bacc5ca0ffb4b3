"""What tells languages apart: words, letters and scripts; and which are near to each other."""

from __future__ import annotations

import re

# A name, the letters of the language beyond a to z, and frequent short words from our own knowledge
# of it. Languages that a short text cannot tell apart share an entry. Words that English meets in
# names and phrases (de, la, los, van, das) or has itself (die, man, come) are mostly left out.
# Languages that resemble each other have a word of both in both lists: only what one of them lacks
# tells them apart.
_TABLE = """
English: the and of to in is it that for with you my have not but be are this was on at as by or
    from they what how about would me do so like can more a i no am
German äöüß: und ich nicht der dem ein eine einen mit auf für ist sind zu zum auch mir mich meine
    aber wie wir es bei oder gern habe seit wenn sehr über weil warum nach nur in am kann doch uns
French àâæçèéêëîïôœùûüÿ: je et des une dans est pour que qui mon ma mes avec sur ne suis mais ce
    cette nous vous il elle aux ai j un même très quand comme être sont aussi ou fait a me chaque
    ont
Spanish áéíñóúü: que y en mi mis con por para una un es soy estoy se lo pero como más muy su sus
    también cuando tengo esta este hay todo gusta porque desde así nunca nos donde sin a no me ser o
    os e sempre
Portuguese àáâãçéêíóôõúü: que e o em um uma eu quero não meu minha meus com por para mais muito são
    sou estou se é ao à na mas como quando tenho gosto também pela nunca você onde porque os a do no
    as me sempre desde este esta hai
Galician áéíñóúüï: que e en un unha eu non meu miña meus con por para máis moito son se é ao á na no
    pero como cando teño gusto gústame tamén nunca onde porque os a do as me sempre desde este esta
    hai ser sen moi cos coas dos das unhas quero traballar teno gustame tamen unha
Italian àèéìíîòóùú: che e di il un una mi sono non mio mia gli nel ho anche piace più ogni dei al
    questo cosa quando perché lo io se vorrei senza nella alla a in i no so tutti tutto chi
Dutch áäéèëêíïóöúü: ik en het een dat niet met op voor zijn er mijn maar om ook te aan bij naar heb
    hebben nog wil kan graag deze als je veel mij omdat waar in is of was me onze hele uit hulle sal
Swedish åäöé: jag och att det en ett är på med som inte mig av för min mitt mina har vi från eller
    mycket när vill också hur så efter gillar där sedan varje få i ska till om alla hela bra
Danish æøåéö: jeg og er det at en et ikke med på til af som mig min mit mine har der hvor også fra
    eller meget når vil gerne hvordan efter noget alle hele siden i for så have mange fordi vores om
    kan de vi bliver været mere god nu selv blev jer ved ud kun min nogen lide mennesker
Norwegian æøåéòôäö: jeg og er det å en et ikke med på til av som meg min mitt mine har der hvor også
    fra eller mye når vil gjerne hvordan etter noe liker nå i for så veldig fordi bare være mange at
    alle hele siden om kan de vi blir vært mer god selv ble dere ved ut kun min noen eg ikkje ein
    eit mykje frå vere dei meir berre då likar gjere kva korleis saman mennesker
Finnish äöå: ja ei se että minä minun minua minulla olen mutta kun kuin myös jos sekä joka jota ovat
    oma oman niin mitä siitä ole haluan haluaisin paljon kanssa pidän usein nyt vaikka miten miksi
    koska meillä kaksi siksi on joita
Polish ąćęłńóśźż: na w z się nie że jest mi mnie jak ale dla po od jestem o za czy tak być lubię
    moja mój przez oraz ze już bardzo co jako który są kiedy też żeby i do to a by
Czech áčďéěíňóřšťúůýž: se na v je že si jsem s z ale mě mi který které jako jak za po bych když tak
    nebo rád také už protože můj moje mám od jsou není ve jsme proč a do to i by pri pracovat velmi
    ráda o u pro ke ze
Slovak áäčďéíĺľňóôŕšťúýž: sa na v je že si som s z ale ma mi ktorý ktoré ako pre keď za po aj tak
    alebo rád veľmi už pretože môj moja mám od sú nie čo lebo vo a do to i by pri rada o u so zo
    moje pracovať
Hungarian áéíóöőúüű: az és hogy nem egy meg ez szeretek nagyon csak én már még vagy volt amikor ezt
    azt nekem engem mert szeretnék szeretem ha ami amit minden vagyok érdekel ki után mi olyan sok
    pedig a is
Romanian ăâîșțşţ: și să în nu cu pe un o este îmi mă că mai sunt din pentru dar ce foarte sau ca al
    mea meu când mult fără după ale iar vreau îi si a am
Bosnian, Croatian or Serbian čćđšž: u na je se da sam s za od što koji koje kao ali ne su mi moj
    moja moje bih iz po volim jer ili kada kako nije sve vrlo želim zašto sada više i a do to me bi
    pri o dobro sa šta rad
Slovenian čšž: je se na v za da sem z pri po ki ne so kot ali mi moj moja pa s bi kako ker zelo rad
    rada kaj ko če iz od kjer še ni lahko želim in a do su me o dobro bom
Turkish çğıöşüâîû: ve bir bu için çok ile da benim ama gibi olarak daha ne kadar sonra değil veya
    istiyorum seviyorum bana olan şey yok hakkında özellikle mi çünkü nasıl en o zaman iki şimdi
    bazen neden beri artık hangi
Indonesian or Malay: saya yang dan di untuk dengan ini itu tidak dari ke akan bisa juga dalam pada
    suka ingin lebih karena atau sudah sangat aku kami mereka sebagai adalah tentang seperti banyak
    sekali ketika bagaimana kenapa sering jadi setiap boleh kerana mahu dapat ialah tetapi apabila
    kepada oleh sejak daripada
Vietnamese àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ: tôi và của là có
    không được cho một những các trong để với này rất thích muốn người đã về cũng khi nhưng ở như từ
    vì đang làm mình học đến tại cái nên hoặc bạn
Swahili: na ya wa kwa ni katika kuwa cha za hii lakini pia sana yangu kama au wangu si mimi kila
    zangu vya ili ninapenda napenda nataka ninataka ningependa kutoka nina sababu wakati sasa mara
    hivyo gani unaweza ambayo sisi
Tagalog ñáàâéèíìîóòôúùû: ang ng mga sa na ko ako ay si para din rin pero kung mahilig gusto hindi
    kasi nga aking akong kami ito yung naman siya kapag ni kong mo bilang tuwing dahil noong kaya
    tapos at
Cebuano ñ: ug sa ang mga ko nga ako kay kini usa ka gusto ganahan dili sila kanunay si kung para
    maayo nako akong isip og na pero ni mo ug niini gyud
Catalan àçèéíïòóúü: que els amb per un una és em molt meva meu són estic també però quan més ho
    aquest aquesta als perquè agrada sóc tinc fer dels ens meus com i a no me tots fa sobre molts
    què seva
Albanian çë: dhe në të për një që është nuk më unë e shumë nga si por jam kam dua ose kur duke
    pëlqen ka mund edhe tim se së kjo jetoj i a me do çdo shpesh
Lithuanian ąčęėįšųūž: ir aš kad yra į iš mano labai apie kaip ar tai kai ne nuo dėl po prie jau taip
    patinka noriu esu savo kur dar tik buvo nes už mėgstu su kuris visi mane
Latvian āčēģīķļņšūžōŗ: un es ir ar uz ka kā bet ļoti arī lai pie patīk tas kas vai esmu mans mana
    savu gribu tā jau vēl tikai kad pēc kur jo tik no to ko kuru nav manu
Estonian äõöüšž: ja ma et ei kui aga ka mis oma olen mu minu väga või ning seda siis veel kuidas
    tahan ta kes sest meeldib mulle nii palju eriti koos kas on ole mida kõik midagi ise kuid
Somali: waxaan iyo ku ka u oo ah waa aan ay ayaa inaan badan kale soo wax kuwa marka laakiin waxay
    sida loo ugu lagu aad si jeclahay ii rabaa in
Hausa ɓɗƙƴ: ina da na ta ya ne ce wannan kuma amma sosai yin cikin shi su ba zan ni wajen suna ko
    domin yadda ga saboda wasu yana tare daga ka sa wani mini
Afrikaans áèéêëíîïóôúûý: ek en het nie vir met om te aan ook baie graag kan wil maar dit op sal
    hulle ons oor na uit dat jy hoekom een saam sy ry in is my as by was hierdie soos
Haitian Creole àèò: mwen nan ak pou li ki se pa sou te ap nou ou yon anpil renmen tout lè fè ka kòm
    avèk vle chak epi sa tankou konsa poukisa
Russian абвгдеёжзийклмнопрстуфхцчшщъыьэюя: и в не на я что с как это мне по но из у за так для от
    мой моя или очень меня когда есть все они бы он же к о то ещё если чтобы люблю которых себя
    только мои где нас быть хочу без до мы
Ukrainian абвгґдеєжзиіїйклмнопрстуфхцчшщьюя: і в не на я що з як це мені та у а але для від мій моя
    або дуже мене коли є й до по чи він бо ще якщо щоб люблю також про її вже теж бути який за так
    хочу без де мої ми нас у зі
Belarusian абвгдеёжзійклмнопрстуўфхцчшыьэюя: і ў не на я што з як гэта мне та у а але для ад мой мая
    або вельмі мяне калі ёсць й да па ці ён бо яшчэ каб люблю таксама пра яе ужо быць які за так
    хачу без дзе мае мы нас падабаецца
Bulgarian абвгдежзийклмнопрстуфхцчшщъьюяѝ: и в не на аз че с как това ми да се за но от са по ме или
    много съм когато е като обичам искам със ще му към което без най още си ли които вече мен до моя
    където сме мои
Macedonian абвгдѓежзѕијклљмнњопрстќуфхцчџш: и во не на јас дека со како тоа ми да се за но од по ме
    или многу сум кога е сакам ќе му што без уште ли кои веќе мене до мојот каде сме моите еден
Serbian абвгдђежзијклљмнњопрстћуфхцчџш: и у не на ја да са како то ми је се за али од су по ме или
    врло сам када што волим желим ће му без још ли који већ мене до мој где смо моје из бих шта и
Greek: και το να η ο του της την τα με για από στο στη που δεν είναι θα μου μια τον τις οι σε αλλά
    ένα πολύ όταν τι αυτό ως πως αν έχω
Arabic ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي: في من على أن إلى هذا هذه التي الذي مع عن لا ما أنا كل
    كان بعد أو لم قد هو هي ذلك بين جدا العمل أحب أريد لدي كما لكن ولكن عندما حتى منذ كنت الناس إن
    لأن وأنا وأحب لأنني
Persian ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیكي: و از به در که را این با است برای من خود تا آن می
    هم یک بر یا دارم هستم خیلی دوست اما باید هر چون ولی میکنم های کردن کار بودم بوده ام ها خوب
Urdu ءآأؤئابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوهہھۃیےۓكي: میں کے کی ہے اور سے کا کو ہیں پر نے یہ کہ ہوں
    ایک نہیں مجھے بھی کر بہت تھا ہوتا لیے ساتھ کرنا میرے میرا میری کرتا تھی کام و
Hindi: मैं और है के में की से को का हूं हूँ मुझे नहीं पर यह करना भी ने तो बहुत लिए हैं मेरी मेरे
    मेरा करता करती साथ अपने या कि था जो लोगों पसंद एक काम
Marathi: मी आणि आहे मला आहेत नाही ते या हे की माझ्या माझे माझा माझी तर पण खूप होते करायला आवडते
    आवडतो करतो करते मध्ये साठी त्या जे लोकांना आवडतं एक काम
Nepali: म र छ छु मलाई गर्न को मा मेरो लागि पनि हो हुन्छ गरेको छन् धेरै मन पर्छ लाई गर्छु सँग भएको
    तर यो ले छैन एक काम
Bengali: আমি এবং করতে ভালো আমার কাজ না এই থেকে জন্য খুব সঙ্গে একটি করি মানুষ আর চাই যে ও হয়
    নিয়ে ভালোবাসি আমাকে সাথে পছন্দ করা
Hebrew: של את אני לא על עם זה גם כי אבל או מה יש אותי לי הוא היא אוהב אוהבת רוצה מאוד כל אם
Amharic: እና ነው ላይ ውስጥ እኔ ግን ወደ በጣም ጋር ነኝ አለኝ ያለ ሁሉ ስራ እወዳለሁ መስራት ሰዎችን ማድረግ እፈልጋለሁ
"""

FUNCTION_WORDS: dict[str, tuple[str, ...]] = {}
"""Frequent short words of each language."""
LETTERS: dict[str, frozenset[str]] = {}
"""Letters of each language beyond a to z; none where they are those of its script."""
# A new entry begins where a line is not indented.
for _entry in re.split(r"\n(?=\w)", _TABLE.strip()):
    _head, _, _listed = _entry.partition(":")
    # The letters are the last word of the head, if they are no name.
    _name, _, _last = _head.rpartition(" ")
    if not _name or _last[0].isupper():
        _name, _last = _head, ""
    FUNCTION_WORDS[_name], LETTERS[_name] = tuple(_listed.split()), frozenset(_last)

NEAR = tuple(
    frozenset(names.split())
    for names in (
        "Norwegian Danish Swedish",
        "Czech Slovak Polish Slovenian Croatian Bosnian Serbian",
        "Serbian Macedonian Bulgarian",
        "Russian Ukrainian Belarusian Bulgarian",
        "Spanish Portuguese Galician Catalan",
        "Dutch Afrikaans German",
        "Hindi Marathi Nepali",
        "Persian Urdu",
        "Finnish Estonian",
        "Indonesian Malay",
        "Tagalog Cebuano",
    )
)
"""Languages so close that who writes one reads the other, or that a short text may be taken for the
other: none of them is a reason to refuse a text.
"""

SCRIPTS: dict[str, tuple[str, ...]] = {
    "CJK": ("Chinese",),
    "KATAKANA": ("Japanese",),
    "HIRAGANA": ("Japanese",),
    "HANGUL": ("Korean",),
    "THAI": ("Thai",),
    "LAO": ("Lao",),
    "KHMER": ("Khmer",),
    "MYANMAR": ("Burmese",),
    "BENGALI": ("Bengali",),
    "TAMIL": ("Tamil",),
    "TELUGU": ("Telugu",),
    "KANNADA": ("Kannada",),
    "MALAYALAM": ("Malayalam",),
    "GUJARATI": ("Gujarati",),
    "GURMUKHI": ("Punjabi",),
    "SINHALA": ("Sinhala",),
    "GEORGIAN": ("Georgian",),
    "ARMENIAN": ("Armenian",),
    "GREEK": ("Greek",),
    "ETHIOPIC": ("Amharic",),
    "HEBREW": ("Hebrew",),
    "ARABIC": ("Arabic", "Persian", "Urdu"),
    "DEVANAGARI": ("Hindi", "Marathi", "Nepali"),
    "CYRILLIC": ("Russian", "Ukrainian", "Belarusian", "Bulgarian", "Macedonian", "Serbian"),
}
"""The first word of the Unicode names of a script's letters, and its languages. One that nearly
owns its script has no words above: the script names it.
"""

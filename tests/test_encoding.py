"""Files from before Unicode: each of these encodings is read letter by letter."""

from __future__ import annotations

import pytest

from vocation.data import encoding
from vocation.data.encoding import decode, lines_of
from vocation.errors import ConfigError, DataError

TEXTS = {
    "Polish": """
Pracuję w szpitalu jako pielęgniarka i lubię pomagać ludziom.
Chciałbym zostać inżynierem, ponieważ interesuje mnie budowa maszyn.
Gotuję obiady dla całej rodziny i marzę o własnej restauracji.
Uczę dzieci czytać i pisać, a wieczorem śpiewam w chórze.
""",
    "Czech": """
Pracuji v nemocnici jako zdravotní sestra a ráda pomáhám lidem.
Chtěl bych být inženýrem, protože mě zajímají stroje a jejich řízení.
Vařím večeře pro celou rodinu a přeji si vlastní restauraci.
Učím děti číst a psát, večer zpívám ve sboru.
""",
    "Hungarian": """
Kórházban dolgozom ápolóként, és szeretek segíteni az embereknek.
Mérnök szeretnék lenni, mert érdekelnek a gépek és a működésük.
Vacsorát főzök az egész családnak, és saját éttermet szeretnék.
Gyerekeket tanítok írni és olvasni, este pedig kórusban énekelek.
""",
    "Romanian": """
Lucrez la spital ca asistentă şi îmi place să ajut oamenii.
Vreau să devin inginer, pentru că mă interesează maşinile.
Gătesc cina pentru toată familia şi visez la un restaurant.
Îi învăţ pe copii să citească.
""",
    "Turkish": """
Hastanede hemşire olarak çalışıyorum ve insanlara yardım etmeyi seviyorum.
Mühendis olmak istiyorum, çünkü makineler ilgimi çekiyor.
Bütün aile için akşam yemeği pişiriyorum, kendi lokantamı açmak istiyorum.
Çocuklara okuma yazma öğretiyorum, akşamları koroda şarkı söylüyorum.
""",
    "Lithuanian": """
Dirbu ligoninėje slaugytoja ir man patinka padėti žmonėms.
Noriu tapti inžinieriumi, nes mane domina mašinos.
Gaminu vakarienę visai šeimai ir svajoju apie savo restoraną.
Mokau vaikus skaityti ir rašyti, vakarais dainuoju chore.
""",
    "Croatian": """
Radim u bolnici kao medicinska sestra i volim pomagati ljudima.
Želim postati inženjer jer me zanimaju strojevi i kako rade.
Kuham večeru za cijelu obitelj i sanjam o vlastitom restoranu.
Učim djecu čitati i pisati, a navečer pjevam u zboru, gdje sam našla sreću.
""",
    "Latvian": """
Strādāju slimnīcā par medmāsu un man patīk palīdzēt cilvēkiem.
Gribu kļūt par inženieri, jo mani interesē mašīnas.
Gatavoju vakariņas visai ģimenei un sapņoju par savu restorānu.
Mācu bērniem lasīt un rakstīt, vakaros dziedu korī.
""",
    "French": """
Je travaille à l'hôpital comme infirmière et j'aime aider les gens.
Mon cœur est à la mer : j'ai été élève à l'école de pêche pour 300 € par mois.
Je prépare le dîner pour toute la famille et je rêve d'un restaurant.
J'apprends aux enfants à lire et à écrire, c'est mon œuvre.
""",
    "German": """
Ich arbeite als Pfleger im Krankenhaus und helfe gerne Menschen.
Ich möchte Ingenieur werden, weil mich Maschinen und ihre Bauweise für große Brücken interessieren.
Ich koche für die ganze Familie und träume von einer eigenen Gaststätte.
Abends singe ich im Chor und übe Geige.
""",
    "Spanish": """
Trabajo en el hospital como enfermera y me gusta ayudar a la gente.
Quiero ser ingeniero porque me interesan las máquinas y su diseño.
Cocino para toda la familia y sueño con un restaurante propio en la montaña.
Enseño a los niños a leer y a escribir, ¿y tú?
""",
    "Portuguese": """
Trabalho no hospital como enfermeira e gosto de ajudar as pessoas.
Quero ser engenheiro porque as máquinas não têm segredos para mim.
Cozinho para toda a família e sonho com um restaurante à beira-mar.
Ensino crianças a ler, são elas a minha paixão e vocação.
""",
    "Swedish": """
Jag arbetar på sjukhus som sjuksköterska och tycker om att hjälpa människor.
Jag vill bli ingenjör för att maskiner är spännande.
Jag lagar middag åt hela familjen och drömmer om en egen krog.
Jag lär barn att läsa och skriva.
""",
    "English": """
I work in a hospital as a nurse – and I like helping people.
I’d like to become an engineer, because I’m interested in “machines”.
I cook for the whole family… and dream of my own café.
I teach children to read and write.
""",
    "Russian": """
Я работаю в больнице медсестрой и люблю помогать людям.
Хочу стать инженером, потому что мне интересны машины.
Готовлю ужин для всей семьи и мечтаю о собственном ресторане.
Учу детей читать и писать, а вечером пою в хоре.
""",
    "Ukrainian": """
Я працюю в лікарні медсестрою і люблю допомагати людям.
Хочу стати інженером, бо мені цікаві машини та їхня будова.
Готую вечерю для всієї родини і мрію про власний ресторан.
Навчаю дітей читати й писати.
""",
    "Greek": """
Δουλεύω στο νοσοκομείο ως νοσοκόμα και μου αρέσει να βοηθώ τους ανθρώπους.
Θέλω να γίνω μηχανικός, γιατί με ενδιαφέρουν οι μηχανές.
Μαγειρεύω για όλη την οικογένεια και ονειρεύομαι ένα εστιατόριο.
Μαθαίνω στα παιδιά να διαβάζουν.
""",
    "Hebrew": """
אני עובדת בבית חולים כאחות ואוהבת לעזור לאנשים.
אני רוצה להיות מהנדס כי מכונות מעניינות אותי.
אני מבשלת ארוחת ערב לכל המשפחה וחולמת על מסעדה.
""",
    "Arabic": """
أعمل في المستشفى ممرضة وأحب مساعدة الناس.
أريد أن أصبح مهندسا لأن الآلات تهمني.
أطبخ العشاء لكل العائلة وأحلم بمطعم خاص بي.
""",
    "Japanese": """
私は病院で看護師として働いていて、人を助けることが好きです。
機械に興味があるので、エンジニアになりたいです。
家族みんなの夕食を作り、自分のレストランを夢見ています。
子どもたちに読み書きを教えています。
""",
    "Chinese": """
我在医院当护士，喜欢帮助别人。
我想当工程师，因为我对机器很感兴趣。
我为全家人做晚饭，梦想开一家自己的餐馆。
我教孩子们读书写字，晚上在合唱团唱歌。
""",
    "Traditional Chinese": """
我在醫院當護士，喜歡幫助別人。
我想當工程師，因為我對機器很感興趣。
我為全家人做晚飯，夢想開一家自己的餐館。
我教孩子們讀書寫字，晚上在合唱團唱歌。
""",
    "Korean": """
저는 병원에서 간호사로 일하고 있으며 사람들을 돕는 것을 좋아합니다.
기계에 관심이 많아서 엔지니어가 되고 싶습니다.
가족을 위해 저녁을 요리하고 나만의 식당을 꿈꿉니다.
아이들에게 읽기와 쓰기를 가르칩니다.
""",
    "Thai": """
ฉันทำงานเป็นพยาบาลที่โรงพยาบาลและชอบช่วยเหลือผู้คน
ฉันอยากเป็นวิศวกรเพราะสนใจเครื่องจักร
ฉันทำอาหารเย็นให้ทั้งครอบครัวและฝันถึงร้านอาหารของตัวเอง
""",
}
ENCODINGS = [
    ("Polish", "cp1250"),
    ("Polish", "iso8859-2"),
    ("Czech", "cp1250"),
    ("Hungarian", "cp1250"),
    ("Romanian", "cp1250"),
    ("Turkish", "cp1254"),
    ("Turkish", "iso8859-9"),
    ("Turkish", "cp857"),
    ("Croatian", "cp1250"),
    ("Croatian", "iso8859-2"),
    ("Latvian", "cp1257"),
    ("Lithuanian", "cp1257"),
    ("French", "iso8859-15"),
    ("German", "cp1252"),
    ("German", "mac-roman"),
    ("German", "cp437"),
    ("Spanish", "cp1252"),
    ("Portuguese", "cp1252"),
    ("Swedish", "cp1252"),
    ("English", "cp1252"),
    ("English", "mac-roman"),
    ("Russian", "cp1251"),
    ("Russian", "koi8-r"),
    ("Russian", "cp866"),
    ("Ukrainian", "cp1251"),
    ("Greek", "cp1253"),
    ("Hebrew", "cp1255"),
    ("Arabic", "cp1256"),
    ("Japanese", "shift_jis"),
    ("Japanese", "euc_jp"),
    ("Chinese", "gb18030"),
    ("Traditional Chinese", "big5"),
    ("Korean", "euc_kr"),
    ("Thai", "cp874"),
]


def table(language: str) -> str:
    """A file of one text a line, some 200 to 400 bytes."""
    rows = [f"Job {i % 3};{line}\n" for i, line in enumerate(TEXTS[language].strip().split("\n"))]
    return "role;profile\n" + "".join(rows)


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS)
@pytest.mark.parametrize("times", [1, 60])
def test_every_letter_is_read(language: str, encoding: str, times: int) -> None:
    text = table(language) * times
    read, hints = decode(text.encode(encoding), "people.csv")
    assert read == text
    first = next(i for i, line in enumerate(text.split("\n"), 1) if not line.isascii())
    assert [f"people.csv: line {first} is not UTF-8" in hint for hint in hints] == [True]


@pytest.mark.parametrize("language", TEXTS)
def test_utf8_is_never_taken_for_anything_else(language: str) -> None:
    assert decode(table(language).encode(), "people.csv") == (table(language), [])


def test_a_text_that_could_be_in_several_encodings_is_refused_until_one_is_named() -> None:
    data = "role;profile\nHemşire;hemşire\n".encode("cp1254")  # "Hemþire" may be Icelandic
    with pytest.raises(DataError, match="--encoding"):
        decode(data, "people.csv")
    assert decode(data, "people.csv", "windows-1254")[0].endswith("Hemşire;hemşire\n")


def test_a_named_encoding_is_not_used_for_what_is_utf8() -> None:
    text, hints = decode(table("Turkish").encode(), "people.csv", "cp1254")
    assert text == table("Turkish")
    assert "read as UTF-8" in hints[0]


@pytest.mark.parametrize("name", ["windows-1259", "base64", "undefined", "idna", "", "a\0"])
def test_an_encoding_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="no such encoding"):
        decode(b"role;profile\n", "people.csv", name)


def test_a_named_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="are not utf-8"):
        decode(table("Turkish").encode("cp1254"), "people.csv", "utf-8")


def test_bytes_that_the_encoding_lacks_are_reported() -> None:
    data = (table("Turkish") * 60).encode("cp1254") + b"Job;son \x8d\n"
    read, hints = decode(data, "people.csv")
    assert read.endswith("Job;son \ufffd\n")
    assert "read as Windows-1254" in hints[0]
    line = 60 * table("Turkish").count("\n") + 1
    assert f"line {line} has bytes that are not Windows-1254 (1 in the file" in hints[1]


def test_lines_in_utf8_stay_as_they_are_beside_others() -> None:
    old, new = table("Russian"), table("Greek")
    read, hints = decode(old.encode("cp1251") + new.encode(), "people.csv")
    assert read == old + new
    assert len(hints) == 1


def test_a_line_that_is_too_long_keeps_its_beginning_in_any_encoding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoding, "MAX_LINE", 30)
    monkeypatch.setattr(encoding, "_MAX_BYTES", 124)
    short = "we cook at the café\n"
    for codec in ("utf-8", "utf-16", "cp1252"):
        data = (short + "we bake at the café " * 20 + "\n" + short).encode(codec)
        lines, _ = lines_of(data, "a.csv")
        assert list(lines) == [short, "we bake at the café we bake at " + "\n", short]

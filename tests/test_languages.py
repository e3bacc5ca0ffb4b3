from __future__ import annotations

import pytest

from vocation.base_languages import MULTILINGUAL, not_known
from vocation.reports import diagnostics
from vocation.text.clean import words
from vocation.text.languages import OTHER, foreign, language, of_rows, reach

ENGLISH = [
    "I studied in São Paulo and Zürich, and now I live in Łódź with José and Zoë.",
    "My favourite dishes are crème brûlée, jalapeño soufflé and pâté en croûte.",
    "Die Zauberflöte and La Traviata: I have sung both, and I want to sing for a living.",
    "He said je ne sais quoi, she said que será, será, and I laughed.",
    "i luv fixin carz n bikez wiv me dad, gud at it to",
    "Python, Django, PostgreSQL, Docker, Kubernetes, AWS",
    "The man in the van was on a den, and all the men come and go as i do.",
    "Nurse at San José hospital, née Müller, fluent in German and a little français.",
    "Wanna do sumthing wit animals idk maybe vet??",
    "Kindergarten, Schadenfreude and Wanderlust are the German words I know.",
    "The Greek letters α, β and γ were the first maths that I liked.",
    "I translate 日本語 comics into English for my friends.",
]
"""Names, quotes, dishes, signs and typing errors that look like another language at first sight."""

FOREIGN = {
    "German": "Ich arbeite gern mit Holz und möchte später Möbel bauen.",
    "French": "J'aime travailler avec les enfants et je suis patient avec eux.",
    "Spanish": "Me gusta trabajar con mis manos y estoy aprendiendo a cocinar.",
    "Italian": "Mi piace lavorare con gli animali e sono sempre all'aperto.",
    "Portuguese": "Gosto muito de desenhar e não tenho medo de trabalho duro.",
    "Dutch": "Ik werk graag met mijn handen en ik ben niet bang voor hoogtes.",
    "Polish": "Lubię naprawiać samochody i jestem bardzo dokładny.",
    "Turkish": "Çocuklarla çalışmayı çok seviyorum ve sabırlı bir insanım.",
    "Swedish": "Jag tycker om att laga mat och vill inte sitta på ett kontor.",
    "Indonesian or Malay": "Saya suka memasak dan ingin bekerja di dapur yang besar.",
    "Russian": "Я люблю чинить машины и работать руками.",
    "Japanese": "料理を作るのが好きです。",
    "Chinese": "我喜欢照顾老人和孩子。",
    "Arabic": "أحب العمل مع الأطفال",
    "Persian": "دوست دارم با چوب چیزهایی بسازم",
    "Urdu": "مجھے لکڑی سے چیزیں بنانا پسند ہے",
    "Hindi": "मैं होटल में रसोइया बनना चाहता हूँ",
    "Marathi": "मला लाकडापासून वस्तू बनवायला आवडते आणि काम",
    "Nepali": "म गणितमा राम्रो छु र कार्यालयमा काम गरेको छु",
    "Ukrainian": "Я добре рахую і працював в офісі",
    "Belarusian": "Мне падабаецца дапамагаць людзям, і я ўмею гэта",
    "Bulgarian": "Искам да работя като готвач в хотел",
    "Galician": "Gústame construír cousas de madeira e fixen unha cabana",
    "Khmer": "ខ្ញុំចង់ធ្វើការជាចុងភៅនៅសណ្ឋាគារ",
}

NEIGHBOURS = {
    "Norwegian": "Jeg har jobbet som sykepleier i ti år",
    "Danish": "Jeg kan lide at bygge ting af træ og har lavet en hytte",
    "Swedish": "Jag har hjälpt pappa med tak och fönster sedan jag var liten.",
    "Czech": "Rád stavím věci ze dřeva a postavil jsem chatu",
    "Slovak": "Som dobrý na čísla a pracoval som v kancelárii",
    "Croatian": "Volim graditi stvari od drva i sagradio sam kućicu",
    "Slovenian": "Dober sem s številkami in sem delal v pisarni",
    "Russian": "Я люблю чинить машины и работать руками.",
    "Ukrainian": "Люблю майструвати з дерева і збудував хатинку",
    "Spanish": "Me gusta construir cosas de madera y he hecho una cabaña",
    "Portuguese": "Gosto de construir coisas de madeira e fiz uma cabana",
    "Galician": "Son bo cos números e traballei nunha oficina",
    "Hindi": "मैं दस साल से नर्स का काम कर रही हूँ",
    "Nepali": "मलाई काठबाट सामान बनाउन मन पर्छ",
}
NEAR = [
    ("Norwegian", "Danish"), ("Norwegian", "Swedish"), ("Czech", "Slovak"),
    ("Croatian", "Slovenian"), ("Russian", "Ukrainian"), ("Spanish", "Portuguese"),
    ("Portuguese", "Galician"), ("Hindi", "Nepali"),
]  # fmt: skip

UNNAMED = {
    "Kazakh": "Мен он жыл бойы медбике болып жұмыс істедім",
    "Pashto": "زه غواړم په هوټل کې پخلی وکړم",
    "Kurdish": "من دە ساڵە پەرستارم",
    "Assamese": "মই হোটেলত ৰান্ধনী হ'ব বিচাৰোঁ",
    "Yiddish": "איך וויל קאכן אין א האטעל",
    "Tigrinya": "ኣብ ሆቴል ክሰርሕ እደሊ",
}
"""Languages without words of their own here, in letters that others have as well."""


@pytest.mark.parametrize("text", ENGLISH)
def test_difficult_english_is_never_called_foreign(text: str) -> None:
    assert language(text) in ("English", None)


@pytest.mark.parametrize(("name", "text"), FOREIGN.items())
def test_languages_are_named(name: str, text: str) -> None:
    assert language(text) == name


def test_without_words_no_language_is_named() -> None:
    assert [language(text) for text in ("", "12 + 30", "xkqj vrrt zzpl", "🙂")] == [None] * 4


@pytest.mark.parametrize(("one", "other"), NEAR)
def test_a_near_neighbour_is_no_reason_to_refuse(one: str, other: str) -> None:
    for learnt, asked in ((one, other), (other, one)):
        rows = of_rows([NEIGHBOURS[learnt]] * 3)
        assert not foreign(language(NEIGHBOURS[asked]), reach(rows))
        assert foreign(language(NEIGHBOURS[asked]), reach(["English"]))
        assert foreign("English", reach(rows))


@pytest.mark.parametrize("text", UNNAMED.values(), ids=UNNAMED)
def test_a_language_that_is_not_known_gets_no_name(text: str) -> None:
    assert language(text) == OTHER
    assert foreign(OTHER, reach(["English"]))
    assert not foreign(language(text), reach(of_rows([text]))), "the model that learnt it"


def test_rows_in_one_language_are_not_two() -> None:
    """Half of these could be Danish as well."""
    norwegian = [
        NEIGHBOURS["Norwegian"],
        "Jeg liker å bygge ting av tre, og jeg vil gjerne mye mer.",
    ]
    assert language(norwegian[0]) == "Danish or Norwegian"
    assert of_rows(norwegian * 10) == ["Norwegian"]
    assert of_rows([*["I like to work with my hands"] * 9, *norwegian]) == ["English", "Norwegian"]


def test_the_base_model_is_accused_only_of_what_is_known() -> None:
    """Then the model to take is the only advice."""
    sentence = not_known("sentence-transformers/all-MiniLM-L6-v2", ["Spanish"])
    assert sentence is not None
    assert "Spanish" in sentence
    assert MULTILINGUAL in sentence
    for base, languages in (
        ("all-MiniLM-L6-v2", ["English"]),
        (MULTILINGUAL, ["Spanish"]),
        ("./my-model", ["Spanish"]),
        ("all-MiniLM-L6-v2", []),
    ):
        assert not_known(base, languages) is None
    epoch = {"epoch": 1, "train_loss": 1.0, "validation_loss": 2.0}
    history = [{**epoch, "train_accuracy": 0.9, "validation_accuracy": 0.3}]
    assert any(one.fixes for one in diagnostics.read(history, 24))
    first, *others = diagnostics.read(history, 24, strange=sentence)
    assert first.found == sentence
    assert [one.fixes for one in others] == [()] * len(others)


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("我想在酒店当厨师", 3, 6),
        ("ホテルで料理人として働きたいです", 6, 10),
        ("ฉันอยากทำงานเป็นพ่อครัวในโรงแรม", 6, 10),
        ("ខ្ញុំចង់ធ្វើការជាចុងភៅនៅសណ្ឋាគារ", 5, 9),
        ("ຂ້ອຍຢາກເຮັດວຽກເປັນພໍ່ຄົວໃນໂຮງແຮມ", 6, 10),
        ("ကျွန်တော်ဟိုတယ်မှာစားဖိုမှူးအဖြစ်အလုပ်လုပ်ချင်ပါတယ်", 7, 12),
        ("저는 호텔에서 요리사로 일하고 싶습니다", 5, 5),
    ],
)
def test_words_without_blanks_are_counted(text: str, least: int, most: int) -> None:
    """ "I would like to work as a cook in a hotel", 4 to 10 words in each of them."""
    assert least <= len(words(text)) <= most

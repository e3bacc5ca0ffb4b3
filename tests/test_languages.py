from __future__ import annotations

import pytest

from vocation.text.languages import language

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
}


@pytest.mark.parametrize("text", ENGLISH)
def test_difficult_english_is_never_called_foreign(text: str) -> None:
    assert language(text) in ("English", None)


@pytest.mark.parametrize(("name", "text"), FOREIGN.items())
def test_languages_are_named(name: str, text: str) -> None:
    assert language(text) == name


def test_without_words_no_language_is_named() -> None:
    assert [language(text) for text in ("", "12 + 30", "xkqj vrrt zzpl", "🙂")] == [None] * 4

"""Feedback on the page: asked for only where the owner wants it, kept with consent, taken back; the
owner's review.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from helpers import PAGE, WEB
from streamlit.testing.v1 import AppTest
from test_app import open_page, shown, view

from vocation.feedback.store import Kept, Store, Thumb, store_of
from vocation.owner import access

sys.path.insert(0, str(PAGE))

CANARY = "Qzvexilabomnud"
TEXT = f"{WEB}, {CANARY}."  # one clause: the test client reads no radio in Spanish
OFF = "[feedback]\ncollect = false\ntexts = true\n"
PLAIN = "[feedback]\ncollect = true\n"
TEXTS = "[feedback]\ncollect = true\ntexts = true\nkeep_days = 30\n"


@pytest.fixture
def home(bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bundle and room for feedback beside it."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    shutil.copytree(bundle_folder, tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def visit(home: Path, monkeypatch: pytest.MonkeyPatch, settings: str, text: str = TEXT, language: str = "en") -> AppTest:  # fmt: skip
    """A new session that asked `text`."""
    (home / "site.toml").write_text(settings, "utf-8")
    page = open_page(home / "models", monkeypatch)
    page.session_state.language = language
    page.run()
    page.text_area(key="words").input(text)
    next(one for one in page.button if one.proto.type == "primary").click().run()
    assert not page.exception
    return page


def kept(home: Path) -> list[Kept]:
    return Store(store_of(home / "models")).rows()


def thumbs(page: AppTest) -> list[AppTest]:
    groups = page.get("button_group")
    return [one for one in groups if (one.key or "").startswith("thumb ")]


def tap(page: AppTest, place: int, verdict: str | None) -> None:
    thumbs(page)[place].set_value(verdict).run()
    assert not page.exception


def agree(page: AppTest) -> object:
    return next(one for one in page.checkbox if (one.key or "").startswith("consent "))


def everything(home: Path) -> bytes:
    """All files but those of the bundle and the owner's settings."""
    files = [path for path in home.rglob("*") if path.is_file() and "models" not in path.parts]
    return b"".join(path.read_bytes() for path in files)


def test_nothing_is_asked_or_kept_unless_the_owner_collects(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = visit(home, monkeypatch, OFF)
    assert page.subheader
    assert not thumbs(page)
    assert not page.checkbox
    assert not store_of(home / "models").exists()


@pytest.mark.parametrize(
    ("language", "fits", "question"),
    [("en", "Fits", "fit you?"), ("es", "Encaja", "¿Encaja contigo")],
)
def test_a_verdict_is_kept_without_text_changed_and_taken_back(
    home: Path, monkeypatch: pytest.MonkeyPatch, language: str, fits: str, question: str
) -> None:
    page = visit(home, monkeypatch, PLAIN, language=language)
    assert question in thumbs(page)[0].label
    assert thumbs(page)[0].options[0] == fits
    assert len(thumbs(page)) == 5
    assert not page.checkbox, "no box unless the owner wants texts"
    tap(page, 0, "fits")
    tap(page, 1, "does not fit")
    tap(page, 1, "fits")
    rows = kept(home)
    assert [row.verdict for row in rows] == ["fits", "fits"]
    assert {row.decision for row in rows} == {"match"}
    assert not any(row.text or row.code for row in rows)
    assert CANARY.encode() not in everything(home)
    tap(page, 1, None)
    assert len(kept(home)) == 1
    view(page, "about")
    view(page, "match")
    assert thumbs(page)[0].value == "fits", "who comes back sees what they said"
    page.button(key="delete feedback").click().run()
    assert kept(home) == []
    assert thumbs(page)[0].value is None
    assert [one for one in page.success if "1" in one.value]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_text_is_kept_only_with_the_tick_and_only_for_this_answer(
    home: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    page = visit(home, monkeypatch, TEXTS, language=language)
    assert agree(page).value is False
    assert "30" in "\n".join(shown(page)), "for how long"
    tap(page, 0, "fits")
    assert CANARY.encode() not in everything(home)
    agree(page).check().run()
    (row,) = kept(home)
    assert row.text == TEXT
    assert len(row.code) == 10
    tap(page, 1, "does not fit")
    assert all(row.text for row in kept(home)), "what is said later, too"
    agree(page).uncheck().run()
    assert not any(row.text or row.code for row in kept(home))
    assert CANARY.encode() not in everything(home)
    agree(page).check().run()
    page.text_area(key="words").input("I sit with patients at night and change their dressings")
    next(one for one in page.button if one.proto.type == "primary").click().run()
    assert agree(page).value is False, "another answer, another question"
    tap(page, 0, "fits")
    assert sorted(bool(row.text) for row in kept(home)) == [False, True, True]
    page.button(key="delete feedback").click().run()
    assert kept(home) == []
    assert CANARY.encode() not in everything(home)


def test_children_are_not_asked_for_their_text(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = visit(home, monkeypatch, f"{TEXTS}under_13 = true\n")
    assert thumbs(page)
    assert not page.checkbox


def test_a_text_of_distress_is_not_asked_about(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = visit(home, monkeypatch, TEXTS, f"{TEXT} I don't want to live any more.")
    next(one for one in page.button if "all the same" in one.label).click().run()
    assert [one for one in page.button if (one.key or "").startswith("keep ")], "it has careers"
    assert not thumbs(page)
    assert not page.checkbox


def test_missing_occupations_are_counted_once_a_session_by_title_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        page = visit(home, monkeypatch, PLAIN, f"I want to be a glassblower like {CANARY}")
        page.run()
    assert Store(store_of(home / "models")).missing() == {"glassblower": 3}
    assert CANARY.encode() not in everything(home)


def test_a_refresh_of_the_tab_loses_no_right_to_delete() -> None:
    from utils.visitor import Visitor

    person = Visitor(sent={"c0de Chef": "t0ken"}, counted=["glassblower"], number=1)
    assert Visitor.from_json(person.to_json()) == person


def test_a_store_that_cannot_be_written_costs_no_answer(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_of(home / "models").write_bytes(b"no database, but bytes enough" * 50)
    page = visit(home, monkeypatch, PLAIN)
    assert page.subheader
    assert not thumbs(page)


# --- the owner ------------------------------------------------------------------------------------


def owner(home: Path, monkeypatch: pytest.MonkeyPatch, language: str = "en") -> AppTest:
    monkeypatch.setenv("VOCATION_BUNDLE", str(home / "models"))
    settings = access.Owner.of("a long PIN", str(home / "data"))
    monkeypatch.setenv(access.VARIABLE, settings.to_json())
    monkeypatch.syspath_prepend(PAGE)
    page = AppTest.from_file(str(PAGE / "views" / "owner_feedback.py"), default_timeout=120)
    page.session_state.language = language
    page.run()
    assert not page.exception
    return page


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_owner_reviews_and_deletes(
    home: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    (home / "site.toml").write_text(TEXTS, "utf-8")
    from_page = owner(home, monkeypatch, language)
    assert not from_page.button, "nothing to review or delete"
    store = Store(store_of(home / "models"))
    good = store.put(Thumb("b", "match", "Chef", 0.9, "fits", "c0de", "I love cooking for guests"))
    store.put(Thumb("b", "match", "Chef", 0.8, "does not fit"))
    for _ in range(3):
        store.count_missing("glassblower")
    page = owner(home, monkeypatch, language)
    assert "50" in page.markdown[0].value
    assert page.get("vega_lite_chart") or page.get("arrow_vega_lite_chart")
    assert "glassblower" in "\n".join(shown(page))
    page.button(key="take").click().run()
    assert not (home / "data" / "profiles.csv").exists(), "nothing was ticked"
    assert "I love cooking for guests" in "\n".join(shown(page))
    page.selectbox(key=f"career {good}").select("Registered Nurse")
    page.checkbox(key=f"learn {good}").check()
    page.checkbox(key=f"leave {good}").check()  # learning is the stronger word
    page.button(key="take").click().run()
    assert not page.exception
    written = (home / "data" / "profiles.csv").read_text("utf-8")
    assert written == ("role,profile,kind\nRegistered Nurse,I love cooking for guests,feedback\n")
    assert page.button(key="delete all").disabled
    page.checkbox(key="sure to delete").check().run()
    page.button(key="delete all").click().run()
    assert store.rows() == []
    assert store.missing() == {}
    assert page.success


def test_a_long_review_comes_in_parts_and_a_text_left_out_makes_room(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "site.toml").write_text(TEXTS, "utf-8")
    store = Store(store_of(home / "models"))
    for n in range(21):
        store.put(Thumb("b", "match", "Chef", 0.9, "fits", f"c0de{n}", f"I cook dish {n}"))
    page = owner(home, monkeypatch)

    def waiting() -> set[str]:
        return {(one.key or "").removeprefix("career ") for one in page.selectbox}

    first = waiting()
    assert len(first) == 20
    token = min(first)
    page.checkbox(key=f"leave {token}").check()
    page.button(key="take").click().run()
    assert not page.exception
    assert not (home / "data" / "profiles.csv").exists()
    assert {row.token for row in store.rows() if row.review == "left out"} == {token}
    assert first - waiting() == {token}
    assert len(waiting() - first) == 1, "the next one follows"


def test_the_owner_is_told_how_to_collect(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = owner(home, monkeypatch)
    assert "collect = true" in page.code[0].value

"""The owner's pages: the PIN before them, the data, training, publishing, going back."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest
from conftest import TINY
from helpers import PAGE, hostile_bundle, vocation
from streamlit.testing.v1 import AppTest
from test_app import live as live_markup
from test_app import shown, view

from vocation import Recommender, VocationError, site
from vocation.bundle import layout, writer
from vocation.errors import ConfigError, DataError
from vocation.feedback.store import Store, Thumb, store_of
from vocation.owner import access, own_tests, site_file, tables, training_run
from vocation.owner.card_parts import parts

sys.path.insert(0, str(PAGE))

RIGHT, WRONG = "correct horse", "wrong horse"
VIEWS = ("owner", "owner_data", "owner_train", "owner_card", "owner_feedback")


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A new door of the process, and the seconds of its clock."""
    clock = [0.0]
    monkeypatch.setattr(access, "DOOR", access.Door(lambda: clock[0]))
    return clock


@pytest.fixture
def home(
    bundle_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: list[float]
) -> Path:
    """A folder with a bundle, an empty data folder, and a page that was started for its owner."""
    shutil.copytree(bundle_folder, tmp_path / "models")
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOCATION_BUNDLE", str(tmp_path / "models"))
    settings = access.Owner.of(RIGHT, str(tmp_path / "data"))
    monkeypatch.setenv(access.VARIABLE, settings.to_json())
    monkeypatch.syspath_prepend(PAGE)
    return tmp_path


def visit(name: str = "owner", pin: str = RIGHT, language: str = "en") -> AppTest:
    """A new session on a page of the owner, in which `pin` was typed."""
    page = AppTest.from_file(str(PAGE / "app.py"), default_timeout=120).run()
    page.session_state.language = language
    view(page, name)
    return enter(page, pin)


def enter(page: AppTest, pin: str) -> AppTest:
    page.text_input[0].input(pin)
    page.button[0].click().run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    next(one for one in page.button if one.label.startswith(label)).click().run()
    assert not page.exception
    return page


# --- the PIN --------------------------------------------------------------------------------------


def test_five_wrong_pins_then_a_wait_that_grows_for_everybody(door: list[float]) -> None:
    owner, guard = access.Owner.of(RIGHT, "data"), access.DOOR
    for _ in range(access.TRIES):
        assert guard.wait() == 0
        assert not guard.opens(owner, WRONG)
    assert guard.wait() == 30
    assert not guard.opens(owner, RIGHT), "nothing opens while one waits"
    assert guard.wait() == 30, "and what is typed meanwhile costs nothing"
    for wait in (60, 120, 240):
        door[0] += guard.wait()
        assert not guard.opens(owner, WRONG)
        assert guard.wait() == wait
    door[0] += 240
    assert guard.opens(owner, f" {RIGHT} "), "blanks around it do not count"
    for _ in range(15):
        door[0] += guard.wait()
        guard.opens(owner, WRONG)
    assert guard.wait() == access.LONGEST_WAIT


def test_a_wait_holds_in_another_session(home: Path, door: list[float]) -> None:
    page = visit(pin=WRONG)
    for _ in range(access.TRIES - 1):
        enter(page, WRONG)
    assert "30 seconds" in page.error[0].value
    other = visit(pin=RIGHT)
    assert "30 seconds" in other.error[0].value
    assert "owner" not in other.session_state
    door[0] += 30
    assert enter(other, RIGHT).session_state.owner
    assert not other.error
    press(other, "Lock")
    assert len(other.text_input) == 1, "asks for the PIN again"


def test_the_page_holds_a_hash_and_no_pin(home: Path) -> None:
    owner = access.settings()
    assert owner is not None
    assert RIGHT not in owner.to_json()
    assert owner.fits(RIGHT)
    assert not owner.fits(WRONG)
    with pytest.raises(ConfigError, match="5 characters"):
        access.Owner.of(" 12345 ", "data")


def test_where_a_pin_is_looked_for(tmp_path: Path) -> None:
    assert access.pin_given({}, tmp_path) == ""
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text('owner_pin = "from the file"')
    assert access.pin_given({}, tmp_path) == "from the file"
    (tmp_path / "pin").write_text("from a secret\n")
    named = {access.PIN_FILE: str(tmp_path / "pin")}
    assert access.pin_given(named, tmp_path).strip() == "from a secret"
    assert access.pin_given({**named, access.PIN: "from here"}, tmp_path) == "from here"
    for content in ("owner_pin = 123456", 'owner_pin = " "', "owner_pin"):
        secrets.write_text(content)
        with pytest.raises(ConfigError, match=r"secrets\.toml"):
            access.pin_given({}, tmp_path)
    with pytest.raises(ConfigError, match=access.PIN_FILE):
        access.pin_given({access.PIN_FILE: str(tmp_path / "nowhere")}, tmp_path)


def test_a_pin_is_not_typed_into_plain_http_on_a_network() -> None:
    owner = access.Owner.of(RIGHT, "data")
    assert owner.plain_network("http://192.168.1.7:8501/owner")
    assert owner.plain_network("http://school.example/owner")
    for address in ("", "http://localhost:8501/owner", "http://[::1]:8501/", "https://a.example/"):
        assert not owner.plain_network(address)


def test_the_command_refuses_a_network_and_keeps_the_pin_to_itself(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = vocation("app", "--bundle", bundle_folder, "--owner", "--host", "0.0.0.0")
    assert refused.returncode == 1
    assert "--owner-on-network" in refused.stderr
    assert vocation("app", "--bundle", bundle_folder, "--data", "x").returncode == 2

    from vocation.cli import main

    started: list[dict[str, str]] = []
    monkeypatch.setattr("subprocess.call", lambda _, env: started.append(env) or 0)
    monkeypatch.setenv(access.PIN, RIGHT)
    ask = ["app", "--bundle", str(bundle_folder), "--port", "0"]
    monkeypatch.setattr("vocation.cli.bundle.check_free", lambda host, port: None)
    ask[-1] = "8501"
    assert main([*ask, "--owner"]) == 0
    assert RIGHT not in json.dumps(started[0]) + capsys.readouterr().out
    assert access.Owner(**json.loads(started[0][access.VARIABLE])).fits(RIGHT)
    monkeypatch.delenv(access.PIN)
    assert main([*ask, "--owner"]) == 0
    said = capsys.readouterr().out
    made = said.splitlines()[0].rpartition(": ")[2]
    assert access.Owner(**json.loads(started[1][access.VARIABLE])).fits(made)
    monkeypatch.setenv(access.VARIABLE, started[1][access.VARIABLE])
    assert main(ask) == 0
    assert access.VARIABLE not in started[2], "without --owner nothing is left of it"


def test_without_an_owner_there_are_no_such_pages(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(access.VARIABLE)
    for name in [name for name in sys.modules if name.startswith("utils.owner")]:
        monkeypatch.delitem(sys.modules, name)
    page = AppTest.from_file(str(PAGE / "app.py"), default_timeout=120).run()
    for name in VIEWS:
        with pytest.raises(ValueError, match="page"):
            page.switch_page(f"views/{name}.py")
    assert not [name for name in sys.modules if name.startswith("utils.owner")]
    assert not [link for link in page.get("page_link") if "owner" in link.proto.page]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", VIEWS)
def test_every_page_of_the_owner_in_both_languages(home: Path, name: str, language: str) -> None:
    from utils import words

    texts = words.strings(language)
    locked = visit(name, WRONG, language)
    assert [one.value for one in locked.title] == [texts["owner.title"]]
    page = enter(locked, RIGHT)
    assert page.title[0].value == texts[f"{name}.title"]
    other = words.strings("es" if language == "en" else "en")
    foreign = {
        text
        for key, text in other.items()
        if key.startswith("owner") and isinstance(text, str) and "{" not in text
    } - set(map(str, texts.values()))
    labels = [one.label for kind in (page.button, page.text_area, page.selectbox) for one in kind]
    assert not foreign & {*shown(page), *labels}


# --- data -----------------------------------------------------------------------------------------


def spoilt() -> bytes:
    """A table in Windows-1252 with a row without text, a repeated one, and other column names."""
    rows = [f"{role};{text} (café)" for role, texts in TINY.items() for text in texts]
    return "\r\n".join(["Career;Text", *rows, "Baker;", rows[0]]).encode("cp1252")


def test_a_spoilt_table_is_told_by_row_and_repaired(tmp_path: Path) -> None:
    found = tables.check(tmp_path / "data", {"People.csv": spoilt()})
    assert [(one.row, one.column) for one in found.remarks()] == [
        ("line 26", "profile"),
        ("line 27", ""),
    ]
    assert found.remarks()[1].what == "repeats People.csv, line 2"
    assert found.careers == dict.fromkeys(TINY, 6)
    assert found.data is not None
    assert list(found.repaired) == ["People.csv"]
    again = tables.check(tmp_path / "data", found.repaired)
    assert again.data is not None
    assert again.data.fingerprint == found.data.fingerprint
    assert (again.remarks(), again.data.report.hints) == ([], ())
    assert again.repaired == found.repaired
    assert not (tmp_path / "data").exists()


def test_every_kind_of_default_file_survives_its_repair(default_part: Path) -> None:
    new = {path.name: path.read_bytes() for path in default_part.glob("*.csv")}
    found = tables.check(Path("nowhere"), new)
    again = tables.check(Path("nowhere"), found.repaired)
    assert len(found.repaired) == 6
    assert found.data is not None
    assert again.data is not None
    assert again.data.careers == found.data.careers
    assert again.data.fingerprint == found.data.fingerprint
    assert not again.remarks()


def test_saving_keeps_what_it_replaces(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert tables.save(folder, {"profiles.csv": b"one"}) == []
    kept = tables.save(folder, {"C:\\mine\\Profiles.xlsx": b"two"})
    assert [path.read_bytes() for path in kept] == [b"one"]
    assert [path.name for path in folder.iterdir()] == ["Profiles.xlsx"]
    for name in ("../../.bashrc", ".hidden.csv", "a.exe", "a\n.csv", "x" * 200 + ".csv"):
        with pytest.raises(DataError, match="expected"):
            tables.save(folder, {name: b""})
    assert [path.name for path in folder.iterdir()] == ["Profiles.xlsx"]


def test_what_is_saved_is_for_the_owner_alone_and_nothing_gets_lost(tmp_path: Path) -> None:
    tables.save(tmp_path, {"profiles.csv": b"one"})
    if sys.platform != "win32":  # no modes there
        assert (tmp_path / "profiles.csv").stat().st_mode & 0o777 == 0o600
    assert tables.by_name([("a.csv", b"1"), ("b.csv", b"2")]) == {"a.csv": b"1", "b.csv": b"2"}
    with pytest.raises(DataError, match=r"two files are called a\.csv"):
        tables.by_name([("a.csv", b"1"), ("mine/a.csv", b"2")])
    (tmp_path / own_tests.FILE).write_text("text,career\n" + "x" * 200_000, "utf-8")
    with pytest.raises(DataError, match="cannot be read"):
        own_tests.read(tmp_path)


def test_a_file_that_no_reader_takes_is_said(tmp_path: Path) -> None:
    for content in (b"", b"\0" * 100, b"PK\x03\x04broken", b"a,b\n1,2\n"):
        found = tables.check(tmp_path, {"profiles.xlsx": content})
        assert found.data is None
        assert all("/tmp" not in one and str(tmp_path) not in one for one in found.problems)
        assert "profiles.xlsx" in " ".join(found.problems)


def test_data_on_the_page_are_checked_repaired_and_saved(home: Path) -> None:
    page = visit("owner_data")
    page.text_area[0].input(spoilt().decode("cp1252").replace(";", "\t"))
    press(page, "Check")
    table = page.dataframe[0].value
    assert table.iloc[0, 1:3].tolist() == ["line 26", "profile"]
    assert "26 rows read: 24 used, 1 merged as duplicates, 1 dropped" in "\n".join(shown(page))
    assert not list((home / "data").iterdir()), "nothing is saved unasked"
    press(page, "Save the repaired")
    assert [path.name for path in (home / "data").iterdir()] == ["pasted.csv"]
    assert "pasted" in page.success[0].value
    press(page, "Check")
    assert "24 rows read: 24 used" in "\n".join(shown(page))


# --- what the owner says of careers ---------------------------------------------------------------


def test_local_pay_links_and_contacts_reach_the_page(home: Path) -> None:
    (home / "site.toml").write_text(
        '[page]\ntitle = "Ours"\n[links.all]\n"Us" = "https://a.example"'
    )
    page = visit("owner_data")
    page.selectbox(key="owner career").select("Chef").run()
    page.number_input[0].set_value(1800.5)
    for label, value in (
        ("Currency", "EUR"),
        ("Who says so", 'The "guild"'),
        ("As of when", "May 2026"),
        ("Link 1: what", "Open day"),
        ("Link 1: its", "https://b.example/day"),
    ):
        next(one for one in page.text_input if one.label.startswith(label)).input(value)
    next(one for one in page.selectbox if one.label == "For").select("month")
    press(page, "Save this career")
    assert page.success, [one.value for one in page.error]
    page.text_area[-1].input("Us: 12 34, all day\n\nOthers: 56")
    press(page, "Save the contacts")
    said = site.read(home / "models")
    assert said.title == "Ours"
    assert said.contacts == ("Us: 12 34, all day", "Others: 56")
    assert said.pay["Chef"] == site.LocalPay(
        1800.5, 1800.5, "EUR", "month", 'The "guild"', "May 2026"
    )
    view(page, "explore", career="Chef")
    assert any("EUR\u00a01,800.50 a month" in text for text in shown(page))
    assert [one.proto.url for one in page.get("link_button")] == [
        "https://b.example/day",
        "https://a.example",
    ]
    assert '"Ours"' in site_file.before_of(home / "site.toml").read_text()


def test_what_is_no_pay_or_link_changes_nothing(home: Path) -> None:
    file = home / "site.toml"
    file.write_text("[page]\ntitle = 'Ours'")
    wrong = site.LocalPay(5, 4, "EUR", "year", "us", "2026")
    for change in (
        lambda: site_file.set_career(home / "models", "Chef", wrong, ()),
        lambda: site_file.set_career(home / "models", "Chef", None, [("a", "javascript:alert(1)")]),
        lambda: site_file.set_contacts(home / "models", ["x" * 400]),
    ):
        with pytest.raises(VocationError, match=r"site\.toml|begins with https"):
            change()
        assert file.read_text() == "[page]\ntitle = 'Ours'"


@pytest.mark.parametrize("name", ['a "b"', "a.b]", "ñ\\\t", "x\x7fy", "Chef\n[page]"])
def test_names_survive_the_file(home: Path, name: str) -> None:
    pay = site.LocalPay(1, 2.5, "€", "hour", name, "2026")
    site_file.set_career(home / "models", name, pay, [(name, "https://a.example")])
    said = site.read(home / "models")
    assert (said.pay, said.links) == ({name: pay}, {name: ((name, "https://a.example"),)})


# --- training, publishing, going back -------------------------------------------------------------

OWN = [
    ("I bake rolls before anybody is awake", "Baker"),
    ("I write small programs for my friends", "programmer"),
    (TINY["Nurse"][0], "Nurse"),
]


def ended(bundle: Path) -> training_run.Run:
    """The training, once it has ended."""
    until = time.monotonic() + 300
    while (found := training_run.look(bundle)).state == "running" and time.monotonic() < until:
        time.sleep(0.2)
    return found


def careers(bundle: Path) -> int:
    return len(json.loads((bundle / layout.METADATA).read_text("utf-8"))["classes"])


@pytest.fixture(scope="module")
def config(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Settings with which a training takes seconds."""
    file = tmp_path_factory.mktemp("config") / "settings.json"
    file.write_text(json.dumps({"base_model": str(tiny_base), "num_epochs": 3, "min_steps": 8}))
    return str(file)


@pytest.fixture(scope="module")
def _trained(
    bundle_folder: Path, tiny_data: Path, config: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with the small bundle of 64 careers and a candidate of four, trained as the page
    does.
    """
    if lacking := training_run.missing():
        pytest.skip(f"nothing is trained from the page here: {lacking}")
    folder = tmp_path_factory.mktemp("owner")
    shutil.copytree(bundle_folder, folder / "models")
    shutil.copytree(tiny_data, folder / "data")
    training_run.start(folder / "models", folder / "data", "head", config=config)
    with pytest.raises(ConfigError, match="running already"):
        training_run.start(folder / "models", folder / "data")
    assert training_run.look(folder / "models").state == "running"
    run = ended(folder / "models")
    assert run.state == "done", run
    assert run.epochs[0]["epoch"] == 1
    assert {"train_accuracy", "validation_accuracy"} <= set(run.epochs[0])
    assert any("accuracy" in line for line in run.lines)
    return folder


@pytest.fixture
def trained(_trained: Path, home: Path) -> Path:
    """The same as the page's, anew for each test."""
    shutil.rmtree(home / "data")
    shutil.copytree(_trained, home, dirs_exist_ok=True)
    return home


def test_a_training_leaves_the_bundle_in_use_alone(trained: Path, bundle_folder: Path) -> None:
    models = trained / "models"
    assert careers(models) == 64
    assert careers(writer.candidate_of(models)) == 4
    assert not writer.previous_of(models).exists()
    assert (models / layout.ZIP).read_bytes() == (bundle_folder / layout.ZIP).read_bytes()


def test_publish_and_go_back_while_somebody_reads_an_answer(trained: Path) -> None:
    reader = AppTest.from_file(str(PAGE / "app.py"), default_timeout=120).run()
    reader.text_area(key="words").input("I write programs in Python and test them")
    press(reader, "Get Career")
    first = reader.subheader[0].value

    page = visit("owner_train")
    press(page, "Publish")
    assert "for 4 careers" in page.success[0].value
    assert careers(trained / "models") == 4
    assert len(Recommender.load(trained / "models").classes) == 4
    reader.run()
    assert reader.subheader[0].value == first
    assert len(reader.session_state.recommender.classes) == 64, "keeps the model that answered"
    newcomer = AppTest.from_file(str(PAGE / "app.py"), default_timeout=120).run()
    assert len(newcomer.session_state.recommender.classes) == 4
    press(page, "Go back")
    assert careers(trained / "models") == 64
    newcomer.run()
    assert len(newcomer.session_state.recommender.classes) == 64, "has no answer to keep one for"
    press(page, "Go back")
    assert careers(trained / "models") == 4


def test_a_candidate_that_cannot_answer_is_not_published(trained: Path) -> None:
    (writer.candidate_of(trained / "models") / layout.METADATA).write_text("{}")
    page = visit("owner_train")
    press(page, "Publish")
    assert page.error
    assert careers(trained / "models") == 64


def test_own_tests_are_learnt_by_no_training_and_compare_both(trained: Path) -> None:
    before = tables.check(trained / "data", {})
    own_tests.write(trained / "data", [*OWN, ("", "Baker"), ("no career", None)])
    assert own_tests.read(trained / "data") == OWN
    from vocation.data.dataset import load

    assert before.data is not None
    assert load(trained / "data").fingerprint == before.data.fingerprint
    assert tables.check(trained / "data", {}).data is not None
    found = own_tests.compare(trained / "models", OWN)
    assert [one.learnt for one in found.tests] == [False, False, True]
    assert found.own is not None
    assert found.own["rows"] == 2
    assert found.held_out is not None
    assert len(found.lost) == 64
    assert found.added == tuple(sorted(TINY))
    page = visit("owner_train")
    press(page, "Compare")
    assert any("cannot be told" in text for text in shown(page))
    assert page.dataframe[-2].value.iloc[2, 2].startswith("–")


@pytest.mark.parametrize(
    ("held_out", "own", "verdict"),
    [
        ({"why": "few"}, {"p": 0.03, "worse": False}, "better"),
        ({"p": 0.01, "worse": True}, {"p": 0.03, "worse": False}, "worse"),
        ({"p": 0.2, "worse": False}, {"p": 0.1, "worse": True}, "unclear"),
        (None, None, "unclear"),
    ],
)
def test_the_verdict(held_out: object, own: object, verdict: str) -> None:
    assert own_tests.Compared(held_out, own, (), (), ()).verdict == verdict  # type: ignore[arg-type]


def test_a_training_is_stopped_with_all_that_it_started(trained: Path) -> None:
    models = trained / "models"
    page = visit("owner_train")
    press(page, "Train")
    assert training_run.look(models).state == "running"
    assert visit("owner_train").button[0].label == "Stop the training", "also after a reload"
    process = json.loads((training_run.folder_of(models) / "state.json").read_text())["pid"]
    assert os.getpgid(process) == process != os.getpgid(0)
    press(page, "Stop")
    assert training_run.look(models).state == "stopped"
    with pytest.raises(ProcessLookupError):
        os.killpg(process, 0)
    assert any("was stopped" in one.value for one in page.subheader)
    assert careers(models) == 64


@pytest.mark.skipif(bool(training_run.missing()), reason="nothing is trained from the page here")
def test_a_training_that_fails_says_why(home: Path) -> None:
    training_run.start(home / "models", home / "nowhere")
    run = ended(home / "models")
    assert run.state == "failed"
    assert "there is no such file or folder" in run.error


def test_without_the_train_extra_the_page_says_what_to_run(
    trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_run, "NEEDED", ("no_such_library",))
    page = visit("owner_train")
    assert not [one for one in page.button if one.label == "Train"]
    assert "[train]" in page.code[0].value
    assert [one.label for one in page.button if one.label.startswith("Publish")]


# --- card and audit -------------------------------------------------------------------------------


def test_the_card_comes_in_parts_and_loses_nothing(bundle_folder: Path) -> None:
    card = (bundle_folder / layout.CARD).read_text("utf-8")
    found = parts(card)
    assert [part.title for part in found] == [
        line[3:] for line in card.splitlines() if line.startswith("## ")
    ]
    told = "".join(
        part.title + "".join(block.lines) + "".join(cell for row in block.rows for cell in row)
        for part in found
        for block in part.blocks
    )
    there = card.partition("\n## ")[2]
    assert not [word for word in there.split() if word.isalnum() and word not in told]


def test_card_and_audit_show_what_the_bundle_and_the_runs_hold(trained: Path) -> None:
    page = visit("owner_card")
    texts = "\n".join(shown(page))
    assert "It knows 64 careers" in texts
    assert "Fairness" in [fold.label for fold in page.expander]
    mixed = json.loads((trained / "models" / layout.METADATA).read_text("utf-8"))["metrics"]
    assert page.dataframe[0].value.shape == (len(mixed["mixed_up"]), 3)
    assert "models.candidate" in page.dataframe[-1].value.to_string()
    press(page, "Measure now")
    assert any("known limits written" in text for text in shown(page))


def test_a_damaged_bundle_stops_no_page_of_the_owner(home: Path) -> None:
    (home / "models" / layout.MANIFEST).write_bytes(b"{}")
    Store(store_of(home / "models")).put(Thumb("b", "match", "Chef", 0.9, "fits", "", "I cook"))
    page = visit()
    for name in VIEWS:
        view(page, name)
        assert not page.exception, name


def test_a_hostile_bundle_is_no_markup_on_the_owners_pages(
    home: Path, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = hostile_bundle(bundle_folder, home / "hostile")
    monkeypatch.setenv("VOCATION_BUNDLE", str(folder))
    page = visit("owner_card")
    assert any("script" in text for text in shown(page)), "it is shown"
    for name in VIEWS:
        view(page, name)
        assert not live_markup(page)

"""The owner's whole way in a real browser, from a spoilt table to a model that has learnt from a
visitor, and back.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import pytest
from helpers import CHROMIUM, DRIVER
from test_owner import RIGHT, config, spoilt

from vocation.bundle import layout
from vocation.owner import access, training_run

pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from browsing import ask, chromium, press, screen, served, settled, wait_for
from selenium.common.exceptions import TimeoutException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

__all__ = ["config"]  # a fixture

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"
)


VISITOR = "I write Python code all night, fix bugs and test my programs"


def test_from_a_spoilt_table_to_a_model_in_use_and_back(
    bundle_folder: Path, config: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, data = tmp_path / "models", tmp_path / "data"
    shutil.copytree(bundle_folder, models)
    table = tmp_path / "People.csv"
    table.write_bytes(spoilt())
    (tmp_path / "site.toml").write_text("[feedback]\ncollect = true\ntexts = true\n", "utf-8")
    owner = access.Owner.of(RIGHT, str(data), config=config)
    monkeypatch.setenv(access.VARIABLE, owner.to_json())
    with contextlib.ExitStack() as stack:
        stack.callback(training_run.stop, models)  # it would outlive a test that fails
        address, browser = (
            stack.enter_context(one) for one in (served(models, tmp_path), chromium(tmp_path))
        )
        screen(browser, 390)
        enter(browser, f"{address}/owner_data")
        wait_for(browser, "input[type=file]")[0].send_keys(str(table))
        see(browser, "People.csv")
        settled(browser)
        press(browser, "Check")
        see(browser, "26 rows read: 24 used, 1 merged as duplicates, 1 dropped")
        press(browser, "Save the repaired")
        see(browser, "Saved: People.csv")

        follow(browser, "Train")
        press(browser, "Minutes")
        press(browser, "Train", "[data-testid=stBaseButton-primary]")
        see(browser, "The last training is finished", 600)
        assert learnt(models)[1] == 64
        press(browser, "Compare")
        see(browser, "cannot be told from these texts")
        press(browser, "Publish")
        see(browser, "for 4 careers")

        browser.get(address)
        assert learnt(models) == (24, 4)
        ask(browser, VISITOR)
        press(browser, "Fits")
        press(browser, "", "[data-testid=stCheckbox] input")  # keep my text
        enter(browser, f"{address}/owner_feedback")
        see(browser, "1 career was judged")
        press(browser, "", "[data-testid=stCheckbox] input")  # learn the first text
        press(browser, "Add the ticked texts")
        see(browser, "Added: 1.")
        assert VISITOR in (data / "profiles.csv").read_text("utf-8")

        follow(browser, "Train")
        see(browser, "25 rows about 4 careers")
        press(browser, "Minutes")
        press(browser, "Train", "[data-testid=stBaseButton-primary]")
        see(browser, "The last training is finished", 600)
        press(browser, "Publish")
        see(browser, "Published:")
        assert learnt(models) == (25, 4)
        press(browser, "Go back")
        see(browser, "In use again:")
        assert learnt(models) == (24, 4)


def enter(browser: Chrome, address: str) -> None:
    """Open a page of the owner, and type the PIN."""
    browser.get(address)
    wait_for(browser, "input[type=password]")[0].send_keys(RIGHT)
    press(browser, "Open")


def follow(browser: Chrome, label: str) -> None:
    """To another page of the owner, in the same session."""
    press(browser, label, ".st-key-pages-of-owner a")


def see(browser: Chrome, text: str, seconds: int = 60) -> None:
    def there(page: Chrome) -> bool:
        return text in page.find_element(By.TAG_NAME, "body").text

    try:
        WebDriverWait(browser, seconds).until(there)
    except TimeoutException:
        pytest.fail(f"{text!r} is not in {browser.find_element(By.TAG_NAME, 'body').text!r}")


def learnt(bundle: Path) -> tuple[int, int]:
    """Rows and careers that the bundle in use has learnt from."""
    dataset = json.loads((bundle / layout.METADATA).read_text("utf-8"))["dataset"]
    return dataset["rows"], dataset["roles"]

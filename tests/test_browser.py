"""The page in a real browser, as somebody with a phone sees it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers import CHROMIUM, DRIVER, FLAGS, HOSTILE, PAGE, WEB, edited, hostile_bundle
from payloads import FIELDS, HOOKS, LIVE, changed, letters, payloads

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS.split(), f"--user-data-dir={tmp_path / 'chromium'}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True},
    )
    yield driver
    driver.quit()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Starts the page over a bundle, from a working directory that is not its own, and gives its
    address.
    """
    started = []

    def start(folder: Path) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = [
            "--server.port",
            str(port),
            "--server.address",
            "127.0.0.1",
            "--server.headless",
            "true",
            "--browser.gatherUsageStats",
            "false",
        ]
        with open(tmp_path / "streamlit.log", "wb") as log:
            command = [sys.executable, "-m", "streamlit", "run", str(PAGE / "app.py"), *options]
            started.append(
                subprocess.Popen(
                    command,
                    cwd=tmp_path,
                    env={**os.environ, "VOCATION_BUNDLE": str(folder)},
                    stdout=log,
                    stderr=log,
                )
            )
        address = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                    return address
            except OSError:
                time.sleep(0.1)
        raise TimeoutError((tmp_path / "streamlit.log").read_text())

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def ask(browser: webdriver.Chrome, address: str, words: str) -> str:
    """What stands on the page once it has answered."""
    browser.get(address)
    wait = WebDriverWait(browser, 60)
    wait.until(lambda page: page.find_elements(By.TAG_NAME, "textarea"))[0].send_keys(words)
    button = next(
        button
        for button in browser.find_elements(By.TAG_NAME, "button")
        if button.text == "Get Career Recommendations"
    )
    assert button.rect["width"] > 300  # the whole width of a phone, for one thumb
    button.click()
    # The last card; or the ideas of an unsure answer, which come at once.
    ends = ("\n5. ", "A start for thinking")
    wait.until(lambda page: any(end in page.find_element(By.TAG_NAME, "body").text for end in ends))
    wait.until(lambda page: "Reading your text" not in page.find_element(By.TAG_NAME, "body").text)
    return str(browser.find_element(By.TAG_NAME, "body").text)


def nothing_sticks_out(browser: webdriver.Chrome) -> bool:
    sides = (
        "const main = document.querySelector('[data-testid=stMain]'); return [main.scrollWidth,"
        " document.documentElement.scrollWidth]"
    )
    return max(browser.execute_script(sides)) <= 360


def test_the_guides_query_on_a_phone(
    browser: webdriver.Chrome, serve: Callable[[Path], str], bundle_folder: Path
) -> None:
    address = serve(bundle_folder)
    text = ask(browser, address, WEB)
    assert "1. Web Developer" in text or "1. Software Engineer" in text
    assert "match, " in text
    assert nothing_sticks_out(browser)
    colour = browser.execute_script("return getComputedStyle(document.querySelector('h1')).color")
    assert (
        colour == "rgb(28, 36, 39)"
    )  # the theme of streamlit_app/.streamlit is found from any working directory
    origins = browser.execute_script(
        "return [...new Set(performance.getEntriesByType('resource').map(entry => new"
        " URL(entry.name).origin))]"
    )
    assert origins == [address]  # no font, image or script from elsewhere


def test_hostile_strings_are_text_in_a_browser(
    browser: webdriver.Chrome, serve: Callable[[Path], str], bundle_folder: Path, tmp_path: Path
) -> None:
    text = ask(
        browser,
        serve(hostile_bundle(bundle_folder, tmp_path / "hostile")),
        f"{HOSTILE} and I love programming",
    )
    assert HOSTILE in text.replace("\u2060", "")
    main = browser.find_element(By.CSS_SELECTOR, "[data-testid=stMain]")
    assert not main.find_elements(By.CSS_SELECTOR, "script, img, .katex, a[href*=x]")
    assert nothing_sticks_out(browser)


def test_script_payloads_stay_text(
    browser: webdriver.Chrome, serve: Callable[[Path], str], bundle_folder: Path, tmp_path: Path
) -> None:
    """A sample of fuzz/script_payloads.py: a payload in every text of each of the 64 careers,
    five of which are shown.
    """
    some = payloads(64)
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": HOOKS})
    ask(
        browser,
        serve(edited(bundle_folder, tmp_path / "payloads", changed(bundle_folder, some))),
        f"{WEB}. I like {some[0]} and {some[14]}",
    )
    bad, ran, outside, shown = browser.execute_script(LIVE)
    assert (bad, ran, outside) == ([], [], [])
    assert sum(letters(shown).count(letters(payload)) >= FIELDS for payload in some) >= 5

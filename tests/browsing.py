"""The page in a real browser: its server, Chromium, and what one reads and presses there."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers import CHROMIUM, DRIVER, FLAGS, PAGE
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

WIDTHS = {360: 740, 390: 844, 1280: 800}
"""Screens: small phone, phone, desktop; height by width, in CSS pixels."""

VIEWS = ("match", "explore", "compare", "plan", "about")
"""The pages in the order of their links."""

ANSWER = ".st-key-answer h2, .st-key-answer [data-testid=stAlert]"
"""What an answer begins with: careers, or a question."""


@contextmanager
def served(bundle: Path, folder: Path) -> Iterator[str]:
    """The page's address while it runs over `bundle`, from the working directory `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    log = folder / "streamlit.log"
    with open(log, "wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(PAGE / "app.py"), *options],
            cwd=folder,
            env={**os.environ, "VOCATION_BUNDLE": str(bundle)},
            stdout=output,
            stderr=output,
        )
    try:
        yield _ready(f"http://127.0.0.1:{port}", log)
    finally:
        server.terminate()
        server.wait(20)


def _ready(address: str, log: Path) -> str:
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return address
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(log.read_text())


@contextmanager
def chromium(folder: Path) -> Iterator[webdriver.Chrome]:
    """An English Chromium that keeps its profile and its downloads in `folder`."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS.split(), "--lang=en-US", f"--user-data-dir={folder / 'chromium'}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"intl.accept_languages": "en-US"})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    try:
        yield driver
    finally:
        driver.quit()


def screen(browser: webdriver.Chrome, width: int, dark: bool = False) -> None:
    """Give the tab the size of a device, and its system's light or dark."""
    size = {"width": width, "height": WIDTHS[width], "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})


def wait_for(browser: webdriver.Chrome, selector: str) -> list[WebElement]:
    """The elements that fit `selector`, once there are any."""
    found = WebDriverWait(browser, 60).until(
        lambda page: page.find_elements(By.CSS_SELECTOR, selector)
    )
    return list(found)


def settled(browser: webdriver.Chrome) -> None:
    """Wait until the server has nothing more to say: half a second without a run."""
    running = (
        "return !!document.querySelector('[data-test-script-state=running], [data-stale=true]')"
    )
    quiet = 0
    deadline = time.monotonic() + 60
    while quiet < 5 and time.monotonic() < deadline:
        time.sleep(0.1)
        quiet = 0 if browser.execute_script(running) else quiet + 1


def ask(browser: webdriver.Chrome, words: str) -> str:
    """What stands on the page once it has answered `words`."""
    box = wait_for(browser, "textarea")[0]
    box.clear()
    box.send_keys(words)
    button = wait_for(browser, "[data-testid=stBaseButton-primary]")[0]
    assert button.rect["width"] > 300  # the whole width of a phone, for one thumb
    button.click()
    wait_for(browser, ANSWER)
    settled(browser)
    return str(browser.find_element(By.TAG_NAME, "body").text)


def press(browser: webdriver.Chrome, label: str, selector: str = "button") -> None:
    """Press the first element of `selector` whose label begins so, and wait for the page."""
    # Found and pressed in one script: between two the page may draw the element anew.
    script = """
        const one = [...document.querySelectorAll(arguments[0])].find(
            (each) => each.textContent.startsWith(arguments[1]));
        one?.click();
        return !!one"""
    WebDriverWait(browser, 60).until(lambda page: page.execute_script(script, selector, label))
    settled(browser)


def go(browser: webdriver.Chrome, view: str) -> None:
    """To another page by the row of pages, in the same session."""
    wait_for(browser, ".st-key-pages a")
    links = browser.find_elements(By.CSS_SELECTOR, ".st-key-pages a")
    browser.execute_script("arguments[0].click()", links[VIEWS.index(view)])
    settled(browser)


def headings(browser: webdriver.Chrome) -> list[tuple[int, str]]:
    """Level and text of each heading that is shown, in order."""
    script = (
        "return [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')]"
        ".filter(one => one.checkVisibility()).map(one => [Number(one.tagName[1]), one.innerText])"
    )
    return [(level, text.strip()) for level, text in browser.execute_script(script)]


def fetched(browser: webdriver.Chrome) -> list[str]:
    """Every address that the browser has called since the last look, sockets included."""
    events = (json.loads(entry["message"])["message"] for entry in browser.get_log("performance"))
    found = []
    for event in events:
        if event["method"] == "Network.requestWillBeSent":
            found.append(event["params"]["request"]["url"])
        elif event["method"] == "Network.webSocketCreated":
            found.append(event["params"]["url"])
    return found

"""Writes the pictures of the README, docs/images/*.png, from the page over a trained bundle.

    python scripts/screenshots.py [models]

Needs chromium, chromedriver, selenium and the app extra.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browsing import ask, chromium, screen, served  # noqa: E402

TEXT = (
    "I love programming and building web applications with Python and JavaScript."
    " I worked in a call centre and I am done with that."
)
PICTURES = {"app": (1280, False), "phone-light": (390, False), "phone-dark": (390, True)}
"""Width in CSS pixels, and whether the system is dark."""


def main(bundle: Path) -> None:
    """One browser and one server for all pictures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(bundle.resolve(), folder) as address, chromium(folder) as browser:
            for picture, (width, dark) in PICTURES.items():
                browser.switch_to.new_window("tab")
                screen(browser, width, dark)
                browser.get(address)
                ask(browser, TEXT)
                # Away from the button, which looks pressed under the mouse.
                away = {"type": "mouseMoved", "x": 1, "y": 400}
                browser.execute_cdp_cmd("Input.dispatchMouseEvent", away)
                browser.execute_script(
                    "document.activeElement.blur();"
                    "document.querySelector('[data-testid=stMain]').scrollTo(0, 0)"
                )
                browser.save_screenshot(str(ROOT / "docs" / "images" / f"{picture}.png"))
                print(f"docs/images/{picture}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "models"))

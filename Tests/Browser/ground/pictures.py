"""Pictures of pages, in the folder AIFW_SCREENSHOTS."""

import base64
import os
from pathlib import Path

# Longer pages are cut.
_HIGHEST = 6000


def folder():
    """Others may not see what tests' pages show: there are keys on some."""
    place = Path(os.environ.get("AIFW_SCREENSHOTS") or Path(__file__).parents[3] / ".build" / "screenshots")
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def shoot(browser, name):
    """Writes NAME-THEME-SIZE.png, the whole height of the page, for light and dark, phone and desktop; the browser is
    on a desktop in daylight afterwards."""
    for size in ("phone", "desktop"):
        for theme in ("dark", "light"):
            browser.size(size)
            browser.theme(theme)
            browser.settle()
            picture(browser, folder() / f"{name}-{theme}-{size}.png")


def picture(browser, file):
    """One, as the page is now."""
    command = browser.chromium.command
    whole = command("Page.getLayoutMetrics")["cssContentSize"]
    # Beside a bar to scroll by, the page is less wide than the view.
    width = max(whole["width"], browser.driver.execute_script("return innerWidth;"))
    clip = {"x": 0, "y": 0, "width": width, "height": min(whole["height"], _HIGHEST), "scale": 1}
    answer = command("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    file.write_bytes(base64.b64decode(answer["data"]))

"""What a test of the page begins with: a world, an administrator, a browser. What the runs have in common with those of
Tests/System is in its ground/plugin.py."""

import sys
from pathlib import Path

import pytest

# Both folders are one package, `ground`: this one's first.
sys.path.insert(0, str(Path(__file__).parents[1] / "System"))
sys.path.insert(0, str(Path(__file__).parent))

from ground.account import Account  # noqa: E402
from ground.browser import Browser  # noqa: E402
from ground.cable import Cable  # noqa: E402
from ground.chromium import Chromium  # noqa: E402
from ground.world import World  # noqa: E402

pytest_plugins = ["ground.plugin"]


@pytest.fixture(scope="module")
def world(binaries):
    """Both daemons, for a whole file of tests; what one makes, the next one meets."""
    world = World(binaries)
    try:
        yield world
    finally:
        world.close()


@pytest.fixture(scope="module")
def admin(world):
    """The administrator `admin`, who logs in by password."""
    return Account(world.rest)


@pytest.fixture(scope="module")
def chromium():
    """The process, for a whole file of tests."""
    chromium = Chromium()
    try:
        yield chromium
    finally:
        chromium.close()


@pytest.fixture(scope="module")
def cable(world):
    """Between the browser and aifw-apid; `cable.cut()` ends the page's streams and requests, until `cable.mend()`,
    and `cable.freeze()` lets them hang."""
    cable = Cable(lambda: world.rest.port)
    yield cable
    cable.cut()


@pytest.fixture
def visitor(request, chromium, world, cable):
    """The browser of somebody who is not logged in. When the test has ended, what nobody saw is looked at too: the
    console, and requests to others (`ground/evidence.py`)."""
    browser = Browser(chromium, f"https://127.0.0.1:{cable.port}", world)
    yield browser
    cable.mend()
    browser.end(request.node.name)


@pytest.fixture
def browser(visitor, admin):
    """The browser of `admin`, who has a session; no page is open yet."""
    visitor.enter(admin)
    return visitor


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test leaves a picture and the text of its page, and shows what the console said."""
    report = (yield).get_result()
    browser = next((value for value in item.funcargs.values() if isinstance(value, Browser)), None)
    if report.failed and browser and report.when == "call":
        report.sections.append(("the page", f"{browser.keep(item.name)}.png and .txt"))
        report.sections.append(("the console said", "\n".join(browser.evidence.console())))

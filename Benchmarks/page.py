"""How long the page of a tunnel with many peers takes for what is done with it.

    page.py BINARIES PEERS TIMES

Run by Benchmarks/page, as root. Times are the browser's own (performance.now, frames by requestAnimationFrame): from a
key or a click to the frame that shows what it did. Figures are medians, and the worst there was."""

import os
import statistics
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# As in Tests/Browser/conftest.py.
sys.path.insert(0, str(ROOT / "Tests" / "System"))
sys.path.insert(0, str(ROOT / "Tests" / "Browser"))

from ground.account import Account  # noqa: E402
from ground.browser import Browser  # noqa: E402
from ground.chromium import Chromium  # noqa: E402
from ground.waiting import wait_until  # noqa: E402
from ground.world import World  # noqa: E402

# Begins with the page, before any script of its own.
WATCH = """
window.seen = {};
new MutationObserver(() => {
    const table = document.querySelector("table[aria-label=Peers]");
    if (!seen.first && table?.querySelector("tbody tr[aria-rowindex]")) seen.first = performance.now();
    if (!seen.all && table?.getAttribute("aria-rowcount") === "COUNT") seen.all = performance.now();
}).observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["aria-rowcount"]});
"""
ACT = """
const [done] = arguments;
const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
const timed = async (act) => {
    await frame();
    const began = performance.now();
    act();
    await frame();
    return performance.now() - began;
};
const search = (text) => timed(() => {
    const field = document.querySelector("input.search");
    field.value = text;
    field.dispatchEvent(new Event("input"));
});
const sort = (label) => timed(() =>
    [...document.querySelectorAll("th button")].find((button) => button.textContent === label).click());
const scroll = async (step) => {
    const frames = [];
    scrollTo(0, 0);
    let last = await new Promise(requestAnimationFrame);
    for (let turn = 0; turn < 150; turn += 1) {
        scrollBy(0, step);
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    scrollTo(0, 0);
    return frames;
};
const status = async () => {
    const began = performance.now();
    await (await fetch(`/api/v1/vpn/wg/${location.pathname.split("/").at(-1)}/status`)).json();
    return performance.now() - began;
};
(WHAT)().then(done);
"""
SIMPLE = {
    "search that leaves one": "() => search('peer 09999')",
    "search that leaves all": "() => search('p')",
    "no search again": "() => search('')",
    "sort by addresses": "() => sort('Addresses')",
    "sort by traffic": "() => sort('In')",
    "sort by name again": "() => sort('Name')",
    "status of all, read by itself": "() => status()",
}
SCROLLS = {"scrolling, 400 px a frame": 400, "scrolling, 4,000 px a frame": 4000}


class Page:
    """The page of a tunnel that runs, with so many peers."""

    def __init__(self, binaries, peers):
        self._peers = peers
        self.world = World(binaries)
        try:
            self._chromium = Chromium()
        except BaseException:
            self.world.close()
            raise
        self._browser = Browser(self._chromium, f"https://127.0.0.1:{self.world.rest.port}", self.world)
        rest = self.world.rest
        self._tunnel = rest.tunnel(address="10.64.0.1/16")
        rest.post(f"/vpn/wg/{self._tunnel['id']}/peers/bulk", {
            "peers": [{"name": f"peer {number:05}"} for number in range(peers)]}).must(201)
        rest.start(self._tunnel)
        self._browser.enter(Account(rest))
        watch = WATCH.replace("COUNT", str(peers + 1))
        self._chromium.command("Page.addScriptToEvaluateOnNewDocument", source=watch)

    def measure(self, figures):
        """Adds one time to each of the figures, and of scrolling the times of all frames."""
        self._browser.open(f"/wireguard/{self._tunnel['id']}")
        run = self._browser.driver.execute_script
        wait_until(lambda: run("return seen.all;"), f"{self._peers} peers", 120)
        figures.setdefault("first rows, since the page was asked for", []).append(run("return seen.first;"))
        figures.setdefault("all rows", []).append(run("return seen.all;"))
        # What the first status brings is drawn.
        wait_until(lambda: "bit/s" in run("return document.querySelector('tbody').innerText;"), "the first status", 120)
        for name, code in SIMPLE.items():
            figures.setdefault(name, []).append(self._act(code))
        for name, step in SCROLLS.items():
            figures.setdefault(name, []).extend(self._act(f"() => scroll({step})"))

    def _act(self, code):
        return self._browser.driver.execute_async_script(ACT.replace("WHAT", code))

    def close(self):
        self._chromium.close()
        self.world.close()


def main(binaries, peers, times):
    page = Page(Path(binaries), peers)
    figures, began = {}, time.monotonic()
    try:
        for turn in range(times):
            page.measure(figures)
            load = os.getloadavg()[0]
            print(f"{turn + 1} of {times}, {time.monotonic() - began:.0f} s, load {load:.1f}", flush=True)
    finally:
        page.close()
    print(f"\nThe page of a tunnel with {peers:,} peers, in ms; {times} times\n\n{'':44}{'median':>8}{'worst':>8}")
    for name, took in figures.items():
        print(f"{name:44}{statistics.median(took):>8.0f}{max(took):>8.0f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

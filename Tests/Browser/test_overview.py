"""The page Overview: what there is and how it is, by the real daemons and a real client."""

import datetime
import re

import pytest
from ground.account import Account
from ground.axe import axe_in_both
from ground.pictures import shoot
from ground.waiting import wait_until

HOSTILE = 'Büro <script>alert("1")</script> \'&amp; مكتب שלום 🦊'
# The page asks every 10 s, and aifw-apid looks every 5 s.
SOON = 25
_COUNTS = """
const panel = document.querySelector(`[data-count="${arguments[0]}"]`);
if (!panel) return null;
const number = (element) => Number(element.textContent.replaceAll(",", ""));
const found = {total: number(panel.querySelector(".total"))};
for (const item of panel.querySelectorAll("[data-state]")) {
    found[item.dataset.state] = number(item.querySelector(".sum"));
}
return found;
"""
# The host's clock is an hour behind the firewall's.
_HOUR_BEHIND = """
const RealDate = Date;
globalThis.Date = class extends RealDate {
    constructor(...given) {
        if (given.length > 0) super(...given);
        else super(RealDate.now() - 3_600_000);
    }
    static now() { return RealDate.now() - 3_600_000; }
};
"""
_ROWS = """
return [...document.querySelectorAll(`.${arguments[0]} li`)].map((item) => item.innerText.replace(/\\s+/g, " ").trim());
"""


def counts(browser, member):
    return browser.driver.execute_script(_COUNTS, member)


def rows(browser, name):
    return browser.driver.execute_script(_ROWS, name)


def summary(world):
    return world.rest.get("/vpn/summary").must(200).data


def agrees(browser, world):
    """Whether the page counts as the API does."""
    found = summary(world)
    return all(counts(browser, member) == found[member] for member in ("tunnels", "peers", "associations", "rules"))


def later(**span):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**span)).isoformat()


@pytest.fixture
def overview(browser):
    """The page is open."""
    browser.open("/")
    browser.heading("Overview").element
    return browser


def test_where_there_is_nothing_it_says_what_to_do_first(overview, world):
    overview.wait_for(lambda: agrees(overview, world), "the counts")
    assert counts(overview, "tunnels") == {"total": 0, "up": 0, "down": 0, "error": 0}
    assert overview.has("heading", "Begin here")
    for words in ("Nothing needs attention.", "Nothing was observed in this time."):
        overview.wait_for_text(words)
    assert axe_in_both(overview) == []
    shoot(overview, "overview-empty")
    overview.link("Add a WireGuard tunnel").click()
    assert overview.path().startswith("/wireguard")


@pytest.fixture(scope="module")
def office(world):
    """A tunnel with a client that pings, a peer that expires in three days, and names of the worst kind."""
    tunnel = world.rest.tunnel(name=HOSTILE)
    world.rest.start(tunnel)
    peer = world.rest.peer(tunnel, "laptop")
    world.rest.post(f"/vpn/wg/{tunnel['id']}/peers", {"name": f"phone {HOSTILE}"[:64], "expires_at": later(days=3)}
                    ).must(201)
    client = world.client()
    client.bring_up(world.rest.config(tunnel, peer))
    wait_until(lambda: world.rest.get("/vpn/history").must(200).data["received"][-1] is not None, "a look", SOON)
    return tunnel, client


def ping(client):
    client.namespace.run("ping", "-n", "-c", "20", "-i", "0.01", "-W", "2", "-s", "1200", "10.0.0.1")


def test_counts_and_traffic_are_those_of_the_kernel(overview, world, office):
    _, client = office
    ping(client)
    overview.wait_for(lambda: agrees(overview, world) and counts(overview, "peers")["online"] == 1, "the counts", SOON)
    assert counts(overview, "tunnels") == {"total": 1, "up": 1, "down": 0, "error": 0}
    assert not overview.has("heading", "Begin here")

    def drawn():
        """The words of the graph, where it shows traffic: the slot that has it is over by then."""
        label = overview.driver.execute_script(
            "return document.querySelector('.graph svg[role=img]')?.getAttribute('aria-label') ?? '';")
        return label.startswith("all tunnels, last hour: at most ") and " 0 bit/s" not in label

    overview.wait_for(drawn, "traffic in the graph", SOON)
    found = world.rest.get("/vpn/history").must(200).data
    assert min(found["total"].values()) >= 20 * 1200
    overview.wait_for_text("KiB in, ")

    overview.field("Day").click()
    overview.wait_for_text("all tunnels, last day")
    assert overview.path() == "/?range=day"
    overview.reload()
    overview.wait_for_text("all tunnels, last day")
    assert overview.field("Day").is_checked() and not overview.field("Hour").is_checked()


def test_names_are_text_and_links_lead_to_what_they_name(overview, world, office):
    tunnel, _ = office
    overview.wait_for(lambda: rows(overview, "attention"), "what needs attention", SOON)
    (item,) = summary(world)["attention"]
    (row,) = rows(overview, "attention")
    assert row.startswith(f"expires {item['object']['name']} it can't connect any more in 2 d")
    assert overview.driver.execute_script("return document.querySelectorAll('main script').length") == 0
    overview.link(item["object"]["name"]).click()
    assert overview.path().startswith(f"/wireguard/{tunnel['id']}?q=phone")
    for name, path in (("Tunnels", "/wireguard"), ("Peers", "/wireguard"), ("IPsec associations", "/ipsec"),
                       ("Rules", "/rules")):
        overview.open("/")
        overview.heading(name).link(name).click()
        assert overview.path() == path


def test_a_tunnel_in_error_is_first_and_a_change_shows_by_itself(overview, world, office):
    overview.wait_for(lambda: agrees(overview, world), "the counts")
    other = world.rest.tunnel(name="lab", interface="wg5", listen_port=51825, address="10.5.0.1/24")
    overview.wait_for(lambda: counts(overview, "tunnels")["down"] == 1, "the new tunnel")
    overview.wait_for(lambda: " added tunnel lab" in rows(overview, "changes")[0], "the change in the log")
    world.rest.start(other)
    overview.wait_for(lambda: counts(overview, "tunnels")["up"] == 2, "the tunnel that was started")
    # What has the focus keeps it, whatever is drawn around it.
    peer = summary(world)["attention"][0]["object"]["name"]
    overview.link(peer).focus()
    world.gateway.ip("link", "delete", "wg5")
    world.gateway.ip("link", "add", "wg5", "type", "veth", "peer", "name", "elsewhere")
    overview.wait_for(lambda: counts(overview, "tunnels")["error"] == 1, "the error", SOON)
    overview.wait_for(lambda: len(rows(overview, "attention")) == 2, "both that need attention", SOON)
    assert rows(overview, "attention")[0].startswith("error lab ")
    assert overview.focused().name() == peer
    assert axe_in_both(overview) == []
    overview.no_overflow()
    shoot(overview, "overview")
    overview.link("lab").click()
    assert overview.path() == f"/wireguard/{other['id']}"
    world.gateway.ip("link", "delete", "wg5")
    world.rest.delete(f"/vpn/wg/{other['id']}").must(200)


def test_while_the_helper_is_away_it_says_so_and_comes_back(overview, world, office):
    overview.evidence.expect_status(503)
    overview.wait_for(lambda: agrees(overview, world), "the counts")
    world.helper.kill()
    try:
        words = world.rest.get("/vpn/summary").must(503).json["detail"]
        overview.wait_for(lambda: words in overview.alerts(), f"the words '{words}'", SOON)
        overview.wait_for_text("These counts were read ")
        shoot(overview, "overview-helper-away")
        assert axe_in_both(overview) == []
    finally:
        world.helper.start()
    overview.wait_for(lambda: overview.alerts() == "", "the page without the alert", SOON)
    overview.wait_for(lambda: agrees(overview, world), "the counts", SOON)
    assert "These counts were read " not in overview.text()


def test_who_only_looks_sees_no_log_and_nothing_to_add(visitor, world):
    visitor.enter(Account(world.rest, "reader", ("vpn:read",)))
    visitor.open("/")
    visitor.wait_for(lambda: agrees(visitor, world), "the counts")
    assert not visitor.has("heading", "Newest changes") and not visitor.has("link", "All of the log")
    assert not any("/audit" in url for url in visitor.evidence.urls())


def test_what_is_shown_comes_in_one_piece(overview, world, office):
    overview.settle()
    assert re.search(r"Traffic\s+Hour\s+Day\s+Month", overview.text())
    assert overview.layout_shift() < 0.02


def test_the_age_of_what_is_shown_is_told_by_the_firewalls_clock(browser, world, office):
    command = browser.chromium.command
    script = command("Page.addScriptToEvaluateOnNewDocument", source=_HOUR_BEHIND)["identifier"]
    try:
        browser.open("/")
        browser.wait_for(lambda: agrees(browser, world), "the counts")
    finally:
        command("Page.removeScriptToEvaluateOnNewDocument", identifier=script)
    browser.evidence.expect_status(503)
    world.helper.kill()
    try:
        browser.wait_for_text("These counts were read ", SOON)
        assert re.search(r"These counts were read \d+ s ago", browser.text())
    finally:
        world.helper.start()

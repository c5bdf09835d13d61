"""The page Rules: what the packet filter holds, in words, and in the words of both packet filters."""

import pytest
from ground import ruleset
from ground.axe import axe_in_both
from ground.pictures import shoot
from ground.waiting import wait_until
from selenium.webdriver import Keys

HOSTILE = 'Büro <script>alert("1")</script> \'&amp; مكتب שלום 🦊'
SOON = 25


@pytest.fixture(scope="module")
def tunnel(world):
    """One that is started."""
    tunnel = world.rest.tunnel(name=HOSTILE, masquerade=True)
    world.rest.start(tunnel)
    return tunnel


def text(world, format):
    return world.rest.get(f"/vpn/rules?format={format}").must(200).body.decode()


def shown(browser):
    """The text of the tab that is seen, as it stands there."""
    return browser.driver.execute_script(
        "return document.querySelector('[role=tabpanel]:not([hidden]) pre')?.textContent;")


def tabs(browser):
    return {one.text: one.get_dom_attribute("aria-selected") == "true"
            for one in browser.driver.find_elements("css selector", "[role=tab]")}


def body(browser):
    """The cells of each row."""
    return browser.driver.execute_script("""
        return [...document.querySelectorAll("table[aria-label=Rules] tbody tr:not([aria-hidden])")].map(
            (row) => [...row.cells].map((cell) => cell.innerText.trim()));""")


def test_without_rules_it_says_why(browser):
    browser.open("/rules")
    browser.wait_for_text("There are no rules")
    browser.wait_for_text("This host's packet filter is nftables, in the table inet aifw.")
    assert axe_in_both(browser) == []
    shoot(browser, "rules-empty")


def test_rules_are_listed_in_words_with_whose_they_are(browser, world, tunnel):
    browser.open("/rules")
    browser.wait_for_text("All of these rules are loaded.")
    assert body(browser) == [
        ["Tunnel's port", "UDP port 51820", HOSTILE, "loaded"],
        ["Tunnel's traffic", "all traffic on wg0", HOSTILE, "loaded"],
        ["Masquerade", "10.0.0.0/24 from wg0 leaves with this host's address", HOSTILE, "loaded"],
    ]
    assert len(body(browser)) == world.rest.get("/vpn/rules").must(200).json["total"]
    browser.field("Search rules").fill("51820")
    browser.wait_for(lambda: len(body(browser)) == 1, "one rule")
    browser.row("UDP port 51820").link(HOSTILE).click()
    assert browser.path() == f"/wireguard/{tunnel['id']}"


def test_the_rules_of_what_is_started_and_deleted_come_and_go_by_themselves(browser, world, tunnel):
    browser.open("/rules")
    browser.wait_for(lambda: len(body(browser)) == 3, "the tunnel's rules")
    other = world.rest.tunnel(name="lab", interface="wg1", listen_port=51821, address="10.1.0.1/24")
    world.rest.start(other)
    browser.wait_for(lambda: len(body(browser)) == 5, "the rules of the tunnel that was started")
    assert {row[2] for row in body(browser)} == {HOSTILE, "lab"}
    world.rest.delete(f"/vpn/wg/{other['id']}").must(200)
    browser.wait_for(lambda: len(body(browser)) == 3, "the end of its rules")


def test_both_texts_are_those_of_the_api_and_the_keys_lead_from_one_to_the_other(browser, world, tunnel):
    browser.open("/rules")
    browser.wait_for(lambda: shown(browser) == text(world, "nft"), "the text for nftables")
    assert tabs(browser) == {"nftables (this host)": True, "pf": False}
    # What is shown is what the filter takes.
    checked = world.gateway.run("nft", "-c", "-f", "-", input=shown(browser))
    assert checked.returncode == 0
    browser.part("tab", "nftables (this host)").focus()
    browser.keys(Keys.ARROW_RIGHT)
    assert shown(browser) == text(world, "pf") and browser.focused().name() == "pf"
    assert "not loaded here" in browser.text() and browser.path() == "/rules?text=pf"
    browser.button("Copy").click()
    browser.wait_for(lambda: browser.clipboard() == text(world, "pf"), "the copy")
    browser.button("Download").click()
    assert browser.download("aifw-vpn.pf.conf") == text(world, "pf")
    browser.reload()
    browser.wait_for(lambda: shown(browser) == text(world, "pf"), "the text for pf")
    for key, name in ((Keys.ARROW_RIGHT, "nftables (this host)"), (Keys.END, "pf"), (Keys.HOME, "nftables (this host)"),
                      (Keys.ARROW_LEFT, "pf"), (Keys.ARROW_LEFT, "nftables (this host)")):
        browser.part("tab", next(one for one, chosen in tabs(browser).items() if chosen)).focus()
        browser.keys(key)
        assert browser.focused().name() == name and tabs(browser)[name]
    browser.button("Download").click()
    assert browser.download("aifw-vpn.nft") == text(world, "nft")


def take_rule(world):
    world.gateway.run("nft", "delete", "element", "inet", "aifw", "wg_ports", "{ 51820 }")


def compare(world):
    """Has everything compared now: by a new helper. The next comparison is 30 s away then."""
    world.helper.kill()
    world.helper.start()
    wait_until(lambda: ruleset.loaded(world.gateway)["wg_ports"] == {"51820"}, "the rule after the repair", SOON)


def test_a_rule_that_somebody_removes_is_not_loaded_until_it_is_back(browser, world, tunnel):
    browser.evidence.expect_status(503)
    browser.open("/rules")
    browser.wait_for_text("All of these rules are loaded.")
    take_rule(world)
    compare(world)
    take_rule(world)
    browser.wait_for(lambda: body(browser)[0][3] == "not loaded", "the rule that is gone", SOON)
    browser.wait_for_text("1 rule of 3 not loaded; it is being put right.")
    browser.wait_for(lambda: shown(browser).startswith("# 1 of these 3 rules is not loaded"), "the text's remark")
    assert axe_in_both(browser) == []
    browser.no_overflow()
    shoot(browser, "rules")
    compare(world)
    browser.wait_for_text("All of these rules are loaded.", SOON)
    assert body(browser)[0][3] == "loaded"


def test_while_the_helper_is_away_it_says_so(browser, world, tunnel):
    browser.evidence.expect_status(503)
    browser.open("/rules")
    browser.wait_for_text("All of these rules are loaded.")
    world.helper.kill()
    try:
        words = world.rest.get("/vpn/rules").must(503).json["detail"]
        browser.wait_for(lambda: words in browser.alerts(), f"the words '{words}'", SOON)
    finally:
        world.helper.start()
    browser.button("Try again").click()
    browser.wait_for(lambda: browser.alerts() == "", "the page without the alert", SOON)

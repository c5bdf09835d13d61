"""VPN → IPsec: the list, its form, the far end. Where this kernel has no ESP nothing is enabled, and what it says to
that is shown."""

import re

import pytest
from ground import xfrm
from ground.account import Account
from ground.axe import axe
from ground.pictures import shoot
from selenium.webdriver import Keys
from test_associations import GOOD, has_esp

NETWORKS = {"src_networks": ["10.1.0.0/16"], "dst_networks": ["10.2.0.0/16"]}
KINDS = [
    GOOD | {"name": "a gcm", **NETWORKS},
    GOOD | {"name": "b cbc", "enc_algo": "aes-256-cbc", "auth_algo": "hmac-sha512", "dst_addr": "198.51.100.2"},
    {"name": "c ah", "protocol": "ah", "mode": "transport", "src_addr": "2001:db8::1", "dst_addr": "2001:db8:9::1"},
    GOOD | {"name": "d both", "protocol": "esp+ah", "enc_algo": "chacha20-poly1305", "dst_addr": "198.51.100.4"},
]
# The cells that what can be done reaches out of.
CROWDED = """
return [...document.querySelectorAll("td.acts")].filter((cell) =>
    cell.querySelector("button").getBoundingClientRect().left < cell.getBoundingClientRect().left);
"""
COLUMNS = ["Status", "Name", "Here → far end", "SPI in, out", "Protection", "Traffic in, out", "What can be done"]


@pytest.fixture
def rest(world):
    """Nothing is left of what a test has made."""
    yield world.rest
    for one in world.rest.get("/vpn/ipsec").must(200).data:
        world.rest.delete(f"/vpn/ipsec/{one['id']}").must(200)


@pytest.fixture(scope="module")
def esp(world):
    return has_esp(world.gateway)


@pytest.fixture
def page(browser, rest):
    """The list, empty so far."""
    return at_list(browser)


def at_list(browser):
    browser.open("/ipsec")
    browser.wait_for(
        lambda: browser.has("field", "Search associations") and "Loading…" not in browser.text(), "the list")
    return browser


def add(rest, **fields):
    return rest.association(**({"enabled": False} | fields))


def all_of(rest):
    return rest.get("/vpn/ipsec").must(200).data


def only(rest):
    (one,) = all_of(rest)
    return one


def open_form(page):
    page.button("Add SA").click()
    page.wait_for(lambda: page.has("dialog", "Add SA"), "the form")


def fill_in(page, name="office-to-dc", enabled=False):
    page.field("Name").fill(name)
    page.field("This end").fill(GOOD["src_addr"])
    page.field("Far end").fill(GOOD["dst_addr"])
    page.field("Enable it at once").check(enabled)


def dialog_gone(page, name):
    page.wait_for(lambda: not page.has("dialog", name), f"the end of '{name}'")


def submit(page):
    page.dialog("Add SA").button("Add SA").click()
    dialog_gone(page, "Add SA")


def reveals(rest, one):
    return len([entry for entry in rest.get("/audit?limit=1000").must(200).data
                if entry["action"] == "reveal" and entry["object"]["id"] == one["id"]])


# MARK: The list

USED = {"a gcm": "aes-256-gcm", "b cbc": "aes-256-cbc, hmac-sha512", "c ah": "hmac-sha256",
        "d both": "chacha20-poly1305, hmac-sha256"}


def test_each_column_shows_what_the_list_was_sent(page, rest):
    for fields in KINDS:
        add(rest, **fields)
    table = page.table("Associations")
    page.wait_for(lambda: "4 associations, 0 up" in page.text(), "all of them")
    heads = [cell.text for cell in page.driver.find_elements("css selector", "thead th")]
    assert [head.removesuffix(" ▲").strip() for head in heads] == COLUMNS
    for one in all_of(rest):
        row = page.row(one["name"])
        assert row.cell("Status") == one["status"] == "down"
        assert row.cell("Name") == one["name"]
        assert row.cell("Here → far end") == f"{one['src_addr']} → {one['dst_addr']}"
        assert row.cell("SPI in, out") == f"0x{one['spi_in']:08x} 0x{one['spi_out']:08x}"
        assert row.cell("Protection") == f"{one['protocol']}, {one['mode']} {USED[one['name']]}"
        assert row.cell("Traffic in, out") == "not in the kernel" and one["installed"] is False
        assert row.cell("What can be done") == "Far end Edit Enable Delete"
        titles = [found.get_attribute("title") for found in row.element.find_elements("css selector", "[title]")]
        assert f"in {one['spi_in']}, out {one['spi_out']}" in titles
    assert not re.search(r"undefined|null|NaN|\[object", table.text() + " ".join(titles))
    assert page.driver.execute_script(CROWDED) == []


def test_it_is_searched_and_sorted_and_comes_back_as_it_was_left(page, rest):
    made = [add(rest, **fields) for fields in KINDS]

    def shown():
        return [cell.text for cell in page.driver.find_elements("css selector", "td.named")]

    names = [fields["name"] for fields in KINDS]
    page.wait_for(lambda: shown() == names, "all of them")
    search = page.field("Search associations")
    for words, found in ((f"0x{made[1]['spi_out']:08x}", names[1:2]), (str(made[2]["spi_in"]), names[2:3]),
                         ("2001:DB8:9", names[2:3]), ("10.2.0.0/16", names[:1]), ("SHA512", names[1:2]), ("<i>", [])):
        search.fill(words)
        page.wait_for(lambda: shown() == found, f"what is found by {words}")
    assert "Nothing matches the search." in page.text()
    search.fill("a")
    for _ in range(2):
        page.button("Name").click()
    page.button("Name").click()
    page.wait_for(lambda: shown() == names[::-1], "the other order")
    page.reload()
    page.wait_for(lambda: shown() == names[::-1], "the same after a reload")
    assert page.field("Search associations").value() == "a"


def test_what_others_do_shows_by_itself(page, rest):
    page.wait_for_text("There are no associations yet.")
    one = add(rest, name="of another")
    page.row("of another").cell("Name")
    rest.request("PATCH", f"/vpn/ipsec/{one['id']}", {"name": "renamed"}).must(200)
    page.wait_for(lambda: page.has("button", "renamed: details"), "its new name")
    assert page.has("button", "Edit renamed") and not page.has("button", "Edit of another")
    rest.delete(f"/vpn/ipsec/{one['id']}").must(200)
    page.wait_for_text("There are no associations yet.")


def test_details_tell_all_and_do_all_on_a_phone(page, rest):
    one = add(rest, **KINDS[0], replay_window=16)
    page.size("phone")
    page.button("a gcm: details").click()
    dialog = page.dialog("a gcm")
    page.wait_for_text("Pass rules")
    text = dialog.text()
    for words in ("down", one["src_addr"], one["dst_addr"], "esp, tunnel", "aes-256-gcm", "10.1.0.0/16", "10.2.0.0/16",
                  f"0x{one['spi_in']:08x} ({one['spi_in']})", f"0x{one['spi_out']:08x} ({one['spi_out']})",
                  "16 packets", "None: it is not in the kernel.", "None: it is not enabled."):
        assert words in text, words
    assert "hmac" not in text
    assert dialog.names("button") == ["Close", "Delete", "Enable", "Edit", "Far end"]
    rest.request("PATCH", f"/vpn/ipsec/{one['id']}", {"replay_window": 0}).must(200)
    page.wait_for(lambda: "16 packets" not in dialog.text(), "what was changed meanwhile")
    dialog.button("Delete").click()
    page.dialog("Delete the association?").button("Delete association").click()
    page.wait_for_text("There are no associations yet.")
    page.wait_for(lambda: not page.has("dialog") and page.focused().name() == "IPsec", "the focus at the heading")
    assert all_of(rest) == []


PRETENDED = """
const real = window.fetch;
window.asked = [];
window.fetch = async (request, options) => {
    const path = new URL(request, location.href).pathname;
    const status = /^\\/api\\/v1\\/vpn\\/ipsec\\/([^/]+)\\/status$/.exec(path);
    const body = (value) => new Response(JSON.stringify(value), {headers: {"Content-Type": "application/json"}});
    if (status) {
        asked.push(status[1]);
        const way = (bytes, packets, failures) => ({bytes, packets, failures});
        return body({running: true, in: way(asked.length * 1024, asked.length, 3), out: way(0, 1, 0)});
    }
    const answer = await real(request, options);
    if (path !== "/api/v1/vpn/ipsec") return answer;
    const list = await answer.json();
    for (const one of list.data) one.installed = one.name !== "49";
    return body(list);
};
"""


def test_counters_are_read_of_what_is_in_sight_again_and_again(browser, rest):
    """What a kernel with ESP would count is put into the page's mouth: this one may have none."""
    for number in range(50):
        add(rest, name=str(number), dst_addr=f"198.51.100.{number + 10}", **{
            "src_networks": [f"10.1.{number}.0/24"], "dst_networks": [f"10.2.{number}.0/24"]})
    script = browser.chromium.command("Page.addScriptToEvaluateOnNewDocument", source=PRETENDED)
    try:
        page = at_list(browser)
        ids = {one["name"]: one["id"] for one in all_of(rest)}
        first = page.row("0")
        words = r"in [1-9]\S* (B|KiB), 3 failed, \d+ packets? out 0 B, 1 packet"
        page.wait_for(lambda: re.fullmatch(words, first.cell("Traffic in, out")), "counters")
        asked = "return window.asked;"
        count = page.driver.execute_script(asked).count(ids["0"])
        page.wait_for(lambda: page.driver.execute_script(asked).count(ids["0"]) > count, "the next round", 20)
        assert ids["40"] not in page.driver.execute_script(asked), "it is far below what is seen"
        page.driver.execute_script("scrollTo(0, document.body.scrollHeight);")
        page.wait_for(lambda: ids["40"] in page.driver.execute_script(asked), "what is seen now", 20)
        assert page.row("49").cell("Traffic in, out") == "not in the kernel"
        assert ids["49"] not in page.driver.execute_script(asked)
    finally:
        browser.chromium.command("Page.removeScriptToEvaluateOnNewDocument", identifier=script["identifier"])


# MARK: Adding

def test_three_fields_make_an_association_and_the_far_end_is_offered(page, rest, world, esp):
    open_form(page)
    assert page.focused().name() == "Name" and page.field("Enable it at once").is_checked()
    assert "never expire by themselves" in page.dialog("Add SA").text()
    fill_in(page, enabled=esp)
    submit(page)
    page.dialog("Far end of office-to-dc").button("Close").click()
    one = only(rest)
    assert {name: one[name] for name in GOOD} == GOOD
    assert (one["protocol"], one["mode"], one["enc_algo"], one["replay_window"]) == ("esp", "tunnel", "aes-256-gcm", 0)
    assert page.row("office-to-dc").cell("Status") == one["status"] == ("up" if esp else "down")
    assert len(xfrm.states(world.gateway)) == (2 if esp else 0)
    assert page.focused().name() == "Add SA"


def test_what_the_kernel_refuses_is_said_in_its_words_and_not_made(page, rest, world, esp):
    if esp:
        # There is nothing that this kernel refuses: it has it at once.
        open_form(page)
        fill_in(page, enabled=True)
        submit(page)
        assert only(rest)["installed"] is True and len(xfrm.states(world.gateway)) == 2
        return
    page.evidence.expect_status(502)
    open_form(page)
    fill_in(page, enabled=True)
    page.dialog("Add SA").button("Add SA").click()
    assert "cannot install ESP with aes-256-gcm" in page.field("Cipher").error()
    assert re.search("The kernel refused: .*Nothing was changed.", page.alerts())
    assert all_of(rest) == xfrm.states(world.gateway) == []
    page.field("Enable it at once").check(False)
    submit(page)
    assert only(rest)["enabled"] is False


FIELDS = {"src_networks": "Networks at this end optional", "dst_networks": "Networks at the far end optional",
          "enc_algo": "Cipher", "auth_algo": "HMAC", "enc_key_in": "Cipher key in optional",
          "enc_key_out": "Cipher key out optional", "auth_key_in": "HMAC key in optional",
          "auth_key_out": "HMAC key out optional"}
CIPHER = {"enc_algo", "enc_key_in", "enc_key_out"}
HMAC = {"auth_algo", "auth_key_in", "auth_key_out"}
INSIDE = {"src_networks", "dst_networks"}
WORDS = {"esp": "esp: encrypted and authenticated", "ah": "ah: authenticated, not encrypted",
         "esp+ah": "esp+ah: ESP inside AH", "tunnel": "tunnel: between networks",
         "transport": "transport: between the two ends alone"}
CHOICES = [
    ("esp", "tunnel", "aes-128-gcm", 20, INSIDE | CIPHER), ("esp", "transport", "aes-256-cbc", 32, CIPHER | HMAC),
    ("ah", "tunnel", "aes-128-gcm", 20, INSIDE | HMAC), ("ah", "transport", "aes-128-gcm", 20, HMAC),
    ("esp+ah", "tunnel", "chacha20-poly1305", 36, INSIDE | CIPHER | HMAC)]
DEFAULTS = {"enc_algo": "aes-256-gcm", "auth_algo": "hmac-sha256", "src_networks": None, "dst_networks": None}


@pytest.mark.parametrize("protocol, mode, cipher, length, shown", CHOICES)
def test_what_a_choice_makes_meaningless_is_hidden_and_not_sent(
        page, rest, world, protocol, mode, cipher, length, shown):
    """Each field is filled in before, with what the API refuses wherever it has no meaning."""
    open_form(page)
    fill_in(page)
    page.button("SPIs, keys, replay window").click()
    page.field("Protocol").choose(WORDS["esp+ah"])
    values = {"src_networks": "10.1.0.0/16", "dst_networks": "10.2.0.0/16", "enc_algo": cipher,
              "auth_algo": "hmac-sha384"}
    for number, (name, size) in enumerate((("enc_key_in", length), ("enc_key_out", length), ("auth_key_in", 48),
                                           ("auth_key_out", 48))):
        values[name] = f"{number + 1}{protocol[0]}".encode().hex()[:3].ljust(2 * size, f"{number + 3}")
        world.secrets.add(name, bytes.fromhex(values[name]))
    for name, label in FIELDS.items():
        if name.endswith("algo"):
            page.field(label).choose(values[name])
        else:
            page.field(label).fill(values[name])
    page.field("Protocol").choose(WORDS[protocol])
    page.field("Mode").choose(WORDS[mode])
    assert {name for name, label in FIELDS.items() if page.has("field", label)} == shown
    keys = [name for name in shown if "key" in name]
    assert all(page.field(FIELDS[name]).attribute("type") == "password" for name in keys)
    submit(page)
    one = only(rest)
    expected = {name: values[name] if name in shown else default for name, default in DEFAULTS.items()}
    assert {name: ",".join(one[name]) if type(one[name]) is list else one[name] for name in DEFAULTS} == expected
    assert (one["protocol"], one["mode"]) == (protocol, mode)
    # Beside those that were typed, there is no key: the far end's "in" is this end's "out".
    far = rest.get(f"/vpn/ipsec/{one['id']}/config?format=json").must(200).json
    turned = {name: far.get(f"{name[:-2]}out" if name.endswith("in") else f"{name[:-3]}in") for name in keys}
    same = {name: values[name] for name in keys} == turned
    assert same, "the keys are those that were typed"
    assert len([name for name in far if "_key_" in name]) == len(keys)


def test_each_fault_is_told_at_its_field_and_what_was_typed_stays(page, rest):
    page.evidence.expect_status(422, 409)
    add(rest, name="there already", dst_addr="198.51.100.3")
    open_form(page)
    fill_in(page, name="")
    page.field("This end").fill("nowhere")
    page.field("Networks at this end optional").fill("10.1.0.5/24")
    page.button("SPIs, keys, replay window").click()
    page.field("SPI in optional").fill("12")
    page.field("Replay window optional").fill("33")
    page.button("SPIs, keys, replay window").click()
    page.dialog("Add SA").button("Add SA").click()
    assert page.field("Name").error()
    for label, word in (("This end", "address"), ("Networks at this end optional", "10.1.0.0/24"),
                        ("SPI in optional", "256"), ("Replay window optional", "32")):
        assert word in page.field(label).error()
        page.field(label).fill({"This end": GOOD["src_addr"]}.get(label, ""))
    assert page.field("Far end").value() == GOOD["dst_addr"] and len(all_of(rest)) == 1
    # As the Tab key has it: the dialog's heading covers what is scrolled to without its margin.
    page.field("Name").focus()
    page.field("Name").fill("there already")
    page.dialog("Add SA").button("Add SA").click()
    page.wait_for(lambda: "there already" in page.field("Name").error(), "the clash")
    page.field("Name").fill("another")
    submit(page)
    assert {one["name"] for one in all_of(rest)} == {"there already", "another"}


NAMES = ["<script>alert(1)</script>", "\"quotes\" & 'more' <b>", "🦊 שלום", "W" * 64]


def test_a_name_is_text_wherever_it_shows(page, rest):
    for name in NAMES:
        open_form(page)
        fill_in(page, name=name)
        submit(page)
        page.dialog(f"Far end of {name}").button("Close").click()
        assert page.row(name).cell("Name") == only(rest)["name"] == name
        page.button(f"{name}: details").click()
        page.wait_for(lambda: "Pass rules" in page.dialog(name).text(), "details")
        page.no_overflow()
        page.dialog(name).button("Delete").click()
        page.wait_for(lambda: name in page.dialog("Delete the association?").text(), "the name")
        page.button("Delete association").click()
        page.wait_for_text("There are no associations yet.")
        page.wait_for(lambda: not page.has("dialog"), "the dialogs closed")


def test_a_name_that_turns_text_around_is_refused_at_its_field(page, rest):
    page.evidence.expect_status(422)
    open_form(page)
    fill_in(page, name="evil\u202etxt")
    page.dialog("Add SA").button("Add SA").click()
    assert page.field("Name").error() and all_of(rest) == []


def test_a_double_click_does_it_once(page, rest):
    open_form(page)
    fill_in(page)
    page.dialog("Add SA").button("Add SA").double_click()
    dialog_gone(page, "Add SA")
    page.dialog("Far end of office-to-dc").button("Close").click()
    only(rest)
    page.button("Delete office-to-dc").click()
    page.button("Delete association").double_click()
    page.wait_for_text("There are no associations yet.")
    page.settle()
    assert page.alerts() == "" and all_of(rest) == []


def test_the_back_button_loses_nothing_that_was_typed(browser, rest):
    browser.open("/tokens")
    browser.link("IPsec").click()
    open_form(browser)
    browser.field("Name").fill("half a name")
    browser.back()
    browser.wait_for_text("unsaved changes")
    assert browser.path() == "/ipsec" and browser.field("Name").value() == "half a name"
    browser.keys(Keys.ESCAPE)
    browser.button("Discard it").click()
    dialog_gone(browser, "Add SA")
    browser.settle()
    browser.back()
    browser.wait_for(lambda: browser.path() == "/tokens", "the page before")
    assert all_of(rest) == []


# MARK: Changing

def edit(page, name):
    page.button(f"Edit {name}").click()
    return page.dialog(f"Edit {name}")


def test_an_edit_sends_what_was_changed_and_no_more(page, rest):
    one = add(rest, **KINDS[1])
    before = rest.far_end(one, "setkey")
    dialog = edit(page, "b cbc")
    page.wait_for_text("breaks the traffic until the far end has the same")
    assert page.focused().name() == "Name" and page.field("HMAC").value() == "hmac-sha512"
    assert page.field("Networks at this end optional").value() == ""
    page.field("Name").fill("renamed")
    dialog.button("Save").click()
    dialog_gone(page, "Edit b cbc")
    now = only(rest)
    assert now | {"updated_at": 0} == one | {"name": "renamed", "updated_at": 0}
    same = rest.far_end(one, "setkey") == before
    assert same and page.focused().name() == "Edit renamed"
    dialog = edit(page, "renamed")
    page.field("Far end").fill("198.51.100.99")
    page.button("SPIs, keys, replay window").click()
    page.field("SPI out optional").fill("0x12345")
    dialog.button("Save").click()
    dialog_gone(page, "Edit renamed")
    page.wait_for_text("the far end needs its configuration again: dst_addr, spi_out have changed")
    assert page.row("renamed").cell("Here → far end") == "203.0.113.1 → 198.51.100.99"
    now = only(rest)
    assert (now["spi_in"], now["spi_out"], now["dst_networks"]) == (one["spi_in"], 0x12345, ["198.51.100.99/32"])


def test_of_two_tabs_the_later_one_overwrites_nothing(page, rest):
    page.evidence.expect_status(412)
    add(rest, name="shared")
    edit(page, "shared")
    page.field("Name").fill("by the first tab")
    first = page.new_tab()
    edit(at_list(page), "shared")
    page.field("Name").fill("by the second tab")
    page.button("Save").click()
    dialog_gone(page, "Edit shared")
    second = page.go_to_tab(first)
    page.button("Save").click()
    page.wait_for(lambda: "This was changed by somebody else" in page.alerts(), "the words of the 412")
    assert page.field("Name").value() == "by the first tab" and only(rest)["name"] == "by the second tab"
    page.go_to_tab(second)


def test_enabling_and_disabling_ask_and_do(page, rest, world, esp):
    page.evidence.expect_status(502)
    add(rest, **KINDS[0])
    page.button("Enable a gcm").click()
    dialog = page.dialog("Enable the association?")
    assert "10.1.0.0/16 and 10.2.0.0/16" in dialog.text() and "until the far end has its configuration" in dialog.text()
    dialog.button("Enable").click()
    if not esp:
        page.wait_for(lambda: "cannot install ESP with aes-256-gcm" in page.alerts(), "the kernel's words")
        dialog.button("Cancel").click()
        assert page.row("a gcm").cell("Status") == only(rest)["status"] == "down"
        assert xfrm.states(world.gateway) == []
        return
    dialog_gone(page, "Enable the association?")
    assert page.row("a gcm").cell("Status") == "up" and len(xfrm.states(world.gateway)) == 2
    assert page.focused().name() == "Disable a gcm"
    nothing = "in 0 B, 0 packets out 0 B, 0 packets"
    page.wait_for(lambda: page.row("a gcm").cell("Traffic in, out") == nothing, "counters")
    page.button("a gcm: details").click()
    page.wait_for_text("ESP between 203.0.113.1 and 198.51.100.1, both ways")
    page.dialog("a gcm").button("Disable").click()
    page.dialog("Disable the association?").button("Disable").click()
    page.wait_for(lambda: xfrm.states(world.gateway) == [], "no association in the kernel")
    page.wait_for(lambda: page.row("a gcm").cell("Status") == only(rest)["status"] == "down", "its status")


def test_deleting_asks_first(page, rest):
    add(rest, name="to go")
    page.button("Delete to go").click()
    dialog = page.dialog("Delete the association?")
    assert "to go is not enabled" in dialog.text()
    dialog.button("Cancel").click()
    assert page.focused().name() == "Delete to go" and only(rest)
    page.button("Delete to go").click()
    page.button("Delete association").click()
    page.wait_for_text("There are no associations yet.")
    assert all_of(rest) == [] and "Deleted to go" in page.statuses()


# MARK: The far end

@pytest.mark.parametrize("label, form, name", [
    ("Linux", "xfrm", "wärehouse (1).sh"), ("BSD and others", "setkey", "wärehouse (1).conf"),
    ("Another AiFw", "json", "wärehouse (1).json")])
def test_the_far_ends_text_is_fetched_when_it_is_asked_for(page, rest, world, label, form, name):
    one = add(rest, name="wärehouse (1)")
    # This is a look at it too.
    expected = rest.far_end(one, form)
    page.button("Far end wärehouse (1)").click()
    page.driver.find_element("xpath", f"//label[span[text()='{label}']]").click()
    page.settle()
    assert reveals(rest, one) == 1 and not page.driver.find_element("css selector", "dialog pre").is_displayed()
    page.button("Show text").click()
    page.button("Hide text").name()
    same = page.driver.find_element("css selector", "dialog pre").get_property("textContent") == expected
    assert same and reveals(rest, one) == 2
    page.button("Copy").click()
    page.wait_for_text("Copied")
    same = page.clipboard() == expected
    assert same and reveals(rest, one) == 3
    # Of a script Chromium asks whether to keep it, where nobody can answer.
    page.chromium.command("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(page.chromium.downloads))
    page.button("Download").click()
    same = page.download(name) == expected
    assert same and reveals(rest, one) == 4
    page.button("Hide text").click()
    assert page.driver.find_element("css selector", "dialog pre").get_property("textContent") == ""


def test_a_text_that_is_true_no_longer_goes_away(page, rest):
    one = add(rest, name="moving")
    rest.far_end(one)
    page.button("Far end moving").click()
    page.button("Show text").click()
    page.button("Hide text").name()
    rest.request("PATCH", f"/vpn/ipsec/{one['id']}", {"dst_addr": "198.51.100.7"}).must(200)
    page.wait_for(lambda: "show the text again" in page.alerts(), "the words")
    assert page.has("button", "Show text") and page.driver.find_element("css selector", "dialog pre").text == ""


def test_who_may_not_see_keys_is_told_so_and_who_may_not_change_has_no_buttons(visitor, rest, world):
    one = add(rest, name="of others")
    for scope, buttons in (("vpn:read", "Far end"), ("vpn:write", "Far end Edit Enable Delete")):
        visitor.enter(Account(rest, scope.replace(":", "-"), [scope]))
        page = at_list(visitor)
        assert page.row("of others").cell("What can be done") == buttons
        assert page.has("button", "Add SA") == (scope == "vpn:write")
        page.button("Far end of others").click()
        page.wait_for_text("vpn:secrets")
        assert page.names("button")[-1] == "Close" or not page.has("button", "Show text")
    assert reveals(rest, one) == 0


# MARK: As it looks

def test_it_is_fit_for_everybody_in_both_themes_and_on_a_phone(browser, rest):
    shoot(at_list(browser), "ipsec-empty")
    for fields in KINDS:
        add(rest, **fields)
    page = at_list(browser)
    page.row("d both").cell("Name")
    looks(page, "ipsec")
    page.button("b cbc: details").click()
    page.wait_for_text("Pass rules")
    looks(page, "ipsec-details")
    page.button("Far end").click()
    page.dialog("Far end of b cbc").name()
    looks(page, "ipsec-far-end")
    page.keys(Keys.ESCAPE, Keys.ESCAPE)
    open_form(page)
    page.button("SPIs, keys, replay window").click()
    looks(page, "ipsec-add")
    page.keys(Keys.ESCAPE)
    page.button("Delete a gcm").click()
    page.dialog("Delete the association?").name()
    assert axe(page) == []


def looks(page, name):
    for theme in ("dark", "light"):
        page.theme(theme)
        assert axe(page) == [], (name, theme)
    page.no_overflow()
    shoot(page, name)

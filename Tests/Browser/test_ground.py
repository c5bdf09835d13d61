"""The ground itself: what a page does wrong is found, so that the tests of our page can fail."""

import pytest
from ground.axe import axe, axe_in_both
from ground.browser import Browser
from ground.pictures import shoot
from ground.site import Site
from ground.waiting import wait_until
from selenium.webdriver import Keys

# As strict as the page's own can be.
STRICT = "default-src 'none'; style-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'"


def document(body, head=""):
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">{head}</head>
<body><main><h1>A page</h1>{body}</main></body></html>"""


@pytest.fixture
def at(chromium, monkeypatch, tmp_path):
    """The browser at a page of these words, with a policy if one is given."""
    monkeypatch.setenv("AIFW_SCREENSHOTS", str(tmp_path))
    sites = []

    def go(body, policy=None, head="", **pages):
        sites.append(Site({"/": document(body, head)} | {f"/{name}": page for name, page in pages.items()}, policy))
        browser = Browser(chromium, sites[-1].origin)
        browser.open("/")
        browser.settle()
        return browser

    yield go
    for site in sites:
        site.close()


# MARK: What nobody sees

@pytest.mark.parametrize("script, words", [
    ("console.error('broken');", "broken"),
    ("console.warn('soon broken');", "soon broken"),
    ("throw new Error('nobody caught this');", "nobody caught this"),
    ("Promise.reject(new Error('nobody waited for this'));", "nobody waited for this"),
])
def test_what_a_page_complains_of_fails_its_test(at, tmp_path, script, words):
    browser = at(f"<script>{script}</script>")
    with pytest.raises(AssertionError, match=words):
        browser.end("a test [of this]")
    assert (tmp_path / "a-test-of-this-.png").read_bytes().startswith(b"\x89PNG")
    assert "A page" in (tmp_path / "a-test-of-this-.txt").read_text()


def test_a_request_to_another_origin_is_found(at):
    other = Site({"/picture": ("image/svg+xml", '<svg xmlns="http://www.w3.org/2000/svg"/>')})
    browser = at(f'<img alt="" src="{other.origin}/picture"><img alt="" src="https://example.org/">')
    browser.evidence.expect_words("ERR_NAME_NOT_RESOLVED")
    faults = browser.evidence.faults()
    assert faults == [f"request to another origin: {url}" for url in (
        f"{other.origin}/picture", "https://example.org/")]
    assert other.asked == ["/picture"]
    other.close()


def test_a_breach_of_the_policy_is_found(at):
    (fault,) = at("<script>document.title = 'No';</script>", STRICT).evidence.faults()
    assert "Content Security Policy" in fault


def test_other_tabs_are_watched_and_looked_at_alike(at):
    browser = at("<p>Text</p>", complaint=document("<script>console.error('broken')</script>"))
    browser.size("phone")
    first = browser.new_tab()
    browser.open("/complaint")
    assert browser.driver.execute_script("return innerWidth;") == 360
    browser.go_to_tab(first)
    (fault,) = wait_until(browser.evidence.faults, "the fault")
    assert "broken" in fault and browser.path() == "/"


def test_a_status_may_be_expected_and_no_other_one(at):
    browser = at("<script>fetch('/gone');</script>")
    (fault,) = wait_until(browser.evidence.faults, "the fault")
    assert "404" in fault
    browser.evidence.expect_status(401)
    assert browser.evidence.faults() == [fault]
    browser.evidence.expect_status(404)
    browser.end("none")


# MARK: What a page is like

def test_a_picture_without_words_is_found_whatever_the_policy(at):
    browser = at('<img src="data:,"><p>Text</p>', STRICT)
    (found,) = axe(browser)
    assert found.startswith("image-alt: img: ")
    browser.driver.execute_script("document.querySelector('img').alt = 'A view';")
    assert axe(browser) == []
    assert browser.driver.execute_script("return typeof window.axe") == "undefined"


def test_faint_text_and_small_targets_are_found_in_the_theme_that_is_set(at):
    style = """<style>:root { color-scheme: light dark }
        @media (prefers-color-scheme: dark) { p { color: #333; background: #222 } }
        button { width: 12px; height: 12px; padding: 0; border: 0; margin: 0 }</style>"""
    browser = at('<p>Text</p><button aria-label="One"></button><button aria-label="Two"></button>', head=style)
    assert {found.split(": ")[1] for found in axe_in_both(browser) if found.startswith("light")} == {"target-size"}
    found = {found.split(": ")[1] for found in axe_in_both(browser) if found.startswith("dark")}
    assert found == {"target-size", "color-contrast"}


@pytest.mark.parametrize("body, fits", [
    ("<p>Short</p>", True),
    ('<div style="overflow-x: auto"><p style="width: 900px">Scrolls by itself</p></div>', True),
    ('<p style="width: 500px">Wide</p>', False),
    ('<p style="position: absolute; left: 300px; width: 100px">Over the edge</p>', False),
])
def test_what_goes_over_the_edge_of_a_phone_is_found(at, body, fits):
    browser = at(body)
    if fits:
        browser.no_overflow()
    else:
        with pytest.raises(AssertionError, match="over its edge"):
            browser.no_overflow()
    assert browser.driver.execute_script("return [innerWidth, innerHeight]") == [1280, 800]


def test_a_shift_of_the_layout_is_measured(at):
    assert at("<p>Text</p>").layout_shift() == 0
    late = "setTimeout(() => document.querySelector('h1').style.marginTop = '200px', 200);"
    assert at(f"<p>Text</p><script>{late}</script>").layout_shift() > 0.01


def test_what_a_page_costs_is_measured_since_it_was_opened(at):
    browser = at('<link rel="stylesheet" href="/style">', style=("text/css", "/* " + "x" * 50_000 + " */"),
                 other=document("Text"))
    cost = browser.transferred()
    assert (cost.requests, cost.urls[1]) == (2, f"{browser.origin}/style")
    assert 50_500 < cost.bytes < 52_000
    browser.open("/other")
    assert browser.transferred().requests == 1


def test_pictures_are_taken_in_four_ways(at, tmp_path):
    browser = at('<p style="height: 2000px">Long</p>')
    shoot(browser, "page")
    sizes = {}
    for file in tmp_path.iterdir():
        head = file.read_bytes()[16:24]
        sizes[file.name] = (int.from_bytes(head[:4]), int.from_bytes(head[4:]) > 2000)
    assert sizes == {
        "page-light-phone.png": (720, True), "page-dark-phone.png": (720, True),
        "page-light-desktop.png": (1280, True), "page-dark-desktop.png": (1280, True)}


# MARK: What is done with a page

FORM = """
<form><label for="name">Name <span aria-hidden="true">*</span></label>
<input id="name" aria-invalid="true" aria-describedby="hint" aria-errormessage="why">
<p id="hint">A word.</p><p id="why">That is taken.</p>
<label>Kind <select><option>Full</option><option>Split</option></select></label>
<label><input type="checkbox"> Again</label><label>Until <input type="datetime-local"></label></form>
<table><thead><tr><th>Name</th><th>State</th></tr></thead><tbody>
<tr><td><a href="#laptop">laptop</a></td><td>online</td><td><button>Edit</button></td></tr>
<tr><td>laptop of Eve</td><td>stale</td><td><button>Edit</button></td></tr></tbody></table>
<p role="status">Saved.</p><p role="alert"></p>
<dialog id="edit" aria-label="Edit peer"><button>Save</button></dialog>
<dialog id="ask" aria-labelledby="question"><h2 id="question">Leave?</h2><button>Save</button></dialog>
"""


def test_parts_are_found_by_their_names(at):
    browser = at(FORM)
    name = browser.field("Name")
    name.fill("old")
    name.fill('<b>"ü" 🦊 שלום')
    assert name.value() == '<b>"ü" 🦊 שלום'
    assert name.error() == "That is taken." and name.is_refused()
    browser.field("Kind").choose("Split")
    assert browser.field("Kind").value() == "Split"
    browser.field("Until").fill("2030-01-02T03:04")
    assert browser.field("Until").value() == "2030-01-02T03:04"
    browser.field("Again").check()
    browser.field("Again").check()
    assert browser.field("Again").is_checked()
    assert browser.row("laptop").cell("State") == "online"
    assert browser.row("laptop of Eve").cell("State") == "stale"
    browser.row("laptop").link("laptop").click()
    assert browser.path() == "/#laptop"
    assert (browser.statuses(), browser.alerts()) == ("Saved.", "")
    assert browser.has("button", "Edit") and not browser.has("button", "Edi")
    assert not browser.has("dialog", "Edit peer")


def test_a_part_is_looked_for_in_the_topmost_dialog_and_again_when_it_was_replaced(at):
    browser = at(FORM)
    run = browser.driver.execute_script
    run("edit.showModal();")
    assert browser.button("Save").element == browser.dialog("Edit peer").button("Save").element
    run("ask.showModal();")
    assert browser.has("dialog", "Leave?")
    save = browser.button("Save")
    assert save.element == browser.dialog("Leave?").button("Save").element
    run("ask.replaceChildren(...[...ask.childNodes].map((node) => node.cloneNode(true)));")
    assert save.name() == "Save"
    run("setTimeout(() => { ask.close(); edit.close(); }, 100);")
    browser.wait_gone("dialog", "Leave?")
    browser.wait_gone("dialog", "Edit peer")
    rows = browser.driver.find_elements("css selector", "tbody tr")
    run("arguments[0].remove();", rows[1])
    assert browser.button("Edit").element == browser.row("laptop").button("Edit").element


def test_keys_go_where_the_focus_is(at):
    browser = at(FORM)
    browser.field("Name").focus()
    browser.keys("a", Keys.TAB)
    assert (browser.focused().role(), browser.focused().name()) == ("combobox", "Kind")
    browser.keys(Keys.SHIFT + Keys.TAB)
    assert browser.focused().value() == "a"


def test_a_download_is_read_and_what_is_copied_too(at):
    browser = at('<a download="laptop.conf" href="/file">Save</a><button>Copy</button>'
                 "<script>document.querySelector('button').onclick = () => navigator.clipboard.writeText('words');"
                 "</script>", file=("text/plain; charset=utf-8", "[Interface]\n# ü\n"))
    browser.link("Save").click()
    assert browser.download("laptop.conf") == "[Interface]\n# ü\n"
    browser.button("Copy").click()
    assert browser.clipboard() == "words"
    browser.end("none")


def test_each_browser_begins_with_nothing_stored(at):
    browser = at("<script>localStorage.seen = 1; document.cookie = 'seen=1';</script>")
    assert browser.driver.execute_script("return localStorage.seen + document.cookie") == "1seen=1"
    again = Browser(browser.chromium, browser.origin)
    again.chromium.command("Emulation.setScriptExecutionDisabled", value=True)
    again.open("/")
    again.chromium.command("Emulation.setScriptExecutionDisabled", value=False)
    assert again.driver.execute_script("return [Object.keys(localStorage).length, document.cookie]") == [0, ""]


LOGIN = """
<form><label>User name <input autocomplete="username"></label>
<label>Password <input type="password" autocomplete="current-password"></label><button>Log in</button></form>
<output></output>
<script>document.querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    const [name, password] = document.querySelectorAll("input");
    fetch(`/stream?${name.value}${password.value.length}`).then(() => {
        event.target.remove();
        document.querySelector("output").textContent = "Welcome";
    }, () => { document.querySelector("output").textContent = "No answer"; });
};</script>
"""


class Somebody:
    username, password = "eve", "no secret"


def test_a_form_is_filled_in_and_sent_by_the_keyboard(at):
    browser = at(LOGIN, **{"stream?eve9": "Text"})
    browser.log_in(Somebody)
    browser.wait_for_text("Welcome")
    assert (browser.statuses(), browser.has("field")) == ("Welcome", False)
    browser.end("none")


# MARK: A page that is served now

def test_the_description_is_fit_for_everybody(visitor):
    visitor.open("/docs")
    assert axe_in_both(visitor) == []
    visitor.no_overflow()


def test_a_session_is_had_without_the_form(browser):
    # Chromium asks for an icon, which JSON can't name; nor below.
    browser.evidence.expect_status(404)
    browser.open("/api/v1/auth/session")
    assert '"name":"admin"' in browser.text().replace(" ", "")


def test_a_stream_ends_when_the_cable_is_cut_and_comes_back(browser, cable, world):
    browser.evidence.expect_status(404)
    browser.evidence.expect_words("net::ERR_")
    browser.open("/api/v1/auth/session")
    browser.driver.execute_script("""window.seen = []; const stream = new EventSource("/api/v1/events");
        stream.onopen = () => seen.push("open"); stream.onerror = () => seen.push("broken");""")
    seen = lambda: browser.driver.execute_script("return seen;")  # noqa: E731
    browser.wait_for(lambda: seen() == ["open"], "a stream")
    cable.cut()
    browser.wait_for(lambda: "broken" in seen(), "the end of the stream")
    # The daemon comes back at another port; the browser knows one only.
    world.api.kill()
    world.start_api()
    cable.mend()
    browser.wait_for(lambda: seen()[-1] == "open", "the stream again", 30)

"""The page follows what happens, says when it can't, and comes back by itself; and what is typed outlives all of it."""

import time

import pytest

BROKEN = "Not live: what is shown may be old."
UNSAVED = "There is a form with unsaved changes: save it or close it first."
AWAY = "The firewall does not answer."


@pytest.fixture
def tokens(browser, world):
    """The page of tokens, which is live; what a test adds is gone after it."""
    before = {token["id"] for token in world.rest.get("/tokens").must(200).data}
    browser.open("/tokens")
    browser.wait_for(lambda: browser.has("heading", "Tokens"), "the page")
    browser.wait_for(lambda: is_live(browser), "live events")
    yield browser
    for token in world.rest.get("/tokens").must(200).data:
        if token["id"] not in before:
            world.rest.delete(f"/tokens/{token['id']}").must(200)


def is_live(browser):
    return "live" in browser.statuses().splitlines()


def is_broken(browser):
    return BROKEN in browser.statuses()


def add(world, name):
    world.rest.post("/tokens", {"name": name, "scopes": ["vpn:read"]}).must(201)


def names(world):
    return [token["name"] for token in world.rest.get("/tokens").must(200).data]


def shows(browser, name):
    return name in browser.text()


def begin_form(browser, name):
    browser.button("Add token").click()
    dialog = browser.dialog("Add token")
    dialog.field("Name").fill(name)
    return dialog


def test_what_somebody_else_does_shows_by_itself(tokens, world):
    add(world, "made elsewhere")
    tokens.wait_for(lambda: shows(tokens, "made elsewhere"), "the new token")
    (token,) = [one for one in world.rest.get("/tokens").must(200).data if one["name"] == "made elsewhere"]
    world.rest.delete(f"/tokens/{token['id']}").must(200)
    tokens.wait_for(lambda: not shows(tokens, "made elsewhere"), "its end")


def test_a_cut_cable_is_told_and_what_changed_meanwhile_is_shown_when_it_is_mended(tokens, world, cable):
    tokens.evidence.expect_words("net::ERR_")
    cable.cut()
    tokens.wait_for(lambda: is_broken(tokens), "words about the stream")
    add(world, "in the dark")
    assert not shows(tokens, "in the dark")
    cable.mend()
    # Attempts come 2, 4, 8 … s after each other.
    tokens.wait_for(lambda: is_live(tokens), "the stream again, by itself", seconds=40)
    tokens.wait_for(lambda: shows(tokens, "in the dark"), "what changed meanwhile")


def test_whoever_does_not_want_to_wait_tries_at_once(tokens, cable):
    tokens.evidence.expect_words("net::ERR_")
    cable.cut()
    tokens.wait_for(lambda: is_broken(tokens), "words about the stream")
    tokens.button("Try now").click()
    tokens.wait_for(lambda: is_broken(tokens), "the words still")
    cable.mend()
    tokens.button("Try now").click()
    tokens.wait_for(lambda: is_live(tokens), "the stream")


def test_a_killed_daemon_comes_back_and_the_page_with_it(tokens, world):
    tokens.evidence.expect_words("net::ERR_")
    world.api.kill()
    tokens.wait_for(lambda: is_broken(tokens), "words about the stream")
    world.start_api()
    add(world, "after the start")
    tokens.wait_for(lambda: is_live(tokens), "the stream again", seconds=40)
    tokens.wait_for(lambda: shows(tokens, "after the start"), "what changed meanwhile")


def test_what_was_typed_outlives_an_answer_that_does_not_come(tokens, world, cable):
    tokens.evidence.expect_words("net::ERR_")
    dialog = begin_form(tokens, "typed once")
    cable.cut()
    dialog.button("Add token").click()
    tokens.wait_for(lambda: AWAY in tokens.alerts(), "words about it")
    assert dialog.field("Name").value() == "typed once" and "typed once" not in names(world)
    cable.mend()
    dialog.button("Add token").click()
    tokens.dialog("The new token").button("Done").click()
    assert names(world).count("typed once") == 1


def test_back_throws_nothing_away_that_was_typed(browser, world):
    browser.open("/")
    browser.wait_for(lambda: browser.has("link", "Tokens"), "the frame")
    browser.link("Tokens").click()
    browser.wait_for(lambda: browser.path() == "/tokens", "Tokens")
    dialog = begin_form(browser, "half typed")
    browser.back()
    browser.wait_for(lambda: UNSAVED in browser.statuses(), "words about it")
    browser.wait_for(lambda: browser.path() == "/tokens", "the address of the form")
    assert dialog.field("Name").value() == "half typed"
    dialog.button("Close").click()
    dialog.button("Discard it").click()
    browser.wait_gone("dialog", "Add token")
    browser.back()
    browser.wait_for(lambda: browser.path() == "/" and browser.has("heading", "Overview"), "the page before")
    assert "half typed" not in names(world)


def test_a_double_click_makes_one(tokens, world):
    dialog = begin_form(tokens, "once")
    dialog.button("Add token").double_click()
    tokens.dialog("The new token").button("Done").click()
    assert names(world).count("once") == 1


def test_two_tabs_show_the_same(tokens, world):
    first = tokens.new_tab()
    tokens.open("/tokens")
    tokens.wait_for(lambda: is_live(tokens), "live events in the second tab")
    dialog = begin_form(tokens, "from the second tab")
    dialog.button("Add token").click()
    tokens.dialog("The new token").button("Done").click()
    tokens.go_to_tab(first)
    tokens.wait_for(lambda: shows(tokens, "from the second tab"), "it in the first tab")


def test_a_page_that_can_not_be_loaded_says_so(browser, cable):
    browser.evidence.expect_words("net::ERR_")
    browser.open("/tokens")
    browser.wait_for(lambda: is_live(browser), "live events")
    cable.cut()
    browser.link("Backup").click()
    browser.wait_for(lambda: browser.has("heading", "Not loaded"), "words")
    cable.mend()
    browser.button("Try again").click()
    browser.wait_for(lambda: browser.has("heading", "Backup"), "the page")


def test_a_network_that_falls_silent_is_told_too(browser, cable):
    browser.evidence.expect_words("net::ERR_")
    browser.open("/wireguard")
    browser.wait_for_text("There are no tunnels")
    browser.wait_for(lambda: is_live(browser), "live events")
    cable.freeze()
    # What is read every 5 s waits 20 s for an answer.
    browser.wait_for(lambda: is_broken(browser), "words about the stream", seconds=60)
    cable.thaw()
    browser.wait_for(lambda: is_live(browser), "the stream again, by itself", seconds=60)


def test_a_page_that_does_not_come_is_told_too(browser, cable):
    browser.evidence.expect_words("net::ERR_")
    browser.open("/tokens")
    browser.wait_for_text("system-tests")
    browser.wait_for(lambda: is_live(browser), "live events")
    cable.freeze()
    browser.link("Backup").click()
    browser.wait_for(lambda: browser.has("heading", "Not loaded"), "words", seconds=60)
    browser.wait_for(lambda: is_broken(browser), "words about the stream")
    cable.thaw()
    browser.button("Try again").click()
    browser.wait_for(lambda: browser.has("heading", "Backup"), "the page")


# The answers that the page gets to the path are given by `answer(fetch)`, as often as it returns one.
REPLACED = """
const [path, answer] = [arguments[0], new Function("request", "ask", arguments[1])];
const ask = window.fetch;
window.replaced = 0;
window.fetch = async (request, options) => {
    const found = new URL(request).pathname === `/api/v1${path}` && await answer(options, () => ask(request, options));
    if (!found) return ask(request, options);
    window.replaced += 1;
    if (found instanceof Error) throw found;
    return found;
};
"""


def replaced(browser):
    return browser.driver.execute_script("return window.replaced;")


def test_a_proxy_that_answers_in_the_servers_place_does_not_end_the_attempts(tokens, cable):
    tokens.evidence.expect_words("net::ERR_")
    # The proxy's page is no JSON.
    tokens.evidence.expect_words("SyntaxError")
    tokens.driver.execute_script(
        REPLACED, "/auth/session", "if (!window.replaced) return new Response('<p>Away</p>');")
    cable.cut()
    tokens.wait_for(lambda: is_broken(tokens), "words about the stream")
    tokens.wait_for(lambda: replaced(tokens) == 1, "the proxy's answer", seconds=40)
    cable.mend()
    tokens.wait_for(lambda: is_live(tokens), "the stream again, by itself", seconds=60)


def test_what_was_made_when_its_answer_was_lost_is_not_made_again(tokens, world):
    tokens.evidence.expect_status(409)
    dialog = begin_form(tokens, "answer lost")
    tokens.driver.execute_script(REPLACED, "/tokens", """
        if (request.method !== "POST" || window.replaced > 0) return null;
        return ask().then(async (answer) => {
            window.lost = await answer.text();
            return new TypeError("lost");
        });
    """)
    dialog.button("Add token").click()
    tokens.wait_for(lambda: AWAY in tokens.alerts(), "words about it")
    world.secrets.read_text(tokens.driver.execute_script("return window.lost;"))
    first = time.time()
    # What the form asks for would have another end a second later.
    tokens.wait_for(lambda: time.time() - first > 1, "another second")
    for _ in range(2):
        dialog.button("Add token").click()
        tokens.wait_for(lambda: "secret" in tokens.alerts(), "that it was done")
    assert names(world).count("answer lost") == 1
    # Another name is another token.
    dialog.field("Name").fill("another one")
    dialog.button("Add token").click()
    tokens.dialog("The new token").button("Done").click()
    assert names(world).count("another one") == 1

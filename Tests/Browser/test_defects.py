"""What the page of an earlier firewall with the same manual did wrong, one proof each that this one does not. The list
of all its defects is in Tests/System/test_defects.py, which names these."""

import pytest
from ground.account import Account


@pytest.fixture
def rest(world):
    """Nothing is left of what a test has made."""
    yield world.rest
    for kind in ("wg", "ipsec"):
        for one in world.rest.get(f"/vpn/{kind}").must(200).data:
            world.rest.delete(f"/vpn/{kind}/{one['id']}").must(200)


STORED = """
const done = arguments[0];
Promise.all([indexedDB.databases(), caches.keys(), navigator.serviceWorker.getRegistrations()]).then((lists) => done({
    local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie, lists: lists.flat().length,
    name: window.name, history: JSON.stringify(history.state) + location.href,
}));
"""


def test_no_token_is_kept_where_scripts_can_read_it(visitor, world, rest):
    """The session is a cookie that is out of every script's reach; what is stored beside it is that there is one."""
    account = Account(rest, "keeper")
    visitor.open("/")
    visitor.log_in(account)
    visitor.open("/tokens")
    visitor.settle()
    stored = visitor.driver.execute_async_script(STORED)
    assert (stored["local"], stored["session"]) == ({"logged-in": "yes"}, {})
    assert (stored["cookie"], stored["lists"], stored["name"]) == ("", 0, "")
    assert stored["history"] == f'{{"place":0}}{visitor.origin}/tokens'
    (cookie,) = visitor.driver.get_cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Strict")
    # That it is the session, and all of it: without it nobody is logged in.
    visitor.driver.delete_cookie(cookie["name"])
    visitor.evidence.expect_status(401)
    visitor.reload()
    visitor.wait_for(lambda: visitor.driver.find_elements("css selector", "input[type=password]"), "the log-in")

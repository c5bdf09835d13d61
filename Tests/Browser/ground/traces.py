"""Where a secret could be left in a browser."""


def is_nowhere(browser, secret):
    """Whether a secret is in nothing that the page shows, keeps or is called by. Not for use in an `assert`: it would
    be printed."""
    kept = browser.driver.execute_script(
        "return [document.documentElement.outerHTML, location.href, JSON.stringify(localStorage),"
        " JSON.stringify(sessionStorage), JSON.stringify(history.state),"
        " ...[...document.querySelectorAll('input')].map((input) => input.value)].join('\\n');")
    return secret not in kept

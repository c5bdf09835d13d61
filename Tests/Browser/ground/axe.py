"""What axe-core finds against a page: the rules of WCAG 2.0, 2.1 and 2.2, A and AA, and its best practices."""

from pathlib import Path

import selenium_axe_python

# Of the package only this file is used.
_SOURCE = Path(selenium_axe_python.__file__).parent / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# The size of targets is of WCAG 2.2, and off unless it is asked for.
_RUN = f"""
axe.run(document, {{runOnly: {{type: "tag", values: {_TAGS}}}, rules: {{"target-size": {{enabled: true}}}},
    resultTypes: ["violations"]}}).then((results) => results.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${{rule.id}}: ${{node.target.join(" ")}}: ${{node.failureSummary.replace(/\\s+/g, " ")}}`)))
"""


def axe(browser):
    """The violations on the page as it is now, each as rule, element, and what is wrong with it."""
    browser.settle()
    command = browser.chromium.command
    frame = command("Page.getFrameTree")["frameTree"]["frame"]["id"]
    # A world of its own sees the same elements, but is under no policy of the page's, and leaves nothing in it.
    world = command("Page.createIsolatedWorld", frameId=frame, worldName="axe")["executionContextId"]
    _evaluate(command, world, _SOURCE.read_text() + "\n;0")
    return _evaluate(command, world, _RUN)


def axe_in_both(browser):
    """The violations in the dark and in daylight, which is the theme afterwards."""
    found = []
    for theme in ("dark", "light"):
        browser.theme(theme)
        found += [f"{theme}: {violation}" for violation in axe(browser)]
    return found


def _evaluate(command, world, expression):
    answer = command("Runtime.evaluate", expression=expression, contextId=world, awaitPromise=True, returnByValue=True)
    fault = answer.get("exceptionDetails")
    assert not fault, f"axe-core failed: {fault}"
    return answer["result"].get("value")

"""How an element is found by its role and its accessible name: what may be it is chosen in the page, its name is asked
of the browser itself (Get Computed Label of WebDriver)."""

from contextlib import suppress

from selenium.common.exceptions import StaleElementReferenceException

_HEADINGS = ", ".join(f"h{level}:not([role])" for level in range(1, 7))
# Which elements have a role without saying so, as far as these tests ask for it (HTML Accessibility API Mappings).
_SELECTORS = {
    "button": "button:not([role]), summary, input:is([type=button], [type=submit], [type=reset]), [role=button]",
    "link": "a[href]:not([role]), [role=link]",
    "heading": f"{_HEADINGS}, [role=heading]",
    "dialog": "dialog[open], [role=dialog], [role=alertdialog]",
    "table": "table:not([role]), [role=table], [role=grid]",
    "region": "section:is([aria-label], [aria-labelledby]), [role=region]",
    "navigation": "nav, [role=navigation]",
    "group": "fieldset, details, [role=group], [role=radiogroup]",
    "image": "img, [role=img], [role=image]",
    "row": "tr, [role=row]",
    "status": "output, [role=status]",
    # Whatever is filled in.
    "field": "input:not([type=hidden], [type=button], [type=submit], [type=reset]), textarea, select, "
    + ", ".join(f"[role={role}]" for role in (
        "textbox", "searchbox", "combobox", "listbox", "checkbox", "switch", "radio", "slider", "spinbutton")),
}

# Elements that can be seen and may have the name, those of the topmost open dialog alone if there are any; the name is
# somewhere in what an element's name is made of. A row is called by the whole text of something in it.
_CANDIDATES = """
const [root, selector, name, isRow] = arguments;
const clean = (text) => (text ?? "").replace(/\\s+/g, " ").trim();
const within = root ?? document;
const said = (element) => {
    const named = (element.getAttribute("aria-labelledby") ?? "").split(/\\s+/).filter(Boolean)
        .map((id) => document.getElementById(id));
    const inside = [...element.querySelectorAll("[aria-label], [alt], title, [title]")];
    const own = [element.textContent, element.title, element.placeholder, element.value, element.alt];
    const texts = [...named, ...(element.labels ?? []), ...inside].map((other) => other?.textContent);
    const labels = [element, ...named, ...(element.labels ?? []), ...inside].flatMap(
        (other) => [other?.ariaLabel, other?.alt, other?.title]);
    return [...own, ...texts, ...labels].map(clean);
};
const fits = (element) => name === null || (isRow
    ? [element, ...element.querySelectorAll("*")].some((part) => clean(part.textContent) === name)
    : said(element).some((text) => text.includes(name)));
const found = [...within.querySelectorAll(selector)].filter(
    (element) => element.checkVisibility({visibilityProperty: true}) && fits(element));
if (root) return found;
const modal = [...document.querySelectorAll("dialog:modal")];
const middle = (dialog) => {
    const box = dialog.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return hit?.closest("dialog:modal") === dialog;
};
// What lies under a dialog, or behind its backdrop, is not hit.
const top = document.elementFromPoint(1, 1)?.closest("dialog:modal") ?? modal.find(middle) ?? modal.at(-1);
const preferred = found.filter((element) => top?.contains(element));
return preferred.length > 0 ? preferred : found;
"""


def candidates(driver, root, role, name):
    """The elements in `root` (None: the page) that have the role and the name now; all of the role, if that is None."""
    selector = _SELECTORS.get(role, f"[role={role}]")
    found = driver.execute_script(_CANDIDATES, root, selector, name, role == "row")
    if name is None or role == "row":
        return found
    return [element for element in found if _name(element) == name]


def _name(element):
    """None, if the page has taken it away meanwhile."""
    with suppress(StaleElementReferenceException):
        return clean(element.accessible_name)


def clean(text):
    return " ".join(text.split())

"""The page's modules that touch nothing but values, called in the browser as the page has them."""

import pytest

# A module as it is served, and what a test does with it.
_CALL = """
const done = arguments[arguments.length - 1];
import(`${location.origin}/page/lib/%s`).then((module) => (%s)(module, ...arguments))
    .then(done, (error) => done(`${error.name}: ${error.message}`));
"""


@pytest.fixture
def call(visitor):
    """`call(module, function, …)`: what a JavaScript function of the module and the arguments returns."""
    visitor.open("/")
    return lambda module, function, *arguments: visitor.driver.execute_async_script(
        _CALL % (module, function), *arguments)


def each(call, module, name, values):
    """What an exported function says of each value."""
    said = call(module, f"(module, values) => values.map((value) => module.{name}(value))", list(values))
    return dict(zip(values, said))


# MARK: csv.js

def test_records_are_read_as_the_rfc_has_them(call):
    tables = {
        "": [],
        "\n\r\n\r": [],
        "a": [[1, ["a"]]],
        "a,b\r\nc,d\r\n": [[1, ["a", "b"]], [2, ["c", "d"]]],
        "a,b\nc,d": [[1, ["a", "b"]], [2, ["c", "d"]]],
        "a\rb": [[1, ["a"]], [2, ["b"]]],
        "\ufeffname\nlaptop": [[1, ["name"]], [2, ["laptop"]]],
        "a,,": [[1, ["a", "", ""]]],
        ",": [[1, ["", ""]]],
        " a , b ": [[1, [" a ", " b "]]],
        '"a,b",c': [[1, ["a,b", "c"]]],
        '"say ""hi""",""': [[1, ['say "hi"', ""]]],
        '"two\r\nlines",b\nc': [[1, ["two\r\nlines", "b"]], [3, ["c"]]],
        "a\n\nb": [[1, ["a"]], [3, ["b"]]],
        '"שלום, 🦊"': [[1, ["שלום, 🦊"]]],
        "a;b\tc": [[1, ["a;b\tc"]]],
    }
    read = each(call, "csv.js", "parseCSV", tables)
    for text, records in tables.items():
        assert read[text] == {
            "records": [{"line": line, "fields": fields} for line, fields in records], "faults": []}, repr(text)


def test_cells_of_a_spreadsheet_have_tabs_between_them(call):
    read = call("csv.js", "({ parseCSV }) => parseCSV('a,b\\tc', '\\t').records[0].fields")
    assert read == ["a,b", "c"]


BROKEN = [
    ('a"b,c\nd', [(1, "quote inside a field")], [[2, ["d"]]]),
    ('"a" b\nc', [(1, "behind a closing quote")], [[2, ["c"]]]),
    ('a\n"b\nc', [(2, "never closed")], [[1, ["a"]]]),
    ('x"\nok\ny"\n"z"z', [(1, "inside"), (3, "inside"), (4, "behind")], [[2, ["ok"]]]),
]


def test_all_lines_that_are_no_csv_are_told(call):
    all_read = each(call, "csv.js", "parseCSV", [text for text, _, _ in BROKEN])
    for text, lines, records in BROKEN:
        read = all_read[text]
        assert [[record["line"], record["fields"]] for record in read["records"]] == records, repr(text)
        assert [fault["line"] for fault in read["faults"]] == [line for line, _ in lines], repr(text)
        for fault, (_, words) in zip(read["faults"], lines):
            assert words in fault["detail"], repr(text)


# MARK: peer-lines.js

def peers(call, text):
    return call("peer-lines.js", "({ readPeers }, text) => readPeers(text)", text)


def faults(read):
    """Line and column of all."""
    found = read["faults"] + [fault for line in read["lines"] for fault in line["faults"]]
    return [(fault["line"], fault["column"]) for fault in found]


def test_names_alone_are_peers(call):
    read = peers(call, "laptop\r\n\r\nconstructor\n__proto__\n")
    assert [(line["line"], line["body"]) for line in read["lines"]] == [
        (1, {"name": "laptop"}), (3, {"name": "constructor"}), (4, {"name": "__proto__"})]
    assert faults(read) == []


def test_columns_are_told_to_the_api_in_its_words(call):
    key = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    read = peers(call, f"""Name,allowed_ips,public_key,preshared_key,keepalive,expires_at,enabled,client_routes
site,10.0.0.7 10.7.0.0/16; 10.8.0.0/16,{key},auto,25,2030-01-31T18:00:00Z,no,"10.0.0.0/8, 172.16.0.0/12"
phone,,,{key},0,,TRUE,
""")
    assert faults(read) == []
    assert [line["body"] for line in read["lines"]] == [
        {
            "name": "site", "allowed_ips": ["10.0.0.7", "10.7.0.0/16", "10.8.0.0/16"], "public_key": key,
            "preshared_key": "auto", "persistent_keepalive": 25, "expires_at": "2030-01-31T18:00:00Z",
            "enabled": False, "client_routes": ["10.0.0.0/8", "172.16.0.0/12"]},
        {"name": "phone", "preshared_key": key, "persistent_keepalive": 0, "enabled": True}]
    # A secret is not shown.
    assert [line["cells"]["preshared_key"] for line in read["lines"]] == ["auto", "••••"]


FAULTS = {
    "name,colour\na,red\n": [(1, "colour")],
    "name,name\na,b\n": [(1, "name")],
    "allowed_ips\n10.0.0.2\n": [(1, "name")],
    "allowed_ips,enabled\n10.0.0.2,yes\n": [(1, "name")],
    "name,enabled\na,perhaps\n,\nb\nb,no,more\n": [(2, "enabled"), (3, "name"), (4, None), (5, None), (5, "name")],
    "name,keepalive\na,25 s\nb,-1\nc,1e3\n": [(2, "keepalive"), (3, "keepalive"), (4, "keepalive")],
    "laptop,10.0.0.2\nphone,10.0.0.3\n": [(1, None)],
    "a\nb\na\na\n": [(3, "name"), (4, "name")],
    # The same for Unicode, and so for the API.
    "caf\u00e9\ncafe\u0301\n": [(2, "name")],
    'name\n"a\n': [(2, None)],
}


def test_all_faults_of_lines_are_found_at_their_columns(call):
    read = each(call, "peer-lines.js", "readPeers", FAULTS)
    for text, expected in FAULTS.items():
        assert faults(read[text]) == expected, repr(text)


def test_ten_thousand_lines_are_read_and_no_more(call):
    read = call("peer-lines.js", """({ readPeers }) => {
        const line = (_, index) => `peer ${index},10.1.0.${index}`;
        const text = (count) => Array.from({ length: count }, line).join("\\n");
        return [10000, 10001].map((count) => {
            const { lines, faults } = readPeers(`name,allowed_ips\\n${text(count)}`);
            return [lines.length, faults];
        });
    }""")
    assert read[0] == [10_000, []]
    assert read[1][0] == 10_001 and read[1][1][0]["line"] == 10_002


def test_faults_of_the_api_have_a_place(call):
    places = {
        "peers[3].allowed_ips[0]": {"index": 3, "column": "allowed_ips"},
        "peers[0].persistent_keepalive": {"index": 0, "column": "keepalive"},
        "peers[12]": {"index": 12, "column": None},
        "peers[1].endpoint": {"index": 1, "column": "endpoint"},
        "peers": None,
        "family": None,
    }
    assert each(call, "peer-lines.js", "placeOf", places) == places


# MARK: words.js

def test_bytes_and_rates_have_three_digits(call):
    kib = 1024
    words = {
        0: "0 B", 1: "1 B", 512: "512 B", 999: "999 B", 1000: "0.98 KiB", 1024: "1.00 KiB", 1536: "1.50 KiB",
        10 * kib: "10.0 KiB", 100 * kib: "100 KiB", 999 * kib: "999 KiB", 1000 * kib: "0.98 MiB",
        13_841_203: "13.2 MiB", 117 * kib ** 3: "117 GiB", 5 * kib ** 4: "5.00 TiB", 5000 * kib ** 5: "5000 PiB",
    }
    assert each(call, "words.js", "bytes", words) == words
    words = {
        0: "0 bit/s", 1: "8 bit/s", 124: "992 bit/s", 125: "1.00 kbit/s", 1500: "12.0 kbit/s", 150_000: "1.20 Mbit/s",
        12_500_000: "100 Mbit/s", 125_000_000: "1.00 Gbit/s", 125_000_000_000: "1.00 Tbit/s",
    }
    assert each(call, "words.js", "rate", words) == words


def test_spans_are_in_their_largest_unit(call):
    words = {
        -5: "0 s", 0: "0 s", 59.9: "59 s", 60: "1 min", 3599: "59 min", 3600: "1 h", 86400: "24 h",
        48 * 3600 - 1: "47 h", 48 * 3600: "2 d", 400 * 86400: "400 d",
    }
    assert each(call, "words.js", "span", words) == words


def test_counts_agree_with_their_nouns(call):
    assert call("words.js", "({ count }) => [0, 1, 2, 12345].map((number) => count(number, 'peer'))") == [
        "0 peers", "1 peer", "2 peers", "12,345 peers"]


ZONES = {
    "UTC": ["2026-11-26 08:15:02", "2026-07-01 00:00:07"],
    "Europe/Berlin": ["2026-11-26 09:15:02", "2026-07-01 02:00:07"],
    "America/St_Johns": ["2026-11-26 04:45:02", "2026-06-30 21:30:07"],
}


def test_moments_and_typed_times_are_those_of_the_browsers_zone(visitor, call):
    times = ["2026-11-26T08:15:02Z", "2026-07-01T00:00:07Z"]
    zone = lambda name: visitor.chromium.command("Emulation.setTimezoneOverride", timezoneId=name)  # noqa: E731
    for name, words in ZONES.items():
        zone(name)
        said = each(call, "words.js", "moment", times)
        typed = call("field.js", """({ Field }, times) => times.map((value) => {
            const field = new Field({ name: "x", label: "X", type: "time", value });
            return [field.control.value, field.value];
        })""", times)
        zone("")
        assert list(said.values()) == words
        assert typed == [[text.replace(" ", "T"), time] for text, time in zip(words, times)]


# MARK: field.js

_FIELD = """({ Field }, options, typed) => {
    const field = new Field({ name: "x", label: "X", ...options });
    const first = [field.value, field.isChanged];
    if (typed !== null) field.value = typed;
    return [...first, field.value, field.isChanged];
}"""


VALUES = [
    ({}, None, [None, False, None, False]),
    ({"value": None}, "", [None, False, None, False]),
    ({"required": True}, "  ", ["", False, "  ", True]),
    ({}, " a ", [None, False, " a ", True]),
    ({"value": "a"}, "a", ["a", False, "a", False]),
    ({"value": "a"}, "", ["a", False, None, True]),
    ({"type": "number"}, " 25 ", [None, False, 25, True]),
    ({"type": "number", "value": 25}, "", [25, False, None, True]),
    ({"type": "number", "value": 0}, "0", [0, False, 0, False]),
    # What is no number goes to the API as it is, which says so.
    ({"type": "number"}, "25s", [None, False, "25s", True]),
    ({"type": "number"}, "1e3", [None, False, "1e3", True]),
    ({"type": "number"}, "12345678901234567", [None, False, "12345678901234567", True]),
    ({"type": "checkbox"}, True, [False, False, True, True]),
    ({"type": "checkbox", "value": True}, False, [True, False, False, True]),
    ({"type": "select", "options": [["a", "A"], ["b", "B"]], "value": "b"}, "a", ["b", False, "a", True]),
    ({"type": "textarea"}, "a\nb", [None, False, "a\nb", True]),
    ({"type": "time"}, "2030-01-31T18:00:00Z", [None, False, "2030-01-31T18:00:00Z", True]),
    ({"type": "time", "value": "2030-01-31T18:00:00.250Z"}, None,
     ["2030-01-31T18:00:00Z", False, "2030-01-31T18:00:00Z", False]),
]


def test_fields_have_the_values_that_the_api_takes(call):
    cases = [[options, typed] for options, typed, _ in VALUES]
    found = call("field.js", f"(module, cases) => cases.map((values) => ({_FIELD})(module, ...values))", cases)
    for (options, typed, expected), values in zip(VALUES, found):
        assert values == expected, f"{options}, {typed!r}"


def test_choices_are_a_list_in_their_order(call):
    value = call("field.js", """({ Field }) => new Field({
        name: "x", label: "X", type: "choices", options: [["a", "A"], ["b", "B"], ["c", "C"]], value: ["c", "a"],
    }).value""")
    assert value == ["a", "c"]


def test_half_a_date_is_not_never(visitor, call):
    call("field.js", """({ Field }) => {
        globalThis.field = new Field({ name: "x", label: "When", type: "time" });
        document.querySelector("main").append(field.element);
        field.focus();
    }""")
    visitor.keys("01312030")
    assert visitor.driver.execute_script("return [field.control.value, field.value]") == ["", "half a date"]


def test_faults_find_their_field(call):
    paths = {
        "allowed_ips": True, "allowed_ips[0]": True, "allowed_ips.x": True, "other": True, "allowed": False,
        "peers[0].allowed_ips": False,
    }
    found = call("field.js", """({ Field }, paths) => {
        const field = new Field({ name: "allowed_ips", label: "X", also: ["other"] });
        return paths.map((path) => field.answersTo(path));
    }""", list(paths))
    assert found == list(paths.values())


# MARK: words.js and view.js, as they are shown

def test_how_long_ago_a_time_was_goes_on_being_told(visitor, call):
    call("words.js", """({ at }) => {
        globalThis.time = at(new Date(Date.now() - 3000).toISOString());
        document.querySelector("main").append(time);
    }""")
    title = lambda: visitor.driver.execute_script("return time.title;")  # noqa: E731
    first = title()
    visitor.wait_for(lambda: title() != first, "a later time")
    assert title().endswith(" s ago")


def test_a_reader_takes_back_its_own_words_only(visitor, call):
    call("view.js", """({ View }) => {
        globalThis.view = new View(document.querySelector("main"), {});
        view.show("A page", {});
        globalThis.tried = [];
        view.fault({ detail: "no status" }, () => tried.push("status"), "status");
        view.fault({ detail: "no list" }, () => tried.push("list"), "list");
        view.fault({ detail: "no list" }, () => tried.push("other"), "other");
        view.fault(null, null, "facts");
    }""")
    assert visitor.alerts().split() == ["no", "status", "no", "list", "Try", "again"]
    visitor.button("Try again").click()
    run = visitor.driver.execute_script
    assert run("return tried;") == ["status", "list", "other"]
    run("view.fault(null, null, 'status'); view.fault(null, null, 'other');")
    assert visitor.alerts().split() == ["no", "list", "Try", "again"]
    run("view.fault(null, null, 'list');")
    assert visitor.alerts() == "" and not visitor.has("button", "Try again")


# MARK: clipboard.js

def test_files_are_named_by_the_answer(call):
    names = {
        'attachment; filename="laptop.conf"': "laptop.conf",
        "attachment; filename=\"a-b.conf\"; filename*=UTF-8''a%20%C3%BC.conf": "a ü.conf",
        "": "peer.conf",
        "inline": "peer.conf",
    }
    found = call("clipboard.js", """({ fileName }, headers) => headers.map((header) =>
        fileName(new Response("", { headers: header ? { "Content-Disposition": header } : {} }), "peer.conf"))""",
                 list(names))
    assert found == list(names.values())


def test_what_is_no_date_goes_to_the_api_which_says_so(call):
    # Without a limit a year may have more digits than a date of the API.
    found = call("field.js", """({ Field }) => {
        const field = new Field({ name: "x", label: "X", type: "time" });
        field.control.value = "12026-11-26T08:00";
        return [field.value, field.isChanged, field.control.max];
    }""")
    assert found == ["12026-11-26T08:00", True, "9999-12-31T23:59:59"]


# MARK: form.js

_KEYS = """async ({ Form }, codes) => {
    const { Problem } = await import(`${location.origin}/page/lib/problem.js`);
    const keys = [];
    const form = new Form({
        fields: [{ name: "x", label: "X" }], submit: "Send",
        save: () => {
            keys.push(form.key);
            const code = codes[keys.length - 1];
            if (code) throw new Problem({ status: 0, code, title: "", detail: code });
        },
    });
    document.querySelector("main").append(form.element);
    const send = async () => {
        form.element.requestSubmit();
        while (form.element.getAttribute("aria-busy") === "true") await new Promise((next) => setTimeout(next));
    };
    for (const _ of codes) await send();
    form.field("x").value = "other";
    await send();
    return keys;
}"""


def test_a_form_keeps_its_key_until_an_answer_settles_it(call):
    unsettled = ["offline", "idempotency-in-progress", "unknown", "idempotency-answer-lost",
                 "idempotency-secret-not-repeated"]
    keys = call("form.js", _KEYS, [*unsettled, "invalid", "invalid", None, "offline"])
    # To the first that is settled, what was refused twice, what was done, and two different texts.
    assert len(set(keys[:6])) == 1
    assert len(set(keys)) == len(keys) - 5


# MARK: view.js

def test_a_page_that_was_left_no_longer_writes_the_address(call):
    found = call("view.js", """({ View }) => {
        const view = new View(document.querySelector("main"), {});
        view.remember({ q: "here" });
        const first = location.search;
        view.end();
        view.remember({ q: "late" });
        return [first, location.search];
    }""")
    assert found == ["?q=here", "?q=here"]

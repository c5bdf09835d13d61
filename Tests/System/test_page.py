"""The web page as it arrives over TLS: its paths, its header fields, and who has it already. What it does is in
Tests/Browser, and that each file of the sources is served in the unit tests."""

import gzip

import pytest
from ground import page

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
          "trusted-types 'none'")
INDEX = (page.FOLDER / "index.html").read_bytes()


@pytest.fixture(scope="module")
def stranger(shared_world):
    return shared_world.rest.by()


def guarded(answer):
    """Itself, if it has every header field that keeps the page from harm."""
    headers = answer.headers
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    permissions = set(headers["Permissions-Policy"].split(", "))
    assert {f"{name}=()" for name in ("camera", "microphone", "geolocation", "payment", "usb")} <= permissions
    assert "clipboard-write=(self)" in permissions
    assert headers["Vary"] == "Accept-Encoding" and headers["Cache-Control"] == "no-cache" and headers["ETag"]
    assert headers["X-Request-Id"] and headers["Referrer-Policy"] == "no-referrer"
    return answer


@pytest.mark.parametrize("place", [*(place.format(id="01234567-89ab-cdef-0123-456789abcdef") for place in page.PLACES),
                                   "/wireguard/", "/wireguard/%3Cscript%3E", "/?from=a-bookmark"])
def test_each_of_its_places_is_the_page(stranger, place):
    answer = guarded(stranger.get(f"/{place}").must(200))
    assert answer.body == INDEX and answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("file", page.FILES)
def test_each_file_arrives_as_it_is_and_packed(stranger, file):
    content = (page.FOLDER / file).read_bytes()
    plain = guarded(stranger.get(f"//page/{file}").must(200))
    assert plain.body == content and "Content-Encoding" not in plain.headers
    packed = guarded(stranger.get(f"//page/{file}", Accept_Encoding="gzip, deflate, br").must(200))
    if packed.headers.get("Content-Encoding") == "gzip":
        assert len(packed.body) < len(content) and gzip.decompress(packed.body) == content
        assert packed.headers["ETag"] != plain.headers["ETag"]
    else:
        assert packed.body == content and len(gzip.compress(content)) >= len(content)
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]


def test_whoever_has_it_is_told_so_in_either_form(stranger):
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        tag = stranger.get("//setup", **headers).must(200).headers["ETag"]
        # The path is another one, the file the same.
        again = guarded(stranger.get("//users", If_None_Match=tag, **headers).must(304))
        assert again.body == b"" and again.headers["ETag"] == tag
    assert stranger.get("//", If_None_Match='"another"').must(200).body == INDEX
    refused = stranger.get("//", Accept_Encoding="gzip;q=0, identity").must(200)
    assert refused.body == INDEX and "Content-Encoding" not in refused.headers


def test_it_can_be_read_and_nothing_else(stranger):
    for path in ("//", "//wireguard/office", "//page/app.js"):
        full = stranger.get(path, Accept_Encoding="gzip").must(200)
        head = guarded(stranger.request("HEAD", path, Accept_Encoding="gzip").must(200))
        assert head.body == b"" and head.headers["Content-Length"] == str(len(full.body))
        assert head.headers["ETag"] == full.headers["ETag"]
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert stranger.request(method, path, {}).must(405).headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("path", [
    "/index.html", "/app.js", "/page", "/page/", "/page/none.js", "/page/../page/app.js", "/page/lib", "/page//app.js",
    "/page/%2e%2e/%2e%2e/etc/passwd", "/page/app.js%00", "/page/APP.JS", "/wireguard/office/peers", "/nothing", "//",
    "/favicon.ico"])
def test_other_paths_are_nothing(stranger, path):
    assert stranger.get(f"/{path}").must(404).json["type"] == "/problems/not-found"

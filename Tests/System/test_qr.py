"""The QR code of a configuration, read as a camera reads it: rsvg-convert draws the SVG, zbarimg decodes it."""

import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

SVG = "{http://www.w3.org/2000/svg}"
BLOCKS = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


def decoded(picture):
    """The bytes in the one QR code of a picture. Configurations go through pipes only: they hold keys."""
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary", "-"]
    return subprocess.run(command, input=picture, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def holds(picture, configuration):
    """Whether a picture holds that text to the letter. To be called outside of an `assert`, which would print it."""
    return decoded(picture) == configuration.encode()


def drawn(svg, background=None):
    """An SVG as PNG, on what a page may have behind it."""
    command = ["rsvg-convert"] + ([f"--background-color={background}"] if background else [])
    return subprocess.run(command, input=svg, check=True, stdout=subprocess.PIPE).stdout


def photographed(blocks, scale=4):
    """Lines of half blocks as a grey picture (PGM), dark blocks on white."""
    rows = []
    for line in blocks.splitlines():
        for half in (0, 1):
            rows.append(b"".join((b"\x00" if BLOCKS[block][half] else b"\xff") * scale for block in line))
    width = len(rows[0])
    assert all(len(row) == width for row in rows), "the lines are of different lengths"
    return b"P5 %d %d 255\n" % (width, len(rows) * scale) + b"".join(row * scale for row in rows)


@pytest.fixture(scope="module")
def place(shared_world):
    """A tunnel of both families with everything in its peers' configurations; and the path of a peer's."""
    rest = shared_world.rest
    tunnel = rest.tunnel(address="10.0.0.1/24, fd00:0:0:1::1/64", dns="1.1.1.1, 2606:4700:4700::1111",
                         endpoint="vpn.example.org")
    peer = rest.peer(tunnel, "phone", preshared_key="auto", persistent_keepalive=25)
    return shared_world, tunnel, peer, f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}/config"


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("background", [None, "black"])
def test_the_picture_holds_the_configuration_to_the_letter(place, split, background):
    world, tunnel, peer, path = place
    answer = world.rest.get(f"{path}/qr?split_tunnel={str(split).lower()}").must(200)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    same = holds(drawn(answer.body, background), world.rest.config(tunnel, peer, split))
    assert same


def test_the_picture_needs_nothing_from_elsewhere(place):
    world, _, _, path = place
    svg = ElementTree.fromstring(world.rest.get(f"{path}/qr").must(200).body)
    assert [child.tag for child in svg] == [f"{SVG}rect", f"{SVG}path"]
    assert not any("href" in name or name == "style" for element in svg.iter() for name in element.attrib)


def test_who_accepts_a_picture_gets_it_from_the_configurations_own_place(place):
    world, _, _, path = place
    picture = world.rest.get(path, Accept="image/svg+xml").must(200)
    same = picture.body == world.rest.get(f"{path}/qr").must(200).body
    assert same
    # What browsers send for <img>, and what they send for a page.
    image = world.rest.get(path, Accept="image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8").must(200)
    assert image.headers["Content-Type"] == "image/svg+xml"
    page = world.rest.get(path, Accept="text/html,application/xml;q=0.9,image/webp,*/*;q=0.8").must(200)
    assert page.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_query_that_is_not_known_is_refused(place):
    world, _, _, path = place
    assert world.rest.get(f"{path}/qr?split=true").must(422).fields == {"split"}


@pytest.mark.parametrize("option, split", [((), False), (("--split",), True)])
def test_the_cli_shows_it_as_text(place, option, split):
    world, tunnel, peer, _ = place
    shown = world.aifw("vpn", "wg-config", "--tunnel", tunnel["id"], peer["id"], "--qr", *option).stdout
    same = holds(photographed(shown), world.rest.config(tunnel, peer, split))
    assert same
    assert len(shown.splitlines()[0]) <= 80, "it does not fit on an ordinary terminal"


def test_the_cli_writes_it_as_a_picture(place):
    world, tunnel, peer, _ = place
    picture = world.folder / "clients" / "phone.svg"
    world.aifw("vpn", "wg-config", "--tunnel", tunnel["id"], peer["id"], "--qr", "-o", picture)
    assert picture.stat().st_mode & 0o777 == 0o600
    same = holds(drawn(picture.read_bytes()), world.rest.config(tunnel, peer))
    assert same


def test_a_peer_without_its_private_key_has_none(place):
    world, tunnel, _, _ = place
    public = world.rest.peer(tunnel, "sealed", keep_private_key=False)["id"]
    answer = world.rest.get(f"/vpn/wg/{tunnel['id']}/peers/{public}/config/qr").must(409)
    assert answer.json["type"] == "/problems/key-not-kept"


def test_a_configuration_that_no_code_can_hold_says_so(place):
    world, tunnel, _, _ = place
    routes = [f"10.{high}.{low}.0/24" for high in range(1, 3) for low in range(120)]
    peer = world.rest.peer(tunnel, "wide", client_routes=routes)
    path = f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}/config"
    answer = world.rest.get(f"{path}/qr?split_tunnel=true").must(409)
    assert answer.json["type"] == "/problems/configuration-too-large"
    assert "client_routes" in answer.json["detail"]
    world.rest.get(f"{path}?split_tunnel=true").must(200)
    world.rest.get(f"{path}/qr").must(200)
    told = world.aifw("vpn", "wg-config", "--tunnel", tunnel["id"], peer["id"], "--qr", "--split", check=False)
    assert told.returncode == 1 and told.stdout == "" and "2953" in told.stderr

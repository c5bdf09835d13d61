"""GET /metrics, read by promtool and by a real Prometheus, which scrapes aifw-apid over TLS with a token."""

import json
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from ground.rest import HOST
from ground.waiting import wait_until

ROOT = Path(__file__).parents[2]
RULES = ROOT / "packaging" / "prometheus" / "aifw-vpn.rules.yml"
SCRAPE = ROOT / "packaging" / "prometheus" / "scrape.yml"
DASHBOARD = ROOT / "packaging" / "grafana" / "aifw-vpn.json"
PAPER = ROOT / "docs" / "METRICS.md"
# Observer.period is 5 s; the rest is for a slow machine.
READING = 5 + 20
NAME = '"quoted\\{}" büro, 東京 \\n'


def scrape(rest, query=""):
    answer = rest.get(f"//metrics{query}").must(200)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


def lint(text):
    """What promtool has to say."""
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        timeout=30)
    return done.returncode, done.stdout


def families(text):
    """Name to type."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def values(text, name):
    """The values of a family's series, by their labels as written."""
    rows = re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", text, re.MULTILINE)
    return {labels: float(value) for labels, value in rows}


def read_with(rest, name, value, query=""):
    """A scrape that has this series with this value."""
    return wait_until(lambda: next(
        (text for text in [scrape(rest, query)] if values(text, name) and value in values(text, name).values()), None),
        f"{name} {value}", READING)


class Prometheus:
    """Debian's, with the configuration that is shipped, pointed at a world; its data are in a folder of the world's."""

    def __init__(self, world):
        folder = world.folder / "clients" / "prometheus"
        folder.mkdir()
        token = folder / "token"
        token.touch(mode=0o600)
        token.write_text(world.aifw("token", "create", "--name", "prometheus", "--scope", "vpn:read").stdout.strip())
        configuration = SCRAPE.read_text()
        for shipped, used in {
                "/etc/prometheus/aifw-vpn.rules.yml": str(RULES), "/etc/prometheus/aifw-vpn.token": str(token),
                "/etc/prometheus/aifw-vpn.crt": str(world.certificate), "# params: {": "params: {",
                "# server_name: vpn.example.org": f"server_name: {HOST}",
                "vpn.example.org:8443": f"127.0.0.1:{world.rest.port}", "interval: 15s": "interval: 1s"}.items():
            assert shipped in configuration, shipped
            configuration = configuration.replace(shipped, used)
        file = folder / "prometheus.yml"
        file.write_text(configuration)
        subprocess.run(["promtool", "check", "config", file], check=True, stdout=subprocess.DEVNULL, timeout=30)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            ["prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True)
        world._closers.append(self.close)
        wait_until(self._is_ready, "Prometheus", 30)

    def _is_ready(self):
        assert self._process.poll() is None, "Prometheus ended"
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                body = json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{parameters}: {refused.read().decode()}") from None
        assert body["status"] == "success", body
        return body["data"]

    def query(self, expression):
        """The values of what an expression gives, by their labels."""
        return [(one["metric"], float(one["value"][1])) for one in self.ask("query", query=expression)["result"]]

    def close(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=20)
        self._log.close()


@pytest.fixture
def busy(world):
    """A world in which something of all has happened: its metrics are all there."""
    tunnel = world.rest.tunnel()
    peer = world.rest.peer(tunnel, NAME)
    world.rest.peer(tunnel, "off", enabled=False)
    world.rest.start(tunnel)
    world.busy = (tunnel, peer)
    stranger = world.rest.by()
    stranger.post("/auth/login", {"username": "nobody", "password": "no password of anybody"}).must(401)
    stranger.get("/nothing/here").must(404)
    return world


def test_promtool_has_nothing_to_say_in_any_state(world):
    rest = world.rest
    # At once, when nothing has been read yet perhaps, and without a tunnel.
    assert lint(scrape(rest)) == (0, "")
    text = read_with(rest, "aifw_helper_up", 1)
    assert lint(text) == (0, "")
    assert set(values(text, "aifw_tunnels").values()) == set(values(text, "aifw_peers").values()) == {0}
    tunnel = rest.tunnel(address="10.0.0.1/20")
    names = [NAME, "{}", '"', "\\", "a{b=\"c\"} 1", "#", "👩"]
    peers = [{"name": name} for name in names] + [{"name": f"peer {number}"} for number in range(1100 - len(names))]
    rest.post(f"/vpn/wg/{tunnel['id']}/peers/bulk", {"peers": peers}).must(201)
    text = read_with(rest, "aifw_peers", 1100, "?peers=true")
    assert lint(text) == (0, "")
    assert len(values(text, "aifw_peer_info")) == 1000 and values(text, "aifw_peers_left_out") == {"": 100}
    shown = re.findall(r'^aifw_peer_info\{.*,name="(.*)"\} 1$', text, re.MULTILINE)
    # As Go would read it.
    unescaped = [re.sub(r'\\(.)', lambda found: {"n": "\n"}.get(found[1], found[1]), name) for name in shown]
    assert unescaped[:len(names)] == names
    assert "aifw_peer_info" not in scrape(rest)


def test_metrics_need_a_scope_and_know_one_question(world):
    rest = world.rest
    rest.by().get("//metrics").must(401)
    rest.by("aifw_" + 43 * "A").get("//metrics").must(401)
    reader = rest.by(world.aifw("token", "create", "--name", "p", "--scope", "vpn:read").stdout.strip())
    reader.get("//metrics?peers=true").must(200)
    assert reader.request("HEAD", "//metrics").must(200).body == b""
    assert reader.get("//metrics?peers=all").must(422).fields == {"peers"}
    assert reader.get("//metrics?names=true").must(422).fields == {"names"}
    assert "GET" in reader.post("//metrics").must(405).headers["Allow"]


def test_what_is_not_read_any_more_is_not_shown(busy):
    rest = busy.rest
    before = read_with(rest, "aifw_tunnels", 1)
    assert values(before, "aifw_helper_up") == {"": 1}
    busy.helper.kill()
    after = wait_until(lambda: next(
        (text for text in [scrape(rest, "?peers=true")] if values(text, "aifw_helper_up") == {"": 0}), None),
        "a reading that fails", READING)
    gone = set(families(before)) - set(families(after))
    assert gone >= {"aifw_tunnels", "aifw_peers", "aifw_associations", "aifw_receive_bytes_total", "aifw_tunnel_info"}
    assert "aifw_peer_info" not in after and lint(after) == (0, "")
    busy.helper.start()
    again = read_with(rest, "aifw_helper_up", 1)
    assert set(families(again)) >= gone


def test_prometheus_reads_what_a_client_does(busy):
    tunnel, peer = busy.busy
    prometheus = Prometheus(busy)
    wait_until(lambda: prometheus.query('up{job="aifw-vpn"} == 1'), "a scrape", 30)
    client = busy.connected_client(tunnel, peer)
    online = wait_until(lambda: prometheus.query('aifw_peers{state="online"} == 1'), "the peer online", READING)
    assert len(online) == 1
    (labels, received), = wait_until(
        lambda: prometheus.query("aifw_receive_bytes_total > 0 and aifw_transmit_bytes_total > 0"), "bytes", READING)
    assert labels["interface"] == "wg0" and labels["tunnel"] == tunnel["id"]
    (_, handshake), = prometheus.query("aifw_latest_handshake_timestamp_seconds")
    # By two clocks, each cut to whole seconds.
    assert abs(handshake - client.handshake()) <= 1
    (named, _), = prometheus.query(
        "aifw_peer_receive_bytes_total * on (instance, peer) group_left (name) aifw_peer_info > 0")
    assert named["name"] == NAME and named["peer"] == peer["id"]
    # It only grows, while the kernel's own counters begin anew with the interface.
    busy.rest.post(f"/vpn/wg/{tunnel['id']}/stop").must(200)
    wait_until(lambda: prometheus.query('aifw_tunnels{status="down"} == 1'), "the tunnel down", READING)
    busy.rest.start(tunnel)
    # From elsewhere, so that a new session begins at once.
    busy.connected_client(tunnel, peer)
    wait_until(lambda: prometheus.query(f"aifw_receive_bytes_total > {received}"), "more bytes", READING)
    assert not prometheus.query("resets(aifw_receive_bytes_total[5m]) > 0")
    # What Prometheus itself sends is among it.
    assert prometheus.query('http_server_request_duration_seconds_count{http_route="/metrics"} > 0')
    assert {rule["health"] for group in prometheus.ask("rules")["groups"] for rule in group["rules"]} <= {
        "ok", "unknown"}


def expressions():
    """Every expression that we ship, with what Grafana puts in for its variables."""
    found = []

    def look(value):
        if isinstance(value, dict):
            found.extend([value["expr"]] if "expr" in value else [])
            found.extend(re.findall(r"label_values\((\w+),", value.get("definition", "")))
            value = list(value.values())
        for one in value if isinstance(value, list) else []:
            look(one)

    look(json.loads(DASHBOARD.read_text()))
    dashboard = len(found)
    # Of a folded scalar, the lines that are further in.
    rules = re.findall(r"^( +)expr: (?:>-\n((?:\1 +.*\n)+)|(.*)$)", RULES.read_text(), re.MULTILINE)
    found += [" ".join((folded or plain).split()) for _, folded, plain in rules]
    assert dashboard > 20 and len(found) - dashboard == RULES.read_text().count("- alert:") > 5
    return [one.replace("$__rate_interval", "1m").replace("$instance", ".*") for one in found]


def test_every_expression_of_dashboard_and_alerts_is_one_and_names_what_there_is(busy):
    prometheus = Prometheus(busy)
    tunnel, peer = busy.busy
    busy.connected_client(tunnel, peer)
    read_with(busy.rest, "aifw_peers", 1, "?peers=true")
    known = set()
    for name, kind in families(scrape(busy.rest, "?peers=true")).items():
        known |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    for expression in expressions():
        prometheus.ask("query", query=expression)
        named = set(re.findall(r"\b(?:aifw|http|process)_\w+", re.sub(r"\{[^}]*\}|by \([^)]*\)", "", expression)))
        assert named <= known, f"{expression} names what there is not: {named - known}"
        assert named or "up{" in expression, expression
    done = subprocess.run(["promtool", "check", "rules", RULES], text=True, stdout=subprocess.PIPE, timeout=30)
    assert done.returncode == 0, done.stdout


def test_the_dashboard_is_one_of_grafana_with_a_source_to_choose():
    dashboard = json.loads(DASHBOARD.read_text())
    variables = {one["name"]: one for one in dashboard["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    assert dashboard["schemaVersion"] >= 39 and "id" not in dashboard
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    taken = set()
    for panel in panels:
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources), panel["title"]
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells


def test_the_paper_lists_what_a_scrape_shows(busy):
    tunnel, peer = busy.busy
    busy.connected_client(tunnel, peer)
    labels = {}
    text = wait_until(lambda: next(
        (text for text in [scrape(busy.rest, "?peers=true")] if "\naifw_peer_latest_handshake" in text), None),
        "a handshake", READING)
    for name, kind in families(text).items():
        suffix = "_count" if kind == "histogram" else ""
        rows = re.findall(rf"^{name}{suffix}(?:\{{(.*)\}})? \S+$", text, re.MULTILINE)
        (labels[name, kind],) = {tuple(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', row)) for row in rows}
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \|", PAPER.read_text(), re.MULTILINE)
    assert {(name, kind): tuple(re.findall(r"`(\w+)`", words)) for name, kind, words in rows} == labels
    without = set(families(scrape(busy.rest)))
    peers = set(re.findall(r"^\| `(\w+)` \|.*\| yes, peers \|", PAPER.read_text(), re.MULTILINE))
    assert {name for name, _ in labels} - without == peers

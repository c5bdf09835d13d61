"""Fixtures: one machine, and AiFw VPN installed on it once. Run by Tests/VM/run in a machine that has just booted."""

import pytest
from ground.client import PingStream
from host import Host, Neighbour


@pytest.fixture(scope="session")
def host():
    host = Host()
    assert "wireguard" not in host.modules, "nothing has asked for it yet"
    host.follow("Installation", 0)
    return host


@pytest.fixture(scope="session")
def token(host):
    """An administrator's token; in this process's memory only."""
    return host.aifw("token", "create", "--name", "systemd", "--scope", "admin").strip()


class Office:
    """A tunnel that runs, with a connected client whose ping stream must not lose a packet."""

    def __init__(self, host, folder):
        self.tunnel = host.tunnel()
        self._host = host
        self.link = host.links()["wg0"]
        self._neighbour = Neighbour(host, folder)
        self._neighbour.connect(host.configuration(self.tunnel, "phone"))
        self.stream = PingStream(self._neighbour.client)

    def goes_on(self):
        """Fails if a packet was lost, or the interface is another one."""
        self.stream.advance(5)
        assert self._host.links()["wg0"]["ifindex"] == self.link["ifindex"], "the interface was made anew"

    def close(self):
        self.stream.stop()
        self._host.aifw("vpn", "remove", self.tunnel)
        self._neighbour.close()
        assert "wg0" not in self._host.links()


@pytest.fixture(scope="module")
def office(host, tmp_path_factory):
    office = Office(host, tmp_path_factory.mktemp("neighbour"))
    yield office
    office.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what was said last."""
    report = (yield).get_result()
    if report.failed:
        report.sections.append(("journal", Host().journal("--lines", "40", "--unit", "aifw-*")))

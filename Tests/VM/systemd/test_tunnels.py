"""A tunnel of the kernel's, and daemons that come and go."""

import socket
import subprocess

from ground.waiting import wait_until


def test_the_kernel_loads_its_wireguard_for_a_helper_that_may_not_load_modules(office):
    assert office.link["linkinfo"]["info_kind"] == "wireguard"
    office.goes_on()


def test_a_killed_helper_comes_back_and_the_tunnel_goes_on(host, office):
    former = host.pid("aifw-privd")
    host.run("systemctl", "kill", "--signal", "KILL", "aifw-privd.service")
    host.pid_of_next_life("aifw-privd", former)
    host.add_peer_soon(office.tunnel, "after the helper's end")
    office.goes_on()


def test_a_killed_api_daemon_comes_back_and_the_tunnel_goes_on(host, token, office):
    former = host.pid("aifw-apid")
    host.run("systemctl", "kill", "--signal", "KILL", "aifw-apid.service")
    # The port is systemd's and stays open: whoever asks now, waits.
    assert len(host.https("/api/v1/vpn/wg", token)["data"]) == 1
    assert host.pid_of_next_life("aifw-apid", former)
    host.add_peer_soon(office.tunnel, "after the end of the API daemon")
    office.goes_on()


def test_a_restart_refuses_no_connection(host, token, office):
    restart = subprocess.Popen(["systemctl", "restart", "aifw-apid.service", "aifw-privd.service"])
    connections = 0
    while restart.poll() is None:
        socket.create_connection(("127.0.0.1", 443), timeout=5).close()
        connections += 1
    assert restart.returncode == 0 and connections > 5
    assert len(host.https("/api/v1/vpn/wg", token)["data"]) == 1
    office.goes_on()


def test_an_endpoint_that_the_settings_name_goes_into_configurations(host, office):
    host.follow("Installation", 2)
    wait_until(host.is_ready, "the API, ready")
    assert "Endpoint = vpn.example.org:51820" in host.configuration(office.tunnel, "abroad").splitlines()
    host.run("sed", "-i", "/^public-endpoint:/d", "/etc/aifw/apid.yaml")
    host.run("systemctl", "restart", "aifw-apid.service")
    office.goes_on()

"""What tunnels and peers have carried: totals over restarts of everything, and the history, with a real client whose
packets are counted by the kernel."""

import re
import time
from datetime import datetime

import pytest
from ground.rest import REST
from ground.waiting import wait_until

# Observer.period is 5 s; the rest is for the work itself on a slow machine.
LOOK = 5 + 10
SIZE, COUNT = 1200, 20


def send(client, address="10.0.0.1"):
    """Pings that are all answered; how many bytes each end has sent at the least."""
    done = client.namespace.run("ping", "-n", "-c", COUNT, "-i", "0.01", "-W", "2", "-s", SIZE, address)
    assert f" {COUNT} received" in done.stdout
    return SIZE * COUNT


def begin(world, tunnel):
    """A client of a new peer, whose first packets are after the first observation."""
    peer = world.rest.peer(tunnel, f"peer {len(world.rest.status(tunnel)['peers'])}")
    client = world.client()
    client.bring_up(world.rest.config(tunnel, peer))
    wait_until(lambda: any(slot is not None for slot in history(world, tunnel)["received"]), "an observation", LOOK)
    return peer, client


def history(world, tunnel, peer=None, span="hour"):
    query = f"?range={span}" + (f"&peer={peer['id']}" if peer else "")
    return world.rest.get(f"/vpn/wg/{tunnel['id']}/history{query}").must(200).data


def total(world, tunnel, peer=None):
    found = history(world, tunnel, peer)["total"]
    return found["received"], found["sent"]


def shown(world, tunnel):
    """What the tunnel itself shows, alone and in the list."""
    alone = world.rest.get(f"/vpn/wg/{tunnel['id']}").must(200).data
    (listed,) = (one for one in world.rest.get("/vpn/wg").must(200).data if one["id"] == tunnel["id"])
    found = {(one["transfer_rx"], one["transfer_tx"]) for one in (alone, listed)}
    return found.pop() if len(found) == 1 else None


def kernel(world, tunnel, peer):
    found = next(one for one in world.rest.status(tunnel)["peers"] if one["id"] == peer["id"])
    return found["transfer_rx"], found["transfer_tx"]


def plus(one, other):
    return tuple(a + b for a, b in zip(one, other))


def scraped(world, tunnel):
    """What Prometheus is told of a tunnel's traffic; None where it is told nothing."""
    text = world.rest.get("//metrics").must(200).body.decode()
    found = [re.search(rf'^aifw_{way}_bytes_total{{.*tunnel="{tunnel["id"]}"}} (\d+)$', text, re.MULTILINE)
             for way in ("receive", "transmit")]
    return tuple(int(one[1]) for one in found) if all(found) else None


def settles(world, tunnel, peer, closed):
    """Waits until the totals, those of the list and for Prometheus too, are what interfaces that are gone have carried,
    and what this one's counters say."""
    def holds():
        return (total(world, tunnel, peer) == total(world, tunnel) == shown(world, tunnel) == scraped(world, tunnel)
                == plus(closed, kernel(world, tunnel, peer)))
    wait_until(holds, f"{closed} and the kernel's counters as the total", LOOK)


def observed_since(world, tunnel, then):
    """Whether a slot of the history that began after `then` has been looked at."""
    found = history(world, tunnel)
    first = datetime.fromisoformat(found["from"]).timestamp()
    return any(slot is not None and first + found["step"] * number >= then
               for number, slot in enumerate(found["received"]))


def carried_before(world, tunnel, peer):
    """What interfaces that are gone have carried: a total that was observed later than the counters were read, less
    these, if they have stood still."""
    def found():
        counters, then = kernel(world, tunnel, peer), time.time()
        wait_until(lambda: observed_since(world, tunnel, then), "an observation", 10 + LOOK)
        whole = total(world, tunnel, peer)
        if kernel(world, tunnel, peer) == counters:
            return tuple(now - new for now, new in zip(whole, counters))

    return wait_until(found, "counters that stand still", 60)


def test_totals_are_what_the_kernel_has_counted_whatever_is_restarted(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    peer, client = begin(world, tunnel)
    path, one = f"/vpn/wg/{tunnel['id']}", f"/vpn/wg/{tunnel['id']}/peers/{peer['id']}"
    sent = send(client)
    settles(world, tunnel, peer, (0, 0))
    assert min(total(world, tunnel)) >= sent

    # A stop at once: what has flowed since the last observation is not lost, nor by the sudden end right behind it.
    closed = (0, 0)
    send(client)
    before = kernel(world, tunnel, peer)
    world.rest.post(f"{path}/stop").must(200)
    closed = total(world, tunnel)
    assert all(0 <= now - then < 1000 for now, then in zip(closed, before)), f"{before} and {closed}"
    world.api.kill()
    world.start_api()
    assert total(world, tunnel) == total(world, tunnel, peer) == closed
    world.rest.start(tunnel)
    client.begin_anew()
    send(client)
    settles(world, tunnel, peer, closed)

    # Each end and start again, while the client goes on.
    for end in (world.api.kill, world.api.stop, world.api.kill):
        shown = total(world, tunnel, peer)
        end()
        send(client)
        world.start_api()
        settles(world, tunnel, peer, closed)
        assert min(now - then for now, then in zip(total(world, tunnel, peer), shown)) >= sent
    world.helper.kill()
    send(client)
    world.helper.start()
    settles(world, tunnel, peer, closed)

    # The interface is lost, and made anew.
    shown = total(world, tunnel)
    world.gateway.ip("link", "delete", "wg0")
    world.helper.kill()
    world.helper.start()
    wait_until(lambda: world.wireguard() is not None, "the interface after the repair", 45)
    client.begin_anew()
    send(client)
    wait_until(
        lambda: min(now - then for now, then in zip(total(world, tunnel), shown)) >= sent, "the new counters", LOOK)
    closed = carried_before(world, tunnel, peer)
    settles(world, tunnel, peer, closed)

    # The peer is turned off and on again, and gets another key: its counters begin at 0 each time.
    for change in (lambda: [world.rest.request("PATCH", one, {"enabled": value}).must(200) for value in (False, True)],
                   lambda: world.rest.post(f"{one}/rotate").must(200)):
        send(client)
        then, before = total(world, tunnel), kernel(world, tunnel, peer)
        change()
        assert min(a - b for a, b in zip(total(world, tunnel), then)) >= 0
        closed = total(world, tunnel, peer)
        assert min(closed) >= min(then) and kernel(world, tunnel, peer) < before
        settles(world, tunnel, peer, closed)
        client.begin_anew(world.rest.config(tunnel, peer))
    send(client)
    settles(world, tunnel, peer, closed)
    send(client)
    last = plus(closed, kernel(world, tunnel, peer))
    world.rest.delete(one).must(200)
    assert all(0 <= now - then < 1000 for now, then in zip(total(world, tunnel), last))
    kept = total(world, tunnel)
    world.api.kill()
    world.start_api()
    assert total(world, tunnel) == kept


def test_the_history_has_the_bytes_in_the_slots_of_their_time(world):
    tunnel = world.rest.tunnel()
    world.rest.start(tunnel)
    began = time.time()
    peers, clients = zip(*(begin(world, tunnel) for _ in range(2)))
    for client in clients:
        send(client)
    send(clients[0])
    for peer in peers:
        wait_until(lambda: total(world, tunnel, peer) == kernel(world, tunnel, peer), "the totals", LOOK)

    def look(span):
        """The tunnel's and each peer's at one moment: a keepalive that is counted between two of them is let pass."""
        of_all, of_each = history(world, tunnel, span=span), [history(world, tunnel, peer, span) for peer in peers]
        whole = [of_all["total"][name] == sum(peer["total"][name] for peer in of_each) for name in ("received", "sent")]
        return (of_all, of_each) if all(whole) and len({one["to"] for one in [of_all, *of_each]}) == 1 else None

    def check():
        for span, step, count in (("hour", 10, 360), ("day", 300, 288), ("month", 7200, 360)):
            asked = time.time()
            of_all, of_each = wait_until(lambda: look(span), "a moment without traffic")
            first, end = (datetime.fromisoformat(of_all[name]).timestamp() for name in ("from", "to"))
            assert first % step == 0 and end - first == step * count and end - step <= time.time() and asked <= end
            for found in [of_all, *of_each]:
                assert found["step"] == step and len(found["received"]) == len(found["sent"]) == count
                for name in ("received", "sent"):
                    assert sum(slot or 0 for slot in found[name]) == found["total"][name]
                    # Before there was a tunnel, nothing was observed of it.
                    assert found[name][0] is None
                    busy = [first + step * number for number, slot in enumerate(found[name]) if slot]
                    assert busy and all(began - step - 10 <= slot for slot in busy), f"{busy}, since {began}"
            for name in ("received", "sent"):
                for number, slot in enumerate(of_all[name]):
                    assert (slot or 0) == sum(peer[name][number] or 0 for peer in of_each)

    check()
    assert min(total(world, tunnel, peers[0])) >= 2 * SIZE * COUNT
    # What is in memory for five minutes is stored where aifw-apid ends in order.
    world.api.stop()
    world.start_api()
    check()
    shown = world.aifw("vpn", "wg-traffic", "office-vpn", "--peer", peers[0]["name"]).stdout
    assert "MOST IN 1 MIN" in shown and "█" in shown


def test_all_tunnels_together_have_the_sum_of_their_histories(world):
    tunnels = [world.rest.tunnel(name=f"site {n}", interface=f"wg{n}", listen_port=51820 + n, address=f"10.{n}.0.1/24")
               for n in range(2)]
    # Before there was any of them, nothing was observed; in the slot in which they were made it may have been.
    assert of_all(world)["received"][0] is None and not any(of_all(world)["received"])
    pairs = []
    for number, tunnel in enumerate(tunnels):
        world.rest.start(tunnel)
        peer, client = begin(world, tunnel)
        send(client, f"10.{number}.0.1")
        pairs.append((tunnel, peer))

    def settled():
        """All of them at one moment."""
        whole, each = of_all(world), [history(world, tunnel) for tunnel in tunnels]
        counted = [kernel(world, *pair) for pair in pairs]
        agrees = whole["total"] == {
            way: sum(one[way == "sent"] for one in counted) for way in ("received", "sent")}
        return (whole, each) if agrees and len({one["to"] for one in [whole, *each]}) == 1 else None

    def check():
        whole, each = wait_until(settled, "the kernel's counters as the total of all", LOOK)
        for way in ("received", "sent"):
            assert whole["total"][way] == sum(one["total"][way] for one in each) >= 2 * SIZE * COUNT
            for number, slot in enumerate(whole[way]):
                known = [one[way][number] for one in each if one[way][number] is not None]
                assert slot == (sum(known) if known else None)

    check()
    world.api.stop()
    world.start_api()
    check()
    for span, step in (("day", 300), ("month", 7200)):
        found = of_all(world, f"?range={span}")
        assert found["step"] == step and found["total"] == of_all(world)["total"]


def of_all(world, query=""):
    return world.rest.get(f"/vpn/history{query}").must(200).data


def test_who_may_ask_and_for_what(world):
    tunnel = world.rest.tunnel()
    other = world.rest.tunnel(name="lab", interface="wg1", listen_port=51821, address="10.1.0.1/24")
    peer = world.rest.peer(tunnel, "laptop")
    token = world.rest.post("/tokens", {"name": "reader", "scopes": ["vpn:read"]}).must(201).data["token"]
    reader: REST = world.rest.by(token)
    path = f"/vpn/wg/{tunnel['id']}/history"
    assert reader.get(f"{path}?range=month&peer={peer['id']}").must(200).data["total"] == {"received": 0, "sent": 0}
    assert reader.get(f"{path}?range=year&peer=laptop&day=1").must(422).fields == {"range", "peer", "day"}
    reader.get(f"/vpn/wg/{other['id']}/history?peer={peer['id']}").must(404)
    reader.get(f"/vpn/wg/{peer['id']}/history").must(404)
    assert reader.get("/vpn/history?range=day").must(200).data["step"] == 300
    assert reader.get(f"/vpn/history?range=year&peer={peer['id']}").must(422).fields == {"range", "peer"}
    world.rest.by().get("/vpn/history").must(401)
    world.rest.by().get(path).must(401)


@pytest.fixture(autouse=True)
def _ends_in_order(world):
    """A write of traffic that fails is said in the log."""
    yield
    assert not [line for line in world.api.lines() if "traffic could not be stored" in line]

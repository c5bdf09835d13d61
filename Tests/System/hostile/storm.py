"""The storm: request after request, each made from the seed and its index alone."""

import base64
import json
import random
from collections import Counter

from ground.foreign import is_forbidden

from . import forbidden, games, mutants, noise, walk
from .attempt import CLOSING, outcome
from .connection import Connection, Silence, ask, greeting
from .loot import GIVEN, Loot

# What share each kind has.
KINDS = ((noise.make, 0.15), (mutants.make, 0.35), (forbidden.make, 0.25), (walk.make, 0.247), (games.make, 0.003))
_TOGETHER, _BYTES_TOGETHER = 48, 1 << 18
_KEY = base64.b64encode(GIVEN)


def storm(path, seed):
    """For `account.Under`: is sent (first, count), yields a `Counter` of (kind, outcome) and what was wrong."""
    loot = Loot.take(path)
    wanted = yield
    while True:
        wanted = yield Batch(path, seed, loot).run(*wanted)


class Batch:
    def __init__(self, path, seed, loot):
        self._path, self._seed, self._loot = path, seed, loot
        self._lines = {}
        self._queues = {"write": [], "read": []}
        # The numbers of the tunnels that are there.
        self._standing = set()
        self._index = None
        self.seen, self.wrong = Counter(), []

    def run(self, first, count):
        try:
            self._restore()
            for self._index in range(first, first + count):
                self._take(self._index, self._attempt(self._index))
            for channel in self._queues:
                self._flush(channel)
        except Exception as fault:
            raise AssertionError(f"when request {self._index} was made: {fault}") from fault
        finally:
            self._hang_up()
        return self.seen, self.wrong[:20]

    def _attempt(self, index):
        chance = random.Random(self._seed << 32 | index)
        make = chance.choices([one for one, _ in KINDS], [share for _, share in KINDS])[0]
        return make(chance, self._loot)

    def _take(self, index, attempt):
        if isinstance(attempt, tuple):
            for channel in self._queues:
                self._flush(channel)
            self._hang_up()
            game, due = attempt
            self._note(index, "game", game.__name__, {due}, game(self._path))
            return
        if attempt.channel is None:
            line = Connection(self._path)
            self._note_attempt(index, attempt, self._exchange(line, [(index, attempt)]))
            line.close()
            return
        queue = self._queues[attempt.channel]
        queue.append((index, attempt))
        if attempt.ends or len(queue) >= _TOGETHER or sum(len(one.data) for _, one in queue) > _BYTES_TOGETHER:
            self._flush(attempt.channel)

    def _flush(self, channel):
        """Sends what waits; what is left when the helper closes goes by the next connection."""
        queue, self._queues[channel] = self._queues[channel], []
        while queue:
            line = self._lines.get(channel)
            greets = line is None
            if greets:
                line = self._lines[channel] = Connection(self._path)
            answers = self._exchange(line, queue, [greeting(channel)] if greets else [])
            if greets:
                if not answers or outcome(answers[0]) != "greet":
                    raise AssertionError(f"request {queue[0][0]}: the greeting before it was answered {answers[:1]}")
                answers = answers[1:]
            changed = False
            for (index, attempt), answer in zip(queue, answers):
                changed |= self._note_attempt(index, attempt, [answer])
            done = len(answers)
            if answers and outcome(answers[-1]) in CLOSING:
                line.end()
            if line.ended:
                line.close()
                del self._lines[channel]
                if not answers or outcome(answers[-1]) not in CLOSING:
                    self._note_attempt(*queue[done], []) if done < len(queue) else None
                    done += 1
            queue = queue[done:]
            if changed:
                self._restore()

    def _exchange(self, line, queue, before=()):
        try:
            answers = line.exchange([*before, *(one.data for _, one in queue)], queue[-1][1].stops)
        except Silence as fault:
            raise AssertionError(f"{fault}; at one of the requests {queue[0][0]} to {queue[-1][0]}") from fault
        for answer in answers:
            if _KEY in answer:
                self.wrong.append(f"requests {queue[0][0]} to {queue[-1][0]}: a tunnel's key was answered")
        return answers

    def _note_attempt(self, index, attempt, answers):
        """Says whether the tunnels may not be any more what the walk takes them for."""
        came, allowed = outcome(answers[0]) if answers else "closed", attempt.allowed
        if allowed is not None and not attempt.needs <= self._standing:
            allowed = allowed | attempt.otherwise
        self._note(index, attempt.kind, attempt.name, allowed, came)
        if attempt.kind == "walk":
            if came == "applyTunnel" and attempt.makes is not None:
                self._standing.add(attempt.makes)
            if came == "removeTunnel":
                self._standing.discard(attempt.removes)
            return False
        disturbed = _disturbs(attempt, came)
        if disturbed:
            self._standing.clear()
        return disturbed

    def _note(self, index, kind, name, allowed, came):
        self.seen[kind, came] += 1
        if allowed is not None and came not in allowed:
            self.wrong.append(f"request {index}, {name}: {came} instead of {' or '.join(sorted(allowed))}")

    def _hang_up(self):
        for line in self._lines.values():
            line.close()
        self._lines.clear()

    def _restore(self):
        """Makes the tunnels what they should be, and removes those that damaged requests made by the way."""
        self._hang_up()
        line = Connection(self._path)
        line.exchange([greeting("write")])
        ours = {tunnel.interface: tunnel for tunnel in self._loot.tunnels}
        for one in json.loads(ask(line, {"inventory": {}}))["inventory"]["tunnels"]:
            tunnel = ours.get(one["interface"])
            target = {"tunnel": one["tunnel"], "interface": one["interface"]}
            shown = json.loads(ask(line, {"readTunnel": target}))["readTunnel"]
            addresses, routes = shown.get("link", {}).get("addresses", []), shown.get("routes", [])
            self.wrong += [f"before request {self._index}: {destination} over {one['interface']}"
                           for destination in addresses + routes if is_forbidden(destination)]
            is_ours = tunnel is not None and target == tunnel.target
            if not is_ours or any(not route.startswith(tunnel.behind) for route in routes):
                ask(line, {"removeTunnel": target})
        answers = [ask(line, {"applyTunnel": tunnel.whole}) for tunnel in ours.values()]
        if any(outcome(answer) != "applyTunnel" for answer in answers):
            # One has another's port.
            for tunnel in ours.values():
                ask(line, {"removeTunnel": tunnel.target})
            answers = [ask(line, {"applyTunnel": tunnel.whole}) for tunnel in ours.values()]
        if any(outcome(answer) != "applyTunnel" for answer in answers):
            raise AssertionError(f"the tunnels can't be made again: {answers}")
        line.close()
        self._standing = {tunnel.number for tunnel in ours.values()}


def _disturbs(attempt, came):
    """Whether what was done may have changed what the walk relies on."""
    return came in ("applyTunnel", "removeTunnel") or (
        came in ("applyPeers", "kernel") and b'"add_routes"' in attempt.data)

"""The storm: request after request, each made from the seed and its index alone."""

import base64
import json
import random
from collections import Counter

from . import forbidden, games, mutants, noise, walk
from .attempt import CLOSING, framed, outcome
from .connection import Connection, Silence, ask, greeting
from .loot import GIVEN, Loot

# What share each kind has.
KINDS = ((noise.make, 0.25), (mutants.make, 0.30), (forbidden.make, 0.25), (walk.make, 0.197), (games.make, 0.003))
_TOGETHER, _BYTES_TOGETHER = 48, 1 << 18
_KEY = base64.b64encode(GIVEN)


def storm(path, seed):
    """A worker for `account.Under`: is sent (first, count), yields a `Counter` of (kind, outcome) and what is wrong."""
    loot = Loot.take(path)
    wanted = yield
    while True:
        wanted = yield Batch(path, seed, loot).run(*wanted)


class Batch:
    def __init__(self, path, seed, loot):
        self._path, self._seed, self._loot = path, seed, loot
        self._lines = {}
        self._queues = {"write": [], "read": []}
        self.seen, self.wrong = Counter(), []

    def run(self, first, count):
        try:
            for index in range(first, first + count):
                self._take(index, self._attempt(index))
            for channel in self._queues:
                self._flush(channel)
            self._tidy()
        finally:
            for line in self._lines.values():
                line.close()
        return self.seen, self.wrong[:20]

    def _attempt(self, index):
        chance = random.Random(self._seed << 32 | index)
        make = chance.choices([one for one, _ in KINDS], [share for _, share in KINDS])[0]
        return make(chance, self._loot)

    def _take(self, index, attempt):
        if callable(attempt):
            for channel in self._queues:
                self._flush(channel)
                self._lines.pop(channel, None)
            self._note(index, "game", attempt.__name__, None, attempt(self._path, self._loot))
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
            for (index, attempt), answer in zip(queue, answers):
                self._note_attempt(index, attempt, [answer])
            done = len(answers)
            if line.ended:
                line.close()
                del self._lines[channel]
                if not answers or outcome(answers[-1]) not in CLOSING:
                    self._note_attempt(*queue[done], []) if done < len(queue) else None
                    done += 1
            queue = queue[done:]

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
        self._note(index, attempt.kind, attempt.name, attempt.allowed, outcome(answers[0]) if answers else "closed")

    def _note(self, index, kind, name, allowed, came):
        self.seen[kind, came] += 1
        if allowed is not None and came not in allowed:
            self.wrong.append(f"request {index}, {name}: {came} instead of {' or '.join(sorted(allowed))}")

    def _tidy(self):
        """Removes the tunnels that damaged requests made by the way."""
        ours = {tunnel.interface for tunnel in self._loot.tunnels}
        line = Connection(self._path)
        line.exchange([greeting("write")])
        for one in json.loads(ask(line, {"inventory": {}}))["inventory"]["tunnels"]:
            if one["interface"] not in ours:
                line.exchange([framed({"removeTunnel": {"tunnel": one["tunnel"], "interface": one["interface"]}})])
        line.close()

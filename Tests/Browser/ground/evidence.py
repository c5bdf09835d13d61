"""What a page did that nobody sees: its console, and what it asked of whom."""

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

# Not of the network.
_OWN_SCHEMES = {"about", "blob", "data"}
_STATUS = re.compile(r"the server responded with a status of (\d{3})")


@dataclass
class Transfer:
    """What one page has cost by now: bytes as they came over the wire, heads included, and requests."""

    bytes: int
    requests: int
    urls: list


class Evidence:
    """Of the pages in all tabs, since `begin()`. Errors and warnings of the console (exceptions that nobody caught and
    breaches of the Content-Security-Policy are among them) and requests to another origin are faults, but for what was
    said to be expected."""

    def __init__(self, driver, origin):
        self._driver = driver
        self._origin = origin
        self.begin()

    def begin(self):
        """Forgets all that was, and what was expected."""
        self._entries, self._events = [], []
        self._statuses, self._words = set(), []
        self._read()
        self._entries, self._events = [], []

    def expect_status(self, *statuses):
        """Answers with one of these, 4xx and 5xx, may come: chromium prints an error for each."""
        self._statuses |= set(statuses)

    def expect_words(self, pattern):
        """Lines of the console in which this regular expression is found may come."""
        self._words.append(re.compile(pattern))

    def console(self):
        """All lines of the console, with their levels."""
        self._read()
        return [f"{entry['level']}: {entry['message']}" for entry in self._entries]

    def faults(self):
        """What is not as it should be, in words."""
        self._read()
        found = [f"console, {entry['level'].lower()}: {entry['message']}" for entry in self._entries
                 if entry["level"] in ("SEVERE", "WARNING") and not self._is_expected(entry["message"])]
        return found + [f"request to another origin: {url}" for url in self.urls() if self._is_foreign(url)]

    def urls(self):
        """What was asked for, in all pages since `begin()`."""
        self._read()
        return [said["request"]["url"] for said in self._said("Network.requestWillBeSent")] + [
            said["url"] for said in self._said("Network.webSocketCreated")]

    def transferred(self):
        """What the latest page that was navigated to has cost, a stream that goes on with what it has brought."""
        self._read()
        sent = self._said("Network.requestWillBeSent")
        page = next(said["loaderId"] for said in reversed(sent)
                    if said.get("type") == "Document" and said["requestId"] == said["loaderId"])
        requests = {said["requestId"]: said["request"]["url"] for said in sent if said.get("loaderId") == page}
        costs = {}
        for said in self._said("Network.responseReceived"):
            costs[said["requestId"]] = said["response"]["encodedDataLength"]
        for said in self._said("Network.dataReceived"):
            costs[said["requestId"]] = costs.get(said["requestId"], 0) + said["encodedDataLength"]
        for said in self._said("Network.loadingFinished"):
            costs[said["requestId"]] = said["encodedDataLength"]
        return Transfer(
            int(sum(costs.get(request, 0) for request in requests)), len(requests), list(requests.values()))

    def _is_expected(self, message):
        status = _STATUS.search(message)
        return bool(status and int(status[1]) in self._statuses) or any(word.search(message) for word in self._words)

    def _is_foreign(self, url):
        parts = urlsplit(url)
        return parts.scheme not in _OWN_SCHEMES and f"{parts.scheme}://{parts.netloc}" != self._origin

    def _said(self, name):
        return [event["params"] for event in self._events if event["method"] == name]

    def _read(self):
        # Each call of the driver's gives what has come since the last.
        self._entries += self._driver.get_log("browser")
        self._events += [json.loads(entry["message"])["message"] for entry in self._driver.get_log("performance")]

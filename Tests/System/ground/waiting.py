"""Waiting for what another process does."""

import time


def wait_until(condition, what, seconds=10):
    """Returns the first truthy answer of `condition()`; fails with `what` if there is none within `seconds`."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)

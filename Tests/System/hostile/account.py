"""A part of a test that runs under another account, without a capability."""

import ctypes
import multiprocessing
import os
import traceback

_PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP, _LAST_CAPABILITY = 38, 24, 40
_libc = ctypes.CDLL(None, use_errno=True)


class Under:
    """`worker(requests)`, a generator, in a process of account `user`: `send(x)` gives it the next value, and returns
    what it yields for that. It is forked, so it needs no file that the account can't read."""

    def __init__(self, user, worker, *arguments):
        context = multiprocessing.get_context("fork")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_run, args=(self._pipe, other, user, worker, arguments), daemon=True)
        self._process.start()
        other.close()

    @property
    def pid(self):
        return self._process.pid

    def send(self, value):
        self._pipe.send(value)
        answer, fault = self._pipe.recv()
        if fault:
            raise AssertionError(f"in the hostile client: {fault}")
        return answer

    def close(self):
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _run(parents, pipe, user, worker, arguments):
    # Else the end of the parent's pipe would never be seen here.
    parents.close()
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    assert _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    work = worker(*arguments)
    try:
        next(work)
        while True:
            pipe.send((work.send(pipe.recv()), None))
    except EOFError:
        pass
    except BaseException:  # Told to the test, which fails with it.
        pipe.send((None, traceback.format_exc()))
    finally:
        # Not by way of what it was forked from: pytest's clean-up is the parent's.
        os._exit(0)

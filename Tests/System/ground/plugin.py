"""What the runs of Tests/System and of Tests/Browser have in common, as a plugin of pytest. They need root, the
binaries in the folder AIFW_BINARIES, and the python of packaging/python: packaging/test sees to all three."""

import os
import signal
import sys
from pathlib import Path

import pytest

try:
    from .contract import Contract
except ImportError as missing:
    sys.exit(f"{missing}: run these tests with .build/python/bin/python, which packaging/python makes")
from .secrets import RUN
from .watch import Watch
from .world import World

# Every answer that any test gets is held against the description that the server itself serves.
World.contract = Contract
# What pytest shows of tests that fail: their names to texts.
_shown = {}


def pytest_configure(config):
    config.addinivalue_line("markers", "without_esp: is about a kernel that takes no ESP")


def pytest_sessionstart(session):
    if os.geteuid() != 0 and not session.config.option.collectonly:
        pytest.exit("these tests make network namespaces and need root: sudo ./packaging/test", returncode=3)
    # A shell that started this in the background has it ignored, which the programs under test would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def binaries():
    folder = Path(os.environ.get("AIFW_BINARIES", Path(__file__).parents[3] / ".build" / "release"))
    for name in ("aifw-privd", "aifw-launcher", "aifw-apid", "aifw"):
        assert (folder / name).exists(), f"no {name} in {folder}; build first: sudo ./packaging/test release"
    return folder


@pytest.fixture(scope="session", autouse=True)
def _no_secret_gets_out(tmp_path_factory):
    """Each world searches what its daemons wrote. This searches, for the secrets of them all, what belongs to none:
    what could be seen of processes, what failed tests show, temporary files and core files."""
    with Watch() as watch:
        yield
    search = RUN.search()
    found = [f"{name} in the arguments or the environment of a process"
             for name in search.names_in(b"\n".join(watch.seen))]
    for test, text in _shown.items():
        found += [f"{name} in what {test} shows" for name in search.names_in(text.encode(errors="replace"))]
    for path in [*tmp_path_factory.getbasetemp().rglob("*"), *Path("/").glob("core*")]:
        if path.is_file():
            found += [f"{name} in {path}" for name in search.names_in(path.read_bytes())]
    assert not found, f"there are secrets where none belongs: {found}"


def pytest_runtest_logreport(report):
    text = "\n".join([report.longreprtext, *(content for _, content in report.sections)])
    if text.strip():
        _shown[report.nodeid] = _shown.get(report.nodeid, "") + text


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows what the daemons said last."""
    report = (yield).get_result()
    if report.failed:
        for world in item.funcargs.values():
            # One that could not be closed in peace is gone all the same.
            if isinstance(world, World) and world.folder.exists():
                for daemon in (world.launcher, world.helper, world.api):
                    words = "\n".join(daemon.lines()[-25:])
                    report.sections.append((f"{daemon.name} said", words))

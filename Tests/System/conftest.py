"""The worlds of these tests; what else they run by is in ground/plugin.py."""

import sys
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ground.namespace import Namespace  # noqa: E402
from ground.world import World  # noqa: E402

pytest_plugins = ["ground.plugin"]


def pytest_collection_modifyitems(config, items):
    """Where the kernel takes ESP, what is about one that does not is left out: Tests/VM/test_ipsec.py takes it away."""
    about = [item for item in items if item.get_closest_marker("without_esp")]
    if not about or config.option.collectonly:
        return
    with closing(Namespace("esp")) as namespace:
        if about[0].module.has_esp(namespace):
            items[:] = [item for item in items if item not in about]
            config.hook.pytest_deselected(items=about)


def _world(binaries, **options):
    world = World(binaries, **options)
    try:
        yield world
    finally:
        world.close()


@pytest.fixture
def world(binaries):
    """Both daemons and no object yet."""
    yield from _world(binaries)


@pytest.fixture(scope="module")
def shared_world(binaries):
    """Both daemons, for a whole file of tests that change nothing."""
    yield from _world(binaries)


@pytest.fixture
def helper_world(binaries):
    """The helper alone."""
    yield from _world(binaries, api=False)

"""The worlds of these tests; what else they run by is in ground/plugin.py."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from ground.world import World  # noqa: E402

pytest_plugins = ["ground.plugin"]


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

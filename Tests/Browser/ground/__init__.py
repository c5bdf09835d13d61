"""The ground that the browser's tests stand on: chromium, the page by its roles and names, and what is watched of it.
The daemons and clients are those of Tests/System/ground, which is part of this package."""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

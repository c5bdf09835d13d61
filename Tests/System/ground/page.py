"""The web page as the sources have it: its files, and the paths that are the page itself."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[3] / "Sources" / "aifw-apid" / "Page" / "files"
FILES = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*") if path.is_file())
PLACES = ("/", "/setup", "/wireguard", "/wireguard/{id}", "/ipsec", "/rules", "/audit", "/tokens", "/users", "/backup")
_PATHS = [place.rstrip("/").replace("{id}", "[^/]+") for place in PLACES]
_PATHS += [re.escape(f"/page/{file}") for file in FILES]
_PATH = re.compile(f"(?:{'|'.join(_PATHS)})/?")


def is_path(path):
    """Whether the page, or a file of it, is at this path."""
    return _PATH.fullmatch(path) is not None

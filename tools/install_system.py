"""Find what tests need of the system: Chromium, Pango, libical. Install it where this user may, or say what lacks."""

import os
import shutil
import subprocess
import sys
from ctypes.util import find_library
from pathlib import Path

from engage.drawing.libraries import missing_packages

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = "chromium"
LIBICAL = "libical3"  # another reader of what calendars get
MISSING = (
    "Missing: {packages}. Install it (Debian: sudo apt-get update && sudo apt-get install {packages}) and try again."
)
OR_SET = "Or set CHROMIUM to the path of a browser that is there."


def find_chromium() -> Path | None:
    """Return the browser's path: `CHROMIUM` if it is set, else the first name that is found."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *NAMES)):
        if found := shutil.which(name):
            return Path(found)
    return None


def lacking() -> list[str]:
    """Return the packages that are not there yet, by Debian's names."""
    return [
        *([] if find_chromium() else [CHROMIUM]),
        *([] if find_library("ical") else [LIBICAL]),
        *missing_packages(),
    ]


def main() -> int:
    """Return 0 when everything is there, or is now."""
    packages = lacking()
    apt = shutil.which("apt-get")
    if packages and apt and os.geteuid() == 0:
        print(f"installing {' '.join(packages)} for the tests", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            [apt, "update", "-qq"],
            [apt, "install", "-y", "-qq", "--no-install-recommends", *packages],
        ):
            subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
        packages = lacking()
    if packages:
        print(MISSING.format(packages=" ".join(packages)), file=sys.stderr)
    if CHROMIUM in packages:
        print(OR_SET, file=sys.stderr)
    return 1 if packages else 0


if __name__ == "__main__":
    sys.exit(main())

"""Find Chromium for the browser tests; install it where this user may, else say what is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "Chromium is missing: install it (Debian: sudo apt-get update && sudo apt-get install chromium) "
    "or set CHROMIUM to its path, then try again."
)


def find_chromium() -> Path | None:
    """Return the browser's path: `CHROMIUM` if it is set, else the first name that is found."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *NAMES)):
        if found := shutil.which(name):
            return Path(found)
    return None


def main() -> int:
    """Return 0 when a browser is there, or is now."""
    if find_chromium():
        return 0
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        print("installing chromium for the browser tests", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            [apt, "update", "-qq"],
            [apt, "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)
        if find_chromium():
            return 0
    print(MISSING, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

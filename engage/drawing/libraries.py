"""What drawing needs of the system, beside the packages of Python; run as a module, it says what is missing."""

import sys
from ctypes.util import find_library

PACKAGES = {"pango-1.0": "libpango-1.0-0", "pangoft2-1.0": "libpangoft2-1.0-0"}
_found: set[str] = set()


def missing_packages() -> list[str]:
    """Return the packages that drawing lacks, by Debian's names; what was found once is not looked for again."""
    _found.update(name for name in PACKAGES if name not in _found and find_library(name))
    return [package for name, package in PACKAGES.items() if name not in _found]


if __name__ == "__main__" and (missing := missing_packages()):
    sys.stdout.write(
        f"Certificates of attendance wait to be drawn: this system lacks {' and '.join(missing)} "
        f"(Debian: sudo apt-get install {' '.join(missing)}).\n"
    )

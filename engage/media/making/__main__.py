"""The process that makes a recording again; `engage.media.making.process` is the other end.

The source is standard input, an open file; what is made goes into the working folder. Arguments: kind, shortest and
longest length in ms. One line of JSON comes out, either `{"refusal": …}` or what was made. Nothing else is in reach:
no name of a file, no secret, no network protocol (S27).
"""

import ctypes
import json
import os
import resource
import signal
import sys

from engage.media.making.recording import RefusedError, make

MEMORY = 2 * 1024**3  # of address space, most of it libraries
SECONDS = 900  # of a processor
LARGEST = 400 * 1024**2  # bytes of what is made
PR_SET_PDEATHSIG = 1  # Linux, see prctl(2)


def main() -> None:
    """Make what standard input holds."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kind, shortest_ms, longest_ms = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        with os.fdopen(0, "rb") as source:
            said = make(source, with_pictures=kind == "video", shortest_ms=shortest_ms, longest_ms=longest_ms)
    except RefusedError as error:
        said = {"refusal": error.refusal.value}
    json.dump(said, sys.stdout)


if __name__ == "__main__":
    main()

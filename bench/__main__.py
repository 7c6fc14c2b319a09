"""Measure Engage beside what anybody would write first, on both databases. README.md says how to read it."""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack

from bench.desk import one_worker
from bench.exports import exports
from bench.feeds import feeds
from bench.large import compare
from bench.large_responses import compare_responses
from bench.measures import print_rates, rates, run_rounds
from bench.post import post
from bench.rushes import busy, join_minute, rush
from bench.servers import PROCESSES, ground, worker_memory_mb


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds: the order of things, no more")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="one of the two (default: both)")
    parser.add_argument("--only", default="", help="rates whose name holds this word, with those they are held against")
    parser.add_argument("--large", action="store_true", help="the same pages on a database of many years instead")
    parser.add_argument("--post", action="store_true", help="the outbox and the worker alone")
    parser.add_argument("--exports", action="store_true", help="a file of 1,000,000 responses alone")
    options = parser.parse_args()
    if options.database is None:  # the bare app opens its database when it is loaded, so each has a process
        for kind in ("sqlite", "postgresql"):
            subprocess.run([sys.executable, "-m", "bench", *sys.argv[1:], "--database", kind], check=True)
        return
    rounds, seconds = (2, 0.7) if options.quick else (5, 2.0)
    print(f"{os.cpu_count()} processors, {PROCESSES} server processes, {rounds} rounds of {seconds:g} s each")
    if options.post:
        post(options.database, seconds=2 * seconds, large=options.large)
    elif options.exports:
        exports(options.database)
    elif options.large:
        compare(options.database, rounds=rounds, seconds=seconds)
        compare_responses(options.database, rounds=rounds, seconds=seconds)
        post(options.database, seconds=2 * seconds, large=True)
        exports(options.database)
    else:
        _measure(options.database, rounds=rounds, seconds=seconds, only=options.only, quick=options.quick)


def _measure(kind: str, *, rounds: int, seconds: float, only: str, quick: bool) -> None:
    with ExitStack() as stack:
        made = stack.enter_context(ground(kind))
        rows = rates(made)
        wanted = {name for row in rows if only in row.name for name in (row.name, row.base)}
        rows = [row for row in rows if row.name in wanted]
        run_rounds(rows, rounds=rounds, seconds=seconds)
        print(f"\n{kind}")
        print_rates(rows)
        if only:
            return
        print()
        rush(made)
        busy(made, seconds=2 * seconds)
        join_minute(made, seconds=10 if quick else 60)
        print(f"the largest of {PROCESSES} workers is at {worker_memory_mb(made.engage):.0f} MB after all of this")
        made.bare.stop()
        made.floor.stop()
        made.engage.stop()
        one_worker(made.scene)
    post(kind, seconds=2 * seconds)
    feeds(kind)


if __name__ == "__main__":
    main()

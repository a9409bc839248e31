"""Kills, pauses and moves the brokers of a three-broker cluster under a pipeline at full speed, and audits the lake.

    cluster_rounds.py [--rounds N] [--seed S] [--scenario NAME] [--events N] [--partitions N] [--keep]

As robustness.py, but what goes wrong is the cluster: a leader, a coordinator or the controller is killed or paused,
leaders move, two of three nodes are away, all are restarted in turn. Replication is 3, min.insync.replicas 2. As long
as two nodes are up neither producer nor sink may end by itself, and the lake must have caught up soon after the last
record. The audit compares feed, topic and lake byte by byte, by readers that share no code with the program.
"""
import argparse
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from stack_testing.cluster import Cluster  # noqa: E402
from stack_testing.report import Report  # noqa: E402

import cluster_scenarios as scenarios  # noqa: E402
from cluster_round import ClusterRound  # noqa: E402


def run_round(number, seed, name, cluster, options, folder):
    """One round: what went wrong, or None."""
    started = time.monotonic()
    one = ClusterRound(folder / f"round-{number:03}", f"cluster-{number:03}-{seed}", random.Random(seed), cluster,
                       options.events, options.partitions)
    failure = None
    try:
        one.prepare()
        scenarios.ALL[name](one)
        one.finish()
    except Exception as error:  # pylint: disable=broad-except  # whatever it is, the next rounds shall run
        failure = f"{type(error).__name__}: {error}"
    finally:
        one.end_processes()
        cluster.heal()
    verdict = "ok    " if failure is None else "FAILED"
    print(f"{verdict} round {number:3}  seed {seed:<10} {name:<20} {one.summary()}  {time.monotonic() - started:.1f} s", flush=True)
    if failure is not None:
        print(f"       {failure}\n       its files: {one.folder}", flush=True)
    return failure


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(description="Harms a cluster's brokers under a working pipeline, then audits the lake.")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=None, help="of the first round; the others count on (default: the clock)")
    parser.add_argument("--scenario", choices=sorted(scenarios.ALL), help="this one alone (default: all in turn)")
    parser.add_argument("--events", type=int, default=600_000, help="about so many a round")
    parser.add_argument("--partitions", type=int, default=4, help="of a round's topic")
    parser.add_argument("--keep", action="store_true", help="keep the files of rounds that went well, too")
    return parser.parse_args()


def main():
    """Runs the rounds; the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cluster is ended
    options = parse()
    first_seed = options.seed if options.seed is not None else int(time.time())
    names = [options.scenario] if options.scenario else scenarios.SCHEDULE
    print(f"{options.rounds} rounds from seed {first_seed}", flush=True)

    folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-cluster-"))
    cluster = Cluster(folder)
    report = Report("cluster")
    started = time.monotonic()
    try:
        cluster.start()
        for number in range(options.rounds):
            name, seed, began = names[number % len(names)], first_seed + number, time.monotonic()
            failure = run_round(number, seed, name, cluster, options, folder)
            report.add(f"{name}/{number} seed {seed}", time.monotonic() - began, failure)
            if failure is None and not options.keep:
                shutil.rmtree(folder / f"round-{number:03}", ignore_errors=True)
    finally:
        cluster.stop()
    print(f"{report.passed} rounds without loss or duplicate, {report.failed} failed, {time.monotonic() - started:.0f} s")
    if not report.failed and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return report.write()


if __name__ == "__main__":
    sys.exit(main())

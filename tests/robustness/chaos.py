"""Attacks sinks on an S3 store in every way that the protocol must bear, and audits the lake after each round.

    chaos.py [--rounds N] [--seed S] [--only SCENARIO] [--jobs N] [--keep]

A round has a topic and a lake of its own; its seed fixes the scenario, the sinks' options, the records and the faults.
Between the sinks and the S3 server (versitygw) stands a proxy that injects faults. The audit shares no code with the
program: the topic is read by kafka-python, the lake by boto3, Python's json and pyarrow; every record that was written
must be in the lake exactly once. The first failing seed is printed with the command that runs it again; its logs and
lake are kept.
"""
import argparse
import collections
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

from stack_testing.report import Report  # noqa: E402

import chaos_scenarios as scenarios  # noqa: E402
from chaos_round import ChaosRound, Station  # noqa: E402
from side_by_side import deal  # noqa: E402


def scenario_of(seed):
    """The scenario that a seed stands for."""
    return scenarios.SCHEDULE[seed % len(scenarios.SCHEDULE)]


def run_round(seed, name, station, folder, keep):
    """One round: what went wrong (None: nothing), what happened, and the faults."""
    one = ChaosRound(folder / f"seed-{seed}-{name}", f"chaos-{seed}-{name}", random.Random(seed), seed, station)
    failure = None
    try:
        scenarios.ALL[name](one)
        one.finish()
    except Exception as error:  # pylint: disable=broad-except  # whatever it is, the next rounds shall run
        failure = f"{type(error).__name__}: {error}"
        (one.folder / "failure.txt").write_text(traceback.format_exc())
    finally:
        one.end_processes()
        station.heal()
    if failure is not None:
        one.keep_lake()
    elif not keep:
        shutil.rmtree(one.folder, ignore_errors=True)
    station.remove(one.topic)
    return failure, one.summary(), dict(one.faults), one.notes


def work(folder, keep, tasks):
    """A worker: its own station, and rounds until there are none left."""
    folder.mkdir()
    station = Station(folder)
    try:
        station.start()
        for seed, name in tasks:
            began = time.monotonic()
            outcome = run_round(seed, name, station, folder, keep)
            yield seed, name, time.monotonic() - began, *outcome
    finally:
        station.stop()


class Campaign:
    """The rounds, dealt out to workers, and what came of them."""

    def __init__(self, options, folder):
        self._options, self._folder = options, folder
        self._report, self.faults, self.notes = Report("chaos"), collections.Counter(), 0
        self.failures = []

    def run(self):
        """Runs all rounds; the exit code."""
        first = self._options.seed
        tasks = [(seed, self._options.only or scenario_of(seed)) for seed in range(first, first + self._options.rounds)]
        for result in deal(tasks, self._options.jobs,
                           lambda number, dealt: work(self._folder / f"worker-{number}", self._options.keep, dealt)):
            self._add(*result)
        return self._report.write()

    def _add(self, seed, name, seconds, failure, summary, faults, notes):
        print(f"{'ok    ' if failure is None else 'FAILED'} seed {seed:<6} {name:<18} {seconds:4.1f} s {summary}", flush=True)
        if failure is not None:
            self.failures.append((seed, name))
            print(f"       {failure}\n       again: {self.command(seed, name)}", flush=True)
        self.faults.update(faults)
        self.notes += len(notes)
        self._report.add(f"{name} seed {seed}", seconds, failure)

    @staticmethod
    def command(seed, name):
        """How to run a round again."""
        return f"scripts/chaos --rounds 1 --seed {seed} --only {name}"

    def conclude(self, seconds):
        """The last lines."""
        print("faults: " + ", ".join(f"{count} {kind}" for kind, count in sorted(self.faults.items())))
        if self.notes:
            print(f"{self.notes} sinks gave up and were followed by others")
        print(f"{self._report.passed} rounds without loss or duplicate, {self._report.failed} failed, {seconds:.0f} s")
        if self.failures:
            seed, name = min(self.failures)
            print(f"first failing seed: {seed} ({name}); again: {self.command(seed, name)}\nlogs and lakes: {self._folder}")


def parse():
    """The command line."""
    parser = argparse.ArgumentParser(prog="scripts/chaos", description="Attacks sinks on an S3 store, then audits the lake.")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1, help="of the first round; the others count on (default: 1)")
    parser.add_argument("--only", choices=sorted(scenarios.ALL), metavar="SCENARIO", help=", ".join(scenarios.ALL))
    parser.add_argument("--jobs", type=int, default=2, help="rounds at once, each worker with its own broker (default: 2)")
    parser.add_argument("--keep", action="store_true", help="keep the logs of rounds that went well, too")
    return parser.parse_args()


def main():
    """Runs the rounds; the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    options, began = parse(), time.monotonic()
    options.jobs = min(options.jobs, options.rounds)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-chaos-"))
    print(f"{options.rounds} rounds from seed {options.seed}", flush=True)
    campaign = Campaign(options, folder)
    code = campaign.run()
    campaign.conclude(time.monotonic() - began)
    if not campaign.failures and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())

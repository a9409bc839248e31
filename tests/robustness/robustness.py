"""Kills and pauses the program and its broker at random moments, and audits what is in the lake afterwards.

    robustness.py [--rounds N] [--seed S] [--scenario NAME] [--jobs N] [--keep]

Each round has a topic, a lake and a feed of its own, on a real broker that it has for itself meanwhile. A round counts only if its fault hit a process
at work and the work was then finished. Its audit shares no code with the program: the topic is read by confluent-kafka,
the lake by pyarrow and Python's own json; every record of the topic must be in the lake exactly once, with the same
values, and the topic must hold the whole feed exactly once. `--seed S --rounds 1 --scenario NAME` repeats a round.
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

from stack_testing.broker import Broker  # noqa: E402
from stack_testing.report import Report  # noqa: E402

import scenarios  # noqa: E402
from round import Round  # noqa: E402
from side_by_side import deal  # noqa: E402


def run_round(number, seed, name, broker, folder):
    """One round: (what happened in one line, failure or None)."""
    started = time.monotonic()
    one = Round(folder / f"round-{number:03}", f"robustness-{number:03}-{seed}", random.Random(seed), broker)
    failure = None
    try:
        one.prepare()
        scenarios.ALL[name](one)
        one.finish()
    except Exception as error:  # pylint: disable=broad-except  # whatever it is, the next rounds shall run
        failure = f"{type(error).__name__}: {error}"
    finally:
        one.end_processes()
        if broker.process.poll() is not None:
            broker.start()
    verdict = "ok    " if failure is None else "FAILED"
    print(f"{verdict} round {number:3}  seed {seed:<10} {name:<23} {one.summary()}  {time.monotonic() - started:.1f} s", flush=True)
    if failure is not None:
        print(f"       {failure}\n       its files: {one.folder}", flush=True)
    return failure


def work(worker, tasks, folder):
    """A worker: a broker of its own, and rounds until there are none left."""
    broker = Broker(folder / f"broker-{worker}")
    try:
        broker.start()
        for number, seed, name in tasks:
            began = time.monotonic()
            failure = run_round(number, seed, name, broker, folder)
            yield number, seed, name, time.monotonic() - began, failure
    finally:
        broker.stop()


def main():
    """Runs the rounds; the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the brokers are ended
    parser = argparse.ArgumentParser(description="Kills and pauses the program at random moments, then audits the lake.")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None, help="of the first round; the others count on (default: the clock)")
    parser.add_argument("--scenario", choices=sorted(scenarios.ALL), help="this one alone (default: all in turn)")
    parser.add_argument("--jobs", type=int, default=1, help="rounds at once, each with its own broker (default: 1)")
    parser.add_argument("--keep", action="store_true", help="keep the files of rounds that went well, too")
    options = parser.parse_args()
    first_seed = options.seed if options.seed is not None else int(time.time())
    names = [options.scenario] if options.scenario else scenarios.SCHEDULE
    print(f"{options.rounds} rounds from seed {first_seed}", flush=True)

    folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-robustness-"))
    report = Report("robustness")
    started = time.monotonic()
    tasks = [(number, first_seed + number, names[number % len(names)]) for number in range(options.rounds)]
    for number, seed, name, seconds, failure in deal(tasks, min(options.jobs, options.rounds),
                                                     lambda worker, dealt: work(worker, dealt, folder)):
        report.add(f"{name}/{number} seed {seed}", seconds, failure)
        if failure is None and not options.keep:
            shutil.rmtree(folder / f"round-{number:03}", ignore_errors=True)
    print(f"{report.passed} rounds without loss or duplicate, {report.failed} failed, {time.monotonic() - started:.0f} s")
    if not report.failed and not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return report.write()


if __name__ == "__main__":
    sys.exit(main())

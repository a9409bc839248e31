"""Sinks join and leave a group at random while a producer works, until it was rebalanced so often; audits the lake.

    group_rounds.py [--rebalances N] [--seed S] [--partitions N] [--keep]

Sinks are started, asked to stop (SIGTERM), killed, and paused past their session timeout, then woken, under options that
change. What counts as a rebalance is the broker's own account: a new generation of the group. The audit is that of
cluster_rounds.py: every record of the feed is in the topic and in the lake exactly once, byte by byte.
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
from stack_testing.group_log import generations  # noqa: E402
from stack_testing.report import Report  # noqa: E402

from cluster_round import ClusterRound  # noqa: E402
from scenarios import STOPPED  # noqa: E402

MOST_SINKS = 5
SESSION = 1.5  # s
RATE = 4000  # events a second: a new range on each partition at every turn


class Sinks:
    """The members of the group: those at work and those that sleep."""

    def __init__(self, one):
        self._one, self._rng = one, one.rng
        self._session = ("--kafka-property", f"session.timeout.ms={int(SESSION * 1000)}",
                         "--kafka-property", "heartbeat.interval.ms=200")
        self.awake, self._asleep = [], []

    def change(self):
        """One sink more, or one less, in one of the ways."""
        ways = [self._join] * (2 if len(self.awake) < MOST_SINKS else 0)
        if len(self.awake) > 1:
            ways += [self._stop, self._kill, self._pause]
        if len(self._asleep) > 1 or (self._asleep and self._rng.random() < 0.3):
            ways = [self._wake]
        self._rng.choice(ways)()
        for sink in self.awake:
            assert sink.alive(), f"{sink} ended by itself: {sink.errors()}"

    def _join(self):
        self._one.change_terms()
        self.awake.append(self._one.sink(*self._session))
        self._one.faults["joined"] += 1

    def _taken(self):
        return self.awake.pop(self._rng.randrange(len(self.awake)))

    def _stop(self):
        sink = self._taken()
        sink.signal(signal.SIGTERM)
        assert sink.wait(30) in STOPPED, f"{sink} said {sink.errors()}"
        self._one.faults["stopped"] += 1

    def _kill(self):
        self._one.kill(self._taken(), "sink")

    def _pause(self):
        sink = self._taken()
        sink.signal(signal.SIGSTOP)
        self._asleep.append((sink, time.monotonic()))

    def _wake(self):
        sink, since = self._asleep.pop(0)
        time.sleep(max(0.0, since + SESSION * 1.3 - time.monotonic()))
        sink.signal(signal.SIGCONT)
        self.awake.append(sink)
        self._one.faults["paused"] += 1

    def settle(self):
        """Wakes the sleepers; those that are left."""
        while self._asleep:
            self._wake()
        return self.awake


def rebalances(one):
    """How often the round's group has been rebalanced."""
    return sum(max(each) for each in generations(one.cluster.address, f"stack-{one.topic}-").values())


def run(one, wanted):
    """Changes the group until it was rebalanced so often, then sees the work through to its end."""
    producer = one.produce(rate=RATE)
    one.until_topic()
    sinks = Sinks(one)
    sinks.change()
    one.until_more_claims(producer, *sinks.awake)
    done = 0
    while done < wanted:
        for _ in range(max(1, (wanted - done) // 4)):
            sinks.change()
            one.pause(0.8)
        assert producer.alive(), f"the producer was done after {done} rebalances: {producer.errors()}"
        done = rebalances(one)
    one.notes.append(f"{done} rebalances")
    left = sinks.settle()
    producer.signal(signal.SIGTERM)
    producer.wait(30)
    one.goes_on(one.produce(), *left)


def main():
    """Runs the round; the exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the broker is ended
    parser = argparse.ArgumentParser(description="Changes a group of sinks at random, then audits the lake.")
    parser.add_argument("--rebalances", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None, help="default: the clock")
    parser.add_argument("--partitions", type=int, default=12)
    parser.add_argument("--keep", action="store_true", help="keep the files also when it went well")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else int(time.time())
    print(f"{options.rebalances} rebalances from seed {seed}", flush=True)

    folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-groups-"))
    broker = Broker(folder / "broker")
    report = Report("groups")
    events = RATE * (60 + 4 * options.rebalances)  # so that the producer outlasts them
    one, failure, began = None, None, time.monotonic()
    try:
        broker.start()
        one = ClusterRound(folder / "round", f"group-{seed}", random.Random(seed), broker, events, options.partitions)
        one.prepare()
        run(one, options.rebalances)
        one.finish()
    except Exception as error:  # pylint: disable=broad-except
        failure = f"{type(error).__name__}: {error}"
    finally:
        if one is not None:
            one.end_processes()
        broker.stop()
    report.add(f"rebalances seed {seed}", time.monotonic() - began, failure)
    print(f"{'ok    ' if failure is None else 'FAILED'} {one.summary() if one else ''}  {time.monotonic() - began:.1f} s")
    if failure is not None:
        print(f"       {failure}\n       its files: {folder}")
    elif not options.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return report.write()


if __name__ == "__main__":
    sys.exit(main())

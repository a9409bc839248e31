"""One round of chaos: a topic and a lake of its own on a station, the sinks at work on them, and the audit at the end."""
import collections
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from chaos_feed import Feed
from scenarios import STOPPED
from stack_testing import lake_audit, s3_gateway, topic_reader
from stack_testing.broker import Broker
from stack_testing.program import Process
from stack_testing.s3_gateway import Gateway
from stack_testing.s3_proxy import Plan, S3Proxy

# No process of a round works for longer; whatever is not done by then hangs.
PATIENCE = 90
# Of so many rounds `stack verify` is asked, too.
VERIFIED = 0.1
UNREACHABLE, STORAGE = 4, 5
KILLED = -signal.SIGKILL
# One bucket by two names: sinks that call it differently are of different groups, and each believes to own everything.
BUCKET, ALIAS = "lake", "same-lake"


class Station:
    """A broker, an S3 server and the proxy before it: what the rounds of one worker have in common."""

    def __init__(self, folder):
        self.broker = Broker(folder / "broker")
        self.gateway = Gateway(folder / "s3")
        self.gateway.make_bucket(BUCKET, ALIAS)
        self.proxy = S3Proxy(self.gateway.port)

    def start(self):
        """Starts all three."""
        self.gateway.start()
        self.proxy.start()
        self.broker.start()
        self.s3 = self.gateway.client()
        self.admin = topic_reader.admin(self.broker.address)

    def heal(self):
        """Whatever the last round broke works again."""
        if self.gateway.process.poll() is not None:
            self.gateway.start()
        self.gateway.limit_files(None)
        if self.broker.process.poll() is not None:
            self.broker.start()

    def stop(self):
        """Ends all three."""
        self.broker.stop()
        self.gateway.stop()
        self.proxy.stop()

    def remove(self, topic):
        """Removes a round's topic and lake."""
        self.admin.delete_topics([topic])
        shutil.rmtree(self.gateway.folder / "data" / BUCKET / topic, ignore_errors=True)


class _Program(Process):
    """A process that takes a file's limit for an error, not for a signal: as a full disk."""

    popen_options = {"restore_signals": False}


class ChaosRound:
    """What a scenario acts with. Its own assertion failures and those of the audit end the round."""

    def __init__(self, folder, topic, rng, seed, station):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.topic, self.rng, self.station = topic, rng, station
        self.faults, self.notes = collections.Counter(), []
        self.feed, self.verdict, self.terms = None, None, {}
        self.variables = s3_gateway.variables(station.proxy.address)
        self.plan = Plan(seed)
        station.proxy.new_round(self.plan)
        self._processes = []

    # The work -------------------------------------------------------------------------------------------------------

    def begin(self, seconds=0.0, wide=False):
        """Makes the topic and writes its records: at once, or beside what follows, over so many seconds."""
        self.feed = Feed(self.rng, self.topic, wide)
        self.change_terms()
        self.feed.make_topic(self.station.admin)
        if seconds:
            self.feed.start(self.station.broker.address, seconds)
        else:
            self.feed.write(self.station.broker.address)

    def change_terms(self, form=None):
        """Other format, compression, partitioning, rotation and memory for the sinks that start from now on."""
        rng, events = self.rng, self.feed.events
        kinds = [("ndjson", "none"), ("ndjson", "gzip"), ("ndjson", "zstd"), ("parquet", "none"), ("parquet", "zstd")]
        kind = rng.choice([each for each in kinds if form in (None, each[0])])
        self.terms = {
            "--format": kind[0],
            "--compression": kind[1],
            "--partition-by": rng.choice(["day", "month", "month", "year", "none"]),
            "--rotate-count": str(max(50, events // rng.choice([1, 3, 8, 20]))),
            "--rotate-bytes": rng.choice(["64KB", "8MB", "128MB"] if events == 2500 else ["8MB", "128MB"]),
            "--rotate-age": rng.choice(["100ms", "300ms", "1s"]),
            "--memory": rng.choice(["32MB", "64MB", "64MB"]),
        }
        if self.feed.wide:  # few files, and long ones
            self.terms |= {"--partition-by": rng.choice(["month", "none"]), "--rotate-count": "100000",
                           "--rotate-age": rng.choice(["1s", "5s"])}

    def sink(self, *arguments, bucket=BUCKET, **variables):
        """A sink on the present terms; without arguments it goes on for ever."""
        terms = [text for pair in self.terms.items() for text in pair]
        return self._start("sink", "--mixed-formats", *terms, *arguments, bucket=bucket, **variables)

    def _start(self, command, *arguments, bucket=BUCKET, **variables):
        process = _Program(self.folder, f"{len(self._processes):02}-{command}", command, "--bootstrap-servers",
                           self.station.broker.address, "--topic", self.topic, "--lake", f"s3://{bucket}/{self.topic}",
                           *arguments, "--no-progress", **{**self.variables, **variables})
        self._processes.append(process)
        return process

    def pause(self, most):
        """Sleeps for a random while of at most so many seconds."""
        time.sleep(self.rng.uniform(0, most))

    def claims(self):
        """How many ranges the sinks have claimed so far, as the server's folder says."""
        folder = self.station.gateway.folder / "data" / BUCKET / self.topic / "_stack" / "claims"
        return sum(len(files) for _, _, files in os.walk(folder))

    def until_claims(self, sink, more=1, timeout=PATIENCE):
        """Waits for so many further claims while the sink lives; whether they came."""
        goal, deadline = self.claims() + more, time.monotonic() + timeout
        while self.claims() < goal and time.monotonic() < deadline and sink.alive():
            time.sleep(0.01)
        return self.claims() >= goal

    def kill(self, sink, fault="sink killed"):
        """kill -9; counts as a fault only when it hit a process at work."""
        if sink.kill():
            self.faults[fault] += 1

    def stop(self, *sinks, timeout=PATIENCE):
        """Ends sinks as a user does. One that gave up before, since it could not reach what it needs, is a note."""
        for sink in sinks:
            sink.signal(signal.SIGTERM)
        for sink in sinks:
            self.ended(sink, timeout, *STOPPED)

    def ended(self, sink, timeout, *codes):
        """Waits for the sink's end and returns its exit code: one of CODES, or a note that it gave up."""
        code = sink.wait(timeout)
        assert code in codes or code in (UNREACHABLE, STORAGE), f"{sink} ended with {code}: {sink.errors()}"
        if code in (UNREACHABLE, STORAGE):
            self.notes.append(f"{sink.name} gave up ({code})")
        return code

    def land(self, *arguments, tries=3, **variables):
        """Everything is written, and a last sink takes what is left; if it gives up, another."""
        self.feed.join()
        for _ in range(tries):
            if self.ended(self.sink("--until-end", *arguments, **variables), PATIENCE, 0) == 0:
                return
            self.plan.rate = 0
        raise AssertionError(f"{tries} sinks gave up one after the other: {self._processes[-1].errors()}")

    # The end --------------------------------------------------------------------------------------------------------

    def finish(self):
        """The audit: every record that was written is in the topic, and in the lake exactly once. A fault must have hit."""
        self.plan.rate = 0
        self.faults.update(self.station.proxy.injected)
        self.station.proxy.release_late()
        records = topic_reader.read_topic_in_python(self.station.broker.address, self.topic)
        found = collections.Counter(each.value for each in records)
        assert found == collections.Counter(self.feed.committed.keys()), f"topic: {len(records)} where {len(self.feed.committed)} were written"
        self.verdict = lake_audit.Audit(records, self.feed.committed.__getitem__, self.objects(), self.topic).run()
        self.verdict.check()
        assert +self.faults, "no fault hit a process at work"
        if self.rng.random() < VERIFIED:
            self._ask_verify()

    def _ask_verify(self):
        """`stack verify` must come to the same verdict."""
        self.variables = s3_gateway.variables(self.station.proxy.address)
        verify = self._start("verify", "--json").succeed(PATIENCE)
        verdict = json.loads(verify.output())
        assert verdict["lost"] == 0 and verdict["duplicated"] == 0, f"verify says {verdict}"

    def objects(self):
        """What lies in the lake, read without the proxy."""
        return lake_audit.s3_objects(self.station.s3, BUCKET, self.topic)

    def keep_lake(self):
        """Copies the lake beside the logs, with a listing, for who looks into the round."""
        lake = self.station.gateway.folder / "data" / BUCKET / self.topic
        if lake.exists():
            shutil.copytree(lake, self.folder / "lake", dirs_exist_ok=True)
            listing = subprocess.run(["ls", "-lR", "--time-style=full-iso", str(lake)], capture_output=True, check=False)
            (self.folder / "lake.txt").write_bytes(listing.stdout)

    def end_processes(self):
        """Ends whatever still runs."""
        for process in self._processes:
            process.kill()

    def summary(self):
        """What happened, for the round's line."""
        faults = ", ".join(f"{count} {kind}" for kind, count in sorted((+self.faults).items())) or "no fault"
        forms = "" if self.verdict is None else " ".join(
            f"{form}:{count}" for form, count in sorted(self.verdict.forms.items()))
        return f"{len(self.feed.committed) if self.feed else 0:>5} records  {faults}  [{forms}] {'; '.join(self.notes)}"

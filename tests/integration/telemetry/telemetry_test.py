"""Metrics, health and structured logs of a pipeline at work, against a real broker.

Scrapes are read by Prometheus's own parser for Python; what is documented, drawn and alerted on is compared with them.
"""
import datetime
import json
import pathlib
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

import confluent_kafka  # noqa: E402
from prometheus_client.parser import text_string_to_metric_families  # noqa: E402

from stack_testing import history, lake_reader  # noqa: E402
from stack_testing.broker import Broker, free_port  # noqa: E402
from stack_testing.group_log import generations  # noqa: E402
from stack_testing.program import Process  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[3]
USAGE, UNREACHABLE, INTERRUPTED = 2, 4, 130


class Scrape:
    """One answer of /metrics, read by the independent parser."""

    def __init__(self, text):
        self.families = {}
        for family in text_string_to_metric_families(text):
            name = family.name + ("_total" if family.type == "counter" else "")
            assert name not in self.families, f"{name} comes twice"
            self.families[name] = family

    def value(self, name, **labels):
        """The sum of the samples of this name that have these labels."""
        found = [sample.value for family in self.families.values() for sample in family.samples
                 if sample.name == name and labels.items() <= sample.labels.items()]
        assert found, f"no {name} {labels}"
        return sum(found)

    def series(self):
        """Samples by name and labels."""
        return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in self.families.values() for sample in family.samples}


def labels_of(family):
    """The names of a family's labels, in order; a bucket's bound is none."""
    return sorted({name for sample in family.samples for name in sample.labels if name != "le"})


def setUpModule():
    """One folder, broker and data set for all."""
    folder = TelemetryTest.folder = pathlib.Path(tempfile.mkdtemp(prefix="stack-telemetry-"))
    TelemetryTest.data = folder / "bars.csv"
    history.write_bars(TelemetryTest.data, random.Random(7), ["AAA", "BBB", "CCC"], 20)
    TelemetryTest.broker = Broker(folder / "broker")
    TelemetryTest.broker.start()


def tearDownModule():
    """Nothing stays."""
    TelemetryTest.broker.stop()
    shutil.rmtree(TelemetryTest.folder, ignore_errors=True)


class TelemetryTest(unittest.TestCase):
    """A broker, a small data set, and `stack` at work in a folder."""

    count = 0

    def setUp(self):
        self.processes = []

    def tearDown(self):
        for process in self.processes:
            process.kill()

    def start(self, *arguments, **variables):
        """`stack ARGUMENTS`, with an address for its metrics at process.metrics where it has --metrics."""
        TelemetryTest.count += 1
        process = Process(self.folder, f"{self.count:02}-{arguments[0]}", *arguments, **variables)
        self.processes.append(process)
        if "--metrics" in arguments:
            process.metrics = arguments[arguments.index("--metrics") + 1]
        return process

    def kafka(self, command, *arguments, **variables):
        """As start, at the test's broker, listening."""
        return self.start(command, *arguments, "--bootstrap-servers", self.broker.address,
                          "--metrics", f"127.0.0.1:{free_port()}", "--json", **variables)

    def get(self, process, path, method="GET"):
        """Status, content type and body."""
        request = urllib.request.Request(f"http://{process.metrics}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers["Content-Type"], answer.read().decode()

    def scrape(self, process):
        """None once it is gone."""
        try:
            status, kind, body = self.get(process, "/metrics")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None
        self.assertEqual((status, kind), (200, "text/plain; version=0.0.4; charset=utf-8"))
        return Scrape(body)

    def scrape_until(self, process, holds, timeout=30):
        """The first scrape of which `holds` is true."""
        deadline = time.monotonic() + timeout
        while True:
            scrape = self.scrape(process)
            try:
                if scrape is not None and holds(scrape):
                    return scrape
            except AssertionError:
                pass  # not shown yet
            self.assertLess(time.monotonic(), deadline, f"{process}: {process.errors()}")
            self.assertTrue(process.alive(), f"{process}: {process.errors()}")
            time.sleep(0.05)

    def check_histograms(self, scrape):
        """Buckets are cumulative, and the last holds all."""
        for family in scrape.families.values():
            if family.type != "histogram":
                continue
            buckets = [sample for sample in family.samples if sample.name.endswith("_bucket")]
            bounds = [float(sample.labels["le"]) for sample in buckets]
            counts = [sample.value for sample in buckets]
            self.assertEqual(bounds, sorted(set(bounds)), family.name)
            self.assertEqual(counts, sorted(counts), family.name)
            self.assertEqual(bounds[-1], float("inf"))
            self.assertEqual(counts[-1], scrape.value(f"{family.name}_count"))

    def check_counters(self, before, after):
        """No counter goes down."""
        earlier, later = before.series(), after.series()
        for (name, labels), value in earlier.items():
            if name.endswith(("_total", "_bucket", "_count")) and (name, labels) in later:
                self.assertGreaterEqual(later[name, labels], value, f"{name} {labels}")

    def log_of(self, process, message="", **fields):
        """Every line that the process said is a record; one of them is as told. Returns them."""
        records = []
        for line in process._err.read_bytes().splitlines():
            record = json.loads(line)
            self.assertIsInstance(record, dict)
            self.assertRegex(record["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(record["time"])
            self.assertLess(abs(age.total_seconds()), 300)
            self.assertIn(record["level"], ("debug", "info", "warning", "error"))
            self.assertTrue(record["message"])
            records.append(record)
        self.assertTrue(any(message in record["message"] and fields.items() <= record.items() for record in records),
                        f"{process}: no record {message!r} with {fields} in {records}")
        return records


class Metrics(TelemetryTest):
    """One pipeline, scraped until it has landed everything."""

    def test_a_pipelines_metrics_are_true_documented_and_what_dashboard_and_alerts_name(self):
        producer = self.kafka("produce", self.data, "--rate", 4000, "--limit", 12000, "--topic", "ticks",
                              "--log-format", "json")
        produced = self.scrape_until(producer, lambda scrape: scrape.value("stack_producer_committed_events_total") > 0
                                     and scrape.value("stack_kafka_partition_sent_records_total") > 0)
        self.put_garbage("ticks")
        sink = self.kafka("sink", "--topic", "ticks", "--lake", "lake", "--rotate-age", "500ms", "--log-format", "json")
        produced = self.follow(producer, produced)
        result = json.loads(producer.succeed(60).output())
        # The last scrape is of a moment before the end.
        for name, field in (("stack_producer_events_total", "produced"), ("stack_producer_bytes_total", "bytes"),
                            ("stack_producer_committed_events_total", "committed")):
            self.assertLessEqual(produced.value(name), result[field], name)
            self.assertGreater(produced.value(name), result[field] / 2, name)
        self.assertEqual(produced.value("stack_producer_transaction_commit_seconds_count"),
                         produced.value("stack_producer_transactions_total", outcome="committed"))

        # The end marks of transactions behind the last record are offsets too: the group is told of them as well.
        def is_done(scrape):
            return scrape.value("stack_sink_landed_rows_total") == 12000 and \
                scrape.value("stack_sink_dead_letters_total") == 1 and scrape.value("stack_sink_lag_records") == 0 and \
                scrape.value("stack_kafka_partition_consumer_lag_records") == 0
        landed = self.scrape_until(sink, is_done)
        self.check_sink(sink, landed)
        crawler = self.start("crawl", "--lake", "lake", "--watch", "--metrics", f"127.0.0.1:{free_port()}")
        crawled = self.scrape_until(crawler, lambda scrape: scrape.value("stack_crawl_changes_total") > 0)
        self.assertEqual(crawled.value("stack_crawl_files"), len(lake_reader.data_files(self.folder / "lake")))
        self.log_of(producer, "12,000 events", level="info", command="produce", topic="ticks")
        self.log_of(sink, "rows landed", level="info", command="sink", topic="ticks", table="ticks")

        families = {**produced.families, **landed.families, **crawled.families}
        for name in ("stack_kafka_client", "stack_kafka_broker", "stack_kafka_partition"):  # of both clients
            self.assertTrue(any(family.startswith(name) for family in produced.families))
            self.assertTrue(any(family.startswith(name) for family in landed.families))
        self.check_document(families)
        self.check_names(families)

    def test_the_group_is_told_of_the_marks_behind_the_last_records(self):
        """A transaction's end mark is an offset without a record: a range that its last record filled ends before it."""
        self.kafka("produce", self.data, "--limit", 40, "--topic", "marked").succeed(60)
        sink = self.kafka("sink", "--topic", "marked", "--lake", "marked-lake", "--rotate-count", 1)
        self.scrape_until(sink, lambda scrape: scrape.value("stack_sink_landed_rows_total") == 40
                          and scrape.value("stack_kafka_partition_consumer_lag_records") == 0)
        sink.signal(signal.SIGINT)
        sink.succeed(30)
        address = {"bootstrap.servers": self.broker.address}
        group, = generations(self.broker.address, "stack-marked-")
        reader = confluent_kafka.Consumer(address | {"group.id": group})
        partitions = [confluent_kafka.TopicPartition("marked", number) for number in range(4)]
        ends = [reader.get_watermark_offsets(each, timeout=10)[1] for each in partitions]
        told = [max(each.offset, 0) for each in reader.committed(partitions, timeout=10)]
        reader.close()
        self.assertGreater(sum(ends), 40, "there are marks")
        self.assertEqual(told, ends)

    def put_garbage(self, topic):
        producer = confluent_kafka.Producer({"bootstrap.servers": self.broker.address})
        producer.produce(topic, value=b"no JSON", partition=0)
        self.assertEqual(producer.flush(10), 0)

    def follow(self, process, scrape):
        """The last scrape of a process that ends; checks each."""
        while True:
            self.check_histograms(scrape)
            following = self.scrape(process)
            if following is None:
                return scrape
            self.check_counters(scrape, following)
            scrape = following
            time.sleep(0.02)

    def check_sink(self, sink, landed):
        """The figures of a sink that is done are those of its result and of what lies in the lake."""
        self.check_histograms(landed)
        self.assertEqual(self.get(sink, "/healthz"), (200, "text/plain; charset=utf-8", "ok\n"))
        sink.signal(signal.SIGINT)
        result = json.loads(sink.succeed(30).output())
        for name, field in (("stack_sink_events_total", "events"), ("stack_sink_bytes_total", "bytes"),
                            ("stack_sink_landed_rows_total", "landed"), ("stack_sink_files_total", "files"),
                            ("stack_sink_dead_letters_total", "dead_letters")):
            self.assertEqual(landed.value(name), result[field], name)
        self.assertEqual(landed.value("stack_sink_claims_total", outcome="won"), result["claims"])
        self.assertEqual(landed.value("stack_sink_record_age_seconds_count"), 12001)
        self.assertGreater(landed.value("stack_sink_record_age_seconds_bucket", le="30"), 0)
        self.assertEqual(landed.value("stack_sink_files_total", format="ndjson"),
                         len(lake_reader.data_files(self.folder / "lake")))
        self.assertEqual(landed.value("stack_sink_partitions"), 4)
        self.assertLess(abs(landed.value("stack_sink_last_landed_timestamp_seconds") - time.time()), 60)

    def check_document(self, families):
        """docs/metrics.md and the scrapes tell the same: each metric, its type, its labels and its meaning."""
        text = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ([^|]*) \| ([^|]*) \|$", text, re.M)
        documented = {name: (kind, sorted(re.findall(r"`(\w+)`", labels)), meaning.strip())
                      for name, kind, labels, meaning in rows}
        found = {name: (family.type, labels_of(family), family.documentation) for name, family in families.items()}
        for name in sorted(documented.keys() | found.keys()):
            self.assertEqual(documented.get(name), found.get(name), name)

    def check_names(self, families):
        """What the dashboard draws and the alerts watch exists."""
        dashboard = json.loads((ROOT / "deploy" / "grafana" / "stack.json").read_text(encoding="utf-8"))
        drawn = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
        self.assertGreater(len(drawn), 30)
        self.assertEqual([panel["title"] for panel in dashboard["panels"] if panel["type"] == "row"],
                         ["Producer", "Kafka client", "Sink", "Lake", "Process"])
        alerts = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
        watched = re.findall(r"^ +expr: (.*)$", alerts, re.M)
        self.assertEqual(len(watched), alerts.count("- alert:"))
        samples = {sample.name for family in families.values() for sample in family.samples}
        for expression in drawn + watched:
            names = re.findall(r"\b((?:stack|process)_\w+)", re.sub(r'"[^"]*"', "", expression))
            self.assertTrue(names or "up{" in expression, expression)
            for name in names:
                self.assertIn(name, samples, expression)


class Health(TelemetryTest):
    """What /healthz says, and addresses that cannot be."""

    def test_a_broker_that_does_not_answer_is_ill_health_until_it_does(self):
        sink = self.kafka("sink", "--topic", self.topic("silent"), "--lake", "silent-lake",
                          "--connect-timeout", "60s", "--log-format", "json")
        self.scrape_until(sink, lambda scrape: scrape.value("stack_sink_partitions") == 4)
        self.broker.process.send_signal(signal.SIGSTOP)
        try:
            status, body = self.await_health(sink, 503)
            self.assertIn(self.broker.address, body)
            self.assertEqual(self.scrape(sink).value("stack_kafka_up"), 0)
        finally:
            self.broker.process.send_signal(signal.SIGCONT)
        status, body = self.await_health(sink, 200)
        self.assertEqual((status, body), (200, "ok\n"))
        self.assertEqual(self.scrape(sink).value("stack_kafka_up"), 1)
        sink.signal(signal.SIGINT)
        sink.succeed(30)
        self.log_of(sink, "no Kafka broker answers", level="warning")

    def topic(self, name):
        """A topic, made."""
        self.start("topic", "create", name, "--bootstrap-servers", self.broker.address).succeed(30)
        return name

    def await_health(self, process, wanted):
        deadline = time.monotonic() + 30
        while True:
            status, _, body = self.get(process, "/healthz")
            if status == wanted or time.monotonic() > deadline:
                self.assertEqual(status, wanted, body)
                return status, body
            time.sleep(0.1)

    def test_only_what_is_served_is_answered(self):
        sink = self.kafka("sink", "--topic", self.topic("served"), "--lake", "served-lake")
        self.scrape_until(sink, lambda scrape: True)
        self.assertEqual(self.get(sink, "/nothing")[0], 404)
        self.assertEqual(self.get(sink, "/metrics", method="POST")[0], 405)
        self.assertEqual(self.get(sink, "/")[0], 200)
        for name in ("served-lake", "password"):  # labels are few, and nothing secret is among them
            self.assertNotIn(name, self.get(sink, "/metrics")[2])
        taken = self.start("sink", "--topic", "served", "--bootstrap-servers", self.broker.address,
                           "--metrics", sink.metrics)
        self.assertEqual(taken.wait(20), USAGE)
        for text in ("--metrics", sink.metrics, "in use"):
            self.assertIn(text, taken.errors())
        for address in ("9464x", "host:", "127.0.0.1:70000", "192.0.2.1:9464"):
            refused = self.start("sink", "--topic", "served", "--bootstrap-servers", self.broker.address,
                                 "--metrics", address)
            self.assertEqual(refused.wait(20), USAGE, address)
            self.assertIn("--metrics: ", refused.errors())
            self.assertIn(address, refused.errors())

    def test_an_address_that_others_reach_is_warned_of(self):
        sink = self.start("sink", "--topic", "none", "--bootstrap-servers", self.broker.address, "--metrics",
                          f"0.0.0.0:{free_port()}")
        self.assertEqual(sink.wait(20), USAGE)
        self.assertIn("warning: --metrics", sink.errors())


class Logs(TelemetryTest):
    """--log-format json: whatever happens, each line on standard error is a record."""

    def test_a_run_that_succeeds(self):
        run = self.start("run", self.data, "--limit", 3000, "--bootstrap-servers", self.broker.address, "--lake",
                         "run-lake", "--log-format", "json", "--metrics", f"127.0.0.1:{free_port()}", "-v")
        run.succeed(60)
        records = self.log_of(run, "3,000 events", level="info", command="run")
        self.assertTrue(all(record["command"] == "run" for record in records))
        self.assertFalse(any(record["level"] == "error" for record in records))

    def test_progress_is_a_record_with_figures(self):
        produce = self.kafka("produce", self.data, "--rate", 500, "--limit", 6000, "--topic", "slow", "--log-format",
                             "json")
        produce.succeed(60)
        record = next(record for record in self.log_of(produce, "sent", event="progress", topic="slow")
                      if record.get("event") == "progress")
        self.assertGreater(record["bytes"], 0)
        self.assertGreaterEqual(record["sent"], record["committed"])

    def test_commands_that_fail(self):
        cases = [
            (USAGE, "usage", ("sink", "--topic", "no-such-topic", "--bootstrap-servers", self.broker.address)),
            (USAGE, "usage", ("sink", "--no-such-option")),
            (USAGE, "usage", ("produce", self.data, "--limit", "many")),
            (3, "data", ("produce", "no-such-file.csv", "--bootstrap-servers", self.broker.address)),
            (UNREACHABLE, "unreachable", ("produce", self.data, "--limit", "10", "--bootstrap-servers",
                                          f"127.0.0.1:{free_port()}", "--connect-timeout", "1s")),
            (UNREACHABLE, "unreachable", ("run", self.data, "--limit", "10", "--bootstrap-servers",
                                          f"127.0.0.1:{free_port()}", "--connect-timeout", "1s")),
        ]
        for code, kind, arguments in cases:
            process = self.start(*arguments, "--log-format", "json")
            self.assertEqual(process.wait(30), code, process.errors())
            records = self.log_of(process, level="error", event="failed", kind=kind, exit_code=code)
            self.assertEqual(records[-1]["level"], "error", "the error comes last")

    def test_the_environment_and_bytes_that_are_no_text(self):
        process = self.start("sink", "--topic", "none", "--lake", b"a\xff\"\n\\b".decode(errors="surrogateescape"),
                             "--bootstrap-servers", self.broker.address, STACK_LOG_FORMAT="json")
        self.assertEqual(process.wait(20), USAGE)
        self.log_of(process, level="error")

    def test_secrets_stay_out(self):
        process = self.start("produce", self.data, "--limit", "10", "--bootstrap-servers", f"127.0.0.1:{free_port()}",
                             "--connect-timeout", "1s", "--kafka-property", "sasl.password=hush-hush",
                             "--log-format", "json", "-v")
        self.assertNotEqual(process.wait(20), 0)
        self.assertNotIn("hush-hush", process._err.read_text())
        self.log_of(process, level="error")

    def test_another_format_is_refused(self):
        process = self.start("sink", "--log-format", "xml")
        self.assertEqual(process.wait(20), USAGE)
        self.assertIn("--log-format", process.errors())

    def test_text_is_the_default(self):
        process = self.start("sink", "--topic", "none", "--bootstrap-servers", self.broker.address)
        self.assertEqual(process.wait(20), USAGE)
        self.assertTrue(process.errors().splitlines()[-1].startswith("stack: "))


if __name__ == "__main__":
    sys.exit(run_cases(Metrics, Health, Logs))

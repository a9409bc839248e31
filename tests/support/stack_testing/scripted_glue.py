"""AWS Glue's crawler service as a test scripts it: crawlers go through their states, fail, and are refused."""
import json
import threading
import time

from stack_testing.local_server import LocalServer, QuietHandler


class ScriptedGlue(LocalServer):
    """`calls` are (operation, body) in order; `refusals[operation]` is a list of (code, message) still to be given;
    `crawlers` those that there are. A crawl is over after `polls` looks at it, with `ends` as (status, reason)."""

    def __init__(self):
        self.calls, self.refusals, self.crawlers, self.tables = [], {}, {}, []
        self.polls, self.ends, self.lock = 1, ("SUCCEEDED", None), threading.Lock()
        outer = self

        class Handler(QuietHandler):
            """Hands each call on by its operation."""

            def do_POST(self):  # noqa: N802
                """One call."""
                body = json.loads(self.body() or b"{}")
                with outer.lock:
                    status, answer = outer._answer(self.headers["X-Amz-Target"].partition(".")[2], body)
                self.reply(status, {"x-amzn-RequestId": "REQUEST1"}, json.dumps(answer).encode())

        self.start(Handler)

    def bodies(self, operation):
        """What the operation was asked with."""
        return [body for name, body in self.calls if name == operation]

    def run(self, name):
        """A crawl begins, as by the schedule."""
        with self.lock:
            self.crawlers[name].update(State="RUNNING", left=self.polls)

    def _answer(self, operation, body):
        self.calls.append((operation, body))
        if self.refusals.get(operation):
            code, message = self.refusals[operation].pop(0)
            return 400, {"__type": code, "Message": message}
        return getattr(self, f"_{operation}", lambda _: (200, {}))(body)

    def _missing(self, name):
        return 400, {"__type": "EntityNotFoundException", "Message": f"Crawler {name} not found"}

    def _CreateCrawler(self, body):  # noqa: N802
        self.crawlers[body["Name"]] = {**body, "State": "READY", "left": 0}
        return 200, {}

    def _UpdateCrawler(self, body):  # noqa: N802
        self.crawlers[body["Name"]].update(body)
        return 200, {}

    def _StartCrawler(self, body):  # noqa: N802
        crawler = self.crawlers[body["Name"]]
        if crawler["State"] != "READY":
            return 400, {"__type": "CrawlerRunningException", "Message": "it runs"}
        crawler.update(State="RUNNING", left=self.polls)
        return 200, {}

    def _GetCrawler(self, body):  # noqa: N802
        crawler = self.crawlers.get(body["Name"])
        if crawler is None:
            return self._missing(body["Name"])
        if crawler["State"] == "RUNNING":
            crawler["left"] -= 1
            if crawler["left"] < 0:
                status, reason = self.ends
                crawler.update(State="READY", LastCrawl={
                    "Status": status, "StartTime": time.time(), "LogGroup": "/aws-glue/crawlers",
                    "LogStream": body["Name"], **({"ErrorMessage": reason} if reason else {})})
        shown = {key: value for key, value in crawler.items() if key not in ("left", "Schedule")}
        if crawler.get("Schedule"):
            shown["Schedule"] = {"ScheduleExpression": crawler["Schedule"], "State": "SCHEDULED"}
        return 200, {"Crawler": {**shown, "CrawlElapsedTime": 61_000}}

    def _GetCrawlerMetrics(self, body):  # noqa: N802
        return 200, {"CrawlerMetricsList": [{"CrawlerName": body["CrawlerNameList"][0], "TablesCreated": 2,
                                             "TablesUpdated": 1, "TablesDeleted": 0, "LastRuntimeSeconds": 74.5}]}

    def _ListCrawls(self, _):  # noqa: N802
        ended = [crawler["LastCrawl"] for crawler in self.crawlers.values() if "LastCrawl" in crawler]
        return 200, {"Crawls": [{"CrawlId": "0", "State": "COMPLETED", "StartTime": 1.0, "DPUHour": 7.5},
                                *({"CrawlId": "1", "StartTime": last["StartTime"], "DPUHour": 0.333} for last in ended)]}

    def _GetTables(self, _):  # noqa: N802
        return 200, {"TableList": self.tables}

    def _GetTable(self, body):  # noqa: N802
        for table in self.tables:
            if table["Name"] == body["Name"]:
                return 200, {"Table": table}
        return self._missing(body["Name"])

    def _GetPartitions(self, _):  # noqa: N802
        return 200, {"Partitions": []}

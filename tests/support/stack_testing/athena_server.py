"""Amazon Athena's JSON protocol as a test wants it: queries are QUEUED, RUNNING and then what DuckDB makes of them.

Every request must be signed, and have the parameters that botocore's model of the service allows; what has not is kept
in `invalid`. Faults are the test's to set: throttling, denials, workgroups, queries that run until they are stopped.
"""
import json
import re
import threading
import time
import uuid

import botocore.session
import duckdb
from botocore.validate import ParamValidator

from stack_testing.local_server import LocalServer, QuietHandler

MODEL = botocore.session.get_session().get_service_model("athena")
SIGNATURE = re.compile(r"AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/[a-z0-9-]+/athena/aws4_request, "
                       r"SignedHeaders=[a-z0-9;-]*x-amz-date[a-z0-9;-]*, Signature=[0-9a-f]{64}$")
TYPES = {"BIGINT": "bigint", "INTEGER": "integer", "HUGEINT": "decimal", "DOUBLE": "double", "VARCHAR": "varchar",
         "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "timestamp", "JSON": "json", "INTEGER[]": "array"}
READS = ("SELECT", "WITH", "VALUES", "EXPLAIN", "DESCRIBE", "DESC", "SHOW", "(")


class Refusal(Exception):
    """An error of the service: its code and sentence."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.status = code, status


class Query:
    """One query: its request, and how far it is."""

    def __init__(self, request):
        self.id, self.request, self.submitted = str(uuid.uuid4()), request, time.time()
        self.looks, self.state, self.reason, self.rows, self.types, self.names = 0, "QUEUED", "", [], [], []
        self.scanned, self.reused = 0, False

    @property
    def sql(self):
        """The statement."""
        return self.request["QueryString"]

    @property
    def kind(self):
        """StatementType, SubstatementType."""
        word = self.sql.lstrip().split()[0].upper()
        return {"SHOW": ("UTILITY", "SHOW_TABLES"), "DESCRIBE": ("UTILITY", "DESCRIBE_TABLE"),
                "EXPLAIN": ("UTILITY", "EXPLAIN")}.get(word, ("DML", "SELECT"))


class AthenaServer(LocalServer):
    """On 127.0.0.1; `connection` is the DuckDB in which queries run."""

    def __init__(self, connection=None):
        self.connection = connection or duckdb.connect()
        self.workgroups = {"primary": {"state": "ENABLED", "output": "s3://results/athena/"}}
        self.buckets = {"results"}
        self.tables = {"quotes"}
        self.scanned = 34_567_890
        self.throttled = {}  # operation: how often it still says "later"
        self.denied = set()  # operations
        self.metadata_trouble = ""  # what GetTableMetadata says instead of an answer
        self.failures = {}   # words in the SQL: StateChangeReason
        self.looks_until_running, self.looks_until_end = 1, 2
        self.queries, self.requests, self.invalid, self.stopped = {}, [], [], []
        self._tokens, self._lock = {}, threading.Lock()
        outer = self

        class Handler(QuietHandler):
            """One request, one answer."""

            def do_POST(self):  # noqa: N802
                """The only method of the protocol."""
                body = json.loads(self.body())
                operation = self.headers.get("X-Amz-Target", "").removeprefix("AmazonAthena.")
                with outer._lock:
                    status, answer = outer.handle(operation, body, self.headers)
                self.reply(status, {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": str(uuid.uuid4())},
                           json.dumps(answer).encode())

        self.start(Handler)

    def asked(self, operation):
        """The bodies of the requests of OPERATION."""
        return [body for name, body in self.requests if name == operation]

    def handle(self, operation, body, headers):
        """Status and answer."""
        self.requests.append((operation, body))
        self.validate(operation, body, headers)
        try:
            if self.throttled.get(operation, 0) > 0:
                self.throttled[operation] -= 1
                raise Refusal("TooManyRequestsException", "Rate exceeded")
            if operation in self.denied:
                raise Refusal("AccessDeniedException", "User: arn:aws:iam::123456789012:user/tester is not authorized to "
                              f"perform: athena:{operation} on resource: arn:aws:athena:us-east-1:123456789012:workgroup/primary")
            return 200, getattr(self, operation)(body)
        except Refusal as refusal:
            return refusal.status, {"__type": f"com.amazonaws.athena#{refusal.code}", "Message": str(refusal)}

    def validate(self, operation, body, headers):
        """What is wrong with a request goes into `invalid`."""
        if operation not in MODEL.operation_names:
            self.invalid.append(f"no operation {operation}")
            return
        report = ParamValidator().validate(body, MODEL.operation_model(operation).input_shape)
        if report.has_errors():
            self.invalid.append(f"{operation}: {report.generate_report()}")
        if not SIGNATURE.match(headers.get("Authorization", "")):
            self.invalid.append(f"{operation}: not signed: {headers.get('Authorization')}")
        if headers.get("Content-Type") != "application/x-amz-json-1.1":
            self.invalid.append(f"{operation}: Content-Type {headers.get('Content-Type')}")

    # The operations, by their names

    def StartQueryExecution(self, body):  # noqa: N802
        """A query, once per token."""
        token = body["ClientRequestToken"]
        if token in self._tokens:
            return {"QueryExecutionId": self._tokens[token]}
        group = self._group(body["WorkGroup"])
        if group["state"] != "ENABLED":
            raise Refusal("InvalidRequestException", f"WorkGroup {body['WorkGroup']} is disabled.")
        output = body.get("ResultConfiguration", {}).get("OutputLocation") or group["output"]
        if not output:
            raise Refusal("InvalidRequestException", "No output location provided. An output location is required either "
                          "through the Workgroup result configuration setting or as an API input.")
        bucket = output.removeprefix("s3://").split("/")[0]
        if bucket not in self.buckets:
            raise Refusal("InvalidRequestException", f"Unable to verify/create output bucket {bucket}")
        query = Query(body)
        if not query.sql.lstrip().upper().startswith(READS):
            raise Refusal("InvalidRequestException", f"line 1:1: mismatched input '{query.sql.split()[0]}'. Expecting: 'SELECT'")
        self.queries[query.id] = query
        self._tokens[token] = query.id
        return {"QueryExecutionId": query.id}

    def GetQueryExecution(self, body):  # noqa: N802
        """The query, which has gone on since the last look."""
        query = self._query(body)
        query.looks += 1
        if query.state == "QUEUED" and query.looks > self.looks_until_running:
            query.state = "RUNNING"
        if query.state == "RUNNING" and query.looks > self.looks_until_end and "forever" not in query.sql:
            self._run(query)
        return {"QueryExecution": self._describe(query)}

    def StopQueryExecution(self, body):  # noqa: N802
        """Ends a query that has not ended."""
        query = self._query(body)
        self.stopped.append(query.id)
        if query.state in ("QUEUED", "RUNNING"):
            query.state, query.reason = "CANCELLED", "Query cancelled by user"
        return {}

    def GetQueryResults(self, body):  # noqa: N802
        """A page; the first of a query begins with its columns' names."""
        query = self._query(body)
        if query.state != "SUCCEEDED":
            raise Refusal("InvalidRequestException", f"Query has not yet finished. Current state: {query.state}")
        rows = ([query.names] if query.kind[0] == "DML" or query.kind[1] == "EXPLAIN" else []) + query.rows
        at, size = int(body.get("NextToken", 0)), body.get("MaxResults", 1000)
        answer = {"UpdateCount": 0, "ResultSet": {
            "Rows": [{"Data": [{} if value is None else {"VarCharValue": value} for value in row]} for row in rows[at:at + size]],
            "ResultSetMetadata": {"ColumnInfo": [
                {"CatalogName": "hive", "SchemaName": "", "TableName": "", "Name": name, "Label": name, "Type": kind,
                 "Precision": 38 if kind == "decimal" else 0, "Scale": 0, "Nullable": "UNKNOWN", "CaseSensitive": False}
                for name, kind in zip(query.names, query.types)]}}}
        return answer | ({"NextToken": str(at + size)} if at + size < len(rows) else {})

    def ListQueryExecutions(self, body):  # noqa: N802
        """Ids, the newest first."""
        self._group(body["WorkGroup"])
        ids = [query.id for query in self.queries.values() if query.request["WorkGroup"] == body["WorkGroup"]][::-1]
        at, size = int(body.get("NextToken", 0)), body.get("MaxResults", 50)
        return {"QueryExecutionIds": ids[at:at + size]} | ({"NextToken": str(at + size)} if at + size < len(ids) else {})

    def BatchGetQueryExecution(self, body):  # noqa: N802
        """In an order of the service's own."""
        return {"QueryExecutions": [self._describe(self.queries[key]) for key in sorted(body["QueryExecutionIds"])],
                "UnprocessedQueryExecutionIds": []}

    def GetTableMetadata(self, body):  # noqa: N802
        """A table, if there is one."""
        if self.metadata_trouble:
            raise Refusal("MetadataException", self.metadata_trouble)
        if body["TableName"] not in self.tables:
            raise Refusal("MetadataException", f"EntityNotFoundException: Entity Not Found: {body['TableName']}")
        return {"TableMetadata": {"Name": body["TableName"], "TableType": "EXTERNAL_TABLE"}}

    # What they share

    def _group(self, name):
        if name not in self.workgroups:
            raise Refusal("InvalidRequestException", f"WorkGroup {name} is not found.")
        return self.workgroups[name]

    def _query(self, body):
        if body["QueryExecutionId"] not in self.queries:
            raise Refusal("InvalidRequestException", f"QueryExecution {body['QueryExecutionId']} was not found")
        return self.queries[body["QueryExecutionId"]]

    def _run(self, query):
        query.state = "SUCCEEDED"
        for words, reason in self.failures.items():
            if words in query.sql:
                query.state, query.reason = "FAILED", reason
                return
        age = query.request.get("ResultReuseConfiguration", {}).get("ResultReuseByAgeConfiguration", {})
        query.reused = bool(age.get("Enabled")) and any(
            other.sql == query.sql and other is not query and other.state == "SUCCEEDED" for other in self.queries.values())
        sql = query.sql
        for literal in query.request.get("ExecutionParameters", []):
            sql = sql.replace("?", literal, 1)
        try:
            result = self.connection.execute(sql)
            query.names = [column[0] for column in result.description]
            query.types = [TYPES.get(str(column[1]), "varchar") for column in result.description]
            query.rows = [[self._text(value) for value in row] for row in result.fetchall()]
        except duckdb.CatalogException as error:
            table = re.search(r"name (\S+)", str(error))[1]
            query.state, query.reason = "FAILED", (f"TABLE_NOT_FOUND: line 1:{sql.find(table) + 1}: Table "
                                                   f"'awsdatacatalog.stack.{table}' does not exist")
        except duckdb.Error as error:
            column = re.search(r'column "(\w+)"', str(error))
            at = sql.find(column[1]) + 1 if column else 1
            query.state, query.reason = "FAILED", (f"COLUMN_NOT_FOUND: line 1:{at}: Column '{column[1] if column else ''}' "
                                                   "cannot be resolved or requester is not authorized")
        query.scanned = 0 if query.reused or query.kind[0] != "DML" else self.scanned

    @staticmethod
    def _text(value):
        if value is None or isinstance(value, str):
            return value
        return str(value).lower() if isinstance(value, bool) else str(value)

    def _describe(self, query):
        kind, substatement = query.kind
        return {"QueryExecutionId": query.id, "Query": query.sql, "StatementType": kind, "SubstatementType": substatement,
                "WorkGroup": query.request["WorkGroup"], "QueryExecutionContext": query.request["QueryExecutionContext"],
                "Status": {"State": query.state, "SubmissionDateTime": query.submitted}
                | ({"StateChangeReason": query.reason, "AthenaError": {"ErrorCategory": 2, "ErrorType": 1001,
                                                                        "Retryable": False, "ErrorMessage": query.reason}}
                   if query.reason else {}),
                "Statistics": {"DataScannedInBytes": query.scanned, "EngineExecutionTimeInMillis": 400,
                               "TotalExecutionTimeInMillis": 500, "QueryQueueTimeInMillis": 100,
                               "ResultReuseInformation": {"ReusedPreviousResult": query.reused}}}

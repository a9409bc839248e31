"""A gate before AWS's stand-ins that lets through what IAM policies allow, and nothing else.

It tells by each request which actions on which resources AWS would ask policies for (the Service Authorization
Reference; of S3 "Required permissions for Amazon S3 API operations"), decides by the policy of the access key that
signed it, conditions included, and remembers what it decided. S3's answer to a read of what is not there is 403 for
those who may not list it, as in AWS. IAM's simulation, which no stand-in has, is answered here by the same decision.
"""
import dataclasses
import datetime
import email.utils
import fnmatch
import http.client
import json
import re
import urllib.parse

from stack_testing.local_server import LocalServer, QuietHandler

ACCOUNT, REGION = "123456789012", "us-east-1"


@dataclasses.dataclass(frozen=True)
class Permission:
    """One action on one resource pattern, of one statement."""

    sid: str
    action: str
    resource: str
    condition: str  # JSON; empty: none

    def allows(self, action, resource, context):
        """Whether it covers this."""
        return (fnmatch.fnmatchcase(action.lower(), self.action.lower()) and fnmatch.fnmatchcase(resource, self.resource)
                and all(_holds(operator, keys, context) for operator, keys in json.loads(self.condition or "{}").items()))


def _holds(operator, keys, context):
    for key, wanted in keys.items():
        wanted = wanted if isinstance(wanted, list) else [wanted]
        value = context.get(key)
        if operator == "Null":
            if (value is None) != (wanted == ["true"]):
                return False
        elif operator in ("StringEquals", "StringLike"):
            match = fnmatch.fnmatchcase if operator == "StringLike" else str.__eq__
            if value is None or not any(match(value, each) for each in wanted):
                return False
        else:
            raise AssertionError(f"a condition that this gate does not know: {operator}")
    return True


def permissions_of(policy):
    """Each action on each resource of a policy document."""
    return [Permission(each["Sid"], action, resource, json.dumps(each["Condition"]) if "Condition" in each else "")
            for each in policy["Statement"] for action in each["Action"] for resource in each["Resource"]]


@dataclasses.dataclass
class Asked:
    """What a request needs: every one of RESOURCES."""

    action: str
    resources: list
    context: dict = dataclasses.field(default_factory=dict)


def _s3_needs(method, path, headers):
    target, _, query = path.partition("?")
    query = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    bucket, _, key = urllib.parse.unquote(target).lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}"
    if not key:
        action = ("s3:ListBucketMultipartUploads" if "uploads" in query else
                  "s3:GetBucketLocation" if "location" in query else "s3:ListBucket")
        return Asked(action, [arn], {"s3:prefix": query["prefix"]} if "prefix" in query else {})
    context = {"s3:if-none-match": headers["If-None-Match"]} if "If-None-Match" in headers else {}
    action = {"GET": "s3:ListMultipartUploadParts" if "uploadId" in query else "s3:GetObject", "HEAD": "s3:GetObject",
              "PUT": "s3:PutObject", "POST": "s3:PutObject",
              "DELETE": "s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject"}[method]
    return Asked(action, [f"{arn}/{key}"], context)


def _glue_needs(operation, body):
    base = f"arn:aws:glue:{REGION}:{ACCOUNT}:"
    if "Crawl" in operation:
        name = body.get("Name") or body.get("CrawlerName")
        return Asked(f"glue:{operation}", [base + f"crawler/{name}" if name and operation != "CreateCrawler" else "*"])
    resources = [base + "catalog"]
    database = body.get("DatabaseName") or (body.get("Name") if "Database" in operation else None)
    database = database or body.get("DatabaseInput", {}).get("Name")
    if operation == "GetDatabases":
        database = "any"
    if database:
        resources.append(base + f"database/{database}")
    table = body.get("TableName") or body.get("TableInput", {}).get("Name")
    table = table or (body.get("Name") if "Database" not in operation else None)
    if database and (table or operation == "GetTables"):
        resources.append(base + f"table/{database}/{table or 'any'}")
    return Asked(f"glue:{operation}", resources)


def _athena_needs(operation, body):
    base = f"arn:aws:athena:{REGION}:{ACCOUNT}:"
    if operation == "GetTableMetadata":
        return Asked(f"athena:{operation}", [base + f"datacatalog/{body['CatalogName']}"])
    return Asked(f"athena:{operation}", [base + f"workgroup/{body.get('WorkGroup', 'primary')}"])


class IamGate(LocalServer):
    """Listens at `url`. `policies[access key]` is a policy document; a key without one may do everything.

    UPSTREAM: the address (HOST, PORT) of each service; "" for those that are not named.
    """

    def __init__(self, upstream):
        self._upstream = upstream
        self.policies = {}
        self.requests = []  # (access key, service, form of a query or path)
        self.decisions = []  # (access key, action, resource, permissions that allow it)
        self.ahead = datetime.timedelta(0)  # of the services' clock, as its answers tell
        gate = self

        class Handler(QuietHandler):
            """Asks the gate."""

            def handle_any(self):
                """Decides and passes on."""
                gate._answer(self, self.body())

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815

        self.start(Handler)

    def used(self, key):
        """The permissions without which a request of KEY would have been refused."""
        return {allowing[0] for who, _, _, allowing in self.decisions if who == key and len(allowing) == 1}

    def denied(self, key):
        """What KEY was refused: (action, resource)."""
        return [(action, resource) for who, action, resource, allowing in self.decisions if who == key and not allowing]

    def _allowing(self, key, asked):
        """Whether KEY may; each resource's permissions are remembered."""
        if key not in self.policies:
            return True
        permissions = permissions_of(self.policies[key])
        well = True
        for resource in asked.resources:
            allowing = [each for each in permissions if each.allows(asked.action, resource, asked.context)]
            self.decisions.append((key, asked.action, resource, allowing))
            well = well and bool(allowing)
        return well

    def _answer(self, handler, body):
        scope = re.search(r"Credential=([^/,]+)/\d+/[^/]+/([^/]+)/", handler.headers.get("Authorization", ""))
        key, service = scope.groups() if scope else (None, "s3")
        form = dict(urllib.parse.parse_qsl(body.decode())) if service in ("sts", "iam") else {}
        self.requests.append((key, service, form or handler.path))
        if service == "s3":
            asked = _s3_needs(handler.command, handler.path, handler.headers)
        elif service in ("sts", "iam"):
            if form["Action"] == "SimulatePrincipalPolicy":
                self._simulate(handler, key, form)
                return
            asked = None  # asking who one is needs no permission; taking a role is decided by its trust policy
        else:
            operation = handler.headers["X-Amz-Target"].partition(".")[2]
            asked = {"glue": _glue_needs, "athena": _athena_needs}[service](operation, json.loads(body))
        if asked and not self._allowing(key, asked):
            self._refuse(handler, service, key, asked)
            return
        if asked and asked.action == "athena:GetTableMetadata":  # which moto does not know
            text = json.dumps({"__type": "MetadataException", "Message": "EntityNotFoundException: there is no such table"})
            self._send(handler, 400, [("Content-Type", "application/x-amz-json-1.1")], text.encode())
            return
        status, headers, answer = self._pass_on(handler, service, body)
        # Of what is not there S3 tells those alone who may list it.
        if service == "s3" and status == 404 and asked.action == "s3:GetObject" and b"NoSuchBucket" not in answer:
            bucket, _, path = asked.resources[0].removeprefix("arn:aws:s3:::").partition("/")
            listing = Asked("s3:ListBucket", [f"arn:aws:s3:::{bucket}"], {"s3:prefix": path})
            if not self._allowing(key, listing):
                self._refuse(handler, service, key, listing)
                return
        self._send(handler, status, headers, answer)

    def _pass_on(self, handler, service, body):
        connection = http.client.HTTPConnection(*self._upstream.get(service, self._upstream.get("")), timeout=60)
        connection.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
        for name, value in handler.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body or None)
        answer = connection.getresponse()
        answered = answer.status, answer.getheaders(), answer.read()
        connection.close()
        return answered

    def _send(self, handler, status, headers, body):
        handler.send_response_only(status)
        for name, value in headers:
            if name.lower() == "date" and self.ahead:
                value = email.utils.format_datetime(email.utils.parsedate_to_datetime(value) + self.ahead, usegmt=True)
            if name.lower() not in ("transfer-encoding", "connection", "content-length") or (
                    name.lower() == "content-length" and handler.command == "HEAD"):
                handler.send_header(name, value)
        if handler.command != "HEAD":
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    def _refuse(self, handler, service, key, asked):
        said = (f"User: arn:aws:iam::{ACCOUNT}:user/{key} is not authorized to perform: {asked.action} on resource: "
                f"{asked.resources[-1]} because no identity-based policy allows the {asked.action} action")
        if service == "s3":
            text = f"<Error><Code>AccessDenied</Code><Message>{said}</Message><RequestId>GATE</RequestId></Error>"
            self._send(handler, 403, [("Content-Type", "application/xml")], text.encode())
        else:
            text = json.dumps({"__type": "AccessDeniedException", "Message": said})
            self._send(handler, 400, [("Content-Type", "application/x-amz-json-1.1")], text.encode())

    def _simulate(self, handler, key, form):
        if key in self.policies and not self._allowing(key, Asked("iam:SimulatePrincipalPolicy",
                                                                  [form["PolicySourceArn"]])):
            text = (f"<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: {key} is not "
                    "authorized to perform: iam:SimulatePrincipalPolicy</Message></Error></ErrorResponse>")
            self._send(handler, 403, [("Content-Type", "text/xml")], text.encode())
            return
        context = {form[f"ContextEntries.member.{i}.ContextKeyName"]: form[f"ContextEntries.member.{i}.ContextKeyValues.member.1"]
                   for i in range(1, 9) if f"ContextEntries.member.{i}.ContextKeyName" in form}
        permissions = permissions_of(self.policies[key]) if key in self.policies else None
        results = ""
        for i in range(1, 99):
            action = form.get(f"ActionNames.member.{i}")
            if action is None:
                break
            resource = form["ResourceArns.member.1"]
            allowed = permissions is None or any(each.allows(action, resource, context) for each in permissions)
            decision = "allowed" if allowed else "implicitDeny"
            results += (f"<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
                        f"<EvalDecision>{decision}</EvalDecision></member>")
        text = ("<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><IsTruncated>false</IsTruncated>"
                f"<EvaluationResults>{results}</EvaluationResults></SimulatePrincipalPolicyResult>"
                "</SimulatePrincipalPolicyResponse>")
        self._send(handler, 200, [("Content-Type", "text/xml")], text.encode())

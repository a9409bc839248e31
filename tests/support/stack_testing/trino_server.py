"""Trino, the engine family under Amazon Athena, as a server of a test's own: objects from an S3 server, tables from a
Glue catalog. scripts/trino fetches it and says in STACK_TRINO and STACK_TRINO_JAVA where it is."""
import http.client
import json
import os
import pathlib
import subprocess
import time
import urllib.parse
import urllib.request

from stack_testing.broker import free_port

_CATALOG = """connector.name=hive
hive.metastore=glue
hive.metastore.glue.endpoint-url={glue}
hive.metastore.glue.region={region}
hive.metastore.glue.aws-access-key={access_key}
hive.metastore.glue.aws-secret-key={secret_key}
fs.native-s3.enabled=true
s3.endpoint={s3}
s3.region={region}
s3.path-style-access=true
s3.aws-access-key={access_key}
s3.aws-secret-key={secret_key}
hive.table-statistics-enabled=false
"""


class Trino:
    """One server, asked over HTTP. Its catalogs are `lake` and those that `further_catalogs` adds: properties by name.

    `keys` are an access key, its secret and a region, of both servers.
    """

    def __init__(self, folder, glue, s3, keys, heap="1G", query_memory="256MB", further_catalogs=None):
        self.port = free_port()
        etc = folder / "etc"
        (etc / "catalog").mkdir(parents=True)
        (etc / "config.properties").write_text(
            f"coordinator=true\nnode-scheduler.include-coordinator=true\nhttp-server.http.port={self.port}\n"
            f"discovery.uri=http://127.0.0.1:{self.port}\nquery.max-memory-per-node={query_memory}\n"
            "catalog.management=static\n")
        (etc / "node.properties").write_text(f"node.environment=test\nnode.id=one\nnode.data-dir={folder}/data\n")
        access_key, secret_key, region = keys
        base = _CATALOG.format(glue=glue, s3=s3, access_key=access_key, secret_key=secret_key, region=region)
        for name, properties in {"lake": "", **(further_catalogs or {})}.items():
            (etc / "catalog" / f"{name}.properties").write_text(base + properties)
        home = pathlib.Path(os.environ["STACK_TRINO"])
        plugins = home / "plugin"
        with open(folder / "trino.log", "wb") as log:
            self.process = subprocess.Popen(
                [os.environ["STACK_TRINO_JAVA"], f"-Xmx{heap}",
                 "-Djdk.attach.allowAttachSelf=true", f"-Dconfig={etc}/config.properties", f"-Dnode.config={etc}/node.properties",
                 "-Dnode.environment=test", "-Dnode.id=one", f"-Dnode.data-dir={folder}/data",
                 f"-Dplugin.dir={plugins}", f"-Dcatalog.config-dir={etc}/catalog", "-cp", f"{home}/lib/*",
                 "io.trino.server.TrinoServer"], cwd=folder, stdout=log, stderr=log,
                env={**os.environ, "AWS_REGION": region})
        self.log = folder / "trino.log"
        self.bytes_read = 0
        self._connection = None
        self._await()

    def _await(self):
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/v1/info", timeout=5) as answer:
                    if not json.load(answer)["starting"]:
                        return
            except OSError:
                pass
            time.sleep(0.5)
        self.stop()
        raise AssertionError(f"Trino does not come up:\n{self.log.read_text(errors='replace')[-4000:]}")

    def _page(self, method, path, body, headers):
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise AssertionError(f"Trino answers {answer.status}: {text[:500]}")
        return json.loads(text)

    def ask(self, sql, catalog="lake", schema="stack", tries=60):
        """The rows. One that has just begun may have no node yet: it is asked again, a second apart."""
        page = self._page("POST", "/v1/statement", sql.encode(), {
            "X-Trino-User": "tester", "X-Trino-Catalog": catalog, "X-Trino-Schema": schema})
        rows = []
        while True:
            if page.get("error", {}).get("errorName") == "NO_NODES_AVAILABLE" and tries > 1:
                time.sleep(1)
                return self.ask(sql, catalog, schema, tries - 1)
            if "error" in page:
                cause = page["error"].get("failureInfo", {}).get("cause") or {}
                raise AssertionError(f"{sql}: {page['error']['message']} {cause.get('message', '')}")
            rows += page.get("data", [])
            self.bytes_read = page["stats"]["processedBytes"]
            if "nextUri" not in page:
                return rows
            page = self._page("GET", urllib.parse.urlsplit(page["nextUri"]).path, None, {"X-Trino-User": "tester"})

    def stop(self):
        """Ends the server."""
        if self._connection is not None:
            self._connection.close()
        self.process.kill()
        self.process.wait()

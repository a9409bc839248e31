#include "app/options.hpp"

#include <algorithm>
#include <array>

namespace stack::app {
namespace {

// clang-format off
constexpr std::array kOptions = {
    // What is simulated
    OptionSpec{"symbols", "A,B", "", "only these symbols (default: all in the file)"},
    OptionSpec{"from", "DATE", "", "first session date, YYYY-MM-DD (default: the data's first)"},
    OptionSpec{"to", "DATE", "", "last session date, YYYY-MM-DD (default: the data's last)"},
    OptionSpec{"mode", "MODE", "replay", "replay: each bar becomes a day of ticks; sample: random rows of the CSV; bootstrap, fhs, gbm, heston, jump: a model fitted on the bars of --from to --to makes new ones"},
    OptionSpec{"sessions", "N", "", "sessions that a model makes (default: 252, a year; of report: as many as history has; of produce without --limit, --speed and --rate: 5)"},
    OptionSpec{"start-date", "DATE", "", "first session that a model makes (default: the first weekday after the last bar used)"},
    OptionSpec{"block", "N", "", "mean length, in sessions, of what is drawn together (default: 60 in --mode bootstrap; 2, at most 10, in --mode fhs)"},
    OptionSpec{"parameter", "NAME=VALUE", "", "a parameter by the year, given and not fitted; SYM.NAME=VALUE for one symbol; may be repeated; gbm: drift, volatility; heston: drift, kappa, theta, xi, rho, v0; jump: drift, volatility, intensity, jump_mean, jump_deviation", {}, true},
    OptionSpec{"splits", "FILE", "", "CSV table symbol,date,ratio of splits that the prices still show, for models"},
    OptionSpec{"on-bad-fit", "stop|ewma", "stop", "what --mode fhs does with a symbol whose volatility model does not converge: an error, or fixed parameters (RiskMetrics) and a warning"},
    OptionSpec{"bars", "", "", "daily bars as CSV instead of ticks, in the form in which history comes"},
    OptionSpec{"seed", "N", "1", "seed of all randomness: same data, options and seed give the same feed"},
    OptionSpec{"events-per-session", "N", "390", "ticks of one symbol's session, at least 4"},
    OptionSpec{"flat", "one|full", "one", "events of a bar that is flat and has no volume: one, or as many as any other"},
    OptionSpec{"arrivals", "uniform|poisson|hawkes", "poisson", "when ticks come: evenly, by chance along the day's U shape, or in bursts on top of it"},
    OptionSpec{"quotes", "", "", "a bid and an ask with each tick, which trades at one of them"},
    OptionSpec{"tick-size", "SIZE", "", "price grid, as 0.25 for all or SYM=0.25,... (default: inferred from the data)"},
    OptionSpec{"exchange", "SYM=MIC,...", "", "trading hours of a symbol, by market identifier code (default: known index, else XNYS)"},
    OptionSpec{"limit", "N", "", "stop after so many events (default: the whole feed)"},
    OptionSpec{"loop", "", "", "play the feed again from its start when it ends, for ever or up to --limit; seq goes on"},
    OptionSpec{"scenario", "FILE.toml", "", "timed shocks on the feed: crashes, halts, outages, damaged events (see docs/scenarios.md)"},
    OptionSpec{"on-bad-row", "stop|skip", "stop", "what to do with a CSV row that cannot be right"},
    OptionSpec{"threads", "N", "", "threads that simulate (default: one per core, at most 4)"},
    OptionSpec{"events-file", "FILE", "", "file to write the events to (default: standard output)", {}, false, "output", 'o'},
    OptionSpec{"events-format", "ndjson|csv|parquet", "", "form of the events (default: what the file's name ends in, else ndjson)", {}, false, "format"},
    // Report
    OptionSpec{"against", "FILE", "", "simulated daily bars as CSV, in the form in which history comes; may be repeated (default: those of --mode)", {}, true},
    OptionSpec{"report-file", "FILE", "stack-report.html", "file to write the page to", {}, false, "output", 'o'},
    OptionSpec{"require", "SHARE", "", "exit with 1 when a smaller share of the facts lies inside its bands (of several simulations: the median)"},
    OptionSpec{"seeds", "N", "1", "simulations that the model makes, with seeds from --seed on; the page shows the first, and how all of them did"},
    OptionSpec{"replicates", "N", "500", "bootstrap replicates that the bands are made of, at least 20"},
    // Pace
    OptionSpec{"speed", "FACTOR", "", "1x is real time, 60x a minute in a second, max as fast as it goes"},
    OptionSpec{"rate", "N", "", "events a second, fractions allowed; sets the pace by itself"},
    OptionSpec{"keep-gaps", "", "", "with --speed: nights, weekends and lunch breaks last as long as they did, divided by the speed"},
    OptionSpec{"catch-up", "TIME", "1s", "most that a late sender makes up for; one that fell further behind starts anew from now (0: none is made up for)"},
    OptionSpec{"start-at", "TIME", "", "UTC time at which the first event is due: 14:30, 14:30:00 or 2026-11-25T14:30:00Z"},
    OptionSpec{"control", "H:P", "", "address at which to pause, resume, speed up or stop the feed while it runs (see docs/pacing.md)"},
    // Kafka
    OptionSpec{"bootstrap-servers", "H:P,...", "", "Kafka brokers (default: the local broker of `stack kafka up`)", "KAFKA_BOOTSTRAP_SERVERS"},
    OptionSpec{"topic", "NAME", "stock-events", "Kafka topic", "KAFKA_TOPIC"},
    OptionSpec{"partitions", "N", "4", "partitions of a topic that is made"},
    OptionSpec{"replication", "N", "", "replicas of a topic that is made (default: what the cluster says)"},
    OptionSpec{"kafka-property", "k=v", "", "any librdkafka property; may be repeated; wins over the other options and over [kafka] in stack.toml", {}, true},
    OptionSpec{"kafka-auth", "METHOD", "none", "how to log in to Kafka: none, tls (also with a certificate of one's own), plain, scram-sha-256, scram-sha-512, oauthbearer, msk-iam; all but none over TLS (see docs/security.md)"},
    OptionSpec{"kafka-user", "NAME", "", "user of plain and scram"},
    OptionSpec{"kafka-password", "TEXT", "", "its password; better in the environment or a file, since every user of the machine can read command lines", "KAFKA_PASSWORD"},
    OptionSpec{"kafka-password-file", "FILE", "", "file that holds the password"},
    OptionSpec{"kafka-ca", "FILE", "", "certificates of the authorities that sign the brokers' (default: the system's)"},
    OptionSpec{"kafka-cert", "FILE", "", "this client's certificate, PEM, where brokers want one"},
    OptionSpec{"kafka-key", "FILE", "", "its private key, PEM (default: in the certificate's file)"},
    OptionSpec{"kafka-key-password", "TEXT", "", "the key's password; better in the environment", "KAFKA_KEY_PASSWORD"},
    OptionSpec{"oauth-token-url", "URL", "", "token endpoint of oauthbearer (OIDC, client credentials)"},
    OptionSpec{"oauth-client-id", "NAME", "", "this client's id there"},
    OptionSpec{"oauth-client-secret", "TEXT", "", "its secret; better in the environment or a file", "OAUTH_CLIENT_SECRET"},
    OptionSpec{"oauth-client-secret-file", "FILE", "", "file that holds the secret"},
    OptionSpec{"oauth-scope", "TEXT", "", "scope of the token (default: none asked for)"},
    OptionSpec{"region", "REGION", "", "AWS region of the bucket, of Glue, Athena and CloudFormation, and of the MSK cluster (default: of a cluster, the one in its brokers' names; otherwise AWS_REGION, AWS_DEFAULT_REGION, or the profile's)"},
    OptionSpec{"role-arn", "ARN", "", "AWS role to assume, with the credentials found here, for whatever is asked of AWS: S3, Glue, Athena, CloudFormation, the login to Amazon MSK by IAM"},
    OptionSpec{"external-id", "ID", "", "external id that the role's trust policy asks for"},
    OptionSpec{"role-session-name", "NAME", "stack", "name under which the role's use is logged"},
    OptionSpec{"role-duration", "TIME", "1h", "how long the role is assumed for at a time, 15m to 12h; it is renewed before"},
    OptionSpec{"timestamps", "now|event", "now", "Kafka record time: the wall clock, or the event's own"},
    OptionSpec{"partitioner", "murmur2|balanced", "murmur2", "which partition a symbol goes to: by its hash, as Kafka's Java client chooses, or dealt out evenly in order of name"},
    OptionSpec{"headers", "auto|record|batch", "auto", "which records carry content type, schema version and the producer's run as headers beside the feed's id: every one, or those at the ends of each batch of a partition; auto: every one of a paced feed, and at full speed, where they would cost a fifth of the rate, those at the ends"},
    OptionSpec{"shard", "i/n", "", "send only the symbols of the i-th of n producers, which run at once, each with the same other options"},
    OptionSpec{"connect-timeout", "TIME", "20s", "how long to wait for a broker before it is an error"},
    OptionSpec{"broker-data", "DIR", "", "data folder of the local broker (default: ~/.local/share/stack/kafka)"},
    OptionSpec{"port", "N", "9092", "port of the local broker; a free one is taken when it is in use"},
    // Lake
    OptionSpec{"lake", "URI", "", "the data lake: a folder, or s3://BUCKET[/PREFIX]"},
    OptionSpec{"target-size", "SIZE", "128MB", "size of merged files, as plain JSON lines"},
    OptionSpec{"expire", "TIME", "", "remove partitions whose last day is so long past, as 90d"},
    OptionSpec{"closed-for", "TIME", "30m", "how long ago the range of a file must have been closed, for it to be merged; on S3 at least 30m"},
    OptionSpec{"dry-run", "", "", "only say what would be done"},
    OptionSpec{"s3-endpoint", "URL", "", "S3 service (default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else AWS's own in the region)"},
    OptionSpec{"s3-addressing", "auto|path|virtual", "auto", "where a request names the bucket: in the path, or in the host (auto: in the host on AWS)"},
    OptionSpec{"s3-sse", "bucket|aes256|kms", "bucket", "how S3 encrypts what is written: as the bucket says, with keys of S3, or with a key of KMS"},
    OptionSpec{"s3-kms-key", "ID", "", "id or ARN of the KMS key of --s3-sse kms (default: the account's own for S3)"},
    OptionSpec{"s3-anonymous", "", "", "requests to S3 are not signed: for buckets that are public"},
    OptionSpec{"single-writer", "", "", "write to an S3 store without conditional writes: exactly once only while no other sink writes to the lake"},
    OptionSpec{"table", "NAME", "ticks", "table in the lake"},
    OptionSpec{"database", "NAME", "stack", "database in the catalog"},
    OptionSpec{"format", "ndjson|parquet", "ndjson", "file format in the lake"},
    OptionSpec{"mixed-formats", "", "", "go on in a table whose files are of another format; Athena reads one format a table"},
    OptionSpec{"compression", "none|gzip|zstd", "", "compression of the files (default: none for ndjson, zstd for parquet)"},
    OptionSpec{"partition-by", "day|month|year|none", "month", "granularity of the dt partitions"},
    OptionSpec{"rotate-count", "N", "1000000", "records after which a range is closed"},
    OptionSpec{"rotate-bytes", "SIZE", "128MB", "bytes after which a range is closed"},
    OptionSpec{"rotate-age", "TIME", "60s", "age after which a range is closed, an idle partition's too"},
    OptionSpec{"memory", "SIZE", "64MB", "budget of all the sink's buffers; at it the sink pauses"},
    OptionSpec{"until-end", "", "", "stop when what the topic held at the start is in the lake"},
    OptionSpec{"from-offset", "N|p:N,...", "", "begin the table at this offset of every partition, or of those named, leaving the others out (see docs/dead-letters.md)"},
    OptionSpec{"to-offset", "N|p:N,...", "", "end it before this offset, and stop when it is reached"},
    OptionSpec{"from-time", "TIME", "", "begin the table at the first record of each partition whose Kafka timestamp is not before this UTC time: 2026-11-25, 2026-11-25T14:30:00Z"},
    OptionSpec{"to-time", "TIME", "", "end it before the first record at this time or later, and stop when it is reached"},
    OptionSpec{"dlq-topic", "TOPIC", "", "copy every dead letter to this topic as well, at least once, keyed by its position (see docs/dead-letters.md)"},
    OptionSpec{"register", "", "", "tell the catalog of each file as it lands: no crawl needed"},
    OptionSpec{"group-instance", "NAME", "", "name of this sink in its consumer group (default: a free slot of this machine)"},
    // Catalog and SQL
    OptionSpec{"catalog", "lake|glue", "lake", "where tables are registered: in the lake itself, or in AWS Glue, where Amazon Athena and Trino find them (of a lake in S3)"},
    OptionSpec{"projection", "", "", "let Athena work out a table's partitions by day, month or year itself, instead of reading them from the catalog; stays on once it is (STACK_PROJECTION=false takes it back)"},
    OptionSpec{"engine", "NAME", "", "what does the work: of query, duckdb, embedded, over --lake, or athena, Amazon Athena over the AWS Glue catalog; of crawl, stack, the crawler in this program, or glue, AWS Glue's (billed by AWS, see docs/glue.md)"},
    OptionSpec{"param", "VALUE", "", "value for a ? of the SQL; may be repeated; 17 is a number, DATE '2021-05-28' a date, '0700' and all else text (see docs/athena.md)", {}, true},
    OptionSpec{"workgroup", "NAME", "primary", "Athena: workgroup to run in"},
    OptionSpec{"output-location", "s3://BUCKET/PREFIX/", "", "Athena: where it puts results (default: the workgroup's)"},
    OptionSpec{"reuse", "TIME", "", "Athena: take the result of the same query if it is no older, as 60m; at most 168h"},
    OptionSpec{"history", "N", "", "Athena: list the workgroup's last N queries with time, bytes scanned and cost"},
    OptionSpec{"file", "FILE", "", "read the SQL from a file", {}, false, {}, 'f'},
    OptionSpec{"output", "table|csv|json", "", "form of the answer (default: table; json with --json)"},
    OptionSpec{"cache-size", "SIZE", "4GB", "bound on copies of a lake's objects that SQL over S3 keeps in ~/.cache/stack/objects"},
    OptionSpec{"list", "", "", "list the ready-made queries"},
    OptionSpec{"watch", "", "", "go on crawling as files arrive"},
    OptionSpec{"interval", "TIME", "5s", "how often --watch looks"},
    OptionSpec{"schedule", "CRON", "", "crawl now and at these times, in UTC, as 'cron(15 12 * * ? *)': until stopped with --engine stack, by AWS with --engine glue"},
    OptionSpec{"crawler-name", "NAME", "", "name of AWS Glue's crawler (default: made of lake and database)"},
    OptionSpec{"crawler-role", "ROLE", "", "name or ARN of the role that AWS Glue's crawler works as; needed to make one"},
    // Dead letters
    OptionSpec{"reason", "TEXT", "", "only dead letters whose reason holds this text"},
    OptionSpec{"partition", "N,...", "", "only those of these partitions"},
    OptionSpec{"to-topic", "TOPIC", "", "topic to send them to"},
    OptionSpec{"again", "", "", "send what an earlier replay has sent as well"},
    // Permissions on AWS
    OptionSpec{"cluster-arn", "ARN", "", "ARN of the Amazon MSK cluster, provisioned or serverless"},
    OptionSpec{"account", "ID", "", "AWS account, twelve digits (default: that of --cluster-arn)"},
    OptionSpec{"allow", "WHAT,...", "", "what a role may do beyond its daily work: create-topic (producer), compact (sink: `stack compact` removes what it merged)"},
    OptionSpec{"aws", "", "", "check who AWS takes this process for, and each permission of a role"},
    OptionSpec{"role", "ROLE,...", "", "producer, sink, compactor, crawler, analyst: whose permissions to check (default: those that the other options are about)"},
    OptionSpec{"trust", "", "", "print the role's trust policy: who may take it"},
    // Deployment on AWS
    OptionSpec{"stack-name", "NAME", "stack", "name of the CloudFormation stack; those of its resources begin with it"},
    OptionSpec{"stack-parameter", "NAME=VALUE", "", "a parameter of the template (see --print-template); may be repeated; of a stack that is there, the others stay as they are", {}, true, "parameter"},
    OptionSpec{"package", "FILE.deb", "", "package for the machine to install, stack-market or stack-market-kafka; may be repeated", {}, true},
    OptionSpec{"template", "FILE", "", "deploy this template, a changed copy of the program's own"},
    OptionSpec{"print-template", "", "", "print the CloudFormation template"},
    OptionSpec{"events-per-day", "N", "", "of the cost: events a day (default: EventsPerSecond, all day)"},
    OptionSpec{"stored", "SIZE", "", "of the cost: size of the lake (default: a year of events)"},
    OptionSpec{"scanned", "SIZE", "", "of the cost: what Athena reads in a month (default: 10GB)"},
    OptionSpec{"crawls", "N", "", "of the cost: runs of the Glue crawler in a month (default: 30 with a schedule, else 0)"},
    OptionSpec{"delete", "", "", "tear the deployment down; the bucket stays"},
    OptionSpec{"delete-data", "", "", "with --delete: the lake goes too, in all versions, and the bucket with it (see docs/aws.md)"},
    // Cleaning up
    OptionSpec{"yes", "", "", "remove what is listed"},
    // Watching
    OptionSpec{"metrics", "HOST:PORT", "", "serve metrics for Prometheus at /metrics and health at /healthz while it works; port 0: a free one (see docs/metrics.md)"},
    // Everywhere
    OptionSpec{"json", "", "", "one JSON result object on standard output"},
    OptionSpec{"log-format", "text|json", "text", "messages on standard error: text, or one JSON object a line"},
    OptionSpec{"env-file", "FILE", "", "file of environment settings (default: .env here, if there is one)"},
    OptionSpec{"config", "FILE", "", "file of settings (default: stack.toml here, if there is one)"},
    OptionSpec{"no-progress", "", "", "no live progress"},
    OptionSpec{"verbose", "", "", "say more", {}, false, {}, 'v'},
    OptionSpec{"quiet", "", "", "say only errors", {}, false, {}, 'q'},
};
// clang-format on

}  // namespace

std::span<const OptionSpec> all_options() { return kOptions; }

const OptionSpec* find_option(std::string_view name) {
  const auto* it = std::ranges::find(kOptions, name, &OptionSpec::name);
  return it == kOptions.end() ? nullptr : it;
}

std::string flag_of(const OptionSpec& option) {
  std::string flag = "--";
  flag += option.flag.empty() ? option.name : option.flag;
  return flag;
}

std::string environment_name(const OptionSpec& option) {
  std::string name = "STACK_";
  for (const char c : option.name) name += c == '-' ? '_' : static_cast<char>(c - 'a' + 'A');
  return name;
}

const OptionSpec* find_option_by_environment(std::string_view variable) {
  const auto* it = std::ranges::find_if(kOptions, [&](const OptionSpec& option) {
    return option.environment == variable || environment_name(option) == variable;
  });
  return it == kOptions.end() ? nullptr : it;
}

}  // namespace stack::app

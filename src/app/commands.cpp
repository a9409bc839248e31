// The table of subcommands.
#include <array>

#include "app/command.hpp"

namespace stack::app {
namespace {

// What commands that make a feed say of their argument.
constexpr std::string_view kDataHelp =
    "DATA.csv: daily bars, with the columns Index (or Symbol, or Ticker), Date, Open, High, Low, Close, Volume;\n"
    "may be compressed with gzip (default: the example that comes with the program)";

constexpr std::array<std::string_view, 22> kFeed = {
    "symbols",   "from",       "to",         "mode",      "seed",       "events-per-session",
    "flat",      "arrivals",   "quotes",     "tick-size", "exchange",   "limit",
    "scenario",  "on-bad-row", "threads",    "sessions",  "start-date", "block",
    "parameter", "splits",     "on-bad-fit", "loop"};
constexpr std::array<std::string_view, 5> kPace = {"speed", "rate", "keep-gaps", "catch-up", "start-at"};
constexpr std::array<std::string_view, 5> kKafka = {"bootstrap-servers", "topic", "kafka-property", "connect-timeout",
                                                    "broker-data"};
// Whatever reaches a broker may have to log in.
constexpr std::array<std::string_view, 13> kKafkaLogin = {
    "kafka-auth",      "kafka-user",      "kafka-password",      "kafka-password-file",
    "kafka-ca",        "kafka-cert",      "kafka-key",           "kafka-key-password",
    "oauth-token-url", "oauth-client-id", "oauth-client-secret", "oauth-client-secret-file",
    "oauth-scope"};
constexpr std::array<std::string_view, 5> kAws = {"region", "role-arn", "external-id", "role-session-name",
                                                  "role-duration"};
constexpr std::array<std::string_view, 7> kEverywhere = {"json",        "log-format", "env-file", "config",
                                                         "no-progress", "verbose",    "quiet"};
constexpr std::array<std::string_view, 3> kLake = {"lake", "table", "database"};
constexpr std::array<std::string_view, 5> kS3 = {"s3-endpoint", "s3-addressing", "s3-sse", "s3-kms-key",
                                                 "s3-anonymous"};
constexpr std::array<std::string_view, 7> kSink = {"format",       "compression", "partition-by", "rotate-count",
                                                   "rotate-bytes", "rotate-age",  "memory"};

}  // namespace

constinit const std::span<const std::string_view> kFeedOptionNames{kFeed};
constinit const std::span<const std::string_view> kPaceOptionNames{kPace};
constinit const std::span<const std::string_view> kKafkaOptionNames{kKafka};
constinit const std::span<const std::string_view> kLakeOptionNames{kLake};
constinit const std::span<const std::string_view> kSinkOptionNames{kSink};

std::span<const std::string_view> options_everywhere() { return kEverywhere; }

std::vector<std::string_view> options_of(std::initializer_list<std::span<const std::string_view>> groups,
                                         std::initializer_list<std::string_view> more) {
  std::vector<std::string_view> names;
  for (const auto group : groups) names.insert(names.end(), group.begin(), group.end());
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

std::span<const Command> all_commands() {
  static const std::vector<Command> commands = {
      {"run", "the whole pipeline: CSV to ticks to Kafka to lake to catalog to SQL, and the audit", "[DATA.csv]",
       kDataHelp, 0, 1,
       options_of({kFeed, kPace, kKafka, kKafkaLogin, kAws, kLake, kS3, kSink},
                  {"partitions", "partitioner", "headers", "replication", "timestamps", "catalog", "cache-size",
                   "control", "metrics", "mixed-formats", "single-writer", "projection"}),
       "stack run prices.csv --symbols HSI,IXIC --from 2020-01-01", run_command},
      {"simulate", "events to standard output or a file; no broker", "[DATA.csv]", kDataHelp, 0, 1,
       options_of({kFeed, kPace}, {"events-file", "events-format", "bars"}),
       "stack simulate prices.csv --limit 10 -o ticks.csv", simulate_command},
      {"report",
       "how real a simulation is: history and simulated bars side by side",
       "[DATA.csv]",
       kDataHelp,
       0,
       1,
       {"against", "report-file", "require",  "seeds",     "replicates", "symbols",    "from",
        "to",      "mode",        "seed",     "sessions",  "start-date", "block",      "parameter",
        "splits",  "on-bad-fit",  "arrivals", "tick-size", "exchange",   "on-bad-row", "threads"},
       "stack report prices.csv --against simulated.csv -o report.html",
       report_command},
      {"produce", "events to Kafka", "[DATA.csv]", kDataHelp, 0, 1,
       options_of({kFeed, kPace, kKafka, kKafkaLogin, kAws},
                  {"partitions", "partitioner", "headers", "replication", "timestamps", "shard", "control", "metrics"}),
       "stack produce prices.csv --speed 60x --bootstrap-servers 127.0.0.1:9092", produce_command},
      {"sink", "Kafka to the lake, exactly once", "", "", 0, 0,
       options_of({kKafka, kKafkaLogin, kAws, kLake, kS3, kSink},
                  {"mixed-formats", "single-writer", "until-end", "group-instance", "metrics", "from-offset",
                   "to-offset", "from-time", "to-time", "dlq-topic", "register", "catalog", "projection"}),
       "stack sink --topic stock-events --lake ./lake --format parquet --until-end", sink_command},
      {"compact", "small files of the lake's tables merged into fewer, beside running sinks and queries", "", "", 0, 0,
       options_of({kAws, kS3}, {"lake", "table", "connect-timeout", "target-size", "closed-for", "expire", "dry-run"}),
       "stack compact --lake ./lake --dry-run", compact_command},
      {"crawl", "lake to catalog: infer the schema, register partitions", "", "", 0, 0,
       options_of({kAws, kS3}, {"lake", "database", "catalog", "connect-timeout", "watch", "interval", "metrics",
                                "projection", "engine", "schedule", "crawler-name", "crawler-role"}),
       "stack crawl --lake ./lake\nstack crawl --lake s3://my-bucket/lake --catalog glue --region eu-central-1",
       crawl_command},
      {"query", "SQL over the catalog", "[SQL]",
       "SQL: one or more statements, apart by semicolons, or the name of a ready-made query (see --list)", 0, 1,
       options_of({kAws, kS3}, {"lake", "database", "catalog", "connect-timeout", "engine", "cache-size", "file",
                                "output", "list", "param", "workgroup", "output-location", "reuse", "history"}),
       "stack query 'SELECT symbol, max(price) FROM ticks GROUP BY symbol' --lake ./lake\n"
       "stack query --engine athena 'SELECT count(*) FROM ticks' --output-location s3://my-results/athena/",
       query_command},
      {"catalog", "what the catalog holds: its tables, one of them, or one's DDL for Amazon Athena",
       "list|show|ddl [TABLE]",
       "list: the tables; show TABLE: columns and partitions; ddl TABLE: statements for Amazon Athena", 1, 2,
       options_of({kAws, kS3}, {"lake", "database", "catalog", "connect-timeout"}),
       "stack catalog ddl ticks --lake ./lake", catalog_command},
      {"verify", "the audit: topic and lake compared; prints what is lost and duplicated", "", "", 0, 0,
       options_of({kKafka, kKafkaLogin, kAws, kLake, kS3}), "stack verify --topic stock-events --lake ./lake",
       verify_command},
      {"dlq", "dead letters, which could not be rows: listed, shown, sent to a topic again", "list|show|replay",
       "list: how many, where and why; show: each with its key and value; replay: the records as they were to "
       "--to-topic;\nof all tables and topics, or of those that --table and --topic name (replay: of --table)",
       1, 1,
       options_of({kKafka, kKafkaLogin, kAws, kS3},
                  {"lake", "table", "reason", "partition", "limit", "to-topic", "again", "dry-run"}),
       "stack dlq show --lake ./lake --reason 'not a JSON object' --limit 10", dlq_command},
      {"kafka", "the local broker: up, down, status; and tokens for Amazon MSK", "up|down|status|token",
       "up: start the local broker; down: stop it; status: whether it runs, exit code 1 if not;\n"
       "token: print a token that logs a client of Amazon MSK in by IAM, good for 15 minutes",
       1, 1, options_of({kAws}, {"broker-data", "port", "bootstrap-servers", "connect-timeout"}), "stack kafka up",
       kafka_command},
      {"control",
       "steer a feed that runs with --control",
       "ADDRESS status|pause|resume|speed X|rate N|stop",
       "ADDRESS: HOST:PORT as the feed has printed it; speed X: 60x, max; rate N: events a second",
       2,
       3,
       {},
       "stack control 127.0.0.1:9470 speed 10x",
       control_command},
      {"topic", "create or describe a topic", "create|describe [TOPIC]", "TOPIC: its name (default: --topic)", 1, 2,
       options_of({kKafka, kKafkaLogin, kAws}, {"partitions", "replication"}),
       "stack topic create ticks --partitions 8", topic_command},
      {"deploy", "the whole pipeline on AWS, by CloudFormation: planned with its cost, made, changed, removed",
       "aws [DATA.csv]",
       "aws: on Amazon Web Services; DATA.csv: daily bars that the machine there plays (default: the example)", 1, 2,
       options_of({kAws}, {"connect-timeout", "s3-endpoint", "stack-name", "stack-parameter", "package", "template",
                           "print-template", "dry-run", "events-per-day", "stored", "scanned", "crawls", "delete",
                           "delete-data", "yes"}),
       "stack deploy aws --dry-run --parameter Kafka=msk-serverless", deploy_command},
      {"clean", "list, or remove, what runs have left in ./stack-lake, or in a lake in S3", "[ID]",
       "ID: the folder of one lake under ./stack-lake (default: all of them; with --lake s3://…: that one)", 0, 1,
       options_of({kKafkaLogin, kAws, kS3},
                  {"lake", "bootstrap-servers", "kafka-property", "connect-timeout", "broker-data", "yes"}),
       "stack clean 1a2b3c4d5e --yes", clean_command},
      {"iam", "least-privilege policies for the roles of a deployment on AWS", "print ROLE",
       "ROLE: producer, sink, compactor, crawler or analyst; what each may do, and which options its policy needs: "
       "docs/iam.md\n"
       "--topic and --table may end in '*': all whose names begin so",
       2, 2,
       options_of({}, {"lake", "topic", "table", "database", "catalog", "cluster-arn", "account", "region", "workgroup",
                       "output-location", "s3-kms-key", "dlq-topic", "register", "engine", "crawler-role", "allow",
                       "trust", "external-id"}),
       "stack iam print crawler --lake s3://my-bucket/lake --region eu-central-1 --account 123456789012", iam_command},
      {"doctor", "what is installed, reachable and writable, and how to mend it", "", "", 0, 0,
       options_of({kKafka, kKafkaLogin, kAws, kS3},
                  {"lake", "single-writer", "aws", "role", "account", "cluster-arn", "table", "database", "catalog",
                   "workgroup", "output-location", "dlq-topic", "register", "crawler-role", "allow"}),
       "stack doctor --aws --role sink --lake s3://my-bucket/lake --region eu-central-1", doctor_command},
      {"completion",
       "completions of a shell, as a script for it",
       "bash|zsh|fish",
       "bash: `source <(stack completion bash)`; zsh: as _stack in a folder of $fpath; fish: `stack completion fish | "
       "source`",
       1,
       1,
       {},
       "stack completion bash > ~/.local/share/bash-completion/completions/stack",
       completion_command},
      {"man",
       "the manual: a page as man reads it, or all pages into a folder",
       "[COMMAND] [DIR]",
       "COMMAND: whose page (default: the program's own); all DIR: every page, as files in DIR",
       0,
       2,
       {},
       "stack man sink | man -l -",
       man_command},
  };
  return commands;
}

}  // namespace stack::app

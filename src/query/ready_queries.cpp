#include "query/ready_queries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

namespace stack::query {
namespace {

constexpr std::string_view kAgainstBars = "simulation-vs-history";
constexpr std::string_view kJoinedBars = "JOIN bars b";

// The same SQL for Athena and for the embedded engine, which has Athena's functions (athena_functions.hpp). Within a
// symbol, seq is the order: Athena keeps no more than milliseconds of event_time. Prices of 0 have no logarithm and are
// passed over.
constexpr std::array<ReadyQuery, 10> kQueries{{
    {"ohlcv-1m", "open, high, low, close and volume of every minute that has ticks",
     R"(SELECT symbol,
       date_trunc('minute', event_time) AS minute,
       min_by(price, seq) AS open,
       max(price) AS high,
       min(price) AS low,
       max_by(price, seq) AS close,
       CAST(sum(size) AS BIGINT) AS volume,
       count(*) AS ticks
FROM ticks
GROUP BY symbol, date_trunc('minute', event_time)
ORDER BY symbol, minute)"},
    {"ohlcv-daily", "open, high, low, close and volume of every session, made from its ticks",
     R"(SELECT symbol,
       session_date,
       min_by(price, seq) AS open,
       max(price) AS high,
       min(price) AS low,
       max_by(price, seq) AS close,
       CAST(sum(size) AS BIGINT) AS volume,
       count(*) AS ticks
FROM ticks
GROUP BY symbol, session_date
ORDER BY symbol, session_date)"},
    {"vwap", "volume-weighted average price of every session; NULL where nothing was traded",
     R"(SELECT symbol,
       session_date,
       sum(price * size) / nullif(CAST(sum(size) AS DOUBLE), 0) AS vwap,
       CAST(sum(size) AS BIGINT) AS volume
FROM ticks
GROUP BY symbol, session_date
ORDER BY symbol, session_date)"},
    {"realised-volatility", "square root of the sum of squared log returns of every session, also times sqrt(252)",
     R"(WITH steps AS (
  SELECT symbol,
         session_date,
         price,
         lag(price) OVER (PARTITION BY symbol, session_date ORDER BY seq) AS previous
  FROM ticks
), returns AS (
  SELECT symbol, session_date, ln(price / previous) AS r
  FROM steps
  WHERE price > 0 AND previous > 0
)
SELECT symbol,
       session_date,
       count(*) AS returns,
       sqrt(sum(r * r)) AS volatility,
       sqrt(sum(r * r) * 252) AS annualised
FROM returns
GROUP BY symbol, session_date
ORDER BY symbol, session_date)"},
    {"volume-by-hour", "how a symbol's volume spreads over the hours of its exchange's own clock",
     R"(WITH quarters AS (
  SELECT symbol,
         date_add('minute', minute(event_time) - minute(event_time) % 15, date_trunc('hour', event_time)) AS quarter,
         sum(size) AS volume,
         count(*) AS ticks
  FROM ticks
  GROUP BY symbol, date_add('minute', minute(event_time) - minute(event_time) % 15, date_trunc('hour', event_time))
), local AS (
  SELECT q.symbol,
         s.zone,
         hour(at_timezone(with_timezone(q.quarter, 'UTC'), s.zone)) AS local_hour,
         q.volume,
         q.ticks
  FROM quarters q JOIN symbols s ON s.symbol = q.symbol
)
SELECT symbol,
       zone,
       local_hour,
       CAST(sum(volume) AS BIGINT) AS volume,
       round(100 * CAST(sum(volume) AS DOUBLE) / nullif(CAST(sum(sum(volume)) OVER (PARTITION BY symbol) AS DOUBLE), 0), 2)
         AS percent,
       CAST(sum(ticks) AS BIGINT) AS ticks
FROM local
GROUP BY symbol, zone, local_hour
ORDER BY symbol, local_hour)"},
    {kAgainstBars,
     "every session's ticks against the bar they follow (where a model made it: of simulated_bars): 0 fields differ, "
     "but in a session cut short by --limit",
     R"(WITH simulated AS (
  SELECT symbol,
         session_date,
         min_by(price, seq) AS open,
         max(price) AS high,
         min(price) AS low,
         max_by(price, seq) AS close,
         CAST(sum(size) AS DOUBLE) AS volume
  FROM ticks
  GROUP BY symbol, session_date
), compared AS (
  SELECT s.symbol,
         CASE WHEN s.open IS DISTINCT FROM b.open THEN 1 ELSE 0 END AS open_differs,
         CASE WHEN s.high IS DISTINCT FROM b.high THEN 1 ELSE 0 END AS high_differs,
         CASE WHEN s.low IS DISTINCT FROM b.low THEN 1 ELSE 0 END AS low_differs,
         CASE WHEN s.close IS DISTINCT FROM b.close THEN 1 ELSE 0 END AS close_differs,
         CASE WHEN s.volume IS DISTINCT FROM coalesce(CAST(b.volume AS DOUBLE), 0) THEN 1 ELSE 0 END AS volume_differs
  FROM simulated s LEFT JOIN bars b ON b.symbol = s.symbol AND b.date = s.session_date
)
SELECT symbol,
       count(*) AS sessions,
       CAST(sum(open_differs) AS BIGINT) AS open_differs,
       CAST(sum(high_differs) AS BIGINT) AS high_differs,
       CAST(sum(low_differs) AS BIGINT) AS low_differs,
       CAST(sum(close_differs) AS BIGINT) AS close_differs,
       CAST(sum(volume_differs) AS BIGINT) AS volume_differs,
       CAST(sum(open_differs + high_differs + low_differs + close_differs + volume_differs) AS BIGINT)
         AS differing_fields
FROM compared
GROUP BY symbol
ORDER BY symbol)"},
    {"returns-beside-history",
     "daily log returns of the simulated sessions beside those of the history they were made from, in per cent",
     R"(WITH closes AS (
  SELECT symbol, 'history' AS source, date AS session_date, CAST(close AS DOUBLE) AS close
  FROM bars
  UNION ALL
  SELECT symbol, 'simulation', session_date, max_by(price, seq)
  FROM ticks
  GROUP BY symbol, session_date
), steps AS (
  SELECT symbol,
         source,
         close,
         lag(close) OVER (PARTITION BY symbol, source ORDER BY session_date) AS previous
  FROM closes
), returns AS (
  SELECT symbol, source, 100 * ln(close / previous) AS r
  FROM steps
  WHERE close > 0 AND previous > 0
)
SELECT symbol,
       source,
       count(*) AS returns,
       round(avg(r), 3) AS mean,
       round(stddev_samp(r), 3) AS deviation,
       round(stddev_samp(r) * sqrt(252), 1) AS annualised,
       round(min(r), 2) AS lowest,
       round(max(r), 2) AS highest
FROM returns
GROUP BY symbol, source
ORDER BY symbol, source)"},
    {"gaps", "sequence numbers that are missing, and more than 5 days without a session",
     R"(WITH ordered AS (
  SELECT symbol,
         session_date,
         seq,
         coalesce(lag(seq) OVER (PARTITION BY symbol ORDER BY seq), -1) AS previous_seq,
         lag(session_date) OVER (PARTITION BY symbol ORDER BY seq) AS previous_date
  FROM ticks
)
SELECT symbol,
       'sequence' AS kind,
       CAST(previous_seq AS VARCHAR) AS after,
       CAST(seq AS VARCHAR) AS before,
       seq - previous_seq - 1 AS missing
FROM ordered
WHERE seq - previous_seq > 1
UNION ALL
SELECT symbol,
       'days',
       CAST(previous_date AS VARCHAR),
       CAST(session_date AS VARCHAR),
       date_diff('day', previous_date, session_date) - 1
FROM ordered
WHERE date_diff('day', previous_date, session_date) > 5
ORDER BY symbol, kind DESC, after)"},
    {"correlation", "correlation of the daily log returns of every two symbols, over the days that both have",
     R"(WITH closes AS (
  SELECT symbol, session_date, max_by(price, seq) AS close
  FROM ticks
  GROUP BY symbol, session_date
), steps AS (
  SELECT symbol,
         session_date,
         close,
         lag(close) OVER (PARTITION BY symbol ORDER BY session_date) AS previous
  FROM closes
), returns AS (
  SELECT symbol, session_date, ln(close / previous) AS r
  FROM steps
  WHERE close > 0 AND previous > 0
)
SELECT a.symbol AS symbol_a,
       b.symbol AS symbol_b,
       count(*) AS days,
       CASE WHEN count(*) > 1 THEN round(corr(a.r, b.r), 4) END AS correlation
FROM returns a JOIN returns b ON b.session_date = a.session_date
GROUP BY a.symbol, b.symbol
ORDER BY symbol_a, symbol_b)"},
    {"top-moves", "the 20 largest changes from one session's close to the next",
     R"(WITH closes AS (
  SELECT symbol, session_date, max_by(price, seq) AS close
  FROM ticks
  GROUP BY symbol, session_date
), steps AS (
  SELECT symbol,
         session_date,
         lag(close) OVER (PARTITION BY symbol ORDER BY session_date) AS previous_close,
         close
  FROM closes
)
SELECT symbol,
       session_date,
       previous_close,
       close,
       round(100 * (close / previous_close - 1), 2) AS percent
FROM steps
WHERE previous_close > 0
ORDER BY abs(close / previous_close - 1) DESC, session_date, symbol
LIMIT 20)"},
}};

}  // namespace

std::string sql_for(const ReadyQuery& query, bool simulated_bars) {
  std::string sql{query.sql};
  if (simulated_bars && query.name == kAgainstBars)
    sql.replace(sql.find(kJoinedBars), kJoinedBars.size(), "JOIN simulated_bars b");
  return sql;
}

std::span<const ReadyQuery> ready_queries() { return kQueries; }

Result<ReadyQuery> find_ready_query(std::string_view name) {
  const auto* found = std::ranges::find(kQueries, name, &ReadyQuery::name);
  if (found != kQueries.end()) return *found;
  std::string names;
  for (const ReadyQuery& query : kQueries) names += fmt::format("{}{}", names.empty() ? "" : ", ", query.name);
  return fail(ErrorKind::usage, fmt::format("no ready-made query '{}'; there are: {}", name, names));
}

}  // namespace stack::query

#include "query/athena_functions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace stack::query {
namespace {

struct Function {
  std::string_view name;
  std::string_view definition;  // after CREATE MACRO and the name
};

// A macro that takes over a name of DuckDB's passes on to system.main what it does not mean to change.
// clang-format off
constexpr Function kFunctions[] = {
    // MySQL's format, as date_parse and date_format have it, as strftime's. '%%' is kept out of the way.
    {"mysql_format", R"((f) AS replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(
  replace(replace(replace(replace(f,
  '%%', chr(1)), '%M', '%B'), '%i', '%M'), '%s', '%S'), '%h', '%I'), '%k', '%-H'), '%l', '%-I'), '%c', '%-m'),
  '%e', '%-d'), '%r', '%I:%M:%S %p'), '%T', '%H:%M:%S'), '%W', '%A'), '%v', '%V'), '%x', '%G'),
  chr(1), '%%'))"},
    // An expression of a type that is not known before the call: a macro whose format could not be constant is refused.
    {"constant_format", R"((f) AS CASE WHEN f IS NULL THEN f ELSE mysql_format(f) END)"},
    {"date_parse", R"((t, f) AS strptime(t, constant_format(f)))"},
    {"date_format", R"((t, f) AS strftime(CAST(t AS TIMESTAMP), constant_format(f)))"},
    {"date_trunc", R"((u VARCHAR, t DATE) AS CAST(system.main.date_trunc(u, t) AS DATE),
  (u, t) AS system.main.date_trunc(u, t))"},
    {"unit_interval", R"((u, n) AS CASE lower(u)
  WHEN 'millisecond' THEN to_milliseconds(n) WHEN 'second' THEN to_seconds(n) WHEN 'minute' THEN to_minutes(n)
  WHEN 'hour' THEN to_hours(n) WHEN 'day' THEN to_days(CAST(n AS INTEGER)) WHEN 'week' THEN to_weeks(CAST(n AS INTEGER))
  WHEN 'month' THEN to_months(CAST(n AS INTEGER)) WHEN 'quarter' THEN to_quarters(CAST(n AS INTEGER))
  WHEN 'year' THEN to_years(CAST(n AS INTEGER)) ELSE error(concat('''', u, ''' is not a unit of time')) END)"},
    {"date_add", R"((u VARCHAR, n BIGINT, t DATE) AS CAST(t + unit_interval(u, n) AS DATE),
  (u, n, t) AS t + unit_interval(u, n),
  (t, i) AS system.main.date_add(t, i))"},
    {"date_diff", R"((u, a, b) AS system.main.date_sub(u, a, b))"},
    {"from_iso8601_timestamp", R"((t) AS CAST(t AS TIMESTAMPTZ))"},
    {"from_iso8601_date", R"((t) AS CAST(t AS DATE))"},
    {"to_iso8601", R"((t DATE) AS strftime(t, '%Y-%m-%d'),
  (t TIMESTAMP) AS strftime(t, '%Y-%m-%dT%H:%M:%S.%g'),
  (t) AS strftime(CAST(timezone('UTC', CAST(t AS TIMESTAMPTZ)) AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S.%gZ'))"},
    {"from_unixtime", R"((n) AS to_timestamp(n))"},
    {"to_unixtime", R"((t) AS epoch(CAST(t AS TIMESTAMP)))"},
    {"with_timezone", R"((t, z) AS timezone(z, CAST(t AS TIMESTAMP)))"},
    {"at_timezone", R"((t, z) AS timezone(z, CAST(t AS TIMESTAMPTZ)))"},
    {"day_of_week", R"((t) AS isodow(t))"},
    {"dow", R"((t) AS isodow(t))"},
    {"day_of_month", R"((t) AS day(t))"},
    {"day_of_year", R"((t) AS dayofyear(t))"},
    {"doy", R"((t) AS dayofyear(t))"},
    {"week_of_year", R"((t) AS weekofyear(t))"},
    {"year_of_week", R"((t) AS isoyear(t))"},
    {"yow", R"((t) AS isoyear(t))"},
    {"last_day_of_month", R"((t) AS last_day(t))"},
    // DuckDB's counts those of the seconds as well.
    {"millisecond", R"((t) AS system.main.millisecond(t) % 1000)"},
    {"approx_percentile", R"((x, p) AS approx_quantile(x, p))"},
    {"approx_distinct", R"((x) AS approx_count_distinct(x), (x, e) AS approx_count_distinct(x))"},
    {"every", R"((x) AS bool_and(x))"},
    {"map_agg", R"((k, v) AS map_from_entries(list_filter(list({'k': k, 'v': v}),
  lambda x, i: x.k IS NOT NULL AND list_position(list(k), x.k) = i)))"},
    {"bitwise_and_agg", R"((x) AS bit_and(x))"},
    {"bitwise_or_agg", R"((x) AS bit_or(x))"},
    {"bitwise_xor_agg", R"((x) AS bit_xor(x))"},
    {"json_extract_scalar", R"((j, p) AS CASE WHEN json_valid(j) THEN
  CASE WHEN json_type(j, p) IN ('OBJECT', 'ARRAY', 'NULL') THEN NULL ELSE json_extract_string(j, p) END END)"},
    {"json_parse", R"((t) AS CAST(t AS JSON))"},
    {"json_format", R"((j) AS CAST(json(j) AS VARCHAR))"},
    {"json_array_get", R"((j, i) AS CASE WHEN json_valid(j) THEN
  json_extract(j, concat('$[', CASE WHEN i < 0 THEN '#' ELSE '' END, i, ']')) END)"},
    {"json_array_contains", R"((j, v) AS CASE WHEN json_valid(j) THEN CASE WHEN json_type(j) = 'ARRAY'
  THEN list_contains(json_extract(j, '$[*]'), to_json(v)) END END)"},
    {"json_size", R"((j, p) AS CASE WHEN json_valid(j) THEN CAST(CASE WHEN json_type(j, p) IS NULL THEN NULL
  WHEN json_type(j, p) = 'ARRAY' THEN json_array_length(j, p)
  WHEN json_type(j, p) = 'OBJECT' THEN len(json_keys(j, p)) ELSE 0 END AS BIGINT) END)"},
    {"regexp_like", R"((t, p) AS regexp_matches(t, p))"},
    {"regexp_extract", R"((t, p) AS CASE WHEN regexp_matches(t, p) THEN system.main.regexp_extract(t, p) END,
  (t, p, g) AS CASE WHEN regexp_matches(t, p) THEN system.main.regexp_extract(t, p, g) END,
  (t, p, g, o) AS system.main.regexp_extract(t, p, g, o))"},
    // Every match; groups are \1 in DuckDB, $1 in Athena.
    {"regexp_replace", R"((t, p) AS system.main.regexp_replace(t, p, '', 'g'),
  (t, p, r) AS system.main.regexp_replace(t, p, system.main.regexp_replace(r, '\$(\d)', '\\\1', 'g'), 'g'),
  (t, p, r, o) AS CASE o
    WHEN 'g' THEN system.main.regexp_replace(t, p, r, 'g') WHEN 'i' THEN system.main.regexp_replace(t, p, r, 'i')
    WHEN 'gi' THEN system.main.regexp_replace(t, p, r, 'gi') WHEN 'ig' THEN system.main.regexp_replace(t, p, r, 'ig')
    WHEN 's' THEN system.main.regexp_replace(t, p, r, 's') WHEN 'gs' THEN system.main.regexp_replace(t, p, r, 'gs')
    WHEN 'm' THEN system.main.regexp_replace(t, p, r, 'm') WHEN 'gm' THEN system.main.regexp_replace(t, p, r, 'gm')
    WHEN 'c' THEN system.main.regexp_replace(t, p, r, 'c') WHEN 'l' THEN system.main.regexp_replace(t, p, r, 'l')
    ELSE error('options of regexp_replace are g, i, gi, ig, s, gs, m, gm, c or l') END)"},
    {"regexp_split", R"((t, p) AS regexp_split_to_array(t, p))"},
    {"regexp_count", R"((t, p) AS len(regexp_extract_all(t, p)))"},
    {"split", R"((t, d) AS string_split(t, d),
  (t, d, n) AS CASE WHEN len(string_split(t, d)) <= n THEN string_split(t, d)
    ELSE list_append(string_split(t, d)[:n - 1], array_to_string(string_split(t, d)[n:], d)) END)"},
    {"split_to_map", R"((t, e, k) AS
  map_from_entries(list_transform(string_split(t, e), lambda x: {'k': split_part(x, k, 1), 'v': split_part(x, k, 2)})))"},
    {"codepoint", R"((t) AS unicode(t))"},
    {"levenshtein_distance", R"((a, b) AS levenshtein(a, b))"},
    {"hamming_distance", R"((a, b) AS hamming(a, b))"},
    {"to_utf8", R"((t) AS encode(t))"},
    {"from_utf8", R"((b) AS decode(b))"},
    // Of arrays from 1, from the end with a negative number; NULL for what is not there, of maps too.
    {"element_at", R"((c, k) AS c[k])"},
    {"cardinality", R"((c) AS CAST(CASE WHEN c IS NULL THEN NULL
  WHEN starts_with(typeof(c), 'MAP') THEN json_array_length(json_keys(to_json(c)))
  ELSE json_array_length(to_json(c)) END AS BIGINT))"},
    {"sequence", R"((a BIGINT, b BIGINT) AS CASE WHEN b >= a THEN generate_series(a, b) ELSE generate_series(a, b, -1) END,
  (a, b) AS list_transform(generate_series(a, b, to_days(CASE WHEN b >= a THEN 1 ELSE -1 END)),
    lambda t: CAST(t AS DATE)),
  (a BIGINT, b BIGINT, s BIGINT) AS generate_series(a, b, s),
  (a DATE, b DATE, s INTERVAL) AS list_transform(generate_series(a, b, s), lambda t: CAST(t AS DATE)),
  (a, b, s) AS generate_series(a, b, s))"},
    {"array_join", R"((l, d) AS array_to_string(l, d),
  (l, d, n) AS array_to_string(list_transform(l, lambda x: coalesce(CAST(x AS VARCHAR), n)), d))"},
    {"array_max", R"((l) AS CASE WHEN has_null(l) THEN NULL
  ELSE list_max(l) END)"},
    {"array_min", R"((l) AS CASE WHEN has_null(l) THEN NULL
  ELSE list_min(l) END)"},
    {"array_position", R"((l, x) AS CAST(CASE WHEN l IS NULL OR x IS NULL THEN NULL
  ELSE coalesce(list_position(l, x), 0) END AS BIGINT))"},
    {"array_remove", R"((l, v) AS CASE WHEN v IS NULL THEN NULL
  ELSE list_filter(l, lambda x: x IS DISTINCT FROM v) END)"},
    // Unlike list_distinct: in their order, NULL as one of them.
    {"first_of_each", R"((l) AS list_filter(l, lambda x, i: list_position(l, x) = i))"},
    {"array_union", R"((a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL
  ELSE first_of_each(list_concat(a, b)) END)"},
    {"array_except", R"((a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL
  ELSE first_of_each(list_filter(a, lambda x: list_position(b, x) IS NULL)) END)"},
    {"has_null", R"((l) AS list_contains(list_transform(l, lambda x: x IS NULL), true))"},
    {"arrays_overlap", R"((a, b) AS CASE WHEN NOT list_has_any(a, b) AND len(a) > 0 AND len(b) > 0
  AND (has_null(a) OR has_null(b)) THEN NULL ELSE list_has_any(a, b) END)"},
    {"slice", R"((l, s, n) AS CASE WHEN s > 0 THEN l[s:s + n - 1]
  WHEN len(l) + s >= 0 THEN l[len(l) + s + 1:len(l) + s + n] ELSE l[1:0] END)"},
    {"truncate", R"((x) AS trunc(x), (x, n) AS trunc(x, n))"},
    {"width_bucket", R"((x, a, b, n) AS CAST(CASE WHEN a > b THEN n - bucket_above(x, b, a, n) + 1
  ELSE bucket_above(x, a, b, n) END AS BIGINT))"},
    {"bucket_above", R"((x, low, high, n) AS CASE WHEN x < low THEN 0 WHEN x >= high THEN n + 1
  ELSE floor(CAST(n AS DOUBLE) * (x - low) / (high - low) + 1) END)"},
    {"e", R"(() AS exp(1))"},
    {"infinity", R"(() AS CAST('inf' AS DOUBLE))"},
    {"nan", R"(() AS CAST('nan' AS DOUBLE))"},
    {"is_nan", R"((x) AS isnan(x))"},
    {"is_finite", R"((x) AS isfinite(x))"},
    {"is_infinite", R"((x) AS isinf(x))"},
    {"rand", R"(() AS random())"},
    {"bitwise_and", R"((a, b) AS a & b)"},
    {"bitwise_or", R"((a, b) AS a | b)"},
    {"bitwise_xor", R"((a, b) AS xor(a, b))"},
    {"bitwise_not", R"((a) AS ~a)"},
    {"bitwise_left_shift", R"((a, n) AS a << n)"},
    {"bitwise_right_shift", R"((a, n) AS a >> n)"},
};
// clang-format on

bool in_word(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The functions that TEXT, in lower case, has the names of. One that is in a literal or is a column costs a macro that
// is not called.
std::vector<const Function*> named_in(std::string_view text) {
  std::vector<const Function*> out;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && in_word(text[end])) ++end;
    const auto* found = std::ranges::find(kFunctions, text.substr(begin, end - begin), &Function::name);
    if (found != std::end(kFunctions)) out.push_back(found);
    begin = std::max(end, begin + 1);
  }
  return out;
}

}  // namespace

Result<void> AthenaFunctions::provide(std::string_view sql, duckdb_embedded::Connection& connection) {
  std::string text(sql);
  std::ranges::transform(text, text.begin(), lower);
  for (const Function* function : named_in(text)) {
    if (!made_.insert(function->name).second) continue;
    auto made = provide(function->definition, connection);  // what it calls comes first
    if (made) made = connection.run(fmt::format("CREATE MACRO {}{}", function->name, function->definition));
    if (made) continue;
    made_.erase(function->name);  // as when it was interrupted: the next statement tries again
    return made;
  }
  return {};
}

std::vector<std::string_view> AthenaFunctions::names() {
  std::vector<std::string_view> out;
  for (const Function& function : kFunctions) out.push_back(function.name);
  return out;
}

}  // namespace stack::query

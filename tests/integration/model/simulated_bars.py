#!/usr/bin/env python3
"""Reads what `stack simulate --bars` makes of the example's history, knowing nothing of how it is made.

Checks the form of the bars of every model, the moments and correlations of gbm, bootstrap and fhs against the
history's own, and that splits, Adj Close and symbols without volume are taken for what they are.
Usage: simulated_bars.py; $STACK_PROGRAM is the program.
"""

import csv
import datetime
import decimal
import math
import os
import statistics
import subprocess
import sys
import tempfile

import numpy

MODES = ("bootstrap", "fhs", "gbm", "heston", "jump")
SYMBOLS = ("AAPL", "GOOG", "IBM", "MSFT")  # those with a bar on each date
HEADER = "Index,Date,Open,High,Low,Close,Volume"
PROGRAM = os.environ.get("STACK_PROGRAM", "build/stack")
EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples/data/stocks.csv")


def check(holds, *what):
    if not holds:
        sys.exit("FAILED: " + " ".join(str(each) for each in what))


def stack(data, *options, symbols=SYMBOLS):
    command = [PROGRAM, "simulate", data, "--bars", "--no-progress", "--symbols", ",".join(symbols), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def bars_of(data, *options, symbols=SYMBOLS):
    code, text, errors = stack(data, *options, symbols=symbols)
    check(code == 0, options, "ended with", code, errors)
    return text


def parsed(text):
    """{symbol: [(date, open, high, low, close, volume)]}"""
    lines = text.splitlines()
    check(lines[0] == HEADER, "the header is", lines[0])
    series = {}
    for row in csv.reader(lines[1:]):
        series.setdefault(row[0], []).append((datetime.date.fromisoformat(row[1]), *map(float, row[2:6]), int(row[6])))
    return series


def history():
    with open(EXAMPLE, newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["Symbol"] in SYMBOLS]


def written(rows, folder, name):
    path = os.path.join(folder, name)
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
    return path


def returns(closes):
    return [math.log(b / a) for a, b in zip(closes, closes[1:])]


def weekdays_after(day, count):
    days = []
    while len(days) < count:
        day += datetime.timedelta(days=1)
        if day.weekday() < 5:
            days.append(day)
    return days


def check_form(mode, last_day):
    sessions = 700
    text = bars_of(EXAMPLE, "--mode", mode, "--sessions", str(sessions))
    series = parsed(text)
    check(tuple(series) == SYMBOLS, mode, "has the symbols", tuple(series))
    days = weekdays_after(last_day, sessions)
    for symbol, bars in series.items():
        check([bar[0] for bar in bars] == days, mode, symbol, "has other dates")
        for day, opened, high, low, close, volume in bars:
            where = f"{mode} {symbol} {day}"
            check(0 < low <= min(opened, close) and max(opened, close) <= high, where, "is no bar")
            check(all(round(100 * price, 6).is_integer() for price in (opened, high, low, close)), where, "is off cents")
            check(volume > 0, where, "has no volume")
    check(text == bars_of(EXAMPLE, "--mode", mode, "--sessions", str(sessions)), mode, "differs from itself")
    check(text != bars_of(EXAMPLE, "--mode", mode, "--sessions", str(sessions), "--seed", "2"), mode, "has one path")
    started = parsed(bars_of(EXAMPLE, "--mode", mode, "--sessions", "2", "--start-date", "2030-06-01"))  # a Saturday
    check([str(bar[0]) for bar in started["IBM"]] == ["2030-06-03", "2030-06-04"], mode, "starts another day")


def check_moments(mode, rows, tolerance):
    """Deviation and correlations of the simulated returns within TOLERANCE of the history's, the mean within four of
    its standard errors."""
    sessions = 40_000
    simulated = parsed(bars_of(EXAMPLE, "--mode", mode, "--sessions", str(sessions)))
    first_days = 1500  # before the level may have been led back
    before = {s: returns([float(row["Close"]) for row in rows if row["Symbol"] == s]) for s in SYMBOLS}
    after = {s: returns([bar[4] for bar in simulated[s]]) for s in SYMBOLS}
    for symbol in SYMBOLS:
        wanted, found = statistics.pstdev(before[symbol]), statistics.pstdev(after[symbol])
        check(abs(found / wanted - 1) < tolerance, mode, symbol, "has the deviation", found, "and not", wanted)
        mean = statistics.fmean(after[symbol][:first_days])
        error = wanted / math.sqrt(first_days)
        check(abs(mean - statistics.fmean(before[symbol])) < 4 * error, mode, symbol, "has the mean", mean)
        for other in SYMBOLS:
            wanted = statistics.correlation(before[symbol], before[other])
            found = statistics.correlation(after[symbol], after[other])
            check(abs(found - wanted) < tolerance, mode, symbol, other, "correlate by", found, "and not", wanted)


def standardised(r):
    """Returns over the volatility known before the day (RiskMetrics, decay .94); the first 20 begin it."""
    variance, z = numpy.mean(r[:20] ** 2), []
    for each in r[20:]:
        z.append(each / math.sqrt(variance))
        variance = 0.94 * variance + 0.06 * each * each
    return numpy.array(z)


def closest_window(history, simulation):
    """The highest correlation of any 20 sessions of one with any 20 of the other."""
    def windows(r):
        each = numpy.lib.stride_tricks.sliding_window_view(standardised(r), 20)
        each = each - each.mean(axis=1, keepdims=True)
        return each / numpy.linalg.norm(each, axis=1, keepdims=True)
    return (windows(history) @ windows(simulation).T).max()


def clustering(r):
    """The autocorrelation of |r|, mean over 20 lags."""
    a = numpy.abs(r) - numpy.abs(r).mean()
    return numpy.mean([a[lag:] @ a[:-lag] / (a @ a) for lag in range(1, 21)])


def check_fhs(rows):
    """Spread, correlations, clusters and ranges of fhs beside history's; no month of history in it."""
    before = numpy.array([returns([float(row["Close"]) for row in rows if row["Symbol"] == s]) for s in SYMBOLS])
    ranges = numpy.array([numpy.mean([math.log(float(row["High"]) / float(row["Low"])) for row in rows
                                      if row["Symbol"] == s]) for s in SYMBOLS])
    paths, found_ranges = [], []
    for seed in range(1, 6):
        series = parsed(bars_of(EXAMPLE, "--mode", "fhs", "--sessions", "4000", "--seed", str(seed)))
        paths.append(numpy.array([returns([bar[4] for bar in series[s]]) for s in SYMBOLS]))
        found_ranges.append([numpy.mean([math.log(bar[2] / bar[3]) for bar in series[s]]) for s in SYMBOLS])
    spread = numpy.mean([path.std(axis=1) for path in paths], axis=0) / before.std(axis=1)
    check((abs(spread - 1) < 0.15).all(), "fhs has", spread, "of history's deviations")
    correlation = numpy.mean([numpy.corrcoef(path) for path in paths], axis=0) - numpy.corrcoef(before)
    check(abs(correlation).max() < 0.08, "fhs misses correlations by", correlation)
    wide = numpy.mean(found_ranges, axis=0) / ranges
    check((abs(wide - 1) < 0.15).all(), "fhs has", wide, "of history's ranges")
    for k, symbol in enumerate(SYMBOLS):
        wanted, found = clustering(before[k]), numpy.mean([clustering(path[k]) for path in paths])
        check(abs(found - wanted) < 0.08, "fhs", symbol, "clusters by", found, "and history by", wanted)
        closest = max(closest_window(before[k], path[k]) for path in paths)
        check(closest < 0.951, "fhs", symbol, "repeats history: a window correlates by", closest)
        print(f"fhs {symbol}: deviation {spread[k]:.3f} and range {wide[k]:.3f} of history's, clustering {found:.3f} "
              f"({wanted:.3f}), closest window {closest:.3f}")
    print(f"fhs: correlations miss by {abs(correlation).max():.3f} at most")


def check_one_thread():
    """A fit and a path on one processor are those on all."""
    command = [PROGRAM, "simulate", EXAMPLE, "--bars", "--no-progress", "--symbols", ",".join(SYMBOLS), "--mode", "fhs",
               "--sessions", "1500"]
    def bars(*before):
        return subprocess.run([*before, *command], capture_output=True, timeout=120, check=True).stdout
    processor = min(os.sched_getaffinity(0))
    check(bars("taskset", "-c", str(processor)) == bars(), "fhs hangs on the number of processors")


def check_splits(rows, folder):
    """A history with a split in it, told by a table or by Adj Close, gives the bars of the history without."""
    calm = bars_of(written(rows, folder, "calm.csv"), "--mode", "gbm")
    split = [dict(row) for row in rows]
    for row in split:
        row["Adj Close"] = row["Close"]
        if row["Symbol"] == "AAPL" and row["Date"] < "2011-06-01":
            for price in ("Open", "High", "Low", "Close"):
                row[price] = str(2 * decimal.Decimal(row[price]))
    adjusted = written(split, folder, "adjusted.csv")
    code, text, errors = stack(adjusted, "--mode", "gbm")
    check(code == 0 and text == calm and "moves by" not in errors, "Adj Close is not heeded:", errors)
    for row in split:
        del row["Adj Close"]
    raw = written(split, folder, "raw.csv")
    code, text, errors = stack(raw, "--mode", "gbm")
    check(code == 0 and text != calm, "the split is not seen")
    check("AAPL moves by -50" in errors and "2011-06-01" in errors and "--splits FILE" in errors, "no warning:", errors)
    table = os.path.join(folder, "splits.csv")
    with open(table, "w", encoding="utf-8") as file:
        file.write("symbol,date,ratio\nAAPL,2011-06-01,2:1\n")
    code, text, errors = stack(raw, "--mode", "gbm", "--splits", table)
    check(code == 0 and text == calm and "moves by" not in errors, "--splits is not heeded:", errors)
    code, _, errors = stack(raw, "--splits", table)
    check(code == 2 and "--splits" in errors, "replay takes --splits:", code, errors)
    first = parsed(bars_of(adjusted, "--mode", "replay"))["AAPL"][0]
    check(first[4] == 2 * float(rows[0]["Close"]), "replay is not raw:", first)
    with open(table, "w", encoding="utf-8") as file:
        file.write("symbol,date,ratio\nAPL,2011-06-01,2\n")
    code, _, errors = stack(raw, "--mode", "gbm", "--splits", table)
    check(code == 3 and "splits.csv:2: 'APL'" in errors, "an unknown symbol:", code, errors)


def check_no_volume(rows, folder):
    quiet = [dict(row, Volume="0") if row["Symbol"] == "GOOG" else row for row in rows]
    path = written(quiet, folder, "quiet.csv")
    for mode in MODES:
        series = parsed(bars_of(path, "--mode", mode))
        check(all(bar[5] == 0 for bar in series["GOOG"]), mode, "makes volume of none")
        check(all(bar[5] > 0 for bar in series["IBM"]), mode, "loses volume")


def check_errors(rows, folder):
    for options, symbols, code, said in (
        (("--mode", "gbm", "--from", "2012-09-01"), ("AAPL", "FB"), 3, "bars are too few to fit a model on; at least 150"),
        (("--mode", "fhs", "--from", "2012-09-01"), ("FB",), 3, "FB: "),
        (("--mode", "fhs", "--block", "0.5"), SYMBOLS, 2, "--block"),
        (("--mode", "fhs", "--block", "10.5"), SYMBOLS, 2, "--block"),
        (("--mode", "fhs", "--block", "nan"), SYMBOLS, 2, "--block"),
        (("--mode", "fhs", "--parameter", "drift=0"), SYMBOLS, 2, "--parameter"),
        (("--mode", "gbm", "--parameter", "volatility=0"), SYMBOLS, 2, "--parameter volatility=0"),
        (("--mode", "gbm", "--parameter", "volatilty=1"), SYMBOLS, 2, "did you mean volatility?"),
        (("--mode", "heston", "--parameter", "rho=-1.5"), SYMBOLS, 2, "--parameter rho=-1.5"),
        (("--mode", "jump", "--parameter", "APPL.drift=0"), SYMBOLS, 2, "did you mean AAPL?"),
        (("--mode", "bootstrap", "--parameter", "drift=0"), SYMBOLS, 2, "--parameter"),
        (("--parameter", "drift=0"), SYMBOLS, 2, "--parameter"),
        (("--mode", "bootstrap", "--block", "0.5"), SYMBOLS, 2, "--block"),
        (("--mode", "gbm", "--block", "5"), SYMBOLS, 2, "--block"),
        (("--block", "5"), SYMBOLS, 2, "--block"),
    ):
        found, _, errors = stack(EXAMPLE, *options, symbols=symbols)
        check(found == code and said in errors and errors.count("\n") == 1, options, "gets", found, errors)
    constant = [dict(row, Open="5", High="5", Low="5", Close="5") if row["Symbol"] == "IBM" else row for row in rows]
    code, _, errors = stack(written(constant, folder, "constant.csv"), "--mode", "gbm")
    check(code == 3 and "IBM: its close never changes" in errors, "a constant series:", code, errors)
    apart = [row for row in rows if row["Symbol"] == "IBM" and row["Date"] >= "2011-06-01"]
    apart += [row for row in rows if row["Symbol"] == "AAPL" and row["Date"] < "2011-07-01"]
    code, _, errors = stack(written(apart, folder, "apart.csv"), "--mode", "gbm", symbols=("AAPL", "IBM"))
    check(code == 0 and "AAPL and IBM share 21 dates" in errors, "dates apart:", code, errors)


def main():
    rows = history()
    last_day = max(datetime.date.fromisoformat(row["Date"]) for row in rows)
    for mode in MODES:
        check_form(mode, last_day)
    check_moments("gbm", rows, 0.03)
    check_moments("bootstrap", rows, 0.06)
    check_fhs(rows)
    check_one_thread()
    given = parsed(bars_of(EXAMPLE, "--mode", "gbm", "--sessions", "20000", "--parameter", "volatility=0.5",
                           "--parameter", "IBM.volatility=0.1"))
    for symbol, wanted in (("AAPL", 0.5), ("IBM", 0.1)):
        found = statistics.pstdev(returns([bar[4] for bar in given[symbol]])) * math.sqrt(252)
        check(abs(found / wanted - 1) < 0.03, symbol, "has the volatility", found, "and was given", wanted)
    with tempfile.TemporaryDirectory() as folder:
        check_splits(rows, folder)
        check_no_volume(rows, folder)
        check_errors(rows, folder)
    print("all models' bars are as they should be")


if __name__ == "__main__":
    main()

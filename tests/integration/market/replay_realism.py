#!/usr/bin/env python3
"""Reads the ticks of `stack simulate` beside the history they were made from, knowing nothing of how they are made.

Checks that every session is faithful to its bar, lies inside its exchange's hours and is in order, and that moves are
as diffusive as the docs say. The data set is $STACK_TEST_DATA when that is set, else the project's example.
Usage: replay_realism.py [DATA.csv [FIRST-DATE]]; $STACK_PROGRAM is the program.
"""

import collections
import csv
import datetime
import math
import os
import subprocess
import sys
import zoneinfo

EVENTS = 390
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)

# zone, [(since, open, close)], break; local hours and minutes
NEW_YORK = ("America/New_York", [("0001-01-01", (9, 30), (16, 0))], None)
CHINA = ("Asia/Shanghai", [("0001-01-01", (9, 30), (15, 0))], ((11, 30), (13, 0)))
HOURS = {
    "NYA": NEW_YORK,
    "IXIC": NEW_YORK,
    "GSPTSE": ("America/Toronto", [("0001-01-01", (9, 30), (16, 0))], None),
    "HSI": ("Asia/Hong_Kong", [("0001-01-01", (10, 0), (16, 0)), ("2011-03-07", (9, 30), (16, 0))], ((12, 0), (13, 0))),
    "000001.SS": CHINA,
    "399001.SZ": CHINA,
    "GDAXI": ("Europe/Berlin", [("0001-01-01", (9, 0), (17, 30))], None),
    "SSMI": ("Europe/Zurich", [("0001-01-01", (9, 0), (17, 30))], None),
    "TWII": ("Asia/Taipei", [("0001-01-01", (9, 0), (13, 30))], None),
    "J203.JO": ("Africa/Johannesburg", [("0001-01-01", (9, 0), (17, 0))], None),
    "N225": ("Asia/Tokyo", [("0001-01-01", (9, 0), (15, 0)), ("2024-11-05", (9, 0), (15, 30))], ((11, 30), (12, 30))),
    "N100": ("Europe/Paris", [("0001-01-01", (9, 0), (17, 30))], None),
    "NSEI": ("Asia/Kolkata", [("0001-01-01", (9, 15), (15, 30))], None),
}


def micros(zone, date, clock):
    local = datetime.datetime(date.year, date.month, date.day, *clock, tzinfo=zone)
    return (local - EPOCH) // datetime.timedelta(microseconds=1)


def session_hours(symbol, day):
    """Open, close, and the break's begin and end (both the close without one), in UTC microseconds."""
    zone_name, history, lunch = HOURS.get(symbol, NEW_YORK)
    zone = zoneinfo.ZoneInfo(zone_name)
    date = datetime.date.fromisoformat(day)
    opens, closes = [(o, c) for since, o, c in history if since <= day][-1]
    opened, closed = micros(zone, date, opens), micros(zone, date, closes)
    if lunch is None:
        return opened, closed, closed, closed
    return opened, closed, micros(zone, date, lunch[0]), micros(zone, date, lunch[1])


def read_bars(path, first):
    bars = collections.OrderedDict()
    with open(path, newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            symbol = row.get("Symbol") or row.get("Index") or row.get("Ticker")
            if row["Date"] >= first:
                bars[symbol, row["Date"]] = (
                    float(row["Open"]),
                    float(row["High"]),
                    float(row["Low"]),
                    float(row["Close"]),
                    int(float(row["Volume"])),
                )
    return bars


def autocorrelation(prices, times, hours):
    """Of previous-tick one-minute returns, at lag 1, not across the break; None when nothing moved."""
    opened, closed, lunch, back = hours
    parts = [(opened, lunch)] if lunch == back else [(opened, lunch), (back, closed)]
    runs = []
    tick = 0
    last = None
    for begin, end in parts:
        run = []
        before = None
        for edge in range(begin + 60_000_000, end + 1, 60_000_000):
            while tick < len(times) and times[tick] < edge:
                last = math.log(prices[tick])
                tick += 1
            if last is not None:
                if before is not None:
                    run.append(last - before)
                before = last
        runs.append(run)
    count = sum(len(run) for run in runs)
    if count < 10:
        return None
    mean = sum(map(sum, runs)) / count
    total = sum((r - mean) ** 2 for run in runs for r in run)
    if total == 0:
        return None
    return sum((a - mean) * (b - mean) for run in runs for a, b in zip(run, run[1:])) / total


class Realism:
    """Sums over all sessions that are not flat."""

    def __init__(self):
        self.realised = self.garman_klass = self.correlation = 0.0
        self.correlated = self.ups = self.up_low_first = self.downs = self.down_high_first = 0
        self.sessions = self.early_or_late = 0

    def add(self, bar, prices, times, hours):
        opened, high, low, close, _ = bar
        self.sessions += 1
        logs = [math.log(p) for p in prices]
        self.realised += sum((b - a) ** 2 for a, b in zip(logs, logs[1:]))
        self.garman_klass += (
            0.5 * math.log(high / low) ** 2 - (2 * math.log(2) - 1) * math.log(close / opened) ** 2
        )
        low_first = prices.index(low) < prices.index(high)
        if close > opened:
            self.ups += 1
            self.up_low_first += low_first
        elif close < opened:
            self.downs += 1
            self.down_high_first += not low_first
        share = prices.index(high) / (len(prices) - 1)
        self.early_or_late += share < 0.1 or share >= 0.9
        value = autocorrelation(prices, times, hours)
        if value is not None:
            self.correlation += value
            self.correlated += 1


def check(condition, *what):
    if not condition:
        sys.exit("FAILED: " + " ".join(map(str, what)))


def check_session(symbol, day, bar, prices, times, sizes, realism):
    opened, high, low, close, volume = bar
    where = f"{symbol} {day}"
    flat = high == low
    check(len(prices) == (1 if flat and volume == 0 else EVENTS), where, "has", len(prices), "ticks")
    check(prices[0] == opened and prices[-1] == close, where, "first or last tick is not open or close")
    check(max(prices) == high and min(prices) == low, where, "highest or lowest tick is not high or low")
    check(sum(sizes) == volume and min(sizes) >= 0, where, "sizes add up to", sum(sizes), "not", volume)
    hours = session_hours(symbol, day)
    begin, end, lunch, back = hours
    check(begin <= times[0] and times[-1] < end, where, "ticks lie outside the session")
    check(all(a < b for a, b in zip(times, times[1:])), where, "times do not rise")
    check(not any(lunch <= t < back for t in times), where, "ticks lie in the break")
    if not flat:
        realism.add(bar, prices, times, hours)


def read_ticks(program, data, first):
    """(symbol, session date, time text, seq, price text, size) of each line, taken apart by its contract."""
    command = [program, "simulate", data, "--from", first, "--events-per-session", str(EVENTS), "--no-progress"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1 << 20) as process:
        for line in process.stdout:
            part = line.split('"')
            check(part[1] == "symbol" and part[5] == "session_date" and part[9] == "event_time", "line", line)
            check(part[13] == "seq" and part[15] == "price" and part[17] == "size" and part[18][-2:] == "}\n", line)
            yield part[3], part[7], part[11], int(part[14][1:-1]), part[16][1:-1], int(part[18][1:-2])
    check(process.returncode == 0, "the program ended with", process.returncode)


def main():
    program = os.environ.get("STACK_PROGRAM", "build/stack")
    data = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("STACK_TEST_DATA", "")
    if not os.path.exists(data):
        data = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples/data/stocks.csv")
    first = sys.argv[2] if len(sys.argv) > 2 else "2010-01-01"
    bars = read_bars(data, first)
    realism = Realism()
    open_sessions = {}
    next_seq = collections.Counter()
    seen = set()
    before = ("", "")
    day_micros = {}

    def finish(symbol):
        day, prices, times, sizes = open_sessions.pop(symbol)
        check((symbol, day) not in seen, symbol, day, "comes twice")
        seen.add((symbol, day))
        check_session(symbol, day, bars[symbol, day], prices, times, sizes, realism)

    for symbol, day, text, seq, price, size in read_ticks(program, data, first):
        check(seq == next_seq[symbol], symbol, "has seq", seq, "after", next_seq[symbol] - 1)
        next_seq[symbol] += 1
        check(before < (text, symbol), "out of order at", text, symbol)
        before = (text, symbol)
        session = open_sessions.get(symbol)
        if session is None or session[0] != day:
            if session is not None:
                finish(symbol)
            session = open_sessions[symbol] = (day, [], [], [])
        date = text[:10]
        if date not in day_micros:
            day_micros[date] = (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days * 86_400_000_000
        clock = (int(text[11:13]) * 60 + int(text[14:16])) * 60 + int(text[17:19])
        check("." in price and (price[-1] != "0" or price[-2] == "."), "price is not in its shortest form:", price)
        session[1].append(float(price))
        session[2].append(day_micros[date] + clock * 1_000_000 + int(text[20:26]))
        session[3].append(size)
    for symbol in list(open_sessions):
        finish(symbol)
    check(len(seen) == len(bars), len(seen), "sessions of", len(bars))

    ratio = realism.realised / realism.garman_klass
    low_first = realism.up_low_first / realism.ups
    high_first = realism.down_high_first / realism.downs
    correlation = realism.correlation / realism.correlated
    print(f"{sum(next_seq.values())} ticks of {len(seen)} sessions, {realism.sessions} of them not flat")
    print(f"realised variance / Garman-Klass       {ratio:.3f}   (0.8 to 1.35)")
    print(f"low before high where close > open     {low_first:.3f}   (0.8 to 0.95)")
    print(f"high before low where close < open     {high_first:.3f}   (0.8 to 0.95)")
    print(f"autocorrelation of one-minute returns  {correlation:+.3f}  (-0.1 to 0.1)")
    print(f"high in the first or last tenth        {realism.early_or_late / realism.sessions:.3f}")
    check(0.8 <= ratio <= 1.35, "the variance ratio is", ratio)
    check(0.8 <= low_first <= 0.95, "low first on", low_first)
    check(0.8 <= high_first <= 0.95, "high first on", high_first)
    check(abs(correlation) <= 0.1, "the autocorrelation is", correlation)


if __name__ == "__main__":
    main()

"""Made-up historical bars for tests."""
import csv
import datetime


def write_bars(path, rng, symbols, sessions, first=datetime.date(2021, 1, 4)):
    """Writes a CSV of `sessions` weekdays of random bars for each symbol."""
    with open(path, "w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream)
        out.writerow(["Symbol", "Date", "Open", "High", "Low", "Close", "Volume"])
        for symbol in symbols:
            close, date = rng.uniform(20, 400), first
            for _ in range(sessions):
                while date.weekday() >= 5:
                    date += datetime.timedelta(days=1)
                opened = close * rng.uniform(0.98, 1.02)
                close = opened * rng.uniform(0.97, 1.03)
                high, low = max(opened, close) * rng.uniform(1.0, 1.02), min(opened, close) * rng.uniform(0.98, 1.0)
                out.writerow([symbol, date.isoformat(), *(f"{price:.2f}" for price in (opened, high, low, close)),
                              rng.randrange(10_000, 5_000_000)])
                date += datetime.timedelta(days=1)

"""`stack report` on made-up markets, beside an independent implementation: numpy, scipy, pandas, statsmodels and arch.

Every number of the report's JSON is computed anew from the CSV files; the bands are made with arch's own stationary
bootstrap; the page is read as HTML.
"""
import csv
import html.parser
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy
import pandas
import scipy.stats
from arch.bootstrap import StationaryBootstrap
from statsmodels.tsa.stattools import acf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from stack_testing.program import PROGRAM, environment  # noqa: E402
from stack_testing.report import run_cases  # noqa: E402

HEADER = ["Index", "Date", "Open", "High", "Low", "Close", "Volume"]


def made_bars(symbol, dates, seed, common, missing=0.0, has_volume=True):
    """A market with volatility clusters, gaps, flat days and volume that follows volatility, as rows of the CSV."""
    generator = numpy.random.default_rng(seed)
    rows, price, variance = [], 100.0, 1e-4
    for date, shared in zip(dates, common):
        if generator.random() < missing:
            continue
        sigma = math.sqrt(variance)
        shock = 0.6 * shared + 0.8 * generator.standard_t(5) / math.sqrt(5 / 3)
        gap, move = 0.5 * sigma * generator.standard_normal(), sigma * shock
        opened = price * math.exp(gap)
        closed = opened * math.exp(move)
        high = max(opened, closed) * math.exp(0.4 * sigma * abs(generator.standard_normal()))
        low = min(opened, closed) * math.exp(-0.4 * sigma * abs(generator.standard_normal()))
        volume = int(1e6 * math.exp(40 * sigma + 0.3 * generator.standard_normal())) if has_volume else 0
        if generator.random() < 0.02:  # a day without trading
            opened = high = low = closed = price
            volume = 0
        rows.append([symbol, date, *(f"{v:.4f}" for v in (opened, high, low, closed)), volume])
        variance = 4e-6 + 0.08 * move * move + 0.88 * variance
        price = float(f"{closed:.4f}")
    return rows


def write_market(path, first, sessions, seed, symbols=("ABC", "DEF", "QUIET")):
    """A CSV file of symbols that move together; the second has days missing, the third no volume."""
    dates = pandas.bdate_range(first, periods=sessions).strftime("%Y-%m-%d")
    common = numpy.random.default_rng(seed).standard_normal(sessions)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for i, symbol in enumerate(symbols):
            writer.writerows(made_bars(symbol, dates, seed * 10 + i, common, 0.08 if i == 1 else 0.0, i != 2))
    return path


def columns_of(path):
    """{symbol: DataFrame} of a CSV file: returns, gaps, ranges and log volumes by date."""
    frame = pandas.read_csv(path)
    answer = {}
    for symbol, bars in frame.groupby("Index"):
        bars = bars.sort_values("Date").set_index("Date")
        before = bars.Close.shift(1)
        flat = bars.High == bars.Low
        answer[symbol] = pandas.DataFrame({
            "r": numpy.log(bars.Close / before),
            "gap": numpy.log(bars.Open / before),
            "intraday": numpy.log(bars.Close / bars.Open),
            "range": numpy.log(bars.High / bars.Low).where(~flat),
            "volume": numpy.log(bars.Volume.where(bars.Volume > 0)),
        })
    return answer


def lag_acf(values, lag):
    """statsmodels' autocorrelation, missing values skipped in pairs."""
    return acf(values.to_numpy(), nlags=lag, missing="conservative", fft=False)[lag]


def facts_of(data):
    """The stylized facts of one symbol's columns."""
    r, size = data.r.dropna(), data.r.abs()
    sigma = numpy.std(r)
    ordered = numpy.sort(numpy.abs(r.to_numpy()))[::-1]
    k = int(0.05 * len(ordered))
    sums = r.to_numpy()
    weeks = data.r.rolling(5).sum().dropna()
    own_weeks = data.r.to_numpy()[:len(data) // 5 * 5].reshape(-1, 5).sum(axis=1)
    facts = {
        "volatility": sigma,
        "skewness": scipy.stats.skew(r),
        "excess_kurtosis": scipy.stats.kurtosis(r),
        "hill": 1 / numpy.mean(numpy.log(ordered[:k] / ordered[k])),
        "quantile_01": numpy.quantile(r, 0.01) / sigma,
        "quantile_99": numpy.quantile(r, 0.99) / sigma,
        "kurtosis_5": scipy.stats.kurtosis(own_weeks, nan_policy="omit"),
        "acf_return_1": lag_acf(data.r, 1),
        "variance_ratio_5": numpy.mean((weeks - 5 * numpy.mean(sums)) ** 2) / (5 * sigma ** 2),
        "leverage": numpy.mean([data.r.corr(size.shift(-k)) for k in range(1, 6)]),
        "parkinson_ratio": math.sqrt(numpy.mean(data.range.dropna() ** 2) / (4 * math.log(2))) / sigma,
        "overnight_share": numpy.var(data.gap.dropna()) / sigma ** 2,
        "gap_day_correlation": data.gap.corr(data.intraday),
        "range_abs_return": scipy.stats.spearmanr(data.range, size, nan_policy="omit").statistic,
    }
    facts |= {f"acf_abs_{lag}": lag_acf(size, lag) for lag in (1, 5, 20)}
    facts |= {f"acf_range_{lag}": lag_acf(data.range, lag) for lag in (1, 5, 20)}
    if data.volume.notna().sum() >= 250:
        facts |= {f"acf_volume_{lag}": lag_acf(data.volume, lag) for lag in (1, 20)}
        facts["volume_abs_return"] = scipy.stats.spearmanr(data.volume, size, nan_policy="omit").statistic
    return facts


def standardised(r):
    """Returns over the volatility known the day before; the average starts with the first 20."""
    values = r.dropna().to_numpy()
    variance = pandas.Series(numpy.concatenate([[numpy.mean(values[:20] ** 2)], values[20:] ** 2]))
    known = variance.ewm(alpha=0.06, adjust=False).mean().to_numpy()[:-1]
    return values[20:] / numpy.sqrt(known)


def window_correlations(history, simulation):
    """Of all windows of 20 values of the one (columns) with all of the other (rows)."""
    def normed(values):
        windows = numpy.lib.stride_tricks.sliding_window_view(values, 20)
        windows = windows - windows.mean(axis=1, keepdims=True)
        return windows / numpy.linalg.norm(windows, axis=1, keepdims=True)
    return normed(simulation) @ normed(history).T


def write_bars(path, bars):
    """BARS as dictionaries as a CSV file."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, bars[0].keys())
        writer.writeheader()
        writer.writerows(bars)


def rows_without_fit(symbol):
    """Moves of one of two sizes, one in a hundred or ten: no GJR-GARCH's likelihood is found to have a maximum."""
    state, price, rows = 14, 100.0, []
    for date in pandas.bdate_range("2001-01-02", periods=271).strftime("%Y-%m-%d"):
        rows.append([symbol, date, *[f"{price:.4f}"] * 4, 1000])
        state = (state * 1664525 + 1013904223) % 2**32
        size = 0.1 if (state >> 8) % 100 < 16 else 0.01
        price *= math.exp(size if state < 2**31 else -size)
    return rows


class Page(html.parser.HTMLParser):
    """Checks that elements are nested, and gathers tags and attributes."""

    VOID = {"meta", "br", "rect", "line", "circle", "polygon", "path"}

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.links, self.wrong = [], {}, [], []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.links += [value for name, value in attrs if name in ("src", "href", "xlink:href", "srcset")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags[tag] = self.tags.get(tag, 0) + 1

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append((tag, self.getpos()))


class ReportTest(unittest.TestCase):
    """One report, looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.place.name)
        cls.history = write_market(cls.folder / "history.csv", "2001-01-02", 1800, seed=1)
        cls.simulation = write_market(cls.folder / "simulation.csv", "2030-01-02", 1200, seed=2)
        done = cls.report("history.csv", "--against", "simulation.csv", "-o", "page.html", "--json")
        assert done.returncode == 0, done.stderr
        cls.result = json.loads(done.stdout)
        cls.page = (cls.folder / "page.html").read_text(encoding="utf-8")

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    @classmethod
    def report(cls, *arguments):
        return subprocess.run([PROGRAM, "report", *arguments], cwd=cls.folder, env=environment(), capture_output=True,
                              text=True, timeout=120, check=False)

    def values(self, side):
        return {(row["symbol"], row["fact"]): row[side] for row in self.result["facts"]}

    def test_facts_are_those_of_an_independent_implementation(self):
        for side, path in (("history", self.history), ("simulation", self.simulation)):
            values = self.values(side)
            expected = {(symbol, fact): value for symbol, data in columns_of(path).items()
                        for fact, value in facts_of(data).items()}
            self.assertEqual(values.keys(), expected.keys())
            for key, value in expected.items():
                self.assertAlmostEqual(values[key], value, delta=1e-9 * max(1, abs(value)), msg=f"{side} {key}")

    def test_counts_are_those_of_the_facts(self):
        facts = self.result["facts"]
        self.assertEqual(len({row["fact"] for row in facts}), 23)
        self.assertEqual(self.result["pairs"], len(facts))
        self.assertEqual(self.result["inside"], sum(row["inside"] for row in facts))
        for fact, inside in self.result["scores"][0]["facts_inside"].items():
            self.assertEqual(inside, sum(row["inside"] for row in facts if row["fact"] == fact), fact)
        self.assertAlmostEqual(self.result["share_inside"], self.result["inside"] / self.result["pairs"])
        for row in facts:
            self.assertEqual(row["inside"], row["low"] <= row["simulation"] <= row["high"], row)

    def test_correlations_are_those_of_an_independent_implementation(self):
        sides = {side: columns_of(path) for side, path in (("history", self.history), ("simulation", self.simulation))}
        errors = []
        for row in self.result["correlations"]:
            for side, data in sides.items():
                expected = data[row["symbol"]].r.corr(data[row["other"]].r)
                self.assertAlmostEqual(row[side], expected, places=9)
            errors.append(abs(row["history"] - row["simulation"]))
        self.assertEqual(len(errors), 3)
        self.assertAlmostEqual(self.result["correlation_error"], numpy.mean(errors), places=9)
        for row in self.result["lead_lag"]:
            for side, data in sides.items():
                both = pandas.concat([data[row["leader"]].r, data[row["follower"]].r], axis=1, join="inner")
                self.assertAlmostEqual(row[side], both.iloc[:, 0].corr(both.iloc[:, 1].shift(-1)), places=9)
        self.assertEqual(len(self.result["lead_lag"]), 6)

    def test_closest_windows_are_those_of_an_independent_implementation(self):
        history, simulation = columns_of(self.history), columns_of(self.simulation)
        for row in self.result["closest_window"]:
            past, made = (standardised(data[row["symbol"]].r) for data in (history, simulation))
            self.assertAlmostEqual(row["correlation"], window_correlations(past, made).max(), places=8)
            itself = numpy.tril(window_correlations(past, past), -20)  # 20 or more sessions apart
            self.assertAlmostEqual(row["of_history_itself"], itself.max(), places=8)
            self.assertLess(row["correlation"], 0.95)

    def test_bands_are_about_those_of_another_bootstrap(self):
        data = columns_of(self.history)["ABC"].dropna(subset=["r"])
        columns = data[["r", "range"]].fillna(data.range.mean()).to_numpy()
        statistics = {
            "volatility": lambda x: numpy.std(x[:, 0]),
            "skewness": lambda x: scipy.stats.skew(x[:, 0]),
            "acf_abs_1": lambda x: acf(numpy.abs(x[:, 0]), nlags=1, fft=False)[1],
            "acf_range_1": lambda x: acf(x[:, 1], nlags=1, fft=False)[1],
        }
        bootstrap = StationaryBootstrap(1800 / 16, columns, seed=numpy.random.default_rng(3))
        # 1,200 of the 1,800 sessions, as many as the simulation has
        draws = bootstrap.apply(lambda x: numpy.array([f(x[:1200]) for f in statistics.values()]), 400)
        for i, fact in enumerate(statistics):
            row = next(r for r in self.result["facts"] if r["symbol"] == "ABC" and r["fact"] == fact)
            low, high = numpy.quantile(draws[:, i], [0.025, 0.975])
            self.assertLess(abs(row["low"] - low), 0.25 * (high - low), fact)
            self.assertLess(abs(row["high"] - high), 0.25 * (high - low), fact)

    def test_page_is_well_formed_and_needs_nothing_else(self):
        page = Page()
        page.feed(self.page)
        page.close()
        self.assertEqual(page.wrong, [])
        self.assertEqual(page.open, [])
        self.assertEqual(page.links, [])
        self.assertNotIn("script", page.tags)
        self.assertEqual(page.tags["details"], 3)
        self.assertGreater(page.tags["figure"], 3 * 7 + 6)
        for symbol in ("ABC", "DEF", "QUIET"):
            self.assertIn(f"<summary>{symbol}", self.page)

    def test_a_second_report_says_the_same(self):
        again = self.report("history.csv", "--against", "simulation.csv", "-o", "again.html", "--json", "--threads", "1")
        self.assertEqual(json.loads(again.stdout)["facts"], self.result["facts"])
        self.assertEqual((self.folder / "again.html").read_text(encoding="utf-8"), self.page)

    def test_several_simulations_are_scored_by_the_same_bands(self):
        write_market(self.folder / "second.csv", "2030-01-02", 1200, seed=4)
        chosen = ("history.csv", "--symbols", "ABC,QUIET", "-o", "both.html", "--json")  # which have one length
        first, second = (json.loads(self.report(*chosen, "--against", name).stdout)
                         for name in ("simulation.csv", "second.csv"))
        both = json.loads(self.report(*chosen, "--against", "simulation.csv", "--against", "second.csv").stdout)
        self.assertEqual(both["facts"], first["facts"])
        self.assertEqual([score["simulation"] for score in both["scores"]], ["simulation.csv", "second.csv"])
        for score, alone in zip(both["scores"], (first, second)):
            self.assertEqual(score["share_inside"], alone["share_inside"])
            self.assertEqual(score["correlation_error"], alone["correlation_error"])
            self.assertEqual(score["facts_inside"], alone["scores"][0]["facts_inside"])
            self.assertEqual(score["closest_window"], max(row["correlation"] for row in alone["closest_window"]))
        self.assertAlmostEqual(both["median_share"], (first["share_inside"] + second["share_inside"]) / 2)
        self.assertIn("second.csv", (self.folder / "both.html").read_text(encoding="utf-8"))

    def test_a_model_is_simulated_once_a_seed(self):
        example = pathlib.Path(__file__).resolve().parents[3] / "examples" / "data" / "stocks.csv"
        arguments = (str(example), "--symbols", "AAPL,IBM", "--mode", "fhs", "-o", "model.html", "--json", "--seed")
        several = json.loads(self.report(*arguments, "7", "--seeds", "2").stdout)
        names = [score["simulation"] for score in several["scores"]]
        self.assertEqual(names, ["model fhs, seed 7", "model fhs, seed 8"])
        self.assertEqual(several["scores"][0]["share_inside"], several["share_inside"])
        alone = json.loads(self.report(*arguments, "8").stdout)
        self.assertEqual({**several["scores"][1]}, {**alone["scores"][0]})

    def simulate(self, *arguments):
        done = subprocess.run([PROGRAM, "simulate", *arguments, "--bars"], cwd=self.folder, env=environment(),
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_model_is_fitted_once_and_each_seed_has_the_bars_of_simulate(self):
        for mode in ("fhs", "bootstrap", "gbm", "heston", "jump"):
            chosen = ("history.csv", "--symbols", "ABC,QUIET")
            model = ("--mode", mode, "--sessions", "1500")
            done = self.report(*chosen, *model, "--seed", "7", "--seeds", "3", "--verbose", "--json", "-o", "seeds.html")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(sum("ABC" in line for line in done.stderr.splitlines()), 1, done.stderr)
            files = []
            for seed in ("7", "8", "9"):
                files += ["--against", f"{mode}-{seed}.csv"]
                self.simulate(*chosen, *model, "--seed", seed, "-o", files[-1])
            played, loaded = json.loads(done.stdout), json.loads(self.report(*chosen, *files, "--json").stdout)
            self.assertEqual(played["facts"], loaded["facts"])
            self.assertEqual(played["closest_window"], loaded["closest_window"])
            without_name = [[{**score, "simulation": ""} for score in each["scores"]] for each in (played, loaded)]
            self.assertEqual(*without_name)

    def test_the_campaign_tells_what_the_reports_do(self):
        script = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "realism"
        chosen = {"STACK_PROGRAM": str(PROGRAM), "MODELS": "gbm bootstrap", "SEEDS": "2", "SESSIONS": "400",
                  "LEADING": "ABC", "FOLLOWING": "DEF"}
        done = subprocess.run([script, "history.csv", "2003-01-01"], cwd=self.folder, env=environment() | chosen,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines()]
        self.assertEqual([row[0] for row in rows], ["model", "---", "gbm", "bootstrap"])
        report = json.loads(self.report("history.csv", "--from", "2003-01-01", "--mode", "gbm", "--seeds", "2",
                                        "--sessions", "400", "--json").stdout)
        shares = sorted(score["share_inside"] for score in report["scores"])
        self.assertEqual(rows[2][1], f"{report['median_share']:.3f} ({shares[0]:.3f}–{shares[1]:.3f})")
        lead = next(row for row in report["lead_lag"] if (row["leader"], row["follower"]) == ("ABC", "DEF"))
        self.assertEqual(rows[2][4], f"{lead['history']:.2f}, {lead['simulation']:.2f}")
        failed = subprocess.run([script, "history.csv", "2007-06-01"], cwd=self.folder, env=environment() | chosen,
                                capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(failed.returncode, 1)
        self.assertIn("| gbm | failed |", failed.stdout)

    def assert_same_facts(self, a, b):
        self.assertEqual(len(a["facts"]), len(b["facts"]))
        for one, other in zip(a["facts"], b["facts"]):
            for name, value in one.items():
                if isinstance(value, float):
                    self.assertAlmostEqual(value, other[name], places=9, msg=str(one))
                else:
                    self.assertEqual(value, other[name], one)

    def test_history_is_compared_by_adj_close_and_splits(self):
        rows = [row for row in csv.DictReader((self.folder / "history.csv").open(encoding="utf-8"))]
        for row in rows:
            row["Adj Close"] = row["Close"]
            if row["Index"] == "ABC" and row["Date"] < "2004-06-01":
                row |= {name: f"{2 * float(row[name]):.4f}" for name in ("Open", "High", "Low", "Close")}
        write_bars(self.folder / "adjusted.csv", rows)
        write_bars(self.folder / "raw.csv", [{k: v for k, v in row.items() if k != "Adj Close"} for row in rows])
        (self.folder / "splits.csv").write_text("symbol,date,ratio\nABC,2004-06-01,2:1\n", encoding="utf-8")
        for simulation in (("--against", "simulation.csv"), ("--mode", "gbm", "--seeds", "2")):
            calm = json.loads(self.report("history.csv", *simulation, "--json").stdout)
            for history in (("adjusted.csv",), ("raw.csv", "--splits", "splits.csv")):
                told = self.report(*history, *simulation, "--json")
                self.assertNotIn("moves by", told.stderr)
                self.assert_same_facts(json.loads(told.stdout), calm)
            untold = self.report("raw.csv", *simulation, "--json")
            self.assertEqual(untold.stderr.count("ABC moves by -50"), 1, untold.stderr)
            self.assertIn("--splits", untold.stderr)
            self.assertNotEqual(json.loads(untold.stdout)["facts"], calm["facts"])
        # A simulation that has the column is compared by it, too.
        itself = json.loads(self.report("history.csv", "--against", "adjusted.csv", "--json").stdout)
        for row in itself["facts"]:
            self.assertAlmostEqual(row["history"], row["simulation"], places=9, msg=str(row))

    def test_models_take_their_options(self):
        done = self.report("history.csv", "--mode", "gbm", "--parameter", "volatility=0.9", "--arrivals", "hawkes", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        for row in json.loads(done.stdout)["facts"]:
            if row["fact"] == "volatility":
                self.assertAlmostEqual(row["simulation"] * math.sqrt(252), 0.9, delta=0.08)
        blocks = [json.loads(self.report("history.csv", "--mode", "bootstrap", "--block", block, "--json").stdout)["facts"]
                  for block in ("1", "100")]
        memory = [numpy.mean([row["simulation"] for row in facts if row["fact"] == "acf_range_1"]) for facts in blocks]
        self.assertLess(memory[0] + 0.1, memory[1])

    def test_a_symbol_whose_fit_fails(self):
        with open(self.folder / "odd.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(rows_without_fit("ODD"))
            rows = csv.reader((self.folder / "history.csv").open(encoding="utf-8"))
            writer.writerows(row for row in rows if row[0] == "ABC")
        stopped = self.report("odd.csv", "--mode", "fhs")
        self.assertEqual(stopped.returncode, 3, stopped.stderr)
        self.assertEqual(stopped.stderr.count("\n"), 1, stopped.stderr)
        for word in ("ODD: ", "GJR-GARCH", "--on-bad-fit ewma", "--symbols"):
            self.assertIn(word, stopped.stderr)
        fallen = self.report("odd.csv", "--mode", "fhs", "--on-bad-fit", "ewma", "--seeds", "2", "--json")
        self.assertEqual(fallen.returncode, 0, fallen.stderr)
        self.assertEqual(fallen.stderr.count("warning: ODD: "), 1, fallen.stderr)
        self.assertIn("RiskMetrics", fallen.stderr)
        self.assertEqual(len(json.loads(fallen.stdout)["scores"]), 2)

    def test_a_share_that_is_required(self):
        share = self.result["share_inside"]
        arguments = ("history.csv", "--against", "simulation.csv", "-o", "required.html", "--require")
        self.assertEqual(self.report(*arguments, str(share - 0.01)).returncode, 0)
        missed = self.report(*arguments, "1")
        self.assertEqual(missed.returncode, 1)
        self.assertIn("--require 1", missed.stderr)
        self.assertEqual(missed.stderr.count("\n"), 1)
        self.assertTrue((self.folder / "required.html").exists())

    def test_history_repeated_is_found_out(self):
        frame = pandas.read_csv(self.history)
        frame["Date"] = (pandas.to_datetime(frame.Date) + pandas.Timedelta(days=28 * 365)).dt.strftime("%Y-%m-%d")
        frame.to_csv(self.folder / "repeated.csv", index=False)
        result = json.loads(self.report("history.csv", "--against", "repeated.csv", "--json").stdout)
        self.assertGreater(min(row["correlation"] for row in result["closest_window"]), 0.9999)
        self.assertGreater(result["share_inside"], 0.95)
        self.assertLess(result["correlation_error"], 1e-12)

    def test_bad_input(self):
        write_market(self.folder / "short.csv", "2030-01-02", 249, seed=3)
        write_market(self.folder / "other.csv", "2030-01-02", 400, seed=3, symbols=("X", "Y", "Z"))
        for arguments, code, words in (
                (("history.csv",), 2, ("--against", "--mode")),
                (("history.csv", "--against", "simulation.csv", "--mode", "fhs"), 2, ("--against", "--mode")),
                (("history.csv", "--against", "short.csv"), 3, ("ABC", "249 bars", "at least 250")),
                (("history.csv", "--against", "simulation.csv", "--from", "2007-06-01"), 3, ("at least 250",)),
                (("history.csv", "--against", "other.csv"), 2, ("history.csv", "other.csv", "no symbol in common")),
                (("history.csv", "--against", "simulation.csv", "--against", "history.csv"), 2, ("history.csv", "length")),
                (("history.csv", "--against", "simulation.csv", "--seeds", "3"), 2, ("--seeds",)),
                (("history.csv", "--against", "simulation.csv", "--block", "3"), 2, ("--block",)),
                (("history.csv", "--against", "simulation.csv", "--on-bad-fit", "ewma"), 2, ("--on-bad-fit",)),
                (("history.csv", "--mode", "gbm", "--on-bad-fit", "ewma"), 2, ("--on-bad-fit",)),
                (("history.csv", "--mode", "fhs", "--on-bad-fit", "skip"), 2, ("--on-bad-fit", "ewma")),
                (("history.csv", "--against", "simulation.csv", "--splits", "nowhere.csv"), 3, ("nowhere.csv",)),
                (("history.csv", "--against", "nowhere.csv"), 3, ("nowhere.csv",)),
                (("history.csv", "--against", "simulation.csv", "--require", "1.5"), 2, ("--require",)),
                (("history.csv", "--against", "simulation.csv", "--replicates", "5"), 2, ("--replicates",)),
                (("history.csv", "--against", "simulation.csv", "-o", "no/such/page.html"), 5, ("no/such",)),
                (("history.csv", "--against", "simulation.csv", "--symbols", "NONE"), 2, ("NONE",))):
            done = self.report(*arguments)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            for word in words:
                self.assertIn(word, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    sys.exit(run_cases(ReportTest))

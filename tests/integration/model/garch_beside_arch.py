#!/usr/bin/env python3
"""The GJR-GARCH of src/model beside Python's `arch` on the same numbers: real stocks and simulated series.

Our likelihood at arch's parameters is arch's, and our maximum is as high as arch's.
Usage: garch_beside_arch.py GARCH_OF_FILE
"""

import csv
import os
import subprocess
import sys
import tempfile

import numpy
from arch import arch_model

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../examples/data/stocks.csv")
SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
UNIT = 100.0  # arch's search wants percent


def check(holds, *what):
    if not holds:
        sys.exit("FAILED: " + " ".join(str(each) for each in what))


def ours(path, *parameters):
    command = [sys.argv[1], path, *(repr(float(each)) for each in parameters)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    check(done.returncode == 0, command, "ended with", done.returncode, done.stderr)
    return [float(word) for word in done.stdout.split()]


def stock_returns():
    closes = {symbol: [] for symbol in SYMBOLS}
    with open(EXAMPLE, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Symbol"] in closes:
                closes[row["Symbol"]].append(float(row["Close"]))
    return {symbol: numpy.diff(numpy.log(each)) for symbol, each in closes.items()}


def simulated_returns(seed, count, omega, alpha, gamma, beta, nu):
    generator = numpy.random.default_rng(seed)
    z = generator.standard_t(nu, count) * numpy.sqrt((nu - 2) / nu)
    e, h = numpy.empty(count), omega / (1 - alpha - gamma / 2 - beta)
    for t in range(count):
        e[t] = numpy.sqrt(h) * z[t]
        h = omega + (alpha + gamma * (e[t] < 0)) * e[t] ** 2 + beta * h
    return e


def compare(name, returns, folder):
    e = returns - returns.mean()
    path = os.path.join(folder, name)
    numpy.savetxt(path, e, fmt="%.17g")
    *found, highest, start = ours(path)
    model = arch_model(UNIT * e, mean="Zero", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    theirs = model.fit(disp="off")
    backcast = model.volatility.backcast(UNIT * e) / UNIT ** 2
    check(abs(backcast / start - 1) < 1e-12, name, "starts with", start, "and arch with", backcast)
    omega, alpha, gamma, beta, nu = theirs.params.to_numpy()
    omega /= UNIT ** 2
    their_highest = theirs.loglikelihood + len(e) * numpy.log(UNIT)
    # arch puts its backcast where a squared residual and a variance before the first would be.
    first = omega + (alpha + gamma / 2 + beta) * backcast
    [same] = ours(path, omega, alpha, gamma, beta, nu, first)
    check(abs(same - their_highest) < 0.05, name, "has the likelihood", same, "by us and", their_highest, "by arch")
    check(highest >= their_highest - 1.0, name, "is at most", highest, "and arch finds", their_highest)
    print(f"{name}: {len(e)} returns, ours {highest:.3f} at {[float(f'{x:.4g}') for x in found]}, "
          f"arch's {their_highest:.3f} at {[float(f'{x:.4g}') for x in (omega, alpha, gamma, beta, nu)]}, "
          f"and ours there {same:.3f}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for symbol, returns in stock_returns().items():
            compare(symbol, returns, folder)
        compare("asymmetric", simulated_returns(1, 4000, 4e-6, 0.03, 0.10, 0.88, 6), folder)
        compare("symmetric", simulated_returns(2, 4000, 2e-6, 0.08, 0.0, 0.90, 9), folder)
        compare("falls-alone", simulated_returns(3, 4000, 1e-5, 0.0, 0.15, 0.85, 5), folder)
        compare("short", simulated_returns(4, 250, 4e-6, 0.05, 0.05, 0.88, 6), folder)
    print("the GARCH fits as arch's do")


if __name__ == "__main__":
    main()

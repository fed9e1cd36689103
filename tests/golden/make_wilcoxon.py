"""Writes wilcoxon.json: paired differences and the p-values of scipy.stats.wilcoxon.

Run once, by hand, with SciPy 1.10 (Debian 12: apt install python3-scipy); the tests read the numbers only. The method is
what SciPy from 1.13 on chooses by itself: exact for at most 50 differences without a zero or a tie, else the normal
approximation. zero_method="wilcox" and correction=False are SciPy's defaults.
"""

import json
import pathlib

import numpy
from scipy.stats import wilcoxon


def table(random, number):
    count = int(random.integers(1, 51)) if number < 10 else int(random.integers(3, 120))
    differences = random.normal(loc=random.choice([0, 0.1, 0.4]), scale=0.5, size=count)
    if 10 <= number < 15:
        differences = numpy.round(differences * 8) / 8  # ties and zeros
    if number == 15:
        differences[: count // 3] = 0
    return differences


def main():
    random = numpy.random.default_rng(1)
    tables = []
    for number in range(20):
        differences = table(random, number)
        sizes = numpy.abs(differences)
        is_exact = len(sizes) <= 50 and sizes.min() > 0 and len(set(sizes)) == len(sizes)
        result = wilcoxon(differences, zero_method="wilcox", correction=False, method="exact" if is_exact else "approx")
        tables.append({"differences": [float(d) for d in differences], "exact": bool(is_exact), "p": float(result.pvalue)})
    path = pathlib.Path(__file__).with_name("wilcoxon.json")
    path.write_text("[\n" + ",\n".join(json.dumps(each) for each in tables) + "\n]\n")


if __name__ == "__main__":
    main()

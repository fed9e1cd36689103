"""Writes folds.json: what KFold(k, shuffle=True, random_state=seed) of scikit-learn holds out, as nnU-Net uses it.

Run once, by hand, with scikit-learn 1.2 and NumPy 1.24 (Debian 12: apt install python3-sklearn); the tests read the file
only. "sums" has for each k from 2 to 10 the CRC-32 of the text "0 3 5;1 2;4 6\n" of the lists, for the numbers of cases 7
to 300 and the seed 12345; "seeds" the same of 100 cases in 5 folds for other seeds; "lists" some lists as they are.
"""

import json
import pathlib
import zlib

import numpy
from sklearn.model_selection import KFold


def held_out(count, folds, seed):
    split = KFold(n_splits=folds, shuffle=True, random_state=seed).split(numpy.arange(count))
    return [[int(i) for i in test] for _, test in split]


def checksum(lists):
    return zlib.crc32((";".join(" ".join(map(str, each)) for each in lists) + "\n").encode())


def main():
    sums = {str(k): [checksum(held_out(n, k, 12345)) if n >= k else None for n in range(7, 301)] for k in range(2, 11)}
    seeds = {str(seed): checksum(held_out(100, 5, seed)) for seed in (0, 1, 42, 2**31, 2**32 - 1)}
    lists = [{"cases": n, "folds": k, "seed": s, "held_out": held_out(n, k, s)} for n, k, s in ((7, 2, 12345), (20, 5, 12345), (33, 10, 3))]
    lines = ['"sums": {\n' + ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in sums.items()) + "}",
             '"seeds": ' + json.dumps(seeds),
             '"lists": [\n' + ",\n".join(map(json.dumps, lists)) + "]"]
    pathlib.Path(__file__).with_name("folds.json").write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()

"""What compare_torch.py makes of its measurements: medians, ratios and tables."""

import statistics

MODES = {"train": "Training step", "infer": "Inference"}


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def typical(runs, time):
    """The median of medians; the least of leasts, as a machine that does other things may disturb most rounds."""
    return median(runs, time) if time == "median_ms" else min(run[time] for run in runs)


def ratios(theirs, ours, key):
    """The median, lowest and highest of rounds that both took part in; of least times the ratio of the leasts of all."""
    each = [their[key] / our[key] for their, our in zip(theirs, ours)]
    middle = typical(theirs, key) / typical(ours, key) if key == "least_ms" else statistics.median(each)
    return middle, min(each), max(each)


def share_of_peak(runs, time):
    return runs[0]["flops"] / typical(runs, time) * 1e-6 / median([run["machine"] for run in runs], "peak_gflops")


def summary(results, time):
    """One object for each network, mode and peer that can run it: what the tables show."""
    rows = []
    for result in results:
        for peer in result["peers"]:
            if not peer["ways"]:
                continue
            way = min(peer["ways"], key=lambda way: typical(peer["ways"][way], time))
            runs, ours = peer["ways"][way], result["lucid"]
            rows.append({
                "network": result["network"],
                "mode": result["mode"],
                "torch": f"PyTorch {runs[0]['version']}" + ("" if peer["tuned"] else " as it comes"),
                "onednn": runs[0]["onednn"],
                "by": way,
                "lucid_ms": typical(ours, time),
                "share_of_peak": share_of_peak(ours, time),
                "torch_ms": typical(runs, time),
                "ratio": ratios(runs, ours, time),
                "lucid_memory_bytes": median(ours, "peak_memory_bytes"),
                "torch_memory_bytes": median(runs, "peak_memory_bytes"),
                "memory_ratio": ratios(ours, runs, "peak_memory_bytes"),
            })  # fmt: skip
    return rows


def with_spread(ratio):
    middle, low, high = ratio
    text, low, high = f"{middle:.2f}", f"{low:.2f}", f"{high:.2f}"
    return text if low == high else f"{text} ({low} .. {high})"


def number(value):
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def table(rows, mode, own_header, own_cells, peer_header, peer_cells):
    """Header and rows: a network a row, some columns of lucid's, then some of each peer's."""
    peers = list(dict.fromkeys(row["torch"] for row in rows))
    lines = [[*own_header, *(cell for peer in peers for cell in peer_header(peer))]]
    for network in dict.fromkeys(row["network"] for row in rows if row["mode"] == mode):
        own = {row["torch"]: row for row in rows if (row["network"], row["mode"]) == (network, mode)}
        nothing = [""] * len(peer_header(""))
        cells = [cell for peer in peers for cell in (peer_cells(own[peer]) if peer in own else nothing)]
        lines.append([network, *own_cells(next(iter(own.values()))), *cells])
    return lines


def speed_table(rows, mode):
    return table(
        rows, mode,
        [MODES[mode], "lucid ms", "of peak"], lambda row: [number(row["lucid_ms"]), f"{row['share_of_peak']:.0%}"],
        lambda peer: [f"{peer}: ms", "by", "ratio"],
        lambda row: [number(row["torch_ms"]), row["by"], with_spread(row["ratio"])],
    )  # fmt: skip


def memory_table(rows, mode):
    return table(
        rows, mode,
        [f"{MODES[mode]}: peak memory", "lucid MB"], lambda row: [f"{row['lucid_memory_bytes'] / 1e6:.0f}"],
        lambda peer: [f"{peer}: MB", "lucid's share"],
        lambda row: [f"{row['torch_memory_bytes'] / 1e6:.0f}", with_spread(row["memory_ratio"])],
    )  # fmt: skip


def as_markdown(lines):
    rows = ["| " + " | ".join(cells) + " |" for cells in lines]
    return "\n".join([rows[0], "|" + " --- |" * len(lines[0]), *rows[1:]])


def as_text(lines):
    widths = [max(len(cells[i]) for cells in lines) for i in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in lines)


def counted(count, what):
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def rounds(results):
    counts = sorted({len(result["lucid"]) for result in results})
    return counted(counts[0], "round") if len(counts) == 1 else f"{counts[0]} to {counts[-1]} rounds"


def heading(a, results, rows):
    machine, which = results[0]["lucid"][0]["machine"], a.time.removesuffix("_ms")
    libraries = dict.fromkeys(f"{row['torch'].removesuffix(' as it comes')}: oneDNN {row['onednn']}" for row in rows)
    return (
        f"{machine['processor']}; lucid: {machine['engine']}; {'; '.join(libraries)}; {a.precision}; "
        f"{'both limited to AVX2; ' if a.avx2 else ''}peak {machine['peak_gflops']:.0f} GFLOP/s; "
        f"{counted(a.threads, 'thread')} everywhere; the {which} of {rounds(results)} in turn; of each, "
        f"the {which} of at least {a.repeats} steps"
    )


def missing(results):
    """A line for everything that a peer did not compute."""
    lines = {}
    for result in results:
        for peer in result["peers"]:
            for way, runs in peer["all_ways"].items():
                if "missing" in runs[0]:
                    lines[f"{result['network']}, {result['mode']}, {peer['python']}, {way}: {runs[0]['missing']}"] = None
    return list(lines)


def report(a, results, rows):
    show = as_markdown if a.markdown else as_text
    modes = [mode for mode in MODES if any(row["mode"] == mode for row in rows)]
    tables = [speed_table(rows, mode) for mode in modes] + [memory_table(rows, mode) for mode in modes]
    return "\n\n".join([heading(a, results, rows), *map(show, tables), *missing(results)])

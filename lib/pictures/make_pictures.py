#!/usr/bin/env python3
"""Draws the pictures of lib/README.md as SVG files beside this script.

usage: python3 lib/pictures/make_pictures.py [PLANS]

The plans come from plans.json, which a test keeps true. Where the library compiles another plan,
that test fails and writes a new file: PLANS replaces plans.json. The ladder comes from the table in
lib/README.md.
"""
import json
import pathlib
import re
import sys

sys.dont_write_bytecode = True  # the tree stays as it is
from svg import BLUE, GREEN, GREY, INK, LINE, ORANGE, PAPER, Picture, text_width

HERE = pathlib.Path(__file__).resolve().parent
PLANS = HERE / "plans.json"


def take_over(path):
    """Stores a file that the test wrote, with one entry of a list a line."""
    def text(value, depth):
        pad = " " * depth
        if isinstance(value, dict) and depth < 4:
            items = [f"{pad} {json.dumps(k)}: {text(v, depth + 1)}" for k, v in value.items()]
            return "{\n" + ",\n".join(items) + f"\n{pad}}}"
        if isinstance(value, list) and value:
            return "[\n" + ",\n".join(f"{pad} {json.dumps(v)}" for v in value) + f"\n{pad}]"
        return json.dumps(value)
    PLANS.write_text(text(json.loads(pathlib.Path(path).read_text()), 0) + "\n")


def explain_lines(plan):
    return [line for line in plan["explain"] if line]


def draw_strip(plan):
    """Draws how the layers of an experiment file become nodes, and nodes become steps."""
    layers, graph = plan["model"]["layers"], [node.split() for node in plan["graph"]]
    prepared = plan["preparation_steps"]
    lines = explain_lines(plan)
    steps = [re.match(r"\S+ +(\S+): (.*) \[(.*?)\]", line).groups() for line in lines]
    top, row = 74, 44
    excerpt = top + row * len(layers) + 62
    picture = Picture(1000, excerpt + 17 * len(lines) + 28)
    for x, title, below in ((20, "experiment file", "model.layers, a JSON list"),
                            (390, "graph", "nodes: name, type, output shape"),
                            (720, "plan for inference", "steps on blocked tensors")):
        picture.text(x, 34, title, 15, bold=True)
        picture.text(x, 54, below, 12, GREY)
    ends = {}
    for i, (layer, node) in enumerate(zip(layers, graph)):
        y = top + row * i
        draw_layer(picture, layer, y)
        picture.arrow(345, y + 16, 384, y + 16)
        picture.box(390, y, 250, 32, BLUE[1], BLUE[0])
        picture.text(402, y + 20, node[0], 12, bold=True)
        picture.text(630, y + 20, f"{node[1]} {node[2]}", 11, GREY, anchor="end")
        if i > 0:
            picture.arrow(515, y - row + 33, 515, y - 2)
        ends[node[0]] = y + 16
    draw_steps(picture, steps[prepared:], ends, row, top)
    picture.text(20, excerpt - 14, "Plan::explain(): step [implementation] layouts of what it "
                 "reads and writes, megabytes", 13, bold=True)
    for i, line in enumerate(lines):
        picture.text(20, excerpt + 8 + 17 * i, line, 10, GREY if i < prepared else INK, mono=True)
    picture.text(20, excerpt + 12 + 17 * len(lines), f"The first {prepared} lines, in grey, run "
                 "only when parameters have changed.", 12, GREY)
    picture.save(HERE / "strip.svg")


def draw_layer(picture, layer, y):
    name = f'{{"type": "{layer["type"]}", "name": "{layer["name"]}"'
    rest = ", ".join(f'"{k}": {v}' for k, v in layer.items() if k not in ("type", "name"))
    if not rest:
        return picture.text(20, y + 20, name + "}", 12, mono=True)
    picture.text(20, y + 13, name + ",", 12, mono=True)
    picture.text(34, y + 28, rest + "}", 12, mono=True)


def draw_steps(picture, steps, ends, row, top):
    """Draws a box a step, at the height of the node it computes, and the nodes fused into it."""
    names = list(ends)
    for node, what, _ in steps:
        first = names.index(node)
        fused = what.count("+") + 1
        begin, end = top + row * first, top + row * (first + fused - 1) + 32
        picture.box(720, begin, 260, end - begin, GREEN[1], GREEN[0])
        picture.text(732, (begin + end) / 2 + 4, f"{node}: {what}", 12, bold=True)
        if fused > 1:
            picture.text(732, (begin + end) / 2 + 22, f"one step for {fused} nodes", 12, GREY)
        for name in names[first:first + fused]:
            picture.arrow(644, ends[name], 714, ends[name])


def owner(span, lines):
    """Names the layer whose step writes a range first."""
    return lines[span[2]].split(":")[0].split()[-1]


def kind(span, backward_begin):
    if span[2] >= backward_begin:
        return ORANGE
    return BLUE if span[3] >= backward_begin else GREEN


def draw_arena(plan):
    """Draws the live ranges of a training plan's buffers, one above another and as packed."""
    lines = explain_lines(plan)[plan["preparation_steps"]:]
    backward = sum(line.startswith("forward") for line in lines)
    buffers = sorted(plan["buffers"], key=lambda b: min(r[2] for r in b["ranges"]))
    total, packed = sum(b["bytes"] for b in buffers), plan["arena_bytes"]
    width, height, left, top = 410, 400, 60, 92
    picture = Picture(1000, top + height + 112)
    picture.text(20, 34, "Live ranges of the buffers of a training step: a U-Net of two levels, "
                 "32x32x32 voxels", 15, bold=True)
    scale = height / total
    stacked, at = [], 0
    for buffer in buffers:
        stacked.append(at)
        at += buffer["bytes"]
    panels = [(left, "a place for each buffer", total, stacked),
              (left + width + 90, "packed into one arena", packed, [b["offset"] for b in buffers])]
    for x, title, size, offsets in panels:
        picture.text(x, 62, f"{title}: {size / 1e6:.1f} MB", 13, bold=True)
        draw_axes(picture, x, top, width, height, len(lines), backward, size * scale)
        for buffer, offset in zip(buffers, offsets):
            for span in buffer["ranges"]:
                draw_range(picture, span, offset, owner(span, lines),
                           (x, top + height, width / len(lines), scale), backward)
        picture.text(x - 6, top + height - size * scale + 4, f"{size / 1e6:.1f}", 11, GREY,
                     anchor="end")
        picture.text(x - 6, top + height + 4, "0", 11, GREY, anchor="end")
    x, y = left, top + height + 60
    for color, text in ((BLUE, "kept for the backward pass"),
                        (GREEN, "forward pass only"),
                        (ORANGE, "gradients and temporaries, backward pass only")):
        picture.box(x, y - 11, 14, 14, color[1], color[0])
        picture.text(x + 20, y, text, 12)
        x += 50 + text_width(text, 12)
    picture.text(left, y + 30, "A box is a range of bytes, from the first step that uses it to the "
                 "last. It has the name of the layer that writes it first.", 12, GREY)
    picture.save(HERE / "arena.svg")


def draw_axes(picture, x, top, width, height, steps, backward, used):
    middle = x + width * backward / steps
    picture.box(x, top + height - used, width, used, "#ffffff", LINE)
    picture.line(middle, top, middle, top + height + 8, GREY, dash="4 3")
    picture.text((x + middle) / 2, top + height + 20, f"forward, {backward} steps", 12, GREY,
                 anchor="middle")
    picture.text((middle + x + width) / 2, top + height + 20,
                 f"backward, {steps - backward} steps", 12, GREY, anchor="middle")


def draw_range(picture, span, offset, name, place, backward):
    x, bottom, step, scale = place
    begin, end, first, last = span
    color = kind(span, backward)
    box = (x + first * step, bottom - (offset + end) * scale, (last + 1 - first) * step,
           max((end - begin) * scale, 0.8))
    picture.box(*box, color[1], color[0], radius=1, thin=True)
    if box[3] > 13 and box[2] > text_width(name, 11) + 6:
        picture.text(box[0] + box[2] / 2, box[1] + box[3] / 2 + 4, name, 11, anchor="middle")


def read_ladder():
    """Reads (room, only for) of every row of the table, lowest room first."""
    text = (HERE.parent / "README.md").read_text()
    section = text[text.index("## The ladder"):].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.split("\n") if line.startswith("| `")]
    return [(row[0].strip(" `"), re.findall("`(.*?)`", row[-1])) for row in rows]


def room_width(room):
    return text_width(room.split("/")[-1], 11) + 12


def draw_ladder():
    """Draws a rung for each folder of lib, base at the bottom, with its rooms side by side."""
    rungs = []
    for room, only_for in read_ladder():
        folder = room.split("/")[0]
        if not rungs or rungs[-1][0] != folder:
            rungs.append((folder, []))
        rungs[-1][1].append((room, only_for))
    rung, top, left = 38, 94, 120
    right = max(left + sum(room_width(room) + 5 for room, _ in rooms) for _, rooms in rungs)
    right = max(right, 980)
    picture = Picture(right + 20, top + rung * len(rungs) + 52)
    picture.text(20, 34, "The ladder of lib: a room includes from those before it", 15, bold=True)
    picture.text(20, 54, "Before it are all rungs below, and the rooms to its left on its own "
                 "rung. Dashed rooms are for the folders beside them alone.", 12, GREY)
    picture.box(left, top - 24, right - left, 24, PAPER, LINE)
    picture.text(130, top - 7, "apps: lucid-train, lucid-infer, lucid-data, lucid-bench", 12)
    for i, (folder, rooms) in enumerate(rungs):
        y = top + rung * (len(rungs) - 1 - i) + 8
        picture.line(110, y + rung - 4, right, y + rung - 4, LINE)
        picture.text(100, y + 20, folder, 13, bold=True, anchor="end")
        x = left
        for room, only_for in rooms:
            wide = room_width(room)
            picture.room(room, x, y, wide, 30, room.split("/")[-1], is_private=bool(only_for))
            x += wide + 5
        if rooms[-1][1]:
            users = [user for user in rooms[-1][1] if user != "apps"] + ["apps"]
            picture.text(x + 6, y + 20, "for " + " and ".join(users), 12, GREY)
    y = picture.height - 18
    picture.text(20, y, "Drawn from the table in lib/README.md.", 12, GREY)
    picture.save(HERE / "ladder.svg")


def main():
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    if len(sys.argv) == 2:
        take_over(sys.argv[1])
    plans = json.loads(PLANS.read_text())
    draw_strip(plans["strip"])
    draw_arena(plans["arena"])
    draw_ladder()


if __name__ == "__main__":
    main()

"""Writes tiff.json: small TIFF files in every variant that is read, as other programs write them, and what is in them.

Run once, by hand, with tifffile 2023.2 and tiffcp of libtiff 4.5 (Debian 12: apt install python3-tifffile libtiff-tools); the
tests read the file only. The voxels of a volume are listed in the order of its axes.
"""

import base64
import json
import pathlib
import re
import subprocess
import tempfile

import numpy
import tifffile

FOLDER = pathlib.Path(tempfile.mkdtemp())
CASES = []


def ramp(shape, dtype):
    """Different values with both signs, where the type has them."""
    values = numpy.arange(numpy.prod(shape)).reshape(shape) * 7 % 251
    if numpy.dtype(dtype).kind != "u":
        values = values - 100
    return (values / 4 if numpy.dtype(dtype).kind == "f" else values).astype(dtype)


def add(name, path, axes, voxels, voxel_size=None):
    """voxel_size is in mm along d, h, w."""
    kept = numpy.asarray(voxels)
    case = {"name": name, "axes": axes, "extents": list(kept.shape), "type": "float32" if kept.dtype == numpy.float16 else str(kept.dtype),
            "values": kept.ravel().tolist(), "file": base64.b64encode(pathlib.Path(path).read_bytes()).decode()}
    if voxel_size:
        case["voxel_size"] = voxel_size
    CASES.append(case)


def write(name, voxels, axes=None, kept=None, voxel_size=None, suffix=".tif", **options):
    path = FOLDER / (re.sub(r"\W", "_", name) + suffix)
    tifffile.imwrite(path, voxels, **options)
    add(name + suffix, path, axes or "dhw", voxels if kept is None else kept, voxel_size)
    return path


def types():
    for dtype in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"):
        for order in "<>":
            write(f"type {order}{dtype}", ramp((2, 3, 5), dtype), byteorder=order, photometric="minisblack", metadata=None)


def layouts():
    voxels = ramp((2, 20, 19), "u2")
    write("bigtiff", voxels, bigtiff=True, photometric="minisblack", metadata=None)
    write("strips", voxels, rowsperstrip=7, photometric="minisblack", metadata=None)
    write("tiles", voxels, tile=(16, 16), photometric="minisblack", metadata=None)
    write("one page", voxels[0], kept=voxels[:1], photometric="minisblack", metadata=None)
    write("shaped", voxels, photometric="minisblack")
    write("shaped truncated", voxels, photometric="minisblack", contiguous=True, metadata={"truncate": True})


def compressions():
    for dtype, codecs in (("u1", ("packbits", "lzw:2", "zip:2", "lzw")), ("u2", ("lzw:2", "zip:2", "zstd:2", "lzma:2")),
                          ("i4", ("zip:2",)), ("f4", ("zip:3", "lzw:3", "zstd"))):
        voxels = ramp((2, 9, 17), dtype)
        plain = FOLDER / "plain.tif"
        tifffile.imwrite(plain, voxels, photometric="minisblack", metadata=None)
        for codec in codecs:
            for tiles in ((), ("-t", "-w", "16", "-l", "16")):
                for order in ("-L", "-B"):
                    if order == "-B" and (tiles or codec.endswith(":3")):  # libtiff 4.5 writes the latter wrongly
                        continue
                    path = FOLDER / "coded.tif"
                    subprocess.run(["tiffcp", order, *tiles, "-c", codec, plain, path], check=True)
                    add(f"{codec} {dtype} {order} {'tiles' if tiles else 'strips'}.tif", path, "dhw", voxels)


def float_predictor():
    """Big-endian, by the definition: the bytes of a row by significance, each less the one before."""
    voxels = ramp((2, 4, 5), "f4")
    parts = numpy.ascontiguousarray(voxels.astype(">f4").view("u1").reshape(8, 5, 4).transpose(0, 2, 1)).reshape(8, 20)
    parts[:, 1:] = parts[:, 1:] - parts[:, :-1]
    path = FOLDER / "predictor.tif"
    tifffile.imwrite(path, numpy.ascontiguousarray(parts).view(">f4").reshape(2, 4, 5), byteorder=">", compression="zlib",
                     photometric="minisblack", metadata=None, extratags=[(316, 2, 2, "x", False)])
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        entries = [page.tags[316].offset for page in file.pages]  # HostComputer becomes Predictor
    for at in entries:
        content[at:at + 12] = bytes.fromhex("013d 0003 00000001 0003 0000")
    path.write_bytes(content)
    add("predictor 3 >f4.tif", path, "dhw", voxels)


def colours():
    voxels = ramp((2, 3, 5, 3), "u1")
    write("rgb", voxels, "dhwc", photometric="rgb", metadata=None)
    write("rgb tiles", ramp((2, 17, 18, 3), "u1"), "dhwc", photometric="rgb", tile=(16, 16), metadata=None)
    planes = numpy.ascontiguousarray(voxels.transpose(0, 3, 1, 2))
    write("rgb planes", planes, "dchw", photometric="rgb", planarconfig="separate", metadata=None)
    write("rgb imagej", voxels, "dhwc", imagej=True, photometric="rgb", metadata={"axes": "ZYXS"})


def imagej():
    voxels = ramp((2, 3, 4, 5), "u2")
    size = dict(resolution=(1 / 0.25, 1 / 0.5))
    write("imagej", voxels[0], imagej=True, metadata={"axes": "ZYX", "spacing": 1.5, "unit": "um"}, voxel_size=[1.5e-3, 0.5e-3, 0.25e-3], **size)
    write("imagej micron", voxels[0], imagej=True, metadata={"axes": "ZYX", "unit": "\\u00B5m"}, voxel_size=[1e-3, 0.5e-3, 0.25e-3], **size)
    write("imagej pixel", voxels[0], imagej=True, metadata={"axes": "ZYX", "unit": "pixel"}, **size)
    write("imagej channels", voxels, "dchw", imagej=True, metadata={"axes": "ZCYX"})
    write("imagej frames", voxels, "ndhw", imagej=True, metadata={"axes": "TZYX"})
    write("imagej hyperstack", ramp((2, 3, 2, 4, 5), "f4"), "ndchw", imagej=True, metadata={"axes": "TZCYX"})
    # One directory, and the other images behind the first: what ImageJ does beyond 4 GB.
    path = FOLDER / "raw.tif"
    tifffile.imwrite(path, voxels, imagej=True, metadata={"axes": "ZCYX"}, contiguous=True)
    content = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        first = file.pages[0]
        entries = int.from_bytes(content[first.offset:first.offset + 2], "little" if file.byteorder == "<" else "big")
        at = first.offset + 2 + 12 * entries
        offset = first.dataoffsets[0]
    content[at:at + 4] = bytes(4)
    path.write_bytes(content)
    assert offset > at and not any(content[offset + i * first.nbytes:offset + (i + 1) * first.nbytes] != voxels[i // 3, i % 3].tobytes() for i in range(6))
    add("imagej one directory.tif", path, "dchw", voxels)


def ome():
    size = {"PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.5, "PhysicalSizeYUnit": "µm", "PhysicalSizeZ": 2.0,
            "PhysicalSizeZUnit": "µm"}
    volume = ramp((3, 4, 5), "u2")
    write("ome", volume, suffix=".ome.tif", metadata={"axes": "ZYX", **size}, voxel_size=[2e-3, 0.5e-3, 0.25e-3], photometric="minisblack")
    nanometres = {name: "nm" if name.endswith("Unit") else value for name, value in size.items()}
    write("ome nm", volume, suffix=".ome.tiff", metadata={"axes": "ZYX", **nanometres}, voxel_size=[2e-6, 0.5e-6, 0.25e-6], photometric="minisblack")
    write("ome rgb", ramp((2, 4, 5, 3), "u1"), "dhwc", suffix=".ome.tif", metadata={"axes": "ZYXS"}, photometric="rgb")
    # The array has the order of the pages; n is the slowest axis of what is read.
    for axes, kept in (("CZYX", "cdhw"), ("ZCYX", "dchw"), ("TCZYX", "ncdhw"), ("CTZYX", "ncdhw"), ("ZTCYX", "ndchw"), ("ZCTYX", "ndchw")):
        stored = ramp((2, 3, 4, 5) if len(axes) == 4 else (2, 3, 2, 4, 5), "i2")
        letters = axes.lower().replace("t", "n").replace("z", "d").replace("y", "h").replace("x", "w")
        order = [letters.index(letter) for letter in kept]
        write(f"ome {axes}", stored, kept, numpy.ascontiguousarray(stored.transpose(order)), suffix=".ome.tif", metadata={"axes": axes},
              photometric="minisblack")
    write("ome bigtiff", volume, suffix=".ome.tif", bigtiff=True, metadata={"axes": "ZYX"}, photometric="minisblack")
    write("ome compressed", ramp((2, 17, 18), "f4"), suffix=".ome.tif", metadata={"axes": "ZYX"}, photometric="minisblack", tile=(16, 16),
          compression="zlib")


def main():
    types()
    layouts()
    compressions()
    float_predictor()
    colours()
    imagej()
    ome()
    path = pathlib.Path(__file__).with_name("tiff.json")
    path.write_text("[\n" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in CASES) + "\n]\n")


if __name__ == "__main__":
    main()

"""Writes zarr_v2.json and zarr_v3.json: small stores as zarr-python writes them, their files in hexadecimal digits.

Run once, by hand; the tests read the files only. Format 2 by zarr 2.13 (Debian 12), format 3 by zarr 3.1 or later
(Debian sid): apt install python3-zarr, then python3 make_zarr.py. Each version writes its file.

Element i of an array, in C order, is (37 i + 11) mod 101, less `minus`, times `scale`.  Of a bool, whether that is 0.
"""

import json
import pathlib
import tempfile

import numcodecs
import numpy
import zarr

SHAPE, CHUNK = (5, 6, 7), (3, 4, 4)


def numbers(shape, dtype, minus=0, scale=1):
    values = (37 * numpy.arange(int(numpy.prod(shape))) + 11) % 101
    return ((values - minus) * scale).astype(dtype).reshape(shape)


def hex_files(folder):
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().hex() for path in files}


class Stores:
    def __init__(self):
        self.stores = []

    def add(self, name, write, dtype="<u2", shape=SHAPE, minus=0, scale=1, missing=(), path=""):
        values = numbers(shape, dtype, minus, scale)
        with tempfile.TemporaryDirectory() as folder:
            write(folder, values)
            for each in missing:
                (pathlib.Path(folder) / each).unlink()
            self.stores.append({"name": name, "path": path, "shape": list(shape), "minus": minus, "scale": scale,
                                "type": numpy.dtype(dtype).newbyteorder("=").name, "files": hex_files(folder)})

    def write(self, name):
        text = ",\n".join(json.dumps(store) for store in self.stores)
        pathlib.Path(__file__).with_name(name).write_text("[\n" + text + "\n]\n")


def format_2():
    stores = Stores()

    def array(**options):
        def write(folder, values):
            made = zarr.open(folder, mode="w", shape=values.shape, dtype=values.dtype, **{"chunks": CHUNK, **options})
            made[:] = values

        return write

    blosc = numcodecs.Blosc
    compressors = {"none": None, "zlib": numcodecs.Zlib(1), "gzip": numcodecs.GZip(1), "zstd": numcodecs.Zstd(3)}
    for cname in ("lz4", "lz4hc", "blosclz", "zlib", "zstd"):
        for shuffle, kind in ((blosc.NOSHUFFLE, "plain"), (blosc.SHUFFLE, "shuffle"), (blosc.BITSHUFFLE, "bitshuffle")):
            compressors[f"blosc {cname} {kind}"] = blosc(cname, 5, shuffle)
    for name, compressor in compressors.items():
        stores.add(name, array(compressor=compressor))
    types = ("|b1", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8", "|u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8")
    for dtype in types:
        stores.add(dtype, array(compressor=numcodecs.Zlib(1)), dtype, minus=50 if dtype[1] == "i" else 0)
    for dtype in ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8"):
        stores.add(dtype, array(compressor=numcodecs.Zlib(1)), dtype, minus=50, scale=0.25)
    stores.add("order F", array(compressor=None, order="F"))
    stores.add("order F, zlib, slashes", array(compressor=numcodecs.Zlib(1), order="F", dimension_separator="/"))
    stores.add("slashes", array(compressor=None, dimension_separator="/"))
    stores.add("chunks larger than the array", array(compressor=numcodecs.Zlib(1), chunks=(8, 9, 10)))
    stores.add("five axes", array(compressor=None, chunks=(1, 2, 2, 2, 3)), shape=(2, 2, 3, 4, 3))

    def group(folder, values):
        root = zarr.open_group(folder, mode="w")
        root.create_dataset("raw/a", data=values, chunks=CHUNK, compressor=None)

    stores.add("group", group, path="raw/a")
    stores.write("zarr_v2.json")


def format_3():
    from zarr.codecs import (BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, ShardingCodec, TransposeCodec, ZstdCodec)

    stores = Stores()

    def array(filters=(), serializer=None, compressors=(), chunks=CHUNK, **options):
        def write(folder, values):
            made = zarr.create_array(folder, shape=values.shape, dtype=values.dtype, chunks=chunks, filters=filters,
                                     serializer=serializer or BytesCodec(), compressors=compressors, overwrite=True,
                                     zarr_format=3, **options)
            made[:] = values

        return write

    stores.add("none", array())
    stores.add("big-endian", array(serializer=BytesCodec(endian="big")))
    stores.add("gzip", array(compressors=[GzipCodec(level=1)]))
    stores.add("zstd", array(compressors=[ZstdCodec(level=3)]))
    stores.add("zstd with a checksum", array(compressors=[ZstdCodec(level=3, checksum=True)]))
    for shuffle in ("noshuffle", "shuffle", "bitshuffle"):
        stores.add("blosc " + shuffle, array(compressors=[BloscCodec(cname="lz4", typesize=2, shuffle=shuffle)]))
    stores.add("gzip, crc32c", array(compressors=[GzipCodec(level=1), Crc32cCodec()]))
    stores.add("crc32c, zstd", array(compressors=[Crc32cCodec(), ZstdCodec(level=3)]))
    stores.add("transpose", array(filters=[TransposeCodec(order=(2, 0, 1))]))
    stores.add("two transpositions", array(filters=[TransposeCodec(order=(2, 0, 1)), TransposeCodec(order=(1, 0, 2))],
                                           compressors=[ZstdCodec(level=1)]))
    stores.add("dots", array(chunk_key_encoding={"name": "default", "separator": "."}))
    stores.add("keys of format 2", array(chunk_key_encoding={"name": "v2", "separator": "/"}))
    stores.add("named axes", array(dimension_names=["z", "y", "x"]))
    for dtype in ("bool", "i1", "i2", "i4", "i8", "u1", "u4", "u8"):
        stores.add(dtype, array(compressors=[ZstdCodec(level=1)]), dtype, minus=50 if dtype[0] == "i" else 0)
    for dtype in ("f2", "f4", "f8"):
        stores.add(dtype, array(compressors=[ZstdCodec(level=1)]), dtype, minus=50, scale=0.25)
        stores.add(dtype + " big-endian", array(serializer=BytesCodec(endian="big")), dtype, minus=50, scale=0.25)

    def sharded(name, shard=(4, 4, 4), inner=(2, 2, 2), inner_codecs=None, outer=(), filters=(), **options):
        codec = ShardingCodec(chunk_shape=inner, codecs=inner_codecs or [BytesCodec(), ZstdCodec(level=1)], **options)
        stores.add(name, array(filters=filters, serializer=codec, compressors=outer, chunks=shard))

    sharded("shards")
    sharded("shards, index at the start", index_location="start")
    sharded("shards, index without a checksum", index_codecs=[BytesCodec()])
    sharded("shards, big-endian index", index_codecs=[BytesCodec(endian="big"), Crc32cCodec()])
    sharded("shards, big-endian chunks", inner_codecs=[BytesCodec(endian="big"), GzipCodec(level=1), Crc32cCodec()])
    sharded("shards of turned chunks", inner_codecs=[TransposeCodec(order=(1, 2, 0)), BytesCodec()])
    sharded("turned shards", filters=[TransposeCodec(order=(2, 1, 0))])
    sharded("compressed shards", outer=[GzipCodec(level=1)])
    nested = ShardingCodec(chunk_shape=(2, 2, 1), codecs=[BytesCodec(), BloscCodec(cname="zstd", typesize=2)])
    sharded("shards in shards", inner=(2, 4, 2), inner_codecs=[nested])

    def group(folder, values):
        root = zarr.create_group(folder, zarr_format=3, overwrite=True)
        root.create_array("raw/a", shape=values.shape, dtype=values.dtype, chunks=CHUNK)[:] = values

    stores.add("group", group, path="raw/a")
    stores.write("zarr_v3.json")


if __name__ == "__main__":
    format_3() if zarr.__version__.startswith("3") else format_2()

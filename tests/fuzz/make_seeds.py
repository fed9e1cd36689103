#!/usr/bin/env python3
"""Writes seeds/TARGET/*: small files in every variant of a format that a reader knows. Needs numpy.

Experiment files are seeds of their own: run.sh adds those of configs/. Seeds of checkpoints come from
lucid-train: python3 make_seeds.py FOLDER_WITH_LUCID_TRAIN
"""
import base64, gzip, io, json, os, struct, subprocess, sys, tempfile, zipfile, zlib
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def put(target, name, content):
    folder = os.path.join(HERE, "seeds", target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as f:
        f.write(content)


def nifti(order="<", version=1, dim=(3, 2, 3, 4), datatype=4, bits=16, slope=0.0, qform=0, sform=0, units=2, extra=b""):
    dims = list(dim) + [1] * (8 - len(dim))
    voxels = int(np.prod([n for n in dims[1 : dims[0] + 1]])) * bits // 8
    data = bytes(i * 7 % 251 for i in range(voxels))
    if version == 1:
        h = bytearray(348)
        struct.pack_into(order + "i", h, 0, 348)
        struct.pack_into(order + "8h", h, 40, *dims)
        struct.pack_into(order + "2h", h, 70, datatype, bits)
        struct.pack_into(order + "8f", h, 76, 1, 0.5, 0.75, 2, 1, 1, 1, 1)
        struct.pack_into(order + "3f", h, 108, 352, slope, 1.0)
        h[123] = units
        struct.pack_into(order + "2h", h, 252, qform, sform)
        struct.pack_into(order + "6f", h, 256, 0.1, 0.2, 0.3, 1, 2, 3)
        struct.pack_into(order + "12f", h, 280, 0, 0.5, 0, 1, 0.75, 0, 0, 2, 0, 0, 2, 3)
        h[344:348] = b"n+1\0"
        return bytes(h) + b"\0" * 4 + extra + data
    h = bytearray(540)
    struct.pack_into(order + "i", h, 0, 540)
    h[4:12] = b"n+2\0\r\n\032\n"
    struct.pack_into(order + "2h", h, 12, datatype, bits)
    struct.pack_into(order + "8q", h, 16, *dims)
    struct.pack_into(order + "8d", h, 104, 1, 0.5, 0.75, 2, 1, 1, 1, 1)
    struct.pack_into(order + "q2d", h, 168, 544, slope, 0)
    struct.pack_into(order + "2i", h, 344, qform, sform)
    struct.pack_into(order + "6d", h, 352, 0.1, 0.2, 0.3, 1, 2, 3)
    struct.pack_into(order + "12d", h, 400, 0, 0.5, 0, 1, 0.75, 0, 0, 2, 0, 0, 2, 3)
    struct.pack_into(order + "2i", h, 500, units, 0)
    return bytes(h) + b"\0" * 4 + data


def write_nifti():
    for datatype, bits in ((2, 8), (4, 16), (8, 32), (16, 32), (64, 64), (256, 8), (512, 16), (768, 32), (1024, 64), (1280, 64)):
        put("nifti", f"type{datatype}.nii", nifti(datatype=datatype, bits=bits))
    put("nifti", "big.nii", nifti(order=">", slope=0.5, qform=1))
    put("nifti", "version2.nii", nifti(version=2, sform=1))
    put("nifti", "version2_big.nii", nifti(order=">", version=2, qform=1))
    put("nifti", "four.nii", nifti(dim=(4, 2, 2, 2, 3), sform=1, units=3))
    put("nifti", "compressed.nii", gzip.compress(nifti(sform=2), mtime=0))


def nrrd(fields, data, newline="\n"):
    return ("NRRD0005" + newline + newline.join(fields) + newline + newline).encode() + data


def write_nrrd():
    data = bytes(range(48))
    plain = ["type: short", "dimension: 3", "sizes: 2 3 4", "endian: little"]
    put("nrrd", "raw.nrrd", nrrd(plain + ["encoding: raw"], data))
    put("nrrd", "gzip.nrrd", nrrd(plain + ["encoding: gzip"], gzip.compress(data, mtime=0)))
    put("nrrd", "space.nrrd", nrrd(plain + ["encoding: raw", "space: left-posterior-superior", "space directions: (1,0,0) (0,2,0) (0,0,3)",
        "space origin: (1,2,3)", 'space units: "mm" "um" "nm"', "kinds: domain domain domain"], data))
    put("nrrd", "spacings.nrrd", nrrd(["type: float", "dimension: 3", "sizes: 2 2 3", "spacings: 1 nan 2.5", "encoding: raw", "endian: big",
        'units: "mm" "mm" "mm"', "key:=value"], data, "\r\n"))
    put("nrrd", "ascii.nrrd", nrrd(["type: uchar", "dimension: 3", "sizes: 2 2 2", "encoding: ascii"], b"1 2 3 4 5 6 7 8"))
    put("nrrd", "hex.nrrd", nrrd(["type: uchar", "dimension: 3", "sizes: 2 2 2", "encoding: hex"], b"0102030405060708"))
    put("nrrd", "skip.nrrd", nrrd(plain + ["encoding: raw", "line skip: 1", "byte skip: -1"], b"#\n" + data))
    put("nrrd", "colour.nrrd", nrrd(["type: uchar", "dimension: 4", "sizes: 3 2 2 2", "kinds: RGB-color space space space", "space dimension: 3",
        "space directions: none (1,0,0) (0,1,0) (0,0,1)", "encoding: raw"], data[:24]))
    put("nrrd", "detached.nrrd", nrrd(plain + ["encoding: raw", "data file: volume.raw"], b""))


def metaimage(fields, data, file="LOCAL"):
    lines = ["ObjectType = Image"] + fields + ["ElementDataFile = " + file]
    return ("\n".join(lines) + "\n").encode() + data


def write_metaimage():
    data = bytes(range(48))
    plain = ["NDims = 3", "DimSize = 2 3 4", "ElementType = MET_SHORT", "BinaryDataByteOrderMSB = False"]
    place = ["TransformMatrix = 0 1 0 -1 0 0 0 0 1", "Offset = 1 2 3", "ElementSpacing = 1 2 3", "AnatomicalOrientation = RAI"]
    put("metaimage", "raw.mha", metaimage(plain + place, data))
    put("metaimage", "zlib.mha", metaimage(plain + ["CompressedData = True", "CompressedDataSize = 56"], zlib.compress(data)))
    put("metaimage", "colour.mha", metaimage(["NDims = 3", "DimSize = 2 2 2", "ElementType = MET_FLOAT", "ElementNumberOfChannels = 3",
        "ElementByteOrderMSB = True"], data * 2))
    put("metaimage", "four.mha", metaimage(["NDims = 4", "DimSize = 2 2 2 3", "ElementType = MET_UCHAR", "Offset = 1 2 3 4", "HeaderSize = -1",
        "ElementToIntensityFunctionSlope = 2"], data))
    put("metaimage", "plane.mha", metaimage(["NDims = 2", "DimSize = 6 4", "ElementType = MET_LONG_LONG", "ElementSize = 1 2"], data * 4))
    put("metaimage", "beside.mha", metaimage(plain, b"", "volume.raw"))
    put("metaimage", "list.mha", metaimage(plain, b"a.raw\n", "LIST"))


def npy(array, **options):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, **options)
    return stream.getvalue()


def write_numpy():
    for name in ("u1", "i1", "u2", ">i2", "i4", ">u4", "i8", "u8", "f2", ">f4", "f8", "?"):
        put("numpy", name.replace(">", "big_").replace("?", "bool") + ".npy", npy(np.arange(24).reshape(2, 3, 4).astype(name)))
    put("numpy", "fortran.npy", npy(np.asfortranarray(np.arange(24, dtype="f4").reshape(2, 3, 4))))
    put("numpy", "version2.npy", npy(np.arange(8, dtype="u1").reshape(2, 2, 2), version=(2, 0)))
    put("numpy", "version3.npy", npy(np.arange(8, dtype="u1").reshape(2, 2, 2), version=(3, 0)))
    put("numpy", "struct.npy", npy(np.zeros((2, 2), dtype=[("a", "i4"), ("b", "f4")])))
    put("numpy", "scalar.npy", npy(np.float32(1)))


def write_npz():
    def archive(arrays, method):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as z:
            for name, array in arrays.items():
                z.writestr(zipfile.ZipInfo(name), npy(array), method)
        return stream.getvalue()

    volumes = np.arange(54, dtype="u1").reshape(2, 3, 3, 3)
    medical = {"train_images.npy": volumes, "train_labels.npy": np.array([[0], [1]]), "test_images.npy": volumes[:1]}
    put("npz", "stored.npz", archive(medical, zipfile.ZIP_STORED))
    put("npz", "deflated.npz", archive({"a.npy": volumes[0], "b.npy": volumes[1].astype("f4")}, zipfile.ZIP_DEFLATED))


def write_golden():
    """Some of the files that tests/golden has of other programs."""
    golden = lambda name: json.load(open(os.path.join(HERE, "..", "golden", name)))
    wanted = ("type >f4.tif", "rgb planes.tif", "rgb tiles.tif", "zip:2 u2 -L tiles.tif", "zstd:2 u2 -L strips.tif", "lzma:2 u2 -L strips.tif",
              "packbits u1 -B strips.tif", "lzw u1 -L strips.tif", "predictor 3 >f4.tif", "ome TCZYX.ome.tif", "imagej hyperstack.tif",
              "imagej one directory.tif", "bigtiff.tif", "shaped.tif")
    for case in golden("tiff.json"):
        if case["name"] in wanted:
            put("tiff", case["name"].replace(" ", "_").replace(":", "_").replace(">", "big_"), base64.b64decode(case["file"]))
    for series in golden("dicom.json"):
        put("dicom", series["name"].replace(" ", "_") + ".dcm", base64.b64decode(series["files"][0]["file"]))


def write_zarr():
    """Stores of zarr-python in one file each: the format, attributes of the image, metadata of its array, a chunk."""
    wanted = {"zarr_v2.json": ("none", "zlib", "gzip", "zstd", "blosc lz4 shuffle", "blosc zstd shuffle", ">f4", "<f2", "order F, zlib, slashes"),
              "zarr_v3.json": ("none", "gzip", "zstd", "blosc shuffle", "crc32c, zstd", "two transpositions", "f2 big-endian", "shards",
                               "compressed shards", "shards in shards")}
    axes = [{"name": name, "type": "space", "unit": "micrometer"} for name in "zyx"]
    steps = [{"type": "scale", "scale": [2.0, 0.5, 0.5]}, {"type": "translation", "translation": [0.0, 1.5, -2.5]}]
    image = {"multiscales": [{"version": "0.4", "axes": axes, "datasets": [{"path": "0", "coordinateTransformations": steps}]}]}
    plain = {"multiscales": [{"axes": ["z", "y", "x"], "datasets": [{"path": "0"}]}]}
    affine = [[0.0, -0.0005, 0.0, 7.0], [0.0005, 0.0, 0.0, 0.0], [0.0, 0.0, 0.002, 3.0], [0.0, 0.0, 0.0, 1.0]]
    placed = dict(image, lucid={"voxel_size_mm": [0.002, 0.0005, 0.0005], "affine": affine, "sform_code": 1, "qform_code": 0, "qform": affine})
    for golden, names in wanted.items():
        for store in json.load(open(os.path.join(HERE, "..", "golden", golden))):
            if store["name"] not in names:
                continue
            is_v3 = golden == "zarr_v3.json"
            files = {path: bytes.fromhex(digits) for path, digits in store["files"].items()}
            attributes = (image, plain, placed)[names.index(store["name"]) % 3]
            group = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": attributes}} if is_v3 else attributes
            metadata = files["zarr.json" if is_v3 else ".zarray"]
            chunk = next(content for path, content in sorted(files.items()) if path.endswith("0/0/0") or path == "0.0.0")
            name = ("v3_" if is_v3 else "v2_") + store["name"].replace(", ", "_").replace(" ", "_").replace(">", "big_").replace("<", "little_")
            put("zarr", name, (b"3" if is_v3 else b"2") + json.dumps(group).encode() + b"\0" + metadata + b"\0" + chunk)


def write_small():
    put("override", "several", b"data.batch_size=8\ntrain.epochs=null\ndata.train.files.0=b.h5\nmodel.layers.0={\"type\": \"ReLU\"}\nname=a b")
    event = lambda **fields: json.dumps(fields) + "\n"
    put("run_log", "two_epochs", (event(event="begin", epoch=1, step=0) + event(event="step", epoch=1, step=3, loss=0.5)
        + event(event="epoch", epoch=1, step=4, train={"loss": 1}) + event(event="epoch", epoch=2, step=8) + event(event="end", step=8)).encode())
    put("run_log", "table", b"epoch,step,train_loss\n1,4,0.5\n2,8,0.25\n")
    put("chunks", "bytes", bytes(i * 37 % 256 for i in range(400)))
    put("experiment", "small.json", json.dumps({"model": {"input": {"channels": 1, "size": [8, 8, 8]},
        "layers": [{"type": "Conv3D", "out_channels": 2, "kernel_size": 3, "padding": 1}, {"type": "ReLU"}, {"type": "Linear", "out_features": 2}]},
        "data": {"train": {"files": "t.h5", "input": "x", "target": "y"}}, "loss": {"type": "CrossEntropyLoss"},
        "optimizer": {"type": "SGD", "lr": 0.1}, "train": {"epochs": 1}}).encode())


def write_checkpoints(programs):
    config = json.load(open(os.path.join(HERE, "seeds", "experiment", "small.json")))
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([f"{programs}/lucid-data", "make", "shapes", "--output", "t.h5", "--count", "4", "--size", "8", "--classes", "2"], cwd=work, check=True)
        config["data"]["train"] = {"files": "t.h5", "input": "volumes", "target": "labels"}
        json.dump(config, open(f"{work}/c.json", "w"))
        subprocess.run([f"{programs}/lucid-train", "--config", "c.json", "--output", "run", "--quiet"], cwd=work, check=True)
        put("checkpoint", "small.h5", open(f"{work}/run/checkpoints/last.h5", "rb").read())


write_nifti(); write_nrrd(); write_metaimage(); write_numpy(); write_npz(); write_golden(); write_zarr(); write_small()
if len(sys.argv) > 1:
    write_checkpoints(sys.argv[1])

"""Writes dicom.json: small series of DICOM files and what is in them.

Run once, by hand, with pydicom 2.3 and dcmtk 3.6 (Debian 12: apt install python3-pydicom dcmtk); the tests read the file only.
The affine is computed here from the positions and directions that the files are given.
"""

import base64
import json
import pathlib
import subprocess
import tempfile

import numpy
import pydicom
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

FOLDER = pathlib.Path(tempfile.mkdtemp())
SERIES = []
AXIAL = ((1, 0, 0), (0, 1, 0))
TILTED = ((0, 0.8, -0.6), (0, -0.6, -0.8))


def normal(directions):
    return numpy.cross(*directions)


def dataset(pixels, number, position, directions, syntax=ExplicitVRLittleEndian, **elements):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = f"1.2.3.4.{number}"
    meta.TransferSyntaxUID = syntax
    ds = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
    ds.is_little_endian = syntax != ExplicitVRBigEndian
    ds.is_implicit_VR = syntax == ImplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.SeriesInstanceUID, ds.SeriesNumber, ds.SeriesDescription = "1.2.3.5", 3, "t1 mprage"
    ds.InstanceNumber = number
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    ds.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    if pixels.ndim == 3:
        ds.PlanarConfiguration = 0
    ds.BitsAllocated = ds.BitsStored = 8 * pixels.itemsize
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.PixelSpacing = [2, 0.5]
    ds.ImagePositionPatient = [float(f"{x:.6g}") for x in position]
    ds.ImageOrientationPatient = [x for direction in directions for x in direction]
    for name, value in elements.items():
        setattr(ds, name, value)
    stored = pixels if ds.is_little_endian else pixels.byteswap()
    ds.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    ds["PixelData"].VR = "OW" if pixels.itemsize > 1 else "OB"
    # What readers have to pass over: nested sequences, private elements.
    inner = pydicom.Dataset()
    inner.CodeValue = "121327"
    outer = pydicom.Dataset()
    outer.PurposeOfReferenceCodeSequence = [inner]
    ds.SourceImageSequence = [outer]
    ds["SourceImageSequence"].is_undefined_length = True
    ds.add_new((0x0009, 0x0010), "LO", "PRIVATE")
    ds.add_new((0x0009, 0x1001), "UN", b"abcd")
    return ds


def affine(position, directions, step):
    """From (w, h, d, 1) to millimetres towards right, anterior, superior."""
    matrix = numpy.eye(4)
    matrix[:3, 0] = numpy.array(directions[0]) * 0.5
    matrix[:3, 1] = numpy.array(directions[1]) * 2
    matrix[:3, 2] = step
    matrix[:3, 3] = position
    return (numpy.diag([-1, -1, 1, 1]) @ matrix).ravel().tolist()


def series(name, voxels, directions=AXIAL, spacing=1.5, values=None, code=None, change=None, axes="dhw", **elements):
    """Slices are numbered against their positions, and their files named in no order."""
    first = numpy.array([-10.5, 20.25, 30])
    step = normal(directions) * spacing
    files = []
    for i, pixels in enumerate(voxels):
        ds = dataset(pixels, len(voxels) - i, first + i * step, directions, **elements)
        if change:
            change(ds, i)
        path = FOLDER / f"{i * 7 % len(voxels)}_{i}.dcm"
        if code == "rle":
            ds.compress(RLELossless)
        ds.save_as(path, write_like_original=False)
        if code and code != "rle":
            subprocess.run([*code, path, path], check=True)
        files.append({"name": path.name, "file": base64.b64encode(path.read_bytes()).decode()})
    kept = voxels if values is None else values
    SERIES.append({"name": name, "files": files, "axes": axes, "extents": list(kept.shape), "type": str(kept.dtype), "values": kept.ravel().tolist(),
                   "affine": affine(first, directions, step)})


def ramp(shape, dtype):
    values = numpy.arange(numpy.prod(shape)).reshape(shape) * 37 % 4001 - (2000 if numpy.dtype(dtype).kind == "i" else 0)
    return values.astype(dtype)


def main():
    voxels = ramp((3, 4, 5), "i2")
    series("plain", voxels)
    series("tilted", voxels, TILTED)
    series("implicit", voxels, syntax=ImplicitVRLittleEndian)
    series("big", voxels, syntax=ExplicitVRBigEndian)
    series("bytes", ramp((3, 3, 5), "u1"))
    series("words", ramp((2, 3, 5), "u4"))
    series("colours", ramp((2, 3, 5, 3), "u1"), axes="dhwc")
    series("scaled", voxels, values=(voxels * 2.0 - 1024).astype("f4"), RescaleSlope=2, RescaleIntercept=-1024)
    scales = numpy.array([1, 0.5, 0.25]).reshape(3, 1, 1)
    series("scaled by slice", voxels, values=(voxels * scales).astype("f4"), change=lambda ds, i: setattr(ds, "RescaleSlope", scales[i, 0, 0]),
           RescaleIntercept=0)
    twelve = ramp((3, 4, 5), "u2") & 0xfff  # with an overlay in the upper bits
    series("overlay", twelve | 0xa000, values=twelve, BitsStored=12, HighBit=11)
    large = ramp((2, 16, 17), "i2")
    series("rle", large, code="rle")
    series("jpeg lossless", large, code=["dcmcjpeg", "+e1"])
    series("jpeg-ls", large, code=["dcmcjpls", "+el"])
    path = pathlib.Path(__file__).with_name("dicom.json")
    path.write_text("[\n" + ",\n".join(json.dumps(each, separators=(",", ":")) for each in SERIES) + "\n]\n")


if __name__ == "__main__":
    main()

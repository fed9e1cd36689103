"""Writes orientations.json: one small volume in all 24 orientations of a body, each with voxels of other sizes, as others write it.

Run once, by hand, with nibabel 5.0 and plastimatch 1.9.4 on ITK 5.2 (Debian 12: apt install python3-nibabel plastimatch);
the tests read the file only. nibabel writes .nii.gz with an sform, and of every third volume with a qform alone; plastimatch
converts some by ITK's readers and writers to .nrrd with space directions and to .mha. Voxel (w, h, d) is w + 3 h + 12 d, as
uint8, int16 or float32. `affine` is what was asked for; the headers of NIfTI round it to float32.
"""

import base64
import gzip
import itertools
import json
import pathlib
import subprocess
import tempfile

import nibabel
import numpy

EXTENTS = (3, 4, 5)  # w, h, d
SIZES = ((0.5, 0.75, 2.5), (3, 0.25, 1.25), (1, 4, 0.375), (0.6875, 0.6875, 5))  # mm, exact in float32
TYPES = (numpy.uint8, numpy.int16, numpy.float32)


def rotations():
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            matrix = numpy.zeros((3, 3))
            matrix[list(order), range(3)] = signs
            if numpy.linalg.det(matrix) > 0:
                yield matrix


def text_of(path):
    """Deflated once more: headers of ITK are long."""
    return base64.b64encode(gzip.compress(path.read_bytes(), mtime=0)).decode()


def main():
    volumes = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.nii"
        for i, rotation in enumerate(rotations()):
            affine = numpy.eye(4)
            affine[:3, :3] = rotation * SIZES[i % len(SIZES)]
            affine[:3, 3] = (10.5 * i - 100, 7.25 * i, 20 - 3.125 * i)
            voxels = numpy.arange(60).reshape(EXTENTS, order="F").astype(TYPES[i % len(TYPES)])
            image = nibabel.Nifti1Image(voxels, affine)
            has_sform = i % 3 != 1
            image.set_sform(affine, 1 if has_sform else 0)
            image.set_qform(affine, 0 if has_sform else 1)
            image.header.set_xyzt_units("mm")
            nibabel.save(image, path)
            volume = {"affine": affine.ravel().tolist(), "files": {"nii": text_of(path)}}
            for suffix, step in (("nrrd", 3), ("mha", 5)):
                if i % step == 0:
                    other = path.with_suffix("." + suffix)
                    subprocess.run(["plastimatch", "convert", "--input", path, "--output-img", other], check=True, capture_output=True)
                    volume["files"][suffix] = text_of(other)
            volumes.append(volume)
    rows = ",\n".join(json.dumps(volume) for volume in volumes)
    (pathlib.Path(__file__).parent / "orientations.json").write_text("[\n" + rows + "\n]\n")


main()

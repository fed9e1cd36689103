"""Writes metaimage.json: volumes in all 24 orientations of a body, as ITK writes them to .mha, with the affine of NIfTI.

Run once, by hand, with nibabel 5.0 and plastimatch 1.9.4 on ITK 5.2 (Debian 12: apt install python3-nibabel plastimatch);
the tests read the file only. nibabel writes a NIfTI volume, and plastimatch converts it by ITK's readers and writers.
"""

import itertools
import json
import pathlib
import subprocess
import tempfile

import nibabel
import numpy

SIZES = (1.5, 2.25, 3)  # mm along the first, second and third axis
OFFSET = (10, -20.5, 30.25)


def rotations():
    for order in itertools.permutations(range(3)):
        for signs in itertools.product((1, -1), repeat=3):
            matrix = numpy.zeros((3, 3))
            matrix[list(order), range(3)] = signs
            if numpy.linalg.det(matrix) > 0:
                yield matrix


def main():
    volumes = []
    voxels = numpy.arange(24, dtype=numpy.int16).reshape((2, 3, 4), order="F")
    with tempfile.TemporaryDirectory() as folder:
        nifti, mha = pathlib.Path(folder) / "a.nii", pathlib.Path(folder) / "a.mha"
        for rotation in rotations():
            affine = numpy.eye(4)
            affine[:3, :3] = rotation * SIZES
            affine[:3, 3] = OFFSET
            image = nibabel.Nifti1Image(voxels, affine)
            image.set_sform(affine, 1)
            image.set_qform(affine, 1)
            nibabel.save(image, nifti)
            command = ["plastimatch", "convert", "--input", nifti, "--output-img", mha, "--output-type", "short"]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            codes = "".join(nibabel.aff2axcodes(affine))
            content = mha.read_bytes()
            end = len(content) - voxels.nbytes
            volumes.append({"orientation": codes, "affine": affine.ravel().tolist(), "header": content[:end].decode("ascii"),
                            "bytes": list(content[end:])})
    path = pathlib.Path(__file__).with_name("metaimage.json")
    path.write_text("[\n" + ",\n".join(json.dumps(each) for each in volumes) + "\n]\n")


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Trains a network on one half of a brain and tests it on the other: installs what is missing, builds
# into build/, cuts data/brain.h5 into cubes, runs configs/brain.json, and prints a table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Debian 12's oneDNN is found by CMake together with OpenCL only, which nothing here uses.
bash apps/install_packages.sh g++ cmake ninja-build \
  libdnnl-dev ocl-icd-opencl-dev libhdf5-dev libdeflate-dev libcli11-dev nlohmann-json3-dev \
  zlib1g-dev libnifti-dev libzip-dev libpng-dev libtiff-dev libgdcm-dev libzstd-dev libblosc-dev

options=(--log-level=WARNING)
[ -f build/CMakeCache.txt ] || options+=(-G Ninja -DCMAKE_BUILD_TYPE=Release -DLUCID_TESTS=OFF)
cmake -S . -B build "${options[@]}"
cmake --build build --parallel "$(nproc)" --target lucid-train lucid-infer lucid-data lucid-bench
export PATH=$PWD/build:$PATH

# cut OUTPUT OPTION... - cubes of 24 voxels around random voxels of each lobe.
cut_cubes() {
  local output=$1
  shift
  [ -f "$output" ] ||
    lucid-data patches --input data/brain.h5 --raw raw --labels lobes --size 24 --output "$output" "$@"
}
cut_cubes data/brain_train.h5 --region w=:43 --per-class 160 --seed 1
cut_cubes data/brain_test.h5 --region w=47: --mirror w --per-class 50 --seed 2

run=runs/brain-$(date +%Y%m%d-%H%M%S)
lucid-train --config configs/brain.json --output "$run"
lucid-infer --checkpoint "$run/checkpoints/last.h5" --input data/brain_test.h5 --target labels \
  --activation argmax --output "$run/test.h5" --csv "$run/test.csv" --quiet >"$run/test.txt"

# The last two columns are the class found and the true one.
echo
awk -F, '
  BEGIN { split("frontal occipital parietal temporal deep-grey cerebellum", lobes, " ") }
  NR > 1 { cubes[$NF + 1]++; hits[$NF + 1] += $(NF - 1) == $NF }
  function row(name, right, all) { printf "%-12s %5d %7d %10.3f\n", name, all, right, right / all }
  END {
    print "lobe         cubes   right   accuracy"
    for (i = 1; i <= 6; i++) { row(lobes[i], hits[i], cubes[i]); all += cubes[i]; right += hits[i] }
    row("all", right, all)
  }' "$run/test.csv"
echo
echo "Trained on the left half, tested on the mirrored right half. Run folder: $run"

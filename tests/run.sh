#!/usr/bin/env bash
# Installs what is missing, builds lucid with warnings as errors and runs every test; then once more by Clang with its
# sanitizers, which also watch the fuzz targets for a minute or 5000 executions each.
# --quick ends after the first part.
#
# Once in a while, an hour: valgrind --error-exitcode=1 --leak-check=full --errors-for-leak-kinds=definite
#   build/lucid-tests --test-case-exclude='*lucid-*'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

quick=false
case "${1:-}" in
  '') ;;
  --quick) quick=true ;;
  *) echo "usage: bash tests/run.sh [--quick]" >&2; exit 2 ;;
esac

packages=(g++ cmake ninja-build ccache libdnnl-dev ocl-icd-opencl-dev libhdf5-dev libdeflate-dev libcli11-dev nlohmann-json3-dev
  zlib1g-dev libnifti-dev libzip-dev libpng-dev libtiff-dev libgdcm-dev libzstd-dev libblosc-dev doctest-dev protobuf-compiler chromium
  openmpi-bin libopenmpi-dev mpich libmpich-dev)
$quick || packages+=(clang libclang-rt-dev libomp-dev)
bash apps/install_packages.sh "${packages[@]}"

jobs=$(nproc)
unset LUCID_NO_BROWSER  # tests that need a browser are never left out here

# build FOLDER CMAKE_OPTION...
build() {
  local folder=$1
  shift
  local options=(--log-level=WARNING -DLUCID_WERROR=ON -DLUCID_TESTS=ON -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  [ -f "$folder/CMakeCache.txt" ] || options+=(-G Ninja)
  echo "== $folder, after $SECONDS s"
  cmake -S . -B "$folder" "${options[@]}" "$@"
  cmake --build "$folder" --parallel "$jobs"
}

# Tests write thousands of small files, and wait for a disk; nothing that they show depends on it. So the files are kept in
# memory where there is enough of it, for them and for the tests. All at a time have some 100 MiB.
least_mebibytes=2048
in_memory() {
  local available
  available=$(df --output=avail --type=tmpfs --block-size=1M /dev/shm 2>/dev/null | tail -1) || return 1
  [ "$available" -ge $least_mebibytes ] &&
    [ "$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)" -ge $((2 * least_mebibytes)) ]
}
if in_memory; then
  TMPDIR=$(mktemp -d /dev/shm/lucid-tests-XXXXXX)
  export TMPDIR
  trap 'rm -rf "$TMPDIR"' EXIT
fi

# Tests run side by side, more threads than cores: those that wait must not take the others' time.
export OMP_WAIT_POLICY=passive

run_tests() {
  echo "== tests of $1, after $SECONDS s"
  ctest --test-dir "$1" --parallel "$jobs" --output-on-failure --no-tests=error
}

build build -DCMAKE_BUILD_TYPE=Release
run_tests build
$quick && exit

# A second compiler, which takes the standard and alignments more strictly. Memory that oneDNN and
# OpenMP's runtime keep to the end is not ours to free.
export LSAN_OPTIONS=suppressions=$PWD/tests/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
build build-clang -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" -DLUCID_SANITIZE=ON -DLUCID_FUZZ=ON
# oneDNN 2.6 reads one number behind a table when it writes a product for AMX; a crash where ASan's heap ends.
ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16 run_tests build-clang

echo "== fuzz targets, after $SECONDS s"
FUZZ_RUNS=5000 bash tests/fuzz/run.sh build-clang 60
echo "== all passed, after $SECONDS s"

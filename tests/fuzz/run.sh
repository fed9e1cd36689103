#!/usr/bin/env bash
# Runs the fuzz targets of a build folder, as many at a time as there are cores, and prints a line each.
# usage: bash tests/fuzz/run.sh BUILD_FOLDER [SECONDS=60] [TARGET...]
# FUZZ_RUNS sets the most executions of a target: the seed is fixed, so that they are the same every time.
#   cmake --preset fuzz && cmake --build --preset fuzz && bash tests/fuzz/run.sh build-fuzz 3600 nrrd npz
#
# What they find goes to BUILD_FOLDER/fuzz/TARGET: the corpus, which the next run goes on from, and, in
# crashes/, the inputs that ended a target. Exit status 1 if there are any.
set -euo pipefail
build=$(realpath "$1")
seconds=${2:-60}
shift $(($# < 2 ? $# : 2))
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")

targets=("$@")
if [ $# = 0 ]; then
  for source in "$here"/*_target.cpp; do
    name=$(basename "$source" _target.cpp)
    targets+=("$name")
  done
fi

# No parallel regions: a target is one process on one core. What runtimes keep to the end is not ours to free.
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
export LSAN_OPTIONS=suppressions=$here/../leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
most_mebibytes=512   # of a single allocation: a size in a file is no reason to allocate it
slowest_seconds=10   # of one input on a busy machine; 1 where nothing else runs
longest_input=32768

fuzz() {
  local target=$1 folder=$build/fuzz/$1 status=0
  mkdir -p "$folder/corpus" "$folder/crashes"
  local inputs=("$folder/corpus") options=()
  [ -d "$here/seeds/$target" ] && inputs+=("$here/seeds/$target")
  [ "$target" = experiment ] && inputs+=("$here/../../configs")
  [ -f "$here/dictionaries/$target.dict" ] && options+=(-dict="$here/dictionaries/$target.dict")
  options+=(-runs="${FUZZ_RUNS:--1}")
  "$build/fuzz-${target//_/-}" "${options[@]}" -seed=1 -max_total_time="$seconds" -max_len=$longest_input \
    -timeout=$slowest_seconds -malloc_limit_mb=$most_mebibytes -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$folder/crashes/" "${inputs[@]}" >"$folder/log" 2>&1 </dev/null || status=$?
  local executions coverage
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$folder/log" | tail -1)
  coverage=$(grep -o 'cov: [0-9]*' "$folder/log" | tail -1 || true)
  echo "$target: ${executions:-no} executions, ${coverage:-no coverage}, $(find "$folder/corpus" -type f | wc -l) inputs kept, exit status $status"
  [ $status = 0 ] || { tail -60 "$folder/log"; return 1; }
}

running=0 failed=0
for target in "${targets[@]}"; do
  if [ $running -ge "$(nproc)" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  fuzz "$target" &
  running=$((running + 1))
done
while [ $running -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit $failed

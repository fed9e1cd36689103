#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "support/run_program.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

using test::ProgramResult;

// Scripts that replace lucid-bench and two versions of PyTorch. Their figures depend on their
// arguments alone, except for our memory, which is smaller every second time, and they record each
// call.
struct Fakes {
  Fakes() {
    folder.write("lucid", R"(echo lucid "$@" >> asked
memory=$((40 + 10 * ($(grep -c lucid asked) % 2)))
machine='"machine": {"processor": "A processor", "engine": "an engine", "peak_gflops": 100}'
figures='"median_ms": 20, "least_ms": 10, "flops": 5e8, "peak_memory_bytes": '${memory}e6
echo "{$machine, \"networks\": [{\"train\": {$figures}, \"infer\": {$figures}}]}")");
    folder.write("old", torch("1.13", 30, 60));
    folder.write("new", torch("2.6", 44, 40));
  }
  // The minimum time is half of the median, and so is the memory in units of 10 MB.
  static std::string torch(const std::string& version, int plain, int channels_last) {
    return "cat > script\necho " + version + R"( "$@" >> asked
case "$*" in *channels_last_3d*) ms=)" +
           std::to_string(channels_last) + ";; *) ms=" + std::to_string(plain) + R"(;; esac
echo "{\"version\": \")" +
           version + R"(\", \"onednn\": \"2.6\", \"median_ms\": $ms, \"least_ms\": $((ms / 2)),)" +
           R"( \"peak_memory_bytes\": $((ms * 5000000))}")";
  }
  ProgramResult compare(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"python3",  LUCID_SOURCE_DIR "/tests/bench/compare_torch.py",
                                       "--lucid",  "sh lucid",
                                       "--python", "sh old",
                                       "--python", "sh new",
                                       "--rounds", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return test::run_program("/usr/bin/env", arguments, {.cwd = folder.path()});
  }
  test::TempDir folder;
};

bool is_python_here() {
  const bool is_here = test::run_program("/usr/bin/env", {"python3", "--version"}).code == 0;
  if (!is_here) MESSAGE("no python3 here: nothing to test");
  return is_here;
}

}  // namespace

TEST_CASE("compare_torch.py: ratios against the better of PyTorch's formats") {
  if (!is_python_here()) return;
  const Fakes fakes;
  const ProgramResult result = fakes.compare({"--networks", "seed", "--markdown"});
  CHECK(result.code == 0);
  CHECK(
      result.out ==
      R"(A processor; lucid: an engine; peak 100 GFLOP/s; 2 threads everywhere; the median of 2 rounds in turn; of each, the median of at least 5 steps

| Training step | lucid ms | of peak | PyTorch 1.13, oneDNN 2.6: ms | ratio | PyTorch 2.6, oneDNN 2.6: ms | ratio |
| --- | --- | --- | --- | --- | --- | --- |
| seed | 20 | 25% | 30 | 1.50 | 40 | 2.00 |

| Inference | lucid ms | of peak | PyTorch 1.13, oneDNN 2.6: ms | ratio | PyTorch 2.6, oneDNN 2.6: ms | ratio |
| --- | --- | --- | --- | --- | --- | --- |
| seed | 20 | 25% | 30 | 1.50 | 40 | 2.00 |

| Training step: peak memory | lucid MB | PyTorch 1.13, oneDNN 2.6: MB | lucid's share | PyTorch 2.6, oneDNN 2.6: MB | lucid's share |
| --- | --- | --- | --- | --- | --- |
| seed | 45 | 150 | 0.30 (0.27 .. 0.33) | 200 | 0.23 (0.20 .. 0.25) |

| Inference: peak memory | lucid MB | PyTorch 1.13, oneDNN 2.6: MB | lucid's share | PyTorch 2.6, oneDNN 2.6: MB | lucid's share |
| --- | --- | --- | --- | --- | --- |
| seed | 45 | 150 | 0.30 (0.27 .. 0.33) | 200 | 0.23 (0.20 .. 0.25) |
)");
  CHECK(test::read_text(fakes.folder / "script").starts_with("#!/usr/bin/env python3\n"));
}

TEST_CASE("compare_torch.py: all take turns, and a format that is much slower only once") {
  if (!is_python_here()) return;
  const Fakes fakes;
  const ProgramResult result = fakes.compare(
      {"--networks", "unet64", "--modes", "train", "--threads", "3", "--repeats", "7", "--seconds",
       "0.5", "--time", "least_ms", "--lucid-options=--batch-size 1", "--json", "all.json"});
  CHECK(result.code == 0);
  const std::string options = "--threads 3 --repeats 7 --seconds 0.5";
  const std::string ours = "lucid step " LUCID_SOURCE_DIR
                           "/configs/bench/unet64.json --json --batch-size 1 " +
                           options + " --train\n";
  const auto theirs = [&](const std::string& version, const std::string& format) {
    return version + " - unet64 --mode train --format " + format + " " + options + "\n";
  };
  CHECK(test::read_text(fakes.folder / "asked") ==
        ours + theirs("1.13", "plain") + theirs("1.13", "channels_last_3d") +
            theirs("2.6", "plain") + theirs("2.6", "channels_last_3d") + ours +
            theirs("1.13", "plain") + theirs("2.6", "plain") + theirs("2.6", "channels_last_3d"));
  const Json json = read_json_file(fakes.folder / "all.json");
  REQUIRE(json["summary"].size() == 2);
  CHECK(json["summary"][0]["format"] == "plain");
  CHECK(json["summary"][1]["format"] == "channels_last_3d");
  CHECK(json["summary"][1]["torch_ms"] == 20);
  CHECK(json["summary"][1]["ratio"] == Json{2, 2, 2});
  CHECK(json["summary"][1]["share_of_peak"] == 0.5);
  CHECK(json["measurements"][0]["lucid"].size() == 2);
}

TEST_CASE("compare_torch.py: a measurement that fails ends it") {
  if (!is_python_here()) return;
  const Fakes fakes;
  fakes.folder.write("old", "exit 7");
  const ProgramResult result = fakes.compare({"--networks", "seed"});
  CHECK(result.code == 1);
  CHECK(result.out == "");
  CHECK(result.err.find("sh old - seed --mode train --format plain --threads 2 --repeats 5 "
                        "--seconds 2: ended with 7\n") != std::string::npos);
}

}  // namespace lucid

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
// arguments and on whether they run tuned, except for our memory, which is smaller every second
// time, and they record each call.
struct Fakes {
  Fakes() {
    folder.write("lucid", R"(echo lucid "$@" $MALLOC_MMAP_MAX_ $ONEDNN_MAX_CPU_ISA >> asked
memory=$((40 + 10 * ($(grep -c lucid asked) % 2)))
machine='"machine": {"processor": "A processor", "engine": "an engine", "peak_gflops": 100}'
figures='"median_ms": 20, "least_ms": 10, "flops": 5e8, "peak_memory_bytes": '${memory}e6
echo "{$machine, \"networks\": [{\"train\": {$figures}, \"infer\": {$figures}}]}")");
    folder.write("old", torch("1.13", 30, 60, R"("missing": "no onnxruntime here")"));
    folder.write("new", torch("2.6", 44, 40, R"("median_ms": 24, "least_ms": 12,
        "peak_memory_bytes": 5e8)"));
  }
  // The minimum time is half of the median, and so is the memory in units of 10 MB. Untuned, all
  // takes ten times as long.
  static std::string torch(const std::string& version, int plain, int channels_last,
                           const std::string& onnxruntime) {
    return "cat > script\necho " + version + R"( "$@" $MALLOC_MMAP_MAX_ $ONEDNN_MAX_CPU_ISA >> asked
head='"version": ")" +
           version + R"(", "onednn": "2.6"'
case "$*" in *onnxruntime*) echo "{$head, )" +
           quoted(onnxruntime) + R"(}"; exit;;
*channels_last_3d*) ms=)" +
           std::to_string(channels_last) + ";; *) ms=" + std::to_string(plain) + R"(;; esac
test "$MALLOC_MMAP_MAX_" = 0 || ms=$((10 * ms))
echo "{$head, \"median_ms\": $ms, \"least_ms\": $((ms / 2)),)" +
           R"( \"peak_memory_bytes\": $((ms * 5000000))}")";
  }
  // Returns the text as it stands within double quotes of a shell.
  static std::string quoted(const std::string& text) {
    std::string result;
    for (const char c : text) result += c == '"' ? "\\\"" : std::string(1, c);
    return result;
  }
  ProgramResult compare(const std::vector<std::string>& more) const {
    // A limit on the instructions that these tests themselves run under is not what they ask.
    std::vector<std::string> arguments{"-u",       "ONEDNN_MAX_CPU_ISA",
                                       "python3",  LUCID_SOURCE_DIR "/tests/bench/compare_torch.py",
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

TEST_CASE("compare_torch.py: ratios against the best way of each peer, which is named") {
  if (!is_python_here()) return;
  const Fakes fakes;
  const ProgramResult result = fakes.compare({"--networks", "seed", "--markdown"});
  CHECK(result.code == 0);
  CHECK(
      result.out ==
      R"(A processor; lucid: an engine; PyTorch 1.13: oneDNN 2.6; PyTorch 2.6: oneDNN 2.6; float32; peak 100 GFLOP/s; 2 threads everywhere; the median of 2 rounds in turn; of each, the median of at least 5 steps

| Training step | lucid ms | of peak | PyTorch 1.13: ms | by | ratio | PyTorch 2.6: ms | by | ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| seed | 20 | 25% | 30 | plain | 1.50 | 40 | channels_last_3d | 2.00 |

| Inference | lucid ms | of peak | PyTorch 1.13: ms | by | ratio | PyTorch 2.6: ms | by | ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| seed | 20 | 25% | 30 | plain | 1.50 | 24 | onnxruntime | 1.20 |

| Training step: peak memory | lucid MB | PyTorch 1.13: MB | lucid's share | PyTorch 2.6: MB | lucid's share |
| --- | --- | --- | --- | --- | --- |
| seed | 45 | 150 | 0.30 (0.27 .. 0.33) | 200 | 0.23 (0.20 .. 0.25) |

| Inference: peak memory | lucid MB | PyTorch 1.13: MB | lucid's share | PyTorch 2.6: MB | lucid's share |
| --- | --- | --- | --- | --- | --- |
| seed | 45 | 150 | 0.30 (0.27 .. 0.33) | 500 | 0.09 (0.08 .. 0.10) |

seed, infer, sh old, onnxruntime: no onnxruntime here
)");
  const std::string script = test::read_text(fakes.folder / "script");
  for (const char* part : {"class UNet(nn.Module)", "def times_of("})
    CHECK(script.find(part) != std::string::npos);
}

TEST_CASE("compare_torch.py: all take turns, and a way that is much slower only once") {
  if (!is_python_here()) return;
  const Fakes fakes;
  const ProgramResult result = fakes.compare(
      {"--networks", "unet64", "--modes", "train", "--threads", "3", "--repeats", "7", "--seconds",
       "0.5", "--time", "least_ms", "--lucid-options=--batch-size 1", "--json", "all.json"});
  CHECK(result.code == 0);
  const std::string options = "--precision float32 --threads 3 --repeats 7 --seconds 0.5";
  const std::string ours = "lucid step " LUCID_SOURCE_DIR
                           "/configs/bench/unet64.json --json --train --batch-size 1 " +
                           options + "\n";
  const auto theirs = [&](const std::string& version, const std::string& way) {
    return version + " - unet64 --mode train --by " + way + " " + options + " 0\n";
  };
  CHECK(test::read_text(fakes.folder / "asked") ==
        ours + theirs("1.13", "plain") + theirs("1.13", "channels_last_3d") +
            theirs("2.6", "plain") + theirs("2.6", "channels_last_3d") + ours +
            theirs("1.13", "plain") + theirs("2.6", "plain") + theirs("2.6", "channels_last_3d"));
  const Json json = read_json_file(fakes.folder / "all.json");
  REQUIRE(json["summary"].size() == 2);
  CHECK(json["summary"][0]["by"] == "plain");
  CHECK(json["summary"][1]["by"] == "channels_last_3d");
  CHECK(json["summary"][1]["torch_ms"] == 20);
  CHECK(json["summary"][1]["ratio"] == Json{2, 2, 2});
  CHECK(json["summary"][1]["share_of_peak"] == 0.5);
  CHECK(json["measurements"][0]["lucid"].size() == 2);
}

TEST_CASE("compare_torch.py: peers as they come run one round, in columns of their own") {
  if (!is_python_here()) return;
  const Fakes fakes;
  const ProgramResult result =
      fakes.compare({"--networks", "seed", "--modes", "train", "--untuned"});
  CHECK(result.code == 0);
  CHECK(result.out.find("PyTorch 1.13: ms  by     ratio  PyTorch 1.13 as it comes: ms") !=
        std::string::npos);
  CHECK(result.out.find("  300") != std::string::npos);
  const std::string asked = test::read_text(fakes.folder / "asked");
  const std::string plain =
      "1.13 - seed --mode train --by plain --precision float32 --threads 2 "
      "--repeats 5 --seconds 2";
  const std::size_t first = asked.find(plain + "\n");
  REQUIRE(first != std::string::npos);
  CHECK(asked.find(plain + "\n", first + 1) == std::string::npos);
  CHECK(asked.find(plain + " 0\n", first) != std::string::npos);
}

TEST_CASE("compare_torch.py: AVX2 limits both sides, without ONNX Runtime, which cannot be") {
  if (!is_python_here()) return;
  const Fakes fakes;
  const ProgramResult result =
      fakes.compare({"--networks", "seed", "--modes", "infer", "--avx2", "--rounds", "1"});
  CHECK(result.code == 0);
  CHECK(result.out.find("; both limited to AVX2; peak") != std::string::npos);
  const std::string asked = test::read_text(fakes.folder / "asked");
  CHECK(asked.find("onnxruntime") == std::string::npos);
  CHECK(asked.find("--by frozen --precision float32 --threads 2 --repeats 5 --seconds 2 0 AVX2") !=
        std::string::npos);
  CHECK(asked.find("lucid step " LUCID_SOURCE_DIR "/configs/bench/seed.json --json --infer "
                   "--precision float32 --threads 2 --repeats 5 --seconds 2 AVX2") == 0);
}

TEST_CASE("compare_torch.py: measurements in pieces make one table, if their options agree") {
  if (!is_python_here()) return;
  const Fakes fakes;
  const auto piece = [&](const std::string& network, const std::string& threads) {
    const ProgramResult result =
        fakes.compare({"--networks", network, "--modes", "train", "--threads", threads, "--json",
                       network + threads + ".json"});
    CHECK(result.code == 0);
  };
  piece("voxnet", "1");
  piece("seed", "1");
  piece("seed", "2");
  const std::string asked = test::read_text(fakes.folder / "asked");
  const ProgramResult read = fakes.compare({"--read", "voxnet1.json", "seed1.json"});
  CHECK(read.code == 0);
  CHECK(test::read_text(fakes.folder / "asked") == asked);
  const std::size_t seed = read.out.find("\nseed  "), voxnet = read.out.find("\nvoxnet  ");
  CHECK(read.out.find("; 1 thread everywhere; the median of 2 rounds in turn") !=
        std::string::npos);
  REQUIRE(voxnet != std::string::npos);
  CHECK(seed < voxnet);
  const ProgramResult refused = fakes.compare({"--read", "voxnet1.json", "seed2.json"});
  CHECK(refused.code == 1);
  CHECK(refused.err.starts_with("seed2.json: other options than voxnet1.json: "));
}

TEST_CASE("compare_torch.py: a measurement that fails ends it") {
  if (!is_python_here()) return;
  const Fakes fakes;
  fakes.folder.write("old", "exit 7");
  const ProgramResult result = fakes.compare({"--networks", "seed"});
  CHECK(result.code == 1);
  CHECK(result.out == "");
  CHECK(result.err.find("sh old - seed --mode train --by plain --precision float32 --threads 2 "
                        "--repeats 5 --seconds 2: ended with 7\n") != std::string::npos);
}

}  // namespace lucid

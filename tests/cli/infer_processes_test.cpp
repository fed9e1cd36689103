#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <thread>

#include "cli/results.h"
#include "infer/tiled/segmenter.h"
#include "tensor/onednn.h"

// Several lucid-infer with one output: whatever happens to them, it has the bytes of one.
namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Program;
using test::ProgramResult;
using test::read_text;
using Words = std::vector<std::string>;

struct Processes : test::Segmenter {
  Processes() {
    add_volume("a.h5", {96, 40, 40});
    add_volume("b.h5", {40, 24, 24});
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(start("one.h5")->finish().code == 0);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    expected = read_text(experiment / "one.h5");
  }

  Words words(const std::string& output) const {
    return {"--checkpoint",
            "run/checkpoints/last.h5",
            "--overwrite",
            "--threads",
            "1",
            "--overlap",
            "0.7",
            "--activation",
            "softmax",
            "--output",
            output,
            "--input",
            "a.h5",
            "b.h5"};
  }
  std::unique_ptr<Program> start(const std::string& output = "out.h5", Words more = {}) const {
    Words all = words(output);
    all.insert(all.end(), more.begin(), more.end());
    return std::make_unique<Program>("lucid-infer", all,
                                     test::RunOptions{.cwd = experiment.folder.path()});
  }
  std::vector<std::unique_ptr<Program>> start_many(std::size_t count) const {
    std::vector<std::unique_ptr<Program>> programs;
    while (programs.size() < count) programs.push_back(start());
    return programs;
  }

  // The number of files in OUTPUT.partial whose name begins like this.
  std::ptrdiff_t files(const std::string& begin) const {
    std::error_code gone;
    std::ptrdiff_t count = 0;
    for (const auto& entry : fs::directory_iterator(partial, gone))
      count += entry.path().filename().string().starts_with(begin) ? 1 : 0;
    return count;
  }
  void check_output() const {
    CHECK(read_text(experiment / "out.h5") == expected);
    CHECK_FALSE(fs::exists(partial));
  }

  double seconds = 0;
  std::string expected;
  fs::path partial = experiment / "out.h5.partial";
};

template <class Condition>
void wait_until(Program& program, const Condition& holds) {
  while (program.is_running() && !holds()) std::this_thread::yield();
}

}  // namespace

TEST_CASE("lucid-infer: any number of processes gives the bytes of one") {
  const Processes f;
  for (const std::size_t count : {1U, 2U, 3U, 5U}) {
    CAPTURE(count);
    fs::remove(f.experiment / "out.h5");
    for (const auto& program : f.start_many(count)) {
      const ProgramResult result = program->finish();
      CAPTURE(result.err);
      CHECK(result.code == 0);
      CHECK(result.out.starts_with("samples 2, predictions of 2 volumes in out.h5\n"));
    }
    f.check_output();
  }
}

TEST_CASE("lucid-infer: processes killed anywhere, and others started, give the bytes of one") {
  const Processes f;
  Rng rng(1, "processes");
  int killed = 0;
  for (int round = 0; round < 12; ++round) {
    CAPTURE(round);
    const auto programs = f.start_many(1 + rng.below(3));
    std::this_thread::sleep_for(std::chrono::duration<double>(rng.uniform() * f.seconds));
    for (const auto& program : programs)
      if (rng.uniform() < 0.8) program->signal(SIGKILL);
    for (const auto& program : programs) {
      const ProgramResult result = program->finish();
      CAPTURE(result.err);
      CHECK((result.code == 0 || result.code == 128 + SIGKILL));
      if (result.code != 0) ++killed;
      if (result.code == 0) CHECK(read_text(f.experiment / "out.h5") == f.expected);
    }
  }
  CHECK(killed > 0);
  for (const auto& program : f.start_many(2)) CHECK(program->finish().code == 0);
  f.check_output();
}

TEST_CASE("lucid-infer: the slab of a living process is waited for, that of a killed one not") {
  const Processes f;
  for (const int signal : {SIGCONT, SIGKILL}) {
    CAPTURE(signal);
    fs::remove(f.experiment / "out.h5");
    const auto one = f.start();
    wait_until(*one, [&] { return f.files("claim-slab-") > 0; });
    one->signal(SIGSTOP);
    const std::ptrdiff_t done = f.files("done-");
    const auto two = f.start();
    // The other computes all but one slab, and all but two where nobody is faster with the second.
    const std::ptrdiff_t all = 23;
    wait_until(*two, [&] { return f.files("done-") >= all - 2; });
    CHECK(two->is_running());
    CHECK(f.files("done-") > done);
    CHECK_FALSE(fs::exists(f.experiment / "out.h5"));
    one->signal(signal);
    CHECK(one->finish().code == (signal == SIGKILL ? 128 + SIGKILL : 0));
    const ProgramResult result = two->finish();
    CAPTURE(result.err);
    CHECK(result.code == 0);
    f.check_output();
  }
}

TEST_CASE("lucid-infer: Ctrl-C of one process leaves its slab to the others") {
  const Processes f;
  const auto one = f.start(), two = f.start();
  wait_until(*one, [&] { return f.files("done-") > 2; });
  one->signal(SIGINT);
  const ProgramResult stopped = one->finish();
  CHECK((stopped.code == 128 + SIGINT || stopped.code == 0));
  CHECK(two->finish().code == 0);
  f.check_output();
}

TEST_CASE("lucid-infer: a full disk ends one process, and the others go on") {
  const Processes f;
  std::string line = "ulimit -f 8; exec " + (fs::path(LUCID_BINARY_DIR) / "lucid-infer").string();
  for (const std::string& word : f.words("out.h5")) line += " " + word;
  Program full("/bin/sh", {"-c", line}, {.cwd = f.experiment.folder.path()});
  const ProgramResult failed = full.finish();
  CHECK(failed.code == 1);
  CHECK(failed.err.find(": cannot be written: ") != std::string::npos);
  Program again("/bin/sh", {"-c", line}, {.cwd = f.experiment.folder.path()});
  CHECK(f.start()->finish().code == 0);
  CHECK(read_text(f.experiment / "out.h5") == f.expected);
  again.finish();
}

TEST_CASE("lucid-infer: a process with other arguments is refused while one is predicting") {
  const Processes f;
  const auto one = f.start();
  wait_until(*one, [&] { return f.files("claim-slab-") > 0; });
  one->signal(SIGSTOP);
  const auto refused = [&](const Words& more) {
    return test::refusal(f.start("out.h5", more)->finish());
  };
  const std::string begin =
                        "1: out.h5.partial: another process is predicting this output, from other "
                        "inputs or options ('",
                    end = "'); wait for its end, or choose another file with --output";
  CHECK(refused({"--blend", "constant"}) == begin + "blend" + end);
  CHECK(refused({"--output-type", "float16"}) == begin + "output_type" + end);
  if (onednn::has_bfloat16())
    CHECK(refused({"--precision", "bfloat16"}) == begin + "precision" + end);
  one->signal(SIGCONT);
  CHECK(one->finish().code == 0);
  f.check_output();
}

}  // namespace lucid

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

#include "cli/folds_experiment.h"
#include "infer/tiled/members.h"
#include "support/approx.h"

// Several networks in one run of lucid-infer.
namespace lucid::test {
namespace {

namespace fs = std::filesystem;

// Returns a number that /proc tells of a process; 0 where it has ended.
std::int64_t told_of(pid_t process, const std::string& file, const std::string& name) {
  std::ifstream lines("/proc/" + std::to_string(process) + "/" + file);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + ":")) return std::stoll(line.substr(name.size() + 1));
  return 0;
}

struct EnsembleRuns : Members {
  EnsembleRuns() {
    train_members(5);
    add_volume("a.h5", {96, 40, 40}, {.chunk = {8, 16, 16}, .deflate = 1});
  }

  std::unique_ptr<Program> start(const std::string& output, std::size_t networks,
                                 const Names& more = {"--input", "a.h5", "--overlap",
                                                      "0.7"}) const {
    Names words{"--checkpoint"};
    for (std::size_t i = 0; i < networks; ++i) words.push_back(checkpoints[i].string());
    for (const char* word :
         {"--overwrite", "--threads", "1", "--activation", "softmax", "--output"})
      words.emplace_back(word);
    words.push_back(output);
    words.insert(words.end(), more.begin(), more.end());
    return std::make_unique<Program>("lucid-infer", words,
                                     RunOptions{.cwd = experiment.folder.path()});
  }
  // The most that /proc tells while a volume is predicted, such as the bytes that were read.
  std::int64_t most(const std::string& file, const std::string& name, std::size_t networks,
                    const std::string& input) const {
    const auto program = start("out.h5", networks, {"--input", input, "--overlap", "0.1"});
    std::int64_t most = 0;
    while (program->is_running()) {
      most = std::max(most, told_of(program->process(), file, name));
      std::this_thread::yield();
    }
    CHECK(program->finish().code == 0);
    return most;
  }
  std::string file(const std::string& name) const { return read_text(experiment / name); }
  bool is_there(const std::string& name) const { return fs::exists(experiment / name); }
  // A process that has a slab keeps no other from looking.
  bool is_predicting(const std::string& partial) const {
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator(experiment / partial, gone))
      if (entry.path().filename().string().starts_with("claim-slab-")) return true;
    return false;
  }
};

}  // namespace

TEST_CASE("lucid-infer: a folder of folds predicts the mean of its folds") {
  Folds f;
  f.json["data"]["normalize"] = {{"mean", 1}, {"std", 1.5}};
  f.write_config();
  REQUIRE(f.train("all", "out").code == 0);
  const auto predict = [&](const std::string& output, const Names& checkpoints,
                           const Names& more = {}) {
    Names words{"--input", "cases.h5", "--dataset", "c2/raw", "--activation",
                "softmax", "--output", output,      "--json", "--checkpoint"};
    words.insert(words.end(), checkpoints.begin(), checkpoints.end());
    words.insert(words.end(), more.begin(), more.end());
    const ProgramResult result = run_program("lucid-infer", words, {.cwd = f.folder.path()});
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    return result;
  };
  const auto values = [&](const std::string& output) {
    return hdf5::File(f / output).open("predictions").read<float>();
  };
  std::vector<double> mean;
  Names files;
  for (int fold = 0; fold < 3; ++fold) {
    files.push_back("out/fold_" + std::to_string(fold) + "/checkpoints/best.h5");
    predict("one.h5", {files.back()}, {"--overwrite"});
    const std::vector<float> one = values("one.h5");
    mean.resize(one.size());
    for (std::size_t i = 0; i < one.size(); ++i) mean[i] += one[i] / 3.0;
  }
  const ProgramResult folds = predict("folds.h5", {"out"});
  CHECK(values("folds.h5") == approx(mean).within(0, 2e-6));
  CHECK(parse_json(folds.out, "json")["checkpoints"].get<Names>() == files);
  CHECK(folds.err.find(" s by 3 networks, ") != std::string::npos);
  // The files one by one, after one option or several.
  predict("files.h5", {files[0], files[1]}, {"--checkpoint", files[2]});
  CHECK(values("files.h5") == values("folds.h5"));
  predict("found/", {"out"}, {"--format", "h5"});
  const Json list = f.read("found/lucid-infer.json");
  CHECK(list["predictions"].begin().value()["checkpoint"].get<Names>() == files);
}

TEST_CASE("lucid-infer: an ensemble that was killed anywhere goes on, and processes share it") {
  const EnsembleRuns f;
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(f.start("one.h5", 5)->finish().code == 0);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  Rng rng(1, "ensembles");
  int killed = 0;
  for (int round = 0; round < 4; ++round) {
    const auto program = f.start("out.h5", 5);
    std::this_thread::sleep_for(
        std::chrono::duration<double>((0.3 + 0.3 * rng.uniform()) * seconds));
    program->signal(SIGKILL);
    if (program->finish().code != 0) ++killed;
  }
  CHECK(killed > 0);
  const auto one = f.start("out.h5", 5), two = f.start("out.h5", 5);
  CHECK(one->finish().code == 0);
  CHECK(two->finish().code == 0);
  CHECK(f.file("out.h5") == f.file("one.h5"));
  CHECK_FALSE(f.is_there("out.h5.partial"));

  fs::remove(f.experiment / "out.h5");
  const auto all = f.start("out.h5", 5);
  while (all->is_running() && !f.is_predicting("out.h5.partial")) std::this_thread::yield();
  all->signal(SIGSTOP);
  CHECK(refusal(f.start("out.h5", 4)->finish()) ==
        "1: out.h5.partial: another process is predicting this output, from other inputs or "
        "options ('checkpoint'); wait for its end, or choose another file with --output");
  all->signal(SIGCONT);
  CHECK(all->finish().code == 0);
  CHECK(f.file("out.h5") == f.file("one.h5"));
}

TEST_CASE("lucid-infer: an ensemble reads its input as often as one network does") {
  EnsembleRuns f;
  f.add_volume("large.h5", {128, 96, 96}, {.chunk = {8, 16, 16}, .deflate = 1});
  const auto input = static_cast<std::int64_t>(fs::file_size(f.experiment / "large.h5"));
  const std::int64_t one = f.most("io", "rchar", 1, "large.h5"),
                     five = f.most("io", "rchar", 5, "large.h5");
  CAPTURE(one);
  CAPTURE(five);
  CHECK(one > input);
  CHECK(five - one < input / 2);  // four checkpoints, which are compared with their checksums
}

// Sanitizers keep what was freed.
#ifndef LUCID_SANITIZE
TEST_CASE("lucid-infer: the memory of an ensemble does not grow with the depth of a volume") {
  EnsembleRuns f;
  f.add_volume("shallow.h5", {40, 64, 64}, {.chunk = {8, 16, 16}});
  f.add_volume("deep.h5", {400, 64, 64}, {.chunk = {8, 16, 16}});
  const std::int64_t shallow = f.most("status", "VmHWM", 5, "shallow.h5"),
                     deep = f.most("status", "VmHWM", 5, "deep.h5");
  CAPTURE(shallow);
  CAPTURE(deep);
  CHECK(shallow > 10000);
  CHECK(deep < shallow + 4096);  // KiB; there are 18 MiB more predictions
}
#endif

}  // namespace lucid::test

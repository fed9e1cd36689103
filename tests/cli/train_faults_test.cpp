#include <doctest/doctest.h>

#include <cerrno>
#include <cstdlib>

#include "support/run_content.h"
#include "support/run_program.h"
#include "support/storm_experiments.h"

// Lets calls of the system fail under lucid-train. Whatever fails, the program says so in one line,
// and the run goes on to the end of one in which nothing failed. LUCID_FAULTS sets how many calls
// of each kind fail, one after the other.
#ifndef LUCID_SANITIZE  // a sanitizer must be loaded first
namespace lucid {
namespace {

using test::Experiment;
using test::ProgramResult;
using Words = std::vector<std::string>;

struct Fault {
  const char* call;
  std::string how;  // as FAULT_DO
  const char* files = "faulty";
};

const std::vector<Fault> kFaults = {
    {"write", std::to_string(ENOSPC)},
    {"write", std::to_string(EINTR)},
    {"write", "short"},
    {"write", "kill"},
    {"sync", std::to_string(EIO)},
    {"sync", "kill"},
    {"rename", std::to_string(EACCES)},
    {"rename", "kill"},
    {"close", std::to_string(EDQUOT)},
    {"open", std::to_string(EMFILE)},
    {"mkdir", std::to_string(ENOSPC)},
    {"unlink", std::to_string(EACCES)},
    {"read", std::to_string(EIO), "train.h5"},
    {"read", "short", "train.h5"},
    {"read", std::to_string(EIO), "validation.h5"},
    {"read", std::to_string(EIO), "faulty"},
};

std::uint64_t most_calls() {
  const char* text = std::getenv("LUCID_FAULTS");
  return text == nullptr ? 2 : std::strtoull(text, nullptr, 10);
}

class Faults {
 public:
  // `begun` makes what is in the folder before.
  Faults(const Experiment& experiment, Words arguments, std::function<void()> begun)
      : experiment_(experiment), arguments_(std::move(arguments)), begun_(std::move(begun)) {
    begin();
    REQUIRE(run(arguments_).code == 0);
    wanted_ = test::run_content(experiment_ / "faulty");
  }

  void inject(const Fault& fault) {
    const std::uint64_t calls = count(fault), most = std::min(calls, most_calls());
    for (std::uint64_t i = 0; i < most; ++i)
      inject(fault, most == 1 ? 1 : 1 + i * (calls - 1) / (most - 1));
  }

 private:
  void begin() const {
    std::filesystem::remove_all(experiment_ / "faulty");
    begun_();
  }

  ProgramResult run(const Words& arguments,
                    const std::vector<std::pair<std::string, std::string>>& env = {}) const {
    Words all{"--threads", "1", "--quiet"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return test::run_program("lucid-train", all, {.cwd = experiment_.folder.path(), .env = env});
  }

  ProgramResult run_with(const Fault& fault, std::uint64_t at) const {
    return run(arguments_, {{"LD_PRELOAD", std::string(LUCID_BINARY_DIR) + "/lucid-faults.so"},
                            {"FAULT_CALL", fault.call},
                            {"FAULT_FILES", fault.files},
                            {"FAULT_AT", std::to_string(at)},
                            {"FAULT_DO", fault.how},
                            {"FAULT_COUNT", experiment_ / "count"}});
  }

  std::uint64_t count(const Fault& fault) const {
    begin();
    CHECK(run_with(fault, 0).code == 0);
    return calls_made();
  }

  std::uint64_t calls_made() const { return std::stoull(test::read_text(experiment_ / "count")); }

  void inject(const Fault& fault, std::uint64_t at) const {
    CAPTURE(fault.call);
    CAPTURE(fault.how);
    CAPTURE(fault.files);
    CAPTURE(at);
    begin();
    const ProgramResult failed = run_with(fault, at);
    CAPTURE(failed.err);
    if (failed.code == 0 && calls_made() < at) return;  // checkpoints are due by the clock
    if (fault.how == "kill") {
      CHECK(failed.code == 128 + SIGKILL);
    } else if (failed.code != 0) {
      const bool is_input = fault.call == std::string("read") || fault.call == std::string("open");
      CHECK((failed.code == 1 || (is_input && failed.code == 3)));
      CHECK(lines_of_error(failed.err) == 1);
      CHECK((failed.err.find("faulty") != std::string::npos ||
             failed.err.find(".h5") != std::string::npos));
    }
    go_on();
  }

  static std::ptrdiff_t lines_of_error(const std::string& err) {
    std::ptrdiff_t lines = 0;
    for (std::size_t at = 0; at < err.size(); at = err.find('\n', at) + 1)
      if (!err.substr(at).starts_with("warning: ")) ++lines;
    return lines;
  }

  void go_on() const {
    Words again{"--resume", "faulty", "--epochs", "2"};
    if (!std::filesystem::exists(experiment_.last("faulty")))
      again = {"--config", "a.json", "--output", "faulty", "--overwrite"};
    const ProgramResult result = run(again);
    CAPTURE(result.err);
    REQUIRE(result.code == 0);
    CHECK(test::difference(wanted_, test::run_content(experiment_ / "faulty")) == "");
  }

  const Experiment& experiment_;
  Words arguments_;
  std::function<void()> begun_;
  test::RunContent wanted_;
};

void inject_all(Faults&& faults) {
  for (const Fault& fault : kFaults) faults.inject(fault);
}

}  // namespace

TEST_CASE("lucid-train: whatever call fails in a new run, it ends as if none had") {
  Experiment experiment;
  test::use_everything(experiment);
  experiment.json["train"]["epochs"] = 2;
  experiment.write_config();
  inject_all(Faults(experiment, {"--config", "a.json", "--output", "faulty"}, [] {}));
}

TEST_CASE("lucid-train: whatever call fails in a run on patches, it ends as if none had") {
  Experiment experiment;
  test::use_everything_on_patches(experiment);
  experiment.json["train"]["epochs"] = 2;
  experiment.write_config();
  inject_all(Faults(experiment, {"--config", "a.json", "--output", "faulty"}, [] {}));
}

TEST_CASE("lucid-train: whatever call fails in a run that is resumed, it ends as if none had") {
  Experiment experiment;
  test::use_everything(experiment);
  experiment.json["train"]["epochs"] = 2;
  experiment.train("begun", test::stop_after(4));
  inject_all(Faults(experiment, {"--resume", "faulty"}, [&] {
    std::filesystem::copy(experiment / "begun", experiment / "faulty",
                          std::filesystem::copy_options::recursive);
  }));
}

}  // namespace lucid
#endif

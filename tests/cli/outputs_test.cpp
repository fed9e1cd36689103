#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <thread>

#include "cli/results.h"
#include "paths.h"
#include "support/experiment.h"

// Tests what all programs do with files that are there, and when they are stopped.
namespace lucid {
namespace {

using test::ProgramResult;
using test::read_text;
using test::TempDir;
using Words = std::vector<std::string>;

namespace fs = std::filesystem;

std::ptrdiff_t files_in(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), {});
}

void make_volume(const TempDir& dir, const std::string& name) {
  REQUIRE(test::run_in(dir, {"make", "volume", "--output", name, "--size", "16", "--chunk", "8"})
              .code == 0);
}

}  // namespace

TEST_CASE("no command of lucid-data replaces its own input") {
  const TempDir dir;
  make_volume(dir, "v.h5");
  fs::create_symlink("v.h5", dir / "link.h5");
  fs::create_hard_link(dir / "v.h5", dir / "hard.h5");
  dir.write("a.npy", "");
  dir.write("b.hdr", "");
  dir.write("b.img", "");
  struct Row {
    Words words;
    std::string option, output;
  };
  const Row kRows[] = {
      {{"view", "v.h5", "--dataset", "raw"}, "--out", "v.h5"},
      {{"view", "v.h5", "--dataset", "raw"}, "--out", "link.h5"},
      {{"view", "a.npy", "--dataset", "raw", "--labels-file", "v.h5"}, "--out", "hard.h5"},
      {{"view", "a.npy"}, "--out", "a.npy"},
      {{"view", "b.hdr"}, "--out", "b.img"},
      {{"patches", "--input", "v.h5", "--raw", "raw", "--labels", "labels", "--size", "4",
        "--per-class", "2"},
       "--output",
       "v.h5"},
      {{"import", "a.npy"}, "--output", "a.npy"},
      {{"import", "b.hdr"}, "--output", "b.img"},
      {{"export", "v.h5", "--dataset", "raw"}, "--output", "v.h5"},
      {{"export", "v.h5", "--dataset", "raw", "--geometry", "a.npy"}, "--output", "a.npy"},
  };
  const std::string volume = read_text(dir / "v.h5");
  for (const Row& row : kRows) {
    CAPTURE(row.words[0]);
    Words words = row.words;
    words.insert(words.end(), {row.option, row.output, "--overwrite"});
    CHECK(test::refusal(test::run_in(dir, words)) ==
          "2: " + row.output + ": expected another file for the output, found the input");
  }
  CHECK(read_text(dir / "v.h5") == volume);
  CHECK(test::run_in(dir, {"rechunk", "v.h5", "v.h5", "--overwrite"}).code == 0);
}

TEST_CASE("devices and FIFOs are neither replaced nor waited for") {
  const TempDir dir;
  make_volume(dir, "v.h5");
  REQUIRE(mkfifo((dir / "fifo").c_str(), 0600) == 0);
  REQUIRE(mkfifo((dir / "fifo.nii").c_str(), 0600) == 0);
  REQUIRE(mkfifo((dir / "fifo.npz").c_str(), 0600) == 0);
  const std::vector<std::pair<Words, std::string>> kRows = {
      {{"make", "shapes", "--output", "/dev/null", "--overwrite"},
       "2: /dev/null: cannot be written: it is a device; name a file"},
      {{"make", "shapes", "--output", "fifo", "--overwrite"},
       "2: fifo: cannot be written: it is a FIFO; name a file"},
      {{"info", "fifo"}, "3: fifo: expected an HDF5 file, found a FIFO"},
      {{"info", "/dev/zero"}, "3: /dev/zero: expected an HDF5 file, found a device"},
      {{"rechunk", "fifo", "o.h5"}, "3: fifo: expected an HDF5 file, found a FIFO"},
      {{"split", "fifo", "--output", "sets"}, "3: fifo: expected an HDF5 file, found a FIFO"},
      {{"import", "fifo.nii", "--output", "o.h5"}, "3: fifo.nii: expected a file, found a FIFO"},
      {{"import", "fifo.npz", "--output", "o.h5"},
       "3: fifo.npz: expected a zip archive, found a FIFO"},
  };
  for (const auto& [words, error] : kRows) CHECK(test::refusal(test::run_in(dir, words)) == error);
  for (const Words& words : {Words{"--config", "fifo"}, Words{"--resume", "fifo"}}) {
    const ProgramResult result = test::run_program("lucid-train", words, {.cwd = dir.path()});
    CHECK(result.code == 2);
    CHECK(std::ranges::count(result.err, '\n') == 1);
  }
  CHECK(test::refusal(test::run_program(
            "lucid-infer", {"--checkpoint", "fifo", "--input", "v.h5", "--output", "o.h5"},
            {.cwd = dir.path()})) == "3: fifo: expected an HDF5 file, found a FIFO");
  CHECK(files_in(dir.path()) == 4);
}

TEST_CASE("a signal ends lucid-data at once, and leaves nothing unfinished") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const TempDir dir;
    test::Program program("lucid-data",
                          {"make", "shapes", "--output", "a.h5", "--count", "1000000"},
                          {.cwd = dir.path()});
    while (program.is_running() && files_in(dir.path()) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    program.signal(signal);
    const ProgramResult result = program.finish();
    CHECK(result.code == 128 + signal);
    CHECK(result.err == "");
    CHECK(files_in(dir.path()) == 0);
  }
}

TEST_CASE("lucid-infer replaces no file unasked, nor one that it reads or writes otherwise") {
  test::Experiment experiment;
  experiment.train("run");
  const auto error = [&](const Words& more) {
    Words words{"--checkpoint", "run/checkpoints/last.h5", "--input", "validation.h5", "--quiet"};
    words.insert(words.end(), more.begin(), more.end());
    return test::refusal(
        test::run_program("lucid-infer", words, {.cwd = experiment.folder.path()}));
  };
  experiment.folder.write("precious.h5", "precious");
  CHECK(error({"--output", "precious.h5"}) == "2: precious.h5: exists; --overwrite replaces it");
  const std::string found = ": expected another file for the output, found the ";
  CHECK(error({"--output", "o.h5", "--preview", "validation.h5", "--overwrite"}) ==
        "2: validation.h5" + found + "input");
  CHECK(error({"--output", "o.h5", "--preview", "run/checkpoints/last.h5"}) ==
        "2: run/checkpoints/last.h5" + found + "checkpoint");
  CHECK(error({"--output", "o.h5", "--preview", "./o.h5"}) ==
        "2: ./o.h5" + found + "file for /predictions");
  CHECK(error({"--output", "o.h5", "--csv", "a", "--preview", "a"}) ==
        "2: a" + found + "file for --csv");
  CHECK(read_text(experiment / "precious.h5") == "precious");
  CHECK_FALSE(fs::exists(experiment / "o.h5"));
}

}  // namespace lucid

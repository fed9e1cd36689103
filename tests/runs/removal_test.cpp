#include "runs/removal.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/folder_lock.h"
#include "support/temp_dir.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

// Folders of runs, each with all the files that a run may have.
struct Runs {
  void write(const std::string& name, const std::string& status, const Json& dice,
             const std::string& monitor = "validation.dice") const {
    const Json config = {{"metrics", {"dice"}}, {"train", {{"epochs", 4}, {"monitor", monitor}}}};
    const Json epoch = {{"event", "epoch"},
                        {"epoch", 1},
                        {"step", 4},
                        {"train", {{"loss", dice}}},
                        {"validation", {{"dice", dice}}},
                        {"lr", 0.5},
                        {"seconds", 30},
                        {"best", !dice.is_null()}};
    const Json end = {{"event", "end"}, {"status", status}};
    folder.write(name + "/config.json", json_text(config));
    folder.write(name + "/metrics.jsonl", json_text(epoch) + "\n" + json_text(end) + "\n");
    for (const char* file : {"log.txt", "metrics.csv", "measured.h5", "checkpoints/last.h5",
                             "checkpoints/best.h5", "events.out.tfevents.1700000000.vm.1.0"})
      folder.write(name + "/" + file, "1234");
    for (const char* file : {"cases.json", "report.html", "previews/epoch_0005/a.png",
                             "previews/best/worst.png", "checkpoints/last.h5.unfinished-77"})
      folder.write(name + "/" + file, "12345");
  }
  Names chosen(const RemovalChoice& choice) const {
    Names names;
    for (const Run& run : chosen_runs(find_runs({folder.path()}).runs, choice))
      names.push_back(run.folder.filename().string());
    return names;
  }
  Names left(const std::string& name) const {
    Names files;
    for (const auto& entry : fs::recursive_directory_iterator(folder / name))
      files.push_back(entry.path().lexically_relative(folder / name).string());
    std::ranges::sort(files);
    return files;
  }
  test::TempDir folder;
};

}  // namespace

TEST_CASE("runs are chosen for removal by state, rank and age") {
  Runs runs;
  runs.write("a", "finished", 0.5);
  runs.write("b", "diverged", 0.75);
  runs.write("c", "interrupted", nullptr);
  runs.write("d", "finished", 0.25);
  runs.write("e", "finished", 3, "train.loss");
  runs.write("f", "finished", 2, "train.loss");
  CHECK(runs.chosen({.states = {"diverged", "interrupted"}}) == Names{"b", "c"});
  CHECK(runs.chosen({.keep_best = 0}) == Names{"a", "b", "c", "d", "e", "f"});
  CHECK(runs.chosen({.keep_best = 1}) == Names{"a", "c", "d", "e"});  // of each monitored value
  CHECK(runs.chosen({.keep_best = 3}) == Names{"c"});
  CHECK(runs.chosen({.states = {"finished"}, .keep_best = 1}) == Names{"a", "d", "e"});
  CHECK(runs.chosen({.older_than_seconds = 3600}) == Names{});
  fs::last_write_time(runs.folder / "d/metrics.jsonl",
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  CHECK(runs.chosen({.older_than_seconds = 3600}) == Names{"d"});
}

TEST_CASE("a running run is never chosen, and one that began meanwhile stays") {
  Runs runs;
  runs.write("a", "finished", 0.5);
  const Removal removal = removal_of_run(runs.folder / "a");
  const FolderLock lock(runs.folder / "a", {"", ""});
  CHECK(runs.chosen({.keep_best = 0}) == Names{});
  const std::size_t files = runs.left("a").size();
  CHECK_THROWS_WITH_AS(
      remove(removal),
      ((runs.folder / "a").string() + ": another process is training this run; it stays").c_str(),
      Error);
  CHECK(runs.left("a").size() == files);
}

TEST_CASE("a run is removed with all that it wrote") {
  Runs runs;
  runs.write("a", "finished", 0.5);
  std::uint64_t bytes = 0;
  for (const std::string& file : runs.left("a"))
    if (fs::is_regular_file(runs.folder / "a" / file))
      bytes += fs::file_size(runs.folder / "a" / file);
  const Removal removal = removal_of_run((runs.folder / "a").string() + "/");
  CHECK(removal.files.size() == 13);
  CHECK(removal.others.empty());
  CHECK(removal.bytes == bytes);
  CHECK(removal.files.back().filename() == "metrics.jsonl");
  remove(removal);
  CHECK_FALSE(fs::exists(runs.folder / "a"));
}

TEST_CASE("what no run wrote stays in its folder, and is named") {
  Runs runs;
  runs.write("a", "finished", 0.5);
  runs.folder.write("outside/last.h5", "mine");
  const fs::path a = runs.folder / "a";
  runs.folder.write("a/notes.txt", "mine");
  runs.folder.write("a/previews/mine.txt", "mine");
  runs.folder.write("a/mine/config.json", "mine");
  fs::create_directories(a / "empty");
  fs::remove(a / "log.txt");
  fs::create_symlink(runs.folder / "outside/last.h5", a / "log.txt");
  fs::create_directory_symlink(runs.folder / "outside", a / "previews/linked");
  const Removal removal = removal_of_run(a);
  CHECK(removal.others == std::vector<fs::path>{a / "empty", a / "log.txt", a / "mine",
                                                a / "notes.txt", a / "previews/linked",
                                                a / "previews/mine.txt"});
  remove(removal);
  CHECK(runs.left("a") == Names{"empty", "log.txt", "mine", "mine/config.json", "notes.txt",
                                "previews", "previews/linked", "previews/mine.txt"});
  CHECK(test::read_text(runs.folder / "outside/last.h5") == "mine");
}

TEST_CASE("folders of a run that are links are not followed") {
  Runs runs;
  runs.write("a", "finished", 0.5);
  const fs::path a = runs.folder / "a";
  fs::rename(a / "checkpoints", runs.folder / "elsewhere");
  fs::create_directory_symlink(runs.folder / "elsewhere", a / "checkpoints");
  CHECK(removal_of_checkpoints(a).files.empty());
  const Removal removal = removal_of_run(a);
  CHECK(removal.others == std::vector<fs::path>{a / "checkpoints"});
  remove(removal);
  CHECK(fs::exists(runs.folder / "elsewhere/last.h5"));
  CHECK(runs.left("a") == Names{"checkpoints"});

  runs.write("b", "finished", 0.5);
  fs::create_directory_symlink(runs.folder / "b", runs.folder / "link");
  for (const std::string name : {"link", "link/"})
    CHECK_THROWS_WITH_AS(removal_of_run(runs.folder / name),
                         ((runs.folder / "link").string() +
                          ": expected the folder of a run, found a link; links are not followed")
                             .c_str(),
                         Error);
}

TEST_CASE("of checkpoints the last one is removed where there is a best one") {
  Runs runs;
  runs.write("a", "finished", 0.5);
  const std::size_t files = runs.left("a").size();
  const Removal removal = removal_of_checkpoints(runs.folder / "a");
  CHECK(removal.files == std::vector<fs::path>{runs.folder / "a/checkpoints/last.h5"});
  CHECK(removal.bytes == 4);
  remove(removal);
  CHECK(runs.left("a").size() == files - 1);
  CHECK(is_run(runs.folder / "a"));

  runs.write("b", "finished", 0.5);
  fs::remove(runs.folder / "b/checkpoints/best.h5");
  CHECK(removal_of_checkpoints(runs.folder / "b").files.empty());
}

}  // namespace lucid

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "runs/page/page_report.h"
#include "runs/page/runs_page.h"
#include "support/run_files.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::RunFiles;

struct Page {
  explicit Page(const RunFiles& files = {}) { files.write(run); }
  std::string html() const {
    RunPage(run).write(false, folder / "page.html");
    return test::read_text(folder / "page.html");
  }
  // What the page's script reads.
  Json data() const { return data_of(html()); }
  static Json data_of(const std::string& html) {
    const std::string mark = R"(<script type="application/json" id="data">)";
    const std::size_t begin = html.find(mark) + mark.size();
    return Json::parse(html.substr(begin, html.find("</script>", begin) - begin));
  }

  test::TempDir folder;
  fs::path run = folder / "run";
};

std::string png(std::size_t bytes) { return "\x89PNG" + std::string(bytes - 4, 'x'); }

std::int64_t count_of(const std::string& text, std::string_view part) {
  std::int64_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_CASE("the page of a run has the numbers of its log") {
  RunFiles files;
  const Page page(files);
  const Json data = page.data();
  CHECK(data["state"] == "finished");
  CHECK(data["planned_epochs"] == 12);
  CHECK(data["higher_is_better"] == true);
  REQUIRE(data["epochs"]["epoch"].size() == 12);
  for (std::int64_t number = 1; number <= 12; ++number) {
    const Json event = files.epoch(number);
    const auto i = static_cast<std::size_t>(number - 1);
    CHECK(data["epochs"]["train.loss"][i] == event["train"]["loss"]);
    CHECK(data["epochs"]["validation.dice"][i] == event["validation"]["dice"]);
    CHECK(data["epochs"]["lr"][i] == event["lr"]);
  }
  CHECK(data["tables"] == Json{{"epoch", 10}, {"confusion", {{10, 1}, {2, 40}}}});
  CHECK(data["steps"]["step"].size() == 120);
  CHECK(data["log"].size() == 3);  // no line about an epoch
}

TEST_CASE("columns that only some epochs have are filled up") {
  const Page page(RunFiles{.epochs = 2, .end = ""});
  std::ofstream(page.run / "metrics.jsonl", std::ios::app)
      << R"({"event":"epoch","epoch":3,"step":30,"train":{"loss":1},"new":7,"best":false})"
         "\n"
      << R"({"event":"epoch","epoch":4,"ste)";  // being written
  const Json data = page.data();
  CHECK(data["state"] == "stopped");
  CHECK(data["epochs"]["epoch"] == Json({1, 2, 3}));
  CHECK(data["epochs"]["new"] == Json({nullptr, nullptr, 7}));
  CHECK(data["epochs"]["lr"][2] == nullptr);
}

TEST_CASE("a log with a foreign line makes no page") {
  const Page page;
  std::ofstream(page.run / "metrics.jsonl", std::ios::app) << "[]\n";
  CHECK_THROWS_WITH_AS(
      page.data(),
      ((page.run / "metrics.jsonl").string() + ": expected an event of a run, found '[]'").c_str(),
      Error);
}

TEST_CASE("names of users end no element of a page") {
  const std::string hostile = "</script><img src=x onerror=alert(1)><!--";
  const Page page(RunFiles{.name = hostile, .more_config = {{hostile, hostile}}});
  const std::string html = page.html();
  CHECK(count_of(html, "</script>") == count_of(Page().html(), "</script>"));
  CHECK(count_of(html, "<img") == 0);
  CHECK(count_of(html, "<!--") == 0);
  CHECK(Page::data_of(html)["name"] == hostile);
}

TEST_CASE("a page of 1000 epochs with pictures stays below 1 MB") {
  const Page page(RunFiles{.epochs = 1000, .steps_per_epoch = 30});
  for (int epoch = 5; epoch <= 1000; epoch += 5)
    page.folder.write("run/previews/epoch_" + std::to_string(10000 + epoch).substr(1) + "/a.png",
                      png(30 << 10));
  const std::string html = page.html();
  CHECK(html.size() < 1'000'000);
  const Json data = Page::data_of(html);
  CHECK(data["epochs"]["epoch"].size() == 1000);
  const std::size_t steps = data["steps"]["step"].size();
  CHECK(steps > 1000);
  CHECK(steps <= 2048);
  std::vector<std::int64_t> epochs;
  for (const Json& preview : data["previews"]) epochs.push_back(preview["epoch"]);
  REQUIRE(epochs.size() == 13);  // as many as 400 KiB hold
  CHECK(epochs[0] == 1000);
  CHECK(epochs[1] == 5);
  CHECK(epochs[2] == 995);
}

TEST_CASE("a page has the pictures of cases, and none from outside the run") {
  const Page page;
  page.folder.write("run/previews/best/worst.png", "\x89PNGab");
  page.folder.write("secret.png", png(10));
  page.folder.write("run/cases.json",
                    R"({"epoch": 3, "ranked_by": "dice", "cases": [], "pictures": [
    {"role": "worst", "case": "a", "file": "previews/best/worst.png"},
    {"role": "median", "case": "b", "file": "../secret.png"},
    {"role": "best", "case": "c", "file": "missing.png"}]})");
  const Json pictures = page.data()["cases"]["pictures"];
  CHECK(pictures[0]["data"] == "data:image/png;base64,iVBOR2Fi");
  CHECK_FALSE(pictures[1].contains("data"));
  CHECK(pictures[2]["data"] == nullptr);
}

TEST_CASE("a damaged file of cases leaves a page without them") {
  const Page page;
  page.folder.write("run/cases.json", "{");
  CHECK(page.data()["cases"] == nullptr);
  page.folder.write("run/cases.json", R"({"pictures": [1]})");
  CHECK(page.data()["cases"] == nullptr);
}

TEST_CASE("the page of a running one is written again with what follows") {
  const Page page(RunFiles{.epochs = 3});
  PageReport report(RunFolder(page.run), [](const std::string& line) { FAIL_CHECK(line); });
  const auto data = [&] { return Page::data_of(test::read_text(page.run / "report.html")); };
  report.begin({});
  CHECK(data()["state"] == "running");
  CHECK(data()["epochs"]["epoch"].size() == 3);
  std::ofstream(page.run / "metrics.jsonl", std::ios::app)
      << json_text(RunFiles{}.epoch(4)) << "\n"
      << R"({"event":"end","status":"diverged","message":"why"})"
      << "\n";
  report.end({});
  CHECK(data()["state"] == "diverged");
  CHECK(data()["message"] == "why");
  CHECK(data()["epochs"]["epoch"].size() == 4);
}

TEST_CASE("a page that cannot be written is told once") {
  const Page page;
  fs::create_directory(page.run / "report.html");
  std::vector<std::string> lines;
  PageReport report(RunFolder(page.run), [&](const std::string& line) { lines.push_back(line); });
  report.begin({});
  report.end({});
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "warning: " + (page.run / "report.html").string() + ": cannot be written: Is a directory");
}

TEST_CASE("the page of many runs has their rows, differences and thinned curves") {
  test::TempDir folder;
  std::vector<Run> runs;
  for (int i = 0; i < 3; ++i) {
    const fs::path run = folder / ("sweep/run" + std::to_string(i));
    RunFiles{.epochs = 100 * i, .steps_per_epoch = 1, .lr = 0.5 + i}.write(run);
    runs.push_back(read_run(run));
  }
  folder.write("sweep/run1/report.html", "");
  write_runs_page(runs, folder / "all.html");
  const Json data = Page::data_of(test::read_text(folder / "all.html"));
  REQUIRE(data["runs"].size() == 3);
  CHECK(data["runs"][1]["run"] == "sweep/run1");
  CHECK(data["runs"][1]["has_page"] == true);
  CHECK(data["runs"][2]["has_page"] == false);
  CHECK(data["runs"][0]["best"] == nullptr);
  CHECK(data["runs"][2]["best"] == RunFiles{}.epoch(10)["validation"]["dice"]);
  CHECK(data["parameters"][0] == Json{{"key", "optimizer.lr"}, {"values", {0.5, 1.5, 2.5}}});
  CHECK(data["curves"][0]["name"] == "validation.dice");
  CHECK(data["curves"][1]["runs"][2]["epoch"].size() == 200);
}

TEST_CASE("the curves of very many runs are thinned out, and end where the runs do") {
  test::TempDir folder;
  RunFiles{.epochs = 1000, .steps_per_epoch = 0}.write(folder / "run");
  const std::vector<Run> runs(60, read_run(folder / "run"));
  write_runs_page(runs, folder / "all.html");
  CHECK(fs::file_size(folder / "all.html") < 1'500'000);
  const Json data = Page::data_of(test::read_text(folder / "all.html"));
  const Json& epochs = data["curves"][1]["runs"][0]["epoch"];
  CHECK(epochs.size() == 200);
  CHECK(epochs.back() == 1000);
}

}  // namespace lucid

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "support/browser.h"
#include "support/experiment.h"
#include "support/run_files.h"
#include "support/run_program.h"

// Opens the pages about runs in a browser, which reads and draws them as users see them.
namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::Browsed;
using test::RunFiles;

// The parts of a text between two marks, one after the other.
std::vector<std::string> between(const std::string& text, const std::string& begin,
                                 const std::string& end) {
  std::vector<std::string> parts;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    parts.push_back(text.substr(at, text.find(end, at) - at));
  }
  return parts;
}

std::string table(const std::string& dom, const std::string& id) {
  const std::size_t begin = dom.find("<table id=\"" + id + "\"");
  REQUIRE(begin != std::string::npos);
  return dom.substr(begin, dom.find("</table>", begin) - begin);
}

// "M1 2L3 4" has two points.
std::ptrdiff_t points_of(const std::string& dom, const std::string& series) {
  const std::vector<std::string> paths = between(dom, "data-series=\"" + series + "\" d=\"", "\"");
  REQUIRE(paths.size() == 1);
  return std::ranges::count_if(paths[0], [](char c) { return c == 'M' || c == 'L'; });
}

Json value_of(const Json& event, const std::string& column) {
  const std::size_t dot = column.find('.');
  if (dot == std::string::npos) return event.at(column);
  return event.at(column.substr(0, dot)).at(column.substr(dot + 1));
}

void check_epoch_table(const std::string& dom, const RunFiles& files) {
  const std::string rows = table(dom, "epoch-table");
  std::vector<std::string> columns = between(rows, "class=\"sort\">", "</button>");
  for (std::string& column : columns) {
    std::ranges::replace(column, ' ', '_');
    if (const auto wbr = column.find("<wbr>"); wbr != std::string::npos) column.erase(wbr, 5);
  }
  CHECK(columns.size() == 16);
  const std::vector<std::string> found = between(rows.substr(rows.find("<tbody")), "<tr", "</tr>");
  REQUIRE(std::ssize(found) == files.epochs);
  for (std::int64_t number = 1; number <= files.epochs; ++number) {
    const Json event = files.epoch(number);
    std::vector<std::string> wanted;
    for (const std::string& column : columns)
      if (const Json value = value_of(event, column); value.is_number())
        wanted.push_back(json_text(value));
    std::vector<double> numbers, wanted_numbers;
    for (const std::string& text :
         between(found[static_cast<std::size_t>(number - 1)], "value=\"", "\""))
      numbers.push_back(std::stod(text));
    for (const std::string& text : wanted) wanted_numbers.push_back(std::stod(text));
    CHECK(numbers == wanted_numbers);
  }
}

void check_quiet(const Browsed& browsed) {
  CHECK(browsed.console == "");
  for (const char* slip : {"[object", ">undefined<", ">NaN<", "NaN "})
    CHECK(browsed.dom.find(slip, std::min(browsed.dom.find("<main"), browsed.dom.size())) ==
          std::string::npos);
  CHECK(browsed.probed("requests") == "0");
  CHECK(browsed.probed("violations") == "0");
  CHECK(std::stoi(browsed.probed("overflow")) <= 0);
}

// What a person does with a chart: reads it by keys, hides a line, changes its scale; and sorts.
const std::string kUse = R"(
  const chart = document.querySelector('.chart'), plot = chart.querySelector('.plot');
  const press = (key) => plot.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
  plot.focus();
  press('End');
  press('ArrowLeft');
  probe('readout', chart.querySelector('.readout').textContent);
  probe('spoken', plot.getAttribute('aria-valuetext'));
  const lines = () => chart.querySelectorAll('path.line').length, before = lines();
  chart.querySelector('button.legend').click();
  probe('hidden', before - lines());
  chart.querySelector('button.legend').click();
  chart.querySelector('button.scale').click();
  probe('ticks', [...chart.querySelectorAll('text.tick')].map((tick) => tick.textContent).join(' '));
  const table = document.querySelector('table.sortable');
  [...table.querySelectorAll('button.sort')].find((button) => button.textContent === 'dice').click();
  probe('sorted', [...table.querySelectorAll('tbody tr')].map((row) => row.querySelector('th').textContent).join(' '));
)";

struct Site {
  explicit Site(const RunFiles& written) : files(written) {
    files.write(folder / "run");
    folder.write("run/cases.json",
                 json_text(Json{{"epoch", 10},
                                {"ranked_by", "dice"},
                                {"cases",
                                 {{{"case", files.name}, {"dice", 0.5}, {"loss", 1}},
                                  {{"case", "b"}, {"dice", 0.25}, {"loss", 2}},
                                  {{"case", "c"}, {"dice", nullptr}, {"loss", 3}}}},
                                {"pictures", Json::array()}}));
  }
  fs::path page() const {
    const auto result = test::run_program("lucid-runs", {"report", (folder / "run").string()});
    CHECK(result.code == 0);
    CHECK(result.err == "");
    return folder / "run/report.html";
  }
  RunFiles files;
  test::TempDir folder;
};

}  // namespace

TEST_CASE("lucid-runs: in a browser, the page of a run has every number and point of its log") {
  if (!test::has_browser()) return;
  const Site site(RunFiles{});
  const Browsed browsed = test::browse(site.page(), kUse);
  check_quiet(browsed);
  check_epoch_table(browsed.dom, site.files);
  CHECK(points_of(browsed.dom, "training") == 12);
  CHECK(points_of(browsed.dom, "validation") == 12);
  CHECK(points_of(browsed.dom, "loss of a step") == 120);
  CHECK(points_of(browsed.dom, "dice") == 11);  // one is not defined
  CHECK(points_of(browsed.dom, "class 1") == 9);
  CHECK(points_of(browsed.dom, "lr") == 12);
  CHECK(browsed.probed("readout") == "epoch 11training 0.5152validation 0.6030");
  CHECK(browsed.probed("spoken") == "epoch 11: training 0.5152, validation 0.6030");
  CHECK(browsed.probed("hidden") == "1");
  CHECK(browsed.probed("ticks").starts_with("0.1 1 "));
  CHECK(browsed.probed("sorted") == "1 0");  // classes in the best epoch
  CHECK(between(table(browsed.dom, "confusion-table"), "value=\"", "\"") ==
        std::vector<std::string>{"10", "1", "2", "40"});
}

TEST_CASE("lucid-runs: in a browser, no name of a user becomes an element") {
  if (!test::has_browser()) return;
  const std::string hostile = "</script><img src=x onerror=document.title=1>\"'&lt;";
  const Site site(RunFiles{.name = hostile, .more_config = {{hostile, {{hostile, hostile}}}}});
  const Browsed browsed = test::browse(site.page(), R"(
    probe('images', document.images.length);
    probe('title', document.querySelector('h1').firstChild.data === data.name &&
      document.title === data.name);
    probe('case', document.querySelector('#case-table tbody tr:nth-child(2) th').textContent === data.name);)");
  check_quiet(browsed);
  CHECK(browsed.probed("images") == "0");
  check_epoch_table(browsed.dom, site.files);
}

TEST_CASE("lucid-runs: in a browser, pages fit a narrow screen") {
  if (!test::has_browser()) return;
  const Site site(RunFiles{.name = std::string(200, 'x')});
  const Browsed browsed = test::browse_narrow(site.page(), "", 390);
  CHECK(browsed.probed("width") == "390");
  check_quiet(browsed);
}

TEST_CASE("lucid-runs: in a browser, the page of many runs compares them") {
  if (!test::has_browser()) return;
  test::TempDir folder;
  for (int i = 1; i <= 4; ++i)
    RunFiles{.epochs = 3 * i, .lr = 0.1 * i}.write(folder / ("s/<b>" + std::to_string(i)));
  const std::vector<std::string> one{"report", (folder / "s/<b>2").string()};
  REQUIRE(test::run_program("lucid-runs", one).code == 0);
  const auto result = test::run_program("lucid-runs", {"report", (folder / "s").string()});
  REQUIRE(result.code == 0);
  CHECK(result.out == (folder / "s/report.html").string() + "\n");
  const Browsed browsed = test::browse_narrow(folder / "s/report.html", R"(
    const names = () => [...document.querySelectorAll('#run-table tbody th')].map((each) => each.textContent).join(' ');
    probe('first', names());
    [...document.querySelectorAll('#run-table .sort')].find((each) => each.textContent === 'optimizer.lr').click();
    probe('by-rate', names());
    probe('links', [...document.querySelectorAll('#run-table a')].map((each) => each.getAttribute('href')).join(' '));
    probe('dots', document.querySelectorAll('circle.run-dot').length);
    probe('lines', document.querySelectorAll('path.run-line').length);)",
                                              390);
  check_quiet(browsed);
  CHECK(browsed.probed("first") == "&lt;b&gt;4 &lt;b&gt;3 &lt;b&gt;2 &lt;b&gt;1");
  CHECK(browsed.probed("by-rate") == "&lt;b&gt;1 &lt;b&gt;2 &lt;b&gt;3 &lt;b&gt;4");
  CHECK(browsed.probed("links") == "./%3Cb%3E2/report.html");
  CHECK(browsed.probed("dots") == "4");
  CHECK(browsed.probed("lines") == "4");
}

TEST_CASE("lucid-train: a run has a page, which tells its command, and a profile if one is made") {
  test::Experiment experiment;
  experiment.write_config();
  const auto train = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--threads", "1", "--quiet"});
    const auto result = test::run_program("lucid-train", words, {.cwd = experiment.folder.path()});
    CHECK(result.code == 0);
    CHECK(result.err == "");
  };
  const auto page_of_run = [&] { return test::read_text(experiment / "run/report.html"); };
  train({"--config", "a.json", "--output", "run", "--epochs", "2", "--set", "train.log_every=1"});
  CHECK(page_of_run().find(R"("state":"finished")") != std::string::npos);
  CHECK(page_of_run().find("--config a.json --output run --epochs 2 --set train.log_every=1") !=
        std::string::npos);
  CHECK(page_of_run().find(R"("profile":null)") != std::string::npos);
  train({"--resume", "run", "--profile", "2"});
  const auto report =
      test::run_program("lucid-runs", {"report", "run"}, {.cwd = experiment.folder.path()});
  CHECK(report.code == 0);
  CHECK(page_of_run().find(R"("profile":{"count":2,"samples":)") != std::string::npos);
  CHECK(page_of_run().find(R"({"layer":"","step":"optimizer")") != std::string::npos);
}

TEST_CASE("lucid-runs: a page replaces pages alone") {
  const Site site(RunFiles{});
  const auto report = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "report");
    return test::run_program("lucid-runs", words, {.cwd = site.folder.path()});
  };
  CHECK(report({"run"}).out == "run/report.html\n");
  CHECK(report({"run"}).code == 0);
  const auto foreign = report({"run", "--output", "run/log.txt"});
  CHECK(foreign.code == 2);
  CHECK(foreign.err == "run/log.txt: exists, and is no page of lucid; choose another --output\n");
  CHECK(report({"run", "run"}).err ==
        "--output: expected a file for the page about 2 folders, found none\n");
  CHECK(report({"run", "run", "--output", "all.html"}).out == "all.html\n");
}

}  // namespace lucid

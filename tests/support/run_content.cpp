#include "support/run_content.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "store/checkpoint.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

const std::set<std::string> kTimes = {"seconds",    "samples_per_second", "data_wait",
                                      "ranks",      "bytes_read",         "bytes_decoded",
                                      "cache_hits", "cache_misses"};

// A resumed run's config says that no weights are to be loaded, so its text is left out.
std::map<std::string, std::string> checksums(const fs::path& checkpoint) {
  const CheckpointFile whole(checkpoint);
  const std::string digest = *hdf5::File(checkpoint).attribute<std::string>("/", "digest");
  const Json sums = parse_json(digest.substr(digest.find('\n')), "digest");
  std::map<std::string, std::string> all;
  for (const auto& kind : sums.items())
    for (const auto& object : kind.value().items()) {
      if (object.value().is_string()) all[object.key()] = object.value().get<std::string>();
      if (!object.value().is_object()) continue;
      for (const auto& attribute : object.value().items())
        if (attribute.key() != "config")
          all[object.key() + " " + attribute.key()] = attribute.value().get<std::string>();
    }
  return all;
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines = split(read_text(file), '\n');
  lines.pop_back();
  return lines;
}

std::vector<std::string> metrics_of(const fs::path& file) {
  std::vector<std::string> metrics;
  bool has_ended = false;
  for (const std::string& line : lines_of(file)) {
    Json event = parse_json(line, "metrics.jsonl");
    if (event["event"] == "end") {
      if (event["status"] == "interrupted" || has_ended) continue;
      has_ended = true;
    }
    for (const std::string& time : kTimes) event.erase(time);
    metrics.push_back(json_text(event));
  }
  return metrics;
}

std::vector<std::string> table_of(const fs::path& file) {
  const std::vector<std::string> lines = lines_of(file);
  const std::vector<std::string> names = split(lines.front(), ',');
  std::vector<std::string> table;
  for (const std::string& line : lines) {
    const std::vector<std::string> cells = split(line, ',');
    std::string kept;
    for (std::size_t i = 0; i < cells.size(); ++i)
      if (i >= names.size() || !kTimes.contains(names[i])) kept += cells[i] + ",";
    table.push_back(kept);
  }
  return table;
}

std::vector<std::string> files_of(const fs::path& run) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(run))
    files.push_back(fs::relative(entry.path(), run).string());
  std::ranges::sort(files);
  return files;
}

template <class List>
std::string difference(const std::string& what, const List& wanted, const List& found) {
  if (wanted == found) return "";
  std::string text = what + ":";
  const auto show = [&](const auto& one) {
    if constexpr (std::is_same_v<std::decay_t<decltype(one)>, std::string>)
      text += " " + one;
    else
      text += " " + one.first + " " + one.second;
  };
  for (const auto& one : wanted)
    if (std::ranges::find(found, one) == found.end()) text += "\n  -", show(one);
  for (const auto& one : found)
    if (std::ranges::find(wanted, one) == wanted.end()) text += "\n  +", show(one);
  return text + "\n";
}

}  // namespace

RunContent run_content(const fs::path& run) {
  return {checksums(run / "checkpoints/last.h5"), checksums(run / "checkpoints/best.h5"),
          metrics_of(run / "metrics.jsonl"), table_of(run / "metrics.csv"), files_of(run)};
}

std::string difference(const RunContent& wanted, const RunContent& found) {
  return difference("last.h5", wanted.last, found.last) +
         difference("best.h5", wanted.best, found.best) +
         difference("metrics.jsonl", wanted.metrics, found.metrics) +
         difference("metrics.csv", wanted.table, found.table) +
         difference("files", wanted.files, found.files);
}

}  // namespace lucid::test

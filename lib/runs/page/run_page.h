#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "runs/page/history.h"
#include "runs/run.h"

namespace lucid {

// The page about one run: report.html in its folder.
class RunPage {
 public:
  // Reads the run's files as far as they are written. Throws Error(kData) if config.json,
  // metrics.jsonl or log.txt is missing or damaged.
  explicit RunPage(const std::filesystem::path& folder);

  // Reads what was appended to the logs since.
  void read_more();
  // Writes the page, with the cases and pictures that the folder holds now. A run that is not being
  // trained is in the state in which it ended. Throws Error(kFailed).
  void write(bool is_running, const std::filesystem::path& file) const;

 private:
  Json data(bool is_running) const;

  Run run_;  // without its epochs, which the history has
  History history_;
  AppendedLines log_;
  std::vector<std::string> remarks_;  // the lines of the log that are not about an epoch
};

}  // namespace lucid

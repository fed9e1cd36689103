#pragma once
// Private to this room.

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "runs/page/appended_lines.h"

namespace lucid {

// The numbers of a run as a page draws them, read from its metrics.jsonl. Each line is read once,
// so that a page written after each epoch does not read the whole file each time.
class History {
 public:
  explicit History(std::filesystem::path file) : lines_(std::move(file)) {}

  // Reads the events that were appended since the last call. Throws Error(kData) for a line that is
  // no event of a run.
  void read_more();

  // {"epoch": [1, 2, ..], "step": [..], "train.loss": [..], "validation.dice": [..], ..}; null
  // where a value is not defined.
  const Json& epochs() const { return epochs_; }
  std::int64_t last_epoch() const;
  // {"step": [..], "loss": [..]}: every n-th of the logged steps, a few thousand at most.
  const Json& steps() const { return steps_; }
  // {"epoch": e, "confusion": [[..]]}: tables of the best epoch, null without one.
  const Json& tables() const { return tables_; }
  // The last event of the run's end; null if an epoch followed.
  const Json& end() const { return end_; }

 private:
  void read_line(const std::string& line);
  void add_epoch(const Json& event);
  void add_value(const std::string& column, const Json& value);
  void add_step(const Json& event);

  AppendedLines lines_;
  std::size_t epoch_count_ = 0;
  std::uint64_t step_count_ = 0, step_stride_ = 1;
  Json epochs_ = Json::object(), steps_ = {{"step", Json::array()}, {"loss", Json::array()}};
  Json tables_, end_;
};

}  // namespace lucid

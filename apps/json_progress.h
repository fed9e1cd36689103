#pragma once

#include "base/json.h"
#include "base/stopwatch.h"
#include "train/report/report.h"

namespace lucid {

// Writes events to stderr for programs, one JSON object a line: those of metrics.jsonl with what a
// program that shows progress needs beside them, and notes.
class JsonProgress : public Report {
 public:
  void begin(const BeginEvent& event) override;
  // Writes the first step, the last one of an epoch, and otherwise one every half second.
  void step(const StepEvent& event) override;
  void epoch(const EpochEvent& event) override;
  void time_limit(const TimeLimitEvent& event) override;
  void end(const EndEvent& event) override;
  void note(const std::string& line) override;

 private:
  BeginEvent begin_;
  bool has_step_ = false;
  Stopwatch since_step_;
};

}  // namespace lucid

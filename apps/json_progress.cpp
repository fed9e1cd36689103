#include "json_progress.h"

#include <iostream>
#include <nlohmann/json.hpp>

#include "train/report/event_json.h"

namespace lucid {
namespace {

void write_line(const Json& event) { std::cerr << json_text(event) + "\n" << std::flush; }

}  // namespace

void JsonProgress::begin(const BeginEvent& event) {
  begin_ = event;
  write_line(event_json(event));
}

void JsonProgress::step(const StepEvent& event) {
  constexpr double kSeconds = 0.5;
  if (has_step_ && event.batch < begin_.batches && since_step_.seconds() < kSeconds) return;
  has_step_ = true;
  since_step_.restart();
  Json line = event_json(event);
  line["epochs"] = begin_.epochs;
  line["steps"] = begin_.steps;
  line["batch"] = event.batch;
  line["batches"] = begin_.batches;
  line["samples_per_second"] = event.samples_per_second;
  write_line(line);
}

void JsonProgress::epoch(const EpochEvent& event) { write_line(event_json(event)); }

void JsonProgress::time_limit(const TimeLimitEvent& event) {
  begin_.epochs = event.epochs;
  begin_.steps = event.steps;
  write_line(event_json(event));
}

void JsonProgress::end(const EndEvent& event) { write_line(event_json(event)); }

void JsonProgress::note(const std::string& line) {
  write_line({{"event", "note"}, {"text", line}});
}

}  // namespace lucid

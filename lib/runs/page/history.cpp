#include "runs/page/history.h"

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

// A curve of more points than a wide screen has columns shows nothing more.
constexpr std::size_t kMostSteps = 2048;

// Keeps every second one.
void halve(Json& list) {
  Json kept = Json::array();
  for (std::size_t i = 0; i < list.size(); i += 2) kept.push_back(std::move(list[i]));
  list = std::move(kept);
}

}  // namespace

void History::read_more() {
  for (const std::string& line : lines_.read()) read_line(line);
}

std::int64_t History::last_epoch() const {
  return epoch_count_ == 0 ? 0 : epochs_.at("epoch").back().get<std::int64_t>();
}

void History::read_line(const std::string& line) {
  try {
    const Json event = Json::parse(line);
    const std::string kind = event.at("event").get<std::string>();
    if (kind == "step") add_step(event);
    if (kind == "epoch") add_epoch(event);
    if (kind == "end") end_ = event;
  } catch (const Json::exception&) {
    fail(lines_.file().string(), "expected an event of a run, found " + in_quotes(line));
  }
}

void History::add_epoch(const Json& event) {
  end_ = nullptr;
  Json tables = {{"epoch", event.at("epoch")}};
  for (const auto& [key, value] : event.items()) {
    if (key == "event" || key == "ranks") continue;  // a list for each epoch is no column
    if (!value.is_object()) {
      add_value(key, value);
      continue;
    }
    for (const auto& [name, number] : value.items()) {
      if (number.is_array())
        tables[name] = number;
      else
        add_value(key + "." + name, number);
    }
  }
  ++epoch_count_;
  for (auto& [column, values] : epochs_.items())
    if (values.size() < epoch_count_) values.push_back(nullptr);
  if (tables.size() > 1 && event.at("best").get<bool>()) tables_ = std::move(tables);
}

void History::add_value(const std::string& column, const Json& value) {
  Json& values = epochs_[column];
  if (values.is_null()) values = Json(epoch_count_, Json());
  values.push_back(value);
}

void History::add_step(const Json& event) {
  if (step_count_++ % step_stride_ != 0) return;
  for (auto& [name, list] : steps_.items()) list.push_back(event.at(name));
  if (steps_.at("step").size() < kMostSteps) return;
  for (auto& [name, list] : steps_.items()) halve(list);
  step_stride_ *= 2;
}

}  // namespace lucid

#include "runs/listing.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/csv.h"
#include "base/duration.h"
#include "base/registry.h"
#include "base/table.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr std::size_t kMostColumns = 8, kWidestCell = 32;  // of what differs

std::int64_t last_epoch(const Run& run) { return run.epochs.empty() ? 0 : run.epochs.back().epoch; }

// A number that sorts ascending as the order wants it; what has none comes last.
using SortNumber = std::function<std::optional<double>(const Run&)>;

std::optional<double> best_first(const Run& run) {
  const auto best = run.best_value();
  if (!best || std::isnan(*best)) return std::nullopt;
  return run.higher_is_better() ? -*best : *best;
}

bool is_less(const std::optional<double>& a, const std::optional<double>& b) {
  return a && b ? *a < *b : a.has_value() && !b;
}

// Numbers before texts before nothing.
bool is_less(const std::optional<Json>& a, const std::optional<Json>& b) {
  const auto number = [](const std::optional<Json>& value) {
    return value && value->is_number() ? std::optional(value->get<double>()) : std::nullopt;
  };
  if (number(a) || number(b)) return is_less(number(a), number(b));
  return a && b ? difference_text(a) < difference_text(b) : a.has_value() && !b;
}

}  // namespace

RunListing::RunListing(std::vector<Run> runs, const std::string& order, bool is_reversed)
    : runs_(std::move(runs)), differences_(differences(runs_)) {
  sort(order);
  if (!is_reversed) return;
  std::ranges::reverse(runs_);
  for (Difference& each : differences_) std::ranges::reverse(each.values);
}

void RunListing::sort(const std::string& order) {
  std::vector<std::string> known{"best", "name", "epoch", "seconds", "state"};
  for (const Difference& each : differences_) known.push_back(each.key);
  if (std::ranges::find(known, order) == known.end())
    throw Error(ExitCode::kUsage, "--sort: " + no_such("column", order, known));
  const auto by = std::ranges::find(differences_, order, &Difference::key);
  const auto comes_before = [&](std::size_t i, std::size_t j) {
    const Run &a = runs_[i], &b = runs_[j];
    if (order == "best")
      return a.monitor() != b.monitor() ? a.monitor() < b.monitor()
                                        : is_less(best_first(a), best_first(b));
    if (order == "epoch") return last_epoch(a) < last_epoch(b);
    if (order == "seconds") return a.seconds() < b.seconds();
    if (order == "state") return a.state < b.state;
    return order != "name" && is_less(by->values[i], by->values[j]);
  };
  std::vector<std::size_t> places(runs_.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::ranges::stable_sort(places, comes_before);
  std::vector<Run> sorted;
  for (const std::size_t i : places) sorted.push_back(std::move(runs_[i]));
  runs_ = std::move(sorted);
  for (Difference& each : differences_) {
    std::vector<std::optional<Json>> values;
    for (const std::size_t i : places) values.push_back(std::move(each.values[i]));
    each.values = std::move(values);
  }
}

std::string RunListing::monitors() const {
  const std::string first = runs_.empty() ? "" : runs_.front().monitor();
  const bool is_same =
      std::ranges::all_of(runs_, [&](const Run& run) { return run.monitor() == first; });
  return is_same && !first.empty() ? first : "monitored";
}

std::string RunListing::table() const {
  const std::size_t shown = std::min(differences_.size(), kMostColumns);
  std::vector<std::string> header{"run", "state", "epoch", monitors(), "in epoch", "time"};
  for (std::size_t i = 0; i < shown; ++i) header.push_back(differences_[i].key);
  Table table(header);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    const RunEpoch* best = run.best();
    std::string value = run.best_text();
    if (best != nullptr && monitors() != run.monitor()) value = run.monitor() + " " + value;
    std::vector<std::string> row{
        run.folder.string(),
        run.state,
        std::to_string(last_epoch(run)) + "/" + std::to_string(run.planned_epochs()),
        value,
        best == nullptr ? "" : std::to_string(best->epoch),
        duration_text(run.seconds())};
    for (std::size_t k = 0; k < shown; ++k)
      row.push_back(shortened(difference_text(differences_[k].values[i]), kWidestCell));
    table.add(std::move(row));
  }
  const std::size_t others = differences_.size() - shown;
  return table.text() +
         (others == 0 ? "" : std::to_string(others) + " more keys differ: see --csv or --json\n");
}

std::string RunListing::csv() const {
  CsvRow header;
  for (const char* column :
       {"run", "state", "epoch", "epochs", "monitor", "best", "best_epoch", "seconds"})
    header.add(column);
  for (const Difference& each : differences_) header.add(each.key);
  std::string text = header.line() + "\n";
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    const RunEpoch* best = run.best();
    CsvRow row;
    row.add(run.folder.string()).add(run.state).add(last_epoch(run)).add(run.planned_epochs());
    row.add(run.monitor()).add(best == nullptr ? "" : number_text(*run.best_value()));
    row.add(best == nullptr ? "" : std::to_string(best->epoch)).add(run.seconds());
    for (const Difference& each : differences_) row.add(difference_text(each.values[i]));
    text += row.line() + "\n";
  }
  return text;
}

Json RunListing::json() const {
  Json rows = Json::array();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    const Run& run = runs_[i];
    const RunEpoch* best = run.best();
    Json row = {{"run", run.folder.string()},
                {"name", run.name()},
                {"state", run.state},
                {"epoch", last_epoch(run)},
                {"epochs", run.planned_epochs()},
                {"monitor", run.monitor()},
                {"best", best == nullptr ? Json() : Json(*run.best_value())},
                {"best_epoch", best == nullptr ? Json() : Json(best->epoch)},
                {"seconds", run.seconds()},
                {"differs", Json::object()}};
    for (const Difference& each : differences_)
      if (each.values[i]) row["differs"][each.key] = *each.values[i];
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace lucid

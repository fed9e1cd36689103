#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "base/table.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "data/statistics/statistics.h"
#include "data_commands/command.h"
#include "work_progress.h"

namespace lucid {
namespace {

class Stats : public Subcommand {
 public:
  explicit Stats(CLI::App& app)
      : Subcommand(
            app, "stats",
            "Mean, deviation, range and percentiles of each channel of datasets of any size") {
    options_.add_option("file", file_, "The HDF5 file to read")->required()->type_name("FILE");
    options_.add_option("--dataset", datasets_, "Default: all that hold numbers")
        ->type_name("PATH...");
    options_
        .add_option("--axes", axes_, "Axes of the datasets, letters of n c d h w; default by rank")
        ->type_name("LETTERS");
    options_.add_option("--percentiles", percentiles_, "As 0.5,50,99.5; the default")
        ->delimiter(',')
        ->check(number_range(0.0, 100.0));
    options_.add_flag("--json", is_json_, "Figures as JSON");
    add_threads(options_, threads_);
  }

  int run() override {
    if (!axes_.empty())
      if (const std::string error = axes_error(axes_); !error.empty())
        throw Error(ExitCode::kUsage, "--axes: " + error);
    const hdf5::File file(file_);
    add_all(file);
    std::cout << (is_json_ ? json_text(json_, 2) + "\n" : table_.text());
    return 0;
  }

 private:
  void add_all(const hdf5::File& file) {
    WorkProgress progress;
    if (datasets_.empty())
      for (const std::string& dataset :
           file.datasets("", [&] { progress.update("the file's links", 0); }))
        add_if_numbers(file, dataset, progress);
    for (const std::string& dataset : datasets_) add(file.open(dataset), dataset, progress);
  }

  static std::vector<std::string> header(const std::vector<double>& percentiles) {
    std::vector<std::string> names{"dataset", "channel", "count", "mean", "std", "min"};
    for (const double percent : percentiles) names.push_back(number_text(percent) + " %");
    names.insert(names.end(), {"max", "NaN, Inf"});
    return names;
  }

  void add_if_numbers(const hdf5::File& file, const std::string& dataset, WorkProgress& progress) {
    if (!file.has_dataset(dataset)) return;
    hdf5::Array array = file.open(dataset);
    const hdf5::ArrayInfo& info = array.info();
    const bool is_empty = info.is_null || std::ranges::count(info.extents, 0) > 0;
    if (info.element && !is_empty) add(std::move(array), dataset, progress);
  }

  // Adds one row per channel, if the axes name a channel axis.
  void add(hdf5::Array opened, const std::string& dataset, WorkProgress& progress) {
    if (is_first_) table_ = Table(header(percentiles_));
    is_first_ = false;
    ChunkCache cache(0);
    const ChunkedArray array(std::move(opened), cache);
    const Shape shape = array.array().shape();
    const std::string axes = axes_.empty() ? default_axes(shape.rank()) : plain_axes(axes_);
    const std::size_t axis = axes.size() == shape.rank() ? axes.find('c') : std::string::npos;
    const std::int64_t channels = axis == std::string::npos ? 1 : shape[axis];
    for (std::int64_t channel = 0; channel < channels; ++channel) {
      hdf5::Region region{std::vector<std::int64_t>(shape.rank(), 0), shape.extents()};
      if (axis != std::string::npos) {
        region.start[axis] = channel;
        region.count[axis] = 1;
      }
      add_row("/" + dataset, channel,
              measure_statistics(
                  array, region, percentiles_, threads_, [&](std::size_t done, std::size_t total) {
                    progress.update("/" + dataset,
                                    static_cast<double>(done) / static_cast<double>(total));
                  }));
    }
  }

  void add_row(const std::string& dataset, std::int64_t channel, const Statistics& found) {
    const auto text = [](double number) {
      return value_text(static_cast<float>(number));  // the digits beyond float are of no use
    };
    const auto value_text = [&](double number) {  // but those of labels
      const bool is_stored = !found.exact_min.empty() && number == std::trunc(number);
      return is_stored ? number_text(number) : text(number);
    };
    std::vector<std::string> cells{dataset,
                                   std::to_string(channel),
                                   with_thousands(found.count),
                                   text(found.mean),
                                   text(found.std),
                                   found.exact_min.empty() ? text(found.min) : found.exact_min};
    Json percentiles = Json::object();
    for (std::size_t i = 0; i < percentiles_.size(); ++i) {
      const double value = found.count > 0 ? found.percentiles[i] : std::nan("");
      cells.push_back(value_text(value));
      percentiles[number_text(percentiles_[i])] = value;
    }
    cells.insert(cells.end(), {found.exact_max.empty() ? text(found.max) : found.exact_max,
                               with_thousands(found.not_finite)});
    table_.add(std::move(cells));
    json_.push_back({{"dataset", dataset},
                     {"channel", channel},
                     {"count", found.count},
                     {"not_finite", found.not_finite},
                     {"mean", found.mean},
                     {"std", found.std},
                     {"min", found.min},
                     {"max", found.max},
                     {"percentiles", std::move(percentiles)}});
  }

  std::string file_, axes_;
  std::vector<std::string> datasets_;
  std::vector<double> percentiles_{0.5, 50, 99.5};
  bool is_json_ = false, is_first_ = true;
  int threads_ = 1;
  Table table_{header(percentiles_)};
  Json json_ = Json::array();
};

}  // namespace

std::unique_ptr<Subcommand> stats_command(CLI::App& app) { return std::make_unique<Stats>(app); }

}  // namespace lucid

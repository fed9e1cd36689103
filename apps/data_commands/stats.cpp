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
#include "formats/open/open_planes.h"
#include "formats/open/open_volume.h"
#include "formats/open/volume_boxes.h"
#include "work_progress.h"

namespace lucid {
namespace {

class Stats : public Subcommand {
 public:
  explicit Stats(CLI::App& app)
      : Subcommand(
            app, "stats",
            "Mean, deviation, range and percentiles of each channel of datasets of any size") {
    options_.add_option("file", file_, "The file or folder to read, of any format")
        ->required()
        ->type_name("FILE");
    options_
        .add_option("--dataset", datasets_,
                    "Of HDF5, or arrays of .npz; default: all that hold numbers")
        ->type_name("PATH...");
    options_
        .add_option("--axes", axes_,
                    "Letters of n c d h w; default: as the file says, else by rank")
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
    if (is_volume(file_))
      add_volumes();
    else
      add_all(hdf5::File(file_));
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
    for (const std::string& dataset : datasets_) add(file, dataset, progress);
  }

  static std::vector<std::string> header(const std::vector<double>& percentiles) {
    std::vector<std::string> names{"dataset", "channel", "count", "mean", "std", "min"};
    for (const double percent : percentiles) names.push_back(number_text(percent) + " %");
    names.insert(names.end(), {"max", "NaN, Inf"});
    return names;
  }

  void add_if_numbers(const hdf5::File& file, const std::string& dataset, WorkProgress& progress) {
    if (!file.has_dataset(dataset)) return;
    const hdf5::ArrayInfo info = file.open(dataset).info();
    const bool is_empty = info.is_null || std::ranges::count(info.extents, 0) > 0;
    if (info.element && !is_empty) add(file, dataset, progress);
  }

  // The axis of the channels, npos without one, and their number.
  struct Channels {
    std::size_t axis;
    std::int64_t count;
  };
  Channels channels_of(const Shape& shape, const std::string& stored_axes) const {
    std::string axes = axes_.empty() ? plain_axes(stored_axes) : plain_axes(axes_);
    if (axes_.empty() && axes.size() != shape.rank()) axes = default_axes(shape.rank());
    const std::size_t axis = axes.size() == shape.rank() ? axes.find('c') : std::string::npos;
    return {axis, axis == std::string::npos ? 1 : shape[axis]};
  }

  // Adds one row per channel, if the axes name a channel axis.
  void add(const hdf5::File& file, const std::string& dataset, WorkProgress& progress) {
    ChunkCache cache(0);
    const ChunkedArray array(file.open(dataset), cache);
    const Shape shape = array.array().shape();
    const Channels channels =
        channels_of(shape, file.attribute<std::string>(dataset, "axes").value_or(""));
    for (std::int64_t channel = 0; channel < channels.count; ++channel) {
      hdf5::Region region{std::vector<std::int64_t>(shape.rank(), 0), shape.extents()};
      if (channels.axis != std::string::npos) {
        region.start[channels.axis] = channel;
        region.count[channels.axis] = 1;
      }
      add_row("/" + dataset, channel,
              measure_statistics(array, region, percentiles_, threads_,
                                 advance_of("/" + dataset, progress)));
    }
  }

  void add_volumes() {
    WorkProgress progress;
    std::vector<std::string> arrays = datasets_;
    if (arrays.empty() || arrays_in(file_).front().empty()) arrays = arrays_in(file_);
    for (const std::string& array : arrays) {
      const std::string name = array.empty() ? file_ : array;
      const auto open = [&] { return open_array(file_, array); };
      const VolumeHeader header = open().header();
      const Channels channels = channels_of(Shape(header.extents), header.axes);
      for (std::int64_t channel = 0; channel < channels.count; ++channel) {
        VolumeBoxes boxes(open, ChannelOfVolume{channels.axis, channel}, KeptElements::kSmall);
        add_row(name, channel,
                measure_boxes(boxes, percentiles_, threads_, advance_of(name, progress)));
      }
    }
  }

  static Advance advance_of(const std::string& name, WorkProgress& progress) {
    return [name, &progress](std::size_t done, std::size_t total) {
      progress.update(name, static_cast<double>(done) / static_cast<double>(total));
    };
  }

  void add_row(const std::string& dataset, std::int64_t channel, const Statistics& found) {
    if (is_first_) table_ = Table(header(percentiles_));
    is_first_ = false;
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

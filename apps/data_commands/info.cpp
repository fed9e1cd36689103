#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "data_commands/command.h"
#include "data_commands/info_reports.h"
#include "formats/open/open_planes.h"
#include "formats/open/open_volume.h"
#include "formats/open/volume_boxes.h"
#include "store/checkpoint.h"
#include "work_progress.h"

namespace lucid {
namespace {

constexpr std::size_t kMostRows = 10000;

class Info : public Subcommand {
 public:
  explicit Info(CLI::App& app)
      : Subcommand(app, "info",
                   "What a volume of any format is: shape, type, voxels, place and range; of HDF5 "
                   "a row for each dataset. Counts labels where there are few") {
    options_.add_option("file", file_, "The file or folder to read")->required();
    options_.add_flag("--json", is_json_, "As JSON");
    add_threads(options_, threads_);
  }

  int run() override {
    if (is_volume(file_)) {
      describe_volumes();
    } else {
      describe(hdf5::File(file_));
      text_ = table_.text() + text_;
    }
    print_warnings(warnings_);
    std::cout << (is_json_ ? json_text({{"file", file_}, {"volumes", json_}}, 2) + "\n" : text_);
    return 0;
  }

 private:
  // An array of an archive that cannot be read does not hide the others.
  void describe_volumes() {
    WorkProgress progress;
    for (const std::string& array : arrays_in(file_)) {
      const std::string name = array.empty() ? file_ : file_ + ": " + array;
      text_ += text_.empty() ? "" : "\n";
      try {
        describe_volume(name, array, progress);
      } catch (const Error& error) {
        if (array.empty()) throw;
        text_ += Table({"file", name}).text() + "unreadable: " + printable(error.what()) + "\n";
        json_.push_back({{"file", name}, {"error", error.what()}});
      }
    }
  }

  void describe_volume(const std::string& name, const std::string& array, WorkProgress& progress) {
    VolumeBoxes boxes([&] { return open_array(file_, array); }, kAllChannels, KeptElements::kNone);
    VolumeReport report{name, volume_format(file_), boxes.header(), {}};
    report.found = measure_boxes(boxes, {}, threads_, [&](std::size_t done, std::size_t total) {
      progress.update(name, static_cast<double>(done) / static_cast<double>(total));
    });
    for (const std::string& warning : report.header.warnings)
      warnings_.push_back(name + ": " + warning);
    if (!boxes.left_out().empty()) warnings_.push_back(name + ": " + boxes.left_out());
    text_ += volume_text(report);
    json_.push_back(volume_json(report));
  }

  void describe(const hdf5::File& file) {
    WorkProgress progress;
    hdf5::Listing found;
    try {
      found = file.list("", [&] { progress.update("the file's links", 0); });
    } catch (const Error& error) {
      return add_unreadable("", error.what());
    }
    const std::size_t rows = std::min(found.paths.size(), kMostRows);
    for (std::size_t i = 0; i < rows; ++i) describe(file, found.paths[i], progress);
    for (const hdf5::LeftOut& part : found.left_out) add_unreadable(part.path, part.reason);
    if (const std::size_t others = found.paths.size() - rows; others > 0)
      add_unreadable("", file_ + ": " + with_thousands(static_cast<std::int64_t>(others)) +
                             " datasets after these are not described");
    if (const auto damage = damage_of(file)) add_damage(*damage);
  }

  void add_damage(const std::string& damage) {
    const std::string text = "damaged: the file is not as it was saved: " + damage;
    table_.add({"/", text});
    json_.push_back({{"dataset", "/"}, {"error", text}});
  }

  void add_unreadable(const std::string& path, const std::string& reason) {
    table_.add({"/" + path, "unreadable: " + reason});
    json_.push_back({{"dataset", "/" + path}, {"error", reason}});
  }

  void describe(const hdf5::File& file, const std::string& dataset, WorkProgress& progress) {
    try {
      const Description found = described(file, dataset, progress);
      const Json json = is_json_ ? dataset_json(file, dataset, found) : Json();
      table_.add(found.cells);
      text_ += label_text("/" + dataset, found.labels);
      json_.push_back(json);
    } catch (const Error& error) {
      add_unreadable(dataset, error.what());
    }
  }

  // Reads a dataset once, whatever number of links lead to it.
  Description described(const hdf5::File& file, const std::string& dataset,
                        WorkProgress& progress) {
    const std::string identity = file.identity(dataset);
    if (const auto known = known_.find(identity); !identity.empty() && known != known_.end()) {
      Description same = known->second;
      same.cells[0] = "/" + dataset;
      return same;
    }
    const auto advance = [&](std::size_t done, std::size_t total) {
      progress.update("/" + dataset, static_cast<double>(done) / static_cast<double>(total));
    };
    return known_[identity] = describe_dataset(file, dataset, threads_, advance);
  }

  std::string file_, text_;
  std::vector<std::string> warnings_;
  bool is_json_ = false;
  Json json_ = Json::array();
  std::map<std::string, Description> known_;  // by identity
  int threads_ = 1;
  Table table_{{"dataset", "shape", "type", "storage", "ratio", "range"}};
};

}  // namespace

std::unique_ptr<Subcommand> info_command(CLI::App& app) { return std::make_unique<Info>(app); }

}  // namespace lucid

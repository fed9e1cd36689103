#include <algorithm>
#include <iostream>
#include <map>

#include "base/error.h"
#include "base/table.h"
#include "base/text.h"
#include "data/statistics/describe.h"
#include "data_commands/command.h"
#include "objective/loss/loss.h"
#include "store/checkpoint.h"
#include "work_progress.h"

namespace lucid {
namespace {

// With more different values a volume holds grey values, not classes.
constexpr std::size_t kMostListed = 32;
constexpr std::int64_t kMostClass = 255;
constexpr std::size_t kMostRows = 10000;

using Labels = std::map<std::int64_t, std::int64_t>;

// Lists the count of each label and the class weights that the loss's "weight": "auto" would use;
// negative labels belong to no class.
std::string label_text(const std::string& dataset, const Labels& labels) {
  std::int64_t total = 0;
  std::vector<std::int64_t> counts;
  if (labels.rbegin()->first >= 0 && labels.rbegin()->first <= kMostClass)
    counts.resize(static_cast<std::size_t>(labels.rbegin()->first) + 1);
  for (const auto& [label, count] : labels) {
    total += count;
    if (label >= 0 && label < std::ssize(counts)) counts[static_cast<std::size_t>(label)] = count;
  }
  const std::vector<double> weights = balanced_class_weights(counts);
  Table table({"label", "count", "share", "class weight"});
  for (const auto& [label, count] : labels) {
    const bool is_class = label >= 0 && label < std::ssize(weights);
    table.add({std::to_string(label), with_thousands(count),
               fixed_text(100 * static_cast<double>(count) / static_cast<double>(total), 2) + "%",
               is_class ? fixed_text(weights[static_cast<std::size_t>(label)], 4) : "-"});
  }
  return "\n" + dataset + "\n" + table.text();
}

class Info : public Subcommand {
 public:
  explicit Info(CLI::App& app)
      : Subcommand(app, "info",
                   "Prints one row per dataset of a file, and the histogram of datasets with few "
                   "different integers") {
    options_.add_option("file", file_, "The HDF5 file to read")->required();
    add_threads(options_, threads_);
  }

  int run() override {
    const hdf5::File file(file_);
    describe(file);
    std::cout << table_.text() << labels_;
    return 0;
  }

 private:
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
    if (const auto damage = damage_of(file))
      table_.add({"/", "damaged: the file is not as it was saved: " + *damage});
  }

  void add_unreadable(const std::string& path, const std::string& reason) {
    table_.add({"/" + path, "unreadable: " + reason});
  }

  void describe(const hdf5::File& file, const std::string& dataset, WorkProgress& progress) {
    try {
      const Description found = described(file, dataset, progress);
      table_.add(found.cells);
      const std::size_t count = found.labels.size();
      if (count > 1 && count <= kMostListed) labels_ += label_text("/" + dataset, found.labels);
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

  std::string file_, labels_;
  std::map<std::string, Description> known_;  // by identity
  int threads_ = 1;
  Table table_{{"dataset", "shape", "type", "storage", "ratio", "range"}};
};

}  // namespace

std::unique_ptr<Subcommand> info_command(CLI::App& app) { return std::make_unique<Info>(app); }

}  // namespace lucid

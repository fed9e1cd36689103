#include <iostream>

#include "base/error.h"
#include "base/table.h"
#include "data/describe.h"
#include "data_commands/command.h"

namespace lucid {
namespace {

std::vector<std::string> describe(const hdf5::File& file, const std::string& dataset) {
  try {
    return describe_dataset(file, dataset);
  } catch (const Error& error) {
    return {"/" + dataset, std::string("unreadable: ") + error.what()};
  }
}

class Info : public DataCommand {
 public:
  explicit Info(CLI::App& app) : DataCommand(app, "info", "Prints a row a dataset of a file") {
    options_.add_option("file", file_, "The HDF5 file to read")->required();
  }

  int run() override {
    const hdf5::File file(file_);
    Table table({"dataset", "shape", "type", "storage", "range"});
    try {
      for (const std::string& dataset : file.datasets()) table.add(describe(file, dataset));
    } catch (const Error& error) {
      table.add({"/", std::string("unreadable: ") + error.what()});
    }
    std::cout << table.text();
    return 0;
  }

 private:
  std::string file_;
};

}  // namespace

std::unique_ptr<DataCommand> info_command(CLI::App& app) { return std::make_unique<Info>(app); }

}  // namespace lucid

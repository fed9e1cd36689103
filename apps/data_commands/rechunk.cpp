#include "data/chunks/rechunk.h"

#include <iostream>

#include "base/table.h"
#include "base/text.h"
#include "data/array/ranges.h"
#include "data/hdf5/files_behind.h"
#include "data_commands/command.h"
#include "program.h"
#include "work_progress.h"

namespace lucid {
namespace {

class Rechunk : public Subcommand {
 public:
  explicit Rechunk(CLI::App& app)
      : Subcommand(app, "rechunk",
                   "Copies an HDF5 file, its volumes in other chunks and compression, and reads "
                   "back what it wrote") {
    options_.add_option("input", input_, "The HDF5 file to read")->required()->type_name("FILE");
    options_.add_option("output", output_.path, "The file to write")->required()->type_name("FILE");
    options_.add_flag("--overwrite", output_.may_overwrite, "Replace an existing output");
    options_
        .add_option("--chunk", chunk_, "S or D,H,W of a chunk; auto: near the patch, 1 to 6 MiB")
        ->capture_default_str();
    options_.add_option("--patch", patch_, "S or D,H,W of the patches that will be read")
        ->capture_default_str();
    options_.add_option("--deflate", rechunk_.deflate, "Compression: 0 none, 1 fast to 9 small")
        ->check(integer_range(0, 9))
        ->capture_default_str();
    options_.add_flag("--shuffle,!--no-shuffle", rechunk_.is_shuffled,
                      "Shuffle the bytes of elements before deflate; default: yes");
    options_.add_option("--memory", memory_mib_, "Approximate memory for buffers")
        ->type_name("MIB")
        ->check(integer_range(1, 1 << 24))
        ->capture_default_str();
    add_threads(options_, rechunk_.threads);
  }

  int run() override {
    check_files();
    if (chunk_ != "auto") rechunk_.chunk = parse_size("--chunk", chunk_);
    rechunk_.patch = parse_size("--patch", patch_);
    rechunk_.memory_bytes = memory_mib_ << 20;
    const RechunkResult result = write();
    for (const std::string& attribute : result.left_out)
      print_warning(input_ + ": " + attribute + ": refers to objects and is left out");
    print(result);
    return 0;
  }

 private:
  // The file itself may be replaced: everything is read before the output is put in place.
  void check_files() const {
    CommandFiles files;
    files.writes(output_, "output");
    for (const std::filesystem::path& path : hdf5::files_behind(input_))
      files.reads(path, "source of the input");
    files.check();
  }

  RechunkResult write() const {
    WorkProgress progress;
    return rechunk(input_, output_, rechunk_, [&](std::size_t done, std::size_t total) {
      progress.update(output_.path, static_cast<double>(done) / static_cast<double>(total));
    });
  }

  static void print(const RechunkResult& result) {
    Table table({"dataset", "before", "bytes", "after", "bytes"});
    for (const RechunkedDataset& each : result.datasets)
      table.add({"/" + each.path, each.before, with_thousands(std::int64_t(each.bytes_before)),
                 each.after, with_thousands(std::int64_t(each.bytes_after))});
    std::cout << table.text();
  }

  std::string input_, chunk_ = "auto", patch_ = "64";
  std::size_t memory_mib_ = RechunkOptions{}.memory_bytes >> 20;
  OutputFile output_;
  RechunkOptions rechunk_;
};

}  // namespace

std::unique_ptr<Subcommand> rechunk_command(CLI::App& app) {
  return std::make_unique<Rechunk>(app);
}

}  // namespace lucid

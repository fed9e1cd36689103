#include "data/patches.h"
#include "data/synthetic.h"
#include "data_commands/command.h"

namespace lucid {
namespace {

void add_seed(CLI::App& options, std::uint64_t& seed) {
  options.add_option("--seed", seed, "Equal seeds give equal files")->capture_default_str();
}

class Make : public DataCommand {
 public:
  explicit Make(CLI::App& app)
      : DataCommand(app, "make",
                    "Makes a labelled set: shapes (classes, labels (n)), blobs (voxel classes, "
                    "labels (n,d,h,w)) or field (regression, values (n,3); of more channels values "
                    "(n,4))") {
    options_.add_option("kind", kind_, "shapes, blobs or field")
        ->required()
        ->check(CLI::IsMember(synthetic_kinds()));
    add_output(options_, output_);
    add_seed(options_, set_.seed);
    options_.add_option("--count", set_.count, "Samples")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    options_.add_option("--size", size_, "S or D,H,W")->capture_default_str();
    options_.add_option("--classes", set_.classes, "Of shapes and blobs")->capture_default_str();
    options_.add_option("--channels", set_.channels, "Of field: moments of its growth")
        ->capture_default_str();
    options_.add_option("--noise", set_.noise, "Deviation, as a part of the full range")
        ->check(CLI::Range(0.0, 10.0))
        ->capture_default_str();
  }

  int run() override {
    set_.size = parse_size(size_);
    write_output(output_, [&](hdf5::Writer& file) { make_synthetic(kind_, file, set_); });
    return 0;
  }

 private:
  std::string kind_, size_ = "32";
  OutputFile output_;
  SyntheticOptions set_;
};

class Patches : public DataCommand {
 public:
  explicit Patches(CLI::App& app)
      : DataCommand(app, "patches",
                    "Cuts cubes around random labelled voxels of one volume: volumes (n,1,d,h,w), "
                    "labels (n). The labels kept count from 0 in ascending order; the attribute "
                    "original_labels lists them") {
    options_.add_option("--input", file_, "The HDF5 file to read")->required();
    options_.add_option("--raw", set_.raw, "Its dataset (d,h,w) of values")->required();
    options_.add_option("--labels", set_.labels, "Its dataset (d,h,w) of labels")->required();
    add_output(options_, output_);
    add_seed(options_, set_.seed);
    options_.add_option("--size", size_, "S or D,H,W of a patch")->required();
    options_.add_option("--per-class", set_.per_class, "Patches of each label")
        ->required()
        ->check(CLI::PositiveNumber);
    options_.add_option("--region", region_,
                        "Where patches lie, wholly: ranges of d, h, w, as w=:43,d=10:50");
    options_.add_option("--mirror", mirror_, "Turns every patch around along d, h or w")
        ->check(CLI::IsMember({"d", "h", "w"}));
    options_.add_option("--classes", set_.classes, "Labels to keep, as 1,3,5; else all but 0")
        ->delimiter(',');
    options_.add_flag("--voxel-labels", set_.voxel_labels,
                      "labels (n,d,h,w): of every voxel, as stored");
  }

  int run() override {
    set_.size = parse_size(size_);
    if (!region_.empty()) set_.region = parse_ranges(region_);
    if (!mirror_.empty()) set_.mirror = std::string("dhw").find(mirror_);
    const hdf5::File input(file_);
    write_output(output_, [&](hdf5::Writer& file) { make_patches(input, set_, file); });
    return 0;
  }

 private:
  std::string file_, size_, region_, mirror_;
  OutputFile output_;
  PatchOptions set_;
};

}  // namespace

std::unique_ptr<DataCommand> make_command(CLI::App& app) { return std::make_unique<Make>(app); }
std::unique_ptr<DataCommand> patches_command(CLI::App& app) {
  return std::make_unique<Patches>(app);
}

}  // namespace lucid

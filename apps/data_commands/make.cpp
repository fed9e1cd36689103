#include "data/patch/cut.h"
#include "data/synthetic/synthetic.h"
#include "data/synthetic/volume.h"
#include "data_commands/command.h"
#include "work_progress.h"

namespace lucid {
namespace {

void add_seed(CLI::App& options, std::uint64_t& seed) {
  options.add_option("--seed", seed, "Equal seeds give equal files")
      ->check(integer_from(0))
      ->capture_default_str();
}

class Make : public Subcommand {
 public:
  explicit Make(CLI::App& app)
      : Subcommand(app, "make",
                   "Makes a labelled set: shapes (classes, labels (n)), blobs (voxel classes, "
                   "labels (n,d,h,w)), field (regression, values (n,3); of more channels values "
                   "(n,4)), or one volume of any size (raw (d,h,w), labels (d,h,w))") {
    std::vector<std::string> kinds = synthetic_kinds();
    kinds.push_back(kVolume);
    options_.add_option("kind", kind_, "shapes, blobs, field or volume")
        ->required()
        ->check(one_of(kinds));
    add_output(options_, output_);
    add_seed(options_, set_.seed);
    of_sets_.push_back(options_.add_option("--count", set_.count, "Samples; not of volume")
                           ->check(integer_from(1))
                           ->capture_default_str());
    options_.add_option("--size", size_, "S or D,H,W")->capture_default_str();
    options_.add_option("--classes", set_.classes, "Of shapes, blobs and volume")
        ->capture_default_str();
    of_sets_.push_back(
        options_.add_option("--channels", set_.channels, "Of field: moments of its growth")
            ->capture_default_str());
    options_.add_option("--noise", set_.noise, "Deviation, as a part of the full range")
        ->check(number_range(0.0, 10.0))
        ->capture_default_str();
    options_.add_option("--chunk", chunk_,
                        "S or D,H,W of a chunk; default: 64 of volume, else a sample where it is "
                        "compressed");
    options_
        .add_option("--deflate", deflate_,
                    "1 (fast) to 9 (small), 0 for no compression; default: 4 of volume, else 0")
        ->check(integer_range(0, 9));
    add_volume_options();
  }

  int run() override {
    set_.size = parse_size("--size", size_);
    const bool is_volume = kind_ == kVolume;
    for (const CLI::Option* option : is_volume ? of_sets_ : of_volume_)
      if (option->count() > 0)
        throw Error(ExitCode::kUsage, option->get_name() + ": is no option of " + kind_);
    if (!chunk_.empty()) set_.chunk = parse_size("--chunk", chunk_);
    check_output(output_, {});
    if (is_volume) return make_one_volume();
    set_.deflate = deflate_.value_or(set_.deflate);
    write_output(output_, [&](hdf5::Writer& file) { make_synthetic(kind_, file, set_); });
    return 0;
  }

 private:
  static constexpr const char* kVolume = "volume";

  void add_volume_options() {
    of_volume_ = {options_.add_option("--type", type_, "Of volume: uint8, uint16 or float32")
                      ->check(one_of({"uint8", "uint16", "float32"}))
                      ->capture_default_str(),
                  options_
                      .add_option("--coverage", volume_.coverage,
                                  "Of volume: the part of it that has a class, about")
                      ->check(number_range(0.0, 1.0))
                      ->capture_default_str(),
                  add_threads(options_, volume_.threads)};
  }

  int make_one_volume() {
    volume_.set = set_;
    volume_.chunk = set_.chunk.value_or(volume_.chunk);
    volume_.deflate = deflate_.value_or(volume_.deflate);
    volume_.type = type_ == "uint8"    ? ElementType::kUint8
                   : type_ == "uint16" ? ElementType::kUint16
                                       : ElementType::kFloat32;
    WorkProgress progress;
    write_output(output_, [&](hdf5::Writer& file) {
      make_volume(file, volume_, [&](std::size_t done, std::size_t total) {
        progress.update(output_.path, static_cast<double>(done) / static_cast<double>(total));
      });
    });
    return 0;
  }

  std::string kind_, size_ = "32", chunk_, type_ = "uint8";
  std::optional<int> deflate_;
  OutputFile output_;
  SyntheticOptions set_;
  VolumeOptions volume_;
  std::vector<CLI::Option*> of_sets_, of_volume_;
};

class Patches : public Subcommand {
 public:
  explicit Patches(CLI::App& app)
      : Subcommand(app, "patches",
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
        ->check(integer_from(1));
    options_.add_option("--region", region_,
                        "Where patches lie, wholly: ranges of d, h, w, as w=:43,d=10:50");
    options_.add_option("--mirror", mirror_, "Turns every patch around along d, h or w")
        ->check(one_of({"d", "h", "w"}));
    options_.add_option("--classes", set_.classes, "Labels to keep, as 1,3,5; else all but 0")
        ->delimiter(',');
    options_.add_flag("--voxel-labels", set_.voxel_labels,
                      "labels (n,d,h,w): of every voxel, as stored");
  }

  int run() override {
    set_.size = parse_size("--size", size_);
    if (!region_.empty()) set_.region = parse_ranges(region_);
    if (!mirror_.empty()) set_.mirror = std::string("dhw").find(mirror_);
    const hdf5::File input(file_);
    check_output(output_, {file_});
    write_output(output_, [&](hdf5::Writer& file) { make_patches(input, set_, file); });
    return 0;
  }

 private:
  std::string file_, size_, region_, mirror_;
  OutputFile output_;
  PatchOptions set_;
};

}  // namespace

std::unique_ptr<Subcommand> make_command(CLI::App& app) { return std::make_unique<Make>(app); }
std::unique_ptr<Subcommand> patches_command(CLI::App& app) {
  return std::make_unique<Patches>(app);
}

}  // namespace lucid

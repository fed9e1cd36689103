#include "base/error.h"
#include "base/text.h"
#include "data_commands/command.h"
#include "formats/open/open_volume.h"
#include "preview/preview_files.h"
#include "work_progress.h"

namespace lucid {
namespace {

class View : public Subcommand {
 public:
  explicit View(CLI::App& app)
      : Subcommand(app, "view",
                   "A PNG of slices across the three axes, with labels over them and a legend") {
    options_.add_option("file", files_.file, "The volume's file or folder, of any format")
        ->required();
    options_.add_option("--dataset", files_.dataset, "The volume in HDF5, or the array in .npz")
        ->type_name("PATH");
    options_
        .add_option("--labels", files_.labels,
                    "Its labels, or predictions with class channels: a dataset, or a file that is "
                    "not HDF5")
        ->type_name("PATH");
    options_.add_option("--labels-file", files_.labels_file, "The file they are in, if another")
        ->type_name("FILE");
    options_.add_option("--out", output_.path, "The PNG to write")->required()->type_name("FILE");
    options_.add_flag("--overwrite", output_.may_overwrite, "Replace an existing picture");
    options_.add_option("--axes", files_.place.axes, "Axes of the volume, letters of n c d h w");
    options_.add_option("--label-axes", files_.label_axes, "Axes of the labels");
    options_.add_option("--sample", files_.place.sample, "Along n")->capture_default_str();
    options_.add_option("--channel", files_.place.channel, "Along c")->capture_default_str();
    options_.add_option("--slices", style_.slices, "Along each axis")
        ->check(integer_range(1, 9))
        ->capture_default_str();
    options_.add_option("--size", style_.tile_side, "Pixels of a slice's longest side")
        ->check(integer_range(64, 2048))
        ->capture_default_str();
    options_.add_option("--flip", style_.flipped, "Axes shown the other way, as dh")
        ->type_name("LETTERS");
    options_
        .add_option("--window", window_, "LOW,HIGH shown black and white; default: percentiles")
        ->delimiter(',')
        ->expected(2);
    options_
        .add_option("--names", files_.class_names, "Names of the classes from 0 on, as other,liver")
        ->delimiter(',');
  }

  int run() override {
    check_output(output_, inputs());
    if (style_.flipped.find_first_not_of("dhw") != std::string::npos)
      throw Error(ExitCode::kUsage,
                  "--flip: expected letters of d h w, found " + in_quotes(style_.flipped));
    if (!window_.empty() && !(window_[0] < window_[1]))
      throw Error(ExitCode::kUsage, "--window: expected LOW below HIGH, found " +
                                        number_text(window_[0]) + "," + number_text(window_[1]));
    if (!window_.empty()) style_.window = {window_[0], window_[1]};
    WorkProgress progress;
    write_preview(files_, style_, output_, [&](double share) { progress.update("labels", share); });
    return 0;
  }

 private:
  // A volume of other formats may lie in several files.
  std::vector<std::filesystem::path> inputs() const {
    std::vector<std::filesystem::path> all{files_.file};
    if (const auto labels = file_of_labels(files_)) all.push_back(*labels);
    for (std::size_t i = 0, count = all.size(); i < count; ++i)
      if (is_volume(all[i]) && kind_of(all[i]) != FileKind::kMissing)
        for (const auto& file : files_of_volume(all[i])) all.push_back(file);
    return all;
  }

  PreviewFiles files_;
  PreviewStyle style_;
  OutputFile output_;
  std::vector<float> window_;
};

}  // namespace

std::unique_ptr<Subcommand> view_command(CLI::App& app) { return std::make_unique<View>(app); }

}  // namespace lucid

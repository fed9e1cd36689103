#include "formats/import/export.h"

#include "data_commands/command.h"
#include "formats/open/open_volume.h"
#include "work_progress.h"

namespace lucid {
namespace {

class Export : public Subcommand {
 public:
  explicit Export(CLI::App& app)
      : Subcommand(app, "export",
                   "A dataset to NIfTI (.nii, .nii.gz), with the geometry of the volume that it "
                   "was made from") {
    options_.add_option("input", export_.input, "The HDF5 file to read")->required();
    options_.add_option("--dataset", export_.dataset, "Its dataset, as predictions")
        ->required()
        ->type_name("PATH");
    options_.add_option("--axes", export_.axes, "Its axes, letters of n c d h w")
        ->type_name("LETTERS");
    options_.add_option("--sample", export_.sample, "Of several along n, counted from 0")
        ->check(integer_from(0));
    options_
        .add_option(
            "--geometry", export_.geometry,
            "A volume file of another format, or HDF5 of lucid-data import, FILE or FILE:DATASET; "
            "default: the dataset's own attributes")
        ->type_name("FILE");
    options_.add_option("--voxel-size", voxel_size_, "D,H,W in mm, where there is no geometry")
        ->delimiter(',')
        ->expected(3)
        ->check(positive_number())
        ->excludes("--geometry");
    add_output(options_, output_);
  }

  int run() override {
    std::vector<std::filesystem::path> inputs{export_.input};
    if (export_.geometry) add_geometry(*export_.geometry, inputs);
    check_output(output_, inputs);
    export_.output = output_;
    if (!voxel_size_.empty()) export_.voxel_size = {voxel_size_[0], voxel_size_[1], voxel_size_[2]};
    std::vector<std::string> warnings;
    {
      WorkProgress progress;
      warnings = export_nifti(export_, [&](double share) { progress.update(output_.path, share); });
    }
    print_warnings(warnings);
    return 0;
  }

 private:
  // "file.h5:dataset" names a file, too.
  static void add_geometry(const std::string& text, std::vector<std::filesystem::path>& inputs) {
    const auto colon = kind_of(text) == FileKind::kMissing ? text.rfind(':') : std::string::npos;
    const std::string file = text.substr(0, colon);
    if (kind_of(file) == FileKind::kMissing) return;  // is reported when it is read
    for (const std::filesystem::path& path : files_of_volume(file)) inputs.push_back(path);
  }

  ExportOptions export_;
  OutputFile output_;
  std::vector<double> voxel_size_;
};

}  // namespace

std::unique_ptr<Subcommand> export_command(CLI::App& app) { return std::make_unique<Export>(app); }

}  // namespace lucid

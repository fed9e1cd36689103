#include "formats/import/import.h"

#include <iostream>

#include "base/text.h"
#include "data_commands/command.h"
#include "program.h"
#include "work_progress.h"

namespace lucid {
namespace {

class Import : public Subcommand {
 public:
  explicit Import(CLI::App& app)
      : Subcommand(
            app, "import",
            "Volumes of other formats (.nii, .nii.gz, .hdr, .nrrd, .nhdr, .mha, .mhd, .tif, .npy, "
            ".npz, .raw, DICOM) to one HDF5 file: NAME/raw and NAME/label, paired by name") {
    add_sources();
    add_output(options_, output_);
    add_raw();
  }

  int run() override {
    check_output(output_, files_to_import(import_));
    import_.layout.is_big_endian = order_ == "big";
    const ImportResult result = import_all();
    print_warnings(result.warnings);
    std::cout << "imported " << result.volumes << " volumes"
              << (result.arrays == 0 ? " and " : ", ") << result.labels << " labels"
              << (result.arrays == 0 ? "" : " and " + std::to_string(result.arrays) + " arrays")
              << " to " << output_.path.string() << '\n';
    return 0;
  }

 private:
  ImportResult import_all() {
    ImportResult result;
    WorkProgress progress;
    write_output(output_, [&](hdf5::Writer& file) {
      result = import_volumes(import_, file, [&](const std::string& name, double share) {
        progress.update(name, share);
      });
    });
    return result;
  }

  void add_sources() {
    options_
        .add_option("input", import_.inputs,
                    "Files, globs or folders; a folder with imagesTr and labelsTr stands for both")
        ->required()
        ->type_name("FILE...");
    options_
        .add_option("--labels", import_.labels, "Files, globs or folders, named as the volumes")
        ->type_name("FILE...");
    options_.add_option("--raw-name", import_.raw_name, "Dataset of a volume")
        ->capture_default_str();
    options_.add_option("--label-name", import_.label_name, "Dataset of its labels")
        ->capture_default_str();
    options_.add_flag("!--no-channels", import_.are_channels_numbered,
                      "NAME_0001 is the name of a case, not channel 1 of NAME");
    options_.add_flag("--stack", import_.is_stacked,
                      "One dataset (n,c,d,h,w) of all volumes, which have one size, and one of "
                      "labels (n,d,h,w)");
    options_.add_option("--deflate", import_.deflate, "Compression: 0 none, 1 fast to 9 small")
        ->check(integer_range(0, 9))
        ->capture_default_str();
    add_threads(options_, import_.threads);
  }

  void add_raw() {
    RawLayout& layout = import_.layout;
    options_.add_option("--axes", layout.axes, "Of .npy and .raw: letters of n c d h w")
        ->type_name("LETTERS");
    options_
        .add_option("--shape", layout.shape, "Of .raw: extents, outermost first, as 64,128,128")
        ->delimiter(',')
        ->check(integer_from(1));
    options_.add_option("--type", layout.type, "Of .raw: uint8, int16, float32, ...");
    options_.add_option("--endian", order_, "Of .raw: little or big")
        ->check(one_of({"little", "big"}))
        ->capture_default_str();
    options_.add_option("--skip-bytes", layout.skip_bytes, "Of .raw: a header to pass over")
        ->check(integer_from(0))
        ->capture_default_str();
  }

  ImportOptions import_;
  OutputFile output_;
  std::string order_ = "little";
};

}  // namespace

std::unique_ptr<Subcommand> import_command(CLI::App& app) { return std::make_unique<Import>(app); }

}  // namespace lucid

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/command_files.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "data/hdf5/files_behind.h"
#include "data_commands/command.h"
#include "formats/labels/write_labels.h"
#include "formats/open/open_volume.h"
#include "postprocess_arguments.h"
#include "work_progress.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// The volumes of one file, and the file they go to.
struct Job {
  std::vector<LabelSource> sources;
  OutputFile output;
};

bool is_nifti(const fs::path& path) { return volume_extension(path).starts_with(".nii"); }

class Postprocess : public Subcommand {
 public:
  explicit Postprocess(CLI::App& app)
      : Subcommand(app, "postprocess",
                   "Label volumes without small components, with holes filled, with other labels, "
                   "or with the numbers of components; of any size") {
    options_
        .add_option("input", input_,
                    "A volume, FILE.h5:/PATH (which may hold a *) or a folder of volumes")
        ->required();
    options_
        .add_option("output,--output", output_.path,
                    "The file to write, .h5 for HDF5 and else .nii or .nii.gz; for a folder one")
        ->required();
    options_.add_flag("--overwrite", output_.may_overwrite, "Replace existing outputs");
    options_
        .add_option("--merge", merges_, "2,3:1, 2-3:1 or 2,3=1: labels 2 and 3 become 1; first")
        ->type_name("LABELS");
    options_
        .add_option("--min-size", min_size_,
                    "Removes smaller components, of each class; voxels, or as 30mm3 or 0.03ml")
        ->type_name("SIZE");
    options_.add_option("--smallest", smallest_, "The same in mm3")->type_name("MM3");
    options_
        .add_option("--keep-largest,--largest", keep_largest_,
                    "Leaves the largest component: per-class, labels as 1,2, foreground (or all), "
                    "in which classes are one (for --min-size, too), or foreground,1,2")
        ->type_name("CLASSES");
    fills_holes_ = options_
                       .add_option("--fill-holes", fill_holes_,
                                   "Fills background that one class encloses; 1,2: these alone")
                       ->type_name("[CLASSES]")
                       ->expected(0, 1);
    options_.add_flag("--components", numbers_components_,
                      "Numbers the components, each of one class, from 1; the last step");
    options_
        .add_option("--connectivity", connectivity_,
                    "Voxels of a component share faces (6), edges (18) or corners (26)")
        ->check(one_of({"6", "18", "26"}))
        ->capture_default_str();
    add_threads(options_, threads_);
  }

  int run() override {
    read_options();
    const std::vector<Job> jobs = find_jobs();
    CommandFiles files;
    for (const Job& job : jobs) {
      files.writes(job.output, "output");
      hdf5::add_input(files, job.sources.front().file, "input");
    }
    files.check();
    {
      WorkProgress progress;
      for (const Job& job : jobs)
        naming_memory(job.sources.front().file.string(), [&] { work(job, progress); });
    }
    print_warnings(warnings_);
    std::cout << table_.text();
    return 0;
  }

 private:
  void read_options() {
    PostprocessArguments arguments("--");
    for (const std::string& merge : merges_) arguments.add("merge", merge);
    if (!min_size_.empty()) arguments.add("min-size", min_size_);
    if (!smallest_.empty()) arguments.add("smallest", smallest_);
    if (!keep_largest_.empty()) arguments.add("keep-largest", keep_largest_);
    if (fills_holes_->count() > 0) arguments.add("fill-holes", fill_holes_);
    if (numbers_components_) arguments.add("components", "");
    arguments.add("connectivity", connectivity_);
    rules_ = arguments.rules("lucid-data postprocess");
  }

  std::vector<Job> find_jobs() const {
    std::vector<Job> jobs;
    for (LabelSource& source : find_labels(input_)) {
      if (jobs.empty() || jobs.back().sources.front().file != source.file)
        jobs.push_back({{}, output_});
      jobs.back().sources.push_back(std::move(source));
    }
    if (kind_of(labels_path(input_)) == FileKind::kFolder) name_in_folder(jobs);
    for (const Job& job : jobs) check_formats(job);
    return jobs;
  }

  void name_in_folder(std::vector<Job>& jobs) const {
    const std::string path = output_.path.string();
    if (const FileKind kind = kind_of(path);
        kind != FileKind::kMissing && kind != FileKind::kFolder)
      throw Error(ExitCode::kUsage,
                  path + ": expected a folder, as the input, found " + kind_text(kind));
    std::error_code error;
    fs::create_directories(output_.path, error);
    if (error) throw Error(ExitCode::kFailed, path + ": cannot be made: " + error.message());
    for (Job& job : jobs) job.output.path /= output_name(job.sources.front());
  }

  static std::string output_name(const LabelSource& source) {
    const bool keeps_name = !source.dataset.empty() || is_nifti(source.file);
    return keeps_name ? source.file.filename().string() : case_name(source.file) + ".nii.gz";
  }

  static void check_formats(const Job& job) {
    const LabelSource& source = job.sources.front();
    const std::string path = job.output.path.string();
    if (is_nifti(path) && job.sources.size() > 1)
      throw Error(ExitCode::kUsage, path + ": expected a name that ends in .h5 for the " +
                                        std::to_string(job.sources.size()) + " volumes of " +
                                        source.file.string());
    const bool is_hdf5 = path.ends_with(".h5") || path.ends_with(".hdf5");
    if (is_nifti(path) || (is_hdf5 && !source.dataset.empty())) return;
    throw Error(ExitCode::kUsage, path + ": expected a name that ends in " +
                                      (source.dataset.empty() ? "" : ".h5, ") + ".nii or .nii.gz");
  }

  void work(const Job& job, WorkProgress& progress) {
    if (is_nifti(job.output.path)) {
      process(job.sources.front(), progress,
              [&](LabelPlanes& labels, const LabelVolume& from, const WriteProgress& advance) {
                write_label_nifti(job.output, labels, type_for(from.element()), from, advance);
              });
      return;
    }
    write_output(job.output, [&](hdf5::Writer& file) {
      std::unique_ptr<LabelDataset> dataset;
      std::string path;
      for (const LabelSource& source : job.sources)
        process(source, progress,
                [&](LabelPlanes& labels, const LabelVolume& from, const WriteProgress& advance) {
                  if (source.dataset != path)
                    dataset = std::make_unique<LabelDataset>(file, source, type_for(from.element()),
                                                             threads_);
                  path = source.dataset;
                  dataset->write(labels, source.sample, advance);
                });
    });
  }

  ElementType type_for(ElementType stored) const {
    if (rules_.steps.number_components) return ElementType::kInt32;
    return label_type(stored, rules_.largest_new_label());
  }

  // Calls write(labels, volume, progress) with what the options make of a volume.
  template <class Write>
  void process(const LabelSource& source, WorkProgress& progress, const Write& write) {
    LabelVolume volume(source, threads_);
    std::optional<std::array<double, 3>> voxel_size;
    if (volume.geometry()) voxel_size = volume.geometry()->voxel_size;
    const PostprocessOptions options = rules_.for_voxels(voxel_size, volume.place());
    const double passes = Postprocessed::passes(options);
    const auto advance = [&](double done) { progress.update(source.name, done / (passes + 1)); };
    Postprocessed labels(volume, options, [&](double share) { advance(passes * share); });
    write(labels, volume, [&](double share) { advance(passes + share); });
    for (const std::string& warning : volume.warnings()) warnings_.push_back(warning);
    const PostprocessCounts& counts = labels.counts();
    table_.add({source.name.empty() ? source.dataset : source.name,
                with_thousands(counts.components), with_thousands(counts.removed),
                with_thousands(counts.removed_voxels), with_thousands(counts.holes),
                with_thousands(counts.hole_voxels), with_thousands(counts.numbered)});
  }

  std::string input_, min_size_, smallest_, keep_largest_, fill_holes_, connectivity_ = "26";
  CLI::Option* fills_holes_ = nullptr;
  std::vector<std::string> merges_, warnings_;
  OutputFile output_;
  PostprocessRules rules_;
  bool numbers_components_ = false;
  int threads_ = 1;
  Table table_{{"case", "components", "removed", "voxels", "holes", "filled", "numbered"}};
};

}  // namespace

std::unique_ptr<Subcommand> postprocess_command(CLI::App& app) {
  return std::make_unique<Postprocess>(app);
}

}  // namespace lucid

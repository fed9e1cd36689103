#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/command_files.h"
#include "base/memory.h"
#include "base/table.h"
#include "base/text.h"
#include "data/hdf5/files_behind.h"
#include "data_commands/command.h"
#include "data_commands/postprocess_arguments.h"
#include "formats/labels/write_labels.h"
#include "formats/open/open_volume.h"
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
        .add_option("output", output_.path,
                    "The file to write, .h5 for HDF5 and else .nii or .nii.gz; for a folder one")
        ->required();
    options_.add_flag("--overwrite", output_.may_overwrite, "Replace existing outputs");
    options_.add_option("--merge", merges_, "2,3=1: labels 2 and 3 become 1; the first step")
        ->type_name("LABELS");
    options_
        .add_option("--min-size", min_size_,
                    "Removes smaller components, of each class; voxels, or as 30mm3 or 0.03ml")
        ->type_name("SIZE");
    options_
        .add_option("--keep-largest", keep_largest_,
                    "Leaves the largest component: per-class, or foreground, in which all classes "
                    "are one (for --min-size, too)")
        ->check(one_of({"per-class", "foreground"}));
    options_.add_flag("--fill-holes", postprocess_.fill_holes,
                      "Fills background that one class encloses");
    options_.add_flag("--components", postprocess_.number_components,
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
    postprocess_.relabel = parse_merges(merges_);
    if (!min_size_.empty()) least_ = parse_least_size(min_size_);
    if (!keep_largest_.empty())
      postprocess_.keep_largest =
          keep_largest_ == "per-class" ? ComponentsOf::kEachLabel : ComponentsOf::kForeground;
    postprocess_.connectivity = static_cast<Connectivity>(std::stoi(connectivity_));
    if (merges_.empty() && min_size_.empty() && keep_largest_.empty() && !postprocess_.fill_holes &&
        !postprocess_.number_components)
      throw Error(
          ExitCode::kUsage,
          "lucid-data: expected one of --merge, --min-size, --keep-largest, --fill-holes and "
          "--components, found none; see lucid-data postprocess --help");
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
    if (postprocess_.number_components) return ElementType::kInt32;
    Label most = 0;
    for (const auto& [label, name] : postprocess_.relabel) most = std::max(most, name);
    return label_type(stored, most);
  }

  // Calls write(labels, volume, progress) with what the options make of a volume.
  template <class Write>
  void process(const LabelSource& source, WorkProgress& progress, const Write& write) {
    LabelVolume volume(source, threads_);
    PostprocessOptions options = postprocess_;
    if (least_) options.min_voxels = least_->voxels(voxel_mm3(volume));
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

  double voxel_mm3(const LabelVolume& volume) const {
    if (least_->is_voxels) return 1;
    if (!volume.geometry())
      throw Error(ExitCode::kUsage,
                  volume.place() + ": says nothing of its voxels; give --min-size in voxels");
    const auto& size = volume.geometry()->voxel_size;
    return size[0] * size[1] * size[2];
  }

  std::string input_, min_size_, keep_largest_, connectivity_ = "26";
  std::vector<std::string> merges_, warnings_;
  OutputFile output_;
  PostprocessOptions postprocess_;
  std::optional<LeastSize> least_;
  int threads_ = 1;
  Table table_{{"case", "components", "removed", "voxels", "holes", "filled", "numbered"}};
};

}  // namespace

std::unique_ptr<Subcommand> postprocess_command(CLI::App& app) {
  return std::make_unique<Postprocess>(app);
}

}  // namespace lucid

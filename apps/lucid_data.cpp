#include <iostream>

#include "base/file.h"
#include "base/table.h"
#include "base/text.h"
#include "data/describe.h"
#include "data/patches.h"
#include "data/synthetic.h"
#include "program.h"

namespace lucid {
namespace {

struct Arguments {
  std::string kind, file, output, size = "32", patch_size, region, mirror;
  bool may_overwrite = false;
  SyntheticOptions synthetic;
  PatchOptions patches;
};

// The output gets its name when it is complete.
void write_output(const Arguments& arguments, const std::function<void(hdf5::Writer&)>& fill) {
  if (!arguments.may_overwrite && std::filesystem::exists(arguments.output))
    throw Error(ExitCode::kUsage, arguments.output + ": exists; --overwrite replaces it");
  UnfinishedFile unfinished(arguments.output);
  hdf5::Writer writer(unfinished.path(), arguments.output);
  fill(writer);
  writer.close();
  unfinished.put_in_place();
}

void make(Arguments& arguments) {
  arguments.synthetic.size = parse_size(arguments.size);
  write_output(arguments, [&](hdf5::Writer& file) {
    make_synthetic(arguments.kind, file, arguments.synthetic);
  });
}

void cut_patches(Arguments& arguments) {
  PatchOptions& options = arguments.patches;
  options.size = parse_size(arguments.patch_size);
  if (!arguments.region.empty()) options.region = parse_ranges(arguments.region);
  if (!arguments.mirror.empty()) options.mirror = std::string("dhw").find(arguments.mirror);
  const hdf5::File input(arguments.file);
  write_output(arguments, [&](hdf5::Writer& file) { make_patches(input, options, file); });
}

std::vector<std::string> describe(const hdf5::File& file, const std::string& dataset) {
  try {
    return describe_dataset(file, dataset);
  } catch (const Error& error) {
    return {"/" + dataset, std::string("unreadable: ") + error.what()};
  }
}

void inform(const Arguments& arguments) {
  const hdf5::File file(arguments.file);
  Table table({"dataset", "shape", "type", "storage", "range"});
  try {
    for (const std::string& dataset : file.datasets()) table.add(describe(file, dataset));
  } catch (const Error& error) {
    table.add({"/", std::string("unreadable: ") + error.what()});
  }
  std::cout << table.text();
}

void add_output(CLI::App& command, Arguments& arguments, std::uint64_t& seed) {
  command.add_option("--output", arguments.output, "The HDF5 file to write")->required();
  command.add_flag("--overwrite", arguments.may_overwrite, "Replace an existing output");
  command.add_option("--seed", seed, "Equal seeds give equal files")->capture_default_str();
}

void add_make(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand(
      "make",
      "Makes a labelled set: shapes (classes, labels (n)), blobs (voxel classes, labels (n,d,h,w)) "
      "or field (regression, values (n,3); of more channels values (n,4))");
  SyntheticOptions& options = arguments.synthetic;
  command.add_option("kind", arguments.kind, "shapes, blobs or field")
      ->required()
      ->check(CLI::IsMember(synthetic_kinds()));
  add_output(command, arguments, options.seed);
  command.add_option("--count", options.count, "Samples")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--size", arguments.size, "S or D,H,W")->capture_default_str();
  command.add_option("--classes", options.classes, "Of shapes and blobs")->capture_default_str();
  command.add_option("--channels", options.channels, "Of field: moments of its growth")
      ->capture_default_str();
  command.add_option("--noise", options.noise, "Deviation, as a part of the full range")
      ->check(CLI::Range(0.0, 10.0))
      ->capture_default_str();
  command.callback([&] { make(arguments); });
}

void add_patches(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand(
      "patches",
      "Cuts cubes around random labelled voxels of one volume: volumes (n,1,d,h,w), labels (n). "
      "The labels kept count from 0 in ascending order; the attribute original_labels lists them");
  PatchOptions& options = arguments.patches;
  command.add_option("--input", arguments.file, "The HDF5 file to read")->required();
  command.add_option("--raw", options.raw, "Its dataset (d,h,w) of values")->required();
  command.add_option("--labels", options.labels, "Its dataset (d,h,w) of labels")->required();
  add_output(command, arguments, options.seed);
  command.add_option("--size", arguments.patch_size, "S or D,H,W of a patch")->required();
  command.add_option("--per-class", options.per_class, "Patches of each label")
      ->required()
      ->check(CLI::PositiveNumber);
  command.add_option("--region", arguments.region,
                     "Where patches lie, wholly: ranges of d, h, w, as w=:43,d=10:50");
  command.add_option("--mirror", arguments.mirror, "Turns every patch around along d, h or w")
      ->check(CLI::IsMember({"d", "h", "w"}));
  command.add_option("--classes", options.classes, "Labels to keep, as 1,3,5; else all but 0")
      ->delimiter(',');
  command.add_flag("--voxel-labels", options.voxel_labels,
                   "labels (n,d,h,w): of every voxel, as stored");
  command.callback([&] { cut_patches(arguments); });
}

}  // namespace
}  // namespace lucid

int main(int argc, char** argv) {
  lucid::Arguments arguments;
  CLI::App app("Makes labelled volumes and looks into HDF5 files", "lucid-data");
  app.set_version_flag("--version", "lucid-data " LUCID_VERSION);
  app.require_subcommand(1);
  lucid::add_make(app, arguments);
  lucid::add_patches(app, arguments);
  CLI::App& info = *app.add_subcommand("info", "Prints a row a dataset of a file");
  info.add_option("file", arguments.file, "The HDF5 file to read")->required();
  info.callback([&] { lucid::inform(arguments); });
  return lucid::run_program(app, argc, argv, [] { return 0; });
}

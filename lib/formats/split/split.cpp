#include "formats/split/split.h"

#include <algorithm>
#include <memory>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/folder_lock.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "data/hdf5/files_behind.h"
#include "data/hdf5/open.h"
#include "data/hdf5/write.h"
#include "formats/split/assign.h"
#include "formats/split/copy.h"
#include "formats/split/sets.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

// A unit goes to one set as a whole.
struct Unit {
  fs::path file;
  std::string object, name;  // in its file, and in the set
};

// A set while it is being written.
class Output {
 public:
  explicit Output(const OutputFile& file)
      : unfinished_(file), writer_(unfinished_.path(), file.path), path_(file.path) {}
  hdf5::Writer& writer() { return writer_; }
  const fs::path& path() const { return path_; }
  void close() { writer_.close(); }
  UnfinishedFile& unfinished() { return unfinished_; }

 private:
  UnfinishedFile unfinished_;
  hdf5::Writer writer_;
  fs::path path_;
};

fs::path set_file(const SplitOptions& options, const std::string& name) {
  return options.output / (name + ".h5");
}

[[noreturn]] void refuse(const std::string& message) { throw Error(ExitCode::kUsage, message); }

void check_options(const SplitOptions& options) {
  double sum = 0;
  for (const double fraction : options.fractions) {
    if (!(fraction > 0))
      refuse("--fractions: expected numbers above 0, found " + number_text(fraction));
    sum += fraction;
  }
  if (sum > 1 + 1e-9) refuse("--fractions: expected a sum of at most 1, found " + number_text(sum));
  const std::set<std::string> different(options.names.begin(), options.names.end());
  if (options.names.size() != options.fractions.size() || different.size() != options.names.size())
    refuse("--names: expected " + std::to_string(options.fractions.size()) +
           " different names, one per fraction, found " + in_quotes(join(options.names, ",")));
  if (options.along && (options.stratify || options.are_linked || options.inputs.size() > 1))
    refuse("--along: expected one file, without --stratify and --link; a cut needs neither");
}

std::vector<Unit> units_of(const SplitOptions& options) {
  std::vector<Unit> units;
  if (options.inputs.size() > 1) {
    for (const fs::path& input : options.inputs)
      units.push_back({input, "/", input.stem().string()});
  } else {
    const hdf5::Handle file = hdf5::open_file(options.inputs[0]);
    for (const std::string& child : hdf5::File(options.inputs[0]).children(""))
      if (hdf5::find_object(file, child).kind == hdf5::ObjectKind::kGroup)
        units.push_back({options.inputs[0], child, child});
  }
  std::set<std::string> names;
  for (const Unit& unit : units)
    if (!names.insert(unit.name).second)
      refuse(unit.file.string() + ": expected files of different names, found two called " +
             in_quotes(unit.name));
  return units;
}

std::int64_t class_of_unit(const Unit& unit, const std::string& dataset) {
  const std::string path = unit.object == "/" ? dataset : unit.object + "/" + dataset;
  const std::vector<std::int64_t> values = hdf5::File(unit.file).open(path).read<std::int64_t>();
  if (values.size() == 1) return values[0];
  throw Error(ExitCode::kData, unit.file.string() + ": /" + path +
                                   ": expected one class to stratify by, found " +
                                   std::to_string(values.size()) + " numbers");
}

std::vector<std::unique_ptr<Output>> open_outputs(const SplitOptions& options,
                                                  const std::vector<fs::path>& earlier) {
  CommandFiles files;
  std::vector<std::unique_ptr<Output>> outputs;
  for (const std::string& name : options.names)
    files.writes({set_file(options, name), options.may_overwrite}, "set " + in_quotes(name));
  for (const fs::path& path : earlier) files.writes({path, true}, "set of the earlier split");
  for (const fs::path& input : options.inputs) hdf5::add_input(files, input, "input");
  files.check("folder for the sets");
  for (const std::string& name : options.names) {
    outputs.push_back(
        std::make_unique<Output>(OutputFile{set_file(options, name), options.may_overwrite}));
    outputs.back()->writer().set_attribute("/", kSets, std::span<const std::string>(options.names));
  }
  return outputs;
}

void check_none_empty(const SplitOptions& options, const std::vector<std::size_t>& sets,
                      const std::string& what) {
  for (std::size_t set = 0; set < options.names.size(); ++set)
    if (std::find(sets.begin(), sets.end(), set) == sets.end())
      refuse("--fractions: expected enough " + what + " for every set, found " +
             std::to_string(sets.size()) + ", which leaves none for " +
             in_quotes(options.names[set]));
}

std::vector<std::string> split_units(const SplitOptions& options, const std::vector<Unit>& units,
                                     std::vector<std::unique_ptr<Output>>& outputs,
                                     const std::function<void(double)>& progress) {
  std::vector<std::int64_t> classes(units.size(), 0);
  if (options.stratify)
    for (std::size_t i = 0; i < units.size(); ++i)
      classes[i] = class_of_unit(units[i], *options.stratify);
  const std::vector<std::size_t> sets = assign_to_sets(classes, options.fractions, options.seed);
  check_none_empty(options, sets, "cases");
  std::vector<std::int64_t> counts(outputs.size(), 0);
  for (std::size_t i = 0; i < units.size(); ++i) {
    progress(static_cast<double>(i) / static_cast<double>(units.size()));
    if (sets[i] >= outputs.size()) continue;
    ++counts[sets[i]];
    hdf5::Writer& writer = outputs[sets[i]]->writer();
    if (options.are_linked) {
      writer.link(units[i].name, fs::relative(units[i].file, options.output), units[i].object);
      continue;
    }
    const hdf5::Listing kept = check_copied(units[i].file, units[i].object);
    writer.copy(hdf5::open_file(units[i].file), units[i].object, units[i].name);
  }
  std::vector<std::string> contents;
  for (const std::int64_t count : counts) contents.push_back(std::to_string(count) + " cases");
  return contents;
}

// Returns the number of samples, which is the number of rows of every array of the file.
std::int64_t common_rows(const hdf5::File& file) {
  std::int64_t rows = 0;
  std::string first;
  for (const std::string& dataset : file.datasets()) {
    const Shape shape = file.open(dataset).shape();
    if (shape.rank() == 0) continue;
    if (first.empty()) rows = shape[0];
    if (first.empty()) first = dataset;
    if (shape[0] != rows)
      throw Error(ExitCode::kData, file.path().string() + ": /" + dataset + ": expected " +
                                       std::to_string(rows) + " samples as in /" + first +
                                       ", found " + std::to_string(shape[0]) +
                                       "; one volume is cut with --along d");
  }
  if (rows == 0)
    throw Error(ExitCode::kData, file.path().string() + ": expected cases or samples, found none");
  return rows;
}

std::vector<std::string> split_samples(const SplitOptions& options, const hdf5::File& file,
                                       std::vector<std::unique_ptr<Output>>& outputs,
                                       const std::function<void(double)>& progress) {
  if (options.are_linked) refuse("--link: expected cases (groups or files), found samples");
  const std::int64_t rows = common_rows(file);
  std::vector<std::int64_t> classes(static_cast<std::size_t>(rows), 0);
  if (options.stratify) classes = file.open(*options.stratify).read<std::int64_t>();
  if (std::ssize(classes) != rows)
    throw Error(ExitCode::kData, file.path().string() + ": /" + *options.stratify +
                                     ": expected one class per sample to stratify by, found " +
                                     std::to_string(classes.size()) + " numbers for " +
                                     std::to_string(rows) + " samples");
  const std::vector<std::size_t> sets = assign_to_sets(classes, options.fractions, options.seed);
  check_none_empty(options, sets, "samples");
  std::vector<std::string> contents;
  for (std::size_t set = 0; set < outputs.size(); ++set) {
    std::vector<std::int64_t> chosen;
    for (std::size_t i = 0; i < sets.size(); ++i)
      if (sets[i] == set) chosen.push_back(static_cast<std::int64_t>(i));
    copy_samples(file, chosen, outputs[set]->writer());
    contents.push_back(std::to_string(chosen.size()) + " samples");
    progress(static_cast<double>(set + 1) / static_cast<double>(outputs.size()));
  }
  return contents;
}

std::vector<std::string> cut(const SplitOptions& options, const hdf5::File& file,
                             std::vector<std::unique_ptr<Output>>& outputs,
                             const std::function<void(double)>& progress) {
  std::vector<std::string> contents;
  double done = 0;
  for (std::size_t set = 0; set < outputs.size(); ++set) {
    const double begin = done;
    done += options.fractions[set];
    const AxisCut piece{*options.along, begin, done};
    contents.push_back(copy_cut(file, piece, outputs[set]->writer()));
    progress(static_cast<double>(set + 1) / static_cast<double>(outputs.size()));
  }
  return contents;
}

}  // namespace

std::vector<SplitSet> split_set(const SplitOptions& options,
                                const std::function<void(double share)>& progress) {
  check_options(options);
  for (const fs::path& input : options.inputs) const hdf5::File readable(input);
  const hdf5::File file(options.inputs[0]);
  const std::vector<Unit> units = options.along ? std::vector<Unit>() : units_of(options);
  const FolderLock lock(options.output,
                        {"cannot be made", "another process is splitting into this folder"});
  const std::vector<fs::path> earlier = sets_left_by(options.output, options.names);
  auto outputs = open_outputs(options, earlier);
  const std::vector<std::string> contents = options.along ? cut(options, file, outputs, progress)
                                            : units.empty()
                                                ? split_samples(options, file, outputs, progress)
                                                : split_units(options, units, outputs, progress);
  std::vector<SplitSet> sets;
  std::vector<UnfinishedFile*> files;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i]->close();
    files.push_back(&outputs[i]->unfinished());
    sets.push_back({outputs[i]->path(), contents[i]});
  }
  replace_sets(files, earlier);
  return sets;
}

}  // namespace lucid

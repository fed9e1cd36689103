#include "infer/tiled/partial_folder.h"

#include <nlohmann/json.hpp>

#include "base/command_files.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const char* const kFingerprint = "fingerprint.json";
const char* const kProgress = "progress.json";

// Returns null if the file is missing or not JSON.
Json json_in(const fs::path& path) {
  const auto text = read_file_if_any(path, "a file", ExitCode::kFailed);
  const Json json = Json::parse(text.value_or(""), nullptr, false);
  return json.is_discarded() ? Json() : json;
}

std::string number_text(SlabNumber slab) {
  return std::to_string(slab.volume) + "-" + std::to_string(slab.depth);
}

Json json_of(const Checksum& sum) { return {{"bytes", sum.bytes}, {"crc32", sum.crc}}; }
Checksum checksum_in(const Json& json) { return {json.at("bytes"), json.at("crc32")}; }

Checksum checksum_of_text(const std::string& text) {
  Checksum sum;
  sum.add(std::as_bytes(std::span(text)));
  return sum;
}

bool is_unfinished(const std::string& name) {
  return name.find(".unfinished-") != std::string::npos;
}

bool is_written_here(const std::string& name) {
  return name == kFingerprint || name == kProgress || name.starts_with("slab-") ||
         name.starts_with("sums-") || is_unfinished(name);
}

fs::path partial_path(const OutputFile& output) {
  fs::path path = output.path;
  return path += ".partial";
}

}  // namespace

PartialFolder::PartialFolder(const OutputFile& output, const Json& fingerprint)
    : path_(partial_path(output)),
      lock_(path_, {"cannot be made",
                    "another process is predicting this output; wait for its end, or choose "
                    "another file with --output"}) {
  CommandFiles files;
  files.writes(output, "output");
  files.check();
  take_up(fingerprint);
}

// What no slab was added to is of no use to anyone.
PartialFolder::~PartialFolder() {
  if (next_ != SlabNumber{}) return;
  try {
    remove_files(true);
  } catch (const std::exception&) {  // the next run does it
  }
}

void PartialFolder::take_up(const Json& fingerprint) {
  const Json found = json_in(path_ / kFingerprint);
  const auto progress = read_file_if_any(path_ / kProgress, "a file", ExitCode::kFailed);
  if (found.is_null() && holds_other_files())
    throw Error(ExitCode::kFailed, path_.string() +
                                       ": expected what an interrupted run left, found a folder "
                                       "that holds something else; choose another --output");
  const bool is_same = found == fingerprint;
  was_of_another_run_ = !is_same && progress.has_value();
  if (is_same && progress) {
    read_progress(*progress);
    check_files();
  }
  remove_files(!is_same);
  if (!is_same) write_file_atomically(path_ / kFingerprint, json_text(fingerprint, 1));
}

bool PartialFolder::holds_other_files() const {
  for (const auto& entry : fs::directory_iterator(path_))
    if (!is_written_here(entry.path().filename().string())) return true;
  return false;
}

// Leaves alone what others have put into the folder.
void PartialFolder::remove_files(bool are_all) const {
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    const bool is_needed =
        !is_unfinished(name) && (!name.starts_with("sums-") || entry.path() == sums_path(next_));
    if (is_written_here(name) && (are_all || !is_needed)) fs::remove(entry.path());
  }
}

void PartialFolder::read_progress(const std::string& text) {
  try {
    Json json = parse_json(text, kProgress);
    const Checksum stored{0, json.at("crc32")};
    json.erase("crc32");
    if (checksum_of_text(json_text(json)).crc != stored.crc) throw std::runtime_error("damaged");
    next_ = {json.at("volume"), json.at("depth")};
    sums_ = checksum_in(json.at("sums"));
    for (const Json& slab : json.at("slabs"))
      slabs_[{slab.at("volume"), slab.at("depth")}] = checksum_in(slab);
  } catch (const std::exception&) {
    go_back_to({}, kProgress);
  }
}

std::string PartialFolder::progress_text() const {
  Json json{{"volume", next_.volume}, {"depth", next_.depth}, {"sums", json_of(sums_)}};
  json["slabs"] = Json::array();
  for (const auto& [slab, sum] : slabs_) {
    Json stored = json_of(sum);
    stored["volume"] = slab.volume;
    stored["depth"] = slab.depth;
    json["slabs"].push_back(std::move(stored));
  }
  json["crc32"] = checksum_of_text(json_text(json)).crc;
  return json_text(json);
}

// Only at the beginning of a volume can a run go on without the sums of the slab before.
void PartialFolder::go_back_to(SlabNumber slab, const std::string& damaged) {
  damaged_ = damaged;
  next_ = slab;
  sums_ = {};
  std::erase_if(slabs_, [&](const auto& known) { return known.first >= next_; });
}

void PartialFolder::check_files() {
  for (const auto& [slab, sum] : slabs_)
    if (checksum_of(slab_path(slab)) != sum)
      return go_back_to({slab.volume, 0}, slab_path(slab).filename());
  const fs::path sums = sums_path(next_);
  if (sums_.bytes > 0 && checksum_of(sums) != sums_) go_back_to({next_.volume, 0}, sums.filename());
}

void PartialFolder::start_over() {
  next_ = {};
  sums_ = {};
  slabs_.clear();
}

SlabReader PartialFolder::read(SlabNumber slab) const {
  const auto known = slabs_.find(slab);
  return {slab_path(slab), known == slabs_.end() ? Checksum() : known->second};
}

void PartialFolder::commit(SlabNumber slab, const std::optional<Checksum>& file, SlabNumber next,
                           std::span<const float> sums) {
  if (file) slabs_[slab] = *file;
  next_ = next;
  sums_ = {};
  sums_.add(std::as_bytes(sums));
  if (!sums.empty()) write_file_atomically(sums_path(next), std::as_bytes(sums));
  write_file_atomically(path_ / kProgress, progress_text());
  std::error_code ignored;  // there are no sums if nothing overlapped
  fs::remove(sums_path(slab), ignored);
}

std::vector<float> PartialFolder::sums(std::size_t count) const {
  std::vector<float> sums(count);
  if (sums_.bytes == 0 && count == 0) return sums;
  InputFile file(sums_path(next_), "a file", ExitCode::kFailed);
  Checksum found;
  found.bytes = file.size() - sums_.bytes;  // 0 unless it grew
  found.add(
      std::as_bytes(std::span(sums)).first(file.read(std::as_writable_bytes(std::span(sums)))));
  if (found != sums_)
    throw Error(ExitCode::kFailed,
                sums_path(next_).string() + ": is damaged; delete the folder to begin anew");
  return sums;
}

void PartialFolder::remove() {
  remove_files(true);
  std::error_code ignored;  // other files stay
  fs::remove(path_, ignored);
}

fs::path PartialFolder::slab_path(SlabNumber slab) const {
  return path_ / ("slab-" + number_text(slab));
}

fs::path PartialFolder::sums_path(SlabNumber next) const {
  return path_ / ("sums-" + number_text(next));
}

}  // namespace lucid

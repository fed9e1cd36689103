#include "infer/tiled/slab_files.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

const char* const kEarlier = "progress.json";

bool is_unfinished(const std::string& name) {
  return name.find(".unfinished-") != std::string::npos;
}

}  // namespace

bool SlabFiles::is_its_file(const std::string& name) {
  return name.starts_with("slab-") || name.starts_with("sums-") || is_finished_slab(name) ||
         is_unfinished(name);
}

bool SlabFiles::is_finished_slab(const std::string& name) {
  return name.starts_with("done-") || name == kEarlier;
}

// Writes records of what an earlier version of lucid finished.
void SlabFiles::convert_earlier(const std::vector<std::size_t>& depths_of) const {
  const auto text = read_file_if_any(path_ / kEarlier, "a file", ExitCode::kFailed);
  if (!text) return;
  const auto progress = EarlierProgress::read(*text);
  for (std::size_t volume = 0; progress && volume < depths_of.size(); ++volume)
    for (std::size_t depth = 0; depth < depths_of[volume]; ++depth) {
      const SlabNumber slab{volume, depth};
      if (slab >= progress->next) break;
      SlabRecord record{{}, {}, "an earlier run"};
      if (const auto file = progress->slabs.find(slab); file != progress->slabs.end())
        record.file = file->second;
      if (SlabNumber{volume, depth + 1} == progress->next) record.sums = progress->sums;
      write_file_atomically(path_ / slab_name("done", slab), record.text());
    }
  fs::remove(path_ / kEarlier);
}

void SlabFiles::read_records(const std::set<std::string>& names) {
  for (const std::string& name : names) {
    const auto slab = slab_in("done", name);
    if (!slab || records_.contains(*slab)) continue;
    const auto text = read_file_if_any(path_ / name, "a file", ExitCode::kFailed);
    if (auto record = SlabRecord::read(text.value_or("")))
      records_[*slab] = std::move(*record);
    else if (text)
      damaged_ = name;
  }
}

void SlabFiles::check_files() {
  std::erase_if(records_, [&](const auto& known) {
    const std::string file = slab_name("slab", known.first);
    if (!known.second.file || checksum_of(path_ / file) == known.second.file) return false;
    damaged_ = file;
    fs::remove(path_ / slab_name("done", known.first));
    return true;
  });
  for (const auto& [slab, record] : records_) {
    const SlabNumber next{slab.volume, slab.depth + 1};
    const std::string file = slab_name("sums", next);
    if (records_.contains(next) || !record.sums) continue;
    const auto found = checksum_of(path_ / file);
    if (!found || found == record.sums) continue;
    damaged_ = file;
    fs::remove(path_ / file);
  }
}

bool SlabFiles::is_needed(const std::string& name) const {
  if (is_unfinished(name) || name == kEarlier) return false;
  if (const auto slab = slab_in("sums", name)) return !records_.contains(*slab);
  for (const std::string prefix : {"slab", "done"})
    if (const auto slab = slab_in(prefix, name)) return records_.contains(*slab);
  return true;
}

bool SlabFiles::has_sums(SlabNumber slab, const std::set<std::string>& names) const {
  if (slab.depth == 0) return true;
  const auto before = records_.find({slab.volume, slab.depth - 1});
  if (before == records_.end() || !before->second.sums) return false;
  return before->second.sums->bytes == 0 || names.contains(slab_name("sums", slab));
}

SlabReader SlabFiles::read(SlabNumber slab) const {
  const auto known = records_.find(slab);
  const bool is_known = known != records_.end() && known->second.file;
  return {path_ / slab_name("slab", slab), is_known ? *known->second.file : Checksum()};
}

void SlabFiles::commit(SlabNumber slab, const std::optional<Checksum>& file,
                       std::span<const float> sums, const std::string& process) {
  const SlabNumber next{slab.volume, slab.depth + 1};
  SlabRecord record{file, {}, process};
  if (!fs::exists(path_ / slab_name("done", next))) {
    record.sums.emplace().add(std::as_bytes(sums));
    if (!sums.empty()) write_file_atomically(path_ / slab_name("sums", next), std::as_bytes(sums));
  }
  write_file_atomically(path_ / slab_name("done", slab), record.text());
  records_[slab] = std::move(record);
  std::error_code ignored;  // there are no sums if nothing overlapped
  fs::remove(path_ / slab_name("sums", slab), ignored);
}

std::optional<std::vector<float>> SlabFiles::sums(SlabNumber slab, std::size_t count) const {
  const auto before = records_.find({slab.volume, slab.depth - 1});
  if (slab.depth == 0 || before == records_.end() || !before->second.sums) return std::nullopt;
  const Checksum expected = *before->second.sums;
  std::vector<float> sums(count);
  const auto bytes = std::as_writable_bytes(std::span(sums));
  if (expected.bytes != bytes.size()) return std::nullopt;
  if (count == 0) return sums;
  const fs::path path = path_ / slab_name("sums", slab);
  if (kind_of(path) == FileKind::kMissing) return std::nullopt;
  InputFile file(path, "a file", ExitCode::kFailed);
  Checksum found;
  found.add(bytes.first(file.read(bytes)));
  if (found != expected || file.size() != expected.bytes) return std::nullopt;
  return sums;
}

}  // namespace lucid

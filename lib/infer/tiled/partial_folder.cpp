#include "infer/tiled/partial_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace lucid {
namespace {

namespace fs = std::filesystem;

const char* const kFingerprint = "fingerprint.json";
const char* const kProgress = "progress.json";

// Precedes the bytes of every chunk in a slab's file.
struct ChunkHead {
  std::uint64_t bytes = 0, left_out = 0;
};

[[noreturn]] void fail(const fs::path& path, const std::string& what, int reason) {
  throw Error(ExitCode::kFailed, path.string() + ": cannot be " + what + ": " +
                                     (reason == 0 ? "it is cut short" : std::strerror(reason)));
}

std::string number_text(SlabNumber slab) {
  return std::to_string(slab.volume) + "-" + std::to_string(slab.depth);
}

// Returns null if the file is missing or not JSON. Files are put in place atomically, so a damaged
// one is not ours.
Json json_in(const fs::path& path) {
  std::error_code failed;
  if (!fs::exists(path, failed)) return {};
  try {
    return read_json_file(path);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

SlabWriter::SlabWriter(const fs::path& path)
    : path_(path), unfinished_(path), stream_(unfinished_.path(), std::ios::binary) {
  if (!stream_) fail(path_, "written", errno);
}

void SlabWriter::write(const void* bytes, std::size_t count) {
  stream_.write(static_cast<const char*>(bytes), static_cast<std::streamsize>(count));
  if (!stream_) fail(path_, "written", errno);
}

void SlabWriter::add(const StoredChunk& chunk) {
  const ChunkHead head{chunk.bytes.size(), chunk.left_out};
  write(&head, sizeof head);
  write(chunk.bytes.data(), chunk.bytes.size());
}

void SlabWriter::finish() {
  stream_.close();
  if (!stream_) fail(path_, "written", errno);
  unfinished_.put_in_place();
}

SlabReader::SlabReader(const fs::path& path) : path_(path), stream_(path, std::ios::binary) {
  if (!stream_) fail(path_, "read", errno);
}

StoredChunk SlabReader::next() {
  ChunkHead head;
  stream_.read(reinterpret_cast<char*>(&head), sizeof head);
  std::error_code failed;
  if (!stream_ || head.bytes > fs::file_size(path_, failed)) fail(path_, "read", 0);
  chunk_.resize(head.bytes);
  stream_.read(reinterpret_cast<char*>(chunk_.data()), static_cast<std::streamsize>(head.bytes));
  if (!stream_) fail(path_, "read", 0);
  return {chunk_, static_cast<std::uint32_t>(head.left_out)};
}

PartialFolder::PartialFolder(const fs::path& output, const Json& fingerprint) : path_(output) {
  path_ += ".partial";
  std::error_code failed;
  fs::create_directory(path_, failed);
  if (failed)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be made: " + failed.message());
  lock();
  take_up(fingerprint);
}

PartialFolder::~PartialFolder() {
  if (folder_ >= 0) close(folder_);
}

void PartialFolder::lock() {
  folder_ = open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder_ < 0 || flock(folder_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  close(folder_);
  throw Error(ExitCode::kFailed, path_.string() +
                                     ": another process is predicting this output; wait for its "
                                     "end, or choose another file with --output");
}

void PartialFolder::take_up(const Json& fingerprint) {
  const Json found = json_in(path_ / kFingerprint), progress = json_in(path_ / kProgress);
  const bool is_same = found == fingerprint;
  if (is_same && progress.is_object()) next_ = {progress["volume"], progress["depth"]};
  was_of_another_run_ = !is_same && progress.is_object();
  for (const auto& entry : fs::directory_iterator(path_)) {
    const std::string name = entry.path().filename().string();
    const bool is_unfinished = name.find(".unfinished-") != std::string::npos;
    if (found.is_null() && !is_unfinished)
      throw Error(ExitCode::kFailed, path_.string() +
                                         ": expected what an interrupted run left, found a folder "
                                         "that holds something else; choose another --output");
    const bool is_needed = name == kFingerprint || name == kProgress || name.starts_with("slab-") ||
                           entry.path() == sums_path(next_);
    if (!is_same || is_unfinished || !is_needed) fs::remove(entry.path());
  }
  if (!is_same) write_file_atomically(path_ / kFingerprint, json_text(fingerprint, 1));
}

void PartialFolder::commit(SlabNumber slab, SlabNumber next, std::span<const float> sums) {
  if (!sums.empty()) write_file_atomically(sums_path(next), std::as_bytes(sums));
  write_file_atomically(path_ / kProgress,
                        json_text(Json{{"volume", next.volume}, {"depth", next.depth}}));
  next_ = next;
  std::error_code ignored;  // there are no sums if nothing overlapped
  fs::remove(sums_path(slab), ignored);
}

std::vector<float> PartialFolder::sums() const {
  const fs::path path = sums_path(next_);
  std::error_code failed;
  const std::uintmax_t bytes = fs::file_size(path, failed);
  if (failed) return {};
  std::vector<float> sums(bytes / sizeof(float));
  std::ifstream stream(path, std::ios::binary);
  stream.read(reinterpret_cast<char*>(sums.data()), static_cast<std::streamsize>(bytes));
  if (!stream) fail(path, "read", errno);
  return sums;
}

void PartialFolder::remove() {
  std::error_code failed;
  fs::remove_all(path_, failed);
  if (failed)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be removed: " + failed.message());
}

fs::path PartialFolder::slab_path(SlabNumber slab) const {
  return path_ / ("slab-" + number_text(slab));
}

fs::path PartialFolder::sums_path(SlabNumber next) const {
  return path_ / ("sums-" + number_text(next));
}

}  // namespace lucid

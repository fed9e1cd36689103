#include "train/tensorboard/event_file.h"

#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/error.h"
#include "base/file.h"
#include "train/tensorboard/crc32c.h"

namespace lucid {
namespace {

double wall_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

// TensorBoard takes the first start of a session that it sees for that of the run, and only later
// ones for restarts. So every file begins with one.
EventFile::EventFile(std::filesystem::path path, std::int64_t first_step)
    : path_(std::move(path)), stream_(path_, std::ios::binary | std::ios::app) {
  constexpr std::int64_t kStart = 1;  // SessionLog.SessionStatus
  if (!stream_) fail();
  write_event(0, Content::kFileVersion, "brain.Event:2");
  write_event(first_step, Content::kSessionLog, Message().integer(1, kStart).bytes());
}

void EventFile::write(std::int64_t step, const Message& summary) {
  write_event(step, Content::kSummary, summary.bytes());
}

void EventFile::sync() const { sync_file(path_); }

void EventFile::write_event(std::int64_t step, Content content, std::string_view bytes) {
  Message event;
  event.number(1, wall_time()).integer(2, step).text(static_cast<int>(content), bytes);
  const std::string& data = event.bytes();
  std::string record;
  append_little_endian(record, static_cast<std::uint64_t>(data.size()));
  append_little_endian(record, masked_crc32c(record));
  record += data;
  append_little_endian(record, masked_crc32c(data));
  stream_.write(record.data(), static_cast<std::streamsize>(record.size())).flush();
  if (!stream_) fail();
}

void EventFile::fail() const {
  throw Error(ExitCode::kFailed, path_.string() + ": cannot be written: " + std::strerror(errno));
}

}  // namespace lucid

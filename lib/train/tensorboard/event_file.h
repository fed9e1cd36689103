#pragma once

#include <filesystem>
#include <fstream>

#include "train/tensorboard/message.h"

namespace lucid {

// A file of events as TensorBoard reads them: records with checksums, each an Event. Throws
// Error(kFailed) "PATH: cannot be written: reason".
class EventFile {
 public:
  // Makes the file, whose first step will be `first_step`. Readers drop what earlier files of the
  // folder hold from that step on: the run went on from a checkpoint before it.
  EventFile(std::filesystem::path path, std::int64_t first_step);

  // Writes an event with a Summary, and flushes it.
  void write(std::int64_t step, const Message& summary);
  void sync() const;

 private:
  enum class Content { kFileVersion = 3, kSummary = 5, kSessionLog = 7 };  // fields of Event
  void write_event(std::int64_t step, Content content, std::string_view bytes);
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace lucid

#include "infer/tiled/slab_file.h"

#include <cerrno>
#include <cstring>

namespace lucid {
namespace {

namespace fs = std::filesystem;

// Precedes the bytes of every chunk in a slab's file.
struct ChunkHead {
  std::uint64_t bytes = 0, left_out = 0;
};

}  // namespace

SlabWriter::SlabWriter(const fs::path& path)
    : path_(path), unfinished_(path), stream_(unfinished_.path(), std::ios::binary) {
  check();
}

void SlabWriter::check() const {
  if (!stream_)
    throw Error(ExitCode::kFailed, path_.string() + ": cannot be written: " + std::strerror(errno));
}

void SlabWriter::write(std::span<const std::byte> bytes) {
  stream_.write(reinterpret_cast<const char*>(bytes.data()),
                static_cast<std::streamsize>(bytes.size()));
  check();
  written_.add(bytes);
}

void SlabWriter::add(const StoredChunk& chunk) {
  const ChunkHead head{chunk.bytes.size(), chunk.left_out};
  write(std::as_bytes(std::span(&head, 1)));
  write(chunk.bytes);
}

Checksum SlabWriter::finish() {
  stream_.close();
  check();
  unfinished_.put_in_place();
  return written_;
}

SlabReader::SlabReader(const fs::path& path, const Checksum& expected)
    : path_(path), file_(path, "a file", ExitCode::kFailed), expected_(expected) {
  if (file_.size() != expected_.bytes) fail();
}

void SlabReader::fail() const {
  throw Error(ExitCode::kFailed, path_.string() + ": is damaged; delete the folder to begin anew");
}

void SlabReader::read(std::span<std::byte> out) {
  if (file_.read(out) < out.size()) fail();
  found_.add(out);
}

StoredChunk SlabReader::next() {
  ChunkHead head;
  read(std::as_writable_bytes(std::span(&head, 1)));
  if (head.bytes > expected_.bytes - found_.bytes) fail();
  chunk_.resize(head.bytes);
  read(chunk_);
  return {chunk_, static_cast<std::uint32_t>(head.left_out)};
}

void SlabReader::finish() const {
  if (found_ != expected_) fail();
}

}  // namespace lucid

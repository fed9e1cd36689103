#include "formats/readers/byte_stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/file.h"
#include "base/text.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 18;

class FileBytes : public ByteStream {
 public:
  FileBytes(const fs::path& path, std::uint64_t offset)
      : place_(path.string()), file_(path, "a file", ExitCode::kData) {
    left_ = offset < file_.size() ? file_.size() - offset : 0;
    file_.seek(std::min(offset, file_.size()));
  }

  std::size_t read(std::span<std::byte> out) override {
    const std::size_t count = std::min<std::uint64_t>(out.size(), left_);
    for (std::size_t done = 0; done < count;) done += read_some(out.subspan(done, count - done));
    left_ -= count;
    return count;
  }
  std::uint64_t most_left() const override { return left_; }
  bool knows_size() const override { return true; }

 private:
  // Headers are read byte by byte, voxels in large pieces that need no buffer.
  std::size_t read_some(std::span<std::byte> out) {
    std::size_t count = buffer_.size() - used_;
    if (count == 0 && out.size() >= kBufferBytes) return filled(file_.read(out));
    if (count == 0) {
      buffer_.resize(kBufferBytes);
      buffer_.resize(filled(file_.read(buffer_)));
      used_ = 0;
      count = buffer_.size();
    }
    count = std::min(count, out.size());
    std::copy_n(buffer_.data() + used_, count, out.data());
    used_ += count;
    return count;
  }
  std::size_t filled(std::size_t count) const {
    if (count == 0) throw Error(ExitCode::kData, place_ + ": became shorter while it was read");
    return count;
  }

  std::string place_;
  InputFile file_;
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;  // bytes of the buffer
  std::uint64_t left_ = 0;
};

class Inflated : public ByteStream {
 public:
  Inflated(std::unique_ptr<ByteStream> source, std::string place)
      : source_(std::move(source)), place_(std::move(place)), buffer_(kBufferBytes) {
    // 32 detects gzip or zlib from the first bytes.
    if (inflateInit2(&state_, 15 + 32) != Z_OK)
      throw Error(ExitCode::kFailed, place_ + ": zlib cannot start");
  }
  ~Inflated() override { inflateEnd(&state_); }
  Inflated(const Inflated&) = delete;
  Inflated& operator=(const Inflated&) = delete;

  std::size_t read(std::span<std::byte> out) override {
    std::size_t done = 0;
    while (done < out.size() && !is_at_end_) {
      refill();
      done += inflate_into(out.subspan(done));
    }
    return done;
  }

  std::uint64_t most_left() const override {
    if (is_at_end_) return 0;
    constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
    return std::min(kMost / kMostInflation, source_->most_left() + state_.avail_in + 64) *
           kMostInflation;
  }
  std::string left_out() const override {
    const std::uint64_t rest = state_.avail_in + source_->most_left();
    if (!is_at_end_ || is_padding_ || rest == 0) return {};
    return with_thousands(static_cast<std::int64_t>(rest)) +
           " bytes after the gzip data are left out";
  }

 private:
  void refill() {
    if (state_.avail_in > 0) return;
    state_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
    state_.avail_in = static_cast<uInt>(source_->read(buffer_));
  }

  std::size_t inflate_into(std::span<std::byte> out) {
    const std::size_t most = std::min<std::size_t>(out.size(), std::size_t{1} << 30);
    state_.next_out = reinterpret_cast<Bytef*>(out.data());
    state_.avail_out = static_cast<uInt>(most);
    const bool had_input = state_.avail_in > 0;
    const int status = inflate(&state_, Z_NO_FLUSH);
    const std::size_t count = most - state_.avail_out;
    if (status == Z_STREAM_END) {
      begin_next_member();
    } else if (status != Z_OK && (status != Z_BUF_ERROR || !had_input)) {
      const bool is_short = status == Z_BUF_ERROR;
      const std::string reason = state_.msg == nullptr ? "no deflate data" : state_.msg;
      throw Error(ExitCode::kData, place_ + (is_short ? ": its gzip data is cut short"
                                                      : ": its gzip data is damaged: " + reason));
    }
    return count;
  }

  // Zeros after the last member are padding, as for gzip itself.
  void begin_next_member() {
    refill();
    is_at_end_ = state_.avail_in == 0 || *state_.next_in != 0x1f;
    is_padding_ = state_.avail_in > 0 && *state_.next_in == 0;
    if (!is_at_end_) inflateReset(&state_);
  }

  std::unique_ptr<ByteStream> source_;
  std::string place_;
  std::vector<std::byte> buffer_;
  z_stream state_{};
  bool is_at_end_ = false, is_padding_ = false;
};

void fail_short(const std::string& place, const std::string& what, std::uint64_t expected,
                std::uint64_t found) {
  throw Error(ExitCode::kData,
              place + ": " + what + ": expected " +
                  with_thousands(static_cast<std::int64_t>(expected)) + " bytes, found " +
                  with_thousands(static_cast<std::int64_t>(found)) + "; the file is cut short");
}

}  // namespace

std::unique_ptr<ByteStream> open_bytes(const fs::path& path, std::uint64_t offset) {
  return std::make_unique<FileBytes>(path, offset);
}

std::unique_ptr<ByteStream> inflated(std::unique_ptr<ByteStream> stream, const std::string& place) {
  return std::make_unique<Inflated>(std::move(stream), place);
}

std::unique_ptr<ByteStream> open_perhaps_gzip(const fs::path& path) {
  std::array<std::byte, 2> begin{};
  const bool has_two = open_bytes(path, 0)->read(begin) == 2;
  const bool is_gzip = has_two && begin[0] == std::byte{0x1f} && begin[1] == std::byte{0x8b};
  std::unique_ptr<ByteStream> bytes = open_bytes(path, 0);
  return is_gzip ? inflated(std::move(bytes), path.string()) : std::move(bytes);
}

std::optional<std::string> read_line(ByteStream& stream, std::uint64_t& used,
                                     const std::string& place) {
  constexpr std::uint64_t kMostHeaderBytes = std::uint64_t{1} << 20;
  std::string line;
  for (std::byte byte; stream.read({&byte, 1}) == 1;) {
    if (++used > kMostHeaderBytes)
      throw Error(ExitCode::kData, place + ": expected a header of at most 1 MiB, found more");
    if (byte != std::byte{'\n'}) {
      line += static_cast<char>(byte);
      continue;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  return line.empty() ? std::nullopt : std::optional(line);
}

fs::path data_file_beside(const fs::path& header, const std::string& name, const std::string& field,
                          const std::string& place) {
  const auto refuse = [&](const std::string& message) { fail(place, field + ": " + message); };
  const fs::path file(name);
  const bool is_outside =
      file.is_absolute() || std::find(file.begin(), file.end(), fs::path("..")) != file.end();
  if (is_outside)
    refuse("expected a file in the header's folder or below, found " + in_quotes(name) +
           "; move it there");
  const fs::path beside = header.parent_path() / file;
  if (name.empty() || name.find('\0') != std::string::npos || kind_of(beside) == FileKind::kMissing)
    refuse("there is no " + beside.string());
  std::error_code error;
  if (fs::equivalent(beside, header, error)) refuse("expected another file, found the header");
  return beside;
}

void read_exactly(ByteStream& stream, std::span<std::byte> out, const std::string& place,
                  const std::string& what) {
  const std::size_t found = stream.read(out);
  if (found < out.size()) fail_short(place, what, out.size(), found);
}

void skip_exactly(ByteStream& stream, std::uint64_t count, const std::string& place,
                  const std::string& what) {
  if (stream.knows_size() && count > stream.most_left())
    fail_short(place, what, count, stream.most_left());
  std::vector<std::byte> buffer(std::min<std::uint64_t>(count, kBufferBytes));
  for (std::uint64_t done = 0; done < count;) {
    const std::size_t next = std::min<std::uint64_t>(count - done, buffer.size());
    const std::size_t found = stream.read(std::span(buffer).first(next));
    done += found;
    if (found < next) fail_short(place, what, count, done);
  }
}

}  // namespace lucid

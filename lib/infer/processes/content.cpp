#include "infer/processes/content.h"

#include <libdeflate.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/file.h"
#include "formats/writers/unfinished_store.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

Checksum checksum_of_store(const fs::path& store) {
  Checksum all;
  for (const fs::path& file : files_of_store(store)) {
    const auto sum = checksum_of(store / file);
    const std::string text =
        file.string() + '\n' +
        (sum ? std::to_string(sum->bytes) + ' ' + std::to_string(sum->crc) : "");
    all.add(std::as_bytes(std::span(text)));
  }
  return all;
}

}  // namespace

void Checksum::add(std::span<const std::byte> content) {
  bytes += content.size();
  crc = libdeflate_crc32(crc, content.data(), content.size());
}

std::optional<Checksum> checksum_of(const fs::path& path) {
  if (kind_of(path) == FileKind::kMissing) return std::nullopt;
  InputFile file(path, "a file", ExitCode::kFailed);
  std::vector<std::byte> piece(std::size_t{1} << 20);
  Checksum sum;
  while (const std::size_t count = file.read(piece)) sum.add(std::span(piece).first(count));
  return sum;
}

Json content_identity(const fs::path& output) {
  const auto sum =
      kind_of(output) == FileKind::kFolder ? checksum_of_store(output) : checksum_of(output);
  return sum ? Json{{"bytes", sum->bytes}, {"crc32", sum->crc}} : Json();
}

bool have_equal_content(const fs::path& a, const fs::path& b) {
  if (kind_of(a) == FileKind::kFolder)
    return kind_of(b) == FileKind::kFolder && have_equal_files(a, b);
  const auto sum = checksum_of(a);
  return sum && kind_of(b) == FileKind::kFile && sum == checksum_of(b);
}

}  // namespace lucid

#include "train/set_facts.h"

#include <libdeflate.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/text.h"
#include "data/patch/set.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kPartBytes = std::uintmax_t{64} << 10;
// Reading this much takes less than a tenth of a second, or a second from a slow disk.
constexpr std::uintmax_t kMostBytes = std::uintmax_t{64} << 20;

// Returns where the parts of a file begin: all of it, or as many as are allowed.
std::vector<std::uintmax_t> parts_of(std::uintmax_t bytes, std::uintmax_t most) {
  std::vector<std::uintmax_t> begins;
  if (bytes <= most) {
    for (std::uintmax_t at = 0; at < bytes; at += kPartBytes) begins.push_back(at);
    return begins;
  }
  const std::uintmax_t count = std::max<std::uintmax_t>(most / kPartBytes, 2);
  const std::uintmax_t room = bytes - std::min(bytes, kPartBytes);
  for (std::uintmax_t i = 0; i < count; ++i) begins.push_back(room / (count - 1) * i);
  begins.back() = room;
  return begins;
}

[[noreturn]] void fail_to_read(const fs::path& path) {
  throw Error(ExitCode::kData,
              path.string() + ": cannot be read: " + std::generic_category().message(errno));
}

Json file_facts(const fs::path& path, std::uintmax_t most) {
  std::error_code failed;
  const std::uintmax_t bytes = fs::file_size(path, failed);
  std::ifstream stream(path, std::ios::binary);
  if (failed || !stream) fail_to_read(path);
  std::uint32_t sum = 0;
  std::vector<char> part(kPartBytes);
  for (const std::uintmax_t begin : parts_of(bytes, most)) {
    stream.seekg(static_cast<std::streamoff>(begin));
    const std::uintmax_t count = std::min(kPartBytes, bytes - begin);
    if (!stream.read(part.data(), static_cast<std::streamsize>(count))) fail_to_read(path);
    sum = libdeflate_crc32(sum, part.data(), count);
  }
  return {{"bytes", bytes}, {"sum", sum}};
}

std::string extents_text(const Triple& extents) {
  return Shape{extents[0], extents[1], extents[2]}.str();
}

Json volume_extents(const Dataset& set) {
  Json extents = Json::array();
  if (const auto* patches = dynamic_cast<const PatchSet*>(&set))
    for (const PatchVolume& volume : patches->volumes().all())
      extents.push_back(extents_text(volume.stacks->first().extents()));
  return extents;
}

std::string plain_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : json_text(value);
}

std::string change(const std::string& what, const Json& was, const Json& is) {
  return what + " " + plain_text(was) + " -> " + plain_text(is);
}

// Says how many volumes there are, or which is the first of another size.
void compare_volumes(const Json& was, const Json& is, std::vector<std::string>& changes) {
  if (was.size() != is.size()) return changes.push_back(change("volumes", was.size(), is.size()));
  for (std::size_t i = 0; i < is.size(); ++i)
    if (was[i] != is[i])
      return changes.push_back(change("volume " + std::to_string(i + 1) + " of", was[i], is[i]));
}

}  // namespace

Json set_facts(const VolumesConfig& config, const Dataset& set) {
  const std::uintmax_t most =
      std::max(kMostBytes / std::max<std::size_t>(config.files.size(), 1), 2 * kPartBytes);
  Json files = Json::array();
  for (const std::string& file : config.files) files.push_back(file_facts(file, most));
  return {{"samples", set.size()},
          {"sample", set.sample_shape().str()},
          {"target", set.target_shape().str()},
          {"target_type", set.target_type() == TargetType::kIntegers ? "integers" : "floats"},
          {"volumes", volume_extents(set)},
          {"files", std::move(files)}};
}

std::string shape_change(const Json& was, const Json& is) {
  if (was.is_null() || is.is_null())
    return was == is ? "" : was.is_null() ? "none -> one" : "one -> none";
  std::vector<std::string> changes;
  for (const auto& [key, name] :
       {std::pair("samples", "samples"), std::pair("sample", "samples of"),
        std::pair("target", "targets of"), std::pair("target_type", "targets of")})
    if (was.value(key, Json()) != is[key])
      changes.push_back(change(name, was.value(key, Json()), is[key]));
  compare_volumes(was.value("volumes", Json::array()), is["volumes"], changes);
  return join(changes, ", ");
}

std::vector<std::string> changed_files(const Json& was, const Json& is,
                                       const std::vector<std::string>& files) {
  std::vector<std::string> changed;
  if (was.is_null() || is.is_null()) return changed;
  const Json before = was.value("files", Json::array());
  for (std::size_t i = 0; i < files.size(); ++i)
    if (i >= before.size() || before[i] != is["files"][i]) changed.push_back(files[i]);
  return changed;
}

}  // namespace lucid

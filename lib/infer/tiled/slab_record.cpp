#include "infer/tiled/slab_record.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/json.h"

namespace lucid {
namespace {

Json json_of(const std::optional<Checksum>& sum) {
  if (!sum) return nullptr;
  return {{"bytes", sum->bytes}, {"crc32", sum->crc}};
}

Checksum checksum_in(const Json& json) { return {json.at("bytes"), json.at("crc32")}; }

std::optional<Checksum> checksum_if_any(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return checksum_in(json);
}

std::uint32_t crc_of(const Json& json) {
  const std::string text = json_text(json);
  Checksum sum;
  sum.add(std::as_bytes(std::span(text)));
  return sum.crc;
}

// Returns null if the text is not as it was written: its checksum is in the object.
Json sound_json(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("crc32") || json_text(json) != text) return nullptr;
  const Json stored = json["crc32"];
  json.erase("crc32");
  return stored == crc_of(json) ? json : Json();
}

}  // namespace

std::string SlabRecord::text() const {
  Json json{{"file", json_of(file)}, {"sums", json_of(sums)}, {"process", process}};
  json["crc32"] = crc_of(json);
  return json_text(json);
}

std::optional<SlabRecord> SlabRecord::read(const std::string& text) {
  try {
    const Json json = sound_json(text);
    if (json.is_null()) return std::nullopt;
    return SlabRecord{checksum_if_any(json.at("file")), checksum_if_any(json.at("sums")),
                      json.at("process")};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::string slab_name(const std::string& prefix, SlabNumber slab) {
  return prefix + "-" + std::to_string(slab.volume) + "-" + std::to_string(slab.depth);
}

std::optional<SlabNumber> slab_in(const std::string& prefix, const std::string& name) {
  SlabNumber slab;
  if (!name.starts_with(prefix + "-")) return std::nullopt;
  if (std::sscanf(name.c_str() + prefix.size(), "-%zu-%zu", &slab.volume, &slab.depth) != 2)
    return std::nullopt;
  if (slab_name(prefix, slab) != name) return std::nullopt;
  return slab;
}

std::optional<EarlierProgress> EarlierProgress::read(const std::string& text) {
  try {
    const Json json = sound_json(text);
    if (json.is_null()) return std::nullopt;
    EarlierProgress progress{
        {json.at("volume"), json.at("depth")}, checksum_in(json.at("sums")), {}};
    for (const Json& slab : json.at("slabs"))
      progress.slabs[{slab.at("volume"), slab.at("depth")}] = checksum_in(slab);
    return progress;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace lucid

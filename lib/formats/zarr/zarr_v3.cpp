#include <algorithm>
#include <array>
#include <bit>

#include "base/text.h"
#include "formats/zarr/byte_codecs.h"
#include "formats/zarr/zarr_array_file.h"

namespace lucid {
namespace {

constexpr std::size_t kMostCodecs = 16;
constexpr int kMostNested = 4;  // shards within shards
constexpr std::int64_t kMostInnerChunks = std::int64_t{1} << 24;

constexpr std::array<std::pair<const char*, ByteCodec>, 4> kByteCodecs{
    {{"gzip", ByteCodec::kGzip},
     {"zstd", ByteCodec::kZstd},
     {"blosc", ByteCodec::kBlosc},
     {"crc32c", ByteCodec::kCrc32c}}};

// A list of codecs: {"name": .., "configuration": {..}}, or the name alone.
class CodecList {
 public:
  CodecList(JsonObject& json, std::string_view key, const NumberCoding& numbers, int depth)
      : json_(json), key_(key), numbers_(numbers), depth_(depth) {}

  // `extents` are those of the chunk.
  ZarrCoding read(std::vector<std::int64_t> extents);
  // Reads the codecs of a shard's index, whose size is known before it is read: bytes, and perhaps
  // crc32c.
  void read_index(ZarrShard& shard);

 private:
  struct Codec {
    std::string name;
    Json configuration;
  };

  std::vector<Codec> list();
  bool add(const Codec& codec, std::vector<std::int64_t>& extents, ZarrCoding& coding);
  bool add_bytes_codec(const Codec& codec, ZarrCoding& coding);
  void read_order(JsonObject& codec, std::vector<std::int64_t>& extents, ZarrCoding& coding);
  ZarrShard read_shard(JsonObject& codec, const std::vector<std::int64_t>& extents);
  void refuse(const std::string& message) { json_.error(key_, message); }

  JsonObject& json_;
  std::string key_;
  NumberCoding numbers_;
  int depth_;
  bool has_bytes_ = false;  // what follows turns bytes into bytes
};

std::vector<CodecList::Codec> CodecList::list() {
  const Json* all = json_.find(key_);
  std::vector<Codec> codecs;
  bool is_good = all != nullptr && all->is_array() && !all->empty() && all->size() <= kMostCodecs;
  for (std::size_t i = 0; is_good && i < all->size(); ++i) {
    const Json& each = (*all)[i];
    Codec codec{"", Json::object()};
    if (each.is_string()) codec.name = each.get<std::string>();
    if (each.is_object() && each.contains("name") && each.at("name").is_string())
      codec.name = each.at("name").get<std::string>();
    if (each.is_object() && each.contains("configuration"))
      codec.configuration = each.at("configuration");
    is_good = !codec.name.empty() && codec.configuration.is_object();
    codecs.push_back(std::move(codec));
  }
  if (is_good) return codecs;
  json_.expected(key_, "a list of codecs with names", all == nullptr ? Json() : *all);
  return {};
}

ZarrCoding CodecList::read(std::vector<std::int64_t> extents) {
  ZarrCoding coding{.numbers = numbers_, .order = {}, .shard = {}, .codecs = {}};
  for (const Codec& codec : list())
    if (!add(codec, extents, coding)) return coding;
  if (!has_bytes_ && json_.is_sound())
    refuse("expected a codec that makes bytes: bytes or sharding_indexed");
  return coding;
}

bool CodecList::add(const Codec& codec, std::vector<std::int64_t>& extents, ZarrCoding& coding) {
  JsonObject object(codec.configuration, child_pointer(json_.pointer(), key_ + " " + codec.name),
                    json_.errors());
  const bool makes_bytes = codec.name == "bytes" || codec.name == "sharding_indexed";
  if (has_bytes_ && (makes_bytes || codec.name == "transpose")) {
    refuse("expected no codec " + in_quotes(codec.name) + " behind the one that makes bytes");
    return false;
  }
  if (codec.name == "transpose") {
    read_order(object, extents, coding);
    return true;
  }
  has_bytes_ = has_bytes_ || makes_bytes;
  if (codec.name == "bytes") return add_bytes_codec(codec, coding);
  if (codec.name == "sharding_indexed") {
    coding.shard.push_back(read_shard(object, extents));
    return true;
  }
  const auto known =
      std::ranges::find_if(kByteCodecs, [&](auto& each) { return codec.name == each.first; });
  if (known == kByteCodecs.end()) {
    refuse("no codec " + in_quotes(codec.name) +
           "; known: bytes, transpose, gzip, zstd, blosc, crc32c, sharding_indexed");
    return false;
  }
  if (!has_bytes_) {
    refuse("expected the codec bytes before " + in_quotes(codec.name));
    return false;
  }
  if (const std::string lack = missing_library(known->second); !lack.empty()) refuse(lack);
  coding.codecs.push_back(known->second);
  return true;
}

// Returns whether elements have the other byte order than this machine's.
std::optional<bool> is_swapped(const Json& configuration) {
  const auto endian = configuration.find("endian");
  if (endian == configuration.end() || endian->is_null()) return false;
  if (*endian != "little" && *endian != "big") return std::nullopt;
  return (*endian == "big") != (std::endian::native == std::endian::big);
}

bool CodecList::add_bytes_codec(const Codec& codec, ZarrCoding& coding) {
  const std::optional<bool> swapped = is_swapped(codec.configuration);
  if (!swapped)
    refuse("bytes: endian: expected little or big, found " +
           found_text(codec.configuration.at("endian")));
  coding.numbers.is_swapped = swapped.value_or(false) && element_bytes(numbers_.stored) > 1;
  return swapped.has_value();
}

// A second transposition applies to the axes as the first left them.
void CodecList::read_order(JsonObject& codec, std::vector<std::int64_t>& extents,
                           ZarrCoding& coding) {
  const std::size_t rank = extents.size();
  const Json* list = codec.find("order");
  std::vector<std::size_t> order, next;
  std::vector<std::int64_t> turned;
  if (list != nullptr && list->is_array() && list->size() == rank)
    for (const Json& axis : *list)
      if (axis.is_number_integer() && axis >= 0 && axis < rank &&
          std::ranges::find(order, axis.get<std::size_t>()) == order.end())
        order.push_back(axis.get<std::size_t>());
  if (order.size() != rank)
    return codec.expected("order", "each of " + std::to_string(rank) + " axes once",
                          list == nullptr ? Json() : *list);
  for (const std::size_t axis : order) {
    next.push_back(coding.order.empty() ? axis : coding.order[axis]);
    turned.push_back(extents[axis]);
  }
  coding.order = std::move(next);
  extents = std::move(turned);
}

ZarrShard CodecList::read_shard(JsonObject& codec, const std::vector<std::int64_t>& extents) {
  ZarrShard shard;
  if (depth_ == kMostNested) {
    refuse("expected at most " + std::to_string(kMostNested) + " shards within each other");
    return shard;
  }
  shard.chunk = read_zarr_extents(codec, "chunk_shape", extents.size());
  for (std::size_t axis = 0; codec.is_sound() && axis < extents.size(); ++axis)
    if (extents[axis] % shard.chunk[axis] != 0)
      codec.error("chunk_shape", "expected whole inner chunks in a shard of " +
                                     Shape(extents).str() + ", found " + Shape(shard.chunk).str());
  if (!codec.is_sound()) return shard;
  if (Shape(extents).elements() / Shape(shard.chunk).elements() > kMostInnerChunks)
    codec.error("chunk_shape", "expected at most " + with_thousands(kMostInnerChunks) +
                                   " chunks in a shard, found chunks of " +
                                   Shape(shard.chunk).str());
  shard.coding = CodecList(codec, "codecs", numbers_, depth_ + 1).read(shard.chunk);
  CodecList(codec, "index_codecs", {}, depth_ + 1).read_index(shard);
  static const std::vector<std::string> places{"end", "start"};
  shard.is_index_at_end = codec.choice("index_location", places, "end") == "end";
  return shard;
}

void CodecList::read_index(ZarrShard& shard) {
  const std::vector<Codec> codecs = list();
  if (codecs.empty()) return;
  const std::optional<bool> swapped = is_swapped(codecs.front().configuration);
  const bool has_sum = codecs.size() == 2 && codecs.back().name == "crc32c";
  if (codecs.front().name != "bytes" || !swapped || (codecs.size() > 1 && !has_sum))
    return refuse("expected bytes, and perhaps crc32c behind it, found others");
  shard.is_index_swapped = *swapped;
  shard.has_index_checksum = has_sum;
}

NumberCoding read_data_type(JsonObject& json) {
  const std::string name = json.string("data_type");
  if (const auto numbers = zarr_v3_numbers(name)) return *numbers;
  if (json.is_sound())
    json.error("data_type",
               "expected integers, floats or bool, as 'uint16', found " + in_quotes(name));
  return {};
}

void read_keys(JsonObject& json, ZarrArrayFile& array) {
  static const std::vector<std::string> names{"default", "v2"}, separators{"/", "."};
  auto encoding = json.object("chunk_key_encoding", true);
  if (!encoding) return;
  const bool is_default = encoding->choice("name", names) == "default";
  const std::string usual = is_default ? "/" : ".";
  auto configuration = encoding->object("configuration", false);
  array.separator = configuration ? configuration->choice("separator", separators, usual) : usual;
  if (is_default) array.key_prefix = "c" + array.separator;
}

void read_grid(JsonObject& json, ZarrArrayFile& array) {
  static const std::vector<std::string> names{"regular"};
  array.chunk.assign(array.extents.size(), 1);
  auto grid = json.object("chunk_grid", true);
  if (!grid) return;
  grid->choice("name", names);
  if (auto configuration = grid->object("configuration", true))
    array.chunk = read_zarr_extents(*configuration, "chunk_shape", array.extents.size());
}

void read_names(JsonObject& json, ZarrArrayFile& array) {
  const Json* names = json.find("dimension_names");
  if (names == nullptr || !names->is_array() || names->size() != array.extents.size()) return;
  for (const Json& name : *names)
    array.axis_names.push_back(name.is_string() ? name.get<std::string>() : "");
}

}  // namespace

ZarrArrayFile read_zarr_v3(JsonObject& json) {
  ZarrArrayFile array;
  static const std::vector<std::string> kinds{"array"};
  json.integer("zarr_format", {3, 3});
  json.choice("node_type", kinds);
  array.extents = read_zarr_extents(json, "shape", 0);
  read_grid(json, array);
  read_keys(json, array);
  const NumberCoding numbers = read_data_type(json);
  array.coding.numbers = numbers;
  check_zarr_sizes(json, array);
  if (!json.errors().empty()) return array;
  array.coding = CodecList(json, "codecs", numbers, 0).read(array.chunk);
  array.fill = read_zarr_fill(json, numbers);
  if (const Json* others = json.find("storage_transformers"); others != nullptr && !others->empty())
    json.expected("storage_transformers", "none", *others);
  read_names(json, array);
  return array;
}

}  // namespace lucid

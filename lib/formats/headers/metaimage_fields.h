#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lucid {

// The fields of a MetaImage header by the name that it gives, in the order of a map; fields that
// are not known, such as those of ITK's dictionary, are kept and not used.
struct MetaImageFields {
  std::map<std::string, std::string> values;
  std::vector<std::string> warnings;  // what the header says and is not used
};

// Adds one line "Key = Value" to the fields. Returns true if it is ElementDataFile, the last one.
// Throws Error(kData).
bool read_metaimage_line(const std::string& line, MetaImageFields& fields,
                         const std::string& place);

// The readers of a field, "place: name: what is wrong" otherwise. A field may have several names:
// the first that is there counts.
class MetaImageReader {
 public:
  MetaImageReader(const MetaImageFields& fields, std::string place)
      : fields_(fields), place_(std::move(place)) {}

  // Returns the text, or nullptr without such a field.
  const std::string* find(const std::vector<std::string>& names) const;
  // Throws Error(kData) if the field is missing.
  const std::string& text(const std::string& name) const;
  bool truth(const std::vector<std::string>& names, const std::string& otherwise) const;
  std::int64_t integer(const std::string& name, std::int64_t least, std::int64_t otherwise) const;
  // Returns `count` finite numbers; none without such a field.
  std::vector<double> numbers(const std::vector<std::string>& names, std::size_t count) const;
  [[noreturn]] void refuse(const std::string& message) const;

 private:
  const MetaImageFields& fields_;
  std::string place_;
};

}  // namespace lucid

#include "data/hdf5/copy.h"

#include <hdf5.h>

#include <algorithm>
#include <map>

#include "data/hdf5/sources.h"
#include "data/hdf5/types.h"

namespace lucid::hdf5 {
namespace {

Handle utf8_links() {
  Handle creation(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
  H5Pset_char_encoding(creation.id(), H5T_CSET_UTF8);
  return creation;
}

class Copy {
 public:
  Copy(const File& from, const NewStorage& storage, const Interrupt& interrupt, Writer& to)
      : from_(from), storage_(storage), interrupt_(interrupt), to_(to), links_(utf8_links()) {}

  // Copies group by group without recursion.
  void all() {
    group("");
    while (!groups_.empty()) {
      Group& last = groups_.back();
      if (last.names.empty()) {
        groups_.pop_back();
        continue;
      }
      const std::string path = path_below(last.path, last.names.back());
      last.names.pop_back();
      interrupt_();
      link(path);
    }
  }

  FileCopy result;

 private:
  struct Group {
    std::string path;
    std::vector<std::string> names;  // of links to copy, the next at the end
  };

  void group(const std::string& path);
  void link(const std::string& path);
  void other_link(const std::string& path, H5L_type_t type, std::size_t bytes);
  void object(const std::string& path);
  void dataset(const std::string& path, const Array& array, const Storage& storage);
  void attributes(std::int64_t source, const std::string& path);
  void attribute(const Handle& source, const std::string& path);

  template <class T>
  T read(T value, const std::string& path) const {
    return checked(value, ExitCode::kData, from_.path().string() + ": /" + path, "cannot be read");
  }
  template <class T>
  T written(T value) const {
    return checked(value, ExitCode::kFailed, to_.place(), "cannot be written");
  }

  const File& from_;
  const NewStorage& storage_;
  const Interrupt& interrupt_;
  Writer& to_;
  const Handle links_;
  std::map<std::string, std::string> copied_;  // paths of copied objects, by identity
  std::vector<Group> groups_;                  // the one that is copied, below those that hold it
};

void Copy::group(const std::string& path) {
  const std::string place = "/" + path;
  if (groups_.size() > kDeepestGroup)
    fail(from_.path().string() + ": " + place.substr(0, 100) + "...",
         "expected groups at most " + std::to_string(kDeepestGroup) + " deep");
  const Handle source(read(H5Gopen2(from_.id(), place.c_str(), H5P_DEFAULT), path), H5Gclose);
  attributes(source.id(), path);
  std::vector<std::string> names = from_.children(path);
  std::ranges::reverse(names);
  groups_.push_back({path, std::move(names)});
}

void Copy::link(const std::string& path) {
  H5L_info_t info;
  read(H5Lget_info(from_.id(), path.c_str(), &info, H5P_DEFAULT), path);
  if (info.type != H5L_TYPE_HARD) return other_link(path, info.type, info.u.val_size);
  const auto [known, is_new] = copied_.emplace(from_.identity(path), path);
  if (is_new) return object(path);
  written(H5Lcreate_hard(to_.id(), known->second.c_str(), to_.id(), path.c_str(), links_.id(),
                         H5P_DEFAULT));
}

// Soft and external links are copied as they are, even if they lead nowhere.
void Copy::other_link(const std::string& path, H5L_type_t type, std::size_t bytes) {
  std::vector<char> value(bytes + 1);
  read(H5Lget_val(from_.id(), path.c_str(), value.data(), bytes, H5P_DEFAULT), path);
  if (type == H5L_TYPE_SOFT) {
    written(H5Lcreate_soft(value.data(), to_.id(), path.c_str(), links_.id(), H5P_DEFAULT));
    return;
  }
  const char* file = nullptr;
  const char* name = nullptr;
  read(H5Lunpack_elink_val(value.data(), bytes, nullptr, &file, &name), path);
  written(H5Lcreate_external(file, name, to_.id(), path.c_str(), links_.id(), H5P_DEFAULT));
}

void Copy::object(const std::string& path) {
  if (from_.has_group(path)) {
    to_.create_group("/" + path);
    return group(path);
  }
  if (from_.has_dataset(path)) {
    const Array array = from_.open(path);
    if (const std::optional<Storage> storage = storage_(array))
      return dataset(path, array, *storage);
  }
  written(H5Ocopy(from_.id(), path.c_str(), to_.id(), path.c_str(), H5P_DEFAULT, links_.id()));
}

void Copy::dataset(const std::string& path, const Array& array, const Storage& storage) {
  const Handle type(read(H5Dget_type(array.id()), path), H5Tclose);
  const Handle space(read(H5Dget_space(array.id()), path), H5Sclose);
  const Handle old(read(H5Dget_create_plist(array.id()), path), H5Pclose);
  const Handle creation = dataset_creation(array.shape(), storage);
  H5D_fill_value_t fill = H5D_FILL_VALUE_UNDEFINED;
  if (H5Pfill_value_defined(old.id(), &fill) >= 0 && fill == H5D_FILL_VALUE_USER_DEFINED) {
    std::vector<std::byte> value(H5Tget_size(type.id()));
    read(H5Pget_fill_value(old.id(), type.id(), value.data()), path);
    written(H5Pset_fill_value(creation.id(), type.id(), value.data()));
  }
  const Handle made(written(H5Dcreate2(to_.id(), path.c_str(), type.id(), space.id(), links_.id(),
                                       creation.id(), H5P_DEFAULT)),
                    H5Dclose);
  attributes(array.id(), path);
  result.datasets.push_back(path);
}

void Copy::attributes(std::int64_t source, const std::string& path) {
  const int count = H5Aget_num_attrs(source);
  for (int i = 0; i < count; ++i) {
    const Handle from(read(H5Aopen_by_idx(source, ".", H5_INDEX_NAME, H5_ITER_INC,
                                          static_cast<hsize_t>(i), H5P_DEFAULT, H5P_DEFAULT),
                           path),
                      H5Aclose);
    attribute(from, path);
  }
}

void Copy::attribute(const Handle& source, const std::string& path) {
  const Handle type(read(H5Aget_type(source.id()), path), H5Tclose);
  if (H5Tdetect_class(type.id(), H5T_REFERENCE) > 0)
    result.left_out.push_back("/" + path + ": " + attribute_name(source));
  else
    to_.copy_attribute(source, from_.path().string() + ": /" + path, "/" + path);
}

}  // namespace

FileCopy copy_file(const File& from, const NewStorage& storage, const Interrupt& interrupt,
                   Writer& to) {
  const Lock lock;
  Copy copy(from, storage, interrupt, to);
  copy.all();
  return std::move(copy.result);
}

bool is_stored_as_read(const Array& array) {
  const Lock lock;
  const Handle type(H5Dget_type(array.id()), H5Tclose);
  return stored_form(type, array.element()) == StoredForm::kSame;
}

std::size_t stored_element_bytes(const Array& array) {
  const Lock lock;
  const Handle type(H5Dget_type(array.id()), H5Tclose);
  return H5Tget_size(type.id());
}

void read_unconverted(const Array& array, const Region& region, std::span<std::byte> out) {
  const Lock lock;
  if (array.source_files() > 0) check_free_descriptor(array.place());
  if (!array.info().has_fill_values) std::ranges::fill(out, std::byte{0});
  const Handle type(H5Dget_type(array.id()), H5Tclose);
  const Handle space(H5Dget_space(array.id()), H5Sclose), memory = space_of(region.count);
  const std::vector<hsize_t> start(region.start.begin(), region.start.end());
  const std::vector<hsize_t> count(region.count.begin(), region.count.end());
  H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  checked(H5Dread(array.id(), type.id(), memory.id(), space.id(), H5P_DEFAULT, out.data()),
          ExitCode::kData, array.place(), "cannot be read");
}

}  // namespace lucid::hdf5

#include "data/chunks/rechunk.h"

#include "data/chunks/stored_x.h"

using namespace lucid;
using namespace lucid::test;

namespace {

void nothing(std::size_t, std::size_t) {}

// Adds groups, links and attributes around "/x", as users of h5py do.
void add_surroundings(const std::filesystem::path& path) {
  store(path, "deep/er/labels", {{3, 12, 10, 9}, {}, H5T_STD_I32BE});
  store(path, "deep/table", {{4, 2}, {}, H5T_IEEE_F64LE});
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  H5Lcreate_hard(file, "x", file, "deep/same", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("/nowhere", file, "lost", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_external("other.h5", "/raw", file, "beside", H5P_DEFAULT, H5P_DEFAULT);
  const hid_t array = H5Dopen2(file, "x", H5P_DEFAULT);
  const hid_t group = H5Gopen2(file, "deep", H5P_DEFAULT), scalar = H5Screate(H5S_SCALAR);
  const hid_t text = H5Tcopy(H5T_C_S1);
  H5Tset_size(text, H5T_VARIABLE);
  const char* words = "micrometre";
  const std::int64_t number = 7;
  hobj_ref_t reference;
  H5Rcreate(&reference, file, "deep", H5R_OBJECT, -1);
  const auto attach = [&](hid_t to, const char* name, hid_t type, const void* value) {
    const hid_t made = H5Acreate2(to, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(made, type, value);
    H5Aclose(made);
  };
  attach(array, "unit", text, &words);
  attach(array, "group", H5T_STD_REF_OBJ, &reference);
  attach(group, "number", H5T_NATIVE_INT64, &number);
  H5Gclose(group);
  H5Dclose(array);
  H5Fclose(file);
}

RechunkOptions small_chunks() {
  RechunkOptions options;
  options.chunk = Triple{4, 8, 16};
  options.memory_bytes = 4096;  // several boxes
  options.threads = 3;
  return options;
}

Bytes all_of(const std::filesystem::path& path, const std::string& dataset) {
  const hdf5::Array array = hdf5::File(path).open(dataset);
  return by_hdf5(array, whole(array));
}

std::string link_text(const std::filesystem::path& path, const std::string& name) {
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  std::string value(64, '\0');
  H5Lget_val(file, name.c_str(), value.data(), value.size(), H5P_DEFAULT);
  H5Fclose(file);
  return value;
}

}  // namespace

TEST_CASE("a rechunked file holds the same numbers, links and attributes in new chunks") {
  const TempDir dir;
  const hid_t kTypes[] = {H5T_STD_U8LE,   H5T_STD_I16LE, H5T_IEEE_F32LE,
                          H5T_IEEE_F64LE, H5T_STD_U16BE, H5T_IEEE_F32BE};
  for (const hid_t type : kTypes) {
    const std::filesystem::path from = dir / "a.h5", to = dir / "b.h5";
    store_x(from, {11, 30, 25}, type, chunks({3, 30, 7}, deflate));
    add_surroundings(from);
    const RechunkResult result = rechunk(from, {to, true}, small_chunks(), nothing);
    CHECK(link_text(to, "lost").starts_with("/nowhere"));
    CHECK(link_text(to, "beside") == link_text(from, "beside"));
    const hdf5::File file(to);
    const hdf5::Array x = file.open("x");
    CAPTURE(x.info().type);
    CHECK(x.info().type == open_x(from).info().type);
    const bool is_byte = element_bytes(x.element()) == 1;
    CHECK(x.info().storage ==
          std::string("chunks 4x8x16, ") + (is_byte ? "" : "shuffle, ") + "deflate 4");
    CHECK(all_of(to, "x") == all_of(from, "x"));
    const hdf5::Array labels = file.open("deep/er/labels");
    CHECK(labels.info().type == "int32 big-endian");
    CHECK(labels.info().storage == "chunks 1x4x8x9, shuffle, deflate 4");
    CHECK(all_of(to, "deep/er/labels") == all_of(from, "deep/er/labels"));
    CHECK(file.open("deep/table").info().storage == "contiguous");
    CHECK(all_of(to, "deep/table") == all_of(from, "deep/table"));
    CHECK(file.attribute<std::string>("x", "unit") == "micrometre");
    CHECK(file.attribute<std::int64_t>("deep", "number") == 7);
    CHECK(file.identity("deep/same") == file.identity("x"));
    CHECK(result.left_out == std::vector<std::string>{"/deep/same: group"});
    CHECK(result.datasets.size() == 2);
    CHECK(result.datasets[0].bytes_after == labels.storage_bytes());
  }
}

TEST_CASE("a rechunked file keeps fill values and does not depend on the threads") {
  const TempDir dir;
  const std::int16_t seven = 7;
  store_x(dir / "a.h5", {5, 6, 7}, H5T_STD_I16LE, chunks({2, 4, 4}, [&](hid_t creation) {
            both(creation);
            H5Pset_fill_value(creation, H5T_NATIVE_INT16, &seven);
          }));
  RechunkOptions options = small_chunks();
  options.deflate = 0;
  rechunk(dir / "a.h5", {dir / "b.h5", true}, options, nothing);
  options.threads = 1;
  rechunk(dir / "a.h5", {dir / "c.h5", true}, options, nothing);
  CHECK(read_text(dir / "b.h5") == read_text(dir / "c.h5"));
  CHECK(open_x(dir / "b.h5").info().storage == "chunks 4x6x7");
  change_x(dir / "b.h5", [](hid_t array) {
    const hid_t creation = H5Dget_create_plist(array);
    std::int16_t fill = 0;
    H5Pget_fill_value(creation, H5T_NATIVE_INT16, &fill);
    CHECK(fill == 7);
    H5Pclose(creation);
  });
}

TEST_CASE("a file is rechunked onto itself") {
  const TempDir dir;
  store_x(dir / "a.h5", {11, 30, 25}, H5T_STD_I16LE, chunks({3, 30, 7}, deflate));
  const Bytes before = all_of(dir / "a.h5", "x");
  rechunk(dir / "a.h5", {dir / "a.h5", true}, small_chunks(), nothing);
  CHECK(open_x(dir / "a.h5").info().storage == "chunks 4x8x16, shuffle, deflate 4");
  CHECK(all_of(dir / "a.h5", "x") == before);
}

TEST_CASE("a rechunking that ends early leaves nothing") {
  const TempDir dir;
  store_x(dir / "a.h5", {11, 30, 25}, H5T_STD_I16LE, chunks({3, 30, 7}, deflate));
  struct Stop {};
  for (const double share : {0.0, 0.7}) {
    const auto stop = [&](std::size_t done, std::size_t total) {
      if (static_cast<double>(done) >= share * static_cast<double>(total)) throw Stop{};
    };
    CHECK_THROWS_AS(rechunk(dir / "a.h5", {dir / "b.h5", true}, small_chunks(), stop), Stop);
    CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
  }
}

TEST_CASE("a damaged chunk ends a rechunking") {
  const TempDir dir;
  store_x(dir / "a.h5", {4, 4, 4}, H5T_STD_I16LE, chunks({2, 4, 4}, deflate), Content::kNone);
  change_x(dir / "a.h5", [](hid_t array) {
    const hsize_t start[] = {2, 0, 0};
    const Bytes bytes(20);
    H5Dwrite_chunk(array, H5P_DEFAULT, 0, start, bytes.size(), bytes.data());
  });
  CHECK(from_inside(dir.path(), error_of([&] {
                      rechunk(dir / "a.h5", {dir / "b.h5", true}, small_chunks(), nothing);
                    })) ==
        "3: a.h5: /x: chunk at (2, 0, 0): expected 64 bytes, found damaged deflate data");
  CHECK(!std::filesystem::exists(dir / "b.h5"));
}

TEST_CASE("automatic chunks lie near the patch and hold 1 to 6 MiB") {
  CHECK(chunk_near({64, 64, 64}, {512, 512, 512}, 1) == Triple{64, 128, 128});
  CHECK(chunk_near({64, 64, 64}, {512, 512, 512}, 2) == Triple{64, 64, 128});
  CHECK(chunk_near({64, 64, 64}, {512, 512, 512}, 4) == Triple{64, 64, 64});
  CHECK(chunk_near({128, 128, 128}, {512, 512, 512}, 8) == Triple{64, 64, 128});
  CHECK(chunk_near({64, 64, 64}, {40, 50, 60}, 2) == Triple{40, 50, 60});
  CHECK(chunk_near({64, 64, 64}, {20, 2048, 2048}, 1) == Triple{20, 256, 256});
}

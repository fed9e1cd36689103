#include "fuzz/import.h"

#include "formats/import/import.h"
#include "fuzz/fuzz.h"

namespace lucid::fuzz {
namespace {

void import_once(const ImportOptions& options) {
  may_refuse([&] {
    hdf5::Writer writer = hdf5::Writer::in_memory(folder() / "imported.h5");
    import_volumes(options, writer, [](const std::string&, double) {});
  });
}

}  // namespace

void import_file(const std::string& name, const std::uint8_t* data, std::size_t size) {
  import_path(write_file(name, text_of(data, size)));
}

void import_path(const std::filesystem::path& path) {
  ImportOptions options;
  options.inputs = {path.string()};
  options.deflate = 0;
  import_once(options);
  if (path.extension() == ".npz") return;
  options.labels = {path.string()};
  import_once(options);
}

}  // namespace lucid::fuzz

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "data/hdf5/open.h"
#include "data/hdf5/write.h"
#include "layers/table/compiled_case.h"
#include "store/checkpoint.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

// Checkpoints whose bytes, attributes or versions are not those that were written.
namespace lucid {
namespace {

using test::error_of;
using test::read_text;
using test::TempDir;

struct Damaged {
  Damaged()
      : model(test::graph_of(parse_json(R"({"input": {"channels": 1, "size": 3}, "layers": [
          {"type": "Conv3D", "name": "conv 1", "out_channels": 2, "kernel_size": 2},
          {"type": "Linear", "out_features": 2}]})",
                                        "a.json")),
              engine, 1) {
    save_checkpoint(folder / "last.h5", model, {{"name", "a"}}, state);
  }
  std::string error(const std::string& name) {
    std::string text = error_of([&] { CheckpointFile(folder / name).load_parameters(model); });
    const std::string prefix = folder.path().string() + "/";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }
  // Everything that a run or an inference reads.
  std::string content(const std::string& name) {
    const CheckpointFile file(folder / name);
    file.load_parameters(model);
    std::string text = json_text(file.config()) + std::to_string(file.integer("epoch")) +
                       number_text(file.number("best")) + *file.text("machine");
    std::vector<float> values = file.array("slot", {3});
    for (const Parameter& parameter : model.parameters())
      for (const float value : parameter.value.plain_values(engine)) values.push_back(value);
    return text + std::string(reinterpret_cast<const char*>(values.data()), 4 * values.size());
  }
  std::vector<std::byte> bytes_of(const std::string& dataset) {
    const auto values = hdf5::File(folder / "last.h5").open(dataset).read<float>();
    const auto bytes = std::as_bytes(std::span(values));
    return {bytes.begin(), bytes.end()};
  }
  // Writes a copy in which `from` is replaced by `to`.
  void write_changed(const std::string& name, const std::string& from, const std::string& to) {
    std::string text = read_text(folder / "last.h5");
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    folder.write(name, text.replace(at, from.size(), to));
  }

  TempDir folder;
  Engine engine{1};
  Model model;
  State state{
      {{"epoch", 3}}, {{"best", 0.25}}, {{"machine", "AVX2"}}, {{"slot", {Shape{3}, {1, 2, 3}}}}};
};

}  // namespace

TEST_CASE("a damaged byte anywhere is told") {
  Damaged f;
  const std::string whole = read_text(f.folder / "last.h5");
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    CAPTURE(at);
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ (1 << at % 8));
    f.folder.write("changed.h5", changed);
    const std::string error = f.error("changed.h5");
    CHECK(error.starts_with("3: changed.h5: "));
    CHECK(error.find('\n') == std::string::npos);
  }
}

TEST_CASE("a byte that nobody reads is told as well") {
  Damaged f;
  std::string text = read_text(f.folder / "last.h5");
  text[text.size() - 3] ^= 1;  // of the checksum of all bytes
  f.folder.write("changed.h5", text);
  CHECK(f.error("changed.h5") ==
        "3: changed.h5: expected the checksum of its " + std::to_string(text.size() - 22) +
            " bytes at the end, found another; the file was damaged or changed");
}

TEST_CASE("a damaged parameter is named, and the other checkpoint of the run if it is whole") {
  Damaged f;
  const auto bytes = f.bytes_of("parameters/linear_1/weight");
  const std::string stored(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::string other = stored;
  other[5] ^= 1;
  f.write_changed("last.h5", stored, other);
  const std::string damage =
      "3: last.h5: /parameters/linear_1/weight: cannot be read: data error detected by Fletcher32 "
      "checksum; the file was damaged or changed";
  CHECK(f.error("last.h5") == damage);
  save_checkpoint(f.folder / "best.h5", f.model, {}, f.state);
  CHECK(f.error("last.h5") ==
        damage + "; best.h5 is whole: use that, or copy it to last.h5 and resume from there");
  f.write_changed("best.h5", "conv 1", "conv 2");
  CHECK(f.error("last.h5") == damage);
}

TEST_CASE("a checkpoint without its version or its checksums is refused") {
  Damaged f;
  const auto write = [&](const std::string& name, std::optional<std::int64_t> version) {
    hdf5::Writer writer(f.folder / name);
    writer.create_group("parameters");
    writer.create_group("state");
    if (version) writer.set_attribute("/", "format_version", *version);
    writer.close();
  };
  write("none.h5", std::nullopt);
  write("zero.h5", 0);
  write("two.h5", 2);
  CHECK(f.error("none.h5") ==
        "3: none.h5: expected a checkpoint with the attribute 'format_version', 1 to 2, found "
        "none; a weights file has /parameters alone");
  CHECK(f.error("zero.h5") ==
        "3: zero.h5: expected format_version 1 to 2, found 0; it was not written by lucid or is "
        "damaged");
  CHECK(f.error("two.h5") ==
        "3: two.h5: expected the attribute 'digest' with checksums, found none; the file was "
        "damaged or changed");
}

TEST_CASE("a checkpoint that another program rewrote is whole, unless it changed something") {
  Damaged f;
  const std::string wanted = f.content("last.h5");
  const hdf5::File file(f.folder / "last.h5");
  const auto rewrite = [&](const std::string& machine) {
    hdf5::Writer writer(f.folder / "more.h5");
    const hdf5::Handle from = hdf5::open_file(f.folder / "last.h5");
    writer.copy(from, "parameters", "parameters");
    writer.copy(from, "state", "state");
    writer.set_attribute("/", "format_version", std::int64_t{2});
    for (const char* name : {"config", "digest"})
      writer.set_attribute("/", name, *file.attribute<std::string>("/", name));
    writer.set_attribute("/state", "machine", machine);
    writer.set_attribute("/state", "note", std::string("mine"));
    writer.close();
  };
  rewrite("AVX2");
  CHECK(f.content("more.h5") == wanted);
  rewrite("AVX3");
  CHECK(f.error("more.h5") ==
        "3: more.h5: state: attribute 'machine': expected values of the checksum d068349a, found "
        "those of a76f040c; the file was damaged or changed");
}

}  // namespace lucid

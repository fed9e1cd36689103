#include <doctest/doctest.h>

#include <algorithm>

#include "cli/results.h"
#include "formats/open/open_volume.h"
#include "infer/tiled/segmenter.h"

// lucid-infer --postprocess gives what lucid-data postprocess makes of the output without it.
namespace lucid {
namespace {

namespace fs = std::filesystem;
using test::ProgramResult;
using test::read_text;
using Words = std::vector<std::string>;

struct Postprocessing : test::Segmenter {
  Postprocessing() {
    for (const auto& [name, shape] :
         {std::pair{"a.h5", Shape{24, 20, 16}}, {"b.h5", Shape{16, 16, 16}}}) {
      const std::vector<std::uint8_t> voxels = add_volume(name, shape);
      hdf5::Writer file(experiment / name);
      file.write<std::uint8_t>("volumes", shape, voxels);
      file.set_attribute("volumes", "voxel_size_mm", Shape{3}, std::array<double, 3>{1, 2, 1.5});
      file.close();
    }
  }

  ProgramResult infer(const Words& more) const {
    Words all{"--checkpoint", "run/checkpoints/last.h5", "--threads", "2", "--activation",
              "argmax"};
    all.insert(all.end(), more.begin(), more.end());
    return test::run_program("lucid-infer", all, {.cwd = experiment.folder.path()});
  }
  // Predicts twice: with the rules at once, and without, to be postprocessed by lucid-data.
  void predict(const Words& inputs, const Words& rules, const std::string& suffix) const {
    for (const std::string name : {"direct", "plain", "clean"})
      fs::remove_all(experiment / (name + suffix));
    Words plain{"--output", "plain" + suffix, "--input"};
    plain.insert(plain.end(), inputs.begin(), inputs.end());
    Words direct = plain;
    direct[1] = "direct" + suffix;
    direct.emplace_back("--postprocess");
    direct.insert(direct.end(), rules.begin(), rules.end());
    Words clean{"postprocess", "plain" + suffix, "clean" + suffix};
    if (suffix == ".h5" && inputs.size() > 1) clean[1] += ":/predictions/*";
    for (const std::string& rule : rules) clean.push_back("--" + rule);
    for (const ProgramResult& result :
         {infer(plain), infer(direct), test::run_in(experiment.folder, clean)}) {
      CAPTURE(result.err);
      REQUIRE(result.code == 0);
    }
  }
  std::vector<std::int64_t> labels(const std::string& file, const std::string& dataset) const {
    return hdf5::File(experiment / file).open(dataset).read<std::int64_t>();
  }
  std::vector<std::byte> elements(const std::string& name) const {
    VolumeFile file = open_volume(experiment / name, {});
    std::vector<std::byte> all(file.shape().count() * element_bytes(file.element()));
    file.read(all);
    return all;
  }
};

const std::vector<Words> kRules = {
    {"merge=2=1", "min-size=4", "fill-holes", "connectivity=6"},
    {"fill-holes=1", "keep-largest=per-class"},
    {"keep-largest=foreground", "min-size=30mm3"},
    {"keep-largest=1", "components", "connectivity=18"},
};

}  // namespace

TEST_CASE("lucid-infer --postprocess: HDF5 has the labels that lucid-data postprocess makes") {
  const Postprocessing f;
  for (const Words& rules : kRules) {
    CAPTURE(join(rules, " "));
    f.predict({"a.h5"}, rules, ".h5");  // in windows
    CHECK(f.labels("direct.h5", "predictions") == f.labels("clean.h5", "predictions"));
    CHECK(f.labels("direct.h5", "predictions") != f.labels("plain.h5", "predictions"));
    f.predict({"b.h5"}, rules, ".h5");  // as a whole
    CHECK(f.labels("direct.h5", "predictions") == f.labels("clean.h5", "predictions"));
    CHECK(f.labels("direct.h5", "predictions") != f.labels("plain.h5", "predictions"));
    f.predict({"a.h5", "b.h5"}, rules, ".h5");
    for (const std::string name : {"predictions/a", "predictions/b"})
      CHECK(f.labels("direct.h5", name) == f.labels("clean.h5", name));
  }
  CHECK_FALSE(fs::exists(f.experiment / "direct.h5.partial"));
}

TEST_CASE("lucid-infer --postprocess: NIfTI has the bytes that lucid-data postprocess writes") {
  const Postprocessing f;
  for (const Words& rules : kRules) {
    CAPTURE(join(rules, " "));
    f.predict({"a.h5"}, rules, ".nii.gz");
    CHECK(read_text(f.experiment / "direct.nii.gz") == read_text(f.experiment / "clean.nii.gz"));
  }
  const auto expected = f.elements("direct.nii.gz");
  for (const std::string suffix : {".nii", ".nrrd", ".mha", ".tif"}) {
    CAPTURE(suffix);
    Words words{"--input", "a.h5", "--output", "other" + suffix, "--postprocess"};
    words.insert(words.end(), kRules.back().begin(), kRules.back().end());
    CHECK(f.infer(words).code == 0);
    CHECK(f.elements("other" + suffix) == expected);
  }
}

TEST_CASE("lucid-infer --postprocess: each file of a folder is postprocessed by itself") {
  const Postprocessing f;
  f.predict({"a.h5"}, kRules.front(), ".nii.gz");
  const ProgramResult result =
      f.infer({"--input", "a.h5", "b.h5", "--patch", "16", "--output", "found/", "--json",
               "--postprocess", "merge=2=1", "min-size=4", "fill-holes", "connectivity=6"});
  CAPTURE(result.err);
  CHECK(result.code == 0);
  CHECK(read_text(f.experiment / "found/a.nii.gz") == read_text(f.experiment / "direct.nii.gz"));
  const Json counts = parse_json(result.out, "stdout")["postprocess"];
  CHECK(counts["components"] > counts["removed"]);
  CHECK(counts["removed"] > 0);
  CHECK(counts["numbered"] == 0);
}

TEST_CASE("lucid-infer --postprocess: wrong rules are one line and exit code 2") {
  const Postprocessing f;
  const auto refused = [&](const Words& rules, const Words& more = {}) {
    Words words{"--input", "a.h5", "--output", "o.h5"};
    words.insert(words.end(), more.begin(), more.end());
    words.emplace_back("--postprocess");
    words.insert(words.end(), rules.begin(), rules.end());
    return test::refusal(f.infer(words));
  };
  CHECK(refused({"keep-larges=1"}) ==
        "2: --postprocess 'keep-larges=1': no rule 'keep-larges'; did you mean 'keep-largest'? "
        "known: merge, min-size, keep-largest, fill-holes, components, connectivity, smallest, "
        "largest");
  CHECK(refused({"keep-largest"}) ==
        "2: --postprocess keep-largest: expected a value, as keep-largest=VALUE, found none");
  CHECK(refused({"keep-largest=0"}) ==
        "2: --postprocess keep-largest: expected per-class, foreground or labels from 1, as 1,2, "
        "found '0'");
  CHECK(refused({"components=1"}) == "2: --postprocess components: expected no value, found '1'");
  CHECK(refused({"fill-holes", "fill-holes"}) == "2: --postprocess fill-holes: is given twice");
  CHECK(refused({"connectivity=6"}) ==
        "2: lucid-infer: expected one of --postprocess merge, --postprocess min-size, "
        "--postprocess keep-largest, --postprocess fill-holes and --postprocess components, found "
        "none; see lucid-infer --help");
  CHECK(
      refused({"components"}, {"--output-type", "uint8"}) ==
      "2: --output-type: expected int32 for the numbers of --postprocess components, found uint8");
  CHECK(refused({"merge=1=300"}, {"--output-type", "uint8"}) ==
        "2: --output-type: expected a type that holds label 300 of --postprocess merge, found "
        "uint8");
  CHECK(refused({"merge=1=3"}, {"--target", "volumes"}) ==
        "2: --target: expected labels below 3, the number of classes, found label 3 of "
        "--postprocess merge");
  CHECK_FALSE(fs::exists(f.experiment / "o.h5"));
}

}  // namespace lucid

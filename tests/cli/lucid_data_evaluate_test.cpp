#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "base/json.h"
#include "cli/results.h"
#include "data/hdf5/h5_files.h"
#include "formats/readers/made_files.h"

using namespace lucid;
using namespace lucid::test;

namespace {

// A volume of 2x2x3 voxels (d, h, w) of 4 x 3 x 2 mm.
std::string compared_nifti(const std::string& labels) { return nifti1({}) + labels; }

const std::string kTrueLabels("\1\1\0\0\0\0\1\1\0\2\2\0", 12),
    kFoundLabels("\1\0\0\0\0\0\1\1\0\0\0\0", 12);

// Two cases; class 2 is missed in the first.
void write_folders(const TempDir& dir) {
  dir.write("found/a.nii.gz", gzip(compared_nifti(kFoundLabels)));
  dir.write("found/b.nii", compared_nifti(kTrueLabels));
  dir.write("found/dataset.json", "{}");
  dir.write("truth/a.nii", compared_nifti(kTrueLabels));
  dir.write("truth/b.nii.gz", gzip(compared_nifti(kTrueLabels)));
}

}  // namespace

TEST_CASE("lucid-data evaluate pairs folders by name and writes table, CSV and JSON") {
  const TempDir dir;
  write_folders(dir);
  const auto result =
      run_in(dir, {"evaluate", "found", "truth", "--csv", "o.csv", "--json", "o.json"});
  CHECK(result.err == "");
  CHECK(result.code == 0);
  CHECK(result.out.starts_with("case  class"));
  CHECK(std::ranges::count(result.out, '\n') == 1 + 4 + 5);
  const Json json = read_json_file(dir / "o.json");
  const Json& first = json["metric_per_case"][0];
  CHECK(first["prediction_file"] == "found/a.nii.gz");
  CHECK(first["reference_file"] == "truth/a.nii");
  const Json& one = first["metrics"]["1"];
  CHECK(one["Dice"] == 6.0 / 7);
  CHECK(one["TP"] == 3);
  CHECK(one["FN"] == 1);
  CHECK(one["FP"] == 0);
  CHECK(one["TN"] == 8);
  CHECK(one["n_pred"] == 3);
  CHECK(one["n_ref"] == 4);
  CHECK(one["HD95"].get<double>() == doctest::Approx(1.7));  // 95 % of 0, 0, 0, 2
  CHECK(one["volume_mm3"] == 72);
  CHECK(first["metrics"]["2"]["HD95"].is_null());
  CHECK(json["mean"]["2"]["Dice"] == 0.5);
  CHECK(json["foreground_mean"]["Dice"].get<double>() ==
        doctest::Approx((0.5 + (6.0 / 7 + 1) / 2) / 2));
  CHECK(read_text(dir / "o.csv").starts_with("case,class,Dice,IoU,"));
  CHECK(run_in(dir, {"evaluate", "found", "truth", "--csv", "o.csv"}).err ==
        "o.csv: exists; --overwrite replaces it\n");
}

TEST_CASE("lucid-data evaluate prints JSON with plain names beside nnU-Net's") {
  const TempDir dir;
  write_folders(dir);
  const auto printed = run_in(dir, {"evaluate", "found", "truth", "--json"});
  CHECK(printed.err == "");
  const Json json = parse_json(printed.out, "stdout");
  CHECK(json["foreground_mean"]["dice"] == json["foreground_mean"]["Dice"]);
  CHECK(json["cases"][0]["name"] == "a");
  const Json& named = json["cases"][0]["classes"]["1"];
  CHECK(named["dice"] == 6.0 / 7);
  CHECK(named["hd95"].get<double>() == doctest::Approx(1.7));
  CHECK(named["volume_truth_mm3"] == 96);
  CHECK_FALSE(json["cases"][0]["classes"].contains("0"));
  CHECK(run_in(dir, {"evaluate", "found", "truth", "--json", "o.json"}).code == 0);
  CHECK(read_json_file(dir / "o.json") == json);
}

TEST_CASE("lucid-data evaluate pairs samples and stars of HDF5 files") {
  const TempDir dir;
  store(dir / "p.h5", "predictions", {{2, 1, 2, 2}, {0, 1, 2, 0, 1, 1, 0, 0}});
  store(dir / "t.h5", "labels", {{2, 1, 2, 2}, {0, 1, 2, 0, 1, 0, 0, 0}, H5T_STD_I16BE});
  const auto samples =
      run_in(dir, {"evaluate", "p.h5:/predictions", "t.h5", "--no-distances", "--json", "a.json"});
  CHECK(samples.code == 0);
  CHECK(samples.err ==
        "warning: t.h5: /labels: it and p.h5: /predictions say nothing of their voxels, which are "
        "taken for 1 x 1 x 1 mm\n");
  const Json json = read_json_file(dir / "a.json");
  CHECK(json["metric_per_case"][1]["name"] == "1");
  CHECK(json["metric_per_case"][1]["metrics"]["1"]["Precision"] == 0.5);
  for (const char* name : {"x", "y"}) {
    store(dir / "s.h5", std::string(name) + "/label", {{1, 2, 2}, {0, 1, 2, 0}});
    store(dir / "q.h5", std::string("predictions/") + name, {{1, 2, 2}, {0, 1, 2, 0}});
  }
  const auto stars = run_in(dir, {"evaluate", "q.h5:/predictions/*", "s.h5:*/label", "--json",
                                  "b.json", "--csv", "b.csv"});
  CHECK(stars.code == 0);
  CHECK(read_json_file(dir / "b.json")["metric_per_case"][1]["name"] == "y");
  CHECK(read_json_file(dir / "b.json")["foreground_mean"]["Dice"] == 1);
}

TEST_CASE("lucid-data evaluate compares numbered objects with --instances") {
  const TempDir dir;
  dir.write("p.nii", compared_nifti(kFoundLabels));
  dir.write("t.nii", compared_nifti(kTrueLabels));
  const auto result = run_in(
      dir, {"evaluate", "p.nii", "t.nii", "--instances", "--json", "o.json", "--csv", "o.csv"});
  CHECK(result.err == "");
  const Json metrics = read_json_file(dir / "o.json")["metric_per_case"][0]["metrics"];
  CHECK(metrics["AP50"] == 0.5);
  CHECK(metrics["AP75"] == 0.5);  // 3 of 4 voxels
  CHECK(metrics["AP80"] == 0);
  CHECK(metrics["n_ref"] == 2);
  CHECK(read_text(dir / "o.csv").starts_with("case,AdaptedRandError,"));
}

TEST_CASE("lucid-data evaluate refuses what cannot be compared, in one line") {
  const TempDir dir;
  dir.write("t.nii", compared_nifti(kTrueLabels));
  dir.write("cut.nii", compared_nifti(kTrueLabels).substr(0, 355));
  dir.write("wide.nii", nifti1({.dim = {4, 2, 2}}) + std::string(16, '\0'));
  dir.write("thick.nii", nifti1({.pixdim = {1, 2, 3, 5}}) + kTrueLabels);
  store(dir / "half.h5", "a", {{2, 2, 3}, std::vector<double>(12, 0.5), H5T_IEEE_F32LE});
  store(dir / "below.h5", "a", {{2, 2, 3}, std::vector<double>(12, -1), H5T_STD_I16LE});
  store(dir / "channels.h5", "a", {{1, 2, 2, 2, 3}, {}});
  store(dir / "two.h5", "a", {{2, 2, 3}, {}});
  store(dir / "two.h5", "b", {{2, 2, 3}, {}});
  dir.write("some/a.nii", compared_nifti(kTrueLabels));
  dir.write("others/b.nii", compared_nifti(kTrueLabels));
  dir.write("others/a.nii", compared_nifti(kTrueLabels));
  const auto refused = [&](const std::string& prediction, const std::string& truth) {
    return refusal(run_in(dir, {"evaluate", prediction, truth}));
  };
  CHECK(refused("cut.nii", "t.nii") ==
        "3: cut.nii: voxels: expected 12 bytes for 2x2x3, found at most 3; the file is cut short "
        "or its header damaged");
  CHECK(refused("wide.nii", "t.nii") ==
        "3: wide.nii: expected 2x2x3 voxels as in t.nii, found 2x2x4");
  CHECK(refused("thick.nii", "t.nii") ==
        "3: thick.nii: expected voxels of 4 x 3 x 2 mm as in t.nii, found 5 x 3 x 2 mm");
  CHECK(refused("half.h5", "t.nii") ==
        "3: half.h5: /a: expected labels, which are whole numbers from 0 to 2147483647, found 0.5 "
        "at voxel 0,0,0 (d,h,w)");
  CHECK(refused("below.h5", "t.nii") ==
        "3: below.h5: /a: expected labels, which are whole numbers from 0 to 2147483647, found -1 "
        "at voxel 0,0,0 (d,h,w)");
  CHECK(refused("channels.h5", "t.nii") ==
        "3: channels.h5: /a: expected labels, which have no channels, found 2 in 1x2x2x2x3; "
        "lucid-infer --activation argmax writes labels");
  CHECK(refused("two.h5", "t.nii") == "2: two.h5: holds 2 datasets; say which, as two.h5:/a");
  CHECK(refused("some", "others") ==
        "3: others/b.nii: expected a prediction named 'b', found none");
  CHECK(refused("others", "some") == "3: others/b.nii: expected a truth named 'b', found none");
  CHECK(refused("none.nii", "t.nii") == "2: none.nii: no such file");
  CHECK(refused("t.nii:a", "t.nii") == "2: t.nii: is no HDF5 file, so it has no dataset 'a'");
}

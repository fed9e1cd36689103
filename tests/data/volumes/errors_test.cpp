#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "data/hdf5/h5_files.h"
#include "data/volumes/volumes.h"
#include "support/from_text.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

namespace {

std::string error_of_opening(const TempDir& dir, const VolumesConfig& config) {
  return from_inside(dir.path(), error_of([&] {
                       open_volumes(config, expand_files(config.files, dir.path()), 1 << 20);
                     }));
}

}  // namespace

TEST_CASE("missing files are named") {
  const TempDir dir;
  std::filesystem::create_directory(dir / "empty");
  const auto error = [&](const char* entry) {
    return from_inside(dir.path(), error_of([&] { expand_files({entry}, dir.path()); }));
  };
  CHECK(error("a.h5") == "2: a.h5: no such file");
  CHECK(error("*.h5") == "2: *.h5: no file matches");
  CHECK(error("empty") == "2: empty: expected *.h5 or *.hdf5 files in the folder, found none");
}

TEST_CASE("a file name with glob characters is taken literally") {
  const TempDir dir;
  dir.write("[1]/a[1].h5", "");
  dir.write("[1]/a1.h5", "");
  CHECK(expand_files({"a[1].h5"}, dir / "[1]") ==
        std::vector<std::filesystem::path>{dir / "[1]/a[1].h5"});
  CHECK(expand_files({"a?.h5"}, dir / "[1]") ==
        std::vector<std::filesystem::path>{dir / "[1]/a1.h5"});
}

namespace {

struct MisfitRow {
  VolumesConfig config;
  const char* error;
};

const MisfitRow kMisfits[] = {
    {{{"a.h5"}, "x", "short", ""},
     "3: a.h5: /short: expected 3 targets, one per sample of /x (3x1x2x2x2), found 2 (2)"},
    {{{"a.h5"}, "x", "odd", ""},
     "3: a.h5: /odd: expected (N), (N, K), (N, D, H, W) or (N, C, D, H, W), found shape 3x2x2 "
     "for the input /x (3x1x2x2x2)"},
    {{{"a.h5"}, "four", "y", ""},
     "3: a.h5: /four: expected its axes to be named, found shape 3x2x2x2; set \"axes\" to "
     "\"ndhw\" or \"cdhw\""},
    {{{"a.h5"}, "two", "y", ""},
     "3: a.h5: /two: expected 3 to 5 axes, found shape 3x9; a table (N, F) is stored as (N, F, "
     "1, 1, 1)"},
    {{{"a.h5"}, "six", "y", ""},
     "3: a.h5: /six: expected 3 to 5 axes, found shape 1x1x1x1x1x1; a table (N, F) is stored as "
     "(N, F, 1, 1, 1)"},
    {{{"a.h5"}, "x", "y", "ndhw"},
     "3: a.h5: /x: expected 4 axes as in 'ndhw', found shape 3x1x2x2x2"},
    {{{"a.h5"}, "*/x", "y", ""},
     "3: a.h5: input '*/x' holds a * and target 'y' none; expected one in both or in neither"},
    {{{"a.h5"}, "x", "*/y", ""},
     "3: a.h5: target '*/y' holds a * and input 'x' none; expected one in both or in neither"},
    {{{"b.h5"}, "z*", "", ""}, "3: b.h5: no dataset matches 'z*'; known: x"},
    {{{"a.h5"}, "tw*", "y*", ""}, "3: a.h5: expected the target 'yo' of 'two', found none"},
    {{{"b.h5", "a.h5"}, "x", "y", ""},
     "3: b.h5: no dataset 'y'; input and target have to be in the same file, if need be as links "
     "to others"},
    {{{"a.h5"}, "x", "yy", ""}, "3: a.h5: no dataset 'yy'; did you mean 'y'?"},
    {{{"a.h5", "b.h5"}, "x", "", ""},
     "3: b.h5: /x: expected samples of 1x2x2x2 as in 'a.h5: /x', found 1x2x2x3"},
    {{{"a.h5", "c.h5"}, "x", "y", ""},
     "3: c.h5: /y: expected targets of shape scalar as in 'a.h5: /y', found 2"},
    {{{"a.h5", "d.h5"}, "x", "y", ""},
     "3: d.h5: /y: expected integers as in 'a.h5: /y', found float32"}};

}  // namespace

TEST_CASE("sets that do not fit together are refused with both shapes") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{3, 1, 2, 2, 2}, {}});
  store(dir / "a.h5", "y", {{3}, {}});
  store(dir / "a.h5", "short", {{2}, {}});
  store(dir / "a.h5", "odd", {{3, 2, 2}, {}});
  store(dir / "a.h5", "four", {{3, 2, 2, 2}, {}});
  store(dir / "a.h5", "two", {{3, 9}, {}});
  store(dir / "a.h5", "six", {{1, 1, 1, 1, 1, 1}, {}});
  store(dir / "b.h5", "x", {{3, 1, 2, 2, 3}, {}});
  store(dir / "c.h5", "x", {{3, 1, 2, 2, 2}, {}});
  store(dir / "c.h5", "y", {{3, 2}, {}});
  store(dir / "d.h5", "x", {{3, 1, 2, 2, 2}, {}});
  store(dir / "d.h5", "y", {{3}, {}, H5T_IEEE_F32LE});
  for (const MisfitRow& row : kMisfits) CHECK(error_of_opening(dir, row.config) == row.error);
}

TEST_CASE("errors in a data section are reported with their place") {
  struct Row {
    const char *config, *error;
  };
  const Row kRows[] = {
      {R"({"files": "a.h5", "input": "x", "target": "y", "axes": "ncdh"})",
       "2: a.json: /data/train/axes: expected d, h and w (or z, y and x), and n and c where the "
       "dataset has them, each once, found 'ncdh'"},
      {R"({"files": "a.h5", "input": "x", "target": "y", "axes": "nzyhx"})",
       "2: a.json: /data/train/axes: expected d, h and w (or z, y and x), and n and c where the "
       "dataset has them, each once, found 'nzyhx'"},
      {R"({"files": "a.h5", "input": "*/*/x", "target": "y"})",
       "2: a.json: /data/train/input: expected at most one * in the path of a dataset, found "
       "'*/*/x'"},
      {R"({"files": "a.h5", "input": "x", "target": ""})",
       "2: a.json: /data/train/target: expected the path of a dataset, found ''"},
      {R"({"files": "a.h5", "input": "x", "targets": "y"})",
       "2: a.json: /data/train/targets: unknown key; did you mean 'target'?"}};
  for (const Row& row : kRows)
    CHECK(error_of([&] {
            from_text(row.config, "/data/train",
                      [](JsonObject& object) { return read_volumes_config(object); });
          }) == row.error);
}

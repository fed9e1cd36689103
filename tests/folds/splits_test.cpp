#include "folds/splits.h"

#include <doctest/doctest.h>

#include "support/from_text.h"
#include "support/temp_dir.h"

namespace lucid::test {
namespace {

using CaseNames = std::vector<std::string>;

std::string error(const std::string& text) {
  const TempDir dir;
  dir.write("s.json", text);
  std::string error = error_of([&] { read_splits(dir / "s.json", {"a", "b", "c"}); });
  const std::string folder = dir.path().string() + "/";
  return error.erase(error.find(folder), folder.size());
}

}  // namespace

TEST_CASE("splits are read as nnU-Net writes them, and written alike") {
  const TempDir dir;
  const FoldSplits splits{{{"a", "b"}, {"c"}}, {{"c", "b"}, {"a"}}};
  CHECK(splits_text(splits) == R"([
    {
        "train": [
            "a",
            "b"
        ],
        "val": [
            "c"
        ]
    },
    {
        "train": [
            "c",
            "b"
        ],
        "val": [
            "a"
        ]
    }
]
)");
  dir.write("s.json", splits_text(splits));
  CHECK(read_splits(dir / "s.json", {"a", "b", "c"}) == splits);
}

TEST_CASE("splits that do not fit the cases are refused") {
  CHECK(error(R"({"train": []})") ==
        "2: s.json: /: expected a list of {\"train\": [names], \"val\": [names]}, found "
        "{\"train\":[]}");
  CHECK(error(R"([{"train": ["a"], "val": ["d"]}])") ==
        "2: s.json: /0/val/0: no case 'd'; did you mean 'a'?");
  CHECK(error(R"([{"train": ["a", "b"], "val": ["b"]}])") ==
        "2: s.json: /0/val/0: duplicate case 'b'; keep it once in the fold");
  CHECK(error(R"([{"train": ["a"], "val": ["b"]}, {"train": ["a"], "val": ["c", "b"]}])") ==
        "2: s.json: /1/val/1: expected a case that no other fold holds out, found 'b', which "
        "/0/val has, too");
  CHECK(error(R"([{"train": ["a"]}])") ==
        "2: s.json: /0: expected the key 'val' (a string or a list of strings), found none");
  CHECK(error(R"([{"train": ["a"], "test": [], "val": ["b"]}])") ==
        "2: s.json: /0/test: unknown key; known: train, val");
}

}  // namespace lucid::test

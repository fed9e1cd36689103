#include "data/hdf5/file.h"
#include "formats/import/imported.h"
#include "support/temp_dir.h"

using namespace lucid;
using namespace lucid::test;

TEST_CASE("a header and its elements in one folder are one volume, a raw file alone another") {
  const TempDir dir;
  const std::string voxels = "sixbyt";
  const auto folder = (dir / "sub").string();
  dir.write("sub/a.mhd",
            "NDims = 3\nDimSize = 3 2 1\nElementType = MET_UCHAR\nElementDataFile = a.raw\n");
  dir.write("sub/a.raw", voxels);
  dir.write("sub/b.nhdr",
            "NRRD0004\ndimension: 3\nsizes: 3 2 1\ntype: uchar\nencoding: raw\ndata file: b.raw\n");
  dir.write("sub/b.raw", voxels);
  dir.write("sub/c.raw", voxels);
  ImportOptions options = from({folder});
  options.layout.shape = {1, 2, 3};
  options.layout.type = "uint8";
  CHECK(import_to(dir / "out.h5", options).volumes == 3);
  CHECK(hdf5::File(dir / "out.h5").datasets() ==
        std::vector<std::string>{"a/raw", "b/raw", "c/raw"});
  CHECK(files_to_import(options).size() == 6);  // with the dataset.json that may describe them
}

#include "cli/results.h"
#include "data/hdf5/h5_files.h"

using namespace lucid;
using namespace lucid::test;

// What the programs do under small limits of the shell.
namespace {

ProgramResult run_limited(const TempDir& dir, const std::string& limits, const std::string& program,
                          const std::string& arguments) {
  const std::string binary = (std::filesystem::path(LUCID_BINARY_DIR) / program).string();
  return run_program("/bin/sh", {"-c", limits + "; exec '" + binary + "' " + arguments},
                     {.cwd = dir.path(), .env = {}, .stdout_to = {}});
}

// Stores one dataset made of the datasets of many files.
void store_many_sources(const TempDir& dir, hsize_t count) {
  const hsize_t one = 1;
  const hid_t file = H5Fcreate((dir / "a.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(1, &count, nullptr);
  const hid_t source = H5Screate_simple(1, &one, nullptr);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  for (hsize_t i = 0; i < count; ++i) {
    const std::string name = "part" + std::to_string(i) + ".h5";
    store(dir / name, "x", {{1}, {7}});
    H5Sselect_hyperslab(space, H5S_SELECT_SET, &i, nullptr, &one, nullptr);
    H5Pset_virtual(creation, space, name.c_str(), "x", source);
  }
  H5Sselect_all(space);
  H5Dclose(H5Dcreate2(file, "v", H5T_STD_U8LE, space, H5P_DEFAULT, creation, H5P_DEFAULT));
  H5Fclose(file);
}

const char* const kPrograms[] = {"lucid-data", "lucid-train", "lucid-infer", "lucid-bench"};

}  // namespace

TEST_CASE("a thread count that no machine has is refused") {
  const TempDir dir;
  for (const char* program : kPrograms) {
    CHECK(refusal(run_limited(dir, "export OMP_NUM_THREADS=99999", program, "--version")) ==
          "2: OMP_NUM_THREADS: expected an integer from 1 to 4096, found '99999'");
    CHECK(run_limited(dir, "export OMP_NUM_THREADS=4,2", program, "--version").code == 0);
  }
}

TEST_CASE("a small stack is enlarged, or refused where it cannot be") {
  const TempDir dir;
  for (const char* program : kPrograms) {
    CHECK(refusal(run_limited(dir, "ulimit -s 256", program, "--version")) ==
          "1: ulimit -s: expected a stack of at least 1.0 MiB, found 256.0 KiB");
    CHECK(run_limited(dir, "ulimit -S -s 256", program, "--version").code == 0);
  }
}

TEST_CASE("a virtual dataset of more sources than open files is not read as fill values") {
  const TempDir dir;
  store_many_sources(dir, 60);
  const std::string row = "/v          60  uint8  virtual      -  7 .. 7\n";
  CHECK(run_limited(dir, "ulimit -S -n 40", "lucid-data", "info a.h5").out.ends_with(row));
#ifndef LUCID_SANITIZE  // UndefinedBehaviorSanitizer opens pipes to look at memory
  const ProgramResult refused = run_limited(dir, "ulimit -n 40", "lucid-data", "info a.h5");
  CHECK(refused.code == 0);
  CHECK(refused.out.find("unreadable: a.h5: /v: its virtual source part") != std::string::npos);
  CHECK(refused.out.ends_with(
      ".h5: cannot be opened: Too many open files; ulimit -n sets the number of open files\n"));
#endif
}

// Sanitizers reserve more than the limits leave.
#ifndef LUCID_SANITIZE
TEST_CASE("a small address space ends a program with one line") {
  const TempDir dir;
  store(dir / "a.h5", "x", {{1, 1, 8, 8, 8}, {}, H5T_IEEE_F32LE});
  dir.write("net.json", R"({"model": {"input": {"channels": 1, "size": [8, 8, 8]},
    "layers": [{"type": "Conv3D", "out_channels": 64, "kernel_size": 3, "padding": 1},
      {"type": "Conv3D", "out_channels": 1, "kernel_size": 3, "padding": 1}]},
    "data": {"train": {"files": "a.h5", "input": "x", "target": "x"}},
    "loss": {"type": "MSELoss"}, "optimizer": {"type": "SGD", "lr": 0}})");
  for (const int mebibytes : {150, 200, 250, 300, 400}) {
    const std::string limit = "ulimit -v " + std::to_string(1024 * mebibytes);
    const ProgramResult result =
        run_limited(dir, limit, "lucid-train",
                    "--config net.json --quiet --overwrite --threads 2 --output run");
    CAPTURE(mebibytes);
    CAPTURE(result.err);
    CHECK((result.code == 0 || result.code == 1 || result.code == 2));
    CHECK(std::ranges::count(result.err, '\n') <= 1);
  }
}
#endif

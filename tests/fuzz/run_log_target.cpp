#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "fuzz/fuzz.h"
#include "train/report/run_log.h"

namespace {

std::string content(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

// Resumes the logs of a run after its first epoch; doing so once more has to change nothing.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lucid;
  const RunFolder run(fuzz::folder());
  for (const auto& path : {run.metrics(), run.table()})
    fuzz::write_file(path.filename().string(), fuzz::text_of(data, size));
  fuzz::may_refuse([&] {
    RunLog::rewind(run, 1, 4);
    const std::string metrics = content(run.metrics()), table = content(run.table());
    RunLog::rewind(run, 1, 4);
    if (content(run.metrics()) != metrics || content(run.table()) != table)
      fuzz::wrong("resuming twice changes the logs");
  });
  return 0;
}

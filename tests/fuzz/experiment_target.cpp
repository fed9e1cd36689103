#include "fuzz/fuzz.h"
#include "train/config/run_config.h"

// Reads an experiment file as lucid-train does before it opens the data.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lucid;
  fuzz::may_refuse([&] {
    Json json = parse_json(fuzz::text_of(data, size), "experiment.json");
    const RunConfig config = read_run_config(std::move(json), "experiment.json", fuzz::folder());
    // The effective config is what a checkpoint holds: it has to be read again, to the same end.
    const RunConfig again = read_run_config(config.json, "experiment.json", fuzz::folder());
    if (json_text(again.json) != json_text(config.json))
      fuzz::wrong("the effective config changes");
  });
  return 0;
}

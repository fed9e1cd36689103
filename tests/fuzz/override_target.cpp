#include "fuzz/fuzz.h"
#include "train/config/run_config.h"

// Applies each line as an assignment of --set, one after the other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lucid;
  std::string_view text = fuzz::text_of(data, size);
  Json config = parse_json(
      R"({"data": {"batch_size": 4, "train": {"files": ["a.h5"]}}, "train": {}})", "base");
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    fuzz::may_refuse([&] { override_key(config, std::string(text.substr(0, end))); });
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return 0;
}

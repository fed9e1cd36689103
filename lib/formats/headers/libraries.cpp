#include "formats/headers/libraries.h"

#include "base/error.h"

namespace lucid {

void fail_without_library(const std::string& place, const std::string& library) {
  throw Error(ExitCode::kUsage, place + ": this lucid was built without " + library +
                                    ", which is needed to read it; install " + library +
                                    "-dev and build lucid again");
}

}  // namespace lucid

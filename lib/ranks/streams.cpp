#include "ranks/streams.h"

#include <fcntl.h>
#include <unistd.h>

namespace lucid {

int silence_streams() {
  const int found = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  close(nowhere);
  return found;
}

void restore_stderr(int descriptor) { dup2(descriptor, STDERR_FILENO); }

}  // namespace lucid

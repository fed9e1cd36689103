#pragma once

namespace lucid {

// Lets this process write nothing to the standard streams, as one of many that would write the
// same. Returns a descriptor of what was stderr.
int silence_streams();

// Undoes that for stderr.
void restore_stderr(int descriptor);

}  // namespace lucid

#pragma once

namespace lucid {

// Call first in main(). GNU OpenMP's threads spin up to 300,000 pauses at every barrier, which on a
// processor that others use too makes a step ten to a hundred times slower. It reads GOMP_SPINCOUNT
// before main(), so the program is started again with a small one, unless the user has set it or
// OMP_WAIT_POLICY. On an idle machine the times are the same.
void calm_threads(char** argv);

}  // namespace lucid

#pragma once

namespace lucid {

// Limits the spinning of OpenMP's threads; call it first in main(). GNU OpenMP spins up to 300,000
// pauses at every barrier, which makes steps ten to a hundred times slower on a processor that
// other processes use as well. GOMP_SPINCOUNT is read before main(), so the program is restarted
// with a small value unless the user has set it or OMP_WAIT_POLICY. Times on an idle machine stay
// the same.
void limit_spinning(char** argv);

}  // namespace lucid

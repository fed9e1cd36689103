#include "layers/convolution/problem/machine.h"

#include <omp.h>

namespace lucid {

Machine this_machine(const Library& library) {
  return {onednn::vector_set(), omp_get_max_threads(), &library, onednn::has_matrix_unit()};
}

}  // namespace lucid

#include "layers/convolution/problem/machine.h"

#include <omp.h>

namespace lucid {

Machine this_machine(const Library& library) {
  const onednn::VectorSet vectors = onednn::vector_set();
  return {vectors, omp_get_max_threads(), &library, thresholds_of(this_processor(), vectors),
          onednn::has_matrix_unit()};
}

}  // namespace lucid

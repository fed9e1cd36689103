// Compiled for AVX-512: 32 registers of 16 lanes.
#include "kernels/depthwise/row_body.h"

namespace lucid::depthwise {

const KnownRow kAvx512Rows[] = {known_row<16, 3, 1>(), known_row<16, 5, 1>(), known_row<16, 7, 1>(),
                                known_row<16, 3, 2>(), known_row<16, 5, 2>(), {}};

}  // namespace lucid::depthwise

// Compiled for AVX2 with FMA: 16 registers of 8 lanes.
#include "kernels/depthwise/row_body.h"

namespace lucid::depthwise {

const KnownRow kAvx2Rows[] = {known_row<8, 3, 1>(), known_row<8, 5, 1>(), known_row<8, 7, 1>(),
                              known_row<8, 3, 2>(), known_row<8, 5, 2>(), {}};

}  // namespace lucid::depthwise

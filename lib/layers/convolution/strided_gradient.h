#pragma once

#include <optional>

#include "layers/convolution/phase_products.h"
#include "layers/convolution/weight_gradient.h"

namespace lucid {

// The input's gradient of a strided convolution as what it is, a transposed one: where oneDNN, by
// `library`, multiplies copied columns or has reference code alone, and has code of its own for the
// convolutions over phases. Empty elsewhere.
std::optional<PhaseProducts> phases_of_input_gradient(
    PlanBuilder& b, const Convolution& c,
    const dnnl::convolution_backward_data::primitive_desc& library);

}  // namespace lucid

#include "layers/weighted.h"

namespace lucid {

dnnl::primitive_attr forward_attributes(PlanBuilder& b) {
  dnnl::primitive_attr attributes = b.attributes();
  if (!b.relu_follows()) return attributes;
  dnnl::post_ops operations;
  onednn::append_relu(operations, b.relu_slope());
  attributes.set_post_ops(operations);
  return attributes;
}

}  // namespace lucid

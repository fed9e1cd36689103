#pragma once

#include <optional>

#include "tensor/onednn.h"

namespace lucid::onednn {

// Returns the first of oneDNN's implementations, in its order, whose name `accept` accepts; empty
// if there is none. In oneDNN 2.x the arguments must outlive the search, unlike those of
// describe().
template <class Primitive, class Accept, class... Arguments>
std::optional<typename Primitive::primitive_desc> describe_accepted(
    const dnnl::engine& engine, const dnnl::primitive_attr& attributes, const Accept& accept,
    const Arguments&... arguments) {
  const auto search = [&](auto descriptor) -> std::optional<typename Primitive::primitive_desc> {
    while (!accept(descriptor.impl_info_str()))
      if (!descriptor.next_impl()) return std::nullopt;
    return descriptor;
  };
  if constexpr (requires { typename Primitive::desc; }) {
    const typename Primitive::desc wanted(arguments...);
    return search(typename Primitive::primitive_desc(wanted, attributes, engine));
  } else {
    return search(typename Primitive::primitive_desc(engine, arguments..., attributes));
  }
}

}  // namespace lucid::onednn

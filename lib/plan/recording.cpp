#include "plan/recording.h"

#include <algorithm>
#include <cassert>
#include <new>

#include "base/error.h"

namespace lucid {

Value Recording::insert(ValueInfo info) {
  const Value value{static_cast<int>(values_.size())};
  if (info.root < 0) info.root = value.id;
  values_.push_back(std::move(info));
  return value;
}

Value Recording::produce(const Layout& layout) { return insert({layout, -1, {}, 0}); }

Value Recording::bind(const Tensor& tensor) { return insert({tensor.layout(), -1, tensor, 0}); }

Value Recording::random_state() {
  if (!random_state_) {
    random_state_ = Tensor(*engine_, onednn::plain_layout({sizeof(RandomState)}, onednn::kByte));
    const RandomState none;
    std::memcpy(random_state_.memory().get_data_handle(), &none, sizeof none);
  }
  return bind(random_state_);
}

void Recording::bind_to(Value value, const Tensor& tensor) {
  ValueInfo& info = values_.at(static_cast<std::size_t>(value.id));
  assert(info.root == value.id && !info.tensor && info.layout == tensor.layout());
  info.tensor = tensor;
}

void Recording::rebind(const Tensor& from, const Tensor& to) {
  void* const storage = from.memory().get_data_handle();
  for (ValueInfo& info : values_)
    if (info.tensor && info.tensor.memory().get_data_handle() == storage)
      info.tensor = Tensor(*engine_, info.layout, to.memory().get_data_handle());
}

Value Recording::view(Value value, const Layout& layout) { return part(value, layout, 0); }

Value Recording::part(Value value, const Layout& layout, std::size_t offset_bytes) {
  assert(offset_bytes + layout.get_size() <= at(value).layout.get_size());
  return insert({layout, at(value).root, {}, at(value).offset + offset_bytes});
}

void Recording::become_part(Value value, Value whole, std::size_t offset_bytes) {
  assert(can_become_part(value) && root(whole) != value);
  const auto [new_root, begin] = place(whole);
  for (ValueInfo& info : values_) {
    if (info.root != value.id) continue;
    info.root = new_root;
    info.offset += begin + offset_bytes;
  }
}

Value Recording::root(Value value) const { return {at(value).root}; }

dnnl::primitive_attr Recording::attributes() const {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

void Recording::label_steps(std::size_t first, Pass pass, const std::string& route) {
  for (std::size_t i = first; i < steps_.size(); ++i) {
    if (steps_[i].pass) continue;
    steps_[i].pass = pass;
    steps_[i].route = route;
  }
}

std::size_t Recording::scratchpad_bytes() const {
  std::size_t bytes = 0;
  for (const auto* steps : {&prepare_steps_, &steps_})
    for (const RecordedStep& step : *steps)
      if (step.primitive) bytes = std::max(bytes, step.scratchpad.get_size());
  return bytes;
}

RecordedStep Recording::reorder_step(const std::string& node, Value from, Value to) const {
  const dnnl::engine& device = engine_->device();
  const dnnl::reorder::primitive_desc descriptor(device, layout(from), device, layout(to),
                                                 attributes());
  return {node,
          "reorder",
          descriptor.impl_info_str(),
          dnnl::reorder(descriptor),
          descriptor.scratchpad_desc(),
          {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}},
          {}};
}

Value Recording::in_layout(const std::string& node, Value value, const Layout& wanted) {
  if (layout(value) == wanted) return value;
  const Value result = produce(wanted);
  step(reorder_step(node, value, result));
  return result;
}

void Recording::add(const std::string& node, Value a, Value b, Value to) {
  const Layout result_layout = layout(a);
  const Value other = in_layout(node, b, result_layout);
  const auto algorithm = dnnl::algorithm::binary_add;
  const auto sum = onednn::describe<dnnl::binary>(engine_->device(), attributes(), algorithm,
                                                  result_layout, result_layout, result_layout);
  step({node,
        "gradient sum",
        sum.impl_info_str(),
        dnnl::binary(sum),
        sum.scratchpad_desc(),
        {{DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, other}, {DNNL_ARG_DST, to}},
        {}});
}

void translate_errors(const std::string& who, const std::function<void()>& work) {
  try {
    work();
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw std::bad_alloc();
    throw Error(ExitCode::kFailed, who + ": oneDNN cannot compute it: " + error.message);
  }
}

}  // namespace lucid

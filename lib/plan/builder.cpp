#include "plan/builder.h"

namespace lucid {

dnnl::prop_kind PlanBuilder::forward_kind() const {
  return training() ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
}

std::string PlanBuilder::with_followers(const std::string& what) const {
  return what + (norm_is_folded() ? "+norm" : "") + (relu_follows() ? "+relu" : "");
}

Value PlanBuilder::parameter(const std::string& name, const Layout& wanted) {
  if (norm_is_folded()) {
    const Value folded = folded_parameter(name);
    return parameter_in_layout(view(folded, onednn::plain_layout(onednn::extents(wanted))), wanted);
  }
  Parameter& parameter = find(name);
  const bool is_float = onednn::data_type(wanted) == onednn::kFloat;
  store_parameter(name, is_float ? wanted : onednn::plain_layout(onednn::extents(wanted)));
  // The stored layout may have other extents (a Linear over 5-D and over flat input): both are
  // plain order underneath.
  if (onednn::extents(parameter.value.layout()) == onednn::extents(wanted))
    return parameter_in_layout(recording_->bind(parameter.value), wanted);
  const Value plain =
      view(plain_parameter(parameter), onednn::plain_layout(onednn::extents(wanted)));
  return parameter_in_layout(plain, wanted);
}

// In the order of PyTorch's shape, whatever its extents.
Value PlanBuilder::plain_parameter(Parameter& parameter) {
  parameters_->adopt(recording_->engine(), parameter, onednn::plain_layout(parameter.shape));
  const Layout& stored = parameter.value.layout();
  return parameter_in_layout(recording_->bind(parameter.value),
                             onednn::plain_layout(onednn::extents(stored)));
}

Value PlanBuilder::norm_scales() {
  FoldedNorm& norm = *frame_->epilogue.norm;
  if (norm.scales) return norm.scales;
  const auto at = [&](const std::string& name) {
    return plain_parameter(parameters_->at(norm.name + "/" + name));
  };
  std::vector<Value> from{at("running_mean"), at("running_var")};
  const bool is_affine = parameters_->find(norm.name + "/weight") != nullptr;
  if (is_affine) from.insert(from.end(), {at("weight"), at("bias")});
  const auto count = static_cast<std::size_t>(norm.channels.count());
  norm.scales = prepared(
      norm.name, "scale and shift", from,
      onednn::plain_layout({norm.channels.count() * std::int64_t{sizeof(ChannelScale)}},
                           onednn::kByte),
      [count, is_affine, eps = norm.eps](std::span<void* const> storage) {
        const auto read = [&](std::size_t i) { return static_cast<const float*>(storage[i]); };
        FrozenNorm frozen{.eps = eps, .mean = read(0), .variance = read(1)};
        if (is_affine) frozen = {eps, read(0), read(1), read(2), read(3)};
        channel_scales(frozen, {static_cast<ChannelScale*>(storage.back()), count});
      });
  return norm.scales;
}

Value PlanBuilder::folded_parameter(const std::string& name) {
  const WeightChannels channels = frame_->epilogue.norm->channels;
  const auto scales_at = [count = static_cast<std::size_t>(channels.count())](void* storage) {
    return std::span(static_cast<const ChannelScale*>(storage), count);
  };
  std::vector<Value> from{norm_scales()};
  Parameter* parameter = parameters_->find(frame_->name + "/" + name);
  if (parameter != nullptr) from.push_back(plain_parameter(*parameter));
  if (name == "bias")
    return prepared(this->name(), "bias with norm", from,
                    onednn::plain_layout(Shape{channels.count()}),
                    [scales_at](std::span<void* const> storage) {
                      const void* bias = storage.size() > 2 ? storage[1] : nullptr;
                      scale_bias(scales_at(storage[0]), static_cast<const float*>(bias),
                                 static_cast<float*>(storage.back()));
                    });
  return prepared(
      this->name(), "weight with norm", from, onednn::plain_layout(parameter->shape),
      [channels, scales_at, size = parameter->shape.count()](std::span<void* const> storage) {
        scale_weight(channels, scales_at(storage[0]), {static_cast<const float*>(storage[1]), size},
                     static_cast<float*>(storage.back()));
      });
}

Value PlanBuilder::parameter_in_layout(Value made_of_parameters, const Layout& wanted) {
  if (training() || layout(made_of_parameters) == wanted)
    return in_layout(made_of_parameters, wanted);
  const Value packed = recording_->bind(Tensor(recording_->engine(), wanted));
  recording_->prepare_step(recording_->reorder_step(name(), made_of_parameters, packed));
  return packed;
}

Value PlanBuilder::made_of_parameters(const std::string& what, Value from, const Layout& layout,
                                      HostFunction function) {
  return prepared(name(), what, {from}, layout, std::move(function));
}

Value PlanBuilder::prepared(const std::string& node, const std::string& what,
                            std::vector<Value> from, const Layout& layout, HostFunction function) {
  const Value made =
      training() ? produce(layout) : recording_->bind(Tensor(recording_->engine(), layout));
  RecordedStep step{node, what, "lucid", {}, {}, {}, std::move(function)};
  for (std::size_t i = 0; i < from.size(); ++i)
    step.arguments.push_back({DNNL_ARG_SRC + static_cast<int>(i), from[i]});
  step.arguments.push_back({DNNL_ARG_DST, made});
  if (training())
    recording_->step(std::move(step));
  else
    recording_->prepare_step(std::move(step));
  return made;
}

Value PlanBuilder::buffer(const std::string& name) {
  Parameter& parameter = find(name);
  parameters_->adopt(recording_->engine(), parameter, onednn::plain_layout(parameter.shape));
  return recording_->bind(parameter.value);
}

void PlanBuilder::host_step(const std::string& what, const std::string& implementation,
                            std::vector<Argument> arguments, HostFunction function) {
  recording_->step(
      {name(), what, implementation, {}, {}, std::move(arguments), std::move(function)});
}

void PlanBuilder::product_step(const std::string& what, const std::string& implementation,
                               std::vector<Argument> arguments, HostFunction function) {
  recording_->step({name(),
                    what,
                    implementation,
                    {},
                    {},
                    std::move(arguments),
                    std::move(function),
                    frame_->product_flops});
}

bool PlanBuilder::place_input(std::size_t i, Value whole, std::size_t offset_bytes) {
  if (!frame_->can_place.at(i) || !recording_->can_become_part(input(i))) return false;
  recording_->become_part(input(i), whole, offset_bytes);
  return true;
}

Value PlanBuilder::output_gradient(const Layout& wanted) {
  return in_layout(frame_->output_gradient, wanted);
}

bool PlanBuilder::owns(Value gradient) const {
  if (recording_->is_bound(gradient)) return false;
  return frame_->owns_output_gradient ||
         recording_->root(gradient) != recording_->root(frame_->output_gradient);
}

void PlanBuilder::set_parameter_gradient(const std::string& name, Value gradient) {
  Parameter& parameter = find(name);
  if (!parameter.is_trained()) return;
  if (!parameter.gradient)
    parameter.gradient = Tensor(recording_->engine(), parameter.value.layout());
  const Layout& kept = parameter.gradient.layout();
  if (layout(gradient) == kept) {
    const Value root = recording_->root(gradient);
    void* storage = parameter.gradient.memory().get_data_handle();
    recording_->bind_to(root, Tensor(recording_->engine(), layout(root), storage));
    return;
  }
  Value source = gradient;
  if (onednn::extents(layout(gradient)) != onednn::extents(kept))
    source = view(in_layout(gradient, onednn::plain_layout(onednn::extents(layout(gradient)))),
                  onednn::plain_layout(onednn::extents(kept)));
  recording_->step(
      recording_->reorder_step(this->name(), source, recording_->bind(parameter.gradient)));
}

}  // namespace lucid

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
  // The stored layout may have other extents (a Linear over 5-D and over flat input). Both have the
  // same plain order.
  if (onednn::extents(parameter.value.layout()) == onednn::extents(wanted))
    return parameter_in_layout(recording_->bind(parameter.value), wanted);
  const Value plain =
      view(plain_parameter(parameter), onednn::plain_layout(onednn::extents(wanted)));
  return parameter_in_layout(plain, wanted);
}

// Returns the parameter in the plain order of PyTorch's shape, whatever its extents are.
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
  std::vector<Argument> from{reads(Slot::kMean, at("running_mean")),
                             reads(Slot::kVariance, at("running_var"))};
  const bool is_affine = parameters_->find(norm.name + "/weight") != nullptr;
  if (is_affine)
    from.insert(from.end(), {reads(Slot::kWeight, at("weight")), reads(Slot::kBias, at("bias"))});
  const auto count = static_cast<std::size_t>(norm.channels.count());
  norm.scales =
      prepared(norm.name, "scale and shift", from,
               onednn::plain_layout({norm.channels.count() * std::int64_t{sizeof(ChannelScale)}},
                                    onednn::kByte),
               [count, eps = norm.eps](const StepArguments& step) {
                 const FrozenNorm frozen{eps, step.in(Slot::kMean), step.in(Slot::kVariance),
                                         step.maybe(Slot::kWeight), step.maybe(Slot::kBias)};
                 channel_scales(frozen, {step.out<ChannelScale>(Slot::kY), count});
               });
  return norm.scales;
}

Value PlanBuilder::folded_parameter(const std::string& name) {
  const WeightChannels channels = frame_->epilogue.norm->channels;
  const auto scales_in =
      [count = static_cast<std::size_t>(channels.count())](const StepArguments& step) {
        return std::span(step.in<ChannelScale>(Slot::kScale), count);
      };
  std::vector<Argument> from{reads(Slot::kScale, norm_scales())};
  Parameter* parameter = parameters_->find(frame_->name + "/" + name);
  if (parameter != nullptr) from.push_back(reads(Slot::kX, plain_parameter(*parameter)));
  if (name == "bias")
    return prepared(this->name(), "bias with norm", from,
                    onednn::plain_layout(Shape{channels.count()}),
                    [scales_in](const StepArguments& step) {
                      scale_bias(scales_in(step), step.maybe(Slot::kX), step.out(Slot::kY));
                    });
  return prepared(
      this->name(), "weight with norm", from, onednn::plain_layout(parameter->shape),
      [channels, scales_in, size = parameter->shape.count()](const StepArguments& step) {
        scale_weight(channels, scales_in(step), {step.in(Slot::kX), size}, step.out(Slot::kY));
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
  return prepared(name(), what, {reads(Slot::kX, from)}, layout, std::move(function));
}

Value PlanBuilder::prepared(const std::string& node, const std::string& what,
                            std::vector<Argument> from, const Layout& layout,
                            HostFunction function) {
  const Value made =
      training() ? produce(layout) : recording_->bind(Tensor(recording_->engine(), layout));
  RecordedStep step{node, what, "lucid", {}, {}, std::move(from), std::move(function)};
  step.arguments.push_back(writes(Slot::kY, made));
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

void PlanBuilder::note_choice(RouteChoice choice) {
  choice.node = name();
  recording_->note_choice(std::move(choice));
}

void PlanBuilder::host_step(const std::string& what, const std::string& implementation,
                            std::vector<Argument> arguments, HostFunction function) {
  recording_->step(
      {name(), what, implementation, {}, {}, std::move(arguments), std::move(function)});
}

void PlanBuilder::synchronizing_step(const std::string& what, const std::string& implementation,
                                     std::vector<Argument> arguments, HostFunction function,
                                     Synchronization synchronization) {
  host_step(what, implementation, std::move(arguments), std::move(function));
  recording_->steps().back().synchronization = std::move(synchronization);
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

#include "plan/builder.h"

namespace lucid {

dnnl::prop_kind PlanBuilder::forward_kind() const {
  return training() ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
}

Value PlanBuilder::parameter(const std::string& name, const Layout& wanted) {
  Parameter& parameter = find(name);
  const bool is_float = onednn::data_type(wanted) == onednn::kFloat;
  store_parameter(name, is_float ? wanted : onednn::plain_layout(onednn::extents(wanted)));
  const Value stored = recording_->bind(parameter.value);
  if (parameter.value.layout() == wanted) return stored;
  // The stored layout may have other extents (a Linear over 5-D and over flat input): both are
  // plain order underneath.
  const bool same_extents = onednn::extents(parameter.value.layout()) == onednn::extents(wanted);
  const Value source =
      same_extents
          ? stored
          : view(in_layout(stored, onednn::plain_layout(onednn::extents(parameter.value.layout()))),
                 onednn::plain_layout(onednn::extents(wanted)));
  return same_extents ? parameter_in_layout(source, wanted) : in_layout(source, wanted);
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
  const Value made =
      training() ? produce(layout) : recording_->bind(Tensor(recording_->engine(), layout));
  RecordedStep step{name(), what, "lucid", {}, {}, {}, std::move(function)};
  step.arguments = {{DNNL_ARG_SRC, from}, {DNNL_ARG_DST, made}};
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

#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "plan/epilogue.h"
#include "plan/parameters.h"
#include "plan/recording.h"

namespace lucid {

enum class Mode { kTrain, kInfer };

// The node that is being compiled, and what it gave back. Filled by graph/compile, read and written
// by PlanBuilder.
struct NodeFrame {
  std::string name;
  Mode mode = Mode::kInfer;
  Epilogue epilogue;
  bool took_pool = false;  // the layer computes the pooling that follows
  std::vector<Value> inputs;
  std::vector<bool> needs_gradient;  // by input
  std::vector<bool> can_place;       // by input: its node may write it elsewhere
  std::vector<ByteScale> scales;     // by input: of its bytes, if the node reads bytes
  Value output;
  Value output_gradient;
  bool owns_output_gradient = false;   // nobody else reads it later: it may be overwritten
  std::vector<Value> input_gradients;  // what the way back handed to each input
  ForcedRoutes routes{};
  double product_flops = 0;  // of the batch times the weights, in one direction
};

// True for the oneDNN primitives that multiply a whole batch by a layer's weights, or compute one
// of the gradients of that product.
template <class Primitive>
constexpr bool kIsProduct = std::is_same_v<Primitive, dnnl::convolution_forward> ||
                            std::is_same_v<Primitive, dnnl::convolution_backward_data> ||
                            std::is_same_v<Primitive, dnnl::convolution_backward_weights> ||
                            std::is_same_v<Primitive, dnnl::inner_product_forward> ||
                            std::is_same_v<Primitive, dnnl::inner_product_backward_data> ||
                            std::is_same_v<Primitive, dnnl::inner_product_backward_weights>;

// Records the steps of a layer while it is being compiled, forward and then backward. Nothing runs
// yet.
class PlanBuilder {
 public:
  PlanBuilder(Recording& recording, Parameters& parameters, NodeFrame& frame)
      : recording_(&recording), parameters_(&parameters), frame_(&frame) {}

  const dnnl::engine& device() const { return recording_->engine().device(); }
  dnnl::primitive_attr attributes() const { return recording_->attributes(); }
  dnnl::prop_kind forward_kind() const;  // forward_training or forward_inference
  bool training() const { return frame_->mode == Mode::kTrain; }
  // The layer must apply a ReLU to its output; relu_slope() is its slope below 0.
  bool relu_follows() const { return frame_->epilogue.relu_slope.has_value(); }
  float relu_slope() const { return frame_->epilogue.relu_slope.value_or(0); }
  // A norm is folded into parameter("weight") and parameter("bias"), which then exists in any case.
  bool norm_is_folded() const { return frame_->epilogue.norm.has_value(); }
  // Names a step together with the norm and the ReLU fused into it: "convolution+norm+relu".
  std::string with_followers(const std::string& what) const;
  // A max pooling of 2x2x2 voxels, side by side, is the only reader of that ReLU. A layer that
  // computes it as well has to call take_pool().
  bool pair_pool_follows() const { return frame_->epilogue.pair_pool_follows; }
  void take_pool() { frame_->took_pool = true; }
  // The max pooling behind computes the backward pass of the ReLU that follows, or that the layer
  // is: output_gradient() is the gradient of the ReLU's input.
  bool relu_backward_is_folded() const { return frame_->epilogue.relu_backward_is_folded; }
  // The slope below 0 of the ReLU before this pooling; if there is one, the input's gradient must
  // be that of the ReLU's input.
  std::optional<float> folded_relu_slope() const { return frame_->epilogue.folded_relu_slope; }
  // The name of the route that a pass of the layer has to take, or an empty one.
  const std::string& forced_route(Pass pass) const { return frame_->routes.of(pass); }
  std::size_t step_count() const { return recording_->steps().size(); }
  void label_steps(std::size_t first, Pass pass, const std::string& route) {
    recording_->label_steps(first, pass, route);
  }
  void note_choice(RouteChoice choice);
  // The type that products with weights read, and the type that they write.
  onednn::Type product_type() const { return frame_->epilogue.product_type; }
  onednn::Type output_type() const { return frame_->epilogue.output_type; }
  // The inputs are bytes of these scales. The output is to be, too, if it has a scale.
  bool reads_bytes() const { return frame_->epilogue.reads_bytes; }
  ByteScale input_scale(std::size_t i = 0) const { return frame_->scales.at(i); }
  const std::optional<ByteScale>& output_bytes() const { return frame_->epilogue.output_bytes; }
  const std::string& name() const { return frame_->name; }

  std::size_t input_count() const { return frame_->inputs.size(); }
  Value input(std::size_t i = 0) const { return frame_->inputs.at(i); }
  const Layout& layout(Value value) const { return recording_->layout(value); }
  // Adopts `wanted` as the parameter's layout, or reorders. Parameters are stored in float: in
  // plain order if `wanted` has another type, unless store_parameter() chose a layout before.
  Value parameter(const std::string& name, const Layout& wanted);
  void store_parameter(const std::string& name, const Layout& layout) {
    parameters_->adopt(recording_->engine(), find(name), layout);
  }
  // Reorders what made_of_parameters() returned, or a parameter.
  Value parameter_in_layout(Value made_of_parameters, const Layout& wanted);
  // Derives a value from a parameter; inference recomputes it only when parameters change. The
  // function reads kX and writes kY.
  Value made_of_parameters(const std::string& what, Value from, const Layout& layout,
                           HostFunction function);
  Value buffer(const std::string& name);  // plain; steps may write it, as they do running_mean
  Value random_state() { return recording_->random_state(); }
  // Creates an output, a workspace or a temporary.
  Value produce(const Layout& layout) { return recording_->produce(layout); }
  Value in_layout(Value value, const Layout& wanted) {
    return recording_->in_layout(name(), value, wanted);
  }
  // Keeps the order of the value if our kernels know it.
  Value in_type(Value value, onednn::Type type) {
    return in_layout(value, onednn::typed_layout(layout(value), type));
  }
  Value view(Value value, const Layout& layout) { return recording_->view(value, layout); }
  Value part(Value value, const Layout& layout, std::size_t offset_bytes) {
    return recording_->part(value, layout, offset_bytes);
  }
  // Lets the node that computes input i write it directly into `whole`, if that is possible.
  bool place_input(std::size_t i, Value whole, std::size_t offset_bytes);

  template <class Primitive, class Descriptor>
  void step(const std::string& what, const Descriptor& descriptor,
            std::vector<Argument> arguments) {
    part_of_product<Primitive>(what, descriptor, std::move(arguments),
                               kIsProduct<Primitive> ? 1 : 0);
  }
  // The same for a step that computes only a share of the product of the batch and the weights.
  template <class Primitive, class Descriptor>
  void part_of_product(const std::string& what, const Descriptor& descriptor,
                       std::vector<Argument> arguments, double share) {
    recording_->step({name(),
                      what,
                      descriptor.impl_info_str(),
                      Primitive(descriptor),
                      descriptor.scratchpad_desc(),
                      std::move(arguments),
                      {},
                      share * frame_->product_flops});
  }
  // Records our own code; the arguments say what it reads and writes.
  void host_step(const std::string& what, const std::string& implementation,
                 std::vector<Argument> arguments, HostFunction function);
  // The same for a step behind which the shards of a batch exchange numbers.
  void synchronizing_step(const std::string& what, const std::string& implementation,
                          std::vector<Argument> arguments, HostFunction function,
                          Synchronization synchronization);
  // The same for a step that computes the whole product of the batch and the weights, or one of its
  // gradients. lucid-bench counts its multiply-adds.
  void product_step(const std::string& what, const std::string& implementation,
                    std::vector<Argument> arguments, HostFunction function);
  void set_output(Value value) { frame_->output = value; }

  // The rest is for the backward pass.
  Value output_gradient() const { return frame_->output_gradient; }
  Value output_gradient(const Layout& wanted);  // may be recorded as a reorder
  bool owns(Value gradient) const;              // a gradient this node may overwrite
  bool needs_input_gradient(std::size_t i = 0) const { return frame_->needs_gradient.at(i); }
  void set_input_gradient(Value gradient, std::size_t i = 0) {
    frame_->input_gradients.at(i) = gradient;
  }
  bool needs_parameter_gradient(const std::string& name) { return find(name).is_trained(); }
  // Uses the value as the gradient, or reorders it into the gradient. Drops it if the parameter is
  // frozen.
  void set_parameter_gradient(const std::string& name, Value gradient);

 private:
  Parameter& find(const std::string& name) { return parameters_->at(frame_->name + "/" + name); }
  Value plain_parameter(Parameter& parameter);
  Value norm_scales();
  Value folded_parameter(const std::string& name);
  Value prepared(const std::string& node, const std::string& what, std::vector<Argument> from,
                 const Layout& layout, HostFunction function);

  Recording* recording_;
  Parameters* parameters_;
  NodeFrame* frame_;
};

}  // namespace lucid

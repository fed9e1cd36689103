#include "plan/gradient_order.h"

#include <algorithm>
#include <map>

namespace lucid {
namespace {

// The last step that writes each tensor outside of the arena, by where it lies.
std::map<const void*, std::size_t> last_writers(const Recording& recording) {
  std::map<const void*, std::size_t> writers;
  for (std::size_t at = 0; at < recording.steps().size(); ++at)
    for (const Argument& argument : recording.steps()[at].arguments) {
      if (!writes(argument.access)) continue;
      const int root = recording.root(argument.value).id;
      if (const Tensor& tensor = recording.values()[static_cast<std::size_t>(root)].tensor)
        writers[tensor.memory().get_data_handle()] = at;
    }
  return writers;
}

struct Written {
  std::size_t step;
  Parameter* parameter;
};

// The parameters whose gradients are written, in the order of their last steps.
std::vector<Written> written_gradients(const Recording& recording, Parameters& parameters) {
  const auto writers = last_writers(recording);
  std::vector<Written> written;
  for (Parameter& parameter : parameters) {
    if (!parameter.gradient) continue;
    const auto at = writers.find(parameter.gradient.memory().get_data_handle());
    if (at != writers.end()) written.push_back({at->second, &parameter});
  }
  std::ranges::stable_sort(written, {}, &Written::step);
  return written;
}

}  // namespace

void pack_gradients_as_completed(Recording& recording, Parameters& parameters) {
  if (!parameters.gradients().empty()) return;
  std::vector<Parameter*> order;
  for (const Written& written : written_gradients(recording, parameters))
    order.push_back(written.parameter);
  std::vector<std::pair<Parameter*, Tensor>> before;
  for (Parameter& parameter : parameters)
    if (parameter.gradient) before.emplace_back(&parameter, parameter.gradient);
  parameters.pack_gradients(recording.engine(), order);
  for (const auto& [parameter, tensor] : before) recording.rebind(tensor, parameter->gradient);
}

std::vector<std::size_t> completed_gradients(const Recording& recording, Parameters& parameters) {
  std::vector<Written> written = written_gradients(recording, parameters);
  std::ranges::sort(written, {},
                    [&](const Written& w) { return parameters.gradient_end(*w.parameter); });
  std::vector<std::size_t> completed(recording.steps().size(), 0);
  std::size_t step = 0;  // by which all gradients so far are complete
  for (const Written& w : written) {
    step = std::max(step, w.step);
    completed[step] = parameters.gradient_end(*w.parameter);
  }
  for (std::size_t at = 1; at < completed.size(); ++at)
    completed[at] = std::max(completed[at], completed[at - 1]);
  return completed;
}

}  // namespace lucid

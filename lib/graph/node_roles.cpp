#include "graph/node_roles.h"

#include "graph/fuse.h"

namespace lucid {
namespace {

class RoleFinder {
 public:
  RoleFinder(const Graph& graph, const CompileOptions& options)
      : graph_(graph), options_(options), roles_(graph.nodes().size()) {}

  std::vector<NodeRole> find() {
    for (std::size_t i = 0; i < roles_.size(); ++i) roles_[i].source = i;
    std::vector<int> norms(roles_.size(), -1);
    if (options_.mode == Mode::kInfer) norms = folded_norms(graph_);
    fold_norms(norms);
    if (options_.fuse_relu) {
      fuse_relus(fused_relus(graph_, norms));
      fold_relu_backwards();
    }
    find_needed();
    if (options_.precision == Precision::kBfloat16) choose_bfloat16();
    if (!options_.quantization.is_empty()) choose_bytes();
    return std::move(roles_);
  }

 private:
  void fold_norms(const std::vector<int>& norms);
  void fuse_relus(const std::vector<int>& relus);
  void fold_relu_backwards();
  void find_needed();
  void choose_bfloat16();
  void choose_bytes();
  std::vector<bool> byte_makers() const;

  bool is_compiled(std::size_t i) const { return roles_[i].is_needed && roles_[i].source == i; }
  const Node& node(int i) const { return graph_.nodes()[static_cast<std::size_t>(i)]; }
  NodeRole& role(int i) { return roles_[static_cast<std::size_t>(i)]; }
  NodeRole& source_of(int i) { return roles_[role(i).source]; }

  const Graph& graph_;
  const CompileOptions& options_;
  std::vector<NodeRole> roles_;
};

void RoleFinder::fold_norms(const std::vector<int>& norms) {
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (norms[i] < 0) continue;
    const Node& norm = node(norms[i]);
    roles_[i].epilogue.norm =
        FoldedNorm{norm.name, graph_.fusion(norm).frozen_norm_eps.value(),
                   graph_.fusion(graph_.nodes()[i]).weight_channels.value(), Value{}};
    role(norms[i]).source = i;
  }
}

void RoleFinder::fuse_relus(const std::vector<int>& relus) {
  const std::vector<int> pools = pair_pools_behind(graph_, relus);
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (relus[i] < 0) continue;
    roles_[i].epilogue.relu_slope = graph_.fusion(node(relus[i])).relu_slope;
    role(relus[i]).source = i;
    if (pools[i] < 0) continue;
    roles_[i].epilogue.pair_pool_follows = true;
    role(pools[i]).possible_source = i;
  }
}

void RoleFinder::fold_relu_backwards() {
  const std::vector<int> relus = relus_folded_into_pools(graph_);
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (relus[i] < 0) continue;
    roles_[i].epilogue.folded_relu_slope = graph_.fusion(node(relus[i])).relu_slope;
    source_of(relus[i]).epilogue.relu_backward_is_folded = true;
  }
}

void RoleFinder::find_needed() {
  for (const int output : outputs_of(graph_, options_)) role(output).is_needed = true;
  for (std::size_t i = roles_.size(); i-- > 0;) {
    if (!roles_[i].is_needed) continue;
    for (const int input : graph_.nodes()[i].inputs)
      if (input != Node::kNetworkInput) role(input).is_needed = true;
  }
}

// A value is rounded if a layer then reads half the bytes; a loss reads floats.
void RoleFinder::choose_bfloat16() {
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    roles_[i].epilogue.product_type = onednn::kBfloat16;
    if (!is_compiled(i) || !graph_.fusion(graph_.nodes()[i]).reads_bfloat16) continue;
    for (const int input : graph_.nodes()[i].inputs)
      if (input != Node::kNetworkInput) source_of(input).epilogue.output_type = onednn::kBfloat16;
  }
  for (const int output : outputs_of(graph_, options_))
    source_of(output).epilogue.output_type = onednn::kFloat;
}

// Finds the nodes that can write bytes: products of bytes, and what passes bytes on and has some.
std::vector<bool> RoleFinder::byte_makers() const {
  std::vector<bool> makers = options_.quantization.multiplies_bytes;
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (!is_compiled(i) || !graph_.fusion(graph_.nodes()[i]).passes_bytes) continue;
    for (const int input : graph_.nodes()[i].inputs)
      if (input != Node::kNetworkInput && makers[roles_[static_cast<std::size_t>(input)].source])
        makers[i] = true;
  }
  return makers;
}

// A node that can write bytes does so if a product of bytes reads them, at once or passed on.
void RoleFinder::choose_bytes() {
  const Quantization& q = options_.quantization;
  const std::vector<bool> makers = byte_makers();
  std::vector<bool> is_wanted(roles_.size());
  for (std::size_t i = roles_.size(); i-- > 0;) {
    if (!is_compiled(i)) continue;
    const bool passes = makers[i] && !q.multiplies_bytes[i] && is_wanted[i];
    roles_[i].epilogue.reads_bytes = q.multiplies_bytes[i] || passes;
    if (!roles_[i].epilogue.reads_bytes) continue;
    if (is_wanted[i]) roles_[i].epilogue.output_bytes = q.outputs[i];
    for (const int input : graph_.nodes()[i].inputs)
      if (input != Node::kNetworkInput) is_wanted[role(input).source] = true;
  }
  for (const int output : outputs_of(graph_, options_)) {
    Epilogue& epilogue = source_of(output).epilogue;
    epilogue.output_bytes.reset();
    if (!q.multiplies_bytes[role(output).source]) epilogue.reads_bytes = false;
  }
}

}  // namespace

std::vector<NodeRole> node_roles(const Graph& graph, const CompileOptions& options) {
  return RoleFinder(graph, options).find();
}

std::span<const int> outputs_of(const Graph& graph, const CompileOptions& options) {
  const std::span<const int> all = graph.outputs();
  return options.main_output_only ? all.first(1) : all;
}

}  // namespace lucid

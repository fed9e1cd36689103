#pragma once

#include <utility>

#include "infer/tiled/segmenter.h"

namespace lucid::test {

// Networks of one experiment with different weights.
struct Members : Segmenter {
  // Trains them as the experiment says, `size` of them.
  void train_members(int size) {
    checkpoints.clear();
    for (int i = 0; i < size; ++i) {
      experiment.json["seed"] = 100 + i;
      train("member" + std::to_string(i));
      checkpoints.push_back(experiment.last("member" + std::to_string(i)));
    }
    options.checkpoints = checkpoints;
  }

  // Returns what a network of these writes by itself.
  std::vector<float> of_one(std::size_t member, Activation activation) {
    const InferOptions all = options;
    options.checkpoints = {checkpoints[member]};
    options.activation = activation;
    std::vector<float> values = predictions();
    options = all;
    return values;
  }
  // Returns the mean of what these networks write by themselves.
  std::vector<double> mean_of(Activation activation) {
    std::vector<double> mean;
    for (std::size_t member = 0; member < checkpoints.size(); ++member) {
      const std::vector<float> values = of_one(member, activation);
      mean.resize(values.size());
      for (std::size_t i = 0; i < values.size(); ++i)
        mean[i] += values[i] / static_cast<double>(checkpoints.size());
    }
    return mean;
  }
  std::vector<float> of_all(Activation activation) {
    options.activation = activation;
    return predictions();
  }

  std::vector<std::filesystem::path> checkpoints;
};

// The channel of the largest value, of (C, voxels).
inline std::vector<float> largest_of(const std::vector<double>& values, std::size_t channels) {
  const std::size_t voxels = values.size() / channels;
  std::vector<float> classes(voxels, 0);
  for (std::size_t c = 1; c < channels; ++c)
    for (std::size_t v = 0; v < voxels; ++v)
      if (values[c * voxels + v] > values[static_cast<std::size_t>(classes[v]) * voxels + v])
        classes[v] = static_cast<float>(c);
  return classes;
}

// How many elements are equal.
inline std::size_t equal_in(const std::vector<float>& a, const std::vector<float>& b) {
  std::size_t equal = 0;
  for (std::size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i] ? 1 : 0;
  return equal;
}

}  // namespace lucid::test

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/loader/sample_reader.h"
#include "graph/model.h"
#include "objective/objective.h"
#include "preview/panels.h"
#include "ranks/ranks.h"
#include "train/cases/slice_places.h"

namespace lucid {

// Predicts cases once more, as far as a plane through each needs it, and draws them: image, truth
// and prediction of voxels side by side; else the image, and target and prediction as text. Of
// several ranks, each predicts some of the samples, and the first draws.
class CaseSlices {
 public:
  // What a case is drawn from, all of which must outlive the object.
  struct Sources {
    const CaseList& list;
    const SlicePlaces& places;
    const Dataset& set;
    const Objective& objective;
    Model& model;
    Shape::Extent batch;  // of the plan that validation uses
    Ranks& ranks;
  };
  CaseSlices(const Sources& sources, SampleReader reader);

  // Returns how many samples must be predicted to draw these cases, whole batches counted.
  std::int64_t cost(std::span<const std::size_t> cases) const;
  // True if the plane of a case has no more voxels than a picture can use.
  bool can_draw(std::size_t index) const;
  // Returns a sheet a case, without a title; nothing if this rank is not the first.
  std::vector<PanelSheet> sheets(std::span<const std::size_t> cases);

 private:
  // The plane of a case as far as it was read and predicted.
  struct Plane {
    std::size_t index = 0;
    Slice image{}, truth{}, prediction{};
    std::vector<float> target{}, output{};  // where targets are no voxels
  };
  struct Needed {
    std::size_t plane, sample;
    bool is_first;  // of the case
  };

  std::vector<std::size_t> samples_of(std::size_t index) const;
  Plane empty_plane(std::size_t index) const;
  std::int64_t image_place(std::size_t index) const;
  void predict(std::span<const Needed> needed, std::vector<Plane>& planes);
  void add_image(const Needed& needed, std::span<const float> sample, Plane& plane) const;
  void add_voxels(const Needed& needed, std::span<const float> target, const OutputValues& output,
                  Plane& plane) const;
  template <class Visit>
  void visit(const Needed& needed, Plane& plane, const Visit& visit) const;
  std::span<const Needed> share_of(int rank, std::span<const Needed> needed) const;
  void send(std::span<const Needed> needed, std::vector<Plane>& planes) const;
  void receive(std::span<const Needed> needed, std::vector<Plane>& planes) const;
  PanelSheet sheet_of(Plane plane) const;

  Sources from_;
  SampleReader reader_;
  AugmentedSample scratch_{};
  const bool have_voxels_, are_labels_;
};

}  // namespace lucid

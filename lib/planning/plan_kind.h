#pragma once
// Private to this room.

#include <memory>
#include <string>
#include <vector>

#include "planning/choice/choice.h"
#include "planning/experiment/planned_experiment.h"

namespace lucid {

// The networks that a task may train, and the experiments that train them.
class PlanKind {
 public:
  virtual ~PlanKind() = default;

  virtual std::vector<Candidate> candidates() const = 0;  // the most costly first
  virtual bool takes_patches() const = 0;
  virtual PlannedExperiment experiment(std::size_t candidate, const PlanSettings& settings,
                                       const Length& length) const = 0;
  // The passes that validate `cases` of the set, in samples.
  virtual double validation_samples(std::size_t candidate, std::int64_t cases) const = 0;
  // The passes that predict `cases` of the set by overlapping windows and mirror images, in
  // samples.
  virtual double predicted_samples(std::size_t candidate, std::int64_t cases) const = 0;
  virtual std::string described(std::size_t candidate) const = 0;
  virtual Json json(std::size_t candidate) const = 0;
  // What would be trained without a limit of time; empty if nothing is known to compare with.
  virtual std::string reference() const = 0;
};

// U-Nets for labels of voxels, by nnU-Net's rules.
std::unique_ptr<PlanKind> unet_kind(const Fingerprint& fingerprint, const PlanData& data,
                                    const PlanSettings& settings);
// The one of nnU-Net alone.
std::unique_ptr<PlanKind> nnunet_kind(const Fingerprint& fingerprint, const PlanData& data,
                                      const RuleOptions& options);

// Residual networks for a class or numbers a volume.
std::unique_ptr<PlanKind> resnet_kind(const Fingerprint& fingerprint, const PlanData& data,
                                      const PlanSettings& settings);

}  // namespace lucid

#pragma once

#include <cstdint>

namespace lucid {

// The numbers that decide how a plan fills the hours; those of nnU-Net's rules are theirs.
struct PlanDefaults {
  double memory_share = 0.75;      // of the machine, for training
  std::int64_t narrowest = 8;      // features of the first stage
  std::int64_t most_halvings = 4;  // of the elements that nnU-Net's rules allow
  // Steps that are wanted of a run of ten minutes; they grow with the root of the time, so that
  // longer runs train both larger networks and for longer.
  double steps_in_ten_minutes = 3000;
  // Of patches that hold whole volumes: steps a volume that are enough, in batches of two. More
  // bring no more, and a larger network is planned instead.
  double enough_pairs = 30;
  double sensible_share = 0.5;  // of these steps; fewer are said to be too few
  // Networks of twice the features compute at up to 2 to this power times the FLOP/s.
  double gain_of_width = 1.7;
  std::int64_t fewest_steps = 500;   // fewer make no sensible training
  std::int64_t most_steps = 250000;  // nnU-Net's
  std::int64_t epochs = 40;          // about; validation, checkpoints and curves come with each
  double validation_share = 0.1;     // most of an epoch's time that validation may take
  double spare_share = 0.04;         // of the hours, as a machine is not always equally fast
  // What takes time besides steps and validation: the start, where it is not measured; metrics and
  // report of an epoch; checkpoints; a case that a fold holds out, besides its windows.
  double start_seconds = 3, report_seconds = 0.1, saved_bytes_per_second = 4e8;
  double case_seconds = 0.05;
  // The chosen network is timed once more, for this share of the hours and this long at most.
  double timed_share = 0.01, most_timed_seconds = 20;
  std::int64_t few_steps = 20000;  // below: AdamW with one cycle; from here on nnU-Net's SGD
  // AdamW's weights average over the steps of the last 1 / (lr x weight_decay) (Wang and Aitchison,
  // arXiv 2405.13698): these are as long as so many passes over a set that is seen more often than
  // it takes to be learned by heart, where patches hold whole volumes.
  double passes_by_heart = 60, remembered_passes = 31;
  // Of the steps: below few_steps and for classes or numbers, weights are averaged over the last
  // ones, and the average predicts.
  double averaged_share = 0.1;
  // Of the share of foreground in a volume, deviation over mean: up to it patches that hold whole
  // volumes are alike, and instance norm does not even out how much foreground each of them has.
  double even_share = 0.25;
  // Of the volumes: where two classes have one order in so many, an axis is not mirrored.
  double told_share = 0.95;
  // Labels seem to number objects: so many at least and more than volumes, and this share of them
  // one piece where they are.
  std::int64_t fewest_objects = 16;
  double one_piece_share = 0.9;
  double element_bytes = 8;  // memory of a step for each element, where it is not measured
  // Of classification and regression: the samples of a batch, and the most epochs, as a network
  // that sees a small set more often learns it by heart.
  std::int64_t sample_batch = 32, most_epochs_of_samples = 100;
};

}  // namespace lucid

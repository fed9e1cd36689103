#include <algorithm>

#include "base/error.h"
#include "formats/labels/stored_planes.h"
#include "formats/open/open_volume.h"

namespace lucid {
namespace {

// NIfTI, NRRD and NumPy, whose voxels are read in storage order.
class FilePlanes : public StoredPlanes {
 public:
  explicit FilePlanes(const LabelSource& source) : path_(source.file) {
    rewind();
    place_ = file_->place();
    element_ = file_->element();
    geometry_ = file_->header().geometry;
    set_extents();
  }

  void rewind() override {
    if (file_ && is_at_begin_) return;
    file_ = std::make_unique<VolumeFile>(open_volume(path_, {}));
    is_at_begin_ = true;
  }

  void read(std::span<std::byte> plane) override {
    file_->read(plane);
    is_at_begin_ = false;
  }

  std::vector<std::string> warnings() override {
    std::vector<std::string> found = file_->header().warnings;
    if (const std::string rest = file_->finish(); !rest.empty()) found.push_back(rest);
    for (std::string& each : found) each = place_ + ": " + each;
    return found;
  }

 private:
  void set_extents() {
    const VolumeHeader& header = file_->header();
    std::string axes = header.axes;
    std::vector<std::int64_t> extents = header.extents;
    while (axes.size() > 3 && extents.front() == 1) {
      axes.erase(0, 1);
      extents.erase(extents.begin());
    }
    if (axes != "dhw")
      fail(place_, "expected a volume of labels (d, h, w), found " + Shape(header.extents).str() +
                       " (" + header.axes + ")");
    std::copy_n(extents.begin(), 3, extents_.begin());
  }

  std::filesystem::path path_;
  std::unique_ptr<VolumeFile> file_;
  bool is_at_begin_ = false;
};

}  // namespace

std::unique_ptr<StoredPlanes> open_file_planes(const LabelSource& source) {
  return std::make_unique<FilePlanes>(source);
}

}  // namespace lucid

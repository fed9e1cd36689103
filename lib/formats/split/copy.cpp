#include "formats/split/copy.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/array/axes.h"
#include "formats/readers/geometry.h"

namespace lucid {
namespace {

constexpr std::int64_t kPieceBytes = std::int64_t{64} << 20;
constexpr std::int64_t kChunkSide = 64;

std::vector<std::int64_t> chunk_for(const Shape& shape) {
  std::vector<std::int64_t> chunk = shape.extents();
  for (std::size_t axis = 0; axis < chunk.size(); ++axis) {
    const bool is_space = axis + 3 >= chunk.size();
    chunk[axis] = is_space ? std::min(chunk[axis], kChunkSide) : 1;
  }
  return chunk;
}

void create_like(const hdf5::Array& array, const std::string& dataset, const Shape& shape,
                 hdf5::Writer& output) {
  const bool is_volume = shape.rank() > 2;
  output.create(
      dataset, array.element(), shape,
      is_volume ? hdf5::Storage{.chunk = chunk_for(shape), .deflate = 4} : hdf5::Storage{});
}

// Copies `count` rows along an axis from one array to another, piece by piece.
void copy_rows(const hdf5::Array& array, std::size_t axis, std::int64_t from, std::int64_t count,
               const std::string& dataset, std::int64_t to, hdf5::Writer& output) {
  hdf5::Region box{std::vector<std::int64_t>(array.shape().rank(), 0), array.shape().extents()};
  const auto element = static_cast<std::int64_t>(element_bytes(array.element()));
  const std::int64_t row = array.shape().elements() / array.shape()[axis] * element;
  const std::int64_t step = std::max<std::int64_t>(1, kPieceBytes / row);
  std::vector<std::byte> bytes;
  for (std::int64_t at = 0; at < count; at += step) {
    box.start[axis] = from + at;
    box.count[axis] = std::min(step, count - at);
    naming_memory(array.place(),
                  [&] { bytes.resize(static_cast<std::size_t>(row * box.count[axis])); });
    array.read_stored(box, bytes);
    hdf5::Region target = box;
    target.start[axis] = to + at;
    output.write_stored(dataset, target, bytes);
  }
}

// Selects the names of the chosen samples of a stack.
void choose_names(const hdf5::File& file, const std::string& dataset,
                  const std::vector<std::int64_t>& rows, hdf5::Writer& output) {
  const auto text = file.attribute<std::string>(dataset, "names");
  const Json names = text ? Json::parse(*text, nullptr, false) : Json();
  Json chosen = Json::array();
  for (const std::int64_t row : rows)
    if (names.is_array() && row < std::ssize(names))
      chosen.push_back(names[static_cast<std::size_t>(row)]);
  if (std::ssize(chosen) == std::ssize(rows)) output.set_attribute(dataset, "names", chosen.dump());
}

void move_along(Affine& affine, char axis, std::int64_t voxels) {
  const std::size_t column = std::string_view("whd").find(axis);
  for (std::size_t side = 0; side < 3; ++side)
    affine[4 * side + 3] += static_cast<double>(voxels) * affine[4 * side + column];
}

std::string cut_axes(const hdf5::File& file, const std::string& dataset, std::size_t rank) {
  const std::string axes =
      file.attribute<std::string>(dataset, "axes").value_or(default_axes(rank));
  if (axes.size() == rank && axes_error(axes).empty()) return axes;
  if (rank == 4) return "cdhw";  // one volume, or labels with one channel each
  throw Error(ExitCode::kData, file.path().string() + ": /" + dataset +
                                   ": expected a volume to cut, found rank " +
                                   std::to_string(rank));
}

}  // namespace

hdf5::Listing check_copied(const std::filesystem::path& path, const std::string& object) {
  const hdf5::File file(path);
  hdf5::Listing listing = file.list(object, {});
  if (!listing.left_out.empty()) throw Error(ExitCode::kData, listing.left_out.front().reason);
  if (listing.file_count > hdf5::Listing::kMostFiles)
    throw Error(ExitCode::kData, path.string() + ": " + object + ": expected links to at most " +
                                     std::to_string(hdf5::Listing::kMostFiles) +
                                     " other files, found " + std::to_string(listing.file_count) +
                                     "; --link copies nothing");
  for (const std::string& dataset : listing.paths) {
    if (file.open(dataset).info().storage.starts_with("virtual"))
      throw Error(ExitCode::kData, path.string() + ": /" + dataset +
                                       ": expected numbers in this file to copy, found a virtual "
                                       "dataset; --link leaves it where it is");
  }
  return listing;
}

void copy_samples(const hdf5::File& file, const std::vector<std::int64_t>& rows,
                  hdf5::Writer& output) {
  for (const std::string& dataset : file.datasets()) {
    const hdf5::Array array = file.open(dataset);
    if (array.shape().rank() == 0) {
      std::vector<std::byte> value(element_bytes(array.element()));
      array.read_stored(value);
      output.create(dataset, array.element(), Shape{});
      output.write_stored(dataset, {}, value);
      continue;
    }
    create_like(array, dataset, array.shape().without_first().with_batch(std::ssize(rows)), output);
    output.copy_attributes(array, dataset);
    for (std::size_t i = 0; i < rows.size();) {
      std::size_t end = i + 1;  // end of a run of neighbours
      while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
      copy_rows(array, 0, rows[i], static_cast<std::int64_t>(end - i), dataset,
                static_cast<std::int64_t>(i), output);
      i = end;
    }
    choose_names(file, dataset, rows, output);
    output.set_attribute(dataset, "source_samples", std::span(rows));
  }
}

std::string copy_cut(const hdf5::File& file, const AxisCut& cut, hdf5::Writer& output) {
  std::string place, first;
  for (const std::string& dataset : file.datasets()) {
    const hdf5::Array array = file.open(dataset);
    const Shape shape = array.shape();
    const std::size_t axis = cut_axes(file, dataset, shape.rank()).find(cut.axis);
    const auto edge = [&](double share) {
      return std::llround(share * static_cast<double>(shape[axis]));
    };
    const std::int64_t begin = edge(cut.begin), end = edge(cut.end);
    const std::string found =
        std::string(1, cut.axis) + "=" + std::to_string(begin) + ":" + std::to_string(end);
    if (end <= begin)
      throw Error(ExitCode::kUsage, "--fractions: expected at least one slice a set, found " +
                                        found + " of /" + dataset);
    if (!place.empty() && found != place)
      throw Error(ExitCode::kData, file.path().string() + ": /" + dataset + ": expected " + place +
                                       " as of /" + first + ", found " + found);
    if (place.empty()) first = dataset;
    place = found;
    std::vector<std::int64_t> extents = shape.extents();
    extents[axis] = end - begin;
    create_like(array, dataset, Shape(extents), output);
    output.copy_attributes(array, dataset);
    copy_rows(array, axis, begin, end - begin, dataset, 0, output);
    if (auto geometry = read_geometry(file, dataset)) {
      move_along(geometry->affine, cut.axis, begin);
      if (geometry->qform) move_along(*geometry->qform, cut.axis, begin);
      write_geometry(output, dataset, *geometry);
    }
  }
  if (place.empty())
    throw Error(ExitCode::kData, file.path().string() + ": expected a volume to cut, found none");
  return place;
}

}  // namespace lucid

#include "formats/import/dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr std::int64_t kSlabBytes = std::int64_t{128} << 20;
constexpr std::int64_t kChunkSide = 64;

// Properties that all parts share, and the type they are stored in.
struct Layout {
  std::vector<std::int64_t> part;  // extents of a part
  std::string axes;
  ElementType element = ElementType::kUint8;
  std::int64_t whole_bytes() const {
    return Shape(part).elements() * static_cast<std::int64_t>(element_bytes(element));
  }
};

struct LabelRange {
  double low = 0, high = 0;
};

// Returns a type that holds the elements of both; a float type if they differ.
ElementType common_type(ElementType a, ElementType b) {
  if (a == b) return a;
  const bool is_wide = element_bytes(a) == 8 || element_bytes(b) == 8;
  return is_wide ? ElementType::kFloat64 : ElementType::kFloat32;
}

void include_labels(VolumeFile& file, LabelRange& range) {
  constexpr double kLargest = 0x1p53;
  const std::int64_t elements = file.shape().elements(), step = std::int64_t{1} << 20;
  const std::size_t size = element_bytes(file.element());
  std::vector<std::byte> piece;
  for (std::int64_t at = 0; at < elements; at += step) {
    piece.resize(static_cast<std::size_t>(std::min(step, elements - at)) * size);
    file.read(piece);
    with_element(file.element(), [&](auto element) {
      const auto* values = reinterpret_cast<const decltype(element)*>(piece.data());
      for (std::size_t i = 0; i < piece.size() / size; ++i) {
        const auto value = static_cast<double>(values[i]);
        if (!(std::abs(value) <= kLargest) || value != std::floor(value))
          throw Error(ExitCode::kData, file.place() +
                                           ": expected labels that are whole numbers, "
                                           "found " +
                                           number_text(value));
        range.low = std::min(range.low, value);
        range.high = std::max(range.high, value);
      }
    });
  }
}

ElementType smallest_type(const LabelRange& range) {
  for (const ElementType type : {ElementType::kUint8, ElementType::kInt8, ElementType::kUint16,
                                 ElementType::kInt16, ElementType::kInt32}) {
    const bool holds = with_element(type, [&](auto element) {
      using Limits = std::numeric_limits<decltype(element)>;
      return range.low >= static_cast<double>(Limits::lowest()) &&
             range.high <= static_cast<double>(Limits::max());
    });
    if (holds) return type;
  }
  return ElementType::kInt64;
}

Layout common_layout(const ImportedDataset& dataset) {
  Layout layout;
  LabelRange labels;
  bool has_bytes = false, has_others = false;
  std::string first;
  for (const auto& open : dataset.parts) {
    VolumeFile file = open();
    if (first.empty()) {
      first = file.place();
      layout = {file.header().extents, file.header().axes, file.element()};
    }
    if (file.header().extents != layout.part || file.header().axes != layout.axes)
      throw Error(ExitCode::kData, file.place() + ": expected " + Shape(layout.part).str() +
                                       " as in " + first + ", found " + file.shape().str());
    layout.element = common_type(layout.element, file.element());
    const bool are_bytes = file.element() == ElementType::kUint8;  // need no check
    (are_bytes ? has_bytes : has_others) = true;
    if (dataset.are_labels && !are_bytes) include_labels(file, labels);
  }
  if (has_bytes) labels.high = std::max(labels.high, 255.0);
  if (dataset.are_labels && has_others) layout.element = smallest_type(labels);
  return layout;
}

// Returns cubes of one sample and channel, limited so that a slab of whole chunks fits the memory.
std::vector<std::int64_t> chunk_of(const std::vector<std::int64_t>& extents,
                                   const std::string& axes, ElementType element) {
  std::vector<std::int64_t> chunk(extents.size(), 1);
  std::int64_t row = static_cast<std::int64_t>(element_bytes(element));
  for (std::size_t axis = extents.size(); axis-- > 0; row *= extents[axis]) {
    const bool is_space = std::string_view("dhw").find(axes[axis]) != std::string_view::npos;
    if (is_space || extents[axis] == 1)
      chunk[axis] =
          std::clamp<std::int64_t>(kSlabBytes / row, 1, std::min(extents[axis], kChunkSide));
  }
  return chunk;
}

// Calls write(begin, count) for boxes of the part that are consecutive in memory and, if possible,
// consist of whole chunks.
void for_slabs(const std::vector<std::int64_t>& extents, const std::vector<std::int64_t>& chunk,
               std::int64_t element, std::size_t axis, hdf5::Region& box,
               const std::function<void()>& write) {
  std::int64_t row = element;
  for (std::size_t inner = axis + 1; inner < extents.size(); ++inner) row *= extents[inner];
  std::int64_t step = std::min(extents[axis], std::max<std::int64_t>(1, kSlabBytes / row));
  if (step > chunk[axis] && step < extents[axis]) step -= step % chunk[axis];
  for (std::int64_t at = 0; at < extents[axis]; at += step) {
    box.start[axis] = at;
    box.count[axis] = std::min(step, extents[axis] - at);
    if (row <= kSlabBytes || axis + 1 == extents.size())
      write();
    else
      for_slabs(extents, chunk, element, axis + 1, box, write);
  }
  box.start[axis] = 0;
  box.count[axis] = extents[axis];
}

// Returns the position of part `index` along the leading axes.
std::vector<std::int64_t> lead_start(const std::vector<std::int64_t>& lead, std::size_t index) {
  std::vector<std::int64_t> start(lead.size(), 0);
  auto rest = static_cast<std::int64_t>(index);
  for (std::size_t axis = lead.size(); axis-- > 0; rest /= lead[axis])
    start[axis] = rest % lead[axis];
  return start;
}

void write_box(hdf5::Writer& writer, const ChunkedOutput& output, const hdf5::Region& box,
               int threads, std::span<const std::byte> values) {
  if (output.storage.chunk.empty()) return writer.write_stored(output.path, box, values);
  write_chunks(writer, output, box, threads, values, [](std::size_t, std::size_t) {});
}

void write_part(hdf5::Writer& writer, const ImportedDataset& dataset, const Layout& layout,
                const ChunkedOutput& output, std::size_t index, std::vector<std::string>& warnings,
                const ImportProgress& progress) {
  VolumeFile file = dataset.parts[index]();
  const std::size_t lead = dataset.lead.size(), size = element_bytes(layout.element);
  const std::vector<std::int64_t> start = lead_start(dataset.lead, index);
  hdf5::Region box{std::vector<std::int64_t>(layout.part.size(), 0), layout.part};
  std::vector<std::byte> read, converted;
  double done = 0;
  const auto write = [&] {
    hdf5::Region region{start, std::vector<std::int64_t>(lead, 1)};
    region.start.insert(region.start.end(), box.start.begin(), box.start.end());
    region.count.insert(region.count.end(), box.count.begin(), box.count.end());
    const std::size_t count = Shape(box.count).count();
    read.resize(count * element_bytes(file.element()));
    file.read(read);
    const bool is_same = file.element() == layout.element;
    if (!is_same) converted.resize(count * size);
    if (!is_same) convert_elements(file.element(), read, layout.element, converted);
    write_box(writer, output, region, dataset.threads, is_same ? read : converted);
    done += static_cast<double>(count * size) / static_cast<double>(layout.whole_bytes());
    progress((static_cast<double>(index) + std::min(done, 1.0)) /
             static_cast<double>(dataset.parts.size()));
  };
  std::vector<std::int64_t> chunk(layout.part.size(), 1);
  if (!output.storage.chunk.empty())
    chunk.assign(output.storage.chunk.begin() + static_cast<std::ptrdiff_t>(lead),
                 output.storage.chunk.end());
  for_slabs(layout.part, chunk, static_cast<std::int64_t>(size), 0, box, write);
  std::vector<std::string> found = file.header().warnings;
  if (const std::string rest = file.finish(); !rest.empty()) found.push_back(rest);
  for (const std::string& warning : found) warnings.push_back(file.place() + ": " + warning);
}

}  // namespace

void import_dataset(hdf5::Writer& file, const ImportedDataset& dataset,
                    std::vector<std::string>& warnings, const ImportProgress& progress) {
  const Layout layout = common_layout(dataset);
  std::vector<std::int64_t> extents = dataset.lead;
  extents.insert(extents.end(), layout.part.begin(), layout.part.end());
  const std::string axes = dataset.lead_axes + layout.axes;
  ChunkedOutput output{dataset.path, layout.element, Shape(extents), {}};
  if (extents.size() > 2)
    output.storage = {.chunk = chunk_of(extents, axes, layout.element), .deflate = dataset.deflate};
  file.create(output.path, output.type, output.shape, output.storage);
  for (std::size_t index = 0; index < dataset.parts.size(); ++index)
    write_part(file, dataset, layout, output, index, warnings, progress);
  if (axes.find('?') == std::string::npos) file.set_attribute(dataset.path, "axes", axes);
}

}  // namespace lucid

#include "data_commands/info_reports.h"

#include <nlohmann/json.hpp>

#include "base/table.h"
#include "base/text.h"
#include "objective/loss/loss.h"

namespace lucid {
namespace {

// With more different values a volume holds grey values, not classes.
constexpr std::size_t kMostListed = 32;
constexpr std::int64_t kMostClass = 255;

bool are_labels(const std::map<std::int64_t, std::int64_t>& labels) {
  return labels.size() > 1 && labels.size() <= kMostListed;
}

std::string numbers_text(std::span<const double> numbers, const char* separator) {
  std::vector<std::string> words;
  for (const double number : numbers) words.push_back(number_text(static_cast<float>(number)));
  return join(words, separator);
}

std::string shape_text(const VolumeHeader& header) {
  const std::string axes = header.axes.empty() ? "" : " (" + header.axes + ")";
  return Shape(header.extents).str() + axes;
}

std::string type_text(const NumberCoding& coding) {
  std::string text = element_name(coding.element());
  const std::string stored = coding.is_half ? "float16" : element_name(coding.stored);
  if (stored != text) text += ", stored as " + stored;
  if (coding.is_scaled())
    text += " times " + number_text(coding.slope) + " plus " + number_text(coding.intercept);
  return text + (coding.is_swapped ? ", bytes swapped" : "");
}

void add_geometry(const Geometry& geometry, Table& table) {
  table.add({"voxel size", numbers_text(geometry.voxel_size, " x ") + " mm (d, h, w)"});
  if (!geometry.is_oriented()) return;
  table.add({"orientation", orientation(geometry.affine)});
  for (std::size_t row = 0; row < 3; ++row)
    table.add({row == 0 ? "affine" : "",
               numbers_text(std::span(geometry.affine).subspan(4 * row, 4), "  ")});
}

Json geometry_json(const std::optional<Geometry>& geometry) {
  if (!geometry) return Json::object();
  Json json{{"voxel_size_mm", geometry->voxel_size}};
  if (!geometry->is_oriented()) return json;
  Json rows = Json::array();
  for (std::size_t row = 0; row < 16; row += 4)
    rows.push_back(
        std::vector<double>(geometry->affine.begin() + static_cast<std::ptrdiff_t>(row),
                            geometry->affine.begin() + static_cast<std::ptrdiff_t>(row + 4)));
  json["orientation"] = orientation(geometry->affine);
  json["affine"] = rows;
  return json;
}

// Integers are exact; what no element has is null.
Json range_json(const Statistics& found, ElementType type) {
  const auto number = [&](const std::string& exact, double value) {
    if (found.count == 0) return Json();
    if (!exact.empty()) return Json::parse(exact);
    return is_integer(type) ? Json(static_cast<std::int64_t>(value)) : Json(value);
  };
  Json json{{"min", number(found.exact_min, found.min)},
            {"max", number(found.exact_max, found.max)},
            {"not_finite", found.not_finite}};
  if (are_labels(found.labels))
    for (const auto& [label, count] : found.labels) json["labels"][std::to_string(label)] = count;
  return json;
}

}  // namespace

std::string label_text(const std::string& name,
                       const std::map<std::int64_t, std::int64_t>& labels) {
  if (!are_labels(labels)) return {};
  std::int64_t total = 0;
  std::vector<std::int64_t> counts;
  if (labels.rbegin()->first >= 0 && labels.rbegin()->first <= kMostClass)
    counts.resize(static_cast<std::size_t>(labels.rbegin()->first) + 1);
  for (const auto& [label, count] : labels) {
    total += count;
    if (label >= 0 && label < std::ssize(counts)) counts[static_cast<std::size_t>(label)] = count;
  }
  const std::vector<double> weights = balanced_class_weights(counts);
  Table table({"label", "count", "share", "class weight"});
  for (const auto& [label, count] : labels) {
    const bool is_class = label >= 0 && label < std::ssize(weights);
    table.add({std::to_string(label), with_thousands(count),
               fixed_text(100 * static_cast<double>(count) / static_cast<double>(total), 2) + "%",
               is_class ? fixed_text(weights[static_cast<std::size_t>(label)], 4) : "-"});
  }
  return "\n" + name + "\n" + table.text();
}

std::string volume_text(const VolumeReport& report) {
  Table table({"file", report.name});
  table.add({"format", report.format});
  table.add({"shape", shape_text(report.header)});
  table.add({"type", type_text(report.header.coding)});
  if (report.header.geometry) add_geometry(*report.header.geometry, table);
  table.add({"range", range_text(report.found, report.header.coding.element())});
  return table.text() + label_text(report.name, report.found.labels);
}

Json volume_json(const VolumeReport& report) {
  const NumberCoding& coding = report.header.coding;
  Json json{{"file", report.name},
            {"format", report.format},
            {"shape", report.header.extents},
            {"axes", report.header.axes.empty() ? Json() : Json(report.header.axes)},
            {"type", element_name(coding.element())},
            {"stored_type", coding.is_half ? "float16" : element_name(coding.stored)},
            {"slope", coding.slope},
            {"intercept", coding.intercept}};
  json.update(geometry_json(report.header.geometry));
  json.update(range_json(report.found, coding.element()));
  return json;
}

Json dataset_json(const hdf5::File& file, const std::string& dataset, const Description& found) {
  const auto axes = file.attribute<std::string>(dataset, "axes");
  Json json{{"dataset", "/" + dataset},
            {"format", "HDF5"},
            {"shape", found.info.extents},
            {"axes", axes ? Json(*axes) : Json()},
            {"type", found.info.type},
            {"storage", found.info.storage},
            {"ratio", found.ratio ? Json(*found.ratio) : Json()}};
  json.update(geometry_json(read_geometry(file, dataset)));
  if (found.found) json.update(range_json(*found.found, *found.info.element));
  return json;
}

}  // namespace lucid

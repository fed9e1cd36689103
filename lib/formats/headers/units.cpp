#include "formats/headers/units.h"

#include <array>
#include <string_view>

namespace lucid {
namespace {

struct LengthUnit {
  const char* names;  // each between bars; the first one is shown in messages
  double millimetres;
};
constexpr std::array<LengthUnit, 10> kUnits{{
    {"|mm|millimeter|millimeters|millimetre|millimetres|", 1},
    {"|m|meter|meters|metre|metres|", 1e3},
    {"|dm|decimeter|decimeters|decimetre|decimetres|", 1e2},
    {"|cm|centimeter|centimeters|centimetre|centimetres|", 1e1},
    {"|um|\u00b5m|\u03bcm|micron|microns|micrometer|micrometers|micrometre|micrometres|", 1e-3},
    {"|nm|nanometer|nanometers|nanometre|nanometres|", 1e-6},
    {"|pm|picometer|picometers|picometre|picometres|", 1e-9},
    {"|angstrom|angstroms|\u00e5|\u00c5|", 1e-7},
    {"|in|inch|inches|\"|", 25.4},
    {"|km|kilometer|kilometers|kilometre|kilometres|", 1e6},
}};

}  // namespace

std::optional<double> millimetres_of(const std::string& unit) {
  std::string name;
  for (const char c : unit)
    if (c != ' ' && c != '\t') name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (name.empty() || name == "???" || name == "none") return 1;
  if (name.find('|') != std::string::npos) return std::nullopt;
  for (const LengthUnit& each : kUnits)
    if (std::string_view(each.names).find("|" + name + "|") != std::string_view::npos)
      return each.millimetres;
  return std::nullopt;
}

std::vector<std::string> length_units() {
  std::vector<std::string> names;
  for (const LengthUnit& each : kUnits) {
    const std::string_view all(each.names);
    names.emplace_back(all.substr(1, all.find('|', 1) - 1));
  }
  return names;
}

}  // namespace lucid

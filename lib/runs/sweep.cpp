#include "runs/sweep.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "base/registry.h"
#include "base/rng.h"
#include "base/text.h"

namespace lucid {
namespace {

constexpr std::size_t kMostRuns = 100'000, kMostOfList = 10'000;

// A place in the file that holds a choice.
struct Axis {
  std::string key;           // "optimizer.lr"
  std::string kind;          // "$grid"
  std::vector<Json> values;  // of a list, or the two ends of a range
  bool is_drawn() const { return kind != "$grid" && kind != "$seeds"; }
};

const std::vector<std::string> kKinds{"$grid", "$choice", "$uniform", "$log", "$seeds"};

bool is_choice(const Json& value) {
  return value.is_object() && value.size() == 1 && value.begin().key().starts_with('$');
}

// Collects the choices of a file, in its order.
class Axes {
 public:
  explicit Axes(const std::string& file) : errors_(file) {}

  std::vector<Axis> of(const Json& json) {
    add(json, "", "");
    if (axes_.empty() && errors_.empty())
      errors_.add("",
                  "expected values to choose from, such as \"lr\": {\"$grid\": [0.01, 0.1]}, "
                  "found none; lucid-train takes a single run");
    errors_.throw_if_any();
    return std::move(axes_);
  }

 private:
  void add(const Json& value, const std::string& key, const std::string& pointer) {
    if (is_choice(value)) return add_choice(value, key, pointer);
    if (!value.is_structured()) return;
    for (const auto& [name, child] : value.items())
      add(child, key.empty() ? name : key + "." + name, child_pointer(pointer, name));
  }

  void add_choice(const Json& value, const std::string& key, const std::string& pointer) {
    Axis axis{key, value.begin().key(), {}};
    const Json& found = value.begin().value();
    const std::string place = child_pointer(pointer, axis.kind);
    if (std::ranges::find(kKinds, axis.kind) == kKinds.end()) {
      errors_.add(pointer, no_such("choice", axis.kind, kKinds));
      return;
    }
    const std::size_t before = errors_.count();
    if (axis.kind == "$seeds")
      read_seeds(found, key, place, axis);
    else if (axis.kind == "$uniform" || axis.kind == "$log")
      read_range(found, place, axis);
    else
      read_list(found, place, axis);
    if (errors_.count() == before) axes_.push_back(std::move(axis));
  }

  void read_seeds(const Json& found, const std::string& key, const std::string& place, Axis& axis) {
    if (key != "seed") {
      errors_.add(place, "expected $seeds in the place of /seed alone");
    } else if (!found.is_number_integer() || found.get<std::int64_t>() < 1 ||
               found.get<std::int64_t>() > static_cast<std::int64_t>(kMostOfList)) {
      errors_.add(place, "expected a count of seeds from 1 to " + std::to_string(kMostOfList) +
                             ", found " + found_text(found));
    } else {
      for (std::int64_t seed = 0; seed < found.get<std::int64_t>(); ++seed)
        axis.values.emplace_back(seed);
    }
  }

  void read_range(const Json& found, const std::string& place, Axis& axis) {
    const bool are_numbers =
        found.is_array() && found.size() == 2 && found[0].is_number() && found[1].is_number();
    const double lowest = axis.kind == "$log" ? 0 : -HUGE_VAL;
    if (!are_numbers || found[0] >= found[1] ||
        (axis.kind == "$log" && found[0].get<double>() <= lowest))
      errors_.add(place, std::string("expected two numbers, the lower one first") +
                             (axis.kind == "$log" ? " and above 0" : "") + ", found " +
                             found_text(found));
    else
      axis.values = {found[0], found[1]};
  }

  void read_list(const Json& found, const std::string& place, Axis& axis) {
    if (!found.is_array() || found.empty() || found.size() > kMostOfList)
      errors_.add(place, "expected a list of at least one value, found " + found_text(found));
    else
      axis.values.assign(found.begin(), found.end());
    for (std::size_t i = 0; i < axis.values.size(); ++i)
      if (std::find(axis.values.begin(), axis.values.begin() + static_cast<std::ptrdiff_t>(i),
                    axis.values[i]) != axis.values.begin() + static_cast<std::ptrdiff_t>(i))
        errors_.add(child_pointer(place, std::to_string(i)),
                    "expected another value than before, found " + found_text(axis.values[i]));
  }

  ConfigErrors errors_;
  std::vector<Axis> axes_;
};

// Four digits tell values apart, and can be read in a folder's name.
Json rounded(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return Json::parse(text.data());
}

Json drawn(const Axis& axis, std::uint64_t seed, std::int64_t sample) {
  Rng rng(seed, "sweep/" + axis.key + "/" + std::to_string(sample));
  if (axis.kind == "$choice") return axis.values[rng.below(axis.values.size())];
  const double low = axis.values[0].get<double>(), high = axis.values[1].get<double>();
  const double part = rng.uniform();
  if (axis.kind == "$uniform") return rounded(low + (high - low) * part);
  return rounded(std::exp(std::log(low) + (std::log(high) - std::log(low)) * part));
}

// The shortest ends of the keys that tell them apart: "lr", or "optimizer.lr" beside "other.lr".
std::vector<std::string> short_names(const std::vector<Axis>& axes) {
  std::vector<std::string> names;
  for (const Axis& axis : axes) {
    const auto is_shared = [&](const std::string& end) {
      return std::ranges::count_if(axes, [&](const Axis& other) {
               return other.key == end || other.key.ends_with("." + end);
             }) > 1;
    };
    std::size_t from = axis.key.rfind('.');
    std::string name = axis.key.substr(from == std::string::npos ? 0 : from + 1);
    while (from != std::string::npos && is_shared(name)) {
      from = from == 0 ? std::string::npos : axis.key.rfind('.', from - 1);
      name = axis.key.substr(from == std::string::npos ? 0 : from + 1);
    }
    names.push_back(name);
  }
  return names;
}

// What a file system and a shell take in a folder's name.
std::string plain_text(const Json& value) {
  constexpr std::size_t kLongest = 40;
  std::string text = value.is_string() ? value.get<std::string>() : json_text(value);
  for (char& c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.' && c != '-' && c != '+')
      c = '-';
  return text.substr(0, kLongest);
}

std::string name_of(const SweepRun& run, const std::vector<std::string>& names,
                    std::set<std::string>& taken) {
  constexpr std::size_t kLongest = 200;
  std::string name;
  for (std::size_t i = 0; i < names.size(); ++i)
    name += (i == 0 ? "" : "_") + names[i] + "=" + plain_text(run.values[i].second);
  name = name.substr(0, kLongest);
  std::string unique = name;
  for (int count = 2; !taken.insert(unique).second; ++count)
    unique = name + "-" + std::to_string(count);
  return unique;
}

}  // namespace

std::vector<std::string> SweepRun::assignments() const {
  std::vector<std::string> result;
  for (const auto& [key, value] : values) result.push_back(key + "=" + json_text(value));
  return result;
}

Sweep::Sweep(Json json, const std::string& file, std::int64_t samples) : json_(std::move(json)) {
  const std::vector<Axis> axes = Axes(file).of(json_);
  const bool draws = std::ranges::any_of(axes, &Axis::is_drawn);
  const std::uint64_t seed = json_.contains("seed") && json_["seed"].is_number_unsigned()
                                 ? json_["seed"].get<std::uint64_t>()
                                 : 0;
  std::size_t combinations = 1;
  const std::size_t draws_count = draws ? static_cast<std::size_t>(samples) : 1;
  for (const Axis& axis : axes)
    if (!axis.is_drawn() && (combinations *= axis.values.size()) > kMostRuns) break;
  if (combinations * draws_count > kMostRuns)
    throw Error(ExitCode::kUsage, file + ": expected at most " +
                                      with_thousands(static_cast<std::int64_t>(kMostRuns)) +
                                      " runs, found more combinations; take fewer values");
  const std::vector<std::string> names = short_names(axes);
  std::set<std::string> taken;
  for (std::size_t sample = 0; sample < draws_count; ++sample)
    for (std::size_t combination = 0; combination < combinations; ++combination) {
      SweepRun run;
      std::size_t rest = combination, step = combinations;
      for (const Axis& axis : axes) {
        if (axis.is_drawn()) {
          run.values.emplace_back(axis.key, drawn(axis, seed, static_cast<std::int64_t>(sample)));
          continue;
        }
        step /= axis.values.size();
        run.values.emplace_back(axis.key, axis.values[rest / step]);
        rest %= step;
      }
      run.name = name_of(run, names, taken);
      runs_.push_back(std::move(run));
    }
}

Json Sweep::experiment(const SweepRun& run) const {
  Json result = json_;
  for (const auto& [key, value] : run.values) {
    std::string pointer;
    for (const std::string& part : split(key, '.')) pointer = child_pointer(pointer, part);
    result[Json::json_pointer(pointer)] = value;
  }
  return result;
}

}  // namespace lucid

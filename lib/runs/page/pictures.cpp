#include "runs/page/pictures.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/file.h"

namespace lucid {
namespace {

namespace fs = std::filesystem;

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

class Budget {
 public:
  // Returns the picture as a data URI, null if it is missing, is no PNG or is too large.
  Json take(const fs::path& file) {
    std::error_code error;
    const std::uintmax_t size = fs::file_size(file, error);
    if (error || size > left_) return nullptr;
    const auto bytes = read_file_if_any(file, "a picture", ExitCode::kData);
    if (!bytes || !bytes->starts_with("\x89PNG")) return nullptr;
    left_ -= size;
    return "data:image/png;base64," + base64(*bytes);
  }

 private:
  std::uintmax_t left_ = kMostPictureBytes;
};

Json read_cases(const fs::path& folder, Budget& budget) {
  const auto text = read_file_if_any(folder / "cases.json", "the cases of a run", ExitCode::kData);
  Json cases = text ? Json::parse(*text, nullptr, false) : Json();
  if (!cases.is_object()) return nullptr;
  if (const auto pictures = cases.find("pictures"); pictures != cases.end())
    for (Json& picture : *pictures) {
      const std::string file = picture.at("file").get<std::string>();
      const bool is_inside = fs::path(file).is_relative() && file.find("..") == std::string::npos;
      if (is_inside) picture["data"] = budget.take(folder / file);
    }
  return cases;
}

// Returns 5 for previews/epoch_0005, -1 for any other folder.
std::int64_t epoch_of(const fs::path& folder) {
  const std::string name = folder.filename().string(), prefix = "epoch_";
  std::int64_t epoch = -1;
  if (name.starts_with(prefix))
    std::from_chars(name.data() + prefix.size(), name.data() + name.size(), epoch);
  return epoch;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    entries.push_back(entry->path());
  std::ranges::sort(entries);
  return entries;
}

Json read_previews(const fs::path& folder, Budget& budget) {
  std::vector<fs::path> epochs = sorted_entries(folder / "previews");
  std::erase_if(epochs, [](const fs::path& entry) { return epoch_of(entry) < 0; });
  std::ranges::sort(epochs, {}, epoch_of);
  if (epochs.size() > 1) std::rotate(epochs.begin(), epochs.begin() + 1, epochs.end() - 1);
  std::ranges::reverse(epochs);  // the last, the first, and then the others, newest first
  Json previews = Json::array();
  for (const fs::path& epoch : epochs)
    for (const fs::path& file : sorted_entries(epoch)) {
      if (file.extension() != ".png") continue;
      Json data = budget.take(file);
      if (!data.is_null())
        previews.push_back({{"epoch", epoch_of(epoch)},
                            {"case", file.stem().string()},
                            {"data", std::move(data)}});
    }
  return previews;
}

}  // namespace

Json run_pictures(const fs::path& folder) {
  Budget budget;
  Json found = {{"cases", nullptr}, {"previews", Json::array()}};
  try {
    found["cases"] = read_cases(folder, budget);
    found["previews"] = read_previews(folder, budget);
  } catch (const Error&) {
  } catch (const Json::exception&) {
  }
  return found;
}

}  // namespace lucid

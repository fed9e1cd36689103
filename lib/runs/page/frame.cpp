#include "runs/page/frame.h"

#include <utility>

#include "base/text.h"
#include "runs/page/assets.h"

namespace lucid {
namespace {

// Text of an element: a title may hold marks of HTML.
std::string escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '<')
      escaped += "&lt;";
    else if (c == '&')
      escaped += "&amp;";
    else
      escaped += c;
  }
  return escaped;
}

// JSON has '<' in texts only, where it may be written as a code: no "</script>" ends the element.
std::string script_json(const Json& data) {
  const std::string json = json_text(data);
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      safe += "\\u003c";
    else
      safe += c;
  }
  return safe;
}

}  // namespace

std::string html_page(std::string_view title, std::string_view script, const Json& data) {
  const std::string safe_title = escaped(printable(title)), json = script_json(data);
  const std::pair<std::string_view, std::string_view> parts[] = {{"@TITLE@", safe_title},
                                                                 {"@STYLE@", page_assets::kStyle},
                                                                 {"@DATA@", json},
                                                                 {"@SCRIPT@", script}};
  std::string page;
  page.reserve(page_assets::kFrame.size() + page_assets::kStyle.size() + json.size() +
               script.size() + safe_title.size());
  std::string_view rest = page_assets::kFrame;
  for (const auto& [mark, text] : parts) {  // in the order of the frame
    const std::size_t at = rest.find(mark);
    page.append(rest.substr(0, at)).append(text);
    rest.remove_prefix(at + mark.size());
  }
  return page.append(rest);
}

}  // namespace lucid

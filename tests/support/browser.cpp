#include "support/browser.h"

#include <cstdlib>
#include <stdexcept>

#include "base/text.h"
#include "support/run_program.h"

namespace lucid::test {
namespace {

namespace fs = std::filesystem;

fs::path browser() {
  const char* path = std::getenv("PATH");
  for (const std::string& folder : split(path == nullptr ? "" : path, ':'))
    if (const fs::path file = fs::path(folder) / "chromium"; fs::exists(file)) return file;
  throw std::runtime_error(
      "this test opens a page in Chromium, which is missing: install Debian's package 'chromium', "
      "or set LUCID_NO_BROWSER=1 to leave such tests out");
}

const std::string kProbe = R"(<script>
const probe = (name, value) => (parent === window
  ? document.documentElement.setAttribute(`data-${name}`, value)
  : parent.postMessage([name, value], '*'));
let violations = 0;
document.addEventListener('securitypolicyviolation', () => ++violations);
window.addEventListener('load', () => setTimeout(() => {
  const isRequest = ({name}) => !name.startsWith('data:');
  probe('requests', performance.getEntriesByType('resource').filter(isRequest).length);
  probe('violations', violations);
  probe('overflow', document.documentElement.scrollWidth - innerWidth);
  probe('width', innerWidth);
)";

// Writes the page with the probe and the script.
void write_probed(const TempDir& folder, const fs::path& page, const std::string& script) {
  std::string html = read_text(page);
  html.insert(html.rfind("</body>"), kProbe + script + "}, 300));</script>");
  folder.write("page.html", html);
}

Browsed open(const TempDir& folder, const std::string& page) {
  const ProgramResult result =
      run_program(browser().string(),
                  {"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                   "--no-first-run", "--disable-background-networking",
                   "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND",
                   "--enable-logging=stderr", "--virtual-time-budget=3000",
                   "--window-size=1200,900", "--user-data-dir=" + (folder / "profile").string(),
                   "--dump-dom", "file://" + (folder / page).string()},
                  {.env = {{"HOME", folder.path().string()}}});
  Browsed browsed{.dom = result.out, .console = ""};
  for (const std::string& line : split(result.err, '\n'))
    if (line.find(":CONSOLE") != std::string::npos) browsed.console += line + "\n";
  return browsed;
}

}  // namespace

std::string Browsed::probed(const std::string& name) const {
  const std::string mark = " data-" + name + "=\"";
  const std::size_t begin = dom.find(mark);
  if (begin == std::string::npos) return "(not probed)";
  return dom.substr(begin + mark.size(), dom.find('"', begin + mark.size()) - begin - mark.size());
}

Browsed browse(const fs::path& page, const std::string& script) {
  const TempDir folder;
  write_probed(folder, page, script);
  return open(folder, "page.html");
}

Browsed browse_narrow(const fs::path& page, const std::string& script, int width) {
  const TempDir folder;
  write_probed(folder, page, script);
  folder.write("frame.html", R"(<!DOCTYPE html><html><body><script>
onmessage = ({data}) => document.documentElement.setAttribute(`data-${data[0]}`, data[1]);
</script><iframe src="page.html" style="border: 0; height: 800px; width: )" +
                                 std::to_string(width) + R"(px"></iframe></body></html>)");
  return open(folder, "frame.html");
}

bool has_browser() {
  const char* none = std::getenv("LUCID_NO_BROWSER");
  return none == nullptr || std::string(none).empty();
}

}  // namespace lucid::test

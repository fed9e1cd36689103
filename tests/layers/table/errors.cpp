#include "layers/table/errors.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "layers/table/compiled_case.h"

namespace lucid::test {

std::string errors_in(const std::string& layers) {
  try {
    graph_of(model_of(case_of({1, 4, 8, 8, 8}, "[" + layers + "]")));
  } catch (const Error& error) {
    CHECK(error.code() == ExitCode::kUsage);
    return error.what();
  }
  return "";
}

void check(const std::string& layer, const std::vector<ErrorRow>& rows) {
  for (const ErrorRow& row : rows) {
    const std::string text = R"({"type": ")" + layer + R"(", )" + row.arguments + "}";
    INFO(text);
    CHECK(errors_in(text) == "model.json: /layers/0" + row.message);
  }
}

}  // namespace lucid::test

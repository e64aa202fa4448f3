// nlohmann/json: a string keeps its NULs.
#include "../c/lines.h"
#include <nlohmann/json.hpp>
#include <string>

static void read_body(const char *body, size_t length) {
  auto object = nlohmann::json::parse(body, body + length, nullptr, false);
  int understood = object.is_object();
  begin("nlohmann", understood);
  for (int i = 0; understood && i < field_count; i++) {
    auto value = object.find(fields[i]);
    if (value == object.end() || value->is_null()) continue;
    if (value->is_string()) {
      const auto &text = value->get_ref<const std::string &>();
      printf("%s", comma);
      quote(fields[i], strlen(fields[i]));
      putchar(':');
      quote(text.data(), text.size());
      comma = ",";
    } else if (value->is_number_float()) found_double(fields[i], value->get<double>());
    else if (value->is_structured()) found_text(fields[i], "<other>");
    else found_text(fields[i], value->dump().c_str());
  }
  end(understood);
}

int main() { return serve("{\"nlohmann\":\"body\"}", read_body); }

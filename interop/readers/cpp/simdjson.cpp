// simdjson's DOM.
#include "../c/lines.h"
#include <simdjson.h>

static void read_body(const char *body, size_t length) {
  static simdjson::dom::parser parser;
  simdjson::dom::object object;
  int understood = parser.parse(body, length).get(object) == simdjson::SUCCESS;
  begin("simdjson", understood);
  for (int i = 0; understood && i < field_count; i++) {
    simdjson::dom::element value;
    if (object.at_key(fields[i]).get(value) != simdjson::SUCCESS || value.is_null()) continue;
    if (value.is_string()) {
      std::string_view text = value.get_string().value();
      printf("%s", comma);
      quote(fields[i], strlen(fields[i]));
      putchar(':');
      quote(text.data(), text.size());
      comma = ",";
    } else if (value.is_int64()) found_integer(fields[i], value.get_int64().value());
    else if (value.is_number()) found_double(fields[i], value.get_double().value());
    else found_text(fields[i], value.is_bool() ? value.get_bool().value() ? "true" : "false" : "<other>");
  }
  end(understood);
}

int main() { return serve("{\"simdjson\":\"body\"}", read_body); }

// JsonCpp.
#include "../c/lines.h"
#include <json/json.h>
#include <memory>

static void read_body(const char *body, size_t length) {
  static Json::CharReaderBuilder builder;
  std::unique_ptr<Json::CharReader> parser(builder.newCharReader());
  Json::Value object;
  std::string fault;
  int understood = 0;
  try { understood = parser->parse(body, body + length, &object, &fault) && object.isObject(); } catch (const std::exception &) { }
  begin("jsoncpp", understood);
  for (int i = 0; understood && i < field_count; i++) {
    if (!object.isMember(fields[i])) continue;
    const Json::Value &value = object[fields[i]];
    if (value.isNull()) continue;
    if (value.isString()) found_text(fields[i], value.asCString());
    else if (value.isInt64()) found_integer(fields[i], value.asInt64());
    else if (value.isDouble()) found_double(fields[i], value.asDouble());
    else found_text(fields[i], value.isBool() ? value.asBool() ? "true" : "false" : "<other>");
  }
  end(understood);
}

int main() { return serve("{\"jsoncpp\":\"body\"}", read_body); }

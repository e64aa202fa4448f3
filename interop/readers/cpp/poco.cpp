// POCO.
#include "../c/lines.h"
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

static void read_body(const char *body, size_t length) {
  Poco::JSON::Object::Ptr object;
  try {
    Poco::JSON::Parser parser;
    object = parser.parse(std::string(body, length)).extract<Poco::JSON::Object::Ptr>();
  } catch (const std::exception &) { }
  int understood = !object.isNull();
  begin("poco", understood);
  for (int i = 0; understood && i < field_count; i++) {
    Poco::Dynamic::Var value = object->get(fields[i]);
    if (value.isEmpty()) continue;
    try {
      if (value.isString()) found_text(fields[i], value.extract<std::string>().c_str());
      else if (value.isInteger()) found_integer(fields[i], value.convert<Poco::Int64>());
      else if (value.isNumeric()) found_double(fields[i], value.convert<double>());
      else found_text(fields[i], value.isBoolean() ? value.convert<bool>() ? "true" : "false" : "<other>");
    } catch (const std::exception &) { } // out of range: it has no number for it
  }
  end(understood);
}

int main() { return serve("{\"poco\":\"body\"}", read_body); }

// RapidJSON: as it is, in place, and with every leniency.
#include "../c/lines.h"
#include <rapidjson/document.h>
#include <vector>

static void with(const char *reader, rapidjson::Document &object) {
  int understood = !object.HasParseError() && object.IsObject();
  begin(reader, understood);
  for (int i = 0; understood && i < field_count; i++) {
    auto found = object.FindMember(fields[i]);
    if (found == object.MemberEnd() || found->value.IsNull()) continue;
    auto &value = found->value;
    if (value.IsString()) found_text(fields[i], value.GetString());
    else if (value.IsInt64()) found_integer(fields[i], value.GetInt64());
    else if (value.IsNumber()) found_double(fields[i], value.GetDouble());
    else found_text(fields[i], value.IsTrue() ? "true" : value.IsFalse() ? "false" : "<other>");
  }
  end(understood);
}

static void read_body(const char *body, size_t length) {
  rapidjson::Document object;
  object.Parse(body, length);
  with("rapidjson", object);
  std::vector<char> text(body, body + length + 1);
  rapidjson::Document inside;
  inside.ParseInsitu<rapidjson::kParseFullPrecisionFlag>(text.data());
  with("rapidjson, in place", inside);
  rapidjson::Document lenient;
  lenient.Parse<rapidjson::kParseCommentsFlag | rapidjson::kParseTrailingCommasFlag | rapidjson::kParseNanAndInfFlag | rapidjson::kParseStopWhenDoneFlag>(body, length);
  with("rapidjson, lenient", lenient);
}

int main() { return serve("{\"rapidjson\":\"body\",\"rapidjson, in place\":\"body\",\"rapidjson, lenient\":\"body\"}", read_body); }

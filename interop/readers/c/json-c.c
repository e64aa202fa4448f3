// json-c: as a C string, and with the length that it knows.
#include "lines.h"
#include <json-c/json.h>

static void read_body(const char *body, size_t length) {
  static struct json_tokener *tokener;
  if (!tokener) tokener = json_tokener_new();
  json_tokener_reset(tokener);
  struct json_object *object = json_tokener_parse_ex(tokener, body, (int)length + 1);
  int understood = json_object_is_type(object, json_type_object);
  begin("json-c", understood);
  for (int i = 0; understood && i < field_count; i++) {
    struct json_object *value;
    if (!json_object_object_get_ex(object, fields[i], &value)) continue;
    switch (json_object_get_type(value)) {
    case json_type_null: break;
    case json_type_int: found_integer(fields[i], json_object_get_int64(value)); break;
    case json_type_double: found_double(fields[i], json_object_get_double(value)); break;
    case json_type_array: case json_type_object: found_text(fields[i], "<other>"); break;
    default: found_text(fields[i], json_object_get_string(value));
    }
  }
  end(understood);
  json_object_put(object);
}

int main(void) { return serve("{\"json-c\":\"body\"}", read_body); }

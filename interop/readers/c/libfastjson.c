// libfastjson, of rsyslog; it has nothing to do with Java's fastjson.
#include "lines.h"
#include <json.h>

static void read_body(const char *body, size_t length) {
  struct fjson_tokener *tokener = fjson_tokener_new();
  struct fjson_object *object = fjson_tokener_parse_ex(tokener, body, (int)length);
  int understood = object && fjson_object_is_type(object, fjson_type_object);
  begin("libfastjson", understood);
  for (int i = 0; understood && i < field_count; i++) {
    struct fjson_object *value;
    if (!fjson_object_object_get_ex(object, fields[i], &value) || !value) continue;
    switch (fjson_object_get_type(value)) {
    case fjson_type_null: break;
    case fjson_type_int: found_integer(fields[i], fjson_object_get_int64(value)); break;
    case fjson_type_double: found_double(fields[i], fjson_object_get_double(value)); break;
    case fjson_type_array: case fjson_type_object: found_text(fields[i], "<other>"); break;
    default: found_text(fields[i], fjson_object_get_string(value));
    }
  }
  end(understood);
  if (object) fjson_object_put(object);
  fjson_tokener_free(tokener);
}

int main(void) { return serve("{\"libfastjson\":\"body\"}", read_body); }

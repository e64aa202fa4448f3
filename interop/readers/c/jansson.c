// jansson: it refuses NUL, unless it is told to allow it.
#include "lines.h"
#include <jansson.h>

static void with(const char *reader, const char *body, size_t length, size_t flags) {
  json_t *object = json_loadb(body, length, flags, NULL);
  int understood = json_is_object(object);
  begin(reader, understood);
  for (int i = 0; understood && i < field_count; i++) {
    json_t *value = json_object_get(object, fields[i]);
    if (json_is_string(value)) found_text(fields[i], json_string_value(value));
    else if (json_is_integer(value)) found_integer(fields[i], json_integer_value(value));
    else if (json_is_real(value)) found_double(fields[i], json_real_value(value));
    else if (json_is_boolean(value)) found_text(fields[i], json_is_true(value) ? "true" : "false");
    else if (value && !json_is_null(value)) found_text(fields[i], "<other>");
  }
  end(understood);
  json_decref(object);
}

static void read_body(const char *body, size_t length) {
  with("jansson", body, length, 0);
  with("jansson, NUL allowed", body, length, JSON_ALLOW_NUL);
  with("jansson, integers as reals", body, length, JSON_DECODE_INT_AS_REAL);
}

int main(void) { return serve("{\"jansson\":\"body\",\"jansson, NUL allowed\":\"body\",\"jansson, integers as reals\":\"body\"}", read_body); }

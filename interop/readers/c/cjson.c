// cJSON: its usual lookup ignores case, the other one does not.
#include "lines.h"
#include <cjson/cJSON.h>

static void with(const char *reader, cJSON *object, cJSON *(*get)(const cJSON *, const char *)) {
  int understood = cJSON_IsObject(object);
  begin(reader, understood);
  for (int i = 0; understood && i < field_count; i++) {
    cJSON *value = get(object, fields[i]);
    if (cJSON_IsString(value)) found_text(fields[i], value->valuestring);
    else if (cJSON_IsNumber(value)) found_double(fields[i], value->valuedouble);
    else if (cJSON_IsBool(value)) found_text(fields[i], cJSON_IsTrue(value) ? "true" : "false");
    else if (value && !cJSON_IsNull(value)) found_text(fields[i], "<other>");
  }
  end(understood);
}

static void read_body(const char *body, size_t length) {
  cJSON *object = cJSON_ParseWithLength(body, length);
  with("cJSON", object, cJSON_GetObjectItem);
  with("cJSON, case-sensitive", object, cJSON_GetObjectItemCaseSensitive);
  cJSON_Delete(object);
  object = cJSON_Parse(body);
  with("cJSON of a C string", object, cJSON_GetObjectItemCaseSensitive);
  cJSON_Delete(object);
}

int main(void) { return serve("{\"cJSON\":\"body\",\"cJSON, case-sensitive\":\"body\",\"cJSON of a C string\":\"body\"}", read_body); }

// yajl's tree.
#include "lines.h"
#include <yajl/yajl_tree.h>

static void read_body(const char *body, size_t length) {
  char fault[256];
  (void)length;
  yajl_val object = yajl_tree_parse(body, fault, sizeof fault);
  int understood = YAJL_IS_OBJECT(object);
  begin("yajl", understood);
  for (int i = 0; understood && i < field_count; i++) {
    const char *path[] = {fields[i], NULL};
    yajl_val value = yajl_tree_get(object, path, yajl_t_any);
    if (!value || YAJL_IS_NULL(value)) continue;
    if (YAJL_IS_STRING(value)) found_text(fields[i], YAJL_GET_STRING(value));
    else if (YAJL_IS_INTEGER(value)) found_integer(fields[i], YAJL_GET_INTEGER(value));
    else if (YAJL_IS_DOUBLE(value)) found_double(fields[i], YAJL_GET_DOUBLE(value));
    else found_text(fields[i], YAJL_IS_TRUE(value) ? "true" : YAJL_IS_FALSE(value) ? "false" : "<other>");
  }
  end(understood);
  yajl_tree_free(object);
}

int main(void) { return serve("{\"yajl\":\"body\"}", read_body); }

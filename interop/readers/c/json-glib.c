// json-glib.
#include "lines.h"
#include <json-glib/json-glib.h>

static void read_body(const char *body, size_t length) {
  JsonParser *parser = json_parser_new();
  gboolean parsed = json_parser_load_from_data(parser, body, (gssize)length, NULL);
  JsonNode *root = parsed ? json_parser_get_root(parser) : NULL;
  int understood = root && JSON_NODE_HOLDS_OBJECT(root);
  begin("json-glib", understood);
  for (int i = 0; understood && i < field_count; i++) {
    JsonNode *value = json_object_get_member(json_node_get_object(root), fields[i]);
    if (!value || JSON_NODE_HOLDS_NULL(value)) continue;
    if (!JSON_NODE_HOLDS_VALUE(value)) found_text(fields[i], "<other>");
    else if (json_node_get_value_type(value) == G_TYPE_STRING) found_text(fields[i], json_node_get_string(value));
    else if (json_node_get_value_type(value) == G_TYPE_INT64) found_integer(fields[i], json_node_get_int(value));
    else if (json_node_get_value_type(value) == G_TYPE_DOUBLE) found_double(fields[i], json_node_get_double(value));
    else found_text(fields[i], json_node_get_boolean(value) ? "true" : "false");
  }
  end(understood);
  g_object_unref(parser);
}

int main(void) { return serve("{\"json-glib\":\"body\"}", read_body); }

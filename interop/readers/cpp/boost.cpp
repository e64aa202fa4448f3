// Boost: Boost.JSON, and the property tree, whose paths have dots.
#include "../c/lines.h"
#include <boost/json/src.hpp>
#include <boost/property_tree/json_parser.hpp>
#include <sstream>

static void read_body(const char *body, size_t length) {
  boost::system::error_code fault;
  boost::json::value parsed = boost::json::parse(boost::json::string_view(body, length), fault);
  int understood = !fault && parsed.is_object();
  begin("Boost.JSON", understood);
  for (int i = 0; understood && i < field_count; i++) {
    const boost::json::value *value = parsed.as_object().if_contains(fields[i]);
    if (!value || value->is_null()) continue;
    if (value->is_string()) found_text(fields[i], value->as_string().c_str());
    else if (value->is_int64()) found_integer(fields[i], value->as_int64());
    else if (value->is_number()) found_double(fields[i], value->to_number<double>());
    else found_text(fields[i], value->is_bool() ? value->as_bool() ? "true" : "false" : "<other>");
  }
  end(understood);
  boost::property_tree::ptree tree;
  understood = 1;
  try {
    std::istringstream text(std::string(body, length));
    boost::property_tree::read_json(text, tree);
  } catch (const std::exception &) { understood = 0; }
  begin("Boost property tree", understood);
  for (int i = 0; understood && i < field_count; i++) {
    auto value = tree.get_child_optional(fields[i]);
    if (value && value->data() != "null") found_text(fields[i], value->empty() ? value->data().c_str() : "<other>");
  }
  end(understood);
}

int main() { return serve("{\"Boost.JSON\":\"body\",\"Boost property tree\":\"body\"}", read_body); }

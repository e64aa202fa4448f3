# jq's own parser. The first line has the fields; an empty line asks for nothing.
def told($fields; $body):
  if ($body | type) != "object" then null
  else reduce $fields[] as $f ({}; if $body[$f] == null then . else .[$f] = ($body[$f] | if type == "string" then . elif type == "object" or type == "array" then "<" + type + ">" else tojson end) end)
  end;
fromjson as $fields | {"jq": "body"}, (inputs | select(. != "") | fromjson | if .ask | contains("b") then {"jq": (.b as $b | try told($fields; $b | @base64d | fromjson) catch null)} else {} end)

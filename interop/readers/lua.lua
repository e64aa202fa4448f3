-- Lua's parsers of JSON.
local readers, missing = {}, {}
local function load(name, parse)
  local found, library = pcall(require, name)
  if found then readers[name] = parse(library) else missing[name] = tostring(library):match('^[^\n]*') end
end
load('cjson', function(l) return l.decode end)
load('dkjson', function(l)
  return function(text) local value, _, fault = l.decode(text, 1, nil) if fault then error(fault) end return value end
end)
local cjson = require('cjson') -- for the lines

local function text(value)
  local kind = math.type and math.type(value)
  if type(value) == 'string' then return value end
  if kind == 'integer' then return string.format('%d', value) end
  if type(value) == 'number' then
    if value == math.floor(value) and math.abs(value) < 1e300 then return string.format('%.0f', value) end
    return string.format('%.17g', value)
  end
  if type(value) == 'boolean' then return tostring(value) end
  if value == nil or value == cjson.null then return nil end
  return '<' .. type(value) .. '>'
end

local digits = {}
for i, c in ipairs({ ('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'):byte(1, 64) }) do digits[c] = i - 1 end
local function decode(code)
  local out, n = {}, 0
  code = code:gsub('=', '')
  for i = 1, #code, 4 do
    local a, b, c, d = code:byte(i, i + 3)
    local bits = digits[a] << 18 | digits[b] << 12 | (c and digits[c] or 0) << 6 | (d and digits[d] or 0)
    n = n + 1
    out[n] = string.char(bits >> 16 & 255, bits >> 8 & 255, bits & 255):sub(1, d and 3 or c and 2 or 1)
  end
  return table.concat(out)
end

local fields = cjson.decode(io.read('L'))
local hello = {}
for name in pairs(readers) do hello[name] = 'body' end
for name, why in pairs(missing) do hello[name] = 'missing ' .. why end
io.write(cjson.encode(hello), '\n')
io.flush()
for line in io.lines() do
  if line == '' then
    io.flush()
  else
    local ask, body = line:match('"ask":"(%a+)"'), line:match('"b":"([^"]*)"')
    local told = {}
    if ask:find('b') then
      body = decode(body)
      for name, parse in pairs(readers) do
        local fine, object = pcall(parse, body)
        if fine and type(object) == 'table' then
          local found = setmetatable({}, { __jsontype = 'object' })
          local n = 0
          for _, field in ipairs(fields) do
            local value = text(object[field])
            if value ~= nil then found[field] = value n = n + 1 end
          end
          told[name] = found
        else
          told[name] = cjson.null
        end
      end
    end
    io.write(next(told) and cjson.encode(told) or '{}', '\n')
  end
end

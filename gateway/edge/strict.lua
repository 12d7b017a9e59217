-- Refuses a JSON body with a field that its message does not have. Anything else that is wrong with it is left to the
-- transcoder. BODIES[verb] lists {pattern of the path, message}; FIELDS[message][field] is the field's message or true.

local MALFORMED = "malformed"
local past_value

local function past_space(text, at)
  return text:find("[^ \t\r\n]", at) or #text + 1
end

local function past(text, at, wanted)
  if text:sub(at, at) ~= wanted then
    error(MALFORMED, 0)
  end
  return past_space(text, at + 1)
end

local function past_string(text, at)
  local from = at + 1
  while true do
    local found = text:find('["\\]', from)
    if not found then
      error(MALFORMED, 0)
    end
    if text:sub(found, found) == '"' then
      return found + 1
    end
    from = found + 2
  end
end

-- Keys are compared as they are written: a known one in escapes (te\u0078t) is refused too.
local function past_member(text, at, fields, path)
  if text:sub(at, at) ~= '"' then
    error(MALFORMED, 0)
  end
  local after = past_string(text, at)
  local key = text:sub(at + 1, after - 2)
  local kind = true
  if fields then
    kind = fields[key]
    path = path .. key
    if not kind then
      error({field = path}, 0)
    end
  end
  after = past(text, past_space(text, after), ":")
  return past_value(text, after, FIELDS[kind], path .. ".")
end

local function past_all(text, at, last, past_one, fields, path)
  at = past_space(text, at + 1)
  if text:sub(at, at) == last then
    return at + 1
  end
  while true do
    at = past_space(text, past_one(text, at, fields, path))
    if text:sub(at, at) == last then
      return at + 1
    end
    at = past(text, at, ",")
  end
end

function past_value(text, at, fields, path)
  local first = text:sub(at, at)
  if first == "{" then
    return past_all(text, at, "}", past_member, fields, path)
  elseif first == "[" then
    return past_all(text, at, "]", past_value, fields, path)
  elseif first == '"' then
    return past_string(text, at)
  end
  local after = text:find("[%[%]{}:,\"%s]", at) or #text + 1
  if after == at then
    error(MALFORMED, 0)
  end
  return after
end

local function message_of(headers)
  local path = headers:get(":path"):match("^[^?]*")
  for _, body in ipairs(BODIES[headers:get(":method")] or {}) do
    if path:find(body[1]) then
      return body[2]
    end
  end
end

-- How the answer reads is decided with all the other errors of the edge, which find the field's name here.
local function refuse(handle, field)
  handle:streamInfo():dynamicMetadata():set("edge", "unknown_field", field:sub(1, 100))
  handle:respond({[":status"] = "400"}, "unknown field")
end

function envoy_on_request(handle)
  local message = message_of(handle:headers())
  local body = message and handle:body()
  if not body or body:length() == 0 then
    return
  end
  local text = body:getBytes(0, body:length())
  local _, problem = pcall(past_value, text, past_space(text, 1), FIELDS[message], "")
  if type(problem) == "table" then
    refuse(handle, problem.field)
  end
end

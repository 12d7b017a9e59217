"""What the cache does in one step, in Lua.

A home or channel is a list of post ids of 16 bytes, strictly newest first. Its tail tells how far it reaches: FLOOR
means to the beginning, a nonce that it is being built, and an id that older posts were trimmed. Ids are compared as
numbers, since Lua compares texts by the server's locale. Values of posts and marks begin with their version, 8 bytes,
and never give way to an older one.
"""

FLOOR = bytes(16)

_NEWER = """
local function newer(a, b)
  local a1, a2, a3 = struct.unpack('>I6I4I6', a)
  local b1, b2, b3 = struct.unpack('>I6I4I6', b)
  if a1 ~= b1 then return a1 > b1 end
  if a2 ~= b2 then return a2 > b2 end
  return a3 > b3
end
"""

# KEYS: lists. ARGV: how many ids a list keeps, and the posts' ids, joined, older ones first: for all lists, or for each
# of them. A list that is not there is left so: it costs nothing.
PUSH = (
    _NEWER
    + """
local most = tonumber(ARGV[1])
local function push(home, head, id)
  if head == id then return head end
  local length = 0
  if newer(id, head) then
    length, head = redis.call('LPUSH', home, id), id
  elseif not redis.call('LPOS', home, id) then
    for _, other in ipairs(redis.call('LRANGE', home, 0, -1)) do
      if newer(id, other) then
        length = redis.call('LINSERT', home, 'BEFORE', other, id)
        break
      end
    end
  end
  if length > most + 40 then redis.call('LTRIM', home, 0, most - 1) end
  return head
end
for place, home in ipairs(KEYS) do
  local head = redis.call('LINDEX', home, 0)
  if head then
    local ids = ARGV[#ARGV > 2 and place + 1 or 2]
    for start = 1, #ids, 16 do head = push(home, head, string.sub(ids, start, start + 15)) end
  end
end
"""
)

# KEYS: a list, and the marks of its owner if it is a home. ARGV: a nonce, milliseconds after which an unfinished
# building goes away.
BEGIN = """
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('RPUSH', KEYS[1], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
if KEYS[2] and redis.call('EXISTS', KEYS[2]) == 0 then
  redis.call('HSET', KEYS[2], '', ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
"""

# KEYS: a list. ARGV: the nonce, seconds to keep it, ids newest first (the last may be FLOOR).
# Posts that were pushed since BEGIN are merged in; a list that was emptied since stays empty.
COMPLETE = (
    _NEWER
    + """
if redis.call('LINDEX', KEYS[1], -1) ~= ARGV[1] then return 0 end
redis.call('RPOP', KEYS[1])
local pushed, merged, next_pushed = redis.call('LRANGE', KEYS[1], 0, -1), {}, 1
for index = 3, #ARGV do
  while pushed[next_pushed] and newer(pushed[next_pushed], ARGV[index]) do
    table.insert(merged, pushed[next_pushed])
    next_pushed = next_pushed + 1
  end
  if pushed[next_pushed] == ARGV[index] then next_pushed = next_pushed + 1 end
  table.insert(merged, ARGV[index])
end
redis.call('DEL', KEYS[1])
if #merged > 0 then redis.call('RPUSH', KEYS[1], unpack(merged)) end
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
)

# KEYS: posts. ARGV: seconds to keep them, a value for each.
PUT_POSTS = """
for index, key in ipairs(KEYS) do
  local known = redis.call('GETRANGE', key, 0, 7)
  if known == '' or struct.unpack('>I8', known) <= struct.unpack('>I8', ARGV[index + 1]) then
    redis.call('SET', key, ARGV[index + 1], 'EX', ARGV[1])
  end
end
"""

# KEYS: a person's marks. ARGV: a nonce to end building and the id down to which they are all there, or two empty texts;
# seconds to keep them; the channels that are merged into the home, when building ends; then pairs of a post's id and a
# value. Marks that are not there are left so.
PUT_MARKS = """
local state = redis.call('HGET', KEYS[1], '')
if not state then return end
for index = 5, #ARGV, 2 do
  local known = redis.call('HGET', KEYS[1], ARGV[index])
  if not known or struct.unpack('>I8', known) <= struct.unpack('>I8', ARGV[index + 1]) then
    redis.call('HSET', KEYS[1], ARGV[index], ARGV[index + 1])
  end
end
if ARGV[1] ~= '' and state == ARGV[1] then
  redis.call('HSET', KEYS[1], '', ARGV[2], 'c', ARGV[4])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
"""

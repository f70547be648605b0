-- name: document
-- Reads a document, or puts another in its place if it is the one expected. Without a TTL: it has to stay.
-- KEYS: that of the document
-- ARGV: revision that is known, or expected (empty: none), new revision (empty: only read), new text
-- REPLY: a text: unchanged, absent, put, or other, a line break, the revision that is there, a line break and its text
local found = redis.call('MGET', KEYS[1])[1]
local revision = found and string.match(found, '^([^\n]+)\n')
if ARGV[2] ~= '' then
  if ARGV[1] ~= (revision or '') then return 'other' end
  redis.call('SET', KEYS[1], ARGV[2] .. '\n' .. ARGV[3])
  return 'put'
end
if not revision then return 'absent' end
if revision == ARGV[1] then return 'unchanged' end
return 'other\n' .. found

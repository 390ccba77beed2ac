-- Puts staged records in the place of everything there is.
--
-- KEYS: revision, log, one hash per kind, the staged mark, the mark's other name,
--   one staged hash per kind
-- ARGV: 1 tag, 2 log entry, 3 revision found, 4 new revision, 5 incarnation for a
--   store without one, 6 format, 7 hint channel, 8 "1" when an earlier attempt may
--   have worked, 9 number of kinds; then how many records are staged of each
-- Returns: status, revision, tag, incarnation, detail
local head = redis.call('HMGET', KEYS[1], 'revision', 'tag', 'incarnation', 'format')
local now = tonumber(head[1] or '0')
local incarnation = head[3] or ''
if not now then
	return redis.error_reply('DAMAGED the revision is not a number')
end
local function answer(status, detail)
	return {status, string.format('%d', now), head[2] or '', incarnation, detail or ''}
end
if tonumber(head[4] or '0') > tonumber(ARGV[6]) then
	return answer('format', head[4])
end
if ARGV[8] == '1' and head[2] == ARGV[1] then
	return answer('ok')
end
if now ~= tonumber(ARGV[3]) then
	return answer('conflict')
end
local kinds = tonumber(ARGV[9])
local mark, other = KEYS[kinds + 3], KEYS[kinds + 4]
if redis.call('EXISTS', mark) == 0 then
	return answer('unstaged')
end
for i = 1, kinds do
	if redis.call('HLEN', KEYS[kinds + 4 + i]) ~= tonumber(ARGV[9 + i]) then
		return answer('unstaged')
	end
end
if incarnation == '' then
	incarnation = ARGV[5]
end
-- The first write of a script fails when memory is full or this is no master; the
-- later ones then do not. So the first one must do no harm.
redis.call('HSET', KEYS[1], 'format', ARGV[6])
-- These touch only the mark, and fail here when the user has not the rights for
-- what follows.
redis.call('RENAME', mark, other)
redis.call('PERSIST', other)
redis.call('UNLINK', other)
redis.call('HSET', KEYS[1], 'revision', ARGV[4], 'tag', ARGV[1], 'incarnation', incarnation)
for i = 1, kinds do
	local staged = KEYS[kinds + 4 + i]
	if ARGV[9 + i] == '0' then
		redis.call('UNLINK', KEYS[2 + i])
	else
		redis.call('RENAME', staged, KEYS[2 + i])
		redis.call('PERSIST', KEYS[2 + i])
	end
end
redis.call('UNLINK', KEYS[2])
redis.call('HSET', KEYS[2], ARGV[4], ARGV[2])
redis.pcall('PUBLISH', ARGV[7], 'restored ' .. ARGV[4])
return {'ok', ARGV[4], ARGV[1], incarnation, ''}

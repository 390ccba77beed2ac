-- Performs one change: fence, guards, writes, revision, log, hint.
-- Nothing is written before everything that can fail has been tried, because
-- Redis does not take back what a failing script has written.
--
-- KEYS: revision, log, one hash per kind
-- ARGV: 1 tag, 2 log entry, 3 log length, 4 "1" when an earlier attempt may have
--   worked, 5-7 revision, tag and incarnation the caller has seen, 8 incarnation
--   for a store without one, 9 format, 10 hint channel, 11 number of guards,
--   12 number of ops; then per guard: index of KEYS, id, revision ("0" for none),
--   SHA-1 of a damaged value that counts as none; then per op: index of KEYS, id,
--   "put" or "delete", value
-- Returns: status, revision, tag, incarnation, detail
local head = redis.call('HMGET', KEYS[1], 'revision', 'tag', 'incarnation', 'format')
local now = tonumber(head[1] or '0')
local incarnation = head[3] or ''
local function answer(status, detail)
	return {status, string.format('%d', now), head[2] or '', incarnation, detail or ''}
end
if not now then
	return redis.error_reply('DAMAGED the revision is not a number')
end
if tonumber(head[4] or '0') > tonumber(ARGV[9]) then
	return answer('format', head[4])
end

local length = tonumber(ARGV[3])
if ARGV[4] == '1' then
	for rev = now, math.max(1, now - length), -1 do
		local entry = redis.call('HGET', KEYS[2], string.format('%d', rev))
		if not entry then
			break
		end
		if string.sub(entry, 1, 16) == ARGV[1] then
			return {'ok', string.format('%d', rev), ARGV[1], incarnation, ''}
		end
	end
end

local seen = tonumber(ARGV[5])
if seen > 0 then
	local entry = redis.call('HGET', KEYS[2], ARGV[5])
	local same = now >= seen and incarnation == ARGV[7]
	if same and entry then
		same = string.sub(entry, 1, 16) == ARGV[6]
	end
	if not same then
		return answer('forked')
	end
end

local at = 13
for i = 1, tonumber(ARGV[11]) do
	local value = redis.call('HGET', KEYS[tonumber(ARGV[at])], ARGV[at + 1])
	local have = value and string.sub(value, 1, 16)
	local holds
	if ARGV[at + 2] == '0' then
		holds = not value or redis.sha1hex(value) == ARGV[at + 3]
	else
		holds = have == ARGV[at + 2]
	end
	if not holds then
		return {'conflict', string.format('%d', i - 1), '', '', have or '0'}
	end
	at = at + 4
end

local ops = tonumber(ARGV[12])
if ops == 0 then
	return answer('ok')
end

for _, key in ipairs(KEYS) do
	local kind = redis.call('TYPE', key).ok
	if kind ~= 'hash' and kind ~= 'none' then
		return redis.error_reply('WRONGTYPE ' .. key .. ' is a ' .. kind .. ', not a hash')
	end
end
local rev = string.format('%d', now + 1)
if now + 1 > 9007199254740991 then
	return redis.error_reply('DAMAGED there are no revisions left')
end
if incarnation == '' then
	incarnation = ARGV[8]
end
-- One more change is kept than is looked back on, because a reader checks the one it
-- stands on.
local excess = redis.call('HLEN', KEYS[2]) - length
-- The first write of a script fails when memory is full or this is no master; the
-- later ones then do not. So the first one must do no harm.
redis.call('HSET', KEYS[1], 'format', ARGV[9])
-- Deletes nothing; fails here when the user may not delete.
redis.call('HDEL', KEYS[1], '')
redis.call('HSET', KEYS[1], 'revision', rev, 'tag', ARGV[1], 'incarnation', incarnation)
redis.call('HSET', KEYS[2], rev, ARGV[2])

local sealed = string.format('%016d', now + 1)
for _ = 1, ops do
	local key, id = KEYS[tonumber(ARGV[at])], ARGV[at + 1]
	if ARGV[at + 2] == 'put' then
		redis.call('HSET', key, id, sealed .. ARGV[at + 3])
	else
		redis.call('HDEL', key, id)
	end
	at = at + 4
end

local old = now - length
for _ = 1, 100 do
	if excess <= 0 or old <= 0 then
		break
	end
	excess = excess - redis.call('HDEL', KEYS[2], string.format('%d', old))
	old = old - 1
end

-- A hint that is not heard is made up for by polling.
redis.pcall('PUBLISH', ARGV[10], 'revision ' .. rev)
return {'ok', rev, ARGV[1], incarnation, ''}

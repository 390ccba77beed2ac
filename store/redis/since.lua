-- Reads what changed after a revision, at one moment.
--
-- KEYS: revision, log, one hash per kind
-- ARGV: 1 revision to start after, 2 revision whose log entry is wanted too, 3 most
--   keys and 4 most bytes to return, 5 "1" to count the kinds; then the names of
--   the kinds in the order of KEYS
-- Returns: revision, tag, incarnation, format, "ok" or "gap", entry of ARGV[2],
--   entry of ARGV[1], entries after it, kind/id/value of each key they name, counts
local head = redis.call('HMGET', KEYS[1], 'revision', 'tag', 'incarnation', 'format')
local now = tonumber(head[1] or '0')
if not now then
	return redis.error_reply('DAMAGED the revision is not a number')
end
local after = tonumber(ARGV[1])
local entries, values, counts = {}, {}, {}
local function answer(status)
	local checked, start = '', ''
	if ARGV[2] ~= '0' then
		checked = redis.call('HGET', KEYS[2], ARGV[2]) or ''
	end
	if ARGV[1] == ARGV[2] then
		start = checked
	elseif ARGV[1] ~= '0' then
		start = redis.call('HGET', KEYS[2], ARGV[1]) or ''
	end
	return {string.format('%d', now), head[2] or '', head[3] or '', head[4] or '0', status, checked, start,
		entries, values, counts}
end
if after > now then
	return answer('gap')
end

local index = {}
for i = 6, #ARGV do
	index[ARGV[i]] = KEYS[i - 3]
end
local function netstring(s, from)
	local _, colon, length = string.find(s, '^(%d+):', from)
	if not colon then
		return nil
	end
	return string.sub(s, colon + 1, colon + tonumber(length)), colon + tonumber(length) + 1
end
local seen, bytes = {}, 0
for rev = after + 1, now do
	local entry = redis.call('HGET', KEYS[2], string.format('%d', rev))
	if not entry then
		return answer('gap')
	end
	entries[#entries + 1] = entry
	local from = 25
	while from <= #entry do
		local kind, id
		kind, from = netstring(entry, from)
		if kind then
			id, from = netstring(entry, from)
		end
		if not id then
			return answer('gap')
		end
		local name = #kind .. ':' .. kind .. id
		if index[kind] and not seen[name] then
			seen[name] = true
			local value = redis.call('HGET', index[kind], id)
			values[#values + 1] = kind
			values[#values + 1] = id
			values[#values + 1] = value
			bytes = bytes + #id + (value and #value or 0)
			if #values > 3 * tonumber(ARGV[3]) or bytes > tonumber(ARGV[4]) then
				entries, values = {}, {}
				return answer('gap')
			end
		end
	end
end
if ARGV[5] == '1' then
	for i = 3, #KEYS do
		counts[i - 2] = redis.call('HLEN', KEYS[i])
	end
end
return answer('ok')

-- Says what a node has to say about its sessions and renews its lease. The node's
-- hash has the field "lease" (token of the process, space, version of the rest) and
-- one field ":<session id>" per session.
--
-- KEYS: the node's hash
-- ARGV: 1 token, 2 version the hash should have ("" to write all of it), 3 version
--   afterwards, 4 milliseconds to live, 5 hint channel, 6 number of session fields
--   to delete; then these; then pairs of session field and value to set
-- Returns: "ok", "taken" (by another process), or "lost" (write all of it)
local lease = redis.call('HGET', KEYS[1], 'lease')
if lease and string.sub(lease, 1, 16) ~= ARGV[1] then
	-- A lease without an end is not one: nobody would ever get the name again.
	if redis.call('PTTL', KEYS[1]) >= 0 then
		return 'taken'
	end
	lease = false
end
if tonumber(ARGV[4]) <= 0 then
	if lease then
		redis.call('UNLINK', KEYS[1])
		redis.pcall('PUBLISH', ARGV[5], 'live')
	end
	return 'ok'
end
if ARGV[2] ~= '' and lease ~= ARGV[1] .. ' ' .. ARGV[2] then
	return 'lost'
end
if ARGV[2] == ARGV[3] then
	redis.call('PEXPIRE', KEYS[1], ARGV[4])
	return 'ok'
end
-- First what fails when memory is full: nothing has been lost then.
redis.call('HSET', KEYS[1], 'lease', ARGV[1] .. ' ' .. ARGV[3])
if ARGV[2] == '' then
	redis.call('UNLINK', KEYS[1])
	redis.call('HSET', KEYS[1], 'lease', ARGV[1] .. ' ' .. ARGV[3])
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local at = 7
for _ = 1, tonumber(ARGV[6]) do
	redis.call('HDEL', KEYS[1], ARGV[at])
	at = at + 1
end
while at < #ARGV do
	redis.call('HSET', KEYS[1], ARGV[at], ARGV[at + 1])
	at = at + 2
end
redis.pcall('PUBLISH', ARGV[5], 'live')
return 'ok'

-- Publishes messages in order, through one node of a Cluster.
--
-- KEYS: any key of that node
-- ARGV: pairs of channel and message
for i = 1, #ARGV, 2 do
	redis.call('PUBLISH', ARGV[i], ARGV[i + 1])
end
return 'ok'

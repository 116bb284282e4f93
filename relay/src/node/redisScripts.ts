/**
 * What is done in one step inside the server, beside BullMQ's own scripts. All keys begin with the prefix that is
 * ARGV[1], and its hash tag puts them on one node of a cluster.
 *
 * `known:<id>` was delivered within a day. `added` has all that waits, by when it was added. `behind:<person>` has a
 * person's jobs that must go one after the other, in the order of adding: those that were put back, and those that were
 * parked (delayed, with the field `parked`) because another one has to go first. `order` counts what was added.
 */

/** What `sortScript` answers in the place of an order. */
export const sorted = { known: 0, full: -1 }

/**
 * Which of these may be stored: each one's order from 1 on, or why not.
 * ARGV: prefix, how many may wait, ids.
 */
export const sortScript = `
local prefix = ARGV[1]
local waiting = redis.call('LLEN', prefix .. 'wait') + redis.call('LLEN', prefix .. 'active')
  + redis.call('ZCARD', prefix .. 'delayed')
local room = tonumber(ARGV[2]) - waiting
local answer = {}
for n = 3, #ARGV do
  if redis.call('EXISTS', prefix .. ARGV[n], prefix .. 'known:' .. ARGV[n]) > 0 then
    answer[n - 2] = ${sorted.known}
  elseif room < 1 then
    answer[n - 2] = ${sorted.full}
  else
    answer[n - 2] = redis.call('INCR', prefix .. 'order')
    room = room - 1
  end
end
return answer
`

/**
 * Whether a job that BullMQ has made active may be delivered: 1 yes, 2 it was delivered before, 3 another job of that
 * person goes first. The active list has the newest in front.
 * ARGV: prefix, id, person ('-': no one), order.
 */
export const admitScript = `
local prefix, id, person, order = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('EXISTS', prefix .. 'known:' .. id) == 1 then return 2 end
if person == '-' then return 1 end
local behind = prefix .. 'behind:' .. person
local isBehind = false
local isOlder = false
for _, other in ipairs(redis.call('LRANGE', prefix .. 'active', 0, -1)) do
  if isOlder and redis.call('HGET', prefix .. other, 'name') == person then isBehind = true end
  if other == id then isOlder = true end
end
for _, other in ipairs(redis.call('ZRANGEBYSCORE', behind, '-inf', '(' .. ARGV[4])) do
  if redis.call('EXISTS', prefix .. other) == 0 then redis.call('ZREM', behind, other)
  elseif other ~= id then isBehind = true break end
end
if isBehind then
  redis.call('ZADD', behind, order, id)
  redis.call('HSET', prefix .. id, 'parked', 1)
  return 3
end
redis.call('ZREM', behind, id)
redis.call('HDEL', prefix .. id, 'parked')
return 1
`

/**
 * Lets the first of a person's parked jobs go, unless one is under way or was put back for later. It goes to the front
 * of those that wait: it has waited longest.
 * ARGV: prefix, person, and the id that has left the outbox, where one has.
 */
export const releaseScript = `
local prefix, person = ARGV[1], ARGV[2]
if ARGV[3] then redis.call('ZREM', prefix .. 'added', ARGV[3]) end
if person == '-' then return end
local behind = prefix .. 'behind:' .. person
if redis.call('EXISTS', behind) == 0 then return end
for _, other in ipairs(redis.call('LRANGE', prefix .. 'active', 0, -1)) do
  if redis.call('HGET', prefix .. other, 'name') == person then return end
end
for _, first in ipairs(redis.call('ZRANGE', behind, 0, -1)) do
  local state = redis.call('HMGET', prefix .. first, 'name', 'parked')
  if not state[1] then redis.call('ZREM', behind, first)
  else
    if state[2] and redis.call('ZREM', prefix .. 'delayed', first) == 1 then
      redis.call('RPUSH', prefix .. 'wait', first)
      redis.call('HSET', prefix .. first, 'delay', 0)
    end
    return
  end
end
`

/** How many wait, how many are dead, and since when the oldest waits. ARGV: prefix. */
export const statsScript = `
local prefix = ARGV[1]
local waiting = redis.call('LLEN', prefix .. 'wait') + redis.call('LLEN', prefix .. 'active')
  + redis.call('ZCARD', prefix .. 'delayed')
local dead = redis.call('ZCARD', prefix .. 'failed')
while true do
  local oldest = redis.call('ZRANGE', prefix .. 'added', 0, 0, 'WITHSCORES')
  if not oldest[1] then return {waiting, dead} end
  if redis.call('EXISTS', prefix .. oldest[1]) == 1 then return {waiting, dead, oldest[2]} end
  redis.call('ZREM', prefix .. 'added', oldest[1])
end
`

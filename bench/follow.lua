-- wrk script: every request is a new edge of the follow graph, and those that follow each other in
-- time concern different accounts on both ends: it measures commits, not who waits for whom.
-- Arguments: file of access tokens, file of the ids of those followed, number of pairs used before.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
    thread:set("thread_count", tonumber(os.getenv("WRK_THREADS")))
end

function init(args)
    heads = {}
    for token in io.lines(args[1]) do
        local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = "application/json" }
        heads[#heads + 1] = headers
    end
    ids = {}
    for id in io.lines(args[2]) do
        ids[#ids + 1] = id
    end
    pair = tonumber(args[3]) + number
end

function request()
    local follower, round = pair % #heads, math.floor(pair / #heads)
    if round >= #ids then
        wrk.thread:stop() -- out of pairs: the run does not count
    end
    pair = pair + thread_count
    local following = ids[(follower + round) % #ids + 1]
    return wrk.format("POST", nil, heads[follower + 1], '{"following":' .. following .. "}")
end

-- wrk script: every request is a new edge of the follow graph.
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
    local follower, following = pair % #heads, ids[math.floor(pair / #heads) + 1]
    if not following then
        wrk.thread:stop() -- out of pairs: the run does not count
    end
    pair = pair + thread_count
    return wrk.format("POST", nil, heads[follower + 1], '{"following":' .. following .. "}")
end

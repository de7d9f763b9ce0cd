-- wrk script: logs in as one account after the other.
-- Arguments: file of user names, password.
function init(args)
    local headers = { ["Content-Type"] = "application/json" }
    requests, turn = {}, 0
    for name in io.lines(args[1]) do
        local body = string.format('{"username":"%s","password":"%s"}', name, args[2])
        requests[#requests + 1] = wrk.format("POST", nil, headers, body)
    end
end

function request()
    turn = turn % #requests + 1
    return requests[turn]
end

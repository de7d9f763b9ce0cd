-- wrk script: registers a new account with every request.
-- Arguments: prefix of the names, which no run before has used.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(args)
    prefix, serial = args[1] .. string.char(97 + number), 0
    headers = { ["Content-Type"] = "application/json" }
end

function request()
    serial = serial + 1
    local name = prefix .. serial
    return wrk.format("POST", nil, headers, string.format(
        '{"username":"%s","email":"%s@example.com","password":"password123",' ..
        '"password_confirm":"password123","first_name":"Alice","last_name":"Smith"}', name, name))
end

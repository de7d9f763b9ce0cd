-- wrk script: every connection asks about a hundred times a second, so that the cores are not full
-- and latency tells who gets in whose way.
function delay()
    return math.random(5, 15)
end

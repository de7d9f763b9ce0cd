#!/bin/sh
# What `make run` says before the server starts.
cat <<'TEXT'

Try in another terminal: register, sign in (both answer with an access token), look up.

    curl -s localhost:8000/careers/users/register/ -d username=alice -d email=alice@example.com -d password=password123 -d password_confirm=password123
    curl -s localhost:8000/careers/users/login/ -d username=alice -d password=password123
    curl -s localhost:8000/careers/users/alice/

TEXT

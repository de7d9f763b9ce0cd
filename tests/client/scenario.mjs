/* Uses the packed client on a real server and prints, as JSON, what came of it.
 * Usage: scenario.mjs URL USERNAME PASSWORD */
import { createClient, memorySession } from "@rollcall/client";

const [baseUrl, username, password] = process.argv.slice(2);
const session = memorySession();
const seen = [];
const users = createClient({
  baseUrl,
  session,
  fetch: (request) => {
    seen.push(new URL(request.url).pathname);
    return fetch(request);
  },
});
const refreshes = () => seen.filter((path) => path.endsWith("/token/refresh/")).length;
const expire = () => session.write({ ...session.read(), access: "a.b.c" });
const out = {};

out.nobody = (await users.GET("/careers/users/me/")).error;
const login = await users.POST("/careers/users/login/", { body: { username, password } });
session.write({ access: login.data.access, refresh: login.data.refresh });
out.me = (await users.GET("/careers/users/me/")).data.username;
out.refreshesBefore = refreshes();

expire();
const many = await Promise.all(Array.from({ length: 20 }, () => users.GET("/careers/users/me/")));
out.statuses = many.map(({ response }) => response.status);
out.refreshes = refreshes();

expire();
const changed = await users.PATCH("/careers/users/me/update/", { body: { bio: "Sent twice" } });
out.bio = changed.data.bio;

const wrong = await users.PATCH("/careers/users/me/update/", { body: { email: "nonsense" } });
out.wrong = wrong.error;

const stolen = session.read();
await users.POST("/careers/users/logout/", { body: { refresh: stolen.refresh } });
seen.length = 0;
const over = await users.GET("/careers/users/me/");
out.over = [over.response.status, over.error.error, session.read(), seen.length];
console.log(JSON.stringify(out));

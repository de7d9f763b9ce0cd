/* What somebody writes with the client. Compiled only: each @ts-expect-error must be one. */
import { createClient, memorySession, type components } from "@rollcall/client";

const session = memorySession();
const users = createClient({ baseUrl: "http://localhost:8000", session });

export async function signIn(username: string, password: string): Promise<number> {
  const { data, error } = await users.POST("/careers/users/login/", { body: { username, password } });
  if (error) {
    if (error.error === "validation_error") throw new Error(error.field);
    throw new Error(error.message);
  }
  session.write({ access: data.access, refresh: data.refresh });
  return data.user.id;
}

export async function names(): Promise<string[]> {
  const { data } = await users.GET("/careers/users/", {
    params: { query: { search: "a", ordering: "-created_at", batch_size: 5 } },
  });
  return (data?.users ?? []).map((user: components["schemas"]["UserEntry"]) => user.username);
}

export async function mistakes(): Promise<void> {
  // @ts-expect-error there is no such path
  await users.GET("/careers/user/");
  // @ts-expect-error the path takes another method
  await users.GET("/careers/users/login/");
  // @ts-expect-error a password is missing
  await users.POST("/careers/users/login/", { body: { username: "alice" } });
  // @ts-expect-error an id is a number
  await users.POST("/careers/users/follow/", { body: { following: "2" } });
  // @ts-expect-error no list is sorted by that
  await users.GET("/careers/users/", { params: { query: { ordering: "age" } } });
  const { data } = await users.POST("/api/get/profile/", { body: {} });
  // @ts-expect-error a stranger's address is not told
  data?.email.length;
  // @ts-expect-error somebody's country may not be known
  data?.country.name;
}

/**
 * A typed client of the rollcall users service: every path, parameter, body and answer as
 * `/openapi.json` describes them, and a session whose access token is renewed when it expires.
 */
import createFetchClient, { type Client as FetchClient, type Middleware } from "openapi-fetch";

import { renewing } from "./renew.js";
import { type Session, type Tokens } from "./session.js";
import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";
export { memorySession, type Session, type Tokens } from "./session.js";

/** Any error of the service: `error` says which. */
export type Problem = components["schemas"]["ValidationError"] | {
  error: string;
  message: string;
  field?: never;
};

export interface Options {
  /** Where the service is: `https://users.example.com`. In a browser, by default, where the page is from. */
  baseUrl?: string;
  /** Where the tokens are kept. Without it requests have none, and ride on the browser's cookie. */
  session?: Session;
  /** In place of the platform's fetch. */
  fetch?: (request: Request) => Promise<Response>;
}

export type Client = FetchClient<paths>;

/**
 * Makes a client. Requests carry the session's access token; one that is refused because it has
 * expired is renewed, once for all requests that meet it at the same time, and they are sent again.
 * When the session is over, its tokens are forgotten and the 401 is yours.
 */
export function createClient(options: Options = {}): Client {
  const send = options.fetch ?? ((request: Request) => fetch(request));
  const client = createFetchClient<paths>({
    baseUrl: options.baseUrl ?? "",
    fetch: options.session
      ? renewing(options.session, (refresh) => refreshTokens(options, send, refresh), send)
      : send,
  });
  if (options.session) client.use(bearer(options.session));
  return client;
}

/** Puts the access token on a request that has no credential of its own. */
function bearer(session: Session): Middleware {
  return {
    onRequest({ request }) {
      const tokens = session.read();
      if (tokens && !request.headers.has("Authorization"))
        request.headers.set("Authorization", `Bearer ${tokens.access}`);
      return request;
    },
  };
}

/** New tokens for a refresh token; null when the service refuses it. What else goes wrong is thrown. */
async function refreshTokens(
  options: Options,
  send: (request: Request) => Promise<Response>,
  refresh: string,
): Promise<Tokens | null> {
  const client = createFetchClient<paths>({ baseUrl: options.baseUrl ?? "", fetch: send });
  const { data, response } = await client.POST("/careers/users/token/refresh/", {
    body: { refresh },
  });
  if (data) return { access: data.access, refresh: data.refresh ?? refresh };
  if (response.status === 401 || response.status === 400) return null;
  throw new Error(`the access token could not be renewed: ${response.status}`);
}

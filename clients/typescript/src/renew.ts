import { type Session, type Tokens } from "./session.js";

type Send = (request: Request) => Promise<Response>;
type Refresh = (refresh: string) => Promise<Tokens | null>;

/**
 * Sends requests, and those that were refused for an access token of the session once more with a new
 * one. Of many that are refused at the same time one asks for it, and all wait for the answer; one that
 * comes late finds it there.
 */
export function renewing(session: Session, refresh: Refresh, send: Send): Send {
  let running: Promise<Tokens | null> | null = null;

  async function renew(old: Tokens): Promise<Tokens | null> {
    const tokens = await refresh(old.refresh);
    // Somebody may have signed in or out meanwhile: theirs stands.
    if (session.read()?.refresh === old.refresh) session.write(tokens);
    return session.read();
  }

  function newer(used: string): Promise<Tokens | null> {
    const tokens = session.read();
    if (!tokens || `Bearer ${tokens.access}` !== used) return Promise.resolve(tokens);
    running ??= renew(tokens).finally(() => {
      running = null;
    });
    return running;
  }

  return async (request) => {
    const used = request.headers.get("Authorization");
    const tokens = session.read();
    // A body can be read once, so the second try needs a copy of its own.
    const again = tokens && used === `Bearer ${tokens.access}` ? request.clone() : null;
    const answer = await send(request);
    if (!again || !used || !wasRefused(answer)) return answer;
    const fresh = await newer(used);
    if (!fresh) return answer;
    again.headers.set("Authorization", `Bearer ${fresh.access}`);
    return send(again);
  };
}

/** Whether it was the token that was no good, and not what was asked for. */
function wasRefused(answer: Response): boolean {
  return (
    answer.status === 401 &&
    (answer.headers.get("WWW-Authenticate") ?? "").includes("invalid_token")
  );
}

/** What a login answers. */
export interface Tokens {
  access: string;
  refresh: string;
}

/** Where tokens are kept. `write(null)` forgets them: the session is over. */
export interface Session {
  read(): Tokens | null;
  write(tokens: Tokens | null): void;
}

/** A session that lasts as long as the program. */
export function memorySession(tokens: Tokens | null = null): Session {
  let kept = tokens;
  return {
    read: () => kept,
    write: (next) => {
      kept = next;
    },
  };
}

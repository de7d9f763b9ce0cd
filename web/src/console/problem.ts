/** Why a request was not answered with what was asked for. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    /** `error` of the answer, or `unreachable`. */
    readonly code: string,
    message: string,
    readonly field: string | undefined,
    /** In seconds, when the server says when to come back. */
    readonly retryAfter: number | undefined,
  ) {
    super(message)
  }

  static of(response: Response, body: unknown): Problem {
    const said = (typeof body === 'object' && body ? body : {}) as { error?: string; message?: string; field?: string }
    const after = Number(response.headers.get('Retry-After') ?? NaN)
    return new Problem(response.status, said.error ?? 'internal_error', said.message ?? '', said.field,
      Number.isFinite(after) ? after : undefined)
  }

  /** Whether the same request may well succeed in a moment. */
  get passes(): boolean {
    return this.status === 0 || this.status === 503
  }
}

export const unreachable = () => new Problem(0, 'unreachable', '', undefined, undefined)

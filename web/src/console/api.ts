/** The server's operations, typed by its own document. The session is the browser's cookie: no token is ever held here. */
import { createClient, type paths } from '@rollcall/client'
import { Problem, unreachable } from './problem'

type Post<P extends keyof paths> = paths[P] extends { post: infer Operation } ? Operation : never
export type Path = { [P in keyof paths]: [Post<P>] extends [never] | [undefined] ? never : P }[keyof paths]
export type Body<P extends Path> = Post<P> extends { requestBody?: { content: { 'application/json': infer B } } } ? B : undefined
type Responses<P extends Path> = Post<P> extends { responses: infer R } ? R : never
type Content<R> = R extends { content: { 'application/json': infer A } } ? A : never
type Good<R> = { [S in keyof R]: S extends 200 | 201 ? Content<R[S]> : never }[keyof R]
/** What a path answers when all is well. */
export type Answer<P extends Path> = Good<Responses<P>>

export interface Sending {
  signal?: AbortSignal
  /** Makes a repeated request one act (Idempotency-Key). */
  once?: string
}

const client = createClient()
const listeners = new Set<(problem: Problem) => void>()

/** Calls `listener` for every refusal, besides throwing it. */
export function onProblem(listener: (problem: Problem) => void) {
  listeners.add(listener)
}

/** Sends a request and gives its answer; throws a Problem for whatever else. */
export async function ask<P extends Path>(path: P, body?: Body<P>, sending: Sending = {}): Promise<Answer<P>> {
  const options = {
    body: body ?? {},
    ...(sending.signal ? { signal: sending.signal } : {}),
    ...(sending.once ? { headers: { 'Idempotency-Key': sending.once } } : {}),
  }
  // The generic P cannot be followed through openapi-fetch's own types; Body and Answer say the same.
  const sent = client.POST(path as never, options as never) as Promise<{ data?: unknown; error?: unknown; response: Response }>
  const { data, error, response } = await sent.catch((reason: unknown) => {
    if (sending.signal?.aborted) throw reason
    throw unreachable()
  })
  if (response.ok) return data as Answer<P>
  const problem = Problem.of(response, error)
  for (const listener of listeners) listener(problem)
  throw problem
}

/** Sending what a dialog was filled in with: busy meanwhile, and what is refused is said where it belongs. */
import { useState } from 'preact/hooks'
import { Problem } from '../problem'
import { queries } from '../query'
import { describe } from './trouble'

export interface Sending {
  busy: boolean
  /** What is wrong with the whole; what is wrong with a field is `error(field)`. */
  trouble: string | undefined
  error: (field: string) => string | undefined
  send: (run: () => Promise<unknown>, done: () => void) => Promise<void>
}

/** `fields`: those that can say themselves what is wrong with them. */
export function useSending(fields: readonly string[] = []): Sending {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const field = problem instanceof Problem && problem.field && fields.includes(problem.field) ? problem.field : undefined
  async function send(run: () => Promise<unknown>, done: () => void) {
    setBusy(true)
    setProblem(undefined)
    try {
      await run()
      void queries.invalidateQueries()
      done()
    } catch (refusal) {
      setProblem(refusal)
      setBusy(false)
    }
  }
  return {
    busy,
    trouble: problem === undefined || field ? undefined : describe(problem),
    error: (name) => (name === field ? describe(problem) : undefined),
    send,
  }
}

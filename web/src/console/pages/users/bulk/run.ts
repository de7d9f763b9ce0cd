/** Does one thing to many, a few at a time; can be stopped, and knows in the end what became of each. */
import { Problem } from '../../../problem'

export interface Failure<Item> {
  item: Item
  problem: unknown
}

export interface Outcome<Item, Result> {
  done: { item: Item; result: Result }[]
  failed: Failure<Item>[]
  /** Not touched, because it was stopped before. */
  left: Item[]
}

export interface Running {
  signal: AbortSignal
  onProgress: (finished: number) => void
}

/** As many at a time as the server's threads for changes can be kept busy with, and no more. */
const AT_ONCE = 4
const TRIES = 4

const wait = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000))

/** A server that is busy is asked again when it says so. */
async function insist<Result>(act: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (let tried = 1; ; tried++) {
    try {
      return await act()
    } catch (problem) {
      const passes = problem instanceof Problem && (problem.passes || problem.code === 'rate_limited')
      if (!passes || tried === TRIES || signal.aborted) throw problem
      await wait(Math.min(problem.retryAfter ?? tried, 10))
    }
  }
}

export async function runAll<Item, Result>(
  items: Item[], act: (item: Item) => Promise<Result>, { signal, onProgress }: Running,
): Promise<Outcome<Item, Result>> {
  const outcome: Outcome<Item, Result> = { done: [], failed: [], left: [] }
  let next = 0
  async function worker() {
    while (next < items.length && !signal.aborted) {
      const item = items[next++] as Item
      try {
        outcome.done.push({ item, result: await insist(() => act(item), signal) })
      } catch (problem) {
        outcome.failed.push({ item, problem })
        // Whoever may no longer do this, or is no longer signed in, need not try it with everybody.
        if (problem instanceof Problem && problem.status === 401) break
      }
      onProgress(outcome.done.length + outcome.failed.length)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  outcome.left = items.slice(next)
  return outcome
}

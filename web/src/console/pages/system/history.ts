/** The last minutes of a figure that the server gives as it is now. */
export interface Sample {
  /** Seconds since 1970. */
  at: number
  value: number
}

/** In seconds. */
export const WINDOW = 120

/** The history with one more sample; what is too old goes. Two of one moment are one. */
export function withSample(history: readonly Sample[], sample: Sample): Sample[] {
  const before = history.at(-1)?.at === sample.at ? history.slice(0, -1) : history
  return [...before.filter(({ at }) => at >= sample.at - WINDOW), sample]
}

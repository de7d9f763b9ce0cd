import { expect, it } from 'vitest'
import { type Sample, WINDOW, withSample } from './history'

it('keeps what is in the window, and one sample for a moment', () => {
  let history: Sample[] = []
  for (let at = 0; at <= 2 * WINDOW; at += 2) history = withSample(history, { at, value: at })
  expect(history[0]?.at).toBe(WINDOW)
  expect(history.at(-1)).toEqual({ at: 2 * WINDOW, value: 2 * WINDOW })
  expect(withSample(history, { at: 2 * WINDOW, value: 7 })).toHaveLength(history.length)
})

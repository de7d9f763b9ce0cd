import { expect, test } from 'vitest'
import { age } from './age'

test.each([
  ['2000-03-10', 26],
  ['2000-03-11', 25],
  ['2000-03-09', 26],
  ['2000-02-29', 26],
  ['2026-03-10', 0],
])('born on %s', (born, years) => {
  expect(age(born, new Date('2026-03-10T00:30:00Z'))).toBe(years)
})

import { expect, test } from 'vitest'
import { endOf } from './ban'

const NOW = Date.parse('2026-03-10T12:00:00.789Z')

test.each([
  ['day', '2026-03-11T12:00:00Z'],
  ['week', '2026-03-17T12:00:00Z'],
  ['month', '2026-04-09T12:00:00Z'],
  ['year', '2027-03-10T12:00:00Z'],
] as const)('a %s from now, in whole seconds', (length, end) => {
  expect(endOf(length, '', NOW)).toBe(end)
})

test('a ban for good has no end, nor one whose end is not said', () => {
  expect(endOf('forever', '2026-03-11T10:00', NOW)).toBeUndefined()
  expect(endOf('custom', '', NOW)).toBeUndefined()
})

test('what is entered is a moment of the own zone', () => {
  expect(endOf('custom', '2026-03-11T10:00', NOW)).toBe(new Date('2026-03-11T10:00').toISOString().replace('.000', ''))
})

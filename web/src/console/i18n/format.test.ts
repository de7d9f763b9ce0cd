import { beforeEach, expect, test } from 'vitest'
import { language } from '.'
import { countryName, languageName, relative } from './format'

const NOW = Date.parse('2026-03-10T12:00:00Z')

beforeEach(() => {
  language.value = 'en'
})

test.each([
  ['2026-03-10T11:59:50Z', 'now'],
  ['2026-03-10T11:20:00Z', '40 minutes ago'],
  ['2026-03-10T07:00:00Z', '5 hours ago'],
  ['2026-03-09T11:00:00Z', 'yesterday'],
  ['2026-03-12T12:00:00Z', 'in 2 days'],
  ['2025-12-24T12:00:00Z', 'Dec 24, 2025'],
])('%s is %s', (moment, words) => {
  expect(relative(moment, NOW)).toBe(words)
})

test('another language has other words at once', () => {
  language.value = 'es'
  expect(relative('2026-03-10T07:00:00Z', NOW)).toBe('hace 5 horas')
  expect(countryName('DE')).toBe('Alemania')
})

test('what is no language tag stays as it is', () => {
  expect(languageName('pt-BR')).toBe('Brazilian Portuguese')
  expect(languageName('not a tag')).toBe('not a tag')
})

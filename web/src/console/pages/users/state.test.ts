import { expect, test } from 'vitest'
import { nameOf } from '../../people'
import { filtersSet, questionOf } from './state'

test('an empty address asks for the first page of everybody', () => {
  expect(questionOf({})).toEqual({ page: 1, limit: 25 })
})

test('filters of the address are those of the question', () => {
  const params = { q: 'ann', status: 'banned', role: 'staff', country: '3', language: 'pt-BR', category: 'art', joined_from: '2026-01-01', sort: '-username', page: '4', limit: '50' }
  expect(questionOf(params)).toEqual({ ...params, country: 3, page: 4, limit: 50 })
})

test('what makes no sense in an address is left out', () => {
  expect(questionOf({ status: 'dead', role: 'god', country: '-1', language: '<b>', category: 'A B', joined_to: 'today', sort: 'password', page: '0', limit: '1e9' }))
    .toEqual({ page: 1, limit: 25 })
  expect(questionOf({ limit: '5000' }).limit).toBe(100)
})

test('a span of time is one filter', () => {
  expect(filtersSet({ joined_from: '2026-01-01', joined_to: '2026-02-01', status: 'active', q: 'x' })).toBe(2)
  expect(filtersSet({ joined_to: '2026-02-01' })).toBe(1)
})

test('who has no name is called by the user name', () => {
  expect(nameOf({ first_name: '', last_name: '', username: 'ann' })).toBe('ann')
  expect(nameOf({ first_name: 'Ann', last_name: '', username: 'x' })).toBe('Ann')
})

import { expect, test } from 'vitest'
import { changesOf, draftOf } from './draft'

const before = draftOf({
  first_name: 'Ann', last_name: '', email: 'ann@example.com', phone: '+4930123456', sex: null, birth_date: '1990-05-05',
  country: { id: 3, name: 'Germany' }, city: { id: 9, name: 'Berlin' }, timezone: 'UTC', bio: 'Hi', avatar: '',
})

test('only what is different is sent', () => {
  expect(changesOf(before, before)).toEqual({})
  expect(changesOf(before, { ...before, last_name: ' Lee ', bio: 'Hi' })).toEqual({ last_name: 'Lee' })
})

test('ids are numbers, and what is emptied is cleared', () => {
  expect(changesOf(before, { ...before, country: '5', city: '', cityName: '', phone: '', birth_date: '', first_name: '', sex: 'female' }))
    .toEqual({ country: 5, city: null, phone: null, birth_date: null, first_name: '', sex: 'female' })
})

test('the name of a city is nothing to the server', () => {
  expect(changesOf(before, { ...before, cityName: 'Berl' })).toEqual({})
})

import { describe, expect, it } from 'vitest'
import { accountOf, filtersOf, questionOf } from './filters'

describe('an account as it is written down', () => {
  it('is a number', () => {
    expect(accountOf('17')).toEqual({ id: 17 })
    expect(accountOf(' #17 ')).toEqual({ id: 17 })
  })

  it('or a name', () => {
    expect(accountOf('olivia')).toEqual({ username: 'olivia' })
    expect(accountOf('@olivia')).toEqual({ username: 'olivia' })
    expect(accountOf('17th')).toEqual({ username: '17th' })
    expect(accountOf('0')).toEqual({ username: '0' })
  })

  it('or nothing', () => expect(accountOf('  ')).toBeNull())
})

describe('filters', () => {
  it('are what the address has of them', () => {
    expect(filtersOf({ event: 'login', cursor: 'x', other: 'y', from: '' })).toEqual({ event: 'login' })
  })

  it('become a question with ids and whole dates alone', () => {
    expect(questionOf({ event: 'login', from: '2026-01-01', to: 'soon', actor: 'bob' }, 5))
      .toEqual({ event: 'login', actor_id: 5, from: '2026-01-01' })
    expect(questionOf({})).toEqual({})
  })
})

import { describe, expect, it } from 'vitest'
import { daysToAsk, placesOf, rangeOf, spans, sum } from './days'

const days = (count: number) => Array.from({ length: count }, (_, i) => ({ date: `day ${i}`, count: i }))

describe('a range', () => {
  it('comes from the address', () => expect(['7', '30', '90', '365'].map(rangeOf)).toEqual([7, 30, 90, 365]))
  it('is a month when that has none', () => expect([undefined, '', '8', 'x'].map(rangeOf)).toEqual([30, 30, 30, 30]))
  it('asks for as much before, as far as the server goes', () => {
    expect([7, 30, 90, 365].map((range) => daysToAsk(range as 7))).toEqual([14, 60, 180, 366])
  })
})

describe('spans', () => {
  it('are the last days, and as many before', () => {
    const { now, before } = spans(days(14), 7)
    expect(now.map(({ count }) => count)).toEqual([7, 8, 9, 10, 11, 12, 13])
    expect(sum(before ?? [], ({ count }) => count)).toBe(21)
  })

  it('do not compare with days that are not there', () => {
    expect(spans(days(366), 365).before).toBeNull()
    expect(spans(days(366), 365).now).toHaveLength(365)
  })
})

it('places days at their midnight UTC', () => {
  expect(placesOf([{ date: '2026-03-29' }])[0]).toMatchObject({ at: Date.UTC(2026, 2, 29) / 1000, key: '2026-03-29' })
})

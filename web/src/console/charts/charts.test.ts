import { describe, expect, it } from 'vitest'
import { cells, type Chart, isEmpty, rows, stacked } from './chart'
import { fileName } from './name'
import { change, shares } from './share'

describe('shares', () => {
  it('are whole and sum to 100, by the largest remainder', () => {
    expect(shares([1, 1, 1])).toEqual([34, 33, 33])
    expect(shares([2, 1])).toEqual([67, 33])
    expect(shares([999, 1])).toEqual([100, 0])
    expect(shares([5, 5, 0, 90])).toEqual([5, 5, 0, 90])
  })

  it('sum to 100 whatever is counted', () => {
    for (let size = 1; size < 40; size++) {
      const counts = Array.from({ length: size }, (_, i) => (i * 7919 + size) % 97)
      const sum = shares(counts).reduce((all, one) => all + one, 0)
      expect(sum).toBe(counts.some((count) => count > 0) ? 100 : 0)
    }
  })

  it('of nothing are nothing', () => {
    expect(shares([])).toEqual([])
    expect(shares([0, 0])).toEqual([0, 0])
  })
})

describe('a change', () => {
  it('is a fraction of what was before', () => {
    expect(change(150, 100)).toBe(0.5)
    expect(change(50, 100)).toBe(-0.5)
  })

  it('of nothing is none', () => expect(change(7, 0)).toBeNull())
})

const chart: Chart = {
  title: 'Sign-ins per day', axis: 'Day', shape: 'bars',
  places: [{ at: 0, name: '1 January', key: '1970-01-01' }, { at: 86400, name: '2 January', key: '1970-01-02' }],
  series: [
    { label: 'Succeeded', colour: 'chart-1', values: [5, 7] },
    { label: 'Failed', colour: 'chart-bad', values: [1, 0] },
  ],
}
const split: Chart = { ...chart, shape: 'shares', series: [{ label: 'Accounts', colour: 'chart-1', values: [1, 3] }] }

describe('a chart', () => {
  it('stacks each series on those before it', () => {
    expect(stacked(chart.series)).toEqual([[5, 7], [6, 7]])
  })

  it('reads with the newest on top', () => {
    expect(rows(chart).map((row) => [row.place.key, ...row.values, row.percent]))
      .toEqual([['1970-01-02', 7, 0, null], ['1970-01-01', 5, 1, null]])
  })

  it('is a file with the oldest on top', () => {
    expect(cells(chart, '%')).toEqual({ head: ['Day', 'Succeeded', 'Failed'], rows: [['1970-01-01', 5, 1], ['1970-01-02', 7, 0]] })
  })

  it('has parts of the whole where they are compared', () => {
    expect(cells(split, '%')).toEqual({ head: ['Day', 'Accounts', '%'], rows: [['1970-01-01', 1, 25], ['1970-01-02', 3, 75]] })
  })

  it('is empty when there is nothing but noughts', () => {
    expect(isEmpty(chart)).toBe(false)
    expect(isEmpty({ ...chart, series: [{ label: 'None', colour: 'chart-1', values: [0, 0] }] })).toBe(true)
  })
})

describe('the name of a file', () => {
  it('is made of the words of a title', () => {
    expect(fileName('Sign-ups per day', 'csv')).toBe('rollcall-sign-ups-per-day.csv')
    expect(fileName('Inicios de sesión: ../../x', 'png')).toBe('rollcall-inicios-de-sesion-x.png')
  })
})

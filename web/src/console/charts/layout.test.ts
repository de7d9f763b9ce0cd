import { beforeEach, describe, expect, it } from 'vitest'
import { language } from '../i18n'
import type { Chart } from './chart'
import { layout, nearest } from './layout'
import { scale, timeMarks } from './ticks'

const DAY = 86_400
const days = (count: number) => Array.from({ length: count }, (_, i) => ({ at: i * DAY, name: `day ${i}`, key: `${i}` }))
const chart: Chart = {
  title: 'Sign-ins', axis: 'Day', shape: 'bars', places: days(30),
  series: [
    { label: 'ok', colour: 'chart-1', values: days(30).map((_, i) => i) },
    { label: 'failed', colour: 'chart-bad', values: days(30).map(() => 5) },
  ],
}
const room = { width: 500, height: 220, measure: (text: string) => text.length * 7 }

beforeEach(() => {
  language.value = 'en'
})

describe('a scale', () => {
  it.each([[0, 4], [3, 4], [34, 40], [101, 120], [999, 1000], [123_456, 150_000]])('for %d ends at %d', (most, top) => {
    expect(scale(most, 6).top).toBe(top)
  })

  it('has whole marks from 0 up, and is never below what is drawn', () => {
    for (let most = 1; most < 1e9; most = Math.ceil(most * 1.37)) {
      const { top, marks } = scale(most, 5)
      expect(top).toBeGreaterThanOrEqual(most)
      expect([marks[0], marks.at(-1)]).toEqual([0, top])
      expect(marks.every(Number.isInteger)).toBe(true)
      expect(marks.length).toBeLessThan(8)
    }
  })
})

describe('marks of time', () => {
  it('are days, counted back from the last', () => {
    expect(timeMarks(0, 29 * DAY, 6)).toEqual({ step: 7 * DAY, marks: [1, 8, 15, 22, 29].map((day) => day * DAY) })
  })

  it('are first days of months where there are many', () => {
    const from = Date.UTC(2026, 0, 15) / 1000
    const { marks } = timeMarks(from, from + 364 * DAY, 6)
    expect(marks.map((at) => new Date(at * 1000).toISOString().slice(0, 10)))
      .toEqual(['2026-03-01', '2026-05-01', '2026-07-01', '2026-09-01', '2026-11-01', '2027-01-01'])
  })

  it('are round seconds where there are few', () => {
    expect(timeMarks(1003, 1298, 5)).toEqual({ step: 60, marks: [1020, 1080, 1140, 1200, 1260] })
  })

  it('are none of nothing', () => expect(timeMarks(0, 0, 5).marks).toEqual([0]))
})

describe('a layout', () => {
  it('keeps everything in its box', () => {
    const { box, bars, along } = layout(chart, room)
    for (const { left, top, width, height } of bars) {
      expect(left).toBeGreaterThanOrEqual(box.left - 1e-9)
      expect(left + width).toBeLessThanOrEqual(box.left + box.width + 1e-9)
      expect(top).toBeGreaterThanOrEqual(box.top - 1e-9)
      expect(top + height).toBeLessThanOrEqual(box.top + box.height + 1e-9)
    }
    expect(along).toHaveLength(30)
    expect(box.left + box.width).toBeLessThanOrEqual(room.width)
  })

  it('stacks one on the other without a gap, and draws nothing for nothing', () => {
    const { bars } = layout(chart, room)
    const [lower, upper] = bars.filter(({ left }) => left === bars.at(-1)?.left)
    expect([lower?.series, lower?.ends, upper?.series, upper?.ends]).toEqual([0, false, 1, true])
    expect((upper?.top ?? 0) + (upper?.height ?? 0)).toBeCloseTo(lower?.top ?? 0)
    expect(bars).toHaveLength(59) // the first day has no sign-in that succeeded
  })

  it('shows as much time as it is told, with what there is at the end', () => {
    const live: Chart = { ...chart, shape: 'lines', places: days(2).map((one, i) => ({ ...one, at: 1000 + 2 * i })), series: chart.series.map((one) => ({ ...one, values: [1, 2] })) }
    const { along, box } = layout(live, { ...room, least: 300 })
    expect(along[1]).toBeCloseTo(box.left + box.width)
    expect(along[0]).toBeGreaterThan(box.left + box.width * 0.98)
  })

  it('lays bars on their sides to compare parts', () => {
    const { bars, numbers, lying } = layout({ ...chart, shape: 'shares', places: days(3), series: [{ label: 'n', colour: 'chart-1', values: [1, 3, 0] }] }, room)
    expect(lying).toBe(true)
    expect(numbers.map(({ text }) => text)).toEqual(['1 · 25%', '3 · 75%', '0 · 0%'])
    expect((bars[1]?.width ?? 0) / (bars[0]?.width ?? 1)).toBeCloseTo(3)
    expect(bars[2]?.width).toBe(0)
  })

  it('finds the place at a point', () => {
    const made = layout(chart, room)
    expect(nearest(made, 0, 0)).toBe(0)
    expect(nearest(made, made.along[17] ?? 0, 50)).toBe(17)
    expect(nearest(made, 499, 50)).toBe(29)
  })

  it('of nothing has nothing in it', () => {
    expect(layout({ ...chart, places: [], series: [] }, { ...room, width: 0 }).bars).toEqual([])
  })
})

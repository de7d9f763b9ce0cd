/** Where everything in a chart stands, in CSS pixels. It knows no canvas: `measure` says how wide a text is. */
import { type Chart, rows, stacked } from './chart'
import { scale, timeMarks } from './ticks'
import { compact, number, tick, wholePercent } from './words'

export interface Box { left: number; top: number; width: number; height: number }
export interface Mark { at: number; text: string }
export interface Bar extends Box {
  series: number
  /** Whether it ends there, and not in the next of its stack. */
  ends: boolean
}
export interface Line { series: number; points: { x: number; y: number }[] }

export interface Layout {
  box: Box
  /** The middle of each place, from the left; from the top where bars lie on their sides. */
  along: number[]
  /** Places one above the other. */
  lying: boolean
  values: Mark[]
  places: Mark[]
  bars: Bar[]
  lines: Line[]
  /** What stands behind a bar that lies. */
  numbers: (Mark & { left: number })[]
}

export interface Room {
  width: number
  height: number
  /** How many seconds of time to show at the least. */
  least?: number | undefined
  measure: (text: string) => number
}

const GAP = 8
const UNDER = 28
const ABOVE = 10
const VALUE_ROOM = 34
const PLACE_ROOM = 76
const BAR_PART = 0.72
const WIDEST_BAR = 56
const LYING_BAR = 28
const NUMBER_ROOM = 104

const widest = (texts: string[], measure: Room['measure']) => Math.ceil(Math.max(0, ...texts.map(measure)))

function overTime(chart: Chart, { width, height, least = 0, measure }: Room): Layout {
  const drawn = chart.shape === 'bars' ? stacked(chart.series) : chart.series.map(({ values }) => values)
  const { top, marks } = scale(Math.max(0, ...drawn.flat()), Math.floor((height - ABOVE - UNDER) / VALUE_ROOM))
  const texts = marks.map(compact)
  const left = widest(texts, measure) + GAP
  const box = { left, top: ABOVE, width: Math.max(1, width - left - GAP), height: height - ABOVE - UNDER }
  const up = (value: number) => box.top + box.height * (1 - value / top)
  const times = chart.places.map(({ at }) => at)
  const last = times.at(-1) ?? 0
  const first = Math.min(times[0] ?? 0, last - least)
  // A bar needs half of its place on either side; a line ends at the edges.
  const pitch = chart.shape === 'bars' ? box.width / Math.max(times.length, 1) : 0
  const across = (at: number) => box.left + pitch / 2 + (last > first ? (at - first) / (last - first) : 0) * (box.width - pitch)
  const time = timeMarks(first, last, Math.floor(box.width / PLACE_ROOM))
  const along = times.map(across)
  const thick = Math.max(1, Math.min(WIDEST_BAR, pitch * BAR_PART))
  return {
    box, along, lying: false, numbers: [],
    values: marks.map((mark, i) => ({ at: up(mark), text: texts[i] ?? '' })),
    places: time.marks.map((mark) => ({ at: across(mark), text: tick(mark, time.step) })),
    bars: chart.shape !== 'bars' ? [] : drawn.flatMap((values, series) => values.flatMap((value, i): Bar[] => {
      const below = drawn[series - 1]?.[i] ?? 0
      if (value === below) return []
      const ends = value === drawn.at(-1)?.[i]
      return [{ series, left: (along[i] ?? 0) - thick / 2, top: up(value), width: thick, height: up(below) - up(value), ends }]
    })),
    lines: chart.shape !== 'lines' ? [] : drawn.map((values, series) => (
      { series, points: values.map((value, i) => ({ x: along[i] ?? 0, y: up(value) })) }
    )),
  }
}

function sideBySide(chart: Chart, { width, height, measure }: Room): Layout {
  const names = chart.places.map(({ name }) => name)
  const left = widest(names, measure) + GAP
  const box = { left, top: 0, width: Math.max(1, width - left - NUMBER_ROOM), height }
  const all = rows(chart)
  const most = Math.max(1, ...all.map(({ values }) => values[0] ?? 0))
  const pitch = height / Math.max(all.length, 1)
  const thick = Math.min(LYING_BAR, pitch * BAR_PART)
  const along = all.map((_, i) => (i + 0.5) * pitch)
  const long = (i: number) => (box.width * (all[i]?.values[0] ?? 0)) / most
  return {
    box, along, lying: true, values: [], lines: [],
    places: names.map((text, i) => ({ at: along[i] ?? 0, text })),
    bars: along.map((middle, i) => ({ series: 0, left, top: middle - thick / 2, width: long(i), height: thick, ends: true })),
    numbers: all.map(({ values, percent }, i) => (
      { at: along[i] ?? 0, left: left + long(i) + GAP, text: `${number(values[0] ?? 0)} · ${wholePercent(percent ?? 0)}` }
    )),
  }
}

export const layout = (chart: Chart, room: Room): Layout =>
  chart.shape === 'shares' ? sideBySide(chart, room) : overTime(chart, room)

/** The place nearest to a point. */
export function nearest({ along, lying }: Layout, x: number, y: number): number {
  const at = lying ? y : x
  return along.reduce((best, middle, i) => (Math.abs(middle - at) < Math.abs((along[best] ?? Infinity) - at) ? i : best), 0)
}

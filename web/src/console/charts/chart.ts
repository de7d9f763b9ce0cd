import type { Cell } from '../csv'
import { shares } from './share'

/** Names of colours in charts.css, told apart by who sees few of them too. */
export type Colour = 'chart-1' | 'chart-2' | 'chart-bad'

export interface Series {
  label: string
  colour: Colour
  values: number[]
}

/** A place on the axis. `at` orders it: seconds since 1970, or its number. */
export interface Place {
  at: number
  /** For people: "3 March 2026". */
  name: string
  /** In files: "2026-03-03". */
  key: string
}

export interface Chart {
  title: string
  /** What the places are: "Day". */
  axis: string
  places: Place[]
  /** Several are stacked: the first is at the bottom. */
  series: Series[]
  /** `shares` are bars side by side, each with its part of the whole; the others go with time. */
  shape: 'bars' | 'lines' | 'shares'
}

export const total = (series: Series) => series.values.reduce((sum, value) => sum + value, 0)
export const isEmpty = (chart: Chart) => chart.series.every((one) => one.values.every((value) => value === 0))

/** Each series on top of those before it, as what is drawn. */
export function stacked(series: readonly Series[]): number[][] {
  const below: number[] = []
  return series.map(({ values }) => values.map((value, i) => (below[i] = (below[i] ?? 0) + value)))
}

/** What the chart shows as rows, the newest or first place on top; the percentages are of each series' sum. */
export interface Row {
  place: Place
  values: number[]
  percent: number | null
}

export function rows({ places, series, shape }: Chart): Row[] {
  const percent = shape === 'shares' ? shares(series[0]?.values ?? []) : null
  const all = places.map((place, i) => ({
    place,
    values: series.map(({ values }) => values[i] ?? 0),
    percent: percent?.[i] ?? null,
  }))
  return shape === 'shares' ? all : all.reverse()
}

/** The same for a file: oldest first, as spreadsheets draw it. */
export function cells(chart: Chart, percent: string): { head: string[]; rows: Cell[][] } {
  const withShare = chart.shape === 'shares'
  const head = [chart.axis, ...chart.series.map(({ label }) => label), ...(withShare ? [percent] : [])]
  const body = rows(chart).map((row) => [row.place.key, ...row.values, ...(withShare ? [row.percent] : [])])
  return { head, rows: withShare ? body : body.reverse() }
}

/** Days as the server counts them, made into what a chart takes. */
import type { Place } from '../../charts/chart'
import { day } from '../../i18n/format'

export const RANGES = [7, 30, 90, 365] as const
export type Range = (typeof RANGES)[number]
const USUAL: Range = 30
/** The server goes no further back. */
const MOST = 366

/** What stands in the address as a range; the usual one when that is none. */
export const rangeOf = (text: string | undefined): Range => RANGES.find((range) => String(range) === text) ?? USUAL

/** How many days to ask for, so that there are as many before to compare with. */
export const daysToAsk = (range: Range) => Math.min(2 * range, MOST)

export interface Spans<Day> {
  now: Day[]
  /** As many days before those; null when they are not all there. */
  before: Day[] | null
}

export function spans<Day>(days: Day[], range: Range): Spans<Day> {
  return {
    now: days.slice(-range),
    before: days.length >= 2 * range ? days.slice(-2 * range, -range) : null,
  }
}

export const sum = <Day>(days: readonly Day[], count: (day: Day) => number) =>
  days.reduce((all, one) => all + count(one), 0)

export const placesOf = (days: readonly { date: string }[]): Place[] =>
  days.map(({ date }) => ({ at: Date.parse(date) / 1000, name: day(date), key: date }))

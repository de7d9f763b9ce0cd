/** Numbers, dates and names as the reader's language writes them. Times are the reader's own zone. */
import { computed } from '@preact/signals'
import { language } from '.'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const MOMENT: Intl.DateTimeFormatOptions = { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' }

const BYTES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
const SPANS = [['day', DAY], ['hour', HOUR], ['minute', MINUTE], ['second', 1]] as const

const formats = computed(() => {
  const tag = language.value
  return {
    number: new Intl.NumberFormat(tag),
    compact: new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 }),
    money: new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    percent: new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 1 }),
    date: new Intl.DateTimeFormat(tag, { dateStyle: 'medium' }),
    // A date without a time is no moment: read as UTC and written as UTC it stays itself.
    day: new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeZone: 'UTC' }),
    time: new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' }),
    moment: new Intl.DateTimeFormat(tag, MOMENT),
    momentAndYear: new Intl.DateTimeFormat(tag, { ...MOMENT, year: 'numeric' }),
    exact: new Intl.DateTimeFormat(tag, { dateStyle: 'full', timeStyle: 'long' }),
    relative: new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }),
    list: new Intl.ListFormat(tag),
    region: new Intl.DisplayNames(tag, { type: 'region' }),
    language: new Intl.DisplayNames(tag, { type: 'language' }),
  }
})

export const number = (value: number) => formats.value.number.format(value)
/** 1.2K, 3M: where there is room for little. */
export const compact = (value: number) => formats.value.compact.format(value)
export const money = (value: number) => formats.value.money.format(value)
/** Of a fraction: 0.25 is 25 %. */
export const percent = (fraction: number) => formats.value.percent.format(fraction)
/** A date on its own (YYYY-MM-DD). */
export const day = (date: string) => formats.value.day.format(new Date(date))
/** The date of a moment (RFC 3339). */
export const date = (time: string) => formats.value.date.format(new Date(time))
export const time = (time: string) => formats.value.time.format(new Date(time))
/** To the second, where the order of things matters; with the year when it is not this one. */
export function moment(time: string): string {
  const at = new Date(time)
  const format = at.getFullYear() === new Date().getFullYear() ? formats.value.moment : formats.value.momentAndYear
  return format.format(at)
}
export const exact = (time: string) => formats.value.exact.format(new Date(time))
/** Of a size in bytes: 734 MB, as disks are sold. */
export function bytes(size: number): string {
  const power = Math.min(BYTES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(size, 1)) / 3)))
  const format = new Intl.NumberFormat(language.value, { style: 'unit', unit: BYTES[power] ?? 'byte', maximumFractionDigits: 1 })
  return format.format(size / 1000 ** power)
}

/** The two largest parts of a span of time: 3 days, 4 hours. */
export function duration(seconds: number): string {
  const parts = SPANS.map(([unit, length], i) => {
    const above = SPANS[i - 1]?.[1]
    return { unit, count: Math.floor((above ? seconds % above : seconds) / length) }
  })
  const first = parts.findIndex(({ count }) => count > 0)
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2).filter(({ count }) => count > 0)
  return list(shown.map(({ unit, count }) =>
    new Intl.NumberFormat(language.value, { style: 'unit', unit, unitDisplay: 'short' }).format(count)))
}

export const list = (items: string[]) => formats.value.list.format(items)
/** By ISO 3166 code. */
export const countryName = (code: string) => formats.value.region.of(code) ?? code

/** By BCP 47 tag; what is none stays as it is. */
export function languageName(tag: string): string {
  try {
    return formats.value.language.of(tag) ?? tag
  } catch {
    return tag
  }
}

/** "3 hours ago", "in 2 days"; a date where that would be vague. */
export function relative(moment: string, now = Date.now()): string {
  const seconds = (new Date(moment).getTime() - now) / 1000
  const size = Math.abs(seconds)
  const say = (unit: Intl.RelativeTimeFormatUnit, length: number) =>
    formats.value.relative.format(Math.round(seconds / length), unit)
  if (size < 45) return formats.value.relative.format(0, 'second')
  if (size < HOUR) return say('minute', MINUTE)
  if (size < DAY) return say('hour', HOUR)
  if (size < 14 * DAY) return say('day', DAY)
  return date(moment)
}

/** How a chart writes what is on its axes and in its read-out. */
import { computed } from '@preact/signals'
import { language } from '../i18n'
import { compact, number, percent } from '../i18n/format'

const DAY = 86_400
const MONTH = 27 * DAY

const formats = computed(() => {
  const make = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(language.value, options)
  return {
    year: make({ year: 'numeric', timeZone: 'UTC' }),
    month: make({ month: 'short', timeZone: 'UTC' }),
    day: make({ day: 'numeric', month: 'short', timeZone: 'UTC' }),
    clock: make({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }),
  }
})

export { compact, number }

/** Of a whole percentage. */
export const wholePercent = (whole: number) => percent(whole / 100)

/** The time of day, where the reader is. */
export const clock = (at: number) => formats.value.clock.format(at * 1000)

/** A mark on the axis of time; the next one is `step` seconds away. Days are days of UTC. */
export function tick(at: number, step: number): string {
  if (step < DAY) return clock(at)
  if (step < MONTH) return formats.value.day.format(at * 1000)
  const january = new Date(at * 1000).getUTCMonth() === 0
  return (january ? formats.value.year : formats.value.month).format(at * 1000)
}

/** Where an axis has marks. */
const DAY = 86_400
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, DAY, 2 * DAY, 7 * DAY, 14 * DAY]
const MONTHS = [1, 2, 3, 6, 12]
/** At the most: then two of them are never nearer than that many seconds. */
const MONTH = 31 * DAY

/** The smallest of 1, 2, 5, 10, 20, 50 … that is not below `least`. */
function round(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5].find((one) => one * power >= least) ?? 10) * power
}

export interface Scale {
  top: number
  marks: number[]
}

/** An axis of counts from 0 to not below `most`, with about `marks` marks at round whole numbers. */
export function scale(most: number, marks: number): Scale {
  const step = round(Math.max(1, Math.max(most, 4) / Math.max(marks, 1)))
  const count = Math.ceil(Math.max(most, 4) / step)
  return { top: count * step, marks: Array.from({ length: count + 1 }, (_, i) => i * step) }
}

function months(from: number, to: number, step: number): number[] {
  const first = new Date(from * 1000)
  const marks: number[] = []
  for (let month = first.getUTCMonth(); ; month++) {
    const at = Date.UTC(first.getUTCFullYear(), month, 1) / 1000
    if (at > to) return marks
    if (at >= from && month % step === 0) marks.push(at)
  }
}

export interface TimeMarks {
  marks: number[]
  /** Seconds from one to the next, about. */
  step: number
}

/** Marks between two moments, at most `most` of them: whole seconds, minutes, days or months of UTC, days
 * counted back from the last one. */
export function timeMarks(from: number, to: number, most: number): TimeMarks {
  const least = (to - from) / Math.max(most, 1)
  const step = STEPS.find((one) => one >= least)
  if (step === undefined) {
    const each = MONTHS.find((one) => one * MONTH >= least) ?? 12
    return { marks: months(from, to, each), step: each * MONTH }
  }
  const origin = step < DAY ? 0 : to % step
  const marks: number[] = []
  for (let at = Math.ceil((from - origin) / step) * step + origin; at <= to; at += step) marks.push(at)
  return { marks, step }
}

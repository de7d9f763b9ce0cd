/** Turns counts into whole percentages that sum to 100 (largest remainder; ties to the first), or all 0
 * when there is nothing: as the server does with `unit=percent`. */
export function shares(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total <= 0) return counts.map(() => 0)
  const exact = counts.map((count) => (count * 100) / total)
  const whole = exact.map(Math.floor)
  const missing = 100 - whole.reduce((sum, percent) => sum + percent, 0)
  exact
    .map((percent, place) => ({ place, rest: percent - Math.floor(percent) }))
    .sort((a, b) => b.rest - a.rest || a.place - b.place)
    .slice(0, missing)
    .forEach(({ place }) => (whole[place] = (whole[place] ?? 0) + 1))
  return whole
}

/** How much more `now` is than `before`, as a fraction; null when there is nothing to compare with. */
export function change(now: number, before: number): number | null {
  return before > 0 ? (now - before) / before : null
}

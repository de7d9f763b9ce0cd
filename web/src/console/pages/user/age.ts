/** Whole years since a date (YYYY-MM-DD), in UTC as the server counts them. */
export function age(born: string, now = new Date()): number {
  const birth = new Date(born)
  const years = now.getUTCFullYear() - birth.getUTCFullYear()
  const months = now.getUTCMonth() - birth.getUTCMonth()
  const before = months < 0 || (months === 0 && now.getUTCDate() < birth.getUTCDate())
  return before ? years - 1 : years
}

/** A name for a file, of the words of a title: "Sign-ups per day" is rollcall-sign-ups-per-day. */
export function fileName(title: string, ending: string): string {
  const words = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return `rollcall-${words.join('-')}.${ending}`
}

/** Lets the browser save a file. */
export function save(name: string, content: Blob) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000) // by then the browser has read it
}

export const saveText = (name: string, type: string, text: string) =>
  save(name, new Blob([text], { type: `${type};charset=utf-8` }))

/** A name for a file, of the words of a title: "Sign-ups per day" is rollcall-sign-ups-per-day. */
export function fileName(title: string, ending: string): string {
  const words = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return `rollcall-${words.join('-')}.${ending}`
}

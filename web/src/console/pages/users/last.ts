/** The list as it was left, to go back to: its address, and the user who was opened from it. */
let query = ''
let opened = 0

export const keepListAddress = (text: string) => (query = text)
export const listAddress = () => (query ? `/?${query}` : '/')
export const keepOpened = (id: number) => (opened = id)

/** Puts the focus back on the row of the user who was opened. */
export function focusOpened() {
  document.querySelector<HTMLElement>(`main [data-row="${opened}"]`)?.focus({ preventScroll: true })
  opened = 0
}

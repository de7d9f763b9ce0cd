/** The users that were ticked, on any page of the list, and what can be done to them together. */
import { useSignal } from '@preact/signals'
import type { Selection } from '../../ui/table'
import type { User } from './state'

export interface Chosen {
  users: ReadonlyMap<number, User>
  /** Not those that were ticked but all that the filters let through. */
  matching: boolean
  takeMatching: () => void
  toggle: (id: number) => void
  clear: () => void
  /** For a table of these rows. */
  selection: Selection
}

export function useChosen(rows: User[]): Chosen {
  const users = useSignal<ReadonlyMap<number, User>>(new Map())
  const matching = useSignal(false)
  const put = (changed: User[], on: boolean) => {
    const next = new Map(users.value)
    for (const user of changed) {
      if (on) next.set(user.id, user)
      else next.delete(user.id)
    }
    matching.value = false
    users.value = next
  }
  const toggle = (id: number) => {
    const row = rows.find((user) => user.id === id)
    if (!row) return
    if (matching.value) put(rows, true) // what is left then are the others that one can see
    put([row], !users.value.has(id))
  }
  return {
    users: users.value,
    matching: matching.value,
    takeMatching: () => (matching.value = true),
    toggle,
    clear: () => {
      matching.value = false
      users.value = new Map()
    },
    selection: {
      has: (id) => matching.value || users.value.has(id),
      here: matching.value ? rows.length : rows.filter(({ id }) => users.value.has(id)).length,
      toggle,
      setAll: (on) => put(rows, on),
    },
  }
}

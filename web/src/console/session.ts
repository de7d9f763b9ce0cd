/** Who is signed in. The server says so at every request; this is what it said last. */
import { computed, signal } from '@preact/signals'
import { ask, onProblem } from './api'
import { nameOf } from './people'
import { Problem } from './problem'
import { queries } from './query'

export interface Me {
  id: number
  username: string
  name: string
  superuser: boolean
}

export type Session =
  | { state: 'asking' }
  | { state: 'out'; why?: 'ended' | 'idle' | undefined }
  | { state: 'stranger' }
  | { state: 'unknown'; problem: Problem }
  | { state: 'in'; me: Me }

export const session = signal<Session>({ state: 'asking' })
export const me = computed(() => (session.value.state === 'in' ? session.value.me : undefined))

/** Learns the name of whoever is signed in. No page waits for it. */
async function introduce(id: number) {
  try {
    const account = await ask('/api/user/', { user_id: id })
    if (me.value?.id === id) session.value = { state: 'in', me: { ...me.value, username: account.username, name: nameOf(account) } }
  } catch {
    return // whatever it is, the page that is shown meets it as well
  }
}

async function whoami(): Promise<Session> {
  const roles = await ask('/api/check/login/')
  if (!roles.is_logged || !roles.user_id) return { state: 'out' }
  if (!roles.is_staff && !roles.is_superuser) return { state: 'stranger' }
  const { user_id: id, is_superuser: superuser } = roles
  if (me.value?.id === id) return { state: 'in', me: { ...me.value, superuser } }
  void introduce(id)
  return { state: 'in', me: { id, username: '', name: '', superuser } }
}

/** Asks the server who is signed in. Whoever was, and is no longer, is told that the session has ended. */
export async function refresh() {
  const before = session.value.state
  try {
    const now = await whoami()
    if (now.state === 'out' && before === 'in') leave('ended')
    else session.value = now
  } catch (problem) {
    if (before !== 'in' && problem instanceof Problem) session.value = { state: 'unknown', problem }
  }
}

function leave(why?: 'ended' | 'idle') {
  queries.clear()
  session.value = { state: 'out', why }
}

export async function signIn(username: string, password: string) {
  await ask('/api/action/login/', { username, password })
  queries.clear()
  await refresh()
}

interface SigningOut {
  /** All sessions of whoever is signed in, on other devices too. */
  everywhere?: boolean
  why?: 'idle'
}

/** Ends the session at the server. Whatever it answers, nothing is shown here any more. */
export async function signOut({ everywhere = false, why }: SigningOut = {}) {
  try {
    await ask('/api/action/logout/', everywhere ? { everywhere } : {})
  } catch {
    // A session that the server cannot end now is over when it has been idle for long enough.
  }
  leave(why)
}

onProblem((problem) => {
  if (session.value.state !== 'in') return
  if (problem.status === 401) leave('ended')
  if (problem.code === 'permission_denied') void refresh() // no longer staff?
})

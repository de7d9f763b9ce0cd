/** Everybody whom the filters let through, page by page. */
import { ask } from '../../../api'
import type { Question, User } from '../state'
import type { Running } from './run'

const PAGE = 100

/** Oldest first: who joins meanwhile comes at the end, and moves nobody to another page. */
export async function gather(question: Question, limit: number, { signal, onProgress }: Running): Promise<User[]> {
  const found = new Map<number, User>()
  for (let page = 1; found.size < limit; page++) {
    const { users } = await ask('/api/users/', { ...question, sort: 'joined', page, limit: PAGE }, { signal })
    for (const user of users) found.set(user.id, user)
    onProgress(found.size)
    if (users.length < PAGE) break
  }
  return [...found.values()].slice(0, limit)
}

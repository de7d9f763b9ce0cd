/** What can be done to many users at once: one request each, so that each is in the audit trail. */
import { ask } from '../../../api'
import type { Ban } from '../../../forms/ban'
import type { Message } from '../../../forms/message'

export type ActName = 'ban' | 'unban' | 'notify' | 'logout' | 'export'

/** What a form was filled in with. */
export interface Filled {
  ban: Ban
  message: Message
  /** One for the whole act: with the user's id it makes a repeated request one act. */
  key: string
}

/** Whether anything reached the user. */
export type Result = 'done' | 'silent'

interface Whom { id: number }
type Act = (user: Whom, filled: Filled) => Promise<Result>

export async function unban({ id }: Whom): Promise<Result> {
  await ask('/api/user/status/ban/', { user_id: id, banned: false })
  return 'done'
}

export const ACTS: Record<Exclude<ActName, 'export'>, Act> = {
  async ban({ id }, { ban }) {
    await ask('/api/user/status/ban/', { user_id: id, banned: true, ...ban })
    return 'done'
  },
  unban,
  async notify({ id }, { message, key }) {
    const { delivered } = await ask('/api/user/notification/', { user_id: id, ...message }, { once: `${key}-${id}` })
    return delivered === false ? 'silent' : 'done'
  },
  async logout({ id }) {
    await ask('/api/user/force-logout/', { user_id: id })
    return 'done'
  },
}

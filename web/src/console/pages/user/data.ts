/** One account: what the server knows of it, and whether whoever is signed in may change it. */
import { useQuery } from '@tanstack/preact-query'
import { type Answer, ask } from '../../api'
import { me } from '../../session'

export type Account = Answer<'/api/user/'>

export function useAccount(id: number) {
  return useQuery({
    queryKey: ['user', id],
    queryFn: ({ signal }) => ask('/api/user/', { user_id: id }, { signal }),
  })
}

export const isMe = ({ id }: Pick<Account, 'id'>) => id === me.value?.id

/** Whether the server would let us: staff accounts are for superusers to change. */
export const mayChange = ({ is_staff, is_superuser }: Account) => !(is_staff || is_superuser) || (me.value?.superuser ?? false)

import { useQuery } from '@tanstack/preact-query'
import { ask } from '../../api'
import { Problem } from '../../problem'
import { accountOf } from './filters'

export interface Found {
  id: number | undefined
  /** There is no account of that name. */
  unknown: boolean
  /** Nothing can be said yet. */
  pending: boolean
  problem: unknown
}

async function idOf(username: string, signal: AbortSignal): Promise<number | null> {
  try {
    return (await ask('/api/user/', { username }, { signal })).id
  } catch (problem) {
    if (problem instanceof Problem && (problem.status === 404 || problem.status === 400)) return null
    throw problem
  }
}

/** The id of an account that somebody has written down. */
export function useAccount(text: string | undefined): Found {
  const account = accountOf(text ?? '')
  const username = account && 'username' in account ? account.username : ''
  const { data, error } = useQuery({
    queryKey: ['account', username.toLowerCase()],
    queryFn: ({ signal }) => idOf(username, signal),
    enabled: username !== '',
  })
  if (account && 'id' in account) return { id: account.id, unknown: false, pending: false, problem: null }
  return { id: data ?? undefined, unknown: data === null, pending: username !== '' && data === undefined && !error, problem: error }
}

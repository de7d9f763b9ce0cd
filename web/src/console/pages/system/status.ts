import { useQuery } from '@tanstack/preact-query'
import { type Answer, ask } from '../../api'

export type Status = Answer<'/api/system/'>

const EVERY = 2_000

/** How the server fares, asked again every two seconds while the page is seen. */
export function useStatus() {
  return useQuery({
    queryKey: ['/api/system/'],
    queryFn: ({ signal }) => ask('/api/system/', {}, { signal }),
    refetchInterval: EVERY,
    staleTime: 0,
  })
}

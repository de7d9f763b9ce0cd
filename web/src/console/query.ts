/** What has been asked is kept for a moment, so that going back shows it at once. */
import { QueryClient } from '@tanstack/preact-query'
import { Problem } from './problem'

const PATIENCE = 2

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 10_000,
      retry: (failures, problem) => problem instanceof Problem && problem.passes && failures < PATIENCE,
      retryDelay: (attempt, problem) =>
        1000 * Math.min(10, problem instanceof Problem && problem.retryAfter ? problem.retryAfter : attempt + 1),
    },
    mutations: { networkMode: 'always' },
  },
})

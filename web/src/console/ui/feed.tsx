/** A list that goes on when one asks for more. */
import { type InfiniteData, useInfiniteQuery } from '@tanstack/preact-query'
import type { ComponentChildren } from 'preact'
import { t } from '../i18n'
import { Skeleton } from './skeleton'
import { Trouble } from './trouble'

interface FeedProps<Page> {
  /** Under which its pages are kept. */
  name: readonly unknown[]
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page>
  /** Where the page after this one begins; null on the last. */
  next: (page: Page) => string | null
  empty: ComponentChildren
  /** Whether there is anything. */
  some: (page: Page) => boolean
  children: (pages: Page[]) => ComponentChildren
}

export function Feed<Page>({ name, load, next, empty, some, children }: FeedProps<Page>) {
  const feed = useInfiniteQuery<Page, unknown, InfiniteData<Page, string | undefined>, readonly unknown[], string | undefined>({
    queryKey: name,
    queryFn: ({ pageParam, signal }) => load(pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: (page) => next(page) ?? undefined,
  })
  const pages = feed.data?.pages
  if (!pages) return feed.isError ? <Trouble problem={feed.error} retry={() => void feed.refetch()} /> : <div class="panel-body"><Skeleton lines={6} /></div>
  if (!pages.some(some)) return <>{empty}</>
  return (
    <>
      {children(pages)}
      {feed.isError && <Trouble problem={feed.error} retry={() => void feed.fetchNextPage()} />}
      {feed.hasNextPage && !feed.isError && (
        <p class="feed-more">
          <button type="button" aria-disabled={feed.isFetchingNextPage} onClick={() => void feed.fetchNextPage()}>
            {feed.isFetchingNextPage ? t().common.loading : t().common.more}
          </button>
        </p>
      )}
    </>
  )
}

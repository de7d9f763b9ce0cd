import { expect, test, vi } from 'vitest'
import { Problem } from '../../../problem'
import { runAll } from './run'

const refused = (status: number, code: string, after?: number) => new Problem(status, code, '', undefined, after)
const running = (signal = new AbortController().signal) => ({ signal, onProgress: vi.fn() })

test('everybody gets it once, a few at a time', async () => {
  let now = 0
  let most = 0
  const act = vi.fn(async (id: number) => {
    most = Math.max(most, ++now)
    await Promise.resolve()
    now--
    return id * 2
  })
  const reports = running()
  const { done, failed, left } = await runAll([1, 2, 3, 4, 5, 6, 7, 8, 9], act, reports)
  expect(done.map(({ result }) => result).sort((a, b) => a - b)).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18])
  expect([failed, left]).toEqual([[], []])
  expect(act).toHaveBeenCalledTimes(9)
  expect(most).toBe(4)
  expect(reports.onProgress).toHaveBeenLastCalledWith(9)
})

test('one that fails is reported and the others go on', async () => {
  const problem = refused(403, 'permission_denied')
  const { done, failed } = await runAll([1, 2, 3], (id) => (id === 2 ? Promise.reject(problem) : Promise.resolve(id)), running())
  expect(done.map(({ item }) => item)).toEqual([1, 3])
  expect(failed).toEqual([{ item: 2, problem }])
})

test('a busy server is asked again', async () => {
  const act = vi.fn<(id: number) => Promise<string>>()
    .mockRejectedValueOnce(refused(503, 'unavailable', 0)).mockRejectedValueOnce(refused(429, 'rate_limited', 0)).mockResolvedValue('done')
  const { done } = await runAll([1], act, running())
  expect(done).toEqual([{ item: 1, result: 'done' }])
  expect(act).toHaveBeenCalledTimes(3)
})

test('a refusal is not argued with', async () => {
  const act = vi.fn(() => Promise.reject(refused(404, 'user_not_found')))
  await runAll([1], act, running())
  expect(act).toHaveBeenCalledTimes(1)
})

test('when it is stopped what has begun ends and the rest is left', async () => {
  const control = new AbortController()
  const { done, left } = await runAll([1, 2, 3, 4, 5, 6], async (id) => {
    if (id === 4) control.abort()
    await Promise.resolve()
  }, running(control.signal))
  expect(done.length).toBe(4)
  expect(left).toEqual([5, 6])
})

test('nobody is tried any more once the session is over', async () => {
  const act = vi.fn(() => Promise.reject(refused(401, 'authentication_required')))
  const { failed, left } = await runAll([1, 2, 3, 4, 5, 6, 7], act, running())
  expect(failed.length).toBe(4)
  expect(left.length).toBe(3)
})

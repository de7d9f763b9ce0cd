/** Changes: what was asked for is done, what is shown is asked for anew, and either way one is told. */
import { queries } from './query'
import { toast, toastProblem } from './ui/toast'

interface Said {
  /** What to say when it is done. */
  done: string
  /** Takes it back. */
  undo?: () => void
}

/** Whether it was done. */
export async function act(run: () => Promise<unknown>, { done, undo }: Said): Promise<boolean> {
  try {
    await run()
  } catch (problem) {
    toastProblem(problem)
    void queries.invalidateQueries() // it may not be there any more
    return false
  }
  toast(done, undo)
  await queries.invalidateQueries()
  return true
}

import { HeadgateError } from 'headgate'

/** Rejects with `store-unavailable` when a promise takes longer; what it does later is no concern of the caller's. */
export async function withinTime<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new HeadgateError('store-unavailable', `the store did not answer within ${limitMs} ms`))
    }, limitMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

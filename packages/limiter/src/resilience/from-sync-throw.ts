/** A call that throws instead of rejecting, rejects. */
export function fromSyncThrow<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call()
  } catch (reason) {
    return Promise.reject(reason)
  }
}

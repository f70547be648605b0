/** Makes a call, and turns an exception into a rejection. */
export function fromSyncThrow<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call()
  } catch (reason) {
    return Promise.reject(reason)
  }
}

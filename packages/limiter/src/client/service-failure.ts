/** The service gave no answer that counts: `onError` decides. The message says what happened, without the token. */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure'
}

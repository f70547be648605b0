/** A request to the service that spends one unit for a user, as it is sent. */
export function consumeRequest(user: string): string {
  const body = JSON.stringify({ attributes: { user } })
  return [
    'POST /v1/consume HTTP/1.1',
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
}

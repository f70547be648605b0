import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ProxyUnderTest, startProxy } from './proxy-under-test.ts'

/** A proxy in front of an application that gets requests before their bodies have come. */
export async function inFront(
  yaml: string,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<ProxyUnderTest> {
  const proxy = await startProxy(yaml)
  proxy.application.removeAllListeners('request').on('request', handler)
  return proxy
}

import type { RequestProxied } from '../../src/service/proxy-events.ts'

/** A request that was forwarded, as the proxy tells of it. */
export const PROXIED: RequestProxied = {
  outcome: 'ok',
  status: 200,
  method: 'GET',
  path: '/v2/orders/alice',
  host: 'shop.example',
  route: '/v2',
  ip: '203.0.113.7',
  principal: 'apikey:k1',
  requestId: 'r-1',
  policy: null,
  target: 'http://127.0.0.1:3000',
  bytesOut: 512,
  durationMs: 12.5,
  upstreamMs: 8,
  trace: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  isLogged: true,
}

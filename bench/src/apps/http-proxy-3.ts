/** `http-proxy-3` with kept connections to the application whose URL it is told. */
import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createProxyServer } from 'http-proxy-3'

// Without an agent it opens a connection for each request.
const agent = new Agent({ keepAlive: true })
const proxy = createProxyServer({ target: process.argv[2] as string, agent })
const server = createServer((request, response) => void proxy.web(request, response))
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }))
})

/** The name of the proxy as a transport, in events, logs and metrics. */
export const PROXY = 'proxy'

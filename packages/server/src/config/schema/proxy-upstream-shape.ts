import { z } from 'zod'
export const proxyUpstreamShape = z.string()

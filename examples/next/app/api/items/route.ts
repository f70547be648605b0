import { rateLimit } from 'headgate/next'

const limited = rateLimit({
  limit: '100/min',
  trustedProxies: ['unix'],
  addressHeader: 'x-real-ip', // what your platform or proxy sets
})

export const GET = limited(() => Response.json(['a', 'b']))
export const POST = limited(async (request) => Response.json(await request.json(), { status: 201 }))

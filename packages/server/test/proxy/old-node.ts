/** Whether this is Node 22, some behaviour of whose `node:http` and undici's sockets differs: tests of it say what. */
export const isNode22: boolean = process.versions.node.startsWith('22.')

/** For the name of a test that is skipped there. */
export const SKIPPED_ON_22: string = isNode22 ? ' (SKIPPED on Node 22)' : ''

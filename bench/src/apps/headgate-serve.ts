/** The built service with its own arguments, which also says what it has used of a core. */
process.on('message', () => process.send?.(process.cpuUsage()))
await import(new URL('../../../packages/server/dist/cli/main.js', import.meta.url).href)

/** Fails a test file that runs on another Node than the one which `scripts/test-node.ts` was asked for. */
const wanted = process.env['HEADGATE_NODE']

if (wanted && wanted !== process.version) {
  throw new Error(
    `These tests are to run on Node ${wanted}, and run on ${process.version}: see scripts/test-node.ts`,
  )
}

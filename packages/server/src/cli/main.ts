#!/usr/bin/env node
console.error('headgate: the command line is not written yet')
process.exitCode = 1

/** Calls a function every second; answers what ends that. */
export type EverySecond = (tick: () => void) => () => void

/** By a timer that keeps no process alive. */
export const everySecondOfTimer: EverySecond = (tick) => {
  const timer = setInterval(tick, 1000).unref()
  return () => clearInterval(timer)
}
